/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "escher/aws/s3_private.h"
#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/loop/job.h"

enum {
    READ_BYTES = 1024 * 1024,
    ROUND_BYTES = 1024 * 1024,
    MAX_CONFLICTS = 2,
    COMPLETE_TIMEOUT_MS = 10 * 60 * 1000, /* "can take several minutes" */
};

typedef uint8_t digest_bytes[ESC_SHA256_SIZE];

/* The way to the worker and back. It has a descriptor of its own, since it may outlive the put. */
struct hashing {
    struct put *put; /* NULL: nobody waits any more */
    int fd;
    uint64_t size_bytes, part_bytes;
    size_t part_count;
    digest_bytes whole, *parts;
    struct esc_error err;
};

struct put {
    struct esc_s3_call call;
    char *key;
    int fd; /* -1: could not be had */
    uint64_t size_bytes, part_bytes;
    size_t part_count, part; /* the one under way, from 0 */
    struct hashing *hashing; /* under way */
    digest_bytes whole, *parts;
    char sha256[ESC_SHA256_TEXT];
    char *expected; /* NULL: any */
    char **etags;
    char *upload_id; /* encoded for a query; NULL: in one piece, or no upload yet */
    char *etag;      /* of the object */
    bool confirmed;
    unsigned conflicts; /* so many times all parts went up anew */
    struct esc_error
        failure; /* what it ends with once the upload is given up; ESC_OK: begins anew */
    esc_s3_progress_fn *progress;
    esc_s3_object_fn *done;
    void *context;
};

uint64_t esc_s3_part_bytes(uint64_t size_bytes, uint64_t wanted)
{
    uint64_t part = wanted ? wanted : ESC_S3_PART_BYTES;
    uint64_t least = size_bytes / ESC_S3_MAX_PARTS_COUNT + 1;
    return part >= least ? part : (least + ROUND_BYTES - 1) / ROUND_BYTES * ROUND_BYTES;
}

static bool hash_part(struct hashing *hashing, struct esc_digest *whole, size_t part, char *buffer)
{
    ESC_CLEANUP(esc_digest_freep) struct esc_digest *digest = esc_digest_new();
    uint64_t at = part * hashing->part_bytes;
    uint64_t left = hashing->size_bytes - at;
    left = left < hashing->part_bytes ? left : hashing->part_bytes;
    while (left > 0) {
        ssize_t count =
            pread(hashing->fd, buffer, left < READ_BYTES ? (size_t)left : READ_BYTES, (off_t)at);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        const struct esc_str bytes = {buffer, (size_t)count};
        esc_digest_add(digest, bytes);
        if (hashing->part_count > 1)
            esc_digest_add(whole, bytes);
        at += (uint64_t)count;
        left -= (uint64_t)count;
    }
    esc_digest_finish(digest, hashing->parts[part]);
    return true;
}

/* On the worker. */
static void hash(void *context)
{
    struct hashing *hashing = context;
    ESC_CLEANUP(esc_digest_freep) struct esc_digest *whole = esc_digest_new();
    ESC_CLEANUP(esc_freep) char *buffer = esc_alloc_zero(READ_BYTES);
    for (size_t i = 0; i < hashing->part_count; i++)
        if (!hash_part(hashing, whole, i, buffer)) {
            (void)esc_fail(&hashing->err, ESC_IO, "the file to send cannot be read to its end");
            return;
        }
    if (hashing->part_count > 1)
        esc_digest_finish(whole, hashing->whole);
    else
        memcpy(hashing->whole, hashing->parts[0], sizeof hashing->whole);
}

static void hashing_free(struct hashing *hashing)
{
    esc_fd_close(&hashing->fd);
    free(hashing->parts);
    free(hashing);
}

static void report_progress(const struct put *put)
{
    uint64_t done = put->part * put->part_bytes;
    if (put->progress)
        put->progress(put->context, done < put->size_bytes ? done : put->size_bytes,
                      put->size_bytes);
}

static void create(struct put *put);

static void aborted(struct esc_s3_call *op, const struct s3_answer *, const struct esc_error *)
{
    struct put *put = (struct put *)op; /* a lifecycle rule takes what could not be removed */
    op->cleaning_up = false;
    free(put->upload_id);
    put->upload_id = NULL;
    if (put->failure.status == ESC_OK && op->cancelled)
        (void)esc_fail(&put->failure, ESC_CANCELLED, "s3://%s: cancelled", op->bucket);
    if (put->failure.status == ESC_OK)
        create(put);
    else
        s3_end(op, &put->failure);
}

