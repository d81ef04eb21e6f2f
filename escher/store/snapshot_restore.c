/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/store/anchor.h"
#include "escher/store/joined_private.h"
#include "escher/store/key_slots_private.h"
#include "escher/store/recovery.h"
#include "escher/store/snapshot_private.h"

/*
 * The order, and what is there after a kill at each point:
 *
 *     unseal, examine       PATH.restore/ with the store; the next backup or restore removes it
 *     key into the keyring  an item that nothing uses yet; the next restore finds it and uses it
 *     PATH ─▶ aside         no store: opening says so, and with a log left that it has no store
 *     its log ─▶ aside      no store
 *     restored ─▶ PATH      the anchor in the keyring is of later times: opening refuses
 *     anchor                done; the audit trail says that an older state was put back
 */
struct restoring {
    const struct esc_restore_options *options;
    const struct esc_clock *clock;
    const struct esc_random *random;
    struct esc_secret *kek;
    struct esc_restored found;
    char *folder, *plain, *plain_lock; /* of the store on its way */
    bool mixes;                        /* its item is one half of the key, and stays so */
    int lock_fd;
};

/* The KEK */

static enum esc_status kek_by_code(const char *backup, const struct esc_secret *code,
                                   struct esc_secret **out, struct esc_error *err)
{
    struct esc_backup_facts facts;
    ESC_CLEANUP(esc_json_freep) struct esc_json *slots = NULL;
    enum esc_status status = esc_backup_peek(backup, &facts, &slots, err);
    if (status != ESC_OK)
        return status;
    status = esc_slots_open_with_code(slots, code, out, err);
    if (status == ESC_NOT_FOUND)
        return esc_fail(err, ESC_NOT_FOUND,
                        "the backup was made before there was a recovery code; only the keyring it "
                        "was made with opens it");
    return status;
}

/* A place in the keyring where the KEK may be: whose header, and what its item is called. */
struct candidate {
    struct header header; /* of the backup's store: whom the KEK has to fit */
    const char *item;
};

enum {
    KEYRINGS_MOST = 4, /* of a head, which may come from anywhere */
};

/* What the head of the backup says of the key's place; false when it is in another keyring. */
static bool candidate_of_page(const struct backup_head *head, const struct esc_json *row,
                              const char *keyring, struct candidate *out)
{
    char sealed[sizeof out->header.mixed.sealed];
    const struct esc_str hex = esc_json_value(esc_json_member(row, "sealed"));
    const struct esc_json *params = esc_json_member(row, "params");
    ESC_CLEANUP(esc_freep)
    char *text = params ? esc_json_print(params, ESC_JSON_COMPACT) : esc_strdup("");
    const size_t len = hex.len / 2;
    *out = (struct candidate){.item = esc_json_str(row, "item", NULL)};
    out->header = (struct header){.uuid = head->store, .kek = head->facts.kek};
    memcpy(out->header.check, head->check, CHECK_SIZE);
    return out->item && esc_text_equal(esc_json_str(row, "keyring", ""), keyring) &&
           len <= sizeof sealed && esc_hex_parse(hex, sealed, len) &&
           mixed_read(esc_str_of(text), bytes_of(sealed, len), &out->header.mixed);
}

/* The same of the store in place, when it has the key that the backup has. */
static bool candidate_in_place(const struct restoring *restoring, const struct backup_head *head,
                               struct header *header, struct candidate *out)
{
    const struct esc_restore_options *options = restoring->options;
    if (header_peek(options->path, header, NULL) != ESC_OK ||
        strcmp(header->keyring, esc_keyring_name(options->keyring)) != 0)
        return false;
    *out = (struct candidate){.header = *header, .item = header->key_name};
    return memcmp(header->check, head->check, CHECK_SIZE) == 0;
}

static enum esc_status open_candidate(const struct restoring *restoring,
                                      const struct candidate *candidate, struct esc_secret **out,
                                      struct esc_error *err)
{
    const struct esc_restore_options *options = restoring->options;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *item = NULL;
    const enum esc_status status = esc_keyring_get(options->keyring, candidate->item, &item, err);
    if (status == ESC_NOT_FOUND)
        return esc_fail(err, status,
                        "no key fits: `%s` is not in the keyring; the recovery code opens the "
                        "backup without it",
                        candidate->item);
    if (status != ESC_OK)
        return esc_wrap(err, status, "key of the store");
    return mixed_open(&candidate->header, item, options->passphrase, out, err);
}

