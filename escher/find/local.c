/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The vectors of this machine's table: every row is compared, as bytes with one scale a row. At
 * ten thousand rows that is a few megabytes and well under a millisecond, exact up to 1e-4, and
 * equal on every CPU, because integers add up to the same sum everywhere.
 */

#include "escher/find/find_private.h"
#include "escher/vec/flat.h"
#include "escher/vec/kernel.h"

void local_scores(const struct esc_index *index, const float *query, const uint64_t *allowed,
                  float *scores)
{
    const struct esc_kernel *kernel = esc_kernel_default();
    int8_t bytes[ESC_FIND_DIMENSIONS];
    float scale = esc_flat_quantise(query, ESC_FIND_DIMENSIONS, bytes);
    for (size_t i = 0; i < index->count; i++) {
        const struct row *row = row_at(index, i);
        scores[i] = -2;
        if (!(row->flags & ROW_HAS_VECTOR) || !bit_is_set(allowed, i))
            continue;
        int32_t dot =
            kernel->dot_s8(row_vector(index, index->order[i]), bytes, ESC_FIND_DIMENSIONS);
        scores[i] = (float)dot * scale * row->scale;
    }
}
