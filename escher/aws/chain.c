/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/chain_private.h"

#include "escher/aws/profile_file.h"
#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/http/url.h"

struct walk {
    const struct esc_account *account;
    const struct esc_aws_environment *environment; /* NULL: none */
    struct esc_profiles *profiles;
    struct aws_chain *chain;
};

void aws_chain_done(struct aws_chain *chain)
{
    for (size_t i = 0; i < chain->role_count; i++) {
        free(chain->roles[i].arn);
        free(chain->roles[i].external_id);
        free(chain->roles[i].session_name);
    }
    aws_source_done(&chain->source);
    free(chain->serial);
    free(chain->region);
    *chain = (struct aws_chain){0};
}

static enum esc_status push_role(struct walk *walk, const char *arn, struct esc_error *err)
{
    struct aws_chain *chain = walk->chain;
    if (chain->role_count == AWS_CHAIN_ROLES)
        return esc_fail(err, ESC_INVALID, "more than %d roles in a row", AWS_CHAIN_ROLES);
    chain->roles[chain->role_count++] = (struct aws_role){.arn = esc_strdup(arn)};
    return ESC_OK;
}

/* The role nearest to the source counts: it is the person's own device. */
static void set_serial(struct walk *walk, const char *serial)
{
    if (!serial)
        return;
    free(walk->chain->serial);
    walk->chain->serial = esc_strdup(serial);
}

static struct aws_source *begin_source(struct walk *walk, enum aws_source_kind kind)
{
    walk->chain->source.kind = kind;
    return &walk->chain->source;
}

static enum esc_status no_keys(struct esc_error *err)
{
    return esc_fail(err, ESC_NOT_FOUND,
                    "no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a "
                    "profile for the account");
}

static enum esc_status take_environment_keys(struct walk *walk, struct esc_error *err)
{
    if (!walk->environment || !walk->environment->credentials)
        return no_keys(err);
    begin_source(walk, AWS_SOURCE_KEYS)->keys =
        esc_credentials_copy(walk->environment->credentials);
    return ESC_OK;
}

static enum esc_status load_profiles(struct walk *walk, struct esc_error *err)
{
    const struct esc_aws_environment *environment = walk->environment;
    const char *folder = walk->account->profile_folder;
    if (walk->profiles)
        return ESC_OK;
    if (folder) {
        ESC_CLEANUP(esc_freep) char *config = esc_path_join(folder, "config");
        ESC_CLEANUP(esc_freep) char *credentials = esc_path_join(folder, "credentials");
        return esc_profiles_load(config, credentials, &walk->profiles, err);
    }
    return esc_profiles_load(environment ? environment->config_file : NULL,
                             environment ? environment->credentials_file : NULL, &walk->profiles,
                             err);
}

/* A bearer token is as good as its owner wherever it is shown: to AWS, or where the environment
 * says on purpose, and not in clear. An emulator is no place for one. */
static enum esc_status may_show_token(const struct walk *walk, const char *token,
                                      const char *variable, const char *endpoint,
                                      struct esc_error *err)
{
    struct esc_url url;
    if (!endpoint)
        return walk->account->emulator
                   ? esc_fail(err, ESC_INVALID,
                              "%s is never shown to an emulator; an emulator takes any keys: name "
                              "a profile that has some",
                              token)
                   : ESC_OK;
    if (!esc_url_parse(esc_str_of(endpoint), &url) || url.query.ptr ||
        (!esc_str_starts_with(esc_str_of(endpoint), ESC_STR("https://")) &&
         !esc_url_is_loopback(&url)))
        return esc_fail(err, ESC_INVALID,
                        "%s is neither https nor on this machine; %s would travel in clear",
                        variable, token);
    return ESC_OK;
}

static enum esc_status may_show_sso(const struct walk *walk, struct esc_error *err)
{
    static const char token[] = "a token of AWS SSO";
    const struct esc_aws_environment *environment = walk->environment;
    const char *oidc = environment ? environment->oidc_endpoint : NULL;
    const enum esc_status status = may_show_token(
        walk, token, "AWS_ENDPOINT_URL_SSO", environment ? environment->sso_endpoint : NULL, err);
    if (status != ESC_OK || !oidc)
        return status;
    return may_show_token(walk, token, "AWS_ENDPOINT_URL_SSO_OIDC", oidc, err);
}

static enum esc_status take_sso(struct walk *walk, const struct esc_profile *profile,
                                struct esc_error *err)
{
    const enum esc_status status = may_show_sso(walk, err);
    if (status != ESC_OK)
        return status;
    struct aws_source *source = begin_source(walk, AWS_SOURCE_SSO);
    source->sso_session = esc_strdup_null(profile->sso_session);
    source->sso_start_url = esc_strdup_null(profile->sso_start_url);
    source->sso_region = esc_strdup_null(profile->sso_region);
    source->sso_account_id = esc_strdup_null(profile->sso_account_id);
    source->sso_role = esc_strdup_null(profile->sso_role_name);
    return ESC_OK;
}

