/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/iam/iam_private.h"

/* From JSON to struct iam_statement. */

enum esc_status iam_reading_refuse(const struct iam_reading *reading, const char *why,
                                   const char *member)
{
    if (reading->number == 0)
        return esc_fail(reading->err, ESC_INVALID, "policy `%s`: %s%s", reading->policy->label, why,
                        member);
    return esc_fail(reading->err, ESC_INVALID, "policy `%s`, statement %zu: %s%s",
                    reading->policy->label, reading->number, why, member);
}

/* ---- scalars and lists ---- */

size_t iam_element_count(const struct esc_json *json)
{
    return esc_json_is(json, ESC_JSON_ARRAY) ? esc_json_len(json) : 1;
}

const struct esc_json *iam_element(const struct esc_json *json, size_t index)
{
    return esc_json_is(json, ESC_JSON_ARRAY) ? esc_json_at(json, index) : json;
}

static bool is_text(const struct esc_json *json)
{
    return esc_json_is(json, ESC_JSON_STRING);
}

/* Conditions may hold numbers and booleans; the cloud reads them as their text. */
static bool scalar_text(const struct iam_reading *reading, const struct esc_json *json,
                        struct esc_str *out)
{
    switch (esc_json_type(json)) {
    case ESC_JSON_STRING:
        *out = esc_json_value(json);
        return true;
    case ESC_JSON_BOOL:
        *out = esc_json_flag(json, "", false) ? ESC_STR("true") : ESC_STR("false");
        return true;
    case ESC_JSON_INT:
    case ESC_JSON_REAL: {
        ESC_CLEANUP(esc_freep) char *printed = esc_json_print(json, ESC_JSON_COMPACT);
        *out = esc_str_of(esc_arena_dup(reading->arena, esc_str_of(printed)));
        return true;
    }
    default:
        return false;
    }
}

static enum esc_status read_patterns(const struct iam_reading *reading, const struct esc_json *json,
                                     const char *member, unsigned kind,
                                     struct iam_pattern **patterns, size_t *count)
{
    const size_t len = iam_element_count(json);
    *patterns = esc_arena_alloc(reading->arena, (len + 1) * sizeof **patterns);
    for (size_t i = 0; i < len; i++) {
        if (!is_text(iam_element(json, i)))
            return iam_reading_refuse(reading, "no text in ", member);
        iam_pattern_compile(reading->arena, esc_json_value(iam_element(json, i)), kind,
                            &(*patterns)[i]);
    }
    *count = len;
    return ESC_OK;
}

/* ---- the members of a statement ---- */

/* The one of two members that exclude each other; *is_not tells which it was. */
static enum esc_status either(const struct iam_reading *reading, const struct esc_json *json,
                              const char *plain, const char *negated, const struct esc_json **out,
                              bool *is_not)
{
    const struct esc_json *is = esc_json_member(json, plain);
    const struct esc_json *negation = esc_json_member(json, negated);
    if (is && negation)
        return iam_reading_refuse(reading,
                                  "it has both of a pair that exclude each other: ", negated);
    *out = is ? is : negation;
    *is_not = negation;
    return ESC_OK;
}

static enum esc_status read_effect(const struct iam_reading *reading, const struct esc_json *json,
                                   struct iam_statement *out)
{
    const char *effect = esc_json_str(esc_json_member(json, "Effect"), "", "");
    out->is_deny = esc_text_equal(effect, "Deny");
    if (!out->is_deny && !esc_text_equal(effect, "Allow"))
        return iam_reading_refuse(reading, "Effect is neither Allow nor Deny", "");
    const struct esc_json *sid = esc_json_member(json, "Sid");
    if (sid && !is_text(sid))
        return iam_reading_refuse(reading, "no text in ", "Sid");
    out->sid = esc_json_value(sid);
    return ESC_OK;
}

static enum esc_status read_actions(const struct iam_reading *reading, const struct esc_json *json,
                                    struct iam_statement *out)
{
    const struct esc_json *actions = NULL;
    enum esc_status status =
        either(reading, json, "Action", "NotAction", &actions, &out->not_action);
    if (status == ESC_OK && !actions)
        status = iam_reading_refuse(reading, "it has no ", "Action");
    if (status != ESC_OK)
        return status;
    return read_patterns(reading, actions, "Action", IAM_WILDCARDS | IAM_LOWER_CASE, &out->actions,
                         &out->action_count);
}

static enum esc_status read_resources(const struct iam_reading *reading,
                                      const struct esc_json *json, struct iam_statement *out)
{
    const struct esc_json *resources = NULL;
    const enum esc_status status =
        either(reading, json, "Resource", "NotResource", &resources, &out->not_resource);
    if (status != ESC_OK || !resources)
        return status;
    out->has_resource = true;
    return read_patterns(reading, resources, "Resource",
                         IAM_WILDCARDS | (reading->has_variables ? IAM_VARIABLES : 0),
                         &out->resources, &out->resource_count);
}

