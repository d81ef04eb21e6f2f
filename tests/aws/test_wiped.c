/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a credential went through is overwritten before it is given back. This program has a free()
 * of its own, which looks for the marker that every secret here holds; what the HTTP library gives
 * back is its own affair, so nothing here gets as far as a connection.
 *
 * Programs that hold keys wipe whatever they free (base/wiped_heap.c), the buffer of the JSON
 * parser included; this is about what our own code holds, in any program.
 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "escher/aws/keychain.h"
#include "escher/aws/resolve.h"
#include "escher/aws/source_private.h"
#include "escher/aws/sts.h"
#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/crypt/digest.h"
#include "tests/support/test.h"

#define MARKER "hunter2hunter2hunter2"

static struct esc_error err;
static bool is_watching;
static unsigned frees_with_marker;

#if defined(__GLIBC__) && !defined(ESC_SANITIZED)
enum {
    CAN_WATCH = true
};

void __libc_free(void *memory); /* what free() is when nobody replaces it */
void *__libc_malloc(size_t size_bytes);

static void *with_unknown_size(void *memory)
{
    void *volatile hidden = memory;
    return hidden;
}

ESC_EXPORTED void free(void *memory)
{
    if (memory && is_watching)
        frees_with_marker += memmem(with_unknown_size(memory), malloc_usable_size(memory), MARKER,
                                    sizeof MARKER - 1) != NULL;
    __libc_free(memory);
}

/* Always elsewhere, so that the old place is looked at. */
ESC_EXPORTED void *(realloc)(void *old, size_t size_bytes)
{
    const size_t had = old ? malloc_usable_size(old) : 0;
    void *memory = __libc_malloc(size_bytes);
    if (memory && old)
        memcpy(memory, with_unknown_size(old), had < size_bytes ? had : size_bytes);
    if (memory)
        free(old);
    return memory;
}
#else
enum {
    CAN_WATCH = false
};
#endif

struct bench {
    struct esc_loop *loop;
    struct esc_aws *aws;
    struct esc_keyring_memory memory;
    struct esc_keyring *keyring;
    struct esc_account *account;
    struct esc_aws_environment *environment;
    char *folder;
    bool done;
    struct esc_error failure;
};

static const char *nothing(void *, const char *)
{
    return NULL;
}

static int set_up(void **state)
{
    struct bench *bench = esc_alloc_zero(sizeof *bench);
    expect_ok(esc_loop_new(&bench->loop, &err));
    bench->keyring = esc_keyring_memory_new(&bench->memory);
    const struct esc_aws_options options = {.keyring = bench->keyring};
    expect_ok(esc_aws_new(bench->loop, &options, &bench->aws, &err));
    bench->folder = test_folder();
    bench->environment = esc_aws_environment_new(nothing, NULL);
    bench->environment->config_file = esc_path_join(bench->folder, "config");
    bench->environment->home = esc_strdup(bench->folder);
    bench->account = esc_account_new();
    bench->account->id = esc_strdup("123456789012");
    bench->account->profile = esc_strdup("p");
    bench->account->emulator = true;
    bench->account->endpoint_url = esc_strdup("http://127.0.0.1:1"); /* nobody is there */
    *state = bench;
    frees_with_marker = 0;
    is_watching = true;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    esc_aws_free(bench->aws);
    esc_loop_free(bench->loop);
    esc_keyring_free(bench->keyring);
    is_watching = false;
    esc_account_free(bench->account);
    esc_aws_environment_free(bench->environment);
    free(bench->folder);
    free(bench);
    return 0;
}

static void expect_nothing_left(struct bench *bench)
{
    esc_aws_free(ESC_STEAL(bench->aws));
    assert_int_equal(0, frees_with_marker);
}

static void write_file(const struct bench *bench, const char *name, const char *text, unsigned mode)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(bench->folder, name);
    expect_ok(esc_file_make_folder_of(path, &err));
    expect_ok(esc_file_replace(path, esc_str_of(text), mode, &err));
}

static void on_credentials(void *context, struct esc_credentials *credentials,
                           const struct esc_error *failure)
{
    struct bench *bench = context;
    bench->done = true;
    bench->failure = failure ? *failure : (struct esc_error){0};
    esc_credentials_free(credentials);
}

static bool is_done(void *context)
{
    return ((struct bench *)context)->done;
}

static void resolve(struct bench *bench, const char *config)
{
    write_file(bench, "config", config, 0600);
    bench->done = false;
    esc_credentials_resolve(bench->aws, bench->account, bench->environment, "session",
                            on_credentials, bench);
    assert_true(esc_loop_run_until(bench->loop, is_done, bench));
    assert_null(strstr(bench->failure.message, MARKER));
}

