/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/exec/spawn.h"
#include "tests/exec/programs.h"
#include "tests/exec/survivors.h"
#include "tests/support/test.h"

static struct esc_error err;

enum {
    KEEP = 4 * 1024 * 1024,
};

/* What on_exit told, with copies of what is borrowed there. */
struct outcome {
    bool over;
    struct esc_process_result result;
    char *out, *err;
    uint64_t streamed; /* bytes that came through on_output */
    struct esc_process *process;
    uint64_t cancel_grace_ms; /* cancels with it once "ready" is there */
    bool cancel_on_ready;
};

static void forget(struct outcome *outcome)
{
    free(outcome->out);
    free(outcome->err);
}

static void note_exit(void *context, const struct esc_process_result *result)
{
    struct outcome *outcome = context;
    assert_false(outcome->over);
    outcome->over = true;
    outcome->result = *result;
    outcome->out = esc_str_dup(result->out);
    outcome->err = esc_str_dup(result->err);
}

static void on_output(void *context, enum esc_stream stream, struct esc_str bytes)
{
    struct outcome *outcome = context;
    outcome->streamed += bytes.len;
    if (outcome->cancel_on_ready && stream == ESC_STREAM_OUT) {
        outcome->cancel_on_ready = false;
        esc_process_cancel(outcome->process, outcome->cancel_grace_ms);
    }
}

static bool is_over(void *context)
{
    return ((struct outcome *)context)->over;
}

static void victim_command(struct esc_command *command, const char *mode, const char *argument,
                           const char *mark)
{
    esc_command_init(command, VICTIM);
    esc_command_arg(command, "victim");
    esc_command_arg(command, mode);
    esc_command_arg(command, argument);
    if (mark)
        esc_command_arg(command, mark);
}

static void run(struct esc_command *command, const struct esc_process_options *wanted,
                struct outcome *outcome)
{
    ESC_CLEANUP(esc_loop_freep) struct esc_loop *loop = NULL;
    struct esc_process_options options = *wanted;
    expect_ok(esc_loop_new(&loop, &err));
    options.on_exit = note_exit;
    options.context = outcome;
    if (!options.max_output)
        options.max_output = KEEP;
    expect_ok(esc_process_start(loop, command, &options, &outcome->process, &err));
    esc_command_done(command);
    assert_true(esc_loop_run_until(loop, is_over, outcome));
}

static void run_victim(const char *mode, const char *argument, struct outcome *outcome)
{
    struct esc_command command;
    victim_command(&command, mode, argument, NULL);
    run(&command, &(struct esc_process_options){0}, outcome);
}

static void an_exit_code_and_both_streams_come_back(void **)
{
    struct outcome outcome = {0};
    run_victim("both", "hello", &outcome);
    assert_int_equal(ESC_ENDING_EXITED, outcome.result.ending);
    assert_int_equal(3, outcome.result.exit_code);
    assert_string_equal("to out\n", outcome.out);
    assert_string_equal("to err: hello\n", outcome.err);
    assert_false(outcome.result.leaked);
    forget(&outcome);
}

static void a_death_by_signal_is_no_exit_code(void **)
{
    const char *const numbers[] = {"9", "15", "11"};
    for (size_t i = 0; i < ESC_COUNT(numbers); i++) {
        struct outcome outcome = {0};
        run_victim("signal", numbers[i], &outcome);
        assert_int_equal(ESC_ENDING_SIGNALLED, outcome.result.ending);
        assert_int_equal(strtol(numbers[i], NULL, 10), outcome.result.signal);
        assert_int_equal(-1, outcome.result.exit_code);
        forget(&outcome);
    }
}

static void the_end_of_the_output_is_not_the_exit(void **)
{
    struct outcome outcome = {0};
    run_victim("close-early", "5", &outcome);
    assert_int_equal(ESC_ENDING_EXITED, outcome.result.ending);
    assert_int_equal(5, outcome.result.exit_code);
    forget(&outcome);
}

static void a_grandchild_that_holds_the_pipe_is_waited_for_briefly_and_ended(void **)
{
    struct outcome outcome = {0};
    struct esc_command command;
    const char *mark = survivors_mark();
    victim_command(&command, "leader-exits", "-", mark);
    run(&command, &(struct esc_process_options){0}, &outcome);
    assert_int_equal(ESC_ENDING_EXITED, outcome.result.ending);
    assert_int_equal(0, outcome.result.exit_code);
    assert_true(outcome.result.leaked);
    assert_int_equal(0, survivors_after(mark, PATIENCE_MS));
    forget(&outcome);
}

