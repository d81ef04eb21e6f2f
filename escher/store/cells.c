/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/cells_private.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/store/estate_private.h"

#define CELLS "cells"

enum {
    MARK_TEXT = 16 /* hex digits of a blind id that stand for a resource in a record */
};

/* In memory, while a cell is scanned */

struct seen_cell {
    char *sync_id;
    struct esc_map *ids; /* by the bytes of the blind id */
};

static void seen_cell_free(void *item)
{
    struct seen_cell *seen = item;
    if (!seen)
        return;
    free(seen->sync_id);
    esc_map_free(seen->ids);
    free(seen);
}

struct esc_map *cells_new(void)
{
    return esc_map_new(seen_cell_free);
}

char *cell_name(const char *account_id, const char *region, const char *resource_type)
{
    return esc_sprintf("%s/%s/%s", account_id ? account_id : "", region ? region : "",
                       resource_type ? resource_type : "");
}

static struct esc_str blind_key(const struct blind *id)
{
    return (struct esc_str){(const char *)id->bytes, BLIND_SIZE};
}

void cell_saw(struct esc_store *store, const char *cell, const char *sync_id,
              const struct blind *id)
{
    struct seen_cell *seen = esc_map_get(store->seen, esc_str_of(cell));
    if (!seen || !esc_text_equal(seen->sync_id, sync_id)) {
        seen = esc_alloc(sizeof *seen);
        *seen = (struct seen_cell){esc_strdup(sync_id), esc_map_new(NULL)};
        esc_map_set(store->seen, esc_str_of(cell), seen);
    }
    esc_map_set(seen->ids, blind_key(id), seen);
}

void esc_store_scan_begins(struct esc_store *store)
{
    esc_map_free(store->seen);
    store->seen = cells_new();
}

bool cell_has_seen(const struct esc_store *store, const char *cell, const char *sync_id,
                   const struct blind *id)
{
    const struct seen_cell *seen = esc_map_get(store->seen, esc_str_of(cell));
    return seen && esc_text_equal(seen->sync_id, sync_id) && esc_map_has(seen->ids, blind_key(id));
}

/* Records */

struct cell_records {
    struct esc_map *by_cell; /* struct esc_json */
};

static struct cell_records *records_new(void)
{
    struct cell_records *records = esc_alloc(sizeof *records);
    records->by_cell = esc_map_new(esc_json_free_item);
    return records;
}

void cell_records_free(struct cell_records *records)
{
    if (records)
        esc_map_free(records->by_cell);
    free(records);
}

static enum esc_status take_record(void *context, const struct row *row, bool *,
                                   struct esc_error *err)
{
    struct cell_records *records = context;
    struct esc_json *json = NULL;
    if (row->part_count != 2)
        return esc_fail(err, ESC_CORRUPT, "a record of a cell has other parts than ours");
    enum esc_status status = esc_json_parse(row->parts[1], NULL, &json, err);
    if (status == ESC_OK)
        esc_map_set(records->by_cell, row->parts[0], json);
    return status == ESC_OK ? ESC_OK : ESC_CORRUPT;
}

/* A damaged record makes its resources look older than they are, and no more. */
enum esc_status cell_records_load(struct esc_store *store, struct cell_records **out,
                                  struct esc_error *err)
{
    ESC_CLEANUP(cell_records_freep) struct cell_records *records = records_new();
    const struct walk walk = {.collection = CELLS};
    enum esc_status status = rows_walk(store, &walk, take_record, records, NULL, err);
    if (status == ESC_OK)
        *out = ESC_STEAL(records);
    return status;
}

enum esc_status cell_records_load_one(struct esc_store *store, const char *cell,
                                      struct cell_records **out, struct esc_error *err)
{
    ESC_CLEANUP(cell_records_freep) struct cell_records *records = records_new();
    const struct place place = {.collection = CELLS, .id = esc_str_of(cell)};
    struct row row;
    bool stop;
    row_init(&row);
    enum esc_status status = row_get(store, &place, &row, err);
    if (status == ESC_OK)
        status = take_record(records, &row, &stop, err);
    row_done(&row);
    if (status != ESC_OK && status != ESC_NOT_FOUND && status != ESC_CORRUPT)
        return status;
    *out = ESC_STEAL(records);
    return ESC_OK;
}

