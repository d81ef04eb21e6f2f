/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The token buckets that AWS publishes, filled by time and emptied by calls. The fake notes the
 * first call that finds its bucket empty; it does not throttle by them, so that a client that
 * counts on being throttled is found out. Calls that left in time may be taken in together, when
 * the machine or this very loop was busy: `jitter_ms` of the rate are forgiven for that,
 * and more where the loop was seen to be busy for longer.
 *
 * @source EC2 API reference, "Request throttling for the Amazon EC2 API"; Lambda quotas, "Control
 * plane API requests"; CloudTrail quotas, "LookupEvents"
 */

#include <stdio.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "tests/support/fake_aws_private.h"

/* `bare`: only when neither filtered nor paged. `shared`: all operations of the row have one
 * bucket. The first row that fits counts. */
static const struct rate {
    const char *service, *operation; /* a trailing '*' stands for any ending */
    unsigned burst, per_second;
    bool bare, shared;
} rates[] = {
    {"ec2", "DescribeInstances", 50, .per_second = 10, .bare = true},
    {"ec2", "DescribeInstanceStatus", 50, .per_second = 10, .bare = true},
    {"ec2", "DescribeNetworkInterfaces", 50, .per_second = 10, .bare = true},
    {"ec2", "DescribeSecurityGroups", 50, .per_second = 10, .bare = true},
    {"ec2", "DescribeSnapshots", 50, .per_second = 10, .bare = true},
    {"ec2", "DescribeSpotInstanceRequests", 50, .per_second = 10, .bare = true},
    {"ec2", "DescribeVolumes", 50, .per_second = 10, .bare = true},
    {"ec2", "Describe*", 100, .per_second = 20},
    {"ec2", "Get*", 100, .per_second = 20},
    {"ec2", "*", 50, .per_second = 5},
    {"lambda", "GetFunction", 100, .per_second = 100},
    {"lambda", "GetPolicy", 15, .per_second = 15},
    {"lambda", "*", 15, .per_second = 15, .shared = true},
    {"cloudtrail", "LookupEvents", 2, .per_second = 2},
};

struct bucket {
    double tokens;
    uint64_t filled_ms;
};

static bool fits(const char *pattern, const char *text)
{
    const size_t len = strlen(pattern);
    if (pattern[len - 1] == '*')
        return strncmp(pattern, text, len - 1) == 0;
    return strcmp(pattern, text) == 0;
}

static bool is_bare(const struct fake_request *request)
{
    return !esc_json_member(request->params, "MaxResults") &&
           !esc_json_member(request->params, "Filter");
}

static const struct rate *rate_of(const struct fake_request *request)
{
    for (size_t i = 0; i < ESC_COUNT(rates); i++)
        if (strcmp(rates[i].service, request->operation->service) == 0 &&
            fits(rates[i].operation, request->operation->operation) &&
            (!rates[i].bare || is_bare(request)))
            return &rates[i];
    return NULL;
}

static struct bucket *bucket_of(struct esc_map *buckets, const struct rate *rate,
                                const struct fake_request *request, uint64_t now_ms)
{
    ESC_CLEANUP(esc_freep)
    char *key = esc_sprintf("%s %s %s %s", request->account, request->region, rate->service,
                            rate->shared ? rate->operation : request->operation->operation);
    struct bucket *bucket = esc_map_get(buckets, esc_str_of(key));
    if (!bucket) {
        bucket = esc_alloc_zero(sizeof *bucket);
        *bucket = (struct bucket){rate->burst, now_ms};
        esc_map_set(buckets, esc_str_of(key), bucket);
    }
    return bucket;
}

char *fake_rate_take(struct esc_map *buckets, const struct fake_request *request, uint64_t now_ms,
                     uint64_t jitter_ms)
{
    const struct rate *rate = rate_of(request);
    if (!rate)
        return NULL;
    struct bucket *bucket = bucket_of(buckets, rate, request, now_ms);
    const double gained = (double)(now_ms - bucket->filled_ms) * rate->per_second / 1000.0;
    bucket->filled_ms = now_ms;
    bucket->tokens = bucket->tokens + gained < rate->burst ? bucket->tokens + gained : rate->burst;
    bucket->tokens -= 1;
    if (bucket->tokens >= -(double)jitter_ms * rate->per_second / 1000.0)
        return NULL;
    bucket->tokens += 1;
    return esc_sprintf("%s:%s in %s %s: more than %u at once and %u a second",
                       request->operation->service, request->operation->operation, request->account,
                       request->region, rate->burst, rate->per_second);
}
