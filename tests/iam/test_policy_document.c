/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/buf.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/iam/evaluate.h"
#include "escher/iam/policy_document.h"

#include "tests/support/test.h"

static struct esc_error err;

static struct esc_iam_policy *parsed(const char *text)
{
    struct esc_iam_policy *policy = NULL;
    expect_ok(esc_iam_policy_parse(esc_str_of(text), "p", &policy, &err));
    return policy;
}

static void refused(const char *text, const char *message)
{
    struct esc_iam_policy *policy = NULL;
    expect_status(ESC_INVALID, esc_iam_policy_parse(esc_str_of(text), "p", &policy, &err));
    expect_contains(message, err.message);
    assert_null(policy);
}

/* What @p policy alone says to ada about an action on a database. */
static enum esc_iam_decision decision_on(const struct esc_iam_policy *policy, const char *action)
{
    const struct esc_iam_principal ada = {.arn = ESC_STR("arn:aws:iam::123456789012:user/ada")};
    ESC_CLEANUP(esc_iam_context_freep)
    struct esc_iam_context *context = esc_iam_context_new(ESC_IAM_UNKNOWN);
    const struct esc_iam_layers layers = {.identity = {.policies = &policy, .count = 1}};
    const struct esc_iam_request request = {
        .principal = &ada,
        .action = esc_str_of(action),
        .resource = ESC_STR("arn:aws:rds:us-west-2:123456789012:db:main"),
        .context = context,
    };
    struct esc_iam_verdict verdict;
    esc_iam_evaluate(&layers, &request, &verdict);
    return verdict.decision;
}

static enum esc_iam_decision decision_of(const struct esc_iam_policy *policy)
{
    return decision_on(policy, "rds:StopDBInstance");
}

static void a_scalar_is_a_list_of_one(void **)
{
    static const char *const same[] = {
        "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"rds:*\","
        "\"Resource\":\"*\",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":true}}}}",
        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"rds:*\"],"
        "\"Resource\":[\"*\"],\"Condition\":{\"Bool\":{\"aws:SecureTransport\":[\"true\"]}}}]}",
    };
    for (size_t i = 0; i < ESC_COUNT(same); i++) {
        ESC_CLEANUP(esc_iam_policy_freep) struct esc_iam_policy *policy = parsed(same[i]);
        assert_int_equal(1, esc_iam_policy_statement_count(policy));
        assert_int_equal(ESC_IAM_CONDITIONAL, decision_of(policy));
    }
}

static void a_document_may_be_percent_encoded(void **)
{
    static const char text[] = "{\"Statement\":[{\"Sid\":\"Stop it\",\"Effect\":\"Allow\","
                               "\"Action\":\"rds:*\",\"Resource\":\"*\"}]}";
    ESC_CLEANUP(esc_freep) char *encoded = esc_percent_encode(esc_str_of(text));
    ESC_CLEANUP(esc_iam_policy_freep) struct esc_iam_policy *policy = parsed(encoded);
    assert_true(esc_str_is(esc_iam_policy_sid(policy, 0), "Stop it"));
    assert_int_equal(ESC_IAM_ALLOW, decision_of(policy));
    refused("%7B%2", "percent encoding");
}

static void a_document_may_be_json_or_text_in_json(void **)
{
    static const char text[] = "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\","
                               "\"Resource\":\"*\"}}";
    ESC_CLEANUP(esc_json_freep) struct esc_json *object = NULL;
    expect_ok(esc_json_parse(ESC_STR(text), NULL, &object, &err));
    ESC_CLEANUP(esc_json_freep) struct esc_json *string = esc_json_text(text);
    const struct esc_json *const forms[] = {object, string};
    for (size_t i = 0; i < ESC_COUNT(forms); i++) {
        ESC_CLEANUP(esc_iam_policy_freep) struct esc_iam_policy *policy = NULL;
        expect_ok(esc_iam_policy_read(forms[i], "p", &policy, &err));
        assert_int_equal(ESC_IAM_ALLOW, decision_of(policy));
    }
    struct esc_iam_policy *none = NULL;
    expect_status(ESC_INVALID, esc_iam_policy_read(NULL, "p", &none, &err));
}

static void what_the_cloud_would_refuse_is_refused(void **)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "policy `p`"},
        {"[]", "it is no object"},
        {"\"{}\"", "it is no object"},
        {"{}", "it has no Statement"},
        {"{\"Statement\":5}", "statement 1: it is no object"},
        {"{\"Statement\":[],\"Versoin\":\"2012-10-17\"}", "Versoin"},
        {"{\"Statement\":[],\"Version\":\"2020-01-01\"}", "Version is not known: 2020-01-01"},
        {"{\"Statement\":[],\"Version\":7}", "Version is not known"},
        {"{\"Statement\":[[]]}", "it is no object"},
        {"{\"Statement\":{\"Effect\":\"allow\",\"Action\":\"*\"}}", "neither Allow nor Deny"},
        {"{\"Statement\":{\"Action\":\"*\"}}", "neither Allow nor Deny"},
        {"{\"Statement\":{\"Effect\":\"Allow\",\"Resource\":\"*\"}}", "it has no Action"},
        {"{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"NotAction\":\"*\"}}",
         "NotAction"},
        {"{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\","
         "\"NotResource\":\"*\"}}",
         "exclude each other: NotResource"},
        {"{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Principal\":\"*\","
         "\"NotPrincipal\":\"*\"}}",
         "exclude each other: NotPrincipal"},
        {"{\"Statement\":{\"Effect\":\"Allow\",\"Action\":{}}}", "no text in Action"},
        {"{\"Statement\":{\"Effect\":\"Allow\",\"Action\":[[\"*\"]]}}", "no text in Action"},
        {"{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":7}}", "in Resource"},
        {"{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Principal\":\"me\"}}",
         "Principal is neither * nor an object"},
        {"{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Principal\":{\"AWS\":[1]}}}",
         "no text in Principal"},
        {"{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Condition\":[]}}",
         "Condition is no object"},
        {"{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Condition\":{\"Bool\":\"x\"}}}",
         "no object under Bool"},
        {"{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\","
         "\"Condition\":{\"Bool\":{\"k\":[[]]}}}}",
         "neither text nor number nor boolean under k"},
        {"{\"Statement\":[],\"Statement\":[]}", "policy `p`"},
        {"{\"Statement\":{\"Effect\":\"Allow\",\"Effect\":\"Deny\",\"Action\":\"*\"}}", "policy"},
        {"{\"Statement\":{\"Sid\":1,\"Effect\":\"Allow\",\"Action\":\"*\"}}", "no text in Sid"},
        {"{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Colour\":\"red\"}}", "Colour"},
        {"<html></html>", "policy `p`"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        refused(cases[i].text, cases[i].message);
}

