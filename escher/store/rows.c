/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/rows_private.h"

#include <string.h>

#include "escher/base/assert.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/store/blocks_private.h"
#include "escher/store/collections_private.h"
#include "escher/store/estate_private.h"
#include "escher/store/joined_private.h"

enum {
    PLAIN_MAX = ESC_MAX_JSON - ESC_SEAL_OVERHEAD - ROW_PADDING,
    LABEL_MAX = 512,
    BLIND_TEXT = 2 * BLIND_SIZE + 1,
};

void plain_done(struct esc_buf *buf)
{
    if (buf->len)
        esc_wipe(buf->ptr, buf->len);
    esc_buf_done(buf);
}

void row_init(struct row *row)
{
    *row = (struct row){0};
    esc_buf_init(&row->plain, PLAIN_MAX);
}

void row_done(struct row *row)
{
    plain_done(&row->plain);
}

struct row_clear row_clear_of(const struct esc_store *store, const struct place *place)
{
    struct row_clear clear = {.schema = ROW_SCHEMA};
    clear.tag = keys_tag(store->keys, place->collection);
    clear.id = keys_blind(store->keys, "id", place->collection, place->id);
    clear.has_parent = place->parent.ptr != NULL;
    if (clear.has_parent)
        clear.parent = keys_blind(store->keys, "parent", place->collection, place->parent);
    return clear;
}

static void add_label(const struct esc_store *store, const char *collection,
                      const struct row_clear *clear, struct esc_buf *out)
{
    esc_buf_init(out, LABEL_MAX);
    piece_add(out, ESC_STR("escher1"));
    piece_add(out, bytes_of(store->uuid.bytes, sizeof store->uuid.bytes));
    piece_add(out, esc_str_of(collection));
    piece_add(out, bytes_of(clear->id.bytes, BLIND_SIZE));
    piece_add(out, bytes_of(clear->parent.bytes, clear->has_parent ? BLIND_SIZE : 0));
    piece_add_number(out, clear->version);
    piece_add_number(out, clear->key_id);
    piece_add_number(out, clear->schema);
    ESC_ASSERT(out->status == ESC_OK);
}

/* Sealing */

static void add_plain(struct esc_str name, const struct esc_str *parts, size_t part_count,
                      struct esc_buf *out)
{
    static const char zeros[ROW_PADDING];
    char len[4] = {0};
    esc_buf_init(out, PLAIN_MAX);
    esc_buf_append(out, len, sizeof len);
    piece_add(out, name);
    for (size_t i = 0; i < part_count; i++)
        piece_add(out, parts[i]);
    if (out->status == ESC_OK)
        esc_store_u32(out->ptr, (uint32_t)(out->len - sizeof len));
    size_t over = out->len % ROW_PADDING;
    if (over)
        esc_buf_append(out, zeros, ROW_PADDING - over);
}

enum esc_status row_seal(struct esc_store *store, const struct place *place,
                         const struct esc_str *parts, size_t part_count, struct row_clear *clear,
                         struct esc_buf *sealed, struct esc_error *err)
{
    struct data_key *key = NULL;
    struct blind owner;
    bool has_owner = place->owner.ptr != NULL;
    if (has_owner)
        owner = keys_blind(store->keys, "owner", "chat_history", place->owner);
    const struct tag tag = has_owner ? keys_tag(store->keys, "chat_history") : clear->tag;
    enum esc_status status =
        keys_for_sealing(store->keys, tag, has_owner ? &owner : NULL, &key, err);
    if (status != ESC_OK)
        return status;
    const bool is_first = key->epoch == 1 && key->seals == 1 && !has_owner;
    struct esc_buf label, plain;
    clear->key_id = key->id;
    add_label(store, place->collection, clear, &label);
    add_plain(place->id, parts, part_count, &plain);
    status = esc_buf_status(&plain, "row", err);
    if (status == ESC_OK)
        esc_sealer_seal(key->sealer, store->random, esc_buf_str(&label), esc_buf_str(&plain),
                        sealed);
    plain_done(&plain);
    esc_buf_done(&label);
    if (status == ESC_OK && is_first)
        status = collections_note(store, place->collection, err);
    return status;
}

