/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/source_private.h"
#include "escher/base/alloc.h"
#include "escher/base/utf8.h"
#include "escher/http/url.h"

/*
 * The role of the machine this runs on, by version 2 of its metadata service:
 *
 *     PUT token ──▶ GET the role's name ──▶ GET its credentials
 *
 * Version 1 (without the token) is not tried: it is what a server that can be made to fetch
 * addresses gives away. The service limits how far its token travels (one hop, unless the instance
 * says otherwise), so inside a container it may not be reachable. Each step has two seconds.
 *
 * @source EC2 User Guide, Use the Instance Metadata Service to access instance metadata
 */

#define ENDPOINT "http://169.254.169.254"
#define ROLES "/latest/meta-data/iam/security-credentials/"

enum {
    STEP_MS = 2000,
    MAX_TOKEN = 1024,
    MAX_ROLE = 64, /* of an instance profile's role */
};

static const char *endpoint_of(const struct aws_fetch *fetch)
{
    const char *other = fetch->environment->metadata_endpoint;
    return other ? other : ENDPOINT;
}

static void ask(struct aws_fetch *fetch, const char *method, const char *path,
                const struct esc_http_header *header, esc_http_done_fn *done)
{
    const char *endpoint = endpoint_of(fetch);
    const struct esc_str base = esc_str_of(endpoint);
    const size_t len = base.len && base.ptr[base.len - 1] == '/' ? base.len - 1 : base.len;
    ESC_CLEANUP(esc_freep) char *url = esc_sprintf("%.*s%s", (int)len, endpoint, path);
    const struct aws_fetch_request request = {
        .method = method, .url = url, .headers = header, .header_count = 1, .timeout_ms = STEP_MS};
    aws_fetch_send(fetch, &request, done);
}

static void ask_with_token(struct aws_fetch *fetch, const char *path, esc_http_done_fn *done)
{
    const struct esc_http_header header = {"X-aws-ec2-metadata-token",
                                           esc_secret_view(fetch->token).ptr};
    ask(fetch, "GET", path, &header, done);
}

/* Ends the fetch when there was no good answer; true: there is one. */
static bool is_good(struct aws_fetch *fetch, const struct esc_http_response *response,
                    const char *what)
{
    struct esc_error err;
    if (response && response->status == 200)
        return true;
    if (!response)
        (void)esc_fail(&err, ESC_UNAVAILABLE,
                       "there are no credentials, and no instance metadata here; name a profile "
                       "for the account, or set AWS_ACCESS_KEY_ID");
    else if (response->status == 404)
        (void)esc_fail(&err, ESC_NOT_FOUND,
                       "instance metadata: this machine has no role; attach an instance profile");
    else
        (void)esc_fail(&err, ESC_DENIED, "instance metadata: HTTP %d for %s", response->status,
                       what);
    aws_fetch_end(fetch, NULL, &err);
    return false;
}

static void on_credentials(void *context, const struct esc_http_response *response,
                           const struct esc_error *)
{
    static const struct aws_document_names names = {
        .key_id = "AccessKeyId",
        .secret = "SecretAccessKey",
        .token = "Token",
        .expiration = "Expiration",
    };
    struct aws_fetch *fetch = context;
    struct esc_credentials *credentials = NULL;
    struct esc_error err;
    if (!aws_fetch_came(fetch) || !is_good(fetch, response, "the role's credentials"))
        return;
    (void)aws_document_read(response->body, &names, "instance metadata", &credentials,
                            &err); /* NULL tells */
    aws_fetch_end(fetch, credentials, &err);
}

/* Letters, digits and _+=,.@- : it becomes part of a path. */
static bool is_role_name(struct esc_str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!esc_is_alnum(name.ptr[i]) &&
            !esc_str_contains(ESC_STR("_+=,.@-"), esc_str_slice(name, i, i + 1)))
            return false;
    return name.len > 0 && name.len <= MAX_ROLE;
}

static void on_role(void *context, const struct esc_http_response *response,
                    const struct esc_error *)
{
    struct aws_fetch *fetch = context;
    struct esc_error err;
    if (!aws_fetch_came(fetch) || !is_good(fetch, response, "the role's name"))
        return;
    const struct esc_str name = esc_str_trim(response->body);
    if (!is_role_name(name)) {
        (void)esc_fail(&err, ESC_CORRUPT, "instance metadata: the answer is no role's name");
        aws_fetch_end(fetch, NULL, &err);
        return;
    }
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf(ROLES "%.*s", ESC_STR_ARG(name));
    ask_with_token(fetch, path, on_credentials);
}

static void on_token(void *context, const struct esc_http_response *response,
                     const struct esc_error *)
{
    struct aws_fetch *fetch = context;
    struct esc_error err;
    if (!aws_fetch_came(fetch) || !is_good(fetch, response, "a token"))
        return;
    const struct esc_str token = esc_str_trim(response->body);
    bool is_text = token.len > 0 && token.len <= MAX_TOKEN;
    for (size_t i = 0; is_text && i < token.len; i++)
        is_text = token.ptr[i] > 0x20 && token.ptr[i] < 0x7F;
    if (!is_text) {
        (void)esc_fail(&err, ESC_CORRUPT, "instance metadata: the answer is no token");
        aws_fetch_end(fetch, NULL, &err);
        return;
    }
    fetch->token = esc_secret_new(token.ptr, token.len);
    ask_with_token(fetch, ROLES, on_role);
}

void aws_fetch_imds(struct aws_fetch *fetch)
{
    static const struct esc_http_header header = {"X-aws-ec2-metadata-token-ttl-seconds", "21600"};
    struct esc_error err;
    if (fetch->environment->metadata_disabled) {
        (void)esc_fail(&err, ESC_NOT_FOUND,
                       "no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name "
                       "a profile for the account");
        aws_fetch_fail(fetch, &err);
        return;
    }
    ask(fetch, "PUT", "/latest/api/token", &header, on_token);
}
