/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How often and how long to try again. A plain value: no memory, copied by assignment.
 * Units: milliseconds.
 */

#include <stdbool.h>
#include <stdint.h>

#include "escher/base/error.h"
#include "escher/base/json.h"
#include "escher/model/error_category.h"

struct esc_retry_policy {
    unsigned max_attempts; /* the first one counts; 1 never retries */
    uint64_t base_ms;      /* before the second attempt */
    double factor;         /* from one wait to the next, at least 1 */
    uint64_t cap_ms;       /* no wait is longer */
    bool full_jitter;      /* wait uniformly in [0, computed] */
    unsigned on;           /* bit 1 << category for each that is retried */
};

/** Three attempts, 2 s, factor 2, at most 60 s, full jitter, for categories a retry may help. */
struct esc_retry_policy esc_retry_policy_default(void);
bool esc_retry_policy_covers(const struct esc_retry_policy *policy,
                             enum esc_error_category category);

/** Missing members keep the default. @errors ESC_INVALID, with @p out untouched. */
enum esc_status esc_retry_policy_from_json(const struct esc_json *json,
                                           struct esc_retry_policy *out, struct esc_error *err);
struct esc_json *esc_retry_policy_to_json(const struct esc_retry_policy *policy);