/* Where the backup says it is, then where the store in place says, then where a new one has it. */
static enum esc_status try_candidates(const struct restoring *restoring,
                                      const struct backup_head *head, struct esc_secret **out,
                                      struct esc_error *err)
{
    const struct esc_restore_options *options = restoring->options;
    const struct esc_json *rows = esc_json_member(head->page, "keyrings");
    struct candidate list[KEYRINGS_MOST + 2];
    struct header in_place;
    struct esc_error first = {0}, why;
    size_t count = 0;
    for (size_t i = 0; i < esc_json_len(rows) && i < KEYRINGS_MOST; i++)
        count += candidate_of_page(head, esc_json_at(rows, i), esc_keyring_name(options->keyring),
                                   &list[count]);
    count += candidate_in_place(restoring, head, &in_place, &list[count]);
    list[count] = (struct candidate){.item = options->key_name};
    list[count].header = (struct header){.uuid = head->store, .kek = head->facts.kek};
    memcpy(list[count++].header.check, head->check, CHECK_SIZE);
    for (size_t i = 0; i < count; i++) {
        const enum esc_status status = open_candidate(restoring, &list[i], out, &why);
        if (status == ESC_OK)
            return ESC_OK;
        if (status != ESC_NOT_FOUND && status != ESC_CORRUPT)
            return esc_fail(err, status, "%s", why.message);
        if (!first.status || (first.status == ESC_NOT_FOUND && status == ESC_CORRUPT))
            first = why; /* a key that does not fit says more than one that is not there */
    }
    return esc_fail(err, ESC_CORRUPT, "%s", first.message);
}

static enum esc_status kek_by_keyring(const struct restoring *restoring, struct esc_secret **out,
                                      struct esc_error *err)
{
    const char *path = restoring->options->backup;
    ESC_CLEANUP(esc_fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct backup_head head = {0};
    if (fd < 0)
        return esc_fail(err, errno == ENOENT ? ESC_NOT_FOUND : ESC_IO, "%s: %s", path,
                        strerror(errno));
    enum esc_status status = backup_head_read(fd, path, &head, err);
    if (status == ESC_OK)
        status = try_candidates(restoring, &head, out, err);
    backup_head_done(&head);
    return status;
}

/* Unsealing and examining, beside the place */

static enum esc_status examine(struct restoring *restoring, struct esc_error *err)
{
    const struct esc_restore_options *options = restoring->options;
    ESC_CLEANUP(esc_backup_opener_freep)
    struct esc_backup_opener *opener = esc_backup_opener_of_kek(restoring->kek);
    ESC_CLEANUP(esc_json_freep) struct esc_json *manifest = NULL;
    enum esc_status status = backup_unseal(options->backup, opener, restoring->plain, &manifest,
                                           &restoring->found.facts, options->watch, err);
    if (status == ESC_OK)
        status = backup_examine(restoring->plain, opener, manifest, &restoring->found.facts,
                                options->watch, err);
    return status;
}

/* The keyring */

static bool is_the_key(const struct restoring *restoring, const struct header *header,
                       const struct esc_secret *item)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *kek = NULL;
    if (!header->mixed.is_used)
        return esc_secret_equal(item, restoring->kek);
    return mixed_open(header, item, restoring->options->passphrase, &kek, NULL) == ESC_OK;
}

/* What the item called found->key_name is to us: the key, nothing, or another's. */
static enum esc_status look_at_item(struct restoring *restoring, const struct header *header,
                                    bool *is_key, struct esc_error *err)
{
    struct esc_restored *found = &restoring->found;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *item = NULL;
    const enum esc_status status =
        esc_keyring_get(restoring->options->keyring, found->key_name, &item, err);
    found->key_put = status == ESC_NOT_FOUND;
    *is_key = status == ESC_OK && is_the_key(restoring, header, item);
    restoring->mixes = *is_key && header->mixed.is_used;
    return status == ESC_OK || status == ESC_NOT_FOUND ? ESC_OK
                                                       : esc_wrap(err, status, "key of the store");
}

