/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/crypt/digest.h"
#include "escher/model/resource_diff.h"
#include "escher/scan/carry_over.h"
#include "escher/scan/content_hash.h"
#include "escher/work/history_private.h"
#include "escher/work/keep_private.h"

/* One batch: what of it is another than before, its vectors, and its way into store and index. */

/* The digest of what is embedded, and of the space it is embedded in. */
static char *document_hash(const struct esc_workbench *bench, const struct esc_resource *resource)
{
    struct esc_buf text;
    char hex[ESC_HEX_SHA256 + 1];
    esc_buf_init(&text, ESC_MAX_RESOURCE);
    esc_buf_printf(&text, "%s\n", esc_encoder_space_id(bench->encoder));
    esc_find_document(resource, &text);
    esc_sha256_hex(esc_buf_str(&text), hex);
    esc_buf_done(&text);
    return esc_sprintf("sha256:%s", hex);
}

static float *vector_of(struct keep_batch *batch, size_t index)
{
    if (!batch->vectors)
        batch->vectors =
            esc_alloc_array((size_t)ESC_BATCH_COUNT * ESC_EMBED_DIMENSIONS, sizeof(float));
    return batch->vectors + index * ESC_EMBED_DIMENSIONS;
}

/* Whether nothing is to be done. The same content reads the same, so its vector holds, unless the
 * encoder has become another one. */
static bool is_as_before(const struct keep_batch *batch, const struct esc_resource *resource,
                         const struct esc_estate_mark *mark)
{
    struct esc_card card;
    if (!esc_text_equal(mark->content_hash, resource->content_hash) || !mark->has_vector ||
        !esc_index_get(batch->bench->index, resource->id, &card) || !card.has_vector)
        return false;
    ESC_CLEANUP(esc_freep) char *text = document_hash(batch->bench, resource);
    return esc_text_equal(text, mark->embedded_hash);
}

/* As it was, for what has changed about it; NULL: it was not there, or cannot be read. */
static struct esc_resource *recall(const struct keep_batch *batch, const char *id)
{
    struct esc_resource *before = NULL;
    return esc_store_estate_get(batch->bench->store, id, &before, NULL, NULL, NULL) == ESC_OK
               ? before
               : NULL;
}

static bool is_doubted(const struct keep_batch *batch, const struct esc_resource *resource)
{
    const struct work_keeper_options *options = batch->options;
    return options->is_doubted && options->is_doubted(options->context, resource);
}

/* What this look could not know stays as it was; false: nothing was to stay. */
static bool carry(const struct keep_batch *batch, struct esc_resource *resource,
                  const struct esc_resource *before)
{
    const bool doubted = is_doubted(batch, resource);
    if (!batch->options->narrow)
        return batch->options->sync_id && !doubted && esc_carry_unasked(resource, before);
    if (doubted)
        esc_carry_undoubted(resource, before);
    else
        esc_carry_over(resource, before);
    return true;
}

static void compare(struct keep_batch *batch, struct keep_item *item, size_t index)
{
    struct esc_resource *resource = item->resource;
    struct esc_estate_mark mark = {0};
    const enum esc_status status =
        esc_store_estate_mark(batch->bench->store, resource->id, &mark, NULL, NULL);
    item->is_new = status == ESC_NOT_FOUND;
    item->is_same = status == ESC_OK && is_as_before(batch, resource, &mark);
    item->is_other = !item->is_new && !esc_text_equal(mark.content_hash, resource->content_hash);
    if (status == ESC_OK && !item->is_other && !mark.has_vector && !batch->embeds)
        item->is_same = true; /* it has its turn later */
    if (item->is_same || status != ESC_OK)
        return;
    if (item->is_other)
        item->before = recall(batch, resource->id);
    if (item->before && carry(batch, resource, item->before)) {
        esc_content_hash_set(resource);
        item->is_same = is_as_before(batch, resource, &mark);
        item->is_other = !esc_text_equal(mark.content_hash, resource->content_hash);
    }
    if (!item->is_other)
        esc_resource_free(ESC_STEAL(item->before));
    if (item->is_same || !mark.has_vector)
        return;
    ESC_CLEANUP(esc_freep) char *text = document_hash(batch->bench, resource);
    item->has_vector = esc_text_equal(text, mark.embedded_hash) &&
                       esc_store_estate_mark(batch->bench->store, resource->id, &mark,
                                             vector_of(batch, index), NULL) == ESC_OK;
}

void keep_batch_add(struct keep_batch *batch, struct esc_resource *resource)
{
    struct keep_item *item = &batch->items[batch->count];
    item->resource = resource;
    if (batch->options->prepare)
        batch->options->prepare(batch->options->context, resource);
    if (!resource->content_hash || !batch->options->hashed || batch->options->prepare)
        esc_content_hash_set(resource);
    free(ESC_STEAL(resource->embedded_hash));
    compare(batch, item, batch->count);
    batch->count++;
    if (item->is_same)
        return;
    batch->vectors_due += !item->has_vector;
    (void)vector_of(batch, 0);
    if (!batch->encoder && !item->has_vector && batch->embeds)
        batch->encoder = esc_encoder_clone(batch->bench->encoder);
}

/* Takes the vector of an item before @p index that reads the same, such as one of the hundred
 * interfaces that nobody named. */
