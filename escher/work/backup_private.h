/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the files of backups share.
 *
 *     backup.c            making one: POST /api/backups
 *     backup_book.c       which there are: the folder, what is on record, what goes
 *     backup_upload.c     the same bytes to the other places (backup_place.h)
 *     backup_verify.c     restoring those that are there on trial, again
 *     backup_schedule.c   making one when it is due
 *     backup_rules.h      when that is, and which may go
 *     backup_restore.h    the way back, without a core
 *
 * The folder is `backups` beside the store. A file there is a backup when it is on record with the
 * size and the id that it has: then it has passed a restore test. The record is written before the
 * file gets its name; a record without a file is none.
 */

#include <stdatomic.h>

#include "escher/loop/job.h"
#include "escher/loop/timer.h"
#include "escher/store/snapshot.h"
#include "escher/work/backup_place.h"
#include "escher/work/backup_rules.h"
#include "escher/work/work_private.h"

#define ESCHER_VERSION "0.1.0"

/* Where they are; owned by the caller. */
char *backup_folder(const struct esc_workbench *bench);
char *backup_path(const struct esc_workbench *bench, const char *name);

/** Entries {"name", "at", "age", "size", "store_id", "verified", ...}, the newest first; owned by
 *  the caller. @errors ESC_IO */
enum esc_status backup_list(const struct esc_workbench *bench, struct esc_json **out,
                            struct esc_error *err);
/** The newest of the list that counts, borrowed from it; NULL: none does. @p count (may be NULL) is
 *  how many do. What is dated in the future does not. */
const struct esc_json *backup_newest(const struct esc_workbench *bench, const struct esc_json *list,
                                     size_t *count);
/** The entry of @p facts. */
struct esc_json *backup_entry(const struct esc_workbench *bench, const char *name,
                              const struct esc_backup_facts *facts);
/** A name for what was made at @p made_at_ms that no file has. */
void backup_free_name(const struct esc_workbench *bench, uint64_t made_at_ms,
                      char out[BACKUP_NAME]);

/** Has passed its test. Keeps what is on record of places when it is of the same file. */
enum esc_status backup_record(struct esc_workbench *bench, const char *name,
                              const struct esc_backup_facts *facts, struct esc_error *err);
enum esc_status backup_unrecord(struct esc_workbench *bench, const char *name,
                                struct esc_error *err);
/** The place called @p place has it, too. */
enum esc_status backup_record_place(struct esc_workbench *bench, const char *name,
                                    const char *place, struct esc_error *err);

/** How the last try with a place ended, for people; @p failure NULL: it has the backup. */
void backup_note_place(struct esc_workbench *bench, const char *place, const char *failure);

/** Removes what the rules let go, and its records; their names into @p gone, an array. */
enum esc_status backup_prune(struct esc_workbench *bench, struct esc_json *gone,
                             struct esc_error *err);

void backup_history_load(const struct esc_workbench *bench, struct backup_history *out);
/** After an attempt; @p failure NULL: it went well, at @p made_at_ms. */
enum esc_status backup_history_note(struct esc_workbench *bench, uint64_t made_at_ms,
                                    const char *failure, struct esc_error *err);

/* Work that is watched from a worker and cancelled from the loop. */
struct backup_progress {
    atomic_bool is_cancelled;
    _Atomic unsigned phase;
    _Atomic uint64_t done, total;
    unsigned told_phase; /* what was told last */
    uint64_t told_done;
};
/** A watch for functions of store/snapshot.h that fills in @p progress. */
struct esc_backup_watch backup_watch_of(struct backup_progress *progress);
/** The event backup.progress of @p call, when there is something new. */
void backup_tell_progress(struct esc_api_call *call, struct backup_progress *progress,
                          const char *name);
enum {
    BACKUP_TELL_MS = 200,
};

/* The same bytes to the places that are set up and lack them, one after the other. */
struct backup_upload;
/** @p places: [{"name", "ok", "message"?}] of those there were, handed over. */
typedef void backup_upload_fn(void *context, struct esc_json *places);
/** @p call gets the progress and lends its environment; @p done follows, on the loop, later. */
ESC_RETURNS_NONNULL struct backup_upload *backup_upload_start(struct esc_api_call *call,
                                                              const char *name,
                                                              backup_upload_fn *done,
                                                              void *context);
/** Sets "places", handed over, and "message" when one lacks the backup: ESC_PARTIAL then. */
enum esc_status backup_set_places(struct esc_json *body, struct esc_json *places);
void backup_upload_cancel(struct backup_upload *upload);
/** Whether a place that is set up lacks @p entry of the list. */
bool backup_upload_is_wanted(struct esc_workbench *bench, const struct esc_json *entry);
