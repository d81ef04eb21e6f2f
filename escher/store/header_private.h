/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a store file says about itself without a key: that it is one, its format, its id, and the
 * slots from which its key-encryption key (KEK) can be had. The tables are drawn in header.c and
 * explained in docs/internals/store.md.
 */

#include <stdint.h>

#include "escher/base/error.h"
#include "escher/base/id.h"
#include "escher/crypt/derive.h"
#include "escher/crypt/seal.h"
#include "escher/crypt/secret.h"
#include "escher/store/db_private.h"
#include "escher/store/store.h"

enum {
    STORE_FORMAT = 2,
    CHECK_SIZE = 16, /* bytes of a key-check value */
};

/* A KEK of two halves: one in the keyring, one made of a passphrase. */
struct mixed {
    bool is_used; /* false: the item in the keyring is the KEK */
    struct esc_argon2 price;
    uint8_t salt[ESC_ARGON2_SALT];
    uint8_t check[CHECK_SIZE];                        /* tells whether an item is the half */
    uint8_t sealed[ESC_SEAL_KEY + ESC_SEAL_OVERHEAD]; /* the KEK, under both */
};

struct header {
    unsigned format;
    struct esc_uuid uuid;
    int64_t kek;               /* number of the current KEK, from 1 */
    uint8_t check[CHECK_SIZE]; /* tells whether a key is that KEK */
    char keyring[32], key_name[160];
    struct mixed mixed;
};

/** The check value of @p kek for the store @p uuid. */
void header_check_value(const struct esc_secret *kek, struct esc_uuid uuid,
                        uint8_t out[CHECK_SIZE]);
/** Whether @p key is the KEK. */
bool header_fits(const struct header *header, const struct esc_secret *key);

/** Makes the tables, empty. */
enum esc_status header_make_tables(struct db *db, struct esc_error *err);
/** Makes the tables and writes @p header but for its slot, inside a transaction of the caller. */
enum esc_status header_write(struct db *db, const struct header *header, uint64_t now_ms,
                             struct esc_error *err);
/** From @p format (0: nothing is there) to STORE_FORMAT, inside a transaction of the caller. */
enum esc_status header_bring_up(struct db *db, unsigned format, struct esc_error *err);
/** Writes its KEK's number and check value, inside a transaction of the caller. */
enum esc_status header_write_kek(struct db *db, const struct header *header, uint64_t now_ms,
                                 struct esc_error *err);
/** @errors ESC_CORRUPT: no store of ours, or damaged; ESC_CONFLICT: a newer format. */
enum esc_status header_read(struct db *db, struct header *out, struct esc_error *err);
/** The same from the file alone, changing nothing. */
enum esc_status header_peek(const char *path, struct header *out, struct esc_error *err);
