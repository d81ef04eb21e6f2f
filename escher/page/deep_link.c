/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/page/deep_link.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/str.h"

static int hex(char c)
{
    if (esc_is_digit(c))
        return c - '0';
    const char lower = esc_to_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* A well-formed escape that hides neither a separator, a dot nor a control character. */
static bool is_plain_escape(struct esc_str text, size_t at)
{
    if (at + 2 >= text.len)
        return false;
    const int high = hex(text.ptr[at + 1]), low = hex(text.ptr[at + 2]);
    if (high < 0 || low < 0)
        return false;
    const int byte = high * 16 + low;
    return byte >= ' ' && byte != 0x7f && !strchr("/\\.%", byte);
}

static bool has_plain_characters(struct esc_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        if (c == '%' ? !is_plain_escape(text, i)
                     : !esc_is_alnum(c) && (!c || !strchr("-._~!$&'()*+,;=:@/?", c)))
            return false;
    }
    return true;
}

static bool has_plain_segments(struct esc_str path)
{
    struct esc_str rest = esc_str_slice(path, 1, path.len), segment;
    const struct esc_str first = esc_str_slice(rest, 0, esc_str_find(rest, ESC_STR("/"), 0));
    if (esc_str_is(first, "api") || esc_str_is(first, "assets"))
        return false;
    while (rest.len && esc_str_next(&rest, '/', &segment)) {
        if (segment.len == 0 || esc_str_is(segment, ".") || esc_str_is(segment, ".."))
            return false;
    }
    return true;
}

enum esc_status esc_page_deep_link(const char *link, char **place, struct esc_error *err)
{
    const struct esc_str text = esc_str_of(link), start = ESC_STR("escher://open");
    if (text.len > ESC_PAGE_LINK_MAX)
        return esc_fail(err, ESC_INVALID, "the link is longer than %d bytes", ESC_PAGE_LINK_MAX);
    if (!esc_str_starts_with(text, start))
        return esc_fail(err, ESC_INVALID, "a link starts with escher://open/");
    const struct esc_str rest = esc_str_slice(text, start.len, text.len);
    const struct esc_str path = esc_str_slice(rest, 0, esc_str_find(rest, ESC_STR("?"), 0));
    const bool is_root = rest.len == 0;
    if (!is_root && (rest.ptr[0] != '/' || !has_plain_characters(rest) ||
                     (path.len > 1 && !has_plain_segments(path))))
        return esc_fail(err, ESC_INVALID, "the link names no place of the page");
    *place = is_root ? esc_strdup("/") : esc_str_dup(rest);
    return ESC_OK;
}
