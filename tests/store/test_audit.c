/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/audit.h"

#include "escher/store/rows_private.h"
#include "tests/store/support.h"

enum {
    RECORDS = 9
};

static void append(struct box *box, const char *action)
{
    uint64_t seq = 0;
    ESC_CLEANUP(esc_json_freep) struct esc_json *event = esc_json_object();
    esc_json_set_text(event, "action", action);
    expect_ok(esc_store_audit_append(box->store, event, &seq, &err));
}

/* A trail of RECORDS records: in rows 1, 3, 4, 5 ... with the head in row 2. */
static void box_with_trail(struct box *box)
{
    box_open(box);
    char action[16];
    expect_ok(esc_store_begin(box->store, &err));
    for (int i = 1; i <= RECORDS; i++) {
        (void)snprintf(action, sizeof action, "act %d", i);
        append(box, action);
    }
    expect_ok(esc_store_commit(box->store, &err));
}

static int row_of(int record)
{
    return record == 1 ? 1 : record + 1;
}

static void expect_whole(struct box *box, uint64_t records)
{
    struct esc_audit_report report;
    expect_ok(esc_store_audit_verify(box->store, &report, &err));
    assert_int_equal(records, report.records);
    assert_int_equal(0, report.first_bad);
}

static void expect_bad(struct box *box, uint64_t first_bad, const char *why)
{
    struct esc_audit_report report;
    expect_status(ESC_CORRUPT, esc_store_audit_verify(box->store, &report, &err));
    assert_int_equal(first_bad, report.first_bad);
    ESC_CLEANUP(esc_freep) char *prefix = esc_sprintf("audit record %d: ", (int)first_bad);
    expect_contains(prefix, err.message);
    expect_contains(why, err.message);
}

static bool join(void *context, const struct esc_audit_record *record)
{
    esc_buf_printf(context, "%d:%s ", (int)record->seq, esc_json_str(record->event, "action", "?"));
    assert_int_equal(NOW_MS, record->at_ms);
    assert_int_equal(64, strlen(record->hash));
    return true;
}

static void records_are_numbered_and_come_back_in_order(void **)
{
    struct box box;
    struct esc_buf all;
    struct esc_store_tally tally;
    box_open(&box);
    expect_whole(&box, 0);
    append(&box, "plan");
    box_reopen(&box);
    append(&box, "approve");
    append(&box, "run");
    expect_whole(&box, 3);
    esc_buf_init(&all, ESC_MAX_LINE);
    expect_ok(esc_store_audit_each(box.store, 1, join, &all, &tally, &err));
    assert_string_equal("1:plan 2:approve 3:run ", esc_buf_text(&all));
    assert_int_equal(3, tally.read);
    esc_buf_reset(&all);
    expect_ok(esc_store_audit_each(box.store, 3, join, &all, NULL, &err));
    assert_string_equal("3:run ", esc_buf_text(&all));
    esc_buf_done(&all);
    box_done(&box);
}

static void an_undone_record_leaves_no_gap(void **)
{
    struct box box;
    box_with_trail(&box);
    expect_ok(esc_store_begin(box.store, &err));
    append(&box, "undone");
    esc_store_rollback(box.store);
    append(&box, "kept");
    expect_whole(&box, RECORDS + 1);
    box_done(&box);
}