static bool share_vector(struct keep_batch *batch, size_t index)
{
    const struct keep_item *item = &batch->items[index];
    for (size_t i = 0; i < index; i++) {
        const struct keep_item *other = &batch->items[i];
        if (!other->has_vector || !esc_text_equal(other->text_hash, item->text_hash))
            continue;
        memcpy(vector_of(batch, index), vector_of(batch, i), ESC_EMBED_DIMENSIONS * sizeof(float));
        return true;
    }
    return false;
}

void keep_batch_embed(struct keep_batch *batch)
{
    for (size_t i = 0; i < batch->count && batch->encoder; i++) {
        struct keep_item *item = &batch->items[i];
        if (item->is_same || item->has_vector)
            continue;
        item->text_hash = document_hash(batch->bench, item->resource);
        item->has_vector = share_vector(batch, i) ||
                           batch->bench->embed_resource(batch->encoder, item->resource,
                                                        vector_of(batch, i), NULL) == ESC_OK;
    }
}

/* History */

static struct esc_json *change_of(const struct keep_item *item)
{
    struct esc_json *fields = NULL;
    if (item->before) {
        fields = esc_resource_diff(item->before, item->resource);
        if (esc_json_len(fields) == 0) {
            esc_json_free(fields);
            return NULL; /* only reasons were put in other words */
        }
    } else if (!item->is_new) {
        return NULL;
    }
    return work_history_entry(item->resource->id, item->resource->name,
                              item->is_new ? "added" : "changed", fields);
}

static enum esc_status put_history(const struct keep_batch *batch, unsigned number,
                                   struct esc_error *err)
{
    struct esc_json *changes = esc_json_array();
    for (size_t i = 0; i < batch->count; i++)
        esc_json_push(changes, change_of(&batch->items[i])); /* NULL pushes nothing */
    const struct work_history_part part = {.sync_id = batch->options->sync_id,
                                           .kind = batch->options->sync_kind,
                                           .number = number,
                                           .changes = changes};
    const enum esc_status status = work_history_put(batch->bench, &part, err);
    esc_json_free(changes);
    return status;
}

/* Storing */

static enum esc_status put_rows(struct keep_batch *batch, struct esc_estate_change *change,
                                struct esc_error *err)
{
    const struct esc_resource *resources[ESC_BATCH_COUNT];
    const float *vectors[ESC_BATCH_COUNT];
    for (size_t i = 0; i < batch->count; i++) {
        struct keep_item *item = &batch->items[i];
        if (item->has_vector)
            item->resource->embedded_hash = item->text_hash
                                                ? ESC_STEAL(item->text_hash)
                                                : document_hash(batch->bench, item->resource);
        batch->wordless += !item->is_same && !item->has_vector;
        resources[i] = item->resource;
        vectors[i] = item->has_vector ? vector_of(batch, i) : NULL;
    }
    return esc_store_estate_put(batch->bench->store, resources, vectors, batch->count, change, err);
}

static enum esc_status write_all(struct keep_batch *batch, unsigned number,
                                 struct esc_estate_change *change, struct esc_error *err)
{
    struct esc_store *store = batch->bench->store;
    if (!batch->options->sync_id)
        return put_rows(batch, change, err);
    enum esc_status status = esc_store_begin(store, err);
    if (status != ESC_OK)
        return status;
    status = put_rows(batch, change, err);
    if (status == ESC_OK)
        status = put_history(batch, number, err);
    if (status == ESC_OK)
        return esc_store_commit(store, err);
    esc_store_rollback(store);
    return status;
}

enum esc_status keep_batch_store(struct keep_batch *batch, unsigned number,
                                 struct esc_estate_change *sum, struct esc_error *err)
{
    struct esc_estate_change change = {0};
    const enum esc_status status = write_all(batch, number, &change, err);
    if (status != ESC_OK)
        return status;
    for (size_t i = 0; i < batch->count; i++) {
        const struct keep_item *item = &batch->items[i];
        if (!item->is_same)
            esc_index_put(batch->bench->index, item->resource,
                          item->has_vector ? vector_of(batch, i) : NULL);
        sum->added += item->is_new;
        sum->changed += item->is_other;
        sum->unchanged += !item->is_new && !item->is_other;
    }
    batch->written = change.added + change.changed;
    if (batch->written)
        work_index_keep_later(batch->bench);
    if (batch->wordless)
        work_embed_later(batch->bench);
    return ESC_OK;
}

void keep_batch_drop(struct keep_batch *batch, size_t index)
{
    esc_resource_free(batch->items[index].resource);
    esc_resource_free(batch->items[index].before);
    free(batch->items[index].text_hash);
    batch->count--;
    for (size_t i = index; i < batch->count; i++) {
        batch->items[i] = batch->items[i + 1];
        if (batch->vectors)
            memcpy(vector_of(batch, i), vector_of(batch, i + 1),
                   ESC_EMBED_DIMENSIONS * sizeof(float));
    }
}

void keep_batch_free(struct keep_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        esc_resource_free(batch->items[i].resource);
        esc_resource_free(batch->items[i].before);
        free(batch->items[i].text_hash);
    }
    esc_encoder_free(batch->encoder);
    free(batch->vectors);
    free(batch);
}
