/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Events from a queue: they only say where to look again.
 *
 *     look ─▶ receive (at most ten) ─▶ their places ─▶ a sync of these ─▶ what was stored is
 *              ▲                         none: ─────────────────────────▶ deleted from the queue
 *              └──────────────────── there may be more ◀──────────────────┘
 *
 * A message whose place could not be seen for a passing reason stays in the queue, which gives it
 * again later. An event of what is not ours is deleted, since it would come for ever. A message that
 * is no event is somebody else's: the round ends and deletes nothing, and there is none by itself
 * until the person has set the queue again, or has had a round that went well.
 */

#include "escher/work/work_private.h"

/** Looks into the queue, when there is one. */
void work_events_look(struct esc_workbench *bench);
/** Ends what is under way with the queue; the core ends. */
void work_events_leave(struct esc_workbench *bench);
bool work_events_is_busy(const struct esc_workbench *bench);
