/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The estate: one sealed row per resource, with its vector.
 *
 * A scan works in cells (account × region × resource type). It puts what it sees in batches and
 * closes each cell:
 *
 *     put(batch) ──▶ put(batch) ──▶ cell_done(complete)    rows of the cell not seen are removed
 *                              └──▶ cell_done(incomplete)  nothing is removed
 *
 * A resource whose content hash has not changed is not written again: that it was seen is kept
 * for the cell as a whole, one small row per cell and scan. Readers get `seen_in` and
 * `last_synced_ms` filled in from whichever is newer. So a scan that finds nothing new writes one
 * row per cell. What was seen is collected in memory between put and cell_done, by the same open
 * store; a scan that dies leaves its cells as they were.
 *
 * Ownership  resources and vectors are borrowed; what get returns is owned by the caller.
 */

#include "escher/model/resource.h"
#include "escher/store/store.h"

enum {
    ESC_STORE_DIMENSIONS = 384, /* floats of a vector */
};

struct esc_estate_change {
    size_t added, changed, unchanged;
};

/**
 * Puts @p count resources in one transaction. @p vectors is NULL, or has for each resource its
 * ESC_STORE_DIMENSIONS floats or NULL. A stored vector is kept while `embedded_hash` stays the
 * same. `seen_in` is the id of the scan, NULL outside of one. @p change may be NULL.
 * @errors ESC_LIMIT: a resource over ESC_MAX_RESOURCE; ESC_IO.
 */
enum esc_status esc_store_estate_put(struct esc_store *store,
                                     const struct esc_resource *const *resources,
                                     const float *const *vectors, size_t count,
                                     struct esc_estate_change *change, struct esc_error *err);

struct esc_estate_cell {
    const char *account_id, *region, *resource_type;
    const char *sync_id; /* the `seen_in` of what was put */
    uint64_t at_ms;      /* when the cell was seen */
    bool complete;       /* everything that is there was put */
};
/** Closes a cell: removes what a complete scan did not see and remembers the rest as seen.
 *  @p removed (may be NULL) gets the ids (char *), into a list that owns with free. */
enum esc_status esc_store_cell_done(struct esc_store *store, const struct esc_estate_cell *cell,
                                    struct esc_list *removed, struct esc_error *err);

/** All rows of a complete cell are seen once more, as they are: a scan that knows what it would put
 *  there closes it so. One that never had any is left alone. */
enum esc_status esc_store_cell_again(struct esc_store *store, const struct esc_estate_cell *cell,
                                     struct esc_error *err);

/** A scan begins: what was put by one that was cut off, of cells that it did not close, counts as
 *  seen no more, also when the new one goes on under the same id. */
void esc_store_scan_begins(struct esc_store *store);

/** Also copies the vector to @p vector (ESC_STORE_DIMENSIONS floats) and tells in @p has_vector
 *  whether there is one; both may be NULL. @errors ESC_NOT_FOUND, ESC_CORRUPT naming the id. */
enum esc_status esc_store_estate_get(struct esc_store *store, const char *id,
                                     struct esc_resource **out, float *vector, bool *has_vector,
                                     struct esc_error *err);

enum {
    ESC_STORE_HASH = 80, /* a hash as text, with the NUL */
};

/* What a row tells without its resource being read. */
struct esc_estate_mark {
    char content_hash[ESC_STORE_HASH], embedded_hash[ESC_STORE_HASH]; /* "": none */
    bool has_vector;
};
/** Also copies the vector to @p vector (ESC_STORE_DIMENSIONS floats) when there is one; it may be
 *  NULL. @errors ESC_NOT_FOUND; ESC_CORRUPT naming the id. */
enum esc_status esc_store_estate_mark(struct esc_store *store, const char *id,
                                      struct esc_estate_mark *out, float *vector,
                                      struct esc_error *err);

/** Both are borrowed. False ends the walk. */
typedef bool esc_estate_mark_fn(void *context, const char *id, const struct esc_estate_mark *mark);
/** Each row of a cell, in the order of first storing; all are opened. @errors ESC_CORRUPT: one does
 *  not open. */
enum esc_status esc_store_cell_marks(struct esc_store *store, const struct esc_estate_cell *cell,
                                     esc_estate_mark_fn *fn, void *context, struct esc_error *err);

/** @p vector is NULL when there is none; both are borrowed. False ends the walk. */
typedef bool esc_estate_each_fn(void *context, const struct esc_resource *resource,
                                const float *vector);
/** In the order of first storing. Damaged rows are counted in @p tally (may be NULL). */
enum esc_status esc_store_estate_each(struct esc_store *store, esc_estate_each_fn *fn,
                                      void *context, struct esc_store_tally *tally,
                                      struct esc_error *err);
enum esc_status esc_store_estate_count(struct esc_store *store, size_t *out, struct esc_error *err);
/** Removing what is not there is fine. */
enum esc_status esc_store_estate_remove(struct esc_store *store, const char *id,
                                        struct esc_error *err);
