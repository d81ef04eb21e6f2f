/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/plan/verify.h"

#include <string.h>

#include "escher/base/limits.h"
#include "escher/request/context.h"
#include "tests/plan/ask.h"

static struct esc_error err;
static struct esc_shelf *shelf;

static int open_shelf(void **)
{
    shelf = ask_shelf();
    return 0;
}

static int close_shelf(void **)
{
    esc_shelf_free(shelf);
    return 0;
}

static void an_honest_answer_is_accepted(void **)
{
    for (size_t i = 0; i < ESC_COUNT(questions); i++) {
        struct ask ask;
        ask_init(&ask, shelf, questions[i].name);
        ESC_CLEANUP(esc_json_freep) struct esc_json *plan = ask_draft(&ask, shelf);
        expect_ok(esc_plan_check(plan, &err));
        assert_string_equal(questions[i].playbook, esc_json_str(plan, "playbook.id", ""));
        ask_done(&ask);
    }
}

/* Every playbook of the shelf, on the first fixture that its own tests expect to go on. */
static const struct esc_json *good_test(const struct esc_playbook *playbook)
{
    for (size_t i = 0; i < esc_json_len(playbook->tests); i++) {
        const struct esc_json *test = esc_json_at(playbook->tests, i);
        if (esc_text_equal(esc_json_str(test, "expect.verdict", ""), "ok"))
            return test;
    }
    return NULL;
}

static struct esc_json *draft_of(const struct esc_playbook *playbook, const struct esc_json *test)
{
    ESC_CLEANUP(esc_freep)
    char *path = esc_sprintf("playbooks/fixtures/%s.json", esc_json_str(test, "given", ""));
    ESC_CLEANUP(esc_json_freep) struct esc_json *fixture = ask_file(path);
    struct esc_buf prompt;
    esc_buf_init(&prompt, ESC_MAX_PROMPT);
    esc_buf_add_text(&prompt, "do it, with");
    void *position = NULL;
    const char *key;
    const struct esc_json *value;
    while (esc_json_next(esc_json_member(test, "prompt"), &position, &key, &value))
        esc_buf_printf(&prompt, " %lld", (long long)esc_json_num(value, "", 0));
    struct ask ask = {.playbook = playbook};
    ask.request =
        ask_request(esc_buf_text(&prompt), esc_json_copy(esc_json_member(fixture, "resource")));
    struct esc_json *facts = esc_json_object();
    struct esc_filled *filled = NULL;
    esc_json_set(facts, "resource",
                 esc_json_copy(esc_json_get(ask.request, "identified_resources[0]")));
    const struct esc_json *values = esc_json_member(test, "prompt");
    esc_json_set(facts, "prompt", values ? esc_json_copy(values) : esc_json_object());
    expect_ok(esc_fill(playbook, facts, &filled, &err));
    ask.response = ask_response(filled);
    struct esc_json *plan = ask_draft(&ask, shelf);
    esc_filled_free(filled);
    esc_json_free(facts);
    esc_buf_done(&prompt);
    ask_done(&ask);
    return plan;
}

static void each_playbook_of_the_shelf_makes_a_plan(void **)
{
    for (size_t i = 0; i < esc_shelf_count(shelf); i++) {
        const struct esc_playbook *playbook = esc_shelf_at(shelf, i);
        const struct esc_json *test = good_test(playbook);
        assert_non_null(test);
        ESC_CLEANUP(esc_json_freep) struct esc_json *plan = draft_of(playbook, test);
        assert_int_equal(playbook->step_count, esc_json_len(esc_json_get(plan, "steps")));
        assert_int_equal(playbook->capture_count, esc_json_len(esc_json_get(plan, "captures")));
        assert_int_equal(playbook->verify_count, esc_json_len(esc_json_get(plan, "verification")));
    }
}

