/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/scan/content_hash.h"
#include "escher/scan/key_use.h"
#include "escher/store/estate.h"
#include "escher/work/permission_sync_private.h"

/*
 * Rows that are judged again at the end of a sync, some in each turn of the loop, so that the core
 * answers others meanwhile however many there are:
 *
 *     those that a look has changed something for ─▶ all that the sync has not brought, of accounts
 *                                                    whose policies decide otherwise ─▶ done
 *
 * The second go by the index (index_walk_private.h). Judging twice does no harm.
 */
enum {
    ROWS_A_TURN = 50
};

void permission_judge_later(struct work_permissions *permissions, const char *id)
{
    if (esc_map_has(permissions->again_is, esc_str_of(id)))
        return;
    esc_map_set(permissions->again_is, esc_str_of(id), permissions);
    esc_list_push(&permissions->again, esc_strdup(id));
}

/* Writes the row when it says something else now. That it was seen is not told again. */
static void judge_row(struct work_permissions *permissions, const char *id)
{
    struct esc_store *store = permissions->bench->store;
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = NULL;
    struct esc_error err;
    if (esc_store_estate_get(store, id, &resource, NULL, NULL, &err) != ESC_OK)
        return; /* it is gone, or damaged: a sync sees to that */
    struct permission_book *book = permission_book_of(permissions, resource->account_id);
    if (!book || !book->permit || !work_permit_judge_again(book->permit, resource))
        return;
    esc_content_hash_set(resource);
    free(ESC_STEAL(resource->seen_in));
    const struct esc_resource *const one[] = {resource};
    if (esc_store_estate_put(store, one, NULL, 1, NULL, &err) == ESC_OK) /* else the next sync */
        work_index_keep_later(permissions->bench);
}

/* False when none of them is left. */
static bool judge_looked_at(struct work_permissions *permissions)
{
    const size_t left = permissions->again.count - permissions->again_next;
    for (size_t i = 0; i < ROWS_A_TURN && i < left; i++)
        judge_row(permissions, esc_list_at(&permissions->again, permissions->again_next++));
    return left > 0;
}

/* Whether the row may follow policies that are others than before, and nobody has judged it by
 * them. */
static bool is_behind(const struct work_permissions *permissions, const struct esc_card *card)
{
    const struct permission_book *book = permission_book_of(permissions, card->account_id);
    return book &&
           (book->is_other || (book->is_other_key && esc_key_use_is_of(card->resource_type))) &&
           !esc_map_has(book->seen, esc_str_of(card->id)) &&
           !esc_map_has(permissions->again_is, esc_str_of(card->id));
}

static bool judge_unseen(void *context, const struct esc_card *card)
{
    struct work_permissions *permissions = context;
    if (!is_behind(permissions, card))
        return false;
    judge_row(permissions, card->id);
    return true;
}

static bool has_other_policies(const struct work_permissions *permissions)
{
    for (size_t i = 0; i < permissions->books.count; i++) {
        const struct permission_book *book = esc_list_at(&permissions->books, i);
        if (book->is_other || book->is_other_key)
            return true;
    }
    return false;
}

static void store_books(struct work_permissions *permissions)
{
    for (size_t i = 0; i < permissions->books.count; i++) {
        const struct permission_book *book = esc_list_at(&permissions->books, i);
        struct esc_error err;
        if (book->permit)
            (void)work_permit_store(book->permit, &err); /* read again, and counted, next time */
    }
}

static void end(struct work_permissions *permissions)
{
    work_permissions_fn *done = permissions->done;
    void *owner = permissions->context;
    work_permissions_free(permissions);
    done(owner);
}

static void judge_some(void *context)
{
    struct work_permissions *permissions = context;
    struct esc_store *store = permissions->bench->store;
    if (permissions->cancelled) {
        end(permissions);
        return;
    }
    const bool together = esc_store_begin(store, NULL) == ESC_OK;
    const bool is_more = judge_looked_at(permissions) ||
                         (has_other_policies(permissions) &&
                          work_index_walk(&permissions->walk, judge_unseen, permissions));
    if (!is_more)
        store_books(permissions);
    if (together)
        (void)esc_store_commit(store, NULL); /* what failed is tried again by the next sync */
    if (is_more)
        permission_judge_rows(permissions);
    else
        end(permissions);
}

void permission_judge_rows(struct work_permissions *permissions)
{
    esc_loop_post(permissions->bench->loop, judge_some, permissions);
}
