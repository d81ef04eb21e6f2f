/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "escher/base/alloc.h"
#include "escher/base/map.h"
#include "escher/loop/timer.h"
#include "escher/work/protection_private.h"
#include "escher/work/sync_events_private.h"

/* One round: the picture on top of sync_events_private.h. */

enum {
    WAIT_S = 20,         /* the longest that SQS waits for a message */
    MOST_MESSAGES = 100, /* of one round */
    BATCH = 10,          /* the most that SQS gives and deletes at once */
    SYNC_OVER_MS = 500,  /* between two looks whether another sync is over */
};

static void receive(struct event_round *round);
static void look_there(void *context);
static void delete_next(struct event_round *round);

/* Its end */

static void answer(const struct event_round *round, const struct esc_error *failure)
{
    if (failure) {
        work_fail(round->asker, failure);
        return;
    }
    struct esc_json *body = esc_json_object();
    esc_json_set_int(body, "messages", (int64_t)round->messages.count);
    esc_json_set_int(body, "ignored", (int64_t)round->ignored);
    esc_json_set(body, "cells", esc_json_ref(round->cells));
    work_ok(round->asker, body);
}

static void end(struct event_round *round, const struct esc_error *failure)
{
    work_events_over(round, failure);
    if (round->asker)
        answer(round, failure);
    esc_timer_stop(&round->wait);
    esc_list_done(&round->messages);
    esc_json_free(round->cells);
    esc_json_free(round->seen);
    esc_aws_environment_free(round->environment);
    work_schedule_settings_done(&round->settings);
    free(round);
}

static void end_orphaned(struct event_round *round)
{
    struct esc_error err;
    (void)esc_fail(&err, ESC_NOT_FOUND, "the account whose keys read the queue is gone");
    end(round, &err);
}

static void end_cancelled(struct event_round *round)
{
    struct esc_error err;
    (void)esc_fail(&err, ESC_CANCELLED, "cancelled; what was not deleted comes again");
    end(round, &err);
}

/* Nothing of it is deleted: what is somebody else's would be gone for good. */
static void end_foreign(struct event_round *round)
{
    struct esc_error err;
    (void)esc_fail(
        &err, ESC_CONFLICT,
        "a message in the queue is no event of EventBridge, so nothing was deleted; is it "
        "the right queue? Events wait until `escher schedule events` sets it again, or "
        "`escher sync --events` goes well");
    work_schedule_mark_queue(round->bench, round->settings.queue_url, err.message);
    end(round, &err);
}

/* What a person's own keys may not says nothing about the core's. */
static void end_refused(struct event_round *round, bool for_good, const struct esc_error *failure)
{
    if (for_good && !round->asker) {
        ESC_CLEANUP(esc_freep)
        char *problem = esc_sprintf("%s; who reads it needs sqs:ReceiveMessage and "
                                    "sqs:DeleteMessage, then `escher sync --events`",
                                    failure->message);
        work_schedule_mark_queue(round->bench, round->settings.queue_url, problem);
    }
    end(round, failure);
}

/* Deleting what is done */

static void deleted(void *context, const struct work_cloud_result *result,
                    const struct esc_error *failure)
{
    struct event_round *round = context;
    struct esc_error err;
    bool for_good;
    round->calling = NULL;
    if (event_queue_has_failed(result, failure, "deletes", &for_good, &err))
        end_refused(round, for_good, &err);
    else
        delete_next(round);
}

static struct esc_json *entry_of(const struct event_message *message, size_t index)
{
    char id[24];
    struct esc_json *entry = esc_json_object();
    (void)snprintf(id, sizeof id, "%zu", index); /* it fits */
    esc_json_set_text(entry, "Id", id);
    esc_json_set_text(entry, "ReceiptHandle", message->receipt);
    return entry;
}

static void delete_next(struct event_round *round)
{
    struct esc_json *entries = esc_json_array();
    while (round->judged < round->messages.count && esc_json_len(entries) < BATCH) {
        const struct event_message *message = esc_list_at(&round->messages, round->judged);
        if (event_message_is_done(message, round->seen))
            esc_json_push(entries, entry_of(message, round->judged));
        round->judged++;
    }
    const bool none = esc_json_len(entries) == 0;
    if (none) {
        esc_json_free(entries);
        end(round, NULL);
    } else if (round->cancelled) {
        esc_json_free(entries);
        end_cancelled(round);
    } else if (!event_queue_delete(round, entries, deleted)) {
        end_orphaned(round);
    }
}

/* The sync of what they name */

static void ignore_event(void *, const struct esc_json *)
{
}

static void synced(void *context, enum esc_status status, struct esc_json *body)
{
    struct event_round *round = context;
    struct esc_error err;
    round->sync = NULL;
    if (status == ESC_OK || status == ESC_PARTIAL) {
        round->seen = esc_json_ref(esc_json_member(body, "cells"));
        delete_next(round);
    } else if (round->cancelled || round->bench->leaving) {
        end_cancelled(round);
    } else if (status == ESC_CANCELLED || status == ESC_CONFLICT) {
        look_there(round); /* after the person's that took its place */
    } else {
        (void)esc_fail(&err, status, "%s", esc_json_str(body, "message", "the sync failed"));
        end(round, &err); /* the queue gives them again */
    }
    esc_json_free(body);
}

