/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/call.h"

#include "escher/aws/sts.h"
#include "tests/aws/fake_sts.h"

static struct esc_error err;

struct bench {
    struct esc_loop *loop;
    struct esc_aws *aws;
    struct fake_sts fake;
    struct esc_clock_fixed clock;
    struct esc_credentials *keys;
    int done;
    char account[32];
    struct esc_credentials *role;
    struct esc_aws_fault fault;
    struct esc_error failure;
};

static int set_up(void **state)
{
    struct bench *bench = esc_alloc_zero(sizeof *bench);
    esc_clock_fixed_init(&bench->clock, esc_clock_wall_ms(esc_clock_system()));
    const struct esc_aws_options options = {.clock = &bench->clock.clock};
    expect_ok(esc_loop_new(&bench->loop, &err));
    expect_ok(esc_aws_new(bench->loop, &options, &bench->aws, &err));
    fake_begin(&bench->fake, bench->loop);
    bench->keys = esc_credentials_new("AK123456789012", "hunter2", NULL, 0);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    esc_aws_free(bench->aws);
    esc_http_listener_close(bench->fake.listener);
    esc_loop_free(bench->loop);
    esc_credentials_free(bench->keys);
    esc_credentials_free(bench->role);
    free(bench);
    return 0;
}

static void note(struct bench *bench, const struct esc_aws_fault *fault,
                 const struct esc_error *failure)
{
    bench->done++;
    bench->fault = fault ? *fault : (struct esc_aws_fault){0};
    bench->failure = failure ? *failure : (struct esc_error){0};
}

static void on_caller(void *context, const struct esc_caller *caller,
                      const struct esc_aws_fault *fault, const struct esc_error *failure)
{
    struct bench *bench = context;
    note(bench, fault, failure);
    if (caller)
        memcpy(bench->account, caller->account, strlen(caller->account) + 1);
}

static void on_role(void *context, struct esc_credentials *role, const struct esc_aws_fault *fault,
                    const struct esc_error *failure)
{
    struct bench *bench = context;
    note(bench, fault, failure);
    bench->role = role;
}

static bool is_done(void *context)
{
    return ((struct bench *)context)->done > 0;
}

static void who_am_i(struct bench *bench)
{
    bench->done = 0;
    const struct esc_aws_place place = {.endpoint_url =
                                            esc_http_listener_url(bench->fake.listener)};
    esc_sts_get_caller_identity(bench->aws, bench->keys, &place, on_caller, bench);
    assert_int_equal(0, bench->done);
    assert_true(esc_loop_run_until(bench->loop, is_done, bench));
}

static void the_caller_is_told_by_account(void **state)
{
    struct bench *bench = *state;
    who_am_i(bench);
    assert_int_equal(ESC_OK, bench->failure.status);
    assert_string_equal("123456789012", bench->account);
    assert_string_equal("Action=GetCallerIdentity&Version=2011-06-15", bench->fake.last_body);
}

static void a_role_comes_with_its_end(void **state)
{
    struct bench *bench = *state;
    const struct esc_sts_role role = {
        .role_arn = "arn:aws:iam::987654321098:role/R",
        .session_name = "a b/c",
        .external_id = "x&y",
        .policy = "{\"Version\":\"2012-10-17\"}",
        .duration_s = 900,
        .place.endpoint_url = esc_http_listener_url(bench->fake.listener),
    };
    bench->fake.expiration = "2030-01-01T00:00:00Z";
    esc_sts_assume_role(bench->aws, bench->keys, &role, on_role, bench);
    assert_true(esc_loop_run_until(bench->loop, is_done, bench));
    assert_non_null(bench->role);
    assert_string_equal("AS987654321098", bench->role->access_key_id);
    assert_true(esc_str_is(esc_secret_view(bench->role->secret_access_key), "role-secret"));
    assert_true(esc_str_is(esc_secret_view(bench->role->session_token), "role-token"));
    assert_int_equal(1893456000000, bench->role->expires_at_ms);
    expect_contains("&RoleSessionName=a-b-c&ExternalId=x%26y&Policy=%7B%22", bench->fake.last_body);
    expect_contains("&DurationSeconds=900", bench->fake.last_body);
}

