/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Runs the `tests` of every playbook on the shelf. `given` names a file of playbooks/fixtures
 * with the resource as a request has it and what each capture answered; `prompt` adds values from
 * a prompt; `expect` says what must come out: verdict, decided_by, reason, warnings (how many),
 * level, reasons, impact, explain, script (command and arguments of each step), undo; or fill
 * (the status) and message when filling must fail.
 */

#include <string.h>

#include "escher/base/file.h"
#include "escher/base/paths.h"
#include "escher/playbook/assess.h"
#include "escher/playbook/shelf.h"
#include "tests/support/test.h"

static struct esc_error err;
static const uint64_t now_ms = UINT64_C(1795248000000); /* 2026-11-21T08:00:00Z */

struct example {
    const struct esc_playbook *playbook;
    const struct esc_json *test, *expect;
    size_t index;
    struct esc_json *facts;
    unsigned looked_at; /* members of expect */
};

static struct esc_shelf *open_shelf(void)
{
    struct esc_shelf *shelf = NULL;
    const char *root = esc_env("ESCHER_SOURCE");
    char *folder = esc_path_join(root ? root : ".", "playbooks");
    expect_ok(esc_shelf_open(folder, &shelf, &err));
    free(folder);
    return shelf;
}

static void read_facts(struct example *example)
{
    struct esc_json *fixture = NULL;
    ESC_CLEANUP(esc_freep)
    char *path =
        esc_sprintf("playbooks/fixtures/%s.json", esc_json_str(example->test, "given", ""));
    ESC_CLEANUP(esc_freep) char *text = test_source(path);
    expect_ok(esc_json_parse(esc_str_of(text), NULL, &fixture, &err));
    example->facts = esc_json_copy(esc_json_member(fixture, "captures"));
    esc_json_set(example->facts, "resource", esc_json_copy(esc_json_member(fixture, "resource")));
    esc_json_free(fixture);
    const struct esc_json *prompt = esc_json_member(example->test, "prompt");
    if (prompt)
        esc_json_set(example->facts, "prompt", esc_json_copy(prompt));
}

/* The expected value of `key`, counted as looked at; NULL when nothing is expected. */
static const struct esc_json *expected(struct example *example, const char *key)
{
    const struct esc_json *value = esc_json_member(example->expect, key);
    example->looked_at += value != NULL;
    return value;
}

static void fail_example(const struct example *example, const char *what, const char *got)
{
    fail_msg("%s, test %zu (%s): %s is `%s`", example->playbook->id, example->index + 1,
             esc_json_str(example->test, "given", ""), what, got ? got : "(none)");
}

static void expect_text(struct example *example, const char *key, const char *got)
{
    const struct esc_json *value = expected(example, key);
    if (value && !esc_text_equal(esc_json_str(value, "", NULL), got))
        fail_example(example, key, got);
}

static void expect_json(struct example *example, const char *key, const struct esc_json *got)
{
    const struct esc_json *value = expected(example, key);
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(got, ESC_JSON_COMPACT);
    if (value && !esc_json_equal(value, got))
        fail_example(example, key, text);
}

static void expect_verdict(struct example *example, const struct esc_filled *filled)
{
    struct esc_verdict verdict;
    esc_verdict_init(&verdict);
    esc_preconditions_judge(filled, true, &verdict);
    expect_text(example, "verdict", esc_verdict_kind_text(verdict.kind));
    expect_text(example, "decided_by", verdict.decided_by);
    expect_text(example, "reason", verdict.reason);
    const struct esc_json *warnings = expected(example, "warnings");
    if ((int64_t)esc_json_len(verdict.warnings) != esc_json_num(warnings, "", 0))
        fail_example(example, "warnings", esc_json_str(verdict.warnings, "[0]", "none"));
    esc_verdict_done(&verdict);
}

/* The script as lists of words: the command, then its arguments. */
static struct esc_json *script_words(const struct esc_filled *filled)
{
    struct esc_json *script = esc_fill_script(filled);
    struct esc_json *words = esc_json_array();
    for (size_t i = 0; i < esc_json_len(script); i++) {
        const struct esc_json *step = esc_json_at(script, i);
        const struct esc_json *args = esc_json_member(step, "args");
        struct esc_json *line = esc_json_array();
        esc_json_push_text(line, esc_json_str(step, "command", ""));
        for (size_t j = 0; j < esc_json_len(args); j++)
            esc_json_push(line, esc_json_copy(esc_json_at(args, j)));
        esc_json_push(words, line);
    }
    esc_json_free(script);
    return words;
}

static void expect_words(struct example *example, const struct esc_filled *filled)
{
    struct esc_json *assessment = esc_assess(filled);
    struct esc_json *script = script_words(filled);
    char *explain = esc_explain(filled);
    expect_text(example, "level", esc_json_str(assessment, "level", NULL));
    expect_text(example, "impact", esc_json_str(assessment, "impact", NULL));
    expect_text(example, "undo", esc_json_str(assessment, "undo", NULL));
    expect_text(example, "explain", explain);
    expect_json(example, "reasons", esc_json_member(assessment, "reasons"));
    expect_json(example, "script", script);
    free(explain);
    esc_json_free(script);
    esc_json_free(assessment);
}

