/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/options.h"

/* Every text made out of the option table: help, man page, completions. */

static void add_option(const struct cli_option *option, struct esc_buf *out)
{
    const char *dashes = option->name[1] ? "--" : "-";
    struct esc_buf name;
    esc_buf_init(&name, 256);
    esc_buf_printf(&name, "%s%s%s%s", dashes, option->name, option->argument ? " " : "",
                   option->argument ? option->argument : "");
    esc_buf_printf(out, "  %-24s %s\n", esc_buf_text(&name), option->help);
    esc_buf_done(&name);
}

/* Breaks lines at spaces so that none is longer than 78 columns. */
static void add_wrapped(struct esc_str text, struct esc_buf *out)
{
    size_t column = 0;
    struct esc_str word;
    while (esc_str_next(&text, ' ', &word)) {
        if (column && column + 1 + word.len > 78) {
            esc_buf_add_char(out, '\n');
            column = 0;
        }
        if (column) {
            esc_buf_add_char(out, ' ');
            column++;
        }
        esc_buf_add(out, word);
        column += word.len;
    }
    esc_buf_add_char(out, '\n');
}

void cli_help(struct esc_buf *out)
{
    esc_buf_add_text(out, "escher: say what should happen to your cloud, see what it will do, "
                          "agree, done.\n\nusage: escher VERB [ARGUMENTS] [OPTIONS]\n\n");
    for (const struct cli_verb *verb = cli_verbs; verb->name; verb++)
        esc_buf_printf(out, "  %-12s %s\n", verb->name, verb->summary);
    esc_buf_add_text(out, "\nEvery verb takes:\n");
    for (const struct cli_option *option = cli_global_options; option->name; option++)
        add_option(option, out);
    esc_buf_add_text(out, "\n`escher help VERB` says more. A first look, without any account: "
                          "`escher demo up`.\n");
}

void cli_help_verb(const struct cli_verb *verb, struct esc_buf *out)
{
    esc_buf_printf(out, "usage: escher %s%s%s [OPTIONS]\n\n%s.\n", verb->name,
                   *verb->arguments ? " " : "", verb->arguments, verb->summary);
    if (verb->details) {
        esc_buf_add_char(out, '\n');
        add_wrapped(esc_str_of(verb->details), out);
    }
    if (verb->options->name)
        esc_buf_add_text(out, "\nOptions:\n");
    for (const struct cli_option *option = verb->options; option->name; option++)
        add_option(option, out);
    esc_buf_add_text(out, "\nAnd those every verb takes; see `escher --help`.\n");
}

/* scdoc takes _ and * as marks, and a < or a leading # or . too. */
static void add_man_text(const char *text, struct esc_buf *out)
{
    for (; *text; text++) {
        if (*text == '_' || *text == '*' || *text == '\\' || *text == '<' || *text == '[')
            esc_buf_add_char(out, '\\');
        esc_buf_add_char(out, *text);
    }
}

static void add_man_options(const struct cli_option *option, struct esc_buf *out)
{
    for (; option->name; option++) {
        esc_buf_printf(out, "*%s%s*", option->name[1] ? "--" : "-", option->name);
        if (option->argument) {
            esc_buf_add_text(out, " ");
            add_man_text(option->argument, out);
        }
        esc_buf_add_text(out, "\n\t");
        add_man_text(option->help, out);
        esc_buf_add_text(out, "\n\n");
    }
}

static void add_man_statuses(struct esc_buf *out)
{
    esc_buf_add_text(out, "# EXIT STATUS\n\n");
    for (int code = 0; code <= 130; code++) {
        bool first = true;
        for (unsigned i = 0; i < ESC_STATUS_COUNT; i++) {
            const enum esc_status status = (enum esc_status)i;
            if (esc_status_exit_code(status) != code)
                continue;
            if (first)
                esc_buf_printf(out, "*%d*\n\t", code);
            else
                esc_buf_add_text(out, "; ");
            add_man_text(esc_status_meaning(status), out);
            first = false;
        }
        if (!first)
            esc_buf_add_text(out, "\n\n");
    }
}

