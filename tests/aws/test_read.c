/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/read.h"

#include "escher/aws/aws_private.h"
#include "escher/aws/pace_private.h"
#include "tests/aws/fake_replies.h"

static struct esc_error err;

#define VOLUMES(ids, token)                                                                        \
    "<DescribeVolumesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>r"     \
    "</requestId><volumeSet>" ids "</volumeSet>" token "</DescribeVolumesResponse>"
#define ID(id) "<item><volumeId>" id "</volumeId></item>"
#define TOKEN(text) "<nextToken>" text "</nextToken>"
#define REFUSAL(code, message)                                                                     \
    "<Response><Errors><Error><Code>" code "</Code><Message>" message                              \
    "</Message></Error></Errors><RequestID>r</RequestID></Response>"

struct bench {
    struct esc_loop *loop;
    struct esc_aws *aws;
    struct fake_replies fake;
    struct esc_clock_fixed clock;
    struct esc_random random; /* no wait is longer than nothing */
    struct esc_credentials *keys, *new_keys;
    struct esc_aws_reading *reading;
    unsigned done, pages;
    char pages_text[1024]; /* each page as JSON, a line */
    enum esc_error_category category;
    char code[64], message[640];
    struct esc_json *output;
    struct esc_aws_read_result result;
    bool renews, cancels_in_page;
    uint64_t page_takes_ms; /* by the clock that is given */
    unsigned asked_to_renew;
};

static void fill_with_nothing(void *, void *bytes, size_t len)
{
    memset(bytes, 0, len);
}

static int set_up(void **state)
{
    struct bench *bench = esc_alloc_zero(sizeof *bench);
    esc_clock_fixed_init(&bench->clock, esc_clock_wall_ms(esc_clock_system()));
    bench->random.fill = fill_with_nothing;
    const struct esc_aws_options options = {.clock = &bench->clock.clock, .random = &bench->random};
    expect_ok(esc_loop_new(&bench->loop, &err));
    expect_ok(esc_aws_new(bench->loop, &options, &bench->aws, &err));
    fake_open(&bench->fake, bench->loop);
    bench->keys = esc_credentials_new("AKIAOLD", "hunter2", "TOPSECRET", 0);
    bench->new_keys = esc_credentials_new("AKIANEW", "hunter3", NULL, 0);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    esc_aws_free(bench->aws);
    fake_close(&bench->fake);
    esc_loop_free(bench->loop);
    esc_credentials_free(bench->keys);
    esc_credentials_free(bench->new_keys);
    esc_json_free(bench->output);
    free(bench);
    return 0;
}

static void on_page(void *context, const struct esc_json *output)
{
    struct bench *bench = context;
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(output, ESC_JSON_SORTED);
    const size_t used = strlen(bench->pages_text);
    bench->pages++;
    assert_true(used + strlen(text) + 2 < sizeof bench->pages_text);
    memcpy(bench->pages_text + used, text, strlen(text) + 1);
    bench->clock.monotonic_ms += bench->page_takes_ms;
    if (bench->cancels_in_page)
        esc_aws_read_cancel(bench->reading);
}

static void on_done(void *context, const struct esc_aws_read_result *result)
{
    struct bench *bench = context;
    bench->done++;
    bench->reading = NULL;
    bench->category = result->category;
    bench->result = *result;
    fake_keep(bench->code, sizeof bench->code, esc_str_of(result->code));
    fake_keep(bench->message, sizeof bench->message, esc_str_of(result->message));
    esc_json_free(bench->output);
    bench->output = result->output ? esc_json_ref(result->output) : NULL;
}

static void on_expired(void *context, struct esc_aws_reading *reading)
{
    struct bench *bench = context;
    bench->asked_to_renew++;
    esc_aws_read_renew(reading, bench->renews ? bench->new_keys : NULL);
}

static struct esc_aws_read read_of(struct bench *bench, const char *service, const char *operation)
{
    return (struct esc_aws_read){
        .credentials = bench->keys,
        .account_id = "123456789012",
        .place = {.region = "eu-west-1",
                  .endpoint_url = esc_http_listener_url(bench->fake.listener)},
        .operation = esc_operation_find(service, operation),
        .on_expired = on_expired,
    };
}

