/* SPDX-License-Identifier: Apache-2.0 */

/* S3 against a server that fails in all the ways a network and a service do. What S3 itself makes
 * of the requests is test_s3_moto.c's. */

#include "escher/aws/s3.h"

#include <fcntl.h>
#include <stdio.h>

#include "escher/base/file.h"
#include "tests/aws/fake_s3.h"

static struct esc_error err;

struct bench {
    struct esc_loop *loop;
    struct esc_aws *aws;
    struct fake_s3 fake;
    struct esc_clock_fixed clock;
    struct esc_credentials *keys;
    struct esc_s3_bucket bucket;
    char *folder;
    int fd; /* "hello world" */
    int done;
    struct esc_s3_object object;
    char key[64], keys_seen[256];
    struct esc_s3_protection protection;
    struct esc_error failure;
    uint64_t progress;
    struct esc_s3_call *cancel_at_progress;
};

static int set_up(void **state)
{
    struct bench *bench = esc_alloc_zero(sizeof *bench);
    esc_clock_fixed_init(&bench->clock, 1763751600000);
    const struct esc_aws_options options = {.clock = &bench->clock.clock};
    expect_ok(esc_loop_new(&bench->loop, &err));
    expect_ok(esc_aws_new(bench->loop, &options, &bench->aws, &err));
    fake_s3_begin(&bench->fake, bench->loop);
    bench->keys = esc_credentials_new("AKIAIOSFODNN7EXAMPLE", "hunter2", "t0ken", 0);
    bench->bucket = (struct esc_s3_bucket){
        .name = "backups",
        .owner = "123456789012",
        .credentials = bench->keys,
        .place = {.region = "eu-west-1", .endpoint_url = bench->fake.url},
        .retry = {.base_ms = 1, .max_ms = 2},
        .attempts = 3,
    };
    bench->folder = test_folder();
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(bench->folder, "sent");
    bench->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    expect_ok(esc_file_write_fd(bench->fd, ESC_STR("hello world"), &err));
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    esc_aws_free(bench->aws);
    fake_s3_end(&bench->fake);
    esc_loop_free(bench->loop);
    esc_credentials_free(bench->keys);
    esc_fd_close(&bench->fd);
    free(bench->folder);
    free(bench);
    return 0;
}

static void on_object(void *context, const struct esc_s3_object *object,
                      const struct esc_error *failure)
{
    struct bench *bench = context;
    bench->done++;
    bench->failure = failure ? *failure : (struct esc_error){0};
    bench->object = object ? *object : (struct esc_s3_object){0};
    (void)snprintf(bench->key, sizeof bench->key, "%s", object ? object->key : "");
}

static void on_list(void *context, const struct esc_s3_object *objects, size_t count,
                    const struct esc_error *failure)
{
    struct bench *bench = context;
    struct esc_buf keys;
    bench->done++;
    bench->failure = failure ? *failure : (struct esc_error){0};
    esc_buf_init(&keys, sizeof bench->keys_seen);
    for (size_t i = 0; i < count; i++)
        esc_buf_printf(&keys, "%s:%d ", objects[i].key, (int)objects[i].size_bytes);
    memcpy(bench->keys_seen, esc_buf_text(&keys), keys.len + 1);
    esc_buf_done(&keys);
}

static void on_protection(void *context, const struct esc_s3_protection *protection,
                          const struct esc_error *failure)
{
    struct bench *bench = context;
    bench->done++;
    bench->failure = failure ? *failure : (struct esc_error){0};
    bench->protection = protection ? *protection : (struct esc_s3_protection){0};
}

static void on_progress(void *context, uint64_t done_bytes, uint64_t)
{
    struct bench *bench = context;
    assert_int_equal(0, bench->done);
    bench->progress = done_bytes;
    if (done_bytes > 0)
        esc_s3_cancel(ESC_STEAL(bench->cancel_at_progress));
}

static bool is_done(void *context)
{
    return ((struct bench *)context)->done > 0;
}

static void wait_for(struct bench *bench)
{
    assert_int_equal(0, bench->done);
    assert_true(esc_loop_run_until(bench->loop, is_done, bench));
    assert_int_equal(1, bench->done);
    bench->done = 0;
}

#define SCRIPT(bench, ...) fake_s3_script(&(bench)->fake, (const char *const[]){__VA_ARGS__, NULL})

