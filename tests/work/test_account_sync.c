/* SPDX-License-Identifier: Apache-2.0 */

/* What a sync of an account may add and take away, and what goes with the account. */

#include <string.h>

#include "escher/store/document.h"
#include "escher/work/work_private.h"
#include "tests/work/desk.h"

static struct esc_error err;

#define OTHER_ACCOUNT "987654321098"

static const char *text(const struct esc_json *json, const char *path)
{
    return esc_json_str(json, path, "");
}

static void import(struct desk *desk, const char *account, const char *region, const char *type,
                   const char *name)
{
    ESC_CLEANUP(esc_freep)
    char *line = esc_sprintf(
        "{\"id\":\"%s-%s-%s-%s\",\"provider\":\"aws\",\"resource_type\":\"%s\","
        "\"identifier\":\"%s\",\"name\":\"%s\",\"arn\":\"arn:aws:x:%s:%s:%s\","
        "\"account_id\":\"%s\",\"account_name\":\"a\",\"region\":\"%s\",\"tags\":{},"
        "\"metadata\":{},\"constraints\":{},\"relations\":[],"
        "\"last_synced\":\"2026-11-20T07:00:00Z\"}",
        account, region, type, name, type, name, name, region, account, name, account, region);
    ESC_CLEANUP(esc_freep) char *body = desk_lines(line);
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/estate/import", body));
}

static bool has(struct desk *desk, const char *name)
{
    ESC_CLEANUP(esc_freep) char *body = esc_sprintf("{\"text\":\"%s\"}", name);
    ESC_CLEANUP(esc_json_freep) struct esc_json *answer = NULL;
    return desk_ask(desk, "POST", "/api/show", body, &answer) == ESC_OK;
}

static struct esc_json *sync_rds(struct desk *desk, enum esc_status expected)
{
    return desk_expect(desk, expected, "POST", "/api/sync", "{\"service\":\"rds\"," DESK_KEYS "}");
}

/* An answer to each call of the scanner: all is seen, and only pg-instance-main1 is there. */
static void show_rds(struct desk *desk)
{
    desk_add_database(desk);
    desk_cloud_put(desk, "describe-db-clusters.json", "{\"DBClusters\":[]}");
    desk_cloud_put(desk, "describe-db-snapshots.json", "{\"DBSnapshots\":[]}");
    desk_cloud_put(desk, "describe-db-cluster-snapshots.json", "{\"DBClusterSnapshots\":[]}");
}

static bool note_text(void *context, const char *key, const struct esc_json *json)
{
    ESC_CLEANUP(esc_freep) char *printed = esc_json_print(json, ESC_JSON_COMPACT);
    esc_buf_printf(context, "%s %s\n", key, printed);
    return true;
}

static void add_answer(struct desk *desk, const char *path, struct esc_buf *all)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = desk_expect(desk, ESC_OK, "GET", path, NULL);
    (void)note_text(all, path, body);
}

static void nothing_that_is_stored_holds_a_credential(void **state)
{
    static const char *const collections[] = {"accounts", "coverage", "syncs"};
    static const char *const pages[] = {"/api/accounts", "/api/runs", "/api/chat", "/api/audit",
                                        "/api/status"};
    struct desk *desk = *state;
    struct esc_buf all;
    esc_buf_init(&all, ESC_MAX_FILE);
    show_rds(desk);
    esc_json_free(sync_rds(desk, ESC_OK));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = desk_expect(desk, ESC_OK, "POST", "/api/ask",
                                        "{\"prompt\":\"Stop pg-instance-main1\"," DESK_KEYS "}");
    ESC_CLEANUP(esc_freep)
    char *plan = esc_sprintf("/api/plans/%s", text(body, "plan_hash"));
    ESC_CLEANUP(esc_freep) char *approve = esc_sprintf("%s/approve", plan);
    esc_json_free(desk_expect(desk, ESC_OK, "POST", approve,
                              "{\"confirm\":\"pg-instance-main1\"," DESK_KEYS "}"));
    for (size_t i = 0; i < ESC_COUNT(collections); i++)
        expect_ok(esc_store_docs(desk->bench->store, collections[i], note_text, &all, NULL, &err));
    for (size_t i = 0; i < ESC_COUNT(pages); i++)
        add_answer(desk, pages[i], &all);
    add_answer(desk, plan, &all);
    expect_contains("pg-instance-main1", esc_buf_text(&all)); /* it is the right pile */
    assert_null(strstr(esc_buf_text(&all), "canary-secret"));
    assert_null(strstr(esc_buf_text(&all), "AK" DESK_ACCOUNT));
    esc_buf_done(&all);
}

static void put_protection(struct desk *desk, const char *place)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *times = esc_json_object();
    expect_ok(esc_store_doc_put(desk->bench->store, "protection", place, times, &err));
}

