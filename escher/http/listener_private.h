/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The two parts of the listener before the HTTP library takes a connection over: the socket that
 * listens (bind.c), and visits (visit.c), which are connections whose head is not judged yet.
 */

#include <sys/types.h>

#include "escher/base/error.h"
#include "escher/http/gate.h"
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
