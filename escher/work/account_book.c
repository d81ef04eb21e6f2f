/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/http/url.h"
#include "escher/store/document.h"
#include "escher/store/estate.h"
#include "escher/work/account_private.h"

/* The accounts Escher may look at. Only how to reach one is stored, never a credential. */

#define COLLECTION "accounts"

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

void work_accounts_list(struct esc_api_call *call)
{
    work_ok(call, work_accounts_page(call->bench));
}

enum esc_status work_account_keep(struct esc_workbench *bench, struct esc_account *account,
                                  struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_account_to_json(account);
    const enum esc_status status =
        esc_store_doc_put(bench->store, COLLECTION, account->id, json, err);
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

void work_accounts_add(struct esc_api_call *call)
{
    struct esc_error err;
    const char *id = work_text(call, "id");
    if (!id || !esc_account_id_is_valid(esc_str_of(id))) {
        (void)esc_fail(&err, ESC_INVALID, "an account id has twelve digits");
        work_fail(call, &err);
        return;
    }
    if (work_account_check_endpoint(work_text(call, "endpoint_url"), &err) != ESC_OK) {
        work_fail(call, &err);
        return;
    }
    struct esc_account *account = esc_account_new();
    account->id = esc_strdup(id);
    const char *name = work_text(call, "name");
    account->name = esc_strdup(name ? name : id);
    account->profile = esc_strdup_null(work_text(call, "profile"));
    account->role_arn = esc_strdup_null(work_text(call, "role_arn"));
    work_account_set_regions(account, esc_json_member(call->args, "regions"),
                             call->environment->region);
    work_account_set_endpoint(account, work_text(call, "endpoint_url"));
    if (work_account_keep(call->bench, account, &err) != ESC_OK) {
        esc_account_free(account);
        work_fail(call, &err);
        return;
    }
    work_ok(call, work_accounts_page(call->bench));
}

/* What an account had in the estate goes with it; nobody could tell any more whether it is true. */
struct leaving {
    const char *account_id;
    struct esc_list resources, cells; /* char *, ids and keys */
};

static bool note_cell(void *context, const char *key, const struct esc_json *cell)
{
    struct leaving *leaving = context;
    if (esc_text_equal(esc_json_str(cell, "account_id", ""), leaving->account_id))
        esc_list_push(&leaving->cells, esc_strdup(key));
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
    return esc_store_docs(bench->store, "coverage", note_cell, leaving, NULL, err);
}

static enum esc_status delete_all(struct esc_workbench *bench, const struct leaving *leaving,
                                  struct esc_error *err)
{
    struct esc_store *store = bench->store;
    enum esc_status status = esc_store_doc_del(store, COLLECTION, leaving->account_id, err);
    for (size_t i = 0; status == ESC_OK && i < leaving->cells.count; i++)
        status = esc_store_doc_del(store, "coverage", leaving->cells.items[i], err);
    for (size_t i = 0; status == ESC_OK && i < leaving->resources.count; i++)
        status = esc_store_estate_remove(store, leaving->resources.items[i], err);
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
    enum esc_status status = collect(bench, &leaving, err);
    if (status == ESC_OK)
        status = delete_for_good(bench, &leaving, err);
    for (size_t i = 0; status == ESC_OK && i < leaving.resources.count; i++)
        (void)esc_index_remove(bench->index, leaving.resources.items[i]); /* it was found there */
    if (leaving.resources.count)
        work_index_keep_later(bench);
    esc_list_done(&leaving.resources);
    esc_list_done(&leaving.cells);
    return status;
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
    for (size_t i = 0; i < bench->accounts.count; i++) {
        if (bench->accounts.items[i] == account)
            esc_account_free(esc_list_remove(&bench->accounts, i--));
    }
    work_ok(call, work_accounts_page(bench));
}

static void tested(void *context, struct esc_credentials *credentials, const struct esc_error *err)
{
    struct esc_api_call *call = context;
    esc_credentials_free(credentials);
    if (!credentials) {
        work_fail(call, err);
        return;
    }
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
    esc_credentials_resolve(call->bench->aws, account, call->environment, "escher-test", tested,
                            call);
}
