/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A part of the table as bytes, so that a start need not read every resource.
 *
 *     resources of a block ──add──▶ segment ──write──▶ cards, vectors      (sealed by the store)
 *     cards ──take──▶ rows of the table ──take_vectors──▶ with their vectors
 *     the last of them ──settle──▶ a table to ask
 *
 * Cards hold what the table knows of each resource but its vector: texts that repeat once, then
 * the rows. Their bytes are a form of this version of Escher alone: another one answers ESC_CORRUPT
 * and the resources are read instead.
 *
 * Ownership  resources and bytes are borrowed for the call.
 * Threads    a segment on any one thread; taking on the loop thread, before the first question.
 */

#include <stdint.h>

#include "escher/base/buf.h"
#include "escher/base/error.h"
#include "escher/find/index.h"

enum {
    ESC_SEGMENT_ROWS = 256 /* at most, each with a place of its own from 0 to 255 */
};

struct esc_segment;
ESC_RETURNS_NONNULL struct esc_segment *esc_segment_new(void);
void esc_segment_free(struct esc_segment *segment); /* NULL does nothing */
ESC_DEFINE_CLEANUP(struct esc_segment, esc_segment_free)

/** @p place rises from one resource to the next; @p vector may be NULL. */
void esc_segment_add(struct esc_segment *segment, uint8_t place,
                     const struct esc_resource *resource, const float *vector);
/** Appends both forms; @p vectors may be NULL. */
void esc_segment_write(const struct esc_segment *segment, struct esc_buf *cards,
                       struct esc_buf *vectors);

/* What was taken of a block: where its rows are, until the next put or removal. */
struct esc_index_block {
    uint32_t slots[ESC_SEGMENT_ROWS];
    uint8_t places[ESC_SEGMENT_ROWS];
    size_t count;
};

/** Adds the rows, none of which may be in the table. @errors ESC_CORRUPT, with nothing added. */
enum esc_status esc_index_take(struct esc_index *index, struct esc_str cards,
                               struct esc_index_block *block, struct esc_error *err);
/** Gives the rows of @p block their vectors. @errors ESC_CORRUPT, with none of them changed. */
enum esc_status esc_index_take_vectors(struct esc_index *index, const struct esc_index_block *block,
                                       struct esc_str vectors, struct esc_error *err);
/** Puts what was taken in order. */
void esc_index_settle(struct esc_index *index);
