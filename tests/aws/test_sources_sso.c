/* SPDX-License-Identifier: Apache-2.0 */

/* Tokens that are shown for keys: of AWS SSO and of web identities. */

#include <sys/stat.h>
#include <unistd.h>

#include "escher/base/file.h"
#include "escher/crypt/digest.h"
#include "tests/aws/sources_bench.h"

static struct esc_error err;

static void the_token_of_aws_sso_is_shown_for_a_roles_keys(void **state)
{
    struct bench *bench = *state;
    bench->fake.bearer = "bearer";
    bench_set(&bench->account->profile, "p");
    bench_log_in(bench, "corp", TOKEN("2026-11-21T16:00:00Z"));
    bench_resolve_many(bench, SSO_SESSION, 20);
    bench_expect_key(bench, "AO123456789012");
    assert_int_equal(1, bench->fake.portal);
    bench_log_in(bench, "https://old.awsapps.com/start", TOKEN("2026-11-21T16:00:00UTC"));
    bench_resolve(bench, SSO_OLD);
    bench_expect_failure(bench, ESC_DENIED, "holds no token");
    bench_log_in(bench, "https://old.awsapps.com/start", TOKEN("2026-11-21T16:00:00Z"));
    bench_resolve(bench, SSO_OLD);
    bench_expect_key(bench, "AO123456789012");
    assert_int_equal(2, bench->fake.portal);
}

static void an_account_may_name_the_session_itself(void **state)
{
    struct bench *bench = *state;
    bench->fake.bearer = "bearer";
    bench_set(&bench->account->sso_session, "corp");
    bench_set(&bench->account->sso_role, "Read Only");
    bench_log_in(bench, "corp", TOKEN("2026-11-21T16:00:00Z"));
    bench_resolve(bench, SSO_SESSION);
    bench_expect_key(bench, "AO123456789012");
    bench_resolve(bench, "");
    bench_expect_failure(bench, ESC_NOT_FOUND, "no whole [sso-session corp]");
}

static void whoever_is_not_logged_in_is_told_how(void **state)
{
    struct bench *bench = *state;
    static const char cure[] = "run `aws sso login --profile p`";
    bench->fake.bearer = "another";
    bench_set(&bench->account->profile, "p");
    bench_resolve(bench, SSO_SESSION);
    bench_expect_failure(bench, ESC_DENIED, cure); /* there is no cache */
    static const char *const caches[] = {
        "",
        "hunter2",
        "[]",
        "{}",
        "{\"accessToken\":\"hunter2\"}",
        TOKEN("soon"),
        "{\"accessToken\":\"a\\r\\nX: hunter2\",\"expiresAt\":\"2026-11-21T16:00:00Z\"}",
        TOKEN("2026-11-21T07:59:59Z"),
    };
    for (size_t i = 0; i < ESC_COUNT(caches); i++) {
        bench_log_in(bench, "corp", caches[i]);
        bench_resolve(bench, SSO_SESSION);
        bench_expect_failure(bench, ESC_DENIED, cure);
    }
    assert_int_equal(0, bench->fake.portal);
    bench_log_in(bench, "corp", TOKEN("2026-11-21T16:00:00Z"));
    bench_resolve(bench, SSO_SESSION);
    bench_expect_failure(bench, ESC_DENIED, cure); /* the portal knows another token */
    bench->fake.bearer = "bearer";
    bench_resolve(bench, SSO_SESSION);
    bench_expect_key(bench, "AO123456789012"); /* nothing of that is remembered */
}

