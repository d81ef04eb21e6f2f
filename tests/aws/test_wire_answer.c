/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/wire.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "tests/support/test.h"

static struct esc_error err;
static struct esc_aws_fault fault;

/* What the answer becomes; NULL when it is refused. */
static struct esc_json *output_of(const char *service, const char *operation, int status,
                                  const char *body, const struct esc_http_header *header)
{
    const struct esc_http_response response = {
        .status = status,
        .headers = header,
        .header_count = header != NULL,
        .body = esc_str_of(body),
    };
    struct esc_json *output = NULL;
    const struct esc_operation *row = esc_operation_find(service, operation);
    enum esc_status read = esc_wire_answer_read(row, &response, &output, &fault, &err);
    assert_int_equal(read == ESC_OK, output != NULL);
    return output;
}

static void expect_same(const char *service, const char *operation, const char *body,
                        const char *json)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *output = output_of(service, operation, 200, body, NULL);
    ESC_CLEANUP(esc_json_freep) struct esc_json *wanted = NULL;
    expect_ok(esc_json_parse(esc_str_of(json), NULL, &wanted, &err));
    if (!output)
        fail_msg("%s: %s", operation, err.message);
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(output, ESC_JSON_SORTED);
    if (!esc_json_equal(wanted, output))
        fail_msg("%s: %s\ninstead of %s\nof %s", operation, text, json, body);
}

/* Wherever a comment stands, the answer is the same: all that was told up to there comes again. */
static void expect_output(const char *service, const char *operation, const char *body,
                          const char *json)
{
    expect_same(service, operation, body, json);
    for (const char *at = strchr(body, '>'); *body == '<' && at; at = strchr(at + 1, '>')) {
        ESC_CLEANUP(esc_freep)
        char *commented = esc_sprintf("%.*s<!-- c -->%s", (int)(at + 1 - body), body, at + 1);
        expect_same(service, operation, commented, json);
    }
}

static void lists_and_structures_come_out_by_the_names_of_the_model(void **)
{
    expect_output("ec2", "DescribeVpcs",
                  "<?xml version=\"1.0\"?><DescribeVpcsResponse xmlns=\"http://x/\">"
                  "<requestId>r</requestId><vpcSet><item><vpcId>vpc-1</vpcId><isDefault>true"
                  "</isDefault><tagSet><item><key>Name</key><value/></item></tagSet><news>1</news>"
                  "</item><item/></vpcSet><nextToken>t</nextToken></DescribeVpcsResponse>",
                  "{\"Vpcs\": [{\"VpcId\": \"vpc-1\", \"IsDefault\": true, \"Tags\": "
                  "[{\"Key\": \"Name\", \"Value\": \"\"}]}, {}], \"NextToken\": \"t\"}");
    expect_output("rds", "DescribeDBSnapshots",
                  "<R><DescribeDBSnapshotsResult><DBSnapshots><DBSnapshot><AllocatedStorage> 20 "
                  "</AllocatedStorage><SnapshotCreateTime>2026-03-01T09:12:00.5Z"
                  "</SnapshotCreateTime><Port/></DBSnapshot></DBSnapshots>"
                  "</DescribeDBSnapshotsResult></R>",
                  "{\"DBSnapshots\": [{\"AllocatedStorage\": 20, \"SnapshotCreateTime\": "
                  "\"2026-03-01T09:12:00.500000+00:00\"}]}");
    expect_output("sqs", "GetQueueAttributes",
                  "{\"Attributes\": {\"QueueArn\": \"a\"}, \"New\": [1], \"Old\": null}",
                  "{\"Attributes\": {\"QueueArn\": \"a\"}}");
}

static void empty_and_absent_lists_differ(void **)
{
    expect_output("ec2", "DescribeVolumes",
                  "<DescribeVolumesResponse><volumeSet/></DescribeVolumesResponse>",
                  "{\"Volumes\": []}");
    expect_output("ec2", "DescribeVolumes", "<DescribeVolumesResponse></DescribeVolumesResponse>",
                  "{}");
    expect_output("lambda", "ListFunctions", "{\"Functions\": []}", "{\"Functions\": []}");
}

static void what_comes_twice_counts_once(void **)
{
    expect_output("ec2", "DescribeVpcs",
                  "<DescribeVpcsResponse><nextToken>a</nextToken><nextToken>b</nextToken><vpcSet>"
                  "<item/></vpcSet><vpcSet><item/><item/></vpcSet></DescribeVpcsResponse>",
                  "{\"NextToken\": \"a\", \"Vpcs\": [{}]}");
}

