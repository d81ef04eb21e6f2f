/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/crypt/secret.h"

#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/test.h"

static void a_secret_keeps_its_bytes_and_ends_with_a_nul(void **)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *secret = esc_secret_new("a\0b", 3);
    struct esc_str view = esc_secret_view(secret);
    assert_int_equal(3, view.len);
    assert_memory_equal("a\0b", view.ptr, 4);
}

static void an_empty_secret_is_a_secret(void **)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *secret = esc_secret_of_text("");
    assert_int_equal(0, esc_secret_len(secret));
    assert_string_equal("", esc_secret_view(secret).ptr);
}

static void a_copy_is_equal_and_lives_on_its_own(void **)
{
    struct esc_secret *first = esc_secret_of_text("correct horse");
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *copy = esc_secret_copy(first);
    assert_true(esc_secret_equal(first, copy));
    esc_secret_free(first);
    assert_string_equal("correct horse", esc_secret_view(copy).ptr);
    assert_null(esc_secret_copy(NULL));
}

static void a_copy_keeps_its_bytes_when_others_are_set(void **)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *first = esc_secret_of_text("correct horse");
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *copy = esc_secret_copy(first);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *second = esc_secret_copy(copy);
    esc_secret_set(copy, "battery stapl");
    assert_string_equal("correct horse", esc_secret_view(first).ptr);
    assert_string_equal("battery stapl", esc_secret_view(copy).ptr);
    esc_secret_set(first, "0123456789abc");
    assert_string_equal("0123456789abc", esc_secret_view(first).ptr);
    assert_string_equal("correct horse", esc_secret_view(second).ptr);
}

static void copies_need_no_pages_of_their_own(void **)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *first = esc_secret_of_text("correct horse");
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *copy = esc_secret_copy(first);
    assert_ptr_equal(esc_secret_view(first).ptr, esc_secret_view(copy).ptr);
}

static void secrets_differ_by_byte_and_by_length(void **)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *a = esc_secret_of_text("abc");
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *b = esc_secret_of_text("abd");
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *longer = esc_secret_of_text("abcd");
    assert_false(esc_secret_equal(a, b));
    assert_false(esc_secret_equal(a, longer));
}

static void a_random_secret_comes_from_the_stream_that_was_given(void **)
{
    struct esc_random_seeded one, two;
    esc_random_seeded_init(&one, 7);
    esc_random_seeded_init(&two, 7);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *a = esc_secret_random(&one.random, 32);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *b = esc_secret_random(&two.random, 32);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *next = esc_secret_random(&two.random, 32);
    assert_true(esc_secret_equal(a, b));
    assert_false(esc_secret_equal(a, next));
}

static void wiping_leaves_zeros(void **)
{
    char bytes[] = "secret";
    esc_wipe(bytes, sizeof bytes);
    assert_memory_equal("\0\0\0\0\0\0", bytes, sizeof bytes);
}

/* Runs in a child, which would otherwise change what this process may do. */
static int hardened(void)
{
    struct rlimit core;
    if (esc_secret_harden_process(NULL) != ESC_OK || getrlimit(RLIMIT_CORE, &core) != 0)
        return 1;
    if (core.rlim_cur != 0 || core.rlim_max != 0 || prctl(PR_GET_DUMPABLE) != 0)
        return 2;
    const struct esc_secret_protection now = esc_secret_protection();
    return now.no_core_files && now.closed ? 0 : 3;
}

/* The end of the child's address space for locked pages: none. Root may lock without a limit, so
 * the child is somebody else. */
static int without_locks(void)
{
    const struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_MEMLOCK, &none) != 0 || (getuid() == 0 && setuid(65534) != 0))
        return 1;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *secret = esc_secret_of_text("still kept");
    const struct esc_secret_protection now = esc_secret_protection();
    return !now.locks_pages && esc_secret_len(secret) == 10 ? 0 : 2;
}

static void expect_of_a_child(int (*what)(void))
{
    pid_t child = fork();
    if (child == 0)
        _exit(what());
    int status = -1;
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_true(WIFEXITED(status));
    assert_int_equal(0, WEXITSTATUS(status));
}

static void a_hardened_process_leaves_no_core_and_is_not_dumpable(void **)
{
    expect_of_a_child(hardened);
}

static void a_system_that_locks_no_pages_is_found_out(void **)
{
#ifdef ESC_SANITIZED
    skip(); /* a sanitizer answers in the system's place that it locks them */
#endif
    expect_of_a_child(without_locks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_keeps_its_bytes_and_ends_with_a_nul),
        cmocka_unit_test(an_empty_secret_is_a_secret),
        cmocka_unit_test(a_copy_is_equal_and_lives_on_its_own),
        cmocka_unit_test(a_copy_keeps_its_bytes_when_others_are_set),
        cmocka_unit_test(copies_need_no_pages_of_their_own),
        cmocka_unit_test(secrets_differ_by_byte_and_by_length),
        cmocka_unit_test(a_random_secret_comes_from_the_stream_that_was_given),
        cmocka_unit_test(wiping_leaves_zeros),
        cmocka_unit_test(a_hardened_process_leaves_no_core_and_is_not_dumpable),
        cmocka_unit_test(a_system_that_locks_no_pages_is_found_out),
    };
    return cmocka_run_group_tests_name("crypt/secret", tests, NULL, NULL);
}
