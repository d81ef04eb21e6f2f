/* SPDX-License-Identifier: Apache-2.0 */

/* Keys, regions and services that are refused: how much is asked after, and what the cells say. */

#include "tests/scan/walk_cloud.h"

/* Everything that is asked in a region. */
static void add_refusal(struct cloud *cloud, const char *region, const struct cloud_fault *refusal)
{
    struct cloud_fault fault = *refusal;
    fault.operation = "*";
    fault.region = region;
    cloud_add_fault(cloud, fault);
}

static const struct cloud_fault bad_keys = {.category = ESC_CATEGORY_AUTH,
                                            .code = "InvalidClientTokenId"};
static const struct cloud_fault forbidden = {
    .category = ESC_CATEGORY_PERMISSION,
    .code = "UnauthorizedOperation",
    .message = "with an explicit deny in a service control policy"};

static void a_region_that_a_policy_forbids_says_so_list_by_list(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 3);
    add_refusal(&cloud, "me-south-1", &forbidden);
    cloud_run_in(&cloud, "me-south-1", "us-west-2", NULL);
    assert_string_equal("scp", cloud_state(&cloud, "me-south-1", "DescribeDBInstances"));
    expect_contains("service control policy",
                    cloud_why(&cloud, "me-south-1", "DescribeDBInstances"));
    assert_string_equal("scp", cloud_state(&cloud, "me-south-1", "DescribeSubnets"));
    assert_string_equal("skipped", cloud_state(&cloud, "me-south-1", "ListAliases"));
    expect_contains("the list that it follows", cloud_why(&cloud, "me-south-1", "ListAliases"));
    assert_string_equal("ok", cloud_state(&cloud, "us-west-2", "DescribeInstances"));
    assert_string_equal("ok", cloud_state(&cloud, "us-east-1", "ListBuckets"));
    cloud_done(&cloud);
}

static void one_forbidden_service_is_no_forbidden_region(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 3);
    struct cloud_fault fault = forbidden;
    fault.operation = "DescribeDBInstances";
    cloud_add_fault(&cloud, fault);
    cloud_run_in(&cloud, "us-west-2", NULL, NULL);
    assert_string_equal("scp", cloud_state(&cloud, "us-west-2", "DescribeDBInstances"));
    assert_string_equal("ok", cloud_state(&cloud, "us-west-2", "DescribeDBClusters"));
    assert_string_equal("ok", cloud_state(&cloud, "us-west-2", "DescribeInstances"));
    assert_int_equal(1, cloud.summary.cells[ESC_SCAN_SCP]);
    cloud_done(&cloud);
}

static void forbidden_services_hide_no_other(void **)
{
    for (unsigned workers = 1; workers <= 4; workers++) {
        struct cloud cloud;
        cloud_init(&cloud, workers);
        struct esc_scan_options options = cloud_options_in(&cloud, "us-west-2", NULL);
        options.workers = workers;
        add_refusal(&cloud, "us-west-2", &forbidden);
        cloud_add_fault(&cloud, (struct cloud_fault){.operation = "GetResources",
                                                     .category = ESC_CATEGORY_NONE,
                                                     .output = "{\"ResourceTagMappingList\":[]}"});
        cloud_run(&cloud, &options);
        assert_string_equal("scp", cloud_state(&cloud, "us-west-2", "DescribeDBInstances"));
        assert_string_equal("ok", cloud_state(&cloud, "us-west-2", "GetResources"));
        cloud_done(&cloud);
    }
}

static void a_region_that_refuses_good_keys_is_not_enabled(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 3);
    add_refusal(&cloud, "me-south-1", &bad_keys);
    cloud_run_in(&cloud, "me-south-1", "us-west-2", NULL);
    assert_string_equal("disabled", cloud_state(&cloud, "me-south-1", "DescribeDBInstances"));
    assert_string_equal("disabled", cloud_state(&cloud, "me-south-1", "DescribeSubnets"));
    expect_contains("not enabled", cloud_why(&cloud, "me-south-1", "DescribeSubnets"));
    assert_int_equal(5, cloud_count_calls(&cloud, "me-south-1"));
    assert_string_equal("ok", cloud_state(&cloud, "us-west-2", "DescribeInstances"));
    cloud_done(&cloud);
}