/** @source S3 API reference, GetBucketLocation and GetBucketPolicy, "Response syntax" */
static void the_odd_answers_of_s3_are_understood(void **)
{
    expect_output("s3", "GetBucketLocation",
                  "<LocationConstraint xmlns=\"http://s3/\">eu-west-1</LocationConstraint>",
                  "{\"LocationConstraint\": \"eu-west-1\"}");
    expect_output("s3", "GetBucketLocation", "<LocationConstraint xmlns=\"http://s3/\"/>",
                  "{\"LocationConstraint\": null}");
    expect_output("s3", "GetBucketPolicy", "{\"Version\": 1}",
                  "{\"Policy\": \"{\\\"Version\\\": 1}\"}");
    expect_output("s3", "GetBucketAcl",
                  "<AccessControlPolicy><Owner><ID>o</ID></Owner><AccessControlList><Grant>"
                  "<Grantee xmlns:xsi=\"http://x\" xsi:type=\"CanonicalUser\"><ID>o</ID></Grantee>"
                  "<Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>",
                  "{\"Owner\": {\"ID\": \"o\"}, \"Grants\": [{\"Grantee\": {\"Type\": "
                  "\"CanonicalUser\", \"ID\": \"o\"}, \"Permission\": \"READ\"}]}");
    expect_output("s3", "GetPublicAccessBlock",
                  "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls>"
                  "</PublicAccessBlockConfiguration>",
                  "{\"PublicAccessBlockConfiguration\": {\"BlockPublicAcls\": true}}");
    expect_output(
        "s3", "GetBucketLifecycleConfiguration",
        "<LifecycleConfiguration><Rule><ID>a</ID></Rule><Rule><ID>b</ID><Transition>"
        "<Days>3</Days></Transition></Rule></LifecycleConfiguration>",
        "{\"Rules\": [{\"ID\": \"a\"}, {\"ID\": \"b\", \"Transitions\": [{\"Days\": 3}]}]}");
}

static void a_head_is_answered_by_its_headers(void **)
{
    static const struct esc_http_header region = {"X-Amz-Bucket-Region", "eu-west-1"};
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *output = output_of("s3", "HeadBucket", 200, "", &region);
    assert_string_equal("eu-west-1", esc_json_str(output, "BucketRegion", ""));
}

static void policies_of_iam_are_shown_decoded(void **)
{
    expect_output("iam", "GetRolePolicy",
                  "<GetRolePolicyResponse><GetRolePolicyResult><RoleName>r</RoleName>"
                  "<PolicyDocument>%7B%22Version%22%3A%222012-10-17%22%7D</PolicyDocument>"
                  "</GetRolePolicyResult></GetRolePolicyResponse>",
                  "{\"RoleName\": \"r\", \"PolicyDocument\": {\"Version\": \"2012-10-17\"}}");
    expect_output("iam", "GetRolePolicy",
                  "<R><GetRolePolicyResult><PolicyDocument>100%</PolicyDocument>"
                  "</GetRolePolicyResult></R>",
                  "{\"PolicyDocument\": \"100%\"}");
}

static void times_are_written_as_the_cli_writes_them(void **)
{
    static const char *const cases[][2] = {
        {"\"2026-03-01T09:12:00Z\"", "\"2026-03-01T09:12:00+00:00\""},
        {"\"2026-03-01T09:12:00.000Z\"", "\"2026-03-01T09:12:00+00:00\""},
        {"\"2026-03-01T09:12:00.123456789Z\"", "\"2026-03-01T09:12:00.123456+00:00\""},
        {"\"2026-03-01T09:12:00.000+0200\"", "\"2026-03-01T09:12:00+02:00\""},
        {"\"0001-01-01T00:00:00Z\"", "\"0001-01-01T00:00:00+00:00\""},
        {"\"Fri, 24 May 2013 00:00:00 GMT\"", "\"2013-05-24T00:00:00+00:00\""},
        {"\"1421866952\"", "\"2015-01-21T19:02:32+00:00\""},
        {"1421866952", "\"2015-01-21T19:02:32+00:00\""},
        {"1421866952.062", "\"2015-01-21T19:02:32.062000+00:00\""},
        {"0.9999999", "\"1970-01-01T00:00:01+00:00\""},
        {"1e300", "1e300"},
        {"-5", "-5"},
        {"\"soon\"", "\"soon\""},
        {"\"2026-03-01T09:12:00\"", "\"2026-03-01T09:12:00\""},
        {"\"2026-03-01T09:12:00.Z\"", "\"2026-03-01T09:12:00.Z\""},
        {"true", "true"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_freep)
        char *body = esc_sprintf("{\"Table\": {\"CreationDateTime\": %s}}", cases[i][0]);
        ESC_CLEANUP(esc_freep)
        char *wanted = esc_sprintf("{\"Table\": {\"CreationDateTime\": %s}}", cases[i][1]);
        expect_output("dynamodb", "DescribeTable", body, wanted);
    }
}

