/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/crypt/derive.h"
#include "escher/store/collections_private.h"
#include "escher/store/key_slots_private.h"
#include "escher/store/rotation_private.h"
#include "escher/store/store_private.h"

/*
 * The header's row `rotation`: {"state", "began_ms", "sealed_ms", "sealed", "rows", "unreadable",
 * "retired": the last key that seals no more, "cursor": the last row that was looked at}. It stays
 * for ever: a retired key that is left must never seal again.
 */

enum {
    STEP_BYTES = 1024 * 1024, /* sealed in one step, about */
    NAME_SIZE = 40,
};

struct progress {
    struct esc_rotation public;
    int64_t retired, cursor;
};

static const char *const state_texts[] = {"none", "sealing", "sealed", "over"};

const char *esc_rotation_text(enum esc_rotation_state state)
{
    return state_texts[state];
}

/* The row */

static enum esc_status read_progress(struct db *db, struct progress *out, struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    ESC_CLEANUP(esc_json_freep) struct esc_json *row = NULL;
    bool is_row = false;
    *out = (struct progress){0};
    enum esc_status status =
        db_prepare(db, "SELECT value FROM header WHERE name = 'rotation'", &select, err);
    if (status == ESC_OK)
        status = db_step(select, &is_row, err);
    if (status != ESC_OK || !is_row)
        return status;
    if (esc_json_parse(db_bytes(select, 0), NULL, &row, NULL) != ESC_OK)
        return esc_fail(err, ESC_CORRUPT, "the head of the store is damaged");
    for (size_t i = 0; i < ESC_COUNT(state_texts); i++)
        if (esc_text_equal(esc_json_str(row, "state", NULL), state_texts[i]))
            out->public.state = (enum esc_rotation_state)i;
    out->public.began_ms = (uint64_t)esc_json_num(row, "began_ms", 0);
    out->public.sealed_ms = (uint64_t)esc_json_num(row, "sealed_ms", 0);
    out->public.sealed = (uint64_t)esc_json_num(row, "sealed", 0);
    out->public.rows = (uint64_t)esc_json_num(row, "rows", 0);
    out->public.unreadable = (uint64_t)esc_json_num(row, "unreadable", 0);
    out->retired = esc_json_num(row, "retired", 0);
    out->cursor = esc_json_num(row, "cursor", 0);
    return ESC_OK;
}

static enum esc_status write_progress(struct db *db, const struct progress *progress,
                                      struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *put = NULL;
    ESC_CLEANUP(esc_json_freep) struct esc_json *row = esc_json_object();
    esc_json_set_text(row, "state", state_texts[progress->public.state]);
    esc_json_set_int(row, "began_ms", (int64_t)progress->public.began_ms);
    esc_json_set_int(row, "sealed_ms", (int64_t)progress->public.sealed_ms);
    esc_json_set_int(row, "sealed", (int64_t)progress->public.sealed);
    esc_json_set_int(row, "rows", (int64_t)progress->public.rows);
    esc_json_set_int(row, "unreadable", (int64_t)progress->public.unreadable);
    esc_json_set_int(row, "retired", progress->retired);
    esc_json_set_int(row, "cursor", progress->cursor);
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(row, ESC_JSON_COMPACT);
    enum esc_status status = db_prepare(
        db, "INSERT OR REPLACE INTO header (name, value) VALUES ('rotation', ?)", &put, err);
    if (status != ESC_OK)
        return status;
    db_bind_bytes(put, 1, esc_str_of(text));
    return db_execute(put, err);
}

static enum esc_status read_number(struct db *db, const char *sql, int64_t parameter, int64_t *out,
                                   struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    bool is_row = false;
    enum esc_status status = db_prepare(db, sql, &select, err);
    if (status != ESC_OK)
        return status;
    db_bind_int(select, 1, parameter);
    status = db_step(select, &is_row, err);
    if (status == ESC_OK && is_row)
        *out = db_int(select, 0);
    return status;
}

/* Beginning */

enum esc_status rotation_load(struct esc_store *store, struct esc_error *err)
{
    struct progress progress;
    enum esc_status status = read_progress(store->db, &progress, err);
    if (status == ESC_OK)
        keys_retire(store->keys, progress.retired);
    return status;
}

