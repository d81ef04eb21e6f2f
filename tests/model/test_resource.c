/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/model/resource.h"

#include "escher/base/limits.h"
#include "tests/support/test.h"

static struct esc_error err;

static struct esc_json *first_good(void)
{
    ESC_CLEANUP(esc_freep) char *text = test_source("tests/cases/formats/resource.json");
    ESC_CLEANUP(esc_json_freep) struct esc_json *cases = NULL;
    expect_ok(esc_json_parse(esc_str_of(text), NULL, &cases, &err));
    return esc_json_copy(esc_json_get(cases, "good[0]"));
}

static struct esc_resource *a_resource(void)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = first_good();
    struct esc_resource *resource = NULL;
    expect_ok(esc_resource_from_json(json, &resource, &err));
    return resource;
}

static void a_resource_is_written_as_it_was_read(void **)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *before = first_good();
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = a_resource();
    ESC_CLEANUP(esc_json_freep) struct esc_json *after = esc_resource_to_json(resource);
    assert_true(esc_json_equal(before, after));
    assert_int_equal(ESC_YES, resource->constraints.can_stop);
    assert_int_equal(ESC_NO, resource->constraints.can_delete);
    assert_int_equal(ESC_UNKNOWN, resource->constraints.has_backups);
    assert_string_equal("main", esc_resource_tag(resource, "app"));
    assert_null(esc_resource_tag(resource, "nothing"));
}

static void a_copy_outlives_the_original(void **)
{
    struct esc_resource *resource = a_resource();
    ESC_CLEANUP(esc_json_freep) struct esc_json *before = esc_resource_to_json(resource);
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *copy = esc_resource_copy(resource);
    esc_json_set_text(resource->tags, "app", "other");
    esc_resource_free(resource);
    ESC_CLEANUP(esc_json_freep) struct esc_json *after = esc_resource_to_json(copy);
    assert_true(esc_json_equal(before, after));
}

static void a_refused_document_names_the_member(void **)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = first_good();
    struct esc_resource *resource = NULL;
    esc_json_set_text(esc_json_get_mutable(json, "iam"), "source", "guess");
    expect_status(ESC_INVALID, esc_resource_from_json(json, &resource, &err));
    assert_string_equal("iam: `source` must be local, simulate, dry_run or learned", err.message);
    esc_json_set_text(json, "id", "x");
    esc_json_remove(json, "iam");
    expect_status(ESC_INVALID, esc_resource_from_json(json, &resource, &err));
    expect_contains("`id` must be `123456789012-us-west-2-rds_instance-pg-instance-main1`",
                    err.message);
    assert_null(resource);
}

static void a_resource_over_its_ceiling_is_refused(void **)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = first_good();
    struct esc_resource *resource = NULL;
    ESC_CLEANUP(esc_freep) char *large = esc_alloc_zero(ESC_MAX_RESOURCE + 1);
    for (size_t i = 0; i < ESC_MAX_RESOURCE; i++)
        large[i] = 'x';
    esc_json_set_text(esc_json_get_mutable(json, "metadata"), "large", large);
    expect_status(ESC_LIMIT, esc_resource_from_json(json, &resource, &err));
    esc_json_set_str(json, "name", (struct esc_str){large, ESC_MAX_NAME + 1});
    esc_json_remove(json, "metadata");
    expect_status(ESC_LIMIT, esc_resource_from_json(json, &resource, &err));
    expect_contains("`name`", err.message);
}

static void the_same_relation_twice_is_one(void **)
{
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = esc_resource_new();
    esc_resource_relate(resource, "in_vpc", "a");
    esc_resource_relate(resource, "in_subnet", "a");
    esc_resource_relate(resource, "in_vpc", "a");
    assert_int_equal(2, resource->relation_count);
    esc_resource_unrelate(resource, "in_vpc", "b");
    assert_int_equal(2, resource->relation_count);
    esc_resource_unrelate(resource, "in_vpc", "a");
    assert_int_equal(1, resource->relation_count);
    assert_string_equal("in_subnet", resource->relations[0].kind);
}

