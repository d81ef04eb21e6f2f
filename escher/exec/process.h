/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One process on the loop: started, read, ended in time, reaped.
 *
 *     RUNNING ────────────exit──────────────▶ DRAINING ──both pipes at their end,──▶ on_exit
 *        │                                       ▲         or 200 ms later
 *        └──timeout, cancel──▶ ENDING ───exit────┘
 *                   TERM and CONT to the group; after the grace KILL to all it started
 *
 * An exit is not the end of its output, and the end of its output is no exit (a grandchild may
 * hold the pipe): both are waited for, the second for 200 ms at most. Then whatever is left of
 * the group is killed, and `leaked` tells. What leaves both its session and its parents escapes
 * from here; commands that may do so run through exec/helper.h.
 *
 * Ownership  the loop owns a process until on_exit, which is the last one hears of it. With
 *            esc_loop_free() it is killed, and on_exit fires there.
 * Threads    the loop thread only.
 * Units      milliseconds; the timeout stands still while the machine sleeps.
 */

#include <stdbool.h>
#include <stdint.h>

#include "escher/base/error.h"
#include "escher/exec/command.h"
#include "escher/exec/ending.h"
#include "escher/loop/loop.h"

enum {
    ESC_PROCESS_GRACE_MS = 10 * 1000, /* between TERM and KILL unless said otherwise */
    ESC_PROCESS_LEAK_MS = 200,        /* for the pipes to end after the exit */
};

enum esc_stream {
    ESC_STREAM_OUT = 1, /* as the descriptors are numbered */
    ESC_STREAM_ERR = 2,
};

struct esc_process_result {
    enum esc_ending ending;
    int exit_code;      /* of EXITED, else -1 */
    int signal;         /* that ended it, else 0 */
    struct esc_str out; /* what was kept; borrowed during on_exit */
    struct esc_str err;
    uint64_t out_bytes; /* all that came */
    uint64_t err_bytes;
    bool over_limit; /* more came than was kept */
    bool leaked;     /* something it started was still there at the end */
    uint64_t took_ms;
};

struct esc_process_options {
    uint64_t timeout_ms; /* from the start; 0 for none */
    uint64_t grace_ms;   /* after a timeout; 0 for ESC_PROCESS_GRACE_MS */
    size_t max_output;   /* kept of each stream; what comes after is counted and dropped */
    /* When set, output comes here as it arrives (raw bytes, cut anywhere) and is not kept. */
    void (*on_output)(void *context, enum esc_stream stream, struct esc_str bytes);
    void (*on_exit)(void *context, const struct esc_process_result *result);
    void *context;
};

struct esc_process;

/**
 * Starts @p command (borrowed: all of it may go once this returns).
 * @errors those of esc_spawn(); then on_exit never fires.
 */
enum esc_status esc_process_start(struct esc_loop *loop, const struct esc_command *command,
                                  const struct esc_process_options *options,
                                  struct esc_process **out, struct esc_error *err);
/** Ends it, gently at first; 0 kills at once. Again with a shorter grace hurries it. */
void esc_process_cancel(struct esc_process *process, uint64_t grace_ms);
