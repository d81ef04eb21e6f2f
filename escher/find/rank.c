/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The order of what was found. Tiers first, so a literal hit never falls behind a guess. Scores
 * of spelling come with the match; the two tiers without spelling get theirs here:
 *
 *     FEATURE   nearness by the vectors, and what is in use, called the main one, or guarded by
 *               its owner comes first
 *     SEMANTIC  nearness by the vectors, raised by each word that the row has after all
 *
 * Equal scores keep the order of the rows, which is that of the ids.
 */

#include <stdlib.h>

#include "escher/find/find_private.h"

static bool is_in_use(const char *state)
{
    static const char *const states[] = {"running", "available", "active", "in-use", NULL};
    return !state || esc_state_is_one_of(state, states);
}

static bool is_main(const struct row *row)
{
    static const char *const words[] = {"main", "primary", "master", "core", NULL};
    for (size_t i = 0; i < row->piece_count; i++)
        if (is_one_of(row_piece(row, i), words))
            return true;
    return false;
}

static double nearness(const struct candidate *candidate)
{
    return candidate->cosine > 0 ? (double)candidate->cosine : 0;
}

static double feature_score(const struct esc_index *index, const struct candidate *candidate)
{
    const struct row *row = row_at(index, candidate->row);
    double score = 0.4 + 0.3 * nearness(candidate);
    if (is_in_use(row_state(index, row)))
        score += 0.1;
    if (is_main(row))
        score += 0.1;
    if (row->flags & ROW_GUARDED)
        score += 0.1;
    return score;
}

static double semantic_score(const struct candidate *candidate)
{
    double words =
        candidate->words_of > 0 ? (double)candidate->words / (double)candidate->words_of : 0;
    return 0.7 * nearness(candidate) + 0.3 * words;
}

static int compare(const void *a, const void *b)
{
    const struct candidate *left = a, *right = b;
    if (left->match.tier != right->match.tier)
        return left->match.tier < right->match.tier ? -1 : 1;
    if (left->match.score != right->match.score)
        return left->match.score > right->match.score ? -1 : 1;
    if (left->row == right->row)
        return 0;
    return left->row < right->row ? -1 : 1;
}

void rank_candidates(const struct esc_index *index, struct candidates *candidates)
{
    for (size_t i = 0; i < candidates->count; i++) {
        struct candidate *candidate = &candidates->items[i];
        if (candidate->match.tier == ESC_TIER_FEATURE)
            candidate->match.score = feature_score(index, candidate);
        else if (candidate->match.tier == ESC_TIER_SEMANTIC)
            candidate->match.score = semantic_score(candidate);
    }
    if (candidates->count > 1)
        qsort(candidates->items, candidates->count, sizeof *candidates->items, compare);
}

static const char *features_text(const struct esc_features *features, struct esc_arena *arena)
{
    return esc_arena_printf(
        arena, "%s%s%s%s%s%s", features->types ? " type" : "",
        features->environment ? " environment=" : "",
        features->environment ? features->environment : "", features->region ? " region" : "",
        features->account.len > 0 ? " account" : "", features->states ? " state" : "");
}

const char *rank_reason(const struct candidate *candidate, const struct esc_features *features,
                        struct esc_arena *arena)
{
    const char *tier = esc_find_tier_text(candidate->match.tier);
    if (candidate->match.tier == ESC_TIER_SEMANTIC)
        return esc_arena_printf(arena, "%s: cosine %.2f, %zu of %zu words", tier,
                                nearness(candidate), candidate->words, candidate->words_of);
    const char *held = candidate->features ? features_text(features, arena) : "";
    if (candidate->match.tier == ESC_TIER_FEATURE)
        return esc_arena_printf(arena, "%s:%s", tier, *held ? held : " everything");
    return esc_arena_printf(arena, "%s: %s%s%s", tier, candidate->match.field, *held ? ";" : "",
                            held);
}
