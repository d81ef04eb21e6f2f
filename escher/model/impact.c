/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Nodes and relations are numbers in arrays, since there may be a hundred thousand of them: ids are
 * compared when they are named and when an order is to be the same each time, and then no more.
 */

#include "escher/model/impact.h"

#include <stdlib.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/arena.h"
#include "escher/base/assert.h"
#include "escher/base/map.h"

struct node {
    const char *id;
    uint32_t hash;
    uint32_t first; /* where its edges begin, once they are in order */
    uint8_t effect; /* enum esc_effect */
    bool is_known;
    uint32_t impact; /* its place in the result, if it has an effect */
};

struct edge {
    uint32_t holder, target;
    const struct esc_relation_kind *kind;
};

/* The relations of a LAST kind on one end of a node. */
struct partners {
    size_t had, lost;
};

struct esc_impact_graph {
    struct esc_arena ids;
    struct node *nodes;
    uint32_t *slots; /* by hash: node + 1; 0 free */
    size_t count, capacity, slot_count;
    struct edge *edges;
    size_t edge_count, edge_capacity;
    uint32_t *ends; /* edges by node: each stands at both of its ends */
    struct esc_map *partners;
    struct esc_impacts hits; /* in the order in which they came */
    uint32_t *queue;         /* nodes, the nearest first */
    size_t queue_count, queue_capacity;
};

/* ---- making ---- */

struct esc_impact_graph *esc_impact_graph_new(void)
{
    struct esc_impact_graph *graph = esc_alloc_zero(sizeof *graph);
    esc_arena_init(&graph->ids);
    graph->partners = esc_map_new(free);
    return graph;
}

void esc_impact_graph_free(struct esc_impact_graph *graph)
{
    if (!graph)
        return;
    esc_arena_done(&graph->ids);
    esc_map_free(graph->partners);
    free(graph->nodes);
    free(graph->slots);
    free(graph->edges);
    free(graph->ends);
    free(graph->queue);
    free(graph);
}

static void enter(struct esc_impact_graph *graph, uint32_t node)
{
    size_t at = graph->nodes[node].hash & (graph->slot_count - 1);
    while (graph->slots[at])
        at = (at + 1) & (graph->slot_count - 1);
    graph->slots[at] = node + 1;
}

static void grow(struct esc_impact_graph *graph)
{
    graph->capacity = graph->capacity ? graph->capacity * 2 : 64;
    graph->nodes = esc_realloc_array(graph->nodes, graph->capacity, sizeof *graph->nodes);
    graph->slot_count = graph->capacity * 2;
    free(graph->slots);
    graph->slots = esc_alloc_zero(graph->slot_count * sizeof *graph->slots);
    for (size_t i = 0; i < graph->count; i++)
        enter(graph, (uint32_t)i);
}

/* UINT32_MAX: none of this id. */
static uint32_t find(const struct esc_impact_graph *graph, struct esc_str id, uint32_t hash)
{
    for (size_t at = hash; graph->slot_count; at++) {
        const uint32_t slot = graph->slots[at & (graph->slot_count - 1)];
        if (slot == 0)
            break;
        const struct node *node = &graph->nodes[slot - 1];
        if (node->hash == hash && esc_str_is(id, node->id))
            return slot - 1;
    }
    return UINT32_MAX;
}

uint32_t esc_impact_graph_node(struct esc_impact_graph *graph, struct esc_str id)
{
    const uint32_t hash = (uint32_t)esc_map_hash(id);
    uint32_t node = find(graph, id, hash);
    if (node != UINT32_MAX)
        return node;
    if (graph->count == graph->capacity)
        grow(graph);
    node = (uint32_t)graph->count++;
    graph->nodes[node] = (struct node){.id = esc_arena_dup(&graph->ids, id), .hash = hash};
    enter(graph, node);
    return node;
}

const char *esc_impact_graph_id(const struct esc_impact_graph *graph, uint32_t node)
{
    return graph->nodes[node].id;
}

void esc_impact_graph_add(struct esc_impact_graph *graph, uint32_t node)
{
    graph->nodes[node].is_known = true;
}

void esc_impact_graph_relate(struct esc_impact_graph *graph, uint32_t holder,
                             const struct esc_relation_kind *kind, uint32_t target)
{
    ESC_ASSERT(!graph->ends);
    if (holder == target || (kind->on_holder == ESC_EFFECT_NONE &&
                             kind->on_target == ESC_EFFECT_NONE && !kind->passes_loss))
        return;
    if (graph->edge_count == graph->edge_capacity) {
        graph->edge_capacity = graph->edge_capacity ? graph->edge_capacity * 2 : 64;
        graph->edges = esc_realloc_array(graph->edges, graph->edge_capacity, sizeof *graph->edges);
    }
    graph->edges[graph->edge_count++] = (struct edge){holder, target, kind};
}

