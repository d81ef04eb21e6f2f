/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/sync_events_private.h"

#include "escher/base/alloc.h"
#include "escher/base/log.h"
#include "escher/loop/timer.h"

/* Which round follows which. */

enum {
    APART_MS = 10'000,   /* from the beginning of a standing round to the next one's */
    TIMEOUT_MS = 30'000, /* of a call: the queue may hold one for twenty seconds */
};

static struct work_events *events_of(struct esc_workbench *bench)
{
    if (!bench->events) {
        bench->events = esc_alloc_zero(sizeof *bench->events);
        bench->events->timeout_ms = TIMEOUT_MS;
    }
    return bench->events;
}

bool work_events_is_busy(const struct esc_workbench *bench)
{
    return bench->events && bench->events->round;
}

const char *work_events_trouble(const struct esc_workbench *bench)
{
    return bench->events ? bench->events->trouble : NULL;
}

/* After a round */

/* What is the same as the last time is not logged again. */
static void note_trouble(struct work_events *events, const struct esc_error *failure)
{
    const char *why = failure ? failure->message : NULL;
    if (why && !esc_text_equal(why, events->trouble))
        esc_log(ESC_WARN, "events could not be taken", F("why", why));
    free(events->trouble);
    events->trouble = esc_strdup_null(why);
}

static void end_pause(void *context)
{
    struct esc_workbench *bench = context;
    bench->events->pause = NULL;
    work_events_look(bench);
}

static void pause_before_next(struct esc_workbench *bench)
{
    struct work_events *events = bench->events;
    const uint64_t gone_ms = esc_clock_monotonic_ms(bench->clock) - events->began_ms;
    if (bench->schedule && !events->pause)
        events->pause = esc_timer_start(bench->loop, gone_ms < APART_MS ? APART_MS - gone_ms : 0,
                                        end_pause, bench);
}

void work_events_over(const struct event_round *round, const struct esc_error *failure)
{
    struct esc_workbench *bench = round->bench;
    struct work_events *events = bench->events;
    const bool was_cancelled = failure && failure->status == ESC_CANCELLED;
    events->round = NULL;
    if (!failure && round->settings.queue_problem)
        work_schedule_mark_queue(bench, round->settings.queue_url, NULL);
    if (!failure || (!round->asker && !was_cancelled))
        note_trouble(events, failure);
    if (bench->leaving)
        return;
    if (events->waiting)
        event_round_begin(bench, ESC_STEAL(events->waiting));
    else if (!failure || was_cancelled || round->asker)
        pause_before_next(bench); /* else with the schedule's next look */
}

/* Before one */

static bool may_stand(const struct esc_workbench *bench)
{
    struct work_schedule_settings settings;
    work_schedule_load(bench, &settings);
    const struct esc_account *account =
        settings.queue_url ? work_account_find(bench, settings.queue_account) : NULL;
    const bool may = settings.queue_url && !settings.queue_problem &&
                     (!account || !account->emulator || settings.emulators);
    work_schedule_settings_done(&settings);
    return may;
}

void work_events_look(struct esc_workbench *bench)
{
    struct work_events *events = events_of(bench);
    if (events->round || events->pause || bench->leaving || !may_stand(bench))
        return;
    events->began_ms = esc_clock_monotonic_ms(bench->clock);
    if (bench->syncing)
        pause_before_next(bench); /* what is taken now would only wait */
    else
        event_round_begin(bench, NULL);
}

void work_events_reset(struct esc_workbench *bench)
{
    struct work_events *events = events_of(bench);
    free(ESC_STEAL(events->trouble));
    if (events->round)
        event_round_make_way(events->round); /* the next follows it */
    else if (bench->schedule)
        work_events_look(bench);
}

static void stop_waiting(struct esc_api_call *call)
{
    struct esc_error err;
    call->bench->events->waiting = NULL;
    (void)esc_fail(&err, ESC_CANCELLED, "cancelled before it had begun");
    work_fail(call, &err);
}

static bool has_queue(const struct esc_workbench *bench)
{
    struct work_schedule_settings settings;
    work_schedule_load(bench, &settings);
    const bool has = settings.queue_url;
    work_schedule_settings_done(&settings);
    return has;
}

void work_events_take(struct esc_api_call *call)
{
    struct esc_workbench *bench = call->bench;
    struct work_events *events = events_of(bench);
    struct esc_error err;
    if (!has_queue(bench)) {
        (void)esc_fail(&err, ESC_NOT_FOUND,
                       "no queue of events is set; `escher schedule rule` shows how to make one");
        work_fail(call, &err);
    } else if (!events->round) {
        event_round_begin(bench, call);
    } else if (events->waiting || events->round->asker) {
        (void)esc_fail(&err, ESC_CONFLICT, "the queue is being read already");
        work_fail(call, &err);
    } else {
        events->waiting = call;
        call->cancel = stop_waiting;
        event_round_make_way(events->round);
    }
}

void work_events_leave(struct esc_workbench *bench)
{
    if (bench->events)
        esc_timer_stop(&bench->events->pause);
    if (work_events_is_busy(bench))
        event_round_cancel(bench->events->round);
}

void work_events_stop(struct esc_workbench *bench)
{
    struct work_events *events = ESC_STEAL(bench->events);
    if (events) {
        esc_timer_stop(&events->pause);
        free(events->trouble);
    }
    free(events);
}
