/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/crypt/digest.h"
#include "escher/loop/job.h"
#include "escher/scan/content_hash.h"
#include "escher/work/keep_private.h"

struct work_keeper {
    struct esc_workbench *bench;
    struct esc_list queue; /* struct esc_resource * */
    bool busy, closed;
    struct esc_estate_change sum;
    enum esc_status status;
    struct esc_error err;
    work_keeper_fn *done;
    void *context;
};

/* What goes to the worker and comes back. */
struct batch {
    struct work_keeper *keeper;
    struct esc_encoder *encoder; /* a clone: the workbench's own serves questions meanwhile */
    struct esc_resource *resources[ESC_BATCH_COUNT];
    float *vectors; /* count * ESC_EMBED_DIMENSIONS */
    bool known[ESC_BATCH_COUNT];
    size_t count;
    enum esc_status status;
    struct esc_error err;
};

static void free_resource(void *resource)
{
    esc_resource_free(resource);
}

struct work_keeper *work_keeper_new(struct esc_workbench *bench, work_keeper_fn *done,
                                    void *context)
{
    struct work_keeper *keeper = esc_alloc_zero(sizeof *keeper);
    keeper->bench = bench;
    keeper->done = done;
    keeper->context = context;
    esc_list_init(&keeper->queue, free_resource);
    return keeper;
}

static void pump(void *context);

static void batch_free(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        esc_resource_free(batch->resources[i]);
    esc_encoder_free(batch->encoder);
    free(batch->vectors);
    free(batch);
}

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

/* Fetches the vector of a resource that reads as it did before. */
static bool recall_vector(struct esc_workbench *bench, const struct esc_resource *resource,
                          float *vector)
{
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *before = NULL;
    bool has_vector = false;
    return esc_index_get(bench->index, resource->id, NULL) &&
           esc_store_estate_get(bench->store, resource->id, &before, vector, &has_vector, NULL) ==
               ESC_OK &&
           has_vector && esc_text_equal(before->embedded_hash, resource->embedded_hash);
}

static void work(void *context)
{
    struct batch *batch = context;
    for (size_t i = 0; i < batch->count && batch->status == ESC_OK; i++) {
        if (!batch->known[i])
            batch->status =
                work_embed_resource(batch->encoder, batch->resources[i],
                                    batch->vectors + i * ESC_EMBED_DIMENSIONS, &batch->err);
    }
}

static enum esc_status keep(struct batch *batch, struct esc_error *err)
{
    struct esc_workbench *bench = batch->keeper->bench;
    const float *vectors[ESC_BATCH_COUNT];
    for (size_t i = 0; i < batch->count; i++)
        vectors[i] = batch->vectors + i * ESC_EMBED_DIMENSIONS;
    struct esc_estate_change change = {0};
    const enum esc_status status =
        esc_store_estate_put(bench->store, (const struct esc_resource *const *)batch->resources,
                             vectors, batch->count, &change, err);
    if (status != ESC_OK)
        return status;
    for (size_t i = 0; i < batch->count; i++)
        esc_index_put(bench->index, batch->resources[i], vectors[i]);
    if (change.added || change.changed)
        work_index_keep_later(bench);
    batch->keeper->sum.added += change.added;
    batch->keeper->sum.changed += change.changed;
    batch->keeper->sum.unchanged += change.unchanged;
    return ESC_OK;
}

/* The first failure counts; what is still queued is of no use after it. */
static void fail(struct work_keeper *keeper, const struct esc_error *err)
{
    if (keeper->status != ESC_OK)
        return;
    keeper->status = err->status;
    keeper->err = *err;
    esc_list_clear(&keeper->queue);
}

static void worked(void *context, enum esc_status ok_or_cancelled)
{
    struct batch *batch = context;
    struct work_keeper *keeper = batch->keeper;
    enum esc_status status = ok_or_cancelled == ESC_OK ? batch->status : ok_or_cancelled;
    struct esc_error err = batch->err;
    if (ok_or_cancelled != ESC_OK)
        (void)esc_fail(&err, ok_or_cancelled, "cancelled");
    if (status == ESC_OK)
        status = keep(batch, &err);
    if (status != ESC_OK)
        fail(keeper, &err);
    batch_free(batch);
    keeper->busy = false;
    pump(keeper);
}

static struct batch *take_batch(struct work_keeper *keeper)
{
    struct batch *batch = esc_alloc_zero(sizeof *batch);
    batch->keeper = keeper;
    batch->encoder = esc_encoder_clone(keeper->bench->encoder);
    while (batch->count < ESC_BATCH_COUNT && keeper->queue.count > batch->count) {
        batch->resources[batch->count] = keeper->queue.items[batch->count];
        batch->count++;
    }
    /* From the front in one move, so that a long queue is not walked for each. */
    struct esc_list *queue = &keeper->queue;
    for (size_t i = batch->count; i < queue->count; i++)
        queue->items[i - batch->count] = queue->items[i];
    queue->count -= batch->count;
    batch->vectors = esc_alloc_array(batch->count * ESC_EMBED_DIMENSIONS, sizeof(float));
    for (size_t i = 0; i < batch->count; i++) {
        struct esc_resource *resource = batch->resources[i];
        char content[ESC_HASH_TEXT];
        esc_content_hash(resource, content);
        free(resource->content_hash);
        resource->content_hash = esc_strdup(content);
        free(resource->embedded_hash);
        resource->embedded_hash = document_hash(keeper->bench, resource);
        batch->known[i] =
            recall_vector(keeper->bench, resource, batch->vectors + i * ESC_EMBED_DIMENSIONS);
    }
    return batch;
}

static void pump(void *context)
{
    struct work_keeper *keeper = context;
    const bool enough = keeper->queue.count >= ESC_BATCH_COUNT || keeper->closed;
    if (keeper->busy)
        return;
    if (keeper->queue.count && enough && keeper->status == ESC_OK) {
        keeper->busy = true;
        (void)esc_job_start(keeper->bench->loop, work, worked, take_batch(keeper));
    } else if (keeper->closed) {
        keeper->done(keeper->context, keeper->status, &keeper->sum, &keeper->err);
        esc_list_done(&keeper->queue);
        free(keeper);
    }
}

void work_keeper_add(struct work_keeper *keeper, struct esc_resource *resource)
{
    if (keeper->status != ESC_OK)
        esc_resource_free(resource);
    else
        esc_list_push(&keeper->queue, resource);
    if (!keeper->closed)
        pump(keeper);
}

void work_keeper_close(struct work_keeper *keeper)
{
    keeper->closed = true;
    if (!keeper->busy)
        esc_loop_post(keeper->bench->loop, pump, keeper);
}

void work_keeper_discard(struct work_keeper *keeper)
{
    ESC_ASSERT(!keeper->busy && keeper->queue.count == 0);
    esc_list_done(&keeper->queue);
    free(keeper);
}

void work_keeper_cancel(struct work_keeper *keeper)
{
    struct esc_error err;
    (void)esc_fail(&err, ESC_CANCELLED, "cancelled; what was kept before stays");
    fail(keeper, &err);
}

bool work_keeper_has_failed(const struct work_keeper *keeper)
{
    return keeper->status != ESC_OK;
}
