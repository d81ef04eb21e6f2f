/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/ledger.h"

#include <stdlib.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/list.h"
#include "escher/base/map.h"
#include "escher/base/utf8.h"

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

/* What is asked once for all regions has one of them as its own, and is a place beside it. */
static const char *value_of(const struct esc_json *cell, const char *name)
{
    return esc_text_equal(name, "region") ? region_of(cell) : text(cell, name);
}

/* Cells that are alike in something: an account has a thousand, so each is looked at once. */
struct sum {
    const struct esc_json *first;
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

static struct sum *sum_for(struct esc_map *sums, const struct esc_json *cell,
                           const char *const *names, size_t count)
{
    struct esc_buf key;
    esc_buf_init(&key, ESC_MAX_FILE);
    for (size_t i = 0; i < count; i++) {
        esc_buf_add_text(&key, value_of(cell, names[i]));
        esc_buf_add_char(&key, '\0');
    }
    struct sum *sum = esc_map_get(sums, esc_buf_str(&key));
    if (!sum) {
        sum = esc_alloc_zero(sizeof *sum);
        sum->first = cell;
        esc_map_set(sums, esc_buf_str(&key), sum);
    }
    esc_buf_done(&key);
    return sum;
}

typedef bool wants_fn(const struct esc_json *cell);

static bool is_any(const struct esc_json *)
{
    return true;
}

static bool is_missing(const struct esc_json *cell)
{
    return !is_seen(cell);
}

static bool is_list(const struct esc_json *cell)
{
    return *text(cell, "resource_type") != '\0';
}

/* Of struct sum *, in the order of their first cells; owned. */
static struct esc_map *sum_up(const struct esc_json *cells, wants_fn *wants,
                              const char *const *names, size_t count)
{
    struct esc_map *sums = esc_map_new(free);
    for (size_t i = 0; i < esc_json_len(cells); i++) {
        const struct esc_json *cell = esc_json_at(cells, i);
        if (wants(cell))
            add_cell(sum_for(sums, cell, names, count), cell);
    }
    return sums;
}

static const struct sum *next_sum(const struct esc_map *sums, size_t *position)
{
    struct esc_str key;
    void *sum = NULL;
    return esc_map_next(sums, position, &key, &sum) ? sum : NULL;
}

/* What could not be seen */

static void add_where(const struct cli *cli, struct esc_buf *out, const struct sum *sum)
{
    const struct esc_json *cell = sum->first;
    ESC_CLEANUP(esc_freep)
    char *place = esc_sprintf(" in %s · %s", text(cell, "account_name"), region_of(cell));
    cli_add(cli, out, CLI_PLAIN, place);
    if (sum->cells > 1)
        esc_buf_printf(out, " and %zu more", sum->cells - 1);
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
    static const char *const reason[] = {"service", "operation", "state", "code", "message"};
    ESC_CLEANUP(esc_map_freep)
    struct esc_map *sums = sum_up(cells, is_missing, reason, ESC_COUNT(reason));
    const struct sum *sum;
    for (size_t at = 0; (sum = next_sum(sums, &at));) {
        const struct esc_json *cell = sum->first;
        ESC_CLEANUP(esc_freep)
        char *what = esc_sprintf("%s %s: ", text(cell, "service"), text(cell, "operation"));
        cli_add(cli, out, CLI_WARN, "⊘ ");
        cli_add(cli, out, CLI_PLAIN, what);
        cli_add(cli, out, CLI_WARN, text(cell, "state"));
        add_where(cli, out, sum);
        esc_buf_add_char(out, '\n');
        add_reason(cli, out, cell);
    }
}

/* Places */

static void add_place(struct cli_table *table, const struct sum *sum)
{
    ESC_CLEANUP(esc_freep) char *count = esc_sprintf("%lld", (long long)sum->resources);
    ESC_CLEANUP(esc_freep) char *seen = esc_sprintf("%zu of %zu", sum->seen, sum->cells);
    const char *const texts[] = {text(sum->first, "account_name"), region_of(sum->first), count,
                                 seen, sum->age};
    cli_table_row(table, texts);
}

/* The places of an account stand together. */
void cli_add_places(const struct cli *cli, struct esc_buf *out, const struct esc_json *cells)
{
    static const char *const titles[] = {"ACCOUNT", "REGION", "RESOURCES", "SEEN", "ASKED"};
    static const char *const names[] = {"account_id", "region"}; /* the first alone: an account */
    struct cli_table *table = cli_table_new(titles, ESC_COUNT(titles));
    ESC_CLEANUP(esc_map_freep) struct esc_map *accounts = sum_up(cells, is_any, names, 1);
    ESC_CLEANUP(esc_map_freep)
    struct esc_map *places = sum_up(cells, is_any, names, ESC_COUNT(names));
    const struct sum *account, *place;
    for (size_t i = 0; (account = next_sum(accounts, &i));)
        for (size_t at = 0; (place = next_sum(places, &at));)
            if (esc_text_equal(text(place->first, "account_id"),
                               text(account->first, "account_id")))
                add_place(table, place);
    cli_table_print(cli, table, out);
    cli_table_free(table);
}

/* Kinds. Where nobody could look there is no number, not even nought. */

/* The kinds that everybody was asked about and nobody has, in lines of the terminal's width. */
static void add_absent(const struct cli *cli, struct esc_buf *out, const struct esc_list *kinds)
{
    size_t column = cli->width;
    if (kinds->count)
        esc_buf_add_text(out, "\nLooked for everywhere, and there is none:");
    for (size_t i = 0; i < kinds->count; i++) {
        const char *name = esc_list_at(kinds, i);
        const size_t columns = esc_utf8_columns(esc_str_of(name)) + 2;
        const bool wraps = column + columns > cli->width;
        esc_buf_add_text(out, wraps ? "\n  " : " ");
        column = (wraps ? 1 : column) + columns;
        cli_add(cli, out, CLI_DIM, name);
        esc_buf_add_text(out, i + 1 < kinds->count ? "," : "\n");
    }
}

/* True: the kind has a row. */
static bool add_kind(struct cli_table *table, const struct sum *sum)
{
    const bool nobody = sum->seen == 0 && sum->resources == 0;
    if (sum->resources == 0 && sum->seen == sum->cells)
        return false;
    ESC_CLEANUP(esc_freep) char *count = esc_sprintf("%lld", (long long)sum->resources);
    ESC_CLEANUP(esc_freep)
    char *seen = esc_sprintf("%zu of %zu%s", sum->seen, sum->cells,
                             nobody                   ? ": could not look"
                             : sum->seen < sum->cells ? ": not all of them"
                                                      : "");
    const char *const texts[] = {text(sum->first, "resource_type"), nobody ? NULL : count, seen};
    cli_table_row(table, texts);
    return true;
}

void cli_add_kinds(const struct cli *cli, struct esc_buf *out, const struct esc_json *cells)
{
    static const char *const titles[] = {"KIND", "RESOURCES", "SEEN IN"};
    static const char *const kind[] = {"resource_type"};
    struct cli_table *table = cli_table_new(titles, ESC_COUNT(titles));
    ESC_CLEANUP(esc_map_freep) struct esc_map *sums = sum_up(cells, is_list, kind, 1);
    struct esc_list absent;
    const struct sum *sum;
    size_t rows = 0;
    esc_list_init(&absent, NULL);
    for (size_t at = 0; (sum = next_sum(sums, &at));) {
        if (add_kind(table, sum))
            rows++;
        else
            esc_list_push(&absent, (void *)(uintptr_t)text(sum->first, "resource_type"));
    }
    if (rows)
        cli_table_print(cli, table, out);
    add_absent(cli, out, &absent);
    esc_list_done(&absent);
    cli_table_free(table);
}
