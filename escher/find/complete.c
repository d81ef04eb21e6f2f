/* SPDX-License-Identifier: Apache-2.0 */

/* What a person may be about to type: names first, then ids, then names with a piece that fits. */

#include <stdlib.h>
#include <string.h>

#include "escher/find/find_private.h"

struct offer {
    const struct row *row;
    struct match match;
};

static struct match complete_row(const struct row *row, struct esc_str lower)
{
    if (esc_str_starts_with(row->name, lower))
        return (struct match){ESC_TIER_PREFIX, 1, "name"};
    if (esc_str_starts_with(row->identifier, lower))
        return (struct match){ESC_TIER_PREFIX, 0.5, "identifier"};
    for (size_t i = 0; lower.len > 0 && i < row->name_piece_count; i++)
        if (esc_str_starts_with(row->pieces[i].text, lower))
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
    int order = strcmp(left->row->resource->name, right->row->resource->name);
    return order != 0 ? order : strcmp(left->row->resource->id, right->row->resource->id);
}

static bool is_repeated(const struct offer *offers, size_t at)
{
    return at > 0 && offers[at].match.tier == offers[at - 1].match.tier &&
           offers[at].match.score == offers[at - 1].match.score &&
           esc_text_equal(offers[at].row->resource->name, offers[at - 1].row->resource->name);
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
        struct match match = complete_row(index->rows[i], lower);
        if (match.tier != ESC_TIER_COUNT)
            offers[count++] = (struct offer){index->rows[i], match};
    }
    if (count > 1)
        qsort(offers, count, sizeof *offers, compare);
    out->hits = esc_arena_alloc(&out->arena, (count + 1) * sizeof *out->hits);
    for (size_t i = 0; i < count; i++) {
        if (is_repeated(offers, i))
            continue;
        out->total++;
        if (out->count < limit)
            out->hits[out->count++] =
                (struct esc_find_hit){offers[i].row->resource, offers[i].match.tier,
                                      offers[i].match.score, offers[i].match.field};
    }
}
