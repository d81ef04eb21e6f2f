/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/utf8.h"

#include <string.h>

/* Table 3-7 of the Unicode standard: well-formed byte sequences, by what the first byte says. */
uint32_t esc_utf8_next(struct esc_str *rest)
{
    const unsigned char *at = (const unsigned char *)rest->ptr;
    const unsigned first = at[0];
    size_t len = 1;
    uint32_t code_point = first;
    unsigned low = 0x80, high = 0xBF; /* allowed second byte */
    if (first >= 0xC2 && first <= 0xDF) {
        len = 2;
        code_point = first & 0x1F;
    } else if (first >= 0xE0 && first <= 0xEF) {
        len = 3;
        code_point = first & 0x0F;
        low = first == 0xE0 ? 0xA0 : 0x80;
        high = first == 0xED ? 0x9F : 0xBF;
    } else if (first >= 0xF0 && first <= 0xF4) {
        len = 4;
        code_point = first & 0x07;
        low = first == 0xF0 ? 0x90 : 0x80;
        high = first == 0xF4 ? 0x8F : 0xBF;
    } else if (first >= 0x80) {
        code_point = ESC_UTF8_INVALID;
    }
    for (size_t i = 1; i < len; i++) {
        if (i >= rest->len || at[i] < low || at[i] > high) {
            len = i; /* what could still have become a character goes as one (section 3.9) */
            code_point = ESC_UTF8_INVALID;
            break;
        }
        code_point = code_point << 6 | (at[i] & 0x3Fu);
        low = 0x80;
        high = 0xBF;
    }
    *rest = esc_str_slice(*rest, len, rest->len);
    return code_point;
}

/* Most texts are ASCII: eight bytes at a time, as long as none has its highest bit. */
static struct esc_str without_ascii(struct esc_str text)
{
    uint64_t eight;
    for (; text.len >= sizeof eight; text.ptr += sizeof eight, text.len -= sizeof eight) {
        memcpy(&eight, text.ptr, sizeof eight);
        if (eight & 0x8080808080808080u)
            break;
    }
    return text;
}

bool esc_utf8_is_valid(struct esc_str text)
{
    text = without_ascii(text);
    while (text.len) {
        if (esc_utf8_next(&text) == ESC_UTF8_INVALID)
            return false;
    }
    return true;
}

size_t esc_utf8_count(struct esc_str text)
{
    size_t count = 0;
    for (; text.len; count++)
        (void)esc_utf8_next(&text);
    return count;
}

void esc_utf8_append(struct esc_buf *buf, uint32_t c)
{
    if (c < 0x80) {
        esc_buf_add_char(buf, (char)c);
    } else if (c < 0x800) {
        esc_buf_add_char(buf, (char)(0xC0 | c >> 6));
        esc_buf_add_char(buf, (char)(0x80 | (c & 0x3F)));
    } else if (c < 0x10000) {
        esc_buf_add_char(buf, (char)(0xE0 | c >> 12));
        esc_buf_add_char(buf, (char)(0x80 | (c >> 6 & 0x3F)));
        esc_buf_add_char(buf, (char)(0x80 | (c & 0x3F)));
    } else {
        esc_buf_add_char(buf, (char)(0xF0 | c >> 18));
        esc_buf_add_char(buf, (char)(0x80 | (c >> 12 & 0x3F)));
        esc_buf_add_char(buf, (char)(0x80 | (c >> 6 & 0x3F)));
        esc_buf_add_char(buf, (char)(0x80 | (c & 0x3F)));
    }
}

void esc_utf8_append_clean(struct esc_buf *buf, struct esc_str text)
{
    while (text.len) {
        const struct esc_str before = text;
        if (esc_utf8_next(&text) == ESC_UTF8_INVALID)
            esc_utf8_append(buf, 0xFFFD);
        else
            esc_buf_append(buf, before.ptr, before.len - text.len);
    }
}

