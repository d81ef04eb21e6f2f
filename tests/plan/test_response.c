/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/plan/response.h"

#include <string.h>

#include "escher/base/buf.h"
#include "tests/support/test.h"

static struct esc_error err;

#define HEAD                                                                                       \
    "\"v\":1,\"classification\":{\"intent\":\"stop\",\"confidence\":0.9,\"system\":\"aws\","       \
    "\"route\":\"aws_operations\"},"
#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define PLAYBOOK "\"playbook\":{\"id\":\"p\",\"version\":\"1\",\"sha256\":\"" DIGEST "\"},"
#define PLAN                                                                                       \
    "{" HEAD PLAYBOOK "\"kind\":\"plan\",\"explain_plan\":\"e\",\"parameters\":[],"                \
    "\"script\":{\"steps\":[{\"step_id\":\"1\",\"command\":\"aws rds x\",\"args\":[\"a\"],"        \
    "\"mutates\":true,\"timeout_s\":60}]},\"risk_assessment\":{\"level\":\"low\",\"reasons\":[],"  \
    "\"impact\":\"i\",\"reversible\":\"full\"},\"approval_required\":true}"

static void each_kind_is_read(void **)
{
    static const struct {
        const char *text;
        enum esc_response_kind kind;
    } table[] = {
        {PLAN, ESC_RESPONSE_PLAN},
        {"{" HEAD "\"kind\":\"question\",\"reason\":\"ambiguous\",\"text\":\"which?\"}",
         ESC_RESPONSE_QUESTION},
        {"{" HEAD "\"kind\":\"answer\",\"text\":\"so\"}", ESC_RESPONSE_ANSWER},
        {"{" HEAD "\"kind\":\"query\",\"filter\":\"env=dev\",\"verb\":\"list\",\"cap\":10}",
         ESC_RESPONSE_QUERY},
        {"{" HEAD "\"kind\":\"refusal\",\"text\":\"no\"}", ESC_RESPONSE_REFUSAL},
    };
    for (size_t i = 0; i < ESC_COUNT(table); i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
        enum esc_response_kind kind;
        expect_ok(esc_response_read(esc_str_of(table[i].text), &kind, &json, &err));
        assert_int_equal(table[i].kind, kind);
    }
}

static void expect_refused(const char *text, const char *named)
{
    struct esc_json *json = NULL;
    enum esc_response_kind kind;
    expect_status(ESC_BLOCKED, esc_response_read(esc_str_of(text), &kind, &json, &err));
    assert_null(json);
    expect_contains(named, err.message);
}

static void what_is_not_of_the_shape_is_refused_by_its_path(void **)
{
    expect_refused("", "cannot be read");
    expect_refused("[]", "no object");
    expect_refused("{\"v\":2}", "version");
    expect_refused("{\"v\":1,\"kind\":\"shell\"}", "no known kind");
    expect_refused("{\"v\":1,\"v\":1,\"kind\":\"answer\"}", "cannot be read");
    expect_refused("{" HEAD "\"kind\":\"answer\"}", "lacks `text`");
    expect_refused("{" HEAD "\"kind\":\"answer\",\"text\":7}", "`text` is not a string");
    expect_refused("{" HEAD "\"kind\":\"answer\",\"text\":\"a\",\"script\":{}}",
                   "unknown member `script`");
    expect_refused("{\"v\":1,\"kind\":\"answer\",\"text\":\"a\",\"classification\":{\"x\":1}}",
                   "classification.x");
    expect_refused("{\"v\":1,\"kind\":\"answer\",\"text\":\"\xFF\"}", "UTF-8");
}

/* Each of these differs from a good plan in one place. */
static void a_plan_with_anything_more_or_less_is_refused(void **)
{
    static const struct {
        const char *from, *to, *named;
    } table[] = {
        {"\"mutates\":true", "\"mutates\":\"no\"", "script.steps[0].mutates"},
        {"\"args\":[\"a\"]", "\"args\":[7]", "script.steps[0].args[0]"},
        {"\"args\":[\"a\"]", "\"args\":\"a\"", "script.steps[0].args"},
        {"\"step_id\":\"1\"", "\"shell\":\"rm -rf /\",\"step_id\":\"1\"", "shell"},
        {"\"timeout_s\":60", "\"timeout_s\":1.5", "timeout_s"},
        {"\"approval_required\":true", "\"approval_required\":null", "approval_required"},
        {"\"level\":\"low\",", "", "risk_assessment.level"},
        {"\"version\":\"1\"", "\"version\":\"1\",\"url\":\"u\"", "playbook.url"},
        {DIGEST, "x", "playbook.sha256"},
        {DIGEST, DIGEST "0", "playbook.sha256"},
        {"\"level\":\"low\"", "\"level\":\"none\"", "risk_assessment.level"},
        {"\"confidence\":0.9", "\"confidence\":-1", "classification.confidence"},
        {"\"timeout_s\":60", "\"timeout_s\":-60", "timeout_s"},
        {"aws rds x", "aws rds  x", "script.steps[0].command"},
        {"aws rds x", "aws rds", "script.steps[0].command"},
        {"aws rds x", "sh rds x", "script.steps[0].command"},
    };
    for (size_t i = 0; i < ESC_COUNT(table); i++) {
        const char *at = strstr(PLAN, table[i].from);
        assert_non_null(at);
        ESC_CLEANUP(esc_freep)
        char *text = esc_sprintf("%.*s%s%s", (int)(at - PLAN), PLAN, table[i].to,
                                 at + strlen(table[i].from));
        expect_refused(text, table[i].named);
    }
}

static void what_is_too_large_or_too_deep_is_refused(void **)
{
    struct esc_buf text;
    esc_buf_init(&text, 2 * ESC_RESPONSE_BYTES);
    for (int i = 0; i < 20; i++)
        esc_buf_add_char(&text, '[');
    expect_refused(esc_buf_text(&text), "deeper than 16");
    esc_buf_reset(&text);
    esc_buf_add_text(&text, "{" HEAD "\"kind\":\"answer\",\"text\":\"");
    while (text.len < ESC_RESPONSE_BYTES)
        esc_buf_add_text(&text, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    esc_buf_add_text(&text, "\"}");
    expect_refused(esc_buf_text(&text), "the limit is");
    esc_buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_is_read),
        cmocka_unit_test(what_is_not_of_the_shape_is_refused_by_its_path),
        cmocka_unit_test(a_plan_with_anything_more_or_less_is_refused),
        cmocka_unit_test(what_is_too_large_or_too_deep_is_refused),
    };
    return cmocka_run_group_tests_name("plan/response", tests, NULL, NULL);
}
