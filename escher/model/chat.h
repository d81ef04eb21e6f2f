/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One message of a conversation. Messages never change; a conversation is the messages that
 * carry its id, in order of time.
 *
 * Ownership  new/free; strings belong to the struct.
 * Units      wall-clock milliseconds since 1970 (RFC 3339 in the JSON).
 */

#include <stdint.h>

#include "escher/base/error.h"
#include "escher/base/json.h"

struct esc_chat_message {
    char *id;           /* UUIDv4 */
    char *conversation; /* UUIDv4 */
    char *role;         /* "user" or "assistant" */
    char *text;
    uint64_t at_ms;
    char *plan_hash;       /* of the plan the message shows, or NULL */
    char *run_id;          /* of the run it led to, or NULL */
    struct esc_json *card; /* the answer as it was shown, an object of format `ask`; or NULL */
};

ESC_RETURNS_NONNULL struct esc_chat_message *esc_chat_message_new(void);
void esc_chat_message_free(struct esc_chat_message *message);
ESC_DEFINE_CLEANUP(struct esc_chat_message, esc_chat_message_free)

/** @errors ESC_INVALID; ESC_LIMIT: text over ESC_MAX_NAME. *out is owned by the caller. */
enum esc_status esc_chat_message_from_json(const struct esc_json *json,
                                           struct esc_chat_message **out, struct esc_error *err);
struct esc_json *esc_chat_message_to_json(const struct esc_chat_message *message);
