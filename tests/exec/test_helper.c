/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/helper.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escher/base/file.h"
#include "escher/base/num.h"
#include "escher/exec/handover.h"
#include "escher/exec/process.h"
#include "escher/loop/timer.h"
#include "tests/exec/programs.h"
#include "tests/exec/survivors.h"
#include "tests/support/test.h"

static struct esc_error err;

enum {
    GRACE_MS = 100,
    MAX_SEEN = 64 * 1024 * 1024,
};

/* One run with its folder and key, one loop, and what one attempt told. */
struct scene {
    struct esc_loop *loop;
    char *folder;
    struct esc_secret *run_key;
    struct esc_helper *helper;
    const char *mark;
    bool over;
    struct esc_exit_record record;
    struct esc_buf seen[3]; /* live output, by stream */
    uint64_t gaps;          /* bytes that were told to be missing */
    bool cancel_on_ready;
    uint64_t grace_ms;
};

static void set_up(struct scene *scene)
{
    static const char key[ESC_RUN_KEY] = "a key of thirty-two bytes length";
    *scene =
        (struct scene){.folder = test_folder(), .mark = survivors_mark(), .grace_ms = GRACE_MS};
    scene->run_key = esc_secret_new(key, sizeof key);
    expect_ok(esc_loop_new(&scene->loop, &err));
    esc_buf_init(&scene->seen[ESC_STREAM_OUT], MAX_SEEN);
    esc_buf_init(&scene->seen[ESC_STREAM_ERR], MAX_SEEN);
}

static void tear_down(struct scene *scene)
{
    esc_buf_done(&scene->seen[ESC_STREAM_OUT]);
    esc_buf_done(&scene->seen[ESC_STREAM_ERR]);
    esc_secret_free(scene->run_key);
    esc_loop_free(scene->loop);
    free(scene->folder);
}

static void on_output(void *context, enum esc_stream stream, uint64_t offset, struct esc_str bytes)
{
    struct scene *scene = context;
    assert_int_equal(offset, scene->seen[stream].len + scene->gaps);
    esc_buf_add(&scene->seen[stream], bytes);
    if (scene->cancel_on_ready)
        esc_helper_cancel(scene->helper);
    scene->cancel_on_ready = false;
}

static void on_gap(void *context, enum esc_stream stream, uint64_t from, uint64_t to)
{
    struct scene *scene = context;
    if (stream == ESC_STREAM_OUT)
        scene->gaps += to - from;
}

static void on_done(void *context, const struct esc_exit_record *record)
{
    struct scene *scene = context;
    assert_false(scene->over);
    scene->over = true;
    scene->record = *record;
}

static bool is_over(void *context)
{
    return ((struct scene *)context)->over;
}

static struct esc_helper_options options_of(struct scene *scene, const struct esc_command *command)
{
    return (struct esc_helper_options){
        .attempt = {scene->folder, "stop", 1},
        .run_key = scene->run_key,
        .program = ESCHER_RUN,
        .command = command,
        .grace_ms = scene->grace_ms,
        .on_output = on_output,
        .on_gap = on_gap,
        .on_done = on_done,
        .context = scene,
    };
}

static void victim_command(struct esc_command *command, const struct scene *scene, const char *mode,
                           const char *argument)
{
    esc_command_init(command, VICTIM);
    esc_command_arg(command, "victim");
    esc_command_arg(command, mode);
    esc_command_arg(command, argument);
    esc_command_arg(command, scene->mark);
}

static void start(struct scene *scene, const char *mode, const char *argument,
                  struct esc_helper_options *more)
{
    struct esc_command command;
    victim_command(&command, scene, mode, argument);
    struct esc_helper_options options = options_of(scene, &command);
    if (more) {
        options.timeout_ms = more->timeout_ms;
        options.max_output = more->max_output;
    }
    expect_ok(esc_helper_start(scene->loop, &options, &scene->helper, &err));
    assert_false(scene->over);
    esc_command_done(&command);
}

static void run(struct scene *scene, const char *mode, const char *argument,
                struct esc_helper_options *more)
{
    start(scene, mode, argument, more);
    assert_true(esc_loop_run_until(scene->loop, is_over, scene));
}

