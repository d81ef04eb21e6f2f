/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/collections_private.h"
#include "escher/store/key_change.h"
#include "escher/store/key_slots_private.h"
#include "escher/store/rotation_private.h"
#include "escher/store/store_private.h"

/* What can be said about the keys of an open store. */

/* The slot that opens. */
static enum esc_status add_slot(struct esc_store *store, struct esc_json *page,
                                struct esc_error *err)
{
    struct header header;
    ESC_CLEANUP(esc_json_freep) struct esc_json *codes = NULL;
    enum esc_status status = header_read(store->db, &header, err);
    if (status == ESC_OK)
        status = key_slots_read(store->db, SLOT_RECOVERY, &codes, err);
    if (status != ESC_OK)
        return status;
    esc_json_set_int(page, "kek", header.kek);
    esc_json_set_text(page, "keyring", header.keyring);
    esc_json_set_text(page, "item", header.key_name);
    esc_json_set_bool(page, "passphrase", header.mixed.is_used);
    if (esc_json_len(codes))
        esc_json_set_int(page, "recovery_since_ms",
                         esc_json_num(esc_json_at(codes, 0), "created_ms", 0));
    return ESC_OK;
}

static enum esc_status add_since(struct esc_store *store, struct esc_json *page,
                                 struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    bool is_row = false;
    enum esc_status status = db_prepare(
        store->db, "SELECT created_ms FROM keks ORDER BY kek DESC LIMIT 1", &select, err);
    if (status == ESC_OK)
        status = db_step(select, &is_row, err);
    if (status == ESC_OK && is_row)
        esc_json_set_int(page, "since_ms", db_int(select, 0));
    return status;
}

static struct esc_json *data_key_page(const struct db_statement *row, const char *collection)
{
    struct esc_json *page = esc_json_object();
    esc_json_set_text(page, "collection", collection);
    esc_json_set_int(page, "keys", db_int(row, 1));
    esc_json_set_int(page, "epoch", db_int(row, 2));
    esc_json_set_int(page, "seals", db_int(row, 3));
    return page;
}

/* Each conversation has a key of its own; "seals" is that of the most used key. Keys that are no
 * collection's are secrets of the store itself, and seal nothing. */
static enum esc_status add_data_keys(struct esc_store *store, struct esc_json *page,
                                     struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    struct collection_names *names = NULL;
    struct esc_json *list = esc_json_array();
    bool is_row = true;
    enum esc_status status = collections_names_load(store, &names, err);
    if (status == ESC_OK)
        status = db_prepare(store->db,
                            "SELECT tag, count(*), max(epoch), max(seals) FROM keys"
                            " GROUP BY tag ORDER BY min(key_id)",
                            &select, err);
    while (status == ESC_OK && is_row) {
        status = db_step(select, &is_row, err);
        const char *name =
            status == ESC_OK && is_row ? collections_name(names, db_bytes(select, 0)) : NULL;
        if (name)
            esc_json_push(list, data_key_page(select, name));
    }
    collections_names_free(names);
    esc_json_set(page, "data_keys", list);
    return status;
}

static enum esc_status add_rotation(struct esc_store *store, struct esc_json *page,
                                    struct esc_error *err)
{
    struct esc_rotation rotation;
    enum esc_status status = esc_store_rotation(store, &rotation, err);
    if (status != ESC_OK || rotation.state == ESC_ROTATION_NONE)
        return status;
    struct esc_json *entry = esc_json_object();
    esc_json_set_text(entry, "state", esc_rotation_text(rotation.state));
    esc_json_set_int(entry, "began_ms", (int64_t)rotation.began_ms);
    if (rotation.sealed_ms)
        esc_json_set_int(entry, "sealed_ms", (int64_t)rotation.sealed_ms);
    esc_json_set_int(entry, "sealed", (int64_t)rotation.sealed);
    esc_json_set_int(entry, "rows", (int64_t)rotation.rows);
    esc_json_set_int(entry, "unreadable", (int64_t)rotation.unreadable);
    esc_json_set(page, "rotation", entry);
    return ESC_OK;
}

enum esc_status esc_store_keys_page(struct esc_store *store, struct esc_json **out,
                                    struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = esc_json_object();
    esc_json_set_int(page, "budget", ESC_SEAL_BUDGET);
    enum esc_status status = add_slot(store, page, err);
    if (status == ESC_OK)
        status = add_since(store, page, err);
    if (status == ESC_OK)
        status = add_data_keys(store, page, err);
    if (status == ESC_OK)
        status = add_rotation(store, page, err);
    if (status == ESC_OK)
        *out = ESC_STEAL(page);
    return status;
}
