/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is kept of one attempt in the folder of its run, written by escher-run:
 *
 *     STEP-ATTEMPT.live   made and locked before anything starts; the lock is held by the helper
 *                         and by the command, so nobody takes for lost what still goes on. Inside:
 *                         pid and start time of both, a line each
 *     STEP-ATTEMPT.out    stdout, sealed frames (crypt/frames.h)
 *     STEP-ATTEMPT.err    stderr
 *     STEP-ATTEMPT.times  when output came, a mark for each piece; may be missing or end early
 *     STEP-ATTEMPT.exit   the exit record, one sealed frame, written last and in one piece
 *
 * Each file has a key of its own, derived from the run's key; folder, step and attempt are
 * authenticated, so no file can stand in for another.
 *
 * Units      milliseconds since 1970; bytes.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "escher/base/buf.h"
#include "escher/base/error.h"
#include "escher/base/json.h"
#include "escher/crypt/secret.h"
#include "escher/exec/ending.h"
#include "escher/exec/process.h"

enum {
    ESC_RUN_KEY = 32, /* bytes of a run's key */
    ESC_EXIT_MESSAGE_SIZE = 256,
    ESC_EXIT_RECORD_MAX = 4 * 1024, /* bytes of its file */
};

struct esc_exit_record {
    enum esc_ending ending;
    int exit_code; /* of EXITED, else -1 */
    int signal;    /* that ended it, else 0 */
    uint64_t started_at_ms, ended_at_ms;
    uint64_t out_bytes, err_bytes;       /* all that came */
    uint64_t out_kept, err_kept;         /* of it on disk */
    bool leaked;                         /* descendants were still there and have been killed */
    bool over_limit;                     /* more came than the ceiling on disk */
    bool output_lost;                    /* the disk failed or was full; the command went on */
    char message[ESC_EXIT_MESSAGE_SIZE]; /* why it did not start, else "" */
};

struct esc_json *esc_exit_record_to_json(const struct esc_exit_record *record);
/** Strict. @errors ESC_INVALID naming the member. */
enum esc_status esc_exit_record_from_json(const struct esc_json *json, struct esc_exit_record *out,
                                          struct esc_error *err);

/** One attempt's place. Step ids are [A-Za-z0-9_-]{1,64}; attempts count from 1. Borrowed. */
struct esc_attempt {
    const char *folder; /* of the run, absolute */
    const char *step;
    unsigned attempt;
};

/** @errors ESC_INVALID: the folder is not absolute, or no such step id or attempt. */
enum esc_status esc_attempt_check(const struct esc_attempt *attempt, struct esc_error *err);
/** FOLDER/STEP-ATTEMPT.END, owned by the caller; @p end is "live", "out", "err", "times" or
 *  "exit". */
ESC_RETURNS_NONNULL char *esc_attempt_path(const struct esc_attempt *attempt, const char *end);
/** What is authenticated with each frame of that file; owned by the caller. */
ESC_RETURNS_NONNULL char *esc_attempt_context(const struct esc_attempt *attempt, const char *end);
/** The key of that file, owned by the caller. */
ESC_RETURNS_NONNULL struct esc_secret *esc_attempt_key(const struct esc_attempt *attempt,
                                                       const struct esc_secret *run_key,
                                                       const char *end);

/** Writes the exit record durably and in one piece. @p key is the file's own. @errors ESC_IO. */
enum esc_status esc_attempt_write_record(const struct esc_attempt *attempt,
                                         const struct esc_secret *key,
                                         const struct esc_exit_record *record,
                                         struct esc_error *err);

/** Adds @p pid, which lives, to the live file. @errors ESC_IO. */
enum esc_status esc_attempt_sign(const struct esc_attempt *attempt, pid_t pid,
                                 struct esc_error *err);

/** How far an attempt got, seen from its files alone. */
enum esc_attempt_trace {
    ESC_TRACE_NONE,    /* never started: certain, the live file is made first */
    ESC_TRACE_RUNNING, /* its helper lives, or the command itself */
    ESC_TRACE_ENDED,   /* there is an exit record */
    ESC_TRACE_LOST,    /* started, no record, nobody there */
};

/** @errors ESC_INVALID: no such step id; ESC_IO. */
enum esc_status esc_attempt_look(const struct esc_attempt *attempt, enum esc_attempt_trace *out,
                                 struct esc_error *err);
/** @errors ESC_NOT_FOUND; ESC_CORRUPT: changed, or another key. */
enum esc_status esc_attempt_read_record(const struct esc_attempt *attempt,
                                        const struct esc_secret *run_key,
                                        struct esc_exit_record *out, struct esc_error *err);
/**
 * Appends what @p stream said, from byte @p offset on, to @p out up to the buf's ceiling.
 * *finished tells whether the stream has its end; a running or broken off one has not, and all
 * complete frames are there.
 * @errors ESC_NOT_FOUND; ESC_CORRUPT; ESC_LIMIT.
 */
enum esc_status esc_attempt_read_output(const struct esc_attempt *attempt,
                                        const struct esc_secret *run_key, enum esc_stream stream,
                                        uint64_t offset, struct esc_buf *out, bool *finished,
                                        struct esc_error *err);

/* When output came. Marks of one stream follow each other; a byte came with the last mark at or
 * before it. Pieces that come close together share a mark. */

enum {
    ESC_TIME_MARK_BYTES = 1 + 8 + 8,      /* stream | offset | wall-clock milliseconds */
    ESC_TIME_MARKS_MAX = 4 * 1024 * 1024, /* bytes; what comes later has no time */
    ESC_TIME_MARK_GRAIN_MS = 10,
};

struct esc_time_mark {
    uint64_t offset, at_ms;
};

void esc_time_mark_write(enum esc_stream stream, const struct esc_time_mark *mark,
                         char out[ESC_TIME_MARK_BYTES]);
/**
 * The marks of @p stream in *out, *count of them; owned by the caller. *end is the first byte that
 * has no time any more, UINT64_MAX when all have. What is damaged ends the marks.
 * @errors ESC_INVALID; ESC_NOT_FOUND: none were kept.
 */
enum esc_status esc_attempt_read_times(const struct esc_attempt *attempt,
                                       const struct esc_secret *run_key, enum esc_stream stream,
                                       struct esc_time_mark **out, size_t *count, uint64_t *end,
                                       struct esc_error *err);
