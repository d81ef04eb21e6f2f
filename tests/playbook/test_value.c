/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/playbook/value.h"

#include "tests/support/test.h"

static struct esc_error err;

static void what_some_reader_could_act_on_is_no_value(void **)
{
    static const char *const bad[] = {
        "-x",
        "--profile x",
        " -x",
        "\t--x",
        "-",
        "file:///etc/passwd",
        "FILE://x",
        " file://x",
        "fileb://x",
        "http://x",
        "https://x/y",
        "HTTPS://x",
        "@file",
        " @x",
        "a\nb",
        "a\x01",
        "a\x7f",
        "a\xe2\x80\256b",
        "a\xe2\x80\x8b",
        "\xff",
        "\xc0\xaf",
        "a\x1b[31m",
    };
    for (size_t i = 0; i < ESC_COUNT(bad); i++)
        if (esc_value_check_text("db", esc_str_of(bad[i]), &err) != ESC_INVALID)
            fail_msg("case %zu was taken", i);
    expect_status(ESC_INVALID, esc_value_check_text("db", (struct esc_str){"a\0b", 3}, &err));
}

static void what_only_looks_odd_is_a_value(void **)
{
    static const char *const good[] = {
        "pg-instance-main1", "a-b", "a--x",      "$(reboot)", "; rm -rf /", "x file://y",
        "me@example",        "",    "{\"a\":1}", "%s%n",      "../../x",    "M\xc3\xbcnchen",
    };
    for (size_t i = 0; i < ESC_COUNT(good); i++)
        expect_ok(esc_value_check_text("db", esc_str_of(good[i]), &err));
}

static void values_inside_values_are_looked_at(void **)
{
    static const char *const bad[] = {
        "[\"a\", \"-b\"]", "{\"a\": [{\"b\": \"@c\"}]}", "{\"--a\": 1}", "-1", "[-1.5]",
    };
    for (size_t i = 0; i < ESC_COUNT(bad); i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *value = NULL;
        ESC_CLEANUP(esc_freep) char *wrapped = esc_sprintf("[%s]", bad[i]);
        expect_ok(esc_json_parse(esc_str_of(wrapped), NULL, &value, &err));
        if (esc_value_check("x", value, &err) != ESC_INVALID)
            fail_msg("%s was taken", bad[i]);
    }
    ESC_CLEANUP(esc_json_freep) struct esc_json *value = NULL;
    expect_ok(esc_json_parse(ESC_STR("{\"a\": [1, 2.5, true, null, \"b\"]}"), NULL, &value, &err));
    expect_ok(esc_value_check("x", value, &err));
}

static void durations_have_one_unit(void **)
{
    uint64_t ms = 0;
    assert_true(esc_duration_parse(ESC_STR("90s"), &ms));
    assert_int_equal(90'000, ms);
    assert_true(esc_duration_parse(ESC_STR("75m"), &ms));
    assert_int_equal(75 * 60'000, ms);
    assert_true(esc_duration_parse(ESC_STR("2h"), &ms));
    assert_int_equal(7'200'000, ms);
    assert_true(esc_duration_parse(ESC_STR("1d"), &ms));
    assert_int_equal(86'400'000, ms);
    static const char *const bad[] = {"", "s", "5", "5x", "-5s", "5 s", "1h30m", "99999s", "1.5m"};
    for (size_t i = 0; i < ESC_COUNT(bad); i++)
        assert_false(esc_duration_parse(esc_str_of(bad[i]), &ms));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_some_reader_could_act_on_is_no_value),
        cmocka_unit_test(what_only_looks_odd_is_a_value),
        cmocka_unit_test(values_inside_values_are_looked_at),
        cmocka_unit_test(durations_have_one_unit),
    };
    return cmocka_run_group_tests_name("playbook/value", tests, NULL, NULL);
}
