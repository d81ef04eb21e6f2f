/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "apps/cli/cli.h"
#include "apps/cli/rooms.h"
#include "escher/aws/credentials_env.h"
#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/http/events.h"
#include "escher/http/local_call.h"
#include "escher/launch/core_start.h"

/*
 * Two ways to the same API: the rooms in this process (--inline, rooms.h), or the core's socket.
 * The core is started when none answers (launch/core_start.h).
 *
 * Over the socket every call is answered by an event stream whose last event, `done`, carries
 * status and body, so both ways end in the same place: finish().
 */
struct cli_door {
    const struct cli_rooms *rooms; /* inline */
    struct esc_workbench *bench;   /* NULL: the socket */
};

struct call;

/* To what the call was asked itself. */
struct answer {
    struct call *call;
    struct esc_local_call *socket_call;
};

struct call {
    struct cli *cli;
    cli_event_fn *on_event;
    void *context;
    struct esc_api_call *inline_call;
    struct esc_local_call *socket_call;
    struct esc_local_call *cancel_call; /* of the run, asked for beside the other */
    struct esc_list answers;            /* struct answer *, on their way */
    struct esc_event_parser *parser;
    char *run_id; /* of the run this call shows, once known */
    unsigned interrupts;
    bool finished;
    enum esc_status status;
    struct esc_json *body;
};

static struct esc_json *failure_body(enum esc_status status, const char *message)
{
    struct esc_json *body = esc_json_object();
    esc_json_set_text(body, "status", esc_status_text(status));
    esc_json_set_text(body, "category", esc_status_category(status));
    esc_json_set_text(body, "message", message);
    return body;
}

static void finish(struct call *call, enum esc_status status, struct esc_json *body)
{
    if (call->finished) {
        esc_json_free(body);
        return;
    }
    call->finished = true;
    call->status = status;
    call->body = body;
}

static void fail(struct call *call, enum esc_status status, const char *message)
{
    finish(call, status, failure_body(status, message));
}

static void answer_prompt(struct call *call, const struct esc_json *event);

static void take_event(void *context, const struct esc_json *event)
{
    struct call *call = context;
    const char *kind = esc_json_str(event, "kind", "");
    if (esc_text_equal(kind, "run.started") && !call->run_id)
        call->run_id = esc_strdup_null(esc_json_str(event, "subject", NULL));
    if (esc_text_equal(kind, "prompt"))
        answer_prompt(call, event);
    else if (call->on_event)
        call->on_event(call->cli, event, call->context);
}

static void inline_done(void *context, enum esc_status status, struct esc_json *body)
{
    struct call *call = context;
    call->inline_call = NULL;
    finish(call, status, body);
}

/* One event of the stream. */
static void take_stream_event(void *context, const struct esc_event *event)
{
    struct call *call = context;
    struct esc_json *json = NULL;
    struct esc_error err;
    const enum esc_status status = esc_json_parse(event->data, NULL, &json, &err);
    if (status != ESC_OK) {
        fail(call, ESC_CORRUPT, err.message);
        return;
    }
    if (esc_text_equal(event->kind, "done")) {
        const enum esc_status said = esc_status_of_text(esc_json_str(json, "status", ""));
        const struct esc_json *body = esc_json_get(json, "body");
        finish(call, said == ESC_STATUS_COUNT ? ESC_CORRUPT : said,
               body ? esc_json_ref(body) : esc_json_object());
    } else {
        take_event(call, json);
    }
    esc_json_free(json);
}

static void take_stream_bytes(void *context, struct esc_str bytes)
{
    struct call *call = context;
    struct esc_error err;
    const enum esc_status status = esc_event_parser_feed(call->parser, bytes, &err);
    if (status != ESC_OK)
        fail(call, status, err.message);
}

/* The door itself has refused, before any route. */
static void refuse(struct call *call, const struct esc_json *body)
{
    const enum esc_status said = esc_status_of_text(esc_json_str(body, "error.status", ""));
    fail(call, said == ESC_STATUS_COUNT || said == ESC_OK ? ESC_INVALID : said,
         esc_json_str(body, "error.message", "the core refused the call"));
}

