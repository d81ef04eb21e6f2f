/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/model/retry_policy.h"
#include "escher/plan/shape_private.h"
#include "escher/plan/verify.h"
#include "escher/playbook/fill.h"

/* The document as we write it: nothing unknown, nothing missing that a later step reads. */

static const struct plan_reader reader = {"the plan", ESC_INVALID};

static const struct plan_field target_fields[] = {
    PLAN_TEXT("id"),
    PLAN_MAY_TEXT("arn"),
    PLAN_TEXT("resource_type"),
    PLAN_TEXT("name"),
    PLAN_TEXT("identifier"),
    PLAN_THAT("account_id", ESC_JSON_STRING, plan_is_account),
    PLAN_MAY_TEXT("account_name"),
    PLAN_TEXT("region"),
    PLAN_MAY_TEXT("environment"),
    PLAN_MAY_TEXT("observed_state"),
    PLAN_END,
};
static const struct plan_shape target = {target_fields};

#define CALL                                                                                       \
    PLAN_TEXT("service"), PLAN_TEXT("operation"), PLAN_OBJECT("params", true, &plan_any_members),  \
        PLAN_TEXT("region"), PLAN_THAT("account", ESC_JSON_STRING, plan_is_account)
#define PROBE CALL, PLAN_TEXT("select"), PLAN_LIST("missing", false, NULL)

static const struct plan_field probe_fields[] = {PROBE, PLAN_END};
static const struct plan_shape probe = {probe_fields};

static const struct plan_field done_when_fields[] = {PROBE, PLAN_TEXT("expect"), PLAN_END};
static const struct plan_shape done_when = {done_when_fields};

static const struct plan_field capture_fields[] = {PROBE, PLAN_TEXT("name"), PLAN_END};
static const struct plan_shape capture = {capture_fields};

static const struct plan_field verification_fields[] = {
    PROBE,    PLAN_TEXT("id"), PLAN_TEXT("title"), PLAN_TEXT("expect"), PLAN_COUNT("timeout_s"),
    PLAN_END,
};
static const struct plan_shape verification = {verification_fields};

#define STEP                                                                                       \
    PLAN_TEXT("step_id"), PLAN_TEXT("kind"), PLAN_TEXT("title"), PLAN_FLAG("mutates"),             \
        PLAN_FLAG("idempotent"), PLAN_COUNT("timeout_s"), PLAN_LIST("needs", true, NULL)

static const struct plan_field aws_fields[] = {
    STEP,
    CALL,
    PLAN_OBJECT("retry", true, &plan_any_members),
    PLAN_TEXT("command"),
    PLAN_LIST("args", true, NULL),
    PLAN_OBJECT("done_when", false, &done_when),
    PLAN_END,
};
static const struct plan_field wait_fields[] = {
    STEP,
    PLAN_OBJECT("probe", true, &probe),
    PLAN_TEXT("until"),
    PLAN_MAY_TEXT("fail_if"),
    PLAN_COUNT("every_s"),
    PLAN_END,
};
static const struct plan_field probe_step_fields[] = {
    STEP,
    PLAN_OBJECT("probe", true, &probe),
    PLAN_TEXT("expect"),
    PLAN_END,
};
static const struct plan_field approve_fields[] = {
    STEP,
    PLAN_TEXT("message"),
    PLAN_END,
};
static const struct plan_shape step_shapes[] = {
    [ESC_PLAYBOOK_AWS] = {aws_fields},
    [ESC_PLAYBOOK_WAIT] = {wait_fields},
    [ESC_PLAYBOOK_PROBE] = {probe_step_fields},
    [ESC_PLAYBOOK_APPROVE] = {approve_fields},
};
static_assert(ESC_COUNT(step_shapes) == ESC_PLAYBOOK_STEP_KIND_COUNT, "a shape for every kind");

static bool is_nonce(const struct esc_json *value)
{
    const struct esc_str text = esc_json_value(value);
    for (size_t i = 0; i < text.len; i++) {
        if (!esc_is_lower(text.ptr[i]) && !esc_is_digit(text.ptr[i]))
            return false;
    }
    return text.len == ESC_NONCE_SIZE;
}

