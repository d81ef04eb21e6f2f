/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/api.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/num.h"
#include "escher/base/utf8.h"
#include "escher/work/work_private.h"

/*
 * One row per route; {} stands for one segment of the path, the subject. CLOUD routes reach the
 * cloud and take the caller's variables as the argument "environment". SOCKET routes are not open
 * to pages. Any route takes "call", a word of the caller's that its events in the feed carry. DETACHES routes take "background" and are
 * answered before the work is done; the feed tells the rest.
 */
enum {
    CLOUD = 1,
    SOCKET = 2,
    DETACHES = 4,
};

struct route {
    const char *method, *path;
    work_route_fn *run;
    const char *const *arguments; /* what the body may hold; ends with NULL */
    unsigned flags;
    const char *changes; /* what the feed says has changed after it; NULL: nothing, or it says so */
};

#define TAKES(...)                                                                                 \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }
#define TAKES_NOTHING                                                                              \
    (const char *const[])                                                                          \
    {                                                                                              \
        NULL                                                                                       \
    }

static const struct route routes[] = {
    {"GET", "/api/ping", work_ping, TAKES_NOTHING, 0, NULL},
    {"GET", "/api/status", work_status, TAKES_NOTHING, 0, NULL},
    {"POST", "/api/doctor", work_doctor, TAKES_NOTHING, CLOUD, NULL},
    {"GET", "/api/accounts", work_accounts_list, TAKES_NOTHING, 0, NULL},
    {"POST", "/api/accounts", work_accounts_add,
     TAKES("id", "name", "profile", "role_arn", "regions", "endpoint_url"), CLOUD, "accounts"},
    {"POST", "/api/accounts/discover", work_accounts_discover, TAKES("endpoint_url", "regions"),
     CLOUD, "accounts"},
    {"DELETE", "/api/accounts/{}", work_accounts_remove, TAKES_NOTHING, 0, "accounts"},
    {"POST", "/api/accounts/{}/test", work_accounts_test, TAKES_NOTHING, CLOUD, NULL},
    {"POST", "/api/sync", work_sync, TAKES("account", "region", "service", "background"),
     CLOUD | DETACHES, NULL},
    {"POST", "/api/find", work_find, TAKES("text", "n", "filter", "type", "account", "region"), 0,
     NULL},
    {"POST", "/api/complete", work_complete, TAKES("prefix", "n"), 0, NULL},
    {"POST", "/api/show", work_show, TAKES("text"), 0, NULL},
    {"POST", "/api/estate/query", work_estate_query,
     TAKES("text", "filter", "sort", "offset", "limit", "facets"), 0, NULL},
    {"POST", "/api/resolve", work_resolve, TAKES("prompt"), 0, NULL},
    {"GET", "/api/home", work_home, TAKES_NOTHING, 0, NULL},
    {"GET", "/api/settings", work_settings_show, TAKES_NOTHING, 0, NULL},
    {"PUT", "/api/settings", work_settings_put, TAKES("settings"), 0, "settings"},
    {"POST", "/api/estate/import", work_estate_import, TAKES("lines"), 0, "estate"},
    {"POST", "/api/estate/export", work_estate_export, TAKES_NOTHING, 0, NULL},
    {"POST", "/api/ask", work_ask,
     TAKES("prompt", "resources", "mode", "planner", "planner_token", "conversation"), CLOUD,
     "chat"},
    {"POST", "/api/ask/batch", work_ask_batch, TAKES("lines"), 0, NULL},
    {"GET", "/api/plans/{}", work_plan_show, TAKES_NOTHING, 0, NULL},
    {"POST", "/api/plans/{}/approve", work_plan_approve, TAKES("confirm", "by", "background"),
     CLOUD, "plans"},
    {"POST", "/api/plans/{}/discard", work_plan_discard, TAKES_NOTHING, 0, "plans"},
    {"GET", "/api/runs", work_runs_list, TAKES_NOTHING, 0, NULL},
    {"GET", "/api/runs/{}", work_runs_show, TAKES_NOTHING, 0, NULL},
    {"GET", "/api/runs/{}/logs", work_runs_logs, TAKES_NOTHING, 0, NULL},
    {"POST", "/api/runs/{}/log", work_runs_log,
     TAKES("step", "attempt", "from_line", "count", "search", "tail"), 0, NULL},
    {"POST", "/api/runs/{}/cancel", work_runs_cancel, TAKES_NOTHING, 0, NULL},
    {"POST", "/api/runs/{}/wait", work_runs_wait, TAKES_NOTHING, 0, NULL},
    {"GET", "/api/chat", work_chat_list, TAKES_NOTHING, 0, NULL},
    {"GET", "/api/chat/{}", work_chat_show, TAKES_NOTHING, 0, NULL},
    {"DELETE", "/api/chat/{}", work_chat_delete, TAKES_NOTHING, 0, "chat"},
    {"GET", "/api/audit", work_audit_list, TAKES_NOTHING, 0, NULL},
    {"POST", "/api/audit/verify", work_audit_verify, TAKES_NOTHING, 0, NULL},
    {"POST", "/api/serve", work_serve, TAKES("port"), CLOUD | SOCKET, NULL},
    {"GET", "/api/playbooks", work_playbooks_list, TAKES_NOTHING, 0, NULL},
    {"GET", "/api/playbooks/{}", work_playbooks_show, TAKES_NOTHING, 0, NULL},
};

