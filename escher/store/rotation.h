/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What follows a new KEK (key_change.h): every row is sealed anew under data keys that the old KEK
 * never wrapped.
 *
 *     ESC_KEY_ROTATE    one transaction: all keys wrapped by the new KEK, the old data keys retired;
 *        │              what is written from now on is sealed by new ones
 *        ▼
 *     SEALING ──step──▶ SEALING ──step──▶ ... ──▶ SEALED
 *        a few rows in each transaction, with how far it has come; cut off, the next step goes on
 *                                                   │ a backup with the new KEK was verified
 *                                                   ▼ esc_store_drop_old_keys
 *                                                  OVER: retired keys and the old KEK are gone
 *
 * Rows stay where they are and open at every moment. One that does not open is left as it is, and
 * its key with it. A second rotation may begin at any time; it starts from the first row.
 *
 * Threads    the store's.
 */

#include "escher/store/store.h"

enum esc_rotation_state {
    ESC_ROTATION_NONE, /* there never was one */
    ESC_ROTATION_SEALING,
    ESC_ROTATION_SEALED,
    ESC_ROTATION_OVER,
};
const char *esc_rotation_text(enum esc_rotation_state state); /* "none", "sealing" ... */

struct esc_rotation {
    enum esc_rotation_state state;
    uint64_t began_ms, sealed_ms; /* 0: not yet */
    uint64_t sealed, rows;        /* rows done, and all there were to do */
    uint64_t unreadable;          /* rows that stay as they are */
};

enum esc_status esc_store_rotation(struct esc_store *store, struct esc_rotation *out,
                                   struct esc_error *err);
/** Seals at most @p rows rows anew in a transaction of its own; in any other state than SEALING it
 *  does nothing. @p out (may be NULL) is where it stands afterwards. */
enum esc_status esc_store_rotation_step(struct esc_store *store, size_t rows,
                                        struct esc_rotation *out, struct esc_error *err);

/** After a backup under the KEK @p backup_kek was verified: when that is the present one, what was
 *  retired goes. The old KEK's item is stale then (key_change.h). Nothing to drop is no mistake. */
enum esc_status esc_store_drop_old_keys(struct esc_store *store, int64_t backup_kek,
                                        struct esc_error *err);

/** As esc_store_kek_derive() (recovery.h) with an earlier KEK, for backups made before rotations.
 *  @errors ESC_NOT_FOUND: no such KEK was here. */
enum esc_status esc_store_old_kek_derive(struct esc_store *store, int64_t kek, const char *purpose,
                                         struct esc_str context, size_t size,
                                         struct esc_secret **out, struct esc_error *err);
