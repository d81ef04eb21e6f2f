/* SPDX-License-Identifier: Apache-2.0 */

/* What the planner says is held against the client's own judgement (escher/plan). */

#include "tests/answer/prompts.h"

#include "escher/plan/response.h"
#include "escher/plan/verify.h"
#include "tests/answer/world.h"

static struct esc_error err;

static void expect_read(const struct prompt *prompts, size_t count, enum esc_response_kind expected)
{
    for (size_t i = 0; i < count; i++) {
        ESC_CLEANUP(esc_freep) char *text = world_answer(prompts[i].text, NULL);
        ESC_CLEANUP(esc_json_freep) struct esc_json *response = NULL;
        enum esc_response_kind kind = ESC_RESPONSE_KIND_COUNT;
        if (esc_response_read(esc_str_of(text), &kind, &response, &err) != ESC_OK)
            fail_msg("`%s`: %s: %s", prompts[i].text, err.message, text);
        assert_int_equal(expected, kind);
    }
}

static void every_response_is_read_strictly(void **)
{
    expect_read(plans, ESC_COUNT(plans), ESC_RESPONSE_PLAN);
    expect_read(questions, ESC_COUNT(questions), ESC_RESPONSE_QUESTION);
    expect_read(answers, ESC_COUNT(answers), ESC_RESPONSE_ANSWER);
    expect_read(queries, ESC_COUNT(queries), ESC_RESPONSE_QUERY);
    expect_read(refusals, ESC_COUNT(refusals), ESC_RESPONSE_REFUSAL);
}

static void expect_verified(const char *prompt, const char *picked)
{
    const struct esc_plan_local local = {.now_ms = 1793000000000, .nonce = "ab12"};
    ESC_CLEANUP(esc_json_freep) struct esc_json *request = world_request(prompt, picked);
    ESC_CLEANUP(esc_freep) char *text = world_answer(prompt, picked);
    ESC_CLEANUP(esc_json_freep) struct esc_json *plan = NULL;
    if (esc_plan_verify(world_shelf, request, esc_str_of(text), &local, &plan, &err) != ESC_OK)
        fail_msg("`%s`: %s", prompt, err.message);
}

static void every_plan_is_what_the_client_derives(void **)
{
    for (size_t i = 0; i < ESC_COUNT(plans); i++)
        expect_verified(plans[i].text, NULL);
    expect_verified("stop it", "web-1");
    expect_verified("stop the production database", "pg-instance-main1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_response_is_read_strictly),
        cmocka_unit_test(every_plan_is_what_the_client_derives),
    };
    return cmocka_run_group_tests_name("answer/accepted", tests, world_open, world_close);
}
