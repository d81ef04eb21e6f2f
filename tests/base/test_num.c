/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/num.h"

#include <math.h>
#include <string.h>

#include "tests/support/test.h"

static void whole_numbers_are_digits_and_nothing_else(void **)
{
    static const struct {
        const char *text;
        bool good;
        uint64_t value;
    } cases[] = {
        {"0", true, 0},
        {"007", true, 7},
        {"18446744073709551615", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"99999999999999999999999", false, 0},
        {"", false, 0},
        {"+1", false, 0},
        {"-1", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1x", false, 0},
        {"0x10", false, 0},
        {"1e3", false, 0},
        {"\xD9\xA1", false, 0}, /* Arabic-Indic one */
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        uint64_t value = 42;
        assert_int_equal(cases[i].good, esc_num_u64(esc_str_of(cases[i].text), &value));
        assert_int_equal(cases[i].good ? cases[i].value : 42, value);
    }
    uint64_t value;
    assert_false(esc_num_u64(ESC_STR("1\0"), &value));
}

static void digits_are_written_with_as_many_zeros_as_are_wanted(void **)
{
    static const struct {
        uint64_t value;
        size_t least;
        const char *text;
    } cases[] = {
        {0, 0, ""},
        {0, 1, "0"},
        {0, 4, "0000"},
        {7, 0, "7"},
        {7, 3, "007"},
        {10, 1, "10"},
        {2026, 4, "2026"},
        {2026, 2, "2026"},
        {1000, 20, "00000000000000001000"},
        {UINT64_MAX, 1, "18446744073709551615"},
        {UINT64_MAX, 20, "18446744073709551615"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        char out[ESC_NUM_DIGITS + 1] = {0};
        assert_int_equal(strlen(cases[i].text), esc_num_write(cases[i].value, cases[i].least, out));
        assert_string_equal(cases[i].text, out);
    }
}

static void signed_numbers_reach_both_ends(void **)
{
    static const struct {
        const char *text;
        bool good;
        int64_t value;
    } cases[] = {
        {"-0", true, 0},
        {"-1", true, -1},
        {"9223372036854775807", true, INT64_MAX},
        {"9223372036854775808", false, 0},
        {"-9223372036854775808", true, INT64_MIN},
        {"-9223372036854775809", false, 0},
        {"-", false, 0},
        {"--1", false, 0},
        {"- 1", false, 0},
        {"", false, 0},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        int64_t value = 42;
        assert_int_equal(cases[i].good, esc_num_i64(esc_str_of(cases[i].text), &value));
        assert_int_equal(cases[i].good ? cases[i].value : 42, value);
    }
}

static void doubles_follow_the_grammar_of_json(void **)
{
    static const struct {
        const char *text;
        double value; /* NAN: refused */
    } cases[] = {
        {"0", 0},        {"-0.0", -0.0}, {"1.5", 1.5},     {"1e3", 1000},  {"1E+3", 1000},
        {"2.5e-1", .25}, {"-12.0", -12}, {"1e308", 1e308}, {"1e309", NAN}, {"-1e309", NAN},
        {"01", NAN},     {"1.", NAN},    {".5", NAN},      {"1e", NAN},    {"1e+", NAN},
        {"+1", NAN},     {"0x1p3", NAN}, {"nan", NAN},     {"inf", NAN},   {"1,5", NAN},
        {"", NAN},       {"-", NAN},     {" 1", NAN},      {"1 ", NAN},    {"1e3.5", NAN},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        double value = 42;
        const bool good = esc_num_double(esc_str_of(cases[i].text), &value);
        assert_int_equal(!isnan(cases[i].value), good);
        assert_true(value == (good ? cases[i].value : 42));
    }
}

static void a_number_too_long_to_be_one_is_refused(void **)
{
    char text[100];
    memset(text, '1', sizeof text);
    double value;
    assert_true(esc_num_double((struct esc_str){text, 63}, &value));
    assert_false(esc_num_double((struct esc_str){text, 64}, &value));
}

static void hex_comes_back_as_it_went(void **)
{
    uint8_t bytes[256], back[256];
    char text[2 * sizeof bytes + 1];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    esc_hex(bytes, sizeof bytes, text);
    assert_int_equal(512, strlen(text));
    assert_true(esc_hex_parse(esc_str_of(text), back, sizeof back));
    assert_memory_equal(bytes, back, sizeof back);
    esc_hex("", 0, text);
    assert_string_equal("", text);
}

static void a_path_segment_comes_back_as_it_went(void **)
{
    static const char *const cases[][2] = {{"", ""},
                                           {"Ab9-._~", "Ab9-._~"},
                                           {"my prod/eu?#%", "my%20prod%2Feu%3F%23%25"},
                                           {"\xC3\xBC\x01", "%C3%BC%01"}};
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_freep) char *encoded = esc_percent_encode(esc_str_of(cases[i][0]));
        assert_string_equal(cases[i][1], encoded);
        ESC_CLEANUP(esc_freep) char *decoded = esc_percent_decode(esc_str_of(encoded));
        assert_string_equal(cases[i][0], decoded);
    }
    static const char *const bad[] = {"%", "a%2", "%zz", "%00", "x%+1"};
    for (size_t i = 0; i < ESC_COUNT(bad); i++)
        assert_null(esc_percent_decode(esc_str_of(bad[i])));
}

static void hex_of_another_length_or_with_other_letters_changes_nothing(void **)
{
    static const char *const bad[] = {"", "0", "000", "00000", "0g00", "00 0", "0x00", "00\n0"};
    for (size_t i = 0; i < ESC_COUNT(bad); i++) {
        uint8_t out[2] = {7, 7};
        assert_false(esc_hex_parse(esc_str_of(bad[i]), out, 2));
        assert_true(out[0] == 7 && out[1] == 7);
    }
    uint8_t out[2];
    assert_true(esc_hex_parse(ESC_STR("aBcD"), out, 2));
    assert_true(out[0] == 0xAB && out[1] == 0xCD);
}

static void numbers_in_memory_are_little_endian_at_any_address(void **)
{
    uint8_t memory[12] = {0};
    esc_store_u64(memory + 1, 0x1122334455667788u);
    assert_int_equal(0x88, memory[1]);
    assert_int_equal(0x11, memory[8]);
    assert_true(esc_load_u64(memory + 1) == 0x1122334455667788u);
    esc_store_u32(memory + 3, 0xFFFFFFFFu);
    assert_int_equal(0xFFFFFFFFu, esc_load_u32(memory + 3));
    assert_int_equal(0, memory[0] | memory[9]);
}

static void base64_agrees_with_its_rfc(void **)
{
    static const char *const cases[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xFF\xEF\xBE", "/+++"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_freep) char *text = esc_base64(cases[i][0], strlen(cases[i][0]));
        assert_string_equal(cases[i][1], text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_agrees_with_its_rfc),
        cmocka_unit_test(whole_numbers_are_digits_and_nothing_else),
        cmocka_unit_test(digits_are_written_with_as_many_zeros_as_are_wanted),
        cmocka_unit_test(signed_numbers_reach_both_ends),
        cmocka_unit_test(doubles_follow_the_grammar_of_json),
        cmocka_unit_test(a_number_too_long_to_be_one_is_refused),
        cmocka_unit_test(hex_comes_back_as_it_went),
        cmocka_unit_test(a_path_segment_comes_back_as_it_went),
        cmocka_unit_test(hex_of_another_length_or_with_other_letters_changes_nothing),
        cmocka_unit_test(numbers_in_memory_are_little_endian_at_any_address),
    };
    return cmocka_run_group_tests_name("base/num", tests, NULL, NULL);
}
