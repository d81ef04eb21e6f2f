/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/loop/timer.h"
#include "escher/work/protection_private.h"
#include "escher/work/sync_events_private.h"

/* One round: the picture on top of sync_events_private.h. After each answer go_on() looks at what
 * there is to do now; nothing else begins anything. */

enum {
    WAIT_S = 20,        /* the longest that SQS waits for a message */
    FIRST = 100,        /* messages that are looked through before any is deleted */
    MOST_AT_ONCE = 8,   /* calls to receive, and as many to delete */
    MOST_HELD = 10'000, /* messages */
    MOST_HELD_MS = 20'000,
    MOST_TO_DELETE = 1000, /* before more are received */
    SYNC_OVER_MS = 500,    /* between two looks whether another sync is over */
};

static void go_on(struct event_round *round);
static void look_there(void *context);

/* Its end */

static void answer(const struct event_round *round, const struct esc_error *failure)
{
    if (failure) {
        work_fail(round->asker, failure);
        return;
    }
    struct esc_json *body = esc_json_object();
    esc_json_set_int(body, "messages", (int64_t)round->received);
    esc_json_set_int(body, "ignored", (int64_t)round->ignored);
    esc_json_set_int(body, "outdated", (int64_t)round->outdated);
    esc_json_set(body, "cells", esc_json_ref(round->cells));
    work_ok(round->asker, body);
}

