/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * S3 by ourselves, as much of it as keeping backups takes: put, list, look at, fetch, and what
 * the bucket does to protect them. There is no call that deletes an object.
 *
 *     start ──▶ request ──▶ answer ──▶ the next request, or done
 *                  ▲           └ trouble, throttled, cut off: a pause, and again
 *                  └───────────────┘
 *
 * What is put is hashed first, signed with its hash, and sent with the same hash as a checksum
 * that S3 keeps beside the object; `If-None-Match: *` sees to it that nothing is ever replaced.
 * Above the size of a part an object goes up in parts: either all of them become one object, or
 * the upload is given up and its parts are removed.
 *
 *     hash ─▶ create ─▶ part 1 ─▶ … ─▶ part n ─▶ complete ─▶ done
 *                │         └────────┬─────────┘
 *                └──────────────────┴── failed, cancelled ─▶ abort ─▶ done
 *
 * Ownership  everything given is copied, descriptors duplicated; results are borrowed in done().
 * Threads    the loop thread only; hashing happens in a job.
 * Errors     (of done) ESC_NOT_FOUND: no such bucket or object · ESC_EXISTS: something is there
 *            already · ESC_DENIED: the keys are wrong, expired or may not · ESC_INVALID: names,
 *            the wrong region (names the right one), a refusal that a repetition does not change ·
 *            ESC_CORRUPT: a checksum does not fit, or the answer is none of S3's · ESC_THROTTLED,
 *            ESC_UNAVAILABLE, ESC_TIMEOUT: still so after the last attempt · ESC_IO: the
 *            descriptor · ESC_LIMIT · ESC_CANCELLED.
 *
 * @source Amazon S3 API Reference 2006-03-01; Amazon S3 User Guide, "Checking object integrity",
 *         "How to prevent object overwrites with conditional writes"
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "escher/aws/call.h"
#include "escher/crypt/digest.h"
#include "escher/loop/backoff.h"

/** Where objects are, how one gets there, and how long one tries. */
struct esc_s3_bucket {
    const char *name;
    const char *owner; /* the account it must belong to, twelve digits; NULL: whoever's it is */
    const struct esc_credentials *credentials;
    struct esc_aws_place place; /* with an endpoint the bucket's name goes into the path */
    struct esc_backoff retry;   /* 0: 500 ms to 20 s */
    const struct esc_random
        *random;              /* of the pauses, borrowed while it lasts; NULL: the system's */
    unsigned attempts;        /* of each request; 0: 5 */
    uint64_t idle_timeout_ms; /* the longest silence; 0: 60 s */
};

/** What S3 says about an object; texts are "" and numbers 0 where it does not. */
struct esc_s3_object {
    const char *key, *etag;
    uint64_t size_bytes;
    uint64_t modified_ms;         /* wall clock of S3 */
    char sha256[ESC_SHA256_TEXT]; /* of the whole content, hex; "" when not known */
    bool confirmed;               /* put: S3 named our checksum for each byte. get: what came
                                       has the checksum it went up with */
};
typedef void esc_s3_object_fn(void *context, const struct esc_s3_object *object /* NULL: failed */,
                              const struct esc_error *err);
/** So many of all the bytes are over; called on the way, never after done. */
typedef void esc_s3_progress_fn(void *context, uint64_t done_bytes, uint64_t all_bytes);

/* An operation under way. */
struct esc_s3_call;
/** done() follows, later, with ESC_CANCELLED; an upload in parts is removed first. NULL does
 *  nothing. */
void esc_s3_cancel(struct esc_s3_call *call);

enum {
    ESC_S3_PART_BYTES = 16 * 1024 * 1024, /* of uploads up to 160 GB; larger ones have larger */
    ESC_S3_MAX_PARTS_COUNT = 10 * 1000,
    ESC_S3_MAX_KEY = 1024,
};

struct esc_s3_put {
    const char *key;
    int fd; /* a regular file, sent from its first byte to its end; must not change meanwhile */
    const char *sha256;  /* hex that it must have, or nothing is sent: ESC_CORRUPT; NULL: any */
    uint64_t part_bytes; /* 0: ESC_S3_PART_BYTES; what is not larger goes up in one request */
    esc_s3_progress_fn *progress; /* NULL: none */
};
ESC_RETURNS_NONNULL struct esc_s3_call *esc_s3_put(struct esc_aws *aws,
                                                   const struct esc_s3_bucket *bucket,
                                                   const struct esc_s3_put *put,
                                                   esc_s3_object_fn *done, void *context);

/** What is there under @p key. */
ESC_RETURNS_NONNULL struct esc_s3_call *esc_s3_head(struct esc_aws *aws,
                                                    const struct esc_s3_bucket *bucket,
                                                    const char *key, esc_s3_object_fn *done,
                                                    void *context);

struct esc_s3_get {
    const char *key;
    int fd; /* a regular file; emptied first, before each repetition, and after a failure */
    uint64_t size_bytes;          /* any other size is ESC_CORRUPT; 0: not known */
    esc_s3_progress_fn *progress; /* NULL: none */
};
/** Fetches an object into a file. @errors ESC_CORRUPT: it is not what was put there. */
ESC_RETURNS_NONNULL struct esc_s3_call *esc_s3_get(struct esc_aws *aws,
                                                   const struct esc_s3_bucket *bucket,
                                                   const struct esc_s3_get *get,
                                                   esc_s3_object_fn *done, void *context);

struct esc_s3_list {
    const char *prefix; /* "": all */
    size_t max_count;   /* more is ESC_LIMIT; 0: 100,000 */
    unsigned page;      /* so many in one answer; 0: as S3 likes, which is 1,000 */
};
typedef void esc_s3_list_fn(void *context, const struct esc_s3_object *objects, size_t count,
                            const struct esc_error *err /* NULL: all of them are there */);
/** All objects whose keys begin so, in the order of their keys. */
ESC_RETURNS_NONNULL struct esc_s3_call *esc_s3_list(struct esc_aws *aws,
                                                    const struct esc_s3_bucket *bucket,
                                                    const struct esc_s3_list *list,
                                                    esc_s3_list_fn *done, void *context);

/** What a bucket does by itself for objects under a prefix. */
enum esc_s3_answer {
    ESC_S3_UNKNOWN, /* the keys may not ask */
    ESC_S3_NO,
    ESC_S3_YES,
};
struct esc_s3_protection {
    enum esc_s3_answer versions; /* what is overwritten or deleted stays as an older version */
    enum esc_s3_answer expires;  /* a lifecycle rule deletes after expires_days */
    uint64_t expires_days;       /* of the rule that deletes first */
    enum esc_s3_answer aborts;   /* a lifecycle rule removes what unfinished uploads left */
    enum esc_s3_answer locked;   /* Object Lock by default: for lock_days nothing can be deleted */
    uint64_t lock_days;
    bool lock_is_governance; /* some may lift the lock; false: nobody may */
};
typedef void esc_s3_protection_fn(void *context, const struct esc_s3_protection *protection,
                                  const struct esc_error *err);
ESC_RETURNS_NONNULL struct esc_s3_call *
esc_s3_protection(struct esc_aws *aws, const struct esc_s3_bucket *bucket, const char *prefix,
                  esc_s3_protection_fn *done, void *context);

/** Bytes of a part: at least @p wanted (0: ESC_S3_PART_BYTES), and so many that
 *  ESC_S3_MAX_PARTS_COUNT parts hold @p size_bytes. */
uint64_t esc_s3_part_bytes(uint64_t size_bytes, uint64_t wanted);
/** Whether a bucket may be called so. */
bool esc_s3_is_bucket_name(struct esc_str name);
