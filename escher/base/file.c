/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "escher/base/alloc.h"

static enum esc_status fail_errno(struct esc_error *err, const char *what, const char *path)
{
    enum esc_status status = ESC_IO;
    if (errno == ENOENT || errno == ENOTDIR)
        status = ESC_NOT_FOUND;
    else if (errno == EACCES || errno == EPERM)
        status = ESC_DENIED;
    return esc_fail(err, status, "%s `%s`: %s", what, path, strerror(errno));
}

enum esc_status esc_file_read_fd(int fd, struct esc_buf *buf, struct esc_error *err)
{
    char chunk[64 * 1024];
    for (;;) {
        const ssize_t got = read(fd, chunk, sizeof chunk);
        if (got == 0)
            return esc_buf_status(buf, "the input", err);
        if (got < 0 && errno != EINTR)
            return esc_fail(err, ESC_IO, "read: %s", strerror(errno));
        if (got > 0)
            esc_buf_append(buf, chunk, (size_t)got);
        explicit_bzero(chunk, got > 0 ? (size_t)got : 0); /* files of keys are read here too */
        if (buf->status != ESC_OK)
            return esc_buf_status(buf, "the input", err);
    }
}

enum esc_status esc_file_read(const char *path, struct esc_buf *buf, struct esc_error *err)
{
    ESC_CLEANUP(esc_fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno(err, "open", path);
    const enum esc_status status = esc_file_read_fd(fd, buf, err);
    return status == ESC_OK ? ESC_OK : esc_wrap(err, status, "`%s`", path);
}

enum esc_status esc_file_write_fd(int fd, struct esc_str bytes, struct esc_error *err)
{
    while (bytes.len) {
        const ssize_t put = write(fd, bytes.ptr, bytes.len);
        if (put < 0 && errno != EINTR)
            return esc_fail(err, ESC_IO, "write: %s", strerror(errno));
        if (put > 0)
            bytes = esc_str_slice(bytes, (size_t)put, bytes.len);
    }
    return ESC_OK;
}

enum esc_status esc_file_sync_folder_of(const char *path, struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *folder = esc_path_folder(path);
    ESC_CLEANUP(esc_fd_close) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        return fail_errno(err, "sync folder", folder);
    return ESC_OK;
}

static enum esc_status write_synced(const char *path, struct esc_str bytes, unsigned mode,
                                    struct esc_error *err)
{
    ESC_CLEANUP(esc_fd_close)
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, (mode_t)mode);
    if (fd < 0)
        return fail_errno(err, "create", path);
    const enum esc_status status = esc_file_write_fd(fd, bytes, err);
    if (status != ESC_OK)
        return esc_wrap(err, status, "`%s`", path);
    if (fsync(fd) != 0)
        return fail_errno(err, "sync", path);
    return ESC_OK;
}

enum esc_status esc_file_replace(const char *path, struct esc_str bytes, unsigned mode,
                                 struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *temporary = esc_sprintf("%s.%ld.tmp", path, (long)getpid());
    (void)unlink(temporary); /* left over from a process that had our number and was killed */
    enum esc_status status = write_synced(temporary, bytes, mode, err);
    if (status == ESC_OK && rename(temporary, path) != 0)
        status = fail_errno(err, "rename to", path);
    if (status != ESC_OK) {
        (void)unlink(temporary); /* may not exist */
        return status;
    }
    return esc_file_sync_folder_of(path, err);
}

enum esc_status esc_file_move(const char *from, const char *to, struct esc_error *err)
{
    if (rename(from, to) != 0)
        return fail_errno(err, "rename to", to);
    return esc_file_sync_folder_of(to, err);
}

bool esc_file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

enum esc_status esc_file_make_empty(const char *path, struct esc_error *err)
{
    const int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return esc_fail(err, ESC_IO, "make `%s`: %s", path, strerror(errno));
    (void)close(fd); /* nothing was written */
    return ESC_OK;
}

enum esc_status esc_file_make_folder_of(const char *path, struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *folder = esc_path_folder(path);
    return esc_file_make_folder(folder, err);
}

