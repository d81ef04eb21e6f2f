/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/http/listener.h"

#include <microhttpd.h>
#include <string.h>
#include <sys/socket.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/buf.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/http/events.h"
#include "escher/http/listener_private.h"
#include "escher/loop/timer.h"

/*
 * libmicrohttpd without a thread or a listening socket of its own: visit.c hands it connections
 * whose head is judged, its epoll descriptor is watched by the loop, and pump() is the only place
 * where it runs. It must not be stopped or fed from within its own callbacks, so a request is
 * suspended as soon as it is complete and handed to the handler in the next turn:
 *
 *     READING ──body complete──▶ SUSPENDED ──next turn──▶ HANDLED ──reply──▶ ANSWERED ──▶ over
 *
 * An exchange has two holders, the connection and the handler, and goes when both are through.
 */

enum {
    MAX_CONNECTIONS = 256,
    HEAD_TIMEOUT_MS = 5 * 1000,
    BODY_TIMEOUT_MS = 10 * 1000,
    HEARTBEAT_MS = 15 * 1000,
    IDLE_TIMEOUT_S = 30, /* of a client that does not read its answer */
    MEMORY_PER_CONNECTION = 64 * 1024,
    STREAM_BLOCK = 32 * 1024, /* most that is handed to MHD at once */
};

struct esc_http_exchange {
    struct esc_http_exchange *next, **link; /* all whose connection lives */
    struct esc_http_listener *listener;     /* NULL once the connection is over */
    struct esc_loop *loop;
    struct MHD_Connection *connection; /* NULL until MHD has begun, and once it is over */
    struct visitor visitor;
    struct esc_buf body;
    struct esc_timer *timer; /* the body's deadline, then the way to the handler */
    uint64_t heartbeat_ms;
    bool suspended, with_handler;
    struct MHD_Response *response;
    unsigned status;
    struct esc_http_stream *stream;
};

struct esc_http_listener {
    struct esc_loop *loop;
    struct esc_http_listener_options options;
    struct esc_gate_rules rules;
    struct bound bound;
    struct door *door;
    struct MHD_Daemon *daemon;
    struct esc_watch *watch;
    struct esc_timer *timer; /* for MHD's own time-outs, and to run it soon */
    struct esc_http_exchange *exchanges;
    size_t exchange_count;
    struct esc_http_stream *streams;
    bool pumping, closing;
};

static void on_timer(void *context);

static void pump_after(struct esc_http_listener *listener, uint64_t delay_ms)
{
    esc_timer_stop(&listener->timer);
    listener->timer = esc_timer_start(listener->loop, delay_ms, on_timer, listener);
}

static void pump_soon(struct esc_http_listener *listener)
{
    if (!listener->pumping)
        pump_after(listener, 0);
}

static void pump(struct esc_http_listener *listener)
{
    MHD_UNSIGNED_LONG_LONG timeout_ms = 0;
    esc_timer_stop(&listener->timer);
    listener->pumping = true;
    ESC_ASSERT(MHD_run(listener->daemon) == MHD_YES);
    listener->pumping = false;
    if (MHD_get_timeout(listener->daemon, &timeout_ms) == MHD_YES)
        pump_after(listener, timeout_ms);
}

static void on_timer(void *context)
{
    struct esc_http_listener *listener = context;
    listener->timer = NULL;
    pump(listener);
}

static void on_ready(void *context, unsigned)
{
    pump(context);
}

static void free_exchange(struct esc_http_exchange *exchange)
{
    esc_timer_stop(&exchange->timer);
    esc_buf_done(&exchange->body);
    free(exchange->visitor.bytes);
    free(exchange->visitor.head);
    free(exchange);
}

static void resume(struct esc_http_exchange *exchange)
{
    if (!exchange->suspended)
        return;
    exchange->suspended = false;
    MHD_resume_connection(exchange->connection);
    pump_soon(exchange->listener);
}

static void suspend(struct esc_http_exchange *exchange)
{
    exchange->suspended = true;
    MHD_suspend_connection(exchange->connection);
}

/* Makes MHD see the end of the connection; it closes the descriptor itself. */
static void cut(struct esc_http_exchange *exchange)
{
    (void)shutdown(exchange->visitor.fd, SHUT_RDWR); /* not connected any more: as good */
    resume(exchange);
}