static void a_draft_holds_what_will_run(void **)
{
    struct ask ask;
    ask_init(&ask, shelf, "stop");
    ESC_CLEANUP(esc_json_freep) struct esc_json *plan = ask_draft(&ask, shelf);
    assert_string_equal("123456789012-us-west-2-rds_instance-pg-instance-main1",
                        esc_json_str(plan, "targets[0].id", ""));
    assert_string_equal("rds", esc_json_str(plan, "steps[0].service", ""));
    assert_string_equal("StopDBInstance", esc_json_str(plan, "steps[0].operation", ""));
    assert_string_equal("us-west-2", esc_json_str(plan, "steps[0].region", ""));
    assert_string_equal("123456789012", esc_json_str(plan, "steps[0].account", ""));
    assert_string_equal("pg-instance-main1",
                        esc_json_str(plan, "steps[0].params.DBInstanceIdentifier", ""));
    assert_string_equal("DescribeDBInstances", esc_json_str(plan, "captures[0].operation", ""));
    assert_string_equal("DescribeDBInstances",
                        esc_json_str(plan, "steps[0].done_when.operation", ""));
    assert_true(esc_json_flag(plan, "approval.required", false));
    assert_string_equal("pg-instance-main1", esc_json_str(plan, "approval.typed", ""));
    assert_string_equal("production", esc_json_str(plan, "approval.typed_because", ""));
    assert_int_equal(900, esc_json_num(plan, "approval.ttl_s", 0));
    assert_string_equal("aws-cli/1.46.5", esc_json_str(plan, "cli_version", ""));
    assert_null(esc_json_get(plan, "bound"));
    ask_done(&ask);
}

static void a_name_with_the_time_is_bound_by_the_client(void **)
{
    struct ask ask;
    ask_init(&ask, shelf, "snapshot");
    ESC_CLEANUP(esc_json_freep) struct esc_json *plan = ask_draft(&ask, shelf);
    assert_string_equal("escher-pg-instance-main1-20261121080000-ab12",
                        esc_json_str(plan, "steps[0].params.DBSnapshotIdentifier", ""));
    assert_string_equal("ab12", esc_json_str(plan, "bound.nonce", ""));
    assert_int_equal(ask_now_ms, esc_json_num(plan, "bound.at_ms", 0));
    ask_done(&ask);
}

static void a_name_with_the_time_needs_a_nonce(void **)
{
    static const char *const nonces[] = {NULL, "", "abc", "AB12", "ab1-", "ab123"};
    struct ask ask;
    ask_init(&ask, shelf, "snapshot");
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(ask.response, ESC_JSON_COMPACT);
    for (size_t i = 0; i < ESC_COUNT(nonces); i++) {
        const struct esc_plan_local local = {.now_ms = ask_now_ms, .nonce = nonces[i]};
        struct esc_json *plan = NULL;
        expect_status(ESC_INVALID,
                      esc_plan_verify(shelf, ask.request, esc_str_of(text), &local, &plan, &err));
        assert_null(plan);
    }
    ask_done(&ask);
}

static void a_thing_without_a_name_is_called_by_its_identifier(void **)
{
    static const char *const names[] = {NULL, ""};
    for (size_t i = 0; i < ESC_COUNT(names); i++) {
        struct ask ask;
        ask_init(&ask, shelf, "stop");
        ask_set(ask.request, "identified_resources[0].name",
                names[i] ? esc_json_text(names[i]) : NULL);
        ESC_CLEANUP(esc_json_freep) struct esc_json *plan = ask_draft(&ask, shelf);
        assert_string_equal("pg-instance-main1", esc_json_str(plan, "targets[0].name", ""));
        assert_string_equal("pg-instance-main1", esc_json_str(plan, "approval.typed", ""));
        ask_done(&ask);
    }
}

/* Nothing that a planner writes is shown, and only its higher level of risk is kept. */
static void nothing_of_the_planners_words_gets_into_the_plan(void **)
{
    struct ask ask;
    ask_init(&ask, shelf, "stop");
    ESC_CLEANUP(esc_json_freep) struct esc_json *honest = ask_draft(&ask, shelf);
    static const char *const members[] = {"explain_plan", "risk_assessment.impact",
                                          "classification.intent", "classification.route"};
    for (size_t i = 0; i < ESC_COUNT(members); i++)
        ask_set(ask.response, members[i], esc_json_text("Approve this at once"));
    ask_set(ask.response, "risk_assessment.reasons[+]", esc_json_text("None at all"));
    ESC_CLEANUP(esc_json_freep) struct esc_json *plan = ask_draft(&ask, shelf);
    assert_true(esc_json_equal(honest, plan));
    ask_set(ask.response, "risk_assessment.level", esc_json_text("high"));
    ESC_CLEANUP(esc_json_freep) struct esc_json *higher = ask_draft(&ask, shelf);
    assert_string_equal("high", esc_json_str(higher, "planner_level", ""));
    ask_done(&ask);
}

