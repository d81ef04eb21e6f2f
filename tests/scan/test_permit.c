/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/permit.h"

#include <stdlib.h>

#include "escher/base/alloc.h"
#include "tests/scan/permit_case.h"

static struct esc_error err;

static void statements_decide_with_what_the_record_knows(void **)
{
    static const struct permit_case cases[] = {
        {ALLOW_ALL, NULL, "rds:StopDBInstance", "allowed"},
        {"{'Effect': 'Allow', 'Action': 'rds:Describe*', 'Resource': '*'}", NULL,
         "rds:StopDBInstance", "denied"},
        {ALLOW_ALL ", {'Sid': 'NoStops', 'Effect': 'Deny', 'Action': 'rds:Stop*', 'Resource': '*'}",
         NULL, "rds:StopDBInstance", "denied by `NoStops`"},
        {ALLOW_ALL ", {'Sid': 'NotProd', 'Effect': 'Deny', 'Action': 'rds:*', 'Resource': '*',"
                   " 'Condition': {'StringEquals': {'aws:ResourceTag/env': 'production'}}}",
         NULL, "rds:StopDBInstance", "denied by `NotProd`"},
        {ALLOW_ALL ", {'Effect': 'Deny', 'Action': 'rds:*', 'Resource': '*',"
                   " 'Condition': {'StringEquals': {'aws:ResourceTag/env': 'test'}}}",
         NULL, "rds:StopDBInstance", "allowed"},
        {ALLOW_ALL ", {'Sid': 'Tag', 'Effect': 'Deny', 'Action': 'rds:*', 'Resource': '*',"
                   " 'Condition': {'StringEquals': {'rds:db-tag/env': 'production'}}}",
         NULL, "rds:StopDBInstance", "denied by `Tag`"},
        {"{'Effect': 'Allow', 'Action': 'rds:*', 'Resource': '*',"
         " 'Condition': {'StringEquals': {'aws:RequestedRegion': 'eu-west-1'}}}",
         NULL, "rds:StopDBInstance", "denied"},
        {"{'Effect': 'Allow', 'Action': 'rds:*', 'Resource': '*',"
         " 'Condition': {'StringEquals': {'aws:PrincipalTag/team': 'core'}}}",
         NULL, "rds:StopDBInstance", "allowed"},
        {"{'Effect': 'Allow', 'Action': 'rds:*', 'Resource': '*',"
         " 'Condition': {'StringEquals': {'aws:PrincipalTag/floor': '3'}}}",
         NULL, "rds:StopDBInstance", "denied"}, /* all tags of a user are known */
        {"{'Effect': 'Allow', 'Action': 'rds:*', 'Resource': '*',"
         " 'Condition': {'Bool': {'aws:MultiFactorAuthPresent': 'true'}}}",
         NULL, "rds:StopDBInstance", "conditional: aws:MultiFactorAuthPresent"},
        {ALLOW_ALL ", {'Effect': 'Deny', 'Action': '*', 'Resource': '*',"
                   " 'Condition': {'NotIpAddress': {'aws:SourceIp': '10.0.0.0/8'}}}",
         NULL, "rds:StopDBInstance", "conditional: aws:SourceIp"},
        {"{'Effect': 'Allow', 'Action': 'rds:*', 'Resource': '*',"
         " 'Condition': {'NumericLessThan': {'rds:StorageSize': '200'}}}",
         NULL, "rds:DeleteDBInstance", "allowed"},
        {"{'Effect': 'Allow', 'Action': 'rds:*', 'Resource': '*',"
         " 'Condition': {'NumericLessThan': {'rds:StorageSize': '20'}}}",
         NULL, "rds:ModifyDBInstance", "conditional: rds:StorageSize"}, /* the request may set it */
        {ALLOW_ALL ", {'Effect': 'Deny', 'Action': 'rds:*', 'Resource': '*',"
                   " 'Condition': {'NumericNotEquals': {'rds:Piops': '0'}}}",
         NULL, "rds:DeleteDBInstance", "conditional: rds:Piops"},
        {ALLOW_ALL ", {'Effect': 'Deny', 'Action': '*', 'Resource': '*',"
                   " 'Condition': {'StringEquals': {'ec2:InstanceType': 'm5.large'}}}",
         NULL, "rds:StopDBInstance", "allowed"}, /* a request to RDS has no such key */
        {"{'Effect': 'Allow', 'Action': 'rds:*', 'Resource': '*',"
         " 'Condition': {'StringEquals': {'aws:NewKey': 'x'}}}",
         NULL, "rds:StopDBInstance", "conditional: aws:NewKey"},
        {"{'Effect': 'Allow', 'Action': 'rds:*', 'Resource': 'arn:aws:rds:*:*:db:ma*'}", NULL,
         "rds:StopDBInstance", "allowed"},
        {"{'Effect': 'Allow', 'Action': 'rds:*', 'Resource': 'arn:aws:rds:*:*:db:ma*'}", NULL,
         "rds:CreateDBSnapshot", "unknown: it depends on a name that is not known yet"},
        {ALLOW_ALL ", {'Effect': 'Deny', 'Action': 'rds:*', 'Resource': "
                   "'arn:aws:rds:*:*:snapshot:prod-*'}",
         NULL, "rds:CreateDBSnapshot", "unknown: it depends on a name that is not known yet"},
        {"{'Effect': 'Allow', 'Action': 'rds:*', 'Resource': ['arn:aws:rds:*:*:db:ma*',"
         " 'arn:aws:rds:*:*:snapshot:*']}",
         NULL, "rds:CreateDBSnapshot", "allowed"},
    };
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = permit_case_database();
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        permit_case_check(&cases[i], resource, NULL);
}

