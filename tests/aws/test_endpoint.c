/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/endpoint.h"

#include <string.h>

#include "escher/catalog/operation.h"
#include "tests/support/test.h"

static struct esc_error err;

#define EMULATOR "http://127.0.0.1:5000/"

/* @source botocore 1.44.5 asked for the same */
static const struct {
    struct esc_endpoint_ask ask;
    const char *url, *region;
    bool bucket_in_host;
} cases[] = {
    {{"ec2", NULL, NULL, NULL}, "https://ec2.us-east-1.amazonaws.com", "us-east-1", false},
    {{"monitoring", "eu-west-1", NULL, NULL},
     "https://monitoring.eu-west-1.amazonaws.com",
     "eu-west-1",
     false},
    {{"ec2", "cn-north-1", NULL, NULL},
     "https://ec2.cn-north-1.amazonaws.com.cn",
     "cn-north-1",
     false},
    {{"ec2", "us-gov-east-1", NULL, NULL},
     "https://ec2.us-gov-east-1.amazonaws.com",
     "us-gov-east-1",
     false},
    {{"sts", "ap-south-1", NULL, NULL},
     "https://sts.ap-south-1.amazonaws.com",
     "ap-south-1",
     false},
    {{"iam", "eu-west-1", NULL, NULL}, "https://iam.amazonaws.com", "us-east-1", false},
    {{"iam", "cn-northwest-1", NULL, NULL},
     "https://iam.cn-north-1.amazonaws.com.cn",
     "cn-north-1",
     false},
    {{"iam", "us-gov-east-1", NULL, NULL},
     "https://iam.us-gov.amazonaws.com",
     "us-gov-west-1",
     false},
    {{"route53", "eu-west-1", NULL, NULL}, "https://route53.amazonaws.com", "us-east-1", false},
    {{"cloudfront", "eu-west-1", NULL, NULL},
     "https://cloudfront.amazonaws.com",
     "us-east-1",
     false},
    {{"organizations", "eu-west-1", NULL, NULL},
     "https://organizations.us-east-1.amazonaws.com",
     "us-east-1",
     false},
    {{"s3", "us-east-1", NULL, NULL}, "https://s3.us-east-1.amazonaws.com", "us-east-1", false},
    {{"s3", "eu-west-1", NULL, "plain"},
     "https://plain.s3.eu-west-1.amazonaws.com",
     "eu-west-1",
     true},
    {{"s3", "cn-north-1", NULL, "plain"},
     "https://plain.s3.cn-north-1.amazonaws.com.cn",
     "cn-north-1",
     true},
    {{"s3", "eu-west-1", NULL, "with.dots"},
     "https://s3.eu-west-1.amazonaws.com",
     "eu-west-1",
     false},
    {{"s3", "eu-west-1", NULL, "evil.example/"},
     "https://s3.eu-west-1.amazonaws.com",
     "eu-west-1",
     false},
    {{"s3", "eu-west-1", EMULATOR, "plain"}, "http://127.0.0.1:5000", "eu-west-1", false},
    {{"ec2", "eu-west-1", EMULATOR, NULL}, "http://127.0.0.1:5000", "eu-west-1", false},
    {{"iam", "eu-west-1", EMULATOR, NULL}, "http://127.0.0.1:5000", "us-east-1", false},
};

static void every_service_has_its_place(void **)
{
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct esc_endpoint endpoint;
        struct esc_buf url;
        esc_buf_init(&url, 1024);
        expect_ok(esc_endpoint_make(&cases[i].ask, &url, &endpoint, &err));
        assert_string_equal(cases[i].url, esc_buf_text(&url));
        assert_string_equal(cases[i].region, endpoint.region);
        assert_int_equal(cases[i].bucket_in_host, endpoint.bucket_in_host);
        esc_buf_done(&url);
    }
}