static void on_body_deadline(void *context)
{
    struct esc_http_exchange *exchange = context;
    exchange->timer = NULL;
    cut(exchange);
}

static void hand_to_handler(void *context)
{
    struct esc_http_exchange *exchange = context;
    struct esc_http_listener *listener = exchange->listener;
    exchange->timer = NULL;
    exchange->with_handler = true;
    listener->options.handler(listener->options.context, exchange);
}

/* The body is there, or a reply is: MHD asks again after each resumption. */
static enum MHD_Result on_complete(struct esc_http_exchange *exchange)
{
    if (exchange->response) {
        enum MHD_Result queued =
            MHD_queue_response(exchange->connection, exchange->status, exchange->response);
        MHD_destroy_response(ESC_STEAL(exchange->response)); /* MHD has its own reference */
        return queued;
    }
    esc_timer_stop(&exchange->timer);
    suspend(exchange);
    exchange->timer = esc_timer_start(exchange->loop, 0, hand_to_handler, exchange);
    return MHD_YES;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *,
                                  const char *, const char *, const char *bytes, size_t *len,
                                  void **state)
{
    struct esc_http_listener *listener = context;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct esc_http_exchange *exchange = info ? info->socket_context : NULL;
    if (!exchange || listener->closing)
        return MHD_NO;
    if (!*state) {
        *state = exchange; /* the head, which is read already; MHD goes on with the body */
        return MHD_YES;
    }
    if (*len == 0)
        return on_complete(exchange);
    esc_buf_append(&exchange->body, bytes, *len);
    *len = 0;
    return exchange->body.status == ESC_OK ? MHD_YES : MHD_NO;
}

static void end_connection(struct esc_http_exchange *exchange)
{
    *exchange->link = exchange->next;
    if (exchange->next)
        exchange->next->link = exchange->link;
    exchange->listener->exchange_count--;
    exchange->listener = NULL;
    exchange->connection = NULL;
    exchange->suspended = false;
    esc_timer_stop(&exchange->timer);
    if (exchange->response)
        MHD_destroy_response(ESC_STEAL(exchange->response));
    if (exchange->stream)
        stream_detach(ESC_STEAL(exchange->stream));
    if (!exchange->with_handler)
        free_exchange(exchange);
}

static void on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode what)
{
    struct esc_http_listener *listener = context;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (*socket_context)
            end_connection(*socket_context);
        *socket_context = NULL;
        return;
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct esc_http_exchange *exchange = listener->exchanges;
    while (exchange && exchange->visitor.fd != info->connect_fd)
        exchange = exchange->next;
    ESC_ASSERT(exchange); /* every connection was added by on_visitor */
    exchange->connection = connection;
    *socket_context = exchange;
}

static bool is_listed(const struct esc_http_listener *listener,
                      const struct esc_http_exchange *exchange)
{
    const struct esc_http_exchange *one = listener->exchanges;
    while (one && one != exchange)
        one = one->next;
    return one != NULL;
}

static void on_visitor(void *context, const struct visitor *visitor)
{
    struct esc_http_listener *listener = context;
    struct esc_http_exchange *exchange = esc_alloc_zero(sizeof *exchange);
    struct sockaddr_storage peer = {.ss_family = AF_UNSPEC};
    socklen_t peer_len = sizeof peer;
    exchange->listener = listener;
    exchange->loop = listener->loop;
    exchange->heartbeat_ms = listener->options.heartbeat_ms;
    exchange->visitor = *visitor;
    esc_buf_init(&exchange->body, listener->options.rules->max_body);
    exchange->link = &listener->exchanges;
    exchange->next = listener->exchanges;
    if (exchange->next)
        exchange->next->link = &exchange->next;
    listener->exchanges = exchange;
    listener->exchange_count++;
    exchange->timer = esc_timer_start(listener->loop, listener->options.body_timeout_ms,
                                      on_body_deadline, exchange);
    bool known = getpeername(visitor->fd, (struct sockaddr *)&peer, &peer_len) == 0;
    if (known && MHD_add_connection(listener->daemon, visitor->fd, (struct sockaddr *)&peer,
                                    peer_len) == MHD_YES) {
        pump_soon(listener);
        return;
    }
    if (!known)
        esc_fd_close(&exchange->visitor.fd); /* else MHD has closed it */
    if (is_listed(listener, exchange))       /* else its end was told already */
        end_connection(exchange);
}

