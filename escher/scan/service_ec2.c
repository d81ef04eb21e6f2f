/* SPDX-License-Identifier: Apache-2.0 */

/* EC2 instances. @source EC2 API, DescribeInstances: reservations hold the instances. */

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

static const struct scan_step steps[] = {
    {
        .operation = "DescribeInstances",
        .type = "ec2_instance",
        .list = "Reservations",
        .read = read_reservation,
    },
};

const struct esc_scanner scan_service_ec2 = {.name = "ec2",
                                             .service = "ec2",
                                             .is_restless = true,
                                             .steps = steps,
                                             .step_count = ESC_COUNT(steps)};
