/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/aws/endpoint.h"
#include "escher/aws/s3_private.h"
#include "escher/aws/send_private.h"
#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/base/utf8.h"

enum {
    ATTEMPTS = 5,
    IDLE_TIMEOUT_MS = 60 * 1000,
    MAX_ANSWER = 4 * 1024 * 1024, /* a page of a list: 1,000 keys of 1,024 bytes, encoded */
};
static const struct esc_backoff retry = {.base_ms = 500, .max_ms = 20 * 1000};

/* What S3's own codes mean; the others are those of all services. */
static const struct {
    const char *code;
    enum esc_status status;
} codes[] = {
    {"NoSuchBucket", ESC_NOT_FOUND},
    {"NoSuchKey", ESC_NOT_FOUND},
    {"NoSuchUpload", ESC_NOT_FOUND},
    {"NoSuchLifecycleConfiguration", ESC_NOT_FOUND},
    {"ObjectLockConfigurationNotFoundError", ESC_NOT_FOUND},
    {"PreconditionFailed", ESC_EXISTS},
    {"ConditionalRequestConflict", ESC_THROTTLED}, /* somebody else is at it: "retry the upload" */
    {"OperationAborted", ESC_THROTTLED},
    {"BadDigest", ESC_CORRUPT},
    {"XAmzContentSHA256Mismatch", ESC_CORRUPT},
    {"XAmzContentChecksumMismatch", ESC_CORRUPT},
    {"AccountProblem", ESC_DENIED},
    {"AllAccessDisabled", ESC_DENIED},
    {"InvalidToken", ESC_DENIED},
    {"NotSignedUp", ESC_DENIED},
    {"IncompleteBody", ESC_UNAVAILABLE},
};

/* HEAD is answered without a body, so without a code. */
static const struct {
    int http_status;
    enum esc_status status;
} bare[] = {
    {400, ESC_INVALID},   {401, ESC_DENIED}, {403, ESC_DENIED},    {404, ESC_NOT_FOUND},
    {409, ESC_THROTTLED}, {412, ESC_EXISTS}, {429, ESC_THROTTLED}, {500, ESC_UNAVAILABLE},
};

static enum esc_status status_of(const struct esc_s3_call *op, const struct esc_aws_fault *fault)
{
    for (size_t i = 0; i < ESC_COUNT(codes); i++)
        if (esc_text_equal(fault->code, codes[i].code))
            return codes[i].status;
    for (size_t i = 0; !*fault->code && i < ESC_COUNT(bare); i++)
        if (esc_text_equal(op->method, "HEAD") && fault->http_status == bare[i].http_status)
            return bare[i].status;
    return esc_aws_fault_status(fault);
}

static void forget_request(struct esc_s3_call *op)
{
    char **const texts[] = {&op->method, &op->key, &op->url, &op->query, &op->body};
    for (size_t i = 0; i < ESC_COUNT(texts); i++) {
        free(*texts[i]);
        *texts[i] = NULL;
    }
    while (op->header_count > 0) {
        free(op->headers[--op->header_count].name);
        free(op->headers[op->header_count].value);
    }
}

void s3_end(struct esc_s3_call *op, const struct esc_error *failure)
{
    struct esc_error err = {0};
    if (failure)
        err = *failure; /* it may be the operation's own */
    *op->link = op->next;
    if (op->next)
        op->next->link = op->link;
    esc_timer_stop(&op->turn);
    ESC_ASSERT(!op->http); /* an operation ends between its requests */
    op->kind->finish(op, failure ? &err : NULL);
    forget_request(op);
    esc_credentials_free(op->credentials);
    esc_aws_environment_free(op->environment);
    free(op->bucket);
    free(op->owner);
    free(op->region);
    free(op->endpoint_url);
    free(op);
}

static void fail_cancelled(const struct esc_s3_call *op, struct esc_error *err)
{
    (void)esc_fail(err, ESC_CANCELLED, "s3://%s: cancelled", op->bucket);
}

void s3_end_all(struct esc_aws *aws)
{
    while (aws->s3_calls) {
        struct esc_error err;
        fail_cancelled(aws->s3_calls, &err);
        s3_end(aws->s3_calls, &err);
    }
}

/* What a name outside this file's hands means in a message. */
static void shown(const struct esc_s3_call *op, char *out, size_t size)
{
    struct esc_buf buf;
    esc_buf_init(&buf, ESC_MAX_LINE);
    esc_buf_printf(&buf, op->key ? "s3://%s/%s" : "s3://%s", op->bucket, op->key);
    struct esc_str cut = esc_str_slice(esc_buf_str(&buf), 0, size - 1);
    memcpy(out, cut.ptr, cut.len);
    out[cut.len] = '\0';
    esc_buf_done(&buf);
}

