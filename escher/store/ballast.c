/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/ballast_private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/store/store_private.h"

static bool is_taken(int fd, uint64_t size)
{
    struct stat file;
    return fstat(fd, &file) == 0 && (uint64_t)file.st_size == size &&
           (uint64_t)file.st_blocks * 512 >= size;
}

static bool take(const struct ballast *ballast)
{
    ESC_CLEANUP(esc_fd_close)
    int fd = open(ballast->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return false;
    if (is_taken(fd, ballast->size))
        return true;
    if (ftruncate(fd, 0) == 0 && posix_fallocate(fd, 0, (off_t)ballast->size) == 0)
        return true;
    const int emptied = ftruncate(fd, 0);
    (void)emptied; /* what there was of it is of more use to others */
    return false;
}

void ballast_open(struct ballast *ballast, const char *path, uint64_t size)
{
    *ballast =
        (struct ballast){esc_strdup_null(path), size ? size : ESC_BALLAST_SIZE, ESC_BALLAST_OFF};
    if (!path)
        return;
    const bool was_there = esc_file_exists(path); /* empty: it was spent */
    ballast->state = take(ballast) ? ESC_BALLAST_READY
                     : was_there   ? ESC_BALLAST_SPENT
                                   : ESC_BALLAST_MISSING;
    if (ballast->state == ESC_BALLAST_MISSING)
        (void)esc_file_remove(path, NULL); /* else it would look spent */
}

void ballast_close(struct ballast *ballast)
{
    free(ballast->path);
    ballast->path = NULL;
    ballast->state = ESC_BALLAST_OFF;
}

/* The sync lets file systems that free blocks with their journal do so now. */
bool ballast_spend(struct ballast *ballast)
{
    if (ballast->state != ESC_BALLAST_READY)
        return false;
    ballast->state = ESC_BALLAST_SPENT;
    ESC_CLEANUP(esc_fd_close) int fd = open(ballast->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    return fd >= 0 && ftruncate(fd, 0) == 0 && fsync(fd) == 0;
}

static uint64_t free_bytes(const struct ballast *ballast)
{
    struct statvfs disk;
    ESC_CLEANUP(esc_freep) char *folder = esc_path_folder(ballast->path);
    return statvfs(folder, &disk) == 0 ? (uint64_t)disk.f_bavail * disk.f_frsize : 0;
}

void ballast_tend(struct ballast *ballast)
{
    const bool wants = ballast->state == ESC_BALLAST_SPENT || ballast->state == ESC_BALLAST_MISSING;
    if (wants && free_bytes(ballast) >= 2 * ballast->size && take(ballast))
        ballast->state = ESC_BALLAST_READY;
}

bool ballast_is_needed(const struct ballast *ballast)
{
    return ballast->state == ESC_BALLAST_SPENT && free_bytes(ballast) < ballast->size;
}

enum esc_ballast_state esc_store_ballast_state(const struct esc_store *store)
{
    return store->ballast.state;
}

void esc_store_ballast_tend(struct esc_store *store)
{
    ballast_tend(&store->ballast);
}
