/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Load balancers and target groups (ELBv2), with their tags twenty at a time, the attributes of
 * each balancer and the health of each group's targets.
 */

#include "escher/base/attr.h"
#include "escher/scan/scan_private.h"

enum {
    MOST_ARNS = 20 /* @source ELBv2 API, DescribeTags: up to 20 in one call */
};

static const struct scan_field balancer_fields[] = {
    {"type", "Type"},
    {"scheme", "Scheme"},
    {"dns_name", "DNSName"},
    {"vpc_id", "VpcId"},
    {"ip_address_type", "IpAddressType"},
};

static const struct scan_field group_fields[] = {
    {"protocol", "Protocol"},
    {"port", "Port"},
    {"target_type", "TargetType"},
    {"vpc_id", "VpcId"},
    {"health_check_path", "HealthCheckPath"},
    {"health_check_protocol", "HealthCheckProtocol"},
};

static void read_balancer(struct scan_page *page, const struct esc_json *item)
{
    struct esc_resource *balancer =
        scan_add(page, "load_balancer", esc_json_str(item, "LoadBalancerName", NULL),
                 esc_json_str(item, "LoadBalancerArn", NULL), NULL);
    if (!balancer)
        return;
    scan_take_fields(balancer, item, balancer_fields, ESC_COUNT(balancer_fields));
    scan_set_state(balancer, item, "State.Code");
    scan_set_created(balancer, item, "CreatedTime");
    scan_relate(balancer, "in_vpc", "vpc", esc_json_str(item, "VpcId", NULL));
    scan_relate_all(balancer, "in_subnet", "subnet", item, "AvailabilityZones", "SubnetId");
    scan_relate_all(balancer, "uses_security_group", "security_group", item, "SecurityGroups", "");
}

/* All attributes are texts. @source ELBv2 API, LoadBalancerAttribute: which keys there are */
static const char *attribute_of(const struct esc_json *answer, const char *key)
{
    const struct esc_json *attributes = esc_json_member(answer, "Attributes");
    for (size_t i = 0; i < esc_json_len(attributes); i++)
        if (esc_text_equal(esc_json_str(esc_json_at(attributes, i), "Key", NULL), key))
            return esc_json_str(esc_json_at(attributes, i), "Value", NULL);
    return NULL;
}

static void take_switch(struct esc_resource *balancer, const char *name, const char *value)
{
    if (value)
        esc_json_set_bool(balancer->metadata, name, esc_text_equal(value, "true"));
}

static void read_attributes(struct scan_page *page, const struct esc_json *answer)
{
    static const char protection[] = "deletion_protection.enabled";
    struct esc_resource *balancer = page->of;
    const char *is_protected = attribute_of(answer, protection);
    take_switch(balancer, "access_logs", attribute_of(answer, "access_logs.s3.enabled"));
    take_switch(balancer, "cross_zone", attribute_of(answer, "load_balancing.cross_zone.enabled"));
    if (esc_text_equal(is_protected, "true")) {
        scan_constrain(balancer, ESC_PROTECTED, ESC_YES, protection, "deletion protection is on");
        scan_constrain(balancer, ESC_CAN_DELETE, ESC_NO, protection, "deletion protection is on");
    } else if (esc_text_equal(is_protected, "false")) {
        scan_say(balancer, ESC_PROTECTED, ESC_NO);
        scan_say(balancer, ESC_CAN_DELETE, ESC_YES);
    }
}

static struct esc_json *name_balancer(struct esc_resource *const *batch, size_t count)
{
    (void)count; /* one at a time */
    struct esc_json *params = esc_json_object();
    esc_json_set_text(params, "LoadBalancerArn", batch[0]->arn);
    return params;
}

static void read_group(struct scan_page *page, const struct esc_json *item)
{
    struct esc_resource *group =
        scan_add(page, "target_group", esc_json_str(item, "TargetGroupName", NULL),
                 esc_json_str(item, "TargetGroupArn", NULL), NULL);
    if (!group)
        return;
    const struct esc_json *balancers = esc_json_member(item, "LoadBalancerArns");
    scan_take_fields(group, item, group_fields, ESC_COUNT(group_fields));
    scan_relate(group, "in_vpc", "vpc", esc_json_str(item, "VpcId", NULL));
    for (size_t i = 0; i < esc_json_len(balancers); i++)
        scan_relate_arn(group, "served_by", "load_balancer",
                        esc_json_str(esc_json_at(balancers, i), "", NULL));
    scan_constrain_target_group(group, item);
}

