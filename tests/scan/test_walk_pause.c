/* SPDX-License-Identifier: Apache-2.0 */

/* Batches, and scans that wait or are cancelled between and within them. */

#include "escher/base/limits.h"
#include "escher/loop/timer.h"
#include "tests/scan/walk_cloud.h"

static struct esc_error err;

/* Three hundred networks in us-west-2. */
static void init_large(struct cloud *cloud, struct esc_buf *output)
{
    esc_buf_init(output, ESC_MAX_REQUEST);
    esc_buf_add_text(output, "{\"Vpcs\": [");
    for (unsigned i = 0; i < 300; i++)
        esc_buf_printf(output, "%s{\"VpcId\": \"vpc-%08x\"}", i ? ", " : "", i);
    esc_buf_add_text(output, "]}");
    cloud_init(cloud, 3);
    cloud_add_fault(cloud, (struct cloud_fault){.operation = "DescribeVpcs",
                                                .region = "us-west-2",
                                                .output = esc_buf_text(output)});
}

static void large_places_come_in_batches(void **)
{
    struct esc_buf output;
    struct cloud cloud;
    init_large(&cloud, &output);
    cloud_run_usual(&cloud);
    assert_int_equal(4 + 1 + 1, cloud.batch_count); /* 313, 14 and 2 resources */
    cloud_done(&cloud);
    esc_buf_done(&output);
}

static void resume_scan(void *context)
{
    struct cloud *cloud = context;
    assert_int_equal(0, cloud->calls.count);
    esc_scan_pause(cloud->scan, false);
}

static void a_paused_scan_begins_nothing_until_it_goes_on(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 3);
    struct esc_scan_options options = cloud_options_in(&cloud, "us-west-2", NULL);
    expect_ok(esc_scan_start(cloud.loop, &options, &cloud.scan, &err));
    esc_scan_pause(cloud.scan, true);
    struct esc_timer *timer = esc_timer_start(cloud.loop, 20, resume_scan, &cloud);
    assert_true(esc_loop_run_until(cloud.loop, cloud_is_done, &cloud));
    assert_non_null(timer);
    assert_int_equal(cloud.cells.count, cloud.summary.cells[ESC_SCAN_OK]);
    cloud_done(&cloud);
}

static void a_paused_scan_hands_nothing_on_until_it_goes_on(void **)
{
    for (size_t at = 1; at <= 6; at++) {
        struct esc_buf output;
        struct cloud cloud;
        init_large(&cloud, &output);
        cloud.pause_at = at;
        cloud_run_usual(&cloud);
        assert_int_equal(6, cloud.batch_count);
        assert_int_equal(0, cloud.doubles);
        assert_int_equal(cloud.cells.count, cloud.summary.cells[ESC_SCAN_OK]);
        cloud_done(&cloud);
        esc_buf_done(&output);
    }
}

/* In the middle of a place, or between two. */
static void a_scan_cancelled_while_a_place_is_handed_on_hands_nothing_more_on(void **)
{
    for (size_t at = 1; at < 6; at++) {
        struct esc_buf output;
        struct cloud cloud;
        init_large(&cloud, &output);
        cloud.cancel_at = at;
        cloud_run_usual(&cloud);
        assert_true(cloud.summary.cancelled);
        assert_int_equal(at, cloud.batch_count);
        const struct esc_json *cut = cloud_cell(&cloud, "us-west-2", "DescribeVpcs");
        const bool is_whole = esc_text_equal(esc_json_str(cut, "state", ""), "ok");
        size_t networks = 0;
        struct esc_str id;
        for (size_t next = 0; esc_map_next(cloud.found, &next, &id, NULL);)
            networks += esc_str_contains(id, ESC_STR("us-west-2-vpc-"));
        assert_true(is_whole ? networks == 300 : networks < 300);
        cloud_done(&cloud);
        esc_buf_done(&output);
    }
}

static void a_cancelled_scan_ends_and_removes_nothing(void **)
{
    for (unsigned after = 1; after <= 40; after++) {
        struct cloud cloud;
        cloud_init(&cloud, after);
        cloud.cancel_after = after;
        cloud_add_fault(&cloud,
                        (struct cloud_fault){.operation = "ListFunctions",
                                             .category = ESC_CATEGORY_THROTTLE}); /* some wait */
        cloud_run_usual(&cloud);
        assert_true(cloud.summary.cancelled);
        assert_true(cloud.calls.count <= after + 2); /* those already under way */
        for (size_t i = 0; i < cloud.cells.count; i++) {
            const struct esc_json *seen = esc_list_at(&cloud.cells, i);
            const char *region = esc_json_str(seen, "region", "");
            ESC_CLEANUP(esc_freep) char *main_id = esc_sprintf("%s-rds_instance-main", region);
            if (esc_json_flag(seen, "complete", true) && !esc_text_equal(region, "us-east-1"))
                assert_non_null(
                    cloud_resource(&cloud, main_id)); /* its place was handed on before */
        }
        cloud_done(&cloud);
    }
}

static void a_scan_cancelled_at_once_makes_no_call(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 1);
    struct esc_scan_options options = cloud_options_in(&cloud, NULL, NULL);
    expect_ok(esc_scan_start(cloud.loop, &options, &cloud.scan, &err));
    esc_scan_cancel(cloud.scan);
    esc_scan_cancel(cloud.scan);
    assert_false(cloud.done);
    assert_true(esc_loop_run_until(cloud.loop, cloud_is_done, &cloud));
    assert_int_equal(0, cloud.calls.count);
    assert_int_equal(1, cloud.summary.cells[ESC_SCAN_SKIPPED]);
    cloud_done(&cloud);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(large_places_come_in_batches),
        cmocka_unit_test(a_paused_scan_begins_nothing_until_it_goes_on),
        cmocka_unit_test(a_paused_scan_hands_nothing_on_until_it_goes_on),
        cmocka_unit_test(a_scan_cancelled_while_a_place_is_handed_on_hands_nothing_more_on),
        cmocka_unit_test(a_cancelled_scan_ends_and_removes_nothing),
        cmocka_unit_test(a_scan_cancelled_at_once_makes_no_call),
    };
    return cmocka_run_group_tests_name("scan/walk_pause", tests, NULL, NULL);
}
