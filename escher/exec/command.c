/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/command.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/file.h"

static void free_secret(void *secret)
{
    esc_secret_free(secret);
}

void esc_command_init(struct esc_command *command, const char *path)
{
    ESC_ASSERT(path[0] == '/'); /* never searched for: whose PATH would that be? */
    *command = (struct esc_command){.path = esc_strdup(path)};
    esc_list_init(&command->argv, free);
    esc_list_init(&command->env, free);
    esc_list_init(&command->secret, free_secret);
}

void esc_command_done(struct esc_command *command)
{
    free(command->path);
    free(command->folder);
    esc_list_done(&command->argv);
    esc_list_done(&command->env);
    esc_list_done(&command->secret);
    for (size_t i = 0; i < command->fd_count; i++)
        esc_fd_close(&command->fds[i].from);
    *command = (struct esc_command){0};
}

void esc_command_arg(struct esc_command *command, const char *text)
{
    esc_list_push(&command->argv, esc_strdup(text));
}

void esc_command_env(struct esc_command *command, const char *name, const char *value)
{
    esc_list_push(&command->env, esc_sprintf("%s=%s", name, value));
}

void esc_command_secret(struct esc_command *command, const char *name,
                        const struct esc_secret *value)
{
    struct esc_str bytes = esc_secret_view(value);
    size_t name_len = strlen(name);
    size_t len = name_len + 1 + bytes.len;
    char *text = esc_alloc(len + 1);
    memcpy(text, name, name_len);
    text[name_len] = '=';
    memcpy(text + name_len + 1, bytes.ptr, bytes.len);
    text[len] = '\0';
    esc_list_push(&command->secret, esc_secret_new(text, len));
    esc_wipe(text, len);
    free(text);
}

void esc_command_pass(struct esc_command *command, int from, int to)
{
    ESC_ASSERT(to > 2 && command->fd_count < ESC_COMMAND_FDS_COUNT);
    for (size_t i = 0; i < command->fd_count; i++)
        ESC_ASSERT(command->fds[i].to != to);
    command->fds[command->fd_count++] = (struct esc_command_fd){.from = from, .to = to};
}

enum esc_status esc_command_pass_bytes(struct esc_command *command, const char *name,
                                       struct esc_str bytes, int to, struct esc_error *err)
{
    int fd = -1;
    const enum esc_status status = esc_file_memfd(name, bytes, &fd, err);
    if (status == ESC_OK)
        esc_command_pass(command, fd, to);
    return status;
}
