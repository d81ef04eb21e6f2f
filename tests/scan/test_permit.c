/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/permit.h"

#include <stdlib.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/catalog/operation.h"
#include "escher/catalog/resource_type.h"
#include "escher/scan/read_policy.h"
#include "tests/support/test.h"

static struct esc_error err;

#define ALLOW_ALL "{'Effect': 'Allow', 'Action': '*', 'Resource': '*'}"

/* What a reader brings of a user with one policy, and with `more` members. */
static struct esc_json *user_with(const char *statements, const char *more)
{
    ESC_CLEANUP(esc_freep)
    char *text = esc_sprintf(
        "{'account_id': '123456789012', 'read_at': '2026-11-21T08:00:00Z',"
        " 'caller': {'kind': 'user', 'arn': 'arn:aws:iam::123456789012:user/ada', 'name': 'ada',"
        "  'user_id': 'AID1', 'iam_arn': 'arn:aws:iam::123456789012:user/ada'},"
        " 'tags': {'team': 'core'}, 'organisation': {'state': 'none'},"
        " 'identity': {'policies': [{'label': 'own, of the user ada', 'document':"
        "  {'Version': '2012-10-17', 'Statement': [%s]}}]}%s%s}",
        statements, more ? ", " : "", more ? more : "");
    return test_json(text);
}

static struct esc_resource *resource_of(const char *type, const char *identifier, const char *tags,
                                        const char *metadata)
{
    struct esc_resource *resource = esc_resource_new();
    resource->provider = esc_strdup("aws");
    resource->resource_type = esc_strdup(type);
    resource->identifier = esc_strdup(identifier);
    resource->name = esc_strdup(identifier);
    resource->account_id = esc_strdup("123456789012");
    resource->account_name = esc_strdup("production");
    resource->region = esc_strdup("us-west-2");
    resource->id = esc_resource_key(resource->account_id, resource->region, type, identifier);
    resource->arn = esc_resource_type_arn(esc_resource_type_find(type), resource->region,
                                          resource->account_id, identifier);
    esc_json_free(resource->tags);
    resource->tags = test_json(tags);
    esc_json_free(resource->metadata);
    resource->metadata = test_json(metadata);
    return resource;
}

static struct esc_resource *database(void)
{
    return resource_of("rds_instance", "main", "{'env': 'production'}",
                       "{'engine': 'postgres', 'multi_az': true, 'storage_gb': 100}");
}

/* The verdict on one action as "verdict" or, where keys or a reason stand behind it, "verdict: it". */
static char *verdict_of(struct esc_permit *permit, const struct esc_resource *resource,
                        const char *action, const struct esc_permit_policy *policy)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *page = esc_permit_explain(permit, resource, action, policy);
    const char *verdict = esc_json_str(page, "verdict", "");
    const char *why = esc_json_str(page, "why", NULL);
    const char *key = esc_json_str(page, "keys[0]", NULL);
    if (esc_json_flag(page, "explicit", false))
        return esc_sprintf("%s by `%s`", verdict, esc_json_str(page, "statement.sid", ""));
    return why   ? esc_sprintf("%s: %s", verdict, why)
           : key ? esc_sprintf("%s: %s", verdict, key)
                 : esc_strdup(verdict);
}

struct case_of {
    const char *statements, *more, *action, *verdict;
};

static void check(const struct case_of *one, const struct esc_resource *resource,
                  const struct esc_permit_policy *policy)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *set = user_with(one->statements, one->more);
    ESC_CLEANUP(esc_permit_freep) struct esc_permit *permit = esc_permit_new(set, NULL);
    ESC_CLEANUP(esc_freep)
    char *verdict = verdict_of(permit, resource, one->action, policy);
    if (strcmp(one->verdict, verdict) != 0)
        fail_msg("%s\n  %s\n  instead of: %s\n  is: %s", one->statements, one->action, one->verdict,
                 verdict);
}

