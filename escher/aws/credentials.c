/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/credentials.h"

#include "escher/base/alloc.h"

struct esc_credentials *esc_credentials_new(const char *access_key_id,
                                            const char *secret_access_key,
                                            const char *session_token, uint64_t expires_at_ms)
{
    struct esc_credentials *credentials = esc_alloc_zero(sizeof *credentials);
    credentials->access_key_id = esc_strdup(access_key_id);
    credentials->secret_access_key = esc_secret_of_text(secret_access_key);
    if (session_token && *session_token)
        credentials->session_token = esc_secret_of_text(session_token);
    credentials->expires_at_ms = expires_at_ms;
    return credentials;
}

void esc_credentials_free(struct esc_credentials *credentials)
{
    if (!credentials)
        return;
    free(credentials->access_key_id);
    free(credentials->caller_arn);
    esc_secret_free(credentials->secret_access_key);
    esc_secret_free(credentials->session_token);
    free(credentials);
}

struct esc_credentials *esc_credentials_copy(const struct esc_credentials *credentials)
{
    if (!credentials)
        return NULL;
    struct esc_credentials *copy = esc_alloc_zero(sizeof *copy);
    copy->access_key_id = esc_strdup(credentials->access_key_id);
    copy->secret_access_key = esc_secret_copy(credentials->secret_access_key);
    copy->session_token = esc_secret_copy(credentials->session_token);
    copy->expires_at_ms = credentials->expires_at_ms;
    copy->login_ends_ms = credentials->login_ends_ms;
    copy->caller_arn = esc_strdup_null(credentials->caller_arn);
    return copy;
}

bool esc_credentials_are_fresh(const struct esc_credentials *credentials, uint64_t now_ms)
{
    return credentials->expires_at_ms == 0 ||
           (credentials->expires_at_ms > now_ms &&
            credentials->expires_at_ms - now_ms > ESC_CREDENTIALS_EARLY_MS);
}
