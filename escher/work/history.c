/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/history_private.h"

#include "escher/base/alloc.h"
#include "escher/base/log.h"
#include "escher/store/document.h"

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
    return esc_store_doc_put(bench->store, HISTORY_COLLECTION, key, document, err);
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
        esc_store_docs(bench->store, HISTORY_COLLECTION, note_old, &pruning, NULL, &err);
    if (status == ESC_OK)
        status = esc_store_begin(bench->store, &err);
    for (size_t i = 0; i < pruning.keys.count && status == ESC_OK; i++)
        status = esc_store_doc_del(bench->store, HISTORY_COLLECTION, pruning.keys.items[i], &err);
    if (status == ESC_OK)
        status = esc_store_commit(bench->store, &err);
    else
        esc_store_rollback(bench->store);
    if (status != ESC_OK)
        esc_log(ESC_WARN, "old changes stay", F("why", err.message));
    esc_list_done(&pruning.keys);
}
