/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/log.h"
#include "escher/find/segment.h"
#include "escher/loop/timer.h"
#include "escher/store/blocks.h"
#include "escher/store/estate.h"
#include "escher/work/impact_private.h"
#include "escher/work/work_private.h"

/*
 * The index at start: what was kept of each block of the estate is taken as it is, and where
 * nothing was kept, or not well, the resources of the block are read.
 *
 * What a write took away is made anew later, a block at a time while nothing else is to be done,
 * and the rest when the workbench closes. Where something is damaged nothing is made anew before
 * the next write: looking at a damaged store changes nothing in it.
 *
 * The rows that a start did not open are opened in the same way, so that damage is told.
 */
enum {
    QUIET_MS = 1000, /* after a write, and after the start */
    STEP_MS = 5,     /* from one block to the next, for whatever else waits */
    FEW_BLOCKS = 40, /* that may be opened at once: ten thousand rows */
    AT_ONCE = 32     /* blocks of a transaction at the end: some MB */
};

/* ---- filling ---- */

struct filling {
    struct esc_workbench *bench;
    struct esc_buf bytes;
    int64_t *taken; /* blocks whose rows were not opened */
    size_t taken_count;
    struct esc_store_tally tally; /* of rows that were read */
    bool lacks;                   /* something is to be kept */
    bool damaged;                 /* something that was kept */
};

static bool is_lost(enum esc_status status)
{
    return status == ESC_NOT_FOUND || status == ESC_CORRUPT;
}

static enum esc_status get_part(struct filling *filling, int64_t block, enum esc_block_part part,
                                struct esc_error *err)
{
    if (filling->bytes.len)
        esc_wipe(filling->bytes.ptr, filling->bytes.len);
    esc_buf_reset(&filling->bytes);
    return esc_store_block_get(filling->bench->store, block, part, &filling->bytes, err);
}

/* The rows of the block and their vectors, as they were kept. */
static enum esc_status take_block(struct filling *filling, int64_t block, struct esc_error *err)
{
    struct esc_index *index = filling->bench->index;
    struct esc_index_block taken;
    enum esc_status status = get_part(filling, block, ESC_BLOCK_CARDS, err);
    if (status == ESC_OK)
        status = esc_index_take(index, esc_buf_str(&filling->bytes), &taken, err);
    if (status == ESC_OK)
        status = get_part(filling, block, ESC_BLOCK_VECTORS, err);
    if (status == ESC_OK)
        status = esc_index_take_vectors(index, &taken, esc_buf_str(&filling->bytes), err);
    return status;
}

static bool put_one(void *context, uint8_t, const struct esc_resource *resource,
                    const float *vector)
{
    esc_index_put(context, resource, vector);
    return true;
}

static enum esc_status read_block(struct filling *filling, int64_t block, struct esc_error *err)
{
    struct esc_store_tally tally;
    const enum esc_status status = esc_store_block_each(filling->bench->store, block, put_one,
                                                        filling->bench->index, &tally, err);
    if (status != ESC_OK)
        return status;
    if (tally.corrupt && !filling->tally.corrupt)
        filling->tally.first = tally.first;
    filling->tally.corrupt += tally.corrupt;
    return ESC_OK;
}

/* First all that can be taken, then the rows of the rest, which have to be put in order. */
static enum esc_status fill_blocks(struct filling *filling, int64_t *blocks, size_t count,
                                   struct esc_error *err)
{
    size_t lost = 0;
    enum esc_status status = ESC_OK;
    for (size_t i = 0; i < count && status == ESC_OK; i++) {
        status = take_block(filling, blocks[i], err);
        filling->damaged |= status == ESC_CORRUPT;
        if (is_lost(status))
            blocks[lost++] = blocks[i];
        else if (status == ESC_OK)
            filling->taken[filling->taken_count++] = blocks[i];
        if (is_lost(status))
            status = ESC_OK;
    }
    esc_index_settle(filling->bench->index);
    filling->lacks = lost > 0;
    for (size_t i = 0; i < lost && status == ESC_OK; i++)
        status = read_block(filling, blocks[i], err);
    return status;
}

/* ---- when a scan saw it ---- */

static uint64_t seen_of_place(void *context, const struct esc_card *row)
{
    return esc_estate_seen_cell(context, row->account_id, row->region, row->resource_type);
}

static uint64_t seen_of_row(void *context, const char *id, const struct esc_card *row)
{
    return esc_estate_seen_resource(context, id, row->account_id, row->region, row->resource_type);
}

