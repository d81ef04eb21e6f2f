/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The key tree of an open store.
 *
 *     KEK (in the keyring) ──wraps──▶ index key       names of rows and collections become HMACs
 *                          ├────────▶ data keys       one per collection and epoch
 *                          ├────────▶ data keys       one per conversation and epoch
 *                          └────────▶ audit key K(1)  where the chain of MACs starts
 *
 * A data key counts its seals, in memory and at commit in its row. At the budget it is retired:
 * it goes on opening what it sealed, and a key of the next epoch takes over in the same
 * transaction.
 *
 * Ownership  keys belong to the tree; what the functions give out is borrowed until the next
 *            commit or rollback.
 */

#include <stdbool.h>
#include <stdint.h>

#include "escher/base/error.h"
#include "escher/base/id.h"
#include "escher/crypt/seal.h"
#include "escher/store/db_private.h"

enum {
    TAG_SIZE = 8,   /* of a collection or another purpose */
    BLIND_SIZE = 16 /* of a row's id, a parent, an owner */
};

struct tag {
    uint8_t bytes[TAG_SIZE];
};
struct blind {
    uint8_t bytes[BLIND_SIZE];
};

struct data_key {
    int64_t id; /* as rows name it */
    struct tag tag;
    struct blind owner; /* zeros: the collection's own */
    int64_t epoch;
    uint64_t seals;
    struct esc_sealer *sealer;
    bool is_fresh; /* made in the open transaction */
    bool is_dirty; /* its count is not on disk yet */
};

struct keys;

struct keys_options {
    struct db *db;                 /* borrowed */
    struct esc_uuid uuid;          /* of the store */
    const struct esc_secret *kek;  /* copied in what is derived from it */
    const struct esc_secret *wrap; /* instead of a KEK what keys_wrap() gave; else NULL */
    int64_t kek_number;
    const struct esc_random *random; /* borrowed */
    uint64_t budget;                 /* seals per data key */
};

/** Makes the index key of a new store, inside a transaction. */
enum esc_status keys_start(const struct keys_options *options, struct esc_error *err);
/** @errors ESC_CORRUPT: the index key does not open. */
enum esc_status keys_open(const struct keys_options *options, struct keys **out,
                          struct esc_error *err);
void keys_close(struct keys *keys);
ESC_DEFINE_CLEANUP(struct keys, keys_close)

/** What wraps the keys, to open a copy of the file with; owned by the caller. */
ESC_RETURNS_NONNULL struct esc_secret *keys_wrap(const struct keys *keys);
/** What keys outside of the store are derived from; borrowed. Kept in place of the KEK, which is
 *  gone once the tree is open. */
const struct esc_secret *keys_for_outside(const struct keys *keys);
/** The same from a KEK. */
struct esc_secret *kek_for_outside(const struct esc_secret *kek);

struct tag keys_tag(const struct keys *keys, const char *collection);
/** The blind form of @p name, different for each @p use ("id", "parent", "owner"). */
struct blind keys_blind(const struct keys *keys, const char *use, const char *collection,
                        struct esc_str name);

/** The key to seal with now; makes the first, or the next when the budget is used up. Counts one
 *  seal. @p owner NULL: the collection's. Inside a transaction. */
enum esc_status keys_for_sealing(struct keys *keys, struct tag tag, const struct blind *owner,
                                 struct data_key **out, struct esc_error *err);
/** @errors ESC_CORRUPT: no such key, or it does not open. */
enum esc_status keys_for_opening(struct keys *keys, int64_t key_id, struct data_key **out,
                                 struct esc_error *err);
/** Destroys all keys of @p owner, inside a transaction. */
enum esc_status keys_destroy(struct keys *keys, const struct blind *owner, struct esc_error *err);

/** A secret of its own below the KEK, made once. @errors as for the keys. */
enum esc_status keys_secret_make(struct keys *keys, const char *purpose, struct esc_secret **out,
                                 struct esc_error *err);
/** The same with a secret of the caller's. */
enum esc_status keys_secret_keep(struct keys *keys, const char *purpose,
                                 const struct esc_secret *secret, struct esc_error *err);
/** It is gone; that it never was is fine. */
enum esc_status keys_secret_drop(struct keys *keys, const char *purpose, struct esc_error *err);
/** @errors ESC_NOT_FOUND: not made yet; ESC_CORRUPT. */
enum esc_status keys_secret_open(struct keys *keys, const char *purpose, struct esc_secret **out,
                                 struct esc_error *err);

/** A key for @p purpose below the index key, which stays the same for the life of the store. */
ESC_RETURNS_NONNULL struct esc_secret *keys_derive(const struct keys *keys, const char *purpose);

/* Another KEK and another generation of data keys (rotation.h). */
struct wrapper;
const struct wrapper *keys_wrapper(const struct keys *keys); /* borrowed */
/** After the keys were wrapped by it; handed over. */
void keys_adopt(struct keys *keys, struct wrapper *wrapper);
/** Data keys with an id up to @p up_to open what they sealed, and seal nothing more. */
void keys_retire(struct keys *keys, int64_t up_to);
/** Lets go of what is kept ready, outside of transactions. */
void keys_forget(struct keys *keys);

/* Around the end of a transaction: counts are written before, what was made is kept or dropped
 * afterwards. */
enum esc_status keys_before_commit(struct keys *keys, struct esc_error *err);
void keys_after_commit(struct keys *keys);
void keys_after_rollback(struct keys *keys);
