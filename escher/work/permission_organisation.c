/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/scan/policy_tree.h"
#include "escher/store/document.h"
#include "escher/work/permission_sync_private.h"

/*
 * The policies of organisations, read once for all of their accounts:
 *
 *     a management account whose own policies were read now, or whose tree has grown old ─▶ what
 *     stands above the accounts of the book ─▶ kept (collection iam_organisation, by the management
 *     account) ─▶ the accounts of this sync have it
 *
 * Where the book lacks the management account, the first member that may read the same is asked
 * (policy_reader.h, "delegated").
 *
 * An account whose management account is not looked at by this sync has what was kept, as long as
 * that is young; without it only the simulator is left. What has gone into the document of an
 * account counts as long as the tree it comes from, and no longer: "organisation_read_at" says of
 * when that is, beside what decides, since the digest has no times.
 */

#define TREE_READ_AT "organisation_read_at" /* of an account's document */

struct permission_tree {
    struct work_permissions *owner;
    struct esc_account *asked; /* the management account, or a member in its stead */
    char *management;          /* its id */
    const char **members;      /* ends with NULL; of `accounts` */
    struct esc_list accounts;
    struct esc_policy_reader *reader; /* while it reads */
};

void permission_tree_free(void *item)
{
    struct permission_tree *tree = item;
    esc_account_free(tree->asked);
    free(tree->management);
    esc_list_done(&tree->accounts);
    free(tree->members);
    free(tree);
}

static void *call(void *context, const struct esc_scan_call *what, esc_scan_answer_fn *done,
                  void *token)
{
    return permission_call(((const struct permission_tree *)context)->owner, what, done, token);
}

static struct esc_json *stored_tree(const struct work_permissions *permissions, const char *id)
{
    struct esc_json *tree = NULL;
    return id && esc_store_doc_get(permissions->bench->store, WORK_IAM_ORGANISATION, id, &tree,
                                   NULL) == ESC_OK
               ? tree
               : NULL;
}

static bool is_young(const struct work_permissions *permissions, const struct esc_json *tree)
{
    return permission_is_young(permissions->bench, esc_json_str(tree, "read_at", NULL));
}

/* That everything was refused says nothing of what was read before, while that is young. */
static void took_tree(void *context, struct esc_json *document)
{
    struct permission_tree *tree = context;
    struct work_permissions *permissions = tree->owner;
    struct esc_store *store = permissions->bench->store;
    const char *id = tree->management;
    ESC_CLEANUP(esc_json_freep) struct esc_json *owned = document;
    ESC_CLEANUP(esc_json_freep) struct esc_json *before = stored_tree(permissions, id);
    const size_t refused = esc_json_len(esc_json_member(document, "refused"));
    tree->reader = NULL;
    if (document && esc_json_num(document, "calls", 0) > (int64_t)refused)
        (void)esc_store_doc_put(store, WORK_IAM_ORGANISATION, id, document,
                                NULL); /* then it is unread */
    else if (document && before && !is_young(permissions, before))
        (void)esc_store_doc_del(store, WORK_IAM_ORGANISATION, id, NULL); /* it counts no more */
    permission_read(permissions);
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
    const struct esc_json *known = set_of(tree->owner, account->id);
    ESC_CLEANUP(esc_json_freep) struct esc_json *stored = NULL;
    if (!known)
        (void)esc_store_doc_get(tree->owner->bench->store, WORK_IAM_POLICIES, account->id, &stored,
                                NULL); /* then it is not known to be one */
    const struct esc_json *organisation = esc_json_member(known ? known : stored, "organisation");
    return esc_text_equal(esc_json_str(organisation, "state", ""), "member") &&
           esc_text_equal(esc_json_str(organisation, "management", NULL), tree->management) &&
           esc_text_equal(account->endpoint_url, tree->asked->endpoint_url);
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
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *document = stored_tree(permissions, tree->management);
    return permissions->fresh != WORK_FRESH_ENTIRELY && is_young(permissions, document) &&
           has_all(document, tree);
}