/* Whether the path fits; *subject is what {} stood for, empty without one. */
static bool fits(const char *pattern, struct esc_str path, struct esc_str *subject)
{
    struct esc_str rest = esc_str_of(pattern), piece, given;
    *subject = (struct esc_str){0};
    while (esc_str_next(&rest, '/', &piece)) {
        if (!esc_str_next(&path, '/', &given))
            return false;
        if (esc_str_is(piece, "{}") && given.len)
            *subject = given;
        else if (!esc_str_equal(piece, given))
            return false;
    }
    return !path.ptr;
}

static const struct route *route_of(const struct esc_api_request *request, struct esc_str *subject)
{
    for (size_t i = 0; i < ESC_COUNT(routes); i++) {
        if (esc_text_equal(routes[i].method, request->method) &&
            fits(routes[i].path, esc_str_of(request->path), subject))
            return &routes[i];
    }
    return NULL;
}

static const char *variable(void *context, const char *name)
{
    return esc_json_str(esc_json_member(context, "environment"), name, NULL);
}

/* All arguments but these are strings. */
static enum esc_json_type type_of(const char *argument)
{
    static const struct {
        const char *name;
        enum esc_json_type type;
    } table[] = {{"regions", ESC_JSON_ARRAY},   {"resources", ESC_JSON_ARRAY},
                 {"n", ESC_JSON_INT},           {"background", ESC_JSON_BOOL},
                 {"port", ESC_JSON_INT},        {"offset", ESC_JSON_INT},
                 {"limit", ESC_JSON_INT},       {"facets", ESC_JSON_BOOL},
                 {"settings", ESC_JSON_OBJECT}, {"attempt", ESC_JSON_INT},
                 {"from_line", ESC_JSON_INT},   {"count", ESC_JSON_INT},
                 {"tail", ESC_JSON_BOOL},       {"environment", ESC_JSON_OBJECT}};
    for (size_t i = 0; i < ESC_COUNT(table); i++) {
        if (esc_text_equal(table[i].name, argument))
            return table[i].type;
    }
    return ESC_JSON_STRING;
}

