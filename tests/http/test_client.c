/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/http/client.h"

#include "escher/base/file.h"
#include "escher/http/events.h"
#include "escher/http/listener.h"
#include "escher/loop/timer.h"
#include "tests/http/raw.h"

static struct esc_error err;

struct bench {
    struct esc_loop *loop;
    struct esc_http_client *client;
    struct esc_http_listener *listener;
    struct esc_http_exchange *held;
    int status, calls, chunks;
    struct esc_buf body, seen; /* the answer; the request as the server saw it */
    struct esc_error failure;
    struct esc_http_call *call;
};

/* Answers /echo with the body, /status/NNN with that status, /hold never, /big with much. */
static void serve(void *context, struct esc_http_exchange *exchange)
{
    struct bench *bench = context;
    const struct esc_http_head *head = esc_http_exchange_head(exchange);
    uint64_t number = 0;
    esc_buf_reset(&bench->seen);
    for (size_t i = 0; i < head->field_count; i++)
        esc_buf_printf(&bench->seen, "%.*s=%.*s;", ESC_STR_ARG(head->fields[i].name),
                       ESC_STR_ARG(head->fields[i].value));
    if (esc_str_is(head->path, "/hold")) {
        if (bench->held)
            esc_http_reply(bench->held, 200, NULL, (struct esc_str){0});
        bench->held = exchange;
    } else if (esc_str_starts_with(head->path, ESC_STR("/big"))) {
        char *much = esc_alloc_zero(100 * 1000);
        esc_http_reply(exchange, 200, "text/plain", (struct esc_str){much, 100 * 1000});
        free(much);
    } else if (esc_str_starts_with(head->path, ESC_STR("/status/"))) {
        assert_int_equal(3, head->path.len - 8);
        for (size_t i = 8; i < head->path.len; i++)
            number = number * 10 + (uint64_t)(head->path.ptr[i] - '0');
        esc_http_reply(exchange, (int)number, "text/plain", head->method);
    } else {
        esc_buf_printf(&bench->seen, "%.*s %.*s ", ESC_STR_ARG(head->method),
                       ESC_STR_ARG(head->target));
        esc_http_reply(exchange, 200, "text/plain", esc_http_exchange_body(exchange));
    }
}

static int set_up(void **state)
{
    struct bench *bench = esc_alloc_zero(sizeof *bench);
    const struct esc_http_listener_options options = {
        .address = "127.0.0.1:0",
        .handler = serve,
        .context = bench,
    };
    esc_buf_init(&bench->body, ESC_MAX_RESPONSE);
    esc_buf_init(&bench->seen, ESC_MAX_RESPONSE);
    expect_ok(esc_loop_new(&bench->loop, &err));
    expect_ok(esc_http_client_new(bench->loop, NULL, &bench->client, &err));
    expect_ok(esc_http_listener_open(bench->loop, &options, &bench->listener, &err));
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    esc_http_client_free(bench->client);
    esc_http_listener_close(bench->listener);
    if (bench->held)
        esc_http_reply(bench->held, 200, NULL, (struct esc_str){0}); /* too late is fine */
    esc_loop_free(bench->loop);
    esc_buf_done(&bench->body);
    esc_buf_done(&bench->seen);
    free(bench);
    return 0;
}

static void note_done(void *context, const struct esc_http_response *response,
                      const struct esc_error *failure)
{
    struct bench *bench = context;
    bench->calls++;
    bench->call = NULL;
    bench->status = 0;
    esc_buf_reset(&bench->body);
    bench->failure = failure ? *failure : (struct esc_error){0};
    if (!response)
        return;
    bench->status = response->status;
    esc_buf_add(&bench->body, response->body);
    const char *type = esc_http_response_header(response, "content-TYPE");
    assert_true(!type || strstr(type, "/"));
}

static bool is_done(void *context)
{
    return ((struct bench *)context)->calls > 0;
}

/* Sends `request` to `path` of the bench's server and waits for its end. */
static void call(struct bench *bench, const char *path, struct esc_http_request request)
{
    char *url = esc_sprintf("%s%s", esc_http_listener_url(bench->listener), path);
    request.url = request.url ? request.url : url;
    bench->calls = 0;
    bench->call = esc_http_send(bench->client, &request, note_done, bench);
    assert_int_equal(0, bench->calls);
    assert_true(esc_loop_run_until(bench->loop, is_done, bench));
    free(url);
}

