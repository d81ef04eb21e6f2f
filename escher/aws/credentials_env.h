/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the environment of whoever asks says about AWS: keys, profile, files, proxies. Captured
 * once and passed along, because the process that acts (the core) may have another environment
 * than the one that asks (a terminal).
 */

#include "escher/aws/credentials.h"
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