/* A version of a layer may be let read by its policy, and nothing else; the latest one is asked. */
static void layers_are_asked_by_their_latest_version(void **)
{
#define LAYER "arn:aws:lambda:us-west-2:123456789012:layer:tools"
#define LET_READ                                                                                   \
    "{'Statement': [{'Effect': 'Allow', 'Principal': '*', 'Action': 'lambda:GetLayerVersion',"     \
    " 'Resource': '" LAYER ":7'}]}"
    static const struct permit_case cases[] = {
        {"{'Effect': 'Allow', 'Action': 'lambda:*', 'Resource': '" LAYER ":*'}", NULL,
         "lambda:GetLayerVersion", "allowed"},
        {"{'Effect': 'Allow', 'Action': 'lambda:*', 'Resource': '" LAYER ":6'}", NULL,
         "lambda:DeleteLayerVersion", "denied"},
        {"{'Effect': 'Allow', 'Action': 'lambda:*', 'Resource': '" LAYER "'}", NULL,
         "lambda:DeleteLayerVersion", "denied"},
        {"{'Effect': 'Allow', 'Action': 'lambda:*', 'Resource': '" LAYER "'}", NULL,
         "lambda:PublishLayerVersion", "allowed"},
        {"{'Effect': 'Allow', 'Action': 'ec2:*', 'Resource': '*'}", NULL,
         "lambda:PublishLayerVersion", "denied"},
    };
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *layer =
        permit_case_resource("lambda_layer", "tools", "{}",
                             "{'latest_version': 7, 'latest_version_arn': '" LAYER ":7'}");
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        permit_case_check(&cases[i], layer, NULL);
    static const struct permit_case read = {
        "{'Effect': 'Allow', 'Action': 'ec2:*', 'Resource': '*'}", NULL, "lambda:GetLayerVersion",
        "unknown: nobody has read the policy of the resource itself"};
    permit_case_check(&read, layer, NULL);
    ESC_CLEANUP(esc_json_freep) struct esc_json *document = test_json(LET_READ);
    ESC_CLEANUP(esc_iam_policy_freep) struct esc_iam_policy *policy = NULL;
    expect_ok(esc_iam_policy_read(document, "own", &policy, &err));
    const struct esc_permit_policy known = {.policy = policy}, none = {0};
    permit_case_check(&(struct permit_case){read.statements, NULL, read.action, "allowed"}, layer,
                      &known);
    permit_case_check(&(struct permit_case){read.statements, NULL, read.action, "denied"}, layer,
                      &none);
}

