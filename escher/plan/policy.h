/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What this installation allows at most, and what an approval must bring. The policy's digest is
 * part of each plan's hash: an approval given under one policy does not hold under another.
 *
 * Units  milliseconds.
 */

#include <stdbool.h>
#include <stdint.h>

#include "escher/base/error.h"
#include "escher/base/json.h"
#include "escher/catalog/operation.h"

struct esc_policy {
    unsigned max_steps;                /* of a plan */
    unsigned max_targets;              /* of a mutation */
    enum esc_operation_risk max_class; /* no operation above it */
    bool privilege_from_playbook;      /* but PRIVILEGE of a pinned playbook is allowed, too, unless
                                          max_class permits no change at all */
    uint64_t approval_ttl_ms;
    uint64_t approval_ttl_destructive_ms;
    bool type_name_production; /* the target's name must be typed */
    bool type_name_destructive;
};

struct esc_policy esc_policy_default(void);
/** Missing members keep the default; none may be laxer than it, unknown ones are refused.
 *  @errors ESC_INVALID */
enum esc_status esc_policy_from_json(const struct esc_json *json, struct esc_policy *out,
                                     struct esc_error *err);
struct esc_json *esc_policy_to_json(const struct esc_policy *policy);
void esc_policy_sha256(const struct esc_policy *policy, char out[65]);
