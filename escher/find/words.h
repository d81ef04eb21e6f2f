/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What words say about a resource without naming it: its type ("database", "load balancer"), its
 * environment ("prod"), its account, its region ("us-west-2", "Oregon"), its state ("stopped").
 *
 * The vectors do not know that prod is production; so these words become features that are
 * compared, here for every search and in the planner for every request.
 *
 * Ownership  features borrow the text they were read from and static tables.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "escher/base/str.h"
#include "escher/model/resource.h"

enum {
    ESC_WORDS_MAX = 64 /* words of a text that are looked at */
};

/** A run of bytes without white space, punctuation at its ends cut off. */
struct esc_word {
    struct esc_str text;
    size_t start, end; /* bytes of the whole text */
};

/** Cuts @p text into words and returns how many there are (at most @p limit). */
size_t esc_words_cut(struct esc_str text, struct esc_word *words, size_t limit);

/**
 * How many words from the front name a resource type, at most three ("elastic block store
 * volume"): 0 when none. Plurals count. *types gets one bit per row of the catalog they may mean.
 */
size_t esc_words_type(const struct esc_word *words, size_t count, uint64_t *types);
/** The same for a region's code or its city; *region is static text. */
size_t esc_words_region(const struct esc_word *words, size_t count, const char **region);
/** The states a word may stand for, as the estate spells them: "running" is "running", "available"
 *  or "active", by type. NULL when it is none; the list ends with NULL. Static. */
const char *const *esc_words_state(struct esc_str word);
/** Whether @p state (may be NULL) is in such a list, in any case. */
bool esc_state_is_one_of(const char *state, const char *const *states);

struct esc_features {
    uint64_t types;            /* bit i: row i of the catalog; 0: none named */
    const char *environment;   /* class of model/environment.h, or NULL */
    const char *region;        /* code, or NULL */
    const char *const *states; /* of esc_words_state(), or NULL */
    struct esc_str account;    /* id or name as the estate spells it; empty: none named */
    uint64_t used;             /* bit i: word i was one of these, or a filler ("the", "in") */
    bool contradictory;        /* two different accounts, environments or regions were named */
};

/** True when @p resource has everything that @p features ask for. */
bool esc_features_hold(const struct esc_features *features, const struct esc_resource *resource);
/** Which row of the catalog the resource's type is, as a bit; 0 when unknown. */
uint64_t esc_type_bit(const char *resource_type);