static void ten_thousand_statements_are_read_and_one_more_is_not(void **)
{
    static const char statement[] = "{\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\"}";
    struct esc_buf text;
    struct esc_iam_policy *policy = NULL;
    esc_buf_init(&text, ESC_MAX_IAM_POLICY);
    esc_buf_add_text(&text, "{\"Statement\":[");
    for (int i = 0; i < ESC_MAX_IAM_STATEMENTS_COUNT - 1; i++)
        esc_buf_printf(&text, "%s,", statement);
    const size_t before_last = text.len;
    esc_buf_add_text(&text, "{\"Effect\":\"Allow\",\"Action\":\"rds:*\",\"Resource\":\"*\"}]}");
    expect_ok(esc_iam_policy_parse(esc_buf_str(&text), "long", &policy, &err));
    assert_int_equal(ESC_MAX_IAM_STATEMENTS_COUNT, esc_iam_policy_statement_count(policy));
    assert_int_equal(ESC_IAM_ALLOW, decision_of(policy));
    esc_iam_policy_free(policy);

    text.len = before_last;
    esc_buf_printf(&text, "%s,%s]}", statement, statement);
    policy = NULL;
    expect_status(ESC_LIMIT, esc_iam_policy_parse(esc_buf_str(&text), "long", &policy, &err));
    expect_contains("policy `long` has 10001 statements", err.message);
    assert_null(policy);
    esc_buf_done(&text);
}

static void nested_and_oversized_rubbish_is_refused(void **)
{
    struct esc_buf text;
    struct esc_iam_policy *policy = NULL;
    esc_buf_init(&text, 8 * ESC_MAX_IAM_POLICY);
    for (int i = 0; i < 100'000; i++)
        esc_buf_add_text(&text, "{\"Statement\":[");
    assert_int_not_equal(ESC_OK, esc_iam_policy_parse(esc_buf_str(&text), "p", &policy, &err));
    esc_buf_reset(&text);
    for (int i = 0; i < 4 * ESC_MAX_IAM_POLICY; i++)
        esc_buf_add_char(&text, ' ');
    esc_buf_add_char(&text, '{');
    assert_int_not_equal(ESC_OK, esc_iam_policy_parse(esc_buf_str(&text), "p", &policy, &err));
    esc_buf_reset(&text);
    for (int i = 0; i < ESC_MAX_IAM_POLICY; i++)
        esc_buf_add_text(&text, "%20x");
    expect_status(ESC_LIMIT, esc_iam_policy_parse(esc_buf_str(&text), "p", &policy, &err));
    assert_null(policy);
    esc_buf_done(&text);
}

/* It remembers the last few; these are more, in an order that comes back to each. */
static void a_policy_answers_for_each_of_many_actions(void **)
{
    ESC_CLEANUP(esc_iam_policy_freep)
    struct esc_iam_policy *policy =
        parsed("{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"rds:*7*\",\"Resource\":\"*\"},"
               "{\"Effect\":\"Deny\",\"Action\":\"rds:*3\",\"Resource\":\"*\"}]}");
    for (int i = 0; i < 1000; i++) {
        const int number = i * 37 % 100;
        ESC_CLEANUP(esc_freep) char *action = esc_sprintf("rds:Do%d", number);
        const bool has_seven = number % 10 == 7 || number / 10 == 7;
        const enum esc_iam_decision expected = number % 10 == 3 ? ESC_IAM_EXPLICIT_DENY
                                               : has_seven      ? ESC_IAM_ALLOW
                                                                : ESC_IAM_IMPLICIT_DENY;
        assert_int_equal(expected, decision_on(policy, action));
    }
    assert_int_equal(ESC_IAM_IMPLICIT_DENY, decision_on(policy, ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scalar_is_a_list_of_one),
        cmocka_unit_test(a_document_may_be_percent_encoded),
        cmocka_unit_test(a_document_may_be_json_or_text_in_json),
        cmocka_unit_test(what_the_cloud_would_refuse_is_refused),
        cmocka_unit_test(a_policy_answers_for_each_of_many_actions),
        cmocka_unit_test(ten_thousand_statements_are_read_and_one_more_is_not),
        cmocka_unit_test(nested_and_oversized_rubbish_is_refused),
    };
    return cmocka_run_group_tests_name("iam/policy_document", tests, NULL, NULL);
}
