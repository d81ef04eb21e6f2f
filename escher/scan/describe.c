/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/describe.h"

#include <stdio.h>

#include "escher/base/limits.h"
#include "escher/base/utf8.h"
#include "escher/catalog/resource_type.h"
#include "escher/crypt/digest.h"

enum {
    MOST_TEXT = 200, /* bytes of a name or a tag; the encoder reads some 250 tokens in all */
    MOST_TAGS = 3,
};

/* Tags that say what a thing is for, most telling first. More of them dilute the rest. */
static const char *const telling_tags[] = {"app",     "application", "service", "component",
                                           "project", "team",        "role"};

static const char *tag_nocase(const struct esc_resource *resource, const char *wanted)
{
    void *position = NULL;
    const char *key;
    const struct esc_json *value;
    while (esc_json_next(resource->tags, &position, &key, &value))
        if (esc_str_equal_nocase(esc_str_of(key), esc_str_of(wanted)))
            return esc_json_str(value, "", NULL);
    return NULL;
}

static void add_cut(struct esc_buf *out, const char *text)
{
    esc_utf8_append_clean(out, esc_utf8_cut(esc_str_of(text), MOST_TEXT));
}

void esc_embedding_text(const struct esc_resource *resource, struct esc_buf *out)
{
    const char *environment = esc_environment_of_resource(resource);
    const struct esc_resource_type *type = esc_resource_type_find(resource->resource_type);
    if (environment)
        esc_buf_printf(out, "%s. ", environment);
    esc_buf_printf(out, "%s ", type ? type->one : resource->resource_type);
    add_cut(out, resource->name);
    unsigned added = 0;
    for (size_t i = 0; i < ESC_COUNT(telling_tags) && added < MOST_TAGS; i++) {
        const char *value = tag_nocase(resource, telling_tags[i]);
        if (!value || !*value)
            continue;
        esc_buf_printf(out, " %s=", telling_tags[i]);
        add_cut(out, value);
        added++;
    }
}

static void hash_of(const struct esc_buf *text, char out[ESC_HASH_TEXT])
{
    char hex[ESC_SHA256_TEXT];
    esc_sha256_hex(esc_buf_str(text), hex);
    (void)snprintf(out, ESC_HASH_TEXT, "sha256:%s", hex); /* it fits */
}

void esc_embedding_hash(const struct esc_resource *resource, char out[ESC_HASH_TEXT])
{
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_RESOURCE);
    esc_embedding_text(resource, &text);
    hash_of(&text, out);
    esc_buf_done(&text);
}

void esc_content_hash(const struct esc_resource *resource, char out[ESC_HASH_TEXT])
{
    static const char *const left_out[] = {"iam", "last_synced", "seen_in", "content_hash",
                                           "embedded_hash"};
    struct esc_buf text;
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_resource_to_json(resource);
    for (size_t i = 0; i < ESC_COUNT(left_out); i++)
        esc_json_remove(json, left_out[i]);
    esc_buf_init(&text, ESC_MAX_FILE);
    esc_json_write(json, ESC_JSON_SORTED, &text);
    hash_of(&text, out);
    esc_buf_done(&text);
}
