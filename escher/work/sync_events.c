/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/sync_events_private.h"

#include <stdio.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/log.h"
#include "escher/scan/event.h"
#include "escher/work/schedule_private.h"

enum {
    MOST_CELLS = 200, /* of one round: a flood of messages is no flood of calls */
    TIMEOUT_MS = 30'000,
};

struct message {
    char *receipt;
    char *place; /* "account region", of its cells; NULL: an event, but none of ours */
};

struct work_events {
    struct esc_workbench *bench;
    struct work_schedule_settings settings;
    struct esc_aws_environment *environment;
    struct work_cloud *calling; /* the queue; NULL: it is not asked just now */
    struct esc_list messages;   /* struct message * */
    struct esc_json *cells;     /* "account region scanner" */
    struct esc_api_call *asker; /* who waits for the answer; NULL: nobody */
    size_t looked, ignored;
    bool foreign; /* a message is no event: the queue has another purpose */
};

static void free_message(void *item)
{
    struct message *message = item;
    free(message->receipt);
    free(message->place);
    free(message);
}

bool work_events_is_busy(const struct esc_workbench *bench)
{
    return bench->events != NULL;
}

void work_events_leave(struct esc_workbench *bench)
{
    if (bench->events && bench->events->calling)
        work_cloud_cancel(bench->events->calling); /* its answer follows */
}

/* The end */

static void answer(struct work_events *events, const struct esc_error *failure)
{
    struct esc_api_call *call = events->asker;
    if (call && failure) {
        work_fail(call, failure);
    } else if (call) {
        struct esc_json *body = esc_json_object();
        esc_json_set_int(body, "messages", (int64_t)events->messages.count);
        esc_json_set_int(body, "ignored", (int64_t)events->ignored);
        esc_json_set(body, "cells", esc_json_ref(events->cells));
        work_ok(call, body);
    } else if (failure && failure->status != ESC_CANCELLED) {
        esc_log(ESC_WARN, "events could not be taken", F("why", failure->message));
    }
}

static void end(struct work_events *events, const struct esc_error *failure)
{
    const bool more = !failure && !events->asker && events->messages.count == 10;
    struct esc_workbench *bench = events->bench;
    bench->events = NULL;
    if (!failure && events->settings.queue_problem)
        work_schedule_mark_queue(bench, events->settings.queue_url, NULL);
    answer(events, failure);
    esc_list_done(&events->messages);
    esc_json_free(events->cells);
    esc_aws_environment_free(events->environment);
    work_schedule_settings_done(&events->settings);
    free(events);
    if (more && !bench->leaving)
        work_events_look(bench);
}

static void end_orphaned(struct work_events *events)
{
    struct esc_error err;
    (void)esc_fail(&err, ESC_NOT_FOUND, "the account whose keys read the queue is gone");
    end(events, &err);
}

/* Nothing of it is deleted: what is somebody else's would be gone for good. */
static void end_foreign(struct work_events *events)
{
    struct esc_error err;
    (void)esc_fail(
        &err, ESC_CONFLICT,
        "a message in the queue is no event of EventBridge, so nothing was deleted; is it "
        "the right queue? Events wait until `escher schedule events` sets it again, or "
        "`escher sync --events` goes well");
    work_schedule_mark_queue(events->bench, events->settings.queue_url, err.message);
    end(events, &err);
}

/* Calls of the queue */

static bool send(struct work_events *events, const char *operation, const struct esc_json *params,
                 work_cloud_fn *done)
{
    const struct esc_account *account =
        work_account_find(events->bench, events->settings.queue_account);
    const struct work_cloud_call call = {.account = account,
                                         .environment = events->environment,
                                         .operation = esc_operation_find("sqs", operation),
                                         .params = params,
                                         .region = events->settings.queue_region,
                                         .session_name = "escher-events",
                                         .timeout_ms = TIMEOUT_MS};
    if (!account || !call.operation)
        return false;
    events->calling = work_cloud_send(events->bench, &call, done, events);
    return true;
}

