/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Rows keep their slot for life; `order` has the slots in the order of the ids. The rows of many
 * segments are appended first and put in order once.
 */

#include "escher/find/index.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/find/find_private.h"
#include "escher/find/segment.h"
#include "escher/model/environment.h"
#include "escher/vec/flat.h"

enum {
    WORTH_COMPACTING = 1024 * 1024
};

/* ---- the table ---- */

static void free_account(void *item)
{
    struct account_row *account = item;
    free(account->id);
    free(account->name);
    free(account);
}

static void free_tag(void *item)
{
    struct tag *tag = item;
    free(tag->pieces);
    free(tag->lower);
    free(tag);
}

struct esc_index *esc_index_new(void)
{
    struct esc_index *index = esc_alloc_zero(sizeof *index);
    index->lengths = esc_alloc_array(FIND_MAX_EXACT, sizeof *index->lengths);
    index->is_sorted = true;
    pool_init(&index->texts, NULL);
    pool_init(&index->tags, free_tag);
    pool_init(&index->places, free);
    esc_list_init(&index->accounts, free_account);
    return index;
}

void esc_index_free(struct esc_index *index)
{
    if (!index)
        return;
    for (size_t i = 0; i < index->chunk_count; i++) {
        free(index->chunks[i]);
        free(index->vectors[i]);
    }
    for (size_t i = 0; i < index->slab_count; i++)
        free(index->slabs[i].bytes);
    free(index->chunks);
    free(index->vectors);
    free(index->slabs);
    free(index->free_slots);
    free(index->order);
    free(index->buckets);
    free(index->lengths);
    pool_done(&index->texts);
    pool_done(&index->tags);
    pool_done(&index->places);
    esc_list_done(&index->accounts);
    free(index);
}

/* ---- slots ---- */

uint32_t index_new_slot(struct esc_index *index)
{
    if (index->free_count)
        return index->free_slots[--index->free_count];
    if (index->slot_count == index->chunk_count * CHUNK_ROWS) {
        const size_t count = index->chunk_count + 1;
        index->chunks = esc_realloc_array(index->chunks, count, sizeof *index->chunks);
        index->vectors = esc_realloc_array(index->vectors, count, sizeof *index->vectors);
        index->chunks[index->chunk_count] = esc_alloc_array(CHUNK_ROWS, sizeof(struct row));
        index->vectors[index->chunk_count] = NULL;
        index->chunk_count = count;
    }
    return (uint32_t)index->slot_count++;
}

static void free_slot(struct esc_index *index, uint32_t slot)
{
    if (index->free_count == index->free_capacity) {
        index->free_capacity = index->free_capacity ? index->free_capacity * 2 : 64;
        index->free_slots =
            esc_realloc_array(index->free_slots, index->free_capacity, sizeof *index->free_slots);
    }
    index->free_slots[index->free_count++] = slot;
}

void index_set_vector(struct esc_index *index, uint32_t slot, const int8_t *bytes, float scale)
{
    struct row *row = row_in(index, slot);
    struct vector_chunk **chunk = &index->vectors[slot / CHUNK_ROWS];
    row->flags &= (uint8_t)~ROW_HAS_VECTOR;
    if (!bytes)
        return;
    if (!*chunk)
        *chunk = esc_alloc(sizeof **chunk);
    memcpy((*chunk)->bytes[slot % CHUNK_ROWS], bytes, ESC_FIND_DIMENSIONS);
    row->scale = scale;
    row->flags |= ROW_HAS_VECTOR;
}

static void make_room(struct esc_index *index)
{
    if (index->count < index->capacity)
        return;
    index->capacity = index->capacity ? index->capacity * 2 : 64;
    index->order = esc_realloc_array(index->order, index->capacity, sizeof *index->order);
}

void index_append(struct esc_index *index, uint32_t slot)
{
    make_room(index);
    index->order[index->count++] = slot;
    index->is_sorted = false;
    exact_enter(index, slot);
}

void index_unappend(struct esc_index *index, uint32_t slot)
{
    ESC_ASSERT(index->count && index->order[index->count - 1] == slot);
    exact_leave(index, slot);
    row_drop(index, row_in(index, slot));
    free_slot(index, slot);
    index->count--;
}

/* ---- the order ---- */

