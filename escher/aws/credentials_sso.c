/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/endpoint.h"
#include "escher/aws/source_private.h"
#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/json.h"
#include "escher/base/num.h"
#include "escher/crypt/digest.h"
#include "escher/http/url.h"

/*
 * AWS SSO (IAM Identity Center): the token that `aws sso login` left in the cache of the AWS tools
 * is shown for the keys of a role. The token is read anew for each fetch and never written: whoever
 * logs in again is logged in here too. It is not refreshed from here either.
 *
 *     HOME/.aws/sso/cache/SHA1(session name, or start URL of the older form).json ──▶ accessToken
 *     GET portal.sso.REGION/federation/credentials, token in x-amz-sso_bearer_token ──▶ keys
 *
 * @source AWS SDKs and Tools Reference Guide, IAM Identity Center credential provider; IAM
 * Identity Center Portal API Reference, GetRoleCredentials
 */

enum {
    STEP_MS = 20 * 1000,
    MAX_TOKEN = 16 * 1024,
};

/* How one logs in again. */
static void add_cure(const struct aws_source *source, const char *what, struct esc_error *err)
{
    if (source->profile)
        (void)esc_fail(err, ESC_DENIED, "%s; run `aws sso login --profile %s`", what,
                       source->profile);
    else
        (void)esc_fail(err, ESC_DENIED, "%s; run `aws sso login --sso-session %s`", what,
                       source->sso_session);
}

static char *cache_file(const struct aws_fetch *fetch)
{
    const struct aws_source *source = &fetch->source;
    const char *name = source->sso_session ? source->sso_session : source->sso_start_url;
    char hex[ESC_SHA1_TEXT];
    esc_sha1_hex(esc_str_of(name), hex);
    return esc_sprintf("%s/.aws/sso/cache/%s.json", fetch->environment->home, hex);
}

static bool is_header_text(struct esc_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] <= 0x20 || (unsigned char)text.ptr[i] >= 0x7F)
            return false;
    return text.len > 0 && text.len <= MAX_TOKEN;
}

static enum esc_status judge_token(struct aws_fetch *fetch, const struct esc_json *json,
                                   struct esc_error *err)
{
    const struct aws_source *source = &fetch->source;
    const char *token = esc_json_str(json, "accessToken", "");
    uint64_t expires_at_ms = 0;
    if (!is_header_text(esc_str_of(token)) ||
        !esc_time_parse(esc_str_of(esc_json_str(json, "expiresAt", "")), &expires_at_ms)) {
        add_cure(source, "the cache of AWS SSO holds no token", err);
        return err->status;
    }
    if (expires_at_ms <= esc_aws_now_ms(fetch->aws)) {
        add_cure(source, "the session of AWS SSO has expired", err);
        return err->status;
    }
    fetch->token = esc_secret_of_text(token);
    return ESC_OK;
}

static enum esc_status read_token(struct aws_fetch *fetch, struct esc_error *err)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *text = NULL;
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    if (!fetch->environment->home)
        return esc_fail(err, ESC_NOT_FOUND, "HOME is not set, so there is no cache of AWS SSO");
    ESC_CLEANUP(esc_freep) char *path = cache_file(fetch);
    if (aws_read_secret_file(path, &text, NULL) != ESC_OK) {
        add_cure(&fetch->source, "nobody is logged in to AWS SSO", err);
        return err->status;
    }
    (void)esc_json_parse(esc_secret_view(text), NULL, &json, NULL); /* NULL has no token */
    return judge_token(fetch, json, err);
}

static void on_refusal(struct aws_fetch *fetch, const struct esc_http_response *response)
{
    const struct aws_source *source = &fetch->source;
    struct esc_error err;
    if (response->status == 401)
        add_cure(source, "AWS SSO does not take the token any more", &err);
    else if (response->status == 403 || response->status == 404)
        (void)esc_fail(&err, ESC_DENIED,
                       "AWS SSO: the role %s in account %s is not assigned to you",
                       source->sso_role, source->sso_account_id);
    else
        (void)esc_fail(&err,
                       response->status == 429  ? ESC_THROTTLED
                       : response->status > 499 ? ESC_UNAVAILABLE
                                                : ESC_INVALID,
                       "AWS SSO: HTTP %d for the role's keys", response->status);
    aws_fetch_end(fetch, NULL, &err);
}

static void on_answer(void *context, const struct esc_http_response *response,
                      const struct esc_error *failure)
{
    static const struct aws_document_names names = {
        .key_id = "roleCredentials.accessKeyId",
        .secret = "roleCredentials.secretAccessKey",
        .token = "roleCredentials.sessionToken",
        .expiration = "roleCredentials.expiration",
        .expiration_is_number = true,
    };
    struct aws_fetch *fetch = context;
    struct esc_credentials *credentials = NULL;
    struct esc_error err;
    if (!aws_fetch_came(fetch))
        return;
    if (response && response->status != 200) {
        on_refusal(fetch, response);
        return;
    }
    if (response)
        (void)aws_document_read(response->body, &names, "AWS SSO", &credentials,
                                &err); /* NULL tells */
    else
        err = *failure;
    aws_fetch_end(fetch, credentials, &err);
}

static char *portal_of(const struct aws_fetch *fetch)
{
    const struct aws_source *source = &fetch->source;
    ESC_CLEANUP(esc_freep) char *account = esc_percent_encode(esc_str_of(source->sso_account_id));
    ESC_CLEANUP(esc_freep) char *role = esc_percent_encode(esc_str_of(source->sso_role));
    const char *region = source->sso_region;
    const char *partition = esc_partition_of_region(esc_str_of(region));
    ESC_CLEANUP(esc_freep)
    char *base = fetch->endpoint_url
                     ? esc_strdup(fetch->endpoint_url)
                     : esc_sprintf("https://portal.sso.%s.amazonaws.com%s", region,
                                   esc_text_equal(partition, "aws-cn") ? ".cn" : "");
    return esc_sprintf("%s/federation/credentials?account_id=%s&role_name=%s", base, account, role);
}

void aws_fetch_sso(struct aws_fetch *fetch)
{
    struct esc_error err;
    enum esc_status status = ESC_OK;
    if (!esc_region_is_valid(esc_str_of(fetch->source.sso_region)))
        status = esc_fail(&err, ESC_INVALID, "sso_region is no region name");
    if (status == ESC_OK)
        status = read_token(fetch, &err);
    if (status != ESC_OK) {
        aws_fetch_fail(fetch, &err);
        return;
    }
    const struct esc_http_header header = {"x-amz-sso_bearer_token",
                                           esc_secret_view(fetch->token).ptr};
    ESC_CLEANUP(esc_freep) char *url = portal_of(fetch);
    const struct aws_fetch_request request = {
        .url = url, .headers = &header, .header_count = 1, .timeout_ms = STEP_MS, .by_proxy = true};
    aws_fetch_send(fetch, &request, on_answer);
}
