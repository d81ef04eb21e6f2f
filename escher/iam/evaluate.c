/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/iam/evaluate.h"

#include <string.h>

#include "escher/iam/iam_private.h"
#include "escher/model/arn.h"

/*
 * First every layer is asked on its own: does a statement deny, does one allow, each no, maybe or
 * yes. Then the layers are joined by the rules of the cloud. Only when something stays open are
 * the layers gone through once more, to collect what it waits for: that keeps the usual case free
 * of bookkeeping.
 */

struct found {
    const struct esc_iam_policy *policy; /* NULL: none */
    const struct iam_statement *statement;
};

/* What a layer says; of SCPs and RCPs all levels together. */
struct outcome {
    enum iam_truth deny, allow;
    enum iam_truth by[IAM_CLOSENESS_COUNT]; /* the resource's policy: who is allowed how closely */
    struct found denied_by, allowed_by;
    bool applies; /* false: the layer has no say, and allows */
};

struct question {
    const struct esc_iam_layers *layers;
    struct iam_asking asking;
    struct outcome outcomes[ESC_IAM_LAYER_COUNT];
    struct esc_arn principal, resource;
    bool is_root, is_session, is_same_account, needs_resource_policy;
    enum iam_truth is_allowed;
};

/* ---- one statement ---- */

void iam_doubt_key(const struct iam_asking *asking, struct esc_str key)
{
    struct iam_doubts *doubts = asking->doubts;
    if (!doubts || doubts->key_count == ESC_IAM_KEYS)
        return;
    for (size_t i = 0; i < doubts->key_count; i++) {
        if (esc_str_equal_nocase(doubts->keys[i], key))
            return;
    }
    doubts->keys[doubts->key_count++] = key;
}

void iam_doubt_why(const struct iam_asking *asking, const char *why)
{
    if (asking->doubts && !asking->doubts->why)
        asking->doubts->why = why;
}

static bool covers_action(const struct iam_asking *asking, const struct iam_statement *statement)
{
    bool any = false;
    for (size_t i = 0; i < statement->action_count && !any; i++)
        any = iam_pattern_match(asking, &statement->actions[i], asking->action_lower) == IAM_YES;
    return any != statement->not_action;
}

/* A variable without a value names no resource; whether it excepts one is not documented. */
static enum iam_truth match_resource(const struct iam_asking *asking,
                                     const struct iam_statement *statement,
                                     const struct iam_pattern *pattern)
{
    if (statement->not_resource && pattern->piece_count > 0) {
        struct iam_expanded expanded;
        const enum iam_truth has_value = iam_pattern_expand(asking, pattern, &expanded);
        iam_expanded_done(&expanded);
        if (has_value == IAM_NO) {
            iam_doubt_why(asking, "a variable in NotResource has no value");
            return IAM_MAYBE;
        }
    }
    return iam_pattern_match(asking, pattern, asking->request->resource);
}

static enum iam_truth covers_resource(const struct iam_asking *asking,
                                      const struct iam_statement *statement)
{
    if (!statement->has_resource)
        return IAM_YES; /* a trust policy speaks of its own role */
    enum iam_truth any = IAM_NO;
    for (size_t i = 0; i < statement->resource_count && any != IAM_YES; i++)
        any = iam_or(any, match_resource(asking, statement, &statement->resources[i]));
    return statement->not_resource ? iam_not(any) : any;
}

/* Whether the statement speaks of this request, whoever asks. */
static enum iam_truth applies(const struct iam_asking *asking,
                              const struct iam_statement *statement)
{
    if (!covers_action(asking, statement))
        return IAM_NO;
    enum iam_truth all = covers_resource(asking, statement);
    for (size_t i = 0; i < statement->test_count && all != IAM_NO; i++)
        all = iam_and(all, iam_test_holds(asking, &statement->tests[i]));
    return all;
}

/* Documented: a denial with NotPrincipal reaches everybody who has a boundary, named or not. */
static enum iam_truth is_bounded(const struct question *question)
{
    const struct esc_iam_set *boundary = question->layers->boundary;
    if (!boundary || question->is_root)
        return IAM_NO;
    return boundary->unread && boundary->count == 0 ? IAM_MAYBE : IAM_YES;
}

