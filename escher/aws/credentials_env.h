/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the environment of whoever asks says about AWS: keys, profile, files, proxies. Captured
 * once and passed along, because the process that acts (the core) may have another environment
 * than the one that asks (a terminal).
 */

#include <stdbool.h>

#include "escher/aws/credentials.h"
#include "escher/base/list.h"
#include "escher/http/client.h"

struct esc_aws_environment {
    struct esc_credentials *credentials; /* AWS_ACCESS_KEY_ID …; NULL when not complete */
    char *profile;                       /* AWS_PROFILE, AWS_DEFAULT_PROFILE; NULL */
    char *region;                        /* AWS_REGION, AWS_DEFAULT_REGION; NULL */
    char *config_file;                   /* AWS_CONFIG_FILE or HOME/.aws/config; NULL */
    char *credentials_file; /* AWS_SHARED_CREDENTIALS_FILE or HOME/.aws/credentials; NULL */
    char *ca_bundle;        /* AWS_CA_BUNDLE; NULL */
    char *https_proxy;      /* HTTPS_PROXY, https_proxy; NULL */
    char *http_proxy;       /* HTTP_PROXY, http_proxy; NULL */
    char *no_proxy;         /* NO_PROXY, no_proxy; NULL */
    char *home;             /* HOME; NULL */
    char *web_identity_file, *web_identity_role; /* AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN */
    char *role_session_name;                     /* AWS_ROLE_SESSION_NAME; NULL */
    char *container_uri; /* AWS_CONTAINER_CREDENTIALS_FULL_URI, or made of the relative one; NULL */
    char *container_file;               /* AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE; NULL */
    struct esc_secret *container_token; /* AWS_CONTAINER_AUTHORIZATION_TOKEN; NULL */
    char *metadata_endpoint;            /* AWS_EC2_METADATA_SERVICE_ENDPOINT; NULL */
    bool metadata_disabled;             /* AWS_EC2_METADATA_DISABLED */
    /* Where tokens are shown instead of to AWS: AWS_ENDPOINT_URL_SSO, _SSO_OIDC, _STS; NULL */
    char *sso_endpoint, *oidc_endpoint, *sts_endpoint;
    struct esc_list process_variables; /* char *, "NAME=value": what a credential_process sees */
    char *asker; /* whom to ask what only a person knows (call.h); NULL: nobody */
};

/** The variables it is made of, ends with NULL: what a caller sends along. Static. */
const char *const *esc_aws_environment_names(void);

/** Asks @p get (borrowed value, NULL: unset) for each of them. */
ESC_RETURNS_NONNULL struct esc_aws_environment *
esc_aws_environment_new(const char *(*get)(void *context, const char *name), void *context);
/** From the environment of this process. */
ESC_RETURNS_NONNULL struct esc_aws_environment *esc_aws_environment_of_process(void);
/** Wipes keys and tokens out of the environment of this process, once it has been read. */
void esc_aws_environment_forget(void);
void esc_aws_environment_free(struct esc_aws_environment *environment);
ESC_DEFINE_CLEANUP(struct esc_aws_environment, esc_aws_environment_free)
/** Its CA bundle and proxies, borrowed; NULL: none. */
struct esc_http_way esc_aws_environment_way(const struct esc_aws_environment *environment);
/** NULL: an empty one. */
ESC_RETURNS_NONNULL struct esc_aws_environment *
esc_aws_environment_copy(const struct esc_aws_environment *environment);
