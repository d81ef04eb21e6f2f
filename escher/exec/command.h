/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A command ready to run: which program, with what arguments, environment and descriptors.
 *
 * Nothing is inherited. The environment is what stands here; secrets stand apart, so that they
 * reach the child's environment and nothing else: no argument, no message, no file.
 *
 * Ownership  the command owns its texts, its secrets and the descriptors given to it.
 */

#include <stddef.h>

#include "escher/base/error.h"
#include "escher/base/list.h"
#include "escher/base/str.h"
#include "escher/crypt/secret.h"

enum {
    ESC_COMMAND_FDS_COUNT = 8,
};

struct esc_command_fd {
    int from; /* ours */
    int to;   /* the child's, 3 or higher */
};

struct esc_command {
    char *path;             /* absolute */
    char *folder;           /* the child's working folder; NULL is "/" */
    struct esc_list argv;   /* char *, the program's name first */
    struct esc_list env;    /* char *, "NAME=value" */
    struct esc_list secret; /* struct esc_secret *, "NAME=value" too */
    struct esc_command_fd fds[ESC_COMMAND_FDS_COUNT];
    size_t fd_count;
};

void esc_command_init(struct esc_command *command, const char *path);
void esc_command_done(struct esc_command *command); /* closes its descriptors; twice is fine */

/** Appends one argument (the first one is the program's name); copied. */
void esc_command_arg(struct esc_command *command, const char *text);
void esc_command_env(struct esc_command *command, const char *name, const char *value);
void esc_command_secret(struct esc_command *command, const char *name,
                        const struct esc_secret *value);
/** The child sees @p from (handed over) as @p to, 3 or higher. */
void esc_command_pass(struct esc_command *command, int from, int to);
/** The child reads @p bytes as its descriptor @p to: a sealed memfd called @p name. @errors ESC_IO. */
enum esc_status esc_command_pass_bytes(struct esc_command *command, const char *name,
                                       struct esc_str bytes, int to, struct esc_error *err);
