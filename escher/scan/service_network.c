/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What carries packets in a VPC: interfaces, Elastic IP addresses, gateways and route tables.
 * Which subnet follows which route table is worked out in merge.c, where both are known.
 */

#include "escher/base/alloc.h"
#include "escher/scan/scan_private.h"

enum {
    MOST_ROUTES = 40 /* taken over as texts; the count is always whole */
};

static const struct scan_field address_fields[] = {
    {"public_ip", "PublicIp"},
    {"private_ip", "PrivateIpAddress"},
    {"instance_id", "InstanceId"},
    {"network_interface_id", "NetworkInterfaceId"},
    {"border_group", "NetworkBorderGroup"},
    {"managed_by", "ServiceManaged"},
};

static const struct scan_field interface_fields[] = {
    {"interface_type", "InterfaceType"},
    {"description", "Description"},
    {"private_ip", "PrivateIpAddress"},
    {"public_ip", "Association.PublicIp"},
    {"vpc_id", "VpcId"},
    {"subnet_id", "SubnetId"},
    {"availability_zone", "AvailabilityZone"},
    {"attached_to", "Attachment.InstanceId"},
    {"delete_on_termination", "Attachment.DeleteOnTermination"},
    {"managed_by_aws", "RequesterManaged"},
    {"source_dest_check", "SourceDestCheck"},
};

static const struct scan_field nat_fields[] = {
    {"connectivity", "ConnectivityType"},
    {"public_ip", "NatGatewayAddresses[0].PublicIp"},
    {"private_ip", "NatGatewayAddresses[0].PrivateIp"},
    {"vpc_id", "VpcId"},
    {"subnet_id", "SubnetId"},
    {"failure", "FailureCode"},
};

static const char *text_of(const struct esc_json *item, const char *path)
{
    const char *text = esc_json_str(item, path, NULL);
    return text && *text ? text : NULL; /* older answers write "" for nothing */
}

/* Elastic IP addresses. In the times of EC2-Classic they had no id but themselves. */

static void constrain_address(struct esc_resource *address, const char *holder)
{
    if (!holder) {
        scan_say(address, ESC_CAN_DELETE, ESC_YES);
        scan_say(address, ESC_HAS_DEPENDENCIES, ESC_NO);
        return;
    }
    scan_constrain(address, ESC_CAN_DELETE, ESC_NO, "AssociationId", "it is the address of %s",
                   holder);
    scan_constrain(address, ESC_HAS_DEPENDENCIES, ESC_YES, "AssociationId",
                   "it is the address of %s", holder);
}

static void read_address(struct scan_page *page, const struct esc_json *item)
{
    const char *ip = text_of(item, "PublicIp"), *id = text_of(item, "AllocationId");
    const char *instance = text_of(item, "InstanceId");
    const char *interface = text_of(item, "NetworkInterfaceId");
    struct esc_resource *address = scan_add(page, "elastic_ip", id ? id : ip, NULL, NULL);
    if (!address)
        return;
    const char *holder = instance ? instance : interface;
    const bool is_used = holder || text_of(item, "AssociationId");
    scan_take_fields(address, item, address_fields, ESC_COUNT(address_fields));
    scan_take_tags(address, item, "Tags");
    scan_set_name(address, ip);
    scan_name_by_tag(address);
    address->state = esc_strdup(is_used ? "in-use" : "available");
    scan_relate(address, "addresses", "ec2_instance", instance);
    scan_relate(address, "addresses", "network_interface", interface);
    constrain_address(address, is_used && !holder ? "something" : holder);
}

/* Network interfaces */

static void constrain_interface(struct esc_resource *interface, const struct esc_json *item)
{
    const char *instance = text_of(item, "Attachment.InstanceId");
    if (esc_json_flag(item, "RequesterManaged", false))
        scan_constrain(interface, ESC_CAN_DELETE, ESC_NO, "RequesterManaged",
                       "it belongs to a service, which deletes it by itself");
    else if (instance)
        scan_constrain(interface, ESC_CAN_DELETE, ESC_NO, "Attachment", "it is attached to %s",
                       instance);
    else if (esc_text_equal(interface->state, "available"))
        scan_say(interface, ESC_CAN_DELETE, ESC_YES);
    else
        scan_constrain(interface, ESC_CAN_DELETE, ESC_NO, "Status", "it is %s",
                       interface->state ? interface->state : "in an unknown state");
    if (instance)
        scan_constrain(interface, ESC_HAS_DEPENDENCIES, ESC_YES, "Attachment",
                       "it is attached to %s", instance);
}

/* Whose an interface is that a service made for itself, stands only in its description.
 * @source Elastic Load Balancing, "Find the IP addresses"; VPC guide, "NAT gateway basics"; EKS
 * guide, "VPC and subnet considerations" */
