/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/plan/verify.h"

/* The document as we write it: nothing unknown, nothing missing that a later step reads. */

struct member {
    const char *name;
    enum esc_json_type type;
    bool required;
};

static const char *const plan_members[] = {"v",
                                           "targets",
                                           "playbook",
                                           "parameters",
                                           "bound",
                                           "captures",
                                           "steps",
                                           "verification",
                                           "planner_level",
                                           "risk_assessment",
                                           "explain_plan",
                                           "warnings",
                                           "notes",
                                           "observed",
                                           "approval",
                                           "cli_version",
                                           NULL};

static const struct member required_members[] = {
    {"targets", ESC_JSON_ARRAY, true},
    {"targets[0].id", ESC_JSON_STRING, true},
    {"playbook.id", ESC_JSON_STRING, true},
    {"playbook.sha256", ESC_JSON_STRING, true},
    {"parameters", ESC_JSON_ARRAY, true},
    {"captures", ESC_JSON_ARRAY, true},
    {"steps", ESC_JSON_ARRAY, true},
    {"verification", ESC_JSON_ARRAY, true},
    {"approval.ttl_s", ESC_JSON_INT, true},
    {"approval.required", ESC_JSON_BOOL, true},
    {"risk_assessment", ESC_JSON_OBJECT, false},
    {"explain_plan", ESC_JSON_STRING, false},
    {"warnings", ESC_JSON_ARRAY, false},
    {"observed", ESC_JSON_OBJECT, false},
};

static const char *const step_members[] = {
    "step_id", "kind",      "title",  "mutates", "idempotent", "timeout_s", "needs", "retry",
    "service", "operation", "params", "region",  "account",    "command",   "args",  "done_when",
    "probe",   "until",     "expect", "fail_if", "every_s",    "message",   NULL};

static enum esc_status check_step(const struct esc_json *step, struct esc_error *err)
{
    static const struct member required[] = {{"step_id", ESC_JSON_STRING, true},
                                             {"kind", ESC_JSON_STRING, true},
                                             {"mutates", ESC_JSON_BOOL, true},
                                             {"timeout_s", ESC_JSON_INT, true}};
    const struct esc_json *found;
    enum esc_status status = esc_json_only(step, step_members, err);
    for (size_t i = 0; status == ESC_OK && i < ESC_COUNT(required); i++)
        status = esc_json_need(step, required[i].name, required[i].type, &found, err);
    if (status == ESC_OK && esc_text_equal(esc_json_str(step, "kind", ""), "aws")) {
        status = esc_json_need(step, "operation", ESC_JSON_STRING, &found, err);
        if (status == ESC_OK)
            status = esc_json_need(step, "params", ESC_JSON_OBJECT, &found, err);
    }
    return status;
}

enum esc_status esc_plan_check(const struct esc_json *plan, struct esc_error *err)
{
    if (!esc_json_is(plan, ESC_JSON_OBJECT) || esc_json_num(plan, "v", 0) != 1)
        return esc_fail(err, ESC_INVALID, "not a plan of version 1");
    enum esc_status status = esc_json_only(plan, plan_members, err);
    for (size_t i = 0; status == ESC_OK && i < ESC_COUNT(required_members); i++) {
        const struct member *member = &required_members[i];
        const struct esc_json *found;
        if (member->required || esc_json_get(plan, member->name))
            status = esc_json_need(plan, member->name, member->type, &found, err);
    }
    const struct esc_json *steps = esc_json_get(plan, "steps");
    for (size_t i = 0; status == ESC_OK && i < esc_json_len(steps); i++)
        status = check_step(esc_json_at(steps, i), err);
    return status == ESC_OK ? ESC_OK : esc_wrap(err, status, "plan");
}
