/* SPDX-License-Identifier: Apache-2.0 */

/* Backups in S3: names and keys, setting up, and moto as the bucket, also with the two policies. */

#include <string.h>
#include <unistd.h>

#include "escher/aws/s3_policy.h"
#include "escher/aws/wire_query.h"
#include "escher/aws/wire_xml.h"
#include "escher/base/limits.h"
#include "escher/crypt/digest.h"
#include "escher/work/backup_fetch.h"
#include "escher/work/backup_s3.h"
#include "escher/work/work_private.h"
#include "tests/aws/moto.h"
#include "tests/work/desk.h"

static struct esc_error err;

#define STORE "0b1c2d3e-4f50-4162-8384-95a6b7c8d9e0"
#define TIME "20261121T080000Z"
#define NAME "escher-" TIME "-" STORE ".escb"
#define SUM "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
#define ACCOUNT "{\"id\":\"" DESK_ACCOUNT "\",\"name\":\"backups\",\"endpoint_url\":\"%s\"}"
#define URL "\"url\":\"s3://backups/mine\",\"account\":\"backups\",\"region\":\"us-east-1\""

struct bench {
    struct desk desk;
    struct moto moto;
    struct esc_aws_environment environment;
    bool done;
    struct esc_json *answer;
    struct esc_error failure;
    uint64_t progress;
    struct esc_credentials *made; /* by CreateAccessKey */
};

static struct moto shared; /* one for all tests */

static int start_moto(void **)
{
    moto_begin(&shared);
    return 0;
}

static int stop_moto(void **)
{
    moto_end(&shared);
    return 0;
}

static int set_up(void **state)
{
    struct bench *bench = esc_alloc_zero(sizeof *bench);
    *state = bench;
    desk_init(&bench->desk);
    expect_ok(desk_open(&bench->desk, true, &err));
    bench->environment.credentials = esc_credentials_new("AKIAIOSFODNN7EXAMPLE", "secret", NULL, 0);
    if (!shared.url)
        return 0; /* what needs it skips */
    assert_int_equal(200, moto_ask(&shared, "POST", "/moto-api/reset", ""));
    assert_int_equal(200, moto_ask(&shared, "PUT", "/backups", ""));
    ESC_CLEANUP(esc_freep) char *account = esc_sprintf(ACCOUNT, shared.url);
    esc_json_free(desk_expect(&bench->desk, ESC_OK, "POST", "/api/accounts", account));
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    desk_done(&bench->desk);
    esc_credentials_free(bench->environment.credentials);
    esc_credentials_free(bench->made);
    esc_json_free(bench->answer);
    free(bench);
    return 0;
}

static void on_done(void *context, const struct esc_json *answer, const struct esc_error *failure)
{
    struct bench *bench = context;
    assert_false(bench->done);
    bench->done = true;
    esc_json_free(bench->answer);
    bench->answer = answer ? esc_json_copy(answer) : NULL;
    bench->failure = failure ? *failure : (struct esc_error){0};
    err = bench->failure;
}

static void on_progress(void *context, uint64_t done, uint64_t total)
{
    struct bench *bench = context;
    assert_true(done <= total);
    bench->progress = done;
}

static bool is_done(void *context)
{
    return ((struct bench *)context)->done;
}

static enum esc_status wait_for(struct bench *bench)
{
    assert_false(bench->done);
    assert_true(esc_loop_run_until(bench->desk.loop, is_done, bench));
    bench->done = false;
    return bench->failure.status;
}

static struct backup_watch watch_of(struct bench *bench)
{
    return (struct backup_watch){.progress = on_progress, .done = on_done, .context = bench};
}

static void set_place(struct bench *bench)
{
    esc_json_free(
        desk_expect(&bench->desk, ESC_OK, "PUT", "/api/backup/s3", "{" URL "," DESK_KEYS "}"));
}

/* The name of a backup of the desk's own store. */
static char *own_name(const struct bench *bench, const char *time)
{
    return esc_sprintf("escher-%s-%s.escb", time, esc_store_id(bench->desk.bench->store));
}