static void begin(struct bench *bench, const struct esc_aws_read *read)
{
    bench->done = bench->pages = 0;
    bench->pages_text[0] = '\0';
    bench->reading = esc_aws_read(bench->aws, read, on_done, bench);
    assert_int_equal(0, bench->done);
}

/* Time for buckets to fill again goes by as fast as the loop turns. */
static void finish(struct bench *bench)
{
    while (bench->done == 0) {
        bench->clock.monotonic_ms += 20;
        aws_pace_soon(bench->aws);
        esc_loop_turn(bench->loop);
    }
    assert_int_equal(1, bench->done);
    assert_null(strstr(bench->message, "hunter2"));
    assert_null(strstr(bench->message, "TOPSECRET"));
}

static void read_volumes(struct bench *bench)
{
    const struct esc_aws_read read = read_of(bench, "ec2", "DescribeVolumes");
    begin(bench, &read);
    finish(bench);
}

#define expect_output(expected, bench)                                                             \
    do {                                                                                           \
        ESC_CLEANUP(esc_freep)                                                                     \
        char *text_ = esc_json_print((bench)->output, ESC_JSON_SORTED);                            \
        assert_string_equal((expected), text_);                                                    \
    } while (false)

static void a_read_is_signed_for_its_region_and_service(void **state)
{
    struct bench *bench = *state;
    static const struct fake_reply replies[] = {{200, VOLUMES(ID("vol-1"), ""), NULL, NULL}};
    FAKE_REPLIES(&bench->fake, replies);
    read_volumes(bench);
    assert_int_equal(ESC_CATEGORY_NONE, bench->category);
    expect_output("{\"Volumes\":[{\"VolumeId\":\"vol-1\"}]}", bench);
    expect_contains("AWS4-HMAC-SHA256 Credential=AKIAOLD/", bench->fake.authorization);
    expect_contains("/eu-west-1/ec2/aws4_request", bench->fake.authorization);
    expect_contains("x-amz-security-token", bench->fake.authorization);
    assert_string_equal("TOPSECRET", bench->fake.token);
    expect_contains("Action=DescribeVolumes", bench->fake.body);
    expect_contains("MaxResults=", bench->fake.body);
    assert_int_equal(1, bench->result.page_count);
    assert_int_equal(1, bench->result.call_count);
}

static const struct fake_reply three_pages[] = {
    {200, VOLUMES(ID("vol-1"), TOKEN("a/+=")), NULL, NULL},
    {200, VOLUMES("", TOKEN("b")), NULL, NULL}, /* empty, and yet not the last */
    {200, VOLUMES(ID("vol-2") ID("vol-3"), ""), NULL, NULL},
};

static void pages_are_handed_on_as_they_come(void **state)
{
    struct bench *bench = *state;
    struct esc_aws_read read = read_of(bench, "ec2", "DescribeVolumes");
    FAKE_REPLIES(&bench->fake, three_pages);
    read.on_page = on_page;
    begin(bench, &read);
    finish(bench);
    assert_int_equal(2, bench->pages);
    expect_contains("{\"NextToken\":\"a/+=\",\"Volumes\":[{\"VolumeId\":\"vol-1\"}]}",
                    bench->pages_text);
    expect_output("{\"Volumes\":[{\"VolumeId\":\"vol-2\"},{\"VolumeId\":\"vol-3\"}]}", bench);
    assert_int_equal(3, bench->result.page_count);
    expect_contains("NextToken=b", bench->fake.body);
}

static void pages_nobody_takes_are_joined_and_lose_their_tokens(void **state)
{
    struct bench *bench = *state;
    FAKE_REPLIES(&bench->fake, three_pages);
    read_volumes(bench);
    expect_output("{\"Volumes\":[{\"VolumeId\":\"vol-1\"},{\"VolumeId\":\"vol-2\"},"
                  "{\"VolumeId\":\"vol-3\"}]}",
                  bench);
}

