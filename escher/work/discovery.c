/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/profile_file.h"
#include "escher/aws/sts.h"
#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/work/account_private.h"

/*
 * Discovery: each candidate of the AWS configuration in turn, roles before plain keys, so that an
 * account reached by both is reached by the role.
 *
 *     candidate ─▶ id known? ──no──▶ GetCallerIdentity ─▶ id
 *                     └──yes───────▶ resolve (proves role and id) ─▶ kept, or skipped with why
 */
struct discovery {
    struct esc_api_call *call;
    struct esc_list candidates;
    struct esc_profiles *profiles;
    size_t next; /* walks the candidates twice: roles, then the rest */
    struct esc_account *account;
    struct work_demo demo; /* zeroed: the caller's own profiles are looked at */
    struct esc_json *found, *skipped;
};

static void step(void *discovery);

/* By way of the loop, so that a long configuration makes no deep stack. */
static void go_on(struct discovery *discovery)
{
    esc_loop_post(discovery->call->bench->loop, step, discovery);
}

static void skip_candidate(struct discovery *discovery, const char *profile, const char *why)
{
    struct esc_json *entry = esc_json_object();
    esc_json_set_text(entry, "profile", profile);
    esc_json_set_text(entry, "why", why);
    esc_json_push(discovery->skipped, entry);
}

static void accept(struct discovery *discovery)
{
    struct esc_error err;
    struct esc_account *account = ESC_STEAL(discovery->account);
    const char *profile = account->profile;
    if (work_account_keep(discovery->call->bench, account, &err) == ESC_OK) {
        esc_json_push(discovery->found, esc_account_to_json(account));
    } else {
        skip_candidate(discovery, profile, err.message);
        esc_account_free(account);
    }
    go_on(discovery);
}

static void refuse(struct discovery *discovery, const char *why)
{
    skip_candidate(discovery, discovery->account->profile, why);
    esc_account_free(discovery->account);
    discovery->account = NULL;
    go_on(discovery);
}

static void proven(void *context, struct esc_credentials *credentials, const struct esc_error *err)
{
    struct discovery *discovery = context;
    if (credentials) {
        work_account_set_partition(discovery->account, credentials->caller_arn);
        accept(discovery);
    } else {
        refuse(discovery, err->message);
    }
    esc_credentials_free(credentials);
}

static bool is_known(const struct discovery *discovery, const char *id)
{
    for (size_t i = 0; i < esc_json_len(discovery->found); i++) {
        if (esc_text_equal(esc_json_str(esc_json_at(discovery->found, i), "id", ""), id))
            return true;
    }
    return false;
}

static void identified(void *context, const struct esc_caller *caller, const struct esc_aws_fault *,
                       const struct esc_error *err)
{
    struct discovery *discovery = context;
    if (!caller) {
        refuse(discovery, err->message);
    } else if (is_known(discovery, caller->account)) {
        refuse(discovery, "leads to an account that another profile reaches by a role");
    } else {
        discovery->account->id = esc_strdup(caller->account);
        work_account_set_partition(discovery->account, caller->arn);
        accept(discovery);
    }
}

static void finish_discovery(struct discovery *discovery)
{
    struct esc_api_call *call = discovery->call;
    struct esc_json *body = work_accounts_page(call->bench);
    esc_json_set(body, "found", discovery->found);
    esc_json_set(body, "skipped", discovery->skipped);
    const bool nothing = esc_json_len(discovery->found) == 0;
    esc_list_done(&discovery->candidates);
    esc_profiles_free(discovery->profiles);
    work_demo_done(&discovery->demo);
    free(discovery);
    enum esc_status status = nothing ? ESC_NOT_FOUND : ESC_OK;
    if (call->cancelled)
        status = ESC_CANCELLED;
    if (status != ESC_OK)
        esc_json_set_text(body, "message",
                          call->cancelled ? "cancelled; the accounts found until then are kept"
                                          : "no profile of the AWS configuration leads to an "
                                            "account; --aws-profile or --role names a way");
    work_done(call, status, body);
}

/* Keys that stand there to assume roles with, in a profile that says nothing else. */
static bool is_only_a_source(const struct discovery *discovery, const char *name)
{
    const struct esc_profile *own = esc_profiles_find(discovery->profiles, name);
    if (!own || own->kind != ESC_PROFILE_KEYS || own->region)
        return false;
    for (size_t i = 0; i < esc_profiles_count(discovery->profiles); i++) {
        const struct esc_profile *other = esc_profiles_at(discovery->profiles, i);
        if (esc_text_equal(other->source_profile, name))
            return true;
    }
    return false;
}

