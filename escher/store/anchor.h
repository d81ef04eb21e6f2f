/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The anchor: what the store was when it was last looked at, kept in the keyring beside its key.
 * Somebody who puts an older copy of all its files in its place cannot change it, so the older copy
 * is refused: its sequence is lower, or its audit trail does not have the anchor's last record.
 *
 *     item      "anchor " and the store's UUID: changing keys leaves it where it is
 *     content   UUID (16) ‖ sequence (8) ‖ number of the last audit record (8) ‖ its hash (32)
 *               ‖ MAC (16) of these under a key of the store
 *
 *     take (loop thread) ──▶ put (a job: keyrings are slow) ──▶ note (loop thread)
 *                             └─ another one is there than we know ──▶ compare (loop thread)
 *
 * It is behind the store or equal to it and never before it, so a store that was killed fits. What
 * was written since the anchor can be taken back unnoticed: it is put after each run, at close, and
 * every ten minutes while there are writes.
 *
 * A keyring in a file can be exchanged together with the store; then this sees nothing.
 */

#include "escher/store/store.h"

enum {
    ESC_ANCHOR_SIZE = 16 + 8 + 8 + 32 + 16
};

struct esc_anchor {
    uint64_t sequence, audit_seq;
    uint8_t bytes[ESC_ANCHOR_SIZE];  /* as they are kept */
    uint8_t before[ESC_ANCHOR_SIZE]; /* the one it may replace: the last that was compared or put */
    bool has_before;
    bool is_meant;                  /* it may replace any: somebody has said so */
    uint8_t found[ESC_ANCHOR_SIZE]; /* after ESC_CONFLICT: what is there */
};

/** The anchor of what is committed. @errors ESC_CORRUPT: the audit trail's head is damaged. */
enum esc_status esc_store_anchor_take(struct esc_store *store, struct esc_anchor *out,
                                      struct esc_error *err);
/** Puts it in the place of the one before. What tells of another store than ours is never written
 *  over. @errors ESC_CONFLICT: another is there; those of the keyring. */
enum esc_status esc_anchor_put(struct esc_keyring *keyring, struct esc_anchor *anchor,
                               struct esc_error *err);
/** Compares the store with an anchor that was found later than at opening.
 *  @errors ESC_CORRUPT: the store is older; its state says so from then on. */
enum esc_status esc_store_anchor_compare(struct esc_store *store, const struct esc_anchor *anchor,
                                         struct esc_error *err);
/** It was put: the store knows where it stands. */
void esc_store_anchor_note(struct esc_store *store, const struct esc_anchor *anchor);

enum esc_anchor_state {
    ESC_ANCHOR_OFF,     /* nobody asked for one */
    ESC_ANCHOR_MISSING, /* there is none; the first put makes it */
    ESC_ANCHOR_UNKNOWN, /* the keyring gave the key and did not give this */
    ESC_ANCHOR_BEHIND,  /* something was written since it was put */
    ESC_ANCHOR_FITS,
    ESC_ANCHOR_AHEAD, /* it was found later, and the store is older */
};
enum esc_anchor_state esc_store_anchor_state(const struct esc_store *store);

/**
 * The older state is meant (a copy that somebody put back): opens the store in spite of its anchor,
 * notes that in its audit trail, takes all rows as they are, and puts a new anchor.
 * @errors as esc_store_open() without the refusal, and esc_anchor_put().
 */
enum esc_status esc_store_anchor_accept(const struct esc_store_options *options,
                                        struct esc_error *err);