static void expect_on_disk(struct scene *scene, enum esc_stream stream, uint64_t offset,
                           struct esc_str expected)
{
    const struct esc_attempt attempt = {scene->folder, "stop", 1};
    struct esc_buf text;
    bool finished = false;
    esc_buf_init(&text, MAX_SEEN);
    expect_ok(
        esc_attempt_read_output(&attempt, scene->run_key, stream, offset, &text, &finished, &err));
    assert_true(finished);
    assert_true(esc_str_equal(expected, esc_buf_str(&text)));
    esc_buf_done(&text);
}

static void the_end_and_both_streams_are_told_live_and_kept(void **)
{
    struct scene scene;
    set_up(&scene);
    run(&scene, "both", "hello", NULL);
    assert_int_equal(ESC_ENDING_EXITED, scene.record.ending);
    assert_int_equal(3, scene.record.exit_code);
    assert_false(scene.record.leaked || scene.record.over_limit || scene.record.output_lost);
    assert_true(scene.record.ended_at_ms >= scene.record.started_at_ms);
    assert_string_equal("to out\n", esc_buf_text(&scene.seen[ESC_STREAM_OUT]));
    assert_string_equal("to err: hello\n", esc_buf_text(&scene.seen[ESC_STREAM_ERR]));
    expect_on_disk(&scene, ESC_STREAM_OUT, 0, ESC_STR("to out\n"));
    expect_on_disk(&scene, ESC_STREAM_OUT, 3, ESC_STR("out\n"));
    expect_on_disk(&scene, ESC_STREAM_OUT, 100, ESC_STR(""));
    expect_on_disk(&scene, ESC_STREAM_ERR, 0, ESC_STR("to err: hello\n"));
    assert_int_equal(7, scene.record.out_kept);
    tear_down(&scene);
}

static void when_output_came_is_kept_and_may_end_early(void **)
{
    struct scene scene;
    struct esc_time_mark *marks = NULL;
    size_t count = 0;
    uint64_t end = 0;
    set_up(&scene);
    run(&scene, "both", "hello", NULL);
    const struct esc_attempt attempt = {scene.folder, "stop", 1};
    expect_ok(esc_attempt_read_times(&attempt, scene.run_key, ESC_STREAM_ERR, &marks, &count, &end,
                                     &err));
    assert_int_equal(1, count);
    assert_int_equal(0, marks[0].offset);
    assert_in_range(marks[0].at_ms, scene.record.started_at_ms, scene.record.ended_at_ms);
    assert_true(end == UINT64_MAX);
    free(marks);
    ESC_CLEANUP(esc_freep) char *path = esc_attempt_path(&attempt, "times");
    assert_int_equal(0, truncate(path, 60)); /* less than a mark with its frame */
    expect_ok(esc_attempt_read_times(&attempt, scene.run_key, ESC_STREAM_ERR, &marks, &count, &end,
                                     &err));
    assert_int_equal(0, count);
    free(marks);
    assert_int_equal(0, unlink(path));
    expect_status(ESC_NOT_FOUND, esc_attempt_read_times(&attempt, scene.run_key, ESC_STREAM_ERR,
                                                        &marks, &count, &end, &err));
    tear_down(&scene);
}

static void a_death_by_signal_is_told(void **)
{
    struct scene scene;
    set_up(&scene);
    run(&scene, "signal", "11", NULL);
    assert_int_equal(ESC_ENDING_SIGNALLED, scene.record.ending);
    assert_int_equal(11, scene.record.signal);
    assert_int_equal(-1, scene.record.exit_code);
    tear_down(&scene);
}

static void no_attempt_is_started_twice(void **)
{
    struct scene scene;
    struct esc_command command;
    set_up(&scene);
    ESC_CLEANUP(esc_freep) char *ledger = esc_path_join(scene.folder, "ledger");
    run(&scene, "count", ledger, NULL);
    assert_int_equal(0, scene.record.exit_code);
    victim_command(&command, &scene, "count", ledger);
    struct esc_helper_options options = options_of(&scene, &command);
    expect_status(ESC_EXISTS, esc_helper_start(scene.loop, &options, &scene.helper, &err));
    esc_command_done(&command);
    struct esc_buf count;
    esc_buf_init(&count, 100);
    expect_ok(esc_file_read(ledger, &count, &err));
    assert_string_equal("x", esc_buf_text(&count));
    esc_buf_done(&count);
    tear_down(&scene);
}

