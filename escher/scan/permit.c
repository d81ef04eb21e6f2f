/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/permit.h"

#include <stdlib.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/map.h"
#include "escher/catalog/iam_action.h"
#include "escher/iam/rcp_cover.h"
#include "escher/model/partition.h"
#include "escher/scan/permit_private.h"
#include "escher/scan/resource_policy.h"
#include "escher/scan/scan_private.h"

struct esc_permit {
    struct esc_policy_set *policies;
    struct esc_json *probes;
    struct esc_map *plans;    /* "TYPE ACTION" → struct permit_plan * */
    struct esc_map *services; /* "rds" → struct esc_iam_context *: what it never carries */
    struct esc_list keys;     /* of all services; char *, static */
    esc_permit_keys_fn *find_keys;
    void *find_context;
    struct esc_list over; /* struct esc_permit_key *: what protects the resource below */
    bool over_is_known;   /* else nobody has asked yet */
    struct esc_map *open; /* keys that are known to allow what an action needs of them */
};

static void plan_free(void *item)
{
    struct permit_plan *plan = item;
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
    esc_list_init(&permit->over, esc_permit_key_free);
    permit->open = esc_map_new(NULL);
    return permit;
}

void esc_permit_free(struct esc_permit *permit)
{
    if (!permit)
        return;
    esc_map_free(permit->plans);
    esc_map_free(permit->services);
    esc_list_done(&permit->keys);
    esc_list_done(&permit->over);
    esc_map_free(permit->open);
    esc_policy_set_free(permit->policies);
    esc_json_free(permit->probes);
    free(permit);
}

const struct esc_policy_set *esc_permit_policies(const struct esc_permit *permit)
{
    return permit->policies;
}

void esc_permit_set_keys(struct esc_permit *permit, esc_permit_keys_fn *keys, void *context)
{
    permit->find_keys = keys;
    permit->find_context = context;
    esc_permit_renew_keys(permit);
}

void esc_permit_renew_keys(struct esc_permit *permit)
{
    esc_map_free(permit->open);
    permit->open = esc_map_new(NULL);
}

bool permit_key_is_open(const struct esc_permit *permit, const char *name)
{
    return esc_map_has(permit->open, esc_str_of(name));
}

void permit_open_key(struct esc_permit *permit, const char *name)
{
    esc_map_set(permit->open, esc_str_of(name), permit);
}

const struct esc_list *esc_permit_last_keys(const struct esc_permit *permit)
{
    return &permit->over;
}

void permit_forget_keys(struct esc_permit *permit)
{
    esc_list_clear(&permit->over);
    permit->over_is_known = false;
}