static void a_body_goes_there_and_back(void **state)
{
    struct bench *bench = *state;
    const struct esc_http_header headers[] = {{"Content-Type", "application/json"},
                                              {"X-Empty", ""}};
    call(bench, "/echo/../x?q=%20",
         (struct esc_http_request){.method = "POST",
                                   .headers = headers,
                                   .header_count = ESC_COUNT(headers),
                                   .body = ESC_STR("{\"a\":\0}"),
                                   .bearer = ESC_STR("token")});
    assert_int_equal(200, bench->status);
    assert_int_equal(7, bench->body.len);
    assert_memory_equal("{\"a\":\0}", bench->body.ptr, 7);
    expect_contains("POST /echo/../x?q=%20 ", esc_buf_text(&bench->seen));
    expect_contains("Content-Type=application/json;", esc_buf_text(&bench->seen));
    expect_contains("X-Empty=;", esc_buf_text(&bench->seen));
    expect_contains("Authorization=Bearer token;", esc_buf_text(&bench->seen));
    expect_contains("User-Agent=escher;", esc_buf_text(&bench->seen));
    expect_contains("Content-Length=7;", esc_buf_text(&bench->seen));
    assert_null(strstr(esc_buf_text(&bench->seen), "Expect"));
}

static void methods_are_sent_as_they_are_named(void **state)
{
    struct bench *bench = *state;
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < ESC_COUNT(methods); i++) {
        call(bench, "/status/200", (struct esc_http_request){.method = methods[i]});
        assert_string_equal(methods[i], esc_buf_text(&bench->body));
        assert_null(strstr(esc_buf_text(&bench->seen), "Content-Type"));
    }
    call(bench, "/status/200", (struct esc_http_request){.method = "HEAD"});
    assert_int_equal(200, bench->status);
    assert_int_equal(0, bench->body.len);
}

static void any_status_is_an_answer_and_redirects_are_not_followed(void **state)
{
    struct bench *bench = *state;
    static const int statuses[] = {200, 301, 302, 403, 404, 500, 503};
    for (size_t i = 0; i < ESC_COUNT(statuses); i++) {
        char *path = esc_sprintf("/status/%d", statuses[i]);
        call(bench, path, (struct esc_http_request){0});
        assert_int_equal(statuses[i], bench->status);
        assert_int_equal(ESC_OK, bench->failure.status);
        free(path);
    }
}

static void an_answer_over_the_ceiling_is_refused(void **state)
{
    struct bench *bench = *state;
    call(bench, "/big", (struct esc_http_request){.max_response = 100 * 1000});
    assert_int_equal(200, bench->status);
    assert_int_equal(100 * 1000, bench->body.len);
    call(bench, "/big?secret=1", (struct esc_http_request){.max_response = 100 * 1000 - 1});
    assert_int_equal(ESC_LIMIT, bench->failure.status);
    expect_contains("/big: the answer is larger than 99999 bytes", bench->failure.message);
    assert_null(strstr(bench->failure.message, "secret"));
}

static void no_answer_in_time_is_a_timeout(void **state)
{
    struct bench *bench = *state;
    call(bench, "/hold", (struct esc_http_request){.timeout_ms = 50});
    assert_int_equal(ESC_TIMEOUT, bench->failure.status);
}

static void nobody_listening_is_unavailable(void **state)
{
    struct bench *bench = *state;
    char *url = esc_sprintf("%s/echo", esc_http_listener_url(bench->listener));
    esc_http_listener_close(bench->listener);
    bench->calls = 0;
    (void)esc_http_send(bench->client, &(struct esc_http_request){.url = url}, note_done, bench);
    assert_true(esc_loop_run_until(bench->loop, is_done, bench));
    assert_int_equal(ESC_UNAVAILABLE, bench->failure.status);
    expect_contains("/echo: cannot connect", bench->failure.message);
    bench->listener = NULL;
    free(url);
}

static void what_cannot_be_sent_is_refused_later_and_not_at_once(void **state)
{
    struct bench *bench = *state;
    static const struct esc_http_header split = {"X-A", "b\r\nX-C: d"}, bad = {"X A", "b"};
    static const struct esc_http_request requests[] = {
        {.url = "ftp://127.0.0.1/"},
        {.url = "file:///etc/passwd"},
        {.url = "127.0.0.1"},
        {.url = "http://127.0.0.1/a b"},
        {.url = "http://user:hunter2@127.0.0.1/"},
        {.url = "http://127.0.0.1/", .method = "G T"},
        {.url = "http://127.0.0.1/", .headers = &split, .header_count = 1},
        {.url = "http://127.0.0.1/", .headers = &bad, .header_count = 1},
        {.url = "http://127.0.0.1/", .bearer = {"a\nb", 3}},
    };
    for (size_t i = 0; i < ESC_COUNT(requests); i++) {
        call(bench, "", requests[i]);
        if (bench->failure.status != ESC_INVALID)
            fail_msg("request %zu: %s", i, bench->failure.message);
        assert_null(strstr(bench->failure.message, "hunter2"));
    }
}

static void cancel(void *context)
{
    struct bench *bench = context;
    esc_http_cancel(bench->call);
    esc_http_cancel(bench->call);
}