static void a_command_that_cannot_start_is_on_record(void **)
{
    struct scene scene;
    struct esc_command command;
    set_up(&scene);
    esc_command_init(&command, "/nonexistent/program");
    esc_command_arg(&command, "program");
    struct esc_helper_options options = options_of(&scene, &command);
    expect_ok(esc_helper_start(scene.loop, &options, &scene.helper, &err));
    esc_command_done(&command);
    assert_true(esc_loop_run_until(scene.loop, is_over, &scene));
    assert_int_equal(ESC_ENDING_FAILED_TO_START, scene.record.ending);
    expect_contains("/nonexistent/program", scene.record.message);
    tear_down(&scene);
}

static void without_a_helper_nothing_has_been_started(void **)
{
    struct scene scene;
    struct esc_command command;
    enum esc_attempt_trace trace;
    set_up(&scene);
    victim_command(&command, &scene, "exit", "0");
    struct esc_helper_options options = options_of(&scene, &command);
    options.program = "/nonexistent/escher-run";
    expect_status(ESC_NOT_FOUND, esc_helper_start(scene.loop, &options, &scene.helper, &err));
    expect_ok(esc_attempt_look(&options.attempt, &trace, &err));
    assert_int_equal(ESC_TRACE_NONE, trace);
    esc_command_done(&command);
    tear_down(&scene);
}

/* Every way to escape that we know of; "30" is how often the leapfrog leaps. */
static const char *const escapes[] = {
    "grandchild", "deaf", "session", "daemon", "stopped", "trap", "leapfrog",
};

static void a_cancel_leaves_no_process(void **)
{
    for (size_t i = 0; i < ESC_COUNT(escapes); i++) {
        struct scene scene;
        set_up(&scene);
        scene.cancel_on_ready = true;
        run(&scene, escapes[i], "30", NULL);
        assert_int_equal(ESC_ENDING_CANCELLED, scene.record.ending);
        assert_int_equal(0, survivors_count(scene.mark)); /* at once: the record is written last */
        tear_down(&scene);
    }
}

static void a_timeout_leaves_no_process(void **)
{
    struct esc_helper_options soon = {.timeout_ms = 150};
    for (size_t i = 0; i < ESC_COUNT(escapes); i++) {
        struct scene scene;
        set_up(&scene);
        run(&scene, escapes[i], "30", &soon);
        assert_int_equal(ESC_ENDING_TIMED_OUT, scene.record.ending);
        assert_int_equal(0, survivors_count(scene.mark));
        tear_down(&scene);
    }
}

static void what_outlives_its_leader_is_ended_and_told(void **)
{
    const char *const modes[] = {"leader-exits", "leader-exits-daemon"};
    for (size_t i = 0; i < ESC_COUNT(modes); i++) {
        struct scene scene;
        set_up(&scene);
        run(&scene, modes[i], "-", NULL);
        assert_int_equal(ESC_ENDING_EXITED, scene.record.ending);
        assert_int_equal(0, scene.record.exit_code);
        assert_true(scene.record.leaked);
        assert_int_equal(0, survivors_count(scene.mark));
        tear_down(&scene);
    }
}

static void a_gentle_end_is_given_its_time(void **)
{
    struct scene scene;
    set_up(&scene);
    scene.cancel_on_ready = true;
    scene.grace_ms = PATIENCE_MS;
    run(&scene, "trap", "-", NULL);
    assert_int_equal(ESC_ENDING_CANCELLED, scene.record.ending);
    assert_int_equal(7, scene.record.exit_code);
    expect_on_disk(&scene, ESC_STREAM_OUT, 0, ESC_STR("ready\ncleaned up\n"));
    tear_down(&scene);
}

static enum esc_attempt_trace trace_of(const struct scene *scene)
{
    const struct esc_attempt attempt = {scene->folder, "stop", 1};
    enum esc_attempt_trace trace;
    expect_ok(esc_attempt_look(&attempt, &trace, &err));
    return trace;
}

