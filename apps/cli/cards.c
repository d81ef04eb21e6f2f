/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/cards.h"

#include <string.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/utf8.h"

void cli_add_field(const struct cli *cli, struct esc_buf *out, const char *label, const char *value)
{
    if (!value)
        return;
    esc_buf_printf(out, "  %-12s ", label);
    cli_add(cli, out, CLI_PLAIN, value);
    esc_buf_add_char(out, '\n');
}

/* The plan card. */

static void add_target(const struct cli *cli, struct esc_buf *out, const struct esc_json *target)
{
    const char *environment = esc_json_str(target, "environment", NULL);
    const bool production = esc_text_equal(environment, "production");
    cli_add(cli, out, production ? CLI_BAD : CLI_DIM, production ? "▌ PRODUCTION  " : "  ");
    cli_add(cli, out, CLI_BOLD, esc_json_str(target, "name", ""));
    esc_buf_add_text(out, "  ");
    cli_add(cli, out, CLI_PLAIN, esc_json_str(target, "resource_type", ""));
    esc_buf_add_text(out, " · ");
    cli_add(cli, out, CLI_PLAIN, cli_account_of(target));
    esc_buf_add_text(out, " · ");
    cli_add(cli, out, CLI_PLAIN, esc_json_str(target, "region", ""));
    esc_buf_add_text(out, " · ");
    cli_add_state(cli, out, esc_json_str(target, "observed_state", NULL));
    esc_buf_add_char(out, '\n');
}

static void add_step(const struct cli *cli, struct esc_buf *out, size_t number,
                     const struct esc_json *step)
{
    esc_buf_printf(out, "  %zu. ", number);
    const char *title = esc_json_str(step, "title", NULL);
    const char *command = esc_json_str(step, "command", NULL);
    if (title) {
        cli_add(cli, out, CLI_PLAIN, title);
        esc_buf_add_text(out, command ? "\n     " : "");
    }
    if (command) {
        cli_add(cli, out, CLI_BOLD, command);
        const struct esc_json *args = esc_json_get(step, "args");
        for (size_t i = 0; i < esc_json_len(args); i++) {
            esc_buf_add_char(out, ' ');
            esc_utf8_append_word(out, esc_json_value(esc_json_at(args, i)));
        }
    }
    esc_buf_add_char(out, '\n');
}

static void add_risk(const struct cli *cli, struct esc_buf *out, const struct esc_json *risk)
{
    const char *level = esc_json_str(risk, "level", "high");
    const bool low = esc_text_equal(level, "low");
    esc_buf_printf(out, "  %-12s ", "Risk:");
    cli_add(cli, out, low ? CLI_GOOD : esc_text_equal(level, "high") ? CLI_BAD : CLI_WARN, level);
    esc_buf_add_char(out, '\n');
    const struct esc_json *reasons = esc_json_get(risk, "reasons");
    for (size_t i = 0; i < esc_json_len(reasons); i++) {
        esc_buf_printf(out, "  %-12s · ", "");
        cli_add(cli, out, CLI_PLAIN, esc_json_str(esc_json_at(reasons, i), "", ""));
        esc_buf_add_char(out, '\n');
    }
    cli_add_field(cli, out, "Impact:", esc_json_str(risk, "impact", NULL));
    cli_add_field(cli, out, "Reversible:", esc_json_str(risk, "reversible", NULL));
    cli_add_field(cli, out, "Undo:", esc_json_str(risk, "undo", NULL));
}

/* Where a value comes from: a path of the facts, or the template of a name that is made here. */
static void add_source(const struct cli *cli, struct esc_buf *out, const char *source)
{
    const bool made = esc_str_starts_with(esc_str_of(source), ESC_STR("template:"));
    esc_buf_add_text(out, "  (");
    cli_add(cli, out, CLI_DIM, made ? "a new name" : source);
    esc_buf_add_text(out, ")\n");
}

static void add_parameters(const struct cli *cli, struct esc_buf *out,
                           const struct esc_json *parameters)
{
    for (size_t i = 0; i < esc_json_len(parameters); i++) {
        const struct esc_json *parameter = esc_json_at(parameters, i);
        const struct esc_json *value = esc_json_member(parameter, "value");
        ESC_CLEANUP(esc_freep)
        char *text = esc_json_is(value, ESC_JSON_STRING) ? esc_str_dup(esc_json_value(value))
                                                         : esc_json_print(value, ESC_JSON_COMPACT);
        esc_buf_printf(out, "  %-12s ", i == 0 ? "Values:" : "");
        cli_add(cli, out, CLI_PLAIN, esc_json_str(parameter, "name", ""));
        esc_buf_add_text(out, " = ");
        cli_add(cli, out, CLI_PLAIN, text);
        add_source(cli, out, esc_json_str(parameter, "source", ""));
    }
}

