/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/backup_progress.h"
#include "apps/cli/rooms.h"
#include "escher/base/alloc.h"
#include "escher/base/limits.h"

/* Backups in a bucket: setting the place up, and what the bucket needs. */

static void print_protection(const struct cli *cli, const struct esc_json *found,
                             struct esc_buf *out)
{
    const struct esc_json *warnings = esc_json_member(found, "warnings");
    const long long expires = (long long)esc_json_num(found, "expires_days", 0);
    const long long lock = (long long)esc_json_num(found, "lock_days", 0);
    if (expires)
        esc_buf_printf(out, "They expire there after %lld days.\n", expires);
    if (lock)
        esc_buf_printf(out, "For %lld days nothing can be deleted (Object Lock, %s).\n", lock,
                       esc_json_str(found, "lock_mode", ""));
    for (size_t i = 0; i < esc_json_len(warnings); i++) {
        cli_add(cli, out, CLI_WARN, "⊘ ");
        cli_add(cli, out, CLI_PLAIN, esc_json_str(esc_json_at(warnings, i), "", ""));
        esc_buf_add_char(out, '\n');
    }
    if (esc_json_len(warnings))
        esc_buf_add_text(out, "`escher backup policy` prints what a bucket needs.\n");
}

static void print_place(const struct cli *cli, const struct esc_json *body, struct esc_buf *out)
{
    const char *url = esc_json_str(body, "s3.url", NULL), *role = esc_json_str(body, "s3.role", "");
    if (!url) {
        esc_buf_add_text(out, "Backups stay on this machine alone.\n");
        return;
    }
    esc_buf_add_text(out, "Backups go to ");
    cli_add(cli, out, CLI_BOLD, url);
    esc_buf_add_text(out, *role ? ", as " : "");
    cli_add(cli, out, CLI_PLAIN, role);
    esc_buf_add_text(out, " too, the newest within minutes.\n");
    print_protection(cli, esc_json_member(body, "protection"), out);
}

static struct esc_json *place_given(const struct cli *cli, const char *url)
{
    static const char *const options[] = {"account", "region", "role", "owner"};
    struct esc_json *request = esc_json_object();
    esc_json_set_text(request, "url", url);
    for (size_t i = 0; i < ESC_COUNT(options); i++) {
        const char *value = cli_value(&cli->arguments, options[i]);
        if (value)
            esc_json_set_text(request, options[i], value);
    }
    esc_json_set(request, "environment", cli_environment());
    return request;
}

int cli_backup_to(struct cli *cli)
{
    const char *where = cli_argument(&cli->arguments, 1);
    const bool nowhere = esc_text_equal(where, "nowhere");
    const char *method = nowhere ? "DELETE" : where ? "PUT" : "GET";
    struct esc_json *request = where && !nowhere ? place_given(cli, where) : NULL;
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status =
        cli_call(cli, method, "/api/backup/s3", request, NULL, NULL, &body);
    return cli_answer(cli, status, body, print_place);
}

/* What is in a bucket, also for a machine without a store. */

struct esc_fetch_task cli_fetch_task(const struct cli *cli, const char *url)
{
    const struct cli_arguments *arguments = &cli->arguments;
    return (struct esc_fetch_task){.url = url,
                                   .profile = cli_value(arguments, "aws-profile"),
                                   .role = cli_value(arguments, "role"),
                                   .region = cli_value(arguments, "region"),
                                   .endpoint_url = cli_value(arguments, "emulator")};
}

/* Addresses are long and must be whole: no table. */
static void print_bucket(const struct cli *cli, const struct esc_json *body, struct esc_buf *out)
{
    const struct esc_json *backups = esc_json_member(body, "backups");
    for (size_t i = 0; i < esc_json_len(backups); i++) {
        const struct esc_json *one = esc_json_at(backups, i);
        cli_add(cli, out, CLI_PLAIN, esc_json_str(one, "at", ""));
        esc_buf_add_text(out, "  ");
        cli_add_size(out, esc_json_num(one, "size", 0));
        esc_buf_add_text(out, "  ");
        cli_add(cli, out, CLI_PLAIN, esc_json_str(one, "url", esc_json_str(one, "name", "")));
        esc_buf_add_char(out, '\n');
    }
    if (!esc_json_len(backups))
        esc_buf_add_text(out, "No backups there.\n");
}