/* Somebody with the file: what he does is found, by number. */
static void what_a_thief_does_to_the_file_is_found_by_number(void **)
{
    struct box box;
    for (int i = 1; i <= RECORDS; i++) {
        const int n = row_of(i);
        const int other = row_of(i == RECORDS ? 1 : RECORDS);
        const struct {
            char *sql;
            int first_bad;
        } cases[] = {
            {esc_sprintf("UPDATE rows SET sealed = zeroblob(length(sealed)) WHERE n = %d", n), i},
            {esc_sprintf("UPDATE rows SET version = 2 WHERE n = %d", n), i},
            {esc_sprintf("DELETE FROM rows WHERE n = %d", n), i},
            /* cut off from here on */
            {esc_sprintf("DELETE FROM rows WHERE n >= %d AND n <> 2", n), i},
            /* in the place of another, and the other away */
            {esc_sprintf("UPDATE rows SET sealed = (SELECT sealed FROM rows WHERE n = %d)"
                         " WHERE n = %d",
                         other, n),
             i},
        };
        for (size_t k = 0; k < ESC_COUNT(cases); k++) {
            box_with_trail(&box);
            box_shut(&box);
            struct db *db = NULL;
            expect_ok(db_open(box.path, DB_OPEN, &db, &err));
            expect_ok(db_run(db, cases[k].sql, &err));
            db_close(db);
            expect_ok(box_try(&box));
            expect_bad(&box, (uint64_t)cases[k].first_bad, "");
            box_done(&box);
            free(cases[k].sql);
        }
    }
}

static void change_trail(struct box *box, const char *sql)
{
    box_with_trail(box);
    box_shut(box);
    ESC_CLEANUP(db_closep) struct db *db = NULL;
    expect_ok(db_open(box->path, DB_OPEN, &db, &err));
    expect_ok(db_run(db, sql, &err));
    db_close(ESC_STEAL(db));
    expect_ok(box_try(box));
}

static void a_trail_without_its_head_is_cut_off_and_not_begun_anew(void **)
{
    static const struct {
        const char *sql, *why;
        int first_bad;
    } cases[] = {
        {"DELETE FROM rows WHERE n = 2", "the head record is gone", RECORDS + 1},
        {"DELETE FROM rows", "the head record is gone", 1},
        {"UPDATE rows SET version = 1 WHERE n = 2", "the head record is damaged", RECORDS + 1},
        {"DELETE FROM rows WHERE n IN (2, 10)", "the head record is gone", RECORDS},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct box box;
        change_trail(&box, cases[i].sql);
        expect_bad(&box, (uint64_t)cases[i].first_bad, cases[i].why);
        ESC_CLEANUP(esc_json_freep) struct esc_json *event = esc_json_object();
        expect_status(ESC_CORRUPT, esc_store_audit_append(box.store, event, NULL, &err));
        box_done(&box);
    }
}

/* Somebody who has the data keys as well and seals what he likes: the chain still tells. */

static void reseal(struct box *box, const char *number, size_t part, const char *from,
                   const char *to)
{
    struct row row;
    struct esc_str parts[ROW_PARTS];
    const struct place place = {.collection = "audit", .id = esc_str_of(number)};
    row_init(&row);
    expect_ok(row_get(box->store, &place, &row, &err));
    for (size_t i = 1; i < row.part_count; i++)
        parts[i - 1] = row.parts[i];
    ESC_CLEANUP(esc_freep) char *text = esc_str_dup(row.parts[part]);
    size_t at = esc_str_find(row.parts[part], esc_str_of(from), 0);
    assert_true(at != SIZE_MAX && strlen(from) == strlen(to));
    memcpy(text + at, to, strlen(to));
    parts[part - 1].ptr = text;
    expect_ok(esc_store_begin(box->store, &err));
    expect_ok(row_put(box->store, &place, parts, row.part_count - 1, &err));
    expect_ok(esc_store_commit(box->store, &err));
    row_done(&row);
}

static void a_record_sealed_anew_with_another_text_is_found(void **)
{
    struct box box;
    box_with_trail(&box);
    reseal(&box, "4", 1, "act 4", "act 7");
    expect_bad(&box, 4, "does not follow from the one before");
    reseal(&box, "4", 1, "act 7", "act 4");
    expect_whole(&box, RECORDS);
    box_done(&box);
}

