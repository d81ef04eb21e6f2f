/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/merge.h"

#include <stdarg.h>
#include <stdio.h>

#include "escher/base/alloc.h"
#include "escher/base/clock.h"
#include "escher/scan/scan_private.h"

static void conclude(struct esc_resource *resource, enum esc_constraint constraint,
                     enum esc_tristate value, const char *format, ...) ESC_PRINTF(4, 5);

static void conclude(struct esc_resource *resource, enum esc_constraint constraint,
                     enum esc_tristate value, const char *format, ...)
{
    char reason[256];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(reason, sizeof reason, format, arguments); /* a long name is cut */
    va_end(arguments);
    esc_constraints_set(&resource->constraints, constraint, value, reason, NULL);
}

/* Tags */

static void take_tags(const struct esc_merge *merge, struct esc_resource *resource)
{
    const struct esc_json *tags = esc_map_get(merge->tags, esc_str_of(resource->arn));
    if (!tags || esc_json_len(resource->tags) > 0)
        return;
    esc_json_free(resource->tags);
    resource->tags = esc_json_copy(tags);
}

/* The resources of the place by id, values borrowed. */
static struct esc_map *by_id(const struct esc_list *resources)
{
    struct esc_map *map = esc_map_new(NULL);
    for (size_t i = 0; i < resources->count; i++) {
        struct esc_resource *resource = esc_list_at(resources, i);
        esc_map_set(map, esc_str_of(resource->id), resource);
    }
    return map;
}

static struct esc_resource *target_of(const struct esc_map *ids,
                                      const struct esc_relation *relation)
{
    return esc_map_get(ids, esc_str_of(relation->target));
}

/* Snapshots: the newest finished one of each source is remembered in its metadata. */

static void note_snapshot(struct esc_resource *source, const struct esc_resource *snapshot)
{
    uint64_t newest_ms = 0;
    const char *known = esc_json_str(source->metadata, "latest_snapshot_at", "");
    char text[ESC_TIME_TEXT];
    if (esc_time_parse(esc_str_of(known), &newest_ms) && newest_ms >= snapshot->created_at_ms)
        return;
    esc_time_format(snapshot->created_at_ms, text);
    esc_json_set_text(source->metadata, "latest_snapshot_at", text);
}

static bool is_finished_snapshot(const struct esc_resource *resource)
{
    return esc_text_equal(resource->state, "completed") ||
           esc_text_equal(resource->state, "available");
}

static void note_snapshots(const struct esc_list *resources, const struct esc_map *ids)
{
    for (size_t i = 0; i < resources->count; i++) {
        const struct esc_resource *resource = esc_list_at(resources, i);
        for (size_t j = 0; j < resource->relation_count; j++) {
            const struct esc_relation *relation = &resource->relations[j];
            struct esc_resource *source = target_of(ids, relation);
            if (source && esc_text_equal(relation->kind, "snapshot_of") &&
                is_finished_snapshot(resource))
                note_snapshot(source, resource);
        }
    }
}

/* Whether what has snapshots as its backups has any, and of when the newest one is. The types that
 * say so by themselves, with automated backups, are not told that they have none. */
static void judge_backups(const struct esc_merge *merge, struct esc_resource *resource)
{
    static const struct {
        const char *type, *snapshot_type;
    } kinds[] = {
        {"ebs_volume", "ebs_snapshot"},
        {"rds_instance", "rds_snapshot"},
        {"rds_cluster", "rds_cluster_snapshot"},
    };
    const char *newest = esc_json_str(resource->metadata, "latest_snapshot_at", NULL);
    const bool is_known = resource->constraints.has_backups != ESC_UNKNOWN;
    for (size_t i = 0; i < ESC_COUNT(kinds); i++) {
        if (!scan_is_type(resource, kinds[i].type))
            continue;
        if (newest)
            conclude(resource, ESC_HAS_BACKUPS, ESC_YES, "its newest snapshot is of %s", newest);
        else if (!is_known && merge->is_complete(merge->context, kinds[i].snapshot_type))
            conclude(resource, ESC_HAS_BACKUPS, ESC_NO, "it has no snapshot");
    }
}

