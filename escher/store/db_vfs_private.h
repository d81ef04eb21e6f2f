/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How an open store reaches its files: as SQLite does, but a write that finds the disk full asks
 * whether room can be made, and is then done once more.
 *
 * Ownership  freed after the database it opened is closed.
 */

#include "escher/store/db_private.h"

struct sqlite3;
struct db_vfs;

ESC_RETURNS_NONNULL struct db_vfs *db_vfs_new(void);
void db_vfs_free(struct db_vfs *vfs); /* NULL does nothing */

/** sqlite3_open_v2 by this way; returns SQLite's code. */
int db_vfs_open(struct db_vfs *vfs, const char *path, struct sqlite3 **out, int flags);
void db_vfs_on_full(struct db_vfs *vfs, db_make_room_fn *make_room, void *context);