static bool has_failed(const struct work_cloud_result *result, const struct esc_error *failure,
                       struct esc_error *err)
{
    if (result && result->category == ESC_CATEGORY_NONE)
        return false;
    if (result)
        (void)esc_fail(err, esc_error_category_status(result->category), "the queue: %s",
                       result->error_message ? result->error_message : "it gave no reason");
    else
        *err = *failure;
    return true;
}

/* Deleting what is done */

static void deleted(void *context, const struct work_cloud_result *result,
                    const struct esc_error *failure)
{
    struct work_events *events = context;
    struct esc_error err;
    events->calling = NULL;
    end(events, has_failed(result, failure, &err) ? &err : NULL);
}

/* Whether a place was seen but for what will pass. */
static bool is_stored(const char *place, const struct esc_json *cells)
{
    struct esc_str region = esc_str_of(place), account;
    (void)esc_str_next(&region, ' ', &account); /* it has one */
    for (size_t i = 0; i < esc_json_len(cells); i++) {
        const struct esc_json *cell = esc_json_at(cells, i);
        const char *state = esc_json_str(cell, "state", "");
        const bool here = esc_str_is(account, esc_json_str(cell, "account_id", "")) &&
                          (esc_json_flag(cell, "all_regions", false) ||
                           esc_str_is(region, esc_json_str(cell, "region", "")));
        if (here && (esc_text_equal(state, "error") || esc_text_equal(state, "throttled")))
            return false;
    }
    return true;
}

/* @p cells are what a sync of their places came to; NULL: there was none to make. */
static void delete_done(struct work_events *events, const struct esc_json *cells)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = esc_json_object();
    struct esc_json *entries = esc_json_array();
    for (size_t i = 0; i < events->messages.count; i++) {
        const struct message *message = events->messages.items[i];
        char id[24];
        if (message->place && !is_stored(message->place, cells))
            continue;
        struct esc_json *entry = esc_json_object();
        (void)snprintf(id, sizeof id, "%zu", i); /* it fits */
        esc_json_set_text(entry, "Id", id);
        esc_json_set_text(entry, "ReceiptHandle", message->receipt);
        esc_json_push(entries, entry);
    }
    const bool none = esc_json_len(entries) == 0;
    esc_json_set_text(params, "QueueUrl", events->settings.queue_url);
    esc_json_set(params, "Entries", entries);
    if (none)
        end(events, NULL);
    else if (!send(events, "DeleteMessageBatch", params, deleted))
        end_orphaned(events);
}

/* The sync of what they name */

static void ignore_event(void *, const struct esc_json *)
{
}

static void synced(void *context, enum esc_status status, struct esc_json *body)
{
    struct work_events *events = context;
    struct esc_error err;
    if (status == ESC_OK || status == ESC_PARTIAL) {
        delete_done(events, esc_json_member(body, "cells"));
    } else {
        (void)esc_fail(&err, status, "%s", esc_json_str(body, "message", "the sync failed"));
        end(events, &err); /* the queue gives them again */
    }
    esc_json_free(body);
}

static void look_there(struct work_events *events)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = esc_json_object();
    esc_json_set(body, "cells", esc_json_ref(events->cells));
    const struct esc_api_request request = {
        .method = "POST", .path = "/api/sync", .body = body, .environment = events->environment};
    const struct esc_api_sink sink = {ignore_event, synced, events};
    esc_api_call(events->bench, &request, &sink)->scheduled = true;
}

/* What they say */

static bool has_cell(const struct esc_json *cells, const char *cell)
{
    for (size_t i = 0; i < esc_json_len(cells); i++)
        if (esc_text_equal(esc_json_str(esc_json_at(cells, i), "", ""), cell))
            return true;
    return false;
}

static bool is_ours(const struct esc_workbench *bench, const struct esc_event_place *place)
{
    const struct esc_account *account = work_account_find(bench, place->account_id);
    for (size_t i = 0; account && i < account->regions.count; i++)
        if (esc_text_equal(account->regions.items[i], place->region))
            return true;
    return account && account->regions.count == 0;
}

