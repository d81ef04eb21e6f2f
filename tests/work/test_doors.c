/* SPDX-License-Identifier: Apache-2.0 */

/* One API behind every door: the socket, the window's way over it, and the browser's loopback. */

#include <stdio.h>
#include <string.h>

#include "escher/base/limits.h"
#include "escher/http/client.h"
#include "escher/http/events.h"
#include "escher/http/local_call.h"
#include "escher/page/security.h"
#include "escher/work/door.h"
#include "escher/work/page_door.h"
#include "escher/work/work_private.h"
#include "tests/work/desk.h"

static struct esc_error err;

struct house {
    struct desk *desk;
    struct esc_door *socket;
    struct esc_page_door *browser;
    struct esc_http_client *client;
    char base[64], cookie[160];
    char *code;
};

/* One answer of a door. */
struct answer {
    bool is_done;
    int status;
    char *body, *cookie, *policy;
};

static char *copy_header(const struct esc_http_response *response, const char *name)
{
    return esc_strdup_null(esc_http_response_header(response, name));
}

static void take_answer(void *context, const struct esc_http_response *response,
                        const struct esc_error *failure)
{
    struct answer *answer = context;
    answer->is_done = true;
    answer->status = response ? response->status : -1;
    answer->body = response ? esc_str_dup(response->body) : esc_strdup(failure->message);
    answer->cookie = response ? copy_header(response, "Set-Cookie") : NULL;
    answer->policy = response ? copy_header(response, "Content-Security-Policy") : NULL;
}

static bool is_done(void *context)
{
    return ((const struct answer *)context)->is_done;
}

static void answer_done(struct answer *answer)
{
    free(answer->body);
    free(answer->cookie);
    free(answer->policy);
    *answer = (struct answer){0};
}

static void send(struct house *house, const struct esc_http_request *request, struct answer *answer)
{
    *answer = (struct answer){0};
    (void)esc_http_send(house->client, request, take_answer, answer);
    assert_true(esc_loop_run_until(house->desk->loop, is_done, answer));
}

/* Over the socket: X-Escher-Door as given, one document or the event stream. */
static void ask_socket(struct house *house, const char *door, const char *accept,
                       const char *method, const char *path, const char *body,
                       struct answer *answer)
{
    const struct esc_http_header headers[] = {
        {"Accept", accept}, {"Content-Type", "application/json"}, {"X-Escher-Door", door}};
    const struct esc_local_request request = {.socket = house->desk->bench->paths.socket,
                                              .method = method,
                                              .path = path,
                                              .headers = headers,
                                              .header_count = ESC_COUNT(headers),
                                              .body = esc_str_of(body)};
    *answer = (struct answer){0};
    (void)esc_local_send(house->desk->loop, &request, take_answer, answer);
    assert_true(esc_loop_run_until(house->desk->loop, is_done, answer));
}

struct browser_call {
    const char *method, *path, *body;
    const char *cookie, *host, *origin, *site; /* NULL: not sent; the host is the right one then */
    bool without_our_field;
};

#define GET(path_, ...)                                                                            \
    {                                                                                              \
        .method = "GET", .path = (path_), __VA_ARGS__                                              \
    }
#define POST(path_, body_, ...)                                                                    \
    {                                                                                              \
        .method = "POST", .path = (path_), .body = (body_), __VA_ARGS__                            \
    }

static void ask_browser(struct house *house, const struct browser_call *call, struct answer *answer)
{
    struct esc_http_header headers[6];
    size_t count = 0;
    headers[count++] = (struct esc_http_header){"Content-Type", "application/json"};
    if (!call->without_our_field)
        headers[count++] = (struct esc_http_header){"X-Escher", "1"};
    if (call->cookie)
        headers[count++] = (struct esc_http_header){"Cookie", call->cookie};
    if (call->host)
        headers[count++] = (struct esc_http_header){"Host", call->host};
    if (call->origin)
        headers[count++] = (struct esc_http_header){"Origin", call->origin};
    if (call->site)
        headers[count++] = (struct esc_http_header){"Sec-Fetch-Site", call->site};
    ESC_CLEANUP(esc_freep) char *url = esc_sprintf("%s%s", house->base, call->path);
    const struct esc_http_request request = {.method = call->method,
                                             .url = url,
                                             .headers = headers,
                                             .header_count = count,
                                             .body = esc_str_of(call->body)};
    send(house, &request, answer);
}

