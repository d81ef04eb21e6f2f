/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <unistd.h>

#include "escher/aws/source_private.h"
#include "escher/base/alloc.h"
#include "escher/base/buf.h"
#include "escher/base/file.h"
#include "escher/base/json.h"
#include "escher/base/limits.h"

/*
 * The program that a profile names as its credential_process. It runs without a shell, with an
 * environment of its own (where things are, no credential), /dev/null as its stdin, and a minute of
 * time. What it prints is credentials or nothing: neither stream ever gets into a message.
 *
 * @source AWS SDKs and Tools Reference Guide, Process credential provider
 */

enum {
    PATIENCE_MS = 60 * 1000,
    GRACE_MS = 1000,
    MAX_OUTPUT = 64 * 1024,
    MAX_WORDS = 64,
};

/* The next word of a command line: white space divides, quotes and backslashes keep together.
 * False at the end; *is_bad when a quote is not closed. */
static bool next_word(const char **at, struct esc_buf *out, bool *is_bad)
{
    const char *text = *at;
    char quote = '\0';
    while (esc_is_space(*text))
        text++;
    if (!*text)
        return false;
    for (; *text && (quote || !esc_is_space(*text)); text++) {
        if (quote ? *text == quote : *text == '"' || *text == '\'')
            quote = quote ? '\0' : *text;
        else if (*text == '\\' && quote != '\'' && text[1])
            esc_buf_add_char(out, *++text);
        else
            esc_buf_add_char(out, *text);
    }
    *is_bad = quote != '\0';
    *at = text;
    return true;
}

static enum esc_status split(const char *command, struct esc_list *words, struct esc_error *err)
{
    struct esc_buf word;
    bool is_bad = false;
    esc_buf_init(&word, ESC_MAX_LINE);
    while (words->count < MAX_WORDS && !is_bad && next_word(&command, &word, &is_bad)) {
        esc_list_push(words, esc_strdup(esc_buf_text(&word)));
        esc_buf_reset(&word);
    }
    esc_buf_done(&word);
    if (is_bad)
        return esc_fail(err, ESC_INVALID, "a quote of credential_process is not closed");
    if (words->count == 0 || words->count == MAX_WORDS || !*(char *)words->items[0])
        return esc_fail(err, ESC_INVALID, "credential_process is no command");
    return ESC_OK;
}

static const char *variable(const struct aws_fetch *fetch, const char *name)
{
    const struct esc_list *all = &fetch->environment->process_variables;
    const size_t len = strlen(name);
    for (size_t i = 0; i < all->count; i++)
        if (strncmp(all->items[i], name, len) == 0 && ((char *)all->items[i])[len] == '=')
            return (char *)all->items[i] + len + 1;
    return NULL;
}

/* The program as an absolute path, owned by the caller; NULL: there is none. */
static char *find_program(const struct aws_fetch *fetch, const char *name)
{
    const char *path = variable(fetch, "PATH");
    struct esc_str rest = esc_str_of(path ? path : "/usr/local/bin:/usr/bin:/bin"), folder;
    if (name[0] == '/')
        return esc_strdup(name);
    while (!strchr(name, '/') && rest.ptr && esc_str_next(&rest, ':', &folder)) {
        ESC_CLEANUP(esc_freep) char *place = esc_str_dup(folder);
        ESC_CLEANUP(esc_freep) char *found = esc_path_join(place, name);
        if (found[0] == '/' && access(found, X_OK) == 0)
            return ESC_STEAL(found);
    }
    return NULL;
}

static enum esc_status read_output(struct esc_str out, struct esc_credentials **credentials,
                                   struct esc_error *err)
{
    static const struct aws_document_names names = {
        .key_id = "AccessKeyId",
        .secret = "SecretAccessKey",
        .token = "SessionToken",
        .expiration = "Expiration",
        .token_is_optional = true,
    };
    ESC_CLEANUP(esc_json_wipe_freep) struct esc_json *json = NULL;
    if (esc_json_parse(out, NULL, &json, NULL) == ESC_OK && esc_json_num(json, "Version", 0) != 1)
        return esc_fail(err, ESC_CORRUPT, "credential_process: its `Version` is not 1");
    return aws_document_read(out, &names, "credential_process", credentials, err);
}

static void on_exit_of(void *context, const struct esc_process_result *result)
{
    struct aws_fetch *fetch = context;
    struct esc_credentials *credentials = NULL;
    struct esc_error err;
    if (!aws_fetch_came(fetch))
        return;
    if (result->ending == ESC_ENDING_TIMED_OUT)
        (void)esc_fail(&err, ESC_TIMEOUT, "credential_process took longer than %d s",
                       PATIENCE_MS / 1000);
    else if (result->ending != ESC_ENDING_EXITED)
        (void)esc_fail(&err, ESC_IO, "credential_process was ended by signal %d", result->signal);
    else if (result->exit_code != 0)
        (void)esc_fail(&err, ESC_DENIED,
                       "credential_process ended with exit code %d; run it yourself to see why",
                       result->exit_code);
    else if (result->over_limit)
        (void)esc_fail(&err, ESC_LIMIT, "credential_process prints too much");
    else
        (void)read_output(result->out, &credentials, &err); /* NULL tells */
    aws_fetch_end(fetch, credentials, &err);
}

static enum esc_status start(struct aws_fetch *fetch, const struct esc_list *words,
                             struct esc_error *err)
{
    const struct esc_process_options options = {.timeout_ms = PATIENCE_MS,
                                                .grace_ms = GRACE_MS,
                                                .max_output = MAX_OUTPUT,
                                                .on_exit = on_exit_of,
                                                .context = fetch};
    ESC_CLEANUP(esc_freep) char *path = find_program(fetch, words->items[0]);
    struct esc_command command;
    if (!path)
        return esc_fail(err, ESC_NOT_FOUND, "credential_process: there is no program `%s`",
                        (char *)words->items[0]);
    esc_command_init(&command, path);
    for (size_t i = 0; i < words->count; i++)
        esc_command_arg(&command, words->items[i]);
    for (size_t i = 0; i < fetch->environment->process_variables.count; i++) {
        const char *text = fetch->environment->process_variables.items[i];
        ESC_CLEANUP(esc_freep) char *name = esc_str_dup((struct esc_str){text, strcspn(text, "=")});
        esc_command_env(&command, name, text + strlen(name) + 1);
    }
    aws_fetch_hold(fetch);
    const enum esc_status status =
        esc_process_start(fetch->aws->loop, &command, &options, &fetch->process, err);
    esc_command_done(&command);
    if (status != ESC_OK) {
        (void)aws_fetch_came(fetch); /* it never will */
        return esc_wrap(err, status, "credential_process");
    }
    return ESC_OK;
}

void aws_fetch_process(struct aws_fetch *fetch)
{
    struct esc_list words;
    struct esc_error err;
    esc_list_init(&words, free);
    enum esc_status status = split(fetch->source.command, &words, &err);
    if (status == ESC_OK)
        status = start(fetch, &words, &err);
    esc_list_done(&words);
    if (status != ESC_OK)
        aws_fetch_fail(fetch, &err);
}
