/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "escher/base/assert.h"
#include "escher/base/num.h"

static uint64_t read_clock(clockid_t which)
{
    struct timespec now;
    ESC_ASSERT(clock_gettime(which, &now) == 0);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1'000'000;
}

static uint64_t system_wall(void *)
{
    return read_clock(CLOCK_REALTIME);
}

static uint64_t system_monotonic(void *)
{
    return read_clock(CLOCK_BOOTTIME);
}

const struct esc_clock *esc_clock_system(void)
{
    static const struct esc_clock clock = {system_wall, system_monotonic, NULL};
    return &clock;
}

uint64_t esc_clock_wall_ms(const struct esc_clock *clock)
{
    return clock->wall_ms(clock->context);
}

uint64_t esc_clock_monotonic_ms(const struct esc_clock *clock)
{
    return clock->monotonic_ms(clock->context);
}

static uint64_t fixed_wall(void *context)
{
    return ((const struct esc_clock_fixed *)context)->wall_ms;
}

static uint64_t fixed_monotonic(void *context)
{
    return ((const struct esc_clock_fixed *)context)->monotonic_ms;
}

void esc_clock_fixed_init(struct esc_clock_fixed *fixed, uint64_t wall_ms)
{
    *fixed =
        (struct esc_clock_fixed){.clock = {fixed_wall, fixed_monotonic, fixed}, .wall_ms = wall_ms};
}

void esc_clock_fixed_advance(struct esc_clock_fixed *fixed, uint64_t by_ms)
{
    fixed->wall_ms += by_ms;
    fixed->monotonic_ms += by_ms;
}

/* Days from civil and back: Howard Hinnant, "chrono-compatible low-level date algorithms". */
static int64_t days_of(int64_t year, int month, int day)
{
    year -= month <= 2;
    const int64_t era = (year >= 0 ? year : year - 399) / 400;
    const int64_t year_of_era = year - era * 400;
    const int64_t month_from_march = month > 2 ? month - 3 : month + 9;
    const int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    const int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146'097 + day_of_era - 719'468;
}

struct fields {
    int year, month, day, hour, minute, second, millisecond;
};

static struct fields split(uint64_t wall_ms)
{
    const time_t seconds = (time_t)(wall_ms / 1000);
    struct tm utc;
    ESC_ASSERT(gmtime_r(&seconds, &utc));
    return (struct fields){utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,          utc.tm_hour,
                           utc.tm_min,         utc.tm_sec,     (int)(wall_ms % 1000)};
}

static char *put_digits(char *out, int value, size_t least)
{
    char digits[ESC_NUM_DIGITS];
    const size_t count = esc_num_write((uint64_t)value, least, digits);
    memcpy(out, digits, count);
    return out + count;
}

/* Year, month and day; or hour, minute and second. */
static char *put_three(char *out, const int values[3], size_t digits_of_first,
                       const char *separator)
{
    for (size_t i = 0; i < 3; i++) {
        if (i && *separator)
            *out++ = *separator;
        out = put_digits(out, values[i], i ? 2 : digits_of_first);
    }
    return out;
}

static char *put_date_and_time(char *out, const struct fields *f, const char *in_date,
                               const char *in_time)
{
    out = put_three(out, (const int[]){f->year, f->month, f->day}, 4, in_date);
    *out++ = 'T';
    return put_three(out, (const int[]){f->hour, f->minute, f->second}, 2, in_time);
}

void esc_time_format(uint64_t wall_ms, char out[ESC_TIME_TEXT])
{
    const struct fields f = split(wall_ms);
    char *at = put_date_and_time(out, &f, "-", ":");
    if (f.millisecond) {
        *at++ = '.';
        at = put_digits(at, f.millisecond, 3);
    }
    *at++ = 'Z';
    *at = '\0';
    ESC_ASSERT(at < out + ESC_TIME_TEXT); /* a year has at most ten digits */
}

void esc_time_format_basic(uint64_t wall_ms, char out[ESC_TIME_TEXT])
{
    const struct fields f = split(wall_ms);
    char *at = put_date_and_time(out, &f, "", "");
    *at++ = 'Z';
    *at = '\0';
    ESC_ASSERT(at < out + ESC_TIME_TEXT);
}

/* Takes `count` digits off the front. */
static bool take(struct esc_str *text, size_t count, int *out)
{
    uint64_t value;
    if (text->len < count || !esc_num_u64(esc_str_slice(*text, 0, count), &value))
        return false;
    *text = esc_str_slice(*text, count, text->len);
    *out = (int)value;
    return true;
}

static bool take_char(struct esc_str *text, const char *any_of)
{
    if (!text->len || !strchr(any_of, text->ptr[0]) || text->ptr[0] == '\0')
        return false;
    *text = esc_str_slice(*text, 1, text->len);
    return true;
}

