/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What may be done with a resource by its own answer, each "no" with its reason and the field
 * that decided. What the answer does not tell stays unknown. merge.c adds what follows from
 * other resources.
 *
 * @source EC2 StopInstances; RDS user guide, "Stopping an Amazon RDS DB instance temporarily",
 * "Limitations"; Aurora user guide, "Stopping and starting an Aurora cluster", "Limitations"
 */

#include <stdarg.h>
#include <stdio.h>

#include "escher/base/attr.h"
#include "escher/scan/scan_private.h"

void scan_constrain(struct esc_resource *resource, enum esc_constraint constraint,
                    enum esc_tristate value, const char *field, const char *format, ...)
{
    char reason[256];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(reason, sizeof reason, format, arguments); /* a long name is cut */
    va_end(arguments);
    esc_constraints_set(&resource->constraints, constraint, value, reason, field);
}

void scan_say(struct esc_resource *resource, enum esc_constraint constraint,
              enum esc_tristate value)
{
    esc_constraints_set(&resource->constraints, constraint, value, NULL, NULL);
}

void scan_constrain_protection(struct esc_resource *resource, const struct esc_json *item,
                               const char *path)
{
    if (!esc_json_is(esc_json_get(item, path), ESC_JSON_BOOL))
        return;
    if (!esc_json_flag(item, path, false)) {
        scan_say(resource, ESC_PROTECTED, ESC_NO);
        return;
    }
    scan_constrain(resource, ESC_PROTECTED, ESC_YES, path, "deletion protection is on");
    scan_constrain(resource, ESC_CAN_DELETE, ESC_NO, path, "deletion protection is on");
}

static bool is_in_state(const struct esc_resource *resource, const char *state)
{
    return esc_text_equal(resource->state, state);
}

static const char *state_of(const struct esc_resource *resource)
{
    return resource->state ? resource->state : "in an unknown state";
}

static bool begins(const char *text, const char *with)
{
    return esc_str_starts_with(esc_str_of(text), esc_str_of(with));
}

/* EC2 instances */

static void constrain_stop_of_instance(struct esc_resource *instance, const struct esc_json *item)
{
    const char *group = esc_resource_tag(instance, "aws:autoscaling:groupName");
    if (!is_in_state(instance, "running"))
        scan_constrain(instance, ESC_CAN_STOP, ESC_NO, "State.Name", "it is %s",
                       state_of(instance));
    else if (esc_text_equal(esc_json_str(item, "RootDeviceType", NULL), "instance-store"))
        scan_constrain(instance, ESC_CAN_STOP, ESC_NO, "RootDeviceType",
                       "its root device is an instance store, which cannot be stopped");
    else if (esc_text_equal(esc_json_str(item, "InstanceLifecycle", NULL), "spot"))
        scan_constrain(instance, ESC_CAN_STOP, ESC_UNKNOWN, "InstanceLifecycle",
                       "a spot instance can be stopped only when its request is persistent");
    else if (esc_json_flag(item, "Operator.Managed", false))
        scan_constrain(instance, ESC_CAN_STOP, ESC_UNKNOWN, "Operator.Managed",
                       "it is managed by %s, which may not let others stop it",
                       esc_json_str(item, "Operator.Principal", "a service"));
    else if (group)
        scan_constrain(instance, ESC_CAN_STOP, ESC_YES, "Tags",
                       "its Auto Scaling group %s replaces it when it stops", group);
    else
        scan_constrain(instance, ESC_CAN_STOP, ESC_YES, NULL,
                       "unless its stop protection is on, which no list tells");
}

void scan_constrain_instance(struct esc_resource *instance, const struct esc_json *item)
{
    constrain_stop_of_instance(instance, item);
    if (is_in_state(instance, "stopped"))
        scan_say(instance, ESC_CAN_START, ESC_YES);
    else
        scan_constrain(instance, ESC_CAN_START, ESC_NO, "State.Name", "it is %s",
                       state_of(instance));
    if (is_in_state(instance, "terminated") || is_in_state(instance, "shutting-down"))
        scan_constrain(instance, ESC_CAN_DELETE, ESC_NO, "State.Name", "it is %s",
                       state_of(instance));
}

/* EBS volumes */

void scan_constrain_volume(struct esc_resource *volume, const struct esc_json *item)
{
    const char *instance = esc_json_str(item, "Attachments[0].InstanceId", NULL);
    if (instance) {
        scan_constrain(volume, ESC_CAN_DELETE, ESC_NO, "Attachments", "it is attached to %s",
                       instance);
        scan_constrain(volume, ESC_HAS_DEPENDENCIES, ESC_YES, "Attachments", "it is attached to %s",
                       instance);
        return;
    }
    scan_say(volume, ESC_HAS_DEPENDENCIES, ESC_NO);
    if (is_in_state(volume, "available"))
        scan_say(volume, ESC_CAN_DELETE, ESC_YES);
    else
        scan_constrain(volume, ESC_CAN_DELETE, ESC_NO, "State", "it is %s", state_of(volume));
}

/* RDS instances */