void cli_man_page(struct esc_buf *out)
{
    esc_buf_add_text(out, "escher(1)\n\n# NAME\n\nescher - a local-first workbench for cloud "
                          "operations\n\n# SYNOPSIS\n\n*escher* VERB \\[ARGUMENTS] "
                          "\\[OPTIONS]\n\n# OPTIONS OF EVERY VERB\n\n");
    add_man_options(cli_global_options, out);
    esc_buf_add_text(out, "# VERBS\n\n");
    for (const struct cli_verb *verb = cli_verbs; verb->name; verb++) {
        esc_buf_printf(out, "## escher %s ", verb->name);
        esc_buf_add_text(out, verb->arguments);
        esc_buf_add_text(out, "\n\n");
        add_man_text(verb->summary, out);
        esc_buf_add_text(out, ".\n\n");
        if (verb->details) {
            add_man_text(verb->details, out);
            esc_buf_add_text(out, "\n\n");
        }
        add_man_options(verb->options, out);
    }
    add_man_statuses(out);
}

static void add_words(const struct cli_verb *verb, const char *dash, struct esc_buf *out)
{
    for (const struct cli_option *option = verb->options; option->name; option++)
        esc_buf_printf(out, " %s%s", option->name[1] ? dash : "-", option->name);
    for (const struct cli_option *option = cli_global_options; option->name; option++)
        esc_buf_printf(out, " %s%s", dash, option->name);
}

static void add_bash(struct esc_buf *out)
{
    esc_buf_add_text(out, "_escher() {\n    local cur=${COMP_WORDS[COMP_CWORD]} words\n"
                          "    case ${COMP_WORDS[1]} in\n");
    for (const struct cli_verb *verb = cli_verbs; verb->name; verb++) {
        esc_buf_printf(out, "    %s) words=\"", verb->name);
        add_words(verb, "--", out);
        esc_buf_add_text(out, "\" ;;\n");
    }
    esc_buf_add_text(out, "    esac\n    [ \"$COMP_CWORD\" -eq 1 ] && words=\"");
    for (const struct cli_verb *verb = cli_verbs; verb->name; verb++)
        esc_buf_printf(out, "%s ", verb->name);
    esc_buf_add_text(out, "\"\n    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\n"
                          "complete -o default -F _escher escher\n");
}

static void add_zsh(struct esc_buf *out)
{
    esc_buf_add_text(out, "#compdef escher\nlocal -a verbs\nverbs=(\n");
    for (const struct cli_verb *verb = cli_verbs; verb->name; verb++)
        esc_buf_printf(out, "    '%s:%s'\n", verb->name, verb->summary);
    esc_buf_add_text(out, ")\nif (( CURRENT == 2 )); then\n    _describe verb verbs\nelse\n"
                          "    case $words[2] in\n");
    for (const struct cli_verb *verb = cli_verbs; verb->name; verb++) {
        esc_buf_printf(out, "    %s) compadd --", verb->name);
        add_words(verb, "--", out);
        esc_buf_add_text(out, " ;;\n");
    }
    esc_buf_add_text(out, "    esac\nfi\n");
}

/* Inside single quotes fish knows \' and \\ only. */
static void add_fish_text(const char *text, struct esc_buf *out)
{
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            esc_buf_add_char(out, '\\');
        esc_buf_add_char(out, *text);
    }
}

static void add_fish_options(const struct cli_option *option, const char *condition,
                             struct esc_buf *out)
{
    for (; option->name; option++) {
        esc_buf_printf(out, "complete -c escher%s -%c %s%s -d '", condition,
                       option->name[1] ? 'l' : 's', option->name, option->argument ? " -x" : "");
        add_fish_text(option->help, out);
        esc_buf_add_text(out, "'\n");
    }
}

static void add_fish(struct esc_buf *out)
{
    for (const struct cli_verb *verb = cli_verbs; verb->name; verb++) {
        struct esc_buf condition;
        esc_buf_init(&condition, 256);
        esc_buf_printf(&condition, " -n '__fish_seen_subcommand_from %s'", verb->name);
        esc_buf_printf(out, "complete -c escher -n __fish_use_subcommand -a %s -d '", verb->name);
        add_fish_text(verb->summary, out);
        esc_buf_add_text(out, "'\n");
        add_fish_options(verb->options, esc_buf_text(&condition), out);
        esc_buf_done(&condition);
    }
    add_fish_options(cli_global_options, "", out);
}

enum esc_status cli_completions(const char *shell, struct esc_buf *out, struct esc_error *err)
{
    static const struct {
        const char *shell;
        void (*add)(struct esc_buf *out);
    } shells[] = {{"bash", add_bash}, {"zsh", add_zsh}, {"fish", add_fish}};
    for (size_t i = 0; i < ESC_COUNT(shells); i++) {
        if (esc_text_equal(shell, shells[i].shell)) {
            shells[i].add(out);
            return ESC_OK;
        }
    }
    return esc_fail(err, ESC_INVALID, "`%s` is not one of bash, zsh, fish", shell);
}
