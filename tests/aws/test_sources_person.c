/* SPDX-License-Identifier: Apache-2.0 */

/* Codes of MFA devices, for which a person is asked. */

#include <string.h>

#include "tests/aws/sources_bench.h"

static void a_code_is_asked_for_once_and_counts_for_every_role(void **state)
{
    struct bench *bench = *state;
    static const char *const answers[] = {"123456", NULL};
    struct esc_credentials_state known;
    uint64_t end_ms = 0;
    bench->answers = answers;
    bench->fake.needs_session = true;
    bench->fake.expiration = "2026-11-21T20:00:00Z";
    bench_set(&bench->account->profile, "p");
    bench_resolve_many(bench, WITH_DEVICE, 20);
    bench_expect_key(bench, "AS123456789012");
    bench_set(&bench->account->id, "222222222222");
    bench_set(&bench->account->profile, "q");
    bench_resolve(bench,
                  WITH_DEVICE "[profile q]\nsource_profile = base\n" DEVICE ROLE("222222222222"));
    bench_expect_key(bench, "AS222222222222");
    assert_int_equal(1, bench->questions);
    assert_int_equal(1, bench->fake.sessions);
    assert_true(esc_credentials_state(bench->aws, "222222222222", &known));
    assert_true(esc_time_parse(esc_str_of(bench->fake.expiration), &end_ms));
    assert_int_equal(end_ms, known.login_ends_ms); /* of the role, too */
    bench_set(&bench->environment->asker, NULL);   /* a schedule uses it too, as long as it lasts */
    esc_credentials_forget(bench->aws, bench->account);
    bench_minutes_pass(bench, 11 * 60);
    bench_resolve(bench,
                  WITH_DEVICE "[profile q]\nsource_profile = base\n" DEVICE ROLE("222222222222"));
    bench_expect_key(bench, "AS222222222222");
    bench_minutes_pass(bench, 60);
    esc_credentials_forget(bench->aws, bench->account);
    bench_resolve(bench,
                  WITH_DEVICE "[profile q]\nsource_profile = base\n" DEVICE ROLE("222222222222"));
    bench_expect_failure(bench, ESC_LOCKED, "run `escher accounts test production` at a terminal");
}

static void a_wrong_code_is_asked_for_again_twice(void **state)
{
    struct bench *bench = *state;
    static const char *const mended[] = {"12345", "000000", "123456", NULL}, *const wrong[] = {
                                                                                 "000000", "000001",
                                                                                 "000002", "123456",
                                                                                 NULL};
    bench_set(&bench->account->profile, "p");
    bench->answers = mended;
    bench_resolve(bench, WITH_DEVICE);
    bench_expect_key(bench, "AS123456789012");
    assert_int_equal(3, bench->questions);
    assert_int_equal(1, bench->fake.wrong_codes); /* five digits never left this machine */
    esc_aws_free(ESC_STEAL(bench->aws));
    bench_open_aws(bench);
    bench->questions = 0;
    bench->answers = wrong;
    bench_resolve(bench, WITH_DEVICE);
    bench_expect_failure(bench, ESC_DENIED, "invalid MFA one time pass code");
    assert_int_equal(3, bench->questions);
    assert_null(strstr(bench->failure.message, "00000"));
}

/* Where STS knows no keys of the caller's it has not looked at the code, which counts once. */
static void a_code_is_shown_in_the_main_region_when_its_own_is_not_enabled(void **state)
{
    struct bench *bench = *state;
    static const char *const answers[] = {"123456", NULL};
    bench->answers = answers;
    bench->fake.needs_session = true;
    bench->fake.sts.disabled = "ap-east-1";
    bench_set(&bench->account->profile, "p");
    bench_resolve(bench, "[profile p]\nregion = ap-east-1\nsource_profile = base\n" DEVICE ROLE(
                             "123456789012") BASE);
    bench_expect_key(bench, "AS123456789012");
    assert_int_equal(1, bench->questions);
    assert_int_equal(1, bench->fake.sessions);
    assert_int_equal(0, bench->fake.wrong_codes);
}

