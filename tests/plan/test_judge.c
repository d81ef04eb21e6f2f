/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/plan/judge.h"

#include <string.h>

#include "escher/plan/approval.h"
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

/* A question whose answer has been verified and judged. */
struct judged {
    struct ask ask;
    struct esc_json *plan;
    struct esc_known_action known[8]; /* everything that is needed is allowed */
    size_t known_count;
    struct esc_verdict verdict;
};

static void judged_open(struct judged *judged, const char *name)
{
    ask_init(&judged->ask, shelf, name);
    judged->plan = ask_draft(&judged->ask, shelf);
    judged->known_count = judged->ask.playbook->action_count;
    assert_true(judged->known_count <= ESC_COUNT(judged->known));
    for (size_t i = 0; i < judged->known_count; i++)
        judged->known[i] = (struct esc_known_action){.action = judged->ask.playbook->actions[i],
                                                     .known = ESC_PERMISSION_ALLOWED};
    esc_verdict_init(&judged->verdict);
}

/* Of the action that stops the database. */
static struct esc_known_action *stopping(struct judged *judged)
{
    size_t i = 0;
    while (!esc_text_equal(judged->known[i].action, "rds:StopDBInstance"))
        i++;
    return &judged->known[i];
}

static enum esc_status judge(struct judged *judged)
{
    const struct esc_known_actions known = {judged->known, judged->known_count};
    return esc_plan_judge(shelf, judged->ask.request, judged->ask.captures, &known, judged->plan,
                          &judged->verdict, &err);
}

static void judged_init(struct judged *judged, const char *name)
{
    judged_open(judged, name);
    expect_ok(judge(judged));
}

static void judged_done(struct judged *judged)
{
    ask_done(&judged->ask);
    esc_json_free(judged->plan);
    esc_verdict_done(&judged->verdict);
}

static void the_live_state_decides(void **)
{
    static const struct {
        const char *ask;
        enum esc_verdict_kind kind;
        const char *decided_by, *reason, *state, *level;
        size_t warning_count;
    } table[] = {
        {"stop", ESC_VERDICT_OK, NULL, NULL, "available", "medium", 0},
        {"plain", ESC_VERDICT_OK, NULL, NULL, "available", "medium", 0},
        {"stopped", ESC_VERDICT_NOOP, "state", "reports-db is already stopped", "stopped", "medium",
         0},
        {"replica", ESC_VERDICT_BLOCKED, "replica", NULL, "available", "medium", 0},
        {"server", ESC_VERDICT_OK, NULL, NULL, "running", "medium", 0},
        {"spot", ESC_VERDICT_OK, NULL, NULL, "running", "high", 1},
        {"memory", ESC_VERDICT_OK, NULL, NULL, "Active", "medium", 0},
        {"bucket", ESC_VERDICT_OK, NULL, NULL, NULL, NULL, 0},
    };
    for (size_t i = 0; i < ESC_COUNT(table); i++) {
        struct judged judged;
        judged_init(&judged, table[i].ask);
        const char *state = esc_json_str(judged.plan, "targets[0].observed_state", NULL);
        if (judged.verdict.kind != table[i].kind || !esc_text_equal(state, table[i].state) ||
            !esc_text_equal(judged.verdict.decided_by, table[i].decided_by))
            fail_msg("%s: %s by %s, state %s", table[i].ask,
                     esc_verdict_kind_text(judged.verdict.kind), judged.verdict.decided_by, state);
        if (table[i].reason)
            assert_string_equal(table[i].reason, judged.verdict.reason);
        if (table[i].level)
            assert_string_equal(table[i].level,
                                esc_json_str(judged.plan, "risk_assessment.level", ""));
        assert_int_equal(table[i].warning_count, esc_json_len(judged.verdict.warnings));
        assert_true(esc_json_equal(judged.verdict.warnings, esc_json_get(judged.plan, "warnings")));
        expect_ok(esc_plan_check(judged.plan, &err));
        judged_done(&judged);
    }
}

