/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The configuration of the AWS tools: profiles in `config` ("[profile NAME]") and `credentials`
 * ("[NAME]"), merged by name; where both say something, `credentials` wins. A profile of SSO has
 * what its "[sso-session NAME]" says. Only read, never written; nothing is run by reading it.
 *
 *     [profile deploy]                       ← section, from column 1
 *     role_arn = arn:aws:iam::123456789012:role/Deploy
 *     source_profile = base                  ← key = value; '#' or ';' starts a comment line,
 *     s3 =                                      and one after white space ends the value
 *       max_concurrent_requests = 10         ← nested: known, ignored
 *
 * @source AWS CLI user guide, Configuration and credential file settings
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "escher/aws/credentials.h"
#include "escher/base/error.h"
#include "escher/base/list.h"

enum esc_profile_kind {
    ESC_PROFILE_KEYS,         /* aws_access_key_id and its secret */
    ESC_PROFILE_ROLE,         /* role_arn with source_profile or credential_source */
    ESC_PROFILE_SSO,          /* sso_session, or sso_start_url (the older form) */
    ESC_PROFILE_PROCESS,      /* credential_process */
    ESC_PROFILE_WEB_IDENTITY, /* web_identity_token_file with role_arn */
    ESC_PROFILE_NONE,         /* no credentials of its own: a region, an output format */
};

struct esc_profile {
    char *name;
    enum esc_profile_kind kind;
    struct esc_credentials *keys; /* NULL unless KEYS */
    char *region, *endpoint_url;  /* NULL when not given, as all below */
    char *role_arn, *source_profile, *credential_source, *external_id, *mfa_serial;
    char *role_session_name;
    uint64_t duration_s; /* 0: not given */
    char *sso_account_id, *sso_role_name;
    char *sso_session, *sso_start_url, *sso_region; /* the last two also from the session */
    char *process;                                  /* a command line */
    char *web_identity_file;
    const char *file; /* where its section first stands; borrowed from the profiles */
    unsigned line;
};

enum {
    ESC_PROFILE_MAX_FILE = 1024 * 1024,
    ESC_PROFILE_MAX_LINE = 8 * 1024,
    ESC_PROFILE_MAX_COUNT = 1000,
};

struct esc_profiles;

/**
 * Reads both files; a missing one (or a NULL path) is like an empty one.
 * @errors ESC_INVALID with "FILE:LINE: what"; ESC_LIMIT; ESC_IO.
 */
enum esc_status esc_profiles_load(const char *config_path, const char *credentials_path,
                                  struct esc_profiles **out, struct esc_error *err);
/** The same from text; the names stand in messages. Either text may be empty. */
enum esc_status esc_profiles_parse(struct esc_str config, const char *config_name,
                                   struct esc_str credentials, const char *credentials_name,
                                   struct esc_profiles **out, struct esc_error *err);
void esc_profiles_free(struct esc_profiles *profiles);
ESC_DEFINE_CLEANUP(struct esc_profiles, esc_profiles_free)

size_t esc_profiles_count(const struct esc_profiles *profiles);
/** In the order of the files. @p index < count, asserted. */
const struct esc_profile *esc_profiles_at(const struct esc_profiles *profiles, size_t index);
const struct esc_profile *esc_profiles_find(const struct esc_profiles *profiles, const char *name);

struct esc_sso_session {
    const char *start_url, *region; /* NULL: not given; borrowed from the profiles */
};
/** What "[sso-session NAME]" says; false: there is none. */
bool esc_profiles_sso_session(const struct esc_profiles *profiles, const char *name,
                              struct esc_sso_session *out);
/** Whether using the profile, or one that it leads to, runs a program. */
bool esc_profile_runs_program(const struct esc_profiles *profiles,
                              const struct esc_profile *profile);

/** Why the profile cannot be used as it stands, with the cure, owned by the caller; NULL when it
 *  can. Looks no further than its own section and whether its source is there. */
char *esc_profile_obstacle(const struct esc_profiles *profiles, const struct esc_profile *profile);

/* An account the configuration can reach, as far as reading alone tells. */
struct esc_account_candidate {
    char *profile;
    enum esc_profile_kind kind;
    char *account_id; /* from the role's ARN or sso_account_id; NULL: only the cloud can tell */
    char *role_arn, *source_profile, *region, *endpoint_url; /* NULL when not given */
    char *obstacle; /* why it cannot be used as it stands, with the cure; NULL when it can */
};
void esc_account_candidate_free(struct esc_account_candidate *candidate);

/** Pushes one candidate per profile that leads to credentials (handed over) onto @p out, which
 *  must own with esc_account_candidate_free (as an esc_free_fn). */
void esc_profiles_discover(const struct esc_profiles *profiles, struct esc_list *out);
/** Readies @p out for that. */
void esc_account_candidates_init(struct esc_list *out);
