/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A disk that will lose power, for tests: an SQLite VFS that writes down everything that is done
 * to the files of one folder, so that vfs_image.h can say what would be left of them at any point.
 *
 *     vfs_sim_new(folder) ──▶ the code under test runs, and is done ──▶ images ──▶ vfs_sim_free
 *
 * How it gets under the code: it makes itself SQLite's default VFS, and SQLite is opened without
 * a name of one. What goes past SQLite when a store is made (rename, unlink, the sync of the
 * folder) is caught by the linker: programs with this file link with --wrap for the three.
 * So nothing of it stands in the code under test, and no option that could be set by mistake.
 *
 * Files are real ones, so that stat and open outside of SQLite see what SQLite sees; syncs are
 * written down and not passed on, which makes histories fast. A call can be made to fail.
 *
 * Threads  one. One simulator at a time; without one everything passes through.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is done to files. Files have numbers, because names move and come back. */
enum vfs_act_kind {
    VFS_CREATE, /* name now means file */
    VFS_WRITE,
    VFS_TRUNCATE,
    VFS_SYNC,
    VFS_SYNC_FAILED, /* what it should have made durable may be lost for good */
    VFS_DELETE,      /* name now means nothing */
    VFS_RENAME,      /* from name to new_name */
    VFS_SYNC_FOLDER,
    VFS_MARK, /* nothing is done: the test notes where it is */
};

struct vfs_act {
    enum vfs_act_kind kind;
    size_t file;
    char *name, *new_name;
    uint64_t at; /* the offset of a write, the size of a truncation, the number of a mark */
    size_t len;
    unsigned char *bytes;
};

/* What the disk promises to SQLite. */
struct vfs_device {
    bool keeps_neighbours; /* a write damages no byte beside it (POWERSAFE_OVERWRITE) */
    int sector;
};

struct vfs_sim;

/** From now on logs @p folder, whose files so far are on the disk. @p seed: for SQLite's salts. */
struct vfs_sim *vfs_sim_new(const char *folder, struct vfs_device device, uint64_t seed);
/** Ends the logging; the log stays. All files must be closed. */
void vfs_sim_stop(struct vfs_sim *sim);
void vfs_sim_free(struct vfs_sim *sim);

void vfs_sim_mark(struct vfs_sim *sim, uint64_t number);
size_t vfs_sim_count(const struct vfs_sim *sim);
struct vfs_act *vfs_sim_act(const struct vfs_sim *sim, size_t index);
struct vfs_device vfs_sim_device(const struct vfs_sim *sim);

/* A failure to come. */
enum vfs_fault_kind {
    VFS_EIO,
    VFS_ENOSPC,      /* of what needs room: open, write, truncate, sync */
    VFS_SHORT_WRITE, /* half of it is written, then there is no room */
};
struct vfs_fault {
    enum vfs_fault_kind kind;
    uint64_t at;  /* which call, from 1 on, of those this kind can hit; 0: none */
    bool forever; /* that one and all after it */
};
/** Starts counting calls anew. */
void vfs_sim_fail(struct vfs_sim *sim, struct vfs_fault fault);
/** Calls since then that the fault could hit, whether it did or not. */
uint64_t vfs_sim_calls(const struct vfs_sim *sim);
