/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/catalog/resource_type.h"

#include "tests/support/test.h"

static bool has_word(const char *type, const char *word)
{
    return esc_resource_type_has_word(esc_resource_type_find(type), esc_str_of(word));
}

static void people_call_a_type_by_many_words(void **)
{
    assert_true(has_word("rds_instance", "database"));
    assert_true(has_word("rds_instance", "Databases"));
    assert_true(has_word("rds_instance", "db"));
    assert_true(has_word("rds_instance", "RDS instance"));
    assert_true(has_word("rds_instance", "rds_instance"));
    assert_true(has_word("ec2_instance", "boxes"));
    assert_true(has_word("lambda_alias", "aliases"));
    assert_true(has_word("vpc", "vpcs"));
    assert_true(has_word("rds_cluster", "database"));
    assert_true(has_word("sqs_queue", "queues"));
    assert_true(has_word("elastic_ip", "EIPs"));
    assert_true(has_word("elastic_ip", "Elastic IP addresses"));
    assert_true(has_word("ami", "images"));
    assert_true(has_word("elasticache_cluster", "redis"));
    assert_true(has_word("elasticache_replication_group", "redis"));
    assert_false(has_word("rds_instance", "bucket"));
    assert_false(has_word("rds_instance", "data"));
    assert_false(has_word("rds_instance", ""));
}

static void identifiers_look_like_their_type(void **)
{
    static const struct {
        const char *type, *text;
        bool is;
    } cases[] = {
        {"ec2_instance", "i-0123456789abcdef0", true},
        {"ec2_instance", "i-12345678", true},
        {"ec2_instance", "vol-12345678", false},
        {"ec2_instance", "xi-12345678", false},
        {"ec2_instance", "i-12345678 --force", false},
        {"rds_instance", "pg-instance-main1", true},
        {"rds_instance", "pg--main", false},
        {"rds_instance", "-pg", false},
        {"rds_snapshot", "rds:pg-main-2026-11-21-00-00", true},
        {"s3_bucket", "acme.logs-1", true},
        {"s3_bucket", "a/b", false},
        {"lambda_alias", "f:live", true},
        {"lambda_alias", "f", false},
        {"load_balancer", "web-1", true},
        {"vpc", "", false},
        {"ami", "ami-0123456789abcdef0", true},
        {"elastic_ip", "eipalloc-0123456789abcdef0", true},
        {"elastic_ip", "203.0.113.7", true},
        {"elastic_ip", "203.0.113", false},
        {"auto_scaling_group", "web and workers (blue)", true},
        {"auto_scaling_group", "a:b", false},
        {"ecs_service", "shop/web", true},
        {"ecs_service", "web", false},
        {"sqs_queue", "orders.fifo", true},
        {"sqs_queue", "orders.json", false},
        {"secret", "prod/db/main", true},
        {"hosted_zone", "Z1D633PJN98FT9", true},
        {"hosted_zone", "example.com", false},
        {"iam_role", "Deploy@ci", true},
        {"iam_role", "a/b", false},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        if (esc_resource_type_is_identifier(esc_resource_type_find(cases[i].type),
                                            esc_str_of(cases[i].text)) != cases[i].is)
            fail_msg("%s: %s", cases[i].type, cases[i].text);
}

static void an_arn_follows_from_the_template(void **)
{
    static const struct {
        const char *type, *region, *identifier, *arn;
    } cases[] = {
        {"rds_instance", "us-west-2", "main", "arn:aws:rds:us-west-2:123456789012:db:main"},
        {"ebs_snapshot", "us-east-1", "snap-1", "arn:aws:ec2:us-east-1::snapshot/snap-1"},
        {"s3_bucket", "cn-north-1", "b", "arn:aws-cn:s3:::b"},
        {"lambda_alias", "us-east-1", "f:live",
         "arn:aws:lambda:us-east-1:123456789012:function:f:live"},
        {"vpc", "us-east-1", "{region}", "arn:aws:ec2:us-east-1:123456789012:vpc/{region}"},
        {"load_balancer", "us-east-1", "web", NULL},
        {"ami", "us-east-1", "ami-1", "arn:aws:ec2:us-east-1::image/ami-1"},
        {"nat_gateway", "us-east-1", "nat-1",
         "arn:aws:ec2:us-east-1:123456789012:natgateway/nat-1"},
        {"classic_load_balancer", "us-east-1", "web",
         "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/web"},
        {"ecs_service", "us-east-1", "shop/web",
         "arn:aws:ecs:us-east-1:123456789012:service/shop/web"},
        {"elasticache_replication_group", "us-east-1", "sessions",
         "arn:aws:elasticache:us-east-1:123456789012:replicationgroup:sessions"},
        {"sqs_queue", "us-gov-west-1", "orders",
         "arn:aws-us-gov:sqs:us-gov-west-1:123456789012:orders"},
        {"cloudwatch_alarm", "us-east-1", "CPU is high",
         "arn:aws:cloudwatch:us-east-1:123456789012:alarm:CPU is high"},
        {"hosted_zone", "us-east-1", "Z1", "arn:aws:route53:::hostedzone/Z1"},
        {"cloudfront_distribution", "us-east-1", "E1",
         "arn:aws:cloudfront::123456789012:distribution/E1"},
        {"iam_role", "us-east-1", "Deploy", "arn:aws:iam::123456789012:role/Deploy"},
        {"secret", "us-east-1", "prod/db", NULL},
        {"auto_scaling_group", "us-east-1", "web", NULL},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_freep)
        char *arn = esc_resource_type_arn(esc_resource_type_find(cases[i].type), cases[i].region,
                                          "123456789012", cases[i].identifier);
        if (cases[i].arn)
            assert_string_equal(cases[i].arn, arn);
        else
            assert_null(arn);
    }
}

static void every_row_is_whole(void **)
{
    assert_true(esc_resource_type_count() >= 16 && esc_resource_type_count() <= 64);
    for (size_t i = 0; i < esc_resource_type_count(); i++) {
        const struct esc_resource_type *type = esc_resource_type_at(i);
        assert_ptr_equal(type, esc_resource_type_find(type->name));
        assert_non_null(type->one);
        assert_non_null(type->many);
        assert_non_null(type->request_key);
        assert_non_null(type->words[0]);
        assert_non_null(type->actions[0]);
        const struct esc_str prefix = esc_str_of(type->service);
        for (size_t j = 0; type->actions[j]; j++)
            assert_true(esc_str_starts_with(esc_str_of(type->actions[j]), prefix) &&
                        type->actions[j][prefix.len] == ':');
    }
    assert_null(esc_resource_type_find("planet"));
    assert_null(esc_resource_type_find(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_call_a_type_by_many_words),
        cmocka_unit_test(identifiers_look_like_their_type),
        cmocka_unit_test(an_arn_follows_from_the_template),
        cmocka_unit_test(every_row_is_whole),
    };
    return cmocka_run_group_tests_name("catalog/resource_type", tests, NULL, NULL);
}
