/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A life of a store's keys (made, rotated, dropped, moved, another recovery code) on a simulated
 * disk, beside a keyring that remembers what it held at each time. The process is killed, or the
 * power goes, at every act of that life: each image must open with the keyring of that moment and
 * with a recovery code, with every row in it, and go on to the end from there.
 */
#include "escher/store/rotation.h"

#include <unistd.h>

#include "escher/store/audit.h"
#include "escher/store/collections_private.h"
#include "escher/store/conversation.h"
#include "escher/store/document.h"
#include "escher/store/key_change.h"
#include "escher/store/key_slots_private.h"
#include "escher/store/recovery.h"
#include "escher/store/whole.h"
#include "tests/store/support.h"
#include "tests/support/vfs_image.h"

static const struct esc_argon2 cheap = {1, 8};

/* A keyring that can be asked for what it held once. Times are marks in the log of the disk. */

struct past_item {
    char *name;
    struct esc_secret *secret;
    uint64_t from, to; /* it was there in [from, to) */
};

struct past {
    struct esc_list items; /* struct past_item */
    uint64_t now;          /* the time of the living */
    uint64_t then;         /* the time that is asked for; UINT64_MAX: now */
    struct vfs_sim *sim;   /* gets the marks; NULL: nobody */
};

static void past_item_free(void *item)
{
    struct past_item *one = item;
    esc_secret_free(one->secret);
    free(one->name);
    free(one);
}

static struct past_item *past_find(const struct past *past, const char *name)
{
    const uint64_t at = past->then == UINT64_MAX ? past->now : past->then;
    for (size_t i = past->items.count; i-- > 0;) {
        struct past_item *item = past->items.items[i];
        if (strcmp(item->name, name) == 0 && item->from <= at && at < item->to)
            return item;
    }
    return NULL;
}

static void past_tick(struct past *past)
{
    past->now++;
    if (past->sim)
        vfs_sim_mark(past->sim, past->now);
}

static enum esc_status past_probe(void *, struct esc_error *)
{
    return ESC_OK;
}

static enum esc_status past_get(void *context, const char *name, struct esc_secret **out,
                                struct esc_error *error)
{
    const struct past_item *item = past_find(context, name);
    if (!item)
        return esc_fail(error, ESC_NOT_FOUND, "no key `%s`", name);
    *out = esc_secret_copy(item->secret);
    return ESC_OK;
}

static enum esc_status past_put(void *context, const char *name, const struct esc_secret *secret,
                                struct esc_error *)
{
    struct past *past = context;
    struct past_item *found = past_find(past, name);
    struct past_item *item = esc_alloc_zero(sizeof *item);
    /* Nothing is ever overwritten, but for the mark that a key leaves where it was. */
    assert_true(!found || esc_str_is(esc_secret_view(secret), ITEM_MARK));
    past_tick(past);
    if (found)
        found->to = past->now;
    *item = (struct past_item){esc_strdup(name), esc_secret_copy(secret), past->now, UINT64_MAX};
    esc_list_push(&past->items, item);
    return ESC_OK;
}

static enum esc_status past_del(void *context, const char *name, struct esc_error *)
{
    struct past *past = context;
    struct past_item *item = past_find(past, name);
    past_tick(past);
    if (item)
        item->to = past->now;
    return ESC_OK;
}

static void past_describe(void *, struct esc_buf *out)
{
    esc_buf_add_text(out, "a keyring with a memory");
}

static const struct esc_keyring_table past_table = {"memory", past_probe, past_get,
                                                    past_put, past_del,   past_describe};

/* The keys in the keyring now, without the mark of where the first one was. */
static size_t past_count(const struct past *past)
{
    size_t count = 0;
    for (size_t i = 0; i < past->items.count; i++) {
        const struct past_item *item = past->items.items[i];
        count += item->to == UINT64_MAX && esc_secret_len(item->secret) == ESC_SEAL_KEY;
    }
    return count;
}

/* The life */

enum {
    ROWS_A_STEP = 4,
    RESOURCES = 12,
};

struct life {
    struct box box;
    struct past past;
    struct vfs_sim *sim;
    struct esc_secret *first_code, *second_code;
    uint64_t made; /* the time from which the store is complete */
    size_t rows;
    char conversation[ESC_UUID_TEXT];
};