/* Puts the file; parts of `part_bytes`, 0: in one piece. */
static struct esc_s3_call *begin_put(struct bench *bench, uint64_t part_bytes)
{
    const struct esc_s3_put put = {.key = "escher/a b+c.escb",
                                   .fd = bench->fd,
                                   .part_bytes = part_bytes,
                                   .progress = on_progress};
    bench->progress = 0;
    return esc_s3_put(bench->aws, &bench->bucket, &put, on_object, bench);
}

static enum esc_status put(struct bench *bench, uint64_t part_bytes)
{
    (void)begin_put(bench, part_bytes);
    wait_for(bench);
    return bench->failure.status;
}

static enum esc_status get(struct bench *bench, char *got, size_t size)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(bench->folder, "got");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const struct esc_s3_get get = {.key = "k", .fd = fd};
    memset(got, 0, size);
    (void)esc_s3_get(bench->aws, &bench->bucket, &get, on_object, bench);
    wait_for(bench);
    assert_true(pread(fd, got, size - 1, 0) >= 0);
    close(fd);
    return bench->failure.status;
}

#define HELLO_HEX "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
#define HELLO_64 "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek="

static void a_put_names_its_checksum_and_replaces_nothing(void **state)
{
    struct bench *bench = *state;
    SCRIPT(bench, NULL);
    expect_ok(put(bench, 0));
    const char *request = bench->fake.requests[0];
    expect_contains("PUT /backups/escher/a%20b%2Bc.escb HTTP/1.1\r\n", request);
    expect_contains("\r\nIf-None-Match: *\r\n", request);
    expect_contains("\r\nx-amz-checksum-sha256: " HELLO_64 "\r\n", request);
    expect_contains("\r\nX-Amz-Content-Sha256: " HELLO_HEX "\r\n", request);
    expect_contains("\r\nx-amz-expected-bucket-owner: 123456789012\r\n", request);
    expect_contains("\r\nX-Amz-Security-Token: t0ken\r\n", request);
    expect_contains("/20251121/eu-west-1/s3/aws4_request, SignedHeaders=host;if-none-match;"
                    "x-amz-checksum-sha256;x-amz-content-sha256;x-amz-date;"
                    "x-amz-expected-bucket-owner;x-amz-meta-sha256;"
                    "x-amz-sdk-checksum-algorithm;x-amz-security-token,",
                    request);
    expect_contains("\r\n\r\nhello world", request);
    assert_int_equal(1, bench->fake.request_count);
    assert_true(bench->object.confirmed);
    assert_int_equal(11, bench->object.size_bytes);
    assert_int_equal(11, bench->progress);
    assert_string_equal(HELLO_HEX, bench->object.sha256);
}

static void a_put_without_a_checksum_in_the_answer_is_not_confirmed(void **state)
{
    struct bench *bench = *state;
    SCRIPT(bench, FAKE_XML("200 OK", "ETag: \"x\"\r\n", ""));
    expect_ok(put(bench, 0));
    assert_false(bench->object.confirmed);
    SCRIPT(bench, FAKE_XML("200 OK", "x-amz-checksum-sha256: " HELLO_64 "x\r\n", ""));
    expect_status(ESC_CORRUPT, put(bench, 0));
}

