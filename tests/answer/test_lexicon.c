/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/answer/lexicon.h"

#include "escher/answer/answer_private.h"
#include "escher/answer/planner_private.h"
#include "tests/answer/world.h"

static void expect_form(enum verb_form expected, const char *word, const char *base)
{
    if (verb_form_of(esc_str_of(word), esc_str_of(base)) != expected)
        fail_msg("%s of %s", word, base);
}

static void verbs_have_their_english_forms(void **)
{
    expect_form(FORM_BASE, "stop", "stop");
    expect_form(FORM_THIRD, "stops", "stop");
    expect_form(FORM_ING, "stopping", "stop");
    expect_form(FORM_PAST, "stopped", "stop");
    expect_form(FORM_ING, "taking", "take");
    expect_form(FORM_PAST, "taken", "take");
    expect_form(FORM_PAST, "took", "take");
    expect_form(FORM_ING, "rebooting", "reboot");
    expect_form(FORM_PAST, "enabled", "enable");
    expect_form(FORM_THIRD, "switches", "switch");
    expect_form(FORM_PAST, "copied", "copy");
    expect_form(FORM_THIRD, "copies", "copy");
    expect_form(FORM_BASE, "shut", "shut");
    expect_form(FORM_NONE, "started", "start up");
    expect_form(FORM_NONE, "stoping", "stop e");
    expect_form(FORM_NONE, "stopper", "stop");
    expect_form(FORM_NONE, "state", "start");
    expect_form(FORM_NONE, "s", "stop");
}

/* The clean text of @p prompt; owned. */
static char *cleaned(const char *prompt)
{
    struct esc_arena arena;
    struct clean_text clean;
    esc_arena_init(&arena);
    clean_prompt(&arena, esc_str_of(prompt), &clean);
    char *text = esc_str_dup(clean.text);
    for (size_t i = 1; i <= clean.text.len; i++)
        assert_true(clean.origin[i - 1] <= clean.origin[i]);
    assert_int_equal(strlen(prompt), clean.origin[clean.text.len]);
    esc_arena_done(&arena);
    return text;
}

static void expect_clean(const char *expected, const char *prompt)
{
    ESC_CLEANUP(esc_freep) char *text = cleaned(prompt);
    assert_string_equal(expected, text);
}

static void prompts_get_one_spelling(void **)
{
    expect_clean("stop web-1", "ｓｔｏｐ web‑1");
    expect_clean("don't", "don’t");
    expect_clean("\"a\"", "“a”");
    expect_clean("a b", "a\xC2\xA0"
                        "b");
    expect_clean("ab", "a\xE2\x80\x8B"
                       "b");
    expect_clean("ab", "a\xE2\x80\xAE"
                       "b");
    expect_clean("office", "oﬃce");
    expect_clean("a...", "a…");
    expect_clean("a\xEF\xBF\xBD", "a\xff");
    expect_clean("a\xEF\xBF\xBD[0m", "a\x1b[0m");
    expect_clean("größe", "größe");
}

static void literals_are_known_by_their_looks(void **)
{
    static const struct {
        const char *text;
        enum token_kind kind;
    } cases[] = {
        {"512", TOKEN_NUMBER},
        {"1.5", TOKEN_NUMBER},
        {"1,024", TOKEN_NUMBER},
        {"512MB", TOKEN_QUANTITY},
        {"2gb", TOKEN_QUANTITY},
        {"10m", TOKEN_TIME},
        {"5pm", TOKEN_TIME},
        {"10:30", TOKEN_TIME},
        {"2026-11-21", TOKEN_TIME},
        {"21/11/2026", TOKEN_TIME},
        {"123456789012", TOKEN_ACCOUNT},
        {"us-west-2", TOKEN_REGION},
        {"env=prod", TOKEN_PAIR},
        {"pg-main1", TOKEN_IDENTIFIER},
        {"OrderWorker", TOKEN_IDENTIFIER},
        {"10.0.0.1", TOKEN_IDENTIFIER},
        {"t3.large", TOKEN_IDENTIFIER},
        {"stop", TOKEN_WORD},
        {"übermorgen", TOKEN_WORD},
        {"i-0abc", TOKEN_IDENTIFIER},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        if (literal_kind(esc_str_of(cases[i].text)) != cases[i].kind)
            fail_msg("%s is %d", cases[i].text, (int)literal_kind(esc_str_of(cases[i].text)));
}

/* The ways of asking that a playbook lists lead to it and to no other of its type: a new playbook
 * needs no code. */
static void playbooks_are_found_by_their_own_words(void **)
{
    for (size_t i = 0; i < world_planner->count; i++) {
        const struct shelved *shelved = &world_planner->shelved[i];
        if (2 * shelved->way_count < shelved->playbook->word_count || shelved->way_count == 0)
            fail_msg("most words of %s say nothing", shelved->playbook->id);
        for (size_t j = 0; j < world_planner->count; j++) {
            const struct shelved *other = &world_planner->shelved[j];
            bool same_type = i != j && other->playbook->type == shelved->playbook->type;
            for (size_t k = 0; same_type && k < shelved->way_count; k++)
                for (size_t l = 0; l < other->way_count; l++)
                    if (strcmp(shelved->ways[k].signature, other->ways[l].signature) == 0 &&
                        esc_text_equal(shelved->ways[k].rest, other->ways[l].rest))
                        fail_msg("%s and %s are both `%s`", shelved->playbook->id,
                                 other->playbook->id, shelved->ways[k].signature);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verbs_have_their_english_forms),
        cmocka_unit_test(prompts_get_one_spelling),
        cmocka_unit_test(literals_are_known_by_their_looks),
        cmocka_unit_test(playbooks_are_found_by_their_own_words),
    };
    return cmocka_run_group_tests_name("answer/lexicon", tests, world_open, world_close);
}
