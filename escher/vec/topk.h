/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The k best of a stream of scores, in an order that leaves nothing to chance: higher scores
 * first, equal scores by index. What came in which order does not matter.
 *
 *     init ──offer...──▶ (a heap, worst on top) ──sort──▶ hits[0 .. count) best first
 */

#include <stdbool.h>
#include <stddef.h>

struct esc_hit {
    float score;
    size_t index;
};

struct esc_topk {
    struct esc_hit *hits; /* the caller's, `limit` of them */
    size_t count, limit;
};

/** @p hits is borrowed until the last use of @p topk; a limit of 0 keeps nothing. */
void esc_topk_init(struct esc_topk *topk, struct esc_hit *hits, size_t limit);
/** Keeps the score if it is among the best so far, and tells whether it did. NaN never is. */
bool esc_topk_offer(struct esc_topk *topk, float score, size_t index);
/** Orders the hits, best first; after that only reading. */
void esc_topk_sort(struct esc_topk *topk);

/** True when @p a comes before @p b: the order of this room. */
bool esc_hit_before(struct esc_hit a, struct esc_hit b);