static void trouble_is_tried_again_and_refusals_are_not(void **state)
{
    struct bench *bench = *state;
    static const struct {
        const char *answer;
        enum esc_status status;
        const char *message;
        size_t requests;
    } cases[] = {
        {FAKE_S3_ERROR("503 Slow Down", "SlowDown", ""), ESC_THROTTLED, "SlowDown: said S3", 3},
        {FAKE_S3_ERROR("500 Oh", "InternalError", ""), ESC_UNAVAILABLE, "InternalError", 3},
        {FAKE_S3_ERROR("400 Bad", "RequestTimeout", ""), ESC_UNAVAILABLE, "RequestTimeout", 3},
        {FAKE_S3_ERROR("409 C", "ConditionalRequestConflict", ""), ESC_THROTTLED, "Conflict", 3},
        {FAKE_XML("502 Bad Gateway", "", "<html>busy"), ESC_UNAVAILABLE, "HTTP 502", 3},
        {FAKE_HANG_UP, ESC_UNAVAILABLE, "closed without an answer", 3},
        {"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n<cut", ESC_UNAVAILABLE, "cut short", 3},
        {"no HTTP at all\r\n\r\n", ESC_UNAVAILABLE, "", 3},
        {FAKE_S3_ERROR("412 P", "PreconditionFailed", ""), ESC_EXISTS,
         "s3://backups/escher/a b+c.escb is there already", 1},
        {FAKE_S3_ERROR("404 N", "NoSuchBucket", ""), ESC_NOT_FOUND, "there is no bucket backups",
         1},
        {FAKE_S3_ERROR("403 F", "AccessDenied", ""), ESC_DENIED, "AccessDenied: said S3", 1},
        {FAKE_S3_ERROR("403 F", "InvalidAccessKeyId", ""), ESC_DENIED, "InvalidAccessKeyId", 1},
        {FAKE_S3_ERROR("403 F", "SignatureDoesNotMatch", ""), ESC_DENIED, "secret key does not", 1},
        {FAKE_S3_ERROR("400 B", "ExpiredToken", ""), ESC_DENIED, "ExpiredToken", 1},
        {FAKE_S3_ERROR("400 B", "BadDigest", ""), ESC_CORRUPT, "BadDigest", 1},
        {FAKE_S3_ERROR("400 B", "EntityTooLarge", ""), ESC_INVALID, "EntityTooLarge", 1},
        {FAKE_S3_ERROR("400 B", "AuthorizationHeaderMalformed", "<Region>us-west-2</Region>"),
         ESC_INVALID, "the bucket backups is in region us-west-2, not in eu-west-1", 1},
        {FAKE_XML("301 Moved Permanently", "x-amz-bucket-region: us-west-2\r\n",
                  "<Error><Code>PermanentRedirect</Code><Endpoint>e</Endpoint></Error>"),
         ESC_INVALID, "the bucket backups is in region us-west-2, not in eu-west-1", 1},
        {FAKE_XML("307 T", "Location: http://127.0.0.1:1/\r\n", ""), ESC_CORRUPT, "HTTP 307", 1},
        {FAKE_XML("200 OK", "", "<html><body>Please log in"), ESC_CORRUPT, "none of S3's", 1},
        {FAKE_XML("403 F", "", "<html>proxy"), ESC_CORRUPT, "HTTP 403", 1},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        const char *const script[] = {cases[i].answer, cases[i].answer, cases[i].answer,
                                      cases[i].answer, NULL};
        fake_s3_script(&bench->fake, script);
        if (put(bench, 0) != cases[i].status || bench->fake.request_count != cases[i].requests)
            fail_msg("case %zu: %zu requests, %s", i, bench->fake.request_count,
                     bench->failure.message);
        expect_contains(cases[i].message, bench->failure.message);
        assert_null(strstr(bench->failure.message, "hunter2"));
        assert_null(strstr(bench->failure.message, "t0ken"));
    }
}

static void what_works_at_the_last_attempt_worked(void **state)
{
    struct bench *bench = *state;
    SCRIPT(bench, FAKE_S3_ERROR("503 Slow Down", "SlowDown", ""), FAKE_HANG_UP);
    expect_ok(put(bench, 0));
    assert_true(bench->object.confirmed);
    assert_int_equal(3, bench->fake.request_count);
    for (size_t i = 0; i < 3; i++)
        expect_contains("\r\n\r\nhello world", bench->fake.requests[i]);
}

static void silence_is_a_timeout(void **state)
{
    struct bench *bench = *state;
    bench->bucket.attempts = 1;
    bench->bucket.idle_timeout_ms = 100;
    SCRIPT(bench, FAKE_SILENCE);
    expect_status(ESC_TIMEOUT, put(bench, 0));
}

static void a_clock_that_is_off_is_corrected_once(void **state)
{
    struct bench *bench = *state;
    SCRIPT(bench, FAKE_XML("403 F", "Date: Fri, 21 Nov 2025 23:00:00 GMT\r\n",
                           "<Error><Code>RequestTimeTooSkewed</Code></Error>"));
    expect_ok(put(bench, 0));
    assert_int_equal(2, bench->fake.request_count);
    expect_contains("\r\nX-Amz-Date: 20251121T190000Z\r\n", bench->fake.requests[0]);
    expect_contains("\r\nX-Amz-Date: 20251121T230000Z\r\n", bench->fake.requests[1]);
}

#define CREATED                                                                                    \
    FAKE_XML("200 OK", "",                                                                         \
             "<InitiateMultipartUploadResult><UploadId>up/1+x</UploadId>"                          \
             "</InitiateMultipartUploadResult>")
#define PART(etag, sum)                                                                            \
    FAKE_XML("200 OK", "ETag: \"" etag "\"\r\nx-amz-checksum-sha256: " sum "\r\n", "")
/* of "hello ", "world", and of both sums */
#define SUM_1 "XjI1qDRuWkWF+MWFYvUFK4/iajuxIuHpbHZ4SWTfxGE="
#define SUM_2 "SG6kYiTRu0+2gPNPfJrZao8k7Ii+c+qOWmxlJg6cuKc="