static void http_done(void *context, const struct esc_http_response *response,
                      const struct esc_error *err)
{
    struct call *call = context;
    call->socket_call = NULL;
    if (call->finished)
        return;
    struct esc_json *body = NULL;
    if (!response)
        fail(call, err->status,
             err->status == ESC_UNAVAILABLE ? "the core ended before it had answered"
                                            : err->message);
    else if (response->status / 100 == 2 ||
             esc_json_parse(response->body, NULL, &body, NULL) != ESC_OK)
        fail(call, ESC_UNAVAILABLE, "the core ended before it had answered");
    else
        refuse(call, body);
    esc_json_free(body);
}

static void ignore_event(void *, const struct esc_json *)
{
}

static void ignore_done(void *, enum esc_status, struct esc_json *body)
{
    esc_json_free(body);
}

static void cancel_done(void *context, const struct esc_http_response *, const struct esc_error *)
{
    ((struct call *)context)->cancel_call = NULL;
}

char *cli_path(const char *place, const char *subject, const char *act)
{
    ESC_CLEANUP(esc_freep) char *segment = esc_percent_encode(esc_str_of(subject));
    return esc_sprintf("/api/%s/%s%s%s", place, segment, act ? "/" : "", act ? act : "");
}

static struct esc_local_request socket_request(const struct cli *cli, const char *method,
                                               const char *path, struct esc_str body)
{
    static const struct esc_http_header headers[] = {
        {"Accept", "text/event-stream"},
        {"Content-Type", "application/json"},
        {"X-Escher-Door", "cli"},
    };
    return (struct esc_local_request){.socket = cli->paths.socket,
                                      .method = method,
                                      .path = path,
                                      .headers = headers,
                                      .header_count = ESC_COUNT(headers),
                                      .body = body};
}

/* Asks the core to cancel the run; the call that shows it goes on until the run has ended. */
static void cancel_run(struct call *call)
{
    const struct cli_door *door = call->cli->door;
    ESC_CLEANUP(esc_freep) char *path = cli_path("runs", call->run_id, "cancel");
    if (door->bench) {
        const struct esc_api_request request = {.method = "POST", .path = path};
        const struct esc_api_sink sink = {ignore_event, ignore_done, NULL};
        (void)door->rooms->call(door->bench, &request, &sink);
        return;
    }
    const struct esc_local_request request = socket_request(call->cli, "POST", path, ESC_STR("{}"));
    call->cancel_call = esc_local_send(call->cli->loop, &request, cancel_done, call);
}

static void answer_done(void *context, const struct esc_http_response *, const struct esc_error *)
{
    struct answer *answer = context;
    (void)esc_list_drop(&answer->call->answers, answer); /* it is there */
    free(answer);
}

static void send_answer(struct call *call, const char *path, const struct esc_json *body)
{
    const struct cli_door *door = call->cli->door;
    if (door->bench) {
        const struct esc_api_request request = {.method = "POST", .path = path, .body = body};
        const struct esc_api_sink sink = {ignore_event, ignore_done, NULL};
        (void)door->rooms->call(door->bench, &request, &sink);
        return;
    }
    char *text = esc_json_print(body, ESC_JSON_COMPACT);
    const struct esc_local_request request =
        socket_request(call->cli, "POST", path, esc_str_of(text));
    struct answer *answer = esc_alloc_zero(sizeof *answer);
    answer->call = call;
    esc_list_push(&call->answers, answer);
    answer->socket_call = esc_local_send(call->cli->loop, &request, answer_done, answer);
    esc_wipe(text, strlen(text));
    free(text);
}

/* Whoever gives no code says so: the call ends, and does not wait for one. */
static void answer_prompt(struct call *call, const struct esc_json *event)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *code = NULL;
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = esc_json_object();
    ESC_CLEANUP(esc_freep)
    char *path = cli_path("prompts", esc_json_str(event, "subject", ""), NULL);
    struct esc_error err;
    if (cli_mfa_code(call->cli, esc_json_member(event, "data"), &code, &err) == ESC_OK)
        esc_json_set_str(body, "answer", esc_secret_view(code));
    else
        cli_note(call->cli, "%s", err.message);
    send_answer(call, path, body);
}

