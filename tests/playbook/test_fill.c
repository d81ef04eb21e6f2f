/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/playbook/fill.h"

#include <string.h>

#include "escher/playbook/argv.h"
#include "escher/playbook/assess.h"
#include "tests/support/test.h"

static struct esc_error err;
static const uint64_t now_ms = UINT64_C(1795248000000); /* 2026-11-21T08:00:00Z */

struct given {
    struct esc_playbook *playbook;
    struct esc_json *facts;
};

/* A playbook of the shelf and a fixture's facts; its captures only when asked for. */
static struct given given(const char *id, const char *fixture_name, bool with_captures)
{
    struct given result;
    struct esc_json *fixture = NULL;
    ESC_CLEANUP(esc_freep) char *file = esc_sprintf("playbooks/%s.yaml", id);
    ESC_CLEANUP(esc_freep) char *yaml = test_source(file);
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf("playbooks/fixtures/%s.json", fixture_name);
    ESC_CLEANUP(esc_freep) char *json = test_source(path);
    expect_ok(esc_playbook_load(esc_str_of(yaml), file, &result.playbook, &err));
    expect_ok(esc_json_parse(esc_str_of(json), NULL, &fixture, &err));
    result.facts =
        with_captures ? esc_json_copy(esc_json_member(fixture, "captures")) : esc_json_object();
    esc_json_set(result.facts, "resource", esc_json_copy(esc_json_member(fixture, "resource")));
    esc_json_free(fixture);
    return result;
}

static void done(struct given *given)
{
    esc_playbook_free(given->playbook);
    esc_json_free(given->facts);
}

static void set_resource(struct given *given, const char *member, const char *value)
{
    esc_json_set_text(esc_json_get_mutable(given->facts, "resource"), member, value);
}

static void values_stand_with_their_source(void **)
{
    struct given stop = given("aws_rds_stop_instance", "rds_available", false);
    ESC_CLEANUP(esc_filled_freep) struct esc_filled *filled = NULL;
    expect_ok(esc_fill(stop.playbook, stop.facts, &filled, &err));
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(filled->parameters, ESC_JSON_COMPACT);
    assert_string_equal("[{\"name\":\"db\",\"value\":\"pg-instance-main1\","
                        "\"source\":\"resource.identifier\"}]",
                        text);
    assert_string_equal("us-west-2", filled->region);
    assert_string_equal("123456789012", filled->account_id);
    assert_true(filled->bound);
    ESC_CLEANUP(esc_freep)
    char *params = esc_json_print(filled->steps[0].call.params, ESC_JSON_COMPACT);
    assert_string_equal("{\"DBInstanceIdentifier\":\"pg-instance-main1\"}", params);
    assert_string_equal("Stop pg-instance-main1", filled->steps[0].title);
    done(&stop);
}

static void equal_facts_give_equal_scripts(void **)
{
    struct given stop = given("aws_rds_stop_instance", "rds_available", false);
    char *texts[2];
    for (size_t i = 0; i < ESC_COUNT(texts); i++) {
        ESC_CLEANUP(esc_filled_freep) struct esc_filled *filled = NULL;
        expect_ok(esc_fill(stop.playbook, stop.facts, &filled, &err));
        ESC_CLEANUP(esc_json_freep) struct esc_json *script = esc_fill_script(filled);
        texts[i] = esc_json_print(script, ESC_JSON_COMPACT);
    }
    assert_string_equal("[{\"step_id\":\"1\",\"command\":\"aws rds stop-db-instance\",\"args\":["
                        "\"--db-instance-identifier\",\"pg-instance-main1\",\"--region\","
                        "\"us-west-2\"],\"mutates\":true,\"timeout_s\":60}]",
                        texts[0]);
    assert_string_equal(texts[0], texts[1]);
    free(texts[0]);
    free(texts[1]);
    done(&stop);
}

static void hostile_names_never_become_values(void **)
{
    static const char *const bad[] = {
        "--profile x",
        "-x",
        "$(reboot)",
        "file:///etc/passwd",
        "FILEB://x",
        "http://x",
        "@/etc/hosts",
        "a b",
        "a;b",
        "a\nb",
        "",
        "{db}",
        "a'b",
        "a\"b",
        "../x",
        "a\xe2\x80\256b",
        "1a",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    };
    for (size_t i = 0; i < ESC_COUNT(bad); i++) {
        struct given stop = given("aws_rds_stop_instance", "rds_available", false);
        struct esc_filled *filled = NULL;
        set_resource(&stop, "db_instance_identifier", bad[i]);
        if (esc_fill(stop.playbook, stop.facts, &filled, &err) != ESC_BLOCKED)
            fail_msg("`%s` was taken", bad[i]);
        expect_contains("is not passed on to the cloud", err.message);
        assert_null(filled);
        done(&stop);
    }
}

