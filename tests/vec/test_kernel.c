/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every kernel that can run here against the same sums in double, and against itself with other
 * neighbours. Where the CPU lacks a kernel, its cases are simply not among them.
 */
#include "escher/vec/kernel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "escher/base/id.h"
#include "tests/support/test.h"

enum {
    ROWS = 23,
    DEPTH = 100,
    PANELS = 3,
    COLUMNS = PANELS * ESC_PANEL_COLUMNS,
    LONG = 384
};

static const char *const names[] = {"scalar", "avx2"};
static const struct esc_kernel *kernels[ESC_COUNT(names)];
static size_t kernel_count;

static int find_kernels(void **)
{
    if (setenv("ESCHER_KERNEL", "scalar", 1) != 0) /* before anything asks for the default */
        return 1;
    for (size_t i = 0; i < ESC_COUNT(names); i++)
        if (esc_kernel_named(names[i]))
            kernels[kernel_count++] = esc_kernel_named(names[i]);
    return kernel_count == 0;
}

static void fill(float *values, size_t count, uint64_t seed)
{
    struct esc_random_seeded random;
    esc_random_seeded_init(&random, seed);
    for (size_t i = 0; i < count; i++)
        values[i] = (float)esc_random_below(&random.random, 20'001) / 10'000 - 1;
}

static void expect_near(double expected, double actual, double tolerance)
{
    if (!(fabs(expected - actual) <= tolerance))
        fail_msg("%.9g instead of %.9g", actual, expected);
}

static void the_kernel_asked_for_by_name_is_the_one_given(void **)
{
    assert_string_equal("scalar", esc_kernel_named("scalar")->name);
    assert_null(esc_kernel_named("abacus"));
    assert_null(esc_kernel_named(NULL));
}

static void the_environment_names_the_default(void **)
{
    assert_string_equal("scalar", esc_kernel_default()->name);
}

static void a_dot_product_of_floats_is_near_the_exact_one(void **)
{
    float a[LONG], b[LONG];
    fill(a, LONG, 1);
    fill(b, LONG, 2);
    for (size_t count = 0; count <= LONG; count = count < 70 ? count + 1 : count * 2 - 33) {
        double exact = 0;
        for (size_t i = 0; i < count; i++)
            exact += (double)a[i] * (double)b[i];
        for (size_t k = 0; k < kernel_count; k++)
            expect_near(exact, (double)kernels[k]->dot_f32(a, b, count), 1e-5);
    }
}

static void a_dot_product_of_bytes_is_exact(void **)
{
    int8_t a[LONG], b[LONG];
    struct esc_random_seeded random;
    esc_random_seeded_init(&random, 12);
    esc_random_fill(&random.random, a, sizeof a);
    esc_random_fill(&random.random, b, sizeof b);
    for (size_t count = 0; count <= LONG; count++) {
        int32_t exact = 0;
        for (size_t i = 0; i < count; i++)
            exact += a[i] * b[i];
        for (size_t k = 0; k < kernel_count; k++)
            assert_int_equal(exact, kernels[k]->dot_s8(a, b, count));
    }
}

static void extreme_bytes_do_not_saturate(void **)
{
    int8_t low[LONG];
    memset(low, -128, sizeof low);
    for (size_t k = 0; k < kernel_count; k++)
        assert_int_equal(LONG * 128 * 128, kernels[k]->dot_s8(low, low, LONG));
}

static void a_matrix_product_is_near_the_exact_one(void **)
{
    static float rows[ROWS * DEPTH], panels[DEPTH * COLUMNS], bias[COLUMNS], out[ROWS * COLUMNS];
    fill(rows, ESC_COUNT(rows), 3);
    fill(panels, ESC_COUNT(panels), 4);
    fill(bias, ESC_COUNT(bias), 5);
    for (size_t k = 0; k < kernel_count; k++) {
        kernels[k]->matmul(
            &(struct esc_matmul){rows, ROWS, DEPTH, panels, PANELS, DEPTH, bias, out, COLUMNS});
        for (size_t r = 0; r < ROWS; r++)
            for (size_t c = 0; c < COLUMNS; c++) {
                double exact = (double)bias[c];
                for (size_t d = 0; d < DEPTH; d++) {
                    size_t place = (c / ESC_PANEL_COLUMNS * DEPTH + d) * ESC_PANEL_COLUMNS +
                                   c % ESC_PANEL_COLUMNS;
                    exact += (double)rows[r * DEPTH + d] * (double)panels[place];
                }
                expect_near(exact, (double)out[r * COLUMNS + c], 1e-5);
            }
    }
}

static void a_row_of_a_product_does_not_depend_on_how_many_rows_there_are(void **)
{
    static float rows[ROWS * DEPTH], panels[DEPTH * COLUMNS], whole[ROWS * COLUMNS];
    fill(rows, ESC_COUNT(rows), 6);
    fill(panels, ESC_COUNT(panels), 7);
    for (size_t k = 0; k < kernel_count; k++) {
        struct esc_matmul task = {rows, ROWS, DEPTH, panels, PANELS, DEPTH, NULL, whole, COLUMNS};
        kernels[k]->matmul(&task);
        for (size_t first = 0; first < ROWS; first++)
            for (size_t count = 1; first + count <= ROWS; count++) {
                float part[ROWS * COLUMNS];
                task.rows = rows + first * DEPTH;
                task.row_count = count;
                task.out = part;
                kernels[k]->matmul(&task);
                assert_memory_equal(whole + first * COLUMNS, part, count * COLUMNS * sizeof(float));
            }
    }
}

static void gelu_is_near_the_exact_one_from_end_to_end(void **)
{
    for (size_t k = 0; k < kernel_count; k++) {
        float x[2001];
        for (size_t i = 0; i < ESC_COUNT(x); i++)
            x[i] = ((float)i - 1000) / 100;
        kernels[k]->gelu(x, ESC_COUNT(x));
        for (size_t i = 0; i < ESC_COUNT(x); i++) {
            double at = ((double)i - 1000) / 100;
            expect_near(at * 0.5 * (1 + erf(at / sqrt(2))), (double)x[i], 2e-6);
        }
        float far[] = {-1e30f, 1e30f, 0};
        kernels[k]->gelu(far, ESC_COUNT(far));
        expect_near(0, (double)far[0], 0);
        assert_true(far[1] == 1e30f);
        assert_true(far[2] == 0);
    }
}

static void softmax_shares_out_one_whole(void **)
{
    for (size_t k = 0; k < kernel_count; k++)
        for (size_t count = 1; count <= 40; count++) {
            float x[41], given[41];
            fill(given, count + 1, count);
            for (size_t i = 0; i < count; i++)
                given[i] *= 30;
            memcpy(x, given, sizeof x);
            kernels[k]->softmax(x, count);
            double whole = 0;
            for (size_t i = 0; i < count; i++)
                whole += exp((double)given[i]);
            for (size_t i = 0; i < count; i++)
                expect_near(exp((double)given[i]) / whole, (double)x[i], 1e-6);
            assert_true(x[count] == given[count]); /* what lies behind is left alone */
        }
}

static void softmax_bears_any_distance_between_its_values(void **)
{
    for (size_t k = 0; k < kernel_count; k++) {
        float x[] = {-1e30f, 5, -200, 1e4f, -INFINITY};
        kernels[k]->softmax(x, ESC_COUNT(x));
        for (size_t i = 0; i < ESC_COUNT(x); i++)
            expect_near(i == 3, (double)x[i], 1e-30);
    }
}

static void layer_norm_gives_mean_0_and_variance_1_before_scale_and_shift(void **)
{
    float add[LONG], scale[LONG], shift[LONG];
    fill(add, LONG, 8);
    fill(scale, LONG, 9);
    fill(shift, LONG, 10);
    const size_t counts[] = {1, 7, 9, 31, LONG};
    for (size_t n = 0; n < ESC_COUNT(counts) * kernel_count; n++) {
        size_t count = counts[n % ESC_COUNT(counts)];
        float x[LONG + 1], given[LONG + 1];
        fill(given, LONG + 1, 11);
        memcpy(x, given, sizeof x);
        kernels[n / ESC_COUNT(counts)]->layer_norm(x, add, scale, shift, count);
        double mean = 0, variance = 0;
        for (size_t i = 0; i < count; i++)
            mean += ((double)given[i] + (double)add[i]) / (double)count;
        for (size_t i = 0; i < count; i++)
            variance += pow((double)given[i] + (double)add[i] - mean, 2) / (double)count;
        for (size_t i = 0; i < count; i++) {
            double even = ((double)given[i] + (double)add[i] - mean) / sqrt(variance + 1e-12);
            expect_near(even * (double)scale[i] + (double)shift[i], (double)x[i], 2e-6);
        }
        assert_true(x[count] == given[count]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_kernel_asked_for_by_name_is_the_one_given),
        cmocka_unit_test(the_environment_names_the_default),
        cmocka_unit_test(a_dot_product_of_floats_is_near_the_exact_one),
        cmocka_unit_test(a_dot_product_of_bytes_is_exact),
        cmocka_unit_test(extreme_bytes_do_not_saturate),
        cmocka_unit_test(a_matrix_product_is_near_the_exact_one),
        cmocka_unit_test(a_row_of_a_product_does_not_depend_on_how_many_rows_there_are),
        cmocka_unit_test(gelu_is_near_the_exact_one_from_end_to_end),
        cmocka_unit_test(softmax_shares_out_one_whole),
        cmocka_unit_test(softmax_bears_any_distance_between_its_values),
        cmocka_unit_test(layer_norm_gives_mean_0_and_variance_1_before_scale_and_shift),
    };
    return cmocka_run_group_tests_name("vec/kernel", tests, find_kernels, NULL);
}
