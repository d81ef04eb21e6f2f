/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/plan/response.h"

#include "escher/base/limits.h"
#include "escher/base/utf8.h"
#include "escher/plan/shape_private.h"

static bool is_share(const struct esc_json *value)
{
    const double share = esc_json_dbl(value, "", (double)esc_json_num(value, "", -1));
    return share >= 0 && share <= 1;
}

static bool is_one(const struct esc_json *array)
{
    return esc_json_len(array) == 1;
}

static bool is_script(const struct esc_json *steps)
{
    return esc_json_len(steps) <= ESC_MAX_STEPS_COUNT;
}

/* "aws rds stop-db-instance": three words, no more. */
static bool is_command(const struct esc_json *value)
{
    struct esc_str rest = esc_json_value(value), word;
    size_t count = 0;
    while (esc_str_next(&rest, ' ', &word)) {
        if (word.len == 0 || (count == 0 && !esc_str_is(word, "aws")))
            return false;
        for (size_t i = 0; i < word.len; i++) {
            if (!esc_is_lower(word.ptr[i]) && !esc_is_digit(word.ptr[i]) && word.ptr[i] != '-')
                return false;
        }
        count++;
    }
    return count == 3;
}

static const struct plan_field classification_fields[] = {
    PLAN_TEXT("intent"),
    PLAN_THAT("confidence", ESC_JSON_REAL, is_share),
    PLAN_TEXT("system"),
    PLAN_MAY_TEXT("service"),
    PLAN_MAY_TEXT("operation"),
    PLAN_TEXT("route"),
    PLAN_END,
};
static const struct plan_shape classification = {classification_fields};

static const struct plan_field alternative_fields[] = {
    PLAN_TEXT("id"),
    PLAN_THAT("score", ESC_JSON_REAL, NULL),
    PLAN_MAY_TEXT("title"),
    PLAN_END,
};
static const struct plan_shape alternative = {alternative_fields};

static const struct plan_field step_fields[] = {
    PLAN_TEXT("step_id"),          PLAN_THAT("command", ESC_JSON_STRING, is_command),
    PLAN_LIST("args", true, NULL), PLAN_FLAG("mutates"),
    PLAN_COUNT("timeout_s"),       PLAN_END,
};
static const struct plan_shape step = {step_fields};

static const struct plan_field script_fields[] = {
    {"steps", ESC_JSON_ARRAY, true, &step, NULL, is_script},
    PLAN_END,
};
static const struct plan_shape script = {script_fields};

#define COMMON                                                                                     \
    PLAN_COUNT("v"), PLAN_TEXT("kind"), PLAN_OBJECT("classification", true, &classification)

static const struct plan_field plan_fields[] = {
    COMMON,
    PLAN_OBJECT("playbook", true, &plan_playbook_shape),
    PLAN_LIST("alternatives", false, &alternative),
    {"targets", ESC_JSON_ARRAY, false, NULL, NULL, is_one},
    PLAN_TEXT("explain_plan"),
    PLAN_LIST("parameters", true, &plan_parameter_shape),
    PLAN_OBJECT("script", true, &script),
    PLAN_OBJECT("risk_assessment", true, &plan_risk_shape),
    PLAN_FLAG("approval_required"),
    PLAN_END,
};

static const struct plan_field question_fields[] = {
    COMMON,
    PLAN_TEXT("reason"),
    PLAN_TEXT("text"),
    PLAN_LIST("choices", false, &plan_any_members),
    PLAN_OBJECT("missing", false, &plan_any_members),
    PLAN_LIST("unresolved", false, NULL),
    PLAN_OBJECT("playbook", false, &plan_playbook_shape),
    PLAN_LIST("alternatives", false, &alternative),
    PLAN_END,
};

static const struct plan_field answer_fields[] = {
    COMMON,
    PLAN_TEXT("text"),
    PLAN_MAY_TEXT("reason"),
    PLAN_LIST("facts", false, &plan_any_members),
    PLAN_OBJECT("playbook", false, &plan_playbook_shape),
    PLAN_LIST("alternatives", false, &alternative),
    PLAN_END,
};

static const struct plan_field query_fields[] = {
    COMMON,   PLAN_TEXT("filter"), PLAN_TEXT("verb"), PLAN_COUNT("cap"), PLAN_MAY_TEXT("text"),
    PLAN_END,
};

static const struct plan_field refusal_fields[] = {
    COMMON,
    PLAN_TEXT("text"),
    PLAN_MAY_TEXT("reason"),
    PLAN_OBJECT("playbook", false, &plan_playbook_shape),
    PLAN_LIST("alternatives", false, &alternative),
    PLAN_END,
};

static const struct {
    const char *text;
    struct plan_shape shape;
} kinds[] = {
    [ESC_RESPONSE_PLAN] = {"plan", {plan_fields}},
    [ESC_RESPONSE_QUESTION] = {"question", {question_fields}},
    [ESC_RESPONSE_ANSWER] = {"answer", {answer_fields}},
    [ESC_RESPONSE_QUERY] = {"query", {query_fields}},
    [ESC_RESPONSE_REFUSAL] = {"refusal", {refusal_fields}},
};
static_assert(ESC_COUNT(kinds) == ESC_RESPONSE_KIND_COUNT, "a shape for every kind");

const char *esc_response_kind_text(enum esc_response_kind kind)
{
    return kinds[kind].text;
}

static enum esc_response_kind kind_of(const struct esc_json *json)
{
    const char *text = esc_json_str(esc_json_member(json, "kind"), "", "");
    unsigned kind = 0;
    while (kind < ESC_RESPONSE_KIND_COUNT && !esc_text_equal(kinds[kind].text, text))
        kind++;
    return (enum esc_response_kind)kind;
}

static enum esc_status parse(struct esc_str bytes, struct esc_json **out, struct esc_error *err)
{
    static const struct esc_json_limits limits = {ESC_RESPONSE_BYTES, ESC_RESPONSE_DEPTH};
    struct esc_error why;
    if (!esc_utf8_is_valid(bytes))
        return esc_fail(err, ESC_BLOCKED, "the planner's answer cannot be read: not UTF-8");
    if (esc_json_parse(bytes, &limits, out, &why) != ESC_OK)
        return esc_fail(err, ESC_BLOCKED, "the planner's answer cannot be read: %s", why.message);
    return ESC_OK;
}

enum esc_status esc_response_read(struct esc_str bytes, enum esc_response_kind *kind,
                                  struct esc_json **out, struct esc_error *err)
{
    static const struct plan_reader reader = {"the planner's answer", ESC_BLOCKED};
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    enum esc_status status = parse(bytes, &json, err);
    if (status != ESC_OK)
        return status;
    if (!esc_json_is(json, ESC_JSON_OBJECT))
        return esc_fail(err, ESC_BLOCKED, "the planner's answer is no object");
    if (esc_json_num(esc_json_member(json, "v"), "", 0) != 1)
        return esc_fail(err, ESC_BLOCKED, "the planner speaks another version");
    const enum esc_response_kind found = kind_of(json);
    if (found == ESC_RESPONSE_KIND_COUNT)
        return esc_fail(err, ESC_BLOCKED, "the planner's answer is of no known kind");
    status = plan_shape_check(&reader, &kinds[found].shape, json, "", err);
    if (status != ESC_OK)
        return status;
    *kind = found;
    *out = ESC_STEAL(json);
    return ESC_OK;
}