static void a_judged_plan_is_complete(void **)
{
    struct judged judged;
    judged_init(&judged, "stop");
    assert_string_equal("aws rds start-db-instance --db-instance-identifier pg-instance-main1 "
                        "--region us-west-2",
                        esc_json_str(judged.plan, "risk_assessment.undo", ""));
    expect_contains("I will stop the RDS PostgreSQL instance pg-instance-main1",
                    esc_json_str(judged.plan, "explain_plan", ""));
    const struct esc_json *observed = esc_json_get(judged.plan, "observed");
    assert_string_equal("available",
                        esc_json_str(esc_json_member(observed, "before.DBInstanceStatus"), "", ""));
    assert_int_equal(2, esc_json_len(esc_json_member(observed, "before.TagList")));
    assert_true(esc_json_flag(esc_json_member(observed, "before.DeletionProtection"), "", false));
    judged_done(&judged);
}

/* The environment of a function may hold secrets, and no playbook asks for it. */
static void only_what_counts_is_kept_of_a_capture(void **)
{
    struct judged judged;
    judged_init(&judged, "memory");
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(judged.plan, ESC_JSON_COMPACT);
    expect_contains("before.MemorySize", text);
    assert_false(esc_str_contains(esc_str_of(text), ESC_STR("never kept")));
    judged_done(&judged);
}

static void judging_twice_is_judging_once(void **)
{
    struct judged judged;
    judged_init(&judged, "snapshot");
    ESC_CLEANUP(esc_json_freep) struct esc_json *once = esc_json_copy(judged.plan);
    expect_ok(judge(&judged));
    assert_true(esc_json_equal(once, judged.plan));
    judged_done(&judged);
}

static void an_explicit_deny_blocks_with_its_reason(void **)
{
    struct judged judged;
    judged_open(&judged, "stop");
    *stopping(&judged) = (struct esc_known_action){.action = "rds:stopdbinstance",
                                                   .known = ESC_PERMISSION_DENIED,
                                                   .is_explicit = true,
                                                   .because = "`NoStops` says so"};
    expect_ok(judge(&judged));
    assert_int_equal(ESC_VERDICT_BLOCKED, judged.verdict.kind);
    assert_string_equal("permission", judged.verdict.decided_by);
    assert_string_equal("you are known not to be allowed rds:stopdbinstance: `NoStops` says so",
                        judged.verdict.reason);
    judged_done(&judged);
}

static void what_somebody_else_is_denied_warns_and_what_he_is_allowed_is_unknown(void **)
{
    struct judged judged;
    judged_open(&judged, "stop");
    *stopping(&judged) = (struct esc_known_action){.action = "rds:StopDBInstance",
                                                   .known = ESC_PERMISSION_DENIED,
                                                   .is_explicit = true,
                                                   .because = "`NoStops` says so",
                                                   .whose = "arn:aws:iam::123456789012:user/eve"};
    expect_ok(judge(&judged));
    assert_int_equal(ESC_VERDICT_OK, judged.verdict.kind);
    assert_string_equal("the policies that were read are those of "
                        "arn:aws:iam::123456789012:user/eve, who may be another than you, and is "
                        "not allowed: rds:StopDBInstance (`NoStops` says so)",
                        esc_json_str(judged.plan, "warnings[0]", ""));
    judged_done(&judged);
    judged_open(&judged, "stop");
    stopping(&judged)->whose = "arn:aws:iam::123456789012:user/eve";
    expect_ok(judge(&judged));
    assert_string_equal("whether you are allowed this is not known beforehand: rds:StopDBInstance",
                        esc_json_str(judged.plan, "warnings[0]", ""));
    judged_done(&judged);
}

static void what_nothing_allows_warns(void **)
{
    struct judged judged;
    judged_open(&judged, "stop");
    stopping(&judged)->known = ESC_PERMISSION_DENIED;
    expect_ok(judge(&judged));
    assert_int_equal(ESC_VERDICT_OK, judged.verdict.kind);
    assert_string_equal(
        "no policy allows you this, so the cloud will probably refuse: rds:StopDBInstance",
        esc_json_str(judged.plan, "warnings[0]", ""));
    judged_done(&judged);
}

static void a_precondition_speaks_before_a_deny(void **)
{
    struct judged judged;
    judged_open(&judged, "stopped");
    stopping(&judged)->known = ESC_PERMISSION_DENIED;
    stopping(&judged)->is_explicit = true;
    expect_ok(judge(&judged));
    assert_int_equal(ESC_VERDICT_NOOP, judged.verdict.kind);
    judged_done(&judged);
}

