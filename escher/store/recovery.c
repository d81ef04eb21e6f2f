/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/recovery.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/crypt/derive.h"
#include "escher/crypt/digest.h"
#include "escher/crypt/sealed_box.h"
#include "escher/store/joined_private.h"
#include "escher/store/key_slots_private.h"
#include "escher/store/store_private.h"

/*
 * Params of a slot: {"kdf", "passes", "memory_kib", "salt", "public", "auth"}.
 *
 *     seed = Argon2id(code)       ├─▶ X25519 key, whose public half stands in the slot
 *                                 └─▶ A = HKDF "slot auth", kept in the store as a wrapped key
 *     auth = HMAC(A, store, KEK's number and check value, params, sealed)
 *
 * Anybody can seal something for the public half, and everybody sees it; only who has the code, or
 * the store, can say that a KEK is the store's. And a slot of an earlier code is of another A.
 */

enum {
    SEALED_MAX = 1024,
    SLOTS_MOST = 2, /* that are tried: each takes Argon2id's time */
    PASSES_MOST = 8,
    MEMORY_MOST_KIB = 512 * 1024,
};

void recovery_done(struct recovery *recovery)
{
    esc_json_free(recovery->params);
    esc_buf_done(&recovery->sealed);
    esc_secret_free(recovery->auth);
    *recovery = (struct recovery){0};
}

static struct esc_secret *auth_key(const struct esc_secret *seed)
{
    return esc_derive(seed, "slot auth", ESC_STR(""), ESC_BOX_SEED);
}

static void auth_of(const struct esc_json *params, struct esc_str sealed,
                    const struct esc_secret *key, const struct header *header,
                    char out[ESC_SHA256_TEXT])
{
    uint8_t mac[ESC_SHA256_SIZE];
    struct esc_buf text;
    ESC_CLEANUP(esc_json_freep) struct esc_json *rest = esc_json_copy(params);
    esc_json_remove(rest, "auth");
    ESC_CLEANUP(esc_freep) char *printed = esc_json_print(rest, ESC_JSON_SORTED);
    esc_buf_init(&text, ESC_MAX_LINE);
    piece_add(&text, ESC_STR(SLOT_RECOVERY));
    piece_add(&text, bytes_of(header->uuid.bytes, sizeof header->uuid.bytes));
    piece_add_number(&text, header->kek);
    piece_add(&text, bytes_of(header->check, CHECK_SIZE));
    piece_add(&text, esc_str_of(printed));
    piece_add(&text, sealed);
    esc_hmac_sha256(esc_secret_view(key), esc_buf_str(&text), mac);
    esc_buf_done(&text);
    esc_hex(mac, sizeof mac, out);
}

static bool is_authentic(const struct esc_json *params, struct esc_str sealed,
                         const struct esc_secret *key, const struct header *header)
{
    char auth[ESC_SHA256_TEXT];
    auth_of(params, sealed, key, header, auth);
    return esc_str_equal_constant_time(esc_json_value(esc_json_member(params, "auth")),
                                       esc_str_of(auth));
}

static bool read_public(const struct esc_json *params, uint8_t out[ESC_BOX_PUBLIC])
{
    return esc_hex_parse(esc_json_value(esc_json_member(params, "public")), out, ESC_BOX_PUBLIC);
}

/* Seals and vouches; params have all but "auth". */
static enum esc_status fill_slot(struct recovery *slot, const uint8_t public_half[ESC_BOX_PUBLIC],
                                 const struct esc_secret *kek, const struct header *header,
                                 struct esc_error *err)
{
    char auth[ESC_SHA256_TEXT];
    esc_buf_init(&slot->sealed, SEALED_MAX);
    enum esc_status status = esc_box_seal(public_half, kek, &slot->sealed, err);
    if (status != ESC_OK)
        return status;
    auth_of(slot->params, esc_buf_str(&slot->sealed), slot->auth, header, auth);
    esc_json_set_text(slot->params, "auth", auth);
    return ESC_OK;
}

enum esc_status recovery_make(const struct esc_secret *code, const struct esc_secret *kek,
                              const struct header *header, struct esc_argon2 price,
                              const struct esc_random *random, struct recovery *out,
                              struct esc_error *err)
{
    uint8_t salt[ESC_ARGON2_SALT], public_half[ESC_BOX_PUBLIC];
    char hex[2 * ESC_BOX_PUBLIC + 1];
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *seed = NULL;
    *out = (struct recovery){0};
    esc_random_fill(random, salt, sizeof salt);
    enum esc_status status = esc_argon2id(code, salt, price, ESC_BOX_SEED, &seed, err);
    if (status != ESC_OK)
        return status;
    esc_box_public(seed, public_half);
    esc_hex(public_half, sizeof public_half, hex);
    out->auth = auth_key(seed);
    out->params = slot_price_page(price, salt);
    esc_json_set_text(out->params, "public", hex);
    status = fill_slot(out, public_half, kek, header, err);
    if (status != ESC_OK)
        recovery_done(out);
    return status;
}