/* One of another type would pass for one that is missing, and the call for a wider one. */
static enum esc_status check_type(const char *name, const struct esc_json *value,
                                  struct esc_error *err)
{
    if (!esc_json_is(value, type_of(name)))
        return esc_fail(err, ESC_INVALID, "`%s` must be %s", name,
                        esc_json_type_text(type_of(name)));
    for (size_t i = 0; i < esc_json_len(value) && esc_json_is(value, ESC_JSON_ARRAY); i++) {
        if (!esc_json_is(esc_json_at(value, i), ESC_JSON_STRING))
            return esc_fail(err, ESC_INVALID, "`%s` must be an array of strings", name);
    }
    return ESC_OK;
}

static enum esc_status check_arguments(const struct esc_api_call *call, struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *rest = esc_json_copy(call->args);
    esc_json_remove(rest, "call");
    if (call->route->flags & CLOUD && !call->page)
        esc_json_remove(rest, "environment");
    enum esc_status status = esc_json_only(rest, call->route->arguments, err);
    void *position = NULL;
    const char *name;
    const struct esc_json *value;
    while (status == ESC_OK && esc_json_next(call->args, &position, &name, &value))
        status = check_type(name, value, err);
    return status;
}

static enum esc_status check(const struct esc_api_call *call, struct esc_error *err)
{
    if (!call->route)
        return esc_fail(err, ESC_NOT_FOUND, "no such route");
    if (!call->subject && strstr(call->route->path, "{}"))
        return esc_fail(err, ESC_INVALID, "the name in the path does not decode to text");
    if (!esc_json_is(call->args, ESC_JSON_OBJECT))
        return esc_fail(err, ESC_INVALID, "the body must be an object");
    if (call->page && call->route->flags & SOCKET)
        return esc_fail(err, ESC_DENIED, "this is not open to a page; use the command line");
    return check_arguments(call, err);
}

static void ignore_event(void *, const struct esc_json *)
{
}

static void ignore_done(void *, enum esc_status, struct esc_json *body)
{
    esc_json_free(body);
}

struct esc_api_call *work_call_detached(struct esc_workbench *bench,
                                        const struct esc_api_request *request)
{
    const struct esc_api_sink nobody = {ignore_event, ignore_done, NULL};
    return esc_api_call(bench, request, &nobody);
}

/* The same call again, for nobody; this one is answered at once. */
static void detach(struct esc_api_call *call)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *args = esc_json_copy(call->args);
    esc_json_remove(args, "background");
    const struct esc_api_request request = {.method = call->route->method,
                                            .path = call->route->path,
                                            .body = args,
                                            .page = call->page,
                                            .environment = call->environment};
    (void)work_call_detached(call->bench, &request);
    esc_json_remove(call->args, "call"); /* the other one has it now */
    struct esc_json *body = esc_json_object();
    esc_json_set_bool(body, "started", true);
    work_ok(call, body);
}

static void start(void *context)
{
    struct esc_api_call *call = context;
    struct esc_error err;
    if (call->cancelled)
        (void)esc_fail(&err, ESC_CANCELLED, "cancelled");
    if (call->cancelled || check(call, &err) != ESC_OK)
        work_fail(call, &err);
    else if (call->route->flags & DETACHES &&
             esc_json_flag(esc_json_member(call->args, "background"), "", false))
        detach(call);
    else
        call->route->run(call);
}

/* NULL when it is no text; start() says so. */
static char *decode(struct esc_str subject)
{
    ESC_CLEANUP(esc_freep) char *text = esc_percent_decode(subject);
    return text && esc_utf8_is_valid(esc_str_of(text)) ? ESC_STEAL(text) : NULL;
}

struct esc_api_call *esc_api_call(struct esc_workbench *bench,
                                  const struct esc_api_request *request,
                                  const struct esc_api_sink *sink)
{
    struct esc_api_call *call = esc_alloc_zero(sizeof *call);
    struct esc_str subject;
    call->bench = bench;
    call->sink = *sink;
    call->route = route_of(request, &subject);
    if (call->route && subject.len)
        call->subject = decode(subject);
    call->args = request->body ? esc_json_copy(request->body) : esc_json_object();
    call->page = request->page;
    call->environment = request->environment ? esc_aws_environment_copy(request->environment)
                                             : esc_aws_environment_new(variable, call->args);
    esc_list_push(&bench->calls, call);
    esc_loop_post(bench->loop, start, call);
    return call;
}

