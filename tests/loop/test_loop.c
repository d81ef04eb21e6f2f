/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/loop/loop.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "escher/loop/timer.h"
#include "tests/support/test.h"

static struct esc_error err;

struct bench {
    struct esc_loop *loop;
    int fds[2]; /* a connected pair of sockets */
    struct esc_watch *watch;
    unsigned seen; /* events */
    int calls;
    char byte;
};

static int set_up(void **state)
{
    struct bench *bench = esc_alloc_zero(sizeof *bench);
    expect_ok(esc_loop_new(&bench->loop, &err));
    assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, bench->fds));
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    esc_loop_free(bench->loop);
    for (int i = 0; i < 2; i++)
        if (bench->fds[i] >= 0)
            close(bench->fds[i]);
    free(bench);
    return 0;
}

static void count(void *context)
{
    ((struct bench *)context)->calls++;
}

static void posts_run_in_the_next_turn(void **state)
{
    struct bench *bench = *state;
    esc_loop_post(bench->loop, count, bench);
    assert_int_equal(0, bench->calls);
    expect_ok(esc_loop_run(bench->loop, &err));
    assert_int_equal(1, bench->calls);
}

/* As a loop around ours would: waits as it is told, then turns ours. */
static void one_turn_from_outside(struct esc_loop *loop)
{
    struct pollfd look = {.fd = esc_loop_fd(loop), .events = POLLIN};
    (void)poll(&look, 1,
               esc_loop_wait_ms(loop)); /* how it ends says nothing that turning does not */
    esc_loop_turn(loop);
}

static void it_turns_inside_another_loop(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(-1, esc_loop_wait_ms(bench->loop)); /* nothing to wait for */
    esc_loop_post(bench->loop, count, bench);
    assert_int_equal(0, esc_loop_wait_ms(bench->loop));
    esc_loop_turn(bench->loop);
    assert_int_equal(1, bench->calls);
    (void)esc_timer_start(bench->loop, 20, count, bench);
    while (bench->calls == 1) {
        assert_in_range(esc_loop_wait_ms(bench->loop), 0, 20);
        one_turn_from_outside(bench->loop);
    }
    assert_int_equal(-1, esc_loop_wait_ms(bench->loop));
}

static void post_again(void *context)
{
    struct bench *bench = context;
    if (++bench->calls < 5)
        esc_loop_post(bench->loop, post_again, bench);
}

static void a_post_may_post_again(void **state)
{
    struct bench *bench = *state;
    esc_loop_post(bench->loop, post_again, bench);
    expect_ok(esc_loop_run(bench->loop, &err));
    assert_int_equal(5, bench->calls);
}

enum {
    THREADS = 4,
    POSTS = 250,
};

static void *post_many(void *context)
{
    struct bench *bench = context;
    for (int i = 0; i < POSTS; i++)
        esc_loop_post_threadsafe(bench->loop, count, bench);
    return NULL;
}

static bool all_counted(void *context)
{
    return ((struct bench *)context)->calls == THREADS * POSTS;
}

static void posts_of_other_threads_all_arrive(void **state)
{
    struct bench *bench = *state;
    struct esc_watch *alive = esc_loop_watch(bench->loop, bench->fds[0], ESC_READABLE, NULL, bench);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(0, pthread_create(&threads[i], NULL, post_many, bench));
    assert_true(esc_loop_run_until(bench->loop, all_counted, bench));
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(0, pthread_join(threads[i], NULL));
    esc_watch_close(alive);
}

static void read_one(void *context, unsigned events)
{
    struct bench *bench = context;
    bench->seen = events;
    bench->calls++;
    if (read(bench->fds[0], &bench->byte, 1) != 1)
        bench->byte = '-';
    esc_watch_close(bench->watch);
}

static void a_watch_fires_when_there_is_something_to_read(void **state)
{
    struct bench *bench = *state;
    bench->watch = esc_loop_watch(bench->loop, bench->fds[0], ESC_READABLE, read_one, bench);
    assert_int_equal(1, write(bench->fds[1], "x", 1));
    expect_ok(esc_loop_run(bench->loop, &err));
    assert_int_equal(1, bench->calls);
    assert_int_equal(ESC_READABLE, bench->seen);
    assert_int_equal('x', bench->byte);
}

static void a_hang_up_counts_as_readable(void **state)
{
    struct bench *bench = *state;
    bench->watch = esc_loop_watch(bench->loop, bench->fds[0], ESC_READABLE, read_one, bench);
    close(bench->fds[1]);
    bench->fds[1] = -1;
    expect_ok(esc_loop_run(bench->loop, &err));
    assert_int_equal('-', bench->byte);
}

static void note_events(void *context, unsigned events)
{
    struct bench *bench = context;
    bench->seen |= events;
    if (++bench->calls == 3)
        esc_watch_close(bench->watch);
}

static void an_error_on_a_pipe_reports_again_until_the_watch_is_closed(void **state)
{
    struct bench *bench = *state;
    int ends[2];
    assert_int_equal(0, pipe2(ends, O_NONBLOCK));
    close(ends[0]); /* nobody will ever read: the writing end is in error */
    bench->watch = esc_loop_watch(bench->loop, ends[1], ESC_WRITABLE, note_events, bench);
    expect_ok(esc_loop_run(bench->loop, &err));
    assert_int_equal(3, bench->calls);
    assert_int_equal(ESC_WRITABLE, bench->seen);
    close(ends[1]);
}

