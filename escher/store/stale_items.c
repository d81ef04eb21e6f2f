/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/store/key_change.h"
#include "escher/store/key_slots_private.h"
#include "escher/store/store_private.h"

/* Items that nothing needs: announced and never taken into use, or left behind. */

static bool is_named(const struct esc_json *rows, const struct esc_json *row)
{
    for (size_t i = 0; i < esc_json_len(rows); i++) {
        const struct esc_json *other = esc_json_at(rows, i);
        if (esc_text_equal(esc_json_str(other, "item", NULL), esc_json_str(row, "item", NULL)) &&
            esc_text_equal(esc_json_str(other, "keyring", NULL),
                           esc_json_str(row, "keyring", NULL)))
            return true;
    }
    return false;
}

static enum esc_status add_kind(struct esc_store *store, const char *kind,
                                const struct esc_json *needed, const struct esc_json *former,
                                struct esc_json *out, struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *rows = NULL;
    enum esc_status status = key_slots_read(store->db, kind, &rows, err);
    for (size_t i = 0; i < esc_json_len(rows); i++) {
        const struct esc_json *row = esc_json_at(rows, i);
        struct esc_json *page = esc_json_object();
        esc_json_set_int(page, "slot", esc_json_num(row, "slot", 0));
        esc_json_set_text(page, "keyring", esc_json_str(row, "keyring", NULL));
        esc_json_set_text(page, "item", esc_json_str(row, "item", NULL));
        esc_json_set_bool(page, "needed", is_named(needed, row) || is_named(former, row));
        esc_json_push(out, page);
    }
    return status;
}

enum esc_status esc_store_stale_items(struct esc_store *store, struct esc_json **out,
                                      struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *needed = NULL, *former = NULL;
    ESC_CLEANUP(esc_json_freep) struct esc_json *items = esc_json_array();
    enum esc_status status = key_slots_read(store->db, SLOT_KEYRING, &needed, err);
    if (status == ESC_OK)
        status = key_slots_read(store->db, SLOT_FORMER, &former, err);
    if (status == ESC_OK)
        status = add_kind(store, SLOT_LEAVING, needed, former, items, err);
    if (status == ESC_OK && !store->changes_keys)
        status = add_kind(store, SLOT_COMING, needed, former, items, err);
    if (status == ESC_OK)
        *out = ESC_STEAL(items);
    return status;
}

enum esc_status esc_stale_items_delete(const struct esc_json *items, struct esc_keyring *keyring,
                                       struct esc_json **gone, struct esc_error *err)
{
    enum esc_status status = ESC_OK;
    struct esc_json *list = esc_json_array();
    for (size_t i = 0; i < esc_json_len(items) && status == ESC_OK; i++) {
        const struct esc_json *item = esc_json_at(items, i);
        const char *name = esc_json_str(item, "item", "");
        if (!esc_text_equal(esc_json_str(item, "keyring", NULL), esc_keyring_name(keyring)))
            continue;
        if (!esc_json_flag(item, "needed", false)) /* else only its line goes */
            status = esc_keyring_del(keyring, name, err);
        if (status == ESC_OK)
            esc_json_push(list, esc_json_copy(item));
    }
    *gone = list;
    return status;
}

enum esc_status esc_store_forget_items(struct esc_store *store, const struct esc_json *gone,
                                       struct esc_error *err)
{
    struct write write;
    if (!esc_json_len(gone))
        return ESC_OK;
    enum esc_status status = write_begin(store, &write, err);
    if (status != ESC_OK)
        return status;
    for (size_t i = 0; i < esc_json_len(gone) && status == ESC_OK; i++)
        status = key_slots_drop(store->db, esc_json_num(esc_json_at(gone, i), "slot", 0), err);
    return write_end(&write, status, err);
}
