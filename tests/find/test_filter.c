/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/find/filter.h"

#include "tests/find/estate.h"

static struct esc_error err;

/* How many of the small estate match. */
static size_t count_of(const char *text)
{
    ESC_CLEANUP(esc_index_freep) struct esc_index *index = make_small_index();
    ESC_CLEANUP(esc_filter_freep) struct esc_filter *filter = NULL;
    expect_ok(esc_filter_parse(esc_str_of(text), &filter, &err));
    size_t count = 0;
    for (size_t i = 0; i < esc_index_count(index); i++)
        count += esc_filter_matches(filter, index, i);
    return count;
}

static void tags_compare_without_case(void **)
{
    assert_int_equal(3, count_of("app=main"));
    assert_int_equal(3, count_of("APP=Main"));
    assert_int_equal(ESC_COUNT(small_estate) - 3, count_of("app!=main"));
    assert_int_equal(0, count_of("app=mai"));
    assert_int_equal(3, count_of("app~mai"));
    assert_int_equal(10, count_of("app=*"));
    assert_int_equal(3, count_of("tag:app=main"));
    assert_int_equal(0, count_of("tag:name=orders-db"));
}

static void environments_compare_by_class(void **)
{
    assert_int_equal(8, count_of("env=prod"));
    assert_int_equal(8, count_of("stage=LIVE"));
    assert_int_equal(2, count_of("environment=stg"));
    assert_int_equal(0, count_of("env=moon"));
}

static void operators_bind_as_promised(void **)
{
    assert_int_equal(2, count_of("env=prod AND app=main"));
    assert_int_equal(2, count_of("env=prod app=main"));
    assert_int_equal(9, count_of("env=prod or app=main"));
    assert_int_equal(2 + 2, count_of("app=orders type:rds_instance OR env=prod app=main"));
    assert_int_equal(1, count_of("not env=prod and app=main"));
    assert_int_equal(12, count_of("not (env=prod and app=main)"));
    assert_int_equal(2, count_of("NOT NOT (env=prod and app=main)"));
}

static void fields_are_those_of_the_resource(void **)
{
    assert_int_equal(8, count_of("account:123456789012"));
    assert_int_equal(8, count_of("account:Production"));
    assert_int_equal(4, count_of("region:us-east-1"));
    assert_int_equal(5, count_of("type:rds_instance"));
    assert_int_equal(5, count_of("type:db"));
    assert_int_equal(1, count_of("type=bucket"));
    assert_int_equal(2, count_of("state:stopped"));
    assert_int_equal(11, count_of("state:running"));
    assert_int_equal(2, count_of("name=orders-db"));
    assert_int_equal(3, count_of("name~instance"));
    assert_int_equal(1, count_of("id:i-0ffffffffffffff01"));
}

static void quoted_values_hold_anything(void **)
{
    assert_int_equal(1, count_of("name=\"--profile x\""));
    assert_int_equal(1, count_of("name=\"$(reboot)\""));
    assert_int_equal(0, count_of("name=\"a \\\"quoted\\\" \\\\ name\""));
}

static void expect_column(const char *message, const char *text)
{
    struct esc_filter *filter = NULL;
    expect_status(ESC_INVALID, esc_filter_parse(esc_str_of(text), &filter, &err));
    assert_null(filter);
    expect_contains(message, err.message);
}

static void errors_name_the_column(void **)
{
    expect_column("column 1: a condition such as env=prod is missing", "");
    expect_column("column 13: a condition such as env=prod is missing", "env=prod AND");
    expect_column("column 5: expected a value", "env=");
    expect_column("column 4: expected a comparison", "foo bar=1");
    expect_column("column 6: this is no resource type", "type:spaceship");
    expect_column("column 1: the parenthesis is never closed", "(env=prod");
    expect_column("column 9: a parenthesis is closed that was never opened", "env=prod)");
    expect_column("column 6: the quote is never closed", "name=\"abc");
    expect_column("column 10: expected a comparison", "größe=1 x");
    expect_column("column 1: expected a field", "=1");
}

static void depth_and_length_are_bounded(void **)
{
    char text[9001];
    struct esc_filter *filter = NULL;
    for (size_t i = 0; i < 200; i++)
        text[i] = '(';
    expect_status(ESC_LIMIT, esc_filter_parse((struct esc_str){text, 200}, &filter, &err));
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = 'a';
    expect_status(ESC_LIMIT, esc_filter_parse((struct esc_str){text, sizeof text}, &filter, &err));
    assert_null(filter);
}

static void what_nobody_has_seen_may_match_unless_its_place_says_no(void **)
{
    static const struct {
        const char *filter;
        bool may;
    } cases[] = {
        {"account:production", true},
        {"account:123456789012", true},
        {"account:staging", false},
        {"region:us-west-2 type:rds_instance", true},
        {"region:eu-west-1", false},
        {"region!=eu-west-1", true},
        {"region!=us-west-2", false},
        {"NOT region:us-west-2", false},
        {"type:database", true},
        {"type:s3_bucket", false},
        {"type~rds", true},
        {"name:anything", true},
        {"NOT name:anything", true},
        {"env=prod app=main state:stopped", true},
        {"env=prod AND type:s3_bucket", false},
        {"env=prod OR type:s3_bucket", true},
        {"region:eu-west-1 OR type:s3_bucket", false},
        {"NOT (region:us-west-2 AND type:rds_instance)", false},
        {"NOT (region:us-west-2 AND app=main)", true},
    };
    const struct esc_filter_place place = {"123456789012", "production", "us-west-2",
                                           "rds_instance"};
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_filter_freep) struct esc_filter *filter = NULL;
        expect_ok(esc_filter_parse(esc_str_of(cases[i].filter), &filter, &err));
        if (cases[i].may != esc_filter_may_match(filter, &place))
            fail_msg("%s", cases[i].filter);
        assert_true(esc_filter_may_match(filter, &(struct esc_filter_place){NULL}));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_compare_without_case),
        cmocka_unit_test(environments_compare_by_class),
        cmocka_unit_test(operators_bind_as_promised),
        cmocka_unit_test(fields_are_those_of_the_resource),
        cmocka_unit_test(quoted_values_hold_anything),
        cmocka_unit_test(errors_name_the_column),
        cmocka_unit_test(depth_and_length_are_bounded),
        cmocka_unit_test(what_nobody_has_seen_may_match_unless_its_place_says_no),
    };
    return cmocka_run_group_tests_name("find/filter", tests, NULL, NULL);
}
