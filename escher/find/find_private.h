/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The rows of the table and the parts that look at one row: shared inside find.
 *
 * A row keeps what every question needs in the form in which it is compared: names in lower
 * case, cut into pieces, each piece with a hash, so that a question compares numbers first. What
 * many rows share (place, tags, states, the beginnings of ARNs) is kept once and counted.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "escher/base/arena.h"
#include "escher/base/list.h"
#include "escher/base/map.h"
#include "escher/find/filter.h"
#include "escher/find/index.h"
#include "escher/find/query.h"
#include "escher/find/words.h"

/* ---- pieces: "pg-main1" is "pg-main1", "pg", "main1", "main", "1" ---- */

enum {
    FIND_MAX_PIECES = 64 /* of one text; what is beyond takes no part */
};

struct piece {
    struct esc_str text; /* lower case */
    uint32_t hash;
    bool fine; /* made by cutting at a letter/digit edge or at camelCase, not at a separator */
};

uint32_t piece_hash(struct esc_str text);
/** Cuts @p text, whose lower-case copy is @p lower (same length), and returns the count. The
 *  whole text is no piece unless it has no separators. Pieces borrow from @p lower. */
size_t pieces_cut(struct esc_str text, struct esc_str lower, struct piece *pieces, size_t limit);
/** A lower-case (ASCII) copy in the arena. */
struct esc_str lower_copy(struct esc_arena *arena, struct esc_str text);

/* ---- texts that many rows share, each kept once and counted (pool.c) ---- */

enum {
    POOL_NONE = UINT32_MAX
};

struct pooled {
    uint32_t refs, hash, next, len;
    void *extra; /* what the pool's owner makes of it; NULL: nothing yet */
    char bytes[];
};

struct pool {
    struct pooled **items; /* by number; NULL: the number is free */
    uint32_t *buckets;
    uint32_t count, capacity, bucket_count; /* count: numbers given out so far */
    uint32_t *free_numbers;                 /* to be used again */
    size_t free_count, free_capacity;
    esc_free_fn *free_extra;
};

void pool_init(struct pool *pool, esc_free_fn *free_extra);
void pool_done(struct pool *pool);
/** The number of @p bytes, with one more reference. */
uint32_t pool_take(struct pool *pool, struct esc_str bytes);
void pool_drop(struct pool *pool, uint32_t number); /* POOL_NONE does nothing */
/** One more reference to what is there. */
static inline uint32_t pool_share(const struct pool *pool, uint32_t number)
{
    pool->items[number]->refs++;
    return number;
}
static inline struct pooled *pool_at(const struct pool *pool, uint32_t number)
{
    return pool->items[number];
}
/** Goes on hashing from @p hash (at the start TEXT_HASH): a text may be hashed in pieces. */
uint32_t text_hash(uint32_t hash, struct esc_str text);
enum {
    TEXT_HASH = 0x2545F491
};

/* ---- rows ---- */

/* What rows of one account, region and type have in common; the extra of a pooled text. */
struct place {
    const char *account_id, *account_name, *region, *resource_type; /* the second may be NULL */
    struct esc_str id_head;                                         /* their ids start with it */
    uint32_t id_head_hash;
    uint64_t type;
    struct account_row *account;
};

/* A tag: key, NUL, value. The extra of a pooled text. */
struct tag {
    const char *key;
    struct esc_str value; /* ptr NULL: the name of the row it stands in */
    struct piece *pieces; /* of the value; none where it names an environment */
    size_t piece_count;
    char *lower; /* what the pieces point into */
};

enum row_flag {
    ROW_CAN_STOP = 1,
    ROW_GUARDED = 2,    /* protected from deletion, or in several zones */
    ROW_NAME_SAME = 4,  /* the name is the identifier */
    ROW_ARN_ENDS = 8,   /* the ARN ends with the identifier */
    ROW_HAS_UPPER = 16, /* lower-case copies of both stand behind the texts */
    ROW_HAS_VECTOR = 32,
    ROW_IN_USE = 64, /* the slot holds a row */
    ROW_KINDS = 3,   /* the flags that a resource brings with it */
};

enum exact_kind {
    EXACT_ID,
    EXACT_IDENTIFIER,
    EXACT_NAME,
    EXACT_ARN,
    EXACT_KINDS
};

/*
 * A row has its texts and numbers in one piece of a slab:
 *
 *     pieces of name and identifier │ tags │ identifier NUL [name NUL] [rest of the ARN NUL]
 *     (at 12, length 10, hash 10 bits)     [lower identifier NUL lower name NUL]
 */
struct row {
    const uint32_t *numbers;
    uint64_t created_at_ms, last_synced_ms;
    uint32_t slab, place, arn_head, state; /* the last two may be POOL_NONE */
    uint32_t next[EXACT_KINDS];            /* the next entry of the same bucket */
    uint32_t identifier_len, name_len, arn_len;
    uint16_t tag_count;
    uint8_t piece_count, environment, flags;
    float scale;
};