static void what_is_no_answer_is_corrupt(void **)
{
    static const struct {
        const char *service, *operation, *body;
    } cases[] = {
        {"ec2", "DescribeVpcs", ""},
        {"ec2", "DescribeVpcs", "  \n"},
        {"ec2", "DescribeVpcs", "no"},
        {"ec2", "DescribeVpcs", "<DescribeVpcsResponse><vpcSet>"},
        {"ec2", "DescribeVpcs", "<DescribeSubnetsResponse/>"},
        {"ec2", "DescribeVpcs", "<html><body>Sign in</body></html>"},
        {"ec2", "DescribeVpcs", "<!DOCTYPE html><html></html>"},
        {"ec2", "DescribeVpcs", "{\"Vpcs\": []}"},
        {"ec2", "DescribeImages",
         "<DescribeImagesResponse><imagesSet><item><blockDeviceMapping>"
         "<item><ebs><volumeSize>much</volumeSize></ebs></item>"
         "</blockDeviceMapping></item></imagesSet>"
         "</DescribeImagesResponse>"},
        {"rds", "DescribeDBInstances", "<DescribeDBInstancesResponse/>"},
        {"rds", "DescribeDBInstances",
         "<ErrorResponse><Error><Code>X</Code></Error></ErrorResponse>"},
        {"s3", "ListBuckets", "<HTML/>"},
        {"s3", "ListBuckets", ""},
        {"s3", "GetBucketPolicy", ""},
        {"lambda", "ListFunctions", ""},
        {"lambda", "ListFunctions", "{\"Functions\": [{\"FunctionName\": \"a"},
        {"lambda", "ListFunctions", "[]"},
        {"lambda", "ListFunctions", "null"},
        {"lambda", "ListFunctions", "{\"Functions\": {}}"},
        {"lambda", "ListFunctions", "<html></html>"},
        {"sqs", "ListQueues", ""},
        {"sqs", "ListQueues", "\"\""},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        assert_null(output_of(cases[i].service, cases[i].operation, 200, cases[i].body, NULL));
        if (err.status != ESC_CORRUPT)
            fail_msg("%s: %s", cases[i].body, err.message);
        assert_string_equal("", fault.code);
        assert_int_equal(200, fault.http_status);
    }
}

/* `around` times the opening, `count` times the element, `around` times the closing text. */
static void expect_limit(const char *service, const char *operation, const char *parts[5],
                         size_t around, size_t count)
{
    struct esc_buf body;
    esc_buf_init(&body, ESC_MAX_RESPONSE);
    esc_buf_add_text(&body, parts[0]);
    for (size_t i = 0; i < around; i++)
        esc_buf_add_text(&body, parts[1]);
    for (size_t i = 0; i < count; i++)
        esc_buf_add_text(&body, parts[2]);
    for (size_t i = 0; i < around; i++)
        esc_buf_add_text(&body, parts[3]);
    esc_buf_add_text(&body, parts[4]);
    assert_null(output_of(service, operation, 200, esc_buf_text(&body), NULL));
    assert_int_equal(ESC_LIMIT, err.status);
    esc_buf_done(&body);
}

static void answers_have_ceilings(void **)
{
    static const char *xml[] = {"<DescribeVpcsResponse>", "<a>", "<b/>", "</a>",
                                "</DescribeVpcsResponse>"};
    static const char *json[] = {"{\"Functions\": ", "[", "1,", "]", "}"};
    expect_limit("ec2", "DescribeVpcs", xml, ESC_WIRE_MAX_DEPTH, 0);
    expect_limit("ec2", "DescribeVpcs", xml, 0, ESC_WIRE_MAX_ELEMENTS);
    expect_limit("lambda", "ListFunctions", json, ESC_WIRE_MAX_DEPTH, 0);
    expect_limit("lambda", "ListFunctions", json, 1, ESC_WIRE_MAX_ELEMENTS);
}

