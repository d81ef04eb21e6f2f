/* SPDX-License-Identifier: Apache-2.0 */

/*
 * One row: its texts and numbers stand in one piece of a slab, and what it shares with others in
 * the pools. Slabs only grow at their end; one whose rows are all gone is given back.
 */

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/find/find_private.h"
#include "escher/model/environment.h"

enum {
    SLAB_SIZE = 64 * 1024,
    PIECE_AT_BITS = 12,
    PIECE_LEN_BITS = 10,
    PIECE_MASK = (1 << PIECE_LEN_BITS) - 1
};

/* ---- environments, by number ---- */

static const char *const environments[] = {NULL,   "production", "staging", "development",
                                           "test", "sandbox",    "shared"};

static uint8_t environment_number(const char *environment)
{
    for (uint8_t i = 1; environment && i < ESC_COUNT(environments); i++)
        if (esc_text_equal(environment, environments[i]))
            return i;
    return 0;
}

const char *row_environment(const struct row *row)
{
    return environments[row->environment];
}

/* ---- what is shared ---- */

static struct account_row *account_of(struct esc_index *index, const char *id, const char *name)
{
    for (size_t i = 0; i < index->accounts.count; i++) {
        struct account_row *account = index->accounts.items[i];
        if (esc_text_equal(account->id, id) && esc_text_equal(account->name, name))
            return account;
    }
    struct account_row *account = esc_alloc_zero(sizeof *account);
    account->id = esc_strdup_null(id);
    account->name = esc_strdup_null(name);
    esc_list_push(&index->accounts, account);
    return account;
}

/* The place's texts stand in the pooled bytes: id head, NUL, account, NUL, region, NUL, type, NUL,
 * then "+" and the account's name, or nothing. */
static struct place *place_new(struct esc_index *index, const struct pooled *item)
{
    struct place *place = esc_alloc_zero(sizeof *place);
    const char *at = item->bytes;
    place->id_head = esc_str_of(at);
    at += place->id_head.len + 1;
    place->account_id = at;
    at += strlen(at) + 1;
    place->region = at;
    at += strlen(at) + 1;
    place->resource_type = at;
    at += strlen(at) + 1;
    place->account_name = *at == '+' ? at + 1 : NULL;
    place->id_head_hash = text_hash(TEXT_HASH, place->id_head);
    place->type = esc_type_bit(place->resource_type);
    place->account = account_of(index, place->account_id, place->account_name);
    place->account->place_count++;
    return place;
}

static void add_text(struct esc_buf *out, struct esc_str text)
{
    esc_buf_add(out, text);
    esc_buf_add_char(out, '\0');
}

uint32_t place_take(struct esc_index *index, struct esc_str account_id, const char *account_name,
                    struct esc_str region, struct esc_str resource_type)
{
    struct esc_buf bytes;
    esc_buf_init(&bytes, SIZE_MAX);
    esc_buf_printf(&bytes, "%.*s-%.*s-%.*s-", ESC_STR_ARG(account_id), ESC_STR_ARG(region),
                   ESC_STR_ARG(resource_type));
    esc_buf_add_char(&bytes, '\0');
    add_text(&bytes, account_id);
    add_text(&bytes, region);
    add_text(&bytes, resource_type);
    if (account_name) {
        esc_buf_add_char(&bytes, '+');
        esc_buf_add_text(&bytes, account_name);
    }
    const uint32_t number = pool_take(&index->places, esc_buf_str(&bytes));
    struct pooled *item = pool_at(&index->places, number);
    if (!item->extra)
        item->extra = place_new(index, item);
    esc_buf_done(&bytes);
    return number;
}

void place_drop(struct esc_index *index, uint32_t number)
{
    const struct pooled *item = pool_at(&index->places, number);
    struct account_row *account = ((const struct place *)item->extra)->account;
    const bool is_last = item->refs == 1;
    pool_drop(&index->places, number);
    if (!is_last || --account->place_count > 0)
        return;
    for (size_t i = 0; i < index->accounts.count; i++)
        if (index->accounts.items[i] == account)
            index->accounts.free_item(esc_list_remove(&index->accounts, i--));
}

/* Tag values take part whole and in pieces: app=main finds by "main". The environment's tags do
 * not, they are a feature of the row. */
static void cut_value(struct tag *tag)
{
    struct piece pieces[FIND_MAX_PIECES];
    if (tag->value.len == 0 || esc_environment_of_word(tag->value))
        return;
    tag->lower = esc_str_dup(tag->value);
    for (size_t i = 0; i < tag->value.len; i++)
        tag->lower[i] = esc_to_lower(tag->lower[i]);
    const struct esc_str lower = {tag->lower, tag->value.len};
    tag->piece_count = pieces_cut(tag->value, lower, pieces, FIND_MAX_PIECES);
    tag->pieces = esc_alloc_array(tag->piece_count + 1, sizeof *pieces);
    memcpy(tag->pieces, pieces, tag->piece_count * sizeof *pieces);
}

