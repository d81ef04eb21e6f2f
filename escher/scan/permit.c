/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/permit.h"

#include <stdlib.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/map.h"
#include "escher/catalog/iam_action.h"
#include "escher/iam/explain.h"
#include "escher/model/arn.h"
#include "escher/scan/permit_private.h"

/* What is worked out once for a type and an action; the two contexts are filled for each resource:
 * that of the resource itself, and that of what else the request must name. */
struct plan {
    char *name;
    const struct esc_iam_action *action;
    struct permit_keys keys;
    struct esc_iam_context *base, *own, *other;
};

struct esc_permit {
    struct esc_policy_set *policies;
    struct esc_json *probes;
    struct esc_map *plans;    /* "TYPE ACTION" → struct plan * */
    struct esc_map *services; /* "rds" → struct esc_iam_context *: what it never carries */
    struct esc_list keys;     /* of all services; char *, static */
};

static void plan_free(void *item)
{
    struct plan *plan = item;
    esc_iam_context_free(plan->own);
    esc_iam_context_free(plan->other);
    esc_iam_context_free(plan->base);
    free(plan->name);
    free(plan);
}

static void free_context(void *context)
{
    esc_iam_context_free(context);
}

struct esc_permit *esc_permit_new(const struct esc_json *document, const struct esc_json *probes)
{
    struct esc_permit *permit = esc_alloc_zero(sizeof *permit);
    permit->policies = esc_policy_set_new(document);
    permit->probes = probes ? esc_json_ref(probes) : NULL;
    permit->plans = esc_map_new(plan_free);
    permit->services = esc_map_new(free_context);
    permit_keys_list(&permit->keys);
    return permit;
}

void esc_permit_free(struct esc_permit *permit)
{
    if (!permit)
        return;
    esc_map_free(permit->plans);
    esc_map_free(permit->services);
    esc_list_done(&permit->keys);
    esc_policy_set_free(permit->policies);
    esc_json_free(permit->probes);
    free(permit);
}

const struct esc_policy_set *esc_permit_policies(const struct esc_permit *permit)
{
    return permit->policies;
}

/* What holds for each request of the caller to a service. */
static const struct esc_iam_context *service_context(struct esc_permit *permit,
                                                     const struct esc_iam_action *action)
{
    if (!action)
        return esc_policy_set_context(permit->policies);
    const struct esc_str name = esc_str_of(action->name);
    const struct esc_str service = esc_str_slice(name, 0, esc_str_find(name, ESC_STR(":"), 0));
    struct esc_iam_context *context = esc_map_get(permit->services, service);
    if (!context) {
        context = esc_iam_context_child(esc_policy_set_context(permit->policies));
        permit_keys_rule_out_others(&permit->keys, service, context);
        esc_map_set(permit->services, service, context);
    }
    return context;
}

static struct plan *plan_of(struct esc_permit *permit, const char *type, const char *action)
{
    ESC_CLEANUP(esc_freep) char *key = esc_sprintf("%s %s", type, action);
    struct plan *plan = esc_map_get(permit->plans, esc_str_of(key));
    if (plan)
        return plan;
    plan = esc_alloc_zero(sizeof *plan);
    plan->name = esc_strdup(action);
    plan->action = esc_iam_action_find(esc_str_of(action));
    plan->keys = permit_keys_of(type, plan->action);
    plan->base = esc_iam_context_child(service_context(permit, plan->action));
    if (plan->action)
        permit_keys_rule_out(&permit->keys, plan->action, plan->base);
    plan->own = esc_iam_context_child(plan->base);
    plan->other = esc_iam_context_child(plan->base);
    esc_map_set(permit->plans, esc_str_of(key), plan);
    return plan;
}

/* The policy of a resource can only allow where the service takes no other, and may say no where
 * it does. */
static const struct {
    const char *type;
    bool can_deny;
} with_policies[] = {
    {"s3_bucket", true},     {"sqs_queue", true},      {"sns_topic", true},
    {"secret", true},        {"dynamodb_table", true}, {"lambda_function", false},
    {"lambda_alias", false}, {"lambda_layer", false},
};

