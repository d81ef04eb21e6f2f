/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/find/find_private.h"

#include "escher/base/id.h"
#include "tests/support/test.h"

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Optimal string alignment by its definition: the oracle. */
static unsigned distance(struct esc_str a, struct esc_str b)
{
    unsigned table[8][8];
    for (size_t i = 0; i <= a.len; i++) {
        for (size_t j = 0; j <= b.len; j++) {
            if (i == 0 || j == 0) {
                table[i][j] = (unsigned)(i + j);
                continue;
            }
            unsigned cost = a.ptr[i - 1] != b.ptr[j - 1];
            table[i][j] =
                least(least(table[i - 1][j], table[i][j - 1]) + 1, table[i - 1][j - 1] + cost);
            if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1])
                table[i][j] = least(table[i][j], table[i - 2][j - 2] + 1);
        }
    }
    return table[a.len][b.len];
}

static struct esc_str some_text(struct esc_random *random, char *out)
{
    size_t len = esc_random_below(random, 8);
    for (size_t i = 0; i < len; i++)
        out[i] = (char)('a' + esc_random_below(random, 2));
    return (struct esc_str){out, len};
}

static void one_edit_agrees_with_the_definition(void **)
{
    struct esc_random_seeded seeded;
    esc_random_seeded_init(&seeded, test_seed(42));
    char left[8], right[8];
    size_t ones = 0;
    for (int i = 0; i < 50000; i++) {
        struct esc_str a = some_text(&seeded.random, left), b = some_text(&seeded.random, right);
        bool expected = distance(a, b) == 1;
        ones += expected;
        if (expected != is_one_edit(a, b))
            fail_msg("%.*s and %.*s", ESC_STR_ARG(a), ESC_STR_ARG(b));
    }
    assert_true(ones > 1000);
}

static void equal_texts_are_no_edit_apart(void **)
{
    assert_false(is_one_edit(ESC_STR("main"), ESC_STR("main")));
    assert_false(is_one_edit(ESC_STR(""), ESC_STR("")));
}

static void swapped_neighbours_are_one_edit(void **)
{
    assert_true(is_one_edit(ESC_STR("instnace"), ESC_STR("instance")));
    assert_false(is_one_edit(ESC_STR("abc"), ESC_STR("cba")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_edit_agrees_with_the_definition),
        cmocka_unit_test(equal_texts_are_no_edit_apart),
        cmocka_unit_test(swapped_neighbours_are_one_edit),
    };
    return cmocka_run_group_tests_name("find/edit", tests, NULL, NULL);
}