/* Where the restored store says its key is; else the first name of ours under which there is the
 * key, or nothing. */
static enum esc_status find_item(struct restoring *restoring, const struct header *header,
                                 struct esc_error *err)
{
    struct esc_restored *found = &restoring->found;
    const char *name = restoring->options->key_name;
    bool is_key = false;
    enum esc_status status = ESC_OK;
    if (strcmp(header->keyring, esc_keyring_name(restoring->options->keyring)) == 0) {
        (void)snprintf(found->key_name, sizeof found->key_name, "%s", header->key_name); /* fits */
        status = look_at_item(restoring, header, &is_key, err);
    }
    for (unsigned number = 1; status == ESC_OK && !is_key; number++) {
        const int len =
            number == 1 ? snprintf(found->key_name, sizeof found->key_name, "%s", name)
                        : snprintf(found->key_name, sizeof found->key_name, "%s %u", name, number);
        if (len < 0 || (size_t)len >= sizeof found->key_name)
            return esc_fail(err, ESC_INVALID, "the name of the key is too long");
        status = look_at_item(restoring, header, &is_key, err);
        if (status == ESC_OK && found->key_put)
            break;
    }
    return status;
}

static enum esc_status put_item(const struct restoring *restoring, struct esc_error *err)
{
    if (!restoring->found.key_put)
        return ESC_OK;
    const enum esc_status status = esc_keyring_keep(restoring->options->keyring,
                                                    restoring->found.key_name, restoring->kek, err);
    return status == ESC_OK ? ESC_OK : esc_wrap(err, status, "the keyring does not keep the key");
}

static enum esc_status write_slot(const struct restoring *restoring, struct esc_store *store,
                                  const struct header *header, struct esc_error *err)
{
    struct write write;
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *params = restoring->mixes ? mixed_params(&header->mixed) : NULL;
    const struct slot slot = {.kind = SLOT_KEYRING,
                              .kek = header->kek,
                              .keyring = esc_keyring_name(restoring->options->keyring),
                              .item = restoring->found.key_name,
                              .params = params,
                              .sealed = restoring->mixes ? mixed_sealed(&header->mixed)
                                                         : (struct esc_str){0}};
    enum esc_status status = write_begin(store, &write, err);
    if (status != ESC_OK)
        return status;
    static const char *const gone[] = {SLOT_KEYRING, SLOT_COMING, SLOT_FORMER, SLOT_LEAVING};
    for (size_t i = 0; status == ESC_OK && i < ESC_COUNT(gone); i++)
        status = key_slots_delete(store->db, gone[i], err);
    if (status == ESC_OK)
        status = key_slot_insert(store->db, &slot, esc_clock_wall_ms(restoring->clock), err);
    return write_end(&write, status, err);
}

static bool is_written(const struct restoring *restoring, const struct header *header)
{
    return strcmp(header->keyring, esc_keyring_name(restoring->options->keyring)) == 0 &&
           strcmp(header->key_name, restoring->found.key_name) == 0 &&
           restoring->mixes == header->mixed.is_used;
}

/* What was coming and leaving was so at another time: only the item that has the key stays. */
static bool has_others(struct esc_store *store)
{
    static const char *const kinds[] = {SLOT_COMING, SLOT_FORMER, SLOT_LEAVING};
    for (size_t i = 0; i < ESC_COUNT(kinds); i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *rows = NULL;
        if (key_slots_read(store->db, kinds[i], &rows, NULL) != ESC_OK || esc_json_len(rows))
            return true; /* what cannot be read: writing tells why */
    }
    return false;
}