static void say(struct life *life, const char *text)
{
    char id[ESC_UUID_TEXT];
    esc_uuid_format(esc_uuid_v4(esc_random_system()), id);
    ESC_CLEANUP(esc_chat_message_freep) struct esc_chat_message *message = esc_chat_message_new();
    message->id = esc_strdup(id);
    message->conversation = esc_strdup(life->conversation);
    message->role = esc_strdup("user");
    message->text = esc_strdup(text);
    expect_ok(esc_store_message_add(life->box.store, message, &err));
}

static void put_doc(struct esc_store *store, const char *key, const char *text)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_json_text(text);
    expect_ok(esc_store_doc_put(store, "notes", key, json, &err));
}

static void record(struct esc_store *store, const char *what)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *event = esc_json_object();
    esc_json_set_text(event, "what", what);
    expect_ok(esc_store_audit_append(store, event, NULL, &err));
}

static size_t count_rows(struct esc_store *store)
{
    struct esc_store_tally tally;
    expect_ok(collections_open_all(store, NULL, NULL, &tally, &err));
    if (tally.corrupt)
        err = tally.first;
    assert_int_equal(0, tally.corrupt);
    expect_ok(esc_store_check(store, NULL, &err));
    return tally.read;
}

static void fill_store(struct life *life)
{
    struct esc_store *store = life->box.store;
    for (int i = 0; i < RESOURCES; i++) {
        ESC_CLEANUP(esc_freep) char *name = esc_sprintf("db-%d", i);
        put_resource(&life->box, name, "available", NULL);
    }
    put_doc(store, "one", "first");
    put_doc(store, "two", "second");
    record(store, "made");
    record(store, "used");
    expect_ok(esc_store_conversation_new(store, "john", "databases", life->conversation, &err));
    say(life, "hello");
    say(life, "again");
}

static void begin_life(struct life *life, bool simulated)
{
    *life = (struct life){.past.then = UINT64_MAX};
    esc_list_init(&life->past.items, past_item_free);
    box_init(&life->box);
    esc_keyring_free(life->box.keyring);
    life->box.keyring = esc_keyring_new(&past_table, &life->past, NULL);
    life->box.options.keyring = life->box.keyring;
    life->first_code = esc_recovery_code_new(esc_random_system());
    life->second_code = esc_recovery_code_new(esc_random_system());
    life->box.options.new_code = life->first_code;
    life->box.options.price = cheap;
    if (simulated)
        life->sim = vfs_sim_new(life->box.folder, (struct vfs_device){true, 4096}, 7);
    life->past.sim = life->sim;
    expect_ok(box_try(&life->box));
    life->box.options.new_code = NULL;
    life->box.options.create = false;
    fill_store(life);
    life->rows = count_rows(life->box.store);
    past_tick(&life->past);
    life->made = life->past.now;
}

static void end_life(struct life *life)
{
    box_done(&life->box);
    vfs_sim_free(life->sim);
    esc_list_done(&life->past.items);
    esc_secret_free(life->first_code);
    esc_secret_free(life->second_code);
}

static enum esc_status change(struct life *life, const struct esc_key_change_options *options)
{
    ESC_CLEANUP(esc_key_change_freep) struct esc_key_change *change = NULL;
    enum esc_status status = esc_key_change_begin(life->box.store, options, &change, &err);
    if (status == ESC_OK)
        status = esc_key_change_work(change, &err);
    return status == ESC_OK ? esc_key_change_commit(change, &err) : status;
}

/* With the record of it, in the same transaction; so it counts a row more. */
static enum esc_status rotate_on_record(struct life *life)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *event = esc_json_object();
    esc_json_set_text(event, "what", "rotated");
    return change(
        life, &(struct esc_key_change_options){
                  .kind = ESC_KEY_ROTATE, .to = life->box.keyring, .price = cheap, .event = event});
}

static enum esc_status rotate(struct life *life)
{
    return change(life, &(struct esc_key_change_options){
                            .kind = ESC_KEY_ROTATE, .to = life->box.keyring, .price = cheap});
}

static enum esc_status new_code(struct life *life)
{
    return change(life, &(struct esc_key_change_options){.kind = ESC_KEY_CODE,
                                                         .from = life->box.keyring,
                                                         .new_code = life->second_code,
                                                         .price = cheap});
}

static enum esc_status move_key(struct life *life)
{
    return change(life, &(struct esc_key_change_options){.kind = ESC_KEY_MOVE,
                                                         .from = life->box.keyring,
                                                         .to = life->box.keyring,
                                                         .price = cheap});
}

