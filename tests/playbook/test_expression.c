/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/playbook/expression.h"

#include <string.h>

#include "tests/support/test.h"

static struct esc_error err;

static const char facts[] =
    "{\"before\": {\"Status\": \"available\", \"MultiAZ\": true, \"Replicas\": [], \"Size\": 100,"
    " \"Rate\": 1.5, \"Engine\": \"aurora-mysql\", \"Deep\": {\"List\": [{\"Name\": \"x\"}]},"
    " \"TagList\": [{\"Key\": \"Env\", \"Value\": \"prod\"}, {\"Key\": \"app\", \"Value\": "
    "\"main\"}]},"
    " \"resource\": {\"tags\": {\"environment\": \"stage\", \"app\": \"main\"}, \"multi_az\": "
    "false}}";

static const struct {
    const char *text;
    enum esc_truth truth;
} cases[] = {
    {"true", ESC_TRUE},
    {"false", ESC_FALSE},
    {"null", ESC_FALSE},
    {"1", ESC_TRUTH_UNKNOWN},
    {"before.MultiAZ", ESC_TRUE},
    {"!before.MultiAZ", ESC_FALSE},
    {"!!before.MultiAZ", ESC_TRUE},
    {"before.Status == 'available'", ESC_TRUE},
    {"before.Status == \"stopped\"", ESC_FALSE},
    {"before.Status != 'stopped'", ESC_TRUE},
    {"'available' == before.Status", ESC_TRUE},
    /* missing below a root is null; a missing root is unknown */
    {"before.Nothing == null", ESC_TRUE},
    {"before.Nothing.More[3].Still == null", ESC_TRUE},
    {"before.Nothing", ESC_FALSE},
    {"before.Status[0] == null", ESC_TRUE},
    {"before.Nothing != 'x'", ESC_TRUE},
    {"after.Status == 'stopped'", ESC_TRUTH_UNKNOWN},
    {"after == null", ESC_TRUTH_UNKNOWN},
    {"!after.MultiAZ", ESC_TRUTH_UNKNOWN},
    /* Kleene */
    {"after.x && false", ESC_FALSE},
    {"false && after.x", ESC_FALSE},
    {"after.x && true", ESC_TRUTH_UNKNOWN},
    {"after.x || true", ESC_TRUE},
    {"after.x || false", ESC_TRUTH_UNKNOWN},
    {"after.x == 1 || before.MultiAZ", ESC_TRUE},
    /* precedence */
    {"true || false && false", ESC_TRUE},
    {"(true || false) && false", ESC_FALSE},
    {"!false && true", ESC_TRUE},
    {"!(before.MultiAZ && before.Engine =~ '^sqlserver')", ESC_TRUE},
    /* order */
    {"before.Size > 99", ESC_TRUE},
    {"before.Size >= 100", ESC_TRUE},
    {"before.Size < 100", ESC_FALSE},
    {"before.Size <= 100", ESC_TRUE},
    {"before.Size < 100.5", ESC_TRUE},
    {"before.Size == 100.0", ESC_TRUE},
    {"before.Rate > 1", ESC_TRUE},
    {"before.Rate == 1.5", ESC_TRUE},
    {"-3 < 2", ESC_TRUE},
    {"'a' < 'b'", ESC_TRUE},
    {"before.Status < 3", ESC_TRUTH_UNKNOWN},
    {"before.Nothing < 3", ESC_TRUTH_UNKNOWN},
    {"before.Status == 3", ESC_FALSE},
    {"before.MultiAZ == 'true'", ESC_FALSE},
    {"9007199254740993 == 9007199254740992", ESC_FALSE},
    /* in, patterns */
    {"before.Status in ['stopping', 'available']", ESC_TRUE},
    {"before.Status not in ['stopping', 'stopped']", ESC_TRUE},
    {"before.Nothing in ['a', null]", ESC_TRUE},
    {"before.Nothing in ['a']", ESC_FALSE},
    {"after.Status in ['a']", ESC_TRUTH_UNKNOWN},
    {"before.Status in [after.Status, 'available']", ESC_TRUE},
    {"before.Engine =~ '^aurora'", ESC_TRUE},
    {"before.Engine !~ '^(aurora|docdb)'", ESC_FALSE},
    {"before.Nothing =~ 'a'", ESC_FALSE},
    {"before.Nothing !~ 'a'", ESC_TRUE},
    {"before.Size =~ '1'", ESC_TRUTH_UNKNOWN},
    /* functions */
    {"len(before.Replicas) == 0", ESC_TRUE},
    {"len(before.Nothing) == 0", ESC_TRUE},
    {"len(before.TagList) == 2", ESC_TRUE},
    {"len(before.Status) == 9", ESC_TRUE},
    {"len(after.List) == 0", ESC_TRUTH_UNKNOWN},
    {"len(before.Size) == 0", ESC_TRUTH_UNKNOWN},
    {"contains(before.Status, 'vail')", ESC_TRUE},
    {"contains(before.Deep, 'List')", ESC_TRUE},
    {"contains(before.Deep.List, 'List')", ESC_FALSE},
    {"contains(before.Nothing, 'x')", ESC_FALSE},
    {"contains(before.Size, 'x')", ESC_TRUTH_UNKNOWN},
    {"before.Deep.List[0].Name == 'x'", ESC_TRUE},
    {"before.Deep.List[7].Name == null", ESC_TRUE},
    {"before.Replicas == before.Replicas", ESC_TRUE},
    {"known(after.MultiAZ, resource.multi_az) == false", ESC_TRUE},
    {"known(before.MultiAZ, resource.multi_az)", ESC_TRUE},
    {"known(before.Nothing, 'x') == 'x'", ESC_TRUE},
    {"known(before.Nothing, after.x) == null", ESC_TRUTH_UNKNOWN},
    {"known(before.Nothing, resource.none) == null", ESC_TRUE},
    {"environment(before.TagList) == 'production'", ESC_TRUE},
    {"environment(resource.tags) == 'staging'", ESC_TRUE},
    {"environment(before.Nothing) == null", ESC_TRUE},
    {"environment(after.TagList) == 'production'", ESC_TRUTH_UNKNOWN},
    {"environment(before.Size) == null", ESC_TRUTH_UNKNOWN},
    {"tag(before.TagList, 'app') == 'main'", ESC_TRUE},
    {"tag(resource.tags, 'app') == 'main'", ESC_TRUE},
    {"tag(before.TagList, 'none') == null", ESC_TRUE},
    {"unknown", ESC_TRUTH_UNKNOWN},
    {"before.Status == 'available' || unknown", ESC_TRUE},
    {"before.Status == 'rebooting' || unknown", ESC_TRUTH_UNKNOWN},
    {"inside == 1", ESC_TRUTH_UNKNOWN}, /* a root may begin like a keyword */
};

