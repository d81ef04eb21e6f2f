/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/store/document.h"
#include "escher/work/backup_private.h"

#define RECORDS "backups"
#define SCHEDULE "backup_schedule"
#define LOCAL "local"

enum {
    STALE_DAYS = 3, /* of a newest backup, before somebody is warned */
};

char *backup_folder(const struct esc_workbench *bench)
{
    return esc_path_join(bench->paths.data, "backups");
}

char *backup_path(const struct esc_workbench *bench, const char *name)
{
    ESC_CLEANUP(esc_freep) char *folder = backup_folder(bench);
    return esc_path_join(folder, name);
}

void backup_free_name(const struct esc_workbench *bench, uint64_t made_at_ms, char out[BACKUP_NAME])
{
    for (unsigned number = 1;; number++) {
        backup_name(made_at_ms, esc_store_id(bench->store), number, out);
        ESC_CLEANUP(esc_freep) char *path = backup_path(bench, out);
        if (!esc_file_exists(path))
            return;
    }
}

/* Records */

struct esc_json *backup_entry(const struct esc_workbench *bench, const char *name,
                              const struct esc_backup_facts *facts)
{
    struct esc_json *entry = esc_json_object();
    esc_json_set_text(entry, "name", name);
    esc_json_set_time(entry, "at", facts->made_at_ms);
    work_add_age(bench, entry, esc_json_str(entry, "at", NULL));
    esc_json_set_int(entry, "size", (int64_t)facts->size);
    esc_json_set_text(entry, "store_id", facts->store_id);
    esc_json_set_int(entry, "kek", facts->kek);
    esc_json_set_bool(entry, "verified", false);
    return entry;
}

/* What a test has found, as it is kept and shown. */
static void add_findings(struct esc_json *page, const struct esc_backup_facts *facts,
                         uint64_t now_ms)
{
    esc_json_set_int(page, "rows", (int64_t)facts->rows);
    esc_json_set_int(page, "records", (int64_t)facts->records);
    esc_json_set_text(page, "audit_hash", facts->audit_hash);
    esc_json_set_text(page, "sha256", facts->sha256);
    esc_json_set_time(page, "verified_at", now_ms);
}

enum esc_status backup_record(struct esc_workbench *bench, const char *name,
                              const struct esc_backup_facts *facts, struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *record = esc_json_object(), *old = NULL;
    esc_json_set_text(record, "id", facts->id);
    esc_json_set_int(record, "made_at_ms", (int64_t)facts->made_at_ms);
    esc_json_set_int(record, "size", (int64_t)facts->size);
    add_findings(record, facts, esc_clock_wall_ms(bench->clock));
    if (esc_store_doc_get(bench->store, RECORDS, name, &old, NULL) == ESC_OK &&
        esc_text_equal(esc_json_str(old, "sha256", ""), facts->sha256) &&
        esc_json_member(old, "places"))
        esc_json_set(record, "places", esc_json_copy(esc_json_member(old, "places")));
    return esc_store_doc_put(bench->store, RECORDS, name, record, err);
}

enum esc_status backup_unrecord(struct esc_workbench *bench, const char *name,
                                struct esc_error *err)
{
    return esc_store_doc_del(bench->store, RECORDS, name, err);
}

enum esc_status backup_record_place(struct esc_workbench *bench, const char *name,
                                    const char *place, struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *record = NULL;
    enum esc_status status = esc_store_doc_get(bench->store, RECORDS, name, &record, err);
    if (status != ESC_OK)
        return status;
    if (!esc_json_member(record, "places"))
        esc_json_set(record, "places", esc_json_object());
    esc_json_set_time(esc_json_get_mutable(record, "places"), place,
                      esc_clock_wall_ms(bench->clock));
    return esc_store_doc_put(bench->store, RECORDS, name, record, err);
}

/* The list */

