/* SPDX-License-Identifier: Apache-2.0 */

/*
 * S3 buckets: one list for the whole account, then details in each bucket's own region. Newer
 * clouds say the region in the list; otherwise the location is asked first, and a bucket whose
 * location nobody tells is not taken, because its id would be wrong.
 *
 * Tags come from the tagging service where it was asked; else from the bucket.
 */

#include "escher/base/attr.h"
#include "escher/scan/scan_private.h"

enum {
    MOST_RULES = 20 /* of a lifecycle, taken over one by one; the count is always whole */
};

/* Regions were once called by the name of a continent. @source S3 API, GetBucketLocation */
static const char *region_of_location(const char *location)
{
    if (!location || !*location)
        return "us-east-1";
    return esc_text_equal(location, "EU") ? "eu-west-1" : location;
}

static void read_bucket(struct scan_page *page, const struct esc_json *item)
{
    struct esc_resource *bucket =
        scan_add(page, "s3_bucket", esc_json_str(item, "Name", NULL), NULL, NULL);
    if (!bucket)
        return;
    const char *region = esc_json_str(item, "BucketRegion", NULL);
    scan_set_created(bucket, item, "CreationDate");
    scan_locate(bucket, region ? region : "");
}

static bool has_no_region(const struct esc_resource *bucket, bool tags_seen)
{
    (void)tags_seen;
    return !*bucket->region;
}

static void read_location(struct scan_page *page, const struct esc_json *item)
{
    scan_locate(page->of, region_of_location(esc_json_str(item, "LocationConstraint", NULL)));
}

static void read_versioning(struct scan_page *page, const struct esc_json *item)
{
    const char *status = esc_json_str(item, "Status", "Disabled");
    esc_json_set_text(page->of->metadata, "versioning", status);
    if (esc_json_member(item, "MFADelete"))
        esc_json_set_text(page->of->metadata, "mfa_delete",
                          esc_json_str(item, "MFADelete", "Disabled"));
    scan_constrain_bucket(page->of, status);
}

static const struct scan_field rule_fields[] = {
    {"id", "ID"},
    {"status", "Status"},
    {"prefix", "Filter.Prefix"},
    {"expires_after_days", "Expiration.Days"},
    {"moves_to", "Transitions[0].StorageClass"},
    {"moves_after_days", "Transitions[0].Days"},
    {"old_versions_expire_after_days", "NoncurrentVersionExpiration.NoncurrentDays"},
};

static void read_lifecycle(struct scan_page *page, const struct esc_json *item)
{
    const struct esc_json *rules = esc_json_member(item, "Rules");
    struct esc_json *taken = esc_json_array();
    for (size_t i = 0; i < esc_json_len(rules) && i < MOST_RULES; i++) {
        ESC_CLEANUP(esc_resource_freep) struct esc_resource *rule = esc_resource_new();
        scan_take_fields(rule, esc_json_at(rules, i), rule_fields, ESC_COUNT(rule_fields));
        esc_json_push(taken, esc_json_ref(rule->metadata));
    }
    esc_json_set_int(page->of->metadata, "lifecycle_rules", (int64_t)esc_json_len(rules));
    if (esc_json_len(taken) > 0)
        esc_json_set(page->of->metadata, "lifecycle", taken);
    else
        esc_json_free(taken);
}

/* Every bucket is encrypted since 2023; what differs is with whose key. */
static void read_encryption(struct scan_page *page, const struct esc_json *item)
{
    static const struct scan_field fields[] = {
        {"encryption", "ServerSideEncryptionConfiguration.Rules[0]"
                       ".ApplyServerSideEncryptionByDefault.SSEAlgorithm"},
        {"kms_key_id", "ServerSideEncryptionConfiguration.Rules[0]"
                       ".ApplyServerSideEncryptionByDefault.KMSMasterKeyID"},
        {"bucket_key", "ServerSideEncryptionConfiguration.Rules[0].BucketKeyEnabled"},
    };
    scan_take_fields(page->of, item, fields, ESC_COUNT(fields));
}