static enum esc_status explain(const struct esc_s3_call *op,
                               const struct esc_http_response *response,
                               const struct esc_aws_fault *fault, struct esc_error *err)
{
    enum esc_status status = status_of(op, fault);
    char name[160], region[ESC_REGION_TEXT];
    shown(op, name, sizeof name);
    if (aws_bucket_region(response, fault, op->region, region))
        return esc_fail(err, ESC_INVALID, "the bucket %s is in region %s, not in %s", op->bucket,
                        region, op->region);
    if (esc_text_equal(fault->code, "NoSuchBucket"))
        return esc_fail(err, status, "there is no bucket %s", op->bucket);
    if (status == ESC_EXISTS)
        return esc_fail(err, status, "%s is there already", name);
    if (esc_text_equal(fault->code, "NoSuchKey") || (status == ESC_NOT_FOUND && !*fault->code))
        return esc_fail(err, status, "there is no %s", name);
    if (*fault->code)
        return esc_fail(err, status, "%s: %s: %s", name, fault->code, fault->message);
    if (status == ESC_DENIED)
        return esc_fail(err, status, "%s: the keys may not %s it", name, op->method);
    return esc_fail(err, status, "%s: HTTP %d, and the answer is none of S3's", name,
                    fault->http_status);
}

static void attempt(void *context);

static void turn_in(struct esc_s3_call *op, uint64_t delay_ms)
{
    op->turn = esc_timer_start(op->aws->loop, op->cancelled && !op->cleaning_up ? 0 : delay_ms,
                               attempt, op);
}

/* Whether the same request may fare better: then it is on its way. */
static bool try_again(struct esc_s3_call *op, enum esc_status status)
{
    bool passing = status == ESC_THROTTLED || status == ESC_UNAVAILABLE || status == ESC_TIMEOUT;
    if (!passing || (op->cancelled && !op->cleaning_up) || ++op->attempt >= op->attempts)
        return false;
    const struct esc_random *random = op->random ? op->random : esc_random_system();
    turn_in(op, esc_backoff_ms(&op->retry, op->attempt - 1, random));
    return true;
}

bool s3_is_conflict(const struct esc_aws_fault *fault)
{
    return fault && esc_text_equal(fault->code, "ConditionalRequestConflict");
}

static void refused(struct esc_s3_call *op, const struct esc_http_response *response)
{
    struct esc_aws_fault fault;
    struct esc_error err;
    aws_fault_read(response, &fault);
    if (!op->skew_corrected && aws_skew_learn(op->aws, op->endpoint_url, response, &fault)) {
        op->skew_corrected = true;
        turn_in(op, 0);
        return;
    }
    const enum esc_status status = explain(op, response, &fault, &err);
    if ((op->conflict_ends && s3_is_conflict(&fault)) || !try_again(op, status))
        op->answered(op, &(struct s3_answer){.fault = &fault}, &err);
}

static void on_answer(void *context, const struct esc_http_response *response,
                      const struct esc_error *failure)
{
    struct esc_s3_call *op = context;
    ESC_CLEANUP(esc_xml_freep) struct esc_xml *xml = NULL;
    struct esc_error err;
    op->http = NULL;
    if (!response) {
        err = op->failure.status != ESC_OK ? op->failure : *failure;
        op->failure = (struct esc_error){0};
        if (!try_again(op, err.status))
            op->answered(op, &(struct s3_answer){0}, &err);
        return;
    }
    bool good = response->status >= 200 && response->status <= 299;
    if (response->body.len > 0 && esc_xml_parse(response->body, &xml, NULL) != ESC_OK && good) {
        (void)esc_fail(&err, ESC_CORRUPT, "s3://%s: the answer is none of S3's", op->bucket);
        op->answered(op, &(struct s3_answer){0}, &err);
    } else if (!good || (xml && esc_text_equal(esc_xml_name(xml), "Error"))) {
        refused(op, response); /* completing an upload may fail after its 200 went out */
    } else {
        op->answered(op, &(struct s3_answer){.response = response, .xml = xml}, NULL);
    }
}

static void on_data(void *context, struct esc_str bytes)
{
    struct esc_s3_call *op = context;
    op->on_data(op, bytes);
}

