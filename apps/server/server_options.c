/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/server/server_options.h"

#include <stddef.h>
#include <stdint.h>

#include "escher/base/paths.h"

enum kind {
    TEXT,
    FLAG,
};

static const struct option {
    const char *name, *argument;
    enum kind kind;
    size_t offset;
    const char *variable; /* of the environment; NULL: none */
    const char *help;
} options[] = {
    {"listen", "ADDR", TEXT, offsetof(struct server_options, listen), "ESCHER_LISTEN",
     "where to listen: 127.0.0.1:PORT, [::1]:PORT or unix:PATH; port 0 takes a free one"},
    {"token-file", "FILE", TEXT, offsetof(struct server_options, token_file), "ESCHER_TOKEN_FILE",
     "holds the bearer token that callers must show; needed unless on a Unix socket"},
    {"playbooks", "DIR", TEXT, offsetof(struct server_options, playbooks), "ESCHER_PLAYBOOKS",
     "the playbooks this program was built with, when they are not in their usual place"},
    {"weights", "FILE", TEXT, offsetof(struct server_options, weights), "ESCHER_WEIGHTS",
     "the encoder's weights, when they are not in their usual place"},
    {"help", NULL, FLAG, offsetof(struct server_options, help), NULL, "this text"},
    {"version", NULL, FLAG, offsetof(struct server_options, version), NULL, "the version"},
};

static const char **text_of(struct server_options *out, const struct option *option)
{
    return (const char **)(void *)((char *)out + option->offset);
}

static void set_flag(struct server_options *out, const struct option *option)
{
    *(bool *)(void *)((char *)out + option->offset) = true;
}

static const struct option *find_option(struct esc_str name)
{
    for (size_t i = 0; i < ESC_COUNT(options); i++)
        if (esc_str_is(name, options[i].name))
            return &options[i];
    return NULL;
}

/* Reads the option at argv[*at]; *at moves on to its value when that stands by itself. */
static enum esc_status parse_one(int argc, char **argv, int *at, struct server_options *out,
                                 struct esc_error *err)
{
    struct esc_str word = esc_str_of(argv[*at]);
    size_t equals = esc_str_find(word, ESC_STR("="), 0);
    if (!esc_str_starts_with(word, ESC_STR("--")))
        return esc_fail(err, ESC_INVALID, "`%s` is no option; see --help", argv[*at]);
    const struct option *option = find_option(esc_str_slice(word, 2, equals));
    if (!option)
        return esc_fail(err, ESC_INVALID, "there is no option `%s`; see --help", argv[*at]);
    if (option->kind == FLAG && equals == SIZE_MAX)
        set_flag(out, option);
    else if (option->kind == FLAG)
        return esc_fail(err, ESC_INVALID, "--%s takes no value", option->name);
    else if (equals != SIZE_MAX)
        *text_of(out, option) = argv[*at] + equals + 1;
    else if (*at + 1 < argc)
        *text_of(out, option) = argv[++*at];
    else
        return esc_fail(err, ESC_INVALID, "--%s needs a value: %s", option->name, option->argument);
    return ESC_OK;
}

enum esc_status server_options_parse(int argc, char **argv, struct server_options *out,
                                     struct esc_error *err)
{
    struct server_options parsed = {0};
    for (size_t i = 0; i < ESC_COUNT(options); i++)
        if (options[i].variable)
            *text_of(&parsed, &options[i]) = esc_env(options[i].variable);
    for (int at = 1; at < argc; at++) {
        enum esc_status status = parse_one(argc, argv, &at, &parsed, err);
        if (status != ESC_OK)
            return status;
    }
    if (!parsed.listen && !parsed.help && !parsed.version)
        return esc_fail(err, ESC_INVALID, "--listen is missing; see --help");
    *out = parsed;
    return ESC_OK;
}

void server_options_help(struct esc_buf *out)
{
    esc_buf_add_text(out,
                     "usage: escher-server --listen ADDR --token-file FILE [OPTION]...\n\n"
                     "The stateless planner: POST /v1/plan answers a request with a plan, a "
                     "question, an\nanswer, a query or a refusal, and keeps nothing of it.\n\n");
    for (size_t i = 0; i < ESC_COUNT(options); i++) {
        const struct option *option = &options[i];
        esc_buf_printf(out, "  --%s%s%s\n        %s%s%s%s\n", option->name,
                       option->argument ? " " : "", option->argument ? option->argument : "",
                       option->help, option->variable ? " (or " : "",
                       option->variable ? option->variable : "", option->variable ? ")" : "");
    }
}
