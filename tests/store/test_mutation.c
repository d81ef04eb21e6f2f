/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Somebody who has the file and not the key changes it, in every way that the tables and the bytes
 * allow: flipped bits, rows swapped, moved, doubled, deleted, brought back from earlier copies and
 * from another store, edited columns, keys, slots and header.
 *
 * Each change is found: the store does not open, or the whole does not agree. What opens is what
 * was written, or (a whole row of an earlier time) what was written then and is found by the whole.
 * Rows that were not touched are readable.
 */

#include <fcntl.h>

#include "escher/crypt/digest.h"
#include "escher/store/audit.h"
#include "escher/store/collections_private.h"
#include "escher/store/conversation.h"
#include "escher/store/document.h"
#include "escher/store/joined_private.h"
#include "escher/store/runs.h"
#include "escher/store/whole.h"
#include "tests/store/support.h"

enum {
    MUTATIONS = 2000,
    BITS = 1000,
    RESOURCES = 30,
    COLUMNS = 8,
    MOST_ROWS = 200,
};

/* A file as it was. */
struct image {
    struct esc_buf bytes;
    int64_t numbers[MOST_ROWS]; /* n of its rows */
    size_t count;
};

struct thief {
    struct box box;
    struct esc_random_seeded random;
    struct image now, earlier, foreign;
    struct esc_map *written; /* "collection/name" to the hash of its parts, as it is now */
    struct esc_map *ever;    /* the same with the hash, of each version there was */
    char *beside;            /* where a second image is looked at */
    size_t readable, untouched;
};

static size_t below(struct thief *thief, size_t bound)
{
    return (size_t)esc_random_below(&thief->random.random, bound);
}

/* What a store holds */

static void hash_of(const struct row *row, char out[ESC_SHA256_TEXT])
{
    ESC_CLEANUP(esc_digest_freep) struct esc_digest *digest = esc_digest_new();
    uint8_t hash[ESC_SHA256_SIZE];
    for (size_t i = 0; i < row->part_count; i++)
        esc_digest_add_sized(digest, row->parts[i]);
    esc_digest_finish(digest, hash);
    esc_hex(hash, sizeof hash, out);
}

static enum esc_status note_row(void *context, const char *collection, const struct row *row,
                                bool *, struct esc_error *)
{
    struct thief *thief = context;
    char hash[ESC_SHA256_TEXT];
    hash_of(row, hash);
    ESC_CLEANUP(esc_freep)
    char *name = esc_sprintf("%s/%.*s", collection, ESC_STR_ARG(row->parts[0]));
    ESC_CLEANUP(esc_freep) char *version = esc_sprintf("%s=%s", name, hash);
    esc_map_set(thief->written, esc_str_of(name), esc_strdup(hash));
    esc_map_set(thief->ever, esc_str_of(version), thief);
    return ESC_OK;
}

/* What was read of a changed store. */
struct reading {
    struct thief *thief;
    struct esc_map *seen;
    size_t right, old;
};

static enum esc_status compare_row(void *context, const char *collection, const struct row *row,
                                   bool *, struct esc_error *)
{
    struct reading *reading = context;
    char hash[ESC_SHA256_TEXT];
    hash_of(row, hash);
    ESC_CLEANUP(esc_freep)
    char *name = esc_sprintf("%s/%.*s", collection, ESC_STR_ARG(row->parts[0]));
    ESC_CLEANUP(esc_freep) char *version = esc_sprintf("%s=%s", name, hash);
    const char *written = esc_map_get(reading->thief->written, esc_str_of(name));
    assert_true(esc_map_has(reading->thief->ever, esc_str_of(version))); /* never a wrong text */
    assert_false(esc_map_has(reading->seen, esc_str_of(name)));
    esc_map_set(reading->seen, esc_str_of(name), reading);
    reading->right += written && strcmp(written, hash) == 0;
    reading->old += !written || strcmp(written, hash) != 0;
    return ESC_OK;
}

/* Images */

static void write_image(const char *path, const struct image *image)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    expect_ok(esc_file_write_fd(fd, esc_buf_str(&image->bytes), &err));
    esc_fd_close(&fd);
}

static struct db *look_at(struct thief *thief, const struct image *image)
{
    struct db *db = NULL;
    write_image(thief->beside, image);
    expect_ok(db_open(thief->beside, DB_PEEK, &db, &err));
    return db;
}