static void abort_upload(struct put *put)
{
    ESC_CLEANUP(esc_freep) char *query = esc_sprintf("uploadId=%s", put->upload_id);
    const struct s3_request request = {.method = "DELETE", .key = put->key, .query = query};
    put->call.cleaning_up = true;
    s3_send(&put->call, &request, aborted);
}

/* Ends it; what went up already is removed first. */
static void give_up(struct put *put, const struct esc_error *failure)
{
    if (!put->upload_id) {
        s3_end(&put->call, failure);
        return;
    }
    put->failure = *failure;
    abort_upload(put);
}

/* "On a 409 failure you should re-initiate the multipart upload and re-upload each part." */
static void begin_anew(struct put *put)
{
    while (put->part > 0)
        free(put->etags[--put->part]);
    put->confirmed = true;
    abort_upload(put);
}

/* What S3 says it got must be what was sent; false: given up. */
static bool confirm(struct put *put, const char *named, const uint8_t *digest)
{
    enum s3_checksum found = s3_compare(named, digest);
    if (found == S3_CHECKSUM_DIFFERS) {
        struct esc_error err;
        (void)esc_fail(&err, ESC_CORRUPT, "s3://%s/%s: S3 has another checksum than what was sent",
                       put->call.bucket, put->key);
        give_up(put, &err);
        return false;
    }
    put->confirmed = put->confirmed && found == S3_CHECKSUM_FITS;
    return true;
}

static void completed(struct esc_s3_call *op, const struct s3_answer *answer,
                      const struct esc_error *failure)
{
    struct put *put = (struct put *)op;
    if (s3_is_conflict(answer->fault) && put->conflicts++ < MAX_CONFLICTS) {
        begin_anew(put);
        return;
    }
    if (failure) {
        give_up(put, failure);
        return;
    }
    digest_bytes all;
    ESC_CLEANUP(esc_digest_freep) struct esc_digest *digest = esc_digest_new();
    for (size_t i = 0; i < put->part_count; i++)
        esc_digest_add(digest, (struct esc_str){(const char *)put->parts[i], ESC_SHA256_SIZE});
    esc_digest_finish(digest, all);
    ESC_CLEANUP(esc_freep) char *ours = esc_base64(all, sizeof all);
    struct esc_str named = esc_str_of(esc_xml_str(answer->xml, "ChecksumSHA256", ""));
    struct esc_str first = esc_str_slice(named, 0, esc_str_find(named, ESC_STR("-"), 0));
    if (named.len > 0 && !esc_str_is(first, ours)) {
        struct esc_error err;
        (void)esc_fail(&err, ESC_CORRUPT, "s3://%s/%s: S3 has another checksum than what was sent",
                       put->call.bucket, put->key);
        s3_end(op, &err); /* it is an object now, and those cannot be taken back */
        return;
    }
    put->etag = esc_strdup(esc_xml_str(answer->xml, "ETag", ""));
    s3_end(op, NULL);
}

static void add_escaped(struct esc_buf *out, const char *text)
{
    for (; *text; text++)
        if (strchr("<>&\"", *text))
            esc_buf_printf(out, "&#%d;", *text);
        else
            esc_buf_add_char(out, *text);
}

static void complete(struct put *put)
{
    ESC_CLEANUP(esc_freep) char *query = esc_sprintf("uploadId=%s", put->upload_id);
    static const struct esc_http_header headers[] = {{"If-None-Match", "*"},
                                                     {"Content-Type", "application/xml"}};
    struct esc_buf body;
    esc_buf_init(&body, ESC_MAX_RESPONSE);
    esc_buf_add_text(&body, "<CompleteMultipartUpload "
                            "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    for (size_t i = 0; i < put->part_count; i++) {
        ESC_CLEANUP(esc_freep) char *sum = esc_base64(put->parts[i], ESC_SHA256_SIZE);
        esc_buf_printf(&body, "<Part><ChecksumSHA256>%s</ChecksumSHA256><ETag>", sum);
        add_escaped(&body, put->etags[i]);
        esc_buf_printf(&body, "</ETag><PartNumber>%zu</PartNumber></Part>", i + 1);
    }
    esc_buf_add_text(&body, "</CompleteMultipartUpload>");
    const struct s3_request request = {
        .method = "POST",
        .key = put->key,
        .query = query,
        .headers = headers,
        .header_count = ESC_COUNT(headers),
        .body = esc_buf_str(&body),
        .timeout_ms = COMPLETE_TIMEOUT_MS,
        .conflict_ends = true,
    };
    s3_send(&put->call, &request, completed);
    esc_buf_done(&body);
}

