/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/plan/approval.h"

#include <string.h>

#include "escher/plan/canonical.h"
#include "escher/plan/judge.h"
#include "tests/plan/ask.h"

static struct esc_error err;
static struct esc_shelf *shelf;
static struct esc_json *plan; /* of "stop": in production, so its name must be typed */

enum {
    MINUTE_MS = 60 * 1000
};

/* A judged plan, owned by the caller. */
static struct esc_json *judged(const char *name)
{
    struct ask ask;
    struct esc_verdict verdict;
    ask_init(&ask, shelf, name);
    struct esc_json *made = ask_draft(&ask, shelf);
    esc_verdict_init(&verdict);
    expect_ok(esc_plan_judge(shelf, ask.request, ask.captures, &(struct esc_known_actions){0}, made,
                             &verdict, &err));
    esc_verdict_done(&verdict);
    ask_done(&ask);
    return made;
}

static int make_plan(void **)
{
    shelf = ask_shelf();
    plan = judged("stop");
    return 0;
}

static int drop_plan(void **)
{
    esc_json_free(plan);
    esc_shelf_free(shelf);
    return 0;
}

/* Planned now and approved a minute later, with the name typed. */
static struct esc_approval approval_of(const struct esc_json *of)
{
    struct esc_approval approval = {.planned_at_ms = ask_now_ms,
                                    .approved_at_ms = ask_now_ms + MINUTE_MS,
                                    .typed = "pg-instance-main1"};
    expect_ok(esc_plan_hash(of, NULL, approval.plan_hash, &err));
    return approval;
}

static void an_approval_of_this_plan_holds(void **)
{
    const struct esc_approval approval = approval_of(plan);
    assert_int_equal(ESC_PLAN_HASH_TEXT - 1, strlen(approval.plan_hash));
    expect_ok(esc_approval_check(&approval, plan, NULL, approval.approved_at_ms, &err));
}

/* The members of every object the other way round, owned by the caller. */
static struct esc_json *turned(const struct esc_json *value)
{
    if (esc_json_is(value, ESC_JSON_ARRAY)) {
        struct esc_json *array = esc_json_array();
        for (size_t i = 0; i < esc_json_len(value); i++)
            esc_json_push(array, turned(esc_json_at(value, i)));
        return array;
    }
    if (!esc_json_is(value, ESC_JSON_OBJECT))
        return esc_json_copy(value);
    struct esc_list keys;
    esc_list_init(&keys, NULL);
    void *position = NULL;
    const char *key;
    const struct esc_json *member;
    while (esc_json_next(value, &position, &key, &member))
        esc_list_push(&keys, (void *)(uintptr_t)key);
    struct esc_json *object = esc_json_object();
    for (size_t i = keys.count; i-- > 0;)
        esc_json_set(object, keys.items[i], turned(esc_json_member(value, keys.items[i])));
    esc_list_done(&keys);
    return object;
}

static void the_order_of_members_does_not_matter(void **)
{
    char one[ESC_PLAN_HASH_TEXT], other[ESC_PLAN_HASH_TEXT];
    ESC_CLEANUP(esc_json_freep) struct esc_json *back = turned(plan);
    expect_ok(esc_plan_hash(plan, NULL, one, &err));
    expect_ok(esc_plan_hash(back, NULL, other, &err));
    assert_string_equal(one, other);
}

static void the_text_written_and_read_again_has_the_same_hash(void **)
{
    char one[ESC_PLAN_HASH_TEXT], other[ESC_PLAN_HASH_TEXT];
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(plan, ESC_JSON_PRETTY);
    ESC_CLEANUP(esc_json_freep) struct esc_json *back = ask_parse(text);
    expect_ok(esc_plan_hash(plan, NULL, one, &err));
    expect_ok(esc_plan_hash(back, NULL, other, &err));
    assert_string_equal(one, other);
}

/* Whatever a changed byte makes of an approved plan, it is not approved. */
static void check_mutation(const struct esc_approval *approval, struct esc_str text)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *changed = NULL;
    if (esc_json_parse(text, NULL, &changed, &err) == ESC_OK &&
        esc_approval_check(approval, changed, NULL, approval->approved_at_ms, &err) == ESC_OK)
        fail_msg("approved: %.*s", ESC_STR_ARG(text));
}

static void no_changed_byte_of_an_approved_plan_is_approved(void **)
{
    struct esc_buf text;
    const struct esc_approval approval = approval_of(plan);
    esc_buf_init(&text, 1024 * 1024);
    expect_ok(esc_canonical_write(plan, &text, &err));
    for (size_t at = 0; at < text.len; at++) {
        const char before = text.ptr[at];
        text.ptr[at] = (char)(before ^ (1 << (at % 7)));
        check_mutation(&approval, esc_buf_str(&text));
        text.ptr[at] = before;
    }
    check_mutation(&approval, esc_str_slice(esc_buf_str(&text), 0, text.len - 1));
    esc_buf_done(&text);
}

static void an_approval_ends_with_its_time(void **)
{
    struct esc_approval approval = approval_of(plan);
    expect_ok(esc_approval_check(&approval, plan, NULL, ask_now_ms + 15 * MINUTE_MS, &err));
    expect_status(ESC_STALE,
                  esc_approval_check(&approval, plan, NULL, ask_now_ms + 15 * MINUTE_MS + 1, &err));
    expect_contains("older than 15 minutes", err.message);
    expect_status(ESC_STALE, esc_approval_check(&approval, plan, NULL, UINT64_MAX, &err));
}