static int compare_parts(struct esc_str head_a, struct esc_str a, struct esc_str head_b,
                         struct esc_str b)
{
    const size_t len_a = head_a.len + a.len, len_b = head_b.len + b.len;
    for (size_t i = 0; i < len_a && i < len_b; i++) {
        const char left = i < head_a.len ? head_a.ptr[i] : a.ptr[i - head_a.len];
        const char right = i < head_b.len ? head_b.ptr[i] : b.ptr[i - head_b.len];
        if (left != right)
            return (unsigned char)left < (unsigned char)right ? -1 : 1;
    }
    return (len_a > len_b) - (len_a < len_b);
}

int row_compare(const struct esc_index *index, const struct row *a, const struct row *b)
{
    if (a->place == b->place)
        return esc_str_compare(row_identifier(a), row_identifier(b));
    return compare_parts(place_of(index, a)->id_head, row_identifier(a),
                         place_of(index, b)->id_head, row_identifier(b));
}

/* The position of @p id, or the one where it belongs. */
static size_t position_of(const struct esc_index *index, struct esc_str id, bool *is_there)
{
    size_t low = 0, high = index->count;
    ESC_ASSERT(index->is_sorted);
    *is_there = false;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const struct row *row = row_at(index, middle);
        const int order =
            compare_parts(place_of(index, row)->id_head, row_identifier(row), ESC_STR(""), id);
        if (order == 0) {
            *is_there = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* ---- putting ---- */

static struct esc_str text_or_none(const char *text)
{
    return text ? esc_str_of(text) : (struct esc_str){NULL, 0};
}

/* Where the ARN ends with the identifier, only its beginning has to be kept. */
static void split_arn(struct esc_index *index, const struct esc_resource *resource,
                      struct row_parts *parts)
{
    const struct esc_str arn = text_or_none(resource->arn);
    parts->arn_head = POOL_NONE;
    if (!arn.ptr)
        return;
    struct esc_str head = ESC_STR("");
    if (segment_arn_ends(arn, parts->identifier, &head))
        parts->flags |= ROW_ARN_ENDS;
    else
        parts->arn_rest = arn;
    parts->arn_head = pool_take(&index->texts, head);
}

static uint32_t *take_tags(struct esc_index *index, const struct esc_resource *resource,
                           size_t *count)
{
    uint32_t *tags = esc_alloc_array(esc_json_len(resource->tags) + 1, sizeof *tags);
    void *position = NULL;
    const char *key;
    const struct esc_json *value;
    *count = 0;
    while (esc_json_next(resource->tags, &position, &key, &value) && *count < UINT16_MAX) {
        const struct esc_str text = esc_json_value(value);
        const bool is_name = esc_str_is(text, resource->name);
        tags[(*count)++] =
            tag_take(index, esc_str_of(key), is_name ? (struct esc_str){NULL, 0} : text);
    }
    return tags;
}

static void make_row(struct esc_index *index, const struct esc_resource *resource, struct row *row)
{
    struct row_parts parts = {.identifier = esc_str_of(resource->identifier),
                              .name = esc_str_of(resource->name),
                              .state = POOL_NONE,
                              .created_at_ms = resource->created_at_ms,
                              .last_synced_ms = resource->last_synced_ms,
                              .environment = esc_environment_of_resource(resource),
                              .flags = segment_flags(resource)};
    parts.place = place_take(index, esc_str_of(resource->account_id), resource->account_name,
                             esc_str_of(resource->region), esc_str_of(resource->resource_type));
    if (resource->state)
        parts.state = pool_take(&index->texts, esc_str_of(resource->state));
    split_arn(index, resource, &parts);
    ESC_CLEANUP(esc_freep) uint32_t *tags = take_tags(index, resource, &parts.tag_count);
    parts.tags = tags;
    row_make(index, &parts, row);
}

static void set_vector(struct esc_index *index, uint32_t slot, const float *vector)
{
    int8_t bytes[ESC_FIND_DIMENSIONS];
    const float scale = vector ? esc_flat_quantise(vector, ESC_FIND_DIMENSIONS, bytes) : 0;
    index_set_vector(index, slot, vector ? bytes : NULL, scale);
}

static void compact(struct esc_index *index)
{
    if (index->slab_bytes > WORTH_COMPACTING && index->live_bytes < index->slab_bytes / 2)
        slabs_compact(index);
}

void esc_index_put(struct esc_index *index, const struct esc_resource *resource,
                   const float *vector)
{
    ESC_ASSERT(resource->id && resource->identifier && resource->name && resource->resource_type &&
               resource->account_id && resource->region);
    bool is_there = false;
    esc_index_settle(index);
    const size_t position = position_of(index, esc_str_of(resource->id), &is_there);
    if (is_there) {
        exact_leave(index, index->order[position]);
        row_drop(index, row_in(index, index->order[position]));
    } else {
        make_room(index);
        memmove(index->order + position + 1, index->order + position,
                (index->count - position) * sizeof *index->order);
        index->order[position] = index_new_slot(index);
        index->count++;
    }
    const uint32_t slot = index->order[position];
    make_row(index, resource, row_in(index, slot));
    exact_enter(index, slot);
    set_vector(index, slot, vector);
    compact(index);
    const struct row *row = row_in(index, slot);
    ESC_ASSERT(
        parts_are((const struct esc_str[]){place_of(index, row)->id_head, row_identifier(row)},
                  esc_str_of(resource->id)));
}

bool esc_index_remove(struct esc_index *index, const char *id)
{
    bool is_there = false;
    esc_index_settle(index);
    const size_t position = position_of(index, esc_str_of(id), &is_there);
    if (!is_there)
        return false;
    const uint32_t slot = index->order[position];
    exact_leave(index, slot);
    row_drop(index, row_in(index, slot));
    free_slot(index, slot);
    index->count--;
    memmove(index->order + position, index->order + position + 1,
            (index->count - position) * sizeof *index->order);
    compact(index);
    return true;
}

/* ---- looking ---- */

static char *make_id(const struct esc_index *index, const struct row *row, struct esc_arena *arena)
{
    return esc_arena_printf(arena, "%s%.*s", place_of(index, row)->id_head.ptr,
                            ESC_STR_ARG(row_identifier(row)));
}

void card_of(const struct esc_index *index, uint32_t slot, struct esc_arena *arena,
             struct esc_card *out)
{
    const struct row *row = row_in(index, slot);
    const struct place *place = place_of(index, row);
    *out = (struct esc_card){.position = SIZE_MAX,
                             .id = arena ? make_id(index, row, arena) : NULL,
                             .identifier = row_identifier(row).ptr,
                             .name = row_name(row).ptr,
                             .account_id = place->account_id,
                             .account_name = place->account_name,
                             .region = place->region,
                             .resource_type = place->resource_type,
                             .state = row_state(index, row),
                             .environment = row_environment(row),
                             .created_at_ms = row->created_at_ms,
                             .last_synced_ms = row->last_synced_ms,
                             .can_stop = row->flags & ROW_CAN_STOP,
                             .has_vector = row->flags & ROW_HAS_VECTOR};
}

bool esc_index_get(const struct esc_index *index, const char *id, struct esc_card *out)
{
    bool is_there = false;
    const size_t position = position_of(index, esc_str_of(id), &is_there);
    if (is_there && out)
        *out = esc_index_at(index, position, NULL);
    return is_there;
}

size_t esc_index_count(const struct esc_index *index)
{
    return index->count;
}

struct esc_card esc_index_at(const struct esc_index *index, size_t position,
                             struct esc_arena *arena)
{
    struct esc_card card;
    ESC_ASSERT(position < index->count && index->is_sorted);
    card_of(index, index->order[position], arena, &card);
    card.position = position;
    return card;
}

/* ---- when it was seen ---- */

static uint64_t seen_at(struct esc_index *index, const struct esc_index_seen *seen,
                        const struct esc_card *card, uint64_t of_place)
{
    if (of_place != UINT64_MAX)
        return of_place;
    struct esc_arena arena;
    esc_arena_init(&arena);
    const struct esc_card whole = esc_index_at(index, card->position, &arena);
    const uint64_t at_ms = seen->of_row(seen->context, whole.id, &whole);
    esc_arena_done(&arena);
    return at_ms;
}

void esc_index_see(struct esc_index *index, const struct esc_index_seen *seen)
{
    ESC_CLEANUP(esc_freep)
    uint64_t *of_places = esc_alloc_array(index->places.count + 1, sizeof *of_places);
    ESC_CLEANUP(esc_freep) bool *asked = esc_alloc_array(index->places.count + 1, sizeof *asked);
    esc_index_settle(index);
    for (size_t i = 0; i < index->count; i++) {
        struct row *row = row_in(index, index->order[i]);
        const struct esc_card card = esc_index_at(index, i, NULL);
        if (!asked[row->place])
            of_places[row->place] = seen->of_place(seen->context, &card);
        asked[row->place] = true;
        const uint64_t at_ms = seen_at(index, seen, &card, of_places[row->place]);
        if (at_ms > row->last_synced_ms)
            row->last_synced_ms = at_ms;
    }
}
