/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ECS clusters and their services. The lists tell only ARNs; a hundred clusters and ten services
 * of one cluster are described at a time. Task definitions, which carry environment variables,
 * are not read.
 */

#include "escher/base/alloc.h"
#include "escher/model/arn.h"
#include "escher/scan/scan_private.h"

enum {
    MOST_CLUSTERS = 100, /* @source ECS API, DescribeClusters */
    MOST_SERVICES = 10   /* @source ECS API, DescribeServices */
};

static const struct scan_field cluster_fields[] = {
    {"active_services", "activeServicesCount"},
    {"running_tasks", "runningTasksCount"},
    {"container_instances", "registeredContainerInstancesCount"},
    {"capacity_providers", "capacityProviders"},
};

static const struct scan_field service_fields[] = {
    {"launch_type", "launchType"},
    {"desired_count", "desiredCount"},
    {"running_count", "runningCount"},
    {"task_definition", "taskDefinition"},
    {"scheduling", "schedulingStrategy"},
    {"platform_version", "platformVersion"},
    {"deployment_controller", "deploymentController.type"},
    {"rollout_state", "deployments[0].rolloutState"},
    {"execute_command", "enableExecuteCommand"},
};

/* Clusters */

static void list_cluster(struct scan_page *page, const struct esc_json *item)
{
    const char *arn = esc_json_str(item, "", "");
    (void)scan_add(page, "ecs_cluster", scan_last_piece(arn, '/'), arn, NULL);
}

static struct esc_json *with_tags(struct esc_json *params)
{
    struct esc_json *include = esc_json_array();
    esc_json_push_text(include, "TAGS");
    esc_json_set(params, "include", include);
    return params;
}

static struct esc_json *arns_of(struct esc_resource *const *batch, size_t count)
{
    struct esc_json *arns = esc_json_array();
    for (size_t i = 0; i < count; i++)
        esc_json_push_text(arns, batch[i]->arn);
    return arns;
}

static struct esc_json *name_clusters(struct esc_resource *const *batch, size_t count)
{
    struct esc_json *params = esc_json_object();
    esc_json_set(params, "clusters", arns_of(batch, count));
    return with_tags(params);
}

static void constrain_cluster(struct esc_resource *cluster, const struct esc_json *item)
{
    static const struct {
        const char *path, *of_one, *of_many;
    } contents[] = {
        {"activeServicesCount", "service", "services"},
        {"runningTasksCount", "running task", "running tasks"},
        {"registeredContainerInstancesCount", "container instance", "container instances"},
    };
    for (size_t i = 0; i < ESC_COUNT(contents); i++) {
        const int64_t count = esc_json_num(item, contents[i].path, 0);
        if (count <= 0)
            continue;
        const char *what = count == 1 ? contents[i].of_one : contents[i].of_many;
        scan_constrain(cluster, ESC_CAN_DELETE, ESC_NO, contents[i].path, "it has %lld %s",
                       (long long)count, what);
        scan_constrain(cluster, ESC_HAS_DEPENDENCIES, ESC_YES, contents[i].path, "it has %lld %s",
                       (long long)count, what);
        return;
    }
    scan_say(cluster, ESC_CAN_DELETE, ESC_YES);
    scan_say(cluster, ESC_HAS_DEPENDENCIES, ESC_NO);
}

static void read_cluster(struct scan_page *page, const struct esc_json *item)
{
    struct esc_resource *cluster = scan_find_arn(page, esc_json_str(item, "clusterArn", NULL));
    if (!cluster)
        return; /* deleted since the list */
    scan_take_fields(cluster, item, cluster_fields, ESC_COUNT(cluster_fields));
    scan_take_tags(cluster, item, "tags");
    scan_set_state(cluster, item, "status");
    constrain_cluster(cluster, item);
}

/* Services. Older ARNs leave the cluster out: "service/web" for "service/shop/web". */

static void list_service(struct scan_page *page, const struct esc_json *item)
{
    const char *arn = esc_json_str(item, "", "");
    const struct esc_resource *cluster = page->of;
    ESC_CLEANUP(esc_freep)
    char *identifier = esc_sprintf("%s/%s", cluster->identifier, scan_last_piece(arn, '/'));
    struct esc_resource *service = scan_add(page, "ecs_service", identifier, arn, NULL);
    if (!service)
        return;
    scan_set_name(service, scan_last_piece(arn, '/'));
    esc_json_set_text(service->metadata, "cluster", cluster->identifier);
    scan_relate(service, "in_ecs_cluster", "ecs_cluster", cluster->identifier);
}

