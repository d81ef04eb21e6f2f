/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Shared by core_link.c (finding and starting the core) and core_call.c (one call to it). */

#include <glib.h>

#include "apps/desktop/core_link.h"
#include "escher/base/buf.h"
#include "escher/base/list.h"
#include "escher/http/client.h"
#include "escher/launch/core_start.h"
#include "escher/loop/timer.h"

enum core_link_state {
    LINK_ASKING,
    LINK_STARTING,
    LINK_READY,
    LINK_DOWN,
};

struct core_link {
    struct core_link_options options;
    GThread *thread;
    int quit_fd;

    /* From here on the loop thread's alone. */
    struct esc_loop *loop;
    struct esc_http_client *client;
    struct esc_watch *quit_watch, *core_watch;
    enum core_link_state state;
    char *program;
    struct esc_core_started core;
    struct esc_list waiting;  /* struct core_call * */
    struct esc_error failure; /* while DOWN; OK when all is well */
    struct esc_error refusal; /* told unless one of the pings left is answered */
    unsigned pings_left;
    uint64_t failed_ms;
    int passphrase_fd; /* that came while a start without it was under way; -1: none */
    bool was_unlocking, is_closing;
};

struct core_call {
    struct core_link *link;
    char *method, *path, *last_event_id, *page_mark, *body;
    bool is_stream, is_answered, is_over;
    core_link_reply_fn *on_reply;
    void *context;

    struct esc_http_call *http;
    int write_fd; /* of a stream, once it has begun */
    struct esc_watch *watch;
    struct esc_buf pending; /* read from the core, not taken by the page yet */
};

/** On the GTK thread; owned by the loop thread from the moment it is posted. */
struct core_call *core_call_new(struct core_link *link, const struct core_link_request *request,
                                core_link_reply_fn *on_reply, void *context);
void core_call_free(struct core_call *call);
void core_call_send(struct core_call *call);
/** Answers with the HTTP code of @p err and the document every failure has. */
void core_call_refuse(struct core_call *call, const struct esc_error *err);
/** A call found nobody: the link looks again. */
void core_link_lost(struct core_link *link);
