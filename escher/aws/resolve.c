/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/resolve.h"

#include "escher/aws/aws_private.h"
#include "escher/aws/profile_file.h"
#include "escher/aws/sts.h"
#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/buf.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/loop/timer.h"

/*
 * A resolution in steps; each is one call, or none:
 *
 *     PLAN ──▶ ASSUME (once per role of the chain) ──▶ IDENTIFY ──▶ over
 *       │        └ keys expired: once more from PLAN, since files may have been renewed
 *       └ kept from before: over
 *
 * Two that want the same at the same time ask once: the second waits for the first.
 */

enum {
    MAX_ROLES = 5, /* of a chain of source profiles */
    MAX_KEPT = 64,
};

struct role {
    char *arn, *external_id, *session_name;
    uint64_t duration_s;
};

struct kept {
    char *key;
    char *account_id;                    /* the account that was asked for */
    struct esc_credentials *credentials; /* NULL: long-lived ones, which are read anew each time */
};

struct resolution {
    struct resolution *next, **link;
    struct esc_aws *aws;
    struct esc_account *account;
    struct esc_aws_environment *environment; /* NULL: none */
    struct esc_profiles *profiles;
    char *session_name, *region, *key;
    struct role roles[MAX_ROLES]; /* from the target back to the base */
    size_t role_count, roles_left;
    struct esc_credentials *credentials; /* of the base, then of each role */
    struct resolution *leader;           /* who asks for us too */
    bool tried_again;
    struct esc_timer *turn;
    esc_credentials_fn *done;
    void *context;
};

static void free_kept(struct kept *kept)
{
    free(kept->key);
    free(kept->account_id);
    esc_credentials_free(kept->credentials);
    free(kept);
}

static void drop_roles(struct resolution *resolution)
{
    for (size_t i = 0; i < resolution->role_count; i++) {
        free(resolution->roles[i].arn);
        free(resolution->roles[i].external_id);
        free(resolution->roles[i].session_name);
    }
    resolution->role_count = resolution->roles_left = 0;
}

/* Back to before PLAN. */
static void reset(struct resolution *resolution)
{
    drop_roles(resolution);
    esc_profiles_free(ESC_STEAL(resolution->profiles));
    esc_credentials_free(ESC_STEAL(resolution->credentials));
    free(ESC_STEAL(resolution->region));
    free(ESC_STEAL(resolution->key));
}

/* The last thing that happens to a resolution; takes `credentials` over. */
static void report(struct resolution *resolution, struct esc_credentials *credentials,
                   const struct esc_error *err)
{
    *resolution->link = resolution->next;
    if (resolution->next)
        resolution->next->link = resolution->link;
    esc_timer_stop(&resolution->turn);
    resolution->done(resolution->context, credentials, err);
    reset(resolution);
    esc_account_free(resolution->account);
    esc_aws_environment_free(resolution->environment);
    free(resolution->session_name);
    free(resolution);
}

static void plan(void *context);

static void plan_soon(struct resolution *resolution)
{
    resolution->turn = esc_timer_start(resolution->aws->loop, 0, plan, resolution);
}

/* Those who wait look for themselves now: the result is kept, or one of them is the next to ask. */
static void wake_followers(const struct resolution *leader)
{
    for (struct resolution *one = leader->aws->pending; one; one = one->next)
        if (one->leader == leader) {
            one->leader = NULL;
            reset(one);
            plan_soon(one);
        }
}

static const char *name_of(const struct esc_account *account)
{
    return account->name ? account->name : account->id ? account->id : "(new)";
}

static void fail(struct resolution *resolution, struct esc_error *err)
{
    (void)esc_wrap(err, err->status, "account %s", name_of(resolution->account));
    wake_followers(resolution);
    report(resolution, NULL, err);
}

