/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/resolve.h"
#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/utf8.h"
#include "escher/catalog/operation.h"
#include "escher/model/arn.h"
#include "escher/model/partition.h"
#include "escher/work/account_private.h"

/*
 * The accounts of an organisation, each reached by the role of one name (or by a role of AWS SSO).
 *
 *     whose keys those are ─▶ ListAccounts in their partition ─▶ each active one: prove ─▶ kept
 *     (profile, environment)                                          └ refused ─▶ skipped, with why
 *
 * Several are proven at a time; one that cannot be reached costs no other.
 *
 * The name of an account is whatever its own people call it, so it is only believed as far as it
 * takes nobody else's place: `prod` stays who it was.
 */

enum {
    AT_ONCE = 8,
    MAX_NAME = 200, /* bytes */
};

#define SESSION "escher-organization"

struct organization {
    struct esc_api_call *call;
    struct esc_account *asked; /* whose keys list the accounts */
    struct work_cloud *listing;
    struct esc_json *members; /* what ListAccounts gave */
    struct esc_json *found, *skipped;
    size_t next, under_way;
    bool any_failed;
};

struct member {
    struct organization *organization;
    struct esc_account *account;
};

static void organization_free(struct organization *organization)
{
    esc_account_free(organization->asked);
    esc_json_free(organization->members);
    free(organization);
}

static void finish(struct organization *organization)
{
    struct esc_api_call *call = organization->call;
    const bool nothing = esc_json_len(organization->found) == 0;
    enum esc_status status = organization->any_failed ? ESC_PARTIAL : ESC_OK;
    struct esc_json *body = work_accounts_page(call->bench);
    esc_json_set(body, "found", organization->found);
    esc_json_set(body, "skipped", organization->skipped);
    if (nothing)
        status = ESC_NOT_FOUND;
    if (call->cancelled)
        status = ESC_CANCELLED;
    if (status != ESC_OK)
        esc_json_set_text(body, "message",
                          call->cancelled ? "cancelled; the accounts found until then are kept"
                          : nothing       ? "no account of the organisation could be reached"
                                    : "some accounts of the organisation could not be reached");
    organization_free(organization);
    work_done(call, status, body);
}

static void skip(struct organization *organization, const char *id, const char *name,
                 const char *why)
{
    struct esc_json *entry = esc_json_object();
    esc_json_set_text(entry, "account_id", id);
    esc_json_set_text(entry, "name", name);
    esc_json_set_text(entry, "why", why);
    esc_json_push(organization->skipped, entry);
}

static void fail(struct organization *organization, struct esc_account *account, const char *why)
{
    skip(organization, account->id, account->name, why);
    organization->any_failed = true;
    esc_account_free(account);
}

static void go_on(struct organization *organization);

/* @source Organizations API Reference, Account: up to 50 characters, of any kind; what does not
 * show as it is, or is somebody's id, is no name here */
static bool is_name(const char *name)
{
    const struct esc_str text = esc_str_of(name);
    return !esc_utf8_has_unsafe(text) && text.len > 0 && text.len <= MAX_NAME &&
           esc_str_trim(text).len == text.len && !esc_account_id_is_valid(text);
}

static bool equal_fold(const char *a, const char *b)
{
    return a && b && esc_str_equal_nocase(esc_str_of(a), esc_str_of(b));
}

/* Whether somebody is reached in the same way; what differs is how it is called and scanned. */
static bool is_reached_alike(const struct esc_account *a, const struct esc_account *b)
{
    return esc_text_equal(a->role_arn, b->role_arn) && esc_text_equal(a->profile, b->profile) &&
           esc_text_equal(a->sso_session, b->sso_session) &&
           esc_text_equal(a->sso_role, b->sso_role) && esc_text_equal(a->keychain, b->keychain) &&
           esc_text_equal(a->source_profile, b->source_profile) &&
           esc_text_equal(a->external_id, b->external_id) &&
           esc_text_equal(a->mfa_serial, b->mfa_serial) &&
           esc_text_equal(a->endpoint_url, b->endpoint_url);
}

static bool is_taken(const struct esc_workbench *bench, const char *name, const char *id)
{
    for (size_t i = 0; i < bench->accounts.count; i++) {
        const struct esc_account *other = bench->accounts.items[i];
        if (!esc_text_equal(other->id, id) &&
            (esc_text_equal(other->id, name) || equal_fold(other->name, name) ||
             equal_fold(other->alias, name)))
            return true;
    }
    return false;
}

static void set_name(struct esc_account *account, char *name)
{
    free(account->name);
    account->name = name;
}

/* What a person has said of it stays. */
static void take_over(struct esc_account *account, const struct esc_account *known)
{
    set_name(account, esc_strdup(known->name));
    account->alias = esc_strdup_null(known->alias);
    account->environment = esc_strdup_null(known->environment);
    account->duration_s = known->duration_s;
    account->is_default = known->is_default;
}

