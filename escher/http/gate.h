/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is refused before anything is routed: pure checks on a head that http/head.h has read.
 *
 * Every rule closes a door that two servers could see differently (one in front and ours), or
 * that a page of another origin could use. A request passes only when it is plainly framed: one
 * Host, at most one Content-Length of digits, no Transfer-Encoding, values without control
 * characters, a target that starts with one '/'.
 *
 * @source RFC 9112 sections 3.2, 6.1, 6.3, 11.2; RFC 9110 sections 5.5, 5.6.2, 7.2
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "escher/base/error.h"
#include "escher/base/str.h"
#include "escher/http/head.h"

struct esc_gate_rules {
    const char *const *hosts;    /* Host must be one of these, with or without @p port; ends with
                                    NULL. NULL: any one well-formed Host */
    uint16_t port;               /* 0: none appended */
    struct esc_str token;        /* `Authorization: Bearer` must carry it; empty: not asked */
    const char *const *open;     /* paths that need no token (health checks); NULL: none */
    const char *required_header; /* must be there with any value: a page of another origin cannot
                                    send it without asking first; NULL: none */
    const char *const *origins;  /* an Origin must be one of these; NULL: any Origin is refused */
    bool same_origin;            /* but "http://" and the Host is allowed, too */
    const char *body_type;       /* media type of a body: "application/json"; NULL: any */
    size_t max_body;             /* 0: ESC_MAX_REQUEST */
};

enum {
    ESC_GATE_MAX_TARGET = 2048,
};

/**
 * Judges @p head. *http_status is 200, or what to answer before closing the connection.
 * @errors ESC_INVALID (400, 411, 414, 415, 501, 505), ESC_DENIED (401, 403, 421),
 * ESC_LIMIT (413); the message is fit for the answer and repeats nothing of the request.
 */
enum esc_status esc_gate_check(const struct esc_gate_rules *rules, const struct esc_http_head *head,
                               int *http_status, struct esc_error *err);

/** Compares without telling by its duration where the texts differ. */
bool esc_gate_same_secret(struct esc_str given, struct esc_str expected);
/** The media type before any ';', compared without case: "application/json; charset=utf-8". */
bool esc_gate_is_media_type(struct esc_str content_type, const char *media_type);
