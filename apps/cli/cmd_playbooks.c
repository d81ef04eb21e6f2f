/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/rooms.h"
#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/utf8.h"

static void print_list(const struct cli *cli, const struct esc_json *body, struct esc_buf *out)
{
    static const char *const titles[] = {"PLAYBOOK", "VERSION", "TITLE"};
    const struct esc_json *playbooks = esc_json_get(body, "playbooks");
    struct cli_table *table = cli_table_new(titles, ESC_COUNT(titles));
    for (size_t i = 0; i < esc_json_len(playbooks); i++) {
        const struct esc_json *one = esc_json_at(playbooks, i);
        const char *const cells[] = {esc_json_str(one, "id", ""), esc_json_str(one, "version", ""),
                                     esc_json_str(one, "title", "")};
        cli_table_row(table, cells);
    }
    cli_table_print(cli, table, out);
    cli_table_free(table);
}

/* Needs no store: a playbook is judged by itself. */
static int lint(struct cli *cli, const char *path)
{
    struct esc_buf text;
    struct esc_error err;
    const struct cli_rooms *rooms = cli_rooms(cli, &err);
    if (!rooms)
        return cli_fail(cli, err.status, err.message);
    esc_buf_init(&text, ESC_MAX_YAML);
    enum esc_status status = esc_file_read(path, &text, &err);
    if (status == ESC_OK)
        status = rooms->lint(esc_buf_str(&text), path, &err);
    esc_buf_done(&text);
    if (status != ESC_OK)
        return cli_fail(cli, status, err.message);
    cli_note(cli, "%s: fine", path);
    return 0;
}

int cmd_playbooks(struct cli *cli)
{
    const char *act = cli_argument(&cli->arguments, 0);
    const char *id = cli_argument(&cli->arguments, 1);
    const bool list = !act || esc_text_equal(act, "list");
    if (esc_text_equal(act, "lint") && id)
        return lint(cli, id);
    if (!list && !(esc_text_equal(act, "show") && id))
        return cli_fail(cli, ESC_INVALID, "usage: escher playbooks [list | show ID | lint FILE]");
    ESC_CLEANUP(esc_freep)
    char *path = list ? esc_strdup("/api/playbooks") : cli_path("playbooks", id, NULL);
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status = cli_call(cli, "GET", path, NULL, NULL, NULL, &body);
    if (status != ESC_OK)
        return cli_fail_body(cli, status, body);
    if (cli->json) {
        cli_print_json(body);
        return 0;
    }
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_FILE);
    if (list)
        print_list(cli, body, &out);
    else
        esc_utf8_append_display(&out, esc_str_of(esc_json_str(body, "text", "")), true);
    cli_out(&out);
    esc_buf_done(&out);
    return 0;
}
