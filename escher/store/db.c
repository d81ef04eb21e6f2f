/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/db_private.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define SQLITE_ENABLE_PREUPDATE_HOOK /* the library has it; else nothing opens */
#include <sqlite3.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/buf.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/list.h"
#include "escher/base/str.h"
#include "escher/store/db_vfs_private.h"

struct db {
    sqlite3 *handle;
    char *path;
    struct esc_list statements; /* struct db_statement, prepared so far */
    bool did_fail_commit;       /* what it wrote may be whole in the log all the same */
    struct {
        db_watch_fn *fn; /* NULL: nobody watches */
        db_may_commit_fn *may_commit;
        void *context;
        bool missed;
    } watch;
    struct db_vfs *vfs; /* of an open store; NULL: SQLite's own */
};

struct db_statement {
    sqlite3_stmt *handle;
    struct db *db;
    const char *sql;
    bool in_use;
    int bound; /* the first failure of binding, told by the next step */
};

static void statement_free(void *item)
{
    struct db_statement *statement = item;
    sqlite3_finalize(statement->handle); /* repeats an error that was told when it happened */
    free(statement);
}

/* SQLite's answer in our words. */
static enum esc_status explain(const struct db *db, int code, struct esc_error *err)
{
    const char *text = db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(code);
    int system = db->handle ? sqlite3_system_errno(db->handle) : 0;
    switch (code & 0xFF) {
    case SQLITE_FULL:
        return esc_fail(err, ESC_IO, "the disk is full; make room and try again: %s", db->path);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return esc_fail(err, ESC_LOCKED, "another process uses %s", db->path);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return esc_fail(err, ESC_CORRUPT, "%s is damaged: %s", db->path, text);
    case SQLITE_TOOBIG:
        return esc_fail(err, ESC_LIMIT, "too large for %s", db->path);
    case SQLITE_CANTOPEN:
        return esc_fail(err, system == ENOENT ? ESC_NOT_FOUND : ESC_IO, "cannot open %s: %s",
                        db->path, system ? strerror(system) : text);
    case SQLITE_CONSTRAINT:
        return esc_fail(err, ESC_CONFLICT, "%s: %s", db->path, text);
    default:
        return esc_fail(err, ESC_IO, "%s: %s%s%s", db->path, text, system ? ": " : "",
                        system ? strerror(system) : "");
    }
}

/* The high-security column of the SQLite documentation, as far as our rows allow it.
 * @source sqlite.org, "Defense Against The Dark Arts" */