static void a_token_that_repeats_ends_the_read(void **state)
{
    struct bench *bench = *state;
    static const struct fake_reply replies[] = {
        {200, VOLUMES(ID("vol-1"), TOKEN("a")), NULL, NULL},
        {200, VOLUMES(ID("vol-1"), TOKEN("b")), NULL, NULL},
        {200, VOLUMES(ID("vol-1"), TOKEN("a")), NULL, NULL},
    };
    FAKE_REPLIES(&bench->fake, replies);
    read_volumes(bench);
    assert_int_equal(ESC_CATEGORY_SERVICE, bench->category);
    assert_string_equal("a page token came a second time", bench->message);
    assert_int_equal(3, bench->fake.call_count);
    assert_null(bench->output);
}

static void what_passes_is_asked_again_and_what_does_not_is_not(void **state)
{
    struct bench *bench = *state;
    static const struct {
        struct fake_reply reply;
        enum esc_error_category category;
        const char *code, *message;
        unsigned calls;
    } cases[] = {
        {{503, REFUSAL("RequestLimitExceeded", "slow down"), NULL, NULL},
         ESC_CATEGORY_THROTTLE,
         "RequestLimitExceeded",
         "slow down",
         12},
        {{500, REFUSAL("InternalError", "oh"), NULL, NULL},
         ESC_CATEGORY_SERVICE,
         "InternalError",
         "oh",
         3},
        {{503, "<html>busy</html>", NULL, NULL}, ESC_CATEGORY_SERVICE, "503", "", 3},
        {{200, "<html>log in</html>", NULL, NULL}, ESC_CATEGORY_SERVICE, "", "", 3},
        {{200, "<DescribeVolumesResponse><volumeSet><item><volumeId>vol-1</vol", NULL, NULL},
         ESC_CATEGORY_SERVICE,
         "",
         "",
         3},
        {{403, REFUSAL("UnauthorizedOperation", "no"), NULL, NULL},
         ESC_CATEGORY_PERMISSION,
         "UnauthorizedOperation",
         "no",
         1},
        {{401, REFUSAL("AuthFailure", "no"), NULL, NULL},
         ESC_CATEGORY_AUTH,
         "AuthFailure",
         "no",
         1},
        {{400, REFUSAL("InvalidParameterValue", "no"), NULL, NULL},
         ESC_CATEGORY_VALIDATION,
         "InvalidParameterValue",
         "no",
         1},
        {{404, "<!DOCTYPE html><html></html>", NULL, NULL}, ESC_CATEGORY_NOT_FOUND, "404", "", 1},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        bench->fake.replies = &cases[i].reply;
        bench->fake.reply_count = 1;
        bench->fake.call_count = 0;
        read_volumes(bench);
        if (bench->category != cases[i].category || bench->fake.call_count != cases[i].calls)
            fail_msg("case %zu: category %d after %zu calls: %s", i, (int)bench->category,
                     bench->fake.call_count, bench->message);
        assert_string_equal(cases[i].code, bench->code);
        expect_contains(cases[i].message, bench->message);
        assert_int_equal(cases[i].calls, bench->result.call_count);
        assert_null(bench->output);
    }
}

static void trouble_that_passes_leaves_a_whole_answer(void **state)
{
    struct bench *bench = *state;
    static const struct fake_reply replies[] = {
        {500, "", NULL, NULL},
        {400, REFUSAL("Throttling", ""), NULL, NULL},
        {200, VOLUMES(ID("vol-1"), TOKEN("a")), NULL, NULL},
        {503, REFUSAL("ServiceUnavailable", ""), NULL, NULL},
        {502, "<html/>", NULL, NULL}, /* each page has its own attempts */
        {200, VOLUMES(ID("vol-2"), ""), NULL, NULL},
    };
    FAKE_REPLIES(&bench->fake, replies);
    read_volumes(bench);
    expect_output("{\"Volumes\":[{\"VolumeId\":\"vol-1\"},{\"VolumeId\":\"vol-2\"}]}", bench);
    assert_int_equal(6, bench->result.call_count);
    assert_int_equal(1, bench->result.throttled_count);
    assert_int_equal(2, bench->result.page_count);
}

