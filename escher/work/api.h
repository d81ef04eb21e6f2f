/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The one way from a verb to the rooms: method, path and a JSON body in, events and one JSON
 * document out. It knows no transport. The command line calls it in its own process or over the
 * core's socket (work/door.h), with the same bytes either way.
 *
 *     call ──▶ event* ──▶ done        each call is answered exactly once, on the loop,
 *       └─────cancel─────▲            never before esc_api_call() has returned
 *
 * The table of routes is in api_routes.c; docs/internals/api.md lists what each takes and gives.
 */

#include "escher/aws/credentials_env.h"
#include "escher/base/error.h"
#include "escher/base/json.h"
#include "escher/work/workbench.h"

struct esc_api_request {
    const char *method, *path;   /* a subject in the path stands percent-encoded */
    const struct esc_json *body; /* an object, or NULL for none; borrowed during the call */
    bool page; /* comes from a window or a browser: only routes that are open to one */
    bool asks; /* the caller answers the event "prompt" */
    const struct esc_aws_environment *environment; /* NULL: the one the body brings; copied */
};

struct esc_api_sink {
    /** {"kind": "sync.cell", …}; @p event is borrowed. */
    void (*event)(void *context, const struct esc_json *event);
    /** @p body is handed over. A failure has {"status", "category", "message"}. */
    void (*done)(void *context, enum esc_status status, struct esc_json *body);
    void *context;
};

struct esc_api_call;

/** Starts the call; it is gone once `done` has been called. */
ESC_RETURNS_NONNULL struct esc_api_call *esc_api_call(struct esc_workbench *bench,
                                                      const struct esc_api_request *request,
                                                      const struct esc_api_sink *sink);
/**
 * The caller went away or wants no more. A scan or a question ends; a run goes on, since what
 * was approved is only stopped by cancelling the run itself. `done` still follows.
 */
void esc_api_cancel(struct esc_api_call *call);

/**
 * The table of routes as one document: {"routes": [...], "statuses": [...]}. Owned by the caller.
 * tools/api-generate makes the documents and types from it that are to agree with the table.
 */
ESC_RETURNS_NONNULL struct esc_json *esc_api_describe(void);
