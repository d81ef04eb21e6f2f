/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/door.h"

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/http/events.h"
#include "escher/http/listener.h"
#include "escher/work/work_private.h"

enum {
    BODY_TIMEOUT_MS = 60'000,
    HEARTBEAT_MS = 1'000 /* by it a caller that went away is noticed */
};

struct esc_door {
    struct esc_workbench *bench;
    struct esc_http_listener *listener;
    struct esc_list visits; /* struct visit *, whose stream or call still lives */
    bool wants_stop;
};

/* One call over the socket. It ends when both its stream and its API call have. */
struct visit {
    struct esc_door *door; /* NULL once it is closed */
    struct esc_http_stream *stream;
    struct esc_api_call *call;
};

static void forget(struct visit *visit)
{
    if (visit->stream || visit->call)
        return;
    struct esc_list *visits = visit->door ? &visit->door->visits : NULL;
    for (size_t i = 0; visits && i < visits->count; i++) {
        if (visits->items[i] == visit)
            (void)esc_list_remove(visits, i--);
    }
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

static void on_done(void *context, enum esc_status status, struct esc_json *body)
{
    struct visit *visit = context;
    visit->call = NULL;
    ESC_CLEANUP(esc_json_freep) struct esc_json *done = esc_json_object();
    esc_json_set_text(done, "status", esc_status_text(status));
    esc_json_set(done, "body", body);
    send(visit, "done", done);
    if (visit->stream)
        esc_http_stream_end(visit->stream);
    else
        forget(visit);
}

static void on_closed(void *context)
{
    struct visit *visit = context;
    visit->stream = NULL;
    if (visit->call)
        esc_api_cancel(visit->call);
    else
        forget(visit);
}

static void answer_ping(struct esc_http_exchange *exchange)
{
    esc_http_reply(exchange, 200, "application/json", ESC_STR("{\"status\":\"ok\"}"));
}

static bool parse_body(struct esc_http_exchange *exchange, struct esc_json **body,
                       struct esc_error *err)
{
    const struct esc_str text = esc_http_exchange_body(exchange);
    *body = NULL;
    return text.len == 0 || esc_json_parse(text, NULL, body, err) == ESC_OK;
}

static void handle(void *context, struct esc_http_exchange *exchange)
{
    struct esc_door *door = context;
    const struct esc_http_head *head = esc_http_exchange_head(exchange);
    if (esc_str_is(head->path, "/api/ping")) {
        answer_ping(exchange);
        return;
    }
    if (esc_str_is(head->path, "/api/stop") && esc_str_is(head->method, "POST")) {
        door->wants_stop = true;
        answer_ping(exchange);
        return;
    }
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    struct esc_error err;
    if (!parse_body(exchange, &body, &err)) {
        esc_http_reply_error(exchange, 0, &err);
        return;
    }
    struct visit *visit = esc_alloc_zero(sizeof *visit);
    visit->door = door;
    esc_list_push(&door->visits, visit);
    ESC_CLEANUP(esc_freep) char *method = esc_str_dup(head->method);
    ESC_CLEANUP(esc_freep) char *path = esc_str_dup(head->path);
    const struct esc_api_request request = {method, path, body};
    const struct esc_api_sink sink = {on_event, on_done, visit};
    visit->call = esc_api_call(door->bench, &request, &sink);
    visit->stream = esc_http_reply_events(exchange, on_closed, visit);
}

static enum esc_status make_folder_of(const char *socket, struct esc_error *err)
{
    const struct esc_str path = esc_str_of(socket);
    size_t slash = path.len;
    while (slash && socket[slash - 1] != '/')
        slash--;
    ESC_CLEANUP(esc_freep) char *folder = esc_strndup(socket, slash ? slash - 1 : 0);
    return esc_file_make_folder(folder, err);
}

enum esc_status esc_door_open(struct esc_workbench *bench, struct esc_door **out,
                              struct esc_error *err)
{
    enum esc_status status = make_folder_of(bench->paths.socket, err);
    if (status != ESC_OK)
        return status;
    struct esc_door *door = esc_alloc_zero(sizeof *door);
    door->bench = bench;
    ESC_CLEANUP(esc_freep) char *address = esc_sprintf("unix:%s", bench->paths.socket);
    const struct esc_gate_rules rules = {.max_body = ESC_MAX_FILE};
    const struct esc_http_listener_options options = {.address = address,
                                                      .rules = &rules,
                                                      .handler = handle,
                                                      .context = door,
                                                      .body_timeout_ms = BODY_TIMEOUT_MS,
                                                      .heartbeat_ms = HEARTBEAT_MS};
    status = esc_http_listener_open(bench->loop, &options, &door->listener, err);
    if (status != ESC_OK) {
        free(door);
        return status;
    }
    *out = door;
    return ESC_OK;
}

void esc_door_close(struct esc_door *door)
{
    if (!door)
        return;
    esc_http_listener_close(door->listener);
    for (size_t i = 0; i < door->visits.count; i++) {
        struct visit *visit = door->visits.items[i];
        visit->door = NULL; /* its call is still to be answered, by the workbench's end */
    }
    esc_list_done(&door->visits);
    free(door);
}

bool esc_door_wants_stop(const struct esc_door *door)
{
    return door->wants_stop;
}
