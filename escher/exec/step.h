/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A step: one thing a run does, on its way from being planned to being over.
 *
 *     QUEUED ─▶ AWAITING_APPROVAL ─▶ RUNNING ─▶ SUCCEEDED or FAILED      done, or known not to be
 *        │                            │  ▲ │
 *        ├─▶ NOOP  nothing to do      │  │ ├──▶ UNKNOWN       nobody can tell; a person decides
 *        ├─▶ FAILED  refused          ▼  │ │
 *        ├─▶ SKIPPED  not reached   WAITING├──▶ CANCELLING ─▶ CANCELLED, or as it turned out
 *        └─▶ CANCELLED          (to retry, │
 *                              for a state)└──▶ INTERRUPTED   found so after a crash:
 *                                                 settled, taken up again, or back to QUEUED
 *
 *     SUCCEEDED ─▶ ROLLING_BACK ─▶ ROLLED_BACK, FAILED or UNKNOWN
 *
 * A step only remembers; exec/engine.h drives it. A process that timed out or was lost is no end
 * of a step: for a mutation a look at the cloud decides (esc_step_judge).
 */

#include <stdbool.h>

#include "escher/base/str.h"
#include "escher/exec/ending.h"
#include "escher/model/error_category.h"

/*      name               text                 over */
#define ESC_STEP_STATE_LIST(X)                                                                     \
    X(QUEUED, "queued", false)                                                                     \
    X(AWAITING_APPROVAL, "awaiting_approval", false)                                               \
    X(RUNNING, "running", false)                                                                   \
    X(WAITING, "waiting", false)                                                                   \
    X(INTERRUPTED, "interrupted", false)                                                           \
    X(UNKNOWN, "unknown", true)                                                                    \
    X(SUCCEEDED, "succeeded", true)                                                                \
    X(NOOP, "noop", true)                                                                          \
    X(FAILED, "failed", true)                                                                      \
    X(CANCELLING, "cancelling", false)                                                             \
    X(CANCELLED, "cancelled", true)                                                                \
    X(SKIPPED, "skipped", true)                                                                    \
    X(ROLLING_BACK, "rolling_back", false)                                                         \
    X(ROLLED_BACK, "rolled_back", true)

#define ESC_STEP_STATE_ENUM(name, text, over) ESC_STEP_##name,
enum esc_step_state {
    ESC_STEP_STATE_LIST(ESC_STEP_STATE_ENUM) ESC_STEP_STATE_COUNT
};
#undef ESC_STEP_STATE_ENUM

const char *esc_step_state_text(enum esc_step_state state);
enum esc_step_state esc_step_state_of_text(struct esc_str text); /* ESC_STEP_STATE_COUNT: none */
/** Whether @p now may become @p next: the picture above. */
bool esc_step_may_become(enum esc_step_state now, enum esc_step_state next);
/** Nothing more will happen by itself. */
bool esc_step_is_over(enum esc_step_state state);
/** Over, and as wished: what needs it may go on. */
bool esc_step_is_good(enum esc_step_state state);
/** Under way: between its start and its end. */
bool esc_step_is_active(enum esc_step_state state);

enum esc_step_kind {
    ESC_STEP_AWS,      /* a call of the AWS CLI, through the helper */
    ESC_STEP_WAIT,     /* until the cloud is as wished */
    ESC_STEP_PROBE,    /* a look */
    ESC_STEP_APPROVE,  /* a person */
    ESC_STEP_PLAYBOOK, /* another playbook */
    ESC_STEP_KIND_COUNT,
};
const char *esc_step_kind_text(enum esc_step_kind kind);
enum esc_step_kind esc_step_kind_of_text(struct esc_str text); /* ESC_STEP_KIND_COUNT: none */

/** What one attempt means for its step. */
enum esc_judgement {
    ESC_JUDGED_DONE,      /* it did what it should */
    ESC_JUDGED_NOT_DONE,  /* certainly without effect, or it has none anyway */
    ESC_JUDGED_UNCERTAIN, /* a mutation that may have happened: ask the cloud */
};
/**
 * A read that failed did nothing. A mutation did nothing when the cloud refused it in words
 * (validation, permission, state, throttle ...) or when it never started; a timeout, a lost
 * connection, a signal or an answer that cannot be read says nothing about the cloud.
 */
enum esc_judgement esc_step_judge(bool mutates, enum esc_ending ending,
                                  enum esc_error_category category);
