/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a server must not be talked into: each bad request gets at most one answer, a refusal, and
 * the connection is closed. A second request hidden behind the first is never answered.
 */

#include <unistd.h>

#include "escher/http/listener.h"
#include "tests/http/raw.h"

static struct esc_error err;

struct bench {
    struct esc_loop *loop;
    struct esc_http_listener *listener;
    int handled;
};

static void serve(void *context, struct esc_http_exchange *exchange)
{
    ((struct bench *)context)->handled++;
    esc_http_reply(exchange, 200, "text/plain", esc_http_exchange_body(exchange));
}

static int open_bench(void **state, uint64_t timeout_ms)
{
    struct bench *bench = esc_alloc_zero(sizeof *bench);
    const struct esc_http_listener_options options = {
        .address = "127.0.0.1:0",
        .handler = serve,
        .context = bench,
        .head_timeout_ms = timeout_ms,
        .body_timeout_ms = timeout_ms,
    };
    expect_ok(esc_loop_new(&bench->loop, &err));
    expect_ok(esc_http_listener_open(bench->loop, &options, &bench->listener, &err));
    *state = bench;
    return 0;
}

/* What is sent at once is in time, however slow the machine. */
static int set_up(void **state)
{
    return open_bench(state, 60 * 60 * 1000);
}

/* A server that soon has waited long enough. */
static int set_up_hasty(void **state)
{
    return open_bench(state, 150);
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    esc_http_listener_close(bench->listener);
    esc_loop_free(bench->loop);
    free(bench);
    return 0;
}

static int count_answers(const char *text)
{
    int count = 0;
    for (; (text = strstr(text, "HTTP/1.1 ")) != NULL; text++)
        count += esc_is_digit(text[9]);
    return count;
}

#define HIDDEN "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"
#define POST "POST / HTTP/1.1\r\nHost: a\r\n"
#define S(literal)                                                                                 \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }

struct bad {
    const char *name;
    const char *expected; /* of the status line */
    struct esc_str request;
};

