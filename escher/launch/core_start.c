/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/launch/core_start.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/json.h"
#include "escher/base/limits.h"

enum {
    START_TIMEOUT_MS = 60'000,
    READY_FD = 3,
    PASSPHRASE_FD = 4,
    FIRST_FREE_FD = 10 /* ours are moved above those the child gets, so that none is overwritten */
};

static int open_log(const struct esc_paths *paths)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(paths->state, "core.log");
    if (esc_file_make_folder(paths->state, NULL) != ESC_OK)
        return -1;
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int moved_up(int fd)
{
    return fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD) : -1;
}

static enum esc_status spawn(const struct esc_core_start *start, int ready_fd, pid_t *pid,
                             struct esc_error *err)
{
    ESC_CLEANUP(esc_fd_close) int log = open_log(start->paths);
    ESC_CLEANUP(esc_fd_close) int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    ESC_CLEANUP(esc_fd_close) int ready = moved_up(ready_fd);
    ESC_CLEANUP(esc_fd_close) int passphrase = moved_up(start->passphrase_fd);
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    (void)posix_spawn_file_actions_init(&files); /* these only allocate */
    (void)posix_spawnattr_init(&attributes);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    (void)posix_spawn_file_actions_adddup2(&files, null, STDIN_FILENO);
    (void)posix_spawn_file_actions_adddup2(&files, null, STDOUT_FILENO);
    (void)posix_spawn_file_actions_adddup2(&files, log >= 0 ? log : null, STDERR_FILENO);
    (void)posix_spawn_file_actions_adddup2(&files, ready, READY_FD);
    if (passphrase >= 0)
        (void)posix_spawn_file_actions_adddup2(&files, passphrase, PASSPHRASE_FD);
    char *argv[] = {(char *)(uintptr_t) "escher",
                    (char *)(uintptr_t) "core",
                    (char *)(uintptr_t) "--profile",
                    start->paths->profile,
                    (char *)(uintptr_t) "--ready-fd=3",
                    passphrase >= 0 ? (char *)(uintptr_t) "--passphrase-fd=4" : NULL,
                    NULL};
    const int failed = posix_spawnp(pid, start->program, &files, &attributes, argv,
                                    (char **)(uintptr_t)esc_env_all());
    (void)posix_spawn_file_actions_destroy(&files);
    (void)posix_spawnattr_destroy(&attributes);
    if (failed)
        return esc_fail(err, ESC_IO, "start `%s core`: %s", start->program, strerror(failed));
    return ESC_OK;
}

enum esc_status esc_core_spawn(const struct esc_core_start *start, struct esc_core_started *out,
                               struct esc_error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return esc_fail(err, ESC_IO, "pipe: %s", strerror(errno));
    pid_t pid = 0;
    const enum esc_status status = spawn(start, ends[1], &pid, err);
    esc_fd_close(&ends[1]);
    if (status != ESC_OK) {
        esc_fd_close(&ends[0]);
        return status;
    }
    *out = (struct esc_core_started){pid, ends[0]};
    return ESC_OK;
}

/* One JSON line: {"status": "ok"} or why the core did not start. */
static enum esc_status read_line(const struct esc_core_started *core, struct esc_error *err)
{
    struct pollfd wait = {.fd = core->ready_fd, .events = POLLIN};
    int ready;
    struct esc_buf line;
    esc_buf_init(&line, ESC_MAX_LINE);
    while ((ready = poll(&wait, 1, START_TIMEOUT_MS)) > 0) {
        char chunk[512];
        const ssize_t got = read(core->ready_fd, chunk, sizeof chunk);
        if (got <= 0)
            break;
        esc_buf_append(&line, chunk, (size_t)got);
    }
    if (ready == 0)
        (void)kill(core->pid, SIGTERM);
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    enum esc_status status = esc_json_parse(esc_buf_str(&line), NULL, &json, NULL);
    esc_buf_done(&line);
    if (status != ESC_OK)
        return esc_fail(err, ESC_UNAVAILABLE, "the core did not start; see core.log");
    status = esc_status_of_text(esc_json_str(json, "status", ""));
    if (status == ESC_OK)
        return ESC_OK;
    return esc_fail(err, status == ESC_STATUS_COUNT ? ESC_CORRUPT : status, "%s",
                    esc_json_str(json, "message", "the core did not start"));
}

enum esc_status esc_core_await(struct esc_core_started *core, struct esc_error *err)
{
    const enum esc_status status = read_line(core, err);
    esc_fd_close(&core->ready_fd);
    if (status != ESC_OK) {
        (void)waitpid(core->pid, NULL, 0);
        core->pid = 0;
    }
    return status;
}

char *esc_program_beside(const char *const *places)
{
    char path[4096];
    const ssize_t len = readlink("/proc/self/exe", path, sizeof path);
    size_t slash = len > 0 && (size_t)len < sizeof path ? (size_t)len : 0;
    while (slash && path[slash - 1] != '/')
        slash--;
    for (; slash && *places; places++) {
        ESC_CLEANUP(esc_freep) char *folder = esc_strndup(path, slash);
        ESC_CLEANUP(esc_freep) char *program = esc_path_join(folder, *places);
        if (access(program, X_OK) == 0)
            return ESC_STEAL(program);
    }
    return NULL;
}

char *esc_core_program(void)
{
    static const char *const places[] = {"escher", "../cli/escher", NULL};
    char *program = esc_program_beside(places);
    return program ? program : esc_strdup("escher");
}
