/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/scan/walk_cloud.h"

#include <string.h>

#include "escher/base/limits.h"
#include "escher/loop/timer.h"

static struct esc_error err;

struct cloud_call {
    struct cloud_call *next;
    struct cloud *cloud;
    esc_scan_answer_fn *answer;
    void *token;
    char *operation, *region, *params;
    bool cancelled;
};

static const struct {
    const char *operation, *output;
} answers[] = {
    {"DescribeInstances", "{\"Reservations\": [{\"Instances\": [{\"InstanceId\": \"i-00000001\","
                          " \"State\": {\"Name\": \"running\"}, \"RootDeviceType\": \"ebs\","
                          " \"SecurityGroups\": [{\"GroupId\": \"sg-00000001\"}]}]}]}"},
    {"DescribeInstanceAttribute", "{\"DisableApiTermination\": {\"Value\": true}}"},
    {"DescribeImages", "{\"Images\": [{\"ImageId\": \"ami-00000001\"}]}"},
    {"DescribeVolumes",
     "{\"Volumes\": [{\"VolumeId\": \"vol-00000001\", \"State\": \"available\"}]}"},
    {"DescribeSnapshots", "{\"Snapshots\": [{\"SnapshotId\": \"snap-00000001\","
                          " \"VolumeId\": \"vol-00000001\", \"State\": \"completed\","
                          " \"StartTime\": \"2026-11-01T00:00:00Z\"}]}"},
    {"DescribeVpcs", "{\"Vpcs\": [{\"VpcId\": \"vpc-00000001\"}]}"},
    {"DescribeSubnets", "{\"Subnets\": [{\"SubnetId\": \"subnet-00000001\"}]}"},
    {"DescribeSecurityGroups", "{\"SecurityGroups\": [{\"GroupId\": \"sg-00000001\"}]}"},
    {"DescribeDBInstances",
     "{\"DBInstances\": [{\"DBInstanceIdentifier\": \"main\","
     " \"DBInstanceStatus\": \"available\","
     " \"VpcSecurityGroups\": [{\"VpcSecurityGroupId\": \"sg-00000001\"}]}]}"},
    {"DescribeDBClusters", "{\"DBClusters\": [{\"DBClusterIdentifier\": \"orders\"}]}"},
    {"DescribeDBSnapshots", "{\"DBSnapshots\": [{\"DBSnapshotIdentifier\": \"main-1\"}]}"},
    {"DescribeDBClusterSnapshots",
     "{\"DBClusterSnapshots\": [{\"DBClusterSnapshotIdentifier\": \"orders-1\"}]}"},
    {"ListBuckets", "{\"Buckets\": [{\"Name\": \"acme-logs\"}, {\"Name\": \"acme-web\"}]}"},
    {"GetBucketLocation", "{\"LocationConstraint\": \"us-west-2\"}"},
    {"GetBucketVersioning", NULL},
    {"GetBucketEncryption", "{\"ServerSideEncryptionConfiguration\": {\"Rules\": []}}"},
    {"GetPublicAccessBlock", "{\"PublicAccessBlockConfiguration\": {}}"},
    {"GetBucketPolicyStatus", "{\"PolicyStatus\": {\"IsPublic\": false}}"},
    {"GetBucketTagging", "{\"TagSet\": [{\"Key\": \"app\", \"Value\": \"own\"}]}"},
    {"GetBucketLifecycleConfiguration", "{\"Rules\": []}"},
    {"ListFunctions", "{\"Functions\": [{\"FunctionName\": \"resize\"},"
                      " {\"FunctionName\": \"small\"}]}"},
    {"ListLayers", "{\"Layers\": [{\"LayerName\": \"tools\"}]}"},
    {"ListAliases", "{\"Aliases\": []}"},
    {"ListEventSourceMappings", "{\"EventSourceMappings\": []}"},
    {"GetResources", "{\"ResourceTagMappingList\": [{\"ResourceARN\": \"arn:aws:s3:::acme-logs\","
                     " \"Tags\": [{\"Key\": \"app\", \"Value\": \"logs\"}]}]}"},
    {"DescribeLoadBalancers", "{\"LoadBalancers\": []}"},
    {"DescribeTargetGroups", "{\"TargetGroups\": []}"},
    {"DescribeLoadBalancerAttributes", "{\"Attributes\": []}"},
    {"DescribeTags", "{\"TagDescriptions\": []}"},
    {"GetCallerIdentity", "{\"Account\": \"123456789012\"}"},
    {"DescribeRegions", "{\"Regions\": [{\"RegionName\": \"us-east-1\"},"
                        " {\"RegionName\": \"eu-west-1\"}]}"},
    {"ListRegions",
     "{\"Regions\": [{\"RegionName\": \"us-east-1\"}, {\"RegionName\": \"me-south-1\"},"
     " {\"RegionName\": \"eu-west-1\"}]}"},
};

