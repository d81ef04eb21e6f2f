/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/scan/scanner.h"
#include "escher/store/document.h"
#include "escher/work/history_private.h"
#include "escher/work/permission_private.h"
#include "escher/work/sync_private.h"

/* Closing a place: all that a scan has seen there is kept by now. */

static void free_cell(void *item)
{
    struct sync_cell *cell = item;
    free(cell->account_id);
    free(cell->region);
    esc_json_free(cell->page);
    free(cell);
}

struct sync_place *sync_place_new(void)
{
    struct sync_place *place = esc_alloc_zero(sizeof *place);
    place->is_settled = true;
    esc_list_init(&place->cells, free_cell);
    return place;
}

void sync_place_name_it(struct sync_place *place, const struct esc_scan_place_end *end)
{
    if (!end->region)
        return;
    place->name = sync_place_name(end->account->id, end->region, end->global);
    place->account_id = esc_strdup(end->account->id);
    place->region = esc_strdup(end->region);
    place->global = end->global;
    place->left_out = end->left_out;
    place->resource_count = end->resource_count;
    place->has_mark = end->mark;
    place->few = end->few ? esc_json_ref(end->few) : NULL;
    if (end->mark)
        memcpy(place->mark, end->mark, sizeof place->mark);
}

void sync_place_free(void *item)
{
    struct sync_place *place = item;
    if (!place)
        return;
    esc_list_done(&place->cells);
    esc_json_free(place->few);
    free(place->account_id);
    free(place->region);
    free(place->name);
    free(place);
}

/* Items that nobody can read stay so; what an organisation forbids and regions that are not enabled
 * do not change from one hour to the next. */
static bool is_settled(const struct esc_scan_cell *seen)
{
    return seen->state == ESC_SCAN_OK || seen->state == ESC_SCAN_SCP ||
           seen->state == ESC_SCAN_DISABLED ||
           (seen->state == ESC_SCAN_PARTIAL && seen->failed_count == 0);
}

void sync_place_add(struct sync_place *place, const struct esc_scan_cell *seen)
{
    struct sync_cell *cell = esc_alloc_zero(sizeof *cell);
    place->is_settled &= is_settled(seen);
    cell->account_id = esc_strdup(seen->account_id);
    cell->region = esc_strdup(seen->region);
    cell->all_regions = seen->all_regions;
    cell->complete = esc_scan_cell_is_complete(seen);
    cell->has_seen_some = seen->resource_count > 0;
    cell->resource_type = seen->resource_type;
    cell->at_ms = seen->at_ms;
    cell->page = esc_scan_cell_to_json(seen);
    esc_list_push(&place->cells, cell);
}

struct closing {
    struct sync *sync;
    const struct sync_place *place;
    struct esc_list *gone; /* char *, ids that the store has dropped */
};

/* Rows of one type and region that a complete look did not see are gone. What a place that was left
 * out has is known to be its rows. */
static enum esc_status close_cell(struct closing *closing, const struct sync_cell *cell,
                                  const char *region, struct esc_error *err)
{
    const struct sync *sync = closing->sync;
    const struct esc_estate_cell done = {.account_id = cell->account_id,
                                         .region = region,
                                         .resource_type = cell->resource_type,
                                         .sync_id = sync->id,
                                         .at_ms = cell->at_ms,
                                         .complete = cell->complete};
    return closing->place->left_out && cell->complete
               ? esc_store_cell_again(sync->bench->store, &done, err)
               : esc_store_cell_done(sync->bench->store, &done, closing->gone, err);
}

/* An answer for every region of an account closes each region the estate knows the type in. */
static enum esc_status close_all_regions(struct closing *closing, const struct sync_cell *cell,
                                         struct esc_error *err)
{
    const struct esc_index *index = closing->sync->bench->index;
    struct esc_map *regions = esc_map_new(NULL);
    for (size_t i = 0; i < esc_index_count(index); i++) {
        const struct esc_card card = esc_index_at(index, i, NULL);
        if (esc_text_equal(card.resource_type, cell->resource_type) &&
            esc_text_equal(card.account_id, cell->account_id))
            esc_map_set(regions, esc_str_of(card.region), closing);
    }
    enum esc_status status = ESC_OK;
    struct esc_str region;
    for (size_t at = 0; status == ESC_OK && esc_map_next(regions, &at, &region, NULL);) {
        ESC_CLEANUP(esc_freep) char *name = esc_str_dup(region);
        status = close_cell(closing, cell, name, err);
    }
    esc_map_free(regions);
    return status;
}

