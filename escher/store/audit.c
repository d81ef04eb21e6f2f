/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/store/audit_private.h"
#include "escher/store/joined_private.h"

/*
 * Each row is replaced or added in the transaction of what it records; nothing is kept in memory
 * between two calls, so there is nothing to undo.
 */

void chain_done(struct chain *chain)
{
    esc_secret_free(chain->key);
    esc_digest_free(chain->digest);
    chain->key = NULL;
    chain->digest = NULL;
}

enum {
    NUMBER_TEXT = 24,
};

static struct place record_place(uint64_t seq, char text[NUMBER_TEXT])
{
    (void)snprintf(text, NUMBER_TEXT, "%" PRIu64, seq);
    return (struct place){.collection = AUDIT, .id = esc_str_of(text)};
}

static const struct place head_place = {.collection = HEAD, .id = {"head", 4}};

/* H(0) */
static void first_hash(const struct esc_store *store, uint8_t out[HASH_SIZE])
{
    ESC_CLEANUP(esc_digest_freep) struct esc_digest *digest = esc_digest_new();
    esc_digest_add_sized(digest, ESC_STR("escher1 audit"));
    esc_digest_add_sized(digest, bytes_of(store->uuid.bytes, sizeof store->uuid.bytes));
    esc_digest_finish(digest, out);
}

void chain_advance(struct chain *chain, struct esc_str record, uint8_t mac[HASH_SIZE])
{
    uint8_t next[HASH_SIZE];
    if (!chain->digest)
        chain->digest = esc_digest_new();
    esc_digest_add(chain->digest, bytes_of(chain->hash, HASH_SIZE));
    esc_digest_add(chain->digest, record);
    esc_digest_finish(chain->digest, chain->hash);
    esc_hmac_sha256(esc_secret_view(chain->key), bytes_of(chain->hash, HASH_SIZE), mac);
    esc_hmac_sha256(esc_secret_view(chain->key), ESC_STR("next"), next);
    esc_secret_set(chain->key, next);
    esc_wipe(next, sizeof next);
    chain->seq++;
}

/* The head record */

enum esc_status audit_read_head(struct esc_store *store, struct chain *chain, struct esc_error *err)
{
    struct row row;
    row_init(&row);
    enum esc_status status = row_get(store, &head_place, &row, err);
    if (status == ESC_OK && (row.part_count != 4 || row.parts[1].len != 8 ||
                             row.parts[2].len != HASH_SIZE || row.parts[3].len != HASH_SIZE))
        status = esc_fail(err, ESC_CORRUPT, "the head of the audit trail is damaged");
    if (status == ESC_OK) {
        chain->seq = esc_load_u64(row.parts[1].ptr);
        memcpy(chain->hash, row.parts[2].ptr, HASH_SIZE);
        chain->key = esc_secret_new(row.parts[3].ptr, HASH_SIZE);
    }
    row_done(&row);
    return status;
}

static enum esc_status write_head(struct esc_store *store, const struct chain *chain,
                                  struct esc_error *err)
{
    char seq[8];
    esc_store_u64(seq, chain->seq);
    const struct esc_str parts[] = {
        {seq, sizeof seq}, bytes_of(chain->hash, HASH_SIZE), esc_secret_view(chain->key)};
    return row_put(store, &head_place, parts, ESC_COUNT(parts), err);
}

enum esc_status audit_start(struct esc_store *store, struct chain *out, struct esc_error *err)
{
    *out = (struct chain){0};
    first_hash(store, out->hash);
    return keys_secret_open(store->keys, CHAIN_KEY, &out->key, err);
}

/* Where the next record goes. A trail that lost its head is not started anew. */
static enum esc_status find_end(struct esc_store *store, struct chain *chain, struct esc_error *err)
{
    *chain = (struct chain){0};
    enum esc_status status = audit_read_head(store, chain, err);
    if (status != ESC_NOT_FOUND)
        return status;
    status = audit_start(store, chain, err);
    if (status == ESC_OK)
        return esc_fail(err, ESC_CORRUPT, "the audit trail has lost its head record");
    if (status == ESC_NOT_FOUND)
        status = keys_secret_make(store->keys, CHAIN_KEY, &chain->key, err);
    return status;
}