/* The label stands before the first only. */
static void add_list(const struct cli *cli, struct esc_buf *out, const char *label,
                     const struct esc_json *texts)
{
    for (size_t i = 0; i < esc_json_len(texts); i++)
        cli_add_field(cli, out, i == 0 ? label : "", esc_json_str(esc_json_at(texts, i), "", ""));
}

void cli_print_plan(const struct cli *cli, const struct esc_json *plan, struct esc_buf *out)
{
    cli_add(cli, out, CLI_PLAIN, esc_json_str(plan, "explain_plan", ""));
    esc_buf_add_text(out, "\n\n");
    const struct esc_json *targets = esc_json_get(plan, "targets");
    for (size_t i = 0; i < esc_json_len(targets); i++)
        add_target(cli, out, esc_json_at(targets, i));
    esc_buf_add_char(out, '\n');
    const struct esc_json *steps = esc_json_get(plan, "steps");
    for (size_t i = 0; i < esc_json_len(steps); i++)
        add_step(cli, out, i + 1, esc_json_at(steps, i));
    esc_buf_add_char(out, '\n');
    add_parameters(cli, out, esc_json_get(plan, "parameters"));
    add_risk(cli, out, esc_json_get(plan, "risk_assessment"));
    add_list(cli, out, "Note:", esc_json_get(plan, "notes"));
    add_list(cli, out, "Warning:", esc_json_get(plan, "warnings"));
}

/* Runs. */

static void add_run_step(const struct cli *cli, struct esc_buf *out, const struct esc_json *step)
{
    esc_buf_add_text(out, "  ");
    cli_add_state(cli, out, esc_json_str(step, "state", NULL));
    esc_buf_add_text(out, "  ");
    cli_add(cli, out, CLI_PLAIN,
            esc_json_str(step, "call.title", esc_json_str(step, "step_id", "")));
    const char *message = esc_json_str(step, "message", NULL);
    if (message) {
        esc_buf_add_text(out, "  ");
        cli_add(cli, out, CLI_DIM, message);
    }
    esc_buf_add_char(out, '\n');
}

void cli_print_run(const struct cli *cli, const struct esc_json *run, struct esc_buf *out)
{
    cli_add(cli, out, CLI_BOLD, esc_json_str(run, "run_id", ""));
    esc_buf_add_text(out, "  ");
    cli_add_state(cli, out, esc_json_str(run, "outcome", esc_json_str(run, "state", NULL)));
    esc_buf_add_text(out, "  ");
    cli_add(cli, out, CLI_PLAIN, esc_json_str(run, "prompt", ""));
    esc_buf_add_char(out, '\n');
    const struct esc_json *steps = esc_json_get(run, "steps");
    for (size_t i = 0; i < esc_json_len(steps); i++)
        add_run_step(cli, out, esc_json_at(steps, i));
    const struct esc_json *result = esc_json_get(run, "verification");
    for (size_t i = 0; i < esc_json_len(result); i++) {
        const struct esc_json *one = esc_json_at(result, i);
        esc_buf_add_text(out, esc_json_flag(one, "ok", false) ? "  ✓ " : "  ✗ ");
        cli_add(cli, out, CLI_PLAIN, esc_json_str(one, "title", ""));
        esc_buf_add_text(out, "  ");
        cli_add(cli, out, CLI_DIM, esc_json_str(one, "says", ""));
        esc_buf_add_char(out, '\n');
    }
}

void cli_show_run_event(struct cli *cli, const struct esc_json *event, void *)
{
    if (cli->json) {
        cli_print_json(event);
        return;
    }
    const char *kind = esc_json_str(event, "kind", "");
    if (esc_text_equal(kind, "step.started"))
        cli_note(cli, "▸ %s", esc_json_str(event, "data.title", ""));
    else if (esc_text_equal(kind, "step.ended"))
        cli_note(cli, "  %s %s", esc_json_str(event, "data.state", ""),
                 esc_json_str(event, "data.message", ""));
    else if (esc_text_equal(kind, "step.waiting"))
        cli_note(cli, "  … %s", esc_json_str(event, "data.message", ""));
    else if (esc_text_equal(kind, "output") && !cli->quiet) {
        struct esc_buf line;
        esc_buf_init(&line, ESC_MAX_FILE);
        esc_utf8_append_display(&line, esc_str_of(esc_json_str(event, "data.text", "")), true);
        (void)esc_file_write_fd(STDERR_FILENO, esc_buf_str(&line), NULL); /* live output */
        esc_buf_done(&line);
    }
}
