/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/vfs_sim.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/file.h"
#include "escher/base/id.h"
#include "escher/base/limits.h"
#include "escher/base/list.h"

struct vfs_sim {
    char *folder;
    struct vfs_device device;
    struct esc_list acts;  /* struct vfs_act */
    struct esc_list names; /* struct name: what is in the folder now */
    size_t file_count, open_count;
    struct vfs_fault fault;
    uint64_t calls;
};

struct name {
    char *text;
    size_t file;
};

/* A file as SQLite sees it: ours in front, the real one behind it. */
struct sim_file {
    sqlite3_file base;
    struct vfs_sim *sim; /* NULL: passed through */
    size_t number;
    bool wants_folder_sync; /* as the real one does with its first sync of a new log or journal */
};

static sqlite3_vfs *real;
static sqlite3_vfs ours;
static struct vfs_sim *active;
static struct esc_random_seeded salts;

static void act_free(void *item)
{
    struct vfs_act *act = item;
    free(act->name);
    free(act->new_name);
    free(act->bytes);
    free(act);
}

static void name_free(void *item)
{
    struct name *name = item;
    free(name->text);
    free(name);
}

static struct vfs_act *add_act(struct vfs_sim *sim, enum vfs_act_kind kind, size_t file)
{
    struct vfs_act *act = esc_alloc_zero(sizeof *act);
    act->kind = kind;
    act->file = file;
    esc_list_push(&sim->acts, act);
    return act;
}

/* Names in the folder */

/* The name of @p path in the folder, or NULL when it lies elsewhere. */
static const char *inside(const struct vfs_sim *sim, const char *path)
{
    const size_t len = sim ? strlen(sim->folder) : 0;
    if (!sim || !path || strncmp(path, sim->folder, len) != 0 || path[len] != '/')
        return NULL;
    return strchr(path + len + 1, '/') ? NULL : path + len + 1;
}

static struct name *find_name(const struct vfs_sim *sim, const char *text)
{
    for (size_t i = 0; i < sim->names.count; i++) {
        struct name *name = sim->names.items[i];
        if (strcmp(name->text, text) == 0)
            return name;
    }
    return NULL;
}

static void drop_name(struct vfs_sim *sim, const char *text)
{
    struct name *name = find_name(sim, text);
    if (!name)
        return;
    (void)esc_list_drop(&sim->names, name); /* it is there: found above */
    name_free(name);
}

/* The number of the file called @p text, a new one when nobody has heard of it yet. */
static size_t number_of(struct vfs_sim *sim, const char *text)
{
    struct name *name = find_name(sim, text);
    if (!name) {
        name = esc_alloc(sizeof *name);
        *name = (struct name){esc_strdup(text), sim->file_count++};
        esc_list_push(&sim->names, name);
        add_act(sim, VFS_CREATE, name->file)->name = esc_strdup(text);
    }
    return name->file;
}

/* Failing */

enum call {
    CALL_OPEN,
    CALL_READ,
    CALL_WRITE,
    CALL_TRUNCATE,
    CALL_SYNC,
    CALL_DELETE,
    CALL_ACCESS,
    CALL_SIZE,
    CALL_COUNT,
};

static const int failures[CALL_COUNT] = {
    [CALL_OPEN] = SQLITE_CANTOPEN,       [CALL_READ] = SQLITE_IOERR_READ,
    [CALL_WRITE] = SQLITE_IOERR_WRITE,   [CALL_TRUNCATE] = SQLITE_IOERR_TRUNCATE,
    [CALL_SYNC] = SQLITE_IOERR_FSYNC,    [CALL_DELETE] = SQLITE_IOERR_DELETE,
    [CALL_ACCESS] = SQLITE_IOERR_ACCESS, [CALL_SIZE] = SQLITE_IOERR_FSTAT,
};

static const unsigned hits[] = {
    [VFS_EIO] = (1u << CALL_COUNT) - 1,
    [VFS_ENOSPC] = 1u << CALL_OPEN | 1u << CALL_WRITE | 1u << CALL_TRUNCATE | 1u << CALL_SYNC,
    [VFS_SHORT_WRITE] = 1u << CALL_WRITE,
};

