/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The HTTP client: any number of calls at once on the loop, over TCP or TLS. To a server behind a
 * Unix socket leads http/local_call.h.
 *
 *     esc_http_send ──▶ next turn: connects, sends ──▶ done(response) or done(NULL, error)
 *            └─esc_http_cancel────────────────────────▶ done(NULL, ESC_CANCELLED)
 *
 * An answer of any status, also 404 or 500, is a response; an error means that there was none.
 * Redirects are not followed, cookies and .netrc are not used, proxies only as the request says,
 * whatever the environment holds. Nothing of a request or response is ever logged, and messages
 * name the method, scheme, host and path, never the query, a header or a body.
 *
 * Ownership  requests and options are copied; a response is borrowed during done().
 * Threads    the loop thread only.
 */

#include <stdint.h>

#include "escher/base/error.h"
#include "escher/base/str.h"
#include "escher/loop/loop.h"

struct esc_http_header {
    const char *name, *value;
};

/** The way out of this network. */
struct esc_http_way {
    const char *ca_bundle;   /* file; NULL: the system's */
    const char *http_proxy;  /* of http URLs, "http://host:port"; NULL: none */
    const char *https_proxy; /* of https URLs; NULL: none */
    const char *no_proxy;    /* hosts that go without, comma-separated; NULL: none. Loopback never
                                takes one */
};

struct esc_http_client_options {
    const char *user_agent;      /* NULL: "escher" */
    uint64_t connect_timeout_ms; /* 0: 10 s */
};

struct esc_http_client;

/** @p options may be NULL. @errors ESC_IO: the transport library refuses to start. */
enum esc_status esc_http_client_new(struct esc_loop *loop,
                                    const struct esc_http_client_options *options,
                                    struct esc_http_client **out, struct esc_error *err);
/** Calls under way end with ESC_CANCELLED, from within this call. NULL does nothing. */
void esc_http_client_free(struct esc_http_client *client);
ESC_DEFINE_CLEANUP(struct esc_http_client, esc_http_client_free)

struct esc_http_response {
    int status;
    const struct esc_http_header *headers; /* names as received */
    size_t header_count;
    struct esc_str body; /* empty when it went to on_data */
};
/** The value of the first header of that name (any case), or NULL. */
const char *esc_http_response_header(const struct esc_http_response *response, const char *name);

typedef void esc_http_done_fn(void *context, const struct esc_http_response *response,
                              const struct esc_error *err);
typedef void esc_http_data_fn(void *context, struct esc_str bytes);

/** A part of a regular file as the body of a request, read while it is sent. */
struct esc_http_file {
    int fd; /* borrowed until done; its position is neither used nor moved */
    uint64_t offset, size_bytes;
};

struct esc_http_request {
    const char *method; /* NULL: GET */
    const char *url;    /* http or https; sent as it is, dot segments too */
    const struct esc_http_header *headers;
    size_t header_count;
    struct esc_str body;
    const struct esc_http_file *file; /* sent instead of the body; NULL: none */
    struct esc_str bearer;            /* becomes `Authorization: Bearer …`; empty: none */
    const struct esc_http_way *way;   /* NULL: straight, with the system's authorities */
    uint64_t timeout_ms;       /* for the whole call; 0: 30 s, or none with on_data or file */
    uint64_t idle_timeout_ms;  /* with on_data or file: the longest silence; 0: none */
    size_t max_response;       /* ceiling of the body; 0: ESC_MAX_RESPONSE, or none with on_data */
    esc_http_data_fn *on_data; /* takes the body of a 2xx answer piece by piece; NULL: collect it */
    bool once; /* its body never goes out a second time: the transport would send a request again by
                  itself when a connection that was kept turns out to be closed */
};

struct esc_http_call;

/**
 * Starts a call; @p done fires once, later, also for a request that cannot be sent. The call is
 * gone after that.
 * @errors (of done) ESC_INVALID: URL, method or header malformed · ESC_UNAVAILABLE: no
 * connection, or it broke · ESC_TIMEOUT · ESC_LIMIT: the answer is too large · ESC_IO: the file
 * cannot be read, or is shorter than was said · ESC_CANCELLED.
 */
ESC_RETURNS_NONNULL struct esc_http_call *esc_http_send(struct esc_http_client *client,
                                                        const struct esc_http_request *request,
                                                        esc_http_done_fn *done, void *context);
/** Ends a call that is not done: no more data comes, done follows. NULL does nothing. */
void esc_http_cancel(struct esc_http_call *call);