static void attach(struct scene *scene)
{
    struct esc_helper_options options = options_of(scene, NULL);
    expect_ok(esc_helper_attach(scene->loop, &options, &scene->helper, &err));
}

/* What "count-late" and "flood-late" wait for; their attempt is not over before. */
static void let_it_go(void *context)
{
    const struct scene *scene = context;
    assert_false(scene->over);
    ESC_CLEANUP(esc_freep) char *go = esc_path_join(scene->folder, "late-go");
    const int fd = open(go, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    (void)close(fd);
}

static void a_command_is_finished_though_its_caller_dies(void **)
{
    struct scene scene;
    set_up(&scene);
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(scene.folder, "late");
    pid_t caller = fork();
    if (caller == 0) {
        start(&scene, "count-late", path, NULL);
        _exit(0); /* no farewell */
    }
    int status;
    assert_int_equal(caller, waitpid(caller, &status, 0));
    assert_int_equal(ESC_TRACE_RUNNING, trace_of(&scene));
    attach(&scene);
    let_it_go(&scene);
    assert_true(esc_loop_run_until(scene.loop, is_over, &scene));
    assert_int_equal(ESC_ENDING_EXITED, scene.record.ending);
    assert_int_equal(0, scene.record.exit_code);
    assert_int_equal(strlen("counted\n"), scene.record.out_kept);
    assert_int_equal(ESC_TRACE_ENDED, trace_of(&scene));
    tear_down(&scene);
}

static void an_abandoned_attempt_goes_on_and_can_be_cancelled_later(void **)
{
    struct scene scene;
    set_up(&scene);
    start(&scene, "deaf", "-", NULL);
    esc_helper_abandon(scene.helper);
    while (survivors_count(scene.mark) < 2) /* the victim and its child are up */
        (void)usleep(5000);
    assert_int_equal(ESC_TRACE_RUNNING, trace_of(&scene));
    attach(&scene);
    esc_helper_cancel(scene.helper);
    assert_true(esc_loop_run_until(scene.loop, is_over, &scene));
    assert_int_equal(ESC_ENDING_CANCELLED, scene.record.ending);
    assert_int_equal(0, survivors_count(scene.mark));
    tear_down(&scene);
}

static void what_was_never_started_cannot_be_attached_to(void **)
{
    struct scene scene;
    set_up(&scene);
    struct esc_helper_options options = options_of(&scene, NULL);
    expect_status(ESC_NOT_FOUND, esc_helper_attach(scene.loop, &options, &scene.helper, &err));
    tear_down(&scene);
}

/* With a lock to hold, but nothing to do: no record, and an orderly end. */
static void a_helper_without_a_job_ends_in_order(void **)
{
    const pid_t child = fork();
    if (child == 0) {
        for (int fd = 3; fd < 16; fd++)
            (void)close(fd);
        const int lock = open("/dev/null", O_RDWR | O_CLOEXEC);
        (void)dup2(lock, ESC_HANDOVER_LOCK_FD);
        (void)close(lock);
        (void)execl(ESCHER_RUN, "escher-run", (char *)NULL);
        _exit(127);
    }
    int status = 0;
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_true(WIFEXITED(status));
    assert_int_equal(2, WEXITSTATUS(status));
}

static pid_t helper_pid(const struct scene *scene)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(scene->folder, "stop-1.live");
    struct esc_buf text;
    struct esc_str rest, word;
    uint64_t pid = 0;
    esc_buf_init(&text, 100);
    for (int i = 0; pid == 0 && i < PATIENCE_MS; i++) { /* it signs as soon as it is up */
        (void)usleep(1000);
        esc_buf_reset(&text);
        expect_ok(esc_file_read(path, &text, &err));
        rest = esc_buf_str(&text);
        if (rest.len > 0 && esc_str_next(&rest, ' ', &word))
            assert_true(esc_num_u64(word, &pid));
    }
    esc_buf_done(&text);
    return (pid_t)pid;
}

