/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/resource_policy.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/catalog/iam_action.h"
#include "tests/support/test.h"

static void expect_json(const char *expected, const struct esc_json *json)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *wanted = test_json(expected);
    ESC_CLEANUP(esc_freep) char *found = esc_json_print(json, ESC_JSON_SORTED);
    if (!esc_json_equal(wanted, json))
        fail_msg("%s instead of %s", found, expected);
}

static void each_type_names_its_resource_as_its_service_wants_it(void **)
{
    static const struct {
        const char *type, *identifier, *metadata, *operation, *params;
    } cases[] = {
        {"s3_bucket", "papers", "{}", "GetBucketPolicy", "{'Bucket': 'papers'}"},
        {"sqs_queue", "orders", "{'queue_url': 'https://sqs/1/orders'}", "GetQueueAttributes",
         "{'QueueUrl': 'https://sqs/1/orders', 'AttributeNames': ['Policy']}"},
        {"sns_topic", "orders", "{}", "GetTopicAttributes", "{'TopicArn': 'arn:of:orders'}"},
        {"secret", "db/main", "{}", "GetResourcePolicy", "{'SecretId': 'arn:of:db/main'}"},
        {"dynamodb_table", "carts", "{}", "GetResourcePolicy", "{'ResourceArn': 'arn:of:carts'}"},
        {"lambda_function", "resize", "{}", "GetPolicy", "{'FunctionName': 'resize'}"},
        {"lambda_alias", "resize:live", "{}", "GetPolicy",
         "{'FunctionName': 'resize', 'Qualifier': 'live'}"},
        {"lambda_layer", "tools", "{'latest_version': 7}", "GetLayerVersionPolicy",
         "{'LayerName': 'tools', 'VersionNumber': 7}"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = esc_resource_new();
        resource->resource_type = esc_strdup(cases[i].type);
        resource->identifier = esc_strdup(cases[i].identifier);
        resource->arn = esc_sprintf("arn:of:%s", cases[i].identifier);
        esc_json_free(resource->metadata);
        resource->metadata = test_json(cases[i].metadata);
        ESC_CLEANUP(esc_json_freep) struct esc_json *params = esc_resource_policy_params(resource);
        const struct esc_operation *operation = esc_resource_policy_operation(cases[i].type);
        assert_true(esc_resource_policy_is_had(cases[i].type));
        assert_true(esc_resource_policy_is_readable(resource));
        assert_string_equal(cases[i].operation, operation->operation);
        assert_false(operation->mutates);
        expect_json(cases[i].params, params);
    }
    assert_null(esc_resource_policy_operation("ec2_instance"));
    assert_false(esc_resource_policy_is_had("ec2_instance"));
}

/* That there is none, that nobody may see it, and that an answer says nothing are three things. */
static void an_answer_is_a_document_none_or_unread_with_its_reason(void **)
{
    static const struct {
        const char *type, *output, *code, *page;
    } cases[] = {
        {"s3_bucket", "{'Policy': '{}'}", NULL, "{'document': '{}'}"},
        {"s3_bucket", NULL, "NoSuchBucketPolicy", "{}"},
        {"s3_bucket", NULL, "AccessDenied", "{'unread': 's3:GetBucketPolicy: AccessDenied'}"},
        {"s3_bucket", NULL, NULL, "{'unread': 's3:GetBucketPolicy: no answer'}"},
        {"s3_bucket", "{}", NULL, "{'unread': 's3:GetBucketPolicy: it gave no document'}"},
        {"sqs_queue", "{'Attributes': {'Policy': 'P'}}", NULL, "{'document': 'P'}"},
        {"sqs_queue", "{}", NULL, "{}"},
        {"sqs_queue", "{'Attributes': {'Policy': 5}}", NULL,
         "{'unread': 'sqs:GetQueueAttributes: it gave no document'}"},
        {"sns_topic", "{'Attributes': {}}", NULL,
         "{'unread': 'sns:GetTopicAttributes: it gave no document'}"},
        {"secret", "{'Name': 'db'}", NULL, "{}"},
        {"secret", "{'ResourcePolicy': 'P'}", NULL, "{'document': 'P'}"},
        {"dynamodb_table", NULL, "PolicyNotFoundException", "{}"},
        {"dynamodb_table", NULL, "ResourceNotFoundException",
         "{'unread': 'dynamodb:GetResourcePolicy: ResourceNotFoundException'}"},
        {"lambda_function", NULL, "ResourceNotFoundException", "{}"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_json_freep)
        struct esc_json *output = cases[i].output ? test_json(cases[i].output) : NULL;
        const struct esc_scan_answer answer = {
            .category = output ? ESC_CATEGORY_NONE : ESC_CATEGORY_PERMISSION,
            .output = output,
            .code = cases[i].code,
        };
        ESC_CLEANUP(esc_json_freep)
        struct esc_json *page = esc_resource_policy_page(cases[i].type, &answer);
        expect_json(cases[i].page, page);
    }
}

static void a_document_of_megabytes_is_not_kept(void **)
{
    ESC_CLEANUP(esc_freep) char *text = esc_alloc_zero(6 * 1024 * 1024);
    memset(text, ' ', 6 * 1024 * 1024 - 1);
    ESC_CLEANUP(esc_json_freep) struct esc_json *output = esc_json_object();
    esc_json_set_text(output, "Policy", text);
    const struct esc_scan_answer answer = {.category = ESC_CATEGORY_NONE, .output = output};
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *page = esc_resource_policy_page("s3_bucket", &answer);
    expect_json("{'unread': 's3:GetBucketPolicy: the document is too large'}", page);
}

static void the_actions_that_reading_takes_are_those_of_the_operations(void **)
{
    static const char *const types[] = {"dynamodb_table", "lambda_layer", "lambda_function",
                                        "s3_bucket",      "secret",       "sns_topic",
                                        "sqs_queue"};
    for (size_t i = 0; i < ESC_COUNT(types); i++)
        assert_string_equal(esc_resource_policy_operation(types[i])->iam_action,
                            esc_resource_policy_actions[i]);
    assert_null(esc_resource_policy_actions[ESC_COUNT(types)]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_type_names_its_resource_as_its_service_wants_it),
        cmocka_unit_test(an_answer_is_a_document_none_or_unread_with_its_reason),
        cmocka_unit_test(a_document_of_megabytes_is_not_kept),
        cmocka_unit_test(the_actions_that_reading_takes_are_those_of_the_operations),
    };
    return cmocka_run_group_tests_name("scan/resource_policy", tests, NULL, NULL);
}