static void region_and_account_look_like_such(void **)
{
    static const char *const regions[] = {
        "", "us-west-2 --profile x", "-us-west-2", "us_west", "global", "us-west-2\n", "https://x"};
    for (size_t i = 0; i < ESC_COUNT(regions); i++) {
        struct given stop = given("aws_rds_stop_instance", "rds_available", false);
        struct esc_filled *filled = NULL;
        set_resource(&stop, "region", regions[i]);
        expect_status(ESC_INVALID, esc_fill(stop.playbook, stop.facts, &filled, &err));
        expect_contains("is no region", err.message);
        done(&stop);
    }
    static const char *const accounts[] = {"", "12345678901", "1234567890123", "12345678901a"};
    for (size_t i = 0; i < ESC_COUNT(accounts); i++) {
        struct given stop = given("aws_rds_stop_instance", "rds_available", false);
        struct esc_filled *filled = NULL;
        set_resource(&stop, "account_id", accounts[i]);
        expect_status(ESC_INVALID, esc_fill(stop.playbook, stop.facts, &filled, &err));
        expect_contains("is no account id", err.message);
        done(&stop);
    }
}

static void a_playbook_is_for_its_type(void **)
{
    struct given stop = given("aws_rds_stop_instance", "ec2_running", false);
    struct esc_filled *filled = NULL;
    expect_status(ESC_BLOCKED, esc_fill(stop.playbook, stop.facts, &filled, &err));
    assert_string_equal("aws_rds_stop_instance is for RDS database instances, not for "
                        "ec2_instance",
                        err.message);
    esc_json_remove(stop.facts, "resource");
    expect_status(ESC_BLOCKED, esc_fill(stop.playbook, stop.facts, &filled, &err));
    done(&stop);
}

static void an_identifier_has_one_value(void **)
{
    struct given stop = given("aws_rds_stop_instance", "rds_available", false);
    struct esc_filled *filled = NULL;
    set_resource(&stop, "identifier", "pg-instance-main2");
    expect_status(ESC_INVALID, esc_fill(stop.playbook, stop.facts, &filled, &err));
    expect_contains("two identifiers", err.message);
    esc_json_remove(esc_json_get_mutable(stop.facts, "resource"), "db_instance_identifier");
    expect_ok(esc_fill(stop.playbook, stop.facts, &filled, &err));
    assert_string_equal("pg-instance-main2", esc_json_str(filled->values, "db", ""));
    esc_filled_free(filled);
    done(&stop);
}

static void time_and_nonce_wait_until_they_are_bound(void **)
{
    struct given snap = given("aws_rds_create_snapshot", "rds_available", false);
    ESC_CLEANUP(esc_filled_freep) struct esc_filled *filled = NULL;
    expect_ok(esc_fill(snap.playbook, snap.facts, &filled, &err));
    assert_false(filled->bound);
    assert_true(filled->steps[0].call.open);
    assert_string_equal("escher-pg-instance-main1-{utc:%Y%m%d%H%M%S}-{run4}",
                        esc_json_str(filled->steps[0].call.params, "DBSnapshotIdentifier", ""));
    expect_ok(esc_fill_bind(filled, now_ms, "ab12", &err));
    assert_true(filled->bound);
    assert_false(filled->steps[0].call.open);
    static const char name[] = "escher-pg-instance-main1-20261121080000-ab12";
    assert_string_equal(name,
                        esc_json_str(filled->steps[0].call.params, "DBSnapshotIdentifier", ""));
    assert_string_equal(name, esc_json_str(filled->parameters, "[1].value", ""));
    assert_string_equal(name, esc_json_str(filled->verify[0].params, "DBSnapshotIdentifier", ""));
    assert_string_equal(name,
                        esc_json_str(filled->steps[0].undo.params, "DBSnapshotIdentifier", ""));
    done(&snap);
}

