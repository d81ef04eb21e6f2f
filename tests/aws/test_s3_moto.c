/* SPDX-License-Identifier: Apache-2.0 */

/* S3 against moto. With authentication on it computes each signature anew with the code of AWS's
 * own SDK, so what passes here is signed as S3 wants it. */

#include <fcntl.h>
#include <string.h>

#include "escher/aws/s3.h"
#include "escher/aws/wire_query.h"
#include "escher/aws/wire_xml.h"
#include "escher/base/limits.h"
#include "tests/aws/moto.h"

static struct esc_error err;

enum {
    MIB = 1024 * 1024
};

struct bench {
    struct moto moto;
    struct esc_aws *aws;
    struct esc_credentials *keys;
    struct esc_s3_bucket bucket;
    char *folder, *key_id, *secret;
    int done;
    struct esc_s3_object object;
    struct esc_buf keys_seen;
    struct esc_s3_protection protection;
    struct esc_error failure;
};

static bool is_done(void *context)
{
    return ((struct bench *)context)->done > 0;
}

static enum esc_status wait_for(struct bench *bench)
{
    bench->done = 0;
    assert_true(esc_loop_run_until(bench->moto.loop, is_done, bench));
    return bench->failure.status;
}

static void note(struct bench *bench, const struct esc_error *failure)
{
    bench->done = 1;
    bench->failure = failure ? *failure : (struct esc_error){0};
    err = bench->failure;
}

static void on_xml(void *context, const struct esc_xml *xml, const struct esc_aws_fault *,
                   const struct esc_error *failure)
{
    struct bench *bench = context;
    const char *path = "CreateAccessKeyResult.AccessKey.";
    ESC_CLEANUP(esc_freep) char *id = esc_sprintf("%sAccessKeyId", path);
    ESC_CLEANUP(esc_freep) char *secret = esc_sprintf("%sSecretAccessKey", path);
    note(bench, failure);
    if (xml && esc_xml_get(xml, id)) {
        bench->key_id = esc_strdup(esc_xml_str(xml, id, ""));
        bench->secret = esc_strdup(esc_xml_str(xml, secret, ""));
    }
}

static void ask_iam(struct bench *bench, const char *action, const char *policy)
{
    struct esc_buf body;
    esc_buf_init(&body, ESC_MAX_REQUEST);
    esc_query_begin(&body, action, "2010-05-08");
    esc_query_add(&body, "UserName", "backup");
    esc_query_add(&body, "PolicyName", policy ? "backup" : NULL);
    esc_query_add(&body, "PolicyDocument", policy);
    const struct esc_aws_call call = {
        .credentials = bench->keys,
        .service = "iam",
        .place.endpoint_url = bench->moto.url,
        .body = esc_buf_str(&body),
    };
    esc_aws_call_send(bench->aws, &call, on_xml, bench);
    expect_ok(wait_for(bench));
    esc_buf_done(&body);
}

static int set_up(void **state)
{
    struct bench *bench = esc_alloc_zero(sizeof *bench);
    *state = bench;
    esc_buf_init(&bench->keys_seen, ESC_MAX_LINE);
    moto_begin(&bench->moto);
    if (!bench->moto.url)
        return 0; /* each test skips */
    expect_ok(esc_aws_new(bench->moto.loop, NULL, &bench->aws, &err));
    bench->keys = esc_credentials_new("AKIAIOSFODNN7EXAMPLE", "secret", NULL, 0);
    assert_int_equal(200, moto_ask(&bench->moto, "PUT", "/backups", ""));
    ask_iam(bench, "CreateUser", NULL);
    ask_iam(bench, "PutUserPolicy",
            "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\","
            "\"Resource\":\"*\"}]}");
    ask_iam(bench, "CreateAccessKey", NULL);
    esc_credentials_free(bench->keys);
    bench->keys = esc_credentials_new(bench->key_id, bench->secret, NULL, 0);
    bench->bucket = (struct esc_s3_bucket){
        .name = "backups",
        .owner = "123456789012",
        .credentials = bench->keys,
        .place = {.region = "us-east-1", .endpoint_url = bench->moto.url},
        .retry = {.base_ms = 1, .max_ms = 2},
    };
    bench->folder = test_folder();
    assert_int_equal(200, moto_ask(&bench->moto, "POST", "/moto-api/reset-auth", "0"));
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    esc_aws_free(bench->aws);
    moto_end(&bench->moto);
    esc_credentials_free(bench->keys);
    esc_buf_done(&bench->keys_seen);
    free(bench->key_id);
    free(bench->secret);
    free(bench->folder);
    free(bench);
    return 0;
}

