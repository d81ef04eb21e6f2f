/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The core's socket: the API over HTTP on a Unix socket that only its user may use. Every call is
 * answered by an event stream: the call's events, then `done` with {"status", "body"}.
 *
 * A caller that goes away cancels its call; a run goes on.
 */

#include "escher/base/error.h"
#include "escher/work/workbench.h"

struct esc_door;

/** Listens on the profile's socket. @errors ESC_EXISTS: another core does; ESC_IO. */
enum esc_status esc_door_open(struct esc_workbench *bench, struct esc_door **out,
                              struct esc_error *err);
/** Cuts what is under way. NULL does nothing. Close it before the workbench. */
void esc_door_close(struct esc_door *door);
ESC_DEFINE_CLEANUP(struct esc_door, esc_door_close)
/** Whether somebody asked the core to stop (POST /api/stop). */
bool esc_door_wants_stop(const struct esc_door *door);