static enum esc_status take_web_identity(struct walk *walk, const char *role_arn, const char *file,
                                         const char *session_name, struct esc_error *err)
{
    const enum esc_status status =
        may_show_token(walk, "a web identity token", "AWS_ENDPOINT_URL_STS",
                       walk->environment ? walk->environment->sts_endpoint : NULL, err);
    if (status != ESC_OK)
        return status;
    struct aws_source *source = begin_source(walk, AWS_SOURCE_WEB_IDENTITY);
    source->role_arn = esc_strdup(role_arn);
    source->token_file = esc_strdup(file);
    source->session_name = esc_strdup(session_name ? session_name : "escher");
    return ESC_OK;
}

/* credential_source of a role; which words there are is known from esc_profile_obstacle(). */
static enum esc_status take_named_source(struct walk *walk, const char *name, struct esc_error *err)
{
    if (esc_text_equal(name, "EcsContainer"))
        (void)begin_source(walk, AWS_SOURCE_CONTAINER);
    else if (esc_text_equal(name, "Ec2InstanceMetadata"))
        (void)begin_source(walk, AWS_SOURCE_IMDS);
    else
        return take_environment_keys(walk, err);
    return ESC_OK;
}

static enum esc_status add_role_of(struct walk *walk, const struct esc_profile *profile,
                                   struct esc_error *err)
{
    const enum esc_status status = push_role(walk, profile->role_arn, err);
    if (status != ESC_OK)
        return esc_wrap(err, status, "profile `%s`", profile->name);
    struct aws_role *role = &walk->chain->roles[walk->chain->role_count - 1];
    role->external_id = esc_strdup_null(profile->external_id);
    role->session_name = esc_strdup_null(profile->role_session_name);
    role->duration_s = profile->duration_s;
    set_serial(walk, profile->mfa_serial);
    return ESC_OK;
}

/* A role's profile: *name becomes where the role is assumed from, NULL when that is found. */
static enum esc_status follow_role(struct walk *walk, const struct esc_profile *profile,
                                   const char **name, struct esc_error *err)
{
    const enum esc_status status = add_role_of(walk, profile, err);
    const char *from = profile->source_profile;
    *name = NULL;
    if (status != ESC_OK)
        return status;
    if (!from)
        return take_named_source(walk, profile->credential_source, err);
    if (profile->keys && esc_text_equal(from, profile->name)) /* its own keys */
        begin_source(walk, AWS_SOURCE_KEYS)->keys = esc_credentials_copy(profile->keys);
    else
        *name = from;
    return ESC_OK;
}

static enum esc_status take_profile(struct walk *walk, const struct esc_profile *profile,
                                    struct esc_error *err)
{
    if (profile->kind == ESC_PROFILE_SSO)
        return take_sso(walk, profile, err);
    if (profile->kind == ESC_PROFILE_WEB_IDENTITY)
        return take_web_identity(walk, profile->role_arn, profile->web_identity_file,
                                 profile->role_session_name, err);
    if (profile->kind == ESC_PROFILE_PROCESS)
        begin_source(walk, AWS_SOURCE_PROCESS)->command = esc_strdup(profile->process);
    else
        begin_source(walk, AWS_SOURCE_KEYS)->keys = esc_credentials_copy(profile->keys);
    return ESC_OK;
}

/* Follows one profile: it is the source, or a role and then *name is where that comes from. */
static enum esc_status follow(struct walk *walk, const char **name, struct esc_error *err)
{
    const struct esc_profile *profile = esc_profiles_find(walk->profiles, *name);
    if (!profile)
        return esc_fail(err, ESC_NOT_FOUND, "there is no profile `%s` in the AWS configuration",
                        *name);
    ESC_CLEANUP(esc_freep) char *obstacle = esc_profile_obstacle(walk->profiles, profile);
    if (obstacle)
        return esc_fail(err, ESC_INVALID, "profile `%s`: %s", *name, obstacle);
    if (profile->kind == ESC_PROFILE_NONE)
        return esc_fail(err, ESC_NOT_FOUND, "profile `%s` has no credentials", *name);
    if (!walk->chain->region)
        walk->chain->region = esc_strdup_null(profile->region);
    free(walk->chain->source.profile);
    walk->chain->source.profile = esc_strdup(profile->name);
    /* @source botocore, AssumeRoleProvider: a source's own keys come before a role that it names */
    const bool has_own_keys = walk->chain->role_count > 0 && profile->keys;
    if (profile->kind == ESC_PROFILE_ROLE && !has_own_keys)
        return follow_role(walk, profile, name, err);
    *name = NULL;
    if (has_own_keys) {
        begin_source(walk, AWS_SOURCE_KEYS)->keys = esc_credentials_copy(profile->keys);
        return ESC_OK;
    }
    return take_profile(walk, profile, err);
}

