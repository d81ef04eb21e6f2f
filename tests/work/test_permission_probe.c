/* SPDX-License-Identifier: Apache-2.0 */

/* What only the cloud can say: the policies of an organisation by its simulator, and dry runs. */

#include <stdlib.h>
#include <string.h>

#include "escher/catalog/iam_action.h"
#include "escher/playbook/argv.h"
#include "escher/store/document.h"
#include "escher/work/dry_run.h"
#include "escher/work/permission_private.h"
#include "escher/work/permission_probe.h"
#include "tests/work/caller_desk.h"

static struct esc_error err;

static void in_an_organisation_the_simulator_is_asked_once_a_day(void **state)
{
    struct desk *desk = caller_desk(state);
    caller_join_organisation(desk);
    desk_cloud_put(
        desk, "simulate-principal-policy.json",
        "{\"EvaluationResults\": ["
        "{\"EvalActionName\": \"rds:StopDBInstance\", \"EvalDecision\": \"implicitDeny\","
        " \"OrganizationsDecisionDetail\": {\"AllowedByOrganizations\": false}},"
        "{\"EvalActionName\": \"rds:StartDBInstance\", \"EvalDecision\": \"allowed\","
        " \"OrganizationsDecisionDetail\": {\"AllowedByOrganizations\": true}}]}");
    (void)caller_sync(desk, "rds");
    assert_int_equal(1, desk_cloud_calls(desk, "simulate-principal-policy"));
    caller_expect(desk, DATABASE, "start", "allowed");
    caller_expect(desk, DATABASE, "stop",
                  "unknown: the simulator says that a policy of the organisation refuses it, "
                  "without knowing MFA, network and tags of a call");
    caller_expect(desk, DATABASE, "reboot",
                  "unknown: the policies of the organisation could not be asked");
    assert_int_equal(1, caller_stored_count(desk, "allowed_actions"));
    (void)caller_sync(desk, "rds");
    assert_int_equal(1, desk_cloud_calls(desk, "simulate-principal-policy"));
    esc_clock_fixed_advance(&desk->clock, UINT64_C(25) * 3600 * 1000);
    (void)caller_sync(desk, "rds");
    assert_int_equal(2, desk_cloud_calls(desk, "simulate-principal-policy"));
}

/* What it was not given it takes for absent, and who calls with it may be refused. */
static void an_allow_without_keys_that_a_policy_asks_for_hangs_on_them(void **state)
{
    static const struct {
        const char *result, *verdict, *keys[3];
    } cases[] = {
        {"\"MissingContextValues\": [\"aws:MultiFactorAuthPresent\", \"aws:SourceIp\"]",
         "conditional",
         {"aws:MultiFactorAuthPresent", "aws:SourceIp", NULL}},
        {"\"MissingContextValues\": [], \"ResourceSpecificResults\": [{\"MissingContextValues\":"
         " [\"aws:SourceVpce\"]}]",
         "conditional",
         {"aws:SourceVpce", NULL}},
        {"\"MissingContextValues\": [7, {}]", "allowed", {NULL}},
        {"\"MissingContextValues\": []", "allowed", {NULL}},
    };
    struct desk *desk = caller_desk(state);
    caller_join_organisation(desk);
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_freep)
        char *text = esc_sprintf("{\"EvaluationResults\": [{\"EvalActionName\":"
                                 " \"rds:StopDBInstance\", \"OrganizationsDecisionDetail\":"
                                 " {\"AllowedByOrganizations\": true}, %s}]}",
                                 cases[i].result);
        desk_cloud_put(desk, "simulate-principal-policy.json", text);
        esc_clock_fixed_advance(&desk->clock, UINT64_C(25) * 3600 * 1000);
        (void)caller_sync(desk, "rds");
        caller_expect(desk, DATABASE, "stop", cases[i].verdict);
        ESC_CLEANUP(esc_json_freep)
        struct esc_json *answer = desk_expect(desk, ESC_OK, "POST", "/api/can",
                                              "{\"text\":\"" DATABASE "\",\"action\":\"stop\"}");
        const struct esc_json *keys = esc_json_get(answer, "actions[0].keys");
        for (size_t j = 0; cases[i].keys[j]; j++)
            assert_string_equal(cases[i].keys[j], esc_json_str(esc_json_at(keys, j), "", ""));
        assert_int_equal(strcmp(cases[i].verdict, "conditional") == 0,
                         caller_stored_count(desk, "conditional_actions"));
    }
}

