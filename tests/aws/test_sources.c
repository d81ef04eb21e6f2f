/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "escher/aws/keychain.h"
#include "escher/aws/resolve.h"
#include "escher/base/file.h"
#include "escher/crypt/digest.h"
#include "escher/loop/timer.h"
#include "tests/aws/fake_sources.h"

static struct esc_error err;

struct bench {
    struct esc_loop *loop;
    struct esc_aws *aws;
    struct fake_sources fake;
    struct esc_clock_fixed clock;
    struct esc_keyring_memory memory;
    struct esc_keyring *keyring;
    struct esc_account *account;
    struct esc_aws_environment *environment;
    char *folder;
    int done, expected, questions;
    struct asked *slow;         /* "you", who answer when the test says so */
    const char *const *answers; /* of whoever is asked, in turn; NULL: they go away */
    struct esc_credentials *credentials;
    struct esc_error failure;
};

static void set(char **field, const char *value)
{
    free(*field);
    *field = esc_strdup_null(value);
}

struct asked {
    struct bench *bench;
    esc_aws_answer_fn *answer;
    void *context;
};

static void answer(void *context)
{
    struct asked asked = *(struct asked *)context;
    const char *text = asked.bench->answers[0];
    free(context);
    asked.bench->answers += text ? 1 : 0;
    if (text)
        asked.answer(asked.context, esc_secret_of_text(text), NULL);
    else
        asked.answer(asked.context, NULL, &(struct esc_error){ESC_LOCKED, "no MFA code was given"});
}

static void ask(void *context, const struct esc_aws_question *question, esc_aws_answer_fn *to,
                void *to_context)
{
    struct bench *bench = context;
    struct asked *asked = esc_alloc_zero(sizeof *asked);
    *asked = (struct asked){bench, to, to_context};
    bench->questions++;
    assert_string_equal("arn:aws:iam::111111111111:mfa/me", question->device);
    assert_string_equal("production", question->account);
    if (esc_text_equal("you", question->asker)) {
        bench->slow = asked;
        return;
    }
    assert_string_equal("me", question->asker);
    assert_int_equal(bench->questions > 1, question->is_again);
    esc_loop_post(bench->loop, answer, asked);
}

static const char *nothing(void *, const char *)
{
    return NULL;
}

static void new_aws(struct bench *bench)
{
    const struct esc_aws_options options = {
        .clock = &bench->clock.clock, .keyring = bench->keyring, .ask = ask, .ask_context = bench};
    expect_ok(esc_aws_new(bench->loop, &options, &bench->aws, &err));
}

/* NULL: only to AWS */
static void show_tokens_at(struct bench *bench, const char *url)
{
    set(&bench->environment->sso_endpoint, url);
    set(&bench->environment->oidc_endpoint, url);
    set(&bench->environment->sts_endpoint, url);
}

static int set_up(void **state)
{
    struct bench *bench = esc_alloc_zero(sizeof *bench);
    uint64_t now_ms = 0;
    assert_true(esc_time_parse(ESC_STR("2026-11-21T08:00:00Z"), &now_ms));
    esc_clock_fixed_init(&bench->clock, now_ms);
    expect_ok(esc_loop_new(&bench->loop, &err));
    bench->keyring = esc_keyring_memory_new(&bench->memory);
    new_aws(bench);
    sources_begin(&bench->fake, bench->loop);
    bench->folder = test_folder();
    bench->environment = esc_aws_environment_new(nothing, NULL);
    bench->environment->config_file = esc_path_join(bench->folder, "config");
    bench->environment->home = esc_strdup(bench->folder);
    bench->environment->asker = esc_strdup("me");
    show_tokens_at(bench, esc_http_listener_url(bench->fake.sts.listener));
    bench->account = esc_account_new();
    bench->account->id = esc_strdup("123456789012");
    bench->account->name = esc_strdup("production");
    bench->account->emulator = true;
    bench->account->endpoint_url = esc_strdup(esc_http_listener_url(bench->fake.sts.listener));
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    esc_aws_free(bench->aws);
    esc_http_listener_close(bench->fake.sts.listener);
    esc_loop_free(bench->loop);
    esc_keyring_free(bench->keyring);
    esc_account_free(bench->account);
    esc_aws_environment_free(bench->environment);
    esc_credentials_free(bench->credentials);
    free(bench->folder);
    free(bench);
    return 0;
}

static void on_credentials(void *context, struct esc_credentials *credentials,
                           const struct esc_error *failure)
{
    struct bench *bench = context;
    bench->done++;
    esc_credentials_free(bench->credentials);
    bench->credentials = credentials;
    bench->failure = failure ? *failure : (struct esc_error){0};
}

static bool is_done(void *context)
{
    const struct bench *bench = context;
    return bench->done == bench->expected;
}

static void write_file(const struct bench *bench, const char *name, const char *text, unsigned mode)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(bench->folder, name);
    expect_ok(esc_file_make_folder_of(path, &err));
    expect_ok(esc_file_replace(path, esc_str_of(text), mode, &err));
}

static void wait_for(struct bench *bench, int count)
{
    bench->expected = count;
    assert_true(esc_loop_run_until(bench->loop, is_done, bench));
}

static void resolve_many(struct bench *bench, const char *config, int times)
{
    write_file(bench, "config", config, 0600);
    bench->done = 0;
    for (int i = 0; i < times; i++)
        esc_credentials_resolve(bench->aws, bench->account, bench->environment, "session",
                                on_credentials, bench);
    wait_for(bench, times);
    assert_null(strstr(bench->failure.message, "hunter2")); /* whatever went wrong */
}

static void resolve(struct bench *bench, const char *config)
{
    resolve_many(bench, config, 1);
}

static void expect_key(struct bench *bench, const char *key_id)
{
    assert_string_equal("", bench->failure.message);
    assert_non_null(bench->credentials);
    assert_string_equal(key_id, bench->credentials->access_key_id);
}

static void expect_failure(struct bench *bench, enum esc_status status, const char *part)
{
    assert_null(bench->credentials);
    if (bench->failure.status != status)
        fail_msg("%s: %s", esc_status_text(bench->failure.status), bench->failure.message);
    expect_contains(part, bench->failure.message);
}

static void minutes_pass(struct bench *bench, uint64_t minutes)
{
    esc_clock_fixed_advance(&bench->clock, minutes * 60 * 1000);
}

