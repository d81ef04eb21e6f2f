/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A run: the steps of one approved plan, and how far each has come.
 *
 *     QUEUED ─▶ RUNNING ─▶ SUCCEEDED, FAILED, CANCELLED or UNKNOWN
 *                 │ ▲  └──▶ CANCELLING ─▶ one of them
 *                 ▼ │ resume
 *              INTERRUPTED
 *
 * The state of a run is not stored: it follows from its steps (esc_run_state). A run only
 * remembers: it starts no process and reads no clock. As JSON it is `escher.run/1`, the document
 * that is kept of it.
 *
 * Ownership  a run owns its steps and their texts; pointers to steps are borrowed and stay until
 *            the run is freed or a step is added.
 * Units      milliseconds since 1970.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "escher/base/error.h"
#include "escher/base/json.h"
#include "escher/exec/ending.h"
#include "escher/exec/step.h"
#include "escher/model/error_category.h"
#include "escher/model/retry_policy.h"

enum esc_strategy {
    ESC_STRATEGY_SERIAL,   /* one after the other, in order */
    ESC_STRATEGY_PARALLEL, /* in order, several at a time */
    ESC_STRATEGY_GRAPH,    /* as soon as all it needs is done, several at a time */
    ESC_STRATEGY_COUNT,
};
const char *esc_strategy_text(enum esc_strategy strategy);
enum esc_strategy esc_strategy_of_text(struct esc_str text); /* ESC_STRATEGY_COUNT: none */

/** One step of a run. What is planned is set once; the rest is written by the engine. */
struct esc_step {
    /* planned */
    char *id; /* [A-Za-z0-9_-]{1,64}, unique in the run */
    enum esc_step_kind kind;
    bool mutates;
    bool idempotent; /* may be repeated without harm although it mutates */
    bool keep_going; /* when it fails the other steps go on */
    char **needs;    /* ids of steps before it */
    size_t need_count;
    uint64_t timeout_ms;           /* of one attempt; 0: none */
    struct esc_retry_policy retry; /* for reads and idempotent steps only */
    struct esc_json *call;         /* what it does, for the record (argv, targets); may be NULL */
    /* happened */
    enum esc_step_state state;
    unsigned attempt;       /* 0: none yet */
    enum esc_ending ending; /* of the last attempt; LOST without one */
    int exit_code, signal;
    enum esc_error_category category;
    char *error_code;                    /* of the cloud; NULL */
    char *message;                       /* one line for people; NULL */
    bool reconciled;                     /* its end was found by a look, not seen */
    uint64_t started_at_ms, ended_at_ms; /* 0: not yet */
    uint64_t out_bytes, err_bytes;       /* of the last attempt */
};

struct esc_step_options {
    const char *id;
    enum esc_step_kind kind;
    bool mutates, idempotent, keep_going;
    const char *const *needs; /* NULL: none */
    size_t need_count;
    uint64_t timeout_ms;
    const struct esc_retry_policy *retry; /* NULL: one attempt */
    struct esc_json *call;                /* handed over; may be NULL */
};

struct esc_run {
    char *id;        /* a UUID */
    char *plan_hash; /* may be NULL */
    enum esc_strategy strategy;
    unsigned width; /* steps at a time, at least 1 */
    struct esc_step *steps;
    size_t step_count;
    bool cancelled; /* somebody asked for it */
    uint64_t created_at_ms, ended_at_ms;
};

ESC_RETURNS_NONNULL struct esc_run *esc_run_new(const char *id, const char *plan_hash,
                                                enum esc_strategy strategy, unsigned width,
                                                uint64_t now_ms);
void esc_run_free(struct esc_run *run);
ESC_DEFINE_CLEANUP(struct esc_run, esc_run_free)

/** Copies all of @p options but the call. @errors ESC_INVALID: id; ESC_EXISTS: twice; ESC_LIMIT: more than ESC_MAX_STEPS_COUNT. */
enum esc_status esc_run_add_step(struct esc_run *run, const struct esc_step_options *options,
                                 struct esc_error *err);
/** @errors ESC_INVALID: no steps, a need that does not exist, or a cycle (named). */
enum esc_status esc_run_check(const struct esc_run *run, struct esc_error *err);
struct esc_step *esc_run_step(struct esc_run *run, const char *id); /* NULL: none */

/** Moves the step along the picture in step.h. @errors ESC_CONFLICT: there is no such way. */
enum esc_status esc_run_move(struct esc_run *run, struct esc_step *step, enum esc_step_state next,
                             uint64_t now_ms, struct esc_error *err);

enum esc_run_state {
    ESC_RUN_QUEUED,
    ESC_RUN_RUNNING,
    ESC_RUN_CANCELLING,
    ESC_RUN_INTERRUPTED,
    ESC_RUN_SUCCEEDED,
    ESC_RUN_FAILED,
    ESC_RUN_CANCELLED,
    ESC_RUN_UNKNOWN,
    ESC_RUN_STATE_COUNT,
};
enum esc_run_state esc_run_state(const struct esc_run *run);
const char *esc_run_state_text(enum esc_run_state state);
bool esc_run_is_over(const struct esc_run *run);

struct esc_json *esc_run_to_json(const struct esc_run *run);
/** Strict, and checked like esc_run_check(). @errors ESC_INVALID naming the member. */
enum esc_status esc_run_from_json(const struct esc_json *json, struct esc_run **out,
                                  struct esc_error *err);
