/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/http/local_call.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/buf.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/http/listener.h"
#include "tests/support/test.h"

static struct esc_error err;

struct bench {
    struct esc_loop *loop;
    struct esc_http_listener *listener;
    char *folder, *path;
    struct esc_http_exchange *held;
    struct esc_http_stream *stream;
    int crude; /* a listening socket that says what the test wants; -1: none */
    int peer;  /* who came there */
    struct esc_watch *visitor;
    const char *crude_answer; /* NULL: closes at once */
    int done, status;
    enum esc_status failure;
    char type[64];
    struct esc_buf got;
    struct esc_local_call *cancel_in_data;
};

static void on_closed(void *context)
{
    ((struct bench *)context)->stream = NULL;
}

static void serve(void *context, struct esc_http_exchange *exchange)
{
    struct bench *bench = context;
    const struct esc_http_head *head = esc_http_exchange_head(exchange);
    if (esc_str_is(head->path, "/hold"))
        bench->held = exchange;
    else if (esc_str_is(head->path, "/events"))
        bench->stream = esc_http_reply_events(exchange, on_closed, bench);
    else if (esc_str_is(head->path, "/missing"))
        esc_http_reply(exchange, 404, "application/json", ESC_STR("{}"));
    else
        esc_http_reply(exchange, 200, "text/plain; charset=utf-8",
                       esc_http_exchange_body(exchange));
}

static int set_up(void **state)
{
    struct bench *bench = esc_alloc_zero(sizeof *bench);
    expect_ok(esc_loop_new(&bench->loop, &err));
    bench->folder = test_folder();
    bench->path = esc_path_join(bench->folder, "s");
    bench->crude = -1;
    bench->peer = -1;
    esc_buf_init(&bench->got, ESC_MAX_FILE);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    esc_http_listener_close(bench->listener);
    if (bench->held)
        esc_http_reply(bench->held, 200, NULL, (struct esc_str){0}); /* too late is fine */
    esc_watch_close(bench->visitor);
    esc_fd_close(&bench->crude);
    esc_fd_close(&bench->peer);
    esc_loop_free(bench->loop);
    esc_buf_done(&bench->got);
    free(bench->folder);
    free(bench->path);
    free(bench);
    return 0;
}

static void listen_here(struct bench *bench)
{
    ESC_CLEANUP(esc_freep) char *address = esc_sprintf("unix:%s", bench->path);
    const struct esc_gate_rules rules = {.max_body = ESC_MAX_FILE};
    const struct esc_http_listener_options options = {.address = address,
                                                      .rules = &rules,
                                                      .handler = serve,
                                                      .context = bench,
                                                      .heartbeat_ms = 20};
    expect_ok(esc_http_listener_open(bench->loop, &options, &bench->listener, &err));
}

static void note_done(void *context, const struct esc_http_response *response,
                      const struct esc_error *failure)
{
    struct bench *bench = context;
    bench->done++;
    bench->failure = failure ? failure->status : ESC_OK;
    bench->status = response ? response->status : 0;
    if (!response)
        return;
    esc_buf_add(&bench->got, response->body);
    const char *type = esc_http_response_header(response, "content-type");
    if (type)
        memcpy(bench->type, type, strlen(type) + 1);
}

static void note_data(void *context, struct esc_str bytes)
{
    struct bench *bench = context;
    esc_buf_add(&bench->got, bytes);
    esc_local_cancel(ESC_STEAL(bench->cancel_in_data));
}

static bool is_done(void *context)
{
    return ((struct bench *)context)->done > 0;
}

static bool has_stream(void *context)
{
    return ((struct bench *)context)->stream;
}

static bool has_held(void *context)
{
    return ((struct bench *)context)->held;
}

static bool has_data(void *context)
{
    return ((struct bench *)context)->got.len > 0;
}

static struct esc_local_call *begin(struct bench *bench, struct esc_local_request request)
{
    request.socket = bench->path;
    request.method = request.method ? request.method : "GET";
    return esc_local_send(bench->loop, &request, note_done, bench);
}

