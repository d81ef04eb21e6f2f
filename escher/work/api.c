/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/api.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/num.h"
#include "escher/base/utf8.h"
#include "escher/work/prompt_private.h"
#include "escher/work/route_private.h"

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
    for (size_t i = 0; i < work_route_count; i++) {
        const struct route *route = &work_routes[i];
        if (route->run && esc_text_equal(route->method, request->method) &&
            fits(route->path, esc_str_of(request->path), subject))
            return route;
    }
    return NULL;
}

static const char *variable(void *context, const char *name)
{
    return esc_json_str(esc_json_member(context, "environment"), name, NULL);
}

/* What may be in the body of a call; NULL for what its route does not know. */
static const struct work_argument *argument_of(const struct esc_api_call *call, const char *name)
{
    static const struct work_argument of_all = {"call", ESC_JSON_STRING, NULL, false},
                                      of_cloud = {"environment", ESC_JSON_OBJECT, NULL, false};
    if (esc_text_equal(name, of_all.name))
        return &of_all;
    if (esc_text_equal(name, of_cloud.name) && call->route->flags & WORK_ROUTE_CLOUD && !call->page)
        return &of_cloud;
    for (const struct work_argument *one = call->route->takes; one && one->name; one++) {
        if (esc_text_equal(name, one->name))
            return one;
    }
    return NULL;
}

/* One of another type would pass for one that is missing, and the call for a wider one. */
static enum esc_status check_type(const struct work_argument *argument,
                                  const struct esc_json *value, struct esc_error *err)
{
    if (!esc_json_is(value, argument->type))
        return esc_fail(err, ESC_INVALID, "`%s` must be %s", argument->name,
                        esc_json_type_text(argument->type));
    for (size_t i = 0; i < esc_json_len(value) && esc_json_is(value, ESC_JSON_ARRAY); i++) {
        if (!esc_json_is(esc_json_at(value, i), ESC_JSON_STRING))
            return esc_fail(err, ESC_INVALID, "`%s` must be an array of strings", argument->name);
    }
    return ESC_OK;
}

static enum esc_status check_presence(const struct esc_api_call *call, struct esc_error *err)
{
    for (const struct work_argument *one = call->route->takes; one && one->name; one++) {
        if (one->must && !esc_json_member(call->args, one->name))
            return esc_fail(err, ESC_INVALID, "`%s` is missing: %s", one->name, one->says);
    }
    return ESC_OK;
}

static enum esc_status check_arguments(const struct esc_api_call *call, struct esc_error *err)
{
    enum esc_status status = ESC_OK;
    void *position = NULL;
    const char *name;
    const struct esc_json *value;
    while (status == ESC_OK && esc_json_next(call->args, &position, &name, &value)) {
        const struct work_argument *argument = argument_of(call, name);
        status = argument ? check_type(argument, value, err)
                          : esc_fail(err, ESC_INVALID, "unknown member `%s`", name);
    }
    return status == ESC_OK ? check_presence(call, err) : status;
}

static enum esc_status check(const struct esc_api_call *call, struct esc_error *err)
{
    if (!call->route)
        return esc_fail(err, ESC_NOT_FOUND, "no such route");
    if (!call->subject && strstr(call->route->path, "{}"))
        return esc_fail(err, ESC_INVALID, "the name in the path does not decode to text");
    if (!esc_json_is(call->args, ESC_JSON_OBJECT))
        return esc_fail(err, ESC_INVALID, "the body must be an object");
    if (call->page && call->route->flags & WORK_ROUTE_SOCKET)
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
    ESC_CLEANUP(esc_json_wipe_freep) struct esc_json *args = esc_json_copy(call->args);
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
    else if (call->route->flags & WORK_ROUTE_DETACHES &&
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

/* Who is asked for what only they know; nobody, unless the caller says that they answer. */
static void set_asker(struct esc_api_call *call, bool asks)
{
    char name[ESC_UUID_TEXT];
    free(ESC_STEAL(call->environment->asker));
    if (!asks)
        return;
    esc_uuid_format(esc_uuid_v4(call->bench->random), name);
    call->environment->asker = esc_strdup(name);
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
    set_asker(call, request->asks || request->page); /* a page is told what it would need */
    esc_list_push(&bench->calls, call);
    esc_loop_post(bench->loop, start, call);
    return call;
}

void esc_api_cancel(struct esc_api_call *call)
{
    if (call->cancelled)
        return;
    call->cancelled = true;
    work_prompts_end(call);
    if (call->cancel)
        call->cancel(call);
}

static void forget(struct esc_api_call *call)
{
    const bool was_there = esc_list_drop(&call->bench->calls, call);
    ESC_ASSERT(was_there); /* a call is answered once */
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
    work_prompts_end(call);
    forget(call);
    publish_end(call, status, body);
    if (status == ESC_OK && call->route->changes)
        work_changed(call->bench, call->route->changes);
    call->sink.done(call->sink.context, status, body);
    esc_json_wipe_free(call->args); /* an MFA code, the caller's keys */
    esc_aws_environment_free(call->environment);
    free(call->subject);
    free(call->wanted_device);
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
    struct esc_json *failure = work_failure(err);
    if (call->wanted_device && err->status == ESC_LOCKED) {
        esc_json_set_text(failure, "wants", "mfa_code");
        esc_json_set_text(failure, "device", call->wanted_device);
    }
    work_done(call, err->status, failure);
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
    esc_json_set_time(event, "at", esc_clock_wall_ms(bench->clock));
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
