/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Finding and ending what a process has left behind: its descendants, whatever group or session
 * they fled to. Read from /proc; each is signalled through a descriptor that is checked against
 * its start time, so a reused pid is never hit.
 *
 * A descendant whose parent has died is a child of the nearest subreaper. Only a program that
 * is one itself (escher-run) therefore finds them all; elsewhere those that left both the tree
 * and the session are out of sight.
 */

#include <stddef.h>
#include <sys/types.h>

/**
 * Signals every living process that descends from @p root, or whose session is @p session (0:
 * none), but neither @p root nor this process. Returns how many there were.
 */
size_t esc_sweep(pid_t root, pid_t session, int signal);
