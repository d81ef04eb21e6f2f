/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/http/local_call.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/buf.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/http/head.h"
#include "escher/loop/timer.h"

/*
 *     CONNECTING ─▶ SENDING ─▶ HEAD ─▶ BODY ─▶ over
 *       ▲    └ full queue: again in a moment
 */
enum {
    AGAIN_MS = 5,
    READ_BYTES = 64 * 1024,
};

struct esc_local_call {
    struct esc_loop *loop;
    struct sockaddr_un address;
    int fd;
    struct esc_watch *watch;
    struct esc_timer *turn;     /* connects, or ends the call */
    struct esc_timer *deadline; /* NULL: none */
    struct esc_buf request;     /* wiped when it is gone: it may hold keys */
    size_t sent;
    struct esc_buf head, body;
    bool has_head, has_length;
    uint64_t length, received; /* of the body */
    int status;
    struct esc_http_header headers[ESC_HEAD_MAX_FIELDS]; /* point into the head */
    size_t header_count;
    struct esc_error failure;
    esc_http_data_fn *on_data;
    esc_http_done_fn *done;
    void *context;
};

static void free_call(struct esc_local_call *call)
{
    esc_watch_close(call->watch);
    esc_timer_stop(&call->turn);
    esc_timer_stop(&call->deadline);
    esc_fd_close(&call->fd);
    if (call->request.ptr)
        explicit_bzero(call->request.ptr, call->request.len);
    esc_buf_done(&call->request);
    esc_buf_done(&call->head);
    esc_buf_done(&call->body);
    free(call);
}

static void end(struct esc_local_call *call)
{
    const struct esc_http_response response = {
        .status = call->status,
        .headers = call->headers,
        .header_count = call->header_count,
        .body = esc_buf_str(&call->body),
    };
    const bool failed = call->failure.status != ESC_OK;
    call->done(call->context, failed ? NULL : &response, failed ? &call->failure : NULL);
    free_call(call);
}

static void end_in_turn(void *context)
{
    struct esc_local_call *call = context;
    call->turn = NULL;
    end(call);
}

/* The first reason counts. */
static void end_soon(struct esc_local_call *call)
{
    esc_watch_close(ESC_STEAL(call->watch));
    esc_timer_stop(&call->turn);
    call->turn = esc_timer_start(call->loop, 0, end_in_turn, call);
}

static void break_off(struct esc_local_call *call, const char *why)
{
    (void)esc_fail(&call->failure, ESC_UNAVAILABLE, "`%s`: %s", call->address.sun_path, why);
    end_soon(call);
}

static void on_deadline(void *context)
{
    struct esc_local_call *call = context;
    call->deadline = NULL;
    (void)esc_fail(&call->failure, ESC_TIMEOUT, "`%s` does not answer", call->address.sun_path);
    end_soon(call);
}

/* "HTTP/1.1 200 OK" and fields. @source RFC 9112 section 4 */
static bool read_head(struct esc_local_call *call, size_t len)
{
    struct esc_str rest = {call->head.ptr, len}, line;
    uint64_t status = 0;
    if (!esc_str_next(&rest, '\n', &line) || !esc_str_starts_with(line, ESC_STR("HTTP/1.")) ||
        !esc_num_u64(esc_str_slice(line, strlen("HTTP/1.x "), strlen("HTTP/1.x 200")), &status) ||
        status < 100)
        return false;
    call->status = (int)status;
    while (esc_str_next(&rest, '\n', &line) && call->header_count < ESC_HEAD_MAX_FIELDS) {
        const size_t colon = esc_str_find(line, ESC_STR(":"), 0);
        if (colon == SIZE_MAX)
            continue;
        char *name = call->head.ptr + (line.ptr - call->head.ptr);
        const struct esc_str value = esc_str_trim(esc_str_slice(line, colon + 1, line.len));
        name[colon] = '\0';
        name[(value.ptr - line.ptr) + (ptrdiff_t)value.len] = '\0';
        call->headers[call->header_count++] = (struct esc_http_header){name, value.ptr};
    }
    return true;
}

static void take_body(struct esc_local_call *call, struct esc_str bytes)
{
    if (bytes.len == 0)
        return;
    call->received += bytes.len;
    if (call->on_data && call->status / 100 == 2) {
        call->on_data(call->context, bytes);
        return;
    }
    esc_buf_add(&call->body, bytes);
    if (esc_buf_status(&call->body, "the answer", &call->failure) != ESC_OK)
        end_soon(call);
}

static void take(struct esc_local_call *call, struct esc_str bytes)
{
    if (call->has_head) {
        take_body(call, bytes);
        return;
    }
    const size_t before = call->head.len > 3 ? call->head.len - 3 : 0;
    const size_t held = call->head.len;
    esc_buf_add(&call->head, bytes);
    const size_t blank = esc_str_find(esc_buf_str(&call->head), ESC_STR("\r\n\r\n"), before);
    if (blank == SIZE_MAX && call->head.status == ESC_OK)
        return;
    if (blank == SIZE_MAX || !read_head(call, blank)) {
        (void)esc_fail(&call->failure, ESC_CORRUPT, "`%s` does not speak HTTP",
                       call->address.sun_path);
        end_soon(call);
        return;
    }
    const struct esc_http_response so_far = {.headers = call->headers,
                                             .header_count = call->header_count};
    call->has_head = true;
    call->has_length =
        esc_num_u64(esc_str_of(esc_http_response_header(&so_far, "Content-Length")), &call->length);
    take_body(call, esc_str_slice(bytes, blank + 4 - held, bytes.len));
}

