/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/profile_file.h"

#include "escher/base/alloc.h"
#include "escher/model/account.h"
#include "escher/model/arn.h"

void esc_account_candidate_free(struct esc_account_candidate *candidate)
{
    if (!candidate)
        return;
    free(candidate->profile);
    free(candidate->account_id);
    free(candidate->role_arn);
    free(candidate->source_profile);
    free(candidate->region);
    free(candidate->endpoint_url);
    free(candidate->obstacle);
    free(candidate);
}

static void free_candidate(void *item)
{
    esc_account_candidate_free(item);
}

void esc_account_candidates_init(struct esc_list *out)
{
    esc_list_init(out, free_candidate);
}

/* Keys that this CLI command prints can be put into the environment. */
static char *use_export(const char *what, const char *profile)
{
    return esc_sprintf("%s is not supported yet; run `aws configure export-credentials --profile "
                       "%s --format env` and use an account without a profile",
                       what, profile);
}

char *esc_profile_obstacle(const struct esc_profiles *profiles, const struct esc_profile *profile)
{
    struct esc_arn arn;
    switch (profile->kind) {
    case ESC_PROFILE_KEYS:
    case ESC_PROFILE_NONE:
        return NULL;
    case ESC_PROFILE_SSO:
        return use_export("a profile of AWS SSO", profile->name);
    case ESC_PROFILE_PROCESS:
        return use_export("credential_process", profile->name);
    case ESC_PROFILE_WEB_IDENTITY:
        return use_export("a web identity", profile->name);
    case ESC_PROFILE_ROLE:
        break;
    }
    if (!esc_arn_parse(esc_str_of(profile->role_arn), &arn) ||
        !esc_account_id_is_valid(arn.account))
        return esc_strdup("role_arn is no ARN of a role; correct it in the AWS configuration");
    if (profile->mfa_serial)
        return use_export("a role that asks for an MFA code", profile->name);
    if (!profile->source_profile && !profile->credential_source)
        return esc_strdup("a role needs source_profile; add it in the AWS configuration");
    if (profile->source_profile && !esc_profiles_find(profiles, profile->source_profile))
        return esc_sprintf("its source_profile `%s` is not there", profile->source_profile);
    if (!profile->source_profile && !esc_text_equal(profile->credential_source, "Environment"))
        return esc_sprintf("credential_source = %s is not supported yet; use source_profile",
                           profile->credential_source);
    return NULL;
}

static char *account_of(const struct esc_profile *profile)
{
    struct esc_arn arn;
    if (profile->role_arn && esc_arn_parse(esc_str_of(profile->role_arn), &arn) &&
        esc_account_id_is_valid(arn.account))
        return esc_str_dup(arn.account);
    if (profile->sso_account_id && esc_account_id_is_valid(esc_str_of(profile->sso_account_id)))
        return esc_strdup(profile->sso_account_id);
    return NULL;
}

void esc_profiles_discover(const struct esc_profiles *profiles, struct esc_list *out)
{
    for (size_t i = 0; i < esc_profiles_count(profiles); i++) {
        const struct esc_profile *profile = esc_profiles_at(profiles, i);
        if (profile->kind == ESC_PROFILE_NONE)
            continue;
        struct esc_account_candidate *candidate = esc_alloc_zero(sizeof *candidate);
        candidate->profile = esc_strdup(profile->name);
        candidate->kind = profile->kind;
        candidate->account_id = account_of(profile);
        candidate->role_arn = esc_strdup_null(profile->role_arn);
        candidate->source_profile = esc_strdup_null(profile->source_profile);
        candidate->region = esc_strdup_null(profile->region);
        candidate->endpoint_url = esc_strdup_null(profile->endpoint_url);
        candidate->obstacle = esc_profile_obstacle(profiles, profile);
        esc_list_push(out, candidate);
    }
}
