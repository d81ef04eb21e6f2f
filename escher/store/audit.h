/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The audit trail: sealed records in a chain, so that none can be changed, taken out, added,
 * moved or cut off without being found.
 *
 *     H(0) = SHA-256("escher1 audit" ‖ store id)
 *     H(i) = SHA-256(H(i-1) ‖ record i)         record: JSON with seq, at, event
 *     M(i) = HMAC(K(i), H(i))                   K(i+1) = HMAC(K(i), "next"), K(i) is forgotten
 *
 * A sealed head record holds the last number, H and the next K. Verifying starts from K(1), which
 * is wrapped by the key-encryption key alone and not unwrapped for appending.
 */

#include "escher/store/store.h"

/**
 * Appends an event (an object: actor, action, subject ...); belongs into the transaction of what
 * it records. Numbers start at 1. @p seq may be NULL.
 * @errors ESC_LIMIT: over ESC_MAX_RESOURCE; ESC_CORRUPT: the head record is damaged.
 */
enum esc_status esc_store_audit_append(struct esc_store *store, const struct esc_json *event,
                                       uint64_t *seq, struct esc_error *err);

struct esc_audit_record {
    uint64_t seq, at_ms;
    const struct esc_json *event; /* borrowed */
    const char *hash;             /* H(seq), hex */
};
typedef bool esc_audit_each_fn(void *context, const struct esc_audit_record *record);
/** From number @p from on, in order. Damaged or missing records are counted in @p tally. */
enum esc_status esc_store_audit_each(struct esc_store *store, uint64_t from, esc_audit_each_fn *fn,
                                     void *context, struct esc_store_tally *tally,
                                     struct esc_error *err);

struct esc_audit_report {
    uint64_t records;   /* the head's number: how many there must be */
    uint64_t first_bad; /* 0: all is well */
    char hash[65];      /* H(records), hex: to be kept elsewhere and compared */
};
/** What the head says, without a look at the chain: @p report gets records and hash.
 *  @errors ESC_CORRUPT: the head is damaged. */
enum esc_status esc_store_audit_head(struct esc_store *store, struct esc_audit_report *report,
                                     struct esc_error *err);
/** Checks the whole chain. @p report may be NULL.
 *  @errors ESC_CORRUPT with the first bad number and what is wrong with it. */
enum esc_status esc_store_audit_verify(struct esc_store *store, struct esc_audit_report *report,
                                       struct esc_error *err);

/* Exporting: all that is needed to check the trail with other means (tools/audit-check). */

struct esc_audit_line {
    uint64_t seq;
    struct esc_str record;  /* the text that was hashed */
    const char *hash, *mac; /* H(seq) and M(seq), hex */
    const char *damage;     /* why there is none of these; NULL: they are there */
};
typedef bool esc_audit_line_fn(void *context, const struct esc_audit_line *line);
/** Up to @p most records from number @p from on, whole or damaged, in order. */
enum esc_status esc_store_audit_lines(struct esc_store *store, uint64_t from, uint64_t most,
                                      esc_audit_line_fn *fn, void *context, struct esc_error *err);
/** K(1), with which all MACs can be checked, and made. @errors ESC_NOT_FOUND: there is no record
 *  yet; ESC_CORRUPT. */
enum esc_status esc_store_audit_key(struct esc_store *store, struct esc_secret **out,
                                    struct esc_error *err);
