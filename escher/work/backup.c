/* SPDX-License-Identifier: Apache-2.0 */

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/log.h"
#include "escher/store/rotation.h"
#include "escher/work/backup_private.h"
#include "escher/work/key_private.h"

/*
 * Making a backup.
 *
 *     COPY ──step, on the loop──▶ ... ─done─▶ FINISH ──on a worker: sealed, restored on trial──▶
 *     on record ─▶ renamed ─▶ older ones go, old keys go ─▶ UPLOAD ─▶ answered
 *
 * A step copies half a megabyte and lets the loop go on. Cancelled, it ends with the step or the
 * megabyte it is at, and nothing of it is left.
 */
enum {
    STEP_PAGES = 64,
};

struct making {
    struct esc_api_call *call;
    struct esc_snapshot *snapshot;
    struct esc_timer *timer; /* the next step, or the next look at the worker's progress */
    struct backup_upload *upload;
    struct backup_progress progress;
    struct esc_backup_facts facts;
    char name[BACKUP_NAME];
    uint64_t began_ms;
    struct esc_json *gone; /* names */
    enum esc_status status;
    struct esc_error err;
};

/* Progress, for workers too */

static void note_progress(void *context, enum esc_backup_phase phase, uint64_t done, uint64_t total)
{
    struct backup_progress *progress = context;
    atomic_store(&progress->phase, (unsigned)phase);
    atomic_store(&progress->total, total);
    atomic_store(&progress->done, done);
}

static bool is_cancelled(void *context)
{
    struct backup_progress *progress = context;
    return atomic_load(&progress->is_cancelled);
}

struct esc_backup_watch backup_watch_of(struct backup_progress *progress)
{
    return (struct esc_backup_watch){note_progress, is_cancelled, progress};
}

static struct esc_json *progress_event(const char *phase, uint64_t done, uint64_t total,
                                       const char *name)
{
    struct esc_json *event = work_event_new("backup.progress", name);
    struct esc_json *data = esc_json_object();
    esc_json_set_text(data, "phase", phase);
    esc_json_set_int(data, "done", (int64_t)done);
    esc_json_set_int(data, "total", (int64_t)total);
    esc_json_set(event, "data", data);
    return event;
}

void backup_tell_progress(struct esc_api_call *call, struct backup_progress *progress,
                          const char *name)
{
    const unsigned phase = atomic_load(&progress->phase);
    const uint64_t done = atomic_load(&progress->done), total = atomic_load(&progress->total);
    if (!total || (phase == progress->told_phase && done == progress->told_done))
        return;
    progress->told_phase = phase;
    progress->told_done = done;
    work_event(call, progress_event(esc_backup_phase_text((enum esc_backup_phase)phase),
                                    done < total ? done : total, total, name));
}

/* The end */

static struct esc_json *body_of(struct making *making)
{
    struct esc_workbench *bench = making->call->bench;
    ESC_CLEANUP(esc_freep) char *path = backup_path(bench, making->name);
    struct esc_json *body = backup_entry(bench, making->name, &making->facts);
    esc_json_set_bool(body, "verified", true);
    esc_json_set_text(body, "path", path);
    esc_json_set_int(body, "rows", (int64_t)making->facts.rows);
    esc_json_set_int(body, "records", (int64_t)making->facts.records);
    esc_json_set_text(body, "sha256", making->facts.sha256);
    esc_json_set_int(body, "took_ms",
                     (int64_t)(esc_clock_monotonic_ms(bench->clock) - making->began_ms));
    esc_json_set(body, "gone", ESC_STEAL(making->gone));
    return body;
}

static void making_free(struct making *making)
{
    making->call->bench->backup = NULL;
    esc_timer_stop(&making->timer);
    esc_snapshot_free(making->snapshot);
    esc_json_free(making->gone);
    free(making);
}

static void tell_end(struct esc_api_call *call, const char *kind, const char *name,
                     const char *message)
{
    struct esc_json *event = work_event_new(kind, name);
    if (message) {
        struct esc_json *data = esc_json_object();
        esc_json_set_text(data, "message", message);
        esc_json_set(event, "data", data);
    }
    work_event(call, event);
}

static void fail(struct making *making)
{
    struct esc_api_call *call = making->call;
    struct esc_error ignored;
    /* Who cancels has not failed: the schedule tries again when it is due. */
    if (making->err.status != ESC_CANCELLED &&
        backup_history_note(call->bench, 0, making->err.message, &ignored) != ESC_OK)
        esc_log(ESC_WARN, "a failed backup is not on record", F("because", ignored.message));
    const struct esc_error err = making->err;
    making_free(making);
    tell_end(call, "backup.failed", NULL, err.message);
    work_fail(call, &err);
}

static void uploaded(void *context, struct esc_json *places)
{
    struct making *making = context;
    struct esc_api_call *call = making->call;
    struct esc_json *body = body_of(making);
    const enum esc_status status = backup_set_places(body, places);
    tell_end(call, "backup.done", making->name, NULL);
    making_free(making);
    work_done(call, status, body);
}

