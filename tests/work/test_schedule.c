/* SPDX-License-Identifier: Apache-2.0 */

/* Syncs by themselves: whose, when, to whom they give way, and how long changes are kept. */

#include "escher/work/schedule_private.h"
#include "tests/work/sync_desk.h"

/* A change on each of so many days, and the sync that sees it. */
static void live_with_changes(struct desk *desk, int days)
{
    for (int i = 0; i < days; i++) {
        desk->clock.wall_ms += UINT64_C(86'400'000);
        set_cluster(desk, desk->clock.wall_ms / 86'400'000 % 2 ? "stopped" : "available");
        esc_json_free(sync_with(desk, ESC_OK, RDS));
    }
}

static void changes_are_kept_for_the_days_that_were_asked_for(void **state)
{
    struct desk *desk = *state;
    set_schedule(desk, "{\"history_days\":3}");
    live_with_changes(desk, 7);
    assert_int_equal(4, count_changes(desk)); /* today's, and those of three days before */
    set_schedule(desk, "{\"history_days\":1}");
    assert_int_equal(4, count_changes(desk)); /* they go with a sync */
    live_with_changes(desk, 1);
    assert_int_equal(2, count_changes(desk));
    desk_restart(desk);
    set_schedule(desk, "{\"history_days\":90}");
    live_with_changes(desk, 4);
    assert_int_equal(6, count_changes(desk));
}

static bool is_idle(void *context)
{
    const struct desk *desk = context;
    return desk->bench->calls.count == 0 && !work_schedule_is_busy(desk->bench);
}

static void look(struct desk *desk)
{
    work_schedule_look(desk->bench);
    assert_true(esc_loop_run_until(desk->loop, is_idle, desk));
}

static void accounts_of_emulators_are_not_synced_by_themselves(void **state)
{
    struct desk *desk = *state;
    work_schedule_start(desk->bench);
    look(desk);
    assert_int_equal(0, desk_cloud_calls(desk, "describe-db-instances"));
}

static void without_keys_nothing_is_asked_and_the_account_is_named(void **state)
{
    struct desk *desk = *state;
    work_schedule_start(desk->bench);
    set_schedule(desk, "{\"emulators\":true}");
    look(desk);
    assert_int_equal(0, desk_cloud_calls(desk, "describe-db-instances"));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *page = desk_expect(desk, ESC_OK, "GET", "/api/schedule", NULL);
    assert_string_equal("production", text(page, "missed[0].account_name"));
    assert_int_equal(1, esc_json_num(page, "failures", 0));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *status = desk_expect(desk, ESC_OK, "GET", "/api/status", NULL);
    assert_int_equal(0,
                     esc_json_len(esc_json_member(status, "cells"))); /* the ledger says nothing */
    look(desk);                                                       /* too early */
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *again = desk_expect(desk, ESC_OK, "GET", "/api/schedule", NULL);
    assert_int_equal(1, esc_json_num(again, "failures", 0));
}

static void what_is_due_is_made_and_not_twice(void **state)
{
    struct desk *desk = *state;
    work_schedule_start(desk->bench);
    set_schedule(desk, "{\"emulators\":true}");
    with_keys(true);
    look(desk);
    with_keys(false);
    assert_int_equal(1, desk_cloud_calls(desk, "describe-db-instances"));
    assert_int_equal(1, desk_cloud_calls(desk, "list-buckets")); /* a full one */
    look(desk);
    assert_int_equal(1, desk_cloud_calls(desk, "describe-db-instances"));
    desk->clock.wall_ms += 17 * 60'000; /* the longest quarter of an hour */
    with_keys(true);
    look(desk);
    assert_int_equal(2, desk_cloud_calls(desk, "describe-db-instances"));
    assert_int_equal(1, desk_cloud_calls(desk, "list-buckets")); /* an incremental one */
    desk->clock.wall_ms += UINT64_C(24) * 3'600'000;
    set_schedule(desk, "{\"full_minutes\":0,\"incremental_minutes\":0}");
    look(desk);
    with_keys(false);
    assert_int_equal(2, desk_cloud_calls(desk, "describe-db-instances"));
}

static bool scheduled_sync_is_under_way(void *context)
{
    const struct desk *desk = context;
    return desk->bench->scheduled_sync != NULL;
}

static void a_scheduled_sync_gives_way_to_a_persons(void **state)
{
    struct desk *desk = *state;
    work_schedule_start(desk->bench);
    set_schedule(desk, "{\"emulators\":true}");
    desk_cloud_put(desk, "describe-vpcs.sh", "sleep 600\n");
    with_keys(true);
    work_schedule_look(desk->bench);
    assert_true(esc_loop_run_until(desk->loop, scheduled_sync_is_under_way, desk));
    with_keys(false);
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_with(desk, ESC_OK, RDS);
    assert_string_equal("partial", text(body, "kind"));
    assert_true(esc_loop_run_until(desk->loop, is_idle, desk));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *page = desk_expect(desk, ESC_OK, "GET", "/api/schedule", NULL);
    assert_int_equal(0, esc_json_num(page, "failures", -1)); /* it has not failed */
}

static void a_schedule_takes_only_what_makes_sense(void **state)
{
    static const char *const bad[] = {
        "{\"full_minutes\":1}",
        "{\"incremental_minutes\":-5}",
        "{\"history_days\":100000}",
        "{\"queue_url\":\"ftp://"
        "x\",\"queue_account\":\"production\",\"queue_region\":\"us-west-2\"}",
        "{\"queue_url\":\"https://x/q\",\"queue_account\":\"production\"}",
    };
    struct desk *desk = *state;
    for (size_t i = 0; i < ESC_COUNT(bad); i++)
        esc_json_free(desk_expect(desk, ESC_INVALID, "PUT", "/api/schedule", bad[i]));
    esc_json_free(desk_expect(desk, ESC_NOT_FOUND, "PUT", "/api/schedule",
                              "{\"queue_url\":\"https://x/q\",\"queue_account\":\"nobody\","
                              "\"queue_region\":\"us-west-2\"}"));
    set_schedule(desk, "{\"full_minutes\":720}");
    desk_restart(desk);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *page = desk_expect(desk, ESC_OK, "GET", "/api/schedule", NULL);
    assert_int_equal(720, esc_json_num(page, "full.every_minutes", 0));
    assert_int_equal(15, esc_json_num(page, "incremental.every_minutes", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(changes_are_kept_for_the_days_that_were_asked_for),
        TEST(accounts_of_emulators_are_not_synced_by_themselves),
        TEST(without_keys_nothing_is_asked_and_the_account_is_named),
        TEST(what_is_due_is_made_and_not_twice),
        TEST(a_scheduled_sync_gives_way_to_a_persons),
        TEST(a_schedule_takes_only_what_makes_sense),
    };
    return cmocka_run_group_tests_name("work/schedule", tests, NULL, NULL);
}
