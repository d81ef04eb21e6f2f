/* SPDX-License-Identifier: Apache-2.0 */

/* Backups: consistent while the store is written to, believed only after a restore, and whatever is
 * done to the file is found. */

#include "tests/store/backup_support.h"

static void a_backup_has_all_that_the_store_has(void **)
{
    struct box box;
    struct esc_backup_facts facts, again;
    struct esc_audit_report report;
    box_open(&box);
    fill_box(&box, 50);
    ESC_CLEANUP(esc_freep) char *path = back_up(&box, "one.escb", &facts);
    assert_true(facts.rows >= 150);
    assert_int_equal(50, facts.records);
    expect_ok(esc_store_audit_verify(box.store, &report, &err));
    assert_string_equal(report.hash, facts.audit_hash);
    assert_string_equal(esc_store_id(box.store), facts.store_id);
    expect_ok(check_backup(&box, path, &again));
    assert_memory_equal(&facts, &again, sizeof facts);
    box_done(&box);
}

static void an_empty_store_has_a_backup(void **)
{
    struct box box;
    struct esc_backup_facts facts;
    box_open(&box);
    free(back_up(&box, "one.escb", &facts));
    assert_int_equal(0, facts.rows);
    assert_int_equal(0, facts.records);
    box_done(&box);
}

static void collections_of_any_name_are_found_again(void **)
{
    struct box box;
    struct esc_backup_facts facts;
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_json_int(1);
    box_open(&box);
    expect_ok(esc_store_doc_put(box.store, "of_a_later_version", "a", json, &err));
    expect_ok(esc_store_doc_put(box.store, "of_a_later_version", "b", json, &err));
    free(back_up(&box, "one.escb", &facts));
    assert_int_equal(3, facts.rows); /* with the name of the collection */
    box_done(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_backup_has_all_that_the_store_has),
        cmocka_unit_test(an_empty_store_has_a_backup),
        cmocka_unit_test(collections_of_any_name_are_found_again),
    };
    return cmocka_run_group_tests_name("store/snapshot", tests, NULL, NULL);
}
