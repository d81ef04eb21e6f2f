/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A draft plan meets the live state of its target.
 *
 *     draft ──captures──▶ judge ──▶ ok: the plan has observed facts, final risk, texts, approval
 *                               ├─▶ noop: nothing to do, with the reason
 *                               └─▶ blocked: a precondition or a known deny, with the reason
 *
 * Later, before the first step that changes something, the same captures are read again and
 * esc_plan_drift() compares: any difference in what the conditions had read, in the state, the
 * tags or the protection of the target makes the plan stale.
 *
 * Pure: no clock, no file, no network.
 */

#include "escher/base/error.h"
#include "escher/base/json.h"
#include "escher/model/permission.h"
#include "escher/playbook/assess.h"
#include "escher/playbook/shelf.h"

/**
 * The value a probe's answer stands for: @p output at the `select` path of @p probe (an object of
 * a plan's captures, verification or done_when). @p error_code is the cloud's error or NULL; when
 * it is one of the probe's `missing` the value is an empty object, and so it is when all of an
 * empty @p output (NULL) is selected. Owned by the caller.
 * @errors ESC_NOT_FOUND: nothing stands at the path, or the cloud said so.
 */
enum esc_status esc_plan_probe_value(const struct esc_json *probe, const struct esc_json *output,
                                     const char *error_code, struct esc_json **out,
                                     struct esc_error *err);

/** What is known of one action on the plan's target; borrowed. */
struct esc_known_action {
    const char *action;
    enum esc_permission known;
    bool is_explicit;    /* DENIED: a statement says no, so it stays no until that is changed */
    const char *because; /* a few words; NULL */
    const char *whose; /* ARN: known of that one, who may not be the caller; NULL: of the caller */
};
struct esc_known_actions {
    const struct esc_known_action *items;
    size_t count;
};

/**
 * Judges @p plan, a draft of esc_plan_verify() for @p request, on @p captures: an object with the
 * value of each capture by its name. Sets in the plan: observed, targets' observed_state, risk,
 * explain_plan, warnings, the texts of steps, and approval: tags read now may make it production.
 * @p known tells of the playbook's actions, those it leaves out are unknown: an explicit deny
 * blocks; one for want of an allow, what hangs on a condition, and what is unknown beside what is
 * known warn; nothing known is a note. What is known of somebody else never blocks: denials warn,
 * and the rest is unknown. @p verdict must be initialised.
 * @errors ESC_INVALID: a capture is missing, or the plan does not fit shelf and request.
 */
enum esc_status esc_plan_judge(const struct esc_shelf *shelf, const struct esc_json *request,
                               const struct esc_json *captures,
                               const struct esc_known_actions *known, struct esc_json *plan,
                               struct esc_verdict *verdict, struct esc_error *err);

/**
 * Whether what @p plan observed is still so in @p captures, read again.
 * @errors ESC_STALE naming the first difference, "before.DBInstanceStatus was available and is
 * now stopping", or a capture that is missing; ESC_INVALID: the plan has not been judged.
 */
enum esc_status esc_plan_drift(const struct esc_json *plan, const struct esc_json *captures,
                               struct esc_error *err);

/**
 * Judges a condition of a plan (`done_when`, `until`, `expect` ...: text) on the value of its
 * probe, seen as `after`. @p captures (by name) may be NULL.
 * @errors ESC_INVALID: it does not parse.
 */
enum esc_status esc_plan_condition(const char *condition, const struct esc_json *after,
                                   const struct esc_json *captures, enum esc_truth *out,
                                   struct esc_error *err);