enum esc_status esc_file_make_folder(const char *path, struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *part = esc_strdup(path);
    for (char *at = part + 1;; at++) {
        if (*at != '/' && *at != '\0')
            continue;
        const char kept = *at;
        *at = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST)
            return fail_errno(err, "make folder", part);
        *at = kept;
        if (kept == '\0')
            break;
    }
    struct stat found;
    if (stat(path, &found) != 0)
        return fail_errno(err, "make folder", path);
    if (!S_ISDIR(found.st_mode))
        return esc_fail(err, ESC_EXISTS, "`%s` is not a folder", path);
    return ESC_OK;
}

enum esc_status esc_file_make_own_folder(const char *path, struct esc_error *err)
{
    struct stat found;
    const enum esc_status status = esc_file_make_folder(path, err);
    if (status != ESC_OK)
        return status;
    if (lstat(path, &found) != 0)
        return fail_errno(err, "make folder", path);
    if (S_ISDIR(found.st_mode) && found.st_uid == geteuid() &&
        !(found.st_mode & (S_IWGRP | S_IWOTH)))
        return ESC_OK;
    return esc_fail(err, ESC_DENIED, "`%s` is not yours alone: others own it or can write to it",
                    path);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

enum esc_status esc_file_list(const char *path, struct esc_list *names, struct esc_error *err)
{
    DIR *folder = opendir(path);
    if (!folder)
        return fail_errno(err, "list", path);
    for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            esc_list_push(names, esc_strdup(entry->d_name));
    }
    (void)closedir(folder); /* only read from */
    esc_list_sort(names, compare_names);
    return ESC_OK;
}

enum esc_status esc_file_remove(const char *path, struct esc_error *err)
{
    if (unlink(path) == 0 || errno == ENOENT)
        return ESC_OK;
    if (errno != EISDIR && errno != EPERM)
        return fail_errno(err, "remove", path);
    struct esc_list names;
    esc_list_init(&names, free);
    enum esc_status status = esc_file_list(path, &names, err);
    for (size_t i = 0; status == ESC_OK && i < names.count; i++) {
        ESC_CLEANUP(esc_freep) char *inside = esc_path_join(path, names.items[i]);
        status = esc_file_remove(inside, err);
    }
    esc_list_done(&names);
    if (status == ESC_OK && rmdir(path) != 0)
        status = fail_errno(err, "remove folder", path);
    return status;
}

char *esc_path_join(const char *folder, const char *name)
{
    const size_t len = strlen(folder);
    const bool slash = len && folder[len - 1] == '/';
    return esc_sprintf("%s%s%s", folder, slash || len == 0 ? "" : "/", name);
}

char *esc_path_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return esc_strdup(".");
    return slash == path ? esc_strdup("/") : esc_strndup(path, (size_t)(slash - path));
}

enum esc_status esc_file_map(const char *path, struct esc_mapping *out, struct esc_error *err)
{
    ESC_CLEANUP(esc_fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat found;
    if (fd < 0 || fstat(fd, &found) != 0)
        return fail_errno(err, "open", path);
    if (!S_ISREG(found.st_mode))
        return esc_fail(err, ESC_INVALID, "`%s` is not a file", path);
    struct esc_mapping mapping = {NULL, (size_t)found.st_size};
    if (mapping.len) {
        void *memory = mmap(NULL, mapping.len, PROT_READ, MAP_PRIVATE, fd, 0);
        if (memory == MAP_FAILED)
            return fail_errno(err, "map", path);
        mapping.ptr = memory;
    }
    *out = mapping;
    return ESC_OK;
}

void esc_file_unmap(struct esc_mapping *mapping)
{
    if (mapping->ptr)
        (void)munmap((void *)(uintptr_t)mapping->ptr, mapping->len); /* a mapping of ours */
    *mapping = (struct esc_mapping){0};
}

enum esc_status esc_file_memfd(const char *name, struct esc_str bytes, int *out,
                               struct esc_error *err)
{
    ESC_CLEANUP(esc_fd_close) int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return fail_errno(err, "memfd", name);
    const enum esc_status status = esc_file_write_fd(fd, bytes, err);
    if (status != ESC_OK)
        return status;
    const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
    if (lseek(fd, 0, SEEK_SET) != 0 || fcntl(fd, F_ADD_SEALS, seals) != 0)
        return fail_errno(err, "seal memfd", name);
    *out = fd;
    fd = -1;
    return ESC_OK;
}

void esc_fd_close(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd); /* nothing unwritten is lost: writers call fsync first */
    *fd = -1;
}