static void refusals_get_the_status_that_fits(void **state)
{
    struct bench *bench = *state;
    static const struct {
        int http;
        const char *body;
        enum esc_status status;
        const char *code, *message;
    } cases[] = {
        {403, FAKE_ERROR("InvalidClientTokenId", "The security token included is invalid."),
         ESC_DENIED, "InvalidClientTokenId", "sts: InvalidClientTokenId: The security token"},
        {403, FAKE_ERROR("ExpiredToken", "gone"), ESC_DENIED, "ExpiredToken", "ExpiredToken: gone"},
        {403, FAKE_ERROR("AccessDenied", "not authorized to perform: sts:X"), ESC_DENIED,
         "AccessDenied", "not authorized to perform: sts:X"},
        {403, FAKE_ERROR("SignatureDoesNotMatch", "x-amz-security-token:TOPSECRET"), ESC_DENIED,
         "SignatureDoesNotMatch", "the secret key does not fit the key id"},
        {400, FAKE_ERROR("ValidationError", "bad\xE2\x80\xAE!"), ESC_INVALID, "ValidationError",
         "ValidationError"},
        {400, FAKE_ERROR("Throttling", "Rate exceeded"), ESC_THROTTLED, "Throttling", "Rate"},
        {500, FAKE_ERROR("InternalFailure", ""), ESC_UNAVAILABLE, "InternalFailure", ""},
        {403, "<Response><Errors><Error><Code>AuthFailure</Code></Error></Errors></Response>",
         ESC_DENIED, "AuthFailure", "AuthFailure"},
        {403, "<Error><Code>AccessDenied</Code></Error>", ESC_DENIED, "AccessDenied", ""},
        {500, "<!DOCTYPE html><html>Internal Server Error</html>", ESC_CORRUPT, "",
         "sts: HTTP 500, and the answer is none of AWS's"},
        {404, "", ESC_CORRUPT, "", "HTTP 404"},
        {503, "<html>busy</html>", ESC_UNAVAILABLE, "", "HTTP 503"},
        {302, "", ESC_CORRUPT, "", "HTTP 302"},
        {200, "<html><body>Please log in</body></html>", ESC_CORRUPT, "", "did not say"},
        {200, "{}", ESC_CORRUPT, "", "none of AWS's"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        fake_fail(&bench->fake, 3, cases[i].http, cases[i].body);
        who_am_i(bench);
        if (bench->failure.status != cases[i].status)
            fail_msg("case %zu: %s", i, bench->failure.message);
        expect_contains(cases[i].message, bench->failure.message);
        assert_string_equal(cases[i].code, bench->fault.code);
        assert_null(strstr(bench->failure.message, "TOPSECRET"));
        assert_null(strstr(bench->failure.message, "hunter2"));
        assert_null(strstr(bench->failure.message, "\xE2\x80\xAE"));
    }
}

static void a_troubled_service_is_asked_three_times(void **state)
{
    struct bench *bench = *state;
    fake_fail(&bench->fake, 2, 503, FAKE_ERROR("ServiceUnavailable", "busy"));
    who_am_i(bench);
    assert_int_equal(ESC_OK, bench->failure.status);
    assert_int_equal(3, bench->fake.identities);
    bench->fake.identities = 0;
    fake_fail(&bench->fake, 9, 400, FAKE_ERROR("Throttling", "Rate exceeded"));
    who_am_i(bench);
    assert_int_equal(ESC_THROTTLED, bench->failure.status);
    assert_int_equal(3, bench->fake.identities);
}

static void a_refusal_is_not_asked_again(void **state)
{
    struct bench *bench = *state;
    fake_fail(&bench->fake, 9, 403, FAKE_ERROR("AccessDenied", ""));
    who_am_i(bench);
    assert_int_equal(1, bench->fake.identities);
}

static void a_clock_that_is_off_is_corrected_once(void **state)
{
    struct bench *bench = *state;
    bench->fake.strict_clock = true;
    esc_clock_fixed_advance(&bench->clock, 3600 * 1000);
    who_am_i(bench);
    assert_int_equal(ESC_OK, bench->failure.status);
    assert_int_equal(2, bench->fake.identities);
    who_am_i(bench); /* the skew is remembered */
    assert_int_equal(3, bench->fake.identities);
    fake_fail(&bench->fake, 9, 403, FAKE_ERROR("SignatureDoesNotMatch", ""));
    bench->fake.identities = 0;
    who_am_i(bench); /* the clocks agree, so it is the key: no second try */
    assert_int_equal(ESC_DENIED, bench->failure.status);
    assert_int_equal(1, bench->fake.identities);
}

static void what_an_endpoint_says_of_the_time_counts_there_alone(void **state)
{
    struct bench *bench = *state;
    const uint64_t now_ms = esc_aws_now_ms(bench->aws) + 3600 * 1000;
    bench->fake.strict_clock = true;
    esc_clock_fixed_advance(&bench->clock, 3600 * 1000);
    who_am_i(bench);
    assert_int_equal(ESC_OK, bench->failure.status);
    assert_int_equal(now_ms, esc_aws_now_ms(bench->aws)); /* the cloud has not said a word */
}

static void a_clock_that_is_days_off_is_not_followed(void **state)
{
    struct bench *bench = *state;
    bench->fake.strict_clock = true;
    esc_clock_fixed_advance(&bench->clock, 2ull * 24 * 3600 * 1000);
    who_am_i(bench);
    assert_int_equal(ESC_DENIED, bench->failure.status);
    assert_int_equal(1, bench->fake.identities);
}

static void a_region_cannot_lead_elsewhere(void **state)
{
    struct bench *bench = *state;
    static const char *const regions[] = {"us-east-1.evil.example/", "", "US-EAST-1", "a@b"};
    for (size_t i = 0; i < ESC_COUNT(regions); i++) {
        bench->done = 0;
        const struct esc_aws_place place = {.region = regions[i]};
        esc_sts_get_caller_identity(bench->aws, bench->keys, &place, on_caller, bench);
        assert_true(esc_loop_run_until(bench->loop, is_done, bench));
        assert_int_equal(ESC_INVALID, bench->failure.status);
    }
}

static void nobody_at_the_endpoint_is_unavailable(void **state)
{
    struct bench *bench = *state;
    char *url = esc_strdup(esc_http_listener_url(bench->fake.listener));
    const struct esc_aws_place place = {.endpoint_url = url};
    esc_http_listener_close(ESC_STEAL(bench->fake.listener));
    esc_sts_get_caller_identity(bench->aws, bench->keys, &place, on_caller, bench);
    assert_true(esc_loop_run_until(bench->loop, is_done, bench));
    assert_int_equal(ESC_UNAVAILABLE, bench->failure.status);
    free(url);
}

static void freeing_ends_what_is_under_way(void **state)
{
    struct bench *bench = *state;
    const struct esc_aws_place place = {.endpoint_url =
                                            esc_http_listener_url(bench->fake.listener)};
    esc_sts_get_caller_identity(bench->aws, bench->keys, &place, on_caller, bench);
    esc_sts_get_caller_identity(bench->aws, bench->keys, &place, on_caller, bench);
    esc_aws_free(ESC_STEAL(bench->aws));
    assert_int_equal(2, bench->done);
    assert_int_equal(ESC_CANCELLED, bench->failure.status);
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BENCH(the_caller_is_told_by_account),
        WITH_BENCH(a_role_comes_with_its_end),
        WITH_BENCH(refusals_get_the_status_that_fits),
        WITH_BENCH(a_troubled_service_is_asked_three_times),
        WITH_BENCH(a_refusal_is_not_asked_again),
        WITH_BENCH(a_clock_that_is_off_is_corrected_once),
        WITH_BENCH(what_an_endpoint_says_of_the_time_counts_there_alone),
        WITH_BENCH(a_clock_that_is_days_off_is_not_followed),
        WITH_BENCH(a_region_cannot_lead_elsewhere),
        WITH_BENCH(nobody_at_the_endpoint_is_unavailable),
        WITH_BENCH(freeing_ends_what_is_under_way),
    };
    return cmocka_run_group_tests_name("aws/call", tests, NULL, NULL);
}
