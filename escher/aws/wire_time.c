/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "escher/aws/wire_private.h"
#include "escher/base/clock.h"
#include "escher/base/num.h"

/*
 * Times. Services write them as RFC 3339 with any number of fraction digits, as seconds since 1970
 * or as HTTP dates; the CLI prints what Python's isoformat() makes of them: six digits of fraction
 * or none, and an offset in figures.
 */

enum {
    LENGTH_OF_SECONDS = 19, /* "2026-03-01T09:12:00" */
    FRACTION_DIGITS = 6,
};
static const double end_of_9999 = 253402300800.0;

/* Cuts ".123" off the front and appends it as six digits, unless they are all zero. */
static bool take_fraction(struct esc_str *rest, struct esc_buf *out)
{
    char digits[FRACTION_DIGITS + 1] = "000000";
    size_t len = 0;
    if (rest->len == 0 || rest->ptr[0] != '.')
        return true;
    *rest = esc_str_slice(*rest, 1, rest->len);
    for (; len < rest->len && esc_is_digit(rest->ptr[len]); len++)
        if (len < FRACTION_DIGITS)
            digits[len] = rest->ptr[len];
    *rest = esc_str_slice(*rest, len, rest->len);
    if (strcmp(digits, "000000") != 0)
        esc_buf_printf(out, ".%s", digits);
    return len > 0;
}

/* "Z", "+02:00" or "+0200". */
static bool take_offset(struct esc_str text, struct esc_buf *out)
{
    const bool has_colon = text.len == 6 && text.ptr[3] == ':';
    if (esc_str_is(text, "Z") || esc_str_is(text, "z")) {
        esc_buf_add_text(out, "+00:00");
        return true;
    }
    if ((text.len != 5 && !has_colon) || (text.ptr[0] != '+' && text.ptr[0] != '-'))
        return false;
    esc_buf_add(out, esc_str_slice(text, 0, 3));
    esc_buf_add_char(out, ':');
    esc_buf_add(out, esc_str_slice(text, text.len - 2, text.len));
    return true;
}

/* Also of years before 1970: "0001-01-01T00:00:00Z" stands for never. */
static bool read_iso(struct esc_str text, struct esc_buf *out)
{
    static const char form[] = "0000-00-00T00:00:00";
    struct esc_str rest = esc_str_slice(text, LENGTH_OF_SECONDS, text.len);
    for (size_t i = 0; i < LENGTH_OF_SECONDS; i++)
        if (i >= text.len || (form[i] == '0' ? !esc_is_digit(text.ptr[i]) : text.ptr[i] != form[i]))
            return false;
    esc_buf_add(out, esc_str_slice(text, 0, LENGTH_OF_SECONDS));
    return take_fraction(&rest, out) && take_offset(rest, out);
}

bool wire_time_of_seconds(double seconds, char out[WIRE_TIME_TEXT])
{
    char text[ESC_TIME_TEXT];
    if (!(seconds >= 0 && seconds < end_of_9999))
        return false;
    double whole;
    uint64_t micros = (uint64_t)nearbyint(modf(seconds, &whole) * 1e6); /* half to even, as there */
    uint64_t second = (uint64_t)whole + micros / 1'000'000;
    micros %= 1'000'000;
    esc_time_format(second * 1000, text);
    if (micros)
        (void)snprintf(out, WIRE_TIME_TEXT, "%.*s.%06u+00:00", LENGTH_OF_SECONDS, text,
                       (unsigned)micros);
    else
        (void)snprintf(out, WIRE_TIME_TEXT, "%.*s+00:00", LENGTH_OF_SECONDS, text);
    return true;
}

bool wire_time_read(struct esc_str text, char out[WIRE_TIME_TEXT])
{
    struct esc_buf buf;
    char http_date[32];
    double seconds;
    uint64_t wall_ms;
    text = esc_str_trim(text);
    if (esc_num_double(text, &seconds))
        return wire_time_of_seconds(seconds, out);
    esc_buf_init(&buf, WIRE_TIME_TEXT - 1);
    bool good = read_iso(text, &buf) && buf.status == ESC_OK;
    if (good)
        memcpy(out, buf.ptr, buf.len + 1);
    esc_buf_done(&buf);
    if (good || text.len >= sizeof http_date)
        return good;
    memcpy(http_date, text.ptr ? text.ptr : "", text.len);
    http_date[text.len] = '\0';
    return aws_parse_http_date(http_date, &wall_ms) &&
           wire_time_of_seconds((double)(wall_ms / 1000), out);
}

static bool read_parameter(const struct esc_json *value, uint64_t *wall_ms)
{
    double seconds = esc_json_dbl(value, "", -1);
    if (esc_json_is(value, ESC_JSON_STRING))
        return esc_time_parse(esc_json_value(value), wall_ms);
    if (!(seconds >= 0 && seconds < end_of_9999))
        return false;
    *wall_ms = (uint64_t)nearbyint(seconds * 1000);
    return true;
}

/** @source RFC 9110 section 5.6.7, IMF-fixdate */
static void write_http_date(uint64_t wall_ms, char out[WIRE_TIME_TEXT])
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    static const char days[] = "ThuFriSatSunMonTueWed"; /* 1970 began on a Thursday */
    char iso[ESC_TIME_TEXT];
    esc_time_format(wall_ms, iso);
    const size_t month = (size_t)((iso[5] - '0') * 10 + (iso[6] - '0') - 1) % 12;
    const size_t day = (size_t)(wall_ms / (24 * 3600 * 1000ull) % 7);
    (void)snprintf(out, WIRE_TIME_TEXT, "%.3s, %.2s %.3s %.4s %.8s GMT", days + 3 * day, iso + 8,
                   months + 3 * month, iso, iso + 11);
}

bool wire_time_write(const struct esc_json *value, enum esc_time_format format,
                     char out[WIRE_TIME_TEXT])
{
    uint64_t wall_ms = 0;
    if (!read_parameter(value, &wall_ms))
        return false;
    if (format == ESC_TIME_UNIX)
        (void)snprintf(out, WIRE_TIME_TEXT, "%llu", (unsigned long long)(wall_ms / 1000));
    else if (format == ESC_TIME_RFC822)
        write_http_date(wall_ms, out);
    else
        esc_time_format(wall_ms, out);
    return true;
}
