/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/key_slots_private.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/store/joined_private.h"

enum {
    PARAMS_MAX = 4096,
    SEALED_MAX = 4096,
};

enum esc_status key_slot_insert(struct db *db, const struct slot *slot, uint64_t now_ms,
                                struct esc_error *err)
{
    static const char sql[] = "INSERT INTO slots (kek, kind, keyring, item, params, sealed,"
                              " created_ms) VALUES (?, ?, ?, ?, ?, ?, ?)";
    ESC_CLEANUP(db_releasep) struct db_statement *insert = NULL;
    ESC_CLEANUP(esc_freep)
    char *params = slot->params ? esc_json_print(slot->params, ESC_JSON_SORTED) : NULL;
    enum esc_status status = db_prepare(db, sql, &insert, err);
    if (status != ESC_OK)
        return status;
    db_bind_int(insert, 1, slot->kek);
    db_bind_text(insert, 2, slot->kind);
    if (slot->keyring)
        db_bind_text(insert, 3, slot->keyring);
    if (slot->item)
        db_bind_text(insert, 4, slot->item);
    if (params)
        db_bind_bytes(insert, 5, esc_str_of(params));
    if (slot->sealed.ptr)
        db_bind_bytes(insert, 6, slot->sealed);
    db_bind_int(insert, 7, (int64_t)now_ms);
    return db_execute(insert, err);
}

/* A statement that takes texts and gives nothing. */
static enum esc_status run_on(struct db *db, const char *sql, const char *first, const char *second,
                              struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *statement = NULL;
    enum esc_status status = db_prepare(db, sql, &statement, err);
    if (status != ESC_OK)
        return status;
    db_bind_text(statement, 1, first);
    if (second)
        db_bind_text(statement, 2, second);
    return db_execute(statement, err);
}

enum esc_status key_slots_delete(struct db *db, const char *kind, struct esc_error *err)
{
    return run_on(db, "DELETE FROM slots WHERE kind = ?", kind, NULL, err);
}

enum esc_status key_slots_become(struct db *db, const char *kind, const char *other,
                                 struct esc_error *err)
{
    return run_on(db, "UPDATE slots SET kind = ?2 WHERE kind = ?1", kind, other, err);
}

enum esc_status key_slots_drop_item(struct db *db, const char *kind, const char *item,
                                    struct esc_error *err)
{
    return run_on(db, "DELETE FROM slots WHERE kind = ? AND item = ?", kind, item, err);
}

static enum esc_status run_on_slot(struct db *db, const char *sql, int64_t slot,
                                   struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *statement = NULL;
    enum esc_status status = db_prepare(db, sql, &statement, err);
    if (status != ESC_OK)
        return status;
    db_bind_int(statement, 1, slot);
    return db_execute(statement, err);
}

enum esc_status key_slots_take_up(struct db *db, int64_t slot, struct esc_error *err)
{
    return run_on_slot(db, "UPDATE slots SET kind = 'keyring' WHERE slot = ?", slot, err);
}

enum esc_status key_slots_drop(struct db *db, int64_t slot, struct esc_error *err)
{
    return run_on_slot(db, "DELETE FROM slots WHERE slot = ?", slot, err);
}

static void set_text(struct esc_json *page, const char *name, struct esc_str text)
{
    if (text.len)
        esc_json_set_str(page, name, text);
}

static enum esc_status set_bytes(struct esc_json *page, const struct db_statement *row,
                                 struct esc_error *err)
{
    char hex[2 * SEALED_MAX + 1];
    const struct esc_str text = db_bytes(row, 4), sealed = db_bytes(row, 5);
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = NULL;
    if (sealed.len > SEALED_MAX || text.len > PARAMS_MAX ||
        (text.len && esc_json_parse(text, NULL, &params, NULL) != ESC_OK))
        return esc_fail(err, ESC_CORRUPT, "a key slot of the store is damaged");
    esc_json_set(page, "params", ESC_STEAL(params));
    if (sealed.len) {
        esc_hex(sealed.ptr, sealed.len, hex);
        esc_json_set_text(page, "sealed", hex);
    }
    return ESC_OK;
}

static enum esc_status row_page(const struct db_statement *row, const char *kind,
                                struct esc_json *rows, struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = esc_json_object();
    esc_json_set_int(page, "slot", db_int(row, 0));
    esc_json_set_text(page, "kind", kind);
    esc_json_set_int(page, "kek", db_int(row, 1));
    set_text(page, "keyring", db_bytes(row, 2));
    set_text(page, "item", db_bytes(row, 3));
    esc_json_set_int(page, "created_ms", db_int(row, 6));
    enum esc_status status = set_bytes(page, row, err);
    if (status == ESC_OK)
        esc_json_push(rows, ESC_STEAL(page));
    return status;
}

enum esc_status key_slots_read(struct db *db, const char *kind, struct esc_json **out,
                               struct esc_error *err)
{
    static const char sql[] = "SELECT slot, kek, keyring, item, params, sealed, created_ms"
                              " FROM slots WHERE kind = ? ORDER BY kek, slot";
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    ESC_CLEANUP(esc_json_freep) struct esc_json *rows = esc_json_array();
    bool is_row = true;
    enum esc_status status = db_prepare(db, sql, &select, err);
    if (status == ESC_OK)
        db_bind_text(select, 1, kind);
    while (status == ESC_OK && is_row) {
        status = db_step(select, &is_row, err);
        if (status == ESC_OK && is_row)
            status = row_page(select, kind, rows, err);
    }
    if (status == ESC_OK)
        *out = ESC_STEAL(rows);
    return status;
}

size_t key_item_base(const char *item)
{
    const char *end = strstr(item, " k");
    return end && esc_is_digit(end[2]) ? (size_t)(end - item) : strlen(item);
}

/* Prices */

struct esc_json *slot_price_page(struct esc_argon2 price, const uint8_t salt[ESC_ARGON2_SALT])
{
    char hex[2 * ESC_ARGON2_SALT + 1];
    struct esc_json *params = esc_json_object();
    esc_hex(salt, ESC_ARGON2_SALT, hex);
    esc_json_set_text(params, "kdf", "argon2id");
    esc_json_set_int(params, "passes", price.passes);
    esc_json_set_int(params, "memory_kib", price.memory_kib);
    esc_json_set_text(params, "salt", hex);
    return params;
}

bool slot_price_read(const struct esc_json *params, struct esc_argon2 *price,
                     uint8_t salt[ESC_ARGON2_SALT])
{
    const int64_t passes = esc_json_num(params, "passes", 0);
    const int64_t memory = esc_json_num(params, "memory_kib", 0);
    if (passes < 1 || passes > UINT16_MAX || memory < 1 || memory > INT32_MAX)
        return false;
    *price = (struct esc_argon2){(uint32_t)passes, (uint32_t)memory};
    return esc_text_equal(esc_json_str(params, "kdf", NULL), "argon2id") &&
           esc_hex_parse(esc_json_value(esc_json_member(params, "salt")), salt, ESC_ARGON2_SALT);
}
