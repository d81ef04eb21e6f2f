/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/anchor_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/num.h"
#include "escher/crypt/digest.h"
#include "escher/store/audit.h"
#include "escher/store/header_private.h"
#include "escher/store/joined_private.h"
#include "escher/store/store_private.h"

enum {
    UUID_AT = 0,
    SEQUENCE_AT = 16,
    NUMBER_AT = 24,
    HASH_AT = 32,
    MAC_AT = 64,
    MAC_SIZE = 16,
};
static_assert(MAC_AT + MAC_SIZE == ESC_ANCHOR_SIZE);

enum {
    ITEM_TEXT = 7 + ESC_UUID_TEXT,
    FIRST_FORMAT = 2, /* of the stores that have anchors */
};

static void name_item(struct esc_uuid uuid, char out[ITEM_TEXT])
{
    memcpy(out, "anchor ", 7);
    esc_uuid_format(uuid, out + 7);
}

static void mac_of(const struct esc_store *store, const uint8_t bytes[MAC_AT],
                   uint8_t out[MAC_SIZE])
{
    uint8_t mac[ESC_SHA256_SIZE];
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = keys_derive(store->keys, "store anchor");
    esc_hmac_sha256(esc_secret_view(key), bytes_of(bytes, MAC_AT), mac);
    memcpy(out, mac, MAC_SIZE);
}

/* Putting */

enum esc_status esc_store_anchor_take(struct esc_store *store, struct esc_anchor *out,
                                      struct esc_error *err)
{
    struct esc_audit_report head;
    enum esc_status status = esc_store_audit_head(store, &head, err);
    if (status != ESC_OK)
        return status;
    *out = (struct esc_anchor){.sequence = state_sequence(store->state),
                               .audit_seq = head.records,
                               .has_before = store->anchored.has_bytes};
    memcpy(out->before, store->anchored.bytes, sizeof out->before);
    memcpy(out->bytes + UUID_AT, store->uuid.bytes, sizeof store->uuid.bytes);
    esc_store_u64(out->bytes + SEQUENCE_AT, out->sequence);
    esc_store_u64(out->bytes + NUMBER_AT, out->audit_seq);
    if (!esc_hex_parse(esc_str_of(head.hash), out->bytes + HASH_AT, ESC_SHA256_SIZE))
        return esc_fail(err, ESC_CORRUPT, "the head of the audit trail is damaged");
    mac_of(store, out->bytes, out->bytes + MAC_AT);
    return ESC_OK;
}

/* Whether what is there now may be replaced. */
static enum esc_status look_before(struct esc_keyring *keyring, const char *item,
                                   struct esc_anchor *anchor, struct esc_error *err)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *found = NULL;
    enum esc_status status = esc_keyring_get(keyring, item, &found, err);
    if (status == ESC_NOT_FOUND)
        return ESC_OK;
    if (status != ESC_OK)
        return status;
    const struct esc_str bytes = esc_secret_view(found);
    if (bytes.len == ESC_ANCHOR_SIZE && anchor->has_before &&
        memcmp(bytes.ptr, anchor->before, ESC_ANCHOR_SIZE) == 0)
        return ESC_OK;
    memset(anchor->found, 0, sizeof anchor->found);
    if (bytes.len == ESC_ANCHOR_SIZE)
        memcpy(anchor->found, bytes.ptr, ESC_ANCHOR_SIZE);
    return esc_fail(err, ESC_CONFLICT, "the keyring has another anchor than this store knows");
}

enum esc_status esc_anchor_put(struct esc_keyring *keyring, struct esc_anchor *anchor,
                               struct esc_error *err)
{
    char item[ITEM_TEXT];
    struct esc_uuid uuid;
    memcpy(uuid.bytes, anchor->bytes + UUID_AT, sizeof uuid.bytes);
    name_item(uuid, item);
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *secret = esc_secret_new(anchor->bytes, sizeof anchor->bytes);
    enum esc_status status = anchor->is_meant ? ESC_OK : look_before(keyring, item, anchor, err);
    if (status == ESC_OK)
        status = esc_keyring_put(keyring, item, secret, err);
    return status == ESC_OK ? ESC_OK : esc_wrap(err, status, "anchor of the store");
}

static void know(struct esc_store *store, const uint8_t bytes[ESC_ANCHOR_SIZE], uint64_t sequence)
{
    store->anchored =
        (struct anchored){.state = ESC_ANCHOR_FITS, .sequence = sequence, .has_bytes = true};
    memcpy(store->anchored.bytes, bytes, ESC_ANCHOR_SIZE);
}

void esc_store_anchor_note(struct esc_store *store, const struct esc_anchor *anchor)
{
    know(store, anchor->bytes, anchor->sequence);
}

enum esc_anchor_state esc_store_anchor_state(const struct esc_store *store)
{
    if (store->anchored.state == ESC_ANCHOR_FITS &&
        store->anchored.sequence != state_sequence(store->state))
        return ESC_ANCHOR_BEHIND;
    return store->anchored.state;
}

/* Comparing */

static enum esc_status refuse(struct esc_error *err, const char *how)
{
    return esc_fail(
        err, ESC_CORRUPT,
        "the store is older than the last one seen (%s): a copy was put back. If you "
        "meant that, `escher audit accept`; if not, put the newer one back or restore it",
        how);
}

