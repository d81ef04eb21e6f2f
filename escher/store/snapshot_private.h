/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the files of the backup share.
 *
 *     snapshot.c          the copy of a store in use
 *     snapshot_file.c     the sealed file: writing, reading, what it says in clear
 *     snapshot_check.c    restoring on trial
 *     snapshot_restore.c  restoring for good
 */

#include "escher/base/buf.h"
#include "escher/store/header_private.h"
#include "escher/store/snapshot.h"
#include "escher/store/store_private.h"

enum {
    BACKUP_FORMAT = 1,
    BACKUP_KEY = 32,
    BACKUP_CHUNK = 1024 * 1024, /* read and written at once */
};

struct esc_backup_opener {
    struct esc_secret *root;   /* what keys of backups are derived from */
    struct esc_secret *wrap;   /* of the store's keys; or NULL, and the KEK itself */
    struct esc_secret *kek;    /* or NULL */
    uint8_t check[CHECK_SIZE]; /* of the store's KEK when that is not at hand */
    int64_t number;            /* of that */
};

/* The clear beginning of a backup. */
struct backup_head {
    struct esc_backup_facts facts;
    struct esc_uuid store, id;
    uint8_t check[CHECK_SIZE];
    struct esc_json *page; /* all of it; also the document that opens with a recovery code */
    struct esc_buf bytes;  /* as in the file: what the frames are bound to */
};
void backup_head_done(struct backup_head *head);
/** Completes @p head, whose page and facts are set, by its bytes. */
void backup_head_write(struct backup_head *head);
/** Reads it off the beginning of @p fd. @errors as esc_backup_peek */
enum esc_status backup_head_read(int fd, const char *path, struct backup_head *out,
                                 struct esc_error *err);

/** The key of the backup @p head. @errors ESC_CORRUPT: the key does not fit. */
enum esc_status backup_key(const struct esc_backup_opener *opener, const struct backup_head *head,
                           struct esc_secret **out, struct esc_error *err);

/** Seals the file @p plain and then @p manifest into the new file @p path, and syncs it. */
enum esc_status backup_seal(const struct backup_head *head, const struct esc_secret *key,
                            const char *plain, struct esc_str manifest, const char *path,
                            const struct esc_backup_watch *watch, struct esc_error *err);
/** The reverse: writes the new file @p plain. Facts get size and sha256. */
enum esc_status backup_unseal(const char *path, const struct esc_backup_opener *opener,
                              const char *plain, struct esc_json **manifest,
                              struct esc_backup_facts *facts, const struct esc_backup_watch *watch,
                              struct esc_error *err);

/** What must be found again: rows by tag, keys, the end of the audit trail. */
enum esc_status backup_manifest(struct esc_store *store, struct esc_json **out,
                                struct esc_error *err);

/** The store in the plain file, with the keys that open it; without a lock, to look at only. */
enum esc_status backup_open_store(const char *plain, const struct esc_backup_opener *opener,
                                  struct esc_store **out, struct esc_error *err);
/** Opens the plain file as a store, and every row of it, and compares. Facts get rows and the audit
 *  trail's end. */
enum esc_status backup_examine(const char *plain, const struct esc_backup_opener *opener,
                               const struct esc_json *manifest, struct esc_backup_facts *facts,
                               const struct esc_backup_watch *watch, struct esc_error *err);

/** @p folder, empty. */
enum esc_status backup_clear_folder(const char *folder, struct esc_error *err);

void backup_tell(const struct esc_backup_watch *watch, enum esc_backup_phase phase, uint64_t done,
                 uint64_t total);
enum esc_status backup_may_go_on(const struct esc_backup_watch *watch, struct esc_error *err);
