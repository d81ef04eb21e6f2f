/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/model/partition.h"

#include "escher/model/account.h"
#include "tests/support/test.h"

static struct esc_error err;

static void a_region_lies_in_one_partition(void **)
{
    static const char *const places[][2] = {
        {"us-west-2", "aws"},
        {"eu-west-1", "aws"},
        {"cn-north-1", "aws-cn"},
        {"us-gov-east-1", "aws-us-gov"},
        {"eusc-de-east-1", "aws-eusc"},
        {"us-iso-west-1", "aws-iso"},
        {"us-isob-east-1", "aws-iso-b"},
        {"eu-isoe-west-1", "aws-iso-e"},
        {"us-isof-east-1", "aws-iso-f"},
        {"", "aws"},
    };
    for (size_t i = 0; i < ESC_COUNT(places); i++)
        assert_string_equal(places[i][1], esc_partition_of_region(esc_str_of(places[i][0])));
}

static void a_region_looks_like_one(void **)
{
    static const char *const likely[] = {"us-west-2", "us-gov-east-1", "ap-southeast-12",
                                         "eusc-de-east-1"};
    static const char *const others[] = {"",          "moon",       "us-west",   "us-west-",
                                         "US-WEST-2", "-us-west-2", "us west 2", "us-west-2/"};
    for (size_t i = 0; i < ESC_COUNT(likely); i++)
        assert_true(esc_region_is_likely(esc_str_of(likely[i])));
    for (size_t i = 0; i < ESC_COUNT(others); i++)
        assert_false(esc_region_is_likely(esc_str_of(others[i])));
}

static void an_arn_tells_its_partition(void **)
{
    assert_string_equal("aws-us-gov", esc_partition_of_arn(ESC_STR(
                                          "arn:aws-us-gov:sts::123456789012:assumed-role/R/s")));
    assert_string_equal("aws", esc_partition_of_arn(ESC_STR("arn:aws:iam::123456789012:root")));
    assert_null(esc_partition_of_arn(ESC_STR("arn:aws-moon:iam::123456789012:root")));
    assert_null(esc_partition_of_arn(ESC_STR("ada")));
}

static void a_partition_that_is_not_served_says_so(void **)
{
    expect_ok(esc_partition_check("aws", &err));
    expect_ok(esc_partition_check("aws-cn", &err));
    expect_ok(esc_partition_check("aws-us-gov", &err));
    expect_status(ESC_INVALID, esc_partition_check("aws-eusc", &err));
    assert_string_equal("Escher does not work in the partition aws-eusc, only in aws, aws-cn and "
                        "aws-us-gov",
                        err.message);
}

/* Regions that are named come first: a person has said them. */
static void an_account_is_where_its_regions_its_keys_or_its_role_are(void **)
{
    static const struct {
        const char *more, *region;
    } cases[] = {
        {"", "us-east-1"},
        {",\"partition\":\"aws-us-gov\"", "us-gov-west-1"},
        {",\"partition\":\"aws-us-gov\",\"regions\":[\"cn-northwest-1\"]", "cn-north-1"},
        {",\"role_arn\":\"arn:aws-cn:iam::123456789012:role/R\"", "cn-north-1"},
        {",\"regions\":[\"eu-west-1\"]", "us-east-1"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_account_freep) struct esc_account *account = NULL;
        ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
        ESC_CLEANUP(esc_freep)
        char *text = esc_sprintf("{\"id\":\"123456789012\",\"name\":\"a\"%s}", cases[i].more);
        expect_ok(esc_json_parse(esc_str_of(text), NULL, &json, &err));
        expect_ok(esc_account_from_json(json, &account, &err));
        assert_string_equal(cases[i].region, esc_account_main_region(account));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_region_lies_in_one_partition),
        cmocka_unit_test(a_region_looks_like_one),
        cmocka_unit_test(an_arn_tells_its_partition),
        cmocka_unit_test(a_partition_that_is_not_served_says_so),
        cmocka_unit_test(an_account_is_where_its_regions_its_keys_or_its_role_are),
    };
    return cmocka_run_group_tests_name("model/partition", tests, NULL, NULL);
}
