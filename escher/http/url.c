/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/http/url.h"

#include "escher/base/alloc.h"

static bool is_plain(struct esc_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] <= ' ' || text.ptr[i] == 0x7F)
            return false;
    return true;
}

/* Takes the text before the first of @p ends off the front of *rest. */
static struct esc_str take_until(struct esc_str *rest, struct esc_str ends)
{
    size_t at = 0;
    while (at < rest->len && !esc_str_contains(ends, (struct esc_str){rest->ptr + at, 1}))
        at++;
    struct esc_str part = esc_str_slice(*rest, 0, at);
    *rest = esc_str_slice(*rest, at, rest->len);
    return part;
}

bool esc_url_parse(struct esc_str text, struct esc_url *out)
{
    struct esc_url url = {.path = ESC_STR("/")};
    struct esc_str rest = text;
    url.scheme = take_until(&rest, ESC_STR(":"));
    if (!is_plain(text) || !esc_str_starts_with(rest, ESC_STR("://")) ||
        (!esc_str_is(url.scheme, "http") && !esc_str_is(url.scheme, "https")))
        return false;
    rest = esc_str_slice(rest, 3, rest.len);
    url.host = take_until(&rest, ESC_STR("/?#"));
    if (url.host.len == 0 || esc_str_contains(url.host, ESC_STR("@")))
        return false;
    struct esc_str path = take_until(&rest, ESC_STR("?#"));
    if (path.len > 0)
        url.path = path;
    if (esc_str_starts_with(rest, ESC_STR("?"))) {
        rest = esc_str_slice(rest, 1, rest.len);
        url.query = take_until(&rest, ESC_STR("#"));
    }
    *out = url;
    return true;
}

bool esc_url_is_loopback(const struct esc_url *url)
{
    size_t colon = esc_str_find(url->host, ESC_STR(":"), 0);
    struct esc_str name = esc_str_slice(url->host, 0, colon);
    bool is_address = esc_str_starts_with(name, ESC_STR("127."));
    for (size_t i = 0; i < name.len; i++)
        is_address = is_address && (esc_is_digit(name.ptr[i]) || name.ptr[i] == '.');
    return is_address || esc_str_equal_nocase(name, ESC_STR("localhost")) ||
           esc_str_starts_with(url->host, ESC_STR("[::1]"));
}

char *esc_url_shown(struct esc_str text)
{
    struct esc_url url;
    if (!esc_url_parse(text, &url))
        return esc_strdup("(malformed URL)");
    return esc_sprintf("%.*s://%.*s%.*s", ESC_STR_ARG(url.scheme), ESC_STR_ARG(url.host),
                       ESC_STR_ARG(url.path));
}
