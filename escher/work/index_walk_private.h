/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A walk over the index, some of it in each turn of the loop, so that the core answers others
 * meanwhile however much there is. It goes in the order of ids. The index may change between two
 * turns: the walk goes on behind the last id, and from the start when that is gone, so whoever walks
 * must bear to see one twice.
 */

#include "escher/work/work_private.h"

struct work_index_walk {
    const struct esc_workbench *bench;
    char *last; /* the id that was passed last; NULL: none yet */
};

/** True: that took as long as reading a row does. The card is borrowed, and the index stays as it is. */
typedef bool work_index_walk_fn(void *context, const struct esc_card *card);

/** Tells @p fn of some more; false when that was all. */
bool work_index_walk(struct work_index_walk *walk, work_index_walk_fn *fn, void *context);
void work_index_walk_done(struct work_index_walk *walk);
