/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/clock.h"

#include <string.h>

#include "escher/base/id.h"
#include "tests/support/test.h"

static const uint64_t NOV_21 = 1'795'248'000'000; /* 2026-11-21T08:00:00Z */

static void a_fixed_clock_moves_only_when_told(void **)
{
    struct esc_clock_fixed fixed;
    esc_clock_fixed_init(&fixed, NOV_21);
    assert_true(esc_clock_wall_ms(&fixed.clock) == NOV_21);
    assert_true(esc_clock_monotonic_ms(&fixed.clock) == 0);
    esc_clock_fixed_advance(&fixed, 1500);
    assert_true(esc_clock_wall_ms(&fixed.clock) == NOV_21 + 1500);
    assert_true(esc_clock_monotonic_ms(&fixed.clock) == 1500);
}

static void the_system_clock_does_not_run_backwards(void **)
{
    const struct esc_clock *clock = esc_clock_system();
    const uint64_t before = esc_clock_monotonic_ms(clock);
    assert_true(esc_clock_monotonic_ms(clock) >= before);
    assert_true(esc_clock_wall_ms(clock) > NOV_21 / 2);
}

static void times_are_written_in_utc(void **)
{
    static const struct {
        uint64_t ms;
        const char *text, *basic;
    } cases[] = {
        {0, "1970-01-01T00:00:00Z", "19700101T000000Z"},
        {NOV_21, "2026-11-21T08:00:00Z", "20261121T080000Z"},
        {NOV_21 + 7, "2026-11-21T08:00:00.007Z", "20261121T080000Z"},
        {951'782'400'000, "2000-02-29T00:00:00Z", "20000229T000000Z"},
        {253'402'300'799'999, "9999-12-31T23:59:59.999Z", "99991231T235959Z"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        char text[ESC_TIME_TEXT];
        esc_time_format(cases[i].ms, text);
        assert_string_equal(cases[i].text, text);
        esc_time_format_basic(cases[i].ms, text);
        assert_string_equal(cases[i].basic, text);
    }
}

static void times_come_back_as_they_went(void **)
{
    struct esc_random_seeded seeded;
    esc_random_seeded_init(&seeded, 11);
    for (int i = 0; i < 2000; i++) {
        const uint64_t ms = esc_random_below(&seeded.random, 253'402'300'800'000);
        char text[ESC_TIME_TEXT];
        uint64_t back;
        esc_time_format(ms, text);
        assert_true(esc_time_parse(esc_str_of(text), &back) && back == ms);
    }
}

static void other_spellings_of_a_time_are_understood(void **)
{
    static const struct {
        const char *text;
        uint64_t ms;
    } cases[] = {
        {"2026-11-21T09:00:00+01:00", NOV_21},
        {"2026-11-21T02:30:00-05:30", NOV_21},
        {"2026-11-21 08:00:00z", NOV_21},
        {"2026-11-21t08:00:00.5Z", NOV_21 + 500},
        {"2026-11-21T08:00:00.1234567Z", NOV_21 + 123},
        {"2026-11-21T08:00:00+0000", NOV_21},
        {"2026-11-21T07:59:60Z", NOV_21},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        uint64_t ms = 1;
        assert_true(esc_time_parse(esc_str_of(cases[i].text), &ms));
        assert_true(ms == cases[i].ms);
    }
}

static void what_is_no_time_is_refused(void **)
{
    static const char *const bad[] = {
        "",
        "now",
        "2026-11-21",
        "2026-11-21T08:00:00",
        "2026-11-21T08:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2026-11-31T00:00:00Z",
        "2026-11-21T24:00:00Z",
        "2026-11-21T08:60:00Z",
        "2026-11-21T08:00:61Z",
        "2026-11-21T08:00:00.Z",
        "2026-11-21T08:00:00+24:00",
        "2026-11-21T08:00:00+1:00",
        "2026-11-21T08:00:00Zx",
        " 2026-11-21T08:00:00Z",
        "2026-1-21T08:00:00Z",
        "02026-11-21T08:00:00Z",
        "1969-12-31T23:59:59Z",
        "-026-11-21T08:00:00Z",
        "2026-11-21T+8:00:00Z",
    };
    for (size_t i = 0; i < ESC_COUNT(bad); i++) {
        uint64_t ms = 42;
        if (esc_time_parse(esc_str_of(bad[i]), &ms))
            fail_msg("taken for a time: %s", bad[i]);
        assert_true(ms == 42);
    }
    uint64_t ms;
    assert_false(esc_time_parse(ESC_STR("2026-11-21T08:00:00\0"), &ms));
}

static void a_pattern_is_filled_with_the_fields_of_utc(void **)
{
    char out[40];
    assert_true(esc_time_pattern(NOV_21 + 3'723'000, ESC_STR("db-%Y%m%d%H%M%S-100%%"), out, 40));
    assert_string_equal("db-20261121090203-100%", out);
    assert_true(esc_time_pattern(NOV_21, ESC_STR(""), out, 1));
    assert_string_equal("", out);
}

static void a_pattern_with_anything_else_is_refused(void **)
{
    char out[8] = "";
    static const char *const bad[] = {"%", "%y", "%s", "%n", "%5d", "a%"};
    for (size_t i = 0; i < ESC_COUNT(bad); i++)
        assert_false(esc_time_pattern(NOV_21, esc_str_of(bad[i]), out, sizeof out));
    assert_true(esc_time_pattern(NOV_21, ESC_STR("%Yabc"), out, sizeof out));
    assert_false(esc_time_pattern(NOV_21, ESC_STR("%Yabcd"), out, sizeof out)); /* does not fit */
    assert_false(esc_time_pattern(NOV_21, ESC_STR(""), out, 0));
}

static void age_is_told_as_people_do(void **)
{
    static const struct {
        uint64_t seconds;
        const char *text;
    } cases[] = {
        {0, "just now"},         {4, "just now"},
        {5, "5 s ago"},          {59, "59 s ago"},
        {60, "1 min ago"},       {3599, "59 min ago"},
        {3600, "1 h ago"},       {172'799, "47 h ago"},
        {172'800, "2 days ago"}, {31'536'000, "365 days ago"},
    };
    char text[ESC_TIME_TEXT];
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        esc_time_age(NOV_21 - cases[i].seconds * 1000, NOV_21, text);
        assert_string_equal(cases[i].text, text);
    }
    esc_time_age(NOV_21 + 60'000, NOV_21, text); /* clocks of two machines may differ */
    assert_string_equal("just now", text);
    esc_time_age(0, UINT64_MAX, text);
    assert_non_null(strstr(text, " days ago"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fixed_clock_moves_only_when_told),
        cmocka_unit_test(the_system_clock_does_not_run_backwards),
        cmocka_unit_test(times_are_written_in_utc),
        cmocka_unit_test(times_come_back_as_they_went),
        cmocka_unit_test(other_spellings_of_a_time_are_understood),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(a_pattern_is_filled_with_the_fields_of_utc),
        cmocka_unit_test(a_pattern_with_anything_else_is_refused),
        cmocka_unit_test(age_is_told_as_people_do),
    };
    return cmocka_run_group_tests_name("base/clock", tests, NULL, NULL);
}
