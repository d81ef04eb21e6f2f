/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/map.h"
#include "escher/scan/walk.h"
#include "escher/store/document.h"
#include "escher/work/keep_private.h"

/*
 * A sync: the scan feeds the keeper; when both are over, complete cells lose what was not seen,
 * and the coverage goes on record.
 *
 *     scan ──batches──▶ keeper ──▶ store, index
 *       └────cells────▶ kept until then ──▶ cell_done, coverage
 *
 * There is one at a time. A person's sync waits for the small one that follows a run; a second of
 * theirs is refused.
 */
struct sync {
    struct esc_api_call *call;
    struct esc_scan *scan;
    struct work_keeper *keeper;
    struct esc_list accounts; /* struct esc_account *, copies: theirs may be removed meanwhile */
    const char *regions[2], *services[2];
    char id[ESC_UUID_TEXT];
    struct esc_list cells; /* struct cell * */
    struct esc_list gone;  /* char *, ids that the store has dropped */
    struct esc_scan_summary summary;
};

/* What is needed of a scan's cell once it is over. */
struct cell {
    char *account_id, *region;
    bool all_regions, complete;
    const char *resource_type; /* static; NULL: it lists none of its own */
    uint64_t at_ms;
    struct esc_json *page;
};

static void free_cell(void *item)
{
    struct cell *cell = item;
    free(cell->account_id);
    free(cell->region);
    esc_json_free(cell->page);
    free(cell);
}

static void free_account(void *account)
{
    esc_account_free(account);
}

static void sync_free(struct sync *sync)
{
    struct esc_workbench *bench = sync->call->bench;
    work_publish(bench, work_event_new("sync.done", sync->id));
    work_changed(bench, "estate");
    esc_list_done(&sync->cells);
    esc_list_done(&sync->gone);
    esc_list_done(&sync->accounts);
    free(sync);
    bench->syncing = bench->refreshing = false;
    while (bench->waiting_sync.count) /* the first begins, the others hear so */
        work_sync(esc_list_remove(&bench->waiting_sync, 0));
}

/* One call of the scan, through the AWS CLI. */
struct scan_call {
    esc_scan_answer_fn *done;
    void *token;
};

static void call_answered(void *context, const struct esc_aws_result *result,
                          const struct esc_error *err)
{
    struct scan_call *own = context;
    const struct scan_call call = *own;
    free(own);
    struct esc_scan_answer answer = {.category = ESC_CATEGORY_AUTH};
    if (result) {
        answer.category = result->category;
        answer.code = result->error_code;
        answer.message = result->error_message;
        answer.output = result->output;
    } else {
        const bool denied = err->status == ESC_BLOCKED || err->status == ESC_NOT_FOUND;
        answer.category = denied ? ESC_CATEGORY_AUTH : esc_error_category_of_status(err->status);
        answer.message = err->message;
    }
    call.done(call.token, &answer);
}

static void *make_call(void *context, const struct esc_scan_call *what, esc_scan_answer_fn *done,
                       void *token)
{
    struct sync *sync = context;
    struct scan_call *call = esc_alloc_zero(sizeof *call);
    call->done = done;
    call->token = token;
    const struct work_cloud_call cloud = {.account = what->account,
                                          .environment = sync->call->environment,
                                          .operation = what->operation,
                                          .params = what->params,
                                          .region = what->region,
                                          .session_name = "escher-scan"};
    return work_cloud_send(sync->call->bench, &cloud, call_answered, call);
}

static void cancel_call(void *, void *handle)
{
    work_cloud_cancel(handle);
}

static void take_batch(void *context, struct esc_resource *const *resources, size_t count)
{
    struct sync *sync = context;
    for (size_t i = 0; i < count; i++)
        work_keeper_add(sync->keeper, esc_resource_copy(resources[i]));
    if (work_keeper_has_failed(sync->keeper))
        esc_scan_cancel(sync->scan);
}

