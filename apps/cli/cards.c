/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/cards.h"

#include <string.h>
#include <unistd.h>

#include "apps/cli/changes_view.h"
#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/utf8.h"

/* A hit holds its resource; a bare resource is one itself. */
static const struct esc_json *resource_of(const struct esc_json *entry)
{
    const struct esc_json *inside = esc_json_member(entry, "resource");
    return inside ? inside : entry;
}

static const char *account_of(const struct esc_json *resource)
{
    return esc_json_str(resource, "account_name", esc_json_str(resource, "account_id", ""));
}

static void add_hit_row(struct cli_table *table, const char *number, const struct esc_json *hit)
{
    const struct esc_json *resource = resource_of(hit);
    const char *const cells[] = {
        number,
        esc_json_str(resource, "name", ""),
        esc_json_str(resource, "resource_type", ""),
        esc_json_str(resource, "state", NULL),
        account_of(resource),
        esc_json_str(resource, "region", ""),
        esc_json_str(hit, "tier", NULL),
    };
    cli_table_row(table, number ? cells : cells + 1);
}

void cli_print_hits(const struct cli *cli, const struct esc_json *hits, struct esc_buf *out)
{
    static const char *const titles[] = {"NAME", "TYPE", "STATE", "ACCOUNT", "REGION", "MATCH"};
    struct cli_table *table = cli_table_new(titles, ESC_COUNT(titles));
    for (size_t i = 0; i < esc_json_len(hits); i++)
        add_hit_row(table, NULL, esc_json_at(hits, i));
    cli_table_print(cli, table, out);
    cli_table_free(table);
}

void cli_print_choices(const struct cli *cli, const struct esc_json *choices, struct esc_buf *out)
{
    static const char *const titles[] = {"#", "NAME", "TYPE", "STATE", "ACCOUNT", "REGION"};
    struct cli_table *table = cli_table_new(titles, ESC_COUNT(titles));
    for (size_t i = 0; i < esc_json_len(choices); i++) {
        ESC_CLEANUP(esc_freep) char *number = esc_sprintf("%zu", i + 1);
        add_hit_row(table, number, esc_json_at(choices, i));
    }
    cli_table_print(cli, table, out);
    cli_table_free(table);
}

void cli_add_field(const struct cli *cli, struct esc_buf *out, const char *label, const char *value)
{
    if (!value)
        return;
    esc_buf_printf(out, "  %-12s ", label);
    cli_add(cli, out, CLI_PLAIN, value);
    esc_buf_add_char(out, '\n');
}

/* "can_stop" reads as "can stop". */
static void add_fact(const struct cli *cli, struct esc_buf *out, const char *name,
                     const char *answer, const char *text)
{
    ESC_CLEANUP(esc_freep) char *words = esc_strdup(name);
    for (char *at = words; *at; at++)
        *at = *at == '_' ? ' ' : *at;
    esc_buf_add_text(out, "  ");
    cli_add(cli, out, CLI_PLAIN, words);
    const size_t len = strlen(words);
    esc_buf_printf(out, "%*s ", len < 20 ? (int)(20 - len) : 0, "");
    cli_add(cli, out, CLI_PLAIN, answer);
    cli_add(cli, out, CLI_PLAIN, text);
    esc_buf_add_char(out, '\n');
}

static void add_value(const struct cli *cli, struct esc_buf *out, const char *key,
                      const struct esc_json *value)
{
    ESC_CLEANUP(esc_freep)
    char *text = esc_json_is(value, ESC_JSON_STRING) ? esc_str_dup(esc_json_value(value))
                                                     : esc_json_print(value, ESC_JSON_COMPACT);
    esc_buf_add_text(out, "    ");
    cli_add(cli, out, CLI_DIM, key);
    esc_buf_add_text(out, " = ");
    cli_add(cli, out, CLI_PLAIN, text);
    esc_buf_add_char(out, '\n');
}

static void add_object(const struct cli *cli, struct esc_buf *out, const char *title,
                       const struct esc_json *object)
{
    void *position = NULL;
    const char *key;
    const struct esc_json *value;
    if (esc_json_len(object) == 0)
        return;
    esc_buf_printf(out, "  %s\n", title);
    while (esc_json_next(object, &position, &key, &value))
        add_value(cli, out, key, value);
}

static void add_constraints(const struct cli *cli, struct esc_buf *out,
                            const struct esc_json *constraints)
{
    const struct esc_json *reasons = esc_json_get(constraints, "reasons");
    for (size_t i = 0; i < esc_json_len(reasons); i++) {
        const struct esc_json *reason = esc_json_at(reasons, i);
        const char *name = esc_json_str(reason, "constraint", "");
        add_fact(cli, out, name, esc_json_flag(constraints, name, false) ? "yes: " : "no: ",
                 esc_json_str(reason, "because", ""));
    }
}

static void add_relations(const struct cli *cli, struct esc_buf *out,
                          const struct esc_json *relations)
{
    for (size_t i = 0; i < esc_json_len(relations); i++) {
        const struct esc_json *relation = esc_json_at(relations, i);
        add_fact(cli, out, esc_json_str(relation, "kind", ""), "",
                 esc_json_str(relation, "name", esc_json_str(relation, "target", "")));
    }
}

void cli_print_resource(const struct cli *cli, const struct esc_json *body, struct esc_buf *out)
{
    const struct esc_json *resource = esc_json_get(body, "resource");
    cli_add(cli, out, CLI_BOLD, esc_json_str(resource, "name", ""));
    esc_buf_add_text(out, "  ");
    cli_add_state(cli, out, esc_json_str(resource, "state", NULL));
    esc_buf_add_char(out, '\n');
    cli_add_field(cli, out, "type", esc_json_str(resource, "resource_type", NULL));
    cli_add_field(cli, out, "account", account_of(resource));
    cli_add_field(cli, out, "region", esc_json_str(resource, "region", NULL));
    cli_add_field(cli, out, "arn", esc_json_str(resource, "arn", NULL));
    cli_add_field(cli, out, "id", esc_json_str(resource, "id", NULL));
    cli_add_field(cli, out, "seen", esc_json_str(resource, "last_synced", NULL));
    add_constraints(cli, out, esc_json_get(resource, "constraints"));
    add_object(cli, out, "tags", esc_json_get(resource, "tags"));
    add_object(cli, out, "metadata", esc_json_get(resource, "metadata"));
    if (cli_has(&cli->arguments, "relations"))
        add_relations(cli, out, esc_json_get(body, "relations"));
    const struct esc_json *history = esc_json_get(body, "history");
    if (!history)
        return;
    esc_buf_add_text(out, "\n");
    cli_add_changes(cli, out, history, false);
    if (esc_json_len(history) == 0)
        esc_buf_add_text(out, "no sync has found a change\n");
}

int cli_answer_named(const struct cli *cli, enum esc_status status, const struct esc_json *body,
                     cli_print_fn *print)
{
    const struct esc_json *choices = esc_json_get(body, "choices");
    if (status == ESC_OK)
        return cli_answer(cli, status, body, print);
    const int code = cli_fail_body(cli, status, body);
    if (cli->json || esc_json_len(choices) == 0)
        return code;
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_FILE);
    cli_print_choices(cli, choices, &out);
    if (status == ESC_AMBIGUOUS)
        esc_buf_add_text(&out, "An ARN names one of them; --json has the ARNs.\n");
    cli_out(&out);
    esc_buf_done(&out);
    return code;
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
    cli_add(cli, out, CLI_PLAIN, account_of(target));
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