static void statements_decide_with_what_the_record_knows(void **)
{
    static const struct case_of cases[] = {
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
         NULL, "rds:ModifyDBInstance", "allowed"},
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
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = database();
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        check(&cases[i], resource, NULL);
}

static void a_boundary_bounds_and_a_layer_that_is_unread_never_denies(void **)
{
    static const struct case_of cases[] = {
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
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = database();
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *set = user_with(cases[i].statements, NULL);
        ESC_CLEANUP(esc_freep) char *text = esc_sprintf("{%s}", cases[i].more);
        ESC_CLEANUP(esc_json_freep) struct esc_json *more = test_json(text);
        void *position = NULL;
        const char *name;
        const struct esc_json *value;
        while (esc_json_next(more, &position, &name, &value))
            esc_json_set(set, name, esc_json_ref(value));
        ESC_CLEANUP(esc_permit_freep) struct esc_permit *permit = esc_permit_new(set, NULL);
        ESC_CLEANUP(esc_freep) char *verdict = verdict_of(permit, resource, cases[i].action, NULL);
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
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = database();
    ESC_CLEANUP(esc_freep) char *verdict = verdict_of(permit, resource, "rds:StopDBInstance", NULL);
    assert_string_equal("unknown: sts:GetCallerIdentity: AccessDenied", verdict);
}

/* In an organisation it counts what the simulator said about one resource of the type here. */
static void a_probe_speaks_for_the_resource_it_was_made_with_alone(void **)
{
    static const char *const id = "123456789012-us-west-2-rds_instance-main";
    ESC_CLEANUP(esc_json_freep) struct esc_json *set = user_with(ALLOW_ALL, NULL);
    ESC_CLEANUP(esc_json_freep) struct esc_json *member = test_json("{'state': 'member'}");
    esc_json_set(set, "organisation", esc_json_ref(member));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *probes = test_json(
        "{'rds_instance us-west-2': {'sample': '', 'name': 'main', 'tags': {'env': 'production'},"
        " 'allows': {'rds:StartDBInstance': true,"
        " 'rds:StopDBInstance': false}}}");
    esc_json_set_text(esc_json_get_mutable(probes, "rds_instance us-west-2"), "sample", id);
    ESC_CLEANUP(esc_permit_freep) struct esc_permit *permit = esc_permit_new(set, probes);
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *sample = database();
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *other = resource_of("rds_instance", "other", "{}", "{}");
    static const struct {
        bool other;
        const char *action, *verdict;
    } cases[] = {
        {false, "rds:StartDBInstance", "allowed"},
        {true, "rds:StartDBInstance",
         "unknown: the policies of the organisation allow it for main; another resource was not "
         "asked about"},
        {false, "rds:StopDBInstance", "denied"},
        {true, "rds:StopDBInstance", "unknown: a policy of the organisation refuses it for main"},
        {true, "rds:RebootDBInstance",
         "unknown: the policies of the organisation could not be asked"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_freep)
        char *verdict = verdict_of(permit, cases[i].other ? other : sample, cases[i].action, NULL);
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
        struct esc_json *set = user_with(
            ALLOW_ALL ", {'Sid': 'No', 'Effect': 'Deny', 'Action': 's3:Put*', 'Resource': '*'}",
            NULL);
        esc_json_set_text(esc_json_get_mutable(set, "organisation"), "state", cases[i].state);
        ESC_CLEANUP(esc_permit_freep) struct esc_permit *permit = esc_permit_new(set, probes);
        ESC_CLEANUP(esc_resource_freep)
        struct esc_resource *resource = resource_of(cases[i].type, "papers", "{}", "{}");
        ESC_CLEANUP(esc_freep)
        char *verdict = verdict_of(permit, resource, cases[i].action, &none);
        assert_string_equal(cases[i].verdict, verdict);
    }
}

#define BY_NAME "unknown: it depends on a name that is not known yet"
#define S3_ALLOW(resource) "{'Effect': 'Allow', 'Action': 's3:*', 'Resource': '" resource "'}"

/* Nobody says which object: only what holds for each of them is said. */
static void an_action_on_what_is_in_a_bucket_is_not_that_on_one_of_them(void **)
{
    static const struct case_of cases[] = {
        {S3_ALLOW("*"), NULL, "s3:GetObject", "allowed"},
        {S3_ALLOW("arn:aws:s3:::papers/*"), NULL, "s3:GetObject", "allowed"},
        {S3_ALLOW("arn:aws:s3:::papers/public/*"), NULL, "s3:GetObject", BY_NAME},
        {S3_ALLOW("arn:aws:s3:::other/*"), NULL, "s3:GetObject", "denied"},
        {S3_ALLOW("*") ", {'Effect': 'Deny', 'Action': 's3:PutObject',"
                       " 'Resource': 'arn:aws:s3:::papers/locked/*'}",
         NULL, "s3:PutObject", BY_NAME},
        {S3_ALLOW("*") ", {'Sid': 'All', 'Effect': 'Deny', 'Action': 's3:PutObject',"
                       " 'Resource': 'arn:aws:s3:::papers/*'}",
         NULL, "s3:PutObject", "denied by `All`"},
        {S3_ALLOW("arn:aws:s3:::papers"), NULL, "s3:DeleteBucket", "allowed"},
    };
    const struct esc_permit_policy none = {0};
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *bucket = resource_of("s3_bucket", "papers", "{}", "{}");
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        check(&cases[i], bucket, &none);
}

/* All our calls, and those of the AWS CLI, are of that kind, but to an emulator. */
static void a_policy_that_wants_encrypted_connections_leaves_nothing_open(void **)
{
#define NO_PLAIN                                                                                   \
    ALLOW_ALL ", {'Effect': 'Deny', 'Action': '*', 'Resource': '*', 'Condition': {'Bool':"         \
              " {'aws:SecureTransport': 'false'}}}"
    static const struct case_of cloud = {NO_PLAIN, NULL, "rds:StopDBInstance", "allowed"},
                                emulator = {NO_PLAIN, "'emulator': true", "rds:StopDBInstance",
                                            "conditional: aws:SecureTransport"};
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = database();
    check(&cloud, resource, NULL);
    check(&emulator, resource, NULL);
}

static struct esc_resource *zone(void)
{
    struct esc_resource *zone = resource_of("hosted_zone", "Z1", "{'team': 'a'}", "{}");
    free(zone->region);
    zone->region = esc_strdup("global");
    return zone;
}

/* A request to Route 53 carries no tags of the zone, so a condition on them never holds. */
static void tags_are_told_only_for_actions_that_carry_them(void **)
{
    static const char statement[] =
        "{'Effect': 'Allow', 'Action': '*', 'Resource': '*', 'Condition':"
        " {'StringEquals': {'aws:ResourceTag/team': 'a'}}}";
    const struct case_of of_zone = {statement, NULL, "route53:ChangeResourceRecordSets", "denied"},
                         of_database = {statement, NULL, "rds:StopDBInstance", "allowed"};
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = zone();
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *tagged = resource_of("rds_instance", "main", "{'team': 'a'}", "{}");
    check(&of_zone, resource, NULL);
    check(&of_database, tagged, NULL);
}

/* A fence around regions that lets the one through where IAM, Route 53 and CloudFront stand. */
static void what_is_global_is_asked_for_in_the_region_of_its_service(void **)
{
#define FENCE(region)                                                                              \
    ALLOW_ALL ", {'Sid': 'Fence', 'Effect': 'Deny', 'Action': '*', 'Resource': '*', 'Condition':"  \
              " {'StringNotEquals': {'aws:RequestedRegion': '" region "'}}}"
    static const struct case_of through = {FENCE("us-east-1"), NULL,
                                           "route53:ChangeResourceRecordSets", "allowed"},
                                fenced = {FENCE("eu-west-1"), NULL,
                                          "route53:ChangeResourceRecordSets", "denied by `Fence`"};
    static const struct {
        const char *arn, *region;
    } partitions[] = {
        {"arn:aws-cn:iam::123456789012:role/x", "cn-north-1"},
        {"arn:aws-cn:route53:::hostedzone/Z1", "cn-northwest-1"},
        {"arn:aws-us-gov:iam::123456789012:role/x", "us-gov-west-1"},
        {"arn:aws:iam::123456789012:role/x", "us-east-1"},
        {"nonsense", "us-east-1"},
    };
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = zone();
    check(&through, resource, NULL);
    check(&fenced, resource, NULL);
    for (size_t i = 0; i < ESC_COUNT(partitions); i++) {
        free(resource->arn);
        resource->arn = esc_strdup(partitions[i].arn);
        assert_string_equal(partitions[i].region, esc_permit_region(resource));
    }
}

/* The tags of the session stand above those of its role. */
static void the_tags_of_a_role_are_not_those_of_its_session(void **)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *set = user_with("{'Effect': 'Allow', 'Action': '*', 'Resource': '*',"
                                     " 'Condition': {'StringEquals': {'aws:PrincipalTag/team':"
                                     " 'core'}}}",
                                     NULL);
    struct esc_json *caller = esc_json_get_mutable(set, "caller");
    esc_json_set_text(caller, "kind", "role");
    esc_json_set_text(caller, "arn",
                      "arn:aws:sts::123456789012:assumed-role/Developer/escher-scan");
    esc_json_set_text(caller, "iam_arn", "arn:aws:iam::123456789012:role/Developer");
    ESC_CLEANUP(esc_permit_freep) struct esc_permit *permit = esc_permit_new(set, NULL);
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = database();
    ESC_CLEANUP(esc_freep) char *verdict = verdict_of(permit, resource, "rds:StopDBInstance", NULL);
    assert_string_equal("conditional: aws:PrincipalTag/team", verdict);
}