static struct image take_image(const struct box *box)
{
    struct image image = {.bytes = file_bytes(box, "")};
    ESC_CLEANUP(db_closep) struct db *db = NULL;
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    bool is_row = true;
    expect_ok(db_open(box->path, DB_PEEK, &db, &err));
    expect_ok(db_prepare(db, "SELECT n FROM rows", &select, &err));
    while (image.count < MOST_ROWS) {
        expect_ok(db_step(select, &is_row, &err));
        if (!is_row)
            break;
        image.numbers[image.count++] = db_int(select, 0);
    }
    assert_in_range(image.count, RESOURCES, MOST_ROWS - 1);
    db_release(ESC_STEAL(select));
    return image;
}

/* Rows of all collections; @p round makes new versions of some and deletes others. */
static void write_rows(struct box *box, const char *conversation, int round)
{
    static const char *const states[] = {"available", "stopped", "starting"};
    struct esc_chat_message *message = esc_chat_message_new();
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_json_object();
    esc_json_set_int(json, "round", round);
    expect_ok(esc_store_begin(box->store, &err));
    for (int i = round; i < RESOURCES; i += round + 1) {
        char name[16];
        (void)snprintf(name, sizeof name, "db-%d", i);
        (void)put_resource(box, name, states[round], NULL);
    }
    expect_ok(esc_store_doc_put(box->store, "settings", "one", json, &err));
    expect_ok(esc_store_doc_put(box->store, "settings", round ? "late" : "early", json, &err));
    expect_ok(esc_store_plan_put(box->store, "plan", json, &err));
    expect_ok(esc_store_run_put(box->store, round ? "run 2" : "run 1", json, &err));
    for (int i = 0; i < 5; i++)
        expect_ok(esc_store_audit_append(box->store, json, NULL, &err));
    message->id = esc_sprintf("00000000-0000-4000-8000-00000000000%d", round);
    message->conversation = esc_strdup(conversation);
    message->role = esc_strdup("user");
    message->text = esc_sprintf("what was said in round %d", round);
    expect_ok(esc_store_message_add(box->store, message, &err));
    if (round == 1)
        expect_ok(esc_store_doc_del(box->store, "settings", "early", &err));
    expect_ok(esc_store_commit(box->store, &err));
    esc_chat_message_free(message);
}

static void remember(struct thief *thief)
{
    struct esc_store_tally tally;
    expect_ok(collections_open_all(thief->box.store, note_row, thief, &tally, &err));
    assert_int_equal(0, tally.corrupt);
}

static void forget_written(struct thief *thief)
{
    esc_map_free(thief->written);
    thief->written = esc_map_new(free);
}

/* Two boxes with one key: another store of the same person. */
static struct image take_foreign(void)
{
    struct box box;
    char conversation[ESC_UUID_TEXT];
    box_open(&box);
    expect_ok(esc_store_conversation_new(box.store, "john", "theirs", conversation, &err));
    write_rows(&box, conversation, 0);
    box_shut(&box);
    struct image image = take_image(&box);
    box_done(&box);
    return image;
}

static void thief_init(struct thief *thief)
{
    char conversation[ESC_UUID_TEXT];
    *thief = (struct thief){.written = esc_map_new(free), .ever = esc_map_new(NULL)};
    esc_random_seeded_init(&thief->random, test_seed(20261121));
    thief->foreign = take_foreign();
    box_open(&thief->box);
    thief->beside = esc_path_join(thief->box.folder, "beside.db");
    expect_ok(esc_store_conversation_new(thief->box.store, "john", "ours", conversation, &err));
    write_rows(&thief->box, conversation, 0);
    remember(thief);
    box_shut(&thief->box);
    thief->earlier = take_image(&thief->box);
    expect_ok(box_try(&thief->box));
    write_rows(&thief->box, conversation, 1);
    remember(thief);
    write_rows(&thief->box, conversation, 2);
    forget_written(thief);
    remember(thief);
    box_shut(&thief->box);
    thief->now = take_image(&thief->box);
}

