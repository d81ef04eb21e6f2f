/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/command_aws.h"

#include <string.h>

#include "escher/base/limits.h"
#include "tests/exec/programs.h"
#include "tests/support/test.h"

static struct esc_error err;

static const char secret_text[] = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/* A result with copies of what is borrowed. */
struct outcome {
    bool over;
    enum esc_ending ending;
    enum esc_error_category category;
    char *error_message;
    struct esc_json *output;
};

static void forget(struct outcome *outcome)
{
    free(outcome->error_message);
    esc_json_free(outcome->output);
}

static void note_result(void *context, const struct esc_aws_result *result)
{
    struct outcome *outcome = context;
    outcome->over = true;
    outcome->ending = result->ending;
    outcome->category = result->category;
    outcome->error_message = esc_strdup_null(result->error_message);
    outcome->output = result->output ? esc_json_ref(result->output) : NULL;
}

static bool is_over(void *context)
{
    return ((struct outcome *)context)->over;
}

static struct esc_json *params_of(const char *identifier)
{
    struct esc_json *params = esc_json_object();
    esc_json_set_text(params, "DBInstanceIdentifier", identifier);
    return params;
}

static struct esc_aws_command stop_command(const struct esc_json *params,
                                           const struct esc_secret *secret)
{
    return (struct esc_aws_command){
        .aws_path = VICTIM,
        .operation = esc_operation_find("rds", "StopDBInstance"),
        .params = params,
        .region = "us-west-2",
        .access_key_id = "AKIDEXAMPLE",
        .secret_access_key = secret,
        .max_output = 10000,
    };
}

static void call(const struct esc_aws_command *aws, bool cancel, struct outcome *outcome)
{
    ESC_CLEANUP(esc_loop_freep) struct esc_loop *loop = NULL;
    struct esc_aws_call *handle = NULL;
    expect_ok(esc_loop_new(&loop, &err));
    expect_ok(esc_aws_command_start(loop, aws, note_result, outcome, &handle, &err));
    assert_false(outcome->over);
    if (cancel)
        esc_aws_command_cancel(handle);
    assert_true(esc_loop_run_until(loop, is_over, outcome));
}

static void call_stop(const char *identifier, struct outcome *outcome)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = params_of(identifier);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *secret = esc_secret_of_text(secret_text);
    const struct esc_aws_command aws = stop_command(params, secret);
    call(&aws, false, outcome);
}

static void expect_printed(const char *expected, const struct esc_json *json)
{
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(json, ESC_JSON_COMPACT);
    assert_string_equal(expected, text);
}

static void the_call_is_exactly_this(void **)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = params_of("pg-instance-main1");
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *secret = esc_secret_of_text(secret_text);
    struct outcome outcome = {0};
    struct esc_aws_command aws = stop_command(params, secret);
    aws.endpoint_url = "http://127.0.0.1:5000";
    call(&aws, false, &outcome);
    assert_int_equal(ESC_CATEGORY_NONE, outcome.category);
    expect_printed("[\"aws\",\"rds\",\"stop-db-instance\",\"--cli-input-json\","
                   "\"file:///dev/fd/3\",\"--region\",\"us-west-2\",\"--output\",\"json\","
                   "\"--endpoint-url\",\"http://127.0.0.1:5000\"]",
                   esc_json_get(outcome.output, "args"));
    expect_printed("{\"DBInstanceIdentifier\":\"pg-instance-main1\"}",
                   esc_json_get(outcome.output, "params"));
    expect_printed("[\"[default]\",\"cli_follow_urlparam = false\",\"cli_pager =\",\"\"]",
                   esc_json_get(outcome.output, "config"));
    forget(&outcome);
}

static void the_environment_is_exactly_this(void **)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = params_of("x");
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *secret = esc_secret_of_text(secret_text);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *token = esc_secret_of_text("TOKEN");
    struct outcome outcome = {0};
    struct esc_aws_command aws = stop_command(params, secret);
    aws.session_token = token;
    aws.network = (struct esc_aws_network){.ca_bundle = "/ca.pem", .https_proxy = "http://p:1"};
    call(&aws, false, &outcome);
    expect_printed("[null,\"PATH=/usr/local/bin:/usr/bin:/bin\",\"HOME=/nonexistent\","
                   "\"LC_ALL=C.UTF-8\",\"PYTHONUNBUFFERED=1\",\"AWS_CONFIG_FILE=/dev/fd/4\","
                   "\"AWS_SHARED_CREDENTIALS_FILE=/dev/null\",\"AWS_EC2_METADATA_DISABLED=true\","
                   "\"AWS_RETRY_MODE=standard\",\"AWS_MAX_ATTEMPTS=1\",\"AWS_PAGER=\","
                   "\"AWS_CLI_AUTO_PROMPT=off\",\"AWS_ACCESS_KEY_ID=AKIDEXAMPLE\","
                   "\"AWS_CA_BUNDLE=/ca.pem\",\"HTTPS_PROXY=http://p:1\","
                   "\"AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\","
                   "\"AWS_SESSION_TOKEN=TOKEN\"]",
                   esc_json_get(outcome.output, "env"));
    forget(&outcome);
}

