/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One operation of s3.h: what all of them have (where, and with which keys), and the request that
 * is under way for it, at most one at a time. Each kind of operation embeds it as its first
 * member.
 *
 *     s3_begin ─▶ first(op) ─▶ s3_send ─▶ answered(op) ─▶ s3_send ─▶ … ─▶ s3_end
 */

#include "escher/aws/aws_private.h"
#include "escher/aws/s3.h"
#include "escher/aws/wire_xml.h"
#include "escher/base/buf.h"
#include "escher/loop/timer.h"

struct s3_request {
    const char *method;
    const char *key;                       /* NULL: the bucket itself */
    const char *query;                     /* "" or encoded, "uploadId=…" */
    const struct esc_http_header *headers; /* beside those of the signature; at most 6 */
    size_t header_count;
    struct esc_str body;
    const struct esc_http_file *file;        /* NULL: the body */
    const char *file_sha256;                 /* hex, of the file */
    uint64_t timeout_ms;                     /* 0: by silence alone */
    bool conflict_ends;                      /* what conflicts is not sent again as it is */
    esc_http_data_fn *on_data;               /* gets the operation; NULL: the answer is collected */
    bool (*restart)(struct esc_s3_call *op); /* before each attempt; false: op->failure says why */
};

/** One of these is NULL: an answer of 2xx with its XML (NULL when it has none), or a failure. */
struct s3_answer {
    const struct esc_http_response *response;
    const struct esc_xml *xml;
    const struct esc_aws_fault *fault; /* beside a failure; NULL when there was no answer */
};
typedef void s3_answered_fn(struct esc_s3_call *op, const struct s3_answer *answer,
                            const struct esc_error *failure);

struct s3_kind {
    void (*first)(struct esc_s3_call *op); /* in the turn after the start */
    /* ends it with that error: reports and frees what the kind has; s3_end does the rest */
    void (*finish)(struct esc_s3_call *op, const struct esc_error *failure);
};

struct esc_s3_call {
    struct esc_s3_call *next, **link; /* of aws->s3_calls */
    const struct s3_kind *kind;
    struct esc_aws *aws;
    struct esc_credentials *credentials;
    struct esc_aws_environment *environment;
    char *bucket, *owner, *region, *endpoint_url;
    struct esc_backoff retry;
    const struct esc_random *random;
    unsigned attempts;
    uint64_t idle_timeout_ms;
    bool cancelled;
    bool cleaning_up; /* what is under way is not cancelled, only what would follow it */
    bool conflict_ends;
    struct esc_error failure; /* found before anything was sent, or in restart */

    /* the request under way */
    char *method, *key, *url, *query, *body;
    size_t body_len;
    struct {
        char *name, *value;
    } headers[6];
    size_t header_count;
    struct esc_http_file file;
    char file_sha256[ESC_SHA256_TEXT]; /* "": no file */
    uint64_t timeout_ms;
    esc_http_data_fn *on_data;
    bool (*restart)(struct esc_s3_call *op);
    s3_answered_fn *answered;
    unsigned attempt;
    bool skew_corrected;
    struct esc_timer *turn;
    struct esc_http_call *http;
};

/** Fills in what all operations have and lets it begin; @p op is zeroed memory of the kind. */
void s3_begin(struct esc_s3_call *op, const struct s3_kind *kind, struct esc_aws *aws,
              const struct esc_s3_bucket *bucket);
/** Lets it fail at its beginning when this can be no key. */
void s3_check_key(struct esc_s3_call *op, const char *key);
/** The next request; everything is copied. */
void s3_send(struct esc_s3_call *op, const struct s3_request *request, s3_answered_fn *answered);
/** Two have written the same at once; S3 wants the whole operation again. */
bool s3_is_conflict(const struct esc_aws_fault *fault);
/** Ends the operation: finish() of its kind, then its memory. */
void s3_end(struct esc_s3_call *op, const struct esc_error *failure);

/** The text of the header, "" when it is not there. */
const char *s3_header(const struct s3_answer *answer, const char *name);
/** Size, time, etag and checksum out of the headers of an answer; borrowed from it. */
void s3_read_object(const struct s3_answer *answer, const char *key, struct esc_s3_object *out);

/** Whether the checksum S3 names (of base64, "" when it names none) is that of @p digest. */
enum s3_checksum {
    S3_CHECKSUM_NONE,
    S3_CHECKSUM_FITS,
    S3_CHECKSUM_DIFFERS,
};
enum s3_checksum s3_compare(const char *named, const uint8_t digest[ESC_SHA256_SIZE]);

/* The names both sides of an object's life use. */
#define S3_META_SHA256 "x-amz-meta-sha256"
#define S3_CHECKSUM "x-amz-checksum-sha256"
