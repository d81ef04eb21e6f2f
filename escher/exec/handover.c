/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/handover.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/utf8.h"

static const char *const ends[] = {
    [ESC_FILE_OUT] = "out",
    [ESC_FILE_ERR] = "err",
    [ESC_FILE_EXIT] = "exit",
    [ESC_FILE_TIMES] = "times",
};
static_assert(ESC_COUNT(ends) == ESC_FILE_COUNT);

const char *esc_attempt_file_end(enum esc_attempt_file file)
{
    ESC_ASSERT(file < ESC_FILE_COUNT);
    return ends[file];
}

void esc_handover_done(struct esc_handover *handover)
{
    free(handover->folder);
    free(handover->step);
    for (size_t i = 0; i < ESC_FILE_COUNT; i++)
        esc_secret_free(handover->keys[i]);
    *handover = (struct esc_handover){0};
}

struct esc_attempt esc_handover_attempt(const struct esc_handover *handover)
{
    return (struct esc_attempt){handover->folder, handover->step, handover->attempt};
}

/* JSON would repair what is no UTF-8, and the command would be another one. */
static enum esc_status set_texts(struct esc_json *job, const char *name,
                                 const struct esc_list *texts, struct esc_error *err)
{
    struct esc_json *array = esc_json_array();
    enum esc_status status = ESC_OK;
    for (size_t i = 0; status == ESC_OK && i < texts->count; i++) {
        if (esc_utf8_is_valid(esc_str_of(texts->items[i])))
            esc_json_push_text(array, texts->items[i]);
        else
            status = esc_fail(err, ESC_INVALID, "%s %zu of the command is no text", name, i);
    }
    esc_json_set(job, name, array);
    return status;
}

static void set_fds(struct esc_json *job, const struct esc_command *command)
{
    struct esc_json *array = esc_json_array();
    for (size_t i = 0; i < command->fd_count; i++)
        esc_json_push(array, esc_json_int(command->fds[i].to));
    esc_json_set(job, "fds", array);
}

/* The keys, then each variable with its NUL. */
static struct esc_secret *join_secrets(const struct esc_handover *handover,
                                       const struct esc_command *command)
{
    size_t len = ESC_FILE_COUNT * (size_t)ESC_RUN_KEY;
    for (size_t i = 0; i < command->secret.count; i++)
        len += esc_secret_len(command->secret.items[i]) + 1;
    char *bytes = esc_alloc_zero(len), *at = bytes;
    for (size_t i = 0; i < ESC_FILE_COUNT; i++, at += ESC_RUN_KEY) {
        ESC_ASSERT(esc_secret_len(handover->keys[i]) == ESC_RUN_KEY);
        memcpy(at, esc_secret_view(handover->keys[i]).ptr, ESC_RUN_KEY);
    }
    for (size_t i = 0; i < command->secret.count; i++) {
        struct esc_str variable = esc_secret_view(command->secret.items[i]);
        memcpy(at, variable.ptr, variable.len);
        at += variable.len + 1;
    }
    struct esc_secret *secrets = esc_secret_new(bytes, len);
    esc_wipe(bytes, len);
    free(bytes);
    return secrets;
}

enum esc_status esc_handover_write(const struct esc_handover *handover,
                                   const struct esc_command *command, struct esc_buf *job,
                                   struct esc_secret **secrets, struct esc_error *err)
{
    if (command->fd_count > ESC_HANDOVER_PASSED_COUNT)
        return esc_fail(err, ESC_INVALID, "too many descriptors for one command");
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_json_object();
    esc_json_set_text(json, "folder", handover->folder);
    esc_json_set_text(json, "step", handover->step);
    esc_json_set_int(json, "attempt", handover->attempt);
    esc_json_set_int(json, "timeout_ms", (int64_t)handover->timeout_ms);
    esc_json_set_int(json, "grace_ms", (int64_t)handover->grace_ms);
    esc_json_set_int(json, "max_output", (int64_t)handover->max_output);
    esc_json_set_text(json, "path", command->path);
    esc_json_set_text(json, "cwd", command->folder ? command->folder : "/");
    set_fds(json, command);
    enum esc_status status = set_texts(json, "argv", &command->argv, err);
    if (status == ESC_OK)
        status = set_texts(json, "env", &command->env, err);
    if (status != ESC_OK)
        return status;
    esc_json_write(json, ESC_JSON_COMPACT, job);
    status = esc_buf_status(job, "the job", err);
    if (status == ESC_OK)
        *secrets = join_secrets(handover, command);
    return status;
}

