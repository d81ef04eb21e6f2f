/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/iam/rcp_cover.h"

#include "tests/support/test.h"

static void only_some_services_know_resource_control_policies(void **)
{
    static const struct {
        const char *action;
        bool covered;
    } cases[] = {
        {"s3:GetObject", true},
        {"S3:getobject", true},
        {"sts:AssumeRole", true},
        {"kms:Decrypt", true},
        {"kms:RetireGrant", false},
        {"sqs:SendMessage", true},
        {"sns:Publish", false},
        {"secretsmanager:X", true},
        {"dynamodb:GetItem", true},
        {"rds:StopDBI", false},
        {"lambda:InvokeFunction", false},
        {"ec2:StopInstances", false},
        {"aoss:X", true},
        {"xray:X", true},
        {"s3", false},
        {"s3express:X", false},
        {"", false},
        {":", false},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        if (esc_iam_rcp_covers(esc_str_of(cases[i].action)) != cases[i].covered)
            fail_msg("%s", cases[i].action);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_some_services_know_resource_control_policies),
    };
    return cmocka_run_group_tests_name("iam/rcp_cover", tests, NULL, NULL);
}
