/* SPDX-License-Identifier: Apache-2.0 */

/* Keys that a program prints. */

#include <signal.h>
#include <string.h>

#include "escher/base/file.h"
#include "escher/loop/timer.h"
#include "tests/aws/sources_bench.h"

static struct esc_error err;

static void program(struct bench *bench, const char *script)
{
    ESC_CLEANUP(esc_freep) char *text = esc_sprintf("#!/bin/sh\n%s\n", script);
    bench_write_file(bench, "the tool", text, 0700);
}

static char *process_profile(const struct bench *bench, const char *arguments)
{
    return esc_sprintf("[profile p]\ncredential_process = '%s/the tool' %s\n", bench->folder,
                       arguments);
}

static void a_program_gets_its_words_and_an_environment_of_its_own(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep) char *config = process_profile(bench, "get \"a b\" 'c d' e\\ f $HOME");
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(bench->folder, "seen");
    ESC_CLEANUP(esc_freep) char *home = esc_sprintf("HOME=%s", bench->folder);
    struct esc_buf seen;
    bench->environment->credentials = esc_credentials_new("AK123456789012", "hunter2", "t", 0);
    esc_list_push(&bench->environment->process_variables, esc_strdup(home));
    bench_set(&bench->account->profile, "p");
    program(bench, "(for one; do echo \"$one\"; done; echo --; env; readlink /proc/self/fd/0) "
                   "> $HOME/seen\n"
                   "echo hunter2 >&2\n"
                   "echo '{\"Version\":1,\"AccessKeyId\":\"AP123456789012\",'"
                   "'\"SecretAccessKey\":\"s\",\"SessionToken\":\"t\",'"
                   "'\"Expiration\":\"2026-11-21T09:00:00Z\"}'");
    bench_resolve_many(bench, config, 5);
    bench_expect_key(bench, "AP123456789012");
    assert_true(bench->credentials->expires_at_ms > 0);
    esc_buf_init(&seen, 64 * 1024);
    expect_ok(esc_file_read(path, &seen, &err));
    expect_contains("get\na b\nc d\ne f\n$HOME\n--\n", esc_buf_text(&seen));
    expect_contains(home, esc_buf_text(&seen));
    expect_contains("/dev/null", esc_buf_text(&seen));
    assert_null(strstr(esc_buf_text(&seen), "hunter2"));
    assert_null(strstr(esc_buf_text(&seen), "AWS_"));
    esc_buf_done(&seen);
}

/* Of what a program writes the loop hears nothing: it looks again every few milliseconds. */
static void wake(void *)
{
}

static bool has_run(void *context)
{
    const struct bench *bench = context;
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(bench->folder, "run");
    if (esc_file_exists(path))
        return true;
    (void)esc_timer_start(bench->loop, 5, wake, NULL);
    return false;
}

/* Who goes away is told at once; the program goes on, and what it prints is there for the next. */
static void who_waits_for_a_program_may_leave(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep) char *config = process_profile(bench, "");
    ESC_CLEANUP(esc_freep) char *home = esc_sprintf("HOME=%s", bench->folder);
    esc_list_push(&bench->environment->process_variables, esc_strdup(home));
    bench_set(&bench->account->profile, "p");
    bench_write_file(bench, "config", config, 0600);
    program(bench, "[ ! -e $HOME/run ] || exit 3\n: > $HOME/run\n"
                   "while [ ! -e $HOME/go ]; do sleep 0.02; done\n"
                   "echo '{\"Version\":1,\"AccessKeyId\":\"AP123456789012\","
                   "\"SecretAccessKey\":\"hunter2\"}'");
    struct esc_resolving *leaving[3];
    for (size_t i = 0; i < ESC_COUNT(leaving); i++)
        leaving[i] = esc_credentials_resolve(bench->aws, bench->account, bench->environment,
                                             "session", bench_on_credentials, bench);
    esc_credentials_cancel(leaving[2]); /* before it has begun */
    bench_wait_for(bench, 1);
    bench_expect_failure(bench, ESC_CANCELLED, "account production: cancelled");
    assert_true(esc_loop_run_until(bench->loop, has_run, bench));
    esc_credentials_cancel(leaving[0]);
    esc_credentials_cancel(leaving[0]); /* twice is once */
    esc_credentials_cancel(leaving[1]);
    bench_wait_for(bench, 3);
    bench_expect_failure(bench, ESC_CANCELLED, "account production: cancelled");
    bench->done = 0;
    (void)esc_credentials_resolve(bench->aws, bench->account, bench->environment, "session",
                                  bench_on_credentials, bench);
    bench_write_file(bench, "go", "", 0600);
    bench_wait_for(bench, 1);
    bench_expect_key(bench, "AP123456789012"); /* of the one run there was */
}