/* The row that stands there: its n and version; n is 0 when there is none. */
static enum esc_status look_up(struct esc_store *store, const struct blind *id, int64_t *n,
                               int64_t *version, struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    bool is_row = false;
    enum esc_status status =
        db_prepare(store->db, "SELECT n, version FROM rows WHERE id = ?", &select, err);
    if (status != ESC_OK)
        return status;
    db_bind_bytes(select, 1, bytes_of(id->bytes, BLIND_SIZE));
    status = db_step(select, &is_row, err);
    if (status != ESC_OK)
        return status;
    *n = is_row ? db_int(select, 0) : 0;
    *version = is_row ? db_int(select, 1) : 0;
    return ESC_OK;
}

static enum esc_status write_row(struct esc_store *store, int64_t n, const struct row_clear *clear,
                                 struct esc_str sealed, struct esc_error *err)
{
    static const char insert[] =
        "INSERT INTO rows (tag, id, parent, key_id, version, schema, sealed)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    static const char update[] =
        "UPDATE rows SET tag = ?1, id = ?2, parent = ?3, key_id = ?4, version = ?5, schema = ?6,"
        " sealed = ?7 WHERE n = ?8";
    ESC_CLEANUP(db_releasep) struct db_statement *statement = NULL;
    enum esc_status status = db_prepare(store->db, n ? update : insert, &statement, err);
    if (status != ESC_OK)
        return status;
    db_bind_bytes(statement, 1, bytes_of(clear->tag.bytes, TAG_SIZE));
    db_bind_bytes(statement, 2, bytes_of(clear->id.bytes, BLIND_SIZE));
    if (clear->has_parent)
        db_bind_bytes(statement, 3, bytes_of(clear->parent.bytes, BLIND_SIZE));
    else
        db_bind_null(statement, 3);
    db_bind_int(statement, 4, clear->key_id);
    db_bind_int(statement, 5, clear->version);
    db_bind_int(statement, 6, clear->schema);
    db_bind_bytes(statement, 7, sealed);
    if (n)
        db_bind_int(statement, 8, n);
    return db_execute(statement, err);
}

static bool is_estate(const struct place *place)
{
    return strcmp(place->collection, ESTATE) == 0;
}

enum esc_status row_put(struct esc_store *store, const struct place *place,
                        const struct esc_str *parts, size_t part_count, struct esc_error *err)
{
    ESC_ASSERT(part_count < ROW_PARTS);
    struct row_clear clear = row_clear_of(store, place);
    struct esc_buf sealed;
    int64_t n = 0, version = 0;
    enum esc_status status = look_up(store, &clear.id, &n, &version, err);
    if (status != ESC_OK)
        return status;
    clear.version = (int64_t)((uint64_t)version + 1); /* a damaged number may wrap, and may */
    esc_buf_init(&sealed, ESC_MAX_JSON);
    status = row_seal(store, place, parts, part_count, &clear, &sealed, err);
    if (status == ESC_OK)
        status = esc_buf_status(&sealed, "row", err);
    if (status == ESC_OK)
        status = write_row(store, n, &clear, esc_buf_str(&sealed), err);
    if (status == ESC_OK && is_estate(place))
        blocks_touch(store, n ? n : db_last_id(store->db), n && place->vector_stays);
    esc_buf_done(&sealed);
    return status;
}

/* Opening */

static bool take_parts(struct row *row)
{
    struct esc_str rest = esc_buf_str(&row->plain);
    if (rest.len < 4 || esc_load_u32(rest.ptr) > rest.len - 4)
        return false;
    rest = esc_str_slice(rest, 4, 4 + (size_t)esc_load_u32(rest.ptr));
    for (row->part_count = 0; rest.len; row->part_count++)
        if (row->part_count == ROW_PARTS || !piece_take(&rest, &row->parts[row->part_count]))
            return false;
    return row->part_count > 0;
}

static enum esc_status damaged(const char *collection, const struct blind *id,
                               const struct esc_error *why, struct esc_error *err)
{
    char text[BLIND_TEXT];
    esc_hex(id->bytes, BLIND_SIZE, text);
    return esc_fail(err, ESC_CORRUPT, "row %s of %s: %s", text, collection, why->message);
}

static bool read_clear(const struct db_statement *select, struct row *row, struct row_clear *clear)
{
    struct esc_str id = db_bytes(select, 1), parent = db_bytes(select, 2);
    row->n = db_int(select, 0);
    if (id.len != BLIND_SIZE || (parent.len != 0 && parent.len != BLIND_SIZE))
        return false;
    memcpy(row->id.bytes, id.ptr, BLIND_SIZE);
    clear->id = row->id;
    clear->has_parent = parent.len != 0;
    if (clear->has_parent)
        memcpy(clear->parent.bytes, parent.ptr, BLIND_SIZE);
    clear->key_id = row->key_id = db_int(select, 3);
    clear->version = row->version = db_int(select, 4);
    clear->schema = row->schema = db_int(select, 5);
    return true;
}

