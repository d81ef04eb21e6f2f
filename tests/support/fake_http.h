/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A server of HTTP/1.1 for tests that may also misbehave: it keeps connections open, answers late,
 * breaks off in the middle of a body, resets, or never answers. escher/http/listener.h does none
 * of that on purpose.
 *
 *     accept ─▶ head ─▶ body ─▶ handler(visit) ─▶ fake_http_reply, now or after a wait ─▶ next head
 *
 * Ownership  the server owns its visits; a visit is borrowed by the handler until it has replied.
 * Threads    the loop thread only.
 */

#include <stdint.h>

#include "escher/base/buf.h"
#include "escher/http/head.h"
#include "escher/loop/loop.h"

struct fake_http;
struct fake_visit; /* one connection, with the request it has sent */

/** Replies to the visit exactly once before it returns. */
typedef void fake_http_fn(void *context, struct fake_visit *visit);

enum fake_http_manner {
    FAKE_WHOLE,
    FAKE_TRUNCATED, /* half of the body that the length announces, then the end */
    FAKE_RESET,     /* the connection is reset, nothing is sent */
    FAKE_SILENT,    /* nothing ever comes */
};

struct fake_http_reply {
    int status;
    const char *content_type;
    const char *headers; /* "Name: value\r\n" lines, or NULL */
    struct esc_str body; /* copied */
    enum fake_http_manner manner;
    uint64_t wait_ms; /* before anything is sent */
    uint64_t wall_ms; /* of the Date header */
};

/** Listens on loopback; @p port 0 takes any. @errors ESC_IO, ESC_EXISTS: the port is in use. */
enum esc_status fake_http_open(struct esc_loop *loop, unsigned port, fake_http_fn *handler,
                               void *context, struct fake_http **out, struct esc_error *err);
/** Ends every connection. NULL does nothing. */
void fake_http_close(struct fake_http *http);
const char *fake_http_url(const struct fake_http *http); /* "http://127.0.0.1:PORT" */
/** Connections accepted so far: fewer than requests when the client keeps them. */
unsigned fake_http_connections(const struct fake_http *http);

const struct esc_http_head *fake_visit_head(const struct fake_visit *visit);
struct esc_str fake_visit_body(const struct fake_visit *visit);
/** Never touches the visit's request again. */
void fake_http_reply(struct fake_visit *visit, const struct fake_http_reply *reply);
