/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/cli.h"
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"

#define BACKUPS_KEEP "backups keep it until they expire (7 days here, 30 in S3)"

static const char *const filters[] = {"user", "since", "before"};

static bool is_filtered(const struct cli *cli)
{
    for (size_t i = 0; i < ESC_COUNT(filters); i++)
        if (cli_value(&cli->arguments, filters[i]))
            return true;
    return false;
}

static void add_kept(const struct esc_json *body, struct esc_buf *out)
{
    const long long days = (long long)esc_json_num(body, "retention_days", 0);
    if (days)
        esc_buf_printf(out, "\nWhat was not changed for %lld %s is deleted; " BACKUPS_KEEP ".\n",
                       days, days == 1 ? "day" : "days");
}

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
        esc_buf_add_text(out,
                         is_filtered(cli) ? "No conversation fits.\n" : "No conversations yet.\n");
    add_kept(body, out);
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

/* What the turn led to. */
static void add_outcome(const struct cli *cli, struct esc_buf *out, const struct esc_json *message)
{
    const char *plan = esc_json_str(message, "plan_hash", NULL);
    const char *run = esc_json_str(message, "run_id", NULL);
    if (!plan)
        return;
    ESC_CLEANUP(esc_freep)
    char *text = run ? esc_sprintf("    run %s: %s", run, esc_json_str(message, "run_outcome", "?"))
                     : esc_sprintf("    plan %s", plan);
    cli_add(cli, out, CLI_DIM, text);
    esc_buf_add_char(out, '\n');
}

static void add_messages(const struct cli *cli, const struct esc_json *body, struct esc_buf *out)
{
    const struct esc_json *messages = esc_json_get(body, "messages");
    for (size_t i = 0; i < esc_json_len(messages); i++) {
        const struct esc_json *message = esc_json_at(messages, i);
        const bool own = esc_text_equal(esc_json_str(message, "role", ""), "user");
        cli_add(cli, out, own ? CLI_BOLD : CLI_DIM, own ? "you: " : "escher: ");
        add_indented(cli, out, esc_str_of(esc_json_str(message, "text", "")));
        add_outcome(cli, out, message);
    }
}

/* The way to the list: all of them, or those that --user, --since and --before let through. */
static enum esc_status call_list(struct cli *cli, struct esc_json **body)
{
    if (!is_filtered(cli))
        return cli_call(cli, "GET", "/api/chat", NULL, NULL, NULL, body);
    struct esc_json *request = esc_json_object();
    for (size_t i = 0; i < ESC_COUNT(filters); i++) {
        const char *value = cli_value(&cli->arguments, filters[i]);
        if (value)
            esc_json_set_text(request, filters[i], value);
    }
    return cli_call(cli, "POST", "/api/chat/query", request, NULL, NULL, body);
}

static int list(struct cli *cli)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status = call_list(cli, &body);
    return cli_answer(cli, status, body, print_list);
}

static enum esc_status call_show(struct cli *cli, const char *id, struct esc_json **body)
{
    ESC_CLEANUP(esc_freep) char *path = cli_path("chat", id, NULL);
    return cli_call(cli, "GET", path, NULL, NULL, NULL, body);
}

static int show(struct cli *cli, const char *id)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status = call_show(cli, id, &body);
    return cli_answer(cli, status, body, add_messages);
}

static void print_deleted(const struct cli *, const struct esc_json *, struct esc_buf *out)
{
    esc_buf_add_text(out, "Deleted, and its key destroyed; " BACKUPS_KEEP ".\n");
}

static int forget(struct cli *cli, const char *id)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    ESC_CLEANUP(esc_freep) char *path = cli_path("chat", id, NULL);
    const enum esc_status status = cli_call(cli, "DELETE", path, NULL, NULL, NULL, &body);
    return cli_answer(cli, status, body, print_deleted);
}

/* Exporting: a line for the conversation, then one for each of its messages, oldest first. */