static void interrupted(void *context, int)
{
    struct call *call = context;
    call->interrupts++;
    if (call->run_id && call->interrupts == 1) {
        cli_note(call->cli, "cancelling run %s (again: leave it running and go)", call->run_id);
        cancel_run(call);
        return;
    }
    if (call->inline_call)
        call->cli->door->rooms->cancel(call->inline_call);
    fail(call, ESC_CANCELLED, "interrupted");
}

static bool is_finished(void *context)
{
    const struct call *call = context;
    return call->finished && !call->inline_call;
}

/* Starting the core. */

static enum esc_status start_core(struct cli *cli, struct esc_error *err)
{
    ESC_CLEANUP(esc_fd_close) int passphrase = -1;
    enum esc_status status = ESC_OK;
    if (cli->passphrase)
        status = esc_file_memfd("passphrase", esc_secret_view(cli->passphrase), &passphrase, err);
    if (status != ESC_OK)
        return status;
    const struct esc_core_start start = {cli->self, &cli->paths, passphrase};
    struct esc_core_started core;
    status = esc_core_spawn(&start, &core, err);
    if (status != ESC_OK)
        return status;
    return esc_core_await(&core, err);
}

struct probe {
    bool finished, answered;
};

static void probe_done(void *context, const struct esc_http_response *response,
                       const struct esc_error *)
{
    struct probe *probe = context;
    probe->finished = true;
    probe->answered = response && response->status == 200;
}

static bool probe_finished(void *context)
{
    return ((const struct probe *)context)->finished;
}

static struct cli_door *door_of(struct cli *cli)
{
    if (!cli->door)
        cli->door = esc_alloc_zero(sizeof *cli->door);
    return cli->door;
}

/* A socket that takes the connection is of a core that lives, however busy: a second one could only
 * find the store locked. */
bool cli_core_obeys(struct cli *cli, const char *method, const char *path)
{
    enum {
        PATIENCE_MS = 30'000
    };
    if (!esc_file_exists(cli->paths.socket))
        return false;
    struct probe probe = {0};
    const struct esc_local_request request = {
        .socket = cli->paths.socket, .method = method, .path = path, .timeout_ms = PATIENCE_MS};
    (void)esc_local_send(cli->loop, &request, probe_done, &probe);
    (void)esc_loop_run_until(cli->loop, probe_finished, &probe);
    return probe.answered;
}

bool cli_core_answers(struct cli *cli)
{
    return cli_core_obeys(cli, "GET", "/api/ping");
}

enum esc_status cli_with_passphrase(struct cli *cli, struct esc_error *err,
                                    enum esc_status (*open)(struct cli *, struct esc_error *))
{
    enum esc_status status = cli_passphrase(cli, false, err);
    if (status == ESC_OK)
        status = open(cli, err);
    if (status != ESC_LOCKED || cli->passphrase || !cli->interactive ||
        !esc_str_contains(esc_str_of(err->message), ESC_STR("passphrase")))
        return status;
    status = cli_passphrase(cli, true, err);
    return status == ESC_OK ? open(cli, err) : status;
}

static bool is_taken(enum esc_status status, const struct esc_error *err)
{
    return status == ESC_LOCKED &&
           esc_str_contains(esc_str_of(err->message), ESC_STR("another Escher"));
}

/* Another command may be starting the core at this moment: that one serves us as well. Whether the
 * store is still held only a start says: a look at its lock could be in the way of somebody else's. */
