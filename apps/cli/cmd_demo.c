/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "apps/cli/cli.h"
#include "escher/base/alloc.h"

/* The demo cloud is a script of its own (demo/cloud); this verb becomes it. */
int cmd_demo(struct cli *cli)
{
    static const char *const acts[] = {"up", "down", "status"};
    const char *act = cli_argument(&cli->arguments, 0);
    size_t i = 0;
    while (i < ESC_COUNT(acts) && !esc_text_equal(acts[i], act))
        i++;
    if (i == ESC_COUNT(acts))
        return cli_fail(cli, ESC_INVALID, "usage: escher demo up|down|status [--world NAME]");
    ESC_CLEANUP(esc_freep) char *program = NULL;
    struct esc_error err;
    if (esc_paths_share("demo/cloud", &program, &err) != ESC_OK)
        return cli_fail(cli, err.status, err.message);
    const char *world = cli_value(&cli->arguments, "world");
    char *argv[] = {program, (char *)(uintptr_t)act, world ? (char *)(uintptr_t) "--world" : NULL,
                    (char *)(uintptr_t)world, NULL};
    (void)execv(program, argv); /* only comes back when it failed */
    ESC_CLEANUP(esc_freep) char *message = esc_sprintf("%s: %s", program, strerror(errno));
    return cli_fail(cli, ESC_IO, message);
}
