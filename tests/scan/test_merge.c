/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/merge.h"

#include <string.h>

#include "escher/base/id.h"
#include "escher/base/limits.h"
#include "tests/support/test.h"

/* What follows is shown by tests/cases/scan; here: that the order of noting changes nothing, and
 * that nothing needs to be there between noting and concluding. */

#define PREFIX "111111111111-us-west-2-"

static struct esc_resource *made(const char *type, const char *identifier, const char *state)
{
    struct esc_resource *resource = esc_resource_new();
    resource->resource_type = esc_strdup(type);
    resource->identifier = esc_strdup(identifier);
    resource->name = esc_strdup(identifier);
    resource->arn = esc_strdup(identifier);
    resource->account_id = esc_strdup("111111111111");
    resource->region = esc_strdup("us-west-2");
    resource->id = esc_resource_key("111111111111", "us-west-2", type, identifier);
    resource->state = esc_strdup(state);
    return resource;
}

static struct esc_json *one_text(const char *text)
{
    struct esc_json *list = esc_json_array();
    esc_json_push_text(list, text);
    return list;
}

enum {
    COUNT = 12
};

/* A network with an instance that a group spares, its volume, and two snapshots of that. */
static struct esc_resource *at(size_t index)
{
    static const struct {
        const char *type, *identifier, *state, *kind, *target;
    } rows[COUNT] = {
        {"vpc", "vpc-1", "available", NULL, NULL},
        {"subnet", "subnet-1", "available", "in_vpc", PREFIX "vpc-vpc-1"},
        {"subnet", "subnet-2", "available", "in_vpc", PREFIX "vpc-vpc-1"},
        {"route_table", "rtb-1", "", "in_vpc", PREFIX "vpc-vpc-1"},
        {"route_table", "rtb-2", "", "in_vpc", PREFIX "vpc-vpc-1"},
        {"ec2_instance", "i-1", "running", "has_volume", PREFIX "ebs_volume-vol-1"},
        {"ebs_volume", "vol-1", "in-use", "of_nobody", PREFIX "ebs_volume-vol-9"},
        {"ebs_snapshot", "snap-1", "completed", "snapshot_of", PREFIX "ebs_volume-vol-1"},
        {"ebs_snapshot", "snap-2", "completed", "snapshot_of", PREFIX "ebs_volume-vol-1"},
        {"ebs_snapshot", "snap-3", "pending", "snapshot_of", PREFIX "ebs_volume-vol-1"},
        {"auto_scaling_group", "group", "", NULL, NULL},
        {"ec2_instance", "i-2", "terminated", "in_subnet", PREFIX "subnet-subnet-1"},
    };
    struct esc_resource *resource =
        made(rows[index].type, rows[index].identifier, rows[index].state);
    if (rows[index].kind)
        esc_resource_relate(resource, rows[index].kind, rows[index].target);
    resource->created_at_ms = 1'700'000'000'000 + 1000 * (index == 7 ? 9 : index);
    if (esc_text_equal(rows[index].identifier, "rtb-1"))
        esc_json_set_bool(resource->metadata, "is_main", true);
    if (esc_text_equal(rows[index].identifier, "rtb-2"))
        esc_json_set(resource->metadata, "subnets", one_text("subnet-2"));
    if (esc_text_equal(rows[index].type, "auto_scaling_group"))
        esc_json_set(resource->metadata, "protected_instances", one_text("i-1"));
    esc_json_set_text(resource->metadata, "vpc_id", "vpc-1");
    return resource;
}

static bool all_is_seen(void *, const char *)
{
    return true;
}

/* What is concluded when they are noted in this order; owned, in the order of the table. */
static char *concluded(const size_t *order)
{
    const struct esc_merge about = {.is_complete = all_is_seen};
    ESC_CLEANUP(esc_merger_freep) struct esc_merger *merger = esc_merger_new(&about);
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_FILE);
    for (size_t i = 0; i < COUNT; i++) {
        ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = at(order[i]);
        esc_merger_note(merger, resource, order[i]);
    }
    esc_merger_settle(merger);
    assert_int_equal(COUNT, esc_merger_count(merger));
    for (size_t i = 0; i < COUNT; i++) {
        ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = at(i);
        esc_merger_conclude(merger, resource);
        ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_resource_to_json(resource);
        esc_json_write(json, ESC_JSON_COMPACT, &text);
        esc_buf_add_char(&text, '\n');
    }
    for (size_t i = 1; i < COUNT; i++) {
        ESC_CLEANUP(esc_resource_freep)
        struct esc_resource *before = at(esc_merger_nth(merger, i - 1));
        ESC_CLEANUP(esc_resource_freep) struct esc_resource *after = at(esc_merger_nth(merger, i));
        assert_true(esc_str_compare(esc_str_of(before->id), esc_str_of(after->id)) < 0);
    }
    return esc_buf_take(&text);
}

static void what_follows_does_not_depend_on_the_order(void **)
{
    size_t order[COUNT];
    struct esc_random_seeded random;
    esc_random_seeded_init(&random, 3);
    for (size_t i = 0; i < COUNT; i++)
        order[i] = i;
    ESC_CLEANUP(esc_freep) char *expected = concluded(order);
    expect_contains("each of its volumes has a snapshot", expected);
    expect_contains("its Auto Scaling group group spares it", expected);
    expect_contains("\"latest_snapshot_at\":\"2023-11-14T22:13:29Z\"", expected);
    expect_contains("{\"kind\":\"routed_by\",\"target\":\"" PREFIX "route_table-rtb-1\"}",
                    expected);
    expect_contains("{\"kind\":\"routed_by\",\"target\":\"" PREFIX "route_table-rtb-2\"}",
                    expected);
    expect_contains("used by rtb-2 and others", expected);
    assert_null(strstr(expected, "used by i-2")); /* it is terminated */
    for (size_t round = 0; round < 200; round++) {
        for (size_t i = COUNT; i-- > 1;) {
            const size_t other = (size_t)esc_random_below(&random.random, i + 1), moved = order[i];
            order[i] = order[other];
            order[other] = moved;
        }
        ESC_CLEANUP(esc_freep) char *actual = concluded(order);
        assert_string_equal(expected, actual);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_follows_does_not_depend_on_the_order),
    };
    return cmocka_run_group_tests_name("scan/merge", tests, NULL, NULL);
}
