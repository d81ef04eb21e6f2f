/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/model/partition.h"

#include "escher/model/arn.h"

/* The last fits all regions. */
static const struct {
    const char *name, *region_prefix, *main_region;
} partitions[] = {
    {"aws-cn", "cn-", "cn-north-1"}, {"aws-us-gov", "us-gov-", "us-gov-west-1"},
    {"aws-eusc", "eusc-", NULL},     {"aws-iso", "us-iso-", NULL},
    {"aws-iso-b", "us-isob-", NULL}, {"aws-iso-e", "eu-isoe-", NULL},
    {"aws-iso-f", "us-isof-", NULL}, {"aws", "", "us-east-1"},
};

/* It is asked of each resource several times. */
static bool begins_with(struct esc_str region, const char *prefix)
{
    for (size_t i = 0; prefix[i]; i++)
        if (i == region.len || region.ptr[i] != prefix[i])
            return false;
    return true;
}

bool esc_region_is_likely(struct esc_str name)
{
    size_t dashes = 0;
    for (size_t i = 0; i < name.len; i++) {
        dashes += name.ptr[i] == '-';
        if (name.ptr[i] != '-' && !esc_is_lower(name.ptr[i]) && !esc_is_digit(name.ptr[i]))
            return false;
    }
    return dashes >= 2 && esc_is_lower(name.ptr[0]) && esc_is_digit(name.ptr[name.len - 1]);
}

const char *esc_partition_of_region(struct esc_str region)
{
    size_t i = 0;
    while (!begins_with(region, partitions[i].region_prefix))
        i++;
    return partitions[i].name;
}

static size_t row_of(struct esc_str name)
{
    size_t i = 0;
    while (i < ESC_COUNT(partitions) && !esc_str_is(name, partitions[i].name))
        i++;
    return i;
}

const char *esc_partition_of_arn(struct esc_str text)
{
    struct esc_arn arn;
    if (!esc_arn_parse(text, &arn))
        return NULL;
    const size_t row = row_of(arn.partition);
    return row < ESC_COUNT(partitions) ? partitions[row].name : NULL;
}

const char *esc_partition_main_region(const char *partition)
{
    const size_t row = row_of(esc_str_of(partition));
    return row < ESC_COUNT(partitions) ? partitions[row].main_region : NULL;
}

enum esc_status esc_partition_check(const char *partition, struct esc_error *err)
{
    if (esc_partition_main_region(partition))
        return ESC_OK;
    return esc_fail(err, ESC_INVALID,
                    "Escher does not work in the partition %s, only in aws, aws-cn and aws-us-gov",
                    partition);
}
