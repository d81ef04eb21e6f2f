/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A verdict in a sentence, and the statement behind it. */

#include "escher/base/json.h"
#include "escher/iam/evaluate.h"

/**
 * One sentence for a person, without the full stop: "statement `NoProdStops` of `guardrails`
 * (service control policy) denies rds:StopDBInstance". Owned by the caller; names from policies
 * stand in it as they were written.
 */
ESC_RETURNS_NONNULL char *esc_iam_sentence(const struct esc_iam_verdict *verdict,
                                           const struct esc_iam_request *request);

/**
 * The verdict for an answer, owned by the caller: {"decision", "layer", "sentence", "keys"?,
 * "why"?, "policy"?: label, "statement"?: {"number" from 1, "sid"?, "json"}}.
 */
struct esc_json *esc_iam_verdict_to_json(const struct esc_iam_verdict *verdict,
                                         const struct esc_iam_request *request);
