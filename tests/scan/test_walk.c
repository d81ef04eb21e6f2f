/* SPDX-License-Identifier: Apache-2.0 */

/* What a scan asks, how often, and what an answer means. Refusals, details, pauses: beside. */

#include <string.h>

#include "tests/scan/walk_cloud.h"

static struct esc_error err;

static void every_place_is_asked_and_what_it_has_is_handed_on(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 1);
    cloud_run_usual(&cloud);
    /* two functions, and one of twelve other types, in each region; two buckets */
    assert_int_equal(2 * 14 + 2, esc_map_count(cloud.found));
    assert_int_equal(2 * 14 + 2, cloud.summary.resource_count);
    assert_int_equal(0, cloud.doubles);
    /* 16 lists, two functions' aliases and what calls functions a region; of buckets the list, and each one's location,
     * lifecycle, versioning, encryption, public access and policy, but no tags: the tagging
     * service told them */
    assert_int_equal(2 * 19 + 1 + 2 * 6, cloud.calls.count);
    assert_int_equal(
        2, cloud_count_calls(&cloud, "\"IncludeDisabled\":true")); /* images that are there */
    assert_int_equal(cloud.calls.count, cloud.summary.call_count);
    assert_int_equal(cloud.cells.count, cloud.summary.cells[ESC_SCAN_OK]);
    const char *bucket = cloud_resource(&cloud, "us-west-2-s3_bucket-acme-logs");
    expect_contains("\"tags\":{\"app\":\"logs\"}", bucket);
    expect_contains("\"seen_in\":\"sync-1\"", bucket);
    expect_contains("\"content_hash\":\"sha256:", bucket);
    const char *volume = cloud_resource(&cloud, "eu-west-1-ebs_volume-vol-00000001");
    expect_contains("\"latest_snapshot_at\":\"2026-11-01T00:00:00Z\"", volume);
    assert_int_equal(1, cloud_count_calls(&cloud, "{\"OwnerIds\":[\"self\"]}") / 2);
    assert_true(
        esc_json_flag(cloud_cell(&cloud, "us-east-1", "ListBuckets"), "all_regions", false));
    cloud_done(&cloud);
}

/* Who adds to what is found hashes it; all else is the same. */
static void without_hashes_the_same_is_handed_on(void **)
{
    struct cloud cloud, plain;
    cloud_init(&cloud, 1);
    cloud_run_usual(&cloud);
    cloud_init(&plain, 1);
    struct esc_scan_options options = cloud_options_in(&plain, "us-west-2", "eu-west-1");
    options.unhashed = true;
    cloud_run(&plain, &options);
    assert_int_equal(esc_map_count(cloud.found), esc_map_count(plain.found));
    struct esc_str id;
    void *found;
    for (size_t at = 0; esc_map_next(plain.found, &at, &id, &found);) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *hashed = NULL;
        expect_ok(esc_json_parse(esc_str_of(esc_map_get(cloud.found, id)), NULL, &hashed, &err));
        assert_non_null(esc_json_str(hashed, "content_hash", NULL));
        esc_json_remove(hashed, "content_hash");
        ESC_CLEANUP(esc_freep) char *text = esc_json_print(hashed, ESC_JSON_COMPACT);
        assert_string_equal(text, found);
    }
    cloud_done(&plain);
    cloud_done(&cloud);
}

static void no_more_calls_run_than_there_are_workers(void **)
{
    for (unsigned workers = 1; workers <= 5; workers++) {
        struct cloud cloud;
        cloud_init(&cloud, workers);
        struct esc_scan_options options = cloud_options_in(&cloud, "us-west-2", NULL);
        options.workers = workers;
        cloud_run(&cloud, &options);
        assert_int_equal(workers, cloud.most_pending);
        cloud_done(&cloud);
    }
}

static void the_order_of_answers_changes_nothing(void **)
{
    struct cloud first;
    cloud_init(&first, 1);
    cloud_run_usual(&first);
    for (uint64_t seed = 2; seed < 40; seed++) {
        struct cloud other;
        cloud_init(&other, seed);
        cloud_run_usual(&other);
        assert_int_equal(esc_map_count(first.found), esc_map_count(other.found));
        size_t position = 0;
        struct esc_str id;
        void *text;
        while (esc_map_next(first.found, &position, &id, &text))
            assert_string_equal(text, esc_map_get(other.found, id));
        cloud_done(&other);
    }
    cloud_done(&first);
}

