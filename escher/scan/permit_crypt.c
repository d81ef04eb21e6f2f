/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "escher/base/alloc.h"
#include "escher/iam/explain.h"
#include "escher/model/arn.h"
#include "escher/model/partition.h"
#include "escher/scan/key_use.h"
#include "escher/scan/permit_private.h"

/*
 * What an action needs of the keys that a resource's data is encrypted under: the service asks KMS
 * as the caller. The action is allowed when that is too; where it is merely not known whether it is
 * needed, a refusal makes it unknown.
 */

#define KEY_TYPE "kms_key"

void esc_permit_key_free(void *item)
{
    struct esc_permit_key *key = item;
    free(key->arn);
    free(key->name);
    free(key->of);
    free(key->text);
    free(key);
}

void permit_keys_unread(const struct esc_resource *resource, struct esc_list *out)
{
    char *arn = esc_key_named_by(resource);
    if (!arn)
        return;
    struct esc_permit_key *key = esc_alloc_zero(sizeof *key);
    key->arn = arn;
    key->name = esc_strdup(arn);
    key->of = esc_strdup(resource->identifier);
    key->policy.unread = "nobody has read its policy";
    esc_list_push(out, key);
}

/* What is known of the call that the service makes. In whose name it comes is documented for the
 * usual partition; by what way (CalledVia) for few services.
 * @source KMS Developer Guide, "kms:ViaService", "kms:GrantIsForAWSResource", "kms:CallerAccount" */
static void tell_call(const struct esc_permit *permit, const struct esc_key_use *use,
                      const struct esc_resource *resource, const struct permit_plan *plan)
{
    const struct esc_str for_service = ESC_STR("kms:GrantIsForAWSResource");
    struct esc_iam_context *context = plan->own;
    static const char *const untold[] = {"aws:ViaAWSService", "aws:CalledVia", "aws:CalledViaFirst",
                                         "aws:CalledViaLast"};
    const char *region = esc_permit_region(resource);
    ESC_CLEANUP(esc_freep) char *via = esc_sprintf("%s.%s.amazonaws.com", use->service, region);
    if (!esc_text_equal(esc_partition_of_region(esc_str_of(region)), "aws-cn"))
        esc_iam_context_set(context, ESC_STR("kms:ViaService"), esc_str_of(via));
    esc_iam_context_set(context, ESC_STR("kms:CallerAccount"),
                        esc_str_of(esc_policy_set_account(esc_permit_policies(permit))));
    if (use->makes_grants && plan->action && esc_iam_action_has_key(plan->action, for_service))
        esc_iam_context_set(context, for_service, ESC_STR("true"));
    for (size_t i = 0; i < ESC_COUNT(untold); i++)
        esc_iam_context_set_unknown(context, esc_str_of(untold[i]));
}

/* The key as a resource: enough of it for a question. */
static struct esc_resource *resource_of(const struct esc_permit_key *key, const struct esc_arn *arn)
{
    struct esc_resource *resource = esc_resource_new();
    resource->resource_type = esc_strdup(KEY_TYPE);
    resource->id = esc_strdup(key->arn);
    resource->arn = esc_strdup(key->arn);
    resource->account_id = esc_str_dup(arn->account);
    resource->region = esc_str_dup(arn->region);
    return resource;
}

/* That no policy allows it is no denial when a grant may; that no policy of the organisation does is
 * one. */
static void doubt_grants(const struct esc_permit_key *key, struct permit_answer *answer)
{
    const enum esc_iam_layer layer = answer->verdict.layer;
    if (key->grants && answer->verdict.decision == ESC_IAM_IMPLICIT_DENY && layer != ESC_IAM_SCP &&
        layer != ESC_IAM_RCP)
        permit_become_unknown(answer, esc_strdup(key->grants));
}