static enum esc_status put(struct bench *bench, const char *name, const char *content,
                           const char *sha256)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(bench->desk.home, "sent.escb");
    char sum[ESC_SHA256_TEXT];
    esc_sha256_hex(esc_str_of(content), sum);
    expect_ok(esc_file_replace(path, esc_str_of(content), 0600, &err));
    const struct backup_object object = {
        .name = name, .path = path, .size = strlen(content), .sha256 = sha256 ? sha256 : sum};
    const struct backup_watch watch = watch_of(bench);
    (void)backup_s3_place.put(bench->desk.bench, &bench->environment, &object, &watch);
    return wait_for(bench);
}

static enum esc_status list(struct bench *bench)
{
    const struct backup_watch watch = watch_of(bench);
    (void)backup_s3_place.list(bench->desk.bench, &bench->environment, &watch);
    return wait_for(bench);
}

/* What came is in *got, NULL when there is no file. */
static enum esc_status get(struct bench *bench, const char *name, char **got)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(bench->desk.home, "got.escb");
    const struct backup_watch watch = watch_of(bench);
    struct esc_buf buf;
    (void)backup_s3_place.get(bench->desk.bench, &bench->environment, name, path, &watch);
    const enum esc_status status = wait_for(bench);
    esc_buf_init(&buf, ESC_MAX_FILE);
    *got = esc_file_read(path, &buf, NULL) == ESC_OK ? esc_buf_take(&buf) : NULL;
    esc_buf_done(&buf);
    (void)unlink(path);
    return status;
}

static void places_are_written_as_urls(void **)
{
    static const struct {
        const char *url, *bucket, *prefix; /* NULL: refused */
    } cases[] = {
        {"s3://backups", "backups", ""},
        {"s3://backups/", "backups", ""},
        {"s3://backups/a/b", "backups", "a/b/"},
        {"s3://b.a-1/a_B.9/", "b.a-1", "a_B.9/"},
        {"s3://", NULL, NULL},
        {"s3:///a", NULL, NULL},
        {"https://backups/a", NULL, NULL},
        {"backups", NULL, NULL},
        {"s3://BACKUPS/a", NULL, NULL},
        {"s3://backups/a//b", NULL, NULL},
        {"s3://backups//a", NULL, NULL},
        {"s3://backups/../a", NULL, NULL},
        {"s3://backups/a*", NULL, NULL},
        {"s3://backups/a?x", NULL, NULL},
        {"s3://backups/\"a", NULL, NULL},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct backup_s3 place = {0};
        const bool good = backup_s3_parse(esc_str_of(cases[i].url), &place, &err) == ESC_OK;
        if (good != (cases[i].bucket != NULL))
            fail_msg("%s", cases[i].url);
        if (good) {
            assert_string_equal(cases[i].bucket, place.bucket);
            assert_string_equal(cases[i].prefix, place.prefix);
        }
        backup_s3_done(&place);
    }
}

static void a_key_says_whose_when_and_what(void **)
{
    const struct backup_s3 place = {.bucket = (char[]){"b"}, .prefix = (char[]){"p/"}};
    struct backup_s3_entry entry;
    char *key = NULL;
    expect_ok(backup_s3_key(&place, NAME, SUM, &key, &err));
    assert_string_equal("p/" STORE "/" TIME "-" SUM ".escb", key);
    assert_true(backup_s3_read_key(&place, key, &entry));
    assert_string_equal(NAME, entry.name);
    assert_string_equal(STORE, entry.store);
    assert_string_equal(SUM, entry.sha256);
    assert_int_equal(1795248000000, entry.at_ms);
    free(key);
    expect_ok(backup_s3_key(&place, "escher-" TIME "-" STORE "-2.escb", SUM, &key, &err));
    assert_string_equal("p/" STORE "/" TIME "-2-" SUM ".escb", key);
    assert_true(backup_s3_read_key(&place, key, &entry));
    assert_string_equal("escher-" TIME "-" STORE "-2.escb", entry.name);
    free(key);
    static const char *const names[] = {"",
                                        "escher-.escb",
                                        "escher-" STORE ".escb",
                                        "x-" NAME,
                                        "escher-" TIME "-" STORE,
                                        "escher-a/b-" STORE ".escb",
                                        "escher-" TIME "_" STORE ".escb"};
    for (size_t i = 0; i < ESC_COUNT(names); i++)
        expect_status(ESC_INVALID, backup_s3_key(&place, names[i], SUM, &key, &err));
    static const char *const keys[] = {"",
                                       "p/",
                                       "p/" STORE "/" TIME "-" SUM,
                                       "q/" STORE "/" TIME "-" SUM ".escb",
                                       "p/x" STORE "/" TIME "-" SUM ".escb",
                                       "p/" STORE "/" SUM ".escb",
                                       "p/" STORE "/a/" TIME "-" SUM ".escb",
                                       "p/" STORE "/" TIME "-x" SUM ".escb",
                                       "p/" STORE "/.escb"};
    for (size_t i = 0; i < ESC_COUNT(keys); i++)
        assert_false(backup_s3_read_key(&place, keys[i], &entry));
}

