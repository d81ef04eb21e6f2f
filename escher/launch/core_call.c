/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/json.h"
#include "escher/base/limits.h"
#include "escher/launch/core_link_private.h"

/*
 * One call to the core. A document is collected and handed over whole. A stream is answered with
 * its first bytes and then goes through a pipe, whose other end any thread or library may read:
 *
 *     core ──on_data──▶ pending ──as far as the pipe takes it──▶ reader ──▶ page
 *
 * The page ends a stream by closing its end, which the watch on ours sees although nothing is
 * written. A page that leaves more than MAX_PENDING unread loses the stream and comes back with
 * its Last-Event-ID, as after any broken connection.
 */
enum {
    CALL_TIMEOUT_MS = 10 * 60 * 1000,
    MAX_PENDING = 16 * 1024 * 1024
};

struct core_call *core_call_new(struct esc_core_link *link, const struct esc_core_request *request,
                                esc_core_reply_fn *on_reply, void *context)
{
    struct core_call *call = esc_alloc_zero(sizeof *call);
    *call = (struct core_call){.link = link,
                               .method = esc_strdup(request->method),
                               .path = esc_strdup(request->path),
                               .last_event_id = esc_strdup_null(request->last_event_id),
                               .page_mark = esc_strdup_null(request->page_mark),
                               .body = esc_str_dup(request->body),
                               .is_stream = request->is_stream,
                               .on_reply = on_reply,
                               .context = context,
                               .write_fd = -1};
    esc_buf_init(&call->pending, MAX_PENDING);
    return call;
}

void core_call_free(struct core_call *call)
{
    (void)esc_list_drop(&call->link->calls, call);
    esc_watch_close(call->watch);
    esc_fd_close(&call->write_fd);
    esc_buf_done(&call->pending);
    free(call->method);
    free(call->path);
    free(call->last_event_id);
    free(call->page_mark);
    free(call->body);
    free(call);
}

static void reply(struct core_call *call, int status, const char *content_type, struct esc_str body,
                  int stream_fd)
{
    const struct esc_core_reply reply = {status, content_type ? content_type : "application/json",
                                         body, stream_fd};
    call->is_answered = true;
    call->on_reply(call->context, &reply);
}

static void reply_error(struct core_call *call, const struct esc_error *err)
{
    struct esc_json *body = esc_json_object();
    esc_json_set_text(body, "status", esc_status_text(err->status));
    esc_json_set_text(body, "category", esc_status_category(err->status));
    esc_json_set_text(body, "message", err->message);
    ESC_CLEANUP(esc_json_freep) struct esc_json *answer = esc_json_object();
    esc_json_set_text(answer, "status", esc_status_text(err->status));
    esc_json_set(answer, "body", body);
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(answer, ESC_JSON_COMPACT);
    reply(call, esc_status_http(err->status), NULL, esc_str_of(text), -1);
}

static void refuse(void *context)
{
    struct core_call *call = context;
    if (call->link->state == LINK_READY && !call->link->is_closing) { /* meanwhile */
        core_call_send(call);
        return;
    }
    if (!call->link->is_closing)
        reply_error(call, &call->link->failure);
    core_call_free(call);
}

void core_call_refuse(struct core_call *call)
{
    esc_loop_post(call->link->loop, refuse, call);
}

/* The stream's pipe. */

static bool has_hung_up(int fd)
{
    struct pollfd look = {.fd = fd};
    return poll(&look, 1, 0) > 0 && (look.revents & (POLLERR | POLLHUP | POLLNVAL));
}

/* Writes what the pipe takes; false when the page has closed its end. */
static bool flush(struct core_call *call)
{
    while (call->pending.len) {
        const ssize_t sent = write(call->write_fd, call->pending.ptr, call->pending.len);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return errno == EAGAIN;
        esc_buf_consume(&call->pending, (size_t)sent);
    }
    return !has_hung_up(call->write_fd);
}

static void carry_on(struct core_call *call)
{
    const bool goes_on = flush(call) && esc_buf_status(&call->pending, "stream", NULL) == ESC_OK;
    if (call->is_over && (!goes_on || call->pending.len == 0)) {
        core_call_free(call);
        return;
    }
    /* Without anything to write, only the hang-up is of interest; it is always told. */
    if (goes_on) {
        esc_watch_change(call->watch, call->pending.len ? ESC_WRITABLE : ESC_READABLE);
        return;
    }
    esc_watch_close(ESC_STEAL(call->watch));
    esc_local_cancel(call->sent);
}

static void on_pipe(void *context, unsigned)
{
    carry_on(context);
}

static bool open_pipe(struct core_call *call)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return false;
    call->write_fd = ends[1];
    call->watch = esc_loop_watch(call->link->loop, ends[1], ESC_WRITABLE, on_pipe, call);
    reply(call, 200, "text/event-stream", ESC_STR(""), ends[0]);
    return true;
}

static void on_bytes(void *context, struct esc_str bytes)
{
    struct core_call *call = context;
    if (!call->is_answered && !open_pipe(call)) {
        esc_local_cancel(call->sent);
        return;
    }
    esc_buf_add(&call->pending, bytes);
    if (call->watch)
        carry_on(call);
}

static void on_done(void *context, const struct esc_http_response *response,
                    const struct esc_error *err)
{
    struct core_call *call = context;
    call->sent = NULL;
    call->is_over = true;
    if (call->link->is_closing) {
        core_call_free(call);
        return;
    }
    if (call->is_answered) {
        if (call->watch)
            carry_on(call);
        else
            core_call_free(call);
        return;
    }
    if (response)
        reply(call, response->status, esc_http_response_header(response, "Content-Type"),
              response->body, -1);
    else
        reply_error(call, err);
    if (err && err->status == ESC_UNAVAILABLE)
        core_link_lost(call->link);
    core_call_free(call);
}

void core_call_send(struct core_call *call)
{
    struct esc_http_header headers[5] = {
        {"X-Escher-Door", call->link->options.door},
        {"Accept", call->is_stream ? "text/event-stream" : "application/json"}};
    size_t count = 2;
    if (*call->body)
        headers[count++] = (struct esc_http_header){"Content-Type", "application/json"};
    if (call->last_event_id)
        headers[count++] = (struct esc_http_header){"Last-Event-ID", call->last_event_id};
    if (call->page_mark)
        headers[count++] = (struct esc_http_header){"X-Escher", call->page_mark};
    const struct esc_local_request request = {.socket = call->link->options.paths->socket,
                                              .method = call->method,
                                              .path = call->path,
                                              .headers = headers,
                                              .header_count = count,
                                              .body = esc_str_of(call->body),
                                              .timeout_ms = call->is_stream ? 0 : CALL_TIMEOUT_MS,
                                              .max_response = ESC_MAX_FILE,
                                              .on_data = call->is_stream ? on_bytes : NULL};
    esc_list_push(&call->link->calls, call);
    call->sent = esc_local_send(call->link->loop, &request, on_done, call);
}

void core_call_end(struct core_call *call)
{
    if (call->sent)
        esc_local_end(call->sent);
    else
        core_call_free(call);
}
