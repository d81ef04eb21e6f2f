/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/catalog/operation.h"

#include <regex.h>

#include "tests/support/test.h"

static struct esc_error err;

static void an_operation_is_found_by_its_names(void **)
{
    static const struct {
        const char *service, *operation, *action;
    } cases[] = {
        {"rds", "StopDBInstance", "rds:StopDBInstance"},
        {"rds", "stop-db-instance", "rds:StopDBInstance"},
        {"s3", "PutBucketVersioning", "s3:PutBucketVersioning"},
        {"s3api", "put-bucket-versioning", "s3:PutBucketVersioning"},
        {"s3api", "get-bucket-lifecycle-configuration", "s3:GetLifecycleConfiguration"},
        {"s3api", "list-buckets", "s3:ListAllMyBuckets"},
        {"lambda", "invoke", "lambda:InvokeFunction"},
        {"elbv2", "describe-tags", "elasticloadbalancing:DescribeTags"},
        {"resourcegroupstaggingapi", "get-resources", "tag:GetResources"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        const struct esc_operation *found =
            esc_operation_find(cases[i].service, cases[i].operation);
        assert_non_null(found);
        assert_string_equal(cases[i].action, found->iam_action);
    }
    assert_null(esc_operation_find("rds", "StopEverything"));
    assert_null(esc_operation_find("ec2", "StopDBInstance"));
    assert_null(esc_operation_find("", ""));
    assert_null(esc_operation_find(NULL, "StopDBInstance"));
}

static void the_table_is_sorted_and_without_doubles(void **)
{
    for (size_t i = 1; i < esc_operation_count(); i++) {
        const struct esc_operation *a = esc_operation_at(i - 1), *b = esc_operation_at(i);
        const int order = esc_str_compare(esc_str_of(a->service), esc_str_of(b->service));
        assert_true(order < 0 || (order == 0 && esc_str_compare(esc_str_of(a->operation),
                                                                esc_str_of(b->operation)) < 0));
    }
}

static void risk_and_mutation_agree(void **)
{
    static const struct {
        const char *service, *operation;
        enum esc_operation_risk risk;
    } cases[] = {
        {"rds", "DescribeDBInstances", ESC_RISK_READ},
        {"ec2", "GetPasswordData", ESC_RISK_SENSITIVE_READ},
        {"s3", "GetObject", ESC_RISK_SENSITIVE_READ},
        {"lambda", "GetFunction", ESC_RISK_SENSITIVE_READ},
        {"rds", "StartDBInstance", ESC_RISK_WRITE},
        {"rds", "CreateDBSnapshot", ESC_RISK_WRITE},
        {"ec2", "DeleteTags", ESC_RISK_WRITE},
        {"s3", "PutBucketVersioning", ESC_RISK_WRITE},
        {"rds", "StopDBInstance", ESC_RISK_DISRUPT},
        {"ec2", "RebootInstances", ESC_RISK_DISRUPT},
        {"rds", "ModifyDBInstance", ESC_RISK_DISRUPT},
        {"ec2", "TerminateInstances", ESC_RISK_DESTROY},
        {"rds", "DeleteDBInstance", ESC_RISK_DESTROY},
        {"s3", "PutBucketLifecycleConfiguration", ESC_RISK_DESTROY},
        {"s3", "PutPublicAccessBlock", ESC_RISK_PRIVILEGE},
        {"s3", "PutBucketPolicy", ESC_RISK_PRIVILEGE},
        {"ec2", "ModifySnapshotAttribute", ESC_RISK_PRIVILEGE},
        {"ec2", "AuthorizeSecurityGroupIngress", ESC_RISK_PRIVILEGE},
        {"sts", "AssumeRole", ESC_RISK_PRIVILEGE},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        assert_int_equal(cases[i].risk,
                         esc_operation_find(cases[i].service, cases[i].operation)->risk);
    for (size_t i = 0; i < esc_operation_count(); i++) {
        const struct esc_operation *operation = esc_operation_at(i);
        assert_int_equal(operation->risk >= ESC_RISK_WRITE, operation->mutates);
        assert_non_null(esc_operation_risk_text(operation->risk));
    }
}

static void options_and_members_name_each_other(void **)
{
    const struct esc_operation *stop = esc_operation_find("rds", "StopDBInstance");
    const struct esc_operation_option *option =
        esc_operation_option(stop, "--db-instance-identifier");
    assert_string_equal("DBInstanceIdentifier", option->member);
    assert_ptr_equal(option, esc_operation_option(stop, "DBInstanceIdentifier"));
    assert_true(option->required);
    assert_null(esc_operation_option(stop, "--force"));
    const struct esc_operation *image = esc_operation_find("ec2", "CreateImage");
    assert_string_equal("NoReboot", esc_operation_option(image, "--reboot")->member);
    const struct esc_operation *modify = esc_operation_find("rds", "ModifyDBInstance");
    assert_string_equal("MultiAZ", esc_operation_option(modify, "--no-multi-az")->member);
}

static void what_an_operation_can_do_is_known(void **)
{
    assert_true(esc_operation_find("ec2", "StopInstances")->dry_run);
    assert_false(esc_operation_find("rds", "StopDBInstance")->dry_run);
    assert_true(esc_operation_find("rds", "StopDBInstance")->json_input);
    const struct esc_operation *get = esc_operation_find("s3api", "get-object");
    assert_false(get->json_input);
    assert_true(esc_operation_option(get, "outfile")->positional);
    const struct esc_operation *list = esc_operation_find("rds", "DescribeDBInstances");
    assert_string_equal("Marker", list->pager_in[0]);
    assert_string_equal("Marker", list->pager_out[0]);
    assert_null(list->pager_in[1]);
    assert_string_equal("MaxRecords", list->page_size);
    assert_int_equal(100, list->page_count);
    assert_string_equal("DBInstances", list->list_path);
    assert_string_equal("TagDescriptions", esc_operation_find("elbv2", "DescribeTags")->list_path);
    assert_true(
        esc_operation_option(esc_operation_find("ec2", "CopySnapshot"), "SourceRegion")->required);
}

static void what_we_speak_ourselves_says_how(void **)
{
    const struct esc_operation *list = esc_operation_find("elbv2", "DescribeLoadBalancers");
    assert_int_equal(ESC_PROTOCOL_QUERY, list->wire->protocol);
    assert_string_equal("elasticloadbalancing", list->wire->signing_name);
    assert_string_equal("2015-12-01", list->wire->api_version);
    assert_string_equal("DescribeLoadBalancersResult", list->result_wrapper);
    const struct esc_operation *zones = esc_operation_find("route53", "ListHostedZones");
    assert_true(zones->wire->is_global);
    assert_string_equal("us-east-1", zones->wire->global_region);
    assert_string_equal("IsTruncated", zones->pager_more);
    const struct esc_operation *alarms = esc_operation_find("cloudwatch", "DescribeAlarms");
    assert_int_equal(ESC_PROTOCOL_JSON, alarms->wire->protocol);
    assert_string_equal("monitoring", alarms->wire->endpoint_prefix);
    assert_true(alarms->wire->is_query_compatible);
    assert_null(esc_operation_find("rds", "StopDBInstance")->wire);
    assert_null(esc_operation_find("s3", "GetObject")->wire);
    assert_non_null(esc_operation_find("sts", "AssumeRole")->wire);
}

static void what_has_pages_takes_tokens_where_it_gives_some(void **)
{
    for (size_t i = 0; i < esc_operation_count(); i++) {
        const struct esc_operation *operation = esc_operation_at(i);
        assert_int_equal(!operation->pager_in, !operation->pager_out);
        assert_int_equal(!operation->page_size, !operation->page_count);
        if (operation->page_size)
            assert_non_null(esc_operation_option(operation, operation->page_size));
        size_t at = 0;
        for (; operation->pager_in && operation->pager_in[at]; at++) {
            assert_non_null(operation->pager_out[at]);
            assert_non_null(esc_operation_option(operation, operation->pager_in[at]));
        }
        assert_true(!operation->pager_out || !operation->pager_out[at]);
    }
}

static void a_page_holds_no_more_than_the_service_allows(void **)
{
    static const struct {
        const char *service, *operation;
        unsigned count;
    } cases[] = {
        {"ec2", "DescribeInstances", 1000},
        {"ec2", "DescribeRouteTables", 100},
        {"ec2", "DescribeVolumesModifications", 500},
        {"autoscaling", "DescribeAutoScalingGroups", 100},
        {"autoscaling", "DescribeAutoScalingInstances", 50},
        {"organizations", "ListAccounts", 20},
        {"cloudtrail", "LookupEvents", 50},
        {"elbv2", "DescribeLoadBalancers", 400},
        {"lambda", "ListFunctions", 50},
        {"iam", "GetAccountAuthorizationDetails", 1000},
        {"sns", "ListTopics", 0},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        assert_int_equal(cases[i].count,
                         esc_operation_find(cases[i].service, cases[i].operation)->page_count);
}

static enum esc_status check(const char *service, const char *operation, const char *params)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    expect_ok(esc_json_parse(esc_str_of(params), NULL, &json, &err));
    return esc_operation_check(esc_operation_find(service, operation), json, &err);
}

static void good_parameters_pass(void **)
{
    static const struct {
        const char *service, *operation, *params;
    } cases[] = {
        {"rds", "StopDBInstance", "{\"DBInstanceIdentifier\": \"pg-instance-main1\"}"},
        {"ec2", "StopInstances", "{\"InstanceIds\": [\"i-1\"], \"DryRun\": true}"},
        {"ec2", "CreateSnapshot",
         "{\"VolumeId\": \"vol-1\", \"TagSpecifications\": [{\"ResourceType\": \"snapshot\","
         " \"Tags\": [{\"Key\": \"a\", \"Value\": \"b\"}]}]}"},
        {"s3", "PutBucketVersioning",
         "{\"Bucket\": \"b\", \"VersioningConfiguration\": {\"Status\": \"Enabled\"}}"},
        {"lambda", "UpdateFunctionConfiguration",
         "{\"FunctionName\": \"arn:aws:lambda:us-west-2:123456789012:function:f\","
         " \"MemorySize\": 512}"},
        {"rds", "RestoreDBInstanceToPointInTime",
         "{\"TargetDBInstanceIdentifier\": \"x\", \"RestoreTime\": \"2026-11-21T08:00:00Z\"}"},
        {"sts", "GetCallerIdentity", "{}"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        expect_ok(check(cases[i].service, cases[i].operation, cases[i].params));
}

static void bad_parameters_are_named(void **)
{
    static const struct {
        const char *service, *operation, *params, *message;
    } cases[] = {
        {"rds", "StopDBInstance", "{}", "StopDBInstance needs `DBInstanceIdentifier`"},
        {"rds", "StopDBInstance", "[]", "`StopDBInstance` must be called with an object"},
        {"rds", "StopDBInstance", "{\"DBInstanceIdentifier\": 1}",
         "`DBInstanceIdentifier` must be a string"},
        {"rds", "StopDBInstance", "{\"DBInstanceIdentifier\": \"x\", \"Force\": true}",
         "StopDBInstance has no member `Force`"},
        {"rds", "StopDBInstance",
         "{\"DBInstanceIdentifier\": \"x\", \"--db-snapshot-identifier\": \"y\"}",
         "StopDBInstance has no member `--db-snapshot-identifier`"},
        {"ec2", "StopInstances", "{\"InstanceIds\": \"i-1\"}", "`InstanceIds` must be a list"},
        {"ec2", "StopInstances", "{\"InstanceIds\": [\"i-1\", {}]}",
         "`InstanceIds[1]` must be a string"},
        {"ec2", "StopInstances", "{\"InstanceIds\": [], \"Force\": \"yes\"}",
         "`Force` must be true or false"},
        {"ec2", "CreateSnapshot",
         "{\"VolumeId\": \"v\", \"TagSpecifications\": [{\"ResourceType\": \"planet\"}]}",
         "`TagSpecifications[0].ResourceType` must be one of the values of ResourceType"},
        {"ec2", "CreateSnapshot",
         "{\"VolumeId\": \"v\", \"TagSpecifications\": [{\"Tags\": [{\"Name\": \"a\"}]}]}",
         "`TagSpecifications[0].Tags[0]` has no member `Name`"},
        {"s3", "PutBucketVersioning",
         "{\"Bucket\": \"b\", \"VersioningConfiguration\": {\"Status\": \"On\"}}",
         "`VersioningConfiguration.Status` must be one of the values of BucketVersioningStatus"},
        {"s3", "PutBucketLifecycleConfiguration",
         "{\"Bucket\": \"b\", \"LifecycleConfiguration\": {}}",
         "`LifecycleConfiguration` needs `Rules`"},
        {"lambda", "UpdateFunctionConfiguration", "{\"FunctionName\": \"f\", \"MemorySize\": 127}",
         "`MemorySize` must have a value of at least 128"},
        {"lambda", "UpdateFunctionConfiguration", "{\"FunctionName\": \"f g\"}",
         "`FunctionName` does not look like FunctionName"},
        {"lambda", "UpdateFunctionConfiguration", "{\"FunctionName\": \"f\", \"Timeout\": 1.5}",
         "`Timeout` must be a whole number"},
        {"sts", "AssumeRole",
         "{\"RoleArn\": \"arn:aws:iam::123456789012:role/x\", \"RoleSessionName\": \"a b\"}",
         "`RoleSessionName` does not look like roleSessionNameType"},
        {"sts", "AssumeRole", "{\"RoleArn\": \"arn\", \"RoleSessionName\": \"ab\"}",
         "`RoleArn` must have a length of at least 20"},
        {"rds", "RestoreDBInstanceToPointInTime",
         "{\"TargetDBInstanceIdentifier\": \"x\", \"RestoreTime\": \"yesterday\"}",
         "`RestoreTime` must be a time like 2026-11-21T08:00:00Z"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        expect_status(ESC_INVALID, check(cases[i].service, cases[i].operation, cases[i].params));
        assert_string_equal(cases[i].message, err.message);
    }
}

static unsigned compile_patterns(const struct esc_shape *shape, unsigned depth)
{
    unsigned count = 0;
    if (depth > 12)
        return 0; /* a shape that holds itself */
    if (shape->pattern) {
        regex_t expression;
        assert_int_equal(0, regcomp(&expression, shape->pattern, REG_EXTENDED | REG_NOSUB));
        regfree(&expression);
        count++;
    }
    if (shape->item)
        count += compile_patterns(shape->item, depth + 1);
    for (size_t i = 0; i < shape->member_count; i++)
        count += compile_patterns(shape->members[i].shape, depth + 1);
    return count;
}

static void every_pattern_compiles(void **)
{
    unsigned count = 0;
    for (size_t i = 0; i < esc_operation_count(); i++)
        for (size_t j = 0; j < esc_operation_at(i)->option_count; j++)
            count += compile_patterns(esc_operation_at(i)->options[j].shape, 0);
    assert_true(count > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_operation_is_found_by_its_names),
        cmocka_unit_test(the_table_is_sorted_and_without_doubles),
        cmocka_unit_test(risk_and_mutation_agree),
        cmocka_unit_test(options_and_members_name_each_other),
        cmocka_unit_test(what_an_operation_can_do_is_known),
        cmocka_unit_test(what_we_speak_ourselves_says_how),
        cmocka_unit_test(what_has_pages_takes_tokens_where_it_gives_some),
        cmocka_unit_test(a_page_holds_no_more_than_the_service_allows),
        cmocka_unit_test(good_parameters_pass),
        cmocka_unit_test(bad_parameters_are_named),
        cmocka_unit_test(every_pattern_compiles),
    };
    return cmocka_run_group_tests_name("catalog/operation", tests, NULL, NULL);
}
