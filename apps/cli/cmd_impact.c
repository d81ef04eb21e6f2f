/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/cards.h"
#include "apps/cli/cli.h"
#include "escher/base/limits.h"

static void add_effect(const struct cli *cli, struct esc_buf *out, const struct esc_json *effect)
{
    esc_buf_add_text(out, "  ");
    cli_add(cli, out, CLI_BOLD, esc_json_str(effect, "resource.name", ""));
    esc_buf_add_text(out, "  ");
    cli_add(cli, out, CLI_PLAIN, esc_json_str(effect, "resource.resource_type", ""));
    if (*esc_json_str(effect, "resource.state", "")) {
        esc_buf_add_text(out, "  ");
        cli_add_state(cli, out, esc_json_str(effect, "resource.state", NULL));
    }
    esc_buf_add_text(out, "\n    ");
    cli_add(cli, out, CLI_DIM, esc_json_str(effect, "because", ""));
    esc_buf_add_text(out, " · seen ");
    cli_add(cli, out, CLI_DIM, esc_json_str(effect, "age", "long ago"));
    esc_buf_add_char(out, '\n');
}

/* What of the effects is of this kind, under its heading. */
static void add_effects(const struct cli *cli, struct esc_buf *out, const struct esc_json *effects,
                        const char *kind, const char *heading)
{
    bool has_heading = false;
    for (size_t i = 0; i < esc_json_len(effects); i++) {
        const struct esc_json *effect = esc_json_at(effects, i);
        if (!esc_text_equal(esc_json_str(effect, "effect", ""), kind))
            continue;
        if (!has_heading)
            esc_buf_printf(out, "\n%s\n", heading);
        has_heading = true;
        add_effect(cli, out, effect);
    }
}

/* What may need it, too, and could not be looked at. */
static void add_gaps(const struct cli *cli, struct esc_buf *out, const struct esc_json *gaps)
{
    if (esc_json_len(gaps))
        esc_buf_add_text(out, "\nNot known, since it could not be looked at:\n");
    for (size_t i = 0; i < esc_json_len(gaps); i++) {
        const struct esc_json *gap = esc_json_at(gaps, i);
        esc_buf_add_text(out, "  ");
        cli_add(cli, out, CLI_WARN, esc_json_str(gap, "operation", ""));
        esc_buf_add_text(out, " in ");
        cli_add(cli, out, CLI_PLAIN, esc_json_str(gap, "region", ""));
        esc_buf_add_text(out, ": ");
        cli_add(cli, out, CLI_PLAIN, esc_json_str(gap, "state", ""));
        esc_buf_add_char(out, ' ');
        cli_add(cli, out, CLI_DIM, esc_json_str(gap, "code", ""));
        esc_buf_add_char(out, '\n');
    }
}

static void print_impact(const struct cli *cli, const struct esc_json *body, struct esc_buf *out)
{
    const struct esc_json *effects = esc_json_get(body, "effects");
    const struct esc_json *resource = esc_json_get(body, "resource");
    cli_add(cli, out, CLI_BOLD, esc_json_str(resource, "name", ""));
    esc_buf_add_text(out, "  ");
    cli_add(cli, out, CLI_PLAIN, esc_json_str(resource, "resource_type", ""));
    esc_buf_add_text(out, " · ");
    cli_add(cli, out, CLI_PLAIN, esc_json_str(resource, "account_name", ""));
    esc_buf_add_text(out, " · ");
    cli_add(cli, out, CLI_PLAIN, esc_json_str(resource, "region", ""));
    esc_buf_add_text(out, " · ");
    cli_add_state(cli, out, esc_json_str(resource, "state", NULL));
    esc_buf_add_char(out, '\n');
    if (esc_json_len(effects) == 0)
        esc_buf_add_text(out, "Nothing in the estate is known to need it.\n");
    add_effects(cli, out, effects, "breaks", "When it stops or goes away, these stop working:");
    add_effects(cli, out, effects, "loses", "These go on with less:");
    add_gaps(cli, out, esc_json_get(body, "gaps"));
}

int cmd_impact(struct cli *cli)
{
    struct esc_json *request = esc_json_object();
    esc_json_set_text(request, "text", cli_argument(&cli->arguments, 0));
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status = cli_call(cli, "POST", "/api/impact", request, NULL, NULL, &body);
    return cli_answer_named(cli, status, body, print_impact);
}
