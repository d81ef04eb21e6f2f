/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/cards.h"
#include "apps/cli/cli.h"

int cmd_show(struct cli *cli)
{
    struct esc_json *request = esc_json_object();
    esc_json_set_text(request, "text", cli_argument(&cli->arguments, 0));
    if (cli_has(&cli->arguments, "history"))
        esc_json_set_bool(request, "history", true);
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status = cli_call(cli, "POST", "/api/show", request, NULL, NULL, &body);
    if (status != ESC_OK || !cli->json)
        return cli_answer_named(cli, status, body, cli_print_resource);
    const bool all = cli_has(&cli->arguments, "relations") || cli_has(&cli->arguments, "history");
    cli_print_json(all ? body : esc_json_get(body, "resource"));
    return 0;
}
