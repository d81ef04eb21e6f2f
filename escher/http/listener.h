/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The HTTP server side: listens on loopback or on a Unix socket and hands each complete request
 * that passed the gate to one handler, on the loop.
 *
 *     accept ─▶ head ─▶ gate ─▶ body ─▶ handler(exchange) ─▶ esc_http_reply, now or later
 *       │        │5 s    │          │10 s            └▶ esc_http_reply_events ─▶ send… ─▶ end
 *       │        └▶ 408  └▶ 4xx     └▶ closed
 *       └ foreign user, or too many: closed
 *
 * The head is looked at before the HTTP library behind this header reads it, so what that
 * library is lenient about never gets there (docs/internals/http.md). A connection serves one
 * request and is closed.
 *
 * Ownership  the handler takes the exchange over and answers it exactly once, which frees it;
 *            that stays allowed after the client has gone or the listener is closed.
 * Threads    the loop thread only.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "escher/base/error.h"
#include "escher/base/str.h"
#include "escher/http/client.h"
#include "escher/http/gate.h"
#include "escher/loop/loop.h"

struct esc_http_exchange;
typedef void esc_http_handler_fn(void *context, struct esc_http_exchange *exchange);

struct esc_http_listener_options {
    const char *address; /* "127.0.0.1:PORT", "[::1]:PORT" (0: any free port), or "unix:PATH" */
    const struct esc_gate_rules *rules; /* copied, what it points to borrowed; NULL: framing
                                           alone. The port in use is filled in */
    esc_http_handler_fn *handler;
    void *context;
    unsigned max_connections; /* 0: 256; more are closed at once */
    uint64_t head_timeout_ms; /* from accept to the whole head; 0: 5 s */
    uint64_t body_timeout_ms; /* from there to the whole body; 0: 10 s */
    uint64_t heartbeat_ms;    /* a comment into silent event streams; 0: 15 s */
};

struct esc_http_listener;

/**
 * Listens from now on. A Unix socket is made with mode 0600 and serves only the user it belongs
 * to (and root); one that a dead process left behind is replaced.
 * @errors ESC_INVALID: address not understood, or neither loopback nor a socket path ·
 * ESC_EXISTS: somebody listens there · ESC_IO.
 */
enum esc_status esc_http_listener_open(struct esc_loop *loop,
                                       const struct esc_http_listener_options *options,
                                       struct esc_http_listener **out, struct esc_error *err);
/** Stops at once: answers on their way are cut, event streams end, the socket file goes. */
void esc_http_listener_close(struct esc_http_listener *listener);
ESC_DEFINE_CLEANUP(struct esc_http_listener, esc_http_listener_close)
/** "http://127.0.0.1:PORT", or "unix:PATH". */
const char *esc_http_listener_url(const struct esc_http_listener *listener);
uint16_t esc_http_listener_port(const struct esc_http_listener *listener); /* 0: Unix socket */

/* Reading a request; everything is borrowed until it is answered. */
const struct esc_http_head *esc_http_exchange_head(const struct esc_http_exchange *exchange);
struct esc_str esc_http_exchange_body(const struct esc_http_exchange *exchange);
/** The user at the other end of a Unix socket; (uid_t)-1 over TCP. */
uid_t esc_http_exchange_peer(const struct esc_http_exchange *exchange);

/* Answering it: one of these, once; the exchange is gone afterwards. */
struct esc_http_reply {
    int status;
    const char *content_type;              /* NULL: none */
    const struct esc_http_header *headers; /* besides Content-Type, Cache-Control: no-store and
                                              X-Content-Type-Options: nosniff */
    size_t header_count;
    struct esc_str body; /* copied */
};
void esc_http_reply(struct esc_http_exchange *exchange, int status, const char *content_type,
                    struct esc_str body);
void esc_http_reply_full(struct esc_http_exchange *exchange, const struct esc_http_reply *reply);
/** `{"error":{"status":…,"category":…,"message":…}}` with the HTTP status of the error's own, or
 *  with @p http_status when that is not 0. */
void esc_http_reply_error(struct esc_http_exchange *exchange, int http_status,
                          const struct esc_error *err);

struct esc_http_stream;
typedef void esc_http_closed_fn(void *context);

/**
 * Answers 200 with an endless event stream. @p on_closed fires once when it is over for whatever
 * reason (the client went, was too slow, esc_http_stream_end, the listener closed), later or from
 * within esc_http_listener_close; the stream is gone then.
 */
ESC_RETURNS_NONNULL struct esc_http_stream *
esc_http_reply_events(struct esc_http_exchange *exchange, esc_http_closed_fn *on_closed,
                      void *context);
/** Sends @p bytes (of http/events.h) as soon as the client takes them. A client that has
 *  more than ESC_MAX_RESPONSE unread when the next event comes is cut off; it may come back with its Last-Event-ID. */
void esc_http_stream_send(struct esc_http_stream *stream, struct esc_str bytes);
/** Ends the stream after what was sent. */
void esc_http_stream_end(struct esc_http_stream *stream);
