/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A resource as a text to embed. What helps was measured (docs/internals/find.md): the class of
 * the environment first, so that prod and production are one; the type in words instead of its
 * name in the API; the name; few tags. Identifiers made by the cloud only make it longer.
 */

#include <string.h>

#include "escher/base/utf8.h"
#include "escher/catalog/resource_type.h"
#include "escher/find/find_private.h"
#include "escher/model/environment.h"

enum {
    MAX_TAGS = 4,
    MAX_TAG = 64,   /* bytes of a value that are used */
    MAX_NAME = 256, /* of a name */
    MIN_HEX = 8     /* digits of an identifier such as vol-0a1b2c3d */
};

/* Tags that say what a thing is for; the rest is bookkeeping. */
static const char *const telling[] = {"app",       "application", "service", "role", "team",
                                      "component", "project",     "purpose", "tier", "description"};

static void add_tag(const struct esc_resource *resource, const char *wanted, size_t *count,
                    struct esc_buf *out)
{
    void *position = NULL;
    const char *key;
    const struct esc_json *value;
    while (*count < MAX_TAGS && esc_json_next(resource->tags, &position, &key, &value)) {
        struct esc_str text = esc_json_value(value);
        if (text.len == 0 || !esc_str_equal_nocase(esc_str_of(key), esc_str_of(wanted)))
            continue;
        esc_buf_printf(out, " %s=", wanted);
        esc_utf8_append_clean(out, esc_utf8_cut(text, MAX_TAG));
        (*count)++;
        return;
    }
}

/* What nobody named is called by its identifier, whose digits mean nothing: eni-0a1b2c3d. */
static bool is_given(const struct esc_resource *resource)
{
    if (!esc_text_equal(resource->name, resource->identifier))
        return true;
    const char *dash = strrchr(resource->name ? resource->name : "", '-');
    if (!dash)
        return true;
    const size_t digits = strspn(dash + 1, "0123456789abcdef");
    return dash[1 + digits] || digits < MIN_HEX;
}

void esc_find_document(const struct esc_resource *resource, struct esc_buf *out)
{
    const struct esc_resource_type *type = esc_resource_type_find(resource->resource_type);
    const char *environment = esc_environment_of_resource(resource);
    if (environment)
        esc_buf_printf(out, "%s. ", environment);
    esc_buf_printf(out, "%s", type ? type->one : resource->resource_type);
    if (is_given(resource)) {
        esc_buf_add_char(out, ' ');
        esc_utf8_append_clean(out, esc_utf8_cut(esc_str_of(resource->name), MAX_NAME));
    }
    size_t count = 0;
    for (size_t i = 0; i < ESC_COUNT(telling); i++)
        add_tag(resource, telling[i], &count, out);
}
