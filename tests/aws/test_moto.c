/* SPDX-License-Identifier: Apache-2.0 */

/* The same calls against moto, an emulator that checks more than our fake does: with
 * authentication on, it verifies the signature of a POST. */

#include <string.h>

#include "escher/aws/resolve.h"
#include "escher/aws/sts.h"
#include "tests/aws/moto.h"

static struct esc_error err;

struct bench {
    struct moto moto;
    struct esc_aws *aws;
    struct esc_credentials *keys, *found;
    bool done;
    char account[16];
    struct esc_error failure;
};

static bool is_done(void *context)
{
    return ((struct bench *)context)->done;
}

static int set_up(void **state)
{
    struct bench *bench = esc_alloc_zero(sizeof *bench);
    *state = bench;
    moto_begin(&bench->moto);
    if (!bench->moto.url)
        return 0;
    expect_ok(esc_aws_new(bench->moto.loop, NULL, &bench->aws, &err));
    bench->keys = esc_credentials_new("AKIAIOSFODNN7EXAMPLE", "secret", NULL, 0);
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    esc_aws_free(bench->aws);
    moto_end(&bench->moto);
    esc_credentials_free(bench->keys);
    esc_credentials_free(bench->found);
    free(bench);
    return 0;
}

static void on_caller(void *context, const struct esc_caller *caller, const struct esc_aws_fault *,
                      const struct esc_error *failure)
{
    struct bench *bench = context;
    bench->done = true;
    bench->failure = failure ? *failure : (struct esc_error){0};
    bench->account[0] = '\0';
    if (caller)
        memcpy(bench->account, caller->account, strlen(caller->account) + 1);
}

static void who_am_i(struct bench *bench, const struct esc_credentials *keys)
{
    bench->done = false;
    const struct esc_aws_place place = {.region = "us-west-2", .endpoint_url = bench->moto.url};
    esc_sts_get_caller_identity(bench->aws, keys, &place, on_caller, bench);
    assert_true(esc_loop_run_until(bench->moto.loop, is_done, bench));
}

static void on_credentials(void *context, struct esc_credentials *credentials,
                           const struct esc_error *failure)
{
    struct bench *bench = context;
    bench->done = true;
    esc_credentials_free(bench->found);
    bench->found = credentials;
    bench->failure = failure ? *failure : (struct esc_error){0};
}

/* Resolves the account `id` that is reached by a role in the account `of_role`. */
static void resolve(struct bench *bench, const char *id, const char *of_role)
{
    ESC_CLEANUP(esc_account_freep) struct esc_account *account = esc_account_new();
    struct esc_aws_environment environment = {.credentials = bench->keys};
    account->id = esc_strdup(id);
    account->name = esc_strdup("some");
    account->role_arn = esc_sprintf("arn:aws:iam::%s:role/Operator", of_role);
    account->emulator = true;
    account->endpoint_url = esc_strdup(bench->moto.url);
    bench->done = false;
    esc_credentials_resolve(bench->aws, account, &environment, "plan-0123", on_credentials, bench);
    assert_true(esc_loop_run_until(bench->moto.loop, is_done, bench));
}

static void a_role_leads_into_its_account(void **state)
{
    struct bench *bench = *state;
    if (!bench->moto.url)
        skip();
    who_am_i(bench, bench->keys);
    assert_string_equal("123456789012", bench->account);
    resolve(bench, "987654321098", "987654321098");
    assert_string_equal("", bench->failure.message);
    assert_non_null(bench->found->session_token);
    assert_true(bench->found->expires_at_ms > esc_clock_wall_ms(esc_clock_system()));
    who_am_i(bench, bench->found);
    assert_string_equal("987654321098", bench->account);
}

static void a_role_into_another_account_is_refused(void **state)
{
    struct bench *bench = *state;
    if (!bench->moto.url)
        skip();
    resolve(bench, "987654321098", "456789012345");
    assert_int_equal(ESC_BLOCKED, bench->failure.status);
    expect_contains("belong to account 456789012345, not to 987654321098", bench->failure.message);
    assert_null(bench->found);
}

