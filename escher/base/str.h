/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Borrowed text: a pointer and a length, passed by value. Not NUL-terminated; bytes, not chars. */

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "escher/base/attr.h"

struct esc_str {
    const char *ptr; /* may be NULL when len is 0 */
    size_t len;      /* bytes */
};

#define ESC_STR(literal) ((struct esc_str){(literal), sizeof(literal) - 1})
/** For printf's "%.*s": `printf("%.*s", ESC_STR_ARG(s))`. */
#define ESC_STR_ARG(s) (int)(s).len, (s).ptr

struct esc_str esc_str_of(const char *text); /* NULL gives the empty text */
struct esc_str esc_str_slice(struct esc_str s, size_t from, size_t to); /* clamped */

bool esc_str_equal(struct esc_str a, struct esc_str b);
bool esc_str_equal_nocase(struct esc_str a, struct esc_str b); /* ASCII letters only */
bool esc_str_is(struct esc_str s, const char *text);
int esc_str_compare(struct esc_str a, struct esc_str b); /* bytewise, <0 0 >0 */
bool esc_str_starts_with(struct esc_str s, struct esc_str prefix);
bool esc_str_starts_with_nocase(struct esc_str s, struct esc_str prefix); /* ASCII letters only */
bool esc_str_ends_with(struct esc_str s, struct esc_str suffix);
/** Index of the first @p needle at or after @p from; SIZE_MAX when absent. */
size_t esc_str_find(struct esc_str s, struct esc_str needle, size_t from);
size_t esc_str_find_nocase(struct esc_str s, struct esc_str needle, size_t from);
bool esc_str_contains(struct esc_str s, struct esc_str needle);
bool esc_str_contains_nocase(struct esc_str s, struct esc_str needle);
struct esc_str esc_str_trim(struct esc_str s); /* ASCII white space, both ends */

/**
 * Takes the text up to @p separator (or the end) off the front of *rest. False once nothing is
 * left; "a,,b" yields "a", "", "b", and a trailing separator yields a last empty piece.
 * Start with rest->ptr non-NULL.
 */
bool esc_str_next(struct esc_str *rest, char separator, struct esc_str *piece);

ESC_RETURNS_NONNULL char *esc_str_dup(struct esc_str s); /* NUL-terminated; owned by the caller */

static inline bool esc_text_equal(const char *a, const char *b) /* NULL equals only NULL */
{
    return a == b || (a && b && *a == *b && strcmp(a, b) == 0);
}

/* ASCII character classes that do not depend on the locale. */
static inline bool esc_is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}
static inline bool esc_is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}
static inline bool esc_is_alpha(char c)
{
    return esc_is_lower(c) || esc_is_upper(c);
}
static inline bool esc_is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static inline bool esc_is_alnum(char c)
{
    return esc_is_alpha(c) || esc_is_digit(c);
}
static inline bool esc_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}
static inline char esc_to_lower(char c)
{
    return esc_is_upper(c) ? (char)(c - 'A' + 'a') : c;
}