static void a_cancelled_call_ends_once(void **state)
{
    struct bench *bench = *state;
    esc_loop_post(bench->loop, cancel, bench);
    call(bench, "/hold", (struct esc_http_request){0});
    assert_int_equal(ESC_CANCELLED, bench->failure.status);
    (void)esc_timer_start(bench->loop, 20, cancel, bench); /* by then it is under way */
    call(bench, "/hold", (struct esc_http_request){0});
    assert_int_equal(ESC_CANCELLED, bench->failure.status);
    assert_int_equal(1, bench->calls);
}

static void freeing_the_client_ends_its_calls(void **state)
{
    struct bench *bench = *state;
    char *url = esc_sprintf("%s/hold", esc_http_listener_url(bench->listener));
    for (int i = 0; i < 3; i++)
        (void)esc_http_send(bench->client, &(struct esc_http_request){.url = url}, note_done,
                            bench);
    esc_http_client_free(bench->client);
    bench->client = NULL;
    assert_int_equal(3, bench->calls);
    assert_int_equal(ESC_CANCELLED, bench->failure.status);
    free(url);
}

static void free_client(void *context, const struct esc_http_response *response,
                        const struct esc_error *failure)
{
    struct bench *bench = context;
    note_done(context, response, failure);
    esc_http_client_free(bench->client);
    bench->client = NULL;
}

static void the_last_answer_may_free_the_client(void **state)
{
    struct bench *bench = *state;
    char *url = esc_sprintf("%s/status/200", esc_http_listener_url(bench->listener));
    (void)esc_http_send(bench->client, &(struct esc_http_request){.url = url}, free_client, bench);
    assert_true(esc_loop_run_until(bench->loop, is_done, bench));
    assert_int_equal(200, bench->status);
    free(url);
}

static void many_calls_run_side_by_side(void **state)
{
    struct bench *bench = *state;
    char *url = esc_sprintf("%s/status/200", esc_http_listener_url(bench->listener));
    for (int i = 0; i < 40; i++)
        (void)esc_http_send(bench->client, &(struct esc_http_request){.url = url}, note_done,
                            bench);
    while (bench->calls < 40) {
        int before = bench->calls;
        bench->calls = 0;
        assert_true(esc_loop_run_until(bench->loop, is_done, bench));
        assert_int_equal(200, bench->status);
        bench->calls += before;
    }
    free(url);
}

/* A server that says what it is told to whatever request comes, and closes. */
struct crude {
    struct esc_loop *loop;
    int fd, client;
    struct esc_watch *watch, *client_watch;
    struct esc_str says;
};

static void say(void *context, unsigned)
{
    struct crude *crude = context;
    char request[4096];
    assert_true(recv(crude->client, request, sizeof request, 0) > 0);
    if (crude->says.len > 0)
        assert_int_equal(crude->says.len,
                         send(crude->client, crude->says.ptr, crude->says.len, MSG_NOSIGNAL));
    esc_watch_close(crude->client_watch);
    close(crude->client);
}

static void let_in(void *context, unsigned)
{
    struct crude *crude = context;
    crude->client = accept4(crude->fd, NULL, NULL, SOCK_CLOEXEC);
    assert_true(crude->client >= 0);
    crude->client_watch = esc_loop_watch(crude->loop, crude->client, ESC_READABLE, say, crude);
}

static char *crude_begin(struct crude *crude, struct esc_loop *loop, struct esc_str says)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    *crude = (struct crude){.loop = loop, .says = says};
    crude->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(0, bind(crude->fd, (struct sockaddr *)&address, len));
    assert_int_equal(0, listen(crude->fd, 8));
    assert_int_equal(0, getsockname(crude->fd, (struct sockaddr *)&address, &len));
    crude->watch = esc_loop_watch(loop, crude->fd, ESC_READABLE, let_in, crude);
    return esc_sprintf("http://127.0.0.1:%d/", ntohs(address.sin_port));
}

static void crude_end(struct crude *crude)
{
    esc_watch_close(crude->watch);
    close(crude->fd);
}

