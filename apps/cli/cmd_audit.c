/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/rooms.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"

static void print_records(const struct cli *cli, const struct esc_json *body, struct esc_buf *out)
{
    const struct esc_json *records = esc_json_get(body, "records");
    static const char *const titles[] = {"SEQ", "AT", "KIND", "WHAT"};
    struct cli_table *table = cli_table_new(titles, ESC_COUNT(titles));
    for (size_t i = 0; i < esc_json_len(records); i++) {
        const struct esc_json *record = esc_json_at(records, i);
        ESC_CLEANUP(esc_freep)
        char *seq = esc_sprintf("%lld", (long long)esc_json_num(record, "seq", 0));
        const char *const cells[] = {seq, esc_json_str(record, "at", ""),
                                     esc_json_str(record, "record.kind", ""),
                                     esc_json_str(record, "record.text", "")};
        cli_table_row(table, cells);
    }
    if (esc_json_len(records))
        cli_table_print(cli, table, out);
    else
        esc_buf_add_text(out, "The record is empty.\n");
    cli_table_free(table);
}

/* Exporting: what the whole is, then the records, one line each, a page at a time. */

struct export
{
    FILE *file;
    int64_t records, next, damaged;
    bool with_key;
};

static enum esc_status write_line(const struct export *export, const struct esc_json *line,
                                  struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(line, ESC_JSON_COMPACT);
    if (fprintf(export->file, "%s\n", text) < 0)
        return esc_fail(err, ESC_IO, "the export cannot be written");
    return ESC_OK;
}

static enum esc_status write_page(struct export *export, struct esc_json *page,
                                  struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *lines = esc_json_copy(esc_json_get(page, "lines"));
    enum esc_status status = ESC_OK;
    if (export->next == 1) {
        export->records = esc_json_num(page, "records", 0);
        esc_json_remove(page, "lines");
        status = write_line(export, page, err);
    }
    for (size_t i = 0; status == ESC_OK && i < esc_json_len(lines); i++) {
        const struct esc_json *line = esc_json_at(lines, i);
        if (export->next++ > export->records)
            break; /* written since the first page was made */
        export->damaged += esc_json_get(line, "damage") != NULL;
        status = write_line(export, line, err);
    }
    if (esc_json_len(lines) == 0)
        export->next = export->records + 1;
    return status;
}

static int export_to(struct cli *cli, struct export *export)
{
    struct esc_error err;
    for (export->next = 1; export->next == 1 || export->next <= export->records;) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *page = NULL;
        struct esc_json *request = esc_json_object();
        esc_json_set_int(request, "from", export->next);
        esc_json_set_bool(request, "with_key", export->with_key && export->next == 1);
        const enum esc_status status =
            cli_call(cli, "POST", "/api/audit/export", request, NULL, NULL, &page);
        if (status != ESC_OK)
            return cli_fail_body(cli, status, page);
        if (write_page(export, page, &err) != ESC_OK)
            return cli_fail(cli, err.status, err.message);
        if (export->records == 0)
            break;
    }
    if (fflush(export->file) != 0)
        return cli_fail(cli, ESC_IO, "the export cannot be written");
    return export->damaged
               ? cli_fail(cli, ESC_CORRUPT, "some records are damaged; the export says which")
               : 0;
}

static int export(struct cli *cli, const char *path)
{
    const bool to_file = path && !esc_text_equal(path, "-");
    struct export export = {.file = stdout, .with_key = cli_has(&cli->arguments, "with-key")};
    if (to_file) {
        const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        export.file = fd >= 0 ? fdopen(fd, "w") : NULL;
    }
    if (!export.file) {
        struct esc_error err;
        (void)esc_fail(&err, ESC_IO, "%s: %s", path, strerror(errno));
        return cli_fail(cli, ESC_IO, err.message);
    }
    int code = export_to(cli, &export);
    if (to_file && fclose(export.file) != 0 && code == 0)
        code = cli_fail(cli, ESC_IO, "the export cannot be written");
    return code;
}

/* An older copy of the store is meant: the store is refused, so there is no core to ask. */
static int accept(struct cli *cli)
{
    struct esc_error err;
    const struct cli_rooms *rooms = cli_rooms(cli, &err);
    const enum esc_status status =
        rooms ? cli_with_passphrase(cli, &err, rooms->accept) : err.status;
    if (status != ESC_OK)
        return cli_fail(cli, status, err.message);
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_LINE);
    esc_buf_add_text(&out, "The store is taken as it is; the record says so.\n");
    if (!cli->quiet && !cli->json)
        cli_out(&out);
    esc_buf_done(&out);
    return 0;
}

static void print_verified(const struct cli *, const struct esc_json *body, struct esc_buf *out)
{
    esc_buf_printf(out, "The record is whole: %lld entries, each in its place.\n",
                   (long long)esc_json_num(body, "count", 0));
}

int cmd_audit(struct cli *cli)
{
    const char *act = cli_argument(&cli->arguments, 0);
    const bool verify = esc_text_equal(act, "verify");
    if (esc_text_equal(act, "export"))
        return export(cli, cli_argument(&cli->arguments, 1));
    if (esc_text_equal(act, "accept"))
        return accept(cli);
    if (act && !verify && !esc_text_equal(act, "list"))
        return cli_fail(cli, ESC_INVALID, "usage: escher audit [list|verify|export|accept]");
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status =
        cli_call(cli, verify ? "POST" : "GET", verify ? "/api/audit/verify" : "/api/audit", NULL,
                 NULL, NULL, &body);
    return cli_answer(cli, status, body, verify ? print_verified : print_records);
}
