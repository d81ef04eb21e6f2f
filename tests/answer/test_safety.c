/* SPDX-License-Identifier: Apache-2.0 */

/* What must hold of every prompt that becomes a plan: one word more, and it is none. */

#include "tests/answer/prompts.h"

#include "escher/base/id.h"
#include "tests/answer/world.h"

static bool is_plan(const char *prompt)
{
    ESC_CLEANUP(esc_freep) char *summary = world_summary(prompt, NULL);
    return strncmp(summary, "plan", 4) == 0;
}

/* @p word put in before byte @p at, with blanks around it. Owned. */
static char *insert(const char *prompt, size_t at, const char *word)
{
    return esc_sprintf("%.*s %s %s", (int)at, prompt, word, prompt + at);
}

/* Between words, and not inside a name, a quotation or a number with its unit. */
static bool is_gap(const char *prompt, size_t at)
{
    static const char *const together[] = {"--profile x", "i-0a"};
    for (size_t i = 0; i < ESC_COUNT(together); i++) {
        const char *name = strstr(prompt, together[i]);
        if (name && at > (size_t)(name - prompt) && at < (size_t)(name - prompt) + 4)
            return false;
    }
    return at == 0 || prompt[at] == '\0' || prompt[at] == ' ';
}

static void one_unknown_word_anywhere_prevents_the_plan(void **)
{
    static const char *const words[] = {"zebra", "blue", "carefully", "übermorgen", "foo-7", "停"};
    size_t wrong = 0, tried = 0;
    for (size_t i = 0; i < ESC_COUNT(plans); i++)
        for (size_t at = 0; at <= strlen(plans[i].text); at++) {
            if (!is_gap(plans[i].text, at))
                continue;
            ESC_CLEANUP(esc_freep)
            char *prompt = insert(plans[i].text, at, words[tried++ % ESC_COUNT(words)]);
            if (!is_plan(prompt))
                continue;
            print_error("still a plan: `%s`\n", prompt);
            wrong++;
        }
    assert_true(tried > 500);
    assert_int_equal(0, wrong);
}

static void expect_no_plan_with(const char *const *prefixes, const char *const *suffixes)
{
    size_t wrong = 0, count = 0;
    while (prefixes[count] || suffixes[count])
        count++;
    for (size_t i = 0; i < ESC_COUNT(plans); i++) {
        for (size_t n = 0; n < 3; n++) { /* three for each prompt, in turn */
            size_t j = (i + n) % count;
            ESC_CLEANUP(esc_freep)
            char *prompt = esc_sprintf("%s%s%s", prefixes[j] ? prefixes[j] : "", plans[i].text,
                                       suffixes[j] ? suffixes[j] : "");
            if (!is_plan(prompt))
                continue;
            print_error("still a plan: `%s`\n", prompt);
            wrong++;
        }
    }
    assert_int_equal(0, wrong);
}

static void a_negation_prevents_the_plan(void **)
{
    static const char *const before[] = {"don't ",
                                         "do not ",
                                         "please don't ",
                                         "never ",
                                         "Dont ",
                                         "you must not ",
                                         "no, ",
                                         "please do not ever ",
                                         "I don't want to ",
                                         "avoid to ",
                                         NULL};
    static const char *const after[] = {NULL, NULL, NULL, NULL, NULL, NULL,
                                        NULL, NULL, NULL, NULL, NULL};
    expect_no_plan_with(before, after);
}

static void a_question_prevents_the_plan(void **)
{
    static const char *const before[] = {"how do I ",
                                         "how to ",
                                         "can I ",
                                         "could we ",
                                         "should I ",
                                         "what if I ",
                                         "why did you ",
                                         "is it safe to ",
                                         "what happens when I ",
                                         "when did you ",
                                         "who can ",
                                         "do you ",
                                         "did you ",
                                         NULL};
    static const char *const after[] = {NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                                        NULL, NULL, NULL, NULL, NULL, NULL, NULL};
    expect_no_plan_with(before, after);
}

static void a_time_or_a_condition_prevents_the_plan(void **)
{
    static const char *const before[] = {
        "tomorrow ", "if it is idle, ", "every night ", NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL};
    static const char *const after[] = {NULL,
                                        NULL,
                                        NULL,
                                        " tomorrow",
                                        " at 17:30",
                                        " in 2 hours",
                                        " when nobody uses it",
                                        " unless it is busy",
                                        " on 2030-01-01",
                                        " for a week",
                                        NULL};
    expect_no_plan_with(before, after);
}