static void what_hangs_on_a_condition_warns(void **)
{
    struct judged judged;
    judged_open(&judged, "stop");
    stopping(&judged)->known = ESC_PERMISSION_CONDITIONAL;
    stopping(&judged)->because = "aws:MultiFactorAuthPresent";
    expect_ok(judge(&judged));
    assert_int_equal(ESC_VERDICT_OK, judged.verdict.kind);
    assert_int_equal(1, esc_json_len(judged.verdict.warnings));
    assert_string_equal("you may be allowed this only under conditions: rds:StopDBInstance "
                        "(aws:MultiFactorAuthPresent)",
                        esc_json_str(judged.verdict.warnings, "[0]", ""));
    judged_done(&judged);
}

static void what_is_not_known_beside_what_is_warns(void **)
{
    struct judged judged;
    judged_open(&judged, "stop");
    stopping(&judged)->known = ESC_PERMISSION_UNKNOWN;
    expect_ok(judge(&judged));
    assert_string_equal("whether you are allowed this is not known beforehand: rds:StopDBInstance",
                        esc_json_str(judged.plan, "warnings[0]", ""));
    judged_done(&judged);
}

static void where_nothing_is_known_a_note_says_so_once(void **)
{
    struct judged judged;
    judged_open(&judged, "stop");
    judged.known_count = 0;
    expect_ok(judge(&judged));
    assert_int_equal(ESC_VERDICT_OK, judged.verdict.kind);
    assert_int_equal(0, esc_json_len(judged.verdict.warnings));
    const struct esc_json *notes = esc_json_member(judged.plan, "notes");
    assert_string_equal("Whether you are allowed is not known here; the cloud decides.",
                        esc_json_str(esc_json_at(notes, esc_json_len(notes) - 1), "", ""));
    judged_done(&judged);
}

static void the_risk_is_never_lower_than_the_planners(void **)
{
    static const struct {
        const char *planner, *plan;
    } table[] = {{"low", "medium"}, {"medium", "medium"}, {"high", "high"}};
    for (size_t i = 0; i < ESC_COUNT(table); i++) {
        struct judged judged;
        judged_open(&judged, "stop");
        esc_json_set_text(judged.plan, "planner_level", table[i].planner);
        expect_ok(judge(&judged));
        assert_string_equal(table[i].plan, esc_json_str(judged.plan, "risk_assessment.level", ""));
        judged_done(&judged);
    }
}

/* The estate may be older than the tag. */
static void tags_read_now_make_it_production(void **)
{
    struct judged judged;
    judged_open(&judged, "plain");
    assert_null(esc_json_get(judged.plan, "approval.typed"));
    ask_set(judged.ask.captures, "before.TagList",
            ask_parse("[{\"Key\":\"Environment\",\"Value\":\"prod\"}]"));
    expect_ok(judge(&judged));
    assert_string_equal(esc_json_str(judged.plan, "targets[0].name", "?"),
                        esc_json_str(judged.plan, "approval.typed", ""));
    assert_string_equal("production", esc_json_str(judged.plan, "approval.typed_because", ""));
    judged_done(&judged);
}

static void a_shorter_life_of_the_approval_stays(void **)
{
    struct judged judged;
    judged_open(&judged, "stop");
    ask_set(judged.plan, "approval.ttl_s", esc_json_int(60));
    expect_ok(judge(&judged));
    assert_int_equal(60, esc_json_num(judged.plan, "approval.ttl_s", 0));
    judged_done(&judged);
}

static void a_capture_that_is_missing_is_an_error(void **)
{
    struct judged judged;
    judged_open(&judged, "server");
    esc_json_remove(judged.ask.captures, "protection");
    expect_status(ESC_INVALID, judge(&judged));
    expect_contains("the capture `protection` is missing", err.message);
    judged_done(&judged);
}

