/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <unistd.h>

#include "apps/desktop/deep_link.h"
#include "apps/desktop/window_state.h"
#include "escher/base/alloc.h"
#include "escher/base/file.h"
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
        expect_ok(deep_link_place(cases[i].link, &place, &err));
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
        if (deep_link_place(links[i], &place, &err) != ESC_INVALID)
            fail_msg("`%s` was taken as `%s`", links[i], place);
        assert_null(place);
    }
}

static void a_link_has_a_ceiling(void **)
{
    struct esc_buf link;
    esc_buf_init(&link, ESC_MAX_LINE);
    esc_buf_add_text(&link, "escher://open/");
    while (link.len < DEEP_LINK_MAX)
        esc_buf_add_char(&link, 'a');
    ESC_CLEANUP(esc_freep) char *place = NULL;
    expect_ok(deep_link_place(esc_buf_text(&link), &place, &err));
    esc_buf_add_char(&link, 'a');
    expect_status(ESC_INVALID, deep_link_place(esc_buf_text(&link), &place, &err));
    esc_buf_done(&link);
}

/* The state file. */

static char folder[] = "/tmp/escher-places-XXXXXX";
static struct esc_paths paths;

static int set_up(void **)
{
    assert_non_null(mkdtemp(folder));
    assert_int_equal(0, setenv("ESCHER_HOME", folder, 1));
    expect_ok(esc_paths_init(&paths, NULL, &err));
    return 0;
}

static int tear_down(void **)
{
    (void)esc_file_remove(folder, NULL);
    esc_paths_done(&paths);
    return 0;
}

static void what_is_remembered_comes_back(void **)
{
    const struct window_state first = window_state_load(&paths);
    assert_int_equal(1280, first.width);
    assert_false(first.gpu || first.maximized);
    const struct window_state kept = {900, 700, true, true};
    expect_ok(window_state_save(&paths, &kept, &err));
    const struct window_state again = window_state_load(&paths);
    assert_int_equal(900, again.width);
    assert_int_equal(700, again.height);
    assert_true(again.maximized && again.gpu);
}

static void a_damaged_or_absurd_file_is_as_good_as_none(void **)
{
    static const char *const texts[] = {"",
                                        "{",
                                        "[]",
                                        "{\"width\":-1,\"height\":10}",
                                        "{\"width\":\"900\",\"height\":700}",
                                        "{\"width\":900}",
                                        "{\"width\":99999999999,\"height\":700}"};
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(paths.state, "window.json");
    for (size_t i = 0; i < ESC_COUNT(texts); i++) {
        expect_ok(esc_file_replace(path, esc_str_of(texts[i]), 0600, &err));
        const struct window_state state = window_state_load(&paths);
        assert_int_equal(1280, state.width);
        assert_int_equal(800, state.height);
    }
}

static void a_size_is_two_numbers_a_window_can_have(void **)
{
    struct window_state state = {.width = 1, .height = 2};
    expect_ok(window_state_set_size(&state, "1280x800", &err));
    assert_int_equal(1280, state.width);
    assert_int_equal(800, state.height);
    static const char *const texts[] = {"",
                                        "1280",
                                        "1280x",
                                        "x800",
                                        "1280x800x1",
                                        "1280x800x",
                                        "-1x800",
                                        "1280 x 800",
                                        "1x1",
                                        "99999x800",
                                        "18446744073709551616x800"};
    for (size_t i = 0; i < ESC_COUNT(texts); i++)
        expect_status(ESC_INVALID, window_state_set_size(&state, texts[i], &err));
    assert_int_equal(1280, state.width);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_names_a_place_of_the_page),
        cmocka_unit_test(a_link_that_names_anything_else_is_refused),
        cmocka_unit_test(a_link_has_a_ceiling),
        cmocka_unit_test(what_is_remembered_comes_back),
        cmocka_unit_test(a_damaged_or_absurd_file_is_as_good_as_none),
        cmocka_unit_test(a_size_is_two_numbers_a_window_can_have),
    };
    return cmocka_run_group_tests_name("desktop/places", tests, set_up, tear_down);
}