static void enter(struct house *house)
{
    ESC_CLEANUP(esc_freep) char *body = esc_sprintf("{\"code\":\"%s\"}", house->code);
    struct answer answer;
    ask_browser(house, &(struct browser_call)POST("/api/session", body, .cookie = NULL), &answer);
    assert_int_equal(200, answer.status);
    assert_non_null(answer.cookie);
    expect_contains("HttpOnly", answer.cookie);
    expect_contains("SameSite=Strict", answer.cookie);
    const struct esc_str pair = esc_str_of(answer.cookie);
    (void)snprintf(house->cookie, sizeof house->cookie, "%.*s",
                   (int)esc_str_find(pair, ESC_STR(";"), 0), answer.cookie);
    answer_done(&answer);
}

static int setup(void **state)
{
    struct house *house = esc_alloc_zero(sizeof *house);
    void *desk = NULL;
    if (desk_setup(&desk))
        return 1;
    house->desk = desk;
    expect_ok(esc_door_open(house->desk->bench, &house->socket, &err));
    struct esc_aws_environment *environment = esc_aws_environment_of_process();
    const struct esc_page_door_options options = {.environment = environment};
    expect_ok(esc_page_door_open(house->desk->bench, &options, &house->browser, &err));
    esc_aws_environment_free(environment);
    expect_ok(esc_http_client_new(house->desk->loop, NULL, &house->client, &err));
    ESC_CLEANUP(esc_freep) char *link = esc_page_door_link(house->browser);
    const size_t hash = esc_str_find(esc_str_of(link), ESC_STR("/#t="), 0);
    (void)snprintf(house->base, sizeof house->base, "%.*s", (int)hash, link);
    house->code = esc_strdup(link + hash + 4);
    *state = house;
    return 0;
}

static int teardown(void **state)
{
    struct house *house = *state;
    void *desk = house->desk;
    esc_http_client_free(house->client);
    esc_page_door_close(house->browser);
    esc_door_close(house->socket);
    free(house->code);
    free(house);
    return desk_teardown(&desk);
}

static const char estate[] =
    "{\"id\":\"123456789012-us-west-2-ec2_instance-i-1\","
    "\"provider\":\"aws\",\"resource_type\":\"ec2_instance\",\"identifier\":\"i-1\","
    "\"arn\":\"arn:aws:ec2:us-west-2:123456789012:instance/i-1\",\"account_name\":\"production\","
    "\"name\":\"web <b>&\\u202e\\u001b[31m\",\"account_id\":\"123456789012\","
    "\"region\":\"us-west-2\",\"state\":\"running\",\"tags\":{\"env\":\"prod\"},"
    "\"metadata\":{},\"constraints\":{},\"relations\":[]}";

static void fill(struct house *house)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *lines = esc_json_object();
    esc_json_set_text(lines, "lines", estate);
    ESC_CLEANUP(esc_freep) char *body = esc_json_print(lines, ESC_JSON_COMPACT);
    esc_json_free(desk_expect(house->desk, ESC_OK, "POST", "/api/estate/import", body));
    work_index_keep_now(house->desk->bench); /* else a second later, between two doors */
}

/* The data of the last event of a stream. */
static char *last_data(const char *stream)
{
    struct esc_str rest = esc_str_of(stream), line, found = {0};
    while (esc_str_next(&rest, '\n', &line)) {
        if (esc_str_starts_with(line, ESC_STR("data: ")))
            found = esc_str_slice(line, 6, line.len);
    }
    return esc_str_dup(found);
}