static void a_boundary_bounds_and_a_layer_that_is_unread_never_denies(void **)
{
    static const struct permit_case cases[] = {
        {ALLOW_ALL,
         "'boundary': {'policies': [{'label': 'limits', 'document': {'Statement':"
         " [{'Effect': 'Allow', 'Action': 'ec2:*', 'Resource': '*'}]}}]}",
         "rds:StopDBInstance", "denied"},
        {ALLOW_ALL, "'boundary': {'policies': [], 'unread': 'iam:GetRole: AccessDenied'}",
         "rds:StopDBInstance", "unknown: iam:GetRole: AccessDenied"},
        {"{'Effect': 'Allow', 'Action': 'ec2:*', 'Resource': '*'}",
         "'session': {'policies': [], 'unread': 'it cannot be read'}", "ec2:StopInstances",
         "unknown: it cannot be read"},
        {ALLOW_ALL ", {'Sid': 'No', 'Effect': 'Deny', 'Action': '*', 'Resource': '*'}",
         "'boundary': {'policies': [], 'unread': 'no'}", "rds:StopDBInstance", "denied by `No`"},
        {ALLOW_ALL, "'organisation': {'state': 'unread', 'why': 'not asked'}", "rds:StopDBInstance",
         "unknown: not asked"},
        {ALLOW_ALL, "'organisation': {'state': 'member'}", "rds:StopDBInstance",
         "unknown: the policies of the organisation could not be asked"},
        {ALLOW_ALL, "'organisation': {'state': 'management'}", "rds:StopDBInstance", "allowed"},
        {ALLOW_ALL, "'identity': {'policies': [], 'unread': 'iam:ListUserPolicies: AccessDenied'}",
         "rds:StopDBInstance", "unknown: iam:ListUserPolicies: AccessDenied"},
        {ALLOW_ALL,
         "'identity': {'policies': [{'label': 'bad', 'document': {'Statement': 'nonsense'}}]}",
         "rds:StopDBInstance", NULL},
    };
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = permit_case_database();
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_json_freep)
        struct esc_json *set = permit_case_user(cases[i].statements, NULL);
        ESC_CLEANUP(esc_freep) char *text = esc_sprintf("{%s}", cases[i].more);
        ESC_CLEANUP(esc_json_freep) struct esc_json *more = test_json(text);
        void *position = NULL;
        const char *name;
        const struct esc_json *value;
        while (esc_json_next(more, &position, &name, &value))
            esc_json_set(set, name, esc_json_ref(value));
        ESC_CLEANUP(esc_permit_freep) struct esc_permit *permit = esc_permit_new(set, NULL);
        ESC_CLEANUP(esc_freep)
        char *verdict = permit_case_verdict(permit, resource, cases[i].action, NULL);
        if (cases[i].verdict)
            assert_string_equal(cases[i].verdict, verdict);
        else
            assert_true(esc_str_starts_with(esc_str_of(verdict), ESC_STR("unknown: ")));
    }
}

static void without_a_caller_nothing_is_denied(void **)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *set =
        test_json("{'account_id': '123456789012', 'caller': {'kind': 'unknown'}, 'identity':"
                  " {'policies': [], 'unread': 'sts:GetCallerIdentity: AccessDenied'}}");
    ESC_CLEANUP(esc_permit_freep) struct esc_permit *permit = esc_permit_new(set, NULL);
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = permit_case_database();
    ESC_CLEANUP(esc_freep)
    char *verdict = permit_case_verdict(permit, resource, "rds:StopDBInstance", NULL);
    assert_string_equal("unknown: sts:GetCallerIdentity: AccessDenied", verdict);
}

/* In an organisation it counts what the simulator said about one resource of the type here. */
static void a_probe_speaks_for_the_resource_it_was_made_with_alone(void **)
{
    static const char *const id = "123456789012-us-west-2-rds_instance-main";
    ESC_CLEANUP(esc_json_freep) struct esc_json *set = permit_case_user(ALLOW_ALL, NULL);
    ESC_CLEANUP(esc_json_freep) struct esc_json *member = test_json("{'state': 'member'}");
    esc_json_set(set, "organisation", esc_json_ref(member));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *probes = test_json(
        "{'rds_instance us-west-2': {'sample': '', 'name': 'main', 'tags': {'env': 'production'},"
        " 'allows': {'rds:StartDBInstance': true,"
        " 'rds:StopDBInstance': false}}}");
    esc_json_set_text(esc_json_get_mutable(probes, "rds_instance us-west-2"), "sample", id);
    ESC_CLEANUP(esc_permit_freep) struct esc_permit *permit = esc_permit_new(set, probes);
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *sample = permit_case_database();
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *other = permit_case_resource("rds_instance", "other", "{}", "{}");
    static const struct {
        bool other;
        const char *action, *verdict;
    } cases[] = {
        {false, "rds:StartDBInstance", "allowed"},
        {true, "rds:StartDBInstance",
         "unknown: the policies of the organisation allow it for main; another resource was not "
         "asked about"},
        {false, "rds:StopDBInstance",
         "unknown: the simulator says that a policy of the organisation refuses it, without "
         "knowing "
         "MFA, network and tags of a call"},
        {true, "rds:StopDBInstance", "unknown: a policy of the organisation refuses it for main"},
        {true, "rds:RebootDBInstance",
         "unknown: the policies of the organisation could not be asked"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_freep)
        char *verdict =
            permit_case_verdict(permit, cases[i].other ? other : sample, cases[i].action, NULL);
        assert_string_equal(cases[i].verdict, verdict);
    }
}