/* Adds what is on record, when that is of this very file. */
static void add_record(const struct esc_workbench *bench, const char *name,
                       const struct esc_backup_facts *facts, struct esc_json *entry)
{
    static const char *const shown[] = {"rows", "records", "sha256", "verified_at", "places"};
    ESC_CLEANUP(esc_json_freep) struct esc_json *record = NULL;
    if (esc_store_doc_get(bench->store, RECORDS, name, &record, NULL) != ESC_OK ||
        !esc_text_equal(esc_json_str(record, "id", ""), facts->id) ||
        esc_json_num(record, "size", -1) != (int64_t)facts->size)
        return;
    esc_json_set_bool(entry, "verified", true);
    esc_json_set_time(entry, "at",
                      (uint64_t)esc_json_num(record, "made_at_ms", 0)); /* not the file's word */
    for (size_t i = 0; i < ESC_COUNT(shown); i++) {
        const struct esc_json *value = esc_json_member(record, shown[i]);
        if (value)
            esc_json_set(entry, shown[i], esc_json_copy(value));
    }
}

/* What is called like a backup; one whose head is damaged is in the list, too. */
static struct esc_json *entry_of(const struct esc_workbench *bench, const char *name)
{
    struct esc_backup_facts facts = {0};
    struct esc_error why;
    uint64_t at_ms;
    char store_id[ESC_UUID_TEXT];
    if (!backup_name_read(esc_str_of(name), &at_ms, store_id))
        return NULL;
    ESC_CLEANUP(esc_freep) char *path = backup_path(bench, name);
    const enum esc_status status = esc_backup_peek(path, &facts, NULL, &why);
    if (status != ESC_OK) {
        facts.made_at_ms = at_ms;
        memcpy(facts.store_id, store_id, sizeof facts.store_id);
    }
    struct esc_json *entry = backup_entry(bench, name, &facts);
    if (status == ESC_OK)
        add_record(bench, name, &facts, entry);
    else
        esc_json_set_text(entry, "message", why.message);
    return entry;
}

static uint64_t time_of(const struct esc_json *entry)
{
    uint64_t at_ms = 0;
    (void)esc_time_parse(esc_str_of(esc_json_str(entry, "at", "")), &at_ms); /* we wrote it */
    return at_ms;
}

/* The newest first; of one moment the second has a longer name. */
static int by_time(const void *a, const void *b)
{
    const uint64_t left = time_of(a), right = time_of(b);
    const char *left_name = esc_json_str(a, "name", ""), *right_name = esc_json_str(b, "name", "");
    const size_t left_len = strlen(left_name), right_len = strlen(right_name);
    if (left != right)
        return left < right ? 1 : -1;
    if (left_len != right_len)
        return left_len < right_len ? 1 : -1;
    return strcmp(right_name, left_name);
}

enum esc_status backup_list(const struct esc_workbench *bench, struct esc_json **out,
                            struct esc_error *err)
{
    struct esc_list names, entries;
    ESC_CLEANUP(esc_freep) char *folder = backup_folder(bench);
    esc_list_init(&names, free);
    esc_list_init(&entries, NULL);
    enum esc_status status = esc_file_list(folder, &names, err);
    if (status == ESC_NOT_FOUND)
        status = ESC_OK;
    for (size_t i = 0; status == ESC_OK && i < names.count; i++) {
        struct esc_json *entry = entry_of(bench, names.items[i]);
        if (entry)
            esc_list_push(&entries, entry);
    }
    esc_list_sort(&entries, by_time);
    if (status == ESC_OK) {
        *out = esc_json_array();
        for (size_t i = 0; i < entries.count; i++)
            esc_json_push(*out, entries.items[i]);
    }
    esc_list_done(&entries);
    esc_list_done(&names);
    return status;
}

/* What goes */

static enum esc_status remove_backup(struct esc_workbench *bench, const char *name,
                                     struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *path = backup_path(bench, name);
    const enum esc_status status = esc_file_remove(path, err);
    return status == ESC_OK ? backup_unrecord(bench, name, err) : status;
}