static void end(struct event_round *round, const struct esc_error *failure)
{
    work_events_over(round, failure);
    if (round->asker)
        answer(round, failure);
    esc_timer_stop(&round->wait);
    esc_list_done(&round->calls);
    esc_list_done(&round->held);
    esc_list_done(&round->receipts);
    esc_map_free(round->places);
    esc_map_free(round->looks);
    esc_json_free(round->cells);
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

/* What is somebody else's would be gone for good. */
static void end_foreign(struct event_round *round)
{
    struct esc_error err;
    (void)esc_fail(
        &err, ESC_CONFLICT,
        "a message in the queue is no event of EventBridge, so nothing%s was deleted; is it "
        "the right queue? Events wait until `escher schedule events` sets it again, or "
        "`escher sync --events` goes well",
        round->deleted ? " more" : "");
    work_schedule_mark_queue(round->bench, round->settings.queue_url, err.message);
    end(round, &err);
}

/* What a person's own keys may not says nothing about the core's. */
static void end_failed(struct event_round *round)
{
    const struct esc_error failure = round->failure;
    if (round->fails_for_good && !round->asker) {
        ESC_CLEANUP(esc_freep)
        char *problem = esc_sprintf("%s; who reads it needs sqs:ReceiveMessage and "
                                    "sqs:DeleteMessage, then `escher sync --events`",
                                    failure.message);
        work_schedule_mark_queue(round->bench, round->settings.queue_url, problem);
    }
    end(round, &failure);
}

static void fail(struct event_round *round, bool for_good, const struct esc_error *failure)
{
    if (!round->has_failed) /* the first says it */
        round->failure = *failure;
    round->fails_for_good |= for_good;
    round->has_failed = true;
}

static bool is_stopped(const struct event_round *round)
{
    return round->cancelled || round->foreign || round->has_failed || round->orphaned;
}

static void end_stopped(struct event_round *round)
{
    if (round->cancelled)
        end_cancelled(round);
    else if (round->foreign)
        end_foreign(round);
    else if (round->has_failed)
        end_failed(round);
    else
        end_orphaned(round);
}

/* Deleting what is done */

static void deleted(struct event_round *round, const struct work_cloud_result *result,
                    const struct esc_error *failure)
{
    struct esc_error err;
    bool for_good;
    if (event_queue_has_failed(result, failure, "deletes", &for_good, &err))
        fail(round, for_good, &err);
    else
        round->deleted += EVENT_BATCH; /* at most */
    go_on(round);
}

static bool are_all_received(const struct event_round *round)
{
    return round->is_full && round->receiving == 0;
}

static bool may_delete(const struct event_round *round)
{
    const bool was_looked_through = round->received >= FIRST || are_all_received(round);
    const size_t least = are_all_received(round) ? 1 : EVENT_BATCH;
    return was_looked_through && round->deleting < MOST_AT_ONCE && round->receipts.count >= least;
}

/* The sync of what they name */

static void ignore_event(void *, const struct esc_json *)
{
}

/* Those whose place was seen may go; the others come again. */
static void judge(struct event_round *round, const struct esc_json *cells)
{
    for (size_t i = 0; i < round->held.count; i++) {
        struct event_message *message = round->held.items[i];
        if (event_message_is_done(message, cells))
            esc_list_push(&round->receipts, ESC_STEAL(message->receipt));
    }
    esc_list_clear(&round->held);
}

static void synced(void *context, enum esc_status status, struct esc_json *body)
{
    struct event_round *round = context;
    struct esc_error err;
    round->sync = NULL;
    if (status == ESC_OK || status == ESC_PARTIAL) {
        judge(round, esc_json_member(body, "cells"));
    } else if (round->cancelled || round->bench->leaving) {
        round->cancelled = true;
    } else if (status == ESC_CANCELLED || status == ESC_CONFLICT) {
        look_there(round); /* after the person's that took its place */
    } else {
        (void)esc_fail(&err, status, "%s", esc_json_str(body, "message", "the sync failed"));
        fail(round, false, &err); /* the queue gives them again */
    }
    esc_json_free(body);
    go_on(round);
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

static void doubt_instances(struct work_protection *book, const struct event_place *place)
{
    struct esc_str instance;
    for (size_t at = 0; esc_map_next(place->instances, &at, &instance, NULL);) {
        ESC_CLEANUP(esc_freep) char *id = esc_str_dup(instance);
        work_protection_doubt(book, place->name, id);
    }
}

/* Only once no sync is under way, which would write over it. It outlives this round, since the sync
 * may not come to ask them. */
static enum esc_status doubt_changed(const struct event_round *round, struct esc_error *err)
{
    enum esc_status status = ESC_OK;
    struct work_protection *book = work_protection_new(round->bench);
    struct esc_str name;
    void *place;
    for (size_t at = 0; status == ESC_OK && esc_map_next(round->places, &at, &name, &place);) {
        doubt_instances(book, place);
        if (esc_map_count(((struct event_place *)place)->instances))
            status = work_protection_keep(book, ((struct event_place *)place)->name, err);
    }
    work_protection_free(book);
    return status;
}

static void start_sync(struct event_round *round)
{
    struct esc_error err;
    if (doubt_changed(round, &err) != ESC_OK) {
        fail(round, false, &err); /* the queue gives them again */
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

static void look_again(void *context)
{
    struct event_round *round = context;
    round->wait = NULL;
    look_there(round);
    go_on(round);
}

static void look_there(void *context)
{
    struct event_round *round = context;
    if (round->bench->syncing)
        round->wait = esc_timer_start(round->bench->loop, SYNC_OVER_MS, look_again, round);
    else
        start_sync(round);
}

/* Receiving */

/* Where few have come, one that is not full is the last. Where many have, the queue may give some
 * of what it has; asked to wait, it says nothing only when it has nothing.
 * @source SQS developer guide, short and long polling */
static void received(struct event_round *round, const struct work_cloud_result *result,
                     const struct esc_error *failure)
{
    struct esc_error err;
    bool for_good;
    if (event_queue_has_failed(result, failure, "gives", &for_good, &err)) {
        if (round->received == 0)
            fail(round, for_good, &err);
        round->is_full = true; /* what has come is taken care of; the next round says why */
        go_on(round);
        return;
    }
    const struct esc_json *messages = esc_json_get(result->output, "Messages");
    const size_t count =
        esc_json_len(messages) < EVENT_BATCH ? esc_json_len(messages) : EVENT_BATCH;
    for (size_t i = 0; i < count && !round->foreign; i++)
        event_message_take(round, esc_json_at(messages, i));
    round->is_full |= count == 0 || (count < EVENT_BATCH && round->received < FIRST);
    go_on(round);
}

/* Only a standing round has the time to wait for what may come first. */
static unsigned wait_s(const struct event_round *round)
{
    if (round->received == 0)
        return round->asker ? 1 : WAIT_S;
    return round->received < FIRST ? 0 : 1;
}

/* One after the other at first: most queues hold a few. */
static size_t most_receiving(const struct event_round *round)
{
    const size_t most = 1 + round->received / FIRST;
    return most < MOST_AT_ONCE ? most : MOST_AT_ONCE;
}

static bool has_held_enough(const struct event_round *round)
{
    const uint64_t now_ms = esc_clock_monotonic_ms(round->bench->clock);
    return round->held.count >= MOST_HELD ||
           (round->held.count > 0 && now_ms - round->held_since_ms >= MOST_HELD_MS);
}

static bool may_receive(struct event_round *round)
{
    round->is_full |= has_held_enough(round);
    return !round->is_full && round->receiving < most_receiving(round) &&
           round->receipts.count < MOST_TO_DELETE;
}

/* What comes next */

static bool is_looking(const struct event_round *round)
{
    return round->sync || round->wait;
}

static void begin_calls(struct event_round *round)
{
    while (!is_stopped(round) && may_receive(round))
        round->orphaned = !event_queue_receive(round, wait_s(round), received);
    if (!is_stopped(round) && round->held.count > 0 && are_all_received(round) &&
        !is_looking(round))
        look_there(round);
    while (!is_stopped(round) && may_delete(round))
        round->orphaned = !event_queue_delete(round, deleted);
}

static void go_on(struct event_round *round)
{
    begin_calls(round);
    if (round->calls.count > 0 || is_looking(round))
        return;
    if (is_stopped(round))
        end_stopped(round);
    else
        end(round, NULL);
}

/* Beginning */

void event_round_cancel(struct event_round *round)
{
    if (round->cancelled)
        return;
    round->cancelled = true;
    event_queue_cancel(round);
    esc_timer_stop(&round->wait);
    if (round->sync)
        esc_api_cancel(round->sync); /* its end follows */
    else
        go_on(round);
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
    round->places = esc_map_new(event_place_free);
    round->looks = esc_map_new(free);
    esc_list_init(&round->calls, NULL);
    esc_list_init(&round->held, event_message_free);
    esc_list_init(&round->receipts, free);
    work_schedule_load(bench, &round->settings);
    round->environment =
        asker ? esc_aws_environment_copy(asker->environment) : esc_aws_environment_of_process();
    bench->events->round = round;
    if (asker) {
        asker->state = round;
        asker->cancel = cancel_asker;
    }
    go_on(round);
}

/* Nothing is lost by ending one that only waits. */
void event_round_make_way(struct event_round *round)
{
    if (!round->asker && round->received == 0)
        event_round_cancel(round);
    else
        round->is_full = true;
}