static void call(struct bench *bench, struct esc_local_request request)
{
    bench->done = 0;
    (void)begin(bench, request);
    assert_int_equal(0, bench->done); /* never from within */
    assert_true(esc_loop_run_until(bench->loop, is_done, bench));
    assert_int_equal(1, bench->done);
}

static void a_body_goes_there_and_back(void **state)
{
    struct bench *bench = *state;
    const size_t len = 3 * 1024 * 1024;
    char *much = esc_alloc(len);
    memset(much, 'x', len);
    listen_here(bench);
    call(bench,
         (struct esc_local_request){.method = "POST", .path = "/echo?q=1", .body = {much, len}});
    assert_int_equal(200, bench->status);
    assert_int_equal(len, bench->got.len);
    assert_memory_equal(much, bench->got.ptr, len);
    assert_string_equal("text/plain; charset=utf-8", bench->type);
    free(much);
}

static void an_answer_of_any_status_is_one(void **state)
{
    struct bench *bench = *state;
    listen_here(bench);
    call(bench, (struct esc_local_request){.path = "/missing", .on_data = note_data});
    assert_int_equal(404, bench->status);
    assert_string_equal("{}", esc_buf_text(&bench->got)); /* collected: only good ones stream */
}

static void a_stream_comes_piece_by_piece_until_it_is_closed(void **state)
{
    struct bench *bench = *state;
    listen_here(bench);
    (void)begin(bench, (struct esc_local_request){.path = "/events", .on_data = note_data});
    assert_true(esc_loop_run_until(bench->loop, has_stream, bench));
    esc_http_stream_send(bench->stream, ESC_STR("data: 1\n\n"));
    assert_true(esc_loop_run_until(bench->loop, has_data, bench));
    assert_int_equal(0, bench->done);
    esc_http_stream_end(bench->stream);
    assert_true(esc_loop_run_until(bench->loop, is_done, bench));
    assert_int_equal(200, bench->status);
    expect_contains("data: 1\n\n", esc_buf_text(&bench->got));
}

static void a_cancelled_call_ends_once(void **state)
{
    struct bench *bench = *state;
    listen_here(bench);
    struct esc_local_call *held = begin(bench, (struct esc_local_request){.path = "/hold"});
    assert_true(esc_loop_run_until(bench->loop, has_held, bench));
    esc_local_cancel(held);
    esc_local_cancel(held);
    assert_int_equal(0, bench->done);
    assert_true(esc_loop_run_until(bench->loop, is_done, bench));
    assert_int_equal(1, bench->done);
    assert_int_equal(ESC_CANCELLED, bench->failure);
    bench->done = 0;
    bench->cancel_in_data =
        begin(bench, (struct esc_local_request){.path = "/events", .on_data = note_data});
    assert_true(esc_loop_run_until(bench->loop, has_stream, bench));
    esc_http_stream_send(bench->stream, ESC_STR("data: 1\n\n"));
    assert_true(esc_loop_run_until(bench->loop, is_done, bench));
    assert_int_equal(ESC_CANCELLED, bench->failure);
}

static void a_call_can_be_ended_at_once(void **state)
{
    struct bench *bench = *state;
    listen_here(bench);
    struct esc_local_call *held = begin(bench, (struct esc_local_request){.path = "/hold"});
    assert_true(esc_loop_run_until(bench->loop, has_held, bench));
    esc_local_end(held);
    assert_int_equal(1, bench->done);
    assert_int_equal(ESC_CANCELLED, bench->failure);
    esc_local_end(NULL);
}

static void an_answer_that_takes_too_long_is_given_up(void **state)
{
    struct bench *bench = *state;
    listen_here(bench);
    call(bench, (struct esc_local_request){.path = "/hold", .timeout_ms = 20});
    assert_int_equal(ESC_TIMEOUT, bench->failure);
}

static void an_answer_over_the_ceiling_is_refused(void **state)
{
    struct bench *bench = *state;
    listen_here(bench);
    call(bench, (struct esc_local_request){
                    .method = "POST", .path = "/", .body = ESC_STR("12345"), .max_response = 4});
    assert_int_equal(ESC_LIMIT, bench->failure);
}