static void seal_to_the_end(struct esc_store *store)
{
    struct esc_rotation rotation;
    do
        expect_ok(esc_store_rotation_step(store, ROWS_A_STEP, &rotation, &err));
    while (rotation.state == ESC_ROTATION_SEALING);
}

static size_t tidy(struct esc_store *store, struct esc_keyring *keyring)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *stale = NULL, *gone = NULL;
    expect_ok(esc_store_stale_items(store, &stale, &err));
    expect_ok(esc_stale_items_delete(stale, keyring, &gone, &err));
    assert_int_equal(esc_json_len(stale), esc_json_len(gone));
    expect_ok(esc_store_forget_items(store, gone, &err));
    return esc_json_len(gone);
}

static struct esc_rotation rotation_of(struct esc_store *store)
{
    struct esc_rotation rotation;
    expect_ok(esc_store_rotation(store, &rotation, &err));
    return rotation;
}

static void drop_old(struct life *life)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = NULL;
    expect_ok(esc_store_keys_page(life->box.store, &page, &err));
    expect_ok(esc_store_drop_old_keys(life->box.store, esc_json_num(page, "kek", 0), &err));
}

static int64_t number(struct esc_store *store, const char *sql)
{
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    bool is_row = false;
    expect_ok(db_prepare(store->db, sql, &select, &err));
    expect_ok(db_step(select, &is_row, &err));
    assert_true(is_row);
    return db_int(select, 0);
}

static void change_file(const struct life *life, const char *sql)
{
    struct db *db = NULL;
    expect_ok(db_open(life->box.path, DB_OPEN, &db, &err));
    expect_ok(db_run(db, sql, &err));
    db_close(db);
}

/* One after the other */

static void a_rotation_leaves_nothing_under_the_old_keys(void **)
{
    struct life life;
    begin_life(&life, false);
    const int64_t last = number(life.box.store, "SELECT max(key_id) FROM keys");
    assert_int_equal(ESC_ROTATION_NONE, rotation_of(life.box.store).state);
    expect_ok(rotate(&life));
    assert_int_equal(ESC_ROTATION_SEALING, rotation_of(life.box.store).state);
    assert_int_equal(life.rows, rotation_of(life.box.store).rows);
    assert_int_equal(2, number(life.box.store, "SELECT min(kek) FROM keys"));
    put_doc(life.box.store, "one", "changed meanwhile");
    say(&life, "meanwhile");
    seal_to_the_end(life.box.store);
    const struct esc_rotation rotation = rotation_of(life.box.store);
    assert_int_equal(ESC_ROTATION_SEALED, rotation.state);
    assert_int_equal(0, rotation.unreadable);
    assert_true(rotation.sealed >= life.rows - 4 && rotation.sealed <= life.rows);
    assert_true(number(life.box.store, "SELECT min(key_id) FROM rows") > last);
    assert_int_equal(life.rows + 1, count_rows(life.box.store));
    expect_ok(esc_store_audit_verify(life.box.store, NULL, &err));
    box_reopen(&life.box);
    assert_int_equal(life.rows + 1, count_rows(life.box.store));
    expect_ok(esc_store_conversation_delete(life.box.store, life.conversation, &err));
    end_life(&life);
}

static void a_change_is_on_record_with_what_it_changed_or_not_at_all(void **)
{
    struct life life;
    struct esc_audit_report report;
    begin_life(&life, false);
    expect_ok(rotate_on_record(&life));
    expect_ok(esc_store_audit_verify(life.box.store, &report, &err));
    assert_int_equal(3, report.records);
    box_shut(&life.box);
    change_file(&life, "UPDATE slots SET sealed = zeroblob(80) WHERE kind = 'recovery'");
    expect_ok(box_try(&life.box));
    expect_status(ESC_CORRUPT, rotate_on_record(&life));
    expect_ok(esc_store_audit_verify(life.box.store, &report, &err));
    assert_int_equal(3, report.records);
    seal_to_the_end(life.box.store);
    box_reopen(&life.box);
    expect_ok(esc_store_audit_verify(life.box.store, &report, &err));
    end_life(&life);
}

