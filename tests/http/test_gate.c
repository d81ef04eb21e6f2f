/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/http/gate.h"

#include <string.h>

#include "tests/support/test.h"

static struct esc_error err;

static const char *const hosts[] = {"127.0.0.1", "localhost", NULL};
static const char *const origins[] = {"http://127.0.0.1:8080", NULL};
static const char *const open_paths[] = {"/healthz", NULL};

static struct esc_gate_rules strict(void)
{
    return (struct esc_gate_rules){
        .hosts = hosts,
        .port = 8080,
        .token = ESC_STR("s3cret"),
        .open = open_paths,
        .required_header = "X-Escher",
        .origins = origins,
        .body_type = "application/json",
        .max_body = 100,
    };
}

/* The HTTP status of a request that begins with `line` and has those `fields`. */
static int judge(const struct esc_gate_rules *rules, const char *line, const char *fields)
{
    struct esc_http_head head;
    size_t len = 0;
    int status = 0;
    char *text = esc_sprintf("%s HTTP/1.1\r\n%s\r\n", line, fields);
    assert_int_equal(ESC_HEAD_DONE, esc_http_head_parse(esc_str_of(text), &head, &len));
    enum esc_status result = esc_gate_check(rules, &head, &status, &err);
    assert_true((result == ESC_OK) == (status == 200));
    free(text);
    return status;
}

#define GOOD "Host: localhost:8080\r\nX-Escher: 1\r\nAuthorization: Bearer s3cret\r\n"
#define JSON GOOD "Content-Type: application/json\r\n"

struct judged {
    int status;
    const char *line, *fields;
};

static const struct judged cases[] = {
    {200, "GET /a", GOOD},
    {200, "GET /a?b=%20", GOOD "Origin: http://127.0.0.1:8080\r\nSec-Fetch-Site: same-origin\r\n"},
    {200, "GET /healthz", "Host: 127.0.0.1\r\nX-Escher: 1\r\n"},
    {200, "POST /a", JSON "Content-Length: 100\r\n"},
    {200, "POST /a",
     GOOD "Content-Type: Application/JSON ; charset=utf-8\r\nContent-Length: 2\r\n"},
    {200, "POST /a", GOOD "Content-Length: 0\r\n"},
    {501, "BREW /a", GOOD},
    {501, "get /a", GOOD},
    {501, "CONNECT a:1", GOOD},
    {400, "OPTIONS *", GOOD},
    {400, "GET http://localhost:8080/a", GOOD},
    {400, "GET //evil/a", GOOD},
    {400, "GET /a#b", GOOD},
    {400, "GET /\xC3\xA4", GOOD},
    {400, "GET /\x01", GOOD},
    {400, "GET /a", GOOD "X-Bad: a\x01\r\n"},
    {400, "GET /a", "X-Escher: 1\r\nAuthorization: Bearer s3cret\r\n"},
    {400, "GET /a", GOOD "Host: localhost:8080\r\n"},
    {400, "GET /a", "Host: a/b\r\nX-Escher: 1\r\nAuthorization: Bearer s3cret\r\n"},
    {400, "GET /a", "Host:\r\nX-Escher: 1\r\nAuthorization: Bearer s3cret\r\n"},
    {421, "GET /a", "Host: evil.example:8080\r\nX-Escher: 1\r\nAuthorization: Bearer s3cret\r\n"},
    {421, "GET /a", "Host: localhost:9\r\nX-Escher: 1\r\nAuthorization: Bearer s3cret\r\n"},
    {400, "POST /a", JSON "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n"},
    {411, "POST /a", JSON "Transfer-Encoding: chunked\r\n"},
    {411, "POST /a", JSON "Transfer-Encoding: identity\r\n"},
    {400, "POST /a", JSON "Content-Length: 2\r\nContent-Length: 2\r\n"},
    {400, "POST /a", JSON "Content-Length: 2\r\ncontent-length: 3\r\n"},
    {400, "POST /a", JSON "Content-Length: +5\r\n"},
    {400, "POST /a", JSON "Content-Length: -1\r\n"},
    {400, "POST /a", JSON "Content-Length: 5,5\r\n"},
    {400, "POST /a", JSON "Content-Length: 0x5\r\n"},
    {400, "POST /a", JSON "Content-Length:\r\n"},
    {400, "POST /a", JSON "Content-Length: 18446744073709551621\r\n"},
    {413, "POST /a", JSON "Content-Length: 107374182400\r\n"},
    {413, "POST /a", JSON "Content-Length: 101\r\n"},
    {411, "POST /a", JSON},
    {400, "GET /a", JSON "Content-Length: 1\r\n"},
    {415, "POST /a", GOOD "Content-Length: 2\r\n"},
    {415, "POST /a", GOOD "Content-Type: text/plain\r\nContent-Length: 2\r\n"},
    {415, "POST /a", JSON "Content-Encoding: gzip\r\nContent-Length: 2\r\n"},
    {403, "GET /a", GOOD "Origin: http://evil.example\r\n"},
    {403, "GET /a", GOOD "Origin: null\r\n"},
    {403, "GET /a", GOOD "Sec-Fetch-Site: cross-site\r\n"},
    {403, "GET /a", GOOD "Sec-Fetch-Site: same-site\r\n"},
    {403, "GET /a", "Host: localhost\r\nAuthorization: Bearer s3cret\r\n"},
    {400, "GET /a", GOOD "X-Escher: 2\r\n"},
    {401, "GET /a", "Host: localhost\r\nX-Escher: 1\r\n"},
    {401, "GET /a", "Host: localhost\r\nX-Escher: 1\r\nAuthorization: Basic s3cret\r\n"},
    {401, "GET /a", "Host: localhost\r\nX-Escher: 1\r\nAuthorization: Bearer s3cre\r\n"},
    {401, "GET /a", "Host: localhost\r\nX-Escher: 1\r\nAuthorization: Bearer s3crets3cret\r\n"},
    {401, "GET /a", "Host: localhost\r\nX-Escher: 1\r\nAuthorization: Bearer\r\n"},
    {400, "GET /a", GOOD "Authorization: Bearer s3cret\r\n"},
    {401, "GET /healthz2", "Host: localhost\r\nX-Escher: 1\r\n"},
};

