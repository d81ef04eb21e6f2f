/* SPDX-License-Identifier: Apache-2.0 */

/* What a record tells of the keys of a request, and what it cannot know of them. */

#include <stdlib.h>

#include "escher/base/alloc.h"
#include "escher/scan/permit.h"
#include "tests/scan/permit_case.h"

#define BY_NAME "unknown: it depends on a name that is not known yet"
#define S3_ALLOW(resource) "{'Effect': 'Allow', 'Action': 's3:*', 'Resource': '" resource "'}"

/* Nobody says which object: only what holds for each of them is said. */
static void an_action_on_what_is_in_a_bucket_is_not_that_on_one_of_them(void **)
{
    static const struct permit_case cases[] = {
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
    struct esc_resource *bucket = permit_case_resource("s3_bucket", "papers", "{}", "{}");
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        permit_case_check(&cases[i], bucket, &none);
}

/* All our calls, and those of the AWS CLI, are of that kind, but to an emulator. */
static void a_policy_that_wants_encrypted_connections_leaves_nothing_open(void **)
{
#define NO_PLAIN                                                                                   \
    ALLOW_ALL ", {'Effect': 'Deny', 'Action': '*', 'Resource': '*', 'Condition': {'Bool':"         \
              " {'aws:SecureTransport': 'false'}}}"
    static const struct permit_case cloud = {NO_PLAIN, NULL, "rds:StopDBInstance", "allowed"},
                                    emulator = {NO_PLAIN, "'emulator': true", "rds:StopDBInstance",
                                                "conditional: aws:SecureTransport"};
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = permit_case_database();
    permit_case_check(&cloud, resource, NULL);
    permit_case_check(&emulator, resource, NULL);
}

static struct esc_resource *zone(void)
{
    struct esc_resource *zone = permit_case_resource("hosted_zone", "Z1", "{'team': 'a'}", "{}");
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
    const struct permit_case of_zone = {statement, NULL, "route53:ChangeResourceRecordSets",
                                        "denied"},
                             of_database = {statement, NULL, "rds:StopDBInstance", "allowed"};
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = zone();
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *tagged =
        permit_case_resource("rds_instance", "main", "{'team': 'a'}", "{}");
    permit_case_check(&of_zone, resource, NULL);
    permit_case_check(&of_database, tagged, NULL);
}

/* A fence around regions that lets the one through where IAM, Route 53 and CloudFront stand. */
static void what_is_global_is_asked_for_in_the_region_of_its_service(void **)
{
#define FENCE(region)                                                                              \
    ALLOW_ALL ", {'Sid': 'Fence', 'Effect': 'Deny', 'Action': '*', 'Resource': '*', 'Condition':"  \
              " {'StringNotEquals': {'aws:RequestedRegion': '" region "'}}}"
    static const struct permit_case through = {FENCE("us-east-1"), NULL,
                                               "route53:ChangeResourceRecordSets", "allowed"},
                                    fenced = {FENCE("eu-west-1"), NULL,
                                              "route53:ChangeResourceRecordSets",
                                              "denied by `Fence`"};
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
    permit_case_check(&through, resource, NULL);
    permit_case_check(&fenced, resource, NULL);
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
    struct esc_json *set =
        permit_case_user("{'Effect': 'Allow', 'Action': '*', 'Resource': '*',"
                         " 'Condition': {'StringEquals': {'aws:PrincipalTag/team':"
                         " 'core'}}}",
                         NULL);
    struct esc_json *caller = esc_json_get_mutable(set, "caller");
    esc_json_set_text(caller, "kind", "role");
    esc_json_set_text(caller, "arn",
                      "arn:aws:sts::123456789012:assumed-role/Developer/escher-scan");
    esc_json_set_text(caller, "iam_arn", "arn:aws:iam::123456789012:role/Developer");
    ESC_CLEANUP(esc_permit_freep) struct esc_permit *permit = esc_permit_new(set, NULL);
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = permit_case_database();
    ESC_CLEANUP(esc_freep)
    char *verdict = permit_case_verdict(permit, resource, "rds:StopDBInstance", NULL);
    assert_string_equal("conditional: aws:PrincipalTag/team", verdict);
}

static void what_belongs_to_another_account_is_not_allowed_from_here(void **)
{
    static const struct permit_case
        allowed = {ALLOW_ALL, NULL, "ec2:DeleteSubnet",
                   "unknown: it belongs to the account 999999999999, whose "
                   "policies cannot be read from here"},
        denied = {"{'Effect': 'Allow', 'Action': 's3:*', 'Resource': '*'}", NULL,
                  "ec2:DeleteSubnet", "denied"};
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *subnet = permit_case_resource("subnet", "subnet-1", "{}", "{}");
    free(subnet->arn);
    subnet->arn = esc_strdup("arn:aws:ec2:us-west-2:999999999999:subnet/subnet-1");
    permit_case_check(&allowed, subnet, NULL);
    permit_case_check(&denied, subnet, NULL);
}

/* A key that says whose the resource is says that of its owner. */
static void what_another_account_owns_is_not_taken_for_ours(void **)
{
    static const char unknown[] = "unknown: it belongs to the account 999999999999, whose policies "
                                  "cannot be read from here";
    static const struct permit_case cases[] = {
        {"{'Effect': 'Allow', 'Action': 'ec2:*', 'Resource': '*',"
         " 'Condition': {'StringEquals': {'aws:ResourceAccount': '999999999999'}}}",
         NULL, "ec2:DeleteSubnet", unknown},
        {ALLOW_ALL ", {'Sid': 'Own', 'Effect': 'Deny', 'Action': 'ec2:*', 'Resource': '*',"
                   " 'Condition': {'StringEquals': {'aws:ResourceAccount': '123456789012'}}}",
         NULL, "ec2:DeleteSubnet", unknown},
        {ALLOW_ALL ", {'Sid': 'Theirs', 'Effect': 'Deny', 'Action': 'ec2:*', 'Resource': '*',"
                   " 'Condition': {'StringNotEquals': {'aws:ResourceAccount': '123456789012'}}}",
         NULL, "ec2:DeleteSubnet", "denied by `Theirs`"},
        {ALLOW_ALL ", {'Effect': 'Deny', 'Action': '*', 'Resource': '*',"
                   " 'Condition': {'StringEquals': {'s3:ResourceAccount': '999999999999'}}}",
         NULL, "ec2:DeleteSubnet", unknown}, /* no request to EC2 has that key */
        {ALLOW_ALL ", {'Effect': 'Deny', 'Action': 'ec2:*', 'Resource': '*', 'Condition':"
                   " {'ArnNotEquals': {'ec2:Vpc':"
                   " 'arn:aws:ec2:us-west-2:999999999999:vpc/vpc-1'}}}",
         NULL, "ec2:DeleteSubnet", unknown},
        {ALLOW_ALL ", {'Effect': 'Deny', 'Action': 'ec2:*', 'Resource': '*', 'Condition':"
                   " {'ArnEquals': {'ec2:Vpc':"
                   " 'arn:aws:ec2:us-west-2:123456789012:vpc/vpc-1'}}}",
         NULL, "ec2:DeleteSubnet", unknown},
        {"{'Effect': 'Allow', 'Action': 'ec2:*', 'Resource': '*',"
         " 'Condition': {'StringEquals': {'aws:ResourceOrgID': 'o-theirs'}}}",
         NULL, "ec2:DeleteSubnet", unknown}, /* we are in none, which says nothing of the owner */
    };
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *subnet =
        permit_case_resource("subnet", "subnet-1", "{}", "{'vpc_id': 'vpc-1'}");
    free(subnet->arn);
    subnet->arn = esc_strdup("arn:aws:ec2:us-west-2:999999999999:subnet/subnet-1");
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        permit_case_check(&cases[i], subnet, NULL);
}

/* Its record does not say whose the VPC is. */
static void a_security_group_may_stand_in_a_shared_vpc(void **)
{
    static const struct permit_case one = {
        ALLOW_ALL ", {'Effect': 'Deny', 'Action': 'ec2:*', 'Resource': '*', 'Condition':"
                  " {'ArnNotEquals': {'ec2:Vpc': 'arn:aws:ec2:us-west-2:999999999999:vpc/vpc-1'}}}",
        NULL, "ec2:DeleteSecurityGroup", "conditional: ec2:Vpc"};
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *group =
        permit_case_resource("security_group", "sg-1", "{}", "{'vpc_id': 'vpc-1'}");
    permit_case_check(&one, group, NULL);
}

/* Each key of a database that the input of the action sets. */
static void what_is_made_of_a_database_is_not_judged_by_its_shape(void **)
{
    static const struct {
        const char *action, *key, *value;
        bool is_set;
    } cases[] = {
        {"rds:RestoreDBInstanceToPointInTime", "rds:DatabaseClass", "db.r5.4xlarge", true},
        {"rds:RestoreDBInstanceToPointInTime", "rds:MultiAz", "true", true},
        {"rds:RestoreDBInstanceToPointInTime", "rds:StorageSize", "100", true},
        {"rds:RestoreDBInstanceToPointInTime", "rds:DatabaseName", "orders", true},
        {"rds:RestoreDBInstanceToPointInTime", "rds:DatabaseEngine", "postgres", true},
        {"rds:CreateDBInstanceReadReplica", "rds:DatabaseClass", "db.r5.4xlarge", true},
        {"rds:CreateDBInstanceReadReplica", "rds:StorageSize", "100", true},
        {"rds:ModifyDBInstance", "rds:DatabaseClass", "db.r5.4xlarge", true},
        {"rds:ModifyDBInstance", "rds:MultiAz", "true", true},
        {"rds:DeleteDBInstance", "rds:DatabaseClass", "db.r5.4xlarge", false},
        {"rds:StopDBInstance", "rds:DatabaseName", "orders", false},
        {"rds:RebootDBInstance", "rds:MultiAz", "true", false},
    };
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *resource =
        permit_case_resource("rds_instance", "main", "{}",
                             "{'engine': 'postgres', 'multi_az': true, 'storage_gb': 100,"
                             " 'instance_class': 'db.r5.4xlarge', 'database_name': 'orders'}");
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_freep)
        char *statements =
            esc_sprintf(ALLOW_ALL ", {'Sid': 'Big', 'Effect': 'Deny', 'Action': 'rds:*',"
                                  " 'Resource': '*', 'Condition': {'StringEquals':"
                                  " {'%s': '%s'}}}",
                        cases[i].key, cases[i].value);
        ESC_CLEANUP(esc_freep) char *open = esc_sprintf("conditional: %s", cases[i].key);
        const struct permit_case one = {statements, NULL, cases[i].action,
                                        cases[i].is_set ? open : "denied by `Big`"};
        permit_case_check(&one, resource, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_action_on_what_is_in_a_bucket_is_not_that_on_one_of_them),
        cmocka_unit_test(a_policy_that_wants_encrypted_connections_leaves_nothing_open),
        cmocka_unit_test(tags_are_told_only_for_actions_that_carry_them),
        cmocka_unit_test(what_is_global_is_asked_for_in_the_region_of_its_service),
        cmocka_unit_test(the_tags_of_a_role_are_not_those_of_its_session),
        cmocka_unit_test(what_belongs_to_another_account_is_not_allowed_from_here),
        cmocka_unit_test(what_another_account_owns_is_not_taken_for_ours),
        cmocka_unit_test(a_security_group_may_stand_in_a_shared_vpc),
        cmocka_unit_test(what_is_made_of_a_database_is_not_judged_by_its_shape),
    };
    return cmocka_run_group_tests_name("scan/permit_keys", tests, NULL, NULL);
}
