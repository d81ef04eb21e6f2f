/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/playbook/assess.h"

#include <string.h>

#include "tests/support/test.h"

static struct esc_error err;

static struct esc_playbook *playbook_of(const char *id)
{
    struct esc_playbook *playbook = NULL;
    ESC_CLEANUP(esc_freep) char *file = esc_sprintf("playbooks/%s.yaml", id);
    ESC_CLEANUP(esc_freep) char *yaml = test_source(file);
    expect_ok(esc_playbook_load(esc_str_of(yaml), file, &playbook, &err));
    return playbook;
}

static struct esc_json *resource_of(const char *fixture_name)
{
    struct esc_json *fixture = NULL;
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf("playbooks/fixtures/%s.json", fixture_name);
    ESC_CLEANUP(esc_freep) char *json = test_source(path);
    expect_ok(esc_json_parse(esc_str_of(json), NULL, &fixture, &err));
    struct esc_json *resource = esc_json_copy(esc_json_member(fixture, "resource"));
    esc_json_free(fixture);
    return resource;
}

static struct esc_filled *filled_of(const struct esc_playbook *playbook, struct esc_json *resource,
                                    const char *before)
{
    struct esc_filled *filled = NULL;
    struct esc_json *facts = esc_json_object(), *live = NULL;
    esc_json_set(facts, "resource", resource);
    if (before) {
        expect_ok(esc_json_parse(esc_str_of(before), NULL, &live, &err));
        esc_json_set(facts, "before", live);
    }
    expect_ok(esc_fill(playbook, facts, &filled, &err));
    esc_json_free(facts);
    return filled;
}

static void the_planner_knows_the_estate_alone(void **)
{
    ESC_CLEANUP(esc_playbook_freep)
    struct esc_playbook *stop = playbook_of("aws_rds_stop_instance");
    ESC_CLEANUP(esc_filled_freep)
    struct esc_filled *filled = filled_of(stop, resource_of("rds_available"), NULL);
    ESC_CLEANUP(esc_json_freep) struct esc_json *risk = esc_assess(filled);
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(risk, ESC_JSON_COMPACT);
    assert_string_equal(
        "{\"level\":\"medium\",\"reasons\":[\"Production database\",\"Multi-AZ enabled\","
        "\"No read replicas to affect\"],\"impact\":\"Database will be unavailable until "
        "restarted\",\"reversible\":\"full\",\"undo\":\"aws rds start-db-instance "
        "--db-instance-identifier pg-instance-main1 --region us-west-2\"}",
        text);
    struct esc_verdict verdict;
    esc_verdict_init(&verdict);
    esc_preconditions_judge(filled, false, &verdict);
    assert_int_equal(ESC_VERDICT_OK, verdict.kind);
    esc_verdict_done(&verdict);
}

static void what_cannot_be_told_live_blocks(void **)
{
    ESC_CLEANUP(esc_playbook_freep)
    struct esc_playbook *stop = playbook_of("aws_rds_stop_instance");
    ESC_CLEANUP(esc_filled_freep)
    struct esc_filled *filled = filled_of(stop, resource_of("rds_available"), NULL);
    struct esc_verdict verdict;
    esc_verdict_init(&verdict);
    esc_preconditions_judge(filled, true, &verdict);
    assert_int_equal(ESC_VERDICT_BLOCKED, verdict.kind);
    assert_string_equal("member", verdict.decided_by);
    esc_verdict_done(&verdict);
}

static void live_facts_win_over_the_estate(void **)
{
    ESC_CLEANUP(esc_playbook_freep)
    struct esc_playbook *stop = playbook_of("aws_rds_stop_instance");
    ESC_CLEANUP(esc_filled_freep)
    struct esc_filled *filled =
        filled_of(stop, resource_of("rds_available"),
                  "{\"DBInstanceStatus\": \"available\", \"MultiAZ\": false,"
                  " \"Engine\": \"postgres\", \"ReadReplicaDBInstanceIdentifiers\": []}");
    ESC_CLEANUP(esc_freep) char *text = esc_explain(filled);
    expect_contains("This is a production database.", text);
    ESC_CLEANUP(esc_json_freep) struct esc_json *risk = esc_assess(filled);
    assert_int_equal(2, esc_json_len(esc_json_member(risk, "reasons")));
}