static struct iam_naming naming_of(const struct question *question,
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

static void note(struct found *found, enum iam_truth truth, enum iam_truth best,
                 const struct esc_iam_policy *policy, const struct iam_statement *statement)
{
    if (truth != IAM_NO && (truth > best || !found->policy))
        *found = (struct found){policy, statement};
}

static void add(struct outcome *outcome, const struct esc_iam_policy *policy,
                const struct iam_statement *statement, enum iam_truth truth)
{
    if (statement->is_deny) {
        note(&outcome->denied_by, truth, outcome->deny, policy, statement);
        outcome->deny = iam_or(outcome->deny, truth);
    } else {
        note(&outcome->allowed_by, truth, outcome->allow, policy, statement);
        outcome->allow = iam_or(outcome->allow, truth);
    }
}

static bool is_settled(const struct outcome *outcome, const struct iam_statement *statement)
{
    return (statement->is_deny ? outcome->deny : outcome->allow) == IAM_YES;
}

static void ask_policy(const struct question *question, const struct esc_iam_policy *policy,
                       struct outcome *outcome)
{
    for (size_t i = 0; i < policy->statement_count; i++) {
        const struct iam_statement *statement = &policy->statements[i];
        if (!is_settled(outcome, statement))
            add(outcome, policy, statement, applies(&question->asking, statement));
    }
}

static void leave_open(struct outcome *outcome)
{
    outcome->deny = iam_or(outcome->deny, IAM_MAYBE);
    outcome->allow = iam_or(outcome->allow, IAM_MAYBE);
    for (int i = 0; i < IAM_CLOSENESS_COUNT; i++)
        outcome->by[i] = iam_or(outcome->by[i], IAM_MAYBE);
}

static struct outcome ask_set(const struct question *question, const struct esc_iam_set *set)
{
    struct outcome outcome = {.applies = true};
    for (size_t i = 0; i < set->count; i++)
        ask_policy(question, set->policies[i], &outcome);
    if (set->unread)
        leave_open(&outcome);
    return outcome;
}

/* Every level must allow, one denial is enough. */
static struct outcome ask_levels(const struct question *question, const struct esc_iam_set *levels,
                                 size_t count)
{
    struct outcome all = {.applies = true, .allow = IAM_YES};
    for (size_t i = 0; i < count; i++) {
        const struct outcome level = ask_set(question, &levels[i]);
        if (level.deny > all.deny)
            all.denied_by = level.denied_by;
        if (level.allow < all.allow)
            all.allowed_by = level.allowed_by;
        all.deny = iam_or(all.deny, level.deny);
        all.allow = iam_and(all.allow, level.allow);
    }
    return all;
}

static void add_grant(struct outcome *outcome, const struct esc_iam_policy *policy,
                      const struct iam_statement *statement, const struct iam_naming *naming,
                      enum iam_truth truth)
{
    enum iam_truth closest = IAM_NO;
    for (int i = 0; i < IAM_CLOSENESS_COUNT; i++) {
        const enum iam_truth named = iam_and(truth, naming->by[i]);
        closest = iam_or(closest, named);
        if (!statement->is_deny)
            outcome->by[i] = iam_or(outcome->by[i], named);
    }
    add(outcome, policy, statement, closest);
}

static struct outcome ask_resource(const struct question *question, const struct esc_iam_set *set)
{
    struct outcome outcome = {.applies = true};
    for (size_t p = 0; p < set->count; p++) {
        const struct esc_iam_policy *policy = set->policies[p];
        for (size_t i = 0; i < policy->statement_count; i++) {
            const struct iam_statement *statement = &policy->statements[i];
            const struct iam_naming naming = naming_of(question, statement);
            add_grant(&outcome, policy, statement, &naming, applies(&question->asking, statement));
        }
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
        *rcp = ask_levels(question, layers->rcp_levels, layers->rcp_level_count);
    if (request->principal->in_management_account || request->scp_told == ESC_IAM_TOLD_ALLOWED)
        return;
    if (request->scp_told == ESC_IAM_TOLD_DENIED)
        *scp = no_policy;
    else
        *scp = ask_levels(question, layers->scp_levels, layers->scp_level_count);
}

static struct outcome ask_optional(const struct question *question, const struct esc_iam_set *set)
{
    return set && !question->is_root ? ask_set(question, set) : no_say;
}

static void ask_all(struct question *question)
{
    const struct esc_iam_layers *layers = question->layers;
    ask_organisation(question);
    question->outcomes[ESC_IAM_IDENTITY] = ask_optional(question, &layers->identity);
    question->outcomes[ESC_IAM_BOUNDARY] = ask_optional(question, layers->boundary);
    question->outcomes[ESC_IAM_SESSION] = ask_optional(question, layers->session);
    question->outcomes[ESC_IAM_RESOURCE] =
        layers->resource ? ask_resource(question, layers->resource) : no_policy;
}

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

static void decide(struct esc_iam_verdict *out, enum esc_iam_decision decision,
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
            decide(out, ESC_IAM_EXPLICIT_DENY, (enum esc_iam_layer)i, &outcome->denied_by);
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

static void decide_allow(const struct question *question, struct esc_iam_verdict *out)
{
    const struct outcome *identity = &question->outcomes[ESC_IAM_IDENTITY];
    const struct outcome *resource = &question->outcomes[ESC_IAM_RESOURCE];
    if (within_limits(question, identity->allow) != IAM_YES)
        decide(out, ESC_IAM_ALLOW, ESC_IAM_RESOURCE, &resource->allowed_by);
    else if (identity->applies)
        decide(out, ESC_IAM_ALLOW, ESC_IAM_IDENTITY, &identity->allowed_by);
    else
        decide(out, ESC_IAM_ALLOW, ESC_IAM_LAYER_COUNT, NULL);
}

/* ---- what an open verdict waits for ---- */

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

static bool is_named(const struct iam_naming *naming)
{
    return naming->by[IAM_IN_PERSON] || naming->by[IAM_BY_ROLE] || naming->by[IAM_BY_ACCOUNT];
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
        naming = naming_of(question, statement);
    question->asking.doubts = &own;
    const enum iam_truth truth = is_named(&naming) ? applies(&question->asking, statement) : IAM_NO;
    if (truth == IAM_YES)
        own = (struct iam_doubts){0}; /* what was open on the way did not matter */
    if (truth != IAM_NO && is_named_in_part(&naming))
        iam_doubt_why(&question->asking,
                      "whether the resource's policy means this principal is not certain");
    question->asking.doubts = NULL;
    if (truth != IAM_NO)
        merge(all, &own);
}

static void doubt_set(struct question *question, enum esc_iam_layer layer,
                      const struct esc_iam_set *set, struct iam_doubts *all)
{
    if (!question->outcomes[layer].applies || !set)
        return;
    for (size_t p = 0; p < set->count; p++) {
        for (size_t i = 0; i < set->policies[p]->statement_count; i++)
            doubt_statement(question, layer, &set->policies[p]->statements[i], all);
    }
    if (set->unread && !all->why)
        all->why = set->unread;
}

static void doubt_levels(struct question *question, enum esc_iam_layer layer,
                         const struct esc_iam_set *levels, size_t count, struct iam_doubts *all)
{
    const struct outcome together = question->outcomes[layer];
    for (size_t i = 0; i < count && together.applies; i++) {
        question->outcomes[layer] = ask_set(question, &levels[i]);
        doubt_set(question, layer, &levels[i], all);
    }
    question->outcomes[layer] = together;
}

static void collect(struct question *question, struct iam_doubts *all)
{
    const struct esc_iam_layers *layers = question->layers;
    if (question->asking.request->scp_told == ESC_IAM_NOT_TOLD)
        doubt_levels(question, ESC_IAM_SCP, layers->scp_levels, layers->scp_level_count, all);
    doubt_levels(question, ESC_IAM_RCP, layers->rcp_levels, layers->rcp_level_count, all);
    doubt_set(question, ESC_IAM_RESOURCE, layers->resource, all);
    doubt_set(question, ESC_IAM_IDENTITY, &layers->identity, all);
    doubt_set(question, ESC_IAM_BOUNDARY, layers->boundary, all);
    doubt_set(question, ESC_IAM_SESSION, layers->session, all);
}

/* The first layer whose answer is open: one that may deny before one that may not allow. */
static void point_at_open(const struct question *question, struct esc_iam_verdict *out)
{
    for (int i = 0; i < ESC_IAM_LAYER_COUNT; i++) {
        const struct outcome *outcome = &question->outcomes[i];
        if (outcome->deny == IAM_MAYBE) {
            decide(out, out->decision, (enum esc_iam_layer)i, &outcome->denied_by);
            return;
        }
    }
    for (int i = 0; i < ESC_IAM_LAYER_COUNT; i++) {
        const struct outcome *outcome = &question->outcomes[i];
        if (outcome->allow == IAM_MAYBE) {
            decide(out, out->decision, (enum esc_iam_layer)i, &outcome->allowed_by);
            return;
        }
    }
}

static void decide_open(struct question *question, struct esc_iam_verdict *out)
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
    ask_all(question);
    const enum iam_truth is_denied = denied(question);
    question->is_allowed = allowed(question);
    if (is_denied == IAM_YES)
        decide_explicit(question, out);
    else if (question->is_allowed == IAM_NO)
        decide(out, ESC_IAM_IMPLICIT_DENY, missing_layer(question), NULL);
    else if (question->is_allowed == IAM_YES && is_denied == IAM_NO)
        decide_allow(question, out);
    else
        decide_open(question, out);
}

void esc_iam_evaluate(const struct esc_iam_layers *layers, const struct esc_iam_request *request,
                      struct esc_iam_verdict *out)
{
    char action[128];
    struct question question = {.layers = layers};
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
