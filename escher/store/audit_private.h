/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What appending, verifying and exporting the audit trail share; audit.h has the formulas.
 *
 * Parts of a record's row: number | JSON | H | M. Parts of the head's: "head" | number | H | next K.
 */

#include "escher/crypt/digest.h"
#include "escher/store/audit.h"
#include "escher/store/rows_private.h"

#define AUDIT "audit"
#define HEAD "audit_head"
#define CHAIN_KEY "audit chain"

enum {
    HASH_SIZE = ESC_SHA256_SIZE,
    RECORD_PARTS = 4,
};

/* The chain after some record: where the next one starts. */
struct chain {
    uint64_t seq;
    uint8_t hash[HASH_SIZE];
    struct esc_secret *key; /* K(seq + 1); owned */
    struct esc_digest *digest;
};
void chain_done(struct chain *chain);
/** From H(i-1) and K(i) to H(i), M(i) and K(i+1). */
void chain_advance(struct chain *chain, struct esc_str record, uint8_t mac[HASH_SIZE]);

/** The chain before its first record. @errors ESC_NOT_FOUND: there never was one; ESC_CORRUPT. */
enum esc_status audit_start(struct esc_store *store, struct chain *out, struct esc_error *err);
/** The chain after the last, as the head says. @errors ESC_NOT_FOUND, ESC_CORRUPT. */
enum esc_status audit_read_head(struct esc_store *store, struct chain *chain,
                                struct esc_error *err);
/** How many records there must be: by the head, or as many rows as there are without one. */
enum esc_status audit_count(struct esc_store *store, uint64_t *out, struct esc_error *err);
/** Makes a head that was lost anew, from the last record there is and the key of the chain, so that
 *  the trail can go on; its gaps stay and are found. Inside a transaction; only for a salvage. */
enum esc_status audit_mend_head(struct esc_store *store, struct esc_error *err);
/** A record whose parts have the right sizes. @errors ESC_NOT_FOUND, ESC_CORRUPT. */
enum esc_status audit_record(struct esc_store *store, uint64_t seq, struct row *row,
                             struct esc_error *err);