/* Whoever asks second waits for a person too, and a code counts once. */
static void two_who_are_asked_for_the_same_device_open_one_session(void **state)
{
    struct bench *bench = *state;
    static const char *const answers[] = {"123456", "123456", NULL};
    static const char config[] =
        WITH_DEVICE "[profile q]\nsource_profile = base\n" DEVICE ROLE("222222222222");
    ESC_CLEANUP(esc_account_freep) struct esc_account *other = esc_account_copy(bench->account);
    ESC_CLEANUP(esc_aws_environment_freep)
    struct esc_aws_environment *theirs = esc_aws_environment_copy(bench->environment);
    bench->answers = answers;
    bench->fake.needs_session = true;
    bench->fake.expiration = "2026-11-21T20:00:00Z";
    bench_set(&bench->account->profile, "p");
    bench_set(&other->profile, "q");
    bench_set(&other->id, "222222222222");
    bench_set(&theirs->asker, "you");
    bench_write_file(bench, "config", config, 0600);
    esc_credentials_resolve(bench->aws, bench->account, bench->environment, "session",
                            bench_on_credentials, bench);
    esc_credentials_resolve(bench->aws, other, theirs, "session", bench_on_credentials, bench);
    bench_wait_for(bench, 1);
    bench_expect_key(bench, "AS123456789012");
    bench_answer(bench->slow);
    bench_wait_for(bench, 2);
    bench_expect_key(bench, "AS222222222222");
    assert_int_equal(2, bench->questions);
    assert_int_equal(1, bench->fake.sessions);
}

static void whoever_gives_no_code_gets_no_keys(void **state)
{
    struct bench *bench = *state;
    static const char *const answers[] = {NULL};
    bench->answers = answers;
    bench_set(&bench->account->profile, "p");
    bench_resolve_many(bench, WITH_DEVICE, 20);
    bench_expect_failure(bench, ESC_LOCKED, "no MFA code was given");
    assert_int_equal(1, bench->questions); /* nobody is asked twenty times */
    bench->environment->credentials = esc_credentials_new("AK111111111111", "hunter2", "t", 0);
    bench_resolve(bench,
                  "[profile p]\ncredential_source = Environment\n" DEVICE ROLE("123456789012"));
    bench_expect_failure(bench, ESC_INVALID, "an MFA code counts with long-lived keys only");
    assert_int_equal(0, bench->fake.sessions);
}

static void what_an_account_says_of_its_role_counts(void **state)
{
    struct bench *bench = *state;
    static const char *const answers[] = {"123456", NULL};
    bench->answers = answers;
    bench->fake.needs_session = true;
    bench_set(&bench->account->role_arn, "arn:aws:iam::123456789012:role/Own");
    bench_set(&bench->account->source_profile, "base");
    bench_set(&bench->account->external_id, "ours");
    bench_set(&bench->account->mfa_serial, "arn:aws:iam::111111111111:mfa/me");
    bench->account->duration_s = 7200;
    bench_resolve(bench, BASE);
    bench_expect_key(bench, "AS123456789012");
    expect_contains("&ExternalId=ours&DurationSeconds=7200", bench->fake.last_role);
    bench_set(&bench->account->mfa_serial, NULL);
    bench_set(&bench->account->source_profile, NULL);
    bench->fake.needs_session = false;
    bench->environment->credentials = esc_credentials_new("AK111111111111", "hunter2", "t", 0);
    bench_resolve(bench,
                  ""); /* keys with a token may be a role's, and roles in a row get an hour */
    expect_contains("&ExternalId=ours&DurationSeconds=3600", bench->fake.last_role);
}

static void freeing_ends_whoever_waits_for_an_answer_or_a_person(void **state)
{
    struct bench *bench = *state;
    static const char *const answers[] = {"123456", NULL};
    bench->answers = answers;
    bench_write_file(bench, "config", WITH_DEVICE SSO_OLD, 0600);
    bench_log_in(bench, "https://old.awsapps.com/start", TOKEN("2026-11-21T16:00:00Z"));
    bench_set(&bench->account->profile, "p");
    esc_credentials_resolve(bench->aws, bench->account, bench->environment, "session",
                            bench_on_credentials, bench);
    while (bench->questions == 0)
        esc_loop_turn(bench->loop); /* the answer is posted, and comes after the end */
    esc_aws_free(ESC_STEAL(bench->aws));
    assert_int_equal(1, bench->done);
    assert_int_equal(ESC_CANCELLED, bench->failure.status);
    for (int i = 0; i < 5; i++)
        esc_loop_turn(bench->loop);
    assert_null(*bench->answers); /* it was given, to nobody */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BENCH(a_code_is_asked_for_once_and_counts_for_every_role),
        WITH_BENCH(a_wrong_code_is_asked_for_again_twice),
        WITH_BENCH(a_code_is_shown_in_the_main_region_when_its_own_is_not_enabled),
        WITH_BENCH(two_who_are_asked_for_the_same_device_open_one_session),
        WITH_BENCH(whoever_gives_no_code_gets_no_keys),
        WITH_BENCH(what_an_account_says_of_its_role_counts),
        WITH_BENCH(freeing_ends_whoever_waits_for_an_answer_or_a_person),
    };
    return cmocka_run_group_tests_name("aws/sources_person", tests, NULL, NULL);
}