static void receive(struct esc_local_call *call)
{
    char bytes[READ_BYTES];
    const ssize_t got = recv(call->fd, bytes, sizeof bytes, 0);
    if (got > 0)
        take(call, (struct esc_str){bytes, (size_t)got});
    else if (got == 0 && call->has_head && (!call->has_length || call->received >= call->length))
        end_soon(call);
    else if (got == 0)
        break_off(call, "the connection was closed before the answer was there");
    else if (errno != EAGAIN && errno != EINTR)
        break_off(call, strerror(errno));
}

static void transmit(struct esc_local_call *call)
{
    const ssize_t put = send(call->fd, call->request.ptr + call->sent,
                             call->request.len - call->sent, MSG_NOSIGNAL);
    if (put > 0)
        call->sent += (size_t)put;
    if (call->sent == call->request.len)
        esc_watch_change(call->watch, ESC_READABLE);
    else if (put < 0 && errno != EAGAIN && errno != EINTR)
        esc_watch_change(call->watch, ESC_READABLE); /* it may have answered before it closed */
}

static void on_ready(void *context, unsigned events)
{
    struct esc_local_call *call = context;
    if (events & ESC_WRITABLE)
        transmit(call);
    if (events & ESC_READABLE)
        receive(call);
}

/* A request may hold keys, and the socket's folder may be one that others can write to. */
static bool is_ours(int fd)
{
    struct ucred who;
    socklen_t len = sizeof who;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 &&
           (who.uid == geteuid() || who.uid == 0);
}

static void reach(void *context)
{
    struct esc_local_call *call = context;
    call->turn = NULL;
    call->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (call->fd >= 0 &&
        connect(call->fd, (const struct sockaddr *)&call->address, sizeof call->address) == 0) {
        if (is_ours(call->fd)) {
            call->watch =
                esc_loop_watch(call->loop, call->fd, ESC_READABLE | ESC_WRITABLE, on_ready, call);
            return;
        }
        (void)esc_fail(&call->failure, ESC_DENIED, "`%s` belongs to another user: nothing was sent",
                       call->address.sun_path);
        end_soon(call);
    } else if (call->fd >= 0 && errno == EAGAIN) { /* more callers than the queue holds */
        esc_fd_close(&call->fd);
        call->turn = esc_timer_start(call->loop, AGAIN_MS, reach, call);
    } else {
        break_off(call, strerror(errno));
    }
}

static void write_request(struct esc_buf *out, const struct esc_local_request *request)
{
    esc_buf_printf(out, "%s %s HTTP/1.0\r\nHost: localhost\r\n", request->method, request->path);
    for (size_t i = 0; i < request->header_count; i++)
        esc_buf_printf(out, "%s: %s\r\n", request->headers[i].name, request->headers[i].value);
    if (!esc_text_equal(request->method, "GET"))
        esc_buf_printf(out, "Content-Length: %zu\r\n", request->body.len);
    esc_buf_add_text(out, "\r\n");
    esc_buf_add(out, request->body);
}

struct esc_local_call *esc_local_send(struct esc_loop *loop,
                                      const struct esc_local_request *request,
                                      esc_http_done_fn *done, void *context)
{
    struct esc_local_call *call = esc_alloc_zero(sizeof *call);
    call->loop = loop;
    call->fd = -1;
    call->address.sun_family = AF_UNIX;
    call->on_data = request->on_data;
    call->done = done;
    call->context = context;
    esc_buf_init(&call->request, ESC_MAX_FILE);
    esc_buf_init(&call->head, ESC_HEAD_MAX_BYTES + READ_BYTES);
    esc_buf_init(&call->body, request->max_response ? request->max_response : ESC_MAX_RESPONSE);
    write_request(&call->request, request);
    if (request->timeout_ms)
        call->deadline = esc_timer_start(loop, request->timeout_ms, on_deadline, call);
    if (strlen(request->socket) < sizeof call->address.sun_path) {
        memcpy(call->address.sun_path, request->socket, strlen(request->socket));
        call->turn = esc_timer_start(loop, 0, reach, call);
    } else {
        (void)esc_fail(&call->failure, ESC_INVALID, "`%s` is too long for a socket",
                       request->socket);
        end_soon(call);
    }
    return call;
}

void esc_local_cancel(struct esc_local_call *call)
{
    if (!call)
        return;
    if (call->failure.status == ESC_OK)
        (void)esc_fail(&call->failure, ESC_CANCELLED, "cancelled");
    end_soon(call);
}

void esc_local_end(struct esc_local_call *call)
{
    esc_local_cancel(call);
    if (call)
        end(call);
}