/* Lets the restored store name the item that has its key here; opens it as it will be opened. */
static enum esc_status bind_to_keyring(struct restoring *restoring, struct esc_error *err)
{
    struct header header;
    ESC_CLEANUP(esc_store_closep) struct esc_store *store = NULL;
    const struct esc_store_options options = {.path = restoring->plain,
                                              .lock_path = restoring->plain_lock,
                                              .keyring = restoring->options->keyring,
                                              .clock = restoring->clock,
                                              .random = restoring->random};
    enum esc_status status = header_peek(restoring->plain, &header, err);
    if (status == ESC_OK)
        status = find_item(restoring, &header, err);
    if (status == ESC_OK)
        status = store_open_by_kek(&options, restoring->kek, &store, err);
    if (status == ESC_OK && (!is_written(restoring, &header) || has_others(store)))
        status = write_slot(restoring, store, &header, err);
    if (status == ESC_OK)
        status = db_scrub(store->db, err);
    restoring->found.lost_passphrase = header.mixed.is_used && !restoring->mixes;
    return status;
}

/* Moving into place */

static enum esc_status sync_path(const char *path, int flags, struct esc_error *err)
{
    ESC_CLEANUP(esc_fd_close) int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        return esc_fail(err, ESC_IO, "%s: %s", path, strerror(errno));
    return ESC_OK;
}

static enum esc_status move(const char *from, const char *to, struct esc_error *err)
{
    if (esc_file_exists(to))
        return esc_fail(err, ESC_EXISTS, "%s is there already", to);
    if (rename(from, to) != 0)
        return esc_fail(err, ESC_IO, "%s: %s", from, strerror(errno));
    return ESC_OK;
}

/* Empties the log into the file where that can be done, so that there is one file to move. */
static void fold_log(const char *path)
{
    ESC_CLEANUP(db_closep) struct db *db = NULL;
    if (db_open(path, DB_OPEN, &db, NULL) == ESC_OK)
        (void)db_scrub(db, NULL); /* the log is moved with it, then */
}

/* The file and its log, whichever are there, to a name that is free. */
static enum esc_status move_aside(struct restoring *restoring, struct esc_error *err)
{
    const char *path = restoring->options->path;
    char when[ESC_TIME_TEXT];
    ESC_CLEANUP(esc_freep) char *log = esc_sprintf("%s-wal", path);
    ESC_CLEANUP(esc_freep) char *to = NULL;
    if (!esc_file_exists(path) && !esc_file_exists(log))
        return ESC_OK;
    if (esc_file_exists(path))
        fold_log(path);
    esc_time_format_basic(esc_clock_wall_ms(restoring->clock), when);
    for (unsigned number = 1; !to || esc_file_exists(to); number++) {
        free(to);
        to = number == 1 ? esc_sprintf("%s.before-restore-%s", path, when)
                         : esc_sprintf("%s.before-restore-%s-%u", path, when, number);
    }
    ESC_CLEANUP(esc_freep) char *to_log = esc_sprintf("%s-wal", to);
    (void)snprintf(restoring->found.aside, sizeof restoring->found.aside, "%s",
                   strrchr(to, '/') + 1); /* fits: a name */
    enum esc_status status = esc_file_exists(path) ? move(path, to, err) : ESC_OK;
    if (status == ESC_OK && esc_file_exists(log))
        status = move(log, to_log, err);
    return status;
}

/* What could not be replaced comes back to its place. */
static void move_back(struct restoring *restoring)
{
    const char *path = restoring->options->path;
    ESC_CLEANUP(esc_freep) char *folder = esc_path_folder(path);
    ESC_CLEANUP(esc_freep) char *aside = esc_path_join(folder, restoring->found.aside);
    ESC_CLEANUP(esc_freep) char *aside_log = esc_sprintf("%s-wal", aside);
    ESC_CLEANUP(esc_freep) char *log = esc_sprintf("%s-wal", path);
    if (!*restoring->found.aside || esc_file_exists(path))
        return;
    if (esc_file_exists(aside_log))       /* first: without its file it is nothing */
        (void)move(aside_log, log, NULL); /* else both stay aside, as it was said */
    if (esc_file_exists(aside) && !esc_file_exists(aside_log))
        (void)move(aside, path, NULL);
}

