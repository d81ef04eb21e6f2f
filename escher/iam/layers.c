/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/iam/evaluate_private.h"

/* Each layer asked on its own: does a statement deny, does one allow, each no, maybe or yes. */

/* ---- whom a resource's policy means ---- */

/* Documented: a denial with NotPrincipal reaches everybody who has a boundary, named or not. */
static enum iam_truth is_bounded(const struct question *question)
{
    const struct esc_iam_set *boundary = question->layers->boundary;
    if (!boundary || question->is_root)
        return IAM_NO;
    return boundary->unread && boundary->count == 0 ? IAM_MAYBE : IAM_YES;
}

struct iam_naming iam_naming_of(const struct question *question,
                                const struct iam_statement *statement)
{
    struct iam_naming naming = {0};
    for (size_t i = 0; i < statement->grantee_count; i++)
        iam_grantee_match(&statement->grantees[i], question->asking.request->principal, &naming);
    if (statement->not_principal) {
        const enum iam_truth means = iam_not(iam_naming_excepts(&naming, question->is_session));
        return (struct iam_naming){
            .by[IAM_IN_PERSON] = statement->is_deny ? iam_or(means, is_bounded(question)) : means};
    }
    /* Whether a denial of the account reaches what its own policies allow is not documented. */
    if (statement->is_deny && question->is_same_account && !question->is_root)
        naming.by[IAM_BY_ACCOUNT] = iam_and(naming.by[IAM_BY_ACCOUNT], IAM_MAYBE);
    return naming;
}

/* ---- one layer ---- */

static void note_found(struct found *found, enum iam_truth truth, enum iam_truth best,
                       const struct esc_iam_policy *policy, const struct iam_statement *statement)
{
    if (truth != IAM_NO && (truth > best || !found->policy))
        *found = (struct found){policy, statement};
}

static void note_open(struct open_statements *open, enum esc_iam_layer layer,
                      const struct iam_statement *statement)
{
    if (open->count == ESC_COUNT(open->of))
        return;
    open->of[open->count].statement = statement;
    open->of[open->count++].layer = layer;
}

static void add(const struct question *question, struct outcome *outcome,
                const struct esc_iam_policy *policy, const struct iam_statement *statement,
                enum iam_truth truth)
{
    enum iam_truth *best = statement->is_deny ? &outcome->deny : &outcome->allow;
    note_found(statement->is_deny ? &outcome->denied_by : &outcome->allowed_by, truth, *best,
               policy, statement);
    *best = iam_or(*best, truth);
    if (truth == IAM_MAYBE)
        note_open(question->open, outcome->layer, statement);
}

static bool is_settled(const struct outcome *outcome, const struct iam_statement *statement)
{
    return (statement->is_deny ? outcome->deny : outcome->allow) == IAM_YES;
}

static void ask_policy(const struct question *question, const struct esc_iam_policy *policy,
                       struct outcome *outcome)
{
    const struct iam_selection *selection = iam_policy_select(policy, &question->asking);
    for (size_t i = 0; i < selection->count; i++) {
        const struct iam_statement *statement = &policy->statements[selection->indices[i]];
        if (!is_settled(outcome, statement))
            add(question, outcome, policy, statement,
                iam_statement_applies(&question->asking, statement));
    }
}

/* What was open beside something certain does not matter. */
static void forget_settled(struct open_statements *open, size_t first,
                           const struct outcome *outcome)
{
    size_t kept = first;
    for (size_t i = first; i < open->count; i++) {
        if (!is_settled(outcome, open->of[i].statement))
            open->of[kept++] = open->of[i];
    }
    open->count = kept;
}

static void leave_open(struct outcome *outcome)
{
    outcome->deny = iam_or(outcome->deny, IAM_MAYBE);
    outcome->allow = iam_or(outcome->allow, IAM_MAYBE);
    for (int i = 0; i < IAM_CLOSENESS_COUNT; i++)
        outcome->by[i] = iam_or(outcome->by[i], IAM_MAYBE);
}

static struct outcome ask_set(const struct question *question, enum esc_iam_layer layer,
                              const struct esc_iam_set *set)
{
    struct outcome outcome = {.layer = layer, .applies = true};
    const size_t first = question->open->count;
    for (size_t i = 0; i < set->count; i++)
        ask_policy(question, set->policies[i], &outcome);
    forget_settled(question->open, first, &outcome);
    if (set->unread)
        leave_open(&outcome);
    return outcome;
}

