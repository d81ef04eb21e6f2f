/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <unistd.h>

#include <fcntl.h>

#include "escher/aws/s3_private.h"
#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/num.h"

/* Looking at an object, and fetching it. */

struct head {
    struct esc_s3_call call;
    char *key;
    struct esc_s3_object *object; /* during finish() */
    esc_s3_object_fn *done;
    void *context;
};

static const struct esc_http_header with_checksum = {"x-amz-checksum-mode", "ENABLED"};

static void seen(struct esc_s3_call *op, const struct s3_answer *answer,
                 const struct esc_error *failure)
{
    struct head *head = (struct head *)op;
    struct esc_s3_object object;
    if (!failure) {
        s3_read_object(answer, head->key, &object);
        head->object = &object;
    }
    s3_end(op, failure);
}

static void look(struct esc_s3_call *op)
{
    const struct s3_request request = {.method = "HEAD",
                                       .key = ((struct head *)op)->key,
                                       .query = "",
                                       .headers = &with_checksum,
                                       .header_count = 1};
    s3_send(op, &request, seen);
}

static void head_finish(struct esc_s3_call *op, const struct esc_error *failure)
{
    struct head *head = (struct head *)op;
    head->done(head->context, head->object, failure);
    free(head->key);
}

struct esc_s3_call *esc_s3_head(struct esc_aws *aws, const struct esc_s3_bucket *bucket,
                                const char *key, esc_s3_object_fn *done, void *context)
{
    static const struct s3_kind kind = {.first = look, .finish = head_finish};
    struct head *head = esc_alloc_zero(sizeof *head);
    s3_begin(&head->call, &kind, aws, bucket);
    s3_check_key(&head->call, key);
    head->key = esc_strdup(key);
    head->done = done;
    head->context = context;
    return &head->call;
}

struct get {
    struct esc_s3_call call;
    char *key;
    int fd;
    uint64_t expected_bytes, got_bytes;
    struct esc_digest *digest;
    struct esc_s3_object *object; /* during finish() */
    esc_s3_progress_fn *progress;
    esc_s3_object_fn *done;
    void *context;
};

static bool start_over(struct esc_s3_call *op)
{
    struct get *get = (struct get *)op;
    esc_digest_free(get->digest);
    get->digest = esc_digest_new();
    get->got_bytes = 0;
    if (ftruncate(get->fd, 0) == 0 && lseek(get->fd, 0, SEEK_SET) == 0)
        return true;
    (void)esc_fail(&op->failure, ESC_IO, "the file to write to cannot be emptied");
    return false;
}

static enum esc_status other_size(const struct get *get, struct esc_error *err)
{
    return esc_fail(err, ESC_CORRUPT, "s3://%s/%s has another size than expected", get->call.bucket,
                    get->key);
}

static void take(void *context, struct esc_str bytes)
{
    struct get *get = context;
    if (get->call.failure.status != ESC_OK)
        return;
    esc_digest_add(get->digest, bytes);
    get->got_bytes += bytes.len;
    if (get->expected_bytes && get->got_bytes > get->expected_bytes)
        (void)other_size(get, &get->call.failure);
    else
        (void)esc_file_write_fd(get->fd, bytes, &get->call.failure); /* looked at below */
    if (get->call.failure.status != ESC_OK)
        esc_http_cancel(get->call.http);
    else if (get->progress)
        get->progress(get->context, get->got_bytes,
                      get->expected_bytes > get->got_bytes ? get->expected_bytes : get->got_bytes);
}

/* Whether what came is what went up, as far as S3 tells. */
static enum esc_status check(struct get *get, const struct s3_answer *answer,
                             struct esc_s3_object *object, struct esc_error *err)
{
    uint8_t digest[ESC_SHA256_SIZE];
    char hex[ESC_SHA256_TEXT];
    esc_digest_finish(get->digest, digest);
    esc_hex(digest, sizeof digest, hex);
    enum s3_checksum found = s3_compare(s3_header(answer, S3_CHECKSUM), digest);
    bool is_other = *object->sha256 && !esc_text_equal(object->sha256, hex);
    if (found == S3_CHECKSUM_DIFFERS || is_other)
        return esc_fail(err, ESC_CORRUPT, "s3://%s/%s: what came is not what went up",
                        get->call.bucket, get->key);
    if (get->expected_bytes && get->got_bytes != get->expected_bytes)
        return other_size(get, err);
    object->confirmed = found == S3_CHECKSUM_FITS || *object->sha256;
    object->size_bytes = get->got_bytes;
    memcpy(object->sha256, hex, sizeof hex);
    return ESC_OK;
}

static void fetched(struct esc_s3_call *op, const struct s3_answer *answer,
                    const struct esc_error *failure)
{
    struct get *get = (struct get *)op;
    struct esc_s3_object object;
    struct esc_error err;
    if (failure) {
        s3_end(op, failure);
        return;
    }
    s3_read_object(answer, get->key, &object);
    enum esc_status status = check(get, answer, &object, &err);
    get->object = status == ESC_OK ? &object : NULL;
    s3_end(op, status == ESC_OK ? NULL : &err);
}

static void fetch(struct esc_s3_call *op)
{
    const struct s3_request request = {
        .method = "GET",
        .key = ((struct get *)op)->key,
        .query = "",
        .headers = &with_checksum,
        .header_count = 1,
        .on_data = take,
        .restart = start_over,
    };
    s3_send(op, &request, fetched);
}

static void get_finish(struct esc_s3_call *op, const struct esc_error *failure)
{
    struct get *get = (struct get *)op;
    if (failure && get->fd >= 0 && get->digest)
        (void)!ftruncate(get->fd, 0); /* nothing of it may be taken for the whole */
    get->done(get->context, get->object, failure);
    esc_fd_close(&get->fd);
    esc_digest_free(get->digest);
    free(get->key);
}

struct esc_s3_call *esc_s3_get(struct esc_aws *aws, const struct esc_s3_bucket *bucket,
                               const struct esc_s3_get *given, esc_s3_object_fn *done,
                               void *context)
{
    static const struct s3_kind kind = {.first = fetch, .finish = get_finish};
    struct get *get = esc_alloc_zero(sizeof *get);
    s3_begin(&get->call, &kind, aws, bucket);
    s3_check_key(&get->call, given->key);
    get->key = esc_strdup(given->key);
    get->fd = fcntl(given->fd, F_DUPFD_CLOEXEC, 0);
    if (get->fd < 0)
        (void)esc_fail(&get->call.failure, ESC_IO, "there is no file to write to");
    get->expected_bytes = given->size_bytes;
    get->progress = given->progress;
    get->done = done;
    get->context = context;
    return &get->call;
}