static void send_part(struct put *put);

static void part_sent(struct esc_s3_call *op, const struct s3_answer *answer,
                      const struct esc_error *failure)
{
    struct put *put = (struct put *)op;
    if (failure) {
        give_up(put, failure);
        return;
    }
    if (!confirm(put, s3_header(answer, S3_CHECKSUM), put->parts[put->part]))
        return;
    put->etags[put->part++] = esc_strdup(s3_header(answer, "ETag"));
    report_progress(put);
    if (put->part < put->part_count)
        send_part(put);
    else
        complete(put);
}

static void send_part(struct put *put)
{
    ESC_CLEANUP(esc_freep) char *sum = esc_base64(put->parts[put->part], ESC_SHA256_SIZE);
    ESC_CLEANUP(esc_freep)
    char *query = esc_sprintf("partNumber=%zu&uploadId=%s", put->part + 1, put->upload_id);
    const struct esc_http_header headers[] = {{S3_CHECKSUM, sum},
                                              {"x-amz-sdk-checksum-algorithm", "SHA256"}};
    uint64_t at = put->part * put->part_bytes, left = put->size_bytes - at;
    const struct esc_http_file file = {put->fd, at,
                                       left < put->part_bytes ? left : put->part_bytes};
    char hex[ESC_SHA256_TEXT];
    esc_hex(put->parts[put->part], ESC_SHA256_SIZE, hex);
    const struct s3_request request = {
        .method = "PUT",
        .key = put->key,
        .query = query,
        .headers = headers,
        .header_count = ESC_COUNT(headers),
        .file = &file,
        .file_sha256 = hex,
    };
    s3_send(&put->call, &request, part_sent);
}

static void created(struct esc_s3_call *op, const struct s3_answer *answer,
                    const struct esc_error *failure)
{
    struct put *put = (struct put *)op;
    const char *id = failure ? "" : esc_xml_str(answer->xml, "UploadId", "");
    struct esc_error err;
    if (failure) {
        s3_end(op, failure);
    } else if (!*id) {
        (void)esc_fail(&err, ESC_CORRUPT, "s3://%s: the answer is none of S3's", op->bucket);
        s3_end(op, &err);
    } else {
        put->upload_id = esc_percent_encode(esc_str_of(id));
        send_part(put);
    }
}

static void create(struct put *put)
{
    const struct esc_http_header headers[] = {{"x-amz-checksum-algorithm", "SHA256"},
                                              {S3_META_SHA256, put->sha256}};
    const struct s3_request request = {
        .method = "POST",
        .key = put->key,
        .query = "uploads=",
        .headers = headers,
        .header_count = ESC_COUNT(headers),
    };
    s3_send(&put->call, &request, created);
}

static void sent_whole(struct esc_s3_call *op, const struct s3_answer *answer,
                       const struct esc_error *failure)
{
    struct put *put = (struct put *)op;
    if (failure) {
        s3_end(op, failure);
    } else if (confirm(put, s3_header(answer, S3_CHECKSUM), put->whole)) {
        put->etag = esc_strdup(s3_header(answer, "ETag"));
        put->part = 1;
        report_progress(put);
        s3_end(op, NULL);
    }
}

static void send_whole(struct put *put)
{
    ESC_CLEANUP(esc_freep) char *sum = esc_base64(put->whole, sizeof put->whole);
    const struct esc_http_header headers[] = {{"If-None-Match", "*"},
                                              {S3_CHECKSUM, sum},
                                              {"x-amz-sdk-checksum-algorithm", "SHA256"},
                                              {S3_META_SHA256, put->sha256}};
    const struct esc_http_file file = {put->fd, 0, put->size_bytes};
    const struct s3_request request = {
        .method = "PUT",
        .key = put->key,
        .query = "",
        .headers = headers,
        .header_count = ESC_COUNT(headers),
        .file = &file,
        .file_sha256 = put->sha256,
    };
    s3_send(&put->call, &request, sent_whole);
}

