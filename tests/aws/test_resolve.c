/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/resolve.h"

#include "escher/base/file.h"
#include "tests/aws/fake_sts.h"

static struct esc_error err;

struct bench {
    struct esc_loop *loop;
    struct esc_aws *aws;
    struct fake_sts fake;
    struct esc_clock_fixed clock;
    struct esc_account *account;
    struct esc_aws_environment *environment;
    char *folder, *config;
    int done, expected;
    struct esc_credentials *credentials;
    struct esc_error failure;
};

static const char *nothing(void *, const char *)
{
    return NULL;
}

static int set_up(void **state)
{
    struct bench *bench = esc_alloc_zero(sizeof *bench);
    uint64_t now_ms = 0;
    assert_true(esc_time_parse(ESC_STR("2026-11-21T08:00:00Z"), &now_ms));
    esc_clock_fixed_init(&bench->clock, now_ms);
    const struct esc_aws_options options = {.clock = &bench->clock.clock};
    expect_ok(esc_loop_new(&bench->loop, &err));
    expect_ok(esc_aws_new(bench->loop, &options, &bench->aws, &err));
    fake_begin(&bench->fake, bench->loop);
    bench->folder = test_folder();
    bench->config = esc_path_join(bench->folder, "config");
    bench->environment = esc_aws_environment_new(nothing, NULL);
    bench->environment->config_file = esc_strdup(bench->config);
    bench->account = esc_account_new();
    bench->account->id = esc_strdup("123456789012");
    bench->account->name = esc_strdup("production");
    bench->account->emulator = true;
    bench->account->endpoint_url = esc_strdup(esc_http_listener_url(bench->fake.listener));
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    esc_aws_free(bench->aws);
    esc_http_listener_close(bench->fake.listener);
    esc_loop_free(bench->loop);
    esc_account_free(bench->account);
    esc_aws_environment_free(bench->environment);
    esc_credentials_free(bench->credentials);
    free(bench->folder);
    free(bench->config);
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

/* Asks `times` times at once, with the AWS configuration `config`. */
static void resolve(struct bench *bench, const char *config, int times)
{
    expect_ok(esc_file_replace(bench->config, esc_str_of(config), 0600, &err));
    bench->done = 0;
    bench->expected = times;
    for (int i = 0; i < times; i++)
        esc_credentials_resolve(bench->aws, bench->account, bench->environment, "session",
                                on_credentials, bench);
    assert_int_equal(0, bench->done);
    assert_true(esc_loop_run_until(bench->loop, is_done, bench));
}

static void set(char **field, const char *value)
{
    free(*field);
    *field = esc_strdup(value);
}

#define KEYS(account) "aws_access_key_id = AK" account "\naws_secret_access_key = hunter2\n"
#define ROLE(account) "role_arn = arn:aws:iam::" account ":role/R\n"
#define BASE "[profile base]\n" KEYS("111111111111")

static void keys_of_a_profile_are_checked_and_handed_out(void **state)
{
    struct bench *bench = *state;
    set(&bench->account->profile, "prod");
    resolve(bench, "[profile prod]\n" KEYS("123456789012"), 1);
    assert_string_equal("", bench->failure.message);
    assert_string_equal("AK123456789012", bench->credentials->access_key_id);
    assert_int_equal(1, bench->fake.identities);
    resolve(bench, "[profile prod]\n" KEYS("123456789012"), 1);
    assert_int_equal(1, bench->fake.identities); /* known by now */
}

static void another_accounts_keys_are_refused_and_both_accounts_named(void **state)
{
    struct bench *bench = *state;
    set(&bench->account->profile, "prod");
    resolve(bench, "[profile prod]\n" KEYS("999999999999"), 1);
    assert_null(bench->credentials);
    assert_int_equal(ESC_BLOCKED, bench->failure.status);
    assert_string_equal("account production: the credentials belong to account 999999999999, not "
                        "to 123456789012",
                        bench->failure.message);
}

static void a_role_is_assumed_from_its_source(void **state)
{
    struct bench *bench = *state;
    set(&bench->account->role_arn, "arn:aws:iam::123456789012:role/Operator");
    set(&bench->account->source_profile, "base");
    resolve(bench, BASE, 1);
    assert_string_equal("", bench->failure.message);
    assert_string_equal("AS123456789012", bench->credentials->access_key_id);
    assert_int_equal(1, bench->fake.roles);
    assert_int_equal(1, bench->fake.identities);
}

static void a_chain_of_roles_is_walked_from_its_end(void **state)
{
    struct bench *bench = *state;
    set(&bench->account->profile, "outer");
    resolve(bench,
            "[profile outer]\nsource_profile = middle\nexternal_id = secret-id\n" ROLE(
                "123456789012") "[profile middle]\nsource_profile = base\n" ROLE("222222222222")
                BASE,
            1);
    assert_string_equal("", bench->failure.message);
    assert_string_equal("AS123456789012", bench->credentials->access_key_id);
    assert_int_equal(2, bench->fake.roles);
}

static void a_role_is_used_again_until_five_minutes_before_its_end(void **state)
{
    struct bench *bench = *state;
    bench->fake.expiration = "2026-11-21T09:00:00Z";
    set(&bench->account->profile, "prod");
    static const char config[] =
        "[profile prod]\nsource_profile = base\n" ROLE("123456789012") BASE;
    resolve(bench, config, 1);
    esc_clock_fixed_advance(&bench->clock, 54 * 60 * 1000);
    resolve(bench, config, 1);
    assert_int_equal(1, bench->fake.roles);
    esc_clock_fixed_advance(&bench->clock, 60 * 1000);
    bench->fake.expiration = "2026-11-21T10:00:00Z";
    resolve(bench, config, 1);
    assert_int_equal(2, bench->fake.roles);
    esc_credentials_forget(bench->aws, bench->account);
    resolve(bench, config, 1);
    assert_int_equal(3, bench->fake.roles);
}

static void who_asks_at_the_same_time_shares_one_call(void **state)
{
    struct bench *bench = *state;
    set(&bench->account->profile, "prod");
    resolve(bench, "[profile prod]\nsource_profile = base\n" ROLE("123456789012") BASE, 20);
    assert_string_equal("", bench->failure.message);
    assert_int_equal(1, bench->fake.roles);
    assert_int_equal(1, bench->fake.identities);
}

static void who_asks_at_the_same_time_shares_a_failure_too(void **state)
{
    struct bench *bench = *state;
    set(&bench->account->profile, "prod");
    fake_fail(&bench->fake, 1, 403, FAKE_ERROR("AccessDenied", "once"));
    resolve(bench, "[profile prod]\n" KEYS("123456789012"), 3);
    assert_null(bench->credentials);
    assert_int_equal(1, bench->fake.identities);
    resolve(bench, "[profile prod]\n" KEYS("123456789012"), 1);
    assert_non_null(bench->credentials); /* it is not remembered */
}

static void expired_keys_are_looked_up_again_once(void **state)
{
    struct bench *bench = *state;
    set(&bench->account->profile, "prod");
    fake_fail(&bench->fake, 1, 403, FAKE_ERROR("ExpiredToken", "gone"));
    resolve(bench, "[profile prod]\n" KEYS("123456789012"), 1);
    assert_string_equal("", bench->failure.message);
    assert_int_equal(2, bench->fake.identities);
    esc_credentials_forget(bench->aws, bench->account);
    fake_fail(&bench->fake, 9, 403, FAKE_ERROR("ExpiredToken", "gone"));
    resolve(bench, "[profile prod]\n" KEYS("123456789012"), 1);
    assert_int_equal(ESC_DENIED, bench->failure.status);
    assert_string_equal("account production: sts: ExpiredToken: gone", bench->failure.message);
    assert_int_equal(4, bench->fake.identities);
}

static void a_role_that_is_denied_names_the_role(void **state)
{
    struct bench *bench = *state;
    set(&bench->account->profile, "prod");
    fake_fail(&bench->fake, 1, 403, FAKE_ERROR("AccessDenied", "no"));
    resolve(bench, "[profile prod]\nsource_profile = base\n" ROLE("123456789012") BASE, 1);
    assert_int_equal(ESC_DENIED, bench->failure.status);
    assert_string_equal("account production: assume arn:aws:iam::123456789012:role/R: sts: "
                        "AccessDenied: no",
                        bench->failure.message);
}

static void without_profile_and_role_the_environment_decides(void **state)
{
    struct bench *bench = *state;
    static const char config[] =
        "[default]\n" KEYS("123456789012") "[profile other]\n" KEYS("999999999999");
    resolve(bench, config, 1);
    assert_string_equal("AK123456789012", bench->credentials->access_key_id);
    bench->environment->profile = esc_strdup("other");
    resolve(bench, config, 1);
    assert_int_equal(ESC_BLOCKED, bench->failure.status);
    bench->environment->credentials = esc_credentials_new("AK123456789012", "k", "t", 0);
    resolve(bench, config, 1);
    assert_true(esc_str_is(esc_secret_view(bench->credentials->session_token), "t"));
}

static void an_account_without_an_id_is_resolved_without_comparing(void **state)
{
    struct bench *bench = *state;
    free(ESC_STEAL(bench->account->id));
    free(ESC_STEAL(bench->account->name));
    resolve(bench, "[default]\n" KEYS("999999999999"), 1);
    assert_string_equal("AK999999999999", bench->credentials->access_key_id);
}

static void what_cannot_work_says_so_with_its_cure(void **state)
{
    struct bench *bench = *state;
    static const struct {
        const char *profile, *config;
        enum esc_status status;
        const char *message;
    } cases[] = {
        {NULL, "", ESC_NOT_FOUND, "set AWS_ACCESS_KEY_ID"},
        {"p", "", ESC_NOT_FOUND, "no profile `p`"},
        {"p", "[profile p]\nregion = x\n", ESC_NOT_FOUND, "`p` has no credentials"},
        {"p", "[profile p]\nsso_start_url = x\n", ESC_INVALID, "aws configure sso --profile p"},
        {"p", "[profile p]\nsource_profile = q\n" ROLE("123456789012"), ESC_INVALID, "`q`"},
        {"p", "[profile p]\nsource_profile = p\n" ROLE("123456789012"), ESC_INVALID,
         "more than 5 roles in a row"},
        {"p",
         "[profile p]\nsource_profile = q\n" ROLE("123456789012") "[profile q]\nsource_profile = "
                                                                  "p\n" ROLE("222222222222"),
         ESC_INVALID, "more than 5 roles in a row"},
        {"p", "[profile p\n", ESC_INVALID, "config:1: a section has no closing ]"},
        {"p", "[profile p]\ncredential_source = Environment\n" ROLE("123456789012"), ESC_NOT_FOUND,
         "set AWS_ACCESS_KEY_ID"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        free(bench->account->profile);
        bench->account->profile = esc_strdup_null(cases[i].profile);
        resolve(bench, cases[i].config, 1);
        if (bench->failure.status != cases[i].status)
            fail_msg("case %zu: %s", i, bench->failure.message);
        expect_contains(cases[i].message, bench->failure.message);
        expect_contains("account production: ", bench->failure.message);
        assert_null(bench->credentials);
    }
    assert_int_equal(0, bench->fake.identities + bench->fake.roles);
}

static void a_role_may_use_keys_of_its_own_profile(void **state)
{
    struct bench *bench = *state;
    set(&bench->account->profile, "p");
    resolve(bench, "[profile p]\nsource_profile = p\n" ROLE("123456789012") KEYS("111111111111"),
            1);
    assert_string_equal("", bench->failure.message);
    assert_string_equal("AS123456789012", bench->credentials->access_key_id);
}

static void only_an_emulator_gets_another_endpoint(void **state)
{
    struct bench *bench = *state;
    set(&bench->environment->https_proxy, "http://127.0.0.1:1"); /* nothing leaves this machine */
    bench->account->emulator = false;
    set(&bench->account->profile, "prod");
    resolve(bench, "[profile prod]\n" KEYS("123456789012"), 1);
    assert_int_equal(ESC_UNAVAILABLE, bench->failure.status);
    expect_contains("https://sts.us-east-1.amazonaws.com/", bench->failure.message);
    assert_int_equal(0, bench->fake.identities);
}

static void sts_is_asked_where_the_caller_is_at_home(void **state)
{
    struct bench *bench = *state;
    static const struct {
        const char *scanned, *profile, *host;
    } cases[] = {
        {"ap-east-1", "eu-west-1", "https://sts.eu-west-1.amazonaws.com/"}, /* may not be enabled */
        {"ap-east-1", NULL, "https://sts.ap-east-1.amazonaws.com/"},
        {"cn-north-1", "eu-west-1", "https://sts.cn-north-1.amazonaws.com.cn/"},
        {"us-gov-west-1", "us-gov-east-1", "https://sts.us-gov-east-1.amazonaws.com/"},
    };
    set(&bench->environment->https_proxy, "http://127.0.0.1:1"); /* nothing leaves this machine */
    bench->account->emulator = false;
    set(&bench->account->profile, "prod");
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_freep)
        char *config = esc_sprintf("[profile prod]\n%s%s\n" KEYS("123456789012"),
                                   cases[i].profile ? "region = " : "",
                                   cases[i].profile ? cases[i].profile : "");
        esc_list_done(&bench->account->regions);
        esc_list_push(&bench->account->regions, esc_strdup(cases[i].scanned));
        resolve(bench, config, 1);
        expect_contains(cases[i].host, bench->failure.message);
    }
}