static void a_paused_watch_is_silent_and_does_not_hold_the_loop(void **state)
{
    struct bench *bench = *state;
    bench->watch = esc_loop_watch(bench->loop, bench->fds[0], ESC_READABLE, read_one, bench);
    assert_int_equal(1, write(bench->fds[1], "x", 1));
    esc_watch_change(bench->watch, 0);
    expect_ok(esc_loop_run(bench->loop, &err));
    assert_int_equal(0, bench->calls);
    esc_watch_change(bench->watch, ESC_READABLE | ESC_WRITABLE);
    expect_ok(esc_loop_run(bench->loop, &err));
    assert_int_equal(ESC_READABLE | ESC_WRITABLE, bench->seen);
}

static void a_regular_file_cannot_be_watched(void **state)
{
    struct bench *bench = *state;
    int fd = memfd_create("test", 0);
    assert_true(fd >= 0);
    assert_null(esc_loop_watch(bench->loop, fd, ESC_READABLE, read_one, bench));
    close(fd);
}

static void note_signal(void *context, int number)
{
    struct bench *bench = context;
    bench->calls = number;
    esc_loop_stop(bench->loop);
}

static void a_signal_is_handled_on_the_loop(void **state)
{
    struct bench *bench = *state;
    struct esc_signal *handler = NULL;
    expect_ok(esc_loop_on_signal(bench->loop, SIGUSR1, note_signal, bench, &handler, &err));
    struct esc_watch *alive =
        esc_loop_watch(bench->loop, bench->fds[0], ESC_READABLE, read_one, bench);
    assert_int_equal(0, raise(SIGUSR1));
    assert_int_equal(0, bench->calls);
    expect_ok(esc_loop_run(bench->loop, &err));
    assert_int_equal(SIGUSR1, bench->calls);
    esc_watch_close(alive);
    esc_signal_close(handler);
    expect_status(ESC_INVALID,
                  esc_loop_on_signal(bench->loop, SIGKILL, note_signal, bench, &handler, &err));
}

static void stop(void *context)
{
    struct bench *bench = context;
    bench->calls++;
    esc_loop_stop(bench->loop);
}

static void stopping_ends_a_loop_that_is_still_alive(void **state)
{
    struct bench *bench = *state;
    (void)esc_timer_start(bench->loop, 3600 * 1000, count, bench);
    esc_loop_post(bench->loop, stop, bench);
    expect_ok(esc_loop_run(bench->loop, &err));
    assert_int_equal(1, bench->calls);
}

static bool never(void *)
{
    return false;
}

static void waiting_for_what_cannot_come_any_more_ends(void **state)
{
    struct bench *bench = *state;
    (void)esc_timer_start(bench->loop, 0, count, bench);
    assert_false(esc_loop_run_until(bench->loop, never, NULL));
    assert_int_equal(1, bench->calls);
}

static void freeing_the_loop_closes_what_is_open_and_runs_what_is_posted(void **state)
{
    struct bench *bench = *state;
    struct esc_signal *handler = NULL;
    (void)esc_loop_watch(bench->loop, bench->fds[0], ESC_READABLE, read_one, bench);
    expect_ok(esc_loop_on_signal(bench->loop, SIGUSR1, note_signal, bench, &handler, &err));
    esc_loop_post(bench->loop, post_again, bench);
    esc_loop_free(bench->loop);
    bench->loop = NULL;
    assert_int_equal(5, bench->calls);
    esc_loop_free(NULL);
}

struct tenant {
    struct bench *bench;
    struct esc_timer *timer;
};

static void move_out(void *context)
{
    struct tenant *tenant = context;
    esc_timer_stop(&tenant->timer); /* which is still there */
    tenant->bench->calls++;
}

static void freeing_the_loop_finalizes_before_what_came_later_is_closed(void **state)
{
    struct bench *bench = *state;
    struct tenant tenant = {.bench = bench};
    (void)esc_loop_at_end(bench->loop, move_out, &tenant);
    tenant.timer = esc_timer_start(bench->loop, 0, count, bench);
    esc_finalizer_drop(esc_loop_at_end(bench->loop, count, bench));
    esc_loop_free(bench->loop);
    bench->loop = NULL;
    assert_int_equal(1, bench->calls);
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BENCH(posts_run_in_the_next_turn),
        WITH_BENCH(it_turns_inside_another_loop),
        WITH_BENCH(a_post_may_post_again),
        WITH_BENCH(posts_of_other_threads_all_arrive),
        WITH_BENCH(a_watch_fires_when_there_is_something_to_read),
        WITH_BENCH(a_hang_up_counts_as_readable),
        WITH_BENCH(an_error_on_a_pipe_reports_again_until_the_watch_is_closed),
        WITH_BENCH(a_paused_watch_is_silent_and_does_not_hold_the_loop),
        WITH_BENCH(a_regular_file_cannot_be_watched),
        WITH_BENCH(a_signal_is_handled_on_the_loop),
        WITH_BENCH(stopping_ends_a_loop_that_is_still_alive),
        WITH_BENCH(waiting_for_what_cannot_come_any_more_ends),
        WITH_BENCH(freeing_the_loop_closes_what_is_open_and_runs_what_is_posted),
        WITH_BENCH(freeing_the_loop_finalizes_before_what_came_later_is_closed),
    };
    return cmocka_run_group_tests_name("loop/loop", tests, NULL, NULL);
}
