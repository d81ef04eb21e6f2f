/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/num.h"
#include "escher/base/program.h"
#include "escher/catalog/resource_type.h"
#include "escher/scan/resource_policy.h"
#include "escher/store/document.h"
#include "escher/work/sync_private.h"

/*
 * What need not be looked at again. A place whose rows a sync has left as they were is noted by what
 * that followed from:
 *
 *     "answers"   the mark of what the cloud said there (scan/walk.h)
 *     "by"        who looked: the program and its encoder, the account, what it may, which kind
 *     "rows"      the rows of the place, by the hashes that tell a sync whether one is another
 *
 * Where all three are the same, a sync would leave the rows as they are once more, since it has no
 * other inputs; so nothing of the place is merged, judged, hashed or compared. Whatever happens to a
 * row meanwhile, of whichever origin, is seen in "rows", for which each of them is opened.
 *
 *     "few"       what is asked of some resources at a time, as each was answered last
 *     "looked"    the resources whose own policies are read apart, which goes on
 *
 * One document for each place and kind, in the collection "places_known"; only the answers stay when
 * a sync has changed something there or was answered otherwise, and nothing of an account's when a
 * policy was found to be another.
 */

#define COLLECTION "places_known"

static bool is_kept_for(const struct sync *sync)
{
    return !sync->scope.cells && !sync->scope.services;
}

static char *key_of(const struct sync *sync, const char *place)
{
    return esc_sprintf("%s %s", place,
                       sync->scope.kind == SYNC_INCREMENTAL ? "incremental" : "full");
}

/* By what it was looked at. */

static void add_text(struct esc_digest *digest, const char *text)
{
    esc_digest_add_sized(digest, esc_str_of(text));
}

static const struct esc_account *account_of(const struct sync *sync, const char *id)
{
    for (size_t i = 0; i < sync->scope.accounts.count; i++) {
        const struct esc_account *account = esc_list_at(&sync->scope.accounts, i);
        if (esc_text_equal(account->id, id))
            return account;
    }
    return NULL;
}

/* False: nobody can tell which program this is. */
static bool looker_of(const struct sync *sync, const char *account_id, char out[ESC_SHA256_TEXT])
{
    const struct esc_account *account = account_of(sync, account_id);
    const struct esc_str program = esc_program_build_id();
    uint8_t bytes[ESC_SHA256_SIZE];
    if (!account || program.len == 0)
        return false;
    ESC_CLEANUP(esc_digest_freep) struct esc_digest *digest = esc_digest_new();
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_account_to_json(account);
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(json, ESC_JSON_SORTED);
    esc_digest_add_sized(digest, program);
    add_text(digest, esc_encoder_space_id(sync->bench->encoder));
    add_text(digest, text);
    work_permissions_mark(sync->permissions, account_id, digest);
    esc_digest_finish(digest, bytes);
    esc_hex(bytes, sizeof bytes, out);
    return true;
}

/* Its rows. */

struct rows {
    const struct sync *sync;
    struct esc_digest *digest;
    bool whole; /* each has its vector, in the index too */
};

static bool add_row(void *context, const char *id, const struct esc_estate_mark *mark)
{
    struct rows *rows = context;
    struct esc_card card;
    rows->whole =
        mark->has_vector && esc_index_get(rows->sync->bench->index, id, &card) && card.has_vector;
    add_text(rows->digest, id);
    add_text(rows->digest, mark->content_hash);
    add_text(rows->digest, mark->embedded_hash);
    return rows->whole;
}

static bool add_cell(struct rows *rows, const struct esc_account *account, const char *region,
                     const char *type)
{
    const struct esc_estate_cell cell = {
        .account_id = account->id, .region = region, .resource_type = type};
    return esc_store_cell_marks(rows->sync->bench->store, &cell, add_row, rows, NULL) == ESC_OK &&
           rows->whole;
}

/* Regions in which the estate knows what is the account's. What is global stands in any. */
static struct esc_map *regions_of(const struct sync *sync, const struct esc_account *account)
{
    const struct esc_index *index = sync->bench->index;
    struct esc_map *regions = esc_map_new(NULL);
    for (size_t i = 0; i < esc_index_count(index); i++) {
        const struct esc_card card = esc_index_at(index, i, NULL);
        if (esc_text_equal(card.account_id, account->id))
            esc_map_set(regions, esc_str_of(card.region), regions);
    }
    return regions;
}

