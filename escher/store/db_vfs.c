/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/db_vfs_private.h"

#include <errno.h>
#include <stdio.h>

#include <sqlite3.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"

/*
 * A copy of SQLite's default way to files whose only difference is in writing. Files are opened by
 * the original into the memory SQLite gives, then their table of methods is exchanged for a copy of
 * it, found again by its address; so nothing has to be kept in the file itself.
 */

enum {
    TABLES = 4, /* different tables of methods: a database and its log have one each */
};

struct table {
    sqlite3_io_methods methods; /* first: SQLite points to it */
    const sqlite3_io_methods *original;
    struct db_vfs *vfs;
};

struct db_vfs {
    sqlite3_vfs vfs; /* first: SQLite hands it to open */
    sqlite3_vfs *original;
    char name[32];
    struct table tables[TABLES];
    size_t count;
    db_make_room_fn *make_room;
    void *context;
};

/* A quota that is used up is a full disk to whom it is for; SQLite knows only the disk. */
static int write_once(const struct table *table, sqlite3_file *file, const void *bytes, int len,
                      sqlite3_int64 at)
{
    int last = 0;
    const int code = table->original->xWrite(file, bytes, len, at);
    if (code == SQLITE_IOERR_WRITE &&
        table->original->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &last) == SQLITE_OK &&
        last == EDQUOT)
        return SQLITE_FULL;
    return code;
}

static int write_file(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 at)
{
    const struct table *table = (const struct table *)(const void *)file->pMethods;
    const struct db_vfs *vfs = table->vfs;
    int code = write_once(table, file, bytes, len, at);
    if ((code & 0xFF) == SQLITE_FULL && vfs->make_room && vfs->make_room(vfs->context))
        code = write_once(table, file, bytes, len, at);
    return code;
}

static const struct table *table_for(struct db_vfs *vfs, const sqlite3_io_methods *original)
{
    for (size_t i = 0; i < vfs->count; i++)
        if (vfs->tables[i].original == original)
            return &vfs->tables[i];
    ESC_ASSERT(vfs->count < TABLES);
    struct table *table = &vfs->tables[vfs->count++];
    *table = (struct table){*original, original, vfs};
    table->methods.xWrite = write_file;
    return table;
}

static int open_file(sqlite3_vfs *self, const char *name, sqlite3_file *file, int flags,
                     int *out_flags)
{
    struct db_vfs *vfs = (struct db_vfs *)(void *)self;
    const int code = vfs->original->xOpen(vfs->original, name, file, flags, out_flags);
    if (code == SQLITE_OK && file->pMethods)
        file->pMethods = &table_for(vfs, file->pMethods)->methods;
    return code;
}

struct db_vfs *db_vfs_new(void)
{
    struct db_vfs *vfs = esc_alloc_zero(sizeof *vfs);
    vfs->original = sqlite3_vfs_find(NULL);
    ESC_ASSERT(vfs->original);
    vfs->vfs = *vfs->original;
    (void)snprintf(vfs->name, sizeof vfs->name, "escher %p", (void *)vfs);
    vfs->vfs.zName = vfs->name;
    vfs->vfs.pNext = NULL;
    vfs->vfs.xOpen = open_file;
    return vfs;
}

void db_vfs_free(struct db_vfs *vfs)
{
    free(vfs);
}

int db_vfs_open(struct db_vfs *vfs, const char *path, struct sqlite3 **out, int flags)
{
    int code = sqlite3_vfs_register(&vfs->vfs, 0);
    if (code != SQLITE_OK)
        return code;
    code = sqlite3_open_v2(path, out, flags, vfs->name);
    (void)sqlite3_vfs_unregister(&vfs->vfs); /* it is looked up by its name only here */
    return code;
}

void db_vfs_on_full(struct db_vfs *vfs, db_make_room_fn *make_room, void *context)
{
    vfs->make_room = make_room;
    vfs->context = context;
}