static void a_page_token_that_expired_starts_the_list_once_more(void **state)
{
    struct bench *bench = *state;
    static const struct fake_reply replies[] = {
        {200, VOLUMES(ID("vol-1"), TOKEN("a")), NULL, NULL},
        {400, REFUSAL("InvalidNextToken", "expired"), NULL, NULL},
        {200, VOLUMES(ID("vol-1"), TOKEN("a")), NULL, NULL},
        {200, VOLUMES(ID("vol-2"), ""), NULL, NULL},
    };
    FAKE_REPLIES(&bench->fake, replies);
    read_volumes(bench);
    expect_output("{\"Volumes\":[{\"VolumeId\":\"vol-1\"},{\"VolumeId\":\"vol-2\"}]}", bench);
    bench->fake.reply_count = 2;
    bench->fake.call_count = 0;
    read_volumes(bench); /* and then never again */
    assert_int_equal(ESC_CATEGORY_VALIDATION, bench->category);
    assert_string_equal("InvalidNextToken", bench->code);
    assert_int_equal(3, bench->fake.call_count);
}

static void expired_credentials_are_renewed_once(void **state)
{
    struct bench *bench = *state;
    static const struct fake_reply replies[] = {
        {200, VOLUMES(ID("vol-1"), TOKEN("a")), NULL, NULL},
        {400, REFUSAL("RequestExpired", "gone"), NULL, NULL},
        {200, VOLUMES(ID("vol-2"), ""), NULL, NULL},
    };
    FAKE_REPLIES(&bench->fake, replies);
    bench->renews = true;
    read_volumes(bench); /* goes on where it was */
    expect_output("{\"Volumes\":[{\"VolumeId\":\"vol-1\"},{\"VolumeId\":\"vol-2\"}]}", bench);
    expect_contains("Credential=AKIANEW/", bench->fake.authorization);
    assert_int_equal(1, bench->asked_to_renew);
    bench->fake.reply_count = 2;
    bench->fake.call_count = 0;
    read_volumes(bench); /* the new ones are called expired as well */
    assert_int_equal(ESC_CATEGORY_AUTH, bench->category);
    assert_string_equal("RequestExpired", bench->code);
    assert_int_equal(2, bench->asked_to_renew);
    bench->renews = false;
    read_volumes(bench); /* there are none */
    assert_int_equal(ESC_CATEGORY_AUTH, bench->category);
    assert_string_equal("gone", bench->message);
}

static void a_clock_that_is_off_is_corrected_once(void **state)
{
    struct bench *bench = *state;
    static const struct fake_reply replies[] = {{200, VOLUMES(ID("vol-1"), ""), NULL, NULL}};
    FAKE_REPLIES(&bench->fake, replies);
    bench->fake.strict_clock = true;
    bench->clock.wall_ms += 24ull * 3600 * 1000; /* more is not believed */
    read_volumes(bench);
    assert_int_equal(ESC_CATEGORY_NONE, bench->category);
    assert_int_equal(2, bench->result.call_count);
    read_volumes(bench); /* it is remembered */
    assert_int_equal(1, bench->result.call_count);
}

static void a_bucket_elsewhere_is_asked_there(void **state)
{
    struct bench *bench = *state;
    static const struct fake_reply replies[] = {
        {301, "<Error><Code>PermanentRedirect</Code></Error>", "x-amz-bucket-region", "us-west-2"},
        {200,
         "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
         "<Status>Enabled</Status></VersioningConfiguration>",
         NULL, NULL},
    };
    FAKE_REPLIES(&bench->fake, replies);
    struct esc_aws_read read = read_of(bench, "s3", "GetBucketVersioning");
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = esc_json_object();
    esc_json_set_text(params, "Bucket", "some-bucket");
    read.params = params;
    begin(bench, &read);
    finish(bench);
    expect_output("{\"Status\":\"Enabled\"}", bench);
    expect_contains("/us-west-2/s3/aws4_request", bench->fake.authorization);
    assert_string_equal("/some-bucket?versioning", bench->fake.target);
}