static void conditions_are_judged(void **)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *environment = NULL;
    expect_ok(esc_json_parse(ESC_STR(facts), NULL, &environment, &err));
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        enum esc_truth truth;
        expect_ok(esc_expression_judge_text(esc_str_of(cases[i].text), environment, &truth, &err));
        if (truth != cases[i].truth)
            fail_msg("`%s` is %d", cases[i].text, (int)truth);
    }
}

static void without_an_environment_every_path_is_unknown(void **)
{
    enum esc_truth truth;
    expect_ok(esc_expression_judge_text(ESC_STR("before.a == null"), NULL, &truth, &err));
    assert_int_equal(ESC_TRUTH_UNKNOWN, truth);
}

static void what_is_no_condition_is_refused(void **)
{
    static const char *const bad[] = {
        "",         "a ==",      "a = 'x'",  "== a",       "a == 'x",   "a b",
        "(a",       "a)",        "a in 'x'", "a in ['x'",  "a not 'x'", "a =~ b",
        "a =~ '('", "exec('x')", "len()",    "len(a, b)",  "a.",        "a[",
        "a[x]",     "a[99999]",  "1.2.3",    "a == 1e999", "a && ",     "|| a",
        "a & b",    "a === b",   "!",        "[a]",        "tag(a)",    "a..b",
        "~a",       "!~ 'a'",    "a in []",  "'a' 'b'",    "a[-1]",     "a; b",
    };
    for (size_t i = 0; i < ESC_COUNT(bad); i++) {
        struct esc_expression *expression = NULL;
        if (esc_expression_parse(esc_str_of(bad[i]), &expression, &err) != ESC_INVALID)
            fail_msg("`%s` was taken", bad[i]);
        assert_null(expression);
    }
}

static void a_message_shows_the_place(void **)
{
    struct esc_expression *expression = NULL;
    expect_status(ESC_INVALID, esc_expression_parse(ESC_STR("a == 'x' b"), &expression, &err));
    assert_string_equal("condition `a == 'x' b`, character 10: the condition should end here",
                        err.message);
}

static void conditions_have_a_largest_size(void **)
{
    struct esc_buf buf;
    struct esc_expression *expression = NULL;
    esc_buf_init(&buf, 65536);
    for (int i = 0; i < 300; i++)
        esc_buf_add_text(&buf, "a && ");
    esc_buf_add_text(&buf, "a");
    expect_status(ESC_LIMIT, esc_expression_parse(esc_buf_str(&buf), &expression, &err));
    esc_buf_reset(&buf);
    for (int i = 0; i < 40; i++)
        esc_buf_add_char(&buf, '(');
    expect_status(ESC_INVALID, esc_expression_parse(esc_buf_str(&buf), &expression, &err));
    expect_contains("too deep", err.message);
    esc_buf_reset(&buf);
    for (int i = 0; i < 5000; i++)
        esc_buf_add_char(&buf, ' ');
    expect_status(ESC_LIMIT, esc_expression_parse(esc_buf_str(&buf), &expression, &err));
    esc_buf_done(&buf);
}

static void the_paths_of_a_condition_are_known(void **)
{
    ESC_CLEANUP(esc_expression_freep) struct esc_expression *expression = NULL;
    struct esc_list paths;
    expect_ok(esc_expression_parse(
        ESC_STR("len(before.List) == 0 && known(after.a[0].b, resource.c) in [1, x]"), &expression,
        &err));
    esc_list_init(&paths, NULL);
    esc_expression_paths(expression, &paths);
    static const char *const expected[] = {"before.List", "after.a[0].b", "resource.c", "x"};
    assert_int_equal(ESC_COUNT(expected), paths.count);
    for (size_t i = 0; i < paths.count; i++)
        assert_string_equal(expected[i], paths.items[i]);
    esc_list_done(&paths);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions_are_judged),
        cmocka_unit_test(without_an_environment_every_path_is_unknown),
        cmocka_unit_test(what_is_no_condition_is_refused),
        cmocka_unit_test(a_message_shows_the_place),
        cmocka_unit_test(conditions_have_a_largest_size),
        cmocka_unit_test(the_paths_of_a_condition_are_known),
    };
    return cmocka_run_group_tests_name("playbook/expression", tests, NULL, NULL);
}