const struct esc_list *permit_keys_over(struct esc_permit *permit,
                                        const struct esc_resource *resource)
{
    if (permit->over_is_known)
        return &permit->over;
    if (permit->find_keys)
        permit->find_keys(permit->find_context, resource, &permit->over);
    else
        permit_keys_unread(resource, &permit->over);
    permit->over_is_known = true;
    return &permit->over;
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

struct permit_plan *permit_plan_of(struct esc_permit *permit, const char *type, const char *action)
{
    ESC_CLEANUP(esc_freep) char *key = esc_sprintf("%s %s", type, action);
    struct permit_plan *plan = esc_map_get(permit->plans, esc_str_of(key));
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

void permit_answer_done(struct permit_answer *answer)
{
    free(answer->arn);
    free(answer->doubt);
}

bool esc_permit_probe_has_tags(const struct esc_json *probe, const struct esc_resource *resource)
{
    const struct esc_json *tags = esc_json_member(probe, "tags");
    return tags && esc_json_equal(tags, resource->tags);
}

/* What a probe says of the organisation's policies for the action. It was made with one resource,
 * and such a policy may name resources and hang on their tags: it holds for no other. That they
 * refuse it holds for none: a denial of whoever comes from elsewhere, or has a tag that is not this
 * one, meets the simulator too, which knows nothing of the call and does not say what it missed.
 * @source aws-cli issue 10525, aws-sdk issue 102 */
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
    const bool allows = esc_json_flag(verdict, "", false);
    const bool is_sample = esc_text_equal(sample, resource->id);
    const bool is_same = esc_permit_probe_has_tags(probe, resource);
    if (is_sample && is_same && allows)
        return ESC_IAM_TOLD_ALLOWED;
    if (is_sample) {
        *doubt =
            esc_strdup(is_same ? "the simulator says that a policy of the organisation refuses "
                                 "it, without knowing MFA, network and tags of a call"
                               : "the policies of the organisation were asked about other "
                                 "tags");
        return ESC_IAM_NOT_TOLD;
    }
    *doubt = esc_sprintf(allows ? "the policies of the organisation allow it for %s; another "
                                  "resource was not asked about"
                                : "a policy of the organisation refuses it for %s",
                         esc_json_str(probe, "name", sample));
    return ESC_IAM_NOT_TOLD;
}

/* Keys that the probe says some policy asks for. One of before it noted them has none. */
static const struct esc_json *missed(const struct esc_permit *permit,
                                     const struct esc_resource *resource, const char *action)
{
    ESC_CLEANUP(esc_freep)
    char *key = esc_sprintf("%s %s", resource->resource_type, resource->region);
    const struct esc_json *probe = esc_json_member(permit->probes, key);
    return esc_json_member(esc_json_member(probe, "missing"), action);
}

/* The organisation's policies as one level that nobody could read; false: none apply. */
static bool be_unread(const struct esc_permit *permit, struct esc_iam_set *level)
{
    const char *why = esc_policy_set_organisation_why(permit->policies);
    switch (esc_policy_set_organisation(permit->policies)) {
    case ESC_ORGANISATION_NONE:
    case ESC_ORGANISATION_BILLING:
    case ESC_ORGANISATION_MANAGEMENT:
        return false;
    case ESC_ORGANISATION_MEMBER:
        why = "the policies of the organisation could not be asked";
        break;
    case ESC_ORGANISATION_UNREAD:
    default:
        break;
    }
    *level = (struct esc_iam_set){.unread = why};
    return true;
}

bool permit_is_worse(enum esc_iam_decision a, enum esc_iam_decision b)
{
    static const int order[] = {
        [ESC_IAM_ALLOW] = 0,         [ESC_IAM_CONDITIONAL] = 1,   [ESC_IAM_UNDECIDED] = 2,
        [ESC_IAM_IMPLICIT_DENY] = 3, [ESC_IAM_EXPLICIT_DENY] = 4,
    };
    return order[a] > order[b];
}

void permit_hang_on(struct esc_iam_verdict *verdict, struct esc_str key)
{
    for (size_t i = 0; i < verdict->key_count; i++)
        if (esc_str_equal_nocase(verdict->keys[i], key))
            return;
    if (verdict->key_count < ESC_IAM_KEYS)
        verdict->keys[verdict->key_count++] = key;
}

void permit_become_unknown(struct permit_answer *answer, char *why)
{
    free(answer->doubt);
    answer->doubt = why;
    answer->verdict.decision = ESC_IAM_UNDECIDED;
    answer->verdict.layer = ESC_IAM_IDENTITY;
    answer->verdict.policy = NULL;
    answer->verdict.why = why;
}

static const char unread_own[] = "nobody has read the policy of the resource itself";

/* A role is taken on by its trust policy, which no scan keeps. */
static bool has_own_policy(const struct permit_answer *answer, const struct esc_resource *resource)
{
    return esc_resource_policy_may_allow(resource->resource_type, answer->request.action) ||
           esc_str_starts_with(answer->request.action, ESC_STR("sts:"));
}

/* That nothing allows it does not hold where a policy of the resource may allow it: one that names
 * the caller goes past boundary and session policy too. What an organisation does not allow none
 * can give. */
static void doubt_denial(struct permit_answer *answer, const struct esc_resource *resource,
                         bool is_other, const struct esc_permit_policy *policy)
{
    const enum esc_iam_layer layer = answer->verdict.layer;
    if (is_other || answer->verdict.decision != ESC_IAM_IMPLICIT_DENY || layer == ESC_IAM_SCP ||
        layer == ESC_IAM_RCP || !has_own_policy(answer, resource))
        return;
    const char *why = policy ? policy->unread : unread_own;
    if (why)
        permit_become_unknown(answer, esc_strdup(why));
}

/* Resource control policies only take away. Nobody but the organisation's administrators can read
 * them; where they did not, nothing is told, for the simulator does not ask them. */
static void add_controls(const struct esc_permit *permit, const struct esc_iam_request *request,
                         struct esc_iam_set *level, struct esc_iam_layers *layers)
{
    const enum esc_organisation organisation = esc_policy_set_organisation(permit->policies);
    if ((organisation != ESC_ORGANISATION_MEMBER && organisation != ESC_ORGANISATION_UNREAD) ||
        !esc_iam_rcp_covers(request->action) || esc_str_is(request->resource, "*") ||
        esc_policy_set_levels(permit->policies, ESC_IAM_RCP, &layers->rcp_levels,
                              &layers->rcp_level_count))
        return;
    *level = (struct esc_iam_set){
        .unread = "a resource control policy of the organisation may refuse it: only its "
                  "administrators can read those"};
    layers->rcp_levels = level;
    layers->rcp_level_count = 1;
}

/* Service control policies as they were read, or else what the simulator has told of them. */
static void add_organisation(const struct esc_permit *permit, const struct esc_resource *resource,
                             const struct permit_plan *plan, struct permit_answer *answer,
                             struct esc_iam_set *level, struct esc_iam_layers *layers)
{
    if (esc_policy_set_levels(permit->policies, ESC_IAM_SCP, &layers->scp_levels,
                              &layers->scp_level_count))
        return;
    if (!be_unread(permit, level))
        return;
    answer->request.scp_told = told(permit, resource, plan->name, &answer->doubt);
    answer->told = answer->request.scp_told != ESC_IAM_NOT_TOLD;
    answer->missed = answer->told ? missed(permit, resource, plan->name) : NULL;
    if (answer->doubt)
        level->unread = answer->doubt;
    layers->scp_levels = level;
    layers->scp_level_count = 1;
}

/* The simulator takes a key that it is not given for absent. That it allows the call holds only as
 * far as none of those is there that a policy asks for, of the organisation perhaps. */
static void doubt_probe(struct permit_answer *answer)
{
    struct esc_iam_verdict *verdict = &answer->verdict;
    const size_t count = esc_json_len(answer->missed);
    if (count == 0 ||
        (verdict->decision != ESC_IAM_ALLOW && verdict->decision != ESC_IAM_CONDITIONAL))
        return;
    if (verdict->decision == ESC_IAM_ALLOW) {
        verdict->decision = ESC_IAM_CONDITIONAL;
        verdict->layer = ESC_IAM_SCP;
        verdict->policy = NULL;
    }
    for (size_t i = 0; i < count; i++)
        permit_hang_on(verdict, esc_json_value(esc_json_at(answer->missed, i)));
}

/* What is shared into the account has an owner, whose policies nobody here can read. */
static void doubt_owner(struct permit_answer *answer, const struct esc_resource *resource)
{
    const struct esc_str owner = esc_permit_owner(resource);
    const enum esc_iam_decision decision = answer->verdict.decision;
    if (decision == ESC_IAM_EXPLICIT_DENY || decision == ESC_IAM_IMPLICIT_DENY ||
        esc_str_is(owner, resource->account_id))
        return;
    permit_become_unknown(answer,
                          esc_sprintf("it belongs to the account %.*s, whose policies cannot be "
                                      "read from here",
                                      ESC_STR_ARG(owner)));
}

void permit_ask(struct esc_permit *permit, struct permit_plan *plan,
                const struct esc_resource *resource, const struct esc_permit_policy *policy,
                bool is_other, struct permit_answer *answer)
{
    struct esc_iam_layers layers = *esc_policy_set_layers(permit->policies);
    struct esc_iam_set organisation = {0}, controls, own = {0};
    const struct esc_iam_policy *policies[1] = {policy ? policy->policy : NULL};
    answer->request = (struct esc_iam_request){
        .principal = esc_policy_set_principal(permit->policies),
        .action = esc_str_of(plan->name),
        .resource = esc_str_of(answer->arn),
        .resource_account = esc_str_of(resource->account_id),
        .context = is_other ? plan->other : plan->own,
        /* also what is in the resource: nobody names the object */
        .resource_is_partial = is_other || (!esc_text_equal(answer->arn, resource->arn) &&
                                            !esc_text_equal(answer->arn, "*")),
    };
    add_controls(permit, &answer->request, &controls, &layers);
    add_organisation(permit, resource, plan, answer, &organisation, &layers);
    if (!is_other && (policies[0] || esc_resource_policy_can_deny(resource->resource_type)))
        own = (struct esc_iam_set){policies, policies[0] ? 1 : 0,
                                   policy ? policy->unread : unread_own};
    if (own.count || own.unread)
        layers.resource = &own;
    if (answer->request.principal->arn.len == 0) { /* it would pass for somebody from elsewhere */
        permit_become_unknown(answer,
                              esc_strdup(layers.identity.unread ? layers.identity.unread
                                                                : "who is calling is not known"));
        return;
    }
    esc_iam_evaluate(&layers, &answer->request, &answer->verdict);
    doubt_probe(answer);
    doubt_denial(answer, resource, is_other, policy);
    doubt_owner(answer, resource);
}

/* What is done to the versions of a layer is asked of the latest, by which the layer is known. */
static const char *arn_of(const struct permit_plan *plan, const struct esc_resource *resource,
                          struct esc_iam_place place)
{
    const char *version = esc_json_str(resource->metadata, "latest_version_arn", NULL);
    const bool is_layer = plan->action && version && scan_is_type(resource, "lambda_layer") &&
                          !esc_iam_action_is_done_to(plan->action, &place);
    place.arn = version;
    return is_layer && esc_iam_action_is_done_to(plan->action, &place) ? version : resource->arn;
}

/* The worst of what a request for the action asks about. */
void permit_decide(struct esc_permit *permit, const struct esc_resource *resource,
                   const char *action, const struct esc_permit_policy *policy,
                   struct permit_answer *out)
{
    struct permit_plan *plan = permit_plan_of(permit, resource->resource_type, action);
    const char *region = esc_permit_region(resource);
    struct esc_iam_place place = {
        .arn = resource->arn,
        .partition = esc_partition_of_region(esc_str_of(region)),
        .region = region,
        .account_id = resource->account_id,
    };
    struct esc_list arns;
    place.arn = arn_of(plan, resource, place);
    esc_iam_context_clear(plan->own);
    esc_iam_context_clear(plan->other);
    permit_keys_tell(&plan->keys, resource, plan->own);
    esc_iam_context_set(plan->other, ESC_STR("aws:RequestedRegion"), esc_str_of(region));
    esc_iam_action_resources(plan->action, &place, &arns);
    for (size_t i = 0; i < arns.count; i++) {
        struct permit_answer answer = {.arn = esc_strdup(esc_list_at(&arns, i))};
        permit_ask(permit, plan, resource, policy, i > 0, &answer);
        if (i > 0 && !permit_is_worse(answer.verdict.decision, out->verdict.decision)) {
            permit_answer_done(&answer);
            continue;
        }
        permit_answer_done(out);
        *out = answer;
    }
    esc_list_done(&arns);
    if (!plan->action && out->verdict.decision != ESC_IAM_EXPLICIT_DENY &&
        out->verdict.decision != ESC_IAM_UNDECIDED)
        permit_become_unknown(out,
                              esc_sprintf("which resources %s is done to and which keys it has is "
                                          "not known here",
                                          plan->name));
    permit_decide_crypt(permit, resource, action, out);
}