static void take_cell(void *context, const struct esc_scan_cell *seen)
{
    struct sync *sync = context;
    struct cell *cell = esc_alloc_zero(sizeof *cell);
    cell->account_id = esc_strdup(seen->account_id);
    cell->region = esc_strdup(seen->region);
    cell->all_regions = seen->all_regions;
    cell->complete = esc_scan_cell_is_complete(seen);
    cell->resource_type = seen->resource_type;
    cell->at_ms = seen->at_ms;
    cell->page = esc_scan_cell_to_json(seen);
    esc_list_push(&sync->cells, cell);
    struct esc_json *event = work_event_new("sync.cell", sync->id);
    esc_json_set(event, "data", esc_json_ref(cell->page));
    work_event(sync->call, event);
}

static void take_progress(void *context, const struct esc_scan_progress *progress)
{
    struct sync *sync = context;
    struct esc_json *event = work_event_new("sync.progress", sync->id);
    struct esc_json *data = esc_json_object();
    esc_json_set_int(data, "done", progress->calls_done);
    esc_json_set_int(data, "known", progress->calls_known);
    esc_json_set_int(data, "resources", (int64_t)progress->resource_count);
    esc_json_set_text(data, "account_name", progress->account_name);
    esc_json_set_text(data, "region", progress->region);
    esc_json_set_text(data, "service", progress->service);
    esc_json_set(event, "data", data);
    work_event(sync->call, event);
}

/* Rows of one type and region that a complete look did not see are gone. */
static enum esc_status close_cell(struct sync *sync, const struct cell *cell, const char *region,
                                  const char *type, struct esc_error *err)
{
    const struct esc_estate_cell closing = {.account_id = cell->account_id,
                                            .region = region,
                                            .resource_type = type,
                                            .sync_id = sync->id,
                                            .at_ms = cell->at_ms,
                                            .complete = cell->complete};
    return esc_store_cell_done(sync->call->bench->store, &closing, &sync->gone, err);
}

/* An answer for every region of an account closes each region the estate knows the type in. */
static enum esc_status close_all_regions(struct sync *sync, const struct cell *cell,
                                         const char *type, struct esc_error *err)
{
    const struct esc_index *index = sync->call->bench->index;
    struct esc_map *regions = esc_map_new(NULL);
    for (size_t i = 0; i < esc_index_count(index); i++) {
        const struct esc_card card = esc_index_at(index, i, NULL);
        if (esc_text_equal(card.resource_type, type) &&
            esc_text_equal(card.account_id, cell->account_id))
            esc_map_set(regions, esc_str_of(card.region), sync);
    }
    enum esc_status status = ESC_OK;
    struct esc_str region;
    for (size_t at = 0; status == ESC_OK && esc_map_next(regions, &at, &region, NULL);) {
        ESC_CLEANUP(esc_freep) char *name = esc_str_dup(region);
        status = close_cell(sync, cell, name, type, err);
    }
    esc_map_free(regions);
    return status;
}

static enum esc_status close_cells(struct sync *sync, struct esc_error *err)
{
    enum esc_status status = ESC_OK;
    for (size_t i = 0; status == ESC_OK && i < sync->cells.count; i++) {
        const struct cell *cell = sync->cells.items[i];
        if (cell->resource_type)
            status = cell->all_regions
                         ? close_all_regions(sync, cell, cell->resource_type, err)
                         : close_cell(sync, cell, cell->region, cell->resource_type, err);
        if (status != ESC_OK)
            break;
        ESC_CLEANUP(esc_freep)
        char *key = esc_sprintf("%s %s %s", cell->account_id, cell->region,
                                esc_json_str(cell->page, "operation", ""));
        status = esc_store_doc_put(sync->call->bench->store, "coverage", key, cell->page, err);
    }
    return status;
}

