/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/answer/answer.h"

#include "tests/answer/world.h"

static struct esc_error err;

static void expect_invalid(const char *message, const char *request_text)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *request = NULL;
    struct esc_buf response;
    esc_buf_init(&response, ESC_MAX_REQUEST);
    expect_ok(esc_json_parse(esc_str_of(request_text), NULL, &request, &err));
    expect_status(ESC_INVALID, esc_answer(world_planner, request, &response, &err));
    expect_contains(message, err.message);
    assert_int_equal(0, response.len);
    esc_buf_done(&response);
}

static void a_request_must_have_its_shape(void **)
{
    expect_invalid("no object", "[]");
    expect_invalid("prompt", "{\"v\":1}");
    expect_invalid("only version 1", "{\"v\":2,\"prompt\":\"\"}");
    expect_invalid("placeholder", "{\"v\":1,\"mode\":\"placeholder\",\"prompt\":\"\"}");
    expect_invalid("surprise", "{\"v\":1,\"prompt\":\"\",\"surprise\":1}");
    expect_invalid("resource_type", "{\"v\":1,\"prompt\":\"x\",\"identified_resources\":[{}]}");
    expect_invalid("instance_id", "{\"v\":1,\"prompt\":\"x\",\"identified_resources\":"
                                  "[{\"resource_type\":\"ec2_instance\"}]}");
    expect_invalid("outside the prompt",
                   "{\"v\":1,\"prompt\":\"stop x\",\"identified_resources\":[{\"resource_type\":"
                   "\"s3_bucket\",\"bucket\":\"x\",\"mention\":{\"start\":5,\"end\":9}}]}");
}

static void a_plan_has_all_its_parts_in_order(void **)
{
    ESC_CLEANUP(esc_freep) char *text = world_answer("Stop pg-instance-main1", NULL);
    static const char *const members[] = {
        "{\"v\":1,\"kind\":\"plan\",\"classification\":{\"intent\":\"stop rds_instance\"",
        "\"confidence\":0.99,\"system\":\"aws\",\"service\":\"rds\"",
        "\"operation\":\"StopDBInstance\",\"route\":\"aws_operations\"}",
        "\"playbook\":{\"id\":\"aws_rds_stop_instance\",",
        "\"targets\":[\"123456789012-us-west-2-rds_instance-pg-instance-main1\"]",
        "\"alternatives\":[{\"id\":\"aws_rds_stop_instance_with_snapshot\"",
        "\"explain_plan\":\"I will stop the RDS PostgreSQL instance pg-instance-main1 in "
        "us-west-2.",
        "\"script\":{\"steps\":[{",
        "\"command\":\"aws rds stop-db-instance\",\"args\":"
        "[\"--db-instance-identifier\",\"pg-instance-main1\",\"--region\",\"us-west-2\"]",
        "\"parameters\":[{\"name\":\"db\",\"value\":\"pg-instance-main1\",\"source\":",
        "\"risk_assessment\":{\"level\":\"medium\",\"reasons\":[\"Production database\"",
        "\"approval_required\":true}"};
    const char *from = text;
    for (size_t i = 0; i < ESC_COUNT(members); i++) {
        const char *found = strstr(from, members[i]);
        if (!found)
            fail_msg("%s is not in the rest: %s", members[i], from);
        from = found;
    }
}

static void a_choice_names_account_region_type_and_state(void **)
{
    ESC_CLEANUP(esc_freep) char *text = world_answer("stop orders-db", NULL);
    expect_contains("\"choices\":[{\"id\":\"123456789012-us-east-1-rds_instance-orders-db\"", text);
    expect_contains("orders-db (RDS database instance, us-east-1, account production "
                    "123456789012, available)",
                    text);
    expect_contains("account staging 987654321098, stopped)", text);
}