static void a_token_that_ends_is_refreshed_and_written_back(void **state)
{
    struct bench *bench = *state;
    char hex[ESC_SHA1_TEXT];
    struct esc_buf text;
    esc_sha1_hex(ESC_STR("corp"), hex);
    ESC_CLEANUP(esc_freep)
    char *path = esc_sprintf("%s/.aws/sso/cache/%s.json", bench->folder, hex);
    bench->fake.bearer = "new";
    bench->fake.refresh_token = "first";
    bench_set(&bench->account->profile, "p");
    bench_log_in(bench, "corp", OLD_TOKEN("2026-11-21T07:00:00Z", "2026-12-01T00:00:00Z"));
    bench_resolve_many(bench, SSO_SESSION, 5);
    bench_expect_key(bench, "AO123456789012");
    assert_int_equal(1, bench->fake.refreshes);
    esc_buf_init(&text, 64 * 1024);
    expect_ok(esc_file_read(path, &text, &err));
    assert_string_equal(
        "{\"accessToken\":\"new\",\"expiresAt\":\"2026-11-21T09:00:00Z\",\"clientId\":"
        "\"id\",\"clientSecret\":\"hunter2\",\"refreshToken\":\"next\","
        "\"registrationExpiresAt\":\"2026-12-01T00:00:00Z\","
        "\"startUrl\":\"https://corp\"}",
        esc_buf_text(&text));
    esc_buf_done(&text);
    bench_minutes_pass(bench, 55);
    bench->fake.expiration = "2026-11-21T10:00:00Z";
    bench_resolve(bench, SSO_SESSION); /* five minutes before its end, with what was written back */
    bench_expect_key(bench, "AO123456789012");
    assert_int_equal(2, bench->fake.refreshes);
}

static bool waits_or_is_over(void *context)
{
    const struct bench *bench = context;
    return bench->fake.waiting || bench->done > 0;
}

/* The old token is spent as soon as it was shown, so whoever leaves waits for the new one. */
static void a_refresh_under_way_is_told_to_whoever_would_leave(void **state)
{
    struct bench *bench = *state;
    bench->fake.bearer = "fresh";
    bench->fake.refresh_token = "first";
    bench->fake.is_slow = true;
    bench_set(&bench->account->profile, "p");
    bench_log_in(bench, "corp", OLD_TOKEN("2026-11-21T08:04:00Z", "2026-12-01T00:00:00Z"));
    bench_write_file(bench, "config", SSO_SESSION, 0600);
    for (int turn = 0; turn < 2; turn++) {
        assert_false(esc_credentials_are_renewing(bench->aws));
        bench->fake.waiting = NULL;
        bench->done = 0;
        esc_credentials_resolve(bench->aws, bench->account, bench->environment, "session",
                                bench_on_credentials, bench);
        assert_true(esc_loop_run_until(bench->loop, waits_or_is_over, bench));
        assert_true(esc_credentials_are_renewing(bench->aws));
        if (turn == 0) { /* without waiting: no keys with what may be spent */
            esc_aws_free(ESC_STEAL(bench->aws));
            assert_int_equal(ESC_CANCELLED, bench->failure.status);
            esc_http_reply(bench->fake.waiting, 400, "text/plain", ESC_STR("nobody listens"));
            bench_open_aws(bench);
        }
    }
    fake_token(&bench->fake, bench->fake.waiting);
    bench_wait_for(bench, 1);
    assert_false(esc_credentials_are_renewing(bench->aws));
    bench_expect_key(bench, "AO123456789012");
}

static void a_cache_of_somebody_else_is_not_believed(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep) char *path = NULL;
    char hex[ESC_SHA1_TEXT];
    bench->fake.bearer = "bearer";
    bench_set(&bench->account->profile, "p");
    bench_log_in(bench, "corp", TOKEN("2026-11-21T16:00:00Z"));
    esc_sha1_hex(ESC_STR("corp"), hex);
    path = esc_sprintf("%s/.aws/sso/cache/%s.json", bench->folder, hex);
    if (geteuid() == 0) { /* only then it can be given away */
        assert_int_equal(0, chown(path, 12345, (gid_t)-1));
        bench_resolve(bench, SSO_SESSION);
        bench_expect_failure(bench, ESC_DENIED, "the cache of AWS SSO belongs to somebody else: /");
        assert_int_equal(0, chown(path, 0, (gid_t)-1));
    }
    assert_int_equal(0, chmod(path, 0777)); /* all that some file systems know */
    bench_resolve(bench, SSO_SESSION);
    bench_expect_key(bench, "AO123456789012");
    assert_int_equal(0, unlink(path));
    assert_int_equal(0, mkdir(path, 0700));
    esc_credentials_forget(bench->aws, bench->account);
    bench_resolve(bench, SSO_SESSION);
    bench_expect_failure(bench, ESC_IO, "the cache of AWS SSO");
}

