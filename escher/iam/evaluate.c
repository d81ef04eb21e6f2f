/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/iam/evaluate.h"

#include <string.h>

#include "escher/iam/evaluate_private.h"

/* The layers joined by the rules of the cloud, and the verdict. */

/* ---- joining them ---- */

static enum iam_truth allow_of(const struct question *question, enum esc_iam_layer layer)
{
    return question->outcomes[layer].allow;
}

/* What the principal's own policies leave of a grant. */
static enum iam_truth within_limits(const struct question *question, enum iam_truth grant)
{
    return iam_and(
        grant, iam_and(allow_of(question, ESC_IAM_BOUNDARY), allow_of(question, ESC_IAM_SESSION)));
}

static enum iam_truth granted(const struct question *question)
{
    const enum iam_truth *by = question->outcomes[ESC_IAM_RESOURCE].by;
    const enum iam_truth identity = allow_of(question, ESC_IAM_IDENTITY);
    const enum iam_truth any =
        iam_or(by[IAM_IN_PERSON], iam_or(by[IAM_BY_ROLE], by[IAM_BY_ACCOUNT]));
    if (!question->is_same_account)
        return iam_and(any, within_limits(question, identity));
    const enum iam_truth delegated =
        question->needs_resource_policy ? iam_and(identity, any) : identity;
    return iam_or(by[IAM_IN_PERSON], within_limits(question, iam_or(by[IAM_BY_ROLE], delegated)));
}

static enum iam_truth allowed(const struct question *question)
{
    return iam_and(granted(question),
                   iam_and(allow_of(question, ESC_IAM_SCP), allow_of(question, ESC_IAM_RCP)));
}

static enum iam_truth denied(const struct question *question)
{
    enum iam_truth any = IAM_NO;
    for (int i = 0; i < ESC_IAM_LAYER_COUNT; i++)
        any = iam_or(any, question->outcomes[i].deny);
    return any;
}

/* ---- the verdict ---- */

void iam_decide(struct esc_iam_verdict *out, enum esc_iam_decision decision,
                enum esc_iam_layer layer, const struct found *found)
{
    out->decision = decision;
    out->layer = layer;
    out->policy = found ? found->policy : NULL;
    out->statement = found && found->policy ? found->statement->index : 0;
}

static void decide_explicit(const struct question *question, struct esc_iam_verdict *out)
{
    for (int i = 0; i < ESC_IAM_LAYER_COUNT; i++) {
        const struct outcome *outcome = &question->outcomes[i];
        if (outcome->deny == IAM_YES) {
            iam_decide(out, ESC_IAM_EXPLICIT_DENY, (enum esc_iam_layer)i, &outcome->denied_by);
            return;
        }
    }
}

/* The layer a person would have to change first. */
static enum esc_iam_layer missing_layer(const struct question *question)
{
    static const enum esc_iam_layer order[] = {ESC_IAM_SCP, ESC_IAM_RCP, ESC_IAM_IDENTITY,
                                               ESC_IAM_BOUNDARY, ESC_IAM_SESSION};
    const bool has_role_grant = question->outcomes[ESC_IAM_RESOURCE].by[IAM_BY_ROLE] != IAM_NO;
    for (size_t i = 0; i < ESC_COUNT(order); i++) {
        const bool is_replaced =
            order[i] == ESC_IAM_IDENTITY && has_role_grant && question->is_same_account;
        if (allow_of(question, order[i]) == IAM_NO && !is_replaced)
            return order[i];
    }
    return ESC_IAM_RESOURCE;
}

static const struct found *closest_grant(const struct question *question)
{
    const enum iam_truth *by = question->outcomes[ESC_IAM_RESOURCE].by;
    int closeness = IAM_IN_PERSON;
    while (closeness > IAM_BY_ACCOUNT && by[closeness] != IAM_YES)
        closeness--;
    return &question->granted_by[closeness];
}

static void decide_allow(const struct question *question, struct esc_iam_verdict *out)
{
    const struct outcome *identity = &question->outcomes[ESC_IAM_IDENTITY];
    if (within_limits(question, identity->allow) != IAM_YES)
        iam_decide(out, ESC_IAM_ALLOW, ESC_IAM_RESOURCE, closest_grant(question));
    else if (identity->applies)
        iam_decide(out, ESC_IAM_ALLOW, ESC_IAM_IDENTITY, &identity->allowed_by);
    else
        iam_decide(out, ESC_IAM_ALLOW, ESC_IAM_LAYER_COUNT, NULL);
}

