/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/permit_private.h"

#include <stdio.h>

#include "escher/base/alloc.h"
#include "escher/catalog/operation.h"
#include "escher/model/arn.h"
#include "escher/model/partition.h"
#include "escher/scan/scan_private.h"

/*
 * Condition keys that a record answers: its tags, its region, and members of its metadata. Not
 * there: rds:Piops, since not all the operations that a disk can do are provisioned, and ec2:Vpc of
 * a security group, which may stand in a VPC that somebody else shares.
 * @source Service Authorization Reference, "Condition keys for ..." of each service.
 */

enum how {
    AS_IT_IS, /* text, number or yes and no */
    AS_ARN,   /* an id: the ARN of that VPC, volume or group */
    IS_THERE, /* whether there is one */
};

static const struct known {
    const char *type, *key, *path;
    enum how how;
    const char *kind;   /* of AS_ARN: "vpc/" */
    const char *member; /* of an input that sets it anew: then it is that of the request */
} table[] = {
    {"ec2_instance", "ec2:InstanceType", "instance_type", AS_IT_IS, NULL, NULL},
    {"ec2_instance", "ec2:AvailabilityZone", "availability_zone", AS_IT_IS, NULL, NULL},
    {"ec2_instance", "ec2:Tenancy", "tenancy", AS_IT_IS, NULL, NULL},
    {"ec2_instance", "ec2:RootDeviceType", "root_device_type", AS_IT_IS, NULL, NULL},
    {"ec2_instance", "ec2:InstanceProfile", "instance_profile", AS_IT_IS, NULL, NULL},
    {"ec2_instance", "ec2:EbsOptimized", "ebs_optimized", AS_IT_IS, NULL, NULL},
    {"ec2_instance", "ec2:MetadataHttpTokens", "metadata_tokens", AS_IT_IS, NULL, NULL},
    {"ebs_volume", "ec2:VolumeSize", "size_gb", AS_IT_IS, NULL, "Size"},
    {"ebs_volume", "ec2:VolumeType", "volume_type", AS_IT_IS, NULL, "VolumeType"},
    {"ebs_volume", "ec2:VolumeIops", "iops", AS_IT_IS, NULL, "Iops"},
    {"ebs_volume", "ec2:VolumeThroughput", "throughput_mb_s", AS_IT_IS, NULL, "Throughput"},
    {"ebs_volume", "ec2:Encrypted", "encrypted", AS_IT_IS, NULL, "Encrypted"},
    {"ebs_volume", "ec2:AvailabilityZone", "availability_zone", AS_IT_IS, NULL, NULL},
    {"ebs_volume", "ec2:ParentSnapshot", "snapshot_id", AS_ARN, "snapshot/", NULL},
    {"ebs_snapshot", "ec2:VolumeSize", "size_gb", AS_IT_IS, NULL, "Size"},
    {"ebs_snapshot", "ec2:Encrypted", "encrypted", AS_IT_IS, NULL, "Encrypted"},
    {"ebs_snapshot", "ec2:ParentVolume", "volume_id", AS_ARN, "volume/", NULL},
    {"subnet", "ec2:Vpc", "vpc_id", AS_ARN, "vpc/", NULL},
    {"subnet", "ec2:AvailabilityZone", "availability_zone", AS_IT_IS, NULL, NULL},
    {"rds_instance", "rds:DatabaseEngine", "engine", AS_IT_IS, NULL, "Engine"},
    {"rds_instance", "rds:DatabaseClass", "instance_class", AS_IT_IS, NULL, "DBInstanceClass"},
    {"rds_instance", "rds:DatabaseName", "database_name", AS_IT_IS, NULL, "DBName"},
    {"rds_instance", "rds:MultiAz", "multi_az", AS_IT_IS, NULL, "MultiAZ"},
    {"rds_instance", "rds:StorageSize", "storage_gb", AS_IT_IS, NULL, "AllocatedStorage"},
    {"rds_instance", "rds:StorageEncrypted", "storage_encrypted", AS_IT_IS, NULL, "KmsKeyId"},
    {"rds_instance", "rds:Vpc", "vpc_id", IS_THERE, NULL, "DBSubnetGroupName"},
    {"rds_cluster", "rds:DatabaseEngine", "engine", AS_IT_IS, NULL, "Engine"},
    {"rds_cluster", "rds:DatabaseName", "database_name", AS_IT_IS, NULL, "DBName"},
    {"rds_cluster", "rds:StorageEncrypted", "storage_encrypted", AS_IT_IS, NULL, "KmsKeyId"},
};
static_assert(ESC_COUNT(table) <= 32);

/*
 * What a request may set anew is that of the request, of which nothing is known here: the class of
 * a database that is modified, or made of another. (The attributes of an instance have keys of their
 * own there, "ec2:Attribute/".)
 * @source Amazon RDS User Guide, "Example policies: Using condition keys"
 */
