/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/merge.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/arena.h"
#include "escher/base/assert.h"
#include "escher/base/clock.h"
#include "escher/catalog/resource_type.h"
#include "escher/scan/scan_private.h"

/*
 * Facts: what others need of a resource, and what others say about it. Whatever is pointed at has
 * one, also when nobody has seen it. They lie in an arena and are found by a table of their ids.
 */

struct fact;

enum link_kind {
    LINK_SNAPSHOT_OF,
    LINK_HAS_VOLUME,
    LINK_USES,
    LINK_SPARES, /* an Auto Scaling group, when it shrinks */
    LINK_ROUTES,
};

struct link {
    enum link_kind kind;
    struct fact *to;
};

/* Resources in the order of their ids. */
struct chain {
    const struct fact *fact;
    struct chain *next;
};

struct fact {
    const char *id;
    uint64_t hash;
    size_t number; /* the caller's */
    bool is_noted; /* else it is only pointed at */
    const char *name, *type;
    struct link *links;
    size_t link_count;
    uint64_t created_at_ms;
    const char *vpc;         /* of a subnet or a main route table; else NULL */
    const char *number_of;   /* of a database, the one a snapshot is of; NULL: not told */
    enum esc_tristate saved; /* whether it has backups */
    bool is_gone, is_finished, is_attached, is_main;
    /* what others say */
    bool has_snapshot;
    uint64_t newest_ms;
    size_t use_count;
    const struct fact *first_user;
    struct chain *spared_by, *routed_by;
};

/* Whether what has snapshots as its backups has any. The types that say so by themselves, with
 * automated backups, are not told that they have none. */
static const struct {
    const char *type, *snapshot_type;
} snapshot_kinds[] = {
    {"ebs_volume", "ebs_snapshot"},
    {"rds_instance", "rds_snapshot"},
    {"rds_cluster", "rds_cluster_snapshot"},
};

struct esc_merger {
    const struct esc_merge *about;
    struct esc_arena arena;
    struct fact **slots; /* NULL: free */
    size_t slot_count, fact_count;
    struct esc_list noted;                   /* struct fact *, borrowed */
    bool has_all[ESC_COUNT(snapshot_kinds)]; /* were the snapshots seen whole? */
};

static bool is(const struct fact *fact, const char *type)
{
    return esc_text_equal(fact->type, type);
}

static struct fact **slot_of(const struct esc_merger *merger, uint64_t hash, struct esc_str id)
{
    size_t at = hash & (merger->slot_count - 1);
    while (merger->slots[at] &&
           (merger->slots[at]->hash != hash || !esc_str_is(id, merger->slots[at]->id)))
        at = (at + 1) & (merger->slot_count - 1);
    return &merger->slots[at];
}

static void grow(struct esc_merger *merger)
{
    const size_t old_count = merger->slot_count;
    struct fact **old = merger->slots;
    merger->slot_count = old_count ? 2 * old_count : 256;
    merger->slots = esc_alloc_zero(merger->slot_count * sizeof *merger->slots);
    for (size_t i = 0; i < old_count; i++)
        if (old[i])
            *slot_of(merger, old[i]->hash, esc_str_of(old[i]->id)) = old[i];
    free(old);
}

static struct fact *find(const struct esc_merger *merger, const char *id)
{
    const struct esc_str text = esc_str_of(id);
    return merger->slot_count ? *slot_of(merger, esc_map_hash(text), text) : NULL;
}

static struct fact *fact_of(struct esc_merger *merger, const char *id)
{
    if (4 * merger->fact_count >= 3 * merger->slot_count)
        grow(merger);
    const struct esc_str text = esc_str_of(id);
    const uint64_t hash = esc_map_hash(text);
    struct fact **slot = slot_of(merger, hash, text);
    if (!*slot) {
        *slot = esc_arena_alloc(&merger->arena, sizeof **slot);
        (*slot)->id = esc_arena_dup(&merger->arena, text);
        (*slot)->hash = hash;
        merger->fact_count++;
    }
    return *slot;
}

/* Noting */

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

/* False: it says nothing about the other one. */
static bool take_relation(struct esc_merger *merger, const struct esc_relation *relation,
                          struct link *out)
{
    if (esc_text_equal(relation->kind, "snapshot_of"))
        out->kind = LINK_SNAPSHOT_OF;
    else if (esc_text_equal(relation->kind, "has_volume"))
        out->kind = LINK_HAS_VOLUME;
    else if (is_use(relation->kind))
        out->kind = LINK_USES;
    else
        return false;
    out->to = fact_of(merger, relation->target);
    return true;
}

/* Of another resource in the same place, which metadata only names. */
static struct fact *sibling(struct esc_merger *merger, const struct esc_resource *of,
                            const char *type, const char *identifier)
{
    ESC_CLEANUP(esc_freep)
    char *id = esc_resource_key(of->account_id, of->region, type, identifier);
    return fact_of(merger, id);
}

/* Metadata that lists identifiers of others. */
static const struct listing {
    const char *type, *member, *of_type;
    enum link_kind kind;
} listings[] = {
    {"auto_scaling_group", "protected_instances", "ec2_instance", LINK_SPARES},
    {"route_table", "subnets", "subnet", LINK_ROUTES},
};

