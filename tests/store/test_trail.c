/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Somebody who has all keys but those of the chain changes the audit trail at random: whatever is
 * done to it, the first number where it is not as it was written is named. Each case is done in a
 * transaction that is undone again.
 */

#include "escher/crypt/digest.h"
#include "escher/store/audit_private.h"
#include "escher/store/joined_private.h"
#include "tests/store/support.h"

enum {
    CASES = 1000,
    RECORDS = 24,
    TEXT = 400,
};

struct record {
    char text[TEXT];
    size_t len;
    uint8_t hash[HASH_SIZE], mac[HASH_SIZE];
};

struct trail {
    struct box box;
    struct esc_random_seeded random;
    struct record records[RECORDS + 1]; /* by their numbers */
    struct record head;                 /* its hash; its key in place of the MAC */
};

static unsigned below(struct trail *trail, unsigned bound)
{
    return (unsigned)esc_random_below(&trail->random.random, bound);
}

static unsigned any(struct trail *trail)
{
    return 1 + below(trail, RECORDS);
}

/* Writing what one likes, with the data keys. */

static void put(struct trail *trail, unsigned number, const struct record *record)
{
    char name[12];
    (void)snprintf(name, sizeof name, "%u", number);
    const struct place place = {.collection = AUDIT, .id = esc_str_of(name)};
    const struct esc_str parts[] = {{record->text, record->len},
                                    bytes_of(record->hash, HASH_SIZE),
                                    bytes_of(record->mac, HASH_SIZE)};
    expect_ok(row_put(trail->box.store, &place, parts, ESC_COUNT(parts), &err));
}

static void drop(struct trail *trail, unsigned number)
{
    char name[12];
    (void)snprintf(name, sizeof name, "%u", number);
    const struct place place = {.collection = AUDIT, .id = esc_str_of(name)};
    expect_ok(row_delete(trail->box.store, &place, &err));
}

static void put_head(struct trail *trail, unsigned number, const uint8_t hash[HASH_SIZE])
{
    char bytes[8];
    esc_store_u64(bytes, number);
    const struct place place = {.collection = HEAD, .id = ESC_STR("head")};
    const struct esc_str parts[] = {
        {bytes, sizeof bytes}, bytes_of(hash, HASH_SIZE), bytes_of(trail->head.mac, HASH_SIZE)};
    expect_ok(row_put(trail->box.store, &place, parts, ESC_COUNT(parts), &err));
}

/* H(number) for another text; the MAC stays as it was, for want of its key. */
static void rehash(const struct trail *trail, unsigned number, const uint8_t *before,
                   struct record *record)
{
    ESC_CLEANUP(esc_digest_freep) struct esc_digest *digest = esc_digest_new();
    esc_digest_add(digest, bytes_of(before ? before : trail->records[number - 1].hash, HASH_SIZE));
    esc_digest_add(digest, (struct esc_str){record->text, record->len});
    esc_digest_finish(digest, record->hash);
}

/* Kinds of changes; each tells the first number that is not as it was written. */

static struct record edited(struct trail *trail, unsigned number)
{
    struct record record = trail->records[number];
    char *digit = strstr(record.text, "act ") + 4;
    *digit = *digit == '9' ? '8' : '9';
    return record;
}

static unsigned edit(struct trail *trail)
{
    const unsigned number = any(trail);
    const struct record record = edited(trail, number);
    put(trail, number, &record);
    return number;
}

static unsigned edit_and_hash_the_rest(struct trail *trail)
{
    const unsigned number = any(trail);
    struct record before = edited(trail, number);
    rehash(trail, number, NULL, &before);
    put(trail, number, &before);
    for (unsigned i = number + 1; i <= RECORDS; i++) {
        struct record next = trail->records[i];
        rehash(trail, i, before.hash, &next);
        put(trail, i, &next);
        before = next;
    }
    put_head(trail, RECORDS, before.hash);
    return number;
}

static unsigned edit_a_hash_or_mac(struct trail *trail)
{
    const unsigned number = any(trail);
    struct record record = trail->records[number];
    uint8_t *bytes = below(trail, 2) ? record.hash : record.mac;
    bytes[below(trail, HASH_SIZE)] ^= (uint8_t)(1 << below(trail, 8));
    put(trail, number, &record);
    return number;
}

static unsigned delete (struct trail *trail)
{
    const unsigned number = any(trail);
    drop(trail, number);
    return number;
}

static unsigned delete_and_move_up(struct trail *trail)
{
    const unsigned number = any(trail);
    for (unsigned i = number; i < RECORDS; i++)
        put(trail, i, &trail->records[i + 1]);
    drop(trail, RECORDS);
    if (below(trail, 2) == 0)
        return number; /* the head tells that one is missing, the chain where */
    put_head(trail, RECORDS - 1, trail->head.hash);
    return number;
}

static unsigned insert(struct trail *trail)
{
    const unsigned number = any(trail);
    struct record record = edited(trail, number);
    rehash(trail, number, NULL, &record);
    put(trail, number, &record);
    for (unsigned i = number; i <= RECORDS; i++)
        put(trail, i + 1, &trail->records[i]);
    if (below(trail, 2))
        put_head(trail, RECORDS + 1, trail->head.hash);
    return number;
}

static unsigned reorder(struct trail *trail)
{
    const unsigned a = any(trail);
    unsigned b = a;
    while (b == a)
        b = any(trail);
    put(trail, a, &trail->records[b]);
    put(trail, b, &trail->records[a]);
    return a < b ? a : b;
}

