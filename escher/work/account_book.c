/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/keychain.h"
#include "escher/base/alloc.h"
#include "escher/base/clock.h"
#include "escher/http/url.h"
#include "escher/store/document.h"
#include "escher/store/estate.h"
#include "escher/work/account_private.h"
#include "escher/work/permission_private.h"
#include "escher/work/protection_private.h"

/* The accounts Escher may look at. Only how to reach one is stored, never a credential. */

#define COLLECTION "accounts"

enum {
    ENDS_SOON_MS = 15 * 60 * 1000,
};

static int by_name(const void *a, const void *b)
{
    const struct esc_account *left = a, *right = b;
    return esc_str_compare(esc_str_of(left->name), esc_str_of(right->name));
}

static void free_account(void *account)
{
    esc_account_free(account);
}

/* One that no longer reads is passed over: it can be added again. */
static bool load_one(void *context, const char *, const struct esc_json *json)
{
    struct esc_workbench *bench = context;
    struct esc_account *account = NULL;
    if (esc_account_from_json(json, &account, NULL) == ESC_OK)
        esc_list_push(&bench->accounts, account);
    return true;
}

enum esc_status work_accounts_load(struct esc_workbench *bench, struct esc_error *err)
{
    esc_list_init(&bench->accounts, free_account);
    const enum esc_status status =
        esc_store_docs(bench->store, COLLECTION, load_one, bench, NULL, err);
    esc_list_sort(&bench->accounts, by_name);
    return status;
}

const struct esc_account *work_account_find(const struct esc_workbench *bench, const char *text)
{
    const bool is_id = text && esc_account_id_is_valid(esc_str_of(text));
    for (size_t i = 0; text && i < bench->accounts.count; i++) {
        const struct esc_account *account = bench->accounts.items[i];
        const bool named =
            esc_text_equal(account->name, text) || esc_text_equal(account->alias, text);
        if (esc_text_equal(account->id, text) || (named && !is_id))
            return account;
    }
    return NULL;
}

struct esc_json *work_accounts_page(const struct esc_workbench *bench)
{
    struct esc_json *accounts = esc_json_array();
    for (size_t i = 0; i < bench->accounts.count; i++)
        esc_json_push(accounts, esc_account_to_json(bench->accounts.items[i]));
    struct esc_json *body = esc_json_object();
    esc_json_set(body, "accounts", accounts);
    return body;
}

/* "production: the login ends in 12 min; `aws sso login` renews it"; owned by the caller. */
static char *ending_text(const char *name, const char *source, uint64_t minutes)
{
    const bool is_sso = source && esc_str_starts_with(esc_str_of(source), ESC_STR("AWS SSO"));
    const char *cure = is_sso ? "`aws sso login` renews it" : "a new MFA code is asked for then";
    if (minutes == 0)
        return esc_sprintf("%s: the login has ended; %s", name, cure);
    return esc_sprintf("%s: the login ends in %llu min; %s", name, (unsigned long long)minutes,
                       cure);
}

/* A person is needed within a quarter of an hour, or is already. */
static void add_ending(const struct esc_workbench *bench, const char *name,
                       const struct esc_credentials_state *state, struct esc_json *page)
{
    const uint64_t now_ms = esc_clock_wall_ms(bench->clock), end_ms = state->login_ends_ms;
    if (!end_ms || end_ms > now_ms + ENDS_SOON_MS)
        return;
    const uint64_t minutes = (end_ms > now_ms ? end_ms - now_ms : 0) / (60 * 1000);
    ESC_CLEANUP(esc_freep) char *says = ending_text(name, state->source, minutes);
    esc_json_set_text(page, "says", says);
    esc_json_set_int(page, "minutes", (int64_t)minutes);
}

/* When its keys expire, or why there are none; NULL: nobody has asked for them yet. */
static struct esc_json *state_page(const struct esc_workbench *bench,
                                   const struct esc_account *account)
{
    struct esc_credentials_state state;
    if (!esc_credentials_state(bench->aws, account->id, &state))
        return NULL;
    struct esc_json *page = esc_json_object();
    esc_json_set_text(page, "account_id", account->id);
    if (state.source)
        esc_json_set_text(page, "source", state.source);
    esc_json_set_time(page, "checked_at", state.at_ms);
    if (state.expires_at_ms)
        esc_json_set_time(page, "expires_at", state.expires_at_ms);
    esc_json_set_time(page, "login_ends_at", state.login_ends_ms);
    if (state.message)
        esc_json_set_text(page, "message", state.message);
    else
        add_ending(bench, account->name, &state, page);
    return page;
}