static void more_than_the_ceiling_is_counted_and_dropped(void **)
{
    struct outcome outcome = {0};
    struct esc_command command;
    victim_command(&command, "flood", "3000000", NULL);
    run(&command, &(struct esc_process_options){.max_output = 1000}, &outcome);
    assert_int_equal(ESC_ENDING_EXITED, outcome.result.ending);
    assert_int_equal(0, outcome.result.exit_code);
    assert_int_equal(3000000, outcome.result.out_bytes);
    assert_int_equal(3000000, outcome.result.err_bytes);
    assert_int_equal(1000, outcome.result.out.len);
    assert_true(outcome.result.over_limit);
    forget(&outcome);
}

static void exactly_the_ceiling_is_not_too_much(void **)
{
    struct outcome outcome = {0};
    struct esc_command command;
    victim_command(&command, "flood", "1000", NULL);
    run(&command, &(struct esc_process_options){.max_output = 1000}, &outcome);
    assert_int_equal(1000, outcome.result.out.len);
    assert_false(outcome.result.over_limit);
    forget(&outcome);
}

static void streamed_output_is_complete_and_not_kept(void **)
{
    struct outcome outcome = {0};
    struct esc_command command;
    victim_command(&command, "flood", "2000000", NULL);
    run(&command, &(struct esc_process_options){.on_output = on_output}, &outcome);
    assert_int_equal(4000000, outcome.streamed);
    assert_int_equal(0, outcome.result.out.len);
    assert_false(outcome.result.over_limit);
    forget(&outcome);
}

static void nothing_but_what_was_given_is_inherited(void **)
{
    struct outcome outcome = {0};
    struct esc_command command;
    int fds[2] = {-1, -1}, careless = open("/dev/zero", O_RDONLY); /* not close-on-exec */
    expect_ok(esc_file_memfd("three", ESC_STR("3"), &fds[0], &err));
    expect_ok(esc_file_memfd("five", ESC_STR("5"), &fds[1], &err));
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *secret = esc_secret_of_text("hush");
    victim_command(&command, "audit", "-", NULL);
    esc_command_env(&command, "PLAIN", "text");
    esc_command_secret(&command, "SECRET", secret);
    esc_command_pass(&command, fds[0], 3);
    esc_command_pass(&command, fds[1], 5);
    (void)signal(SIGPIPE, SIG_IGN);
    run(&command, &(struct esc_process_options){0}, &outcome);
    (void)signal(SIGPIPE, SIG_DFL);
    esc_fd_close(&careless);
    assert_string_equal("env PLAIN=text\nenv SECRET=hush\n"
                        "fd 0 /dev/null\nfd 1 pipe:[xxx\nfd 2 pipe:[xxx\nfd 3 /memfd:th\n"
                        "fd 5 /memfd:fi\nsignals blocked 0 ignored 0\numask 077\ncwd /\n"
                        "session own\n",
                        (memcpy(strstr(outcome.out, "fd 1 pipe:[") + 11, "xxx", 3),
                         memcpy(strstr(outcome.out, "fd 2 pipe:[") + 11, "xxx", 3), outcome.out));
    forget(&outcome);
}

static void descriptors_may_trade_places(void **)
{
    struct outcome outcome = {0};
    struct esc_command command;
    int first = -1, second = -1;
    expect_ok(esc_file_memfd("first", ESC_STR("first"), &first, &err));
    expect_ok(esc_file_memfd("second", ESC_STR("second"), &second, &err));
    assert_true(first > 2 && second > 2 && first < 60 && second < 60);
    victim_command(&command, "print-fd", "3", NULL);
    esc_command_arg(&command, "-");
    esc_command_pass(&command, second, 3);
    esc_command_pass(&command, first, 4);
    run(&command, &(struct esc_process_options){0}, &outcome);
    assert_string_equal("secondsecond", outcome.out); /* read twice, from its beginning */
    forget(&outcome);
}

