/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/model/resource_diff.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/test.h"

static struct esc_resource *database(void)
{
    struct esc_resource *resource = esc_resource_new();
    resource->provider = esc_strdup("aws");
    resource->resource_type = esc_strdup("rds_instance");
    resource->identifier = esc_strdup("db");
    resource->arn = esc_strdup("arn:aws:rds:us-west-2:123456789012:db:db");
    resource->name = esc_strdup("db");
    resource->account_id = esc_strdup("123456789012");
    resource->account_name = esc_strdup("production");
    resource->region = esc_strdup("us-west-2");
    resource->id = esc_resource_key("123456789012", "us-west-2", "rds_instance", "db");
    resource->state = esc_strdup("available");
    esc_json_set_text(resource->tags, "env", "prod");
    esc_json_set_text(resource->metadata, "engine_version", "14.7");
    esc_constraints_set(&resource->constraints, ESC_CAN_STOP, ESC_YES, NULL, NULL);
    esc_resource_relate(resource, "in_vpc", "vpc-1");
    return resource;
}

static void expect_diff(const char *expected, const struct esc_resource *before,
                        const struct esc_resource *after)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *diff = esc_resource_diff(before, after);
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(diff, ESC_JSON_SORTED);
    assert_string_equal(expected, text);
}

static void what_was_seen_again_has_not_changed(void **)
{
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *before = database();
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *after = database();
    after->last_synced_ms = 1795248000000;
    after->seen_in = esc_strdup("sync-2");
    after->content_hash = esc_strdup("sha256:ab");
    free(after->account_name);
    after->account_name = esc_strdup("prod"); /* what a person calls it */
    expect_diff("[]", before, after);
}

static void each_field_is_told_with_what_it_was_and_is(void **)
{
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *before = database();
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *after = database();
    free(after->state);
    after->state = esc_strdup("stopped");
    esc_json_set_text(after->metadata, "engine_version", "14.9");
    esc_json_set_bool(after->metadata, "multi_az", true);
    esc_json_remove(after->tags, "env");
    esc_constraints_set(&after->constraints, ESC_CAN_STOP, ESC_NO, "it is stopped", "State");
    esc_resource_relate(after, "in_vpc", "vpc-0");
    expect_diff("[{\"field\":\"constraints.can_stop\",\"from\":\"true\",\"to\":\"false\"},"
                "{\"field\":\"metadata.engine_version\",\"from\":\"14.7\",\"to\":\"14.9\"},"
                "{\"field\":\"metadata.multi_az\",\"to\":\"true\"},"
                "{\"field\":\"relations.in_vpc\",\"from\":\"vpc-1\",\"to\":\"vpc-0, vpc-1\"},"
                "{\"field\":\"state\",\"from\":\"available\",\"to\":\"stopped\"},"
                "{\"field\":\"tags.env\",\"from\":\"prod\"}]",
                before, after);
}

static void a_huge_change_is_told_in_part_and_said_so(void **)
{
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *before = database();
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *after = database();
    char name[16], value[1000];
    memset(value, 'x', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    for (int i = 0; i < 100; i++) {
        (void)snprintf(name, sizeof name, "k%03d", i);
        esc_json_set_text(after->tags, name, value);
    }
    ESC_CLEANUP(esc_json_freep) struct esc_json *diff = esc_resource_diff(before, after);
    assert_int_equal(ESC_DIFF_FIELDS, esc_json_len(diff));
    const struct esc_json *first = esc_json_at(diff, 0);
    assert_int_equal(ESC_DIFF_VALUE, esc_str_of(esc_json_str(first, "to", "")).len);
    assert_string_equal("37 more fields",
                        esc_json_str(esc_json_at(diff, ESC_DIFF_FIELDS - 1), "field", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_seen_again_has_not_changed),
        cmocka_unit_test(each_field_is_told_with_what_it_was_and_is),
        cmocka_unit_test(a_huge_change_is_told_in_part_and_said_so),
    };
    return cmocka_run_group_tests_name("model/resource_diff", tests, NULL, NULL);
}
