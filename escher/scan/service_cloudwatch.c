/* SPDX-License-Identifier: Apache-2.0 */

/*
 * CloudWatch alarms: of one metric, and those composed of others. What an alarm watches is found
 * by the dimensions of its metric; the reason of its state, which quotes the last values, changes
 * with every look and is not taken over.
 */

#include "escher/base/alloc.h"
#include "escher/scan/scan_private.h"

static const struct scan_field fields[] = {
    {"description", "AlarmDescription"},
    {"metric", "MetricName"},
    {"namespace", "Namespace"},
    {"statistic", "Statistic"},
    {"comparison", "ComparisonOperator"},
    {"threshold", "Threshold"},
    {"period_s", "Period"},
    {"evaluation_periods", "EvaluationPeriods"},
    {"missing_data", "TreatMissingData"},
    {"actions_enabled", "ActionsEnabled"},
    {"rule", "AlarmRule"},
};

/* @source the page on monitoring of each service, "metrics and dimensions" */
static const struct {
    const char *dimension, *type;
    char separator; /* the identifier is a piece of "app/web/50dc6c49"; 0: it is all */
    unsigned piece;
} dimensions[] = {
    {"InstanceId", "ec2_instance", 0, 0},
    {"VolumeId", "ebs_volume", 0, 0},
    {"DBInstanceIdentifier", "rds_instance", 0, 0},
    {"DBClusterIdentifier", "rds_cluster", 0, 0},
    {"FunctionName", "lambda_function", 0, 0},
    {"TableName", "dynamodb_table", 0, 0},
    {"QueueName", "sqs_queue", 0, 0},
    {"TopicName", "sns_topic", 0, 0},
    {"CacheClusterId", "elasticache_cluster", 0, 0},
    {"ReplicationGroupId", "elasticache_replication_group", 0, 0},
    {"AutoScalingGroupName", "auto_scaling_group", 0, 0},
    {"NatGatewayId", "nat_gateway", 0, 0},
    {"LoadBalancerName", "classic_load_balancer", 0, 0},
    {"LoadBalancer", "load_balancer", '/', 1},
    {"TargetGroup", "target_group", '/', 1},
    {"BucketName", "s3_bucket", 0, 0},
};

static void relate_dimension(struct esc_resource *alarm, const struct esc_json *dimension)
{
    const char *name = esc_json_str(dimension, "Name", "");
    struct esc_str rest = esc_str_of(esc_json_str(dimension, "Value", "")), piece = rest;
    for (size_t i = 0; i < ESC_COUNT(dimensions); i++) {
        if (!esc_text_equal(dimensions[i].dimension, name))
            continue;
        for (unsigned at = 0; dimensions[i].separator; at++)
            if (!esc_str_next(&rest, dimensions[i].separator, &piece) || at == dimensions[i].piece)
                break;
        ESC_CLEANUP(esc_freep) char *identifier = esc_str_dup(piece);
        scan_relate(alarm, "watches", dimensions[i].type, identifier);
    }
}

/* "AWS/ECS" counts by the names of a cluster and of a service in it. */
static void relate_containers(struct esc_resource *alarm, const struct esc_json *item)
{
    const struct esc_json *list = esc_json_member(item, "Dimensions");
    const char *cluster = NULL, *service = NULL;
    for (size_t i = 0; i < esc_json_len(list); i++) {
        const struct esc_json *one = esc_json_at(list, i);
        const char *name = esc_json_str(one, "Name", ""), *value = esc_json_str(one, "Value", NULL);
        cluster = esc_text_equal(name, "ClusterName") ? value : cluster;
        service = esc_text_equal(name, "ServiceName") ? value : service;
    }
    if (!cluster || !esc_text_equal(esc_json_str(item, "Namespace", NULL), "AWS/ECS"))
        return;
    if (!service) {
        scan_relate(alarm, "watches", "ecs_cluster", cluster);
        return;
    }
    ESC_CLEANUP(esc_freep) char *identifier = esc_sprintf("%s/%s", cluster, service);
    scan_relate(alarm, "watches", "ecs_service", identifier);
}

static void relate_topics(struct esc_resource *alarm, const struct esc_json *actions)
{
    for (size_t i = 0; i < esc_json_len(actions); i++) {
        const char *arn = esc_json_str(esc_json_at(actions, i), "", "");
        if (esc_str_contains(esc_str_of(arn), ESC_STR(":sns:")))
            scan_relate_arn(alarm, "notifies", "sns_topic", arn);
    }
}

static void read_alarm(struct scan_page *page, const struct esc_json *item, const char *kind)
{
    struct esc_resource *alarm =
        scan_add(page, "cloudwatch_alarm", esc_json_str(item, "AlarmName", NULL),
                 esc_json_str(item, "AlarmArn", NULL), NULL);
    if (!alarm)
        return;
    const struct esc_json *list = esc_json_member(item, "Dimensions");
    scan_take_fields(alarm, item, fields, ESC_COUNT(fields));
    scan_take_time(alarm, item, "state_since", "StateTransitionedTimestamp");
    esc_json_set_text(alarm->metadata, "kind", kind);
    scan_set_state(alarm, item, "StateValue");
    for (size_t i = 0; i < esc_json_len(list); i++)
        relate_dimension(alarm, esc_json_at(list, i));
    relate_containers(alarm, item);
    relate_topics(alarm, esc_json_member(item, "AlarmActions"));
    scan_say(alarm, ESC_CAN_DELETE, ESC_YES);
}

/* One answer with a list per kind of alarm; where there are none that list may be missing. An
 * answer without either says nothing, least of all that there are no alarms. */
static void read_alarms(struct scan_page *page, const struct esc_json *answer)
{
    static const struct {
        const char *list, *kind;
    } kinds[] = {{"MetricAlarms", "metric"}, {"CompositeAlarms", "composite"}};
    size_t lists = 0;
    for (size_t i = 0; i < ESC_COUNT(kinds); i++) {
        const struct esc_json *list = esc_json_member(answer, kinds[i].list);
        lists += list != NULL;
        page->unread_count += list && !esc_json_is(list, ESC_JSON_ARRAY);
        for (size_t j = 0; j < esc_json_len(list); j++)
            read_alarm(page, esc_json_at(list, j), kinds[i].kind);
    }
    page->unread_count += lists == 0;
}

static const struct scan_step steps[] = {
    {
        .operation = "DescribeAlarms",
        .params = "{\"AlarmTypes\": [\"MetricAlarm\", \"CompositeAlarm\"]}",
        .type = "cloudwatch_alarm",
        .read = read_alarms,
        .tags_elsewhere = true,
    },
};

const struct esc_scanner scan_service_cloudwatch = {.name = "cloudwatch",
                                                    .service = "cloudwatch",
                                                    .needs_tags = true,
                                                    .steps = steps,
                                                    .step_count = ESC_COUNT(steps)};