static void at_path(struct bench *bench, const char *path, int status, const char *body)
{
    bench->fake.instead_of = path;
    bench->fake.status = status;
    bench->fake.body = body;
}

#define KEYS(account) "aws_access_key_id = AK" account "\naws_secret_access_key = hunter2\n"
#define ROLE(account) "role_arn = arn:aws:iam::" account ":role/R\n"
#define METADATA "/latest/meta-data/iam/security-credentials/"

/* The machine. */

static void
the_machines_role_is_had_with_a_token_and_kept_until_five_minutes_before_its_end(void **state)
{
    struct bench *bench = *state;
    set(&bench->environment->metadata_endpoint, esc_http_listener_url(bench->fake.sts.listener));
    resolve_many(bench, "", 20);
    expect_key(bench, "AI123456789012");
    assert_int_equal(1, bench->fake.tokens);
    assert_int_equal(1, bench->fake.machine);
    minutes_pass(bench, 54);
    resolve(bench, "");
    assert_int_equal(1, bench->fake.machine);
    minutes_pass(bench, 1);
    bench->fake.expiration = "2026-11-21T10:00:00Z";
    resolve(bench, "");
    expect_key(bench, "AI123456789012");
    assert_int_equal(2, bench->fake.machine);
}

static void a_role_may_be_assumed_with_what_the_machine_or_the_container_has(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep)
    char *uri = esc_sprintf("%s/container", esc_http_listener_url(bench->fake.sts.listener));
    set(&bench->environment->metadata_endpoint, esc_http_listener_url(bench->fake.sts.listener));
    set(&bench->environment->container_uri, uri);
    bench->environment->container_token = esc_secret_of_text("tok");
    bench->fake.container_token = "tok";
    set(&bench->account->profile, "p");
    resolve(bench, "[profile p]\ncredential_source = Ec2InstanceMetadata\n" ROLE("123456789012"));
    expect_key(bench, "AS123456789012");
    assert_int_equal(1, bench->fake.machine);
    resolve(bench, "[profile p]\ncredential_source = EcsContainer\nduration_seconds = 7200\n" ROLE(
                       "123456789012"));
    expect_key(bench, "AS123456789012");
    assert_int_equal(1, bench->fake.container);
    expect_contains("DurationSeconds=3600", bench->fake.last_role); /* a chain has an hour */
}

static void metadata_that_is_switched_off_or_an_emulators_is_not_asked(void **state)
{
    struct bench *bench = *state;
    resolve(bench, ""); /* an emulator's account, and nobody said where metadata is */
    expect_failure(bench, ESC_NOT_FOUND, "set AWS_ACCESS_KEY_ID");
    set(&bench->environment->metadata_endpoint, esc_http_listener_url(bench->fake.sts.listener));
    bench->environment->metadata_disabled = true;
    resolve(bench, "");
    expect_failure(bench, ESC_NOT_FOUND, "set AWS_ACCESS_KEY_ID");
    assert_int_equal(0, bench->fake.tokens);
}

static void what_is_no_metadata_is_not_believed(void **state)
{
    struct bench *bench = *state;
    static const struct {
        const char *path;
        int status;
        const char *body;
        enum esc_status expected;
        const char *message;
    } cases[] = {
        {"/latest/api/token", 403, "hunter2", ESC_DENIED, "HTTP 403 for a token"},
        {"/latest/api/token", 200, "", ESC_CORRUPT, "no token"},
        {"/latest/api/token", 200, "a\r\nb: hunter2", ESC_CORRUPT, "no token"},
        {METADATA, 404, "", ESC_NOT_FOUND, "attach an instance profile"},
        {METADATA, 200, "../../user-data", ESC_CORRUPT, "no role's name"},
        {METADATA, 200, "<html>hunter2</html>", ESC_CORRUPT, "no role's name"},
        {METADATA, 200, "a\nb", ESC_CORRUPT, "no role's name"},
        {METADATA "Machine-Role", 200, "<html>hunter2", ESC_CORRUPT, "not the JSON"},
        {METADATA "Machine-Role", 200, "{\"Code\":\"Failed\"}", ESC_CORRUPT, "no whole"},
        {METADATA "Machine-Role", 200, "{\"AccessKeyId\":\"AI\",\"SecretAccessKey\":\"hunter2\"}",
         ESC_CORRUPT, "no whole"},
        {METADATA "Machine-Role", 200,
         "{\"AccessKeyId\":\"AI\\r\\nX: y\",\"SecretAccessKey\":\"hunter2\",\"Token\":\"t\"}",
         ESC_CORRUPT, "cannot be credentials"},
        {METADATA "Machine-Role", 200,
         "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"hunter2\",\"Token\":\"t\","
         "\"Expiration\":\"soon\"}",
         ESC_CORRUPT, "`Expiration` is no time"},
        {METADATA "Machine-Role", 200,
         "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"hunter2\",\"Token\":\"t\","
         "\"Expiration\":\"2026-11-21T07:59:00Z\"}",
         ESC_DENIED, "have expired"},
    };
    set(&bench->environment->metadata_endpoint, esc_http_listener_url(bench->fake.sts.listener));
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        at_path(bench, cases[i].path, cases[i].status, cases[i].body);
        resolve(bench, "");
        expect_failure(bench, cases[i].expected, cases[i].message);
    }
    assert_int_equal(0, bench->fake.sts.identities);
}

/* The container. */

static void a_containers_role_is_had_with_its_token(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep)
    char *uri = esc_sprintf("%s/container", esc_http_listener_url(bench->fake.sts.listener));
    set(&bench->environment->container_uri, uri);
    bench->environment->container_token = esc_secret_of_text("of the variable");
    bench->fake.container_token = "of the variable";
    resolve(bench, "");
    expect_key(bench, "AC123456789012");
    write_file(bench, "token", "of the file\n", 0600);
    bench->environment->container_file = esc_path_join(bench->folder, "token");
    bench->fake.container_token = "of the file";
    minutes_pass(bench, 55);
    bench->fake.expiration = "2026-11-21T10:00:00Z";
    resolve(bench, "");
    expect_key(bench, "AC123456789012");
    assert_int_equal(2, bench->fake.container);
}