static enum esc_status see(struct esc_workbench *bench, struct esc_error *err)
{
    struct esc_estate_seen records;
    const enum esc_status status = esc_estate_seen_load(bench->store, &records, err);
    if (status != ESC_OK)
        return status;
    const struct esc_index_seen seen = {seen_of_place, seen_of_row, &records};
    esc_index_see(bench->index, &seen);
    esc_estate_seen_done(&records);
    return ESC_OK;
}

void work_index_see(struct esc_workbench *bench)
{
    struct esc_error err;
    if (see(bench, &err) != ESC_OK)
        esc_log(ESC_WARN, "rows look older than they are", F("why", err.message));
}

/* ---- checking what was not opened ---- */

struct work_index_checking {
    struct esc_workbench *bench;
    struct esc_timer *timer;
    int64_t *blocks;
    size_t count, at;
    struct esc_store_tally tally; /* with what the start has read */
};

void work_index_check_end(struct esc_workbench *bench)
{
    struct work_index_checking *checking = bench->checking;
    if (!checking)
        return;
    esc_timer_stop(&checking->timer);
    free(checking->blocks);
    free(checking);
    bench->checking = NULL;
}

/* False when there is none left, or the store does not answer. */
static bool check_next(struct work_index_checking *checking)
{
    struct esc_store_tally tally;
    struct esc_workbench *bench = checking->bench;
    if (checking->at == checking->count ||
        esc_store_block_check(bench->store, checking->blocks[checking->at++], &tally, NULL) !=
            ESC_OK)
        return false;
    if (tally.corrupt == 0)
        return true;
    if (checking->tally.corrupt == 0)
        checking->tally.first = tally.first;
    checking->tally.corrupt += tally.corrupt;
    work_note_unreadable(bench, &checking->tally);
    return true;
}

static void check_step(void *context)
{
    struct work_index_checking *checking = context;
    checking->timer = NULL;
    if (check_next(checking))
        checking->timer = esc_timer_start(checking->bench->loop, STEP_MS, check_step, checking);
    else
        work_index_check_end(checking->bench);
}

static void check_later(const struct filling *filling)
{
    struct esc_workbench *bench = filling->bench;
    if (!filling->taken_count)
        return;
    struct work_index_checking *checking = bench->checking = esc_alloc_zero(sizeof *checking);
    checking->bench = bench;
    checking->count = filling->taken_count;
    checking->blocks = esc_alloc_array(checking->count, sizeof *checking->blocks);
    memcpy(checking->blocks, filling->taken, checking->count * sizeof *checking->blocks);
    checking->tally = filling->tally;
    checking->timer = esc_timer_start(bench->loop, QUIET_MS, check_step, checking);
}

void work_index_check(struct esc_workbench *bench)
{
    struct work_index_checking *checking = bench->checking;
    if (!checking || checking->count - checking->at > FEW_BLOCKS)
        return;
    while (check_next(checking)) {
    }
    work_index_check_end(bench);
}

enum esc_status work_index_fill(struct esc_workbench *bench, struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) int64_t *blocks = NULL;
    size_t count = 0;
    struct filling filling = {.bench = bench};
    esc_buf_init(&filling.bytes, ESC_MAX_JSON);
    bench->index = esc_index_new();
    enum esc_status status = esc_store_blocks(bench->store, &blocks, &count, err);
    filling.taken = esc_alloc_array(count + 1, sizeof *filling.taken);
    if (status == ESC_OK)
        status = fill_blocks(&filling, blocks, count, err);
    if (status == ESC_OK)
        status = see(bench, err);
    if (filling.bytes.len)
        esc_wipe(filling.bytes.ptr, filling.bytes.len);
    esc_buf_done(&filling.bytes);
    if (status == ESC_OK) {
        work_note_unreadable(bench, &filling.tally);
        bench->index_is_whole = true;
        check_later(&filling);
    }
    free(filling.taken);
    if (status == ESC_OK && filling.lacks && !filling.damaged && !filling.tally.corrupt)
        work_index_keep_later(bench);
    return status;
}

/* ---- keeping ---- */

/* What is kept of a block, being made. */
struct making {
    struct esc_segment *segment;
    struct impact_block *relations;
    struct esc_buf parts[ESC_BLOCK_PARTS];
};

static void making_init(struct making *making)
{
    *making = (struct making){esc_segment_new(), impact_block_new(), {{0}}};
    for (int part = 0; part < ESC_BLOCK_PARTS; part++)
        esc_buf_init_wiped(&making->parts[part], ESC_MAX_JSON);
}

static void making_done(struct making *making)
{
    esc_segment_free(making->segment);
    impact_block_free(making->relations);
    for (int part = 0; part < ESC_BLOCK_PARTS; part++)
        esc_buf_done(&making->parts[part]);
}