static void old_keys_go_after_a_backup_and_not_before(void **)
{
    struct life life;
    begin_life(&life, false);
    const int64_t keys = number(life.box.store, "SELECT count(*) FROM keys");
    expect_ok(rotate(&life));
    drop_old(&life); /* it is still sealing */
    assert_int_equal(2, number(life.box.store, "SELECT count(*) FROM keks"));
    seal_to_the_end(life.box.store);
    expect_ok(esc_store_drop_old_keys(life.box.store, 1, &err)); /* made under the old KEK */
    assert_int_equal(ESC_ROTATION_SEALED, rotation_of(life.box.store).state);
    assert_int_equal(0, tidy(life.box.store, life.box.keyring));
    assert_int_equal(2, past_count(&life.past));
    drop_old(&life);
    assert_int_equal(ESC_ROTATION_OVER, rotation_of(life.box.store).state);
    /* What is new: both keys that backups of the old KEK are opened with. */
    assert_int_equal(keys + 2, number(life.box.store, "SELECT count(*) FROM keys"));
    assert_int_equal(1, tidy(life.box.store, life.box.keyring));
    assert_int_equal(1, past_count(&life.past));
    assert_int_equal(0, tidy(life.box.store, life.box.keyring));
    box_reopen(&life.box);
    assert_int_equal(life.rows, count_rows(life.box.store));
    end_life(&life);
}

static void a_damaged_row_keeps_its_key_and_stops_nobody(void **)
{
    struct life life;
    begin_life(&life, false);
    box_shut(&life.box);
    struct db *db = NULL;
    expect_ok(db_open(life.box.path, DB_OPEN, &db, &err));
    expect_ok(db_run(db, "UPDATE rows SET sealed = zeroblob(300) WHERE n = 3", &err));
    db_close(db);
    expect_ok(box_try(&life.box));
    const int64_t key = number(life.box.store, "SELECT key_id FROM rows WHERE n = 3");
    expect_ok(rotate(&life));
    seal_to_the_end(life.box.store);
    assert_int_equal(1, rotation_of(life.box.store).unreadable);
    drop_old(&life);
    assert_int_equal(key, number(life.box.store, "SELECT key_id FROM rows WHERE n = 3"));
    assert_int_equal(1, number(life.box.store, "SELECT count(*) FROM keys WHERE key_id ="
                                               " (SELECT key_id FROM rows WHERE n = 3)"));
    end_life(&life);
}

static void backups_of_earlier_keys_open_with_the_present_one(void **)
{
    struct life life;
    struct esc_secret *none = NULL;
    begin_life(&life, false);
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *before = esc_store_kek_derive(life.box.store, "backup", ESC_STR("x"), 32);
    for (int i = 0; i < 2; i++) {
        ESC_CLEANUP(esc_secret_freep) struct esc_secret *found = NULL;
        expect_ok(rotate(&life));
        expect_ok(
            esc_store_old_kek_derive(life.box.store, 1, "backup", ESC_STR("x"), 32, &found, &err));
        assert_true(esc_secret_equal(before, found));
    }
    expect_status(ESC_NOT_FOUND, esc_store_old_kek_derive(life.box.store, 9, "backup", ESC_STR("x"),
                                                          32, &none, &err));
    end_life(&life);
}

static void one_code_opens_the_store_before_and_after_rotations(void **)
{
    struct life life;
    begin_life(&life, false);
    expect_ok(rotate(&life));
    expect_ok(rotate(&life));
    box_shut(&life.box);
    life.box.options.code = life.first_code;
    expect_ok(box_try(&life.box));
    assert_int_equal(life.rows, count_rows(life.box.store));
    expect_ok(new_code(&life));
    box_shut(&life.box);
    expect_status(ESC_LOCKED, box_try(&life.box));
    life.box.options.code = life.second_code;
    expect_ok(box_try(&life.box));
    end_life(&life);
}

static void a_slot_that_somebody_changed_gets_no_new_key(void **)
{
    struct life life;
    begin_life(&life, false);
    box_shut(&life.box);
    struct db *db = NULL;
    expect_ok(db_open(life.box.path, DB_OPEN, &db, &err));
    /* another public half, as somebody would put it there who waits for the next key */
    expect_ok(db_run(db,
                     "UPDATE slots SET params = CAST(replace(CAST(params AS TEXT), '\"public\":\"',"
                     " '\"public\":\"00\",\"was\":\"') AS BLOB) WHERE kind = 'recovery'",
                     &err));
    db_close(db);
    expect_ok(box_try(&life.box));
    expect_status(ESC_CORRUPT, rotate(&life));
    expect_contains("`escher key recovery` makes a new one", err.message);
    assert_int_equal(ESC_ROTATION_NONE, rotation_of(life.box.store).state);
    expect_ok(new_code(&life));
    expect_ok(rotate(&life));
    end_life(&life);
}