static void thief_done(struct thief *thief)
{
    esc_buf_done(&thief->now.bytes);
    esc_buf_done(&thief->earlier.bytes);
    esc_buf_done(&thief->foreign.bytes);
    esc_map_free(thief->written);
    esc_map_free(thief->ever);
    free(thief->beside);
    box_done(&thief->box);
}

/* What can be done to the file. Each tells how many rows it touches at most. */

static int64_t any_row(struct thief *thief, const struct image *image)
{
    return image->numbers[below(thief, image->count)];
}

static int64_t other_row(struct thief *thief, int64_t than)
{
    int64_t n = than;
    while (n == than)
        n = any_row(thief, &thief->now);
    return n;
}

static void run(struct db *db, char *sql)
{
    ESC_CLEANUP(esc_freep) char *owned = sql;
    expect_ok(db_run(db, owned, &err));
}

static void add_table(struct db *db, const char *sql, struct esc_digest *digest)
{
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    struct db_value values[DB_VALUES];
    bool is_row = true;
    expect_ok(db_prepare(db, sql, &select, &err));
    for (;;) {
        expect_ok(db_step(select, &is_row, &err));
        if (!is_row)
            return;
        const size_t count = db_values(select, values);
        for (size_t i = 0; i < count; i++) {
            esc_digest_add_sized(digest, bytes_of(&values[i].type, sizeof values[i].type));
            esc_digest_add_sized(digest, bytes_of(&values[i].number, sizeof values[i].number));
            esc_digest_add_sized(digest, values[i].bytes);
        }
    }
}

/* Everything in all tables, to see whether something was changed at all. */
static void hash_tables(struct db *db, uint8_t out[ESC_SHA256_SIZE])
{
    static const char *const tables[] = {"SELECT * FROM header", "SELECT * FROM keks",
                                         "SELECT * FROM slots", "SELECT * FROM keys",
                                         "SELECT * FROM rows"};
    ESC_CLEANUP(esc_digest_freep) struct esc_digest *digest = esc_digest_new();
    for (size_t i = 0; i < ESC_COUNT(tables); i++)
        add_table(db, tables[i], digest);
    esc_digest_finish(digest, out);
}

/* A byte of a column of bytes gets another value. */
static void change_byte(struct thief *thief, struct db *db, const char *table, const char *column,
                        const char *where)
{
    static const char digits[] = "0123456789ABCDEF";
    const size_t at = 1 + below(thief, 16), byte = below(thief, 256);
    run(db,
        esc_sprintf("UPDATE %s SET %s = CAST(substr(%s, 1, %zu) || x'%c%c' ||"
                    " substr(%s, %zu) AS BLOB) WHERE %s AND substr(%s, %zu, 1) <>"
                    " x'%c%c' AND length(%s) >= %zu",
                    table, column, column, at - 1, digits[byte / 16], digits[byte % 16], column,
                    at + 1, where, column, at, digits[byte / 16], digits[byte % 16], column, at));
}

static void edit_column(struct thief *thief, struct db *db)
{
    static const char *const bytes[] = {"tag", "id", "parent", "sealed"};
    static const char *const numbers[] = {"key_id", "version", "schema", "n"};
    const int64_t n = any_row(thief, &thief->now);
    ESC_CLEANUP(esc_freep) char *where = esc_sprintf("n = %lld", (long long)n);
    const size_t column = below(thief, ESC_COUNT(bytes) + ESC_COUNT(numbers));
    if (column < ESC_COUNT(bytes)) {
        change_byte(thief, db, "rows", bytes[column], where);
        return;
    }
    const char *name = numbers[column - ESC_COUNT(bytes)];
    run(db, esc_sprintf("UPDATE rows SET %s = %s + %zu WHERE %s", name, name,
                        MOST_ROWS + below(thief, 1000), where));
}

static void swap_columns(struct thief *thief, struct db *db)
{
    static const char *const sets[] = {"sealed",
                                       "version",
                                       "key_id",
                                       "tag",
                                       "parent",
                                       "sealed, version",
                                       "sealed, version, key_id",
                                       "tag, parent"};
    const char *set = sets[below(thief, ESC_COUNT(sets))];
    const int64_t a = any_row(thief, &thief->now), b = other_row(thief, a);
    run(db, esc_sprintf("CREATE TEMP TABLE both AS SELECT * FROM rows WHERE n IN (%lld,"
                        " %lld);"
                        "UPDATE rows SET (%s) = (SELECT %s FROM both WHERE both.n = %lld -"
                        " rows.n) WHERE n IN (%lld, %lld)",
                        (long long)a, (long long)b, set, set, (long long)(a + b), (long long)a,
                        (long long)b));
}

