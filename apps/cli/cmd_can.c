/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/cards.h"
#include "apps/cli/cli.h"
#include "escher/base/alloc.h"
#include "escher/base/limits.h"

static enum cli_style style_of(const char *verdict)
{
    if (esc_text_equal(verdict, "allowed"))
        return CLI_GOOD;
    return esc_text_equal(verdict, "denied") ? CLI_BAD : CLI_WARN;
}

/* "aws:MultiFactorAuthPresent, aws:SourceIp" */
static void add_keys(const struct cli *cli, struct esc_buf *out, const struct esc_json *keys)
{
    for (size_t i = 0; i < esc_json_len(keys); i++) {
        esc_buf_add_text(out, i ? ", " : "");
        cli_add(cli, out, CLI_PLAIN, esc_json_str(esc_json_at(keys, i), "", ""));
    }
}

/* Whose answer it is and how old. */
static void add_source(const struct cli *cli, struct esc_buf *out, const struct esc_json *body)
{
    static const struct {
        const char *state, *says;
    } organisations[] = {
        {"member", "in an organisation"},
        {"billing", "in an organisation without policies"},
        {"management", "its organisation's management account"},
        {"unread", "whether it is in an organisation is not known"},
    };
    const char *principal = esc_json_str(body, "principal", "");
    const char *organisation = esc_json_str(body, "organisation", "");
    if (!*principal)
        return;
    cli_add(cli, out, CLI_DIM, "as ");
    cli_add(cli, out, CLI_DIM, principal);
    cli_add(cli, out, CLI_DIM, " · policies read ");
    cli_add(cli, out, CLI_DIM, esc_json_str(body, "age", "once"));
    for (size_t i = 0; i < ESC_COUNT(organisations); i++) {
        if (!esc_text_equal(organisation, organisations[i].state))
            continue;
        cli_add(cli, out, CLI_DIM, " · ");
        cli_add(cli, out, CLI_DIM, organisations[i].says);
    }
    esc_buf_add_char(out, '\n');
}

/* The statement as it was written, indented. */
static void add_statement(const struct cli *cli, struct esc_buf *out, const struct esc_json *page)
{
    const struct esc_json *json = esc_json_get(page, "statement.json");
    if (!json)
        return;
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(json, ESC_JSON_PRETTY);
    struct esc_str rest = esc_str_of(text), line;
    esc_buf_add_text(out, "  statement\n");
    while (esc_str_next(&rest, '\n', &line)) {
        ESC_CLEANUP(esc_freep) char *shown = esc_str_dup(line);
        esc_buf_add_text(out, "    ");
        cli_add(cli, out, CLI_PLAIN, shown);
        esc_buf_add_char(out, '\n');
    }
}

static void add_simulated(const struct cli *cli, struct esc_buf *out, const struct esc_json *page)
{
    const struct esc_json *simulated = esc_json_get(page, "simulated");
    if (!simulated)
        return;
    esc_buf_printf(out, "  %-12s ", "simulator");
    cli_add(cli, out, style_of(esc_json_str(simulated, "verdict", "")),
            esc_json_str(simulated, "verdict", ""));
    if (esc_json_member(page, "agrees"))
        esc_buf_add_text(out, esc_json_flag(page, "agrees", true) ? ", as here" : ", NOT as here");
    if (esc_json_len(esc_json_get(simulated, "keys"))) {
        esc_buf_add_text(out, ", without ");
        add_keys(cli, out, esc_json_get(simulated, "keys"));
    }
    esc_buf_add_char(out, '\n');
}

