/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/scan/policy_tree.h"
#include "escher/store/document.h"
#include "escher/work/permission_sync_private.h"

/*
 * The policies of organisations, read once for all of their accounts:
 *
 *     a management account whose own policies were read now ─▶ what stands above the accounts of
 *     the book ─▶ kept (collection iam_organisation) ─▶ the accounts of this sync have it
 *
 * An account whose management account is not looked at by this sync has what was kept, as long as
 * that is young; without it only the simulator is left.
 */

struct permission_tree {
    struct work_permissions *owner;
    struct esc_account *management;
    const char **members; /* ends with NULL; of `accounts` */
    struct esc_list accounts;
    struct esc_policy_reader *reader; /* while it reads */
};

void permission_tree_free(void *item)
{
    struct permission_tree *tree = item;
    esc_account_free(tree->management);
    esc_list_done(&tree->accounts);
    free(tree->members);
    free(tree);
}

static void *call(void *context, const struct esc_scan_call *what, esc_scan_answer_fn *done,
                  void *token)
{
    return permission_call(((const struct permission_tree *)context)->owner, what, done, token);
}

/* That everything was refused says nothing of what was read before. */
static void took_tree(void *context, struct esc_json *document)
{
    struct permission_tree *tree = context;
    ESC_CLEANUP(esc_json_freep) struct esc_json *owned = document;
    const size_t refused = esc_json_len(esc_json_member(document, "refused"));
    tree->reader = NULL;
    if (document && esc_json_num(document, "calls", 0) > (int64_t)refused)
        (void)esc_store_doc_put(tree->owner->bench->store, WORK_IAM_ORGANISATION,
                                tree->management->id, document, NULL); /* then it is unread */
    permission_read(tree->owner);
}

static const struct esc_json *set_of(const struct work_permissions *permissions, const char *id)
{
    for (size_t i = 0; i < permissions->books.count; i++) {
        const struct permission_book *book = esc_list_at(&permissions->books, i);
        if (esc_text_equal(book->account->id, id))
            return book->set;
    }
    return NULL;
}

/* By what the account itself was told of its organisation, now or before. The id of any other is
 * nobody's business there. */
static bool is_member(const struct permission_tree *tree, const struct esc_account *account)
{
    const struct esc_account *management = tree->management;
    const struct esc_json *known = set_of(tree->owner, account->id);
    ESC_CLEANUP(esc_json_freep) struct esc_json *stored = NULL;
    if (!known)
        (void)esc_store_doc_get(tree->owner->bench->store, WORK_IAM_POLICIES, account->id, &stored,
                                NULL); /* then it is not known to be one */
    const struct esc_json *organisation = esc_json_member(known ? known : stored, "organisation");
    return esc_text_equal(esc_json_str(organisation, "state", ""), "member") &&
           esc_text_equal(esc_json_str(organisation, "management", NULL), management->id) &&
           esc_text_equal(account->endpoint_url, management->endpoint_url);
}

static void add_members(struct permission_tree *tree)
{
    const struct esc_list *all = &tree->owner->bench->accounts;
    size_t count = 0;
    tree->members = esc_alloc_array(all->count + 1, sizeof *tree->members);
    for (size_t i = 0; i < all->count; i++) {
        const struct esc_account *account = esc_list_at(all, i);
        if (!is_member(tree, account))
            continue;
        esc_list_push(&tree->accounts, esc_strdup(account->id));
        tree->members[count] = esc_list_at(&tree->accounts, count);
        count++;
    }
}

static bool has_all(const struct esc_json *document, const struct permission_tree *tree)
{
    for (size_t i = 0; tree->members[i]; i++)
        if (!esc_json_member(esc_json_member(document, "targets"), tree->members[i]))
            return false;
    return true;
}

/* Reading takes half a second an account, so what is young is only read again for a full sync that
 * a person asks for. */
static bool is_known(const struct permission_tree *tree)
{
    const struct work_permissions *permissions = tree->owner;
    ESC_CLEANUP(esc_json_freep) struct esc_json *document = NULL;
    return permissions->fresh != WORK_FRESH_ENTIRELY &&
           esc_store_doc_get(permissions->bench->store, WORK_IAM_ORGANISATION, tree->management->id,
                             &document, NULL) == ESC_OK &&
           permission_is_young(permissions->bench, esc_json_str(document, "read_at", NULL)) &&
           has_all(document, tree);
}

static void read_tree(struct work_permissions *permissions, const struct esc_account *management)
{
    struct esc_workbench *bench = permissions->bench;
    struct permission_tree *tree = esc_alloc_zero(sizeof *tree);
    tree->owner = permissions;
    tree->management = esc_account_copy(management);
    esc_list_init(&tree->accounts, free);
    add_members(tree);
    if (!tree->members[0] || is_known(tree)) {
        permission_tree_free(tree);
        return;
    }
    const struct esc_policy_reader_options options = {
        .account = tree->management,
        .region = esc_account_main_region(tree->management),
        .members = tree->members,
        .workers = PERMISSION_CALLS,
        .max_attempts = 3,
        .backoff = {.base_ms = 500, .max_ms = 20'000},
        .clock = bench->clock,
        .random = bench->random,
        .call = call,
        .cancel_call = permission_cancel_call,
        .done = took_tree,
        .context = tree,
    };
    esc_list_push(&permissions->trees, tree);
    permissions->reading++;
    tree->reader = esc_policy_reader_start(bench->loop, &options);
}

void permission_read_organisations(struct work_permissions *permissions)
{
    if (permissions->organisations_asked || permissions->cancelled)
        return;
    permissions->organisations_asked = true;
    for (size_t i = 0; i < permissions->books.count; i++) {
        const struct permission_book *book = esc_list_at(&permissions->books, i);
        if (esc_text_equal(esc_json_str(book->set, "organisation.state", ""), "management"))
            read_tree(permissions, book->account);
    }
}

void permission_trees_cancel(struct work_permissions *permissions)
{
    for (size_t i = 0; i < permissions->trees.count; i++) {
        const struct permission_tree *tree = esc_list_at(&permissions->trees, i);
        if (tree->reader)
            esc_policy_reader_cancel(tree->reader);
    }
}

void permission_add_organisation(const struct permission_book *book)
{
    const struct esc_workbench *bench = book->owner->bench;
    struct esc_json *organisation = esc_json_get_mutable(book->set, "organisation");
    const char *management = esc_json_str(organisation, "management", NULL);
    ESC_CLEANUP(esc_json_freep) struct esc_json *tree = NULL;
    if (esc_text_equal(esc_json_str(organisation, "state", ""), "member") && management &&
        esc_store_doc_get(bench->store, WORK_IAM_ORGANISATION, management, &tree, NULL) == ESC_OK &&
        permission_is_young(bench, esc_json_str(tree, "read_at", NULL)))
        esc_policy_tree_apply(tree, book->account->id, organisation);
}
