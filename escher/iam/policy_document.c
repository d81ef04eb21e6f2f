/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/iam/policy_document.h"

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/iam/iam_private.h"

static enum esc_status read_statements(struct iam_reading *reading,
                                       const struct esc_json *statements)
{
    struct esc_iam_policy *policy = reading->policy;
    const size_t count = iam_element_count(statements);
    if (count > ESC_MAX_IAM_STATEMENTS_COUNT)
        return esc_fail(reading->err, ESC_LIMIT, "policy `%s` has %zu statements, at most %d",
                        policy->label, count, (int)ESC_MAX_IAM_STATEMENTS_COUNT);
    policy->statements = esc_arena_alloc(reading->arena, (count + 1) * sizeof *policy->statements);
    policy->statement_count = count;
    for (size_t i = 0; i < count; i++) {
        reading->number = i + 1;
        policy->statements[i].index = i;
        const enum esc_status status =
            iam_statement_read(reading, iam_element(statements, i), &policy->statements[i]);
        if (status != ESC_OK)
            return status;
    }
    return ESC_OK;
}

static enum esc_status read_document(struct iam_reading *reading)
{
    static const char *const members[] = {"Version", "Id", "Statement", NULL};
    struct esc_error why;
    const struct esc_json *document = reading->policy->document;
    if (!esc_json_is(document, ESC_JSON_OBJECT))
        return iam_reading_refuse(reading, "it is no object", "");
    if (esc_json_only(document, members, &why) != ESC_OK)
        return iam_reading_refuse(reading, why.message, "");
    const char *version = esc_json_str(esc_json_member(document, "Version"), "",
                                       esc_json_member(document, "Version") ? "" : "2008-10-17");
    reading->has_variables = esc_text_equal(version, "2012-10-17");
    if (!reading->has_variables && !esc_text_equal(version, "2008-10-17"))
        return iam_reading_refuse(reading, "its Version is not known: ", version);
    const struct esc_json *statements = esc_json_member(document, "Statement");
    return statements ? read_statements(reading, statements)
                      : iam_reading_refuse(reading, "it has no ", "Statement");
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
    struct iam_reading reading = {.policy = policy, .arena = &policy->arena, .err = err};
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
    if (esc_json_is(document, ESC_JSON_STRING))
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
    return iam_element(esc_json_member(policy->document, "Statement"), index);
}

struct esc_str esc_iam_policy_sid(const struct esc_iam_policy *policy, size_t index)
{
    return policy->statements[index].sid;
}
