/* SPDX-License-Identifier: Apache-2.0 */

/* Lanes of calls, in a world whose clock is the test's: each call takes 100 ms. */

#include <stdlib.h>
#include <string.h>

#include "escher/aws/pace_private.h"
#include "escher/base/alloc.h"
#include "escher/work/permission_lane_private.h"
#include "tests/support/test.h"

enum {
    CALL_MS = 100,
    MOST = 256, /* calls at a time that the world can hold */
};

struct flight {
    struct permission_lane *lane;
    char *item;
    uint64_t until_ms;
};

struct world {
    struct permission_lanes *lanes;
    struct flight flights[MOST];
    size_t count, most;
    uint64_t now_ms;
    struct esc_list order; /* char *: items as they ended */
};

static void world_init(struct world *world, unsigned calls)
{
    *world = (struct world){.lanes = permission_lanes_new(calls, free)};
    esc_list_init(&world->order, free);
}

static void world_done(struct world *world)
{
    permission_lanes_free(world->lanes);
    esc_list_done(&world->order);
}

/* Items "NAME 0", "NAME 1", ... */
static void add(struct world *world, const char *name, size_t count)
{
    for (size_t i = 0; i < count; i++)
        permission_lanes_add(world->lanes, name, esc_sprintf("%s %zu", name, i));
}

static void start_what_may(struct world *world)
{
    struct permission_lane *lane;
    char *item;
    while ((item = permission_lanes_next(world->lanes, &lane))) {
        assert_true(world->count < MOST);
        world->flights[world->count++] = (struct flight){lane, item, world->now_ms + CALL_MS};
    }
    if (world->count > world->most)
        world->most = world->count;
    for (size_t i = 0; i < world->count; i++) {
        size_t same = 0;
        for (size_t j = 0; j < world->count; j++)
            same += world->flights[j].lane == world->flights[i].lane;
        assert_true(same <= ESC_AWS_AT_ENDPOINT);
    }
}

/* The first that ends; false: nothing is out. */
static bool end_one(struct world *world)
{
    size_t first = 0;
    if (world->count == 0)
        return false;
    for (size_t i = 1; i < world->count; i++)
        if (world->flights[i].until_ms < world->flights[first].until_ms)
            first = i;
    const struct flight flight = world->flights[first];
    world->count--;
    memmove(&world->flights[first], &world->flights[first + 1],
            (world->count - first) * sizeof flight);
    world->now_ms = flight.until_ms;
    esc_list_push(&world->order, flight.item);
    permission_lanes_end(world->lanes, flight.lane);
    return true;
}

static void run(struct world *world)
{
    do
        start_what_may(world);
    while (end_one(world));
}

/* The policies of three regions and six services, one place after the other as a scan has them, let
 * go by the transport's own rates and turns. */
static const char *const services[] = {"s3", "sns", "secretsmanager", "dynamodb", "lambda", "sqs"};
static const char *const regions[] = {"us-east-1", "us-west-2", "eu-west-1"};

enum {
    PLACES = 18,
    POLICIES = 112,
};

struct paced {
    struct aws_pace *pace;
    struct permission_lanes *lanes;
    struct call {
        struct aws_turn turn;
        struct permission_lane *lane;
        uint64_t until_ms; /* UINT64_MAX: it waits for its turn */
    } * open[POLICIES];
    size_t open_count, ended;
    uint64_t now_ms;
};

static struct call *call_new(struct paced *paced, size_t place)
{
    struct call *call = esc_alloc_zero(sizeof *call);
    const struct aws_turn_key key = {
        .account = "111111111111",
        .region = regions[place / 6],
        .service = services[place % 6],
        .operation = place % 6 == 4 ? "GetPolicy" : "GetResourcePolicy",
    };
    aws_turn_init(&call->turn, paced->pace, &key, paced->now_ms);
    call->until_ms = UINT64_MAX;
    return call;
}

static void add_policies(struct paced *paced)
{
    for (size_t place = 0; place < PLACES; place++) {
        ESC_CLEANUP(esc_freep)
        char *name = esc_sprintf("111111111111 %s %s", regions[place / 6], services[place % 6]);
        for (size_t i = 0; i < (place < POLICIES % 6 ? 7u : 6u); i++)
            permission_lanes_add(paced->lanes, name, call_new(paced, place));
    }
}