static void one_failed_cell_costs_no_other(void **)
{
    static const struct {
        struct cloud_fault fault;
        const char *state, *code;
    } faults[] = {
        {{.category = ESC_CATEGORY_PERMISSION, .code = "AccessDenied", .message = "not allowed"},
         "denied",
         "AccessDenied"},
        {{.category = ESC_CATEGORY_THROTTLE, .code = "Throttling"}, "throttled", "Throttling"},
        {{.category = ESC_CATEGORY_TIMEOUT}, "error", ""},
        {{.category = ESC_CATEGORY_NETWORK, .message = "could not connect"}, "error", ""},
        {{.category = ESC_CATEGORY_SERVICE, .code = "500"}, "error", "500"},
        {{.category = ESC_CATEGORY_UNKNOWN, .message = "<html> is no JSON"}, "error", ""},
        {{.output = "{}"}, "error", ""},
        {{.output = "[1, 2]"}, "error", ""},
        {{.output = "{\"Reservations\": 1, \"DBInstances\": \"x\", \"Functions\": null}"},
         "error",
         ""},
    };
    for (size_t i = 0; i < ESC_COUNT(faults); i++) {
        const char *operation;
        for (size_t j = 0; (operation = cloud_operation(j)); j++) {
            if (strstr("GetBucketLocation GetBucketVersioning GetBucketTagging ListAliases "
                       "GetBucketLifecycleConfiguration GetBucketEncryption GetPublicAccessBlock "
                       "GetBucketPolicyStatus DescribeTags DescribeRegions ListRegions "
                       "ListBuckets ListEventSourceMappings DescribeLoadBalancerAttributes "
                       "DescribeInstanceAttribute "
                       "GetCallerIdentity",
                       operation))
                continue; /* details, and what is asked elsewhere */
            struct cloud cloud;
            cloud_init(&cloud, i * 100 + j);
            struct cloud_fault fault = faults[i].fault;
            fault.operation = operation;
            fault.region = "us-west-2";
            cloud_add_fault(&cloud, fault);
            cloud_run_usual(&cloud);
            const struct esc_json *failed = cloud_cell(&cloud, "us-west-2", operation);
            assert_string_equal(faults[i].state, esc_json_str(failed, "state", ""));
            assert_string_equal(faults[i].code, esc_json_str(failed, "code", ""));
            assert_false(esc_json_flag(failed, "complete", true));
            for (size_t k = 0; k < cloud.cells.count; k++) {
                const struct esc_json *other = esc_list_at(&cloud.cells, k);
                const char *name = esc_json_str(other, "operation", "");
                const bool follows =
                    (strstr("ListFunctions", operation) &&
                     strstr("ListAliases ListEventSourceMappings", name)) ||
                    (strstr("DescribeLoadBalancers", operation) &&
                     esc_text_equal(name, "DescribeLoadBalancerAttributes")) ||
                    (strstr("DescribeLoadBalancers DescribeTargetGroups", operation) &&
                     esc_text_equal(name, "DescribeTags")) ||
                    (strstr("DescribeTargetGroups", operation) &&
                     esc_text_equal(name, "DescribeTargetHealth"));
                if (other != failed && !follows)
                    assert_string_equal("ok", esc_json_str(other, "state", ""));
            }
            cloud_done(&cloud);
        }
    }
}

static void a_throttled_call_is_tried_again(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 7);
    cloud_add_fault(&cloud, (struct cloud_fault){.operation = "DescribeDBInstances",
                                                 .region = "us-west-2",
                                                 .category = ESC_CATEGORY_THROTTLE,
                                                 .code = "Throttling",
                                                 .times = 2});
    cloud_run_usual(&cloud);
    const struct esc_json *seen = cloud_cell(&cloud, "us-west-2", "DescribeDBInstances");
    assert_string_equal("ok", esc_json_str(seen, "state", ""));
    assert_int_equal(3, esc_json_num(seen, "calls", 0));
    assert_non_null(cloud_resource(&cloud, "us-west-2-rds_instance-main"));
    cloud_done(&cloud);
}

static void a_denied_call_is_not_tried_again(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 7);
    cloud_add_fault(&cloud, (struct cloud_fault){.operation = "DescribeDBInstances",
                                                 .category = ESC_CATEGORY_PERMISSION});
    cloud_run_usual(&cloud);
    assert_int_equal(2, cloud_count_calls(&cloud, "DescribeDBInstances"));
    cloud_done(&cloud);
}

static void what_was_tried_again_already_is_not_tried_again(void **)
{
    static const char *const services[] = {"rds", NULL};
    struct cloud cloud;
    cloud_init(&cloud, 3);
    cloud_add_fault(&cloud, (struct cloud_fault){.operation = "DescribeDBInstances",
                                                 .category = ESC_CATEGORY_THROTTLE,
                                                 .code = "Throttling",
                                                 .final = true});
    cloud_run_in(&cloud, "us-west-2", NULL, services);
    assert_int_equal(1, cloud_count_calls(&cloud, "DescribeDBInstances"));
    assert_string_equal("throttled", cloud_state(&cloud, "us-west-2", "DescribeDBInstances"));
    cloud_done(&cloud);
}