/* Putting in place */

/* On record first: a record without its file is none, and a file without its record neither. */
static enum esc_status put_in_place(struct making *making, struct esc_error *err)
{
    struct esc_workbench *bench = making->call->bench;
    backup_free_name(bench, making->facts.made_at_ms, making->name);
    ESC_CLEANUP(esc_freep) char *path = backup_path(bench, making->name);
    enum esc_status status = backup_record(bench, making->name, &making->facts, err);
    if (status == ESC_OK)
        status = esc_file_move(esc_snapshot_path(making->snapshot), path, err);
    if (status == ESC_OK)
        status = backup_history_note(bench, making->facts.made_at_ms, NULL, err);
    return status;
}

/* What only waited for this. That it fails takes nothing from the backup. */
static void clean_up(struct making *making)
{
    struct esc_workbench *bench = making->call->bench;
    struct esc_error err;
    if (backup_prune(bench, making->gone, &err) != ESC_OK)
        esc_log(ESC_WARN, "an old backup stays", F("because", err.message));
    if (esc_store_drop_old_keys(bench->store, making->facts.kek, &err) != ESC_OK)
        esc_log(ESC_WARN, "old keys stay", F("because", err.message));
    work_keys_tidy(bench);
}

/* Finishing on a worker */

static void finish(void *context)
{
    struct making *making = context;
    const struct esc_backup_watch watch = backup_watch_of(&making->progress);
    making->status = esc_snapshot_finish(making->snapshot, &watch, &making->facts, &making->err);
}

static void finished(void *context, enum esc_status ok_or_cancelled)
{
    struct making *making = context;
    esc_timer_stop(&making->timer);
    if (making->status == ESC_OK && ok_or_cancelled == ESC_OK)
        making->status = put_in_place(making, &making->err);
    else if (making->status == ESC_OK)
        making->status = esc_fail(&making->err, ESC_CANCELLED, "the backup was cancelled");
    if (making->status != ESC_OK) {
        fail(making);
        return;
    }
    clean_up(making);
    making->upload = backup_upload_start(making->call, making->name, uploaded, making);
}

static void look_at_worker(void *context)
{
    struct making *making = context;
    backup_tell_progress(making->call, &making->progress, NULL);
    making->timer =
        esc_timer_start(making->call->bench->loop, BACKUP_TELL_MS, look_at_worker, making);
}

static void start_finishing(struct making *making)
{
    struct esc_loop *loop = making->call->bench->loop;
    (void)esc_job_start(loop, finish, finished, making); /* cancelled by its progress */
    making->timer = esc_timer_start(loop, BACKUP_TELL_MS, look_at_worker, making);
}

/* Copying */

static void copy_step(void *context)
{
    struct making *making = context;
    uint64_t copied = 0, total = 0;
    bool done = false;
    making->timer = NULL;
    enum esc_status status =
        is_cancelled(&making->progress)
            ? esc_fail(&making->err, ESC_CANCELLED, "the backup was cancelled")
            : esc_snapshot_step(making->snapshot, STEP_PAGES, &done, &making->err);
    if (status != ESC_OK) {
        fail(making);
        return;
    }
    esc_snapshot_progress(making->snapshot, &copied, &total);
    note_progress(&making->progress, ESC_BACKUP_COPY, copied, total);
    if (copied >= making->progress.told_done + 16 * STEP_PAGES)
        backup_tell_progress(making->call, &making->progress, NULL);
    if (done)
        start_finishing(making);
    else
        making->timer = esc_timer_start(making->call->bench->loop, 0, copy_step, making);
}

static void cancel(struct esc_api_call *call)
{
    struct making *making = call->state;
    atomic_store(&making->progress.is_cancelled, true);
    if (making->upload)
        backup_upload_cancel(making->upload);
}

static enum esc_status begin(struct making *making, struct esc_error *err)
{
    struct esc_workbench *bench = making->call->bench;
    ESC_CLEANUP(esc_freep) char *folder = backup_folder(bench);
    ESC_CLEANUP(esc_freep) char *work = esc_path_join(folder, ".work");
    enum esc_status status = esc_file_make_folder(folder, err);
    if (status == ESC_OK)
        status = esc_snapshot_begin(bench->store, work, ESCHER_VERSION, &making->snapshot, err);
    return status;
}

void work_backups_make(struct esc_api_call *call)
{
    struct esc_error err;
    if (call->bench->backup) {
        (void)esc_fail(&err, ESC_CONFLICT, "a backup is under way already; this one did not start");
        work_fail(call, &err);
        return;
    }
    struct making *making = esc_alloc_zero(sizeof *making);
    making->call = call;
    making->gone = esc_json_array();
    making->began_ms = esc_clock_monotonic_ms(call->bench->clock);
    call->bench->backup = call;
    call->state = making;
    call->cancel = cancel;
    tell_end(call, "backup.started", NULL, NULL);
    if (begin(making, &making->err) != ESC_OK)
        fail(making);
    else
        making->timer = esc_timer_start(call->bench->loop, 0, copy_step, making);
}
