/* SPDX-License-Identifier: Apache-2.0 */

/* What is asked about each resource after its list: what is missing there, and what that costs. */

#include <stdlib.h>
#include <string.h>

#include "escher/base/limits.h"
#include "tests/scan/walk_cloud.h"

static void a_bucket_without_a_known_region_is_left_out_and_kept_elsewhere(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 3);
    cloud_add_fault(&cloud, (struct cloud_fault){.operation = "GetBucketLocation",
                                                 .in_params = "acme-logs",
                                                 .category = ESC_CATEGORY_PERMISSION,
                                                 .code = "AccessDenied"});
    cloud_run_usual(&cloud);
    assert_null(cloud_resource(&cloud, "us-west-2-s3_bucket-acme-logs"));
    assert_non_null(cloud_resource(&cloud, "us-west-2-s3_bucket-acme-web"));
    assert_string_equal("partial", cloud_state(&cloud, "us-east-1", "ListBuckets"));
    assert_string_equal("partial", cloud_state(&cloud, "us-east-1", "GetBucketLocation"));
    assert_false(esc_json_flag(cloud_cell(&cloud, "us-east-1", "ListBuckets"), "complete", true));
    assert_int_equal(0,
                     cloud_count_calls(&cloud, "GetBucketVersioning {\"Bucket\":\"acme-logs\"}"));
    /* details are asked where the bucket is */
    assert_int_equal(1, cloud_count_calls(&cloud, "us-west-2 GetBucketVersioning"));
    cloud_done(&cloud);
}

static void nothing_configured_is_no_failure(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 3);
    cloud_add_fault(&cloud, (struct cloud_fault){.operation = "GetBucketLifecycleConfiguration",
                                                 .category = ESC_CATEGORY_NOT_FOUND,
                                                 .code = "NoSuchLifecycleConfiguration"});
    cloud_run_usual(&cloud);
    assert_string_equal("ok", cloud_state(&cloud, "us-east-1", "GetBucketLifecycleConfiguration"));
    expect_contains("\"lifecycle_rules\":0",
                    cloud_resource(&cloud, "us-west-2-s3_bucket-acme-web"));
    cloud_done(&cloud);
}

static void tags_that_nobody_told_are_unknown_and_not_empty(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 3);
    cloud_add_fault(&cloud, (struct cloud_fault){.operation = "GetResources",
                                                 .region = "us-west-2",
                                                 .category = ESC_CATEGORY_PERMISSION});
    cloud_add_fault(&cloud, (struct cloud_fault){.operation = "GetBucketTagging",
                                                 .in_params = "acme-web",
                                                 .category = ESC_CATEGORY_PERMISSION});
    cloud_run_usual(&cloud);
    expect_contains("\"tags_unknown\":true",
                    cloud_resource(&cloud, "us-west-2-lambda_function-resize"));
    assert_null(strstr(cloud_resource(&cloud, "eu-west-1-lambda_function-resize"), "tags_unknown"));
    expect_contains("\"tags\":{\"app\":\"own\"}",
                    cloud_resource(&cloud, "us-west-2-s3_bucket-acme-logs"));
    expect_contains("\"tags_unknown\":true",
                    cloud_resource(&cloud, "us-west-2-s3_bucket-acme-web"));
    assert_string_equal("partial", cloud_state(&cloud, "us-east-1", "GetBucketTagging"));
    assert_string_equal("ok", cloud_state(&cloud, "us-east-1", "ListBuckets"));
    cloud_done(&cloud);
}

/* A list of one database with so many bytes of tags; owned. */
static char *database_with_tags(size_t bytes)
{
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_JSON);
    esc_buf_add_text(&text, "{\"DBInstances\": [{\"DBInstanceIdentifier\": \"main\","
                            " \"DBInstanceStatus\": \"available\", \"TagList\": [");
    for (size_t i = 0; text.len < bytes; i++)
        esc_buf_printf(&text, "%s{\"Key\": \"key-%zu\", \"Value\": \"some value\"}", i ? "," : "",
                       i);
    esc_buf_add_text(&text, "]}]}");
    return esc_buf_take(&text);
}