/* Those that are named: asking the others which regions they have would cost a call each. */
static struct esc_json *accounts_of(const struct esc_json *cells)
{
    struct esc_json *accounts = esc_json_array();
    struct esc_map *seen = esc_map_new(NULL);
    for (size_t i = 0; i < esc_json_len(cells); i++) {
        struct esc_str rest = esc_json_value(esc_json_at(cells, i)), account;
        if (!esc_str_next(&rest, ' ', &account) || esc_map_has(seen, account))
            continue;
        esc_map_set(seen, account, seen);
        esc_json_push(accounts, esc_json_string(account));
    }
    esc_map_free(seen);
    return accounts;
}

/* Only once no sync is under way, which would write over it. It outlives this round, since the sync
 * may not come to ask them. */
static enum esc_status doubt_changed(const struct event_round *round, struct esc_error *err)
{
    enum esc_status status = ESC_OK;
    struct work_protection *book = work_protection_new(round->bench);
    for (size_t i = 0; i < round->messages.count; i++) {
        const struct event_message *message = round->messages.items[i];
        if (message->instance)
            work_protection_doubt(book, message->place, message->instance);
    }
    for (size_t i = 0; i < round->messages.count && status == ESC_OK; i++) {
        const struct event_message *message = round->messages.items[i];
        if (message->instance)
            status = work_protection_keep(book, message->place, err);
    }
    work_protection_free(book);
    return status;
}

static void start_sync(struct event_round *round)
{
    struct esc_error err;
    if (doubt_changed(round, &err) != ESC_OK) {
        end(round, &err); /* the queue gives them again */
        return;
    }
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = esc_json_object();
    esc_json_set(body, "cells", esc_json_ref(round->cells));
    esc_json_set(body, "accounts", accounts_of(round->cells));
    const struct esc_api_request request = {
        .method = "POST", .path = "/api/sync", .body = body, .environment = round->environment};
    const struct esc_api_sink sink = {ignore_event, synced, round};
    round->sync = esc_api_call(round->bench, &request, &sink);
    round->sync->scheduled = true;
}

static void look_there(void *context)
{
    struct event_round *round = context;
    round->wait = NULL;
    if (round->bench->syncing)
        round->wait = esc_timer_start(round->bench->loop, SYNC_OVER_MS, look_there, round);
    else
        start_sync(round);
}

/* Receiving */

static void received(void *context, const struct work_cloud_result *result,
                     const struct esc_error *failure)
{
    struct event_round *round = context;
    struct esc_error err;
    bool for_good;
    round->calling = NULL;
    if (round->cancelled) {
        end_cancelled(round);
        return;
    }
    if (event_queue_has_failed(result, failure, "gives", &for_good, &err)) {
        end_refused(round, for_good, &err);
        return;
    }
    const struct esc_json *messages = esc_json_get(result->output, "Messages");
    const size_t count = esc_json_len(messages) < BATCH ? esc_json_len(messages) : BATCH;
    for (size_t i = 0; i < count; i++)
        event_message_take(round, esc_json_at(messages, i));
    if (round->foreign)
        end_foreign(round);
    else if (count == BATCH && round->messages.count < MOST_MESSAGES)
        receive(round);
    else if (esc_json_len(round->cells))
        look_there(round);
    else
        delete_next(round);
}

/* Only a standing round has the time to wait for what may come. */
static void receive(struct event_round *round)
{
    const bool waits = !round->asker && round->messages.count == 0;
    if (!event_queue_receive(round, waits ? WAIT_S : round->messages.count ? 0 : 1, received))
        end_orphaned(round);
}

/* Beginning */

void event_round_cancel(struct event_round *round)
{
    if (round->cancelled)
        return;
    round->cancelled = true;
    if (round->calling)
        work_cloud_cancel(round->calling); /* its answer follows */
    else if (round->sync)
        esc_api_cancel(round->sync); /* likewise */
    else
        end_cancelled(round);
}

static void cancel_asker(struct esc_api_call *call)
{
    event_round_cancel(call->state);
}

void event_round_begin(struct esc_workbench *bench, struct esc_api_call *asker)
{
    struct event_round *round = esc_alloc_zero(sizeof *round);
    round->bench = bench;
    round->asker = asker;
    round->cells = esc_json_array();
    esc_list_init(&round->messages, event_message_free);
    work_schedule_load(bench, &round->settings);
    round->environment =
        asker ? esc_aws_environment_copy(asker->environment) : esc_aws_environment_of_process();
    bench->events->round = round;
    if (asker) {
        asker->state = round;
        asker->cancel = cancel_asker;
    }
    receive(round);
}

/* Nothing is lost by taking the place of one that only waits. */
bool event_round_gives_way(const struct event_round *round)
{
    return !round->asker && round->messages.count == 0;
}
