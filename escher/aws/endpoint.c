/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/endpoint.h"

#include <string.h>

#include "escher/aws/s3.h"
#include "escher/base/attr.h"
#include "escher/model/partition.h"

/* Services with one address per partition.
 * @source botocore, data/endpoints.json: partitionEndpoint with hostname and credentialScope */
static const struct {
    const char *prefix, *partition, *host, *region;
} globals[] = {
    {"iam", "aws", "iam.amazonaws.com", "us-east-1"},
    {"iam", "aws-cn", "iam.cn-north-1.amazonaws.com.cn", "cn-north-1"},
    {"iam", "aws-us-gov", "iam.us-gov.amazonaws.com", "us-gov-west-1"},
    {"route53", "aws", "route53.amazonaws.com", "us-east-1"},
    {"route53", "aws-cn", "route53.amazonaws.com.cn", "cn-northwest-1"},
    {"route53", "aws-us-gov", "route53.us-gov.amazonaws.com", "us-gov-west-1"},
    {"cloudfront", "aws", "cloudfront.amazonaws.com", "us-east-1"},
    {"cloudfront", "aws-cn", "cloudfront.cn-northwest-1.amazonaws.com.cn", "cn-northwest-1"},
    {"cloudfront", "aws-us-gov", NULL, NULL},
    {"organizations", "aws", "organizations.us-east-1.amazonaws.com", "us-east-1"},
    {"organizations", "aws-cn", "organizations.cn-northwest-1.amazonaws.com.cn", "cn-northwest-1"},
    {"organizations", "aws-us-gov", "organizations.us-gov-west-1.amazonaws.com", "us-gov-west-1"},
    {"account", "aws", "account.us-east-1.amazonaws.com", "us-east-1"},
    {"account", "aws-cn", "account.cn-northwest-1.amazonaws.com.cn", "cn-northwest-1"},
    {"account", "aws-us-gov", NULL, NULL},
};

bool esc_region_is_valid(struct esc_str region)
{
    for (size_t i = 0; i < region.len; i++)
        if (!esc_is_lower(region.ptr[i]) && !esc_is_digit(region.ptr[i]) && region.ptr[i] != '-')
            return false;
    return region.len > 0 && region.len < ESC_REGION_TEXT;
}

/* @source botocore, data/endpoints.json: dnsSuffix */
static const char *suffix_of(const char *partition)
{
    return strcmp(partition, "aws-cn") == 0 ? "amazonaws.com.cn" : "amazonaws.com";
}

/* The row of a global service in the partition; the table's size when it is none. */
static size_t global_row(const char *prefix, const char *partition)
{
    size_t i = 0;
    while (i < ESC_COUNT(globals) &&
           (strcmp(globals[i].prefix, prefix) != 0 || strcmp(globals[i].partition, partition) != 0))
        i++;
    return i;
}

static void set_region(struct esc_endpoint *out, const char *region)
{
    memcpy(out->region, region, strlen(region) + 1); /* checked, or of the table */
}

static void add_emulator(struct esc_buf *url, const char *endpoint_url)
{
    struct esc_str base = esc_str_of(endpoint_url);
    while (esc_str_ends_with(base, ESC_STR("/")))
        base.len--;
    esc_buf_add(url, base);
}

static void add_regional(struct esc_buf *url, const struct esc_endpoint_ask *ask,
                         const char *region, const char *suffix, struct esc_endpoint *out)
{
    const struct esc_str bucket = esc_str_of(ask->bucket);
    out->bucket_in_host =
        ask->bucket && esc_s3_is_bucket_name(bucket) && !esc_str_contains(bucket, ESC_STR("."));
    if (out->bucket_in_host)
        esc_buf_printf(url, "https://%s.%s.%s.%s", ask->bucket, ask->prefix, region, suffix);
    else
        esc_buf_printf(url, "https://%s.%s.%s", ask->prefix, region, suffix);
}

enum esc_status esc_endpoint_check(const char *prefix, const char *region, struct esc_error *err)
{
    const char *partition = esc_partition_of_region(esc_str_of(region));
    const enum esc_status status = esc_partition_check(partition, err);
    const size_t row = global_row(prefix, partition);
    if (status != ESC_OK)
        return status;
    if (row < ESC_COUNT(globals) && !globals[row].host)
        return esc_fail(err, ESC_INVALID, "there is no %s in %s", prefix, partition);
    return ESC_OK;
}

enum esc_status esc_endpoint_make(const struct esc_endpoint_ask *ask, struct esc_buf *url,
                                  struct esc_endpoint *out, struct esc_error *err)
{
    const char *region = ask->region ? ask->region : "us-east-1";
    if (!esc_region_is_valid(esc_str_of(region)))
        return esc_fail(err, ESC_INVALID, "this is no name of a region");
    const char *partition = esc_partition_of_region(esc_str_of(region));
    const enum esc_status status = esc_endpoint_check(ask->prefix, region, err);
    if (status != ESC_OK)
        return status;
    const size_t row = global_row(ask->prefix, partition);
    const bool global = row < ESC_COUNT(globals);
    *out = (struct esc_endpoint){0};
    set_region(out, global ? globals[row].region : region);
    if (ask->endpoint_url)
        add_emulator(url, ask->endpoint_url);
    else if (global)
        esc_buf_printf(url, "https://%s", globals[row].host);
    else
        add_regional(url, ask, region, suffix_of(partition), out);
    return ESC_OK;
}