static void a_helper_that_is_killed_leaves_a_lost_attempt(void **)
{
    struct scene scene;
    set_up(&scene);
    start(&scene, "drip", "100000", NULL);
    assert_int_equal(0, kill(helper_pid(&scene), SIGKILL));
    assert_true(esc_loop_run_until(scene.loop, is_over, &scene));
    assert_int_equal(ESC_ENDING_LOST, scene.record.ending);
    for (int i = 0; trace_of(&scene) == ESC_TRACE_RUNNING && i < PATIENCE_MS; i++)
        (void)usleep(1000); /* a child between fork and exec still has all descriptors */
    assert_int_equal(ESC_TRACE_LOST, trace_of(&scene));
    assert_int_equal(0, survivors_after(scene.mark, PATIENCE_MS)); /* its pipe has broken */
    tear_down(&scene);
}

/* Waits until the helper has signed for its command as well. */
static void wait_for_command(const struct scene *scene)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(scene->folder, "stop-1.live");
    struct esc_buf text;
    size_t first = SIZE_MAX, second = SIZE_MAX;
    esc_buf_init(&text, 256);
    for (int i = 0; second == SIZE_MAX && i < PATIENCE_MS; i++) {
        (void)usleep(1000);
        esc_buf_reset(&text);
        expect_ok(esc_file_read(path, &text, &err));
        first = esc_str_find(esc_buf_str(&text), ESC_STR("\n"), 0);
        if (first != SIZE_MAX)
            second = esc_str_find(esc_buf_str(&text), ESC_STR("\n"), first + 1);
    }
    esc_buf_done(&text);
    assert_true(second != SIZE_MAX);
}

static void an_attempt_is_not_over_while_its_command_lives(void **)
{
    struct scene scene;
    struct esc_buf ledger;
    set_up(&scene);
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(scene.folder, "late");
    start(&scene, "count-late", path, NULL);
    pid_t helper = helper_pid(&scene);
    wait_for_command(&scene);
    assert_int_equal(0, kill(helper, SIGKILL));
    (void)esc_timer_start(scene.loop, 300, let_it_go, &scene);
    assert_true(esc_loop_run_until(scene.loop, is_over, &scene));
    assert_int_equal(ESC_ENDING_LOST, scene.record.ending);
    esc_buf_init(&ledger, 100);
    expect_ok(esc_file_read(path, &ledger, &err)); /* whoever looks now sees what it has done */
    assert_string_equal("x", esc_buf_text(&ledger));
    esc_buf_done(&ledger);
    tear_down(&scene);
}

/* On a machine so busy that the helper gets next to no time once its command has ended. */
static void what_was_said_is_kept_however_late_it_is_read(void **)
{
    enum {
        SAID = 200'000,
    };
    struct scene scene;
    set_up(&scene);
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(scene.folder, "late");
    start(&scene, "flood-late", path, NULL);
    const pid_t helper = helper_pid(&scene);
    wait_for_command(&scene);
    assert_int_equal(0, kill(helper, SIGSTOP));
    let_it_go(&scene);
    assert_int_equal(0, survivors_after(scene.mark, PATIENCE_MS));
    for (int i = 0; i < 6; i++) {
        assert_int_equal(0, kill(helper, SIGCONT));
        (void)usleep(100);
        assert_int_equal(0, kill(helper, SIGSTOP));
        (void)usleep(2 * 1000 * ESC_PROCESS_LEAK_MS);
    }
    assert_int_equal(0, kill(helper, SIGCONT));
    assert_true(esc_loop_run_until(scene.loop, is_over, &scene));
    assert_int_equal(ESC_ENDING_EXITED, scene.record.ending);
    assert_int_equal(SAID, scene.record.out_kept);
    assert_int_equal(SAID, scene.record.err_kept);
    assert_false(scene.record.leaked);
    tear_down(&scene);
}

static void a_command_without_its_helper_can_be_cancelled(void **)
{
    struct scene scene;
    set_up(&scene);
    start(&scene, "stay", "-", NULL);
    pid_t helper = helper_pid(&scene);
    wait_for_command(&scene);
    assert_int_equal(0, kill(helper, SIGKILL));
    esc_helper_cancel(scene.helper);
    assert_true(esc_loop_run_until(scene.loop, is_over, &scene));
    assert_int_equal(ESC_ENDING_LOST, scene.record.ending);
    assert_int_equal(0, survivors_after(scene.mark, PATIENCE_MS));
    tear_down(&scene);
}