static void move_rows(struct thief *thief, struct db *db)
{
    const int64_t a = any_row(thief, &thief->now), b = other_row(thief, a);
    run(db, esc_sprintf("UPDATE rows SET n = -1 WHERE n = %lld;"
                        "UPDATE rows SET n = %lld WHERE n = %lld;"
                        "UPDATE rows SET n = %lld WHERE n = -1",
                        (long long)a, (long long)a, (long long)b, (long long)b));
}

/* Where looking for it by its number would take it for none. */
static void move_below_one(struct thief *thief, struct db *db)
{
    run(db, esc_sprintf("UPDATE rows SET n = -%zu WHERE n = %lld", below(thief, 3),
                        (long long)any_row(thief, &thief->now)));
}

static void delete_row(struct thief *thief, struct db *db)
{
    run(db, esc_sprintf("DELETE FROM rows WHERE n = %lld", (long long)any_row(thief, &thief->now)));
}

static void double_row(struct thief *thief, struct db *db)
{
    run(db, esc_sprintf("INSERT INTO rows (tag, id, parent, key_id, version, schema, sealed)"
                        " SELECT tag, zeroblob(16), parent, key_id, version, schema,"
                        " sealed FROM rows WHERE n = %lld",
                        (long long)any_row(thief, &thief->now)));
}

static void bind_value(struct db_statement *statement, int parameter, const struct db_value *value)
{
    if (value->type == DB_BYTES)
        db_bind_copy(statement, parameter, value->bytes);
    else if (value->type == DB_INT)
        db_bind_int(statement, parameter, value->number);
    else
        db_bind_null(statement, parameter);
}

/* A row of @p image, with all its columns, in its own place. */
static void bring(struct thief *thief, struct db *db, const struct image *image)
{
    ESC_CLEANUP(db_closep) struct db *source = look_at(thief, image);
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL, *put = NULL;
    struct db_value values[DB_VALUES];
    bool is_row = false;
    expect_ok(db_prepare(source, "SELECT * FROM rows WHERE n = ?", &select, &err));
    db_bind_int(select, 1, any_row(thief, image));
    expect_ok(db_step(select, &is_row, &err));
    assert_int_equal(COLUMNS, db_values(select, values));
    expect_ok(
        db_prepare(db, "INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?)", &put, &err));
    for (int i = 0; i < COLUMNS; i++)
        bind_value(put, i + 1, &values[i]);
    expect_ok(db_execute(put, &err));
    db_release(ESC_STEAL(select));
    db_release(ESC_STEAL(put));
}

static void bring_earlier(struct thief *thief, struct db *db)
{
    bring(thief, db, &thief->earlier);
}

static void bring_foreign(struct thief *thief, struct db *db)
{
    bring(thief, db, &thief->foreign);
}

static void edit_key(struct thief *thief, struct db *db)
{
    static const char *const columns[] = {"tag", "owner", "wrapped"};
    static const char *const numbers[] = {"key_id", "kek", "epoch", "seals"};
    ESC_CLEANUP(esc_freep)
    char *where = esc_sprintf("key_id = (SELECT key_id FROM keys ORDER BY key_id LIMIT 1 OFFSET"
                              " (%zu %% (SELECT count(*) FROM keys)))",
                              below(thief, 100));
    const size_t kind = below(thief, ESC_COUNT(columns) + ESC_COUNT(numbers) + 1);
    if (kind == 0) {
        run(db, esc_sprintf("DELETE FROM keys WHERE %s", where));
    } else if (kind <= ESC_COUNT(columns)) {
        change_byte(thief, db, "keys", columns[kind - 1], where);
    } else {
        const char *name = numbers[kind - 1 - ESC_COUNT(columns)];
        run(db, esc_sprintf("UPDATE keys SET %s = %s + %zu WHERE %s", name, name,
                            1000 + below(thief, 1000), where));
    }
}

