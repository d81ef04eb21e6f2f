/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/work/scan_call_private.h"
#include "escher/work/schedule_private.h"
#include "escher/work/sync_private.h"

/*
 * The sync under way: there is one at a time. A person's waits for the small one that follows a
 * run, and takes the place of one that the schedule has begun; a second of theirs is refused.
 */
enum {
    TELL_MS = 100,         /* between two tellings of how far it is */
    VECTORS_AWAITED = 128, /* that are made when all is seen: half a second of one core */
};

void sync_free(struct sync *sync)
{
    struct esc_workbench *bench = sync->bench;
    work_publish(bench, work_event_new("sync.done", sync->id));
    work_changed(bench, "estate");
    sync_scope_done(&sync->scope);
    sync_place_free(sync->place);
    esc_json_free(sync->pages);
    esc_json_free(sync->journal);
    work_protection_free(sync->protection);
    esc_map_free(sync->known_looks);
    esc_list_done(&sync->looked);
    free(sync);
    bench->syncing = bench->refreshing = false;
    bench->scheduled_sync = NULL;
    while (bench->waiting_sync.count) /* the first begins, the others hear so */
        work_sync(esc_list_remove(&bench->waiting_sync, 0));
}

static void *make_call(void *context, const struct esc_scan_call *what, esc_scan_answer_fn *done,
                       void *token)
{
    const struct sync *sync = context;
    const struct work_scan_way way = {sync->bench, sync->call->environment, sync->transport};
    return work_scan_call(&way, what, done, token);
}

static void cancel_call(void *, void *handle)
{
    work_cloud_cancel(handle);
}

/* What the scan brings */

static bool wants(void *context, const struct esc_account *account, const char *region,
                  const struct esc_scanner *scanner)
{
    const struct sync *sync = context;
    return (sync->scope.services || work_scan_is_there(scanner, region)) &&
           sync_scope_wants(&sync->scope, account, region, scanner);
}

static void take_batch(void *context, struct esc_resource *const *resources, size_t count)
{
    struct sync *sync = context;
    for (size_t i = 0; i < count; i++) {
        work_protection_note(sync->protection, resources[i]);
        work_keeper_add(sync->keeper, esc_resource_take(resources[i]));
    }
    if (work_keeper_has_failed(sync->keeper))
        esc_scan_cancel(sync->scan);
    else if (work_keeper_is_full(sync->keeper))
        esc_scan_pause(sync->scan, true);
}

static void take_detail(void *context, const struct esc_resource *resource,
                        const struct esc_operation *operation, const struct esc_json *output)
{
    const struct sync *sync = context;
    work_permissions_hear(sync->permissions, resource, operation, output);
}

static void take_cell(void *context, const struct esc_scan_cell *seen)
{
    struct sync *sync = context;
    if (!sync->place)
        sync->place = sync_place_new();
    sync_place_add(sync->place, seen);
}

static void take_place(void *context, const struct esc_scan_place_end *end)
{
    struct sync *sync = context;
    struct sync_place *place = ESC_STEAL(sync->place);
    if (!place)
        return;
    sync_place_name_it(place, end);
    work_keeper_mark(sync->keeper, place);
}

static enum esc_scan_known is_known(void *context, const struct esc_scan_place_end *place)
{
    return sync_known_is(context, place);
}

static bool heeds(void *, const char *resource_type)
{
    return sync_known_heeds(resource_type);
}

static void take_known(void *context, const struct esc_resource *resource)
{
    sync_known_take(context, resource);
}

/* What is to be called is not known before the lists are in, so the last sync that asked the same
 * says it; without one nobody says how long it takes. */
static void take_progress(void *context, const struct esc_scan_progress *progress)
{
    struct sync *sync = context;
    const uint64_t now_ms = esc_clock_monotonic_ms(sync->bench->clock);
    const uint64_t took_ms = now_ms - sync->started_ms;
    const unsigned left = progress->calls_known - progress->calls_done;
    const unsigned known =
        progress->calls_known > sync->expected ? progress->calls_known : sync->expected;
    sync->asked = progress->calls_done;
    if (left && progress->calls_done > 1 && now_ms - sync->progress_told_ms < TELL_MS)
        return;
    sync->progress_told_ms = now_ms;
    struct esc_json *event = work_event_new("sync.progress", sync->id);
    struct esc_json *data = esc_json_object();
    esc_json_set_int(data, "done", progress->calls_done);
    esc_json_set_int(data, "known", known);
    esc_json_set_int(data, "resources", (int64_t)progress->resource_count);
    esc_json_set_int(data, "took_ms", (int64_t)took_ms);
    if (progress->calls_done && sync->expected)
        esc_json_set_int(
            data, "rest_ms",
            (int64_t)(took_ms * (known - progress->calls_done) / progress->calls_done));
    esc_json_set_text(data, "account_name", progress->account_name);
    esc_json_set_text(data, "region", progress->region);
    esc_json_set_text(data, "service", progress->service);
    esc_json_set(event, "data", data);
    work_event(sync->call, event);
}

