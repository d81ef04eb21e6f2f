/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One signed call to an AWS service over our own HTTP, and what all calls share: the HTTP client,
 * the clock with the skew learned from each service, the cache of assumed roles.
 *
 *     send ──▶ answer ──▶ done
 *                └ "your clock is off" (once) ──▶ skew from the Date header ──▶ send again
 *
 * Ownership  esc_aws owns its HTTP client and its cache. Calls under way when it is freed end
 *            with ESC_CANCELLED.
 * Threads    the loop thread only.
 */

#include <stdbool.h>
#include <stdint.h>

#include "escher/aws/credentials.h"
#include "escher/aws/credentials_env.h"
#include "escher/base/clock.h"
#include "escher/base/error.h"
#include "escher/base/id.h"
#include "escher/base/str.h"
#include "escher/crypt/keyring.h"
#include "escher/http/client.h"
#include "escher/loop/loop.h"

/** What only a person knows: the code that an MFA device shows. */
struct esc_aws_question {
    const char *asker;   /* esc_aws_environment.asker: who is asked */
    const char *device;  /* serial number or ARN */
    const char *account; /* that it is for, as people call it; NULL: a new one */
    bool is_again;       /* the answer before this one was wrong */
};
/** @p answer is handed over; NULL: there is none, and @p err says why. */
typedef void esc_aws_answer_fn(void *context, struct esc_secret *answer,
                               const struct esc_error *err);
/** @p answer is called once, later, also when esc_aws was freed meanwhile. */
typedef void esc_aws_ask_fn(void *context, const struct esc_aws_question *question,
                            esc_aws_answer_fn *answer, void *answer_context);

struct esc_aws_options {
    const struct esc_clock *clock;   /* NULL: the system's */
    const struct esc_random *random; /* of waits between attempts; NULL: the system's */
    struct esc_keyring *keyring;     /* of keys in a keychain; borrowed; NULL: none */
    esc_aws_ask_fn *ask;             /* NULL: nobody can be asked */
    void *ask_context;
};

struct esc_aws;

/** @p options may be NULL. @errors ESC_IO. */
enum esc_status esc_aws_new(struct esc_loop *loop, const struct esc_aws_options *options,
                            struct esc_aws **out, struct esc_error *err);
void esc_aws_free(struct esc_aws *aws); /* NULL does nothing */
ESC_DEFINE_CLEANUP(struct esc_aws, esc_aws_free)

/** Where a service is, and how one gets there. */
struct esc_aws_place {
    const char *region;                            /* NULL: us-east-1 */
    const char *endpoint_url;                      /* an emulator's; NULL: the region's own */
    const struct esc_aws_environment *environment; /* CA bundle and proxies; NULL: none */
};

/* A request of the query protocol (POST of a form). */
struct esc_aws_call {
    const struct esc_credentials *credentials; /* NULL: nobody signs it */
    const char *service;                       /* signing name, "sts" */
    struct esc_aws_place place;
    struct esc_str body; /* of wire_query.h */
    uint64_t timeout_ms; /* 0: 30 s */
};

/**
 * Why a call failed, beside the error: what the service said about itself, shortened and cleaned.
 */
struct esc_aws_fault {
    int http_status;
    char code[64];     /* "AccessDenied"; "" when the answer was none of AWS's */
    char message[600]; /* which policy denies stands at the end */
    char request_id[64];
    char bucket_region[33]; /* where S3 says that the bucket is; "" when it does not */
};

/**
 * @p xml is borrowed, NULL on failure; @p fault is NULL when there was no answer.
 * @errors ESC_DENIED: the keys are not valid, expired or may not · ESC_THROTTLED ·
 * ESC_UNAVAILABLE: no connection, or the service is in trouble · ESC_CORRUPT: the answer is none
 * of AWS's · ESC_INVALID: it refuses the request · ESC_TIMEOUT · ESC_CANCELLED.
 */
struct esc_xml;
typedef void esc_aws_call_fn(void *context, const struct esc_xml *xml,
                             const struct esc_aws_fault *fault, const struct esc_error *err);
void esc_aws_call_send(struct esc_aws *aws, const struct esc_aws_call *call, esc_aws_call_fn *done,
                       void *context);

/** The status that stands for an AWS error code, or for an HTTP status when the code is "". */
enum esc_status esc_aws_fault_status(const struct esc_aws_fault *fault);
/** The keys themselves are what is wrong: unknown, malformed or expired. */
bool esc_aws_fault_is_expired(const struct esc_aws_fault *fault);
/** Wall clock as the cloud sees it. */
uint64_t esc_aws_now_ms(const struct esc_aws *aws);
/** The same of what answers at an endpoint; NULL: the cloud. */
uint64_t esc_aws_now_at_ms(const struct esc_aws *aws, const char *endpoint_url);
