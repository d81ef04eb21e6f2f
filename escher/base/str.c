/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/str.h"

#include <stdint.h>
#include <string.h>

#include "escher/base/alloc.h"

struct esc_str esc_str_of(const char *text)
{
    return (struct esc_str){text, text ? strlen(text) : 0};
}

struct esc_str esc_str_slice(struct esc_str s, size_t from, size_t to)
{
    if (to > s.len)
        to = s.len;
    if (from > to)
        from = to;
    return (struct esc_str){s.ptr ? s.ptr + from : NULL, to - from};
}

bool esc_str_equal(struct esc_str a, struct esc_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool esc_str_equal_nocase(struct esc_str a, struct esc_str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        if (esc_to_lower(a.ptr[i]) != esc_to_lower(b.ptr[i]))
            return false;
    }
    return true;
}

bool esc_str_is(struct esc_str s, const char *text)
{
    return esc_str_equal(s, esc_str_of(text));
}

int esc_str_compare(struct esc_str a, struct esc_str b)
{
    const size_t shared = a.len < b.len ? a.len : b.len;
    const int order = shared ? memcmp(a.ptr, b.ptr, shared) : 0;
    if (order != 0 || a.len == b.len)
        return order;
    return a.len < b.len ? -1 : 1;
}

bool esc_str_starts_with(struct esc_str s, struct esc_str prefix)
{
    return s.len >= prefix.len && esc_str_equal(esc_str_slice(s, 0, prefix.len), prefix);
}

bool esc_str_starts_with_nocase(struct esc_str s, struct esc_str prefix)
{
    return s.len >= prefix.len && esc_str_equal_nocase(esc_str_slice(s, 0, prefix.len), prefix);
}

bool esc_str_ends_with(struct esc_str s, struct esc_str suffix)
{
    return s.len >= suffix.len &&
           esc_str_equal(esc_str_slice(s, s.len - suffix.len, s.len), suffix);
}

size_t esc_str_find(struct esc_str s, struct esc_str needle, size_t from)
{
    if (from > s.len || needle.len > s.len - from)
        return SIZE_MAX;
    if (needle.len == 0)
        return from;
    const char *found = memmem(s.ptr + from, s.len - from, needle.ptr, needle.len);
    return found ? (size_t)(found - s.ptr) : SIZE_MAX;
}

size_t esc_str_find_nocase(struct esc_str s, struct esc_str needle, size_t from)
{
    if (from > s.len || needle.len > s.len - from)
        return SIZE_MAX;
    if (needle.len == 0)
        return from;
    const char first = esc_to_lower(needle.ptr[0]); /* most places fail by it */
    for (size_t at = from; at + needle.len <= s.len; at++)
        if (esc_to_lower(s.ptr[at]) == first &&
            esc_str_equal_nocase(esc_str_slice(s, at, at + needle.len), needle))
            return at;
    return SIZE_MAX;
}

bool esc_str_contains(struct esc_str s, struct esc_str needle)
{
    return esc_str_find(s, needle, 0) != SIZE_MAX;
}

bool esc_str_contains_nocase(struct esc_str s, struct esc_str needle)
{
    return esc_str_find_nocase(s, needle, 0) != SIZE_MAX;
}

struct esc_str esc_str_trim(struct esc_str s)
{
    while (s.len && esc_is_space(s.ptr[0]))
        s = esc_str_slice(s, 1, s.len);
    while (s.len && esc_is_space(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

bool esc_str_next(struct esc_str *rest, char separator, struct esc_str *piece)
{
    if (!rest->ptr)
        return false;
    const char *end = rest->len ? memchr(rest->ptr, separator, rest->len) : NULL;
    if (!end) {
        *piece = *rest;
        *rest = (struct esc_str){0};
        return true;
    }
    const size_t len = (size_t)(end - rest->ptr);
    *piece = esc_str_slice(*rest, 0, len);
    *rest = esc_str_slice(*rest, len + 1, rest->len);
    return true;
}

char *esc_str_dup(struct esc_str s)
{
    return esc_strndup(s.ptr, s.len);
}
