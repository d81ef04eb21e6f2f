/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/backup_progress.h"
#include "apps/cli/cli.h"
#include "escher/base/alloc.h"
#include "escher/base/limits.h"

static void take_event(struct cli *cli, const struct esc_json *event, void *context)
{
    if (cli->json)
        cli_print_json(event);
    else if (esc_text_equal(esc_json_str(event, "kind", ""), "backup.progress"))
        cli_backup_show(cli, context, esc_json_str(event, "data.phase", ""),
                        esc_json_num(event, "data.done", 0), esc_json_num(event, "data.total", 0));
}

/* Now */

static void print_places(const struct cli *cli, const struct esc_json *places, struct esc_buf *out)
{
    for (size_t i = 0; i < esc_json_len(places); i++) {
        const struct esc_json *place = esc_json_at(places, i);
        const bool ok = esc_json_flag(place, "ok", false);
        cli_add(cli, out, ok ? CLI_GOOD : CLI_WARN, ok ? "● " : "⊘ ");
        cli_add(cli, out, CLI_PLAIN, esc_json_str(place, "name", ""));
        esc_buf_add_text(out, ok ? " has it too; the checksum agrees" : " does not have it: ");
        if (!ok)
            cli_add(cli, out, CLI_PLAIN, esc_json_str(place, "message", ""));
        esc_buf_add_char(out, '\n');
    }
}

static void print_made(const struct cli *cli, const struct esc_json *body, struct esc_buf *out)
{
    cli_add(cli, out, CLI_PLAIN, esc_json_str(body, "path", ""));
    esc_buf_printf(out,
                   "\nRestored on trial and found whole: %lld rows, %lld entries of the "
                   "record; ",
                   (long long)esc_json_num(body, "rows", 0),
                   (long long)esc_json_num(body, "records", 0));
    cli_add_size(out, esc_json_num(body, "size", 0));
    esc_buf_printf(out, " in %.1f s\n", (double)esc_json_num(body, "took_ms", 0) / 1000);
    const size_t gone = esc_json_len(esc_json_get(body, "gone"));
    if (gone)
        esc_buf_printf(out, "%zu older %s removed; the newest three always stay.\n", gone,
                       gone == 1 ? "one was" : "ones were");
    print_places(cli, esc_json_get(body, "places"), out);
}

static int call_and_print(struct cli *cli, const char *path, struct esc_json *request,
                          void (*print)(const struct cli *, const struct esc_json *,
                                        struct esc_buf *))
{
    struct cli_backup_bar bar = {.is_open = false};
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status = cli_call(cli, "POST", path, request, take_event, &bar, &body);
    cli_backup_end(cli, &bar);
    if (status == ESC_OK || status == ESC_PARTIAL || esc_json_get(body, "backups")) {
        struct esc_buf out;
        esc_buf_init(&out, ESC_MAX_FILE);
        if (cli->json && status == ESC_OK)
            cli_print_json(body);
        else if (!cli->json)
            print(cli, body, &out);
        cli_out(&out);
        esc_buf_done(&out);
    }
    return status == ESC_OK ? 0 : cli_fail_body(cli, status, body);
}

static int make_now(struct cli *cli)
{
    struct esc_json *request = esc_json_object();
    esc_json_set(request, "environment", cli_environment());
    return call_and_print(cli, "/api/backups", request, print_made);
}

/* Verify */

static void print_verified(const struct cli *cli, const struct esc_json *body, struct esc_buf *out)
{
    const struct esc_json *backups = esc_json_get(body, "backups");
    for (size_t i = 0; i < esc_json_len(backups); i++) {
        const struct esc_json *one = esc_json_at(backups, i);
        const bool ok = esc_json_flag(one, "ok", false);
        cli_add(cli, out, ok ? CLI_GOOD : CLI_BAD, ok ? "● " : "▲ ");
        cli_add(cli, out, CLI_PLAIN, esc_json_str(one, "name", ""));
        if (ok)
            esc_buf_printf(out, "  %lld rows, %lld entries of the record",
                           (long long)esc_json_num(one, "rows", 0),
                           (long long)esc_json_num(one, "records", 0));
        esc_buf_add_text(out, ok ? "" : "  ");
        cli_add(cli, out, CLI_PLAIN, ok ? "" : esc_json_str(one, "message", ""));
        esc_buf_add_char(out, '\n');
    }
}

