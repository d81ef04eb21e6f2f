/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Events from a queue: they only say where to look again. They are taken in rounds:
 *
 *     receive, up to twenty seconds ──none──▶ the end
 *        │ ▲ there may be more: several at a time, the more have come
 *        ▼─┘
 *     each event ──none of ours, or its place was seen whole since──▶ may go ──▶ deleted,
 *        │                                                               ▲        ten at a time
 *        └─held─▶ its place, once for all ──▶ a sync of these places ─seen┘
 *                                             after one that is under way
 *
 * A core that keeps the schedule begins one round after the other (`standing`), never two within
 * ten seconds, so that a flood of messages is no flood of syncs. A round takes messages as long as
 * some come, and goes to look once it holds ten thousand, has cells enough, or has held the first
 * for twenty seconds. A person's round takes the place of a standing one that still waits for
 * messages, and follows one that has some, which takes no more then. A round that fails for what
 * will pass is tried again with the schedule's next look.
 *
 * A message stays in the queue, which gives it again after two minutes, when its place could not be
 * seen for a passing reason, or its cells were too many. An event of what is not ours is deleted,
 * since it would come for ever, and one that the queue had well before a look that saw all of its
 * place, since that look has seen what it tells. A message that is no event is somebody else's: the
 * round ends and deletes nothing more, and nothing at all when it is among the first hundred. After
 * that, and when the queue refuses us for good, there are no standing rounds until the person has
 * set the queue again, or has had a round that went well.
 *
 * Receiving and deleting are never sent a second time; a core that dies between the two leaves the
 * messages to come again.
 */

#include "escher/base/map.h"
#include "escher/scan/event.h"
#include "escher/work/schedule_private.h"
#include "escher/work/work_private.h"

enum {
    EVENT_BATCH = 10, /* the most that SQS gives and deletes at once */
};

/* Where events have happened, once for all of them. */
struct event_place {
    char *name;                /* "account region" */
    struct esc_map *instances; /* keys: those whose protection may be another one now */
    bool is_judged, is_seen;   /* by what a sync came to */
};

/* A message that waits for its place to be looked at. */
struct event_message {
    char *receipt;
    struct event_place *place; /* the round's */
    bool is_left;              /* some of its cells are not looked at in this round */
};

struct event_round {
    struct esc_workbench *bench;
    struct work_schedule_settings settings;
    struct esc_aws_environment *environment;
    struct esc_api_call *asker; /* who waits for the answer; NULL: nobody, it is a standing one */

    struct esc_list calls; /* struct event_call *: to the queue, under way */
    size_t receiving, deleting;
    struct esc_api_call *sync; /* of their places, under way */
    struct esc_timer *wait;    /* until another sync is over */

    struct esc_list held;     /* struct event_message * */
    struct esc_list receipts; /* char *, of what may go */
    struct esc_map *places;   /* name → struct event_place * */
    struct esc_map *looks;    /* "account region scanner" → what is known of that cell */
    struct esc_json *cells;   /* those to look at, as such texts */
    uint64_t held_since_ms;   /* monotonic: the first that is held */
    size_t received, ignored, outdated, deleted; /* messages */

    bool is_full; /* it takes no more messages */
    bool foreign; /* a message is no event: the queue has another purpose */
    bool cancelled, orphaned, has_failed, fails_for_good;
    struct esc_error failure;
};

struct work_events {
    struct event_round *round;    /* under way, or NULL */
    struct esc_api_call *waiting; /* a person's that follows it, or NULL */
    struct esc_timer *pause;      /* before the next standing one, or NULL */
    uint64_t began_ms;            /* monotonic: the last standing one */
    uint64_t timeout_ms;          /* of a call to the queue */
    char *trouble;                /* why the last standing one failed, which may pass; or NULL */
};

/* event_look.c: what is known of a cell */

/** Of the scanner in a place at an event. */
enum event_need {
    EVENT_NOT_OURS,
    EVENT_WAS_SEEN, /* all of it, well after the queue had the message */
    EVENT_NEEDS_LOOK,
};
enum event_need event_look_need(struct event_round *round, const struct esc_event_place *place,
                                const char *scanner, uint64_t sent_ms);
/** The cell is looked at in this round. False: there are too many already. */
bool event_look_add(struct event_round *round, const struct esc_event_place *place,
                    const char *scanner);

/* event_messages.c: what they say, and whether it was seen */

void event_place_free(void *place);
void event_message_free(void *message);
/** Takes one of ReceiveMessage's. */
void event_message_take(struct event_round *round, const struct esc_json *received);
/** Whether it may go, @p cells being what a sync came to. */
bool event_message_is_done(const struct event_message *message, const struct esc_json *cells);

/* event_queue.c: the queue */

typedef void event_call_fn(struct event_round *round, const struct work_cloud_result *result,
                           const struct esc_error *failure);
/** Asks for up to ten messages. False: the account whose keys read it is gone. */
bool event_queue_receive(struct event_round *round, unsigned wait_s, event_call_fn *done);
/** Deletes up to ten of those that may go. False as above. */
bool event_queue_delete(struct event_round *round, event_call_fn *done);
/** All that is under way ends soon. */
void event_queue_cancel(struct event_round *round);
/** Whether a call to what it @p does ("gives", "deletes") failed; then @p err says why, and *for_good
 *  whether it does not pass by itself. */
bool event_queue_has_failed(const struct work_cloud_result *result, const struct esc_error *failure,
                            const char *does, bool *for_good, struct esc_error *err);

/* event_round.c: one round */

/** Of @p asker, NULL: a standing one. Only when none is under way. */
void event_round_begin(struct esc_workbench *bench, struct esc_api_call *asker);
/** Its end follows, if not at once. */
void event_round_cancel(struct event_round *round);
/** Makes room for another: ends one that still waits for messages, else it takes no more. */
void event_round_make_way(struct event_round *round);

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
