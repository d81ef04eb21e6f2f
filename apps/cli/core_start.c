/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apps/cli/cli.h"
#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"

/*
 * Starting the core, a process of its own that outlives us:
 *
 *     we: spawn `escher core`, wait on a pipe ◀── one JSON line: ready, or why not
 *
 * It gets the pipe as descriptor 3, and the passphrase, where there is one, as a memfd on 4.
 */
enum {
    CORE_START_TIMEOUT_MS = 60'000,
    FIRST_FREE_FD = 10 /* ours are moved above those the child gets, so that none is overwritten */
};

static int open_log(const struct cli *cli)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(cli->paths.state, "core.log");
    if (esc_file_make_folder(cli->paths.state, NULL) != ESC_OK)
        return -1;
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* Leaves *out as it is when there is none. */
static enum esc_status open_passphrase(const struct cli *cli, int *out, struct esc_error *err)
{
    ESC_CLEANUP(esc_fd_close) int low = -1;
    if (!cli->passphrase)
        return ESC_OK;
    const enum esc_status status =
        esc_file_memfd("passphrase", esc_secret_view(cli->passphrase), &low, err);
    if (status == ESC_OK)
        *out = fcntl(low, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
    return status;
}

static enum esc_status spawn_core(struct cli *cli, int ready_fd, pid_t *pid, struct esc_error *err)
{
    ESC_CLEANUP(esc_fd_close) int log = open_log(cli);
    ESC_CLEANUP(esc_fd_close) int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    ESC_CLEANUP(esc_fd_close) int passphrase = -1;
    ESC_CLEANUP(esc_fd_close) int ready = fcntl(ready_fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
    const enum esc_status status = open_passphrase(cli, &passphrase, err);
    if (status != ESC_OK)
        return status;
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    (void)posix_spawn_file_actions_init(&files); /* these only allocate */
    (void)posix_spawnattr_init(&attributes);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    (void)posix_spawn_file_actions_adddup2(&files, null, STDIN_FILENO);
    (void)posix_spawn_file_actions_adddup2(&files, null, STDOUT_FILENO);
    (void)posix_spawn_file_actions_adddup2(&files, log >= 0 ? log : null, STDERR_FILENO);
    (void)posix_spawn_file_actions_adddup2(&files, ready, 3);
    if (passphrase >= 0)
        (void)posix_spawn_file_actions_adddup2(&files, passphrase, 4);
    char *argv[] = {(char *)(uintptr_t) "escher",
                    (char *)(uintptr_t) "core",
                    (char *)(uintptr_t) "--profile",
                    cli->paths.profile,
                    passphrase >= 0 ? (char *)(uintptr_t) "--passphrase-fd=4" : NULL,
                    NULL};
    const int failed =
        posix_spawn(pid, cli->self, &files, &attributes, argv, (char **)(uintptr_t)esc_env_all());
    (void)posix_spawn_file_actions_destroy(&files);
    (void)posix_spawnattr_destroy(&attributes);
    if (failed)
        return esc_fail(err, ESC_IO, "start `%s core`: %s", cli->self, strerror(failed));
    return ESC_OK;
}

/* One JSON line on the pipe: {"status": "ok"} or why the core did not start. */
static enum esc_status await_core(int fd, pid_t pid, struct esc_error *err)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    int ready;
    struct esc_buf line;
    esc_buf_init(&line, ESC_MAX_LINE);
    while ((ready = poll(&wait, 1, CORE_START_TIMEOUT_MS)) > 0) {
        char chunk[512];
        const ssize_t got = read(fd, chunk, sizeof chunk);
        if (got <= 0)
            break;
        esc_buf_append(&line, chunk, (size_t)got);
    }
    if (ready == 0)
        (void)kill(pid, SIGTERM);
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

enum esc_status cli_core_start(struct cli *cli, struct esc_error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return esc_fail(err, ESC_IO, "pipe: %s", strerror(errno));
    pid_t pid = 0;
    enum esc_status status = spawn_core(cli, ends[1], &pid, err);
    esc_fd_close(&ends[1]);
    if (status == ESC_OK) {
        status = await_core(ends[0], pid, err);
        if (status != ESC_OK)
            (void)waitpid(pid, NULL, 0); /* it is ending; when we answer, it is gone */
    }
    esc_fd_close(&ends[0]);
    return status;
}
