/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/salvage.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/store/anchor.h"
#include "escher/store/audit_private.h"
#include "escher/store/collections_private.h"
#include "escher/store/header_private.h"
#include "escher/store/loose_private.h"

/* One salvage on its way. */
struct salvage {
    const struct esc_store_options *options;
    char *copy, *fresh;   /* of the damaged file with its log; the new one */
    struct db *db;        /* the new one, while it is filled */
    struct esc_buf state; /* what the damaged store said about its whole */
    enum esc_status status;
    struct esc_error *err;
    struct esc_salvaged found;
    struct esc_list opened; /* int64_t *: n of rows that opened, rising */
};

/* Filling */

static bool is_bytes(const struct loose_row *row, size_t column, size_t len)
{
    return row->values[column].type == DB_BYTES && (!len || row->values[column].bytes.len == len);
}

static bool are_numbers(const struct loose_row *row, size_t first, size_t last)
{
    for (size_t i = first; i <= last; i++)
        if (row->values[i].type != DB_INT)
            return false;
    return true;
}

/* The statement that takes a row, by its columns; NULL: it is of none of our tables. A row that is
 * found twice stands on an old page too: the later version is the right one. */
static const char *insert_for(const struct loose_row *row)
{
    if (row->n == 0)
        return row->count == 2 && is_bytes(row, 0, 0) && is_bytes(row, 1, 0)
                   ? "INSERT OR IGNORE INTO header VALUES (CAST(?1 AS TEXT), ?2)"
                   : NULL;
    if (row->count == 8 && is_bytes(row, 1, TAG_SIZE) && is_bytes(row, 2, BLIND_SIZE) &&
        are_numbers(row, 4, 6) && is_bytes(row, 7, 0))
        return "INSERT INTO rows VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO UPDATE SET"
               " version = ?6, key_id = ?5, sealed = ?8, parent = ?4, schema = ?7, tag = ?2"
               " WHERE version < ?6 AND id = ?3";
    if (row->count == 8 && are_numbers(row, 1, 1) && is_bytes(row, 2, 0) && are_numbers(row, 7, 7))
        return "INSERT OR IGNORE INTO slots VALUES (?1, ?2, CAST(?3 AS TEXT), CAST(?4 AS TEXT),"
               " CAST(?5 AS TEXT), ?6, ?7, ?8)";
    if (row->count == 7 && are_numbers(row, 1, 1) && is_bytes(row, 2, TAG_SIZE) &&
        is_bytes(row, 3, BLIND_SIZE) && are_numbers(row, 4, 5) && is_bytes(row, 6, 0))
        return "INSERT OR IGNORE INTO keys VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    if (row->count == 3 && is_bytes(row, 1, CHECK_SIZE) && are_numbers(row, 2, 2))
        return "INSERT OR IGNORE INTO keks VALUES (?1, ?2, ?3)";
    return NULL;
}

static void bind(struct db_statement *insert, int parameter, const struct db_value *value)
{
    if (value->type == DB_BYTES)
        db_bind_bytes(insert, parameter, value->bytes);
    else if (value->type == DB_INT)
        db_bind_int(insert, parameter, value->number);
    else
        db_bind_null(insert, parameter);
}

static void take_row(void *context, const struct loose_row *row)
{
    struct salvage *salvage = context;
    ESC_CLEANUP(db_releasep) struct db_statement *insert = NULL;
    const char *sql = insert_for(row);
    if (!sql || salvage->status != ESC_OK)
        return;
    if (row->n == 0 && esc_str_is(row->values[0].bytes, "state")) {
        esc_buf_reset(&salvage->state);
        esc_buf_add(&salvage->state, row->values[1].bytes);
        return; /* the new file has its own */
    }
    salvage->status = db_prepare(salvage->db, sql, &insert, salvage->err);
    if (salvage->status != ESC_OK)
        return;
    for (size_t i = 0; i < row->count; i++)
        bind(insert, (int)i + 1, &row->values[i]);
    if (row->n)
        db_bind_int(insert, 1, row->n);
    const enum esc_status status = db_execute(insert, salvage->err);
    if (status != ESC_CONFLICT) /* columns that cannot be: the row was damaged */
        salvage->status = status;
}

/* The log is moved into the copy, as far as SQLite can; without it the file is what it is. */
static enum esc_status copy_file(const char *from, const char *to, struct esc_error *err)
{
    char bytes[65536];
    ESC_CLEANUP(esc_fd_close) int in = open(from, O_RDONLY | O_CLOEXEC);
    ESC_CLEANUP(esc_fd_close) int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ssize_t len = in < 0 || out < 0 ? -1 : 1;
    enum esc_status status = ESC_OK;
    while (status == ESC_OK && len > 0) {
        len = read(in, bytes, sizeof bytes);
        if (len > 0)
            status = esc_file_write_fd(out, (struct esc_str){bytes, (size_t)len}, err);
    }
    return len < 0 ? esc_fail(err, ESC_IO, "%s: %s", from, strerror(errno)) : status;
}

