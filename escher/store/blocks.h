/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The estate in blocks of 256 rows by age, and what somebody made of each block and wants to find
 * again at the next start: an index of it, so that not every row has to be opened.
 *
 *     put, remove, cell_done of a resource ──▶ what was kept of its block is gone, in the same
 *                                              transaction: it can be missing, but not be stale
 *     block_each ──▶ made anew ──▶ block_keep
 *
 * What is kept is sealed as every row is. It holds nothing that the rows do not: losing it costs
 * time and no more.
 *
 * Ownership  what is handed in is borrowed, buffers belong to the caller.
 * Threads    the thread of the store.
 */

#include <stdint.h>

#include "escher/base/buf.h"
#include "escher/model/resource.h"
#include "escher/store/store.h"

enum {
    ESC_BLOCK_ROWS = 256
};

enum esc_block_part {
    ESC_BLOCK_CARDS,     /* what follows from resources */
    ESC_BLOCK_VECTORS,   /* what follows from vectors, and from which resources there are */
    ESC_BLOCK_RELATIONS, /* what follows from resources and is asked for more rarely */
    ESC_BLOCK_PARTS
};

/** The numbers of all blocks that have rows, rising, in *out, owned by the caller. */
enum esc_status esc_store_blocks(struct esc_store *store, int64_t **out, size_t *count,
                                 struct esc_error *err);
/** Whether something is kept of all parts; it may be damaged. */
enum esc_status esc_store_block_is_kept(struct esc_store *store, int64_t block, bool *out,
                                        struct esc_error *err);
/** Appends what was kept to @p out. @errors ESC_NOT_FOUND, ESC_CORRUPT, ESC_LIMIT. */
enum esc_status esc_store_block_get(struct esc_store *store, int64_t block,
                                    enum esc_block_part part, struct esc_buf *out,
                                    struct esc_error *err);
/** Keeps all parts. The rows they were made of must be as they were: the same turn of the loop. */
enum esc_status esc_store_block_keep(struct esc_store *store, int64_t block,
                                     const struct esc_str parts[ESC_BLOCK_PARTS],
                                     struct esc_error *err);

/** @p place is from 0 to 255 and rises; @p vector is NULL when there is none. False ends it. */
typedef bool esc_block_each_fn(void *context, uint8_t place, const struct esc_resource *resource,
                               const float *vector);
/** The resources of a block as their rows have them: without what records of cells know. Damaged
 *  rows are counted in @p tally (may be NULL). */
enum esc_status esc_store_block_each(struct esc_store *store, int64_t block, esc_block_each_fn *fn,
                                     void *context, struct esc_store_tally *tally,
                                     struct esc_error *err);

/** Opens the rows of a block without reading what is in them; damaged ones are counted in @p tally. */
enum esc_status esc_store_block_check(struct esc_store *store, int64_t block,
                                      struct esc_store_tally *tally, struct esc_error *err);

/* When scans saw the resources, as the records of the cells say. */
struct cell_records;
struct esc_estate_seen {
    struct esc_store *store;
    struct cell_records *records;
};
/** To be ended with esc_estate_seen_done(). */
enum esc_status esc_estate_seen_load(struct esc_store *store, struct esc_estate_seen *out,
                                     struct esc_error *err);
void esc_estate_seen_done(struct esc_estate_seen *seen);
/** When a complete scan saw the cell; 0 never; UINT64_MAX: it is not the same for all of it. */
uint64_t esc_estate_seen_cell(const struct esc_estate_seen *seen, const char *account_id,
                              const char *region, const char *resource_type);
/** When a scan saw this resource of it last; 0 never. */
uint64_t esc_estate_seen_resource(const struct esc_estate_seen *seen, const char *id,
                                  const char *account_id, const char *region,
                                  const char *resource_type);