/* An instance is backed up when each of its volumes is. */
static void judge_instance_backups(struct esc_resource *instance, const struct esc_map *ids)
{
    size_t volumes = 0, saved = 0;
    for (size_t i = 0; i < instance->relation_count; i++) {
        if (!esc_text_equal(instance->relations[i].kind, "has_volume"))
            continue;
        const struct esc_resource *volume = target_of(ids, &instance->relations[i]);
        volumes++;
        if (!volume || volume->constraints.has_backups == ESC_UNKNOWN)
            return;
        saved += volume->constraints.has_backups == ESC_YES;
    }
    if (volumes == 0)
        return;
    if (saved == volumes)
        conclude(instance, ESC_HAS_BACKUPS, ESC_YES, "each of its volumes has a snapshot");
    else
        conclude(instance, ESC_HAS_BACKUPS, ESC_NO, "%zu of its %zu volumes have a snapshot", saved,
                 volumes);
}

/* Dependencies: who points at me? */

struct usage {
    struct esc_resource *used;
    size_t count;
    const struct esc_resource *first; /* of those that use it, for the reason */
};

static bool is_use(const char *kind)
{
    static const char *const kinds[] = {
        "in_vpc",         "in_subnet",       "uses_security_group", "alias_of",
        "uses_layer",     "made_of",         "has_target",          "in_ecs_cluster",
        "routes_through", "uses_address",    "allows_from",         "fills",
        "notifies",       "dead_letters_to", "rotated_by",          "in_replication_group",
    };
    for (size_t i = 0; i < ESC_COUNT(kinds); i++)
        if (esc_text_equal(kind, kinds[i]))
            return true;
    return false;
}

/* What the cloud does not delete as long as somebody uses it. @source the error codes of the
 * operations that delete them: DependencyViolation, InvalidSnapshot.InUse */
static bool stays_while_used(const struct esc_resource *resource)
{
    static const char *const types[] = {"vpc", "subnet", "security_group", "ebs_snapshot"};
    for (size_t i = 0; i < ESC_COUNT(types); i++)
        if (scan_is_type(resource, types[i]))
            return true;
    return false;
}

static void count_use(struct esc_map *usages, struct esc_resource *used,
                      const struct esc_resource *user)
{
    struct usage *usage = esc_map_get(usages, esc_str_of(used->id));
    if (!usage) {
        usage = esc_alloc_zero(sizeof *usage);
        usage->used = used;
        usage->first = user;
        esc_map_set(usages, esc_str_of(used->id), usage);
    }
    usage->count++;
}

static void judge_usage(const struct usage *usage)
{
    struct esc_resource *used = usage->used;
    const char *others = usage->count > 1 ? " and others" : "";
    if (used->constraints.has_dependencies != ESC_YES) /* its own answer knows better */
        conclude(used, ESC_HAS_DEPENDENCIES, ESC_YES, "used by %s%s", usage->first->name, others);
    if (stays_while_used(used) && used->constraints.can_delete == ESC_UNKNOWN)
        conclude(used, ESC_CAN_DELETE, ESC_NO, "used by %s%s", usage->first->name, others);
}

/* A terminated instance keeps its relations for an hour, but holds nothing any more; so does a
 * NAT gateway that was deleted. */
static bool is_gone(const struct esc_resource *resource)
{
    return esc_text_equal(resource->state, "terminated") ||
           esc_text_equal(resource->state, "deleted");
}

/* What does not keep others from going: an instance's interface stands for the instance, which is
 * counted itself; the main route table and the default group of a VPC go with it. */
static bool is_no_user(const struct esc_resource *user, const struct esc_resource *used)
{
    if (scan_is_type(user, "network_interface"))
        return esc_json_str(user->metadata, "attached_to", NULL);
    if (!scan_is_type(used, "vpc"))
        return false;
    return esc_json_flag(user->metadata, "is_main", false) ||
           (scan_is_type(user, "security_group") && esc_text_equal(user->name, "default"));
}

static void judge_usages(const struct esc_list *resources, const struct esc_map *ids)
{
    ESC_CLEANUP(esc_map_freep) struct esc_map *usages = esc_map_new(free);
    for (size_t i = 0; i < resources->count; i++) {
        const struct esc_resource *user = esc_list_at(resources, i);
        for (size_t j = 0; !is_gone(user) && j < user->relation_count; j++) {
            struct esc_resource *used = target_of(ids, &user->relations[j]);
            if (used && is_use(user->relations[j].kind) && !is_no_user(user, used))
                count_use(usages, used, user);
        }
    }
    size_t position = 0;
    struct esc_str id;
    void *usage;
    while (esc_map_next(usages, &position, &id, &usage))
        judge_usage(usage);
}