/* What a row is made of, with its shared texts taken already. */
struct row_parts {
    struct esc_str identifier, name, arn_rest; /* the rest is empty with ROW_ARN_ENDS */
    uint32_t place, arn_head, state;
    const uint32_t *tags;
    size_t tag_count;
    uint64_t created_at_ms, last_synced_ms;
    const char *environment;
    uint8_t flags; /* ROW_CAN_STOP, ROW_GUARDED, ROW_ARN_ENDS */
};

struct account_row {
    char *id, *name;
    size_t place_count;
};

struct slab {
    char *bytes;
    uint32_t used, size, live; /* rows that stand in it */
};

enum {
    CHUNK_ROWS = 1024,
    FIND_MAX_EXACT = 8 * 1024 /* longer texts cannot stand in a prompt */
};

struct vector_chunk {
    int8_t bytes[CHUNK_ROWS][ESC_FIND_DIMENSIONS];
};

struct esc_index {
    struct row **chunks;           /* by slot: chunks[slot / CHUNK_ROWS][slot % CHUNK_ROWS] */
    struct vector_chunk **vectors; /* the same; NULL: none of them has one */
    size_t chunk_count, slot_count;
    uint32_t *free_slots; /* below slot_count */
    size_t free_count, free_capacity;
    uint32_t *order; /* slots in the bytewise order of the ids */
    size_t count, capacity;
    bool is_sorted;
    struct slab *slabs;
    size_t slab_count, live_bytes, slab_bytes;
    uint32_t filling; /* the slab that new rows go into */
    struct pool texts, tags, places;
    uint32_t *buckets;        /* name, identifier, ARN or id → entry: 4 * slot + kind */
    size_t bucket_count;      /* a power of two */
    uint32_t *lengths;        /* lengths[n]: how many texts of n bytes are in the buckets */
    struct esc_list accounts; /* struct account_row * */
};

static inline struct row *row_in(const struct esc_index *index, uint32_t slot)
{
    return &index->chunks[slot / CHUNK_ROWS][slot % CHUNK_ROWS];
}
/** The row at @p position in the order of ids. */
static inline const struct row *row_at(const struct esc_index *index, size_t position)
{
    return row_in(index, index->order[position]);
}
static inline const struct place *place_of(const struct esc_index *index, const struct row *row)
{
    return pool_at(&index->places, row->place)->extra;
}
static inline const char *row_text(const struct row *row)
{
    return (const char *)(row->numbers + row->piece_count + row->tag_count);
}
static inline size_t row_name_start(const struct row *row)
{
    return row->flags & ROW_NAME_SAME ? 0 : (size_t)row->identifier_len + 1;
}
/* Where the texts end and their lower-case copies may begin. */
static inline size_t row_lower_start(const struct row *row)
{
    size_t end = (size_t)row->identifier_len + 1;
    end += row->flags & ROW_NAME_SAME ? 0 : (size_t)row->name_len + 1;
    return end + (row->arn_len ? (size_t)row->arn_len + 1 : 0);
}
static inline struct esc_str row_identifier(const struct row *row)
{
    return (struct esc_str){row_text(row), row->identifier_len};
}
static inline struct esc_str row_name(const struct row *row)
{
    return (struct esc_str){row_text(row) + row_name_start(row), row->name_len};
}
/* The same in lower case. */
static inline struct esc_str row_low_identifier(const struct row *row)
{
    const size_t start = row->flags & ROW_HAS_UPPER ? row_lower_start(row) : 0;
    return (struct esc_str){row_text(row) + start, row->identifier_len};
}
static inline struct esc_str row_low_name(const struct row *row)
{
    const size_t start = row->flags & ROW_HAS_UPPER ? row_lower_start(row) : 0;
    return (struct esc_str){row_text(row) + start + row_name_start(row), row->name_len};
}
static inline const struct tag *row_tag(const struct esc_index *index, const struct row *row,
                                        size_t at)
{
    return pool_at(&index->tags, row->numbers[row->piece_count + at])->extra;
}
static inline const int8_t *row_vector(const struct esc_index *index, uint32_t slot)
{
    return index->vectors[slot / CHUNK_ROWS]->bytes[slot % CHUNK_ROWS];
}
/** NULL when it has none. */
const char *row_state(const struct esc_index *index, const struct row *row);
const char *row_environment(const struct row *row);
/** In two parts, the second empty when there is none; both empty without an ARN. */
void row_arn(const struct esc_index *index, const struct row *row, struct esc_str out[2]);
/** Whether the two parts together are @p text. */
bool parts_are(const struct esc_str parts[2], struct esc_str text);
struct esc_str row_piece(const struct row *row, size_t at);
/** False where the hashes tell that the row's piece is another. */
bool row_piece_may_be(const struct row *row, size_t at, const struct piece *piece);

/** Takes what rows of this account, region and type share. */
uint32_t place_take(struct esc_index *index, struct esc_str account_id, const char *account_name,
                    struct esc_str region, struct esc_str resource_type);
