/* SPDX-License-Identifier: Apache-2.0 */

/* The policies of keys that data is encrypted under: read by a sync, and deciding what needs them. */

#include "escher/store/document.h"
#include "escher/work/permission_private.h"
#include "tests/work/caller_desk.h"

#define KEY "arn:aws:kms:us-west-2:" DESK_ACCOUNT ":key/1234abcd"
#define INSTANCE "i-0aaaaaaaaaaaaaaa1"
#define VOLUME "vol-0aaaaaaaaaaaaaaa1"
#define NEEDS "unknown: it needs kms:CreateGrant on " KEY ", the key of " VOLUME ": "
#define EC2_ALONE "{\"Effect\": \"Allow\", \"Action\": [\"ec2:*\", \"sqs:*\"], \"Resource\": \"*\"}"
#define DELEGATES                                                                                  \
    "{\\\"Effect\\\": \\\"Allow\\\", \\\"Principal\\\": {\\\"AWS\\\": "                            \
    "\\\"arn:aws:iam::" DESK_ACCOUNT                                                               \
    ":root\\\"}, \\\"Action\\\": \\\"kms:*\\\", \\\"Resource\\\": \\\"*\\\"}"
#define DENIES                                                                                     \
    "{\\\"Sid\\\": \\\"Sealed\\\", \\\"Effect\\\": \\\"Deny\\\", \\\"Principal\\\": \\\"*\\\","    \
    " \\\"Action\\\": \\\"kms:CreateGrant\\\", \\\"Resource\\\": \\\"*\\\"}"

static struct esc_error err;

static void put_key(const struct desk *desk, const char *statements)
{
    ESC_CLEANUP(esc_freep)
    char *text = esc_sprintf("{\"Policy\": \"{\\\"Statement\\\": [%s]}\"}", statements);
    desk_cloud_drop(desk, "get-key-policy.sh");
    desk_cloud_put(desk, "get-key-policy.json", text);
    desk_cloud_put(desk, "list-grants.json", "{\"Grants\": []}");
}

static struct desk *open_desk(void **state)
{
    struct desk *desk = caller_desk(state);
    desk_cloud_put(desk, "describe-instances.json",
                   "{\"Reservations\": [{\"OwnerId\": \"" DESK_ACCOUNT "\", \"Instances\": ["
                   "{\"InstanceId\": \"" INSTANCE "\", \"State\": {\"Name\": \"stopped\"},"
                   " \"BlockDeviceMappings\": [{\"DeviceName\": \"/dev/xvda\", \"Ebs\":"
                   " {\"VolumeId\": \"" VOLUME "\"}}]}]}]}");
    desk_cloud_put(desk, "describe-volumes.json",
                   "{\"Volumes\": [{\"VolumeId\": \"" VOLUME "\", \"State\": \"in-use\","
                   " \"Encrypted\": true, \"KmsKeyId\": \"" KEY "\", \"Attachments\":"
                   " [{\"InstanceId\": \"" INSTANCE "\", \"State\": \"attached\"}]}]}");
    desk_cloud_put(desk, "describe-images.json", "{\"Images\": []}");
    desk_cloud_put(desk, "describe-snapshots.json", "{\"Snapshots\": []}");
    put_key(desk, DELEGATES);
    return desk;
}

/* The row as it is stored says the same as what is worked out when it is asked. */
static void expect_start(struct desk *desk, const char *expected)
{
    caller_expect(desk, INSTANCE, "ec2:StartInstances", expected);
    caller_expect(desk, INSTANCE, "ec2:StopInstances", "allowed");
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *answer =
        desk_expect(desk, ESC_OK, "POST", "/api/show", "{\"text\":\"" INSTANCE "\"}");
    const struct esc_json *allowed = esc_json_get(answer, "resource.iam.allowed_actions");
    bool is_listed = false;
    for (size_t i = 0; i < esc_json_len(allowed); i++)
        is_listed = is_listed || esc_text_equal(esc_json_str(esc_json_at(allowed, i), "", ""),
                                                "ec2:StartInstances");
    assert_true(is_listed == esc_text_equal(expected, "allowed"));
}

static void starting_an_instance_asks_the_key_of_its_volume(void **state)
{
    struct desk *desk = open_desk(state);
    (void)caller_sync(desk, "ec2");
    expect_start(desk, "unknown: whether " VOLUME
                       " is encrypted under a key is not known: it is not in the estate");
    (void)caller_sync(desk, "ebs"); /* brings the volume and its key, and not the instance */
    expect_start(desk, "allowed");
    put_key(desk, DELEGATES ", " DENIES);
    (void)caller_sync(desk, "ebs");
    expect_start(desk, "denied");
    put_key(desk, DELEGATES);
    (void)caller_sync(desk, "ec2"); /* the key is asked for the instance too */
    expect_start(desk, "allowed");
}

static void volumes_that_come_after_their_instance_count_in_the_same_sync(void **state)
{
    struct desk *desk = open_desk(state);
    put_key(desk, DENIES);
    esc_json_free(desk_expect(desk, ESC_PARTIAL, "POST", "/api/sync", "{" DESK_KEYS "}"));
    expect_start(desk, "denied");
}

static void a_key_policy_that_nobody_may_read_leaves_it_open(void **state)
{
    struct desk *desk = open_desk(state);
    desk_cloud_drop(desk, "get-key-policy.json");
    (void)caller_sync(desk, "ebs");
    (void)caller_sync(desk, "ec2");
    expect_start(desk, NEEDS "kms:GetKeyPolicy: AccessDenied");
}