/* Copies the whole of one record into another's place, sealed for it. */
static void copy_record(struct box *box, const char *from, const char *to)
{
    struct row row;
    const struct place source = {.collection = "audit", .id = esc_str_of(from)};
    const struct place target = {.collection = "audit", .id = esc_str_of(to)};
    row_init(&row);
    expect_ok(row_get(box->store, &source, &row, &err));
    expect_ok(esc_store_begin(box->store, &err));
    expect_ok(row_put(box->store, &target, row.parts + 1, row.part_count - 1, &err));
    expect_ok(esc_store_commit(box->store, &err));
    row_done(&row);
}

static void records_sealed_anew_in_another_order_or_added_are_found(void **)
{
    struct box box;
    box_with_trail(&box);
    copy_record(&box, "5", "6");
    expect_bad(&box, 6, "does not follow from the one before");
    box_done(&box);
    box_with_trail(&box);
    copy_record(&box, "9", "10");
    expect_bad(&box, 10, "the head record does not know it");
    box_done(&box);
}

/* A whole new chain needs K(1): forging H without it leaves the MAC wrong. */
static void a_record_with_a_fitting_hash_and_no_key_is_found(void **)
{
    struct box box;
    box_with_trail(&box);
    struct row row;
    struct esc_str parts[ROW_PARTS];
    const struct place place = {.collection = "audit", .id = ESC_STR("3")};
    char zeros[32] = {0};
    row_init(&row);
    expect_ok(row_get(box.store, &place, &row, &err));
    for (size_t i = 1; i < row.part_count; i++)
        parts[i - 1] = row.parts[i];
    parts[2] = (struct esc_str){zeros, sizeof zeros};
    expect_ok(esc_store_begin(box.store, &err));
    expect_ok(row_put(box.store, &place, parts, 3, &err));
    expect_ok(esc_store_commit(box.store, &err));
    row_done(&row);
    expect_bad(&box, 3, "not written with its own key");
    box_done(&box);
}

static void damaged_records_are_passed_over_when_listing(void **)
{
    struct box box;
    struct esc_buf all;
    struct esc_store_tally tally;
    change_trail(&box,
                 "DELETE FROM rows WHERE n IN (4, 6); UPDATE rows SET version = 3 WHERE n = 9");
    esc_buf_init(&all, ESC_MAX_LINE);
    expect_ok(esc_store_audit_each(box.store, 1, join, &all, &tally, &err));
    assert_string_equal("1:act 1 2:act 2 4:act 4 6:act 6 7:act 7 9:act 9 ", esc_buf_text(&all));
    assert_int_equal(3, tally.corrupt);
    expect_contains("audit record 3: ", tally.first.message);
    esc_buf_done(&all);
    box_done(&box);
}

static void an_event_has_a_ceiling(void **)
{
    struct box box;
    box_with_trail(&box);
    ESC_CLEANUP(esc_freep) char *text = esc_alloc_zero(ESC_MAX_RESOURCE + 1);
    memset(text, 'x', ESC_MAX_RESOURCE);
    ESC_CLEANUP(esc_json_freep) struct esc_json *event = esc_json_text(text);
    expect_status(ESC_LIMIT, esc_store_audit_append(box.store, event, NULL, &err));
    expect_whole(&box, RECORDS);
    box_done(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_numbered_and_come_back_in_order),
        cmocka_unit_test(an_undone_record_leaves_no_gap),
        cmocka_unit_test(what_a_thief_does_to_the_file_is_found_by_number),
        cmocka_unit_test(a_trail_without_its_head_is_cut_off_and_not_begun_anew),
        cmocka_unit_test(a_record_sealed_anew_with_another_text_is_found),
        cmocka_unit_test(records_sealed_anew_in_another_order_or_added_are_found),
        cmocka_unit_test(a_record_with_a_fitting_hash_and_no_key_is_found),
        cmocka_unit_test(damaged_records_are_passed_over_when_listing),
        cmocka_unit_test(an_event_has_a_ceiling),
    };
    return cmocka_run_group_tests_name("store/audit", tests, NULL, NULL);
}
