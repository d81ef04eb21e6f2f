/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/loop/backoff.h"

#include "tests/support/test.h"

static const struct esc_backoff policy = {.base_ms = 100, .max_ms = 1000};

static void the_ceiling_doubles_up_to_the_cap(void **)
{
    const uint64_t expected[] = {100, 200, 400, 800, 1000, 1000};
    for (unsigned i = 0; i < ESC_COUNT(expected); i++)
        assert_int_equal(expected[i], esc_backoff_ms(&policy, i, NULL));
    assert_int_equal(1000, esc_backoff_ms(&policy, UINT32_MAX, NULL));
}

static void waits_lie_anywhere_between_nothing_and_the_ceiling(void **)
{
    struct esc_random_seeded seeded;
    esc_random_seeded_init(&seeded, 7);
    uint64_t least = UINT64_MAX, most = 0;
    for (int i = 0; i < 2000; i++) {
        uint64_t wait_ms = esc_backoff_ms(&policy, 1, &seeded.random);
        assert_true(wait_ms <= 200);
        least = wait_ms < least ? wait_ms : least;
        most = wait_ms > most ? wait_ms : most;
    }
    assert_true(least < 10 && most > 190);
}

static void huge_and_empty_policies_do_not_overflow(void **)
{
    struct esc_random_seeded seeded;
    esc_random_seeded_init(&seeded, 7);
    const struct esc_backoff huge = {.base_ms = UINT64_MAX - 1, .max_ms = UINT64_MAX};
    assert_int_equal(UINT64_MAX, esc_backoff_ms(&huge, 5, &seeded.random));
    const struct esc_backoff none = {0};
    assert_int_equal(0, esc_backoff_ms(&none, 3, &seeded.random));
    const struct esc_backoff capped = {.base_ms = 500, .max_ms = 20};
    assert_int_equal(20, esc_backoff_ms(&capped, 0, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ceiling_doubles_up_to_the_cap),
        cmocka_unit_test(waits_lie_anywhere_between_nothing_and_the_ceiling),
        cmocka_unit_test(huge_and_empty_policies_do_not_overflow),
    };
    return cmocka_run_group_tests_name("loop/backoff", tests, NULL, NULL);
}