static void a_place_is_kept_once_the_bucket_was_seen(void **state)
{
    struct bench *bench = *state;
    struct desk *desk = &bench->desk;
    if (!shared.url)
        skip();
    assert_false(backup_s3_place.is_set_up(desk->bench));
    static const struct {
        const char *body;
        enum esc_status status;
    } wrong[] = {
        {"{\"url\":\"s3://no-such-bucket\",\"account\":\"backups\"," DESK_KEYS "}", ESC_NOT_FOUND},
        {"{\"url\":\"ftp://x\"," DESK_KEYS "}", ESC_INVALID},
        {"{\"url\":\"s3://backups\",\"account\":\"nobody\"," DESK_KEYS "}", ESC_NOT_FOUND},
        {"{" URL ",\"role\":\"reader\"," DESK_KEYS "}", ESC_INVALID},
        {"{" URL ",\"owner\":\"me\"," DESK_KEYS "}", ESC_INVALID},
    };
    for (size_t i = 0; i < ESC_COUNT(wrong); i++) {
        esc_json_free(desk_expect(desk, wrong[i].status, "PUT", "/api/backup/s3", wrong[i].body));
        assert_false(backup_s3_place.is_set_up(desk->bench));
    }
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *page =
        desk_expect(desk, ESC_OK, "PUT", "/api/backup/s3", "{" URL "," DESK_KEYS "}");
    assert_string_equal("s3://backups/mine/", esc_json_str(page, "s3.url", ""));
    assert_string_equal(DESK_ACCOUNT, esc_json_str(page, "s3.owner", ""));
    assert_string_equal("no", esc_json_str(page, "protection.locked", ""));
    assert_int_equal(3, esc_json_len(esc_json_get(page, "protection.warnings")));
    assert_true(backup_s3_place.is_set_up(desk->bench));
    desk_restart(desk);
    assert_true(backup_s3_place.is_set_up(desk->bench));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *shown = desk_expect(desk, ESC_OK, "GET", "/api/backup/s3", NULL);
    assert_string_equal("s3://backups/mine/", esc_json_str(shown, "s3.url", ""));
    esc_json_free(desk_expect(desk, ESC_OK, "DELETE", "/api/backup/s3", NULL));
    assert_false(backup_s3_place.is_set_up(desk->bench));
    assert_int_equal(ESC_NOT_FOUND, list(bench));
}

static void a_backup_goes_there_and_comes_back(void **state)
{
    struct bench *bench = *state;
    char *got = NULL;
    if (!shared.url)
        skip();
    set_place(bench);
    ESC_CLEANUP(esc_freep) char *name = own_name(bench, TIME);
    ESC_CLEANUP(esc_freep) char *later = own_name(bench, "20261122T080000Z");
    expect_ok(put(bench, name, "hello world", NULL));
    assert_int_equal(11, bench->progress);
    expect_ok(put(bench, name, "hello world", NULL)); /* it is there, and it is the same */
    expect_ok(put(bench, later, "hello again", NULL));
    expect_ok(put(bench, NAME, "of another store", NULL));
    expect_ok(list(bench));
    const struct esc_json *backups = esc_json_get(bench->answer, "backups");
    assert_int_equal(2, esc_json_len(backups));
    const struct esc_json *first = esc_json_at(backups, 0);
    assert_string_equal(name, esc_json_str(first, "name", ""));
    assert_string_equal(SUM, esc_json_str(first, "sha256", ""));
    assert_string_equal("2026-11-21T08:00:00Z", esc_json_str(first, "at", ""));
    assert_int_equal(11, esc_json_num(first, "size", 0));
    expect_ok(get(bench, name, &got));
    assert_string_equal("hello world", got);
    free(got);
    expect_ok(get(bench, NAME, &got));
    assert_string_equal("of another store", got);
    free(got);
    ESC_CLEANUP(esc_freep) char *none = own_name(bench, "20200101T000000Z");
    expect_status(ESC_NOT_FOUND, get(bench, none, &got));
    assert_null(got);
}