static void a_containers_token_goes_nowhere_in_clear(void **state)
{
    struct bench *bench = *state;
    bench->environment->container_token = esc_secret_of_text("hunter2");
    static const char *const uris[] = {"http://example.com/", "http://169.254.169.254/x",
                                       "http://127.0.0.1.example.com/", "ftp://127.0.0.1/", "/x"};
    for (size_t i = 0; i < ESC_COUNT(uris); i++) {
        set(&bench->environment->container_uri, uris[i]);
        resolve(bench, "");
        expect_failure(bench, ESC_INVALID, "neither https nor on this machine");
    }
}

static void what_does_not_answer_is_left_alone_for_ten_seconds(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep)
    char *uri = esc_sprintf("%s/container", esc_http_listener_url(bench->fake.sts.listener));
    set(&bench->environment->container_uri, uri);
    at_path(bench, "/container", 503, "");
    resolve(bench, "");
    expect_failure(bench, ESC_UNAVAILABLE, "HTTP 503");
    at_path(bench, NULL, 0, NULL);
    bench->fake.container_token = "";
    resolve(bench, "");
    expect_failure(bench, ESC_UNAVAILABLE, "HTTP 503");
    assert_int_equal(0, bench->fake.container);
    esc_credentials_retry(bench->aws); /* unless somebody knows better */
    resolve(bench, "");
    expect_key(bench, "AC123456789012");
    at_path(bench, "/container", 503, "");
    minutes_pass(bench, 55);
    resolve(bench, "");
    at_path(bench, NULL, 0, NULL);
    bench->fake.expiration = "2026-11-21T10:00:00Z";
    esc_clock_fixed_advance(&bench->clock, 10 * 1000);
    resolve(bench, "");
    expect_key(bench, "AC123456789012");
}

/* AWS SSO. */

#define SSO_SESSION                                                                                \
    "[profile p]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Read Only\n"  \
    "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n"
#define SSO_OLD                                                                                    \
    "[profile p]\nsso_start_url = https://old.awsapps.com/start\nsso_region = eu-west-1\n"         \
    "sso_account_id = 123456789012\nsso_role_name = Read Only\n"

static void log_in(struct bench *bench, const char *name, const char *text)
{
    char hex[ESC_SHA1_TEXT];
    esc_sha1_hex(esc_str_of(name), hex);
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf(".aws/sso/cache/%s.json", hex);
    write_file(bench, path, text, 0600);
}

#define TOKEN(until) "{\"accessToken\":\"bearer\",\"expiresAt\":\"" until "\",\"region\":\"x\"}"

static void the_token_of_aws_sso_is_shown_for_a_roles_keys(void **state)
{
    struct bench *bench = *state;
    bench->fake.bearer = "bearer";
    set(&bench->account->profile, "p");
    log_in(bench, "corp", TOKEN("2026-11-21T16:00:00Z"));
    resolve_many(bench, SSO_SESSION, 20);
    expect_key(bench, "AO123456789012");
    assert_int_equal(1, bench->fake.portal);
    log_in(bench, "https://old.awsapps.com/start", TOKEN("2026-11-21T16:00:00UTC"));
    resolve(bench, SSO_OLD);
    expect_failure(bench, ESC_DENIED, "holds no token");
    log_in(bench, "https://old.awsapps.com/start", TOKEN("2026-11-21T16:00:00Z"));
    resolve(bench, SSO_OLD);
    expect_key(bench, "AO123456789012");
    assert_int_equal(2, bench->fake.portal);
}

static void an_account_may_name_the_session_itself(void **state)
{
    struct bench *bench = *state;
    bench->fake.bearer = "bearer";
    set(&bench->account->sso_session, "corp");
    set(&bench->account->sso_role, "Read Only");
    log_in(bench, "corp", TOKEN("2026-11-21T16:00:00Z"));
    resolve(bench, SSO_SESSION);
    expect_key(bench, "AO123456789012");
    resolve(bench, "");
    expect_failure(bench, ESC_NOT_FOUND, "no whole [sso-session corp]");
}

static void whoever_is_not_logged_in_is_told_how(void **state)
{
    struct bench *bench = *state;
    static const char cure[] = "run `aws sso login --profile p`";
    bench->fake.bearer = "another";
    set(&bench->account->profile, "p");
    resolve(bench, SSO_SESSION);
    expect_failure(bench, ESC_DENIED, cure); /* there is no cache */
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
        log_in(bench, "corp", caches[i]);
        resolve(bench, SSO_SESSION);
        expect_failure(bench, ESC_DENIED, cure);
    }
    assert_int_equal(0, bench->fake.portal);
    log_in(bench, "corp", TOKEN("2026-11-21T16:00:00Z"));
    resolve(bench, SSO_SESSION);
    expect_failure(bench, ESC_DENIED, cure); /* the portal knows another token */
    bench->fake.bearer = "bearer";
    resolve(bench, SSO_SESSION);
    expect_key(bench, "AO123456789012"); /* nothing of that is remembered */
}

#define OLD_TOKEN(until, registered)                                                               \
    "{\"accessToken\":\"old\",\"expiresAt\":\"" until "\",\"clientId\":\"id\",\"clientSecret\":"   \
    "\"hunter2\",\"refreshToken\":\"first\",\"registrationExpiresAt\":\"" registered               \
    "\",\"startUrl\":\"https://corp\"}"

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
    set(&bench->account->profile, "p");
    log_in(bench, "corp", OLD_TOKEN("2026-11-21T07:00:00Z", "2026-12-01T00:00:00Z"));
    resolve_many(bench, SSO_SESSION, 5);
    expect_key(bench, "AO123456789012");
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
    minutes_pass(bench, 55);
    bench->fake.expiration = "2026-11-21T10:00:00Z";
    resolve(bench, SSO_SESSION); /* five minutes before its end, with what was written back */
    expect_key(bench, "AO123456789012");
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
    set(&bench->account->profile, "p");
    log_in(bench, "corp", OLD_TOKEN("2026-11-21T08:04:00Z", "2026-12-01T00:00:00Z"));
    write_file(bench, "config", SSO_SESSION, 0600);
    for (int turn = 0; turn < 2; turn++) {
        assert_false(esc_credentials_are_renewing(bench->aws));
        bench->fake.waiting = NULL;
        bench->done = 0;
        esc_credentials_resolve(bench->aws, bench->account, bench->environment, "session",
                                on_credentials, bench);
        assert_true(esc_loop_run_until(bench->loop, waits_or_is_over, bench));
        assert_true(esc_credentials_are_renewing(bench->aws));
        if (turn == 0) { /* without waiting: no keys with what may be spent */
            esc_aws_free(ESC_STEAL(bench->aws));
            assert_int_equal(ESC_CANCELLED, bench->failure.status);
            esc_http_reply(bench->fake.waiting, 400, "text/plain", ESC_STR("nobody listens"));
            new_aws(bench);
        }
    }
    fake_token(&bench->fake, bench->fake.waiting);
    wait_for(bench, 1);
    assert_false(esc_credentials_are_renewing(bench->aws));
    expect_key(bench, "AO123456789012");
}