static void what_a_program_prints_is_credentials_or_nothing(void **state)
{
    struct bench *bench = *state;
    static const struct {
        const char *script;
        enum esc_status expected;
        const char *message;
    } cases[] = {
        {"echo hunter2; echo hunter2 >&2; exit 3", ESC_DENIED, "ended with exit code 3"},
        {"echo hunter2", ESC_CORRUPT, "not the JSON"},
        {"echo '{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"hunter2\"}'", ESC_CORRUPT,
         "`Version` is not 1"},
        {"echo '{\"Version\":2,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"hunter2\"}'",
         ESC_CORRUPT, "`Version` is not 1"},
        {"echo '{\"Version\":1,\"AccessKeyId\":\"a\"}'", ESC_CORRUPT, "no whole"},
        {"head -c 100000 /dev/zero", ESC_LIMIT, "prints too much"},
        {"kill -9 $$", ESC_IO, "ended by signal 9"},
        {"echo '{\"Version\":1,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"hunter2\","
         "\"Expiration\":\"2026-11-21T07:00:00Z\"}'",
         ESC_DENIED, "have expired"},
    };
    ESC_CLEANUP(esc_freep) char *config = process_profile(bench, "");
    bench_set(&bench->account->profile, "p");
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        program(bench, cases[i].script);
        bench_resolve(bench, config);
        bench_expect_failure(bench, cases[i].expected, cases[i].message);
    }
    bench_resolve(bench, "[profile p]\ncredential_process = 'never closed\n");
    bench_expect_failure(bench, ESC_INVALID, "a quote of credential_process is not closed");
    bench_resolve(bench, "[profile p]\ncredential_process = no-such-program-here\n");
    bench_expect_failure(bench, ESC_NOT_FOUND, "there is no program `no-such-program-here`");
    bench_resolve(bench, "[profile p]\ncredential_process = \"\"\n");
    bench_expect_failure(bench, ESC_INVALID, "no command");
}

static void a_program_that_never_stops_printing_is_held_to_its_limit(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep) char *config = process_profile(bench, "");
    bench_set(&bench->account->profile, "p");
    program(bench, "yes hunter2 | head -c 100000000 >&2; yes hunter2 | head -c 100000000");
    bench_resolve(bench, config);
    bench_expect_failure(bench, ESC_LIMIT, "prints too much");
}

#define PRINTS(key_id)                                                                             \
    "echo '{\"Version\":1,\"AccessKeyId\":\"" key_id "\",\"SecretAccessKey\":\"s\"}'"

static void a_programs_new_keys_are_taken_once_the_old_ones_are_forgotten(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep) char *config = process_profile(bench, "");
    bench_set(&bench->account->profile, "p");
    program(bench, PRINTS("AP123456789012"));
    bench_resolve(bench, config);
    bench_expect_key(bench, "AP123456789012");
    program(bench, PRINTS("AQ123456789012"));
    bench_resolve(bench, config);
    bench_expect_key(bench, "AP123456789012"); /* it is not run for each call */
    esc_credentials_forget(bench->aws, bench->account);
    bench_resolve(bench, config);
    bench_expect_key(bench, "AQ123456789012");
}

#define PRINTS_WITH_END(key_id)                                                                    \
    "echo '{\"Version\":1,\"AccessKeyId\":\"" key_id "\",\"SecretAccessKey\":\"s\","               \
    "\"Expiration\":\"2026-11-21T20:00:00Z\"}'"

