/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/category.h"

#include "tests/support/test.h"

/* As both CLIs write them (1.46.2 and 2.9.19), with the exit codes they end with. */
static const struct {
    const char *err_text;
    int exit_codes[2];
    enum esc_error_category category;
    const char *code, *message;
} cases[] = {
    {"\nAn error occurred (DBInstanceNotFound) when calling the StopDBInstance operation (reached "
     "max retries: 0): DBInstance x not found.\n",
     {255, 254},
     ESC_CATEGORY_NOT_FOUND,
     "DBInstanceNotFound",
     "DBInstance x not found."},
    {"\nAn error occurred (AccessDenied) when calling the StopDBInstance operation: User: "
     "arn:aws:iam::123456789012:user/x is not authorized to perform: rds:StopDBInstance\n",
     {255, 254},
     ESC_CATEGORY_PERMISSION,
     "AccessDenied",
     "User: arn:aws:iam::123456789012:user/x is not authorized to perform: rds:StopDBInstance"},
    {"\nAn error occurred (403) when calling the ListFunctions operation: <?xml version=\"1.0\"?> "
     "<ErrorResponse><Error><Code>AccessDenied</Code><Message>Not yours.</Message></Error>",
     {255, 254},
     ESC_CATEGORY_PERMISSION,
     "403",
     "Not yours."},
    {"\nAn error occurred (InvalidDBInstanceState) when calling the StopDBInstance operation: "
     "Instance is not in available state.\n",
     {255, 254},
     ESC_CATEGORY_CONFLICT_STATE,
     "InvalidDBInstanceState",
     "Instance is not in available state."},
    {"\nAn error occurred (Throttling) when calling the DescribeDBInstances operation (reached max "
     "retries: 0): Rate exceeded\n",
     {255, 254},
     ESC_CATEGORY_THROTTLE,
     "Throttling",
     "Rate exceeded"},
    {"\nAn error occurred (404) when calling the HeadBucket operation: Not Found\n",
     {255, 254},
     ESC_CATEGORY_NOT_FOUND,
     "404",
     "Not Found"},
    {"\nAn error occurred (Brandnew) when calling the X operation: nobody knows\n",
     {255, 255},
     ESC_CATEGORY_UNKNOWN,
     "Brandnew",
     "nobody knows"},
    {"\nAn error occurred (Brandnew) when calling the X operation: nobody knows\n",
     {254, 254},
     ESC_CATEGORY_SERVICE,
     "Brandnew",
     "nobody knows"},
    {"\nAn error occurred (X) when calling the Y operation",
     {255, 255},
     ESC_CATEGORY_UNKNOWN,
     "X",
     ""},
    {"\nCould not connect to the endpoint URL: \"http://127.0.0.1:1/\"\n",
     {255, 255},
     ESC_CATEGORY_NETWORK,
     "",
     "Could not connect to the endpoint URL: \"http://127.0.0.1:1/\""},
    {"\nConnection was closed before we received a valid response from endpoint URL: "
     "\"http://127.0.0.1:5988/\".\n",
     {255, 255},
     ESC_CATEGORY_NETWORK,
     "",
     "Connection was closed before we received a valid response from endpoint URL: "
     "\"http://127.0.0.1:5988/\"."},
    {"\nRead timeout on endpoint URL: \"http://127.0.0.1:5989/\"\n",
     {255, 255},
     ESC_CATEGORY_NETWORK,
     "",
     "Read timeout on endpoint URL: \"http://127.0.0.1:5989/\""},
    {"\nUnable to locate credentials. You can configure credentials by running \"aws "
     "configure\".\n",
     {255, 253},
     ESC_CATEGORY_AUTH,
     "",
     "Unable to locate credentials. You can configure credentials by running \"aws configure\"."},
    {"\nParameter validation failed:\nInvalid type for parameter DBInstanceIdentifier\n",
     {255, 252},
     ESC_CATEGORY_VALIDATION,
     "",
     "Parameter validation failed:\nInvalid type for parameter DBInstanceIdentifier"},
    {"usage: aws [options]\n  aws help\naws: error: the following arguments are required: --x\n",
     {2, 252},
     ESC_CATEGORY_VALIDATION,
     "",
     "aws: error: the following arguments are required: --x"},
    {"\nUnable to parse response (syntax error: line 1, column 0), invalid XML received.\n",
     {255, 255},
     ESC_CATEGORY_SERVICE,
     "",
     "Unable to parse response (syntax error: line 1, column 0), invalid XML received."},
    {"Traceback (most recent call last):\n  File \"aws\", line 1\nImportError: no botocore\n",
     {1, 1},
     ESC_CATEGORY_UNKNOWN,
     "",
     "ImportError: no botocore"},
    {"", {253, 253}, ESC_CATEGORY_AUTH, "", ""},
    {"", {130, 130}, ESC_CATEGORY_CANCELLED, "", ""},
    {"", {255, 1}, ESC_CATEGORY_UNKNOWN, "", ""},
};

