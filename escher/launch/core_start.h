/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Starting the core, for every program that finds none answering.
 *
 *     we: spawn `escher core`, wait on a pipe ◀── one JSON line: ready, or why not
 *
 * The core is in a session of its own and outlives whoever started it; what it logs goes to
 * core.log in the state folder. It inherits four descriptors and no others: nothing on 0 and 1,
 * the log on 2, the pipe on 3, and on 4 the passphrase where there is one.
 */

#include <sys/types.h>

#include "escher/base/error.h"
#include "escher/base/paths.h"

struct esc_core_start {
    const char *program; /* `escher`; looked for in PATH when it holds no '/' */
    const struct esc_paths *paths;
    int passphrase_fd; /* read by the core from its start; -1: none. Stays the caller's */
};

struct esc_core_started {
    pid_t pid;    /* a child; whoever lives on waits for one that became ready. 0: there is none */
    int ready_fd; /* readable once there is something to await */
};

/** @errors ESC_IO: the program cannot be started. */
enum esc_status esc_core_spawn(const struct esc_core_start *start, struct esc_core_started *out,
                               struct esc_error *err);
/**
 * Waits, a minute at most, until the core is ready, and closes the pipe. A core that does not become
 * ready has ended, and been waited for, when this returns. @errors what the core said, such as
 * ESC_LOCKED: it needs a passphrase; ESC_UNAVAILABLE: it ended without a word.
 */
enum esc_status esc_core_await(struct esc_core_started *core, struct esc_error *err);
/** The first of these that is a program, relative to the running one's folder; owned, or NULL. */
char *esc_program_beside(const char *const *places);
/** Where `escher` is: beside the running program, where the build puts it, or in PATH. Owned. */
ESC_RETURNS_NONNULL char *esc_core_program(void);