/* What the call answers now: SQLITE_OK when nothing is wrong. */
static int answer(struct vfs_sim *sim, enum call call)
{
    if (!sim || !sim->fault.at || !(hits[sim->fault.kind] & 1u << call))
        return SQLITE_OK;
    sim->calls++;
    if (sim->calls != sim->fault.at && !(sim->fault.forever && sim->calls > sim->fault.at))
        return SQLITE_OK;
    return call == CALL_WRITE && sim->fault.kind != VFS_EIO ? SQLITE_FULL : failures[call];
}

void vfs_sim_fail(struct vfs_sim *sim, struct vfs_fault fault)
{
    sim->fault = fault;
    sim->calls = 0;
}

uint64_t vfs_sim_calls(const struct vfs_sim *sim)
{
    return sim->calls;
}

/* Files */

static struct sim_file *ours_of(sqlite3_file *file)
{
    return (struct sim_file *)(void *)file;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
    return (sqlite3_file *)(void *)(ours_of(file) + 1);
}

static int close_file(sqlite3_file *file)
{
    struct sim_file *mine = ours_of(file);
    if (mine->sim)
        mine->sim->open_count--;
    return real_of(file)->pMethods->xClose(real_of(file));
}

static int read_file(sqlite3_file *file, void *bytes, int len, sqlite3_int64 at)
{
    const int code = answer(ours_of(file)->sim, CALL_READ);
    return code != SQLITE_OK ? code : real_of(file)->pMethods->xRead(real_of(file), bytes, len, at);
}

static int pass_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 at)
{
    const struct sim_file *mine = ours_of(file);
    const int code = real_of(file)->pMethods->xWrite(real_of(file), bytes, len, at);
    if (mine->sim && code == SQLITE_OK && len > 0) {
        struct vfs_act *act = add_act(mine->sim, VFS_WRITE, mine->number);
        act->at = (uint64_t)at;
        act->len = (size_t)len;
        act->bytes = esc_alloc(act->len);
        memcpy(act->bytes, bytes, act->len);
    }
    return code;
}

static int write_file(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 at)
{
    const struct vfs_sim *sim = ours_of(file)->sim;
    const int code = answer(ours_of(file)->sim, CALL_WRITE);
    if (code == SQLITE_OK)
        return pass_write(file, bytes, len, at);
    if (sim->fault.kind == VFS_SHORT_WRITE)
        (void)pass_write(file, bytes, len / 2, at); /* the answer is a failure anyway */
    return code;
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 size)
{
    const struct sim_file *mine = ours_of(file);
    int code = answer(mine->sim, CALL_TRUNCATE);
    if (code == SQLITE_OK)
        code = real_of(file)->pMethods->xTruncate(real_of(file), size);
    if (mine->sim && code == SQLITE_OK)
        add_act(mine->sim, VFS_TRUNCATE, mine->number)->at = (uint64_t)size;
    return code;
}

static int sync_file(sqlite3_file *file, int)
{
    struct sim_file *mine = ours_of(file);
    const int code = answer(mine->sim, CALL_SYNC);
    if (!mine->sim)
        return SQLITE_OK; /* images need not last */
    (void)add_act(mine->sim, code == SQLITE_OK ? VFS_SYNC : VFS_SYNC_FAILED, mine->number);
    if (code == SQLITE_OK && mine->wants_folder_sync) {
        (void)add_act(mine->sim, VFS_SYNC_FOLDER, 0);
        mine->wants_folder_sync = false;
    }
    return code;
}

static int size_of_file(sqlite3_file *file, sqlite3_int64 *size)
{
    const int code = answer(ours_of(file)->sim, CALL_SIZE);
    return code != SQLITE_OK ? code : real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int lock_file(sqlite3_file *file, int lock)
{
    return real_of(file)->pMethods->xLock(real_of(file), lock);
}

static int unlock_file(sqlite3_file *file, int lock)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), lock);
}

static int check_lock(sqlite3_file *file, int *is_reserved)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), is_reserved);
}

static int control_file(sqlite3_file *file, int operation, void *argument)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}

