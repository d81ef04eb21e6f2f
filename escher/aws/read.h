/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One read of the cloud over our own HTTP: all pages of a list, or one answer.
 *
 *     queued ──turn and token──▶ called ──page──▶ … ──last page──▶ done
 *        ▲                         │ throttled, troubled, clock off, page token expired
 *        └──────────waits──────────┤
 *                                  └ "credentials expired" ──▶ on_expired ──▶ waits for _renew
 *
 * Who calls does not pace: a token bucket per account, region, service and operation
 * (aws/throttle.h) and the number of calls in flight per account and per endpoint decide when a
 * call goes out. What reads may always be asked again after it failed; retry.h says when that
 * helps. What takes messages from a queue or deletes them goes the same way with `once`: after it
 * was sent it is never sent again but when the cloud has refused the signature, i.e. done nothing.
 * A token that repeats ends the read, since it would never end.
 *
 * Ownership  what is given is copied. A read under way when esc_aws_free() comes ends with
 *            ESC_CATEGORY_CANCELLED.
 * Threads    the loop thread only.
 * Units      milliseconds.
 */

#include <stdbool.h>
#include <stdint.h>

#include "escher/aws/call.h"
#include "escher/base/json.h"
#include "escher/catalog/operation.h"
#include "escher/model/error_category.h"

struct esc_aws_reading;

/** How it ended; borrowed during done(). */
struct esc_aws_read_result {
    enum esc_error_category category; /* NONE: everything was read */
    const char *code;                 /* "AccessDenied"; NULL when the cloud gave none */
    const char *message;              /* one clean line; NULL when it worked */
    const struct esc_json *output;    /* see on_page; NULL on failure */
    const uint8_t *mark;              /* see marked; NULL: nobody wants it, or no page came */
    unsigned page_count;              /* that were read */
    unsigned call_count;              /* that went out, retries included */
    unsigned throttled_count;         /* of these */
    uint64_t took_ms;                 /* since the read was asked for */
};
typedef void esc_aws_read_done_fn(void *context, const struct esc_aws_read_result *result);

/** A page that is not the last. When its token expired, the list is read once more from the
 *  start, so that a page may come twice. */
typedef void esc_aws_page_fn(void *context, const struct esc_json *output);

struct esc_aws_read {
    const struct esc_credentials *credentials; /* NULL: the operation is not signed */
    const char *account_id;                    /* whose buckets are used; NULL: those of the key */
    struct esc_aws_place place;
    const struct esc_operation *operation;
    const struct esc_json *params; /* an object, checked by the caller; NULL: {} */
    /** Of each page, from its first call to its answer; 0: two minutes. A list of pages has a
     *  quarter of an hour in all. */
    uint64_t deadline_ms;
    bool once; /* the operation may change something */

    /** The result has a mark of ESC_SHA256_SIZE bytes: equal marks are equal pages, byte for byte but
     *  for what is another each time and says nothing to anybody (read_mark.c). */
    bool marked;

    /** Takes each page but the last, which is the result's output. NULL: the output holds all
     *  pages, their lists joined and without tokens, as the AWS CLI prints them. */
    esc_aws_page_fn *on_page;
    /** The cloud calls the credentials expired; the read waits for esc_aws_read_renew(), which
     *  may come from within. Asked once, then it is a failure. NULL: at once. */
    void (*on_expired)(void *context, struct esc_aws_reading *reading);
};

/** Whether the table knows enough of the operation, and it changes nothing. */
bool esc_aws_can_read(const struct esc_operation *operation);
/** Whether it may be sent `once`: only what takes from our own queue of events. What changes anything
 *  else is approved by a person and made by a run. */
bool esc_aws_can_send(const struct esc_operation *operation);

/** Starts a read of an operation that can be read, or sent once (asserted); @p done fires once,
 *  later. */
ESC_RETURNS_NONNULL struct esc_aws_reading *esc_aws_read(struct esc_aws *aws,
                                                         const struct esc_aws_read *read,
                                                         esc_aws_read_done_fn *done, void *context);
/** Goes on where it stopped, with other credentials (copied); NULL: there are none, so it ends as
 *  refused. Only after on_expired. */
void esc_aws_read_renew(struct esc_aws_reading *reading, const struct esc_credentials *credentials);
/** No more pages; done follows with ESC_CATEGORY_CANCELLED. Only before done. */
void esc_aws_read_cancel(struct esc_aws_reading *reading);