/* Whether the marks of an incomplete scan, one after the other, hold that of @p id. */
static bool has_mark(struct esc_str marks, const struct blind *id)
{
    char mark[MARK_TEXT + 1];
    esc_hex(id->bytes, MARK_TEXT / 2, mark);
    for (size_t i = 0; i + MARK_TEXT <= marks.len; i += MARK_TEXT)
        if (memcmp(marks.ptr + i, mark, MARK_TEXT) == 0)
            return true;
    return false;
}

/* The scan of @p record, when it is later than what the resource says of itself. */
static void fill_in(const struct esc_json *record, struct esc_resource *resource)
{
    uint64_t at_ms = (uint64_t)esc_json_num(record, "at_ms", 0);
    if (at_ms <= resource->last_synced_ms)
        return;
    resource->last_synced_ms = at_ms;
    free(resource->seen_in);
    resource->seen_in = esc_strdup_null(esc_json_str(record, "sync", NULL));
}

void cell_records_fill_in(const struct cell_records *records, const struct blind *id,
                          struct esc_resource *resource)
{
    ESC_CLEANUP(esc_freep)
    char *cell = cell_name(resource->account_id, resource->region, resource->resource_type);
    const struct esc_json *record = esc_map_get(records->by_cell, esc_str_of(cell));
    const struct esc_json *partial = esc_json_get(record, "partial");
    if (!record)
        return;
    fill_in(record, resource);
    if (partial && has_mark(esc_str_of(esc_json_str(partial, "seen", "")), id))
        fill_in(partial, resource);
}

uint64_t cell_records_seen(const struct cell_records *records, const char *cell,
                           const struct blind *id)
{
    const struct esc_json *record = esc_map_get(records->by_cell, esc_str_of(cell));
    const struct esc_json *partial = esc_json_get(record, "partial");
    const uint64_t whole_ms = (uint64_t)esc_json_num(record, "at_ms", 0);
    if (!partial)
        return whole_ms;
    if (!id)
        return UINT64_MAX;
    const uint64_t partial_ms = (uint64_t)esc_json_num(partial, "at_ms", 0);
    const bool in_partial = has_mark(esc_str_of(esc_json_str(partial, "seen", "")), id);
    return in_partial && partial_ms > whole_ms ? partial_ms : whole_ms;
}

/* Records that stay read, for resources that are asked for one by one */

struct esc_map *cell_records_map(void)
{
    return esc_map_new(esc_json_free_item);
}

void cell_records_forget(struct esc_store *store, const char *cell)
{
    if (cell) {
        esc_json_free(esc_map_remove(store->records, esc_str_of(cell)));
    } else if (esc_map_count(store->records)) {
        esc_map_free(store->records);
        store->records = cell_records_map();
    }
}

enum esc_status cell_fill_in(struct esc_store *store, const struct blind *id,
                             struct esc_resource *resource, struct esc_error *err)
{
    ESC_CLEANUP(esc_freep)
    char *cell = cell_name(resource->account_id, resource->region, resource->resource_type);
    if (!esc_map_has(store->records, esc_str_of(cell))) {
        ESC_CLEANUP(cell_records_freep) struct cell_records *records = NULL;
        const enum esc_status status = cell_records_load_one(store, cell, &records, err);
        if (status != ESC_OK)
            return status;
        struct esc_json *record = esc_map_remove(records->by_cell, esc_str_of(cell));
        esc_map_set(store->records, esc_str_of(cell), record ? record : esc_json_object());
    }
    const struct cell_records kept = {store->records};
    cell_records_fill_in(&kept, id, resource);
    return ESC_OK;
}

/* Closing a cell */

struct closing {
    struct esc_store *store;
    const struct esc_estate_cell *cell;
    char *name;
    struct esc_buf marks; /* of what was seen */
    int64_t *stale;       /* rows that were not */
    size_t stale_count, stale_capacity;
    size_t count;
};

static enum esc_status sort_row(void *context, const struct row *row, bool *, struct esc_error *)
{
    struct closing *closing = context;
    char mark[MARK_TEXT + 1];
    closing->count++;
    if (cell_has_seen(closing->store, closing->name, closing->cell->sync_id, &row->id)) {
        esc_hex(row->id.bytes, MARK_TEXT / 2, mark);
        esc_buf_add_text(&closing->marks, mark);
        return ESC_OK;
    }
    if (closing->stale_count == closing->stale_capacity) {
        closing->stale_capacity = 2 * closing->stale_capacity + 16;
        closing->stale =
            esc_realloc_array(closing->stale, closing->stale_capacity, sizeof *closing->stale);
    }
    closing->stale[closing->stale_count++] = row->n;
    return ESC_OK;
}

