/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The one file that remembers: estate, conversations, plans, runs, approvals, audit, documents.
 * Every row is sealed; the key of keys is kept in a keyring (docs/internals/store.md has the
 * format, the key tree and the states of a key).
 *
 *     open ──▶ [ begin ──▶ put, put, append, consume ... ──▶ commit or rollback ] ──▶ close
 *
 * A function that writes outside of begin and commit is a transaction of its own. When it returns
 * ESC_OK outside of a transaction, or when commit does, what was written survives a power cut.
 * When a write inside a transaction fails, the transaction is spoilt: commit undoes it and fails.
 *
 * What can go wrong has different answers, and none of them changes the file:
 *     ESC_LOCKED     the keychain is locked, passphrase or code are wrong, or another process holds it
 *     ESC_NOT_FOUND  there is no store (and `create` was not asked for), or no such row
 *     ESC_CORRUPT    "no key fits", "the key does not fit", "row 3f09...": damage, named
 *     ESC_CONFLICT   a key without a store, a newer format
 * A damaged row spoils no other: walks go on and count it in a tally.
 *
 * Ownership  who opens the store closes it; options are borrowed during the call, the keyring,
 *            clock and random until close.
 * Threads    one at a time; opening may take seconds (keyring, passphrase), so a program with a
 *            loop opens the store in a job and uses it on the loop thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "escher/base/clock.h"
#include "escher/base/error.h"
#include "escher/base/id.h"
#include "escher/base/json.h"
#include "escher/crypt/keyring.h"

struct esc_store;

struct esc_store_options {
    const char *path;      /* the database file */
    const char *lock_path; /* held with flock(2) until close */
    const char *key_name;  /* of the item in the keyring; two stores may not share one */
    struct esc_keyring *keyring;
    const struct esc_clock *clock;   /* NULL: the system's */
    const struct esc_random *random; /* NULL: the system's */
    bool create;                     /* make store and key when neither is there */
    uint64_t seal_budget;            /* seals per data key; 0: ESC_SEAL_BUDGET. For tests */
    bool anchor;              /* an older copy than the last one seen is refused (anchor.h) */
    bool accept_older;        /* it is opened in spite of that */
    const char *ballast_path; /* room for the audit trail (ballast.h); NULL: none */
    uint64_t ballast_size;    /* 0: ESC_BALLAST_SIZE */

    /* A recovery code (recovery.h) for the store that is made; NULL: it gets none. */
    const struct esc_secret *new_code;
    /* Opens the store with its recovery code, and asks the keyring for nothing; NULL: by the key. */
    const struct esc_secret *code;
    /* Mixed with what the keyring has, where a store was made or changed so; NULL: none. */
    const struct esc_secret *passphrase;
    struct esc_argon2 price; /* of new slots; zero: esc_argon2_default() */
};

/** @errors ESC_LOCKED, ESC_NOT_FOUND, ESC_CORRUPT, ESC_CONFLICT as above; what the keyring says;
 *  ESC_INVALID: the store's key is in another kind of keyring (named), or the code has a typo
 *  (named); ESC_IO. */
enum esc_status esc_store_open(const struct esc_store_options *options, struct esc_store **out,
                               struct esc_error *err);
/** Rolls back what is not committed; NULL does nothing. */
void esc_store_close(struct esc_store *store);
ESC_DEFINE_CLEANUP(struct esc_store, esc_store_close)

/** What can be told about a store file without its key. */
struct esc_store_peek {
    char id[ESC_UUID_TEXT];
    unsigned format;
    char keyring[32];   /* name of the kind of keyring that has the key */
    char key_name[160]; /* item in it */
    bool wants_passphrase;
};
/** Changes nothing. @errors ESC_NOT_FOUND; ESC_LOCKED: in use; ESC_CORRUPT; ESC_CONFLICT: newer. */
enum esc_status esc_store_peek(const char *path, struct esc_store_peek *out, struct esc_error *err);

/** The store's own UUID, lower case; borrowed. */
const char *esc_store_id(const struct esc_store *store);

/** One transaction for all that follows. Transactions do not nest (asserted). */
enum esc_status esc_store_begin(struct esc_store *store, struct esc_error *err);
/** @errors ESC_CONFLICT: a write in between had failed, all is undone; ESC_IO: likewise. */
enum esc_status esc_store_commit(struct esc_store *store, struct esc_error *err);
void esc_store_rollback(struct esc_store *store); /* without a transaction it does nothing */

/** What a walk met. */
struct esc_store_tally {
    size_t read;            /* rows handed to the function */
    size_t corrupt;         /* rows that do not open, passed over */
    struct esc_error first; /* of the first of those: names its row */
};

/** A document handed out by a walk, borrowed during the call. False ends the walk. The function
 *  may read from the store and must not write to it. */
typedef bool esc_store_each_fn(void *context, const char *key, const struct esc_json *json);