static void a_plan_that_does_not_fit_is_an_error(void **)
{
    static const struct {
        const char *path, *value, *named;
    } table[] = {
        {"playbook.id", "aws_rds_gone", "is not ours"},
        {"playbook.sha256", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
         "is not ours"},
        {"targets[0].id", "another", "not of the request"},
        {"captures[0].operation", "DescribeDBClusters", "captures are not those"},
        {"captures[0].region", "eu-west-1", "captures are not those"},
        {"steps[0].shell", "rm", "steps[0].shell"},
        {"planner_level", "none", "planner_level"},
        {"parameters[0].value", "pg-instance-main2", NULL},
    };
    for (size_t i = 0; i < ESC_COUNT(table); i++) {
        struct judged judged;
        judged_open(&judged, "stop");
        ask_set(judged.plan, table[i].path, esc_json_text(table[i].value));
        if (table[i].named) {
            expect_status(ESC_INVALID, judge(&judged));
            expect_contains(table[i].named, err.message);
        } else { /* parameters are derived again, too */
            expect_ok(judge(&judged));
            assert_string_equal("pg-instance-main1",
                                esc_json_str(judged.plan, "steps[0].args[1]", ""));
        }
        judged_done(&judged);
    }
}

static void the_same_state_is_no_drift(void **)
{
    for (size_t i = 0; i < ESC_COUNT(questions); i++) {
        struct judged judged;
        judged_init(&judged, questions[i].name);
        expect_ok(esc_plan_drift(judged.plan, judged.ask.captures, &err));
        judged_done(&judged);
    }
}

static void every_observed_value_counts(void **)
{
    for (size_t i = 0; i < ESC_COUNT(questions); i++) {
        struct judged judged;
        judged_init(&judged, questions[i].name);
        ESC_CLEANUP(esc_json_freep)
        struct esc_json *observed = esc_json_copy(esc_json_get(judged.plan, "observed"));
        struct esc_json *changed = esc_json_get_mutable(judged.plan, "observed");
        void *position = NULL;
        const char *path;
        const struct esc_json *value;
        assert_true(esc_json_len(observed) > 0);
        while (esc_json_next(observed, &position, &path, &value)) {
            esc_json_set(changed, path, esc_json_text("something else"));
            expect_status(ESC_STALE, esc_plan_drift(judged.plan, judged.ask.captures, &err));
            expect_contains(strchr(path, '.') + 1, err.message);
            esc_json_set(changed, path, esc_json_copy(value));
        }
        judged_done(&judged);
    }
}

static void a_change_in_the_cloud_is_told_by_name(void **)
{
    static const struct {
        const char *path, *value, *message;
    } table[] = {
        {"before.DBInstanceStatus", "\"stopping\"",
         "the live state has changed: DBInstanceStatus was available and is now stopping; ask "
         "again for a new plan"},
        {"before.DBInstanceStatus", NULL, "DBInstanceStatus was available and is now absent"},
        {"before.DeletionProtection", "false", "DeletionProtection was true"},
        {"before.TagList", "[]", "TagList was"},
        {"before.DBClusterIdentifier", "\"c\"", "was absent and is now c"},
        {"before.MultiAZ", "false", "MultiAZ was true and is now false"},
        {"before", NULL, "`before` could not be read again"},
    };
    struct judged judged;
    judged_init(&judged, "stop");
    for (size_t i = 0; i < ESC_COUNT(table); i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *now = esc_json_copy(judged.ask.captures);
        ask_set(now, table[i].path, table[i].value ? ask_parse(table[i].value) : NULL);
        expect_status(ESC_STALE, esc_plan_drift(judged.plan, now, &err));
        expect_contains(table[i].message, err.message);
    }
    judged_done(&judged);
}

static void a_plan_that_was_not_judged_has_no_state_to_compare(void **)
{
    struct judged judged;
    judged_open(&judged, "stop");
    expect_status(ESC_INVALID, esc_plan_drift(judged.plan, judged.ask.captures, &err));
    judged_done(&judged);
}

