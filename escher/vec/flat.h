/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Exact nearest neighbours: every row is looked at, so recall is 1. Rows and query have length 1
 * (as the encoder makes them); the score is then the cosine, 1 for the same direction.
 *
 * Rows are floats, or bytes with one scale a row: four times smaller and as many times faster
 * where memory is the limit, off by about 1e-4 in the score.
 *
 * Ownership  rows, query, filter and hits are borrowed for the call.
 * Threads    any; nothing is kept.
 */

#include <stddef.h>
#include <stdint.h>

#include "escher/vec/kernel.h"
#include "escher/vec/topk.h"

struct esc_flat {
    const float *f32;    /* count * dimensions, or NULL when the rows are bytes */
    const int8_t *s8;    /* the same as bytes */
    const float *scales; /* count: row[i] is s8[i] * scale; only with s8 */
    size_t count, dimensions;
    const struct esc_kernel *kernel; /* NULL: esc_kernel_default() */
};

/**
 * Puts the best @p limit rows into @p hits, best first, and returns how many there are.
 * Bit i of @p filter (word i / 64, bit i % 64) tells whether row i takes part; NULL: all do.
 * Rows that hold NaN are never found.
 */
size_t esc_flat_search(const struct esc_flat *flat, const float *query, const uint64_t *filter,
                       size_t limit, struct esc_hit *hits);

/** Rounds @p count floats to bytes in [-127, 127], returns the scale; zeros give scale 0. */
float esc_flat_quantise(const float *vector, size_t count, int8_t *out);
