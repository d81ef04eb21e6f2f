/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a playbook says about facts, in words: the explanation, the risk with its reasons, whether
 * it may go on. The same functions serve the planner, who knows only the estate, and the client,
 * who has read the cloud: each has filled the playbook from what it knows. A condition on something
 * not known counts for neither side.
 *
 * Names and other values from the estate stand in these texts as they are, made safe to show
 * (base/utf8.h) and in quotes when they hold anything but letters, digits and . _ : / -
 */

#include "escher/base/buf.h"
#include "escher/base/error.h"
#include "escher/base/json.h"
#include "escher/playbook/fill.h"

/** The explanation: the sentences whose condition holds, joined with a blank. Owned. */
ESC_RETURNS_NONNULL char *esc_explain(const struct esc_filled *filled);

/**
 * `risk_assessment` of a planner response, owned by the caller: {"level", "reasons": [],
 * "impact", "reversible", "undo"?, "downtime"?: {"typical_s", "max_s"}}.
 * Highest level of base and all rules that hold; their reasons in order.
 */
struct esc_json *esc_assess(const struct esc_filled *filled);

enum esc_verdict_kind {
    ESC_VERDICT_OK,
    ESC_VERDICT_NOOP,    /* nothing to do */
    ESC_VERDICT_BLOCKED, /* must not be done */
};
const char *esc_verdict_kind_text(enum esc_verdict_kind kind);

struct esc_verdict {
    enum esc_verdict_kind kind;
    char *decided_by;          /* id of the precondition; NULL when ok */
    char *reason;              /* NULL when ok */
    struct esc_json *warnings; /* array of strings, never NULL */
};
void esc_verdict_init(struct esc_verdict *verdict);
void esc_verdict_done(struct esc_verdict *verdict); /* twice is fine */

/** The preconditions on the facts it was filled from. With @p live a condition that cannot be
 *  told counts as not met; without, as met. @p verdict must be initialised. */
void esc_preconditions_judge(const struct esc_filled *filled, bool live,
                             struct esc_verdict *verdict);

/**
 * The captured values that conditions and texts of the playbook read, and no others, owned by the
 * caller: {"before.DBInstanceStatus": "available", ...}, a missing one null.
 */
struct esc_json *esc_observed(const struct esc_filled *filled);