enum esc_status row_unseal(struct esc_store *store, const char *collection,
                           const struct row_clear *clear, struct esc_str sealed, struct row *row,
                           struct esc_error *err)
{
    struct data_key *key = NULL;
    struct esc_buf label;
    struct esc_error why;
    plain_done(&row->plain);
    row_init(row);
    enum esc_status status = keys_for_opening(store->keys, clear->key_id, &key, &why);
    if (status != ESC_OK && status != ESC_CORRUPT)
        return esc_fail(err, status, "%s", why.message);
    if (status == ESC_OK) {
        add_label(store, collection, clear, &label);
        status = esc_sealer_unseal(key->sealer, esc_buf_str(&label), sealed, &row->plain, &why);
        esc_buf_done(&label);
    }
    if (status == ESC_OK && !take_parts(row))
        status = esc_fail(&why, ESC_CORRUPT, "its parts are damaged");
    return status == ESC_OK ? ESC_OK : damaged(collection, &clear->id, &why, err);
}

enum esc_status row_open(struct esc_store *store, const char *collection,
                         const struct db_statement *select, struct row *row, struct esc_error *err)
{
    struct row_clear clear = {0};
    struct row columns = {0};
    const struct esc_error why = {.message = "its columns are damaged"};
    if (!read_clear(select, &columns, &clear))
        return damaged(collection, &columns.id, &why, err);
    const enum esc_status status =
        row_unseal(store, collection, &clear, db_bytes(select, 6), row, err);
    row->n = columns.n;
    row->id = columns.id;
    row->key_id = columns.key_id;
    row->version = columns.version;
    row->schema = columns.schema;
    return status;
}

static enum esc_status replace_sealed(struct esc_store *store, int64_t n, int64_t key_id,
                                      struct esc_str sealed, struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *update = NULL;
    enum esc_status status =
        db_prepare(store->db, "UPDATE rows SET key_id = ?, sealed = ? WHERE n = ?", &update, err);
    if (status != ESC_OK)
        return status;
    db_bind_int(update, 1, key_id);
    db_bind_bytes(update, 2, sealed);
    db_bind_int(update, 3, n);
    return db_execute(update, err);
}

static enum esc_status reseal(struct esc_store *store, const char *collection,
                              const struct db_statement *select, const struct row *row,
                              struct esc_error *err)
{
    struct row same;
    struct row_clear clear = {0};
    struct data_key *key = NULL;
    struct esc_buf label, sealed;
    if (!read_clear(select, &same, &clear))
        return esc_fail(err, ESC_CORRUPT, "a row's columns are damaged");
    enum esc_status status = keys_for_opening(store->keys, clear.key_id, &key, err);
    if (status != ESC_OK)
        return status;
    const struct blind owner = key->owner;
    status = keys_for_sealing(store->keys, key->tag, &owner, &key, err);
    if (status != ESC_OK)
        return status;
    clear.key_id = key->id;
    add_label(store, collection, &clear, &label);
    esc_buf_init(&sealed, ESC_MAX_JSON);
    esc_sealer_seal(key->sealer, store->random, esc_buf_str(&label), esc_buf_str(&row->plain),
                    &sealed);
    status = esc_buf_status(&sealed, "row", err);
    if (status == ESC_OK)
        status = replace_sealed(store, row->n, key->id, esc_buf_str(&sealed), err);
    esc_buf_done(&label);
    esc_buf_done(&sealed);
    return status;
}

enum esc_status row_reseal(struct esc_store *store, const char *collection,
                           const struct db_statement *select, struct esc_error *err)
{
    struct row row;
    row_init(&row);
    enum esc_status status = row_open(store, collection, select, &row, err);
    if (status == ESC_OK)
        status = reseal(store, collection, select, &row, err);
    row_done(&row);
    return status;
}

bool row_read_sealed(const struct db_statement *select, struct row *row)
{
    struct row_clear clear;
    return read_clear(select, row, &clear);
}

