/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Files and folders. Every error names the path. Descriptors are opened close-on-exec. */

#include <stdbool.h>
#include <stdint.h>

#include "escher/base/buf.h"
#include "escher/base/error.h"
#include "escher/base/list.h"

/** Appends the whole file to @p buf. @errors ESC_NOT_FOUND, ESC_LIMIT (the buf's ceiling), ESC_IO. */
enum esc_status esc_file_read(const char *path, struct esc_buf *buf, struct esc_error *err);
/** Reads @p fd to its end. */
enum esc_status esc_file_read_fd(int fd, struct esc_buf *buf, struct esc_error *err);
/** All bytes or ESC_IO; EINTR and short writes are handled. */
enum esc_status esc_file_write_fd(int fd, struct esc_str bytes, struct esc_error *err);
/** Replaces the file in one step and durably: temporary file, fsync, rename, fsync of the folder. */
enum esc_status esc_file_replace(const char *path, struct esc_str bytes, unsigned mode,
                                 struct esc_error *err);
/** Renames durably, replacing what is there: rename, fsync of the folder it comes to. */
enum esc_status esc_file_move(const char *from, const char *to, struct esc_error *err);
/** Makes durable what names the folder of @p path has: what was made, renamed or removed there. */
enum esc_status esc_file_sync_folder_of(const char *path, struct esc_error *err);
/** Makes an empty file with mode 0600. @errors ESC_IO: also when there is one already. */
enum esc_status esc_file_make_empty(const char *path, struct esc_error *err);
bool esc_file_exists(const char *path);
/** Makes the folder and its parents with mode 0700; an existing folder is fine. */
enum esc_status esc_file_make_folder(const char *path, struct esc_error *err);
/** The same for the folder that the file @p path lies in. */
enum esc_status esc_file_make_folder_of(const char *path, struct esc_error *err);
/** The same, and @errors ESC_DENIED for a folder that another user owns or can write to. */
enum esc_status esc_file_make_own_folder(const char *path, struct esc_error *err);
/** Names (char *, sorted bytewise, without . and ..) into @p names, which must own with free. */
enum esc_status esc_file_list(const char *path, struct esc_list *names, struct esc_error *err);
/** Removes a file, or a folder with all in it; symbolic links are not followed. Missing is fine. */
enum esc_status esc_file_remove(const char *path, struct esc_error *err);
/** "a/b" out of "a" and "b" (never doubled slashes); owned by the caller. */
ESC_RETURNS_NONNULL char *esc_path_join(const char *folder, const char *name);

/** "a" out of "a/b", "/" out of "/b", "." out of "b"; owned by the caller. */
ESC_RETURNS_NONNULL char *esc_path_folder(const char *path);

/** A read-only mapping of a whole file. */
struct esc_mapping {
    const void *ptr; /* NULL when not mapped or the file is empty */
    size_t len;
};
enum esc_status esc_file_map(const char *path, struct esc_mapping *out, struct esc_error *err);
void esc_file_unmap(struct esc_mapping *mapping);

/** A sealed memfd with @p bytes, position 0, close-on-exec. Returns its descriptor in *out. */
enum esc_status esc_file_memfd(const char *name, struct esc_str bytes, int *out,
                               struct esc_error *err);
/** Closes *fd unless it is -1 and sets it to -1; for ESC_CLEANUP. */
void esc_fd_close(int *fd);