const char *cloud_operation(size_t index)
{
    return index < ESC_COUNT(answers) ? answers[index].operation : NULL;
}

static bool applies(struct cloud_fault *fault, const struct cloud_call *call)
{
    const bool any = esc_text_equal(fault->operation, "*");
    if ((!any && !esc_text_equal(fault->operation, call->operation)) ||
        (fault->region && !esc_text_equal(fault->region, call->region)) ||
        (fault->in_params && !strstr(call->params, fault->in_params)))
        return false;
    if (fault->times == 0)
        return true;
    fault->times--;
    if (fault->times == 0)
        fault->operation = "used up";
    return true;
}

static const char *usual_answer(const char *operation)
{
    for (size_t i = 0; i < ESC_COUNT(answers); i++)
        if (esc_text_equal(answers[i].operation, operation))
            return answers[i].output;
    fail_msg("nobody answers %s", operation);
    return NULL;
}

static void give_pages(struct cloud_call *call, const struct cloud_fault *fault)
{
    for (size_t i = 0; i < fault->page_count; i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *page = NULL;
        expect_ok(esc_json_parse(esc_str_of(fault->pages[i]), NULL, &page, &err));
        const struct esc_scan_answer answer = {.output = page, .more = true};
        call->answer(call->token, &answer);
    }
}

static void give_answer(struct cloud_call *call)
{
    struct cloud *cloud = call->cloud;
    struct esc_scan_answer answer = {.category = ESC_CATEGORY_NONE};
    const char *text = usual_answer(call->operation);
    for (size_t i = 0; i < cloud->fault_count; i++)
        if (applies(&cloud->faults[i], call)) {
            answer.category = cloud->faults[i].category;
            answer.code = cloud->faults[i].code;
            answer.message = cloud->faults[i].message;
            answer.final = cloud->faults[i].final;
            answer.calls = cloud->faults[i].page_count ? 5 : 0;
            text = cloud->faults[i].output;
            give_pages(call, &cloud->faults[i]);
        }
    ESC_CLEANUP(esc_json_freep) struct esc_json *output = NULL;
    if (call->cancelled)
        answer = (struct esc_scan_answer){.category = ESC_CATEGORY_CANCELLED};
    else if (text)
        expect_ok(esc_json_parse(esc_str_of(text), NULL, &output, &err));
    answer.output = output;
    call->answer(call->token, &answer);
}

static void pending_free(struct cloud_call *call)
{
    free(call->operation);
    free(call->region);
    free(call->params);
    free(call);
}

/* Answers one of the calls under way, any of them. */
static void tick(void *context)
{
    struct cloud *cloud = context;
    size_t index = esc_random_below(&cloud->random.random, cloud->pending_count);
    struct cloud_call **link = &cloud->first;
    while (index-- > 0)
        link = &(*link)->next;
    struct cloud_call *call = *link;
    *link = call->next;
    cloud->pending_count--;
    cloud->ticking = cloud->pending_count > 0;
    if (cloud->ticking)
        esc_loop_post(cloud->loop, tick, cloud);
    give_answer(call);
    pending_free(call);
}

