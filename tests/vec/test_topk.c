/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/vec/topk.h"

#include <math.h>

#include "escher/base/id.h"
#include "tests/support/test.h"

static void equal_scores_are_ordered_by_index(void **)
{
    struct esc_hit hits[3];
    struct esc_topk topk;
    esc_topk_init(&topk, hits, 3);
    const size_t arrivals[] = {4, 2, 9, 1, 7};
    for (size_t i = 0; i < ESC_COUNT(arrivals); i++)
        (void)esc_topk_offer(&topk, 0.5f, arrivals[i]);
    esc_topk_sort(&topk);
    assert_int_equal(3, topk.count);
    assert_int_equal(1, hits[0].index);
    assert_int_equal(2, hits[1].index);
    assert_int_equal(4, hits[2].index);
}

static void an_offer_tells_whether_it_was_kept(void **)
{
    struct esc_hit hits[1];
    struct esc_topk topk;
    esc_topk_init(&topk, hits, 1);
    assert_true(esc_topk_offer(&topk, 0.1f, 0));
    assert_false(esc_topk_offer(&topk, 0.1f, 1));
    assert_true(esc_topk_offer(&topk, 0.2f, 2));
    assert_false(esc_topk_offer(&topk, 0.1f, 3));
    assert_int_equal(2, hits[0].index);
}

static void nan_is_never_kept(void **)
{
    struct esc_hit hits[2];
    struct esc_topk topk;
    esc_topk_init(&topk, hits, 2);
    assert_false(esc_topk_offer(&topk, NAN, 0));
    assert_true(esc_topk_offer(&topk, -INFINITY, 1));
    assert_false(esc_topk_offer(&topk, NAN, 2));
    esc_topk_sort(&topk);
    assert_int_equal(1, topk.count);
}

static void a_limit_of_zero_keeps_nothing(void **)
{
    struct esc_topk topk;
    esc_topk_init(&topk, NULL, 0);
    assert_false(esc_topk_offer(&topk, 1, 0));
    esc_topk_sort(&topk);
    assert_int_equal(0, topk.count);
}

enum {
    MANY = 200
};

/* The place of entry i in the full order, counted the slow way. */
static size_t rank_of(const struct esc_hit *all, size_t i)
{
    size_t before = 0;
    for (size_t j = 0; j < MANY; j++)
        before += esc_hit_before(all[j], all[i]);
    return before;
}

static void it_keeps_what_a_full_sort_would_put_first(void **)
{
    struct esc_random_seeded random;
    esc_random_seeded_init(&random, 7);
    for (size_t limit = 1; limit <= MANY + 1; limit += 1 + limit / 3) {
        struct esc_hit all[MANY], kept[MANY + 1];
        struct esc_topk topk;
        esc_topk_init(&topk, kept, limit);
        for (size_t i = 0; i < MANY; i++) { /* few different scores, so many are equal */
            all[i] = (struct esc_hit){(float)esc_random_below(&random.random, 40), i};
            (void)esc_topk_offer(&topk, all[i].score, i);
        }
        esc_topk_sort(&topk);
        assert_int_equal(limit < MANY ? limit : MANY, topk.count);
        for (size_t i = 0; i < topk.count; i++)
            assert_int_equal(i, rank_of(all, kept[i].index));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_scores_are_ordered_by_index),
        cmocka_unit_test(an_offer_tells_whether_it_was_kept),
        cmocka_unit_test(nan_is_never_kept),
        cmocka_unit_test(a_limit_of_zero_keeps_nothing),
        cmocka_unit_test(it_keeps_what_a_full_sort_would_put_first),
    };
    return cmocka_run_group_tests_name("vec/topk", tests, NULL, NULL);
}
