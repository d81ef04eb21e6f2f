/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/content_hash.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

static struct esc_error err;

static struct esc_resource *resource_with(const char *type, const char *name, const char *tags,
                                          const char *account)
{
    struct esc_resource *resource = esc_resource_new();
    esc_json_free(resource->tags);
    expect_ok(esc_json_parse(esc_str_of(tags), NULL, &resource->tags, &err));
    resource->resource_type = esc_strdup(type);
    resource->name = esc_strdup(name);
    resource->account_name = esc_strdup(account);
    return resource;
}

static void any_change_a_scan_sees_is_a_change(void **)
{
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *resource = resource_with("rds_instance", "pg", "{}", "acme");
    char before[ESC_HASH_TEXT], after[ESC_HASH_TEXT];
    esc_content_hash(resource, before);
    resource->state = esc_strdup("stopped");
    esc_content_hash(resource, after);
    assert_string_not_equal(before, after);
    assert_int_equal(0, strncmp("sha256:", after, 7));
    assert_int_equal(7 + 64, strlen(after));
    esc_json_set_text(resource->tags, "app", "main");
    esc_content_hash(resource, before);
    assert_string_not_equal(before, after);
}

static void when_and_by_whom_it_was_seen_is_no_change(void **)
{
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *resource = resource_with("rds_instance", "pg", "{}", "acme");
    char before[ESC_HASH_TEXT], after[ESC_HASH_TEXT];
    esc_content_hash(resource, before);
    resource->seen_in = esc_strdup("sync");
    resource->last_synced_ms = 1'700'000'000'000;
    resource->embedded_hash = esc_strdup("sha256:0");
    esc_content_hash(resource, after);
    assert_string_equal(before, after);
}

/* Which of two details was answered first must not look like a change. */
static void the_order_in_which_things_were_learned_is_no_change(void **)
{
    char hashes[2][ESC_HASH_TEXT];
    for (unsigned i = 0; i < 2; i++) {
        ESC_CLEANUP(esc_resource_freep)
        struct esc_resource *resource = resource_with("rds_instance", "pg", "{}", "acme");
        for (unsigned j = 0; j < 2; j++) {
            const bool is_first = i == j;
            esc_resource_relate(resource, is_first ? "in_vpc" : "in_subnet", "a-vpc");
            esc_constraints_set(&resource->constraints, is_first ? ESC_CAN_DELETE : ESC_HAS_BACKUPS,
                                ESC_NO, "so", NULL);
        }
        esc_content_hash(resource, hashes[i]);
    }
    assert_string_equal(hashes[0], hashes[1]);
}

static void what_is_permitted_counts_and_not_who_says_so(void **)
{
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *resource = resource_with("rds_instance", "pg", "{}", "acme");
    char before[ESC_HASH_TEXT], after[ESC_HASH_TEXT];
    resource->permissions = esc_permissions_new();
    resource->permissions->source = esc_strdup("local");
    esc_list_push(&resource->permissions->allowed_actions, esc_strdup("rds:StopDBInstance"));
    esc_content_hash(resource, before);
    free(resource->permissions->source);
    resource->permissions->source = esc_strdup("learned");
    resource->permissions->checked_at_ms = 1'700'000'000'000;
    resource->permissions->user_context = esc_user_context_new();
    resource->permissions->user_context->username = esc_strdup("ada");
    esc_content_hash(resource, after);
    assert_string_equal(before, after);
    esc_list_push(&resource->permissions->denied_actions, esc_strdup("rds:DeleteDBInstance"));
    esc_content_hash(resource, after);
    assert_string_not_equal(before, after);
}

/* A resource with all that one may have, as stored rows were hashed from the first version on: with
 * another hash every row of every store would count as changed once. */
static void rows_that_were_stored_before_go_on_counting_as_the_same(void **)
{
    static const char text[] =
        "{\"id\":\"123456789012-us-west-2-rds_instance-pg\",\"provider\":\"aws\","
        "\"resource_type\":\"rds_instance\",\"identifier\":\"pg\","
        "\"arn\":\"arn:aws:rds:us-west-2:123456789012:db:pg\",\"name\":\"caf\u00e9 \\\"1\\\"\","
        "\"account_id\":\"123456789012\",\"account_name\":\"acme\",\"region\":\"us-west-2\","
        "\"state\":\"available\",\"created_at\":\"2026-01-01T00:00:00Z\","
        "\"tags\":{\"team\":\"data\",\"app\":\"main\\n\"},"
        "\"metadata\":{\"z\":[1,-2.5,true,null,{\"b\":1,\"a\":2}],\"engine\":\"postgres\"},"
        "\"iam\":{\"allowed_actions\":[\"rds:StopDBInstance\",\"rds:AddTagsToResource\"],"
        "\"denied_actions\":[],\"conditional_actions\":[{\"action\":\"rds:DeleteDBInstance\","
        "\"keys\":[\"aws:SourceIp\"]}],\"source\":\"local\","
        "\"checked_at\":\"2026-11-22T08:00:00Z\"},"
        "\"constraints\":{\"can_stop\":true,\"has_backups\":false,\"protected\":true,"
        "\"reasons\":[{\"constraint\":\"protected\",\"because\":\"it says so\",\"field\":\"f\"},"
        "{\"constraint\":\"has_backups\",\"because\":\"none\"}]},"
        "\"relations\":[{\"kind\":\"in_vpc\",\"target\":\"v\"},{\"kind\":\"in_subnet\","
        "\"target\":\"s\"}],\"last_synced\":\"2026-11-22T08:00:00Z\",\"seen_in\":\"x\"}";
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = NULL;
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *empty = esc_resource_new();
    char hash[ESC_HASH_TEXT];
    expect_ok(esc_json_parse(esc_str_of(text), NULL, &json, &err));
    expect_ok(esc_resource_from_json(json, &resource, &err));
    esc_content_hash(resource, hash);
    assert_string_equal("sha256:79726a0a87461e40d760a29f84286e671317f0f3f306766bdc91cb23b841d5f7",
                        hash);
    esc_content_hash(empty, hash);
    assert_string_equal("sha256:bf029497e387bb7521c1717371a66451c8d6220274ebad8d63cc698c1e69060b",
                        hash);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_change_a_scan_sees_is_a_change),
        cmocka_unit_test(when_and_by_whom_it_was_seen_is_no_change),
        cmocka_unit_test(the_order_in_which_things_were_learned_is_no_change),
        cmocka_unit_test(what_is_permitted_counts_and_not_who_says_so),
        cmocka_unit_test(rows_that_were_stored_before_go_on_counting_as_the_same),
    };
    return cmocka_run_group_tests_name("scan/content_hash", tests, NULL, NULL);
}
