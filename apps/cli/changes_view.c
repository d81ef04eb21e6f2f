/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/changes_view.h"

#include "escher/base/alloc.h"

static const char *word_of(const char *what)
{
    if (esc_text_equal(what, "added"))
        return "seen for the first time";
    return esc_text_equal(what, "removed") ? "gone" : "changed";
}

static const char *kind_of(const struct esc_json *change)
{
    const char *kind = esc_json_str(change, "kind", "");
    return esc_text_equal(kind, "events") ? "event's" : kind;
}

static void add_value(const struct cli *cli, struct esc_buf *out, const struct esc_json *field,
                      const char *name)
{
    const char *value = esc_json_str(field, name, NULL);
    cli_add(cli, out, value ? CLI_PLAIN : CLI_DIM, value ? value : "–");
}

static void add_field(const struct cli *cli, struct esc_buf *out, const struct esc_json *field)
{
    esc_buf_add_text(out, "    ");
    cli_add(cli, out, CLI_PLAIN, esc_json_str(field, "field", ""));
    if (esc_json_member(field, "from") || esc_json_member(field, "to")) {
        esc_buf_add_text(out, ": ");
        add_value(cli, out, field, "from");
        esc_buf_add_text(out, " → ");
        add_value(cli, out, field, "to");
    }
    esc_buf_add_char(out, '\n');
}

/* "266 resources of production · us-west-2  seen for the first time" */
static void add_group(const struct cli *cli, struct esc_buf *out, const struct esc_json *change)
{
    esc_buf_printf(out, "%lld resources of ", (long long)esc_json_num(change, "count", 0));
    cli_add(cli, out, CLI_BOLD, esc_json_str(change, "account_name", ""));
    esc_buf_add_text(out, " · ");
    cli_add(cli, out, CLI_PLAIN, esc_json_str(change, "region", ""));
    esc_buf_add_text(out, "  ");
}

static void add_name(const struct cli *cli, struct esc_buf *out, const struct esc_json *change)
{
    ESC_CLEANUP(esc_freep)
    char *place =
        esc_sprintf("  %s  %s · %s  ", esc_json_str(change, "resource_type", ""),
                    esc_json_str(change, "account_name", ""), esc_json_str(change, "region", ""));
    cli_add(cli, out, CLI_BOLD, esc_json_str(change, "name", ""));
    cli_add(cli, out, CLI_DIM, place);
}

void cli_add_changes(const struct cli *cli, struct esc_buf *out, const struct esc_json *changes,
                     bool named)
{
    for (size_t i = 0; i < esc_json_len(changes); i++) {
        const struct esc_json *change = esc_json_at(changes, i);
        const struct esc_json *fields = esc_json_get(change, "fields");
        esc_buf_printf(out, "  %-11s  ", esc_json_str(change, "age", ""));
        if (esc_json_num(change, "count", 0))
            add_group(cli, out, change);
        else if (named)
            add_name(cli, out, change);
        cli_add(cli, out, CLI_PLAIN, word_of(esc_json_str(change, "what", "")));
        ESC_CLEANUP(esc_freep) char *by = esc_sprintf("  by the %s sync", kind_of(change));
        cli_add(cli, out, CLI_DIM, by);
        esc_buf_add_char(out, '\n');
        for (size_t k = 0; k < esc_json_len(fields); k++)
            add_field(cli, out, esc_json_at(fields, k));
    }
}
