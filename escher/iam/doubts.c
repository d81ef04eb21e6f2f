/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/iam/evaluate_private.h"

/*
 * What an open verdict waits for. While the layers were asked, the statements that came out as
 * maybe were noted; those that could still change the answer are asked once more, now with a list
 * for the keys they miss.
 */

/* Whether allows, or denials, of a layer could still change the answer. */
static bool is_open(const struct question *question, enum esc_iam_layer layer, bool is_deny)
{
    const struct outcome *outcome = &question->outcomes[layer];
    if (is_deny)
        return outcome->deny == IAM_MAYBE;
    if (question->is_allowed == IAM_YES)
        return false;
    bool is_open = outcome->allow == IAM_MAYBE;
    for (int i = 0; i < IAM_CLOSENESS_COUNT; i++)
        is_open = is_open || outcome->by[i] == IAM_MAYBE;
    return is_open;
}

static void merge(struct iam_doubts *into, const struct iam_doubts *from)
{
    const struct iam_asking collecting = {.doubts = into};
    for (size_t i = 0; i < from->key_count; i++)
        iam_doubt_key(&collecting, from->keys[i]);
    if (from->why)
        iam_doubt_why(&collecting, from->why);
}

static bool is_named_in_part(const struct iam_naming *naming)
{
    for (int i = 0; i < IAM_CLOSENESS_COUNT; i++) {
        if (naming->by[i] == IAM_MAYBE)
            return true;
    }
    return false;
}

/* Collects into @p all what the statement waits for, if it does. */
static void doubt_statement(struct question *question, enum esc_iam_layer layer,
                            const struct iam_statement *statement, struct iam_doubts *all)
{
    struct iam_doubts own = {0};
    struct iam_naming naming = {.by[IAM_IN_PERSON] = IAM_YES};
    if (!is_open(question, layer, statement->is_deny))
        return;
    if (layer == ESC_IAM_RESOURCE)
        naming = iam_naming_of(question, statement);
    question->asking.doubts = &own;
    if (iam_statement_applies(&question->asking, statement) == IAM_YES)
        own = (struct iam_doubts){0}; /* what was open on the way did not matter */
    if (is_named_in_part(&naming))
        iam_doubt_why(&question->asking,
                      "whether the resource's policy means this principal is not certain");
    question->asking.doubts = NULL;
    merge(all, &own);
}

static void doubt_sets(const struct question *question, enum esc_iam_layer layer,
                       const struct esc_iam_set *sets, size_t count, struct iam_doubts *all)
{
    for (size_t i = 0; i < count && question->outcomes[layer].applies; i++) {
        if (sets[i].unread && !all->why)
            all->why = sets[i].unread;
    }
}

static void collect(struct question *question, struct iam_doubts *all)
{
    const struct esc_iam_layers *layers = question->layers;
    if (question->asking.request->scp_told == ESC_IAM_NOT_TOLD)
        doubt_sets(question, ESC_IAM_SCP, layers->scp_levels, layers->scp_level_count, all);
    doubt_sets(question, ESC_IAM_RCP, layers->rcp_levels, layers->rcp_level_count, all);
    doubt_sets(question, ESC_IAM_RESOURCE, layers->resource, layers->resource ? 1 : 0, all);
    doubt_sets(question, ESC_IAM_IDENTITY, &layers->identity, 1, all);
    doubt_sets(question, ESC_IAM_BOUNDARY, layers->boundary, layers->boundary ? 1 : 0, all);
    doubt_sets(question, ESC_IAM_SESSION, layers->session, layers->session ? 1 : 0, all);
    for (size_t i = 0; i < question->open->count; i++)
        doubt_statement(question, question->open->of[i].layer, question->open->of[i].statement,
                        all);
}

/* The first layer whose answer is open: one that may deny before one that may not allow. */
static void point_at_open(const struct question *question, struct esc_iam_verdict *out)
{
    for (int i = 0; i < ESC_IAM_LAYER_COUNT; i++) {
        const struct outcome *outcome = &question->outcomes[i];
        if (outcome->deny == IAM_MAYBE) {
            iam_decide(out, out->decision, (enum esc_iam_layer)i, &outcome->denied_by);
            return;
        }
    }
    for (int i = 0; i < ESC_IAM_LAYER_COUNT; i++) {
        const struct outcome *outcome = &question->outcomes[i];
        if (outcome->allow == IAM_MAYBE) {
            iam_decide(out, out->decision, (enum esc_iam_layer)i, &outcome->allowed_by);
            return;
        }
    }
}

void iam_decide_open(struct question *question, struct esc_iam_verdict *out)
{
    struct iam_doubts doubts = {0};
    collect(question, &doubts);
    out->decision = doubts.why || doubts.key_count == 0 ? ESC_IAM_UNDECIDED : ESC_IAM_CONDITIONAL;
    out->why = doubts.why;
    if (out->decision == ESC_IAM_UNDECIDED && !out->why)
        out->why = "part of it could not be decided";
    memcpy(out->keys, doubts.keys, sizeof out->keys);
    out->key_count = doubts.key_count;
    point_at_open(question, out);
}
