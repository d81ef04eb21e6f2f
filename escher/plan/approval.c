/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/plan/approval.h"

#include <string.h>

#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/crypt/digest.h"
#include "escher/plan/canonical.h"
#include "escher/plan/verify.h"

static enum esc_status add_canonical(struct esc_digest *digest, const struct esc_json *json,
                                     struct esc_error *err)
{
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_RESPONSE);
    const enum esc_status status = esc_canonical_write(json, &text, err);
    if (status == ESC_OK)
        esc_digest_add_sized(digest, esc_buf_str(&text));
    esc_buf_done(&text);
    return status;
}

static enum esc_status check_judged(const struct esc_json *plan, struct esc_error *err)
{
    const enum esc_status status = esc_plan_check(plan, err);
    if (status == ESC_OK && !esc_json_member(plan, "observed"))
        return esc_fail(err, ESC_INVALID, "the plan has not met the live state yet");
    return status;
}

enum esc_status esc_plan_hash(const struct esc_json *plan, const struct esc_policy *policy,
                              char out[ESC_PLAN_HASH_TEXT], struct esc_error *err)
{
    enum esc_status status = check_judged(plan, err);
    if (status != ESC_OK)
        return status;
    const struct esc_policy usual = esc_policy_default();
    char policy_hash[65];
    esc_policy_sha256(policy ? policy : &usual, policy_hash);
    ESC_CLEANUP(esc_digest_freep) struct esc_digest *digest = esc_digest_new();
    esc_digest_add_sized(digest, ESC_STR("escher-plan-1"));
    status = add_canonical(digest, plan, err);
    if (status != ESC_OK)
        return status;
    esc_digest_add_sized(digest, esc_str_of(esc_json_str(plan, "playbook.sha256", "")));
    esc_digest_add_sized(digest, esc_str_of(policy_hash));
    status = add_canonical(digest, esc_json_member(plan, "observed"), err);
    if (status != ESC_OK)
        return status;
    uint8_t hash[ESC_SHA256_SIZE];
    esc_digest_finish(digest, hash);
    esc_hex(hash, sizeof hash, out);
    return ESC_OK;
}

static bool changes_something(const struct esc_json *plan)
{
    const struct esc_json *steps = esc_json_member(plan, "steps");
    for (size_t i = 0; i < esc_json_len(steps); i++) {
        if (esc_json_flag(esc_json_at(steps, i), "mutates", true))
            return true;
    }
    return false;
}

enum esc_status esc_approval_demand_of(const struct esc_json *plan, struct esc_approval_demand *out,
                                       struct esc_error *err)
{
    const enum esc_status status = check_judged(plan, err);
    if (status != ESC_OK)
        return status;
    const struct esc_json *approval = esc_json_member(plan, "approval");
    *out = (struct esc_approval_demand){
        .required = esc_json_flag(approval, "required", true) || changes_something(plan),
        .typed = esc_json_str(approval, "typed", NULL),
        .typed_because = esc_json_str(approval, "typed_because", NULL),
        .ttl_ms = (uint64_t)esc_json_num(approval, "ttl_s", 0) * 1000,
    };
    return ESC_OK;
}

static enum esc_status check_typed(const struct esc_approval *approval,
                                   const struct esc_approval_demand *demand, struct esc_error *err)
{
    if (!demand->typed)
        return ESC_OK;
    if (!approval->typed)
        return esc_fail(err, ESC_STALE, "this is %s: the name `%s` must be typed to approve it",
                        demand->typed_because ? demand->typed_because : "guarded", demand->typed);
    if (strcmp(approval->typed, demand->typed) != 0)
        return esc_fail(err, ESC_STALE, "the name that was typed is not `%s`", demand->typed);
    return ESC_OK;
}

enum esc_status esc_approval_check(const struct esc_approval *approval, const struct esc_json *plan,
                                   const struct esc_policy *policy, uint64_t now_ms,
                                   struct esc_error *err)
{
    char hash[ESC_PLAN_HASH_TEXT];
    struct esc_approval_demand demand;
    enum esc_status status = esc_plan_hash(plan, policy, hash, err);
    if (status == ESC_OK)
        status = esc_approval_demand_of(plan, &demand, err);
    if (status != ESC_OK)
        return status;
    if (!esc_equal_constant_time(hash, approval->plan_hash, sizeof hash))
        return esc_fail(err, ESC_STALE, "the approval is for another plan");
    if (approval->approved_at_ms > now_ms || approval->planned_at_ms > approval->approved_at_ms)
        return esc_fail(err, ESC_STALE, "the approval is from the future: check the clock");
    if (now_ms - approval->planned_at_ms > demand.ttl_ms)
        return esc_fail(err, ESC_STALE, "the plan is older than %llu minutes; ask again",
                        (unsigned long long)(demand.ttl_ms / 60'000));
    return check_typed(approval, &demand, err);
}