/* A policy of the organisation may hang on tags: with others it is asked anew, at once. */
static void a_probe_holds_for_the_tags_it_was_made_with(void **state)
{
    struct desk *desk = caller_desk(state);
    caller_join_organisation(desk);
    desk_cloud_put(desk, "simulate-principal-policy.json",
                   "{\"EvaluationResults\": [{\"EvalActionName\": \"rds:StopDBInstance\","
                   " \"OrganizationsDecisionDetail\": {\"AllowedByOrganizations\": true}}]}");
    (void)caller_sync(desk, "rds");
    caller_expect(desk, DATABASE, "stop", "allowed");
    ESC_CLEANUP(esc_json_freep) struct esc_json *probes = NULL;
    expect_ok(esc_store_doc_get(desk->bench->store, WORK_IAM_PROBES, DESK_ACCOUNT, &probes, &err));
    struct esc_json *tags = esc_json_get_mutable(probes, "rds_instance us-west-2.tags");
    assert_non_null(tags);
    esc_json_set_text(tags, "env", "as it was before");
    expect_ok(esc_store_doc_put(desk->bench->store, WORK_IAM_PROBES, DESK_ACCOUNT, probes, &err));
    caller_expect(desk, DATABASE, "stop",
                  "unknown: the policies of the organisation were asked about other tags");
    (void)caller_sync(desk, "rds");
    assert_int_equal(2, desk_cloud_calls(desk, "simulate-principal-policy"));
    caller_expect(desk, DATABASE, "stop", "allowed");
}

/* Half an answer, answers to other questions, and words where yes and no belong. */
static void a_simulator_that_lies_decides_nothing(void **state)
{
    static const char *const answers[] = {
        "{}",
        "[]",
        "{\"EvaluationResults\": \"all\"}",
        "{\"EvaluationResults\": [7, [], {}]}",
        "{\"EvaluationResults\": [{\"EvalActionName\": \"rds:StopDBInstance\"}]}",
        "{\"EvaluationResults\": [{\"EvalActionName\": \"rds:StopDBInstance\","
        " \"OrganizationsDecisionDetail\": {\"AllowedByOrganizations\": \"true\"}}]}",
        "{\"EvaluationResults\": [{\"EvalActionName\": [\"rds:StopDBInstance\"],"
        " \"OrganizationsDecisionDetail\": {\"AllowedByOrganizations\": true}}]}",
        "{\"EvaluationResults\": [{\"EvalActionName\": \"ec2:StopInstances\","
        " \"OrganizationsDecisionDetail\": {\"AllowedByOrganizations\": true}}]}",
    };
    struct desk *desk = caller_desk(state);
    caller_join_organisation(desk);
    for (size_t i = 0; i < ESC_COUNT(answers); i++) {
        desk_cloud_put(desk, "simulate-principal-policy.json", answers[i]);
        esc_clock_fixed_advance(&desk->clock, UINT64_C(25) * 3600 * 1000);
        (void)caller_sync(desk, "rds");
        assert_int_equal(i + 1, desk_cloud_calls(desk, "simulate-principal-policy"));
        caller_expect(desk, DATABASE, "stop",
                      "unknown: the policies of the organisation could not be asked");
    }
}

static void without_the_simulator_an_organisation_leaves_it_unknown(void **state)
{
    struct desk *desk = caller_desk(state);
    caller_join_organisation(desk);
    (void)caller_sync(desk, "rds");
    caller_expect(desk, DATABASE, "stop",
                  "unknown: the policies of the organisation could not be asked");
    (void)caller_sync(desk, "rds");
    assert_int_equal(1,
                     desk_cloud_calls(desk, "simulate-principal-policy")); /* a day later again */
}

/* The clock was a year ahead while this was read. */
static void what_was_read_at_a_time_to_come_is_read_again(void **state)
{
    static const uint64_t year_ms = UINT64_C(365) * 24 * 3600 * 1000;
    struct desk *desk = caller_desk(state);
    caller_join_organisation(desk);
    desk_cloud_put(desk, "simulate-principal-policy.json", "{\"EvaluationResults\": []}");
    (void)caller_sync(desk, "rds");
    (void)caller_sync(desk, "rds");
    assert_int_equal(1, desk_cloud_calls(desk, "simulate-principal-policy"));
    desk->clock.wall_ms -= year_ms;
    (void)caller_sync(desk, "rds");
    assert_int_equal(2, desk_cloud_calls(desk, "simulate-principal-policy"));
}