static const struct plan_field bound_fields[] = {
    PLAN_COUNT("at_ms"),
    PLAN_THAT("nonce", ESC_JSON_STRING, is_nonce),
    PLAN_END,
};
static const struct plan_shape bound = {bound_fields};

/* No approval holds longer than the longest that a policy can give. */
static bool is_ttl(const struct esc_json *value)
{
    return plan_is_count(value) && esc_json_num(value, "", 0) <= ESC_APPROVAL_TTL_MS / 1000;
}

static const char *const becauses[] = {"production", "destructive", NULL};
static const struct plan_field approval_fields[] = {
    PLAN_FLAG("required"),
    PLAN_MAY_TEXT("typed"),
    {"typed_because", ESC_JSON_STRING, false, NULL, becauses, NULL},
    PLAN_THAT("ttl_s", ESC_JSON_INT, is_ttl),
    PLAN_END,
};
static const struct plan_shape approval = {approval_fields};

static bool has_targets(const struct esc_json *targets)
{
    return esc_json_len(targets) >= 1 && esc_json_len(targets) <= ESC_MAX_TARGETS_COUNT;
}

static bool has_steps(const struct esc_json *steps)
{
    return esc_json_len(steps) <= ESC_MAX_STEPS_COUNT;
}

static const char *const levels[] = {"low", "medium", "high", NULL};
static const struct plan_field plan_fields[] = {
    PLAN_COUNT("v"),
    {"targets", ESC_JSON_ARRAY, true, &target, NULL, has_targets},
    PLAN_OBJECT("playbook", true, &plan_playbook_shape),
    PLAN_LIST("parameters", true, &plan_parameter_shape),
    PLAN_OBJECT("bound", false, &bound),
    PLAN_LIST("captures", true, &capture),
    {"steps", ESC_JSON_ARRAY, true, &plan_any_members, NULL, has_steps},
    PLAN_LIST("verification", true, &verification),
    PLAN_WORD("planner_level", levels),
    PLAN_OBJECT("risk_assessment", false, &plan_risk_shape),
    PLAN_MAY_TEXT("explain_plan"),
    PLAN_LIST("warnings", false, NULL),
    PLAN_LIST("notes", true, NULL),
    PLAN_OBJECT("observed", false, &plan_any_members),
    PLAN_OBJECT("approval", true, &approval),
    PLAN_MAY_TEXT("cli_version"),
    PLAN_END,
};
static const struct plan_shape plan_shape = {plan_fields};

static enum esc_status check_step(const struct esc_json *step, size_t index, struct esc_error *err)
{
    const char *text = esc_json_str(step, "kind", "");
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf("steps[%zu]", index);
    unsigned kind = 0;
    while (kind < ESC_PLAYBOOK_STEP_KIND_COUNT &&
           !esc_text_equal(esc_playbook_step_kind_text((enum esc_playbook_step_kind)kind), text))
        kind++;
    if (kind == ESC_PLAYBOOK_STEP_KIND_COUNT)
        return esc_fail(err, ESC_INVALID, "in the plan `%s.kind` is none: `%.40s`", path, text);
    const enum esc_status status = plan_shape_check(&reader, &step_shapes[kind], step, path, err);
    struct esc_retry_policy retry;
    if (status == ESC_OK && kind == ESC_PLAYBOOK_AWS)
        return esc_retry_policy_from_json(esc_json_member(step, "retry"), &retry, err);
    return status;
}

enum esc_status esc_plan_check(const struct esc_json *plan, struct esc_error *err)
{
    if (!esc_json_is(plan, ESC_JSON_OBJECT) || esc_json_num(plan, "v", 0) != 1)
        return esc_fail(err, ESC_INVALID, "not a plan of version 1");
    enum esc_status status = plan_shape_check(&reader, &plan_shape, plan, "", err);
    const struct esc_json *steps = esc_json_get(plan, "steps");
    for (size_t i = 0; status == ESC_OK && i < esc_json_len(steps); i++)
        status = check_step(esc_json_at(steps, i), i, err);
    return status;
}