static bool push_role(struct resolution *resolution, const char *arn,
                      const struct esc_profile *profile)
{
    if (resolution->role_count == MAX_ROLES)
        return false;
    struct role *role = &resolution->roles[resolution->role_count++];
    *role = (struct role){.arn = esc_strdup(arn)};
    if (profile) {
        role->external_id = esc_strdup_null(profile->external_id);
        role->session_name = esc_strdup_null(profile->role_session_name);
        role->duration_s = profile->duration_s;
    }
    return true;
}

static enum esc_status base_of_environment(struct resolution *resolution, struct esc_error *err)
{
    if (!resolution->environment || !resolution->environment->credentials)
        return esc_fail(err, ESC_NOT_FOUND,
                        "no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
                        "name a profile for the account");
    resolution->credentials = esc_credentials_copy(resolution->environment->credentials);
    return ESC_OK;
}

static enum esc_status load_profiles(struct resolution *resolution, struct esc_error *err)
{
    const struct esc_aws_environment *environment = resolution->environment;
    const char *folder = resolution->account->profile_folder;
    if (resolution->profiles)
        return ESC_OK;
    if (folder) {
        ESC_CLEANUP(esc_freep) char *config = esc_path_join(folder, "config");
        ESC_CLEANUP(esc_freep) char *credentials = esc_path_join(folder, "credentials");
        return esc_profiles_load(config, credentials, &resolution->profiles, err);
    }
    return esc_profiles_load(environment ? environment->config_file : NULL,
                             environment ? environment->credentials_file : NULL,
                             &resolution->profiles, err);
}

/* Follows one profile: its keys, or its role and then *name is where that comes from. */
static enum esc_status follow(struct resolution *resolution, const char **name,
                              struct esc_error *err)
{
    const struct esc_profile *profile = esc_profiles_find(resolution->profiles, *name);
    if (!profile)
        return esc_fail(err, ESC_NOT_FOUND, "there is no profile `%s` in the AWS configuration",
                        *name);
    ESC_CLEANUP(esc_freep) char *obstacle = esc_profile_obstacle(resolution->profiles, profile);
    if (obstacle)
        return esc_fail(err, ESC_INVALID, "profile `%s`: %s", *name, obstacle);
    if (profile->kind == ESC_PROFILE_NONE)
        return esc_fail(err, ESC_NOT_FOUND, "profile `%s` has no credentials", *name);
    if (!resolution->region)
        resolution->region = esc_strdup_null(profile->region);
    bool uses_own_keys = profile->keys && (!profile->source_profile ||
                                           esc_text_equal(profile->source_profile, *name));
    if (profile->role_arn && !push_role(resolution, profile->role_arn, profile))
        return esc_fail(err, ESC_INVALID, "profile `%s`: more than %d roles in a row", *name,
                        MAX_ROLES);
    if (profile->kind == ESC_PROFILE_KEYS || (uses_own_keys && profile->source_profile)) {
        resolution->credentials = esc_credentials_copy(profile->keys);
        *name = NULL;
        return ESC_OK;
    }
    *name = profile->source_profile;
    return *name ? ESC_OK : base_of_environment(resolution, err); /* credential_source */
}

static enum esc_status base_of_profile(struct resolution *resolution, const char *name,
                                       struct esc_error *err)
{
    enum esc_status status = load_profiles(resolution, err);
    while (status == ESC_OK && name && !resolution->credentials)
        status = follow(resolution, &name, err);
    return status;
}

/* Neither profile nor role in the account: what the AWS tools would use. */
static enum esc_status base_of_default(struct resolution *resolution, struct esc_error *err)
{
    const struct esc_aws_environment *environment = resolution->environment;
    if (environment && environment->credentials)
        return base_of_environment(resolution, err);
    if (environment && environment->profile)
        return base_of_profile(resolution, environment->profile, err);
    enum esc_status status = load_profiles(resolution, err);
    if (status != ESC_OK)
        return status;
    if (esc_profiles_find(resolution->profiles, "default"))
        return base_of_profile(resolution, "default", err);
    return base_of_environment(resolution, err); /* says what is missing */
}