static void what_is_not_what_it_was_goes_nowhere(void **state)
{
    struct bench *bench = *state;
    if (!shared.url)
        skip();
    set_place(bench);
    ESC_CLEANUP(esc_freep) char *name = own_name(bench, TIME);
    expect_status(ESC_CORRUPT, put(bench, name, "hello w0rld", SUM));
    expect_ok(list(bench));
    assert_int_equal(0, esc_json_len(esc_json_get(bench->answer, "backups")));
}

static void an_object_that_is_not_what_its_key_says_does_not_come_back(void **state)
{
    struct bench *bench = *state;
    char *got = NULL;
    if (!shared.url)
        skip();
    set_place(bench);
    ESC_CLEANUP(esc_freep) char *name = own_name(bench, TIME);
    ESC_CLEANUP(esc_freep)
    char *object = esc_sprintf("/backups/mine/%s/" TIME "-" SUM ".escb",
                               esc_store_id(bench->desk.bench->store));
    assert_int_equal(200, moto_ask(&shared, "PUT", object, "hello w0rld"));
    expect_status(ESC_CORRUPT, get(bench, name, &got));
    assert_null(got);
    ESC_CLEANUP(esc_freep) char *later = own_name(bench, "20261122T080000Z");
    ESC_CLEANUP(esc_freep)
    char *shorter = esc_sprintf("/backups/mine/%s/20261122T080000Z-" SUM ".escb",
                                esc_store_id(bench->desk.bench->store));
    assert_int_equal(200, moto_ask(&shared, "PUT", shorter, "hello"));
    expect_status(ESC_CORRUPT, put(bench, later, "hello world", NULL)); /* nor does it count */
}

static void an_account_that_is_gone_is_named(void **state)
{
    struct bench *bench = *state;
    if (!shared.url)
        skip();
    set_place(bench);
    esc_json_free(desk_expect(&bench->desk, ESC_OK, "DELETE", "/api/accounts/backups", NULL));
    expect_status(ESC_NOT_FOUND, list(bench));
    expect_contains("account " DESK_ACCOUNT ", whose keys backups to S3 use", err.message);
}

static void a_transfer_can_be_cancelled(void **state)
{
    struct bench *bench = *state;
    if (!shared.url)
        skip();
    set_place(bench);
    for (int turns = 0; turns < 20; turns += 2) {
        const struct backup_watch watch = watch_of(bench);
        struct backup_transfer *transfer =
            backup_s3_place.list(bench->desk.bench, &bench->environment, &watch);
        for (int i = 0; i < turns && !bench->done; i++)
            esc_loop_turn(bench->desk.loop);
        if (!bench->done) {
            backup_s3_place.cancel(transfer);
            expect_status(ESC_CANCELLED, wait_for(bench));
        }
        bench->done = false;
    }
}

