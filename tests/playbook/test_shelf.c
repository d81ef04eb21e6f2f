/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/playbook/shelf.h"

#include <stdlib.h>
#include <string.h>

#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/paths.h"
#include "escher/crypt/digest.h"
#include "tests/support/test.h"

static struct esc_error err;

/* A folder with all playbooks of the project; owned by the caller. */
static char *copied_folder(void)
{
    char *folder = test_folder();
    struct esc_list names;
    ESC_CLEANUP(esc_freep) char *source = esc_path_join(esc_env("ESCHER_SOURCE"), "playbooks");
    esc_list_init(&names, free);
    expect_ok(esc_file_list(source, &names, &err));
    for (size_t i = 0; i < names.count; i++) {
        if (!esc_str_ends_with(esc_str_of(names.items[i]), ESC_STR(".yaml")))
            continue;
        ESC_CLEANUP(esc_freep) char *from = esc_sprintf("playbooks/%s", (char *)names.items[i]);
        ESC_CLEANUP(esc_freep) char *to = esc_path_join(folder, names.items[i]);
        ESC_CLEANUP(esc_freep) char *text = test_source(from);
        expect_ok(esc_file_replace(to, esc_str_of(text), 0600, &err));
    }
    esc_list_done(&names);
    return folder;
}

static void expect_refused(const char *folder, const char *message)
{
    struct esc_shelf *shelf = NULL;
    const enum esc_status status = esc_shelf_open(folder, &shelf, &err);
    assert_true(status == ESC_BLOCKED || status == ESC_NOT_FOUND);
    expect_contains(message, err.message);
    assert_null(shelf);
}

static void the_shelf_holds_our_playbooks_in_order(void **)
{
    ESC_CLEANUP(esc_freep) char *folder = copied_folder();
    ESC_CLEANUP(esc_shelf_freep) struct esc_shelf *shelf = NULL;
    expect_ok(esc_shelf_open(folder, &shelf, &err));
    assert_true(esc_shelf_count(shelf) >= 12);
    for (size_t i = 1; i < esc_shelf_count(shelf); i++)
        assert_true(strcmp(esc_shelf_at(shelf, i - 1)->id, esc_shelf_at(shelf, i)->id) < 0);
    const struct esc_playbook *stop = esc_shelf_find(shelf, "aws_rds_stop_instance");
    assert_non_null(stop);
    ESC_CLEANUP(esc_freep) char *text = test_source("playbooks/aws_rds_stop_instance.yaml");
    char sha256[ESC_SHA256_TEXT];
    esc_sha256_hex(esc_str_of(text), sha256);
    assert_string_equal(sha256, stop->sha256);
    assert_null(esc_shelf_find(shelf, "aws_rds_delete_instance"));
    assert_null(esc_shelf_find(shelf, NULL));
}

static void one_byte_more_is_another_playbook(void **)
{
    ESC_CLEANUP(esc_freep) char *folder = copied_folder();
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, "aws_rds_stop_instance.yaml");
    ESC_CLEANUP(esc_freep) char *text = test_source("playbooks/aws_rds_stop_instance.yaml");
    ESC_CLEANUP(esc_freep) char *more = esc_sprintf("%s\n", text);
    expect_ok(esc_file_replace(path, esc_str_of(more), 0600, &err));
    expect_refused(folder, "aws_rds_stop_instance.yaml was changed since this program was built");
}

static void a_playbook_of_somebody_else_is_refused(void **)
{
    ESC_CLEANUP(esc_freep) char *folder = copied_folder();
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, "aws_rds_delete_everything.yaml");
    ESC_CLEANUP(esc_freep) char *text = test_source("playbooks/aws_rds_stop_instance.yaml");
    expect_ok(esc_file_replace(path, esc_str_of(text), 0600, &err));
    expect_refused(folder, "aws_rds_delete_everything.yaml is none of the playbooks");
}

static void a_missing_playbook_is_missed(void **)
{
    ESC_CLEANUP(esc_freep) char *folder = copied_folder();
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, "aws_ec2_stop_instance.yaml");
    expect_ok(esc_file_remove(path, &err));
    expect_refused(folder, "aws_ec2_stop_instance.yaml");
}

static void a_missing_folder_is_named(void **)
{
    ESC_CLEANUP(esc_freep) char *folder = test_folder();
    ESC_CLEANUP(esc_freep) char *missing = esc_path_join(folder, "nothing-here");
    expect_refused(missing, "nothing-here");
}

static void a_variable_names_the_folder(void **)
{
    ESC_CLEANUP(esc_freep) char *folder = copied_folder();
    ESC_CLEANUP(esc_shelf_freep) struct esc_shelf *shelf = NULL;
    assert_int_equal(0, setenv("ESCHER_PLAYBOOKS", folder, 1));
    expect_ok(esc_shelf_open(NULL, &shelf, &err));
    assert_true(esc_shelf_count(shelf) >= 12);
    assert_int_equal(0, unsetenv("ESCHER_PLAYBOOKS"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shelf_holds_our_playbooks_in_order),
        cmocka_unit_test(one_byte_more_is_another_playbook),
        cmocka_unit_test(a_playbook_of_somebody_else_is_refused),
        cmocka_unit_test(a_missing_playbook_is_missed),
        cmocka_unit_test(a_missing_folder_is_named),
        cmocka_unit_test(a_variable_names_the_folder),
    };
    return cmocka_run_group_tests_name("playbook/shelf", tests, NULL, NULL);
}
