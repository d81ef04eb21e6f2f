/* SPDX-License-Identifier: Apache-2.0 */

/* Whole lists of a cloud that pages, throttles and counts: nothing missing, nothing twice, never
 * more often than published. */

#include "escher/aws/read.h"
#include "tests/support/fake_aws.h"
#include "tests/support/test.h"

static struct esc_error err;

/* One list of each protocol, and where it pages in its own way. */
static const struct {
    const char *service, *operation, *list, *kind;
} lists[] = {
    {"ec2", "DescribeVolumes", "Volumes", "ebs_volume"},
    {"ec2", "DescribeNetworkInterfaces", "NetworkInterfaces", "network_interface"},
    {"rds", "DescribeDBInstances", "DBInstances", "rds_instance"},
    {"elbv2", "DescribeTargetGroups", "TargetGroups", "target_group"},
    {"autoscaling", "DescribeAutoScalingGroups", "AutoScalingGroups", "auto_scaling_group"},
    {"lambda", "ListFunctions", "Functions", "lambda_function"},
    {"dynamodb", "ListTables", "TableNames", "dynamodb_table"},
    {"sns", "ListTopics", "Topics", "sns_topic"},
    {"sqs", "ListQueues", "QueueUrls", "sqs_queue"},
    {"secretsmanager", "ListSecrets", "SecretList", "secret"},
};

struct bench {
    struct esc_loop *loop;
    struct esc_aws *aws;
    struct fake_aws *fake;
    struct esc_credentials *keys[3];
    unsigned open, calls, throttled;
    enum esc_error_category category; /* of the last that was sent once */
};

/* What one read must bring. */
struct asked {
    struct bench *bench;
    size_t row;
    const char *account, *region;
};

static struct bench *bench_new(const struct fake_aws_options *options)
{
    struct bench *bench = esc_alloc_zero(sizeof *bench);
    expect_ok(esc_loop_new(&bench->loop, &err));
    expect_ok(fake_aws_open(bench->loop, options, &bench->fake, &err));
    expect_ok(esc_aws_new(bench->loop, NULL, &bench->aws, &err));
    for (size_t i = 0; fake_aws_accounts(bench->fake)[i]; i++) {
        ESC_CLEANUP(esc_freep) char *key = fake_aws_key(fake_aws_accounts(bench->fake)[i]);
        ESC_CLEANUP(esc_freep) char *secret = fake_aws_secret(key);
        bench->keys[i] = esc_credentials_new(key, secret, NULL, 0);
    }
    return bench;
}

static void bench_free(struct bench *bench)
{
    esc_aws_free(bench->aws);
    fake_aws_close(bench->fake);
    esc_loop_free(bench->loop);
    for (size_t i = 0; i < 3; i++)
        esc_credentials_free(bench->keys[i]);
    free(bench);
}

static void on_done(void *context, const struct esc_aws_read_result *result)
{
    struct asked asked = *(struct asked *)context;
    free(context);
    asked.bench->open--;
    asked.bench->calls += result->call_count;
    asked.bench->throttled += result->throttled_count;
    if (result->category != ESC_CATEGORY_NONE)
        fail_msg("%s: %s %s", lists[asked.row].operation, result->code, result->message);
    assert_int_equal(
        fake_aws_count(asked.bench->fake, lists[asked.row].kind, asked.account, asked.region),
        esc_json_len(esc_json_get(result->output, lists[asked.row].list)));
}

static bool are_done(void *context)
{
    return ((struct bench *)context)->open == 0;
}

/* Every list of every account and region at once. */
static void read_all(struct bench *bench)
{
    const char *const *accounts = fake_aws_accounts(bench->fake);
    const char *const *regions = fake_aws_regions(bench->fake);
    for (size_t account = 0; accounts[account]; account++)
        for (size_t region = 0; regions[region]; region++)
            for (size_t row = 0; row < ESC_COUNT(lists); row++) {
                struct asked *asked = esc_alloc_zero(sizeof *asked);
                *asked = (struct asked){bench, row, accounts[account], regions[region]};
                const struct esc_aws_read read = {
                    .credentials = bench->keys[account],
                    .account_id = accounts[account],
                    .place = {.region = regions[region], .endpoint_url = fake_aws_url(bench->fake)},
                    .operation = esc_operation_find(lists[row].service, lists[row].operation),
                };
                bench->open++;
                (void)esc_aws_read(bench->aws, &read, on_done, asked);
            }
    assert_true(esc_loop_run_until(bench->loop, are_done, bench));
    assert_null(fake_aws_puzzled(bench->fake));
    assert_null(fake_aws_exceeded(bench->fake));
}