static void services_that_speak_json_are_paged_too(void **state)
{
    struct bench *bench = *state;
    static const struct fake_reply replies[] = {
        {200, "{\"ResourceTagMappingList\":[{\"ResourceARN\":\"a\"}],\"PaginationToken\":\"t\"}",
         NULL, NULL},
        {200, "{\"ResourceTagMappingList\":[{\"ResourceARN\":\"b\"}],\"PaginationToken\":\"\"}",
         NULL, NULL},
    };
    FAKE_REPLIES(&bench->fake, replies);
    const struct esc_aws_read read = read_of(bench, "resourcegroupstaggingapi", "GetResources");
    begin(bench, &read);
    finish(bench);
    expect_output("{\"ResourceTagMappingList\":[{\"ResourceARN\":\"a\"},{\"ResourceARN\":\"b\"}]}",
                  bench);
    expect_contains("\"PaginationToken\":\"t\"", bench->fake.body);
    expect_contains("/eu-west-1/tagging/aws4_request", bench->fake.authorization);
    assert_string_equal("ResourceGroupsTaggingAPI_20170126.GetResources", bench->fake.amz_target);
}

static void what_takes_too_long_is_given_up(void **state)
{
    struct bench *bench = *state;
    static const struct fake_reply never[] = {{200, NULL, NULL, NULL}};
    FAKE_REPLIES(&bench->fake, never);
    struct esc_aws_read read = read_of(bench, "ec2", "DescribeVolumes");
    read.deadline_ms = 50;
    begin(bench, &read);
    finish(bench);
    assert_int_equal(ESC_CATEGORY_TIMEOUT, bench->category);
}

static void each_page_has_time_of_its_own(void **state)
{
    struct bench *bench = *state;
    FAKE_REPLIES(&bench->fake, three_pages);
    struct esc_aws_read read = read_of(bench, "ec2", "DescribeVolumes");
    read.on_page = on_page;
    read.deadline_ms = 120'000;
    bench->page_takes_ms = 100'000;
    begin(bench, &read);
    finish(bench);
    assert_int_equal(ESC_CATEGORY_NONE, bench->category);
    assert_int_equal(2, bench->pages);
}

static void all_pages_of_a_list_have_a_quarter_of_an_hour(void **state)
{
    struct bench *bench = *state;
    FAKE_REPLIES(&bench->fake, three_pages);
    struct esc_aws_read read = read_of(bench, "ec2", "DescribeVolumes");
    read.on_page = on_page;
    bench->page_takes_ms = 7 * 60'000;
    begin(bench, &read);
    finish(bench);
    assert_int_equal(ESC_CATEGORY_NONE, bench->category);
    bench->pages = 0;
    FAKE_REPLIES(&bench->fake, three_pages);
    bench->page_takes_ms = 8 * 60'000;
    begin(bench, &read);
    finish(bench);
    assert_int_equal(ESC_CATEGORY_TIMEOUT, bench->category);
    assert_string_equal("no whole answer within 900 s", bench->message);
    assert_int_equal(2, bench->pages);
}

static void what_is_global_has_one_rate_for_all_regions(void **state)
{
    struct bench *bench = *state;
    static const struct fake_reply never[] = {{200, NULL, NULL, NULL}};
    FAKE_REPLIES(&bench->fake, never);
    struct esc_aws_read read = read_of(bench, "iam", "ListRoles");
    const struct aws_turn_key key = {read.account_id ? read.account_id : "AKIAOLD", "us-east-1",
                                     "iam", "ListRoles", false};
    struct aws_turn turn;
    struct esc_aws_reading *readings[2];
    for (size_t i = 0; i < ESC_COUNT(readings); i++) {
        read.place.region = i ? "eu-west-1" : "us-west-2";
        readings[i] = esc_aws_read(bench->aws, &read, on_done, bench);
    }
    while (bench->fake.call_count < 2)
        esc_loop_turn(bench->loop);
    aws_turn_init(&turn, bench->aws->pace, &key, 0);
    assert_int_equal(2, *turn.at_endpoint);
    esc_aws_read_cancel(readings[0]);
    esc_aws_read_cancel(readings[1]);
    while (bench->done < 2)
        esc_loop_turn(bench->loop);
}