static void *on_call(void *context, const struct esc_scan_call *call, esc_scan_answer_fn *answer,
                     void *token)
{
    struct cloud *cloud = context;
    struct cloud_call *pending = esc_alloc_zero(sizeof *pending);
    pending->next = cloud->first;
    pending->cloud = cloud;
    pending->answer = answer;
    pending->token = token;
    pending->operation = esc_strdup(call->operation->operation);
    pending->region = esc_strdup(call->region);
    pending->params =
        call->params ? esc_json_print(call->params, ESC_JSON_COMPACT) : esc_strdup("{}");
    cloud->first = pending;
    cloud->pending_count++;
    if (cloud->pending_count > cloud->most_pending)
        cloud->most_pending = cloud->pending_count;
    esc_list_push(&cloud->calls, esc_sprintf("%s %s %s %s", call->account->name, call->region,
                                             pending->operation, pending->params));
    if (!cloud->ticking)
        esc_loop_post(cloud->loop, tick, cloud);
    cloud->ticking = true;
    if (cloud->cancel_after > 0 && cloud->calls.count == cloud->cancel_after) {
        cloud->in_cancel = true;
        esc_scan_cancel(cloud->scan);
        cloud->in_cancel = false;
    }
    return pending;
}

static void on_cancel_call(void *, void *handle)
{
    ((struct cloud_call *)handle)->cancelled = true;
}

static char *without_times(const struct esc_resource *resource)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_resource_to_json(resource);
    esc_json_remove(json, "last_synced");
    return esc_json_print(json, ESC_JSON_COMPACT);
}

static void go_on(void *context)
{
    struct cloud *cloud = context;
    cloud->paused = false;
    esc_scan_pause(cloud->scan, false);
}

static void pause_scan(struct cloud *cloud)
{
    cloud->paused = true;
    esc_scan_pause(cloud->scan, true);
    (void)esc_timer_start(cloud->loop, 20, go_on, cloud);
}

static void on_batch(void *context, struct esc_resource *const *resources, size_t count)
{
    struct cloud *cloud = context;
    assert_true(count > 0 && count <= ESC_BATCH_COUNT);
    cloud->batch_count++;
    assert_false(cloud->paused || cloud->in_cancel);
    if (cloud->batch_count == cloud->cancel_at)
        esc_scan_cancel(cloud->scan);
    if (cloud->batch_count == cloud->pause_at)
        pause_scan(cloud);
    for (size_t i = 0; i < count; i++) {
        const struct esc_str id = esc_str_of(resources[i]->id);
        cloud->doubles += esc_map_has(cloud->found, id);
        esc_map_set(cloud->found, id, without_times(resources[i]));
    }
}

static void on_cell(void *context, const struct esc_scan_cell *cell)
{
    struct cloud *cloud = context;
    struct esc_json *json = esc_scan_cell_to_json(cell);
    esc_json_set_bool(json, "complete", esc_scan_cell_is_complete(cell));
    esc_list_push(&cloud->cells, json);
}

static void on_done(void *context, const struct esc_scan_summary *summary)
{
    struct cloud *cloud = context;
    assert_false(cloud->done);
    assert_false(cloud->in_cancel);
    assert_int_equal(0, cloud->pending_count);
    cloud->done = true;
    cloud->summary = *summary;
}

void cloud_init(struct cloud *cloud, uint64_t seed)
{
    *cloud = (struct cloud){.found = esc_map_new(free)};
    expect_ok(esc_loop_new(&cloud->loop, &err));
    esc_random_seeded_init(&cloud->random, seed);
    esc_list_init(&cloud->calls, free);
    esc_list_init(&cloud->cells, esc_json_free_item);
}

void cloud_done(struct cloud *cloud)
{
    esc_list_done(&cloud->calls);
    esc_list_done(&cloud->cells);
    esc_map_free(cloud->found);
    esc_account_free(cloud->account);
    esc_loop_free(cloud->loop);
}

