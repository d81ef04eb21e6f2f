/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/paths.h"

#include <stdlib.h>
#include <string.h>

#include "escher/base/file.h"
#include "escher/base/str.h"
#include "tests/support/test.h"

static struct esc_error err;
static struct esc_paths paths;

static int forget_environment(void **)
{
    static const char *const names[] = {"ESCHER_HOME",    "ESCHER_SHARE",    "XDG_DATA_HOME",
                                        "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME",
                                        "XDG_RUNTIME_DIR"};
    for (size_t i = 0; i < ESC_COUNT(names); i++)
        (void)unsetenv(names[i]); /* the names are sound */
    (void)setenv("HOME", "/home/ann", 1);
    paths = (struct esc_paths){0};
    return 0;
}

static int drop_paths(void **)
{
    esc_paths_done(&paths);
    esc_paths_done(&paths); /* twice is fine */
    return 0;
}

static void one_variable_puts_everything_under_one_folder(void **)
{
    (void)setenv("ESCHER_HOME", "/e", 1);
    (void)setenv("XDG_DATA_HOME", "/ignored", 1);
    expect_ok(esc_paths_init(&paths, NULL, &err));
    assert_string_equal("default", paths.profile);
    assert_string_equal("/e/data/default", paths.data);
    assert_string_equal("/e/data/default/store.db", paths.store);
    assert_string_equal("/e/data/default/store.lock", paths.lock);
    assert_string_equal("/e/state/default/runs", paths.runs);
    assert_string_equal("/e/config/config.yaml", paths.config_file);
    assert_string_equal("/e/cache", paths.cache);
    assert_string_equal("/e/run/default.sock", paths.socket);
}

static void a_forgotten_variable_is_wiped_where_it_stood(void **)
{
    static char variable[] = "ESCHER_TEST_KEY=quince";
    (void)putenv(variable);
    assert_string_equal("quince", esc_env("ESCHER_TEST_KEY"));
    esc_env_forget("ESCHER_TEST_KEY");
    assert_null(esc_env("ESCHER_TEST_KEY"));
    assert_memory_equal("ESCHER_TEST_KEY=\0\0\0\0\0\0", variable, sizeof variable);
    esc_env_forget("ESCHER_TEST_KEY");
}

static void without_it_the_xdg_folders_are_used(void **)
{
    (void)setenv("XDG_DATA_HOME", "/d", 1);
    (void)setenv("XDG_STATE_HOME", "/s", 1);
    (void)setenv("XDG_CONFIG_HOME", "/c", 1);
    (void)setenv("XDG_CACHE_HOME", "/k", 1);
    (void)setenv("XDG_RUNTIME_DIR", "/run/user/1", 1);
    expect_ok(esc_paths_init(&paths, "work", &err));
    assert_string_equal("/d/escher/work/store.db", paths.store);
    assert_string_equal("/s/escher/work/runs", paths.runs);
    assert_string_equal("/c/escher/config.yaml", paths.config_file);
    assert_string_equal("/k/escher", paths.cache);
    assert_string_equal("/run/user/1/escher/work.sock", paths.socket);
}

static void a_relative_xdg_folder_is_ignored_as_the_standard_says(void **)
{
    (void)setenv("XDG_DATA_HOME", "relative", 1);
    (void)setenv("XDG_STATE_HOME", "", 1);
    (void)setenv("XDG_RUNTIME_DIR", "./here", 1);
    expect_ok(esc_paths_init(&paths, NULL, &err));
    assert_string_equal("/home/ann/.local/share/escher/default/store.db", paths.store);
    assert_string_equal("/home/ann/.local/state/escher/default/runs", paths.runs);
    assert_string_equal("/home/ann/.config/escher/config.yaml", paths.config_file);
    assert_string_equal("/home/ann/.local/state/escher/default/core.sock", paths.socket);
}

