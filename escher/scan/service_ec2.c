/* SPDX-License-Identifier: Apache-2.0 */

/*
 * EC2 instances, and the account's own images. @source EC2 API, DescribeInstances: reservations
 * hold the instances.
 */

#include "escher/base/attr.h"
#include "escher/scan/scan_private.h"

static const struct scan_field fields[] = {
    {"instance_type", "InstanceType"},
    {"availability_zone", "Placement.AvailabilityZone"},
    {"tenancy", "Placement.Tenancy"},
    {"image_id", "ImageId"},
    {"platform", "PlatformDetails"},
    {"architecture", "Architecture"},
    {"private_ip", "PrivateIpAddress"},
    {"public_ip", "PublicIpAddress"},
    {"vpc_id", "VpcId"},
    {"subnet_id", "SubnetId"},
    {"key_name", "KeyName"},
    {"root_device_type", "RootDeviceType"},
    {"lifecycle", "InstanceLifecycle"},
    {"detailed_monitoring", "Monitoring.State"},
    {"instance_profile", "IamInstanceProfile.Arn"},
    {"ebs_optimized", "EbsOptimized"},
    {"metadata_tokens", "MetadataOptions.HttpTokens"},
};

static void read_instance(struct scan_page *page, const struct esc_json *item, const char *owner)
{
    struct esc_resource *instance =
        scan_add(page, "ec2_instance", esc_json_str(item, "InstanceId", NULL), NULL, owner);
    if (!instance)
        return;
    scan_take_fields(instance, item, fields, ESC_COUNT(fields));
    scan_take_tags(instance, item, "Tags");
    scan_name_by_tag(instance);
    scan_set_state(instance, item, "State.Name");
    scan_set_created(instance, item, "LaunchTime");
    const char *group = esc_resource_tag(instance, "aws:autoscaling:groupName");
    if (group)
        esc_json_set_text(instance->metadata, "auto_scaling_group", group);
    scan_relate(instance, "in_auto_scaling_group", "auto_scaling_group", group);
    scan_relate(instance, "uses_image", "ami", esc_json_str(item, "ImageId", NULL));
    scan_relate_arn(instance, "uses_profile", "iam_instance_profile",
                    esc_json_str(item, "IamInstanceProfile.Arn", NULL));
    scan_relate(instance, "in_vpc", "vpc", esc_json_str(item, "VpcId", NULL));
    scan_relate(instance, "in_subnet", "subnet", esc_json_str(item, "SubnetId", NULL));
    scan_relate_all(instance, "uses_security_group", "security_group", item, "SecurityGroups",
                    "GroupId");
    scan_relate_all(instance, "has_volume", "ebs_volume", item, "BlockDeviceMappings",
                    "Ebs.VolumeId");
    scan_constrain_instance(instance, item);
}

static void read_reservation(struct scan_page *page, const struct esc_json *item)
{
    const char *owner = esc_json_str(item, "OwnerId", NULL);
    const struct esc_json *instances = esc_json_member(item, "Instances");
    for (size_t i = 0; i < esc_json_len(instances); i++)
        read_instance(page, esc_json_at(instances, i), owner);
}

static const struct scan_field image_fields[] = {
    {"description", "Description"},           {"architecture", "Architecture"},
    {"platform", "PlatformDetails"},          {"root_device_type", "RootDeviceType"},
    {"virtualization", "VirtualizationType"}, {"public", "Public"},
    {"deprecated_at", "DeprecationTime"},     {"source_instance", "SourceInstanceId"},
    {"source_image", "SourceImageId"},        {"source_region", "SourceImageRegion"},
};

static void constrain_image(struct esc_resource *image, const struct esc_json *item)
{
    const char *protection = esc_json_str(item, "DeregistrationProtection", NULL);
    const bool is_protected = protection && !esc_text_equal(protection, "disabled");
    if (is_protected) {
        scan_constrain(image, ESC_PROTECTED, ESC_YES, "DeregistrationProtection",
                       "its deregistration protection is %s", protection);
        scan_constrain(image, ESC_CAN_DELETE, ESC_NO, "DeregistrationProtection",
                       "its deregistration protection is %s", protection);
    } else if (esc_text_equal(image->state, "available") ||
               esc_text_equal(image->state, "disabled")) {
        scan_say(image, ESC_CAN_DELETE, ESC_YES);
    }
}

static void read_image(struct scan_page *page, const struct esc_json *item)
{
    const char *owner = esc_json_str(item, "OwnerId", page->place->account->id);
    if (!esc_text_equal(owner, page->place->account->id))
        return; /* shared with the account, but another's */
    struct esc_resource *image =
        scan_add(page, "ami", esc_json_str(item, "ImageId", NULL), NULL, NULL);
    if (!image)
        return;
    scan_take_fields(image, item, image_fields, ESC_COUNT(image_fields));
    scan_take_tags(image, item, "Tags");
    scan_name_by_tag(image);
    scan_set_name(image, esc_json_str(item, "Name", NULL)); /* unlike the tag it is always there */
    scan_set_state(image, item, "State");
    scan_set_created(image, item, "CreationDate");
    scan_relate_all(image, "made_of", "ebs_snapshot", item, "BlockDeviceMappings",
                    "Ebs.SnapshotId");
    scan_relate(image, "image_of", "ec2_instance", esc_json_str(item, "SourceInstanceId", NULL));
    constrain_image(image, item);
}

static const struct scan_step steps[] = {
    {
        .operation = "DescribeInstances",
        .type = "ec2_instance",
        .list = "Reservations",
        .read = read_reservation,
    },
    {
        .operation = "DescribeImages",
        .params = "{\"Owners\": [\"self\"], \"IncludeDisabled\": true}",
        .type = "ami",
        .list = "Images",
        .read = read_image,
    },
};

const struct esc_scanner scan_service_ec2 = {.name = "ec2",
                                             .service = "ec2",
                                             .is_restless = true,
                                             .steps = steps,
                                             .step_count = ESC_COUNT(steps)};