static const char *const page_texts[] = {
    "{\"DBInstances\": [{\"DBInstanceIdentifier\": \"one\", \"Engine\": \"mysql\"}]}",
    "{\"DBInstances\": []}",
    "{\"DBInstances\": [{\"DBInstanceIdentifier\": \"two\"},"
    " {\"DBInstanceIdentifier\": \"one\", \"Engine\": \"postgres\"}]}",
};

static void pages_are_taken_one_by_one(void **)
{
    static const char *const services[] = {"rds", NULL};
    struct cloud cloud;
    cloud_init(&cloud, 3);
    cloud_add_fault(&cloud, (struct cloud_fault){.operation = "DescribeDBInstances",
                                                 .pages = page_texts,
                                                 .page_count = 3,
                                                 .output = "{\"DBInstances\": []}"});
    cloud_run_in(&cloud, "us-west-2", NULL, services);
    const struct esc_json *seen = cloud_cell(&cloud, "us-west-2", "DescribeDBInstances");
    assert_string_equal("ok", esc_json_str(seen, "state", ""));
    assert_int_equal(4, esc_json_num(seen, "pages", 0));
    assert_int_equal(5, esc_json_num(seen, "calls", 0)); /* as the answer says */
    assert_int_equal(2, esc_json_num(seen, "resources", 0));
    assert_int_equal(0, cloud.doubles);
    expect_contains("postgres", cloud_resource(&cloud, "us-west-2-rds_instance-one"));
    assert_non_null(cloud_resource(&cloud, "us-west-2-rds_instance-two"));
    cloud_done(&cloud);
}

static void a_list_that_breaks_off_is_partial_and_not_asked_again(void **)
{
    static const char *const services[] = {"rds", NULL};
    struct cloud cloud;
    cloud_init(&cloud, 3);
    cloud_add_fault(&cloud, (struct cloud_fault){.operation = "DescribeDBInstances",
                                                 .pages = page_texts,
                                                 .page_count = 2,
                                                 .category = ESC_CATEGORY_NETWORK,
                                                 .message = "the connection was reset"});
    cloud_run_in(&cloud, "us-west-2", NULL, services);
    assert_string_equal("partial", cloud_state(&cloud, "us-west-2", "DescribeDBInstances"));
    assert_false(
        esc_json_flag(cloud_cell(&cloud, "us-west-2", "DescribeDBInstances"), "complete", true));
    assert_int_equal(1, cloud_count_calls(&cloud, "DescribeDBInstances"));
    assert_non_null(cloud_resource(&cloud, "us-west-2-rds_instance-one"));
    cloud_done(&cloud);
}

static void an_account_without_regions_is_asked_for_them(void **)
{
    static const struct {
        const char *role;
        unsigned denied, regions; /* how many ways to ask for them are refused */
    } cases[] = {
        {NULL, 0, 2},
        {NULL, 1, 3},
        {NULL, 2, 17},
        {"arn:aws-cn:iam::123456789012:role/R", 2, 2},
        {"arn:aws-us-gov:iam::123456789012:role/R", 2, 2},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct cloud cloud;
        cloud_init(&cloud, 3);
        struct esc_scan_options options = cloud_options_in(&cloud, NULL, NULL);
        cloud.account->role_arn = esc_strdup_null(cases[i].role);
        if (cases[i].denied > 0)
            cloud_add_fault(&cloud, (struct cloud_fault){.operation = "DescribeRegions",
                                                         .category = ESC_CATEGORY_PERMISSION});
        if (cases[i].denied > 1)
            cloud_add_fault(&cloud, (struct cloud_fault){.operation = "ListRegions",
                                                         .category = ESC_CATEGORY_PERMISSION});
        cloud_run(&cloud, &options);
        assert_int_equal(cases[i].regions, cloud_count_calls(&cloud, "DescribeDBInstances"));
        assert_int_equal(cases[i].denied > 0, cloud_count_calls(&cloud, "ListRegions"));
        const char *main_region =
            cases[i].role ? i == 3 ? "cn-north-1" : "us-gov-west-1" : "us-east-1";
        assert_string_equal(cases[i].denied ? "denied" : "ok",
                            cloud_state(&cloud, main_region, "DescribeRegions"));
        cloud_done(&cloud);
    }
}