static enum esc_status read_grantees(const struct iam_reading *reading, const char *type,
                                     const struct esc_json *json, struct iam_grantee *grantees,
                                     size_t *count)
{
    for (size_t i = 0; i < iam_element_count(json); i++) {
        if (!is_text(iam_element(json, i)))
            return iam_reading_refuse(reading, "no text in ", "Principal");
        grantees[(*count)++] = iam_grantee_of(type, esc_json_value(iam_element(json, i)));
    }
    return ESC_OK;
}

static size_t count_grantees(const struct esc_json *principal)
{
    void *position = NULL;
    const char *type;
    const struct esc_json *named;
    size_t count = 0;
    while (esc_json_next(principal, &position, &type, &named))
        count += iam_element_count(named);
    return count;
}

static enum esc_status read_principal(const struct iam_reading *reading,
                                      const struct esc_json *json, struct iam_statement *out)
{
    const struct esc_json *principal = NULL;
    enum esc_status status =
        either(reading, json, "Principal", "NotPrincipal", &principal, &out->not_principal);
    if (status != ESC_OK || !principal)
        return status;
    out->has_principal = true;
    out->grantees =
        esc_arena_alloc(reading->arena, (count_grantees(principal) + 1) * sizeof *out->grantees);
    if (is_text(principal) && esc_str_is(esc_json_value(principal), "*"))
        return read_grantees(reading, "AWS", principal, out->grantees, &out->grantee_count);
    if (!esc_json_is(principal, ESC_JSON_OBJECT))
        return iam_reading_refuse(reading, "Principal is neither * nor an object", "");
    void *position = NULL;
    const char *type;
    const struct esc_json *named;
    while (status == ESC_OK && esc_json_next(principal, &position, &type, &named))
        status = read_grantees(reading, type, named, out->grantees, &out->grantee_count);
    return status;
}

/* ---- conditions ---- */

static enum esc_status read_test(const struct iam_reading *reading, const struct iam_operator *is,
                                 const char *key, const struct esc_json *values,
                                 struct iam_test *out)
{
    const size_t count = iam_element_count(values);
    *out = (struct iam_test){.is = *is, .key = iam_key_of(esc_str_of(key))};
    out->operands = esc_arena_alloc(reading->arena, (count + 1) * sizeof *out->operands);
    for (size_t i = 0; i < count; i++) {
        struct esc_str text;
        if (!scalar_text(reading, iam_element(values, i), &text))
            return iam_reading_refuse(reading, "neither text nor number nor boolean under ", key);
        iam_operand_parse(reading->arena, is->family, text, reading->has_variables,
                          &out->operands[i]);
    }
    out->operand_count = count;
    return ESC_OK;
}

static size_t count_tests(const struct esc_json *condition)
{
    void *position = NULL;
    const char *operator_name;
    const struct esc_json *keys;
    size_t count = 0;
    while (esc_json_next(condition, &position, &operator_name, &keys))
        count += esc_json_len(keys);
    return count;
}

static enum esc_status read_operator(const struct iam_reading *reading, const char *operator_name,
                                     const struct esc_json *keys, struct iam_statement *out)
{
    if (!esc_json_is(keys, ESC_JSON_OBJECT))
        return iam_reading_refuse(reading, "no object under ", operator_name);
    const struct iam_operator is = iam_operator_of(esc_str_of(operator_name));
    void *position = NULL;
    const char *key;
    const struct esc_json *values;
    enum esc_status status = ESC_OK;
    while (status == ESC_OK && esc_json_next(keys, &position, &key, &values))
        status = read_test(reading, &is, key, values, &out->tests[out->test_count++]);
    return status;
}

static enum esc_status read_condition(const struct iam_reading *reading,
                                      const struct esc_json *json, struct iam_statement *out)
{
    const struct esc_json *condition = esc_json_member(json, "Condition");
    if (!condition)
        return ESC_OK;
    if (!esc_json_is(condition, ESC_JSON_OBJECT))
        return iam_reading_refuse(reading, "Condition is no object", "");
    out->tests = esc_arena_alloc(reading->arena, (count_tests(condition) + 1) * sizeof *out->tests);
    void *position = NULL;
    const char *operator_name;
    const struct esc_json *keys;
    enum esc_status status = ESC_OK;
    while (status == ESC_OK && esc_json_next(condition, &position, &operator_name, &keys))
        status = read_operator(reading, operator_name, keys, out);
    return status;
}

/* ---- the whole ---- */

enum esc_status iam_statement_read(const struct iam_reading *reading, const struct esc_json *json,
                                   struct iam_statement *out)
{
    static const char *const members[] = {"Sid",       "Effect",    "Principal", "NotPrincipal",
                                          "Action",    "NotAction", "Resource",  "NotResource",
                                          "Condition", NULL};
    struct esc_error why;
    if (!esc_json_is(json, ESC_JSON_OBJECT))
        return iam_reading_refuse(reading, "it is no object", "");
    if (esc_json_only(json, members, &why) != ESC_OK)
        return iam_reading_refuse(reading, why.message, "");
    enum esc_status status = read_effect(reading, json, out);
    if (status == ESC_OK)
        status = read_actions(reading, json, out);
    if (status == ESC_OK)
        status = read_resources(reading, json, out);
    if (status == ESC_OK)
        status = read_principal(reading, json, out);
    if (status == ESC_OK)
        status = read_condition(reading, json, out);
    return status;
}
