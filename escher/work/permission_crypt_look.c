/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/model/arn.h"
#include "escher/scan/key_policy.h"
#include "escher/scan/key_use.h"
#include "escher/store/document.h"
#include "escher/work/permission_book_private.h"
#include "escher/work/permission_sync_private.h"

/*
 * The policies of keys that a sync's resources name: each key once, after the scan, when they have
 * grown old or whoever asks wants them anew. What a key protects is judged again when its policy
 * is another; so is what may follow it of what the sync has not brought (permission_rows.c).
 */

static const char *principal_of(const struct permission_look *look)
{
    return esc_json_str(work_permit_document(look->book->permit), "caller.iam_arn", NULL);
}

static struct esc_json *stored_page(const struct permission_book *book, const char *name)
{
    struct esc_json *page = NULL;
    return esc_store_doc_get(book->owner->bench->store, WORK_IAM_KEY, name, &page, NULL) == ESC_OK
               ? page
               : NULL;
}

/* Whose grants were asked for counts as well. */
static bool is_wanted(const struct permission_book *book, const char *name)
{
    const struct work_permissions *permissions = book->owner;
    const struct esc_json *document = work_permit_document(book->permit);
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = stored_page(book, name);
    const char *grantee = esc_json_str(page, "grantee", NULL);
    return permissions->fresh != WORK_FRESH_IF_OLD || esc_json_member(page, "unread") ||
           !permission_is_young(permissions->bench, esc_json_str(page, "at", NULL)) ||
           (grantee && !esc_text_equal(grantee, esc_json_str(document, "caller.iam_arn", NULL)));
}

/* Only the key's own account is told what its policy says. */
static bool is_of(const struct permission_book *book, const char *arn, struct esc_arn *key)
{
    return esc_arn_parse(esc_str_of(arn), key) && esc_str_is(key->service, "kms") &&
           esc_str_is(key->account, book->account->id) && key->region.len > 0;
}

static struct permission_look not_looked_at; /* stands for keys that are left as they are known */

/* NULL: it is not to be looked at. */
static struct permission_look *look_at(struct permission_book *book, const char *arn)
{
    struct work_permissions *permissions = book->owner;
    struct esc_arn key;
    ESC_CLEANUP(esc_freep) char *name = permission_key_name(book->account->id, arn);
    if (esc_map_has(permissions->keys, esc_str_of(name))) {
        struct permission_look *known = esc_map_get(permissions->keys, esc_str_of(name));
        return known != &not_looked_at ? known : NULL;
    }
    if (!is_of(book, arn, &key) || !is_wanted(book, name)) {
        esc_map_set(permissions->keys, esc_str_of(name), &not_looked_at);
        return NULL;
    }
    struct permission_look *look = esc_alloc_zero(sizeof *look);
    look->book = book;
    look->key = esc_strdup(arn);
    look->region = esc_str_dup(key.region);
    look->page = esc_key_page_new(arn);
    esc_list_init(&look->dependents, free);
    ESC_CLEANUP(esc_freep)
    char *lane = esc_sprintf("%s %s kms", book->account->id, look->region);
    permission_lanes_add(permissions->lanes, lane, look);
    esc_map_set(permissions->keys, esc_str_of(name), look);
    return look;
}

void permission_want_keys(struct permission_book *book, const struct esc_resource *resource)
{
    const struct esc_list *keys = work_permit_last_keys(book->permit);
    if (esc_key_use_is_of(resource->resource_type))
        esc_map_set(book->seen, esc_str_of(resource->id), book);
    for (size_t i = 0; i < keys->count; i++) {
        const struct esc_permit_key *key = esc_list_at(keys, i);
        struct permission_look *look = key->name ? look_at(book, key->name) : NULL;
        if (look)
            esc_list_push(&look->dependents, esc_strdup(resource->id));
        if (!key->name) /* this sync may still bring it */
            permission_judge_later(book->owner, resource->id);
    }
}

/* What a sync leaves out as it was, or was not asked for, follows its keys all the same. */
void permission_want_kept_keys(struct permission_book *book)
{
    struct esc_list arns;
    if (permission_keys_kept(book->owner->bench->store, book->account->id, &arns, NULL) == ESC_OK)
        for (size_t i = 0; book->permit && i < arns.count; i++)
            (void)look_at(book, esc_list_at(&arns, i)); /* it protects what nobody has brought */
    esc_list_done(&arns);
}

/* The answers. */

static void keep(struct permission_look *look)
{
    struct permission_book *book = look->book;
    ESC_CLEANUP(esc_freep) char *name = permission_key_name(book->account->id, look->key);
    ESC_CLEANUP(esc_json_freep) struct esc_json *before = stored_page(book, name);
    if (!permission_keep_other(book, WORK_IAM_KEY, name, before, look->page))
        return;
    work_permit_forget_key(book->permit, look->key);
    book->is_other_key = true;
    for (size_t i = 0; i < look->dependents.count; i++)
        permission_judge_later(book->owner, esc_list_at(&look->dependents, i));
}

/* What else names the key follows what is kept of it. */
static void end_look(struct permission_look *look)
{
    struct permission_book *book = look->book;
    ESC_CLEANUP(esc_freep) char *name = permission_key_name(book->account->id, look->key);
    esc_map_set(book->owner->keys, esc_str_of(name), &not_looked_at);
    permission_end_look(look);
}

/* What will pass says nothing against what was known. */
static bool is_passing(const struct permission_look *look, const struct esc_scan_answer *answer)
{
    ESC_CLEANUP(esc_freep) char *name = permission_key_name(look->book->account->id, look->key);
    ESC_CLEANUP(esc_json_freep) struct esc_json *before = stored_page(look->book, name);
    return before && esc_error_category_may_retry(answer->category);
}

static void took(void *token, const struct esc_scan_answer *answer)
{
    struct permission_look *look = token;
    if (!answer->more)
        look->handle = NULL;
    if (look->book->owner->cancelled || is_passing(look, answer)) {
        if (!answer->more)
            end_look(look);
        return;
    }
    esc_key_page_add(look->page, look->operation, principal_of(look), answer);
    if (!answer->more)
        permission_look_at_key(look);
}

void permission_look_at_key(struct permission_look *look)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = NULL;
    look->operation = esc_key_page_next(look->page, look->key, principal_of(look), &params);
    if (!look->operation) {
        keep(look);
        end_look(look);
        return;
    }
    const struct esc_scan_call call = {
        .account = look->book->account,
        .region = look->region,
        .operation = look->operation,
        .params = params,
    };
    look->handle = permission_call(look->book->owner, &call, took, look);
}