static void a_probe_answers_with_what_it_selects(void **)
{
    static const struct {
        const char *probe, *output, *error_code, *value; /* NULL value: not found */
    } table[] = {
        {"{\"select\":\"DBInstances[0]\"}", "{\"DBInstances\":[{\"a\":1}]}", NULL, "{\"a\":1}"},
        {"{\"select\":\"\"}", "{\"a\":1}", NULL, "{\"a\":1}"},
        {"{\"select\":\"DBInstances[0]\"}", "{\"DBInstances\":[]}", NULL, NULL},
        {"{\"select\":\"x\",\"missing\":[\"NoSuch\"]}", NULL, "NoSuch", "{}"},
        {"{\"select\":\"x\",\"missing\":[\"NoSuch\"]}", NULL, "AccessDenied", NULL},
        {"{\"select\":\"x\",\"missing\":[\"NoSuch\"]}", NULL, "nosuch", NULL},
        {"{\"select\":\"\"}", NULL, "NoSuch", NULL},
        {"{\"select\":\"\"}", NULL, NULL, "{}"}, /* nothing was written: no members */
        {"{\"select\":\"x\"}", NULL, NULL, NULL},
    };
    for (size_t i = 0; i < ESC_COUNT(table); i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *probe = ask_parse(table[i].probe);
        ESC_CLEANUP(esc_json_freep)
        struct esc_json *output = table[i].output ? ask_parse(table[i].output) : NULL;
        ESC_CLEANUP(esc_json_freep) struct esc_json *value = NULL;
        const enum esc_status status =
            esc_plan_probe_value(probe, output, table[i].error_code, &value, &err);
        assert_int_equal(table[i].value ? ESC_OK : ESC_NOT_FOUND, status);
        ESC_CLEANUP(esc_freep) char *text = esc_json_print(value, ESC_JSON_COMPACT);
        if (table[i].value)
            assert_string_equal(table[i].value, text);
        else
            assert_null(value);
    }
}

static void a_condition_sees_after_the_captures_and_the_values(void **)
{
    static const struct {
        const char *condition;
        enum esc_truth truth;
    } table[] = {
        {"after.MemorySize == parameter.memory", ESC_TRUE},
        {"after.MemorySize == before.MemorySize", ESC_FALSE},
        {"after.State == 'Active' && parameter.memory > before.MemorySize", ESC_TRUE},
        {"protection.Value == true", ESC_TRUTH_UNKNOWN},
        {"after.Gone == null", ESC_TRUE},
    };
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *after = ask_parse("{\"MemorySize\":512,\"State\":\"Active\"}");
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *roots =
        ask_parse("{\"before\":{\"MemorySize\":256},\"parameter\":{\"memory\":512}}");
    for (size_t i = 0; i < ESC_COUNT(table); i++) {
        enum esc_truth truth;
        expect_ok(esc_plan_condition(table[i].condition, after, roots, &truth, &err));
        assert_int_equal(table[i].truth, truth);
    }
    enum esc_truth truth = ESC_FALSE;
    expect_ok(esc_plan_condition("after.State == 'Active'", NULL, NULL, &truth, &err));
    assert_int_equal(ESC_TRUTH_UNKNOWN, truth);
    expect_status(ESC_INVALID, esc_plan_condition("after.State ==", after, roots, &truth, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_live_state_decides),
        cmocka_unit_test(a_judged_plan_is_complete),
        cmocka_unit_test(only_what_counts_is_kept_of_a_capture),
        cmocka_unit_test(judging_twice_is_judging_once),
        cmocka_unit_test(an_explicit_deny_blocks_with_its_reason),
        cmocka_unit_test(what_somebody_else_is_denied_warns_and_what_he_is_allowed_is_unknown),
        cmocka_unit_test(what_nothing_allows_warns),
        cmocka_unit_test(a_precondition_speaks_before_a_deny),
        cmocka_unit_test(what_hangs_on_a_condition_warns),
        cmocka_unit_test(what_is_not_known_beside_what_is_warns),
        cmocka_unit_test(where_nothing_is_known_a_note_says_so_once),
        cmocka_unit_test(the_risk_is_never_lower_than_the_planners),
        cmocka_unit_test(tags_read_now_make_it_production),
        cmocka_unit_test(a_shorter_life_of_the_approval_stays),
        cmocka_unit_test(a_capture_that_is_missing_is_an_error),
        cmocka_unit_test(a_plan_that_does_not_fit_is_an_error),
        cmocka_unit_test(the_same_state_is_no_drift),
        cmocka_unit_test(every_observed_value_counts),
        cmocka_unit_test(a_change_in_the_cloud_is_told_by_name),
        cmocka_unit_test(a_plan_that_was_not_judged_has_no_state_to_compare),
        cmocka_unit_test(a_probe_answers_with_what_it_selects),
        cmocka_unit_test(a_condition_sees_after_the_captures_and_the_values),
    };
    return cmocka_run_group_tests_name("plan/judge", tests, open_shelf, close_shelf);
}