/* What lists of identifiers in metadata say about others. */

static struct esc_resource *sibling(const struct esc_map *ids, const struct esc_resource *of,
                                    const char *type, const char *identifier)
{
    ESC_CLEANUP(esc_freep)
    char *id = esc_resource_key(of->account_id, of->region, type, identifier);
    return esc_map_get(ids, esc_str_of(id));
}

/* An Auto Scaling group tells which of its instances it spares when it shrinks. */
static void pass_protection(const struct esc_resource *group, const struct esc_map *ids)
{
    const struct esc_json *spared = esc_json_member(group->metadata, "protected_instances");
    for (size_t i = 0; i < esc_json_len(spared); i++) {
        struct esc_resource *instance =
            sibling(ids, group, "ec2_instance", esc_json_str(esc_json_at(spared, i), "", ""));
        if (instance)
            conclude(instance, ESC_PROTECTED, ESC_YES,
                     "its Auto Scaling group %s spares it when it shrinks", group->name);
    }
}

/* A subnet follows the route table that names it, else the main one of its VPC. */
static void route_named(struct esc_resource *table, const struct esc_map *ids,
                        struct esc_map *routed, struct esc_map *mains)
{
    const struct esc_json *subnets = esc_json_member(table->metadata, "subnets");
    for (size_t i = 0; i < esc_json_len(subnets); i++) {
        struct esc_resource *subnet =
            sibling(ids, table, "subnet", esc_json_str(esc_json_at(subnets, i), "", ""));
        if (!subnet)
            continue;
        esc_resource_relate(subnet, "routed_by", table->id);
        esc_map_set(routed, esc_str_of(subnet->id), subnet);
    }
    if (esc_json_flag(table->metadata, "is_main", false))
        esc_map_set(mains, esc_str_of(esc_json_str(table->metadata, "vpc_id", "")), table);
}

static void route_others(const struct esc_list *resources, const struct esc_map *routed,
                         const struct esc_map *mains)
{
    for (size_t i = 0; i < resources->count; i++) {
        struct esc_resource *subnet = esc_list_at(resources, i);
        const char *vpc = esc_json_str(subnet->metadata, "vpc_id", "");
        if (!scan_is_type(subnet, "subnet") || esc_map_has(routed, esc_str_of(subnet->id)))
            continue;
        const struct esc_resource *table = esc_map_get(mains, esc_str_of(vpc));
        if (table)
            esc_resource_relate(subnet, "routed_by", table->id);
    }
}

static void pass_lists_on(const struct esc_list *resources, const struct esc_map *ids)
{
    ESC_CLEANUP(esc_map_freep) struct esc_map *routed = esc_map_new(NULL);
    ESC_CLEANUP(esc_map_freep) struct esc_map *mains = esc_map_new(NULL);
    for (size_t i = 0; i < resources->count; i++) {
        struct esc_resource *resource = esc_list_at(resources, i);
        if (scan_is_type(resource, "auto_scaling_group"))
            pass_protection(resource, ids);
        else if (scan_is_type(resource, "route_table"))
            route_named(resource, ids, routed, mains);
    }
    route_others(resources, routed, mains);
}

void esc_merge(const struct esc_merge *merge)
{
    const struct esc_list *resources = merge->resources;
    ESC_CLEANUP(esc_map_freep) struct esc_map *ids = by_id(resources);
    for (size_t i = 0; merge->tags && i < resources->count; i++)
        take_tags(merge, esc_list_at(resources, i));
    note_snapshots(resources, ids);
    for (size_t i = 0; i < resources->count; i++)
        judge_backups(merge, esc_list_at(resources, i));
    for (size_t i = 0; i < resources->count; i++) {
        struct esc_resource *resource = esc_list_at(resources, i);
        if (scan_is_type(resource, "ec2_instance"))
            judge_instance_backups(resource, ids);
    }
    pass_lists_on(resources, ids);
    judge_usages(resources, ids);
    for (size_t i = 0; i < resources->count; i++)
        esc_constraints_sort(&((struct esc_resource *)esc_list_at(resources, i))->constraints);
}