static void a_region_cannot_lead_elsewhere(void **)
{
    static const char *const regions[] = {"us-east-1.evil.example/", "", "US-EAST-1", "a@b",
                                          "a-region-whose-name-has-no-end-at-all"};
    for (size_t i = 0; i < ESC_COUNT(regions); i++) {
        struct esc_endpoint endpoint;
        struct esc_buf url;
        esc_buf_init(&url, 1024);
        const struct esc_endpoint_ask ask = {.prefix = "ec2", .region = regions[i]};
        expect_status(ESC_INVALID, esc_endpoint_make(&ask, &url, &endpoint, &err));
        assert_int_equal(0, url.len);
        esc_buf_done(&url);
    }
}

static void a_service_that_a_partition_lacks_is_said(void **)
{
    struct esc_endpoint endpoint;
    struct esc_buf url;
    esc_buf_init(&url, 1024);
    const struct esc_endpoint_ask ask = {.prefix = "account", .region = "us-gov-west-1"};
    expect_status(ESC_INVALID, esc_endpoint_make(&ask, &url, &endpoint, &err));
    assert_string_equal("there is no account in aws-us-gov", err.message);
    esc_buf_done(&url);
}

/* The catalog says it of the partition aws, from the models of the CLI. */
static void the_catalog_knows_the_same_global_places(void **)
{
    unsigned count = 0;
    for (size_t i = 0; i < esc_operation_count(); i++) {
        const struct esc_service *service = esc_operation_at(i)->wire;
        if (!service || !service->global_host)
            continue;
        const struct esc_endpoint_ask ask = {.prefix = service->endpoint_prefix,
                                             .region = "eu-west-1"};
        struct esc_endpoint endpoint;
        struct esc_buf url;
        esc_buf_init(&url, 1024);
        expect_ok(esc_endpoint_make(&ask, &url, &endpoint, &err));
        assert_string_equal(service->global_host, esc_buf_text(&url) + strlen("https://"));
        assert_string_equal(service->global_region, endpoint.region);
        esc_buf_done(&url);
        count++;
    }
    assert_true(count > 10);
}

static void where_a_service_is_not_is_known_without_asking(void **)
{
    expect_ok(esc_endpoint_check("cloudfront", "eu-west-1", &err));
    expect_ok(esc_endpoint_check("cloudfront", "cn-north-1", &err));
    expect_ok(esc_endpoint_check("ec2", "us-gov-east-1", &err));
    expect_status(ESC_INVALID, esc_endpoint_check("cloudfront", "us-gov-east-1", &err));
    assert_string_equal("there is no cloudfront in aws-us-gov", err.message);
    expect_status(ESC_INVALID, esc_endpoint_check("ec2", "eusc-de-east-1", &err));
}

/* Its hosts are none of ours: a request would go to names that nobody has. */
static void a_partition_that_is_not_served_is_refused_by_name(void **)
{
    static const char *const regions[] = {"eusc-de-east-1", "us-iso-east-1", "us-isob-east-1",
                                          "eu-isoe-west-1", "us-isof-south-1"};
    static const char *const names[] = {"aws-eusc,", "aws-iso,", "aws-iso-b,", "aws-iso-e,",
                                        "aws-iso-f,"};
    for (size_t i = 0; i < ESC_COUNT(regions); i++) {
        const struct esc_endpoint_ask ask = {.prefix = "ec2", .region = regions[i]};
        struct esc_endpoint endpoint;
        struct esc_buf url;
        esc_buf_init(&url, 1024);
        expect_status(ESC_INVALID, esc_endpoint_make(&ask, &url, &endpoint, &err));
        assert_non_null(strstr(err.message, names[i]));
        assert_int_equal(0, url.len);
        esc_buf_done(&url);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_service_has_its_place),
        cmocka_unit_test(a_region_cannot_lead_elsewhere),
        cmocka_unit_test(a_service_that_a_partition_lacks_is_said),
        cmocka_unit_test(the_catalog_knows_the_same_global_places),
        cmocka_unit_test(where_a_service_is_not_is_known_without_asking),
        cmocka_unit_test(a_partition_that_is_not_served_is_refused_by_name),
    };
    return cmocka_run_group_tests_name("aws/endpoint", tests, NULL, NULL);
}
