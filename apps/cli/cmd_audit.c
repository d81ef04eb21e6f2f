/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/cli.h"
#include "escher/base/alloc.h"
#include "escher/base/limits.h"

static void print_records(const struct cli *cli, const struct esc_json *records,
                          struct esc_buf *out)
{
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

static void print_lines(const struct esc_json *records)
{
    for (size_t i = 0; i < esc_json_len(records); i++)
        cli_print_json(esc_json_at(records, i));
}

int cmd_audit(struct cli *cli)
{
    const char *act = cli_argument(&cli->arguments, 0);
    const bool verify = esc_text_equal(act, "verify");
    const bool export = esc_text_equal(act, "export");
    if (act && !verify && !export && !esc_text_equal(act, "list"))
        return cli_fail(cli, ESC_INVALID, "usage: escher audit [list|verify|export]");
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status =
        cli_call(cli, verify ? "POST" : "GET", verify ? "/api/audit/verify" : "/api/audit", NULL,
                 NULL, NULL, &body);
    if (status != ESC_OK)
        return cli_fail_body(cli, status, body);
    const struct esc_json *records = esc_json_get(body, "records");
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_FILE);
    if (export)
        print_lines(records);
    else if (cli->json)
        cli_print_json(body);
    else if (verify)
        esc_buf_printf(&out, "The record is whole: %lld entries, each in its place.\n",
                       (long long)esc_json_num(body, "count", 0));
    else
        print_records(cli, records, &out);
    cli_out(&out);
    esc_buf_done(&out);
    return 0;
}