static void what_belongs_to_another_account_is_not_allowed_from_here(void **)
{
    static const struct case_of allowed = {ALLOW_ALL, NULL, "ec2:DeleteSubnet",
                                           "unknown: it belongs to the account 999999999999, whose "
                                           "policies cannot be read from here"},
                                denied = {"{'Effect': 'Allow', 'Action': 's3:*', 'Resource': '*'}",
                                          NULL, "ec2:DeleteSubnet", "denied"};
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *subnet = resource_of("subnet", "subnet-1", "{}", "{}");
    free(subnet->arn);
    subnet->arn = esc_strdup("arn:aws:ec2:us-west-2:999999999999:subnet/subnet-1");
    check(&allowed, subnet, NULL);
    check(&denied, subnet, NULL);
}

/* It may be done to something else, and hang on keys that nobody here knows. */
static void an_action_that_is_not_in_the_table_is_allowed_by_nothing(void **)
{
    static const struct case_of cases[] = {
        {ALLOW_ALL, NULL, "nosuch:Thing",
         "unknown: which resources nosuch:Thing is done to and which keys it has is not known "
         "here"},
        {"{'Effect': 'Allow', 'Action': 'ec2:*', 'Resource': '*'}", NULL, "nosuch:Thing",
         "unknown: which resources nosuch:Thing is done to and which keys it has is not known "
         "here"},
        {ALLOW_ALL ", {'Sid': 'No', 'Effect': 'Deny', 'Action': 'nosuch:*', 'Resource': '*'}", NULL,
         "nosuch:Thing", "denied by `No`"},
    };
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = database();
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        check(&cases[i], resource, NULL);
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
    const struct case_of unasked = {ALLOW_ALL, NULL, "s3:DeleteBucket",
                                    "unknown: nobody has read the policy of the resource itself"},
                         without = {ALLOW_ALL, NULL, "s3:DeleteBucket", "allowed"},
                         unread = {ALLOW_ALL, NULL, "s3:DeleteBucket",
                                   "unknown: s3:GetBucketPolicy: no"},
                         kept = {ALLOW_ALL, NULL, "s3:DeleteBucket", "denied by `Keep`"},
                         objects = {ALLOW_ALL, NULL, "s3:GetObject", "allowed"};
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *bucket = resource_of("s3_bucket", "papers", "{}", "{}");
    check(&unasked, bucket, NULL);
    check(&without, bucket, &none);
    check(&unread, bucket, &refused);
    check(&kept, bucket, &keeps);
    check(&objects, bucket, &keeps);
    esc_iam_policy_free(policy);
}