void place_drop(struct esc_index *index, uint32_t number);
/** Takes a tag; @p value ptr NULL: what it says is the name of its row. */
uint32_t tag_take(struct esc_index *index, struct esc_str key, struct esc_str value);
/** Makes *row of the parts, whose references it takes over, in a slab of the index. */
void row_make(struct esc_index *index, const struct row_parts *parts, struct row *row);
void row_drop(struct esc_index *index, struct row *row);
/** Moves all rows together when much of the slabs has become free. */
void slabs_compact(struct esc_index *index);
/** A free slot for a row, not yet in any order. */
uint32_t index_new_slot(struct esc_index *index);
void index_set_vector(struct esc_index *index, uint32_t slot, const int8_t *bytes, float scale);
/** Puts a new slot behind the others; the order is made by esc_index_settle(). */
void index_append(struct esc_index *index, uint32_t slot);
/** Takes out the last one that was appended. */
void index_unappend(struct esc_index *index, uint32_t slot);

/* What table and segment agree on (segment.c) */
uint8_t segment_flags(const struct esc_resource *resource);
/** Whether the ARN is *head and the identifier. */
bool segment_arn_ends(struct esc_str arn, struct esc_str identifier, struct esc_str *head);

/* ---- texts that name a row exactly (exact.c) ---- */

void exact_enter(struct esc_index *index, uint32_t slot);
void exact_leave(struct esc_index *index, uint32_t slot);
/** Slots of the rows whose name, identifier, ARN or id is exactly @p text: at most @p most of them
 *  in @p slots. Returns how many there are. */
size_t index_exact(const struct esc_index *index, struct esc_str text, uint32_t *slots,
                   size_t most);
/** As strcmp() of the ids. */
int row_compare(const struct esc_index *index, const struct row *a, const struct row *b);

/** Fills in a card; its id is made in @p arena, or is NULL without one. */
void card_of(const struct esc_index *index, uint32_t slot, struct esc_arena *arena,
             struct esc_card *out);

/* ---- one row against one text ---- */

/** True when one insertion, deletion, replacement or swap of neighbours makes @p a into @p b. */
bool is_one_edit(struct esc_str a, struct esc_str b);

struct text_query {
    struct esc_str text, lower;
    struct piece pieces[FIND_MAX_PIECES]; /* cut at separators only */
    struct piece fine[FIND_MAX_PIECES];   /* cut everywhere */
    size_t piece_count, fine_count;
};

struct match {
    enum esc_find_tier tier; /* ESC_TIER_COUNT: no match */
    double score;
    const char *field; /* "name", "identifier", "ARN", "pieces": what it matched; static */
};

void text_query_init(struct text_query *query, struct esc_arena *arena, struct esc_str text);
/** The best of the tiers EXACT_ID to TYPO. */
struct match names_match(const struct esc_index *index, const struct text_query *query,
                         const struct row *row);

/* ---- features ---- */

/** Reads the features out of the words; @p skip has a bit for each word that is no language. */
void features_read(const struct esc_index *index, const struct esc_word *words, size_t count,
                   uint64_t skip, struct esc_features *out);
bool features_any(const struct esc_features *features);
bool features_hold_row(const struct esc_features *features, const struct esc_index *index,
                       const struct row *row);
/** Whether @p word is one of @p words (lower case, ends with NULL), in any case. */
bool is_one_of(struct esc_str word, const char *const *words);
bool is_filler(struct esc_str word);

/* ---- vectors ---- */

/** Puts the cosines of all rows that @p allowed lets through into scores[row]; -2 without. */
void local_scores(const struct esc_index *index, const float *query, const uint64_t *allowed,
                  float *scores);

/* ---- candidates ---- */

struct candidate {
    size_t row; /* its position in the order of ids */
    struct match match;
    size_t words, words_of; /* how many of the words that are no features it has */
    bool features;          /* every feature holds */
    float cosine;           /* -2: none */
};

struct candidates {
    struct candidate *items;
    size_t count;
};

/** Scores those without a spelling, then orders all: by tier, score, row. */
void rank_candidates(const struct esc_index *index, struct candidates *candidates);
/** One line that says why the candidate is there. */
const char *rank_reason(const struct candidate *candidate, const struct esc_features *features,
                        struct esc_arena *arena);

/** esc_find() of the text alone, which is never taken for a filter and so cannot fail. */
void find_words(const struct esc_index *index, const struct esc_find_query *query,
                struct esc_find_result *out);

/** A filter of one term, `field:value`. @errors ESC_INVALID: an unknown type. */
enum esc_status filter_of_field(const char *field, const char *value, struct esc_filter **out,
                                struct esc_error *err);
bool filter_matches_row(const struct esc_filter *filter, const struct esc_index *index,
                        const struct row *row);

static inline bool bit_is_set(const uint64_t *bits, size_t index)
{
    return bits[index / 64] >> (index % 64) & 1;
}
static inline void bit_set(uint64_t *bits, size_t index)
{
    bits[index / 64] |= (uint64_t)1 << (index % 64);
}
