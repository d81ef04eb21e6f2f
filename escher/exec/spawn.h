/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Starting a process with nothing inherited, and learning of its end without signals.
 *
 * The child leads a session and a process group of its own. Its stdin is /dev/null, its signals
 * are all at their default and unblocked, its umask is 077, and its descriptors are 0, 1, 2 and
 * those the command passes. No page of ours is copied for it (posix_spawn), so starting one from
 * a large process costs what it costs from a small one.
 *
 * While the child starts, the umask of the whole process is 077: a file that another thread
 * makes in that moment is private too.
 */

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "escher/base/error.h"
#include "escher/exec/command.h"

struct esc_child {
    pid_t pid;
    int pidfd; /* readable once the child has ended; close-on-exec */
};

/**
 * @p out_fd and @p err_fd become its stdout and stderr; they stay open here.
 * @errors ESC_NOT_FOUND, ESC_DENIED (not executable), ESC_LIMIT (too many processes or
 * descriptors, arguments too long), ESC_IO.
 */
enum esc_status esc_spawn(const struct esc_command *command, int out_fd, int err_fd,
                          struct esc_child *out, struct esc_error *err);

/**
 * Asks without waiting whether the child has ended. With @p keep it stays a zombie, so that its
 * process group cannot become somebody else's. @p info->si_pid is 0 while it lives.
 * @errors ESC_NOT_FOUND: its end was taken by somebody else and will never be known.
 */
enum esc_status esc_child_look(const struct esc_child *child, bool keep, siginfo_t *info,
                               struct esc_error *err);
