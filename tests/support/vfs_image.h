/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a disk holds when the power goes, at any act of a log of vfs_sim.h.
 *
 *     on the disk      what a sync of the file came after; names a sync of the folder came after
 *     on its way       everything else: each sector of a write, each truncation and each name may
 *                      have got there or not, in any order; a sector may be torn or be garbage
 *
 * Where the device keeps neighbours, garbage covers the bytes that were being written; where it
 * does not, whole sectors. After a sync that failed, what it should have taken along stays on its
 * way for ever: a later sync that answers well does not mean that.
 */

#include <stdbool.h>

#include "escher/base/id.h"
#include "tests/support/vfs_sim.h"

enum vfs_loss {
    VFS_KEEP,    /* all that is on its way gets there: as after a kill */
    VFS_LOSE,    /* nothing of it does */
    VFS_SCATTER, /* some sectors do, others do not */
    VFS_TEAR,    /* and some are half of each */
    VFS_GARBLE,  /* and some are noise */
    VFS_LOSS_COUNT,
};
const char *vfs_loss_text(enum vfs_loss loss);

struct vfs_disk;

/** The disk before the first act of @p sim, which is borrowed. */
struct vfs_disk *vfs_disk_new(const struct vfs_sim *sim);
void vfs_disk_free(struct vfs_disk *disk);
/** Lets one more act happen; false at the end of the log. */
bool vfs_disk_step(struct vfs_disk *disk);
/** Acts that happened so far. */
size_t vfs_disk_position(const struct vfs_disk *disk);
/** The last mark that was passed; UINT64_MAX before the first. */
uint64_t vfs_disk_mark(const struct vfs_disk *disk);
/** Nothing is on its way, so there is one image only. */
bool vfs_disk_is_settled(const struct vfs_disk *disk);
/** Replaces what is in @p folder by an image, lost in sectors of @p unit bytes. */
void vfs_disk_write(const struct vfs_disk *disk, enum vfs_loss loss, size_t unit,
                    const struct esc_random *random, const char *folder);
