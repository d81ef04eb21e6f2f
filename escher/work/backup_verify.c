/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/work/backup_private.h"

/*
 * Restoring on trial, again: one backup or all of this store, one after the other on a worker.
 * What passes is on record from then on, what does not no longer.
 */
struct verifying {
    struct esc_api_call *call;
    struct esc_list names; /* char * */
    size_t index;
    struct esc_backup_opener *opener;
    struct backup_progress progress;
    struct esc_timer *timer;
    char *path, *folder;
    struct esc_backup_facts facts;
    enum esc_status status;
    struct esc_error err;
    bool is_of_earlier_key; /* which the store does not have any more: only the code opens it */
    struct esc_json *results;
    size_t bad;
};

static void verifying_free(struct verifying *verifying)
{
    verifying->call->bench->backup_verify = NULL;
    esc_timer_stop(&verifying->timer);
    esc_list_done(&verifying->names);
    esc_backup_opener_free(verifying->opener);
    esc_json_free(verifying->results);
    free(verifying->path);
    free(verifying->folder);
    free(verifying);
}

static const char *name_of(const struct verifying *verifying)
{
    return verifying->names.items[verifying->index];
}

static void end(struct verifying *verifying, enum esc_status status, struct esc_error *err)
{
    struct esc_api_call *call = verifying->call;
    if (status == ESC_OK && verifying->bad)
        status =
            esc_fail(err, ESC_CORRUPT, "%zu of %zu %s cannot be restored", verifying->bad,
                     verifying->names.count, verifying->names.count == 1 ? "backup" : "backups");
    struct esc_json *body = status == ESC_OK ? esc_json_object() : work_failure(err);
    esc_json_set(body, "backups", ESC_STEAL(verifying->results));
    verifying_free(verifying);
    work_done(call, status, body);
}

/* On record or not, by what was found. Nothing is known of what was cancelled. */
static enum esc_status note(struct verifying *verifying, struct esc_error *err)
{
    struct esc_workbench *bench = verifying->call->bench;
    const bool ok = verifying->status == ESC_OK;
    struct esc_json *result = esc_json_object();
    esc_json_set_text(result, "name", name_of(verifying));
    esc_json_set_bool(result, "ok", ok);
    if (ok) {
        esc_json_set_int(result, "rows", (int64_t)verifying->facts.rows);
        esc_json_set_int(result, "records", (int64_t)verifying->facts.records);
    } else {
        esc_json_set_text(result, "message", verifying->err.message);
        verifying->bad += !verifying->is_of_earlier_key;
    }
    esc_json_push(verifying->results, result);
    if (verifying->is_of_earlier_key)
        return ESC_OK; /* and stays on record as it was */
    if (ok)
        return backup_record(bench, name_of(verifying), &verifying->facts, err);
    return verifying->status == ESC_CORRUPT ? backup_unrecord(bench, name_of(verifying), err)
                                            : ESC_OK;
}

static void start_next(struct verifying *verifying);

static void check(void *context)
{
    struct verifying *verifying = context;
    const struct esc_backup_watch watch = backup_watch_of(&verifying->progress);
    if (verifying->is_of_earlier_key) {
        verifying->status =
            esc_fail(&verifying->err, ESC_CORRUPT,
                     "made under an earlier key; `escher backup drill` tries it with the "
                     "recovery code");
        return;
    }
    verifying->status = esc_backup_check(verifying->path, verifying->opener, verifying->folder,
                                         &watch, &verifying->facts, &verifying->err);
    (void)esc_file_remove(verifying->folder, NULL); /* the next one removes it again */
}

static void checked(void *context, enum esc_status ok_or_cancelled)
{
    struct verifying *verifying = context;
    struct esc_error err;
    esc_timer_stop(&verifying->timer);
    if (ok_or_cancelled != ESC_OK || verifying->status == ESC_CANCELLED) {
        (void)esc_fail(&err, ESC_CANCELLED, "cancelled");
        end(verifying, ESC_CANCELLED, &err);
    } else if (note(verifying, &err) != ESC_OK) {
        end(verifying, err.status, &err);
    } else {
        verifying->index++;
        start_next(verifying);
    }
}