static enum esc_status replace(struct restoring *restoring, struct esc_error *err)
{
    const char *path = restoring->options->path;
    ESC_CLEANUP(esc_freep) char *folder = esc_path_folder(path);
    enum esc_status status = move_aside(restoring, err);
    if (status == ESC_OK) /* or the old log could come back beside the restored file */
        status = sync_path(folder, O_RDONLY | O_DIRECTORY, err);
    if (status == ESC_OK)
        status = move(restoring->plain, path, err);
    if (status == ESC_OK) {
        status = sync_path(folder, O_RDONLY | O_DIRECTORY, err);
        if (status != ESC_OK)
            (void)move(path, restoring->plain, NULL); /* else it stays, as the next opening tells */
    }
    if (status != ESC_OK)
        move_back(restoring);
    return status;
}

static enum esc_status settle(struct restoring *restoring, struct esc_error *err)
{
    const enum esc_status status = sync_path(restoring->plain, O_RDONLY, err);
    return status == ESC_OK ? replace(restoring, err) : status;
}

/* All of it */

static enum esc_status restore(struct restoring *restoring, struct esc_error *err)
{
    const struct esc_restore_options *options = restoring->options;
    enum esc_status status = options->code
                                 ? kek_by_code(options->backup, options->code, &restoring->kek, err)
                                 : kek_by_keyring(restoring, &restoring->kek, err);
    if (status == ESC_OK)
        status = esc_file_make_folder_of(options->path, err);
    if (status == ESC_OK)
        status = esc_file_make_folder_of(options->lock_path, err);
    if (status == ESC_OK)
        status = store_lock(options->lock_path, &restoring->lock_fd, err);
    if (status == ESC_OK)
        status = backup_clear_folder(restoring->folder, err);
    if (status == ESC_OK)
        status = examine(restoring, err);
    if (status == ESC_OK)
        status = bind_to_keyring(restoring, err);
    if (status == ESC_OK)
        status = put_item(restoring, err);
    return status == ESC_OK ? settle(restoring, err) : status;
}

/* The older state is meant. Opens the store as everybody will. */
static enum esc_status anchor(struct restoring *restoring, struct esc_error *err)
{
    const struct esc_restore_options *options = restoring->options;
    const struct esc_store_options store = {.path = options->path,
                                            .lock_path = options->lock_path,
                                            .keyring = options->keyring,
                                            .passphrase = options->passphrase,
                                            .clock = restoring->clock,
                                            .random = restoring->random};
    esc_fd_close(&restoring->lock_fd);
    const enum esc_status status = esc_store_anchor_accept(&store, err);
    return status == ESC_OK
               ? ESC_OK
               : esc_wrap(err, status, "restored, but `escher audit accept` is needed");
}

enum esc_status esc_backup_restore(const struct esc_restore_options *options,
                                   struct esc_restored *out, struct esc_error *err)
{
    struct restoring restoring = {
        .options = options,
        .clock = options->clock ? options->clock : esc_clock_system(),
        .random = options->random ? options->random : esc_random_system(),
        .folder = esc_sprintf("%s.restore", options->path),
        .lock_fd = -1,
    };
    restoring.plain = esc_path_join(restoring.folder, "store.db");
    restoring.plain_lock = esc_path_join(restoring.folder, "store.lock");
    enum esc_status status = restore(&restoring, err);
    if (restoring.lock_fd >= 0)
        (void)esc_file_remove(restoring.folder, NULL); /* the next restore removes it again */
    if (status == ESC_OK)
        status = anchor(&restoring, err);
    if (status == ESC_OK)
        *out = restoring.found;
    esc_secret_free(restoring.kek);
    free(restoring.folder);
    free(restoring.plain);
    free(restoring.plain_lock);
    esc_fd_close(&restoring.lock_fd);
    return status;
}

enum esc_status esc_backup_drill(const char *backup, const struct esc_secret *code,
                                 const char *folder, const struct esc_backup_watch *watch,
                                 struct esc_backup_facts *facts, struct esc_error *err)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *kek = NULL;
    enum esc_status status = kek_by_code(backup, code, &kek, err);
    if (status != ESC_OK)
        return status;
    ESC_CLEANUP(esc_backup_opener_freep)
    struct esc_backup_opener *opener = esc_backup_opener_of_kek(kek);
    status = esc_backup_check(backup, opener, folder, watch, facts, err);
    (void)esc_file_remove(folder, NULL); /* what was in it is gone already */
    return status;
}
