/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What opening needs of the anchor; anchor.h explains it. */

#include "escher/store/anchor.h"

/* Of an open store. */
struct anchored {
    enum esc_anchor_state state;
    uint64_t sequence;              /* of the anchor that was compared or put */
    uint8_t bytes[ESC_ANCHOR_SIZE]; /* that one */
    bool has_bytes;
};

/**
 * Compares the store with its anchor.
 * @errors ESC_CORRUPT: the store is older, or the anchor is damaged.
 */
enum esc_status anchor_check(struct esc_store *store, const struct esc_store_options *options,
                             struct esc_error *err);

/** The same of a file of a format that had no anchors yet, before it is brought up to ours. */
struct header;
enum esc_status anchor_check_format(const struct header *header,
                                    const struct esc_store_options *options, struct esc_error *err);

/** The hash of audit record @p seq; that of the trail's beginning for 0. @errors ESC_NOT_FOUND,
 *  ESC_CORRUPT. */
enum esc_status audit_hash_at(struct esc_store *store, uint64_t seq, uint8_t out[32],
                              struct esc_error *err);
