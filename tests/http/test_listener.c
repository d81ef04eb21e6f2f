/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/http/listener.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include "escher/base/file.h"
#include "escher/http/events.h"
#include "escher/http/local_call.h"
#include "escher/loop/timer.h"
#include "tests/http/raw.h"

static struct esc_error err;

struct bench {
    struct esc_loop *loop;
    struct esc_http_listener *listener;
    struct esc_http_client *client;
    char *folder, *path; /* of the Unix socket */
    struct esc_http_exchange *held;
    struct esc_http_stream *stream;
    int handled, closed, done;
    int status;
    uid_t peer;
    struct esc_buf got;
    size_t counted;
};

static void on_stream_closed(void *context)
{
    struct bench *bench = context;
    bench->closed++;
    bench->stream = NULL;
}

static void serve(void *context, struct esc_http_exchange *exchange)
{
    struct bench *bench = context;
    const struct esc_http_head *head = esc_http_exchange_head(exchange);
    bench->handled++;
    bench->peer = esc_http_exchange_peer(exchange);
    if (esc_str_is(head->path, "/hold"))
        bench->held = exchange;
    else if (esc_str_is(head->path, "/events"))
        bench->stream = esc_http_reply_events(exchange, on_stream_closed, bench);
    else
        esc_http_reply(exchange, 200, "text/plain", esc_http_exchange_body(exchange));
}

static void listen_on(struct bench *bench, const char *address, unsigned max_connections)
{
    const struct esc_http_listener_options options = {
        .address = address,
        .handler = serve,
        .context = bench,
        .max_connections = max_connections,
        .heartbeat_ms = 20,
    };
    expect_ok(esc_http_listener_open(bench->loop, &options, &bench->listener, &err));
}

static int set_up(void **state)
{
    struct bench *bench = esc_alloc_zero(sizeof *bench);
    expect_ok(esc_loop_new(&bench->loop, &err));
    expect_ok(esc_http_client_new(bench->loop, NULL, &bench->client, &err));
    bench->folder = test_folder();
    bench->path = esc_path_join(bench->folder, "s");
    esc_buf_init(&bench->got, ESC_MAX_RESPONSE);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    esc_http_client_free(bench->client);
    esc_http_listener_close(bench->listener);
    esc_loop_free(bench->loop);
    esc_buf_done(&bench->got);
    free(bench->folder);
    free(bench->path);
    free(bench);
    return 0;
}

static void note_done(void *context, const struct esc_http_response *response,
                      const struct esc_error *)
{
    struct bench *bench = context;
    bench->done++;
    bench->status = response ? response->status : 0;
    if (response)
        esc_buf_add(&bench->got, response->body);
}

static void note_data(void *context, struct esc_str bytes)
{
    esc_buf_add(&((struct bench *)context)->got, bytes);
}

static bool is_done(void *context)
{
    return ((struct bench *)context)->done > 0;
}

static struct esc_http_call *get(struct bench *bench, const char *path, esc_http_data_fn *on_data)
{
    char *url = esc_sprintf("%s%s", esc_http_listener_url(bench->listener), path);
    const struct esc_http_request request = {.url = url, .on_data = on_data};
    struct esc_http_call *call = esc_http_send(bench->client, &request, note_done, bench);
    free(url);
    return call;
}

static void listen_on_socket(struct bench *bench)
{
    char *address = esc_sprintf("unix:%s", bench->path);
    listen_on(bench, address, 0);
    assert_string_equal(address, esc_http_listener_url(bench->listener));
    free(address);
}

static void a_socket_is_for_its_owner_only(void **state)
{
    struct bench *bench = *state;
    struct stat found;
    mode_t before = umask(0);
    listen_on_socket(bench);
    umask(before);
    assert_int_equal(0, stat(bench->path, &found));
    assert_int_equal(0600, found.st_mode & 07777);
    const struct esc_local_request request = {.socket = bench->path, .method = "GET", .path = "/"};
    (void)esc_local_send(bench->loop, &request, note_done, bench);
    assert_true(esc_loop_run_until(bench->loop, is_done, bench));
    assert_int_equal(200, bench->status);
    assert_int_equal(geteuid(), bench->peer);
    esc_http_listener_close(ESC_STEAL(bench->listener));
    assert_int_not_equal(0, stat(bench->path, &found));
}

