/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/http/head.h"

#include "escher/base/buf.h"
#include "tests/support/test.h"

#define S(literal)                                                                                 \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    } /* ESC_STR for static tables */

static void a_plain_head_is_read_into_its_parts(void **)
{
    struct esc_http_head head;
    size_t len = 0;
    struct esc_str bytes = ESC_STR("POST /v1/plan?x=1&y HTTP/1.1\r\nHost: a\r\nX-Empty:\r\n"
                                   "X-Padded: \t b c \t\r\n\r\nbody");
    assert_int_equal(ESC_HEAD_DONE, esc_http_head_parse(bytes, &head, &len));
    assert_int_equal(bytes.len - 4, len);
    assert_true(esc_str_is(head.method, "POST"));
    assert_true(esc_str_is(head.target, "/v1/plan?x=1&y"));
    assert_true(esc_str_is(head.path, "/v1/plan"));
    assert_true(esc_str_is(head.query, "x=1&y"));
    assert_true(esc_str_is(head.version, "HTTP/1.1"));
    assert_int_equal(3, head.field_count);
    assert_true(esc_str_is(esc_http_head_field(&head, "host"), "a"));
    assert_true(esc_str_is(esc_http_head_field(&head, "X-PADDED"), "b c"));
    assert_non_null(esc_http_head_field(&head, "x-empty").ptr);
    assert_int_equal(0, esc_http_head_field(&head, "x-empty").len);
    assert_null(esc_http_head_field(&head, "X-Absent").ptr);
    assert_int_equal(1, esc_http_head_count(&head, "HOST"));
}

static void every_prefix_of_a_head_asks_for_more(void **)
{
    struct esc_str bytes = ESC_STR("GET / HTTP/1.1\r\nHost: a\r\nX-Other: b\r\n\r\n");
    struct esc_http_head head;
    size_t len = 0;
    for (size_t cut = 0; cut < bytes.len; cut++)
        assert_int_equal(ESC_HEAD_MORE,
                         esc_http_head_parse(esc_str_slice(bytes, 0, cut), &head, &len));
    assert_int_equal(ESC_HEAD_DONE, esc_http_head_parse(bytes, &head, &len));
}

static void what_two_readers_could_read_differently_is_malformed(void **)
{
    static const struct esc_str cases[] = {
        S("\r\nGET / HTTP/1.1\r\n\r\n"),           /* empty line before */
        S("GET / HTTP/1.1\nHost: a\n\n"),          /* bare LF */
        S("GET / HTTP/1.1\r\nHost: a\n\r\n"),      /* bare LF in the fields */
        S("GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n"), /* bare CR */
        S("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n"), /* NUL */
        S("GET / HTTP/1.1\r\nHost : a\r\n\r\n"),   /* space before the colon */
        S("GET / HTTP/1.1\r\n Host: a\r\n\r\n"),   /* first field folded */
        S("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n"), /* obs-fold */
        S("GET / HTTP/1.1\r\nA: b\r\n\tc\r\n\r\n"),
        S("GET / HTTP/1.1\r\nno colon\r\n\r\n"),
        S("GET / HTTP/1.1\r\n: no name\r\n\r\n"),
        S("GET / HTTP/1.1\r\nA\x80: b\r\n\r\n"),
        S("GET /\r\n\r\n"), /* HTTP/0.9 */
        S("GET  / HTTP/1.1\r\n\r\n"),
        S("GET /  HTTP/1.1\r\n\r\n"),
        S("GET / HTTP/1.1 \r\n\r\n"),
        S("GET\t/ HTTP/1.1\r\n\r\n"),
        S(" GET / HTTP/1.1\r\n\r\n"),
        S("G(T / HTTP/1.1\r\n\r\n"),
        S("GET / HTTP/1\r\n\r\n"),
        S("GET / HTTP/1.10\r\n\r\n"),
        S("GET / http/1.1\r\n\r\n"),
        S("GET / HTTP/x.1\r\n\r\n"),
        S("\x16\x03\x01\x02\r\n"), /* TLS on a plain port */
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct esc_http_head head;
        size_t len = 0;
        if (esc_http_head_parse(cases[i], &head, &len) != ESC_HEAD_MALFORMED)
            fail_msg("case %zu: %s", i, cases[i].ptr);
    }
}

static void a_head_has_a_ceiling_in_bytes_and_in_fields(void **)
{
    struct esc_buf buf;
    struct esc_http_head head;
    size_t len = 0;
    esc_buf_init(&buf, 1024 * 1024);
    esc_buf_add_text(&buf, "GET / HTTP/1.1\r\n");
    for (int i = 0; i < ESC_HEAD_MAX_FIELDS; i++)
        esc_buf_add_text(&buf, "A: b\r\n");
    esc_buf_add_text(&buf, "\r\n");
    assert_int_equal(ESC_HEAD_DONE, esc_http_head_parse(esc_buf_str(&buf), &head, &len));
    esc_buf_reset(&buf);
    esc_buf_add_text(&buf, "GET / HTTP/1.1\r\n");
    for (int i = 0; i <= ESC_HEAD_MAX_FIELDS; i++)
        esc_buf_add_text(&buf, "A: b\r\n");
    assert_int_equal(ESC_HEAD_TOO_LARGE, esc_http_head_parse(esc_buf_str(&buf), &head, &len));
    esc_buf_reset(&buf);
    esc_buf_add_text(&buf, "GET /");
    while (buf.len < ESC_HEAD_MAX_BYTES)
        esc_buf_add_char(&buf, 'x');
    assert_int_equal(ESC_HEAD_TOO_LARGE, esc_http_head_parse(esc_buf_str(&buf), &head, &len));
    esc_buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_head_is_read_into_its_parts),
        cmocka_unit_test(every_prefix_of_a_head_asks_for_more),
        cmocka_unit_test(what_two_readers_could_read_differently_is_malformed),
        cmocka_unit_test(a_head_has_a_ceiling_in_bytes_and_in_fields),
    };
    return cmocka_run_group_tests_name("http/head", tests, NULL, NULL);
}
