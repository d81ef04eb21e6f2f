/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/store/blocks.h"
#include "escher/store/estate.h"
#include "escher/work/index_walk_private.h"

/*
 * What the index has and the store does not, and what is damaged, when a sync is over. Some rows in
 * each turn of the loop:
 *
 *     ids of the index, where the two have not as many ─▶ those without a row leave it
 *     blocks of rows, where some were damaged          ─▶ those that still are, are counted
 */

struct work_index_mending {
    struct esc_workbench *bench;
    work_index_mended_fn *done;
    void *context;
    struct work_index_walk walk;
    struct esc_list lost; /* char *: ids without a row */
    bool counts;          /* the second part has begun */
    int64_t *blocks;
    size_t block_count, block_at;
    struct esc_store_tally tally;
    bool stopped;
};

static void mend_some(void *context);

static void go_on(struct work_index_mending *mending)
{
    esc_loop_post(mending->bench->loop, mend_some, mending);
}

/* The first part. */

/* A damaged row goes without telling whose it was. */
static bool may_have_lost(const struct esc_workbench *bench)
{
    size_t rows = 0;
    return esc_store_estate_count(bench->store, &rows, NULL) == ESC_OK &&
           (rows != esc_index_count(bench->index) || bench->unreadable);
}

static bool is_lost(const struct esc_workbench *bench, const char *id)
{
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = NULL;
    return esc_store_estate_get(bench->store, id, &resource, NULL, NULL, NULL) == ESC_NOT_FOUND;
}

static bool look_for_row(void *context, const struct esc_card *card)
{
    struct work_index_mending *mending = context;
    if (is_lost(mending->bench, card->id))
        esc_list_push(&mending->lost, esc_strdup(card->id));
    return true;
}

/* Some may have come meanwhile. */
static void drop_lost(struct work_index_mending *mending)
{
    struct esc_workbench *bench = mending->bench;
    for (size_t i = 0; i < mending->lost.count; i++)
        if (is_lost(bench, mending->lost.items[i]))
            (void)esc_index_remove(bench->index, mending->lost.items[i]); /* it may be gone */
    esc_list_clear(&mending->lost);
}

/* The second. */

static bool begin_counting(struct work_index_mending *mending)
{
    mending->counts =
        mending->bench->unreadable && esc_store_blocks(mending->bench->store, &mending->blocks,
                                                       &mending->block_count, NULL) == ESC_OK;
    return mending->counts;
}

static void check_block(struct work_index_mending *mending)
{
    struct esc_store_tally tally;
    if (esc_store_block_check(mending->bench->store, mending->blocks[mending->block_at++], &tally,
                              NULL) != ESC_OK) {
        mending->stopped = true; /* what was told of it stays */
        return;
    }
    if (tally.corrupt && !mending->tally.corrupt)
        mending->tally.first = tally.first;
    mending->tally.corrupt += tally.corrupt;
}

/* False when nothing is left to do. */
static bool mend_next(struct work_index_mending *mending)
{
    if (!mending->counts) {
        if (may_have_lost(mending->bench) && work_index_walk(&mending->walk, look_for_row, mending))
            return true;
        drop_lost(mending);
        return begin_counting(mending);
    }
    if (mending->block_at < mending->block_count)
        check_block(mending);
    if (mending->block_at < mending->block_count)
        return true;
    if (!mending->stopped)
        work_note_unreadable(mending->bench, &mending->tally);
    return false;
}

static void mend_some(void *context)
{
    struct work_index_mending *mending = context;
    if (!mending->stopped && mend_next(mending)) {
        go_on(mending);
        return;
    }
    work_index_mended_fn *done = mending->done;
    void *owner = mending->context;
    work_index_walk_done(&mending->walk);
    esc_list_done(&mending->lost);
    free(mending->blocks);
    free(mending);
    done(owner);
}

struct work_index_mending *work_index_mend(struct esc_workbench *bench, work_index_mended_fn *done,
                                           void *context)
{
    struct work_index_mending *mending = esc_alloc_zero(sizeof *mending);
    mending->bench = bench;
    mending->done = done;
    mending->context = context;
    mending->walk.bench = bench;
    esc_list_init(&mending->lost, free);
    go_on(mending);
    return mending;
}

void work_index_mend_stop(struct work_index_mending *mending)
{
    mending->stopped = true;
}
