/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/model/impact.h"

#include <stdarg.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/list.h"
#include "tests/support/test.h"

/* An estate in lines: "web-tg has_target web-1 has_target web-2". */

static struct esc_resource *resource_of(const char *line)
{
    struct esc_resource *resource = esc_resource_new();
    ESC_CLEANUP(esc_freep) char *words = esc_strdup(line);
    char *rest = words;
    resource->id = esc_strdup(strsep(&rest, " "));
    for (char *kind; (kind = strsep(&rest, " ")) != NULL;)
        esc_resource_relate(resource, kind, strsep(&rest, " "));
    return resource;
}

/* What happens when @p origin is gone, one after the other: "web-tg breaks, web-alb loses". */
static char *impact_of(const char *origin, const char *const *lines, size_t count)
{
    struct esc_list resources;
    struct esc_impacts impacts;
    struct esc_buf out;
    esc_list_init(&resources, esc_resource_free_item);
    esc_buf_init(&out, 10'000);
    for (size_t i = 0; i < count; i++)
        esc_list_push(&resources, resource_of(lines[i]));
    esc_impact_of((struct esc_resource *const *)(uintptr_t)resources.items, resources.count, origin,
                  &impacts);
    for (size_t i = 0; i < impacts.count; i++)
        esc_buf_printf(&out, "%s%s %s", i ? ", " : "", impacts.items[i].resource->id,
                       impacts.items[i].effect == ESC_EFFECT_BREAKS ? "breaks" : "loses");
    esc_impacts_done(&impacts);
    esc_list_done(&resources);
    return esc_buf_take(&out);
}

#define EXPECT_IMPACT(expected, origin, ...)                                                       \
    do {                                                                                           \
        const char *const lines[] = {__VA_ARGS__};                                                 \
        ESC_CLEANUP(esc_freep) char *found = impact_of(origin, lines, ESC_COUNT(lines));           \
        assert_string_equal(expected, found);                                                      \
    } while (0)

static void who_needs_it_breaks_and_who_has_others_goes_on_with_less(void **)
{
    EXPECT_IMPACT("tg loses", "web-1", "web-1", "web-2", "tg has_target web-1 has_target web-2",
                  "alb", "other");
    EXPECT_IMPACT("alias breaks", "f", "f", "alias alias_of f", "g");
    EXPECT_IMPACT("", "web-1", "web-1", "web-2");
}

static void what_breaks_is_followed_further_and_what_loses_is_not(void **)
{
    EXPECT_IMPACT("tg breaks, alb breaks", "web-1", "web-1", "tg has_target web-1 served_by alb",
                  "alb");
    EXPECT_IMPACT("tg breaks, alb loses", "web-1", "web-1", "tg has_target web-1 served_by alb",
                  "api-tg served_by alb", "alb");
    EXPECT_IMPACT("tg loses", "web-1", "web-1", "web-2",
                  "tg has_target web-1 has_target web-2 served_by alb", "alb");
}

static void the_last_one_breaks_also_when_the_others_go_with_it(void **)
{
    EXPECT_IMPACT("web-1 breaks, web-2 breaks, tg breaks", "net", "net", "web-1 in_subnet net",
                  "web-2 in_subnet net", "tg has_target web-1 has_target web-2");
    EXPECT_IMPACT("web-1 breaks, tg loses", "net-a", "net-a", "net-b", "web-1 in_subnet net-a",
                  "web-2 in_subnet net-b", "tg has_target web-1 has_target web-2");
}

static void a_partner_outside_the_estate_counts_as_there(void **)
{
    EXPECT_IMPACT("tg loses", "web-1", "web-1", "tg has_target web-1 has_target unseen");
}

static void a_loss_is_passed_on_by_kinds_that_say_so(void **)
{
    EXPECT_IMPACT("routes loses, net loses", "nat", "nat", "routes routes_through nat",
                  "net routed_by routes", "web-1 in_subnet net");
}

static void rings_end_and_the_origin_is_not_in_its_own_impact(void **)
{
    EXPECT_IMPACT("b breaks", "a", "a alias_of b", "b alias_of a");
    EXPECT_IMPACT("replica loses", "main", "main has_replica replica", "replica replica_of main");
    EXPECT_IMPACT("", "a", "a alias_of a");
}

static void what_nobody_knows_impacts_nothing(void **)
{
    EXPECT_IMPACT("", "nothing", "a alias_of b", "b");
    EXPECT_IMPACT("", "b", "a in_love_with b", "b");
}

static void the_relation_that_tells_so_is_named(void **)
{
    struct esc_resource *resources[] = {resource_of("web-1"), resource_of("web-2"),
                                        resource_of("tg has_target web-1 has_target web-2")};
    struct esc_impacts impacts;
    esc_impact_of(resources, ESC_COUNT(resources), "web-1", &impacts);
    assert_int_equal(1, impacts.count);
    assert_string_equal("has_target", impacts.items[0].kind->name);
    assert_ptr_equal(resources[2], impacts.items[0].holder);
    assert_ptr_equal(resources[0], impacts.items[0].target);
    assert_int_equal(1, impacts.items[0].left);
    assert_int_equal(1, impacts.items[0].depth);
    esc_impacts_done(&impacts);
    for (size_t i = 0; i < ESC_COUNT(resources); i++)
        esc_resource_free(resources[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_needs_it_breaks_and_who_has_others_goes_on_with_less),
        cmocka_unit_test(what_breaks_is_followed_further_and_what_loses_is_not),
        cmocka_unit_test(the_last_one_breaks_also_when_the_others_go_with_it),
        cmocka_unit_test(a_partner_outside_the_estate_counts_as_there),
        cmocka_unit_test(a_loss_is_passed_on_by_kinds_that_say_so),
        cmocka_unit_test(rings_end_and_the_origin_is_not_in_its_own_impact),
        cmocka_unit_test(what_nobody_knows_impacts_nothing),
        cmocka_unit_test(the_relation_that_tells_so_is_named),
    };
    return cmocka_run_group_tests_name("model/impact", tests, NULL, NULL);
}