static void a_question_names_what_names_nothing(void **)
{
    static const struct {
        const char *prompt, *unresolved;
    } cases[] = {
        {"Stop pg-main1", "\"unresolved\":[\"pg-main1\"]"},
        {"stop \"pg main1\"", "\"unresolved\":[\"pg main1\"]"},
        {"stop the production database", "\"unresolved\":[\"production database\"]"},
        {"please stop the invoices thing", "\"unresolved\":[\"invoices thing\"]"},
        {"stop orders-db", "\"unresolved\":[]"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_freep) char *text = world_answer(cases[i].prompt, NULL);
        expect_contains(cases[i].unresolved, text);
    }
}

static void a_missing_value_is_asked_for_by_name(void **)
{
    ESC_CLEANUP(esc_freep) char *text = world_answer("increase the memory of resize-images", NULL);
    expect_contains("\"reason\":\"missing_value\"", text);
    expect_contains("\"missing\":{\"name\":\"memory\",\"type\":\"integer\",\"unit\":\"MB\"", text);
}

static void an_answer_tells_facts_and_never_holds_a_script(void **)
{
    static const char *const prompts[] = {"how do I stop web-1?", "what if I stop web-1",
                                          "can I stop web-1",     "is it safe to stop web-1",
                                          "is web-1 running",     "don't stop web-1",
                                          "stop web-1?"};
    for (size_t i = 0; i < ESC_COUNT(prompts); i++) {
        ESC_CLEANUP(esc_freep) char *text = world_answer(prompts[i], NULL);
        expect_contains("\"kind\":\"answer\"", text);
        assert_null(strstr(text, "\"script\""));
    }
    ESC_CLEANUP(esc_freep) char *how = world_answer("how do I stop web-1?", NULL);
    expect_contains("aws ec2 stop-instances", how);
    expect_contains("say \\\"stop web-1\\\"", how);
    ESC_CLEANUP(esc_freep) char *state = world_answer("what is the state of web-1", NULL);
    expect_contains("\"facts\":[{\"name\":\"state\",\"value\":\"running\"}]", state);
}

static void a_classification_stands_alone(void **)
{
    struct esc_buf response;
    esc_buf_init(&response, ESC_MAX_REQUEST);
    ESC_CLEANUP(esc_json_freep) struct esc_json *request = world_request("stop web-1", NULL);
    expect_ok(esc_classify(world_planner, request, &response, &err));
    assert_string_equal("{\"intent\":\"stop ec2_instance\",\"confidence\":0.99,\"system\":\"aws\","
                        "\"service\":\"ec2\",\"operation\":\"StopInstances\",\"route\":"
                        "\"aws_operations\"}",
                        esc_buf_text(&response));
    esc_buf_done(&response);
}

static void a_prompt_may_be_empty_or_huge(void **)
{
    static char huge[20000];
    memset(huge, 'a', sizeof huge - 1);
    for (size_t i = 0; i < sizeof huge - 1; i += 5)
        huge[i] = ' ';
    static const size_t lengths[] = {0, 1, 8192, 8193, sizeof huge - 1};
    for (size_t i = 0; i < ESC_COUNT(lengths); i++) {
        ESC_CLEANUP(esc_freep) char *prompt = esc_strndup(huge, lengths[i]);
        ESC_CLEANUP(esc_freep) char *summary = world_summary(prompt, NULL);
        assert_string_equal("question not_understood", summary);
    }
}

static void the_response_has_a_ceiling(void **)
{
    struct esc_buf response;
    esc_buf_init(&response, 100);
    ESC_CLEANUP(esc_json_freep) struct esc_json *request = world_request("stop web-1", NULL);
    expect_status(ESC_LIMIT, esc_answer(world_planner, request, &response, &err));
    esc_buf_done(&response);
}

/* A vector that depends on the first letter: enough to see that it is asked for and used. */
static enum esc_status letter(void *context, struct esc_str text, float *out, struct esc_error *)
{
    (*(size_t *)context)++;
    memset(out, 0, ESC_FIND_DIMENSIONS * sizeof *out);
    out[text.len > 0 ? (unsigned char)text.ptr[0] : 0] = 1;
    return ESC_OK;
}