static void the_simulator_is_asked_for_comparison_alone(void **state)
{
    static const char *const body = "{\"text\":\"" DATABASE "\",\"action\":\"stop\"," DESK_KEYS "}";
    struct desk *desk = caller_desk(state);
    esc_json_free(desk_expect(desk, ESC_NOT_FOUND, "POST", "/api/can/simulate", body));
    (void)caller_sync(desk, "rds");
    esc_json_free(desk_expect(desk, ESC_DENIED, "POST", "/api/can/simulate", body));
    desk_cloud_put(desk, "simulate-principal-policy.json",
                   "{\"EvaluationResults\": [{\"EvalActionName\": \"rds:StopDBInstance\","
                   " \"EvalDecision\": \"explicitDeny\", \"MatchedStatements\":"
                   " [{\"SourcePolicyId\": \"own\"}]}]}");
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *answer = desk_expect(desk, ESC_OK, "POST", "/api/can/simulate", body);
    const struct esc_json *page = esc_json_get(answer, "actions[0]");
    assert_string_equal("allowed", esc_json_str(page, "verdict", ""));
    assert_string_equal("denied", esc_json_str(page, "simulated.verdict", ""));
    assert_string_equal("own", esc_json_str(page, "simulated.policies[0]", ""));
    assert_false(esc_json_flag(page, "agrees", true));
    caller_expect(desk, DATABASE, "stop", "allowed"); /* nothing of it is kept */
}

/* Who cannot be asked about is told so, and what would help. */
static void whom_the_simulator_does_not_know_is_told_so(void **state)
{
    static const char *const body = "{\"text\":\"" DATABASE "\",\"action\":\"stop\"," DESK_KEYS "}";
    static const struct {
        const char *arn;
        enum esc_status status;
        const char *says;
    } cases[] = {
        {"arn:aws:iam::" DESK_ACCOUNT ":root", ESC_INVALID,
         "the simulator knows users and roles, not the root user, who has no policies: give the "
         "account the keys of a user or a role, and sync"},
        {"arn:aws:sts::" DESK_ACCOUNT ":federated-user/bob", ESC_INVALID,
         "the simulator knows users and roles, not federated sessions: give the account the keys "
         "of a user or a role, and sync"},
        {"arn:aws:sts::" DESK_ACCOUNT ":assumed-role/Developer/i-0123456789abcdef0", ESC_NOT_FOUND,
         "whom to ask about is not known: a session does not tell its role's path; iam:GetRole "
         "does, and `escher sync` asks it"},
    };
    struct desk *desk = caller_desk(state);
    desk_cloud_drop(desk, "get-role.json");
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_freep)
        char *identity =
            esc_sprintf("{\"UserId\": \"1\", \"Account\": \"" DESK_ACCOUNT "\", \"Arn\": \"%s\"}",
                        cases[i].arn);
        desk_cloud_put(desk, "get-caller-identity.json", identity);
        (void)caller_sync(desk, "rds");
        ESC_CLEANUP(esc_json_freep)
        struct esc_json *answer =
            desk_expect(desk, cases[i].status, "POST", "/api/can/simulate", body);
        assert_string_equal(cases[i].says, esc_json_str(answer, "message", ""));
    }
    assert_int_equal(0, desk_cloud_calls(desk, "simulate-principal-policy"));
}

static struct esc_resource *resource_of(const char *type, const char *identifier)
{
    struct esc_resource *resource = esc_resource_new();
    resource->resource_type = esc_strdup(type);
    resource->identifier = esc_strdup(identifier);
    return resource;
}

/* What is shared into the account is another's, also for the simulator. */
static void the_simulator_is_told_whose_the_resource_is(void **)
{
    static const char *const actions[] = {"ec2:DeleteSubnet", NULL};
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *subnet = resource_of("subnet", "subnet-1");
    free(subnet->arn);
    subnet->arn = esc_strdup("arn:aws:ec2:us-west-2:999999999999:subnet/subnet-1");
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *params =
        work_probe_params("arn:aws:iam::" DESK_ACCOUNT ":user/ada", subnet, actions);
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(params, ESC_JSON_COMPACT);
    expect_contains("\"aws:ResourceAccount\",\"ContextKeyValues\":[\"999999999999\"]", text);
}