/* An Aurora cluster may replicate an instance, too. */
static size_t count_replicas(const struct esc_json *item)
{
    return esc_json_len(esc_json_member(item, "ReadReplicaDBInstanceIdentifiers")) +
           esc_json_len(esc_json_member(item, "ReadReplicaDBClusterIdentifiers"));
}

static void constrain_stop_of_database(struct esc_resource *database, const struct esc_json *item)
{
    const size_t replicas = count_replicas(item);
    const char *source = esc_json_str(item, "ReadReplicaSourceDBInstanceIdentifier", NULL);
    const char *source_cluster = esc_json_str(item, "ReadReplicaSourceDBClusterIdentifier", NULL);
    const char *cluster = esc_json_str(item, "DBClusterIdentifier", NULL);
    if (cluster)
        scan_constrain(database, ESC_CAN_STOP, ESC_NO, "DBClusterIdentifier",
                       "it belongs to the cluster %s, which is stopped as a whole", cluster);
    else if (source)
        scan_constrain(database, ESC_CAN_STOP, ESC_NO, "ReadReplicaSourceDBInstanceIdentifier",
                       "it is a read replica of %s", source);
    else if (source_cluster)
        scan_constrain(database, ESC_CAN_STOP, ESC_NO, "ReadReplicaSourceDBClusterIdentifier",
                       "it is a read replica of the cluster %s", source_cluster);
    else if (replicas > 0)
        scan_constrain(database, ESC_CAN_STOP, ESC_NO, "ReadReplicaDBInstanceIdentifiers",
                       "it has %zu read replica%s", replicas, replicas == 1 ? "" : "s");
    else if (begins(esc_json_str(item, "Engine", ""), "custom-"))
        scan_constrain(database, ESC_CAN_STOP, ESC_NO, "Engine", "RDS Custom cannot be stopped");
    else if (begins(esc_json_str(item, "Engine", ""), "sqlserver") &&
             esc_json_flag(item, "MultiAZ", false))
        scan_constrain(database, ESC_CAN_STOP, ESC_NO, "MultiAZ",
                       "SQL Server in several availability zones cannot be stopped");
    else if (!is_in_state(database, "available"))
        scan_constrain(database, ESC_CAN_STOP, ESC_NO, "DBInstanceStatus", "it is %s",
                       state_of(database));
    else
        scan_constrain(database, ESC_CAN_STOP, ESC_YES, NULL,
                       "AWS starts it again after seven days");
}

static void constrain_delete_of_database(struct esc_resource *database, const struct esc_json *item)
{
    scan_constrain_protection(database, item, "DeletionProtection");
    if (database->constraints.is_protected == ESC_YES)
        return;
    if (is_in_state(database, "deleting"))
        scan_constrain(database, ESC_CAN_DELETE, ESC_NO, "DBInstanceStatus", "it is being deleted");
    else if (esc_json_member(item, "DeletionProtection"))
        scan_say(database, ESC_CAN_DELETE, ESC_YES);
}

static void constrain_backups(struct esc_resource *resource, const struct esc_json *item)
{
    const int64_t days = esc_json_num(item, "BackupRetentionPeriod", -1);
    if (days > 0)
        scan_constrain(resource, ESC_HAS_BACKUPS, ESC_YES, "BackupRetentionPeriod",
                       "automated backups are kept for %lld day%s", (long long)days,
                       days == 1 ? "" : "s");
}

void scan_constrain_database(struct esc_resource *database, const struct esc_json *item)
{
    const size_t replicas = count_replicas(item);
    constrain_stop_of_database(database, item);
    const char *cluster = esc_json_str(item, "DBClusterIdentifier", NULL);
    if (cluster)
        scan_constrain(database, ESC_CAN_START, ESC_NO, "DBClusterIdentifier",
                       "it belongs to the cluster %s, which is started as a whole", cluster);
    else if (is_in_state(database, "stopped"))
        scan_say(database, ESC_CAN_START, ESC_YES);
    else
        scan_constrain(database, ESC_CAN_START, ESC_NO, "DBInstanceStatus", "it is %s",
                       state_of(database));
    constrain_delete_of_database(database, item);
    constrain_backups(database, item);
    if (replicas > 0)
        scan_constrain(database, ESC_HAS_DEPENDENCIES, ESC_YES, "ReadReplicaDBInstanceIdentifiers",
                       "it feeds %zu read replica%s", replicas, replicas == 1 ? "" : "s");
    else if (esc_json_member(item, "ReadReplicaDBInstanceIdentifiers"))
        scan_say(database, ESC_HAS_DEPENDENCIES, ESC_NO);
}

/* RDS clusters */