static void look_at_worker(void *context)
{
    struct verifying *verifying = context;
    backup_tell_progress(verifying->call, &verifying->progress, name_of(verifying));
    verifying->timer =
        esc_timer_start(verifying->call->bench->loop, BACKUP_TELL_MS, look_at_worker, verifying);
}

/* Each backup is opened by the key that it was made under. */
static void choose_opener(struct verifying *verifying)
{
    struct esc_backup_facts facts;
    struct esc_backup_opener *opener = NULL;
    verifying->is_of_earlier_key = false;
    if (esc_backup_peek(verifying->path, &facts, NULL, NULL) != ESC_OK ||
        facts.kek == esc_backup_opener_kek(verifying->opener))
        return; /* a damaged head is told by the check itself */
    struct esc_store *store = verifying->call->bench->store;
    const enum esc_status status = esc_backup_opener_of_earlier(store, facts.kek, &opener, NULL);
    verifying->is_of_earlier_key = status == ESC_NOT_FOUND;
    if (status != ESC_OK)
        return;
    esc_backup_opener_free(verifying->opener);
    verifying->opener = opener;
}

static void start_next(struct verifying *verifying)
{
    struct esc_loop *loop = verifying->call->bench->loop;
    struct esc_error err;
    if (verifying->index == verifying->names.count) {
        end(verifying, ESC_OK, &err);
        return;
    }
    free(verifying->path);
    verifying->path = backup_path(verifying->call->bench, name_of(verifying));
    choose_opener(verifying);
    (void)esc_job_start(loop, check, checked, verifying); /* cancelled by its progress */
    verifying->timer = esc_timer_start(loop, BACKUP_TELL_MS, look_at_worker, verifying);
}

static void cancel(struct esc_api_call *call)
{
    struct verifying *verifying = call->state;
    atomic_store(&verifying->progress.is_cancelled, true);
}

/* The one that is asked for, by its name or a part that no other has, or all of this store. */
static enum esc_status choose(struct verifying *verifying, struct esc_error *err)
{
    const struct esc_workbench *bench = verifying->call->bench;
    const char *wanted = work_text(verifying->call, "name");
    ESC_CLEANUP(esc_json_freep) struct esc_json *list = NULL;
    enum esc_status status = backup_list(bench, &list, err);
    for (size_t i = 0; status == ESC_OK && i < esc_json_len(list); i++) {
        const struct esc_json *entry = esc_json_at(list, i);
        const char *name = esc_json_str(entry, "name", "");
        const bool ours =
            esc_text_equal(esc_json_str(entry, "store_id", ""), esc_store_id(bench->store));
        if (wanted && esc_text_equal(name, wanted))
            esc_list_clear(&verifying->names);
        if (wanted ? strstr(name, wanted) != NULL : ours)
            esc_list_push(&verifying->names, esc_strdup(name));
        if (wanted && esc_text_equal(name, wanted))
            break;
    }
    if (status == ESC_OK && verifying->names.count == 0)
        return wanted ? esc_fail(err, ESC_NOT_FOUND, "there is no backup `%s`", wanted)
                      : esc_fail(err, ESC_NOT_FOUND,
                                 "there is no backup yet; `escher backup now` makes one");
    if (status == ESC_OK && wanted && verifying->names.count > 1)
        return esc_fail(err, ESC_AMBIGUOUS, "%zu backups are called like `%s`",
                        verifying->names.count, wanted);
    return status;
}

void work_backups_verify(struct esc_api_call *call)
{
    struct esc_error err;
    if (call->bench->backup_verify) { /* it has the folder */
        (void)esc_fail(&err, ESC_CONFLICT, "backups are being verified already");
        work_fail(call, &err);
        return;
    }
    struct verifying *verifying = esc_alloc_zero(sizeof *verifying);
    verifying->call = call;
    verifying->results = esc_json_array();
    verifying->folder = backup_path(call->bench, ".verify");
    call->bench->backup_verify = call;
    esc_list_init(&verifying->names, free);
    enum esc_status status = choose(verifying, &err);
    if (status == ESC_OK)
        status = esc_backup_opener_of_store(call->bench->store, &verifying->opener, &err);
    if (status != ESC_OK) {
        verifying_free(verifying);
        work_fail(call, &err);
        return;
    }
    call->state = verifying;
    call->cancel = cancel;
    start_next(verifying);
}
