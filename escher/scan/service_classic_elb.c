/* SPDX-License-Identifier: Apache-2.0 */

/* Classic load balancers: another API than that of the newer ones, and instances named at once. */

#include "escher/base/attr.h"
#include "escher/scan/scan_private.h"

static const struct scan_field fields[] = {
    {"scheme", "Scheme"},
    {"dns_name", "DNSName"},
    {"vpc_id", "VPCId"},
    {"health_check", "HealthCheck.Target"},
    {"availability_zones", "AvailabilityZones"},
};

static void read_balancer(struct scan_page *page, const struct esc_json *item)
{
    struct esc_resource *balancer = scan_add(
        page, "classic_load_balancer", esc_json_str(item, "LoadBalancerName", NULL), NULL, NULL);
    if (!balancer)
        return;
    const size_t instances = esc_json_len(esc_json_member(item, "Instances"));
    scan_take_fields(balancer, item, fields, ESC_COUNT(fields));
    esc_json_set_int(balancer->metadata, "instance_count", (int64_t)instances);
    scan_set_created(balancer, item, "CreatedTime");
    scan_relate(balancer, "in_vpc", "vpc", esc_json_str(item, "VPCId", NULL));
    scan_relate_all(balancer, "in_subnet", "subnet", item, "Subnets", "");
    scan_relate_all(balancer, "uses_security_group", "security_group", item, "SecurityGroups", "");
    scan_relate_all(balancer, "has_target", "ec2_instance", item, "Instances", "InstanceId");
}

static const struct scan_step steps[] = {
    {
        .operation = "DescribeLoadBalancers",
        .type = "classic_load_balancer",
        .list = "LoadBalancerDescriptions",
        .read = read_balancer,
        .tags_elsewhere = true,
    },
};

const struct esc_scanner scan_service_classic_elb = {.name = "classic-elb",
                                                     .service = "elb",
                                                     .needs_tags = true,
                                                     .steps = steps,
                                                     .step_count = ESC_COUNT(steps)};
