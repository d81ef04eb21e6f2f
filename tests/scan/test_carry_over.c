/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/carry_over.h"

#include "escher/scan/content_hash.h"
#include "tests/support/test.h"

static struct esc_error err;

/* A resource with these constraints and relations, as JSON texts. */
static struct esc_resource *resource_with(const char *type, const char *constraints,
                                          const char *relations)
{
    struct esc_resource *resource = NULL;
    struct esc_json *json = NULL;
    ESC_CLEANUP(esc_freep)
    char *text = esc_sprintf("{\"id\": \"123456789012-us-west-2-%s-x\", \"provider\": \"aws\","
                             " \"resource_type\": \"%s\", \"identifier\": \"x\", \"name\": \"x\","
                             " \"arn\": \"arn:aws:rds:us-west-2:123456789012:db:x\","
                             " \"account_id\": \"123456789012\", \"account_name\": \"a\","
                             " \"region\": \"us-west-2\", \"tags\": {}, \"metadata\": {},"
                             " \"constraints\": %s, \"relations\": %s}",
                             type, type, constraints, relations);
    expect_ok(esc_json_parse(esc_str_of(text), NULL, &json, &err));
    expect_ok(esc_resource_from_json(json, &resource, &err));
    esc_json_free(json);
    return resource;
}

#define RETENTION                                                                                  \
    "{\"constraint\": \"has_backups\", \"because\": \"kept for 7 days\", \"field\": \"Days\"}"
#define NEWEST "{\"constraint\": \"has_backups\", \"because\": \"its newest snapshot is of today\"}"

static void a_narrow_look_at_a_database_leaves_it_as_it_was(void **)
{
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *before = resource_with(
        "rds_instance",
        "{\"can_stop\": true, \"has_backups\": true, \"has_dependencies\": true, \"reasons\": "
        "[" RETENTION ", " NEWEST ", {\"constraint\": \"has_dependencies\","
        " \"because\": \"used by y\"}]}",
        "[]");
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *fresh = resource_with(
        "rds_instance", "{\"can_stop\": true, \"has_backups\": true, \"reasons\": [" RETENTION "]}",
        "[]");
    char was[ESC_HASH_TEXT], is[ESC_HASH_TEXT];
    esc_content_hash(before, was);
    esc_carry_over(fresh, before);
    esc_content_hash(fresh, is);
    assert_string_equal(was, is);
}

static void what_its_own_answer_says_otherwise_now_is_not_talked_over(void **)
{
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *before = resource_with(
        "ecs_cluster",
        "{\"has_dependencies\": true, \"reasons\": [{\"constraint\": \"has_dependencies\","
        " \"because\": \"used by web\"}]}",
        "[]");
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *fresh =
        resource_with("ecs_cluster", "{\"has_dependencies\": false}", "[]");
    esc_carry_over(fresh, before);
    assert_int_equal(ESC_NO, fresh->constraints.has_dependencies);
    assert_int_equal(0, fresh->constraints.reason_count);
}

static void a_subnet_keeps_its_route_table_until_another_is_seen(void **)
{
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *before =
        resource_with("subnet", "{}", "[{\"kind\": \"routed_by\", \"target\": \"old\"}]");
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *fresh = resource_with("subnet", "{}", "[]");
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *moved =
        resource_with("subnet", "{}", "[{\"kind\": \"routed_by\", \"target\": \"new\"}]");
    esc_carry_over(fresh, before);
    assert_int_equal(1, fresh->relation_count);
    assert_string_equal("old", fresh->relations[0].target);
    esc_carry_over(moved, before);
    assert_int_equal(1, moved->relation_count);
    assert_string_equal("new", moved->relations[0].target);
}

/* Each costs a call, so only full syncs look. */
static void protection_from_termination_is_remembered_until_the_next_look(void **)
{
    static const char is_on[] =
        "{\"can_delete\": false, \"protected\": true, \"reasons\": [{\"constraint\":"
        " \"can_delete\", \"because\": \"termination protection is on\", \"field\":"
        " \"disableApiTermination\"}, {\"constraint\": \"protected\", \"because\":"
        " \"termination protection is on\", \"field\": \"disableApiTermination\"}]}";
    static const char is_off[] = "{\"protected\": false, \"reasons\": [{\"constraint\":"
                                 " \"protected\", \"because\": \"termination protection is off\","
                                 " \"field\": \"disableApiTermination\"}]}";
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *before = resource_with("ec2_instance", is_on, "[]");
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *unasked = resource_with("ec2_instance", "{}", "[]");
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *asked = resource_with("ec2_instance", is_off, "[]");
    char was[ESC_HASH_TEXT], is[ESC_HASH_TEXT];
    esc_content_hash(before, was);
    esc_carry_over(unasked, before);
    esc_content_hash(unasked, is);
    assert_string_equal(was, is);
    esc_carry_over(asked, before);
    assert_int_equal(ESC_NO, asked->constraints.is_protected);
}

#define IS_ON                                                                                      \
    "{\"protected\": true, \"reasons\": [{\"constraint\": \"protected\", \"because\":"             \
    " \"termination protection is on\", \"field\": \"disableApiTermination\"},"                    \
    " {\"constraint\": \"has_dependencies\", \"because\": \"used by y\"}]}"

static void what_is_doubted_is_not_taken_over(void **)
{
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *before = resource_with("ec2_instance", IS_ON, "[]");
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *fresh = resource_with("ec2_instance", "{}", "[]");
    esc_carry_undoubted(fresh, before);
    assert_int_equal(ESC_UNKNOWN, fresh->constraints.is_protected);
    assert_int_equal(1, fresh->constraints.reason_count);
    assert_string_equal("used by y", fresh->constraints.reasons[0].because);
}

/* Where there are many, a full sync asks some; it knows everything else. */
static void a_full_look_forgets_nothing_that_it_did_not_ask(void **)
{
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *before = resource_with("ec2_instance", IS_ON, "[]");
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *fresh = resource_with("ec2_instance", "{}", "[]");
    assert_true(esc_carry_unasked(fresh, before));
    assert_int_equal(ESC_YES, fresh->constraints.is_protected);
    assert_int_equal(1, fresh->constraints.reason_count);
    assert_true(esc_carry_was_asked(fresh));
    assert_false(esc_carry_unasked(fresh, before)); /* it has been told */

    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *group = resource_with("ec2_instance", "{}", "[]");
    esc_json_set_text(group->metadata, "auto_scaling_group", "web"); /* nobody asks any more */
    assert_false(esc_carry_unasked(group, before));
    assert_int_equal(ESC_UNKNOWN, group->constraints.is_protected);
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *never = resource_with("ec2_instance", "{}", "[]");
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *unknown = resource_with("ec2_instance", "{}", "[]");
    assert_false(esc_carry_unasked(never, unknown));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_look_forgets_nothing_that_it_did_not_ask),
        cmocka_unit_test(what_is_doubted_is_not_taken_over),
        cmocka_unit_test(protection_from_termination_is_remembered_until_the_next_look),
        cmocka_unit_test(a_narrow_look_at_a_database_leaves_it_as_it_was),
        cmocka_unit_test(what_its_own_answer_says_otherwise_now_is_not_talked_over),
        cmocka_unit_test(a_subnet_keeps_its_route_table_until_another_is_seen),
    };
    return cmocka_run_group_tests_name("scan/carry_over", tests, NULL, NULL);
}
