/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/plan/policy.h"

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/crypt/digest.h"

struct esc_policy esc_policy_default(void)
{
    return (struct esc_policy){.max_steps = ESC_MAX_STEPS_COUNT,
                               .max_targets = ESC_MAX_TARGETS_COUNT,
                               .max_class = ESC_RISK_DISRUPT,
                               .privilege_from_playbook = true,
                               .approval_ttl_ms = ESC_APPROVAL_TTL_MS,
                               .approval_ttl_destructive_ms = ESC_APPROVAL_TTL_DESTRUCTIVE_MS,
                               .type_name_production = true,
                               .type_name_destructive = true};
}

static enum esc_status take_number(const struct esc_json *json, const char *name, uint64_t ceiling,
                                   uint64_t *out, struct esc_error *err)
{
    const struct esc_json *value = esc_json_member(json, name);
    if (!value)
        return ESC_OK;
    const int64_t number = esc_json_num(value, "", -1);
    if (number < 0 || (uint64_t)number > ceiling)
        return esc_fail(err, ESC_INVALID, "`%s` must be a whole number from 0 to %llu", name,
                        (unsigned long long)ceiling);
    *out = (uint64_t)number;
    return ESC_OK;
}

/* A demand may be added, never dropped; a permission dropped, never added. */
static enum esc_status take_flag(const struct esc_json *json, const char *name, bool stricter,
                                 bool *out, struct esc_error *err)
{
    const struct esc_json *value = esc_json_member(json, name);
    if (!value)
        return ESC_OK;
    if (!esc_json_is(value, ESC_JSON_BOOL))
        return esc_fail(err, ESC_INVALID, "`%s` must be true or false", name);
    const bool wanted = esc_json_flag(value, "", *out);
    if (wanted != *out && wanted != stricter)
        return esc_fail(err, ESC_INVALID, "`%s` may only be made stricter", name);
    *out = wanted;
    return ESC_OK;
}

static enum esc_status take_class(const struct esc_json *json, struct esc_policy *policy,
                                  struct esc_error *err)
{
    const struct esc_json *value = esc_json_member(json, "max_class");
    if (!value)
        return ESC_OK;
    for (unsigned risk = 0; risk <= (unsigned)policy->max_class; risk++) {
        const char *text = esc_operation_risk_text((enum esc_operation_risk)risk);
        if (esc_text_equal(text, esc_json_str(value, "", ""))) {
            policy->max_class = (enum esc_operation_risk)risk;
            return ESC_OK;
        }
    }
    return esc_fail(err, ESC_INVALID, "`max_class` must be a class not above %s",
                    esc_operation_risk_text(policy->max_class));
}

enum esc_status esc_policy_from_json(const struct esc_json *json, struct esc_policy *out,
                                     struct esc_error *err)
{
    static const char *const allowed[] = {"max_steps",
                                          "max_targets",
                                          "max_class",
                                          "privilege_from_playbook",
                                          "approval_ttl_ms",
                                          "approval_ttl_destructive_ms",
                                          "type_name_production",
                                          "type_name_destructive",
                                          NULL};
    struct esc_policy policy = esc_policy_default();
    uint64_t steps = policy.max_steps, targets = policy.max_targets;
    if (!esc_json_is(json, ESC_JSON_OBJECT))
        return esc_fail(err, ESC_INVALID, "a policy is an object");
    enum esc_status status = esc_json_only(json, allowed, err);
    if (status == ESC_OK)
        status = take_number(json, "max_steps", steps, &steps, err);
    if (status == ESC_OK)
        status = take_number(json, "max_targets", targets, &targets, err);
    if (status == ESC_OK)
        status = take_class(json, &policy, err);
    if (status == ESC_OK)
        status =
            take_flag(json, "privilege_from_playbook", false, &policy.privilege_from_playbook, err);
    if (status == ESC_OK)
        status = take_number(json, "approval_ttl_ms", policy.approval_ttl_ms,
                             &policy.approval_ttl_ms, err);
    if (status == ESC_OK)
        status =
            take_number(json, "approval_ttl_destructive_ms", policy.approval_ttl_destructive_ms,
                        &policy.approval_ttl_destructive_ms, err);
    if (status == ESC_OK)
        status = take_flag(json, "type_name_production", true, &policy.type_name_production, err);
    if (status == ESC_OK)
        status = take_flag(json, "type_name_destructive", true, &policy.type_name_destructive, err);
    policy.max_steps = (unsigned)steps;
    policy.max_targets = (unsigned)targets;
    if (status == ESC_OK)
        *out = policy;
    return status;
}

struct esc_json *esc_policy_to_json(const struct esc_policy *policy)
{
    struct esc_json *json = esc_json_object();
    esc_json_set_int(json, "max_steps", policy->max_steps);
    esc_json_set_int(json, "max_targets", policy->max_targets);
    esc_json_set_text(json, "max_class", esc_operation_risk_text(policy->max_class));
    esc_json_set_bool(json, "privilege_from_playbook", policy->privilege_from_playbook);
    esc_json_set_int(json, "approval_ttl_ms", (int64_t)policy->approval_ttl_ms);
    esc_json_set_int(json, "approval_ttl_destructive_ms",
                     (int64_t)policy->approval_ttl_destructive_ms);
    esc_json_set_bool(json, "type_name_production", policy->type_name_production);
    esc_json_set_bool(json, "type_name_destructive", policy->type_name_destructive);
    return json;
}

void esc_policy_sha256(const struct esc_policy *policy, char out[65])
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_policy_to_json(policy);
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(json, ESC_JSON_SORTED);
    esc_sha256_hex(esc_str_of(text), out);
}