static void edit_head(struct thief *thief, struct db *db)
{
    static const char *const changes[] = {
        "DELETE FROM header WHERE name = 'id'",
        "INSERT INTO header VALUES ('more', x'00')",
        "UPDATE header SET value = x'00' WHERE name = 'state'",
        "UPDATE header SET name = 'di' WHERE name = 'id'",
        "DELETE FROM keks",
        "UPDATE keks SET kek = 7",
        "UPDATE keks SET created_ms = created_ms + 1",
        "INSERT INTO keks SELECT kek + 1, check_value, created_ms FROM keks",
        "DELETE FROM slots",
        "UPDATE slots SET item = 'another'",
        "UPDATE slots SET keyring = 'another'",
        "UPDATE slots SET created_ms = created_ms + 1",
        "INSERT INTO slots SELECT slot + 1, kek, 'recovery', keyring, item, x'00', x'00',"
        " created_ms FROM slots",
    };
    const size_t kind = below(thief, ESC_COUNT(changes) + 3);
    if (kind < ESC_COUNT(changes))
        run(db, esc_strdup(changes[kind]));
    else if (kind == ESC_COUNT(changes))
        change_byte(thief, db, "keks", "check_value", "kek > 0");
    else
        change_byte(thief, db, "header", "value", kind % 2 ? "name = 'id'" : "name = 'state'");
}

static const struct kind {
    const char *name;
    void (*change)(struct thief *thief, struct db *db);
    size_t touched; /* rows that may be unreadable after it; 0: any */
} kinds[] = {
    {"an edited column", edit_column, 1},
    {"swapped columns", swap_columns, 2},
    {"rows in each other's place", move_rows, 2},
    {"a row below the first", move_below_one, 1},
    {"a row deleted", delete_row, 1},
    {"a row doubled", double_row, 1},
    {"an earlier row", bring_earlier, 2},
    {"a row of another store", bring_foreign, 2},
    {"an edited key", edit_key, 0},
    {"an edited head", edit_head, 0},
};

/* Finding it */

/* What cannot be found by its name any more is lost, although reading all of it finds it. */
static size_t count_reachable(struct thief *thief)
{
    size_t position = 0, count = 0;
    struct esc_str name;
    void *hash;
    while (esc_map_next(thief->written, &position, &name, &hash)) {
        const size_t slash = esc_str_find(name, ESC_STR("/"), 0);
        ESC_CLEANUP(esc_freep)
        char *collection = esc_str_dup(esc_str_slice(name, 0, slash));
        const struct place place = {.collection = collection,
                                    .id = esc_str_slice(name, slash + 1, name.len)};
        bool is_there = false;
        count += row_exists(thief->box.store, &place, &is_there, &err) == ESC_OK && is_there;
    }
    return count;
}

/* Opens and reads it all. *is_found when the store says that something is wrong. */
static void examine(struct thief *thief, bool *is_found, size_t *right, size_t *old)
{
    struct reading reading = {.thief = thief, .seen = esc_map_new(NULL)};
    struct esc_store_tally tally = {0};
    enum esc_status status = box_try(&thief->box);
    *is_found = status != ESC_OK;
    if (status == ESC_OK) {
        status = collections_open_all(thief->box.store, compare_row, &reading, &tally, &err);
        *is_found |= status != ESC_OK || tally.corrupt > 0;
        *is_found |= esc_store_check(thief->box.store, NULL, &err) != ESC_OK;
        if (!*is_found)
            assert_int_equal(esc_map_count(thief->written), count_reachable(thief));
        box_shut(&thief->box);
    }
    *right = status == ESC_OK ? reading.right : 0;
    *old = reading.old;
    esc_map_free(reading.seen);
}

static bool try_kind(struct thief *thief, const struct kind *kind)
{
    bool is_found = false;
    size_t right = 0, old = 0;
    struct db *db = NULL;
    uint8_t before[ESC_SHA256_SIZE], after[ESC_SHA256_SIZE];
    write_image(thief->box.path, &thief->now);
    expect_ok(db_open(thief->box.path, DB_OPEN, &db, &err));
    expect_ok(db_run(db, "PRAGMA synchronous = OFF", &err));
    hash_tables(db, before);
    kind->change(thief, db);
    hash_tables(db, after);
    db_close(db);
    const bool is_changed = memcmp(before, after, sizeof before) != 0;
    examine(thief, &is_found, &right, &old);
    if (is_found != is_changed)
        print_error("%s: %s\n", kind->name,
                    is_changed ? "not found" : "found, and there is nothing");
    assert_int_equal(is_changed, is_found);
    assert_true(old <= 1);
    if (kind->touched) {
        assert_true(right + kind->touched >= esc_map_count(thief->written));
        thief->readable += right;
        thief->untouched += esc_map_count(thief->written) - kind->touched;
    }
    return is_changed;
}

