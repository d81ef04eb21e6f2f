/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/test.h"

static struct esc_error err;
static char *folder; /* fresh for each test */

static int make_folder(void **)
{
    folder = test_folder();
    return 0;
}

static int drop_folder(void **)
{
    free(folder);
    return 0;
}

static char *in_folder(const char *name)
{
    return esc_path_join(folder, name);
}

/* The content of a file of at most 100 bytes; owned by the caller. */
static char *content(const char *path)
{
    struct esc_buf buf;
    esc_buf_init(&buf, 100);
    expect_ok(esc_file_read(path, &buf, &err));
    return esc_buf_take(&buf);
}

static void what_was_written_is_read(void **)
{
    ESC_CLEANUP(esc_freep) char *path = in_folder("a");
    expect_ok(esc_file_replace(path, ESC_STR("first"), 0600, &err));
    expect_ok(esc_file_replace(path, ESC_STR("second"), 0600, &err));
    ESC_CLEANUP(esc_freep) char *text = content(path);
    assert_string_equal("second", text);
}

static void a_replaced_file_has_its_mode_and_leaves_nothing_beside_it(void **)
{
    ESC_CLEANUP(esc_freep) char *path = in_folder("a");
    expect_ok(esc_file_replace(path, ESC_STR(""), 0600, &err));
    struct stat found;
    assert_int_equal(0, stat(path, &found));
    assert_int_equal(0600, found.st_mode & 0777);
    assert_int_equal(0, found.st_size);
    struct esc_list names;
    esc_list_init(&names, free);
    expect_ok(esc_file_list(folder, &names, &err));
    assert_int_equal(1, names.count);
    esc_list_done(&names);
}

static void a_replacement_that_fails_leaves_the_old_file(void **)
{
    ESC_CLEANUP(esc_freep) char *path = in_folder("a");
    expect_ok(esc_file_make_folder(path, &err)); /* a folder cannot be renamed over */
    ESC_CLEANUP(esc_freep) char *inside = esc_path_join(path, "keep");
    expect_ok(esc_file_replace(inside, ESC_STR("kept"), 0600, &err));
    assert_int_not_equal(ESC_OK, esc_file_replace(path, ESC_STR("x"), 0600, &err));
    expect_contains(path, err.message);
    ESC_CLEANUP(esc_freep) char *text = content(inside);
    assert_string_equal("kept", text);
    struct esc_list names;
    esc_list_init(&names, free);
    expect_ok(esc_file_list(folder, &names, &err));
    assert_int_equal(1, names.count); /* no temporary file either */
    esc_list_done(&names);
}

static void a_link_is_replaced_not_written_through(void **)
{
    ESC_CLEANUP(esc_freep) char *target = in_folder("target");
    ESC_CLEANUP(esc_freep) char *link = in_folder("link");
    expect_ok(esc_file_replace(target, ESC_STR("old"), 0600, &err));
    assert_int_equal(0, symlink(target, link));
    expect_ok(esc_file_replace(link, ESC_STR("new"), 0600, &err));
    ESC_CLEANUP(esc_freep) char *text = content(target);
    assert_string_equal("old", text);
}

static void a_missing_file_is_not_found_and_named(void **)
{
    ESC_CLEANUP(esc_freep) char *path = in_folder("no/such");
    struct esc_buf buf;
    esc_buf_init(&buf, 100);
    expect_status(ESC_NOT_FOUND, esc_file_read(path, &buf, &err));
    expect_contains(path, err.message);
    struct esc_mapping mapping = {0};
    expect_status(ESC_NOT_FOUND, esc_file_map(path, &mapping, &err));
    expect_status(ESC_NOT_FOUND, esc_file_replace(path, ESC_STR(""), 0600, &err));
    assert_false(esc_file_exists(path));
    expect_ok(esc_file_remove(path, &err));
    esc_buf_done(&buf);
}

static void a_file_larger_than_the_buf_is_a_limit(void **)
{
    ESC_CLEANUP(esc_freep) char *path = in_folder("a");
    expect_ok(esc_file_replace(path, ESC_STR("12345"), 0600, &err));
    struct esc_buf buf;
    esc_buf_init(&buf, 4);
    expect_status(ESC_LIMIT, esc_file_read(path, &buf, &err));
    esc_buf_done(&buf);
}

