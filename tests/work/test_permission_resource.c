/* SPDX-License-Identifier: Apache-2.0 */

/* The policies of buckets, queues and functions: read by a sync, and deciding with the caller's. */

#include "escher/store/document.h"
#include "escher/work/permission_private.h"
#include "tests/work/caller_desk.h"

static struct esc_error err;

static void deny_deletion_of_the_bucket(const struct desk *desk)
{
    desk_cloud_drop(desk, "get-bucket-policy.sh");
    desk_cloud_put(desk, "get-bucket-policy.json",
                   "{\"Policy\": \"{\\\"Statement\\\": [{\\\"Effect\\\": \\\"Deny\\\","
                   " \\\"Principal\\\": \\\"*\\\", \\\"Action\\\": \\\"s3:DeleteBucket\\\","
                   " \\\"Resource\\\": \\\"arn:aws:s3:::papers\\\"}]}\"}");
}

static void the_policy_of_a_bucket_is_read_and_decides(void **state)
{
    struct desk *desk = caller_desk(state);
    (void)caller_sync(desk, "s3");
    caller_expect(desk, "papers", "s3:DeleteBucket", "allowed");
    deny_deletion_of_the_bucket(desk);
    (void)caller_sync(desk, "s3");
    caller_expect(desk, "papers", "s3:DeleteBucket", "denied");
    caller_expect(desk, "papers", "s3:GetObject", "allowed");
    desk_cloud_drop(desk, "get-bucket-policy.json");
    (void)caller_sync(desk, "s3");
    caller_expect(desk, "papers", "s3:DeleteBucket", "unknown: s3:GetBucketPolicy: AccessDenied");
}

/* Its policy may be all that has changed, and was read a moment ago. */
static void an_event_of_a_bucket_has_its_policy_read_again(void **state)
{
    struct desk *desk = caller_desk(state);
    (void)caller_sync(desk, "s3");
    caller_expect(desk, "papers", "s3:DeleteBucket", "allowed");
    deny_deletion_of_the_bucket(desk);
    esc_json_free(desk_expect(
        desk, ESC_OK, "PUT", "/api/schedule",
        "{\"queue_url\":\"https://sqs.us-west-2.amazonaws.com/" DESK_ACCOUNT "/escher\","
        "\"queue_account\":\"production\",\"queue_region\":\"us-west-2\",\"emulators\":true}"));
    desk_cloud_put(desk, "receive-message.json",
                   "{\"Messages\":[{\"ReceiptHandle\":\"one\",\"Body\":\"{\\\"source\\\":"
                   "\\\"aws.s3\\\",\\\"detail-type\\\":\\\"AWS API Call via CloudTrail\\\","
                   "\\\"account\\\":\\\"" DESK_ACCOUNT
                   "\\\",\\\"region\\\":\\\"us-west-2\\\"}\"}]}");
    desk_cloud_put(desk, "delete-message-batch.json", "{\"Successful\":[],\"Failed\":[]}");
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *taken =
        desk_expect(desk, ESC_OK, "POST", "/api/sync/events", "{" DESK_KEYS "}");
    assert_int_equal(1, esc_json_num(taken, "messages", 0));
    caller_expect(desk, "papers", "s3:DeleteBucket", "denied");
}

static bool is_kept(const struct desk *desk, const char *collection, const char *key)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *kept = NULL;
    return esc_store_doc_get(desk->bench->store, collection, key, &kept, &err) == ESC_OK;
}

static char *bucket_of(const struct desk *desk)
{
    struct esc_arena arena;
    char *id = NULL;
    esc_arena_init(&arena);
    for (size_t i = 0; i < esc_index_count(desk->bench->index); i++) {
        const struct esc_card card = esc_index_at(desk->bench->index, i, &arena);
        if (esc_text_equal(card.resource_type, "s3_bucket"))
            id = esc_strdup(card.id);
    }
    esc_arena_done(&arena);
    assert_non_null(id);
    return id;
}

/* Another bucket of that name has a policy of its own, and an account that is added again others. */
static void what_is_gone_leaves_no_policy_behind(void **state)
{
    struct desk *desk = caller_desk(state);
    (void)caller_sync(desk, "s3");
    ESC_CLEANUP(esc_freep) char *id = bucket_of(desk);
    assert_true(is_kept(desk, WORK_IAM_RESOURCE, id));
    desk_cloud_put(desk, "list-buckets.json", "{\"Buckets\": []}");
    (void)caller_sync(desk, "s3");
    assert_false(is_kept(desk, WORK_IAM_RESOURCE, id));
    assert_true(is_kept(desk, WORK_IAM_POLICIES, DESK_ACCOUNT));
    esc_json_free(desk_expect(desk, ESC_OK, "DELETE", "/api/accounts/production", NULL));
    assert_false(is_kept(desk, WORK_IAM_POLICIES, DESK_ACCOUNT));
    assert_false(is_kept(desk, WORK_IAM_TALLY, DESK_ACCOUNT));
}

/* What will pass says nothing against what was read before. */
static void a_failure_that_will_pass_keeps_the_policy_that_was_read(void **state)
{
    struct desk *desk = caller_desk(state);
    (void)caller_sync(desk, "s3");
    caller_put_failure(desk, "get-bucket-policy", "InternalError");
    (void)caller_sync(desk, "s3");
    caller_expect(desk, "papers", "s3:DeleteBucket", "allowed");
}