static void what_says_too_much_is_kept_without_its_tags(void **)
{
    static const char *const services[] = {"rds", NULL};
    static const struct {
        size_t bytes;
        const char *state, *said;
    } cases[] = {
        {100 * 1024, "ok", "\"key-999\":"},
        {10 * 1024 * 1024, "partial", "\"tags_unknown\":true"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct cloud cloud;
        ESC_CLEANUP(esc_freep) char *list = database_with_tags(cases[i].bytes);
        cloud_init(&cloud, 3);
        cloud_add_fault(&cloud,
                        (struct cloud_fault){.operation = "DescribeDBInstances", .output = list});
        cloud_run_in(&cloud, "us-west-2", NULL, services);
        const char *kept = cloud_resource(&cloud, "us-west-2-rds_instance-main");
        assert_non_null(kept);
        assert_true(strlen(kept) < ESC_MAX_RESOURCE);
        expect_contains(cases[i].said, kept);
        assert_string_equal(cases[i].state,
                            cloud_state(&cloud, "us-west-2", "DescribeDBInstances"));
        assert_string_equal("ok", cloud_state(&cloud, "us-west-2", "DescribeDBClusters"));
        cloud_done(&cloud);
    }
}

static void details_are_no_more_complete_than_their_list(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 3);
    cloud_add_fault(&cloud, (struct cloud_fault){.operation = "ListFunctions",
                                                 .region = "us-west-2",
                                                 .category = ESC_CATEGORY_PERMISSION});
    cloud_add_fault(&cloud, (struct cloud_fault){.operation = "ListAliases",
                                                 .region = "eu-west-1",
                                                 .in_params = "small",
                                                 .category = ESC_CATEGORY_SERVICE});
    cloud_run_usual(&cloud);
    assert_string_equal("skipped", cloud_state(&cloud, "us-west-2", "ListAliases"));
    expect_contains("the list that it follows", cloud_why(&cloud, "us-west-2", "ListAliases"));
    expect_contains("no reason", cloud_why(&cloud, "us-west-2", "ListFunctions"));
    assert_string_equal("partial", cloud_state(&cloud, "eu-west-1", "ListAliases"));
    assert_string_equal("ok", cloud_state(&cloud, "eu-west-1", "ListFunctions"));
    cloud_done(&cloud);
}

static void tags_of_balancers_are_asked_twenty_at_a_time(void **)
{
    struct esc_buf output;
    esc_buf_init(&output, ESC_MAX_REQUEST);
    esc_buf_add_text(&output, "{\"LoadBalancers\": [");
    for (unsigned i = 0; i < 25; i++)
        esc_buf_printf(&output,
                       "%s{\"LoadBalancerName\": \"web-%u\", \"LoadBalancerArn\": "
                       "\"arn:aws:elasticloadbalancing:us-west-2:123456789012:loadbalancer/app/"
                       "web-%u/1\"}",
                       i ? ", " : "", i, i);
    esc_buf_add_text(&output, "]}");
    struct cloud cloud;
    cloud_init(&cloud, 3);
    cloud_add_fault(&cloud, (struct cloud_fault){.operation = "DescribeLoadBalancers",
                                                 .region = "us-west-2",
                                                 .output = esc_buf_text(&output)});
    cloud_run_usual(&cloud);
    assert_int_equal(2, cloud_count_calls(&cloud, "DescribeTags"));
    assert_int_equal(1, cloud_count_calls(&cloud, "loadbalancer/app/web-19/1\"]}"));
    assert_int_equal(2 * 14 + 2 + 25, esc_map_count(cloud.found));
    cloud_done(&cloud);
    esc_buf_done(&output);
}

