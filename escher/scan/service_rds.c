/* SPDX-License-Identifier: Apache-2.0 */

/*
 * RDS instances, clusters and their snapshots. The same API also lists Neptune and DocumentDB,
 * which are other products with other operations: they are left out by their engine.
 */

#include "escher/base/alloc.h"
#include "escher/model/arn.h"
#include "escher/scan/scan_private.h"

static const struct scan_field instance_fields[] = {
    {"engine", "Engine"},
    {"engine_version", "EngineVersion"},
    {"instance_class", "DBInstanceClass"},
    {"storage_gb", "AllocatedStorage"},
    {"max_storage_gb", "MaxAllocatedStorage"},
    {"storage_type", "StorageType"},
    {"iops", "Iops"},
    {"storage_encrypted", "StorageEncrypted"},
    {"kms_key_id", "KmsKeyId"},
    {"multi_az", "MultiAZ"},
    {"resource_id", "DbiResourceId"},
    {"publicly_accessible", "PubliclyAccessible"},
    {"deletion_protection", "DeletionProtection"},
    {"backup_retention_days", "BackupRetentionPeriod"},
    {"backup_window", "PreferredBackupWindow"},
    {"maintenance_window", "PreferredMaintenanceWindow"},
    {"database_name", "DBName"},
    {"endpoint", "Endpoint.Address"},
    {"port", "Endpoint.Port"},
    {"availability_zone", "AvailabilityZone"},
    {"db_cluster_identifier", "DBClusterIdentifier"},
    {"read_replica_source", "ReadReplicaSourceDBInstanceIdentifier"},
    {"read_replica_source_cluster", "ReadReplicaSourceDBClusterIdentifier"},
    {"read_replicas", "ReadReplicaDBInstanceIdentifiers"},
    {"read_replica_clusters", "ReadReplicaDBClusterIdentifiers"},
    {"license_model", "LicenseModel"},
    {"auto_minor_version_upgrade", "AutoMinorVersionUpgrade"},
    {"iam_authentication", "IAMDatabaseAuthenticationEnabled"},
    {"performance_insights", "PerformanceInsightsEnabled"},
    {"ca_certificate", "CACertificateIdentifier"},
    {"subnet_group", "DBSubnetGroup.DBSubnetGroupName"},
    {"vpc_id", "DBSubnetGroup.VpcId"},
    {"parameter_group", "DBParameterGroups[0].DBParameterGroupName"},
};

static const struct scan_field cluster_fields[] = {
    {"engine", "Engine"},
    {"engine_version", "EngineVersion"},
    {"engine_mode", "EngineMode"},
    {"multi_az", "MultiAZ"},
    {"resource_id", "DbClusterResourceId"},
    {"storage_encrypted", "StorageEncrypted"},
    {"kms_key_id", "KmsKeyId"},
    {"deletion_protection", "DeletionProtection"},
    {"backup_retention_days", "BackupRetentionPeriod"},
    {"backup_window", "PreferredBackupWindow"},
    {"maintenance_window", "PreferredMaintenanceWindow"},
    {"database_name", "DatabaseName"},
    {"endpoint", "Endpoint"},
    {"reader_endpoint", "ReaderEndpoint"},
    {"port", "Port"},
    {"global_cluster", "GlobalClusterIdentifier"},
    {"replication_source", "ReplicationSourceIdentifier"},
    {"read_replicas", "ReadReplicaIdentifiers"},
    {"iam_authentication", "IAMDatabaseAuthenticationEnabled"},
    {"subnet_group", "DBSubnetGroup"},
};

static const struct scan_field snapshot_fields[] = {
    {"engine", "Engine"},
    {"engine_version", "EngineVersion"},
    {"snapshot_type", "SnapshotType"},
    {"storage_gb", "AllocatedStorage"},
    {"encrypted", "Encrypted"},
    {"storage_encrypted", "StorageEncrypted"},
    {"kms_key_id", "KmsKeyId"},
    {"db_instance_identifier", "DBInstanceIdentifier"},
    {"db_cluster_identifier", "DBClusterIdentifier"},
    {"source_region", "SourceRegion"},
    {"vpc_id", "VpcId"},
};

