/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/http/events.h"
#include "escher/work/door_private.h"
#include "escher/work/feed.h"
#include "escher/work/work_private.h"

/* One request. It is over when its call, its stream and its exchange are. */
struct visit {
    struct door_visits *visits; /* NULL once the door is closed */
    struct esc_api_call *call;
    struct esc_http_stream *stream;
    struct esc_http_exchange *exchange; /* waits for its one document */
    struct esc_follower *follower;
};

static void forget(struct visit *visit)
{
    if (visit->stream || visit->call)
        return;
    if (visit->visits)
        (void)esc_list_drop(&visit->visits->list, visit);
    free(visit);
}

static void send(struct visit *visit, const char *kind, const struct esc_json *json)
{
    if (!visit->stream)
        return;
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(json, ESC_JSON_COMPACT);
    struct esc_buf bytes;
    esc_buf_init(&bytes, ESC_MAX_FILE);
    const struct esc_event event = {.kind = kind, .data = esc_str_of(text)};
    esc_event_write(&bytes, &event);
    esc_http_stream_send(visit->stream, esc_buf_str(&bytes));
    esc_buf_done(&bytes);
}

static void on_event(void *context, const struct esc_json *event)
{
    send(context, esc_json_str(event, "kind", "message"), event);
}

static void reply(struct esc_http_exchange *exchange, enum esc_status status,
                  const struct esc_json *document)
{
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(document, ESC_JSON_COMPACT);
    esc_http_reply(exchange, esc_status_http(status), "application/json", esc_str_of(text));
}

static void on_done(void *context, enum esc_status status, struct esc_json *body)
{
    struct visit *visit = context;
    visit->call = NULL;
    ESC_CLEANUP(esc_json_freep) struct esc_json *document = esc_json_object();
    esc_json_set_text(document, "status", esc_status_text(status));
    esc_json_set(document, "body", body);
    send(visit, "done", document);
    if (visit->exchange)
        reply(ESC_STEAL(visit->exchange), status, document);
    if (visit->stream)
        esc_http_stream_end(visit->stream);
    else
        forget(visit);
}

static void on_closed(void *context)
{
    struct visit *visit = context;
    visit->stream = NULL;
    esc_feed_unfollow(ESC_STEAL(visit->follower));
    if (visit->call)
        esc_api_cancel(visit->call);
    else
        forget(visit);
}

static struct visit *visit_new(struct door_visits *visits)
{
    struct visit *visit = esc_alloc_zero(sizeof *visit);
    visit->visits = visits;
    esc_list_push(&visits->list, visit);
    return visit;
}

static void pass_on(void *context, struct esc_str bytes)
{
    const struct visit *visit = context;
    esc_http_stream_send(visit->stream, bytes);
}

static void follow(struct door_visits *visits, struct esc_http_exchange *exchange)
{
    struct visit *visit = visit_new(visits);
    ESC_CLEANUP(esc_freep)
    char *last_id =
        esc_str_dup(esc_http_head_field(esc_http_exchange_head(exchange), "Last-Event-ID"));
    visit->stream = esc_http_reply_events(exchange, on_closed, visit);
    visit->follower = esc_feed_follow(visits->bench->feed, esc_str_of(last_id), pass_on, visit);
}

static bool wants_document(const struct esc_http_head *head)
{
    return esc_gate_is_media_type(esc_http_head_field(head, "Accept"), "application/json");
}

static bool parse_body(struct esc_http_exchange *exchange, struct esc_json **body,
                       struct esc_error *err)
{
    const struct esc_str text = esc_http_exchange_body(exchange);
    *body = NULL;
    return text.len == 0 || esc_json_parse(text, NULL, body, err) == ESC_OK;
}

void door_visits_serve(struct door_visits *visits, const struct door_caller *caller,
                       struct esc_http_exchange *exchange)
{
    const struct esc_http_head *head = esc_http_exchange_head(exchange);
    if (esc_str_is(head->method, "GET") && esc_str_is(head->path, "/api/events")) {
        follow(visits, exchange);
        return;
    }
    ESC_CLEANUP(esc_json_wipe_freep) struct esc_json *body = NULL;
    struct esc_error err;
    if (!parse_body(exchange, &body, &err)) {
        esc_http_reply_error(exchange, 0, &err);
        return;
    }
    ESC_CLEANUP(esc_freep) char *method = esc_str_dup(head->method);
    ESC_CLEANUP(esc_freep) char *path = esc_str_dup(head->path);
    const struct esc_api_request request = {.method = method,
                                            .path = path,
                                            .body = body,
                                            .page = caller->page,
                                            .asks = !caller->document && !wants_document(head),
                                            .environment = caller->environment};
    struct visit *visit = visit_new(visits);
    const struct esc_api_sink sink = {on_event, on_done, visit};
    visit->call = esc_api_call(visits->bench, &request, &sink);
    if (caller->document || wants_document(head))
        visit->exchange = exchange;
    else
        visit->stream = esc_http_reply_events(exchange, on_closed, visit);
}

void door_visits_leave(struct door_visits *visits)
{
    for (size_t i = 0; i < visits->list.count; i++) {
        struct visit *visit = visits->list.items[i];
        visit->visits = NULL; /* its call is still to be answered, by the workbench's end */
    }
    esc_list_done(&visits->list);
}
