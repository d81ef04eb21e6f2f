/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/pace_private.h"

#include "tests/support/test.h"

enum {
    MANY = 200
};

struct bench {
    struct aws_pace *pace;
    struct aws_turn turns[MANY];
    uint64_t now_ms, wait_ms;
};

static int set_up(void **state)
{
    struct bench *bench = esc_alloc_zero(sizeof *bench);
    bench->pace = aws_pace_new();
    bench->now_ms = 1000;
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    for (int i = 0; i < MANY; i++)
        aws_turn_leave(&bench->turns[i]);
    aws_pace_free(bench->pace);
    free(bench);
    return 0;
}

static struct aws_turn *queue(struct bench *bench, int number, const char *account,
                              const char *region, const char *service, const char *operation)
{
    const struct aws_turn_key key = {account, region, service, operation, false};
    struct aws_turn *turn = &bench->turns[number];
    aws_turn_init(turn, bench->pace, &key, bench->now_ms);
    aws_turn_wait(turn);
    return turn;
}

static struct aws_turn *next(struct bench *bench)
{
    return aws_pace_next(bench->pace, bench->now_ms, &bench->wait_ms);
}

static unsigned let_out(struct bench *bench)
{
    unsigned count = 0;
    while (next(bench))
        count++;
    return count;
}

static void the_first_who_waits_goes_first(void **state)
{
    struct bench *bench = *state;
    const struct aws_turn *first = queue(bench, 0, "1", "eu", "ec2", "DescribeVolumes");
    const struct aws_turn *second = queue(bench, 1, "1", "eu", "rds", "DescribeDBInstances");
    assert_ptr_equal(first, next(bench));
    assert_ptr_equal(second, next(bench));
    assert_null(next(bench));
    assert_true(bench->wait_ms == UINT64_MAX);
}

static void an_endpoint_gets_four_and_an_account_sixteen(void **state)
{
    struct bench *bench = *state;
    static const char *const regions[] = {"a", "b", "c", "d", "e", "f"};
    for (int i = 0; i < 60; i++)
        queue(bench, i, "1", regions[i % 6], "ec2", "DescribeVolumes");
    assert_int_equal(16, let_out(bench));
    for (int i = 60; i < 80; i++)
        queue(bench, i, "2", "a", "ec2", "DescribeVolumes"); /* another account: its own room */
    assert_int_equal(4, let_out(bench));
    aws_turn_end(&bench->turns[0], AWS_FARED_WELL, bench->now_ms);
    assert_int_equal(1, let_out(bench));
}

static void who_must_wait_keeps_nobody_else_waiting(void **state)
{
    struct bench *bench = *state;
    for (int i = 0; i < 5; i++)
        queue(bench, i, "1", "eu", "ec2", "DescribeVolumes");
    const struct aws_turn *other = queue(bench, 5, "1", "us", "ec2", "DescribeVolumes");
    for (int i = 0; i < 4; i++)
        assert_true(next(bench) != other);
    assert_ptr_equal(other, next(bench));
}

static void a_bucket_is_shared_by_all_who_ask_the_same(void **state)
{
    struct bench *bench = *state;
    unsigned sent = 0;
    for (int i = 0; i < MANY; i++)
        queue(bench, i, "1", "eu", "lambda", i % 2 ? "ListAliases" : "ListTags");
    for (uint64_t end_ms = bench->now_ms + 4000; bench->now_ms < end_ms; bench->now_ms++)
        for (struct aws_turn *turn; (turn = next(bench)); sent++)
            aws_turn_end(turn, AWS_FARED_WELL, bench->now_ms);
    assert_in_range(sent, 14 + 4 * 15 - 1, 14 + 4 * 15);
}

static void the_wait_is_that_of_the_nearest_token(void **state)
{
    struct bench *bench = *state;
    for (int i = 0; i < 3; i++)
        queue(bench, i, "1", "eu", "cloudtrail", "LookupEvents");
    assert_int_equal(1, let_out(bench));
    assert_int_equal(500, bench->wait_ms);
    bench->now_ms += 499;
    assert_null(next(bench));
    assert_int_equal(1, bench->wait_ms);
    bench->now_ms += 1;
    assert_non_null(next(bench));
}

static void throttling_slows_only_its_own_bucket(void **state)
{
    struct bench *bench = *state;
    for (int i = 0; i < 3; i++)
        queue(bench, i, "1", "eu", "ec2", "DescribeVolumes");
    aws_turn_end(next(bench), AWS_THROTTLED, bench->now_ms);
    assert_null(next(bench));
    assert_int_equal(72, bench->wait_ms); /* fourteen a second now, and nothing saved up */
    queue(bench, 3, "1", "eu", "ec2", "DescribeImages");
    queue(bench, 4, "1", "us", "ec2", "DescribeVolumes");
    assert_int_equal(2, let_out(bench));
}

static void who_leaves_gives_its_place_back(void **state)
{
    struct bench *bench = *state;
    for (int i = 0; i < 6; i++)
        queue(bench, i, "1", "eu", "ec2", "DescribeVolumes");
    assert_int_equal(4, let_out(bench));
    aws_turn_leave(&bench->turns[4]); /* it waited */
    assert_null(next(bench));
    aws_turn_leave(&bench->turns[0]); /* it was out */
    assert_ptr_equal(&bench->turns[5], next(bench));
    aws_turn_leave(&bench->turns[0]); /* idle: nothing */
    assert_null(next(bench));
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BENCH(the_first_who_waits_goes_first),
        WITH_BENCH(an_endpoint_gets_four_and_an_account_sixteen),
        WITH_BENCH(who_must_wait_keeps_nobody_else_waiting),
        WITH_BENCH(a_bucket_is_shared_by_all_who_ask_the_same),
        WITH_BENCH(the_wait_is_that_of_the_nearest_token),
        WITH_BENCH(throttling_slows_only_its_own_bucket),
        WITH_BENCH(who_leaves_gives_its_place_back),
    };
    return cmocka_run_group_tests_name("aws/pace", tests, NULL, NULL);
}
