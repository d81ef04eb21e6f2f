/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/model/arn.h"

#include "tests/support/test.h"

static void assert_str(const char *expected, struct esc_str actual)
{
    if (!esc_str_is(actual, expected))
        fail_msg("\"%.*s\" instead of \"%s\"", ESC_STR_ARG(actual), expected);
}

static void an_arn_is_cut_into_its_parts(void **)
{
    static const struct {
        const char *text, *service, *region, *account, *kind, *name;
    } cases[] = {
        {"arn:aws:rds:us-west-2:123456789012:db:main", "rds", "us-west-2", "123456789012", "db",
         "main"},
        {"arn:aws:ec2:us-east-1::snapshot/snap-1", "ec2", "us-east-1", "", "snapshot", "snap-1"},
        {"arn:aws:s3:::bucket", "s3", "", "", "", "bucket"},
        {"arn:aws:s3:::bucket/a:b", "s3", "", "", "bucket", "a:b"},
        {"arn:aws-cn:lambda:cn-north-1:123456789012:function:f:live", "lambda", "cn-north-1",
         "123456789012", "function", "f:live"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct esc_arn arn;
        assert_true(esc_arn_parse(esc_str_of(cases[i].text), &arn));
        assert_str(cases[i].service, arn.service);
        assert_str(cases[i].region, arn.region);
        assert_str(cases[i].account, arn.account);
        assert_str(cases[i].kind, esc_arn_kind(&arn));
        assert_str(cases[i].name, esc_arn_name(&arn));
    }
}

static void what_is_no_arn_is_refused(void **)
{
    static const char *const texts[] = {
        "",        "arn",         "arn:aws:s3",   "arn:aws:s3:::", "urn:aws:s3:::bucket",
        "pg-main", "arn::s3:::b", "arn:aws::::b",
    };
    for (size_t i = 0; i < ESC_COUNT(texts); i++) {
        struct esc_arn arn;
        assert_false(esc_arn_parse(esc_str_of(texts[i]), &arn));
    }
}

static void the_last_part_of_a_path_is_what_follows_its_last_slash(void **)
{
    assert_str("ada", esc_arn_last(ESC_STR("user/ops/ada")));
    assert_str("Developer", esc_arn_last(ESC_STR("arn:aws:iam::aws:policy/Developer")));
    assert_str("ada", esc_arn_last(ESC_STR("ada")));
    assert_str("", esc_arn_last(ESC_STR("user/")));
    assert_str("", esc_arn_last(ESC_STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_arn_is_cut_into_its_parts),
        cmocka_unit_test(what_is_no_arn_is_refused),
        cmocka_unit_test(the_last_part_of_a_path_is_what_follows_its_last_slash),
    };
    return cmocka_run_group_tests_name("model/arn", tests, NULL, NULL);
}
