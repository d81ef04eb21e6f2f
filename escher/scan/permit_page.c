/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "escher/base/alloc.h"
#include "escher/iam/explain.h"
#include "escher/scan/permit_private.h"

/* What an answer of the policies is called and shown as. */

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

static void add_conditions(const struct permit_answer *answer, const char *action,
                           struct esc_permissions *out)
{
    for (size_t i = 0; i < answer->verdict.key_count; i++) {
        ESC_CLEANUP(esc_freep) char *key = esc_str_dup(answer->verdict.keys[i]);
        esc_permissions_add_condition(out, action, key);
    }
}

static void add(const struct permit_answer *answer, const char *action, struct esc_permissions *out,
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
    permit_forget_keys(permit);
    for (size_t i = 0; actions[i]; i++) {
        struct permit_answer answer = {0};
        permit_decide(permit, resource, actions[i], policy, &answer);
        add(&answer, actions[i], permissions, count ? count : &uncounted);
        permit_answer_done(&answer);
    }
    permissions->source = esc_strdup("local");
    permissions->checked_at_ms = esc_policy_set_read_at_ms(esc_permit_policies(permit));
    permissions->user_context = esc_policy_set_user(esc_permit_policies(permit));
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

/* The sentence is of what is needed; on which key stands behind it. */
static void add_needs(const struct permit_answer *answer, struct esc_json *page)
{
    struct esc_json *needs = esc_json_object();
    const bool is_known = answer->key->arn && answer->verdict.decision != ESC_IAM_UNDECIDED;
    esc_json_set_str(needs, "action", answer->request.action);
    if (answer->key->arn)
        esc_json_set_text(needs, "key", answer->key->arn);
    esc_json_set_text(needs, "of", answer->key->of);
    esc_json_set(page, "needs", needs);
    ESC_CLEANUP(esc_freep)
    char *sentence =
        is_known
            ? esc_sprintf("%s on %s, the key of %s", esc_json_str(page, "sentence", ""),
                          answer->key->arn, answer->key->of)
            : esc_sprintf("whether it is allowed is not known: %s", esc_json_str(page, "why", ""));
    esc_json_set_text(page, "sentence", sentence);
}

struct esc_json *esc_permit_explain(struct esc_permit *permit, const struct esc_resource *resource,
                                    const char *action, const struct esc_permit_policy *policy)
{
    struct permit_answer answer = {0};
    permit_forget_keys(permit);
    permit_decide(permit, resource, action, policy, &answer);
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
    if (answer.key)
        add_needs(&answer, page);
    permit_answer_done(&answer);
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