/* Keys had no service once, and two services may call an operation alike. */
static void drop_older_key(struct esc_store *store, const struct sync_cell *cell)
{
    ESC_CLEANUP(esc_freep)
    char *key = esc_sprintf("%s %s %s", cell->account_id, cell->region,
                            esc_json_str(cell->page, "operation", ""));
    (void)esc_store_doc_del(store, "coverage", key, NULL); /* it would only be told besides */
}

/* When this sync began, by the clock of the cloud that was asked: each of its looks is younger. Our
 * clock may have been put right meanwhile, so it is the earlier of what both of ours say. */
static uint64_t began_ms(const struct sync *sync, const char *account_id)
{
    const struct esc_workbench *bench = sync->bench;
    const struct esc_account *account = work_account_find(bench, account_id);
    const uint64_t now_ms = esc_clock_wall_ms(bench->clock);
    const uint64_t took_ms = esc_clock_monotonic_ms(bench->clock) - sync->started_ms;
    const uint64_t ago_ms = now_ms > took_ms ? now_ms - took_ms : 0;
    const uint64_t ours_ms = ago_ms < sync->started_wall_ms ? ago_ms : sync->started_wall_ms;
    if (!bench->aws || !account)
        return 0;
    const uint64_t theirs_ms =
        esc_aws_now_at_ms(bench->aws, account->emulator ? account->endpoint_url : NULL);
    return ours_ms + (theirs_ms - now_ms); /* it may be behind: the sum wraps back */
}

static void take_over(struct esc_json *page, const struct esc_json *before, const char *member)
{
    const struct esc_json *value = esc_json_member(before, member);
    esc_json_set(page, member, value ? esc_json_copy(value) : NULL);
}

static void note_since(const struct sync *sync, const struct sync_cell *cell)
{
    char since[ESC_TIME_TEXT];
    esc_time_format(began_ms(sync, cell->account_id), since);
    esc_json_set_text(cell->page, "whole_since", since);
}

static bool was_asked_well(const struct sync_place *place, const char *service,
                           const char *operation)
{
    for (size_t i = 0; i < place->cells.count; i++) {
        const struct esc_json *page = ((const struct sync_cell *)place->cells.items[i])->page;
        if (esc_text_equal(esc_json_str(page, "operation", ""), operation) &&
            esc_text_equal(esc_json_str(page, "service", ""), service))
            return esc_text_equal(esc_json_str(page, "state", ""), "ok");
    }
    return false;
}

static bool was_seen_whole(const struct sync_place *place, const struct esc_scanner *scanner)
{
    const char *operation;
    for (size_t i = 0; (operation = esc_scanner_operation(scanner, i)) != NULL; i++)
        if (!was_asked_well(place, scanner->service, operation))
            return false;
    return true;
}

/* Whether what the cell's resources take from other services was seen in the same look. The tags of
 * what is global come from other places than its own, so of these nobody knows. */
static bool has_what_it_needs(const struct sync_place *place, const struct sync_cell *cell)
{
    const struct esc_scanner *scanner = esc_scanner_of_operation(
        esc_json_str(cell->page, "service", ""), esc_json_str(cell->page, "operation", ""));
    if (!scanner || (scanner->needs_tags && scanner->global))
        return false;
    if (scanner->needs_tags && !was_seen_whole(place, esc_scanner_find(ESC_STR("tags"))))
        return false;
    return !scanner->needs || was_seen_whole(place, esc_scanner_find(esc_str_of(scanner->needs)));
}

/* A cell that was not seen whole goes on saying when it was the last time. */
static enum esc_status note_cell(struct sync *sync, const struct sync_place *place,
                                 const struct sync_cell *cell, struct esc_error *err)
{
    struct esc_store *store = sync->bench->store;
    ESC_CLEANUP(esc_freep)
    char *key = esc_sprintf("%s %s %s %s", cell->account_id, cell->region,
                            esc_json_str(cell->page, "service", ""),
                            esc_json_str(cell->page, "operation", ""));
    ESC_CLEANUP(esc_json_freep) struct esc_json *before = NULL;
    const bool is_known = esc_store_doc_get(store, "coverage", key, &before, NULL) == ESC_OK;
    const bool is_whole = esc_text_equal(esc_json_str(cell->page, "state", ""), "ok");
    if (is_whole)
        esc_json_set_text(cell->page, "whole_at", esc_json_str(cell->page, "at", ""));
    else if (is_known)
        take_over(cell->page, before, "whole_at");
    if (is_whole && has_what_it_needs(place, cell))
        note_since(sync, cell);
    else if (is_known)
        take_over(cell->page, before, "whole_since");
    if (!is_known)
        drop_older_key(store, cell);
    return esc_store_doc_put(store, "coverage", key, cell->page, err);
}

