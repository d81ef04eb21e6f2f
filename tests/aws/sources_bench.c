/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/aws/sources_bench.h"

#include <string.h>

#include "escher/base/file.h"
#include "escher/crypt/digest.h"

static struct esc_error err;

void bench_set(char **field, const char *value)
{
    free(*field);
    *field = esc_strdup_null(value);
}

struct bench_asked {
    struct bench *bench;
    esc_aws_answer_fn *answer;
    void *context;
};

void bench_answer(void *context)
{
    struct bench_asked asked = *(struct bench_asked *)context;
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
    struct bench_asked *asked = esc_alloc_zero(sizeof *asked);
    *asked = (struct bench_asked){bench, to, to_context};
    bench->questions++;
    assert_string_equal("arn:aws:iam::111111111111:mfa/me", question->device);
    assert_string_equal("production", question->account);
    if (esc_text_equal("you", question->asker)) {
        bench->slow = asked;
        return;
    }
    assert_string_equal("me", question->asker);
    assert_int_equal(bench->questions > 1, question->is_again);
    esc_loop_post(bench->loop, bench_answer, asked);
}

static const char *nothing(void *, const char *)
{
    return NULL;
}

void bench_open_aws(struct bench *bench)
{
    const struct esc_aws_options options = {
        .clock = &bench->clock.clock, .keyring = bench->keyring, .ask = ask, .ask_context = bench};
    expect_ok(esc_aws_new(bench->loop, &options, &bench->aws, &err));
}

void bench_show_tokens_at(struct bench *bench, const char *url)
{
    bench_set(&bench->environment->sso_endpoint, url);
    bench_set(&bench->environment->oidc_endpoint, url);
    bench_set(&bench->environment->sts_endpoint, url);
}

int bench_set_up(void **state)
{
    struct bench *bench = esc_alloc_zero(sizeof *bench);
    uint64_t now_ms = 0;
    assert_true(esc_time_parse(ESC_STR("2026-11-21T08:00:00Z"), &now_ms));
    esc_clock_fixed_init(&bench->clock, now_ms);
    expect_ok(esc_loop_new(&bench->loop, &err));
    bench->keyring = esc_keyring_memory_new(&bench->memory);
    bench_open_aws(bench);
    sources_begin(&bench->fake, bench->loop);
    bench->folder = test_folder();
    bench->environment = esc_aws_environment_new(nothing, NULL);
    bench->environment->config_file = esc_path_join(bench->folder, "config");
    bench->environment->home = esc_strdup(bench->folder);
    bench->environment->asker = esc_strdup("me");
    bench_show_tokens_at(bench, esc_http_listener_url(bench->fake.sts.listener));
    bench->account = esc_account_new();
    bench->account->id = esc_strdup("123456789012");
    bench->account->name = esc_strdup("production");
    bench->account->emulator = true;
    bench->account->endpoint_url = esc_strdup(esc_http_listener_url(bench->fake.sts.listener));
    *state = bench;
    return 0;
}

int bench_tear_down(void **state)
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

void bench_on_credentials(void *context, struct esc_credentials *credentials,
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

void bench_write_file(const struct bench *bench, const char *name, const char *text, unsigned mode)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(bench->folder, name);
    expect_ok(esc_file_make_folder_of(path, &err));
    expect_ok(esc_file_replace(path, esc_str_of(text), mode, &err));
}

void bench_wait_for(struct bench *bench, int count)
{
    bench->expected = count;
    assert_true(esc_loop_run_until(bench->loop, is_done, bench));
}

void bench_resolve_many(struct bench *bench, const char *config, int times)
{
    bench_write_file(bench, "config", config, 0600);
    bench->done = 0;
    for (int i = 0; i < times; i++)
        esc_credentials_resolve(bench->aws, bench->account, bench->environment, "session",
                                bench_on_credentials, bench);
    bench_wait_for(bench, times);
    assert_null(strstr(bench->failure.message, "hunter2")); /* whatever went wrong */
}

void bench_resolve(struct bench *bench, const char *config)
{
    bench_resolve_many(bench, config, 1);
}

void bench_expect_key(struct bench *bench, const char *key_id)
{
    assert_string_equal("", bench->failure.message);
    assert_non_null(bench->credentials);
    assert_string_equal(key_id, bench->credentials->access_key_id);
}

void bench_expect_failure(struct bench *bench, enum esc_status status, const char *part)
{
    assert_null(bench->credentials);
    if (bench->failure.status != status)
        fail_msg("%s: %s", esc_status_text(bench->failure.status), bench->failure.message);
    expect_contains(part, bench->failure.message);
}

void bench_minutes_pass(struct bench *bench, uint64_t minutes)
{
    esc_clock_fixed_advance(&bench->clock, minutes * 60 * 1000);
}

void bench_at_path(struct bench *bench, const char *path, int status, const char *body)
{
    bench->fake.instead_of = path;
    bench->fake.status = status;
    bench->fake.body = body;
}

void bench_log_in(struct bench *bench, const char *name, const char *text)
{
    char hex[ESC_SHA1_TEXT];
    esc_sha1_hex(esc_str_of(name), hex);
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf(".aws/sso/cache/%s.json", hex);
    bench_write_file(bench, path, text, 0600);
}
