/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which resources a sentence names.
 *
 * An exact mention is a span of the prompt that is, byte for byte, the name, the identifier, the
 * ARN or the id of at least one resource, standing free of other name characters. Where spans
 * overlap the longest wins, then the first. Names may hold anything, spaces and dashes at their
 * start among it. Where several resources have the name, words of the sentence for an account, an
 * environment, a region or a type narrow them ("orders-db in the production account"), as long as
 * one is left and the words do not contradict each other.
 *
 * A near mention is a word that looks like an identifier (digits, inner dashes, mixed case, or
 * quoted), names nothing exactly, and comes with the closest resources. It is for a question
 * back ("did you mean"), never for an action. Names that differ in case only are near.
 *
 *     "stop pg-instance-main1 and pg-main1 in production"
 *           └──── exact ────┘     └─near─┘    └─ narrows
 *
 * Ownership  cards borrow from the index until its next put or removal; the rest of it belongs
 *            to the caller (esc_mentions_done).
 * Threads    the loop thread only.
 */

#include <stdbool.h>
#include <stddef.h>

#include "escher/find/query.h"

struct esc_mention {
    size_t start, end; /* bytes of the prompt, quotes not included */
    bool quoted;
    const struct esc_card *cards; /* in the order of their ids, never empty; with ids */
    size_t card_count;
    size_t named_count; /* of resources that have the name, before the sentence narrowed them */
};

struct esc_near_mention {
    size_t start, end;
    struct esc_str text;       /* borrowed from the prompt */
    struct esc_find_hit *hits; /* closest first; may be empty: nothing is near */
    size_t hit_count;
};

struct esc_mentions {
    struct esc_mention *exact; /* in the order of the prompt, not overlapping */
    size_t exact_count;
    struct esc_near_mention *near;
    size_t near_count;
    struct esc_features features; /* what the other words say */
    struct esc_arena arena;       /* holds all of it */
};

struct esc_mention_options {
    size_t near_limit;   /* hits for a near mention; 0 means 4 */
    esc_embed_fn *embed; /* for near mentions that no spelling explains; NULL: words only */
    void *embed_context;
};

/** @p options may be NULL. An empty or huge prompt is fine; past ESC_MAX_PROMPT bytes nothing is
 *  looked for. */
void esc_find_mentions(const struct esc_index *index, struct esc_str prompt,
                       const struct esc_mention_options *options, struct esc_mentions *out);
void esc_mentions_done(struct esc_mentions *mentions); /* twice is fine */

/** Whether a name may stand at these bytes of the prompt: no other name goes on before or after. */
bool esc_mention_stands_free(struct esc_str prompt, size_t start, size_t end);

/** The closest resources to one word that names nothing, for a question back. */
void esc_find_near(const struct esc_index *index, struct esc_str word,
                   const struct esc_mention_options *options, struct esc_find_result *out);
