/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What brings credentials beside STS, on one listener: the metadata of a machine, a container's
 * address, the portal of AWS SSO, MFA sessions and web identities. Each demands what the real one
 * demands and counts who came; a test may put any other answer in the place of one path's.
 */

#include "tests/aws/fake_sts.h"

struct fake_sources {
    struct fake_sts sts;
    int tokens, machine, container, portal, sessions, web_roles; /* calls that were let in */
    int wrong_codes;
    int disabled_web_roles; /* how many are still refused, since the region is not enabled */
    bool needs_session;     /* a role is only assumed with a session of an MFA device */
    const char *expiration;
    int refreshes;
    bool is_slow; /* a refresh waits for fake_refresh() */
    struct esc_http_exchange *waiting;
    const char *refresh_token; /* that is taken; then `bearer` is given */
    const char *bearer, *container_token, *web_token, *code;
    const char *instead_of; /* a path whose answer is the next two */
    int status;
    const char *body;
    char last_role[4096]; /* what AssumeRole was asked with */
};

static inline bool fake_shows(struct esc_http_exchange *exchange, const char *header,
                              const char *value)
{
    return esc_str_is(esc_http_head_field(esc_http_exchange_head(exchange), header), value);
}

/* Keys in the form that the metadata of a machine and of a container have. */
static inline void fake_reply_keys(struct esc_http_exchange *exchange, const char *kind,
                                   const char *expiration)
{
    ESC_CLEANUP(esc_freep)
    char *body = esc_sprintf("{\"AccessKeyId\":\"%s123456789012\",\"SecretAccessKey\":\"hunter2\","
                             "\"Token\":\"t\",\"Expiration\":\"%s\"}",
                             kind, expiration);
    esc_http_reply(exchange, 200, "application/json", esc_str_of(body));
}

static inline void fake_machine(struct fake_sources *fake, struct esc_http_exchange *exchange,
                                struct esc_str path)
{
    static const char roles[] = "/latest/meta-data/iam/security-credentials/";
    const struct esc_str method = esc_http_exchange_head(exchange)->method;
    if (esc_str_is(path, "/latest/api/token")) {
        if (!esc_str_is(method, "PUT") ||
            !fake_shows(exchange, "X-aws-ec2-metadata-token-ttl-seconds", "21600")) {
            esc_http_reply(exchange, 400, "text/plain", ESC_STR("bad"));
            return;
        }
        fake->tokens++;
        esc_http_reply(exchange, 200, "text/plain", ESC_STR("a-token=="));
    } else if (!fake_shows(exchange, "X-aws-ec2-metadata-token", "a-token==")) {
        esc_http_reply(exchange, 401, "text/plain", ESC_STR("no token"));
    } else if (esc_str_is(path, roles)) {
        esc_http_reply(exchange, 200, "text/plain", ESC_STR("Machine-Role\n"));
    } else if (esc_str_is(path, "/latest/meta-data/iam/security-credentials/Machine-Role")) {
        fake->machine++;
        fake_reply_keys(exchange, "AI", fake->expiration);
    } else {
        esc_http_reply(exchange, 404, "text/plain", ESC_STR("nothing"));
    }
}

static inline void fake_container(struct fake_sources *fake, struct esc_http_exchange *exchange)
{
    if (!fake_shows(exchange, "Authorization", fake->container_token)) {
        esc_http_reply(exchange, 401, "text/plain", ESC_STR("no"));
        return;
    }
    fake->container++;
    fake_reply_keys(exchange, "AC", fake->expiration);
}

static inline void fake_portal(struct fake_sources *fake, struct esc_http_exchange *exchange)
{
    const struct esc_str query = esc_http_exchange_head(exchange)->query;
    if (!fake_shows(exchange, "x-amz-sso_bearer_token", fake->bearer)) {
        esc_http_reply(exchange, 401, "application/json",
                       ESC_STR("{\"__type\":\"UnauthorizedException\"}"));
    } else if (!esc_str_is(query, "account_id=123456789012&role_name=Read%20Only")) {
        esc_http_reply(exchange, 403, "application/json",
                       ESC_STR("{\"__type\":\"ForbiddenException\"}"));
    } else {
        uint64_t at_ms = 0;
        fake->portal++;
        assert_true(esc_time_parse(esc_str_of(fake->expiration), &at_ms));
        ESC_CLEANUP(esc_freep)
        char *body = esc_sprintf("{\"roleCredentials\":{\"accessKeyId\":\"AO123456789012\","
                                 "\"secretAccessKey\":\"hunter2\",\"sessionToken\":\"t\","
                                 "\"expiration\":%llu}}",
                                 (unsigned long long)at_ms);
        esc_http_reply(exchange, 200, "application/json", esc_str_of(body));
    }
}

/* Of the OIDC service: a refresh token counts once. */
static inline void fake_token(struct fake_sources *fake, struct esc_http_exchange *exchange)
{
    ESC_CLEANUP(esc_freep)
    char *wanted = esc_sprintf("{\"clientId\":\"id\",\"clientSecret\":\"hunter2\","
                               "\"refreshToken\":\"%s\",\"grantType\":\"refresh_token\"}",
                               fake->refresh_token ? fake->refresh_token : "");
    if (!esc_str_is(esc_http_exchange_body(exchange), wanted)) {
        esc_http_reply(exchange, 400, "application/json", ESC_STR("{\"error\":\"invalid_grant\"}"));
        return;
    }
    ESC_CLEANUP(esc_freep)
    char *body = esc_sprintf("{\"accessToken\":\"%s\",\"tokenType\":\"Bearer\","
                             "\"expiresIn\":3600,\"refreshToken\":\"next\"}",
                             fake->bearer);
    fake->refreshes++;
    fake->refresh_token = "next";
    esc_http_reply(exchange, 200, "application/json", esc_str_of(body));
}