static void a_cache_of_somebody_else_is_not_believed(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep) char *path = NULL;
    char hex[ESC_SHA1_TEXT];
    bench->fake.bearer = "bearer";
    set(&bench->account->profile, "p");
    log_in(bench, "corp", TOKEN("2026-11-21T16:00:00Z"));
    esc_sha1_hex(ESC_STR("corp"), hex);
    path = esc_sprintf("%s/.aws/sso/cache/%s.json", bench->folder, hex);
    if (geteuid() == 0) { /* only then it can be given away */
        assert_int_equal(0, chown(path, 12345, (gid_t)-1));
        resolve(bench, SSO_SESSION);
        expect_failure(bench, ESC_DENIED, "the cache of AWS SSO belongs to somebody else: /");
        assert_int_equal(0, chown(path, 0, (gid_t)-1));
    }
    assert_int_equal(0, chmod(path, 0777)); /* all that some file systems know */
    resolve(bench, SSO_SESSION);
    expect_key(bench, "AO123456789012");
    assert_int_equal(0, unlink(path));
    assert_int_equal(0, mkdir(path, 0700));
    esc_credentials_forget(bench->aws, bench->account);
    resolve(bench, SSO_SESSION);
    expect_failure(bench, ESC_IO, "the cache of AWS SSO");
}

static void a_token_that_cannot_be_refreshed_counts_to_its_end(void **state)
{
    struct bench *bench = *state;
    bench->fake.bearer = "old";
    bench->fake.refresh_token = "somebody was quicker";
    set(&bench->account->profile, "p");
    log_in(bench, "corp", OLD_TOKEN("2026-11-21T08:04:00Z", "2026-12-01T00:00:00Z"));
    resolve(bench, SSO_SESSION);
    expect_key(bench, "AO123456789012");
    log_in(bench, "corp", OLD_TOKEN("2026-11-21T07:04:00Z", "2026-12-01T00:00:00Z"));
    set(&bench->environment->home, "/nonexistent");
    resolve(bench, SSO_SESSION);
    expect_failure(bench, ESC_DENIED, "nobody is logged in");
    set(&bench->environment->home, bench->folder);
    minutes_pass(bench, 56); /* what was kept is to be fetched again */
    static const char *const answers[] = {"", "<html>", "{}", "{\"accessToken\":\"a b\"}",
                                          "{\"accessToken\":\"a\",\"expiresIn\":-1}"};
    for (size_t i = 0; i < ESC_COUNT(answers); i++) {
        at_path(bench, "/token", 200, answers[i]);
        resolve(bench, SSO_SESSION);
        expect_failure(bench, ESC_DENIED, "has expired; run `aws sso login --profile p`");
    }
    at_path(bench, NULL, 0, NULL);
    log_in(bench, "corp", OLD_TOKEN("2026-11-21T07:04:00Z", "2026-11-20T00:00:00Z"));
    bench->fake.refresh_token = "first";
    resolve(bench, SSO_SESSION);
    expect_failure(bench, ESC_DENIED, "has expired"); /* the registration has, too */
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
    set(&bench->account->profile, "p");
    log_in(bench, "corp", TOKEN("2026-11-21T16:00:00Z"));
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        at_path(bench, "/federation/credentials", cases[i].status, cases[i].body);
        resolve(bench, SSO_SESSION);
        expect_failure(bench, cases[i].expected, cases[i].message);
    }
}

/* A program. */

static void program(struct bench *bench, const char *script)
{
    ESC_CLEANUP(esc_freep) char *text = esc_sprintf("#!/bin/sh\n%s\n", script);
    write_file(bench, "the tool", text, 0700);
}

static char *process_profile(const struct bench *bench, const char *arguments)
{
    return esc_sprintf("[profile p]\ncredential_process = '%s/the tool' %s\n", bench->folder,
                       arguments);
}

static void a_program_gets_its_words_and_an_environment_of_its_own(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep) char *config = process_profile(bench, "get \"a b\" 'c d' e\\ f $HOME");
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(bench->folder, "seen");
    ESC_CLEANUP(esc_freep) char *home = esc_sprintf("HOME=%s", bench->folder);
    struct esc_buf seen;
    bench->environment->credentials = esc_credentials_new("AK123456789012", "hunter2", "t", 0);
    esc_list_push(&bench->environment->process_variables, esc_strdup(home));
    set(&bench->account->profile, "p");
    program(bench, "(for one; do echo \"$one\"; done; echo --; env; readlink /proc/self/fd/0) "
                   "> $HOME/seen\n"
                   "echo hunter2 >&2\n"
                   "echo '{\"Version\":1,\"AccessKeyId\":\"AP123456789012\",'"
                   "'\"SecretAccessKey\":\"s\",\"SessionToken\":\"t\",'"
                   "'\"Expiration\":\"2026-11-21T09:00:00Z\"}'");
    resolve_many(bench, config, 5);
    expect_key(bench, "AP123456789012");
    assert_true(bench->credentials->expires_at_ms > 0);
    esc_buf_init(&seen, 64 * 1024);
    expect_ok(esc_file_read(path, &seen, &err));
    expect_contains("get\na b\nc d\ne f\n$HOME\n--\n", esc_buf_text(&seen));
    expect_contains(home, esc_buf_text(&seen));
    expect_contains("/dev/null", esc_buf_text(&seen));
    assert_null(strstr(esc_buf_text(&seen), "hunter2"));
    assert_null(strstr(esc_buf_text(&seen), "AWS_"));
    esc_buf_done(&seen);
}

