/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Changing how a store is opened: another KEK, another place for it, another recovery code.
 *
 *     begin ──────────▶ work ───────────────▶ commit
 *     store's thread    any thread, slow      store's thread, one transaction
 *     notes in the      Argon2id, keyring:    from here on the new way opens, and not before
 *     store which       puts the item and
 *     item is coming    reads it back
 *
 * Cut off anywhere, what opened the store before opens it still, or the new way does: no key is ever
 * overwritten, and an item is deleted only after the store has said on the disk that nothing needs
 * it. Such items are told by esc_store_stale_items(), and deleted afterwards.
 *
 * Ownership  what options name is copied; keyrings are borrowed until free.
 * Threads    as drawn; free on the store's thread, before the store is closed.
 */

#include "escher/crypt/keyring.h"
#include "escher/store/store.h"

enum esc_key_change_kind {
    ESC_KEY_ROTATE, /* a new KEK, and after it new data keys (rotation.h) */
    ESC_KEY_MOVE,   /* the same KEK in another place */
    ESC_KEY_CODE,   /* a new recovery code; the one before is in no slot any more. Who has it and a
                       copy of the file from before has this KEK: only ROTATE ends that */
};

struct esc_key_change_options {
    enum esc_key_change_kind kind;
    struct esc_keyring *from;            /* MOVE, CODE: where the KEK is; NULL: `old_code` has it */
    struct esc_keyring *to;              /* ROTATE, MOVE: where it goes */
    const struct esc_secret *passphrase; /* what the store is opened with now; NULL: none */
    const struct esc_secret *new_passphrase; /* ROTATE, MOVE: what it is opened with then */
    const struct esc_secret *old_code;       /* MOVE, CODE: instead of a keyring */
    const struct esc_secret *new_code;       /* CODE */
    struct esc_argon2 price;                 /* of new slots; zero: esc_argon2_default() */
    const struct esc_json
        *event; /* for the audit trail, in the transaction of the change; or NULL */
};

struct esc_key_change;

/** @errors ESC_CONFLICT: another change is under way; ESC_INVALID. */
enum esc_status esc_key_change_begin(struct esc_store *store,
                                     const struct esc_key_change_options *options,
                                     struct esc_key_change **out, struct esc_error *err);
/** @errors what the keyrings say; ESC_LOCKED: wrong passphrase or code; ESC_CORRUPT: the key does
 *  not fit, or the new one was not kept. Nothing that opened the store before is touched. */
enum esc_status esc_key_change_work(struct esc_key_change *change, struct esc_error *err);
/** After work, once. */
enum esc_status esc_key_change_commit(struct esc_key_change *change, struct esc_error *err);
void esc_key_change_free(struct esc_key_change *change); /* NULL does nothing */
ESC_DEFINE_CLEANUP(struct esc_key_change, esc_key_change_free)

/** Removes the mark of the store whose key is called @p item from a keyring that it does not use any
 *  more; anything else there stays. */
void esc_key_mark_remove(struct esc_keyring *keyring, const char *item);

/** Items in keyrings that nothing needs any more: [{"slot", "keyring", "item", "mark"}], of those that
 *  this store has put. None of a change that is under way, but those of one that was given up. */
enum esc_status esc_store_stale_items(struct esc_store *store, struct esc_json **out,
                                      struct esc_error *err);
/** Deletes those that are in a keyring of this kind and tells which are gone; from any thread.
 *  @errors what the keyring says about the first that it could not delete. */
enum esc_status esc_stale_items_delete(const struct esc_json *items, struct esc_keyring *keyring,
                                       struct esc_json **gone, struct esc_error *err);
/** Takes what is gone off the list. */
enum esc_status esc_store_forget_items(struct esc_store *store, const struct esc_json *gone,
                                       struct esc_error *err);

/**
 * What there is to say about the keys, without a secret: {"kek", "since_ms", "keyring", "item",
 * "passphrase": bool, "recovery_since_ms" (not without a code), "budget", "data_keys":
 * [{"collection", "keys", "epoch", "seals"}], "rotation" (rotation.h; not when none was)}.
 */
enum esc_status esc_store_keys_page(struct esc_store *store, struct esc_json **out,
                                    struct esc_error *err);
