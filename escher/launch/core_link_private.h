/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Shared by core_link.c (finding and starting the core) and core_call.c (one call to it). */

#include "escher/base/buf.h"
#include "escher/base/list.h"
#include "escher/http/local_call.h"
#include "escher/launch/core_link.h"
#include "escher/launch/core_start.h"

enum core_link_state {
    LINK_ASKING,
    LINK_STARTING,
    LINK_READY,
    LINK_DOWN,
};

struct esc_core_link {
    struct esc_core_link_options options;
    struct esc_loop *loop;
    struct esc_local_call *pinging; /* NULL: no ping is under way */
    struct esc_watch *core_watch;
    enum core_link_state state;
    char *program;
    struct esc_core_started core;
    struct esc_list waiting;  /* struct core_call *, until the core is ready */
    struct esc_list calls;    /* struct core_call *, those sent */
    struct esc_error failure; /* while DOWN; OK when all is well */
    struct esc_error refusal; /* told unless one of the pings left is answered */
    unsigned pings_left;
    uint64_t failed_ms;
    int passphrase_fd; /* that came while a start without it was under way; -1: none */
    bool was_unlocking, is_closing;
};

struct core_call {
    struct esc_core_link *link;
    char *method, *path, *last_event_id, *page_mark, *body;
    bool is_stream, is_answered, is_over;
    esc_core_reply_fn *on_reply;
    void *context;

    struct esc_local_call *sent; /* NULL: not yet, or answered */
    int write_fd;                /* of a stream, once it has begun */
    struct esc_watch *watch;
    struct esc_buf pending; /* read from the core, not taken by the page yet */
};

struct core_call *core_call_new(struct esc_core_link *link, const struct esc_core_request *request,
                                esc_core_reply_fn *on_reply, void *context);
void core_call_free(struct core_call *call);
void core_call_send(struct core_call *call);
/** One that was sent, whether it has been answered or not. */
void core_call_end(struct core_call *call);
/** Answers, in the next turn, with the link's failure: its HTTP code, and the document of every
 * failure. */
void core_call_refuse(struct core_call *call);
/** A call found nobody: the link looks again. */
void core_link_lost(struct esc_core_link *link);
