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
#include "escher/store/keys_private.h"

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
/** Removes the rows of @p kind that name @p item, inside a transaction. */
enum esc_status key_slots_drop_item(struct db *db, const char *kind, const char *item,
                                    struct esc_error *err);
/** The row @p slot is of kind `keyring` from now on, inside a transaction. */
enum esc_status key_slots_take_up(struct db *db, int64_t slot, struct esc_error *err);
/** Removes one row, inside a transaction. */
enum esc_status key_slots_drop(struct db *db, int64_t slot, struct esc_error *err);
/** All rows of @p kind as a list of {"slot", "kind", "kek", "keyring", "item", "params", "sealed",
 *  "created_ms"}, what is not there left out. @errors ESC_CORRUPT. */
enum esc_status key_slots_read(struct db *db, const char *kind, struct esc_json **out,
                               struct esc_error *err);
/** Bytes of @p item that all keys of a store have in common: "default 01ab" of
 *  "default 01ab k2 89abcdef". */
size_t key_item_base(const char *item);

/* What stands under the first name of a store's key when the key is elsewhere. */
#define ITEM_MARK "escher: the key of the store is under another name"

/* Which items of keyrings are ours to delete: rows that name them have a MAC of the store's, so
 * that no row put there by others leads us to somebody else's item. Inside a transaction. */
/** The item of @p header is about to be put. */
enum esc_status items_announce(struct esc_store *store, const struct header *header,
                               struct esc_error *err);
/** The slot that opens becomes one of @p kind. */
enum esc_status items_retire(struct esc_store *store, const char *kind, struct esc_error *err);

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
/** From the columns of a slot; both empty: the item is the KEK. False: they cannot be ours. */
bool mixed_read(struct esc_str params, struct esc_str sealed, struct mixed *out);
/** For the column `params`, owned by the caller; NULL when it is not used. */
struct esc_json *mixed_params(const struct mixed *mixed);
struct esc_str mixed_sealed(const struct mixed *mixed); /* ptr NULL when it is not used */

/* A slot for a recovery code. */
struct recovery {
    struct esc_json *params;
    struct esc_buf sealed;
    struct esc_secret *auth; /* what vouches for slots of this code: RECOVERY_AUTH of the keys */
};
#define RECOVERY_AUTH "recovery auth"
void recovery_done(struct recovery *recovery); /* twice is fine */
/** The slot of @p code for @p kek, the KEK of @p header; takes Argon2id's time. */
enum esc_status recovery_make(const struct esc_secret *code, const struct esc_secret *kek,
                              const struct header *header, struct esc_argon2 price,
                              const struct esc_random *random, struct recovery *out,
                              struct esc_error *err);
/** The row @p slot of the store @p old for another KEK, without the code. @p auth is RECOVERY_AUTH
 *  of the keys, NULL: there is none. @errors ESC_CORRUPT: nobody who had the code made the slot,
 *  or it is of an earlier code. */
enum esc_status recovery_pass_on(const struct esc_json *slot, const struct header *old,
                                 const struct esc_secret *auth, const struct esc_secret *kek,
                                 const struct header *header, struct recovery *out,
                                 struct esc_error *err);
/** Writes the slot, and what vouches for it, in place of any other, inside a transaction. @p recovery
 *  NULL: there is none from then on. */
enum esc_status recovery_write(struct db *db, struct keys *keys, const struct recovery *recovery,
                               const struct header *header, uint64_t now_ms, struct esc_error *err);
