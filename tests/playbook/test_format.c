/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/base/buf.h"
#include "escher/base/limits.h"
#include "escher/playbook/playbook.h"
#include "tests/support/test.h"

static struct esc_error err;

static const char stop_file[] = "playbooks/aws_rds_stop_instance.yaml";
static const char snapshot_file[] = "playbooks/aws_rds_create_snapshot.yaml";
static const char memory_file[] = "playbooks/aws_lambda_set_memory.yaml";

/* The text of `file` with the first `from` replaced by `to`; owned by the caller. */
static char *changed(const char *file, const char *from, const char *to)
{
    ESC_CLEANUP(esc_freep) char *text = test_source(file);
    const char *at = strstr(text, from);
    struct esc_buf buf;
    if (!at)
        fail_msg("%s does not hold `%s`", file, from);
    esc_buf_init(&buf, ESC_MAX_YAML);
    esc_buf_append(&buf, text, (size_t)(at - text));
    esc_buf_add_text(&buf, to);
    esc_buf_add_text(&buf, at + strlen(from));
    return esc_buf_take(&buf);
}

static void expect_refused(const char *file, const char *from, const char *to, const char *message)
{
    ESC_CLEANUP(esc_freep) char *text = changed(file, from, to);
    ESC_CLEANUP(esc_playbook_freep) struct esc_playbook *playbook = NULL;
    err.message[0] = '\0';
    const enum esc_status status = esc_playbook_load(esc_str_of(text), file, &playbook, &err);
    if (status != ESC_INVALID || !strstr(err.message, message))
        fail_msg("`%s` for `%s`: %s instead of %s", to, from, err.message, message);
}

static struct esc_playbook *loaded(const char *file)
{
    ESC_CLEANUP(esc_freep) char *text = test_source(file);
    struct esc_playbook *playbook = NULL;
    expect_ok(esc_playbook_load(esc_str_of(text), file, &playbook, &err));
    return playbook;
}