/* What is kept, and the end */

static void have_room(void *context)
{
    struct sync *sync = context;
    if (sync->scan)
        esc_scan_pause(sync->scan, false);
}

static enum esc_status close_place(void *context, void *item, struct esc_error *err)
{
    struct sync *sync = context;
    struct sync_place *place = item;
    const enum esc_status status = sync_place_close(sync, place, err);
    sync_place_free(place);
    return status;
}

static void permitted(void *context)
{
    struct sync *sync = context;
    sync->is_permitted = true;
    if (sync->scan)
        esc_scan_decide(sync->scan);
    if (sync->keeper)
        work_keeper_hold(sync->keeper, false);
    else
        sync_fail(sync); /* it was cancelled meanwhile */
}

static void permit(void *context, struct esc_resource *resource)
{
    struct sync *sync = context;
    if (work_permissions_set(sync->permissions, resource))
        sync_known_looked(sync, resource);
}

static bool is_doubted(void *context, const struct esc_resource *resource)
{
    const struct sync *sync = context;
    return work_protection_is_doubted(sync->protection, resource);
}

/* What runs and the schedule ask for takes the policies as they are known, as long as those are
 * young. */
static void start_permissions(struct sync *sync)
{
    const struct esc_api_call *call = sync->call;
    const bool asked = !call->scheduled && !call->refreshes;
    const bool all = sync->scope.kind == SYNC_FULL || (sync->scope.kind == SYNC_PARTIAL && asked);
    const enum work_freshness fresh = !all                                     ? WORK_FRESH_IF_OLD
                                      : asked && sync->scope.kind == SYNC_FULL ? WORK_FRESH_ENTIRELY
                                                                               : WORK_FRESH_CALLERS;
    const struct work_scan_way way = {sync->bench, call->environment, sync->transport};
    sync->permissions = work_permissions_start(&way, &sync->scope.accounts, fresh, permitted, sync);
    if (!sync->scope.cells)
        work_permissions_journal(sync->permissions, sync->id, sync->places_resumed > 0);
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
    if (sync->keeper)
        work_keeper_cancel(sync->keeper);
    if (sync->permissions)
        work_permissions_cancel(sync->permissions);
    if (sync->mending)
        work_index_mend_stop(sync->mending);
    if (sync->scan)
        esc_scan_cancel(sync->scan);
}

/* Beginning */

static enum esc_status choose_transport(struct sync *sync, struct esc_error *err)
{
    const enum esc_status status =
        work_transport_of_text(work_text(sync->call, "transport"), &sync->transport, err);
    if (status == ESC_OK && sync->transport == WORK_TRANSPORT_USUAL)
        sync->transport = work_transport_usual(sync->bench);
    return status;
}

static uint64_t asked_ms(void *context, const struct esc_account *account, const char *region,
                         const char *identifier)
{
    const struct sync *sync = context;
    return work_protection_asked_ms(sync->protection, account->id, region, identifier);
}

static void asks(void *context, const struct esc_account *account, const char *region,
                 const char *identifier)
{
    const struct sync *sync = context;
    work_protection_asks(sync->protection, account->id, region, identifier);
}

