/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/num.h"
#include "escher/base/utf8.h"

/*
 * The one writer. jansson has one too, but writes 0.99 with a fixed count of digits as
 * 0.98999999999999999; here a number is the shortest text that reads back as the same number.
 */
struct writer {
    struct esc_buf *buf;
    enum esc_json_style style;
    unsigned depth;
};

static void write_value(struct writer *writer, const struct esc_json *json);

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

static void write_code_point(struct esc_buf *buf, uint32_t code_point)
{
    if (code_point > 0xFFFF) { /* two halves, RFC 8259 section 7 */
        code_point -= 0x10000;
        esc_buf_printf(buf, "\\u%04x", (unsigned)(0xD800 | code_point >> 10));
        code_point = 0xDC00 | (code_point & 0x3FF);
    }
    esc_buf_printf(buf, "\\u%04x", (unsigned)code_point);
}

static void write_ascii(struct esc_buf *buf, char c)
{
    static const char letters[] = "btn\0fr"; /* for \b to \r, RFC 8259 section 7; \v has none */
    const bool has_letter = c >= '\b' && c <= '\r' && c != '\v';
    if (!has_letter && c < 0x20)
        write_code_point(buf, (unsigned char)c);
    else
        esc_buf_append(buf, (const char[]){'\\', has_letter ? letters[c - '\b'] : c}, 2);
}

static void write_string(struct writer *writer, struct esc_str text)
{
    struct esc_buf *buf = writer->buf;
    esc_buf_add_char(buf, '"');
    while (text.len) {
        size_t plain = 0;
        while (plain < text.len && is_plain((unsigned char)text.ptr[plain]))
            plain++;
        esc_buf_add(buf, esc_str_slice(text, 0, plain));
        const struct esc_str before = esc_str_slice(text, plain, text.len);
        text = before;
        if (text.len == 0)
            break;
        const uint32_t code_point = esc_utf8_next(&text);
        if (code_point < 0x7F)
            write_ascii(buf, (char)code_point);
        else if (writer->style == ESC_JSON_SHOWN && esc_utf8_is_unsafe(code_point))
            write_code_point(buf, code_point);
        else
            esc_buf_add(buf, esc_str_slice(before, 0, before.len - text.len));
    }
    esc_buf_add_char(buf, '"');
}

static void write_int(struct esc_buf *buf, int64_t value)
{
    char digits[ESC_NUM_DIGITS];
    const uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;
    if (value < 0)
        esc_buf_add_char(buf, '-');
    esc_buf_append(buf, digits, esc_num_write(size, 1, digits));
}

/* 17 digits always suffice for a double, 15 mostly do. A real number stays one: 1.0, not 1. */
static void write_real(struct esc_buf *buf, double value)
{
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, value); /* at most 24 characters */
        if (strtod(text, NULL) == value)
            break;
    }
    esc_buf_add_text(buf, text);
    if (!strpbrk(text, ".e"))
        esc_buf_add_text(buf, ".0");
}

static void write_line_end(struct writer *writer)
{
    if (writer->style == ESC_JSON_PRETTY)
        esc_buf_printf(writer->buf, "\n%*s", 2 * (int)writer->depth, "");
}

static void write_array(struct writer *writer, const struct esc_json *array)
{
    const size_t count = esc_json_len(array);
    esc_buf_add_char(writer->buf, '[');
    writer->depth++;
    for (size_t i = 0; i < count; i++) {
        if (i)
            esc_buf_add_char(writer->buf, ',');
        write_line_end(writer);
        write_value(writer, esc_json_at(array, i));
    }
    writer->depth--;
    if (count)
        write_line_end(writer);
    esc_buf_add_char(writer->buf, ']');
}

struct entry {
    const char *key;
    const struct esc_json *value;
};

enum {
    FEW = 24 /* members; objects with more are rare */
};

static int compare_entries(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->key, ((const struct entry *)b)->key);
}

/* The members in the order they are written. */
static void collect(const struct writer *writer, const struct esc_json *object,
                    struct entry *entries)
{
    void *position = NULL;
    size_t count = 0;
    while (esc_json_next(object, &position, &entries[count].key, &entries[count].value))
        count++;
    if (writer->style == ESC_JSON_SORTED)
        qsort(entries, count, sizeof *entries, compare_entries);
}

static void write_members(struct writer *writer, const struct entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i)
            esc_buf_add_char(writer->buf, ',');
        write_line_end(writer);
        write_string(writer, esc_str_of(entries[i].key));
        esc_buf_add(writer->buf, writer->style == ESC_JSON_PRETTY ? ESC_STR(": ") : ESC_STR(":"));
        write_value(writer, entries[i].value);
    }
}

static void write_object(struct writer *writer, const struct esc_json *object)
{
    const size_t count = esc_json_len(object);
    struct entry few[FEW + 1]; /* the last place is what the end of the walk leaves alone */
    struct entry *entries = count <= FEW ? few : esc_alloc_array(count + 1, sizeof *entries);
    collect(writer, object, entries);
    esc_buf_add_char(writer->buf, '{');
    writer->depth++;
    write_members(writer, entries, count);
    writer->depth--;
    if (count)
        write_line_end(writer);
    esc_buf_add_char(writer->buf, '}');
    if (entries != few)
        free(entries);
}

static void write_value(struct writer *writer, const struct esc_json *json)
{
    switch (esc_json_type(json)) {
    case ESC_JSON_NULL:
        esc_buf_add_text(writer->buf, "null");
        break;
    case ESC_JSON_BOOL:
        esc_buf_add_text(writer->buf, esc_json_flag(json, "", false) ? "true" : "false");
        break;
    case ESC_JSON_INT:
        write_int(writer->buf, esc_json_num(json, "", 0));
        break;
    case ESC_JSON_REAL:
        write_real(writer->buf, esc_json_dbl(json, "", 0));
        break;
    case ESC_JSON_STRING:
        write_string(writer, esc_json_value(json));
        break;
    case ESC_JSON_ARRAY:
        write_array(writer, json);
        break;
    case ESC_JSON_OBJECT:
        write_object(writer, json);
        break;
    }
}

void esc_json_write(const struct esc_json *json, enum esc_json_style style, struct esc_buf *buf)
{
    struct writer writer = {.buf = buf, .style = style};
    write_value(&writer, json);
}

char *esc_json_print(const struct esc_json *json, enum esc_json_style style)
{
    struct esc_buf buf;
    esc_buf_init(&buf, SIZE_MAX / 2); /* bounded by the value, which is in memory already */
    esc_json_write(json, style, &buf);
    return esc_buf_take(&buf);
}
