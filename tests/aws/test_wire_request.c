/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/wire.h"
#include "tests/support/test.h"

static struct esc_error err;

static enum esc_status make(const char *service, const char *operation, const char *params,
                            struct esc_wire_request *out)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    if (params)
        expect_ok(esc_json_parse(esc_str_of(params), NULL, &json, &err));
    return esc_wire_request_make(esc_operation_find(service, operation), json, out, &err);
}

static const char *header_of(const struct esc_wire_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (esc_text_equal(request->headers[i].name, name))
            return request->headers[i].value;
    return "";
}

static void requests_are_what_the_protocols_ask_for(void **)
{
    static const struct {
        const char *service, *operation, *params, *request, *type;
    } cases[] = {
        {"sts", "GetCallerIdentity", NULL, "POST / Action=GetCallerIdentity&Version=2011-06-15",
         "application/x-www-form-urlencoded; charset=utf-8"},
        {"ec2", "DescribeVpcs",
         "{\"Filters\": [{\"Name\": \"vpc-id\", \"Values\": [\"a b\", \"c\"]}], \"MaxResults\": 5,"
         " \"NextToken\": null, \"VpcIds\": []}",
         "POST / Action=DescribeVpcs&Version=2016-11-15&Filter.1.Name=vpc-id"
         "&Filter.1.Value.1=a%20b&Filter.1.Value.2=c&MaxResults=5",
         "application/x-www-form-urlencoded; charset=utf-8"},
        {"rds", "DescribeDBSnapshots",
         "{\"Filters\": [{\"Name\": \"n\", \"Values\": []}], \"IncludeShared\": false}",
         "POST / Action=DescribeDBSnapshots&Version=2014-10-31&Filters.Filter.1.Name=n"
         "&Filters.Filter.1.Values=&IncludeShared=false",
         "application/x-www-form-urlencoded; charset=utf-8"},
        {"rds", "DescribeEvents", "{\"StartTime\": \"2026-03-01T09:12:00Z\"}",
         "POST / Action=DescribeEvents&Version=2014-10-31&StartTime=2026-03-01T09%3A12%3A00Z",
         "application/x-www-form-urlencoded; charset=utf-8"},
        {"s3", "GetBucketLocation", "{\"Bucket\": \"my.bucket\"}", "GET /my.bucket?location ", ""},
        {"s3", "ListBuckets", "{\"MaxBuckets\": 1000}", "GET /?max-buckets=1000 ", ""},
        {"lambda", "ListTags", "{\"Resource\": \"arn:aws:lambda:r:1:function:f\"}",
         "GET /2017-03-31/tags/arn%3Aaws%3Alambda%3Ar%3A1%3Afunction%3Af ", ""},
        {"lambda", "ListFunctions", "{\"Marker\": \"a/b=\", \"MaxItems\": 50}",
         "GET /2015-03-31/functions?Marker=a%2Fb%3D&MaxItems=50 ", ""},
        {"route53", "ListHostedZones", "{\"MaxItems\": \"100\"}",
         "GET /2013-04-01/hostedzone?maxitems=100 ", ""},
        {"route53", "ListTagsForResources",
         "{\"ResourceType\": \"hostedzone\", \"ResourceIds\": [\"Z1\", \"<&>\"]}",
         "POST /2013-04-01/tags/hostedzone <ListTagsForResourcesRequest "
         "xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><ResourceIds><ResourceId>Z1"
         "</ResourceId><ResourceId>&#60;&#38;&#62;</ResourceId></ResourceIds>"
         "</ListTagsForResourcesRequest>",
         ""},
        {"account", "ListRegions", "{\"MaxResults\": 50}", "POST /listRegions {\"MaxResults\":50}",
         "application/json"},
        {"account", "ListRegions", NULL, "POST /listRegions {}", "application/json"},
        {"cloudtrail", "LookupEvents", "{\"StartTime\": \"2026-03-01T09:12:00.5Z\"}",
         "POST / {\"StartTime\":1772356320}", "application/x-amz-json-1.1"},
        {"dynamodb", "ListTables", NULL, "POST / {}", "application/x-amz-json-1.0"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct esc_wire_request made;
        expect_ok(make(cases[i].service, cases[i].operation, cases[i].params, &made));
        ESC_CLEANUP(esc_freep)
        char *text =
            esc_sprintf("%s %.*s%s%.*s %.*s", made.method, ESC_STR_ARG(made.path),
                        made.query.len ? "?" : "", ESC_STR_ARG(made.query), ESC_STR_ARG(made.body));
        assert_string_equal(cases[i].request, text);
        assert_string_equal(cases[i].type, header_of(&made, "Content-Type"));
        esc_wire_request_done(&made);
    }
}

static void json_requests_name_their_target(void **)
{
    struct esc_wire_request made;
    expect_ok(make("sqs", "ListQueues", NULL, &made));
    assert_string_equal("AmazonSQS.ListQueues", header_of(&made, "X-Amz-Target"));
    assert_string_equal("true", header_of(&made, "x-amzn-query-mode"));
    esc_wire_request_done(&made);
    expect_ok(make("sso", "GetRoleCredentials",
                   "{\"roleName\": \"r\", \"accountId\": \"1\", \"accessToken\": \"t\"}", &made));
    assert_string_equal("t", header_of(&made, "x-amz-sso_bearer_token"));
    esc_wire_request_done(&made);
    esc_wire_request_done(&made);
}

static void what_cannot_be_asked_is_named(void **)
{
    static const struct {
        const char *service, *operation, *params, *message;
    } cases[] = {
        {"ec2", "DescribeVpcs", "{\"Colour\": 1}",
         "DescribeVpcs: DescribeVpcsRequest has no member Colour"},
        {"ec2", "DescribeVpcs", "{\"VpcIds\": \"a\"}", "DescribeVpcs: VpcId must not be a string"},
        {"ec2", "DescribeVpcs", "{\"MaxResults\": \"5\"}",
         "DescribeVpcs: MaxResults must not be a string"},
        {"ec2", "DescribeVpcs", "[]", "DescribeVpcs: parameters must be an object"},
        {"s3", "GetBucketLocation", "{}", "GetBucketLocation: Bucket is missing"},
        {"s3", "GetBucketLocation", "{\"Bucket\": \"..\"}",
         "GetBucketLocation: Bucket cannot be part of a path"},
        {"s3", "GetBucketLocation", "{\"Bucket\": \"\"}",
         "GetBucketLocation: Bucket cannot be part of a path"},
        {"s3", "GetBucketLocation", "{\"Bucket\": \"b\", \"ExpectedBucketOwner\": \"1\\r\\nX: y\"}",
         "GetBucketLocation: ExpectedBucketOwner cannot stand in a header"},
        {"rds", "DescribeEvents", "{\"StartTime\": \"yesterday\"}",
         "DescribeEvents: StartTime must not be a string"},
        {"sqs", "ListQueues", "{\"Colour\": 1}",
         "ListQueues: ListQueuesRequest has no member Colour"},
        {"lambda", "ListFunctions", "{\"Colour\": 1}", "ListFunctions: there is no member Colour"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct esc_wire_request made;
        expect_status(ESC_INVALID,
                      make(cases[i].service, cases[i].operation, cases[i].params, &made));
        assert_string_equal(cases[i].message, err.message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_what_the_protocols_ask_for),
        cmocka_unit_test(json_requests_name_their_target),
        cmocka_unit_test(what_cannot_be_asked_is_named),
    };
    return cmocka_run_group_tests_name("aws/wire_request", tests, NULL, NULL);
}
