/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/work/history_private.h"
#include "escher/work/schedule_private.h"
#include "escher/work/sync_private.h"

/*
 * The end of a sync:
 *
 *     all is kept ─▶ looks, rows judged again ─▶ summary, no journal ─▶ the index is mended ─▶ answer
 *                    (permission_sync.c)                                (index_mend.c)
 */

static struct esc_json *result_page(const struct sync *sync, const struct esc_estate_change *sum)
{
    struct esc_json *body = esc_json_object();
    const size_t added = sync->before.added + sum->added,
                 changed = sync->before.changed + sum->changed,
                 unchanged = sync->before.unchanged + sum->unchanged;
    esc_json_set_text(body, "sync_id", sync->id);
    esc_json_set_text(body, "kind", sync_kind_text(sync->scope.kind));
    esc_json_set_int(body, "resources", (int64_t)(added + changed + unchanged));
    esc_json_set_int(body, "added", (int64_t)added);
    esc_json_set_int(body, "changed", (int64_t)changed);
    esc_json_set_int(body, "removed", (int64_t)sync->removed);
    esc_json_set_int(body, "cells_ok", (int64_t)sync->cells_ok);
    esc_json_set_int(body, "calls", sync->summary.call_count);
    esc_json_set_int(body, "took_ms", (int64_t)sync->summary.took_ms);
    if (sync->places_resumed)
        esc_json_set_int(body, "places_resumed", (int64_t)sync->places_resumed);
    if (sync->places_known)
        esc_json_set_int(body, "places_known", (int64_t)sync->places_known);
    if (work_keeper_wordless(sync->keeper))
        esc_json_set_int(body, "wordless", (int64_t)work_keeper_wordless(sync->keeper));
    esc_json_set(body, "cells", esc_json_ref(sync->pages));
    return body;
}

/* The journal is gone, and the index is as the store. */
static void mended(void *context)
{
    struct sync *sync = context;
    struct esc_api_call *call = sync->call;
    struct esc_workbench *bench = sync->bench;
    struct esc_json *body = ESC_STEAL(sync->body);
    const bool whole = sync->cells_ok == esc_json_len(sync->pages);
    work_index_see(bench);
    work_history_prune(bench, work_schedule_history_days(bench));
    work_schedule_note(bench, call, ESC_OK);
    sync_free(sync);
    if (!whole)
        esc_json_set_text(body, "message", "some of the estate could not be seen");
    work_done(call, whole ? ESC_OK : ESC_PARTIAL, body);
}

/* Permissions are judged again where that took a look at what was found. A sync that was cancelled
 * meanwhile has looked at some of it only: its journal stays for whoever goes on. */
static void finish(void *context)
{
    struct sync *sync = context;
    sync->permissions = NULL;
    enum esc_status status = ESC_OK;
    if (sync->call->cancelled)
        status = esc_fail(&sync->failure, ESC_CANCELLED, "cancelled; what was kept before stays");
    if (status == ESC_OK)
        status = sync_journal_end(sync, sync->body, &sync->failure);
    if (status == ESC_OK)
        sync->mending = work_index_mend(sync->bench, mended, sync);
    else
        sync_fail(sync);
}

void sync_fail(struct sync *sync)
{
    struct esc_api_call *call = sync->call;
    const struct esc_error err = sync->failure;
    work_permissions_free(sync->permissions);
    esc_json_free(ESC_STEAL(sync->body));
    work_schedule_note(sync->bench, call, err.status);
    sync_free(sync);
    work_fail(call, &err);
}

void sync_kept(void *context, enum esc_status status, const struct esc_estate_change *sum,
               const struct esc_error *failure)
{
    struct sync *sync = context;
    sync->failure = *failure;
    if (status == ESC_OK && sync->summary.cancelled)
        status = esc_fail(&sync->failure, ESC_CANCELLED, "the scan was cancelled");
    if (status == ESC_OK)
        sync->body = result_page(sync, sum);
    sync->keeper = NULL;
    if (status == ESC_OK)
        work_permissions_finish(sync->permissions, finish);
    else if (sync->is_permitted)
        sync_fail(sync);
}