static void print_lines(const struct esc_json *head, const struct esc_json *body)
{
    const struct esc_json *messages = esc_json_member(body, "messages");
    struct esc_json *first = esc_json_copy(head);
    esc_json_set_text(first, "kind", "conversation");
    cli_print_json(first);
    esc_json_free(first);
    for (size_t i = 0; i < esc_json_len(messages); i++) {
        struct esc_json *line = esc_json_copy(esc_json_at(messages, i));
        esc_json_set_text(line, "kind", "message");
        cli_print_json(line);
        esc_json_free(line);
    }
}

static void print_text(const struct cli *cli, const struct esc_json *head,
                       const struct esc_json *body)
{
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_FILE);
    ESC_CLEANUP(esc_freep)
    char *title = esc_sprintf("%s  %s  %s", esc_json_str(head, "id", ""),
                              esc_json_str(head, "last", ""), esc_json_str(head, "user", ""));
    cli_add(cli, &out, CLI_BOLD, title);
    esc_buf_add_char(&out, '\n');
    add_messages(cli, body, &out);
    esc_buf_add_char(&out, '\n');
    cli_out(&out);
    esc_buf_done(&out);
}

static enum esc_status export_one(struct cli *cli, const struct esc_json *head,
                                  struct esc_json **body)
{
    const enum esc_status status = call_show(cli, esc_json_str(head, "id", ""), body);
    if (status != ESC_OK)
        return status;
    if (cli->shows && !cli->json)
        print_text(cli, head, *body);
    else
        print_lines(head, *body);
    return status;
}

/* @p id NULL: every one of the list. */
static int export(struct cli *cli, const char *id)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *listed = NULL;
    enum esc_status status = call_list(cli, &listed);
    if (status != ESC_OK)
        return cli_fail_body(cli, status, listed);
    const struct esc_json *conversations = esc_json_member(listed, "conversations");
    bool found = !id;
    for (size_t i = esc_json_len(conversations); i > 0; i--) {
        const struct esc_json *head = esc_json_at(conversations, i - 1);
        ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
        if (id && !esc_text_equal(id, esc_json_str(head, "id", "")))
            continue;
        found = true;
        status = export_one(cli, head, &body);
        if (status != ESC_OK)
            return cli_fail_body(cli, status, body);
    }
    return found ? 0 : cli_fail(cli, ESC_NOT_FOUND, "no such conversation");
}

/* Keeping */

static void print_retention(const struct cli *, const struct esc_json *body, struct esc_buf *out)
{
    const long long days = (long long)esc_json_num(body, "days", 0);
    if (days)
        esc_buf_printf(out,
                       "From %s on a conversation is deleted once it was not changed for %lld "
                       "%s; " BACKUPS_KEEP ".\n",
                       esc_json_str(body, "from", ""), days, days == 1 ? "day" : "days");
    else
        esc_buf_add_text(out, "Conversations stay until somebody deletes them.\n");
}

/* @p days NULL: what is set is shown. */
static int keep(struct cli *cli, const char *days)
{
    uint64_t count = 0;
    if (days && !esc_text_equal(days, "forever") &&
        (!esc_num_u64(esc_str_of(days), &count) || count == 0 || count > INT32_MAX))
        return cli_fail(cli, ESC_INVALID, "usage: escher chat keep [DAYS | forever]");
    struct esc_json *request = days ? esc_json_object() : NULL;
    if (days)
        esc_json_set_int(request, "days", (int64_t)count);
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status =
        cli_call(cli, days ? "PUT" : "GET", "/api/chat/retention", request, NULL, NULL, &body);
    return cli_answer(cli, status, body, print_retention);
}

int cmd_chat(struct cli *cli)
{
    const char *act = cli_argument(&cli->arguments, 0);
    const char *what = cli_argument(&cli->arguments, 1);
    const bool all = cli_has(&cli->arguments, "all");
    if (!act || (esc_text_equal(act, "list") && !what))
        return list(cli);
    if (esc_text_equal(act, "show") && what)
        return show(cli, what);
    if (esc_text_equal(act, "delete") && what)
        return forget(cli, what);
    if (esc_text_equal(act, "keep"))
        return keep(cli, what);
    if (esc_text_equal(act, "export") && all == !what)
        return export(cli, what);
    return cli_fail(cli, ESC_INVALID,
                    "usage: escher chat [list | show CONVERSATION | delete CONVERSATION | export "
                    "CONVERSATION | export --all | keep [DAYS | forever]]");
}