/* A name that no other account has, of what this one may be called at all. */
static enum esc_status settle_name(const struct esc_workbench *bench, struct esc_account *account,
                                   struct esc_error *err)
{
    const struct esc_account *known = work_account_find(bench, account->id);
    if (known)
        take_over(account, known);
    else if (!is_name(account->name))
        set_name(account, esc_strdup(account->id));
    else if (is_taken(bench, account->name, account->id))
        set_name(account, esc_sprintf("%s-%s", account->name, account->id));
    if (!known && is_taken(bench, account->name, account->id))
        set_name(account, esc_strdup(account->id));
    ESC_CLEANUP(esc_account_freep) struct esc_account *read = NULL;
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_account_to_json(account);
    return esc_account_from_json(json, &read, err);
}

static void proven(void *context, struct esc_credentials *credentials,
                   const struct esc_error *failure)
{
    struct member member = *(struct member *)context;
    struct organization *organization = member.organization;
    struct esc_error err;
    free(context);
    organization->under_way--;
    if (credentials)
        work_account_set_partition(member.account, credentials->caller_arn);
    if (!credentials)
        fail(organization, member.account, failure->message);
    else if (settle_name(organization->call->bench, member.account, &err) != ESC_OK ||
             work_account_keep(organization->call->bench, member.account, &err) != ESC_OK)
        fail(organization, member.account, err.message);
    else
        esc_json_push(organization->found, esc_account_to_json(member.account));
    esc_credentials_free(credentials);
    go_on(organization);
}

/* "arn:aws:organizations::…" tells the partition that the roles are in. */
static char *role_of(const struct organization *organization, const struct esc_json *member)
{
    const char *name = work_text(organization->call, "role");
    struct esc_arn arn;
    if (!name)
        return NULL;
    if (!esc_arn_parse(esc_str_of(esc_json_str(member, "Arn", "")), &arn))
        arn.partition = esc_str_of(
            esc_partition_of_region(esc_str_of(esc_account_main_region(organization->asked))));
    return esc_sprintf("arn:%.*s:iam::%s:role/%s", ESC_STR_ARG(arn.partition),
                       esc_json_str(member, "Id", ""), name);
}

static struct esc_account *account_of(const struct organization *organization,
                                      const struct esc_json *json)
{
    const struct esc_api_call *call = organization->call;
    struct esc_account *account = esc_account_copy(organization->asked);
    const char *name = esc_json_str(json, "Name", "");
    free(account->name);
    account->name = esc_strdup(*name ? name : esc_json_str(json, "Id", ""));
    account->id = esc_strdup(esc_json_str(json, "Id", ""));
    account->role_arn = role_of(organization, json);
    account->external_id = esc_strdup_null(work_text(call, "external_id"));
    account->mfa_serial = esc_strdup_null(work_text(call, "mfa_serial"));
    account->sso_session = esc_strdup_null(work_text(call, "sso_session"));
    account->sso_role = esc_strdup_null(work_text(call, "sso_role"));
    if (account->sso_session)
        free(ESC_STEAL(account->profile));
    return account;
}

static void prove(struct organization *organization, struct esc_account *account)
{
    const struct esc_api_call *call = organization->call;
    struct member *member = esc_alloc_zero(sizeof *member);
    *member = (struct member){organization, account};
    organization->under_way++;
    esc_credentials_resolve(call->bench->aws, account, call->environment, SESSION, proven, member);
}

/* One that a person has added in another way stays as it is. */
static void prove_unless_known(struct organization *organization, const struct esc_json *json)
{
    struct esc_account *account = account_of(organization, json);
    const struct esc_account *known = work_account_find(organization->call->bench, account->id);
    if (!known || is_reached_alike(known, account)) {
        prove(organization, account);
        return;
    }
    skip(organization, account->id, account->name,
         "is there already and reached in another way; `escher accounts remove` it first");
    esc_account_free(account);
}

static void consider(struct organization *organization, const struct esc_json *member)
{
    const char *id = esc_json_str(member, "Id", ""), *name = esc_json_str(member, "Name", "");
    /* @source Organizations API Reference, Account: State takes the place of Status in 2026 */
    const char *state = esc_json_str(member, "State", esc_json_str(member, "Status", "ACTIVE"));
    if (!esc_account_id_is_valid(esc_str_of(id)))
        skip(organization, id, name, "has no id of twelve digits");
    else if (!esc_text_equal(state, "ACTIVE"))
        skip(organization, id, name, "is not active");
    else
        prove_unless_known(organization, member);
}