static void a_bucket_is_read_without_a_store(void **state)
{
    struct bench *bench = *state;
    if (!shared.url)
        skip();
    set_place(bench);
    ESC_CLEANUP(esc_freep) char *name = own_name(bench, TIME);
    ESC_CLEANUP(esc_freep) char *later = own_name(bench, "20261122T080000Z");
    expect_ok(put(bench, name, "hello world", NULL));
    expect_ok(put(bench, later, "hello again", NULL));
    ESC_CLEANUP(esc_freep) char *folder = esc_path_join(bench->desk.home, "fetched");
    ESC_CLEANUP(esc_freep) char *path = NULL;
    ESC_CLEANUP(esc_json_freep) struct esc_json *listed = NULL;
    struct esc_fetch_task task = {.url = "s3://backups/mine",
                                  .region = "us-east-1",
                                  .endpoint_url = shared.url,
                                  .environment = &bench->environment};
    expect_ok(esc_fetch_list(&task, &listed, &err));
    assert_string_equal(later, esc_json_str(listed, "backups[0].name", ""));
    expect_ok(esc_fetch_backup(&task, folder, &path, &err));
    expect_contains(later, path);
    expect_ok(put(bench, NAME, "of another store", NULL));
    char *other = NULL;
    expect_status(ESC_AMBIGUOUS, esc_fetch_backup(&task, folder, &other, &err));
    ESC_CLEANUP(esc_freep) char *url = esc_strdup(esc_json_str(listed, "backups[1].url", ""));
    task.url = url;
    expect_ok(esc_fetch_backup(&task, folder, &other, &err));
    expect_contains(name, other);
    free(other);
    static const char *const wrong[] = {"s3://backups/mine/x.escb",
                                        "s3://backups/x/" STORE "/y.escb",
                                        "s3://b",
                                        "s3://backups/.escb",
                                        ".escb",
                                        ""};
    for (size_t i = 0; i < ESC_COUNT(wrong); i++) {
        task.url = wrong[i];
        expect_status(ESC_INVALID, esc_fetch_backup(&task, folder, &other, &err));
    }
    task.url = "s3://backups/none";
    expect_status(ESC_NOT_FOUND, esc_fetch_backup(&task, folder, &other, &err));
    struct esc_list files;
    esc_list_init(&files, free);
    expect_ok(esc_file_list(folder, &files, &err));
    assert_int_equal(2, files.count);
    esc_list_done(&files);
}

/* With the policies */

static void on_xml(void *context, const struct esc_xml *xml, const struct esc_aws_fault *,
                   const struct esc_error *failure)
{
    struct bench *bench = context;
    const struct esc_xml *key = esc_xml_get(xml, "CreateAccessKeyResult.AccessKey");
    bench->done = true;
    bench->failure = failure ? *failure : (struct esc_error){0};
    err = bench->failure;
    if (key) {
        esc_credentials_free(bench->made);
        bench->made = esc_credentials_new(esc_xml_str(key, "AccessKeyId", ""),
                                          esc_xml_str(key, "SecretAccessKey", ""), NULL, 0);
    }
}

static void ask_iam(struct bench *bench, const char *action, const char *user, const char *policy)
{
    struct esc_buf body;
    esc_buf_init(&body, ESC_MAX_REQUEST);
    esc_query_begin(&body, action, "2010-05-08");
    esc_query_add(&body, "UserName", user);
    esc_query_add(&body, "PolicyName", policy ? "p" : NULL);
    esc_query_add(&body, "PolicyDocument", policy);
    const struct esc_aws_call call = {
        .credentials = bench->environment.credentials,
        .service = "iam",
        .place.endpoint_url = shared.url,
        .body = esc_buf_str(&body),
    };
    esc_aws_call_send(bench->desk.bench->aws, &call, on_xml, bench);
    expect_ok(wait_for(bench));
    esc_buf_done(&body);
}

/* Keys of a user that has the policy and no other. */
static struct esc_credentials *keys_with(struct bench *bench, const char *user,
                                         const struct esc_json *policy)
{
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(policy, ESC_JSON_COMPACT);
    ask_iam(bench, "CreateUser", user, NULL);
    ask_iam(bench, "PutUserPolicy", user, text);
    ask_iam(bench, "CreateAccessKey", user, NULL);
    return ESC_STEAL(bench->made);
}

