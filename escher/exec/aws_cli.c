/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/aws_cli.h"

/*
 *     candidate ──a shim──▶ ASK_SHIM: `MANAGER which aws` ─▶ candidate
 *         └──a program────▶ ASK_VERSION: `aws --version` ─▶ done
 *
 * A shim is a short shell script with the line `exec MANAGER exec ...` (pyenv, asdf and their
 * kin); it is run never, its manager once.
 */

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/attr.h"
#include "escher/base/file.h"
#include "escher/exec/process.h"

enum {
    MAX_SHIM = 4 * 1024,
    MAX_ANSWER = 16 * 1024,
    PATIENCE_MS = 30 * 1000, /* a cold disk and a large Python */
    GRACE_MS = 1000,
};

struct search {
    struct esc_loop *loop;
    esc_aws_cli_fn *done;
    void *context;
    struct esc_list env;  /* char *, of the person; for the shim's manager */
    char *path;           /* the candidate */
    char *link;           /* what led there, not tried itself yet; NULL: nothing */
    bool asked_shim;      /* once: a shim of a shim is no CLI */
    struct esc_error err; /* what ends the search */
};

static void end_search(void *context)
{
    struct search *search = context;
    if (search->err.status != ESC_OK)
        search->done(search->context, NULL, &search->err);
    esc_list_done(&search->env);
    free(search->path);
    free(search->link);
    free(search);
}

/* The callback never fires before the call that started all has returned. */
static void fail_search(struct search *search, enum esc_status status)
{
    search->err.status = status;
    esc_loop_post(search->loop, end_search, search);
}

static bool is_program(const char *path)
{
    struct stat found;
    return path[0] == '/' && access(path, X_OK) == 0 && stat(path, &found) == 0 &&
           S_ISREG(found.st_mode);
}

/* The first `aws` on the search path; relative folders do not count. Owned by the caller. */
static char *search_path(const char *folders)
{
    struct esc_str rest = esc_str_of(folders), folder;
    while (rest.ptr && esc_str_next(&rest, ':', &folder)) {
        ESC_CLEANUP(esc_freep) char *name = esc_str_dup(folder);
        ESC_CLEANUP(esc_freep) char *path = esc_path_join(name, "aws");
        if (is_program(path))
            return ESC_STEAL(path);
    }
    return NULL;
}

/* The manager named by `exec "/path/to/manager" exec ...`; owned by the caller, or NULL. */
static char *manager_of_line(struct esc_str line)
{
    line = esc_str_trim(line);
    if (!esc_str_starts_with(line, ESC_STR("exec ")))
        return NULL;
    line = esc_str_trim(esc_str_slice(line, 5, line.len));
    struct esc_str manager;
    bool quoted = esc_str_starts_with(line, ESC_STR("\""));
    if (quoted)
        line = esc_str_slice(line, 1, line.len);
    if (line.len == 0 || !esc_str_next(&line, quoted ? '"' : ' ', &manager))
        return NULL;
    if (!esc_str_starts_with(esc_str_trim(line), ESC_STR("exec ")))
        return NULL;
    ESC_CLEANUP(esc_freep) char *path = esc_str_dup(manager);
    return is_program(path) ? ESC_STEAL(path) : NULL;
}

static char *manager_of_shim(const char *path)
{
    char head[MAX_SHIM];
    ESC_CLEANUP(esc_fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, head, sizeof head);
    if (got < 2 || head[0] != '#' || head[1] != '!')
        return NULL;
    struct esc_str rest = {head, (size_t)got}, line;
    (void)esc_str_next(&rest, '\n', &line); /* there are two bytes at least */
    if (!esc_str_ends_with(line, ESC_STR("sh")))
        return NULL;
    char *manager = NULL;
    while (!manager && esc_str_next(&rest, '\n', &line))
        manager = manager_of_line(line);
    return manager;
}

static void take_candidate(struct search *search);

static void run(struct search *search, struct esc_command *command,
                void (*on_exit)(void *, const struct esc_process_result *))
{
    const struct esc_process_options options = {
        .timeout_ms = PATIENCE_MS,
        .grace_ms = GRACE_MS,
        .max_output = MAX_ANSWER,
        .on_exit = on_exit,
        .context = search,
    };
    enum esc_status status = esc_process_start(search->loop, command, &options, NULL, &search->err);
    esc_command_done(command);
    if (status != ESC_OK)
        fail_search(search, status);
}