static void answer_later(void *context)
{
    const struct answering {
        esc_aws_answer_fn *answer;
        void *context;
    } answering = *(struct answering *)context;
    free(context);
    answering.answer(answering.context, esc_secret_of_text("123456"), NULL);
}

static void ask(void *loop, const struct esc_aws_question *, esc_aws_answer_fn *answer,
                void *answer_context)
{
    struct {
        esc_aws_answer_fn *answer;
        void *context;
    } *answering = esc_alloc_zero(sizeof *answering);
    answering->answer = answer;
    answering->context = answer_context;
    esc_loop_post(loop, answer_later, answering);
}

static void a_session_of_an_mfa_device_assumes_a_role(void **state)
{
    struct bench *bench = *state;
    if (!bench->moto.url)
        skip();
    const struct esc_aws_options options = {.ask = ask, .ask_context = bench->moto.loop};
    struct esc_aws *aws = bench->aws;
    char who[] = "me";
    expect_ok(esc_aws_new(bench->moto.loop, &options, &bench->aws, &err));
    ESC_CLEANUP(esc_account_freep) struct esc_account *account = esc_account_new();
    struct esc_aws_environment environment = {.credentials = bench->keys, .asker = who};
    account->id = esc_strdup("987654321098");
    account->name = esc_strdup("some");
    account->role_arn = esc_strdup("arn:aws:iam::987654321098:role/Operator");
    account->mfa_serial = esc_strdup("arn:aws:iam::123456789012:mfa/me");
    account->emulator = true;
    account->endpoint_url = esc_strdup(bench->moto.url);
    bench->done = false;
    esc_credentials_resolve(bench->aws, account, &environment, NULL, on_credentials, bench);
    assert_true(esc_loop_run_until(bench->moto.loop, is_done, bench));
    assert_string_equal("", bench->failure.message);
    who_am_i(bench, bench->found);
    assert_string_equal("987654321098", bench->account);
    esc_aws_free(bench->aws);
    bench->aws = aws;
}

static void a_web_identity_leads_into_its_role(void **state)
{
    struct bench *bench = *state;
    if (!bench->moto.url)
        skip();
    char role[] = "arn:aws:iam::456789012345:role/Web";
    ESC_CLEANUP(esc_freep) char *folder = test_folder();
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, "token");
    ESC_CLEANUP(esc_freep) char *url = esc_strdup(bench->moto.url);
    ESC_CLEANUP(esc_account_freep) struct esc_account *account = esc_account_new();
    struct esc_aws_environment environment = {
        .web_identity_file = path,
        .web_identity_role = role,
        .sts_endpoint = url,
    };
    expect_ok(esc_file_replace(path, ESC_STR("header.payload.signature"), 0600, &err));
    account->id = esc_strdup("456789012345");
    account->name = esc_strdup("some");
    account->emulator = true;
    account->endpoint_url = esc_strdup(bench->moto.url);
    bench->done = false;
    esc_credentials_resolve(bench->aws, account, &environment, NULL, on_credentials, bench);
    assert_true(esc_loop_run_until(bench->moto.loop, is_done, bench));
    assert_string_equal("", bench->failure.message);
    assert_non_null(bench->found->session_token);
}

static void unknown_keys_are_denied_where_keys_are_checked(void **state)
{
    struct bench *bench = *state;
    if (!bench->moto.url)
        skip();
    assert_int_equal(200, moto_ask(&bench->moto, "POST", "/moto-api/reset-auth", "0"));
    who_am_i(bench, bench->keys);
    assert_int_equal(ESC_DENIED, bench->failure.status);
    expect_contains("sts: InvalidClientTokenId", bench->failure.message);
    assert_int_equal(200, moto_ask(&bench->moto, "POST", "/moto-api/reset-auth", "inf"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_role_leads_into_its_account),
        cmocka_unit_test(a_role_into_another_account_is_refused),
        cmocka_unit_test(a_session_of_an_mfa_device_assumes_a_role),
        cmocka_unit_test(a_web_identity_leads_into_its_role),
        cmocka_unit_test(unknown_keys_are_denied_where_keys_are_checked),
    };
    return cmocka_run_group_tests_name("aws/moto", tests, set_up, tear_down);
}