static void set_place(const struct discovery *discovery,
                      const struct esc_account_candidate *candidate, struct esc_account *account)
{
    const struct esc_api_call *call = discovery->call;
    const struct work_demo *demo = &discovery->demo;
    const struct esc_json *regions = esc_json_member(call->args, "regions");
    if (demo->folder && !regions)
        regions = esc_json_member(work_demo_account(demo, candidate->profile), "regions");
    work_account_set_asked_regions(account, regions, candidate->region);
    work_account_set_endpoint(account, demo->folder ? esc_json_str(demo->state, "endpoint", NULL)
                                                    : work_text(call, "endpoint_url"));
    account->profile_folder = esc_strdup_null(demo->folder);
}

static void consider(struct discovery *discovery, const struct esc_account_candidate *candidate)
{
    struct esc_api_call *call = discovery->call;
    struct esc_account *account = esc_account_new();
    discovery->account = account;
    account->name = esc_strdup(candidate->profile);
    account->profile = esc_strdup(candidate->profile);
    account->id = esc_strdup_null(candidate->account_id);
    set_place(discovery, candidate, account);
    const struct esc_profile *profile = esc_profiles_find(discovery->profiles, candidate->profile);
    const struct esc_aws_place place = {candidate->region, account->endpoint_url,
                                        call->environment};
    if (is_only_a_source(discovery, candidate->profile))
        refuse(discovery, "only lends its keys to other profiles");
    else if (candidate->obstacle)
        refuse(discovery, candidate->obstacle);
    else if (profile && esc_profile_runs_program(discovery->profiles, profile))
        refuse(discovery,
               "runs a program for its keys, which nobody does unasked; `escher accounts "
               "add ACCOUNT --aws-profile NAME` takes it on purpose");
    else if (account->id && is_known(discovery, account->id))
        refuse(discovery, "leads to an account that another profile reaches already");
    else if (account->id)
        esc_credentials_resolve(call->bench->aws, account, call->environment, "escher-discover",
                                proven, discovery);
    else if (profile && profile->keys)
        esc_sts_get_caller_identity(call->bench->aws, profile->keys, &place, identified, discovery);
    else
        refuse(discovery, "does not say which account it leads to");
}

static void step(void *context)
{
    struct discovery *discovery = context;
    const size_t count = discovery->candidates.count;
    while (!discovery->call->cancelled && discovery->next < 2 * count) {
        const size_t turn = discovery->next++;
        const struct esc_account_candidate *candidate = discovery->candidates.items[turn % count];
        const bool is_role = candidate->kind == ESC_PROFILE_ROLE;
        if (is_role == (turn < count)) {
            consider(discovery, candidate);
            return;
        }
    }
    finish_discovery(discovery);
}

/* The profiles of the demo cloud, or the caller's. */
static enum esc_status load_profiles(struct discovery *discovery, struct esc_error *err)
{
    const struct esc_api_call *call = discovery->call;
    if (!esc_json_flag(esc_json_member(call->args, "demo"), "", false))
        return esc_profiles_load(call->environment->config_file,
                                 call->environment->credentials_file, &discovery->profiles, err);
    if (!work_demo_find(call->bench, &discovery->demo))
        return esc_fail(err, ESC_NOT_FOUND, "no demo cloud is up; `escher demo up` starts one");
    ESC_CLEANUP(esc_freep) char *config = esc_path_join(discovery->demo.folder, "config");
    ESC_CLEANUP(esc_freep) char *credentials = esc_path_join(discovery->demo.folder, "credentials");
    return esc_profiles_load(config, credentials, &discovery->profiles, err);
}

void work_accounts_discover(struct esc_api_call *call)
{
    struct esc_error err;
    struct discovery *discovery = esc_alloc_zero(sizeof *discovery);
    discovery->call = call;
    enum esc_status status = work_account_check_endpoint(work_text(call, "endpoint_url"), &err);
    if (status == ESC_OK)
        status = load_profiles(discovery, &err);
    if (status != ESC_OK) {
        work_demo_done(&discovery->demo);
        free(discovery);
        work_fail(call, &err);
        return;
    }
    discovery->found = esc_json_array();
    discovery->skipped = esc_json_array();
    esc_account_candidates_init(&discovery->candidates);
    esc_profiles_discover(discovery->profiles, &discovery->candidates);
    step(discovery);
}
