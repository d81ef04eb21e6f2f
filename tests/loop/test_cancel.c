/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/loop/cancel.h"

#include "tests/support/test.h"

static struct esc_error err;

static int set_up(void **state)
{
    struct esc_loop *loop = NULL;
    expect_ok(esc_loop_new(&loop, &err));
    *state = loop;
    return 0;
}

static int tear_down(void **state)
{
    esc_loop_free(*state);
    return 0;
}

static void count(void *context)
{
    ++*(int *)context;
}

static void a_request_calls_every_hook_once_and_later(void **state)
{
    struct esc_loop *loop = *state;
    ESC_CLEANUP(esc_cancel_unrefp) struct esc_cancel *cancel = esc_cancel_new(loop);
    int calls = 0;
    (void)esc_cancel_on_request(cancel, count, &calls);
    (void)esc_cancel_on_request(cancel, count, &calls);
    assert_false(esc_cancel_is_requested(cancel));
    esc_cancel_request(cancel);
    esc_cancel_request(cancel);
    assert_true(esc_cancel_is_requested(cancel));
    assert_int_equal(0, calls);
    expect_ok(esc_loop_run(loop, &err));
    assert_int_equal(2, calls);
}

static void a_hook_on_a_requested_token_fires_in_the_next_turn(void **state)
{
    struct esc_loop *loop = *state;
    ESC_CLEANUP(esc_cancel_unrefp) struct esc_cancel *cancel = esc_cancel_new(loop);
    esc_cancel_request(cancel);
    expect_ok(esc_loop_run(loop, &err));
    int calls = 0;
    (void)esc_cancel_on_request(cancel, count, &calls);
    assert_int_equal(0, calls);
    expect_ok(esc_loop_run(loop, &err));
    assert_int_equal(1, calls);
}

static void a_forgotten_hook_never_fires(void **state)
{
    struct esc_loop *loop = *state;
    struct esc_cancel *cancel = esc_cancel_new(loop);
    int forgotten = 0, kept = 0;
    struct esc_cancel_hook *hook = esc_cancel_on_request(cancel, count, &forgotten);
    (void)esc_cancel_on_request(cancel, count, &kept);
    esc_cancel_request(cancel);
    esc_cancel_forget(hook);
    esc_cancel_unref(cancel); /* the pending hook keeps the token */
    expect_ok(esc_loop_run(loop, &err));
    assert_int_equal(0, forgotten);
    assert_int_equal(1, kept);
}

static void no_token_is_never_requested(void **)
{
    assert_false(esc_cancel_is_requested(NULL));
    assert_null(esc_cancel_ref(NULL));
    esc_cancel_unref(NULL);
    esc_cancel_forget(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_request_calls_every_hook_once_and_later, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_hook_on_a_requested_token_fires_in_the_next_turn, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_forgotten_hook_never_fires, set_up, tear_down),
        cmocka_unit_test(no_token_is_never_requested),
    };
    return cmocka_run_group_tests_name("loop/cancel", tests, NULL, NULL);
}