static const struct listing *listing_of(const struct esc_resource *resource)
{
    for (size_t i = 0; i < ESC_COUNT(listings); i++)
        if (scan_is_type(resource, listings[i].type))
            return &listings[i];
    return NULL;
}

static void take_links(struct esc_merger *merger, struct fact *fact,
                       const struct esc_resource *resource)
{
    const struct listing *listing = listing_of(resource);
    const struct esc_json *listed =
        listing ? esc_json_member(resource->metadata, listing->member) : NULL;
    const size_t most = resource->relation_count + esc_json_len(listed);
    if (most == 0)
        return;
    ESC_CLEANUP(esc_freep) struct link *links = esc_alloc_array(most, sizeof *links);
    for (size_t i = 0; i < resource->relation_count; i++)
        fact->link_count +=
            take_relation(merger, &resource->relations[i], &links[fact->link_count]);
    for (size_t i = 0; i < esc_json_len(listed); i++)
        links[fact->link_count++] =
            (struct link){listing->kind, sibling(merger, resource, listing->of_type,
                                                 esc_json_str(esc_json_at(listed, i), "", ""))};
    fact->links = esc_arena_alloc(&merger->arena, fact->link_count * sizeof *links);
    memcpy(fact->links, links, fact->link_count * sizeof *links);
}

static bool is_in_state(const struct esc_resource *resource, const char *one, const char *other)
{
    return esc_text_equal(resource->state, one) || esc_text_equal(resource->state, other);
}

static const char *type_of(struct esc_merger *merger, const char *type)
{
    const struct esc_resource_type *row = esc_resource_type_find(type);
    return row ? row->name : esc_arena_dup(&merger->arena, esc_str_of(type));
}

void esc_merger_note(struct esc_merger *merger, const struct esc_resource *resource, size_t number)
{
    struct esc_arena *arena = &merger->arena;
    struct fact *fact = fact_of(merger, resource->id);
    if (fact->is_noted)
        return;
    fact->is_noted = true;
    fact->number = number;
    fact->name = esc_arena_dup(arena, esc_str_of(resource->name));
    fact->type = type_of(merger, resource->resource_type);
    fact->created_at_ms = resource->created_at_ms;
    fact->saved = resource->constraints.has_backups;
    /* A terminated instance keeps its relations for an hour, but holds nothing any more; so does a
     * NAT gateway that was deleted. */
    fact->is_gone = is_in_state(resource, "terminated", "deleted");
    fact->is_finished = is_in_state(resource, "completed", "available");
    fact->is_attached = esc_json_str(resource->metadata, "attached_to", NULL);
    fact->is_main = esc_json_flag(resource->metadata, "is_main", false);
    if (is(fact, "subnet") || (is(fact, "route_table") && fact->is_main))
        fact->vpc =
            esc_arena_dup(arena, esc_str_of(esc_json_str(resource->metadata, "vpc_id", "")));
    const char *of = esc_json_str(resource->metadata, "resource_id", NULL);
    fact->number_of = of ? esc_arena_dup(arena, esc_str_of(of)) : NULL;
    take_links(merger, fact, resource);
    esc_list_push(&merger->noted, fact);
}

/* Settling. Snapshots: the newest finished one of each source counts. */

/* An earlier database had the name. */
static bool is_of_namesake(const struct fact *snapshot, const struct fact *source)
{
    return snapshot->number_of && source->number_of &&
           !esc_text_equal(snapshot->number_of, source->number_of);
}

static void say_snapshot(struct fact *source, const struct fact *snapshot)
{
    if (!snapshot->is_finished || is_of_namesake(snapshot, source))
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

static enum esc_tristate saved_in_the_end(const struct esc_merger *merger, const struct fact *fact)
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
    if (is(user, "network_interface"))
        return user->is_attached;
    if (!is(used, "vpc"))
        return false;
    return user->is_main || (is(user, "security_group") && esc_text_equal(user->name, "default"));
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
        if (fact->vpc && is(fact, "route_table"))
            esc_map_set(mains, esc_str_of(fact->vpc), fact);
    }
    for (size_t i = 0; i < merger->noted.count; i++) {
        struct fact *fact = merger->noted.items[i];
        const struct fact *table = fact->vpc && is(fact, "subnet") && !fact->routed_by
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

/* Concluding */

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
    if (snapshot_kind_of(fact->type) == ESC_COUNT(snapshot_kinds))
        return;
    if (fact->has_snapshot)
        conclude(resource, ESC_HAS_BACKUPS, ESC_YES, "its newest snapshot is of %s", newest);
    else if (fact->saved == ESC_UNKNOWN && saved_in_the_end(merger, fact) == ESC_NO)
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
            volume->is_noted ? saved_in_the_end(merger, volume) : ESC_UNKNOWN;
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
        if (fact->links[i].kind == LINK_SNAPSHOT_OF && is_of_namesake(fact, fact->links[i].to))
            esc_resource_unrelate(snapshot, "snapshot_of", fact->links[i].to->id);
}

void esc_merger_conclude(const struct esc_merger *merger, struct esc_resource *resource)
{
    const struct fact *fact = find(merger, resource->id);
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
