/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/utf8.h"

#include <string.h>

#include "escher/base/file.h"
#include "escher/base/json.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "tests/support/test.h"

static struct esc_error err;

static void every_code_point_comes_back_as_it_went(void **)
{
    struct esc_buf buf;
    esc_buf_init(&buf, 8);
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        esc_buf_reset(&buf);
        esc_utf8_append(&buf, c);
        struct esc_str rest = esc_buf_str(&buf);
        if (esc_utf8_next(&rest) != c || rest.len)
            fail_msg("U+%04X", c);
    }
    esc_buf_done(&buf);
}

static void what_is_not_utf8_is_refused(void **)
{
    static const struct {
        const char *text;
        size_t taken; /* by the first call */
    } bad[] = {
        {"\x80", 1},
        {"\xBF", 1},
        {"\xFE", 1},
        {"\xFF", 1},
        {"\xC0\x80", 1},
        {"\xC1\xBF", 1},
        {"\xE0\x9F\xBF", 1},
        {"\xF0\x8F\xBF\xBF", 1},
        {"\xED\xA0\x80", 1},
        {"\xED\xBF\xBF", 1},
        {"\xF4\x90\x80\x80", 1},
        {"\xF5\x80\x80\x80", 1},
        {"\xC3", 1},
        {"\xE2\x82", 2},
        {"\xF0\x9F\x98", 3},
        {"\xC3(", 1},
        {"\xE2\x82(", 2},
        {"\xF0\x9F\x98\xF0", 3},
    };
    for (size_t i = 0; i < ESC_COUNT(bad); i++) {
        struct esc_str rest = esc_str_of(bad[i].text);
        assert_false(esc_utf8_is_valid(rest));
        assert_int_equal(ESC_UTF8_INVALID, esc_utf8_next(&rest));
        assert_int_equal(strlen(bad[i].text) - bad[i].taken, rest.len);
    }
}

static void one_wrong_byte_is_seen_wherever_it_stands(void **)
{
    char text[41];
    memset(text, 'a', sizeof text);
    for (size_t len = 0; len < sizeof text; len++) {
        assert_true(esc_utf8_is_valid((struct esc_str){text, len}));
        for (size_t at = 0; at < len; at++) {
            text[at] = '\xBF';
            if (esc_utf8_is_valid((struct esc_str){text, len}))
                fail_msg("at %zu of %zu", at, len);
            text[at] = 'a';
        }
    }
}

static void characters_are_counted_not_bytes(void **)
{
    assert_int_equal(0, esc_utf8_count((struct esc_str){NULL, 0}));
    assert_int_equal(4, esc_utf8_count(ESC_STR("aé€😀")));
    assert_int_equal(3, esc_utf8_count(ESC_STR("a\xFF\xFE")));
}

static void a_cut_falls_between_characters(void **)
{
    const struct esc_str text = ESC_STR("aé€😀");
    static const size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
    for (size_t max = 0; max < ESC_COUNT(expected); max++)
        assert_int_equal(expected[max], esc_utf8_cut(text, max).len);
    assert_int_equal(0, esc_utf8_cut((struct esc_str){NULL, 0}, 5).len);
}

static void what_steers_without_showing_is_unsafe(void **)
{
    static const uint32_t unsafe[] = {0,      '\t',   '\n',   0x1B,   0x7F,    0x85,
                                      0xAD,   0x200B, 0x200F, 0x202A, 0x202E,  0x2066,
                                      0x2069, 0x2028, 0xFEFF, 0x061C, 0xE0041, ESC_UTF8_INVALID};
    static const uint32_t safe[] = {' ',    '~',     0xE9,  0x5D0 /* Hebrew alef */,
                                    0x4E2D, 0x1F600, 0xFE0F /* emoji style */};
    for (size_t i = 0; i < ESC_COUNT(unsafe); i++)
        assert_true(esc_utf8_is_unsafe(unsafe[i]));
    for (size_t i = 0; i < ESC_COUNT(safe); i++)
        assert_false(esc_utf8_is_unsafe(safe[i]));
}

static char *display(struct esc_str text, bool keep_lines)
{
    struct esc_buf buf;
    esc_buf_init(&buf, ESC_MAX_FILE);
    esc_utf8_append_display(&buf, text, keep_lines);
    expect_ok(esc_buf_status(&buf, "display", &err));
    return esc_buf_take(&buf);
}

static void display_shows_what_would_have_acted(void **)
{
    static const struct {
        const char *text;
        bool keep_lines;
        const char *shown;
    } cases[] = {
        {"plain é 😀", false, "plain é 😀"},
        {"\033[31mred\033[0m", false, "\\u{1b}[31mred\\u{1b}[0m"},
        {"a\nb\tc", false, "a\\u{a}b\\u{9}c"},
        {"a\nb\tc\r", true, "a\nb\tc\\u{d}"},
        {"\xE2\x80\xAEgpj.exe", false, "\\u{202e}gpj.exe"},
        {"\xFF\xC3(", false, "\\x{ff}\\x{c3}("},
        {"\xE2\x82(", false, "\\x{e2}\\x{82}("},
        {"\xC2\x9B", false, "\\u{9b}"}, /* CSI as one code point */
        {"\xF3\xA0\x81\x81", false, "\\u{e0041}"},
        {"", false, ""},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_freep)
        char *shown = display(esc_str_of(cases[i].text), cases[i].keep_lines);
        assert_string_equal(cases[i].shown, shown);
        const bool changed = strcmp(cases[i].text, shown) != 0;
        assert_int_equal(changed, esc_utf8_has_unsafe(esc_str_of(cases[i].text)));
    }
}

