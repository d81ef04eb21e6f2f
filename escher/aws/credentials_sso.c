/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>
#include <unistd.h>

#include "escher/aws/endpoint.h"
#include "escher/aws/resolve.h"
#include "escher/aws/source_private.h"
#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/json.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/crypt/digest.h"
#include "escher/model/partition.h"

/*
 * AWS SSO (IAM Identity Center): the token that `aws sso login` left in the cache of the AWS tools
 * is shown for the keys of a role. It is read anew for each fetch: whoever logs in again is logged
 * in here too. One that ends within five minutes is refreshed where the session allows it, and
 * written back, since the AWS tools could not use their old one afterwards.
 *
 *     HOME/.aws/sso/cache/SHA1(session name, or start URL of the older form).json ──▶ accessToken
 *       └ about to end, has a refreshToken: POST oidc.REGION/token ──▶ a new one (once)
 *     GET portal.sso.REGION/federation/credentials, token in x-amz-sso_bearer_token ──▶ keys
 *
 * @source AWS SDKs and Tools Reference Guide, IAM Identity Center credential provider; IAM
 * Identity Center Portal API Reference, GetRoleCredentials; OIDC API Reference, CreateToken
 */

enum {
    STEP_MS = 10 * 1000,
    REFRESH_MS = 20 * 1000, /* one that is given up may have spent the token */
    MAX_TOKEN = 16 * 1024,
    MAX_TOKEN_S = 30 * 24 * 60 * 60,
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

/* A token that somebody else has put there would be theirs. Modes say nothing on a file system that
 * has none. */
static bool is_of_somebody_else(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && about.st_uid != geteuid() && about.st_uid != 0;
}

/* Reads the cache into fetch->document. */
static enum esc_status read_cache(struct aws_fetch *fetch, struct esc_error *err)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *text = NULL;
    if (!fetch->environment->home)
        return esc_fail(err, ESC_NOT_FOUND, "HOME is not set, so there is no cache of AWS SSO");
    ESC_CLEANUP(esc_freep) char *path = cache_file(fetch);
    if (is_of_somebody_else(path))
        return esc_fail(err, ESC_DENIED, "the cache of AWS SSO belongs to somebody else: %s", path);
    const enum esc_status status = aws_read_secret_file(path, &text, err);
    if (status == ESC_NOT_FOUND) {
        add_cure(&fetch->source, "nobody is logged in to AWS SSO", err);
        return err->status;
    }
    if (status != ESC_OK)
        return esc_wrap(err, status, "the cache of AWS SSO");
    esc_json_wipe_free(ESC_STEAL(fetch->document));
    (void)esc_json_parse(esc_secret_view(text), NULL, &fetch->document,
                         NULL); /* NULL has no token */
    return ESC_OK;
}

static bool is_refreshable(const struct aws_fetch *fetch)
{
    const struct esc_json *json = fetch->document;
    uint64_t until_ms = 0;
    return *esc_json_str(json, "refreshToken", "") && *esc_json_str(json, "clientId", "") &&
           *esc_json_str(json, "clientSecret", "") &&
           esc_time_parse(esc_str_of(esc_json_str(json, "registrationExpiresAt", "")), &until_ms) &&
           until_ms > esc_aws_now_ms(fetch->aws);
}

/* Takes the token out of the cache's document; *must_refresh: not before it is a new one. */
static enum esc_status judge_token(struct aws_fetch *fetch, bool *must_refresh,
                                   struct esc_error *err)
{
    const struct aws_source *source = &fetch->source;
    const uint64_t now_ms = esc_aws_now_ms(fetch->aws);
    const char *token = esc_json_str(fetch->document, "accessToken", "");
    uint64_t expires_at_ms = 0;
    if (!is_header_text(esc_str_of(token)) ||
        !esc_time_parse(esc_str_of(esc_json_str(fetch->document, "expiresAt", "")),
                        &expires_at_ms)) {
        add_cure(source, "the cache of AWS SSO holds no token", err);
        return err->status;
    }
    *must_refresh = expires_at_ms <= now_ms + ESC_CREDENTIALS_EARLY_MS && fetch->tries == 0 &&
                    is_refreshable(fetch);
    if (*must_refresh)
        return ESC_OK;
    if (expires_at_ms <= now_ms) {
        add_cure(source, "the session of AWS SSO has expired", err);
        return err->status;
    }
    fetch->login_ends_ms = is_refreshable(fetch) ? 0 : expires_at_ms;
    fetch->token = esc_secret_of_text(token);
    return ESC_OK;
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
    if (credentials)
        credentials->login_ends_ms = fetch->login_ends_ms;
    aws_fetch_end(fetch, credentials, &err);
}

/* Of a service of AWS SSO, without a slash at the end: AWS's own, or what the environment names in
 * its place. Never an emulator's, which the account names for its resources alone. */
static char *address_of(const struct aws_fetch *fetch, const char *service, const char *instead)
{
    const char *region = fetch->source.sso_region;
    const char *partition = esc_partition_of_region(esc_str_of(region));
    if (instead) {
        const struct esc_str url = esc_str_of(instead);
        return esc_str_dup((struct esc_str){url.ptr, url.len - (url.ptr[url.len - 1] == '/')});
    }
    return esc_sprintf("https://%s.%s.amazonaws.com%s", service, region,
                       esc_text_equal(partition, "aws-cn") ? ".cn" : "");
}