static enum esc_status find_base(struct resolution *resolution, struct esc_error *err)
{
    const struct esc_account *account = resolution->account;
    const char *profile = account->profile;
    if (account->role_arn) {
        ESC_ASSERT(push_role(resolution, account->role_arn, NULL)); /* the first of several */
        if (account->source_profile)
            profile = account->source_profile;
    }
    return profile ? base_of_profile(resolution, profile, err) : base_of_default(resolution, err);
}

static void choose_region(struct resolution *resolution)
{
    const struct esc_account *account = resolution->account;
    const char *own = account->regions.count ? account->regions.items[0] : NULL;
    const char *theirs = resolution->environment ? resolution->environment->region : NULL;
    const char *chosen = own ? own : resolution->region ? resolution->region : theirs;
    char *region = esc_strdup(chosen ? chosen : "us-east-1");
    free(resolution->region);
    resolution->region = region;
}

static const char *endpoint_of(const struct resolution *resolution)
{
    return resolution->account->emulator ? resolution->account->endpoint_url : NULL;
}

/* Everything the outcome depends on; never a secret. */
static void make_key(struct resolution *resolution)
{
    struct esc_buf key;
    esc_buf_init(&key, ESC_MAX_LINE);
    const char *endpoint = endpoint_of(resolution), *id = resolution->account->id;
    esc_buf_printf(&key, "%s\n%s\n%s\n%s", id ? id : "", endpoint ? endpoint : "",
                   resolution->region, resolution->credentials->access_key_id);
    if (resolution->role_count)
        esc_buf_printf(&key, "\n%s", resolution->session_name);
    for (size_t i = 0; i < resolution->role_count; i++)
        esc_buf_printf(&key, "\n%s", resolution->roles[i].arn);
    resolution->key = esc_buf_take(&key);
}

static const struct kept *find_kept(const struct resolution *resolution)
{
    const struct esc_list *cache = &resolution->aws->cache;
    for (size_t i = 0; i < cache->count; i++) {
        const struct kept *kept = cache->items[i];
        if (esc_text_equal(kept->key, resolution->key) &&
            (!kept->credentials ||
             esc_credentials_are_fresh(kept->credentials, esc_aws_now_ms(resolution->aws))))
            return kept;
    }
    return NULL;
}

static void drop_kept(struct esc_aws *aws, size_t index)
{
    free_kept(esc_list_remove(&aws->cache, index));
}

static void keep(const struct resolution *resolution)
{
    struct esc_aws *aws = resolution->aws;
    for (size_t i = aws->cache.count; i > 0; i--)
        if (esc_text_equal(((struct kept *)aws->cache.items[i - 1])->key, resolution->key))
            drop_kept(aws, i - 1);
    if (aws->cache.count == MAX_KEPT)
        drop_kept(aws, 0); /* the oldest */
    struct kept *kept = esc_alloc_zero(sizeof *kept);
    kept->key = esc_strdup(resolution->key);
    kept->account_id = esc_strdup_null(resolution->account->id);
    if (resolution->role_count)
        kept->credentials = esc_credentials_copy(resolution->credentials);
    esc_list_push(&aws->cache, kept);
}

static void advance(struct resolution *resolution);

/* Once, keys that the cloud calls expired are looked up again. */
static bool try_again(struct resolution *resolution, const struct esc_aws_fault *fault)
{
    if (!fault || !esc_aws_fault_is_expired(fault) || resolution->tried_again)
        return false;
    resolution->tried_again = true;
    reset(resolution);
    plan_soon(resolution);
    return true;
}

static void on_role(void *context, struct esc_credentials *credentials,
                    const struct esc_aws_fault *fault, const struct esc_error *failure)
{
    struct resolution *resolution = context;
    if (credentials) {
        esc_credentials_free(resolution->credentials);
        resolution->credentials = credentials;
        resolution->roles_left--;
        advance(resolution);
    } else if (!try_again(resolution, fault)) {
        struct esc_error err = *failure;
        (void)esc_wrap(&err, err.status, "assume %s",
                       resolution->roles[resolution->roles_left - 1].arn);
        fail(resolution, &err);
    }
}