static enum esc_status make_copy(const struct salvage *salvage, struct esc_error *err)
{
    struct db *db = NULL;
    ESC_CLEANUP(esc_freep) char *log = esc_sprintf("%s-wal", salvage->options->path);
    ESC_CLEANUP(esc_freep) char *log_copy = esc_sprintf("%s-wal", salvage->copy);
    enum esc_status status = copy_file(salvage->options->path, salvage->copy, err);
    if (status == ESC_OK && esc_file_exists(log))
        status = copy_file(log, log_copy, err);
    if (status == ESC_OK && db_open(salvage->copy, DB_OPEN, &db, NULL) == ESC_OK) {
        (void)db_scrub(db, NULL);
        db_close(db);
    }
    return status;
}

static enum esc_status read_copy(struct salvage *salvage, struct esc_error *err)
{
    struct stat file;
    ESC_CLEANUP(esc_fd_close) int fd = open(salvage->copy, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &file) != 0)
        return esc_fail(err, ESC_IO, "%s: %s", salvage->copy, strerror(errno));
    const size_t len = (size_t)file.st_size;
    if (len < LOOSE_PAGE)
        return esc_fail(err, ESC_CORRUPT, "%s has not even one page", salvage->options->path);
    const char *bytes = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return esc_fail(err, ESC_IO, "%s: %s", salvage->copy, strerror(errno));
    loose_rows((struct esc_str){bytes, len}, take_row, salvage);
    (void)munmap((void *)(uintptr_t)bytes, len);
    return salvage->status;
}

static enum esc_status fill(struct salvage *salvage, struct esc_error *err)
{
    ESC_CLEANUP(esc_fd_close)
    int fd = open(salvage->fresh, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return esc_fail(err, ESC_IO, "%s: %s", salvage->fresh, strerror(errno));
    enum esc_status status = db_open(salvage->fresh, DB_CREATE, &salvage->db, err);
    if (status == ESC_OK)
        status = db_run(salvage->db, "BEGIN IMMEDIATE", err);
    if (status == ESC_OK)
        status = header_make_tables(salvage->db, err);
    if (status == ESC_OK)
        status = read_copy(salvage, err);
    if (status == ESC_OK)
        status = db_run(salvage->db, "COMMIT", err);
    db_close(ESC_STEAL(salvage->db));
    return status;
}

/* Sorting out */

static enum esc_status keep_row(void *context, const char *collection, const struct row *row,
                                bool *, struct esc_error *)
{
    struct salvage *salvage = context;
    struct esc_json *counts = salvage->found.collections;
    int64_t *n = esc_alloc(sizeof *n);
    *n = row->n;
    esc_list_push(&salvage->opened, n);
    esc_json_set_int(counts, collection,
                     esc_json_num(esc_json_member(counts, collection), "", 0) + 1);
    salvage->found.kept++;
    return ESC_OK;
}

/* The rows that did not open go. */
static enum esc_status list_others(const struct salvage *salvage, struct esc_store *store,
                                   struct esc_list *out, struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    size_t next = 0;
    bool is_row = true;
    enum esc_status status = db_prepare(store->db, "SELECT n FROM rows ORDER BY n", &select, err);
    while (status == ESC_OK) {
        status = db_step(select, &is_row, err);
        if (status != ESC_OK || !is_row)
            break;
        const int64_t n = db_int(select, 0);
        if (next < salvage->opened.count && *(int64_t *)salvage->opened.items[next] == n) {
            next++;
            continue;
        }
        int64_t *other = esc_alloc(sizeof *other);
        *other = n;
        esc_list_push(out, other);
    }
    return status;
}

static enum esc_status drop_others(struct salvage *salvage, struct esc_store *store,
                                   struct esc_error *err)
{
    struct esc_list others;
    esc_list_init(&others, free);
    enum esc_status status = list_others(salvage, store, &others, err);
    for (size_t i = 0; i < others.count && status == ESC_OK; i++)
        status = row_delete_at(store, *(int64_t *)others.items[i], err);
    salvage->found.damaged = others.count;
    esc_list_done(&others);
    return status;
}

/* How many rows all tables had, against how many were found. */
static void count_missing(struct salvage *salvage, struct esc_store *store)
{
    struct total had;
    const uint64_t has = state_total(store->state).rows;
    if (!state_look(store, esc_buf_str(&salvage->state), &had))
        return;
    salvage->found.knows_missing = true;
    salvage->found.missing = had.rows > has ? had.rows - has : 0;
}

static void note_it(const struct salvage *salvage, struct esc_store *store)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *event = esc_json_object();
    esc_json_set_text(event, "kind", "salvaged");
    esc_json_set_text(event, "text", "what could be read of a damaged store");
    esc_json_set_int(event, "kept", (int64_t)salvage->found.kept);
    esc_json_set_int(event, "damaged", (int64_t)salvage->found.damaged);
    if (salvage->found.knows_missing)
        esc_json_set_int(event, "missing", (int64_t)salvage->found.missing);
    (void)esc_store_audit_append(store, event, NULL, NULL); /* its own end may be what is lost */
}

