/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The policy that a resource has itself: which types have one, how it is read, and what is kept of
 * the answer:
 *
 *     {"document": TEXT}   as the cloud wrote it
 *     {"unread": WHY}      nobody knows what it says
 *     {}                   it has none
 *
 * Ownership  results are owned by the caller.
 * Threads    any.
 * @source the API reference of each service; Lambda: "Lambda resource-based policy", which allows
 *         and never denies.
 */

#include <stdbool.h>

#include "escher/catalog/operation.h"
#include "escher/model/resource.h"
#include "escher/scan/walk.h"

/** Whether resources of @p type can have a policy of their own. */
bool esc_resource_policy_is_had(const char *type);
/** Whether that can also say no. */
bool esc_resource_policy_can_deny(const char *type);
/** Whether that of a resource of @p type can allow the action. */
bool esc_resource_policy_may_allow(const char *type, struct esc_str action);
/** Whether enough is known of the resource to ask for its policy. */
bool esc_resource_policy_is_readable(const struct esc_resource *resource);
/** What reads it; NULL when the type has none, or none that one call reads. */
const struct esc_operation *esc_resource_policy_operation(const char *type);
/** The input for one resource of a type that has such an operation. */
ESC_RETURNS_NONNULL struct esc_json *
esc_resource_policy_params(const struct esc_resource *resource);
/** What is kept of the answer. */
ESC_RETURNS_NONNULL struct esc_json *esc_resource_policy_page(const char *type,
                                                              const struct esc_scan_answer *answer);
/** The actions that reading them takes, ends with NULL. */
extern const char *const esc_resource_policy_actions[];