static void a_playbook_is_read_into_values(void **)
{
    ESC_CLEANUP(esc_playbook_freep) struct esc_playbook *playbook = loaded(stop_file);
    assert_string_equal("aws_rds_stop_instance", playbook->id);
    assert_string_equal("1.0.0", playbook->version);
    assert_string_equal("stop", playbook->verb);
    assert_string_equal("rds_instance", playbook->type->name);
    assert_int_equal(64, strlen(playbook->sha256));
    assert_true(esc_playbook_mutates(playbook));
    assert_int_equal(ESC_RISK_DISRUPT, esc_playbook_class(playbook));
    assert_string_equal("StopDBInstance", esc_playbook_operation(playbook)->operation);
    const struct esc_parameter *db = esc_playbook_parameter(playbook, ESC_STR("db"));
    assert_non_null(db);
    assert_string_equal("resource.identifier", db->from);
    assert_null(esc_playbook_parameter(playbook, ESC_STR("dba")));
    assert_int_equal(2, playbook->step_count);
    const struct esc_playbook_step *stop = &playbook->steps[0], *settle = &playbook->steps[1];
    assert_int_equal(ESC_PLAYBOOK_AWS, stop->kind);
    assert_true(stop->mutates && stop->has_undo);
    assert_int_equal(60'000, stop->timeout_ms);
    assert_string_equal("DescribeDBInstances", stop->outcome.probe.call.operation->operation);
    assert_string_equal("DBInstances[0]", stop->outcome.probe.select);
    assert_int_equal(ESC_PLAYBOOK_WAIT, settle->kind);
    assert_string_equal("stop", settle->needs[0]);
    assert_int_equal(20'000, settle->every_ms);
    assert_int_equal(ESC_REVERSIBLE_FULL, playbook->risk.reversible);
}

static void the_digest_is_that_of_the_text(void **)
{
    ESC_CLEANUP(esc_playbook_freep) struct esc_playbook *one = loaded(stop_file);
    ESC_CLEANUP(esc_freep) char *text = changed(stop_file, "Stop an RDS", "Stop one RDS");
    ESC_CLEANUP(esc_playbook_freep) struct esc_playbook *other = NULL;
    expect_ok(esc_playbook_load(esc_str_of(text), stop_file, &other, &err));
    assert_string_not_equal(one->sha256, other->sha256);
}

static void what_is_not_in_the_format_is_refused(void **)
{
    static const struct {
        const char *from, *to, *message;
    } cases[] = {
        {"schema: escher.playbook/1", "schema: escher.playbook/2", ":2:1: the schema must be"},
        {"\nid: ", "\nidd: x\nid: ", ":3:1: there is no key `idd` here"},
        {"\nversion: 1.0.0", "", "the key `version` is missing"},
        {"version: 1.0.0", "version: 1.0", "`version` must be text"},
        {"version: 1.0.0", "version: '1.0'", ":4:1: a version looks like 1.0.0"},
        {"id: aws_rds_stop_instance\n", "id: aws_rds_stop\n", "the id must be the file's name"},
        {"verb: stop", "verb: Stop It", "is no verb"},
        {"verb: stop", "verb: [stop]", "`verb` must be text"},
        {"words: [stop,", "words: [1,", "`words[0]` must be text"},
        {"tags: {provider: aws, service: rds}", "tags: rds", "`tags` must be a mapping"},
        {"type: rds_instance", "type: rds_thing", "`rds_thing` is no resource type"},
        {"applies_to: {type: rds_instance}",
         "applies_to: {type: rds_instance, where: \"resource.a == 1\"}",
         "`where` and `why` go together"},
        {"applies_to: {type: rds_instance}",
         "applies_to: {type: rds_instance, where: \"before.a == 1\", why: no}",
         "`before.a` is not known here"},
        {"type: identifier", "type: anything", "is none of the words for `parameters.db.type`"},
        {"else: block", "else: explode", "is none of the words"},
        {"base: medium", "base: huge", "is none of the words"},
        {"timeout: 60s", "timeout: 60", "`steps[0].timeout` must be text"},
        {"timeout: 60s", "timeout: 1 minute", "must be a time like"},
        {"expect: \"before.DBInstanceStatus == 'available'\"",
         "expect: \"before.DBInstanceStatus = 'available'\"", "condition `before.DBInstanceStatus"},
        {"noop_reason: \"{db} is already {before.DBInstanceStatus}\"", "",
         "`noop_if` and `noop_reason` go together"},
        {"{db} is a member", "{db is a member", "a '{' has no '}'"},
        {"mutates: true", "mutates: yes please", "must be true or false"},
        {"  impact: Database", "  impact: [1]\n  x: Database", "`risk.impact` must be text"},
        {"steps:\n  - id: stop", "steps:\n  - ix: stop", "there is no key `ix` here"},
        {"every: 20s", "every: 2h", "`every` and `timeout` must be in order"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        expect_refused(stop_file, cases[i].from, cases[i].to, cases[i].message);
}

static void a_call_must_be_one_the_catalog_knows(void **)
{
    static const char aws[] = "aws: [rds, stop-db-instance, --db-instance-identifier, \"{db}\"]";
    static const struct {
        const char *to, *message;
    } cases[] = {
        {"aws: [rds, explode-db, --db-instance-identifier, \"{db}\"]", "is no known operation"},
        {"aws: [rds, StopDBInstance, --db-instance-identifier, \"{db}\"]", "is no known operation"},
        {"aws: [iam, create-user, --user-name, \"{db}\"]", "is no known operation"},
        {"aws: [rds, stop-db-instance, --db-instance, \"{db}\"]",
         "`aws rds stop-db-instance` has no option `--db-instance`"},
        {"aws: [rds, stop-db-instance, DBInstanceIdentifier, \"{db}\"]", "has no option"},
        {"aws: [rds, stop-db-instance, --db-instance-identifier, \"{db}\", --region, x]",
         "has no option `--region`"},
        {"aws: [rds, stop-db-instance, --db-instance-identifier, \"{db}\", --profile, x]",
         "has no option `--profile`"},
        {"aws: [rds, stop-db-instance, --db-instance-identifier, \"{db}\", --endpoint-url, x]",
         "has no option `--endpoint-url`"},
        {"aws: [rds, stop-db-instance]", "needs --db-instance-identifier"},
        {"aws: [rds, stop-db-instance, --db-instance-identifier]", "the value of"},
        {"aws: [rds, stop-db-instance, --db-instance-identifier, [\"{db}\"]]",
         "must be one text or number"},
        {"aws: [rds, stop-db-instance, --db-instance-identifier, \"{db}\", "
         "--db-instance-identifier, \"{db}\"]",
         "stands here twice"},
        {"aws: [rds, stop-db-instance, --db-instance-identifier, \"{other}\"]",
         "{other} is not known here"},
        {"aws: [rds, stop-db-instance, --db-instance-identifier, \"{resource.name}\"]",
         "{resource.name} is not known here"},
        {"aws: [rds, stop-db-instance, --db-instance-identifier, \"{before.X}\"]",
         "{before.X} is not known here"},
        {"aws: [rds, stop-db-instance, --db-instance-identifier, --force]", "begins with '-'"},
        {"aws: [rds, stop-db-instance, --db-instance-identifier, \"file:///etc/passwd\"]",
         "begins with file://"},
        {"aws: [rds, start-db-instance, --db-instance-identifier, \"{db}\"]",
         "requires.iam lacks rds:StartDBInstance"},
        {"aws: [rds, describe-db-instances, --db-instance-identifier, \"{db}\"]",
         "`mutates` must be false"},
        {"aws: stop", "`steps[0].aws` must be a list"},
        {"exec: [rm, -rf, /]", "a step needs `aws`, `wait`, `probe` or `approve`"},
        {"shell: rm -rf /", "a step needs `aws`, `wait`, `probe` or `approve`"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        expect_refused(stop_file, aws, cases[i].to, cases[i].message);
}

static void a_change_needs_an_end_and_a_way_back(void **)
{
    expect_refused(stop_file,
                   "    done_when: {probe: before, expect: \"after.DBInstanceStatus in "
                   "['stopping', 'stopped']\"}\n",
                   "", "needs `done_when`");
    expect_refused(snapshot_file,
                   "    undo: {aws: [rds, delete-db-snapshot, --db-snapshot-identifier, "
                   "\"{snapshot}\"]}\n",
                   "", "needs `undo`, or `reversible: none`");
    expect_refused(stop_file, "reversible: full", "reversible: none",
                   "`because` says why it is not fully reversible");
    expect_refused(stop_file, "probe: [rds, describe-db-instances,",
                   "probe: [rds, reboot-db-instance,", "a probe must not change anything");
    expect_refused(stop_file, "iam: [\"rds:DescribeDBInstances\",",
                   "iam: [\"rds:DescribeDBInstances\", \"iam:CreateUser\",",
                   "nothing here needs iam:CreateUser");
}

static void steps_are_in_order_and_named_once(void **)
{
    expect_refused(stop_file, "needs: [stop]", "needs: [start]", "there is no step `start` before");
    expect_refused(stop_file, "needs: [stop]", "needs: [settle]", "there is no step `settle`");
    expect_refused(stop_file, "- id: settle", "- id: stop", "the id `stop` is taken");
    expect_refused(stop_file, "- id: replicas", "- id: replica", "the id `replica` is taken");
    expect_refused(stop_file, "      probe: before\n      until", "      probe: later\n      until",
                   "there is no capture `later`");
}

static void a_value_has_a_strict_pattern_and_a_known_source(void **)
{
    static const char pattern[] = "pattern: '^[A-Za-z][A-Za-z0-9-]{0,62}$'";
    expect_refused(stop_file, pattern, "pattern: '^[A-Za-z0-9-]+$'", "admits a leading '-'");
    expect_refused(stop_file, pattern, "pattern: '[A-Za-z]+'", "begin with ^ and end with $");
    expect_refused(stop_file, pattern, "pattern: '^([A-Z$'", "pattern `^([A-Z$`, byte");
    expect_refused(stop_file, pattern, "min: 1", "the key `pattern` is missing");
    expect_refused(stop_file, "from: resource.identifier", "from: prompt.db, ask: Which?",
                   "an identifier comes from the resource");
    expect_refused(stop_file, "from: resource.identifier", "from: 'env:HOME'",
                   "an identifier comes from the resource");
    expect_refused(stop_file, "  db: {type", "  after: {type", "`after` has a meaning of its own");
    expect_refused(stop_file, "  db: {type", "  D-B: {type", "`D-B` is no name");
    expect_refused(snapshot_file, "template:escher-{db}", "template:escher-{later}",
                   "{later} is not known here");
    expect_refused(snapshot_file, "{utc:%Y%m%d%H%M%S}", "{utc:%s}", "is no reference");
    expect_refused(memory_file, "min: 128", "min: -1", "must be in order and not negative");
    expect_refused(memory_file, "unit: MB", "unit: stone", "`stone` is no unit");
    expect_refused(memory_file, "--memory-size, \"{memory}\"", "--memory-size, \"{function}\"",
                   "--memory-size takes a number");
    expect_refused(memory_file, "--memory-size, \"{memory}\"", "--memory-size, 5",
                   "a value of at least 128");
    expect_refused(memory_file, ", ask: \"How much memory shall it have, in MB (128 to 10240)?\"",
                   "", "`ask` goes with a value from the prompt");
}

static void conditions_speak_of_members_of_what_was_read(void **)
{
    expect_refused(stop_file, "expect: \"before.DBInstanceStatus == 'available'\"",
                   "expect: \"before == null\"", "say which member of `before`");
    expect_refused(stop_file, "expect: \"before.DBInstanceStatus == 'available'\"",
                   "expect: \"after.DBInstanceStatus == 'available'\"", "is not known here");
    expect_refused(stop_file, "until: \"after.", "until: \"resource.",
                   "`resource.DBInstanceStatus` is not known here");
}

static void a_playbook_brings_its_tests(void **)
{
    ESC_CLEANUP(esc_freep) char *text = test_source(stop_file);
    struct esc_playbook *playbook = NULL;
    *strstr(text, "\ntests:") = '\0';
    ESC_CLEANUP(esc_freep) char *without = esc_sprintf("%s\ntests: []\n", text);
    expect_status(ESC_INVALID, esc_playbook_load(esc_str_of(without), stop_file, &playbook, &err));
    expect_contains("there must be at least 3 tests", err.message);
    ESC_CLEANUP(esc_freep)
    char *odd = esc_sprintf("%s\ntests: [{given: a}, {given: b}, {given: c}]\n", text);
    expect_status(ESC_INVALID, esc_playbook_load(esc_str_of(odd), stop_file, &playbook, &err));
    expect_contains("a test has `given` and `expect`", err.message);
}

static void what_is_no_document_is_refused(void **)
{
    static const char *const bad[] = {
        "", "[]", "a", "a: [", "{}", "a: &x 1\nb: *x", "\xff", "schema: escher.playbook/1"};
    for (size_t i = 0; i < ESC_COUNT(bad); i++) {
        struct esc_playbook *playbook = NULL;
        expect_status(ESC_INVALID,
                      esc_playbook_load(esc_str_of(bad[i]), "x.yaml", &playbook, &err));
        assert_int_equal(ESC_INVALID,
                         esc_playbook_load(esc_str_of(bad[i]), "x.yaml", &playbook, NULL));
    }
}

/* Whatever line is missing: an error or another playbook, never a crash. */
static void any_line_may_be_missing(void **)
{
    ESC_CLEANUP(esc_freep) char *text = test_source(snapshot_file);
    struct esc_str rest = esc_str_of(text), line;
    size_t refused = 0, lines = 0;
    while (esc_str_next(&rest, '\n', &line)) {
        struct esc_buf buf;
        struct esc_playbook *playbook = NULL;
        esc_buf_init(&buf, ESC_MAX_YAML);
        esc_buf_append(&buf, text, (size_t)(line.ptr - text));
        esc_buf_add(&buf, rest.ptr ? rest : ESC_STR(""));
        refused += esc_playbook_load(esc_buf_str(&buf), snapshot_file, &playbook, &err) != ESC_OK;
        esc_playbook_free(playbook);
        esc_buf_done(&buf);
        lines++;
    }
    assert_true(refused > lines / 3 && refused < lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_playbook_is_read_into_values),
        cmocka_unit_test(the_digest_is_that_of_the_text),
        cmocka_unit_test(what_is_not_in_the_format_is_refused),
        cmocka_unit_test(a_call_must_be_one_the_catalog_knows),
        cmocka_unit_test(a_change_needs_an_end_and_a_way_back),
        cmocka_unit_test(steps_are_in_order_and_named_once),
        cmocka_unit_test(a_value_has_a_strict_pattern_and_a_known_source),
        cmocka_unit_test(conditions_speak_of_members_of_what_was_read),
        cmocka_unit_test(a_playbook_brings_its_tests),
        cmocka_unit_test(what_is_no_document_is_refused),
        cmocka_unit_test(any_line_may_be_missing),
    };
    return cmocka_run_group_tests_name("playbook/format", tests, NULL, NULL);
}
