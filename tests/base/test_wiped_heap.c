/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/wiped_heap.c" /* a program has it by compiling it in */

#include <stdbool.h>
#include <stdint.h>

#include "escher/base/alloc.h"
#include "tests/support/test.h"

/* Looks at memory that is not ours any more: the point of this test, and a mistake anywhere else. */
static bool has_word(uintptr_t place, size_t len)
{
    const volatile char *bytes = (const volatile char *)place;
    for (size_t i = 0; i + 5 < len; i++) {
        if (bytes[i] == 'q' && bytes[i + 1] == 'u' && bytes[i + 2] == 'i' && bytes[i + 5] == 'e')
            return true;
    }
    return false;
}

static char *filled(size_t len)
{
    char *text = esc_alloc(len);
    for (size_t i = 0; i < len; i++)
        text[i] = "quince"[i % 6];
    return text;
}

static void skip_under_a_sanitizer(void)
{
#ifdef ESC_SANITIZED
    skip();
#endif
}

static void what_is_freed_is_wiped(void **)
{
    skip_under_a_sanitizer();
    static const size_t lengths[] = {24, 100, 1000, 5000};
    for (size_t i = 0; i < ESC_COUNT(lengths); i++) {
        char *text = filled(lengths[i]);
        const uintptr_t place = (uintptr_t)text;
        assert_true(has_word(place, lengths[i]));
        free(text);
        assert_false(has_word(place, lengths[i]));
    }
}

static void what_a_growing_block_leaves_behind_is_wiped(void **)
{
    skip_under_a_sanitizer();
    char *text = filled(100);
    const uintptr_t place = (uintptr_t)text;
    text = esc_realloc_array(text, 10'000, 1);
    assert_true((uintptr_t)text != place);
    assert_false(has_word(place, 100));
    assert_memory_equal("quincequince", text, 12);
    free(text);
}

static void what_a_shrinking_block_gives_back_is_wiped(void **)
{
    skip_under_a_sanitizer();
    char *text = filled(4000);
    const uintptr_t place = (uintptr_t)text;
    text = esc_realloc_array(text, 10, 1);
    assert_false(has_word(place + 32, 4000 - 32));
    assert_memory_equal("quincequin", text, 10);
    free(text);
}

static void nothing_is_a_block_too(void **)
{
    free(NULL);
    char *text = esc_realloc_array(NULL, 6, 1);
    assert_non_null(text);
    text = esc_realloc_array(text, 6, 1);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_freed_is_wiped),
        cmocka_unit_test(what_a_growing_block_leaves_behind_is_wiped),
        cmocka_unit_test(what_a_shrinking_block_gives_back_is_wiped),
        cmocka_unit_test(nothing_is_a_block_too),
    };
    return cmocka_run_group_tests_name("base/wiped_heap", tests, NULL, NULL);
}
