/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/source_private.h"
#include "escher/aws/sts.h"
#include "escher/base/alloc.h"

/* A role for whoever has a token of an identity provider that its account trusts (Kubernetes, a
 * build service): the token stands in a file that its owner renews, so it is read each time. It is
 * shown to AWS, or to what AWS_ENDPOINT_URL_STS names, never to an emulator of the account's. */

static void show_token(struct aws_fetch *fetch);

static void on_role(void *context, struct esc_credentials *credentials,
                    const struct esc_aws_fault *fault, const struct esc_error *failure)
{
    struct aws_fetch *fetch = context;
    struct esc_error err = {0};
    if (!aws_fetch_came(fetch)) {
        esc_credentials_free(credentials);
        return;
    }
    if (!credentials && esc_sts_try_elsewhere(fetch->region, fault, &fetch->elsewhere)) {
        show_token(fetch);
        return;
    }
    if (!credentials) {
        err = *failure;
        (void)esc_wrap(&err, err.status, "assume %s by web identity", fetch->source.role_arn);
    }
    aws_fetch_end(fetch, credentials, &err);
}

static void show_token(struct aws_fetch *fetch)
{
    const struct esc_sts_web_role role = {
        .role_arn = fetch->source.role_arn,
        .session_name = fetch->source.session_name,
        .token = fetch->token,
        .place = {fetch->elsewhere ? fetch->elsewhere : fetch->region,
                  fetch->environment->sts_endpoint, fetch->environment},
    };
    aws_fetch_hold(fetch);
    esc_sts_assume_web_role(fetch->aws, &role, on_role, fetch);
}

void aws_fetch_web_identity(struct aws_fetch *fetch)
{
    struct esc_error err;
    const enum esc_status status =
        aws_read_secret_file(fetch->source.token_file, &fetch->token, &err);
    if (status != ESC_OK) {
        (void)esc_wrap(&err, status, "the web identity token");
        aws_fetch_fail(fetch, &err);
        return;
    }
    show_token(fetch);
}
