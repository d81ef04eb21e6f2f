/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Cards: version │ texts │ places │ tags │ rows; vectors: version │ count │ rows. Each list is its
 * count, then its members; numbers are in groups of seven bits, the lowest first. Texts are named by
 * their position + 1; 0 is none.
 *
 *     text    length, bytes
 *     place   account id, account name, region, type                    (texts)
 *     tag     key, value + 1 or 0 for the name of the row               (texts)
 *     row     place in the block, flags, place, state, beginning of the ARN, environment,
 *             identifier [name] [rest of the ARN], created, last seen, tags
 *     vector  place in the block, scale (4 bytes), 384 bytes; scale and bytes only with flag 1
 */

#include "escher/find/segment.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/find/find_private.h"
#include "escher/model/environment.h"
#include "escher/vec/flat.h"

enum {
    VERSION = 1,
    NO_ARN = 0,
    VECTOR_SIZE = 4 + ESC_FIND_DIMENSIONS,
};

/* ---- what table and segment agree on ---- */

bool segment_arn_ends(struct esc_str arn, struct esc_str identifier, struct esc_str *head)
{
    if (!identifier.len || arn.len <= identifier.len || !esc_str_ends_with(arn, identifier))
        return false;
    *head = esc_str_slice(arn, 0, arn.len - identifier.len);
    return true;
}

uint8_t segment_flags(const struct esc_resource *resource)
{
    uint8_t flags = 0;
    if (esc_constraints_get(&resource->constraints, ESC_CAN_STOP) == ESC_YES)
        flags |= ROW_CAN_STOP;
    /* What somebody protects or doubles matters to them. */
    if (esc_json_flag(resource->metadata, "deletion_protection", false) ||
        esc_json_flag(resource->metadata, "multi_az", false))
        flags |= ROW_GUARDED;
    return flags;
}

/* ---- writing ---- */

struct shared {
    struct esc_map *numbers; /* by their bytes: number + 1 as a pointer */
    struct esc_buf bytes;
    size_t count;
};

struct esc_segment {
    struct shared texts, places, tags;
    struct esc_buf rows, vectors;
    size_t count;
};

static void shared_init(struct shared *shared)
{
    *shared = (struct shared){.numbers = esc_map_new(NULL)};
    esc_buf_init(&shared->bytes, ESC_MAX_JSON);
}

static void shared_done(struct shared *shared)
{
    esc_map_free(shared->numbers);
    esc_buf_done(&shared->bytes);
}

struct esc_segment *esc_segment_new(void)
{
    struct esc_segment *segment = esc_alloc_zero(sizeof *segment);
    shared_init(&segment->texts);
    shared_init(&segment->places);
    shared_init(&segment->tags);
    esc_buf_init(&segment->rows, ESC_MAX_JSON);
    esc_buf_init(&segment->vectors, ESC_MAX_JSON);
    return segment;
}

void esc_segment_free(struct esc_segment *segment)
{
    if (!segment)
        return;
    shared_done(&segment->texts);
    shared_done(&segment->places);
    shared_done(&segment->tags);
    esc_buf_done(&segment->rows);
    esc_buf_done(&segment->vectors);
    free(segment);
}

static void add_number(struct esc_buf *out, uint64_t number)
{
    for (; number > 0x7F; number >>= 7)
        esc_buf_add_char(out, (char)(number | 0x80));
    esc_buf_add_char(out, (char)number);
}

static void add_text(struct esc_buf *out, struct esc_str text)
{
    add_number(out, text.len);
    esc_buf_add(out, text);
}

/* The number of the bytes from 1, and whether they are new. */
static size_t number_of(struct shared *shared, struct esc_str key, bool *is_new)
{
    uintptr_t number = (uintptr_t)esc_map_get(shared->numbers, key);
    *is_new = number == 0;
    if (number == 0) {
        number = ++shared->count;
        esc_map_set(shared->numbers, key, (void *)number);
    }
    return number;
}