static void parts_become_one_object(void **state)
{
    struct bench *bench = *state;
    SCRIPT(bench, CREATED, PART("e1", SUM_1), FAKE_S3_ERROR("503 Slow Down", "SlowDown", ""),
           PART("e2", SUM_2),
           FAKE_XML("200 OK", "",
                    "<CompleteMultipartUploadResult><ETag>\"whole-2\"</ETag>"
                    "</CompleteMultipartUploadResult>"));
    expect_ok(put(bench, 6));
    char *const *requests = bench->fake.requests;
    assert_int_equal(5, bench->fake.request_count);
    expect_contains("POST /backups/escher/a%20b%2Bc.escb?uploads= HTTP", requests[0]);
    expect_contains("x-amz-checksum-algorithm: SHA256\r\n", requests[0]);
    expect_contains("x-amz-meta-sha256: " HELLO_HEX "\r\n", requests[0]);
    expect_contains("?partNumber=1&uploadId=up%2F1%2Bx HTTP", requests[1]);
    expect_contains("\r\n\r\nhello ", requests[1]);
    expect_contains("\r\n\r\nworld", requests[2]);
    expect_contains("?partNumber=2&uploadId=up%2F1%2Bx HTTP", requests[3]);
    expect_contains("\r\n\r\nworld", requests[3]);
    expect_contains("POST /backups/escher/a%20b%2Bc.escb?uploadId=up%2F1%2Bx HTTP", requests[4]);
    expect_contains("\r\nIf-None-Match: *\r\n", requests[4]);
    expect_contains("<Part><ChecksumSHA256>" SUM_1 "</ChecksumSHA256><ETag>&#34;e1&#34;</ETag>"
                    "<PartNumber>1</PartNumber></Part><Part><ChecksumSHA256>" SUM_2,
                    requests[4]);
    assert_true(bench->object.confirmed);
    assert_int_equal(11, bench->progress);
}

/* Whatever fails after an upload was begun, its parts are removed and the failure is told. */
static void an_upload_that_fails_is_removed(void **state)
{
    struct bench *bench = *state;
    static const struct {
        const char *script[4];
        enum esc_status status;
    } cases[] = {
        {{CREATED, FAKE_S3_ERROR("403 F", "AccessDenied", ""), NULL}, ESC_DENIED},
        {{CREATED, PART("e1", SUM_2), NULL}, ESC_CORRUPT},
        {{CREATED, PART("e1", SUM_1), FAKE_S3_ERROR("404 N", "NoSuchUpload", ""), NULL},
         ESC_NOT_FOUND},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        fake_s3_script(&bench->fake, cases[i].script);
        if (put(bench, 6) != cases[i].status)
            fail_msg("case %zu: %s", i, bench->failure.message);
        const char *last = bench->fake.requests[bench->fake.request_count - 1];
        expect_contains("DELETE /backups/escher/a%20b%2Bc.escb?uploadId=up%2F1%2Bx HTTP", last);
    }
    SCRIPT(bench, CREATED, PART("e1", SUM_1), PART("e2", SUM_2),
           FAKE_S3_ERROR("200 OK", "InternalError", ""),
           FAKE_S3_ERROR("200 OK", "InternalError", ""),
           FAKE_S3_ERROR("412 P", "PreconditionFailed", ""));
    expect_status(ESC_EXISTS, put(bench, 6)); /* also a failure after the 200 is one */
    assert_int_equal(7, bench->fake.request_count);
    expect_contains("DELETE ", bench->fake.requests[6]);
}

static void a_conflict_at_the_end_takes_all_parts_again(void **state)
{
    struct bench *bench = *state;
    const char *conflict = FAKE_S3_ERROR("409 C", "ConditionalRequestConflict", "");
    const char *gone = FAKE_XML("204 No Content", "", "");
    SCRIPT(bench, CREATED, PART("e1", SUM_1), PART("e2", SUM_2), conflict, gone, CREATED,
           PART("f1", SUM_1), PART("f2", SUM_2),
           FAKE_XML("200 OK", "", "<CompleteMultipartUploadResult/>"));
    expect_ok(put(bench, 6));
    assert_int_equal(9, bench->fake.request_count);
    expect_contains("DELETE ", bench->fake.requests[4]);
    expect_contains("POST /backups/escher/a%20b%2Bc.escb?uploads=", bench->fake.requests[5]);
    expect_contains("&#34;f2&#34;", bench->fake.requests[8]);
    const char *const often[] = {CREATED, PART("e1", SUM_1), PART("e2", SUM_2), conflict, gone,
                                 CREATED, PART("e1", SUM_1), PART("e2", SUM_2), conflict, gone,
                                 CREATED, PART("e1", SUM_1), PART("e2", SUM_2), conflict, gone,
                                 NULL};
    fake_s3_script(&bench->fake, often);
    expect_status(ESC_THROTTLED, put(bench, 6));
    assert_int_equal(15, bench->fake.request_count);
}