static void read_texts(const struct esc_json *array, struct esc_list *out)
{
    for (size_t i = 0; i < esc_json_len(array); i++)
        esc_list_push(out, esc_str_dup(esc_json_value(esc_json_at(array, i))));
}

static bool read_secrets(const struct esc_secret *secrets, struct esc_handover *handover,
                         struct esc_command *command)
{
    struct esc_str bytes = esc_secret_view(secrets);
    if (bytes.len < ESC_FILE_COUNT * (size_t)ESC_RUN_KEY)
        return false;
    for (size_t i = 0; i < ESC_FILE_COUNT; i++) {
        handover->keys[i] = esc_secret_new(bytes.ptr, ESC_RUN_KEY);
        bytes = esc_str_slice(bytes, ESC_RUN_KEY, bytes.len);
    }
    while (bytes.len > 0) {
        size_t len = strnlen(bytes.ptr, bytes.len);
        if (len == bytes.len)
            return false;
        esc_list_push(&command->secret, esc_secret_new(bytes.ptr, len));
        bytes = esc_str_slice(bytes, len + 1, bytes.len);
    }
    return true;
}

static bool read_fds(const struct esc_json *array, struct esc_command *command)
{
    size_t count = esc_json_len(array);
    for (size_t i = 0; i < count; i++) {
        int64_t to = esc_json_num(esc_json_at(array, i), "", -1);
        if (count > ESC_HANDOVER_PASSED_COUNT || to < 3 || to >= ESC_HANDOVER_HELD_FD)
            return false;
        esc_command_pass(command, ESC_HANDOVER_FIRST_FD + (int)i, (int)to);
    }
    return true;
}

static uint64_t read_count(const struct esc_json *json, const char *name)
{
    int64_t value = esc_json_num(json, name, 0);
    return value > 0 ? (uint64_t)value : 0;
}

enum esc_status esc_handover_read(struct esc_str job, const struct esc_secret *secrets,
                                  struct esc_handover *handover, struct esc_command *command,
                                  struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    *handover = (struct esc_handover){0};
    *command = (struct esc_command){0};
    enum esc_status status = esc_json_parse(job, NULL, &json, err);
    if (status != ESC_OK)
        return status;
    const char *path = esc_json_str(json, "path", "");
    if (path[0] != '/')
        return esc_fail(err, ESC_INVALID, "the job names no program");
    esc_command_init(command, path);
    command->folder = esc_strdup(esc_json_str(json, "cwd", "/"));
    read_texts(esc_json_get(json, "argv"), &command->argv);
    read_texts(esc_json_get(json, "env"), &command->env);
    handover->folder = esc_strdup(esc_json_str(json, "folder", ""));
    handover->step = esc_strdup(esc_json_str(json, "step", ""));
    handover->attempt = (unsigned)read_count(json, "attempt");
    handover->timeout_ms = read_count(json, "timeout_ms");
    handover->grace_ms = read_count(json, "grace_ms");
    handover->max_output = read_count(json, "max_output");
    if (command->argv.count == 0 || !read_fds(esc_json_get(json, "fds"), command) ||
        !read_secrets(secrets, handover, command))
        return esc_fail(err, ESC_INVALID, "the job is incomplete");
    const struct esc_attempt attempt = esc_handover_attempt(handover);
    return esc_attempt_check(&attempt, err);
}