static bool is_calendar_day(const struct fields *f)
{
    static const int lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (f->month < 1 || f->month > 12 || f->day < 1 || f->day > lengths[f->month - 1])
        return false;
    const bool leap = (f->year % 4 == 0 && f->year % 100 != 0) || f->year % 400 == 0;
    return f->month != 2 || f->day < 29 || leap;
}

static bool take_fraction(struct esc_str *text, int *millisecond)
{
    *millisecond = 0;
    if (!take_char(text, "."))
        return true;
    int scale = 100;
    if (!text->len || !esc_is_digit(text->ptr[0]))
        return false;
    for (; text->len && esc_is_digit(text->ptr[0]); scale /= 10) {
        *millisecond += (text->ptr[0] - '0') * scale;
        *text = esc_str_slice(*text, 1, text->len);
    }
    return true;
}

static bool take_offset(struct esc_str *text, int64_t *seconds)
{
    *seconds = 0;
    if (take_char(text, "Zz"))
        return true;
    const bool west = text->len && text->ptr[0] == '-';
    int hour, minute;
    if (!take_char(text, "+-") || !take(text, 2, &hour))
        return false;
    (void)take_char(text, ":"); /* "+0000" is written by some tools */
    if (!take(text, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *seconds = (west ? -1 : 1) * (hour * 3600 + minute * 60);
    return true;
}

bool esc_time_parse(struct esc_str text, uint64_t *wall_ms)
{
    struct fields f;
    int64_t offset;
    const bool shape =
        take(&text, 4, &f.year) && take_char(&text, "-") && take(&text, 2, &f.month) &&
        take_char(&text, "-") && take(&text, 2, &f.day) && take_char(&text, "Tt ") &&
        take(&text, 2, &f.hour) && take_char(&text, ":") && take(&text, 2, &f.minute) &&
        take_char(&text, ":") && take(&text, 2, &f.second) &&
        take_fraction(&text, &f.millisecond) && take_offset(&text, &offset) && text.len == 0;
    if (!shape || !is_calendar_day(&f) || f.hour > 23 || f.minute > 59 || f.second > 60)
        return false;
    const int64_t seconds = days_of(f.year, f.month, f.day) * 86'400 + f.hour * 3600 +
                            f.minute * 60 + f.second - offset;
    if (seconds < 0)
        return false;
    *wall_ms = (uint64_t)seconds * 1000 + (uint64_t)f.millisecond;
    return true;
}

static bool pattern_field(const struct fields *f, char letter, int *value, int *width)
{
    *width = letter == 'Y' ? 4 : 2;
    switch (letter) {
    case 'Y':
        *value = f->year;
        return true;
    case 'm':
        *value = f->month;
        return true;
    case 'd':
        *value = f->day;
        return true;
    case 'H':
        *value = f->hour;
        return true;
    case 'M':
        *value = f->minute;
        return true;
    case 'S':
        *value = f->second;
        return true;
    default:
        return false;
    }
}

bool esc_time_pattern(uint64_t wall_ms, struct esc_str pattern, char *out, size_t out_size)
{
    const struct fields f = split(wall_ms);
    size_t used = 0;
    for (size_t i = 0; i < pattern.len; i++) {
        char piece[16] = {pattern.ptr[i]};
        if (pattern.ptr[i] == '%') {
            int value, width;
            const char letter = ++i < pattern.len ? pattern.ptr[i] : '\0';
            if (letter != '%') {
                if (!pattern_field(&f, letter, &value, &width))
                    return false;
                (void)snprintf(piece, sizeof piece, "%0*d", width, value); /* fits */
            }
        }
        const size_t len = strlen(piece);
        if (used + len >= out_size)
            return false;
        memcpy(out + used, piece, len);
        used += len;
    }
    if (out_size == 0)
        return false;
    out[used] = '\0';
    return true;
}

void esc_time_age(uint64_t then_ms, uint64_t now_ms, char out[ESC_TIME_TEXT])
{
    static const struct {
        uint64_t unit_s, below_s;
        const char *one, *many;
    } steps[] = {
        {1, 60, "s", "s"},
        {60, 3600, "min", "min"},
        {3600, 48 * 3600, "h", "h"},
        {86'400, UINT64_MAX, "day", "days"},
    };
    const uint64_t seconds = now_ms > then_ms ? (now_ms - then_ms) / 1000 : 0;
    size_t i = 0;
    while (seconds >= steps[i].below_s)
        i++;
    const uint64_t count = seconds / steps[i].unit_s;
    if (seconds < 5)
        (void)snprintf(out, ESC_TIME_TEXT, "just now"); /* fits */
    else
        (void)snprintf(out, ESC_TIME_TEXT, "%llu %s ago", (unsigned long long)count,
                       count == 1 ? steps[i].one : steps[i].many); /* fits */
}
