/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "escher/base/alloc.h"
#include "escher/scan/key_use.h"
#include "escher/scan/resource_policy.h"
#include "escher/store/document.h"
#include "escher/store/estate.h"
#include "escher/work/permission_sync_private.h"

/*
 * Looks of a sync that goes on after a cut. What a sync brings is looked at when all is kept, so the
 * part before the cut has looked at some of what it had brought, or at nothing.
 *
 *     a look is over ──▶ noted ──NOTES_KEPT of them, or cancelled──▶ kept (iam_looked)
 *                                                                      │ cut
 *     rows that the sync has seen, and this part has not brought ◀─────┘
 *        └──▶ judged again, and looked at unless that was noted ──▶ the looks of this part
 *             (the keys that they are encrypted under: unless kept) ──▶
 *
 * They are judged again also when they were looked at: the cut may have come before that.
 */
enum {
    NOTES_KEPT = 128, /* in one document: what a core that is killed has to read once more */
};

void permission_past_done(struct permission_past *past)
{
    esc_map_free(past->looked);
    esc_map_free(past->brought);
    esc_json_free(past->notes);
}

/* What was kept. */

static bool take_notes(void *context, const char *, const struct esc_json *json)
{
    struct permission_past *past = context;
    const struct esc_json *ids = esc_json_member(json, "ids");
    past->note_count++;
    if (!esc_text_equal(esc_json_str(json, "sync_id", ""), past->sync_id))
        return true;
    for (size_t i = 0; i < esc_json_len(ids); i++)
        esc_map_set(past->looked, esc_json_value(esc_json_at(ids, i)), past);
    return true;
}

static bool take_key(void *context, const char *key, const struct esc_json *)
{
    esc_list_push(context, esc_strdup(key));
    return true;
}

enum esc_status work_permissions_journal_forget(const struct esc_workbench *bench,
                                                struct esc_error *err)
{
    struct esc_list keys;
    esc_list_init(&keys, free);
    enum esc_status status =
        esc_store_docs(bench->store, WORK_IAM_LOOKED, take_key, &keys, NULL, err);
    for (size_t i = 0; status == ESC_OK && i < keys.count; i++)
        status = esc_store_doc_del(bench->store, WORK_IAM_LOOKED, keys.items[i], err);
    esc_list_done(&keys);
    return status;
}

void work_permissions_journal(struct work_permissions *permissions, const char *sync_id,
                              bool goes_on)
{
    struct permission_past *past = &permissions->past;
    (void)snprintf(past->sync_id, sizeof past->sync_id, "%s", sync_id); /* it has that length */
    past->notes = esc_json_array();
    past->goes_on = goes_on;
    if (!goes_on)
        return;
    past->looked = esc_map_new(NULL);
    past->brought = esc_map_new(NULL);
    (void)esc_store_docs(permissions->bench->store, WORK_IAM_LOOKED, take_notes, past, NULL,
                         NULL); /* what is not known is looked at once more */
}

/* What is noted. */

void permission_keep_notes(struct work_permissions *permissions)
{
    struct permission_past *past = &permissions->past;
    if (esc_json_len(past->notes) == 0)
        return;
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = esc_json_object();
    ESC_CLEANUP(esc_freep) char *key = esc_sprintf("%u", past->note_count++);
    esc_json_set_text(page, "sync_id", past->sync_id);
    esc_json_set(page, "ids", ESC_STEAL(past->notes));
    past->notes = esc_json_array();
    (void)esc_store_doc_put(permissions->bench->store, WORK_IAM_LOOKED, key, page,
                            NULL); /* else they are looked at once more */
}

void permission_note_looked(struct work_permissions *permissions, const char *id)
{
    if (!permissions->past.notes)
        return;
    esc_json_push_text(permissions->past.notes, id);
    if (esc_json_len(permissions->past.notes) == NOTES_KEPT)
        permission_keep_notes(permissions);
}

void permission_note_brought(struct work_permissions *permissions, const char *id)
{
    if (permissions->past.goes_on)
        esc_map_set(permissions->past.brought, esc_str_of(id), permissions);
}

/* What was brought before. */

static void look_at_keys(struct permission_book *book, const struct esc_resource *resource)
{
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *copy = esc_resource_copy(resource);
    work_permit_judge_apart(book->permit, copy); /* which finds its keys */
    permission_want_keys(book, copy);
}

static void look_at(struct work_permissions *permissions, struct permission_book *book,
                    const struct esc_resource *resource)
{
    if (!esc_text_equal(resource->seen_in, permissions->past.sync_id))
        return; /* an earlier sync's; this one has not come to it */
    permission_judge_later(permissions, resource->id);
    if (!esc_map_has(permissions->past.looked, esc_str_of(resource->id)))
        (void)permission_want_policy(book, resource);
    if (esc_key_use_is_of(resource->resource_type))
        look_at_keys(book, resource);
}

static bool follows_policies(const char *type)
{
    return esc_resource_policy_operation(type) || esc_key_use_is_of(type);
}

static bool look_at_row(void *context, const struct esc_card *card)
{
    struct work_permissions *permissions = context;
    struct permission_book *book = permission_book_of(permissions, card->account_id);
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = NULL;
    if (!book || !book->permit || !follows_policies(card->resource_type) ||
        esc_map_has(permissions->past.brought, esc_str_of(card->id)))
        return false;
    if (esc_store_estate_get(permissions->bench->store, card->id, &resource, NULL, NULL, NULL) ==
        ESC_OK) /* else it is gone, or damaged: a sync sees to that */
        look_at(permissions, book, resource);
    return true;
}

static void look_at_some(void *context)
{
    struct work_permissions *permissions = context;
    if (!permissions->cancelled && work_index_walk(&permissions->walk, look_at_row, permissions)) {
        permission_look_back(permissions);
        return;
    }
    work_index_walk_done(&permissions->walk);
    permission_looked(permissions);
}

void permission_look_back(struct work_permissions *permissions)
{
    esc_loop_post(permissions->bench->loop, look_at_some, permissions);
}
