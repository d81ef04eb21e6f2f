/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The table `slots`: where the KEK can be had.
 *
 *     keyring    in a keyring: `keyring` and `item` name the place; with `sealed`, the item is one
 *                half and the passphrase of `params` the other
 *     recovery   sealed for the holder of a recovery code
 *     coming     an item that is being put into a keyring; of no use to anybody yet
 *     former     an item of an earlier KEK; waits for a verified backup
 *     leaving    an item that is to be deleted from its keyring
 * The newest row of kind `keyring` is the one that opens; there is always exactly one.
 */

#include "escher/base/json.h"
#include "escher/crypt/derive.h"
#include "escher/store/header_private.h"

#define SLOT_KEYRING "keyring"
#define SLOT_RECOVERY "recovery"
#define SLOT_COMING "coming"
#define SLOT_FORMER "former"
#define SLOT_LEAVING "leaving"

/* A row, to be written. Texts and bytes are borrowed. */
struct slot {
    const char *kind;
    int64_t kek;
    const char *keyring, *item;    /* NULL: none */
    const struct esc_json *params; /* NULL: none */
    struct esc_str sealed;         /* ptr NULL: none */
};
/** Inside a transaction. */
enum esc_status key_slot_insert(struct db *db, const struct slot *slot, uint64_t now_ms,
                                struct esc_error *err);
/** Removes all rows of @p kind, inside a transaction. */
enum esc_status key_slots_delete(struct db *db, const char *kind, struct esc_error *err);
/** Those of kind @p kind are of kind @p other from now on, inside a transaction. */
enum esc_status key_slots_become(struct db *db, const char *kind, const char *other,
                                 struct esc_error *err);
enum esc_status key_slots_drop_item(struct db *db, const char *kind, const char *item,
                                    struct esc_error *err);
enum esc_status key_slots_drop(struct db *db, int64_t slot, struct esc_error *err);
/** All rows of @p kind as a list of {"slot", "kind", "kek", "keyring", "item", "params", "sealed",
 *  "created_ms"}, what is not there left out. @errors ESC_CORRUPT. */
enum esc_status key_slots_read(struct db *db, const char *kind, struct esc_json **out,
                               struct esc_error *err);
/** Bytes of @p item that all keys of a store have in common: "default 01ab" of
 *  "default 01ab k2 89abcdef". */
size_t key_item_base(const char *item);

/* The price and salt of what people remember, in a slot's params. */
struct esc_json *slot_price_page(struct esc_argon2 price, const uint8_t salt[ESC_ARGON2_SALT]);
bool slot_price_read(const struct esc_json *params, struct esc_argon2 *price,
                     uint8_t salt[ESC_ARGON2_SALT]);

/* A KEK of two halves. Making and opening take Argon2id's time. */
/** Seals @p kek under @p half and @p passphrase. */
enum esc_status mixed_make(const struct header *header, const struct esc_secret *kek,
                           const struct esc_secret *half, const struct esc_secret *passphrase,
                           struct esc_argon2 price, const struct esc_random *random,
                           struct mixed *out, struct esc_error *err);
/** The KEK out of the item of the keyring, whether it is a half or the whole. @errors ESC_LOCKED:
 *  no passphrase, or another; ESC_CORRUPT: the item does not fit; ESC_LIMIT. */
enum esc_status mixed_open(const struct header *header, const struct esc_secret *item,
                           const struct esc_secret *passphrase, struct esc_secret **kek,
                           struct esc_error *err);
bool mixed_read(struct esc_str params, struct esc_str sealed, struct mixed *out);
struct esc_json *mixed_params(const struct mixed *mixed); /* NULL when it is not used */
struct esc_str mixed_sealed(const struct mixed *mixed);   /* ptr NULL when it is not used */

/* A slot for a recovery code. */
struct recovery {
    struct esc_json *params;
    struct esc_buf sealed;
};
void recovery_done(struct recovery *recovery);
/** The slot for @p code; takes Argon2id's time. @p number is the KEK's. */
enum esc_status recovery_make(const struct esc_secret *code, const struct esc_secret *kek,
                              int64_t number, struct esc_uuid uuid, struct esc_argon2 price,
                              const struct esc_random *random, struct recovery *out,
                              struct esc_error *err);
/** The slot @p params of the KEK @p number for another KEK, without the code. @p old_key and
 *  @p new_key are the keys "store slots" of both. @errors ESC_CORRUPT: the slot was not made by
 *  who had the first. */
enum esc_status recovery_pass_on(const struct esc_json *params, const struct esc_secret *old_key,
                                 int64_t number, struct esc_uuid uuid,
                                 const struct esc_secret *new_kek, int64_t new_number,
                                 struct recovery *out, struct esc_error *err);
