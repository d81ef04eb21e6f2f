/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/find/index.h"

#include <stdio.h>
#include <string.h>

#include "escher/base/id.h"
#include "escher/find/find_private.h"
#include "tests/find/estate.h"

static void rows_stand_in_the_order_of_ids(void **)
{
    ESC_CLEANUP(esc_index_freep) struct esc_index *index = make_small_index();
    assert_int_equal(ESC_COUNT(small_estate), esc_index_count(index));
    struct esc_arena arena;
    esc_arena_init(&arena);
    for (size_t i = 1; i < esc_index_count(index); i++)
        assert_true(
            strcmp(esc_index_at(index, i - 1, &arena).id, esc_index_at(index, i, &arena).id) < 0);
    esc_arena_done(&arena);
}

static void a_put_of_the_same_id_replaces(void **)
{
    ESC_CLEANUP(esc_index_freep) struct esc_index *index = esc_index_new();
    struct thing thing = {"ec2_instance", "i-01",    "web", "production",
                          "us-east-1",    "running", NULL,  NULL};
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *first = make_resource(&thing);
    thing.name = "api";
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *second = make_resource(&thing);
    esc_index_put(index, first, NULL);
    esc_index_put(index, second, NULL);
    assert_int_equal(1, esc_index_count(index));
    struct esc_card card;
    assert_true(esc_index_get(index, first->id, &card));
    assert_string_equal("api", card.name);
    assert_int_equal(0, index_exact(index, ESC_STR("web"), NULL, 0));
    assert_int_equal(1, index_exact(index, ESC_STR("api"), NULL, 0));
}

static void what_is_removed_is_gone(void **)
{
    ESC_CLEANUP(esc_index_freep) struct esc_index *index = make_small_index();
    size_t count = esc_index_count(index);
    struct esc_arena arena;
    esc_arena_init(&arena);
    const char *id = esc_index_at(index, 3, &arena).id;
    assert_true(esc_index_remove(index, id));
    assert_false(esc_index_remove(index, id));
    assert_false(esc_index_get(index, id, NULL));
    esc_arena_done(&arena);
    assert_int_equal(count - 1, esc_index_count(index));
}

/* Random puts and removals, compared with an array of flags. */
static void any_order_of_changes_leaves_the_same_table(void **)
{
    struct esc_random_seeded seeded;
    esc_random_seeded_init(&seeded, test_seed(7));
    ESC_CLEANUP(esc_index_freep) struct esc_index *index = esc_index_new();
    bool there[40] = {0};
    for (int step = 0; step < 2000; step++) {
        size_t number = esc_random_below(&seeded.random, ESC_COUNT(there));
        char name[16];
        (void)snprintf(name, sizeof name, "web-%zu", number);
        struct thing thing = {"ec2_instance", name, NULL, "production",
                              "us-east-1",    NULL, NULL, NULL};
        ESC_CLEANUP(esc_resource_freep) struct esc_resource *made = make_resource(&thing);
        bool put = esc_random_below(&seeded.random, 2) == 0;
        if (put)
            esc_index_put(index, made, NULL);
        else
            assert_int_equal(there[number], esc_index_remove(index, made->id));
        there[number] = put;
        assert_int_equal(put, esc_index_get(index, made->id, NULL));
        assert_int_equal(put, index_exact(index, esc_str_of(name), NULL, 0));
    }
    size_t count = 0;
    for (size_t i = 0; i < ESC_COUNT(there); i++)
        count += there[i];
    assert_int_equal(count, esc_index_count(index));
    assert_int_equal(count > 0, index->accounts.count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_stand_in_the_order_of_ids),
        cmocka_unit_test(a_put_of_the_same_id_replaces),
        cmocka_unit_test(what_is_removed_is_gone),
        cmocka_unit_test(any_order_of_changes_leaves_the_same_table),
    };
    return cmocka_run_group_tests_name("find/index", tests, NULL, NULL);
}
