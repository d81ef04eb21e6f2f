/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Putting many rows in the order of their ids at once. Comparing ids looks into two rows each
 * time, so a number is made of each row first that nearly always tells: which place it is of, then
 * the first bytes of its identifier after what all identifiers of the place share.
 *
 * That needs places whose beginnings of ids tell them apart: no one is the beginning of another.
 * Where it is not so, the ids themselves are compared.
 */

#include <stdlib.h>

#include "escher/base/alloc.h"
#include "escher/find/find_private.h"
#include "escher/find/segment.h"

enum {
    KEY_BYTES = 6,
    MAX_PLACES = UINT16_MAX
};

struct sorted {
    uint64_t key;
    uint32_t slot;
};

struct ranked {
    struct esc_str head;
    uint32_t place;
};

/* By the number of a place. */
struct places {
    uint16_t *ranks;
    struct esc_str *shared; /* the beginning of all identifiers; ptr NULL: none was seen yet */
};

static int by_head(const void *a, const void *b)
{
    return esc_str_compare(((const struct ranked *)a)->head, ((const struct ranked *)b)->head);
}

/* False where one beginning of ids is the beginning of another. */
static bool rank_places(const struct esc_index *index, uint16_t *ranks)
{
    size_t count = 0;
    ESC_CLEANUP(esc_freep)
    struct ranked *ranked = esc_alloc_array(index->places.count + 1, sizeof *ranked);
    for (uint32_t i = 0; i < index->places.count; i++)
        if (index->places.items[i])
            ranked[count++] =
                (struct ranked){((const struct place *)index->places.items[i]->extra)->id_head, i};
    if (count > MAX_PLACES)
        return false;
    qsort(ranked, count, sizeof *ranked, by_head);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && esc_str_starts_with(ranked[i].head, ranked[i - 1].head))
            return false;
        ranks[ranked[i].place] = (uint16_t)i;
    }
    return true;
}

static void share(struct esc_str *shared, struct esc_str identifier)
{
    if (!shared->ptr)
        *shared = identifier;
    size_t len = 0;
    while (len < shared->len && len < identifier.len && shared->ptr[len] == identifier.ptr[len])
        len++;
    shared->len = len;
}

static uint64_t key_of(const struct places *places, const struct row *row)
{
    uint64_t key = places->ranks[row->place];
    const struct esc_str identifier = row_identifier(row);
    for (size_t i = 0; i < KEY_BYTES; i++) {
        const size_t at = places->shared[row->place].len + i;
        key = key << 8 | (at < identifier.len ? (unsigned char)identifier.ptr[at] : 0u);
    }
    return key;
}

static int by_key(const void *a, const void *b, void *context)
{
    const struct esc_index *index = context;
    const struct sorted *left = a, *right = b;
    if (left->key != right->key)
        return left->key < right->key ? -1 : 1;
    return row_compare(index, row_in(index, left->slot), row_in(index, right->slot));
}

static int by_id(const void *a, const void *b, void *context)
{
    const struct esc_index *index = context;
    return row_compare(index, row_in(index, *(const uint32_t *)a),
                       row_in(index, *(const uint32_t *)b));
}

static void sort_by_keys(struct esc_index *index, struct places *places)
{
    ESC_CLEANUP(esc_freep)
    struct sorted *sorted = esc_alloc_array(index->count + 1, sizeof *sorted);
    for (size_t i = 0; i < index->count; i++) {
        const struct row *row = row_at(index, i);
        share(&places->shared[row->place], row_identifier(row));
    }
    for (size_t i = 0; i < index->count; i++)
        sorted[i] = (struct sorted){key_of(places, row_at(index, i)), index->order[i]};
    qsort_r(sorted, index->count, sizeof *sorted, by_key, index);
    for (size_t i = 0; i < index->count; i++)
        index->order[i] = sorted[i].slot;
}

void esc_index_settle(struct esc_index *index)
{
    if (index->is_sorted)
        return;
    const size_t count = index->places.count + 1;
    ESC_CLEANUP(esc_freep) uint16_t *ranks = esc_alloc_array(count, sizeof *ranks);
    ESC_CLEANUP(esc_freep) struct esc_str *shared = esc_alloc_array(count, sizeof *shared);
    struct places places = {ranks, shared};
    if (rank_places(index, ranks))
        sort_by_keys(index, &places);
    else
        qsort_r(index->order, index->count, sizeof *index->order, by_id, index);
    index->is_sorted = true;
}
