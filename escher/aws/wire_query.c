/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/wire_query.h"

static void add_encoded(struct esc_buf *buf, const char *text)
{
    for (; *text; text++)
        if (esc_is_alnum(*text) || *text == '-' || *text == '.' || *text == '_' || *text == '~')
            esc_buf_add_char(buf, *text);
        else
            esc_buf_printf(buf, "%%%02X", (unsigned char)*text);
}

void esc_query_begin(struct esc_buf *buf, const char *action, const char *version)
{
    esc_buf_printf(buf, "Action=%s&Version=%s", action, version);
}

void esc_query_add(struct esc_buf *buf, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    esc_buf_add_char(buf, '&');
    add_encoded(buf, name);
    esc_buf_add_char(buf, '=');
    add_encoded(buf, value);
}

void esc_query_add_number(struct esc_buf *buf, const char *name, uint64_t value)
{
    esc_buf_printf(buf, "&%s=%llu", name, (unsigned long long)value);
}
