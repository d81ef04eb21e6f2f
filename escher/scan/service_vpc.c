/* SPDX-License-Identifier: Apache-2.0 */

/* VPCs, subnets and security groups with their rules. */

#include "escher/base/alloc.h"
#include "escher/base/buf.h"
#include "escher/base/limits.h"
#include "escher/scan/scan_private.h"

enum {
    MOST_RULES = 60 /* of a direction, taken over as texts; the counts are always whole */
};

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

/* The sources (or, going out, the destinations) that one permission names, by kind. */
static const struct {
    const char *list, *member;
} ends[] = {
    {"IpRanges", "CidrIp"},
    {"Ipv6Ranges", "CidrIpv6"},
    {"UserIdGroupPairs", "GroupId"},
    {"PrefixListIds", "PrefixListId"},
};

/* "tcp 443", "udp 1024-65535", "icmp", "all" */
static void write_ports(const struct esc_json *permission, struct esc_buf *out)
{
    const char *protocol = esc_json_str(permission, "IpProtocol", "?");
    const int64_t from = esc_json_num(permission, "FromPort", -1);
    const int64_t to = esc_json_num(permission, "ToPort", -1);
    const bool has_ports = esc_text_equal(protocol, "tcp") || esc_text_equal(protocol, "udp");
    esc_buf_add_text(out, esc_text_equal(protocol, "-1") ? "all" : protocol);
    if (has_ports && from >= 0)
        esc_buf_printf(out, " %lld", (long long)from);
    if (has_ports && from >= 0 && to > from)
        esc_buf_printf(out, "-%lld", (long long)to);
}

static void add_rules(struct esc_json *texts, const struct esc_json *permission, const char *word)
{
    for (size_t i = 0; i < ESC_COUNT(ends); i++) {
        const struct esc_json *list = esc_json_member(permission, ends[i].list);
        for (size_t j = 0; j < esc_json_len(list) && esc_json_len(texts) < MOST_RULES; j++) {
            struct esc_buf text;
            esc_buf_init(&text, ESC_MAX_NAME);
            write_ports(permission, &text);
            esc_buf_printf(&text, " %s %s", word,
                           esc_json_str(esc_json_at(list, j), ends[i].member, "?"));
            ESC_CLEANUP(esc_freep) char *rule = esc_buf_take(&text);
            esc_json_push_text(texts, rule);
        }
    }
}

/* "tcp 443 from 0.0.0.0/0" for each end that each permission names. */
static void read_rules(struct esc_resource *group, const char *name, const char *word,
                       const struct esc_json *permissions)
{
    struct esc_json *texts = esc_json_array();
    for (size_t i = 0; i < esc_json_len(permissions); i++)
        add_rules(texts, esc_json_at(permissions, i), word);
    if (esc_json_len(texts) > 0)
        esc_json_set(group->metadata, name, texts);
    else
        esc_json_free(texts);
}

static void relate_allowed(struct esc_resource *group, const struct esc_json *ingress)
{
    for (size_t i = 0; i < esc_json_len(ingress); i++) {
        const struct esc_json *pairs = esc_json_member(esc_json_at(ingress, i), "UserIdGroupPairs");
        for (size_t j = 0; j < esc_json_len(pairs); j++) {
            const char *from = esc_json_str(esc_json_at(pairs, j), "GroupId", NULL);
            if (!esc_text_equal(from, group->identifier))
                scan_relate(group, "allows_from", "security_group", from);
        }
    }
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
    read_rules(group, "ingress", "from", ingress);
    read_rules(group, "egress", "to", egress);
    relate_allowed(group, ingress);
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