static void nobody_at_the_endpoint_is_a_matter_of_the_network(void **state)
{
    struct bench *bench = *state;
    ESC_CLEANUP(esc_freep) char *url = esc_strdup(esc_http_listener_url(bench->fake.listener));
    struct esc_aws_read read = read_of(bench, "ec2", "DescribeVolumes");
    read.place.endpoint_url = url;
    esc_http_listener_close(ESC_STEAL(bench->fake.listener));
    begin(bench, &read);
    finish(bench);
    assert_int_equal(ESC_CATEGORY_NETWORK, bench->category);
    assert_int_equal(3, bench->result.call_count);
}

static void reads_can_be_cancelled_wherever_they_are(void **state)
{
    struct bench *bench = *state;
    static const struct fake_reply never[] = {{200, NULL, NULL, NULL}};
    FAKE_REPLIES(&bench->fake, never);
    struct esc_aws_read read = read_of(bench, "ec2", "DescribeVolumes");
    begin(bench, &read); /* waiting */
    esc_aws_read_cancel(bench->reading);
    esc_aws_read_cancel(bench->reading);
    assert_int_equal(0, bench->done);
    finish(bench);
    assert_int_equal(ESC_CATEGORY_CANCELLED, bench->category);
    assert_int_equal(0, bench->fake.call_count);
    begin(bench, &read); /* called */
    while (bench->fake.call_count == 0)
        esc_loop_turn(bench->loop);
    esc_aws_read_cancel(bench->reading);
    finish(bench);
    assert_int_equal(ESC_CATEGORY_CANCELLED, bench->category);
    FAKE_REPLIES(&bench->fake, three_pages); /* between two pages */
    read.on_page = on_page;
    bench->cancels_in_page = true;
    begin(bench, &read);
    finish(bench);
    assert_int_equal(ESC_CATEGORY_CANCELLED, bench->category);
    assert_int_equal(1, bench->pages);
}

static void freeing_ends_what_is_under_way(void **state)
{
    struct bench *bench = *state;
    static const struct fake_reply never[] = {{200, NULL, NULL, NULL}};
    FAKE_REPLIES(&bench->fake, never);
    const struct esc_aws_read read = read_of(bench, "ec2", "DescribeVolumes");
    begin(bench, &read);
    while (bench->fake.call_count == 0)
        esc_loop_turn(bench->loop);
    (void)esc_aws_read(bench->aws, &read, on_done, bench); /* waits */
    esc_aws_free(ESC_STEAL(bench->aws));
    assert_int_equal(2, bench->done);
    assert_int_equal(ESC_CATEGORY_CANCELLED, bench->category);
}

static bool are_done(void *context)
{
    return ((struct bench *)context)->done == 40;
}

static void calls_go_side_by_side_up_to_sixteen(void **state)
{
    struct bench *bench = *state;
    static const char *const regions[] = {"a", "b", "c", "d", "e"};
    static const struct fake_reply replies[] = {{200, VOLUMES(ID("vol-1"), ""), NULL, NULL}};
    FAKE_REPLIES(&bench->fake, replies);
    bench->fake.delay_ms = 20; /* time for one too many */
    bench->fake.gather = 16;
    struct esc_aws_read read = read_of(bench, "ec2", "DescribeVolumes");
    for (size_t i = 0; i < 40; i++) {
        read.place.region = regions[i % ESC_COUNT(regions)];
        (void)esc_aws_read(bench->aws, &read, on_done, bench);
    }
    assert_true(esc_loop_run_until(bench->loop, are_done, bench));
    assert_int_equal(16, bench->fake.most_there);
    assert_int_equal(40, bench->fake.call_count);
    FAKE_REPLIES(&bench->fake, replies);
    bench->fake.gather = 4;
    bench->done = 0;
    read.place.region = "a";
    for (size_t i = 0; i < 40; i++)
        (void)esc_aws_read(bench->aws, &read, on_done, bench);
    assert_true(esc_loop_run_until(bench->loop, are_done, bench));
    assert_int_equal(4, bench->fake.most_there);
}

