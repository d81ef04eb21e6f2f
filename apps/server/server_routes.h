/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What escher-server answers, as one table of routes.
 *
 *     GET  /healthz                the process lives           no token
 *     GET  /readyz                 and can plan                no token
 *     POST /v1/plan                a planner request           the planner's answer
 *     POST /v1/classify            the same                    its classification alone
 *     GET  /v1/playbooks           which playbooks there are
 *     GET  /v1/playbooks/SHA256    the text of one
 *     GET  /v1/schemas/NAME        a JSON Schema
 */

#include "apps/server/planner_pool.h"
#include "apps/server/server_documents.h"
#include "escher/http/listener.h"

struct server {
    struct planner_pool *pool;
    struct server_documents documents;
};

/** The listener's handler; @p context is a struct server. */
void server_handle(void *context, struct esc_http_exchange *exchange);
/** Paths that need no token; ends with NULL. */
extern const char *const server_open_paths[];