static bool add_one(void *context, uint8_t place, const struct esc_resource *resource,
                    const float *vector)
{
    struct making *making = context;
    esc_segment_add(making->segment, place, resource, vector);
    impact_block_add(making->relations, resource);
    return true;
}

static enum esc_status keep_made(struct esc_workbench *bench, int64_t block, struct making *making,
                                 struct esc_error *err)
{
    struct esc_str parts[ESC_BLOCK_PARTS];
    enum esc_status status = ESC_OK;
    esc_segment_write(making->segment, &making->parts[ESC_BLOCK_CARDS],
                      &making->parts[ESC_BLOCK_VECTORS]);
    impact_block_write(making->relations, &making->parts[ESC_BLOCK_RELATIONS]);
    for (int part = 0; part < ESC_BLOCK_PARTS && status == ESC_OK; part++) {
        parts[part] = esc_buf_str(&making->parts[part]);
        status = esc_buf_status(&making->parts[part], "a block", err);
    }
    return status == ESC_OK ? esc_store_block_keep(bench->store, block, parts, err) : status;
}

/* A block with a damaged row is read row by row at each start, so that it goes on being told. */
static enum esc_status keep_block(struct esc_workbench *bench, int64_t block, struct esc_error *err)
{
    struct esc_store_tally tally;
    struct making making;
    making_init(&making);
    enum esc_status status =
        esc_store_block_each(bench->store, block, add_one, &making, &tally, err);
    if (status == ESC_OK && !tally.corrupt)
        status = keep_made(bench, block, &making, err);
    making_done(&making);
    return status;
}

struct work_index_keeping {
    struct esc_workbench *bench;
    struct esc_timer *timer;
    int64_t *blocks; /* of this round; NULL before it begins */
    size_t count, at;
};

static void end_round(struct work_index_keeping *keeping)
{
    free(ESC_STEAL(keeping->blocks));
    keeping->count = keeping->at = 0;
}

/* Keeps the next block that lacks it; false when there is none, or no write is possible. One that
 * cannot be kept for another reason is read row by row. */
static bool keep_next(struct work_index_keeping *keeping)
{
    struct esc_workbench *bench = keeping->bench;
    enum esc_status status = ESC_OK;
    if (!keeping->blocks)
        status = esc_store_blocks(bench->store, &keeping->blocks, &keeping->count, NULL);
    while (status == ESC_OK && keeping->at < keeping->count) {
        bool is_kept = false;
        const int64_t block = keeping->blocks[keeping->at++];
        status = esc_store_block_is_kept(bench->store, block, &is_kept, NULL);
        if (status == ESC_OK && !is_kept)
            return keep_block(bench, block, NULL) != ESC_IO;
    }
    return false;
}

/* Many in one transaction: whoever waits for the end waits for few syncs. */
static bool keep_some(struct work_index_keeping *keeping)
{
    struct esc_store *store = keeping->bench->store;
    bool is_more = esc_store_begin(store, NULL) == ESC_OK;
    if (!is_more)
        return false;
    for (size_t i = 0; i < AT_ONCE && is_more; i++)
        is_more = keep_next(keeping);
    return esc_store_commit(store, NULL) == ESC_OK && is_more;
}

static void end_keeping(struct work_index_keeping *keeping)
{
    keeping->bench->keeping = NULL;
    end_round(keeping);
    free(keeping);
}

static void step(void *context)
{
    struct work_index_keeping *keeping = context;
    struct esc_workbench *bench = keeping->bench;
    keeping->timer = NULL;
    if (bench->syncing)
        keeping->timer = esc_timer_start(bench->loop, QUIET_MS, step, keeping);
    else if (keep_next(keeping))
        keeping->timer = esc_timer_start(bench->loop, STEP_MS, step, keeping);
    else
        end_keeping(keeping);
}

void work_index_keep_later(struct esc_workbench *bench)
{
    struct work_index_keeping *keeping = bench->keeping;
    if (!keeping) {
        keeping = bench->keeping = esc_alloc_zero(sizeof *keeping);
        keeping->bench = bench;
    }
    end_round(keeping); /* blocks that were passed may lack it again */
    esc_timer_stop(&keeping->timer);
    keeping->timer = esc_timer_start(bench->loop, QUIET_MS, step, keeping);
}

void work_index_keep_now(struct esc_workbench *bench)
{
    struct work_index_keeping *keeping = bench->keeping;
    if (!keeping)
        return;
    esc_timer_stop(&keeping->timer);
    while (bench->index_is_whole && keep_some(keeping)) {
    }
    end_keeping(keeping);
}