static void each_request_gets_its_answer(void **)
{
    const struct esc_gate_rules rules = strict();
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        int status = judge(&rules, cases[i].line, cases[i].fields);
        if (status != cases[i].status)
            fail_msg("%s, %s: %d instead of %d", cases[i].line, cases[i].fields, status,
                     cases[i].status);
    }
}

static void without_rules_only_the_framing_counts(void **)
{
    const struct esc_gate_rules none = {0};
    assert_int_equal(200, judge(&none, "GET /a", "Host: anything:1\r\n"));
    assert_int_equal(403, judge(&none, "GET /a", "Host: a\r\nOrigin: http://a\r\n"));
    assert_int_equal(200, judge(&none, "POST /a", "Host: a\r\nContent-Length: 7\r\n"));
    assert_int_equal(413, judge(&none, "POST /a", "Host: a\r\nContent-Length: 999999\r\n"));
}

static void only_http_one_is_spoken(void **)
{
    static const struct {
        int status;
        const char *version;
    } versions[] = {{200, "1.1"}, {200, "1.0"}, {505, "1.9"}, {505, "2.0"}, {505, "0.9"}};
    const struct esc_gate_rules none = {0};
    for (size_t i = 0; i < ESC_COUNT(versions); i++) {
        char *text = esc_sprintf("GET / HTTP/%s\r\nHost: a\r\n\r\n", versions[i].version);
        struct esc_http_head head;
        size_t len = 0;
        int status = 0;
        assert_int_equal(ESC_HEAD_DONE, esc_http_head_parse(esc_str_of(text), &head, &len));
        (void)esc_gate_check(&none, &head, &status, &err);
        assert_int_equal(versions[i].status, status);
        free(text);
    }
}

static void a_long_target_is_refused_before_it_is_read(void **)
{
    const struct esc_gate_rules none = {0};
    char line[ESC_GATE_MAX_TARGET + 16] = "GET /";
    for (size_t i = 5; i < 4 + ESC_GATE_MAX_TARGET; i++)
        line[i] = 'a';
    assert_int_equal(200, judge(&none, line, "Host: a\r\n"));
    line[4 + ESC_GATE_MAX_TARGET] = 'a';
    assert_int_equal(414, judge(&none, line, "Host: a\r\n"));
}

static void refusals_repeat_nothing_of_the_request(void **)
{
    const struct esc_gate_rules rules = strict();
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        if (judge(&rules, cases[i].line, cases[i].fields) != 200) {
            assert_null(strstr(err.message, "evil"));
            assert_null(strstr(err.message, "s3c"));
        }
}

static void secrets_are_the_same_only_when_every_byte_is(void **)
{
    assert_true(esc_gate_same_secret(ESC_STR("abc"), ESC_STR("abc")));
    assert_false(esc_gate_same_secret(ESC_STR("abd"), ESC_STR("abc")));
    assert_false(esc_gate_same_secret(ESC_STR("ab"), ESC_STR("abc")));
    assert_false(esc_gate_same_secret(ESC_STR("abcabc"), ESC_STR("abc")));
    assert_false(esc_gate_same_secret(ESC_STR(""), ESC_STR("abc")));
    assert_false(esc_gate_same_secret(ESC_STR("abc"), ESC_STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_request_gets_its_answer),
        cmocka_unit_test(without_rules_only_the_framing_counts),
        cmocka_unit_test(only_http_one_is_spoken),
        cmocka_unit_test(a_long_target_is_refused_before_it_is_read),
        cmocka_unit_test(refusals_repeat_nothing_of_the_request),
        cmocka_unit_test(secrets_are_the_same_only_when_every_byte_is),
    };
    return cmocka_run_group_tests_name("http/gate", tests, NULL, NULL);
}
