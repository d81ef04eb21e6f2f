/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The kinds of relations between resources, one row each. The holder is the resource whose answer
 * told of the relation, the target the other one: "web-1 (holder) is in subnet-a (target)". A row
 * says how that reads, and what happens to the one when the other is gone.
 *
 * Ownership  everything is static and const.
 * Threads    any.
 */

#include <stdbool.h>
#include <stddef.h>

enum esc_effect {
    ESC_EFFECT_NONE,   /* it does not need the other one */
    ESC_EFFECT_LOSES,  /* it goes on with less */
    ESC_EFFECT_LAST,   /* it goes on with less while another one of the kind is left, else breaks */
    ESC_EFFECT_BREAKS, /* it stops working, or is gone too */
};

struct esc_relation_kind {
    const char *name;          /* "in_subnet" */
    const char *words;         /* between holder and target: "is in" */
    enum esc_effect on_holder; /* when the target is gone */
    enum esc_effect on_target; /* when the holder is gone */
    /* What a holder has lost is lost to those that relate to it by this kind, too: a subnet has no
     * way out when its route table has none. */
    bool passes_loss;
};

const struct esc_relation_kind *esc_relation_kind_find(const char *name); /* NULL: unknown */
const struct esc_relation_kind *esc_relation_kind_at(size_t index);
size_t esc_relation_kind_count(void);
