/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The parts of the listener that do not know the HTTP library: the socket that listens (bind.c),
 * visits (visit.c), which are connections whose head is not judged yet, and event streams
 * (event_stream.c).
 */

#include <sys/types.h>

#include "escher/base/error.h"
#include "escher/http/gate.h"
#include "escher/http/listener.h"
#include "escher/loop/loop.h"

/* A listening socket. */
struct bound {
    int fd;
    bool is_unix;
    uint16_t port; /* TCP */
    char *url;     /* "http://127.0.0.1:8080", "unix:/run/…" */
    char *path;    /* Unix: removed at the end if it is still ours */
    ino_t inode;
};
enum esc_status bound_open(const char *address, struct bound *out, struct esc_error *err);
void bound_close(struct bound *bound);

/* {"error":{"status":…,"category":…,"message":…}}, owned by the caller. */
char *error_document(const struct esc_error *err);

/* A connection that passed the gate; everything is handed over. */
struct visitor {
    int fd;
    uid_t peer;  /* (uid_t)-1: TCP */
    char *bytes; /* what the head borrows from */
    struct esc_http_head *head;
};
typedef void visitor_fn(void *context, const struct visitor *visitor);

struct door;
struct door_options {
    struct bound *bound; /* borrowed */
    struct esc_gate_rules rules;
    uint64_t head_timeout_ms;
    bool (*has_room)(void *context, size_t visits); /* may another connection come in? */
    visitor_fn *on_visitor;
    void *context;
};
/* Accepts, looks at heads without taking them from the socket, answers what the gate refuses. */
struct door *door_open(struct esc_loop *loop, const struct door_options *options);
void door_close(struct door *door);

/* An event stream. The exchange it is the answer to is known as a pointer and two functions. */
struct stream_options {
    struct esc_loop *loop;
    uint64_t heartbeat_ms;
    struct esc_http_exchange *exchange; /* NULL: the connection is over already */
    void (*wake)(void *exchange);       /* there is something to take */
    void (*cut)(void *exchange);        /* the client is given up */
    esc_http_closed_fn *on_closed;
    void *context;
};
/* @p list (may be NULL): the head of those that are not over. */
struct esc_http_stream *stream_new(const struct stream_options *options,
                                   struct esc_http_stream **list);
struct esc_http_exchange *stream_exchange(const struct esc_http_stream *stream);
size_t stream_take(struct esc_http_stream *stream, char *out, size_t max); /* what waits */
bool stream_is_ended(const struct esc_http_stream *stream); /* nothing more will come */
void stream_detach(struct esc_http_stream *stream);         /* the connection is over */
void stream_end_soon(struct esc_http_stream *stream);       /* on_closed in the next turn */
void stream_end_now(struct esc_http_stream *stream);        /* on_closed at once */
