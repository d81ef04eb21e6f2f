/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/page/deep_link.h"

#include "escher/base/buf.h"
#include "escher/base/limits.h"
#include "tests/support/test.h"

static struct esc_error err;

static void a_link_names_a_place_of_the_page(void **)
{
    static const struct {
        const char *link, *place;
    } cases[] = {
        {"escher://open", "/"},
        {"escher://open/", "/"},
        {"escher://open/runs/3f2a", "/runs/3f2a"},
        {"escher://open/estate?q=type:rds%20env=production", "/estate?q=type:rds%20env=production"},
        {"escher://open/resource/arn:aws:rds:eu-west-1:123456789012:db:a",
         "/resource/arn:aws:rds:eu-west-1:123456789012:db:a"},
        {"escher://open/?q=a/../b", "/?q=a/../b"},
        {"escher://open/apis", "/apis"},
        {"escher://open/resource/na%C3%AFve", "/resource/na%C3%AFve"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_freep) char *place = NULL;
        expect_ok(esc_page_deep_link(cases[i].link, &place, &err));
        assert_string_equal(cases[i].place, place);
    }
}

static void a_link_that_names_anything_else_is_refused(void **)
{
    static const char *const links[] = {
        "",
        "/runs",
        "https://open/runs",
        "escher://",
        "escher://app/",
        "escher://app/runs",
        "escher://opener/runs",
        "escher:open/runs",
        "ESCHER://open/runs",
        "escher://open@host/runs",
        "escher://open:80/runs",
        "escher://open/api",
        "escher://open/api/stop",
        "escher://open/assets/a.js",
        "escher://open//api/stop",
        "escher://open/./api/stop",
        "escher://open/../api/stop",
        "escher://open/a/../../api/stop",
        "escher://open/a//b",
        "escher://open/%61pi/../x",
        "escher://open/%2e%2e/api",
        "escher://open/a%2fb",
        "escher://open/a%5cb",
        "escher://open/a%00",
        "escher://open/a%0ab",
        "escher://open/a%7f",
        "escher://open/a%",
        "escher://open/a%2",
        "escher://open/a%zz",
        "escher://open/%2561pi",
        "escher://open/a b",
        "escher://open/a\nb",
        "escher://open/a\"b",
        "escher://open/a<b>",
        "escher://open/a\\b",
        "escher://open/a#b",
        "escher://open/\xff",
        "escher://open?q=1",
    };
    for (size_t i = 0; i < ESC_COUNT(links); i++) {
        char *place = NULL;
        if (esc_page_deep_link(links[i], &place, &err) != ESC_INVALID)
            fail_msg("`%s` was taken as `%s`", links[i], place);
        assert_null(place);
    }
}

static void a_link_has_a_ceiling(void **)
{
    struct esc_buf link;
    esc_buf_init(&link, ESC_MAX_LINE);
    esc_buf_add_text(&link, "escher://open/");
    while (link.len < ESC_PAGE_LINK_MAX)
        esc_buf_add_char(&link, 'a');
    ESC_CLEANUP(esc_freep) char *place = NULL;
    expect_ok(esc_page_deep_link(esc_buf_text(&link), &place, &err));
    esc_buf_add_char(&link, 'a');
    expect_status(ESC_INVALID, esc_page_deep_link(esc_buf_text(&link), &place, &err));
    esc_buf_done(&link);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_names_a_place_of_the_page),
        cmocka_unit_test(a_link_that_names_anything_else_is_refused),
        cmocka_unit_test(a_link_has_a_ceiling),
    };
    return cmocka_run_group_tests_name("page/deep_link", tests, NULL, NULL);
}
