/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The command line as one table: parsing, --help, the man page and the completions all come
 * from it, so they cannot disagree.
 *
 * Options may stand before or after the verb and its arguments; `--name value` and `--name=value`
 * are the same; `--` ends options.
 */

#include <stdbool.h>
#include <stddef.h>

#include "escher/base/buf.h"
#include "escher/base/error.h"
#include "escher/base/list.h"

struct cli;

struct cli_option {
    const char *name;     /* without the dashes; NULL ends a table */
    const char *argument; /* "NAME", or NULL for a flag */
    const char *help;
};

struct cli_verb {
    const char *name;
    const char *arguments; /* as shown: "TEXT", "[list|add|remove|test] [ACCOUNT]" */
    const char *summary;   /* one line, no full stop */
    const char *details;   /* what --help adds; may be NULL */
    const struct cli_option *options;
    size_t min_arguments, max_arguments;
    int (*run)(struct cli *cli); /* the exit code */
};

extern const struct cli_verb cli_verbs[]; /* ends with a NULL name */
extern const struct cli_option cli_global_options[];

/** What a command line said; text is borrowed from argv. */
struct cli_arguments {
    const struct cli_verb *verb; /* NULL: only global options */
    struct esc_list positional;  /* const char *, borrowed */
    struct esc_list names, values;
};

/** @errors ESC_INVALID naming the word that is wrong. */
enum esc_status cli_arguments_parse(int argc, char **argv, struct cli_arguments *out,
                                    struct esc_error *err);
void cli_arguments_done(struct cli_arguments *arguments);

bool cli_has(const struct cli_arguments *arguments, const char *name);
/** The last value given, or NULL. */
const char *cli_value(const struct cli_arguments *arguments, const char *name);
/** The value at @p index among those given for a repeatable option, or NULL. */
const char *cli_value_at(const struct cli_arguments *arguments, const char *name, size_t index);
/** The positional argument at @p index, or NULL. */
const char *cli_argument(const struct cli_arguments *arguments, size_t index);

const struct cli_verb *cli_verb_find(const char *name);

/* Documents out of the table. */
void cli_help(struct esc_buf *out);
void cli_help_verb(const struct cli_verb *verb, struct esc_buf *out);
void cli_man_page(struct esc_buf *out); /* scdoc source of escher(1) */
/** @errors ESC_INVALID: not bash, zsh or fish. */
enum esc_status cli_completions(const char *shell, struct esc_buf *out, struct esc_error *err);
