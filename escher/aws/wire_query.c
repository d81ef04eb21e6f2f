/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/wire_query.h"

#include <string.h>

static void add_encoded(struct esc_buf *buf, struct esc_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (esc_is_alnum(text.ptr[i]) || (text.ptr[i] && strchr("-._~", text.ptr[i])))
            esc_buf_add_char(buf, text.ptr[i]);
        else
            esc_buf_printf(buf, "%%%02X", (unsigned char)text.ptr[i]);
}

void esc_query_begin(struct esc_buf *buf, const char *action, const char *version)
{
    esc_buf_printf(buf, "Action=%s&Version=%s", action, version);
}

void esc_query_add(struct esc_buf *buf, const char *name, const char *value)
{
    if (value && *value)
        esc_query_add_str(buf, name, esc_str_of(value));
}

void esc_query_add_str(struct esc_buf *buf, const char *name, struct esc_str value)
{
    esc_buf_add_char(buf, '&');
    add_encoded(buf, esc_str_of(name));
    esc_buf_add_char(buf, '=');
    add_encoded(buf, value);
}

void esc_query_add_number(struct esc_buf *buf, const char *name, uint64_t value)
{
    esc_buf_printf(buf, "&%s=%llu", name, (unsigned long long)value);
}