static void add_one(const struct cli *cli, struct esc_buf *out, const struct esc_json *page)
{
    const char *verdict = esc_json_str(page, "verdict", "");
    const struct esc_json *keys = esc_json_get(page, "keys");
    cli_add(cli, out, CLI_BOLD, esc_json_str(page, "action", ""));
    esc_buf_add_text(out, ": ");
    cli_add(cli, out, style_of(verdict), verdict);
    esc_buf_add_char(out, '\n');
    cli_add_field(cli, out, "because", esc_json_str(page, "sentence", NULL));
    cli_add_field(cli, out, "not known", esc_json_str(page, "why", NULL));
    if (esc_json_len(keys)) {
        esc_buf_printf(out, "  %-12s ", "hangs on");
        add_keys(cli, out, keys);
        esc_buf_add_char(out, '\n');
    }
    cli_add_field(cli, out, "asked of", esc_json_str(page, "asked", NULL));
    cli_add_field(
        cli, out, "the cloud",
        esc_json_str(page, "learned.message", esc_json_str(page, "dry_run.message", NULL)));
    add_simulated(cli, out, page);
    add_statement(cli, out, page);
}

/* In a row of a table: what decides, or what it hangs on. */
static char *reason_of(const struct esc_json *page)
{
    struct esc_buf text;
    const struct esc_json *keys = esc_json_get(page, "keys");
    const struct esc_json *agrees = esc_json_member(page, "agrees");
    const char *policy = esc_json_str(page, "policy", NULL);
    ESC_CLEANUP(esc_freep)
    char *number = esc_sprintf("%lld", (long long)esc_json_num(page, "statement.number", 0));
    esc_buf_init(&text, ESC_MAX_LINE);
    if (agrees)
        esc_buf_add_text(&text, esc_json_flag(agrees, "", true) ? "as the simulator · "
                                                                : "the simulator disagrees · ");
    for (size_t i = 0; i < esc_json_len(keys); i++)
        esc_buf_printf(&text, "%s%s", i ? ", " : "hangs on ",
                       esc_json_str(esc_json_at(keys, i), "", ""));
    if (esc_json_len(keys) == 0 && policy)
        esc_buf_printf(&text, "statement %s of %s", esc_json_str(page, "statement.sid", number),
                       policy);
    else if (esc_json_len(keys) == 0)
        esc_buf_add_text(&text, esc_json_str(page, "why", esc_json_str(page, "sentence", "")));
    return esc_buf_take(&text);
}

static void add_all(const struct cli *cli, struct esc_buf *out, const struct esc_json *pages)
{
    static const char *const titles[] = {"ACTION", "VERDICT", "BECAUSE"};
    struct cli_table *table = cli_table_new(titles, ESC_COUNT(titles));
    cli_table_keep_first(table);
    for (size_t i = 0; i < esc_json_len(pages); i++) {
        const struct esc_json *page = esc_json_at(pages, i);
        ESC_CLEANUP(esc_freep) char *reason = reason_of(page);
        const char *const cells[] = {esc_json_str(page, "action", ""),
                                     esc_json_str(page, "verdict", ""), reason};
        cli_table_row(table, cells);
    }
    if (esc_json_len(pages))
        cli_table_print(cli, table, out);
    else
        esc_buf_add_text(out, "No action is known that matters for it.\n");
    cli_table_free(table);
}

static void print_can(const struct cli *cli, const struct esc_json *body, struct esc_buf *out)
{
    const struct esc_json *pages = esc_json_get(body, "actions");
    const bool one = cli_argument(&cli->arguments, 1) != NULL;
    cli_add_heading(cli, out, esc_json_get(body, "resource"));
    if (one)
        add_one(cli, out, esc_json_at(pages, 0));
    else
        add_all(cli, out, pages);
    add_source(cli, out, body);
}

int cmd_can(struct cli *cli)
{
    const char *first = cli_argument(&cli->arguments, 0);
    const char *second = cli_argument(&cli->arguments, 1);
    const bool dry_run = cli_has(&cli->arguments, "dry-run");
    const bool simulate = cli_has(&cli->arguments, "simulate");
    const char *path = dry_run ? "/api/can/dry-run" : simulate ? "/api/can/simulate" : "/api/can";
    struct esc_json *request = esc_json_object();
    esc_json_set_text(request, "text", second ? second : first);
    if (second)
        esc_json_set_text(request, "action", first);
    if (simulate || dry_run)
        esc_json_set(request, "environment", cli_environment());
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status = cli_call(cli, "POST", path, request, NULL, NULL, &body);
    return cli_answer_named(cli, status, body, print_can);
}
