/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/page_door.h"

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/page/asset.h"
#include "escher/page/security.h"
#include "escher/work/door_private.h"
#include "escher/work/page_session.h"
#include "escher/work/work_private.h"

enum {
    MAX_CONNECTIONS = 64,
    MAX_HEADERS = 16, /* of an asset */
};

struct esc_page_door {
    struct door_visits visits;
    struct esc_http_listener *listener;
    struct esc_page_sessions *sessions;
    struct esc_aws_environment *environment;
    char *cookie_name; /* cookies do not know ports: two doors must not share one */
};

static void refuse(struct esc_http_exchange *exchange, int http_status, enum esc_status status,
                   const char *text)
{
    struct esc_error err;
    (void)esc_fail(&err, status, "%s", text);
    esc_http_reply_error(exchange, http_status, &err);
}

static size_t security_headers(struct esc_http_header headers[MAX_HEADERS])
{
    size_t count = 0;
    for (const struct esc_page_header *one = esc_page_headers; one->name; one++) {
        ESC_ASSERT(count < MAX_HEADERS);
        headers[count++] = (struct esc_http_header){one->name, one->value};
    }
    return count;
}

static void send_asset(struct esc_http_exchange *exchange)
{
    const struct esc_http_head *head = esc_http_exchange_head(exchange);
    const bool reads = esc_str_is(head->method, "GET") || esc_str_is(head->method, "HEAD");
    const struct esc_page_asset *asset = reads ? esc_page_find(head->path) : NULL;
    if (!asset) {
        refuse(exchange, 404, ESC_NOT_FOUND, "no such page");
        return;
    }
    struct esc_http_header headers[MAX_HEADERS];
    const struct esc_http_reply reply = {.status = 200,
                                         .content_type = asset->mime,
                                         .headers = headers,
                                         .header_count = security_headers(headers),
                                         .body = {(const char *)asset->bytes, asset->len}};
    esc_http_reply_full(exchange, &reply);
}

static void enter(struct esc_page_door *door, struct esc_http_exchange *exchange)
{
    ESC_CLEANUP(esc_json_wipe_freep) struct esc_json *body = NULL;
    struct esc_error err;
    char value[ESC_PAGE_SECRET_TEXT];
    enum esc_status status = esc_json_parse(esc_http_exchange_body(exchange), NULL, &body, &err);
    if (status == ESC_OK)
        status = esc_page_sessions_enter(
            door->sessions, esc_json_value(esc_json_member(body, "code")), value, &err);
    if (status != ESC_OK) {
        esc_http_reply_error(exchange, status == ESC_DENIED ? 401 : 0, &err);
        return;
    }
    ESC_CLEANUP(esc_freep)
    char *cookie =
        esc_sprintf("%s=%s; Path=/; HttpOnly; SameSite=Strict", door->cookie_name, value);
    const struct esc_http_header header = {"Set-Cookie", cookie};
    const struct esc_http_reply reply = {.status = 200,
                                         .content_type = "application/json",
                                         .headers = &header,
                                         .header_count = 1,
                                         .body = ESC_STR("{\"status\":\"ok\",\"body\":{}}")};
    esc_http_reply_full(exchange, &reply);
    esc_wipe(value, sizeof value);
    esc_wipe(cookie, esc_str_of(cookie).len);
}

static bool is_from_our_page(const struct esc_http_head *head)
{
    return esc_http_head_field(head, "X-Escher").ptr != NULL;
}

static void handle(void *context, struct esc_http_exchange *exchange)
{
    struct esc_page_door *door = context;
    const struct esc_http_head *head = esc_http_exchange_head(exchange);
    const struct door_caller caller = {
        .page = true, .document = true, .environment = door->environment};
    const bool events = esc_str_is(head->path, "/api/events");
    if (!esc_str_starts_with(head->path, ESC_STR("/api/")))
        send_asset(exchange);
    else if (!events && !is_from_our_page(head))
        refuse(exchange, 403, ESC_DENIED, "only this page may call");
    else if (esc_str_is(head->path, "/api/session") && esc_str_is(head->method, "POST"))
        enter(door, exchange);
    else if (!esc_page_sessions_know(door->sessions, door->cookie_name,
                                     esc_http_head_field(head, "Cookie")))
        refuse(exchange, 401, ESC_DENIED, "no session; open a new link of `escher serve`");
    else
        door_visits_serve(&door->visits, &caller, exchange);
}

static enum esc_status listen_on(struct esc_page_door *door, uint16_t port, struct esc_error *err)
{
    static const char *const hosts[] = {"127.0.0.1", NULL};
    ESC_CLEANUP(esc_freep) char *address = esc_sprintf("127.0.0.1:%u", (unsigned)port);
    const struct esc_gate_rules rules = {
        .hosts = hosts, .same_origin = true, .body_type = "application/json"};
    const struct esc_http_listener_options options = {.address = address,
                                                      .rules = &rules,
                                                      .handler = handle,
                                                      .context = door,
                                                      .max_connections = MAX_CONNECTIONS};
    return esc_http_listener_open(door->visits.bench->loop, &options, &door->listener, err);
}

enum esc_status esc_page_door_open(struct esc_workbench *bench,
                                   const struct esc_page_door_options *options,
                                   struct esc_page_door **out, struct esc_error *err)
{
    struct esc_page_door *door = esc_alloc_zero(sizeof *door);
    door->visits.bench = bench;
    door->sessions = esc_page_sessions_new(bench->clock, bench->random);
    door->environment = esc_aws_environment_copy(options->environment);
    const enum esc_status status = listen_on(door, options->port, err);
    if (status != ESC_OK) {
        esc_page_door_close(door);
        return status;
    }
    door->cookie_name = esc_sprintf("escher-%u", (unsigned)esc_http_listener_port(door->listener));
    *out = door;
    return ESC_OK;
}

void esc_page_door_close(struct esc_page_door *door)
{
    if (!door)
        return;
    esc_http_listener_close(door->listener);
    door_visits_leave(&door->visits);
    esc_page_sessions_free(door->sessions);
    esc_aws_environment_free(door->environment);
    free(door->cookie_name);
    free(door);
}

uint16_t esc_page_door_port(const struct esc_page_door *door)
{
    return esc_http_listener_port(door->listener);
}

char *esc_page_door_link(struct esc_page_door *door)
{
    char code[ESC_PAGE_SECRET_TEXT];
    esc_page_sessions_code(door->sessions, code);
    char *link = esc_sprintf("%s/#t=%s", esc_http_listener_url(door->listener), code);
    esc_wipe(code, sizeof code);
    return link;
}