bool esc_permit_needs_policy(const char *type)
{
    for (size_t i = 0; i < ESC_COUNT(with_policies); i++)
        if (esc_text_equal(with_policies[i].type, type))
            return with_policies[i].can_deny;
    return false;
}

static bool may_be_allowed_elsewhere(const char *type)
{
    for (size_t i = 0; i < ESC_COUNT(with_policies); i++)
        if (esc_text_equal(with_policies[i].type, type))
            return true;
    return false;
}

/* One question to the policies, and what it came to; verdict points into the rest. */
struct answer {
    struct esc_iam_request request;
    struct esc_iam_verdict verdict;
    char *arn;   /* owned */
    char *doubt; /* why it is unknown after all; owned; NULL */
    bool told;   /* the cloud has spoken, by a probe */
};

static void answer_done(struct answer *answer)
{
    free(answer->arn);
    free(answer->doubt);
}

/* What a probe says of the organisation's policies for the action. It was made with one resource;
 * that it was refused there need not hold for another. */
static enum esc_iam_told told(const struct esc_permit *permit, const struct esc_resource *resource,
                              const char *action, char **doubt)
{
    ESC_CLEANUP(esc_freep)
    char *key = esc_sprintf("%s %s", resource->resource_type, resource->region);
    const struct esc_json *probe = esc_json_member(permit->probes, key);
    const struct esc_json *verdict = esc_json_member(esc_json_member(probe, "allows"), action);
    const char *sample = esc_json_str(probe, "sample", "");
    if (!verdict)
        return ESC_IAM_NOT_TOLD;
    if (esc_json_flag(verdict, "", false))
        return ESC_IAM_TOLD_ALLOWED;
    if (esc_text_equal(sample, resource->id))
        return ESC_IAM_TOLD_DENIED;
    *doubt = esc_sprintf("a policy of the organisation refuses it for %s",
                         esc_json_str(probe, "name", sample));
    return ESC_IAM_NOT_TOLD;
}

/* The organisation's policies as one level that nobody could read; false: none apply. */
static bool add_organisation(const struct esc_permit *permit, const char *doubt,
                             struct esc_iam_set *level)
{
    const char *why = esc_policy_set_organisation_why(permit->policies);
    switch (esc_policy_set_organisation(permit->policies)) {
    case ESC_ORGANISATION_NONE:
    case ESC_ORGANISATION_MANAGEMENT:
        return false;
    case ESC_ORGANISATION_MEMBER:
        why = "the policies of the organisation could not be asked";
        break;
    case ESC_ORGANISATION_UNREAD:
    default:
        break;
    }
    *level = (struct esc_iam_set){.unread = doubt ? doubt : why};
    return true;
}

static bool is_worse(enum esc_iam_decision a, enum esc_iam_decision b)
{
    static const int order[] = {
        [ESC_IAM_ALLOW] = 0,         [ESC_IAM_CONDITIONAL] = 1,   [ESC_IAM_UNDECIDED] = 2,
        [ESC_IAM_IMPLICIT_DENY] = 3, [ESC_IAM_EXPLICIT_DENY] = 4,
    };
    return order[a] > order[b];
}

static void become_unknown(struct answer *answer, char *why)
{
    free(answer->doubt);
    answer->doubt = why;
    answer->verdict.decision = ESC_IAM_UNDECIDED;
    answer->verdict.layer = ESC_IAM_IDENTITY;
    answer->verdict.policy = NULL;
    answer->verdict.why = why;
}

/* That nothing allows it does not hold where a policy of the resource may allow it. */
static void doubt_denial(struct answer *answer, const struct esc_resource *resource, bool is_other,
                         const struct esc_permit_policy *policy)
{
    const enum esc_iam_layer layer = answer->verdict.layer;
    if (answer->verdict.decision != ESC_IAM_IMPLICIT_DENY || layer == ESC_IAM_SCP)
        return;
    if (!is_other && layer == ESC_IAM_IDENTITY && !policy &&
        may_be_allowed_elsewhere(resource->resource_type))
        become_unknown(answer, esc_strdup("nobody has read the policy of the resource itself"));
}

