/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/map.h"

#include <stdio.h>
#include <string.h>

#include "escher/base/id.h"
#include "tests/support/test.h"

static int freed;

static void count_free(void *item)
{
    freed++;
    free(item);
}

static void a_value_is_found_under_its_key(void **)
{
    int a, b;
    ESC_CLEANUP(esc_map_freep) struct esc_map *map = esc_map_new(NULL);
    assert_null(esc_map_get(map, ESC_STR("a")));
    esc_map_set(map, ESC_STR("a"), &a);
    esc_map_set(map, ESC_STR("b"), &b);
    assert_ptr_equal(&a, esc_map_get(map, ESC_STR("a")));
    assert_ptr_equal(&b, esc_map_get(map, ESC_STR("b")));
    assert_null(esc_map_get(map, ESC_STR("c")));
    assert_int_equal(2, esc_map_count(map));
}

static void keys_are_bytes_and_the_empty_key_is_one(void **)
{
    int values[4];
    const struct esc_str keys[] = {{NULL, 0}, ESC_STR("\0"), ESC_STR("a\0b"), ESC_STR("a\0c")};
    ESC_CLEANUP(esc_map_freep) struct esc_map *map = esc_map_new(NULL);
    for (size_t i = 0; i < ESC_COUNT(keys); i++)
        esc_map_set(map, keys[i], &values[i]);
    for (size_t i = 0; i < ESC_COUNT(keys); i++)
        assert_ptr_equal(&values[i], esc_map_get(map, keys[i]));
    assert_false(esc_map_has(map, ESC_STR("a")));
    assert_ptr_equal(&values[0], esc_map_get(map, ESC_STR("")));
}

static void a_key_is_copied(void **)
{
    int value;
    char key[] = "key";
    ESC_CLEANUP(esc_map_freep) struct esc_map *map = esc_map_new(NULL);
    esc_map_set(map, esc_str_of(key), &value);
    key[0] = 'x';
    assert_ptr_equal(&value, esc_map_get(map, ESC_STR("key")));
}

static void a_missing_value_is_still_a_present_key(void **)
{
    ESC_CLEANUP(esc_map_freep) struct esc_map *map = esc_map_new(NULL);
    esc_map_set(map, ESC_STR("a"), NULL);
    assert_true(esc_map_has(map, ESC_STR("a")));
    assert_false(esc_map_has(map, ESC_STR("b")));
    assert_null(esc_map_remove(map, ESC_STR("a")));
    assert_false(esc_map_has(map, ESC_STR("a")));
}

static void an_owning_map_frees_what_it_replaces_and_what_is_left(void **)
{
    freed = 0;
    struct esc_map *map = esc_map_new(count_free);
    esc_map_set(map, ESC_STR("a"), esc_strdup("1"));
    esc_map_set(map, ESC_STR("a"), esc_strdup("2"));
    assert_int_equal(1, freed);
    char *same = esc_map_get(map, ESC_STR("a"));
    esc_map_set(map, ESC_STR("a"), same);
    assert_int_equal(1, freed);
    esc_map_set(map, ESC_STR("b"), esc_strdup("3"));
    ESC_CLEANUP(esc_freep) char *taken = esc_map_remove(map, ESC_STR("b"));
    assert_string_equal("3", taken);
    assert_int_equal(1, freed);
    esc_map_free(map);
    assert_int_equal(2, freed);
    esc_map_free(NULL);
}

static void walking_follows_the_order_of_insertion(void **)
{
    static const char *const names[] = {"one", "two", "three", "four", "five"};
    ESC_CLEANUP(esc_map_freep) struct esc_map *map = esc_map_new(NULL);
    for (size_t i = 0; i < ESC_COUNT(names); i++)
        esc_map_set(map, esc_str_of(names[i]), NULL);
    assert_null(esc_map_remove(map, ESC_STR("three")));
    esc_map_set(map, ESC_STR("two"), NULL); /* replacing keeps its place */
    static const char *const left[] = {"one", "two", "four", "five"};
    size_t position = 0, count = 0;
    for (struct esc_str key; esc_map_next(map, &position, &key, NULL); count++)
        assert_true(count < ESC_COUNT(left) && esc_str_is(key, left[count]));
    assert_int_equal(ESC_COUNT(left), count);
}

enum {
    KEYS = 500,
    STEPS = 20'000
};

/* Random sets and removals against an array that knows what must be there. */
static void thousands_of_changes_agree_with_an_array(void **)
{
    static int present[KEYS]; /* 0 absent, else the number last set */
    static int numbers[STEPS + 1];
    struct esc_random_seeded seeded;
    esc_random_seeded_init(&seeded, 3);
    ESC_CLEANUP(esc_map_freep) struct esc_map *map = esc_map_new(NULL);
    size_t count = 0;
    for (int step = 1; step <= STEPS; step++) {
        const size_t at = (size_t)esc_random_below(&seeded.random, KEYS);
        char key[16];
        (void)snprintf(key, sizeof key, "key-%zu", at); /* fits */
        if (esc_random_below(&seeded.random, 3) == 0) {
            const int *taken = esc_map_remove(map, esc_str_of(key));
            assert_int_equal(present[at], taken ? *taken : 0);
            count -= present[at] != 0;
            present[at] = 0;
        } else {
            numbers[step] = step;
            esc_map_set(map, esc_str_of(key), &numbers[step]);
            count += present[at] == 0;
            present[at] = step;
        }
        assert_int_equal(count, esc_map_count(map));
        const int *found = esc_map_get(map, esc_str_of(key));
        assert_int_equal(present[at], found ? *found : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_found_under_its_key),
        cmocka_unit_test(keys_are_bytes_and_the_empty_key_is_one),
        cmocka_unit_test(a_key_is_copied),
        cmocka_unit_test(a_missing_value_is_still_a_present_key),
        cmocka_unit_test(an_owning_map_frees_what_it_replaces_and_what_is_left),
        cmocka_unit_test(walking_follows_the_order_of_insertion),
        cmocka_unit_test(thousands_of_changes_agree_with_an_array),
    };
    return cmocka_run_group_tests_name("base/map", tests, NULL, NULL);
}
