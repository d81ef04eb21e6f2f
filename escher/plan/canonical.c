/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/plan/canonical.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/list.h"
#include "escher/base/utf8.h"

enum {
    MAX_DIGITS = 17, /* of a double */
};

static const int64_t largest_integer = 9'007'199'254'740'992; /* 2^53 */

/* The shortest digits that read back as the same double, and the power of ten of the first. */
static void shortest(double number, char digits[MAX_DIGITS + 1], int *power)
{
    char text[40];
    for (int precision = 0; precision < MAX_DIGITS; precision++) {
        (void)snprintf(text, sizeof text, "%.*e", precision, number); /* fits */
        if (strtod(text, NULL) == number)
            break;
    }
    const char *exponent = strchr(text, 'e');
    ESC_ASSERT(exponent);
    *power = (int)strtol(exponent + 1, NULL, 10);
    size_t count = 0;
    for (const char *at = text; at < exponent; at++) {
        if (esc_is_digit(*at))
            digits[count++] = *at;
    }
    while (count > 1 && digits[count - 1] == '0')
        count--;
    digits[count] = '\0';
}

/* ECMA-262, Number::toString, steps 6 to 12; n is one more than the power of ten. */
void esc_canonical_number(double number, struct esc_buf *out)
{
    ESC_ASSERT(isfinite(number));
    if (number == 0) {
        esc_buf_add_char(out, '0'); /* minus zero, too */
        return;
    }
    if (number < 0)
        esc_buf_add_char(out, '-');
    char digits[MAX_DIGITS + 1];
    int power;
    shortest(fabs(number), digits, &power);
    const int k = (int)strlen(digits), n = power + 1;
    if (k <= n && n <= 21) {
        esc_buf_printf(out, "%s%.*s", digits, n - k, "000000000000000000000");
    } else if (0 < n && n <= 21) {
        esc_buf_printf(out, "%.*s.%s", n, digits, digits + n);
    } else if (-6 < n && n <= 0) {
        esc_buf_printf(out, "0.%.*s%s", -n, "000000", digits);
    } else {
        const char sign = n - 1 < 0 ? '-' : '+';
        esc_buf_printf(out, "%c%s%se%c%d", digits[0], k > 1 ? "." : "", digits + 1, sign,
                       abs(n - 1));
    }
}

static void write_string(struct esc_str text, struct esc_buf *out)
{
    static const char shorts[] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    esc_buf_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.ptr[i];
        if (c == '"' || c == '\\')
            esc_buf_printf(out, "\\%c", c);
        else if (c < sizeof shorts && shorts[c])
            esc_buf_printf(out, "\\%c", shorts[c]);
        else if (c < 0x20)
            esc_buf_printf(out, "\\u%04x", c);
        else
            esc_buf_add_char(out, (char)c);
    }
    esc_buf_add_char(out, '"');
}

/* Code points above U+FFFF are written as surrogates in UTF-16, which sort below U+E000. */
static uint32_t utf16_rank(uint32_t code_point)
{
    return code_point > 0xFFFF ? 0xD800 + ((code_point - 0x10000) >> 10) : code_point;
}

static int compare_keys(const void *a, const void *b)
{
    struct esc_str left = esc_str_of(a), right = esc_str_of(b);
    while (left.len && right.len) {
        const uint32_t one = esc_utf8_next(&left), two = esc_utf8_next(&right);
        if (one == two)
            continue;
        const uint32_t first = utf16_rank(one), second = utf16_rank(two);
        if (first != second)
            return first < second ? -1 : 1;
        return one < two ? -1 : 1; /* the same high surrogate: the low ones decide */
    }
    return left.len ? 1 : right.len ? -1 : 0;
}

static enum esc_status write_array(const struct esc_json *json, struct esc_buf *out,
                                   struct esc_error *err)
{
    enum esc_status status = ESC_OK;
    esc_buf_add_char(out, '[');
    for (size_t i = 0; status == ESC_OK && i < esc_json_len(json); i++) {
        if (i)
            esc_buf_add_char(out, ',');
        status = esc_canonical_write(esc_json_at(json, i), out, err);
    }
    esc_buf_add_char(out, ']');
    return status;
}

static enum esc_status write_object(const struct esc_json *json, struct esc_buf *out,
                                    struct esc_error *err)
{
    struct esc_list keys;
    void *position = NULL;
    const char *key;
    const struct esc_json *value;
    esc_list_init(&keys, NULL);
    while (esc_json_next(json, &position, &key, &value))
        esc_list_push(&keys, (void *)(uintptr_t)key);
    esc_list_sort(&keys, compare_keys);
    enum esc_status status = ESC_OK;
    esc_buf_add_char(out, '{');
    for (size_t i = 0; status == ESC_OK && i < keys.count; i++) {
        if (i)
            esc_buf_add_char(out, ',');
        write_string(esc_str_of(keys.items[i]), out);
        esc_buf_add_char(out, ':');
        status = esc_canonical_write(esc_json_member(json, keys.items[i]), out, err);
    }
    esc_buf_add_char(out, '}');
    esc_list_done(&keys);
    return status;
}

enum esc_status esc_canonical_write(const struct esc_json *json, struct esc_buf *out,
                                    struct esc_error *err)
{
    const int64_t whole = esc_json_num(json, "", 0);
    switch (esc_json_type(json)) {
    case ESC_JSON_NULL:
        esc_buf_add_text(out, "null");
        break;
    case ESC_JSON_BOOL:
        esc_buf_add_text(out, esc_json_flag(json, "", false) ? "true" : "false");
        break;
    case ESC_JSON_INT:
        if (whole > largest_integer || whole < -largest_integer)
            return esc_fail(err, ESC_INVALID, "%lld is beyond 2^53", (long long)whole);
        esc_buf_printf(out, "%lld", (long long)whole);
        break;
    case ESC_JSON_REAL:
        esc_canonical_number(esc_json_dbl(json, "", 0), out);
        break;
    case ESC_JSON_STRING:
        write_string(esc_json_value(json), out);
        break;
    case ESC_JSON_ARRAY:
        return write_array(json, out, err);
    case ESC_JSON_OBJECT:
        return write_object(json, out, err);
    }
    return esc_buf_status(out, "the canonical text", err);
}