static void every_door_gives_the_same_bytes(void **state)
{
    static const struct {
        const char *method, *path, *body;
    } requests[] = {
        {"GET", "/api/status", NULL},
        {"GET", "/api/home", NULL},
        {"GET", "/api/accounts", NULL},
        {"GET", "/api/playbooks", NULL},
        {"GET", "/api/playbooks/aws_rds_stop_instance", NULL},
        {"GET", "/api/playbooks/nothing", NULL},
        {"POST", "/api/find", "{\"text\":\"web\"}"},
        {"POST", "/api/find", "{\"text\":\"nothing-at-all-1\"}"},
        {"POST", "/api/find", "{\"filter\":\"((\"}"},
        {"POST", "/api/complete", "{\"prefix\":\"we\"}"},
        {"POST", "/api/resolve", "{\"prompt\":\"Stop i-1 and i-2\"}"},
        {"POST", "/api/show", "{\"text\":\"i-1\"}"},
        {"POST", "/api/show", "{}"},
        {"POST", "/api/estate/query", "{\"filter\":\"env=prod\",\"facets\":true}"},
        {"POST", "/api/estate/query", "{\"sort\":\"-state\",\"limit\":0}"},
        {"POST", "/api/estate/query", "{\"sort\":\"colour\"}"},
        {"PUT", "/api/settings", "{\"settings\":{\"theme\":\"dark\"}}"},
        {"GET", "/api/settings", NULL},
        {"GET", "/api/runs", NULL},
        {"GET", "/api/runs/0/logs", NULL},
        {"POST", "/api/runs/0/log", "{}"},
        {"GET", "/api/plans/0", NULL},
        {"POST", "/api/plans/0/approve", "{\"by\":\"page\"}"},
        {"GET", "/api/audit", NULL},
        {"GET", "/api/nothing", NULL},
        {"POST", "/api/find", "[]"},
        {"POST", "/api/find", "{\"surplus\":1}"},
    };
    struct house *house = *state;
    fill(house);
    enter(house);
    for (size_t i = 0; i < ESC_COUNT(requests); i++) {
        const char *method = requests[i].method, *path = requests[i].path, *body = requests[i].body;
        struct answer stream, document, window, browser;
        ask_socket(house, "cli", "text/event-stream", method, path, body, &stream);
        ask_socket(house, "cli", "application/json", method, path, body, &document);
        ask_socket(house, "window", "application/json", method, path, body, &window);
        const struct browser_call call = {
            .method = method, .path = path, .body = body, .cookie = house->cookie};
        ask_browser(house, &call, &browser);
        ESC_CLEANUP(esc_freep) char *last = last_data(stream.body);
        assert_string_equal(document.body, last);
        assert_string_equal(document.body, window.body);
        assert_string_equal(document.body, browser.body);
        assert_int_equal(document.status, window.status);
        assert_int_equal(document.status, browser.status);
        answer_done(&stream);
        answer_done(&document);
        answer_done(&window);
        answer_done(&browser);
    }
}