static bool is_set_anew(const struct esc_iam_action *action, const struct known *row)
{
    const struct esc_str name = esc_str_of(action->name);
    const size_t colon = esc_str_find(name, ESC_STR(":"), 0);
    ESC_CLEANUP(esc_freep) char *service = esc_str_dup(esc_str_slice(name, 0, colon));
    const struct esc_operation *operation =
        row->member ? esc_operation_find(service, action->name + colon + 1) : NULL;
    for (size_t i = 0; operation && i < operation->option_count; i++)
        if (esc_text_equal(operation->options[i].member, row->member))
            return true;
    return row->member && !operation;
}

/* What belongs to no region is asked where its service stands.
 * @source AWS General Reference, endpoints of IAM, Route 53 and CloudFront */
const char *esc_permit_region(const struct esc_resource *resource)
{
    struct esc_arn arn;
    if (!esc_text_equal(resource->region, SCAN_GLOBAL))
        return resource->region;
    if (!resource->arn || !esc_arn_parse(esc_str_of(resource->arn), &arn))
        return "us-east-1";
    if (esc_str_is(arn.partition, "aws-us-gov"))
        return "us-gov-west-1";
    if (esc_str_is(arn.partition, "aws-cn"))
        return esc_str_is(arn.service, "iam") ? "cn-north-1" : "cn-northwest-1";
    return "us-east-1";
}

/* Tags under the service's own name. */
static const struct {
    const char *type, *family;
} tag_families[] = {
    {"ec2_instance", "ec2:ResourceTag/"},
    {"ebs_volume", "ec2:ResourceTag/"},
    {"ebs_snapshot", "ec2:ResourceTag/"},
    {"vpc", "ec2:ResourceTag/"},
    {"subnet", "ec2:ResourceTag/"},
    {"security_group", "ec2:ResourceTag/"},
    {"rds_instance", "rds:db-tag/"},
    {"rds_cluster", "rds:cluster-tag/"},
    {"rds_snapshot", "rds:snapshot-tag/"},
    {"rds_cluster_snapshot", "rds:cluster-snapshot-tag/"},
    {"load_balancer", "elasticloadbalancing:ResourceTag/"},
    {"target_group", "elasticloadbalancing:ResourceTag/"},
};

static const char *tag_family(const char *type)
{
    for (size_t i = 0; i < ESC_COUNT(tag_families); i++)
        if (esc_text_equal(tag_families[i].type, type))
            return tag_families[i].family;
    return NULL;
}

struct permit_keys permit_keys_of(const char *type, const struct esc_iam_action *action)
{
    struct permit_keys keys = {0};
    const char *family = tag_family(type);
    for (size_t i = 0; i < ESC_COUNT(table); i++)
        if (esc_text_equal(table[i].type, type) &&
            (!action || (esc_iam_action_has_key(action, esc_str_of(table[i].key)) &&
                         !is_set_anew(action, &table[i]))))
            keys.rows |= 1u << i;
    keys.tags = !action || esc_iam_action_has_key(action, ESC_STR("aws:ResourceTag/"));
    keys.service_tags = family && (!action || esc_iam_action_has_key(action, esc_str_of(family)));
    return keys;
}

static void tell(struct esc_iam_context *context, const char *key, const char *value)
{
    esc_iam_context_set(context, esc_str_of(key), esc_str_of(value));
}

static void tell_value(struct esc_iam_context *context, const char *key,
                       const struct esc_json *value)
{
    char number[32];
    switch (esc_json_type(value)) {
    case ESC_JSON_STRING:
        esc_iam_context_set(context, esc_str_of(key), esc_json_value(value));
        break;
    case ESC_JSON_BOOL:
        tell(context, key, esc_json_flag(value, "", false) ? "true" : "false");
        break;
    case ESC_JSON_INT:
        (void)snprintf(number, sizeof number, "%lld", (long long)esc_json_num(value, "", 0));
        tell(context, key, number); /* it fits */
        break;
    default: /* not known, then */
        break;
    }
}

struct esc_str esc_permit_owner(const struct esc_resource *resource)
{
    struct esc_arn arn;
    const bool is_told =
        resource->arn && esc_arn_parse(esc_str_of(resource->arn), &arn) && arn.account.len > 0;
    return is_told ? arn.account : esc_str_of(resource->account_id);
}