/* Every level must allow, one denial is enough. */
static struct outcome ask_levels(const struct question *question, enum esc_iam_layer layer,
                                 const struct esc_iam_set *levels, size_t count)
{
    struct outcome all = {.layer = layer, .applies = true, .allow = IAM_YES};
    for (size_t i = 0; i < count; i++) {
        const struct outcome level = ask_set(question, layer, &levels[i]);
        if (level.deny > all.deny)
            all.denied_by = level.denied_by;
        if (level.allow < all.allow)
            all.allowed_by = level.allowed_by;
        all.deny = iam_or(all.deny, level.deny);
        all.allow = iam_and(all.allow, level.allow);
    }
    return all;
}

/* ---- the resource's policy ---- */

static void add_grant(struct question *question, struct outcome *outcome,
                      const struct esc_iam_policy *policy, const struct iam_statement *statement)
{
    const struct iam_naming naming = iam_naming_of(question, statement);
    const enum iam_truth truth = iam_statement_applies(&question->asking, statement);
    enum iam_truth closest = IAM_NO;
    for (int i = 0; i < IAM_CLOSENESS_COUNT; i++) {
        const enum iam_truth named = iam_and(truth, naming.by[i]);
        closest = iam_or(closest, named);
        if (statement->is_deny)
            continue;
        note_found(&question->granted_by[i], named, outcome->by[i], policy, statement);
        outcome->by[i] = iam_or(outcome->by[i], named);
    }
    add(question, outcome, policy, statement, closest);
}

static struct outcome ask_resource(struct question *question, const struct esc_iam_set *set)
{
    struct outcome outcome = {.layer = ESC_IAM_RESOURCE, .applies = true};
    for (size_t p = 0; p < set->count; p++) {
        const struct esc_iam_policy *policy = set->policies[p];
        const struct iam_selection *selection = iam_policy_select(policy, &question->asking);
        for (size_t i = 0; i < selection->count; i++)
            add_grant(question, &outcome, policy, &policy->statements[selection->indices[i]]);
    }
    if (set->unread)
        leave_open(&outcome);
    return outcome;
}

/* ---- which layers have a say ---- */

static const struct outcome no_say = {.allow = IAM_YES};
static const struct outcome no_policy = {.applies = true}; /* denies nothing, allows nothing */

static bool is_service_linked(const struct esc_iam_principal *principal)
{
    struct esc_arn role;
    return esc_arn_parse(principal->role_arn, &role) &&
           esc_str_starts_with(role.resource, ESC_STR("role/aws-service-role/"));
}

static void ask_organisation(struct question *question)
{
    const struct esc_iam_layers *layers = question->layers;
    const struct esc_iam_request *request = question->asking.request;
    struct outcome *scp = &question->outcomes[ESC_IAM_SCP], *rcp = &question->outcomes[ESC_IAM_RCP];
    *scp = *rcp = no_say;
    if (is_service_linked(request->principal))
        return;
    if (!(request->principal->in_management_account && question->is_same_account))
        *rcp = ask_levels(question, ESC_IAM_RCP, layers->rcp_levels, layers->rcp_level_count);
    if (request->principal->in_management_account || request->scp_told == ESC_IAM_TOLD_ALLOWED)
        return;
    if (request->scp_told == ESC_IAM_TOLD_DENIED)
        *scp = no_policy;
    else
        *scp = ask_levels(question, ESC_IAM_SCP, layers->scp_levels, layers->scp_level_count);
}

static void ask_own(struct question *question, enum esc_iam_layer layer,
                    const struct esc_iam_set *set)
{
    question->outcomes[layer] = set && !question->is_root ? ask_set(question, layer, set) : no_say;
}

void iam_ask_layers(struct question *question)
{
    const struct esc_iam_layers *layers = question->layers;
    ask_organisation(question);
    ask_own(question, ESC_IAM_IDENTITY, &layers->identity);
    ask_own(question, ESC_IAM_BOUNDARY, layers->boundary);
    ask_own(question, ESC_IAM_SESSION, layers->session);
    question->outcomes[ESC_IAM_RESOURCE] =
        layers->resource ? ask_resource(question, layers->resource) : no_policy;
}
