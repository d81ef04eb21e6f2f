/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The calls of the Security Token Service that accounts need: who am I, and temporary keys of a
 * role, of a role by a web identity, of somebody who shows an MFA device.
 * Errors are those of call.h.
 */

#include "escher/aws/call.h"

struct esc_caller {
    const char *account, *arn, *user_id;
};
typedef void esc_sts_caller_fn(void *context, const struct esc_caller *caller /* NULL on failure */,
                               const struct esc_aws_fault *fault, const struct esc_error *err);

/** All copied. */
void esc_sts_get_caller_identity(struct esc_aws *aws, const struct esc_credentials *credentials,
                                 const struct esc_aws_place *place, esc_sts_caller_fn *done,
                                 void *context);

/** Whether to ask once more who was refused in @p region, when that may be why: a region that the
 *  caller's account has not enabled knows no keys. Then *elsewhere (static) says where; when it does
 *  already, that was the once. @p fault may be NULL.
 *  @source IAM User Guide, "Managing AWS STS in an AWS Region"; STS API, RegionDisabledException */
bool esc_sts_try_elsewhere(const char *region, const struct esc_aws_fault *fault,
                           const char **elsewhere);

struct esc_sts_role {
    const char *role_arn;
    const char *session_name; /* cleaned to what STS allows, at most 64 characters */
    const char *external_id;  /* NULL: none */
    const char *policy;       /* JSON of a session policy; NULL: none */
    uint64_t duration_s;      /* 0: 3600 */
    struct esc_aws_place place;
};
typedef void esc_sts_role_fn(void *context, struct esc_credentials *credentials /* handed over */,
                             const struct esc_aws_fault *fault, const struct esc_error *err);

/** @p credentials are those that may assume the role. All copied. */
void esc_sts_assume_role(struct esc_aws *aws, const struct esc_credentials *credentials,
                         const struct esc_sts_role *role, esc_sts_role_fn *done, void *context);

struct esc_sts_web_role {
    const char *role_arn;
    const char *session_name;       /* as above */
    const struct esc_secret *token; /* of the identity provider */
    struct esc_aws_place place;
};
/** Nobody signs this one: the token is the proof. All copied. */
void esc_sts_assume_web_role(struct esc_aws *aws, const struct esc_sts_web_role *role,
                             esc_sts_role_fn *done, void *context);

struct esc_sts_session {
    const char *serial;            /* of the MFA device */
    const struct esc_secret *code; /* it shows */
    uint64_t duration_s;
    struct esc_aws_place place;
};
/** @p credentials are the long-lived ones of the device's owner. All copied. */
void esc_sts_get_session_token(struct esc_aws *aws, const struct esc_credentials *credentials,
                               const struct esc_sts_session *session, esc_sts_role_fn *done,
                               void *context);