static void one_that_aws_manages_is_anybodys(void **state)
{
    struct desk *desk = open_desk(state);
    desk_cloud_drop(desk, "get-key-policy.json");
    desk_cloud_put(desk, "describe-key.json",
                   "{\"KeyMetadata\": {\"Arn\": \"" KEY "\", \"KeyManager\": \"AWS\"}}");
    caller_put_policy(desk, EC2_ALONE);
    (void)caller_sync(desk, "ebs");
    (void)caller_sync(desk, "ec2");
    expect_start(desk, "allowed");
}

static void without_an_allow_only_the_lack_of_a_grant_denies(void **state)
{
    struct desk *desk = open_desk(state);
    caller_put_policy(desk, EC2_ALONE);
    (void)caller_sync(desk, "ebs");
    (void)caller_sync(desk, "ec2");
    expect_start(desk, "denied");
    desk_cloud_put(desk, "list-grants.json", "{\"Grants\": [{\"GrantId\": \"1\"}]}");
    (void)caller_sync(desk, "ebs");
    expect_start(desk, NEEDS "somebody has given a grant for it, which its policy does not show");
    desk_cloud_drop(desk, "list-grants.json");
    (void)caller_sync(desk, "ebs");
    expect_start(desk, NEEDS "kms:ListGrants: AccessDenied");
}

/* What will pass says nothing against what was read; what is young is not read for an event. */
static void a_failure_that_will_pass_keeps_what_was_read(void **state)
{
    struct desk *desk = open_desk(state);
    (void)caller_sync(desk, "ebs");
    (void)caller_sync(desk, "ec2");
    desk_cloud_drop(desk, "get-key-policy.json");
    caller_put_failure(desk, "get-key-policy", "InternalError");
    (void)caller_sync(desk, "ebs");
    expect_start(desk, "allowed");
}

static bool is_kept(const struct desk *desk)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *kept = NULL;
    return esc_store_doc_get(desk->bench->store, WORK_IAM_KEY, DESK_ACCOUNT " " KEY, &kept, &err) ==
           ESC_OK;
}

static void an_account_that_leaves_takes_its_keys_along(void **state)
{
    struct desk *desk = open_desk(state);
    (void)caller_sync(desk, "ebs");
    assert_true(is_kept(desk));
    esc_json_free(desk_expect(desk, ESC_OK, "DELETE", "/api/accounts/production", NULL));
    assert_false(is_kept(desk));
}

static void each_key_is_read_once_a_sync(void **state)
{
    struct desk *desk = open_desk(state);
    (void)caller_sync(desk, "ebs");
    assert_int_equal(1, desk_cloud_calls(desk, "get-key-policy"));
    assert_int_equal(1, desk_cloud_calls(desk, "list-grants"));
    assert_int_equal(0, caller_sync(desk, "ebs")); /* nothing is other */
    assert_int_equal(2, desk_cloud_calls(desk, "get-key-policy"));
    assert_int_equal(0, desk_cloud_calls(desk, "describe-key"));
}

/* Nor would it be, by a sync that leaves out what answers as before. */
static void a_key_is_read_again_though_nothing_that_it_protects_is_brought(void **state)
{
    struct desk *desk = open_desk(state);
    (void)caller_sync(desk, "ebs");
    (void)caller_sync(desk, "ec2");
    expect_start(desk, "allowed");
    put_key(desk, DENIES);
    (void)caller_sync(desk, "s3");
    expect_start(desk, "denied");
}

/* An alias is that of another key tomorrow: which one is asked. */
static void the_key_behind_an_alias_is_found(void **state)
{
    struct desk *desk = open_desk(state);
    desk_cloud_put(desk, "list-queues.json", "{\"QueueUrls\": [\"https://sqs/1/orders\"]}");
    desk_cloud_put(desk, "get-queue-attributes.json",
                   "{\"Attributes\": {\"QueueArn\": \"arn:aws:sqs:us-west-2:" DESK_ACCOUNT
                   ":orders\", \"KmsMasterKeyId\": \"alias/orders\"}}");
    (void)caller_sync(desk, "sqs");
    caller_expect(desk, "orders", "sqs:SendMessage",
                  "unknown: it needs kms:GenerateDataKey on arn:aws:kms:us-west-2:" DESK_ACCOUNT
                  ":alias/orders, the key of orders: kms:DescribeKey: AccessDenied");
    desk_cloud_put(desk, "describe-key.json",
                   "{\"KeyMetadata\": {\"Arn\": \"" KEY "\", \"KeyManager\": \"CUSTOMER\"}}");
    (void)caller_sync(desk, "sqs");
    caller_expect(desk, "orders", "sqs:SendMessage", "allowed");
    caller_put_policy(desk, EC2_ALONE);
    (void)caller_sync(desk, "sqs");
    caller_expect(desk, "orders", "sqs:SendMessage", "denied");
    caller_expect(desk, "orders", "sqs:PurgeQueue", "allowed");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(starting_an_instance_asks_the_key_of_its_volume),
        TEST(volumes_that_come_after_their_instance_count_in_the_same_sync),
        TEST(a_key_policy_that_nobody_may_read_leaves_it_open),
        TEST(one_that_aws_manages_is_anybodys),
        TEST(without_an_allow_only_the_lack_of_a_grant_denies),
        TEST(a_failure_that_will_pass_keeps_what_was_read),
        TEST(an_account_that_leaves_takes_its_keys_along),
        TEST(each_key_is_read_once_a_sync),
        TEST(a_key_is_read_again_though_nothing_that_it_protects_is_brought),
        TEST(the_key_behind_an_alias_is_found),
    };
    return cmocka_run_group_tests_name("work/permission_crypt", tests, NULL, NULL);
}
