/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What else stops working, or goes on with less, when a resource stops or goes away: the relations
 * (relation_kind.h) followed from it, nearest first.
 *
 *     web-1 ─✗─ has_target ── web-tg (its last one: breaks) ─✗─ served_by ── web-alb (loses one)
 *
 * What breaks is followed further; what only loses something is not, unless the kind of a relation
 * passes the loss on. Whoever has a partner that the estate does not know counts it as there.
 *
 * The graph is made for one question: a node for each id that is named, 24 bytes for each relation
 * that can have an effect (and up to as many again while it grows).
 *
 * Ownership  ids are copied; what a result names is borrowed from the graph.
 * Threads    any, one at a time. Pure.
 */

#include <stddef.h>
#include <stdint.h>

#include "escher/base/attr.h"
#include "escher/base/str.h"
#include "escher/model/relation_kind.h"

struct esc_impact_graph;

ESC_RETURNS_NONNULL struct esc_impact_graph *esc_impact_graph_new(void);
void esc_impact_graph_free(struct esc_impact_graph *graph); /* NULL does nothing */
ESC_DEFINE_CLEANUP(struct esc_impact_graph, esc_impact_graph_free)

/** The number of the node of this id, from 0. It is of something unknown until it is added. */
uint32_t esc_impact_graph_node(struct esc_impact_graph *graph, struct esc_str id);
const char *esc_impact_graph_id(const struct esc_impact_graph *graph, uint32_t node);
/** The estate has it. */
void esc_impact_graph_add(struct esc_impact_graph *graph, uint32_t node);
/** The same relation twice counts as two. */
void esc_impact_graph_relate(struct esc_impact_graph *graph, uint32_t holder,
                             const struct esc_relation_kind *kind, uint32_t target);

struct esc_impact {
    const char *resource;   /* the id of the one it happens to */
    enum esc_effect effect; /* LOSES or BREAKS */
    /* The relation that tells so: one of its ends is the resource, the other one is lost. */
    const struct esc_relation_kind *kind;
    const char *holder, *target;
    size_t had, left; /* of a LAST effect: relations of the kind, and those that are not lost */
    unsigned depth;   /* 1: related to the origin itself */
};

struct esc_impacts {
    struct esc_impact *items;
    size_t count;
};

/** Ends the building: nothing is related afterwards, and nothing else asked. @p out is ended with
 *  _done before the graph; it is empty when no resource has the id @p origin. */
void esc_impact_of(struct esc_impact_graph *graph, const char *origin, struct esc_impacts *out);
void esc_impacts_done(struct esc_impacts *impacts);
