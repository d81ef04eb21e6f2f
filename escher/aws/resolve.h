/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * From an account to credentials that are proven to be that account's.
 *
 *     account ─▶ base: profile, role's source profile, or the environment
 *                  └▶ assume each role on the way ─▶ GetCallerIdentity == account->id ─▶ done
 *
 * Assumed roles are kept in memory and used again until five minutes before they expire; if the
 * cloud calls them expired earlier, they are fetched again once. The identity of a set of keys is
 * asked once. A profile of SSO, of a process, or with MFA is reported with what to do instead.
 */

#include "escher/aws/call.h"
#include "escher/model/account.h"

typedef void esc_credentials_fn(void *context, struct esc_credentials *credentials /* handed over,
                                NULL on failure */
                                ,
                                const struct esc_error *err);

/**
 * @p environment is what the caller's environment says (NULL: nothing is taken from one);
 * @p session_name stands in the cloud's logs. An account with neither profile nor role uses the
 * environment's keys, then AWS_PROFILE, then the profile "default". An account without an id (one
 * that is just being added) is resolved without comparing. Everything is copied; @p done fires
 * once, later.
 * @errors (of done) ESC_NOT_FOUND: no such profile, no keys · ESC_BLOCKED: the keys belong to
 * another account (names both) · ESC_INVALID: configuration, or a kind not supported · and those
 * of call.h.
 */
void esc_credentials_resolve(struct esc_aws *aws, const struct esc_account *account,
                             const struct esc_aws_environment *environment,
                             const char *session_name, esc_credentials_fn *done, void *context);
/** Drops what is kept of this account, e.g. after the cloud called its token expired. */
void esc_credentials_forget(struct esc_aws *aws, const struct esc_account *account);