static int verify(struct cli *cli)
{
    const char *name = cli_argument(&cli->arguments, 1);
    struct esc_json *request = esc_json_object();
    if (name)
        esc_json_set_text(request, "name", name);
    return call_and_print(cli, "/api/backups/verify", request, print_verified);
}

/* List */

static void add_places(const struct esc_json *one, struct esc_buf *out)
{
    const struct esc_json *places = esc_json_get(one, "places"), *since;
    void *position = NULL;
    const char *name;
    esc_buf_add_text(out, "here");
    while (esc_json_next(places, &position, &name, &since))
        esc_buf_printf(out, ", %s", name);
}

static void add_row(struct cli_table *table, const struct esc_json *one)
{
    struct esc_buf size, places;
    ESC_CLEANUP(esc_freep)
    char *rows = esc_sprintf("%lld", (long long)esc_json_num(one, "rows", 0));
    esc_buf_init(&size, 64);
    esc_buf_init(&places, 256);
    cli_add_size(&size, esc_json_num(one, "size", 0));
    add_places(one, &places);
    const bool ok = esc_json_flag(one, "verified", false);
    const char *const cells[] = {esc_json_str(one, "name", ""),
                                 esc_json_str(one, "age", ""),
                                 esc_buf_text(&size),
                                 ok ? rows : NULL,
                                 ok ? "yes" : esc_json_str(one, "message", "no"),
                                 esc_buf_text(&places)};
    cli_table_row(table, cells);
    esc_buf_done(&size);
    esc_buf_done(&places);
}

static void print_list(const struct cli *cli, const struct esc_json *body, struct esc_buf *out)
{
    static const char *const titles[] = {"BACKUP", "MADE", "SIZE", "ROWS", "RESTORED", "WHERE"};
    const struct esc_json *backups = esc_json_get(body, "backups");
    const char *warning = esc_json_str(body, "backup.warning", NULL);
    struct cli_table *table = cli_table_new(titles, ESC_COUNT(titles));
    cli_table_keep_first(table);
    for (size_t i = 0; i < esc_json_len(backups); i++)
        add_row(table, esc_json_at(backups, i));
    if (esc_json_len(backups))
        cli_table_print(cli, table, out);
    cli_table_free(table);
    if (warning) {
        cli_add(cli, out, CLI_WARN, "▲ ");
        cli_add(cli, out, CLI_PLAIN, warning);
        esc_buf_add_text(out, "; `escher backup now` makes one\n");
    }
}

static int list(struct cli *cli)
{
    if (cli_argument(&cli->arguments, 1))
        return cli_backup_bucket(cli);
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status = cli_call(cli, "GET", "/api/backups", NULL, NULL, NULL, &body);
    return cli_answer(cli, status, body, print_list);
}

int cmd_backup(struct cli *cli)
{
    static const struct {
        const char *act;
        int (*run)(struct cli *cli);
        size_t most; /* arguments */
    } acts[] = {
        {"now", make_now, 1},
        {"list", list, 2},
        {"verify", verify, 2},
        {"restore", cli_backup_restore, 2},
        {"drill", cli_backup_drill, 2},
        {"to", cli_backup_to, 2},
        {"policy", cli_backup_policy, 2},
    };
    const char *act = cli_argument(&cli->arguments, 0);
    for (size_t i = 0; i < ESC_COUNT(acts); i++) {
        if (esc_text_equal(act ? act : "list", acts[i].act) &&
            !cli_argument(&cli->arguments, acts[i].most))
            return acts[i].run(cli);
    }
    return cli_fail(
        cli, ESC_INVALID,
        "usage: escher backup [now | list [s3 | s3://BUCKET/PREFIX] | verify [BACKUP] | "
        "restore [BACKUP] | drill "
        "[BACKUP] | to [s3://BUCKET/PREFIX | nowhere] | policy s3://BUCKET/PREFIX]");
}
