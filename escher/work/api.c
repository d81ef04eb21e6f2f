/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/api.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/num.h"
#include "escher/base/utf8.h"
#include "escher/work/work_private.h"

/*
 * One row per route; {} stands for one segment of the path, the subject. `cloud` routes reach the
 * cloud and take the caller's variables as the argument "environment".
 */
struct route {
    const char *method, *path;
    work_route_fn *run;
    const char *const *arguments; /* what the body may hold; ends with NULL */
    bool cloud;
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
    {"GET", "/api/ping", work_ping, TAKES_NOTHING, false},
    {"GET", "/api/status", work_status, TAKES_NOTHING, false},
    {"POST", "/api/doctor", work_doctor, TAKES_NOTHING, true},
    {"GET", "/api/accounts", work_accounts_list, TAKES_NOTHING, false},
    {"POST", "/api/accounts", work_accounts_add,
     TAKES("id", "name", "profile", "role_arn", "regions", "endpoint_url"), true},
    {"POST", "/api/accounts/discover", work_accounts_discover, TAKES("endpoint_url", "regions"),
     true},
    {"DELETE", "/api/accounts/{}", work_accounts_remove, TAKES_NOTHING, false},
    {"POST", "/api/accounts/{}/test", work_accounts_test, TAKES_NOTHING, true},
    {"POST", "/api/sync", work_sync, TAKES("account", "region", "service"), true},
    {"POST", "/api/find", work_find, TAKES("text", "n", "filter", "type", "account", "region"),
     false},
    {"POST", "/api/complete", work_complete, TAKES("prefix", "n"), false},
    {"POST", "/api/show", work_show, TAKES("text"), false},
    {"POST", "/api/estate/import", work_estate_import, TAKES("lines"), false},
    {"POST", "/api/estate/export", work_estate_export, TAKES_NOTHING, false},
    {"POST", "/api/ask", work_ask,
     TAKES("prompt", "resources", "mode", "planner", "planner_token", "conversation"), true},
    {"POST", "/api/ask/batch", work_ask_batch, TAKES("lines"), false},
    {"GET", "/api/plans/{}", work_plan_show, TAKES_NOTHING, false},
    {"POST", "/api/plans/{}/approve", work_plan_approve, TAKES("confirm", "by", "background"),
     true},
    {"POST", "/api/plans/{}/discard", work_plan_discard, TAKES_NOTHING, false},
    {"GET", "/api/runs", work_runs_list, TAKES_NOTHING, false},
    {"GET", "/api/runs/{}", work_runs_show, TAKES_NOTHING, false},
    {"GET", "/api/runs/{}/logs", work_runs_logs, TAKES_NOTHING, false},
    {"POST", "/api/runs/{}/cancel", work_runs_cancel, TAKES_NOTHING, false},
    {"POST", "/api/runs/{}/wait", work_runs_wait, TAKES_NOTHING, false},
    {"GET", "/api/chat", work_chat_list, TAKES_NOTHING, false},
    {"GET", "/api/chat/{}", work_chat_show, TAKES_NOTHING, false},
    {"DELETE", "/api/chat/{}", work_chat_delete, TAKES_NOTHING, false},
    {"GET", "/api/audit", work_audit_list, TAKES_NOTHING, false},
    {"POST", "/api/audit/verify", work_audit_verify, TAKES_NOTHING, false},
    {"GET", "/api/playbooks", work_playbooks_list, TAKES_NOTHING, false},
    {"GET", "/api/playbooks/{}", work_playbooks_show, TAKES_NOTHING, false},
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
    } table[] = {{"regions", ESC_JSON_ARRAY},
                 {"resources", ESC_JSON_ARRAY},
                 {"n", ESC_JSON_INT},
                 {"background", ESC_JSON_BOOL},
                 {"environment", ESC_JSON_OBJECT}};
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
    if (call->route->cloud)
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
    return check_arguments(call, err);
}

static void start(void *context)
{
    struct esc_api_call *call = context;
    struct esc_error err;
    if (call->cancelled)
        (void)esc_fail(&err, ESC_CANCELLED, "cancelled");
    if (call->cancelled || check(call, &err) != ESC_OK)
        work_fail(call, &err);
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
    call->environment = esc_aws_environment_new(variable, call->args);
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

void work_done(struct esc_api_call *call, enum esc_status status, struct esc_json *body)
{
    forget(call);
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

void work_event(struct esc_api_call *call, struct esc_json *event)
{
    char now[ESC_TIME_TEXT];
    esc_time_format(esc_clock_wall_ms(call->bench->clock), now);
    esc_json_set_text(event, "at", now);
    if (!call->cancelled)
        call->sink.event(call->sink.context, event);
    esc_json_free(event);
}

const char *work_text(const struct esc_api_call *call, const char *name)
{
    return esc_json_str(call->args, name, NULL);
}