static void a_broken_answer_is_none(void **state)
{
    struct bench *bench = *state;
    static const struct {
        const char *says, *message;
    } cases[] = {
        {"", "closed without an answer"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "cut short"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "cut short"},
        {"SSH-2.0-OpenSSH\r\n", "not HTTP"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct crude crude;
        char *url = crude_begin(&crude, bench->loop, esc_str_of(cases[i].says));
        call(bench, "", (struct esc_http_request){.url = url});
        if (bench->failure.status != ESC_UNAVAILABLE)
            fail_msg("%s: %d %s", cases[i].says, bench->status, bench->failure.message);
        expect_contains(cases[i].message, bench->failure.message);
        crude_end(&crude);
        free(url);
    }
}

static void an_interim_answer_is_not_the_answer(void **state)
{
    struct bench *bench = *state;
    struct crude crude;
    char *url = crude_begin(&crude, bench->loop,
                            ESC_STR("HTTP/1.1 103 Early Hints\r\nContent-Type: early/x\r\n\r\n"
                                    "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"));
    call(bench, "", (struct esc_http_request){.url = url});
    assert_int_equal(404, bench->status);
    assert_string_equal("no", esc_buf_text(&bench->body));
    crude_end(&crude);
    free(url);
}

static void count_chunk(void *context, struct esc_str bytes)
{
    struct bench *bench = context;
    esc_buf_add(&bench->seen, bytes);
    if (bench->chunks++ == 0 && bench->call)
        esc_http_cancel(bench->call);
}

static void a_stream_can_be_cancelled_from_within_its_data(void **state)
{
    struct bench *bench = *state;
    call(bench, "/big", (struct esc_http_request){.on_data = count_chunk});
    assert_int_equal(ESC_CANCELLED, bench->failure.status);
    assert_int_equal(1, bench->chunks);
}

static void only_good_answers_are_streamed(void **state)
{
    struct bench *bench = *state;
    call(bench, "/status/403", (struct esc_http_request){.on_data = count_chunk});
    assert_int_equal(403, bench->status);
    assert_int_equal(0, bench->chunks);
    assert_string_equal("GET", esc_buf_text(&bench->body));
}

static void the_environment_names_no_proxy(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(0, setenv("http_proxy", "http://127.0.0.1:1", 1));
    assert_int_equal(0, setenv("ALL_PROXY", "http://127.0.0.1:1", 1));
    call(bench, "/status/200", (struct esc_http_request){0});
    assert_int_equal(200, bench->status);
}

static void a_proxy_is_used_when_the_request_names_one(void **state)
{
    struct bench *bench = *state;
    struct crude proxy;
    char *url = crude_begin(&proxy, bench->loop,
                            ESC_STR("HTTP/1.1 418 Via Proxy\r\nContent-Length: 0\r\n\r\n"));
    const struct esc_http_way way = {.http_proxy = url};
    call(bench, "", (struct esc_http_request){.url = "http://example.invalid/", .way = &way});
    assert_int_equal(418, bench->status);
    call(bench, "/status/200", (struct esc_http_request){.way = &way}); /* loopback goes without */
    assert_int_equal(200, bench->status);
    crude_end(&proxy);
    free(url);
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static void a_part_of_a_file_is_sent_without_being_held(void **state)
{
    struct bench *bench = *state;
    int fd = -1;
    expect_ok(esc_file_memfd("sent", ESC_STR("0123456789"), &fd, &err));
    const struct esc_http_file file = {.fd = fd, .offset = 3, .size_bytes = 5};
    call(bench, "/x", (struct esc_http_request){.method = "PUT", .file = &file});
    assert_string_equal("34567", esc_buf_text(&bench->body));
    expect_contains("Content-Length=5;", esc_buf_text(&bench->seen));
    const struct esc_http_file none = {.fd = fd};
    call(bench, "/x", (struct esc_http_request){.method = "PUT", .file = &none});
    assert_int_equal(200, bench->status);
    assert_string_equal("", esc_buf_text(&bench->body));
    const struct esc_http_file longer = {.fd = fd, .offset = 3, .size_bytes = 8};
    call(bench, "/x", (struct esc_http_request){.method = "PUT", .file = &longer});
    assert_int_equal(ESC_IO, bench->failure.status);
    expect_contains("the file to send became shorter", bench->failure.message);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BENCH(a_part_of_a_file_is_sent_without_being_held),
        WITH_BENCH(a_body_goes_there_and_back),
        WITH_BENCH(methods_are_sent_as_they_are_named),
        WITH_BENCH(any_status_is_an_answer_and_redirects_are_not_followed),
        WITH_BENCH(an_answer_over_the_ceiling_is_refused),
        WITH_BENCH(no_answer_in_time_is_a_timeout),
        WITH_BENCH(nobody_listening_is_unavailable),
        WITH_BENCH(what_cannot_be_sent_is_refused_later_and_not_at_once),
        WITH_BENCH(a_cancelled_call_ends_once),
        WITH_BENCH(freeing_the_client_ends_its_calls),
        WITH_BENCH(the_last_answer_may_free_the_client),
        WITH_BENCH(many_calls_run_side_by_side),
        WITH_BENCH(a_broken_answer_is_none),
        WITH_BENCH(an_interim_answer_is_not_the_answer),
        WITH_BENCH(a_stream_can_be_cancelled_from_within_its_data),
        WITH_BENCH(only_good_answers_are_streamed),
        WITH_BENCH(the_environment_names_no_proxy),
        WITH_BENCH(a_proxy_is_used_when_the_request_names_one),
    };
    return cmocka_run_group_tests_name("http/client", tests, NULL, NULL);
}
