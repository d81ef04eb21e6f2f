/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Who is asking, and for which accounts: what a request carries, and whose permissions a
 * resource's `iam` member describes. Every member may be missing (NULL, 0, empty).
 *
 * Ownership  new/free; strings belong to the struct.
 * Threads    any one at a time.
 */

#include <stdint.h>

#include "escher/base/error.h"
#include "escher/base/json.h"
#include "escher/base/list.h"

struct esc_user_context {
    char *user_id;
    char *username;
    char *role_arn;
    uint64_t session_expires_ms; /* 0: never, or not known */
    char *default_region;
    struct esc_list aws_accounts; /* char *, twelve digits each */
};

ESC_RETURNS_NONNULL struct esc_user_context *esc_user_context_new(void);
void esc_user_context_free(struct esc_user_context *context);
ESC_DEFINE_CLEANUP(struct esc_user_context, esc_user_context_free)

/** @errors ESC_INVALID; *out is owned by the caller. */
enum esc_status esc_user_context_from_json(const struct esc_json *json,
                                           struct esc_user_context **out, struct esc_error *err);
struct esc_json *esc_user_context_to_json(const struct esc_user_context *context);