/* Without the flag it would be done. */
static void each_dry_run_has_its_flag_in_the_command(void **)
{
    static const char *const types[] = {"ec2_instance", "ebs_volume", "ebs_snapshot",  "ami",
                                        "vpc",          "subnet",     "security_group"};
    size_t count = 0;
    for (size_t i = 0; i < esc_iam_action_count() * ESC_COUNT(types); i++) {
        const char *action = esc_iam_action_at(i / ESC_COUNT(types))->name;
        ESC_CLEANUP(esc_resource_freep)
        struct esc_resource *resource = resource_of(types[i % ESC_COUNT(types)], "x-1");
        for (int of_nothing = 0; of_nothing < 2; of_nothing++) {
            ESC_CLEANUP(esc_json_freep)
            struct esc_json *params = work_dry_run_params(action, resource, of_nothing);
            if (!params)
                continue;
            ESC_CLEANUP(esc_json_freep)
            struct esc_json *args =
                esc_argv_args(work_dry_run_operation(action), params, "us-west-2");
            ESC_CLEANUP(esc_freep) char *text = esc_json_print(args, ESC_JSON_COMPACT);
            expect_contains("\"--dry-run\"", text);
            expect_contains(of_nothing ? "x-00000000000000000" : "x-1", text);
            count++;
        }
    }
    assert_int_equal(28, count);
}

static void put_instance(const struct desk *desk)
{
    desk_cloud_put(desk, "describe-instances.json",
                   "{\"Reservations\": [{\"Instances\": [{\"InstanceId\":"
                   " \"i-0123456789abcdef0\", \"State\": {\"Name\": \"running\"}}]}]}");
    desk_cloud_put(desk, "describe-images.json", "{\"Images\": []}");
    desk_cloud_put(desk, "describe-addresses.json", "{\"Addresses\": []}");
}

static void ec2_decides_by_a_dry_run_and_an_emulator_that_knows_none_is_not_asked(void **state)
{
    static const char *const body =
        "{\"text\":\"i-0123456789abcdef0\",\"action\":\"ec2:StopInstances\"," DESK_KEYS "}";
    struct desk *desk = caller_desk(state);
    put_instance(desk);
    (void)caller_sync(desk, "ec2");
    desk_cloud_put(desk, "stop-instances.json", "{\"StoppingInstances\": []}");
    esc_json_free(desk_expect(desk, ESC_INVALID, "POST", "/api/can/dry-run", body));
    assert_int_equal(1, desk_cloud_calls(desk, "stop-instances"));
    desk_cloud_drop(desk, "stop-instances.json");
    caller_put_failure(desk, "stop-instances", "DryRunOperation");
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *would = desk_expect(desk, ESC_OK, "POST", "/api/can/dry-run", body);
    assert_string_equal("allowed", esc_json_str(would, "actions[0].verdict", ""));
    assert_string_equal("dry_run", esc_json_str(would, "actions[0].source", ""));
    assert_int_equal(3, desk_cloud_calls(desk, "stop-instances"));
    desk_cloud_put(desk, "stop-instances.sh",
                   "last=$(tail -n 1 \"$here/calls\")\n"
                   "case \"$last\" in *DryRun*true*) ;; *) echo '{}'; exit 0;; esac\n"
                   "case \"$last\" in *i-00000000000000000*) code=DryRunOperation;;"
                   " *) code=UnauthorizedOperation;; esac\n"
                   "echo \"An error occurred ($code) when calling the thing operation: no\" >&2\n"
                   "exit 254\n");
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *refused = desk_expect(desk, ESC_OK, "POST", "/api/can/dry-run", body);
    assert_string_equal("denied", esc_json_str(refused, "actions[0].verdict", ""));
    caller_put_failure(desk, "stop-instances", "DryRunOperation");
    esc_json_free(desk_expect(desk, ESC_INVALID, "POST", "/api/can/dry-run",
                              "{\"text\":\"i-0123456789abcdef0\",\"action\":"
                              "\"ec2:ModifyInstanceAttribute\"," DESK_KEYS "}"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(in_an_organisation_the_simulator_is_asked_once_a_day),
        TEST(an_allow_without_keys_that_a_policy_asks_for_hangs_on_them),
        TEST(a_probe_holds_for_the_tags_it_was_made_with),
        TEST(a_simulator_that_lies_decides_nothing),
        TEST(without_the_simulator_an_organisation_leaves_it_unknown),
        TEST(what_was_read_at_a_time_to_come_is_read_again),
        TEST(the_simulator_is_asked_for_comparison_alone),
        TEST(whom_the_simulator_does_not_know_is_told_so),
        cmocka_unit_test(each_dry_run_has_its_flag_in_the_command),
        cmocka_unit_test(the_simulator_is_told_whose_the_resource_is),
        TEST(ec2_decides_by_a_dry_run_and_an_emulator_that_knows_none_is_not_asked),
    };
    return cmocka_run_group_tests_name("work/permission_probe", tests, NULL, NULL);
}