static bool child_is_over(void *context)
{
    struct bench *bench = context;
    return waitpid((pid_t)bench->done, &bench->status, WNOHANG) > 0;
}

static void keep_turning(void *context)
{
    struct bench *bench = context;
    (void)esc_timer_start(bench->loop, 10, keep_turning, bench);
}

/* The file mode is opened up on purpose: the kernel's word on who calls must be enough. */
static void another_user_is_turned_away(void **state)
{
    struct bench *bench = *state;
    if (geteuid() != 0)
        skip();
    listen_on_socket(bench);
    assert_int_equal(0, chmod(bench->path, 0666));
    assert_int_equal(0, chmod(bench->folder, 0777));
    bench->done = fork();
    if (bench->done == 0) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        memcpy(address.sun_path, bench->path, strlen(bench->path));
        if (setuid(65534) != 0)
            _exit(2);
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
            _exit(3);
        char byte;
        (void)!send(fd, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 27, MSG_NOSIGNAL);
        _exit(recv(fd, &byte, 1, 0) > 0 ? 1 : 0);
    }
    keep_turning(bench);
    assert_true(esc_loop_run_until(bench->loop, child_is_over, bench));
    assert_true(WIFEXITED(bench->status));
    assert_int_equal(0, WEXITSTATUS(bench->status));
    assert_int_equal(0, bench->handled);
}

static void a_dead_socket_is_replaced_and_a_living_one_is_not(void **state)
{
    struct bench *bench = *state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, bench->path, strlen(bench->path));
    int dead = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(0, bind(dead, (struct sockaddr *)&address, sizeof address));
    close(dead);
    listen_on_socket(bench);
    struct esc_http_listener *second = NULL;
    char *name = esc_sprintf("unix:%s", bench->path);
    const struct esc_http_listener_options options = {.address = name, .handler = serve};
    expect_status(ESC_EXISTS, esc_http_listener_open(bench->loop, &options, &second, &err));
    expect_contains("somebody listens", err.message);
    free(name);
}

static void a_file_in_the_way_is_left_alone(void **state)
{
    struct bench *bench = *state;
    char *name = esc_sprintf("unix:%s", bench->path);
    const struct esc_http_listener_options options = {.address = name, .handler = serve};
    expect_ok(esc_file_replace(bench->path, ESC_STR("precious"), 0600, &err));
    expect_status(ESC_EXISTS,
                  esc_http_listener_open(bench->loop, &options, &bench->listener, &err));
    assert_true(esc_file_exists(bench->path));
    free(name);
}

static void only_loopback_and_sockets_are_listened_on(void **state)
{
    struct bench *bench = *state;
    static const char *const refused[] = {
        "0.0.0.0:0",       "192.168.1.1:80",
        "[::]:0",          "localhost:0",
        "127.0.0.1",       "127.0.0.1:",
        "127.0.0.1:x",     "127.0.0.1:-1",
        "127.0.0.1:65536", ":0",
        "127.0.0.1:1:2",   "",
        "unix:",           "127.0.0.1 :0",
        "[::1]",           "127.0.0.256:80",
    };
    for (size_t i = 0; i < ESC_COUNT(refused); i++) {
        const struct esc_http_listener_options options = {.address = refused[i], .handler = serve};
        expect_status(ESC_INVALID,
                      esc_http_listener_open(bench->loop, &options, &bench->listener, &err));
    }
}

static void a_port_in_use_is_said(void **state)
{
    struct bench *bench = *state;
    listen_on(bench, "127.0.0.1:0", 0);
    char *name = esc_sprintf("127.0.0.1:%u", esc_http_listener_port(bench->listener));
    struct esc_http_listener *second = NULL;
    const struct esc_http_listener_options options = {.address = name, .handler = serve};
    expect_status(ESC_EXISTS, esc_http_listener_open(bench->loop, &options, &second, &err));
    free(name);
}

static void answer_held(void *context)
{
    struct bench *bench = context;
    esc_http_reply(ESC_STEAL(bench->held), 202, NULL, ESC_STR("late"));
}

static bool is_held(void *context)
{
    return ((struct bench *)context)->held != NULL;
}

