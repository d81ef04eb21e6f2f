/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/map.h"
#include "escher/scan/merge_private.h"

/* All are noted: what each says of others is told to these. */

/* Whether what has snapshots as its backups has any. The types that say so by themselves, with
 * automated backups, are not told that they have none. */
static const struct {
    const char *type, *snapshot_type;
} snapshot_kinds[] = {
    {"ebs_volume", "ebs_snapshot"},
    {"rds_instance", "rds_snapshot"},
    {"rds_cluster", "rds_cluster_snapshot"},
};
static_assert(ESC_COUNT(snapshot_kinds) == MERGE_SNAPSHOT_KINDS);

/* Snapshots: the newest finished one of each source counts. */

bool merge_is_of_namesake(const struct fact *snapshot, const struct fact *source)
{
    return snapshot->number_of && source->number_of &&
           !esc_text_equal(snapshot->number_of, source->number_of);
}

static void say_snapshot(struct fact *source, const struct fact *snapshot)
{
    if (!snapshot->is_finished || merge_is_of_namesake(snapshot, source))
        return;
    if (!source->has_snapshot || snapshot->created_at_ms > source->newest_ms)
        source->newest_ms = snapshot->created_at_ms;
    source->has_snapshot = true;
}

static size_t snapshot_kind_of(const char *type)
{
    size_t kind = 0;
    while (kind < ESC_COUNT(snapshot_kinds) && !esc_text_equal(type, snapshot_kinds[kind].type))
        kind++;
    return kind;
}

bool merge_has_snapshots(const char *type)
{
    return snapshot_kind_of(type) < ESC_COUNT(snapshot_kinds);
}

enum esc_tristate merge_saved(const struct esc_merger *merger, const struct fact *fact)
{
    const size_t kind = snapshot_kind_of(fact->type);
    if (kind == ESC_COUNT(snapshot_kinds))
        return fact->saved;
    if (fact->has_snapshot)
        return ESC_YES;
    return fact->saved == ESC_UNKNOWN && merger->has_all[kind] ? ESC_NO : fact->saved;
}

/* Dependencies: who points at me? What does not keep others from going: an instance's interface
 * stands for the instance, which is counted itself; the main route table and the default group of a
 * VPC go with it. */
static bool is_no_user(const struct fact *user, const struct fact *used)
{
    if (merge_is(user, "network_interface"))
        return user->is_attached;
    if (!merge_is(used, "vpc"))
        return false;
    return user->is_main ||
           (merge_is(user, "security_group") && esc_text_equal(user->name, "default"));
}

static void say_use(struct fact *used, const struct fact *user)
{
    if (user->is_gone || is_no_user(user, used))
        return;
    if (used->use_count == 0)
        used->first_user = user;
    used->use_count++;
}

static void add_to(struct esc_merger *merger, struct chain **chain, const struct fact *fact)
{
    while (*chain)
        chain = &(*chain)->next;
    *chain = esc_arena_alloc(&merger->arena, sizeof **chain);
    (*chain)->fact = fact;
}

static void say(struct esc_merger *merger, const struct fact *from, const struct link *link)
{
    if (!link->to->is_noted)
        return;
    switch (link->kind) {
    case LINK_SNAPSHOT_OF:
        say_snapshot(link->to, from);
        break;
    case LINK_USES:
        say_use(link->to, from);
        break;
    case LINK_SPARES:
        add_to(merger, &link->to->spared_by, from);
        break;
    case LINK_ROUTES:
        add_to(merger, &link->to->routed_by, from);
        break;
    case LINK_HAS_VOLUME:
        break; /* asked the other way round */
    }
}

/* A subnet follows the route table that names it, else the main one of its VPC. */
static void route_others(struct esc_merger *merger)
{
    ESC_CLEANUP(esc_map_freep) struct esc_map *mains = esc_map_new(NULL);
    for (size_t i = 0; i < merger->noted.count; i++) {
        struct fact *fact = merger->noted.items[i];
        if (fact->vpc && merge_is(fact, "route_table"))
            esc_map_set(mains, esc_str_of(fact->vpc), fact);
    }
    for (size_t i = 0; i < merger->noted.count; i++) {
        struct fact *fact = merger->noted.items[i];
        const struct fact *table = fact->vpc && merge_is(fact, "subnet") && !fact->routed_by
                                       ? esc_map_get(mains, esc_str_of(fact->vpc))
                                       : NULL;
        if (table)
            add_to(merger, &fact->routed_by, table);
    }
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct fact *)a)->id, ((const struct fact *)b)->id);
}

void esc_merger_settle(struct esc_merger *merger)
{
    esc_list_sort(&merger->noted, by_id);
    for (size_t i = 0; i < ESC_COUNT(snapshot_kinds); i++)
        merger->has_all[i] =
            merger->about->is_complete(merger->about->context, snapshot_kinds[i].snapshot_type);
    for (size_t i = 0; i < merger->noted.count; i++) {
        const struct fact *fact = merger->noted.items[i];
        for (size_t j = 0; j < fact->link_count; j++)
            say(merger, fact, &fact->links[j]);
    }
    route_others(merger);
}

size_t esc_merger_count(const struct esc_merger *merger)
{
    return merger->noted.count;
}

size_t esc_merger_nth(const struct esc_merger *merger, size_t index)
{
    return ((const struct fact *)esc_list_at(&merger->noted, index))->number;
}
