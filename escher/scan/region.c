/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/region_private.h"

#include "escher/base/alloc.h"
#include "escher/base/str.h"

/* @source AWS Regions and Availability Zones, "Opt-in not required"; Amazon Web Services in China
 * and AWS GovCloud (US): endpoints. The first of each is its main one. */
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

static const struct {
    const char *region_prefix, *arn_prefix;
    const char *const *regions;
} partitions[] = {
    {"cn-", "arn:aws-cn:", aws_cn},
    {"us-gov-", "arn:aws-us-gov:", aws_us_gov},
};

const char *const *scan_usual_regions(const struct esc_account *account)
{
    const char *region = account->regions.count ? account->regions.items[0] : NULL;
    for (size_t i = 0; i < ESC_COUNT(partitions); i++)
        if (region
                ? esc_str_starts_with(esc_str_of(region), esc_str_of(partitions[i].region_prefix))
                : esc_str_starts_with(esc_str_of(account->role_arn),
                                      esc_str_of(partitions[i].arn_prefix)))
            return partitions[i].regions;
    return aws;
}

const char *scan_main_region(const struct esc_account *account)
{
    return scan_usual_regions(account)[0];
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