/* Each node's edges, one after the other. The last one's end is at count. */
static void put_in_order(struct esc_impact_graph *graph)
{
    ESC_ASSERT(!graph->ends);
    size_t *at = esc_alloc_zero((graph->count + 1) * sizeof *at);
    for (size_t i = 0; i < graph->edge_count; i++) {
        at[graph->edges[i].holder + 1]++;
        at[graph->edges[i].target + 1]++;
    }
    for (size_t i = 0; i < graph->count; i++) {
        at[i + 1] += at[i];
        graph->nodes[i].first = (uint32_t)at[i];
    }
    graph->ends = esc_alloc_array(2 * graph->edge_count + 1, sizeof *graph->ends);
    for (size_t i = 0; i < graph->edge_count; i++) {
        graph->ends[at[graph->edges[i].holder]++] = (uint32_t)i;
        graph->ends[at[graph->edges[i].target]++] = (uint32_t)i;
    }
    free(at);
}

static size_t ends_of(const struct esc_impact_graph *graph, uint32_t node, uint32_t **out)
{
    const size_t end =
        node + 1 == graph->count ? 2 * graph->edge_count : graph->nodes[node + 1].first;
    *out = graph->ends + graph->nodes[node].first;
    return end - graph->nodes[node].first;
}

/* ---- following ---- */

static enum esc_effect effect_of(const struct edge *edge, bool on_holder)
{
    return on_holder ? edge->kind->on_holder : edge->kind->on_target;
}

/* Of the node's relations of the edge's kind, on the same end of them: made when it is first asked,
 * and kept up by break_one(). */
static struct partners *partners_of(struct esc_impact_graph *graph, uint32_t node,
                                    const struct edge *edge, bool is_made)
{
    const struct {
        const struct esc_relation_kind *kind;
        uint32_t node, is_holder;
    } key = {edge->kind, node, edge->holder == node};
    const struct esc_str bytes = {(const char *)&key, sizeof key};
    struct partners *partners = esc_map_get(graph->partners, bytes);
    uint32_t *ends;
    if (partners || !is_made)
        return partners;
    partners = esc_alloc_zero(sizeof *partners);
    const size_t count = ends_of(graph, node, &ends);
    for (size_t i = 0; i < count; i++) {
        const struct edge *one = &graph->edges[ends[i]];
        const bool is_holder = one->holder == node;
        if (one->kind != edge->kind || is_holder != (key.is_holder != 0))
            continue;
        partners->had += is_holder || graph->nodes[one->holder].is_known;
        partners->lost +=
            graph->nodes[is_holder ? one->target : one->holder].effect == ESC_EFFECT_BREAKS;
    }
    esc_map_set(graph->partners, bytes, partners);
    return partners;
}

/* Who has it as one of several has one less. */
static void break_one(struct esc_impact_graph *graph, uint32_t node)
{
    uint32_t *ends;
    const size_t count = ends_of(graph, node, &ends);
    graph->nodes[node].effect = ESC_EFFECT_BREAKS;
    for (size_t i = 0; i < count; i++) {
        const struct edge *edge = &graph->edges[ends[i]];
        const bool is_holder = edge->holder == node;
        struct partners *partners = NULL;
        if (effect_of(edge, !is_holder) == ESC_EFFECT_LAST)
            partners = partners_of(graph, is_holder ? edge->target : edge->holder, edge, false);
        if (partners)
            partners->lost++;
    }
}

static void enqueue(struct esc_impact_graph *graph, uint32_t node)
{
    if (graph->queue_count == graph->queue_capacity) {
        graph->queue_capacity = graph->queue_capacity ? graph->queue_capacity * 2 : 64;
        graph->queue = esc_realloc_array(graph->queue, graph->queue_capacity, sizeof *graph->queue);
        graph->hits.items =
            esc_realloc_array(graph->hits.items, graph->queue_capacity, sizeof *graph->hits.items);
    }
    graph->queue[graph->queue_count++] = node;
}

