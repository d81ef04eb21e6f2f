/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "escher/aws/pace_private.h"
#include "escher/aws/retry.h"
#include "escher/base/id.h"
#include "tests/support/test.h"

/*
 * How a scan fares when it is refused: buckets, turns and waits together, in a world whose clock
 * goes a millisecond at a time.
 */

enum {
    MOST_CALLS = 1000,
    ANSWER_MS = 5,
    SEEDS = 40,
    FOREVER_MS = 600'000,
};

enum state {
    OVER,
    QUEUED,
    OUT,
    RESTING,
};

struct call {
    struct aws_turn turn;
    enum state state;
    uint64_t at_ms; /* of the answer, or when it rests no longer */
    unsigned throttled;
};

struct world {
    struct aws_pace *pace;
    struct esc_random_seeded seeded;
    uint64_t now_ms;
    unsigned refused_percent; /* of all calls, at random */
    uint64_t closed_until_ms; /* it refuses everything */
    struct esc_bucket *real;  /* what the service really allows; NULL: what it publishes */
    struct call calls[MOST_CALLS];
    size_t call_count;
    unsigned sent, refused, failed;
};

static void world_init(struct world *world, uint64_t seed)
{
    *world = (struct world){.pace = aws_pace_new(), .now_ms = 1};
    esc_random_seeded_init(&world->seeded, seed);
}

/* As many calls of an operation as are given, all wanted at once. */
static void want(struct world *world, const char *service, const char *operation, unsigned count)
{
    const struct aws_turn_key key = {"111111111111", "eu-west-1", service, operation, false};
    for (unsigned i = 0; i < count; i++) {
        struct call *call = &world->calls[world->call_count++];
        *call = (struct call){.state = QUEUED};
        aws_turn_init(&call->turn, world->pace, &key, world->now_ms);
        aws_turn_wait(&call->turn);
    }
}

static bool refuses(struct world *world)
{
    if (world->now_ms < world->closed_until_ms ||
        esc_random_below(&world->seeded.random, 100) < world->refused_percent)
        return true;
    if (world->real && esc_bucket_wait_ms(world->real, world->now_ms) > 0)
        return true;
    if (world->real)
        esc_bucket_take(world->real, world->now_ms);
    return false;
}

static void answer(struct world *world, struct call *call)
{
    const bool is_refused = refuses(world);
    world->sent++;
    world->refused += is_refused;
    aws_turn_end(&call->turn, is_refused ? AWS_THROTTLED : AWS_FARED_WELL, world->now_ms);
    call->state = OVER;
    if (!is_refused)
        return;
    if (++call->throttled >= esc_retry_attempts(ESC_RETRY_THROTTLED)) {
        world->failed++;
        return;
    }
    call->state = RESTING;
    call->at_ms = world->now_ms + esc_backoff_ms(esc_retry_backoff(ESC_RETRY_THROTTLED),
                                                 call->throttled - 1, &world->seeded.random);
}

static bool turn(struct world *world)
{
    struct aws_turn *next;
    uint64_t wait_ms;
    bool is_over = true;
    for (size_t i = 0; i < world->call_count; i++) {
        struct call *call = &world->calls[i];
        if (call->state == OUT && world->now_ms >= call->at_ms)
            answer(world, call);
        if (call->state == RESTING && world->now_ms >= call->at_ms) {
            aws_turn_wait(&call->turn);
            call->state = QUEUED;
        }
        is_over = is_over && call->state == OVER;
    }
    while ((next = aws_pace_next(world->pace, world->now_ms, &wait_ms))) {
        struct call *call = (struct call *)(void *)next;
        call->state = OUT;
        call->at_ms = world->now_ms + ANSWER_MS;
    }
    world->now_ms++;
    return !is_over && world->now_ms < FOREVER_MS;
}

static void run(struct world *world)
{
    while (turn(world))
        ;
    world->call_count = 0;
}

static void world_done(struct world *world)
{
    aws_pace_free(world->pace);
}

static void want_many(struct world *world, const char *service, unsigned operations,
                      unsigned calls_each)
{
    char name[32];
    for (unsigned i = 0; i < operations; i++) {
        (void)snprintf(name, sizeof name, "Describe%u", i);
        want(world, service, name, calls_each);
    }
}

/* Lists, then the details of buckets, then policies: each waits for the last of those before. */
static void scan(struct world *world)
{
    want_many(world, "ec2", 80, 1);
    want_many(world, "rds", 80, 1);
    run(world);
    want_many(world, "s3", 18, 10);
    run(world);
    want_many(world, "sns", 15, 8);
    run(world);
}

static void a_third_refused_at_random_costs_seconds(void **)
{
    enum {
        CALLS = 160 + 180 + 120,
    };
    static struct world world;
    uint64_t all_ms = 0, longest_ms = 0;
    for (unsigned seed = 0; seed < SEEDS; seed++) {
        world_init(&world, seed);
        world.refused_percent = 30;
        scan(&world);
        assert_int_equal(0, world.failed);
        assert_in_range(world.sent, CALLS, CALLS * 17 / 10);
        all_ms += world.now_ms;
        longest_ms = world.now_ms > longest_ms ? world.now_ms : longest_ms;
        world_done(&world);
    }
    if (all_ms / SEEDS > 5000 || longest_ms > 12'000)
        fail_msg("%llu ms, at most %llu", (unsigned long long)(all_ms / SEEDS),
                 (unsigned long long)longest_ms);
}

/* Others use half of what there is: we take the rest, all of it, and are refused a third at most. */
static void a_service_with_half_of_what_it_says_is_used_whole(void **)
{
    enum {
        CALLS = 600,
        LEAST_MS = (CALLS - 50) * 1000 / 10,
    };
    static const struct esc_rate half = {"ec2", "*", NULL, 50, 10};
    static struct world world;
    struct esc_bucket real;
    world_init(&world, 1);
    esc_bucket_init(&real, &half, world.now_ms);
    world.real = &real;
    want(&world, "ec2", "DescribeVolumes", CALLS);
    run(&world);
    assert_int_equal(0, world.failed);
    assert_in_range(world.now_ms, LEAST_MS, LEAST_MS * 11 / 10);
    assert_in_range(world.refused * 100 / world.sent, 1, 36);
    world_done(&world);
}

static void who_refuses_everything_is_asked_ever_more_slowly_and_not_given_up_soon(void **)
{
    enum {
        CALLS = 30,
    };
    static struct world world;
    for (unsigned seed = 0; seed < SEEDS; seed++) {
        world_init(&world, seed);
        world.closed_until_ms = 15'000;
        want(&world, "ec2", "DescribeVolumes", CALLS);
        run(&world);
        assert_int_equal(0, world.failed);
        assert_in_range(world.refused, 10, 60); /* a few in each second, and fewer later */
        world_done(&world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_third_refused_at_random_costs_seconds),
        cmocka_unit_test(a_service_with_half_of_what_it_says_is_used_whole),
        cmocka_unit_test(who_refuses_everything_is_asked_ever_more_slowly_and_not_given_up_soon),
    };
    return cmocka_run_group_tests_name("aws/recovery", tests, NULL, NULL);
}
