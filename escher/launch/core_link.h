/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A standing way to the core, for a program that shows a page: it sends calls over the core's Unix
 * socket, and starts the core when none answers.
 *
 *     ASKING ──ping──▶ READY ──a call finds nobody──▶ ASKING
 *        └─nobody──▶ STARTING ──ready──▶ READY
 *                        └─refused──▶ DOWN ──a call, 5 s later──▶ ASKING
 *                                      └─────unlock(passphrase)──▶ STARTING
 *
 * Calls wait while it is ASKING or STARTING and are refused at once while it is DOWN. No call is
 * sent twice: when the core breaks off in the middle, whoever asked decides.
 *
 * It has a loop of its own, to be turned by the caller, alone or within another (loop/loop.h).
 *
 * Ownership  requests are copied; replies are borrowed but for their stream.
 * Threads    the thread that turns the loop only.
 */

#include <stdbool.h>

#include "escher/base/error.h"
#include "escher/base/paths.h"
#include "escher/base/str.h"
#include "escher/loop/loop.h"

struct esc_core_link;

struct esc_core_request {
    const char *method, *path; /* the path with its query */
    const char *last_event_id; /* NULL: none */
    const char *page_mark;     /* the value of X-Escher; NULL: none */
    struct esc_str body;       /* JSON */
    bool is_stream;            /* the answer has no end: it comes through a pipe */
};

struct esc_core_reply {
    int status; /* of HTTP */
    const char *content_type;
    struct esc_str body; /* when stream_fd is -1 */
    int stream_fd;       /* the pipe's end, handed over; closing it ends the call */
};

typedef void esc_core_reply_fn(void *context, const struct esc_core_reply *reply);
/** The core cannot be used, and a person may be able to help: it is locked, or has no store. */
typedef void esc_core_trouble_fn(void *context, enum esc_status status, const char *message);
/** A core that was in trouble is ready. */
typedef void esc_core_ready_fn(void *context);

struct esc_core_link_options {
    const struct esc_paths *paths; /* borrowed as long as the link lives */
    const char *door;              /* what the core is told it is asked through; a constant */
    esc_core_trouble_fn *on_trouble;
    esc_core_ready_fn *on_ready;
    void *context;
};

/** Begins to look for the core at once. @errors ESC_IO. */
enum esc_status esc_core_link_open(const struct esc_core_link_options *options,
                                   struct esc_core_link **out, struct esc_error *err);
/** Ends the calls under way, unanswered. The core goes on. NULL does nothing. */
void esc_core_link_close(struct esc_core_link *link);
struct esc_loop *esc_core_link_loop(struct esc_core_link *link);
/** @p on_reply fires once, later. */
void esc_core_link_call(struct esc_core_link *link, const struct esc_core_request *request,
                        esc_core_reply_fn *on_reply, void *context);
/** Starts the core again with the passphrase in @p passphrase_fd (handed over; -1: without). */
void esc_core_link_unlock(struct esc_core_link *link, int passphrase_fd);
