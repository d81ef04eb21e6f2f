/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/snapshot.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/store/audit.h"
#include "escher/store/collections_private.h"
#include "escher/store/snapshot_private.h"
#include "escher/store/state_private.h"
#include "escher/store/whole.h"

/*
 * The restore test. That the frames are authentic says that the bytes are those that were sealed;
 * that every row opens, that there are as many as the store had, and that the audit trail is whole
 * up to the record the store ended with, says that it was the right bytes.
 */

static enum esc_status open_keys(struct db *db, const struct header *header,
                                 const struct esc_backup_opener *opener, struct keys **out,
                                 struct esc_error *err)
{
    const struct keys_options options = {.db = db,
                                         .uuid = header->uuid,
                                         .kek = opener->kek,
                                         .wrap = opener->wrap,
                                         .kek_number = header->kek,
                                         .random = esc_random_system(),
                                         .budget = ESC_SEAL_BUDGET};
    return keys_open(&options, out, err);
}

enum esc_status backup_open_store(const char *plain, const struct esc_backup_opener *opener,
                                  struct esc_store **out, struct esc_error *err)
{
    struct header header;
    struct keys *keys = NULL;
    ESC_CLEANUP(db_closep) struct db *db = NULL;
    enum esc_status status = db_open(plain, DB_PEEK, &db, err);
    if (status == ESC_OK) /* nobody else has this file, and it is read several times */
        status = db_run(db, "PRAGMA mmap_size = 1073741824", err);
    if (status == ESC_OK)
        status = header_read(db, &header, err);
    if (status == ESC_OK)
        status = open_keys(db, &header, opener, &keys, err);
    if (status == ESC_OK)
        *out = store_new(ESC_STEAL(db), keys, header.uuid, esc_clock_system(), esc_random_system());
    return status;
}

struct counting {
    const struct esc_backup_watch *watch;
    uint64_t done, total;
    struct esc_error *err;
};

static enum esc_status count_row(void *context, const char *, const struct row *, bool *,
                                 struct esc_error *err)
{
    struct counting *counting = context;
    if (++counting->done % 1000 != 0)
        return ESC_OK;
    backup_tell(counting->watch, ESC_BACKUP_OPEN, counting->done, counting->total);
    return backup_may_go_on(counting->watch, err);
}

static uint64_t total_rows(const struct esc_json *manifest)
{
    const struct esc_json *rows = esc_json_member(manifest, "rows"), *count;
    void *position = NULL;
    const char *tag;
    uint64_t total = 0;
    while (esc_json_next(rows, &position, &tag, &count))
        total += (uint64_t)esc_json_num(count, "", 0);
    return total;
}

static enum esc_status open_rows(struct esc_store *store, const struct esc_json *manifest,
                                 struct esc_backup_facts *facts,
                                 const struct esc_backup_watch *watch, struct esc_error *err)
{
    struct esc_store_tally tally;
    struct counting counting = {.watch = watch, .total = total_rows(manifest)};
    enum esc_status status = collections_open_all(store, count_row, &counting, &tally, err);
    if (status != ESC_OK)
        return status;
    if (tally.corrupt)
        return esc_fail(err, ESC_CORRUPT, "%zu %s do%s not open; the first: %s", tally.corrupt,
                        tally.corrupt == 1 ? "row" : "rows", tally.corrupt == 1 ? "es" : "",
                        tally.first.message);
    facts->rows = tally.read;
    backup_tell(watch, ESC_BACKUP_OPEN, tally.read, counting.total);
    return ESC_OK;
}

/* The trail itself, and a manifest of what is here now, which must be the one that was made. */
static enum esc_status compare(struct esc_store *store, const struct esc_json *manifest,
                               struct esc_backup_facts *facts, struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *found = NULL;
    struct esc_audit_report report = {0};
    enum esc_status status = esc_store_audit_verify(store, &report, err);
    if (status == ESC_OK)
        status = backup_manifest(store, &found, err);
    if (status != ESC_OK)
        return status;
    if (!esc_json_equal(found, manifest))
        return esc_fail(err, ESC_CORRUPT, "what was restored is not what the store had");
    facts->records = report.records;
    memcpy(facts->audit_hash, report.hash, sizeof facts->audit_hash);
    return ESC_OK;
}

/*
 * That no row of an earlier version stands among the others, and that the indexes are whole. It
 * reads all of the file once more, so it does that beside the other half of the test, on a thread
 * and a connection of its own; the file is nobody else's.
 */
struct beside {
    const char *plain;
    const struct esc_backup_opener *opener;
    enum esc_status status;
    struct esc_error err;
};

static void *check_whole(void *context)
{
    struct beside *beside = context;
    struct esc_store *store = NULL;
    bool has_state = false; /* stores of before had none */
    beside->status = backup_open_store(beside->plain, beside->opener, &store, &beside->err);
    if (beside->status == ESC_OK)
        beside->status = state_open(store, &has_state, &beside->err);
    if (beside->status == ESC_OK && has_state)
        beside->status = esc_store_check(store, NULL, &beside->err);
    esc_store_close(store);
    return NULL;
}

static enum esc_status check_content(const char *plain, const struct esc_backup_opener *opener,
                                     const struct esc_json *manifest,
                                     struct esc_backup_facts *facts,
                                     const struct esc_backup_watch *watch, struct esc_error *err)
{
    ESC_CLEANUP(esc_store_closep) struct esc_store *store = NULL;
    enum esc_status status = backup_open_store(plain, opener, &store, err);
    if (status == ESC_OK && strcmp(store->id, facts->store_id) != 0)
        status = esc_fail(err, ESC_CORRUPT, "the store in the backup is another one");
    if (status == ESC_OK)
        status = open_rows(store, manifest, facts, watch, err);
    return status == ESC_OK ? compare(store, manifest, facts, err) : status;
}

enum esc_status backup_examine(const char *plain, const struct esc_backup_opener *opener,
                               const struct esc_json *manifest, struct esc_backup_facts *facts,
                               const struct esc_backup_watch *watch, struct esc_error *err)
{
    struct beside beside = {.plain = plain, .opener = opener};
    pthread_t thread;
    const bool is_beside = pthread_create(&thread, NULL, check_whole, &beside) == 0;
    const enum esc_status status = check_content(plain, opener, manifest, facts, watch, err);
    if (is_beside)
        (void)pthread_join(thread, NULL); /* it is there, and nobody else waits for it */
    else if (status == ESC_OK)
        (void)check_whole(&beside);
    if (status != ESC_OK)
        return status;
    return beside.status == ESC_OK ? ESC_OK
                                   : esc_fail(err, beside.status, "%s", beside.err.message);
}

static enum esc_status check(const char *path, const struct esc_backup_opener *opener,
                             const char *plain, const struct esc_backup_watch *watch,
                             struct esc_backup_facts *facts, struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *manifest = NULL;
    struct esc_backup_facts found;
    enum esc_status status = backup_unseal(path, opener, plain, &manifest, &found, watch, err);
    if (status == ESC_OK)
        status = backup_examine(plain, opener, manifest, &found, watch, err);
    if (status == ESC_OK)
        *facts = found;
    return status;
}

enum esc_status esc_backup_check(const char *path, const struct esc_backup_opener *opener,
                                 const char *folder, const struct esc_backup_watch *watch,
                                 struct esc_backup_facts *facts, struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *plain = esc_path_join(folder, "store.db");
    enum esc_status status = backup_clear_folder(folder, err);
    if (status == ESC_OK)
        status = check(path, opener, plain, watch, facts, err);
    (void)esc_file_remove(plain, NULL); /* the next one empties the folder */
    return status;
}