static void a_source_without_end_stops_at_the_ceiling(void **)
{
    struct esc_buf buf;
    esc_buf_init(&buf, 1000);
    expect_status(ESC_LIMIT, esc_file_read("/dev/zero", &buf, &err));
    esc_buf_done(&buf);
}

static void folders_are_made_with_their_parents_for_the_owner_only(void **)
{
    ESC_CLEANUP(esc_freep) char *path = in_folder("a/b//c/");
    expect_ok(esc_file_make_folder(path, &err));
    expect_ok(esc_file_make_folder(path, &err));
    struct stat found;
    assert_int_equal(0, stat(path, &found));
    assert_int_equal(0700, found.st_mode & 0777);
}

static void a_folder_that_others_can_write_to_is_not_ones_own(void **)
{
    ESC_CLEANUP(esc_freep) char *path = in_folder("own");
    expect_ok(esc_file_make_own_folder(path, &err));
    expect_ok(esc_file_make_own_folder(path, &err));
    assert_int_equal(0, chmod(path, 0777));
    expect_status(ESC_DENIED, esc_file_make_own_folder(path, &err));
    expect_contains("not yours alone", err.message);
    assert_int_equal(0, chmod(path, 0700));
    ESC_CLEANUP(esc_freep) char *link_path = in_folder("link");
    assert_int_equal(0, symlink(path, link_path));
    expect_status(ESC_DENIED, esc_file_make_own_folder(link_path, &err));
    if (geteuid() == 0) {
        assert_int_equal(0, chown(path, 65534, (gid_t)-1));
        expect_status(ESC_DENIED, esc_file_make_own_folder(path, &err));
    }
}

static void a_file_in_the_way_of_a_folder_is_said(void **)
{
    ESC_CLEANUP(esc_freep) char *path = in_folder("a");
    ESC_CLEANUP(esc_freep) char *below = in_folder("a/b");
    expect_ok(esc_file_replace(path, ESC_STR(""), 0600, &err));
    expect_status(ESC_EXISTS, esc_file_make_folder(path, &err));
    assert_int_not_equal(ESC_OK, esc_file_make_folder(below, &err));
}

static void names_are_listed_in_order(void **)
{
    static const char *const made[] = {"b", "a", "B", ".hidden"};
    static const char *const sorted[] = {".hidden", "B", "a", "b"};
    for (size_t i = 0; i < ESC_COUNT(made); i++) {
        ESC_CLEANUP(esc_freep) char *path = in_folder(made[i]);
        expect_ok(esc_file_replace(path, ESC_STR(""), 0600, &err));
    }
    struct esc_list names;
    esc_list_init(&names, free);
    expect_ok(esc_file_list(folder, &names, &err));
    assert_int_equal(ESC_COUNT(sorted), names.count);
    for (size_t i = 0; i < names.count; i++)
        assert_string_equal(sorted[i], names.items[i]);
    esc_list_done(&names);
}

static void removing_a_folder_takes_all_in_it_but_follows_no_link(void **)
{
    ESC_CLEANUP(esc_freep) char *kept = in_folder("kept");
    ESC_CLEANUP(esc_freep) char *kept_file = in_folder("kept/file");
    ESC_CLEANUP(esc_freep) char *gone = in_folder("gone/deep");
    ESC_CLEANUP(esc_freep) char *link = in_folder("gone/deep/link");
    ESC_CLEANUP(esc_freep) char *top = in_folder("gone");
    expect_ok(esc_file_make_folder(kept, &err));
    expect_ok(esc_file_replace(kept_file, ESC_STR(""), 0600, &err));
    expect_ok(esc_file_make_folder(gone, &err));
    assert_int_equal(0, symlink(kept, link));
    expect_ok(esc_file_remove(top, &err));
    assert_false(esc_file_exists(top));
    assert_true(esc_file_exists(kept_file));
}

static void a_mapping_shows_the_whole_file(void **)
{
    ESC_CLEANUP(esc_freep) char *path = in_folder("a");
    ESC_CLEANUP(esc_freep) char *empty = in_folder("empty");
    expect_ok(esc_file_replace(path, ESC_STR("mapped"), 0600, &err));
    expect_ok(esc_file_replace(empty, ESC_STR(""), 0600, &err));
    struct esc_mapping mapping = {0};
    expect_ok(esc_file_map(path, &mapping, &err));
    assert_int_equal(6, mapping.len);
    assert_memory_equal("mapped", mapping.ptr, 6);
    esc_file_unmap(&mapping);
    assert_null(mapping.ptr);
    expect_ok(esc_file_map(empty, &mapping, &err));
    assert_true(mapping.ptr == NULL && mapping.len == 0);
    esc_file_unmap(&mapping);
    expect_status(ESC_INVALID, esc_file_map(folder, &mapping, &err));
}

