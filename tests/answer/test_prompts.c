/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/answer/prompts.h"

#include "tests/answer/world.h"

static void expect_all(const char *kind, const struct prompt *prompts, size_t count)
{
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++) {
        ESC_CLEANUP(esc_freep) char *actual = world_summary(prompts[i].text, NULL);
        ESC_CLEANUP(esc_freep)
        char *expected =
            esc_sprintf("%s%s%s", kind, *prompts[i].expected ? " " : "", prompts[i].expected);
        if (strcmp(expected, actual) == 0)
            continue;
        print_error("`%s`: %s instead of %s\n", prompts[i].text, actual, expected);
        wrong++;
    }
    assert_int_equal(0, wrong);
}

static void commands_become_the_plan_they_ask_for(void **)
{
    expect_all("plan", plans, ESC_COUNT(plans));
}

static void what_is_not_clear_becomes_a_question(void **)
{
    expect_all("question", questions, ESC_COUNT(questions));
}

static void what_is_asked_is_answered(void **)
{
    expect_all("answer", answers, ESC_COUNT(answers));
}

static void lists_become_filters(void **)
{
    expect_all("query", queries, ESC_COUNT(queries));
}

static void what_nobody_wrote_a_playbook_for_is_refused(void **)
{
    expect_all("refusal", refusals, ESC_COUNT(refusals));
}

static void expect_picked(const char *prompt, const char *picked, const char *expected)
{
    ESC_CLEANUP(esc_freep) char *actual = world_summary(prompt, picked);
    if (strcmp(expected, actual) != 0)
        fail_msg("`%s` with %s picked: %s instead of %s", prompt, picked, actual, expected);
}

static void a_picked_resource_is_what_it_means(void **)
{
    expect_picked("stop it", "web-1", "plan aws_ec2_stop_instance web-1 production");
    expect_picked("stop this", "web-1", "plan aws_ec2_stop_instance web-1 production");
    expect_picked("stop the server", "web-1", "plan aws_ec2_stop_instance web-1 production");
    expect_picked("stop web-1", "web-1", "plan aws_ec2_stop_instance web-1 production");
    expect_picked("stop the production database", "pg-instance-main1",
                  "plan aws_rds_stop_instance pg-instance-main1 production");
    expect_picked("stop the staging database", "pg-instance-main1", "question mismatch");
    expect_picked("stop everything", "everything",
                  "plan aws_ec2_stop_instance everything "
                  "development");
    expect_picked("stop it tomorrow", "web-1", "question timed");
    expect_picked("what is it", "web-1", "answer");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_become_the_plan_they_ask_for),
        cmocka_unit_test(what_is_not_clear_becomes_a_question),
        cmocka_unit_test(what_is_asked_is_answered),
        cmocka_unit_test(lists_become_filters),
        cmocka_unit_test(what_nobody_wrote_a_playbook_for_is_refused),
        cmocka_unit_test(a_picked_resource_is_what_it_means),
    };
    return cmocka_run_group_tests_name("answer/prompts", tests, world_open, world_close);
}
