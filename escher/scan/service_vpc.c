/* SPDX-License-Identifier: Apache-2.0 */

/* VPCs, subnets and security groups. */

#include "escher/base/attr.h"
#include "escher/scan/scan_private.h"

static const struct scan_field vpc_fields[] = {
    {"cidr_block", "CidrBlock"},
    {"is_default", "IsDefault"},
    {"tenancy", "InstanceTenancy"},
};

static const struct scan_field subnet_fields[] = {
    {"cidr_block", "CidrBlock"},
    {"availability_zone", "AvailabilityZone"},
    {"vpc_id", "VpcId"},
    {"is_default", "DefaultForAz"},
    {"public_ip_on_launch", "MapPublicIpOnLaunch"},
};

static const struct scan_field group_fields[] = {
    {"group_name", "GroupName"},
    {"description", "Description"},
    {"vpc_id", "VpcId"},
};

static void read_vpc(struct scan_page *page, const struct esc_json *item)
{
    struct esc_resource *vpc = scan_add(page, "vpc", esc_json_str(item, "VpcId", NULL), NULL,
                                        esc_json_str(item, "OwnerId", NULL));
    if (!vpc)
        return;
    scan_take_fields(vpc, item, vpc_fields, ESC_COUNT(vpc_fields));
    scan_take_tags(vpc, item, "Tags");
    scan_name_by_tag(vpc);
    scan_set_state(vpc, item, "State");
}

static void read_subnet(struct scan_page *page, const struct esc_json *item)
{
    struct esc_resource *subnet =
        scan_add(page, "subnet", esc_json_str(item, "SubnetId", NULL),
                 esc_json_str(item, "SubnetArn", NULL), esc_json_str(item, "OwnerId", NULL));
    if (!subnet)
        return;
    scan_take_fields(subnet, item, subnet_fields, ESC_COUNT(subnet_fields));
    scan_take_tags(subnet, item, "Tags");
    scan_name_by_tag(subnet);
    scan_set_state(subnet, item, "State");
    scan_relate(subnet, "in_vpc", "vpc", esc_json_str(item, "VpcId", NULL));
}

static bool has_open_range(const struct esc_json *ranges, const char *member, const char *all)
{
    for (size_t i = 0; i < esc_json_len(ranges); i++)
        if (esc_text_equal(esc_json_str(esc_json_at(ranges, i), member, ""), all))
            return true;
    return false;
}

static bool is_open_to_world(const struct esc_json *rules)
{
    for (size_t i = 0; i < esc_json_len(rules); i++) {
        const struct esc_json *rule = esc_json_at(rules, i);
        if (has_open_range(esc_json_member(rule, "IpRanges"), "CidrIp", "0.0.0.0/0") ||
            has_open_range(esc_json_member(rule, "Ipv6Ranges"), "CidrIpv6", "::/0"))
            return true;
    }
    return false;
}

static void read_group(struct scan_page *page, const struct esc_json *item)
{
    struct esc_resource *group =
        scan_add(page, "security_group", esc_json_str(item, "GroupId", NULL),
                 esc_json_str(item, "SecurityGroupArn", NULL), esc_json_str(item, "OwnerId", NULL));
    if (!group)
        return;
    const struct esc_json *ingress = esc_json_member(item, "IpPermissions");
    const struct esc_json *egress = esc_json_member(item, "IpPermissionsEgress");
    scan_take_fields(group, item, group_fields, ESC_COUNT(group_fields));
    esc_json_set_int(group->metadata, "ingress_rules", (int64_t)esc_json_len(ingress));
    esc_json_set_int(group->metadata, "egress_rules", (int64_t)esc_json_len(egress));
    esc_json_set_bool(group->metadata, "open_to_world", is_open_to_world(ingress));
    scan_take_tags(group, item, "Tags");
    scan_set_name(group, esc_json_str(item, "GroupName", NULL)); /* people say this, not the tag */
    scan_relate(group, "in_vpc", "vpc", esc_json_str(item, "VpcId", NULL));
    if (esc_text_equal(esc_json_str(item, "GroupName", NULL), "default"))
        esc_constraints_set(&group->constraints, ESC_CAN_DELETE, ESC_NO,
                            "the default group of a VPC stays as long as the VPC", "GroupName");
}

static const struct scan_step steps[] = {
    {
        .operation = "DescribeVpcs",
        .type = "vpc",
        .list = "Vpcs",
        .read = read_vpc,
    },
    {
        .operation = "DescribeSubnets",
        .type = "subnet",
        .list = "Subnets",
        .read = read_subnet,
    },
    {
        .operation = "DescribeSecurityGroups",
        .type = "security_group",
        .list = "SecurityGroups",
        .read = read_group,
    },
};

const struct esc_scanner scan_service_vpc = {
    .name = "vpc", .service = "ec2", .steps = steps, .step_count = ESC_COUNT(steps)};
