/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The Secret Service back end against a real gnome-keyring. GLib keeps its bus for the life of a
 * process, so each test starts this program again, as `test_keyring_service VERB...` inside a
 * session of its own (tests/support/keyring-session), and compares what it prints.
 */

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/paths.h"
#include "escher/crypt/keyring.h"
#include "tests/support/test.h"

static struct esc_error err;
static const char key_bytes[32] = "a key\0with a NUL and \xff\xfe bytes";

/* Inside the session: each verb prints the word of its status. */

static enum esc_status get_and_compare(struct esc_keyring *keyring)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *back = NULL;
    enum esc_status status = esc_keyring_get(keyring, "default", &back, &err);
    if (status != ESC_OK)
        return status;
    bool equal = esc_secret_len(back) == sizeof key_bytes &&
                 memcmp(key_bytes, esc_secret_view(back).ptr, sizeof key_bytes) == 0;
    return equal ? ESC_OK : ESC_CORRUPT;
}

/* What gdbus tells the daemon: lock its default collection. */
static enum esc_status lock_collection(void)
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

static enum esc_status act(struct esc_keyring *keyring, const char *verb)
{
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *key = esc_secret_new(key_bytes, sizeof key_bytes);
    if (strcmp(verb, "probe") == 0)
        return esc_keyring_probe(keyring, &err);
    if (strcmp(verb, "get") == 0)
        return get_and_compare(keyring);
    if (strcmp(verb, "put") == 0)
        return esc_keyring_put(keyring, "default", key, &err);
    if (strcmp(verb, "del") == 0)
        return esc_keyring_del(keyring, "default", &err);
    return lock_collection();
}

static int inside(int argc, char **argv)
{
    bool short_deadline = strcmp(argv[1], "soon") == 0;
    ESC_CLEANUP(esc_keyring_freep)
    struct esc_keyring *keyring = esc_keyring_libsecret_new(short_deadline ? 200 : 0);
    for (int i = 1 + short_deadline; i < argc; i++)
        printf("%s=%s ", argv[i], esc_status_text(act(keyring, argv[i])));
    return 0;
}

/* Outside: starts a session and reads what was printed. */

static bool is_installed(const char *program)
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

static char *program; /* this one, absolute */

static char *run(const char *const *argv, char *const *environment)
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
static void expect_session(const char *expected, const char *const *options,
                           const char *const *verbs)
{
    if (!is_installed("gnome-keyring-daemon") || !is_installed("dbus-run-session") ||
        !is_installed("gdbus"))
        skip();
    const char *root = esc_env("ESCHER_SOURCE");
    ESC_CLEANUP(esc_freep)
    char *script = esc_path_join(root ? root : ".", "tests/support/keyring-session");
    const char *argv[20] = {script};
    size_t count = 1;
    for (; *options; options++)
        argv[count++] = *options;
    argv[count++] = program;
    for (; *verbs; verbs++)
        argv[count++] = *verbs;
    ESC_CLEANUP(esc_freep) char *output = run(argv, esc_env_all());
    assert_string_equal(expected, output);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NO_WORDS ((const char *const[]){NULL})

static void a_key_is_stored_read_back_and_deleted(void **)
{
    expect_session(
        "probe=ok get=not_found put=ok get=ok put=ok get=ok del=ok get=not_found del=ok ", NO_WORDS,
        WORDS("probe", "get", "put", "get", "put", "get", "del", "get", "del"));
}

static void a_key_lives_on_in_the_next_session(void **)
{
    ESC_CLEANUP(esc_freep) char *home = test_folder();
    expect_session("put=ok ", WORDS("--home", home), WORDS("put"));
    expect_session("probe=ok get=ok ", WORDS("--home", home), WORDS("probe", "get"));
}

static void a_locked_keyring_is_locked_and_not_empty(void **)
{
    expect_session("put=ok lock=ok probe=locked get=locked put=locked del=locked ", NO_WORDS,
                   WORDS("put", "lock", "probe", "get", "put", "del"));
}

static void a_wrong_password_is_locked_and_not_empty(void **)
{
    ESC_CLEANUP(esc_freep) char *home = test_folder();
    expect_session("put=ok ", WORDS("--home", home), WORDS("put"));
    expect_session("probe=locked get=locked put=locked ",
                   WORDS("--home", home, "--password", "wrong"), WORDS("probe", "get", "put"));
    expect_session("get=ok ", WORDS("--home", home), WORDS("get"));
}

static void without_a_keyring_or_a_service_it_is_unavailable(void **)
{
    expect_session("probe=unavailable get=unavailable put=unavailable ", WORDS("--password", ""),
                   WORDS("probe", "get", "put"));
    expect_session("probe=unavailable get=unavailable put=unavailable ", WORDS("--no-service"),
                   WORDS("probe", "get", "put"));
}

/* A child with @p address as its bus: what probe, get and put say. */
static char *on_bus(const char *address)
{
    ESC_CLEANUP(esc_freep) char *home = test_folder();
    ESC_CLEANUP(esc_freep) char *variable = esc_sprintf("DBUS_SESSION_BUS_ADDRESS=%s", address);
    ESC_CLEANUP(esc_freep) char *runtime = esc_sprintf("XDG_RUNTIME_DIR=%s", home);
    char *environment[] = {variable, runtime, NULL};
    const char *const argv[] = {program, "probe", "get", "put", NULL};
    return run(argv, environment);
}

static void without_a_bus_it_is_unavailable(void **)
{
    ESC_CLEANUP(esc_freep) char *output = on_bus("unix:path=/nonexistent/bus");
    assert_string_equal("probe=unavailable get=unavailable put=unavailable ", output);
}

static void a_bus_that_never_answers_meets_the_deadline(void **)
{
    ESC_CLEANUP(esc_freep) char *home = test_folder();
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(home, "bus");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    assert_true(strlen(path) < sizeof address.sun_path);
    memcpy(address.sun_path, path, strlen(path));
    int silent = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(0, bind(silent, (const struct sockaddr *)&address, sizeof address));
    assert_int_equal(0, listen(silent, 5));
    ESC_CLEANUP(esc_freep) char *bus = esc_sprintf("unix:path=%s", path);
    ESC_CLEANUP(esc_freep) char *variable = esc_sprintf("DBUS_SESSION_BUS_ADDRESS=%s", bus);
    char *environment[] = {variable, NULL};
    const char *const argv[] = {program, "soon", "get", NULL};
    ESC_CLEANUP(esc_freep) char *output = run(argv, environment);
    assert_string_equal("get=timeout ", output);
    close(silent);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return inside(argc, argv);
    program = realpath("/proc/self/exe", NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_stored_read_back_and_deleted),
        cmocka_unit_test(a_key_lives_on_in_the_next_session),
        cmocka_unit_test(a_locked_keyring_is_locked_and_not_empty),
        cmocka_unit_test(a_wrong_password_is_locked_and_not_empty),
        cmocka_unit_test(without_a_keyring_or_a_service_it_is_unavailable),
        cmocka_unit_test(without_a_bus_it_is_unavailable),
        cmocka_unit_test(a_bus_that_never_answers_meets_the_deadline),
    };
    int failed = cmocka_run_group_tests_name("crypt/keyring_service", tests, NULL, NULL);
    free(program);
    return failed;
}
