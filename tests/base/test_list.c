/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/list.h"

#include <string.h>

#include "escher/base/id.h"
#include "tests/support/test.h"

static int freed;

static void count_free(void *item)
{
    freed++;
    free(item);
}

static void an_owning_list_frees_each_item_once(void **)
{
    struct esc_list list;
    freed = 0;
    esc_list_init(&list, count_free);
    for (int i = 0; i < 20; i++)
        esc_list_push(&list, esc_strdup("x"));
    esc_list_clear(&list);
    assert_int_equal(20, freed);
    assert_int_equal(0, list.count);
    esc_list_push(&list, esc_strdup("y"));
    esc_list_done(&list);
    esc_list_done(&list);
    assert_int_equal(21, freed);
}

static void a_removed_item_belongs_to_the_caller(void **)
{
    struct esc_list list;
    freed = 0;
    esc_list_init(&list, count_free);
    esc_list_push(&list, esc_strdup("a"));
    esc_list_push(&list, esc_strdup("b"));
    esc_list_push(&list, esc_strdup("c"));
    ESC_CLEANUP(esc_freep) char *taken = esc_list_remove(&list, 1);
    assert_string_equal("b", taken);
    assert_int_equal(2, list.count);
    assert_string_equal("c", esc_list_at(&list, 1));
    esc_list_done(&list);
    assert_int_equal(2, freed);
}

static void the_last_item_can_be_removed(void **)
{
    struct esc_list list;
    esc_list_init(&list, NULL);
    esc_list_push(&list, (void *)(uintptr_t) "only");
    assert_string_equal("only", esc_list_remove(&list, 0));
    assert_int_equal(0, list.count);
    esc_list_done(&list);
}

static int by_first_letter(const void *a, const void *b)
{
    return *(const char *)a - *(const char *)b;
}

static void an_item_is_dropped_where_it_stands_and_once(void **)
{
    char a, b, c;
    struct esc_list list;
    esc_list_init(&list, NULL);
    void *const items[] = {&a, &b, &a};
    for (size_t i = 0; i < ESC_COUNT(items); i++)
        esc_list_push(&list, items[i]);
    assert_true(esc_list_drop(&list, &a));
    assert_int_equal(2, list.count);
    assert_ptr_equal(&b, list.items[0]);
    assert_ptr_equal(&a, list.items[1]);
    assert_false(esc_list_drop(&list, &c));
    assert_true(esc_list_drop(&list, &a));
    assert_true(esc_list_drop(&list, &b));
    assert_false(esc_list_drop(&list, &b));
    assert_int_equal(0, list.count);
    esc_list_done(&list);
}

static void sorting_keeps_the_order_of_equals(void **)
{
    static const char *const before[] = {"b1", "a1", "c1", "a2", "b2", "a3", "c2"};
    static const char *const after[] = {"a1", "a2", "a3", "b1", "b2", "c1", "c2"};
    struct esc_list list;
    esc_list_init(&list, NULL);
    for (size_t i = 0; i < ESC_COUNT(before); i++)
        esc_list_push(&list, (void *)(uintptr_t)before[i]);
    esc_list_sort(&list, by_first_letter);
    for (size_t i = 0; i < ESC_COUNT(after); i++)
        assert_string_equal(after[i], list.items[i]);
    esc_list_done(&list);
}

static int by_number(const void *a, const void *b)
{
    const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

/* Items are places in one array, so equal numbers show by their addresses who came first. */
static void lists_of_every_small_length_are_sorted(void **)
{
    struct esc_random_seeded seeded;
    esc_random_seeded_init(&seeded, 7);
    uint32_t numbers[70];
    for (size_t count = 0; count <= ESC_COUNT(numbers); count++) {
        struct esc_list list;
        esc_list_init(&list, NULL);
        for (size_t i = 0; i < count; i++) {
            numbers[i] = (uint32_t)esc_random_below(&seeded.random, 10);
            esc_list_push(&list, &numbers[i]);
        }
        esc_list_sort(&list, by_number);
        assert_int_equal(count, list.count);
        for (size_t i = 1; i < count; i++) {
            const uint32_t *left = list.items[i - 1], *right = list.items[i];
            assert_true(*left < *right || (*left == *right && left < right));
        }
        esc_list_done(&list);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_owning_list_frees_each_item_once),
        cmocka_unit_test(a_removed_item_belongs_to_the_caller),
        cmocka_unit_test(the_last_item_can_be_removed),
        cmocka_unit_test(an_item_is_dropped_where_it_stands_and_once),
        cmocka_unit_test(sorting_keeps_the_order_of_equals),
        cmocka_unit_test(lists_of_every_small_length_are_sorted),
    };
    return cmocka_run_group_tests_name("base/list", tests, NULL, NULL);
}
