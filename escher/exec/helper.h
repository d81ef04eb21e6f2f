/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One attempt of a step, run by a small program of its own (apps/run: escher-run) that outlives
 * us: it finishes the command, keeps its output sealed, leaves no process behind and writes how
 * it ended, whether or not anybody is still there to be told.
 *
 *     we                                  escher-run                       the command
 *     make and lock STEP-ATTEMPT.live
 *     start, keys and job by descriptor ─▶ own session, subreaper
 *                                          start ─────────────────────────▶ own session
 *     on_output, on_gap ◀──live, lossy──── seal to disk ◀──────pipes─────── says something
 *     cancel ────────────────────────────▶ TERM, CONT … KILL ─────────────▶
 *                                          sweep, fsync, exit record
 *     on_done ◀───────────────────────────  ends
 *
 * Live output is lossy by design: when we read slowly the helper drops what does not fit and
 * says so (on_gap); all of it is on disk.
 *
 * Ownership  the loop owns a helper until on_done or esc_helper_abandon().
 * Threads    the loop thread only.
 */

#include <stdbool.h>
#include <stdint.h>

#include "escher/base/error.h"
#include "escher/crypt/secret.h"
#include "escher/exec/command.h"
#include "escher/exec/process.h"
#include "escher/exec/record.h"
#include "escher/loop/loop.h"

struct esc_helper_options {
    struct esc_attempt attempt;        /* the folder exists */
    const struct esc_secret *run_key;  /* ESC_RUN_KEY bytes */
    const char *program;               /* escher-run; absolute. Not for attach */
    const struct esc_command *command; /* not for attach */
    uint64_t timeout_ms;               /* 0: none */
    uint64_t grace_ms;                 /* between TERM and KILL; 0: ESC_PROCESS_GRACE_MS */
    uint64_t max_output;               /* of each stream on disk; 0: ESC_MAX_LOG_STREAM */
    /* All may be NULL except on_done. Offsets count the bytes of the stream. */
    void (*on_output)(void *context, enum esc_stream stream, uint64_t offset, struct esc_str bytes);
    void (*on_gap)(void *context, enum esc_stream stream, uint64_t from, uint64_t to);
    /* ESC_ENDING_LOST when the helper left no record. */
    void (*on_done)(void *context, const struct esc_exit_record *record);
    void *context;
}; /* borrowed during the call that takes it */

struct esc_helper;

/**
 * @errors ESC_EXISTS: this attempt has been started before (it never is twice); ESC_NOT_FOUND: no
 * helper program; ESC_INVALID; ESC_LIMIT; ESC_IO. After an error nothing runs, and the live file
 * is gone again unless it was there before.
 */
enum esc_status esc_helper_start(struct esc_loop *loop, const struct esc_helper_options *options,
                                 struct esc_helper **out, struct esc_error *err);
/**
 * Waits for the end of an attempt that an earlier life of this program has started. No live
 * output comes; it is on disk. @errors ESC_NOT_FOUND: never started.
 */
enum esc_status esc_helper_attach(struct esc_loop *loop, const struct esc_helper_options *options,
                                  struct esc_helper **out, struct esc_error *err);
/** Asks the helper to end its command. on_done follows. */
void esc_helper_cancel(struct esc_helper *helper);
/** Turns away: the attempt goes on, on_done never fires. NULL does nothing. */
void esc_helper_abandon(struct esc_helper *helper);