static void ask(struct esc_permit *permit, struct plan *plan, const struct esc_resource *resource,
                const struct esc_permit_policy *policy, bool is_other, struct answer *answer)
{
    struct esc_iam_layers layers = *esc_policy_set_layers(permit->policies);
    struct esc_iam_set organisation = {0}, own = {0};
    const struct esc_iam_policy *policies[1] = {policy ? policy->policy : NULL};
    answer->request = (struct esc_iam_request){
        .principal = esc_policy_set_principal(permit->policies),
        .action = esc_str_of(plan->name),
        .resource = esc_str_of(answer->arn),
        .resource_account = esc_str_of(resource->account_id),
        .context = is_other ? plan->other : plan->own,
        .resource_is_partial = is_other,
    };
    if (add_organisation(permit, NULL, &organisation)) {
        answer->request.scp_told = told(permit, resource, plan->name, &answer->doubt);
        answer->told = answer->request.scp_told != ESC_IAM_NOT_TOLD;
        if (answer->doubt)
            organisation.unread = answer->doubt;
        layers.scp_levels = &organisation;
        layers.scp_level_count = 1;
    }
    if (!is_other && esc_permit_needs_policy(resource->resource_type) && !policy)
        own.unread = "nobody has read the policy of the resource itself";
    else if (!is_other && policy)
        own = (struct esc_iam_set){policies, policies[0] ? 1 : 0, policy->unread};
    if (own.count || own.unread)
        layers.resource = &own;
    if (answer->request.principal->arn.len == 0) { /* it would pass for somebody from elsewhere */
        become_unknown(answer, esc_strdup(layers.identity.unread ? layers.identity.unread
                                                                 : "who is calling is not known"));
        return;
    }
    esc_iam_evaluate(&layers, &answer->request, &answer->verdict);
    doubt_denial(answer, resource, is_other, policy);
}

/* The worst of what a request for the action asks about. */
static void decide(struct esc_permit *permit, const struct esc_resource *resource,
                   const char *action, const struct esc_permit_policy *policy, struct answer *out)
{
    struct plan *plan = plan_of(permit, resource->resource_type, action);
    const struct esc_iam_place place = {
        .arn = resource->arn,
        .partition = esc_arn_partition(esc_str_of(resource->region)),
        .region = resource->region,
        .account_id = resource->account_id,
    };
    struct esc_list arns;
    esc_iam_context_clear(plan->own);
    esc_iam_context_clear(plan->other);
    permit_keys_tell(&plan->keys, resource, plan->own);
    esc_iam_context_set(plan->other, ESC_STR("aws:RequestedRegion"), esc_str_of(resource->region));
    esc_iam_action_resources(plan->action, &place, &arns);
    for (size_t i = 0; i < arns.count; i++) {
        struct answer answer = {.arn = esc_strdup(esc_list_at(&arns, i))};
        ask(permit, plan, resource, policy, i > 0, &answer);
        if (i > 0 && !is_worse(answer.verdict.decision, out->verdict.decision)) {
            answer_done(&answer);
            continue;
        }
        answer_done(out);
        *out = answer;
    }
    esc_list_done(&arns);
}

static enum esc_permission permission_of(enum esc_iam_decision decision)
{
    switch (decision) {
    case ESC_IAM_ALLOW:
        return ESC_PERMISSION_ALLOWED;
    case ESC_IAM_EXPLICIT_DENY:
    case ESC_IAM_IMPLICIT_DENY:
        return ESC_PERMISSION_DENIED;
    case ESC_IAM_CONDITIONAL:
        return ESC_PERMISSION_CONDITIONAL;
    case ESC_IAM_UNDECIDED:
    default:
        return ESC_PERMISSION_UNKNOWN;
    }
}

static void add_conditions(const struct answer *answer, const char *action,
                           struct esc_permissions *out)
{
    for (size_t i = 0; i < answer->verdict.key_count; i++) {
        ESC_CLEANUP(esc_freep) char *key = esc_str_dup(answer->verdict.keys[i]);
        esc_permissions_add_condition(out, action, key);
    }
}