/* Nothing else says where it is: its session of SSO, its role, or what was seen of its keys does. */
static void without_a_region_the_partition_says_where_sts_is(void **state)
{
    struct bench *bench = *state;
    set(&bench->environment->https_proxy, "http://127.0.0.1:1"); /* nothing leaves this machine */
    bench->account->emulator = false;
    set(&bench->account->profile, "prod");
    set(&bench->account->partition, "aws-us-gov");
    resolve(bench, "[profile prod]\n" KEYS("123456789012"), 1);
    expect_contains("https://sts.us-gov-west-1.amazonaws.com/", bench->failure.message);
    free(ESC_STEAL(bench->account->partition));
    set(&bench->account->role_arn, "arn:aws-cn:iam::123456789012:role/R");
    resolve(bench, "[profile prod]\n" KEYS("123456789012"), 1);
    expect_contains("https://sts.cn-north-1.amazonaws.com.cn/", bench->failure.message);
    set(&bench->environment->region, "eusc-de-east-1");
    free(ESC_STEAL(bench->account->role_arn));
    resolve(bench, "[profile prod]\n" KEYS("123456789012"), 1);
    assert_string_equal(
        "account production: sts: Escher does not work in the partition aws-eusc, only "
        "in aws, aws-cn and aws-us-gov",
        bench->failure.message);
}