static void each_way_to_fail_has_its_category(void **)
{
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        for (size_t version = 0; version < 2; version++)
            assert_int_equal(cases[i].category,
                             esc_category_of_aws(ESC_ENDING_EXITED, cases[i].exit_codes[version],
                                                 esc_str_of(cases[i].err_text)));
    }
}

static void the_code_and_the_sentence_are_found(void **)
{
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct esc_aws_failure failure;
        bool answered = esc_aws_failure_parse(esc_str_of(cases[i].err_text), &failure);
        assert_int_equal(cases[i].code[0] != '\0', answered);
        assert_true(esc_str_is(failure.code, cases[i].code));
        assert_true(esc_str_is(failure.message, cases[i].message));
    }
}

static void success_is_no_failure_whatever_was_said(void **)
{
    assert_int_equal(ESC_CATEGORY_NONE,
                     esc_category_of_aws(ESC_ENDING_EXITED, 0, esc_str_of(cases[0].err_text)));
}

static void what_was_not_an_exit_is_told_by_its_ending(void **)
{
    const enum esc_error_category expected[] = {
        [ESC_ENDING_EXITED] = ESC_CATEGORY_NOT_FOUND,
        [ESC_ENDING_SIGNALLED] = ESC_CATEGORY_SIGNAL,
        [ESC_ENDING_TIMED_OUT] = ESC_CATEGORY_TIMEOUT,
        [ESC_ENDING_CANCELLED] = ESC_CATEGORY_CANCELLED,
        [ESC_ENDING_LOST] = ESC_CATEGORY_UNKNOWN,
        [ESC_ENDING_FAILED_TO_START] = ESC_CATEGORY_SPAWN,
    };
    static_assert(ESC_COUNT(expected) == ESC_ENDING_COUNT);
    for (enum esc_ending ending = 0; ending < ESC_ENDING_COUNT; ending++)
        assert_int_equal(expected[ending],
                         esc_category_of_aws(ending, 254, esc_str_of(cases[0].err_text)));
}

static void a_broken_off_answer_is_not_read_beyond_its_end(void **)
{
    const char *whole = cases[0].err_text;
    size_t len = esc_str_of(whole).len;
    for (size_t cut = 0; cut < len; cut++) {
        char *part = esc_strndup(whole, cut); /* its own memory, for the sanitizer to guard */
        struct esc_aws_failure failure;
        (void)esc_aws_failure_parse((struct esc_str){part, cut}, &failure);
        assert_true(failure.code.len <= cut && failure.message.len <= cut);
        free(part);
    }
}

static void endings_have_words(void **)
{
    for (enum esc_ending ending = 0; ending < ESC_ENDING_COUNT; ending++)
        assert_int_equal(ending, esc_ending_of_text(esc_str_of(esc_ending_text(ending))));
    assert_int_equal(ESC_ENDING_COUNT, esc_ending_of_text(ESC_STR("ended")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_way_to_fail_has_its_category),
        cmocka_unit_test(the_code_and_the_sentence_are_found),
        cmocka_unit_test(success_is_no_failure_whatever_was_said),
        cmocka_unit_test(what_was_not_an_exit_is_told_by_its_ending),
        cmocka_unit_test(a_broken_off_answer_is_not_read_beyond_its_end),
        cmocka_unit_test(endings_have_words),
    };
    return cmocka_run_group_tests_name("exec/category", tests, NULL, NULL);
}
