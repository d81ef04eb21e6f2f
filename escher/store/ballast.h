/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A full disk cannot silence the audit trail: 8 MiB beside the store are kept for it. A transaction
 * with an audit record in it, or one that deletes a document or a conversation, may use them: the
 * write that found no room is done again once the file was cut. While they are in use, other
 * transactions that find less than that free are refused, so that nobody else takes the room.
 */

#include "escher/store/store.h"

enum {
    ESC_BALLAST_SIZE = 8 * 1024 * 1024
};

enum esc_ballast_state {
    ESC_BALLAST_OFF, /* nobody asked for one */
    ESC_BALLAST_READY,
    ESC_BALLAST_SPENT,   /* the disk was full, and may still be */
    ESC_BALLAST_MISSING, /* there is no room for it */
};
enum esc_ballast_state esc_store_ballast_state(const struct esc_store *store);
/** Takes it again when there is room: to be called now and then. */
void esc_store_ballast_tend(struct esc_store *store);