/* Appending */

static char *record_text(const struct esc_store *store, uint64_t seq, const struct esc_json *event)
{
    const uint64_t now_ms = esc_clock_wall_ms(store->clock);
    ESC_CLEANUP(esc_json_freep) struct esc_json *record = esc_json_object();
    esc_json_set_int(record, "seq", (int64_t)seq);
    esc_json_set_int(record, "at_ms", (int64_t)now_ms);
    esc_json_set(record, "event", esc_json_copy(event));
    return esc_json_print(record, ESC_JSON_SORTED);
}

static enum esc_status append(struct esc_store *store, const struct esc_json *event,
                              struct chain *chain, struct esc_error *err)
{
    char number[NUMBER_TEXT];
    uint8_t mac[HASH_SIZE];
    bool is_there = false;
    enum esc_status status = find_end(store, chain, err);
    if (status != ESC_OK)
        return status;
    ESC_CLEANUP(esc_freep) char *text = record_text(store, chain->seq + 1, event);
    if (strlen(text) > ESC_MAX_RESOURCE)
        return esc_fail(err, ESC_LIMIT, "an audit record has at most %d bytes", ESC_MAX_RESOURCE);
    const struct place place = record_place(chain->seq + 1, number);
    status = row_exists(store, &place, &is_there, err);
    if (status == ESC_OK && is_there)
        status = esc_fail(err, ESC_CORRUPT, "the audit trail has a record %s already", number);
    if (status != ESC_OK)
        return status;
    chain_advance(chain, esc_str_of(text), mac);
    const struct esc_str parts[] = {esc_str_of(text), bytes_of(chain->hash, HASH_SIZE),
                                    bytes_of(mac, HASH_SIZE)};
    status = row_put(store, &place, parts, ESC_COUNT(parts), err);
    return status == ESC_OK ? write_head(store, chain, err) : status;
}

enum esc_status esc_store_audit_append(struct esc_store *store, const struct esc_json *event,
                                       uint64_t *seq, struct esc_error *err)
{
    struct write write;
    struct chain chain = {0};
    enum esc_status status = write_begin(store, &write, err);
    if (status != ESC_OK)
        return status;
    store->may_spend = true; /* a full disk does not keep it out */
    status = write_end(&write, append(store, event, &chain, err), err);
    if (status == ESC_OK && seq)
        *seq = chain.seq;
    chain_done(&chain);
    return status;
}

/* Reading */

enum esc_status audit_record(struct esc_store *store, uint64_t seq, struct row *row,
                             struct esc_error *err)
{
    char number[NUMBER_TEXT];
    const struct place place = record_place(seq, number);
    enum esc_status status = row_get(store, &place, row, err);
    if (status == ESC_OK && (row->part_count != RECORD_PARTS || row->parts[2].len != HASH_SIZE ||
                             row->parts[3].len != HASH_SIZE))
        return esc_fail(err, ESC_CORRUPT, "it has other parts than ours");
    return status;
}

enum esc_status audit_hash_at(struct esc_store *store, uint64_t seq, uint8_t out[HASH_SIZE],
                              struct esc_error *err)
{
    struct row row;
    if (seq == 0) {
        first_hash(store, out);
        return ESC_OK;
    }
    row_init(&row);
    enum esc_status status = audit_record(store, seq, &row, err);
    if (status == ESC_OK)
        memcpy(out, row.parts[2].ptr, HASH_SIZE);
    row_done(&row);
    return status;
}

enum esc_status audit_count(struct esc_store *store, uint64_t *out, struct esc_error *err)
{
    size_t rows = 0;
    struct chain head = {0};
    enum esc_status status = audit_read_head(store, &head, err);
    *out = head.seq;
    chain_done(&head);
    if (status != ESC_NOT_FOUND && status != ESC_CORRUPT)
        return status;
    status = rows_count(store, AUDIT, &rows, err);
    *out = rows;
    return status;
}