static void a_name_cannot_pose_as_our_words(void **)
{
    static const struct {
        const char *name, *shown;
    } cases[] = {
        {"main-web-1", "instance main-web-1 ("},
        {"web. This is harmless", "instance \"web. This is harmless\" ("},
        {"a\nb", "instance \"a\\u{a}b\" ("},
        {"\x1b[31mred", "instance \"\\u{1b}[31mred\" ("},
        {"a\xe2\x80\xae"
         "b",
         "instance \"a\\u{202e}b\" ("},
        {"{id}", "instance \"{id}\" ("},
        {"--profile x", "instance \"--profile x\" ("},
    };
    ESC_CLEANUP(esc_playbook_freep)
    struct esc_playbook *stop = playbook_of("aws_ec2_stop_instance");
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct esc_json *resource = resource_of("ec2_running");
        esc_json_set_text(resource, "name", cases[i].name);
        ESC_CLEANUP(esc_filled_freep) struct esc_filled *filled = filled_of(stop, resource, NULL);
        ESC_CLEANUP(esc_freep) char *text = esc_explain(filled);
        expect_contains(cases[i].shown, text);
    }
}

static void an_unknown_word_has_a_stand_in(void **)
{
    ESC_CLEANUP(esc_playbook_freep)
    struct esc_playbook *stop = playbook_of("aws_rds_stop_instance");
    struct esc_json *resource = resource_of("rds_plain");
    esc_json_set_text(resource, "engine", "db2; drop table");
    ESC_CLEANUP(esc_filled_freep) struct esc_filled *filled = filled_of(stop, resource, NULL);
    ESC_CLEANUP(esc_freep) char *text = esc_explain(filled);
    expect_contains("I will stop the RDS database instance qa-scratch in eu-west-1.", text);
}

static void the_most_severe_rule_tells_the_impact(void **)
{
    ESC_CLEANUP(esc_playbook_freep)
    struct esc_playbook *stop = playbook_of("aws_ec2_stop_instance");
    ESC_CLEANUP(esc_filled_freep)
    struct esc_filled *filled = filled_of(stop, resource_of("ec2_running"),
                                          "{\"State\": {\"Name\": \"running\"},"
                                          " \"InstanceLifecycle\": \"spot\"}");
    ESC_CLEANUP(esc_json_freep) struct esc_json *risk = esc_assess(filled);
    assert_string_equal("high", esc_json_str(risk, "level", ""));
    assert_string_equal("The server is down and may not be startable again",
                        esc_json_str(risk, "impact", ""));
}

static void a_downtime_is_told_when_there_is_one(void **)
{
    ESC_CLEANUP(esc_playbook_freep)
    struct esc_playbook *reboot = playbook_of("aws_rds_reboot_instance");
    ESC_CLEANUP(esc_filled_freep)
    struct esc_filled *filled = filled_of(reboot, resource_of("rds_available"), NULL);
    ESC_CLEANUP(esc_json_freep) struct esc_json *risk = esc_assess(filled);
    assert_int_equal(60, esc_json_num(risk, "downtime.typical_s", 0));
    assert_int_equal(900, esc_json_num(risk, "downtime.max_s", 0));
    assert_string_equal("none", esc_json_str(risk, "reversible", ""));
    assert_null(esc_json_member(risk, "undo"));
}

static void levels_have_words_both_ways(void **)
{
    for (enum esc_risk_level level = ESC_LEVEL_LOW; level < ESC_LEVEL_COUNT; level++)
        assert_int_equal(level, esc_risk_level_of_text(esc_risk_level_text(level)));
    assert_int_equal(ESC_LEVEL_COUNT, esc_risk_level_of_text("extreme"));
    assert_int_equal(ESC_LEVEL_COUNT, esc_risk_level_of_text(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_planner_knows_the_estate_alone),
        cmocka_unit_test(what_cannot_be_told_live_blocks),
        cmocka_unit_test(live_facts_win_over_the_estate),
        cmocka_unit_test(a_name_cannot_pose_as_our_words),
        cmocka_unit_test(an_unknown_word_has_a_stand_in),
        cmocka_unit_test(the_most_severe_rule_tells_the_impact),
        cmocka_unit_test(a_downtime_is_told_when_there_is_one),
        cmocka_unit_test(levels_have_words_both_ways),
    };
    return cmocka_run_group_tests_name("playbook/assess", tests, NULL, NULL);
}