/* Without a configuration nothing is blocked. */
static void read_public_block(struct scan_page *page, const struct esc_json *item)
{
    static const char *const flags[] = {"BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy",
                                        "RestrictPublicBuckets"};
    const struct esc_json *block = esc_json_member(item, "PublicAccessBlockConfiguration");
    size_t on = 0;
    for (size_t i = 0; i < ESC_COUNT(flags); i++)
        on += esc_json_flag(block, flags[i], false);
    esc_json_set_text(page->of->metadata, "public_access_block",
                      on == ESC_COUNT(flags) ? "all"
                      : on == 0              ? "none"
                                             : "some");
}

/* Without a policy no policy makes it public. */
static void read_policy_status(struct scan_page *page, const struct esc_json *item)
{
    esc_json_set_bool(page->of->metadata, "public_by_policy",
                      esc_json_flag(item, "PolicyStatus.IsPublic", false));
}

static bool has_no_tags(const struct esc_resource *bucket, bool tags_seen)
{
    return *bucket->region && !tags_seen;
}

static bool has_region(const struct esc_resource *bucket, bool tags_seen)
{
    (void)tags_seen;
    return *bucket->region;
}

static void read_tagging(struct scan_page *page, const struct esc_json *item)
{
    scan_take_tags(page->of, item, "TagSet");
}

static struct esc_json *name_bucket(struct esc_resource *const *batch, size_t count)
{
    (void)count; /* one at a time */
    struct esc_json *params = esc_json_object();
    esc_json_set_text(params, "Bucket", batch[0]->identifier);
    return params;
}

static const struct scan_step steps[] = {
    {
        .operation = "ListBuckets",
        .type = "s3_bucket",
        .list = "Buckets",
        .read = read_bucket,
    },
    {
        .operation = "GetBucketLocation",
        .read = read_location,
        .stage = 1,
        .of_type = "s3_bucket",
        .batch = 1,
        .wants = has_no_region,
        .make_params = name_bucket,
        .gone_codes = "NoSuchBucket",
    },
    {
        .operation = "GetBucketLifecycleConfiguration",
        .read = read_lifecycle,
        .stage = 2,
        .of_type = "s3_bucket",
        .batch = 1,
        .wants = has_region,
        .make_params = name_bucket,
        .absent_code = "NoSuchLifecycleConfiguration",
        .gone_codes = "NoSuchBucket",
    },
    {
        .operation = "GetBucketVersioning",
        .read = read_versioning,
        .stage = 2,
        .of_type = "s3_bucket",
        .batch = 1,
        .wants = has_region,
        .make_params = name_bucket,
        .gone_codes = "NoSuchBucket",
    },
    {
        .operation = "GetBucketEncryption",
        .read = read_encryption,
        .stage = 2,
        .of_type = "s3_bucket",
        .batch = 1,
        .wants = has_region,
        .make_params = name_bucket,
        .absent_code = "ServerSideEncryptionConfigurationNotFoundError",
        .gone_codes = "NoSuchBucket",
    },
    {
        .operation = "GetPublicAccessBlock",
        .read = read_public_block,
        .stage = 2,
        .of_type = "s3_bucket",
        .batch = 1,
        .wants = has_region,
        .make_params = name_bucket,
        .absent_code = "NoSuchPublicAccessBlockConfiguration",
        .gone_codes = "NoSuchBucket",
    },
    {
        .operation = "GetBucketPolicyStatus",
        .read = read_policy_status,
        .stage = 2,
        .of_type = "s3_bucket",
        .batch = 1,
        .wants = has_region,
        .make_params = name_bucket,
        .absent_code = "NoSuchBucketPolicy",
        .gone_codes = "NoSuchBucket",
    },
    {
        .operation = "GetBucketTagging",
        .read = read_tagging,
        .stage = 2,
        .of_type = "s3_bucket",
        .batch = 1,
        .wants = has_no_tags,
        .make_params = name_bucket,
        .absent_code = "NoSuchTagSet",
        .gone_codes = "NoSuchBucket",
        .gives_tags = true,
    },
};

const struct esc_scanner scan_service_s3 = {.name = "s3",
                                            .service = "s3",
                                            .global = true,
                                            .needs_tags = true,
                                            .steps = steps,
                                            .step_count = ESC_COUNT(steps)};