static enum esc_status hand_out(const struct row *row, uint64_t seq, esc_audit_each_fn *fn,
                                void *context, bool *go_on, struct esc_error *err)
{
    char hash[ESC_SHA256_TEXT];
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    enum esc_status status = esc_json_parse(row->parts[1], NULL, &json, err);
    if (status != ESC_OK)
        return esc_wrap(err, ESC_CORRUPT, "its text");
    esc_hex(row->parts[2].ptr, HASH_SIZE, hash);
    const struct esc_audit_record record = {
        .seq = seq,
        .at_ms = (uint64_t)esc_json_num(json, "at_ms", 0),
        .event = esc_json_get(json, "event"),
        .hash = hash,
    };
    *go_on = fn(context, &record);
    return ESC_OK;
}

enum esc_status esc_store_audit_each(struct esc_store *store, uint64_t from, esc_audit_each_fn *fn,
                                     void *context, struct esc_store_tally *tally,
                                     struct esc_error *err)
{
    struct esc_store_tally counts = {0};
    struct esc_error why;
    struct row row;
    uint64_t last = 0;
    bool go_on = true;
    row_init(&row);
    enum esc_status status = audit_count(store, &last, err);
    for (uint64_t seq = from ? from : 1; status == ESC_OK && go_on && seq <= last; seq++) {
        status = audit_record(store, seq, &row, &why);
        if (status == ESC_OK)
            status = hand_out(&row, seq, fn, context, &go_on, &why);
        counts.read += status == ESC_OK;
        if (status != ESC_CORRUPT && status != ESC_NOT_FOUND) {
            status = status == ESC_OK ? ESC_OK : esc_fail(err, status, "%s", why.message);
            continue;
        }
        status = ESC_OK;
        if (counts.corrupt++ == 0)
            (void)esc_fail(&counts.first, ESC_CORRUPT, "audit record %" PRIu64 ": %s", seq,
                           why.message); /* kept for the tally */
    }
    row_done(&row);
    if (tally)
        *tally = counts;
    return status;
}

enum esc_status esc_store_audit_head(struct esc_store *store, struct esc_audit_report *report,
                                     struct esc_error *err)
{
    struct esc_audit_report found = {0};
    struct chain head = {0};
    enum esc_status status = audit_read_head(store, &head, err);
    if (status == ESC_NOT_FOUND) {
        first_hash(store, head.hash);
        status = ESC_OK;
    }
    found.records = head.seq;
    esc_hex(head.hash, HASH_SIZE, found.hash);
    chain_done(&head);
    if (status == ESC_OK)
        *report = found;
    return status;
}

/* Mending */

struct last {
    uint64_t seq;
    uint8_t hash[HASH_SIZE];
};

static enum esc_status find_last(void *context, const struct row *row, bool *, struct esc_error *)
{
    struct last *last = context;
    uint64_t seq = 0;
    if (row->part_count == RECORD_PARTS && row->parts[2].len == HASH_SIZE &&
        esc_num_u64(row->parts[0], &seq) && seq > last->seq) {
        last->seq = seq;
        memcpy(last->hash, row->parts[2].ptr, HASH_SIZE);
    }
    return ESC_OK;
}

enum esc_status audit_mend_head(struct esc_store *store, struct esc_error *err)
{
    struct chain chain = {0};
    struct last last = {0};
    uint8_t mac[HASH_SIZE];
    const struct walk walk = {.collection = AUDIT};
    enum esc_status status = audit_read_head(store, &chain, NULL);
    chain_done(&chain);
    if (status == ESC_OK || audit_start(store, &chain, NULL) != ESC_OK)
        return ESC_OK; /* nothing is to be mended, or nothing can be */
    memcpy(last.hash, chain.hash, HASH_SIZE);
    status = rows_walk(store, &walk, find_last, &last, NULL, err);
    while (chain.seq < last.seq)
        chain_advance(&chain, ESC_STR(""), mac); /* for its key alone */
    memcpy(chain.hash, last.hash, HASH_SIZE);
    if (status == ESC_OK)
        status = write_head(store, &chain, err);
    chain_done(&chain);
    return status;
}