static bool is_other_product(const struct esc_json *item)
{
    const char *engine = esc_json_str(item, "Engine", "");
    return esc_text_equal(engine, "neptune") || esc_text_equal(engine, "docdb");
}

/* A replica may be named by its identifier, or from another region by its ARN. */
static void relate_replica(struct esc_resource *resource, const char *kind, const char *type,
                           const char *name)
{
    struct esc_arn arn;
    if (!name || !esc_arn_parse(esc_str_of(name), &arn)) {
        scan_relate(resource, kind, type, name);
        return;
    }
    ESC_CLEANUP(esc_freep) char *account = esc_str_dup(arn.account);
    ESC_CLEANUP(esc_freep) char *region = esc_str_dup(arn.region);
    ESC_CLEANUP(esc_freep) char *identifier = esc_str_dup(esc_arn_name(&arn));
    ESC_CLEANUP(esc_freep) char *target = esc_resource_key(account, region, type, identifier);
    esc_resource_relate(resource, kind, target);
}

static void relate_replicas(struct esc_resource *resource, const char *type,
                            const struct esc_json *replicas)
{
    for (size_t i = 0; i < esc_json_len(replicas); i++)
        relate_replica(resource, "has_replica", type,
                       esc_json_str(esc_json_at(replicas, i), "", NULL));
}

/* Of an Aurora cluster, and Aurora clusters of it: a migration goes that way. */
static void relate_copies(struct esc_resource *database, const struct esc_json *item)
{
    const struct esc_json *instances = esc_json_member(item, "ReadReplicaDBInstanceIdentifiers");
    const struct esc_json *clusters = esc_json_member(item, "ReadReplicaDBClusterIdentifiers");
    const char *instance = esc_json_str(item, "ReadReplicaSourceDBInstanceIdentifier", NULL);
    const char *cluster = esc_json_str(item, "ReadReplicaSourceDBClusterIdentifier", NULL);
    esc_json_set_bool(database->metadata, "has_read_replicas",
                      esc_json_len(instances) + esc_json_len(clusters) > 0);
    esc_json_set_bool(database->metadata, "is_read_replica", instance || cluster);
    relate_replicas(database, "rds_instance", instances);
    relate_replicas(database, "rds_cluster", clusters);
    relate_replica(database, "replica_of", "rds_instance", instance);
    relate_replica(database, "replica_of", "rds_cluster", cluster);
}

static void read_instance(struct scan_page *page, const struct esc_json *item)
{
    if (is_other_product(item))
        return;
    struct esc_resource *database =
        scan_add(page, "rds_instance", esc_json_str(item, "DBInstanceIdentifier", NULL),
                 esc_json_str(item, "DBInstanceArn", NULL), NULL);
    if (!database)
        return;
    scan_take_fields(database, item, instance_fields, ESC_COUNT(instance_fields));
    scan_take_tags(database, item, "TagList");
    scan_set_state(database, item, "DBInstanceStatus");
    scan_set_created(database, item, "InstanceCreateTime");
    relate_copies(database, item);
    scan_relate(database, "in_cluster", "rds_cluster",
                esc_json_str(item, "DBClusterIdentifier", NULL));
    scan_relate(database, "in_vpc", "vpc", esc_json_str(item, "DBSubnetGroup.VpcId", NULL));
    scan_relate_all(database, "in_subnet", "subnet", item, "DBSubnetGroup.Subnets",
                    "SubnetIdentifier");
    scan_relate_all(database, "uses_security_group", "security_group", item, "VpcSecurityGroups",
                    "VpcSecurityGroupId");
    scan_constrain_database(database, item);
}

