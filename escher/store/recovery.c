/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/recovery.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/crypt/digest.h"
#include "escher/crypt/sealed_box.h"
#include "escher/store/joined_private.h"
#include "escher/store/key_slots_private.h"
#include "escher/store/store_private.h"

/*
 * Params of a slot: {"kdf", "passes", "memory_kib", "salt", "public", "mac"}. The mac, under a key
 * below the KEK, covers the rest: a new KEK is sealed only for a public half that somebody with
 * the old one put there.
 */

enum {
    SEALED_MAX = 1024
};

void recovery_done(struct recovery *recovery)
{
    esc_json_free(recovery->params);
    esc_buf_done(&recovery->sealed);
}

static void mac_of(const struct esc_json *params, const struct esc_secret *key, int64_t number,
                   struct esc_uuid uuid, char out[ESC_SHA256_TEXT])
{
    uint8_t mac[ESC_SHA256_SIZE];
    struct esc_buf text;
    ESC_CLEANUP(esc_json_freep) struct esc_json *rest = esc_json_copy(params);
    esc_json_remove(rest, "mac");
    ESC_CLEANUP(esc_freep) char *printed = esc_json_print(rest, ESC_JSON_SORTED);
    esc_buf_init(&text, ESC_MAX_LINE);
    piece_add(&text, ESC_STR(SLOT_RECOVERY));
    piece_add(&text, bytes_of(uuid.bytes, sizeof uuid.bytes));
    piece_add_number(&text, number);
    piece_add(&text, esc_str_of(printed));
    esc_hmac_sha256(esc_secret_view(key), esc_buf_str(&text), mac);
    esc_buf_done(&text);
    esc_hex(mac, sizeof mac, out);
}

static void sign(struct esc_json *params, const struct esc_secret *key, int64_t number,
                 struct esc_uuid uuid)
{
    char mac[ESC_SHA256_TEXT];
    mac_of(params, key, number, uuid, mac);
    esc_json_set_text(params, "mac", mac);
}

static bool read_public(const struct esc_json *params, uint8_t out[ESC_BOX_PUBLIC])
{
    return esc_hex_parse(esc_json_value(esc_json_member(params, "public")), out, ESC_BOX_PUBLIC);
}

enum esc_status recovery_make(const struct esc_secret *code, const struct esc_secret *kek,
                              int64_t number, struct esc_uuid uuid, struct esc_argon2 price,
                              const struct esc_random *random, struct recovery *out,
                              struct esc_error *err)
{
    uint8_t salt[ESC_ARGON2_SALT], public_half[ESC_BOX_PUBLIC];
    char hex[2 * ESC_BOX_PUBLIC + 1];
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *seed = NULL;
    esc_random_fill(random, salt, sizeof salt);
    enum esc_status status = esc_argon2id(code, salt, price, ESC_BOX_SEED, &seed, err);
    if (status != ESC_OK)
        return status;
    esc_box_public(seed, public_half);
    esc_buf_init(&out->sealed, SEALED_MAX);
    out->params = slot_price_page(price, salt);
    esc_hex(public_half, sizeof public_half, hex);
    esc_json_set_text(out->params, "public", hex);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = kek_for_slots(kek, uuid);
    sign(out->params, key, number, uuid);
    status = esc_box_seal(public_half, kek, &out->sealed, err);
    if (status != ESC_OK)
        recovery_done(out);
    return status;
}

enum esc_status recovery_pass_on(const struct esc_json *params, const struct esc_secret *old_key,
                                 int64_t number, struct esc_uuid uuid,
                                 const struct esc_secret *new_kek, int64_t new_number,
                                 struct recovery *out, struct esc_error *err)
{
    uint8_t public_half[ESC_BOX_PUBLIC];
    char mac[ESC_SHA256_TEXT];
    mac_of(params, old_key, number, uuid, mac);
    if (!esc_str_equal_constant_time(esc_json_value(esc_json_member(params, "mac")),
                                     esc_str_of(mac)) ||
        !read_public(params, public_half))
        return esc_fail(err, ESC_CORRUPT,
                        "the slot of the recovery code is damaged; `escher key recovery` makes a "
                        "new one");
    esc_buf_init(&out->sealed, SEALED_MAX);
    out->params = esc_json_copy(params);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = kek_for_slots(new_kek, uuid);
    sign(out->params, key, new_number, uuid);
    enum esc_status status = esc_box_seal(public_half, new_kek, &out->sealed, err);
    if (status != ESC_OK)
        recovery_done(out);
    return status;
}

/* Slots beside a copy */

