/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/options.h"

#include <string.h>

#include "apps/cli/cli.h"
#include "tests/support/test.h"

/* The option table on its own: the verbs are not run, so each is a function that does nothing. */

static struct esc_error err;

#define VERB(name)                                                                                 \
    int name(struct cli *)                                                                         \
    {                                                                                              \
        return 0;                                                                                  \
    }
VERB(cmd_accounts)
VERB(cmd_ask)
VERB(cmd_audit)
VERB(cmd_backup)
VERB(cmd_can)
VERB(cmd_changes)
VERB(cmd_chat)
VERB(cmd_complete)
VERB(cmd_completions)
VERB(cmd_core)
VERB(cmd_demo)
VERB(cmd_doctor)
VERB(cmd_estate)
VERB(cmd_find)
VERB(cmd_help)
VERB(cmd_init)
VERB(cmd_key)
VERB(cmd_man)
VERB(cmd_plan)
VERB(cmd_playbooks)
VERB(cmd_run)
VERB(cmd_runs)
VERB(cmd_salvage)
VERB(cmd_schedule)
VERB(cmd_serve)
VERB(cmd_impact)
VERB(cmd_show)
VERB(cmd_status)
VERB(cmd_sync)
VERB(cmd_views)

static enum esc_status parse(struct cli_arguments *out, const char *line)
{
    static char words[512];
    static char *argv[32];
    int argc = 0;
    (void)strncpy(words, line, sizeof words - 1);
    argv[argc++] = words;
    for (char *at = words; *at; at++) {
        if (*at == ' ') {
            *at = '\0';
            argv[argc++] = at + 1;
        }
    }
    return cli_arguments_parse(argc, argv, out, &err);
}

static void options_may_stand_anywhere(void **)
{
    static const char *const lines[] = {"escher find web --json -n 5",
                                        "escher --json find -n 5 web",
                                        "escher find --n=5 web --json"};
    for (size_t i = 0; i < ESC_COUNT(lines); i++) {
        struct cli_arguments arguments;
        expect_ok(parse(&arguments, lines[i]));
        assert_string_equal("find", arguments.verb->name);
        assert_string_equal("web", cli_argument(&arguments, 0));
        assert_true(cli_has(&arguments, "json"));
        assert_string_equal("5", cli_value(&arguments, "n"));
        cli_arguments_done(&arguments);
    }
}

static void after_two_dashes_everything_is_an_argument(void **)
{
    struct cli_arguments arguments;
    expect_ok(parse(&arguments, "escher find -- --json"));
    assert_string_equal("--json", cli_argument(&arguments, 0));
    assert_false(cli_has(&arguments, "json"));
    cli_arguments_done(&arguments);
}

static void a_repeatable_option_keeps_all_its_values(void **)
{
    struct cli_arguments arguments;
    expect_ok(parse(&arguments, "escher ask stop --resource a --resource=b"));
    assert_string_equal("a", cli_value_at(&arguments, "resource", 0));
    assert_string_equal("b", cli_value_at(&arguments, "resource", 1));
    assert_null(cli_value_at(&arguments, "resource", 2));
    cli_arguments_done(&arguments);
}

static void what_is_wrong_is_named(void **)
{
    static const struct {
        const char *line, *named;
    } table[] = {
        {"escher frobnicate", "frobnicate"},       {"escher find web --frob", "--frob"},
        {"escher find web -n", "`--n` needs N"},   {"escher show", "usage: escher show"},
        {"escher show a b", "usage: escher show"}, {"escher find web --json=1", "takes no value"},
        {"escher find web -json", "-json"},
    };
    for (size_t i = 0; i < ESC_COUNT(table); i++) {
        struct cli_arguments arguments;
        expect_status(ESC_INVALID, parse(&arguments, table[i].line));
        expect_contains(table[i].named, err.message);
        cli_arguments_done(&arguments);
    }
}

static char *text_of(void (*make)(struct esc_buf *))
{
    struct esc_buf text;
    esc_buf_init(&text, 1024 * 1024);
    make(&text);
    return esc_buf_take(&text);
}

static void help_man_page_and_completions_know_every_verb_and_option(void **)
{
    ESC_CLEANUP(esc_freep) char *help = text_of(cli_help);
    ESC_CLEANUP(esc_freep) char *man = text_of(cli_man_page);
    static const char *const shells[] = {"bash", "zsh", "fish"};
    for (const struct cli_verb *verb = cli_verbs; verb->name; verb++) {
        expect_contains(verb->name, help);
        expect_contains(verb->summary, help);
        for (size_t i = 0; i < ESC_COUNT(shells); i++) {
            struct esc_buf out;
            esc_buf_init(&out, 1024 * 1024);
            expect_ok(cli_completions(shells[i], &out, &err));
            expect_contains(verb->name, esc_buf_text(&out));
            for (const struct cli_option *option = verb->options; option->name; option++)
                expect_contains(option->name, esc_buf_text(&out));
            esc_buf_done(&out);
        }
        for (const struct cli_option *option = verb->options; option->name; option++)
            expect_contains(option->name, man);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_may_stand_anywhere),
        cmocka_unit_test(after_two_dashes_everything_is_an_argument),
        cmocka_unit_test(a_repeatable_option_keeps_all_its_values),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(help_man_page_and_completions_know_every_verb_and_option),
    };
    return cmocka_run_group_tests_name("apps/options", tests, NULL, NULL);
}
