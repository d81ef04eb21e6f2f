/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/header_private.h"

#include <string.h>

#include "escher/base/file.h"
#include "escher/crypt/derive.h"
#include "escher/crypt/digest.h"
#include "escher/store/joined_private.h"
#include "escher/store/key_slots_private.h"

/*
 * Everything in clear is in these columns; what they tell a thief is listed in
 * docs/internals/store.md. Numbers of keys are never used twice (AUTOINCREMENT), so that a row
 * of a destroyed key cannot come to fit another.
 *
 *     header  one row each: "id"
 *     keks    key-encryption keys by number, with their check values
 *     slots   where a KEK can be had: kind "keyring" names keyring and item; other kinds hold it
 *             sealed, with what is needed to open it in `params`
 *     keys    data keys wrapped by a KEK, by purpose (tag), owner and epoch; seals so far
 *     rows    sealed rows
 */
static const char first_format[] =
    "CREATE TABLE header (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE keks (kek INTEGER PRIMARY KEY, check_value BLOB NOT NULL,"
    " created_ms INTEGER NOT NULL) STRICT;"
    "CREATE TABLE slots (slot INTEGER PRIMARY KEY, kek INTEGER NOT NULL, kind TEXT NOT NULL,"
    " keyring TEXT, item TEXT, params BLOB, sealed BLOB, created_ms INTEGER NOT NULL) STRICT;"
    "CREATE TABLE keys (key_id INTEGER PRIMARY KEY AUTOINCREMENT, kek INTEGER NOT NULL,"
    " tag BLOB NOT NULL, owner BLOB NOT NULL, epoch INTEGER NOT NULL, seals INTEGER NOT NULL,"
    " wrapped BLOB NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX keys_purpose ON keys (tag, owner, epoch);"
    "CREATE TABLE rows (n INTEGER PRIMARY KEY, tag BLOB NOT NULL, id BLOB NOT NULL, parent BLOB,"
    " key_id INTEGER NOT NULL, version INTEGER NOT NULL, schema INTEGER NOT NULL,"
    " sealed BLOB NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX rows_id ON rows (id);"
    "CREATE INDEX rows_tag ON rows (tag);"
    "CREATE INDEX rows_parent ON rows (parent) WHERE parent IS NOT NULL;"
    "PRAGMA user_version = 1;";

/*
 * What each format adds to the one before it; a new store goes through all of them, so that it is
 * made like one that was brought up. A number rises when an older Escher must not write to what a
 * newer one made, even where the tables are the same.
 *
 *     2   segments of the estate (an older Escher would leave stale ones), the sealed state
 */
static const char *const formats[] = {
    first_format,
    "PRAGMA user_version = 2;",
};
static_assert(ESC_COUNT(formats) == STORE_FORMAT);

enum {
    APPLICATION_ID = 0x45534331 /* "ESC1" */
};

static struct esc_str uuid_bytes(const struct esc_uuid *uuid)
{
    return bytes_of(uuid->bytes, sizeof uuid->bytes);
}

void header_check_value(const struct esc_secret *kek, struct esc_uuid uuid, uint8_t out[CHECK_SIZE])
{
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *check = esc_derive(kek, "store check", uuid_bytes(&uuid), CHECK_SIZE);
    memcpy(out, esc_secret_view(check).ptr, CHECK_SIZE);
}

bool header_fits(const struct header *header, const struct esc_secret *key)
{
    uint8_t check[CHECK_SIZE];
    header_check_value(key, header->uuid, check);
    return esc_equal_constant_time(check, header->check, CHECK_SIZE);
}

static enum esc_status write_id(struct db *db, const struct header *header, struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *insert = NULL;
    enum esc_status status =
        db_prepare(db, "INSERT INTO header (name, value) VALUES ('id', ?)", &insert, err);
    if (status != ESC_OK)
        return status;
    db_bind_bytes(insert, 1, uuid_bytes(&header->uuid));
    return db_execute(insert, err);
}

enum esc_status header_write_kek(struct db *db, const struct header *header, uint64_t now_ms,
                                 struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *insert = NULL;
    enum esc_status status = db_prepare(
        db, "INSERT INTO keks (kek, check_value, created_ms) VALUES (?, ?, ?)", &insert, err);
    if (status != ESC_OK)
        return status;
    db_bind_int(insert, 1, header->kek);
    db_bind_bytes(insert, 2, bytes_of(header->check, CHECK_SIZE));
    db_bind_int(insert, 3, (int64_t)now_ms);
    return db_execute(insert, err);
}

enum esc_status header_bring_up(struct db *db, unsigned format, struct esc_error *err)
{
    enum esc_status status = ESC_OK;
    for (; format < STORE_FORMAT && status == ESC_OK; format++)
        status = db_run(db, formats[format], err);
    return status;
}