static void an_answer_may_come_late(void **state)
{
    struct bench *bench = *state;
    listen_on(bench, "127.0.0.1:0", 0);
    (void)get(bench, "/hold", NULL);
    assert_true(esc_loop_run_until(bench->loop, is_held, bench));
    (void)esc_timer_start(bench->loop, 30, answer_held, bench);
    assert_true(esc_loop_run_until(bench->loop, is_done, bench));
    assert_int_equal(202, bench->status);
    assert_string_equal("late", esc_buf_text(&bench->got));
}

static void an_answer_after_the_client_went_is_dropped(void **state)
{
    struct bench *bench = *state;
    listen_on(bench, "127.0.0.1:0", 0);
    struct esc_http_call *call = get(bench, "/hold", NULL);
    assert_true(esc_loop_run_until(bench->loop, is_held, bench));
    esc_http_cancel(call);
    assert_true(esc_loop_run_until(bench->loop, is_done, bench));
    answer_held(bench);
    bench->done = 0;
    (void)get(bench, "/", NULL);
    assert_true(esc_loop_run_until(bench->loop, is_done, bench));
    assert_int_equal(200, bench->status);
}

static void an_answer_after_the_listener_closed_is_dropped(void **state)
{
    struct bench *bench = *state;
    listen_on(bench, "127.0.0.1:0", 0);
    (void)get(bench, "/hold", NULL);
    assert_true(esc_loop_run_until(bench->loop, is_held, bench));
    esc_http_listener_close(ESC_STEAL(bench->listener));
    answer_held(bench);
    assert_true(esc_loop_run_until(bench->loop, is_done, bench));
    assert_int_equal(0, bench->status);
}

static bool has_stream(void *context)
{
    return ((struct bench *)context)->stream != NULL;
}

static bool saw_one_and_a_heartbeat(void *context)
{
    const char *text = strstr(esc_buf_text(&((struct bench *)context)->got), "data: one\n\n");
    return text && strstr(text, "\n:\n\n");
}

static bool saw_two(void *context)
{
    return strstr(esc_buf_text(&((struct bench *)context)->got), "data: two\n\n") != NULL;
}

static bool is_closed(void *context)
{
    return ((struct bench *)context)->closed > 0;
}

static void events_arrive_as_they_happen(void **state)
{
    struct bench *bench = *state;
    listen_on(bench, "127.0.0.1:0", 0);
    (void)get(bench, "/events", note_data);
    assert_true(esc_loop_run_until(bench->loop, has_stream, bench));
    esc_http_stream_send(bench->stream, ESC_STR("data: one\n\n"));
    assert_true(esc_loop_run_until(bench->loop, saw_one_and_a_heartbeat, bench));
    esc_http_stream_send(bench->stream, ESC_STR("data: two\n\n"));
    assert_true(esc_loop_run_until(bench->loop, saw_two, bench));
    esc_http_stream_end(bench->stream);
    assert_true(esc_loop_run_until(bench->loop, is_done, bench));
    assert_int_equal(200, bench->status);
    assert_true(esc_loop_run_until(bench->loop, is_closed, bench));
    assert_int_equal(1, bench->closed);
}

static void a_stream_notices_that_its_client_went(void **state)
{
    struct bench *bench = *state;
    listen_on(bench, "127.0.0.1:0", 0);
    struct esc_http_call *call = get(bench, "/events", note_data);
    assert_true(esc_loop_run_until(bench->loop, has_stream, bench));
    esc_http_cancel(call);
    assert_true(esc_loop_run_until(bench->loop, is_closed, bench)); /* by the heartbeat */
    assert_int_equal(1, bench->closed);
}