static void the_identity_tells_bad_keys_from_a_region_that_is_not_enabled(void **)
{
    static const char *const services[] = {"rds", "ec2", NULL};
    struct cloud cloud;
    cloud_init(&cloud, 3);
    add_refusal(&cloud, "me-south-1", &bad_keys);
    cloud_run_in(&cloud, "me-south-1", NULL, services);
    assert_int_equal(1, cloud_count_calls(&cloud, "us-east-1 GetCallerIdentity"));
    assert_string_equal("disabled", cloud_state(&cloud, "me-south-1", "DescribeInstances"));
    cloud_done(&cloud);

    cloud_init(&cloud, 3);
    add_refusal(&cloud, NULL, &bad_keys);
    cloud_run_in(&cloud, "me-south-1", "us-west-2", services);
    assert_int_equal(1, cloud_count_calls(&cloud, "GetCallerIdentity"));
    assert_string_equal("denied", cloud_state(&cloud, "me-south-1", "DescribeInstances"));
    assert_string_equal("denied", cloud_state(&cloud, "us-east-1", "GetCallerIdentity"));
    cloud_done(&cloud);
}

static void with_bad_keys_little_is_asked(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 3);
    add_refusal(&cloud, NULL, &bad_keys);
    cloud_run_in(&cloud, "us-west-2", "eu-west-1", NULL);
    assert_true(cloud.calls.count <= 12); /* of some fifty */
    assert_string_equal("skipped", cloud_state(&cloud, "us-west-2", "DescribeSubnets"));
    expect_contains("keys were refused", cloud_why(&cloud, "us-west-2", "DescribeSubnets"));
    assert_int_equal(0, cloud.summary.cells[ESC_SCAN_DISABLED]);
    cloud_done(&cloud);
}

static void one_refusal_where_others_worked_is_only_its_own(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 3);
    struct esc_scan_options options = cloud_options_in(&cloud, "us-west-2", NULL);
    options.workers = 1;
    cloud_add_fault(&cloud, (struct cloud_fault){.operation = "ListFunctions",
                                                 .category = ESC_CATEGORY_AUTH,
                                                 .code = "SignatureDoesNotMatch"});
    cloud_run(&cloud, &options);
    assert_string_equal("denied", cloud_state(&cloud, "us-west-2", "ListFunctions"));
    assert_string_equal("ok", cloud_state(&cloud, "us-west-2", "ListLayers"));
    cloud_done(&cloud);
}

static void a_service_nobody_signed_up_for_is_disabled(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 3);
    cloud_add_fault(&cloud, (struct cloud_fault){.operation = "ListFunctions",
                                                 .category = ESC_CATEGORY_PERMISSION,
                                                 .code = "OptInRequired"});
    cloud_run_in(&cloud, "us-west-2", NULL, NULL);
    assert_string_equal("disabled", cloud_state(&cloud, "us-west-2", "ListFunctions"));
    assert_string_equal("ok", cloud_state(&cloud, "us-west-2", "ListLayers"));
    cloud_done(&cloud);
}

static void a_session_that_ran_out_says_nothing_of_the_region(void **)
{
    static const char *const services[] = {"rds", "s3", NULL};
    struct cloud cloud;
    cloud_init(&cloud, 3);
    cloud_add_fault(&cloud, (struct cloud_fault){.operation = "ListBuckets",
                                                 .category = ESC_CATEGORY_AUTH,
                                                 .code = "ExpiredToken"});
    cloud_run_in(&cloud, "us-west-2", NULL, services);
    assert_string_equal("denied", cloud_state(&cloud, "us-east-1", "ListBuckets"));
    assert_string_equal("ok", cloud_state(&cloud, "us-west-2", "DescribeDBInstances"));
    cloud_done(&cloud);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_region_that_a_policy_forbids_says_so_list_by_list),
        cmocka_unit_test(one_forbidden_service_is_no_forbidden_region),
        cmocka_unit_test(forbidden_services_hide_no_other),
        cmocka_unit_test(a_region_that_refuses_good_keys_is_not_enabled),
        cmocka_unit_test(the_identity_tells_bad_keys_from_a_region_that_is_not_enabled),
        cmocka_unit_test(with_bad_keys_little_is_asked),
        cmocka_unit_test(one_refusal_where_others_worked_is_only_its_own),
        cmocka_unit_test(a_service_nobody_signed_up_for_is_disabled),
        cmocka_unit_test(a_session_that_ran_out_says_nothing_of_the_region),
    };
    return cmocka_run_group_tests_name("scan/walk_refusal", tests, NULL, NULL);
}