static void constrain_stop_of_cluster(struct esc_resource *cluster, const struct esc_json *item)
{
    const char *engine = esc_json_str(item, "Engine", "");
    const char *mode = esc_json_str(item, "EngineMode", "provisioned");
    if (!begins(engine, "aurora"))
        scan_constrain(cluster, ESC_CAN_STOP, ESC_NO, "Engine",
                       "Multi-AZ DB clusters cannot be stopped");
    else if (!esc_text_equal(mode, "provisioned"))
        scan_constrain(cluster, ESC_CAN_STOP, ESC_NO, "EngineMode",
                       "a cluster in %s mode cannot be stopped", mode);
    else if (*esc_json_str(item, "GlobalClusterIdentifier", ""))
        scan_constrain(cluster, ESC_CAN_STOP, ESC_NO, "GlobalClusterIdentifier",
                       "it belongs to a global database");
    else if (esc_json_str(item, "ReplicationSourceIdentifier", NULL))
        scan_constrain(cluster, ESC_CAN_STOP, ESC_NO, "ReplicationSourceIdentifier",
                       "it is a replica of another cluster");
    else if (esc_json_len(esc_json_member(item, "ReadReplicaIdentifiers")) > 0)
        scan_constrain(cluster, ESC_CAN_STOP, ESC_NO, "ReadReplicaIdentifiers",
                       "it has read replicas");
    else if (!is_in_state(cluster, "available"))
        scan_constrain(cluster, ESC_CAN_STOP, ESC_NO, "Status", "it is %s", state_of(cluster));
    else
        scan_constrain(cluster, ESC_CAN_STOP, ESC_YES, NULL,
                       "AWS starts it again after seven days");
}

static void constrain_delete_of_cluster(struct esc_resource *cluster, const struct esc_json *item,
                                        size_t members)
{
    scan_constrain_protection(cluster, item, "DeletionProtection");
    if (cluster->constraints.is_protected == ESC_YES)
        return;
    if (*esc_json_str(item, "GlobalClusterIdentifier", ""))
        scan_constrain(cluster, ESC_CAN_DELETE, ESC_NO, "GlobalClusterIdentifier",
                       "it belongs to a global database and must be removed from it first");
    else if (members > 0 && begins(esc_json_str(item, "Engine", "aurora"), "aurora"))
        scan_constrain(cluster, ESC_CAN_DELETE, ESC_NO, "DBClusterMembers",
                       "its %zu instance%s must be deleted first", members,
                       members == 1 ? "" : "s");
    else if (esc_json_member(item, "DeletionProtection"))
        scan_say(cluster, ESC_CAN_DELETE, ESC_YES);
}

void scan_constrain_cluster(struct esc_resource *cluster, const struct esc_json *item)
{
    const size_t members = esc_json_len(esc_json_member(item, "DBClusterMembers"));
    constrain_stop_of_cluster(cluster, item);
    if (is_in_state(cluster, "stopped"))
        scan_say(cluster, ESC_CAN_START, ESC_YES);
    else
        scan_constrain(cluster, ESC_CAN_START, ESC_NO, "Status", "it is %s", state_of(cluster));
    constrain_delete_of_cluster(cluster, item, members);
    constrain_backups(cluster, item);
    if (members > 0)
        scan_constrain(cluster, ESC_HAS_DEPENDENCIES, ESC_YES, "DBClusterMembers",
                       "it has %zu instance%s", members, members == 1 ? "" : "s");
    else
        scan_say(cluster, ESC_HAS_DEPENDENCIES, ESC_NO);
}

void scan_constrain_database_snapshot(struct esc_resource *snapshot, const struct esc_json *item)
{
    const char *type = esc_json_str(item, "SnapshotType", "");
    if (esc_text_equal(type, "automated"))
        scan_constrain(snapshot, ESC_CAN_DELETE, ESC_NO, "SnapshotType",
                       "automated snapshots end with their retention period");
    else if (esc_text_equal(type, "awsbackup"))
        scan_constrain(snapshot, ESC_CAN_DELETE, ESC_NO, "SnapshotType",
                       "it belongs to AWS Backup");
    else if (!is_in_state(snapshot, "available"))
        scan_constrain(snapshot, ESC_CAN_DELETE, ESC_NO, "Status", "it is %s", state_of(snapshot));
    else if (esc_text_equal(type, "manual"))
        scan_say(snapshot, ESC_CAN_DELETE, ESC_YES);
}

void scan_constrain_bucket(struct esc_resource *bucket, const char *versioning)
{
    if (esc_text_equal(versioning, "Enabled"))
        scan_constrain(bucket, ESC_HAS_BACKUPS, ESC_YES, "Status",
                       "versioning keeps earlier versions");
    else
        scan_constrain(bucket, ESC_HAS_BACKUPS, ESC_NO, "Status", "versioning is off");
}

void scan_constrain_target_group(struct esc_resource *group, const struct esc_json *item)
{
    const struct esc_json *balancers = esc_json_member(item, "LoadBalancerArns");
    const size_t count = esc_json_len(balancers);
    if (!balancers)
        return;
    if (count == 0) {
        scan_say(group, ESC_CAN_DELETE, ESC_YES);
        scan_say(group, ESC_HAS_DEPENDENCIES, ESC_NO);
        return;
    }
    scan_constrain(group, ESC_CAN_DELETE, ESC_NO, "LoadBalancerArns", "%zu load balancer%s to it",
                   count, count == 1 ? " forwards" : "s forward");
    scan_constrain(group, ESC_HAS_DEPENDENCIES, ESC_YES, "LoadBalancerArns",
                   "%zu load balancer%s to it", count, count == 1 ? " forwards" : "s forward");
}