/* One is protected, one has gone since the list, one may not be asked about; others cost no call. */
static void protection_is_asked_where_it_matters_and_its_refusal_loses_no_row(void **)
{
    static const char *const services[] = {"protection", NULL}; /* which needs the list */
    struct cloud cloud;
    cloud_init(&cloud, 4);
    cloud_add_fault(&cloud, (struct cloud_fault){
                                .operation = "DescribeInstances",
                                .output = "{\"Reservations\": [{\"Instances\": ["
                                          "{\"InstanceId\": \"i-00000001\"},"
                                          "{\"InstanceId\": \"i-00000002\"},"
                                          "{\"InstanceId\": \"i-00000003\"},"
                                          "{\"InstanceId\": \"i-00000004\", \"Tags\": [{\"Key\":"
                                          " \"aws:autoscaling:groupName\", \"Value\": \"web\"}]},"
                                          "{\"InstanceId\": \"i-00000005\","
                                          " \"InstanceLifecycle\": \"spot\"},"
                                          "{\"InstanceId\": \"i-00000006\","
                                          " \"State\": {\"Name\": \"terminated\"}}]}]}"});
    cloud_add_fault(&cloud, (struct cloud_fault){.operation = "DescribeInstanceAttribute",
                                                 .in_params = "i-00000002",
                                                 .category = ESC_CATEGORY_NOT_FOUND,
                                                 .code = "InvalidInstanceID.NotFound"});
    cloud_add_fault(&cloud, (struct cloud_fault){.operation = "DescribeInstanceAttribute",
                                                 .region = "us-west-2",
                                                 .in_params = "i-00000003",
                                                 .category = ESC_CATEGORY_PERMISSION,
                                                 .code = "UnauthorizedOperation"});
    struct esc_scan_options options = cloud_options_in(&cloud, "us-west-2", "eu-west-1");
    options.services = services;
    cloud_run(&cloud, &options);
    assert_int_equal(2 * 3, cloud_count_calls(&cloud, "DescribeInstanceAttribute"));
    assert_int_equal(2 * (6 + 1), esc_map_count(cloud.found));
    const struct esc_json *refused = cloud_cell(&cloud, "us-west-2", "DescribeInstanceAttribute");
    assert_string_equal("partial", esc_json_str(refused, "state", ""));
    const struct esc_json *list = cloud_cell(&cloud, "us-west-2", "DescribeInstances");
    assert_true(esc_json_flag(list, "complete", false));
    const struct esc_json *whole = cloud_cell(&cloud, "eu-west-1", "DescribeInstanceAttribute");
    assert_string_equal("ok", esc_json_str(whole, "state", ""));
    expect_contains("termination protection is on",
                    cloud_resource(&cloud, "us-west-2-ec2_instance-i-00000001"));
    cloud_done(&cloud);
}

static bool only_protection(void *, const struct esc_account *, const char *,
                            const struct esc_scanner *scanner)
{
    return esc_text_equal(scanner->name, "protection");
}

/* Every other one was asked a while ago, the later in the list the longer. */
static uint64_t asked_ms(void *, const struct esc_account *account, const char *region,
                         const char *identifier)
{
    const unsigned long number = strtoul(identifier + 2, NULL, 16);
    assert_non_null(account->id);
    assert_string_equal("us-west-2", region);
    return number % 2 ? 10'000 - number : 0;
}

