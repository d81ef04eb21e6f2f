/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/plan/canonical.h"

#include "tests/support/test.h"

static struct esc_error err;

static char *canonical(const char *text)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    struct esc_buf out;
    esc_buf_init(&out, 4096);
    expect_ok(esc_json_parse(esc_str_of(text), NULL, &json, &err));
    expect_ok(esc_canonical_write(json, &out, &err));
    return esc_buf_take(&out);
}

static void expect_canonical(const char *expected, const char *text)
{
    ESC_CLEANUP(esc_freep) char *actual = canonical(text);
    assert_string_equal(expected, actual);
}

static void members_are_sorted_and_white_space_goes(void **)
{
    expect_canonical("{\"a\":[1,2],\"b\":{\"c\":null,\"d\":true}}",
                     "{ \"b\": {\"d\": true, \"c\": null}, \"a\": [1, 2] }");
}

/* RFC 8785, section 3.2.3: the order is that of UTF-16, so an emoji sorts before U+FB33. */
static void members_sort_as_utf16(void **)
{
    expect_canonical("{\"\\r\":1,\"1\":2,\"\xC2\x80\":3,\"\xC3\xB6\":4,\"\xE2\x82\xAC\":5,"
                     "\"\xF0\x9F\x98\x80\":6,\"\xEF\xAC\xB3\":7}",
                     "{\"\xEF\xAC\xB3\":7,\"\xF0\x9F\x98\x80\":6,\"\xE2\x82\xAC\":5,"
                     "\"\xC3\xB6\":4,\"\xC2\x80\":3,\"1\":2,\"\\r\":1}");
}

static void strings_escape_only_what_they_must(void **)
{
    expect_canonical("\"\xE2\x82\xAC$\\u000f\\nA'B\\\"\\\\\\\"/\"",
                     "\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\"\\/\"");
}

static void numbers_are_written_as_ecmascript_writes_them(void **)
{
    static const struct {
        double number;
        const char *text;
    } table[] = {
        {0.0, "0"},
        {-0.0, "0"},
        {333333333.33333329, "333333333.3333333"},
        {1E30, "1e+30"},
        {4.50, "4.5"},
        {2e-3, "0.002"},
        {0.000000000000000000000000001, "1e-27"},
        {1e21, "1e+21"},
        {1e20, "100000000000000000000"},
        {123456789012345680000.0, "123456789012345680000"},
        {1e-6, "0.000001"},
        {1e-7, "1e-7"},
        {-1.5e-9, "-1.5e-9"},
        {5e-324, "5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
    };
    for (size_t i = 0; i < ESC_COUNT(table); i++) {
        struct esc_buf out;
        esc_buf_init(&out, 64);
        esc_canonical_number(table[i].number, &out);
        assert_string_equal(table[i].text, esc_buf_text(&out));
        esc_buf_done(&out);
    }
}

static void integers_beyond_2_to_53_are_refused(void **)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_json_int(9'007'199'254'740'993);
    struct esc_buf out;
    esc_buf_init(&out, 64);
    expect_status(ESC_INVALID, esc_canonical_write(json, &out, &err));
    esc_buf_done(&out);
    expect_canonical("9007199254740992", "9007199254740992");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_sorted_and_white_space_goes),
        cmocka_unit_test(members_sort_as_utf16),
        cmocka_unit_test(strings_escape_only_what_they_must),
        cmocka_unit_test(numbers_are_written_as_ecmascript_writes_them),
        cmocka_unit_test(integers_beyond_2_to_53_are_refused),
    };
    return cmocka_run_group_tests_name("plan/canonical", tests, NULL, NULL);
}