static void add(const struct answer *answer, const char *action, struct esc_permissions *out,
                struct esc_permit_count *count)
{
    switch (permission_of(answer->verdict.decision)) {
    case ESC_PERMISSION_ALLOWED:
        esc_list_push(&out->allowed_actions, esc_strdup(action));
        count->allowed++;
        break;
    case ESC_PERMISSION_DENIED:
        esc_list_push(&out->denied_actions, esc_strdup(action));
        count->denied++;
        break;
    case ESC_PERMISSION_CONDITIONAL:
        add_conditions(answer, action, out);
        count->conditional++;
        break;
    case ESC_PERMISSION_UNKNOWN:
        count->unknown++;
        break;
    }
}

struct esc_permissions *esc_permit_resource(struct esc_permit *permit,
                                            const struct esc_resource *resource,
                                            const char *const *actions,
                                            const struct esc_permit_policy *policy,
                                            struct esc_permit_count *count)
{
    struct esc_permit_count uncounted = {0};
    struct esc_permissions *permissions = esc_permissions_new();
    for (size_t i = 0; actions[i]; i++) {
        struct answer answer = {0};
        decide(permit, resource, actions[i], policy, &answer);
        add(&answer, actions[i], permissions, count ? count : &uncounted);
        answer_done(&answer);
    }
    permissions->source = esc_strdup("local");
    permissions->checked_at_ms = esc_policy_set_read_at_ms(permit->policies);
    permissions->user_context = esc_policy_set_user(permit->policies);
    return permissions;
}

const char *esc_permission_text(enum esc_permission permission)
{
    static const char *const texts[] = {
        [ESC_PERMISSION_UNKNOWN] = "unknown",
        [ESC_PERMISSION_ALLOWED] = "allowed",
        [ESC_PERMISSION_DENIED] = "denied",
        [ESC_PERMISSION_CONDITIONAL] = "conditional",
    };
    return texts[permission];
}

struct esc_json *esc_permit_explain(struct esc_permit *permit, const struct esc_resource *resource,
                                    const char *action, const struct esc_permit_policy *policy)
{
    struct answer answer = {0};
    decide(permit, resource, action, policy, &answer);
    struct esc_json *page = esc_json_object();
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *verdict = esc_iam_verdict_to_json(&answer.verdict, &answer.request);
    static const char *const members[] = {"layer",     "sentence", "policy",
                                          "statement", "keys",     "why"};
    esc_json_set_text(page, "action", action);
    esc_json_set_text(page, "verdict", esc_permission_text(permission_of(answer.verdict.decision)));
    esc_json_set_bool(page, "explicit", answer.verdict.decision == ESC_IAM_EXPLICIT_DENY);
    const bool by_probe = answer.told && answer.verdict.layer == ESC_IAM_SCP;
    esc_json_set_text(page, "source", by_probe ? "simulate" : "local");
    esc_json_set_text(page, "asked", answer.arn);
    for (size_t i = 0; i < ESC_COUNT(members); i++) {
        const struct esc_json *member = esc_json_member(verdict, members[i]);
        if (member && !esc_json_is(member, ESC_JSON_NULL))
            esc_json_set(page, members[i], esc_json_ref(member));
    }
    answer_done(&answer);
    return page;
}

static bool same_texts(const struct esc_list *a, const struct esc_list *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!esc_text_equal(esc_list_at(a, i), esc_list_at(b, i)))
            return false;
    return true;
}

bool esc_permit_same(const struct esc_permissions *a, const struct esc_permissions *b)
{
    if (!a || !b)
        return a == b;
    if (!same_texts(&a->allowed_actions, &b->allowed_actions) ||
        !same_texts(&a->denied_actions, &b->denied_actions) ||
        a->conditional_actions.count != b->conditional_actions.count)
        return false;
    for (size_t i = 0; i < a->conditional_actions.count; i++) {
        const struct esc_conditional_action *one = esc_list_at(&a->conditional_actions, i);
        const struct esc_conditional_action *other = esc_list_at(&b->conditional_actions, i);
        if (!esc_text_equal(one->action, other->action) || !same_texts(&one->keys, &other->keys))
            return false;
    }
    return true;
}