static bool add_everywhere(struct rows *rows, const struct esc_account *account,
                           const struct esc_map *regions, const char *type)
{
    struct esc_str region;
    bool whole = true;
    for (size_t at = 0; whole && esc_map_next(regions, &at, &region, NULL);) {
        ESC_CLEANUP(esc_freep) char *name = esc_str_dup(region);
        whole = add_cell(rows, account, name, type);
    }
    return whole;
}

/* Whatever the kind of sync asks for: what may be done with one row may hang on another, as with an
 * instance and the volumes that it has. False: some row does not open, or has no vector. */
static bool rows_of(const struct sync *sync, const struct esc_account *account, const char *region,
                    bool global, char out[ESC_SHA256_TEXT])
{
    ESC_CLEANUP(esc_digest_freep) struct esc_digest *digest = esc_digest_new();
    ESC_CLEANUP(esc_map_freep)
    struct esc_map *regions = global ? regions_of(sync, account) : NULL;
    struct rows rows = {sync, digest, true};
    uint8_t bytes[ESC_SHA256_SIZE];
    for (size_t i = 0; rows.whole && i < esc_resource_type_count(); i++) {
        const char *type = esc_resource_type_at(i)->name;
        const struct esc_scanner *scanner = esc_scanner_of_type(type);
        if (!scanner || scanner->global != global)
            continue;
        rows.whole = global ? add_everywhere(&rows, account, regions, type)
                            : add_cell(&rows, account, region, type);
    }
    esc_digest_finish(digest, bytes);
    esc_hex(bytes, sizeof bytes, out);
    return rows.whole;
}

/* Whether it is known. */

static bool says(const struct esc_json *known, const char *name, const char *hex)
{
    return esc_text_equal(esc_json_str(known, name, NULL), hex);
}

static bool stands(struct sync *sync, const struct esc_json *known,
                   const struct esc_scan_place_end *place)
{
    char by[ESC_SHA256_TEXT], rows[ESC_SHA256_TEXT];
    const char *account_id = place->account->id;
    return work_permissions_stand(sync->permissions, account_id) &&
           !work_protection_has_doubts(sync->protection, account_id, place->region) &&
           looker_of(sync, account_id, by) && says(known, "by", by) &&
           rows_of(sync, place->account, place->region, place->global, rows) &&
           says(known, "rows", rows);
}

/* What is asked of some at a time was answered as whenever it was asked before. */
static bool has_all(const struct esc_json *known, const struct esc_json *few)
{
    const struct esc_json *before = esc_json_member(known, "few");
    const struct esc_json *told;
    const char *question;
    void *position = NULL;
    bool has = true;
    while (has && esc_json_next(few, &position, &question, &told))
        has = esc_json_equal(esc_json_member(before, question), told);
    return has;
}

static struct esc_map *set_of(const struct esc_json *texts)
{
    struct esc_map *set = esc_map_new(NULL);
    for (size_t i = 0; i < esc_json_len(texts); i++)
        esc_map_set(set, esc_json_value(esc_json_at(texts, i)), set);
    return set;
}

enum esc_scan_known sync_known_is(struct sync *sync, const struct esc_scan_place_end *place)
{
    char answers[ESC_SHA256_TEXT];
    ESC_CLEANUP(esc_freep)
    char *name = sync_place_name(place->account->id, place->region, place->global);
    ESC_CLEANUP(esc_freep) char *key = key_of(sync, name);
    ESC_CLEANUP(esc_json_freep) struct esc_json *known = NULL;
    if (!is_kept_for(sync) ||
        esc_store_doc_get(sync->bench->store, COLLECTION, key, &known, NULL) != ESC_OK)
        return ESC_SCAN_NOT_KNOWN;
    esc_hex(place->mark, ESC_SHA256_SIZE, answers);
    if (!says(known, "answers", answers) || !has_all(known, place->few))
        return ESC_SCAN_NOT_KNOWN;
    if (!sync->is_permitted)
        return ESC_SCAN_ASK_AGAIN; /* policies may be others */
    if (!stands(sync, known, place))
        return ESC_SCAN_NOT_KNOWN;
    esc_map_free(sync->known_looks);
    sync->known_looks = set_of(esc_json_member(known, "looked"));
    return ESC_SCAN_KNOWN;
}

bool sync_known_heeds(const char *type)
{
    return esc_text_equal(type, "ec2_instance") || esc_resource_policy_operation(type);
}

void sync_known_take(struct sync *sync, const struct esc_resource *resource)
{
    work_protection_note(sync->protection, resource);
    work_permissions_pass(sync->permissions, resource,
                          esc_map_has(sync->known_looks, esc_str_of(resource->id)));
}

/* Noting it. */

