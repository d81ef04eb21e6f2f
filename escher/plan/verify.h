/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The client's judgement of a plan from a planner it does not trust.
 *
 *     response bytes ──read strictly──▶ playbook id, targets, values
 *                                            │ our own playbook, our own facts
 *                                            ▼
 *     every step, argument, parameter  ◀──equal?──  derived again
 *                                            │ yes
 *                                            ▼
 *                                      escher.plan/1, draft
 *
 * The planner only chooses: a playbook and a resource of the request that the person named or
 * picked, and a value that stands in the prompt. Any difference, unknown member, foreign account
 * or other playbook text is a refusal that names it. The draft holds nothing the planner wrote:
 * texts and risk come from the playbook; a planner's higher risk level is kept, never a lower one.
 *
 * Pure: no clock, no file, no network, no memory of earlier calls.
 */

#include <stdint.h>

#include "escher/base/error.h"
#include "escher/base/json.h"
#include "escher/base/str.h"
#include "escher/plan/policy.h"
#include "escher/playbook/shelf.h"

/** What the client knows by itself; borrowed during the call. */
struct esc_plan_local {
    const struct esc_json *accounts; /* array of account ids that are ours; NULL: those of the
                                        request's user_context */
    const struct esc_policy *policy; /* NULL: the default */
    const char *cli_version;         /* "aws-cli/1.46.5"; NULL: unknown */
    uint64_t now_ms;                 /* for names that hold the time */
    const char *nonce;               /* ESC_NONCE_SIZE characters of [a-z0-9] */
};

/**
 * @p request is what we sent, @p response what came back. *plan, owned by the caller, is a draft:
 * esc_plan_judge() completes it with what the cloud says.
 * @errors ESC_BLOCKED: the answer is not what our playbook makes of our facts, or the policy
 * forbids it; the message names the difference. ESC_INVALID: our own request or local facts.
 */
enum esc_status esc_plan_verify(const struct esc_shelf *shelf, const struct esc_json *request,
                                struct esc_str response, const struct esc_plan_local *local,
                                struct esc_json **plan, struct esc_error *err);

/**
 * Checks that @p plan is a document of docs/formats/plan.schema.json, as written by us; for plans
 * that come back from a store. @errors ESC_INVALID naming the member.
 */
enum esc_status esc_plan_check(const struct esc_json *plan, struct esc_error *err);