/* The headers that are signed; returns their number. */
static size_t list_headers(const struct esc_s3_call *op, struct esc_http_header *out)
{
    size_t count = 0;
    if (op->owner)
        out[count++] = (struct esc_http_header){"x-amz-expected-bucket-owner", op->owner};
    for (size_t i = 0; i < op->header_count; i++)
        out[count++] = (struct esc_http_header){op->headers[i].name, op->headers[i].value};
    return count;
}

static enum esc_status sign_and_send(struct esc_s3_call *op, struct esc_error *err)
{
    struct esc_http_header headers[ESC_COUNT(op->headers) + 1];
    const bool has_file = *op->file_sha256;
    const struct aws_request request = {
        .credentials = op->credentials,
        .environment = op->environment,
        .service = "s3",
        .region = op->region,
        .method = op->method,
        .url = op->url,
        .endpoint_url = op->endpoint_url,
        .headers = headers,
        .header_count = list_headers(op, headers),
        .body = {op->body, op->body_len},
        .file = has_file ? &op->file : NULL,
        .file_sha256 = has_file ? op->file_sha256 : NULL,
        .is_s3 = true,
        .timeout_ms = op->timeout_ms,
        .idle_timeout_ms = op->on_data || has_file ? op->idle_timeout_ms : 0,
        .max_response = op->on_data ? 0 : MAX_ANSWER,
        .on_data = op->on_data ? on_data : NULL,
    };
    return aws_send(op->aws, &request, on_answer, op, &op->http, err);
}

static void attempt(void *context)
{
    struct esc_s3_call *op = context;
    struct esc_error err = {0};
    op->turn = NULL;
    if (op->cancelled && !op->cleaning_up)
        fail_cancelled(op, &err);
    else if (op->failure.status != ESC_OK || (op->restart && !op->restart(op)))
        err = op->failure;
    if (err.status != ESC_OK || sign_and_send(op, &err) != ESC_OK)
        op->answered(op, &(struct s3_answer){0}, &err);
}

/* A key in a URL: its slashes stay, all else is one segment's. */
static void add_key(struct esc_buf *out, const char *key)
{
    struct esc_str rest = esc_str_of(key), segment;
    const char *slash = "";
    while (esc_str_next(&rest, '/', &segment)) {
        ESC_CLEANUP(esc_freep) char *encoded = esc_percent_encode(segment);
        esc_buf_printf(out, "%s%s", slash, encoded);
        slash = "/";
    }
}

static enum esc_status make_url(struct esc_s3_call *op, struct esc_error *err)
{
    const struct esc_endpoint_ask ask = {.prefix = "s3",
                                         .region = op->region,
                                         .endpoint_url = op->endpoint_url,
                                         .bucket = op->bucket};
    struct esc_endpoint endpoint;
    struct esc_buf buf;
    esc_buf_init(&buf, ESC_MAX_LINE);
    const enum esc_status status = esc_endpoint_make(&ask, &buf, &endpoint, err);
    if (status == ESC_OK && !endpoint.bucket_in_host)
        esc_buf_printf(&buf, "/%s", op->bucket);
    esc_buf_add_char(&buf, '/');
    if (op->key)
        add_key(&buf, op->key);
    if (*op->query)
        esc_buf_printf(&buf, "?%s", op->query);
    op->url = esc_buf_take(&buf);
    return status;
}

void s3_send(struct esc_s3_call *op, const struct s3_request *request, s3_answered_fn *answered)
{
    ESC_ASSERT(!op->http && !op->turn && request->header_count <= ESC_COUNT(op->headers));
    forget_request(op);
    op->method = esc_strdup(request->method);
    op->key = request->key ? esc_strdup(request->key) : NULL;
    op->query = esc_strdup(request->query);
    op->body = esc_str_dup(request->body);
    op->body_len = request->body.len;
    for (size_t i = 0; i < request->header_count; i++) {
        op->headers[i].name = esc_strdup(request->headers[i].name);
        op->headers[i].value = esc_strdup(request->headers[i].value);
    }
    op->header_count = request->header_count;
    op->file_sha256[0] = '\0';
    if (request->file) {
        op->file = *request->file;
        memcpy(op->file_sha256, request->file_sha256, sizeof op->file_sha256);
    }
    op->timeout_ms = request->timeout_ms;
    op->conflict_ends = request->conflict_ends;
    op->on_data = request->on_data;
    op->restart = request->restart;
    op->answered = answered;
    op->attempt = 0;
    op->failure = (struct esc_error){0};
    if (make_url(op, &op->failure) != ESC_OK)
        (void)esc_wrap(&op->failure, ESC_INVALID, "s3");
    turn_in(op, 0);
}