static struct esc_json *result_page(const struct sync *sync, const struct esc_estate_change *sum)
{
    struct esc_json *cells = esc_json_array();
    size_t well = 0;
    for (size_t i = 0; i < sync->cells.count; i++) {
        const struct cell *cell = sync->cells.items[i];
        esc_json_push(cells, esc_json_ref(cell->page));
        well += esc_text_equal(esc_json_str(cell->page, "state", ""), "ok");
    }
    struct esc_json *body = esc_json_object();
    esc_json_set_text(body, "sync_id", sync->id);
    esc_json_set_int(body, "resources", (int64_t)(sum->added + sum->changed + sum->unchanged));
    esc_json_set_int(body, "added", (int64_t)sum->added);
    esc_json_set_int(body, "changed", (int64_t)sum->changed);
    esc_json_set_int(body, "removed", (int64_t)sync->gone.count);
    esc_json_set_int(body, "cells_ok", (int64_t)well);
    esc_json_set_int(body, "calls", sync->summary.call_count);
    esc_json_set_int(body, "took_ms", (int64_t)sync->summary.took_ms);
    esc_json_set(body, "cells", cells);
    return body;
}

static enum esc_status record(struct sync *sync, const struct esc_json *body, struct esc_error *err)
{
    struct esc_workbench *bench = sync->call->bench;
    struct esc_json *summary = esc_json_copy(body);
    char now[ESC_TIME_TEXT];
    esc_time_format(esc_clock_wall_ms(bench->clock), now);
    esc_json_set_text(summary, "at", now);
    esc_json_remove(summary, "cells");
    const enum esc_status status = esc_store_doc_put(bench->store, "syncs", "last", summary, err);
    esc_json_free(summary);
    return status;
}

/* The index follows once the store has it for good. */
static enum esc_status conclude(struct sync *sync, const struct esc_estate_change *sum,
                                struct esc_json **body, struct esc_error *err)
{
    struct esc_workbench *bench = sync->call->bench;
    struct esc_store *store = bench->store;
    enum esc_status status = esc_store_begin(store, err);
    if (status != ESC_OK)
        return status;
    status = close_cells(sync, err);
    if (status == ESC_OK) {
        *body = result_page(sync, sum);
        status = record(sync, *body, err);
    }
    if (status == ESC_OK)
        status = esc_store_commit(store, err);
    else
        esc_store_rollback(store);
    for (size_t i = 0; status == ESC_OK && i < sync->gone.count; i++)
        (void)esc_index_remove(bench->index, sync->gone.items[i]); /* the store had it: it is in */
    if (status == ESC_OK)
        work_index_drop_lost(bench);
    if (status == ESC_OK && sync->gone.count)
        work_index_keep_later(bench);
    return status;
}

static void kept(void *context, enum esc_status status, const struct esc_estate_change *sum,
                 const struct esc_error *failure)
{
    struct sync *sync = context;
    struct esc_api_call *call = sync->call;
    struct esc_error err = *failure;
    struct esc_json *body = NULL;
    if (status == ESC_OK && sync->summary.cancelled)
        status = esc_fail(&err, ESC_CANCELLED, "the scan was cancelled");
    if (status == ESC_OK)
        status = conclude(sync, sum, &body, &err);
    if (status != ESC_OK) {
        esc_json_free(body);
        sync_free(sync);
        work_fail(call, &err);
        return;
    }
    const bool whole = (size_t)esc_json_num(body, "cells_ok", 0) == sync->cells.count;
    if (!whole)
        esc_json_set_text(body, "message", "some of the estate could not be seen");
    sync_free(sync);
    if (call->bench->unreadable)
        work_count_unreadable(call->bench);
    work_done(call, whole ? ESC_OK : ESC_PARTIAL, body);
}

static void scanned(void *context, const struct esc_scan_summary *summary)
{
    struct sync *sync = context;
    sync->scan = NULL;
    sync->summary = *summary;
    work_keeper_close(sync->keeper);
}

static void cancel_sync(struct esc_api_call *call)
{
    struct sync *sync = call->state;
    work_keeper_cancel(sync->keeper);
    if (sync->scan)
        esc_scan_cancel(sync->scan);
}