/* What a slot has, as bytes; false when it cannot be ours. */
static bool read_slot(const struct esc_json *slot, uint8_t public_half[ESC_BOX_PUBLIC],
                      char sealed[SEALED_MAX], size_t *len)
{
    const struct esc_str hex = esc_json_value(esc_json_member(slot, "sealed"));
    *len = hex.len / 2;
    return read_public(esc_json_member(slot, "params"), public_half) && *len <= SEALED_MAX &&
           esc_hex_parse(hex, sealed, *len);
}

enum esc_status recovery_pass_on(const struct esc_json *slot, const struct header *old,
                                 const struct esc_secret *auth, const struct esc_secret *kek,
                                 const struct header *header, struct recovery *out,
                                 struct esc_error *err)
{
    char sealed[SEALED_MAX];
    size_t len = 0;
    uint8_t public_half[ESC_BOX_PUBLIC];
    const struct esc_json *params = esc_json_member(slot, "params");
    *out = (struct recovery){0};
    if (!auth || !read_slot(slot, public_half, sealed, &len) ||
        !is_authentic(params, (struct esc_str){sealed, len}, auth, old))
        return esc_fail(err, ESC_CORRUPT,
                        "the slot of the recovery code is damaged; `escher key recovery` makes a "
                        "new one");
    out->params = esc_json_copy(params);
    out->auth = esc_secret_copy(auth);
    enum esc_status status = fill_slot(out, public_half, kek, header, err);
    if (status != ESC_OK)
        recovery_done(out);
    return status;
}

enum esc_status recovery_write(struct db *db, struct keys *keys, const struct recovery *recovery,
                               const struct header *header, uint64_t now_ms, struct esc_error *err)
{
    enum esc_status status = key_slots_delete(db, SLOT_RECOVERY, err);
    if (status == ESC_OK)
        status = keys_secret_drop(keys, RECOVERY_AUTH, err);
    if (status != ESC_OK || !recovery)
        return status;
    const struct slot slot = {.kind = SLOT_RECOVERY,
                              .kek = header->kek,
                              .params = recovery->params,
                              .sealed = esc_buf_str(&recovery->sealed)};
    status = key_slot_insert(db, &slot, now_ms, err);
    return status == ESC_OK ? keys_secret_keep(keys, RECOVERY_AUTH, recovery->auth, err) : status;
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

/* What a person made is cheap enough to try; a page from anywhere may ask for hours. */
static bool is_fair(const struct esc_argon2 *price)
{
    return price->passes <= PASSES_MOST && price->memory_kib <= MEMORY_MOST_KIB;
}

static enum esc_status open_slot(const struct esc_json *slot, const struct esc_secret *code,
                                 const struct header *goal, struct esc_secret **kek,
                                 struct esc_error *err)
{
    char bytes[SEALED_MAX];
    size_t len = 0;
    struct esc_argon2 price;
    uint8_t salt[ESC_ARGON2_SALT], public_half[ESC_BOX_PUBLIC], made[ESC_BOX_PUBLIC];
    const struct esc_json *params = esc_json_member(slot, "params");
    if (!slot_price_read(params, &price, salt) || !is_fair(&price) ||
        !read_slot(slot, public_half, bytes, &len))
        return damaged(err);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *seed = NULL;
    enum esc_status status = esc_argon2id(code, salt, price, ESC_BOX_SEED, &seed, err);
    if (status != ESC_OK)
        return status == ESC_INVALID ? damaged(err) : status;
    esc_box_public(seed, made);
    if (memcmp(public_half, made, sizeof made) != 0)
        return esc_fail(err, ESC_LOCKED, "the recovery code does not open this store");
    const struct esc_str sealed = {bytes, len};
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *auth = auth_key(seed);
    if (!is_authentic(params, sealed, auth, goal))
        return esc_fail(err, ESC_CORRUPT,
                        "the slot of the recovery code was not made by who had the code");
    return esc_box_open(seed, sealed, kek, NULL) == ESC_OK ? ESC_OK : damaged(err);
}

enum esc_status esc_slots_open_with_code(const struct esc_json *slots,
                                         const struct esc_secret *code, struct esc_secret **kek,
                                         struct esc_error *err)
{
    struct header goal;
    size_t tried = 0;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *normal = NULL, *found = NULL;
    enum esc_status status = esc_recovery_code_check(esc_secret_view(code), &normal, err);
    if (status == ESC_OK)
        status = read_goal(slots, &goal, err);
    if (status != ESC_OK)
        return status;
    const struct esc_json *rows = esc_json_member(slots, "slots");
    status = esc_fail(err, ESC_NOT_FOUND, "there is no slot for a recovery code");
    for (size_t i = 0; i < esc_json_len(rows) && status != ESC_OK && tried < SLOTS_MOST; i++) {
        const struct esc_json *row = esc_json_at(rows, i);
        if (!esc_text_equal(esc_json_str(row, "kind", NULL), SLOT_RECOVERY))
            continue;
        status = open_slot(row, normal, &goal, &found, err);
        tried++;
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
