/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "apps/cli/cli.h"
#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"

/* What people type and nobody may see: passphrases and recovery codes, on a descriptor or at the
 * terminal. */

static bool read_secret(int fd, struct esc_secret **out)
{
    char text[1024];
    size_t len = 0;
    ssize_t got;
    /* A file is read from its start: commands in a row may share the descriptor. */
    const bool is_file = lseek(fd, 0, SEEK_CUR) >= 0;
    while (len < sizeof text &&
           (got = is_file ? pread(fd, text + len, sizeof text - len, (off_t)len)
                          : read(fd, text + len, sizeof text - len)) > 0)
        len += (size_t)got;
    if (len && text[len - 1] == '\n')
        len--;
    if (len > 0 && len < sizeof text)
        *out = esc_secret_new(text, len);
    explicit_bzero(text, sizeof text);
    return *out != NULL;
}

static volatile sig_atomic_t interrupted_by;

static void note_signal(int number)
{
    interrupted_by = number;
}

/* Ctrl-C comes only after the terminal shows again what is typed. */
static char *prompt_hidden(const struct termios *shown, const char *question)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    const struct sigaction ours = {.sa_handler = note_signal}; /* no SA_RESTART: ends the read */
    struct sigaction before[ESC_COUNT(numbers)];
    struct termios hidden = *shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    interrupted_by = 0;
    for (size_t i = 0; i < ESC_COUNT(numbers); i++)
        (void)sigaction(numbers[i], &ours, &before[i]); /* known numbers: cannot fail */
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);  /* else it is seen, and still works */
    char *line = cli_prompt(question);
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, shown);
    (void)esc_file_write_fd(STDERR_FILENO, ESC_STR("\n"), NULL); /* the Enter that was not shown */
    for (size_t i = 0; i < ESC_COUNT(numbers); i++)
        (void)sigaction(numbers[i], &before[i], NULL);
    if (interrupted_by)
        (void)raise(interrupted_by);
    return line;
}

static bool ask(const char *question, struct esc_secret **out)
{
    struct termios shown;
    if (tcgetattr(STDIN_FILENO, &shown) != 0)
        return false;
    char *line = prompt_hidden(&shown, question);
    if (line && *line)
        *out = esc_secret_new(line, strlen(line));
    if (line)
        explicit_bzero(line, strlen(line));
    free(line);
    return *out != NULL;
}

static enum esc_status ask_twice(const struct cli_secret *kind, struct esc_secret **out,
                                 struct esc_error *err)
{
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *first = NULL, *second = NULL;
    if (!ask(kind->question, &first))
        return esc_fail(err, ESC_LOCKED, "no %s was given", kind->name);
    if (kind->is_new && (!ask("Once more: ", &second) || !esc_secret_equal(first, second)))
        return esc_fail(err, ESC_INVALID, "that was not the same");
    *out = ESC_STEAL(first);
    return ESC_OK;
}

enum esc_status cli_secret(struct cli *cli, const struct cli_secret *kind, bool may_ask,
                           struct esc_secret **out, struct esc_error *err)
{
    uint64_t fd;
    const char *text = cli_value(&cli->arguments, kind->option);
    if (!text && kind->variable)
        text = esc_env(kind->variable);
    if (text && (!esc_num_u64(esc_str_of(text), &fd) || fd > ESC_MAX_FD))
        return esc_fail(err, ESC_INVALID, "`%s` is not a descriptor", text);
    if (text && !read_secret((int)fd, out))
        return esc_fail(err, ESC_INVALID, "descriptor %s holds no %s", text, kind->name);
    return !text && may_ask && cli->interactive ? ask_twice(kind, out, err) : ESC_OK;
}

enum esc_status cli_passphrase(struct cli *cli, bool may_ask, struct esc_error *err)
{
    static const struct cli_secret kind = {"passphrase", "passphrase-fd", "ESCHER_PASSPHRASE_FD",
                                           "Passphrase: ", false};
    return cli->passphrase ? ESC_OK : cli_secret(cli, &kind, may_ask, &cli->passphrase, err);
}
