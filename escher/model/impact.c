/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/model/impact.h"

#include <stdlib.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/list.h"
#include "escher/base/map.h"

struct node;

/* A relation whose two ends the estate knows. */
struct edge {
    const struct esc_relation_kind *kind;
    struct node *holder, *target;
};

struct node {
    const struct esc_resource *resource;
    struct esc_list edges; /* struct edge *, where it is either end; borrowed */
    enum esc_effect effect;
    struct esc_impact impact;
};

struct graph {
    struct node *nodes;
    size_t count;
    struct esc_map *by_id;
    struct esc_list edges; /* owns */
    struct esc_list queue; /* struct node *: what was hit, the nearest first; borrowed */
};

static void graph_add_edges(struct graph *graph, struct node *holder)
{
    for (size_t i = 0; i < holder->resource->relation_count; i++) {
        const struct esc_relation *relation = &holder->resource->relations[i];
        const struct esc_relation_kind *kind = esc_relation_kind_find(relation->kind);
        struct node *target = esc_map_get(graph->by_id, esc_str_of(relation->target));
        if (!kind || !target || target == holder)
            continue;
        struct edge *edge = esc_alloc(sizeof *edge);
        *edge = (struct edge){kind, holder, target};
        esc_list_push(&graph->edges, edge);
        esc_list_push(&holder->edges, edge);
        esc_list_push(&target->edges, edge);
    }
}

static void graph_init(struct graph *graph, struct esc_resource *const *resources, size_t count)
{
    *graph = (struct graph){.nodes = esc_alloc_array(count + 1, sizeof *graph->nodes),
                            .count = count,
                            .by_id = esc_map_new(NULL)};
    esc_list_init(&graph->edges, free);
    esc_list_init(&graph->queue, NULL);
    for (size_t i = 0; i < count; i++) {
        graph->nodes[i] = (struct node){.resource = resources[i]};
        esc_list_init(&graph->nodes[i].edges, NULL);
        esc_map_set(graph->by_id, esc_str_of(resources[i]->id), &graph->nodes[i]);
    }
    for (size_t i = 0; i < count; i++)
        graph_add_edges(graph, &graph->nodes[i]);
}

static void graph_done(struct graph *graph)
{
    for (size_t i = 0; i < graph->count; i++)
        esc_list_done(&graph->nodes[i].edges);
    esc_list_done(&graph->edges);
    esc_list_done(&graph->queue);
    esc_map_free(graph->by_id);
    free(graph->nodes);
}

/* How many partners of the edge's kind the node has on the same end of them, and how many of these
 * are not lost. What is related to something outside the estate has that. */
static void count_partners(const struct node *node, const struct edge *lost, size_t *had,
                           size_t *left)
{
    const bool is_holder = lost->holder == node;
    size_t known = 0, told = 0;
    *left = 0;
    for (size_t i = 0; i < node->edges.count; i++) {
        const struct edge *edge = node->edges.items[i];
        if (edge->kind != lost->kind || (edge->holder == node) != is_holder)
            continue;
        known++;
        *left += (is_holder ? edge->target : edge->holder)->effect != ESC_EFFECT_BREAKS;
    }
    for (size_t i = 0; i < node->resource->relation_count && is_holder; i++)
        told += esc_text_equal(node->resource->relations[i].kind, lost->kind->name);
    *had = told > known ? told : known;
    *left += *had - known;
}

/* The node at the one end of the edge is hit, since the other one is. */
static void hit(struct graph *graph, const struct edge *edge, struct node *node,
                enum esc_effect effect, unsigned depth)
{
    size_t had, left;
    count_partners(node, edge, &had, &left);
    if (effect == ESC_EFFECT_LAST)
        effect = left ? ESC_EFFECT_LOSES : ESC_EFFECT_BREAKS;
    if (effect <= node->effect)
        return;
    if (node->effect != ESC_EFFECT_NONE)
        depth = node->impact.depth;
    node->effect = effect;
    node->impact = (struct esc_impact){.resource = node->resource,
                                       .effect = effect,
                                       .kind = edge->kind,
                                       .holder = edge->holder->resource,
                                       .target = edge->target->resource,
                                       .had = had,
                                       .left = left,
                                       .depth = depth};
    esc_list_push(&graph->queue, node);
}

static void spread(struct graph *graph, struct node *node)
{
    const unsigned depth = node->impact.depth + 1;
    for (size_t i = 0; i < node->edges.count; i++) {
        struct edge *edge = node->edges.items[i];
        const bool is_target = edge->target == node;
        if (node->effect == ESC_EFFECT_BREAKS)
            hit(graph, edge, is_target ? edge->holder : edge->target,
                is_target ? edge->kind->on_holder : edge->kind->on_target, depth);
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
    return strcmp(a->resource->id, b->resource->id);
}

void esc_impact_of(struct esc_resource *const *resources, size_t count, const char *origin,
                   struct esc_impacts *out)
{
    struct graph graph;
    graph_init(&graph, resources, count);
    struct node *first = esc_map_get(graph.by_id, esc_str_of(origin));
    *out = (struct esc_impacts){esc_alloc_array(count + 1, sizeof *out->items), 0};
    if (first) {
        first->effect = ESC_EFFECT_BREAKS;
        spread(&graph, first);
    }
    for (size_t i = 0; i < graph.queue.count; i++)
        spread(&graph, graph.queue.items[i]);
    for (size_t i = 0; i < count; i++)
        if (&graph.nodes[i] != first && graph.nodes[i].effect != ESC_EFFECT_NONE)
            out->items[out->count++] = graph.nodes[i].impact;
    qsort(out->items, out->count, sizeof *out->items, by_depth);
    graph_done(&graph);
}

void esc_impacts_done(struct esc_impacts *impacts)
{
    free(impacts->items);
    *impacts = (struct esc_impacts){0};
}
