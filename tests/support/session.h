/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Tests against a real keychain. GLib keeps its bus for the life of a process, so a test starts its
 * own program again, with verbs as arguments, inside a session of its own
 * (tests/support/keyring-session), and compares what that prints.
 */

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/paths.h"
#include "tests/support/test.h"

static struct esc_error err;

/* What gdbus tells the daemon: lock its default collection. */
static inline enum esc_status session_lock(void)
{
    pid_t child;
    const char *const argv[] = {"gdbus",
                                "call",
                                "--session",
                                "--dest",
                                "org.freedesktop.secrets",
                                "--object-path",
                                "/org/freedesktop/secrets",
                                "--method",
                                "org.freedesktop.Secret.Service.Lock",
                                "['/org/freedesktop/secrets/aliases/default']",
                                NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    char *copy[ESC_COUNT(argv)];
    for (size_t i = 0; i < ESC_COUNT(argv); i++)
        copy[i] = esc_strdup_null(argv[i]);
    int failed = posix_spawnp(&child, "gdbus", &actions, NULL, copy, esc_env_all());
    int status = 1;
    if (!failed)
        (void)waitpid(child, &status, 0); /* status stays 1 when it fails */
    for (size_t i = 0; i < ESC_COUNT(argv); i++)
        free(copy[i]);
    posix_spawn_file_actions_destroy(&actions);
    return status == 0 ? ESC_OK : ESC_UNAVAILABLE;
}

static inline bool session_has(const char *program)
{
    struct esc_str path = esc_str_of(esc_env("PATH")), folder;
    bool found = false;
    while (!found && path.len && esc_str_next(&path, ':', &folder)) {
        ESC_CLEANUP(esc_freep) char *copy = esc_str_dup(folder);
        ESC_CLEANUP(esc_freep) char *full = esc_path_join(copy, program);
        found = access(full, X_OK) == 0;
    }
    return found;
}

static char *session_program; /* the running test, absolute */

static inline char *session_run(const char *const *argv, char *const *environment)
{
    int ends[2];
    pid_t child;
    assert_int_equal(0, pipe2(ends, O_CLOEXEC));
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    char *copy[20] = {0};
    for (size_t i = 0; argv[i]; i++) {
        assert_true(i + 1 < ESC_COUNT(copy));
        copy[i] = esc_strdup(argv[i]);
    }
    assert_int_equal(0, posix_spawn(&child, copy[0], &actions, NULL, copy, environment));
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    struct esc_buf output;
    esc_buf_init(&output, ESC_MAX_LINE);
    expect_ok(esc_file_read_fd(ends[0], &output, &err));
    close(ends[0]);
    int status = -1;
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_int_equal(0, status);
    for (size_t i = 0; copy[i]; i++)
        free(copy[i]);
    return esc_buf_take(&output);
}

/* Runs `keyring-session options... this-program verbs...` and expects its output. */
static inline void expect_session(const char *expected, const char *const *options,
                                  const char *const *verbs)
{
    if (!session_has("gnome-keyring-daemon") || !session_has("dbus-run-session") ||
        !session_has("gdbus"))
        skip();
    const char *root = esc_env("ESCHER_SOURCE");
    ESC_CLEANUP(esc_freep)
    char *script = esc_path_join(root ? root : ".", "tests/support/keyring-session");
    const char *argv[20] = {script};
    size_t count = 1;
    for (; *options; options++)
        argv[count++] = *options;
    argv[count++] = session_program;
    for (; *verbs; verbs++)
        argv[count++] = *verbs;
    ESC_CLEANUP(esc_freep) char *output = session_run(argv, esc_env_all());
    assert_string_equal(expected, output);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NO_WORDS ((const char *const[]){NULL})
