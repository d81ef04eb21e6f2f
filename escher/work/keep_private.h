/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Keeping resources: from a scan or a file into store and index, with their vectors.
 *
 *     add ─▶ queue ─▶ batch of ESC_BATCH_COUNT ─▶ vectors (a job, only for what reads
 *                        ▲                         differently than before) ─▶ one transaction
 *                        └──────────── next ◀──────────────────────────────── ─▶ index, history
 *     mark ─▶ when all that was added before it is kept
 *     close ─▶ when the queue is empty: done
 *
 * What has the content hash of its row is not looked at further: nothing is written, embedded or
 * put into the index. What cannot be embedded, or comes faster than that can be done, is kept
 * without its vector: words find it, and embed_later.c gives it one.
 *
 * After a failure the rest of the queue is dropped, marks too, and done tells why; the batches
 * before it stay kept, since each is true by itself.
 */

#include "escher/base/limits.h"
#include "escher/store/estate.h"
#include "escher/work/work_private.h"

struct work_keeper;
typedef void work_keeper_fn(void *context, enum esc_status status,
                            const struct esc_estate_change *sum, const struct esc_error *err);
/** All before it is kept; what it answers may be a failure of the keeper. @p item is its own. */
typedef enum esc_status work_keeper_mark_fn(void *context, void *item, struct esc_error *err);

struct work_keeper_options {
    const char *sync_id; /* whose changes go into the history; NULL: there is none. Borrowed */
    const char *sync_kind;
    unsigned first_number;  /* of the batches: tells those of a sync that goes on apart */
    bool narrow;            /* the resources lack what follows from others (scan/carry_over.h) */
    bool hashed;            /* their content hashes are our own */
    size_t vectors_awaited; /* made once the keeper is closed, about; the rest later. 0: all */
    /** Completes a resource when its batch is taken, e.g. with permissions; may be NULL. */
    void (*prepare)(void *context, struct esc_resource *resource);
    /** Whether what a call of its own told of it (scan/carry_over.h) may be true no more, and is not
     *  to be taken over; may be NULL. */
    bool (*is_doubted)(void *context, const struct esc_resource *resource);
    work_keeper_fn *done;
    work_keeper_mark_fn *on_mark;   /* NULL: there are no marks */
    esc_free_fn *free_item;         /* of a mark that is dropped */
    void (*on_room)(void *context); /* the queue is no longer full; may be NULL */
    void *context;
};

struct work_keeper *work_keeper_new(struct esc_workbench *bench,
                                    const struct work_keeper_options *options);
void work_keeper_add(struct work_keeper *keeper, struct esc_resource *resource); /* handed over */
void work_keeper_mark(struct work_keeper *keeper, void *item);                   /* handed over */
/** Whether more should not be brought before on_room. */
bool work_keeper_is_full(const struct work_keeper *keeper);
/** While it is held nothing is taken from the queue; it may be full all the while. A cancel ends
 *  the hold: the keeper is gone once done has fired. */
void work_keeper_hold(struct work_keeper *keeper, bool held);
/** No more comes; `done` fires once all is kept, never before this call has returned, and the
 *  keeper is gone then. */
void work_keeper_close(struct work_keeper *keeper);
/** Frees a keeper that was given nothing; `done` never fires. */
void work_keeper_discard(struct work_keeper *keeper);
/** Drops what is queued; close must still be called, and done says ESC_CANCELLED. */
void work_keeper_cancel(struct work_keeper *keeper);
/** Whether something could not be kept, so that bringing more is in vain. */
bool work_keeper_has_failed(const struct work_keeper *keeper);
/** How many went without their vector. */
size_t work_keeper_wordless(const struct work_keeper *keeper);
/** How many rows were written; what is new or another, and what got its vector. */
size_t work_keeper_written(const struct work_keeper *keeper);
/** What was kept so far; borrowed. */
const struct esc_estate_change *work_keeper_sum(const struct work_keeper *keeper);
/** The number of the next batch. */
unsigned work_keeper_number(const struct work_keeper *keeper);

/* keep_batch.c: one batch on its way */

struct keep_item {
    struct esc_resource *resource;
    struct esc_resource *before;    /* as it was, when it is another now; NULL: new, or the same */
    bool is_same, is_new, is_other; /* other: its content is another than before */
    bool has_vector;                /* in the batch's vectors */
    char *text_hash;                /* of what was embedded here; NULL: nothing was */
};

struct keep_batch {
    struct work_keeper *keeper;
    struct esc_workbench *bench;
    const struct work_keeper_options *options;
    struct esc_encoder *encoder; /* a clone: the workbench's own serves questions meanwhile */
    bool embeds;                 /* else that is left for later */
    struct keep_item items[ESC_BATCH_COUNT];
    float *vectors; /* ESC_BATCH_COUNT * ESC_EMBED_DIMENSIONS; NULL: nothing needs any */
    size_t count, wordless, written;
    size_t vectors_due; /* items without one when the batch was taken */
};

/** Takes the resource; what it was before is looked up. */
void keep_batch_add(struct keep_batch *batch, struct esc_resource *resource);
/** On a worker: makes the vectors. */
void keep_batch_embed(struct keep_batch *batch);
/** Into store, index and history; @p number tells batches of a sync apart. */
enum esc_status keep_batch_store(struct keep_batch *batch, unsigned number,
                                 struct esc_estate_change *sum, struct esc_error *err);
/** Takes a resource out again. */
void keep_batch_drop(struct keep_batch *batch, size_t index);
void keep_batch_free(struct keep_batch *batch);