static void what_a_program_prints_is_credentials_or_nothing(void **state)
{
    struct bench *bench = *state;
    static const struct {
        const char *script;
        enum esc_status expected;
        const char *message;
    } cases[] = {
        {"echo hunter2; echo hunter2 >&2; exit 3", ESC_DENIED, "ended with exit code 3"},
        {"echo hunter2", ESC_CORRUPT, "not the JSON"},
        {"echo '{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"hunter2\"}'", ESC_CORRUPT,
         "`Version` is not 1"},
        {"echo '{\"Version\":2,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"hunter2\"}'",
         ESC_CORRUPT, "`Version` is not 1"},
        {"echo '{\"Version\":1,\"AccessKeyId\":\"a\"}'", ESC_CORRUPT, "no whole"},
        {"head -c 100000 /dev/zero", ESC_LIMIT, "prints too much"},
        {"kill -9 $$", ESC_IO, "ended by signal 9"},
        {"echo '{\"Version\":1,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"hunter2\","
         "\"Expiration\":\"2026-11-21T07:00:00Z\"}'",
         ESC_DENIED, "have expired"},
    };
    ESC_CLEANUP(esc_freep) char *config = process_profile(bench, "");
    set(&bench->account->profile, "p");
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        program(bench, cases[i].script);
        resolve(bench, config);
        expect_failure(bench, cases[i].expected, cases[i].message);
    }
    resolve(bench, "[profile p]\ncredential_process = 'never closed\n");
    expect_failure(bench, ESC_INVALID, "a quote of credential_process is not closed");
    resolve(bench, "[profile p]\ncredential_process = no-such-program-here\n");
    expect_failure(bench, ESC_NOT_FOUND, "there is no program `no-such-program-here`");
    resolve(bench, "[profile p]\ncredential_process = \"\"\n");
    expect_failure(bench, ESC_INVALID, "no command");
}

static void a_program_that_never_stops_printing_is_held_to_its_limit(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep) char *config = process_profile(bench, "");
    set(&bench->account->profile, "p");
    program(bench, "yes hunter2 | head -c 100000000 >&2; yes hunter2 | head -c 100000000");
    resolve(bench, config);
    expect_failure(bench, ESC_LIMIT, "prints too much");
}

#define PRINTS(key_id)                                                                             \
    "echo '{\"Version\":1,\"AccessKeyId\":\"" key_id "\",\"SecretAccessKey\":\"s\"}'"

static void a_programs_new_keys_are_taken_once_the_old_ones_are_forgotten(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep) char *config = process_profile(bench, "");
    set(&bench->account->profile, "p");
    program(bench, PRINTS("AP123456789012"));
    resolve(bench, config);
    expect_key(bench, "AP123456789012");
    program(bench, PRINTS("AQ123456789012"));
    resolve(bench, config);
    expect_key(bench, "AP123456789012"); /* it is not run for each call */
    esc_credentials_forget(bench->aws, bench->account);
    resolve(bench, config);
    expect_key(bench, "AQ123456789012");
}

#define PRINTS_WITH_END(key_id)                                                                    \
    "echo '{\"Version\":1,\"AccessKeyId\":\"" key_id "\",\"SecretAccessKey\":\"s\","               \
    "\"Expiration\":\"2026-11-21T20:00:00Z\"}'"

static void a_programs_keys_of_another_account_are_asked_for_anew(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep) char *config = process_profile(bench, "");
    set(&bench->account->profile, "p");
    program(bench, PRINTS_WITH_END("AP222222222222"));
    resolve(bench, config);
    expect_failure(bench, ESC_BLOCKED, "belong to account 222222222222");
    program(bench, PRINTS_WITH_END("AP123456789012"));
    esc_credentials_forget(bench->aws, bench->account);
    resolve(bench, config);
    expect_key(bench, "AP123456789012");
}

static void what_was_being_fetched_when_keys_were_forgotten_is_not_kept(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep) char *config = process_profile(bench, "");
    ESC_CLEANUP(esc_freep) char *begun = esc_path_join(bench->folder, "begun");
    ESC_CLEANUP(esc_freep) char *go = esc_path_join(bench->folder, "go");
    ESC_CLEANUP(esc_freep)
    char *slow = esc_sprintf("touch '%s'; while [ ! -e '%s' ]; do sleep 0.01; done; %s", begun, go,
                             PRINTS("AP123456789012"));
    set(&bench->account->profile, "p");
    program(bench, slow);
    write_file(bench, "config", config, 0600);
    esc_credentials_resolve(bench->aws, bench->account, bench->environment, "session",
                            on_credentials, bench);
    while (!esc_file_exists(begun))
        esc_loop_turn(bench->loop);
    program(bench, PRINTS("AQ123456789012"));
    esc_credentials_forget(bench->aws, bench->account);
    write_file(bench, "go", "", 0600);
    wait_for(bench, 1);
    expect_key(bench, "AP123456789012");
    resolve(bench, config);
    expect_key(bench, "AQ123456789012");
}

static bool is_gone(void *context)
{
    return kill(*(const pid_t *)context, 0) != 0;
}

static void freeing_ends_a_program_that_hangs(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep) char *config = process_profile(bench, "");
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(bench->folder, "pid");
    ESC_CLEANUP(esc_freep)
    char *script = esc_sprintf("echo $$ > '%s.new'\nmv '%s.new' '%s'\n"
                               "exec sleep 1000",
                               path, path, path);
    struct esc_buf text;
    set(&bench->account->profile, "p");
    program(bench, script);
    write_file(bench, "config", config, 0600);
    esc_credentials_resolve(bench->aws, bench->account, bench->environment, "session",
                            on_credentials, bench);
    while (!esc_file_exists(path)) /* it says when it is there */
        esc_loop_turn(bench->loop);
    esc_aws_free(ESC_STEAL(bench->aws));
    assert_int_equal(1, bench->done);
    expect_failure(bench, ESC_CANCELLED, "cancelled");
    esc_buf_init(&text, 64);
    expect_ok(esc_file_read(path, &text, &err));
    pid_t pid = (pid_t)strtol(esc_buf_text(&text), NULL, 10);
    assert_true(pid > 1);
    assert_true(esc_loop_run_until(bench->loop, is_gone, &pid));
    esc_buf_done(&text);
}

/* Web identity. */

