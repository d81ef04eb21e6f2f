/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/model/impact.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/buf.h"
#include "tests/support/test.h"

/* An estate in lines: "web-tg has_target web-1 has_target web-2". */

static uint32_t node_of(struct esc_impact_graph *graph, const char *id)
{
    return esc_impact_graph_node(graph, esc_str_of(id));
}

static void add_line(struct esc_impact_graph *graph, const char *line)
{
    ESC_CLEANUP(esc_freep) char *words = esc_strdup(line);
    char *rest = words;
    const uint32_t holder = node_of(graph, strsep(&rest, " "));
    esc_impact_graph_add(graph, holder);
    for (char *name; (name = strsep(&rest, " ")) != NULL;) {
        const struct esc_relation_kind *kind = esc_relation_kind_find(name);
        const char *target = strsep(&rest, " ");
        if (kind)
            esc_impact_graph_relate(graph, holder, kind, node_of(graph, target));
    }
}

static void write_impact(const struct esc_impact *impact, struct esc_buf *out)
{
    esc_buf_printf(out, "%s%s %s", out->len ? ", " : "", impact->resource,
                   impact->effect == ESC_EFFECT_BREAKS ? "breaks" : "loses");
}

/* What happens when @p origin is gone, one after the other: "web-tg breaks, web-alb loses". */
static char *impact_of(const char *origin, const char *const *lines, size_t count)
{
    struct esc_impacts impacts;
    struct esc_buf out;
    ESC_CLEANUP(esc_impact_graph_freep) struct esc_impact_graph *graph = esc_impact_graph_new();
    esc_buf_init(&out, 10'000);
    for (size_t i = 0; i < count; i++)
        add_line(graph, lines[i]);
    esc_impact_of(graph, origin, &impacts);
    for (size_t i = 0; i < impacts.count; i++)
        write_impact(&impacts.items[i], &out);
    esc_impacts_done(&impacts);
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
    struct esc_impacts impacts;
    ESC_CLEANUP(esc_impact_graph_freep) struct esc_impact_graph *graph = esc_impact_graph_new();
    add_line(graph, "tg has_target web-1 has_target web-2");
    add_line(graph, "web-1");
    add_line(graph, "web-2");
    esc_impact_of(graph, "web-1", &impacts);
    assert_int_equal(1, impacts.count);
    assert_string_equal("has_target", impacts.items[0].kind->name);
    assert_string_equal("tg", impacts.items[0].holder);
    assert_string_equal("web-1", impacts.items[0].target);
    assert_int_equal(2, impacts.items[0].had);
    assert_int_equal(1, impacts.items[0].left);
    assert_int_equal(1, impacts.items[0].depth);
    esc_impacts_done(&impacts);
}

/* Of two relations that say the same, the one whose holder comes first in the order of ids. */
static void the_order_of_adding_changes_nothing(void **)
{
    static const char *const lines[] = {"net", "b in_subnet net", "a in_subnet net",
                                        "tg has_target a has_target b"};
    for (size_t first = 0; first < ESC_COUNT(lines); first++) {
        struct esc_impacts impacts;
        ESC_CLEANUP(esc_impact_graph_freep) struct esc_impact_graph *graph = esc_impact_graph_new();
        for (size_t i = 0; i < ESC_COUNT(lines); i++)
            add_line(graph, lines[(first + i) % ESC_COUNT(lines)]);
        esc_impact_of(graph, "net", &impacts);
        assert_int_equal(3, impacts.count);
        assert_string_equal("tg", impacts.items[2].resource);
        assert_string_equal("a", impacts.items[2].target);
        assert_int_equal(0, impacts.items[2].left);
        esc_impacts_done(&impacts);
    }
}

/* A hub whose partners go one after the other: each is counted once, not once for each of them. */
static void many_around_one_are_counted_in_a_moment(void **)
{
    enum {
        MANY = 20'000
    };
    struct esc_impacts impacts;
    ESC_CLEANUP(esc_impact_graph_freep) struct esc_impact_graph *graph = esc_impact_graph_new();
    add_line(graph, "net");
    add_line(graph, "tg");
    for (size_t i = 0; i < MANY; i++) {
        ESC_CLEANUP(esc_freep) char *line = esc_sprintf("web-%zu in_subnet net", i);
        add_line(graph, line);
        ESC_CLEANUP(esc_freep) char *id = esc_sprintf("web-%zu", i);
        esc_impact_graph_relate(graph, node_of(graph, "tg"), esc_relation_kind_find("has_target"),
                                node_of(graph, id));
    }
    add_line(graph, "other");
    esc_impact_graph_relate(graph, node_of(graph, "tg"), esc_relation_kind_find("has_target"),
                            node_of(graph, "other"));
    esc_impact_of(graph, "net", &impacts);
    assert_int_equal(MANY + 1, impacts.count);
    const struct esc_impact *last = &impacts.items[MANY];
    assert_string_equal("tg", last->resource);
    assert_int_equal(ESC_EFFECT_LOSES, last->effect);
    assert_int_equal(MANY + 1, last->had);
    esc_impacts_done(&impacts);
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
        cmocka_unit_test(the_order_of_adding_changes_nothing),
        cmocka_unit_test(many_around_one_are_counted_in_a_moment),
    };
    return cmocka_run_group_tests_name("model/impact", tests, NULL, NULL);
}