static const struct {
    const char *begins, *type;
    char separator; /* the identifier ends there, or with the text */
} servants[] = {
    {"ELB app/", "load_balancer", '/'},
    {"ELB net/", "load_balancer", '/'},
    {"ELB gwy/", "load_balancer", '/'},
    {"ELB ", "classic_load_balancer", '/'},
    {"Interface for NAT Gateway ", "nat_gateway", ' '},
    {"Amazon EKS ", "eks_cluster", ' '},
};

/* Only of what the cloud says that a service made it: anybody may describe his own like that. */
static void relate_servant(struct esc_resource *interface, const struct esc_json *item)
{
    const struct esc_str text = esc_str_of(esc_json_str(item, "Description", ""));
    if (!esc_json_flag(item, "RequesterManaged", false))
        return;
    for (size_t i = 0; i < ESC_COUNT(servants); i++) {
        const struct esc_str begins = esc_str_of(servants[i].begins);
        struct esc_str rest, name;
        if (!esc_str_starts_with(text, begins))
            continue;
        rest = esc_str_slice(text, begins.len, text.len);
        if (!esc_str_next(&rest, servants[i].separator, &name))
            return;
        ESC_CLEANUP(esc_freep) char *identifier = esc_str_dup(name);
        scan_relate(interface, "serves", servants[i].type, identifier);
        return;
    }
}

static void read_interface(struct scan_page *page, const struct esc_json *item)
{
    struct esc_resource *interface =
        scan_add(page, "network_interface", esc_json_str(item, "NetworkInterfaceId", NULL), NULL,
                 esc_json_str(item, "OwnerId", NULL));
    if (!interface)
        return;
    scan_take_fields(interface, item, interface_fields, ESC_COUNT(interface_fields));
    scan_take_tags(interface, item, "TagSet");
    scan_name_by_tag(interface);
    scan_set_state(interface, item, "Status");
    scan_relate(interface, "in_vpc", "vpc", esc_json_str(item, "VpcId", NULL));
    scan_relate(interface, "in_subnet", "subnet", esc_json_str(item, "SubnetId", NULL));
    scan_relate_all(interface, "uses_security_group", "security_group", item, "Groups", "GroupId");
    scan_relate(interface, "attached_to", "ec2_instance", text_of(item, "Attachment.InstanceId"));
    relate_servant(interface, item);
    constrain_interface(interface, item);
}

/* Gateways */

static void read_nat(struct scan_page *page, const struct esc_json *item)
{
    struct esc_resource *nat =
        scan_add(page, "nat_gateway", esc_json_str(item, "NatGatewayId", NULL), NULL, NULL);
    if (!nat)
        return;
    scan_take_fields(nat, item, nat_fields, ESC_COUNT(nat_fields));
    scan_take_tags(nat, item, "Tags");
    scan_name_by_tag(nat);
    scan_set_state(nat, item, "State");
    scan_set_created(nat, item, "CreateTime");
    scan_relate(nat, "in_vpc", "vpc", esc_json_str(item, "VpcId", NULL));
    scan_relate(nat, "in_subnet", "subnet", esc_json_str(item, "SubnetId", NULL));
    scan_relate_all(nat, "uses_address", "elastic_ip", item, "NatGatewayAddresses", "AllocationId");
    if (esc_text_equal(nat->state, "available") || esc_text_equal(nat->state, "failed"))
        scan_say(nat, ESC_CAN_DELETE, ESC_YES);
    else
        scan_constrain(nat, ESC_CAN_DELETE, ESC_NO, "State", "it is %s",
                       nat->state ? nat->state : "in an unknown state");
}

static void read_internet_gateway(struct scan_page *page, const struct esc_json *item)
{
    struct esc_resource *gateway =
        scan_add(page, "internet_gateway", esc_json_str(item, "InternetGatewayId", NULL), NULL,
                 esc_json_str(item, "OwnerId", NULL));
    if (!gateway)
        return;
    const char *vpc = text_of(item, "Attachments[0].VpcId");
    scan_take_tags(gateway, item, "Tags");
    scan_name_by_tag(gateway);
    gateway->state = esc_strdup(vpc ? "attached" : "detached");
    scan_relate_all(gateway, "in_vpc", "vpc", item, "Attachments", "VpcId");
    if (vpc)
        scan_constrain(gateway, ESC_CAN_DELETE, ESC_NO, "Attachments", "it is attached to %s", vpc);
    else
        scan_say(gateway, ESC_CAN_DELETE, ESC_YES);
}

/* Route tables */

static const char *destination_of(const struct esc_json *route)
{
    static const char *const members[] = {"DestinationCidrBlock", "DestinationIpv6CidrBlock",
                                          "DestinationPrefixListId"};
    for (size_t i = 0; i < ESC_COUNT(members); i++)
        if (text_of(route, members[i]))
            return text_of(route, members[i]);
    return "?";
}

