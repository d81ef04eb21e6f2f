/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The world of the fake: how many there are of each kind in each account and region, and what a
 * thing looks like. All of it follows from the seed and a number; nothing is kept but what actions
 * have changed. fake_aws_kinds.c has the tables and explains the templates.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "escher/base/attr.h"
#include "escher/base/buf.h"
#include "escher/base/json.h"
#include "escher/base/map.h"

struct fake_kind {
    const char *name, *id, *arn;
    const char *tag_filter; /* its name in the tagging service; NULL: not asked for there */
    unsigned weight;        /* of all weights: its share of the world */
    bool is_global;         /* of the account, not of a region */
    bool is_aside;          /* no resource: not counted in the size of the world */
};
extern const struct fake_kind fake_kinds[];
extern const size_t fake_kind_count;

/** The kind's share of a world that is made like a large estate. */
unsigned fake_share_in_large(const struct fake_kind *kind);

struct fake_list {
    const char *service, *operation;
    const char *kind, *path; /* where the answer lists it */
    const char *only;        /* parameter that names some of them, as on the wire; or NULL */
    const char *item;
    const char *parent_kind, *parent; /* only those of the thing that this parameter names */
    unsigned group;                   /* so many items go between these two */
    const char *group_open, *group_close;
};
extern const struct fake_list fake_lists[];
extern const size_t fake_list_count;

struct fake_detail {
    const char *service, *operation;
    const char *kind, *named_by; /* parameter with an id, a name or an ARN, or a list of them */
    const char *path;            /* where the answer lists one for each; NULL: it is the answer */
    const char *output;
    const char *absent_code; /* the answer for every so manieth of them */
    unsigned absent_every;   /* 0: it is always there */
};
extern const struct fake_detail fake_details[];
extern const size_t fake_detail_count;

struct fake_world {
    uint64_t seed;
    size_t size;
    unsigned (*share)(const struct fake_kind *kind); /* NULL: its weight */
    const char *const *accounts, *const *regions;    /* end with NULL */
    size_t account_count, region_count;
    size_t all_shares;
    const char *partition;
    size_t removed[64];     /* by kind: so many fewer in every place */
    uint64_t turns[64];     /* by kind: 0 as at first, else other chances */
    struct esc_map *states; /* "ACCOUNT REGION ID" → char *: what actions made of it */
};

/* A thing: the number `index` of its kind in a place. */
struct fake_thing {
    const struct fake_kind *kind;
    const char *account, *region; /* where it is asked for */
    size_t index;
};

void fake_world_init(struct fake_world *world);
void fake_world_done(struct fake_world *world);

const struct fake_kind *fake_kind_find(const char *name); /* NULL: none */
/** In one region of one account; of a global kind in the account, wherever it is asked. */
size_t fake_world_count(const struct fake_world *world, const struct fake_kind *kind,
                        const char *account, const char *region);
/** The region a thing is in: of global ones each has its own. */
const char *fake_world_region(const struct fake_world *world, const struct fake_thing *thing);
/** The template's text for the thing, with " for '. */
void fake_world_expand(const struct fake_world *world, const struct fake_thing *thing,
                       const char *template, struct esc_buf *out);
/** The thing of a kind that @p text names by id, name or ARN; false when there is none. */
bool fake_world_find(const struct fake_world *world, struct fake_thing *thing, struct esc_str text);
/** What an action made of the thing; NULL: nothing yet. */
const char *fake_world_state(const struct fake_world *world, const struct fake_thing *thing);
void fake_world_set_state(struct fake_world *world, const struct fake_thing *thing,
                          const char *state);
/** A number below @p bound for the thing, the same each time; @p what keeps questions apart. */
uint64_t fake_world_dice(const struct fake_world *world, const struct fake_thing *thing,
                         uint64_t what, uint64_t bound);