static enum esc_status walk_profile(struct walk *walk, const char *name, struct esc_error *err)
{
    enum esc_status status = load_profiles(walk, err);
    while (status == ESC_OK && name)
        status = follow(walk, &name, err);
    return status;
}

/* Nobody wrote keys down: the machine or the container may have a role. Never for an emulator,
 * which has no business with it, unless the environment names a stand-in. */
static enum esc_status take_surroundings(struct walk *walk, struct esc_error *err)
{
    const struct esc_aws_environment *environment = walk->environment;
    if (!environment)
        return no_keys(err);
    if (environment->web_identity_file && environment->web_identity_role)
        return take_web_identity(walk, environment->web_identity_role,
                                 environment->web_identity_file, environment->role_session_name,
                                 err);
    if (environment->container_uri) {
        (void)begin_source(walk, AWS_SOURCE_CONTAINER);
        return ESC_OK;
    }
    if (environment->metadata_disabled ||
        (walk->account->emulator && !environment->metadata_endpoint))
        return no_keys(err);
    (void)begin_source(walk, AWS_SOURCE_IMDS);
    return ESC_OK;
}

/* Neither profile nor role in the account: what the AWS tools would use. */
static enum esc_status walk_default(struct walk *walk, struct esc_error *err)
{
    const struct esc_aws_environment *environment = walk->environment;
    if (environment && environment->credentials)
        return take_environment_keys(walk, err);
    if (environment && environment->profile)
        return walk_profile(walk, environment->profile, err);
    const enum esc_status status = load_profiles(walk, err);
    if (status != ESC_OK)
        return status;
    if (esc_profiles_find(walk->profiles, "default"))
        return walk_profile(walk, "default", err);
    return take_surroundings(walk, err);
}

/* The account itself names a session of SSO and a role there. */
static enum esc_status walk_sso(struct walk *walk, struct esc_error *err)
{
    const struct esc_account *account = walk->account;
    struct esc_sso_session session;
    const enum esc_status status = load_profiles(walk, err);
    if (status != ESC_OK)
        return status;
    if (!account->id || !account->sso_role)
        return esc_fail(err, ESC_INVALID, "AWS SSO needs the account's id and a role");
    if (!esc_profiles_sso_session(walk->profiles, account->sso_session, &session) ||
        !session.start_url || !session.region)
        return esc_fail(err, ESC_NOT_FOUND,
                        "there is no whole [sso-session %s] in the AWS configuration; `aws "
                        "configure sso-session` makes one",
                        account->sso_session);
    const enum esc_status shown = may_show_sso(walk, err);
    if (shown != ESC_OK)
        return shown;
    struct aws_source *source = begin_source(walk, AWS_SOURCE_SSO);
    source->sso_session = esc_strdup(account->sso_session);
    source->sso_start_url = esc_strdup(session.start_url);
    source->sso_region = esc_strdup(session.region);
    source->sso_account_id = esc_strdup(account->id);
    source->sso_role = esc_strdup(account->sso_role);
    return ESC_OK;
}

static enum esc_status add_own_role(struct walk *walk, struct esc_error *err)
{
    const struct esc_account *account = walk->account;
    const enum esc_status status = push_role(walk, account->role_arn, err);
    if (status != ESC_OK)
        return status;
    struct aws_role *role = &walk->chain->roles[0];
    role->external_id = esc_strdup_null(account->external_id);
    role->duration_s = account->duration_s;
    set_serial(walk, account->mfa_serial);
    return ESC_OK;
}

enum esc_status aws_chain_find(const struct esc_account *account,
                               const struct esc_aws_environment *environment, struct aws_chain *out,
                               struct esc_error *err)
{
    struct walk walk = {.account = account, .environment = environment, .chain = out};
    const char *profile = account->profile;
    enum esc_status status = ESC_OK;
    *out = (struct aws_chain){0};
    if (account->role_arn)
        status = add_own_role(&walk, err);
    if (account->role_arn && account->source_profile)
        profile = account->source_profile;
    if (status != ESC_OK)
        return status;
    if (account->keychain)
        begin_source(&walk, AWS_SOURCE_KEYCHAIN)->item = esc_strdup(account->keychain);
    else if (account->sso_session)
        status = walk_sso(&walk, err);
    else
        status = profile ? walk_profile(&walk, profile, err) : walk_default(&walk, err);
    esc_profiles_free(walk.profiles);
    return status;
}