static size_t text_number(struct esc_segment *segment, const char *text, size_t len)
{
    bool is_new = false;
    if (!text)
        return 0;
    const struct esc_str bytes = {text, len};
    const size_t number = number_of(&segment->texts, bytes, &is_new);
    if (is_new)
        add_text(&segment->texts.bytes, bytes);
    return number;
}

static size_t number_of_text(struct esc_segment *segment, const char *text)
{
    return text_number(segment, text, text ? strlen(text) : 0);
}

/* The number of a member made of texts, which come as their numbers. */
static size_t number_of_member(struct shared *shared, const size_t *texts, size_t count)
{
    struct esc_buf member;
    bool is_new = false;
    esc_buf_init(&member, ESC_MAX_LINE);
    for (size_t i = 0; i < count; i++)
        add_number(&member, texts[i]);
    const size_t number = number_of(shared, esc_buf_str(&member), &is_new);
    if (is_new)
        esc_buf_add(&shared->bytes, esc_buf_str(&member));
    esc_buf_done(&member);
    return number;
}

static size_t number_of_place(struct esc_segment *segment, const struct esc_resource *resource)
{
    const size_t texts[] = {number_of_text(segment, resource->account_id),
                            number_of_text(segment, resource->account_name),
                            number_of_text(segment, resource->region),
                            number_of_text(segment, resource->resource_type)};
    return number_of_member(&segment->places, texts, ESC_COUNT(texts));
}

static void add_tags(struct esc_segment *segment, const struct esc_resource *resource)
{
    void *position = NULL;
    const char *key;
    const struct esc_json *value;
    const size_t count = esc_json_len(resource->tags);
    add_number(&segment->rows, count);
    while (esc_json_next(resource->tags, &position, &key, &value)) {
        const struct esc_str text = esc_json_value(value);
        const bool is_name = esc_str_is(text, resource->name);
        const size_t texts[] = {number_of_text(segment, key),
                                is_name ? 0
                                        : text_number(segment, text.len ? text.ptr : "", text.len)};
        add_number(&segment->rows, number_of_member(&segment->tags, texts, ESC_COUNT(texts)));
    }
}

static void add_vector(struct esc_segment *segment, uint8_t place, const float *vector)
{
    int8_t bytes[ESC_FIND_DIMENSIONS];
    char scale_bytes[4];
    esc_buf_add_char(&segment->vectors, (char)place);
    esc_buf_add_char(&segment->vectors, vector != NULL);
    if (!vector)
        return;
    const float scale = esc_flat_quantise(vector, ESC_FIND_DIMENSIONS, bytes);
    uint32_t number;
    memcpy(&number, &scale, sizeof number);
    esc_store_u32(scale_bytes, number);
    esc_buf_append(&segment->vectors, scale_bytes, sizeof scale_bytes);
    esc_buf_append(&segment->vectors, bytes, sizeof bytes);
}

void esc_segment_add(struct esc_segment *segment, uint8_t place,
                     const struct esc_resource *resource, const float *vector)
{
    struct esc_buf *rows = &segment->rows;
    const struct esc_str identifier = esc_str_of(resource->identifier);
    const struct esc_str arn = esc_str_of(resource->arn);
    struct esc_str head = ESC_STR("");
    const bool same = esc_text_equal(resource->name, resource->identifier);
    const bool ends = segment_arn_ends(arn, identifier, &head);
    ESC_ASSERT(segment->count < ESC_SEGMENT_ROWS);
    segment->count++;
    esc_buf_add_char(rows, (char)place);
    esc_buf_add_char(rows, (char)(segment_flags(resource) | (same ? ROW_NAME_SAME : 0) |
                                  (ends ? ROW_ARN_ENDS : 0)));
    add_number(rows, number_of_place(segment, resource));
    add_number(rows, number_of_text(segment, resource->state));
    add_number(rows, resource->arn ? text_number(segment, head.ptr, head.len) : NO_ARN);
    add_number(rows, number_of_text(segment, esc_environment_of_resource(resource)));
    add_text(rows, identifier);
    if (!same)
        add_text(rows, esc_str_of(resource->name));
    if (resource->arn && !ends)
        add_text(rows, arn);
    add_number(rows, resource->created_at_ms);
    add_number(rows, resource->last_synced_ms);
    add_tags(segment, resource);
    add_vector(segment, place, vector);
}