static struct tag *tag_new(const struct pooled *item)
{
    struct tag *tag = esc_alloc_zero(sizeof *tag);
    const size_t key_len = strlen(item->bytes);
    tag->key = item->bytes;
    if (key_len == item->len)
        return tag; /* without a NUL and a value: the row's name */
    tag->value = (struct esc_str){item->bytes + key_len + 1, item->len - key_len - 1};
    cut_value(tag);
    return tag;
}

uint32_t tag_take(struct esc_index *index, struct esc_str key, struct esc_str value)
{
    struct esc_buf bytes;
    esc_buf_init(&bytes, SIZE_MAX);
    esc_buf_add(&bytes, key);
    if (value.ptr) {
        esc_buf_add_char(&bytes, '\0');
        esc_buf_add(&bytes, value);
    }
    const uint32_t number = pool_take(&index->tags, esc_buf_str(&bytes));
    struct pooled *item = pool_at(&index->tags, number);
    if (!item->extra)
        item->extra = tag_new(item);
    esc_buf_done(&bytes);
    return number;
}

/* ---- slabs ---- */

static uint32_t new_slab(struct esc_index *index, size_t size)
{
    uint32_t number = 0;
    while (number < index->slab_count && index->slabs[number].bytes)
        number++;
    if (number == index->slab_count) {
        index->slabs = esc_realloc_array(index->slabs, ++index->slab_count, sizeof *index->slabs);
    }
    index->slabs[number] = (struct slab){.bytes = esc_alloc(size), .size = (uint32_t)size};
    index->slab_bytes += size;
    return number;
}

static char *slab_alloc(struct esc_index *index, size_t size, uint32_t *number)
{
    size = (size + 3) & ~(size_t)3;
    struct slab *slab = index->slab_count ? &index->slabs[index->filling] : NULL;
    if (!slab || !slab->bytes || slab->size - slab->used < size) {
        index->filling = new_slab(index, size > SLAB_SIZE ? size : SLAB_SIZE);
        slab = &index->slabs[index->filling];
    }
    char *bytes = slab->bytes + slab->used;
    slab->used += (uint32_t)size;
    slab->live++;
    index->live_bytes += size;
    *number = index->filling;
    return bytes;
}

static void slab_release(struct esc_index *index, uint32_t number, size_t size)
{
    struct slab *slab = &index->slabs[number];
    ESC_ASSERT(slab->live > 0);
    index->live_bytes -= (size + 3) & ~(size_t)3;
    if (--slab->live > 0)
        return;
    index->slab_bytes -= slab->size;
    free(slab->bytes);
    *slab = (struct slab){0};
}

/* ---- the row itself ---- */

static bool has_upper(struct esc_str text)
{
    bool found = false;
    for (size_t i = 0; i < text.len; i++)
        found |= esc_is_upper(text.ptr[i]);
    return found;
}

static uint32_t pack_piece(const struct piece *piece, size_t at)
{
    return (uint32_t)at | (uint32_t)piece->text.len << PIECE_AT_BITS |
           (piece->hash & PIECE_MASK) << (PIECE_AT_BITS + PIECE_LEN_BITS);
}

/* Pieces of the lower-case texts; what lies too far behind for their few bits takes no part. */
static size_t pack_pieces(const struct piece *pieces, size_t count, struct esc_str lower,
                          size_t start, uint32_t *out)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t at = start + (size_t)(pieces[i].text.ptr - lower.ptr);
        if (at < 1 << PIECE_AT_BITS && pieces[i].text.len <= PIECE_MASK)
            out[kept++] = pack_piece(&pieces[i], at);
    }
    return kept;
}

struct esc_str row_piece(const struct row *row, size_t at)
{
    const uint32_t packed = row->numbers[at];
    const size_t start = row->flags & ROW_HAS_UPPER ? row_lower_start(row) : 0;
    return (struct esc_str){row_text(row) + start + (packed & ((1u << PIECE_AT_BITS) - 1)),
                            packed >> PIECE_AT_BITS & PIECE_MASK};
}

bool row_piece_may_be(const struct row *row, size_t at, const struct piece *piece)
{
    return row->numbers[at] >> (PIECE_AT_BITS + PIECE_LEN_BITS) == (piece->hash & PIECE_MASK);
}

static char *write_text(char *at, struct esc_str text, bool lower)
{
    for (size_t i = 0; i < text.len; i++)
        at[i] = lower ? esc_to_lower(text.ptr[i]) : text.ptr[i];
    at[text.len] = '\0';
    return at + text.len + 1;
}

static size_t cut_names(const struct row_parts *parts, bool same, uint32_t *out)
{
    struct piece pieces[FIND_MAX_PIECES];
    char stack[512];
    const size_t len = parts->identifier.len + parts->name.len + 2;
    ESC_CLEANUP(esc_freep) char *heap = len > sizeof stack ? esc_alloc(len) : NULL;
    char *low = heap ? heap : stack;
    char *end = write_text(low, parts->identifier, true);
    const struct esc_str identifier = {low, parts->identifier.len};
    struct esc_str name = identifier;
    if (!same) {
        name = (struct esc_str){end, parts->name.len};
        (void)write_text(end, parts->name, true);
    }
    const size_t start = same ? 0 : parts->identifier.len + 1;
    size_t cut = pieces_cut(parts->name, name, pieces, FIND_MAX_PIECES);
    size_t count = pack_pieces(pieces, cut, name, start, out);
    if (same || esc_str_equal(name, identifier))
        return count;
    cut = pieces_cut(parts->identifier, identifier, pieces, FIND_MAX_PIECES - cut);
    return count + pack_pieces(pieces, cut, identifier, 0, out + count);
}

