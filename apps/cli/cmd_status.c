/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/cli.h"
#include "apps/cli/ledger.h"
#include "escher/base/alloc.h"
#include "escher/base/limits.h"

static void add_line(const struct cli *cli, struct esc_buf *out, const char *label,
                     const char *value, const char *otherwise)
{
    esc_buf_printf(out, "%-12s ", label);
    cli_add(cli, out, value ? CLI_PLAIN : CLI_DIM, value ? value : otherwise);
    esc_buf_add_char(out, '\n');
}

static void add_backup(const struct cli *cli, struct esc_buf *out, const struct esc_json *body)
{
    const char *age = esc_json_str(body, "backup.age", NULL);
    const char *warning = esc_json_str(body, "backup.warning", NULL);
    ESC_CLEANUP(esc_freep)
    char *well = esc_sprintf("%s, restored on trial; %lld of them", age ? age : "",
                             (long long)esc_json_num(body, "backup.verified", 0));
    esc_buf_printf(out, "%-12s ", "backup");
    cli_add(cli, out, warning ? CLI_WARN : CLI_PLAIN, warning ? warning : well);
    esc_buf_add_char(out, '\n');
    const struct esc_json *places = esc_json_get(body, "backup.places");
    for (size_t i = 0; i < esc_json_len(places); i++) {
        const struct esc_json *place = esc_json_at(places, i);
        const bool ok = esc_json_flag(place, "ok", false);
        esc_buf_printf(out, "  in %-7s ", esc_json_str(place, "name", ""));
        cli_add(cli, out, ok ? CLI_PLAIN : CLI_WARN,
                ok ? "has the newest" : esc_json_str(place, "message", ""));
        esc_buf_add_char(out, '\n');
    }
}

/* How much of what matters is decided, and what could not be read. */
static void add_permissions(const struct cli *cli, struct esc_buf *out,
                            const struct esc_json *permissions)
{
    const long long allowed = esc_json_num(permissions, "allowed", 0);
    const long long denied = esc_json_num(permissions, "denied", 0);
    const long long conditional = esc_json_num(permissions, "conditional", 0);
    const long long unknown = esc_json_num(permissions, "unknown", 0);
    const long long all = allowed + denied + conditional + unknown;
    const struct esc_json *accounts = esc_json_get(permissions, "accounts");
    if (all == 0)
        return;
    esc_buf_printf(out,
                   "%-12s %lld %% of %lld decided: %lld allowed, %lld denied; %lld conditional, "
                   "%lld unknown\n",
                   "permissions", (allowed + denied) * 100 / all, all, allowed, denied, conditional,
                   unknown);
    for (size_t i = 0; i < esc_json_len(accounts); i++) {
        const struct esc_json *account = esc_json_at(accounts, i);
        const struct esc_json *unread = esc_json_get(account, "unread");
        for (size_t k = 0; k < esc_json_len(unread); k++) {
            esc_buf_add_text(out, "  ");
            cli_add(cli, out, CLI_PLAIN, esc_json_str(account, "account_name", ""));
            esc_buf_add_text(out, "  unread: ");
            cli_add(cli, out, CLI_WARN, esc_json_str(esc_json_at(unread, k), "", ""));
            esc_buf_add_char(out, '\n');
        }
    }
}

/* The ledger: what was seen, and what was not. */
static void print_cells(const struct cli *cli, const struct esc_json *cells, struct esc_buf *out)
{
    if (esc_json_len(cells) == 0)
        return;
    esc_buf_add_char(out, '\n');
    cli_add_places(cli, out, cells);
    esc_buf_add_char(out, '\n');
    cli_add_kinds(cli, out, cells);
    struct esc_buf missing;
    esc_buf_init(&missing, ESC_MAX_FILE);
    cli_add_missing(cli, &missing, cells);
    if (esc_buf_str(&missing).len) {
        esc_buf_add_text(out, "\nCould not be seen:\n");
        esc_buf_add(out, esc_buf_str(&missing));
    }
    esc_buf_done(&missing);
}

/* When the next sync comes by itself. */
static void add_schedule(const struct cli *cli, struct esc_buf *out, const struct esc_json *body)
{
    const char *full = esc_json_str(body, "schedule.full.due_at", NULL);
    const char *incremental = esc_json_str(body, "schedule.incremental.due_at", NULL);
    const char *soonest = full;
    if (incremental && (!full || esc_str_compare(esc_str_of(incremental), esc_str_of(full)) < 0))
        soonest = incremental;
    if (!esc_json_flag(esc_json_get(body, "schedule.runs"), "", false))
        soonest = NULL;
    add_line(cli, out, "next sync", soonest, "only when you ask; see `escher schedule`");
    if (esc_json_str(body, "schedule.queue_problem", NULL))
        add_line(cli, out, "events", esc_json_str(body, "schedule.queue_problem", NULL), "");
    const struct esc_json *missed = esc_json_get(body, "schedule.missed");
    for (size_t i = 0; i < esc_json_len(missed); i++) {
        const struct esc_json *one = esc_json_at(missed, i);
        ESC_CLEANUP(esc_freep)
        char *line = esc_sprintf("left out %s: %s", esc_json_str(one, "account_name", ""),
                                 esc_json_str(one, "message", ""));
        add_line(cli, out, "", line, "");
    }
}

