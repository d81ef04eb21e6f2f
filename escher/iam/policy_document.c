/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/iam/policy_document.h"

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/iam/iam_private.h"

/* From JSON to struct iam_statement. `reading` carries what every step needs. */

struct reading {
    struct esc_iam_policy *policy;
    struct esc_arena *arena;
    struct esc_error *err;
    bool has_variables; /* Version 2012-10-17 */
    size_t number;      /* of the statement, from 1 */
};

static enum esc_status refuse(const struct reading *reading, const char *why, const char *member)
{
    if (reading->number == 0)
        return esc_fail(reading->err, ESC_INVALID, "policy `%s`: %s%s", reading->policy->label, why,
                        member);
    return esc_fail(reading->err, ESC_INVALID, "policy `%s`, statement %zu: %s%s",
                    reading->policy->label, reading->number, why, member);
}

/* ---- scalars and lists ---- */

/* A list's elements, or the one value that stands where a list may. */
static size_t element_count(const struct esc_json *json)
{
    return esc_json_is(json, ESC_JSON_ARRAY) ? esc_json_len(json) : 1;
}

static const struct esc_json *element(const struct esc_json *json, size_t index)
{
    return esc_json_is(json, ESC_JSON_ARRAY) ? esc_json_at(json, index) : json;
}

static bool is_text(const struct esc_json *json)
{
    return esc_json_is(json, ESC_JSON_STRING);
}

