/* SPDX-License-Identifier: Apache-2.0 */

/*
 * EKS clusters: a list of names, and one description each. The cluster's certificate and the
 * activation code of a connected one stay out because no field names them.
 */

#include "escher/base/attr.h"
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
        .gives_tags = true,
    },
};

const struct esc_scanner scan_service_eks = {
    .name = "eks", .service = "eks", .steps = steps, .step_count = ESC_COUNT(steps)};
