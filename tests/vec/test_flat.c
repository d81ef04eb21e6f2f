/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/vec/flat.h"

#include <math.h>

#include "escher/base/id.h"
#include "tests/support/test.h"

enum {
    ROWS = 150,
    DIMENSIONS = 384
};

static float rows[ROWS * DIMENSIONS], query[DIMENSIONS];
static int8_t bytes[ROWS * DIMENSIONS];
static float scales[ROWS];
static struct esc_flat flat = {.f32 = rows, .count = ROWS, .dimensions = DIMENSIONS};
static struct esc_flat small = {
    .s8 = bytes, .scales = scales, .count = ROWS, .dimensions = DIMENSIONS};

static void fill_unit(float *vector, struct esc_random_seeded *random)
{
    float squares = 0;
    for (size_t i = 0; i < DIMENSIONS; i++) {
        vector[i] = (float)esc_random_below(&random->random, 2001) - 1000;
        squares += vector[i] * vector[i];
    }
    for (size_t i = 0; i < DIMENSIONS; i++)
        vector[i] /= sqrtf(squares);
}

static int make_rows(void **)
{
    struct esc_random_seeded random;
    esc_random_seeded_init(&random, 11);
    for (size_t r = 0; r < ROWS; r++) {
        fill_unit(rows + r * DIMENSIONS, &random);
        scales[r] = esc_flat_quantise(rows + r * DIMENSIONS, DIMENSIONS, bytes + r * DIMENSIONS);
    }
    fill_unit(query, &random);
    return 0;
}

static double cosine(size_t row)
{
    double sum = 0;
    for (size_t i = 0; i < DIMENSIONS; i++)
        sum += (double)rows[row * DIMENSIONS + i] * (double)query[i];
    return sum;
}

static void every_row_is_scored_by_its_cosine(void **)
{
    struct esc_hit hits[ROWS];
    assert_int_equal(ROWS, esc_flat_search(&flat, query, NULL, ROWS, hits));
    for (size_t i = 0; i < ROWS; i++)
        assert_true(fabs(cosine(hits[i].index) - (double)hits[i].score) < 1e-6);
    for (size_t i = 1; i < ROWS; i++)
        assert_true(esc_hit_before(hits[i - 1], hits[i]));
}

static void rows_of_bytes_score_nearly_the_same(void **)
{
    struct esc_hit hits[ROWS];
    assert_int_equal(ROWS, esc_flat_search(&small, query, NULL, ROWS, hits));
    for (size_t i = 0; i < ROWS; i++)
        assert_true(fabs(cosine(hits[i].index) - (double)hits[i].score) < 2e-3);
}

static void all_kernels_score_rows_of_bytes_to_the_same_bits(void **)
{
    struct esc_hit plain[ROWS], fast[ROWS];
    struct esc_flat with_scalar = small;
    with_scalar.kernel = esc_kernel_named("scalar");
    (void)esc_flat_search(&with_scalar, query, NULL, ROWS, plain);
    (void)esc_flat_search(&small, query, NULL, ROWS, fast);
    for (size_t i = 0; i < ROWS; i++) {
        assert_int_equal(plain[i].index, fast[i].index);
        assert_memory_equal(&plain[i].score, &fast[i].score, sizeof plain[i].score);
    }
}

static void a_row_finds_itself_first(void **)
{
    for (size_t r = 0; r < ROWS; r++) {
        struct esc_hit hit;
        assert_int_equal(1, esc_flat_search(&flat, rows + r * DIMENSIONS, NULL, 1, &hit));
        assert_int_equal(r, hit.index);
        assert_int_equal(1, esc_flat_search(&small, rows + r * DIMENSIONS, NULL, 1, &hit));
        assert_int_equal(r, hit.index);
    }
}

static void only_rows_of_the_filter_are_found_and_always_the_best_of_them(void **)
{
    struct esc_hit all[ROWS], some[ROWS];
    const uint64_t filter[] = {0x8000000000000001, 0, UINT64_MAX}; /* rows 0, 63, 128 .. 149 */
    (void)esc_flat_search(&flat, query, NULL, ROWS, all);
    size_t count = esc_flat_search(&flat, query, filter, ROWS, some);
    assert_int_equal(2 + ROWS - 128, count);
    for (size_t i = 0, next = 0; i < ROWS; i++) {
        size_t row = all[i].index;
        if (filter[row / 64] >> row % 64 & 1)
            assert_int_equal(row, some[next++].index);
    }
    assert_int_equal(3, esc_flat_search(&flat, query, filter, 3, some));
}

static void no_rows_and_an_empty_filter_give_no_hits(void **)
{
    struct esc_hit hit;
    const uint64_t none[3] = {0};
    assert_int_equal(0, esc_flat_search(&flat, query, none, 1, &hit));
    assert_int_equal(0, esc_flat_search(&flat, query, NULL, 0, &hit));
    struct esc_flat empty = flat;
    empty.count = 0;
    assert_int_equal(0, esc_flat_search(&empty, query, NULL, 1, &hit));
}

static void a_row_of_nan_is_never_found(void **)
{
    struct esc_hit hits[ROWS];
    float kept = rows[5 * DIMENSIONS];
    rows[5 * DIMENSIONS] = NAN;
    size_t count = esc_flat_search(&flat, query, NULL, ROWS, hits);
    rows[5 * DIMENSIONS] = kept;
    assert_int_equal(ROWS - 1, count);
    for (size_t i = 0; i < count; i++)
        assert_int_not_equal(5, hits[i].index);
}

static void rounding_to_bytes_uses_the_whole_range(void **)
{
    const float vector[] = {-2, 1, 0, 2};
    int8_t out[4];
    assert_true(fabsf(esc_flat_quantise(vector, 4, out) - 2.0f / 127) < 1e-8f);
    assert_int_equal(-127, out[0]);
    assert_int_equal(64, out[1]); /* 63.5 */
    assert_int_equal(0, out[2]);
    assert_int_equal(127, out[3]);
    assert_true(esc_flat_quantise((const float[4]){0}, 4, out) == 0);
    assert_int_equal(0, out[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_scored_by_its_cosine),
        cmocka_unit_test(rows_of_bytes_score_nearly_the_same),
        cmocka_unit_test(all_kernels_score_rows_of_bytes_to_the_same_bits),
        cmocka_unit_test(a_row_finds_itself_first),
        cmocka_unit_test(only_rows_of_the_filter_are_found_and_always_the_best_of_them),
        cmocka_unit_test(no_rows_and_an_empty_filter_give_no_hits),
        cmocka_unit_test(a_row_of_nan_is_never_found),
        cmocka_unit_test(rounding_to_bytes_uses_the_whole_range),
    };
    return cmocka_run_group_tests_name("vec/flat", tests, make_rows, NULL);
}
