/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/store/audit.h"
#include "escher/store/key_slots_private.h"
#include "escher/store/recovery.h"
#include "escher/store/snapshot_private.h"

/*
 * Steps of a backup, each of which may be the last when the power goes; what lies in the folder
 * then is removed by the next backup.
 *
 *     copy.db    pages of the store, sealed rows as they are; followed by what is written meanwhile
 *     new.escb   head | frames of copy.db | manifest in the last frame; synced; copy.db is removed
 *     check.db   new.escb read back; opened, compared with the manifest; removed
 *
 * The manifest is counted in the store itself, between the last page and anything that is written
 * after it, so that it tells what the copy has to hold and not what it happens to hold.
 */
struct esc_snapshot {
    struct esc_store *store; /* NULL: copied, and no longer needed */
    char *folder, *copy, *path;
    char made_by[32];
    struct db_backup *backup;
    uint64_t total, left; /* pages */
    struct esc_backup_opener *opener;
    struct backup_head head;
    struct esc_json *manifest;
};

const char *esc_backup_phase_text(enum esc_backup_phase phase)
{
    static const char *const texts[] = {
        [ESC_BACKUP_COPY] = "copy",
        [ESC_BACKUP_SEAL] = "seal",
        [ESC_BACKUP_CHECK] = "check",
        [ESC_BACKUP_OPEN] = "open",
    };
    return texts[phase];
}

void backup_tell(const struct esc_backup_watch *watch, enum esc_backup_phase phase, uint64_t done,
                 uint64_t total)
{
    if (watch && watch->progress)
        watch->progress(watch->context, phase, done, total);
}

enum esc_status backup_may_go_on(const struct esc_backup_watch *watch, struct esc_error *err)
{
    if (watch && watch->is_cancelled && watch->is_cancelled(watch->context))
        return esc_fail(err, ESC_CANCELLED, "the backup was cancelled");
    return ESC_OK;
}

enum esc_status backup_clear_folder(const char *folder, struct esc_error *err)
{
    enum esc_status status = esc_file_remove(folder, err);
    return status == ESC_OK ? esc_file_make_folder(folder, err) : status;
}

enum esc_status esc_snapshot_begin(struct esc_store *store, const char *folder, const char *made_by,
                                   struct esc_snapshot **out, struct esc_error *err)
{
    ESC_CLEANUP(esc_snapshot_freep)
    struct esc_snapshot *snapshot = esc_alloc_zero(sizeof *snapshot);
    snapshot->store = store;
    snapshot->folder = esc_strdup(folder);
    snapshot->copy = esc_path_join(folder, "copy.db");
    snapshot->path = esc_path_join(folder, "new.escb");
    (void)snprintf(snapshot->made_by, sizeof snapshot->made_by, "%s", made_by);
    enum esc_status status = backup_clear_folder(folder, err);
    if (status == ESC_OK)
        status = esc_file_make_empty(snapshot->copy, err);
    if (status == ESC_OK)
        status = db_backup_start(store->db, snapshot->copy, &snapshot->backup, err);
    if (status == ESC_OK)
        *out = ESC_STEAL(snapshot);
    return status;
}

/* Manifest and head */

static enum esc_status count_rows(struct esc_store *store, struct esc_json *rows,
                                  struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    bool is_row = true;
    enum esc_status status = db_prepare(
        store->db, "SELECT tag, count(*) FROM rows GROUP BY tag ORDER BY tag", &select, err);
    while (status == ESC_OK) {
        status = db_step(select, &is_row, err);
        if (status != ESC_OK || !is_row)
            break;
        char tag[2 * TAG_SIZE + 1];
        const struct esc_str bytes = db_bytes(select, 0);
        if (bytes.len != TAG_SIZE)
            return esc_fail(err, ESC_CORRUPT, "a row of the store has a damaged tag");
        esc_hex(bytes.ptr, bytes.len, tag);
        esc_json_set_int(rows, tag, db_int(select, 1));
    }
    return status;
}

static enum esc_status count_keys(struct esc_store *store, int64_t *out, struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    bool is_row = false;
    enum esc_status status = db_prepare(store->db, "SELECT count(*) FROM keys", &select, err);
    if (status == ESC_OK)
        status = db_step(select, &is_row, err);
    if (status == ESC_OK)
        *out = is_row ? db_int(select, 0) : 0;
    return status;
}

enum esc_status backup_manifest(struct esc_store *store, struct esc_json **out,
                                struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *manifest = esc_json_object();
    ESC_CLEANUP(esc_json_freep) struct esc_json *rows = esc_json_object();
    struct esc_audit_report head = {0};
    int64_t keys = 0;
    enum esc_status status = count_rows(store, rows, err);
    if (status == ESC_OK)
        status = count_keys(store, &keys, err);
    if (status == ESC_OK)
        status = esc_store_audit_head(store, &head, err);
    if (status != ESC_OK)
        return status;
    esc_json_set(manifest, "rows", ESC_STEAL(rows));
    esc_json_set_int(manifest, "keys", keys);
    esc_json_set_int(manifest, "records", (int64_t)head.records);
    esc_json_set_text(manifest, "audit_hash", head.hash);
    *out = ESC_STEAL(manifest);
    return ESC_OK;
}

