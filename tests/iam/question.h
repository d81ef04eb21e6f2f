/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A question to the evaluator as one JSON object, for tests and for tools/iam-compare:
 *
 *     {"principal": ARN, "role": ARN?, "management": bool?,
 *      "action": "rds:StopDBInstance", "resource": ARN, "account": "123456789012"?,
 *      "partial": bool?, "others": "absent" or "unknown", "told": "allowed" or "denied"?,
 *      "context": {key: text, [texts], null for absent, or {} for unknown},
 *      "identity": [document], "boundary": [document]?, "session": [document]?,
 *      "resource_policy": [document]?, "scp": [[document]]?, "rcp": [[document]]?,
 *      "unread": {layer: why}?}
 *
 * Ownership  new/free.
 */

#include "escher/base/arena.h"
#include "escher/base/json.h"
#include "escher/base/list.h"
#include "escher/iam/evaluate.h"

struct question {
    struct esc_arena arena;
    struct esc_json *json;    /* what the texts below point into */
    struct esc_list policies; /* all of them, owned */
    struct esc_iam_principal principal;
    struct esc_iam_context *context;
    struct esc_iam_request request;
    struct esc_iam_layers layers;
};

/** @errors ESC_INVALID: a document that is none. */
enum esc_status question_new(const struct esc_json *json, struct question **out,
                             struct esc_error *err);
void question_free(struct question *question);
ESC_DEFINE_CLEANUP(struct question, question_free)
