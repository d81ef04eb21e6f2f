/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/catalog/iam_action.h"

#include <stdlib.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/catalog/operation.h"
#include "escher/catalog/resource_type.h"
#include "tests/support/test.h"

static const char *const region = "us-west-2", *const account = "123456789012";

/* What a request for the action on one resource is about, apart by spaces; "" when not known. */
static char *asked_of(const char *action, const char *arn)
{
    const struct esc_iam_place place = {arn, "aws", region, account};
    struct esc_list arns;
    char *text = esc_strdup("");
    esc_iam_action_resources(esc_iam_action_find(esc_str_of(action)), &place, &arns);
    for (size_t i = 0; i < arns.count; i++) {
        char *longer = esc_sprintf("%s%s%s", text, i ? " " : "", (char *)esc_list_at(&arns, i));
        free(text);
        text = longer;
    }
    esc_list_done(&arns);
    return text;
}

static void an_action_is_found_without_case(void **)
{
    assert_string_equal("rds:StopDBInstance",
                        esc_iam_action_find(ESC_STR("RDS:stopdbinstance"))->name);
    assert_null(esc_iam_action_find(ESC_STR("rds:StopEverything")));
    assert_null(esc_iam_action_find(ESC_STR("")));
}

static void each_action_of_the_table_is_found_by_its_name(void **)
{
    for (size_t i = 0; i < esc_iam_action_count(); i++) {
        const struct esc_iam_action *action = esc_iam_action_at(i);
        assert_ptr_equal(action, esc_iam_action_find(esc_str_of(action->name)));
    }
}

static void a_request_names_the_resource_and_what_else_it_must(void **)
{
    static const struct {
        const char *action, *arn, *asked;
    } cases[] = {
        {"rds:StopDBInstance", "arn:aws:rds:us-west-2:123456789012:db:main",
         "arn:aws:rds:us-west-2:123456789012:db:main"},
        {"rds:CreateDBSnapshot", "arn:aws:rds:us-west-2:123456789012:db:main",
         "arn:aws:rds:us-west-2:123456789012:db:main "
         "arn:aws:rds:us-west-2:123456789012:snapshot:*"},
        {"ec2:DescribeInstances", "arn:aws:ec2:us-west-2:123456789012:instance/i-1", "*"},
        {"ec2:CreateTags", "arn:aws:ec2:us-west-2:123456789012:instance/i-1",
         "arn:aws:ec2:us-west-2:123456789012:instance/i-1"},
        {"ec2:AttachVolume", "arn:aws:ec2:us-west-2:123456789012:volume/vol-1",
         "arn:aws:ec2:us-west-2:123456789012:volume/vol-1 "
         "arn:aws:ec2:us-west-2:123456789012:instance/*"},
        {"ec2:CreateSnapshot", "arn:aws:ec2:us-west-2:123456789012:volume/vol-1",
         "arn:aws:ec2:us-west-2:123456789012:volume/vol-1 arn:aws:ec2:us-west-2::snapshot/*"},
        {"s3:GetObject", "arn:aws:s3:::papers", "arn:aws:s3:::papers/*"},
        {"s3:PutBucketVersioning", "arn:aws:s3:::papers", "arn:aws:s3:::papers"},
        {"lambda:InvokeFunction", "arn:aws:lambda:us-west-2:123456789012:function:f:live",
         "arn:aws:lambda:us-west-2:123456789012:function:f:live"},
        {"elasticloadbalancing:DeleteLoadBalancer",
         "arn:aws:elasticloadbalancing:us-west-2:123456789012:loadbalancer/app/front/1f",
         "arn:aws:elasticloadbalancing:us-west-2:123456789012:loadbalancer/app/front/1f"},
        {"new:Thing", "arn:aws:new:us-west-2:123456789012:thing/1",
         "arn:aws:new:us-west-2:123456789012:thing/1"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_freep) char *asked = asked_of(cases[i].action, cases[i].arn);
        assert_string_equal(cases[i].asked, asked);
    }
}

static void a_key_of_the_service_is_there_only_where_it_is_listed(void **)
{
    const struct esc_iam_action *stop = esc_iam_action_find(ESC_STR("ec2:StopInstances"));
    assert_true(esc_iam_action_has_key(stop, ESC_STR("ec2:resourcetag/Team")));
    assert_true(esc_iam_action_has_key(stop, ESC_STR("EC2:InstanceType")));
    assert_false(esc_iam_action_has_key(stop, ESC_STR("rds:DatabaseEngine")));
    assert_true(esc_iam_action_has_key(stop, ESC_STR("aws:SourceIp")));
    const struct esc_iam_action *reboot = esc_iam_action_find(ESC_STR("rds:RebootDBInstance"));
    assert_false(esc_iam_action_has_key(reboot, ESC_STR("aws:RequestTag/team")));
    const struct esc_iam_action *save = esc_iam_action_find(ESC_STR("rds:CreateDBSnapshot"));
    assert_true(esc_iam_action_has_key(save, ESC_STR("aws:RequestTag/team")));
    assert_true(esc_iam_action_has_key(save, ESC_STR("aws:TagKeys")));
}

/* Least policies are made of them: one that the cloud does not know would permit nothing. */
static void every_operation_needs_an_action_that_the_cloud_lists(void **)
{
    for (size_t i = 0; i < esc_operation_count(); i++) {
        const struct esc_operation *operation = esc_operation_at(i);
        if (!operation->is_unsigned && !esc_iam_action_find(esc_str_of(operation->iam_action)))
            fail_msg("%s.%s: %s", operation->service, operation->operation, operation->iam_action);
    }
}

