/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/limits.h"
#include "escher/loop/job.h"
#include "escher/work/keep_private.h"

enum {
    FULL = 1024,         /* resources in the queue, some 5 MB: who scans waits */
    FULL_HELD = 4096,    /* while nothing may be kept yet: the calls go on beside what holds it */
    MOST_AWAITED = 4096, /* of what is left when all has come; more go without vectors */
};

struct entry {
    struct esc_resource *resource; /* NULL: a mark */
    void *item;
};

struct work_keeper {
    struct esc_workbench *bench;
    struct work_keeper_options options;
    struct entry *queue;
    size_t first, end, capacity; /* of the queue: entries first … end - 1 */
    size_t marks;                /* among them */
    bool busy, held, closed, was_full;
    bool hurries;    /* it was full and is not through yet */
    bool posted;     /* a pump is on its way through the loop */
    size_t awaited;  /* vectors made or under way since it was closed */
    unsigned number; /* of the batch */
    struct esc_estate_change sum;
    size_t wordless, written;
    enum esc_status status;
    struct esc_error err;
};

struct work_keeper *work_keeper_new(struct esc_workbench *bench,
                                    const struct work_keeper_options *options)
{
    struct work_keeper *keeper = esc_alloc_zero(sizeof *keeper);
    keeper->bench = bench;
    keeper->options = *options;
    keeper->number = options->first_number;
    return keeper;
}

static void pump(struct work_keeper *keeper);

/* The queue */

static void push(struct work_keeper *keeper, struct entry entry)
{
    if (keeper->end == keeper->capacity && keeper->first > keeper->capacity / 2) {
        for (size_t i = keeper->first; i < keeper->end; i++)
            keeper->queue[i - keeper->first] = keeper->queue[i];
        keeper->end -= keeper->first;
        keeper->first = 0;
    }
    if (keeper->end == keeper->capacity) {
        keeper->capacity = 2 * keeper->capacity + ESC_BATCH_COUNT;
        keeper->queue = esc_realloc_array(keeper->queue, keeper->capacity, sizeof *keeper->queue);
    }
    keeper->queue[keeper->end++] = entry;
    keeper->marks += !entry.resource;
}

static struct entry pop(struct work_keeper *keeper)
{
    const struct entry entry = keeper->queue[keeper->first++];
    keeper->marks -= !entry.resource;
    return entry;
}

static void drop_all(struct work_keeper *keeper)
{
    while (keeper->first < keeper->end) {
        const struct entry entry = pop(keeper);
        if (entry.resource)
            esc_resource_free(entry.resource);
        else
            keeper->options.free_item(entry.item);
    }
}

bool work_keeper_is_full(const struct work_keeper *keeper)
{
    return keeper->end - keeper->first >= (keeper->held ? FULL_HELD : FULL);
}

/* The first failure counts; what is still queued is of no use after it. */
static void fail(struct work_keeper *keeper, const struct esc_error *err)
{
    if (keeper->status != ESC_OK)
        return;
    keeper->status = err->status;
    keeper->err = *err;
    drop_all(keeper);
}

/* Batches */

static void work(void *context)
{
    keep_batch_embed(context);
}

static void worked(void *context, enum esc_status ok_or_cancelled)
{
    struct keep_batch *batch = context;
    struct work_keeper *keeper = batch->keeper;
    struct esc_error err;
    enum esc_status status = ok_or_cancelled;
    if (status != ESC_OK)
        (void)esc_fail(&err, status, "cancelled");
    else
        status = keep_batch_store(batch, keeper->number++, &keeper->sum, &err);
    if (status != ESC_OK)
        fail(keeper, &err);
    keeper->wordless += batch->wordless;
    keeper->written += batch->written;
    keep_batch_free(batch);
    keeper->busy = false;
    pump(keeper);
}

static bool has_awaited_enough(const struct work_keeper *keeper)
{
    return keeper->options.vectors_awaited && keeper->awaited >= keeper->options.vectors_awaited;
}

/* A scan must not wait for vectors: once it had to wait, what it brings goes without them until the
 * queue is through. */
static bool has_time_to_embed(struct work_keeper *keeper)
{
    const size_t queued = keeper->end - keeper->first;
    keeper->hurries &= queued > ESC_BATCH_COUNT;
    if (keeper->closed)
        return queued < MOST_AWAITED && !has_awaited_enough(keeper);
    return !keeper->hurries;
}

/* Preparing may write something about each: one transaction for all, since each waits for the disk.
 * A store that does not take this takes no rows either. */
