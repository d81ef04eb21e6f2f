/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Forty list calls of one account, from credentials to records, by our own transport or by the
 * AWS CLI: the processor time of the client with all its children, and a mark of the records that
 * is equal when they are.
 *
 *     bench-scan native|cli PROFILE ACCOUNT ENDPOINT [AWS]    PROFILE -: keys of the environment
 */

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "escher/aws/read.h"
#include "escher/aws/resolve.h"
#include "escher/crypt/digest.h"
#include "escher/exec/command_aws.h"
#include "escher/scan/normalise.h"
#include "tests/bench/bench.h"

static const char *const regions[] = {"us-east-1", "us-west-2", "eu-west-1"};
static const struct {
    const char *service, *operation, *params;
} per_region[] = {
    {"ec2", "DescribeInstances", "{}"},
    {"ec2", "DescribeVolumes", "{}"},
    {"ec2", "DescribeSnapshots", "{\"OwnerIds\":[\"self\"]}"},
    {"ec2", "DescribeVpcs", "{}"},
    {"ec2", "DescribeSubnets", "{}"},
    {"ec2", "DescribeSecurityGroups", "{}"},
    {"rds", "DescribeDBInstances", "{}"},
    {"rds", "DescribeDBClusters", "{}"},
    {"rds", "DescribeDBSnapshots", "{}"},
    {"rds", "DescribeDBClusterSnapshots", "{}"},
    {"lambda", "ListFunctions", "{}"},
    {"elbv2", "DescribeLoadBalancers", "{}"},
    {"elbv2", "DescribeTargetGroups", "{}"},
};

enum {
    CALLS = 3 * 13 + 1,
    NOW_MS = 1000, /* of every record: what is compared holds no time */
};
static_assert(sizeof per_region / sizeof *per_region == 13);

struct bench {
    struct esc_loop *loop;
    struct esc_aws *aws;
    struct esc_account *account;
    struct esc_aws_environment *environment;
    struct esc_credentials *credentials;
    const char *cli; /* NULL: our own transport */
    struct esc_list resources;
    unsigned next, open, most;
    double normalise_s;
};

struct call {
    struct bench *bench;
    const char *region, *service, *operation;
    struct esc_json *params;
};

static struct call *call_of(struct bench *bench, unsigned number)
{
    struct call *call = esc_alloc_zero(sizeof *call);
    struct esc_error err;
    const char *params = "{}";
    *call = (struct call){bench, regions[number % 3], "s3", "ListBuckets", NULL};
    if (number < CALLS - 1) {
        call->service = per_region[number / 3].service;
        call->operation = per_region[number / 3].operation;
        params = per_region[number / 3].params;
    }
    bench_need(esc_json_parse(esc_str_of(params), NULL, &call->params, &err), &err);
    return call;
}

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/* Of it in the kernel: sockets, files and memory. */
static double kernel_s(int who)
{
    struct rusage usage;
    (void)getrusage(who, &usage); /* these two are always there */
    return seconds_of(usage.ru_stime);
}

static double processor_s(int who)
{
    struct rusage usage;
    (void)getrusage(who, &usage);
    return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

static void begin_next(struct bench *bench);

static void take(struct call *call, const struct esc_json *output, const char *failure)
{
    struct bench *bench = call->bench;
    const struct esc_scan_place place = {bench->account, call->region, NOW_MS, NULL};
    struct esc_normalised out = {.resources = &bench->resources};
    struct esc_error err;
    if (failure)
        (void)esc_fail(&err, ESC_IO, "%s: %s", call->operation, failure);
    bench_need(failure ? ESC_IO : ESC_OK, &err);
    const double before_s = processor_s(RUSAGE_SELF);
    bench_need(esc_normalise(&place, call->service, call->operation, output, NULL, &out, &err),
               &err);
    bench->normalise_s += processor_s(RUSAGE_SELF) - before_s;
    esc_json_free(call->params);
    free(call);
    bench->open--;
    begin_next(bench);
}

static void read_done(void *context, const struct esc_aws_read_result *result)
{
    take(context, result->output, result->message);
}

static void command_done(void *context, const struct esc_aws_result *result)
{
    take(context, result->output, result->error_message);
}

static void start(struct call *call)
{
    struct bench *bench = call->bench;
    const struct esc_operation *operation = esc_operation_find(call->service, call->operation);
    struct esc_error err;
    if (!bench->cli) {
        const struct esc_aws_read read = {
            .credentials = bench->credentials,
            .account_id = bench->account->id,
            .place = {call->region, bench->account->endpoint_url, bench->environment},
            .operation = operation,
            .params = call->params,
        };
        (void)esc_aws_read(bench->aws, &read, read_done, call);
        return;
    }
    const struct esc_aws_command command = {
        .aws_path = bench->cli,
        .operation = operation,
        .params = call->params,
        .region = call->region,
        .endpoint_url = bench->account->endpoint_url,
        .access_key_id = bench->credentials->access_key_id,
        .secret_access_key = bench->credentials->secret_access_key,
        .session_token = bench->credentials->session_token,
    };
    bench_need(esc_aws_command_start(bench->loop, &command, command_done, call, NULL, &err), &err);
}

/* Our own all at once, since the transport paces them; of the CLI as many as there are cores. */
static void begin_next(struct bench *bench)
{
    while (bench->next < CALLS && bench->open < bench->most) {
        bench->open++;
        start(call_of(bench, bench->next++));
    }
}

static void have_credentials(void *context, struct esc_credentials *credentials,
                             const struct esc_error *err)
{
    struct bench *bench = context;
    bench_need(credentials ? ESC_OK : err->status, err);
    bench->credentials = credentials;
}

static bool has_credentials(void *context)
{
    return ((struct bench *)context)->credentials;
}

static bool is_over(void *context)
{
    const struct bench *bench = context;
    return bench->next == CALLS && bench->open == 0;
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct esc_resource *)a)->id, ((const struct esc_resource *)b)->id);
}

