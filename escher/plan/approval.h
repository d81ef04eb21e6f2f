/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The tie between what a person agreed to and what is run: the plan's hash, and the rules an
 * approval must meet. That an approval is used once is the store's to keep.
 *
 *     plan_hash = SHA-256( domain ‖ canonical plan ‖ playbook's sha256 ‖ policy's sha256
 *                          ‖ canonical observed facts ), each piece with its length before it
 *
 * Pure: no clock, no file.
 * Units  wall-clock milliseconds.
 */

#include <stdbool.h>
#include <stdint.h>

#include "escher/base/error.h"
#include "escher/base/json.h"
#include "escher/plan/policy.h"

enum {
    ESC_PLAN_HASH_TEXT = 65, /* lower-case hex with its NUL */
};

/** @p policy NULL: the default. @errors ESC_INVALID: not a judged escher.plan/1 (verify.h). */
enum esc_status esc_plan_hash(const struct esc_json *plan, const struct esc_policy *policy,
                              char out[ESC_PLAN_HASH_TEXT], struct esc_error *err);

/** What an approval of a plan must bring; texts are borrowed from the plan. */
struct esc_approval_demand {
    bool required;             /* false: the plan changes nothing */
    const char *typed;         /* the text that must be typed; NULL: a plain yes */
    const char *typed_because; /* "production", "destructive"; NULL without typed */
    uint64_t ttl_ms;           /* how long it holds */
};
/** @errors ESC_INVALID: not a judged plan. */
enum esc_status esc_approval_demand_of(const struct esc_json *plan, struct esc_approval_demand *out,
                                       struct esc_error *err);

/** An approval as it was given. */
struct esc_approval {
    char plan_hash[ESC_PLAN_HASH_TEXT];
    uint64_t planned_at_ms; /* when the facts were observed: the plan's age counts, too */
    uint64_t approved_at_ms;
    const char *typed; /* NULL: nothing was typed; borrowed */
};
/**
 * Whether @p approval permits @p plan to begin at @p now_ms.
 * @errors ESC_STALE with the reason: another hash, expired, from the future, the name was not
 * typed or typed differently; ESC_INVALID: not a judged plan.
 */
enum esc_status esc_approval_check(const struct esc_approval *approval, const struct esc_json *plan,
                                   const struct esc_policy *policy, uint64_t now_ms,
                                   struct esc_error *err);