static void what_a_function_s_own_policy_may_allow_is_not_denied(void **)
{
    const struct case_of cases[] = {
        {ALLOW_ALL, NULL, "lambda:InvokeFunction", "allowed"},
        {"{'Effect': 'Allow', 'Action': 'ec2:*', 'Resource': '*'}", NULL, "lambda:InvokeFunction",
         "unknown: nobody has read the policy of the resource itself"},
    };
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *function = resource_of("lambda_function", "resize", "{}", "{}");
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        check(&cases[i], function, NULL);
    /* It never denies, so that nobody may read it takes nothing away from what is allowed. */
    const struct esc_permit_policy refused = {.unread = "lambda:GetPolicy: AccessDenied"};
    const struct case_of unread = {cases[1].statements, NULL, "lambda:InvokeFunction",
                                   "unknown: lambda:GetPolicy: AccessDenied"};
    check(&cases[0], function, &refused);
    check(&unread, function, &refused);
}

/* A function without tags may have some that the tagging service did not tell. */
static void tags_that_may_have_been_missed_are_not_absent(void **)
{
    const struct case_of tagged = {
        "{'Effect': 'Allow', 'Action': '*', 'Resource': '*', 'Condition':"
        " {'StringEquals': {'aws:ResourceTag/env': 'test'}}}",
        NULL, "lambda:DeleteFunction", "conditional: aws:ResourceTag/env"};
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *function = resource_of("lambda_function", "resize", "{}", "{}");
    check(&tagged, function, NULL);
}