/* Conditions may hold numbers and booleans; the cloud reads them as their text. */
static bool scalar_text(const struct reading *reading, const struct esc_json *json,
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

static enum esc_status read_patterns(const struct reading *reading, const struct esc_json *json,
                                     const char *member, unsigned kind,
                                     struct iam_pattern **patterns, size_t *count)
{
    const size_t len = element_count(json);
    *patterns = esc_arena_alloc(reading->arena, (len + 1) * sizeof **patterns);
    for (size_t i = 0; i < len; i++) {
        if (!is_text(element(json, i)))
            return refuse(reading, "no text in ", member);
        iam_pattern_compile(reading->arena, esc_json_value(element(json, i)), kind,
                            &(*patterns)[i]);
    }
    *count = len;
    return ESC_OK;
}

/* ---- the members of a statement ---- */

/* The one of two members that exclude each other; *is_not tells which it was. */
static enum esc_status either(const struct reading *reading, const struct esc_json *json,
                              const char *plain, const char *negated, const struct esc_json **out,
                              bool *is_not)
{
    const struct esc_json *is = esc_json_member(json, plain);
    const struct esc_json *negation = esc_json_member(json, negated);
    if (is && negation)
        return refuse(reading, "it has both of a pair that exclude each other: ", negated);
    *out = is ? is : negation;
    *is_not = negation;
    return ESC_OK;
}

static enum esc_status read_effect(const struct reading *reading, const struct esc_json *json,
                                   struct iam_statement *out)
{
    const char *effect = esc_json_str(esc_json_member(json, "Effect"), "", "");
    out->is_deny = esc_text_equal(effect, "Deny");
    if (!out->is_deny && !esc_text_equal(effect, "Allow"))
        return refuse(reading, "Effect is neither Allow nor Deny", "");
    const struct esc_json *sid = esc_json_member(json, "Sid");
    if (sid && !is_text(sid))
        return refuse(reading, "no text in ", "Sid");
    out->sid = esc_json_value(sid);
    return ESC_OK;
}

static enum esc_status read_actions(const struct reading *reading, const struct esc_json *json,
                                    struct iam_statement *out)
{
    const struct esc_json *actions = NULL;
    enum esc_status status =
        either(reading, json, "Action", "NotAction", &actions, &out->not_action);
    if (status == ESC_OK && !actions)
        status = refuse(reading, "it has no ", "Action");
    if (status != ESC_OK)
        return status;
    return read_patterns(reading, actions, "Action", IAM_WILDCARDS | IAM_LOWER_CASE, &out->actions,
                         &out->action_count);
}

static enum esc_status read_resources(const struct reading *reading, const struct esc_json *json,
                                      struct iam_statement *out)
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

static enum esc_status read_grantees(const struct reading *reading, const char *type,
                                     const struct esc_json *json, struct iam_grantee *grantees,
                                     size_t *count)
{
    for (size_t i = 0; i < element_count(json); i++) {
        if (!is_text(element(json, i)))
            return refuse(reading, "no text in ", "Principal");
        grantees[(*count)++] = iam_grantee_of(type, esc_json_value(element(json, i)));
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
        count += element_count(named);
    return count;
}

static enum esc_status read_principal(const struct reading *reading, const struct esc_json *json,
                                      struct iam_statement *out)
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
        return refuse(reading, "Principal is neither * nor an object", "");
    void *position = NULL;
    const char *type;
    const struct esc_json *named;
    while (status == ESC_OK && esc_json_next(principal, &position, &type, &named))
        status = read_grantees(reading, type, named, out->grantees, &out->grantee_count);
    return status;
}

/* ---- conditions ---- */

static enum esc_status read_test(const struct reading *reading, const struct iam_operator *is,
                                 const char *key, const struct esc_json *values,
                                 struct iam_test *out)
{
    const size_t count = element_count(values);
    *out = (struct iam_test){.is = *is, .key = iam_key_of(esc_str_of(key))};
    out->operands = esc_arena_alloc(reading->arena, (count + 1) * sizeof *out->operands);
    for (size_t i = 0; i < count; i++) {
        struct esc_str text;
        if (!scalar_text(reading, element(values, i), &text))
            return refuse(reading, "neither text nor number nor boolean under ", key);
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

static enum esc_status read_operator(const struct reading *reading, const char *operator_name,
                                     const struct esc_json *keys, struct iam_statement *out)
{
    if (!esc_json_is(keys, ESC_JSON_OBJECT))
        return refuse(reading, "no object under ", operator_name);
    const struct iam_operator is = iam_operator_of(esc_str_of(operator_name));
    void *position = NULL;
    const char *key;
    const struct esc_json *values;
    enum esc_status status = ESC_OK;
    while (status == ESC_OK && esc_json_next(keys, &position, &key, &values))
        status = read_test(reading, &is, key, values, &out->tests[out->test_count++]);
    return status;
}

static enum esc_status read_condition(const struct reading *reading, const struct esc_json *json,
                                      struct iam_statement *out)
{
    const struct esc_json *condition = esc_json_member(json, "Condition");
    if (!condition)
        return ESC_OK;
    if (!esc_json_is(condition, ESC_JSON_OBJECT))
        return refuse(reading, "Condition is no object", "");
    out->tests = esc_arena_alloc(reading->arena, (count_tests(condition) + 1) * sizeof *out->tests);
    void *position = NULL;
    const char *operator_name;
    const struct esc_json *keys;
    enum esc_status status = ESC_OK;
    while (status == ESC_OK && esc_json_next(condition, &position, &operator_name, &keys))
        status = read_operator(reading, operator_name, keys, out);
    return status;
}

/* ---- the document ---- */

static enum esc_status read_statement(const struct reading *reading, const struct esc_json *json,
                                      struct iam_statement *out)
{
    static const char *const members[] = {"Sid",       "Effect",    "Principal", "NotPrincipal",
                                          "Action",    "NotAction", "Resource",  "NotResource",
                                          "Condition", NULL};
    struct esc_error why;
    if (!esc_json_is(json, ESC_JSON_OBJECT))
        return refuse(reading, "it is no object", "");
    if (esc_json_only(json, members, &why) != ESC_OK)
        return refuse(reading, why.message, "");
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

static enum esc_status read_statements(struct reading *reading, const struct esc_json *statements)
{
    struct esc_iam_policy *policy = reading->policy;
    const size_t count = element_count(statements);
    if (count > ESC_MAX_IAM_STATEMENTS_COUNT)
        return esc_fail(reading->err, ESC_LIMIT, "policy `%s` has %zu statements, at most %d",
                        policy->label, count, (int)ESC_MAX_IAM_STATEMENTS_COUNT);
    policy->statements = esc_arena_alloc(reading->arena, (count + 1) * sizeof *policy->statements);
    policy->statement_count = count;
    for (size_t i = 0; i < count; i++) {
        reading->number = i + 1;
        policy->statements[i].index = i;
        const enum esc_status status =
            read_statement(reading, element(statements, i), &policy->statements[i]);
        if (status != ESC_OK)
            return status;
    }
    return ESC_OK;
}

static enum esc_status read_document(struct reading *reading)
{
    static const char *const members[] = {"Version", "Id", "Statement", NULL};
    struct esc_error why;
    const struct esc_json *document = reading->policy->document;
    if (!esc_json_is(document, ESC_JSON_OBJECT))
        return refuse(reading, "it is no object", "");
    if (esc_json_only(document, members, &why) != ESC_OK)
        return refuse(reading, why.message, "");
    const char *version = esc_json_str(esc_json_member(document, "Version"), "",
                                       esc_json_member(document, "Version") ? "" : "2008-10-17");
    reading->has_variables = esc_text_equal(version, "2012-10-17");
    if (!reading->has_variables && !esc_text_equal(version, "2008-10-17"))
        return refuse(reading, "its Version is not known: ", version);
    const struct esc_json *statements = esc_json_member(document, "Statement");
    return statements ? read_statements(reading, statements)
                      : refuse(reading, "it has no ", "Statement");
}

/* @p document is handed over. */
static enum esc_status make(struct esc_json *document, const char *label,
                            struct esc_iam_policy **out, struct esc_error *err)
{
    ESC_CLEANUP(esc_iam_policy_freep)
    struct esc_iam_policy *policy = esc_alloc_zero(sizeof *policy);
    esc_arena_init(&policy->arena);
    policy->document = document;
    policy->label = esc_strdup(label ? label : "");
    policy->selections =
        esc_arena_alloc(&policy->arena, IAM_SELECTIONS * sizeof *policy->selections);
    struct reading reading = {.policy = policy, .arena = &policy->arena, .err = err};
    const enum esc_status status = read_document(&reading);
    if (status == ESC_OK)
        *out = ESC_STEAL(policy);
    return status;
}

enum esc_status esc_iam_policy_parse(struct esc_str text, const char *label,
                                     struct esc_iam_policy **out, struct esc_error *err)
{
    static const struct esc_json_limits limits = {ESC_MAX_IAM_POLICY, ESC_MAX_IAM_DEPTH};
    ESC_CLEANUP(esc_freep) char *decoded = NULL;
    text = esc_str_trim(text);
    if (text.len > 3 * (size_t)ESC_MAX_IAM_POLICY)
        return esc_fail(err, ESC_LIMIT, "policy `%s` has %zu bytes", label ? label : "", text.len);
    if (text.len > 0 && text.ptr[0] == '%') {
        decoded = esc_percent_decode(text);
        if (!decoded)
            return esc_fail(err, ESC_INVALID, "policy `%s`: its percent encoding is broken",
                            label ? label : "");
        text = esc_str_of(decoded);
    }
    struct esc_json *document = NULL;
    const enum esc_status status = esc_json_parse(text, &limits, &document, err);
    if (status != ESC_OK)
        return esc_wrap(err, status, "policy `%s`", label ? label : "");
    return make(document, label, out, err);
}

enum esc_status esc_iam_policy_read(const struct esc_json *document, const char *label,
                                    struct esc_iam_policy **out, struct esc_error *err)
{
    if (is_text(document))
        return esc_iam_policy_parse(esc_json_value(document), label, out, err);
    return make(document ? esc_json_copy(document) : esc_json_null(), label, out, err);
}

void esc_iam_policy_free(struct esc_iam_policy *policy)
{
    if (!policy)
        return;
    for (int i = 0; i < IAM_SELECTIONS; i++)
        free(policy->selections[i].indices);
    esc_arena_done(&policy->arena);
    esc_json_free(policy->document);
    free(policy->label);
    free(policy);
}

const char *esc_iam_policy_label(const struct esc_iam_policy *policy)
{
    return policy->label;
}

const struct esc_json *esc_iam_policy_document(const struct esc_iam_policy *policy)
{
    return policy->document;
}

size_t esc_iam_policy_statement_count(const struct esc_iam_policy *policy)
{
    return policy->statement_count;
}

const struct esc_json *esc_iam_policy_statement(const struct esc_iam_policy *policy, size_t index)
{
    return element(esc_json_member(policy->document, "Statement"), index);
}

struct esc_str esc_iam_policy_sid(const struct esc_iam_policy *policy, size_t index)
{
    return policy->statements[index].sid;
}
