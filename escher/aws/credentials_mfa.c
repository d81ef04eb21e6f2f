/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/source_private.h"
#include "escher/aws/sts.h"
#include "escher/base/alloc.h"

/*
 * A session for long-lived keys whose owner shows an MFA device. It is had once, for twelve hours,
 * and any number of roles are assumed with it: a code counts once, so that asking for each role
 * would mean half a minute's wait between two accounts.
 *
 *     ask a person ──code──▶ GetSessionToken ──▶ session
 *          ▲                        │ "wrong code" (twice)
 *          └────────────────────────┘
 *
 * @source IAM User Guide, Configure MFA-protected API access: a role that asks for MFA takes a
 * session made with it
 */

enum {
    SESSION_S = 12 * 60 * 60,
    MAX_TRIES = 3,
    CODE_LEN = 6, /* @source STS API Reference, GetSessionToken, TokenCode */
};

static void ask(struct aws_fetch *fetch);
static void show_code(struct aws_fetch *fetch);

/* A region that knows no keys has not looked at the code: it is still good, in the main one. */
static bool try_elsewhere(struct aws_fetch *fetch, const struct esc_aws_fault *fault)
{
    if (!esc_sts_try_elsewhere(fetch->region, fault, &fetch->elsewhere))
        return false;
    show_code(fetch);
    return true;
}

static void on_session(void *context, struct esc_credentials *credentials,
                       const struct esc_aws_fault *fault, const struct esc_error *failure)
{
    struct aws_fetch *fetch = context;
    if (!aws_fetch_came(fetch)) {
        esc_credentials_free(credentials);
        return;
    }
    const bool is_wrong_code =
        fault && esc_str_contains(esc_str_of(fault->message), ESC_STR("one time pass code"));
    if (credentials)
        credentials->login_ends_ms = credentials->expires_at_ms;
    if (!credentials && is_wrong_code && ++fetch->tries < MAX_TRIES)
        ask(fetch);
    else if (credentials || !try_elsewhere(fetch, fault))
        aws_fetch_end(fetch, credentials, failure);
}

static bool is_code(struct esc_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!esc_is_digit(text.ptr[i]))
            return false;
    return text.len == CODE_LEN;
}

static void show_code(struct aws_fetch *fetch)
{
    const struct esc_sts_session session = {
        .serial = fetch->source.serial,
        .code = fetch->token,
        .duration_s = SESSION_S,
        .place = {fetch->elsewhere ? fetch->elsewhere : fetch->region, fetch->endpoint_url,
                  fetch->environment},
    };
    aws_fetch_hold(fetch);
    esc_sts_get_session_token(fetch->aws, fetch->source.keys, &session, on_session, fetch);
}

/* The session that somebody else has opened while this person was being asked. A code counts once:
 * the one from the same device would be refused. */
static const struct esc_credentials *kept_session(const struct aws_fetch *fetch)
{
    const struct aws_fetch_way way = {fetch->region, fetch->endpoint_url, fetch->environment,
                                      fetch->account};
    return aws_source_kept(fetch->aws, &fetch->source, &way);
}

static void on_code(void *context, struct esc_secret *answer, const struct esc_error *failure)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *code = answer;
    struct aws_fetch *fetch = context;
    const struct esc_credentials *kept = NULL;
    struct esc_error err;
    if (!aws_fetch_came(fetch))
        return;
    if (!code) {
        err = *failure;
        aws_fetch_end(fetch, NULL, &err);
    } else if (!is_code(esc_secret_view(code))) {
        if (++fetch->tries < MAX_TRIES) {
            ask(fetch);
            return;
        }
        (void)esc_fail(&err, ESC_LOCKED, "a code of an MFA device has six digits");
        aws_fetch_end(fetch, NULL, &err);
    } else if ((kept = kept_session(fetch))) {
        aws_fetch_end(fetch, esc_credentials_copy(kept), NULL);
    } else {
        esc_secret_free(fetch->token);
        fetch->token = ESC_STEAL(code);
        show_code(fetch);
    }
}

static void ask(struct aws_fetch *fetch)
{
    const struct esc_aws *aws = fetch->aws;
    const char *asker = fetch->environment->asker;
    struct esc_error err;
    if (!aws->ask || !asker) {
        (void)esc_fail(&err, ESC_LOCKED,
                       "an MFA code is needed and nobody is there to ask; run `escher accounts "
                       "test %s` at a terminal, it counts for twelve hours",
                       fetch->account ? fetch->account : "ACCOUNT");
        aws_fetch_fail(fetch, &err);
        return;
    }
    const struct esc_aws_question question = {.asker = asker,
                                              .device = fetch->source.serial,
                                              .account = fetch->account,
                                              .is_again = fetch->tries > 0};
    aws_fetch_hold(fetch);
    aws->ask(aws->ask_context, &question, on_code, fetch);
}

void aws_fetch_mfa(struct aws_fetch *fetch)
{
    ask(fetch);
}