/* Whether the trail goes through the anchor's record. */
static enum esc_status check_trail(struct esc_store *store, const uint8_t *bytes,
                                   struct esc_error *err)
{
    uint8_t hash[ESC_SHA256_SIZE];
    char how[80];
    const uint64_t seq = esc_load_u64(bytes + NUMBER_AT);
    const enum esc_status status = audit_hash_at(store, seq, hash, err);
    if (status == ESC_OK && memcmp(hash, bytes + HASH_AT, sizeof hash) == 0)
        return ESC_OK;
    if (status != ESC_OK && status != ESC_NOT_FOUND && status != ESC_CORRUPT)
        return status;
    (void)snprintf(how, sizeof how, "audit record %" PRIu64 " is %s", seq,
                   status == ESC_OK          ? "another"
                   : status == ESC_NOT_FOUND ? "not in it"
                                             : "damaged");
    return refuse(err, how);
}

static enum esc_status check_bytes(struct esc_store *store, struct esc_str bytes,
                                   struct esc_error *err)
{
    uint8_t anchor[ESC_ANCHOR_SIZE], mac[MAC_SIZE];
    char how[80];
    if (bytes.len != sizeof anchor)
        return esc_fail(err, ESC_CORRUPT, "the anchor of the store is damaged");
    memcpy(anchor, bytes.ptr, sizeof anchor);
    mac_of(store, anchor, mac);
    if (!esc_equal_constant_time(mac, anchor + MAC_AT, MAC_SIZE))
        return esc_fail(err, ESC_CORRUPT,
                        "the anchor of the store is damaged; `escher audit accept` makes a new one "
                        "when you know that the store is the last one");
    const uint64_t sequence = esc_load_u64(anchor + SEQUENCE_AT);
    const uint64_t ours = state_sequence(store->state);
    know(store, anchor, sequence);
    (void)snprintf(how, sizeof how, "number %" PRIu64 ", and %" PRIu64 " was seen", ours, sequence);
    return ours < sequence ? refuse(err, how) : check_trail(store, anchor, err);
}

enum esc_status esc_store_anchor_compare(struct esc_store *store, const struct esc_anchor *anchor,
                                         struct esc_error *err)
{
    enum esc_status status = check_bytes(store, bytes_of(anchor->found, ESC_ANCHOR_SIZE), err);
    if (status == ESC_CORRUPT)
        store->anchored = (struct anchored){.state = ESC_ANCHOR_AHEAD};
    return status;
}

enum esc_status anchor_check_format(const struct header *header,
                                    const struct esc_store_options *options, struct esc_error *err)
{
    char item[ITEM_TEXT], how[40];
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *secret = NULL;
    name_item(header->uuid, item);
    if (header->format >= FIRST_FORMAT || !options->anchor || options->accept_older ||
        options->code || esc_keyring_get(options->keyring, item, &secret, NULL) != ESC_OK)
        return ESC_OK;
    (void)snprintf(how, sizeof how, "it has format %u", header->format);
    return refuse(err, how);
}

enum esc_status anchor_check(struct esc_store *store, const struct esc_store_options *options,
                             struct esc_error *err)
{
    char item[ITEM_TEXT];
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *secret = NULL;
    name_item(store->uuid, item);
    store->anchored.state = ESC_ANCHOR_OFF;
    if (!options->anchor || options->code)
        return ESC_OK;
    enum esc_status status = esc_keyring_get(options->keyring, item, &secret, NULL);
    if (status == ESC_OK)
        return check_bytes(store, esc_secret_view(secret), err);
    store->anchored.state = status == ESC_NOT_FOUND ? ESC_ANCHOR_MISSING : ESC_ANCHOR_UNKNOWN;
    return ESC_OK;
}

/* Accepting */

static enum esc_status note_accepted(struct esc_store *store, struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *event = esc_json_object();
    esc_json_set_text(event, "kind", "accepted");
    esc_json_set_text(event, "text", "an older state of the store is meant");
    esc_json_set_int(event, "sequence", (int64_t)state_sequence(store->state));
    esc_json_set_int(event, "seen_sequence", (int64_t)store->anchored.sequence);
    enum esc_status status = state_adopt(store, err);
    if (status == ESC_OK)
        status = esc_store_audit_append(store, event, NULL, err);
    return status == ESC_CORRUPT ? ESC_OK
                                 : status; /* a trail whose end is damaged says so itself */
}

enum esc_status esc_store_anchor_accept(const struct esc_store_options *options,
                                        struct esc_error *err)
{
    struct esc_store_options meant = *options;
    struct esc_anchor anchor;
    struct esc_store *store = NULL;
    meant.anchor = meant.accept_older = true;
    meant.create = false;
    enum esc_status status = esc_store_open(&meant, &store, err);
    if (status != ESC_OK)
        return status;
    status = note_accepted(store, err);
    if (status == ESC_OK)
        status = esc_store_anchor_take(store, &anchor, err);
    anchor.is_meant = true;
    if (status == ESC_OK)
        status = esc_anchor_put(options->keyring, &anchor, err);
    esc_store_close(store);
    return status;
}