static void columns_are_what_a_terminal_takes(void **)
{
    assert_int_equal(3, esc_utf8_columns(ESC_STR("abc")));
    assert_int_equal(1, esc_utf8_columns(ESC_STR("e\xCC\x81"))); /* combining acute */
    assert_int_equal(4, esc_utf8_columns(ESC_STR("中文")));
    assert_int_equal(2, esc_utf8_columns(ESC_STR("😀")));
    assert_int_equal(0, esc_utf8_columns(ESC_STR("")));
}

/* A line of utf8tests.txt: `num:valid:text`, `num:valid hex:hex`, `num:invalid hex:hex:skip:replace`. */
struct line {
    struct esc_str kind, bytes, replaced;
};

static bool split(struct esc_str text, struct line *line)
{
    struct esc_str number, skipped;
    *line = (struct line){0};
    return esc_str_next(&text, ':', &number) && esc_str_next(&text, ':', &line->kind) &&
           esc_str_next(&text, ':', &line->bytes) &&
           (!esc_str_next(&text, ':', &skipped) || esc_str_next(&text, ':', &line->replaced));
}

/* Blanks in the file's hex are for reading. */
static struct esc_str unhex(struct esc_str hex, uint8_t *out)
{
    char digits[512];
    size_t count = 0;
    for (size_t i = 0; i < hex.len; i++) {
        if (hex.ptr[i] != ' ')
            digits[count++] = hex.ptr[i];
        assert_true(count < sizeof digits);
    }
    assert_true(esc_hex_parse((struct esc_str){digits, count}, out, count / 2));
    return (struct esc_str){(const char *)out, count / 2};
}

static void check_line(const struct line *line)
{
    uint8_t bytes[256], wanted[256];
    const bool valid = esc_str_starts_with(esc_str_trim(line->kind), ESC_STR("valid"));
    const bool is_hex = esc_str_ends_with(line->kind, ESC_STR("hex"));
    const struct esc_str text = is_hex ? unhex(line->bytes, bytes) : line->bytes;
    struct esc_buf clean;
    esc_buf_init(&clean, 1024);
    esc_utf8_append_clean(&clean, text);
    assert_int_equal(valid, esc_utf8_is_valid(text));
    const struct esc_str expected = valid ? text : unhex(line->replaced, wanted);
    assert_true(esc_str_equal(expected, esc_buf_str(&clean)));
    esc_buf_done(&clean);
}

static void the_public_test_lines_are_read_as_they_say(void **)
{
    ESC_CLEANUP(esc_freep) char *path = test_data("text/utf8tests.txt");
    struct esc_buf file;
    esc_buf_init(&file, ESC_MAX_FILE);
    expect_ok(esc_file_read(path, &file, &err));
    struct esc_str rest = esc_buf_str(&file), text;
    size_t lines = 0;
    while (esc_str_next(&rest, '\n', &text)) {
        struct line line;
        if (text.len == 0 || text.ptr[0] == '#' || !split(text, &line))
            continue;
        check_line(&line);
        lines++;
    }
    assert_true(lines > 100);
    esc_buf_done(&file);
}

static void naughty_strings_are_harmless_once_displayed(void **)
{
    ESC_CLEANUP(esc_freep) char *path = test_data("text/blns.json");
    struct esc_buf file;
    esc_buf_init(&file, ESC_MAX_FILE);
    expect_ok(esc_file_read(path, &file, &err));
    ESC_CLEANUP(esc_json_freep) struct esc_json *all = NULL;
    expect_ok(esc_json_parse(esc_buf_str(&file), NULL, &all, &err));
    assert_true(esc_json_len(all) > 500);
    for (size_t i = 0; i < esc_json_len(all); i++) {
        ESC_CLEANUP(esc_freep) char *shown = display(esc_json_value(esc_json_at(all, i)), false);
        assert_false(esc_utf8_has_unsafe(esc_str_of(shown)));
    }
    esc_buf_done(&file);
}

static void a_word_is_one_for_a_shell(void **)
{
    static const char *const cases[][2] = {
        {"pg-main1", "pg-main1"},
        {"/a/b.c:1,2=3@4%5+6_7", "/a/b.c:1,2=3@4%5+6_7"},
        {"", "''"},
        {"a b", "'a b'"},
        {"$(reboot)", "'$(reboot)'"},
        {"~", "'~'"},
        {"it's", "'it'\\''s'"},
        {"'", "''\\'''"},
        {"end'", "'end'\\'''"},
        {"\033[2J\xE2\x80\xAEx\ny", "'\\u{1b}[2J\\u{202e}x\\u{a}y'"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct esc_buf buf;
        esc_buf_init(&buf, ESC_MAX_LINE);
        esc_utf8_append_word(&buf, esc_str_of(cases[i][0]));
        assert_string_equal(cases[i][1], esc_buf_text(&buf));
        esc_buf_done(&buf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_comes_back_as_it_went),
        cmocka_unit_test(what_is_not_utf8_is_refused),
        cmocka_unit_test(one_wrong_byte_is_seen_wherever_it_stands),
        cmocka_unit_test(characters_are_counted_not_bytes),
        cmocka_unit_test(a_cut_falls_between_characters),
        cmocka_unit_test(what_steers_without_showing_is_unsafe),
        cmocka_unit_test(display_shows_what_would_have_acted),
        cmocka_unit_test(a_word_is_one_for_a_shell),
        cmocka_unit_test(columns_are_what_a_terminal_takes),
        cmocka_unit_test(the_public_test_lines_are_read_as_they_say),
        cmocka_unit_test(naughty_strings_are_harmless_once_displayed),
    };
    return cmocka_run_group_tests_name("base/utf8", tests, NULL, NULL);
}
