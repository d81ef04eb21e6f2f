/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The engine drives the steps of one run. For each step, in the order of exec/strategy.h:
 *
 *     before ──refuse──▶ FAILED        hook: are the targets still as they were approved?
 *       │ └────noop────▶ NOOP
 *       ▼ go
 *     intent (journal) ──fails──▶ FAILED, nothing has been started
 *       ▼
 *     an attempt: aws steps through the helper, all others by the hook `perform`
 *       ▼
 *     judged (step.h) ──not done, may be repeated──▶ WAITING ──backoff──▶ next attempt
 *       │ └────uncertain────▶ hook `settle` looks at the cloud; only "it did not happen" is "not done"
 *       ▼
 *     SUCCEEDED, FAILED, CANCELLED or UNKNOWN ─▶ result (journal) ─▶ the next steps
 *
 * No mutating step is started twice unless its playbook calls it idempotent and it is known that
 * it did not happen the first time. The journal is a
 * pair of hooks; when `intent` says no, nothing has happened, when `result` says no, nothing new
 * begins.
 *
 * The hooks get a turn and answer it exactly once, at once or later, with one of the functions
 * below. When the run is cancelled the hook `stop` is told of each open turn; an answer is still
 * due, soon.
 *
 * A run that was under way when an earlier life of this program ended is taken up where it stands:
 * each step in flight is first reconciled (exec/reconcile.h). With `only_looks` no change is begun
 * or repeated: the run ends INTERRUPTED when one is left, for a person decides whether it goes on;
 * else its waits and probes are taken up and it goes to its end.
 *
 * Ownership  the run, the hooks' context and the key are borrowed until `ended` has been called or
 *            the engine was left; it frees itself after that.
 * Threads    the loop thread only.
 */

#include <stdbool.h>
#include <stdint.h>

#include "escher/base/clock.h"
#include "escher/base/error.h"
#include "escher/base/id.h"
#include "escher/crypt/secret.h"
#include "escher/exec/command.h"
#include "escher/exec/helper.h"
#include "escher/exec/run.h"
#include "escher/loop/loop.h"

struct esc_engine;
struct esc_turn;

/** What a turn is about; borrowed while the turn is open. */
const struct esc_step *esc_turn_step(const struct esc_turn *turn);

/** Answers `before`: go on. An aws step brings its command (handed over), others NULL. */
void esc_turn_go(struct esc_turn *turn, struct esc_command *command);
/** Answers `before`: not this step. ESC_OK: there is nothing to do (NOOP). */
void esc_turn_refuse(struct esc_turn *turn, enum esc_status status, const char *message);
/**
 * Answers `perform` and `settle`: SUCCEEDED; FAILED (for settle: it did not happen); UNKNOWN;
 * CANCELLED. @p message (copied) may be NULL.
 */
void esc_turn_end(struct esc_turn *turn, enum esc_step_state state,
                  enum esc_error_category category, const char *message);

enum esc_engine_event {
    ESC_EVENT_RUN_STARTED,
    ESC_EVENT_STEP_STARTED,
    ESC_EVENT_STEP_CHANGED, /* any other move of its state */
    ESC_EVENT_STEP_RETRY,   /* waits for its next attempt */
    ESC_EVENT_STEP_ENDED,
    ESC_EVENT_RUN_ENDED,
};
/** "run.started", "step.ended" ... */
const char *esc_engine_event_text(enum esc_engine_event event);

struct esc_engine_hooks {
    void *context;
    void (*before)(void *context, struct esc_turn *turn);
    void (*perform)(void *context, struct esc_turn *turn); /* steps that are not aws */
    void (*settle)(void *context, struct esc_turn *turn);  /* NULL: always UNKNOWN */
    void (*stop)(void *context, struct esc_turn *turn);    /* may be NULL */
    /* The journal: durable when it returns. The step stands as RUNNING, resp. as it ended. */
    enum esc_status (*intent)(void *context, const struct esc_run *run, const struct esc_step *step,
                              struct esc_error *err);
    enum esc_status (*result)(void *context, const struct esc_run *run, const struct esc_step *step,
                              struct esc_error *err);
    /* What happens, for people; both may be NULL. @p step is NULL for events of the run. */
    void (*event)(void *context, enum esc_engine_event event, const struct esc_run *run,
                  const struct esc_step *step);
    void (*output)(void *context, const struct esc_step *step, enum esc_stream stream,
                   uint64_t offset, struct esc_str bytes);
    void (*gap)(void *context, const struct esc_step *step, enum esc_stream stream, uint64_t from,
                uint64_t to);
    /* The run is over, or stopped with steps left (journal). The last call. */
    void (*ended)(void *context, struct esc_run *run);
};

/** How attempts are made; NULL members take those of exec/helper.h. For tests. */
struct esc_engine_launcher {
    enum esc_status (*start)(struct esc_loop *loop, const struct esc_helper_options *options,
                             struct esc_helper **out, struct esc_error *err);
    void (*cancel)(struct esc_helper *helper);
    void (*abandon)(struct esc_helper *helper);
    enum esc_status (*attach)(struct esc_loop *loop, const struct esc_helper_options *options,
                              struct esc_helper **out, struct esc_error *err);
    enum esc_status (*look)(const struct esc_attempt *attempt, enum esc_attempt_trace *out,
                            struct esc_error *err);
    enum esc_status (*read_record)(const struct esc_attempt *attempt, const struct esc_secret *key,
                                   struct esc_exit_record *out, struct esc_error *err);
    enum esc_status (*read_output)(const struct esc_attempt *attempt, const struct esc_secret *key,
                                   enum esc_stream stream, uint64_t offset, struct esc_buf *out,
                                   bool *finished, struct esc_error *err);
};

struct esc_engine_options {
    struct esc_run *run;                 /* checked; borrowed until `ended` */
    struct esc_engine_hooks hooks;       /* copied */
    const char *folder;                  /* of the run; exists; copied */
    const char *helper_program;          /* escher-run; copied */
    const struct esc_secret *run_key;    /* copied */
    bool only_looks;                     /* settle what is in flight, begin no change */
    uint64_t grace_ms;                   /* of a cancel or timeout; 0: ESC_PROCESS_GRACE_MS */
    struct esc_engine_launcher launcher; /* zero: the real one */
    const struct esc_clock *clock;       /* NULL: the system's */
    const struct esc_random *random;     /* NULL: the system's */
};

/** @errors ESC_INVALID: esc_run_check(). */
enum esc_status esc_engine_start(struct esc_loop *loop, const struct esc_engine_options *options,
                                 struct esc_engine **out, struct esc_error *err);
/** Nothing new begins, what runs is ended, `ended` follows. Twice is like once. */
void esc_engine_cancel(struct esc_engine *engine);
/**
 * Turns away: no hook is called any more, open turns are gone and are not to be answered. What runs
 * goes on in its helper, and a later engine takes the run up from what the journal says.
 */
void esc_engine_leave(struct esc_engine *engine);
