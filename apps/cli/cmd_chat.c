/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/cli.h"
#include "escher/base/alloc.h"
#include "escher/base/limits.h"

static void print_list(const struct cli *cli, const struct esc_json *body, struct esc_buf *out)
{
    static const char *const titles[] = {"CONVERSATION", "LAST", "BEGINS WITH"};
    const struct esc_json *conversations = esc_json_get(body, "conversations");
    struct cli_table *table = cli_table_new(titles, ESC_COUNT(titles));
    cli_table_keep_first(table);
    for (size_t i = 0; i < esc_json_len(conversations); i++) {
        const struct esc_json *one = esc_json_at(conversations, i);
        const char *const cells[] = {esc_json_str(one, "id", ""), esc_json_str(one, "last", ""),
                                     esc_json_str(one, "title", "")};
        cli_table_row(table, cells);
    }
    if (esc_json_len(conversations))
        cli_table_print(cli, table, out);
    else
        esc_buf_add_text(out, "No conversations yet.\n");
    cli_table_free(table);
}

/* So that no line of a message looks like the beginning of another. */
static void add_indented(const struct cli *cli, struct esc_buf *out, struct esc_str text)
{
    struct esc_str line;
    for (bool first = true; esc_str_next(&text, '\n', &line); first = false) {
        ESC_CLEANUP(esc_freep) char *own = esc_str_dup(line);
        esc_buf_add_text(out, first ? "" : "    ");
        cli_add(cli, out, CLI_PLAIN, own);
        esc_buf_add_char(out, '\n');
    }
}

static void print_messages(const struct cli *cli, const struct esc_json *body, struct esc_buf *out)
{
    const struct esc_json *messages = esc_json_get(body, "messages");
    for (size_t i = 0; i < esc_json_len(messages); i++) {
        const struct esc_json *message = esc_json_at(messages, i);
        const bool own = esc_text_equal(esc_json_str(message, "role", ""), "user");
        cli_add(cli, out, own ? CLI_BOLD : CLI_DIM, own ? "you: " : "escher: ");
        add_indented(cli, out, esc_str_of(esc_json_str(message, "text", "")));
    }
}

int cmd_chat(struct cli *cli)
{
    const char *act = cli_argument(&cli->arguments, 0);
    const char *id = cli_argument(&cli->arguments, 1);
    const bool list = !act || esc_text_equal(act, "list");
    const bool show = esc_text_equal(act, "show") && id;
    if (!list && !show && !(esc_text_equal(act, "delete") && id))
        return cli_fail(cli, ESC_INVALID,
                        "usage: escher chat [list | show CONVERSATION | delete CONVERSATION]");
    ESC_CLEANUP(esc_freep)
    char *path = list ? esc_strdup("/api/chat") : cli_path("chat", id, NULL);
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status =
        cli_call(cli, list || show ? "GET" : "DELETE", path, NULL, NULL, NULL, &body);
    if (status != ESC_OK)
        return cli_fail_body(cli, status, body);
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_FILE);
    if (cli->json)
        cli_print_json(body);
    else if (list)
        print_list(cli, body, &out);
    else if (show)
        print_messages(cli, body, &out);
    else
        esc_buf_add_text(&out, "Deleted. Its key is destroyed, so no copy of it can be read.\n");
    cli_out(&out);
    esc_buf_done(&out);
    return 0;
}
