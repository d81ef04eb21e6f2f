/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/launch/core_link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "escher/base/file.h"
#include "escher/http/listener.h"
#include "tests/support/test.h"

/* A core that is a listener on the link's own loop, or a script where one is to be started. */
struct bench {
    char *folder;
    struct esc_paths paths;
    struct esc_core_link *link;
    struct esc_http_listener *core;
    struct esc_http_stream *stream;
    bool stream_closed;
    int answers, status, stream_fd; /* of the last answer */
    char body[256];
    int troubles, readies;
    enum esc_status trouble;
};

static struct esc_error err;

static int set_up(void **state)
{
    struct bench *bench = esc_alloc_zero(sizeof *bench);
    bench->folder = test_folder();
    bench->stream_fd = -1;
    assert_int_equal(0, setenv("ESCHER_HOME", bench->folder, 1));
    assert_int_equal(0, setenv("PATH", bench->folder, 1)); /* where `escher` is looked for */
    expect_ok(esc_paths_init(&bench->paths, "work", &err));
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    if (bench->core)
        esc_http_listener_close(bench->core);
    esc_core_link_close(bench->link);
    esc_paths_done(&bench->paths);
    if (bench->stream_fd >= 0)
        close(bench->stream_fd);
    free(bench->folder);
    free(bench);
    return 0;
}

/* What starts as `escher core`: it says this line, or the other one when it got a passphrase. */
static void write_program(struct bench *bench, const char *says, const char *with_passphrase)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(bench->folder, "escher");
    ESC_CLEANUP(esc_freep)
    char *text = esc_sprintf("#!/bin/sh\ncase \"$*\" in *passphrase*) echo '%s' >&3 ;; "
                             "*) echo '%s' >&3 ;; esac\n",
                             with_passphrase, says);
    expect_ok(esc_file_replace(path, esc_str_of(text), 0700, &err));
}

static void on_trouble(void *context, enum esc_status status, const char *)
{
    struct bench *bench = context;
    bench->troubles++;
    bench->trouble = status;
}

static void on_ready(void *context)
{
    ((struct bench *)context)->readies++;
}

static void open_link(struct bench *bench)
{
    const struct esc_core_link_options options = {&bench->paths, "test", on_trouble, on_ready,
                                                  bench};
    expect_ok(esc_core_link_open(&options, &bench->link, &err));
}

static void on_stream_closed(void *context)
{
    ((struct bench *)context)->stream_closed = true;
}

static void handle(void *context, struct esc_http_exchange *exchange)
{
    struct bench *bench = context;
    const struct esc_http_head *head = esc_http_exchange_head(exchange);
    ESC_CLEANUP(esc_freep)
    char *said = esc_sprintf("%.*s %.*s %.*s", ESC_STR_ARG(head->method),
                             ESC_STR_ARG(esc_http_head_field(head, "X-Escher-Door")),
                             ESC_STR_ARG(esc_http_exchange_body(exchange)));
    if (esc_str_is(head->path, "/api/events"))
        bench->stream = esc_http_reply_events(exchange, on_stream_closed, bench);
    else
        esc_http_reply(exchange, esc_str_is(head->path, "/api/no") ? 404 : 200, "text/plain",
                       esc_str_of(said));
}

/* From now on a core answers. */
static void listen_there(struct bench *bench)
{
    ESC_CLEANUP(esc_freep) char *address = esc_sprintf("unix:%s", bench->paths.socket);
    ESC_CLEANUP(esc_freep) char *folder = esc_path_join(bench->folder, "run");
    const struct esc_http_listener_options options = {
        .address = address, .handler = handle, .context = bench, .heartbeat_ms = 50};
    expect_ok(esc_file_make_folder(folder, &err));
    expect_ok(
        esc_http_listener_open(esc_core_link_loop(bench->link), &options, &bench->core, &err));
}

static void on_reply(void *context, const struct esc_core_reply *reply)
{
    struct bench *bench = context;
    bench->answers++;
    bench->status = reply->status;
    bench->stream_fd = reply->stream_fd;
    (void)snprintf(bench->body, sizeof bench->body, "%.*s", ESC_STR_ARG(reply->body));
}

static void call(struct bench *bench, const char *method, const char *path, const char *body)
{
    const struct esc_core_request request = {.method = method,
                                             .path = path,
                                             .body = esc_str_of(body),
                                             .is_stream = strcmp(path, "/api/events") == 0};
    esc_core_link_call(bench->link, &request, on_reply, bench);
}

static bool is_answered(void *context)
{
    return ((const struct bench *)context)->answers > 0;
}

