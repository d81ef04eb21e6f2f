/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <stdio.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/crypt/digest.h"
#include "escher/store/document.h"
#include "escher/store/estate.h"
#include "escher/work/sync_private.h"

/*
 * The journal of the sync under way is one document, written with each place that is closed. It is
 * there only while a sync is under way or after one was cut off.
 */

#define COLLECTION "syncs"

enum {
    GOES_ON_FOR_MS = 60 * 60'000, /* after its last place; then what was seen is seen again */
};

static void add_part(struct esc_digest *digest, const char *text)
{
    esc_digest_add_sized(digest, esc_str_of(text));
}

/* Where it is and how it is reached, and all else that is said of it. */
static void add_account(struct esc_digest *digest, const struct esc_account *account)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_account_to_json(account);
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(json, ESC_JSON_SORTED);
    add_part(digest, text);
}

/* What the schedule's keys were refused, a person's may see; and so may those of another profile or
 * role. Keys of a session are others after each login, which only costs what was done before. */
static char *scope_text(const struct sync *sync)
{
    const struct esc_aws_environment *environment = sync->call->environment;
    uint8_t bytes[ESC_SHA256_SIZE];
    ESC_CLEANUP(esc_freep) char *scope = sync_scope_text(&sync->scope);
    struct esc_digest *digest = esc_digest_new();
    add_part(digest, sync->call->scheduled ? "schedule" : "person");
    for (size_t i = 0; i < sync->scope.accounts.count; i++)
        add_account(digest, esc_list_at(&sync->scope.accounts, i));
    if (environment) {
        add_part(digest, environment->credentials ? environment->credentials->access_key_id : NULL);
        add_part(digest, environment->profile);
        add_part(digest, environment->config_file);
        add_part(digest, environment->credentials_file);
        add_part(digest, environment->web_identity_role);
    }
    esc_digest_finish(digest, bytes);
    esc_digest_free(digest);
    return esc_sprintf("%s by %02x%02x%02x%02x%02x%02x%02x%02x", scope, bytes[0], bytes[1],
                       bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]);
}

static struct esc_json *journal_new(const struct sync *sync)
{
    struct esc_json *journal = esc_json_object();
    ESC_CLEANUP(esc_freep) char *scope = scope_text(sync);
    esc_json_set_text(journal, "sync_id", sync->id);
    esc_json_set_text(journal, "scope", scope);
    esc_json_set(journal, "places", esc_json_array());
    return journal;
}

static bool may_go_on(const struct sync *sync, const struct esc_json *journal)
{
    ESC_CLEANUP(esc_freep) char *scope = scope_text(sync);
    const uint64_t now_ms = esc_clock_wall_ms(sync->bench->clock);
    const uint64_t at_ms = (uint64_t)esc_json_num(journal, "at_ms", 0);
    return esc_text_equal(scope, esc_json_str(journal, "scope", NULL)) && at_ms <= now_ms &&
           now_ms - at_ms <= GOES_ON_FOR_MS &&
           esc_str_of(esc_json_str(journal, "sync_id", "")).len == ESC_UUID_TEXT - 1;
}

static void go_on(struct sync *sync)
{
    const struct esc_json *places = esc_json_member(sync->journal, "places");
    (void)snprintf(sync->id, sizeof sync->id, "%s",
                   esc_json_str(sync->journal, "sync_id", "")); /* it has that length */
    for (size_t i = 0; i < esc_json_len(places); i++)
        esc_map_set(sync->scope.done, esc_str_of(esc_json_str(esc_json_at(places, i), "", "")),
                    sync);
    sync->places_resumed = esc_json_len(places);
    sync->before.added = (size_t)esc_json_num(sync->journal, "added", 0);
    sync->before.changed = (size_t)esc_json_num(sync->journal, "changed", 0);
    sync->before.unchanged = (size_t)esc_json_num(sync->journal, "unchanged", 0);
    sync->removed = (size_t)esc_json_num(sync->journal, "removed", 0);
    sync->parts = (unsigned)esc_json_num(sync->journal, "parts", 0);
    sync->batches = (unsigned)esc_json_num(sync->journal, "batches", 0);
}

