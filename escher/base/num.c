/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/num.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"

bool esc_num_u64(struct esc_str text, uint64_t *out)
{
    uint64_t value = 0;
    if (text.len == 0)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (!esc_is_digit(text.ptr[i]))
            return false;
        const uint64_t digit = (uint64_t)(text.ptr[i] - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

bool esc_num_i64(struct esc_str text, int64_t *out)
{
    const bool negative = text.len && text.ptr[0] == '-';
    const uint64_t most = negative ? (uint64_t)INT64_MAX + 1 : INT64_MAX;
    uint64_t size;
    if (!esc_num_u64(esc_str_slice(text, negative, text.len), &size) || size > most)
        return false;
    *out = (int64_t)(negative ? ~size + 1 : size);
    return true;
}

/* Without printf, which takes most of the time where thousands of records are written. */
size_t esc_num_write(uint64_t value, size_t least, char out[ESC_NUM_DIGITS])
{
    char reversed[ESC_NUM_DIGITS];
    size_t count = 0;
    ESC_ASSERT(least <= ESC_NUM_DIGITS);
    for (; value > 0 || count < least; value /= 10)
        reversed[count++] = (char)('0' + value % 10);
    for (size_t i = 0; i < count; i++)
        out[i] = reversed[count - 1 - i];
    return count;
}

static size_t digits(struct esc_str text, size_t from)
{
    while (from < text.len && esc_is_digit(text.ptr[from]))
        from++;
    return from;
}

/* number = [ "-" ] int [ "." 1*digit ] [ ("e"/"E") ["+"/"-"] 1*digit ], RFC 8259 section 6. */
static bool is_json_number(struct esc_str text)
{
    size_t at = text.len && text.ptr[0] == '-';
    const size_t first = at;
    at = digits(text, at);
    if (at == first || (text.ptr[first] == '0' && at > first + 1))
        return false;
    if (at < text.len && text.ptr[at] == '.') {
        const size_t fraction = ++at;
        at = digits(text, at);
        if (at == fraction)
            return false;
    }
    if (at < text.len && (text.ptr[at] == 'e' || text.ptr[at] == 'E')) {
        at++;
        at += at < text.len && (text.ptr[at] == '+' || text.ptr[at] == '-');
        const size_t exponent = at;
        at = digits(text, at);
        if (at == exponent)
            return false;
    }
    return at == text.len;
}

bool esc_num_double(struct esc_str text, double *out)
{
    char copy[64]; /* strtod wants a NUL; no sensible number is longer */
    if (text.len >= sizeof copy || !is_json_number(text))
        return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    const double value = strtod(copy, NULL); /* programs never call setlocale(LC_NUMERIC) */
    if (!isfinite(value))
        return false;
    *out = value;
    return true;
}

void esc_hex(const void *bytes, size_t len, char *out)
{
    static const char digit[] = "0123456789abcdef";
    const unsigned char *at = bytes;
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digit[at[i] >> 4];
        out[2 * i + 1] = digit[at[i] & 15];
    }
    out[2 * len] = '\0';
}

static int hex_value(char c)
{
    if (esc_is_digit(c))
        return c - '0';
    c = esc_to_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool esc_hex_parse(struct esc_str text, void *out, size_t len)
{
    if (text.len != 2 * len)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (hex_value(text.ptr[i]) < 0)
            return false;
    }
    unsigned char *at = out;
    for (size_t i = 0; i < len; i++)
        at[i] = (unsigned char)(hex_value(text.ptr[2 * i]) * 16 + hex_value(text.ptr[2 * i + 1]));
    return true;
}

char *esc_base64(const void *bytes, size_t len)
{
    static const char digits64[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *in = bytes;
    char *text = esc_alloc_zero((len + 2) / 3 * 4 + 1), *out = text;
    for (size_t i = 0; i < len; i += 3) {
        const size_t left = len - i;
        const uint32_t group = (uint32_t)in[i] << 16 | (left > 1 ? (uint32_t)in[i + 1] << 8 : 0) |
                               (left > 2 ? in[i + 2] : 0);
        *out++ = digits64[group >> 18];
        *out++ = digits64[group >> 12 & 63];
        *out++ = left > 1 ? digits64[group >> 6 & 63] : '=';
        *out++ = left > 2 ? digits64[group & 63] : '=';
    }
    return text;
}

char *esc_percent_encode(struct esc_str text)
{
    static const char digits[] = "0123456789ABCDEF";
    char *out = esc_alloc(3 * text.len + 1), *at = out;
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.ptr[i];
        if (esc_is_alnum(text.ptr[i]) || c == '-' || c == '.' || c == '_' || c == '~') {
            *at++ = text.ptr[i];
        } else {
            *at++ = '%';
            *at++ = digits[c >> 4];
            *at++ = digits[c & 15];
        }
    }
    *at = '\0';
    return out;
}

char *esc_percent_decode(struct esc_str text)
{
    ESC_CLEANUP(esc_freep) char *out = esc_alloc(text.len + 1);
    char *at = out;
    for (size_t i = 0; i < text.len; i++) {
        *at = text.ptr[i];
        if (*at == '%') {
            if (!esc_hex_parse(esc_str_slice(text, i + 1, i + 3), at, 1) || *at == '\0')
                return NULL;
            i += 2;
        }
        at++;
    }
    *at = '\0';
    return ESC_STEAL(out);
}

uint32_t esc_load_u32(const void *bytes)
{
    const unsigned char *at = bytes;
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

uint64_t esc_load_u64(const void *bytes)
{
    const unsigned char *at = bytes;
    return esc_load_u32(at) | (uint64_t)esc_load_u32(at + 4) << 32;
}

void esc_store_u32(void *bytes, uint32_t value)
{
    unsigned char *at = bytes;
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(value >> (8 * i));
}

void esc_store_u64(void *bytes, uint64_t value)
{
    unsigned char *at = bytes;
    for (int i = 0; i < 8; i++)
        at[i] = (unsigned char)(value >> (8 * i));
}
