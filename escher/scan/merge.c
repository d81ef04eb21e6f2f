/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/merge.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/clock.h"
#include "escher/scan/merge_private.h"

/* Concluding, and the life of a merger. */

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

static void take_tags(const struct esc_merge *merge, struct esc_resource *resource)
{
    const struct esc_json *tags =
        merge->tags ? esc_map_get(merge->tags, esc_str_of(resource->arn)) : NULL;
    if (!tags || esc_json_len(resource->tags) > 0)
        return;
    esc_json_free(resource->tags);
    resource->tags = esc_json_copy(tags);
}

static void judge_backups(const struct esc_merger *merger, const struct fact *fact,
                          struct esc_resource *resource)
{
    char newest[ESC_TIME_TEXT];
    if (fact->has_snapshot) {
        esc_time_format(fact->newest_ms, newest);
        esc_json_set_text(resource->metadata, "latest_snapshot_at", newest);
    }
    if (!merge_has_snapshots(fact->type))
        return;
    if (fact->has_snapshot)
        conclude(resource, ESC_HAS_BACKUPS, ESC_YES, "its newest snapshot is of %s", newest);
    else if (fact->saved == ESC_UNKNOWN && merge_saved(merger, fact) == ESC_NO)
        conclude(resource, ESC_HAS_BACKUPS, ESC_NO, "it has no snapshot");
}

/* An instance is backed up when each of its volumes is. */
static void judge_instance_backups(const struct esc_merger *merger, const struct fact *fact,
                                   struct esc_resource *instance)
{
    size_t volumes = 0, saved = 0;
    for (size_t i = 0; i < fact->link_count; i++) {
        const struct fact *volume = fact->links[i].to;
        if (fact->links[i].kind != LINK_HAS_VOLUME)
            continue;
        const enum esc_tristate is_saved =
            volume->is_noted ? merge_saved(merger, volume) : ESC_UNKNOWN;
        if (is_saved == ESC_UNKNOWN)
            return;
        volumes++;
        saved += is_saved == ESC_YES;
    }
    if (volumes == 0)
        return;
    if (saved == volumes)
        conclude(instance, ESC_HAS_BACKUPS, ESC_YES, "each of its volumes has a snapshot");
    else
        conclude(instance, ESC_HAS_BACKUPS, ESC_NO, "%zu of its %zu volumes have a snapshot", saved,
                 volumes);
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

static void judge_usage(const struct fact *fact, struct esc_resource *used)
{
    const char *others = fact->use_count > 1 ? " and others" : "";
    if (fact->use_count == 0)
        return;
    if (used->constraints.has_dependencies != ESC_YES) /* its own answer knows better */
        conclude(used, ESC_HAS_DEPENDENCIES, ESC_YES, "used by %s%s", fact->first_user->name,
                 others);
    if (stays_while_used(used) && used->constraints.can_delete == ESC_UNKNOWN)
        conclude(used, ESC_CAN_DELETE, ESC_NO, "used by %s%s", fact->first_user->name, others);
}

static void part_from_namesake(const struct fact *fact, struct esc_resource *snapshot)
{
    for (size_t i = 0; i < fact->link_count; i++)
        if (fact->links[i].kind == LINK_SNAPSHOT_OF &&
            merge_is_of_namesake(fact, fact->links[i].to))
            esc_resource_unrelate(snapshot, "snapshot_of", fact->links[i].to->id);
}

void esc_merger_conclude(const struct esc_merger *merger, struct esc_resource *resource)
{
    const struct fact *fact = merge_fact_find(merger, resource->id);
    ESC_ASSERT(fact && fact->is_noted);
    take_tags(merger->about, resource);
    judge_backups(merger, fact, resource);
    if (scan_is_type(resource, "ec2_instance"))
        judge_instance_backups(merger, fact, resource);
    for (const struct chain *group = fact->spared_by; group; group = group->next)
        conclude(resource, ESC_PROTECTED, ESC_YES,
                 "its Auto Scaling group %s spares it when it shrinks", group->fact->name);
    for (const struct chain *table = fact->routed_by; table; table = table->next)
        esc_resource_relate(resource, "routed_by", table->fact->id);
    judge_usage(fact, resource);
    part_from_namesake(fact, resource);
    esc_constraints_sort(&resource->constraints);
}

/* Making and freeing */

struct esc_merger *esc_merger_new(const struct esc_merge *merge)
{
    struct esc_merger *merger = esc_alloc_zero(sizeof *merger);
    merger->about = merge;
    esc_arena_init(&merger->arena);
    esc_list_init(&merger->noted, NULL);
    return merger;
}

void esc_merger_free(struct esc_merger *merger)
{
    if (!merger)
        return;
    esc_arena_done(&merger->arena);
    esc_list_done(&merger->noted);
    free(merger->slots);
    free(merger);
}

void esc_merge(const struct esc_merge *merge)
{
    ESC_CLEANUP(esc_merger_freep) struct esc_merger *merger = esc_merger_new(merge);
    for (size_t i = 0; i < merge->resources->count; i++)
        esc_merger_note(merger, esc_list_at(merge->resources, i), i);
    esc_merger_settle(merger);
    for (size_t i = 0; i < merge->resources->count; i++)
        esc_merger_conclude(merger, esc_list_at(merge->resources, i));
}
