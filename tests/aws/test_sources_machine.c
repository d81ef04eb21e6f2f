/* SPDX-License-Identifier: Apache-2.0 */

/* Roles of a machine and of a container, by their metadata. */

#include "escher/base/file.h"
#include "tests/aws/sources_bench.h"

static void
the_machines_role_is_had_with_a_token_and_kept_until_five_minutes_before_its_end(void **state)
{
    struct bench *bench = *state;
    bench_set(&bench->environment->metadata_endpoint,
              esc_http_listener_url(bench->fake.sts.listener));
    bench_resolve_many(bench, "", 20);
    bench_expect_key(bench, "AI123456789012");
    assert_int_equal(1, bench->fake.tokens);
    assert_int_equal(1, bench->fake.machine);
    bench_minutes_pass(bench, 54);
    bench_resolve(bench, "");
    assert_int_equal(1, bench->fake.machine);
    bench_minutes_pass(bench, 1);
    bench->fake.expiration = "2026-11-21T10:00:00Z";
    bench_resolve(bench, "");
    bench_expect_key(bench, "AI123456789012");
    assert_int_equal(2, bench->fake.machine);
}

static void a_role_may_be_assumed_with_what_the_machine_or_the_container_has(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep)
    char *uri = esc_sprintf("%s/container", esc_http_listener_url(bench->fake.sts.listener));
    bench_set(&bench->environment->metadata_endpoint,
              esc_http_listener_url(bench->fake.sts.listener));
    bench_set(&bench->environment->container_uri, uri);
    bench->environment->container_token = esc_secret_of_text("tok");
    bench->fake.container_token = "tok";
    bench_set(&bench->account->profile, "p");
    bench_resolve(bench,
                  "[profile p]\ncredential_source = Ec2InstanceMetadata\n" ROLE("123456789012"));
    bench_expect_key(bench, "AS123456789012");
    assert_int_equal(1, bench->fake.machine);
    bench_resolve(bench,
                  "[profile p]\ncredential_source = EcsContainer\nduration_seconds = 7200\n" ROLE(
                      "123456789012"));
    bench_expect_key(bench, "AS123456789012");
    assert_int_equal(1, bench->fake.container);
    expect_contains("DurationSeconds=3600", bench->fake.last_role); /* a chain has an hour */
}

static void metadata_that_is_switched_off_or_an_emulators_is_not_asked(void **state)
{
    struct bench *bench = *state;
    bench_resolve(bench, ""); /* an emulator's account, and nobody said where metadata is */
    bench_expect_failure(bench, ESC_NOT_FOUND, "set AWS_ACCESS_KEY_ID");
    bench_set(&bench->environment->metadata_endpoint,
              esc_http_listener_url(bench->fake.sts.listener));
    bench->environment->metadata_disabled = true;
    bench_resolve(bench, "");
    bench_expect_failure(bench, ESC_NOT_FOUND, "set AWS_ACCESS_KEY_ID");
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
    bench_set(&bench->environment->metadata_endpoint,
              esc_http_listener_url(bench->fake.sts.listener));
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        bench_at_path(bench, cases[i].path, cases[i].status, cases[i].body);
        bench_resolve(bench, "");
        bench_expect_failure(bench, cases[i].expected, cases[i].message);
    }
    assert_int_equal(0, bench->fake.sts.identities);
}

static void a_containers_role_is_had_with_its_token(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep)
    char *uri = esc_sprintf("%s/container", esc_http_listener_url(bench->fake.sts.listener));
    bench_set(&bench->environment->container_uri, uri);
    bench->environment->container_token = esc_secret_of_text("of the variable");
    bench->fake.container_token = "of the variable";
    bench_resolve(bench, "");
    bench_expect_key(bench, "AC123456789012");
    bench_write_file(bench, "token", "of the file\n", 0600);
    bench->environment->container_file = esc_path_join(bench->folder, "token");
    bench->fake.container_token = "of the file";
    bench_minutes_pass(bench, 55);
    bench->fake.expiration = "2026-11-21T10:00:00Z";
    bench_resolve(bench, "");
    bench_expect_key(bench, "AC123456789012");
    assert_int_equal(2, bench->fake.container);
}

static void a_containers_token_goes_nowhere_in_clear(void **state)
{
    struct bench *bench = *state;
    bench->environment->container_token = esc_secret_of_text("hunter2");
    static const char *const uris[] = {"http://example.com/", "http://169.254.169.254/x",
                                       "http://127.0.0.1.example.com/", "ftp://127.0.0.1/", "/x"};
    for (size_t i = 0; i < ESC_COUNT(uris); i++) {
        bench_set(&bench->environment->container_uri, uris[i]);
        bench_resolve(bench, "");
        bench_expect_failure(bench, ESC_INVALID, "neither https nor on this machine");
    }
}

static void what_does_not_answer_is_left_alone_for_ten_seconds(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep)
    char *uri = esc_sprintf("%s/container", esc_http_listener_url(bench->fake.sts.listener));
    bench_set(&bench->environment->container_uri, uri);
    bench_at_path(bench, "/container", 503, "");
    bench_resolve(bench, "");
    bench_expect_failure(bench, ESC_UNAVAILABLE, "HTTP 503");
    bench_at_path(bench, NULL, 0, NULL);
    bench->fake.container_token = "";
    bench_resolve(bench, "");
    bench_expect_failure(bench, ESC_UNAVAILABLE, "HTTP 503");
    assert_int_equal(0, bench->fake.container);
    esc_credentials_retry(bench->aws); /* unless somebody knows better */
    bench_resolve(bench, "");
    bench_expect_key(bench, "AC123456789012");
    bench_at_path(bench, "/container", 503, "");
    bench_minutes_pass(bench, 55);
    bench_resolve(bench, "");
    bench_at_path(bench, NULL, 0, NULL);
    bench->fake.expiration = "2026-11-21T10:00:00Z";
    esc_clock_fixed_advance(&bench->clock, 10 * 1000);
    bench_resolve(bench, "");
    bench_expect_key(bench, "AC123456789012");
}

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
    };
    return cmocka_run_group_tests_name("aws/sources_machine", tests, NULL, NULL);
}