enum esc_status rotation_begin(struct esc_store *store, int64_t *retired, struct esc_error *err)
{
    int64_t rows = 0;
    struct progress progress = {.public.state = ESC_ROTATION_SEALING,
                                .public.began_ms = esc_clock_wall_ms(store->clock)};
    enum esc_status status = read_number(store->db, "SELECT max(key_id) FROM keys WHERE key_id > ?",
                                         0, &progress.retired, err);
    if (status == ESC_OK)
        status = read_number(store->db, "SELECT count(*) FROM rows WHERE n > ?", 0, &rows, err);
    progress.public.rows = (uint64_t)rows;
    if (status == ESC_OK)
        status = write_progress(store->db, &progress, err);
    *retired = progress.retired;
    return status;
}

enum esc_status esc_store_rotation(struct esc_store *store, struct esc_rotation *out,
                                   struct esc_error *err)
{
    struct progress progress;
    enum esc_status status = read_progress(store->db, &progress, err);
    if (status == ESC_OK)
        *out = progress.public;
    return status;
}

/* Stepping */

/* The next row under a retired key; progress->cursor stays where it is when there is none. */
static enum esc_status seal_next(struct esc_store *store, const struct collection_names *names,
                                 struct progress *progress, bool *is_end, size_t *bytes,
                                 struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    bool is_row = false;
    enum esc_status status =
        db_prepare(store->db,
                   "SELECT " ROW_COLUMNS ", tag FROM rows WHERE n > ? AND key_id <= ?"
                   " ORDER BY n LIMIT 1",
                   &select, err);
    if (status != ESC_OK)
        return status;
    db_bind_int(select, 1, progress->cursor);
    db_bind_int(select, 2, progress->retired);
    status = db_step(select, &is_row, err);
    *is_end = !is_row;
    if (status != ESC_OK || !is_row)
        return status;
    progress->cursor = db_int(select, 0);
    *bytes += db_bytes(select, 6).len;
    const char *name = collections_name(names, db_bytes(select, 7));
    status = name ? row_reseal(store, name, select, err) : ESC_CORRUPT;
    progress->public.sealed += status == ESC_OK;
    progress->public.unreadable += status == ESC_CORRUPT;
    return status == ESC_CORRUPT ? ESC_OK : status;
}

static enum esc_status seal_some(struct esc_store *store, size_t rows, struct progress *progress,
                                 struct esc_error *err)
{
    struct collection_names *names = NULL;
    bool is_end = false;
    size_t bytes = 0;
    enum esc_status status = collections_names_load(store, &names, err);
    for (size_t i = 0; i < rows && bytes < STEP_BYTES && status == ESC_OK && !is_end; i++)
        status = seal_next(store, names, progress, &is_end, &bytes, err);
    collections_names_free(names);
    if (status == ESC_OK && is_end) {
        progress->public.state = ESC_ROTATION_SEALED;
        progress->public.sealed_ms = esc_clock_wall_ms(store->clock);
    }
    return status == ESC_OK ? write_progress(store->db, progress, err) : status;
}

enum esc_status esc_store_rotation_step(struct esc_store *store, size_t rows,
                                        struct esc_rotation *out, struct esc_error *err)
{
    struct write write;
    struct progress progress;
    enum esc_status status = read_progress(store->db, &progress, err);
    if (status == ESC_OK && progress.public.state == ESC_ROTATION_SEALING) {
        status = write_begin(store, &write, err);
        if (status == ESC_OK)
            status = write_end(&write, seal_some(store, rows, &progress, err), err);
    }
    if (status == ESC_OK && out)
        *out = progress.public;
    return status;
}

/* Dropping what is old */

static enum esc_status run_with(struct db *db, const char *sql, int64_t parameter,
                                struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *statement = NULL;
    enum esc_status status = db_prepare(db, sql, &statement, err);
    if (status != ESC_OK)
        return status;
    db_bind_int(statement, 1, parameter);
    return db_execute(statement, err);
}

