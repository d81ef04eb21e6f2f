/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Who is calling, as sts:GetCallerIdentity names it.
 *
 *     arn:aws:iam::123456789012:user/ops/ada                   USER       ada
 *     arn:aws:sts::123456789012:assumed-role/Developer/ada     ROLE       Developer, session ada
 *     arn:aws:iam::123456789012:root                           ROOT
 *     arn:aws:sts::123456789012:federated-user/ada             FEDERATED  ada
 *
 * The ARN of a session lacks the path of its role; only iam:GetRole tells that.
 *
 * Ownership  init/done; strings belong to the struct.
 * Threads    any one at a time.
 * @source IAM User Guide, "IAM identifiers"
 */

#include <stdbool.h>

#include "escher/base/str.h"

enum esc_caller_kind {
    ESC_CALLER_UNKNOWN, /* also: nobody could be asked */
    ESC_CALLER_USER,
    ESC_CALLER_ROLE,
    ESC_CALLER_ROOT,
    ESC_CALLER_FEDERATED,
};

struct esc_caller_arn {
    enum esc_caller_kind kind;
    char *arn, *account_id;
    char *name;    /* of the user or the role, without path; NULL when it has none */
    char *session; /* of a role; NULL */
};

/** False when it is no such ARN; then *out is unknown, and empty. */
bool esc_caller_arn_read(const char *arn, struct esc_caller_arn *out);
void esc_caller_arn_done(struct esc_caller_arn *caller); /* twice is fine */
/** Whether both are the same user, root, or sessions of the same role: the same policies are asked.
 *  False when either is none of these, or NULL. */
bool esc_caller_is_same(const char *one_arn, const char *other_arn);
/** "user", "role", "root", "federated" or "unknown"; static text. */
const char *esc_caller_kind_text(enum esc_caller_kind kind);