static bool has_room(void *context, size_t visits)
{
    const struct esc_http_listener *listener = context;
    return visits + listener->exchange_count < listener->options.max_connections;
}

/* Targets are handed on as they are sent. */
static size_t leave_escaped(void *, struct MHD_Connection *, char *text)
{
    return strlen(text);
}

static void keep_quiet(void *, const char *, va_list)
{
    /* MHD's messages tell of clients' mistakes, not of ours. */
}

static bool start(struct esc_http_listener *listener)
{
    listener->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0,
        NULL, NULL, on_request, listener, MHD_OPTION_EXTERNAL_LOGGER, keep_quiet, NULL,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, listener, MHD_OPTION_UNESCAPE_CALLBACK,
        leave_escaped, NULL, MHD_OPTION_CONNECTION_LIMIT, listener->options.max_connections,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_PER_CONNECTION,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_TIMEOUT_S, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_END);
    if (!listener->daemon)
        return false;
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(listener->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (info)
        listener->watch =
            esc_loop_watch(listener->loop, info->epoll_fd, ESC_READABLE, on_ready, listener);
    return listener->watch != NULL;
}

static void set_options(struct esc_http_listener *listener,
                        const struct esc_http_listener_options *given)
{
    struct esc_http_listener_options *options = &listener->options;
    *options = *given;
    options->address = NULL; /* read already */
    listener->rules = given->rules ? *given->rules : (struct esc_gate_rules){0};
    listener->rules.port = listener->bound.port;
    if (!listener->rules.max_body)
        listener->rules.max_body = ESC_MAX_REQUEST;
    options->rules = &listener->rules;
    if (!options->max_connections)
        options->max_connections = MAX_CONNECTIONS;
    if (!options->head_timeout_ms)
        options->head_timeout_ms = HEAD_TIMEOUT_MS;
    if (!options->body_timeout_ms)
        options->body_timeout_ms = BODY_TIMEOUT_MS;
    if (!options->heartbeat_ms)
        options->heartbeat_ms = HEARTBEAT_MS;
}

enum esc_status esc_http_listener_open(struct esc_loop *loop,
                                       const struct esc_http_listener_options *options,
                                       struct esc_http_listener **out, struct esc_error *err)
{
    struct bound bound;
    enum esc_status status = bound_open(options->address, &bound, err);
    if (status != ESC_OK)
        return status;
    struct esc_http_listener *listener = esc_alloc_zero(sizeof *listener);
    listener->loop = loop;
    listener->bound = bound;
    set_options(listener, options);
    if (!start(listener)) {
        esc_http_listener_close(listener);
        return esc_fail(err, ESC_IO, "listen on %s: the HTTP server cannot start",
                        options->address);
    }
    const struct door_options door = {
        .bound = &listener->bound,
        .rules = listener->rules,
        .head_timeout_ms = listener->options.head_timeout_ms,
        .has_room = has_room,
        .on_visitor = on_visitor,
        .context = listener,
    };
    listener->door = door_open(loop, &door);
    *out = listener;
    return ESC_OK;
}

void esc_http_listener_close(struct esc_http_listener *listener)
{
    if (!listener)
        return;
    ESC_ASSERT(!listener->pumping);
    listener->closing = true;
    if (listener->door)
        door_close(listener->door);
    for (struct esc_http_exchange *exchange = listener->exchanges; exchange;
         exchange = exchange->next)
        resume(exchange); /* MHD does not stop with suspended connections */
    if (listener->daemon)
        MHD_stop_daemon(listener->daemon);
    ESC_ASSERT(!listener->exchanges);
    while (listener->streams)
        stream_end_now(listener->streams);
    esc_timer_stop(&listener->timer);
    esc_watch_close(listener->watch);
    bound_close(&listener->bound);
    free(listener);
}

const char *esc_http_listener_url(const struct esc_http_listener *listener)
{
    return listener->bound.url;
}

uint16_t esc_http_listener_port(const struct esc_http_listener *listener)
{
    return listener->bound.port;
}