/* ---- the question ---- */

/* Key policies and trust policies must allow, also within the account. */
static bool needs_resource_policy(struct esc_str action, const struct esc_arn *resource)
{
    if (esc_str_starts_with(action, ESC_STR("kms:")))
        return esc_str_is(esc_arn_kind(resource), "key");
    return esc_str_starts_with(action, ESC_STR("sts:assumerole"));
}

static bool is_same_account(const struct esc_iam_request *request, const struct question *question)
{
    struct esc_str owner = request->resource_account;
    if (owner.len == 0)
        owner = question->resource.account;
    return owner.len == 0 || esc_str_equal(owner, question->principal.account);
}

static void ask(struct question *question, struct esc_iam_verdict *out)
{
    iam_ask_layers(question);
    const enum iam_truth is_denied = denied(question);
    question->is_allowed = allowed(question);
    if (is_denied == IAM_YES)
        decide_explicit(question, out);
    else if (question->is_allowed == IAM_NO)
        iam_decide(out, ESC_IAM_IMPLICIT_DENY, missing_layer(question), NULL);
    else if (question->is_allowed == IAM_YES && is_denied == IAM_NO)
        decide_allow(question, out);
    else
        iam_decide_open(question, out);
}

void esc_iam_evaluate(const struct esc_iam_layers *layers, const struct esc_iam_request *request,
                      struct esc_iam_verdict *out)
{
    char action[IAM_ACTION];
    struct open_statements open;
    struct question question = {.layers = layers, .open = &open};
    open.count = 0;
    *out = (struct esc_iam_verdict){.decision = ESC_IAM_UNDECIDED, .layer = ESC_IAM_LAYER_COUNT};
    if (request->action.len > sizeof action) {
        out->why = "the name of the action is too long";
        return;
    }
    for (size_t i = 0; i < request->action.len; i++)
        action[i] = esc_to_lower(request->action.ptr[i]);
    question.asking = (struct iam_asking){.request = request,
                                          .context = request->context,
                                          .action_lower = {action, request->action.len}};
    question.asking.action_hash = iam_key_of(question.asking.action_lower).hash;
    if (esc_str_is(question.asking.action_lower, "sts:getcalleridentity")) {
        out->decision = ESC_IAM_ALLOW; /* no policy can take it away */
        return;
    }
    (void)esc_arn_parse(request->resource, &question.resource); /* "*" has no parts */
    (void)esc_arn_parse(request->principal->arn, &question.principal);
    question.is_root = esc_str_is(question.principal.resource, "root");
    question.is_session = esc_str_is(question.principal.service, "sts");
    question.is_same_account = is_same_account(request, &question);
    question.needs_resource_policy =
        needs_resource_policy(question.asking.action_lower, &question.resource);
    ask(&question, out);
}

/* ---- words ---- */

const char *esc_iam_decision_text(enum esc_iam_decision decision)
{
    static const char *const texts[] = {
        [ESC_IAM_ALLOW] = "allow",
        [ESC_IAM_EXPLICIT_DENY] = "explicit_deny",
        [ESC_IAM_IMPLICIT_DENY] = "implicit_deny",
        [ESC_IAM_CONDITIONAL] = "conditional",
        [ESC_IAM_UNDECIDED] = "unknown",
    };
    return texts[decision];
}

#define ESC_IAM_LAYER_TEXT(name, text, words) [ESC_IAM_##name] = text,
#define ESC_IAM_LAYER_WORDS(name, text, words) [ESC_IAM_##name] = words,

const char *esc_iam_layer_text(enum esc_iam_layer layer)
{
    static const char *const texts[] = {
        ESC_IAM_LAYER_LIST(ESC_IAM_LAYER_TEXT)[ESC_IAM_LAYER_COUNT] = "none"};
    return texts[layer];
}

const char *esc_iam_layer_words(enum esc_iam_layer layer)
{
    static const char *const words[] = {
        ESC_IAM_LAYER_LIST(ESC_IAM_LAYER_WORDS)[ESC_IAM_LAYER_COUNT] = "no policy"};
    return words[layer];
}