static void a_web_identity_is_shown_without_a_signature(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep)
    char *config = esc_sprintf(
        "[profile p]\nweb_identity_token_file = %s/web\n" ROLE("123456789012"), bench->folder);
    bench->fake.web_token = "header.payload";
    set(&bench->account->profile, "p");
    resolve(bench, config);
    expect_failure(bench, ESC_NOT_FOUND, "the web identity token");
    write_file(bench, "web", "header.payload\n", 0600);
    resolve(bench, config);
    expect_key(bench, "AW123456789012");
    set(&bench->account->profile, NULL);
    bench->environment->web_identity_file = esc_path_join(bench->folder, "web");
    bench->environment->web_identity_role = esc_strdup("arn:aws:iam::123456789012:role/Other");
    resolve(bench, "");
    expect_key(bench, "AW123456789012");
    assert_int_equal(2, bench->fake.web_roles);
}

/* Bearer tokens. */

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
    show_tokens_at(bench, NULL);
    bench->fake.bearer = "bearer";
    bench->fake.refresh_token = "first";
    log_in(bench, "corp", TOKEN("2026-11-21T16:00:00Z"));
    log_in(bench, "https://old.awsapps.com/start",
           OLD_TOKEN("2026-11-21T07:00:00Z", "2026-12-01T00:00:00Z"));
    set(&bench->account->profile, "p");
    for (size_t i = 0; i < ESC_COUNT(configs); i++) {
        resolve(bench, configs[i]);
        expect_failure(bench, ESC_INVALID, "is never shown to an emulator");
    }
    set(&bench->account->profile, NULL);
    set(&bench->environment->profile, "p"); /* as AWS_PROFILE at most desks */
    resolve(bench, SSO_SESSION);
    expect_failure(bench, ESC_INVALID, "a token of AWS SSO is never shown to an emulator");
    set(&bench->environment->profile, NULL);
    set(&bench->environment->web_identity_file, "/dev/null");
    set(&bench->environment->web_identity_role, "arn:aws:iam::123456789012:role/Other");
    resolve(bench, "");
    expect_failure(bench, ESC_INVALID, "a web identity token is never shown to an emulator");
    set(&bench->account->sso_session, "corp");
    set(&bench->account->sso_role, "Read Only");
    resolve(bench, SSO_SESSION);
    expect_failure(bench, ESC_INVALID, "a token of AWS SSO is never shown to an emulator");
    assert_int_equal(0, bench->fake.portal + bench->fake.refreshes + bench->fake.web_roles);
}

static void a_token_goes_nowhere_in_clear(void **state)
{
    struct bench *bench = *state;
    static const char *const urls[] = {"http://example.com/", "http://127.0.0.1.example.com",
                                       "ftp://127.0.0.1/", "/x"};
    set(&bench->account->profile, "p");
    for (size_t i = 0; i < ESC_COUNT(urls); i++) {
        show_tokens_at(bench, urls[i]);
        resolve(bench, SSO_SESSION);
        expect_failure(bench, ESC_INVALID, "AWS_ENDPOINT_URL_SSO is neither https nor");
        resolve(bench, WEB_PROFILE);
        expect_failure(bench, ESC_INVALID, "AWS_ENDPOINT_URL_STS is neither https nor");
        set(&bench->environment->sso_endpoint, "https://example.com");
        resolve(bench, SSO_SESSION);
        expect_failure(bench, ESC_INVALID, "AWS_ENDPOINT_URL_SSO_OIDC is neither https nor");
    }
}

/* MFA. */

#define DEVICE "mfa_serial = arn:aws:iam::111111111111:mfa/me\n"
#define BASE "[profile base]\n" KEYS("111111111111")
#define WITH_DEVICE "[profile p]\nsource_profile = base\n" DEVICE ROLE("123456789012") BASE

static void a_code_is_asked_for_once_and_counts_for_every_role(void **state)
{
    struct bench *bench = *state;
    static const char *const answers[] = {"123456", NULL};
    struct esc_credentials_state known;
    uint64_t end_ms = 0;
    bench->answers = answers;
    bench->fake.needs_session = true;
    bench->fake.expiration = "2026-11-21T20:00:00Z";
    set(&bench->account->profile, "p");
    resolve_many(bench, WITH_DEVICE, 20);
    expect_key(bench, "AS123456789012");
    set(&bench->account->id, "222222222222");
    set(&bench->account->profile, "q");
    resolve(bench, WITH_DEVICE "[profile q]\nsource_profile = base\n" DEVICE ROLE("222222222222"));
    expect_key(bench, "AS222222222222");
    assert_int_equal(1, bench->questions);
    assert_int_equal(1, bench->fake.sessions);
    assert_true(esc_credentials_state(bench->aws, "222222222222", &known));
    assert_true(esc_time_parse(esc_str_of(bench->fake.expiration), &end_ms));
    assert_int_equal(end_ms, known.login_ends_ms); /* of the role, too */
    set(&bench->environment->asker, NULL);         /* a schedule uses it too, as long as it lasts */
    esc_credentials_forget(bench->aws, bench->account);
    minutes_pass(bench, 11 * 60);
    resolve(bench, WITH_DEVICE "[profile q]\nsource_profile = base\n" DEVICE ROLE("222222222222"));
    expect_key(bench, "AS222222222222");
    minutes_pass(bench, 60);
    esc_credentials_forget(bench->aws, bench->account);
    resolve(bench, WITH_DEVICE "[profile q]\nsource_profile = base\n" DEVICE ROLE("222222222222"));
    expect_failure(bench, ESC_LOCKED, "run `escher accounts test production` at a terminal");
}

static void a_wrong_code_is_asked_for_again_twice(void **state)
{
    struct bench *bench = *state;
    static const char *const mended[] = {"12345", "000000", "123456", NULL}, *const wrong[] = {
                                                                                 "000000", "000001",
                                                                                 "000002", "123456",
                                                                                 NULL};
    set(&bench->account->profile, "p");
    bench->answers = mended;
    resolve(bench, WITH_DEVICE);
    expect_key(bench, "AS123456789012");
    assert_int_equal(3, bench->questions);
    assert_int_equal(1, bench->fake.wrong_codes); /* five digits never left this machine */
    esc_aws_free(ESC_STEAL(bench->aws));
    new_aws(bench);
    bench->questions = 0;
    bench->answers = wrong;
    resolve(bench, WITH_DEVICE);
    expect_failure(bench, ESC_DENIED, "invalid MFA one time pass code");
    assert_int_equal(3, bench->questions);
    assert_null(strstr(bench->failure.message, "00000"));
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
    set(&bench->account->profile, "p");
    set(&other->profile, "q");
    set(&other->id, "222222222222");
    set(&theirs->asker, "you");
    write_file(bench, "config", config, 0600);
    esc_credentials_resolve(bench->aws, bench->account, bench->environment, "session",
                            on_credentials, bench);
    esc_credentials_resolve(bench->aws, other, theirs, "session", on_credentials, bench);
    wait_for(bench, 1);
    expect_key(bench, "AS123456789012");
    answer(bench->slow);
    wait_for(bench, 2);
    expect_key(bench, "AS222222222222");
    assert_int_equal(2, bench->questions);
    assert_int_equal(1, bench->fake.sessions);
}