static enum esc_status start_or_join_core(struct cli *cli, struct esc_error *err)
{
    enum {
        EVERY_MS = 50,
        START_AGAIN_MS = 1000,
        PATIENCE_MS = 10'000 /* then it is no core, but somebody with --inline */
    };
    enum esc_status status = start_core(cli, err);
    for (int waited_ms = EVERY_MS; is_taken(status, err) && waited_ms <= PATIENCE_MS;
         waited_ms += EVERY_MS) {
        (void)usleep(EVERY_MS * 1000);
        if (cli_core_answers(cli))
            return ESC_OK;
        if (waited_ms % START_AGAIN_MS == 0)
            status = start_core(cli, err);
    }
    return status;
}

static enum esc_status open_inline(struct cli *cli, struct esc_error *err)
{
    return cli->door->rooms->open(cli, &cli->door->bench, err);
}

static enum esc_status open_door(struct cli *cli, struct esc_error *err)
{
    struct cli_door *door = door_of(cli);
    if (door->bench)
        return ESC_OK;
    if (cli_has(&cli->arguments, "inline")) {
        door->rooms = cli_rooms(cli, err);
        return door->rooms ? cli_with_passphrase(cli, err, open_inline) : err->status;
    }
    if (cli_core_answers(cli))
        return ESC_OK;
    if (!esc_file_exists(cli->paths.store))
        return esc_fail(err, ESC_NOT_FOUND, "there is no store yet; `escher init` makes one");
    return cli_with_passphrase(cli, err, start_or_join_core);
}

static void send(struct call *call, const char *method, const char *path,
                 const struct esc_json *request)
{
    const struct cli_door *door = call->cli->door;
    if (door->bench) {
        const struct esc_api_request api = {
            .method = method, .path = path, .body = request, .asks = true};
        const struct esc_api_sink sink = {take_event, inline_done, call};
        call->inline_call = door->rooms->call(door->bench, &api, &sink);
        return;
    }
    const bool has_body = request || esc_text_equal(method, "POST");
    ESC_CLEANUP(esc_freep)
    char *text = request ? esc_json_print(request, ESC_JSON_COMPACT) : esc_strdup("{}");
    struct esc_local_request local =
        socket_request(call->cli, method, path, esc_str_of(has_body ? text : ""));
    local.on_data = take_stream_bytes;
    call->parser = esc_event_parser_new(ESC_MAX_FILE, take_stream_event, call);
    call->socket_call = esc_local_send(call->cli->loop, &local, http_done, call);
}

/* The call may have finished before its connection has. */
static void end(struct call *call)
{
    esc_local_end(call->socket_call);
    esc_local_end(call->cancel_call);
    while (call->answers.count)
        esc_local_end(((struct answer *)call->answers.items[0])->socket_call);
    esc_list_done(&call->answers);
    esc_event_parser_free(call->parser);
    free(call->run_id);
}

enum esc_status cli_call(struct cli *cli, const char *method, const char *path,
                         struct esc_json *request, cli_event_fn *on_event, void *context,
                         struct esc_json **body)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *owned = request;
    struct esc_error err = {0};
    enum esc_status status = open_door(cli, &err);
    if (status != ESC_OK) {
        *body = failure_body(status, err.message);
        return status;
    }
    struct call call = {.cli = cli, .on_event = on_event, .context = context};
    struct esc_signal *handler = NULL;
    (void)esc_loop_on_signal(cli->loop, SIGINT, interrupted, &call, &handler,
                             NULL); /* without it Ctrl-C ends us, which is fine too */
    send(&call, method, path, owned);
    if (!esc_loop_run_until(cli->loop, is_finished, &call))
        fail(&call, ESC_UNAVAILABLE, "the call was never answered");
    esc_signal_close(handler);
    end(&call);
    *body = call.body;
    return call.status;
}

void cli_door_close(struct cli *cli)
{
    if (!cli->door)
        return;
    if (cli->door->bench)
        cli->door->rooms->close(cli->door->bench);
    free(cli->door);
    cli->door = NULL;
}

struct esc_json *cli_environment(void)
{
    struct esc_json *environment = esc_json_object();
    for (const char *const *name = esc_aws_environment_names(); *name; name++) {
        if (esc_env(*name))
            esc_json_set_text(environment, *name, esc_env(*name));
    }
    return environment;
}
