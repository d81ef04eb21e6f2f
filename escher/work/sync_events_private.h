/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Events from a queue: they only say where to look again. They are taken in rounds:
 *
 *     receive, up to twenty seconds ──none──▶ the end
 *        │ ▲ there may be more, up to a hundred
 *        ▼─┘
 *     their places ──▶ a sync of these, after one that is under way ──▶ what was seen is
 *        └─none are ours────────────────────────────────────────────▶  deleted, ten at a time
 *
 * A core that keeps the schedule begins one round after the other (`standing`), never two within
 * ten seconds, so that a flood of messages is no flood of syncs. A person's round takes the place of
 * a standing one that still waits for messages, and follows one that has some. A round that fails
 * for what will pass is tried again with the schedule's next look.
 *
 * A message stays in the queue, which gives it again after two minutes, when its place could not be
 * seen for a passing reason, or its cells were too many. An event of what is not ours is deleted,
 * since it would come for ever. A message that is no event is somebody else's: the round ends and
 * deletes nothing. After that, and when the queue refuses us for good, there are no standing rounds
 * until the person has set the queue again, or has had a round that went well.
 *
 * Receiving and deleting are never sent a second time; a core that dies between the two leaves the
 * messages to come again.
 */

#include "escher/work/schedule_private.h"
#include "escher/work/work_private.h"

struct event_message {
    char *receipt;
    char *place;    /* "account region", of its cells; NULL: an event, but none of ours */
    char *instance; /* of that place, whose protection may be another one now; NULL: nobody's */
    bool is_left;   /* some of its cells are not looked at in this round */
};

struct event_round {
    struct esc_workbench *bench;
    struct work_schedule_settings settings;
    struct esc_aws_environment *environment;
    struct esc_api_call *asker; /* who waits for the answer; NULL: nobody, it is a standing one */
    struct work_cloud *calling; /* the queue; NULL: it is not asked just now */
    struct esc_api_call *sync;  /* of their places, under way */
    struct esc_timer *wait;     /* until another sync is over */
    struct esc_list messages;   /* struct event_message * */
    struct esc_json *cells;     /* "account region scanner" */
    struct esc_json *seen;      /* what a sync of these came to; NULL: there was none to make */
    size_t ignored, judged;     /* messages: none of ours; deleted, or left for good reason */
    bool foreign;               /* a message is no event: the queue has another purpose */
    bool cancelled;
};

struct work_events {
    struct event_round *round;    /* under way, or NULL */
    struct esc_api_call *waiting; /* a person's that follows it, or NULL */
    struct esc_timer *pause;      /* before the next standing one, or NULL */
    uint64_t began_ms;            /* monotonic: the last standing one */
    uint64_t timeout_ms;          /* of a call to the queue */
    char *trouble;                /* why the last standing one failed, which may pass; or NULL */
};

/* event_messages.c: what they say, and whether it was seen */

void event_message_free(void *message);
/** Takes one of ReceiveMessage's. */
void event_message_take(struct event_round *round, const struct esc_json *received);
/** Whether it may go, @p cells being what a sync came to; NULL: there was none to make. */
bool event_message_is_done(const struct event_message *message, const struct esc_json *cells);

/* event_queue.c: the queue */

/** Asks for up to ten messages. False: the account whose keys read it is gone. */
bool event_queue_receive(struct event_round *round, unsigned wait_s, work_cloud_fn *done);
/** Deletes what @p entries name (handed over). False as above. */
bool event_queue_delete(struct event_round *round, struct esc_json *entries, work_cloud_fn *done);
/** Whether a call to what it @p does ("gives", "deletes") failed; then @p err says why, and *for_good
 *  whether it does not pass by itself. */
bool event_queue_has_failed(const struct work_cloud_result *result, const struct esc_error *failure,
                            const char *does, bool *for_good, struct esc_error *err);

/* event_round.c: one round */

/** Of @p asker, NULL: a standing one. Only when none is under way. */
void event_round_begin(struct esc_workbench *bench, struct esc_api_call *asker);
/** Its end follows, if not at once. */
void event_round_cancel(struct event_round *round);
/** Whether a person's may take its place. */
bool event_round_gives_way(const struct event_round *round);

/* sync_events.c: which round follows which */

/** A round is over, and gone after this. */
void work_events_over(const struct event_round *round, const struct esc_error *failure);

/** Begins a standing round, when there is a queue and nothing is under way. */
void work_events_look(struct esc_workbench *bench);
/** The queue is another one, or there is none any more. */
void work_events_reset(struct esc_workbench *bench);
/** Why the last standing round failed, which may pass; NULL: it went well. */
const char *work_events_trouble(const struct esc_workbench *bench);
/** Ends what is under way with the queue; the core ends. */
void work_events_leave(struct esc_workbench *bench);
bool work_events_is_busy(const struct esc_workbench *bench);
/** Frees all, when it is not busy. */
void work_events_stop(struct esc_workbench *bench);