static void fill_batch(struct work_keeper *keeper, struct keep_batch *batch)
{
    struct esc_store *store = keeper->bench->store;
    struct esc_error err;
    const bool together = keeper->options.prepare && esc_store_begin(store, NULL) == ESC_OK;
    while (batch->count < ESC_BATCH_COUNT && keeper->first < keeper->end &&
           keeper->queue[keeper->first].resource)
        keep_batch_add(batch, pop(keeper).resource);
    if (together && esc_store_commit(store, &err) != ESC_OK)
        fail(keeper, &err);
}

static struct keep_batch *take_batch(struct work_keeper *keeper)
{
    struct keep_batch *batch = esc_alloc_zero(sizeof *batch);
    batch->keeper = keeper;
    batch->bench = keeper->bench;
    batch->options = &keeper->options;
    batch->embeds = has_time_to_embed(keeper);
    fill_batch(keeper, batch);
    if (keeper->closed)
        keeper->awaited += batch->vectors_due;
    return batch;
}

static void run_mark(struct work_keeper *keeper)
{
    struct esc_error err;
    if (keeper->options.on_mark(keeper->options.context, pop(keeper).item, &err) != ESC_OK)
        fail(keeper, &err);
}

static void tell_room(struct work_keeper *keeper)
{
    if (!keeper->was_full || work_keeper_is_full(keeper))
        return;
    keeper->was_full = false;
    if (keeper->options.on_room)
        keeper->options.on_room(keeper->options.context);
}

static void end(struct work_keeper *keeper)
{
    keeper->options.done(keeper->options.context, keeper->status, &keeper->sum, &keeper->err);
    free(keeper->queue);
    free(keeper);
}

static void pump(struct work_keeper *keeper)
{
    if (keeper->busy || (keeper->held && keeper->status == ESC_OK))
        return;
    while (keeper->first < keeper->end && !keeper->queue[keeper->first].resource)
        run_mark(keeper);
    const size_t queued = keeper->end - keeper->first;
    if (queued && (queued >= ESC_BATCH_COUNT || keeper->marks || keeper->closed)) {
        keeper->busy = true;
        (void)esc_job_start(keeper->bench->loop, work, worked, take_batch(keeper));
        tell_room(keeper);
    } else if (keeper->closed && !keeper->posted) {
        end(keeper);
    }
}

static void pump_posted(void *context)
{
    struct work_keeper *keeper = context;
    keeper->posted = false;
    pump(keeper);
}

static void pump_later(struct work_keeper *keeper)
{
    if (keeper->busy || keeper->posted)
        return;
    keeper->posted = true;
    esc_loop_post(keeper->bench->loop, pump_posted, keeper);
}

static void add(struct work_keeper *keeper, struct entry entry)
{
    push(keeper, entry);
    if (keeper->status != ESC_OK)
        drop_all(keeper);
    if (work_keeper_is_full(keeper))
        keeper->was_full = keeper->hurries = true;
    if (!keeper->closed)
        pump(keeper);
}

void work_keeper_add(struct work_keeper *keeper, struct esc_resource *resource)
{
    add(keeper, (struct entry){.resource = resource});
}

void work_keeper_mark(struct work_keeper *keeper, void *item)
{
    add(keeper, (struct entry){.item = item});
}

void work_keeper_hold(struct work_keeper *keeper, bool held)
{
    keeper->held = held;
    if (!held)
        pump_later(keeper);
}

void work_keeper_close(struct work_keeper *keeper)
{
    keeper->closed = true;
    pump_later(keeper);
}

void work_keeper_discard(struct work_keeper *keeper)
{
    ESC_ASSERT(!keeper->busy && keeper->first == keeper->end);
    free(keeper->queue);
    free(keeper);
}

void work_keeper_cancel(struct work_keeper *keeper)
{
    struct esc_error err;
    (void)esc_fail(&err, ESC_CANCELLED, "cancelled; what was kept before stays");
    fail(keeper, &err);
    if (keeper->closed)
        pump_later(keeper); /* it may be held */
}

bool work_keeper_has_failed(const struct work_keeper *keeper)
{
    return keeper->status != ESC_OK;
}

size_t work_keeper_wordless(const struct work_keeper *keeper)
{
    return keeper->wordless;
}

size_t work_keeper_written(const struct work_keeper *keeper)
{
    return keeper->written;
}

const struct esc_estate_change *work_keeper_sum(const struct work_keeper *keeper)
{
    return &keeper->sum;
}

unsigned work_keeper_number(const struct work_keeper *keeper)
{
    return keeper->number;
}
