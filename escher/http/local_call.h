/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One call to a server behind a Unix socket of this machine, such as the core. It needs nothing but
 * the loop, so a program that only talks to the core starts without the libraries of http/client.h.
 *
 *     esc_local_send ──▶ looks who listens, sends ──▶ on_data … ──▶ done(response or NULL, error)
 *            └─esc_local_cancel──────────────────────────────────▶ done(NULL, ESC_CANCELLED)
 *
 * It speaks HTTP/1.0: the server's closing of the connection is the end of an answer. Whether one
 * that comes without its length is whole must be seen from what it says.
 *
 * Ownership  the request is copied; a response is borrowed during done().
 * Threads    the loop thread only.
 */

#include "escher/http/client.h"

struct esc_local_request {
    const char *socket; /* its path; this user or root must be listening there */
    const char *method; /* "POST" */
    const char *path;   /* "/api/ping" */
    const struct esc_http_header *headers;
    size_t header_count;
    struct esc_str body;
    uint64_t timeout_ms;       /* for the whole call; 0: none */
    size_t max_response;       /* ceiling of a body that is collected; 0: ESC_MAX_RESPONSE */
    esc_http_data_fn *on_data; /* takes the body of a 2xx answer piece by piece; NULL: collect it */
};

struct esc_local_call;

/**
 * Starts a call; @p done fires once, later. The call is gone after that.
 * @errors (of done) ESC_UNAVAILABLE: nobody listens, or the connection broke before the answer ·
 * ESC_DENIED: another user listens, and nothing was sent · ESC_CORRUPT: no HTTP · ESC_TIMEOUT ·
 * ESC_LIMIT: the answer is too large · ESC_CANCELLED.
 */
ESC_RETURNS_NONNULL struct esc_local_call *esc_local_send(struct esc_loop *loop,
                                                          const struct esc_local_request *request,
                                                          esc_http_done_fn *done, void *context);
/** Ends a call that is not done: no more data comes, done follows. NULL does nothing. */
void esc_local_cancel(struct esc_local_call *call);
/** The same, and done fires from within. Not from within on_data. */
void esc_local_end(struct esc_local_call *call);