static void nothing_of_a_secret_or_of_the_output_can_be_seen(void **)
{
    struct scene scene;
    struct esc_command command;
    set_up(&scene);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *secret = esc_secret_of_text("hush-hush");
    victim_command(&command, &scene, "audit", "-");
    esc_command_secret(&command, "SECRET", secret);
    int fd = -1;
    expect_ok(esc_file_memfd("passed", ESC_STR("text"), &fd, &err));
    esc_command_pass(&command, fd, 3);
    struct esc_helper_options options = options_of(&scene, &command);
    expect_ok(esc_helper_start(scene.loop, &options, &scene.helper, &err));
    esc_command_done(&command);
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf("/proc/%d/cmdline", (int)helper_pid(&scene));
    struct esc_buf text;
    esc_buf_init(&text, MAX_SEEN);
    if (esc_file_read(path, &text, NULL) == ESC_OK && text.len > 0)
        assert_string_equal("escher-run", esc_buf_text(&text));
    assert_true(esc_loop_run_until(scene.loop, is_over, &scene));
    expect_contains("env SECRET=hush-hush\n", esc_buf_text(&scene.seen[ESC_STREAM_OUT]));
    expect_contains("fd 3 /memfd:pa\nfd 10 /", esc_buf_text(&scene.seen[ESC_STREAM_OUT]));
    expect_contains("signals blocked 0 ignored 0\numask 077\ncwd /\nsession own\n",
                    esc_buf_text(&scene.seen[ESC_STREAM_OUT]));
    const char *const ends[] = {"live", "out", "err", "exit"};
    for (size_t i = 0; i < ESC_COUNT(ends); i++) {
        ESC_CLEANUP(esc_freep) char *file = esc_sprintf("%s/stop-1.%s", scene.folder, ends[i]);
        esc_buf_reset(&text);
        expect_ok(esc_file_read(file, &text, &err));
        assert_true(text.len > 0);
        assert_false(esc_str_contains(esc_buf_str(&text), ESC_STR("hush")));
        assert_false(esc_str_contains(esc_buf_str(&text), ESC_STR("signals blocked")));
        assert_false(esc_str_contains(esc_buf_str(&text), ESC_STR("exited")));
    }
    esc_buf_done(&text);
    tear_down(&scene);
}

static void a_caller_who_does_not_read_never_holds_up_the_command(void **)
{
    enum {
        MUCH = 20'000'000,
    };
    struct scene scene;
    set_up(&scene);
    start(&scene, "flood", "20000000", NULL);
    for (int i = 0; trace_of(&scene) != ESC_TRACE_ENDED && i < PATIENCE_MS; i++)
        (void)usleep(10 * 1000); /* the loop is not turned */
    assert_int_equal(ESC_TRACE_ENDED, trace_of(&scene));
    assert_true(esc_loop_run_until(scene.loop, is_over, &scene));
    assert_int_equal(MUCH, scene.record.out_bytes);
    assert_int_equal(MUCH, scene.record.out_kept);
    assert_true(scene.gaps > 0);
    assert_int_equal(MUCH, scene.gaps + scene.seen[ESC_STREAM_OUT].len);
    struct esc_buf text;
    bool finished = false;
    const struct esc_attempt attempt = {scene.folder, "stop", 1};
    esc_buf_init(&text, MAX_SEEN);
    expect_ok(esc_attempt_read_output(&attempt, scene.run_key, ESC_STREAM_OUT, 0, &text, &finished,
                                      &err));
    assert_int_equal(MUCH, text.len);
    for (size_t i = 0; i < text.len; i += 8191)
        assert_int_equal('a' + i % 8192 % 26, text.ptr[i]);
    esc_buf_done(&text);
    tear_down(&scene);
}