static void the_watch_sees_a_secret_that_is_freed(void **)
{
    if (!CAN_WATCH)
        skip();
    free(esc_strdup("a " MARKER));
    assert_int_equal(1, frees_with_marker);
    char *grown = esc_strdup(MARKER);
    grown = esc_realloc_array(grown, 4096, 1);
    assert_int_equal(2, frees_with_marker);
    esc_wipe(grown, sizeof MARKER);
    free(grown);
    assert_int_equal(2, frees_with_marker);
}

static void a_programs_output_is_wiped(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep)
    char *config = esc_sprintf("[profile p]\ncredential_process = '%s/tool'\n", bench->folder);
    write_file(
        bench, "tool",
        "#!/bin/sh\necho " MARKER " >&2\n"
        "echo '{\"Version\":1,\"AccessKeyId\":\"AK123456789012\",\"SecretAccessKey\":\"" MARKER
        "\",\"SessionToken\":\"" MARKER "\"}'\n",
        0700);
    resolve(bench, config);
    assert_int_equal(ESC_UNAVAILABLE, bench->failure.status); /* it came as far as STS */
    expect_nothing_left(bench);
}

static void a_web_identity_is_wiped(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep)
    char *config = esc_sprintf("[profile p]\nrole_arn = arn:aws:iam::123456789012:role/R\n"
                               "web_identity_token_file = %s/token\n",
                               bench->folder);
    bench->environment->sts_endpoint = esc_strdup("http://127.0.0.1:1");
    write_file(bench, "token", MARKER "\n", 0600);
    resolve(bench, config);
    assert_int_equal(ESC_UNAVAILABLE, bench->failure.status);
    expect_nothing_left(bench);
}

/* A token that is to be refreshed, so that all of the cache is read, sent and read again. */
static void the_cache_of_aws_sso_is_wiped(void **state)
{
    static const char config[] =
        "[profile p]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = R\n"
        "[sso-session corp]\nsso_start_url = https://x.example\nsso_region = us-east-1\n";
    struct bench *bench = *state;
    char hex[ESC_SHA1_TEXT];
    esc_sha1_hex(ESC_STR("corp"), hex);
    ESC_CLEANUP(esc_freep) char *name = esc_sprintf(".aws/sso/cache/%s.json", hex);
    bench->environment->sso_endpoint = esc_strdup("http://127.0.0.1:1");
    bench->environment->oidc_endpoint = esc_strdup("http://127.0.0.1:1");
    write_file(bench, name,
               "{\"accessToken\":\"" MARKER "\",\"expiresAt\":\"2020-01-01T00:00:00Z\","
               "\"refreshToken\":\"" MARKER "r\",\"clientId\":\"c\",\"clientSecret\":\"" MARKER
               "s\",\"registrationExpiresAt\":\"2100-01-01T00:00:00Z\"}",
               0600);
    resolve(bench, config);
    expect_contains("the session of AWS SSO has expired", bench->failure.message);
    expect_nothing_left(bench);
}

static void on_kept(void *context, const struct esc_error *failure)
{
    struct bench *bench = context;
    bench->done = true;
    bench->failure = failure ? *failure : (struct esc_error){0};
}

static void what_goes_into_the_keychain_and_comes_out_is_wiped(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_credentials_freep)
    struct esc_credentials *keys = esc_credentials_new("AK123456789012", MARKER, NULL, 0);
    bench->account->keychain = esc_strdup("item");
    esc_keychain_put(bench->loop, bench->keyring, "item", keys, on_kept, bench);
    assert_true(esc_loop_run_until(bench->loop, is_done, bench));
    resolve(bench, "");
    assert_int_equal(ESC_UNAVAILABLE, bench->failure.status);
    expect_nothing_left(bench);
}

static void on_session(void *context, struct esc_credentials *credentials,
                       const struct esc_aws_fault *, const struct esc_error *failure)
{
    on_credentials(context, credentials, failure);
}

static void an_mfa_code_is_wiped(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *code = esc_secret_of_text(MARKER);
    ESC_CLEANUP(esc_credentials_freep)
    struct esc_credentials *keys = esc_credentials_new("AK123456789012", "s", NULL, 0);
    const struct esc_sts_session session = {
        .serial = "arn:aws:iam::111111111111:mfa/me",
        .code = code,
        .place = {NULL, bench->account->endpoint_url, bench->environment}};
    esc_sts_get_session_token(bench->aws, keys, &session, on_session, bench);
    assert_true(esc_loop_run_until(bench->loop, is_done, bench));
    assert_int_equal(ESC_UNAVAILABLE, bench->failure.status);
    expect_nothing_left(bench);
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BENCH(the_watch_sees_a_secret_that_is_freed),
        WITH_BENCH(a_programs_output_is_wiped),
        WITH_BENCH(a_web_identity_is_wiped),
        WITH_BENCH(the_cache_of_aws_sso_is_wiped),
        WITH_BENCH(what_goes_into_the_keychain_and_comes_out_is_wiped),
        WITH_BENCH(an_mfa_code_is_wiped),
    };
    return cmocka_run_group_tests_name("aws/wiped", tests, NULL, NULL);
}