/* A route leads through one of many kinds of things, each in a member of its own. */
static const char *way_of(const struct esc_json *route)
{
    static const char *const members[] = {
        "GatewayId",      "NatGatewayId",       "TransitGatewayId",
        "InstanceId",     "NetworkInterfaceId", "VpcPeeringConnectionId",
        "LocalGatewayId", "CarrierGatewayId",   "EgressOnlyInternetGatewayId",
        "CoreNetworkArn", "OdbNetworkArn",
    };
    for (size_t i = 0; i < ESC_COUNT(members); i++)
        if (text_of(route, members[i]))
            return text_of(route, members[i]);
    return "?";
}

static void relate_route(struct esc_resource *table, const struct esc_json *route)
{
    const char *gateway = text_of(route, "GatewayId");
    if (gateway && esc_str_starts_with(esc_str_of(gateway), ESC_STR("igw-")))
        scan_relate(table, "routes_through", "internet_gateway", gateway);
    scan_relate(table, "routes_through", "nat_gateway", text_of(route, "NatGatewayId"));
    scan_relate(table, "routes_through", "network_interface", text_of(route, "NetworkInterfaceId"));
    scan_relate(table, "routes_through", "ec2_instance", text_of(route, "InstanceId"));
}

static void read_routes(struct esc_resource *table, const struct esc_json *routes)
{
    struct esc_json *texts = esc_json_array();
    for (size_t i = 0; i < esc_json_len(routes); i++) {
        const struct esc_json *route = esc_json_at(routes, i);
        const bool is_lost = esc_text_equal(esc_json_str(route, "State", NULL), "blackhole");
        ESC_CLEANUP(esc_freep)
        char *text = esc_sprintf("%s via %s%s", destination_of(route), way_of(route),
                                 is_lost ? " (blackhole)" : "");
        if (i < MOST_ROUTES)
            esc_json_push_text(texts, text);
        if (!is_lost)
            relate_route(table, route);
    }
    esc_json_set_int(table->metadata, "route_count", (int64_t)esc_json_len(routes));
    esc_json_set(table->metadata, "routes", texts);
}

static void read_associations(struct esc_resource *table, const struct esc_json *associations)
{
    struct esc_json *subnets = esc_json_array();
    bool is_main = false;
    for (size_t i = 0; i < esc_json_len(associations); i++) {
        const struct esc_json *association = esc_json_at(associations, i);
        const char *subnet = text_of(association, "SubnetId");
        is_main = is_main || esc_json_flag(association, "Main", false);
        if (subnet)
            esc_json_push_text(subnets, subnet);
    }
    const size_t count = esc_json_len(subnets);
    esc_json_set_bool(table->metadata, "is_main", is_main);
    if (is_main)
        scan_constrain(table, ESC_CAN_DELETE, ESC_NO, "Associations[].Main",
                       "it is the main route table of its VPC");
    else if (count > 0)
        scan_constrain(table, ESC_CAN_DELETE, ESC_NO, "Associations", "%zu subnet%s it", count,
                       count == 1 ? " follows" : "s follow");
    else
        scan_say(table, ESC_CAN_DELETE, ESC_YES);
    if (count > 0)
        esc_json_set(table->metadata, "subnets", subnets);
    else
        esc_json_free(subnets);
}

static void read_table(struct scan_page *page, const struct esc_json *item)
{
    struct esc_resource *table =
        scan_add(page, "route_table", esc_json_str(item, "RouteTableId", NULL), NULL,
                 esc_json_str(item, "OwnerId", NULL));
    if (!table)
        return;
    static const struct scan_field vpc = {"vpc_id", "VpcId"};
    scan_take_fields(table, item, &vpc, 1);
    scan_take_tags(table, item, "Tags");
    scan_name_by_tag(table);
    scan_relate(table, "in_vpc", "vpc", esc_json_str(item, "VpcId", NULL));
    read_routes(table, esc_json_member(item, "Routes"));
    read_associations(table, esc_json_member(item, "Associations"));
}

static const struct scan_step steps[] = {
    {
        .operation = "DescribeNetworkInterfaces",
        .type = "network_interface",
        .list = "NetworkInterfaces",
        .read = read_interface,
    },
    {
        .operation = "DescribeAddresses",
        .type = "elastic_ip",
        .list = "Addresses",
        .read = read_address,
    },
    {
        .operation = "DescribeNatGateways",
        .type = "nat_gateway",
        .list = "NatGateways",
        .read = read_nat,
    },
    {
        .operation = "DescribeInternetGateways",
        .type = "internet_gateway",
        .list = "InternetGateways",
        .read = read_internet_gateway,
    },
    {
        .operation = "DescribeRouteTables",
        .type = "route_table",
        .list = "RouteTables",
        .read = read_table,
    },
};

const struct esc_scanner scan_service_network = {
    .name = "network", .service = "ec2", .steps = steps, .step_count = ESC_COUNT(steps)};
