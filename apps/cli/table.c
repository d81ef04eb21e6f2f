/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/cli.h"
#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/limits.h"
#include "escher/base/utf8.h"

enum {
    MAX_COLUMNS = 12,
    NARROWEST = 8, /* a column is not cut below this */
    GAP = 2
};

struct cli_table {
    const char *const *titles;
    size_t columns;
    bool first_is_whole;
    size_t favoured;       /* a column; SIZE_MAX: none */
    struct esc_list cells; /* char *, row after row, already safe to show */
};

struct cli_table *cli_table_new(const char *const *titles, size_t columns)
{
    ESC_ASSERT(columns <= MAX_COLUMNS);
    struct cli_table *table = esc_alloc_zero(sizeof *table);
    table->titles = titles;
    table->columns = columns;
    table->favoured = SIZE_MAX;
    esc_list_init(&table->cells, free);
    return table;
}

void cli_table_free(struct cli_table *table)
{
    if (table)
        esc_list_done(&table->cells);
    free(table);
}

void cli_table_keep_first(struct cli_table *table)
{
    table->first_is_whole = true;
}

void cli_table_favour(struct cli_table *table, size_t column)
{
    table->favoured = column;
}

void cli_table_row(struct cli_table *table, const char *const *cells)
{
    for (size_t i = 0; i < table->columns; i++) {
        struct esc_buf shown;
        esc_buf_init(&shown, ESC_MAX_FILE);
        esc_utf8_append_display(&shown, esc_str_of(cells[i] ? cells[i] : "–"), false);
        esc_list_push(&table->cells, esc_buf_take(&shown));
    }
}

static size_t natural_width(const struct cli_table *table, size_t column)
{
    size_t widest = esc_utf8_columns(esc_str_of(table->titles[column]));
    for (size_t i = column; i < table->cells.count; i += table->columns) {
        const size_t width = esc_utf8_columns(esc_str_of(table->cells.items[i]));
        if (width > widest)
            widest = width;
    }
    return widest;
}

/* The column that gives way next: the widest that may be cut; SIZE_MAX when none may. */
static size_t find_widest(const struct cli_table *table, const size_t *widths, size_t available)
{
    size_t widest = SIZE_MAX;
    for (size_t i = table->first_is_whole ? 1 : 0; i < table->columns; i++) {
        const size_t least = i == table->favoured ? available / 3 : NARROWEST;
        if (widths[i] > least && (widest == SIZE_MAX || widths[i] > widths[widest]))
            widest = i;
    }
    return widest;
}

/* Columns are cut, one place at a time, until the row fits. */
static void fit(const struct cli_table *table, size_t *widths, size_t available)
{
    size_t total = (table->columns - 1) * GAP;
    for (size_t i = 0; i < table->columns; i++)
        total += widths[i];
    for (; total > available; total--) {
        const size_t widest = find_widest(table, widths, available);
        if (widest == SIZE_MAX)
            return;
        widths[widest]--;
    }
}

/* The longest front that fits, with an ellipsis where something was cut. */
static void add_cell(struct esc_buf *out, const char *text, size_t width, bool last)
{
    struct esc_str shown = esc_str_of(text);
    size_t columns = esc_utf8_columns(shown);
    const bool cut = columns > width;
    while (columns > (cut ? width - 1 : width)) {
        shown = esc_utf8_cut(shown, shown.len - 1);
        columns = esc_utf8_columns(shown);
    }
    esc_buf_add(out, shown);
    if (cut) {
        esc_buf_add_text(out, "…");
        columns++;
    }
    for (; !last && columns < width + GAP; columns++)
        esc_buf_add_char(out, ' ');
}

void cli_table_print(const struct cli *cli, const struct cli_table *table, struct esc_buf *out)
{
    size_t widths[MAX_COLUMNS];
    for (size_t i = 0; i < table->columns; i++)
        widths[i] = natural_width(table, i);
    fit(table, widths, cli->width);
    if (cli->colour)
        esc_buf_add_text(out, "\033[2m");
    for (size_t i = 0; i < table->columns; i++)
        add_cell(out, table->titles[i], widths[i], i + 1 == table->columns);
    esc_buf_add_text(out, cli->colour ? "\033[0m\n" : "\n");
    for (size_t i = 0; i < table->cells.count; i++) {
        const bool last = (i + 1) % table->columns == 0;
        add_cell(out, table->cells.items[i], widths[i % table->columns], last);
        if (last)
            esc_buf_add_char(out, '\n');
    }
}