static void two_changes_do_not_run_beside_each_other(void **)
{
    struct life life;
    begin_life(&life, false);
    struct esc_key_change *first = NULL, *second = NULL;
    const struct esc_key_change_options options = {
        .kind = ESC_KEY_ROTATE, .to = life.box.keyring, .price = cheap};
    expect_ok(esc_key_change_begin(life.box.store, &options, &first, &err));
    expect_status(ESC_CONFLICT, esc_key_change_begin(life.box.store, &options, &second, &err));
    assert_int_equal(0, tidy(life.box.store, life.box.keyring)); /* its item is not stale */
    expect_ok(esc_key_change_work(first, &err));
    assert_int_equal(0, tidy(life.box.store, life.box.keyring));
    esc_key_change_free(first); /* given up */
    assert_int_equal(2, past_count(&life.past));
    assert_int_equal(1, tidy(life.box.store, life.box.keyring));
    assert_int_equal(1, past_count(&life.past));
    end_life(&life);
}

static void a_passphrase_comes_and_goes_with_new_keys(void **)
{
    struct life life;
    begin_life(&life, false);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *horse = esc_secret_of_text("correct horse");
    struct esc_key_change_options options = {
        .kind = ESC_KEY_ROTATE, .to = life.box.keyring, .new_passphrase = horse, .price = cheap};
    expect_ok(change(&life, &options));
    box_shut(&life.box);
    expect_status(ESC_LOCKED, box_try(&life.box));
    life.box.options.passphrase = horse;
    expect_ok(box_try(&life.box));
    assert_int_equal(life.rows, count_rows(life.box.store));
    options.new_passphrase = NULL;
    expect_ok(change(&life, &options));
    box_shut(&life.box);
    life.box.options.passphrase = NULL;
    expect_ok(box_try(&life.box));
    end_life(&life);
}

static void a_lost_key_comes_back_by_the_code_and_touches_no_other(void **)
{
    struct life life;
    begin_life(&life, false);
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *foreign = esc_secret_of_text("another key of thirty-two bytes.");
    box_shut(&life.box);
    expect_ok(esc_keyring_del(life.box.keyring, "default", &err));
    expect_ok(esc_keyring_put(life.box.keyring, "default", foreign, &err));
    expect_status(ESC_CORRUPT, box_try(&life.box));
    life.box.options.code = life.first_code;
    expect_ok(box_try(&life.box));
    expect_ok(change(&life, &(struct esc_key_change_options){.kind = ESC_KEY_MOVE,
                                                             .to = life.box.keyring,
                                                             .old_code = life.first_code,
                                                             .price = cheap}));
    assert_int_equal(0, tidy(life.box.store, life.box.keyring));
    box_shut(&life.box);
    life.box.options.code = NULL;
    expect_ok(box_try(&life.box));
    assert_int_equal(life.rows, count_rows(life.box.store));
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *kept = NULL;
    expect_ok(esc_keyring_get(life.box.keyring, "default", &kept, &err));
    assert_true(esc_secret_equal(foreign, kept));
    end_life(&life);
}

static void the_page_of_the_keys_tells_what_there_is_and_no_secret(void **)
{
    struct life life;
    begin_life(&life, false);
    ESC_CLEANUP(esc_json_freep) struct esc_json *before = NULL, *after = NULL;
    expect_ok(esc_store_keys_page(life.box.store, &before, &err));
    assert_int_equal(1, esc_json_num(before, "kek", 0));
    assert_string_equal("default", esc_json_str(before, "item", ""));
    assert_int_equal(NOW_MS, esc_json_num(before, "recovery_since_ms", 0));
    assert_null(esc_json_get(before, "rotation"));
    expect_ok(rotate(&life));
    seal_to_the_end(life.box.store);
    expect_ok(esc_store_keys_page(life.box.store, &after, &err));
    assert_int_equal(2, esc_json_num(after, "kek", 0));
    assert_string_equal("sealed", esc_json_str(after, "rotation.state", ""));
    assert_true(
        esc_str_starts_with(esc_str_of(esc_json_str(after, "item", "")), ESC_STR("default k2 ")));
    const struct esc_json *estate = esc_json_at(esc_json_member(after, "data_keys"), 0);
    assert_string_equal("cloud_estate", esc_json_str(estate, "collection", ""));
    assert_int_equal(2, esc_json_num(estate, "epoch", 0));
    assert_int_equal(2, esc_json_num(estate, "keys", 0));
    assert_int_equal(RESOURCES, esc_json_num(estate, "seals", 0));
    end_life(&life);
}

/* What others may have done to the file or the keyring */

