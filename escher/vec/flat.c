/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/vec/flat.h"

#include <math.h>
#include <stdlib.h>

#include "escher/base/alloc.h"

float esc_flat_quantise(const float *vector, size_t count, int8_t *out)
{
    float largest = 0;
    for (size_t i = 0; i < count; i++)
        largest = fmaxf(largest, fabsf(vector[i]));
    float scale = largest / 127;
    for (size_t i = 0; i < count; i++)
        out[i] = scale > 0 ? (int8_t)lrintf(vector[i] / scale) : 0;
    return scale;
}

/* What a row is compared with: the query as it is, or rounded as the rows are. */
struct needle {
    const struct esc_kernel *kernel;
    const float *f32;
    int8_t *s8;
    float scale;
};

static float score_of(const struct esc_flat *flat, const struct needle *needle, size_t row)
{
    size_t start = row * flat->dimensions;
    if (flat->f32)
        return needle->kernel->dot_f32(flat->f32 + start, needle->f32, flat->dimensions);
    int32_t dot = needle->kernel->dot_s8(flat->s8 + start, needle->s8, flat->dimensions);
    return (float)dot * needle->scale * flat->scales[row];
}

/* The rows of one word of the filter, 64 of them or the rest. */
static uint64_t word_of(const struct esc_flat *flat, const uint64_t *filter, size_t first)
{
    uint64_t word = filter ? filter[first / 64] : UINT64_MAX;
    size_t left = flat->count - first;
    return left < 64 ? word & ((UINT64_C(1) << left) - 1) : word;
}

static void scan(const struct esc_flat *flat, const struct needle *needle, const uint64_t *filter,
                 struct esc_topk *topk)
{
    for (size_t first = 0; first < flat->count; first += 64) {
        uint64_t word = word_of(flat, filter, first);
        for (size_t row = first; word != 0; row++, word >>= 1)
            if (word & 1)
                (void)esc_topk_offer(topk, score_of(flat, needle, row), row); /* or not kept */
    }
}

size_t esc_flat_search(const struct esc_flat *flat, const float *query, const uint64_t *filter,
                       size_t limit, struct esc_hit *hits)
{
    struct needle needle = {.kernel = flat->kernel ? flat->kernel : esc_kernel_default(),
                            .f32 = query};
    ESC_CLEANUP(esc_freep) int8_t *bytes = NULL;
    if (!flat->f32) {
        needle.s8 = bytes = esc_alloc(flat->dimensions);
        needle.scale = esc_flat_quantise(query, flat->dimensions, bytes);
    }
    struct esc_topk topk;
    esc_topk_init(&topk, hits, limit);
    scan(flat, &needle, filter, &topk);
    esc_topk_sort(&topk);
    return topk.count;
}