static void the_request_that_the_client_builds_is_the_one_that_is_verified(void **)
{
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = esc_resource_new();
    resource->id = esc_strdup("123456789012-us-west-2-rds_instance-pg-instance-main1");
    resource->provider = esc_strdup("aws");
    resource->resource_type = esc_strdup("rds_instance");
    resource->identifier = esc_strdup("pg-instance-main1");
    resource->name = esc_strdup("pg-instance-main1");
    resource->account_id = esc_strdup("123456789012");
    resource->region = esc_strdup("us-west-2");
    const struct esc_request_resource entry = {
        .resource = resource, .mention_start = 5, .mention_end = 22};
    const char *const accounts[] = {"123456789012"};
    const struct esc_request asked = {.prompt = ESC_STR("Stop pg-instance-main1"),
                                      .resources = &entry,
                                      .resource_count = 1,
                                      .user_id = "u",
                                      .account_ids = accounts,
                                      .account_count = 1};
    struct ask ask;
    ask_init(&ask, shelf, "stop");
    esc_json_free(ask.request);
    ask.request = esc_request_to_json(&asked);
    ESC_CLEANUP(esc_json_freep) struct esc_json *plan = ask_draft(&ask, shelf);
    assert_null(esc_json_get(plan, "approval.typed")); /* it is not tagged as production */
    ask_done(&ask);
}

/* The table. */

static void change(struct esc_json *document, const struct esc_json *changes)
{
    void *position = NULL;
    const char *path;
    const struct esc_json *value;
    while (esc_json_next(esc_json_member(changes, "set"), &position, &path, &value)) {
        const char *text = esc_json_str(value, "", "");
        if (*text == '*') { /* another playbook of the shelf, as it is */
            const struct esc_playbook *playbook = esc_shelf_find(shelf, text + 1);
            ask_set(document, "playbook.id", esc_json_text(playbook->id));
            ask_set(document, "playbook.version", esc_json_text(playbook->version));
            ask_set(document, "playbook.sha256", esc_json_text(playbook->sha256));
            const struct esc_operation *operation = esc_playbook_operation(playbook);
            ask_set(document, "classification.service", esc_json_text(operation->service));
            ask_set(document, "classification.operation", esc_json_text(operation->operation));
        } else {
            ask_set(document, path, esc_json_copy(value));
        }
    }
    const struct esc_json *removed = esc_json_member(changes, "remove");
    for (size_t i = 0; i < esc_json_len(removed); i++)
        ask_set(document, esc_json_str(esc_json_at(removed, i), "", ""), NULL);
}

/* The bytes of a row's answer, owned by the caller. */
static char *body_of(const struct ask *ask, const struct esc_json *row)
{
    const char *body = esc_json_str(row, "body", NULL);
    if (body)
        return esc_strdup(body);
    change(ask->response, row);
    char *text = esc_json_print(ask->response, ESC_JSON_COMPACT);
    const char *from = esc_json_str(row, "text[0]", NULL);
    if (!from)
        return text;
    const char *at = strstr(text, from);
    if (!at)
        fail_msg("%s: `%s` does not stand in %s", esc_json_str(row, "why", ""), from, text);
    char *changed = esc_sprintf("%.*s%s%s", (int)(at - text), text,
                                esc_json_str(row, "text[1]", ""), at + strlen(from));
    free(text);
    return changed;
}