static void cancelling_an_upload_removes_it(void **state)
{
    struct bench *bench = *state;
    SCRIPT(bench, CREATED, PART("e1", SUM_1));
    bench->cancel_at_progress = begin_put(bench, 6);
    wait_for(bench);
    assert_int_equal(ESC_CANCELLED, bench->failure.status);
    assert_int_equal(3, bench->fake.request_count);
    expect_contains("DELETE ", bench->fake.requests[2]);
}

static void a_call_can_be_cancelled_at_any_time(void **state)
{
    struct bench *bench = *state;
    bench->bucket.retry = (struct esc_backoff){.base_ms = 3600 * 1000, .max_ms = 3600 * 1000};
    for (int turns = 0; turns < 60; turns++) {
        SCRIPT(bench, turns % 2 ? FAKE_SILENCE : FAKE_S3_ERROR("503 Slow Down", "SlowDown", ""));
        struct esc_s3_call *call = begin_put(bench, 0);
        for (int i = 0; i < turns; i++)
            esc_loop_turn(bench->loop);
        if (bench->done == 0)
            esc_s3_cancel(call);
        wait_for(bench);
        assert_int_equal(ESC_CANCELLED, bench->failure.status);
    }
}

static void freeing_ends_what_is_under_way(void **state)
{
    struct bench *bench = *state;
    for (int turns = 0; turns < 40; turns += 3) {
        SCRIPT(bench, CREATED, FAKE_SILENCE);
        (void)begin_put(bench, 6);
        for (int i = 0; i < turns; i++)
            esc_loop_turn(bench->loop);
        bench->done = 0;
        esc_aws_free(ESC_STEAL(bench->aws));
        assert_int_equal(1, bench->done);
        assert_int_equal(ESC_CANCELLED, bench->failure.status);
        bench->done = 0;
        expect_ok(esc_aws_new(bench->loop, NULL, &bench->aws, &err));
    }
}

static void what_comes_must_be_what_went_up(void **state)
{
    struct bench *bench = *state;
    char got[32];
    SCRIPT(bench, FAKE_XML("200 OK",
                           "Content-Length: 11\r\nx-amz-checksum-sha256: " HELLO_64 "\r\n"
                           "Last-Modified: Fri, 21 Nov 2025 19:00:00 GMT\r\n",
                           "hello world"));
    expect_ok(get(bench, got, sizeof got));
    assert_string_equal("hello world", got);
    assert_true(bench->object.confirmed);
    assert_int_equal(1763751600000, bench->object.modified_ms);
    SCRIPT(bench, FAKE_XML("200 OK",
                           "x-amz-checksum-sha256: abc-2\r\nx-amz-meta-sha256: " HELLO_HEX "\r\n",
                           "hello world"));
    expect_ok(get(bench, got, sizeof got));
    assert_true(bench->object.confirmed);
    SCRIPT(bench, FAKE_XML("200 OK", "x-amz-checksum-sha256: abc-2\r\n", "hello world"));
    expect_ok(get(bench, got, sizeof got));
    assert_false(bench->object.confirmed);
    SCRIPT(bench, FAKE_XML("200 OK", "x-amz-meta-sha256: " HELLO_HEX "\r\n", "hello w0rld"));
    expect_status(ESC_CORRUPT, get(bench, got, sizeof got));
    assert_string_equal("", got);
    SCRIPT(bench, FAKE_XML("200 OK", "x-amz-checksum-sha256: " HELLO_64 "\r\n", "hello w0rld"));
    expect_status(ESC_CORRUPT, get(bench, got, sizeof got));
    assert_string_equal("", got);
}

static void a_fetch_that_breaks_off_begins_anew(void **state)
{
    struct bench *bench = *state;
    char got[32];
    const char *half = FAKE_XML("200 OK", "Content-Length: 11\r\n", "hello");
    SCRIPT(bench, half,
           FAKE_XML("200 OK", "Content-Length: 11\r\nx-amz-checksum-sha256: " HELLO_64 "\r\n",
                    "hello world"));
    expect_ok(get(bench, got, sizeof got));
    assert_string_equal("hello world", got);
    SCRIPT(bench, half, half, half);
    expect_status(ESC_UNAVAILABLE, get(bench, got, sizeof got));
    assert_string_equal("", got);
}