enum esc_status backup_prune(struct esc_workbench *bench, struct esc_json *gone,
                             struct esc_error *err)
{
    struct backup_history history;
    ESC_CLEANUP(esc_json_freep) struct esc_json *list = NULL;
    enum esc_status status = backup_list(bench, &list, err);
    if (status != ESC_OK)
        return status;
    const size_t count = esc_json_len(list);
    ESC_CLEANUP(esc_freep) struct backup_item *items = esc_alloc_array(count + 1, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        const struct esc_json *entry = esc_json_at(list, i);
        const bool ours =
            esc_text_equal(esc_json_str(entry, "store_id", ""), esc_store_id(bench->store));
        items[i] =
            (struct backup_item){.name = esc_json_str(entry, "name", ""),
                                 .made_at_ms = time_of(entry),
                                 .is_verified = ours && esc_json_flag(entry, "verified", false)};
    }
    backup_history_load(bench, &history);
    backup_retain(items, count, esc_clock_wall_ms(bench->clock), history.failures > 0,
                  &backup_policy_local);
    for (size_t i = 0; status == ESC_OK && i < count; i++) {
        if (!items[i].goes)
            continue;
        status = remove_backup(bench, items[i].name, err);
        if (status == ESC_OK)
            esc_json_push_text(gone, items[i].name);
    }
    return status;
}

/* The schedule's memory */

void backup_history_load(const struct esc_workbench *bench, struct backup_history *out)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = NULL;
    *out = (struct backup_history){0};
    if (esc_store_doc_get(bench->store, SCHEDULE, LOCAL, &page, NULL) != ESC_OK)
        return; /* never tried; or damaged, then it is due */
    out->last_ok_ms = (uint64_t)esc_json_num(page, "last_ok_ms", 0);
    out->last_try_ms = (uint64_t)esc_json_num(page, "last_try_ms", 0);
    out->failures = (unsigned)esc_json_num(page, "failures", 0);
}

enum esc_status backup_history_note(struct esc_workbench *bench, uint64_t made_at_ms,
                                    const char *failure, struct esc_error *err)
{
    struct backup_history history;
    const uint64_t now_ms = esc_clock_wall_ms(bench->clock);
    backup_history_load(bench, &history);
    history.last_try_ms = now_ms;
    history.failures = failure ? history.failures + 1 : 0;
    if (!failure)
        history.last_ok_ms = made_at_ms;
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = esc_json_object();
    esc_json_set_int(page, "last_ok_ms", (int64_t)history.last_ok_ms);
    esc_json_set_int(page, "last_try_ms", (int64_t)history.last_try_ms);
    esc_json_set_int(page, "failures", history.failures);
    esc_json_set_int(page, "due_at_ms", (int64_t)backup_due_ms(&history, now_ms));
    if (failure)
        esc_json_set_text(page, "failure", failure);
    return esc_store_doc_put(bench->store, SCHEDULE, LOCAL, page, err);
}

/* What others are shown */

const struct esc_json *backup_newest(const struct esc_workbench *bench, const struct esc_json *list,
                                     size_t *count)
{
    const uint64_t now_ms = esc_clock_wall_ms(bench->clock);
    const struct esc_json *newest = NULL;
    size_t verified = 0;
    for (size_t i = 0; i < esc_json_len(list); i++) {
        const struct esc_json *entry = esc_json_at(list, i);
        if (!esc_json_flag(entry, "verified", false) || time_of(entry) > now_ms)
            continue;
        newest = newest ? newest : entry;
        verified++;
    }
    if (count)
        *count = verified;
    return newest;
}