enum esc_status row_get(struct esc_store *store, const struct place *place, struct row *row,
                        struct esc_error *err)
{
    const struct row_clear clear = row_clear_of(store, place);
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    bool is_row = false;
    enum esc_status status =
        db_prepare(store->db, "SELECT " ROW_COLUMNS " FROM rows WHERE id = ?", &select, err);
    if (status != ESC_OK)
        return status;
    db_bind_bytes(select, 1, bytes_of(clear.id.bytes, BLIND_SIZE));
    status = db_step(select, &is_row, err);
    if (status == ESC_OK && !is_row)
        return esc_fail(err, ESC_NOT_FOUND, "no `%.*s` in %s", ESC_STR_ARG(place->id),
                        place->collection);
    if (status == ESC_OK)
        status = row_open(store, place->collection, select, row, err);
    return status == ESC_CORRUPT
               ? esc_wrap(err, status, "`%.*s`", ESC_STR_ARG(esc_str_slice(place->id, 0, 80)))
               : status;
}

enum esc_status row_name_at(struct esc_store *store, const char *collection, int64_t n,
                            struct esc_list *names, struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    struct row row;
    bool is_row = false;
    enum esc_status status =
        db_prepare(store->db, "SELECT " ROW_COLUMNS " FROM rows WHERE n = ?", &select, err);
    if (status != ESC_OK)
        return status;
    db_bind_int(select, 1, n);
    row_init(&row);
    status = db_step(select, &is_row, err);
    if (status == ESC_OK && is_row)
        status = row_open(store, collection, select, &row, err);
    if (status == ESC_OK && is_row)
        esc_list_push(names, esc_str_dup(row.parts[0]));
    row_done(&row);
    return status == ESC_CORRUPT ? ESC_OK : status;
}

enum esc_status row_exists(struct esc_store *store, const struct place *place, bool *out,
                           struct esc_error *err)
{
    int64_t n = 0, version;
    const struct row_clear clear = row_clear_of(store, place);
    enum esc_status status = look_up(store, &clear.id, &n, &version, err);
    if (status == ESC_OK)
        *out = n != 0;
    return status;
}

/* Deleting and counting: one statement with one parameter of bytes. */
static enum esc_status run_on(struct esc_store *store, const char *sql, struct esc_str bytes,
                              int64_t *number, struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *statement = NULL;
    bool is_row = false;
    enum esc_status status = db_prepare(store->db, sql, &statement, err);
    if (status != ESC_OK)
        return status;
    db_bind_bytes(statement, 1, bytes);
    status = db_step(statement, &is_row, err);
    if (status == ESC_OK && is_row && number)
        *number = db_int(statement, 0);
    return status;
}

enum esc_status row_delete(struct esc_store *store, const struct place *place,
                           struct esc_error *err)
{
    const struct row_clear clear = row_clear_of(store, place);
    int64_t n = 0, version;
    enum esc_status status = ESC_OK;
    if (is_estate(place))
        status = look_up(store, &clear.id, &n, &version, err);
    if (status != ESC_OK)
        return status;
    if (n)
        blocks_touch(store, n, false);
    return run_on(store, "DELETE FROM rows WHERE id = ?", bytes_of(clear.id.bytes, BLIND_SIZE),
                  NULL, err);
}

enum esc_status row_delete_at(struct esc_store *store, int64_t n, struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *delete = NULL;
    enum esc_status status = db_prepare(store->db, "DELETE FROM rows WHERE n = ?", &delete, err);
    if (status != ESC_OK)
        return status;
    db_bind_int(delete, 1, n);
    blocks_touch(store, n, false);
    return db_execute(delete, err);
}

enum esc_status rows_delete_children(struct esc_store *store, const char *collection,
                                     struct esc_str parent, struct esc_error *err)
{
    const struct blind blind = keys_blind(store->keys, "parent", collection, parent);
    ESC_ASSERT(strcmp(collection, ESTATE) != 0); /* its blocks would not hear of it */
    return run_on(store, "DELETE FROM rows WHERE parent = ?", bytes_of(blind.bytes, BLIND_SIZE),
                  NULL, err);
}

enum esc_status rows_count(struct esc_store *store, const char *collection, size_t *out,
                           struct esc_error *err)
{
    const struct tag tag = keys_tag(store->keys, collection);
    int64_t count = 0;
    enum esc_status status = run_on(store, "SELECT count(*) FROM rows WHERE tag = ?",
                                    bytes_of(tag.bytes, TAG_SIZE), &count, err);
    if (status == ESC_OK)
        *out = (size_t)count;
    return status;
}