static void run_example(struct example *example)
{
    ESC_CLEANUP(esc_filled_freep) struct esc_filled *filled = NULL;
    read_facts(example);
    err.message[0] = '\0';
    const enum esc_status status = esc_fill(example->playbook, example->facts, &filled, &err);
    if (status != ESC_OK && !esc_json_member(example->expect, "fill"))
        fail_example(example, "fill", err.message);
    expect_text(example, "fill", esc_status_text(status));
    expect_text(example, "message", err.message);
    if (filled) {
        expect_ok(esc_fill_bind(filled, now_ms, "ab12", &err));
        expect_verdict(example, filled);
        expect_words(example, filled);
    }
    if (example->looked_at != esc_json_len(example->expect))
        fail_example(example, "expect", "a key that this test does not know");
    esc_json_free(example->facts);
}

static void every_playbook_does_what_its_tests_say(void **)
{
    ESC_CLEANUP(esc_shelf_freep) struct esc_shelf *shelf = open_shelf();
    size_t count = 0;
    for (size_t i = 0; i < esc_shelf_count(shelf); i++) {
        const struct esc_playbook *playbook = esc_shelf_at(shelf, i);
        for (size_t j = 0; j < esc_json_len(playbook->tests); j++, count++) {
            struct example example = {
                .playbook = playbook, .test = esc_json_at(playbook->tests, j), .index = j};
            example.expect = esc_json_member(example.test, "expect");
            run_example(&example);
        }
    }
    print_message("# %zu playbooks, %zu examples\n", esc_shelf_count(shelf), count);
    assert_true(esc_shelf_count(shelf) >= 12);
}

static bool has_verdict(const struct esc_playbook *playbook, const char *verdict)
{
    for (size_t i = 0; i < esc_json_len(playbook->tests); i++)
        if (esc_text_equal(esc_json_str(esc_json_at(playbook->tests, i), "expect.verdict", NULL),
                           verdict))
            return true;
    return false;
}

static bool can_be_noop(const struct esc_playbook *playbook)
{
    for (size_t i = 0; i < playbook->precondition_count; i++)
        if (playbook->preconditions[i].noop_if)
            return true;
    return false;
}

static void every_playbook_is_tested_for_each_way_it_can_go(void **)
{
    ESC_CLEANUP(esc_shelf_freep) struct esc_shelf *shelf = open_shelf();
    for (size_t i = 0; i < esc_shelf_count(shelf); i++) {
        const struct esc_playbook *playbook = esc_shelf_at(shelf, i);
        if (!has_verdict(playbook, "ok") || !has_verdict(playbook, "blocked") ||
            has_verdict(playbook, "noop") != can_be_noop(playbook))
            fail_msg("%s lacks a test", playbook->id);
    }
}

/* SECURITY.md says so: the live state is compared until something was changed. */
static void no_playbook_changes_more_than_one_thing(void **)
{
    ESC_CLEANUP(esc_shelf_freep) struct esc_shelf *shelf = open_shelf();
    for (size_t i = 0; i < esc_shelf_count(shelf); i++) {
        const struct esc_playbook *playbook = esc_shelf_at(shelf, i);
        size_t changes = 0;
        for (size_t step = 0; step < playbook->step_count; step++)
            changes += playbook->steps[step].mutates;
        if (changes > 1)
            fail_msg("%s has %zu changing steps", playbook->id, changes);
    }
}

/* Values a playbook did not ask for must not be kept: the function's variables are secrets. */
static void only_what_conditions_read_is_observed(void **)
{
    ESC_CLEANUP(esc_shelf_freep) struct esc_shelf *shelf = open_shelf();
    const struct esc_playbook *playbook = esc_shelf_find(shelf, "aws_lambda_set_memory");
    struct example example = {.playbook = playbook, .test = esc_json_at(playbook->tests, 0)};
    ESC_CLEANUP(esc_filled_freep) struct esc_filled *filled = NULL;
    read_facts(&example);
    expect_ok(esc_fill(playbook, example.facts, &filled, &err));
    ESC_CLEANUP(esc_json_freep) struct esc_json *observed = esc_observed(filled);
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(observed, ESC_JSON_SORTED);
    assert_string_equal("{\"before.LastUpdateStatus\":\"Successful\",\"before.MemorySize\":256,"
                        "\"before.State\":\"Active\"}",
                        text);
    esc_json_free(example.facts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_playbook_does_what_its_tests_say),
        cmocka_unit_test(every_playbook_is_tested_for_each_way_it_can_go),
        cmocka_unit_test(no_playbook_changes_more_than_one_thing),
        cmocka_unit_test(only_what_conditions_read_is_observed),
    };
    return cmocka_run_group_tests_name("playbooks/fixtures", tests, NULL, NULL);
}