#define CONTROLLED                                                                                 \
    "unknown: a resource control policy of the organisation may refuse it: only its "              \
    "administrators can read those"

static void what_a_resource_control_policy_may_refuse_is_not_allowed(void **)
{
    static const struct {
        const char *state, *type, *action, *verdict;
    } cases[] = {
        {"member", "s3_bucket", "s3:DeleteBucket", CONTROLLED},
        {"management", "s3_bucket", "s3:DeleteBucket", "allowed"},
        {"none", "s3_bucket", "s3:DeleteBucket", "allowed"},
        {"billing", "s3_bucket", "s3:DeleteBucket", "allowed"},
        {"member", "rds_instance", "rds:StopDBInstance", "allowed"}, /* they know no RDS */
        {"member", "s3_bucket", "s3:PutObject", "denied by `No`"},
    };
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *probes = test_json(
        "{'s3_bucket us-west-2': {'sample': '123456789012-us-west-2-s3_bucket-papers', 'tags': {},"
        "  'allows': {'s3:DeleteBucket': true}},"
        " 'rds_instance us-west-2': {'sample': '123456789012-us-west-2-rds_instance-papers', "
        "'tags': {},"
        "  'allows': {'rds:StopDBInstance': true}}}");
    const struct esc_permit_policy none = {0};
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_json_freep)
        struct esc_json *set = permit_case_user(
            ALLOW_ALL ", {'Sid': 'No', 'Effect': 'Deny', 'Action': 's3:Put*', 'Resource': '*'}",
            NULL);
        esc_json_set_text(esc_json_get_mutable(set, "organisation"), "state", cases[i].state);
        ESC_CLEANUP(esc_permit_freep) struct esc_permit *permit = esc_permit_new(set, probes);
        ESC_CLEANUP(esc_resource_freep)
        struct esc_resource *resource = permit_case_resource(cases[i].type, "papers", "{}", "{}");
        ESC_CLEANUP(esc_freep)
        char *verdict = permit_case_verdict(permit, resource, cases[i].action, &none);
        assert_string_equal(cases[i].verdict, verdict);
    }
}

/* It may be done to something else, and hang on keys that nobody here knows. */
static void an_action_that_is_not_in_the_table_is_allowed_by_nothing(void **)
{
    static const struct permit_case cases[] = {
        {ALLOW_ALL, NULL, "nosuch:Thing",
         "unknown: which resources nosuch:Thing is done to and which keys it has is not known "
         "here"},
        {"{'Effect': 'Allow', 'Action': 'ec2:*', 'Resource': '*'}", NULL, "nosuch:Thing",
         "unknown: which resources nosuch:Thing is done to and which keys it has is not known "
         "here"},
        {ALLOW_ALL ", {'Sid': 'No', 'Effect': 'Deny', 'Action': 'nosuch:*', 'Resource': '*'}", NULL,
         "nosuch:Thing", "denied by `No`"},
    };
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = permit_case_database();
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        permit_case_check(&cases[i], resource, NULL);
}

static void the_policy_of_a_bucket_counts_once_it_is_read(void **)
{
    struct esc_iam_policy *policy = NULL;
    expect_ok(esc_iam_policy_parse(
        ESC_STR("{\"Statement\": [{\"Sid\": \"Keep\", \"Effect\": \"Deny\", \"Principal\": \"*\","
                " \"Action\": \"s3:DeleteBucket\", \"Resource\": \"arn:aws:s3:::papers\"}]}"),
        "the bucket's", &policy, &err));
    const struct esc_permit_policy none = {0}, refused = {.unread = "s3:GetBucketPolicy: no"},
                                   keeps = {.policy = policy};
    const struct permit_case
        unasked = {ALLOW_ALL, NULL, "s3:DeleteBucket",
                   "unknown: nobody has read the policy of the resource itself"},
        without = {ALLOW_ALL, NULL, "s3:DeleteBucket", "allowed"},
        unread = {ALLOW_ALL, NULL, "s3:DeleteBucket", "unknown: s3:GetBucketPolicy: no"},
        kept = {ALLOW_ALL, NULL, "s3:DeleteBucket", "denied by `Keep`"},
        objects = {ALLOW_ALL, NULL, "s3:GetObject", "allowed"};
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *bucket = permit_case_resource("s3_bucket", "papers", "{}", "{}");
    permit_case_check(&unasked, bucket, NULL);
    permit_case_check(&without, bucket, &none);
    permit_case_check(&unread, bucket, &refused);
    permit_case_check(&kept, bucket, &keeps);
    permit_case_check(&objects, bucket, &keeps);
    esc_iam_policy_free(policy);
}

