/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/history_private.h"

#include "escher/base/alloc.h"
#include "escher/base/log.h"
#include "escher/store/document.h"
#include "escher/work/chat_private.h"

#define COLLECTION "changes"

enum {
    MOST_OF_ONE = 500,   /* changes of a resource that are told */
    MOST_AT_ONCE = 1000, /* of all */
    USUALLY = 100,
};
static const uint64_t day_ms = UINT64_C(86'400'000);

struct esc_json *work_history_entry(const char *id, const char *name, const char *what,
                                    struct esc_json *fields)
{
    struct esc_json *entry = esc_json_object();
    esc_json_set_text(entry, "id", id);
    esc_json_set_text(entry, "name", name);
    esc_json_set_text(entry, "what", what);
    esc_json_set(entry, "fields", fields);
    return entry;
}

enum esc_status work_history_put(struct esc_workbench *bench, const struct work_history_part *part,
                                 struct esc_error *err)
{
    char at[ESC_TIME_TEXT];
    const uint64_t now_ms = esc_clock_wall_ms(bench->clock);
    if (esc_json_len(part->changes) == 0)
        return ESC_OK;
    esc_time_format(now_ms, at);
    ESC_CLEANUP(esc_json_freep) struct esc_json *document = esc_json_object();
    esc_json_set_text(document, "sync_id", part->sync_id);
    esc_json_set_text(document, "kind", part->kind);
    esc_json_set_text(document, "at", at);
    esc_json_set_int(document, "at_ms", (int64_t)now_ms);
    esc_json_set(document, "changes", esc_json_copy(part->changes));
    ESC_CLEANUP(esc_freep)
    char *key =
        esc_sprintf("%020llu %s %06u", (unsigned long long)now_ms, part->sync_id, part->number);
    return esc_store_doc_put(bench->store, COLLECTION, key, document, err);
}

/* Reading: the documents come in their order, so what is asked for is gathered and turned round. */

struct gathering {
    const char *id; /* NULL: of all */
    uint64_t from_ms;
    struct esc_list found; /* struct esc_json *, the newest last */
};

static void free_json(void *json)
{
    esc_json_free(json);
}

static bool gather(void *context, const char *, const struct esc_json *document)
{
    struct gathering *gathering = context;
    const struct esc_json *changes = esc_json_member(document, "changes");
    if ((uint64_t)esc_json_num(document, "at_ms", 0) < gathering->from_ms)
        return true;
    for (size_t i = 0; i < esc_json_len(changes); i++) {
        const struct esc_json *change = esc_json_at(changes, i);
        if (gathering->id && !esc_text_equal(gathering->id, esc_json_str(change, "id", "")))
            continue;
        struct esc_json *page = esc_json_copy(change);
        esc_json_set_text(page, "at", esc_json_str(document, "at", ""));
        esc_json_set_text(page, "sync_id", esc_json_str(document, "sync_id", ""));
        esc_json_set_text(page, "kind", esc_json_str(document, "kind", ""));
        esc_list_push(&gathering->found, page);
    }
    return true;
}

/* The newest of what was gathered, with its age. */
static struct esc_json *newest_first(const struct esc_workbench *bench,
                                     const struct gathering *gathering, size_t most)
{
    struct esc_json *pages = esc_json_array();
    const struct esc_list *found = &gathering->found;
    for (size_t i = found->count; i > 0 && esc_json_len(pages) < most; i--) {
        struct esc_json *page = found->items[i - 1];
        work_add_age(bench, page, esc_json_str(page, "at", ""));
        esc_json_push(pages, esc_json_ref(page));
    }
    return pages;
}

static enum esc_status read(struct esc_workbench *bench, struct gathering *gathering, size_t most,
                            struct esc_json **out, struct esc_error *err)
{
    esc_list_init(&gathering->found, free_json);
    const enum esc_status status =
        esc_store_docs(bench->store, COLLECTION, gather, gathering, NULL, err);
    if (status == ESC_OK)
        *out = newest_first(bench, gathering, most);
    return status;
}