static void a_memfd_is_sealed_and_read_from_its_start(void **)
{
    int fd = -1;
    char bytes[8];
    expect_ok(esc_file_memfd("input", ESC_STR("{\"a\":1}"), &fd, &err));
    assert_int_equal(7, read(fd, bytes, sizeof bytes));
    assert_memory_equal("{\"a\":1}", bytes, 7);
    assert_int_equal(-1, write(fd, "x", 1));
    assert_int_equal(EPERM, errno);
    assert_int_equal(-1, ftruncate(fd, 0));
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    esc_fd_close(&fd);
    assert_int_equal(-1, fd);
    esc_fd_close(&fd);
}

static void paths_join_with_one_slash(void **)
{
    static const struct {
        const char *folder, *name, *expected;
    } cases[] = {{"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"/", "b", "/b"}, {"", "b", "b"}};
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_freep) char *path = esc_path_join(cases[i].folder, cases[i].name);
        assert_string_equal(cases[i].expected, path);
    }
}

static void an_empty_file_is_made_once_with_its_folder(void **)
{
    ESC_CLEANUP(esc_freep) char *path = in_folder("deep/down/empty");
    expect_status(ESC_IO, esc_file_make_empty(path, &err));
    expect_ok(esc_file_make_folder_of(path, &err));
    expect_ok(esc_file_make_empty(path, &err));
    expect_status(ESC_IO, esc_file_make_empty(path, &err)); /* there is one */
}

#define in_a_folder(test) cmocka_unit_test_setup_teardown(test, make_folder, drop_folder)

static void a_path_lies_in_its_folder(void **)
{
    static const char *const cases[][2] = {
        {"a/b", "a"}, {"/a/b/c", "/a/b"}, {"/b", "/"}, {"b", "."}, {"a/", "a"}};
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_freep) char *found = esc_path_folder(cases[i][0]);
        assert_string_equal(cases[i][1], found);
    }
}

static void moving_replaces_and_names_what_is_wrong(void **)
{
    ESC_CLEANUP(esc_freep) char *from = in_folder("from");
    ESC_CLEANUP(esc_freep) char *to = in_folder("to");
    expect_ok(esc_file_replace(from, ESC_STR("new"), 0600, &err));
    expect_ok(esc_file_replace(to, ESC_STR("old"), 0600, &err));
    expect_ok(esc_file_move(from, to, &err));
    assert_false(esc_file_exists(from));
    ESC_CLEANUP(esc_freep) char *text = content(to);
    assert_string_equal("new", text);
    assert_int_not_equal(ESC_OK, esc_file_move(from, to, &err));
    expect_contains(to, err.message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_folder(what_was_written_is_read),
        in_a_folder(a_replaced_file_has_its_mode_and_leaves_nothing_beside_it),
        in_a_folder(moving_replaces_and_names_what_is_wrong),
        in_a_folder(a_replacement_that_fails_leaves_the_old_file),
        in_a_folder(a_link_is_replaced_not_written_through),
        in_a_folder(a_missing_file_is_not_found_and_named),
        in_a_folder(a_file_larger_than_the_buf_is_a_limit),
        in_a_folder(a_source_without_end_stops_at_the_ceiling),
        in_a_folder(folders_are_made_with_their_parents_for_the_owner_only),
        in_a_folder(a_folder_that_others_can_write_to_is_not_ones_own),
        in_a_folder(a_file_in_the_way_of_a_folder_is_said),
        in_a_folder(an_empty_file_is_made_once_with_its_folder),
        in_a_folder(names_are_listed_in_order),
        in_a_folder(removing_a_folder_takes_all_in_it_but_follows_no_link),
        in_a_folder(a_mapping_shows_the_whole_file),
        in_a_folder(a_memfd_is_sealed_and_read_from_its_start),
        cmocka_unit_test(paths_join_with_one_slash),
        cmocka_unit_test(a_path_lies_in_its_folder),
    };
    return cmocka_run_group_tests_name("base/file", tests, NULL, NULL);
}
