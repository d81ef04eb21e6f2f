/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One attempt as escher-run lives it:
 *
 *     RUNNING ──────────exit──────────▶ DRAINING ──both pipes at their end, or 200 ms──▶ sweep,
 *        │                                 ▲                                             record
 *        └─timeout, cancel─▶ ENDING ─exit──┘
 *              TERM and CONT to all descendants; after the grace STOP and KILL until none is left
 *
 * Everything is sealed to disk as it comes, and told to the caller as long as that costs nothing:
 * a caller who is slow misses packets, one who is gone misses all, and the command never waits.
 */

#include "escher/exec/handover.h"

/**
 * Starts @p command and sees it through to the exit record on disk. The process must be a
 * subreaper with SIGTERM, SIGINT and SIGCHLD blocked. @p live_fd is the socket, or -1.
 * @errors ESC_IO: there is no record (the message says why); the command has ended all the same.
 */
enum esc_status attempt_run(const struct esc_handover *handover, const struct esc_command *command,
                            int live_fd, struct esc_error *err);