static void a_region_that_the_caller_has_not_enabled_is_left_for_the_main_one(void **state)
{
    struct bench *bench = *state;
    bench->fake.disabled = "ap-east-1";
    set(&bench->account->profile, "prod");
    resolve(bench, "[profile prod]\nregion = ap-east-1\n" KEYS("123456789012"), 1);
    assert_string_equal("", bench->failure.message);
    assert_int_equal(2, bench->fake.identities);
    set(&bench->account->profile, "role");
    resolve(bench,
            "[profile role]\nsource_profile = base\nregion = ap-east-1\n" ROLE("123456789012") BASE,
            1);
    assert_string_equal("", bench->failure.message);
    assert_int_equal(1, bench->fake.roles);
    assert_int_equal(2 + 2, bench->fake.identities); /* the role refused once, and who calls */
}

/* Keys that nobody knows anywhere: there, in the main region, and there again with keys read anew. */
static void keys_that_are_wrong_are_not_asked_for_ever(void **state)
{
    struct bench *bench = *state;
    set(&bench->account->profile, "prod");
    fake_fail(&bench->fake, 99, 403, FAKE_ERROR("InvalidClientTokenId", "no"));
    resolve(bench, "[profile prod]\nregion = ap-east-1\n" KEYS("123456789012"), 1);
    assert_int_equal(ESC_DENIED, bench->failure.status);
    assert_int_equal(3, bench->fake.identities);
}

