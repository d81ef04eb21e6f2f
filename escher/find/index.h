/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The table that finding looks into: what a question may ask about every resource of the estate,
 * in memory, with its vector. The rest of a resource stays in the store, where its id leads.
 *
 * It is filled when the core starts, from segments (find/segment.h) or resource by resource, and
 * follows each sync. A put or a removal is seen by the next question; there is nothing to optimise
 * or to wait for. Rows stand in the bytewise order of their ids, whatever the order of the puts.
 *
 * Ownership  what is put is copied; what a card points to is borrowed until the next put or
 *            removal.
 * Threads    the loop thread only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "escher/base/arena.h"
#include "escher/base/attr.h"
#include "escher/model/resource.h"

enum {
    ESC_FIND_DIMENSIONS = 384 /* of a vector */
};

struct esc_index;

ESC_RETURNS_NONNULL struct esc_index *esc_index_new(void);
void esc_index_free(struct esc_index *index); /* NULL does nothing */
ESC_DEFINE_CLEANUP(struct esc_index, esc_index_free)

/* What the table knows of a resource without looking into the store. */
struct esc_card {
    size_t position; /* in the order of ids; SIZE_MAX in mentions, which do not look for it */
    const char *id;  /* NULL where nobody gave an arena to make it in */
    const char *identifier, *name;
    const char *account_id, *account_name, *region, *resource_type; /* the name may be NULL */
    const char *state, *environment;                                /* NULL: none */
    uint64_t created_at_ms, last_synced_ms;                         /* 0 unknown */
    bool can_stop;                                                  /* known to be possible */
    bool has_vector; /* else it is found by its words alone */
};

/**
 * Adds the resource, or replaces the one of the same id, which must be the key of its parts
 * (asserted). Without a vector (NULL) it is found by its words alone; the vector of an earlier put
 * is dropped, since it may describe other facts.
 */
void esc_index_put(struct esc_index *index, const struct esc_resource *resource,
                   const float *vector);
/** Takes the row out and tells whether it was there. */
bool esc_index_remove(struct esc_index *index, const char *id);

/** Whether there is a row of this id; @p out (may be NULL) gets its card, without an id. */
bool esc_index_get(const struct esc_index *index, const char *id, struct esc_card *out);
size_t esc_index_count(const struct esc_index *index);
/** The row at @p position (< count) in the order of ids. @p arena may be NULL: no id is made. */
struct esc_card esc_index_at(const struct esc_index *index, size_t position,
                             struct esc_arena *arena);

/** When a scan saw a row: @p of_place for all rows of an account, region and type, @p of_row where
 *  that answers UINT64_MAX. 0 changes nothing. */
struct esc_index_seen {
    uint64_t (*of_place)(void *context, const struct esc_card *some_row);
    uint64_t (*of_row)(void *context, const char *id, const struct esc_card *row);
    void *context;
};
/** Raises last_synced_ms of all rows to what @p seen knows. */
void esc_index_see(struct esc_index *index, const struct esc_index_seen *seen);