static void ask(struct esc_permit *permit, const struct esc_key_use *use,
                const struct esc_resource *resource, const struct esc_permit_key *key,
                const char *action, struct permit_answer *answer)
{
    struct esc_arn arn;
    struct permit_plan *plan = permit_plan_of(permit, KEY_TYPE, action);
    answer->key = key;
    answer->request.action = esc_str_of(plan->name);
    answer->arn = esc_strdup(key->arn ? key->arn : resource->arn);
    if (!key->arn || !esc_arn_parse(esc_str_of(key->arn), &arn)) {
        permit_become_unknown(
            answer, esc_strdup(key->policy.unread ? key->policy.unread : "it is no name of a key"));
        return;
    }
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *asked = resource_of(key, &arn);
    esc_iam_context_clear(plan->own);
    permit_keys_tell(&plan->keys, asked, plan->own);
    tell_call(permit, use, resource, plan);
    permit_ask(permit, plan, asked, &key->policy, false, answer);
    doubt_grants(key, answer);
}

/* Which key it is about stands in the reason. */
static void name_key(const struct esc_key_use *use, struct permit_answer *answer)
{
    const struct esc_permit_key *key = answer->key;
    const enum esc_iam_decision decision = answer->verdict.decision;
    const bool is_denied = decision == ESC_IAM_EXPLICIT_DENY || decision == ESC_IAM_IMPLICIT_DENY;
    if (decision != ESC_IAM_UNDECIDED && !(is_denied && !use->is_certain))
        return;
    ESC_CLEANUP(esc_freep)
    char *because = is_denied ? esc_iam_sentence(&answer->verdict, &answer->request)
                              : esc_strdup(answer->verdict.why);
    permit_become_unknown(answer, key->arn ? esc_sprintf("it %s %.*s on %s, the key of %s: %s",
                                                         use->is_certain ? "needs" : "may need",
                                                         ESC_STR_ARG(answer->request.action),
                                                         key->arn, key->of, because)
                                           : esc_strdup(because));
}

static void take_worse(struct permit_answer *answer, struct permit_answer *other)
{
    const enum esc_iam_decision before = answer->verdict.decision;
    const bool is_both = before == ESC_IAM_CONDITIONAL && other->verdict.decision == before;
    for (size_t i = 0; is_both && i < other->verdict.key_count; i++)
        permit_hang_on(&answer->verdict, other->verdict.keys[i]);
    if (!permit_is_worse(other->verdict.decision, before)) {
        permit_answer_done(other);
        return;
    }
    permit_answer_done(answer);
    *answer = *other;
}

/* True when all that is needed is allowed. */
static bool ask_all(struct esc_permit *permit, const struct esc_key_use *use,
                    const struct esc_resource *resource, const struct esc_permit_key *key,
                    struct permit_answer *answer)
{
    bool is_allowed = true;
    for (size_t i = 0; use->needed[i]; i++) {
        struct permit_answer other = {0};
        ask(permit, use, resource, key, use->needed[i], &other);
        is_allowed = is_allowed && other.verdict.decision == ESC_IAM_ALLOW;
        name_key(use, &other);
        take_worse(answer, &other);
    }
    return is_allowed;
}

/* Whatever is encrypted under a key, what the caller may do with that is the same: what is allowed
 * is asked once. */
void permit_decide_crypt(struct esc_permit *permit, const struct esc_resource *resource,
                         const char *action, struct permit_answer *answer)
{
    const struct esc_key_use *use = esc_key_use_find(resource->resource_type, action);
    if (!use)
        return;
    const struct esc_list *keys = permit_keys_over(permit, resource);
    for (size_t i = 0; i < keys->count; i++) {
        const struct esc_permit_key *key = esc_list_at(keys, i);
        ESC_CLEANUP(esc_freep)
        char *name = esc_sprintf("%s %s %s %s", use->type, use->action, esc_permit_region(resource),
                                 key->arn ? key->arn : "");
        if (permit_key_is_open(permit, name))
            continue;
        if (ask_all(permit, use, resource, key, answer))
            permit_open_key(permit, name);
    }
}