static enum esc_status broken(void *, struct esc_str, float *, struct esc_error *error)
{
    return esc_fail(error, ESC_CORRUPT, "no vector");
}

static void the_encoder_orders_alternatives_and_decides_nothing(void **)
{
    size_t calls = 0;
    ESC_CLEANUP(esc_planner_freep) struct esc_planner *planner = NULL;
    expect_ok(esc_planner_new(world_shelf, letter, &calls, &planner, &err));
    assert_int_equal(esc_shelf_count(world_shelf), calls);
    struct esc_buf response;
    esc_buf_init(&response, ESC_MAX_REQUEST);
    ESC_CLEANUP(esc_json_freep) struct esc_json *request = world_request("stop web-1", NULL);
    expect_ok(esc_answer(planner, request, &response, &err));
    expect_contains("\"id\":\"aws_ec2_stop_instance\"", esc_buf_text(&response));
    assert_int_equal(esc_shelf_count(world_shelf) + 1, calls);
    esc_buf_done(&response);
    struct esc_planner *none = NULL;
    expect_status(ESC_CORRUPT, esc_planner_new(world_shelf, broken, NULL, &none, &err));
    assert_null(none);
}

/* Whether the vectors are made at once, one by one or by the first question. */
static void a_cold_planner_answers_as_a_warm_one(void **)
{
    size_t calls = 0;
    ESC_CLEANUP(esc_planner_freep) struct esc_planner *warm = NULL;
    expect_ok(esc_planner_new(world_shelf, letter, &calls, &warm, &err));
    calls = 0;
    ESC_CLEANUP(esc_planner_freep)
    struct esc_planner *cold = esc_planner_new_cold(world_shelf, letter, &calls);
    assert_int_equal(0, calls);
    assert_true(esc_planner_warm(cold));
    assert_int_equal(1, calls);
    struct esc_buf first, second;
    esc_buf_init(&first, ESC_MAX_REQUEST);
    esc_buf_init(&second, ESC_MAX_REQUEST);
    ESC_CLEANUP(esc_json_freep) struct esc_json *request = world_request("stop web-1", NULL);
    expect_ok(esc_answer(cold, request, &first, &err));
    assert_int_equal(esc_shelf_count(world_shelf) + 1, calls);
    expect_ok(esc_answer(warm, request, &second, &err));
    assert_string_equal(esc_buf_text(&second), esc_buf_text(&first));
    assert_false(esc_planner_warm(cold));
    esc_buf_done(&first);
    esc_buf_done(&second);
    ESC_CLEANUP(esc_planner_freep)
    struct esc_planner *none = esc_planner_new_cold(world_shelf, broken, NULL);
    assert_false(esc_planner_warm(none));
    esc_buf_init(&first, ESC_MAX_REQUEST);
    expect_ok(esc_answer(none, request, &first, &err)); /* by words alone */
    esc_buf_done(&first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cold_planner_answers_as_a_warm_one),
        cmocka_unit_test(a_request_must_have_its_shape),
        cmocka_unit_test(a_plan_has_all_its_parts_in_order),
        cmocka_unit_test(a_choice_names_account_region_type_and_state),
        cmocka_unit_test(a_question_names_what_names_nothing),
        cmocka_unit_test(a_missing_value_is_asked_for_by_name),
        cmocka_unit_test(an_answer_tells_facts_and_never_holds_a_script),
        cmocka_unit_test(a_classification_stands_alone),
        cmocka_unit_test(a_prompt_may_be_empty_or_huge),
        cmocka_unit_test(the_response_has_a_ceiling),
        cmocka_unit_test(the_encoder_orders_alternatives_and_decides_nothing),
    };
    return cmocka_run_group_tests_name("answer/answer", tests, world_open, world_close);
}
