/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/spawn.h"

/*
 * posix_spawn of glibc shares our memory with the child until its exec, which makes it as cheap
 * from a process of 500 MB as from one of 5, where fork would copy the page tables. What it
 * cannot do, set the umask, is done around it.
 *
 * The descriptors: each source is first copied above every target, so that 3 → 4 and 4 → 3 work
 * in one command; the copies are close-on-exec, and so is everything else we have open. A last
 * action closes whatever a careless library may have left open above the targets.
 */

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/file.h"

enum {
    FIRST_COPY = 64, /* above every target */
    MAPPED_COUNT = ESC_COMMAND_FDS_COUNT + 2,
};

/* stdout, stderr and what the command passes, as copies out of the way of their targets. */
struct mapping {
    struct esc_command_fd fds[MAPPED_COUNT];
    size_t count;
    int highest;
};

static void unmap(struct mapping *map)
{
    for (size_t i = 0; i < map->count; i++)
        esc_fd_close(&map->fds[i].from);
}

static bool map_one(struct mapping *map, int from, int to)
{
    ESC_ASSERT(to < FIRST_COPY && map->count < MAPPED_COUNT);
    int copy = fcntl(from, F_DUPFD_CLOEXEC, FIRST_COPY);
    if (copy < 0) {
        if (errno == EINVAL) /* a limit below FIRST_COPY */
            errno = EMFILE;
        return false;
    }
    map->fds[map->count++] = (struct esc_command_fd){.from = copy, .to = to};
    if (to > map->highest)
        map->highest = to;
    return true;
}

static bool map_all(struct mapping *map, const struct esc_command *command, int out_fd, int err_fd)
{
    bool good = map_one(map, out_fd, STDOUT_FILENO) && map_one(map, err_fd, STDERR_FILENO);
    for (size_t i = 0; good && i < command->fd_count; i++)
        good = map_one(map, command->fds[i].from, command->fds[i].to);
    return good;
}

static bool is_target(const struct mapping *map, int fd)
{
    for (size_t i = 0; i < map->count; i++) {
        if (map->fds[i].to == fd)
            return true;
    }
    return false;
}

/* Each step returns 0 or an errno, like posix_spawn itself. */
static int add_actions(posix_spawn_file_actions_t *actions, const struct mapping *map,
                       const char *folder)
{
    int failed = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    for (size_t i = 0; !failed && i < map->count; i++)
        failed = posix_spawn_file_actions_adddup2(actions, map->fds[i].from, map->fds[i].to);
    for (int fd = STDERR_FILENO + 1; !failed && fd < map->highest; fd++) {
        if (!is_target(map, fd))
            failed = posix_spawn_file_actions_addclose(actions, fd);
    }
    if (!failed)
        failed = posix_spawn_file_actions_addclosefrom_np(actions, map->highest + 1);
    if (!failed)
        failed = posix_spawn_file_actions_addchdir_np(actions, folder ? folder : "/");
    return failed;
}

static int set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    (void)sigemptyset(&none); /* these two cannot fail */
    (void)sigfillset(&all);
    int failed = posix_spawnattr_setsigmask(attributes, &none);
    if (!failed)
        failed = posix_spawnattr_setsigdefault(attributes, &all);
    if (!failed)
        failed = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK |
                                                          POSIX_SPAWN_SETSIGDEF);
    return failed;
}

/* The texts of the command as the arrays exec wants; the texts stay the command's. */
static char **as_array(const struct esc_list *texts, const struct esc_list *secrets)
{
    size_t secret_count = secrets ? secrets->count : 0;
    char **array = esc_alloc_array(texts->count + secret_count + 1, sizeof *array);
    for (size_t i = 0; i < texts->count; i++)
        array[i] = texts->items[i];
    for (size_t i = 0; i < secret_count; i++) {
        /* exec copies it and changes nothing, whatever its prototype says */
        union {
            const char *read_only;
            char *writable;
        } text = {.read_only = esc_secret_view(secrets->items[i]).ptr};
        array[texts->count + i] = text.writable;
    }
    return array;
}

static int spawn_mapped(const struct esc_command *command, const struct mapping *map, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    ESC_ASSERT(posix_spawn_file_actions_init(&actions) == 0); /* only memory can fail here */
    ESC_ASSERT(posix_spawnattr_init(&attributes) == 0);
    int failed = add_actions(&actions, map, command->folder);
    if (!failed)
        failed = set_attributes(&attributes);
    if (!failed) {
        char **argv = as_array(&command->argv, NULL);
        char **env = as_array(&command->env, &command->secret);
        mode_t ours = umask(077);
        failed = posix_spawn(pid, command->path, &actions, &attributes, argv, env);
        (void)umask(ours); /* cannot fail */
        free(argv);
        free(env);
    }
    (void)posix_spawn_file_actions_destroy(&actions); /* frees memory only */
    (void)posix_spawnattr_destroy(&attributes);
    return failed;
}

static enum esc_status status_of(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return ESC_NOT_FOUND;
    case EACCES:
    case EPERM:
    case ENOEXEC:
        return ESC_DENIED;
    case EAGAIN:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case E2BIG:
        return ESC_LIMIT;
    default:
        return ESC_IO;
    }
}

/* Without a pidfd nothing can be waited for: it is ended, and was never started. */
static enum esc_status take_pidfd(pid_t pid, struct esc_child *out, const char *path,
                                  struct esc_error *err)
{
    int pidfd = pidfd_open(pid, 0);
    if (pidfd < 0) {
        int reason = errno;
        (void)kill(pid, SIGKILL); /* ours and not yet reaped */
        (void)waitpid(pid, NULL, 0);
        return esc_fail(err, status_of(reason), "cannot watch %s: %s", path, strerror(reason));
    }
    *out = (struct esc_child){.pid = pid, .pidfd = pidfd};
    return ESC_OK;
}

enum esc_status esc_spawn(const struct esc_command *command, int out_fd, int err_fd,
                          struct esc_child *out, struct esc_error *err)
{
    struct mapping map = {.highest = STDERR_FILENO};
    if (!map_all(&map, command, out_fd, err_fd)) {
        int reason = errno;
        unmap(&map);
        return esc_fail(err, status_of(reason), "cannot start %s: %s", command->path,
                        strerror(reason));
    }
    pid_t pid = 0;
    int failed = spawn_mapped(command, &map, &pid);
    unmap(&map);
    if (failed)
        return esc_fail(err, status_of(failed), "cannot start %s: %s", command->path,
                        strerror(failed));
    return take_pidfd(pid, out, command->path, err);
}

enum esc_status esc_child_look(const struct esc_child *child, bool keep, siginfo_t *info,
                               struct esc_error *err)
{
    *info = (siginfo_t){0};
    int flags = WEXITED | WNOHANG | (keep ? WNOWAIT : 0);
    int failed;
    do
        failed = waitid(P_PIDFD, (id_t)child->pidfd, info, flags);
    while (failed && errno == EINTR);
    if (failed &&
        errno != EAGAIN) /* EAGAIN: still there, and the loop made the pidfd nonblocking */
        return esc_fail(err, ESC_NOT_FOUND, "the end of process %d is not known: %s",
                        (int)child->pid, strerror(errno));
    return ESC_OK;
}