static void whoever_gives_no_code_gets_no_keys(void **state)
{
    struct bench *bench = *state;
    static const char *const answers[] = {NULL};
    bench->answers = answers;
    set(&bench->account->profile, "p");
    resolve_many(bench, WITH_DEVICE, 20);
    expect_failure(bench, ESC_LOCKED, "no MFA code was given");
    assert_int_equal(1, bench->questions); /* nobody is asked twenty times */
    bench->environment->credentials = esc_credentials_new("AK111111111111", "hunter2", "t", 0);
    resolve(bench, "[profile p]\ncredential_source = Environment\n" DEVICE ROLE("123456789012"));
    expect_failure(bench, ESC_INVALID, "an MFA code counts with long-lived keys only");
    assert_int_equal(0, bench->fake.sessions);
}

static void what_an_account_says_of_its_role_counts(void **state)
{
    struct bench *bench = *state;
    static const char *const answers[] = {"123456", NULL};
    bench->answers = answers;
    bench->fake.needs_session = true;
    set(&bench->account->role_arn, "arn:aws:iam::123456789012:role/Own");
    set(&bench->account->source_profile, "base");
    set(&bench->account->external_id, "ours");
    set(&bench->account->mfa_serial, "arn:aws:iam::111111111111:mfa/me");
    bench->account->duration_s = 7200;
    resolve(bench, BASE);
    expect_key(bench, "AS123456789012");
    expect_contains("&ExternalId=ours&DurationSeconds=7200", bench->fake.last_role);
    set(&bench->account->mfa_serial, NULL);
    set(&bench->account->source_profile, NULL);
    bench->fake.needs_session = false;
    bench->environment->credentials = esc_credentials_new("AK111111111111", "hunter2", "t", 0);
    resolve(bench, ""); /* keys with a token may be a role's, and roles in a row get an hour */
    expect_contains("&ExternalId=ours&DurationSeconds=3600", bench->fake.last_role);
}

/* The keychain. */

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
    set(&bench->account->keychain, item);
    resolve(bench, "");
    expect_failure(bench, ESC_NOT_FOUND, "escher accounts add ACCOUNT --keychain");
    bench->done = 0;
    esc_keychain_put(bench->loop, bench->keyring, item, keys, on_kept, bench);
    wait_for(bench, 1);
    assert_string_equal("", bench->failure.message);
    resolve_many(bench, "", 20);
    expect_key(bench, "AK123456789012");
    assert_true(esc_str_is(esc_secret_view(bench->credentials->secret_access_key), "hunter2"));
    assert_int_equal(2, bench->memory.gets - 1); /* the miss, and one for twenty; one reads back */
    bench->done = 0;
    esc_keychain_remove(bench->loop, bench->keyring, item, on_kept, bench);
    wait_for(bench, 1);
    assert_string_equal("", bench->failure.message);
}

static void a_locked_keychain_is_told_from_an_empty_one(void **state)
{
    struct bench *bench = *state;
    set(&bench->account->keychain, "aws default 123456789012");
    bench->memory.get = ESC_LOCKED;
    resolve(bench, "");
    expect_failure(bench, ESC_LOCKED, "the keychain");
    bench->memory.get = ESC_UNAVAILABLE;
    resolve(bench, "");
    expect_failure(bench, ESC_UNAVAILABLE, "the keychain");
}

static void put_keys(struct bench *bench, const char *key_id)
{
    ESC_CLEANUP(esc_credentials_freep)
    struct esc_credentials *keys = esc_credentials_new(key_id, "hunter2", NULL, 0);
    bench->done = 0;
    esc_keychain_put(bench->loop, bench->keyring, bench->account->keychain, keys, on_kept, bench);
    wait_for(bench, 1);
    assert_string_equal("", bench->failure.message);
}

static void keys_that_were_replaced_in_the_keychain_are_taken(void **state)
{
    struct bench *bench = *state;
    set(&bench->account->keychain, "aws default 123456789012");
    put_keys(bench, "AK123456789012");
    resolve(bench, "");
    put_keys(bench, "AL123456789012");
    esc_credentials_forget(bench->aws, bench->account);
    resolve(bench, "");
    expect_key(bench, "AL123456789012");
    put_keys(bench, "AK222222222222"); /* another account's: proven, and not cached */
    esc_credentials_forget(bench->aws, bench->account);
    resolve(bench, "");
    expect_failure(bench, ESC_BLOCKED, "belong to account 222222222222");
    put_keys(bench, "AM123456789012");
    esc_credentials_forget(bench->aws, bench->account);
    resolve(bench, "");
    expect_key(bench, "AM123456789012");
}

/* All of them. */

static void a_clock_that_is_set_back_makes_no_keys_last_longer(void **state)
{
    struct bench *bench = *state;
    set(&bench->environment->metadata_endpoint, esc_http_listener_url(bench->fake.sts.listener));
    bench->fake.sts.expiration = bench->fake.expiration;
    resolve(bench, "");
    expect_key(bench, "AI123456789012");
    set(&bench->account->role_arn, "arn:aws:iam::123456789012:role/Own");
    resolve(bench, "");
    expect_key(bench, "AS123456789012");
    bench->clock.wall_ms -= 3600 * 1000; /* they end in an hour, and our clock says in two */
    minutes_pass(bench, 54);
    resolve(bench, "");
    assert_int_equal(1, bench->fake.machine);
    assert_int_equal(1, bench->fake.sts.roles);
    minutes_pass(bench, 2);
    resolve(bench, "");
    expect_key(bench, "AS123456789012");
    assert_int_equal(2, bench->fake.machine);
    assert_int_equal(2, bench->fake.sts.roles);
}

