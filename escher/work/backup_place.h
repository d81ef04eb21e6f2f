/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A place beside the local folder where backups go, as a table of functions.
 *
 *     made ─▶ sealed ─▶ restored on trial ─▶ in the local folder ─▶ put, the same bytes, to each
 *                                                                   place that is set up
 *
 * The work is done by backup.c, which has a list of the places there are (work_backup_places in
 * backup_place.c). A place gets files that have passed their restore test and are sealed, so it
 * need not be trusted with anything but to keep bytes. What it answers is checked: `put` is well
 * only when the place has told a checksum of the bytes it keeps and it is that of the file. A name
 * is used once; a place never replaces what it has under a name (ESC_EXISTS), and `put` of what is
 * there already with the same checksum is well.
 *
 * A failed `put` costs the local backup nothing: it is said, remembered, and tried again with a
 * later look at the schedule. What a place lets go of, and when, is its own affair.
 *
 * Each of put, list and get calls `done` once, on the loop, never before it has returned; after
 * `cancel` with ESC_CANCELLED. What is passed in is borrowed until then unless copied.
 *
 * Threads  the loop thread; reading the file and hashing it belongs into a job (loop/job.h).
 */

#include "escher/aws/credentials_env.h"
#include "escher/base/error.h"
#include "escher/base/json.h"
#include "escher/work/workbench.h"

/* A file to put. */
struct backup_object {
    const char *name; /* "escher-20261121T203000Z-<id of the store>.escb" */
    const char *path; /* of the local file */
    uint64_t size;
    const char *sha256; /* of all its bytes, hex */
    uint64_t made_at_ms;
};

struct backup_transfer; /* one put, list or get under way; the place's own */

struct backup_watch {
    /** May be called now and then; NULL: nobody looks. */
    void (*progress)(void *context, uint64_t done, uint64_t total);
    /** @p answer: of list {"backups": [{"name", "size", "at", "sha256"?}]}, of put and get NULL;
     *  borrowed. @p err is NULL when all is well. */
    void (*done)(void *context, const struct esc_json *answer, const struct esc_error *err);
    void *context;
};

struct backup_place {
    const char *name; /* "s3"; in answers, events and records */
    /** Whether it is set up for this store; asked each time. */
    bool (*is_set_up)(struct esc_workbench *bench);
    /** @p environment: of the caller, copied; NULL for a backup by schedule. */
    struct backup_transfer *(*put)(struct esc_workbench *bench,
                                   const struct esc_aws_environment *environment,
                                   const struct backup_object *object,
                                   const struct backup_watch *watch);
    struct backup_transfer *(*list)(struct esc_workbench *bench,
                                    const struct esc_aws_environment *environment,
                                    const struct backup_watch *watch);
    /** Writes the object called @p name to the new file @p path. */
    struct backup_transfer *(*get)(struct esc_workbench *bench,
                                   const struct esc_aws_environment *environment, const char *name,
                                   const char *path, const struct backup_watch *watch);
    /** Only before `done`, which follows. */
    void (*cancel)(struct backup_transfer *transfer);
};

/** All places this program knows; ends with NULL. */
extern const struct backup_place *const work_backup_places[];
