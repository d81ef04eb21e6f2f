/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/stream.h"

#include <string.h>

#include "escher/base/id.h"
#include "escher/base/limits.h"
#include "tests/support/test.h"

/* What was told, as one text: "offset:text|" and "offset:text~" for a partial line. */
static struct esc_buf told;

static void note(void *context, struct esc_str text, uint64_t offset, bool partial)
{
    (void)context;
    esc_buf_printf(&told, "%llu:", (unsigned long long)offset);
    esc_buf_add(&told, text);
    esc_buf_add_char(&told, partial ? '~' : '|');
}

static void begin(struct esc_line_splitter *splitter)
{
    esc_buf_done(&told);
    esc_buf_init(&told, 16 * (size_t)ESC_MAX_LINE);
    esc_line_splitter_init(splitter, note, NULL);
}

/* Feeds @p text in pieces of @p size bytes and compares what was told. */
static void expect_told(const char *expected, struct esc_str text, size_t size)
{
    struct esc_line_splitter splitter;
    begin(&splitter);
    for (size_t at = 0; at < text.len; at += size)
        esc_line_splitter_feed(&splitter, at, esc_str_slice(text, at, at + size));
    esc_line_splitter_end(&splitter);
    esc_line_splitter_done(&splitter);
    assert_string_equal(expected, esc_buf_text(&told));
}

static void lines_are_the_same_however_the_bytes_are_cut(void **)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"", ""},
        {"one\ntwo\n", "0:one|4:two|"},
        {"one\n\nthree", "0:one|4:|5:three~"},
        {"windows\r\nline\r\n", "0:windows|9:line|"},
        {"10 %\r50 %\r100 %\nnext\n", "0:100 %|16:next|"},
        {"h\xc3\xa9llo \xe2\x82\xac \xf0\x9f\x98\x80\n", "0:h\xc3\xa9llo \xe2\x82\xac "
                                                         "\xf0\x9f\x98\x80|"},
        {"bad \xff\xfe byte\n", "0:bad \xef\xbf\xbd\xef\xbf\xbd byte|"},
        {"cut \xe2\x82\n", "0:cut \xef\xbf\xbd|"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        for (size_t size = 1; size <= 8; size++)
            expect_told(cases[i].expected, esc_str_of(cases[i].text), size);
    }
}

static void nul_bytes_do_not_end_a_line(void **)
{
    struct esc_line_splitter splitter;
    begin(&splitter);
    esc_line_splitter_feed(&splitter, 0, (struct esc_str){"a\0b\n", 4});
    esc_line_splitter_done(&splitter);
    assert_int_equal(6, told.len);
    assert_memory_equal("0:a\0b|", told.ptr, 6);
}

static void a_gap_ends_the_line_before_it(void **)
{
    struct esc_line_splitter splitter;
    begin(&splitter);
    esc_line_splitter_feed(&splitter, 0, ESC_STR("before"));
    esc_line_splitter_feed(&splitter, 100, ESC_STR("after\n"));
    esc_line_splitter_done(&splitter);
    assert_string_equal("0:before~100:after|", esc_buf_text(&told));
}

static void an_endless_line_comes_in_pieces_that_cut_no_character(void **)
{
    enum {
        LONG = 3 * ESC_MAX_LINE + 7,
    };
    struct esc_line_splitter splitter;
    char *text = esc_alloc(LONG);
    for (size_t i = 0; i < LONG; i++)
        text[i] = "\xe2\x82\xac"[i % 3];
    begin(&splitter);
    esc_line_splitter_feed(&splitter, 0, (struct esc_str){text, LONG});
    assert_null(strstr(esc_buf_text(&told), "\xef\xbf\xbd"));
    assert_memory_equal("0:\xe2", esc_buf_text(&told), 3);
    esc_line_splitter_end(&splitter);
    esc_line_splitter_done(&splitter);
    assert_non_null(strstr(esc_buf_text(&told), "~65535:"));
    free(text);
}

static void only_continuation_bytes_end_too(void **)
{
    enum {
        LONG = 2 * ESC_MAX_LINE,
    };
    struct esc_line_splitter splitter;
    char *text = esc_alloc(LONG);
    memset(text, 0x80, LONG);
    begin(&splitter);
    esc_line_splitter_feed(&splitter, 0, (struct esc_str){text, LONG});
    assert_int_equal(LONG, splitter.offset + splitter.pending.len);
    esc_line_splitter_done(&splitter);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_the_same_however_the_bytes_are_cut),
        cmocka_unit_test(nul_bytes_do_not_end_a_line),
        cmocka_unit_test(a_gap_ends_the_line_before_it),
        cmocka_unit_test(an_endless_line_comes_in_pieces_that_cut_no_character),
        cmocka_unit_test(only_continuation_bytes_end_too),
    };
    int failed = cmocka_run_group_tests_name("exec/stream", tests, NULL, NULL);
    esc_buf_done(&told);
    return failed;
}