static enum esc_status choose_accounts(struct sync *sync, struct esc_error *err)
{
    const struct esc_workbench *bench = sync->call->bench;
    const char *wanted = work_text(sync->call, "account");
    if (bench->accounts.count == 0)
        return esc_fail(err, ESC_NOT_FOUND,
                        "no accounts yet; `escher accounts add --discover` finds them");
    for (size_t i = 0; i < bench->accounts.count; i++) {
        const struct esc_account *account = bench->accounts.items[i];
        if (!wanted || work_account_find(bench, wanted) == account)
            esc_list_push(&sync->accounts, esc_account_copy(account));
    }
    if (sync->accounts.count == 0)
        return esc_fail(err, ESC_NOT_FOUND, "no account `%s`", wanted);
    return ESC_OK;
}

/* More than there are cores gains nothing: one call of the CLI keeps a core busy. */
static unsigned worker_count(void)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores > 8 ? 8 : (unsigned)cores;
}

static enum esc_status start_scan(struct sync *sync, struct esc_error *err)
{
    struct esc_workbench *bench = sync->call->bench;
    sync->regions[0] = work_text(sync->call, "region");
    sync->services[0] = work_text(sync->call, "service");
    const struct esc_scan_options options = {
        .accounts = (const struct esc_account *const *)(uintptr_t)sync->accounts.items,
        .account_count = sync->accounts.count,
        .regions = sync->regions[0] ? sync->regions : NULL,
        .services = sync->services[0] ? sync->services : NULL,
        .workers = worker_count(),
        .max_attempts = 3,
        .backoff = {.base_ms = 500, .max_ms = 20'000},
        .sync_id = sync->id,
        .clock = bench->clock,
        .random = bench->random,
        .call = make_call,
        .cancel_call = cancel_call,
        .on_batch = take_batch,
        .on_cell = take_cell,
        .on_progress = take_progress,
        .done = scanned,
        .context = sync,
    };
    return esc_scan_start(bench->loop, &options, &sync->scan, err);
}

static void stop_waiting(struct esc_api_call *call)
{
    (void)esc_list_drop(&call->bench->waiting_sync, call);
    struct esc_error err;
    (void)esc_fail(&err, ESC_CANCELLED, "cancelled before it had begun");
    work_fail(call, &err);
}

/* Whether there is a sync already; then the call waits for it, or has been answered. */
static bool must_wait(struct esc_api_call *call)
{
    struct esc_error err;
    if (!call->bench->syncing)
        return false;
    if (call->bench->refreshing) {
        call->cancel = stop_waiting;
        esc_list_push(&call->bench->waiting_sync, call);
    } else {
        (void)esc_fail(&err, ESC_CONFLICT, "a sync is under way already; this one did not start");
        work_fail(call, &err);
    }
    return true;
}

void work_sync(struct esc_api_call *call)
{
    struct esc_workbench *bench = call->bench;
    struct esc_error err;
    if (must_wait(call))
        return;
    struct sync *sync = esc_alloc_zero(sizeof *sync);
    sync->call = call;
    esc_uuid_format(esc_uuid_v4(bench->random), sync->id);
    esc_list_init(&sync->cells, free_cell);
    esc_list_init(&sync->gone, free);
    esc_list_init(&sync->accounts, free_account);
    bench->syncing = true;
    bench->refreshing = call->refreshes;
    call->cancel = NULL;
    work_publish(bench, work_event_new("sync.started", sync->id));
    sync->keeper = work_keeper_new(bench, kept, sync);
    enum esc_status status = choose_accounts(sync, &err);
    if (status == ESC_OK)
        status = start_scan(sync, &err);
    if (status != ESC_OK) {
        work_keeper_discard(sync->keeper);
        sync_free(sync);
        work_fail(call, &err);
        return;
    }
    call->state = sync;
    call->cancel = cancel_sync;
}
