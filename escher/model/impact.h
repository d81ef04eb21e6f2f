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
 * Ownership  resources are borrowed, and must live as long as the result.
 * Threads    any. Pure.
 */

#include <stddef.h>

#include "escher/model/relation_kind.h"
#include "escher/model/resource.h"

struct esc_impact {
    const struct esc_resource *resource; /* the one it happens to */
    enum esc_effect effect;              /* LOSES or BREAKS */
    /* The relation that tells so: one of its ends is the resource, the other one is lost. */
    const struct esc_relation_kind *kind;
    const struct esc_resource *holder, *target;
    size_t had, left; /* relations of the kind: all of them, and those that are not lost */
    unsigned depth;   /* 1: related to the origin itself */
};

struct esc_impacts {
    struct esc_impact *items;
    size_t count;
};

/** @p out is ended with _done; empty when no resource has the id @p origin. */
void esc_impact_of(struct esc_resource *const *resources, size_t count, const char *origin,
                   struct esc_impacts *out);
void esc_impacts_done(struct esc_impacts *impacts);
