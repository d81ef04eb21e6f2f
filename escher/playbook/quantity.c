/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/playbook/quantity.h"

#include "escher/base/attr.h"

enum {
    DIGITS_MAX = 9,   /* before the point */
    FRACTION_MAX = 3, /* after it: thousandths are exact */
};

enum kind {
    KIND_BYTES, /* counted in MB */
    KIND_TIME,  /* counted in s */
};

static const struct {
    const char *word;
    enum kind kind;
    int64_t factor;
} units[] = {
    {"mb", KIND_BYTES, 1},      {"mib", KIND_BYTES, 1},         {"meg", KIND_BYTES, 1},
    {"megs", KIND_BYTES, 1},    {"megabyte", KIND_BYTES, 1},    {"megabytes", KIND_BYTES, 1},
    {"gb", KIND_BYTES, 1024},   {"gib", KIND_BYTES, 1024},      {"gig", KIND_BYTES, 1024},
    {"gigs", KIND_BYTES, 1024}, {"gigabyte", KIND_BYTES, 1024}, {"gigabytes", KIND_BYTES, 1024},
    {"s", KIND_TIME, 1},        {"sec", KIND_TIME, 1},          {"secs", KIND_TIME, 1},
    {"second", KIND_TIME, 1},   {"seconds", KIND_TIME, 1},      {"min", KIND_TIME, 60},
    {"mins", KIND_TIME, 60},    {"minute", KIND_TIME, 60},      {"minutes", KIND_TIME, 60},
    {"h", KIND_TIME, 3600},     {"hour", KIND_TIME, 3600},      {"hours", KIND_TIME, 3600},
};

/* What may be asked for; `base` is how many of the table's counts one of it is. */
static const struct {
    const char *name;
    enum kind kind;
    int64_t base;
} asked[] = {{"MB", KIND_BYTES, 1}, {"GB", KIND_BYTES, 1024}, {"s", KIND_TIME, 1}};

bool esc_quantity_is_unit(const char *unit)
{
    for (size_t i = 0; i < ESC_COUNT(asked); i++)
        if (esc_text_equal(asked[i].name, unit))
            return true;
    return esc_text_equal(unit, "");
}

static char char_at(struct esc_str text, size_t at)
{
    return at < text.len ? text.ptr[at] : ' ';
}

static bool is_name_char(char c)
{
    return esc_is_alnum(c) || c == '_' || c == '-' || c == '/' || c == ':' || c == '@' ||
           c == '#' || (unsigned char)c >= 0x80;
}

/* Whether a number that ends before `at` ends there: "15.2", "1,024" and "5-a" do not. */
static bool ends_at(struct esc_str text, size_t at)
{
    const char c = char_at(text, at);
    if (c == '.' || c == ',')
        return !is_name_char(char_at(text, at + 1)) || esc_is_space(char_at(text, at + 1));
    return !is_name_char(c);
}

static bool begins_at(struct esc_str text, size_t at)
{
    if (at == 0)
        return true;
    const char before = text.ptr[at - 1];
    return !is_name_char(before) && before != '.' && before != ',' && before != '$';
}

/* The number at `*at` in thousandths; *at moves behind it. */
static bool take_number(struct esc_str text, size_t *at, int64_t *thousandths)
{
    size_t digits = 0, fraction = 0;
    int64_t value = 0;
    for (; esc_is_digit(char_at(text, *at)); (*at)++, digits++)
        if (digits < DIGITS_MAX)
            value = value * 10 + (text.ptr[*at] - '0');
    if (char_at(text, *at) == '.' && esc_is_digit(char_at(text, *at + 1)))
        for ((*at)++; esc_is_digit(char_at(text, *at)); (*at)++, fraction++)
            if (fraction < FRACTION_MAX)
                value = value * 10 + (text.ptr[*at] - '0');
    if (digits > DIGITS_MAX || fraction > FRACTION_MAX)
        return false;
    for (; fraction < FRACTION_MAX; fraction++)
        value *= 10;
    *thousandths = value;
    return true;
}

static size_t find_unit(struct esc_str word)
{
    size_t i = 0;
    while (i < ESC_COUNT(units) && !esc_str_equal_nocase(word, esc_str_of(units[i].word)))
        i++;
    return i;
}

/* The word at most one blank behind `at`; `*attached` when there is no blank. */
static struct esc_str word_after(struct esc_str text, size_t at, bool *attached)
{
    *attached = esc_is_alpha(char_at(text, at));
    const size_t begin = at + !*attached;
    size_t end = begin;
    while (esc_is_alpha(char_at(text, end)))
        end++;
    return ends_at(text, end) ? esc_str_slice(text, begin, end) : (struct esc_str){0};
}

/* Reads the amount whose number begins at out->start. */
static bool read_amount(struct esc_str text, const char *unit, struct esc_quantity *out)
{
    size_t want = 0, at = out->start;
    int64_t thousandths;
    bool attached;
    while (want < ESC_COUNT(asked) && !esc_text_equal(asked[want].name, unit))
        want++;
    const bool is_number = take_number(text, &at, &thousandths);
    out->end = at;
    if (!is_number)
        return false;
    const struct esc_str word = word_after(text, at, &attached);
    const size_t found = find_unit(word);
    int64_t factor = 1, base = 1;
    out->has_unit = found < ESC_COUNT(units);
    if (out->has_unit) {
        if (want == ESC_COUNT(asked) || asked[want].kind != units[found].kind)
            return false; /* an amount of something else */
        factor = units[found].factor;
        base = asked[want].base;
        out->end = (size_t)(word.ptr - text.ptr) + word.len;
    } else if (attached || !ends_at(text, at)) {
        return false; /* part of a word */
    }
    out->value = thousandths * factor / (1000 * base);
    return out->value * 1000 * base == thousandths * factor;
}

bool esc_quantity_next(struct esc_str text, size_t from, const char *unit, struct esc_quantity *out)
{
    for (size_t i = from; i < text.len; i++) {
        if (!esc_is_digit(text.ptr[i]) || !begins_at(text, i))
            continue;
        struct esc_quantity found = {.start = i};
        if (read_amount(text, unit, &found)) {
            *out = found;
            return true;
        }
        i = found.end > i ? found.end - 1 : i;
    }
    return false;
}
