/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/region_private.h"

#include "escher/base/alloc.h"
#include "escher/base/str.h"

/* @source AWS Regions and Availability Zones, "Opt-in not required"; Amazon Web Services in China
 * and AWS GovCloud (US): endpoints. */
static const char *const aws[] = {
    "us-east-1",      "us-east-2",      "us-west-1",
    "us-west-2",      "ca-central-1",   "sa-east-1",
    "eu-central-1",   "eu-west-1",      "eu-west-2",
    "eu-west-3",      "eu-north-1",     "ap-south-1",
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
    "ap-southeast-1", "ap-southeast-2", NULL,
};
static const char *const aws_cn[] = {"cn-north-1", "cn-northwest-1", NULL};
static const char *const aws_us_gov[] = {"us-gov-west-1", "us-gov-east-1", NULL};

const char *const *scan_usual_regions(const struct esc_account *account)
{
    const char *partition = esc_account_partition(account);
    if (esc_text_equal(partition, "aws-cn"))
        return aws_cn;
    return esc_text_equal(partition, "aws-us-gov") ? aws_us_gov : aws;
}

bool scan_is_region(struct esc_str text)
{
    bool has_dash = false;
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        has_dash |= c == '-';
        if (!(c == '-' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')))
            return false;
    }
    return has_dash && text.len < 32;
}