/* 0: none is known. One that was cut off counts only what was left of it. */
static unsigned asked_by_last(const struct sync *sync)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *last = NULL;
    if (!sync->scope.asks_all || sync->scope.cells ||
        esc_store_doc_get(sync->bench->store, COLLECTION, sync_kind_text(sync->scope.kind), &last,
                          NULL) != ESC_OK ||
        esc_json_member(last, "places_resumed"))
        return 0;
    const int64_t asked = esc_json_num(last, "asked", 0);
    return asked > 0 && asked < UINT_MAX ? (unsigned)asked : 0;
}

void sync_journal_open(struct sync *sync)
{
    esc_store_scan_begins(sync->bench->store);
    (void)esc_store_doc_get(sync->bench->store, COLLECTION, "open", &sync->journal,
                            NULL); /* none: nothing was cut off */
    if (sync->journal && !sync->scope.cells && may_go_on(sync, sync->journal)) {
        go_on(sync);
        return;
    }
    esc_json_free(sync->journal);
    if (!sync->scope.cells)
        (void)work_permissions_journal_forget(sync->bench, NULL); /* they are of another sync */
    sync->journal = journal_new(sync);
    sync->expected = asked_by_last(sync);
}

enum esc_status sync_journal_note(struct sync *sync, const struct sync_place *place, size_t gone,
                                  struct esc_error *err)
{
    struct esc_json *journal = sync->journal;
    const struct esc_estate_change *sum = work_keeper_sum(sync->keeper);
    if (sync->scope.cells)
        return ESC_OK; /* the events come again */
    if (place->name && place->is_settled)
        esc_json_push_text(esc_json_get_mutable(journal, "places"), place->name);
    esc_json_set_int(journal, "at_ms", (int64_t)esc_clock_wall_ms(sync->bench->clock));
    esc_json_set_int(journal, "added", (int64_t)(sync->before.added + sum->added));
    esc_json_set_int(journal, "changed", (int64_t)(sync->before.changed + sum->changed));
    esc_json_set_int(journal, "unchanged", (int64_t)(sync->before.unchanged + sum->unchanged));
    esc_json_set_int(journal, "removed", (int64_t)(sync->removed + gone));
    esc_json_set_int(journal, "parts", sync->parts);
    esc_json_set_int(journal, "batches", work_keeper_number(sync->keeper));
    return esc_store_doc_put(sync->bench->store, COLLECTION, "open", journal, err);
}

enum esc_status work_sync_forget(struct esc_workbench *bench, struct esc_error *err)
{
    return esc_store_doc_del(bench->store, COLLECTION, "open", err);
}

/* The last of each kind, for the schedule and for people. */
static enum esc_status put_summary(struct sync *sync, const struct esc_json *body,
                                   struct esc_error *err)
{
    struct esc_store *store = sync->bench->store;
    ESC_CLEANUP(esc_json_freep) struct esc_json *summary = esc_json_copy(body);
    esc_json_set_time(summary, "at", esc_clock_wall_ms(sync->bench->clock));
    esc_json_remove(summary, "cells");
    esc_json_remove(summary, "message");
    enum esc_status status = esc_store_doc_put(store, COLLECTION, "last", summary, err);
    esc_json_set_int(summary, "asked", sync->asked); /* for the next of its kind */
    if (status == ESC_OK && sync->scope.asks_all && !sync->scope.cells)
        status =
            esc_store_doc_put(store, COLLECTION, sync_kind_text(sync->scope.kind), summary, err);
    return status;
}

enum esc_status sync_journal_end(struct sync *sync, const struct esc_json *body,
                                 struct esc_error *err)
{
    struct esc_store *store = sync->bench->store;
    enum esc_status status = esc_store_begin(store, err);
    if (status != ESC_OK)
        return status;
    status = put_summary(sync, body, err);
    if (status == ESC_OK && !sync->scope.cells)
        status = esc_store_doc_del(store, COLLECTION, "open", err);
    if (status == ESC_OK && !sync->scope.cells)
        status = work_permissions_journal_forget(sync->bench, err);
    if (status == ESC_OK)
        return esc_store_commit(store, err);
    esc_store_rollback(store);
    return status;
}
