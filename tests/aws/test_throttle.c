/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/throttle.h"

#include "escher/base/id.h"
#include "tests/support/test.h"

static const struct esc_rate rate = {"x", "*", NULL, 10, 4};

static unsigned take_all(struct esc_bucket *bucket, uint64_t now_ms)
{
    unsigned count = 0;
    for (; esc_bucket_wait_ms(bucket, now_ms) == 0; count++)
        esc_bucket_take(bucket, now_ms);
    return count;
}

static void the_published_rates_are_found(void **)
{
    static const struct {
        const char *service, *operation;
        unsigned burst, per_second;
    } cases[] = {
        {"ec2", "DescribeInstances", 100, 20},    {"lambda", "GetFunction", 100, 100},
        {"lambda", "ListAliases", 15, 15},        {"cloudtrail", "LookupEvents", 2, 2},
        {"iam", "SimulatePrincipalPolicy", 5, 5}, {"iam", "GetRole", 20, 10},
        {"somewhere", "ListThings", 20, 10},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        const struct esc_rate *found = esc_rate_find(cases[i].service, cases[i].operation);
        assert_int_equal(cases[i].burst, found->burst);
        assert_int_equal(cases[i].per_second, found->per_second);
    }
}

static void operations_of_lambda_share_one_bucket(void **)
{
    assert_string_equal("control", esc_rate_find("lambda", "ListTags")->shared);
    assert_ptr_equal(esc_rate_find("lambda", "ListTags"), esc_rate_find("lambda", "ListFunctions"));
    assert_null(esc_rate_find("ec2", "DescribeVolumes")->shared);
}

static void the_burst_but_a_tenth_goes_at_once_and_then_the_rate_holds(void **)
{
    struct esc_bucket bucket;
    esc_bucket_init(&bucket, &rate, 5000);
    assert_int_equal(9, take_all(&bucket, 5000));
    assert_int_equal(250, esc_bucket_wait_ms(&bucket, 5000));
    assert_int_equal(1, esc_bucket_wait_ms(&bucket, 5249));
    assert_int_equal(1, take_all(&bucket, 5250));
    assert_int_equal(4, take_all(&bucket, 6250));
    assert_int_equal(9, take_all(&bucket, 100'000)); /* no more than the burst, however long */
}

/* In any stretch of time no more goes out than what was in it and what flowed in. */
static void no_stretch_of_time_sees_more_than_burst_and_rate(void **)
{
    struct esc_random_seeded seeded;
    esc_random_seeded_init(&seeded, 11);
    struct esc_bucket bucket;
    static uint64_t sent_ms[4000];
    size_t count = 0;
    uint64_t now_ms = 1;
    esc_bucket_init(&bucket, &rate, now_ms);
    while (count < ESC_COUNT(sent_ms)) {
        now_ms += esc_random_below(&seeded.random, 700);
        for (unsigned n = take_all(&bucket, now_ms); n > 0 && count < ESC_COUNT(sent_ms); n--)
            sent_ms[count++] = now_ms;
    }
    for (size_t from = 0; from < count; from++)
        for (size_t to = from; to < count && to < from + 40; to++)
            assert_true((to - from + 1) * 1000 <=
                        9 * 1000 + (sent_ms[to] - sent_ms[from]) * 4 + 1000);
}

static void throttling_cuts_the_rate_and_empties_the_bucket(void **)
{
    struct esc_bucket bucket;
    esc_bucket_init(&bucket, &rate, 1);
    esc_bucket_throttled(&bucket, 1000);
    assert_int_equal(2800, bucket.rate_milli);
    assert_int_equal(358, esc_bucket_wait_ms(&bucket, 1000));
    esc_bucket_throttled(&bucket, 1499); /* of the same burst */
    assert_int_equal(2800, bucket.rate_milli);
    esc_bucket_throttled(&bucket, 1500);
    assert_int_equal(1960, bucket.rate_milli);
    for (uint64_t at_ms = 3000; at_ms < 30'000; at_ms += 1000)
        esc_bucket_throttled(&bucket, at_ms);
    assert_int_equal(500, bucket.rate_milli); /* it never stops altogether */
    assert_int_equal(2000, esc_bucket_wait_ms(&bucket, 29'000));
}

static void calls_that_fare_well_bring_the_rate_back_and_no_further(void **)
{
    struct esc_bucket bucket;
    esc_bucket_init(&bucket, &rate, 1);
    esc_bucket_throttled(&bucket, 1000);
    esc_bucket_fared_well(&bucket, 1000);
    assert_int_equal(3000, bucket.rate_milli);
    for (int i = 0; i < 100; i++)
        esc_bucket_fared_well(&bucket, 1000);
    assert_int_equal(4000, bucket.rate_milli);
}

/* A service that lets only three a second through, behind a published four: what is refused ends
 * up being few. */
static void a_service_with_less_than_it_says_is_soon_let_be(void **)
{
    struct esc_bucket ours, theirs;
    const struct esc_rate less = {"x", "*", NULL, 3, 3};
    unsigned refused = 0, sent = 0;
    esc_bucket_init(&ours, &rate, 1);
    esc_bucket_init(&theirs, &less, 1);
    for (uint64_t now_ms = 1; now_ms < 600'000; now_ms += 10) {
        if (esc_bucket_wait_ms(&ours, now_ms) > 0)
            continue;
        esc_bucket_take(&ours, now_ms);
        sent++;
        if (esc_bucket_wait_ms(&theirs, now_ms) > 0) {
            refused++;
            esc_bucket_throttled(&ours, now_ms);
        } else {
            esc_bucket_take(&theirs, now_ms);
            esc_bucket_fared_well(&ours, now_ms);
        }
    }
    assert_true(sent > 600 * 2); /* two thirds of what there is */
    if (refused * 6 >= sent)
        fail_msg("%u of %u were refused", refused, sent);
}

static void a_clock_that_stands_or_steps_back_harms_nothing(void **)
{
    struct esc_bucket bucket;
    esc_bucket_init(&bucket, &rate, 5000);
    assert_int_equal(9, take_all(&bucket, 5000));
    assert_int_equal(0, take_all(&bucket, 4000));
    assert_int_equal(9, take_all(&bucket, UINT64_MAX)); /* nor does one that leaps */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_rates_are_found),
        cmocka_unit_test(operations_of_lambda_share_one_bucket),
        cmocka_unit_test(the_burst_but_a_tenth_goes_at_once_and_then_the_rate_holds),
        cmocka_unit_test(no_stretch_of_time_sees_more_than_burst_and_rate),
        cmocka_unit_test(throttling_cuts_the_rate_and_empties_the_bucket),
        cmocka_unit_test(calls_that_fare_well_bring_the_rate_back_and_no_further),
        cmocka_unit_test(a_service_with_less_than_it_says_is_soon_let_be),
        cmocka_unit_test(a_clock_that_stands_or_steps_back_harms_nothing),
    };
    return cmocka_run_group_tests_name("aws/throttle", tests, NULL, NULL);
}
