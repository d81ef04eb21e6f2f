/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/loop/timer.h"

#include "escher/base/buf.h"
#include "escher/base/clock.h"
#include "tests/support/test.h"

static struct esc_error err;

struct bench {
    struct esc_loop *loop;
    struct esc_buf order;
    struct esc_timer *other;
};

static int set_up(void **state)
{
    struct bench *bench = esc_alloc_zero(sizeof *bench);
    esc_buf_init(&bench->order, 64);
    expect_ok(esc_loop_new(&bench->loop, &err));
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    esc_loop_free(bench->loop);
    esc_buf_done(&bench->order);
    free(bench);
    return 0;
}

static void first(void *context)
{
    esc_buf_add_char(&((struct bench *)context)->order, '1');
}

static void second(void *context)
{
    esc_buf_add_char(&((struct bench *)context)->order, '2');
}

static void timers_fire_in_the_order_of_their_deadlines(void **state)
{
    struct bench *bench = *state;
    const uint64_t before_ms = esc_clock_monotonic_ms(esc_clock_system());
    (void)esc_timer_start(bench->loop, 30, second, bench);
    (void)esc_timer_start(bench->loop, 1, first, bench);
    expect_ok(esc_loop_run(bench->loop, &err));
    assert_string_equal("12", esc_buf_text(&bench->order));
    assert_true(esc_clock_monotonic_ms(esc_clock_system()) - before_ms >= 28);
}

static void a_timer_of_zero_fires_after_the_call_returned(void **state)
{
    struct bench *bench = *state;
    (void)esc_timer_start(bench->loop, 0, first, bench);
    assert_string_equal("", esc_buf_text(&bench->order));
    expect_ok(esc_loop_run(bench->loop, &err));
    assert_string_equal("1", esc_buf_text(&bench->order));
}

static void a_cancelled_timer_never_fires(void **state)
{
    struct bench *bench = *state;
    struct esc_timer *timer = esc_timer_start(bench->loop, 0, first, bench);
    esc_timer_stop(&timer);
    assert_null(timer);
    esc_timer_stop(&timer);
    esc_timer_cancel(NULL);
    expect_ok(esc_loop_run(bench->loop, &err));
    assert_string_equal("", esc_buf_text(&bench->order));
}

static void cancel_the_other(void *context)
{
    struct bench *bench = context;
    esc_timer_stop(&bench->other);
    first(bench);
}

static void a_timer_may_cancel_another_that_is_due_in_the_same_turn(void **state)
{
    struct bench *bench = *state;
    (void)esc_timer_start(bench->loop, 0, cancel_the_other, bench);
    bench->other = esc_timer_start(bench->loop, 0, second, bench);
    expect_ok(esc_loop_run(bench->loop, &err));
    assert_string_equal("1", esc_buf_text(&bench->order));
}

static void freeing_the_loop_ends_pending_timers(void **state)
{
    struct bench *bench = *state;
    (void)esc_timer_start(bench->loop, 3600 * 1000, first, bench);
    esc_loop_free(bench->loop);
    bench->loop = NULL;
    assert_string_equal("", esc_buf_text(&bench->order));
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BENCH(timers_fire_in_the_order_of_their_deadlines),
        WITH_BENCH(a_timer_of_zero_fires_after_the_call_returned),
        WITH_BENCH(a_cancelled_timer_never_fires),
        WITH_BENCH(a_timer_may_cancel_another_that_is_due_in_the_same_turn),
        WITH_BENCH(freeing_the_loop_ends_pending_timers),
    };
    return cmocka_run_group_tests_name("loop/timer", tests, NULL, NULL);
}
