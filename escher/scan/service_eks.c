/* SPDX-License-Identifier: Apache-2.0 */

/*
 * EKS clusters and their node groups: lists of names, and one description each. The cluster's
 * certificate and the activation code of a connected one stay out because no field names them.
 *
 * A node group's ARN ends in a number that only its description tells. Until then it is nowhere,
 * and what is nowhere when the scan ends is left out and counted.
 */

#include <stdlib.h>

#include "escher/base/alloc.h"
#include "escher/model/arn.h"
#include "escher/model/partition.h"
#include "escher/scan/scan_private.h"

static const struct scan_field fields[] = {
    {"version", "version"},
    {"platform_version", "platformVersion"},
    {"endpoint", "endpoint"},
    {"public_endpoint", "resourcesVpcConfig.endpointPublicAccess"},
    {"private_endpoint", "resourcesVpcConfig.endpointPrivateAccess"},
    {"public_access_from", "resourcesVpcConfig.publicAccessCidrs"},
    {"vpc_id", "resourcesVpcConfig.vpcId"},
    {"authentication_mode", "accessConfig.authenticationMode"},
    {"support_type", "upgradePolicy.supportType"},
    {"secrets_key", "encryptionConfig[0].provider.keyArn"},
    {"role", "roleArn"},
    {"auto_mode", "computeConfig.enabled"},
};

static void list_cluster(struct scan_page *page, const struct esc_json *item)
{
    (void)scan_add(page, "eks_cluster", esc_json_str(item, "", NULL), NULL, NULL);
}

static struct esc_json *name_cluster(struct esc_resource *const *batch, size_t count)
{
    (void)count; /* one at a time */
    struct esc_json *params = esc_json_object();
    esc_json_set_text(params, "name", batch[0]->identifier);
    return params;
}

static void constrain(struct esc_resource *cluster, const struct esc_json *item)
{
    scan_constrain_protection(cluster, item, "deletionProtection");
    if (cluster->constraints.is_protected == ESC_YES)
        return;
    if (esc_text_equal(cluster->state, "CREATING") || esc_text_equal(cluster->state, "DELETING") ||
        esc_text_equal(cluster->state, "UPDATING"))
        scan_constrain(cluster, ESC_CAN_DELETE, ESC_NO, "status", "it is %s", cluster->state);
}

static void read_cluster(struct scan_page *page, const struct esc_json *item)
{
    struct esc_resource *cluster = page->of;
    scan_take_fields(cluster, item, fields, ESC_COUNT(fields));
    scan_take_tag_map(cluster, item, "tags");
    scan_set_state(cluster, item, "status");
    scan_set_created(cluster, item, "createdAt");
    scan_relate(cluster, "in_vpc", "vpc", esc_json_str(item, "resourcesVpcConfig.vpcId", NULL));
    scan_relate_all(cluster, "in_subnet", "subnet", item, "resourcesVpcConfig.subnetIds", "");
    scan_relate_all(cluster, "uses_security_group", "security_group", item,
                    "resourcesVpcConfig.securityGroupIds", "");
    scan_relate(cluster, "uses_security_group", "security_group",
                esc_json_str(item, "resourcesVpcConfig.clusterSecurityGroupId", NULL));
    scan_relate_arn(cluster, "uses_role", "iam_role", esc_json_str(item, "roleArn", NULL));
    constrain(cluster, item);
}

static void read_description(struct scan_page *page, const struct esc_json *answer)
{
    const struct esc_json *item = esc_json_member(answer, "cluster");
    if (esc_json_is(item, ESC_JSON_OBJECT))
        read_cluster(page, item);
    else
        page->unread_count++;
}

/* Node groups */

static const struct scan_field group_fields[] = {
    {"cluster", "clusterName"},
    {"version", "version"},
    {"release_version", "releaseVersion"},
    {"capacity_type", "capacityType"},
    {"instance_types", "instanceTypes"},
    {"ami_type", "amiType"},
    {"disk_gb", "diskSize"},
    {"min_size", "scalingConfig.minSize"},
    {"max_size", "scalingConfig.maxSize"},
    {"desired_size", "scalingConfig.desiredSize"},
    {"role", "nodeRole"},
};