static void a_programs_keys_of_another_account_are_asked_for_anew(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep) char *config = process_profile(bench, "");
    bench_set(&bench->account->profile, "p");
    program(bench, PRINTS_WITH_END("AP222222222222"));
    bench_resolve(bench, config);
    bench_expect_failure(bench, ESC_BLOCKED, "belong to account 222222222222");
    program(bench, PRINTS_WITH_END("AP123456789012"));
    esc_credentials_forget(bench->aws, bench->account);
    bench_resolve(bench, config);
    bench_expect_key(bench, "AP123456789012");
}

static void what_was_being_fetched_when_keys_were_forgotten_is_not_kept(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep) char *config = process_profile(bench, "");
    ESC_CLEANUP(esc_freep) char *begun = esc_path_join(bench->folder, "begun");
    ESC_CLEANUP(esc_freep) char *go = esc_path_join(bench->folder, "go");
    ESC_CLEANUP(esc_freep)
    char *slow = esc_sprintf("touch '%s'; while [ ! -e '%s' ]; do sleep 0.01; done; %s", begun, go,
                             PRINTS("AP123456789012"));
    bench_set(&bench->account->profile, "p");
    program(bench, slow);
    bench_write_file(bench, "config", config, 0600);
    esc_credentials_resolve(bench->aws, bench->account, bench->environment, "session",
                            bench_on_credentials, bench);
    while (!esc_file_exists(begun))
        esc_loop_turn(bench->loop);
    program(bench, PRINTS("AQ123456789012"));
    esc_credentials_forget(bench->aws, bench->account);
    bench_write_file(bench, "go", "", 0600);
    bench_wait_for(bench, 1);
    bench_expect_key(bench, "AP123456789012");
    bench_resolve(bench, config);
    bench_expect_key(bench, "AQ123456789012");
}

static bool is_gone(void *context)
{
    return kill(*(const pid_t *)context, 0) != 0;
}

static void freeing_ends_a_program_that_hangs(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep) char *config = process_profile(bench, "");
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(bench->folder, "pid");
    ESC_CLEANUP(esc_freep)
    char *script = esc_sprintf("echo $$ > '%s.new'\nmv '%s.new' '%s'\n"
                               "exec sleep 1000",
                               path, path, path);
    struct esc_buf text;
    bench_set(&bench->account->profile, "p");
    program(bench, script);
    bench_write_file(bench, "config", config, 0600);
    esc_credentials_resolve(bench->aws, bench->account, bench->environment, "session",
                            bench_on_credentials, bench);
    while (!esc_file_exists(path)) /* it says when it is there */
        esc_loop_turn(bench->loop);
    esc_aws_free(ESC_STEAL(bench->aws));
    assert_int_equal(1, bench->done);
    bench_expect_failure(bench, ESC_CANCELLED, "cancelled");
    esc_buf_init(&text, 64);
    expect_ok(esc_file_read(path, &text, &err));
    pid_t pid = (pid_t)strtol(esc_buf_text(&text), NULL, 10);
    assert_true(pid > 1);
    assert_true(esc_loop_run_until(bench->loop, is_gone, &pid));
    esc_buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BENCH(a_program_gets_its_words_and_an_environment_of_its_own),
        WITH_BENCH(who_waits_for_a_program_may_leave),
        WITH_BENCH(what_a_program_prints_is_credentials_or_nothing),
        WITH_BENCH(a_program_that_never_stops_printing_is_held_to_its_limit),
        WITH_BENCH(a_programs_new_keys_are_taken_once_the_old_ones_are_forgotten),
        WITH_BENCH(a_programs_keys_of_another_account_are_asked_for_anew),
        WITH_BENCH(what_was_being_fetched_when_keys_were_forgotten_is_not_kept),
        WITH_BENCH(freeing_ends_a_program_that_hangs),
    };
    return cmocka_run_group_tests_name("aws/sources_program", tests, NULL, NULL);
}