const struct esc_http_head *esc_http_exchange_head(const struct esc_http_exchange *exchange)
{
    return exchange->visitor.head;
}

struct esc_str esc_http_exchange_body(const struct esc_http_exchange *exchange)
{
    return esc_buf_str(&exchange->body);
}

uid_t esc_http_exchange_peer(const struct esc_http_exchange *exchange)
{
    return exchange->visitor.peer;
}

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
    ESC_ASSERT(MHD_add_response_header(response, name, value) == MHD_YES);
}

/* Gives the handler's answer to the connection, or drops it when that is over. */
static void answer(struct esc_http_exchange *exchange, int status, struct MHD_Response *response)
{
    ESC_ASSERT(exchange->with_handler && !exchange->response);
    exchange->with_handler = false;
    add_header(response, "Cache-Control", "no-store");
    add_header(response, "X-Content-Type-Options", "nosniff");
    add_header(response, "Connection", "close");
    exchange->status = (unsigned)status;
    if (exchange->connection) {
        exchange->response = response;
        resume(exchange);
        return;
    }
    MHD_destroy_response(response);
    free_exchange(exchange);
}

void esc_http_reply_full(struct esc_http_exchange *exchange, const struct esc_http_reply *reply)
{
    union {
        const char *borrowed;
        void *copied;
    } body = {.borrowed = reply->body.len ? reply->body.ptr : ""};
    struct MHD_Response *response =
        MHD_create_response_from_buffer(reply->body.len, body.copied, MHD_RESPMEM_MUST_COPY);
    ESC_ASSERT(response); /* NULL is out of memory only */
    if (reply->content_type)
        add_header(response, "Content-Type", reply->content_type);
    for (size_t i = 0; i < reply->header_count; i++)
        add_header(response, reply->headers[i].name, reply->headers[i].value);
    answer(exchange, reply->status, response);
}

void esc_http_reply(struct esc_http_exchange *exchange, int status, const char *content_type,
                    struct esc_str body)
{
    const struct esc_http_reply reply = {
        .status = status,
        .content_type = content_type,
        .body = body,
    };
    esc_http_reply_full(exchange, &reply);
}

void esc_http_reply_error(struct esc_http_exchange *exchange, int http_status,
                          const struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *document = error_document(err);
    esc_http_reply(exchange, http_status ? http_status : esc_status_http(err->status),
                   "application/json", esc_str_of(document));
}

static void wake_stream(void *context)
{
    struct esc_http_exchange *exchange = context;
    if (!exchange->response) /* else it is not queued yet, and will ask by itself */
        resume(exchange);
}

static void cut_stream(void *context)
{
    cut(context);
}

/* MHD asks for more; without any, the connection sleeps until there is. */
static ssize_t read_stream(void *context, uint64_t, char *out, size_t max)
{
    struct esc_http_exchange *exchange = stream_exchange(context);
    size_t count = stream_take(context, out, max);
    if (count > 0)
        return (ssize_t)count;
    if (stream_is_ended(context))
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (!exchange || exchange->listener->closing)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    suspend(exchange);
    return 0;
}

/* MHD is through with the response, for whatever reason. */
static void on_response_gone(void *context)
{
    struct esc_http_exchange *exchange = stream_exchange(context);
    if (exchange)
        exchange->stream = NULL;
    stream_end_soon(context);
}

struct esc_http_stream *esc_http_reply_events(struct esc_http_exchange *exchange,
                                              esc_http_closed_fn *on_closed, void *context)
{
    struct esc_http_listener *listener = exchange->listener;
    const struct stream_options options = {
        .loop = exchange->loop,
        .heartbeat_ms = exchange->heartbeat_ms,
        .exchange = listener ? exchange : NULL,
        .wake = wake_stream,
        .cut = cut_stream,
        .on_closed = on_closed,
        .context = context,
    };
    struct esc_http_stream *stream = stream_new(&options, listener ? &listener->streams : NULL);
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, STREAM_BLOCK, read_stream, stream, on_response_gone);
    ESC_ASSERT(response); /* NULL is out of memory only */
    if (listener)
        exchange->stream = stream;
    add_header(response, "Content-Type", "text/event-stream");
    answer(exchange, 200, response);
    return stream;
}