static void refusals_say_their_code_in_every_shape(void **)
{
    static const struct esc_http_header type = {"x-amzn-ErrorType", "TooMany:http://x/"};
    static const struct esc_http_header old = {"X-Amzn-Query-Error", "AWS.Gone;Sender"};
    static const struct {
        const char *service, *operation;
        int http_status;
        const char *body;
        const struct esc_http_header *header;
        const char *code, *message;
        enum esc_status status;
    } cases[] = {
        {"ec2", "DescribeVpcs", 403,
         "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You may "
         "not.</Message>"
         "</Error></Errors><RequestID>r</RequestID></Response>",
         NULL, "UnauthorizedOperation", "You may not.", ESC_DENIED},
        {"rds", "DescribeDBInstances", 400,
         "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded"
         "</Message></Error><RequestId>r</RequestId></ErrorResponse>",
         NULL, "Throttling", "Rate exceeded", ESC_THROTTLED},
        {"s3", "GetBucketTagging", 404,
         "<Error><Code>NoSuchTagSet</Code><Message>none</Message></Error>", NULL, "NoSuchTagSet",
         "none", ESC_INVALID},
        {"s3", "ListBuckets", 200, "<Error><Code>SlowDown</Code><Message>later</Message></Error>",
         NULL, "SlowDown", "later", ESC_THROTTLED},
        {"route53", "ListHostedZones", 400,
         "<ErrorResponse><Error><Code>InvalidInput</Code><Message>m</Message></Error>"
         "</ErrorResponse>",
         NULL, "InvalidInput", "m", ESC_INVALID},
        {"dynamodb", "DescribeTable", 400,
         "{\"__type\": \"com.amazon.coral#ResourceNotFoundException:x\", \"Message\": \"m\"}", NULL,
         "ResourceNotFoundException", "m", ESC_INVALID},
        {"lambda", "ListFunctions", 429, "{\"message\": \"slow\", \"Type\": \"User\"}", &type,
         "TooMany", "slow", ESC_THROTTLED},
        {"eks", "DescribeCluster", 404, "{\"code\": \"ResourceNotFound\", \"message\": \"m\"}",
         NULL, "ResourceNotFound", "m", ESC_INVALID},
        {"sqs", "GetQueueAttributes", 400, "{\"__type\": \"x#QueueDoesNotExist\"}", &old,
         "AWS.Gone", "", ESC_INVALID},
        {"lambda", "ListFunctions", 403, "{\"message\": \"Forbidden\"}", NULL, "403", "Forbidden",
         ESC_DENIED},
        {"s3", "HeadBucket", 404, "", NULL, "404", "Not Found", ESC_INVALID},
        {"ec2", "DescribeVpcs", 500, "<html><body>oops</body></html>", NULL, "500",
         "Internal Server Error", ESC_UNAVAILABLE},
        {"rds", "DescribeDBInstances", 503, "", NULL, "503", "Service Unavailable",
         ESC_UNAVAILABLE},
        {"ec2", "DescribeVpcs", 403, "<html><body>Blocked by policy</body></html>", NULL, "", "",
         ESC_CORRUPT},
        {"lambda", "ListFunctions", 403, "<!DOCTYPE html>", NULL, "", "", ESC_CORRUPT},
        {"sqs", "ListQueues", 400, "[1]", NULL, "", "", ESC_CORRUPT},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        assert_null(output_of(cases[i].service, cases[i].operation, cases[i].http_status,
                              cases[i].body, cases[i].header));
        assert_string_equal(cases[i].code, fault.code);
        assert_string_equal(cases[i].message, fault.message);
        assert_int_equal(cases[i].status, err.status);
    }
}

static void s3_says_where_the_bucket_is(void **)
{
    static const struct esc_http_header region = {"x-amz-bucket-region", "eu-west-1"};
    static const struct esc_http_header hostile = {"x-amz-bucket-region", "evil.example/"};
    assert_null(output_of("s3", "GetBucketTagging", 301, "", &region));
    assert_string_equal("eu-west-1", fault.bucket_region);
    assert_null(output_of("s3", "GetBucketTagging", 400,
                          "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-2"
                          "</Region></Error>",
                          NULL));
    assert_string_equal("eu-west-2", fault.bucket_region);
    assert_null(output_of("s3", "GetBucketTagging", 301, "", &hostile));
    assert_string_equal("", fault.bucket_region);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_and_structures_come_out_by_the_names_of_the_model),
        cmocka_unit_test(empty_and_absent_lists_differ),
        cmocka_unit_test(what_comes_twice_counts_once),
        cmocka_unit_test(the_odd_answers_of_s3_are_understood),
        cmocka_unit_test(a_head_is_answered_by_its_headers),
        cmocka_unit_test(policies_of_iam_are_shown_decoded),
        cmocka_unit_test(times_are_written_as_the_cli_writes_them),
        cmocka_unit_test(what_is_no_answer_is_corrupt),
        cmocka_unit_test(answers_have_ceilings),
        cmocka_unit_test(refusals_say_their_code_in_every_shape),
        cmocka_unit_test(s3_says_where_the_bucket_is),
    };
    return cmocka_run_group_tests_name("aws/wire_answer", tests, NULL, NULL);
}
