/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Things that are each one call, in lanes: one lane for each endpoint (account, region, service). A
 * lane has as many out as its endpoint takes at a time, all lanes together as many as there are
 * calls, and lanes take turns, so that a long or slow one holds up no other.
 *
 *     add ──▶ waits in its lane ──next──▶ out ──end──▶ the lane may send another
 *
 * It starts nothing and reads no clock: whoever takes the next makes the call.
 *
 * Ownership  items are borrowed while they are out; those that wait are owned.
 * Threads    one.
 */

#include "escher/base/list.h"

struct permission_lanes;
struct permission_lane;

/** @p calls: out at a time, at least 1. @p free_item frees what still waits in the end. */
struct permission_lanes *permission_lanes_new(unsigned calls, esc_free_fn *free_item);
void permission_lanes_free(struct permission_lanes *lanes); /* NULL does nothing */

/** @p item waits in the lane of that name behind all that wait there. Handed over. */
void permission_lanes_add(struct permission_lanes *lanes, const char *name, void *item);
/** The next that may start, which is out from now on, with its lane in *lane; NULL: none may. */
void *permission_lanes_next(struct permission_lanes *lanes, struct permission_lane **lane);
/** One that was out is not any more. */
void permission_lanes_end(struct permission_lanes *lanes, struct permission_lane *lane);
