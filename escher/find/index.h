/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The table that finding looks into: every resource of the estate, in memory, with its vector.
 *
 * It is filled from the sealed rows of the store when the core starts, and follows each sync. A
 * put or a removal is seen by the next question; there is nothing to optimise or to wait for.
 * Rows stand in the bytewise order of their ids, whatever the order of the puts.
 *
 * Ownership  resources and vectors are copied in; what a getter returns is borrowed until the
 *            next put or removal.
 * Threads    the loop thread only.
 */

#include <stdbool.h>
#include <stddef.h>

#include "escher/base/attr.h"
#include "escher/model/resource.h"

enum {
    ESC_FIND_DIMENSIONS = 384 /* of a vector */
};

struct esc_index;

ESC_RETURNS_NONNULL struct esc_index *esc_index_new(void);
void esc_index_free(struct esc_index *index); /* NULL does nothing */
ESC_DEFINE_CLEANUP(struct esc_index, esc_index_free)

/**
 * Adds the resource, or replaces the one of the same id. Without a vector (NULL) it is found by
 * its words alone; the vector of an earlier put is dropped, since it may describe other facts.
 */
void esc_index_put(struct esc_index *index, const struct esc_resource *resource,
                   const float *vector);
/** Takes the row out and tells whether it was there. */
bool esc_index_remove(struct esc_index *index, const char *id);

/** The resource of this id, or NULL. */
const struct esc_resource *esc_index_get(const struct esc_index *index, const char *id);
size_t esc_index_count(const struct esc_index *index);
/** The row at @p position (< count) in the order of ids. */
const struct esc_resource *esc_index_at(const struct esc_index *index, size_t position);