static void more_than_one_resource_prevents_the_plan(void **)
{
    static const char *const before[] = {NULL, NULL, NULL, NULL};
    static const char *const after[] = {" and web-2", " and all others", " and delete-worker-2",
                                        NULL};
    expect_no_plan_with(before, after);
}

static void an_answer_repeats_byte_for_byte(void **)
{
    for (size_t i = 0; i < ESC_COUNT(plans); i++) {
        ESC_CLEANUP(esc_freep) char *once = world_answer(plans[i].text, NULL);
        ESC_CLEANUP(esc_freep) char *again = world_answer(plans[i].text, NULL);
        assert_string_equal(once, again);
    }
}

/* Whatever a resource is called, its name says nothing about what is to be done. */
static void names_do_not_vote(void **)
{
    static const char *const names[] = {"delete",
                                        "delete-everything",
                                        "stop and start",
                                        "please stop web-1",
                                        "not",
                                        "tomorrow",
                                        "all",
                                        "--no-dry-run",
                                        "file:///etc/passwd",
                                        "'; reboot",
                                        "ignore this and stop web-1",
                                        "how do I",
                                        "production",
                                        "512 MB"};
    for (size_t i = 0; i < ESC_COUNT(names); i++) {
        struct world_thing thing = {
            "ec2_instance", "i-0cccccccccccccc01", names[i], DEV, "eu-west-1",
            "running",      "development",         "{}"};
        struct esc_resource *made = world_resource(&thing);
        world_put(made);
        ESC_CLEANUP(esc_freep) char *prompt = esc_sprintf("reboot the instance \"%s\"", names[i]);
        ESC_CLEANUP(esc_freep) char *summary = world_summary(prompt, NULL);
        ESC_CLEANUP(esc_freep)
        char *expected = esc_sprintf("plan aws_ec2_reboot_instance %s development", names[i]);
        assert_string_equal(expected, summary);
        assert_true(esc_index_remove(world_index, made->id));
    }
}

/* A name that is a word is a word first. */
static void a_bare_name_that_is_a_word_is_never_the_target(void **)
{
    static const char *const names[] = {"production", "all",      "database", "it",
                                        "now",        "snapshot", "them"};
    for (size_t i = 0; i < ESC_COUNT(names); i++) {
        struct world_thing thing = {
            "ec2_instance", "i-0cccccccccccccc01", names[i], DEV, "eu-west-1",
            "running",      "development",         "{}"};
        struct esc_resource *made = world_resource(&thing);
        world_put(made);
        ESC_CLEANUP(esc_freep) char *prompt = esc_sprintf("stop %s", names[i]);
        assert_false(is_plan(prompt));
        assert_true(esc_index_remove(world_index, made->id));
        assert_false(is_plan(prompt));
    }
}

static void any_bytes_get_an_answer(void **)
{
    struct esc_random_seeded seeded;
    esc_random_seeded_init(&seeded, 5);
    static const char *const bits[] = {
        "stop", " ",      "web-1", "the",  "\"",           "'",     "and",
        "?",    "512",    "MB",    "\xff", "\xe2\x80\x8b", "don't", "with a snapshot",
        ",",    "memory", "of",    "to",   "resize-images"};
    for (int i = 0; i < 1500; i++) {
        struct esc_buf prompt;
        esc_buf_init(&prompt, 4096);
        for (size_t n = 1 + esc_random_below(&seeded.random, 12); n > 0; n--)
            esc_buf_add_text(&prompt, bits[esc_random_below(&seeded.random, ESC_COUNT(bits))]);
        ESC_CLEANUP(esc_freep) char *answer = world_answer(esc_buf_text(&prompt), NULL);
        assert_true(strlen(answer) > 0);
        esc_buf_done(&prompt);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_unknown_word_anywhere_prevents_the_plan),
        cmocka_unit_test(a_negation_prevents_the_plan),
        cmocka_unit_test(a_question_prevents_the_plan),
        cmocka_unit_test(a_time_or_a_condition_prevents_the_plan),
        cmocka_unit_test(more_than_one_resource_prevents_the_plan),
        cmocka_unit_test(an_answer_repeats_byte_for_byte),
        cmocka_unit_test(names_do_not_vote),
        cmocka_unit_test(a_bare_name_that_is_a_word_is_never_the_target),
        cmocka_unit_test(any_bytes_get_an_answer),
    };
    return cmocka_run_group_tests_name("answer/safety", tests, world_open, world_close);
}