/* Where somebody has to log in again soon. */
static void add_logins(const struct cli *cli, struct esc_buf *out, const struct esc_json *ending)
{
    for (size_t i = 0; i < esc_json_len(ending); i++) {
        esc_buf_printf(out, "%-12s ", i ? "" : "logins");
        cli_add(cli, out, CLI_WARN, esc_json_str(esc_json_at(ending, i), "says", ""));
        esc_buf_add_char(out, '\n');
    }
}

/* What a newcomer does next. */
static void add_next(struct esc_buf *out, const struct esc_json *body)
{
    if (esc_json_num(body, "accounts", 0) == 0)
        esc_buf_add_text(out, "\nNo accounts yet. `escher accounts add --discover` reads the AWS "
                              "configuration.\n");
    else if (!esc_json_str(body, "last_sync_age", NULL))
        esc_buf_add_text(out, "\nNothing has been looked at yet. `escher sync` does it.\n");
}

int cmd_status(struct cli *cli)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status = cli_call(cli, "GET", "/api/status", NULL, NULL, NULL, &body);
    if (status != ESC_OK)
        return cli_fail_body(cli, status, body);
    if (cli->json) {
        cli_print_json(body);
        return 0;
    }
    struct esc_buf out, count;
    esc_buf_init(&out, ESC_MAX_FILE);
    esc_buf_init(&count, 64);
    esc_buf_printf(&count, "%lld", (long long)esc_json_num(body, "resources", 0));
    add_line(cli, &out, "profile", esc_json_str(body, "profile", NULL), "");
    add_line(cli, &out, "resources", esc_buf_text(&count), "");
    add_line(cli, &out, "last sync", esc_json_str(body, "last_sync_age", NULL), "never");
    add_schedule(cli, &out, body);
    add_logins(cli, &out, esc_json_get(body, "logins_ending"));
    add_line(cli, &out, "key", esc_json_str(body, "key.says", NULL), "unknown");
    if (esc_json_str(body, "key.cure", NULL)) {
        esc_buf_printf(&out, "%-12s → ", "");
        cli_add(cli, &out, CLI_PLAIN, esc_json_str(body, "key.cure", ""));
        esc_buf_add_char(&out, '\n');
    }
    if (!esc_json_flag(esc_json_get(body, "audit"), "anchored", true))
        add_line(cli, &out, "anchor", esc_json_str(body, "audit.anchor", NULL), "");
    if (!esc_json_flag(esc_json_get(body, "audit"), "has_room", true))
        add_line(cli, &out, "disk", esc_json_str(body, "audit.room", NULL), "");
    add_backup(cli, &out, body);
    if (esc_json_str(body, "unreadable", NULL))
        add_line(cli, &out, "unreadable", esc_json_str(body, "unreadable", NULL), "");
    add_permissions(cli, &out, esc_json_get(body, "permissions"));
    print_cells(cli, esc_json_get(body, "cells"), &out);
    add_next(&out, body);
    cli_out(&out);
    esc_buf_done(&out);
    esc_buf_done(&count);
    return 0;
}

int cmd_doctor(struct cli *cli)
{
    struct esc_json *request = esc_json_object();
    esc_json_set(request, "environment", cli_environment());
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status = cli_call(cli, "POST", "/api/doctor", request, NULL, NULL, &body);
    if (status != ESC_OK)
        return cli_fail_body(cli, status, body);
    const struct esc_json *checks = esc_json_get(body, "checks");
    bool all_well = true;
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_FILE);
    for (size_t i = 0; i < esc_json_len(checks); i++) {
        const struct esc_json *check = esc_json_at(checks, i);
        const bool well = esc_json_flag(check, "ok", false);
        all_well = all_well && well;
        cli_add(cli, &out, well ? CLI_GOOD : CLI_BAD, well ? "● " : "▲ ");
        esc_buf_printf(&out, "%-12s ", esc_json_str(check, "name", ""));
        cli_add(cli, &out, CLI_PLAIN, esc_json_str(check, "says", ""));
        if (!well) {
            esc_buf_add_text(&out, "  → ");
            cli_add(cli, &out, CLI_PLAIN, esc_json_str(check, "cure", ""));
        }
        esc_buf_add_char(&out, '\n');
    }
    if (cli->json)
        cli_print_json(body);
    else
        cli_out(&out);
    esc_buf_done(&out);
    return all_well ? 0 : esc_status_exit_code(ESC_IO);
}
