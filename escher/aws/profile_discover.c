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

/* What of a profile of SSO is missing; NULL: nothing. */
static char *sso_obstacle(const struct esc_profile *profile)
{
    if (profile->sso_session && !profile->sso_start_url)
        return esc_sprintf("there is no whole [sso-session %s] in the AWS configuration; "
                           "`aws configure sso-session` makes one",
                           profile->sso_session);
    if (!profile->sso_region || !profile->sso_account_id || !profile->sso_role_name)
        return esc_sprintf("AWS SSO needs sso_region, sso_account_id and sso_role_name; run "
                           "`aws configure sso --profile %s`",
                           profile->name);
    return NULL;
}

static bool is_known_source(const char *source)
{
    return esc_text_equal(source, "Environment") || esc_text_equal(source, "EcsContainer") ||
           esc_text_equal(source, "Ec2InstanceMetadata");
}

static char *role_obstacle(const struct esc_profiles *profiles, const struct esc_profile *profile)
{
    struct esc_arn arn;
    if (!profile->role_arn || !esc_arn_parse(esc_str_of(profile->role_arn), &arn) ||
        !esc_account_id_is_valid(arn.account))
        return esc_strdup("role_arn is no ARN of a role; correct it in the AWS configuration");
    if (profile->kind == ESC_PROFILE_WEB_IDENTITY)
        return NULL;
    if (!profile->source_profile && !profile->credential_source)
        return esc_strdup("a role needs source_profile; add it in the AWS configuration");
    if (profile->source_profile && !esc_profiles_find(profiles, profile->source_profile))
        return esc_sprintf("its source_profile `%s` is not there", profile->source_profile);
    if (!profile->source_profile && !is_known_source(profile->credential_source))
        return esc_sprintf("credential_source = %s is none of Environment, EcsContainer and "
                           "Ec2InstanceMetadata",
                           profile->credential_source);
    return NULL;
}

char *esc_profile_obstacle(const struct esc_profiles *profiles, const struct esc_profile *profile)
{
    switch (profile->kind) {
    case ESC_PROFILE_SSO:
        return sso_obstacle(profile);
    case ESC_PROFILE_ROLE:
    case ESC_PROFILE_WEB_IDENTITY:
        return role_obstacle(profiles, profile);
    default:
        return NULL;
    }
}

bool esc_profile_runs_program(const struct esc_profiles *profiles,
                              const struct esc_profile *profile)
{
    for (size_t i = 0; profile && i <= esc_profiles_count(profiles); i++) {
        if (profile->kind == ESC_PROFILE_PROCESS)
            return true;
        if (profile->kind != ESC_PROFILE_ROLE || !profile->source_profile)
            return false;
        profile = esc_profiles_find(profiles, profile->source_profile);
    }
    return false;
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