static void more_than_was_expected_is_not_taken(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(bench->folder, "got");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const struct esc_s3_get get = {.key = "k", .fd = fd, .size_bytes = 10};
    SCRIPT(bench, FAKE_XML("200 OK", "", "hello world"));
    (void)esc_s3_get(bench->aws, &bench->bucket, &get, on_object, bench);
    wait_for(bench);
    assert_int_equal(ESC_CORRUPT, bench->failure.status);
    expect_contains("has another size than expected", bench->failure.message);
    assert_int_equal(0, lseek(fd, 0, SEEK_END));
    assert_int_equal(1, bench->fake.request_count);
    close(fd);
}

static void a_look_has_no_body_to_explain_a_refusal(void **state)
{
    struct bench *bench = *state;
    static const struct {
        const char *answer;
        enum esc_status status;
        const char *message;
    } cases[] = {
        {FAKE_XML("404 N", "", ""), ESC_NOT_FOUND, "there is no s3://backups/k"},
        {FAKE_XML("403 F", "", ""), ESC_DENIED, "s3://backups/k: the keys may not HEAD it"},
        {FAKE_XML("400 B", "x-amz-bucket-region: us-west-2\r\n", ""), ESC_INVALID,
         "is in region us-west-2"},
        {FAKE_XML("200 OK",
                  "Content-Length: 7\r\nETag: \"x\"\r\nx-amz-meta-sha256: " HELLO_HEX "\r\n", ""),
         ESC_OK, ""},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        SCRIPT(bench, cases[i].answer);
        (void)esc_s3_head(bench->aws, &bench->bucket, "k", on_object, bench);
        wait_for(bench);
        assert_int_equal(cases[i].status, bench->failure.status);
        expect_contains(cases[i].message, bench->failure.message);
    }
    assert_int_equal(7, bench->object.size_bytes);
    assert_string_equal(HELLO_HEX, bench->object.sha256);
}

#define PAGE(more, contents)                                                                       \
    FAKE_XML("200 OK", "",                                                                         \
             "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"                \
             "<EncodingType>url</EncodingType>" more contents "</ListBucketResult>")
#define GOES_ON(token)                                                                             \
    "<IsTruncated>true</IsTruncated><NextContinuationToken>" token "</NextContinuationToken>"
#define ENTRY(key, size) "<Contents><Key>" key "</Key><Size>" size "</Size></Contents>"

static enum esc_status list(struct bench *bench, size_t max_count)
{
    const struct esc_s3_list list = {.prefix = "e/", .max_count = max_count, .page = 2};
    (void)esc_s3_list(bench->aws, &bench->bucket, &list, on_list, bench);
    wait_for(bench);
    return bench->failure.status;
}

static void a_list_is_read_to_its_last_page(void **state)
{
    struct bench *bench = *state;
    SCRIPT(bench, PAGE(GOES_ON("a+/="), ENTRY("e/1+x", "5") ENTRY("e/2%2B", "6")),
           FAKE_S3_ERROR("503 Slow Down", "SlowDown", ""),
           PAGE("<IsTruncated>false</IsTruncated>", ENTRY("e/3", "7")));
    expect_ok(list(bench, 0));
    assert_string_equal("e/1 x:5 e/2+:6 e/3:7 ", bench->keys_seen);
    expect_contains("GET /backups/?list-type=2&encoding-type=url&prefix=e%2F&max-keys=2 HTTP",
                    bench->fake.requests[0]);
    expect_contains("&continuation-token=a%2B%2F%3D HTTP", bench->fake.requests[2]);
    SCRIPT(bench, PAGE("", ""));
    expect_ok(list(bench, 0));
    assert_string_equal("", bench->keys_seen);
}