void work_account_add_session(const struct esc_workbench *bench, const char *account_id,
                              struct esc_json *user_context)
{
    struct esc_credentials_state state;
    if (user_context && esc_credentials_state(bench->aws, account_id, &state))
        esc_json_set_time(user_context, "session_expires", state.expires_at_ms);
}

static struct esc_json *states_page(const struct esc_workbench *bench, bool only_ending)
{
    struct esc_json *pages = esc_json_array();
    for (size_t i = 0; i < bench->accounts.count; i++) {
        struct esc_json *page = state_page(bench, bench->accounts.items[i]);
        if (page && (!only_ending || esc_json_member(page, "says")))
            esc_json_push(pages, page);
        else
            esc_json_free(page);
    }
    return pages;
}

struct esc_json *work_accounts_ending(const struct esc_workbench *bench)
{
    return states_page(bench, true);
}

void work_accounts_list(struct esc_api_call *call)
{
    struct esc_json *body = work_accounts_page(call->bench);
    esc_json_set(body, "credentials", states_page(call->bench, false));
    work_ok(call, body);
}

enum esc_status work_account_keep(struct esc_workbench *bench, struct esc_account *account,
                                  struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_account_to_json(account);
    enum esc_status status = work_account_check_partition(account, err);
    if (status == ESC_OK)
        status = esc_store_doc_put(bench->store, COLLECTION, account->id, json, err);
    if (status != ESC_OK)
        return status;
    for (size_t i = 0; i < bench->accounts.count; i++) {
        const struct esc_account *old = bench->accounts.items[i];
        if (esc_text_equal(old->id, account->id))
            esc_account_free(esc_list_remove(&bench->accounts, i--));
    }
    esc_list_push(&bench->accounts, account);
    esc_list_sort(&bench->accounts, by_name);
    return ESC_OK;
}

void work_account_set_regions(struct esc_account *account, const struct esc_json *regions,
                              const char *otherwise)
{
    for (size_t i = 0; i < esc_json_len(regions); i++)
        esc_list_push(&account->regions, esc_strdup(esc_json_str(esc_json_at(regions, i), "", "")));
    if (account->regions.count == 0 && otherwise)
        esc_list_push(&account->regions, esc_strdup(otherwise));
}

enum esc_status work_account_check_endpoint(const char *endpoint_url, struct esc_error *err)
{
    struct esc_url parts;
    if (endpoint_url && (!esc_url_parse(esc_str_of(endpoint_url), &parts) || parts.query.ptr))
        return esc_fail(err, ESC_INVALID,
                        "an emulator is reached by an address such as http://127.0.0.1:5000");
    if (endpoint_url && !esc_url_is_loopback(&parts))
        return esc_fail(
            err, ESC_INVALID,
            "an emulator runs on this machine: http://127.0.0.1:5000; what is elsewhere "
            "may be a real account, and a tunnel brings it here");
    return ESC_OK;
}

void work_account_set_endpoint(struct esc_account *account, const char *endpoint_url)
{
    account->emulator = endpoint_url != NULL;
    account->endpoint_url = esc_strdup_null(endpoint_url);
}

void work_account_set_asked_regions(struct esc_account *account, const struct esc_json *regions,
                                    const char *otherwise)
{
    const bool enabled = esc_json_len(regions) == 1 &&
                         esc_text_equal(esc_json_str(esc_json_at(regions, 0), "", ""), "enabled");
    if (!enabled)
        work_account_set_regions(account, regions, otherwise);
}