static void an_account_that_is_removed_takes_its_estate_and_coverage_along(void **state)
{
    struct desk *desk = *state;
    struct esc_buf left;
    show_rds(desk);
    put_protection(desk, DESK_ACCOUNT " us-west-2");
    put_protection(desk, OTHER_ACCOUNT " us-west-2");
    put_protection(desk, DESK_ACCOUNT " eu-west-1");
    import(desk, OTHER_ACCOUNT, "us-west-2", "rds_instance", "other-db");
    esc_json_free(sync_rds(desk, ESC_OK));
    esc_json_free(desk_expect(desk, ESC_OK, "DELETE", "/api/accounts/production", NULL));
    for (int turn = 0; turn < 2; turn++) {
        ESC_CLEANUP(esc_json_freep)
        struct esc_json *status = desk_expect(desk, ESC_OK, "GET", "/api/status", NULL);
        assert_int_equal(0, esc_json_len(esc_json_member(status, "cells")));
        assert_int_equal(1, esc_json_num(status, "resources", 0));
        assert_true(has(desk, "other-db"));
        assert_null(work_account_find(desk->bench, DESK_ACCOUNT));
        desk_restart(desk);
    }
    esc_buf_init(&left, ESC_MAX_LINE);
    expect_ok(esc_store_docs(desk->bench->store, "protection", note_text, &left, NULL, &err));
    assert_string_equal(OTHER_ACCOUNT " us-west-2 {}\n", esc_buf_text(&left));
    esc_buf_done(&left);
    esc_json_free(desk_expect(desk, ESC_NOT_FOUND, "DELETE", "/api/accounts/production", NULL));
}

static void no_account_is_removed_under_a_sync(void **state)
{
    struct desk *desk = *state;
    struct desk_call sync;
    show_rds(desk);
    desk_start(desk, "POST", "/api/sync", "{\"service\":\"rds\"," DESK_KEYS "}", &sync);
    esc_json_free(desk_expect(desk, ESC_OK, "GET", "/api/ping", NULL)); /* it has begun */
    esc_json_free(desk_expect(desk, ESC_CONFLICT, "DELETE", "/api/accounts/production", NULL));
    desk_wait(desk, &sync);
    assert_int_equal(ESC_OK, sync.status);
    desk_call_done(&sync);
    assert_true(has(desk, "pg-instance-main1"));
}

static void a_whole_look_removes_what_it_did_not_see_and_nothing_else(void **state)
{
    struct desk *desk = *state;
    show_rds(desk);
    import(desk, DESK_ACCOUNT, "us-west-2", "rds_instance", "gone-db");
    import(desk, DESK_ACCOUNT, "eu-west-1", "rds_instance", "elsewhere-db");
    import(desk, OTHER_ACCOUNT, "us-west-2", "rds_instance", "other-db");
    import(desk, DESK_ACCOUNT, "us-west-2", "ec2_instance", "i-0123456789abcdef0");
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_rds(desk, ESC_OK);
    assert_int_equal(1, esc_json_num(body, "removed", 0));
    assert_int_equal(4, esc_json_num(body, "cells_ok", 0));
    for (int turn = 0; turn < 2; turn++) {
        assert_false(has(desk, "gone-db"));
        assert_true(has(desk, "pg-instance-main1"));
        assert_true(has(desk, "elsewhere-db"));
        assert_true(has(desk, "other-db"));
        assert_true(has(desk, "i-0123456789abcdef0"));
        desk_restart(desk);
    }
}

static void one_cell_that_fails_costs_no_other_and_removes_nothing(void **state)
{
    struct desk *desk = *state;
    show_rds(desk);
    desk_cloud_drop(desk, "describe-db-clusters.json"); /* denied */
    desk_cloud_put(desk, "describe-db-snapshots.json", "not JSON at all");
    import(desk, DESK_ACCOUNT, "us-west-2", "rds_cluster", "kept-cluster");
    import(desk, DESK_ACCOUNT, "us-west-2", "rds_snapshot", "kept-snapshot");
    import(desk, DESK_ACCOUNT, "us-west-2", "rds_instance", "gone-db");
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_rds(desk, ESC_PARTIAL);
    assert_int_equal(2, esc_json_num(body, "cells_ok", 0));
    assert_true(has(desk, "kept-cluster"));
    assert_true(has(desk, "kept-snapshot"));
    assert_true(has(desk, "pg-instance-main1"));
    assert_false(has(desk, "gone-db"));
    const struct esc_json *cells = esc_json_member(body, "cells");
    for (size_t i = 0; i < esc_json_len(cells); i++) {
        const struct esc_json *cell = esc_json_at(cells, i);
        const bool well = esc_text_equal(text(cell, "state"), "ok");
        assert_true(well == (*text(cell, "message") == '\0'));
    }
}

