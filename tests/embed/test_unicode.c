/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/embed/unicode_private.h"

#include "tests/support/test.h"

static void each_character_has_the_class_the_reference_gives_it(void **)
{
    static const struct {
        uint32_t point;
        enum unicode_class expected;
    } cases[] = {
        {0x00, UNICODE_DROPPED},        {0x0B, UNICODE_DROPPED},
        {'\n', UNICODE_SPACE},          {' ', UNICODE_SPACE},
        {0x85, UNICODE_DROPPED},        {0xA0, UNICODE_SPACE},
        {0xAD, UNICODE_DROPPED},        {0x200B, UNICODE_DROPPED},
        {0x200D, UNICODE_DROPPED},      {0x2028, UNICODE_SPACE},
        {0x3000, UNICODE_SPACE},        {0xE000, UNICODE_DROPPED},
        {0xFEFF, UNICODE_DROPPED},      {0xFFFD, UNICODE_DROPPED},
        {0x10FFFD, UNICODE_DROPPED},    {'a', UNICODE_LETTER},
        {'7', UNICODE_LETTER},          {'_', UNICODE_PUNCTUATION},
        {'$', UNICODE_PUNCTUATION},     {'`', UNICODE_PUNCTUATION},
        {0x20AC, UNICODE_LETTER},       {0x2014, UNICODE_PUNCTUATION},
        {0x301, UNICODE_MARK},          {0x4E00, UNICODE_IDEOGRAPH},
        {0x3042, UNICODE_LETTER},       {0xAC00, UNICODE_LETTER},
        {0x2B820, UNICODE_LETTER},      {0x2B920, UNICODE_IDEOGRAPH},
        {0x8E2, UNICODE_LETTER},        {0x8D4, UNICODE_LETTER},
        {0x1734, UNICODE_MARK},         {0x166D, UNICODE_PUNCTUATION},
        {0x111C9, UNICODE_PUNCTUATION}, {0x1885, UNICODE_LETTER},
        {0xA9BD, UNICODE_LETTER},       {0x378, UNICODE_LETTER},
        {0x10FFFF, UNICODE_LETTER},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        if (unicode_class_of(cases[i].point) != cases[i].expected)
            fail_msg("U+%04X is of class %u", cases[i].point, unicode_class_of(cases[i].point));
}

static void letters_have_the_lower_case_of_the_present(void **)
{
    assert_int_equal('z', unicode_lower_of('Z'));
    assert_int_equal('z', unicode_lower_of('z'));
    assert_int_equal('[', unicode_lower_of('['));
    assert_int_equal(0xE9, unicode_lower_of(0xC9));
    assert_int_equal(0x101, unicode_lower_of(0x100));
    assert_int_equal(0x101, unicode_lower_of(0x101));
    assert_int_equal(0x3C3, unicode_lower_of(0x3A3));
    assert_int_equal(0x3C2, unicode_lower_of(0x3C2));
    assert_int_equal(0xDF, unicode_lower_of(0x1E9E));
    assert_int_equal(0x1E943, unicode_lower_of(0x1E921));
    assert_int_equal(0x10FFFF, unicode_lower_of(0x10FFFF));
}

static void expect_parts(uint32_t point, size_t count, const uint32_t *expected)
{
    uint32_t parts[UNICODE_MAX_PARTS];
    assert_int_equal(count, unicode_decompose(point, parts));
    assert_memory_equal(expected, parts, count * sizeof parts[0]);
}

static void decomposition_goes_all_the_way_down(void **)
{
    expect_parts('a', 1, (const uint32_t[]){'a'});
    expect_parts(0xE9, 2, (const uint32_t[]){'e', 0x301});
    expect_parts(0x1EC7, 3, (const uint32_t[]){'e', 0x323, 0x302});
    expect_parts(0x1F82, 4, (const uint32_t[]){0x3B1, 0x313, 0x300, 0x345});
    expect_parts(0x212B, 2, (const uint32_t[]){'A', 0x30A});
    expect_parts(0xF900, 1, (const uint32_t[]){0x8C48});
    expect_parts(0xFB01, 1, (const uint32_t[]){0xFB01});   /* a ligature has none */
    expect_parts(0x11938, 1, (const uint32_t[]){0x11938}); /* came with Unicode 13 */
}

static void hangul_syllables_become_two_or_three_jamo(void **)
{
    expect_parts(0xAC00, 2, (const uint32_t[]){0x1100, 0x1161});
    expect_parts(0xAC01, 3, (const uint32_t[]){0x1100, 0x1161, 0x11A8});
    expect_parts(0xD7A3, 3, (const uint32_t[]){0x1112, 0x1175, 0x11C2});
    expect_parts(0xD7A4, 1, (const uint32_t[]){0xD7A4});
}

static void only_marks_have_an_order(void **)
{
    assert_int_equal(0, unicode_order_of('a'));
    assert_int_equal(230, unicode_order_of(0x301));
    assert_int_equal(220, unicode_order_of(0x323));
    assert_int_equal(224, unicode_order_of(0x302E));
    assert_int_equal(0, unicode_order_of(0x4E00));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_character_has_the_class_the_reference_gives_it),
        cmocka_unit_test(letters_have_the_lower_case_of_the_present),
        cmocka_unit_test(decomposition_goes_all_the_way_down),
        cmocka_unit_test(hangul_syllables_become_two_or_three_jamo),
        cmocka_unit_test(only_marks_have_an_order),
    };
    return cmocka_run_group_tests_name("embed/unicode", tests, NULL, NULL);
}