/* One line it said, or empty when it failed. */
static struct esc_str answer_of(const struct esc_process_result *result)
{
    struct esc_str text = esc_str_trim(result->out), line = {0};
    if (result->ending != ESC_ENDING_EXITED || result->exit_code != 0 || text.len == 0)
        return line;
    (void)esc_str_next(&text, '\n', &line); /* there is one */
    return line;
}

static void fail_answer(struct search *search, const struct esc_process_result *result,
                        const char *what)
{
    bool late = result->ending == ESC_ENDING_TIMED_OUT;
    fail_search(search, esc_fail(&search->err, late ? ESC_TIMEOUT : ESC_IO,
                                 "`%s` does not tell %s: is it an AWS CLI?", search->path, what));
}

static void on_shim(void *context, const struct esc_process_result *result)
{
    struct search *search = context;
    struct esc_str path = answer_of(result);
    if (path.len == 0) {
        fail_answer(search, result, "which program it stands for");
        return;
    }
    free(search->path);
    search->path = esc_str_dup(path);
    take_candidate(search);
}

static void ask_shim(struct search *search, const char *manager)
{
    struct esc_command command;
    esc_command_init(&command, manager);
    esc_command_arg(&command, manager);
    esc_command_arg(&command, "which");
    esc_command_arg(&command, "aws");
    for (size_t i = 0; i < search->env.count; i++)
        esc_list_push(&command.env, esc_strdup(search->env.items[i]));
    search->asked_shim = true;
    run(search, &command, on_shim);
}

static void ask_version(struct search *search);

/* "aws-cli/2.9.19 Python/3.11.2 ..."; very old ones say so on stderr. */
static void on_version(void *context, const struct esc_process_result *result)
{
    struct search *search = context;
    struct esc_str line = answer_of(result), word;
    if (!esc_str_starts_with(line, ESC_STR("aws-cli/")) || !esc_str_next(&line, ' ', &word)) {
        if (!search->link) {
            fail_answer(search, result, "its version");
            return;
        }
        free(search->path); /* a launcher of many names, such as snap's, asks what it is called */
        search->path = ESC_STEAL(search->link);
        ask_version(search);
        return;
    }
    char *version = esc_str_dup(esc_str_slice(word, strlen("aws-cli/"), word.len));
    const struct esc_aws_cli cli = {.path = search->path, .version = version};
    search->done(search->context, &cli, NULL);
    free(version);
    end_search(search);
}

static void ask_version(struct search *search)
{
    struct esc_command command;
    esc_command_init(&command, search->path);
    esc_command_arg(&command, search->path);
    esc_command_arg(&command, "--version");
    esc_command_env(&command, "PATH", "/usr/local/bin:/usr/bin:/bin");
    esc_command_env(&command, "HOME", "/nonexistent");
    esc_command_env(&command, "LC_ALL", "C.UTF-8");
    esc_command_env(&command, "AWS_CONFIG_FILE", "/dev/null");
    esc_command_env(&command, "AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    run(search, &command, on_version);
}

static void take_candidate(struct search *search)
{
    if (!is_program(search->path)) {
        enum esc_status status = access(search->path, F_OK) == 0 ? ESC_DENIED : ESC_NOT_FOUND;
        fail_search(search, esc_fail(&search->err, status, "no program `%s`", search->path));
        return;
    }
    ESC_CLEANUP(esc_freep) char *manager = manager_of_shim(search->path);
    if (manager && !search->asked_shim) {
        ask_shim(search, manager);
        return;
    }
    char *real = realpath(search->path, NULL);
    if (real && !esc_text_equal(real, search->path)) {
        search->link = search->path;
        search->path = real;
    } else {
        free(real);
    }
    ask_version(search);
}

void esc_aws_cli_find(struct esc_loop *loop, const struct esc_aws_cli_options *options,
                      esc_aws_cli_fn *done, void *context)
{
    struct search *search = esc_alloc_zero(sizeof *search);
    *search = (struct search){.loop = loop, .done = done, .context = context};
    esc_list_init(&search->env, free);
    for (char *const *variable = options->env; variable && *variable; variable++)
        esc_list_push(&search->env, esc_strdup(*variable));
    search->path =
        options->configured ? esc_strdup(options->configured) : search_path(options->search);
    if (search->path)
        take_candidate(search);
    else
        fail_search(search, esc_fail(&search->err, ESC_NOT_FOUND,
                                     "no AWS CLI on the search path (looked for `aws`)"));
}