/* Of a cloud that means harm, or of none at all. */
static void names_that_are_no_regions_cost_nothing(void **)
{
    struct esc_buf text;
    struct cloud cloud;
    cloud_init(&cloud, 3);
    esc_buf_init(&text, 1024 * 1024);
    esc_buf_add_text(&text, "{\"Regions\":[{\"RegionName\":\"--profile x\"},{\"RegionName\":"
                            "\"us-west-2/../..\"},{\"RegionName\":\"us-west-2\"},"
                            "{\"RegionName\":\"us-west-2\"},{\"RegionName\":7},{}");
    for (unsigned i = 0; i < 5000; i++)
        esc_buf_printf(&text, ",{\"RegionName\":\"made-up-%u\"}", i);
    esc_buf_add_text(&text, "]}");
    cloud_add_fault(&cloud, (struct cloud_fault){.operation = "DescribeRegions",
                                                 .category = ESC_CATEGORY_NONE,
                                                 .output = esc_buf_text(&text)});
    cloud_run_in(&cloud, NULL, NULL, NULL);
    assert_int_equal(100, cloud_count_calls(&cloud, "DescribeDBInstances"));
    assert_int_equal(1, cloud_count_calls(&cloud, "us-west-2 DescribeDBInstances"));
    assert_int_equal(0, cloud_count_calls(&cloud, "profile"));
    esc_buf_done(&text);
    cloud_done(&cloud);
}

static void filters_ask_for_less(void **)
{
    static const char *const regions[] = {"eu-west-1", "us-east-1", NULL};
    static const char *const services[] = {"lambda", NULL};
    struct cloud cloud;
    cloud_init(&cloud, 3);
    ESC_CLEANUP(esc_account_freep)
    struct esc_account *account = cloud_account("123456789012", "a", "us-west-2", "eu-west-1");
    ESC_CLEANUP(esc_account_freep)
    struct esc_account *open = cloud_account("987654321098", "b", NULL, NULL);
    const struct esc_account *accounts[] = {account, open};
    struct esc_scan_options options = cloud_options(&cloud);
    options.accounts = accounts;
    options.account_count = 2;
    options.regions = regions;
    options.services = services;
    cloud_run(&cloud, &options);
    /* one region of the first account, two of the second: functions, layers, tags, two aliases,
     * and what calls functions */
    assert_int_equal(3 * 6, cloud.calls.count);
    assert_int_equal(0, cloud_count_calls(&cloud, "us-west-2"));
    assert_int_equal(0, cloud_count_calls(&cloud, "DescribeRegions"));
    cloud_done(&cloud);
}

static void bad_options_are_refused(void **)
{
    static const char *const nowhere[] = {"eu-north-1", NULL};
    static const char *const unknown[] = {"planets", NULL};
    struct cloud cloud;
    struct esc_scan *scan = NULL;
    cloud_init(&cloud, 3);
    ESC_CLEANUP(esc_account_freep)
    struct esc_account *account = cloud_account("123456789012", "a", "us-west-2", NULL);
    const struct esc_account *accounts[] = {account};
    struct esc_scan_options options = cloud_options(&cloud);
    expect_status(ESC_INVALID, esc_scan_start(cloud.loop, &options, &scan, &err));
    options.accounts = accounts;
    options.account_count = 1;
    options.regions = nowhere;
    expect_status(ESC_INVALID, esc_scan_start(cloud.loop, &options, &scan, &err));
    options.regions = NULL;
    options.services = unknown;
    expect_status(ESC_INVALID, esc_scan_start(cloud.loop, &options, &scan, &err));
    assert_non_null(strstr(err.message, "no service is called `planets`; there are rds, ec2"));
    assert_null(scan);
    cloud_done(&cloud);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_place_is_asked_and_what_it_has_is_handed_on),
        cmocka_unit_test(without_hashes_the_same_is_handed_on),
        cmocka_unit_test(no_more_calls_run_than_there_are_workers),
        cmocka_unit_test(the_order_of_answers_changes_nothing),
        cmocka_unit_test(one_failed_cell_costs_no_other),
        cmocka_unit_test(a_throttled_call_is_tried_again),
        cmocka_unit_test(a_denied_call_is_not_tried_again),
        cmocka_unit_test(what_was_tried_again_already_is_not_tried_again),
        cmocka_unit_test(pages_are_taken_one_by_one),
        cmocka_unit_test(a_list_that_breaks_off_is_partial_and_not_asked_again),
        cmocka_unit_test(an_account_without_regions_is_asked_for_them),
        cmocka_unit_test(names_that_are_no_regions_cost_nothing),
        cmocka_unit_test(filters_ask_for_less),
        cmocka_unit_test(bad_options_are_refused),
    };
    return cmocka_run_group_tests_name("scan/walk", tests, NULL, NULL);
}