static void operations_of_s3_and_lambda_need_actions_of_other_names(void **)
{
    static const char *const cases[][3] = {
        {"s3", "ListBuckets", "s3:ListAllMyBuckets"},
        {"s3", "HeadBucket", "s3:ListBucket"},
        {"s3", "ListObjectsV2", "s3:ListBucket"},
        {"s3", "ListObjectVersions", "s3:ListBucketVersions"},
        {"s3", "HeadObject", "s3:GetObject"},
        {"s3", "GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"},
        {"s3", "GetBucketEncryption", "s3:GetEncryptionConfiguration"},
        {"s3", "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"},
        {"s3", "GetBucketReplication", "s3:GetReplicationConfiguration"},
        {"s3", "GetBucketPolicyStatus", "s3:GetBucketPolicyStatus"},
        {"lambda", "Invoke", "lambda:InvokeFunction"},
        {"resourcegroupstaggingapi", "GetResources", "tag:GetResources"},
        {"elb", "DescribeLoadBalancers", "elasticloadbalancing:DescribeLoadBalancers"},
        {"elbv2", "DescribeTags", "elasticloadbalancing:DescribeTags"},
        {"sqs", "DeleteMessageBatch", "sqs:DeleteMessage"},
        {"route53", "ListTagsForResources", "route53:ListTagsForResources"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        assert_string_equal(cases[i][2], esc_operation_find(cases[i][0], cases[i][1])->iam_action);
}

static void the_actions_of_the_resource_types_are_in_the_table(void **)
{
    size_t missing = 0;
    for (size_t i = 0; i < esc_resource_type_count(); i++) {
        const struct esc_resource_type *type = esc_resource_type_at(i);
        for (size_t j = 0; type->actions[j]; j++) {
            if (esc_iam_action_find(esc_str_of(type->actions[j])))
                continue;
            print_message("# %s is not in iam_action_table.c: tools/iam-actions-generate\n",
                          type->actions[j]);
            missing++;
        }
    }
    assert_int_equal(0, missing);
}

static void a_name_is_listed_misspelt_or_of_a_service_nobody_knows(void **)
{
    static const struct {
        const char *name;
        enum esc_iam_action_spelling spelling;
        const char *out;
    } cases[] = {
        {"rds:stopdbinstance", ESC_IAM_ACTION_LISTED, "rds:StopDBInstance"},
        {"RDS:AddRoleToDBCluster", ESC_IAM_ACTION_LISTED, "rds:AddRoleToDBCluster"},
        {"rds:StopDBInstnce", ESC_IAM_ACTION_MISSPELT, "rds:StopDBInstance"},
        {"ec2:StopInstance", ESC_IAM_ACTION_MISSPELT, "ec2:StopInstances"},
        {"ec2:Xyzzy", ESC_IAM_ACTION_MISSPELT, NULL},
        {"ec2:", ESC_IAM_ACTION_MISSPELT, NULL},
        {"nosuch:Thing", ESC_IAM_ACTION_FOREIGN, NULL},
        {"StopInstances", ESC_IAM_ACTION_FOREIGN, NULL},
        {"", ESC_IAM_ACTION_FOREIGN, NULL},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        char *out = NULL;
        assert_int_equal(cases[i].spelling,
                         esc_iam_action_spelling(esc_str_of(cases[i].name), &out));
        if (!esc_text_equal(cases[i].out, out))
            fail_msg("%s: %s", cases[i].name, out ? out : "nothing");
        free(out);
    }
    char long_name[1000] = "ec2:";
    char *out = NULL;
    memset(long_name + 4, 'x', sizeof long_name - 5);
    assert_int_equal(ESC_IAM_ACTION_MISSPELT, esc_iam_action_spelling(esc_str_of(long_name), &out));
    assert_null(out);
}

static void an_action_is_done_to_its_own_resources_and_to_what_is_in_them(void **)
{
    static const struct {
        const char *action, *arn;
        bool is_done_to;
    } cases[] = {
        {"rds:StopDBInstance", "arn:aws:rds:us-west-2:123456789012:db:main", true},
        {"s3:GetObject", "arn:aws:s3:::papers", true},
        {"s3:DeleteBucket", "arn:aws:ec2:us-west-2:123456789012:instance/i-1", false},
        {"ec2:DescribeInstances", "arn:aws:ec2:us-west-2:123456789012:instance/i-1", true},
        {"iam:PassRole", "arn:aws:ec2:us-west-2:123456789012:instance/i-1", false},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        const struct esc_iam_place place = {cases[i].arn, "aws", "us-west-2", "123456789012"};
        const struct esc_iam_action *action = esc_iam_action_find(esc_str_of(cases[i].action));
        assert_non_null(action);
        assert_int_equal(cases[i].is_done_to, esc_iam_action_is_done_to(action, &place));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_operation_needs_an_action_that_the_cloud_lists),
        cmocka_unit_test(operations_of_s3_and_lambda_need_actions_of_other_names),
        cmocka_unit_test(an_action_is_found_without_case),
        cmocka_unit_test(each_action_of_the_table_is_found_by_its_name),
        cmocka_unit_test(a_request_names_the_resource_and_what_else_it_must),
        cmocka_unit_test(a_key_of_the_service_is_there_only_where_it_is_listed),
        cmocka_unit_test(the_actions_of_the_resource_types_are_in_the_table),
        cmocka_unit_test(a_name_is_listed_misspelt_or_of_a_service_nobody_knows),
        cmocka_unit_test(an_action_is_done_to_its_own_resources_and_to_what_is_in_them),
    };
    return cmocka_run_group_tests_name("catalog/iam_action", tests, NULL, NULL);
}
