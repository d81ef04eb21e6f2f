/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A backup of a store: one sealed file, made while the store is used, and believed only after it
 * was restored on trial.
 *
 *     the store's thread             any thread, e.g. a job
 *     begin ─▶ step ─▶ ... step ─▶ finish: seal ─▶ sync ─▶ read back ─▶ open ─▶ every row ─▶ compare
 *                                    └─▶ FOLDER/new.escb, to be renamed by whoever asked for it
 *
 *     any thread                   peek · check · restore (store/restore.h)
 *
 * A backup opens with the key-encryption key (KEK) of its store, from the keyring or by a recovery
 * code; in clear it says only what is needed for that. docs/internals/backup.md has the format.
 *
 * Ownership  a snapshot belongs to the store's thread until `step` said done, then to the one that
 *            finishes it; it needs the store no more. Openers likewise, from the start.
 * Threads    as drawn. One snapshot of a store at a time in one folder.
 */

#include "escher/store/store.h"

/* What a backup is about. */
struct esc_backup_facts {
    char store_id[ESC_UUID_TEXT];
    char id[ESC_UUID_TEXT]; /* of this backup */
    char made_by[32];       /* "0.1.0" */
    int64_t kek;            /* number of the KEK it opens with */
    uint64_t made_at_ms;
    uint64_t size;       /* of the sealed file */
    uint64_t plain_size; /* of the store in it */
    /* After a check only: */
    uint64_t rows;
    uint64_t records; /* of the audit trail */
    char audit_hash[65];
    char sha256[65]; /* of the sealed file */
};

enum esc_backup_phase {
    ESC_BACKUP_COPY,  /* pages */
    ESC_BACKUP_SEAL,  /* bytes, of sealing */
    ESC_BACKUP_CHECK, /* bytes, of reading back */
    ESC_BACKUP_OPEN,  /* rows */
};
/** "copy", "seal", "check", "open". */
const char *esc_backup_phase_text(enum esc_backup_phase phase);

/** Somebody who looks on, on the thread that works; functions may be NULL. */
struct esc_backup_watch {
    void (*progress)(void *context, enum esc_backup_phase phase, uint64_t done, uint64_t total);
    bool (*is_cancelled)(void *context); /* then what is under way ends with ESC_CANCELLED */
    void *context;
};

struct esc_snapshot;

/** @p folder is made, or emptied: what lies in it is of a backup that did not come to its end. */
enum esc_status esc_snapshot_begin(struct esc_store *store, const char *folder, const char *made_by,
                                   struct esc_snapshot **out, struct esc_error *err);
/** Copies up to @p pages pages of 8 KiB more. What is written meanwhile is in the copy, too; inside
 *  a transaction nothing is copied. */
enum esc_status esc_snapshot_step(struct esc_snapshot *snapshot, unsigned pages, bool *done,
                                  struct esc_error *err);
void esc_snapshot_progress(const struct esc_snapshot *snapshot, uint64_t *done, uint64_t *total);
/**
 * Seals the copy into FOLDER/new.escb and restores that on trial; at the end nothing else is in the
 * folder, and after a failure nothing at all.
 * @errors ESC_CORRUPT: a row of the store does not open, so there is nothing to believe in; ESC_IO:
 * no room; ESC_CANCELLED.
 */
enum esc_status esc_snapshot_finish(struct esc_snapshot *snapshot,
                                    const struct esc_backup_watch *watch,
                                    struct esc_backup_facts *facts, struct esc_error *err);
/** Where the finished file is; borrowed. */
const char *esc_snapshot_path(const struct esc_snapshot *snapshot);
/** Removes what is in the folder; NULL does nothing. */
void esc_snapshot_free(struct esc_snapshot *snapshot);
ESC_DEFINE_CLEANUP(struct esc_snapshot, esc_snapshot_free)

/* Files */

/** What a backup says in clear; *slots (may be NULL) is what esc_slots_open_with_code() takes,
 *  owned by the caller. @errors ESC_NOT_FOUND; ESC_CORRUPT: no backup of ours, or cut short;
 *  ESC_CONFLICT: of a newer Escher. */
enum esc_status esc_backup_peek(const char *path, struct esc_backup_facts *facts,
                                struct esc_json **slots, struct esc_error *err);

/** What opens backups. */
struct esc_backup_opener;
enum esc_status esc_backup_opener_of_store(const struct esc_store *store,
                                           struct esc_backup_opener **out, struct esc_error *err);
/** For backups that were made under the KEK @p kek, this one or one that was here before.
 *  @errors ESC_NOT_FOUND: no such KEK was here. */
enum esc_status esc_backup_opener_of_earlier(struct esc_store *store, int64_t kek,
                                             struct esc_backup_opener **out, struct esc_error *err);
ESC_RETURNS_NONNULL struct esc_backup_opener *
esc_backup_opener_of_kek(const struct esc_secret *kek);
/** The number of the KEK it has; 0: not known. */
int64_t esc_backup_opener_kek(const struct esc_backup_opener *opener);
void esc_backup_opener_free(struct esc_backup_opener *opener); /* NULL does nothing */
ESC_DEFINE_CLEANUP(struct esc_backup_opener, esc_backup_opener_free)

/**
 * Restores a backup on trial in @p folder, which is made or emptied before and empty afterwards:
 * all bytes are authentic, every row opens, there are as many as there were, and the audit trail
 * is whole and ends as it did.
 * @errors ESC_CORRUPT: "the key does not fit", or what is damaged; ESC_CONFLICT: newer; ESC_IO.
 */
enum esc_status esc_backup_check(const char *path, const struct esc_backup_opener *opener,
                                 const char *folder, const struct esc_backup_watch *watch,
                                 struct esc_backup_facts *facts, struct esc_error *err);