static void where_nobody_listens_nobody_answers(void **state)
{
    struct bench *bench = *state;
    call(bench, (struct esc_local_request){.path = "/"});
    assert_int_equal(ESC_UNAVAILABLE, bench->failure);
    free(bench->path);
    bench->path = esc_sprintf("%s/%0200d", bench->folder, 1);
    call(bench, (struct esc_local_request){.path = "/"});
    assert_int_equal(ESC_INVALID, bench->failure);
}

/* A server that says one thing, and no more after that. */
static void on_visitor(void *context, unsigned)
{
    struct bench *bench = context;
    esc_fd_close(&bench->peer);
    bench->peer = accept(bench->crude, NULL, NULL);
    if (bench->crude_answer)
        (void)!send(bench->peer, bench->crude_answer, strlen(bench->crude_answer), MSG_NOSIGNAL);
    (void)shutdown(bench->peer, SHUT_WR);
}

static void listen_crudely(struct bench *bench)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, bench->path, strlen(bench->path));
    bench->crude = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(0, bind(bench->crude, (struct sockaddr *)&address, sizeof address));
}

static void what_is_no_answer_is_told_apart(void **state)
{
    static const struct {
        const char *answer;
        enum esc_status status;
    } table[] = {
        {NULL, ESC_UNAVAILABLE},
        {"HTTP/1.0 200", ESC_UNAVAILABLE},
        {"HTTP/1.0 200 OK\r\nX: y\r\n", ESC_UNAVAILABLE},
        {"SSH-2.0-OpenSSH\r\n\r\n", ESC_CORRUPT},
        {"HTTP/1.0 2x0 OK\r\n\r\n", ESC_CORRUPT},
        {"HTTP/1.0 \r\n\r\n", ESC_CORRUPT},
        {"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nab", ESC_UNAVAILABLE},
        {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nab", ESC_OK},
        {"HTTP/1.0 200 OK\r\nno colon\r\n\r\n", ESC_OK},
        {"HTTP/1.1 204 No Content\r\n\r\n", ESC_OK},
    };
    struct bench *bench = *state;
    listen_crudely(bench);
    assert_int_equal(0, listen(bench->crude, 4));
    bench->visitor = esc_loop_watch(bench->loop, bench->crude, ESC_READABLE, on_visitor, bench);
    for (size_t i = 0; i < ESC_COUNT(table); i++) {
        bench->crude_answer = table[i].answer;
        call(bench, (struct esc_local_request){.path = "/"});
        assert_int_equal(table[i].status, bench->failure);
    }
}

static void what_another_user_listens_on_is_told_nothing(void **state)
{
    struct bench *bench = *state;
    if (geteuid() != 0)
        skip();
    listen_crudely(bench);
    assert_int_equal(0, seteuid(65534)); /* the kernel notes who it is that listens */
    const int listening = listen(bench->crude, 1);
    assert_int_equal(0, seteuid(0));
    assert_int_equal(0, listening);
    call(bench,
         (struct esc_local_request){.method = "POST", .path = "/", .body = ESC_STR("secret")});
    assert_int_equal(ESC_DENIED, bench->failure);
    bench->peer = accept(bench->crude, NULL, NULL);
    char byte;
    assert_true(bench->peer >= 0);
    assert_int_equal(0, recv(bench->peer, &byte, 1, 0)); /* closed, and nothing came */
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BENCH(a_body_goes_there_and_back),
        WITH_BENCH(an_answer_of_any_status_is_one),
        WITH_BENCH(a_stream_comes_piece_by_piece_until_it_is_closed),
        WITH_BENCH(a_cancelled_call_ends_once),
        WITH_BENCH(a_call_can_be_ended_at_once),
        WITH_BENCH(an_answer_that_takes_too_long_is_given_up),
        WITH_BENCH(an_answer_over_the_ceiling_is_refused),
        WITH_BENCH(where_nobody_listens_nobody_answers),
        WITH_BENCH(what_is_no_answer_is_told_apart),
        WITH_BENCH(what_another_user_listens_on_is_told_nothing),
    };
    return cmocka_run_group_tests_name("http/local_call", tests, NULL, NULL);
}