static void keys_of_a_role_that_have_ended_are_none(void **state)
{
    struct bench *bench = *state;
    bench->fake.sts.expiration = "2026-11-21T07:59:59Z";
    set(&bench->account->role_arn, "arn:aws:iam::123456789012:role/Own");
    bench->environment->credentials = esc_credentials_new("AK111111111111", "hunter2", NULL, 0);
    resolve(bench, "");
    expect_failure(bench, ESC_DENIED,
                   "assume arn:aws:iam::123456789012:role/Own: sts gave credentials that have "
                   "expired");
}

static void what_is_known_of_an_account_is_told_without_secrets(void **state)
{
    struct bench *bench = *state;
    struct esc_credentials_state known;
    uint64_t end_ms = 0;
    assert_false(esc_credentials_state(bench->aws, "123456789012", &known));
    set(&bench->account->profile, "p");
    resolve(bench, SSO_SESSION);
    assert_true(esc_credentials_state(bench->aws, "123456789012", &known));
    assert_string_equal("AWS SSO corp", known.source);
    assert_int_equal(ESC_DENIED, known.status);
    assert_string_equal("nobody is logged in to AWS SSO; run `aws sso login --profile p`",
                        known.message);
    bench->fake.bearer = "bearer";
    log_in(bench, "corp", TOKEN("2026-11-21T16:00:00Z"));
    resolve(bench, SSO_SESSION);
    assert_true(esc_credentials_state(bench->aws, "123456789012", &known));
    assert_null(known.message);
    assert_string_equal("AO123456789012", known.access_key_id);
    assert_true(esc_time_parse(ESC_STR("2026-11-21T09:00:00Z"), &end_ms));
    assert_int_equal(end_ms, known.expires_at_ms);
    assert_true(esc_time_parse(ESC_STR("2026-11-21T16:00:00Z"), &end_ms));
    assert_int_equal(end_ms, known.login_ends_ms); /* of what nobody but a person renews */
    esc_credentials_forget(bench->aws, bench->account);
    log_in(bench, "corp", OLD_TOKEN("2026-11-21T16:00:00Z", "2026-12-01T00:00:00Z"));
    bench->fake.bearer = "old";
    resolve(bench, SSO_SESSION);
    assert_true(esc_credentials_state(bench->aws, "123456789012", &known));
    assert_int_equal(0, known.login_ends_ms); /* it renews itself */
}

static void freeing_ends_whoever_waits_for_an_answer_or_a_person(void **state)
{
    struct bench *bench = *state;
    static const char *const answers[] = {"123456", NULL};
    bench->answers = answers;
    write_file(bench, "config", WITH_DEVICE SSO_OLD, 0600);
    log_in(bench, "https://old.awsapps.com/start", TOKEN("2026-11-21T16:00:00Z"));
    set(&bench->account->profile, "p");
    esc_credentials_resolve(bench->aws, bench->account, bench->environment, "session",
                            on_credentials, bench);
    while (bench->questions == 0)
        esc_loop_turn(bench->loop); /* the answer is posted, and comes after the end */
    esc_aws_free(ESC_STEAL(bench->aws));
    assert_int_equal(1, bench->done);
    assert_int_equal(ESC_CANCELLED, bench->failure.status);
    for (int i = 0; i < 5; i++)
        esc_loop_turn(bench->loop);
    assert_null(*bench->answers); /* it was given, to nobody */
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BENCH(
            the_machines_role_is_had_with_a_token_and_kept_until_five_minutes_before_its_end),
        WITH_BENCH(a_role_may_be_assumed_with_what_the_machine_or_the_container_has),
        WITH_BENCH(metadata_that_is_switched_off_or_an_emulators_is_not_asked),
        WITH_BENCH(what_is_no_metadata_is_not_believed),
        WITH_BENCH(a_containers_role_is_had_with_its_token),
        WITH_BENCH(a_containers_token_goes_nowhere_in_clear),
        WITH_BENCH(what_does_not_answer_is_left_alone_for_ten_seconds),
        WITH_BENCH(the_token_of_aws_sso_is_shown_for_a_roles_keys),
        WITH_BENCH(an_account_may_name_the_session_itself),
        WITH_BENCH(whoever_is_not_logged_in_is_told_how),
        WITH_BENCH(a_token_that_ends_is_refreshed_and_written_back),
        WITH_BENCH(a_refresh_under_way_is_told_to_whoever_would_leave),
        WITH_BENCH(a_cache_of_somebody_else_is_not_believed),
        WITH_BENCH(a_token_that_cannot_be_refreshed_counts_to_its_end),
        WITH_BENCH(the_portal_is_not_believed_either),
        WITH_BENCH(a_program_gets_its_words_and_an_environment_of_its_own),
        WITH_BENCH(what_a_program_prints_is_credentials_or_nothing),
        WITH_BENCH(a_program_that_never_stops_printing_is_held_to_its_limit),
        WITH_BENCH(a_programs_new_keys_are_taken_once_the_old_ones_are_forgotten),
        WITH_BENCH(a_programs_keys_of_another_account_are_asked_for_anew),
        WITH_BENCH(what_was_being_fetched_when_keys_were_forgotten_is_not_kept),
        WITH_BENCH(freeing_ends_a_program_that_hangs),
        WITH_BENCH(a_web_identity_is_shown_without_a_signature),
        WITH_BENCH(an_emulator_is_shown_no_token),
        WITH_BENCH(a_token_goes_nowhere_in_clear),
        WITH_BENCH(a_code_is_asked_for_once_and_counts_for_every_role),
        WITH_BENCH(a_wrong_code_is_asked_for_again_twice),
        WITH_BENCH(two_who_are_asked_for_the_same_device_open_one_session),
        WITH_BENCH(whoever_gives_no_code_gets_no_keys),
        WITH_BENCH(what_an_account_says_of_its_role_counts),
        WITH_BENCH(keys_in_the_keychain_are_used_like_any_other),
        WITH_BENCH(a_locked_keychain_is_told_from_an_empty_one),
        WITH_BENCH(keys_that_were_replaced_in_the_keychain_are_taken),
        WITH_BENCH(a_clock_that_is_set_back_makes_no_keys_last_longer),
        WITH_BENCH(keys_of_a_role_that_have_ended_are_none),
        WITH_BENCH(what_is_known_of_an_account_is_told_without_secrets),
        WITH_BENCH(freeing_ends_whoever_waits_for_an_answer_or_a_person),
    };
    return cmocka_run_group_tests_name("aws/sources", tests, NULL, NULL);
}
