/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Signature Version 4, pure: from a request, credentials and a time to the values that sign it.
 * No clock is read, no network used; each step of the algorithm can be looked at for itself.
 *
 * @source AWS "Create a signed AWS API request": canonical request, string to sign, signing key
 */

#include <stdbool.h>
#include <stdint.h>

#include "escher/aws/credentials.h"
#include "escher/base/buf.h"
#include "escher/base/clock.h"
#include "escher/base/error.h"
#include "escher/base/str.h"
#include "escher/crypt/digest.h"
#include "escher/http/client.h"

struct esc_sigv4_request {
    struct esc_str method;
    struct esc_str path;  /* as it stands in the request line; empty counts as "/" */
    struct esc_str query; /* after '?', as it stands in the request line */
    const struct esc_http_header *headers; /* must hold Host; all of them are signed */
    size_t header_count;
    struct esc_str body;
    const char *body_sha256; /* hex, of a body that is not at hand; NULL: of @c body */
};

struct esc_sigv4_options {
    const struct esc_credentials *credentials;
    const char *region, *service; /* signing names: "us-east-1", "sts" */
    uint64_t now_ms;              /* wall clock, corrected for skew */
    bool is_s3;                   /* path is encoded once and its dots stay (all others: twice) */
    bool keep_dots;               /* leaves dots and double slashes of the path as they are */
    bool sign_body;               /* adds and signs x-amz-content-sha256; implied by is_s3 */
    bool token_after_signing;     /* adds the session token without signing it */
    uint64_t expires_s;           /* query signing only */
};

/* The headers to add to the request. Buffers, since the token may be long; wipe with _done. */
struct esc_sigv4_headers {
    char amz_date[ESC_TIME_TEXT];         /* X-Amz-Date */
    char content_sha256[ESC_SHA256_TEXT]; /* X-Amz-Content-Sha256; "" when not asked */
    char *security_token;                 /* X-Amz-Security-Token; NULL for long-lived keys */
    char *authorization;                  /* Authorization */
};
void esc_sigv4_headers_done(struct esc_sigv4_headers *headers);

/** Signs with headers. @errors ESC_INVALID: no Host header, or a malformed query. */
enum esc_status esc_sigv4_sign(const struct esc_sigv4_options *options,
                               const struct esc_sigv4_request *request,
                               struct esc_sigv4_headers *out, struct esc_error *err);
/** Signs with the query: appends the query to send, signature last, to @p query (which holds a
 *  session token then: wipe it). */
enum esc_status esc_sigv4_presign(const struct esc_sigv4_options *options,
                                  const struct esc_sigv4_request *request, struct esc_buf *query,
                                  struct esc_error *err);

/* The steps, for tests and for messages about a signature that does not match. They take the
 * request with all its headers, X-Amz-Date and token included. */
enum esc_status esc_sigv4_canonical_request(const struct esc_sigv4_options *options,
                                            const struct esc_sigv4_request *request,
                                            struct esc_str payload_hash, struct esc_buf *out,
                                            struct esc_error *err);
void esc_sigv4_string_to_sign(const struct esc_sigv4_options *options,
                              struct esc_str canonical_request, struct esc_buf *out);
/** Hex of the signature, ESC_SHA256_TEXT bytes. */
void esc_sigv4_signature(const struct esc_sigv4_options *options, struct esc_str string_to_sign,
                         char *out);
