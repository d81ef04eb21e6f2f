/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/cli.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"

/* The workbench for a browser: the link, then nothing until Ctrl-C. */

static void show_link(struct cli *cli, const struct esc_json *event, void *)
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
    const enum esc_status status =
        cli_call(cli, "POST", "/api/serve", request, show_link, NULL, &body);
    return status == ESC_CANCELLED ? 0 : cli_fail_body(cli, status, body);
}