static void a_deny_wins_over_an_allow(void **)
{
    ESC_CLEANUP(esc_permissions_freep) struct esc_permissions *permissions = esc_permissions_new();
    const struct esc_str action = ESC_STR("rds:StopDBInstance");
    assert_int_equal(ESC_PERMISSION_UNKNOWN, esc_permissions_of(NULL, action));
    assert_int_equal(ESC_PERMISSION_UNKNOWN, esc_permissions_of(permissions, action));
    esc_list_push(&permissions->allowed_actions, esc_strdup("rds:stopdbinstance"));
    assert_int_equal(ESC_PERMISSION_ALLOWED, esc_permissions_of(permissions, action));
    esc_permissions_add_condition(permissions, "rds:StopDBInstance", "aws:SourceIp");
    esc_permissions_add_condition(permissions, "rds:StopDBInstance", "aws:SourceIp");
    assert_int_equal(ESC_PERMISSION_CONDITIONAL, esc_permissions_of(permissions, action));
    esc_list_push(&permissions->denied_actions, esc_strdup("rds:StopDBInstance"));
    assert_int_equal(ESC_PERMISSION_DENIED, esc_permissions_of(permissions, action));
    const struct esc_conditional_action *condition =
        esc_list_at(&permissions->conditional_actions, 0);
    assert_int_equal(1, condition->keys.count);
}

static void what_is_denied_stands_in_no_other_list(void **)
{
    ESC_CLEANUP(esc_permissions_freep) struct esc_permissions *permissions = esc_permissions_new();
    esc_list_push(&permissions->allowed_actions, esc_strdup("rds:StopDBInstance"));
    esc_list_push(&permissions->allowed_actions, esc_strdup("rds:StartDBInstance"));
    esc_permissions_add_condition(permissions, "rds:stopdbinstance", "aws:SourceIp");
    esc_permissions_add_condition(permissions, "rds:RebootDBInstance", "aws:SourceIp");
    for (int i = 0; i < 2; i++)
        esc_permissions_deny(permissions, "rds:StopDBInstance");
    assert_int_equal(1, permissions->denied_actions.count);
    assert_int_equal(1, permissions->allowed_actions.count);
    assert_int_equal(1, permissions->conditional_actions.count);
    assert_string_equal("rds:StartDBInstance", esc_list_at(&permissions->allowed_actions, 0));
}

static void an_answer_keeps_its_reasons(void **)
{
    struct esc_constraints constraints;
    esc_constraints_init(&constraints);
    for (enum esc_constraint c = 0; c < ESC_CONSTRAINT_COUNT; c++) {
        assert_int_equal(ESC_UNKNOWN, esc_constraints_get(&constraints, c));
        esc_constraints_set(&constraints, c, ESC_NO, esc_constraint_text(c), NULL);
        assert_int_equal(ESC_NO, esc_constraints_get(&constraints, c));
        assert_string_equal(esc_constraint_text(c),
                            esc_constraints_reason(&constraints, c)->because);
    }
    assert_int_equal(ESC_CONSTRAINT_COUNT, constraints.reason_count);
    esc_constraints_done(&constraints);
    assert_null(esc_constraints_reason(&constraints, ESC_CAN_STOP));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_resource_is_written_as_it_was_read),
        cmocka_unit_test(a_copy_outlives_the_original),
        cmocka_unit_test(a_refused_document_names_the_member),
        cmocka_unit_test(a_resource_over_its_ceiling_is_refused),
        cmocka_unit_test(the_same_relation_twice_is_one),
        cmocka_unit_test(a_deny_wins_over_an_allow),
        cmocka_unit_test(what_is_denied_stands_in_no_other_list),
        cmocka_unit_test(an_answer_keeps_its_reasons),
    };
    return cmocka_run_group_tests_name("model/resource", tests, NULL, NULL);
}
