/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/changes_view.h"
#include "apps/cli/cli.h"
#include "escher/base/num.h"

static void print_changes(const struct cli *cli, const struct esc_json *body, struct esc_buf *out)
{
    const struct esc_json *changes = esc_json_get(body, "changes");
    const long long total = (long long)esc_json_num(body, "total", 0);
    long long shown = 0;
    for (size_t i = 0; i < esc_json_len(changes); i++)
        shown += (long long)esc_json_num(esc_json_at(changes, i), "count", 1);
    cli_add_changes(cli, out, changes, true);
    if (total == 0)
        esc_buf_add_text(out, "no sync has found a change\n");
    else if (total > shown)
        esc_buf_printf(out, "%lld of %lld shown; -n shows more\n", shown, total);
}

int cmd_changes(struct cli *cli)
{
    struct esc_json *request = esc_json_object();
    uint64_t count;
    if (cli_value(&cli->arguments, "since"))
        esc_json_set_text(request, "since", cli_value(&cli->arguments, "since"));
    if (cli_value(&cli->arguments, "n")) {
        if (!esc_num_u64(esc_str_of(cli_value(&cli->arguments, "n")), &count) || count > 1000) {
            esc_json_free(request);
            return cli_fail(cli, ESC_INVALID, "-n takes a number up to 1000");
        }
        esc_json_set_int(request, "n", (int64_t)count);
    } else if (cli_has(&cli->arguments, "all")) {
        esc_json_set_int(request, "n", 1000);
    } else {
        esc_json_set_bool(request, "groups", !cli->json);
    }
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status =
        cli_call(cli, "POST", "/api/changes", request, NULL, NULL, &body);
    return cli_answer(cli, status, body, print_changes);
}
