/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Asking AWS's own simulator: what it is asked, and what its answer says. It knows the policies of
 * the organisation, which nobody else may read; it knows no session policies and not the policies
 * of resources, so it is a probe and a comparison, not the answer.
 *
 * A probe, as it is kept:
 *
 *     {"at", "sample": resource id, "name", "tags": those it had, "allows": {ACTION: whether the organisation does},
 *      "missing": {ACTION: [context keys that some policy speaks of and the simulator was not given]},
 *      "refused"?: WHY}
 *
 * Pure. Ownership  results are owned by the caller.
 * @source IAM API, SimulatePrincipalPolicy
 */

#include "escher/base/error.h"
#include "escher/base/json.h"
#include "escher/model/resource.h"

/** The input for @p actions (ends with NULL) on a resource. @p principal is the ARN of the user or
 *  the role, not of a session. */
ESC_RETURNS_NONNULL struct esc_json *work_probe_params(const char *principal,
                                                       const struct esc_resource *resource,
                                                       const char *const *actions);
/** Begins a probe that an answer, or several pages of it, is then added to. */
ESC_RETURNS_NONNULL struct esc_json *work_probe_new(const struct esc_resource *sample,
                                                    uint64_t at_ms);
void work_probe_add(struct esc_json *probe, const struct esc_json *output);

/** What an answer says of one action: {"verdict": "allowed" or "denied", "explicit", "sentence",
 *  "organisation"?: whether it allows, "keys"?: [context keys that were missing],
 *  "policies"?: [names of those that matched]}. NULL: nothing. */
struct esc_json *work_probe_verdict(const struct esc_json *output, const char *action);