static void list_instances(struct cloud *cloud, struct esc_buf *list, int count)
{
    esc_buf_init(list, 100'000);
    esc_buf_add_text(list, "{\"Reservations\": [{\"Instances\": [");
    for (int i = 0; i < count; i++)
        esc_buf_printf(list, "%s{\"InstanceId\": \"i-%08x\"}", i ? "," : "", i);
    esc_buf_add_text(list, "]}]}");
    cloud_add_fault(cloud, (struct cloud_fault){.operation = "DescribeInstances",
                                                .output = esc_buf_text(list)});
}

/* A call for each of thousands would take a sync minutes; who names it has the time. */
static void protection_of_many_is_asked_in_turns_and_of_all_by_name(void **)
{
    static const char *const services[] = {"protection", NULL};
    for (int count = 50; count <= 51; count++) {
        for (int named = 0; named < 2; named++) {
            struct cloud cloud;
            struct esc_buf list;
            cloud_init(&cloud, 4);
            list_instances(&cloud, &list, count);
            struct esc_scan_options options = cloud_options_in(&cloud, "us-west-2", NULL);
            options.services = named ? services : NULL;
            options.wants = only_protection;
            cloud_run(&cloud, &options);
            assert_int_equal(named ? count : 50,
                             cloud_count_calls(&cloud, "DescribeInstanceAttribute"));
            assert_string_equal("ok",
                                cloud_state(&cloud, "us-west-2", "DescribeInstanceAttribute"));
            cloud_done(&cloud);
            esc_buf_done(&list);
        }
    }
}

static void who_was_never_asked_comes_first_and_then_who_was_asked_longest_ago(void **)
{
    struct cloud cloud;
    struct esc_buf list;
    cloud_init(&cloud, 4);
    list_instances(&cloud, &list, 80);
    struct esc_scan_options options = cloud_options_in(&cloud, "us-west-2", NULL);
    options.wants = only_protection;
    options.services = NULL;
    options.asked_ms = asked_ms;
    cloud_run(&cloud, &options);
    assert_int_equal(50, cloud_count_calls(&cloud, "DescribeInstanceAttribute"));
    for (int i = 0; i < 80; i++) {
        ESC_CLEANUP(esc_freep) char *id = esc_sprintf("us-west-2-ec2_instance-i-%08x", i);
        const bool is_told = strstr(cloud_resource(&cloud, id), "termination protection is on");
        assert_int_equal(i % 2 == 0 || i > 59, is_told);
    }
    cloud_done(&cloud);
    esc_buf_done(&list);
}

static void what_has_gone_since_its_list_is_no_failure(void **)
{
    static const struct {
        const char *operation, *code;
        enum esc_error_category category;
    } gone[] = {
        {"ListAliases", "ResourceNotFoundException", ESC_CATEGORY_NOT_FOUND},
        {"GetBucketLifecycleConfiguration", "NoSuchBucket", ESC_CATEGORY_NOT_FOUND},
    };
    for (size_t i = 0; i < ESC_COUNT(gone); i++) {
        struct cloud cloud;
        cloud_init(&cloud, 5);
        cloud_add_fault(&cloud, (struct cloud_fault){.operation = gone[i].operation,
                                                     .code = gone[i].code,
                                                     .category = gone[i].category});
        cloud_run_usual(&cloud);
        assert_int_equal(cloud.cells.count, cloud.summary.cells[ESC_SCAN_OK]);
        cloud_done(&cloud);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bucket_without_a_known_region_is_left_out_and_kept_elsewhere),
        cmocka_unit_test(nothing_configured_is_no_failure),
        cmocka_unit_test(tags_that_nobody_told_are_unknown_and_not_empty),
        cmocka_unit_test(what_says_too_much_is_kept_without_its_tags),
        cmocka_unit_test(details_are_no_more_complete_than_their_list),
        cmocka_unit_test(tags_of_balancers_are_asked_twenty_at_a_time),
        cmocka_unit_test(protection_is_asked_where_it_matters_and_its_refusal_loses_no_row),
        cmocka_unit_test(protection_of_many_is_asked_in_turns_and_of_all_by_name),
        cmocka_unit_test(who_was_never_asked_comes_first_and_then_who_was_asked_longest_ago),
        cmocka_unit_test(what_has_gone_since_its_list_is_no_failure),
    };
    return cmocka_run_group_tests_name("scan/walk_details", tests, NULL, NULL);
}
