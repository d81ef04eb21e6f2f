/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A resource as a text to embed. What helps was measured (docs/internals/find.md): the class of
 * the environment first, so that prod and production are one; the type in words instead of its
 * name in the API; the name; few tags. Identifiers made by the cloud only make it longer.
 */

#include "escher/base/utf8.h"
#include "escher/catalog/resource_type.h"
#include "escher/find/find_private.h"
#include "escher/model/environment.h"

enum {
    MAX_TAGS = 4,
    MAX_TAG = 64,  /* bytes of a value that are used */
    MAX_NAME = 256 /* of a name */
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

/* What nobody named is called by the identifier that the cloud made, whose digits mean nothing:
 * eni-0a1b2c3d. */
static bool is_given(const struct esc_resource *resource, const struct esc_resource_type *type)
{
    return !type || !type->id_prefix || !esc_text_equal(resource->name, resource->identifier) ||
           !esc_resource_type_is_identifier(type, esc_str_of(resource->name));
}

void esc_find_document(const struct esc_resource *resource, struct esc_buf *out)
{
    const struct esc_resource_type *type = esc_resource_type_find(resource->resource_type);
    const char *environment = esc_environment_of_resource(resource);
    if (environment)
        esc_buf_printf(out, "%s. ", environment);
    esc_buf_printf(out, "%s", type ? type->one : resource->resource_type);
    if (is_given(resource, type)) {
        esc_buf_add_char(out, ' ');
        esc_utf8_append_clean(out, esc_utf8_cut(esc_str_of(resource->name), MAX_NAME));
    }
    size_t count = 0;
    for (size_t i = 0; i < ESC_COUNT(telling); i++)
        add_tag(resource, telling[i], &count, out);
}
