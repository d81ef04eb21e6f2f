/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/cards.h"
#include "apps/cli/cli.h"
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/utf8.h"

int cmd_run(struct cli *cli)
{
    return cli_approve(cli, cli_argument(&cli->arguments, 0), cli_value(&cli->arguments, "confirm"),
                       "command line");
}

static void print_card(const struct cli *cli, const struct esc_json *json,
                       void (*print)(const struct cli *, const struct esc_json *, struct esc_buf *))
{
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_FILE);
    print(cli, json, &out);
    cli_out(&out);
    esc_buf_done(&out);
}

int cmd_plan(struct cli *cli)
{
    const char *act = cli_argument(&cli->arguments, 0);
    const char *hash = cli_argument(&cli->arguments, 1);
    if (esc_text_equal(act, "approve"))
        return cli_approve(cli, hash, cli_value(&cli->arguments, "confirm"), "command line");
    const bool discard = esc_text_equal(act, "discard");
    if (!discard && !esc_text_equal(act, "show"))
        return cli_fail(cli, ESC_INVALID, "usage: escher plan show|approve|discard HASH");
    ESC_CLEANUP(esc_freep)
    char *path = cli_path("plans", hash, discard ? "discard" : NULL);
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status =
        cli_call(cli, discard ? "POST" : "GET", path, NULL, NULL, NULL, &body);
    if (status != ESC_OK)
        return cli_fail_body(cli, status, body);
    if (cli->json)
        cli_print_json(body);
    else if (discard)
        cli_note(cli, "discarded");
    else
        print_card(cli, esc_json_get(body, "plan"), cli_print_plan);
    return 0;
}

static void print_runs(const struct cli *cli, const struct esc_json *runs, struct esc_buf *out)
{
    static const char *const titles[] = {"RUN", "STATE", "STARTED", "PROMPT"};
    struct cli_table *table = cli_table_new(titles, ESC_COUNT(titles));
    cli_table_keep_first(table);
    for (size_t i = 0; i < esc_json_len(runs); i++) {
        const struct esc_json *run = esc_json_at(runs, i);
        const char *const cells[] = {esc_json_str(run, "run_id", ""),
                                     esc_json_str(run, "outcome", esc_json_str(run, "state", "")),
                                     esc_json_str(run, "created_at", ""),
                                     esc_json_str(run, "prompt", "")};
        cli_table_row(table, cells);
    }
    if (esc_json_len(runs))
        cli_table_print(cli, table, out);
    else
        esc_buf_add_text(out, "Nothing has been run yet.\n");
    cli_table_free(table);
}

static int list_runs(struct cli *cli)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status = cli_call(cli, "GET", "/api/runs", NULL, NULL, NULL, &body);
    if (status != ESC_OK)
        return cli_fail_body(cli, status, body);
    if (cli->json)
        cli_print_json(body);
    else
        print_card(cli, esc_json_get(body, "runs"), print_runs);
    return 0;
}

static void print_logs(const struct cli *, const struct esc_json *body, struct esc_buf *out)
{
    const struct esc_json *streams = esc_json_get(body, "streams");
    for (size_t i = 0; i < esc_json_len(streams); i++) {
        const char *text = esc_json_str(esc_json_at(streams, i), "text", "");
        esc_utf8_append_display(out, esc_str_of(text), true);
    }
}

int cmd_runs(struct cli *cli)
{
    static const struct {
        const char *act, *method, *last; /* of the path */
    } acts[] = {{"show", "GET", NULL},
                {"logs", "GET", "logs"},
                {"wait", "POST", "wait"},
                {"cancel", "POST", "cancel"}};
    const char *act = cli_argument(&cli->arguments, 0);
    const char *run = cli_argument(&cli->arguments, 1);
    if (!act || esc_text_equal(act, "list"))
        return list_runs(cli);
    size_t i = 0;
    while (i < ESC_COUNT(acts) && !esc_text_equal(acts[i].act, act))
        i++;
    if (i == ESC_COUNT(acts) || !run)
        return cli_fail(cli, ESC_INVALID, "usage: escher runs [list | show|logs|wait|cancel RUN]");
    ESC_CLEANUP(esc_freep) char *path = cli_path("runs", run, acts[i].last);
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status =
        cli_call(cli, acts[i].method, path, NULL, cli_show_run_event, NULL, &body);
    if (status != ESC_OK && !esc_json_member(body, "steps"))
        return cli_fail_body(cli, status, body);
    if (cli->json)
        cli_print_json(body);
    else
        print_card(cli, body, esc_text_equal(act, "logs") ? print_logs : cli_print_run);
    return esc_status_exit_code(status);
}
