/* SPDX-License-Identifier: Apache-2.0 */

/* When two answers are the same: what is another each time is passed over, and nothing else. */

#include <string.h>

#include "escher/aws/read_private.h"
#include "escher/aws/wire.h"
#include "tests/support/test.h"

static struct esc_error err;

struct mark {
    uint8_t bytes[ESC_SHA256_SIZE];
};

static struct mark mark_of(const char *service, const char *operation, const char *body,
                           const char *header, const char *value)
{
    const struct esc_http_header with = {header, value};
    const struct esc_http_response response = {
        .status = 200, .headers = &with, .header_count = header != NULL, .body = esc_str_of(body)};
    const struct esc_operation *row = esc_operation_find(service, operation);
    ESC_CLEANUP(esc_digest_freep) struct esc_digest *digest = esc_digest_new();
    ESC_CLEANUP(esc_json_freep) struct esc_json *output = NULL;
    struct esc_aws_fault fault;
    struct mark mark;
    expect_ok(esc_wire_answer_read(row, &response, &output, &fault, &err));
    read_mark_page(digest, row, &response, output);
    esc_digest_finish(digest, mark.bytes);
    return mark;
}

static bool are_same(const char *service, const char *operation, const char *one, const char *other)
{
    const struct mark a = mark_of(service, operation, one, NULL, NULL);
    const struct mark b = mark_of(service, operation, other, NULL, NULL);
    return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

#define VPCS(id, rest)                                                                             \
    "<DescribeVpcsResponse><requestId>" id "</requestId><vpcSet><item><vpcId>vpc-1</vpcId>" rest   \
    "</item></vpcSet></DescribeVpcsResponse>"

static void the_id_of_a_request_is_none_of_its_answer(void **)
{
    assert_true(are_same("ec2", "DescribeVpcs", VPCS("a-1", ""), VPCS("b-22", "")));
    assert_false(
        are_same("ec2", "DescribeVpcs", VPCS("a-1", ""), VPCS("a-1", "<state>available</state>")));
    assert_false(are_same("ec2", "DescribeVpcs", VPCS("a-1", "<state>available</state>"),
                          VPCS("a-1", "<state>pending</state>")));
}

#define TOPICS(arn, token, id)                                                                     \
    "<ListTopicsResponse><ListTopicsResult><Topics><member><TopicArn>" arn                         \
    "</TopicArn></member></Topics>" token "</ListTopicsResult><ResponseMetadata><RequestId>" id    \
    "</RequestId></ResponseMetadata></ListTopicsResponse>"
#define TOKEN(text) "<NextToken>" text "</NextToken>"

static void the_token_of_the_next_page_is_none_of_its_answer(void **)
{
    assert_true(are_same("sns", "ListTopics", TOPICS("a", TOKEN("AAAAAAAAAAAAAAAAAAAA"), "1"),
                         TOPICS("a", TOKEN("BBBBBBBBBBBBBBBBBBBBBBBB"), "2")));
    assert_false(are_same("sns", "ListTopics", TOPICS("a", TOKEN("AAAAAAAAAAAAAAAAAAAA"), "1"),
                          TOPICS("b", TOKEN("AAAAAAAAAAAAAAAAAAAA"), "1")));
    assert_false(are_same("sns", "ListTopics", TOPICS("a", TOKEN("AAAAAAAAAAAAAAAAAAAA"), "1"),
                          TOPICS("a", "", "1"))); /* there is no next page */
    assert_false(are_same("sns", "ListTopics", TOPICS("a", TOKEN("5"), "1"),
                          TOPICS("a", TOKEN("6"), "1"))); /* too short to be told apart */
}

#define CLUSTER(until, status)                                                                     \
    "<DBCluster><DBClusterIdentifier>a</DBClusterIdentifier><LatestRestorableTime>" until          \
    "</LatestRestorableTime><Status>" status "</Status></DBCluster>"
#define CLUSTERS(a, b)                                                                             \
    "<DescribeDBClustersResponse><DescribeDBClustersResult><DBClusters>" a b                       \
    "</DBClusters></DescribeDBClustersResult></DescribeDBClustersResponse>"

static void how_far_back_a_database_goes_is_none_of_its_answer(void **)
{
    static const char one[] = CLUSTERS(CLUSTER("2026-11-22T08:00:00Z", "available"),
                                       CLUSTER("2026-11-22T08:01:00Z", "available"));
    assert_true(are_same("rds", "DescribeDBClusters", one,
                         CLUSTERS(CLUSTER("2026-11-22T08:05:00Z", "available"),
                                  CLUSTER("2026-11-22T08:06:00Z", "available"))));
    assert_false(are_same("rds", "DescribeDBClusters", one,
                          CLUSTERS(CLUSTER("2026-11-22T08:00:00Z", "available"),
                                   CLUSTER("2026-11-22T08:01:00Z", "stopped"))));
    assert_false(are_same("rds", "DescribeDBClusters", one,
                          CLUSTERS(CLUSTER("2026-11-22T08:00:00Z", "available"), "")));
}

static void an_id_that_does_not_stand_in_the_envelope_counts(void **)
{
    char filler[2000];
    memset(filler, 'x', sizeof filler - 1);
    filler[sizeof filler - 1] = '\0';
    ESC_CLEANUP(esc_freep)
    char *one = esc_sprintf(TOPICS("%s<RequestId>1</RequestId>%s", "", "id"), filler, filler);
    ESC_CLEANUP(esc_freep)
    char *other = esc_sprintf(TOPICS("%s<RequestId>2</RequestId>%s", "", "id"), filler, filler);
    assert_false(are_same("sns", "ListTopics", one, other));
}

static void what_a_header_says_counts(void **)
{
    static const char head[] = "x-amz-bucket-region";
    const struct mark one = mark_of("s3", "HeadBucket", "", head, "us-east-1");
    const struct mark same = mark_of("s3", "HeadBucket", "", head, "us-east-1");
    const struct mark other = mark_of("s3", "HeadBucket", "", head, "us-west-2");
    assert_memory_equal(one.bytes, same.bytes, sizeof one.bytes);
    assert_true(memcmp(one.bytes, other.bytes, sizeof one.bytes) != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_id_of_a_request_is_none_of_its_answer),
        cmocka_unit_test(the_token_of_the_next_page_is_none_of_its_answer),
        cmocka_unit_test(how_far_back_a_database_goes_is_none_of_its_answer),
        cmocka_unit_test(an_id_that_does_not_stand_in_the_envelope_counts),
        cmocka_unit_test(what_a_header_says_counts),
    };
    return cmocka_run_group_tests_name("aws/read_mark", tests, NULL, NULL);
}
