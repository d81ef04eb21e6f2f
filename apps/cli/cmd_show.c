/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/cards.h"
#include "apps/cli/cli.h"
#include "escher/base/limits.h"

int cmd_show(struct cli *cli)
{
    struct esc_json *request = esc_json_object();
    esc_json_set_text(request, "text", cli_argument(&cli->arguments, 0));
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status = cli_call(cli, "POST", "/api/show", request, NULL, NULL, &body);
    const struct esc_json *choices = esc_json_get(body, "choices");
    if (cli->json && status == ESC_OK)
        cli_print_json(cli_has(&cli->arguments, "relations") ? body
                                                             : esc_json_get(body, "resource"));
    if (status != ESC_OK && (cli->json || esc_json_len(choices) == 0))
        return cli_fail_body(cli, status, body);
    if (cli->json)
        return 0;
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_FILE);
    int code = 0;
    if (status == ESC_OK) {
        cli_print_resource(cli, body, &out);
    } else {
        code = cli_fail_body(cli, status, body);
        cli_print_choices(cli, choices, &out);
        if (status == ESC_AMBIGUOUS)
            esc_buf_add_text(&out, "`escher show ARN` shows one of them; --json has the ARNs.\n");
    }
    cli_out(&out);
    esc_buf_done(&out);
    return code;
}