static void a_nonce_is_four_plain_characters(void **)
{
    static const char *const bad[] = {"", "abc", "abcde", "AB12", "ab-2", "a{b}"};
    struct given snap = given("aws_rds_create_snapshot", "rds_available", false);
    ESC_CLEANUP(esc_filled_freep) struct esc_filled *filled = NULL;
    expect_ok(esc_fill(snap.playbook, snap.facts, &filled, &err));
    for (size_t i = 0; i < ESC_COUNT(bad); i++)
        expect_status(ESC_INVALID, esc_fill_bind(filled, now_ms, bad[i], &err));
    done(&snap);
}

static void a_missing_value_becomes_its_question(void **)
{
    struct given memory = given("aws_lambda_set_memory", "lambda_active", false);
    struct esc_filled *filled = NULL;
    const struct esc_parameter *missing = esc_fill_missing(memory.playbook, memory.facts);
    assert_non_null(missing);
    assert_string_equal("memory", missing->name);
    expect_status(ESC_AMBIGUOUS, esc_fill(memory.playbook, memory.facts, &filled, &err));
    assert_string_equal(missing->ask, err.message);
    struct esc_json *prompt = esc_json_object();
    esc_json_set_text(prompt, "memory_mb", "512");
    esc_json_set(memory.facts, "prompt", prompt);
    assert_null(esc_fill_missing(memory.playbook, memory.facts));
    expect_status(ESC_INVALID, esc_fill(memory.playbook, memory.facts, &filled, &err));
    expect_contains("is no whole number", err.message);
    esc_json_set_int(prompt, "memory_mb", 512);
    expect_ok(esc_fill(memory.playbook, memory.facts, &filled, &err));
    assert_int_equal(512, esc_json_num(filled->steps[0].call.params, "MemorySize", 0));
    assert_int_equal(512, esc_json_num(filled->facts, "parameter.memory", 0));
    esc_filled_free(filled);
    done(&memory);
}

static void an_undo_waits_for_what_was_there_before(void **)
{
    struct given memory = given("aws_lambda_set_memory", "lambda_active", true);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *before = esc_json_copy(esc_json_member(memory.facts, "before"));
    ESC_CLEANUP(esc_filled_freep) struct esc_filled *open = NULL, *known = NULL;
    struct esc_json *prompt = esc_json_object();
    esc_json_set_int(prompt, "memory_mb", 512);
    esc_json_set(memory.facts, "prompt", prompt);
    esc_json_remove(memory.facts, "before");
    expect_ok(esc_fill(memory.playbook, memory.facts, &open, &err));
    assert_true(open->steps[0].undo.open);
    assert_false(open->steps[0].call.open);
    esc_json_set(memory.facts, "before", ESC_STEAL(before));
    expect_ok(esc_fill(memory.playbook, memory.facts, &known, &err));
    assert_false(known->steps[0].undo.open);
    assert_int_equal(256, esc_json_num(known->steps[0].undo.params, "MemorySize", 0));
    done(&memory);
}

static void a_default_needs_the_capture_to_have_been_read(void **)
{
    struct given block = given("aws_s3_block_public_access", "s3_plain", false);
    ESC_CLEANUP(esc_filled_freep) struct esc_filled *open = NULL, *known = NULL;
    const char *path = "PublicAccessBlockConfiguration.BlockPublicAcls";
    expect_ok(esc_fill(block.playbook, block.facts, &open, &err));
    assert_true(open->steps[0].undo.open);
    assert_string_equal("{before.BlockPublicAcls|false}",
                        esc_json_str(open->steps[0].undo.params, path, ""));
    esc_json_set(block.facts, "before", esc_json_object());
    expect_ok(esc_fill(block.playbook, block.facts, &known, &err));
    assert_false(known->steps[0].undo.open);
    assert_false(esc_json_flag(known->steps[0].undo.params, path, true));
    done(&block);
}

static void a_captured_value_cannot_smuggle(void **)
{
    static const char *const bad[] = {"\"--profile\"", "\"file:///x\"", "-1", "[\"@x\"]"};
    for (size_t i = 0; i < ESC_COUNT(bad); i++) {
        struct given memory = given("aws_lambda_set_memory", "lambda_active", false);
        ESC_CLEANUP(esc_freep)
        char *text = esc_sprintf("{\"MemorySize\": %s}", bad[i]);
        struct esc_json *before = NULL, *prompt = esc_json_object();
        struct esc_filled *filled = NULL;
        expect_ok(esc_json_parse(esc_str_of(text), NULL, &before, &err));
        esc_json_set(memory.facts, "before", before);
        esc_json_set_int(prompt, "memory_mb", 512);
        esc_json_set(memory.facts, "prompt", prompt);
        expect_status(ESC_INVALID, esc_fill(memory.playbook, memory.facts, &filled, &err));
        done(&memory);
    }
}

