/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/server/server_routes.h"

#include "escher/base/alloc.h"
#include "escher/base/json.h"
#include "escher/base/log.h"

const char *const server_open_paths[] = {"/healthz", "/readyz", NULL};

/* One request; rest is what follows the route's path. */
struct visit {
    struct server *server;
    struct esc_http_exchange *exchange;
    struct esc_str rest;
};

static void reply_not_found(const struct visit *visit)
{
    struct esc_error err;
    (void)esc_fail(&err, ESC_NOT_FOUND, "there is nothing here");
    esc_http_reply_error(visit->exchange, 0, &err);
}

static void reply_health(const struct visit *visit)
{
    esc_http_reply(visit->exchange, 200, "application/json", ESC_STR("{\"status\":\"ok\"}"));
}

static void reply_ready(const struct visit *visit)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = esc_json_object();
    esc_json_set_text(body, "status", "ready");
    esc_json_set_int(body, "playbooks", (int64_t)esc_map_count(visit->server->documents.playbooks));
    esc_json_set_int(body, "planners", (int64_t)planner_pool_size(visit->server->pool));
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(body, ESC_JSON_COMPACT);
    esc_http_reply(visit->exchange, 200, "application/json", esc_str_of(text));
}

static void on_answer(void *context, struct esc_str answer, const struct esc_error *err)
{
    struct esc_http_exchange *exchange = context;
    if (err)
        esc_http_reply_error(exchange, 0, err);
    else
        esc_http_reply(exchange, 200, "application/json", answer);
}

static void ask(const struct visit *visit, enum planner_question question)
{
    planner_pool_ask(visit->server->pool, question, esc_http_exchange_body(visit->exchange),
                     on_answer, visit->exchange);
}

static void reply_plan(const struct visit *visit)
{
    ask(visit, PLANNER_PLAN);
}

static void reply_classification(const struct visit *visit)
{
    ask(visit, PLANNER_CLASSIFY);
}

static void reply_list(const struct visit *visit)
{
    esc_http_reply(visit->exchange, 200, "application/json",
                   esc_str_of(visit->server->documents.list));
}

static void reply_text(const struct visit *visit, const struct esc_map *texts, const char *type)
{
    const char *text = esc_map_get(texts, visit->rest);
    if (text)
        esc_http_reply(visit->exchange, 200, type, esc_str_of(text));
    else
        reply_not_found(visit);
}

static void reply_playbook(const struct visit *visit)
{
    reply_text(visit, visit->server->documents.playbooks, "application/yaml");
}

static void reply_schema(const struct visit *visit)
{
    reply_text(visit, visit->server->documents.schemas, "application/schema+json");
}

static const struct route {
    const char *method, *path; /* one that ends in '/' takes one more segment */
    void (*reply)(const struct visit *visit);
} routes[] = {
    {"GET", "/healthz", reply_health},     {"GET", "/readyz", reply_ready},
    {"POST", "/v1/plan", reply_plan},      {"POST", "/v1/classify", reply_classification},
    {"GET", "/v1/playbooks", reply_list},  {"GET", "/v1/playbooks/", reply_playbook},
    {"GET", "/v1/schemas/", reply_schema},
};

static const struct route *find_route(struct esc_str path, struct esc_str *rest)
{
    for (size_t i = 0; i < ESC_COUNT(routes); i++) {
        struct esc_str known = esc_str_of(routes[i].path);
        *rest = esc_str_slice(path, known.len, path.len);
        bool takes_more = esc_str_ends_with(known, ESC_STR("/"));
        if (esc_str_starts_with(path, known) && (rest->len > 0) == takes_more &&
            !esc_str_contains(*rest, ESC_STR("/")))
            return &routes[i];
    }
    return NULL;
}

static void reply_wrong_method(const struct visit *visit, const struct route *route)
{
    const struct esc_http_header allow = {"Allow", route->method};
    const struct esc_http_reply reply = {
        .status = 405,
        .content_type = "application/json",
        .headers = &allow,
        .header_count = 1,
        .body = ESC_STR("{\"error\":{\"status\":\"invalid\",\"category\":\"validation\","
                        "\"message\":\"this method is not allowed here\"}}"),
    };
    esc_http_reply_full(visit->exchange, &reply);
}

void server_handle(void *context, struct esc_http_exchange *exchange)
{
    const struct esc_http_head *head = esc_http_exchange_head(exchange);
    struct visit visit = {.server = context, .exchange = exchange};
    const struct route *route = find_route(head->path, &visit.rest);
    esc_log(ESC_DEBUG, "request", F("route", route ? route->path : "none"));
    if (!route)
        reply_not_found(&visit);
    else if (!esc_str_is(head->method, route->method))
        reply_wrong_method(&visit, route);
    else
        route->reply(&visit);
}