static void the_browser_is_let_in_only_as_the_page_it_was_given(void **state)
{
    struct house *house = *state;
    enter(house);
    ESC_CLEANUP(esc_freep) char *other = esc_sprintf("%s0", house->cookie);
    const struct {
        struct browser_call call;
        int status;
    } rows[] = {
        {GET("/api/status", .cookie = house->cookie), 200},
        {GET("/api/status", .cookie = house->cookie, .origin = house->base), 200},
        {GET("/api/status", .cookie = house->cookie, .site = "same-origin"), 200},
        {GET("/api/status", .cookie = NULL), 401},
        {GET("/api/status", .cookie = other), 401},
        {GET("/api/status", .cookie = "escher=1"), 401},
        {GET("/api/status", .cookie = house->cookie, .without_our_field = true), 403},
        {GET("/api/status", .cookie = house->cookie, .host = "localhost"), 421},
        {GET("/api/status", .cookie = house->cookie, .host = "evil.example"), 421},
        {GET("/api/status", .cookie = house->cookie, .origin = "http://evil.example"), 403},
        {GET("/api/status", .cookie = house->cookie, .origin = "null"), 403},
        {GET("/api/status", .cookie = house->cookie, .origin = "http://127.0.0.1"), 403},
        {GET("/api/status", .cookie = house->cookie, .site = "cross-site"), 403},
        {GET("/api/status", .cookie = house->cookie, .site = "same-site"), 403},
        {POST("/api/serve", "{}", .cookie = house->cookie), 403},
        {POST("/api/stop", "{}", .cookie = house->cookie), 404},
        {POST("/api/session", "{\"code\":\"\"}", .cookie = NULL), 401},
        {POST("/api/session", "{}", .cookie = NULL), 401},
        {POST("/api/session", "x", .cookie = NULL), 400},
        {POST("/api/doctor", "{\"environment\":{}}", .cookie = house->cookie), 400},
        {GET("/api/events", .cookie = NULL), 401},
        {GET("/index.html", .site = "cross-site"), 403},
        {POST("/", "{}", .cookie = NULL), 404},
        {GET("/assets/../../etc/passwd", .cookie = NULL), 404},
    };
    for (size_t i = 0; i < ESC_COUNT(rows); i++) {
        struct answer answer;
        ask_browser(house, &rows[i].call, &answer);
        if (answer.status != rows[i].status)
            print_error("row %zu: %s %s: %s\n", i, rows[i].call.method, rows[i].call.path,
                        answer.body);
        assert_int_equal(rows[i].status, answer.status);
        answer_done(&answer);
    }
}

static void a_code_that_was_used_opens_no_second_time(void **state)
{
    struct house *house = *state;
    enter(house);
    ESC_CLEANUP(esc_freep) char *body = esc_sprintf("{\"code\":\"%s\"}", house->code);
    struct answer answer;
    ask_browser(house, &(struct browser_call)POST("/api/session", body, .cookie = NULL), &answer);
    assert_int_equal(401, answer.status);
    assert_null(answer.cookie);
    answer_done(&answer);
}

static void the_page_comes_with_its_policy(void **state)
{
    static const char *const paths[] = {"/", "/index.html", "/estate", "/runs/some-run"};
    struct house *house = *state;
    for (size_t i = 0; i < ESC_COUNT(paths); i++) {
        struct answer answer;
        ask_browser(house, &(struct browser_call)GET(paths[i], .without_our_field = true), &answer);
        assert_int_equal(200, answer.status);
        assert_string_equal(esc_page_csp, answer.policy);
        expect_contains("<!doctype html>", answer.body);
        answer_done(&answer);
    }
}

static void a_window_may_not_do_what_a_page_may_not(void **state)
{
    struct house *house = *state;
    struct answer answer;
    ask_socket(house, "window", "application/json", "POST", "/api/serve", "{}", &answer);
    assert_int_equal(403, answer.status);
    answer_done(&answer);
    ask_socket(house, "window", "application/json", "POST", "/api/stop", "{}", &answer);
    assert_int_equal(404, answer.status);
    assert_false(esc_door_wants_stop(house->socket));
    answer_done(&answer);
    ask_socket(house, "window", "application/json", "POST", "/api/doctor", "{\"environment\":{}}",
               &answer);
    assert_int_equal(400, answer.status);
    answer_done(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_door_gives_the_same_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(the_browser_is_let_in_only_as_the_page_it_was_given, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_code_that_was_used_opens_no_second_time, setup, teardown),
        cmocka_unit_test_setup_teardown(the_page_comes_with_its_policy, setup, teardown),
        cmocka_unit_test_setup_teardown(a_window_may_not_do_what_a_page_may_not, setup, teardown),
    };
    return cmocka_run_group_tests_name("work/doors", tests, NULL, NULL);
}