static void await_answer(struct bench *bench)
{
    assert_int_equal(0, bench->answers); /* never before the call has returned */
    assert_true(esc_loop_run_until(esc_core_link_loop(bench->link), is_answered, bench));
    bench->answers--;
}

static void a_document_comes_whole_with_its_code(void **state)
{
    struct bench *bench = *state;
    open_link(bench);
    listen_there(bench);
    call(bench, "POST", "/api/yes", "{\"a\":1}");
    await_answer(bench);
    assert_int_equal(200, bench->status);
    assert_string_equal("POST test {\"a\":1}", bench->body);
    call(bench, "GET", "/api/no", NULL);
    await_answer(bench);
    assert_int_equal(404, bench->status);
    assert_int_equal(0, bench->troubles + bench->readies);
}

static void a_core_that_is_locked_is_told_once_and_calls_are_refused(void **state)
{
    struct bench *bench = *state;
    write_program(bench, "{\"status\":\"locked\",\"message\":\"passphrase, please\"}", "");
    open_link(bench);
    call(bench, "GET", "/api/yes", NULL);
    for (int i = 0; i < 3; i++) {
        if (i > 0)
            call(bench, "GET", "/api/yes", NULL);
        await_answer(bench);
        assert_int_equal(423, bench->status);
        expect_contains("passphrase, please", bench->body);
        expect_contains("\"status\":\"locked\"", bench->body);
    }
    assert_int_equal(1, bench->troubles);
    assert_int_equal(ESC_LOCKED, bench->trouble);
}

static bool is_ready(void *context)
{
    return ((const struct bench *)context)->readies > 0;
}

static void a_passphrase_opens_it_and_that_is_told(void **state)
{
    struct bench *bench = *state;
    int fd = -1;
    write_program(bench, "{\"status\":\"locked\",\"message\":\"passphrase\"}",
                  "{\"status\":\"ok\"}");
    open_link(bench);
    call(bench, "GET", "/api/yes", NULL);
    await_answer(bench);
    assert_int_equal(423, bench->status);
    listen_there(bench);
    expect_ok(esc_file_memfd("passphrase", ESC_STR("open sesame\n"), &fd, &err));
    esc_core_link_unlock(bench->link, fd);
    call(bench, "GET", "/api/yes", NULL); /* waits for it */
    await_answer(bench);
    assert_int_equal(200, bench->status);
    assert_true(esc_loop_run_until(esc_core_link_loop(bench->link), is_ready, bench));
    assert_int_equal(1, bench->troubles);
}

static bool is_left(void *context)
{
    return ((const struct bench *)context)->stream_closed;
}

static void a_stream_goes_through_a_pipe_until_its_reader_leaves(void **state)
{
    char text[64] = "";
    struct bench *bench = *state;
    open_link(bench);
    listen_there(bench);
    call(bench, "GET", "/api/events", NULL);
    while (!bench->stream)
        esc_loop_turn(esc_core_link_loop(bench->link));
    esc_http_stream_send(bench->stream, ESC_STR("data: 1\n\n"));
    await_answer(bench);
    assert_int_equal(200, bench->status);
    assert_true(bench->stream_fd >= 0);
    for (size_t len = 0; !strstr(text, "data: 1\n\n"); len = strlen(text)) {
        esc_loop_turn(esc_core_link_loop(bench->link));
        const ssize_t got = read(bench->stream_fd, text + len, sizeof text - 1 - len);
        text[len + (got > 0 ? (size_t)got : 0)] = '\0';
    }
    close(bench->stream_fd);
    bench->stream_fd = -1;
    assert_true(esc_loop_run_until(esc_core_link_loop(bench->link), is_left, bench));
}

static void closing_it_leaves_no_call_behind(void **state)
{
    struct bench *bench = *state;
    write_program(bench, "{\"status\":\"locked\",\"message\":\"passphrase\"}", "");
    open_link(bench);
    call(bench, "GET", "/api/yes", NULL); /* waits */
    esc_core_link_close(bench->link);
    open_link(bench);
    call(bench, "GET", "/api/yes", NULL);
    await_answer(bench);
    call(bench, "GET", "/api/yes", NULL); /* is about to be refused */
    esc_core_link_close(bench->link);
    bench->link = NULL;
    assert_int_equal(0, bench->answers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_document_comes_whole_with_its_code, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_core_that_is_locked_is_told_once_and_calls_are_refused,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_passphrase_opens_it_and_that_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_stream_goes_through_a_pipe_until_its_reader_leaves,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(closing_it_leaves_no_call_behind, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("launch/core_link", tests, NULL, NULL);
}