/* Sends what may go; the time until the next may. */
static uint64_t send_some(struct paced *paced)
{
    struct permission_lane *lane;
    struct call *call;
    struct aws_turn *turn;
    uint64_t wait_ms;
    while ((call = permission_lanes_next(paced->lanes, &lane))) {
        call->lane = lane;
        aws_turn_wait(&call->turn);
        paced->open[paced->open_count++] = call;
    }
    while ((turn = aws_pace_next(paced->pace, paced->now_ms, &wait_ms)))
        ((struct call *)turn)->until_ms = paced->now_ms + CALL_MS;
    return wait_ms == UINT64_MAX ? UINT64_MAX : paced->now_ms + wait_ms;
}

static void answer_until(struct paced *paced, uint64_t next_ms)
{
    for (size_t i = 0; i < paced->open_count; i++)
        if (paced->open[i]->until_ms < next_ms)
            next_ms = paced->open[i]->until_ms;
    paced->now_ms = next_ms;
    for (size_t i = 0; i < paced->open_count;) {
        struct call *call = paced->open[i];
        if (call->until_ms > next_ms) {
            i++;
            continue;
        }
        aws_turn_end(&call->turn, AWS_FARED_WELL, next_ms);
        permission_lanes_end(paced->lanes, call->lane);
        paced->open[i] = paced->open[--paced->open_count];
        paced->ended++;
        free(call);
    }
}

/* How long they take with so many looks at a time. */
static uint64_t policies_take_ms(unsigned calls)
{
    struct paced paced = {.pace = aws_pace_new(), .lanes = permission_lanes_new(calls, free)};
    add_policies(&paced);
    do
        answer_until(&paced, send_some(&paced));
    while (paced.ended < POLICIES);
    permission_lanes_free(paced.lanes);
    aws_pace_free(paced.pace);
    return paced.now_ms;
}

static void endpoints_are_called_side_by_side(void **)
{
    assert_int_equal(2800, policies_take_ms(4));
    assert_in_range(policies_take_ms(128), 700, 800); /* sixteen at a time in an account */
}

static void a_long_lane_holds_up_no_other(void **)
{
    struct world world;
    world_init(&world, 8);
    add(&world, "long", 400);
    add(&world, "short", 4);
    add(&world, "last", 1);
    for (int i = 0; i < 9; i++) {
        start_what_may(&world);
        assert_true(end_one(&world));
    }
    size_t others = 0;
    for (size_t i = 0; i < world.order.count; i++)
        others += strncmp(esc_list_at(&world.order, i), "long", 4) != 0;
    assert_int_equal(5, others);
    run(&world);
    assert_int_equal(405, world.order.count);
    assert_int_equal(400 / ESC_AWS_AT_ENDPOINT * CALL_MS, world.now_ms);
    world_done(&world);
}

static void a_lane_sends_in_the_order_of_coming(void **)
{
    struct world world;
    world_init(&world, 1);
    add(&world, "one", 3);
    add(&world, "other", 2);
    run(&world);
    static const char *const expected[] = {"one 0", "other 0", "one 1", "other 1", "one 2"};
    assert_int_equal(ESC_COUNT(expected), world.order.count);
    for (size_t i = 0; i < ESC_COUNT(expected); i++)
        assert_string_equal(expected[i], esc_list_at(&world.order, i));
    assert_int_equal(1, world.most);
    world_done(&world);
}

static void what_still_waits_goes_with_its_lanes(void **)
{
    struct world world;
    world_init(&world, 2);
    add(&world, "one", 5);
    add(&world, "other", 5);
    start_what_may(&world);
    assert_int_equal(2, world.count);
    while (world.count) {
        free(world.flights[--world.count].item);
        permission_lanes_end(world.lanes, world.flights[world.count].lane);
    }
    world_done(&world); /* the sanitizers would tell of the others */
    permission_lanes_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endpoints_are_called_side_by_side),
        cmocka_unit_test(a_long_lane_holds_up_no_other),
        cmocka_unit_test(a_lane_sends_in_the_order_of_coming),
        cmocka_unit_test(what_still_waits_goes_with_its_lanes),
    };
    return cmocka_run_group_tests_name("work/permission_lane", tests, NULL, NULL);
}
