/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Auto Scaling groups. That an instance belongs to one the instance says itself, by its tag; the
 * group tells which of them are protected from scaling in, and merge.c passes it on.
 */

#include "escher/base/alloc.h"
#include "escher/scan/scan_private.h"

static const struct scan_field fields[] = {
    {"min_size", "MinSize"},
    {"max_size", "MaxSize"},
    {"desired_capacity", "DesiredCapacity"},
    {"health_check", "HealthCheckType"},
    {"availability_zones", "AvailabilityZones"},
    {"launch_template", "LaunchTemplate.LaunchTemplateName"},
    {"launch_configuration", "LaunchConfigurationName"},
    {"max_instance_lifetime_s", "MaxInstanceLifetime"},
    {"protects_new_instances", "NewInstancesProtectedFromScaleIn"},
    {"placement_group", "PlacementGroup"},
};

static struct esc_json *texts_of(const struct esc_json *list, const char *path)
{
    struct esc_json *texts = esc_json_array();
    for (size_t i = 0; i < esc_json_len(list); i++) {
        const char *text = esc_json_str(esc_json_at(list, i), path, "");
        if (*text)
            esc_json_push_text(texts, text);
    }
    return texts;
}

static void set_texts(struct esc_resource *group, const char *name, struct esc_json *texts)
{
    if (esc_json_len(texts) > 0)
        esc_json_set(group->metadata, name, texts);
    else
        esc_json_free(texts);
}

static struct esc_json *protected_instances(const struct esc_json *instances)
{
    struct esc_json *ids = esc_json_array();
    for (size_t i = 0; i < esc_json_len(instances); i++) {
        const struct esc_json *instance = esc_json_at(instances, i);
        const char *id = esc_json_str(instance, "InstanceId", "");
        if (*id && esc_json_flag(instance, "ProtectedFromScaleIn", false))
            esc_json_push_text(ids, id);
    }
    return ids;
}

/* Subnets stand in one text, with commas between. */
static void relate_subnets(struct esc_resource *group, const char *text)
{
    struct esc_str rest = esc_str_of(text), piece;
    while (rest.len > 0 && esc_str_next(&rest, ',', &piece)) {
        ESC_CLEANUP(esc_freep) char *subnet = esc_str_dup(esc_str_trim(piece));
        scan_relate(group, "in_subnet", "subnet", subnet);
    }
}

static void constrain(struct esc_resource *group, const struct esc_json *item)
{
    const size_t count = esc_json_len(esc_json_member(item, "Instances"));
    const char *protection = esc_json_str(item, "DeletionProtection", NULL);
    if (esc_text_equal(group->state, "Delete in progress"))
        scan_constrain(group, ESC_CAN_DELETE, ESC_NO, "Status", "it is being deleted");
    else if (protection && !esc_text_equal(protection, "none"))
        scan_constrain(group, ESC_CAN_DELETE, ESC_NO, "DeletionProtection",
                       "its deletion protection is %s", protection);
    else if (count > 0)
        scan_constrain(group, ESC_CAN_DELETE, ESC_NO, "Instances",
                       "it has %zu instance%s, which would be terminated", count,
                       count == 1 ? "" : "s");
    else
        scan_say(group, ESC_CAN_DELETE, ESC_YES);
    if (protection && !esc_text_equal(protection, "none"))
        scan_constrain(group, ESC_PROTECTED, ESC_YES, "DeletionProtection",
                       "its deletion protection is %s", protection);
    if (count > 0)
        scan_constrain(group, ESC_HAS_DEPENDENCIES, ESC_YES, "Instances", "it runs %zu instance%s",
                       count, count == 1 ? "" : "s");
    else
        scan_say(group, ESC_HAS_DEPENDENCIES, ESC_NO);
}

static void read_group(struct scan_page *page, const struct esc_json *item)
{
    struct esc_resource *group =
        scan_add(page, "auto_scaling_group", esc_json_str(item, "AutoScalingGroupName", NULL),
                 esc_json_str(item, "AutoScalingGroupARN", NULL), NULL);
    if (!group)
        return;
    const struct esc_json *instances = esc_json_member(item, "Instances");
    const struct esc_json *targets = esc_json_member(item, "TargetGroupARNs");
    scan_take_fields(group, item, fields, ESC_COUNT(fields));
    esc_json_set_int(group->metadata, "instance_count", (int64_t)esc_json_len(instances));
    set_texts(group, "suspended_processes",
              texts_of(esc_json_member(item, "SuspendedProcesses"), "ProcessName"));
    set_texts(group, "protected_instances", protected_instances(instances));
    scan_take_tags(group, item, "Tags");
    scan_set_state(group, item, "Status"); /* only while it is being deleted */
    scan_set_created(group, item, "CreatedTime");
    relate_subnets(group, esc_json_str(item, "VPCZoneIdentifier", ""));
    scan_relate_all(group, "fills", "classic_load_balancer", item, "LoadBalancerNames", "");
    for (size_t i = 0; i < esc_json_len(targets); i++)
        scan_relate_arn(group, "fills", "target_group",
                        esc_json_str(esc_json_at(targets, i), "", NULL));
    constrain(group, item);
}

static const struct scan_step steps[] = {
    {
        .operation = "DescribeAutoScalingGroups",
        .type = "auto_scaling_group",
        .list = "AutoScalingGroups",
        .read = read_group,
    },
};

const struct esc_scanner scan_service_autoscaling = {.name = "autoscaling",
                                                     .service = "autoscaling",
                                                     .steps = steps,
                                                     .step_count = ESC_COUNT(steps)};