static void take_message(struct work_events *events, const struct esc_json *page)
{
    struct esc_event_place place;
    struct message *message = esc_alloc_zero(sizeof *message);
    message->receipt = esc_strdup(esc_json_str(page, "ReceiptHandle", ""));
    esc_list_push(&events->messages, message);
    const enum esc_event_kind kind =
        esc_event_read(esc_str_of(esc_json_str(page, "Body", "")), &place);
    events->foreign |= kind == ESC_EVENT_NONE;
    if (kind != ESC_EVENT_PLACE || !is_ours(events->bench, &place)) {
        events->ignored++;
        return;
    }
    message->place = esc_sprintf("%s %s", place.account_id, place.region);
    for (size_t i = 0; i < place.scanner_count; i++) {
        ESC_CLEANUP(esc_freep)
        char *cell = esc_sprintf("%s %s %s", place.account_id, place.region, place.scanners[i]);
        if (!has_cell(events->cells, cell) && esc_json_len(events->cells) < MOST_CELLS)
            esc_json_push_text(events->cells, cell);
    }
}

static void received(void *context, const struct work_cloud_result *result,
                     const struct esc_error *failure)
{
    struct work_events *events = context;
    struct esc_error err;
    events->calling = NULL;
    if (has_failed(result, failure, &err) || events->bench->leaving) {
        if (events->bench->leaving)
            (void)esc_fail(&err, ESC_CANCELLED, "the core ends");
        end(events, &err);
        return;
    }
    const struct esc_json *messages = esc_json_get(result->output, "Messages");
    for (size_t i = 0; i < esc_json_len(messages) && i < 10; i++)
        take_message(events, esc_json_at(messages, i));
    if (events->foreign)
        end_foreign(events);
    else if (esc_json_len(events->cells))
        look_there(events);
    else
        delete_done(events, NULL);
}

static void receive(struct work_events *events)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = esc_json_object();
    esc_json_set_text(params, "QueueUrl", events->settings.queue_url);
    esc_json_set_int(params, "MaxNumberOfMessages", 10);
    esc_json_set_int(params, "VisibilityTimeout", 120); /* longer than the sync of its places */
    esc_json_set_int(params, "WaitTimeSeconds", 1);
    if (!send(events, "ReceiveMessage", params, received))
        end_orphaned(events);
}

static struct work_events *events_new(struct esc_workbench *bench)
{
    struct work_events *events = esc_alloc_zero(sizeof *events);
    events->bench = bench;
    work_schedule_load(bench, &events->settings);
    events->cells = esc_json_array();
    esc_list_init(&events->messages, free_message);
    return events;
}

static void discard(struct work_events *events)
{
    work_schedule_settings_done(&events->settings);
    esc_json_free(events->cells);
    free(events);
}

void work_events_look(struct esc_workbench *bench)
{
    if (bench->events || bench->syncing || bench->leaving)
        return;
    struct work_events *events = events_new(bench);
    if (!events->settings.queue_url || events->settings.queue_problem) {
        discard(events);
        return;
    }
    bench->events = events;
    events->environment = esc_aws_environment_of_process();
    receive(events);
}

void work_events_take(struct esc_api_call *call)
{
    struct esc_workbench *bench = call->bench;
    struct esc_error err;
    if (bench->events) {
        (void)esc_fail(&err, ESC_CONFLICT, "the queue is being read already");
        work_fail(call, &err);
        return;
    }
    struct work_events *events = events_new(bench);
    if (!events->settings.queue_url) {
        discard(events);
        (void)esc_fail(&err, ESC_NOT_FOUND,
                       "no queue of events is set; `escher schedule rule` shows how to make one");
        work_fail(call, &err);
        return;
    }
    bench->events = events;
    events->asker = call;
    events->environment = esc_aws_environment_copy(call->environment);
    receive(events);
}