static void add_warning(const struct esc_workbench *bench, const struct esc_json *newest,
                        const char *failure, struct esc_json *page)
{
    const uint64_t now_ms = esc_clock_wall_ms(bench->clock);
    const uint64_t stale_ms = (uint64_t)STALE_DAYS * 24 * 3'600'000;
    struct esc_buf text;
    esc_buf_init(&text, 1024);
    if (!newest)
        esc_buf_add_text(&text, "there is no backup that was restored on trial");
    else if (now_ms > time_of(newest) && now_ms - time_of(newest) > stale_ms)
        esc_buf_printf(&text, "the newest backup was made %s",
                       esc_json_str(newest, "age", "long ago"));
    if (failure)
        esc_buf_printf(&text, "%sthe last one failed: %s", text.len ? "; " : "", failure);
    if (text.len)
        esc_json_set_str(page, "warning", esc_buf_str(&text));
    esc_buf_done(&text);
}

void backup_note_place(struct esc_workbench *bench, const char *place, const char *failure)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = esc_json_object();
    if (failure)
        esc_json_set_text(page, "failure", failure);
    (void)esc_store_doc_put(bench->store, SCHEDULE, place, page, NULL); /* it is but said */
}

/* The other places that are set up, and whether they have the newest. */
static struct esc_json *places_page(struct esc_workbench *bench, const struct esc_json *newest)
{
    struct esc_json *places = esc_json_array();
    for (size_t i = 0; bench->places[i]; i++) {
        const struct backup_place *place = bench->places[i];
        ESC_CLEANUP(esc_json_freep) struct esc_json *noted = NULL;
        if (!place->is_set_up(bench))
            continue;
        const bool has = esc_json_member(esc_json_member(newest, "places"), place->name) != NULL;
        struct esc_json *page = esc_json_object();
        esc_json_set_text(page, "name", place->name);
        esc_json_set_bool(page, "ok", has);
        (void)esc_store_doc_get(bench->store, SCHEDULE, place->name, &noted, NULL); /* else NULL */
        const char *failure = esc_json_str(noted, "failure", NULL);
        if (!has)
            esc_json_set_text(page, "message", failure ? failure : "has not been tried yet");
        esc_json_push(places, page);
    }
    return places;
}

struct esc_json *work_backup_page(struct esc_workbench *bench)
{
    size_t verified = 0;
    struct backup_history history;
    struct esc_error err;
    struct esc_json *page = esc_json_object();
    ESC_CLEANUP(esc_json_freep) struct esc_json *list = NULL, *schedule = NULL;
    const enum esc_status status = backup_list(bench, &list, &err);
    const struct esc_json *newest = backup_newest(bench, list, &verified);
    esc_json_set_int(page, "verified", (int64_t)verified);
    if (newest) {
        esc_json_set_text(page, "name", esc_json_str(newest, "name", ""));
        esc_json_set_text(page, "at", esc_json_str(newest, "at", ""));
        esc_json_set_text(page, "age", esc_json_str(newest, "age", ""));
    }
    backup_history_load(bench, &history);
    esc_json_set(page, "places", places_page(bench, newest));
    esc_json_set_time(page, "due_at", backup_due_ms(&history, esc_clock_wall_ms(bench->clock)));
    (void)esc_store_doc_get(bench->store, SCHEDULE, LOCAL, &schedule, NULL); /* else NULL */
    add_warning(bench, newest,
                status == ESC_OK ? esc_json_str(schedule, "failure", NULL) : err.message, page);
    return page;
}

void work_backups_list(struct esc_api_call *call)
{
    struct esc_error err;
    struct esc_json *list = NULL;
    if (backup_list(call->bench, &list, &err) != ESC_OK) {
        work_fail(call, &err);
        return;
    }
    ESC_CLEANUP(esc_freep) char *folder = backup_folder(call->bench);
    struct esc_json *body = esc_json_object();
    esc_json_set(body, "backups", list);
    esc_json_set_text(body, "folder", folder);
    esc_json_set(body, "backup", work_backup_page(call->bench));
    work_ok(call, body);
}
