/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Backups in S3: a place of backup_place.h, and the same bucket seen from a machine that has no
 * store yet.
 *
 *     name  escher-20261121T203000Z-<store>.escb            (a second one ends in -2.escb)
 *     key   <prefix><store>/20261121T203000Z-<SHA-256 of the file, hex>.escb  (20261121T203000Z-2-)
 *
 * The key says what is in the object. So a put that was cut off after its last byte is found done
 * the next time by name alone, and whoever fetches knows what must come; the keys that write need
 * no right to read. Nothing here deletes: a lifecycle rule of the bucket does.
 *
 * Ownership  places are filled by backup_s3_parse() or backup_s3_load() and emptied by
 *            backup_s3_done(); what is passed to a transfer is copied.
 */

#include "escher/aws/s3.h"
#include "escher/model/account.h"
#include "escher/work/backup_place.h"
#include "escher/work/backup_rules.h"

struct backup_s3 {
    char *bucket, *prefix; /* the prefix is "" or ends with a slash */
    char *region;          /* NULL: us-east-1 */
    char *account;         /* whose keys are used, by id; NULL: those of the environment */
    char *role;            /* assumed with them; NULL: none */
    char *owner;           /* the account the bucket must belong to; NULL: whoever's it is */
};

/** Reads "s3://BUCKET[/PREFIX]"; the rest is NULL. @errors ESC_INVALID. */
enum esc_status backup_s3_parse(struct esc_str url, struct backup_s3 *out, struct esc_error *err);
void backup_s3_done(struct backup_s3 *place); /* twice is fine */
/** "s3://BUCKET/PREFIX", owned by the caller. */
ESC_RETURNS_NONNULL char *backup_s3_url(const struct backup_s3 *place);
struct esc_json *backup_s3_to_json(const struct backup_s3 *place);

/** What is set up for this store. @errors ESC_NOT_FOUND: nothing. */
enum esc_status backup_s3_load(struct esc_workbench *bench, struct backup_s3 *out,
                               struct esc_error *err);
enum esc_status backup_s3_save(struct esc_workbench *bench, const struct backup_s3 *place,
                               struct esc_error *err);

/** The key of a backup called @p name. @errors ESC_INVALID: none of ours. */
enum esc_status backup_s3_key(const struct backup_s3 *place, const char *name, const char *sha256,
                              char **out, struct esc_error *err);

/** The id of the store out of a name, owned by the caller; NULL: it is no name of a backup. */
char *backup_s3_store_of(const char *name);

/** A key taken apart; false: it is no backup. */
struct backup_s3_entry {
    char store[ESC_UUID_TEXT];
    char sha256[ESC_SHA256_TEXT];
    char name[BACKUP_NAME];
    uint64_t at_ms;
};
bool backup_s3_read_key(const struct backup_s3 *place, const char *key,
                        struct backup_s3_entry *out);

/** How a bucket is reached; all copied. */
struct backup_s3_way {
    struct esc_loop *loop;
    struct esc_aws *aws;
    const struct backup_s3 *place;
    const struct esc_account *account;
    const struct esc_aws_environment *environment; /* NULL: that of this process */
};

/** As in backup_place.h; entries have "store", too. @p store NULL: of all stores. */
struct backup_transfer *backup_s3_list(const struct backup_s3_way *way, const char *store,
                                       const struct backup_watch *watch);
/** Fetches the backup called @p name into the new file @p path. */
struct backup_transfer *backup_s3_get(const struct backup_s3_way *way, const char *name,
                                      const char *path, const struct backup_watch *watch);
/** Whether the bucket can be listed, and what it does to protect backups: {"versions", "expires",
 *  "expires_days", "aborts", "locked", "lock_days", "lock_mode", "warnings": […]}; the first,
 *  third and fifth are "yes", "no" or "unknown". */
struct backup_transfer *backup_s3_look(const struct backup_s3_way *way,
                                       const struct backup_watch *watch);
void backup_s3_cancel(struct backup_transfer *transfer);

extern const struct backup_place backup_s3_place;