static void read_tree(struct work_permissions *permissions, const struct esc_account *asked,
                      const char *management)
{
    struct permission_tree *tree = esc_alloc_zero(sizeof *tree);
    tree->owner = permissions;
    tree->asked = esc_account_copy(asked);
    tree->management = esc_strdup(management);
    esc_list_init(&tree->accounts, free);
    add_members(tree);
    if (!tree->members[0] || is_known(tree)) {
        permission_tree_free(tree);
        return;
    }
    const struct esc_policy_reader_options options = {
        .account = tree->asked,
        .region = esc_account_main_region(tree->asked),
        .members = tree->members,
        .call = call,
        .done = took_tree,
        .context = tree,
    };
    esc_list_push(&permissions->trees, tree);
    tree->reader = permission_start_reader(permissions, options);
}

/* The caller's policies as they were read now, or as they are known. */
static const struct esc_json *document_of(const struct permission_book *book)
{
    return book->set ? book->set : book->permit ? work_permit_document(book->permit) : NULL;
}

static bool has_state(const struct permission_book *book, const char *state)
{
    return esc_text_equal(esc_json_str(document_of(book), "organisation.state", ""), state);
}

/* Whether the account's own policies were read now, or the tree has grown old. */
static bool is_due(const struct permission_book *book, const char *management)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *tree = stored_tree(book->owner, management);
    return book->set || (tree && !is_young(book->owner, tree));
}

static bool is_read_now(const struct work_permissions *permissions, const char *management)
{
    for (size_t i = 0; i < permissions->trees.count; i++) {
        const struct permission_tree *tree = esc_list_at(&permissions->trees, i);
        if (esc_text_equal(tree->management, management))
            return true;
    }
    return false;
}

/* The member reads in place of a management account that the book lacks. */
static void read_as_delegate(const struct permission_book *book)
{
    struct work_permissions *permissions = book->owner;
    const struct esc_json *document = document_of(book);
    const char *management = esc_json_str(document, "organisation.management", NULL);
    if (has_state(book, "member") && esc_json_flag(document, "delegated", false) && management &&
        !work_account_find(permissions->bench, management) &&
        !is_read_now(permissions, management) && is_due(book, management))
        read_tree(permissions, book->account, management);
}

void permission_read_organisations(struct work_permissions *permissions)
{
    if (permissions->organisations_asked || permissions->cancelled)
        return;
    permissions->organisations_asked = true;
    for (size_t i = 0; i < permissions->books.count; i++) {
        const struct permission_book *book = esc_list_at(&permissions->books, i);
        const char *id = book->account->id;
        if (has_state(book, "management") && is_due(book, id))
            read_tree(permissions, book->account, id);
        else
            read_as_delegate(book);
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

/* What stands above the account in place of what stood there; @p tree NULL: nothing is known. */
static void put_tree(struct esc_json *set, const char *account_id, const struct esc_json *tree)
{
    struct esc_json *organisation = esc_json_get_mutable(set, "organisation");
    esc_json_remove(organisation, "scp");
    esc_json_remove(organisation, "rcp");
    esc_json_remove(set, TREE_READ_AT);
    if (!tree)
        return;
    esc_policy_tree_apply(tree, account_id, organisation);
    esc_json_set_text(set, TREE_READ_AT, esc_json_str(tree, "read_at", ""));
}

void permission_add_organisation(struct permission_book *book)
{
    const struct esc_json *document = document_of(book);
    const struct esc_json *organisation = esc_json_member(document, "organisation");
    const char *management = esc_json_str(organisation, "management", NULL);
    if (!esc_text_equal(esc_json_str(organisation, "state", ""), "member"))
        return;
    ESC_CLEANUP(esc_json_freep) struct esc_json *tree = stored_tree(book->owner, management);
    const struct esc_json *young = is_young(book->owner, tree) ? tree : NULL;
    if (!book->set && esc_text_equal(esc_json_str(document, TREE_READ_AT, ""),
                                     esc_json_str(young, "read_at", "")))
        return; /* what is known is of that tree, or of none */
    if (!book->set)
        book->set = esc_json_copy(document);
    put_tree(book->set, book->account->id, young);
}