static struct esc_json *name_cluster(struct esc_resource *const *batch, size_t count)
{
    (void)count; /* one at a time */
    struct esc_json *params = esc_json_object();
    esc_json_set_text(params, "cluster", batch[0]->identifier);
    return params;
}

static const char *cluster_of(const struct esc_resource *service)
{
    return esc_json_str(service->metadata, "cluster", "");
}

static bool have_one_cluster(const struct esc_resource *one, const struct esc_resource *other)
{
    return esc_text_equal(cluster_of(one), cluster_of(other));
}

static struct esc_json *name_services(struct esc_resource *const *batch, size_t count)
{
    struct esc_json *params = esc_json_object();
    esc_json_set_text(params, "cluster", cluster_of(batch[0]));
    esc_json_set(params, "services", arns_of(batch, count));
    return with_tags(params);
}

static void constrain_service(struct esc_resource *service, const struct esc_json *item)
{
    const int64_t desired = esc_json_num(item, "desiredCount", 0);
    const bool is_daemon = esc_text_equal(esc_json_str(item, "schedulingStrategy", NULL), "DAEMON");
    if (!esc_text_equal(service->state, "ACTIVE"))
        scan_constrain(service, ESC_CAN_DELETE, ESC_NO, "status", "it is %s",
                       service->state ? service->state : "in an unknown state");
    else if (desired > 0 && !is_daemon)
        scan_constrain(service, ESC_CAN_DELETE, ESC_NO, "desiredCount",
                       "it wants %lld task%s; it must be scaled to none first", (long long)desired,
                       desired == 1 ? "" : "s");
    else
        scan_say(service, ESC_CAN_DELETE, ESC_YES);
}

static void relate_balancers(struct esc_resource *service, const struct esc_json *balancers)
{
    for (size_t i = 0; i < esc_json_len(balancers); i++) {
        const struct esc_json *balancer = esc_json_at(balancers, i);
        scan_relate_arn(service, "fills", "target_group",
                        esc_json_str(balancer, "targetGroupArn", NULL));
        scan_relate(service, "fills", "classic_load_balancer",
                    esc_json_str(balancer, "loadBalancerName", NULL));
    }
}

static void read_service(struct scan_page *page, const struct esc_json *item)
{
    struct esc_resource *service = scan_find_arn(page, esc_json_str(item, "serviceArn", NULL));
    if (!service)
        return;
    scan_take_fields(service, item, service_fields, ESC_COUNT(service_fields));
    scan_take_tags(service, item, "tags");
    scan_set_state(service, item, "status");
    scan_set_created(service, item, "createdAt");
    scan_relate_all(service, "in_subnet", "subnet", item,
                    "networkConfiguration.awsvpcConfiguration.subnets", "");
    scan_relate_all(service, "uses_security_group", "security_group", item,
                    "networkConfiguration.awsvpcConfiguration.securityGroups", "");
    scan_relate_arn(service, "uses_role", "iam_role", esc_json_str(item, "roleArn", NULL));
    relate_balancers(service, esc_json_member(item, "loadBalancers"));
    constrain_service(service, item);
}

static const struct scan_step steps[] = {
    {
        .operation = "ListClusters",
        .type = "ecs_cluster",
        .list = "clusterArns",
        .texts = true,
        .read = list_cluster,
    },
    {
        .operation = "DescribeClusters",
        .list = "clusters",
        .read = read_cluster,
        .stage = 1,
        .of_type = "ecs_cluster",
        .batch = MOST_CLUSTERS,
        .make_params = name_clusters,
        .gives_tags = true,
    },
    {
        .operation = "ListServices",
        .type = "ecs_service",
        .list = "serviceArns",
        .texts = true,
        .read = list_service,
        .stage = 1,
        .of_type = "ecs_cluster",
        .batch = 1,
        .make_params = name_cluster,
        .gone_codes = "ClusterNotFoundException",
    },
    {
        .operation = "DescribeServices",
        .list = "services",
        .read = read_service,
        .stage = 2,
        .of_type = "ecs_service",
        .batch = MOST_SERVICES,
        .together = have_one_cluster,
        .make_params = name_services,
        .gives_tags = true,
        .gone_codes = "ClusterNotFoundException", /* they are of one cluster */
    },
};

const struct esc_scanner scan_service_ecs = {
    .name = "ecs", .service = "ecs", .steps = steps, .step_count = ESC_COUNT(steps)};