static void the_slot_of_an_earlier_code_gets_no_new_key(void **)
{
    static const char *const put_backs[] = {
        /* in place of the new one; beside it */
        "DELETE FROM slots WHERE kind = 'recovery'; UPDATE slots SET kind = 'recovery'"
        " WHERE kind = 'kept'",
        "UPDATE slots SET kind = 'recovery' WHERE kind = 'kept'",
    };
    for (size_t i = 0; i < ESC_COUNT(put_backs); i++) {
        struct life life;
        begin_life(&life, false);
        box_shut(&life.box);
        change_file(&life, "INSERT INTO slots (kek, kind, params, sealed, created_ms)"
                           " SELECT kek, 'kept', params, sealed, created_ms FROM slots"
                           " WHERE kind = 'recovery'");
        expect_ok(box_try(&life.box));
        expect_ok(new_code(&life));
        box_shut(&life.box);
        change_file(&life, put_backs[i]);
        expect_ok(box_try(&life.box));
        expect_status(ESC_CORRUPT, rotate(&life));
        expect_contains("`escher key recovery` makes a new one", err.message);
        expect_ok(new_code(&life));
        expect_ok(rotate(&life));
        end_life(&life);
    }
}

static void no_row_put_there_by_others_leads_to_an_item(void **)
{
    struct life life;
    begin_life(&life, false);
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *key = esc_secret_of_text("the key of another profile here.");
    expect_ok(esc_keyring_put(life.box.keyring, "other", key, &err));
    box_shut(&life.box);
    change_file(&life, "INSERT INTO slots (kek, kind, keyring, item, created_ms) VALUES"
                       " (1, 'leaving', 'memory', 'other', 1), (1, 'coming', 'memory', 'other', 1),"
                       " (1, 'former', 'memory', 'other', 1)");
    expect_ok(box_try(&life.box));
    expect_ok(rotate(&life));
    seal_to_the_end(life.box.store);
    drop_old(&life);
    assert_int_equal(1, tidy(life.box.store, life.box.keyring)); /* our own, of the old KEK */
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *kept = NULL;
    expect_ok(esc_keyring_get(life.box.keyring, "other", &kept, &err));
    end_life(&life);
}

static void a_moved_key_that_the_keyring_lost_is_had_where_it_was(void **)
{
    struct life life;
    begin_life(&life, false);
    expect_ok(move_key(&life));
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = NULL;
    expect_ok(esc_store_keys_page(life.box.store, &page, &err));
    box_shut(&life.box);
    expect_ok(esc_keyring_del(life.box.keyring, esc_json_str(page, "item", ""), &err));
    expect_ok(box_try(&life.box));
    assert_int_equal(life.rows, count_rows(life.box.store));
    assert_int_equal(0, tidy(life.box.store, life.box.keyring)); /* it is needed again */
    box_reopen(&life.box);
    expect_ok(esc_store_check(life.box.store, NULL, &err));
    end_life(&life);
}

static void a_lost_store_is_not_taken_for_none_after_a_rotation(void **)
{
    struct life life;
    begin_life(&life, false);
    expect_ok(rotate(&life));
    seal_to_the_end(life.box.store);
    drop_old(&life);
    assert_int_equal(1, tidy(life.box.store, life.box.keyring));
    box_shut(&life.box);
    const size_t items = life.past.items.count;
    assert_int_equal(0, unlink(life.box.path));
    life.box.options.create = true;
    expect_status(ESC_CONFLICT, box_try(&life.box));
    expect_contains("restore the store", err.message);
    assert_int_equal(items, life.past.items.count);
    end_life(&life);
}

static void what_a_new_code_replaced_is_in_no_file(void **)
{
    struct life life;
    char bytes[200];
    begin_life(&life, false);
    ESC_CLEANUP(esc_json_freep) struct esc_json *slots = NULL;
    expect_ok(esc_store_slots(life.box.store, &slots, &err));
    const struct esc_json *slot = esc_json_at(esc_json_member(slots, "slots"), 0);
    const struct esc_str hex = esc_json_value(esc_json_member(slot, "sealed"));
    const struct esc_str old = {bytes, hex.len / 2};
    assert_true(hex.len / 2 <= sizeof bytes && esc_hex_parse(hex, bytes, hex.len / 2));
    struct esc_buf before = file_bytes(&life.box, "-wal"), main_before = file_bytes(&life.box, "");
    assert_true(esc_str_contains(esc_buf_str(&before), old) ||
                esc_str_contains(esc_buf_str(&main_before), old));
    expect_ok(new_code(&life));
    struct esc_buf log = file_bytes(&life.box, "-wal"), file = file_bytes(&life.box, "");
    assert_false(esc_str_contains(esc_buf_str(&log), old));
    assert_false(esc_str_contains(esc_buf_str(&file), old));
    esc_buf_done(&before);
    esc_buf_done(&main_before);
    esc_buf_done(&log);
    esc_buf_done(&file);
    end_life(&life);
}

