/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/vec/topk.h"

#include <math.h>
#include <stdlib.h>

bool esc_hit_before(struct esc_hit a, struct esc_hit b)
{
    return a.score > b.score || (!(a.score < b.score) && a.index < b.index);
}

void esc_topk_init(struct esc_topk *topk, struct esc_hit *hits, size_t limit)
{
    *topk = (struct esc_topk){.hits = hits, .limit = limit};
}

static void swap(struct esc_hit *a, struct esc_hit *b)
{
    struct esc_hit kept = *a;
    *a = *b;
    *b = kept;
}

/* A parent never comes before its children, so the worst hit is hits[0]. */
static void rise(struct esc_hit *hits, size_t at)
{
    while (at > 0 && esc_hit_before(hits[(at - 1) / 2], hits[at])) {
        swap(&hits[(at - 1) / 2], &hits[at]);
        at = (at - 1) / 2;
    }
}

static void sink(struct esc_hit *hits, size_t count)
{
    for (size_t at = 0, child = 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && esc_hit_before(hits[child], hits[child + 1]))
            child++;
        if (!esc_hit_before(hits[at], hits[child]))
            return;
        swap(&hits[at], &hits[child]);
        at = child;
    }
}

bool esc_topk_offer(struct esc_topk *topk, float score, size_t index)
{
    const struct esc_hit hit = {.score = score, .index = index};
    if (isnan(score))
        return false;
    if (topk->count < topk->limit) {
        topk->hits[topk->count] = hit;
        rise(topk->hits, topk->count++);
        return true;
    }
    if (topk->limit == 0 || !esc_hit_before(hit, topk->hits[0]))
        return false;
    topk->hits[0] = hit;
    sink(topk->hits, topk->count);
    return true;
}

static int compare(const void *a, const void *b)
{
    const struct esc_hit *left = a;
    const struct esc_hit *right = b;
    return esc_hit_before(*right, *left) - esc_hit_before(*left, *right);
}

void esc_topk_sort(struct esc_topk *topk)
{
    if (topk->count > 1)
        qsort(topk->hits, topk->count, sizeof topk->hits[0], compare);
}
