/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/http/events.h"

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/num.h"
#include "escher/base/utf8.h"

static bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

/* Takes one line off the front of *rest, without its CR, LF or CRLF. */
static struct esc_str take_line(struct esc_str *rest)
{
    size_t end = 0;
    while (end < rest->len && !is_line_end(rest->ptr[end]))
        end++;
    struct esc_str line = esc_str_slice(*rest, 0, end);
    size_t next = end + 1;
    if (next < rest->len && rest->ptr[end] == '\r' && rest->ptr[next] == '\n')
        next++;
    *rest = esc_str_slice(*rest, next, rest->len);
    return line;
}

static bool ends_with_line_end(struct esc_str text)
{
    return text.len > 0 && is_line_end(text.ptr[text.len - 1]);
}

static void write_field(struct esc_buf *buf, const char *name, struct esc_str value)
{
    for (size_t i = 0; i < value.len; i++)
        ESC_ASSERT(!is_line_end(value.ptr[i]) && value.ptr[i] != '\0');
    esc_buf_add_text(buf, name);
    esc_buf_add(buf, ESC_STR(": "));
    esc_buf_add(buf, value);
    esc_buf_add_char(buf, '\n');
}

void esc_event_write(struct esc_buf *buf, const struct esc_event *event)
{
    if (event->id && *event->id)
        write_field(buf, "id", esc_str_of(event->id));
    if (event->kind && *event->kind)
        write_field(buf, "event", esc_str_of(event->kind));
    struct esc_str rest = event->data;
    bool more = ends_with_line_end(rest); /* then a last, empty line follows */
    do {
        esc_buf_add(buf, ESC_STR("data: "));
        esc_buf_add(buf, take_line(&rest));
        esc_buf_add_char(buf, '\n');
    } while (rest.len > 0);
    if (more)
        esc_buf_add(buf, ESC_STR("data: \n"));
    esc_buf_add_char(buf, '\n');
}

void esc_event_write_comment(struct esc_buf *buf)
{
    esc_buf_add(buf, ESC_STR(":\n\n"));
}

struct esc_event_parser {
    struct esc_buf line, data, kind, id;
    struct esc_buf clean; /* data with broken UTF-8 replaced */
    bool begun;           /* the first line is over: no byte order mark any more */
    bool after_cr;        /* an LF right now belongs to the CR before it */
    uint64_t retry_ms;
    esc_event_fn *fn;
    void *context;
};

struct esc_event_parser *esc_event_parser_new(size_t max_bytes, esc_event_fn *fn, void *context)
{
    struct esc_event_parser *parser = esc_alloc_zero(sizeof *parser);
    esc_buf_init(&parser->line, max_bytes);
    esc_buf_init(&parser->data, max_bytes);
    esc_buf_init(&parser->kind, max_bytes);
    esc_buf_init(&parser->id, max_bytes);
    esc_buf_init(&parser->clean, 3 * max_bytes); /* U+FFFD is three bytes for one */
    parser->fn = fn;
    parser->context = context;
    return parser;
}

void esc_event_parser_free(struct esc_event_parser *parser)
{
    if (!parser)
        return;
    esc_buf_done(&parser->line);
    esc_buf_done(&parser->data);
    esc_buf_done(&parser->kind);
    esc_buf_done(&parser->id);
    esc_buf_done(&parser->clean);
    free(parser);
}

static void set(struct esc_buf *buf, struct esc_str value)
{
    esc_buf_reset(buf);
    esc_utf8_append_clean(buf, value);
}

static void dispatch(struct esc_event_parser *parser)
{
    if (parser->data.len > 0) {
        struct esc_str data = esc_buf_str(&parser->data);
        set(&parser->clean, esc_str_slice(data, 0, data.len - 1));
        const struct esc_event event = {
            .id = esc_buf_text(&parser->id),
            .kind = parser->kind.len ? esc_buf_text(&parser->kind) : "message",
            .data = esc_buf_str(&parser->clean),
        };
        parser->fn(parser->context, &event);
    }
    esc_buf_reset(&parser->data);
    esc_buf_reset(&parser->kind);
}

static void take_field(struct esc_event_parser *parser, struct esc_str name, struct esc_str value)
{
    if (esc_str_is(name, "data")) {
        esc_buf_add(&parser->data, value);
        esc_buf_add_char(&parser->data, '\n');
    } else if (esc_str_is(name, "event")) {
        set(&parser->kind, value);
    } else if (esc_str_is(name, "id")) {
        if (!esc_str_contains(value, (struct esc_str){"", 1}))
            set(&parser->id, value);
    } else if (esc_str_is(name, "retry")) {
        (void)esc_num_u64(value, &parser->retry_ms); /* no number: the field is ignored */
    }
}

static void take_whole_line(struct esc_event_parser *parser)
{
    struct esc_str line = esc_buf_str(&parser->line);
    if (!parser->begun && esc_str_starts_with(line, ESC_STR("\xEF\xBB\xBF")))
        line = esc_str_slice(line, 3, line.len);
    parser->begun = true;
    size_t colon = esc_str_find(line, ESC_STR(":"), 0);
    struct esc_str value = {0};
    if (colon != SIZE_MAX)
        value = esc_str_slice(line, colon + 1, line.len);
    if (value.len > 0 && value.ptr[0] == ' ')
        value = esc_str_slice(value, 1, value.len);
    if (line.len == 0)
        dispatch(parser);
    else if (colon != 0) /* a line that starts with a colon is a comment */
        take_field(parser, esc_str_slice(line, 0, colon), value);
    esc_buf_reset(&parser->line);
}

enum esc_status esc_event_parser_feed(struct esc_event_parser *parser, struct esc_str bytes,
                                      struct esc_error *err)
{
    while (bytes.len > 0 && parser->line.status == ESC_OK && parser->data.status == ESC_OK) {
        if (parser->after_cr && bytes.ptr[0] == '\n')
            bytes = esc_str_slice(bytes, 1, bytes.len);
        parser->after_cr = false;
        size_t end = 0;
        while (end < bytes.len && !is_line_end(bytes.ptr[end]))
            end++;
        esc_buf_append(&parser->line, bytes.ptr, end);
        if (end == bytes.len || parser->line.status != ESC_OK)
            break;
        parser->after_cr = bytes.ptr[end] == '\r';
        take_whole_line(parser);
        bytes = esc_str_slice(bytes, end + 1, bytes.len);
    }
    if (parser->line.status != ESC_OK)
        return esc_buf_status(&parser->line, "a line of the event stream", err);
    return esc_buf_status(&parser->data, "an event", err);
}

const char *esc_event_parser_last_id(const struct esc_event_parser *parser)
{
    return esc_buf_text(&parser->id);
}

uint64_t esc_event_parser_retry_ms(const struct esc_event_parser *parser)
{
    return parser->retry_ms;
}
