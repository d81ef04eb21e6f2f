/* SPDX-License-Identifier: Apache-2.0 */

/* What a person may be about to type: names first, then ids, then names with a piece that fits. */

#include <stdlib.h>

#include "escher/find/find_private.h"

struct offer {
    const struct row *row;
    size_t position;
    struct match match;
};

static struct match complete_row(const struct row *row, struct esc_str lower)
{
    if (esc_str_starts_with(row_low_name(row), lower))
        return (struct match){ESC_TIER_PREFIX, 1, "name"};
    if (esc_str_starts_with(row_low_identifier(row), lower))
        return (struct match){ESC_TIER_PREFIX, 0.5, "identifier"};
    for (size_t i = 0; lower.len > 0 && i < row->piece_count; i++)
        if (esc_str_starts_with(row_piece(row, i), lower))
            return (struct match){ESC_TIER_TOKEN, 1, "piece of the name"};
    return (struct match){.tier = ESC_TIER_COUNT};
}

static int compare(const void *a, const void *b)
{
    const struct offer *left = a, *right = b;
    if (left->match.tier != right->match.tier)
        return left->match.tier < right->match.tier ? -1 : 1;
    if (left->match.score != right->match.score)
        return left->match.score > right->match.score ? -1 : 1;
    int order = esc_str_compare(row_name(left->row), row_name(right->row));
    return order != 0 ? order : left->position < right->position ? -1 : 1;
}

static bool is_repeated(const struct offer *offers, size_t at)
{
    return at > 0 && offers[at].match.tier == offers[at - 1].match.tier &&
           offers[at].match.score == offers[at - 1].match.score &&
           esc_str_equal(row_name(offers[at].row), row_name(offers[at - 1].row));
}

void esc_complete(const struct esc_index *index, struct esc_str prefix, size_t limit,
                  struct esc_find_result *out)
{
    *out = (struct esc_find_result){0};
    esc_arena_init(&out->arena);
    struct esc_str lower = lower_copy(&out->arena, prefix);
    struct offer *offers = esc_arena_alloc(&out->arena, (index->count + 1) * sizeof *offers);
    size_t count = 0;
    for (size_t i = 0; i < index->count; i++) {
        struct match match = complete_row(row_at(index, i), lower);
        if (match.tier != ESC_TIER_COUNT)
            offers[count++] = (struct offer){row_at(index, i), i, match};
    }
    if (count > 1)
        qsort(offers, count, sizeof *offers, compare);
    out->hits = esc_arena_alloc(&out->arena, (count + 1) * sizeof *out->hits);
    for (size_t i = 0; i < count; i++) {
        if (is_repeated(offers, i))
            continue;
        out->total++;
        if (out->count < limit)
            out->hits[out->count++] = (struct esc_find_hit){
                esc_index_at(index, offers[i].position, &out->arena), offers[i].match.tier,
                offers[i].match.score, offers[i].match.field};
    }
}
