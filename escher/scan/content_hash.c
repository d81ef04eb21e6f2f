/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/content_hash.h"

#include <stdio.h>

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

void esc_content_hash(const struct esc_resource *resource, char out[ESC_HASH_TEXT])
{
    static const char *const left_out[] = {"last_synced", "seen_in", "content_hash",
                                           "embedded_hash"};
    static const char *const of_iam[] = {"source", "checked_at", "user_context"};
    struct esc_buf text;
    char hex[ESC_SHA256_TEXT];
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_resource_to_json(resource);
    for (size_t i = 0; i < ESC_COUNT(left_out); i++)
        esc_json_remove(json, left_out[i]);
    struct esc_json *iam = esc_json_get_mutable(json, "iam");
    for (size_t i = 0; iam && i < ESC_COUNT(of_iam); i++)
        esc_json_remove(iam, of_iam[i]);
    sort_list(json, "relations");
    sort_list(json, "constraints.reasons");
    esc_buf_init(&text, ESC_MAX_FILE);
    esc_json_write(json, ESC_JSON_SORTED, &text);
    esc_sha256_hex(esc_buf_str(&text), hex);
    (void)snprintf(out, ESC_HASH_TEXT, "sha256:%s", hex); /* it fits */
    esc_buf_done(&text);
}