void sync_known_looked(struct sync *sync, const struct esc_resource *resource)
{
    esc_list_push(&sync->looked, esc_strdup(resource->id));
}

/* Rows of a cell that was not seen whole have their times from those that it has seen. */
static bool is_plain(const struct sync_place *place)
{
    for (size_t i = 0; i < place->cells.count; i++) {
        const struct sync_cell *cell = place->cells.items[i];
        if (cell->resource_type && !cell->complete && cell->has_seen_some)
            return false;
    }
    return true;
}

/* What was told before still holds of rows that are the same. Owned by the caller. */
static struct esc_json *few_of(const struct sync *sync, const struct sync_place *place,
                               const char *key, const struct esc_json *known)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *before = NULL;
    const bool holds =
        esc_store_doc_get(sync->bench->store, COLLECTION, key, &before, NULL) == ESC_OK &&
        says(before, "by", esc_json_str(known, "by", "")) &&
        says(before, "rows", esc_json_str(known, "rows", ""));
    const struct esc_json *old = holds ? esc_json_member(before, "few") : NULL;
    struct esc_json *few = old ? esc_json_copy(old) : esc_json_object();
    const struct esc_json *told;
    const char *question;
    void *position = NULL;
    while (esc_json_next(place->few, &position, &question, &told))
        esc_json_set(few, question, esc_json_copy(told));
    return few;
}

/* Whether the place was answered so the last time. One that answers otherwise each time will never be
 * left out, and its rows need not be opened for that. */
static bool was_answered_so(const struct sync *sync, const char *key, const char *answers)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *before = NULL;
    return esc_store_doc_get(sync->bench->store, COLLECTION, key, &before, NULL) == ESC_OK &&
           says(before, "answers", answers);
}

static void add_rest(const struct sync *sync, const struct sync_place *place, const char *key,
                     struct esc_json *known)
{
    char by[ESC_SHA256_TEXT], rows[ESC_SHA256_TEXT];
    const struct esc_account *account = account_of(sync, place->account_id);
    if (!account || !looker_of(sync, place->account_id, by) ||
        !rows_of(sync, account, place->region, place->global, rows))
        return;
    struct esc_json *looked = esc_json_array();
    esc_json_set_text(known, "by", by);
    esc_json_set_text(known, "rows", rows);
    for (size_t i = 0; i < sync->looked.count; i++)
        esc_json_push_text(looked, esc_list_at(&sync->looked, i));
    esc_json_set(known, "looked", looked);
    esc_json_set(known, "few", few_of(sync, place, key, known));
}

enum esc_status sync_known_note(struct sync *sync, const struct sync_place *place, bool wrote,
                                struct esc_error *err)
{
    char answers[ESC_SHA256_TEXT];
    if (!is_kept_for(sync) || !place->name || place->left_out)
        return ESC_OK;
    ESC_CLEANUP(esc_freep) char *key = key_of(sync, place->name);
    if (!place->has_mark || !is_plain(place))
        return esc_store_doc_del(sync->bench->store, COLLECTION, key, err);
    ESC_CLEANUP(esc_json_freep) struct esc_json *known = esc_json_object();
    esc_hex(place->mark, ESC_SHA256_SIZE, answers);
    esc_json_set_text(known, "answers", answers);
    if (!wrote && was_answered_so(sync, key, answers))
        add_rest(sync, place, key, known);
    return esc_store_doc_put(sync->bench->store, COLLECTION, key, known, err);
}

/* Forgetting it. */

struct forgetting {
    const char *account_id;
    struct esc_list keys; /* char * */
};

static bool take_key(void *context, const char *key, const struct esc_json *)
{
    struct forgetting *forgetting = context;
    struct esc_str rest = esc_str_of(key), account;
    if (esc_str_next(&rest, ' ', &account) && esc_str_is(account, forgetting->account_id))
        esc_list_push(&forgetting->keys, esc_strdup(key));
    return true;
}

enum esc_status work_known_forget(struct esc_workbench *bench, const char *account_id,
                                  struct esc_error *err)
{
    struct forgetting forgetting = {.account_id = account_id};
    esc_list_init(&forgetting.keys, free);
    enum esc_status status =
        esc_store_docs(bench->store, COLLECTION, take_key, &forgetting, NULL, err);
    for (size_t i = 0; status == ESC_OK && i < forgetting.keys.count; i++)
        status = esc_store_doc_del(bench->store, COLLECTION, esc_list_at(&forgetting.keys, i), err);
    esc_list_done(&forgetting.keys);
    return status;
}