void esc_api_cancel(struct esc_api_call *call)
{
    if (call->cancelled)
        return;
    call->cancelled = true;
    if (call->cancel)
        call->cancel(call);
}

static void forget(struct esc_api_call *call)
{
    struct esc_list *calls = &call->bench->calls;
    for (size_t i = 0; i < calls->count; i++) {
        if (calls->items[i] == call) {
            (void)esc_list_remove(calls, i);
            return;
        }
    }
    ESC_ASSERT(false && "a call is answered once");
}

/* For everybody who waits for a call that was started in the background. */
static void publish_end(struct esc_api_call *call, enum esc_status status,
                        const struct esc_json *body)
{
    const char *name = work_text(call, "call");
    if (!name)
        return;
    struct esc_json *event = work_event_new("call.done", NULL);
    struct esc_json *data = esc_json_object();
    esc_json_set_text(event, "call", name);
    esc_json_set_text(data, "status", esc_status_text(status));
    esc_json_set_text(data, "message", esc_json_str(body, "message", ""));
    esc_json_set(event, "data", data);
    work_publish(call->bench, event);
}

void work_done(struct esc_api_call *call, enum esc_status status, struct esc_json *body)
{
    forget(call);
    publish_end(call, status, body);
    if (status == ESC_OK && call->route->changes)
        work_changed(call->bench, call->route->changes);
    call->sink.done(call->sink.context, status, body);
    esc_json_free(call->args);
    esc_aws_environment_free(call->environment);
    free(call->subject);
    free(call);
}

void work_ok(struct esc_api_call *call, struct esc_json *body)
{
    work_done(call, ESC_OK, body);
}

struct esc_json *work_failure(const struct esc_error *err)
{
    struct esc_json *body = esc_json_object();
    esc_json_set_text(body, "status", esc_status_text(err->status));
    esc_json_set_text(body, "category", esc_status_category(err->status));
    esc_json_set_text(body, "message", err->message);
    return body;
}

void work_fail(struct esc_api_call *call, const struct esc_error *err)
{
    work_done(call, err->status, work_failure(err));
}

struct esc_json *work_event_new(const char *kind, const char *subject)
{
    struct esc_json *event = esc_json_object();
    esc_json_set_text(event, "kind", kind);
    if (subject)
        esc_json_set_text(event, "subject", subject);
    return event;
}

static void set_now(const struct esc_workbench *bench, struct esc_json *event)
{
    char now[ESC_TIME_TEXT];
    esc_time_format(esc_clock_wall_ms(bench->clock), now);
    esc_json_set_text(event, "at", now);
}

void work_publish(struct esc_workbench *bench, struct esc_json *event)
{
    set_now(bench, event);
    esc_feed_publish(bench->feed, event);
    esc_json_free(event);
}

void work_changed(struct esc_workbench *bench, const char *what)
{
    struct esc_json *event = work_event_new("changed", NULL);
    struct esc_json *data = esc_json_object();
    esc_json_set_text(data, "what", what);
    esc_json_set(event, "data", data);
    work_publish(bench, event);
}

void work_tell(struct esc_api_call *call, struct esc_json *event)
{
    set_now(call->bench, event);
    if (!call->cancelled)
        call->sink.event(call->sink.context, event);
    esc_json_free(event);
}

void work_event(struct esc_api_call *call, struct esc_json *event)
{
    const char *name = work_text(call, "call");
    struct esc_json *public = esc_json_copy(event);
    if (name)
        esc_json_set_text(public, "call", name);
    work_publish(call->bench, public);
    work_tell(call, event);
}

const char *work_text(const struct esc_api_call *call, const char *name)
{
    return esc_json_str(call->args, name, NULL);
}