/* Cut off anywhere */

static void live(struct life *life)
{
    struct esc_store *store = life->box.store;
    expect_ok(rotate(life));
    put_doc(store, "one", "changed meanwhile");
    seal_to_the_end(store);
    drop_old(life);
    (void)tidy(store, life->box.keyring);
    expect_ok(move_key(life));
    (void)tidy(store, life->box.keyring);
    expect_ok(new_code(life));
    expect_ok(rotate(life));
    seal_to_the_end(store);
    box_shut(&life->box);
    past_tick(&life->past);
}

/* The image as a store of its own; with a code, or by the keyring of its time. */
static enum esc_status open_image(const struct life *life, const char *folder,
                                  const struct esc_secret *code, struct esc_store **out)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, "store.db");
    ESC_CLEANUP(esc_freep) char *lock = esc_path_join(folder, "store.lock");
    struct esc_store_options options = life->box.options;
    options.path = path;
    options.lock_path = lock;
    options.code = code;
    return esc_store_open(&options, out, &err);
}

static void check_codes(const struct life *life, const char *folder)
{
    struct esc_store *store = NULL;
    size_t opened = 0;
    for (int i = 0; i < 2; i++) {
        const struct esc_secret *code = i ? life->second_code : life->first_code;
        if (open_image(life, folder, code, &store) == ESC_OK) {
            opened++;
            assert_int_equal(life->rows, count_rows(store));
            esc_store_close(ESC_STEAL(store));
        }
    }
    assert_int_equal(1, opened);
}

/* From wherever it was: finished, everything there, the keyring tidy. */
static void go_on(struct life *life, struct esc_store *store)
{
    const uint64_t now = life->past.now, then = life->past.then;
    struct past here = {.then = UINT64_MAX, .now = 0};
    esc_list_init(&here.items, past_item_free);
    for (size_t i = 0; i < life->past.items.count; i++) {
        const struct past_item *item = life->past.items.items[i];
        if (item->from > then || then >= item->to)
            continue;
        ESC_CLEANUP(esc_freep) char *name = esc_strdup(item->name);
        expect_ok(past_put(&here, name, item->secret, &err));
    }
    ESC_CLEANUP(esc_keyring_freep)
    struct esc_keyring *keyring = esc_keyring_new(&past_table, &here, NULL);
    (void)tidy(store, keyring);
    seal_to_the_end(store);
    expect_ok(esc_store_drop_old_keys(store, number(store, "SELECT max(kek) FROM keks"), &err));
    (void)tidy(store, keyring);
    assert_int_equal(1, past_count(&here)); /* the one that opens, and no litter */
    assert_int_equal(life->rows, count_rows(store));
    assert_int_equal(now, life->past.now);
    esc_list_done(&here.items);
}

static void check_image(struct life *life, const char *folder, uint64_t time, size_t turn)
{
    struct esc_store *store = NULL;
    life->past.then = time;
    expect_ok(open_image(life, folder, NULL, &store));
    assert_int_equal(life->rows, count_rows(store));
    if (turn % 4 == 0)
        go_on(life, store);
    esc_store_close(ESC_STEAL(store));
    if (turn % 4 == 1)
        check_codes(life, folder);
    life->past.then = UINT64_MAX;
}

static void cut_off_anywhere_it_opens_with_all_rows_and_goes_on(void **)
{
    struct life life;
    begin_life(&life, true);
    live(&life);
    vfs_sim_stop(life.sim);
    ESC_CLEANUP(esc_freep) char *folder = test_folder();
    struct esc_random_seeded random;
    esc_random_seeded_init(&random, test_seed(20261121));
    size_t images = 0, turns = 0;
    for (int round = 0; round < test_rounds(1); round++) {
        struct vfs_disk *disk = vfs_disk_new(life.sim);
        while (vfs_disk_step(disk)) {
            const uint64_t time = vfs_disk_mark(disk);
            if (time == UINT64_MAX || time < life.made)
                continue;
            for (int power = 0; power < 2; power++) { /* killed; without power */
                const enum vfs_loss loss = power ? (enum vfs_loss)(1 + turns++ % 4) : VFS_KEEP;
                vfs_disk_write(disk, loss, 512, &random.random, folder);
                check_image(&life, folder, time, images + (size_t)round);
                images++;
            }
        }
        vfs_disk_free(disk);
    }
    print_message("# %zu images\n", images);
    assert_true(images > 200);
    end_life(&life);
}