static void a_token_that_cannot_be_refreshed_counts_to_its_end(void **state)
{
    struct bench *bench = *state;
    bench->fake.bearer = "old";
    bench->fake.refresh_token = "somebody was quicker";
    bench_set(&bench->account->profile, "p");
    bench_log_in(bench, "corp", OLD_TOKEN("2026-11-21T08:04:00Z", "2026-12-01T00:00:00Z"));
    bench_resolve(bench, SSO_SESSION);
    bench_expect_key(bench, "AO123456789012");
    bench_log_in(bench, "corp", OLD_TOKEN("2026-11-21T07:04:00Z", "2026-12-01T00:00:00Z"));
    bench_set(&bench->environment->home, "/nonexistent");
    bench_resolve(bench, SSO_SESSION);
    bench_expect_failure(bench, ESC_DENIED, "nobody is logged in");
    bench_set(&bench->environment->home, bench->folder);
    bench_minutes_pass(bench, 56); /* what was kept is to be fetched again */
    static const char *const answers[] = {"", "<html>", "{}", "{\"accessToken\":\"a b\"}",
                                          "{\"accessToken\":\"a\",\"expiresIn\":-1}"};
    for (size_t i = 0; i < ESC_COUNT(answers); i++) {
        bench_at_path(bench, "/token", 200, answers[i]);
        bench_resolve(bench, SSO_SESSION);
        bench_expect_failure(bench, ESC_DENIED, "has expired; run `aws sso login --profile p`");
    }
    bench_at_path(bench, NULL, 0, NULL);
    bench_log_in(bench, "corp", OLD_TOKEN("2026-11-21T07:04:00Z", "2026-11-20T00:00:00Z"));
    bench->fake.refresh_token = "first";
    bench_resolve(bench, SSO_SESSION);
    bench_expect_failure(bench, ESC_DENIED, "has expired"); /* the registration has, too */
    assert_int_equal(0, bench->fake.refreshes);
}

static void the_portal_is_not_believed_either(void **state)
{
    struct bench *bench = *state;
    static const struct {
        int status;
        const char *body;
        enum esc_status expected;
        const char *message;
    } cases[] = {
        {403, "{\"message\":\"hunter2\"}", ESC_DENIED, "the role Read Only in account"},
        {429, "", ESC_THROTTLED, "HTTP 429"},
        {200, "<html>hunter2</html>", ESC_CORRUPT, "not the JSON"},
        {200, "{\"roleCredentials\":{\"accessKeyId\":\"a\"}}", ESC_CORRUPT, "no whole"},
        {200,
         "{\"roleCredentials\":{\"accessKeyId\":\"a\",\"secretAccessKey\":\"hunter2\","
         "\"sessionToken\":\"t\",\"expiration\":\"never\"}}",
         ESC_CORRUPT, "is no time"},
        {302, "", ESC_INVALID, "HTTP 302"},
        {500, "", ESC_UNAVAILABLE, "HTTP 500"},
    };
    bench->fake.bearer = "bearer";
    bench_set(&bench->account->profile, "p");
    bench_log_in(bench, "corp", TOKEN("2026-11-21T16:00:00Z"));
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        bench_at_path(bench, "/federation/credentials", cases[i].status, cases[i].body);
        bench_resolve(bench, SSO_SESSION);
        bench_expect_failure(bench, cases[i].expected, cases[i].message);
    }
}

static void a_web_identity_is_shown_without_a_signature(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep)
    char *config = esc_sprintf("[profile p]\nregion = ap-east-1\nweb_identity_token_file = "
                               "%s/web\n" ROLE("123456789012"),
                               bench->folder);
    bench->fake.web_token = "header.payload";
    bench->fake.disabled_web_roles = 1; /* there; then the main region is asked */
    bench_set(&bench->account->profile, "p");
    bench_resolve(bench, config);
    bench_expect_failure(bench, ESC_NOT_FOUND, "the web identity token");
    bench_write_file(bench, "web", "header.payload\n", 0600);
    bench_resolve(bench, config);
    bench_expect_key(bench, "AW123456789012");
    bench_set(&bench->account->profile, NULL);
    bench->environment->web_identity_file = esc_path_join(bench->folder, "web");
    bench->environment->web_identity_role = esc_strdup("arn:aws:iam::123456789012:role/Other");
    bench_resolve(bench, "");
    bench_expect_key(bench, "AW123456789012");
    assert_int_equal(2, bench->fake.web_roles);
}

#define WEB_PROFILE "[profile p]\nweb_identity_token_file = /dev/null\n" ROLE("123456789012")