static void relate_target(struct esc_resource *group, const struct esc_json *target, bool healthy)
{
    const char *kind = healthy ? "has_target" : "has_unhealthy_target";
    const char *id = esc_json_str(target, "Target.Id", "");
    const struct esc_str text = esc_str_of(id);
    if (esc_str_starts_with(text, ESC_STR("i-")))
        scan_relate(group, kind, "ec2_instance", id);
    else if (esc_str_contains(text, ESC_STR(":function:")))
        scan_relate_arn(group, kind, "lambda_function", id);
    else if (esc_str_contains(text, ESC_STR(":loadbalancer/")))
        scan_relate_arn(group, kind, "load_balancer", id);
}

/* Functions and targets that are never checked are "unavailable", and used all the same. */
static void read_health(struct scan_page *page, const struct esc_json *answer)
{
    const struct esc_json *targets = esc_json_member(answer, "TargetHealthDescriptions");
    struct esc_resource *group = page->of;
    int64_t healthy = 0;
    for (size_t i = 0; i < esc_json_len(targets); i++) {
        const struct esc_json *target = esc_json_at(targets, i);
        const char *state = esc_json_str(target, "TargetHealth.State", "");
        const bool is_used =
            esc_text_equal(state, "healthy") || esc_text_equal(state, "unavailable");
        healthy += is_used;
        relate_target(group, target, is_used);
    }
    esc_json_set_int(group->metadata, "target_count", (int64_t)esc_json_len(targets));
    esc_json_set_int(group->metadata, "healthy_targets", healthy);
}

static struct esc_json *name_group(struct esc_resource *const *batch, size_t count)
{
    (void)count; /* one at a time */
    struct esc_json *params = esc_json_object();
    esc_json_set_text(params, "TargetGroupArn", batch[0]->arn);
    return params;
}

static void read_tags(struct scan_page *page, const struct esc_json *item)
{
    struct esc_resource *resource = scan_find_arn(page, esc_json_str(item, "ResourceArn", NULL));
    if (resource)
        scan_take_tags(resource, item, "Tags");
}

static struct esc_json *name_arns(struct esc_resource *const *batch, size_t count)
{
    struct esc_json *params = esc_json_object();
    struct esc_json *arns = esc_json_array();
    for (size_t i = 0; i < count; i++)
        esc_json_push_text(arns, batch[i]->arn);
    esc_json_set(params, "ResourceArns", arns);
    return params;
}

static const struct scan_step steps[] = {
    {
        .operation = "DescribeLoadBalancers",
        .type = "load_balancer",
        .list = "LoadBalancers",
        .read = read_balancer,
    },
    {
        .operation = "DescribeTargetGroups",
        .type = "target_group",
        .list = "TargetGroups",
        .read = read_group,
    },
    {
        .operation = "DescribeTags",
        .list = "TagDescriptions",
        .read = read_tags,
        .stage = 1,
        .of_type = "load_balancer target_group",
        .batch = MOST_ARNS,
        .make_params = name_arns,
        .gives_tags = true,
    },
    {
        .operation = "DescribeLoadBalancerAttributes",
        .read = read_attributes,
        .stage = 1,
        .of_type = "load_balancer",
        .batch = 1,
        .make_params = name_balancer,
        .gone_codes = "LoadBalancerNotFound",
    },
    {
        .operation = "DescribeTargetHealth",
        .read = read_health,
        .stage = 1,
        .of_type = "target_group",
        .batch = 1,
        .make_params = name_group,
        .gone_codes = "TargetGroupNotFound",
    },
};

const struct esc_scanner scan_service_elb = {
    .name = "elb", .service = "elbv2", .steps = steps, .step_count = ESC_COUNT(steps)};
