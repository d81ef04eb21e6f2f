/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/read_private.h"

#include "tests/support/test.h"

static struct esc_error err;

static struct esc_json *json(const char *text)
{
    struct esc_json *out = NULL;
    expect_ok(esc_json_parse(esc_str_of(text), NULL, &out, &err));
    return out;
}

static void expect_json(const char *expected, const struct esc_json *actual)
{
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(actual, ESC_JSON_SORTED);
    assert_string_equal(expected, text);
}

static const char *const marker[] = {"Marker", NULL}, *const next_marker[] = {"NextMarker", NULL};
static const char *const two_in[] = {"StartName", "StartType", NULL};
static const char *const two_out[] = {"NextName", "NextType", NULL};
static const char *const nested_out[] = {"List.NextMarker", NULL};

/* One step of a list: what the page says, and what the parameters are afterwards. */
static void step(const struct esc_operation *operation, const char *page, enum page_next expected,
                 const char *params_after, struct esc_json *params, struct esc_map *seen)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *output = json(page);
    assert_int_equal(expected, page_next(operation, output, params, seen));
    expect_json(params_after, params);
}

static void tokens_wander_from_answers_into_parameters(void **)
{
    const struct esc_operation one = {.pager_in = marker, .pager_out = next_marker};
    ESC_CLEANUP(esc_map_freep) struct esc_map *seen = esc_map_new(NULL);
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = json("{\"A\":1}");
    step(&one, "{\"NextMarker\":\"x\"}", PAGE_MORE, "{\"A\":1,\"Marker\":\"x\"}", params, seen);
    step(&one, "{\"NextMarker\":{\"k\":2}}", PAGE_MORE, "{\"A\":1,\"Marker\":{\"k\":2}}", params,
         seen);
    step(&one, "{\"NextMarker\":\"\"}", PAGE_LAST, "{\"A\":1,\"Marker\":{\"k\":2}}", params, seen);
    step(&one, "{\"NextMarker\":null}", PAGE_LAST, "{\"A\":1,\"Marker\":{\"k\":2}}", params, seen);
    page_restart(&one, params);
    expect_json("{\"A\":1}", params);
}

static void of_two_tokens_one_may_be_missing(void **)
{
    const struct esc_operation two = {
        .pager_in = two_in, .pager_out = two_out, .pager_more = "IsTruncated"};
    ESC_CLEANUP(esc_map_freep) struct esc_map *seen = esc_map_new(NULL);
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = json("{}");
    step(&two, "{\"IsTruncated\":true,\"NextName\":\"n\",\"NextType\":\"A\"}", PAGE_MORE,
         "{\"StartName\":\"n\",\"StartType\":\"A\"}", params, seen);
    step(&two, "{\"IsTruncated\":true,\"NextName\":\"o\"}", PAGE_MORE, "{\"StartName\":\"o\"}",
         params, seen);
    step(&two, "{\"IsTruncated\":false,\"NextName\":\"p\"}", PAGE_LAST, "{\"StartName\":\"o\"}",
         params, seen);
    step(&two, "{\"IsTruncated\":true}", PAGE_LOST, "{\"StartName\":\"o\"}", params, seen);
}

static void a_token_given_before_is_known_again(void **)
{
    const struct esc_operation one = {.pager_in = marker, .pager_out = next_marker};
    ESC_CLEANUP(esc_map_freep) struct esc_map *seen = esc_map_new(NULL);
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = json("{}");
    step(&one, "{\"NextMarker\":\"a\"}", PAGE_MORE, "{\"Marker\":\"a\"}", params, seen);
    step(&one, "{\"NextMarker\":\"b\"}", PAGE_MORE, "{\"Marker\":\"b\"}", params, seen);
    step(&one, "{\"NextMarker\":\"a\"}", PAGE_REPEATED, "{\"Marker\":\"b\"}", params, seen);
}

static void pages_become_one_without_tokens(void **)
{
    const struct esc_operation nested = {.pager_in = marker, .pager_out = nested_out};
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *all = json("{\"List\":{\"Items\":[1],\"NextMarker\":\"a\",\"Max\":5},"
                                "\"Only\":[1]}");
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *page = json("{\"List\":{\"Items\":[2,3],\"Max\":9},\"Other\":[7],\"B\":1}");
    page_strip(&nested, all);
    page_join(all, page);
    expect_json("{\"B\":1,\"List\":{\"Items\":[1,2,3],\"Max\":5},\"Only\":[1],\"Other\":[7]}", all);
}

static void the_largest_page_is_asked_for_where_that_is_allowed(void **)
{
    static const struct {
        const char *service, *operation, *params, *expected;
    } cases[] = {
        {"ec2", "DescribeVolumes", "{}", "\"MaxResults\":"},
        {"ec2", "DescribeVolumes", "{\"MaxResults\":5}", "{\"MaxResults\":5}"},
        {"ec2", "DescribeVolumes", "{\"VolumeIds\":[\"vol-1\"]}", "{\"VolumeIds\":[\"vol-1\"]}"},
        {"ec2", "DescribeSnapshots", "{\"OwnerIds\":[\"self\"]}", "\"MaxResults\":"},
        {"rds", "DescribeDBInstances", "{}", "{\"MaxRecords\":100}"},
        {"route53", "ListHostedZones", "{}", "{\"MaxItems\":\"100\"}"},
        {"s3", "GetBucketVersioning", "{\"Bucket\":\"b\"}", "{\"Bucket\":\"b\"}"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *params = json(cases[i].params);
        const struct esc_operation *operation =
            esc_operation_find(cases[i].service, cases[i].operation);
        page_set_size(operation, params);
        ESC_CLEANUP(esc_freep) char *text = esc_json_print(params, ESC_JSON_SORTED);
        expect_contains(cases[i].expected, text);
        expect_ok(esc_operation_check(operation, params, &err)); /* it is a value that may be */
    }
}

static void every_list_that_is_paged_names_where_tokens_come_from(void **)
{
    for (size_t i = 0; i < esc_operation_count(); i++) {
        const struct esc_operation *operation = esc_operation_at(i);
        size_t in = 0, out = 0;
        while (operation->pager_in && operation->pager_in[in])
            in++;
        while (operation->pager_out && operation->pager_out[out])
            out++;
        if (in != out)
            fail_msg("%s: %zu tokens go in, %zu come out", operation->operation, in, out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_wander_from_answers_into_parameters),
        cmocka_unit_test(of_two_tokens_one_may_be_missing),
        cmocka_unit_test(a_token_given_before_is_known_again),
        cmocka_unit_test(pages_become_one_without_tokens),
        cmocka_unit_test(the_largest_page_is_asked_for_where_that_is_allowed),
        cmocka_unit_test(every_list_that_is_paged_names_where_tokens_come_from),
    };
    return cmocka_run_group_tests_name("aws/read_page", tests, NULL, NULL);
}