static enum esc_status slots_page(struct db *db, struct esc_json **out, struct esc_error *err)
{
    char check[2 * CHECK_SIZE + 1], id[ESC_UUID_TEXT];
    struct header header;
    struct esc_json *slots = NULL;
    enum esc_status status = header_read(db, &header, err);
    if (status == ESC_OK)
        status = key_slots_read(db, SLOT_RECOVERY, &slots, err);
    if (status != ESC_OK)
        return status;
    struct esc_json *page = esc_json_object();
    esc_hex(header.check, CHECK_SIZE, check);
    esc_uuid_format(header.uuid, id);
    esc_json_set_text(page, "store_id", id);
    esc_json_set_int(page, "kek", header.kek);
    esc_json_set_text(page, "check", check);
    esc_json_set(page, "slots", slots);
    *out = page;
    return ESC_OK;
}

enum esc_status esc_store_slots(struct esc_store *store, struct esc_json **out,
                                struct esc_error *err)
{
    return slots_page(store->db, out, err);
}

enum esc_status esc_store_peek_slots(const char *path, struct esc_json **out, struct esc_error *err)
{
    ESC_CLEANUP(db_closep) struct db *db = NULL;
    enum esc_status status = db_open(path, DB_PEEK, &db, err);
    return status == ESC_OK ? slots_page(db, out, err) : status;
}

/* What of a store a slot must lead to. */
static enum esc_status read_goal(const struct esc_json *slots, struct header *out,
                                 struct esc_error *err)
{
    *out = (struct header){.kek = esc_json_num(slots, "kek", 0)};
    if (out->kek < 1 ||
        !esc_uuid_parse(esc_str_of(esc_json_str(slots, "store_id", "")), &out->uuid) ||
        !esc_hex_parse(esc_json_value(esc_json_member(slots, "check")), out->check, CHECK_SIZE) ||
        !esc_json_is(esc_json_member(slots, "slots"), ESC_JSON_ARRAY))
        return esc_fail(err, ESC_CORRUPT, "the key slots are damaged");
    return ESC_OK;
}

static enum esc_status damaged(struct esc_error *err)
{
    return esc_fail(err, ESC_CORRUPT, "the slot of the recovery code is damaged");
}

static enum esc_status open_slot(const struct esc_json *slot, const struct esc_secret *code,
                                 struct esc_secret **kek, struct esc_error *err)
{
    char bytes[SEALED_MAX];
    struct esc_argon2 price;
    uint8_t salt[ESC_ARGON2_SALT], public_half[ESC_BOX_PUBLIC], made[ESC_BOX_PUBLIC];
    const struct esc_json *params = esc_json_member(slot, "params");
    const struct esc_str hex = esc_json_value(esc_json_member(slot, "sealed"));
    const size_t len = hex.len / 2;
    if (!slot_price_read(params, &price, salt) || !read_public(params, public_half) ||
        len > sizeof bytes || !esc_hex_parse(hex, bytes, len))
        return damaged(err);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *seed = NULL;
    enum esc_status status = esc_argon2id(code, salt, price, ESC_BOX_SEED, &seed, err);
    if (status != ESC_OK)
        return status == ESC_INVALID ? damaged(err) : status;
    esc_box_public(seed, made);
    if (memcmp(public_half, made, sizeof made) != 0)
        return esc_fail(err, ESC_LOCKED, "the recovery code does not open this store");
    return esc_box_open(seed, (struct esc_str){bytes, len}, kek, NULL) == ESC_OK ? ESC_OK
                                                                                 : damaged(err);
}

enum esc_status esc_slots_open_with_code(const struct esc_json *slots,
                                         const struct esc_secret *code, struct esc_secret **kek,
                                         struct esc_error *err)
{
    struct header goal;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *normal = NULL, *found = NULL;
    enum esc_status status = esc_recovery_code_check(esc_secret_view(code), &normal, err);
    if (status == ESC_OK)
        status = read_goal(slots, &goal, err);
    if (status != ESC_OK)
        return status;
    const struct esc_json *rows = esc_json_member(slots, "slots");
    status = esc_fail(err, ESC_NOT_FOUND, "there is no slot for a recovery code");
    for (size_t i = 0; i < esc_json_len(rows) && status != ESC_OK; i++) {
        const struct esc_json *row = esc_json_at(rows, i);
        if (esc_text_equal(esc_json_str(row, "kind", NULL), SLOT_RECOVERY))
            status = open_slot(row, normal, &found, err);
    }
    if (status == ESC_OK && (esc_secret_len(found) != ESC_SEAL_KEY || !header_fits(&goal, found)))
        return damaged(err);
    if (status == ESC_OK)
        *kek = ESC_STEAL(found);
    return status;
}

/* Keys for what is outside */

struct esc_secret *esc_kek_derive(const struct esc_secret *kek, const char *purpose,
                                  struct esc_str context, size_t size)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *root = kek_for_outside(kek);
    return esc_derive(root, purpose, context, size);
}

struct esc_secret *esc_store_kek_derive(const struct esc_store *store, const char *purpose,
                                        struct esc_str context, size_t size)
{
    return esc_derive(keys_for_outside(store->keys), purpose, context, size);
}