static size_t row_size(const struct row *row)
{
    size_t size = row_lower_start(row);
    if (row->flags & ROW_HAS_UPPER)
        size += (size_t)row->identifier_len + 1 +
                (row->flags & ROW_NAME_SAME ? 0 : (size_t)row->name_len + 1);
    return size + ((size_t)row->piece_count + row->tag_count) * sizeof(uint32_t);
}

static void write_texts(const struct row *row, const struct row_parts *parts, char *at)
{
    const bool same = row->flags & ROW_NAME_SAME;
    at = write_text(at, parts->identifier, false);
    if (!same)
        at = write_text(at, parts->name, false);
    if (row->arn_len)
        at = write_text(at, parts->arn_rest, false);
    if (row->flags & ROW_HAS_UPPER) {
        at = write_text(at, parts->identifier, true);
        if (!same)
            (void)write_text(at, parts->name, true);
    }
}

void row_make(struct esc_index *index, const struct row_parts *parts, struct row *row)
{
    uint32_t pieces[FIND_MAX_PIECES];
    const bool same = esc_str_equal(parts->identifier, parts->name);
    *row = (struct row){.created_at_ms = parts->created_at_ms,
                        .last_synced_ms = parts->last_synced_ms,
                        .place = parts->place,
                        .arn_head = parts->arn_head,
                        .state = parts->state,
                        .identifier_len = (uint32_t)parts->identifier.len,
                        .name_len = (uint32_t)parts->name.len,
                        .arn_len = (uint32_t)parts->arn_rest.len,
                        .tag_count = (uint16_t)parts->tag_count,
                        .environment = environment_number(parts->environment),
                        .flags = parts->flags};
    if (same)
        row->flags |= ROW_NAME_SAME;
    if (has_upper(parts->identifier) || has_upper(parts->name))
        row->flags |= ROW_HAS_UPPER;
    row->piece_count = (uint8_t)cut_names(parts, same, pieces);
    char *bytes = slab_alloc(index, row_size(row), &row->slab);
    uint32_t *numbers = (uint32_t *)(void *)bytes;
    memcpy(numbers, pieces, row->piece_count * sizeof *numbers);
    if (parts->tag_count)
        memcpy(numbers + row->piece_count, parts->tags, parts->tag_count * sizeof *numbers);
    write_texts(row, parts, bytes + ((size_t)row->piece_count + row->tag_count) * sizeof *numbers);
    row->numbers = numbers;
}

void row_drop(struct esc_index *index, struct row *row)
{
    for (size_t i = 0; i < row->tag_count; i++)
        pool_drop(&index->tags, row->numbers[row->piece_count + i]);
    pool_drop(&index->texts, row->arn_head);
    pool_drop(&index->texts, row->state);
    place_drop(index, row->place);
    slab_release(index, row->slab, row_size(row));
}

void slabs_compact(struct esc_index *index)
{
    struct slab *old = ESC_STEAL(index->slabs);
    const size_t old_count = index->slab_count;
    index->slab_count = index->slab_bytes = index->live_bytes = 0;
    for (uint32_t slot = 0; slot < index->slot_count; slot++) {
        struct row *row = row_in(index, slot);
        if (!(row->flags & ROW_IN_USE))
            continue;
        const size_t size = row_size(row);
        char *bytes = slab_alloc(index, size, &row->slab);
        memcpy(bytes, row->numbers, size);
        row->numbers = (const uint32_t *)(void *)bytes;
    }
    for (size_t i = 0; i < old_count; i++)
        free(old[i].bytes);
    free(old);
}

/* ---- what a row says ---- */

const char *row_state(const struct esc_index *index, const struct row *row)
{
    return row->state == POOL_NONE ? NULL : pool_at(&index->texts, row->state)->bytes;
}

void row_arn(const struct esc_index *index, const struct row *row, struct esc_str out[2])
{
    out[0] = out[1] = ESC_STR("");
    if (row->arn_head == POOL_NONE)
        return;
    const struct pooled *head = pool_at(&index->texts, row->arn_head);
    out[0] = (struct esc_str){head->bytes, head->len};
    if (row->flags & ROW_ARN_ENDS)
        out[1] = row_identifier(row);
    else if (row->arn_len)
        out[1] =
            (struct esc_str){row_text(row) + row_lower_start(row) - row->arn_len - 1, row->arn_len};
}

bool parts_are(const struct esc_str parts[2], struct esc_str text)
{
    return text.len == parts[0].len + parts[1].len && esc_str_starts_with(text, parts[0]) &&
           esc_str_ends_with(text, parts[1]);
}