static enum esc_status plain_size(const char *path, uint64_t *out, struct esc_error *err)
{
    ESC_CLEANUP(esc_fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    const off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
    if (size < 0)
        return esc_fail(err, ESC_IO, "%s: %s", path, strerror(errno));
    *out = (uint64_t)size;
    return ESC_OK;
}

/* In which keyrings the key is, for who has the keyring and no store. */
static enum esc_status add_keyrings(struct esc_store *store, struct esc_json *page,
                                    struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *rows = NULL;
    const enum esc_status status = key_slots_read(store->db, SLOT_KEYRING, &rows, err);
    for (size_t i = 0; i < esc_json_len(rows); i++) {
        struct esc_json *row = esc_json_copy(esc_json_at(rows, i));
        esc_json_remove(row, "slot");
        esc_json_remove(row, "created_ms");
        esc_json_replace(rows, i, row);
    }
    if (status == ESC_OK)
        esc_json_set(page, "keyrings", ESC_STEAL(rows));
    return status;
}

static enum esc_status make_head(struct esc_snapshot *snapshot, struct esc_error *err)
{
    struct backup_head *head = &snapshot->head;
    const struct esc_store *store = snapshot->store;
    enum esc_status status = plain_size(snapshot->copy, &head->facts.plain_size, err);
    if (status == ESC_OK)
        status = esc_store_slots(snapshot->store, &head->page, err);
    if (status == ESC_OK)
        status = add_keyrings(snapshot->store, head->page, err);
    if (status != ESC_OK)
        return status;
    head->store = store->uuid;
    head->id = esc_uuid_v4(store->random);
    head->facts.made_at_ms = esc_clock_wall_ms(store->clock);
    memcpy(head->facts.made_by, snapshot->made_by, sizeof head->facts.made_by);
    memcpy(head->check, snapshot->opener->check, CHECK_SIZE);
    backup_head_write(head);
    return ESC_OK;
}

/* Everything of the store that is needed from here on; nothing is written between the last page and
 * this. */
static enum esc_status take_leave(struct esc_snapshot *snapshot, struct esc_error *err)
{
    enum esc_status status = db_backup_end(ESC_STEAL(snapshot->backup), err);
    if (status == ESC_OK)
        status = esc_backup_opener_of_store(snapshot->store, &snapshot->opener, err);
    if (status == ESC_OK)
        status = backup_manifest(snapshot->store, &snapshot->manifest, err);
    if (status == ESC_OK)
        status = make_head(snapshot, err);
    snapshot->store = NULL;
    return status;
}

enum esc_status esc_snapshot_step(struct esc_snapshot *snapshot, unsigned pages, bool *done,
                                  struct esc_error *err)
{
    ESC_ASSERT(snapshot->backup);
    enum esc_status status = db_backup_step(snapshot->backup, (int)pages, done, err);
    if (status != ESC_OK)
        return status;
    db_backup_progress(snapshot->backup, &snapshot->total, &snapshot->left);
    return *done ? take_leave(snapshot, err) : ESC_OK;
}

void esc_snapshot_progress(const struct esc_snapshot *snapshot, uint64_t *done, uint64_t *total)
{
    *total = snapshot->total;
    *done = snapshot->total - snapshot->left;
}

/* Finishing */

static enum esc_status seal(struct esc_snapshot *snapshot, const struct esc_backup_watch *watch,
                            struct esc_error *err)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = NULL;
    ESC_CLEANUP(esc_freep) char *manifest = esc_json_print(snapshot->manifest, ESC_JSON_COMPACT);
    enum esc_status status = backup_key(snapshot->opener, &snapshot->head, &key, err);
    if (status == ESC_OK)
        status = backup_seal(&snapshot->head, key, snapshot->copy, esc_str_of(manifest),
                             snapshot->path, watch, err);
    if (status == ESC_OK)
        status = esc_file_remove(snapshot->copy, err);
    return status;
}

enum esc_status esc_snapshot_finish(struct esc_snapshot *snapshot,
                                    const struct esc_backup_watch *watch,
                                    struct esc_backup_facts *facts, struct esc_error *err)
{
    ESC_ASSERT(!snapshot->store && snapshot->manifest);
    ESC_CLEANUP(esc_freep) char *trial = esc_path_join(snapshot->folder, "trial");
    enum esc_status status = seal(snapshot, watch, err);
    if (status == ESC_OK)
        status = esc_backup_check(snapshot->path, snapshot->opener, trial, watch, facts, err);
    if (status == ESC_OK)
        status = esc_file_remove(trial, err);
    if (status != ESC_OK)
        (void)esc_file_remove(snapshot->folder, NULL); /* the next backup removes it again */
    return status;
}

const char *esc_snapshot_path(const struct esc_snapshot *snapshot)
{
    return snapshot->path;
}

void esc_snapshot_free(struct esc_snapshot *snapshot)
{
    if (!snapshot)
        return;
    (void)db_backup_end(snapshot->backup, NULL);   /* it goes anyway */
    (void)esc_file_remove(snapshot->folder, NULL); /* the next backup removes it again */
    esc_backup_opener_free(snapshot->opener);
    backup_head_done(&snapshot->head);
    esc_json_free(snapshot->manifest);
    free(snapshot->folder);
    free(snapshot->copy);
    free(snapshot->path);
    free(snapshot);
}