/* From the arguments of the call; what is wrong with them is told by the noun itself. */
static enum esc_status account_of_call(const struct esc_api_call *call, struct esc_account **out,
                                       struct esc_error *err)
{
    static const char *const names[] = {"id",         "name",        "profile",
                                        "role_arn",   "external_id", "mfa_serial",
                                        "duration_s", "sso_session", "sso_role"};
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_json_object();
    const char *id = work_text(call, "id");
    if (!id || !esc_account_id_is_valid(esc_str_of(id)))
        return esc_fail(err, ESC_INVALID,
                        "`%s` is no account id, which has twelve digits; `escher accounts add "
                        "--discover` takes the accounts of the AWS configuration",
                        id ? id : "");
    enum esc_status status = work_account_check_endpoint(work_text(call, "endpoint_url"), err);
    esc_json_set_text(json, "name", id);
    for (size_t i = 0; i < ESC_COUNT(names); i++)
        if (esc_json_member(call->args, names[i]))
            esc_json_set(json, names[i], esc_json_copy(esc_json_member(call->args, names[i])));
    if (status == ESC_OK)
        status = esc_account_from_json(json, out, err);
    if (status != ESC_OK)
        return status;
    work_account_set_asked_regions(*out, esc_json_member(call->args, "regions"),
                                   call->environment->region);
    work_account_set_endpoint(*out, work_text(call, "endpoint_url"));
    status = work_account_check_partition(*out, err); /* before anything is asked or put away */
    if (status != ESC_OK) {
        esc_account_free(*out);
        *out = NULL;
    }
    return status;
}

void work_account_add_done(struct esc_api_call *call, struct esc_account *account)
{
    struct esc_error err;
    if (work_account_keep(call->bench, account, &err) != ESC_OK) {
        esc_account_free(account);
        work_fail(call, &err);
        return;
    }
    work_ok(call, work_accounts_page(call->bench));
}

void work_accounts_add(struct esc_api_call *call)
{
    struct esc_account *account = NULL;
    struct esc_error err;
    const bool keychain = esc_json_flag(esc_json_member(call->args, "keychain"), "", false);
    if (account_of_call(call, &account, &err) != ESC_OK)
        work_fail(call, &err);
    else if (keychain)
        work_account_add_keychain(call, account);
    else
        work_account_add_done(call, account);
}

/* What an account had in the estate goes with it; nobody could tell any more whether it is true. */
struct leaving {
    const char *account_id;
    struct esc_list resources, cells, places; /* char *, ids and keys */
};

static bool note_cell(void *context, const char *key, const struct esc_json *cell)
{
    struct leaving *leaving = context;
    if (esc_text_equal(esc_json_str(cell, "account_id", ""), leaving->account_id))
        esc_list_push(&leaving->cells, esc_strdup(key));
    return true;
}

/* Of what its instances were asked. */
static bool note_place(void *context, const char *key, const struct esc_json *)
{
    struct leaving *leaving = context;
    struct esc_str rest = esc_str_of(key), account;
    if (esc_str_next(&rest, ' ', &account) && esc_str_is(account, leaving->account_id))
        esc_list_push(&leaving->places, esc_strdup(key));
    return true;
}

static enum esc_status collect(struct esc_workbench *bench, struct leaving *leaving,
                               struct esc_error *err)
{
    struct esc_arena arena;
    esc_arena_init(&arena);
    for (size_t i = 0; i < esc_index_count(bench->index); i++) {
        const struct esc_card card = esc_index_at(bench->index, i, NULL);
        if (esc_text_equal(card.account_id, leaving->account_id))
            esc_list_push(&leaving->resources,
                          esc_strdup(esc_index_at(bench->index, i, &arena).id));
    }
    esc_arena_done(&arena);
    const enum esc_status status =
        esc_store_docs(bench->store, "coverage", note_cell, leaving, NULL, err);
    return status == ESC_OK
               ? esc_store_docs(bench->store, WORK_PROTECTION, note_place, leaving, NULL, err)
               : status;
}

static enum esc_status delete_docs(struct esc_store *store, const char *collection,
                                   const struct esc_list *keys, struct esc_error *err)
{
    enum esc_status status = ESC_OK;
    for (size_t i = 0; status == ESC_OK && i < keys->count; i++)
        status = esc_store_doc_del(store, collection, keys->items[i], err);
    return status;
}

static enum esc_status delete_all(struct esc_workbench *bench, const struct leaving *leaving,
                                  struct esc_error *err)
{
    struct esc_store *store = bench->store;
    enum esc_status status = esc_store_doc_del(store, COLLECTION, leaving->account_id, err);
    if (status == ESC_OK)
        status = delete_docs(store, "coverage", &leaving->cells, err);
    if (status == ESC_OK)
        status = delete_docs(store, WORK_PROTECTION, &leaving->places, err);
    for (size_t i = 0; status == ESC_OK && i < leaving->resources.count; i++)
        status = esc_store_estate_remove(store, leaving->resources.items[i], err);
    for (size_t i = 0; status == ESC_OK && i < leaving->resources.count; i++)
        status = work_permissions_forget(bench, leaving->resources.items[i], err);
    if (status == ESC_OK)
        status = work_permissions_forget_account(bench, leaving->account_id, err);
    if (status == ESC_OK)
        status = work_known_forget(bench, leaving->account_id, err);
    if (status == ESC_OK)
        status = work_sync_forget(bench, err); /* what it has done is none of it there any more */
    return status;
}

