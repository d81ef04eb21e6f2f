/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/log.h"
#include "escher/store/runs.h"
#include "escher/work/run_private.h"

/*
 * The two ends of a core's life: runs under way are left to their helpers, and what an earlier
 * life left is taken up. Taking up settles what was in flight and changes nothing more:
 *
 *     stored without an outcome ──readable──▶ settled ─▶ a change is left: outcome "interrupted"
 *                               │                    └─▶ none: waits, verification, outcome
 *                               └──not──────▶ outcome "unknown", with why; the others go on
 */

struct unfinished {
    struct esc_list ids, documents; /* char *, struct esc_json * */
};

static bool note_unfinished(void *context, const char *id, const struct esc_json *document)
{
    struct unfinished *unfinished = context;
    if (!esc_json_member(document, "outcome")) {
        esc_list_push(&unfinished->ids, esc_strdup(id));
        esc_list_push(&unfinished->documents, esc_json_copy(document));
    }
    return true;
}

static void free_document(void *document)
{
    esc_json_free(document);
}

static enum esc_status take_up(struct esc_workbench *bench, const struct esc_json *document,
                               struct esc_error *err)
{
    struct work_run *run = esc_alloc_zero(sizeof *run);
    run->bench = bench;
    run->environment = esc_aws_environment_of_process();
    run->verification = esc_json_array();
    enum esc_status status = esc_run_from_json(esc_json_get(document, "run"), &run->run, err);
    if (status == ESC_OK)
        status = esc_store_plan_get(bench->store, esc_json_str(document, "plan_hash", ""),
                                    &run->kept, err);
    run->key = work_run_key(document);
    const struct esc_json *captures = esc_json_get(document, "captures");
    run->captures = captures ? esc_json_copy(captures) : NULL;
    if (status == ESC_OK && !run->key)
        status = esc_fail(err, ESC_CORRUPT, "a run without its key");
    if (status != ESC_OK) {
        work_run_free(run);
        return status;
    }
    run->folder = esc_path_join(bench->paths.runs, run->run->id);
    return work_run_start(run, true, err);
}

/* Nobody will ever know what became of it; that is said once and for all. */
static enum esc_status close_unreadable(struct esc_workbench *bench, const char *id,
                                        struct esc_json *document, const char *why,
                                        struct esc_error *err)
{
    ESC_CLEANUP(esc_freep)
    char *message =
        esc_sprintf("it was under way when the core ended, and cannot be read: %s", why);
    struct esc_json *detail = esc_json_object();
    esc_json_set_text(detail, "run_id", id);
    esc_json_set_text(detail, "why", why);
    esc_json_set_text(document, "outcome", "unknown");
    esc_json_set_text(document, "message", message);
    esc_log(ESC_ERROR, "a run cannot be taken up", F("run", id), F("why", why));
    enum esc_status status = esc_store_begin(bench->store, err);
    if (status == ESC_OK)
        status = esc_store_run_put(bench->store, id, document, err);
    if (status == ESC_OK)
        status = work_audit(bench, "ended", "unknown", ESC_STEAL(detail), err);
    esc_json_free(detail);
    if (status == ESC_OK)
        return esc_store_commit(bench->store, err);
    esc_store_rollback(bench->store);
    return status;
}

enum esc_status work_runs_take_up(struct esc_workbench *bench, struct esc_error *err)
{
    struct unfinished unfinished;
    esc_list_init(&unfinished.ids, free);
    esc_list_init(&unfinished.documents, free_document);
    enum esc_status status = esc_store_runs(bench->store, note_unfinished, &unfinished, NULL, err);
    for (size_t i = 0; status == ESC_OK && i < unfinished.documents.count; i++) {
        struct esc_error why;
        if (take_up(bench, unfinished.documents.items[i], &why) != ESC_OK)
            status = close_unreadable(bench, unfinished.ids.items[i], unfinished.documents.items[i],
                                      why.message, err);
    }
    esc_list_done(&unfinished.ids);
    esc_list_done(&unfinished.documents);
    return status;
}

void work_runs_leave(struct esc_workbench *bench)
{
    for (size_t i = bench->runs.count; i > 0; i--) /* each may take itself off the list */
        work_run_leave(bench->runs.items[i - 1]);
}
