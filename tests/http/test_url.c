/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/http/url.h"

#include "tests/support/test.h"

static void a_url_is_cut_into_its_parts(void **)
{
    static const struct {
        const char *text, *host, *path, *query;
    } cases[] = {
        {"http://a", "a", "/", NULL},
        {"https://a.b:8443/", "a.b:8443", "/", NULL},
        {"http://[::1]:80/x/../y?z=1?&#f", "[::1]:80", "/x/../y", "z=1?&"},
        {"http://a?q", "a", "/", "q"},
        {"http://a/b@c", "a", "/b@c", NULL},
        {"http://a/?", "a", "/", ""},
        {"http://a#f?g", "a", "/", NULL},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct esc_url url;
        assert_true(esc_url_parse(esc_str_of(cases[i].text), &url));
        assert_true(esc_str_is(url.host, cases[i].host));
        assert_true(esc_str_is(url.path, cases[i].path));
        assert_true((url.query.ptr != NULL) == (cases[i].query != NULL));
        assert_true(esc_str_equal(url.query, esc_str_of(cases[i].query)));
    }
}

static void what_is_no_plain_http_url_is_refused(void **)
{
    static const char *const cases[] = {
        "",          "a",         "//a/",        "ftp://a/",      "HTTP://a/",  "http:/a",
        "http://",   "http:///x", "http://?q",   "http://a b/",   "http://a\n", "http://u:p@a/",
        "http://u@", "file:///x", "javascript:", "http://a/\x7F", "http",
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct esc_url url;
        if (esc_url_parse(esc_str_of(cases[i]), &url))
            fail_msg("%s", cases[i]);
    }
}

static void what_is_shown_holds_no_query_and_no_password(void **)
{
    ESC_CLEANUP(esc_freep) char *plain = esc_url_shown(ESC_STR("https://a/b?X-Amz-Signature=1"));
    ESC_CLEANUP(esc_freep) char *odd = esc_url_shown(ESC_STR("https://u:hunter2@a/"));
    assert_string_equal("https://a/b", plain);
    assert_string_equal("(malformed URL)", odd);
}

static void only_this_machine_is_loopback(void **)
{
    static const char *const here[] = {"http://127.0.0.1:1/", "http://127.9.9.9/",
                                       "http://[::1]:1/", "http://LOCALHOST/",
                                       "http://localhost:1"};
    static const char *const elsewhere[] = {"http://localhost.example/", "http://127.evil.example/",
                                            "http://10.0.0.1/", "http://a/127.0.0.1",
                                            "http://[::2]/"};
    struct esc_url url;
    for (size_t i = 0; i < ESC_COUNT(here); i++)
        assert_true(esc_url_parse(esc_str_of(here[i]), &url) && esc_url_is_loopback(&url));
    for (size_t i = 0; i < ESC_COUNT(elsewhere); i++)
        assert_true(esc_url_parse(esc_str_of(elsewhere[i]), &url) && !esc_url_is_loopback(&url));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_url_is_cut_into_its_parts),
        cmocka_unit_test(what_is_no_plain_http_url_is_refused),
        cmocka_unit_test(what_is_shown_holds_no_query_and_no_password),
        cmocka_unit_test(only_this_machine_is_loopback),
    };
    return cmocka_run_group_tests_name("http/url", tests, NULL, NULL);
}
