/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <unistd.h>

#include "apps/desktop/window_state.h"
#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "tests/support/test.h"

static struct esc_error err;

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
        cmocka_unit_test(what_is_remembered_comes_back),
        cmocka_unit_test(a_damaged_or_absurd_file_is_as_good_as_none),
        cmocka_unit_test(a_size_is_two_numbers_a_window_can_have),
    };
    return cmocka_run_group_tests_name("desktop/window_state", tests, set_up, tear_down);
}
