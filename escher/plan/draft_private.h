/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Writing a filled playbook as an escher.plan/1 document (docs/formats/plan.schema.json). */

#include "escher/plan/policy.h"
#include "escher/playbook/fill.h"

/** All borrowed. */
struct plan_draft {
    const struct esc_filled *filled; /* bound */
    const struct esc_policy *policy;
    const char *planner_level; /* of risk, as the planner sees it */
    const char *cli_version;   /* NULL: unknown */
    uint64_t bound_at_ms;      /* 0: nothing needed binding */
    const char *nonce;         /* NULL likewise */
};

/** Owned by the caller. */
struct esc_json *plan_draft_to_json(const struct plan_draft *draft);
