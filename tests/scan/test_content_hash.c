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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_change_a_scan_sees_is_a_change),
        cmocka_unit_test(when_and_by_whom_it_was_seen_is_no_change),
        cmocka_unit_test(the_order_in_which_things_were_learned_is_no_change),
        cmocka_unit_test(what_is_permitted_counts_and_not_who_says_so),
    };
    return cmocka_run_group_tests_name("scan/content_hash", tests, NULL, NULL);
}