static unsigned truncate_it(struct trail *trail)
{
    const unsigned first = any(trail);
    for (unsigned i = first; i <= RECORDS; i++)
        drop(trail, i);
    return first;
}

static unsigned truncate_with_the_head(struct trail *trail)
{
    const unsigned first = 1 + any(trail);
    if (first > RECORDS)
        return truncate_it(trail);
    for (unsigned i = first; i <= RECORDS; i++)
        drop(trail, i);
    put_head(trail, first - 1, trail->records[first - 1].hash);
    return first;
}

static unsigned duplicate(struct trail *trail)
{
    put(trail, RECORDS + 1, &trail->records[any(trail)]);
    return RECORDS + 1;
}

static unsigned duplicate_over_another(struct trail *trail)
{
    const unsigned number = any(trail);
    unsigned other = number;
    while (other == number)
        other = any(trail);
    put(trail, number, &trail->records[other]);
    return number;
}

/* A MAC made with the key of another epoch, by somebody who has that one. */
static unsigned mac_of_another_epoch(struct trail *trail)
{
    const unsigned number = any(trail);
    unsigned epoch = number;
    uint8_t key[HASH_SIZE];
    struct record record = trail->records[number];
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *first = NULL;
    while (epoch == number)
        epoch = any(trail);
    expect_ok(esc_store_audit_key(trail->box.store, &first, &err));
    memcpy(key, esc_secret_view(first).ptr, HASH_SIZE);
    for (unsigned i = 1; i < epoch; i++)
        esc_hmac_sha256(bytes_of(key, HASH_SIZE), ESC_STR("next"), key);
    esc_hmac_sha256(bytes_of(key, HASH_SIZE), bytes_of(record.hash, HASH_SIZE), record.mac);
    put(trail, number, &record);
    return number;
}

static const struct kind {
    const char *name;
    unsigned (*change)(struct trail *trail);
} kinds[] = {
    {"edit", edit},
    {"edit and hash the rest", edit_and_hash_the_rest},
    {"edit a hash or MAC", edit_a_hash_or_mac},
    {"delete", delete},
    {"delete and move up", delete_and_move_up},
    {"insert", insert},
    {"reorder", reorder},
    {"truncate", truncate_it},
    {"truncate with the head", truncate_with_the_head},
    {"duplicate", duplicate},
    {"duplicate over another", duplicate_over_another},
    {"MAC of another epoch", mac_of_another_epoch},
};

/* The trail */

static void keep_record(struct trail *trail, unsigned number)
{
    struct row row;
    struct record *record = &trail->records[number];
    row_init(&row);
    expect_ok(audit_record(trail->box.store, number, &row, &err));
    assert_true(row.parts[1].len < TEXT);
    memcpy(record->text, row.parts[1].ptr, row.parts[1].len);
    record->len = row.parts[1].len;
    memcpy(record->hash, row.parts[2].ptr, HASH_SIZE);
    memcpy(record->mac, row.parts[3].ptr, HASH_SIZE);
    row_done(&row);
}

static void trail_init(struct trail *trail)
{
    struct chain head = {0};
    *trail = (struct trail){0};
    esc_random_seeded_init(&trail->random, test_seed(20261122));
    box_open(&trail->box);
    for (unsigned i = 1; i <= RECORDS; i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *event = esc_json_object();
        ESC_CLEANUP(esc_freep) char *text = esc_sprintf("act %u of many", i);
        esc_json_set_text(event, "text", text);
        expect_ok(esc_store_audit_append(trail->box.store, event, NULL, &err));
        keep_record(trail, i);
    }
    expect_ok(audit_read_head(trail->box.store, &head, &err));
    memcpy(trail->head.hash, head.hash, HASH_SIZE);
    memcpy(trail->head.mac, esc_secret_view(head.key).ptr, HASH_SIZE);
    chain_done(&head);
    ESC_CLEANUP(esc_digest_freep) struct esc_digest *digest = esc_digest_new();
    const struct esc_uuid *uuid = &trail->box.store->uuid;
    esc_digest_add_sized(digest, ESC_STR("escher1 audit"));
    esc_digest_add_sized(digest, bytes_of(uuid->bytes, sizeof uuid->bytes));
    esc_digest_finish(digest, trail->records[0].hash);
}

static void try_kind(struct trail *trail, const struct kind *kind)
{
    struct esc_audit_report report = {0};
    expect_ok(esc_store_begin(trail->box.store, &err));
    const unsigned expected = kind->change(trail);
    const enum esc_status status = esc_store_audit_verify(trail->box.store, &report, &err);
    if (status != ESC_CORRUPT || report.first_bad != expected)
        print_error("%s: record %u, and %llu was named: %s\n", kind->name, expected,
                    (unsigned long long)report.first_bad, err.message);
    assert_int_equal(ESC_CORRUPT, status);
    assert_int_equal(expected, report.first_bad);
    esc_store_rollback(trail->box.store);
}

static void whatever_is_done_to_the_trail_its_first_bad_number_is_named(void **)
{
    struct trail trail;
    const int cases = test_rounds(CASES);
    trail_init(&trail);
    for (int i = 0; i < cases; i++)
        try_kind(&trail, &kinds[(size_t)i % ESC_COUNT(kinds)]);
    expect_ok(esc_store_audit_verify(trail.box.store, NULL, &err));
    print_message("# %d cases, each named by its number\n", cases);
    box_done(&trail.box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_is_done_to_the_trail_its_first_bad_number_is_named),
    };
    return cmocka_run_group_tests_name("store/trail", tests, NULL, NULL);
}