/* Of this store, in the place that is set up. */
static int list_place(struct cli *cli)
{
    struct esc_json *request = esc_json_object();
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    esc_json_set(request, "environment", cli_environment());
    const enum esc_status status =
        cli_call(cli, "POST", "/api/backup/s3/list", request, NULL, NULL, &body);
    return cli_answer(cli, status, body, print_bucket);
}

int cli_backup_bucket(struct cli *cli)
{
    const char *where = cli_argument(&cli->arguments, 1);
    if (esc_text_equal(where, "s3"))
        return list_place(cli);
    const struct esc_fetch_task task = cli_fetch_task(cli, where);
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    struct esc_error err;
    const struct cli_rooms *rooms = cli_rooms(cli, &err);
    if (!rooms || rooms->fetch_list(&task, &body, &err) != ESC_OK)
        return cli_fail(cli, err.status, err.message);
    return cli_answer(cli, ESC_OK, body, print_bucket);
}

/* The policy as a script: files, then the commands that use them. */

static void add_file(struct esc_buf *out, const struct esc_json *page, const char *name,
                     const char *what)
{
    ESC_CLEANUP(esc_freep)
    char *text = esc_json_print(esc_json_member(page, name), ESC_JSON_PRETTY);
    esc_buf_printf(out, "# %s\ncat >%s.json <<'END'\n%s\nEND\n\n", what, name, text);
}

static void print_script(const struct cli *, const struct esc_json *page, struct esc_buf *out)
{
    const struct esc_json *commands = esc_json_member(page, "commands");
    esc_buf_add_text(out, "#!/bin/sh -e\n# A bucket that keeps backups of Escher, set up by its "
                          "administrator.\n# Read it, then: escher backup policy … | sh\n\n");
    add_file(out, page, "writer",
             "The machine that is backed up: puts new objects and lists them, nothing else.");
    add_file(out, page, "restorer", "Whoever restores, kept elsewhere: lists and reads.");
    add_file(out, page, "lifecycle", "Backups expire; so does what unfinished uploads left.");
    add_file(out, page, "object_lock", "Until then no version can be deleted.");
    for (size_t i = 0; i < esc_json_len(commands); i++)
        esc_buf_printf(out, "%s\n", esc_json_str(esc_json_at(commands, i), "", ""));
    esc_buf_add_text(out, "# Attach escher-backup-writer to a role and name it with `escher backup "
                          "to … --role ARN`;\n# attach escher-backup-restorer to another one, "
                          "which this machine cannot assume.\n");
}

static bool is_region(struct esc_str region)
{
    for (size_t i = 0; i < region.len; i++)
        if (!esc_is_lower(region.ptr[i]) && !esc_is_digit(region.ptr[i]) && region.ptr[i] != '-')
            return false;
    return region.len > 0;
}

int cli_backup_policy(struct cli *cli)
{
    const char *url = cli_argument(&cli->arguments, 1);
    const char *region = cli_value(&cli->arguments, "region");
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = NULL;
    struct esc_error err;
    if (!url)
        return cli_fail(cli, ESC_INVALID,
                        "usage: escher backup policy s3://BUCKET/PREFIX [--region R]");
    if (region && !is_region(esc_str_of(region)))
        return cli_fail(cli, ESC_INVALID, "this is no name of a region");
    const struct cli_rooms *rooms = cli_rooms(cli, &err);
    if (!rooms || rooms->backup_policy(url, region, &page, &err) != ESC_OK)
        return cli_fail(cli, err.status, err.message);
    return cli_answer(cli, ESC_OK, page, print_script);
}