static void an_emulator_is_shown_no_token(void **state)
{
    struct bench *bench = *state;
    static const char *const configs[] = {
        SSO_SESSION, SSO_OLD, WEB_PROFILE,
        "[profile p]\nsource_profile = q\n" ROLE(
            "123456789012") "[profile q]\nsso_session = corp\n"
                            "sso_account_id = 123456789012\nsso_role_name = R\n"
                            "[sso-session corp]\nsso_region = eu-west-1\n"
                            "sso_start_url = https://corp.awsapps.com/start\n"};
    bench_show_tokens_at(bench, NULL);
    bench->fake.bearer = "bearer";
    bench->fake.refresh_token = "first";
    bench_log_in(bench, "corp", TOKEN("2026-11-21T16:00:00Z"));
    bench_log_in(bench, "https://old.awsapps.com/start",
                 OLD_TOKEN("2026-11-21T07:00:00Z", "2026-12-01T00:00:00Z"));
    bench_set(&bench->account->profile, "p");
    for (size_t i = 0; i < ESC_COUNT(configs); i++) {
        bench_resolve(bench, configs[i]);
        bench_expect_failure(bench, ESC_INVALID, "is never shown to an emulator");
    }
    bench_set(&bench->account->profile, NULL);
    bench_set(&bench->environment->profile, "p"); /* as AWS_PROFILE at most desks */
    bench_resolve(bench, SSO_SESSION);
    bench_expect_failure(bench, ESC_INVALID, "a token of AWS SSO is never shown to an emulator");
    bench_set(&bench->environment->profile, NULL);
    bench_set(&bench->environment->web_identity_file, "/dev/null");
    bench_set(&bench->environment->web_identity_role, "arn:aws:iam::123456789012:role/Other");
    bench_resolve(bench, "");
    bench_expect_failure(bench, ESC_INVALID, "a web identity token is never shown to an emulator");
    bench_set(&bench->account->sso_session, "corp");
    bench_set(&bench->account->sso_role, "Read Only");
    bench_resolve(bench, SSO_SESSION);
    bench_expect_failure(bench, ESC_INVALID, "a token of AWS SSO is never shown to an emulator");
    assert_int_equal(0, bench->fake.portal + bench->fake.refreshes + bench->fake.web_roles);
}

static void a_token_goes_nowhere_in_clear(void **state)
{
    struct bench *bench = *state;
    static const char *const urls[] = {"http://example.com/", "http://127.0.0.1.example.com",
                                       "ftp://127.0.0.1/", "/x"};
    bench_set(&bench->account->profile, "p");
    for (size_t i = 0; i < ESC_COUNT(urls); i++) {
        bench_show_tokens_at(bench, urls[i]);
        bench_resolve(bench, SSO_SESSION);
        bench_expect_failure(bench, ESC_INVALID, "AWS_ENDPOINT_URL_SSO is neither https nor");
        bench_resolve(bench, WEB_PROFILE);
        bench_expect_failure(bench, ESC_INVALID, "AWS_ENDPOINT_URL_STS is neither https nor");
        bench_set(&bench->environment->sso_endpoint, "https://example.com");
        bench_resolve(bench, SSO_SESSION);
        bench_expect_failure(bench, ESC_INVALID, "AWS_ENDPOINT_URL_SSO_OIDC is neither https nor");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BENCH(the_token_of_aws_sso_is_shown_for_a_roles_keys),
        WITH_BENCH(an_account_may_name_the_session_itself),
        WITH_BENCH(whoever_is_not_logged_in_is_told_how),
        WITH_BENCH(a_token_that_ends_is_refreshed_and_written_back),
        WITH_BENCH(a_refresh_under_way_is_told_to_whoever_would_leave),
        WITH_BENCH(a_cache_of_somebody_else_is_not_believed),
        WITH_BENCH(a_token_that_cannot_be_refreshed_counts_to_its_end),
        WITH_BENCH(the_portal_is_not_believed_either),
        WITH_BENCH(a_web_identity_is_shown_without_a_signature),
        WITH_BENCH(an_emulator_is_shown_no_token),
        WITH_BENCH(a_token_goes_nowhere_in_clear),
    };
    return cmocka_run_group_tests_name("aws/sources_sso", tests, NULL, NULL);
}
