/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/throttle.h"

#include <string.h>

#include "escher/aws/aws_private.h"
#include "escher/base/assert.h"
#include "escher/base/attr.h"
#include "escher/base/str.h"

enum {
    TOKEN = 1000 * 1000,    /* in millionths */
    LEAST_RATE_MILLI = 500, /* a call every two seconds, however often it was throttled */
    CUT_ONCE_MS = 500,      /* calls of one burst are refused within about that */
};

/* The first row that fits. Where a service publishes nothing, the row says "unpublished" and
 * stays below what users have seen throttled.
 * @source EC2 API reference, "Request throttling": describe and get, with filter or MaxResults
 * @source Lambda developer guide, "Lambda quotas", API requests
 * @source CloudTrail API reference, LookupEvents
 * @source Elastic Load Balancing user guide, "Request throttling"
 * @source Route 53 developer guide, "Quotas", maximums on API requests
 * @source Account Management reference, "Quotas"
 * @source AWS general reference, endpoints and quotas: Resource Groups Tagging, CloudWatch
 * @source SQS developer guide, quotas: a standard queue takes "a nearly unlimited number" of calls a
 * second of each action. So ours is what a core may spend on a queue beside people's questions. */
static const struct esc_rate rates[] = {
    {"ec2", "*", NULL, 100, 20},
    {"lambda", "GetFunction", NULL, 100, 100},
    {"lambda", "GetPolicy", NULL, 15, 15},
    {"lambda", "*", "control", 15, 15},
    {"cloudtrail", "LookupEvents", NULL, 2, 2},
    {"elb", "*", "describe", 40, 10},
    {"elbv2", "*", "describe", 40, 10},
    {"route53", "*", "all", 5, 5},
    {"account", "ListRegions", NULL, 5, 5},
    {"resourcegroupstaggingapi", "GetResources", NULL, 15, 15},
    {"cloudwatch", "DescribeAlarms", NULL, 9, 9},
    {"sqs", "ReceiveMessage", NULL, 50, 300},
    {"sqs", "DeleteMessageBatch", NULL, 50, 300},
    {"iam", "Simulate*", "simulate", 5, 5}, /* unpublished; AWS asks to spread them */
    {"iam", "*", NULL, 20, 10},             /* unpublished, cannot be raised */
    {"organizations", "*", NULL, 5, 2},     /* unpublished */
    {"rds", "*", NULL, 20, 10},             /* unpublished */
    {"s3", "*", NULL, 100, 50},             /* unpublished for what is about buckets */
    {"*", "*", NULL, 20, 10},
};

const struct esc_rate *esc_rate_find(const char *service, const char *operation)
{
    size_t i = 0;
    while (!aws_code_fits(rates[i].service, service) ||
           !aws_code_fits(rates[i].operation, operation))
        i++; /* the last row fits everything */
    return &rates[i];
}

void esc_bucket_init(struct esc_bucket *bucket, const struct esc_rate *rate, uint64_t now_ms)
{
    ESC_ASSERT(rate->burst > 0 && rate->per_second > 0);
    const uint32_t kept_back = rate->burst >= 20 ? rate->burst / 10 : rate->burst > 1;
    const uint64_t burst_micro = (uint64_t)(rate->burst - kept_back) * TOKEN;
    *bucket = (struct esc_bucket){
        .burst_micro = burst_micro,
        .full_rate_milli = (uint64_t)rate->per_second * 1000,
        .rate_milli = (uint64_t)rate->per_second * 1000,
        .tokens_micro = burst_micro,
        .at_ms = now_ms,
    };
}

static void refill(struct esc_bucket *bucket, uint64_t now_ms)
{
    const uint64_t passed_ms = now_ms > bucket->at_ms ? now_ms - bucket->at_ms : 0;
    const uint64_t missing = bucket->burst_micro - bucket->tokens_micro;
    bucket->at_ms += passed_ms;
    if (passed_ms > missing / bucket->rate_milli)
        bucket->tokens_micro = bucket->burst_micro;
    else
        bucket->tokens_micro += passed_ms * bucket->rate_milli;
}

uint64_t esc_bucket_wait_ms(struct esc_bucket *bucket, uint64_t now_ms)
{
    refill(bucket, now_ms);
    if (bucket->tokens_micro >= TOKEN)
        return 0;
    return (TOKEN - bucket->tokens_micro + bucket->rate_milli - 1) / bucket->rate_milli;
}

void esc_bucket_take(struct esc_bucket *bucket, uint64_t now_ms)
{
    ESC_ASSERT(esc_bucket_wait_ms(bucket, now_ms) == 0);
    bucket->tokens_micro -= TOKEN;
}

void esc_bucket_throttled(struct esc_bucket *bucket, uint64_t now_ms)
{
    refill(bucket, now_ms);
    if (bucket->cut_ms && now_ms - bucket->cut_ms < CUT_ONCE_MS)
        return;
    bucket->cut_ms = now_ms;
    bucket->tokens_micro = 0;
    bucket->rate_milli = bucket->rate_milli * 7 / 10;
    if (bucket->rate_milli < LEAST_RATE_MILLI)
        bucket->rate_milli = LEAST_RATE_MILLI;
}

void esc_bucket_fared_well(struct esc_bucket *bucket, uint64_t now_ms)
{
    refill(bucket, now_ms);
    bucket->rate_milli += bucket->full_rate_milli / 20;
    if (bucket->rate_milli > bucket->full_rate_milli)
        bucket->rate_milli = bucket->full_rate_milli;
}
