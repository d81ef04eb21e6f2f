/* SPDX-License-Identifier: Apache-2.0 */

/* Keys in the keychain, and what holds for keys from everywhere. */

#include "escher/aws/keychain.h"
#include "tests/aws/sources_bench.h"

static void on_kept(void *context, const struct esc_error *failure)
{
    struct bench *bench = context;
    bench->done++;
    bench->failure = failure ? *failure : (struct esc_error){0};
}

static void keys_in_the_keychain_are_used_like_any_other(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep) char *item = esc_keychain_item("default", "123456789012");
    ESC_CLEANUP(esc_credentials_freep)
    struct esc_credentials *keys = esc_credentials_new("AK123456789012", "hunter2", NULL, 0);
    bench_set(&bench->account->keychain, item);
    bench_resolve(bench, "");
    bench_expect_failure(bench, ESC_NOT_FOUND, "escher accounts add ACCOUNT --keychain");
    bench->done = 0;
    esc_keychain_put(bench->loop, bench->keyring, item, keys, on_kept, bench);
    bench_wait_for(bench, 1);
    assert_string_equal("", bench->failure.message);
    bench_resolve_many(bench, "", 20);
    bench_expect_key(bench, "AK123456789012");
    assert_true(esc_str_is(esc_secret_view(bench->credentials->secret_access_key), "hunter2"));
    assert_int_equal(2, bench->memory.gets - 1); /* the miss, and one for twenty; one reads back */
    bench->done = 0;
    esc_keychain_remove(bench->loop, bench->keyring, item, on_kept, bench);
    bench_wait_for(bench, 1);
    assert_string_equal("", bench->failure.message);
}

static void a_locked_keychain_is_told_from_an_empty_one(void **state)
{
    struct bench *bench = *state;
    bench_set(&bench->account->keychain, "aws default 123456789012");
    bench->memory.get = ESC_LOCKED;
    bench_resolve(bench, "");
    bench_expect_failure(bench, ESC_LOCKED, "the keychain");
    bench->memory.get = ESC_UNAVAILABLE;
    bench_resolve(bench, "");
    bench_expect_failure(bench, ESC_UNAVAILABLE, "the keychain");
}

static void put_keys(struct bench *bench, const char *key_id)
{
    ESC_CLEANUP(esc_credentials_freep)
    struct esc_credentials *keys = esc_credentials_new(key_id, "hunter2", NULL, 0);
    bench->done = 0;
    esc_keychain_put(bench->loop, bench->keyring, bench->account->keychain, keys, on_kept, bench);
    bench_wait_for(bench, 1);
    assert_string_equal("", bench->failure.message);
}

static void keys_that_were_replaced_in_the_keychain_are_taken(void **state)
{
    struct bench *bench = *state;
    bench_set(&bench->account->keychain, "aws default 123456789012");
    put_keys(bench, "AK123456789012");
    bench_resolve(bench, "");
    put_keys(bench, "AL123456789012");
    esc_credentials_forget(bench->aws, bench->account);
    bench_resolve(bench, "");
    bench_expect_key(bench, "AL123456789012");
    put_keys(bench, "AK222222222222"); /* another account's: proven, and not cached */
    esc_credentials_forget(bench->aws, bench->account);
    bench_resolve(bench, "");
    bench_expect_failure(bench, ESC_BLOCKED, "belong to account 222222222222");
    put_keys(bench, "AM123456789012");
    esc_credentials_forget(bench->aws, bench->account);
    bench_resolve(bench, "");
    bench_expect_key(bench, "AM123456789012");
}

static void a_clock_that_is_set_back_makes_no_keys_last_longer(void **state)
{
    struct bench *bench = *state;
    bench_set(&bench->environment->metadata_endpoint,
              esc_http_listener_url(bench->fake.sts.listener));
    bench->fake.sts.expiration = bench->fake.expiration;
    bench_resolve(bench, "");
    bench_expect_key(bench, "AI123456789012");
    bench_set(&bench->account->role_arn, "arn:aws:iam::123456789012:role/Own");
    bench_resolve(bench, "");
    bench_expect_key(bench, "AS123456789012");
    bench->clock.wall_ms -= 3600 * 1000; /* they end in an hour, and our clock says in two */
    bench_minutes_pass(bench, 54);
    bench_resolve(bench, "");
    assert_int_equal(1, bench->fake.machine);
    assert_int_equal(1, bench->fake.sts.roles);
    bench_minutes_pass(bench, 2);
    bench_resolve(bench, "");
    bench_expect_key(bench, "AS123456789012");
    assert_int_equal(2, bench->fake.machine);
    assert_int_equal(2, bench->fake.sts.roles);
}

static void keys_of_a_role_that_have_ended_are_none(void **state)
{
    struct bench *bench = *state;
    bench->fake.sts.expiration = "2026-11-21T07:59:59Z";
    bench_set(&bench->account->role_arn, "arn:aws:iam::123456789012:role/Own");
    bench->environment->credentials = esc_credentials_new("AK111111111111", "hunter2", NULL, 0);
    bench_resolve(bench, "");
    bench_expect_failure(
        bench, ESC_DENIED,
        "assume arn:aws:iam::123456789012:role/Own: sts gave credentials that have "
        "expired");
}

static void what_is_known_of_an_account_is_told_without_secrets(void **state)
{
    struct bench *bench = *state;
    struct esc_credentials_state known;
    uint64_t end_ms = 0;
    assert_false(esc_credentials_state(bench->aws, "123456789012", &known));
    bench_set(&bench->account->profile, "p");
    bench_resolve(bench, SSO_SESSION);
    assert_true(esc_credentials_state(bench->aws, "123456789012", &known));
    assert_string_equal("AWS SSO corp", known.source);
    assert_int_equal(ESC_DENIED, known.status);
    assert_string_equal("nobody is logged in to AWS SSO; run `aws sso login --profile p`",
                        known.message);
    bench->fake.bearer = "bearer";
    bench_log_in(bench, "corp", TOKEN("2026-11-21T16:00:00Z"));
    bench_resolve(bench, SSO_SESSION);
    assert_true(esc_credentials_state(bench->aws, "123456789012", &known));
    assert_null(known.message);
    assert_string_equal("AO123456789012", known.access_key_id);
    assert_true(esc_time_parse(ESC_STR("2026-11-21T09:00:00Z"), &end_ms));
    assert_int_equal(end_ms, known.expires_at_ms);
    assert_true(esc_time_parse(ESC_STR("2026-11-21T16:00:00Z"), &end_ms));
    assert_int_equal(end_ms, known.login_ends_ms); /* of what nobody but a person renews */
    esc_credentials_forget(bench->aws, bench->account);
    bench_log_in(bench, "corp", OLD_TOKEN("2026-11-21T16:00:00Z", "2026-12-01T00:00:00Z"));
    bench->fake.bearer = "old";
    bench_resolve(bench, SSO_SESSION);
    assert_true(esc_credentials_state(bench->aws, "123456789012", &known));
    assert_int_equal(0, known.login_ends_ms); /* it renews itself */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BENCH(keys_in_the_keychain_are_used_like_any_other),
        WITH_BENCH(a_locked_keychain_is_told_from_an_empty_one),
        WITH_BENCH(keys_that_were_replaced_in_the_keychain_are_taken),
        WITH_BENCH(a_clock_that_is_set_back_makes_no_keys_last_longer),
        WITH_BENCH(keys_of_a_role_that_have_ended_are_none),
        WITH_BENCH(what_is_known_of_an_account_is_told_without_secrets),
    };
    return cmocka_run_group_tests_name("aws/sources", tests, NULL, NULL);
}
