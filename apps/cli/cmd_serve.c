/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include "apps/cli/cli.h"
#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"

/*
 * The workbench for a browser: the link, then nothing until Ctrl-C.
 *
 * A browser that is opened gets the link out of a file that only its owner can read: everybody on
 * the machine sees the arguments of a program.
 */

static const char opener[] = "xdg-open";

static enum esc_status write_page(const char *path, const char *url, struct esc_error *err)
{
    struct esc_buf page;
    esc_buf_init(&page, ESC_MAX_LINE);
    esc_buf_printf(&page,
                   "<!doctype html><meta charset=\"utf-8\"><title>Escher</title>"
                   "<meta name=\"referrer\" content=\"no-referrer\">"
                   "<meta http-equiv=\"refresh\" content=\"0; url=%s\">"
                   "<p><a href=\"%s\">Open the workbench</a>\n",
                   url, url);
    const enum esc_status status = esc_file_replace(path, esc_buf_str(&page), 0600, err);
    esc_buf_done(&page);
    return status;
}

/* Whether a browser is on its way. */
static bool open_browser(struct cli *cli, const char *path, const char *url)
{
    if (!cli->interactive || cli_has(&cli->arguments, "no-open") ||
        (!esc_env("DISPLAY") && !esc_env("WAYLAND_DISPLAY")))
        return false;
    if (write_page(path, url, NULL) != ESC_OK)
        return false;
    posix_spawn_file_actions_t files;
    (void)posix_spawn_file_actions_init(&files);
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) /* browsers talk a lot */
        (void)posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
    char *argv[] = {(char *)(uintptr_t)opener, (char *)(uintptr_t)path, NULL};
    pid_t pid;
    const int failed =
        posix_spawnp(&pid, opener, &files, NULL, argv, (char **)(uintptr_t)esc_env_all());
    (void)posix_spawn_file_actions_destroy(&files);
    return failed == 0;
}

static void show_link(struct cli *cli, const struct esc_json *event, void *page)
{
    const char *url = esc_json_str(event, "data.url", NULL);
    if (!url)
        return;
    if (cli->json) {
        cli_print_json(event);
        return;
    }
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_LINE);
    esc_buf_printf(&out, "%s\n", url);
    cli_out(&out);
    esc_buf_done(&out);
    if (open_browser(cli, page, url))
        cli_note(cli, "your browser opens it; Ctrl-C ends the workbench");
    else
        cli_note(cli, "open it within a minute, it works once; Ctrl-C ends the workbench");
}

int cmd_serve(struct cli *cli)
{
    const char *port = cli_value(&cli->arguments, "port");
    uint64_t number = 0;
    if (port && !esc_num_u64(esc_str_of(port), &number))
        return cli_fail(cli, ESC_INVALID, "--port takes a number");
    struct esc_json *request = esc_json_object();
    esc_json_set(request, "environment", cli_environment());
    if (number)
        esc_json_set_int(request, "port", (int64_t)number);
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    ESC_CLEANUP(esc_freep) char *page = esc_path_join(cli->paths.state, "open.html");
    const enum esc_status status =
        cli_call(cli, "POST", "/api/serve", request, show_link, page, &body);
    (void)esc_file_remove(page, NULL);
    return status == ESC_CANCELLED ? 0 : cli_fail_body(cli, status, body);
}
