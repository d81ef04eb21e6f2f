/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/model/chat.h"

#include <stdlib.h>

#include "escher/base/alloc.h"
#include "escher/base/id.h"
#include "escher/model/model_private.h"

static bool is_uuid(struct esc_str text)
{
    struct esc_uuid uuid;
    return esc_uuid_parse(text, &uuid);
}

static bool is_role(struct esc_str text)
{
    static const char *const words[] = {"user", "assistant", NULL};
    return model_is_one_of(text, words);
}

#define AT(member) offsetof(struct esc_chat_message, member)
static const struct model_field fields[] = {
    {"id", MODEL_TEXT, AT(id), true, "a UUID", is_uuid, NULL, 0},
    {"conversation", MODEL_TEXT, AT(conversation), true, "a UUID", is_uuid, NULL, 0},
    {"role", MODEL_TEXT, AT(role), true, "user or assistant", is_role, NULL, 0},
    {"text", MODEL_TEXT, AT(text), true, NULL, NULL, NULL, 0},
    {"at", MODEL_TIME, AT(at_ms), true, NULL, NULL, NULL, 0},
    {"plan_hash", MODEL_TEXT, AT(plan_hash), false, NULL, NULL, NULL, 0},
    {"run_id", MODEL_TEXT, AT(run_id), false, NULL, NULL, NULL, 0},
    {"card", MODEL_OBJECT, AT(card), false, NULL, NULL, NULL, 0},
};
#undef AT
static const struct model_shape shape = {"chat message", fields, ESC_COUNT(fields)};

struct esc_chat_message *esc_chat_message_new(void)
{
    return esc_alloc_zero(sizeof(struct esc_chat_message));
}

void esc_chat_message_free(struct esc_chat_message *message)
{
    if (message)
        model_done(&shape, message);
    free(message);
}

enum esc_status esc_chat_message_from_json(const struct esc_json *json,
                                           struct esc_chat_message **out, struct esc_error *err)
{
    ESC_CLEANUP(esc_chat_message_freep) struct esc_chat_message *message = esc_chat_message_new();
    const enum esc_status status = model_read(&shape, json, message, err);
    if (status == ESC_OK)
        *out = ESC_STEAL(message);
    return status;
}

struct esc_json *esc_chat_message_to_json(const struct esc_chat_message *message)
{
    return model_write(&shape, message);
}