struct esc_str esc_utf8_cut(struct esc_str text, size_t max)
{
    if (text.len <= max)
        return text;
    while (max > 0 && ((unsigned char)text.ptr[max] & 0xC0) == 0x80)
        max--;
    return esc_str_slice(text, 0, max);
}

struct range {
    uint32_t first, last;
};

static bool is_in(uint32_t code_point, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (code_point >= ranges[i].first && code_point <= ranges[i].last)
            return true;
    }
    return false;
}

bool esc_utf8_is_unsafe(uint32_t code_point)
{
    static const struct range unsafe[] = {
        {0x00, 0x1F},       {0x7F, 0x9F},       {0xAD, 0xAD},       {0x034F, 0x034F},
        {0x061C, 0x061C},   {0x115F, 0x1160},   {0x17B4, 0x17B5},   {0x180B, 0x180F},
        {0x200B, 0x200F},   {0x2028, 0x202E},   {0x2060, 0x206F},   {0x3164, 0x3164},
        {0xFE00, 0xFE0E},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},
        {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
    };
    return code_point == ESC_UTF8_INVALID || is_in(code_point, unsafe, ESC_COUNT(unsafe));
}

bool esc_utf8_has_unsafe(struct esc_str text)
{
    while (text.len) {
        if (esc_utf8_is_unsafe(esc_utf8_next(&text)))
            return true;
    }
    return false;
}

static void append_hex(struct esc_buf *buf, struct esc_str bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        esc_buf_printf(buf, "\\x{%02x}", (unsigned)(unsigned char)bytes.ptr[i]);
}

void esc_utf8_append_display(struct esc_buf *buf, struct esc_str text, bool keep_lines)
{
    while (text.len) {
        const struct esc_str before = text;
        const uint32_t code_point = esc_utf8_next(&text);
        const bool kept = keep_lines && (code_point == '\n' || code_point == '\t');
        if (code_point == ESC_UTF8_INVALID)
            append_hex(buf, esc_str_slice(before, 0, before.len - text.len));
        else if (esc_utf8_is_unsafe(code_point) && !kept)
            esc_buf_printf(buf, "\\u{%x}", (unsigned)code_point);
        else
            esc_buf_append(buf, before.ptr, before.len - text.len);
    }
}

static bool is_plain_word(struct esc_str word)
{
    for (size_t i = 0; i < word.len; i++) {
        if (!esc_is_alnum(word.ptr[i]) && !memchr("@%+=:,./_-", word.ptr[i], 10))
            return false;
    }
    return word.len > 0;
}

void esc_utf8_append_word(struct esc_buf *buf, struct esc_str word)
{
    if (is_plain_word(word)) {
        esc_buf_add(buf, word);
        return;
    }
    size_t from = 0, quote;
    esc_buf_add_char(buf, '\'');
    while ((quote = esc_str_find(word, ESC_STR("'"), from)) != SIZE_MAX) {
        esc_utf8_append_display(buf, esc_str_slice(word, from, quote), false);
        esc_buf_add_text(buf, "'\\''");
        from = quote + 1;
    }
    esc_utf8_append_display(buf, esc_str_slice(word, from, word.len), false);
    esc_buf_add_char(buf, '\'');
}

/* Coarse by design: the blocks that matter for lining up a table (UAX #11, Mn blocks). */
size_t esc_utf8_columns(struct esc_str text)
{
    static const struct range combining[] = {
        {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F},
        {0x06D6, 0x06DC}, {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF},
        {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
    };
    static const struct range wide[] = {
        {0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},   {0xAC00, 0xD7A3},
        {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
        {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
    };
    size_t columns = 0;
    while (text.len) {
        const uint32_t code_point = esc_utf8_next(&text);
        if (is_in(code_point, wide, ESC_COUNT(wide)))
            columns += 2;
        else if (!is_in(code_point, combining, ESC_COUNT(combining)))
            columns += 1;
    }
    return columns;
}