static void begin(void *context)
{
    struct esc_s3_call *op = context;
    op->turn = NULL;
    if (op->cancelled && op->failure.status == ESC_OK)
        fail_cancelled(op, &op->failure);
    if (op->failure.status != ESC_OK)
        s3_end(op, &op->failure);
    else
        op->kind->first(op);
}

bool esc_s3_is_bucket_name(struct esc_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool inner = (c == '-' || c == '.') && i > 0 && i + 1 < name.len;
        if (!esc_is_lower(c) && !esc_is_digit(c) && !inner)
            return false;
    }
    return name.len >= 3 && name.len <= 63 && !esc_str_contains(name, ESC_STR(".."));
}

void s3_begin(struct esc_s3_call *op, const struct s3_kind *kind, struct esc_aws *aws,
              const struct esc_s3_bucket *bucket)
{
    const struct esc_aws_place *place = &bucket->place;
    op->kind = kind;
    op->aws = aws;
    op->credentials = esc_credentials_copy(bucket->credentials);
    op->environment = esc_aws_environment_copy(place->environment);
    op->bucket = esc_strdup(bucket->name);
    op->owner = bucket->owner ? esc_strdup(bucket->owner) : NULL;
    op->region = esc_strdup(place->region ? place->region : "us-east-1");
    op->endpoint_url = place->endpoint_url ? esc_strdup(place->endpoint_url) : NULL;
    op->retry = bucket->retry.max_ms ? bucket->retry : retry;
    op->random = bucket->random;
    op->attempts = bucket->attempts ? bucket->attempts : ATTEMPTS;
    op->idle_timeout_ms = bucket->idle_timeout_ms ? bucket->idle_timeout_ms : IDLE_TIMEOUT_MS;
    op->link = &aws->s3_calls;
    op->next = aws->s3_calls;
    if (op->next)
        op->next->link = &op->next;
    aws->s3_calls = op;
    if (!esc_s3_is_bucket_name(esc_str_of(op->bucket)))
        (void)esc_fail(&op->failure, ESC_INVALID, "`%s` is no name of a bucket", op->bucket);
    else if (!esc_region_is_valid(esc_str_of(op->region)))
        (void)esc_fail(&op->failure, ESC_INVALID, "`%s` is no region", op->region);
    op->turn = esc_timer_start(aws->loop, 0, begin, op);
}

void s3_check_key(struct esc_s3_call *op, const char *key)
{
    struct esc_str text = esc_str_of(key);
    if (text.len == 0 || text.len > ESC_S3_MAX_KEY || !esc_utf8_is_valid(text))
        (void)esc_fail(&op->failure, ESC_INVALID, "s3://%s: this can be no key", op->bucket);
}

void esc_s3_cancel(struct esc_s3_call *op)
{
    if (!op || op->cancelled)
        return;
    op->cancelled = true;
    if (op->cleaning_up)
        return;
    esc_http_cancel(op->http);
    if (op->turn && op->method) { /* a pause: it is over now */
        esc_timer_stop(&op->turn);
        turn_in(op, 0);
    }
}

const char *s3_header(const struct s3_answer *answer, const char *name)
{
    const char *value = esc_http_response_header(answer->response, name);
    return value ? value : "";
}

void s3_read_object(const struct s3_answer *answer, const char *key, struct esc_s3_object *out)
{
    const char *sha256 = s3_header(answer, S3_META_SHA256);
    uint8_t digest[ESC_SHA256_SIZE];
    *out = (struct esc_s3_object){.key = key, .etag = s3_header(answer, "ETag")};
    (void)esc_num_u64(esc_str_of(s3_header(answer, "Content-Length")), &out->size_bytes);
    (void)aws_parse_http_date(s3_header(answer, "Last-Modified"), &out->modified_ms);
    if (esc_hex_parse(esc_str_of(sha256), digest, sizeof digest))
        esc_hex(digest, sizeof digest, out->sha256);
}

enum s3_checksum s3_compare(const char *named, const uint8_t digest[ESC_SHA256_SIZE])
{
    ESC_CLEANUP(esc_freep) char *ours = esc_base64(digest, ESC_SHA256_SIZE);
    if (!*named || strchr(named, '-')) /* "…-3" is of the checksums of three parts */
        return S3_CHECKSUM_NONE;
    return esc_text_equal(named, ours) ? S3_CHECKSUM_FITS : S3_CHECKSUM_DIFFERS;
}
