/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/log.h"
#include "escher/work/backup_private.h"

/*
 * From the list of places to one after the other: those that are set up and lack the backup.
 *
 *     start ─posted─▶ next ─put─▶ done ─▶ next ... ─▶ none is left: told
 */
struct backup_upload {
    struct esc_api_call *call;
    char *name, *path, *sha256;
    struct backup_object object;
    struct esc_json *entry; /* of the list */
    size_t index;           /* of the place that is next */
    const struct backup_place *place;
    struct backup_transfer *transfer; /* under way, or NULL */
    struct esc_json *places;
    bool is_cancelled;
    backup_upload_fn *done;
    void *context;
};

static bool lacks(const struct esc_json *entry, const char *place)
{
    return !esc_json_member(esc_json_member(entry, "places"), place);
}

bool backup_upload_is_wanted(struct esc_workbench *bench, const struct esc_json *entry)
{
    for (size_t i = 0; bench->places[i]; i++) {
        if (bench->places[i]->is_set_up(bench) && lacks(entry, bench->places[i]->name))
            return true;
    }
    return false;
}

static void end(struct backup_upload *upload)
{
    backup_upload_fn *done = upload->done;
    void *context = upload->context;
    struct esc_json *places = ESC_STEAL(upload->places);
    esc_json_free(upload->entry);
    free(upload->name);
    free(upload->path);
    free(upload->sha256);
    free(upload);
    done(context, places);
}

static void next(void *context);

static void take_progress(void *context, uint64_t done, uint64_t total)
{
    struct backup_upload *upload = context;
    struct esc_json *event = work_event_new("backup.progress", upload->name);
    struct esc_json *data = esc_json_object();
    esc_json_set_text(data, "phase", "upload");
    esc_json_set_int(data, "done", (int64_t)done);
    esc_json_set_int(data, "total", (int64_t)total);
    esc_json_set_text(data, "place", upload->place->name);
    esc_json_set(event, "data", data);
    work_event(upload->call, event);
}

static void put(void *context, const struct esc_json *, const struct esc_error *failure)
{
    struct backup_upload *upload = context;
    struct esc_error err;
    struct esc_json *page = esc_json_object();
    upload->transfer = NULL;
    if (!failure &&
        backup_record_place(upload->call->bench, upload->name, upload->place->name, &err) != ESC_OK)
        failure = &err;
    backup_note_place(upload->call->bench, upload->place->name, failure ? failure->message : NULL);
    esc_json_set_text(page, "name", upload->place->name);
    esc_json_set_bool(page, "ok", !failure);
    if (failure)
        esc_json_set_text(page, "message", failure->message);
    esc_json_push(upload->places, page);
    esc_loop_post(upload->call->bench->loop, next, upload);
}

static void next(void *context)
{
    struct backup_upload *upload = context;
    struct esc_workbench *bench = upload->call->bench;
    const struct backup_watch watch = {take_progress, put, upload};
    const struct backup_place *place;
    while ((place = bench->places[upload->index]) != NULL) {
        upload->index++;
        if (upload->is_cancelled || !place->is_set_up(bench) || !lacks(upload->entry, place->name))
            continue;
        upload->place = place;
        upload->transfer = place->put(bench, upload->call->environment, &upload->object, &watch);
        return;
    }
    end(upload);
}

static struct esc_json *find_entry(const struct esc_workbench *bench, const char *name)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *list = NULL;
    if (backup_list(bench, &list, NULL) != ESC_OK)
        return NULL;
    for (size_t i = 0; i < esc_json_len(list); i++) {
        if (esc_text_equal(esc_json_str(esc_json_at(list, i), "name", ""), name))
            return esc_json_copy(esc_json_at(list, i));
    }
    return NULL;
}

struct backup_upload *backup_upload_start(struct esc_api_call *call, const char *name,
                                          backup_upload_fn *done, void *context)
{
    struct backup_upload *upload = esc_alloc_zero(sizeof *upload);
    upload->call = call;
    upload->done = done;
    upload->context = context;
    upload->places = esc_json_array();
    upload->name = esc_strdup(name);
    upload->path = backup_path(call->bench, name);
    upload->entry = find_entry(call->bench, name);
    upload->sha256 = esc_strdup(esc_json_str(upload->entry, "sha256", ""));
    uint64_t made_at_ms = 0;
    (void)esc_time_parse(esc_str_of(esc_json_str(upload->entry, "at", "")),
                         &made_at_ms); /* we wrote it */
    upload->object =
        (struct backup_object){.name = upload->name,
                               .path = upload->path,
                               .size = (uint64_t)esc_json_num(upload->entry, "size", 0),
                               .sha256 = upload->sha256,
                               .made_at_ms = made_at_ms};
    if (!esc_json_flag(upload->entry, "verified", false))
        upload->is_cancelled = true; /* it went away meanwhile, or cannot be listed */
    esc_loop_post(call->bench->loop, next, upload);
    return upload;
}

void backup_upload_cancel(struct backup_upload *upload)
{
    upload->is_cancelled = true;
    if (upload->transfer)
        upload->place->cancel(upload->transfer);
}

enum esc_status backup_set_places(struct esc_json *body, struct esc_json *places)
{
    enum esc_status status = ESC_OK;
    for (size_t i = 0; i < esc_json_len(places); i++) {
        if (!esc_json_flag(esc_json_at(places, i), "ok", false))
            status = ESC_PARTIAL;
    }
    if (status != ESC_OK)
        esc_json_set_text(body, "message", "the backup is here, and not everywhere it belongs");
    esc_json_set(body, "places", places);
    return status;
}

/* The newest backup once more to those who lack it. */

static void uploaded(void *context, struct esc_json *places)
{
    struct esc_json *body = esc_json_object();
    const enum esc_status status = backup_set_places(body, places);
    work_done(context, status, body);
}

static void cancel(struct esc_api_call *call)
{
    backup_upload_cancel(call->state);
}

void work_backups_upload(struct esc_api_call *call)
{
    struct esc_error err;
    ESC_CLEANUP(esc_json_freep) struct esc_json *list = NULL;
    enum esc_status status = backup_list(call->bench, &list, &err);
    const struct esc_json *newest = backup_newest(call->bench, list, NULL);
    if (status == ESC_OK && !newest)
        status =
            esc_fail(&err, ESC_NOT_FOUND, "there is no backup yet; `escher backup now` makes one");
    if (status != ESC_OK) {
        work_fail(call, &err);
        return;
    }
    call->state = backup_upload_start(call, esc_json_str(newest, "name", ""), uploaded, call);
    call->cancel = cancel;
}
