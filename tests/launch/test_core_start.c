/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/launch/core_start.h"
#include "tests/support/test.h"

/* Cores that are shell scripts: what they are given and what they answer can be seen at once. */
struct bench {
    char folder[64];
    char *program;
    struct esc_paths paths;
};

static struct esc_error err;

static int set_up(void **state)
{
    struct bench *bench = esc_alloc_zero(sizeof *bench);
    *bench = (struct bench){.folder = "/tmp/escher-launch-XXXXXX"};
    assert_non_null(mkdtemp(bench->folder));
    assert_int_equal(0, setenv("ESCHER_HOME", bench->folder, 1));
    expect_ok(esc_paths_init(&bench->paths, "work", &err));
    bench->program = esc_path_join(bench->folder, "escher");
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    (void)esc_file_remove(bench->folder, NULL);
    esc_paths_done(&bench->paths);
    free(bench->program);
    free(bench);
    return 0;
}

/* Starts a core whose program is @p script and says how that ended. */
static enum esc_status start(struct bench *bench, const char *script, int passphrase_fd)
{
    ESC_CLEANUP(esc_freep) char *text = esc_sprintf("#!/bin/sh\n%s\n", script);
    expect_ok(esc_file_replace(bench->program, esc_str_of(text), 0700, &err));
    const struct esc_core_start wanted = {bench->program, &bench->paths, passphrase_fd};
    struct esc_core_started core;
    expect_ok(esc_core_spawn(&wanted, &core, &err));
    const enum esc_status status = esc_core_await(&core, &err);
    assert_int_equal(status == ESC_OK ? core.pid : -1, waitpid(core.pid, NULL, 0));
    return status;
}

static char *log_of(const struct bench *bench)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(bench->paths.state, "core.log");
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_LINE);
    expect_ok(esc_file_read(path, &text, &err));
    return esc_buf_take(&text);
}

static void a_core_that_says_ok_is_ready(void **state)
{
    expect_ok(start(*state, "echo '{\"status\":\"ok\"}' >&3; exec 3>&-", -1));
}

static void what_the_core_says_is_what_the_caller_hears(void **state)
{
    expect_status(ESC_LOCKED,
                  start(*state, "echo '{\"status\":\"locked\",\"message\":\"no key\"}' >&3", -1));
    assert_string_equal("no key", err.message);
    expect_status(ESC_CORRUPT, start(*state, "echo '{\"status\":\"odd\"}' >&3", -1));
}

static void a_core_that_ends_without_a_word_is_unavailable(void **state)
{
    expect_status(ESC_UNAVAILABLE, start(*state, "exit 1", -1));
    expect_status(ESC_UNAVAILABLE, start(*state, "echo ready >&3", -1));
}

static void a_program_that_is_not_there_is_an_error_at_once(void **state)
{
    struct bench *bench = *state;
    const struct esc_core_start wanted = {"/nonexistent/escher", &bench->paths, -1};
    struct esc_core_started core;
    expect_status(ESC_IO, esc_core_spawn(&wanted, &core, &err));
}

static void it_gets_profile_passphrase_log_and_a_session_of_its_own(void **state)
{
    struct bench *bench = *state;
    int passphrase = -1;
    expect_ok(esc_file_memfd("passphrase", ESC_STR("open sesame"), &passphrase, &err));
    expect_ok(start(bench,
                    "echo \"$*\" >&2; cat <&4 >&2; echo >&2\n"
                    "[ \"$(ps -o sid= -p $$ | tr -d ' ')\" = $$ ] && echo leader >&2\n"
                    "echo '{\"status\":\"ok\"}' >&3",
                    passphrase));
    esc_fd_close(&passphrase);
    ESC_CLEANUP(esc_freep) char *log = log_of(bench);
    expect_contains("core --profile work --ready-fd=3 --passphrase-fd=4\nopen sesame\n", log);
    expect_contains("leader\n", log);
}

int main(void)
{
#define IN_BENCH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_BENCH(a_core_that_says_ok_is_ready),
        IN_BENCH(what_the_core_says_is_what_the_caller_hears),
        IN_BENCH(a_core_that_ends_without_a_word_is_unavailable),
        IN_BENCH(a_program_that_is_not_there_is_an_error_at_once),
        IN_BENCH(it_gets_profile_passphrase_log_and_a_session_of_its_own),
    };
    return cmocka_run_group_tests_name("launch/core_start", tests, NULL, NULL);
}