static void what_changes_something_is_sent_once_whatever_comes_back(void **state)
{
    static const struct {
        struct fake_reply reply;
        enum esc_error_category category;
    } cases[] = {
        {{200, "{\"Successful\":[],\"Failed\":[]}", NULL, NULL}, ESC_CATEGORY_NONE},
        {{503, "{\"__type\":\"RequestThrottled\"}", NULL, NULL}, ESC_CATEGORY_THROTTLE},
        {{500, "{\"__type\":\"InternalFailure\"}", NULL, NULL}, ESC_CATEGORY_SERVICE},
        {{200, "{\"Successful\":[", NULL, NULL}, ESC_CATEGORY_SERVICE},
        {{403, "{\"__type\":\"AccessDenied\"}", NULL, NULL}, ESC_CATEGORY_PERMISSION},
    };
    struct bench *bench = *state;
    struct esc_aws_read read = read_of(bench, "sqs", "DeleteMessageBatch");
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = NULL;
    expect_ok(esc_json_parse(ESC_STR("{\"QueueUrl\":\"https://x/q\",\"Entries\":[]}"), NULL,
                             &params, &err));
    read.params = params;
    read.once = true;
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        bench->fake.replies = &cases[i].reply;
        bench->fake.reply_count = 1;
        bench->fake.call_count = 0;
        begin(bench, &read);
        finish(bench);
        if (bench->category != cases[i].category || bench->fake.call_count != 1)
            fail_msg("case %zu: category %d after %zu calls: %s", i, (int)bench->category,
                     bench->fake.call_count, bench->message);
        assert_string_equal("AmazonSQS.DeleteMessageBatch", bench->fake.amz_target);
    }
}

static void what_changes_something_cannot_be_read(void **)
{
    assert_true(esc_aws_can_read(esc_operation_find("ec2", "DescribeVolumes")));
    for (size_t i = 0; i < esc_operation_count(); i++)
        if (esc_operation_at(i)->mutates)
            assert_false(esc_aws_can_read(esc_operation_at(i)));
    size_t sent = 0;
    for (size_t i = 0; i < esc_operation_count(); i++)
        sent += esc_aws_can_send(esc_operation_at(i));
    assert_int_equal(2, sent); /* our own queue's, and nothing else without a run */
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BENCH(a_read_is_signed_for_its_region_and_service),
        WITH_BENCH(pages_are_handed_on_as_they_come),
        WITH_BENCH(pages_nobody_takes_are_joined_and_lose_their_tokens),
        WITH_BENCH(a_token_that_repeats_ends_the_read),
        WITH_BENCH(what_passes_is_asked_again_and_what_does_not_is_not),
        WITH_BENCH(trouble_that_passes_leaves_a_whole_answer),
        WITH_BENCH(a_page_token_that_expired_starts_the_list_once_more),
        WITH_BENCH(expired_credentials_are_renewed_once),
        WITH_BENCH(a_clock_that_is_off_is_corrected_once),
        WITH_BENCH(a_bucket_elsewhere_is_asked_there),
        WITH_BENCH(services_that_speak_json_are_paged_too),
        WITH_BENCH(what_takes_too_long_is_given_up),
        WITH_BENCH(each_page_has_time_of_its_own),
        WITH_BENCH(all_pages_of_a_list_have_a_quarter_of_an_hour),
        WITH_BENCH(what_is_global_has_one_rate_for_all_regions),
        WITH_BENCH(nobody_at_the_endpoint_is_a_matter_of_the_network),
        WITH_BENCH(reads_can_be_cancelled_wherever_they_are),
        WITH_BENCH(freeing_ends_what_is_under_way),
        WITH_BENCH(calls_go_side_by_side_up_to_sixteen),
        WITH_BENCH(what_changes_something_is_sent_once_whatever_comes_back),
        cmocka_unit_test(what_changes_something_cannot_be_read),
    };
    return cmocka_run_group_tests_name("aws/read", tests, NULL, NULL);
}
