/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "apps/cli/cli.h"
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/log.h"

#define VERSION "0.1.0"

static size_t terminal_width(void)
{
    struct winsize size;
    if ((ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ||
         ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0) &&
        size.ws_col >= 40)
        return size.ws_col;
    return 100;
}

static char *own_path(const char *name)
{
    char path[4096];
    const ssize_t len = readlink("/proc/self/exe", path, sizeof path);
    return len > 0 ? esc_strndup(path, (size_t)len) : esc_strdup(name);
}

static void print_text(void (*make)(struct esc_buf *))
{
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_YAML);
    make(&text);
    cli_out(&text);
    esc_buf_done(&text);
}

static int show_help(const struct cli_verb *verb)
{
    if (!verb) {
        print_text(cli_help);
        return 0;
    }
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_YAML);
    cli_help_verb(verb, &text);
    cli_out(&text);
    esc_buf_done(&text);
    return 0;
}

int cmd_help(struct cli *cli)
{
    const char *name = cli_argument(&cli->arguments, 0);
    const struct cli_verb *verb = name ? cli_verb_find(name) : NULL;
    if (name && !verb)
        return cli_fail(cli, ESC_INVALID, "no such verb; `escher help` lists them");
    return show_help(verb);
}

int cmd_man(struct cli *)
{
    print_text(cli_man_page);
    return 0;
}

int cmd_completions(struct cli *cli)
{
    struct esc_buf text;
    struct esc_error err;
    esc_buf_init(&text, ESC_MAX_YAML);
    const enum esc_status status = cli_completions(cli_argument(&cli->arguments, 0), &text, &err);
    if (status == ESC_OK)
        cli_out(&text);
    esc_buf_done(&text);
    return status == ESC_OK ? 0 : cli_fail(cli, status, err.message);
}

static int run_verb(struct cli *cli)
{
    struct esc_error err;
    enum esc_status status =
        esc_paths_init(&cli->paths, cli_value(&cli->arguments, "profile"), &err);
    if (status == ESC_OK)
        status = esc_loop_new(&cli->loop, &err);
    if (status != ESC_OK)
        return cli_fail(cli, status, err.message);
    return cli->arguments.verb->run(cli);
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct esc_error err;
    const enum esc_status status = cli_arguments_parse(argc, argv, &cli->arguments, &err);
    cli->json = cli_has(&cli->arguments, "json");
    cli->quiet = cli_has(&cli->arguments, "quiet");
    if (status != ESC_OK)
        return cli_fail(cli, status, err.message);
    if (cli_has(&cli->arguments, "version")) {
        (void)puts("escher " VERSION);
        return 0;
    }
    if (cli_has(&cli->arguments, "help"))
        return show_help(cli->arguments.verb);
    if (!cli->arguments.verb) {
        print_text(cli_help);
        return esc_status_exit_code(ESC_INVALID);
    }
    return run_verb(cli);
}

int main(int argc, char **argv)
{
    struct esc_error err;
    if (esc_secret_harden_process(&err) != ESC_OK) /* keys are held with --inline too */
        esc_log(ESC_WARN, "core files may be written", F("because", err.message));
    (void)signal(SIGPIPE, SIG_IGN); /* a reader that went away is an error of write() */
    (void)signal(SIGXFSZ, SIG_IGN); /* and so is a limit on the size of files */
    struct cli cli = {.argv = argv, .width = terminal_width(), .self = own_path(argv[0])};
    cli.interactive = isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
    cli.shows = isatty(STDOUT_FILENO);
    cli.colour = cli.shows && !esc_env("NO_COLOR");
    const int code = run(&cli, argc, argv);
    cli_door_close(&cli);
    esc_loop_free(cli.loop);
    esc_paths_done(&cli.paths);
    cli_arguments_done(&cli.arguments);
    esc_secret_free(cli.passphrase);
    free(cli.self);
    return code;
}