static inline void fake_reply_sts(struct esc_http_exchange *exchange, const char *action,
                                  const char *key_id, const char *expiration)
{
    ESC_CLEANUP(esc_freep)
    char *body = esc_sprintf("<%sResponse><%sResult><Credentials><AccessKeyId>%s</AccessKeyId>"
                             "<SecretAccessKey>hunter2</SecretAccessKey><SessionToken>t"
                             "</SessionToken><Expiration>%s</Expiration></Credentials></%sResult>"
                             "</%sResponse>",
                             action, action, key_id, expiration, action, action);
    esc_http_reply(exchange, 200, "text/xml", esc_str_of(body));
}

static inline void fake_session(struct fake_sources *fake, struct esc_http_exchange *exchange)
{
    const struct esc_str body = esc_http_exchange_body(exchange);
    if (fake->sts.disabled && fake_is_signed_for(exchange, fake->sts.disabled)) {
        fake_serve(&fake->sts, exchange);
        return;
    }
    ESC_CLEANUP(esc_freep) char *wanted = esc_sprintf("&TokenCode=%s", fake->code);
    if (esc_str_contains(body, esc_str_of(wanted)) &&
        esc_str_contains(body,
                         ESC_STR("&SerialNumber=arn%3Aaws%3Aiam%3A%3A111111111111%3Amfa%2Fme")) &&
        esc_str_contains(body, ESC_STR("&DurationSeconds=43200"))) {
        fake->sessions++;
        fake_reply_sts(exchange, "GetSessionToken", "AM111111111111", fake->expiration);
    } else {
        fake->wrong_codes++;
        esc_http_reply(exchange, 403, "text/xml", ESC_STR(FAKE_WRONG_CODE));
    }
}

static inline void fake_web_role(struct fake_sources *fake, struct esc_http_exchange *exchange)
{
    ESC_CLEANUP(esc_freep) char *wanted = esc_sprintf("&WebIdentityToken=%s", fake->web_token);
    const bool is_signed =
        esc_http_head_field(esc_http_exchange_head(exchange), "Authorization").len > 0;
    if (is_signed || !esc_str_contains(esc_http_exchange_body(exchange), esc_str_of(wanted))) {
        esc_http_reply(exchange, 400, "text/xml",
                       ESC_STR(FAKE_ERROR("InvalidIdentityToken", "no")));
        return;
    }
    if (fake->disabled_web_roles > 0) {
        fake->disabled_web_roles--;
        esc_http_reply(exchange, 403, "text/xml",
                       ESC_STR(FAKE_ERROR("RegionDisabledException", "STS is not activated here")));
        return;
    }
    fake->web_roles++;
    fake_reply_sts(exchange, "AssumeRoleWithWebIdentity", "AW123456789012", fake->expiration);
}

/* A role whose trust policy asks for aws:MultiFactorAuthPresent. */
static inline void fake_role_with_session(struct fake_sources *fake,
                                          struct esc_http_exchange *exchange)
{
    const struct esc_str by =
        esc_http_head_field(esc_http_exchange_head(exchange), "Authorization");
    if (esc_str_contains(by, ESC_STR("Credential=AM")))
        fake_serve(&fake->sts, exchange);
    else
        esc_http_reply(exchange, 403, "text/xml", ESC_STR(FAKE_ERROR("AccessDenied", "no MFA")));
}

static inline void sources_serve(void *context, struct esc_http_exchange *exchange)
{
    struct fake_sources *fake = context;
    const struct esc_str path = esc_http_exchange_head(exchange)->path;
    const struct esc_str body = esc_http_exchange_body(exchange);
    if (esc_str_starts_with(body, ESC_STR("Action=AssumeRole&"))) {
        assert_true(body.len < sizeof fake->last_role);
        memcpy(fake->last_role, body.ptr, body.len);
        fake->last_role[body.len] = '\0';
    }
    if (fake->instead_of && esc_str_is(path, fake->instead_of))
        esc_http_reply(exchange, fake->status, "text/html", esc_str_of(fake->body));
    else if (esc_str_starts_with(path, ESC_STR("/latest/")))
        fake_machine(fake, exchange, path);
    else if (esc_str_is(path, "/container"))
        fake_container(fake, exchange);
    else if (esc_str_is(path, "/token") && fake->is_slow)
        fake->waiting = exchange;
    else if (esc_str_is(path, "/token"))
        fake_token(fake, exchange);
    else if (esc_str_is(path, "/federation/credentials"))
        fake_portal(fake, exchange);
    else if (esc_str_starts_with(body, ESC_STR("Action=GetSessionToken&")))
        fake_session(fake, exchange);
    else if (esc_str_starts_with(body, ESC_STR("Action=AssumeRoleWithWebIdentity&")))
        fake_web_role(fake, exchange);
    else if (fake->needs_session && esc_str_starts_with(body, ESC_STR("Action=AssumeRole&")))
        fake_role_with_session(fake, exchange);
    else
        fake_serve(&fake->sts, exchange);
}

static inline void sources_begin(struct fake_sources *fake, struct esc_loop *loop)
{
    struct esc_error err;
    const struct esc_http_listener_options options = {
        .address = "127.0.0.1:0",
        .handler = sources_serve,
        .context = fake,
    };
    *fake = (struct fake_sources){.expiration = "2026-11-21T09:00:00Z", .code = "123456"};
    expect_ok(esc_http_listener_open(loop, &options, &fake->sts.listener, &err));
}