static void read_cluster(struct scan_page *page, const struct esc_json *item)
{
    if (is_other_product(item))
        return;
    struct esc_resource *cluster =
        scan_add(page, "rds_cluster", esc_json_str(item, "DBClusterIdentifier", NULL),
                 esc_json_str(item, "DBClusterArn", NULL), NULL);
    if (!cluster)
        return;
    const struct esc_json *members = esc_json_member(item, "DBClusterMembers");
    scan_take_fields(cluster, item, cluster_fields, ESC_COUNT(cluster_fields));
    esc_json_set_int(cluster->metadata, "member_count", (int64_t)esc_json_len(members));
    scan_take_tags(cluster, item, "TagList");
    scan_set_state(cluster, item, "Status");
    scan_set_created(cluster, item, "ClusterCreateTime");
    scan_relate_all(cluster, "has_member", "rds_instance", item, "DBClusterMembers",
                    "DBInstanceIdentifier");
    scan_relate_all(cluster, "uses_security_group", "security_group", item, "VpcSecurityGroups",
                    "VpcSecurityGroupId");
    relate_replicas(cluster, "rds_cluster", esc_json_member(item, "ReadReplicaIdentifiers"));
    relate_replica(cluster, "replica_of", "rds_cluster",
                   esc_json_str(item, "ReplicationSourceIdentifier", NULL));
    scan_constrain_cluster(cluster, item);
}

/* A name may be used again, and what was taken by hand outlives its database: the number tells. */
static void finish_snapshot(struct esc_resource *snapshot, const struct esc_json *item,
                            const char *number)
{
    const struct scan_field source = {"resource_id", number};
    scan_take_fields(snapshot, item, &source, 1);
    scan_take_fields(snapshot, item, snapshot_fields, ESC_COUNT(snapshot_fields));
    scan_take_tags(snapshot, item, "TagList");
    scan_set_state(snapshot, item, "Status");
    scan_set_created(snapshot, item, "SnapshotCreateTime");
    scan_constrain_database_snapshot(snapshot, item);
}

static void read_snapshot(struct scan_page *page, const struct esc_json *item)
{
    if (is_other_product(item))
        return;
    struct esc_resource *snapshot =
        scan_add(page, "rds_snapshot", esc_json_str(item, "DBSnapshotIdentifier", NULL),
                 esc_json_str(item, "DBSnapshotArn", NULL), NULL);
    if (!snapshot)
        return;
    finish_snapshot(snapshot, item, "DbiResourceId");
    scan_relate(snapshot, "snapshot_of", "rds_instance",
                esc_json_str(item, "DBInstanceIdentifier", NULL));
}

static void read_cluster_snapshot(struct scan_page *page, const struct esc_json *item)
{
    if (is_other_product(item))
        return;
    struct esc_resource *snapshot = scan_add(
        page, "rds_cluster_snapshot", esc_json_str(item, "DBClusterSnapshotIdentifier", NULL),
        esc_json_str(item, "DBClusterSnapshotArn", NULL), NULL);
    if (!snapshot)
        return;
    finish_snapshot(snapshot, item, "DbClusterResourceId");
    scan_relate(snapshot, "snapshot_of", "rds_cluster",
                esc_json_str(item, "DBClusterIdentifier", NULL));
}

static const struct scan_step steps[] = {
    {
        .operation = "DescribeDBInstances",
        .type = "rds_instance",
        .list = "DBInstances",
        .read = read_instance,
    },
    {
        .operation = "DescribeDBClusters",
        .type = "rds_cluster",
        .list = "DBClusters",
        .read = read_cluster,
    },
    {
        .operation = "DescribeDBSnapshots",
        .type = "rds_snapshot",
        .list = "DBSnapshots",
        .read = read_snapshot,
    },
    {
        .operation = "DescribeDBClusterSnapshots",
        .type = "rds_cluster_snapshot",
        .list = "DBClusterSnapshots",
        .read = read_cluster_snapshot,
    },
};

const struct esc_scanner scan_service_rds = {.name = "rds",
                                             .service = "rds",
                                             .is_restless = true,
                                             .steps = steps,
                                             .step_count = ESC_COUNT(steps)};
