/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/content_hash.h"

#include <stdio.h>
#include <stdlib.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/list.h"
#include "escher/crypt/digest.h"

static int by_text(const void *a, const void *b)
{
    return esc_str_compare(esc_str_of(a), esc_str_of(b));
}

/* Replaces the list at @p path by the sorted texts of its elements: in which order details were
 * answered is no change of the resource. */
static void sort_list(struct esc_json *json, const char *path)
{
    struct esc_json *list = esc_json_get_mutable(json, path);
    struct esc_list texts;
    esc_list_init(&texts, free);
    for (size_t i = 0; i < esc_json_len(list); i++)
        esc_list_push(&texts, esc_json_print(esc_json_at(list, i), ESC_JSON_SORTED));
    esc_list_sort(&texts, by_text);
    for (size_t i = 0; i < texts.count; i++)
        esc_json_replace(list, i, esc_json_text(texts.items[i]));
    esc_list_done(&texts);
}

/* A view: what is left out is absent, tags and metadata are added where they are. */
static struct esc_json *hashed_part(const struct esc_resource *resource)
{
    struct esc_resource view = *resource;
    struct esc_permissions permissions;
    view.tags = view.metadata = NULL;
    view.last_synced_ms = 0;
    view.seen_in = view.content_hash = view.embedded_hash = NULL;
    if (resource->permissions) {
        permissions = *resource->permissions;
        permissions.source = NULL;
        permissions.checked_at_ms = 0;
        permissions.user_context = NULL;
        view.permissions = &permissions;
    }
    struct esc_json *json = esc_resource_to_json(&view);
    if (resource->tags)
        esc_json_set(json, "tags", esc_json_ref(resource->tags));
    if (resource->metadata)
        esc_json_set(json, "metadata", esc_json_ref(resource->metadata));
    return json;
}

void esc_content_hash(const struct esc_resource *resource, char out[ESC_HASH_TEXT])
{
    struct esc_buf text;
    char hex[ESC_SHA256_TEXT];
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = hashed_part(resource);
    sort_list(json, "relations");
    sort_list(json, "constraints.reasons");
    esc_buf_init(&text, ESC_MAX_FILE);
    esc_json_write(json, ESC_JSON_SORTED, &text);
    esc_sha256_hex(esc_buf_str(&text), hex);
    (void)snprintf(out, ESC_HASH_TEXT, "sha256:%s", hex); /* it fits */
    esc_buf_done(&text);
}

void esc_content_hash_set(struct esc_resource *resource)
{
    char hash[ESC_HASH_TEXT];
    esc_content_hash(resource, hash);
    free(resource->content_hash);
    resource->content_hash = esc_strdup(hash);
}