static void go_on(struct organization *organization)
{
    const bool goes_on = !organization->call->cancelled;
    while (goes_on && organization->under_way < AT_ONCE &&
           organization->next < esc_json_len(organization->members))
        consider(organization, esc_json_at(organization->members, organization->next++));
    if (organization->under_way == 0)
        finish(organization);
}

static void give_up(struct organization *organization, const struct esc_error *err)
{
    struct esc_api_call *call = organization->call;
    esc_json_free(organization->found);
    esc_json_free(organization->skipped);
    organization_free(organization);
    work_fail(call, err);
}

static void listed(void *context, const struct work_cloud_result *result,
                   const struct esc_error *failure)
{
    struct organization *organization = context;
    struct esc_error err;
    organization->listing = NULL;
    organization->call->cancel = NULL;
    if (!result) {
        give_up(organization, failure);
    } else if (result->category != ESC_CATEGORY_NONE) {
        const bool is_denied = result->category == ESC_CATEGORY_PERMISSION;
        (void)esc_fail(&err, esc_error_category_status(result->category),
                       "the organisation's accounts: %s%s",
                       result->error_message ? result->error_message : "no answer",
                       is_denied ? "; the management account or a delegated administrator may list "
                                   "them (organizations:ListAccounts)"
                                 : "");
        give_up(organization, &err);
    } else {
        const struct esc_json *accounts = esc_json_get(result->output, "Accounts");
        organization->members = accounts ? esc_json_ref(accounts) : esc_json_array();
        go_on(organization);
    }
}

static void cancel(struct esc_api_call *call)
{
    const struct organization *organization = call->state;
    work_cloud_cancel(organization->listing);
}

/* How all of them are reached, but for what is each one's own. */
static struct esc_account *asked_account(const struct esc_api_call *call)
{
    struct esc_account *account = esc_account_new();
    account->name = esc_strdup("of the organisation");
    account->profile = esc_strdup_null(work_text(call, "profile"));
    work_account_set_asked_regions(account, esc_json_member(call->args, "regions"), NULL);
    work_account_set_endpoint(account, work_text(call, "endpoint_url"));
    return account;
}

static bool is_role_name(const char *name)
{
    struct esc_str text = esc_str_of(name);
    for (size_t i = 0; i < text.len; i++)
        if (!esc_is_alnum(text.ptr[i]) &&
            !esc_str_contains(ESC_STR("_+=,.@-/"), esc_str_slice(text, i, i + 1)))
            return false;
    return text.len > 0 && text.len <= 512 && text.ptr[0] != '/';
}

static enum esc_status check(const struct esc_api_call *call, struct esc_error *err)
{
    const char *role = work_text(call, "role");
    if (!role == !work_text(call, "sso_session"))
        return esc_fail(err, ESC_INVALID,
                        "an organisation's accounts are reached by a role of one name (--role), or "
                        "by a session of AWS SSO (--sso-session, --sso-role)");
    if (!work_text(call, "sso_session") != !work_text(call, "sso_role"))
        return esc_fail(err, ESC_INVALID, "AWS SSO needs the session and the role");
    if (role && !is_role_name(role))
        return esc_fail(err, ESC_INVALID, "`%s` is no name of a role", role);
    return work_account_check_endpoint(work_text(call, "endpoint_url"), err);
}

/* Organizations has one address in each partition, and answers keys of that one only. */
static void list_accounts(struct organization *organization)
{
    struct esc_api_call *call = organization->call;
    const struct work_cloud_call list = {
        .account = organization->asked,
        .environment = call->environment,
        .operation = esc_operation_find("organizations", "ListAccounts"),
        .region = esc_account_main_region(organization->asked),
        .session_name = SESSION,
    };
    ESC_ASSERT(list.operation); /* the table of operations has what we read */
    call->state = organization;
    call->cancel = cancel;
    organization->listing = work_cloud_send(call->bench, &list, listed, organization);
}

static void reached(void *context, struct esc_credentials *credentials,
                    const struct esc_error *failure)
{
    struct organization *organization = context;
    struct esc_error err;
    if (!credentials) {
        give_up(organization, failure);
    } else if (organization->call->cancelled) {
        (void)esc_fail(&err, ESC_CANCELLED, "cancelled");
        give_up(organization, &err);
    } else {
        work_account_set_partition(organization->asked, credentials->caller_arn);
        list_accounts(organization);
    }
    esc_credentials_free(credentials);
}

void work_accounts_organization(struct esc_api_call *call)
{
    struct esc_error err;
    if (check(call, &err) != ESC_OK) {
        work_fail(call, &err);
        return;
    }
    struct organization *organization = esc_alloc_zero(sizeof *organization);
    organization->call = call;
    organization->asked = asked_account(call);
    organization->found = esc_json_array();
    organization->skipped = esc_json_array();
    esc_credentials_resolve(call->bench->aws, organization->asked, call->environment, SESSION,
                            reached, organization);
}