static void a_client_that_does_not_read_is_cut_off(void **state)
{
    struct bench *bench = *state;
    struct raw raw;
    listen_on(bench, "127.0.0.1:0", 0);
    raw_connect(&raw, bench->loop, esc_http_listener_port(bench->listener));
    raw_send(&raw, ESC_STR("GET /events HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert_true(esc_loop_run_until(bench->loop, has_stream, bench));
    esc_watch_change(raw.watch, 0); /* from now on it reads nothing */
    char *much = esc_alloc_zero(1024 * 1024);
    for (int i = 0; i < 64 && bench->stream; i++)
        esc_http_stream_send(bench->stream, (struct esc_str){much, 1024 * 1024});
    assert_true(esc_loop_run_until(bench->loop, is_closed, bench));
    free(much);
    raw_done(&raw);
}

static void count_data(void *context, struct esc_str bytes)
{
    ((struct bench *)context)->counted += bytes.len;
}

static void one_long_event_is_no_reason_to_cut_off(void **state)
{
    struct bench *bench = *state;
    const size_t len = 3 * (size_t)ESC_MAX_RESPONSE;
    listen_on(bench, "127.0.0.1:0", 0);
    (void)get(bench, "/events", count_data);
    assert_true(esc_loop_run_until(bench->loop, has_stream, bench));
    char *much = esc_alloc_zero(len);
    esc_http_stream_send(bench->stream, (struct esc_str){much, len});
    esc_http_stream_end(bench->stream);
    assert_true(esc_loop_run_until(bench->loop, is_done, bench));
    assert_int_equal(200, bench->status);
    assert_true(bench->counted >= len); /* a heartbeat may be among them */
    free(much);
}

static void closing_the_listener_ends_its_streams(void **state)
{
    struct bench *bench = *state;
    listen_on(bench, "127.0.0.1:0", 0);
    (void)get(bench, "/events", note_data);
    assert_true(esc_loop_run_until(bench->loop, has_stream, bench));
    esc_http_listener_close(ESC_STEAL(bench->listener));
    assert_int_equal(1, bench->closed);
}

static void connections_over_the_ceiling_are_closed(void **state)
{
    struct bench *bench = *state;
    struct raw idle[2], late;
    listen_on(bench, "127.0.0.1:0", 2);
    for (size_t i = 0; i < ESC_COUNT(idle); i++)
        raw_connect(&idle[i], bench->loop, esc_http_listener_port(bench->listener));
    raw_connect(&late, bench->loop, esc_http_listener_port(bench->listener));
    assert_string_equal("", raw_read_all(&late));
    raw_done(&late);
    raw_done(&idle[0]); /* makes room again, as soon as it is noticed */
    raw_send(&idle[1], ESC_STR("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    expect_contains(" 200 OK", raw_read_all(&idle[1]));
    raw_done(&idle[1]);
    (void)get(bench, "/", NULL);
    assert_true(esc_loop_run_until(bench->loop, is_done, bench));
    assert_int_equal(200, bench->status);
}

static void let_go_on(void *context)
{
    ((struct bench *)context)->done++;
}

static void a_request_may_come_byte_by_byte(void **state)
{
    struct bench *bench = *state;
    struct raw raw;
    static const char request[] = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok";
    listen_on(bench, "127.0.0.1:0", 0);
    raw_connect(&raw, bench->loop, esc_http_listener_port(bench->listener));
    for (size_t i = 0; i < sizeof request - 1; i++) {
        raw_send(&raw, (struct esc_str){request + i, 1});
        bench->done = 0;
        (void)esc_timer_start(bench->loop, 1, let_go_on, bench);
        assert_true(esc_loop_run_until(bench->loop, is_done, bench));
    }
    expect_contains("\r\n\r\nok", raw_read_all(&raw));
    raw_done(&raw);
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BENCH(a_socket_is_for_its_owner_only),
        WITH_BENCH(another_user_is_turned_away),
        WITH_BENCH(a_dead_socket_is_replaced_and_a_living_one_is_not),
        WITH_BENCH(a_file_in_the_way_is_left_alone),
        WITH_BENCH(only_loopback_and_sockets_are_listened_on),
        WITH_BENCH(a_port_in_use_is_said),
        WITH_BENCH(an_answer_may_come_late),
        WITH_BENCH(an_answer_after_the_client_went_is_dropped),
        WITH_BENCH(an_answer_after_the_listener_closed_is_dropped),
        WITH_BENCH(events_arrive_as_they_happen),
        WITH_BENCH(a_stream_notices_that_its_client_went),
        WITH_BENCH(a_client_that_does_not_read_is_cut_off),
        WITH_BENCH(one_long_event_is_no_reason_to_cut_off),
        WITH_BENCH(closing_the_listener_ends_its_streams),
        WITH_BENCH(connections_over_the_ceiling_are_closed),
        WITH_BENCH(a_request_may_come_byte_by_byte),
    };
    return cmocka_run_group_tests_name("http/listener", tests, NULL, NULL);
}