static void more_than_the_ceiling_is_counted_and_not_kept(void **)
{
    struct scene scene;
    set_up(&scene);
    run(&scene, "flood", "300000", &(struct esc_helper_options){.max_output = 1000});
    assert_int_equal(0, scene.record.exit_code);
    assert_int_equal(300000, scene.record.out_bytes);
    assert_int_equal(1000, scene.record.out_kept);
    assert_true(scene.record.over_limit);
    expect_on_disk(&scene, ESC_STREAM_OUT, 995,
                   esc_str_slice(ESC_STR("abcdefghijklmnopqrstuvwxyz"), 995 % 26, 995 % 26 + 5));
    tear_down(&scene);
}

static void a_disk_that_is_full_does_not_end_the_command(void **)
{
    struct scene scene;
    struct rlimit old;
    set_up(&scene);
    assert_int_equal(0, getrlimit(RLIMIT_FSIZE, &old));
    const struct rlimit small = {.rlim_cur = 20'000, .rlim_max = old.rlim_max};
    assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &small)); /* as near as a test gets */
    start(&scene, "flood", "300000", NULL);
    assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &old));
    assert_true(esc_loop_run_until(scene.loop, is_over, &scene));
    assert_int_equal(ESC_ENDING_EXITED, scene.record.ending);
    assert_int_equal(0, scene.record.exit_code);
    assert_true(scene.record.output_lost);
    assert_int_equal(300000, scene.record.out_bytes);
    assert_true(scene.record.out_kept < 20'000);
    tear_down(&scene);
}

static void no_descriptor_is_left_over(void **)
{
    struct scene scene;
    size_t before = survivors_descriptors();
    for (int i = 0; i < 3; i++) {
        set_up(&scene);
        run(&scene, "both", "x", NULL);
        tear_down(&scene);
    }
    assert_int_equal(before, survivors_descriptors());
}

static void it_is_not_started_by_hand(void **)
{
    ESC_CLEANUP(esc_freep) char *line = esc_sprintf("%s 6>&- 2>/dev/null", ESCHER_RUN);
    pid_t pid = fork();
    if (pid == 0) {
        (void)execl("/bin/sh", "sh", "-c", line, (char *)NULL);
        _exit(99);
    }
    int status;
    assert_int_equal(pid, waitpid(pid, &status, 0));
    assert_int_equal(2, WEXITSTATUS(status));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_end_and_both_streams_are_told_live_and_kept),
        cmocka_unit_test(when_output_came_is_kept_and_may_end_early),
        cmocka_unit_test(a_death_by_signal_is_told),
        cmocka_unit_test(no_attempt_is_started_twice),
        cmocka_unit_test(a_command_that_cannot_start_is_on_record),
        cmocka_unit_test(without_a_helper_nothing_has_been_started),
        cmocka_unit_test(a_cancel_leaves_no_process),
        cmocka_unit_test(a_timeout_leaves_no_process),
        cmocka_unit_test(what_outlives_its_leader_is_ended_and_told),
        cmocka_unit_test(a_gentle_end_is_given_its_time),
        cmocka_unit_test(a_command_is_finished_though_its_caller_dies),
        cmocka_unit_test(an_abandoned_attempt_goes_on_and_can_be_cancelled_later),
        cmocka_unit_test(what_was_never_started_cannot_be_attached_to),
        cmocka_unit_test(a_helper_without_a_job_ends_in_order),
        cmocka_unit_test(a_helper_that_is_killed_leaves_a_lost_attempt),
        cmocka_unit_test(an_attempt_is_not_over_while_its_command_lives),
        cmocka_unit_test(what_was_said_is_kept_however_late_it_is_read),
        cmocka_unit_test(a_command_without_its_helper_can_be_cancelled),
        cmocka_unit_test(nothing_of_a_secret_or_of_the_output_can_be_seen),
        cmocka_unit_test(a_caller_who_does_not_read_never_holds_up_the_command),
        cmocka_unit_test(more_than_the_ceiling_is_counted_and_not_kept),
        cmocka_unit_test(a_disk_that_is_full_does_not_end_the_command),
        cmocka_unit_test(no_descriptor_is_left_over),
        cmocka_unit_test(it_is_not_started_by_hand),
    };
    return cmocka_run_group_tests_name("exec/helper", tests, NULL, NULL);
}
