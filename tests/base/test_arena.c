/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/arena.h"

#include <stdalign.h>
#include <string.h>

#include "tests/support/test.h"

static void memory_is_zeroed_aligned_and_apart(void **)
{
    struct esc_arena arena;
    esc_arena_init(&arena);
    char *before = NULL;
    for (size_t size = 0; size < 600; size++) {
        char *memory = esc_arena_alloc(&arena, size);
        assert_int_equal(0, (uintptr_t)memory % alignof(max_align_t));
        for (size_t i = 0; i < size; i++)
            assert_int_equal(0, memory[i]);
        memset(memory, 0xAA, size);
        for (size_t i = 0; before && i + 1 < size; i++)
            assert_int_equal((char)0xAA, before[i]);
        before = memory;
    }
    esc_arena_done(&arena);
}

static void one_large_piece_gets_a_block_of_its_own(void **)
{
    enum {
        LARGE = 1024 * 1024
    };
    struct esc_arena arena;
    esc_arena_init(&arena);
    char *small = esc_arena_alloc(&arena, 10);
    char *large = esc_arena_alloc(&arena, LARGE);
    memset(large, 1, LARGE);
    memset(small, 2, 10);
    assert_int_equal(1, large[0] & large[LARGE - 1]);
    assert_true(arena.used_bytes >= LARGE + 10);
    esc_arena_done(&arena);
}

static void text_is_copied_and_ended(void **)
{
    struct esc_arena arena;
    esc_arena_init(&arena);
    assert_string_equal("abc", esc_arena_dup(&arena, esc_str_slice(ESC_STR("abcdef"), 0, 3)));
    assert_string_equal("", esc_arena_dup(&arena, (struct esc_str){NULL, 0}));
    assert_memory_equal("a\0b", esc_arena_dup(&arena, ESC_STR("a\0b")), 4);
    assert_string_equal("7 of x", esc_arena_printf(&arena, "%d of %s", 7, "x"));
    assert_string_equal("", esc_arena_printf(&arena, "%s", ""));
    esc_arena_done(&arena);
}

static void an_arena_can_end_twice_and_begin_again(void **)
{
    struct esc_arena arena;
    esc_arena_init(&arena);
    esc_arena_done(&arena);
    (void)esc_arena_alloc(&arena, 5); /* only that it can be had */
    esc_arena_done(&arena);
    esc_arena_done(&arena);
    assert_int_equal(0, arena.used_bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
        cmocka_unit_test(one_large_piece_gets_a_block_of_its_own),
        cmocka_unit_test(text_is_copied_and_ended),
        cmocka_unit_test(an_arena_can_end_twice_and_begin_again),
    };
    return cmocka_run_group_tests_name("base/arena", tests, NULL, NULL);
}