static void each_action_of_a_resource_stands_in_one_list_or_in_none(void **)
{
    static const char *const actions[] = {"rds:StartDBInstance",  "rds:StopDBInstance",
                                          "rds:DeleteDBInstance", "rds:RebootDBInstance",
                                          "rds:CreateDBSnapshot", NULL};
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *set = user_with(
        "{'Effect': 'Allow', 'Action': ['rds:St*', 'rds:C*'], 'Resource': 'arn:aws:rds:*:*:db:*'},"
        "{'Effect': 'Deny', 'Action': 'rds:Delete*', 'Resource': '*'},"
        "{'Effect': 'Allow', 'Action': 'rds:Reboot*', 'Resource': '*', 'Condition': {'Bool':"
        " {'aws:MultiFactorAuthPresent': 'true'}, 'IpAddress': {'aws:SourceIp': '10.1.1.1'}}}",
        NULL);
    ESC_CLEANUP(esc_permit_freep) struct esc_permit *permit = esc_permit_new(set, NULL);
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = database();
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
    ESC_CLEANUP(esc_json_freep) struct esc_json *set = user_with(ALLOW_ALL, NULL);
    esc_policy_set_digest(set, first);
    esc_json_set_text(set, "read_at", "2026-11-22T08:00:00Z");
    esc_json_set_int(set, "calls", 9);
    esc_policy_set_digest(set, second);
    assert_string_equal(first, second);
    esc_json_set_text(esc_json_get_mutable(set, "organisation"), "state", "member");
    esc_policy_set_digest(set, second);
    assert_string_not_equal(first, second);
}

/* The policy a scan needs. */

static size_t chars(const struct esc_json *json)
{
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(json, ESC_JSON_COMPACT);
    return strlen(text);
}

/* The action's operation, among all the cloud's; NULL when the table has none of that action. */
static const struct esc_operation *operation_of(const char *action)
{
    for (size_t i = 0; i < esc_operation_count(); i++)
        if (esc_text_equal(esc_operation_at(i)->iam_action, action))
            return esc_operation_at(i);
    return NULL;
}