static void on_caller(void *context, const struct esc_caller *caller,
                      const struct esc_aws_fault *fault, const struct esc_error *failure)
{
    struct resolution *resolution = context;
    struct esc_error err;
    if (!caller) {
        if (try_again(resolution, fault))
            return;
        err = *failure;
        fail(resolution, &err);
    } else if (resolution->account->id &&
               !esc_text_equal(caller->account, resolution->account->id)) {
        (void)esc_fail(&err, ESC_BLOCKED, "the credentials belong to account %.12s, not to %s",
                       caller->account, resolution->account->id);
        fail(resolution, &err);
    } else {
        keep(resolution);
        wake_followers(resolution);
        report(resolution, ESC_STEAL(resolution->credentials), NULL);
    }
}

static void advance(struct resolution *resolution)
{
    const struct esc_aws_place place = {resolution->region, endpoint_of(resolution),
                                        resolution->environment};
    if (resolution->roles_left == 0) {
        esc_sts_get_caller_identity(resolution->aws, resolution->credentials, &place, on_caller,
                                    resolution);
        return;
    }
    const struct role *next = &resolution->roles[resolution->roles_left - 1];
    const struct esc_sts_role role = {
        .role_arn = next->arn,
        .session_name = next->session_name ? next->session_name : resolution->session_name,
        .external_id = next->external_id,
        .duration_s = next->duration_s,
        .place = place,
    };
    esc_sts_assume_role(resolution->aws, resolution->credentials, &role, on_role, resolution);
}

static struct resolution *leader_of(const struct resolution *resolution)
{
    for (struct resolution *one = resolution->aws->pending; one; one = one->next)
        if (one != resolution && !one->leader && !one->turn && one->key &&
            esc_text_equal(one->key, resolution->key))
            return one;
    return NULL;
}

static void plan(void *context)
{
    struct resolution *resolution = context;
    struct esc_error err;
    resolution->turn = NULL;
    if (find_base(resolution, &err) != ESC_OK) {
        fail(resolution, &err);
        return;
    }
    choose_region(resolution);
    make_key(resolution);
    resolution->roles_left = resolution->role_count;
    const struct kept *kept = find_kept(resolution);
    if (kept) { /* of long-lived keys, only that they are the account's */
        struct esc_credentials *credentials = resolution->role_count
                                                  ? esc_credentials_copy(kept->credentials)
                                                  : ESC_STEAL(resolution->credentials);
        wake_followers(resolution);
        report(resolution, credentials, NULL);
    } else if (!(resolution->leader = leader_of(resolution))) {
        advance(resolution);
    }
}

void esc_credentials_resolve(struct esc_aws *aws, const struct esc_account *account,
                             const struct esc_aws_environment *environment,
                             const char *session_name, esc_credentials_fn *done, void *context)
{
    struct resolution *resolution = esc_alloc_zero(sizeof *resolution);
    resolution->aws = aws;
    resolution->account = esc_account_copy(account);
    if (environment)
        resolution->environment = esc_aws_environment_copy(environment);
    resolution->session_name = esc_strdup(session_name ? session_name : "escher");
    resolution->done = done;
    resolution->context = context;
    resolution->link = &aws->pending;
    resolution->next = aws->pending;
    if (resolution->next)
        resolution->next->link = &resolution->next;
    aws->pending = resolution;
    plan_soon(resolution);
}

void esc_credentials_forget(struct esc_aws *aws, const struct esc_account *account)
{
    for (size_t i = aws->cache.count; i > 0; i--)
        if (esc_text_equal(((struct kept *)aws->cache.items[i - 1])->account_id, account->id))
            drop_kept(aws, i - 1);
}

void resolve_end_all(struct esc_aws *aws)
{
    while (aws->pending) {
        struct esc_error err;
        (void)esc_fail(&err, ESC_CANCELLED, "account %s: cancelled",
                       name_of(aws->pending->account));
        report(aws->pending, NULL, &err);
    }
    while (aws->cache.count)
        drop_kept(aws, 0);
    esc_list_done(&aws->cache);
}
