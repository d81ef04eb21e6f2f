/* SPDX-License-Identifier: Apache-2.0 */

/*
 * One spelling for each thing, so that the lexicon needs only one: what Unicode's compatibility
 * forms write in other ways (full width, ligatures, mathematical letters), the quotes and dashes
 * of typewriters and phones, and blanks of every width. What cannot be seen is dropped, it can
 * only hide something. Names are matched on the prompt itself, not on this text.
 *
 * @source Unicode 15, UAX #15 (the compatibility mappings used here are a small part of it)
 */

#include "escher/answer/answer_private.h"

#include "escher/base/utf8.h"

struct range {
    uint32_t first, last, to; /* first..last become to, to + 1, ... or all `to` when same */
    bool same;
};

static const struct range ranges[] = {
    {0x0009, 0x000D, ' ', true},    {0x00A0, 0x00A0, ' ', true},    {0x00B4, 0x00B4, '\'', true},
    {0x02BC, 0x02BC, '\'', true},   {0x2000, 0x200A, ' ', true},    {0x2010, 0x2015, '-', true},
    {0x2018, 0x201B, '\'', true},   {0x201C, 0x201F, '"', true},    {0x2024, 0x2024, '.', true},
    {0x2028, 0x2029, ' ', true},    {0x202F, 0x202F, ' ', true},    {0x2032, 0x2032, '\'', true},
    {0x2033, 0x2033, '"', true},    {0x205F, 0x205F, ' ', true},    {0x2212, 0x2212, '-', true},
    {0x3000, 0x3000, ' ', true},    {0xFE58, 0xFE58, '-', true},    {0xFE63, 0xFE63, '-', true},
    {0xFF01, 0xFF5E, '!', false},   {0x1D400, 0x1D419, 'A', false}, {0x1D41A, 0x1D433, 'a', false},
    {0x1D434, 0x1D44D, 'A', false}, {0x1D44E, 0x1D467, 'a', false}, {0x1D468, 0x1D481, 'A', false},
    {0x1D482, 0x1D49B, 'a', false}, {0x1D5A0, 0x1D5B9, 'A', false}, {0x1D5BA, 0x1D5D3, 'a', false},
    {0x1D5D4, 0x1D5ED, 'A', false}, {0x1D5EE, 0x1D607, 'a', false}, {0x1D670, 0x1D689, 'A', false},
    {0x1D68A, 0x1D6A3, 'a', false}, {0x1D7F6, 0x1D7FF, '0', false},
};

static const struct {
    uint32_t from;
    const char *to;
} spelt_out[] = {
    {0xFB00, "ff"},  {0xFB01, "fi"},  {0xFB02, "fl"}, {0xFB03, "ffi"},
    {0xFB04, "ffl"}, {0x2026, "..."}, {0x00AB, "\""}, {0x00BB, "\""},
};

static bool is_invisible(uint32_t c)
{
    return c == 0x00AD || c == 0x034F || c == 0x061C || c == 0x180E ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFE00 && c <= 0xFE0F) ||
           (c >= 0xE0000 && c <= 0xE0FFF);
}

static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0);
}

static uint32_t plain(uint32_t c)
{
    for (size_t i = 0; i < ESC_COUNT(ranges); i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return ranges[i].same ? ranges[i].to : ranges[i].to + (c - ranges[i].first);
    return c;
}

struct writer {
    struct esc_buf bytes;
    size_t *origin;
};

static void write(struct writer *writer, size_t from, uint32_t code_point)
{
    size_t before = writer->bytes.len;
    esc_utf8_append(&writer->bytes, code_point);
    for (size_t i = before; i < writer->bytes.len; i++)
        writer->origin[i] = from;
}

static void write_plain(struct writer *writer, size_t from, uint32_t c)
{
    for (size_t i = 0; i < ESC_COUNT(spelt_out); i++) {
        if (spelt_out[i].from != c)
            continue;
        for (const char *letter = spelt_out[i].to; *letter; letter++)
            write(writer, from, (unsigned char)*letter);
        return;
    }
    write(writer, from, plain(c));
}

void clean_prompt(struct esc_arena *arena, struct esc_str prompt, struct clean_text *out)
{
    struct writer writer;
    size_t most = prompt.len * 3 + 1; /* an invalid byte becomes the three of U+FFFD */
    *out = (struct clean_text){0};
    esc_buf_init(&writer.bytes, most);
    writer.origin = esc_arena_alloc(arena, (most + 1) * sizeof *writer.origin);
    struct esc_str rest = prompt;
    while (rest.len > 0) {
        size_t from = prompt.len - rest.len;
        uint32_t c = esc_utf8_next(&rest);
        if (c == ESC_UTF8_INVALID) {
            write(&writer, from, 0xFFFD);
        } else if (is_invisible(c)) {
            out->had_invisible = true;
        } else if (is_control(c) && plain(c) != ' ') {
            out->had_control = true;
            write(&writer, from, 0xFFFD);
        } else {
            write_plain(&writer, from, c);
        }
    }
    out->text =
        (struct esc_str){esc_arena_dup(arena, esc_buf_str(&writer.bytes)), writer.bytes.len};
    writer.origin[writer.bytes.len] = prompt.len;
    out->origin = writer.origin;
    esc_buf_done(&writer.bytes);
}