enum esc_status work_history_of(struct esc_workbench *bench, const char *id, struct esc_json **out,
                                struct esc_error *err)
{
    struct gathering gathering = {.id = id};
    const enum esc_status status = read(bench, &gathering, MOST_OF_ONE, out, err);
    esc_list_done(&gathering.found);
    return status;
}

void work_changes(struct esc_api_call *call)
{
    struct esc_workbench *bench = call->bench;
    struct gathering gathering = {0};
    struct esc_json *changes = NULL;
    struct esc_error err;
    const char *since = work_text(call, "since");
    const int64_t asked = esc_json_num(call->args, "n", USUALLY);
    const size_t most = asked < 1 ? 1 : asked > MOST_AT_ONCE ? MOST_AT_ONCE : (size_t)asked;
    enum esc_status status = ESC_OK;
    if (since)
        status = chat_read_time(since, esc_clock_wall_ms(bench->clock), &gathering.from_ms, &err);
    if (status == ESC_OK)
        status = read(bench, &gathering, most, &changes, &err);
    if (status != ESC_OK) {
        esc_list_done(&gathering.found);
        work_fail(call, &err);
        return;
    }
    struct esc_json *body = esc_json_object();
    esc_json_set_int(body, "total", (int64_t)gathering.found.count);
    esc_json_set(body, "changes", changes);
    esc_list_done(&gathering.found);
    work_ok(call, body);
}

/* Retention */

struct pruning {
    uint64_t before_ms;
    struct esc_list keys; /* char * */
};

static bool note_old(void *context, const char *key, const struct esc_json *document)
{
    struct pruning *pruning = context;
    if ((uint64_t)esc_json_num(document, "at_ms", 0) >= pruning->before_ms)
        return false; /* what follows is younger, but for clocks that went back */
    esc_list_push(&pruning->keys, esc_strdup(key));
    return true;
}

/* A clock that is wrong must not cost anything: it has to say so on two days. */
static bool is_time_to(struct esc_workbench *bench, uint64_t now_ms)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = NULL;
    (void)esc_store_doc_get(bench->store, "syncs", "pruned", &page,
                            NULL); /* none: the first time */
    const uint64_t last_ms = (uint64_t)esc_json_num(page, "at_ms", 0);
    if (last_ms && now_ms >= last_ms && now_ms - last_ms < day_ms)
        return false;
    ESC_CLEANUP(esc_json_freep) struct esc_json *now = esc_json_object();
    esc_json_set_int(now, "at_ms", (int64_t)now_ms);
    return esc_store_doc_put(bench->store, "syncs", "pruned", now, NULL) == ESC_OK && last_ms &&
           now_ms >= last_ms && now_ms - last_ms < 7 * day_ms;
}

void work_history_prune(struct esc_workbench *bench, uint64_t days)
{
    const uint64_t now_ms = esc_clock_wall_ms(bench->clock);
    struct esc_error err;
    if (now_ms < days * day_ms || !is_time_to(bench, now_ms))
        return;
    struct pruning pruning = {.before_ms = now_ms - days * day_ms};
    esc_list_init(&pruning.keys, free);
    enum esc_status status =
        esc_store_docs(bench->store, COLLECTION, note_old, &pruning, NULL, &err);
    if (status == ESC_OK)
        status = esc_store_begin(bench->store, &err);
    for (size_t i = 0; i < pruning.keys.count && status == ESC_OK; i++)
        status = esc_store_doc_del(bench->store, COLLECTION, pruning.keys.items[i], &err);
    if (status == ESC_OK)
        status = esc_store_commit(bench->store, &err);
    else
        esc_store_rollback(bench->store);
    if (status != ESC_OK)
        esc_log(ESC_WARN, "old changes stay", F("why", err.message));
    esc_list_done(&pruning.keys);
}