static size_t count_reads(const struct esc_json *documents)
{
    size_t count = 0;
    for (size_t i = 0; i < esc_json_len(documents); i++) {
        const struct esc_json *statements = esc_json_member(esc_json_at(documents, i), "Statement");
        for (size_t j = 0; j < esc_json_len(statements); j++) {
            const struct esc_json *actions = esc_json_member(esc_json_at(statements, j), "Action");
            assert_true(esc_json_len(actions) > 0);
            for (size_t k = 0; k < esc_json_len(actions); k++) {
                const char *action = esc_json_str(esc_json_at(actions, k), "", "");
                assert_non_null(operation_of(action));
                assert_false(operation_of(action)->mutates);
                count++;
            }
        }
    }
    return count;
}

static void the_policy_of_a_scan_names_reads_alone_and_fits(void **)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *all = NULL, *small = NULL, *rds = NULL;
    expect_ok(esc_read_policies(NULL, true, ESC_MANAGED_POLICY_CHARS, &all, &err));
    const size_t count = count_reads(all);
    assert_true(count > 40);
    for (size_t i = 0; i < esc_json_len(all); i++) {
        struct esc_iam_policy *policy = NULL;
        assert_true(chars(esc_json_at(all, i)) <= ESC_MANAGED_POLICY_CHARS);
        expect_ok(esc_iam_policy_read(esc_json_at(all, i), "", &policy, &err));
        esc_iam_policy_free(policy);
    }
    expect_ok(esc_read_policies(NULL, true, 500, &small, &err));
    assert_int_equal(count, count_reads(small));
    assert_true(esc_json_len(small) > 3);
    for (size_t i = 0; i < esc_json_len(small); i++)
        assert_true(chars(esc_json_at(small, i)) <= 500);
    static const char *const services[] = {"rds", NULL}, *const unknown[] = {"rsd", NULL};
    expect_ok(esc_read_policies(services, false, ESC_MANAGED_POLICY_CHARS, &rds, &err));
    assert_int_equal(1, esc_json_len(rds));
    assert_true(count_reads(rds) < 10);
    expect_status(ESC_INVALID, esc_read_policies(unknown, false, 6144, &rds, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statements_decide_with_what_the_record_knows),
        cmocka_unit_test(a_boundary_bounds_and_a_layer_that_is_unread_never_denies),
        cmocka_unit_test(without_a_caller_nothing_is_denied),
        cmocka_unit_test(a_probe_speaks_for_the_resource_it_was_made_with_alone),
        cmocka_unit_test(what_a_resource_control_policy_may_refuse_is_not_allowed),
        cmocka_unit_test(an_action_on_what_is_in_a_bucket_is_not_that_on_one_of_them),
        cmocka_unit_test(a_policy_that_wants_encrypted_connections_leaves_nothing_open),
        cmocka_unit_test(tags_are_told_only_for_actions_that_carry_them),
        cmocka_unit_test(what_is_global_is_asked_for_in_the_region_of_its_service),
        cmocka_unit_test(the_tags_of_a_role_are_not_those_of_its_session),
        cmocka_unit_test(what_belongs_to_another_account_is_not_allowed_from_here),
        cmocka_unit_test(an_action_that_is_not_in_the_table_is_allowed_by_nothing),
        cmocka_unit_test(the_policy_of_a_bucket_counts_once_it_is_read),
        cmocka_unit_test(what_a_function_s_own_policy_may_allow_is_not_denied),
        cmocka_unit_test(tags_that_may_have_been_missed_are_not_absent),
        cmocka_unit_test(each_action_of_a_resource_stands_in_one_list_or_in_none),
        cmocka_unit_test(a_digest_changes_with_what_decides_and_not_with_the_time),
        cmocka_unit_test(the_policy_of_a_scan_names_reads_alone_and_fits),
    };
    return cmocka_run_group_tests_name("scan/permit", tests, NULL, NULL);
}