static void a_list_that_leads_nowhere_ends(void **state)
{
    struct bench *bench = *state;
    SCRIPT(bench, PAGE(GOES_ON("t"), ENTRY("e/1", "1")), PAGE(GOES_ON("t"), ENTRY("e/2", "1")));
    expect_status(ESC_CORRUPT, list(bench, 0));
    SCRIPT(bench, PAGE("<IsTruncated>true</IsTruncated>", ""));
    expect_status(ESC_CORRUPT, list(bench, 0));
    SCRIPT(bench, PAGE("", ENTRY("e/%zz", "1")));
    expect_status(ESC_CORRUPT, list(bench, 0));
    SCRIPT(bench, FAKE_XML("200 OK", "", "<Other/>"));
    expect_status(ESC_CORRUPT, list(bench, 0));
    ESC_CLEANUP(esc_freep) char *name = esc_alloc_zero(ESC_S3_MAX_KEY + 2);
    memset(name, 'x', ESC_S3_MAX_KEY + 1);
    ESC_CLEANUP(esc_freep) char *entry = esc_sprintf(ENTRY("%s", "1"), name);
    ESC_CLEANUP(esc_freep) char *page = esc_sprintf(PAGE("", "%s"), entry);
    SCRIPT(bench, page);
    expect_status(ESC_CORRUPT, list(bench, 0));
    const char *empty[40] = {NULL}; /* a new token each time, and never an object */
    for (size_t i = 0; i < ESC_COUNT(empty) - 1; i++)
        empty[i] = i % 2 ? PAGE(GOES_ON("t1"), "") : PAGE(GOES_ON("t2"), "");
    fake_s3_script(&bench->fake, empty);
    expect_status(ESC_CORRUPT, list(bench, 0));
    assert_int_equal(17, bench->fake.request_count);
    SCRIPT(bench, PAGE(GOES_ON("t"), ENTRY("e/1", "1") ENTRY("e/2", "1") ENTRY("e/3", "1")));
    expect_status(ESC_LIMIT, list(bench, 2));
}

static void protect(struct bench *bench)
{
    (void)esc_s3_protection(bench->aws, &bench->bucket, "escher/", on_protection, bench);
    wait_for(bench);
}

static void a_bucket_tells_what_protects_it(void **state)
{
    struct bench *bench = *state;
    const struct esc_s3_protection *found = &bench->protection;
    SCRIPT(bench,
           FAKE_XML("200 OK", "",
                    "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"),
           FAKE_XML("200 OK", "",
                    "<LifecycleConfiguration>"
                    "<Rule><Status>Enabled</Status><Filter><Prefix>other/</Prefix></Filter>"
                    "<Expiration><Days>1</Days></Expiration></Rule>"
                    "<Rule><Status>Enabled</Status><Filter><Tag><Key>k</Key></Tag></Filter>"
                    "<Expiration><Days>2</Days></Expiration></Rule>"
                    "<Rule><Status>Disabled</Status><Prefix/>"
                    "<Expiration><Days>3</Days></Expiration></Rule>"
                    "<Rule><Status>Enabled</Status><Filter><Prefix>escher/</Prefix></Filter>"
                    "<Expiration><Days>30</Days></Expiration><AbortIncompleteMultipartUpload>"
                    "<DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>"
                    "</Rule></LifecycleConfiguration>"),
           FAKE_XML("200 OK", "",
                    "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>"
                    "<Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>30</Days>"
                    "</DefaultRetention></Rule></ObjectLockConfiguration>"));
    protect(bench);
    assert_int_equal(ESC_OK, bench->failure.status);
    assert_int_equal(ESC_S3_YES, found->versions);
    assert_int_equal(ESC_S3_YES, found->expires);
    assert_int_equal(30, found->expires_days);
    assert_int_equal(ESC_S3_YES, found->aborts);
    assert_int_equal(ESC_S3_YES, found->locked);
    assert_int_equal(30, found->lock_days);
    assert_true(found->lock_is_governance);
    SCRIPT(bench, FAKE_XML("200 OK", "", "<VersioningConfiguration/>"),
           FAKE_S3_ERROR("404 N", "NoSuchLifecycleConfiguration", ""),
           FAKE_S3_ERROR("403 F", "AccessDenied", ""));
    protect(bench);
    assert_int_equal(ESC_OK, bench->failure.status);
    assert_int_equal(ESC_S3_NO, found->versions);
    assert_int_equal(ESC_S3_NO, found->expires);
    assert_int_equal(ESC_S3_NO, found->aborts);
    assert_int_equal(ESC_S3_UNKNOWN, found->locked);
    SCRIPT(bench, FAKE_S3_ERROR("404 N", "NoSuchBucket", ""));
    protect(bench);
    assert_int_equal(ESC_NOT_FOUND, bench->failure.status);
}

