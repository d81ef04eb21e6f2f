/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/iam/question.h"

#include "escher/base/alloc.h"

static void free_policy(void *policy)
{
    esc_iam_policy_free(policy);
}

static enum esc_status read_set(struct question *question, const struct esc_json *documents,
                                const char *label, const char *unread, struct esc_iam_set *out,
                                struct esc_error *err)
{
    const size_t count = esc_json_len(documents);
    const struct esc_iam_policy **policies =
        esc_arena_alloc(&question->arena, (count + 1) * sizeof *policies);
    for (size_t i = 0; i < count; i++) {
        struct esc_iam_policy *policy = NULL;
        const char *own =
            count == 1 ? label : esc_arena_printf(&question->arena, "%s %zu", label, i + 1);
        const enum esc_status status =
            esc_iam_policy_read(esc_json_at(documents, i), own, &policy, err);
        if (status != ESC_OK)
            return status;
        esc_list_push(&question->policies, policy);
        policies[i] = policy;
    }
    *out = (struct esc_iam_set){.policies = policies, .count = count, .unread = unread};
    return ESC_OK;
}

static const char *why_unread(const struct question *question, const char *layer)
{
    return esc_json_str(esc_json_member(esc_json_member(question->json, "unread"), layer), "",
                        NULL);
}

/* NULL when the member is missing and nothing went unread. */
static enum esc_status read_optional(struct question *question, const char *member,
                                     const struct esc_iam_set **out, struct esc_error *err)
{
    const struct esc_json *documents = esc_json_member(question->json, member);
    const char *unread = why_unread(question, member);
    struct esc_iam_set *set = esc_arena_alloc(&question->arena, sizeof *set);
    *out = documents || unread ? set : NULL;
    return read_set(question, documents, member, unread, set, err);
}

static enum esc_status read_levels(struct question *question, const char *member,
                                   const struct esc_iam_set **out, size_t *count,
                                   struct esc_error *err)
{
    const struct esc_json *levels = esc_json_member(question->json, member);
    const char *unread = why_unread(question, member);
    const size_t len = esc_json_len(levels);
    struct esc_iam_set *sets = esc_arena_alloc(&question->arena, (len + 1) * sizeof *sets);
    enum esc_status status = ESC_OK;
    for (size_t i = 0; i < len && status == ESC_OK; i++) {
        const char *label = esc_arena_printf(&question->arena, "%s level %zu", member, i + 1);
        status = read_set(question, esc_json_at(levels, i), label, NULL, &sets[i], err);
    }
    sets[len].unread = unread;
    *out = sets;
    *count = unread ? len + 1 : len;
    return status;
}

static void read_key(struct question *question, const char *key, const struct esc_json *value)
{
    const struct esc_str name = esc_str_of(key);
    const size_t count = esc_json_len(value);
    if (esc_json_is(value, ESC_JSON_NULL)) {
        esc_iam_context_set_absent(question->context, name);
    } else if (esc_json_is(value, ESC_JSON_OBJECT)) {
        esc_iam_context_set_unknown(question->context, name);
    } else if (esc_json_is(value, ESC_JSON_ARRAY)) {
        struct esc_str *values = esc_arena_alloc(&question->arena, (count + 1) * sizeof *values);
        for (size_t i = 0; i < count; i++)
            values[i] = esc_json_value(esc_json_at(value, i));
        esc_iam_context_set_all(question->context, name, values, count);
    } else {
        esc_iam_context_set(question->context, name, esc_json_value(value));
    }
}

static void read_context(struct question *question)
{
    const char *others = esc_json_str(question->json, "others", "unknown");
    question->context =
        esc_iam_context_new(esc_text_equal(others, "absent") ? ESC_IAM_ABSENT : ESC_IAM_UNKNOWN);
    void *position = NULL;
    const char *key;
    const struct esc_json *value;
    while (esc_json_next(esc_json_member(question->json, "context"), &position, &key, &value))
        read_key(question, key, value);
}

static struct esc_str text_of(const struct question *question, const char *member)
{
    return esc_json_value(esc_json_member(question->json, member));
}

static void read_request(struct question *question)
{
    const char *told = esc_json_str(question->json, "told", "");
    read_context(question);
    question->principal = (struct esc_iam_principal){
        .arn = text_of(question, "principal"),
        .role_arn = text_of(question, "role"),
        .in_management_account = esc_json_flag(question->json, "management", false),
    };
    question->request = (struct esc_iam_request){
        .principal = &question->principal,
        .action = text_of(question, "action"),
        .resource = text_of(question, "resource"),
        .resource_account = text_of(question, "account"),
        .context = question->context,
        .resource_is_partial = esc_json_flag(question->json, "partial", false),
        .scp_told = esc_text_equal(told, "allowed")  ? ESC_IAM_TOLD_ALLOWED
                    : esc_text_equal(told, "denied") ? ESC_IAM_TOLD_DENIED
                                                     : ESC_IAM_NOT_TOLD,
    };
}

static enum esc_status read_layers(struct question *question, struct esc_error *err)
{
    struct esc_iam_layers *layers = &question->layers;
    enum esc_status status =
        read_set(question, esc_json_member(question->json, "identity"), "identity",
                 why_unread(question, "identity"), &layers->identity, err);
    if (status == ESC_OK)
        status = read_optional(question, "boundary", &layers->boundary, err);
    if (status == ESC_OK)
        status = read_optional(question, "session", &layers->session, err);
    if (status == ESC_OK)
        status = read_optional(question, "resource_policy", &layers->resource, err);
    if (status == ESC_OK)
        status = read_levels(question, "scp", &layers->scp_levels, &layers->scp_level_count, err);
    if (status == ESC_OK)
        status = read_levels(question, "rcp", &layers->rcp_levels, &layers->rcp_level_count, err);
    return status;
}

enum esc_status question_new(const struct esc_json *json, struct question **out,
                             struct esc_error *err)
{
    ESC_CLEANUP(question_freep) struct question *question = esc_alloc_zero(sizeof *question);
    esc_arena_init(&question->arena);
    esc_list_init(&question->policies, free_policy);
    question->json = esc_json_ref(json);
    read_request(question);
    const enum esc_status status = read_layers(question, err);
    if (status == ESC_OK)
        *out = ESC_STEAL(question);
    return status;
}

void question_free(struct question *question)
{
    if (!question)
        return;
    esc_iam_context_free(question->context);
    esc_list_done(&question->policies);
    esc_json_free(question->json);
    esc_arena_done(&question->arena);
    free(question);
}