static void write_shared(const struct shared *shared, struct esc_buf *out)
{
    add_number(out, shared->count);
    esc_buf_add(out, esc_buf_str(&shared->bytes));
}

void esc_segment_write(const struct esc_segment *segment, struct esc_buf *cards,
                       struct esc_buf *vectors)
{
    esc_buf_add_char(cards, VERSION);
    write_shared(&segment->texts, cards);
    write_shared(&segment->places, cards);
    write_shared(&segment->tags, cards);
    add_number(cards, segment->count);
    esc_buf_add(cards, esc_buf_str(&segment->rows));
    if (!vectors)
        return;
    esc_buf_add_char(vectors, VERSION);
    add_number(vectors, segment->count);
    esc_buf_add(vectors, esc_buf_str(&segment->vectors));
}

/* ---- taking ---- */

struct reader {
    struct esc_str rest;
    bool failed;
};

static uint64_t take_number(struct reader *reader)
{
    uint64_t number = 0;
    for (unsigned shift = 0; shift < 64 && reader->rest.len; shift += 7) {
        const unsigned char byte = (unsigned char)*reader->rest.ptr++;
        reader->rest.len--;
        number |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80)
            return number;
    }
    reader->failed = true;
    return 0;
}

static struct esc_str take_bytes(struct reader *reader, uint64_t len)
{
    if (len > reader->rest.len) {
        reader->failed = true;
        return ESC_STR("");
    }
    const struct esc_str bytes = {reader->rest.ptr, (size_t)len};
    reader->rest.ptr += len;
    reader->rest.len -= (size_t)len;
    return bytes;
}

static struct esc_str take_text(struct reader *reader)
{
    return take_bytes(reader, take_number(reader));
}

static uint8_t take_byte(struct reader *reader)
{
    const struct esc_str byte = take_bytes(reader, 1);
    return byte.len ? (uint8_t)*byte.ptr : 0;
}

/* A count of members of at least @p least bytes each; more than fit is damage. */
static size_t take_count(struct reader *reader, size_t least)
{
    const uint64_t count = take_number(reader);
    if (count > reader->rest.len / least)
        reader->failed = true;
    return reader->failed ? 0 : (size_t)count;
}

/* A number from 1 to @p most, or 0. */
static size_t take_reference(struct reader *reader, size_t most)
{
    const uint64_t number = take_number(reader);
    if (number > most)
        reader->failed = true;
    return reader->failed ? 0 : (size_t)number;
}

/* The lists before the rows, and the rows themselves as they will be made. */
struct taking {
    struct esc_index *index;
    struct reader reader;
    struct esc_str *texts;
    uint32_t *text_numbers; /* in the pool of texts, once taken */
    uint32_t *places, *tags;
    size_t text_count, place_count, tag_count;
    uint32_t *row_tags; /* of the row at hand */
    size_t row_tag_capacity;
};

static void taking_done(struct taking *taking)
{
    struct esc_index *index = taking->index;
    for (size_t i = 0; i < taking->text_count; i++)
        pool_drop(&index->texts, taking->text_numbers[i]);
    for (size_t i = 0; i < taking->tag_count; i++)
        pool_drop(&index->tags, taking->tags[i]);
    for (size_t i = 0; i < taking->place_count; i++)
        place_drop(index, taking->places[i]);
    free(taking->texts);
    free(taking->text_numbers);
    free(taking->places);
    free(taking->tags);
    free(taking->row_tags);
}

static struct esc_str text_at(const struct taking *taking, size_t number)
{
    return number ? taking->texts[number - 1] : (struct esc_str){NULL, 0};
}

