/* SPDX-License-Identifier: Apache-2.0 */

/* ElastiCache clusters (Memcached, and the nodes of Redis and Valkey) and replication groups. */

#include "escher/base/attr.h"
#include "escher/scan/scan_private.h"

static const struct scan_field cluster_fields[] = {
    {"engine", "Engine"},
    {"engine_version", "EngineVersion"},
    {"node_type", "CacheNodeType"},
    {"node_count", "NumCacheNodes"},
    {"availability_zone", "PreferredAvailabilityZone"},
    {"replication_group", "ReplicationGroupId"},
    {"endpoint", "ConfigurationEndpoint.Address"},
    {"subnet_group", "CacheSubnetGroupName"},
    {"parameter_group", "CacheParameterGroup.CacheParameterGroupName"},
    {"maintenance_window", "PreferredMaintenanceWindow"},
    {"snapshot_retention_days", "SnapshotRetentionLimit"},
    {"encrypted_at_rest", "AtRestEncryptionEnabled"},
    {"encrypted_in_transit", "TransitEncryptionEnabled"},
    {"asks_for_token", "AuthTokenEnabled"},
    {"auto_minor_version_upgrade", "AutoMinorVersionUpgrade"},
};

static const struct scan_field group_fields[] = {
    {"engine", "Engine"},
    {"description", "Description"},
    {"node_type", "CacheNodeType"},
    {"members", "MemberClusters"},
    {"automatic_failover", "AutomaticFailover"},
    {"multi_az", "MultiAZ"},
    {"cluster_mode", "ClusterEnabled"},
    {"endpoint", "ConfigurationEndpoint.Address"},
    {"primary_endpoint", "NodeGroups[0].PrimaryEndpoint.Address"},
    {"snapshot_retention_days", "SnapshotRetentionLimit"},
    {"snapshot_window", "SnapshotWindow"},
    {"encrypted_at_rest", "AtRestEncryptionEnabled"},
    {"encrypted_in_transit", "TransitEncryptionEnabled"},
    {"asks_for_token", "AuthTokenEnabled"},
    {"global_group", "GlobalReplicationGroupInfo.GlobalReplicationGroupId"},
};

static void constrain_backups(struct esc_resource *cache, const struct esc_json *item)
{
    const int64_t days = esc_json_num(item, "SnapshotRetentionLimit", -1);
    if (esc_text_equal(esc_json_str(item, "Engine", NULL), "memcached"))
        scan_constrain(cache, ESC_HAS_BACKUPS, ESC_NO, "Engine", "Memcached keeps no backups");
    else if (days > 0)
        scan_constrain(cache, ESC_HAS_BACKUPS, ESC_YES, "SnapshotRetentionLimit",
                       "daily snapshots are kept for %lld day%s", (long long)days,
                       days == 1 ? "" : "s");
    else if (days == 0)
        scan_constrain(cache, ESC_HAS_BACKUPS, ESC_UNKNOWN, "SnapshotRetentionLimit",
                       "daily snapshots are off; those made by hand are not looked for");
}

static void constrain_state(struct esc_resource *cache, const char *field)
{
    if (!esc_text_equal(cache->state, "available"))
        scan_constrain(cache, ESC_CAN_DELETE, ESC_NO, field, "it is %s",
                       cache->state ? cache->state : "in an unknown state");
}

static void read_cluster(struct scan_page *page, const struct esc_json *item)
{
    struct esc_resource *cluster =
        scan_add(page, "elasticache_cluster", esc_json_str(item, "CacheClusterId", NULL),
                 esc_json_str(item, "ARN", NULL), NULL);
    if (!cluster)
        return;
    const char *group = esc_json_str(item, "ReplicationGroupId", NULL);
    scan_take_fields(cluster, item, cluster_fields, ESC_COUNT(cluster_fields));
    scan_set_state(cluster, item, "CacheClusterStatus");
    scan_set_created(cluster, item, "CacheClusterCreateTime");
    scan_relate_all(cluster, "uses_security_group", "security_group", item, "SecurityGroups",
                    "SecurityGroupId");
    scan_relate(cluster, "in_replication_group", "elasticache_replication_group", group);
    scan_relate_arn(cluster, "notifies", "sns_topic",
                    esc_json_str(item, "NotificationConfiguration.TopicArn", NULL));
    constrain_state(cluster, "CacheClusterStatus");
    if (!group && esc_text_equal(cluster->state, "available"))
        scan_say(cluster, ESC_CAN_DELETE, ESC_YES); /* a primary cannot leave its group */
    constrain_backups(cluster, item);
}

static void read_group(struct scan_page *page, const struct esc_json *item)
{
    struct esc_resource *group = scan_add(page, "elasticache_replication_group",
                                          esc_json_str(item, "ReplicationGroupId", NULL),
                                          esc_json_str(item, "ARN", NULL), NULL);
    if (!group)
        return;
    scan_take_fields(group, item, group_fields, ESC_COUNT(group_fields));
    scan_set_state(group, item, "Status");
    scan_set_created(group, item, "ReplicationGroupCreateTime");
    if (esc_json_str(item, "GlobalReplicationGroupInfo.GlobalReplicationGroupId", NULL))
        scan_constrain(group, ESC_CAN_DELETE, ESC_NO, "GlobalReplicationGroupInfo",
                       "it belongs to a global datastore");
    else if (esc_text_equal(group->state, "available"))
        scan_say(group, ESC_CAN_DELETE, ESC_YES);
    else
        constrain_state(group, "Status");
    constrain_backups(group, item);
}

static const struct scan_step steps[] = {
    {
        .operation = "DescribeCacheClusters",
        .type = "elasticache_cluster",
        .list = "CacheClusters",
        .read = read_cluster,
        .tags_elsewhere = true,
    },
    {
        .operation = "DescribeReplicationGroups",
        .type = "elasticache_replication_group",
        .list = "ReplicationGroups",
        .read = read_group,
        .tags_elsewhere = true,
    },
};

const struct esc_scanner scan_service_elasticache = {.name = "elasticache",
                                                     .service = "elasticache",
                                                     .needs_tags = true,
                                                     .steps = steps,
                                                     .step_count = ESC_COUNT(steps)};