static void on_object(void *context, const struct esc_s3_object *object,
                      const struct esc_error *failure)
{
    struct bench *bench = context;
    note(bench, failure);
    bench->object = object ? *object : (struct esc_s3_object){0};
}

static void on_list(void *context, const struct esc_s3_object *objects, size_t count,
                    const struct esc_error *failure)
{
    struct bench *bench = context;
    note(bench, failure);
    esc_buf_reset(&bench->keys_seen);
    for (size_t i = 0; i < count; i++) {
        assert_true(objects[i].modified_ms > 0 && *objects[i].etag);
        esc_buf_printf(&bench->keys_seen, "%s:%d ", objects[i].key, (int)objects[i].size_bytes);
    }
}

static void on_protection(void *context, const struct esc_s3_protection *protection,
                          const struct esc_error *failure)
{
    struct bench *bench = context;
    note(bench, failure);
    bench->protection = protection ? *protection : (struct esc_s3_protection){0};
}

/* A file of that many bytes, none like its neighbour. */
static int make_file(struct bench *bench, size_t size)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(bench->folder, "sent");
    ESC_CLEANUP(esc_freep) char *bytes = esc_alloc_zero(size + 1);
    uint32_t state = 1;
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)((state = state * 1664525 + 1013904223) >> 24);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    expect_ok(esc_file_write_fd(fd, (struct esc_str){bytes, size}, &err));
    return fd;
}

static enum esc_status put(struct bench *bench, const char *key, size_t size)
{
    int fd = make_file(bench, size);
    const struct esc_s3_put put = {.key = key, .fd = fd, .part_bytes = 5 * MIB};
    (void)esc_s3_put(bench->aws, &bench->bucket, &put, on_object, bench);
    enum esc_status status = wait_for(bench);
    close(fd);
    return status;
}

static enum esc_status get(struct bench *bench, const char *key, struct esc_buf *got)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(bench->folder, "got");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const struct esc_s3_get get = {.key = key, .fd = fd};
    (void)esc_s3_get(bench->aws, &bench->bucket, &get, on_object, bench);
    enum esc_status status = wait_for(bench);
    close(fd);
    esc_buf_init(got, 64 * MIB);
    expect_ok(esc_file_read(path, got, &err));
    return status;
}

static enum esc_status list(struct bench *bench, const char *prefix)
{
    const struct esc_s3_list list = {.prefix = prefix, .page = 2};
    (void)esc_s3_list(bench->aws, &bench->bucket, &list, on_list, bench);
    return wait_for(bench);
}

static void there_and_back(struct bench *bench, const char *key, size_t size)
{
    struct esc_buf sent, got;
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(bench->folder, "sent");
    expect_ok(put(bench, key, size));
    assert_true(bench->object.confirmed);
    char sha256[ESC_SHA256_TEXT];
    memcpy(sha256, bench->object.sha256, sizeof sha256);
    expect_ok(get(bench, key, &got));
    assert_true(bench->object.confirmed);
    assert_string_equal(sha256, bench->object.sha256);
    esc_buf_init(&sent, 64 * MIB);
    expect_ok(esc_file_read(path, &sent, &err));
    assert_true(esc_str_equal(esc_buf_str(&sent), esc_buf_str(&got)));
    esc_buf_done(&sent);
    esc_buf_done(&got);
}

static void what_goes_up_comes_back(void **state)
{
    struct bench *bench = *state;
    if (!bench->moto.url)
        skip();
    there_and_back(bench, "small/with space+plus&ü/../x.escb", 100 * 1000);
    there_and_back(bench, "small/empty", 0);
    there_and_back(bench, "large/three-parts", 10 * MIB + 1);
    there_and_back(bench, "large/two-parts", 10 * MIB);
}

static void nothing_is_replaced(void **state)
{
    struct bench *bench = *state;
    if (!bench->moto.url)
        skip();
    expect_ok(put(bench, "once", 10));
    expect_status(ESC_EXISTS, put(bench, "once", 20));
    assert_string_equal("s3://backups/once is there already", bench->failure.message);
    expect_status(ESC_EXISTS, put(bench, "once", 6 * MIB)); /* in parts */
    (void)esc_s3_head(bench->aws, &bench->bucket, "once", on_object, bench);
    expect_ok(wait_for(bench));
    assert_int_equal(10, bench->object.size_bytes);
    assert_int_equal(64, strlen(bench->object.sha256));
}

