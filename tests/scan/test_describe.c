/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/describe.h"

#include <string.h>

#include "escher/base/limits.h"
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

static void the_text_says_what_a_thing_is_for(void **)
{
    static const struct {
        const char *type, *name, *tags, *account, *text;
    } cases[] = {
        {"rds_instance", "pg-instance-main1",
         "{\"environment\": \"production\", \"app\": \"main\"}", "acme",
         "production. RDS database instance pg-instance-main1 app=main"},
        {"rds_instance", "pg", "{\"Env\": \"PRD\"}", "acme",
         "production. RDS database instance pg"},
        {"s3_bucket", "logs", "{}", "staging", "staging. S3 bucket logs"},
        {"vpc", "main", "{\"cost\": \"1\"}", "acme", "VPC main"},
        {"ec2_instance", "web",
         "{\"TEAM\": \"core\", \"App\": \"shop\", \"service\": \"cart\","
         " \"component\": \"x\", \"owner\": \"me\", \"role\": \"\"}",
         "acme", "EC2 instance web app=shop service=cart component=x"},
        {"planet", "earth", "{}", "acme", "planet earth"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_resource_freep)
        struct esc_resource *resource =
            resource_with(cases[i].type, cases[i].name, cases[i].tags, cases[i].account);
        struct esc_buf text;
        esc_buf_init(&text, ESC_MAX_NAME);
        esc_embedding_text(resource, &text);
        assert_string_equal(cases[i].text, esc_buf_text(&text));
        esc_buf_done(&text);
    }
}

static void a_long_name_is_cut_between_characters(void **)
{
    char name[1000];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    memcpy(name + 199, "\xc3\xa9", 2); /* one character over the edge of 200 bytes */
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *resource = resource_with("vpc", name, "{}", "acme");
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_NAME);
    esc_embedding_text(resource, &text);
    assert_int_equal(sizeof "VPC " - 1 + 199, text.len);
    esc_buf_done(&text);
}

static void a_new_state_is_written_anew_and_not_embedded_anew(void **)
{
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *resource = resource_with("rds_instance", "pg", "{}", "acme");
    char embedded[ESC_HASH_TEXT], content[ESC_HASH_TEXT], after[ESC_HASH_TEXT];
    esc_embedding_hash(resource, embedded);
    esc_content_hash(resource, content);
    resource->state = esc_strdup("stopped");
    esc_embedding_hash(resource, after);
    assert_string_equal(embedded, after);
    esc_content_hash(resource, after);
    assert_string_not_equal(content, after);
    esc_json_set_text(resource->tags, "app", "main");
    esc_embedding_hash(resource, after);
    assert_string_not_equal(embedded, after);
    assert_int_equal(0, strncmp("sha256:", after, 7));
    assert_int_equal(7 + 64, strlen(after));
}

static void permissions_are_no_content(void **)
{
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *resource = resource_with("rds_instance", "pg", "{}", "acme");
    char before[ESC_HASH_TEXT], after[ESC_HASH_TEXT];
    esc_content_hash(resource, before);
    resource->permissions = esc_permissions_new();
    resource->permissions->source = esc_strdup("learned");
    esc_content_hash(resource, after);
    assert_string_equal(before, after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_says_what_a_thing_is_for),
        cmocka_unit_test(a_long_name_is_cut_between_characters),
        cmocka_unit_test(a_new_state_is_written_anew_and_not_embedded_anew),
        cmocka_unit_test(permissions_are_no_content),
    };
    return cmocka_run_group_tests_name("scan/describe", tests, NULL, NULL);
}
