/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * SQLite in the few words the store needs. db.c and db_vfs.c are the only files that include it.
 *
 * The file is in WAL mode with synchronous=FULL, locked for us alone (so there is no -shm file),
 * defensive, without triggers, views, extensions or memory mapping. Deleted content is zeroed.
 *
 * Threads  one at a time.
 */

#include <stdbool.h>
#include <stdint.h>

#include "escher/base/error.h"
#include "escher/base/str.h"

struct db;
struct db_statement;

enum db_mode {
    DB_CREATE, /* the file exists and is empty */
    DB_OPEN,
    DB_PEEK, /* to look at; neither the file nor what lies beside it is changed */
};

/** @errors ESC_NOT_FOUND, ESC_CORRUPT: no database; ESC_LOCKED: in use; ESC_IO. */
enum esc_status db_open(const char *path, enum db_mode mode, struct db **out,
                        struct esc_error *err);
void db_close(struct db *db);
ESC_DEFINE_CLEANUP(struct db, db_close)

/** Runs statements that take and give nothing. */
enum esc_status db_run(struct db *db, const char *sql, struct esc_error *err);
bool db_in_transaction(const struct db *db);
int64_t db_last_id(const struct db *db);
/** Moves the log into the file and empties it, so that what was deleted is gone from both. */
enum esc_status db_scrub(struct db *db, struct esc_error *err);

/*
 * A copy of the whole database, made a few pages at a time. What this connection writes meanwhile is
 * in it too: the copy is of the moment of the step that ended it, between two transactions.
 */
struct db_backup;
/** @p path is an empty file. It is not synced: the caller does what it needs. */
enum esc_status db_backup_start(struct db *db, const char *path, struct db_backup **out,
                                struct esc_error *err);
/** Copies up to @p pages more; inside a transaction of ours it copies nothing. */
enum esc_status db_backup_step(struct db_backup *backup, int pages, bool *done,
                               struct esc_error *err);
/** How many pages there are, and how many are still to copy, as of the last step. */
void db_backup_progress(const struct db_backup *backup, uint64_t *total, uint64_t *left);
/** Closes the copy, whole or not; NULL does nothing. @errors ESC_IO: what was left in memory could
 *  not be written. */
enum esc_status db_backup_end(struct db_backup *backup, struct esc_error *err);

/** A statement of its own, to be released; @p sql is static text, prepared once and kept. */
enum esc_status db_prepare(struct db *db, const char *sql, struct db_statement **out,
                           struct esc_error *err);
void db_release(struct db_statement *statement); /* NULL does nothing */
ESC_DEFINE_CLEANUP(struct db_statement, db_release)

/* Parameters count from 1, columns from 0. Bytes and texts are borrowed until release. */
void db_bind_int(struct db_statement *statement, int parameter, int64_t value);
void db_bind_bytes(struct db_statement *statement, int parameter, struct esc_str bytes);
void db_bind_copy(struct db_statement *statement, int parameter, struct esc_str bytes);
void db_bind_text(struct db_statement *statement, int parameter, const char *text);
void db_bind_null(struct db_statement *statement, int parameter);

/** The next row; *is_row is false at the end. */
enum esc_status db_step(struct db_statement *statement, bool *is_row, struct esc_error *err);
/** To the end of a statement that gives no rows. */
enum esc_status db_execute(struct db_statement *statement, struct esc_error *err);
int64_t db_int(const struct db_statement *statement, int column);
struct esc_str db_bytes(const struct db_statement *statement, int column); /* until the next step */

/* Watching: who watches hears of each row of a table that goes or comes, in the order it happens;
 * one that is replaced goes and comes. What a rollback takes back is not said again. */

enum {
    DB_VALUES = 12, /* columns of a watched table at most */
};
struct db_value {
    enum db_type {
        DB_NULL,
        DB_INT,
        DB_BYTES, /* texts too */
    } type;
    int64_t number;
    struct esc_str bytes; /* borrowed during the call, or until the next step */
};
typedef void db_watch_fn(void *context, const char *table, const struct db_value *values,
                         size_t count, bool comes);
/** Asked before each commit; false undoes the transaction. */
typedef bool db_may_commit_fn(void *context);
void db_watch(struct db *db, db_watch_fn *fn, db_may_commit_fn *may_commit, void *context);
/** Whether something was changed since this was asked last that could not be told: there was no
 *  memory, or the table is none of ours. */
bool db_missed_change(struct db *db);

/** All columns of the row a select stands on; 0 when they are more than any table of ours has. */
size_t db_values(const struct db_statement *statement, struct db_value values[DB_VALUES]);

/** Asked when a write finds the disk full, between two calls of the store; true when there may be
 *  room now. */
typedef bool db_make_room_fn(void *context);
void db_on_full(struct db *db, db_make_room_fn *make_room, void *context);