static void read_texts(struct taking *taking)
{
    const size_t count = take_count(&taking->reader, 1);
    taking->texts = esc_alloc_array(count + 1, sizeof *taking->texts);
    taking->text_numbers = esc_alloc_array(count + 1, sizeof *taking->text_numbers);
    for (size_t i = 0; i < count && !taking->reader.failed; i++) {
        taking->texts[i] = take_text(&taking->reader);
        taking->text_numbers[i] = POOL_NONE;
        taking->text_count++;
    }
}

static void read_places(struct taking *taking)
{
    struct reader *reader = &taking->reader;
    const size_t count = take_count(reader, 4);
    taking->places = esc_alloc_array(count + 1, sizeof *taking->places);
    for (size_t i = 0; i < count; i++) {
        size_t texts[4];
        for (size_t k = 0; k < ESC_COUNT(texts); k++)
            texts[k] = take_reference(reader, taking->text_count);
        if (!texts[0] || !texts[2] || !texts[3])
            reader->failed = true;
        if (reader->failed)
            return;
        ESC_CLEANUP(esc_freep)
        char *name = texts[1] ? esc_str_dup(text_at(taking, texts[1])) : NULL;
        taking->places[taking->place_count++] =
            place_take(taking->index, text_at(taking, texts[0]), name, text_at(taking, texts[2]),
                       text_at(taking, texts[3]));
    }
}

static void read_tags(struct taking *taking)
{
    struct reader *reader = &taking->reader;
    const size_t count = take_count(reader, 2);
    taking->tags = esc_alloc_array(count + 1, sizeof *taking->tags);
    for (size_t i = 0; i < count; i++) {
        const size_t key = take_reference(reader, taking->text_count);
        const size_t value = take_reference(reader, taking->text_count);
        if (!key)
            reader->failed = true;
        if (reader->failed)
            return;
        taking->tags[taking->tag_count++] =
            tag_take(taking->index, text_at(taking, key), text_at(taking, value));
    }
}

/* The pooled number of a text, which the row shares with this segment. */
static uint32_t share_text(struct taking *taking, size_t number)
{
    struct pool *pool = &taking->index->texts;
    if (number == 0)
        return POOL_NONE;
    uint32_t *pooled = &taking->text_numbers[number - 1];
    if (*pooled == POOL_NONE)
        *pooled = pool_take(pool, taking->texts[number - 1]);
    return pool_share(pool, *pooled);
}

static void read_row_tags(struct taking *taking, struct row_parts *parts)
{
    const size_t count = take_count(&taking->reader, 1);
    if (count > taking->row_tag_capacity) {
        taking->row_tag_capacity = count * 2;
        taking->row_tags =
            esc_realloc_array(taking->row_tags, taking->row_tag_capacity, sizeof(uint32_t));
    }
    for (parts->tag_count = 0; parts->tag_count < count && !taking->reader.failed;) {
        const size_t number = take_reference(&taking->reader, taking->tag_count);
        if (number && parts->tag_count < UINT16_MAX)
            taking->row_tags[parts->tag_count++] = taking->tags[number - 1];
        else
            taking->reader.failed = true;
    }
    parts->tags = taking->row_tags;
}

/* The numbers of a row as they stand; shared only when all of it was read. */
struct row_numbers {
    size_t place, state, arn_head, environment;
};

static void read_row(struct taking *taking, struct row_parts *parts, struct row_numbers *numbers)
{
    struct reader *reader = &taking->reader;
    *parts = (struct row_parts){.flags = take_byte(reader)};
    numbers->place = take_reference(reader, taking->place_count);
    numbers->state = take_reference(reader, taking->text_count);
    numbers->arn_head = take_reference(reader, taking->text_count);
    numbers->environment = take_reference(reader, taking->text_count);
    parts->identifier = take_text(reader);
    parts->name = parts->flags & ROW_NAME_SAME ? parts->identifier : take_text(reader);
    if (numbers->arn_head && !(parts->flags & ROW_ARN_ENDS))
        parts->arn_rest = take_text(reader);
    parts->created_at_ms = take_number(reader);
    parts->last_synced_ms = take_number(reader);
    read_row_tags(taking, parts);
    if (!numbers->place)
        reader->failed = true;
}