static enum esc_status close_cells(struct sync *sync, const struct sync_place *place,
                                   struct esc_list *gone, struct esc_error *err)
{
    struct closing closing = {sync, place, gone};
    enum esc_status status = ESC_OK;
    for (size_t i = 0; status == ESC_OK && i < place->cells.count; i++) {
        const struct sync_cell *cell = place->cells.items[i];
        if (cell->resource_type)
            status = cell->all_regions ? close_all_regions(&closing, cell, err)
                                       : close_cell(&closing, cell, cell->region, err);
        if (status == ESC_OK)
            status = note_cell(sync, place, cell, err);
    }
    return status;
}

static enum esc_status note_gone(struct sync *sync, const struct esc_list *gone,
                                 struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *changes = esc_json_array();
    for (size_t i = 0; i < gone->count; i++) {
        struct esc_card card;
        const bool known = esc_index_get(sync->bench->index, gone->items[i], &card);
        esc_json_push(changes,
                      work_history_entry(gone->items[i], known ? card.name : gone->items[i],
                                         "removed", NULL));
    }
    for (size_t i = 0; i < gone->count; i++) {
        const enum esc_status status = work_permissions_forget(sync->bench, gone->items[i], err);
        if (status != ESC_OK)
            return status;
    }
    /* Apart from the parts that batches have made. */
    const struct work_history_part part = {.sync_id = sync->id,
                                           .kind = sync_kind_text(sync->scope.kind),
                                           .number = 500'000 + sync->parts++,
                                           .changes = changes};
    return work_history_put(sync->bench, &part, err);
}

/* Since the last place was closed. */
static bool has_written(const struct sync *sync)
{
    return work_keeper_written(sync->keeper) != sync->written;
}

static enum esc_status write_all(struct sync *sync, const struct sync_place *place,
                                 struct esc_list *gone, struct esc_error *err)
{
    struct esc_store *store = sync->bench->store;
    enum esc_status status = esc_store_begin(store, err);
    if (status != ESC_OK)
        return status;
    status = close_cells(sync, place, gone, err);
    if (status == ESC_OK)
        status = note_gone(sync, gone, err);
    if (status == ESC_OK && place->name)
        status = work_protection_keep(sync->protection, place->name, err);
    if (status == ESC_OK)
        status = sync_known_note(sync, place, has_written(sync) || gone->count > 0, err);
    if (status == ESC_OK)
        status = sync_journal_note(sync, place, gone->count, err);
    if (status == ESC_OK)
        return esc_store_commit(store, err);
    esc_store_rollback(store);
    return status;
}

static void tell_cells(struct sync *sync, const struct sync_place *place)
{
    for (size_t i = 0; i < place->cells.count; i++) {
        const struct sync_cell *cell = place->cells.items[i];
        struct esc_json *event = work_event_new("sync.cell", sync->id);
        esc_json_set(event, "data", esc_json_ref(cell->page));
        work_event(sync->call, event);
        esc_json_push(sync->pages, esc_json_ref(cell->page));
        sync->cells_ok += esc_text_equal(esc_json_str(cell->page, "state", ""), "ok");
    }
}

/* The index follows once the store has it for good. */
enum esc_status sync_place_close(struct sync *sync, struct sync_place *place, struct esc_error *err)
{
    struct esc_list gone; /* char *, ids that the store has dropped */
    esc_list_init(&gone, free);
    if (place->left_out) {
        sync->before.unchanged += place->resource_count;
        sync->places_known++;
    }
    const enum esc_status status = write_all(sync, place, &gone, err);
    sync->written = work_keeper_written(sync->keeper);
    esc_list_clear(&sync->looked);
    for (size_t i = 0; status == ESC_OK && i < gone.count; i++)
        (void)esc_index_remove(sync->bench->index, gone.items[i]); /* the store had it: it is in */
    if (status == ESC_OK) {
        sync->removed += gone.count;
        if (gone.count)
            work_index_keep_later(sync->bench);
        tell_cells(sync, place);
    }
    esc_list_done(&gone);
    return status;
}