/* The victim is ready in milliseconds; where it was not, it is given twice the time. */
static void a_timeout_ends_it_gently_at_first(void **)
{
    struct outcome outcome = {0};
    const char *mark = survivors_mark();
    for (unsigned timeout_ms = 300; !outcome.over || !strstr(outcome.out, "ready");
         timeout_ms *= 2) {
        const struct esc_process_options options = {.timeout_ms = timeout_ms, .grace_ms = 60'000};
        struct esc_command command;
        forget(&outcome);
        outcome = (struct outcome){0};
        victim_command(&command, "trap", "-", mark);
        run(&command, &options, &outcome);
        assert_int_equal(ESC_ENDING_TIMED_OUT, outcome.result.ending);
    }
    assert_int_equal(7, outcome.result.exit_code);
    assert_string_equal("ready\ncleaned up\n", outcome.out);
    assert_int_equal(0, survivors_after(mark, PATIENCE_MS));
    forget(&outcome);
}

static void a_cancel_leaves_no_process(void **)
{
    const char *const modes[] = {"grandchild", "deaf", "session", "stopped", "drip"};
    for (size_t i = 0; i < ESC_COUNT(modes); i++) {
        struct outcome outcome = {.cancel_on_ready = true, .cancel_grace_ms = 50};
        struct esc_command command;
        const char *mark = survivors_mark();
        victim_command(&command, modes[i], "1000", mark);
        run(&command, &(struct esc_process_options){.on_output = on_output}, &outcome);
        assert_int_equal(ESC_ENDING_CANCELLED, outcome.result.ending);
        assert_int_equal(0, survivors_after(mark, PATIENCE_MS));
        forget(&outcome);
    }
}

static void a_cancel_without_grace_kills(void **)
{
    struct outcome outcome = {.cancel_on_ready = true};
    struct esc_command command;
    const char *mark = survivors_mark();
    victim_command(&command, "trap", "-", mark);
    run(&command, &(struct esc_process_options){.on_output = on_output}, &outcome);
    assert_int_equal(ESC_ENDING_CANCELLED, outcome.result.ending);
    assert_int_equal(SIGKILL, outcome.result.signal);
    forget(&outcome);
}

/* Also when it was told to end before, and no turn of the loop came after that. */
static void freeing_the_loop_leaves_no_process(void **)
{
    for (int is_told = 0; is_told < 2; is_told++) {
        struct outcome outcome = {0};
        struct esc_loop *loop = NULL;
        struct esc_command command;
        const struct esc_process_options options = {
            .on_exit = note_exit, .max_output = KEEP, .context = &outcome};
        const char *mark = survivors_mark();
        victim_command(&command, "trap", "-", mark);
        expect_ok(esc_loop_new(&loop, &err));
        expect_ok(esc_process_start(loop, &command, &options, &outcome.process, &err));
        esc_command_done(&command);
        if (is_told)
            esc_process_cancel(outcome.process, 0);
        esc_loop_free(loop);
        assert_true(outcome.over);
        assert_int_equal(ESC_ENDING_CANCELLED, outcome.result.ending);
        assert_int_equal(SIGKILL, outcome.result.signal);
        assert_int_equal(0, survivors_count(mark));
        forget(&outcome);
    }
}

static void what_cannot_start_says_why(void **)
{
    const struct {
        const char *path;
        enum esc_status status;
    } cases[] = {
        {"/nonexistent/program", ESC_NOT_FOUND},
        {"/etc/passwd", ESC_DENIED},
        {"/", ESC_DENIED},
    };
    ESC_CLEANUP(esc_loop_freep) struct esc_loop *loop = NULL;
    expect_ok(esc_loop_new(&loop, &err));
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct esc_command command;
        struct outcome outcome = {0};
        esc_command_init(&command, cases[i].path);
        const struct esc_process_options options = {.on_exit = note_exit, .context = &outcome};
        expect_status(cases[i].status, esc_process_start(loop, &command, &options, NULL, &err));
        expect_contains(cases[i].path, err.message);
        esc_command_done(&command);
        assert_false(outcome.over);
    }
}

