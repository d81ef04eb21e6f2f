/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/str.h"

#include <string.h>

#include "tests/support/test.h"

static const struct esc_str nothing = {NULL, 0};

static void no_text_is_the_empty_text(void **)
{
    assert_int_equal(0, esc_str_of(NULL).len);
    assert_true(esc_str_equal(nothing, ESC_STR("")));
    assert_true(esc_str_equal_nocase(nothing, ESC_STR("")));
    assert_true(esc_str_is(nothing, ""));
    assert_true(esc_str_starts_with(nothing, ESC_STR("")));
    assert_true(esc_str_ends_with(nothing, nothing));
    assert_int_equal(0, esc_str_compare(nothing, ESC_STR("")));
    assert_int_equal(0, esc_str_trim(nothing).len);
    ESC_CLEANUP(esc_freep) char *copy = esc_str_dup(nothing);
    assert_string_equal("", copy);
}

static void a_slice_stays_inside_its_text(void **)
{
    static const struct {
        size_t from, to;
        const char *expected;
    } cases[] = {
        {0, 3, "abc"}, {1, 2, "b"}, {0, 99, "abc"},      {3, 3, ""},
        {2, 1, ""},    {9, 12, ""}, {SIZE_MAX, 0, ""},   {0, SIZE_MAX, "abc"},
        {1, 1, ""},    {2, 3, "c"}, {1, SIZE_MAX, "bc"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        const struct esc_str slice = esc_str_slice(ESC_STR("abc"), cases[i].from, cases[i].to);
        assert_true(esc_str_is(slice, cases[i].expected));
    }
    assert_int_equal(0, esc_str_slice(nothing, 0, 5).len);
}

static void order_is_bytewise_and_a_prefix_comes_first(void **)
{
    static const char *const sorted[] = {"", "A", "B", "a", "aa", "ab", "b", "\xC3\xA9"};
    for (size_t i = 0; i < ESC_COUNT(sorted); i++) {
        for (size_t j = 0; j < ESC_COUNT(sorted); j++) {
            const int order = esc_str_compare(esc_str_of(sorted[i]), esc_str_of(sorted[j]));
            assert_true(i == j ? order == 0 : (i < j) == (order < 0));
        }
    }
}

static void case_is_ignored_for_ascii_letters_only(void **)
{
    assert_true(esc_str_equal_nocase(ESC_STR("PG-Main1"), ESC_STR("pg-mAIN1")));
    assert_false(esc_str_equal_nocase(ESC_STR("É"), ESC_STR("é")));
    assert_false(esc_str_equal_nocase(ESC_STR("["), ESC_STR("{"))); /* one bit apart, no letters */
    assert_false(esc_str_equal_nocase(ESC_STR("a"), ESC_STR("ab")));
    assert_true(esc_str_starts_with_nocase(ESC_STR("PG-Main1"), ESC_STR("pg-")));
    assert_false(esc_str_starts_with_nocase(ESC_STR("PG"), ESC_STR("pg-")));
    assert_int_equal(3, esc_str_find_nocase(ESC_STR("PG-Main1"), ESC_STR("mAIN"), 0));
    assert_int_equal(SIZE_MAX, esc_str_find_nocase(ESC_STR("PG-Main1"), ESC_STR("main"), 4));
    assert_int_equal(SIZE_MAX, esc_str_find_nocase(ESC_STR("PG"), ESC_STR("pg-main"), 0));
    assert_int_equal(2, esc_str_find_nocase(ESC_STR("PG"), ESC_STR(""), 2));
    assert_true(esc_str_contains_nocase(ESC_STR("an ERROR"), ESC_STR("error")));
    assert_false(esc_str_contains_nocase(ESC_STR("fine"), ESC_STR("error")));
}

static void finding_gives_the_first_place_at_or_after(void **)
{
    const struct esc_str text = ESC_STR("a\0b-a\0b");
    assert_int_equal(0, esc_str_find(text, ESC_STR("a\0b"), 0));
    assert_int_equal(4, esc_str_find(text, ESC_STR("a\0b"), 1));
    assert_int_equal(SIZE_MAX, esc_str_find(text, ESC_STR("a\0b"), 5));
    assert_int_equal(7, esc_str_find(text, ESC_STR(""), 7));
    assert_int_equal(SIZE_MAX, esc_str_find(text, ESC_STR(""), 8));
    assert_int_equal(SIZE_MAX, esc_str_find(nothing, ESC_STR("a"), 0));
    assert_int_equal(0, esc_str_find(nothing, nothing, 0));
    assert_false(esc_str_contains(ESC_STR("ab"), ESC_STR("abc")));
}

static void ends_are_looked_at_and_not_beyond(void **)
{
    assert_true(esc_str_starts_with(ESC_STR("pg-main"), ESC_STR("pg")));
    assert_false(esc_str_starts_with(ESC_STR("pg"), ESC_STR("pg-main")));
    assert_true(esc_str_ends_with(ESC_STR("pg-main"), ESC_STR("main")));
    assert_false(esc_str_ends_with(ESC_STR("main"), ESC_STR("pg-main")));
}

static void trimming_takes_ascii_white_space_only(void **)
{
    assert_true(esc_str_is(esc_str_trim(ESC_STR(" \t\r\n\v\fa b \n")), "a b"));
    assert_true(esc_str_is(esc_str_trim(ESC_STR(" \t ")), ""));
    assert_true(esc_str_is(esc_str_trim(ESC_STR("\xC2\xA0x")), "\xC2\xA0x")); /* no-break space */
}

static void pieces_are_all_there_also_the_empty_ones(void **)
{
    static const struct {
        const char *text;
        size_t count;
        const char *pieces[4];
    } cases[] = {
        {"a,,b", 3, {"a", "", "b"}}, {"", 1, {""}},        {",", 2, {"", ""}},
        {"a,", 2, {"a", ""}},        {",a", 2, {"", "a"}}, {"abc", 1, {"abc"}},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct esc_str rest = esc_str_of(cases[i].text), piece;
        size_t count = 0;
        for (; esc_str_next(&rest, ',', &piece); count++)
            assert_true(count < cases[i].count && esc_str_is(piece, cases[i].pieces[count]));
        assert_int_equal(cases[i].count, count);
        assert_false(esc_str_next(&rest, ',', &piece));
    }
}

static void text_that_is_missing_equals_only_text_that_is_missing(void **)
{
    assert_true(esc_text_equal(NULL, NULL));
    assert_false(esc_text_equal(NULL, ""));
    assert_false(esc_text_equal("", NULL));
    assert_true(esc_text_equal("a", "a"));
}

static void character_classes_know_ascii_and_nothing_else(void **)
{
    for (int c = -128; c < 128; c++) {
        const bool lower = strchr("abcdefghijklmnopqrstuvwxyz", c) && c;
        const bool upper = strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ", c) && c;
        const bool digit = strchr("0123456789", c) && c;
        const bool space = strchr(" \t\n\v\f\r", c) && c;
        assert_int_equal(lower, esc_is_lower((char)c));
        assert_int_equal(upper, esc_is_upper((char)c));
        assert_int_equal(digit, esc_is_digit((char)c));
        assert_int_equal(space, esc_is_space((char)c));
        assert_int_equal(lower || upper || digit, esc_is_alnum((char)c));
        assert_int_equal(upper ? c + 32 : c, esc_to_lower((char)c));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_text_is_the_empty_text),
        cmocka_unit_test(a_slice_stays_inside_its_text),
        cmocka_unit_test(order_is_bytewise_and_a_prefix_comes_first),
        cmocka_unit_test(case_is_ignored_for_ascii_letters_only),
        cmocka_unit_test(finding_gives_the_first_place_at_or_after),
        cmocka_unit_test(ends_are_looked_at_and_not_beyond),
        cmocka_unit_test(trimming_takes_ascii_white_space_only),
        cmocka_unit_test(pieces_are_all_there_also_the_empty_ones),
        cmocka_unit_test(text_that_is_missing_equals_only_text_that_is_missing),
        cmocka_unit_test(character_classes_know_ascii_and_nothing_else),
    };
    return cmocka_run_group_tests_name("base/str", tests, NULL, NULL);
}
