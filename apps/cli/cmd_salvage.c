/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "apps/cli/rooms.h"
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/store/salvage.h"

static struct esc_salvaged salvaged; /* the one that this program makes */

static enum esc_status salvage(struct cli *cli, struct esc_error *err)
{
    const struct cli_rooms *rooms = cli_rooms(cli, err);
    return rooms ? rooms->salvage(cli, &salvaged, err) : err->status;
}

static struct esc_json *page_of(void)
{
    struct esc_json *page = esc_json_object();
    esc_json_set_int(page, "kept", (int64_t)salvaged.kept);
    esc_json_set_int(page, "damaged", (int64_t)salvaged.damaged);
    if (salvaged.knows_missing)
        esc_json_set_int(page, "missing", (int64_t)salvaged.missing);
    esc_json_set_text(page, "aside", salvaged.aside);
    esc_json_set(page, "collections", esc_json_copy(salvaged.collections));
    return page;
}

static void print_collections(const struct cli *cli, struct esc_buf *out)
{
    static const char *const titles[] = {"COLLECTION", "ROWS"};
    void *position = NULL;
    const char *name;
    const struct esc_json *count;
    struct cli_table *table = cli_table_new(titles, ESC_COUNT(titles));
    while (esc_json_next(salvaged.collections, &position, &name, &count)) {
        ESC_CLEANUP(esc_freep) char *rows = esc_sprintf("%" PRId64, esc_json_num(count, "", 0));
        const char *const cells[] = {name, rows};
        cli_table_row(table, cells);
    }
    cli_table_print(cli, table, out);
    cli_table_free(table);
}

static void print_result(const struct cli *cli, struct esc_buf *out)
{
    print_collections(cli, out);
    esc_buf_printf(out, "%" PRIu64 " rows are in the new store; %" PRIu64 " did not open",
                   salvaged.kept, salvaged.damaged);
    if (salvaged.knows_missing)
        esc_buf_printf(out, "; %" PRIu64 " were not found.\n", salvaged.missing);
    else
        esc_buf_add_text(out, "; how many there were is not known.\n");
    esc_buf_printf(out, "The damaged store is beside it: %s\n", salvaged.aside);
    esc_buf_add_text(out, "Next: `escher sync`, and `escher audit verify`.\n");
}

int cmd_salvage(struct cli *cli)
{
    struct esc_error err;
    struct esc_buf out;
    const enum esc_status status = cli_with_passphrase(cli, &err, salvage);
    if (status != ESC_OK)
        return cli_fail(cli, status, err.message);
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = page_of();
    esc_buf_init(&out, ESC_MAX_FILE);
    if (cli->json)
        cli_print_json(page);
    else
        print_result(cli, &out);
    cli_out(&out);
    esc_buf_done(&out);
    esc_json_free(salvaged.collections);
    const bool is_all = salvaged.damaged == 0 && salvaged.knows_missing && salvaged.missing == 0;
    return is_all ? 0 : esc_status_exit_code(ESC_PARTIAL);
}