static enum esc_status delete_stale(struct closing *closing, struct esc_list *removed,
                                    struct esc_error *err)
{
    enum esc_status status = ESC_OK;
    for (size_t i = 0; i < closing->stale_count && status == ESC_OK; i++) {
        if (removed)
            status = row_name_at(closing->store, ESTATE, closing->stale[i], removed, err);
        if (status == ESC_OK)
            status = row_delete_at(closing->store, closing->stale[i], err);
    }
    return status;
}

/* The record after this scan: complete scans replace it, incomplete ones stand beside it. */
static struct esc_json *record_of(const struct closing *closing, const struct esc_json *before)
{
    const struct esc_estate_cell *cell = closing->cell;
    struct esc_json *scan = esc_json_object();
    esc_json_set_text(scan, "sync", cell->sync_id);
    esc_json_set_int(scan, "at_ms", (int64_t)cell->at_ms);
    if (cell->complete)
        return scan;
    esc_json_set_str(scan, "seen", esc_buf_str(&closing->marks));
    struct esc_json *record = before ? esc_json_copy(before) : esc_json_object();
    esc_json_set(record, "partial", scan);
    return record;
}

/* The first record of a cell comes with its first row. */
static enum esc_status write_record(struct closing *closing, struct esc_error *err)
{
    ESC_CLEANUP(cell_records_freep) struct cell_records *records = NULL;
    enum esc_status status = cell_records_load_one(closing->store, closing->name, &records, err);
    if (status != ESC_OK)
        return status;
    const struct esc_json *before = esc_map_get(records->by_cell, esc_str_of(closing->name));
    if (!before && closing->count == 0)
        return ESC_OK; /* nothing is there and nothing ever was */
    ESC_CLEANUP(esc_json_freep) struct esc_json *record = record_of(closing, before);
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(record, ESC_JSON_COMPACT);
    const struct place place = {.collection = CELLS, .id = esc_str_of(closing->name)};
    const struct esc_str part = esc_str_of(text);
    cell_records_forget(closing->store, closing->name);
    return row_put(closing->store, &place, &part, 1, err);
}

static enum esc_status close_cell(struct closing *closing, struct esc_list *removed,
                                  struct esc_error *err)
{
    const struct walk walk = {.collection = ESTATE, .parent = esc_str_of(closing->name)};
    enum esc_status status = rows_walk_sealed(closing->store, &walk, sort_row, closing, err);
    if (status == ESC_OK && closing->cell->complete)
        status = delete_stale(closing, removed, err);
    if (status == ESC_OK)
        status = esc_buf_status(&closing->marks, "the marks of a cell", err);
    return status == ESC_OK ? write_record(closing, err) : status;
}

enum esc_status esc_store_cell_done(struct esc_store *store, const struct esc_estate_cell *cell,
                                    struct esc_list *removed, struct esc_error *err)
{
    struct write write;
    struct closing closing = {.store = store, .cell = cell};
    closing.name = cell_name(cell->account_id, cell->region, cell->resource_type);
    esc_buf_init(&closing.marks, ESC_MAX_RESPONSE);
    enum esc_status status = write_begin(store, &write, err);
    if (status == ESC_OK) {
        status = close_cell(&closing, removed, err);
        status = write_end(&write, status, err);
    }
    if (status == ESC_OK)
        seen_cell_free(esc_map_remove(store->seen, esc_str_of(closing.name)));
    esc_buf_done(&closing.marks);
    free(closing.stale);
    free(closing.name);
    return status;
}

enum esc_status esc_store_cell_again(struct esc_store *store, const struct esc_estate_cell *cell,
                                     struct esc_error *err)
{
    struct write write;
    ESC_CLEANUP(esc_freep)
    char *name = cell_name(cell->account_id, cell->region, cell->resource_type);
    struct closing closing = {.store = store, .cell = cell, .name = name};
    ESC_ASSERT(cell->complete);
    enum esc_status status = write_begin(store, &write, err);
    if (status == ESC_OK)
        status = write_end(&write, write_record(&closing, err), err);
    return status;
}