static void expect_refused(const struct esc_json *row)
{
    struct ask ask;
    struct esc_json *plan = NULL;
    struct esc_policy policy = esc_policy_default();
    struct esc_plan_local local = ask_local;
    const struct esc_json *stricter = esc_json_member(row, "policy");
    const char *message = esc_json_str(row, "message", NULL);
    ask_init(&ask, shelf, esc_json_str(row, "ask", ""));
    ESC_CLEANUP(esc_freep) char *body = body_of(&ask, row);
    change(ask.request, esc_json_member(row, "request"));
    if (stricter)
        expect_ok(esc_policy_from_json(stricter, &policy, &err));
    local.policy = &policy;
    local.accounts = esc_json_member(row, "accounts");
    err.message[0] = '\0';
    const enum esc_status status =
        esc_plan_verify(shelf, ask.request, esc_str_of(body), &local, &plan, &err);
    if (status != ESC_BLOCKED || plan || !message || !strstr(err.message, message))
        fail_msg("%s: status %d, `%s` instead of `%s`", esc_json_str(row, "why", ""), (int)status,
                 err.message, message);
    ask_done(&ask);
}

static void what_was_changed_anywhere_is_refused_by_its_name(void **)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *file = ask_file("tests/cases/plan/refused.json");
    const struct esc_json *rows = esc_json_member(file, "refused");
    assert_true(esc_json_len(rows) >= 60);
    for (size_t i = 0; i < esc_json_len(rows); i++)
        expect_refused(esc_json_at(rows, i));
}

static void what_is_too_large_is_refused(void **)
{
    struct ask ask;
    struct esc_json *plan = NULL;
    struct esc_buf text;
    ask_init(&ask, shelf, "stop");
    esc_buf_init(&text, ESC_MAX_FILE);
    while (text.len <= ESC_MAX_REQUEST)
        esc_buf_add_text(&text, "Approve this at once. ");
    ask_set(ask.response, "explain_plan", esc_json_string(esc_buf_str(&text)));
    ESC_CLEANUP(esc_freep) char *body = esc_json_print(ask.response, ESC_JSON_COMPACT);
    expect_status(ESC_BLOCKED,
                  esc_plan_verify(shelf, ask.request, esc_str_of(body), &ask_local, &plan, &err));
    expect_contains("the limit is", err.message);
    esc_buf_done(&text);
    ask_done(&ask);
}

/* Whatever one changed bit does, it is refused, or the plan is the same: only words of the
 * planner that nobody uses were hit. A higher level is kept, so that one is left out. */
static void no_changed_bit_of_an_answer_changes_the_plan(void **)
{
    static const char *const asked[] = {"stop", "memory"};
    for (size_t i = 0; i < ESC_COUNT(asked); i++) {
        struct ask ask;
        ask_init(&ask, shelf, asked[i]);
        ESC_CLEANUP(esc_json_freep) struct esc_json *honest = ask_draft(&ask, shelf);
        ESC_CLEANUP(esc_freep) char *body = esc_json_print(ask.response, ESC_JSON_COMPACT);
        const struct esc_str text = esc_str_of(body);
        for (size_t at = 0; at < text.len; at++) {
            struct esc_json *plan = NULL;
            const char bit = (char)(1 << (at % 7));
            body[at] ^= bit;
            if (body[at] &&
                esc_plan_verify(shelf, ask.request, text, &ask_local, &plan, &err) == ESC_OK)
                assert_true(esc_json_equal(honest, plan));
            esc_json_free(plan);
            body[at] ^= bit;
        }
        ask_done(&ask);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_honest_answer_is_accepted),
        cmocka_unit_test(each_playbook_of_the_shelf_makes_a_plan),
        cmocka_unit_test(a_draft_holds_what_will_run),
        cmocka_unit_test(a_name_with_the_time_is_bound_by_the_client),
        cmocka_unit_test(a_name_with_the_time_needs_a_nonce),
        cmocka_unit_test(a_thing_without_a_name_is_called_by_its_identifier),
        cmocka_unit_test(nothing_of_the_planners_words_gets_into_the_plan),
        cmocka_unit_test(the_request_that_the_client_builds_is_the_one_that_is_verified),
        cmocka_unit_test(what_was_changed_anywhere_is_refused_by_its_name),
        cmocka_unit_test(what_is_too_large_is_refused),
        cmocka_unit_test(no_changed_bit_of_an_answer_changes_the_plan),
    };
    return cmocka_run_group_tests_name("plan/verify", tests, open_shelf, close_shelf);
}
