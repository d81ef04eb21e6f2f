/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Sending a request to a planner elsewhere. The answer is bytes from outside: who gets them reads
 * them strictly (plan/response.h) and derives everything again (plan/verify.h).
 */

#include <stdbool.h>

#include "escher/base/error.h"
#include "escher/base/str.h"
#include "escher/http/client.h"

/** @p response is borrowed, empty on failure. */
typedef void esc_ask_fn(void *context, struct esc_str response, const struct esc_error *err);

/** https, or plain http to this machine: a request holds names and tags, so it never crosses a
 *  network in clear. */
bool esc_ask_may_go_to(const char *planner_url);
/** Whether it is on this machine. */
bool esc_ask_stays_here(const char *planner_url);

struct esc_ask;
struct esc_ask_post {
    const char *planner_url;        /* "http://127.0.0.1:8080"; esc_ask_may_go_to() it (asserted) */
    struct esc_str token;           /* may be empty */
    struct esc_str request;         /* JSON text */
    const struct esc_http_way *way; /* NULL: straight */
};
/**
 * `done` fires once, later; @p post is copied.
 * @errors (of done) ESC_INVALID: the URL, or what the planner says of the request ·
 * ESC_UNAVAILABLE: not reachable, or it failed · ESC_DENIED: the token · ESC_LIMIT · ESC_TIMEOUT.
 */
struct esc_ask *esc_ask_send(struct esc_http_client *client, const struct esc_ask_post *post,
                             esc_ask_fn *done, void *context);
/** `done` follows. Only before it has fired. */
void esc_ask_cancel(struct esc_ask *ask);