enum esc_status header_make_tables(struct db *db, struct esc_error *err)
{
    enum esc_status status = header_bring_up(db, 0, err);
    return status == ESC_OK ? db_run(db, "PRAGMA application_id = 0x45534331", err) : status;
}

enum esc_status header_write(struct db *db, const struct header *header, uint64_t now_ms,
                             struct esc_error *err)
{
    enum esc_status status = header_make_tables(db, err);
    if (status == ESC_OK)
        status = write_id(db, header, err);
    if (status == ESC_OK)
        status = header_write_kek(db, header, now_ms, err);
    return status;
}

/* The one row of a query, checked by @p take, which answers false for a value that cannot be. */
static enum esc_status read_row(struct db *db, const char *sql, struct header *header,
                                bool (*take)(const struct db_statement *, struct header *),
                                struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    bool is_row = false;
    enum esc_status status = db_prepare(db, sql, &select, err);
    if (status == ESC_OK)
        status = db_step(select, &is_row, err);
    if (status == ESC_OK && (!is_row || !take(select, header)))
        return esc_fail(err, ESC_CORRUPT, "the head of the store is damaged");
    return status;
}

static bool take_number(const struct db_statement *row, struct header *header)
{
    header->format = (unsigned)db_int(row, 0);
    return true;
}

static bool take_id(const struct db_statement *row, struct header *header)
{
    struct esc_str id = db_bytes(row, 0);
    if (id.len != sizeof header->uuid.bytes)
        return false;
    memcpy(header->uuid.bytes, id.ptr, id.len);
    return true;
}

static bool take_kek(const struct db_statement *row, struct header *header)
{
    struct esc_str check = db_bytes(row, 1);
    header->kek = db_int(row, 0);
    if (header->kek < 1 || check.len != CHECK_SIZE)
        return false;
    memcpy(header->check, check.ptr, check.len);
    return true;
}

static bool take_text(struct esc_str text, char *out, size_t size)
{
    if (!text.len || text.len >= size)
        return false;
    memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
    return true;
}

static bool take_slot(const struct db_statement *row, struct header *header)
{
    return take_text(db_bytes(row, 0), header->keyring, sizeof header->keyring) &&
           take_text(db_bytes(row, 1), header->key_name, sizeof header->key_name) &&
           mixed_read(db_bytes(row, 2), db_bytes(row, 3), &header->mixed);
}

/* That the file is a store, and one that this program understands. */
static enum esc_status check_kind(struct db *db, struct header *header, struct esc_error *err)
{
    enum esc_status status = read_row(db, "PRAGMA application_id", header, take_number, err);
    if (status != ESC_OK)
        return status;
    if (header->format != APPLICATION_ID)
        return esc_fail(err, ESC_CORRUPT, "the file is not a store of Escher");
    status = read_row(db, "PRAGMA user_version", header, take_number, err);
    if (status == ESC_OK && header->format > STORE_FORMAT)
        return esc_fail(err, ESC_CONFLICT, "the store was written by a newer Escher (format %u)",
                        header->format);
    if (status == ESC_OK && header->format < 1)
        return esc_fail(err, ESC_CORRUPT, "the head of the store is damaged");
    return status;
}

enum esc_status header_read(struct db *db, struct header *out, struct esc_error *err)
{
    struct header header = {0};
    enum esc_status status = check_kind(db, &header, err);
    if (status == ESC_OK)
        status = read_row(db, "SELECT value FROM header WHERE name = 'id'", &header, take_id, err);
    if (status == ESC_OK)
        status = read_row(db, "SELECT kek, check_value FROM keks ORDER BY kek DESC LIMIT 1",
                          &header, take_kek, err);
    if (status == ESC_OK)
        status = read_row(db,
                          "SELECT keyring, item, params, sealed FROM slots"
                          " WHERE kind = 'keyring'"
                          " ORDER BY kek DESC, slot DESC LIMIT 1",
                          &header, take_slot, err);
    if (status == ESC_OK)
        *out = header;
    return status;
}

enum esc_status header_peek(const char *path, struct header *out, struct esc_error *err)
{
    if (!esc_file_exists(path))
        return esc_fail(err, ESC_NOT_FOUND, "there is no store at %s", path);
    ESC_CLEANUP(db_closep) struct db *db = NULL;
    enum esc_status status = db_open(path, DB_PEEK, &db, err);
    return status == ESC_OK ? header_read(db, out, err) : status;
}

enum esc_status esc_store_peek(const char *path, struct esc_store_peek *out, struct esc_error *err)
{
    struct header header;
    enum esc_status status = header_peek(path, &header, err);
    if (status != ESC_OK)
        return status;
    *out = (struct esc_store_peek){.format = header.format};
    esc_uuid_format(header.uuid, out->id);
    memcpy(out->keyring, header.keyring, sizeof out->keyring);
    memcpy(out->key_name, header.key_name, sizeof out->key_name);
    out->wants_passphrase = header.mixed.is_used;
    return ESC_OK;
}