static void hostile_names_stay_inside_the_parameters(void **)
{
    static const char *const names[] = {"file:///etc/passwd",
                                        "fileb:///etc/passwd",
                                        "http://127.0.0.1:1/x",
                                        "--profile x",
                                        "$(reboot)",
                                        "@x",
                                        "a,b=c",
                                        "a b\tc"};
    for (size_t i = 0; i < ESC_COUNT(names); i++) {
        struct outcome outcome = {0};
        call_stop(names[i], &outcome);
        assert_string_equal(names[i],
                            esc_json_str(outcome.output, "params.DBInstanceIdentifier", ""));
        assert_int_equal(9, esc_json_len(esc_json_get(outcome.output, "args")));
        forget(&outcome);
    }
}

static void an_answer_that_is_no_json_is_a_failure(void **)
{
    struct outcome outcome = {0};
    call_stop("please-talk", &outcome);
    assert_int_equal(ESC_ENDING_EXITED, outcome.ending);
    assert_int_equal(ESC_CATEGORY_UNKNOWN, outcome.category);
    assert_string_equal("the answer of the AWS CLI is no JSON", outcome.error_message);
    assert_null(outcome.output);
    forget(&outcome);
}

static void an_answer_over_the_ceiling_is_a_category(void **)
{
    struct outcome outcome = {0};
    call_stop("please-flood", &outcome);
    assert_int_equal(ESC_ENDING_EXITED, outcome.ending);
    assert_int_equal(ESC_CATEGORY_OUTPUT_LIMIT, outcome.category);
    forget(&outcome);
}

static void what_a_service_says_of_a_signature_is_not_repeated(void **)
{
    struct outcome outcome = {0};
    call_stop("please-quote", &outcome);
    expect_contains("a clock is off", outcome.error_message);
    assert_null(strstr(outcome.error_message, "token-of-the-session"));
    forget(&outcome);
}

static void a_call_that_takes_too_long_times_out(void **)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = params_of("please-stay");
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *secret = esc_secret_of_text(secret_text);
    struct outcome outcome = {0};
    struct esc_aws_command aws = stop_command(params, secret);
    aws.timeout_ms = 100;
    call(&aws, false, &outcome);
    assert_int_equal(ESC_ENDING_TIMED_OUT, outcome.ending);
    assert_int_equal(ESC_CATEGORY_TIMEOUT, outcome.category);
    expect_contains("timed out", outcome.error_message);
    forget(&outcome);
}

static void a_cancelled_call_says_so(void **)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = params_of("please-stay");
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *secret = esc_secret_of_text(secret_text);
    struct outcome outcome = {0};
    const struct esc_aws_command aws = stop_command(params, secret);
    call(&aws, true, &outcome);
    assert_int_equal(ESC_ENDING_CANCELLED, outcome.ending);
    assert_int_equal(ESC_CATEGORY_CANCELLED, outcome.category);
    assert_string_equal("cancelled", outcome.error_message);
    forget(&outcome);
}

static void what_does_not_fit_is_never_started(void **)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = params_of("x");
    ESC_CLEANUP(esc_json_freep) struct esc_json *unknown = params_of("x");
    ESC_CLEANUP(esc_json_freep) struct esc_json *empty = esc_json_object();
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *secret = esc_secret_of_text(secret_text);
    esc_json_set_text(unknown, "Unheard", "of");
    struct esc_aws_command cases[8];
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        cases[i] = stop_command(params, secret);
    cases[0].params = unknown;
    cases[1].params = empty;
    cases[2].params = NULL;
    cases[3].region = "--debug";
    cases[4].region = "";
    cases[5].endpoint_url = "file:///etc/passwd";
    cases[6].endpoint_url = "http://x y";
    cases[7].secret_access_key = NULL;
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct esc_command command;
        expect_status(ESC_INVALID, esc_aws_command_prepare(&cases[i], &command, &err));
        assert_null(strstr(err.message, secret_text));
        esc_command_done(&command);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_call_is_exactly_this),
        cmocka_unit_test(the_environment_is_exactly_this),
        cmocka_unit_test(hostile_names_stay_inside_the_parameters),
        cmocka_unit_test(an_answer_that_is_no_json_is_a_failure),
        cmocka_unit_test(an_answer_over_the_ceiling_is_a_category),
        cmocka_unit_test(a_call_that_takes_too_long_times_out),
        cmocka_unit_test(what_a_service_says_of_a_signature_is_not_repeated),
        cmocka_unit_test(a_cancelled_call_says_so),
        cmocka_unit_test(what_does_not_fit_is_never_started),
    };
    return cmocka_run_group_tests_name("exec/command_aws", tests, NULL, NULL);
}