static void a_command_line_is_quoted_for_a_shell(void **)
{
    const struct esc_operation *operation = esc_operation_find("ec2", "create-snapshot");
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = esc_json_object();
    struct esc_buf line;
    esc_buf_init(&line, 4096);
    esc_json_set_text(params, "VolumeId", "vol-0123456789abcdef0");
    esc_json_set_text(params, "Description", "it's $(reboot) \x1b[31m");
    esc_argv_line(operation, params, "us-west-2", &line);
    assert_string_equal("aws ec2 create-snapshot --volume-id vol-0123456789abcdef0 --description "
                        "'it'\\''s $(reboot) \\u{1b}[31m' --region us-west-2",
                        esc_buf_text(&line));
    esc_buf_done(&line);
}

static void flags_stand_as_themselves_or_their_opposite(void **)
{
    const struct esc_operation *operation = esc_operation_find("rds", "modify-db-instance");
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = esc_json_object();
    struct esc_buf line;
    esc_buf_init(&line, 4096);
    esc_json_set_text(params, "DBInstanceIdentifier", "a");
    esc_json_set_bool(params, "DeletionProtection", false);
    esc_json_set_bool(params, "MultiAZ", true);
    esc_argv_line(operation, params, NULL, &line);
    assert_string_equal("aws rds modify-db-instance --db-instance-identifier a "
                        "--no-deletion-protection --multi-az",
                        esc_buf_text(&line));
    esc_buf_done(&line);
}

/* What runs has the member, so what is shown has it too. */
static void a_flag_without_an_opposite_is_shown_all_the_same(void **)
{
    static const struct esc_shape boolean = {.type = ESC_SHAPE_BOOLEAN};
    static const struct esc_operation_option options[] = {
        {.option = "--quick", .member = "Quick", .shape = &boolean}};
    static const struct esc_operation operation = {.cli_service = "rds",
                                                   .cli_verb = "go",
                                                   .options = options,
                                                   .option_count = ESC_COUNT(options)};
    for (int on = 0; on < 2; on++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *params = esc_json_object();
        struct esc_buf line;
        esc_buf_init(&line, 4096);
        esc_json_set_bool(params, "Quick", on);
        esc_argv_line(&operation, params, NULL, &line);
        assert_string_equal(on ? "aws rds go --quick" : "aws rds go --quick=false",
                            esc_buf_text(&line));
        esc_buf_done(&line);
    }
}

static void lists_and_structures_are_one_word_each(void **)
{
    const struct esc_operation *operation = esc_operation_find("ec2", "stop-instances");
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = NULL;
    struct esc_buf line;
    esc_buf_init(&line, 4096);
    expect_ok(
        esc_json_parse(ESC_STR("{\"InstanceIds\": [\"i-1\", \"--profile x\"], \"Force\": false}"),
                       NULL, &params, &err));
    esc_argv_line(operation, params, "us-west-2", &line);
    assert_string_equal("aws ec2 stop-instances --instance-ids '[\"i-1\",\"--profile x\"]' "
                        "--no-force --region us-west-2",
                        esc_buf_text(&line));
    esc_buf_done(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_stand_with_their_source),
        cmocka_unit_test(equal_facts_give_equal_scripts),
        cmocka_unit_test(hostile_names_never_become_values),
        cmocka_unit_test(region_and_account_look_like_such),
        cmocka_unit_test(a_playbook_is_for_its_type),
        cmocka_unit_test(an_identifier_has_one_value),
        cmocka_unit_test(time_and_nonce_wait_until_they_are_bound),
        cmocka_unit_test(a_nonce_is_four_plain_characters),
        cmocka_unit_test(a_missing_value_becomes_its_question),
        cmocka_unit_test(an_undo_waits_for_what_was_there_before),
        cmocka_unit_test(a_default_needs_the_capture_to_have_been_read),
        cmocka_unit_test(a_captured_value_cannot_smuggle),
        cmocka_unit_test(a_command_line_is_quoted_for_a_shell),
        cmocka_unit_test(flags_stand_as_themselves_or_their_opposite),
        cmocka_unit_test(a_flag_without_an_opposite_is_shown_all_the_same),
        cmocka_unit_test(lists_and_structures_are_one_word_each),
    };
    return cmocka_run_group_tests_name("playbook/fill", tests, NULL, NULL);
}
