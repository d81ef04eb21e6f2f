/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * From an account to credentials that are proven to be that account's.
 *
 *     account ─▶ source: keys, keychain, SSO, a program, web identity, container, machine
 *                  └▶ assume each role on the way ─▶ GetCallerIdentity == account->id ─▶ done
 *                     (the first with a session for which somebody has shown an MFA device)
 *
 * What is temporary is kept in memory and used again until five minutes before it expires; if the
 * cloud calls it expired earlier, it is fetched again once. The identity of a set of keys is asked
 * once. Who asks while the same is asked for waits for that answer.
 */

#include "escher/aws/call.h"
#include "escher/model/account.h"

struct esc_resolving; /* borrowed until done */
typedef void esc_credentials_fn(void *context, struct esc_credentials *credentials /* handed over,
                                NULL on failure */
                                ,
                                const struct esc_error *err);

/**
 * @p environment is what the caller's environment says (NULL: nothing is taken from one);
 * @p session_name stands in the cloud's logs. An account with neither profile nor role uses the
 * environment's keys, then AWS_PROFILE, then the profile "default", then what the container or the
 * machine has. An account without an id (one
 * that is just being added) is resolved without comparing. Everything is copied; @p done fires
 * once, later.
 * @errors (of done) ESC_NOT_FOUND: no such profile, no keys · ESC_BLOCKED: the keys belong to
 * another account (names both) · ESC_INVALID: configuration · ESC_LOCKED: an MFA code is needed and
 * nobody gave one, or a keychain is locked · and those of call.h.
 */
struct esc_resolving *esc_credentials_resolve(struct esc_aws *aws,
                                              const struct esc_account *account,
                                              const struct esc_aws_environment *environment,
                                              const char *session_name, esc_credentials_fn *done,
                                              void *context);
/** Nobody waits any more, of one whose @p done has not fired: it fires in the next turn, with
 *  ESC_CANCELLED unless the answer comes first. Whatever gives the keys (a program, a person) is not
 *  ended: what it gives is kept for who asks next. */
void esc_credentials_cancel(struct esc_resolving *resolving);
/** Drops what is kept of this account, e.g. after the cloud called its token expired. For this and
 *  the next two, @p aws NULL: nothing is kept any more. */
void esc_credentials_forget(struct esc_aws *aws, const struct esc_account *account);
/** Sources that did not answer a moment ago are asked again. */
void esc_credentials_retry(struct esc_aws *aws);

/** A login of AWS SSO is just being renewed: its old token is spent, and the new one still to be
 *  written down for the AWS tools. Whoever is about to leave turns the loop until this is over (20 s
 *  at most). @p aws NULL: nothing is. */
bool esc_credentials_are_renewing(const struct esc_aws *aws);

/** What was last known of an account's credentials; nothing of it is secret. */
struct esc_credentials_state {
    const char *source;        /* "AWS SSO corp"; NULL: it was not found out */
    uint64_t at_ms;            /* of all this, wall clock */
    uint64_t expires_at_ms;    /* 0: never, or not known; others are fetched before */
    uint64_t login_ends_ms;    /* when a person is needed for that; 0: never, or not known */
    const char *access_key_id; /* NULL after a failure */
    enum esc_status status;    /* of the last time */
    const char *message;       /* why, with the cure; NULL when it worked */
};
/** False: nobody has asked for them yet. Borrowed until something else is called. */
bool esc_credentials_state(const struct esc_aws *aws, const char *account_id,
                           struct esc_credentials_state *out);
/** Of an account that is gone: nothing is known of another that is called so. */
void esc_credentials_state_forget(struct esc_aws *aws, const char *account_id);