static void share_all(struct taking *taking, const struct row_numbers *numbers,
                      struct row_parts *parts)
{
    struct esc_index *index = taking->index;
    parts->flags &= ROW_KINDS | ROW_ARN_ENDS;
    parts->place = pool_share(&index->places, taking->places[numbers->place - 1]);
    parts->state = share_text(taking, numbers->state);
    parts->arn_head = share_text(taking, numbers->arn_head);
    for (size_t i = 0; i < parts->tag_count; i++)
        (void)pool_share(&index->tags, parts->tags[i]);
    parts->environment = esc_environment_of_word(text_at(taking, numbers->environment));
}

static enum esc_status damaged(struct esc_error *err)
{
    return esc_fail(err, ESC_CORRUPT, "a segment of the index is not in our form");
}

/* Undoes what was taken of a segment that turned out to be damaged. */
static void give_back(struct esc_index *index, struct esc_index_block *block)
{
    for (; block->count; block->count--)
        index_unappend(index, block->slots[block->count - 1]);
}

static void read_rows(struct taking *taking, struct esc_index_block *block)
{
    struct reader *reader = &taking->reader;
    const size_t count = take_count(reader, 8);
    if (count > ESC_SEGMENT_ROWS)
        reader->failed = true;
    for (size_t i = 0; i < count && !reader->failed; i++) {
        struct row_parts parts;
        struct row_numbers numbers;
        const uint8_t place = take_byte(reader);
        read_row(taking, &parts, &numbers);
        if (reader->failed)
            return;
        share_all(taking, &numbers, &parts);
        const uint32_t slot = index_new_slot(taking->index);
        row_make(taking->index, &parts, row_in(taking->index, slot));
        index_append(taking->index, slot);
        block->places[block->count] = place;
        block->slots[block->count++] = slot;
    }
}

enum esc_status esc_index_take(struct esc_index *index, struct esc_str cards,
                               struct esc_index_block *block, struct esc_error *err)
{
    struct taking taking = {.index = index, .reader = {cards, false}};
    block->count = 0;
    if (take_byte(&taking.reader) != VERSION)
        return damaged(err);
    read_texts(&taking);
    read_places(&taking);
    read_tags(&taking);
    read_rows(&taking, block);
    const bool failed = taking.reader.failed || taking.reader.rest.len;
    if (failed)
        give_back(index, block);
    taking_done(&taking);
    return failed ? damaged(err) : ESC_OK;
}

/* Takes one vector; with an index NULL it is only looked at. */
static void take_vector(struct reader *reader, uint8_t place, struct esc_index *index,
                        uint32_t slot)
{
    if (take_byte(reader) != place)
        reader->failed = true;
    const uint8_t has_vector = take_byte(reader);
    if (has_vector > 1)
        reader->failed = true;
    const struct esc_str bytes = take_bytes(reader, has_vector ? VECTOR_SIZE : 0);
    if (!index || reader->failed)
        return;
    float scale = 0;
    if (has_vector) {
        const uint32_t number = esc_load_u32(bytes.ptr);
        memcpy(&scale, &number, sizeof scale);
    }
    index_set_vector(index, slot, has_vector ? (const int8_t *)bytes.ptr + 4 : NULL, scale);
}

enum esc_status esc_index_take_vectors(struct esc_index *index, const struct esc_index_block *block,
                                       struct esc_str vectors, struct esc_error *err)
{
    for (int round = 0; round < 2; round++) {
        struct reader reader = {vectors, false};
        if (take_byte(&reader) != VERSION || take_number(&reader) != block->count)
            return damaged(err);
        for (size_t i = 0; i < block->count; i++)
            take_vector(&reader, block->places[i], round ? index : NULL, block->slots[i]);
        if (reader.failed || reader.rest.len)
            return damaged(err);
    }
    return ESC_OK;
}
