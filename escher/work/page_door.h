/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The browser's door: the page and the API over HTTP on 127.0.0.1, for whoever brings the code of
 * the link (work/page_session.h).
 *
 *     GET /, assets           anybody who can reach loopback; there is nothing in them
 *     POST /api/session       {"code"} for the cookie
 *     GET /api/events         cookie
 *     all other /api/...      cookie, and the field X-Escher, which no foreign page can send
 *
 * Host, Origin and Sec-Fetch-Site are checked before anything else (http/gate.h).
 */

#include "escher/aws/credentials_env.h"
#include "escher/base/error.h"
#include "escher/work/workbench.h"

struct esc_page_door;

struct esc_page_door_options {
    uint16_t port;                                 /* 0: any free one */
    const struct esc_aws_environment *environment; /* for calls to the cloud; copied */
};

/** @errors ESC_EXISTS: the port is taken; ESC_IO. */
enum esc_status esc_page_door_open(struct esc_workbench *bench,
                                   const struct esc_page_door_options *options,
                                   struct esc_page_door **out, struct esc_error *err);
/** Ends every page's connection and session. NULL does nothing. Close it before the workbench. */
void esc_page_door_close(struct esc_page_door *door);
/** The port in use. */
uint16_t esc_page_door_port(const struct esc_page_door *door);
/** A new link with a code of its own: "http://127.0.0.1:PORT/#t=CODE"; owned by the caller. */
ESC_RETURNS_NONNULL char *esc_page_door_link(struct esc_page_door *door);
