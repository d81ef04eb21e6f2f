/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/model/error_category.h"

#include "escher/model/retry_policy.h"
#include "tests/support/test.h"

static struct esc_error err;

static void every_status_has_a_category_and_back_an_ending(void **)
{
    for (enum esc_status status = 0; status < ESC_STATUS_COUNT; status++)
        assert_true(esc_error_category_of_status(status) < ESC_CATEGORY_COUNT);
    for (enum esc_error_category c = ESC_CATEGORY_NONE + 1; c < ESC_CATEGORY_COUNT; c++)
        assert_int_not_equal(ESC_OK, esc_error_category_status(c));
    assert_int_equal(ESC_OK, esc_error_category_status(ESC_CATEGORY_NONE));
}

static void a_word_is_read_as_it_is_written(void **)
{
    for (enum esc_error_category c = 0; c < ESC_CATEGORY_COUNT; c++)
        assert_int_equal(c, esc_error_category_of_text(esc_str_of(esc_error_category_text(c))));
    assert_int_equal(ESC_CATEGORY_COUNT, esc_error_category_of_text(ESC_STR("")));
}

static void codes_of_the_cloud_have_their_category(void **)
{
    static const struct {
        const char *code;
        enum esc_error_category category;
    } cases[] = {
        {"AccessDenied", ESC_CATEGORY_PERMISSION},
        {"AccessDeniedException", ESC_CATEGORY_PERMISSION},
        {"UnauthorizedOperation", ESC_CATEGORY_PERMISSION},
        {"AuthFailure", ESC_CATEGORY_AUTH},
        {"ExpiredToken", ESC_CATEGORY_AUTH},
        {"InvalidClientTokenId", ESC_CATEGORY_AUTH},
        {"Throttling", ESC_CATEGORY_THROTTLE},
        {"ThrottlingException", ESC_CATEGORY_THROTTLE},
        {"RequestLimitExceeded", ESC_CATEGORY_THROTTLE},
        {"EC2ThrottledException", ESC_CATEGORY_THROTTLE},
        {"SlowDown", ESC_CATEGORY_THROTTLE},
        {"DBInstanceNotFound", ESC_CATEGORY_NOT_FOUND},
        {"DBInstanceNotFoundFault", ESC_CATEGORY_NOT_FOUND},
        {"InvalidInstanceID.NotFound", ESC_CATEGORY_NOT_FOUND},
        {"NoSuchBucket", ESC_CATEGORY_NOT_FOUND},
        {"AWS.SimpleQueueService.NonExistentQueue", ESC_CATEGORY_NOT_FOUND},
        {"QueueDoesNotExist", ESC_CATEGORY_NOT_FOUND},
        {"ResourceNotFoundException", ESC_CATEGORY_NOT_FOUND},
        {"404", ESC_CATEGORY_NOT_FOUND},
        {"InvalidDBInstanceState", ESC_CATEGORY_CONFLICT_STATE},
        {"IncorrectInstanceState", ESC_CATEGORY_CONFLICT_STATE},
        {"InvalidDBClusterStateFault", ESC_CATEGORY_CONFLICT_STATE},
        {"DBSnapshotAlreadyExists", ESC_CATEGORY_CONFLICT_STATE},
        {"DependencyViolation", ESC_CATEGORY_CONFLICT_STATE},
        {"SnapshotQuotaExceeded", ESC_CATEGORY_QUOTA},
        {"InstanceLimitExceeded", ESC_CATEGORY_QUOTA},
        {"InternalError", ESC_CATEGORY_SERVICE},
        {"ServiceUnavailable", ESC_CATEGORY_SERVICE},
        {"RequestTimeout", ESC_CATEGORY_TIMEOUT},
        {"InvalidParameterValue", ESC_CATEGORY_VALIDATION},
        {"ValidationError", ESC_CATEGORY_VALIDATION},
        {"", ESC_CATEGORY_UNKNOWN},
        {"Whatever", ESC_CATEGORY_UNKNOWN},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        const enum esc_error_category is = esc_error_category_of_code(esc_str_of(cases[i].code));
        if (is != cases[i].category)
            fail_msg("%s: %s", cases[i].code, esc_error_category_text(is));
    }
}

static void a_denied_call_is_never_tried_again(void **)
{
    const struct esc_retry_policy policy = esc_retry_policy_default();
    assert_true(esc_retry_policy_covers(&policy, ESC_CATEGORY_THROTTLE));
    assert_true(esc_retry_policy_covers(&policy, ESC_CATEGORY_NETWORK));
    assert_false(esc_retry_policy_covers(&policy, ESC_CATEGORY_PERMISSION));
    assert_false(esc_retry_policy_covers(&policy, ESC_CATEGORY_AUTH));
    assert_false(esc_retry_policy_covers(&policy, ESC_CATEGORY_CANCELLED));
}

static void members_that_are_not_there_keep_their_default(void **)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    struct esc_retry_policy policy;
    expect_ok(esc_json_parse(ESC_STR("{\"on\": [\"quota\"]}"), NULL, &json, &err));
    expect_ok(esc_retry_policy_from_json(json, &policy, &err));
    assert_int_equal(3, policy.max_attempts);
    assert_true(policy.full_jitter);
    assert_true(esc_retry_policy_covers(&policy, ESC_CATEGORY_QUOTA));
    assert_false(esc_retry_policy_covers(&policy, ESC_CATEGORY_THROTTLE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_category_and_back_an_ending),
        cmocka_unit_test(a_word_is_read_as_it_is_written),
        cmocka_unit_test(codes_of_the_cloud_have_their_category),
        cmocka_unit_test(a_denied_call_is_never_tried_again),
        cmocka_unit_test(members_that_are_not_there_keep_their_default),
    };
    return cmocka_run_group_tests_name("model/error_category", tests, NULL, NULL);
}