/* The @p at-th call of a change fails, for once or from then on; what it had put is tidied away; then
 * the process is killed, or the power goes. False: there was no such call. */
static bool fail_and_die(enum esc_status (*act)(struct life *), struct vfs_fault fault,
                         const char *folder)
{
    struct life life;
    begin_life(&life, true);
    vfs_sim_fail(life.sim, fault);
    (void)act(&life);
    const bool was_hit = vfs_sim_calls(life.sim) >= fault.at;
    vfs_sim_fail(life.sim, (struct vfs_fault){0});
    ESC_CLEANUP(esc_json_freep) struct esc_json *stale = NULL, *gone = NULL;
    if (esc_store_stale_items(life.box.store, &stale, NULL) == ESC_OK)
        expect_ok(esc_stale_items_delete(stale, life.box.keyring, &gone, &err));
    vfs_sim_mark(life.sim, life.past.now); /* here it dies; closing is not a part of it */
    const size_t end = vfs_sim_count(life.sim);
    box_shut(&life.box);
    vfs_sim_stop(life.sim);
    struct esc_random_seeded random;
    esc_random_seeded_init(&random, fault.at);
    struct vfs_disk *disk = vfs_disk_new(life.sim);
    while (vfs_disk_position(disk) < end && vfs_disk_step(disk))
        continue;
    for (enum vfs_loss loss = VFS_KEEP; loss <= VFS_LOSE; loss++) {
        struct esc_store *store = NULL;
        vfs_disk_write(disk, loss, 512, &random.random, folder);
        expect_ok(open_image(&life, folder, NULL, &store));
        assert_int_equal(life.rows, count_rows(store));
        esc_store_close(store);
    }
    vfs_disk_free(disk);
    end_life(&life);
    return was_hit;
}

static void a_change_that_failed_on_the_disk_never_costs_the_key(void **)
{
    static enum esc_status (*const acts[])(struct life *) = {rotate, move_key};
    ESC_CLEANUP(esc_freep) char *folder = test_folder();
    size_t tried = 0;
    for (size_t i = 0; i < ESC_COUNT(acts); i++)
        for (int forever = 0; forever < 2; forever++)
            for (uint64_t at = 1;; at++, tried++)
                if (!fail_and_die(acts[i], (struct vfs_fault){VFS_EIO, at, forever}, folder))
                    break;
    assert_true(tried > 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rotation_leaves_nothing_under_the_old_keys),
        cmocka_unit_test(a_change_is_on_record_with_what_it_changed_or_not_at_all),
        cmocka_unit_test(old_keys_go_after_a_backup_and_not_before),
        cmocka_unit_test(a_damaged_row_keeps_its_key_and_stops_nobody),
        cmocka_unit_test(backups_of_earlier_keys_open_with_the_present_one),
        cmocka_unit_test(one_code_opens_the_store_before_and_after_rotations),
        cmocka_unit_test(a_slot_that_somebody_changed_gets_no_new_key),
        cmocka_unit_test(two_changes_do_not_run_beside_each_other),
        cmocka_unit_test(a_passphrase_comes_and_goes_with_new_keys),
        cmocka_unit_test(a_lost_key_comes_back_by_the_code_and_touches_no_other),
        cmocka_unit_test(the_page_of_the_keys_tells_what_there_is_and_no_secret),
        cmocka_unit_test(the_slot_of_an_earlier_code_gets_no_new_key),
        cmocka_unit_test(no_row_put_there_by_others_leads_to_an_item),
        cmocka_unit_test(a_moved_key_that_the_keyring_lost_is_had_where_it_was),
        cmocka_unit_test(a_lost_store_is_not_taken_for_none_after_a_rotation),
        cmocka_unit_test(what_a_new_code_replaced_is_in_no_file),
        cmocka_unit_test(a_change_that_failed_on_the_disk_never_costs_the_key),
        cmocka_unit_test(cut_off_anywhere_it_opens_with_all_rows_and_goes_on),
    };
    return cmocka_run_group_tests_name("store/rotation", tests, NULL, NULL);
}