/* The node at the one end of the edge is hit, since the other one is. */
static void hit(struct esc_impact_graph *graph, const struct edge *edge, uint32_t number,
                enum esc_effect effect, unsigned depth)
{
    struct node *node = &graph->nodes[number];
    struct partners partners = {0};
    if (!node->is_known || effect <= (enum esc_effect)node->effect)
        return;
    if (effect == ESC_EFFECT_LAST) {
        partners = *partners_of(graph, number, edge, true);
        effect = partners.had > partners.lost ? ESC_EFFECT_LOSES : ESC_EFFECT_BREAKS;
        if (effect <= (enum esc_effect)node->effect)
            return;
    }
    enqueue(graph, number);
    if (node->effect != ESC_EFFECT_NONE)
        depth = graph->hits.items[node->impact].depth;
    else
        node->impact = (uint32_t)graph->hits.count++;
    graph->hits.items[node->impact] = (struct esc_impact){.resource = node->id,
                                                          .effect = effect,
                                                          .kind = edge->kind,
                                                          .holder = graph->nodes[edge->holder].id,
                                                          .target = graph->nodes[edge->target].id,
                                                          .had = partners.had,
                                                          .left = partners.had - partners.lost,
                                                          .depth = depth};
    node->effect = (uint8_t)effect;
    if (effect == ESC_EFFECT_BREAKS)
        break_one(graph, number);
}

struct sorted_edge {
    const char *holder;
    uint32_t edge;
};

static int by_holder(const void *one, const void *other)
{
    const struct sorted_edge *a = one, *b = other;
    const int order = a->holder == b->holder ? 0 : strcmp(a->holder, b->holder);
    return order ? order : (a->edge > b->edge) - (a->edge < b->edge);
}

/* In the order of the holders' ids, whatever the order in which they were added: which of two
 * reasons is told is the same each time. */
static void sort_ends(const struct esc_impact_graph *graph, uint32_t *ends, size_t count)
{
    struct sorted_edge few[32];
    struct sorted_edge *sorted =
        count > ESC_COUNT(few) ? esc_alloc_array(count, sizeof *sorted) : few;
    for (size_t i = 0; i < count; i++)
        sorted[i] = (struct sorted_edge){graph->nodes[graph->edges[ends[i]].holder].id, ends[i]};
    qsort(sorted, count, sizeof *sorted, by_holder);
    for (size_t i = 0; i < count; i++)
        ends[i] = sorted[i].edge;
    if (sorted != few)
        free(sorted);
}

static void spread(struct esc_impact_graph *graph, uint32_t number, unsigned depth)
{
    uint32_t *ends;
    const size_t count = ends_of(graph, number, &ends);
    const bool is_broken = graph->nodes[number].effect == ESC_EFFECT_BREAKS;
    sort_ends(graph, ends, count);
    for (size_t i = 0; i < count; i++) {
        const struct edge *edge = &graph->edges[ends[i]];
        const bool is_target = edge->target == number;
        if (is_broken)
            hit(graph, edge, is_target ? edge->holder : edge->target, effect_of(edge, is_target),
                depth);
        else if (is_target && edge->kind->passes_loss)
            hit(graph, edge, edge->holder, ESC_EFFECT_LOSES, depth);
    }
}

static int by_depth(const void *one, const void *other)
{
    const struct esc_impact *a = one, *b = other;
    if (a->depth != b->depth)
        return a->depth < b->depth ? -1 : 1;
    if (a->effect != b->effect)
        return a->effect > b->effect ? -1 : 1;
    return strcmp(a->resource, b->resource);
}

static void take_hits(struct esc_impact_graph *graph, struct esc_impacts *out)
{
    *out = graph->hits;
    graph->hits = (struct esc_impacts){0};
    if (out->count)
        qsort(out->items, out->count, sizeof *out->items, by_depth);
}

void esc_impact_of(struct esc_impact_graph *graph, const char *origin, struct esc_impacts *out)
{
    const struct esc_str id = esc_str_of(origin);
    const uint32_t first = find(graph, id, (uint32_t)esc_map_hash(id));
    put_in_order(graph);
    if (first != UINT32_MAX && graph->nodes[first].is_known) {
        graph->nodes[first].effect = ESC_EFFECT_BREAKS;
        spread(graph, first, 1);
    }
    for (size_t i = 0; i < graph->queue_count; i++) {
        const uint32_t node = graph->queue[i];
        spread(graph, node, graph->hits.items[graph->nodes[node].impact].depth + 1);
    }
    take_hits(graph, out);
}

void esc_impacts_done(struct esc_impacts *impacts)
{
    free(impacts->items);
    *impacts = (struct esc_impacts){0};
}
