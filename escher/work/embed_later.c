/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/log.h"
#include "escher/loop/job.h"
#include "escher/loop/timer.h"
#include "escher/work/keep_private.h"

/*
 * Vectors for what was kept without: it could not be embedded, or came faster than that can be
 * done. Words find it meanwhile.
 *
 *     later ──quiet──▶ round: a batch ─▶ a batch ─▶ … ─▶ none is left: over
 *                        ▲                                some failed: again in 15 min, 30 min, …
 *                        └─────────────────waits──────────────────┘
 *
 * A round goes through the index once, so what fails is not tried twice in it.
 */
enum {
    QUIET_MS = 500,
    STEP_MS = 20, /* between batches, for whatever else waits */
    BATCH = 32,   /* a tenth of a second of one core */
    FIRST_WAIT_MS = 15 * 60'000,
    LONGEST_WAIT_MS = 6 * 60 * 60'000,
};

struct work_embedding {
    struct esc_workbench *bench;
    struct esc_timer *timer;
    struct keep_batch *batch; /* on a worker */
    size_t at;                /* of the index, in this round */
    size_t failed;            /* in this round */
    uint64_t wait_ms;         /* after one that had failures */
};

static void step(void *context);

static void wait(struct work_embedding *embedding, uint64_t ms)
{
    esc_timer_stop(&embedding->timer);
    embedding->timer = esc_timer_start(embedding->bench->loop, ms, step, embedding);
}

static bool lacks_any(const struct esc_workbench *bench)
{
    for (size_t i = 0; i < esc_index_count(bench->index); i++)
        if (!esc_index_at(bench->index, i, NULL).has_vector)
            return true;
    return false;
}

static void end_round(struct work_embedding *embedding)
{
    struct esc_workbench *bench = embedding->bench;
    embedding->at = 0;
    if (!embedding->failed && lacks_any(bench)) {
        wait(embedding, FIRST_WAIT_MS); /* damaged, or put while the round was on */
        return;
    }
    if (!embedding->failed) {
        bench->embedding = NULL;
        free(embedding);
        return;
    }
    esc_log(ESC_WARN, "some resources are found by words alone for now",
            F_N("resources", embedding->failed));
    embedding->failed = 0;
    wait(embedding, embedding->wait_ms);
    embedding->wait_ms =
        embedding->wait_ms * 2 < LONGEST_WAIT_MS ? embedding->wait_ms * 2 : LONGEST_WAIT_MS;
}

static void embed(void *context)
{
    keep_batch_embed(((struct work_embedding *)context)->batch);
}

/* Whether a sync has seen another content meanwhile, so that the vector is of no use. */
static bool is_outdated(const struct esc_workbench *bench, const struct esc_resource *resource)
{
    struct esc_estate_mark mark;
    return esc_store_estate_mark(bench->store, resource->id, &mark, NULL, NULL) != ESC_OK ||
           !esc_text_equal(mark.content_hash, resource->content_hash);
}

static void store(struct work_embedding *embedding, struct keep_batch *batch)
{
    struct esc_estate_change sum = {0};
    struct esc_error err;
    for (size_t i = batch->count; i-- > 0;)
        if (is_outdated(embedding->bench, batch->items[i].resource))
            keep_batch_drop(batch, i);
    if (batch->count && keep_batch_store(batch, 0, &sum, &err) != ESC_OK)
        esc_log(ESC_WARN, "vectors could not be kept", F("why", err.message));
    embedding->failed += batch->wordless;
}

static void embedded(void *context, enum esc_status)
{
    struct work_embedding *embedding = context;
    struct keep_batch *batch = ESC_STEAL(embedding->batch);
    if (!embedding->bench->leaving) {
        store(embedding, batch);
        wait(embedding, STEP_MS);
    }
    keep_batch_free(batch);
}

/* The next resources without a vector; NULL when the index is through. */
static struct keep_batch *next_batch(struct work_embedding *embedding)
{
    static const struct work_keeper_options options = {.hashed = true};
    struct esc_workbench *bench = embedding->bench;
    struct esc_arena arena;
    struct keep_batch *batch = esc_alloc_zero(sizeof *batch);
    batch->bench = bench;
    batch->options = &options;
    batch->embeds = true;
    esc_arena_init(&arena);
    for (; embedding->at < esc_index_count(bench->index) && batch->count < BATCH; embedding->at++) {
        struct esc_resource *resource = NULL;
        if (esc_index_at(bench->index, embedding->at, NULL).has_vector)
            continue;
        const char *id = esc_index_at(bench->index, embedding->at, &arena).id;
        if (esc_store_estate_get(bench->store, id, &resource, NULL, NULL, NULL) != ESC_OK)
            continue;                       /* damaged: the next sync writes it anew */
        free(ESC_STEAL(resource->seen_in)); /* this is no look at the cloud */
        keep_batch_add(batch, resource);
    }
    esc_arena_done(&arena);
    if (batch->count)
        return batch;
    keep_batch_free(batch);
    return NULL;
}

static void step(void *context)
{
    struct work_embedding *embedding = context;
    struct esc_workbench *bench = embedding->bench;
    embedding->timer = NULL;
    if (bench->syncing) {
        wait(embedding, QUIET_MS);
        return;
    }
    embedding->batch = next_batch(embedding);
    if (embedding->batch)
        (void)esc_job_start(bench->loop, embed, embedded, embedding);
    else
        end_round(embedding);
}

void work_embed_later(struct esc_workbench *bench)
{
    if (bench->embedding || bench->leaving)
        return;
    struct work_embedding *embedding = esc_alloc_zero(sizeof *embedding);
    embedding->bench = bench;
    embedding->wait_ms = FIRST_WAIT_MS;
    bench->embedding = embedding;
    wait(embedding, QUIET_MS);
}

void work_embed_start(struct esc_workbench *bench)
{
    if (lacks_any(bench))
        work_embed_later(bench);
}

bool work_embed_is_busy(const struct esc_workbench *bench)
{
    return bench->embedding && bench->embedding->batch;
}

void work_embed_rest(struct esc_workbench *bench)
{
    if (bench->embedding)
        esc_timer_stop(&bench->embedding->timer);
}

void work_embed_stop(struct esc_workbench *bench)
{
    free(ESC_STEAL(bench->embedding));
}
