/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A small STS on the test's own loop. It knows accounts by access key id ("AK<account>" and, from
 * assumed roles, "AS<account>"), counts its calls, and fails as it is told.
 */

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/buf.h"
#include "escher/base/clock.h"
#include "escher/base/limits.h"
#include "escher/http/listener.h"
#include "tests/support/test.h"

struct fake_sts {
    struct esc_http_listener *listener;
    int identities, roles; /* calls of either kind */
    int failures_left;     /* so many calls get `status`, `type` and `body` */
    int status;
    const char *type, *body;
    bool strict_clock;      /* refuses requests over five minutes off */
    const char *expiration; /* of assumed roles */
    const char *arn;        /* who is calling; NULL: the user x of the account that signs */
    const char *code;       /* that an MFA device shows */
    int codes;              /* how many were shown */
    const char *disabled;   /* a region whose STS knows nobody */
    char last_body[4096];
};

/* The account that signs: the twelve digits of "Credential=AK123456789012/...". */
static inline void fake_account(struct esc_http_exchange *exchange, char out[13])
{
    struct esc_str text = esc_http_head_field(esc_http_exchange_head(exchange), "Authorization");
    size_t at = esc_str_find(text, ESC_STR("Credential=A"), 0);
    memset(out, 0, 13);
    if (at != SIZE_MAX && at + 25 <= text.len)
        memcpy(out, text.ptr + at + 13, 12);
}

static inline bool fake_clock_agrees(struct esc_http_exchange *exchange)
{
    struct esc_str date = esc_http_head_field(esc_http_exchange_head(exchange), "X-Amz-Date");
    uint64_t now_ms = esc_clock_wall_ms(esc_clock_system());
    char early[ESC_TIME_TEXT], late[ESC_TIME_TEXT];
    esc_time_format_basic(now_ms - 5 * 60 * 1000, early);
    esc_time_format_basic(now_ms + 5 * 60 * 1000, late);
    return esc_str_compare(date, esc_str_of(early)) > 0 &&
           esc_str_compare(date, esc_str_of(late)) < 0;
}

/* The account in "...RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole..." */
static inline void fake_role_account(struct esc_str body, char out[13])
{
    size_t at = esc_str_find(body, ESC_STR("iam%3A%3A"), 0);
    memset(out, 0, 13);
    if (at != SIZE_MAX && at + 21 <= body.len)
        memcpy(out, body.ptr + at + 9, 12);
}

#define FAKE_ERROR(code, message)                                                                  \
    "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender"       \
    "</Type><Code>" code "</Code><Message>" message "</Message></Error>"                           \
    "<RequestId>r-1</RequestId></ErrorResponse>"

/* @source what STS answers to a code that is wrong or was used before */
#define FAKE_WRONG_CODE                                                                            \
    FAKE_ERROR("AccessDenied",                                                                     \
               "MultiFactorAuthentication failed with invalid MFA one time pass code.")

/* A session of whoever shows the code, for twelve hours in the eyes of a test. */
static inline void fake_answer_code(struct fake_sts *fake, struct esc_http_exchange *exchange)
{
    char account[13];
    ESC_CLEANUP(esc_freep) char *wanted = esc_sprintf("&TokenCode=%s", fake->code);
    fake->codes++;
    fake_account(exchange, account);
    ESC_CLEANUP(esc_freep)
    char *body = esc_sprintf("<GetSessionTokenResponse><GetSessionTokenResult><Credentials>"
                             "<AccessKeyId>AM%s</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
                             "<SessionToken>t</SessionToken><Expiration>%s</Expiration>"
                             "</Credentials></GetSessionTokenResult></GetSessionTokenResponse>",
                             account, fake->expiration ? fake->expiration : "2199-01-01T00:00:00Z");
    if (esc_str_contains(esc_http_exchange_body(exchange), esc_str_of(wanted)))
        esc_http_reply(exchange, 200, "text/xml", esc_str_of(body));
    else
        esc_http_reply(exchange, 403, "text/xml", ESC_STR(FAKE_WRONG_CODE));
}