static int sector_size(sqlite3_file *file)
{
    const struct vfs_sim *sim = ours_of(file)->sim;
    return sim ? sim->device.sector : real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int device_characteristics(sqlite3_file *file)
{
    const struct vfs_sim *sim = ours_of(file)->sim;
    const int told = real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
    return sim && !sim->device.keeps_neighbours ? told & ~SQLITE_IOCAP_POWERSAFE_OVERWRITE : told;
}

/* Version 1: no shared memory, no mapping. The store is to need neither. */
static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = size_of_file,
    .xLock = lock_file,
    .xUnlock = unlock_file,
    .xCheckReservedLock = check_lock,
    .xFileControl = control_file,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = device_characteristics,
};

/* The VFS */

static int open_file(sqlite3_vfs *, const char *path, sqlite3_file *file, int flags, int *got)
{
    const int logs = SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL;
    struct sim_file *mine = ours_of(file);
    const char *name = inside(active, path);
    *mine = (struct sim_file){.sim = name ? active : NULL};
    int code = answer(mine->sim, CALL_OPEN);
    if (code == SQLITE_OK)
        code = real->xOpen(real, path, real_of(file), flags, got);
    if (code != SQLITE_OK)
        return code;
    mine->base.pMethods = &methods;
    if (mine->sim) {
        mine->sim->open_count++;
        mine->number = number_of(mine->sim, name);
        mine->wants_folder_sync = flags & SQLITE_OPEN_CREATE && flags & logs;
    }
    return SQLITE_OK;
}

static int delete_file(sqlite3_vfs *, const char *path, int sync_folder)
{
    const char *name = inside(active, path);
    int code = answer(name ? active : NULL, CALL_DELETE);
    if (code == SQLITE_OK)
        code = real->xDelete(real, path, 0);
    if (code != SQLITE_OK || !name)
        return code;
    add_act(active, VFS_DELETE, 0)->name = esc_strdup(name);
    drop_name(active, name);
    if (sync_folder)
        (void)add_act(active, VFS_SYNC_FOLDER, 0);
    return SQLITE_OK;
}

static int access_file(sqlite3_vfs *, const char *path, int flags, int *result)
{
    const int code = answer(inside(active, path) ? active : NULL, CALL_ACCESS);
    return code != SQLITE_OK ? code : real->xAccess(real, path, flags, result);
}

static int fill_random(sqlite3_vfs *, int len, char *bytes)
{
    esc_random_fill(&salts.random, bytes, (size_t)len);
    return len;
}

/* Once, and for good: every later connection of the program comes through here. */
static void register_ours(void)
{
    real = sqlite3_vfs_find(NULL);
    ESC_ASSERT(real && real != &ours);
    ours = *real;
    ours.pNext = NULL;
    ours.zName = "escher-sim";
    ours.szOsFile = real->szOsFile + (int)sizeof(struct sim_file);
    ours.xOpen = open_file;
    ours.xDelete = delete_file;
    ours.xAccess = access_file;
    ours.xRandomness = fill_random;
    ESC_ASSERT(sqlite3_vfs_register(&ours, 1) == SQLITE_OK);
}

/* Past SQLite: --wrap gives these for the libc's, and the libc's under a longer name. */

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __real_unlink(const char *path);
int __wrap_unlink(const char *path);
int __real_fsync(int fd);
int __wrap_fsync(int fd);

/* A file from elsewhere, which is whole and synced there. */
static void arrive(struct vfs_sim *sim, const char *path, const char *name)
{
    struct esc_buf bytes;
    esc_buf_init(&bytes, ESC_MAX_FILE);
    drop_name(sim, name);
    ESC_ASSERT(esc_file_read(path, &bytes, NULL) == ESC_OK);
    /* Its bytes first: the name may come to the disk before or after other names, never them. */
    const size_t file = sim->file_count++;
    struct vfs_act *act = add_act(sim, VFS_WRITE, file);
    act->len = bytes.len;
    act->bytes = (unsigned char *)esc_buf_take(&bytes);
    (void)add_act(sim, VFS_SYNC, file);
    struct name *entry = esc_alloc(sizeof *entry);
    *entry = (struct name){esc_strdup(name), file};
    esc_list_push(&sim->names, entry);
    add_act(sim, VFS_CREATE, file)->name = esc_strdup(name);
}

