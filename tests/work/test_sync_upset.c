/* SPDX-License-Identifier: Apache-2.0 */

/* What the world does in or between two syncs: a region is disabled, the clock is set. */

#include <string.h>

#include "tests/work/cloud_desk.h"

static const char *const accounts[] = {"111111111111", NULL};
static const char *const regions[] = {"us-east-1", "us-west-2", NULL};

enum {
    HOUR_MS = 60 * 60 * 1000,
};

struct cutting {
    struct fake_aws *cloud;
    uint64_t after; /* so many calls to the region; then it is disabled */
};

static void open_cloud(struct cloud_desk *at)
{
    struct fake_aws_options options = {
        .seed = 12, .size = 200, .accounts = accounts, .regions = regions};
    cloud_desk_open(at, &options);
}

static struct esc_json *sync_now(struct cloud_desk *at, enum esc_status expected)
{
    enum esc_status status;
    struct esc_json *body =
        cloud_desk_sync(&at->desk, accounts[0], "\"transport\":\"native\",", &status);
    if (status != expected) {
        ESC_CLEANUP(esc_freep) char *text = esc_json_print(body, ESC_JSON_COMPACT);
        fail_msg("%s instead of %s: %.3000s", esc_status_text(status), esc_status_text(expected),
                 text);
    }
    return body;
}

static void disable(void *context, const struct fake_aws_call *call)
{
    struct cutting *cutting = context;
    if (strcmp(call->region, "us-west-2") == 0 && cutting->after > 0 && --cutting->after == 0)
        fake_aws_fault(cutting->cloud, &(struct fake_fault){.kind = FAKE_FAULT_NOT_OPTED_IN,
                                                            .region = "us-west-2"});
}

/* The cells of the other region are whole, and not all of the disabled one. Those of S3 are asked of
 * buckets wherever they are. */
static void expect_disabled(struct cloud_desk *at)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *status = desk_expect(&at->desk, ESC_OK, "GET", "/api/status", NULL);
    const struct esc_json *cells = esc_json_member(status, "cells");
    size_t unseen = 0;
    assert_true(esc_json_len(cells) > 0);
    for (size_t i = 0; i < esc_json_len(cells); i++) {
        const struct esc_json *cell = esc_json_at(cells, i);
        if (esc_text_equal(esc_json_str(cell, "state", ""), "ok") ||
            esc_text_equal(esc_json_str(cell, "service", ""), "s3"))
            continue;
        assert_string_equal("us-west-2", esc_json_str(cell, "region", ""));
        unseen++;
    }
    assert_true(unseen > 0);
}

static void a_region_that_is_disabled_amid_a_sync_loses_nothing(void **)
{
    static const uint64_t amid[] = {1, 10, 40};
    struct cloud_desk at;
    open_cloud(&at);
    esc_json_free(sync_now(&at, ESC_OK));
    ESC_CLEANUP(esc_freep) char *before = cloud_desk_estate(&at.desk);
    for (size_t i = 0; i < ESC_COUNT(amid); i++) {
        struct cutting cutting = {at.cloud, amid[i]};
        fake_aws_on_call(at.cloud, disable, &cutting);
        ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_now(&at, ESC_PARTIAL);
        assert_int_equal(0, esc_json_num(body, "removed", -1));
        expect_disabled(&at);
        fake_aws_on_call(at.cloud, NULL, NULL);
        fake_aws_heal(at.cloud);
        esc_json_free(sync_now(&at, ESC_OK)); /* it was enabled again */
        ESC_CLEANUP(esc_freep) char *after = cloud_desk_estate(&at.desk);
        assert_string_equal(before, after);
    }
    cloud_desk_close(&at);
}

/* Every cell was seen whole at this time. */
static void expect_seen_at(struct cloud_desk *at, uint64_t now_ms)
{
    char now[ESC_TIME_TEXT];
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *status = desk_expect(&at->desk, ESC_OK, "GET", "/api/status", NULL);
    const struct esc_json *cells = esc_json_member(status, "cells");
    esc_time_format(now_ms, now);
    assert_true(esc_json_len(cells) > 0);
    for (size_t i = 0; i < esc_json_len(cells); i++)
        assert_string_equal(now, esc_json_str(esc_json_at(cells, i), "whole_at", ""));
}

static size_t count_volumes(const struct cloud_desk *at)
{
    return fake_aws_count(at->cloud, "ebs_volume", accounts[0], regions[0]) +
           fake_aws_count(at->cloud, "ebs_volume", accounts[0], regions[1]);
}

static void a_clock_that_is_set_between_two_syncs_hides_nothing(void **)
{
    static const int hours[] = {-1, 2, -1, 1};
    struct cloud_desk at;
    open_cloud(&at);
    esc_json_free(sync_now(&at, ESC_OK));
    for (size_t i = 0; i < ESC_COUNT(hours); i++) {
        at.desk.clock.wall_ms += (uint64_t)((int64_t)hours[i] * HOUR_MS);
        const size_t before = count_volumes(&at);
        fake_aws_remove(at.cloud, "ebs_volume", i + 1);
        assert_true(count_volumes(&at) < before);
        ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_now(&at, ESC_OK);
        assert_int_equal(before - count_volumes(&at), esc_json_num(body, "removed", -1));
        expect_seen_at(&at, at.desk.clock.wall_ms);
        ESC_CLEANUP(esc_json_freep) struct esc_json *again = sync_now(&at, ESC_OK);
        assert_int_equal(0, esc_json_num(again, "added", -1) + esc_json_num(again, "changed", -1) +
                                esc_json_num(again, "removed", -1));
    }
    esc_json_free(desk_expect(&at.desk, ESC_OK, "POST", "/api/audit/verify", NULL));
    cloud_desk_close(&at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_region_that_is_disabled_amid_a_sync_loses_nothing),
        cmocka_unit_test(a_clock_that_is_set_between_two_syncs_hides_nothing),
    };
    return cmocka_run_group_tests_name("work/sync_upset", tests, NULL, NULL);
}