static void what_a_function_s_own_policy_may_allow_is_not_denied(void **)
{
    const struct permit_case cases[] = {
        {ALLOW_ALL, NULL, "lambda:InvokeFunction", "allowed"},
        {"{'Effect': 'Allow', 'Action': 'ec2:*', 'Resource': '*'}", NULL, "lambda:InvokeFunction",
         "unknown: nobody has read the policy of the resource itself"},
    };
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *function = permit_case_resource("lambda_function", "resize", "{}", "{}");
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        permit_case_check(&cases[i], function, NULL);
    /* It never denies, so that nobody may read it takes nothing away from what is allowed. */
    const struct esc_permit_policy refused = {.unread = "lambda:GetPolicy: AccessDenied"};
    const struct permit_case unread = {cases[1].statements, NULL, "lambda:InvokeFunction",
                                       "unknown: lambda:GetPolicy: AccessDenied"};
    permit_case_check(&cases[0], function, &refused);
    permit_case_check(&unread, function, &refused);
}

/* A policy that names the user goes past the boundary, though not past an organisation. */
static void a_boundary_does_not_deny_what_an_unread_policy_may_give(void **)
{
    static const char bounded[] =
        "'boundary': {'policies': [{'label': 'limits', 'document': {'Version': '2012-10-17',"
        " 'Statement': [{'Effect': 'Allow', 'Action': 'ec2:*', 'Resource': '*'}]}}]}";
    static const struct esc_permit_policy none = {0};
    const struct permit_case cases[] = {
        {ALLOW_ALL, bounded, "lambda:InvokeFunction",
         "unknown: nobody has read the policy of the resource itself"},
        {ALLOW_ALL, bounded, "lambda:InvokeFunction", "denied"},
    };
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *function = permit_case_resource("lambda_function", "resize", "{}", "{}");
    permit_case_check(&cases[0], function, NULL);
    permit_case_check(&cases[1], function, &none);
}

static void whether_a_role_may_be_taken_on_is_in_its_own_policy(void **)
{
    static const char unread[] = "unknown: nobody has read the policy of the resource itself";
    static const struct permit_case cases[] = {
        {ALLOW_ALL, NULL, "sts:AssumeRole", unread},
        {"{'Effect': 'Allow', 'Action': 'ec2:*', 'Resource': '*'}", NULL, "sts:AssumeRole", unread},
        {ALLOW_ALL ", {'Sid': 'No', 'Effect': 'Deny', 'Action': 'sts:*', 'Resource': '*'}", NULL,
         "sts:AssumeRole", "denied by `No`"},
        {"{'Effect': 'Allow', 'Action': 'ec2:*', 'Resource': '*'}", NULL, "iam:DeleteRole",
         "denied"},
    };
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *role = permit_case_resource("iam_role", "Developer", "{}", "{}");
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        permit_case_check(&cases[i], role, NULL);
}

/* A function without tags may have some that the tagging service did not tell. */
static void tags_that_may_have_been_missed_are_not_absent(void **)
{
    const struct permit_case tagged = {
        "{'Effect': 'Allow', 'Action': '*', 'Resource': '*', 'Condition':"
        " {'StringEquals': {'aws:ResourceTag/env': 'test'}}}",
        NULL, "lambda:DeleteFunction", "conditional: aws:ResourceTag/env"};
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *function = permit_case_resource("lambda_function", "resize", "{}", "{}");
    permit_case_check(&tagged, function, NULL);
}

