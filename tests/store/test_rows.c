/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A thief with the file, or a failing disk: rows that were changed, moved, swapped or taken from
 * elsewhere never open as something they are not, and never keep the others from opening.
 */

#include <fcntl.h>

#include "escher/store/document.h"
#include "escher/store/rows_private.h"
#include "tests/store/support.h"

enum {
    ROWS = 12
};

/* ROWS resources called db-0 ..., and one document, in a store that is shut. */
static void box_with_rows(struct box *box)
{
    char name[16];
    box_open(box);
    expect_ok(esc_store_begin(box->store, &err));
    for (int i = 0; i < ROWS; i++) {
        (void)snprintf(name, sizeof name, "db-%d", i);
        put_resource(box, name, "available", NULL);
    }
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_json_object();
    expect_ok(esc_store_doc_put(box->store, "settings", "one", json, &err));
    expect_ok(esc_store_commit(box->store, &err));
    box_shut(box);
}

static void change_file(const struct box *box, const char *sql)
{
    ESC_CLEANUP(db_closep) struct db *db = NULL;
    expect_ok(db_open(box->path, DB_OPEN, &db, &err));
    expect_ok(db_run(db, sql, &err));
}

/* The whole file anew, without waiting for the disk. */
static void write_file(const struct box *box, const struct esc_buf *whole)
{
    int fd = open(box->path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    assert_true(fd >= 0);
    expect_ok(esc_file_write_fd(fd, esc_buf_str(whole), &err));
    esc_fd_close(&fd);
}

/* Every resource handed out says what was stored, name by name. */
static bool check_resource(void *context, const struct esc_resource *resource, const float *)
{
    unsigned *count = context;
    ESC_CLEANUP(esc_freep)
    char *key = esc_resource_key("123456789012", "us-west-2", "rds_instance", resource->name);
    assert_string_equal(key, resource->id);
    assert_string_equal("available", resource->state);
    ++*count;
    return true;
}

/* After @p sql exactly @p corrupt rows are damaged and the others are as they were. */
static void expect_damage(const char *sql, size_t corrupt)
{
    struct box box;
    struct esc_store_tally tally;
    unsigned count = 0;
    box_with_rows(&box);
    change_file(&box, sql);
    expect_ok(box_try(&box));
    expect_ok(esc_store_estate_each(box.store, check_resource, &count, &tally, &err));
    assert_int_equal(corrupt, tally.corrupt);
    assert_int_equal(ROWS - corrupt, tally.read);
    assert_int_equal(ROWS - corrupt, count);
    if (corrupt) {
        assert_int_equal(ESC_CORRUPT, tally.first.status);
        expect_contains("of cloud_estate: ", tally.first.message);
    }
    box_done(&box);
}

/* Columns of row 3 or of row 3 and 4, changed in every way that leaves the table well-formed. */
static void a_changed_or_moved_row_is_damaged_and_no_other(void **)
{
    static const struct {
        const char *sql;
        size_t corrupt;
    } cases[] = {
        {"UPDATE rows SET version = version WHERE n = 3", 0},
        {"UPDATE rows SET version = version + 1 WHERE n = 3", 1},
        {"UPDATE rows SET version = -1 WHERE n = 3", 1},
        {"UPDATE rows SET key_id = key_id + 1 WHERE n = 3", 1},
        {"UPDATE rows SET key_id = 9999 WHERE n = 3", 1},
        {"UPDATE rows SET schema = 2 WHERE n = 3", 1},
        {"UPDATE rows SET parent = NULL WHERE n = 3", 1},
        {"UPDATE rows SET parent = zeroblob(16) WHERE n = 3", 1},
        {"UPDATE rows SET parent = zeroblob(5) WHERE n = 3", 1},
        {"UPDATE rows SET id = zeroblob(16) WHERE n = 3", 1},
        {"UPDATE rows SET id = zeroblob(3) WHERE n = 3", 1},
        {"UPDATE rows SET sealed = zeroblob(0) WHERE n = 3", 1},
        {"UPDATE rows SET sealed = zeroblob(27) WHERE n = 3", 1},
        {"UPDATE rows SET sealed = zeroblob(284) WHERE n = 3", 1},
        {"UPDATE rows SET sealed = substr(sealed, 1, length(sealed) - 1) WHERE n = 3", 1},
        {"UPDATE rows SET sealed = CAST(sealed || x'00' AS BLOB) WHERE n = 3", 1},
        {"UPDATE rows SET sealed = (SELECT sealed FROM rows WHERE n = 4) WHERE n = 3", 1},
        /* two rows swapped: their contents, their ids, and their places in the file */
        {"CREATE TEMP TABLE t AS SELECT n, sealed FROM rows;"
         "UPDATE rows SET sealed = (SELECT sealed FROM t WHERE t.n = 7 - rows.n)"
         " WHERE n IN (3, 4)",
         2},
        {"CREATE TEMP TABLE t AS SELECT n, id FROM rows; UPDATE rows SET id = x'00' WHERE n = 3;"
         "UPDATE rows SET id = (SELECT id FROM t WHERE n = 3) WHERE n = 4;"
         "UPDATE rows SET id = (SELECT id FROM t WHERE n = 4) WHERE n = 3",
         2},
        {"UPDATE rows SET n = 99 WHERE n = 3; UPDATE rows SET n = 3 WHERE n = 4;"
         "UPDATE rows SET n = 4 WHERE n = 99",
         0}, /* the order is not a secret and not a promise */
        /* the data key itself */
        {"UPDATE keys SET wrapped = zeroblob(60) WHERE key_id = (SELECT key_id FROM rows LIMIT 1)",
         ROWS},
        {"UPDATE keys SET epoch = 2 WHERE key_id = (SELECT key_id FROM rows LIMIT 1)", ROWS},
        {"DELETE FROM keys WHERE key_id = (SELECT key_id FROM rows LIMIT 1)", ROWS},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        expect_damage(cases[i].sql, cases[i].corrupt);
}

static void a_row_of_another_collection_does_not_open_here(void **)
{
    struct box box;
    struct esc_store_tally tally;
    unsigned count = 0;
    box_with_rows(&box);
    /* The document's row, shown as a resource. */
    change_file(&box, "UPDATE rows SET tag = (SELECT tag FROM rows WHERE n = 1)"
                      " WHERE n = (SELECT max(n) FROM rows)");
    expect_ok(box_try(&box));
    expect_ok(esc_store_estate_each(box.store, check_resource, &count, &tally, &err));
    assert_int_equal(1, tally.corrupt);
    assert_int_equal(ROWS, count);
    box_done(&box);
}

static void rows_of_another_store_do_not_open_here(void **)
{
    struct box mine, other;
    box_with_rows(&mine);
    box_with_rows(&other);
    /* Even under one key the check value tells the stores apart by their ids. */
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = NULL;
    expect_ok(esc_keyring_get(mine.keyring, "default", &key, &err));
    expect_ok(esc_keyring_put(other.keyring, "default", key, &err));
    expect_status(ESC_CORRUPT, box_try(&other));
    expect_contains("the key does not fit", err.message);
    box_done(&mine);
    box_done(&other);
}

static void an_older_version_in_place_of_a_newer_one_is_damaged(void **)
{
    struct box box;
    struct esc_store_tally tally;
    unsigned count = 0;
    box_with_rows(&box);
    change_file(&box, "CREATE TABLE kept AS SELECT sealed FROM rows WHERE n = 3");
    expect_ok(box_try(&box));
    put_resource(&box, "db-2", "stopped", NULL);
    put_resource(&box, "db-2", "available", NULL);
    box_shut(&box);
    change_file(&box, "UPDATE rows SET sealed = (SELECT sealed FROM kept) WHERE n = 3");
    expect_ok(box_try(&box));
    expect_ok(esc_store_estate_each(box.store, check_resource, &count, &tally, &err));
    assert_int_equal(1, tally.corrupt);
    box_done(&box);
}

static void asking_for_a_damaged_row_names_it_and_the_next_put_heals_it(void **)
{
    struct box box;
    struct esc_resource *none = NULL;
    ESC_CLEANUP(esc_freep)
    char *id = esc_resource_key("123456789012", "us-west-2", "rds_instance", "db-2");
    box_with_rows(&box);
    change_file(&box, "UPDATE rows SET version = 7 WHERE n = 3");
    expect_ok(box_try(&box));
    expect_status(ESC_CORRUPT, esc_store_estate_get(box.store, id, &none, NULL, NULL, &err));
    expect_contains("db-2", err.message);
    assert_null(none);
    assert_int_equal(1, put_resource(&box, "db-2", "available", NULL).added);
    esc_resource_free(get_resource(&box, "db-2"));
    box_done(&box);
}

/* One bit of the file flipped: whatever happens, nothing wrong is ever handed out. */
static void expect_no_wrong_text(struct box *box)
{
    struct esc_store_tally tally;
    unsigned count = 0;
    if (box_try(box) != ESC_OK)
        return; /* the head of the file or a key: refused with a reason */
    if (esc_store_estate_each(box->store, check_resource, &count, &tally, &err) != ESC_OK)
        assert_int_equal(ESC_CORRUPT, err.status);
    box_shut(box);
}

static void no_flipped_bit_ever_yields_a_wrong_row(void **)
{
    enum {
        ROUNDS = 300
    };
    struct box box;
    struct esc_random_seeded random;
    esc_random_seeded_init(&random, test_seed(20261121));
    box_with_rows(&box);
    struct esc_buf whole = file_bytes(&box, "");
    for (int i = 0; i < test_rounds(ROUNDS); i++) {
        uint64_t bit = esc_random_below(&random.random, whole.len * 8);
        whole.ptr[bit / 8] ^= (char)(1 << (bit % 8));
        write_file(&box, &whole);
        expect_no_wrong_text(&box);
        whole.ptr[bit / 8] ^= (char)(1 << (bit % 8));
    }
    esc_buf_done(&whole);
    box_done(&box);
}

/* Changes one byte of the sealed bytes of one row, on its page: exactly this row is damaged. */
static void a_changed_byte_in_a_sealed_row_is_this_rows_damage(void **)
{
    struct box box;
    struct esc_random_seeded random;
    esc_random_seeded_init(&random, test_seed(7));
    box_with_rows(&box);
    struct esc_buf whole = file_bytes(&box, "");
    for (int round = 0; round < test_rounds(100); round++) {
        struct esc_store_tally tally;
        unsigned count = 0;
        const int at = 1 + (int)esc_random_below(&random.random, 500);
        ESC_CLEANUP(esc_freep)
        char *sql = esc_sprintf("UPDATE rows SET sealed = CAST(substr(sealed, 1, %d) ||"
                                " CASE WHEN substr(sealed, %d, 1) = x'%02x' THEN x'00' ELSE x'%02x'"
                                " END || substr(sealed, %d) AS BLOB) WHERE n = %d",
                                at - 1, at, round + 1, round + 1, at + 1, 1 + round % ROWS);
        change_file(&box, sql);
        expect_ok(box_try(&box));
        expect_ok(esc_store_estate_each(box.store, check_resource, &count, &tally, &err));
        assert_int_equal(1, tally.corrupt);
        assert_int_equal(ROWS - 1, tally.read);
        box_shut(&box);
        write_file(&box, &whole);
    }
    esc_buf_done(&whole);
    box_done(&box);
}

static void sealed_rows_have_sizes_in_steps(void **)
{
    struct box box;
    char text[600];
    box_open(&box);
    for (int i = 0; i < 600; i += 7) {
        memset(text, 'x', sizeof text);
        text[i] = '\0';
        ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_json_text(text);
        ESC_CLEANUP(esc_freep) char *key = esc_sprintf("%d", i);
        expect_ok(esc_store_doc_put(box.store, "settings", key, json, &err));
    }
    box_shut(&box);
    ESC_CLEANUP(db_closep) struct db *db = NULL;
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    bool is_row = false;
    expect_ok(db_open(box.path, DB_PEEK, &db, &err));
    expect_ok(db_prepare(db,
                         "SELECT count(*), count(DISTINCT length(sealed)) FROM rows"
                         " WHERE (length(sealed) - 28) % 256 = 0",
                         &select, &err));
    expect_ok(db_step(select, &is_row, &err));
    assert_int_equal(86, db_int(select, 0));
    assert_int_equal(3, db_int(select, 1));
    db_release(ESC_STEAL(select));
    db_close(ESC_STEAL(db));
    box_done(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_changed_or_moved_row_is_damaged_and_no_other),
        cmocka_unit_test(a_row_of_another_collection_does_not_open_here),
        cmocka_unit_test(rows_of_another_store_do_not_open_here),
        cmocka_unit_test(an_older_version_in_place_of_a_newer_one_is_damaged),
        cmocka_unit_test(asking_for_a_damaged_row_names_it_and_the_next_put_heals_it),
        cmocka_unit_test(no_flipped_bit_ever_yields_a_wrong_row),
        cmocka_unit_test(a_changed_byte_in_a_sealed_row_is_this_rows_damage),
        cmocka_unit_test(sealed_rows_have_sizes_in_steps),
    };
    return cmocka_run_group_tests_name("store/rows", tests, NULL, NULL);
}
