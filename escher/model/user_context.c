/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/model/user_context.h"

#include <stdlib.h>

#include "escher/base/alloc.h"
#include "escher/model/account.h"
#include "escher/model/model_private.h"

#define AT(member) offsetof(struct esc_user_context, member)
static const struct model_field fields[] = {
    {"user_id", MODEL_TEXT, AT(user_id), false, NULL, NULL, NULL, 0},
    {"username", MODEL_TEXT, AT(username), false, NULL, NULL, NULL, 0},
    {"role_arn", MODEL_TEXT, AT(role_arn), false, NULL, NULL, NULL, 0},
    {"session_expires", MODEL_TIME, AT(session_expires_ms), false, NULL, NULL, NULL, 0},
    {"default_region", MODEL_TEXT, AT(default_region), false, NULL, NULL, NULL, 0},
    {"aws_accounts", MODEL_TEXTS, AT(aws_accounts), false, "account ids of twelve digits",
     esc_account_id_is_valid, NULL, 0},
};
#undef AT
static const struct model_shape shape = {"user context", fields, ESC_COUNT(fields)};

struct esc_user_context *esc_user_context_new(void)
{
    struct esc_user_context *context = esc_alloc_zero(sizeof *context);
    esc_list_init(&context->aws_accounts, free);
    return context;
}

void esc_user_context_free(struct esc_user_context *context)
{
    if (context)
        model_done(&shape, context);
    free(context);
}

enum esc_status esc_user_context_from_json(const struct esc_json *json,
                                           struct esc_user_context **out, struct esc_error *err)
{
    ESC_CLEANUP(esc_user_context_freep) struct esc_user_context *context = esc_user_context_new();
    const enum esc_status status = model_read(&shape, json, context, err);
    if (status == ESC_OK)
        *out = ESC_STEAL(context);
    return status;
}

struct esc_json *esc_user_context_to_json(const struct esc_user_context *context)
{
    return model_write(&shape, context);
}
