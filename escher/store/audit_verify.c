/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/audit_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "escher/base/num.h"
#include "escher/store/joined_private.h"

/* How many there must be, and by which hand the text of a record ends: its members are sorted. */
static bool has_number(struct esc_str text, uint64_t seq)
{
    char end[40];
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    const int len = snprintf(end, sizeof end, ",\"seq\":%" PRIu64 "}", seq);
    if (esc_str_ends_with(text, (struct esc_str){end, (size_t)len}))
        return true;
    return esc_json_parse(text, NULL, &json, NULL) == ESC_OK &&
           esc_json_num(json, "seq", 0) == (int64_t)seq;
}

/* The record that comes next against what the chain says it must be. */
static enum esc_status check_record(struct chain *chain, const struct row *row,
                                    struct esc_error *err)
{
    uint8_t mac[HASH_SIZE];
    chain_advance(chain, row->parts[1], mac);
    if (!esc_equal_constant_time(chain->hash, row->parts[2].ptr, HASH_SIZE))
        return esc_fail(err, ESC_CORRUPT, "it does not follow from the one before");
    if (!esc_equal_constant_time(mac, row->parts[3].ptr, HASH_SIZE))
        return esc_fail(err, ESC_CORRUPT, "it was not written with its own key");
    if (!has_number(row->parts[1], chain->seq))
        return esc_fail(err, ESC_CORRUPT, "it does not have its own number");
    return ESC_OK;
}

static enum esc_status bad(struct esc_audit_report *report, uint64_t seq, const char *why,
                           struct esc_error *err)
{
    report->first_bad = seq;
    return esc_fail(err, ESC_CORRUPT, "audit record %" PRIu64 ": %s", seq, why);
}

static enum esc_status check_end(struct esc_store *store, const struct chain *chain,
                                 const struct chain *head, struct esc_audit_report *report,
                                 struct esc_error *err)
{
    size_t rows = 0;
    /* All records so far are as they were written: whatever is wrong begins after them. */
    if (memcmp(chain->hash, head->hash, HASH_SIZE) != 0 || !esc_secret_equal(chain->key, head->key))
        return bad(report, head->seq + 1, "it was cut off: the head record is of another trail",
                   err);
    enum esc_status status = rows_count(store, AUDIT, &rows, err);
    if (status == ESC_OK && rows != head->seq)
        return bad(report, head->seq + 1, "the head record does not know it", err);
    return status;
}

struct walking {
    struct chain *chain;
    uint64_t last;
    struct esc_error why; /* of the first bad one */
};

/* Rows usually stand in the order of their numbers; at the first that does not, and at the first
 * that is bad, the walk ends. */
static enum esc_status check_in_order(void *context, const struct row *row, bool *stop,
                                      struct esc_error *)
{
    struct walking *walking = context;
    char number[24];
    const int len = snprintf(number, sizeof number, "%" PRIu64, walking->chain->seq + 1);
    *stop = walking->chain->seq >= walking->last || row->part_count != RECORD_PARTS ||
            !esc_str_equal(row->parts[0], (struct esc_str){number, (size_t)len}) ||
            row->parts[2].len != HASH_SIZE || row->parts[3].len != HASH_SIZE ||
            check_record(walking->chain, row, &walking->why) != ESC_OK;
    return ESC_OK;
}

/* What the walk did not get to, each by its number. */
static enum esc_status check_by_number(struct esc_store *store, struct chain *chain,
                                       const struct chain *head, struct esc_audit_report *report,
                                       struct esc_error *err)
{
    struct row row;
    struct esc_error why;
    enum esc_status status = ESC_OK;
    row_init(&row);
    while (status == ESC_OK && chain->seq < head->seq) {
        const uint64_t seq = chain->seq + 1;
        status = audit_record(store, seq, &row, &why);
        if (status == ESC_OK)
            status = check_record(chain, &row, &why);
        if (status == ESC_NOT_FOUND)
            status = bad(report, seq, "it is missing", err);
        else if (status == ESC_CORRUPT)
            status = bad(report, seq, why.message, err);
        else if (status != ESC_OK)
            status = esc_fail(err, status, "%s", why.message);
    }
    row_done(&row);
    return status;
}

/* From K(1) and H(0) through every record up to the head. */
static enum esc_status check_chain(struct esc_store *store, const struct chain *head,
                                   struct esc_audit_report *report, struct esc_error *err)
{
    struct chain chain;
    struct walking walking = {.chain = &chain, .last = head->seq};
    const struct walk walk = {.collection = AUDIT};
    enum esc_status status = audit_start(store, &chain, NULL);
    if (status != ESC_OK)
        return bad(report, 1, "the key of the chain is gone", err);
    status = rows_walk(store, &walk, check_in_order, &walking, NULL, err);
    if (status == ESC_OK && walking.why.status != ESC_OK)
        status = bad(report, chain.seq, walking.why.message, err);
    if (status == ESC_OK)
        status = check_by_number(store, &chain, head, report, err);
    if (status == ESC_OK)
        status = check_end(store, &chain, head, report, err);
    esc_hex(chain.hash, HASH_SIZE, report->hash);
    chain_done(&chain);
    return status;
}

/* Without a head nothing tells where the trail ended. */
static enum esc_status no_head(struct esc_store *store, const char *why,
                               struct esc_audit_report *report, struct esc_error *err)
{
    size_t rows = 0;
    enum esc_status status = rows_count(store, AUDIT, &rows, err);
    report->records = rows;
    return status == ESC_OK ? bad(report, rows + 1, why, err) : status;
}

/* There may be nothing at all: no record, and no key the chain starts from. */
static enum esc_status check_nothing(struct esc_store *store, struct esc_audit_report *report,
                                     struct esc_error *err)
{
    size_t rows = 0;
    struct chain start = {0};
    enum esc_status status = rows_count(store, AUDIT, &rows, err);
    if (status != ESC_OK)
        return status;
    status = audit_start(store, &start, NULL);
    chain_done(&start);
    if (rows || status != ESC_NOT_FOUND)
        return no_head(store, "the head record is gone", report, err);
    esc_hex(start.hash, HASH_SIZE, report->hash);
    return ESC_OK;
}

enum esc_status esc_store_audit_verify(struct esc_store *store, struct esc_audit_report *report,
                                       struct esc_error *err)
{
    struct esc_audit_report found = {0};
    struct chain head = {0};
    enum esc_status status = audit_read_head(store, &head, err);
    found.records = head.seq;
    if (status == ESC_OK)
        status = check_chain(store, &head, &found, err);
    else if (status == ESC_NOT_FOUND)
        status = check_nothing(store, &found, err);
    else if (status == ESC_CORRUPT)
        status = no_head(store, "the head record is damaged", &found, err);
    chain_done(&head);
    if (report)
        *report = found;
    return status;
}