static enum esc_status start_scan(struct sync *sync, struct esc_error *err)
{
    struct esc_workbench *bench = sync->bench;
    struct sync_scope *scope = &sync->scope;
    const struct esc_scan_options options = {
        .accounts = (const struct esc_account *const *)(uintptr_t)scope->accounts.items,
        .account_count = scope->accounts.count,
        .regions = scope->regions,
        .services = scope->services,
        .wants = wants,
        .asked_ms = asked_ms,
        .asks = asks,
        .workers = work_scan_calls(sync->transport),
        .max_attempts = 3,
        .backoff = {.base_ms = 500, .max_ms = 20'000},
        .sync_id = sync->id,
        .unhashed = true, /* the keeper hashes them, with their permissions */
        .clock = bench->clock,
        .random = bench->random,
        .call = make_call,
        .cancel_call = cancel_call,
        .on_batch = take_batch,
        .on_detail = take_detail,
        .is_known = is_known,
        .heeds = heeds,
        .on_known = take_known,
        .on_cell = take_cell,
        .on_place = take_place,
        .on_progress = take_progress,
        .done = scanned,
        .context = sync,
    };
    return esc_scan_start(bench->loop, &options, &sync->scan, err);
}

static struct work_keeper *open_keeper(struct sync *sync)
{
    const struct work_keeper_options options = {
        .sync_id = sync->id,
        .sync_kind = sync_kind_text(sync->scope.kind),
        .first_number = sync->batches,
        .narrow = sync_scope_is_narrow(&sync->scope),
        .hashed = true,
        .vectors_awaited = VECTORS_AWAITED,
        .prepare = permit,
        .is_doubted = is_doubted,
        .done = sync_kept,
        .on_mark = close_place,
        .free_item = sync_place_free,
        .on_room = have_room,
        .context = sync,
    };
    return work_keeper_new(sync->bench, &options);
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
    struct esc_workbench *bench = call->bench;
    struct esc_error err;
    if (!bench->syncing)
        return false;
    const bool gives_way = bench->scheduled_sync && !call->scheduled;
    if (!gives_way && (!bench->refreshing || call->scheduled)) {
        (void)esc_fail(&err, ESC_CONFLICT, "a sync is under way already; this one did not start");
        work_fail(call, &err);
        return true;
    }
    call->cancel = stop_waiting;
    esc_list_push(&bench->waiting_sync, call);
    if (gives_way)
        esc_api_cancel(bench->scheduled_sync); /* its places that are done stay so */
    return true;
}

static void begin(struct sync *sync)
{
    struct esc_api_call *call = sync->call;
    struct esc_workbench *bench = sync->bench;
    bench->syncing = true;
    bench->refreshing = call->refreshes;
    bench->scheduled_sync = call->scheduled ? call : NULL;
    call->cancel = NULL;
    sync->started_ms = esc_clock_monotonic_ms(bench->clock);
    sync->started_wall_ms = esc_clock_wall_ms(bench->clock);
    sync->pages = esc_json_array();
    esc_list_init(&sync->looked, free);
}

static void end_early(struct sync *sync, const struct esc_error *err)
{
    struct esc_api_call *call = sync->call;
    sync_free(sync);
    work_fail(call, err);
}

static void go(struct sync *sync)
{
    struct esc_api_call *call = sync->call;
    struct esc_error err;
    sync_journal_open(sync);
    sync->keeper = open_keeper(sync);
    sync->protection = work_protection_new(sync->bench);
    work_keeper_hold(sync->keeper, true);
    if (start_scan(sync, &err) != ESC_OK) {
        work_keeper_discard(sync->keeper);
        end_early(sync, &err);
        return;
    }
    start_permissions(sync);
    work_publish(sync->bench, work_event_new("sync.started", sync->id));
    call->state = sync;
    call->cancel = cancel_sync;
}

/* Where the accounts are is known. */
static void placed(void *context)
{
    struct sync *sync = context;
    struct esc_error err;
    sync->call->cancel = NULL;
    if (!sync->call->cancelled && sync->bench->aws) {
        go(sync);
        return;
    }
    (void)esc_fail(&err, ESC_CANCELLED, "cancelled before it had begun");
    work_schedule_note(sync->bench, sync->call, err.status);
    end_early(sync, &err);
}

static void cancel_placing(struct esc_api_call *call)
{
    work_accounts_place_cancel(call->state);
}

static void place(struct sync *sync)
{
    struct esc_api_call *call = sync->call;
    call->cancel = cancel_placing;
    call->state =
        work_accounts_place(sync->bench, &sync->scope.accounts, call->environment, placed, sync);
}

void work_sync(struct esc_api_call *call)
{
    struct esc_workbench *bench = call->bench;
    struct esc_error err;
    if (must_wait(call))
        return;
    struct sync *sync = esc_alloc_zero(sizeof *sync);
    sync->call = call;
    sync->bench = bench;
    esc_uuid_format(esc_uuid_v4(bench->random), sync->id);
    begin(sync);
    enum esc_status status = sync_scope_read(&sync->scope, call, &err);
    if (status == ESC_OK)
        status = choose_transport(sync, &err);
    if (status != ESC_OK)
        end_early(sync, &err);
    else if (work_accounts_are_placed(&sync->scope.accounts))
        go(sync);
    else
        place(sync);
}