static void each_action_of_a_resource_stands_in_one_list_or_in_none(void **)
{
    static const char *const actions[] = {"rds:StartDBInstance",  "rds:StopDBInstance",
                                          "rds:DeleteDBInstance", "rds:RebootDBInstance",
                                          "rds:CreateDBSnapshot", NULL};
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *set = permit_case_user(
        "{'Effect': 'Allow', 'Action': ['rds:St*', 'rds:C*'], 'Resource': 'arn:aws:rds:*:*:db:*'},"
        "{'Effect': 'Deny', 'Action': 'rds:Delete*', 'Resource': '*'},"
        "{'Effect': 'Allow', 'Action': 'rds:Reboot*', 'Resource': '*', 'Condition': {'Bool':"
        " {'aws:MultiFactorAuthPresent': 'true'}, 'IpAddress': {'aws:SourceIp': '10.1.1.1'}}}",
        NULL);
    ESC_CLEANUP(esc_permit_freep) struct esc_permit *permit = esc_permit_new(set, NULL);
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = permit_case_database();
    struct esc_permit_count count = {0};
    ESC_CLEANUP(esc_permissions_freep)
    struct esc_permissions *iam = esc_permit_resource(permit, resource, actions, NULL, &count);
    assert_int_equal(2, count.allowed);
    assert_int_equal(1, count.denied);
    assert_int_equal(1, count.conditional);
    assert_int_equal(1, count.unknown);
    static const enum esc_permission expected[] = {
        ESC_PERMISSION_ALLOWED, ESC_PERMISSION_ALLOWED, ESC_PERMISSION_DENIED,
        ESC_PERMISSION_CONDITIONAL, ESC_PERMISSION_UNKNOWN};
    for (size_t i = 0; actions[i]; i++)
        assert_int_equal(expected[i], esc_permissions_of(iam, esc_str_of(actions[i])));
    const struct esc_conditional_action *reboot = esc_list_at(&iam->conditional_actions, 0);
    assert_int_equal(2, reboot->keys.count);
    assert_string_equal("ada", iam->user_context->username);
    assert_string_equal("local", iam->source);
    assert_true(iam->checked_at_ms > 0);
    ESC_CLEANUP(esc_json_freep) struct esc_json *written = esc_permissions_to_json(iam);
    struct esc_permissions *again = NULL;
    expect_ok(esc_permissions_from_json(written, &again, &err));
    assert_true(esc_permit_same(iam, again));
    free(esc_list_remove(&again->denied_actions, 0));
    assert_false(esc_permit_same(iam, again));
    assert_false(esc_permit_same(iam, NULL));
    esc_permissions_free(again);
}

static void a_digest_changes_with_what_decides_and_not_with_the_time(void **)
{
    char first[ESC_SHA256_TEXT], second[ESC_SHA256_TEXT];
    ESC_CLEANUP(esc_json_freep) struct esc_json *set = permit_case_user(ALLOW_ALL, NULL);
    esc_policy_set_digest(set, first);
    esc_json_set_text(set, "read_at", "2026-11-22T08:00:00Z");
    esc_json_set_int(set, "calls", 9);
    esc_policy_set_digest(set, second);
    assert_string_equal(first, second);
    esc_json_set_text(esc_json_get_mutable(set, "organisation"), "state", "member");
    esc_policy_set_digest(set, second);
    assert_string_not_equal(first, second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statements_decide_with_what_the_record_knows),
        cmocka_unit_test(layers_are_asked_by_their_latest_version),
        cmocka_unit_test(a_boundary_bounds_and_a_layer_that_is_unread_never_denies),
        cmocka_unit_test(without_a_caller_nothing_is_denied),
        cmocka_unit_test(a_probe_speaks_for_the_resource_it_was_made_with_alone),
        cmocka_unit_test(what_a_resource_control_policy_may_refuse_is_not_allowed),
        cmocka_unit_test(an_action_that_is_not_in_the_table_is_allowed_by_nothing),
        cmocka_unit_test(the_policy_of_a_bucket_counts_once_it_is_read),
        cmocka_unit_test(what_a_function_s_own_policy_may_allow_is_not_denied),
        cmocka_unit_test(a_boundary_does_not_deny_what_an_unread_policy_may_give),
        cmocka_unit_test(whether_a_role_may_be_taken_on_is_in_its_own_policy),
        cmocka_unit_test(tags_that_may_have_been_missed_are_not_absent),
        cmocka_unit_test(each_action_of_a_resource_stands_in_one_list_or_in_none),
        cmocka_unit_test(a_digest_changes_with_what_decides_and_not_with_the_time),
    };
    return cmocka_run_group_tests_name("scan/permit", tests, NULL, NULL);
}