static void tell_row(const struct known *row, const struct esc_resource *resource,
                     struct esc_iam_context *context)
{
    const struct esc_json *value = esc_json_member(resource->metadata, row->path);
    const char *id = esc_json_str(value, "", NULL);
    if (!value)
        return;
    if (row->how == AS_IT_IS) {
        tell_value(context, row->key, value);
    } else if (row->how == IS_THERE) {
        tell(context, row->key, "true");
    } else if (id && *id) {
        const struct esc_str owner =
            esc_text_equal(row->kind, "snapshot/") ? ESC_STR("") : esc_permit_owner(resource);
        ESC_CLEANUP(esc_freep)
        char *arn = esc_sprintf("arn:%s:ec2:%s:%.*s:%s%s",
                                esc_partition_of_region(esc_str_of(resource->region)),
                                resource->region, ESC_STR_ARG(owner), row->kind, id);
        tell(context, row->key, arn);
    }
}

/* Whether the tags of the record are all there are. Buckets answer for theirs in requests only
 * where that was switched on; what has its tags from the tagging service may have been missed. */
static bool has_all_tags(const struct esc_resource *resource)
{
    const struct esc_scanner *scanner = esc_scanner_of_type(resource->resource_type);
    if (scan_is_type(resource, "s3_bucket") ||
        esc_json_flag(resource->metadata, "tags_unknown", false))
        return false;
    return esc_json_len(resource->tags) > 0 || (scanner && !scanner->needs_tags);
}

static void tell_tags(const char *family, const struct esc_resource *resource,
                      struct esc_iam_context *context)
{
    void *position = NULL;
    const char *name;
    const struct esc_json *value;
    if (!has_all_tags(resource))
        return;
    while (esc_json_next(resource->tags, &position, &name, &value)) {
        char short_key[160];
        const int size = snprintf(short_key, sizeof short_key, "%s%s", family, name);
        ESC_CLEANUP(esc_freep)
        char *long_key = (size_t)size < sizeof short_key ? NULL : esc_sprintf("%s%s", family, name);
        tell_value(context, long_key ? long_key : short_key, value);
    }
    esc_iam_context_set_absent(context, esc_str_of(family));
}

/* Whose organisation that of another account is nobody tells. */
static void tell_owner(const struct esc_resource *resource, struct esc_iam_context *context)
{
    const struct esc_str owner = esc_permit_owner(resource);
    if (esc_str_is(owner, resource->account_id))
        return;
    esc_iam_context_set(context, ESC_STR("aws:ResourceAccount"), owner);
    esc_iam_context_set_unknown(context, ESC_STR("aws:ResourceOrgID"));
    esc_iam_context_set_unknown(context, ESC_STR("aws:ResourceOrgPaths"));
}

void permit_keys_tell(const struct permit_keys *keys, const struct esc_resource *resource,
                      struct esc_iam_context *context)
{
    tell(context, "aws:RequestedRegion", esc_permit_region(resource));
    tell_owner(resource, context);
    if (keys->tags)
        tell_tags("aws:ResourceTag/", resource, context);
    for (size_t i = 0; i < ESC_COUNT(table); i++)
        if (keys->rows & (1u << i))
            tell_row(&table[i], resource, context);
    if (keys->service_tags)
        tell_tags(tag_family(resource->resource_type), resource, context);
}

void permit_keys_list(struct esc_list *out)
{
    ESC_CLEANUP(esc_map_freep) struct esc_map *listed = esc_map_new(NULL);
    esc_list_init(out, NULL);
    for (size_t i = 0; i < esc_iam_action_count(); i++) {
        const char *const *keys = esc_iam_action_at(i)->keys;
        for (size_t j = 0; keys[j]; j++) {
            if (esc_map_has(listed, esc_str_of(keys[j])))
                continue;
            esc_map_set(listed, esc_str_of(keys[j]), out);
            esc_list_push(out, (void *)(uintptr_t)keys[j]);
        }
    }
}

/* Keys that begin with "aws:" are told apart by action. */
static bool is_of(const char *key, struct esc_str service)
{
    const struct esc_str text = esc_str_of(key);
    return esc_str_starts_with(text, ESC_STR("aws:")) ||
           (esc_str_starts_with(text, service) && text.len > service.len &&
            text.ptr[service.len] == ':');
}

void permit_keys_rule_out_others(const struct esc_list *keys, struct esc_str service,
                                 struct esc_iam_context *context)
{
    for (size_t i = 0; i < keys->count; i++)
        if (!is_of(keys->items[i], service))
            esc_iam_context_set_absent(context, esc_str_of(keys->items[i]));
}

void permit_keys_rule_out(const struct esc_list *keys, const struct esc_iam_action *action,
                          struct esc_iam_context *context)
{
    const struct esc_str name = esc_str_of(action->name);
    const struct esc_str service = esc_str_slice(name, 0, esc_str_find(name, ESC_STR(":"), 0));
    for (size_t i = 0; i < keys->count; i++)
        if (is_of(keys->items[i], service) &&
            !esc_iam_action_has_key(action, esc_str_of(keys->items[i])))
            esc_iam_context_set_absent(context, esc_str_of(keys->items[i]));
}