static enum esc_status drop(struct esc_store *store, struct progress *progress,
                            struct esc_error *err)
{
    /* Secrets have no later epoch; a data key that still has rows is kept with them. */
    static const char keys[] =
        "DELETE FROM keys WHERE key_id <= ? AND EXISTS (SELECT 1 FROM keys AS later"
        " WHERE later.tag = keys.tag AND later.owner = keys.owner AND later.epoch > keys.epoch)"
        " AND key_id NOT IN (SELECT DISTINCT key_id FROM rows)";
    enum esc_status status = run_with(store->db, keys, progress->retired, err);
    if (status == ESC_OK)
        status = key_slots_become(store->db, SLOT_FORMER, SLOT_LEAVING, err);
    progress->public.state = ESC_ROTATION_OVER;
    return status == ESC_OK ? write_progress(store->db, progress, err) : status;
}

enum esc_status esc_store_drop_old_keys(struct esc_store *store, int64_t backup_kek,
                                        struct esc_error *err)
{
    struct write write;
    struct progress progress;
    enum esc_status status = read_progress(store->db, &progress, err);
    if (status != ESC_OK || progress.public.state != ESC_ROTATION_SEALED ||
        backup_kek != keys_wrapper(store->keys)->kek)
        return status;
    store->wants_scrub = true; /* what is dropped must not stay readable in the log */
    status = write_begin(store, &write, err);
    if (status == ESC_OK)
        status = write_end(&write, drop(store, &progress, err), err);
    if (status == ESC_OK)
        keys_forget(store->keys);
    return status;
}

/* Below earlier KEKs: what keys outside of the store come from, and what wrapped the keys. Backups
 * of that time are opened with both. */

static const char *name_of(const char *what, int64_t kek, char out[NAME_SIZE])
{
    (void)snprintf(out, NAME_SIZE, "%s %" PRId64, what, kek);
    return out;
}

enum esc_status rotation_keep_old(struct esc_store *store, struct esc_error *err)
{
    char name[NAME_SIZE];
    const struct wrapper *wrapper = keys_wrapper(store->keys);
    enum esc_status status = keys_secret_keep(store->keys, name_of("outside", wrapper->kek, name),
                                              wrapper->outside, err);
    if (status == ESC_OK)
        status =
            keys_secret_keep(store->keys, name_of("wrap", wrapper->kek, name), wrapper->wrap, err);
    return status;
}

static enum esc_status open_old(struct esc_store *store, const char *what, int64_t kek,
                                struct esc_secret **out, struct esc_error *err)
{
    char name[NAME_SIZE];
    enum esc_status status = keys_secret_open(store->keys, name_of(what, kek, name), out, err);
    return status == ESC_NOT_FOUND
               ? esc_fail(err, status, "key %" PRId64 " was never a key of this store", kek)
               : status;
}

enum esc_status rotation_wrap_of(struct esc_store *store, int64_t kek, struct esc_secret **out,
                                 struct esc_error *err)
{
    if (kek != keys_wrapper(store->keys)->kek)
        return open_old(store, "wrap", kek, out, err);
    *out = keys_wrap(store->keys);
    return ESC_OK;
}

enum esc_status rotation_check_of(struct esc_store *store, int64_t kek, uint8_t out[CHECK_SIZE],
                                  struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    bool is_row = false;
    enum esc_status status =
        db_prepare(store->db, "SELECT check_value FROM keks WHERE kek = ?", &select, err);
    if (status != ESC_OK)
        return status;
    db_bind_int(select, 1, kek);
    status = db_step(select, &is_row, err);
    if (status == ESC_OK && (!is_row || db_bytes(select, 0).len != CHECK_SIZE))
        return esc_fail(err, ESC_NOT_FOUND, "key %" PRId64 " was never a key of this store", kek);
    if (status == ESC_OK)
        memcpy(out, db_bytes(select, 0).ptr, CHECK_SIZE);
    return status;
}

enum esc_status esc_store_old_kek_derive(struct esc_store *store, int64_t kek, const char *purpose,
                                         struct esc_str context, size_t size,
                                         struct esc_secret **out, struct esc_error *err)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *old = NULL;
    const struct wrapper *wrapper = keys_wrapper(store->keys);
    const enum esc_status status =
        kek == wrapper->kek ? ESC_OK : open_old(store, "outside", kek, &old, err);
    if (status == ESC_OK)
        *out = esc_derive(old ? old : wrapper->outside, purpose, context, size);
    return status;
}
