/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/iam/explain.h"
#include "tests/iam/question.h"

#include "tests/support/test.h"

/* The sentences are in the tables; here is what stands beside them. */

static struct esc_error err;

#define ASKED                                                                                      \
    "\"principal\":\"arn:aws:iam::111122223333:user/ada\",\"action\":\"rds:StopDBInstance\","      \
    "\"resource\":\"arn:aws:rds:eu-west-1:111122223333:db:main\","

/* The verdict on a question as JSON text; owned. */
static char *told(const char *question_text)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    ESC_CLEANUP(question_freep) struct question *question = NULL;
    struct esc_iam_verdict verdict;
    expect_ok(esc_json_parse(esc_str_of(question_text), NULL, &json, &err));
    expect_ok(question_new(json, &question, &err));
    esc_iam_evaluate(&question->layers, &question->request, &verdict);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *said = esc_iam_verdict_to_json(&verdict, &question->request);
    return esc_json_print(said, ESC_JSON_COMPACT);
}

static void a_denial_comes_with_its_statement_as_it_was_written(void **)
{
    ESC_CLEANUP(esc_freep)
    char *said = told("{" ASKED "\"identity\":[{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":"
                      "\"*\",\"Resource\":\"*\"},{\"Sid\":\"No\",\"Effect\":\"Deny\",\"Action\":"
                      "[\"rds:Stop*\"],\"Resource\":\"*\"}]}]}");
    assert_string_equal(
        "{\"decision\":\"explicit_deny\",\"layer\":\"identity\",\"sentence\":\"statement `No` of "
        "`identity` (identity policy) denies rds:StopDBInstance\",\"policy\":\"identity\","
        "\"statement\":{\"number\":2,\"sid\":\"No\",\"json\":{\"Sid\":\"No\",\"Effect\":\"Deny\","
        "\"Action\":[\"rds:Stop*\"],\"Resource\":\"*\"}}}",
        said);
}

static void a_missing_allow_has_no_statement(void **)
{
    ESC_CLEANUP(esc_freep) char *said = told("{" ASKED "\"identity\":[]}");
    assert_string_equal("{\"decision\":\"implicit_deny\",\"layer\":\"identity\",\"sentence\":"
                        "\"no identity policy allows rds:StopDBInstance\"}",
                        said);
}

static void a_condition_comes_with_its_keys(void **)
{
    ESC_CLEANUP(esc_freep)
    char *said = told("{" ASKED "\"identity\":[{\"Statement\":{\"Effect\":\"Allow\",\"Action\":"
                      "\"*\",\"Resource\":\"*\",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":"
                      "\"true\"},\"IpAddress\":{\"aws:SourceIp\":\"10.0.0.0/8\"},\"Null\":"
                      "{\"aws:TokenIssueTime\":\"false\"}}}}]}");
    expect_contains(
        "{\"decision\":\"conditional\",\"layer\":\"identity\",\"sentence\":\"it depends "
        "on aws:SecureTransport, aws:SourceIp and aws:TokenIssueTime, known only at "
        "the call: statement 1 of `identity` (identity policy) may allow "
        "rds:StopDBInstance\",\"keys\":[\"aws:SecureTransport\",\"aws:SourceIp\","
        "\"aws:TokenIssueTime\"],\"policy\":\"identity\",\"statement\":{\"number\":1,",
        said);
}

static void what_is_not_known_comes_with_its_reason(void **)
{
    ESC_CLEANUP(esc_freep)
    char *said = told("{" ASKED "\"identity\":[],\"unread\":{\"identity\":\"refused\"}}");
    assert_string_equal(
        "{\"decision\":\"unknown\",\"layer\":\"identity\",\"sentence\":\"whether "
        "rds:StopDBInstance is allowed is not known: refused\",\"why\":\"refused\"}",
        said);
}

static void more_keys_than_can_be_told_are_left_out(void **)
{
    struct esc_buf text;
    esc_buf_init(&text, 64 * 1024);
    esc_buf_add_text(&text, "{" ASKED "\"identity\":[{\"Statement\":{\"Effect\":\"Allow\","
                            "\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{\"Bool\":{");
    for (int i = 0; i < 3 * ESC_IAM_KEYS; i++)
        esc_buf_printf(&text, "%s\"k%d\":\"true\"", i ? "," : "", i);
    esc_buf_add_text(&text, "}}}}]}");
    ESC_CLEANUP(esc_freep) char *said = told(esc_buf_text(&text));
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    expect_ok(esc_json_parse(esc_str_of(said), NULL, &json, &err));
    assert_int_equal(ESC_IAM_KEYS, esc_json_len(esc_json_member(json, "keys")));
    esc_buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_denial_comes_with_its_statement_as_it_was_written),
        cmocka_unit_test(a_missing_allow_has_no_statement),
        cmocka_unit_test(a_condition_comes_with_its_keys),
        cmocka_unit_test(what_is_not_known_comes_with_its_reason),
        cmocka_unit_test(more_keys_than_can_be_told_are_left_out),
    };
    return cmocka_run_group_tests_name("iam/explain", tests, NULL, NULL);
}