static void list_group(struct scan_page *page, const struct esc_json *item)
{
    const char *name = esc_json_str(item, "", ""), *cluster = page->of->identifier;
    const struct esc_scan_place *place = page->place;
    ESC_CLEANUP(esc_freep) char *identifier = esc_sprintf("%s/%s", cluster, name);
    ESC_CLEANUP(esc_freep)
    char *arn = esc_sprintf("arn:%s:eks:%s:%s:nodegroup/%s",
                            esc_partition_of_region(esc_str_of(place->region)), place->region,
                            place->account->id, identifier);
    struct esc_resource *group =
        scan_add(page, "eks_node_group", *name ? identifier : NULL, arn, NULL);
    if (!group)
        return;
    scan_set_name(group, name);
    scan_relate(group, "in_eks_cluster", "eks_cluster", cluster);
    scan_locate(group, "");
}

static struct esc_json *list_groups_of(struct esc_resource *const *batch, size_t count)
{
    (void)count; /* one at a time */
    struct esc_json *params = esc_json_object();
    esc_json_set_text(params, "clusterName", batch[0]->identifier);
    return params;
}

static struct esc_json *name_group(struct esc_resource *const *batch, size_t count)
{
    (void)count; /* one at a time */
    const struct esc_resource *group = batch[0];
    struct esc_str rest = esc_str_of(group->identifier), cluster;
    (void)esc_str_next(&rest, '/', &cluster); /* list_group() has put it there */
    ESC_CLEANUP(esc_freep) char *of = esc_str_dup(cluster);
    struct esc_json *params = esc_json_object();
    esc_json_set_text(params, "clusterName", of);
    esc_json_set_text(params, "nodegroupName", group->name);
    return params;
}

static void constrain_group(struct esc_resource *group)
{
    if (esc_text_equal(group->state, "CREATING") || esc_text_equal(group->state, "UPDATING") ||
        esc_text_equal(group->state, "DELETING"))
        scan_constrain(group, ESC_CAN_DELETE, ESC_NO, "status", "it is %s", group->state);
    else if (group->state)
        scan_say(group, ESC_CAN_DELETE, ESC_YES);
}

static void read_group(struct scan_page *page, const struct esc_json *item)
{
    struct esc_resource *group = page->of;
    const char *arn = esc_json_str(item, "nodegroupArn", NULL);
    struct esc_arn parts;
    if (!arn || !esc_arn_parse(esc_str_of(arn), &parts)) {
        page->unread_count++;
        return;
    }
    free(group->arn);
    group->arn = esc_strdup(arn);
    scan_locate(group, page->place->region);
    scan_take_fields(group, item, group_fields, ESC_COUNT(group_fields));
    scan_take_tag_map(group, item, "tags");
    scan_set_state(group, item, "status");
    scan_set_created(group, item, "createdAt");
    scan_relate_all(group, "in_subnet", "subnet", item, "subnets", "");
    scan_relate_all(group, "uses_security_group", "security_group", item,
                    "remoteAccess.sourceSecurityGroups", "");
    scan_relate_all(group, "grows_by", "auto_scaling_group", item, "resources.autoScalingGroups",
                    "name");
    scan_relate_arn(group, "uses_role", "iam_role", esc_json_str(item, "nodeRole", NULL));
    constrain_group(group);
}

static void read_group_description(struct scan_page *page, const struct esc_json *answer)
{
    const struct esc_json *item = esc_json_member(answer, "nodegroup");
    if (esc_json_is(item, ESC_JSON_OBJECT))
        read_group(page, item);
    else
        page->unread_count++;
}

static const struct scan_step steps[] = {
    {
        .operation = "ListClusters",
        .type = "eks_cluster",
        .list = "clusters",
        .texts = true,
        .read = list_cluster,
    },
    {
        .operation = "DescribeCluster",
        .read = read_description,
        .stage = 1,
        .of_type = "eks_cluster",
        .batch = 1,
        .make_params = name_cluster,
        .gone_codes = "ResourceNotFoundException",
        .gives_tags = true,
    },
    {
        .operation = "ListNodegroups",
        .type = "eks_node_group",
        .list = "nodegroups",
        .texts = true,
        .read = list_group,
        .stage = 1,
        .of_type = "eks_cluster",
        .batch = 1,
        .make_params = list_groups_of,
        .gone_codes = "ResourceNotFoundException",
    },
    {
        .operation = "DescribeNodegroup",
        .read = read_group_description,
        .stage = 2,
        .of_type = "eks_node_group",
        .batch = 1,
        .make_params = name_group,
        .gone_codes = "ResourceNotFoundException",
        .gives_tags = true,
    },
};

const struct esc_scanner scan_service_eks = {
    .name = "eks", .service = "eks", .steps = steps, .step_count = ESC_COUNT(steps)};