struct esc_account *cloud_account(const char *id, const char *name, const char *first_region,
                                  const char *second_region)
{
    struct esc_account *account = esc_account_new();
    account->id = esc_strdup(id);
    account->name = esc_strdup(name);
    if (first_region)
        esc_list_push(&account->regions, esc_strdup(first_region));
    if (second_region)
        esc_list_push(&account->regions, esc_strdup(second_region));
    return account;
}

bool cloud_is_done(void *context)
{
    return ((struct cloud *)context)->done;
}

/* What this cloud has; test_walk_services.c asks for all. */
static const char *const usual_services[] = {"rds", "ec2",    "ebs", "vpc",
                                             "s3",  "lambda", "elb", NULL};

struct esc_scan_options cloud_options(struct cloud *cloud)
{
    return (struct esc_scan_options){
        .services = usual_services,
        .workers = 3,
        .max_attempts = 3,
        .backoff = {.base_ms = 1, .max_ms = 1},
        .sync_id = "sync-1",
        .clock = esc_clock_system(),
        .call = on_call,
        .cancel_call = on_cancel_call,
        .on_batch = on_batch,
        .on_cell = on_cell,
        .done = on_done,
        .context = cloud,
    };
}

struct esc_scan_options cloud_options_in(struct cloud *cloud, const char *first_region,
                                         const char *second_region)
{
    struct esc_scan_options options = cloud_options(cloud);
    assert_null(cloud->account);
    cloud->account = cloud_account("123456789012", "a", first_region, second_region);
    cloud->accounts[0] = cloud->account;
    options.accounts = cloud->accounts;
    options.account_count = ESC_COUNT(cloud->accounts);
    return options;
}

void cloud_run(struct cloud *cloud, const struct esc_scan_options *options)
{
    expect_ok(esc_scan_start(cloud->loop, options, &cloud->scan, &err));
    assert_int_equal(0, cloud->calls.count); /* nothing happens before the start returned */
    assert_true(esc_loop_run_until(cloud->loop, cloud_is_done, cloud));
}

void cloud_run_usual(struct cloud *cloud)
{
    struct esc_scan_options options = cloud_options_in(cloud, "us-west-2", "eu-west-1");
    cloud_run(cloud, &options);
}

void cloud_run_in(struct cloud *cloud, const char *first_region, const char *second_region,
                  const char *const *services)
{
    struct esc_scan_options options = cloud_options_in(cloud, first_region, second_region);
    options.workers = 1;
    options.services = services ? services : usual_services;
    cloud_run(cloud, &options);
}

void cloud_add_fault(struct cloud *cloud, struct cloud_fault fault)
{
    assert_true(cloud->fault_count < ESC_COUNT(cloud->faults));
    cloud->faults[cloud->fault_count++] = fault;
}

const struct esc_json *cloud_cell(const struct cloud *cloud, const char *region,
                                  const char *operation)
{
    for (size_t i = 0; i < cloud->cells.count; i++) {
        const struct esc_json *json = esc_list_at(&cloud->cells, i);
        if (esc_text_equal(esc_json_str(json, "region", ""), region) &&
            esc_text_equal(esc_json_str(json, "operation", ""), operation))
            return json;
    }
    fail_msg("no cell %s in %s", operation, region);
    return NULL;
}

const char *cloud_state(const struct cloud *cloud, const char *region, const char *operation)
{
    return esc_json_str(cloud_cell(cloud, region, operation), "state", "");
}

const char *cloud_why(const struct cloud *cloud, const char *region, const char *operation)
{
    return esc_json_str(cloud_cell(cloud, region, operation), "message", "");
}

const char *cloud_resource(const struct cloud *cloud, const char *region_type_identifier)
{
    ESC_CLEANUP(esc_freep) char *id = esc_sprintf("123456789012-%s", region_type_identifier);
    return esc_map_get(cloud->found, esc_str_of(id));
}

size_t cloud_count_calls(const struct cloud *cloud, const char *part)
{
    size_t count = 0;
    for (size_t i = 0; i < cloud->calls.count; i++)
        count += strstr(esc_list_at(&cloud->calls, i), part) != NULL;
    return count;
}