static void every_protocol_brings_whole_lists_in_many_pages(void **)
{
    struct bench *bench = bench_new(
        &(struct fake_aws_options){.seed = 3, .size = 1500, .page_size = 5, .jitter_ms = 100});
    read_all(bench);
    assert_true(bench->calls > 120); /* for ninety lists */
    assert_int_equal(0, bench->throttled);
    assert_true(fake_aws_connections(bench->fake) <= 48); /* kept, sixteen for each account */
    bench_free(bench);
}

static void a_third_throttled_costs_less_than_twice_the_calls(void **)
{
    static const char *const one[] = {"111111111111", NULL};
    struct bench *bench = bench_new(&(struct fake_aws_options){.seed = test_seed(5),
                                                               .size = 1000,
                                                               .accounts = one,
                                                               .throttle_percent = 30,
                                                               .jitter_ms = 100});
    read_all(bench);
    const unsigned wanted = bench->calls - bench->throttled;
    assert_true(bench->throttled > 0);
    assert_true(bench->calls <= 2 * wanted);
    bench_free(bench);
}

static void a_bucket_of_tokens_outlasts_a_rush(void **)
{
    struct bench *bench =
        bench_new(&(struct fake_aws_options){.seed = 7, .size = 300, .jitter_ms = 100});
    const struct esc_aws_read read = {
        .credentials = bench->keys[0],
        .account_id = fake_aws_accounts(bench->fake)[0],
        .place = {.endpoint_url = fake_aws_url(bench->fake)},
        .operation = esc_operation_find("lambda", "ListFunctions"),
    };
    for (unsigned i = 0; i < 25; i++) { /* fourteen at once, then fifteen a second */
        struct asked *asked = esc_alloc_zero(sizeof *asked);
        *asked = (struct asked){bench, 5, read.account_id, "us-east-1"};
        bench->open++;
        (void)esc_aws_read(bench->aws, &read, on_done, asked);
    }
    assert_true(esc_loop_run_until(bench->loop, are_done, bench));
    assert_int_equal(25, fake_aws_calls(bench->fake, "lambda", NULL));
    assert_null(fake_aws_exceeded(bench->fake));
    bench_free(bench);
}

/* What takes from a queue goes out once, also on a connection that was kept. */

static void note_category(void *context, const struct esc_aws_read_result *result)
{
    struct bench *bench = context;
    bench->open--;
    bench->category = result->category;
}

static enum esc_error_category receive(struct bench *bench)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = esc_json_object();
    esc_json_set_text(params, "QueueUrl", "https://sqs.us-east-1.amazonaws.com/111111111111/q");
    const struct esc_aws_read read = {
        .credentials = bench->keys[0],
        .place = {.region = "us-east-1", .endpoint_url = fake_aws_url(bench->fake)},
        .operation = esc_operation_find("sqs", "ReceiveMessage"),
        .params = params,
        .once = true,
    };
    bench->open++;
    (void)esc_aws_read(bench->aws, &read, note_category, bench);
    assert_true(esc_loop_run_until(bench->loop, are_done, bench));
    return bench->category;
}

static void what_goes_out_once_keeps_its_connection_and_is_not_repeated(void **)
{
    struct bench *bench = bench_new(&(struct fake_aws_options){.seed = 1, .size = 1});
    assert_int_equal(ESC_CATEGORY_NONE, receive(bench));
    assert_int_equal(ESC_CATEGORY_NONE, receive(bench));
    assert_int_equal(1, fake_aws_connections(bench->fake));
    fake_aws_fault(bench->fake, &(struct fake_fault){.kind = FAKE_FAULT_RESET});
    assert_int_not_equal(ESC_CATEGORY_NONE, receive(bench));
    assert_int_equal(3, fake_aws_calls(bench->fake, "sqs", "ReceiveMessage"));
    fake_aws_heal(bench->fake);
    assert_int_equal(ESC_CATEGORY_NONE, receive(bench));
    bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_protocol_brings_whole_lists_in_many_pages),
        cmocka_unit_test(a_third_throttled_costs_less_than_twice_the_calls),
        cmocka_unit_test(a_bucket_of_tokens_outlasts_a_rush),
        cmocka_unit_test(what_goes_out_once_keeps_its_connection_and_is_not_repeated),
    };
    return cmocka_run_group_tests_name("aws/read_fake", tests, NULL, NULL);
}