static const struct bad cases[] = {
    {"CL then TE", "400",
     S(POST "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" HIDDEN)},
    {"TE then CL", "400",
     S(POST "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" HIDDEN)},
    {"two equal lengths", "400", S(POST "Content-Length: 0\r\nContent-Length: 0\r\n\r\n" HIDDEN)},
    {"two different lengths", "400",
     S(POST "Content-Length: 0\r\nContent-Length: 5\r\n\r\n" HIDDEN)},
    {"length +5", "400", S(POST "Content-Length: +5\r\n\r\nabcde")},
    {"length 5,5", "400", S(POST "Content-Length: 5,5\r\n\r\nabcde")},
    {"length 0x5", "400", S(POST "Content-Length: 0x5\r\n\r\nabcde")},
    {"length -1", "400", S(POST "Content-Length: -1\r\n\r\nabcde")},
    {"length 2^64+5", "400", S(POST "Content-Length: 18446744073709551621\r\n\r\nabcde")},
    {"space before colon", "400", S(POST "Content-Length : 5\r\n\r\nabcde")},
    {"chunked, extra space", "411", S(POST "Transfer-Encoding:  chunked\r\n\r\n0\r\n\r\n" HIDDEN)},
    {"xchunked", "411", S(POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" HIDDEN)},
    {"chunk size 0x5", "411",
     S(POST "Transfer-Encoding: chunked\r\n\r\n0x5\r\nabcde\r\n0\r\n\r\n")},
    {"chunk size -1", "411", S(POST "Transfer-Encoding: chunked\r\n\r\n-1\r\nabcde\r\n0\r\n\r\n")},
    {"chunk size 2^64", "411",
     S(POST "Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\nabcde\r\n0\r\n\r\n")},
    {"chunk without CRLF", "411", S(POST "Transfer-Encoding: chunked\r\n\r\n5\r\nabcde0\r\n\r\n")},
    {"obs-fold", "400", S(POST "X-A: b\r\n c\r\nContent-Length: 0\r\n\r\n")},
    {"bare LF", "400", S("GET / HTTP/1.1\nHost: a\n\n")},
    {"bare CR", "400", S("GET / HTTP/1.1\r\nHost: a\rX-B: c\r\n\r\n")},
    {"NUL", "400", S("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n")},
    {"no Host", "400", S("GET / HTTP/1.1\r\n\r\n")},
    {"two Hosts", "400", S("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")},
    {"HTTP/1.9", "505", S("GET / HTTP/1.9\r\nHost: a\r\n\r\n")},
    {"HTTP/0.9", "400", S("GET /\r\n")},
    {"HTTP/2 preface", "505", S("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")},
    {"100 GiB", "413", S(POST "Content-Length: 107374182400\r\n\r\nabc")},
    {"over the ceiling", "413", S(POST "Content-Length: 262145\r\n\r\nabc")},
    {"POST without length", "411", S(POST "\r\n")},
    {"GET with a body", "400", S("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")},
    {"absolute target", "400", S("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n")},
    {"CONNECT", "501", S("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n")},
    {"TRACE", "501", S("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n")},
    {"TLS", "400", S("\x16\x03\x01\x00\xA5\x01\x00\x00\xA1\x03\x03\r\n")},
    {"other origin", "403", S("GET / HTTP/1.1\r\nHost: a\r\nOrigin: http://evil\r\n\r\n")},
};

static const struct bad unfinished[] = {
    {"unfinished head", "408", S("GET / HTTP/1.1\r\nHost: a\r\n")},
    {"silence", "408", S("")},
};

static void expect_refused(const struct bench *bench, const struct bad *bad)
{
    struct raw raw;
    raw_connect(&raw, bench->loop, esc_http_listener_port(bench->listener));
    raw_send(&raw, bad->request);
    const char *answer = raw_read_all(&raw);
    ESC_CLEANUP(esc_freep) char *expected = esc_sprintf("HTTP/1.1 %s ", bad->expected);
    if (strncmp(answer, expected, strlen(expected)) != 0 || count_answers(answer) != 1)
        fail_msg("%s: %s instead of %s, once", bad->name, answer, expected);
    expect_contains("\r\nConnection: close\r\n", answer);
    expect_contains("{\"error\":{\"status\":", answer);
    raw_done(&raw);
    assert_int_equal(0, bench->handled);
}

static void each_bad_request_is_refused_once_and_closed(void **state)
{
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        expect_refused(*state, &cases[i]);
}

static void what_is_never_finished_is_refused_in_the_end(void **state)
{
    for (size_t i = 0; i < ESC_COUNT(unfinished); i++)
        expect_refused(*state, &unfinished[i]);
}

static void a_second_request_behind_a_good_one_is_not_answered(void **state)
{
    struct bench *bench = *state;
    static const struct esc_str good[] = {
        S("GET / HTTP/1.1\r\nHost: a\r\n\r\n" HIDDEN),
        S("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n" HIDDEN),
        S(POST "Content-Length: 3\r\n\r\nabc" HIDDEN),
        S(POST "Content-Length: 0\r\nConnection: keep-alive\r\n\r\n" HIDDEN),
    };
    for (size_t i = 0; i < ESC_COUNT(good); i++) {
        struct raw raw;
        raw_connect(&raw, bench->loop, esc_http_listener_port(bench->listener));
        raw_send(&raw, good[i]);
        const char *answer = raw_read_all(&raw);
        expect_contains(" 200 OK\r\n", answer);
        assert_int_equal(1, count_answers(answer));
        raw_done(&raw);
    }
    assert_int_equal(ESC_COUNT(good), bench->handled);
}

static void huge_heads_are_refused(void **state)
{
    struct bench *bench = *state;
    struct esc_buf buf;
    esc_buf_init(&buf, 1024 * 1024);
    for (int fields = 0; fields < 2; fields++) {
        struct raw raw;
        esc_buf_reset(&buf);
        esc_buf_add_text(&buf, "GET / HTTP/1.1\r\nHost: a\r\nX-A: ");
        for (int i = 0; i < (fields ? 2000 : 64 * 1024); i++)
            esc_buf_add_text(&buf, fields ? "b\r\nX-A: " : "b");
        esc_buf_add_text(&buf, "\r\n\r\n");
        raw_connect(&raw, bench->loop, esc_http_listener_port(bench->listener));
        raw_send(&raw, esc_buf_str(&buf));
        const char *answer = raw_read_all(&raw);
        expect_contains("HTTP/1.1 431 ", answer);
        assert_int_equal(1, count_answers(answer));
        raw_done(&raw);
    }
    esc_buf_done(&buf);
}

static void a_body_that_does_not_come_ends_the_connection(void **state)
{
    struct bench *bench = *state;
    struct raw raw;
    raw_connect(&raw, bench->loop, esc_http_listener_port(bench->listener));
    raw_send(&raw, ESC_STR(POST "Content-Length: 10\r\n\r\nabc"));
    const char *answer = raw_read_all(&raw);
    assert_int_equal(0, count_answers(answer));
    assert_int_equal(0, bench->handled);
    raw_done(&raw);
}

static void a_body_longer_than_announced_is_cut(void **state)
{
    struct bench *bench = *state;
    struct raw raw;
    raw_connect(&raw, bench->loop, esc_http_listener_port(bench->listener));
    raw_send(&raw, ESC_STR(POST "Content-Length: 3\r\n\r\nabcdefgh"));
    const char *answer = raw_read_all(&raw);
    expect_contains("Content-Length: 3\r\n", answer);
    expect_contains("\r\n\r\nabc", answer);
    assert_null(strstr(answer, "abcd"));
    raw_done(&raw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_bad_request_is_refused_once_and_closed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_never_finished_is_refused_in_the_end, set_up_hasty,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_second_request_behind_a_good_one_is_not_answered, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(huge_heads_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_body_that_does_not_come_ends_the_connection, set_up_hasty,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_body_longer_than_announced_is_cut, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("http/bad_requests", tests, NULL, NULL);
}
