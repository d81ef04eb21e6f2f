/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What verify.c and judge.c share: filling our own playbook for a plan, and what the cloud said. */

#include "escher/base/json.h"
#include "escher/playbook/fill.h"
#include "escher/playbook/shelf.h"

/** The entry of the request's resources with this id, or NULL (also for ""). Borrowed. */
const struct esc_json *plan_resource(const struct esc_json *request, const char *id);
/**
 * {"resource", "context", "prompt"} for esc_fill(): @p parameters are [{name, value}], whose
 * values from the prompt must stand in it, outside the resource's own name. Owned by the caller.
 * @errors ESC_BLOCKED naming the value that does not.
 */
enum esc_status plan_facts(const struct esc_playbook *playbook, const struct esc_json *request,
                           const struct esc_json *resource, const struct esc_json *parameters,
                           struct esc_json **out, struct esc_error *err);

/** What the captures among the facts say of the target: its state (borrowed, NULL: unknown), */
const char *plan_live_state(const struct esc_filled *filled);
/** whether its tags make it production, */
bool plan_live_is_production(const struct esc_filled *filled);
/** and its state, tags and protection, set in @p observed by their paths. */
void plan_live_observe(const struct esc_filled *filled, struct esc_json *observed);
