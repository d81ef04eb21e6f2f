/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/ledger.h"

#include "escher/base/alloc.h"
#include "escher/base/limits.h"

static const char *text(const struct esc_json *cell, const char *name)
{
    return esc_json_str(cell, name, "");
}

static const char *region_of(const struct esc_json *cell)
{
    return esc_json_flag(cell, "all_regions", false) ? "all regions" : text(cell, "region");
}

static bool is_seen(const struct esc_json *cell)
{
    return esc_text_equal(text(cell, "state"), "ok");
}

static bool are_alike(const struct esc_json *a, const struct esc_json *b, const char *const *names,
                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!esc_text_equal(text(a, names[i]), text(b, names[i])))
            return false;
    return true;
}

/* Whether an earlier cell stands for this one already. */
static bool is_told(const struct esc_json *cells, size_t index, const char *const *names,
                    size_t count, bool missing_only)
{
    for (size_t i = 0; i < index; i++) {
        const struct esc_json *cell = esc_json_at(cells, i);
        if ((!missing_only || !is_seen(cell)) &&
            are_alike(cell, esc_json_at(cells, index), names, count))
            return true;
    }
    return false;
}

/* What could not be seen */

static const char *const reason[] = {"service", "operation", "state", "code", "message"};

static void add_where(const struct cli *cli, struct esc_buf *out, const struct esc_json *cells,
                      const struct esc_json *cell)
{
    size_t others = 0;
    for (size_t i = 0; i < esc_json_len(cells); i++)
        others += are_alike(esc_json_at(cells, i), cell, reason, ESC_COUNT(reason));
    ESC_CLEANUP(esc_freep)
    char *place = esc_sprintf(" in %s · %s", text(cell, "account_name"), region_of(cell));
    cli_add(cli, out, CLI_PLAIN, place);
    if (others > 1)
        esc_buf_printf(out, " and %zu more", others - 1);
    if (*text(cell, "age")) {
        esc_buf_add_text(out, ", ");
        cli_add(cli, out, CLI_DIM, text(cell, "age"));
    }
}

static void add_reason(const struct cli *cli, struct esc_buf *out, const struct esc_json *cell)
{
    esc_buf_add_text(out, "    ");
    if (*text(cell, "code")) {
        cli_add(cli, out, CLI_DIM, text(cell, "code"));
        esc_buf_add_text(out, ": ");
    }
    cli_add(cli, out, CLI_DIM, text(cell, "message"));
    esc_buf_add_char(out, '\n');
    if (!*text(cell, "cure"))
        return;
    esc_buf_add_text(out, "    → ");
    cli_add(cli, out, CLI_PLAIN, text(cell, "cure"));
    esc_buf_add_char(out, '\n');
}

void cli_add_missing(const struct cli *cli, struct esc_buf *out, const struct esc_json *cells)
{
    for (size_t i = 0; i < esc_json_len(cells); i++) {
        const struct esc_json *cell = esc_json_at(cells, i);
        if (is_seen(cell) || is_told(cells, i, reason, ESC_COUNT(reason), true))
            continue;
        ESC_CLEANUP(esc_freep)
        char *what = esc_sprintf("%s %s: ", text(cell, "service"), text(cell, "operation"));
        cli_add(cli, out, CLI_WARN, "⊘ ");
        cli_add(cli, out, CLI_PLAIN, what);
        cli_add(cli, out, CLI_WARN, text(cell, "state"));
        add_where(cli, out, cells, cell);
        esc_buf_add_char(out, '\n');
        add_reason(cli, out, cell);
    }
}

/* Places */

static const char *const place[] = {"account_id", "region"};

struct sum {
    size_t cells, seen;
    int64_t resources;
    const char *oldest, *age; /* the cell that was looked at first */
};

static void add_cell(struct sum *sum, const struct esc_json *cell)
{
    sum->cells++;
    sum->seen += is_seen(cell);
    if (*text(cell, "resource_type"))
        sum->resources += esc_json_num(cell, "resources", 0);
    if (!sum->oldest ||
        esc_str_compare(esc_str_of(text(cell, "at")), esc_str_of(sum->oldest)) < 0) {
        sum->oldest = text(cell, "at");
        sum->age = text(cell, "age");
    }
}

static struct sum sum_of(const struct esc_json *cells, const struct esc_json *like,
                         const char *const *names, size_t count, bool lists_only)
{
    struct sum sum = {0};
    for (size_t i = 0; i < esc_json_len(cells); i++) {
        const struct esc_json *cell = esc_json_at(cells, i);
        if ((!lists_only || *text(cell, "resource_type")) && are_alike(cell, like, names, count))
            add_cell(&sum, cell);
    }
    return sum;
}

void cli_add_places(const struct cli *cli, struct esc_buf *out, const struct esc_json *cells)
{
    static const char *const titles[] = {"ACCOUNT", "REGION", "RESOURCES", "SEEN", "ASKED"};
    struct cli_table *table = cli_table_new(titles, ESC_COUNT(titles));
    for (size_t i = 0; i < esc_json_len(cells); i++) {
        const struct esc_json *cell = esc_json_at(cells, i);
        if (is_told(cells, i, place, ESC_COUNT(place), false))
            continue;
        const struct sum sum = sum_of(cells, cell, place, ESC_COUNT(place), false);
        ESC_CLEANUP(esc_freep) char *count = esc_sprintf("%lld", (long long)sum.resources);
        ESC_CLEANUP(esc_freep) char *seen = esc_sprintf("%zu of %zu", sum.seen, sum.cells);
        const char *const texts[] = {text(cell, "account_name"), region_of(cell), count, seen,
                                     sum.age};
        cli_table_row(table, texts);
    }
    cli_table_print(cli, table, out);
    cli_table_free(table);
}

/* Kinds. Where nobody could look there is no number, not even nought. */

static const char *const kind[] = {"resource_type"};

void cli_add_kinds(const struct cli *cli, struct esc_buf *out, const struct esc_json *cells)
{
    static const char *const titles[] = {"KIND", "RESOURCES", "SEEN IN"};
    struct cli_table *table = cli_table_new(titles, ESC_COUNT(titles));
    for (size_t i = 0; i < esc_json_len(cells); i++) {
        const struct esc_json *cell = esc_json_at(cells, i);
        if (!*text(cell, "resource_type") || is_told(cells, i, kind, ESC_COUNT(kind), false))
            continue;
        const struct sum sum = sum_of(cells, cell, kind, ESC_COUNT(kind), true);
        const bool nobody = sum.seen == 0 && sum.resources == 0;
        ESC_CLEANUP(esc_freep) char *count = esc_sprintf("%lld", (long long)sum.resources);
        ESC_CLEANUP(esc_freep)
        char *seen = esc_sprintf("%zu of %zu%s", sum.seen, sum.cells,
                                 nobody                 ? ": could not look"
                                 : sum.seen < sum.cells ? ": not all of them"
                                                        : "");
        const char *const texts[] = {text(cell, "resource_type"), nobody ? NULL : count, seen};
        cli_table_row(table, texts);
    }
    cli_table_print(cli, table, out);
    cli_table_free(table);
}
