/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The rows of the table and the parts that look at one row: shared inside find.
 *
 * A row keeps what every question needs in the form in which it is compared: names in lower
 * case, cut into pieces, each piece with a hash, so that a question compares numbers first.
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

/* ---- rows ---- */

struct row {
    struct esc_resource *resource;            /* owned */
    struct esc_arena arena;                   /* texts and pieces */
    struct esc_str name, identifier, arn, id; /* lower case */
    struct piece *pieces;                     /* of name and identifier first, then of tag values */
    size_t name_piece_count, piece_count;
    const char *environment;
    uint64_t type;
    int8_t *vector; /* NULL when it has none */
    float scale;
};

struct account_row {
    char *id, *name;
    size_t row_count;
};

struct esc_index {
    struct row **rows; /* in the bytewise order of the ids */
    size_t count, capacity;
    struct esc_map *exact;    /* name, identifier, ARN or id → struct esc_list of rows */
    uint32_t *lengths;        /* lengths[n]: how many texts of n bytes `exact` holds */
    struct esc_list accounts; /* struct account_row * */
};

enum {
    FIND_MAX_EXACT = 8 * 1024 /* longer texts cannot stand in a prompt */
};

/** Rows whose name, identifier, ARN or id is exactly @p text; NULL when there are none. */
const struct esc_list *index_exact(const struct esc_index *index, struct esc_str text);

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
struct match names_match(const struct text_query *query, const struct row *row);

/* ---- features ---- */

/** Reads the features out of the words; @p skip has a bit for each word that is no language. */
void features_read(const struct esc_index *index, const struct esc_word *words, size_t count,
                   uint64_t skip, struct esc_features *out);
bool features_any(const struct esc_features *features);
bool features_hold_row(const struct esc_features *features, const struct row *row);
/** Whether @p word is one of @p words (lower case, ends with NULL), in any case. */
bool is_one_of(struct esc_str word, const char *const *words);
bool is_filler(struct esc_str word);

/* ---- vectors ---- */

/** Puts the cosines of all rows that @p allowed lets through into scores[row]; -2 without. */
void local_scores(const struct esc_index *index, const float *query, const uint64_t *allowed,
                  float *scores);

/* ---- candidates ---- */

struct candidate {
    size_t row; /* its index is the order of ids */
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
/** Whether the text was meant as a filter: it starts with a comparison. */
bool filter_is_meant(struct esc_str text);

static inline bool bit_is_set(const uint64_t *bits, size_t index)
{
    return bits[index / 64] >> (index % 64) & 1;
}
static inline void bit_set(uint64_t *bits, size_t index)
{
    bits[index / 64] |= (uint64_t)1 << (index % 64);
}