#define QUEUE "arn:aws:sqs:us-west-2:" DESK_ACCOUNT ":orders"

static void put_queue(const struct desk *desk, const char *attributes)
{
    ESC_CLEANUP(esc_freep) char *text = esc_sprintf("{\"Attributes\": {%s}}", attributes);
    desk_cloud_put(desk, "list-queues.json", "{\"QueueUrls\": [\"https://sqs/1/orders\"]}");
    desk_cloud_put(desk, "get-queue-attributes.json", text);
}

static void the_policy_of_a_queue_denies_and_allows(void **state)
{
    struct desk *desk = caller_desk(state);
    put_queue(desk, "\"QueueArn\": \"" QUEUE "\"");
    (void)caller_sync(desk, "sqs");
    caller_expect(desk, "orders", "sqs:PurgeQueue", "allowed");
    put_queue(desk, "\"Policy\": \"{\\\"Statement\\\": [{\\\"Effect\\\": \\\"Deny\\\","
                    " \\\"Principal\\\": \\\"*\\\", \\\"Action\\\": \\\"sqs:PurgeQueue\\\","
                    " \\\"Resource\\\": \\\"" QUEUE "\\\"}]}\"");
    (void)caller_sync(desk, "sqs");
    caller_expect(desk, "orders", "sqs:PurgeQueue", "denied");
    caller_put_policy(desk, "{\"Effect\": \"Allow\", \"Action\": \"ec2:*\", \"Resource\": \"*\"}");
    put_queue(desk,
              "\"Policy\": \"{\\\"Statement\\\": [{\\\"Effect\\\": \\\"Allow\\\","
              " \\\"Principal\\\": {\\\"AWS\\\": \\\"" ROLE "\\\"},"
              " \\\"Action\\\": \\\"sqs:SendMessage\\\", \\\"Resource\\\": \\\"" QUEUE "\\\"}]}\"");
    (void)caller_sync(desk, "sqs");
    caller_expect(desk, "orders", "sqs:SendMessage", "allowed");
    caller_expect(desk, "orders", "sqs:PurgeQueue", "denied");
}

static void the_policy_of_a_function_is_asked_for_where_nothing_else_allows(void **state)
{
    struct desk *desk = caller_desk(state);
    desk_cloud_put(desk, "list-functions.json",
                   "{\"Functions\": [{\"FunctionName\": \"resize\", \"FunctionArn\":"
                   " \"arn:aws:lambda:us-west-2:" DESK_ACCOUNT ":function:resize\"}]}");
    desk_cloud_put(desk, "list-layers.json", "{\"Layers\": []}");
    desk_cloud_put(desk, "list-aliases.json", "{\"Aliases\": []}");
    caller_put_failure(desk, "get-policy", "ResourceNotFoundException");
    (void)caller_sync(desk, "lambda");
    caller_expect(desk, "resize", "lambda:InvokeFunction", "allowed");
    assert_int_equal(0, desk_cloud_calls(desk, "get-policy"));
    caller_put_policy(desk, "{\"Effect\": \"Allow\", \"Action\": \"ec2:*\", \"Resource\": \"*\"}");
    (void)caller_sync(desk, "lambda");
    caller_expect(desk, "resize", "lambda:InvokeFunction", "denied");
    assert_int_equal(1, desk_cloud_calls(desk, "get-policy"));
    desk_cloud_drop(desk, "get-policy.sh");
    (void)caller_sync(desk, "lambda");
    caller_expect(desk, "resize", "lambda:InvokeFunction",
                  "unknown: lambda:GetPolicy: AccessDenied");
}

/* Asked for all attributes a queue has some, whatever its policy. */
static void an_answer_without_attributes_takes_no_denial_away(void **state)
{
    struct desk *desk = caller_desk(state);
    put_queue(desk, "\"Policy\": \"{\\\"Statement\\\": [{\\\"Effect\\\": \\\"Deny\\\","
                    " \\\"Principal\\\": \\\"*\\\", \\\"Action\\\": \\\"sqs:PurgeQueue\\\","
                    " \\\"Resource\\\": \\\"" QUEUE "\\\"}]}\"");
    (void)caller_sync(desk, "sqs");
    caller_expect(desk, "orders", "sqs:PurgeQueue", "denied");
    desk_cloud_put(desk, "get-queue-attributes.sh",
                   "tail -n 1 \"$here/calls\" | grep -q '\"All\"' && { echo '{}'; exit 0; }\n");
    (void)caller_sync(desk, "sqs");
    caller_expect(desk, "orders", "sqs:PurgeQueue", "denied");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_policy_of_a_bucket_is_read_and_decides),
        TEST(an_event_of_a_bucket_has_its_policy_read_again),
        TEST(a_failure_that_will_pass_keeps_the_policy_that_was_read),
        TEST(what_is_gone_leaves_no_policy_behind),
        TEST(the_policy_of_a_queue_denies_and_allows),
        TEST(an_answer_without_attributes_takes_no_denial_away),
        TEST(the_policy_of_a_function_is_asked_for_where_nothing_else_allows),
    };
    return cmocka_run_group_tests_name("work/permission_resource", tests, NULL, NULL);
}
