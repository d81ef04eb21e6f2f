/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/runs.h"

#include "escher/store/audit.h"
#include "tests/store/support.h"

#define PLAN_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define PLAN_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static struct esc_json *state_of(const char *state)
{
    struct esc_json *json = esc_json_object();
    esc_json_set_text(json, "state", state);
    return json;
}

static void put_run(struct box *box, const char *id, const char *state)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *run = state_of(state);
    expect_ok(esc_store_run_put(box->store, id, run, &err));
}

static void approve(struct box *box, char id[ESC_UUID_TEXT])
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *detail = state_of("typed");
    const struct esc_store_approval approval = {.plan_hash = PLAN_A,
                                                .approved_at_ms = NOW_MS,
                                                .expires_at_ms = NOW_MS + 900'000,
                                                .detail = detail};
    expect_ok(esc_store_approval_put(box->store, &approval, id, &err));
}

static enum esc_status consume(struct box *box, const char *id, const char *plan, uint64_t now_ms)
{
    return esc_store_approval_consume(box->store, id, plan, "run-1", now_ms, NULL, &err);
}

static bool join(void *context, const char *key, const struct esc_json *json)
{
    esc_buf_printf(context, "%s=%s ", key, esc_json_str(json, "state", "?"));
    return true;
}

static void runs_and_plans_are_listed_newest_first(void **)
{
    struct box box;
    struct esc_buf all;
    box_open(&box);
    put_run(&box, "run-1", "queued");
    put_run(&box, "run-2", "queued");
    put_run(&box, "run-1", "succeeded");
    ESC_CLEANUP(esc_json_freep) struct esc_json *plan = state_of("draft");
    expect_ok(esc_store_plan_put(box.store, PLAN_A, plan, &err));
    expect_ok(esc_store_plan_put(box.store, PLAN_B, plan, &err));
    box_reopen(&box);
    esc_buf_init(&all, ESC_MAX_LINE);
    expect_ok(esc_store_runs(box.store, join, &all, NULL, &err));
    assert_string_equal("run-2=queued run-1=succeeded ", esc_buf_text(&all));
    esc_buf_reset(&all);
    expect_ok(esc_store_plans(box.store, join, &all, NULL, &err));
    assert_string_equal(PLAN_B "=draft " PLAN_A "=draft ", esc_buf_text(&all));
    ESC_CLEANUP(esc_json_freep) struct esc_json *run = NULL;
    ESC_CLEANUP(esc_json_freep) struct esc_json *kept = NULL;
    expect_ok(esc_store_run_get(box.store, "run-1", &run, &err));
    assert_string_equal("succeeded", esc_json_str(run, "state", ""));
    expect_ok(esc_store_plan_get(box.store, PLAN_A, &kept, &err));
    struct esc_json *none = NULL;
    expect_status(ESC_NOT_FOUND, esc_store_run_get(box.store, "run-3", &none, &err));
    esc_buf_done(&all);
    box_done(&box);
}

static void an_approval_is_used_once(void **)
{
    struct box box;
    char id[ESC_UUID_TEXT];
    ESC_CLEANUP(esc_json_freep) struct esc_json *detail = NULL;
    box_open(&box);
    approve(&box, id);
    box_reopen(&box);
    expect_ok(esc_store_approval_consume(box.store, id, PLAN_A, "run-1", NOW_MS, &detail, &err));
    assert_string_equal("typed", esc_json_str(detail, "state", ""));
    expect_status(ESC_STALE, consume(&box, id, PLAN_A, NOW_MS));
    expect_contains("used before, by run run-1", err.message);
    box_reopen(&box);
    expect_status(ESC_STALE, consume(&box, id, PLAN_A, NOW_MS));
    box_done(&box);
}

static void an_approval_holds_for_its_plan_and_its_time(void **)
{
    struct box box;
    char id[ESC_UUID_TEXT];
    box_open(&box);
    approve(&box, id);
    expect_status(ESC_STALE, consume(&box, id, PLAN_B, NOW_MS));
    expect_contains("another plan", err.message);
    expect_status(ESC_STALE, consume(&box, id, PLAN_A, NOW_MS - 1));
    expect_contains("in the future", err.message);
    expect_status(ESC_STALE, consume(&box, id, PLAN_A, NOW_MS + 900'000));
    expect_contains("expired", err.message);
    expect_status(ESC_NOT_FOUND, consume(&box, "no-such-approval", PLAN_A, NOW_MS));
    expect_ok(consume(&box, id, PLAN_A, NOW_MS + 899'999)); /* refusals used nothing up */
    box_done(&box);
}

/* What work does before anything acts. */
static enum esc_status record_intent(struct box *box, const char *approval)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *event = state_of("intent");
    ESC_CLEANUP(esc_json_freep) struct esc_json *run = state_of("queued");
    expect_ok(esc_store_begin(box->store, &err));
    enum esc_status status = consume(box, approval, PLAN_A, NOW_MS);
    if (status == ESC_OK)
        status = esc_store_run_put(box->store, "run-1", run, &err);
    if (status == ESC_OK)
        status = esc_store_audit_append(box->store, event, NULL, &err);
    return status;
}

static void intent_audit_and_approval_stand_or_fall_together(void **)
{
    struct box box;
    char id[ESC_UUID_TEXT];
    struct esc_audit_report report;
    struct esc_json *none = NULL;
    box_open(&box);
    approve(&box, id);
    expect_ok(record_intent(&box, id));
    esc_store_rollback(box.store);
    expect_ok(record_intent(&box, id)); /* the approval is there again */
    box_reopen(&box);                   /* died before the commit */
    expect_status(ESC_NOT_FOUND, esc_store_run_get(box.store, "run-1", &none, &err));
    expect_ok(esc_store_audit_verify(box.store, &report, &err));
    assert_int_equal(0, report.records);
    expect_ok(record_intent(&box, id));
    expect_ok(esc_store_commit(box.store, &err));
    box_reopen(&box);
    ESC_CLEANUP(esc_json_freep) struct esc_json *run = NULL;
    expect_ok(esc_store_run_get(box.store, "run-1", &run, &err));
    expect_ok(esc_store_audit_verify(box.store, &report, &err));
    assert_int_equal(1, report.records);
    expect_status(ESC_STALE, record_intent(&box, id));
    expect_status(ESC_CONFLICT, esc_store_commit(box.store, &err)); /* nothing of it is kept */
    box_done(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_and_plans_are_listed_newest_first),
        cmocka_unit_test(an_approval_is_used_once),
        cmocka_unit_test(an_approval_holds_for_its_plan_and_its_time),
        cmocka_unit_test(intent_audit_and_approval_stand_or_fall_together),
    };
    return cmocka_run_group_tests_name("store/runs", tests, NULL, NULL);
}
