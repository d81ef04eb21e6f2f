/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of this room share about an open store. */

#include "escher/base/map.h"
#include "escher/store/anchor_private.h"
#include "escher/store/ballast_private.h"
#include "escher/store/db_private.h"
#include "escher/store/keys_private.h"
#include "escher/store/state_private.h"
#include "escher/store/store.h"

struct esc_store {
    struct db *db;
    struct keys *keys;
    struct state *state;
    struct anchored anchored;
    struct ballast ballast;
    bool may_spend; /* the open transaction has to fit: it may use the ballast */
    int lock_fd;
    struct esc_uuid uuid;
    char id[ESC_UUID_TEXT];
    const struct esc_clock *clock;
    const struct esc_random *random;
    bool is_in_transaction;
    bool is_spoilt;          /* a write of the open transaction failed */
    bool wants_scrub;        /* something was deleted that has to be gone */
    bool is_by_code;         /* opened by its recovery code; the keyring was not asked */
    bool changes_keys;       /* a change of the keys is under way (key_change.h) */
    struct esc_map *seen;    /* cells being scanned: struct seen_cell of cells.c */
    struct esc_map *records; /* of cells, as they were read: struct esc_json, empty for none */
    struct blocks *blocks;   /* of the estate, that the open transaction changed */
};

/** Locks for this process, until *out is closed. @errors ESC_LOCKED: somebody has it. */
enum esc_status store_lock(const char *path, int *out, struct esc_error *err);
/** As esc_store_open() of a store that is there, by its KEK; the keyring is asked for nothing. */
enum esc_status store_open_by_kek(const struct esc_store_options *options,
                                  const struct esc_secret *kek, struct esc_store **out,
                                  struct esc_error *err);

/**
 * A write of one function: its own transaction, or a part of the one that is open. Always ended
 * by write_end, which commits or undoes its own, and spoils the larger one on failure.
 */
struct write {
    struct esc_store *store;
    bool is_own;
};
/** The map of cells being scanned, empty. */
struct esc_map *cells_new(void);
/** The map of records of cells, empty. */
struct esc_map *cell_records_map(void);
/** A store over @p db and @p keys, which are handed over; without a lock. */
ESC_RETURNS_NONNULL struct esc_store *store_new(struct db *db, struct keys *keys,
                                                struct esc_uuid uuid, const struct esc_clock *clock,
                                                const struct esc_random *random);

enum esc_status write_begin(struct esc_store *store, struct write *write, struct esc_error *err);
/** Returns @p status, or what went wrong when committing. */
enum esc_status write_end(struct write *write, enum esc_status status, struct esc_error *err);
