/* SPDX-License-Identifier: Apache-2.0 */

/* What a word with digits or joints in it is, by its looks alone. */

#include "escher/answer/answer_private.h"

#include <string.h>

#include "escher/catalog/resource_type.h"
#include "escher/find/words.h"

static size_t skip_digits(struct esc_str text, size_t at)
{
    while (at < text.len && esc_is_digit(text.ptr[at]))
        at++;
    return at;
}

/* The end of a number at the front: 512, 1.5, 1,024; 0 when there is none. */
static size_t number_end(struct esc_str text)
{
    size_t end = skip_digits(text, 0);
    bool dot = false;
    while (end > 0 && end + 1 < text.len && esc_is_digit(text.ptr[end + 1]) &&
           (text.ptr[end] == ',' || (text.ptr[end] == '.' && !dot))) {
        dot = text.ptr[end] == '.';
        end = skip_digits(text, end + 1);
    }
    return end;
}

static bool is_any(struct esc_str word, const char *const *words)
{
    for (size_t i = 0; words[i]; i++)
        if (esc_str_equal_nocase(word, esc_str_of(words[i])))
            return true;
    return false;
}

static bool is_amount(struct esc_str unit)
{
    static const char *const units[] = {"b",   "kb",  "mb",  "gb", "tb", "kib",
                                        "mib", "gib", "tib", "g",  NULL};
    return is_any(unit, units);
}

static bool is_time_unit(struct esc_str unit)
{
    static const char *const units[] = {
        "ms",  "s", "sec", "secs", "m",  "min", "mins", "h",  "hr",    "hrs",  "d",       "days",
        "day", "w", "am",  "pm",   "th", "st",  "nd",   "rd", "hours", "hour", "minutes", NULL};
    return is_any(unit, units);
}

/* Digits with ':', '-' or '/' between groups: 10:30, 2026-11-21, 21/11/2026, and with T and Z. */
static bool is_clock_or_date(struct esc_str text)
{
    size_t groups = 0, at = 0;
    bool joint = false;
    while (at < text.len) {
        size_t end = skip_digits(text, at);
        if (end == at)
            return false;
        groups++;
        at = end;
        if (at < text.len && !strchr(":-/TZ+", text.ptr[at]))
            break;
        joint = joint || at < text.len;
        at++;
    }
    struct esc_str rest = esc_str_slice(text, at, text.len);
    return groups > 1 && joint && (rest.len == 0 || is_time_unit(rest));
}

static bool is_region(struct esc_str text)
{
    const struct esc_word word = {text, 0, text.len};
    const char *region = NULL;
    return esc_words_region(&word, 1, &region) == 1;
}

static bool is_pair(struct esc_str text)
{
    size_t at = esc_str_find(text, ESC_STR("="), 0);
    return at != SIZE_MAX && at > 0 && at + 1 < text.len &&
           esc_str_find(text, ESC_STR("="), at + 1) == SIZE_MAX;
}

static enum token_kind number_kind(struct esc_str text)
{
    size_t end = number_end(text);
    struct esc_str unit = esc_str_slice(text, end, text.len);
    if (is_clock_or_date(text))
        return TOKEN_TIME;
    if (end == 0)
        return TOKEN_WORD;
    if (unit.len == 0)
        return text.len == 12 && skip_digits(text, 0) == 12 ? TOKEN_ACCOUNT : TOKEN_NUMBER;
    if (is_amount(unit))
        return TOKEN_QUANTITY;
    return is_time_unit(unit) ? TOKEN_TIME : TOKEN_WORD;
}

/* Letters together with digits, joints or inner capitals. */
static bool is_identifier_like(struct esc_str text)
{
    bool letter = false, odd = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        letter = letter || esc_is_alpha(c) || (unsigned char)c >= 0x80;
        odd = odd || esc_is_digit(c) || strchr("_/@#$%*\\^|~<>+", c) ||
              (i > 0 && i + 1 < text.len && strchr("-.:&", c)) ||
              (i > 0 && esc_is_upper(c) && esc_is_lower(text.ptr[i - 1]));
    }
    return odd || !letter;
}

enum token_kind literal_kind(struct esc_str text)
{
    enum token_kind number = number_kind(text);
    if (number != TOKEN_WORD)
        return number;
    if (is_region(text))
        return TOKEN_REGION;
    if (is_pair(text))
        return TOKEN_PAIR;
    return is_identifier_like(text) ? TOKEN_IDENTIFIER : TOKEN_WORD;
}