static void show_token(struct aws_fetch *fetch)
{
    const struct aws_source *source = &fetch->source;
    const struct esc_http_header header = {"x-amz-sso_bearer_token",
                                           esc_secret_view(fetch->token).ptr};
    ESC_CLEANUP(esc_freep) char *account = esc_percent_encode(esc_str_of(source->sso_account_id));
    ESC_CLEANUP(esc_freep) char *role = esc_percent_encode(esc_str_of(source->sso_role));
    ESC_CLEANUP(esc_freep)
    char *base = address_of(fetch, "portal.sso", fetch->environment->sso_endpoint);
    ESC_CLEANUP(esc_freep)
    char *url =
        esc_sprintf("%s/federation/credentials?account_id=%s&role_name=%s", base, account, role);
    const struct aws_fetch_request request = {
        .url = url, .headers = &header, .header_count = 1, .timeout_ms = STEP_MS, .by_proxy = true};
    aws_fetch_send(fetch, &request, on_answer);
}

static void begin(struct aws_fetch *fetch);

/* Into the cache's document, and back to where it is from; other members stay as they are. */
static bool take_refreshed(struct aws_fetch *fetch, struct esc_str answer)
{
    ESC_CLEANUP(esc_json_wipe_freep) struct esc_json *json = NULL;
    struct esc_buf text;
    char expires_at[ESC_TIME_TEXT];
    if (esc_json_parse(answer, NULL, &json, NULL) != ESC_OK)
        return false;
    const char *token = esc_json_str(json, "accessToken", "");
    const char *refresh = esc_json_str(json, "refreshToken", "");
    const int64_t seconds = esc_json_num(json, "expiresIn", 0);
    if (!is_header_text(esc_str_of(token)) || seconds <= 0 || seconds > MAX_TOKEN_S)
        return false;
    const uint64_t now_s = esc_aws_now_ms(fetch->aws) / 1000;
    esc_time_format((now_s + (uint64_t)seconds) * 1000, expires_at);
    esc_json_set_secret(fetch->document, "accessToken", token);
    esc_json_set_text(fetch->document, "expiresAt", expires_at);
    if (*refresh)
        esc_json_set_secret(fetch->document, "refreshToken", refresh);
    ESC_CLEANUP(esc_freep) char *path = cache_file(fetch);
    esc_buf_init_wiped(&text, ESC_MAX_REQUEST);
    esc_json_write(fetch->document, ESC_JSON_COMPACT, &text);
    (void)esc_file_replace(path, esc_buf_str(&text), 0600, NULL); /* this token counts anyway */
    esc_buf_done(&text);
    return true;
}

bool esc_credentials_are_renewing(const struct esc_aws *aws)
{
    return aws && aws->refreshing > 0;
}

/* Refused: somebody else may have been quicker with it, so the cache is looked at once more. */
static void on_refreshed(void *context, const struct esc_http_response *response,
                         const struct esc_error *)
{
    struct aws_fetch *fetch = context;
    struct esc_error err;
    fetch->aws->refreshing--;
    if (!aws_fetch_came(fetch))
        return;
    if (fetch->aws->ending) {
        (void)esc_fail(&err, ESC_CANCELLED, "cancelled");
        aws_fetch_end(fetch, NULL, &err);
    } else if (response && response->status == 200 && take_refreshed(fetch, response->body)) {
        fetch->token = esc_secret_of_text(esc_json_str(fetch->document, "accessToken", ""));
        show_token(fetch);
    } else {
        begin(fetch);
    }
}

static void refresh(struct aws_fetch *fetch)
{
    static const struct esc_http_header header = {"Content-Type", "application/json"};
    static const char *const members[] = {"clientId", "clientSecret", "refreshToken"};
    ESC_CLEANUP(esc_json_wipe_freep) struct esc_json *body = esc_json_object();
    struct esc_buf text;
    for (size_t i = 0; i < ESC_COUNT(members); i++)
        esc_json_set_text(body, members[i], esc_json_str(fetch->document, members[i], ""));
    esc_json_set_text(body, "grantType", "refresh_token");
    ESC_CLEANUP(esc_freep)
    char *base = address_of(fetch, "oidc", fetch->environment->oidc_endpoint);
    ESC_CLEANUP(esc_freep) char *url = esc_sprintf("%s/token", base);
    esc_buf_init_wiped(&text, ESC_MAX_REQUEST);
    esc_json_write(body, ESC_JSON_COMPACT, &text);
    const struct aws_fetch_request request = {.method = "POST",
                                              .url = url,
                                              .headers = &header,
                                              .header_count = 1,
                                              .body = esc_buf_str(&text),
                                              .timeout_ms = REFRESH_MS,
                                              .by_proxy = true};
    fetch->tries++;
    fetch->aws->refreshing++;
    aws_fetch_send(fetch, &request, on_refreshed);
    esc_buf_done(&text);
}

static void begin(struct aws_fetch *fetch)
{
    struct esc_error err;
    bool must_refresh = false;
    enum esc_status status = read_cache(fetch, &err);
    if (status == ESC_OK)
        status = judge_token(fetch, &must_refresh, &err);
    if (status != ESC_OK)
        aws_fetch_fail(fetch, &err);
    else if (must_refresh)
        refresh(fetch);
    else
        show_token(fetch);
}

void aws_fetch_sso(struct aws_fetch *fetch)
{
    struct esc_error err;
    if (esc_region_is_valid(esc_str_of(fetch->source.sso_region))) {
        begin(fetch);
        return;
    }
    (void)esc_fail(&err, ESC_INVALID, "sso_region is no region name");
    aws_fetch_fail(fetch, &err);
}
