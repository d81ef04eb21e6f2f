/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A search as a person types it, answered in tiers: whatever a higher tier finds comes before
 * whatever a lower one finds, so a literal hit never ranks below a guess.
 *
 *     EXACT_ID  EXACT_ARN  EXACT_NAME   the whole text, byte for byte
 *     PREFIX                            an id or a name starts with it (any case from here on)
 *     TOKEN                             all its pieces are pieces of the name, or tag values
 *     SUBSTRING                         it stands inside an id, a name or an ARN
 *     TYPO                              one edit away; two neighbours swapped count as one edit
 *     FEATURE                           no name, but words for type, environment, account,
 *                                       region or state ("production database"), and all of them hold
 *     SEMANTIC                          near in meaning, by the vectors
 *
 * Only EXACT_* may feed anything that changes the cloud. Inside a tier the better score comes
 * first, then the id, so the order never changes between two equal questions.
 *
 * A text that is itself a filter ("env=prod AND app=main") is taken as one.
 *
 * Ownership  cards borrow from the index until its next put or removal; the rest of a result
 *            belongs to the caller (esc_find_result_done).
 * Threads    the loop thread only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "escher/base/arena.h"
#include "escher/base/error.h"
#include "escher/base/str.h"
#include "escher/find/index.h"
#include "escher/find/words.h"

#define ESC_FIND_TIER_LIST(X)                                                                      \
    X(EXACT_ID, "exact id")                                                                        \
    X(EXACT_ARN, "exact ARN")                                                                      \
    X(EXACT_NAME, "exact name")                                                                    \
    X(PREFIX, "prefix")                                                                            \
    X(TOKEN, "token")                                                                              \
    X(SUBSTRING, "substring")                                                                      \
    X(TYPO, "typo")                                                                                \
    X(FEATURE, "feature")                                                                          \
    X(SEMANTIC, "semantic")

#define ESC_FIND_TIER_ENUM(name, text) ESC_TIER_##name,
enum esc_find_tier {
    ESC_FIND_TIER_LIST(ESC_FIND_TIER_ENUM) ESC_TIER_COUNT
};
#undef ESC_FIND_TIER_ENUM

/** "exact name"; static text. */
const char *esc_find_tier_text(enum esc_find_tier tier);

/** Text to ESC_FIND_DIMENSIONS floats of length 1. */
typedef enum esc_status esc_embed_fn(void *context, struct esc_str text, float *out,
                                     struct esc_error *err);

struct esc_find_query {
    struct esc_str text;                 /* may be empty: everything the filters let through */
    struct esc_str words;                /* more of it, before it; never read as a filter */
    struct esc_str filter;               /* an expression of find/filter.h; empty: none */
    struct esc_str within;               /* another one, which must hold as well; empty: none */
    const char *type, *account, *region; /* NULL: any; each as the filter's field of that name */
    size_t limit;                        /* of hits; 0 means 20 */
    esc_embed_fn *embed;                 /* NULL: words only */
    void *embed_context;
    bool bare; /* cards without ids and hits without a why: for a long list */
};

struct esc_find_hit {
    struct esc_card card; /* its id lives as long as the result */
    enum esc_find_tier tier;
    double score;    /* 0 to 1, comparable inside the tier */
    const char *why; /* one line for --explain; lives as long as the result */
};

struct esc_find_result {
    struct esc_find_hit *hits; /* best first */
    size_t count;
    size_t total;                 /* how many matched above SEMANTIC, shown or not */
    struct esc_features features; /* what the words of the text were understood as */
    bool text_was_filter;         /* the text was read as a filter expression */
    bool semantic;                /* the vectors took part */
    struct esc_arena arena;       /* holds hits and why */
};

/**
 * @errors ESC_INVALID: the filter, or an unknown type; what embed returns is not an error: the
 * vectors are left out then.
 */
enum esc_status esc_find(const struct esc_index *index, const struct esc_find_query *query,
                         struct esc_find_result *out, struct esc_error *err);
void esc_find_result_done(struct esc_find_result *result); /* twice is fine */

/**
 * Names and ids that start with @p prefix (in any case), then those with a piece that does, each
 * text once, at most @p limit, in tier and byte order. The same result shape as esc_find().
 */
void esc_complete(const struct esc_index *index, struct esc_str prefix, size_t limit,
                  struct esc_find_result *out);

/** The text to embed for a resource: environment class first, the type in words, the name, a few
 *  tags. Equal texts give equal vectors. */
void esc_find_document(const struct esc_resource *resource, struct esc_buf *out);