static void an_approval_from_the_future_does_not_hold(void **)
{
    struct esc_approval approval = approval_of(plan);
    expect_status(ESC_STALE,
                  esc_approval_check(&approval, plan, NULL, approval.approved_at_ms - 1, &err));
    approval.planned_at_ms = approval.approved_at_ms + 1;
    expect_status(ESC_STALE, esc_approval_check(&approval, plan, NULL, UINT64_MAX, &err));
    expect_contains("future", err.message);
}

static void the_name_must_be_typed_as_it_is(void **)
{
    static const struct {
        const char *typed, *message;
    } table[] = {
        {NULL, "this is production: the name `pg-instance-main1` must be typed"},
        {"", "not `pg-instance-main1`"},
        {"yes", "not `pg-instance-main1`"},
        {"pg-instance-main", "not `pg-instance-main1`"},
        {"pg-instance-main1 ", "not `pg-instance-main1`"},
        {"PG-INSTANCE-MAIN1", "not `pg-instance-main1`"},
    };
    struct esc_approval approval = approval_of(plan);
    for (size_t i = 0; i < ESC_COUNT(table); i++) {
        approval.typed = table[i].typed;
        expect_status(ESC_STALE,
                      esc_approval_check(&approval, plan, NULL, approval.approved_at_ms, &err));
        expect_contains(table[i].message, err.message);
    }
}

static void a_plan_outside_production_needs_a_plain_yes(void **)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *plain = judged("plain");
    struct esc_approval_demand demand;
    expect_ok(esc_approval_demand_of(plain, &demand, &err));
    assert_true(demand.required);
    assert_null(demand.typed);
    assert_int_equal(15 * MINUTE_MS, demand.ttl_ms);
    struct esc_approval approval = approval_of(plain);
    approval.typed = NULL;
    expect_ok(esc_approval_check(&approval, plain, NULL, approval.approved_at_ms, &err));
}

static void an_approval_of_another_plan_does_not_hold(void **)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *other = judged("snapshot");
    const struct esc_approval approval = approval_of(other);
    expect_status(ESC_STALE,
                  esc_approval_check(&approval, plan, NULL, approval.approved_at_ms, &err));
    assert_string_equal("the approval is for another plan", err.message);
}

static void each_policy_makes_another_hash(void **)
{
    static const char *const stricter[] = {
        "{\"max_steps\":99}",        "{\"max_targets\":9}",
        "{\"max_class\":\"write\"}", "{\"privilege_from_playbook\":false}",
        "{\"approval_ttl_ms\":1}",   "{\"approval_ttl_destructive_ms\":1}",
    };
    const struct esc_approval approval = approval_of(plan);
    for (size_t i = 0; i < ESC_COUNT(stricter); i++) {
        struct esc_policy policy;
        ESC_CLEANUP(esc_json_freep) struct esc_json *json = ask_parse(stricter[i]);
        expect_ok(esc_policy_from_json(json, &policy, &err));
        expect_status(ESC_STALE,
                      esc_approval_check(&approval, plan, &policy, approval.approved_at_ms, &err));
        assert_string_equal("the approval is for another plan", err.message);
    }
}

static void a_plan_that_has_not_met_the_live_state_has_no_hash(void **)
{
    char hash[ESC_PLAN_HASH_TEXT];
    struct ask ask;
    struct esc_approval_demand demand;
    ask_init(&ask, shelf, "stop");
    ESC_CLEANUP(esc_json_freep) struct esc_json *draft = ask_draft(&ask, shelf);
    expect_status(ESC_INVALID, esc_plan_hash(draft, NULL, hash, &err));
    expect_contains("has not met the live state", err.message);
    expect_status(ESC_INVALID, esc_approval_demand_of(draft, &demand, &err));
    ask_done(&ask);
}

static void a_plan_that_says_it_needs_no_approval_is_not_believed(void **)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *lying = esc_json_copy(plan);
    struct esc_approval_demand demand;
    ask_set(lying, "approval.required", esc_json_bool(false));
    expect_ok(esc_approval_demand_of(lying, &demand, &err));
    assert_true(demand.required);
}

static void a_plan_that_wants_more_time_than_there_is_is_none(void **)
{
    static const int64_t ttls[] = {-1, 901, INT64_MAX};
    for (size_t i = 0; i < ESC_COUNT(ttls); i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *long_lived = esc_json_copy(plan);
        char hash[ESC_PLAN_HASH_TEXT];
        ask_set(long_lived, "approval.ttl_s", esc_json_int(ttls[i]));
        expect_status(ESC_INVALID, esc_plan_hash(long_lived, NULL, hash, &err));
        expect_contains("approval.ttl_s", err.message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_approval_of_this_plan_holds),
        cmocka_unit_test(the_order_of_members_does_not_matter),
        cmocka_unit_test(the_text_written_and_read_again_has_the_same_hash),
        cmocka_unit_test(no_changed_byte_of_an_approved_plan_is_approved),
        cmocka_unit_test(an_approval_ends_with_its_time),
        cmocka_unit_test(an_approval_from_the_future_does_not_hold),
        cmocka_unit_test(the_name_must_be_typed_as_it_is),
        cmocka_unit_test(a_plan_outside_production_needs_a_plain_yes),
        cmocka_unit_test(an_approval_of_another_plan_does_not_hold),
        cmocka_unit_test(each_policy_makes_another_hash),
        cmocka_unit_test(a_plan_that_has_not_met_the_live_state_has_no_hash),
        cmocka_unit_test(a_plan_that_says_it_needs_no_approval_is_not_believed),
        cmocka_unit_test(a_plan_that_wants_more_time_than_there_is_is_none),
    };
    return cmocka_run_group_tests_name("plan/approval", tests, make_plan, drop_plan);
}
