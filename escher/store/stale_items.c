/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/crypt/digest.h"
#include "escher/store/joined_private.h"
#include "escher/store/key_change.h"
#include "escher/store/key_slots_private.h"
#include "escher/store/store_private.h"

/*
 * Items that nothing needs: announced and never taken into use, or left behind. An item is deleted
 * only after a transaction that says so is on the disk: a commit that failed may come back when the
 * log is replayed, and the item that it made the key would be gone.
 */

static void mac_of(const struct esc_store *store, const char *keyring, const char *item,
                   char out[ESC_SHA256_TEXT])
{
    uint8_t mac[ESC_SHA256_SIZE];
    struct esc_buf text;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = keys_derive(store->keys, "slot items");
    esc_buf_init(&text, ESC_MAX_LINE);
    piece_add(&text, esc_str_of(keyring));
    piece_add(&text, esc_str_of(item));
    esc_hmac_sha256(esc_secret_view(key), esc_buf_str(&text), mac);
    esc_buf_done(&text);
    esc_hex(mac, sizeof mac, out);
}

static void sign(const struct esc_store *store, struct esc_json *params, const char *keyring,
                 const char *item)
{
    char mac[ESC_SHA256_TEXT];
    mac_of(store, keyring, item, mac);
    esc_json_set_text(params, "mac", mac);
}

static bool is_ours(const struct esc_store *store, const struct esc_json *row)
{
    char mac[ESC_SHA256_TEXT];
    mac_of(store, esc_json_str(row, "keyring", ""), esc_json_str(row, "item", ""), mac);
    return esc_str_equal_constant_time(esc_json_value(esc_json_get(row, "params.mac")),
                                       esc_str_of(mac));
}

enum esc_status items_announce(struct esc_store *store, const struct header *header,
                               struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = esc_json_object();
    sign(store, params, header->keyring, header->key_name);
    const struct slot slot = {.kind = SLOT_COMING,
                              .kek = header->kek,
                              .keyring = header->keyring,
                              .item = header->key_name,
                              .params = params};
    return key_slot_insert(store->db, &slot, esc_clock_wall_ms(store->clock), err);
}

/* The same way into the KEK, as a row of another kind. */
static enum esc_status retire(struct esc_store *store, const char *kind,
                              const struct header *header, struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = mixed_params(&header->mixed);
    if (!params)
        params = esc_json_object();
    if (!store->is_by_code) /* else nobody has seen that the item is the key */
        sign(store, params, header->keyring, header->key_name);
    const struct slot slot = {.kind = kind,
                              .kek = header->kek,
                              .keyring = header->keyring,
                              .item = header->key_name,
                              .params = params,
                              .sealed = mixed_sealed(&header->mixed)};
    return key_slot_insert(store->db, &slot, esc_clock_wall_ms(store->clock), err);
}

enum esc_status items_retire(struct esc_store *store, const char *kind, struct esc_error *err)
{
    struct header header;
    enum esc_status status = header_read(store->db, &header, err);
    if (status == ESC_OK)
        status = key_slots_delete(store->db, SLOT_KEYRING, err);
    return status == ESC_OK ? retire(store, kind, &header, err) : status;
}

/* What is stale */

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

/* The first name of a store's keys, in the keyring that it uses: there a mark stays. */
static bool is_first(const struct esc_json *row, const struct header *header)
{
    const char *item = esc_json_str(row, "item", "");
    return key_item_base(item) == strlen(item) &&
           esc_text_equal(esc_json_str(row, "keyring", NULL), header->keyring);
}

static enum esc_status list_leaving(struct esc_store *store, struct esc_json *out,
                                    struct esc_error *err)
{
    struct header header;
    ESC_CLEANUP(esc_json_freep) struct esc_json *rows = NULL, *needed = NULL, *former = NULL;
    enum esc_status status = header_read(store->db, &header, err);
    if (status == ESC_OK)
        status = key_slots_read(store->db, SLOT_LEAVING, &rows, err);
    if (status == ESC_OK)
        status = key_slots_read(store->db, SLOT_KEYRING, &needed, err);
    if (status == ESC_OK)
        status = key_slots_read(store->db, SLOT_FORMER, &former, err);
    for (size_t i = 0; i < esc_json_len(rows) && status == ESC_OK; i++) {
        const struct esc_json *row = esc_json_at(rows, i);
        if (!is_ours(store, row) || is_named(needed, row) || is_named(former, row))
            continue;
        struct esc_json *page = esc_json_object();
        esc_json_set_int(page, "slot", esc_json_num(row, "slot", 0));
        esc_json_set_text(page, "keyring", esc_json_str(row, "keyring", NULL));
        esc_json_set_text(page, "item", esc_json_str(row, "item", NULL));
        esc_json_set_bool(page, "mark", is_first(row, &header));
        esc_json_push(out, page);
    }
    return status;
}

/* What was announced by a change that is over goes, too. */
static enum esc_status give_up_coming(struct esc_store *store, struct esc_error *err)
{
    struct write write;
    ESC_CLEANUP(esc_json_freep) struct esc_json *rows = NULL;
    enum esc_status status = key_slots_read(store->db, SLOT_COMING, &rows, err);
    if (status != ESC_OK || !esc_json_len(rows))
        return status;
    status = write_begin(store, &write, err);
    if (status != ESC_OK)
        return status;
    return write_end(&write, key_slots_become(store->db, SLOT_COMING, SLOT_LEAVING, err), err);
}

enum esc_status esc_store_stale_items(struct esc_store *store, struct esc_json **out,
                                      struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *items = esc_json_array();
    enum esc_status status = store->changes_keys ? ESC_OK : give_up_coming(store, err);
    if (status == ESC_OK)
        status = list_leaving(store, items, err);
    if (status == ESC_OK)
        *out = ESC_STEAL(items);
    return status;
}

static enum esc_status delete_item(struct esc_keyring *keyring, const struct esc_json *item,
                                   struct esc_error *err)
{
    const char *name = esc_json_str(item, "item", "");
    if (!esc_json_flag(item, "mark", false))
        return esc_keyring_del(keyring, name, err);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *mark = esc_secret_of_text(ITEM_MARK);
    return esc_keyring_put(keyring, name, mark, err);
}

enum esc_status esc_stale_items_delete(const struct esc_json *items, struct esc_keyring *keyring,
                                       struct esc_json **gone, struct esc_error *err)
{
    enum esc_status status = ESC_OK;
    struct esc_json *list = esc_json_array();
    for (size_t i = 0; i < esc_json_len(items) && status == ESC_OK; i++) {
        const struct esc_json *item = esc_json_at(items, i);
        if (!esc_text_equal(esc_json_str(item, "keyring", NULL), esc_keyring_name(keyring)))
            continue;
        status = delete_item(keyring, item, err);
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