static void the_writer_cannot_read_and_the_restorer_cannot_write(void **state)
{
    struct bench *bench = *state;
    char *got = NULL;
    if (!shared.url)
        skip();
    set_place(bench);
    ESC_CLEANUP(esc_freep) char *name = own_name(bench, TIME);
    ESC_CLEANUP(esc_freep) char *later = own_name(bench, "20261122T080000Z");
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *policy = esc_s3_backup_policy("backups", "mine/", "us-east-1");
    ESC_CLEANUP(esc_credentials_freep)
    struct esc_credentials *writer = keys_with(bench, "w", esc_json_get(policy, "writer"));
    ESC_CLEANUP(esc_credentials_freep)
    struct esc_credentials *restorer = keys_with(bench, "r", esc_json_get(policy, "restorer"));
    struct esc_credentials *own = bench->environment.credentials;
    assert_int_equal(200, moto_ask(&shared, "POST", "/moto-api/reset-auth", "0"));
    bench->environment.credentials = writer;
    expect_ok(put(bench, name, "hello world", NULL));
    expect_ok(put(bench, name, "hello world", NULL));
    expect_ok(list(bench));
    assert_int_equal(1, esc_json_len(esc_json_get(bench->answer, "backups")));
    expect_status(ESC_DENIED, get(bench, name, &got));
    assert_null(got);
    bench->environment.credentials = restorer;
    expect_ok(list(bench));
    expect_ok(get(bench, name, &got));
    assert_string_equal("hello world", got);
    free(got);
    expect_status(ESC_DENIED, put(bench, later, "hello again", NULL));
    bench->environment.credentials = own;
    assert_int_equal(200, moto_ask(&shared, "POST", "/moto-api/reset-auth", "inf"));
}

static void the_policies_name_bucket_and_prefix_alone(void **)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *page = esc_s3_backup_policy("b", "p/", "eu-west-1");
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(page, ESC_JSON_COMPACT);
    assert_null(strchr(text, '$'));
    assert_string_equal("arn:aws:s3:::b/p/*",
                        esc_json_str(page, "writer.Statement[0].Resource", ""));
    assert_int_equal(30, esc_json_num(page, "lifecycle.Rules[0].Expiration.Days", 0));
    assert_string_equal("p/", esc_json_str(page, "lifecycle.Rules[0].Filter.Prefix", ""));
    assert_int_equal(30, esc_json_num(page, "object_lock.Rule.DefaultRetention.Days", 0));
    expect_contains(" --create-bucket-configuration LocationConstraint=eu-west-1", text);
    ESC_CLEANUP(esc_json_freep) struct esc_json *home = esc_s3_backup_policy("b", "", NULL);
    ESC_CLEANUP(esc_freep) char *first = esc_json_print(home, ESC_JSON_COMPACT);
    assert_null(strstr(first, "LocationConstraint"));
    expect_contains("\"Resource\":\"arn:aws:s3:::b/*\"", first);
    static const char *const never[] = {
        "Delete", "Bypass", "PutBucket", "PutLifecycle", "PutObjectRetention", "s3:*"};
    ESC_CLEANUP(esc_freep)
    char *writer = esc_json_print(esc_json_get(home, "writer"), ESC_JSON_COMPACT);
    ESC_CLEANUP(esc_freep)
    char *restorer = esc_json_print(esc_json_get(home, "restorer"), ESC_JSON_COMPACT);
    for (size_t i = 0; i < ESC_COUNT(never); i++) {
        assert_null(strstr(writer, never[i]));
        assert_null(strstr(restorer, never[i]));
    }
    assert_null(strstr(writer, "s3:GetObject\""));
    assert_null(strstr(restorer, "s3:Put"));
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_written_as_urls),
        cmocka_unit_test(a_key_says_whose_when_and_what),
        cmocka_unit_test(the_policies_name_bucket_and_prefix_alone),
        WITH_BENCH(a_place_is_kept_once_the_bucket_was_seen),
        WITH_BENCH(a_backup_goes_there_and_comes_back),
        WITH_BENCH(what_is_not_what_it_was_goes_nowhere),
        WITH_BENCH(an_object_that_is_not_what_its_key_says_does_not_come_back),
        WITH_BENCH(an_account_that_is_gone_is_named),
        WITH_BENCH(a_transfer_can_be_cancelled),
        WITH_BENCH(a_bucket_is_read_without_a_store),
        WITH_BENCH(the_writer_cannot_read_and_the_restorer_cannot_write),
    };
    return cmocka_run_group_tests_name("work/backup_s3", tests, start_moto, stop_moto);
}
