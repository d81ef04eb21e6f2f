/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/cli.h"
#include "escher/base/alloc.h"
#include "escher/base/limits.h"

/* As the query bar of the workbench has it: the filter, and the words after it. */
static char *query_of(const struct esc_json *view)
{
    const char *filter = esc_json_str(view, "filter", ""), *text = esc_json_str(view, "text", "");
    return esc_sprintf("%s%s%s", filter, *filter && *text ? " " : "", text);
}

static void print_views(const struct cli *cli, const struct esc_json *views, struct esc_buf *out)
{
    static const char *const titles[] = {"NAME", "QUERY", "GROUPS"};
    struct cli_table *table = cli_table_new(titles, ESC_COUNT(titles));
    cli_table_keep_first(table);
    for (size_t i = 0; i < esc_json_len(views); i++) {
        const struct esc_json *view = esc_json_at(views, i);
        ESC_CLEANUP(esc_freep) char *query = query_of(view);
        const char *const cells[] = {esc_json_str(view, "name", ""), query,
                                     esc_json_str(view, "group", NULL)};
        cli_table_row(table, cells);
    }
    if (esc_json_len(views))
        cli_table_print(cli, table, out);
    else
        esc_buf_add_text(out, "No views yet. `escher views save NAME --filter EXPR` keeps one.\n");
    cli_table_free(table);
}

static void note_problems(const struct cli *cli, const struct esc_json *body)
{
    const struct esc_json *views = esc_json_member(body, "views");
    for (size_t i = 0; i < esc_json_len(views); i++) {
        const struct esc_json *view = esc_json_at(views, i);
        const char *problem = esc_json_str(view, "problem", NULL);
        if (problem)
            cli_note(cli, "the view `%s` does not parse any more: %s",
                     esc_json_str(view, "name", ""), problem);
    }
    const int64_t damaged = esc_json_num(body, "damaged", 0);
    if (damaged)
        cli_note(cli, "%lld more cannot be read: their rows are damaged", (long long)damaged);
}

static struct esc_json *view_given(const struct cli *cli)
{
    static const char *const options[] = {"filter", "text", "group"};
    struct esc_json *view = esc_json_object();
    for (size_t i = 0; i < ESC_COUNT(options); i++) {
        const char *value = cli_value(&cli->arguments, options[i]);
        if (value)
            esc_json_set_text(view, options[i], value);
    }
    return view;
}

static bool is_query_given(const struct cli *cli)
{
    return cli_has(&cli->arguments, "filter") || cli_has(&cli->arguments, "text") ||
           cli_has(&cli->arguments, "group");
}

int cmd_views(struct cli *cli)
{
    const char *act = cli_argument(&cli->arguments, 0), *name = cli_argument(&cli->arguments, 1);
    const bool list = !act || esc_text_equal(act, "list");
    const bool save = esc_text_equal(act, "save");
    if ((!list && !save && !esc_text_equal(act, "delete")) || list != !(name && *name) ||
        save != is_query_given(cli))
        return cli_fail(cli, ESC_INVALID,
                        "usage: escher views [list | save NAME --filter EXPR | delete NAME]; "
                        "`escher views --help` says more");
    ESC_CLEANUP(esc_freep)
    char *path = list ? esc_strdup("/api/views") : cli_path("views", name, NULL);
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status = cli_call(cli,
                                            list   ? "GET"
                                            : save ? "PUT"
                                                   : "DELETE",
                                            path, save ? view_given(cli) : NULL, NULL, NULL, &body);
    if (status != ESC_OK)
        return cli_fail_body(cli, status, body);
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_FILE);
    if (cli->json)
        cli_print_json(body);
    else if (list)
        print_views(cli, esc_json_member(body, "views"), &out);
    else
        esc_buf_add_text(&out, save ? "Saved.\n" : "Deleted.\n");
    cli_out(&out);
    esc_buf_done(&out);
    if (list)
        note_problems(cli, body);
    return 0;
}