static enum esc_status sort_out(struct salvage *salvage, struct esc_store *store,
                                struct esc_error *err)
{
    struct esc_store_tally tally;
    count_missing(salvage, store);
    enum esc_status status = collections_open_all(store, keep_row, salvage, &tally, err);
    if (status == ESC_OK)
        status = esc_store_begin(store, err);
    if (status != ESC_OK)
        return status;
    status = drop_others(salvage, store, err);
    if (status == ESC_OK)
        status = audit_mend_head(store, err);
    if (status != ESC_OK) {
        esc_store_rollback(store);
        return status;
    }
    status = esc_store_commit(store, err);
    if (status == ESC_OK) {
        note_it(salvage, store);
        status = db_scrub(store->db, err);
    }
    return status;
}

/* Changing places, while the new store is open and holds the lock */

static enum esc_status move(const char *from, const char *to, struct esc_error *err)
{
    return rename(from, to) == 0 ? ESC_OK : esc_fail(err, ESC_IO, "%s: %s", from, strerror(errno));
}

static enum esc_status sync_folder(const char *path, struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *folder = esc_path_folder(path);
    ESC_CLEANUP(esc_fd_close) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        return esc_fail(err, ESC_IO, "%s: %s", folder, strerror(errno));
    return ESC_OK;
}

static enum esc_status change_places(struct salvage *salvage, struct esc_error *err)
{
    const char *path = salvage->options->path;
    char when[ESC_TIME_TEXT];
    const struct esc_clock *clock = salvage->options->clock;
    esc_time_format_basic(esc_clock_wall_ms(clock ? clock : esc_clock_system()), when);
    ESC_CLEANUP(esc_freep) char *aside = esc_sprintf("%s.damaged-%s", path, when);
    ESC_CLEANUP(esc_freep) char *log = esc_sprintf("%s-wal", path);
    ESC_CLEANUP(esc_freep) char *log_aside = esc_sprintf("%s-wal", aside);
    if (esc_file_exists(aside))
        return esc_fail(err, ESC_EXISTS, "%s is there already", aside);
    enum esc_status status = esc_file_exists(log) ? move(log, log_aside, err) : ESC_OK;
    if (status == ESC_OK)
        status = move(path, aside, err);
    if (status == ESC_OK) /* or the old log could come back beside the new file */
        status = sync_folder(path, err);
    if (status == ESC_OK)
        status = move(salvage->fresh, path, err);
    if (status == ESC_OK)
        status = sync_folder(path, err);
    (void)snprintf(salvage->found.aside, sizeof salvage->found.aside, "%s",
                   strrchr(aside, '/') ? strrchr(aside, '/') + 1 : aside);
    return status;
}

static enum esc_status salvage_it(struct salvage *salvage, struct esc_error *err)
{
    struct esc_store *store = NULL;
    struct esc_store_options options = *salvage->options;
    options.path = salvage->fresh;
    options.create = options.anchor = false;
    options.ballast_path = NULL;
    if (!esc_file_exists(salvage->options->path))
        return esc_fail(err, ESC_NOT_FOUND, "there is no store at %s", salvage->options->path);
    enum esc_status status = make_copy(salvage, err);
    if (status == ESC_OK)
        status = fill(salvage, err);
    if (status == ESC_OK)
        status = esc_store_open(&options, &store, err);
    if (status == ESC_OK)
        status = sort_out(salvage, store, err);
    if (status == ESC_OK)
        status = change_places(salvage, err);
    esc_store_close(store);
    return status == ESC_OK && salvage->options->anchor
               ? esc_store_anchor_accept(salvage->options, err)
               : status;
}

static void remove_all(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < ESC_COUNT(ends); i++) {
        ESC_CLEANUP(esc_freep) char *file = esc_sprintf("%s%s", path, ends[i]);
        (void)esc_file_remove(file, NULL); /* ours, and of no more use */
    }
}

enum esc_status esc_store_salvage(const struct esc_store_options *options, struct esc_salvaged *out,
                                  struct esc_error *err)
{
    struct salvage salvage = {.options = options, .err = err};
    salvage.copy = esc_sprintf("%s.salvage-copy", options->path);
    salvage.fresh = esc_sprintf("%s.salvaged", options->path);
    salvage.found.collections = esc_json_object();
    esc_buf_init(&salvage.state, 1024);
    esc_list_init(&salvage.opened, free);
    remove_all(salvage.copy);
    remove_all(salvage.fresh);
    enum esc_status status = salvage_it(&salvage, err);
    remove_all(salvage.copy);
    remove_all(salvage.fresh);
    if (status == ESC_OK)
        *out = salvage.found;
    else
        esc_json_free(salvage.found.collections);
    esc_list_done(&salvage.opened);
    esc_buf_done(&salvage.state);
    free(salvage.copy);
    free(salvage.fresh);
    return status;
}