/* The first six bytes of the digest of all records, which a double holds exactly. */
static double mark_of(struct esc_list *resources)
{
    ESC_CLEANUP(esc_digest_freep) struct esc_digest *digest = esc_digest_new();
    uint8_t bytes[ESC_SHA256_SIZE];
    double mark = 0;
    esc_list_sort(resources, by_id);
    for (size_t i = 0; i < resources->count; i++) {
        struct esc_json *json = esc_resource_to_json(resources->items[i]);
        ESC_CLEANUP(esc_freep) char *text = esc_json_print(json, ESC_JSON_SORTED);
        esc_digest_add_sized(digest, esc_str_of(text));
        esc_json_free(json);
    }
    esc_digest_finish(digest, bytes);
    for (size_t i = 0; i < 6; i++)
        mark = mark * 256 + bytes[i];
    return mark;
}

int main(int argc, char **argv)
{
    struct bench bench = {0};
    struct esc_error err;
    if (argc < 5)
        return 2;
    bench.account = esc_account_new();
    bench.account->profile = strcmp(argv[2], "-") == 0 ? NULL : esc_strdup(argv[2]);
    bench.account->name = esc_strdup(argv[2]);
    bench.account->id = esc_strdup(argv[3]);
    bench.account->endpoint_url = esc_strdup(argv[4]);
    bench.account->emulator = true;
    bench.cli = strcmp(argv[1], "cli") == 0 ? argv[5] : NULL;
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    bench.most = bench.cli ? (unsigned)(cores > 0 ? cores : 1) : CALLS;
    bench.environment = esc_aws_environment_of_process();
    esc_list_init(&bench.resources, esc_resource_free_item);
    bench_need(esc_loop_new(&bench.loop, &err), &err);
    bench_need(esc_aws_new(bench.loop, NULL, &bench.aws, &err), &err);
    esc_credentials_resolve(bench.aws, bench.account, bench.environment, "bench", have_credentials,
                            &bench);
    (void)esc_loop_run_until(bench.loop, has_credentials, &bench);
    const uint64_t began_ns = bench_now_ns();
    const double before_s = processor_s(RUSAGE_SELF), before_kernel_s = kernel_s(RUSAGE_SELF);
    begin_next(&bench);
    (void)esc_loop_run_until(bench.loop, is_over, &bench);
    const double own_s = processor_s(RUSAGE_SELF) - before_s;
    const double own_kernel_s = kernel_s(RUSAGE_SELF) - before_kernel_s;
    bench_say("processor", "s", own_s + processor_s(RUSAGE_CHILDREN), CALLS);
    bench_say("of it in the kernel", "s", own_kernel_s + kernel_s(RUSAGE_CHILDREN), CALLS);
    bench_say("normalising", "s", bench.normalise_s, CALLS);
    bench_say("wall", "s", (double)(bench_now_ns() - began_ns) / 1e9, CALLS);
    bench_say("resources", "resources", (double)bench.resources.count, CALLS);
    bench_say("records", "mark", mark_of(&bench.resources), CALLS);
    esc_list_done(&bench.resources);
    esc_credentials_free(bench.credentials);
    esc_aws_free(bench.aws);
    esc_loop_free(bench.loop);
    esc_account_free(bench.account);
    esc_aws_environment_free(bench.environment);
    return 0;
}