static void a_relative_home_counts_from_here(void **)
{
    (void)setenv("ESCHER_HOME", "demo-home", 1);
    expect_ok(esc_paths_init(&paths, NULL, &err));
    assert_int_equal('/', paths.store[0]);
    expect_contains("/demo-home/data/default/store.db", paths.store);
}

static void a_socket_path_is_never_too_long_for_the_kernel(void **)
{
    char home[200];
    memset(home, 'x', sizeof home);
    home[0] = '/';
    home[sizeof home - 1] = '\0';
    (void)setenv("ESCHER_HOME", home, 1);
    expect_ok(esc_paths_init(&paths, NULL, &err));
    assert_true(strlen(paths.socket) <= 100);
    ESC_CLEANUP(esc_freep) char *first = esc_strdup(paths.socket);
    esc_paths_done(&paths);
    expect_ok(esc_paths_init(&paths, NULL, &err));
    assert_string_equal(first, paths.socket); /* the same each time */
    esc_paths_done(&paths);
    expect_ok(esc_paths_init(&paths, "other", &err));
    assert_string_not_equal(first, paths.socket);
}

static void a_profile_name_cannot_leave_its_folder(void **)
{
    static const char *const bad[] = {"",
                                      ".",
                                      "..",
                                      "../x",
                                      "a/b",
                                      "A",
                                      "a b",
                                      "-a",
                                      "_a",
                                      "é",
                                      "a.b",
                                      "a\n",
                                      "aaaaaaaaaabbbbbbbbbbccccccccccddd"};
    for (size_t i = 0; i < ESC_COUNT(bad); i++)
        expect_status(ESC_INVALID, esc_paths_init(&paths, bad[i], &err));
    static const char *const good[] = {"a", "0", "a-b_c9", "aaaaaaaaaabbbbbbbbbbccccccccccdd"};
    for (size_t i = 0; i < ESC_COUNT(good); i++) {
        expect_ok(esc_paths_init(&paths, good[i], &err));
        esc_paths_done(&paths);
    }
}

static void an_empty_variable_counts_as_none(void **)
{
    (void)setenv("ESCHER_SHARE", "", 1);
    assert_null(esc_env("ESCHER_SHARE"));
    (void)setenv("ESCHER_SHARE", "x", 1);
    assert_string_equal("x", esc_env("ESCHER_SHARE"));
    bool seen = false;
    for (char *const *at = esc_env_all(); *at; at++)
        seen = seen || esc_text_equal(*at, "ESCHER_SHARE=x");
    assert_true(seen);
}

static void a_named_share_folder_comes_first(void **)
{
    ESC_CLEANUP(esc_freep) char *folder = test_folder();
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, "thing.bin");
    expect_ok(esc_file_replace(path, ESC_STR(""), 0600, &err));
    (void)setenv("ESCHER_SHARE", folder, 1);
    ESC_CLEANUP(esc_freep) char *found = NULL;
    expect_ok(esc_paths_share("thing.bin", &found, &err));
    assert_string_equal(path, found);
    char *missing = NULL;
    expect_status(ESC_NOT_FOUND, esc_paths_share("no-such-thing.bin", &missing, &err));
    assert_null(missing);
    expect_contains("no-such-thing.bin", err.message);
}

#define with_own_environment(test)                                                                 \
    cmocka_unit_test_setup_teardown(test, forget_environment, drop_paths)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_own_environment(one_variable_puts_everything_under_one_folder),
        cmocka_unit_test(a_forgotten_variable_is_wiped_where_it_stood),
        with_own_environment(without_it_the_xdg_folders_are_used),
        with_own_environment(a_relative_xdg_folder_is_ignored_as_the_standard_says),
        with_own_environment(a_relative_home_counts_from_here),
        with_own_environment(a_socket_path_is_never_too_long_for_the_kernel),
        with_own_environment(a_profile_name_cannot_leave_its_folder),
        with_own_environment(an_empty_variable_counts_as_none),
        with_own_environment(a_named_share_folder_comes_first),
    };
    return cmocka_run_group_tests_name("base/paths", tests, NULL, NULL);
}