static inline void fake_answer(struct fake_sts *fake, struct esc_http_exchange *exchange)
{
    char account[13];
    struct esc_str body = esc_http_exchange_body(exchange);
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_LINE);
    if (esc_str_starts_with(body, ESC_STR("Action=AssumeRole&"))) {
        fake->roles++;
        fake_role_account(body, account);
        esc_buf_printf(&out,
                       "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
                       "<AssumeRoleResult><Credentials><AccessKeyId>AS%s</AccessKeyId>"
                       "<SecretAccessKey>role-secret</SecretAccessKey>"
                       "<SessionToken>role-token</SessionToken><Expiration>%s</Expiration>"
                       "</Credentials></AssumeRoleResult></AssumeRoleResponse>",
                       account, fake->expiration ? fake->expiration : "2199-01-01T00:00:00Z");
    } else {
        fake->identities++;
        fake_account(exchange, account);
        ESC_CLEANUP(esc_freep) char *user = esc_sprintf("arn:aws:iam::%s:user/x", account);
        esc_buf_printf(&out,
                       "<GetCallerIdentityResponse><GetCallerIdentityResult>"
                       "<Arn>%s</Arn><UserId>U</UserId><Account>%s</Account>"
                       "</GetCallerIdentityResult></GetCallerIdentityResponse>",
                       fake->arn ? fake->arn : user, account);
    }
    esc_http_reply(exchange, 200, "text/xml", esc_buf_str(&out));
    esc_buf_done(&out);
}

static inline bool fake_is_signed_for(struct esc_http_exchange *exchange, const char *region)
{
    ESC_CLEANUP(esc_freep) char *scope = esc_sprintf("/%s/sts/", region);
    return esc_str_contains(esc_http_head_field(esc_http_exchange_head(exchange), "Authorization"),
                            esc_str_of(scope));
}

static inline void fake_serve(void *context, struct esc_http_exchange *exchange)
{
    struct fake_sts *fake = context;
    struct esc_str body = esc_http_exchange_body(exchange);
    assert_true(body.len < sizeof fake->last_body);
    memcpy(fake->last_body, body.ptr, body.len);
    fake->last_body[body.len] = '\0';
    if (fake->disabled && fake_is_signed_for(exchange, fake->disabled)) {
        fake->identities++;
        esc_http_reply(exchange, 403, "text/xml",
                       ESC_STR(FAKE_ERROR("InvalidClientTokenId",
                                          "The security token included in the request is "
                                          "invalid.")));
    } else if (fake->strict_clock && !fake_clock_agrees(exchange)) {
        fake->identities++;
        esc_http_reply(exchange, 403, "text/xml",
                       ESC_STR("<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code>"
                               "<Message>Signature expired</Message></Error></ErrorResponse>"));
    } else if (fake->failures_left > 0) {
        fake->failures_left--;
        fake->identities++;
        esc_http_reply(exchange, fake->status, fake->type, esc_str_of(fake->body));
    } else if (fake->code && esc_str_starts_with(body, ESC_STR("Action=GetSessionToken&"))) {
        fake_answer_code(fake, exchange);
    } else {
        fake_answer(fake, exchange);
    }
}

static inline void fake_fail(struct fake_sts *fake, int times, int status, const char *body)
{
    fake->failures_left = times;
    fake->status = status;
    fake->type = "text/xml";
    fake->body = body;
}

static inline void fake_begin(struct fake_sts *fake, struct esc_loop *loop)
{
    struct esc_error err;
    const struct esc_http_listener_options options = {
        .address = "127.0.0.1:0",
        .handler = fake_serve,
        .context = fake,
    };
    *fake = (struct fake_sts){0};
    expect_ok(esc_http_listener_open(loop, &options, &fake->listener, &err));
}
