/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the account, the AWS configuration and the caller's environment say about the way to an
 * account's keys, before anything is asked: where they begin, and the roles from there.
 *
 *     account ─▶ keychain, SSO, profile (▶ its source profile …), or what the environment has
 */

#include "escher/aws/source_private.h"
#include "escher/model/account.h"

enum {
    AWS_CHAIN_ROLES = 5,
};

struct aws_role {
    char *arn, *external_id, *session_name; /* NULL when not given */
    uint64_t duration_s;                    /* 0: not given */
};

struct aws_chain {
    struct aws_source source;
    struct aws_role roles[AWS_CHAIN_ROLES]; /* from the target back to the source */
    size_t role_count;
    char *serial; /* of the MFA device that the role nearest to the source asks for; NULL */
    char *region; /* that a profile on the way names; NULL */
};

/** @errors ESC_NOT_FOUND: no profile, no keys; ESC_INVALID: the configuration. *out is to be
 *  ended with aws_chain_done() in any case. */
enum esc_status aws_chain_find(const struct esc_account *account,
                               const struct esc_aws_environment *environment, struct aws_chain *out,
                               struct esc_error *err);
void aws_chain_done(struct aws_chain *chain); /* twice is fine */
