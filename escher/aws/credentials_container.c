/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/aws/source_private.h"
#include "escher/base/alloc.h"
#include "escher/http/url.h"

/*
 * The role of a container (ECS, EKS Pod Identity): one request to the address in the environment,
 * with the token from there or from a file that is renewed.
 *
 * @source AWS SDKs and Tools Reference Guide, Container credential provider
 */

enum {
    STEP_MS = 5000,
};

/* https, or the few places where plain http does not leave the machine. */
static bool may_be_asked(const char *uri)
{
    static const char *const hosts[] = {"169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"};
    struct esc_url url;
    if (!esc_url_parse(esc_str_of(uri), &url))
        return false;
    if (esc_str_starts_with(esc_str_of(uri), ESC_STR("https://")) || esc_url_is_loopback(&url))
        return true;
    for (size_t i = 0; i < ESC_COUNT(hosts); i++)
        if (esc_str_is(url.host, hosts[i]))
            return true;
    return false;
}

static void on_answer(void *context, const struct esc_http_response *response,
                      const struct esc_error *failure)
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
    if (!aws_fetch_came(fetch))
        return;
    if (!response)
        (void)esc_fail(&err, failure->status, "the container's credentials: %s", failure->message);
    else if (response->status != 200)
        (void)esc_fail(&err, response->status >= 500 ? ESC_UNAVAILABLE : ESC_DENIED,
                       "the container's credentials: HTTP %d", response->status);
    else
        (void)aws_document_read(response->body, &names, "the container's credentials", &credentials,
                                &err); /* NULL tells */
    aws_fetch_end(fetch, credentials, &err);
}

static bool has_no_line_break(struct esc_str token)
{
    return !esc_str_contains(token, ESC_STR("\r")) && !esc_str_contains(token, ESC_STR("\n"));
}

static enum esc_status take_token(struct aws_fetch *fetch, struct esc_error *err)
{
    const struct esc_aws_environment *environment = fetch->environment;
    if (environment->container_file) {
        const enum esc_status status =
            aws_read_secret_file(environment->container_file, &fetch->token, err);
        if (status != ESC_OK)
            return esc_wrap(err, status, "the container's token");
    } else {
        fetch->token = esc_secret_copy(environment->container_token);
    }
    if (fetch->token && !has_no_line_break(esc_secret_view(fetch->token)))
        return esc_fail(err, ESC_INVALID, "the container's token has a line break in it");
    return ESC_OK;
}

void aws_fetch_container(struct aws_fetch *fetch)
{
    const char *uri = fetch->environment->container_uri;
    struct esc_error err;
    enum esc_status status = ESC_OK;
    if (!uri)
        status = esc_fail(&err, ESC_NOT_FOUND,
                          "AWS_CONTAINER_CREDENTIALS_FULL_URI is not set: no container's role");
    else if (!may_be_asked(uri))
        status = esc_fail(&err, ESC_INVALID,
                          "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor on this "
                          "machine; its token would travel in clear");
    if (status == ESC_OK)
        status = take_token(fetch, &err);
    if (status != ESC_OK) {
        aws_fetch_fail(fetch, &err);
        return;
    }
    const struct esc_http_header header = {"Authorization",
                                           fetch->token ? esc_secret_view(fetch->token).ptr : ""};
    const struct aws_fetch_request request = {.url = uri,
                                              .headers = &header,
                                              .header_count = fetch->token ? 1 : 0,
                                              .timeout_ms = STEP_MS};
    aws_fetch_send(fetch, &request, on_answer);
}