static void names_that_lead_elsewhere_are_refused(void **state)
{
    struct bench *bench = *state;
    static const char *const buckets[] = {
        "a", "ab/c", "abc.evil.example/", "ABC", "-abc", "abc-", "a..b", "a_b", ""};
    SCRIPT(bench, NULL);
    for (size_t i = 0; i < ESC_COUNT(buckets); i++) {
        bench->bucket.name = buckets[i];
        expect_status(ESC_INVALID, put(bench, 0));
    }
    bench->bucket.name = "backups";
    bench->bucket.place.region = "eu.evil.example/";
    expect_status(ESC_INVALID, put(bench, 0));
    bench->bucket.place.region = "eu-west-1";
    bench->bucket.place.endpoint_url = "ftp://x";
    expect_status(ESC_INVALID, put(bench, 0));
    bench->bucket.place.endpoint_url = bench->fake.url;
    (void)esc_s3_head(bench->aws, &bench->bucket, "", on_object, bench);
    wait_for(bench);
    assert_int_equal(ESC_INVALID, bench->failure.status);
    assert_int_equal(0, bench->fake.request_count);
}

static void ten_thousand_parts_hold_any_size(void **)
{
    static const uint64_t mib = 1024 * 1024;
    assert_int_equal(16 * mib, esc_s3_part_bytes(0, 0));
    assert_int_equal(16 * mib, esc_s3_part_bytes(100 * 1024 * mib, 0));
    assert_int_equal(5 * mib, esc_s3_part_bytes(mib, 5 * mib));
    for (uint64_t size = 1; size < 64 * 1024 * 1024 * mib; size = size * 3 + 1) {
        uint64_t part = esc_s3_part_bytes(size, 0);
        assert_true((size + part - 1) / part <= ESC_S3_MAX_PARTS_COUNT);
        assert_true(part == 16 * mib || (part - mib) * ESC_S3_MAX_PARTS_COUNT <= size);
    }
}

static void what_changed_since_it_was_checked_is_not_sent(void **state)
{
    struct bench *bench = *state;
    struct esc_s3_put put = {.key = "k", .fd = bench->fd, .sha256 = HELLO_HEX};
    SCRIPT(bench, NULL);
    (void)esc_s3_put(bench->aws, &bench->bucket, &put, on_object, bench);
    wait_for(bench);
    assert_int_equal(ESC_OK, bench->failure.status);
    assert_int_equal(1, bench->fake.request_count);
    assert_int_equal(1, pwrite(bench->fd, "H", 1, 0));
    (void)esc_s3_put(bench->aws, &bench->bucket, &put, on_object, bench);
    wait_for(bench);
    assert_int_equal(ESC_CORRUPT, bench->failure.status);
    assert_int_equal(1, bench->fake.request_count);
}

static void what_is_no_file_is_not_sent(void **state)
{
    struct bench *bench = *state;
    int ends[2];
    assert_int_equal(0, pipe(ends));
    SCRIPT(bench, NULL);
    int kept = bench->fd;
    bench->fd = ends[0];
    expect_status(ESC_IO, put(bench, 0));
    bench->fd = -1;
    expect_status(ESC_IO, put(bench, 0));
    bench->fd = kept;
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(0, bench->fake.request_count);
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BENCH(a_put_names_its_checksum_and_replaces_nothing),
        WITH_BENCH(a_put_without_a_checksum_in_the_answer_is_not_confirmed),
        WITH_BENCH(trouble_is_tried_again_and_refusals_are_not),
        WITH_BENCH(what_works_at_the_last_attempt_worked),
        WITH_BENCH(silence_is_a_timeout),
        WITH_BENCH(a_clock_that_is_off_is_corrected_once),
        WITH_BENCH(parts_become_one_object),
        WITH_BENCH(an_upload_that_fails_is_removed),
        WITH_BENCH(a_conflict_at_the_end_takes_all_parts_again),
        WITH_BENCH(cancelling_an_upload_removes_it),
        WITH_BENCH(a_call_can_be_cancelled_at_any_time),
        WITH_BENCH(freeing_ends_what_is_under_way),
        WITH_BENCH(what_comes_must_be_what_went_up),
        WITH_BENCH(a_fetch_that_breaks_off_begins_anew),
        WITH_BENCH(more_than_was_expected_is_not_taken),
        WITH_BENCH(a_look_has_no_body_to_explain_a_refusal),
        WITH_BENCH(a_list_is_read_to_its_last_page),
        WITH_BENCH(a_list_that_leads_nowhere_ends),
        WITH_BENCH(a_bucket_tells_what_protects_it),
        WITH_BENCH(names_that_lead_elsewhere_are_refused),
        cmocka_unit_test(ten_thousand_parts_hold_any_size),
        WITH_BENCH(what_changed_since_it_was_checked_is_not_sent),
        WITH_BENCH(what_is_no_file_is_not_sent),
    };
    return cmocka_run_group_tests_name("aws/s3", tests, NULL, NULL);
}
