/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/retry.h"

#include <stdio.h>

#include "tests/support/test.h"

static struct esc_aws_fault fault(int http_status, const char *code)
{
    struct esc_aws_fault fault = {.http_status = http_status};
    (void)snprintf(fault.code, sizeof fault.code, "%s", code); /* they fit */
    return fault;
}

static void each_refusal_has_one_answer(void **)
{
    static const struct {
        int http_status;
        const char *code;
        enum esc_retry kind;
    } cases[] = {
        {400, "Throttling", ESC_RETRY_THROTTLED},
        {400, "ThrottlingException", ESC_RETRY_THROTTLED},
        {503, "RequestLimitExceeded", ESC_RETRY_THROTTLED},
        {503, "SlowDown", ESC_RETRY_THROTTLED},
        {429, "TooManyRequestsException", ESC_RETRY_THROTTLED},
        {429, "", ESC_RETRY_THROTTLED},
        {500, "", ESC_RETRY_TROUBLED},
        {502, "", ESC_RETRY_TROUBLED},
        {500, "InternalFailure", ESC_RETRY_TROUBLED},
        {503, "ServiceUnavailable", ESC_RETRY_TROUBLED},
        {400, "RequestTimeout", ESC_RETRY_TROUBLED},
        {501, "NotImplemented", ESC_RETRY_NEVER},
        {404, "", ESC_RETRY_NEVER},
        {403, "AccessDenied", ESC_RETRY_NEVER},
        {403, "AccessDeniedException", ESC_RETRY_NEVER},
        {403, "UnauthorizedOperation", ESC_RETRY_NEVER},
        {401, "AuthFailure", ESC_RETRY_NEVER},
        {400, "OptInRequired", ESC_RETRY_NEVER},
        {403, "InvalidClientTokenId", ESC_RETRY_NEVER},
        {403, "UnrecognizedClientException", ESC_RETRY_NEVER},
        {403, "SignatureDoesNotMatch", ESC_RETRY_NEVER},
        {500, "AccessDenied", ESC_RETRY_NEVER}, /* the code says more than the status */
        {400, "ValidationError", ESC_RETRY_NEVER},
        {404, "NoSuchBucket", ESC_RETRY_NEVER},
        {403, "ExpiredToken", ESC_RETRY_EXPIRED},
        {400, "ExpiredTokenException", ESC_RETRY_EXPIRED},
        {400, "RequestExpired", ESC_RETRY_EXPIRED},
        {400, "InvalidNextToken", ESC_RETRY_PAGE_TOKEN},
        {400, "ExpiredNextTokenException", ESC_RETRY_PAGE_TOKEN},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        const struct esc_aws_fault one = fault(cases[i].http_status, cases[i].code);
        if (esc_retry_of_fault(&one) != cases[i].kind)
            fail_msg("%d %s", cases[i].http_status, cases[i].code);
    }
}

static void what_never_arrived_may_be_asked_again(void **)
{
    assert_int_equal(ESC_RETRY_TROUBLED, esc_retry_of_status(ESC_UNAVAILABLE));
    assert_int_equal(ESC_RETRY_TROUBLED, esc_retry_of_status(ESC_TIMEOUT));
    assert_int_equal(ESC_RETRY_TROUBLED, esc_retry_of_status(ESC_CORRUPT));
    assert_int_equal(ESC_RETRY_NEVER, esc_retry_of_status(ESC_CANCELLED));
    assert_int_equal(ESC_RETRY_NEVER, esc_retry_of_status(ESC_LIMIT));
    assert_int_equal(ESC_RETRY_NEVER, esc_retry_of_status(ESC_INVALID));
}

static void only_passing_trouble_gets_more_attempts(void **)
{
    assert_int_equal(12, esc_retry_attempts(ESC_RETRY_THROTTLED));
    assert_int_equal(3, esc_retry_attempts(ESC_RETRY_TROUBLED));
    assert_int_equal(1, esc_retry_attempts(ESC_RETRY_NEVER));
    assert_int_equal(25, esc_backoff_ms(esc_retry_backoff(ESC_RETRY_THROTTLED), 0, NULL));
    assert_int_equal(20'000, esc_backoff_ms(esc_retry_backoff(ESC_RETRY_THROTTLED), 30, NULL));
    assert_int_equal(200, esc_backoff_ms(esc_retry_backoff(ESC_RETRY_TROUBLED), 0, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_refusal_has_one_answer),
        cmocka_unit_test(what_never_arrived_may_be_asked_again),
        cmocka_unit_test(only_passing_trouble_gets_more_attempts),
    };
    return cmocka_run_group_tests_name("aws/retry", tests, NULL, NULL);
}