static void a_sources_own_keys_come_before_its_role(void **state)
{
    struct bench *bench = *state;
    set(&bench->account->profile, "p");
    resolve(bench,
            "[profile p]\nsource_profile = q\n" ROLE(
                "123456789012") "[profile q]\n"
                                "source_profile = base\n" ROLE("222222222222") KEYS("333333333333")
                                    BASE,
            1);
    assert_string_equal("", bench->failure.message);
    assert_int_equal(1, bench->fake.roles);
}

static void freeing_ends_every_resolution(void **state)
{
    struct bench *bench = *state;
    set(&bench->account->profile, "prod");
    expect_ok(esc_file_replace(bench->config, ESC_STR("[profile prod]\n" KEYS("123456789012")),
                               0600, &err));
    for (int i = 0; i < 3; i++)
        esc_credentials_resolve(bench->aws, bench->account, bench->environment, NULL,
                                on_credentials, bench);
    esc_aws_free(ESC_STEAL(bench->aws));
    assert_int_equal(3, bench->done);
    assert_int_equal(ESC_CANCELLED, bench->failure.status);
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BENCH(keys_of_a_profile_are_checked_and_handed_out),
        WITH_BENCH(another_accounts_keys_are_refused_and_both_accounts_named),
        WITH_BENCH(a_role_is_assumed_from_its_source),
        WITH_BENCH(a_chain_of_roles_is_walked_from_its_end),
        WITH_BENCH(a_role_is_used_again_until_five_minutes_before_its_end),
        WITH_BENCH(who_asks_at_the_same_time_shares_one_call),
        WITH_BENCH(who_asks_at_the_same_time_shares_a_failure_too),
        WITH_BENCH(expired_keys_are_looked_up_again_once),
        WITH_BENCH(a_role_that_is_denied_names_the_role),
        WITH_BENCH(without_profile_and_role_the_environment_decides),
        WITH_BENCH(an_account_without_an_id_is_resolved_without_comparing),
        WITH_BENCH(what_cannot_work_says_so_with_its_cure),
        WITH_BENCH(a_role_may_use_keys_of_its_own_profile),
        WITH_BENCH(only_an_emulator_gets_another_endpoint),
        WITH_BENCH(sts_is_asked_where_the_caller_is_at_home),
        WITH_BENCH(without_a_region_the_partition_says_where_sts_is),
        WITH_BENCH(a_region_that_the_caller_has_not_enabled_is_left_for_the_main_one),
        WITH_BENCH(keys_that_are_wrong_are_not_asked_for_ever),
        WITH_BENCH(a_sources_own_keys_come_before_its_role),
        WITH_BENCH(freeing_ends_every_resolution),
    };
    return cmocka_run_group_tests_name("aws/resolve", tests, NULL, NULL);
}
