/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/permission_lane_private.h"

#include "escher/aws/throttle.h"
#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/map.h"

/* A ring of the lanes that may send one: they have something that waits, and not all out that their
 * endpoint takes. A lane is in it once or not at all. */

struct permission_lane {
    struct permission_lanes *owner;
    struct permission_lane *next; /* in the ring */
    bool is_in_ring;
    struct esc_list items; /* those before `first` were taken */
    size_t first;
    unsigned out;
};

struct permission_lanes {
    struct esc_map *by_name;
    struct permission_lane *first, *last; /* of the ring */
    unsigned calls, out;
    esc_free_fn *free_item;
};

static void free_lane(void *item)
{
    struct permission_lane *lane = item;
    for (size_t i = lane->first; i < lane->items.count; i++)
        lane->owner->free_item(lane->items.items[i]);
    esc_list_done(&lane->items);
    free(lane);
}

struct permission_lanes *permission_lanes_new(unsigned calls, esc_free_fn *free_item)
{
    struct permission_lanes *lanes = esc_alloc_zero(sizeof *lanes);
    ESC_ASSERT(calls > 0);
    lanes->calls = calls;
    lanes->free_item = free_item;
    lanes->by_name = esc_map_new(free_lane);
    return lanes;
}

void permission_lanes_free(struct permission_lanes *lanes)
{
    if (lanes)
        esc_map_free(lanes->by_name);
    free(lanes);
}

static void enter_ring(struct permission_lanes *lanes, struct permission_lane *lane)
{
    if (lane->is_in_ring || lane->first == lane->items.count || lane->out == ESC_AWS_AT_ENDPOINT)
        return;
    lane->is_in_ring = true;
    lane->next = NULL;
    if (lanes->last)
        lanes->last->next = lane;
    else
        lanes->first = lane;
    lanes->last = lane;
}

static struct permission_lane *leave_ring(struct permission_lanes *lanes)
{
    struct permission_lane *lane = lanes->first;
    lanes->first = lane->next;
    if (!lanes->first)
        lanes->last = NULL;
    lane->is_in_ring = false;
    return lane;
}

void permission_lanes_add(struct permission_lanes *lanes, const char *name, void *item)
{
    struct permission_lane *lane = esc_map_get(lanes->by_name, esc_str_of(name));
    if (!lane) {
        lane = esc_alloc_zero(sizeof *lane);
        lane->owner = lanes;
        esc_map_set(lanes->by_name, esc_str_of(name), lane);
    }
    esc_list_push(&lane->items, item);
    enter_ring(lanes, lane);
}

void *permission_lanes_next(struct permission_lanes *lanes, struct permission_lane **out)
{
    if (!lanes->first || lanes->out == lanes->calls)
        return NULL;
    struct permission_lane *lane = leave_ring(lanes);
    void *item = esc_list_at(&lane->items, lane->first++);
    lane->out++;
    lanes->out++;
    enter_ring(lanes, lane);
    *out = lane;
    return item;
}

void permission_lanes_end(struct permission_lanes *lanes, struct permission_lane *lane)
{
    ESC_ASSERT(lane->out > 0 && lanes->out > 0);
    lane->out--;
    lanes->out--;
    enter_ring(lanes, lane);
}
