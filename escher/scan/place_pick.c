/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Of a detail that costs a call for each resource: whose turn it is where a place has more of them
 * than a sync has time for. Those go first that may have changed, then those that were never asked,
 * then those asked longest ago, so that all are known after some syncs.
 */

#include <stdlib.h>

#include "escher/base/alloc.h"
#include "escher/scan/walk_private.h"

struct turn {
    uint64_t asked_ms; /* 0: before all others */
    size_t at;         /* in the stash */
};

bool walk_wants_detail(const struct walk_cell *cell, const struct esc_resource *resource)
{
    const struct esc_map *tag_regions = cell->place->account->tag_regions;
    return !cell->step->wants ||
           cell->step->wants(resource, esc_map_has(tag_regions, esc_str_of(resource->region)));
}

static uint64_t asked_ms(const struct walk_cell *cell, const struct esc_resource *resource)
{
    const struct esc_scan_options *options = &cell->place->account->scan->options;
    return options->asked_ms ? options->asked_ms(options->context, cell->place->account->account,
                                                 cell->place->region, resource->identifier)
                             : 0;
}

static int by_time(const void *one, const void *other)
{
    const struct turn *a = one, *b = other;
    if (a->asked_ms != b->asked_ms)
        return a->asked_ms < b->asked_ms ? -1 : 1;
    return a->at < b->at ? -1 : a->at > b->at;
}

static size_t find_turns(const struct walk_cell *cell, struct turn *turns)
{
    struct stash *stash = &cell->place->stash;
    size_t count = 0;
    for (size_t at = 0; at < stash->count; at++) {
        if (!walk_details_of(cell->step, stash_type(stash, at)))
            continue;
        struct esc_resource *resource = stash_take(stash, at);
        if (walk_wants_detail(cell, resource))
            turns[count++] = (struct turn){asked_ms(cell, resource), at};
        stash_give_back(stash, at, resource);
    }
    return count;
}

bool *walk_pick(const struct walk_cell *cell)
{
    const size_t most = cell->step->most_usual, all = cell->place->stash.count;
    ESC_CLEANUP(esc_freep) struct turn *turns = esc_alloc_array(all + 1, sizeof *turns);
    const size_t count = find_turns(cell, turns);
    qsort(turns, count, sizeof *turns, by_time);
    bool *picked = esc_alloc_zero((all + 1) * sizeof *picked);
    for (size_t i = 0; i < most && i < count; i++)
        picked[turns[i].at] = true;
    return picked;
}
