/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The C side of the formats' tests. Reads lines `FORMAT DOCUMENT` and answers each with
 * `ok DOCUMENT`, written by us again, or `refused MESSAGE`.
 */

#include <stdio.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/exec/record.h"
#include "escher/exec/run.h"
#include "escher/model/account.h"
#include "escher/model/chat.h"
#include "escher/model/constraint.h"
#include "escher/model/embedding_model.h"
#include "escher/model/error_category.h"
#include "escher/model/permission.h"
#include "escher/model/resource.h"
#include "escher/model/retry_policy.h"
#include "escher/model/user_context.h"

/* Read, write again; the copy goes through the copying function where there is one. */

static enum esc_status account(const struct esc_json *in, struct esc_json **out,
                               struct esc_error *err)
{
    ESC_CLEANUP(esc_account_freep) struct esc_account *value = NULL;
    const enum esc_status status = esc_account_from_json(in, &value, err);
    if (status != ESC_OK)
        return status;
    ESC_CLEANUP(esc_account_freep) struct esc_account *copy = esc_account_copy(value);
    *out = esc_account_to_json(copy);
    return ESC_OK;
}

static enum esc_status chat_message(const struct esc_json *in, struct esc_json **out,
                                    struct esc_error *err)
{
    ESC_CLEANUP(esc_chat_message_freep) struct esc_chat_message *value = NULL;
    const enum esc_status status = esc_chat_message_from_json(in, &value, err);
    if (status == ESC_OK)
        *out = esc_chat_message_to_json(value);
    return status;
}

static enum esc_status constraint(const struct esc_json *in, struct esc_json **out,
                                  struct esc_error *err)
{
    struct esc_constraints value;
    const enum esc_status status = esc_constraints_from_json(in, &value, err);
    if (status != ESC_OK)
        return status;
    struct esc_constraints copy;
    esc_constraints_copy(&value, &copy);
    *out = esc_constraints_to_json(&copy);
    esc_constraints_done(&copy);
    esc_constraints_done(&value);
    return ESC_OK;
}

static enum esc_status embedding_model(const struct esc_json *in, struct esc_json **out,
                                       struct esc_error *err)
{
    ESC_CLEANUP(esc_embedding_model_freep) struct esc_embedding_model *value = NULL;
    const enum esc_status status = esc_embedding_model_from_json(in, &value, err);
    if (status == ESC_OK)
        *out = esc_embedding_model_to_json(value);
    return status;
}

static enum esc_status error_category(const struct esc_json *in, struct esc_json **out,
                                      struct esc_error *err)
{
    enum esc_error_category value;
    const enum esc_status status = esc_error_category_from_json(in, &value, err);
    if (status == ESC_OK)
        *out = esc_error_category_to_json(value);
    return status;
}

static enum esc_status exit_record(const struct esc_json *in, struct esc_json **out,
                                   struct esc_error *err)
{
    struct esc_exit_record value;
    const enum esc_status status = esc_exit_record_from_json(in, &value, err);
    if (status == ESC_OK)
        *out = esc_exit_record_to_json(&value);
    return status;
}

static enum esc_status permission(const struct esc_json *in, struct esc_json **out,
                                  struct esc_error *err)
{
    ESC_CLEANUP(esc_permissions_freep) struct esc_permissions *value = NULL;
    const enum esc_status status = esc_permissions_from_json(in, &value, err);
    if (status == ESC_OK)
        *out = esc_permissions_to_json(value);
    return status;
}

static enum esc_status resource(const struct esc_json *in, struct esc_json **out,
                                struct esc_error *err)
{
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *value = NULL;
    const enum esc_status status = esc_resource_from_json(in, &value, err);
    if (status != ESC_OK)
        return status;
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *copy = esc_resource_copy(value);
    *out = esc_resource_to_json(copy);
    return ESC_OK;
}

static enum esc_status retry_policy(const struct esc_json *in, struct esc_json **out,
                                    struct esc_error *err)
{
    struct esc_retry_policy value;
    const enum esc_status status = esc_retry_policy_from_json(in, &value, err);
    if (status == ESC_OK)
        *out = esc_retry_policy_to_json(&value);
    return status;
}

static enum esc_status run(const struct esc_json *in, struct esc_json **out, struct esc_error *err)
{
    ESC_CLEANUP(esc_run_freep) struct esc_run *value = NULL;
    const enum esc_status status = esc_run_from_json(in, &value, err);
    if (status == ESC_OK)
        *out = esc_run_to_json(value);
    return status;
}

static enum esc_status user_context(const struct esc_json *in, struct esc_json **out,
                                    struct esc_error *err)
{
    ESC_CLEANUP(esc_user_context_freep) struct esc_user_context *value = NULL;
    const enum esc_status status = esc_user_context_from_json(in, &value, err);
    if (status == ESC_OK)
        *out = esc_user_context_to_json(value);
    return status;
}

#define ROW(name)                                                                                  \
    {                                                                                              \
#name, name                                                                                \
    }
static const struct {
    const char *name;
    enum esc_status (*echo)(const struct esc_json *in, struct esc_json **out,
                            struct esc_error *err);
} formats[] = {
    ROW(account),        ROW(chat_message), ROW(constraint),   ROW(embedding_model),
    ROW(error_category), ROW(exit_record),  ROW(permission),   ROW(resource),
    ROW(retry_policy),   ROW(run),          ROW(user_context),
};
#undef ROW

static enum esc_status echo(struct esc_str line, struct esc_json **out, struct esc_error *err)
{
    struct esc_str name;
    ESC_CLEANUP(esc_json_freep) struct esc_json *wrapped = NULL;
    if (!esc_str_next(&line, ' ', &name))
        return esc_fail(err, ESC_INVALID, "an empty line");
    /* One of the formats is a bare string, which no JSON text of ours begins with. */
    ESC_CLEANUP(esc_freep) char *text = esc_sprintf("[%.*s]", ESC_STR_ARG(line));
    const enum esc_status status = esc_json_parse(esc_str_of(text), NULL, &wrapped, err);
    if (status != ESC_OK)
        return status;
    for (size_t i = 0; i < ESC_COUNT(formats); i++)
        if (esc_str_is(name, formats[i].name))
            return formats[i].echo(esc_json_at(wrapped, 0), out, err);
    return esc_fail(err, ESC_NOT_FOUND, "no format `%.*s`", ESC_STR_ARG(name));
}

int main(void)
{
    char *line = NULL;
    size_t capacity = 0;
    for (ssize_t len; (len = getline(&line, &capacity, stdin)) > 0;) {
        struct esc_json *out = NULL;
        struct esc_error err = {0};
        const struct esc_str text = esc_str_trim((struct esc_str){line, (size_t)len});
        if (echo(text, &out, &err) == ESC_OK) {
            ESC_CLEANUP(esc_freep) char *printed = esc_json_print(out, ESC_JSON_COMPACT);
            printf("ok %s\n", printed);
        } else {
            printf("refused %s\n", err.message);
        }
        esc_json_free(out);
    }
    free(line);
    return 0;
}