static void restrict_handle(sqlite3 *handle)
{
    static const int switches[][2] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},
        {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
        {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
        {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
        {SQLITE_DBCONFIG_DQS_DDL, 0},
        {SQLITE_DBCONFIG_DQS_DML, 0},
    };
    static const int limits[][2] = {
        {SQLITE_LIMIT_LENGTH, ESC_MAX_JSON},
        {SQLITE_LIMIT_SQL_LENGTH, 10000},
        {SQLITE_LIMIT_COLUMN, 100},
        {SQLITE_LIMIT_EXPR_DEPTH, 20},
        {SQLITE_LIMIT_COMPOUND_SELECT, 3},
        {SQLITE_LIMIT_VDBE_OP, 25000},
        {SQLITE_LIMIT_FUNCTION_ARG, 8},
        {SQLITE_LIMIT_ATTACHED, 0},
        {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50},
        {SQLITE_LIMIT_VARIABLE_NUMBER, 16},
        {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
    };
    for (size_t i = 0; i < ESC_COUNT(switches); i++)
        (void)sqlite3_db_config(handle, switches[i][0], switches[i][1], NULL);
    for (size_t i = 0; i < ESC_COUNT(limits); i++)
        (void)sqlite3_limit(handle, limits[i][0], limits[i][1]);
}

/* The path as a file: URI that SQLite takes for immutable. Owned by the caller. */
static char *immutable_uri(const char *path)
{
    struct esc_buf uri;
    esc_buf_init(&uri, ESC_MAX_LINE);
    esc_buf_add_text(&uri, "file:");
    for (; *path; path++) {
        if (esc_is_alnum(*path) || strchr("/-_.", *path))
            esc_buf_add_char(&uri, *path);
        else
            esc_buf_printf(&uri, "%%%02x", (unsigned char)*path);
    }
    esc_buf_add_text(&uri, "?immutable=1");
    return esc_buf_take(&uri);
}

static bool has_log(const char *path)
{
    struct stat log;
    ESC_CLEANUP(esc_freep) char *name = esc_sprintf("%s-wal", path);
    return stat(name, &log) == 0 && log.st_size > 0;
}

/*
 * Looking without a trace. After a clean close there is no log and the file is all there is: it
 * is read as immutable (an ordinary open would create an empty log). After a crash the log has
 * to be read too; then it is there already, and nothing is moved out of it on close.
 */
static int open_handle(struct db *db, enum db_mode mode)
{
    const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (mode == DB_PEEK && !has_log(db->path)) {
        ESC_CLEANUP(esc_freep) char *uri = immutable_uri(db->path);
        return sqlite3_open_v2(uri, &db->handle, flags | SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
                               NULL);
    }
    if (mode == DB_OPEN) {
        db->vfs = db_vfs_new();
        return db_vfs_open(db->vfs, db->path, &db->handle, flags | SQLITE_OPEN_READWRITE);
    }
    int code = sqlite3_open_v2(db->path, &db->handle, flags | SQLITE_OPEN_READWRITE, NULL);
    if (code == SQLITE_OK && mode == DB_PEEK)
        code = sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return code;
}

/* SQLite takes a last page that was cut for a whole one. */
static enum esc_status check_size(struct db *db, struct esc_error *err)
{
    static const char sql[] = "SELECT page_count * page_size FROM pragma_page_count,"
                              " pragma_page_size";
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    bool is_row = false;
    struct stat file;
    if (has_log(db->path) || stat(db->path, &file) != 0)
        return ESC_OK; /* what is not in the file yet is in its log */
    enum esc_status status = db_prepare(db, sql, &select, err);
    if (status == ESC_OK)
        status = db_step(select, &is_row, err);
    if (status == ESC_OK && (!is_row || db_int(select, 0) != file.st_size))
        return esc_fail(err, ESC_CORRUPT, "%s is cut short", db->path);
    return status;
}

/* The log is moved into the file 32 MB at a time: each move waits for the disk once more. */
static enum esc_status configure(struct db *db, enum db_mode mode, struct esc_error *err)
{
    restrict_handle(db->handle);
    enum esc_status status = ESC_OK;
    if (mode == DB_PEEK) {
        status = db_run(db, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA cell_size_check = ON", err);
        return status == ESC_OK ? check_size(db, err) : status;
    }
    if (mode == DB_CREATE)
        status = db_run(db, "PRAGMA page_size = 8192", err);
    if (status == ESC_OK)
        status = db_run(db,
                        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
                        "PRAGMA synchronous = FULL; PRAGMA cell_size_check = ON;"
                        "PRAGMA mmap_size = 0; PRAGMA secure_delete = ON;"
                        "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192;"
                        "PRAGMA wal_autocheckpoint = 4000",
                        err);
    return status;
}

enum esc_status db_open(const char *path, enum db_mode mode, struct db **out, struct esc_error *err)
{
    ESC_CLEANUP(db_closep) struct db *db = esc_alloc_zero(sizeof *db);
    db->path = esc_strdup(path);
    esc_list_init(&db->statements, statement_free);
    int code = open_handle(db, mode);
    if (code != SQLITE_OK)
        return explain(db, code, err);
    enum esc_status status = configure(db, mode, err);
    if (status != ESC_OK)
        return status;
    *out = ESC_STEAL(db);
    return ESC_OK;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    esc_list_done(&db->statements);
    int code = sqlite3_close(db->handle);
    ESC_ASSERT(code == SQLITE_OK); /* every statement is finalized */
    /* SQLite removes the log when it closes, but not for good: when the power goes now it may be
     * back, with what was said to have failed. */
    if (db->did_fail_commit)
        (void)esc_file_sync_folder_of(db->path, NULL); /* nobody is left who could be told */
    db_vfs_free(db->vfs);
    free(db->path);
    free(db);
}

enum esc_status db_run(struct db *db, const char *sql, struct esc_error *err)
{
    int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    db->did_fail_commit |= code != SQLITE_OK && strcmp(sql, "COMMIT") == 0;
    return code == SQLITE_OK ? ESC_OK : explain(db, code, err);
}

bool db_in_transaction(const struct db *db)
{
    return !sqlite3_get_autocommit(db->handle);
}

int64_t db_last_id(const struct db *db)
{
    return sqlite3_last_insert_rowid(db->handle);
}

enum esc_status db_scrub(struct db *db, struct esc_error *err)
{
    int code = sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return code == SQLITE_OK ? ESC_OK : explain(db, code, err);
}

enum esc_status db_prepare(struct db *db, const char *sql, struct db_statement **out,
                           struct esc_error *err)
{
    for (size_t i = 0; i < db->statements.count; i++) {
        struct db_statement *kept = db->statements.items[i];
        if (!kept->in_use && strcmp(kept->sql, sql) == 0) {
            kept->in_use = true;
            *out = kept;
            return ESC_OK;
        }
    }
    sqlite3_stmt *handle = NULL;
    int code = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, NULL);
    if (code != SQLITE_OK)
        return explain(db, code, err);
    struct db_statement *statement = esc_alloc(sizeof *statement);
    *statement = (struct db_statement){handle, db, sql, true, SQLITE_OK};
    esc_list_push(&db->statements, statement);
    *out = statement;
    return ESC_OK;
}

void db_release(struct db_statement *statement)
{
    if (!statement)
        return;
    (void)sqlite3_reset(statement->handle); /* repeats an error that was told by step */
    (void)sqlite3_clear_bindings(statement->handle);
    statement->bound = SQLITE_OK;
    statement->in_use = false;
}

void db_bind_int(struct db_statement *statement, int parameter, int64_t value)
{
    ESC_ASSERT(sqlite3_bind_int64(statement->handle, parameter, value) == SQLITE_OK);
}

/* Bytes may be too long and copies may find no memory. A parameter that is not bound is NULL, which
 * asks for something else, so the statement does not run then. */
static void remember_bound(struct db_statement *statement, int code)
{
    ESC_ASSERT(code == SQLITE_OK || code == SQLITE_TOOBIG || code == SQLITE_NOMEM);
    if (statement->bound == SQLITE_OK)
        statement->bound = code;
}

void db_bind_bytes(struct db_statement *statement, int parameter, struct esc_str bytes)
{
    remember_bound(statement,
                   sqlite3_bind_blob64(statement->handle, parameter, bytes.ptr ? bytes.ptr : "",
                                       bytes.len, SQLITE_STATIC));
}

void db_bind_copy(struct db_statement *statement, int parameter, struct esc_str bytes)
{
    remember_bound(statement, sqlite3_bind_blob64(statement->handle, parameter, bytes.ptr,
                                                  bytes.len, SQLITE_TRANSIENT));
}

void db_bind_text(struct db_statement *statement, int parameter, const char *text)
{
    ESC_ASSERT(sqlite3_bind_text(statement->handle, parameter, text, -1, SQLITE_STATIC) ==
               SQLITE_OK);
}

void db_bind_null(struct db_statement *statement, int parameter)
{
    ESC_ASSERT(sqlite3_bind_null(statement->handle, parameter) == SQLITE_OK);
}

enum esc_status db_step(struct db_statement *statement, bool *is_row, struct esc_error *err)
{
    int code = statement->bound;
    if (code == SQLITE_OK)
        code = sqlite3_step(statement->handle);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return explain(statement->db, code, err);
    *is_row = code == SQLITE_ROW;
    return ESC_OK;
}

enum esc_status db_execute(struct db_statement *statement, struct esc_error *err)
{
    bool is_row = false;
    enum esc_status status = db_step(statement, &is_row, err);
    ESC_ASSERT(status != ESC_OK || !is_row);
    return status;
}

int64_t db_int(const struct db_statement *statement, int column)
{
    return sqlite3_column_int64(statement->handle, column);
}

struct esc_str db_bytes(const struct db_statement *statement, int column)
{
    const void *bytes = sqlite3_column_blob(statement->handle, column);
    return (struct esc_str){bytes, (size_t)sqlite3_column_bytes(statement->handle, column)};
}

/* Copying */

struct db_backup {
    sqlite3_backup *handle;
    struct db *to;
};

/* A file that is thrown away unless it becomes whole needs no journal, and nobody else opens it. */
static enum esc_status open_copy(const char *path, struct db **out, struct esc_error *err)
{
    ESC_CLEANUP(db_closep) struct db *db = esc_alloc_zero(sizeof *db);
    db->path = esc_strdup(path);
    esc_list_init(&db->statements, statement_free);
    const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_READWRITE;
    const int code = sqlite3_open_v2(path, &db->handle, flags, NULL);
    if (code != SQLITE_OK)
        return explain(db, code, err);
    restrict_handle(db->handle);
    const enum esc_status status = db_run(db,
                                          "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
                                          "PRAGMA cache_size = -2048",
                                          err);
    if (status == ESC_OK)
        *out = ESC_STEAL(db);
    return status;
}

enum esc_status db_backup_start(struct db *db, const char *path, struct db_backup **out,
                                struct esc_error *err)
{
    struct db *to = NULL;
    enum esc_status status = open_copy(path, &to, err);
    if (status != ESC_OK)
        return status;
    sqlite3_backup *handle = sqlite3_backup_init(to->handle, "main", db->handle, "main");
    if (!handle) {
        status = explain(to, sqlite3_errcode(to->handle), err);
        db_close(to);
        return status;
    }
    struct db_backup *backup = esc_alloc_zero(sizeof *backup);
    *backup = (struct db_backup){handle, to};
    *out = backup;
    return ESC_OK;
}

enum esc_status db_backup_step(struct db_backup *backup, int pages, bool *done,
                               struct esc_error *err)
{
    const int code = sqlite3_backup_step(backup->handle, pages);
    *done = code == SQLITE_DONE;
    switch (code & 0xFF) {
    case SQLITE_OK:
    case SQLITE_DONE:
    case SQLITE_BUSY: /* we are writing: the next step goes on */
    case SQLITE_LOCKED:
        return ESC_OK;
    default:
        return explain(backup->to, code, err);
    }
}

void db_backup_progress(const struct db_backup *backup, uint64_t *total, uint64_t *left)
{
    *total = (uint64_t)sqlite3_backup_pagecount(backup->handle);
    *left = (uint64_t)sqlite3_backup_remaining(backup->handle);
}

enum esc_status db_backup_end(struct db_backup *backup, struct esc_error *err)
{
    if (!backup)
        return ESC_OK;
    const int code = sqlite3_backup_finish(backup->handle);
    const enum esc_status status = code == SQLITE_OK ? ESC_OK : explain(backup->to, code, err);
    db_close(backup->to);
    free(backup);
    return status;
}

/* Watching */

static struct db_value value_of(sqlite3_value *value)
{
    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
        return (struct db_value){.type = DB_INT, .number = sqlite3_value_int64(value)};
    case SQLITE_NULL:
        return (struct db_value){.type = DB_NULL};
    default:
        break;
    }
    const void *bytes = sqlite3_value_blob(value); /* before its length */
    return (struct db_value){.type = DB_BYTES,
                             .bytes = {bytes ? bytes : "", (size_t)sqlite3_value_bytes(value)}};
}

size_t db_values(const struct db_statement *statement, struct db_value values[DB_VALUES])
{
    const int count = sqlite3_column_count(statement->handle);
    if (count > DB_VALUES)
        return 0;
    for (int i = 0; i < count; i++)
        values[i] = value_of(sqlite3_column_value(statement->handle, i));
    return (size_t)count;
}

/* One side of a change, told to who watches. */
static void tell_side(struct db *db, const char *table, bool comes)
{
    struct db_value values[DB_VALUES];
    const int count = sqlite3_preupdate_count(db->handle);
    db->watch.missed |= count > DB_VALUES;
    for (int i = 0; i < count && count <= DB_VALUES; i++) {
        sqlite3_value *value = NULL;
        const int code = comes ? sqlite3_preupdate_new(db->handle, i, &value)
                               : sqlite3_preupdate_old(db->handle, i, &value);
        if (code != SQLITE_OK) {
            db->watch.missed = true;
            return;
        }
        values[i] = value_of(value);
    }
    if (count <= DB_VALUES)
        db->watch.fn(db->watch.context, table, values, (size_t)count, comes);
}

static void on_change(void *context, sqlite3 *handle, int operation, const char *name,
                      const char *table, sqlite3_int64, sqlite3_int64)
{
    struct db *db = context;
    ESC_ASSERT(handle == db->handle);
    if (strcmp(name, "main") != 0)
        return; /* a temporary table */
    if (operation != SQLITE_INSERT)
        tell_side(db, table, false);
    if (operation != SQLITE_DELETE)
        tell_side(db, table, true);
}

static int on_commit(void *context)
{
    struct db *db = context;
    const bool may = !db->watch.missed && db->watch.may_commit(db->watch.context);
    return may ? 0 : 1;
}

void db_watch(struct db *db, db_watch_fn *fn, db_may_commit_fn *may_commit, void *context)
{
    db->watch.fn = fn;
    db->watch.may_commit = may_commit;
    db->watch.context = context;
    (void)sqlite3_preupdate_hook(db->handle, on_change, db); /* the one before: there was none */
    (void)sqlite3_commit_hook(db->handle, on_commit, db);
}

bool db_missed_change(struct db *db)
{
    const bool missed = db->watch.missed;
    db->watch.missed = false;
    return missed;
}

void db_on_full(struct db *db, db_make_room_fn *make_room, void *context)
{
    ESC_ASSERT(db->vfs);
    db_vfs_on_full(db->vfs, make_room, context);
}
