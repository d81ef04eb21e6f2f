/* SPDX-License-Identifier: Apache-2.0 */

/*
 * From each name, identifier, ARN and id to its rows: buckets of entries chained through the rows
 * themselves. An entry is a row's slot and which of its texts it stands for.
 */

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/find/find_private.h"

enum {
    LEAST_BUCKETS = 1024
};

/* The text in two parts; false when the row has none of this kind, or the same as another. */
static bool text_of(const struct esc_index *index, const struct row *row, enum exact_kind kind,
                    struct esc_str out[2])
{
    out[1] = ESC_STR("");
    switch (kind) {
    case EXACT_ID:
        out[0] = place_of(index, row)->id_head;
        out[1] = row_identifier(row);
        break;
    case EXACT_IDENTIFIER:
        out[0] = row_identifier(row);
        break;
    case EXACT_NAME:
        out[0] = row_name(row);
        if (row->flags & ROW_NAME_SAME)
            return false;
        break;
    case EXACT_ARN:
        row_arn(index, row, out);
        if (parts_are(out, row_identifier(row)) || parts_are(out, row_name(row)))
            return false;
        break;
    default:
        return false;
    }
    const size_t len = out[0].len + out[1].len;
    return len > 0 && len < FIND_MAX_EXACT;
}

static uint32_t hash_of(const struct esc_index *index, const struct row *row, enum exact_kind kind,
                        const struct esc_str text[2])
{
    if (kind == EXACT_ID)
        return text_hash(place_of(index, row)->id_head_hash, text[1]);
    if (kind == EXACT_ARN)
        return text_hash(pool_at(&index->texts, row->arn_head)->hash, text[1]);
    return text_hash(TEXT_HASH, text[0]);
}

static uint32_t *bucket_of(const struct esc_index *index, uint32_t hash)
{
    hash ^= hash >> 16;
    hash *= 0x85EBCA6Bu; /* the mix of MurmurHash3: FNV's low bits are poor */
    return &index->buckets[(hash ^ hash >> 13) & (index->bucket_count - 1)];
}

static uint32_t *next_of(const struct esc_index *index, uint32_t entry)
{
    return &row_in(index, entry / EXACT_KINDS)->next[entry % EXACT_KINDS];
}

static void link_row(struct esc_index *index, uint32_t slot)
{
    struct row *row = row_in(index, slot);
    for (uint32_t kind = 0; kind < EXACT_KINDS; kind++) {
        struct esc_str text[2];
        if (!text_of(index, row, kind, text))
            continue;
        uint32_t *bucket = bucket_of(index, hash_of(index, row, kind, text));
        row->next[kind] = *bucket;
        *bucket = slot * EXACT_KINDS + kind;
        index->lengths[text[0].len + text[1].len]++;
    }
}

static void grow(struct esc_index *index)
{
    index->bucket_count = index->bucket_count ? index->bucket_count * 4 : LEAST_BUCKETS;
    free(index->buckets);
    index->buckets = esc_alloc_array(index->bucket_count, sizeof *index->buckets);
    memset(index->buckets, 0xFF, index->bucket_count * sizeof *index->buckets);
    memset(index->lengths, 0, FIND_MAX_EXACT * sizeof *index->lengths);
    for (uint32_t slot = 0; slot < index->slot_count; slot++)
        if (row_in(index, slot)->flags & ROW_IN_USE)
            link_row(index, slot);
}

void exact_enter(struct esc_index *index, uint32_t slot)
{
    if (index->count * 2 >= index->bucket_count)
        grow(index);
    link_row(index, slot);
    row_in(index, slot)->flags |= ROW_IN_USE;
}

void exact_leave(struct esc_index *index, uint32_t slot)
{
    struct row *row = row_in(index, slot);
    row->flags &= (uint8_t)~ROW_IN_USE;
    for (uint32_t kind = 0; kind < EXACT_KINDS; kind++) {
        struct esc_str text[2];
        if (!text_of(index, row, kind, text))
            continue;
        uint32_t *link = bucket_of(index, hash_of(index, row, kind, text));
        while (*link != slot * EXACT_KINDS + kind)
            link = next_of(index, *link);
        *link = row->next[kind];
        index->lengths[text[0].len + text[1].len]--;
    }
}

size_t index_exact(const struct esc_index *index, struct esc_str text, uint32_t *slots, size_t most)
{
    size_t count = 0;
    if (!index->bucket_count || text.len == 0 || text.len >= FIND_MAX_EXACT)
        return 0;
    uint32_t entry = *bucket_of(index, text_hash(TEXT_HASH, text));
    for (; entry != POOL_NONE; entry = *next_of(index, entry)) {
        const uint32_t slot = entry / EXACT_KINDS;
        struct esc_str own[2];
        if (!text_of(index, row_in(index, slot), entry % EXACT_KINDS, own) || !parts_are(own, text))
            continue;
        if (count < most)
            slots[count] = slot;
        count++;
    }
    return count;
}