static void every_change_of_a_row_a_key_or_the_head_is_found(void **)
{
    struct thief thief;
    size_t changes = 0;
    thief_init(&thief);
    const size_t wanted = (size_t)test_rounds(MUTATIONS);
    for (size_t i = 0; changes < wanted; i++)
        changes += try_kind(&thief, &kinds[i % ESC_COUNT(kinds)]);
    assert_true(thief.readable >= thief.untouched);
    print_message("# %zu changes, all found\n", changes);
    thief_done(&thief);
}

/* Bits of the file: some are of no use to anybody, so nothing may be found where nothing changed. */
static void a_flipped_bit_is_found_or_changes_nothing(void **)
{
    struct thief thief;
    size_t found_count = 0, refused = 0;
    thief_init(&thief);
    const size_t wanted = (size_t)test_rounds(BITS), all = esc_map_count(thief.written);
    for (size_t i = 0; i < wanted; i++) {
        bool is_found = false;
        size_t right = 0, old = 0;
        const size_t bit = below(&thief, thief.now.bytes.len * 8);
        thief.now.bytes.ptr[bit / 8] ^= (char)(1 << (bit % 8));
        write_image(thief.box.path, &thief.now);
        examine(&thief, &is_found, &right, &old);
        assert_int_equal(0, old);
        assert_true(is_found || right == all);
        found_count += is_found;
        refused += is_found && right == 0;
        thief.readable += right;
        thief.untouched += all - 1;
        thief.now.bytes.ptr[bit / 8] ^= (char)(1 << (bit % 8));
    }
    print_message("# %zu bits: %zu changed something and were found; %zu stores could not be read;"
                  " %.2f %% of the untouched rows could\n",
                  wanted, found_count, refused,
                  100.0 * (double)thief.readable / (double)thief.untouched);
    thief_done(&thief);
}

/* The whole is counted some rows at a time, while others write: both agree in the end. */
static void counting_goes_on_while_rows_come_and_go(void **)
{
    struct thief thief;
    struct esc_store_check_report report = {0};
    thief_init(&thief);
    write_image(thief.box.path, &thief.now);
    expect_ok(box_try(&thief.box));
    ESC_CLEANUP(esc_store_check_freep)
    struct esc_store_check *one = esc_store_check_new(thief.box.store);
    ESC_CLEANUP(esc_store_check_freep)
    struct esc_store_check *two = esc_store_check_new(thief.box.store);
    bool is_done = false, is_second_done = false;
    for (int i = 0; !is_done; i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_json_int(i);
        expect_ok(esc_store_check_step(one, 7, &is_done, &report, &err));
        if (!is_second_done)
            expect_ok(esc_store_check_step(two, 11, &is_second_done, NULL, &err));
        char name[16];
        (void)snprintf(name, sizeof name, "db-%d", i % RESOURCES);
        (void)put_resource(&thief.box, name, i % 2 ? "stopped" : "available", NULL);
        expect_ok(esc_store_doc_put(thief.box.store, "settings", "one", json, &err));
        if (i == 3) { /* what is undone is not there */
            expect_ok(esc_store_begin(thief.box.store, &err));
            expect_ok(esc_store_doc_put(thief.box.store, "settings", "undone", json, &err));
            esc_store_rollback(thief.box.store);
        }
        assert_true(i < 1000);
    }
    assert_int_equal(report.expected, report.rows);
    esc_store_check_free(ESC_STEAL(one));
    esc_store_check_free(ESC_STEAL(two));
    thief_done(&thief);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_change_of_a_row_a_key_or_the_head_is_found),
        cmocka_unit_test(a_flipped_bit_is_found_or_changes_nothing),
        cmocka_unit_test(counting_goes_on_while_rows_come_and_go),
    };
    return cmocka_run_group_tests_name("store/mutation", tests, NULL, NULL);
}
