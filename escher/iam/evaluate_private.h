/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A question while it is worked on, shared by layers.c, doubts.c and evaluate.c. */

#include "escher/iam/iam_private.h"
#include "escher/model/arn.h"

struct found {
    const struct esc_iam_policy *policy; /* NULL: none */
    const struct iam_statement *statement;
};

/* What a layer says; of SCPs and RCPs all levels together. */
struct outcome {
    enum esc_iam_layer layer;
    enum iam_truth deny, allow;
    enum iam_truth by[IAM_CLOSENESS_COUNT]; /* the resource's policy: who is allowed how closely */
    struct found denied_by, allowed_by;
    bool applies; /* false: the layer has no say, and allows */
};

/* The statements that came out as maybe and could matter in their set. */
struct open_statements {
    struct {
        const struct iam_statement *statement;
        enum esc_iam_layer layer;
    } of[64]; /* of more, what they wait for is not told */
    size_t count;
};

struct question {
    const struct esc_iam_layers *layers;
    struct iam_asking asking;
    struct outcome outcomes[ESC_IAM_LAYER_COUNT];
    struct found granted_by[IAM_CLOSENESS_COUNT]; /* the resource's policy */
    struct open_statements *open;
    struct esc_arn principal, resource;
    bool is_root, is_session, is_same_account, needs_resource_policy;
    enum iam_truth is_allowed;
};

/** Fills question->outcomes and question->open. */
void iam_ask_layers(struct question *question);
/** How a statement of the resource's policy names who asks. */
struct iam_naming iam_naming_of(const struct question *question,
                                const struct iam_statement *statement);
/** The verdict when neither an allow nor a denial is certain. */
void iam_decide_open(struct question *question, struct esc_iam_verdict *out);
void iam_decide(struct esc_iam_verdict *out, enum esc_iam_decision decision,
                enum esc_iam_layer layer, const struct found *found);