static void with_keys_of_another_account_nothing_is_asked_and_nothing_lost(void **state)
{
    struct desk *desk = *state;
    show_rds(desk);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body =
        desk_expect(desk, ESC_PARTIAL, "POST", "/api/sync",
                    "{\"service\":\"rds\",\"environment\":{\"AWS_ACCESS_KEY_ID\":\"AK" OTHER_ACCOUNT
                    "\",\"AWS_SECRET_ACCESS_KEY\":\"x\"}}");
    assert_int_equal(0, esc_json_num(body, "cells_ok", -1));
    assert_int_equal(0, desk_cloud_calls(desk, "describe-db-instances"));
    assert_true(has(desk, "pg-instance-main1"));
    for (size_t i = 0; i < 4; i++) {
        const struct esc_json *cell = esc_json_at(esc_json_member(body, "cells"), i);
        assert_string_not_equal("", text(cell, "message"));
        assert_string_equal("2026-11-21T08:00:00Z", text(cell, "at"));
    }
}

static void a_cancelled_sync_removes_nothing(void **state)
{
    struct desk *desk = *state;
    struct desk_call sync;
    show_rds(desk);
    import(desk, DESK_ACCOUNT, "us-west-2", "rds_instance", "unseen-db");
    desk_cloud_put(desk, "describe-db-clusters.sh", "sleep 600\n");
    desk_start(desk, "POST", "/api/sync", "{\"service\":\"rds\"," DESK_KEYS "}", &sync);
    esc_json_free(desk_expect(desk, ESC_OK, "GET", "/api/ping", NULL)); /* it has begun */
    esc_api_cancel(sync.call);
    desk_wait(desk, &sync);
    assert_int_equal(ESC_CANCELLED, sync.status);
    desk_call_done(&sync);
    assert_true(has(desk, "unseen-db"));
    desk_cloud_drop(desk, "describe-db-clusters.sh");
    esc_json_free(sync_rds(desk, ESC_OK)); /* and the next one may begin */
}

static void a_sync_waits_for_the_small_one_after_a_run(void **state)
{
    struct desk *desk = *state;
    struct desk_call first, second, third;
    show_rds(desk);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = desk_expect(desk, ESC_OK, "POST", "/api/ask",
                                        "{\"prompt\":\"Stop pg-instance-main1\"," DESK_KEYS "}");
    ESC_CLEANUP(esc_freep)
    char *path = esc_sprintf("/api/plans/%s/approve", text(body, "plan_hash"));
    esc_json_free(desk_expect(desk, ESC_OK, "POST", path,
                              "{\"confirm\":\"pg-instance-main1\"," DESK_KEYS "}"));
    static const char rds[] = "{\"service\":\"rds\"," DESK_KEYS "}";
    desk_start(desk, "POST", "/api/sync", rds, &first);
    desk_start(desk, "POST", "/api/sync", rds, &second);
    desk_start(desk, "POST", "/api/sync", rds, &third);
    esc_json_free(desk_expect(desk, ESC_OK, "GET", "/api/ping", NULL)); /* all three wait */
    esc_api_cancel(third.call);
    desk_wait(desk, &first);
    desk_wait(desk, &second);
    assert_int_equal(ESC_OK, first.status);
    assert_int_equal(ESC_CONFLICT, second.status);
    assert_int_equal(ESC_CANCELLED, third.status);
    desk_call_done(&first);
    desk_call_done(&second);
    desk_call_done(&third);
}

static void a_sync_of_nobody_says_so(void **state)
{
    static const char *const bodies[] = {
        "{\"account\":\"nobody\"," DESK_KEYS "}",
        "{\"account\":\"111111111111\"," DESK_KEYS "}",
    };
    struct desk *desk = *state;
    for (size_t i = 0; i < ESC_COUNT(bodies); i++)
        esc_json_free(desk_expect(desk, ESC_NOT_FOUND, "POST", "/api/sync", bodies[i]));
    esc_json_free(desk_expect(desk, ESC_INVALID, "POST", "/api/sync",
                              "{\"service\":\"nothing\"," DESK_KEYS "}"));
    esc_json_free(desk_expect(desk, ESC_OK, "DELETE", "/api/accounts/production", NULL));
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_rds(desk, ESC_NOT_FOUND);
    expect_contains("accounts add", text(body, "message"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_setup_account, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_that_is_stored_holds_a_credential),
        TEST(an_account_that_is_removed_takes_its_estate_and_coverage_along),
        TEST(no_account_is_removed_under_a_sync),
        TEST(a_whole_look_removes_what_it_did_not_see_and_nothing_else),
        TEST(one_cell_that_fails_costs_no_other_and_removes_nothing),
        TEST(with_keys_of_another_account_nothing_is_asked_and_nothing_lost),
        TEST(a_cancelled_sync_removes_nothing),
        TEST(a_sync_waits_for_the_small_one_after_a_run),
        TEST(a_sync_of_nobody_says_so),
    };
    return cmocka_run_group_tests_name("work/account_sync", tests, NULL, NULL);
}