int __wrap_rename(const char *from, const char *to)
{
    const char *name = inside(active, from), *new_name = inside(active, to);
    if (__real_rename(from, to) != 0)
        return -1;
    if (!name && new_name)
        arrive(active, to, new_name);
    if (!name || !new_name || !find_name(active, name))
        return 0;
    struct vfs_act *act = add_act(active, VFS_RENAME, 0);
    act->name = esc_strdup(name);
    act->new_name = esc_strdup(new_name);
    drop_name(active, new_name);
    struct name *moved = find_name(active, name);
    free(moved->text);
    moved->text = esc_strdup(new_name);
    return 0;
}

int __wrap_unlink(const char *path)
{
    const char *name = inside(active, path);
    if (__real_unlink(path) != 0)
        return -1;
    if (name && find_name(active, name)) {
        add_act(active, VFS_DELETE, 0)->name = esc_strdup(name);
        drop_name(active, name);
    }
    return 0;
}

/* Of what has no SQLite before it only folders are synced. */
int __wrap_fsync(int fd)
{
    struct stat file, folder;
    if (!active)
        return real ? 0 : __real_fsync(fd); /* images need not last */
    if (answer(active, CALL_SYNC) != SQLITE_OK) {
        errno = EIO;
        return -1;
    }
    if (fstat(fd, &file) == 0 && stat(active->folder, &folder) == 0 &&
        file.st_ino == folder.st_ino && file.st_dev == folder.st_dev)
        (void)add_act(active, VFS_SYNC_FOLDER, 0);
    return 0;
}

/* The log */

/* A file that was there before: written and synced as the log begins. */
static void take_in(struct vfs_sim *sim, const char *name)
{
    struct esc_buf bytes;
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(sim->folder, name);
    esc_buf_init(&bytes, ESC_MAX_FILE);
    ESC_ASSERT(esc_file_read(path, &bytes, NULL) == ESC_OK);
    const size_t number = number_of(sim, name);
    struct vfs_act *act = add_act(sim, VFS_WRITE, number);
    act->len = bytes.len;
    act->bytes = (unsigned char *)esc_buf_take(&bytes);
    (void)add_act(sim, VFS_SYNC, number);
}

struct vfs_sim *vfs_sim_new(const char *folder, struct vfs_device device, uint64_t seed)
{
    struct esc_list names;
    ESC_ASSERT(!active);
    if (!real)
        register_ours();
    esc_random_seeded_init(&salts, seed);
    sqlite3_randomness(0, NULL); /* the next one starts from our salts */
    struct vfs_sim *sim = esc_alloc_zero(sizeof *sim);
    sim->folder = esc_strdup(folder);
    sim->device = device;
    esc_list_init(&sim->acts, act_free);
    esc_list_init(&sim->names, name_free);
    esc_list_init(&names, free);
    ESC_ASSERT(esc_file_list(folder, &names, NULL) == ESC_OK);
    for (size_t i = 0; i < names.count; i++)
        take_in(sim, names.items[i]);
    (void)add_act(sim, VFS_SYNC_FOLDER, 0);
    esc_list_done(&names);
    active = sim;
    return sim;
}

void vfs_sim_stop(struct vfs_sim *sim)
{
    ESC_ASSERT(sim->open_count == 0);
    if (active == sim)
        active = NULL;
}

void vfs_sim_free(struct vfs_sim *sim)
{
    if (!sim)
        return;
    vfs_sim_stop(sim);
    esc_list_done(&sim->acts);
    esc_list_done(&sim->names);
    free(sim->folder);
    free(sim);
}

void vfs_sim_mark(struct vfs_sim *sim, uint64_t number)
{
    add_act(sim, VFS_MARK, 0)->at = number;
}

size_t vfs_sim_count(const struct vfs_sim *sim)
{
    return sim->acts.count;
}

struct vfs_act *vfs_sim_act(const struct vfs_sim *sim, size_t index)
{
    return esc_list_at(&sim->acts, index);
}

struct vfs_device vfs_sim_device(const struct vfs_sim *sim)
{
    return sim->device;
}