static void arguments_too_long_are_refused(void **)
{
    ESC_CLEANUP(esc_loop_freep) struct esc_loop *loop = NULL;
    expect_ok(esc_loop_new(&loop, &err));
    struct esc_command command;
    char *huge = esc_alloc_zero(256 * 1024);
    memset(huge, 'x', 256 * 1024 - 1);
    victim_command(&command, "exit", "0", huge);
    free(huge);
    const struct esc_process_options options = {.on_exit = note_exit};
    expect_status(ESC_LIMIT, esc_process_start(loop, &command, &options, NULL, &err));
    esc_command_done(&command);
}

static void many_at_once_all_end_and_leave_no_descriptor(void **)
{
    enum {
        MANY = 40,
    };
    ESC_CLEANUP(esc_loop_freep) struct esc_loop *loop = NULL;
    struct outcome outcomes[MANY] = {0};
    expect_ok(esc_loop_new(&loop, &err));
    size_t before = survivors_descriptors();
    for (size_t i = 0; i < MANY; i++) {
        struct esc_command command;
        char code[8];
        (void)snprintf(code, sizeof code, "%zu", i);
        victim_command(&command, "exit", code, NULL);
        const struct esc_process_options options = {.on_exit = note_exit, .context = &outcomes[i]};
        expect_ok(esc_process_start(loop, &command, &options, NULL, &err));
        esc_command_done(&command);
    }
    expect_ok(esc_loop_run(loop, &err));
    for (size_t i = 0; i < MANY; i++) {
        assert_true(outcomes[i].over);
        assert_int_equal(i, outcomes[i].result.exit_code);
        forget(&outcomes[i]);
    }
    assert_int_equal(before, survivors_descriptors());
}

static void no_descriptors_left_is_a_clean_error(void **)
{
    ESC_CLEANUP(esc_loop_freep) struct esc_loop *loop = NULL;
    struct rlimit old;
    expect_ok(esc_loop_new(&loop, &err));
    struct esc_command command;
    victim_command(&command, "exit", "0", NULL);
    size_t before = survivors_descriptors();
    assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &old));
    for (rlim_t limit = before; limit < before + 6; limit++) {
        const struct rlimit small = {.rlim_cur = limit, .rlim_max = old.rlim_max};
        const struct esc_process_options options = {.on_exit = note_exit};
        assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &small));
        enum esc_status status = esc_process_start(loop, &command, &options, NULL, &err);
        assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &old));
        assert_int_equal(ESC_LIMIT, status);
        assert_int_equal(before, survivors_descriptors());
    }
    esc_command_done(&command);
}

static void a_host_that_ignores_its_children_gets_a_lost_end(void **)
{
    struct outcome outcome = {0};
    (void)signal(SIGCHLD, SIG_IGN); /* the kernel then forgets exit codes */
    run_victim("drip", "2", &outcome);
    (void)signal(SIGCHLD, SIG_DFL);
    assert_int_equal(ESC_ENDING_LOST, outcome.result.ending);
    assert_string_equal("drop\ndrop\n", outcome.out);
    forget(&outcome);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_exit_code_and_both_streams_come_back),
        cmocka_unit_test(a_death_by_signal_is_no_exit_code),
        cmocka_unit_test(the_end_of_the_output_is_not_the_exit),
        cmocka_unit_test(a_grandchild_that_holds_the_pipe_is_waited_for_briefly_and_ended),
        cmocka_unit_test(more_than_the_ceiling_is_counted_and_dropped),
        cmocka_unit_test(exactly_the_ceiling_is_not_too_much),
        cmocka_unit_test(streamed_output_is_complete_and_not_kept),
        cmocka_unit_test(nothing_but_what_was_given_is_inherited),
        cmocka_unit_test(descriptors_may_trade_places),
        cmocka_unit_test(a_timeout_ends_it_gently_at_first),
        cmocka_unit_test(a_cancel_leaves_no_process),
        cmocka_unit_test(a_cancel_without_grace_kills),
        cmocka_unit_test(freeing_the_loop_leaves_no_process),
        cmocka_unit_test(what_cannot_start_says_why),
        cmocka_unit_test(arguments_too_long_are_refused),
        cmocka_unit_test(many_at_once_all_end_and_leave_no_descriptor),
        cmocka_unit_test(no_descriptors_left_is_a_clean_error),
        cmocka_unit_test(a_host_that_ignores_its_children_gets_a_lost_end),
    };
    return cmocka_run_group_tests_name("exec/process", tests, NULL, NULL);
}
