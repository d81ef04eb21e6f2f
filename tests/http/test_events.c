/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/http/events.h"

#include <string.h>

#include "escher/base/id.h"
#include "escher/base/utf8.h"
#include "tests/support/test.h"

static struct esc_error err;

/* Writes every event as "[id|kind|data]". */
static void note(void *context, const struct esc_event *event)
{
    struct esc_buf *out = context;
    esc_buf_printf(out, "[%s|%s|", event->id, event->kind);
    esc_buf_add(out, event->data);
    esc_buf_add_char(out, ']');
}

/* What a stream says when it comes in pieces of `step` bytes. */
static char *parsed(struct esc_str stream, size_t step)
{
    struct esc_buf out;
    esc_buf_init(&out, 1024 * 1024);
    ESC_CLEANUP(esc_event_parser_freep)
    struct esc_event_parser *parser = esc_event_parser_new(64 * 1024, note, &out);
    for (size_t at = 0; at < stream.len; at += step)
        expect_ok(esc_event_parser_feed(parser, esc_str_slice(stream, at, at + step), &err));
    return esc_buf_take(&out);
}

#define S(literal)                                                                                 \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    } /* ESC_STR for static tables */

static const struct {
    struct esc_str stream;
    const char *expected;
} streams[] = {
    {S("data: a\n\n"), "[|message|a]"},
    {S("data: a\r\n\r\n"), "[|message|a]"},
    {S("data: a\r\r"), "[|message|a]"},
    {S("data:a\ndata: b\n\n"), "[|message|a\nb]"},
    {S("data\n\n"), "[|message|]"},
    {S("data\ndata\n\n"), "[|message|\n]"},
    {S("data:  two\n\n"), "[|message| two]"},
    {S(": comment\n\nevent: x\ndata: a\n\n"), "[|x|a]"},
    {S("event: x\n\ndata: a\n\n"), "[|message|a]"},
    {S("id: 7\n\ndata: a\n\nid\ndata: b\n\n"), "[7|message|a][|message|b]"},
    {S("id: a\0b\ndata: a\n\n"), "[|message|a]"},
    {S("\xEF\xBB\xBF"
       "data: a\n\n"),
     "[|message|a]"},
    {S("unknown: x\nDATA: y\ndata: a\n\n"), "[|message|a]"},
    {S("data: \xE2\x82\xAC\xF0\x9F\x98\x80\n\n"), "[|message|\xE2\x82\xAC\xF0\x9F\x98\x80]"},
    {S("data: \xFF\n\n"), "[|message|\xEF\xBF\xBD]"},
    {S("data: unfinished\n"), ""},
    {S("data: unfinished"), ""},
    {S("data: a\n\ndata: unfinished"), "[|message|a]"},
};

static void a_stream_says_the_same_however_it_is_cut(void **)
{
    for (size_t i = 0; i < ESC_COUNT(streams); i++)
        for (size_t step = 1; step <= streams[i].stream.len; step++) {
            ESC_CLEANUP(esc_freep) char *got = parsed(streams[i].stream, step);
            assert_string_equal(streams[i].expected, got);
        }
}

/* Random data, with line ends and characters of several bytes thrown in. */
static char *random_data(const struct esc_random *random)
{
    static const char *const parts[] = {"a", "",  "\n",      "\r",       "\r\n",
                                        ":", " ", "data: x", "\xC3\xA4", "\xF0\x9F\x98\x80"};
    struct esc_buf buf;
    esc_buf_init(&buf, 4096);
    esc_buf_add_char(&buf, '.');
    for (uint64_t n = esc_random_below(random, 12); n > 0; n--)
        esc_buf_add_text(&buf, parts[esc_random_below(random, ESC_COUNT(parts))]);
    return esc_buf_take(&buf);
}

/* The writer knows one line end only. */
static char *with_plain_line_ends(const char *data)
{
    struct esc_buf buf;
    esc_buf_init(&buf, 4096);
    for (; *data; data++) {
        if (*data == '\r' && data[1] == '\n')
            continue;
        esc_buf_add_char(&buf, *data == '\r' ? '\n' : *data);
    }
    return esc_buf_take(&buf);
}

static void what_is_written_is_read_again(void **)
{
    struct esc_random_seeded seeded;
    esc_random_seeded_init(&seeded, test_seed(11));
    for (int round = 0; round < test_rounds(500); round++) {
        ESC_CLEANUP(esc_freep) char *data = random_data(&seeded.random);
        ESC_CLEANUP(esc_freep) char *plain = with_plain_line_ends(data);
        ESC_CLEANUP(esc_freep) char *expected = esc_sprintf("[%d|kind|%s]", round, plain);
        ESC_CLEANUP(esc_freep) char *id = esc_sprintf("%d", round);
        const struct esc_event event = {.id = id, .kind = "kind", .data = esc_str_of(data)};
        struct esc_buf buf;
        esc_buf_init(&buf, 64 * 1024);
        esc_event_write_comment(&buf);
        esc_event_write(&buf, &event);
        size_t step = 1 + (size_t)esc_random_below(&seeded.random, 9);
        ESC_CLEANUP(esc_freep) char *got = parsed(esc_buf_str(&buf), step);
        assert_string_equal(expected, got);
        esc_buf_done(&buf);
    }
}

static void endless_lines_and_events_hit_the_ceiling(void **)
{
    struct esc_buf out;
    esc_buf_init(&out, 1024);
    ESC_CLEANUP(esc_event_parser_freep)
    struct esc_event_parser *line = esc_event_parser_new(100, note, &out);
    for (int i = 0; i < 10; i++)
        expect_ok(esc_event_parser_feed(line, ESC_STR("0123456789"), &err));
    expect_status(ESC_LIMIT, esc_event_parser_feed(line, ESC_STR("0"), &err));
    expect_status(ESC_LIMIT, esc_event_parser_feed(line, ESC_STR("\n\n"), &err));
    ESC_CLEANUP(esc_event_parser_freep)
    struct esc_event_parser *event = esc_event_parser_new(100, note, &out);
    enum esc_status status = ESC_OK;
    for (int i = 0; i < 20 && status == ESC_OK; i++)
        status = esc_event_parser_feed(event, ESC_STR("data: 0123456789\n"), &err);
    expect_status(ESC_LIMIT, status);
    assert_string_equal("", esc_buf_text(&out));
    esc_buf_done(&out);
}

static void the_place_to_go_on_from_is_remembered(void **)
{
    struct esc_buf out;
    esc_buf_init(&out, 1024);
    ESC_CLEANUP(esc_event_parser_freep)
    struct esc_event_parser *parser = esc_event_parser_new(1000, note, &out);
    assert_string_equal("", esc_event_parser_last_id(parser));
    expect_ok(esc_event_parser_feed(
        parser, ESC_STR("id: 41\ndata: a\n\nid: 42\nretry: 1500\nretry: x\n"), &err));
    assert_string_equal("42", esc_event_parser_last_id(parser));
    assert_int_equal(1500, esc_event_parser_retry_ms(parser));
    esc_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_says_the_same_however_it_is_cut),
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(endless_lines_and_events_hit_the_ceiling),
        cmocka_unit_test(the_place_to_go_on_from_is_remembered),
    };
    return cmocka_run_group_tests_name("http/events", tests, NULL, NULL);
}