static void hashed(void *context, enum esc_status ok_or_cancelled)
{
    struct hashing *hashing = context;
    struct put *put = hashing->put;
    struct esc_error err = hashing->err;
    if (put) {
        put->hashing = NULL;
        put->parts = ESC_STEAL(hashing->parts);
        memcpy(put->whole, hashing->whole, sizeof put->whole);
        esc_hex(put->whole, sizeof put->whole, put->sha256);
    }
    hashing_free(hashing);
    if (!put)
        return;
    if (ok_or_cancelled != ESC_OK || put->call.cancelled)
        (void)esc_fail(&err, ESC_CANCELLED, "s3://%s: cancelled", put->call.bucket);
    else if (err.status == ESC_OK && put->expected && !esc_text_equal(put->expected, put->sha256))
        (void)esc_fail(&err, ESC_CORRUPT, "s3://%s/%s: the file is not what it was",
                       put->call.bucket, put->key);
    if (err.status != ESC_OK)
        s3_end(&put->call, &err);
    else if (put->part_count > 1)
        create(put);
    else
        send_whole(put);
}

static void first(struct esc_s3_call *op)
{
    struct put *put = (struct put *)op;
    struct hashing *hashing = esc_alloc_zero(sizeof *hashing);
    hashing->put = put;
    hashing->fd = fcntl(put->fd, F_DUPFD_CLOEXEC, 0);
    hashing->size_bytes = put->size_bytes;
    hashing->part_bytes = put->part_bytes;
    hashing->part_count = put->part_count;
    hashing->parts = esc_alloc_array(put->part_count, sizeof *hashing->parts);
    put->hashing = hashing;
    report_progress(put);
    (void)esc_job_start(op->aws->loop, hash, hashed, hashing); /* it ends by itself */
}

static void finish(struct esc_s3_call *op, const struct esc_error *failure)
{
    struct put *put = (struct put *)op;
    struct esc_s3_object object = {.key = put->key,
                                   .etag = put->etag,
                                   .size_bytes = put->size_bytes,
                                   .confirmed = put->confirmed};
    memcpy(object.sha256, put->sha256, sizeof object.sha256);
    if (put->failure.status != ESC_OK)
        failure = &put->failure;
    if (put->hashing)
        put->hashing->put = NULL;
    put->done(put->context, failure ? NULL : &object, failure);
    while (put->part > 0 && put->part_count > 1)
        free(put->etags[--put->part]);
    esc_fd_close(&put->fd);
    free(put->etags);
    free(put->parts);
    free(put->upload_id);
    free(put->expected);
    free(put->etag);
    free(put->key);
}

/* The operation's own descriptor; what is no file cannot be hashed first and sent then. */
static void open_file(struct put *put, int fd)
{
    struct stat about;
    put->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (put->fd < 0 || fstat(put->fd, &about) != 0 || !S_ISREG(about.st_mode))
        (void)esc_fail(&put->call.failure, ESC_IO, "what is to be sent is no open regular file");
    else
        put->size_bytes = (uint64_t)about.st_size;
}

struct esc_s3_call *esc_s3_put(struct esc_aws *aws, const struct esc_s3_bucket *bucket,
                               const struct esc_s3_put *given, esc_s3_object_fn *done,
                               void *context)
{
    static const struct s3_kind kind = {.first = first, .finish = finish};
    struct put *put = esc_alloc_zero(sizeof *put);
    s3_begin(&put->call, &kind, aws, bucket);
    s3_check_key(&put->call, given->key);
    open_file(put, given->fd);
    put->key = esc_strdup(given->key);
    put->expected = given->sha256 ? esc_strdup(given->sha256) : NULL;
    put->part_bytes = esc_s3_part_bytes(put->size_bytes, given->part_bytes);
    put->part_count = put->size_bytes / put->part_bytes + (put->size_bytes % put->part_bytes > 0);
    put->part_count += put->part_count == 0; /* an empty file is one part */
    put->etags = esc_alloc_array(put->part_count, sizeof *put->etags);
    put->confirmed = true;
    put->progress = given->progress;
    put->done = done;
    put->context = context;
    return &put->call;
}
