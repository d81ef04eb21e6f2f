/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/merge_private.h"

#include <stdlib.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/catalog/resource_type.h"

/* Facts: the table, and what is taken of a resource. */

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

struct fact *merge_fact_find(const struct esc_merger *merger, const char *id)
{
    const struct esc_str text = esc_str_of(id);
    return merger->slot_count ? *slot_of(merger, esc_map_hash(text), text) : NULL;
}

struct fact *merge_fact_of(struct esc_merger *merger, const char *id)
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
    out->to = merge_fact_of(merger, relation->target);
    return true;
}

/* Of another resource in the same place, which metadata only names. */
static struct fact *sibling(struct esc_merger *merger, const struct esc_resource *of,
                            const char *type, const char *identifier)
{
    ESC_CLEANUP(esc_freep)
    char *id = esc_resource_key(of->account_id, of->region, type, identifier);
    return merge_fact_of(merger, id);
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
    struct fact *fact = merge_fact_of(merger, resource->id);
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
    if (merge_is(fact, "subnet") || (merge_is(fact, "route_table") && fact->is_main))
        fact->vpc =
            esc_arena_dup(arena, esc_str_of(esc_json_str(resource->metadata, "vpc_id", "")));
    const char *of = esc_json_str(resource->metadata, "resource_id", NULL);
    fact->number_of = of ? esc_arena_dup(arena, esc_str_of(of)) : NULL;
    take_links(merger, fact, resource);
    esc_list_push(&merger->noted, fact);
}