static void a_list_has_every_page(void **state)
{
    struct bench *bench = *state;
    if (!bench->moto.url)
        skip();
    static const char *const keys[] = {"p/1 a", "p/2+b", "p/3ü", "p/4", "p/5", "q/6"};
    for (size_t i = 0; i < ESC_COUNT(keys); i++)
        expect_ok(put(bench, keys[i], i));
    expect_ok(list(bench, "p/"));
    assert_string_equal("p/1 a:0 p/2+b:1 p/3ü:2 p/4:3 p/5:4 ", esc_buf_text(&bench->keys_seen));
    expect_ok(list(bench, "none/"));
    assert_string_equal("", esc_buf_text(&bench->keys_seen));
}

static void what_is_not_there_is_named(void **state)
{
    struct bench *bench = *state;
    struct esc_buf got;
    if (!bench->moto.url)
        skip();
    expect_status(ESC_NOT_FOUND, get(bench, "nothing", &got));
    assert_string_equal("there is no s3://backups/nothing", bench->failure.message);
    esc_buf_done(&got);
    bench->bucket.name = "no-such-bucket";
    expect_status(ESC_NOT_FOUND, put(bench, "k", 1));
    assert_string_equal("there is no bucket no-such-bucket", bench->failure.message);
    expect_status(ESC_NOT_FOUND, put(bench, "k", 6 * MIB));
    expect_status(ESC_NOT_FOUND, list(bench, ""));
    bench->bucket.name = "backups";
}

static void wrong_keys_are_denied(void **state)
{
    struct bench *bench = *state;
    if (!bench->moto.url)
        skip();
    ESC_CLEANUP(esc_credentials_freep)
    struct esc_credentials *unknown =
        esc_credentials_new("AKIAIOSFODNN7EXAMPLE", "secret", NULL, 0);
    ESC_CLEANUP(esc_credentials_freep)
    struct esc_credentials *wrong = esc_credentials_new(bench->key_id, "wrong", NULL, 0);
    bench->bucket.credentials = unknown;
    expect_status(ESC_DENIED, put(bench, "k", 1));
    expect_contains("InvalidAccessKeyId", bench->failure.message);
    bench->bucket.credentials = wrong;
    expect_status(ESC_DENIED, put(bench, "k", 1));
    expect_contains("the secret key does not fit the key id", bench->failure.message);
    bench->bucket.credentials = bench->keys;
}

static void protect(struct bench *bench)
{
    (void)esc_s3_protection(bench->aws, &bench->bucket, "escher/", on_protection, bench);
    expect_ok(wait_for(bench));
}

static void a_bucket_tells_what_protects_it(void **state)
{
    struct bench *bench = *state;
    if (!bench->moto.url)
        skip();
    assert_int_equal(200, moto_ask(&bench->moto, "POST", "/moto-api/reset-auth", "inf"));
    protect(bench);
    assert_int_equal(ESC_S3_NO, bench->protection.versions);
    assert_int_equal(ESC_S3_NO, bench->protection.expires);
    assert_int_equal(ESC_S3_NO, bench->protection.locked);
    static const char lifecycle[] =
        "<LifecycleConfiguration><Rule><ID>r</ID><Status>Enabled</Status><Filter><Prefix>escher/"
        "</Prefix></Filter><Expiration><Days>30</Days></Expiration><AbortIncompleteMultipartUpload>"
        "<DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>"
        "</LifecycleConfiguration>";
    static const char versioning[] =
        "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    assert_int_equal(200, moto_ask(&bench->moto, "PUT", "/backups?lifecycle", lifecycle));
    assert_int_equal(200, moto_ask(&bench->moto, "PUT", "/backups?versioning", versioning));
    protect(bench);
    assert_int_equal(ESC_S3_YES, bench->protection.versions);
    assert_int_equal(30, bench->protection.expires_days);
    assert_int_equal(ESC_S3_YES, bench->protection.aborts);
    assert_int_equal(200, moto_ask(&bench->moto, "POST", "/moto-api/reset-auth", "0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_goes_up_comes_back),
        cmocka_unit_test(nothing_is_replaced),
        cmocka_unit_test(a_list_has_every_page),
        cmocka_unit_test(what_is_not_there_is_named),
        cmocka_unit_test(wrong_keys_are_denied),
        cmocka_unit_test(a_bucket_tells_what_protects_it),
    };
    return cmocka_run_group_tests_name("aws/s3_moto", tests, set_up, tear_down);
}