static enum esc_status delete_for_good(struct esc_workbench *bench, const struct leaving *leaving,
                                       struct esc_error *err)
{
    enum esc_status status = esc_store_begin(bench->store, err);
    if (status != ESC_OK)
        return status;
    status = delete_all(bench, leaving, err);
    if (status == ESC_OK)
        return esc_store_commit(bench->store, err);
    esc_store_rollback(bench->store);
    return status;
}

static enum esc_status remove_account(struct esc_workbench *bench, const char *account_id,
                                      struct esc_error *err)
{
    struct leaving leaving = {.account_id = account_id};
    esc_list_init(&leaving.resources, free);
    esc_list_init(&leaving.cells, free);
    esc_list_init(&leaving.places, free);
    enum esc_status status = collect(bench, &leaving, err);
    if (status == ESC_OK)
        status = delete_for_good(bench, &leaving, err);
    for (size_t i = 0; status == ESC_OK && i < leaving.resources.count; i++)
        (void)esc_index_remove(bench->index, leaving.resources.items[i]); /* it was found there */
    if (leaving.resources.count)
        work_index_keep_later(bench);
    esc_list_done(&leaving.resources);
    esc_list_done(&leaving.cells);
    esc_list_done(&leaving.places);
    return status;
}

static void forget_account(struct esc_workbench *bench, const struct esc_account *account)
{
    for (size_t i = 0; i < bench->accounts.count; i++) {
        if (bench->accounts.items[i] == account)
            esc_account_free(esc_list_remove(&bench->accounts, i--));
    }
}

/* The keys are out of the keychain; if not, that is said although the account is gone. */
static void keys_removed(void *context, const struct esc_error *err)
{
    struct esc_api_call *call = context;
    if (err)
        work_fail(call, err);
    else
        work_ok(call, work_accounts_page(call->bench));
}

void work_accounts_remove(struct esc_api_call *call)
{
    struct esc_workbench *bench = call->bench;
    struct esc_error err;
    const struct esc_account *account = work_account_find(bench, call->subject);
    enum esc_status status = ESC_OK;
    if (!account)
        status = esc_fail(&err, ESC_NOT_FOUND, "no account `%s`; `escher accounts` lists them",
                          call->subject);
    else if (bench->syncing) /* what it is just finding would come after */
        status = esc_fail(&err, ESC_CONFLICT, "a sync is under way; remove the account after it");
    else
        status = remove_account(bench, account->id, &err);
    if (status != ESC_OK) {
        work_fail(call, &err);
        return;
    }
    esc_credentials_forget(bench->aws, account);
    esc_credentials_state_forget(bench->aws, account->id);
    ESC_CLEANUP(esc_freep) char *item = esc_strdup_null(account->keychain);
    forget_account(bench, account);
    if (item)
        esc_keychain_remove(bench->loop, bench->keyring, item, keys_removed, call);
    else
        work_ok(call, work_accounts_page(bench));
}

static void tested(void *context, struct esc_credentials *credentials, const struct esc_error *err)
{
    struct esc_api_call *call = context;
    if (!credentials) {
        work_fail(call, err);
        return;
    }
    work_account_learn_partition(call->bench, call->subject, credentials->caller_arn);
    esc_credentials_free(credentials);
    struct esc_json *body = esc_json_object();
    esc_json_set_text(body, "account", call->subject);
    esc_json_set_text(body, "result", "the keys are valid and belong to this account");
    work_ok(call, body);
}

void work_accounts_test(struct esc_api_call *call)
{
    const struct esc_account *account = work_account_find(call->bench, call->subject);
    if (!account) {
        struct esc_error err;
        (void)esc_fail(&err, ESC_NOT_FOUND, "no account `%s`; `escher accounts` lists them",
                       call->subject);
        work_fail(call, &err);
        return;
    }
    esc_credentials_forget(call->bench->aws, account);
    esc_credentials_retry(call->bench->aws);
    esc_credentials_resolve(call->bench->aws, account, call->environment, "escher-test", tested,
                            call);
}
