/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/walk.h"

#include <stdlib.h>
#include <string.h>

#include "escher/base/limits.h"
#include "escher/base/map.h"
#include "escher/loop/timer.h"
#include "escher/scan/content_hash.h"
#include "tests/support/test.h"

static struct esc_error err;

/*
 * A cloud that answers from a table. Every account and region has the same things; faults
 * replace the answer of one operation, everywhere or in one region.
 */
struct fault {
    const char *operation, *region; /* region NULL: everywhere */
    const char *in_params;          /* part of the parameters' text; NULL: any */
    enum esc_error_category category;
    const char *code, *message;
    const char *output;       /* with category NONE */
    unsigned times;           /* 0: always */
    const char *const *pages; /* that come before */
    size_t page_count;
    bool final;
};

struct cloud {
    struct esc_loop *loop;
    struct fault faults[4];
    size_t fault_count;
    struct esc_random_seeded random; /* the order in which calls are answered */
    struct pending *first;
    size_t pending_count, most_pending;
    bool ticking;
    /* what the scan said */
    struct esc_list calls; /* char *: "account region operation params" */
    struct esc_map *found; /* id → char *: the resource's JSON without the times */
    struct esc_list cells; /* struct esc_json * */
    size_t largest_batch, batch_count, doubles;
    struct esc_scan *scan;
    bool done, in_cancel;
    struct esc_scan_summary summary;
    unsigned cancel_after;      /* calls; 0: never */
    size_t cancel_at, pause_at; /* batches; 0: never */
    bool paused;
};

struct pending {
    struct pending *next;
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

static bool applies(struct fault *fault, const struct pending *call)
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

static void give_pages(struct pending *call, const struct fault *fault)
{
    for (size_t i = 0; i < fault->page_count; i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *page = NULL;
        expect_ok(esc_json_parse(esc_str_of(fault->pages[i]), NULL, &page, &err));
        const struct esc_scan_answer answer = {.output = page, .more = true};
        call->answer(call->token, &answer);
    }
}

static void give_answer(struct pending *call)
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

static void pending_free(struct pending *call)
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
    struct pending **link = &cloud->first;
    while (index-- > 0)
        link = &(*link)->next;
    struct pending *call = *link;
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
    struct pending *pending = esc_alloc_zero(sizeof *pending);
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
    ((struct pending *)handle)->cancelled = true;
}

static char *without_times(const struct esc_resource *resource)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_resource_to_json(resource);
    esc_json_remove(json, "last_synced");
    return esc_json_print(json, ESC_JSON_SORTED);
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

static void cloud_init(struct cloud *cloud, uint64_t seed)
{
    *cloud = (struct cloud){.found = esc_map_new(free)};
    expect_ok(esc_loop_new(&cloud->loop, &err));
    esc_random_seeded_init(&cloud->random, seed);
    esc_list_init(&cloud->calls, free);
    esc_list_init(&cloud->cells, esc_json_free_item);
}

static void cloud_done(struct cloud *cloud)
{
    esc_list_done(&cloud->calls);
    esc_list_done(&cloud->cells);
    esc_map_free(cloud->found);
    esc_loop_free(cloud->loop);
}

static struct esc_account *account_with(const char *id, const char *name, const char *first_region,
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

static bool is_done(void *context)
{
    return ((struct cloud *)context)->done;
}

/* What this cloud has; test_walk_services.c asks for all. */
static const char *const usual_services[] = {"rds", "ec2",    "ebs", "vpc",
                                             "s3",  "lambda", "elb", NULL};

static struct esc_scan_options options_for(struct cloud *cloud)
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

static void run(struct cloud *cloud, const struct esc_scan_options *options)
{
    expect_ok(esc_scan_start(cloud->loop, options, &cloud->scan, &err));
    assert_int_equal(0, cloud->calls.count); /* nothing happens before the start returned */
    assert_true(esc_loop_run_until(cloud->loop, is_done, cloud));
}

/* One account, regions us-west-2 and eu-west-1. */
static void run_usual(struct cloud *cloud)
{
    ESC_CLEANUP(esc_account_freep)
    struct esc_account *account =
        account_with("123456789012", "production", "us-west-2", "eu-west-1");
    const struct esc_account *accounts[] = {account};
    struct esc_scan_options options = options_for(cloud);
    options.accounts = accounts;
    options.account_count = 1;
    run(cloud, &options);
}

static void add_fault(struct cloud *cloud, struct fault fault)
{
    assert_true(cloud->fault_count < ESC_COUNT(cloud->faults));
    cloud->faults[cloud->fault_count++] = fault;
}

static const struct esc_json *cell(const struct cloud *cloud, const char *region,
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

static const char *state(const struct cloud *cloud, const char *region, const char *operation)
{
    return esc_json_str(cell(cloud, region, operation), "state", "");
}

/* Each cell that is not whole says why. */
static const char *why(const struct cloud *cloud, const char *region, const char *operation)
{
    return esc_json_str(cell(cloud, region, operation), "message", "");
}

static const char *resource(const struct cloud *cloud, const char *region_type_identifier)
{
    ESC_CLEANUP(esc_freep) char *id = esc_sprintf("123456789012-%s", region_type_identifier);
    return esc_map_get(cloud->found, esc_str_of(id));
}

static size_t count_calls(const struct cloud *cloud, const char *part)
{
    size_t count = 0;
    for (size_t i = 0; i < cloud->calls.count; i++)
        count += strstr(esc_list_at(&cloud->calls, i), part) != NULL;
    return count;
}

/* Tests */

static void every_place_is_asked_and_what_it_has_is_handed_on(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 1);
    run_usual(&cloud);
    /* two functions, and one of twelve other types, in each region; two buckets */
    assert_int_equal(2 * 14 + 2, esc_map_count(cloud.found));
    assert_int_equal(2 * 14 + 2, cloud.summary.resource_count);
    assert_int_equal(0, cloud.doubles);
    /* 16 lists, two functions' aliases and what calls functions a region; of buckets the list, and each one's location,
     * lifecycle, versioning, encryption, public access and policy, but no tags: the tagging
     * service told them */
    assert_int_equal(2 * 19 + 1 + 2 * 6, cloud.calls.count);
    assert_int_equal(2,
                     count_calls(&cloud, "\"IncludeDisabled\":true")); /* images that are there */
    assert_int_equal(cloud.calls.count, cloud.summary.call_count);
    assert_int_equal(cloud.cells.count, cloud.summary.cells[ESC_SCAN_OK]);
    const char *bucket = resource(&cloud, "us-west-2-s3_bucket-acme-logs");
    expect_contains("\"tags\":{\"app\":\"logs\"}", bucket);
    expect_contains("\"seen_in\":\"sync-1\"", bucket);
    expect_contains("\"content_hash\":\"sha256:", bucket);
    const char *volume = resource(&cloud, "eu-west-1-ebs_volume-vol-00000001");
    expect_contains("\"latest_snapshot_at\":\"2026-11-01T00:00:00Z\"", volume);
    assert_int_equal(1, count_calls(&cloud, "{\"OwnerIds\":[\"self\"]}") / 2);
    assert_true(esc_json_flag(cell(&cloud, "us-east-1", "ListBuckets"), "all_regions", false));
    cloud_done(&cloud);
}

static void no_more_calls_run_than_there_are_workers(void **)
{
    for (unsigned workers = 1; workers <= 5; workers++) {
        struct cloud cloud;
        cloud_init(&cloud, workers);
        ESC_CLEANUP(esc_account_freep)
        struct esc_account *account = account_with("123456789012", "a", "us-west-2", NULL);
        const struct esc_account *accounts[] = {account};
        struct esc_scan_options options = options_for(&cloud);
        options.accounts = accounts;
        options.account_count = 1;
        options.workers = workers;
        run(&cloud, &options);
        assert_int_equal(workers, cloud.most_pending);
        cloud_done(&cloud);
    }
}

static void the_order_of_answers_changes_nothing(void **)
{
    struct cloud first;
    cloud_init(&first, 1);
    run_usual(&first);
    for (uint64_t seed = 2; seed < 40; seed++) {
        struct cloud other;
        cloud_init(&other, seed);
        run_usual(&other);
        assert_int_equal(esc_map_count(first.found), esc_map_count(other.found));
        size_t position = 0;
        struct esc_str id;
        void *text;
        while (esc_map_next(first.found, &position, &id, &text))
            assert_string_equal(text, esc_map_get(other.found, id));
        cloud_done(&other);
    }
    cloud_done(&first);
}

static void one_failed_cell_costs_no_other(void **)
{
    static const struct {
        struct fault fault;
        const char *state, *code;
    } faults[] = {
        {{.category = ESC_CATEGORY_PERMISSION, .code = "AccessDenied", .message = "not allowed"},
         "denied",
         "AccessDenied"},
        {{.category = ESC_CATEGORY_THROTTLE, .code = "Throttling"}, "throttled", "Throttling"},
        {{.category = ESC_CATEGORY_TIMEOUT}, "error", ""},
        {{.category = ESC_CATEGORY_NETWORK, .message = "could not connect"}, "error", ""},
        {{.category = ESC_CATEGORY_SERVICE, .code = "500"}, "error", "500"},
        {{.category = ESC_CATEGORY_UNKNOWN, .message = "<html> is no JSON"}, "error", ""},
        {{.output = "{}"}, "error", ""},
        {{.output = "[1, 2]"}, "error", ""},
        {{.output = "{\"Reservations\": 1, \"DBInstances\": \"x\", \"Functions\": null}"},
         "error",
         ""},
    };
    for (size_t i = 0; i < ESC_COUNT(faults); i++) {
        for (size_t j = 0; j < ESC_COUNT(answers); j++) {
            const char *operation = answers[j].operation;
            if (strstr("GetBucketLocation GetBucketVersioning GetBucketTagging ListAliases "
                       "GetBucketLifecycleConfiguration GetBucketEncryption GetPublicAccessBlock "
                       "GetBucketPolicyStatus DescribeTags DescribeRegions ListRegions "
                       "ListBuckets ListEventSourceMappings DescribeLoadBalancerAttributes "
                       "DescribeInstanceAttribute "
                       "GetCallerIdentity",
                       operation))
                continue; /* details, and what is asked elsewhere */
            struct cloud cloud;
            cloud_init(&cloud, i * 100 + j);
            struct fault fault = faults[i].fault;
            fault.operation = operation;
            fault.region = "us-west-2";
            add_fault(&cloud, fault);
            run_usual(&cloud);
            const struct esc_json *failed = cell(&cloud, "us-west-2", operation);
            assert_string_equal(faults[i].state, esc_json_str(failed, "state", ""));
            assert_string_equal(faults[i].code, esc_json_str(failed, "code", ""));
            assert_false(esc_json_flag(failed, "complete", true));
            for (size_t k = 0; k < cloud.cells.count; k++) {
                const struct esc_json *other = esc_list_at(&cloud.cells, k);
                const char *name = esc_json_str(other, "operation", "");
                const bool follows =
                    (strstr("ListFunctions", operation) &&
                     strstr("ListAliases ListEventSourceMappings", name)) ||
                    (strstr("DescribeLoadBalancers", operation) &&
                     esc_text_equal(name, "DescribeLoadBalancerAttributes")) ||
                    (strstr("DescribeLoadBalancers DescribeTargetGroups", operation) &&
                     esc_text_equal(name, "DescribeTags")) ||
                    (strstr("DescribeTargetGroups", operation) &&
                     esc_text_equal(name, "DescribeTargetHealth"));
                if (other != failed && !follows)
                    assert_string_equal("ok", esc_json_str(other, "state", ""));
            }
            cloud_done(&cloud);
        }
    }
}

static void a_throttled_call_is_tried_again(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 7);
    add_fault(&cloud, (struct fault){.operation = "DescribeDBInstances",
                                     .region = "us-west-2",
                                     .category = ESC_CATEGORY_THROTTLE,
                                     .code = "Throttling",
                                     .times = 2});
    run_usual(&cloud);
    const struct esc_json *seen = cell(&cloud, "us-west-2", "DescribeDBInstances");
    assert_string_equal("ok", esc_json_str(seen, "state", ""));
    assert_int_equal(3, esc_json_num(seen, "calls", 0));
    assert_non_null(resource(&cloud, "us-west-2-rds_instance-main"));
    cloud_done(&cloud);
}

static void a_denied_call_is_not_tried_again(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 7);
    add_fault(&cloud, (struct fault){.operation = "DescribeDBInstances",
                                     .category = ESC_CATEGORY_PERMISSION});
    run_usual(&cloud);
    assert_int_equal(2, count_calls(&cloud, "DescribeDBInstances"));
    cloud_done(&cloud);
}

/* Runs one call at a time with an account of these regions. */
static void run_in(struct cloud *cloud, const char *first_region, const char *second_region,
                   const char *const *services)
{
    ESC_CLEANUP(esc_account_freep)
    struct esc_account *account = account_with("123456789012", "a", first_region, second_region);
    const struct esc_account *accounts[] = {account};
    struct esc_scan_options options = options_for(cloud);
    options.accounts = accounts;
    options.account_count = 1;
    options.workers = 1;
    options.services = services ? services : usual_services;
    run(cloud, &options);
}

/* Everything that is asked in a region. */
static void add_refusal(struct cloud *cloud, const char *region, const struct fault *refusal)
{
    struct fault fault = *refusal;
    fault.operation = "*";
    fault.region = region;
    add_fault(cloud, fault);
}

static const struct fault bad_keys = {.category = ESC_CATEGORY_AUTH,
                                      .code = "InvalidClientTokenId"};
static const struct fault forbidden = {.category = ESC_CATEGORY_PERMISSION,
                                       .code = "UnauthorizedOperation",
                                       .message =
                                           "with an explicit deny in a service control policy"};

static void a_region_that_a_policy_forbids_says_so_list_by_list(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 3);
    add_refusal(&cloud, "me-south-1", &forbidden);
    run_in(&cloud, "me-south-1", "us-west-2", NULL);
    assert_string_equal("scp", state(&cloud, "me-south-1", "DescribeDBInstances"));
    expect_contains("service control policy", why(&cloud, "me-south-1", "DescribeDBInstances"));
    assert_string_equal("scp", state(&cloud, "me-south-1", "DescribeSubnets"));
    assert_string_equal("skipped", state(&cloud, "me-south-1", "ListAliases"));
    expect_contains("the list that it follows", why(&cloud, "me-south-1", "ListAliases"));
    assert_string_equal("ok", state(&cloud, "us-west-2", "DescribeInstances"));
    assert_string_equal("ok", state(&cloud, "us-east-1", "ListBuckets"));
    cloud_done(&cloud);
}

static void one_forbidden_service_is_no_forbidden_region(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 3);
    struct fault fault = forbidden;
    fault.operation = "DescribeDBInstances";
    add_fault(&cloud, fault);
    run_in(&cloud, "us-west-2", NULL, NULL);
    assert_string_equal("scp", state(&cloud, "us-west-2", "DescribeDBInstances"));
    assert_string_equal("ok", state(&cloud, "us-west-2", "DescribeDBClusters"));
    assert_string_equal("ok", state(&cloud, "us-west-2", "DescribeInstances"));
    assert_int_equal(1, cloud.summary.cells[ESC_SCAN_SCP]);
    cloud_done(&cloud);
}

static void forbidden_services_hide_no_other(void **)
{
    for (unsigned workers = 1; workers <= 4; workers++) {
        struct cloud cloud;
        cloud_init(&cloud, workers);
        ESC_CLEANUP(esc_account_freep)
        struct esc_account *account = account_with("123456789012", "a", "us-west-2", NULL);
        const struct esc_account *accounts[] = {account};
        struct esc_scan_options options = options_for(&cloud);
        options.accounts = accounts;
        options.account_count = 1;
        options.workers = workers;
        add_refusal(&cloud, "us-west-2", &forbidden);
        add_fault(&cloud, (struct fault){.operation = "GetResources",
                                         .category = ESC_CATEGORY_NONE,
                                         .output = "{\"ResourceTagMappingList\":[]}"});
        run(&cloud, &options);
        assert_string_equal("scp", state(&cloud, "us-west-2", "DescribeDBInstances"));
        assert_string_equal("ok", state(&cloud, "us-west-2", "GetResources"));
        cloud_done(&cloud);
    }
}

static void a_region_that_refuses_good_keys_is_not_enabled(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 3);
    add_refusal(&cloud, "me-south-1", &bad_keys);
    run_in(&cloud, "me-south-1", "us-west-2", NULL);
    assert_string_equal("disabled", state(&cloud, "me-south-1", "DescribeDBInstances"));
    assert_string_equal("disabled", state(&cloud, "me-south-1", "DescribeSubnets"));
    expect_contains("not enabled", why(&cloud, "me-south-1", "DescribeSubnets"));
    assert_int_equal(5, count_calls(&cloud, "me-south-1"));
    assert_string_equal("ok", state(&cloud, "us-west-2", "DescribeInstances"));
    cloud_done(&cloud);
}

static void the_identity_tells_bad_keys_from_a_region_that_is_not_enabled(void **)
{
    static const char *const services[] = {"rds", "ec2", NULL};
    struct cloud cloud;
    cloud_init(&cloud, 3);
    add_refusal(&cloud, "me-south-1", &bad_keys);
    run_in(&cloud, "me-south-1", NULL, services);
    assert_int_equal(1, count_calls(&cloud, "us-east-1 GetCallerIdentity"));
    assert_string_equal("disabled", state(&cloud, "me-south-1", "DescribeInstances"));
    cloud_done(&cloud);

    cloud_init(&cloud, 3);
    add_refusal(&cloud, NULL, &bad_keys);
    run_in(&cloud, "me-south-1", "us-west-2", services);
    assert_int_equal(1, count_calls(&cloud, "GetCallerIdentity"));
    assert_string_equal("denied", state(&cloud, "me-south-1", "DescribeInstances"));
    assert_string_equal("denied", state(&cloud, "us-east-1", "GetCallerIdentity"));
    cloud_done(&cloud);
}

static void with_bad_keys_little_is_asked(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 3);
    add_refusal(&cloud, NULL, &bad_keys);
    run_in(&cloud, "us-west-2", "eu-west-1", NULL);
    assert_true(cloud.calls.count <= 12); /* of some fifty */
    assert_string_equal("skipped", state(&cloud, "us-west-2", "DescribeSubnets"));
    expect_contains("keys were refused", why(&cloud, "us-west-2", "DescribeSubnets"));
    assert_int_equal(0, cloud.summary.cells[ESC_SCAN_DISABLED]);
    cloud_done(&cloud);
}

static void a_service_nobody_signed_up_for_is_disabled(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 3);
    add_fault(&cloud, (struct fault){.operation = "ListFunctions",
                                     .category = ESC_CATEGORY_PERMISSION,
                                     .code = "OptInRequired"});
    run_in(&cloud, "us-west-2", NULL, NULL);
    assert_string_equal("disabled", state(&cloud, "us-west-2", "ListFunctions"));
    assert_string_equal("ok", state(&cloud, "us-west-2", "ListLayers"));
    cloud_done(&cloud);
}

static void a_session_that_ran_out_says_nothing_of_the_region(void **)
{
    static const char *const services[] = {"rds", "s3", NULL};
    struct cloud cloud;
    cloud_init(&cloud, 3);
    add_fault(&cloud, (struct fault){.operation = "ListBuckets",
                                     .category = ESC_CATEGORY_AUTH,
                                     .code = "ExpiredToken"});
    run_in(&cloud, "us-west-2", NULL, services);
    assert_string_equal("denied", state(&cloud, "us-east-1", "ListBuckets"));
    assert_string_equal("ok", state(&cloud, "us-west-2", "DescribeDBInstances"));
    cloud_done(&cloud);
}

/* Pages */

static const char *const page_texts[] = {
    "{\"DBInstances\": [{\"DBInstanceIdentifier\": \"one\", \"Engine\": \"mysql\"}]}",
    "{\"DBInstances\": []}",
    "{\"DBInstances\": [{\"DBInstanceIdentifier\": \"two\"},"
    " {\"DBInstanceIdentifier\": \"one\", \"Engine\": \"postgres\"}]}",
};

static void pages_are_taken_one_by_one(void **)
{
    static const char *const services[] = {"rds", NULL};
    struct cloud cloud;
    cloud_init(&cloud, 3);
    add_fault(&cloud, (struct fault){.operation = "DescribeDBInstances",
                                     .pages = page_texts,
                                     .page_count = 3,
                                     .output = "{\"DBInstances\": []}"});
    run_in(&cloud, "us-west-2", NULL, services);
    const struct esc_json *seen = cell(&cloud, "us-west-2", "DescribeDBInstances");
    assert_string_equal("ok", esc_json_str(seen, "state", ""));
    assert_int_equal(4, esc_json_num(seen, "pages", 0));
    assert_int_equal(5, esc_json_num(seen, "calls", 0)); /* as the answer says */
    assert_int_equal(2, esc_json_num(seen, "resources", 0));
    assert_int_equal(0, cloud.doubles);
    expect_contains("postgres", resource(&cloud, "us-west-2-rds_instance-one"));
    assert_non_null(resource(&cloud, "us-west-2-rds_instance-two"));
    cloud_done(&cloud);
}

static void a_list_that_breaks_off_is_partial_and_not_asked_again(void **)
{
    static const char *const services[] = {"rds", NULL};
    struct cloud cloud;
    cloud_init(&cloud, 3);
    add_fault(&cloud, (struct fault){.operation = "DescribeDBInstances",
                                     .pages = page_texts,
                                     .page_count = 2,
                                     .category = ESC_CATEGORY_NETWORK,
                                     .message = "the connection was reset"});
    run_in(&cloud, "us-west-2", NULL, services);
    assert_string_equal("partial", state(&cloud, "us-west-2", "DescribeDBInstances"));
    assert_false(esc_json_flag(cell(&cloud, "us-west-2", "DescribeDBInstances"), "complete", true));
    assert_int_equal(1, count_calls(&cloud, "DescribeDBInstances"));
    assert_non_null(resource(&cloud, "us-west-2-rds_instance-one"));
    cloud_done(&cloud);
}

static void what_was_tried_again_already_is_not_tried_again(void **)
{
    static const char *const services[] = {"rds", NULL};
    struct cloud cloud;
    cloud_init(&cloud, 3);
    add_fault(&cloud, (struct fault){.operation = "DescribeDBInstances",
                                     .category = ESC_CATEGORY_THROTTLE,
                                     .code = "Throttling",
                                     .final = true});
    run_in(&cloud, "us-west-2", NULL, services);
    assert_int_equal(1, count_calls(&cloud, "DescribeDBInstances"));
    assert_string_equal("throttled", state(&cloud, "us-west-2", "DescribeDBInstances"));
    cloud_done(&cloud);
}

static void resume_scan(void *context)
{
    struct cloud *cloud = context;
    assert_int_equal(0, cloud->calls.count);
    esc_scan_pause(cloud->scan, false);
}

static void a_paused_scan_begins_nothing_until_it_goes_on(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 3);
    ESC_CLEANUP(esc_account_freep)
    struct esc_account *account = account_with("123456789012", "a", "us-west-2", NULL);
    const struct esc_account *accounts[] = {account};
    struct esc_scan_options options = options_for(&cloud);
    options.accounts = accounts;
    options.account_count = 1;
    expect_ok(esc_scan_start(cloud.loop, &options, &cloud.scan, &err));
    esc_scan_pause(cloud.scan, true);
    struct esc_timer *timer = esc_timer_start(cloud.loop, 20, resume_scan, &cloud);
    assert_true(esc_loop_run_until(cloud.loop, is_done, &cloud));
    assert_non_null(timer);
    assert_int_equal(cloud.cells.count, cloud.summary.cells[ESC_SCAN_OK]);
    cloud_done(&cloud);
}

static void one_refusal_where_others_worked_is_only_its_own(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 3);
    ESC_CLEANUP(esc_account_freep)
    struct esc_account *account = account_with("123456789012", "a", "us-west-2", NULL);
    const struct esc_account *accounts[] = {account};
    struct esc_scan_options options = options_for(&cloud);
    options.accounts = accounts;
    options.account_count = 1;
    options.workers = 1;
    add_fault(&cloud, (struct fault){.operation = "ListFunctions",
                                     .category = ESC_CATEGORY_AUTH,
                                     .code = "SignatureDoesNotMatch"});
    run(&cloud, &options);
    assert_string_equal("denied", state(&cloud, "us-west-2", "ListFunctions"));
    assert_string_equal("ok", state(&cloud, "us-west-2", "ListLayers"));
    cloud_done(&cloud);
}

static void a_bucket_without_a_known_region_is_left_out_and_kept_elsewhere(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 3);
    add_fault(&cloud, (struct fault){.operation = "GetBucketLocation",
                                     .in_params = "acme-logs",
                                     .category = ESC_CATEGORY_PERMISSION,
                                     .code = "AccessDenied"});
    run_usual(&cloud);
    assert_null(resource(&cloud, "us-west-2-s3_bucket-acme-logs"));
    assert_non_null(resource(&cloud, "us-west-2-s3_bucket-acme-web"));
    assert_string_equal("partial", state(&cloud, "us-east-1", "ListBuckets"));
    assert_string_equal("partial", state(&cloud, "us-east-1", "GetBucketLocation"));
    assert_false(esc_json_flag(cell(&cloud, "us-east-1", "ListBuckets"), "complete", true));
    assert_int_equal(0, count_calls(&cloud, "GetBucketVersioning {\"Bucket\":\"acme-logs\"}"));
    /* details are asked where the bucket is */
    assert_int_equal(1, count_calls(&cloud, "us-west-2 GetBucketVersioning"));
    cloud_done(&cloud);
}

static void nothing_configured_is_no_failure(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 3);
    add_fault(&cloud, (struct fault){.operation = "GetBucketLifecycleConfiguration",
                                     .category = ESC_CATEGORY_NOT_FOUND,
                                     .code = "NoSuchLifecycleConfiguration"});
    run_usual(&cloud);
    assert_string_equal("ok", state(&cloud, "us-east-1", "GetBucketLifecycleConfiguration"));
    expect_contains("\"lifecycle_rules\":0", resource(&cloud, "us-west-2-s3_bucket-acme-web"));
    cloud_done(&cloud);
}

static void tags_that_nobody_told_are_unknown_and_not_empty(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 3);
    add_fault(&cloud, (struct fault){.operation = "GetResources",
                                     .region = "us-west-2",
                                     .category = ESC_CATEGORY_PERMISSION});
    add_fault(&cloud, (struct fault){.operation = "GetBucketTagging",
                                     .in_params = "acme-web",
                                     .category = ESC_CATEGORY_PERMISSION});
    run_usual(&cloud);
    expect_contains("\"tags_unknown\":true", resource(&cloud, "us-west-2-lambda_function-resize"));
    assert_null(strstr(resource(&cloud, "eu-west-1-lambda_function-resize"), "tags_unknown"));
    expect_contains("\"tags\":{\"app\":\"own\"}",
                    resource(&cloud, "us-west-2-s3_bucket-acme-logs"));
    expect_contains("\"tags_unknown\":true", resource(&cloud, "us-west-2-s3_bucket-acme-web"));
    assert_string_equal("partial", state(&cloud, "us-east-1", "GetBucketTagging"));
    assert_string_equal("ok", state(&cloud, "us-east-1", "ListBuckets"));
    cloud_done(&cloud);
}

/* A list of one database with so many bytes of tags; owned. */
static char *database_with_tags(size_t bytes)
{
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_JSON);
    esc_buf_add_text(&text, "{\"DBInstances\": [{\"DBInstanceIdentifier\": \"main\","
                            " \"DBInstanceStatus\": \"available\", \"TagList\": [");
    for (size_t i = 0; text.len < bytes; i++)
        esc_buf_printf(&text, "%s{\"Key\": \"key-%zu\", \"Value\": \"some value\"}", i ? "," : "",
                       i);
    esc_buf_add_text(&text, "]}]}");
    return esc_buf_take(&text);
}

static void what_says_too_much_is_kept_without_its_tags(void **)
{
    static const char *const services[] = {"rds", NULL};
    static const struct {
        size_t bytes;
        const char *state, *said;
    } cases[] = {
        {100 * 1024, "ok", "\"key-999\":"},
        {10 * 1024 * 1024, "partial", "\"tags_unknown\":true"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct cloud cloud;
        ESC_CLEANUP(esc_freep) char *list = database_with_tags(cases[i].bytes);
        cloud_init(&cloud, 3);
        add_fault(&cloud, (struct fault){.operation = "DescribeDBInstances", .output = list});
        run_in(&cloud, "us-west-2", NULL, services);
        const char *kept = resource(&cloud, "us-west-2-rds_instance-main");
        assert_non_null(kept);
        assert_true(strlen(kept) < ESC_MAX_RESOURCE);
        expect_contains(cases[i].said, kept);
        assert_string_equal(cases[i].state, state(&cloud, "us-west-2", "DescribeDBInstances"));
        assert_string_equal("ok", state(&cloud, "us-west-2", "DescribeDBClusters"));
        cloud_done(&cloud);
    }
}

static void details_are_no_more_complete_than_their_list(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 3);
    add_fault(&cloud, (struct fault){.operation = "ListFunctions",
                                     .region = "us-west-2",
                                     .category = ESC_CATEGORY_PERMISSION});
    add_fault(&cloud, (struct fault){.operation = "ListAliases",
                                     .region = "eu-west-1",
                                     .in_params = "small",
                                     .category = ESC_CATEGORY_SERVICE});
    run_usual(&cloud);
    assert_string_equal("skipped", state(&cloud, "us-west-2", "ListAliases"));
    expect_contains("the list that it follows", why(&cloud, "us-west-2", "ListAliases"));
    expect_contains("no reason", why(&cloud, "us-west-2", "ListFunctions"));
    assert_string_equal("partial", state(&cloud, "eu-west-1", "ListAliases"));
    assert_string_equal("ok", state(&cloud, "eu-west-1", "ListFunctions"));
    cloud_done(&cloud);
}

static void tags_of_balancers_are_asked_twenty_at_a_time(void **)
{
    struct esc_buf output;
    esc_buf_init(&output, ESC_MAX_REQUEST);
    esc_buf_add_text(&output, "{\"LoadBalancers\": [");
    for (unsigned i = 0; i < 25; i++)
        esc_buf_printf(&output,
                       "%s{\"LoadBalancerName\": \"web-%u\", \"LoadBalancerArn\": "
                       "\"arn:aws:elasticloadbalancing:us-west-2:123456789012:loadbalancer/app/"
                       "web-%u/1\"}",
                       i ? ", " : "", i, i);
    esc_buf_add_text(&output, "]}");
    struct cloud cloud;
    cloud_init(&cloud, 3);
    add_fault(&cloud, (struct fault){.operation = "DescribeLoadBalancers",
                                     .region = "us-west-2",
                                     .output = esc_buf_text(&output)});
    run_usual(&cloud);
    assert_int_equal(2, count_calls(&cloud, "DescribeTags"));
    assert_int_equal(1, count_calls(&cloud, "loadbalancer/app/web-19/1\"]}"));
    assert_int_equal(2 * 14 + 2 + 25, esc_map_count(cloud.found));
    cloud_done(&cloud);
    esc_buf_done(&output);
}

/* Three hundred networks in us-west-2. */
static void init_large(struct cloud *cloud, struct esc_buf *output)
{
    esc_buf_init(output, ESC_MAX_REQUEST);
    esc_buf_add_text(output, "{\"Vpcs\": [");
    for (unsigned i = 0; i < 300; i++)
        esc_buf_printf(output, "%s{\"VpcId\": \"vpc-%08x\"}", i ? ", " : "", i);
    esc_buf_add_text(output, "]}");
    cloud_init(cloud, 3);
    add_fault(cloud, (struct fault){.operation = "DescribeVpcs",
                                    .region = "us-west-2",
                                    .output = esc_buf_text(output)});
}

static void large_places_come_in_batches(void **)
{
    struct esc_buf output;
    struct cloud cloud;
    init_large(&cloud, &output);
    run_usual(&cloud);
    assert_int_equal(4 + 1 + 1, cloud.batch_count); /* 313, 14 and 2 resources */
    cloud_done(&cloud);
    esc_buf_done(&output);
}

static void a_paused_scan_hands_nothing_on_until_it_goes_on(void **)
{
    for (size_t at = 1; at <= 6; at++) {
        struct esc_buf output;
        struct cloud cloud;
        init_large(&cloud, &output);
        cloud.pause_at = at;
        run_usual(&cloud);
        assert_int_equal(6, cloud.batch_count);
        assert_int_equal(0, cloud.doubles);
        assert_int_equal(cloud.cells.count, cloud.summary.cells[ESC_SCAN_OK]);
        cloud_done(&cloud);
        esc_buf_done(&output);
    }
}

/* In the middle of a place, or between two. */
static void a_scan_cancelled_while_a_place_is_handed_on_hands_nothing_more_on(void **)
{
    for (size_t at = 1; at < 6; at++) {
        struct esc_buf output;
        struct cloud cloud;
        init_large(&cloud, &output);
        cloud.cancel_at = at;
        run_usual(&cloud);
        assert_true(cloud.summary.cancelled);
        assert_int_equal(at, cloud.batch_count);
        const struct esc_json *cut = cell(&cloud, "us-west-2", "DescribeVpcs");
        const bool is_whole = esc_text_equal(esc_json_str(cut, "state", ""), "ok");
        size_t networks = 0;
        struct esc_str id;
        for (size_t next = 0; esc_map_next(cloud.found, &next, &id, NULL);)
            networks += esc_str_contains(id, ESC_STR("us-west-2-vpc-"));
        assert_true(is_whole ? networks == 300 : networks < 300);
        cloud_done(&cloud);
        esc_buf_done(&output);
    }
}

static void an_account_without_regions_is_asked_for_them(void **)
{
    static const struct {
        const char *role;
        unsigned denied, regions; /* how many ways to ask for them are refused */
    } cases[] = {
        {NULL, 0, 2},
        {NULL, 1, 3},
        {NULL, 2, 17},
        {"arn:aws-cn:iam::123456789012:role/R", 2, 2},
        {"arn:aws-us-gov:iam::123456789012:role/R", 2, 2},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct cloud cloud;
        cloud_init(&cloud, 3);
        ESC_CLEANUP(esc_account_freep)
        struct esc_account *account = account_with("123456789012", "a", NULL, NULL);
        const struct esc_account *accounts[] = {account};
        struct esc_scan_options options = options_for(&cloud);
        options.accounts = accounts;
        options.account_count = 1;
        account->role_arn = esc_strdup_null(cases[i].role);
        if (cases[i].denied > 0)
            add_fault(&cloud, (struct fault){.operation = "DescribeRegions",
                                             .category = ESC_CATEGORY_PERMISSION});
        if (cases[i].denied > 1)
            add_fault(&cloud, (struct fault){.operation = "ListRegions",
                                             .category = ESC_CATEGORY_PERMISSION});
        run(&cloud, &options);
        assert_int_equal(cases[i].regions, count_calls(&cloud, "DescribeDBInstances"));
        assert_int_equal(cases[i].denied > 0, count_calls(&cloud, "ListRegions"));
        const char *main_region =
            cases[i].role ? i == 3 ? "cn-north-1" : "us-gov-west-1" : "us-east-1";
        assert_string_equal(cases[i].denied ? "denied" : "ok",
                            state(&cloud, main_region, "DescribeRegions"));
        cloud_done(&cloud);
    }
}

/* One is protected, one has gone since the list, one may not be asked about; others cost no call. */
static void protection_is_asked_where_it_matters_and_its_refusal_loses_no_row(void **)
{
    static const char *const services[] = {"protection", NULL}; /* which needs the list */
    struct cloud cloud;
    cloud_init(&cloud, 4);
    add_fault(&cloud,
              (struct fault){.operation = "DescribeInstances",
                             .output = "{\"Reservations\": [{\"Instances\": ["
                                       "{\"InstanceId\": \"i-00000001\"},"
                                       "{\"InstanceId\": \"i-00000002\"},"
                                       "{\"InstanceId\": \"i-00000003\"},"
                                       "{\"InstanceId\": \"i-00000004\", \"Tags\": [{\"Key\":"
                                       " \"aws:autoscaling:groupName\", \"Value\": \"web\"}]},"
                                       "{\"InstanceId\": \"i-00000005\","
                                       " \"InstanceLifecycle\": \"spot\"},"
                                       "{\"InstanceId\": \"i-00000006\","
                                       " \"State\": {\"Name\": \"terminated\"}}]}]}"});
    add_fault(&cloud, (struct fault){.operation = "DescribeInstanceAttribute",
                                     .in_params = "i-00000002",
                                     .category = ESC_CATEGORY_NOT_FOUND,
                                     .code = "InvalidInstanceID.NotFound"});
    add_fault(&cloud, (struct fault){.operation = "DescribeInstanceAttribute",
                                     .region = "us-west-2",
                                     .in_params = "i-00000003",
                                     .category = ESC_CATEGORY_PERMISSION,
                                     .code = "UnauthorizedOperation"});
    ESC_CLEANUP(esc_account_freep)
    struct esc_account *account = account_with("123456789012", "a", "us-west-2", "eu-west-1");
    const struct esc_account *accounts[] = {account};
    struct esc_scan_options options = options_for(&cloud);
    options.accounts = accounts;
    options.account_count = 1;
    options.services = services;
    run(&cloud, &options);
    assert_int_equal(2 * 3, count_calls(&cloud, "DescribeInstanceAttribute"));
    assert_int_equal(2 * (6 + 1), esc_map_count(cloud.found));
    const struct esc_json *refused = cell(&cloud, "us-west-2", "DescribeInstanceAttribute");
    assert_string_equal("partial", esc_json_str(refused, "state", ""));
    const struct esc_json *list = cell(&cloud, "us-west-2", "DescribeInstances");
    assert_true(esc_json_flag(list, "complete", false));
    const struct esc_json *whole = cell(&cloud, "eu-west-1", "DescribeInstanceAttribute");
    assert_string_equal("ok", esc_json_str(whole, "state", ""));
    expect_contains("termination protection is on",
                    resource(&cloud, "us-west-2-ec2_instance-i-00000001"));
    cloud_done(&cloud);
}

static bool only_protection(void *, const struct esc_account *, const char *,
                            const struct esc_scanner *scanner)
{
    return esc_text_equal(scanner->name, "protection");
}

/* A call for each of thousands would take a sync minutes; who names it has the time. */
static void protection_of_many_is_asked_by_name_only(void **)
{
    static const char *const services[] = {"protection", NULL};
    for (int count = 50; count <= 51; count++) {
        for (int named = 0; named < 2; named++) {
            struct cloud cloud;
            struct esc_buf list;
            cloud_init(&cloud, 4);
            esc_buf_init(&list, ESC_MAX_LINE);
            esc_buf_add_text(&list, "{\"Reservations\": [{\"Instances\": [");
            for (int i = 0; i < count; i++)
                esc_buf_printf(&list, "%s{\"InstanceId\": \"i-%08x\"}", i ? "," : "", i);
            esc_buf_add_text(&list, "]}]}");
            add_fault(&cloud, (struct fault){.operation = "DescribeInstances",
                                             .output = esc_buf_text(&list)});
            ESC_CLEANUP(esc_account_freep)
            struct esc_account *account = account_with("123456789012", "a", "us-west-2", NULL);
            const struct esc_account *accounts[] = {account};
            struct esc_scan_options options = options_for(&cloud);
            options.accounts = accounts;
            options.account_count = 1;
            options.services = named ? services : NULL;
            options.wants = only_protection;
            run(&cloud, &options);
            assert_int_equal(named || count == 50 ? count : 0,
                             count_calls(&cloud, "DescribeInstanceAttribute"));
            assert_string_equal("ok", state(&cloud, "us-west-2", "DescribeInstanceAttribute"));
            cloud_done(&cloud);
            esc_buf_done(&list);
        }
    }
}

/* Of a cloud that means harm, or of none at all. */
static void names_that_are_no_regions_cost_nothing(void **)
{
    struct esc_buf text;
    struct cloud cloud;
    cloud_init(&cloud, 3);
    esc_buf_init(&text, 1024 * 1024);
    esc_buf_add_text(&text, "{\"Regions\":[{\"RegionName\":\"--profile x\"},{\"RegionName\":"
                            "\"us-west-2/../..\"},{\"RegionName\":\"us-west-2\"},"
                            "{\"RegionName\":\"us-west-2\"},{\"RegionName\":7},{}");
    for (unsigned i = 0; i < 5000; i++)
        esc_buf_printf(&text, ",{\"RegionName\":\"made-up-%u\"}", i);
    esc_buf_add_text(&text, "]}");
    add_fault(&cloud, (struct fault){.operation = "DescribeRegions",
                                     .category = ESC_CATEGORY_NONE,
                                     .output = esc_buf_text(&text)});
    run_in(&cloud, NULL, NULL, NULL);
    assert_int_equal(100, count_calls(&cloud, "DescribeDBInstances"));
    assert_int_equal(1, count_calls(&cloud, "us-west-2 DescribeDBInstances"));
    assert_int_equal(0, count_calls(&cloud, "profile"));
    esc_buf_done(&text);
    cloud_done(&cloud);
}

static void what_has_gone_since_its_list_is_no_failure(void **)
{
    static const struct {
        const char *operation, *code;
        enum esc_error_category category;
    } gone[] = {
        {"ListAliases", "ResourceNotFoundException", ESC_CATEGORY_NOT_FOUND},
        {"GetBucketLifecycleConfiguration", "NoSuchBucket", ESC_CATEGORY_NOT_FOUND},
    };
    for (size_t i = 0; i < ESC_COUNT(gone); i++) {
        struct cloud cloud;
        cloud_init(&cloud, 5);
        add_fault(&cloud, (struct fault){.operation = gone[i].operation,
                                         .code = gone[i].code,
                                         .category = gone[i].category});
        run_usual(&cloud);
        assert_int_equal(cloud.cells.count, cloud.summary.cells[ESC_SCAN_OK]);
        cloud_done(&cloud);
    }
}

static void filters_ask_for_less(void **)
{
    static const char *const regions[] = {"eu-west-1", "us-east-1", NULL};
    static const char *const services[] = {"lambda", NULL};
    struct cloud cloud;
    cloud_init(&cloud, 3);
    ESC_CLEANUP(esc_account_freep)
    struct esc_account *account = account_with("123456789012", "a", "us-west-2", "eu-west-1");
    ESC_CLEANUP(esc_account_freep)
    struct esc_account *open = account_with("987654321098", "b", NULL, NULL);
    const struct esc_account *accounts[] = {account, open};
    struct esc_scan_options options = options_for(&cloud);
    options.accounts = accounts;
    options.account_count = 2;
    options.regions = regions;
    options.services = services;
    run(&cloud, &options);
    /* one region of the first account, two of the second: functions, layers, tags, two aliases,
     * and what calls functions */
    assert_int_equal(3 * 6, cloud.calls.count);
    assert_int_equal(0, count_calls(&cloud, "us-west-2"));
    assert_int_equal(0, count_calls(&cloud, "DescribeRegions"));
    cloud_done(&cloud);
}

static void bad_options_are_refused(void **)
{
    static const char *const nowhere[] = {"eu-north-1", NULL};
    static const char *const unknown[] = {"planets", NULL};
    struct cloud cloud;
    struct esc_scan *scan = NULL;
    cloud_init(&cloud, 3);
    ESC_CLEANUP(esc_account_freep)
    struct esc_account *account = account_with("123456789012", "a", "us-west-2", NULL);
    const struct esc_account *accounts[] = {account};
    struct esc_scan_options options = options_for(&cloud);
    expect_status(ESC_INVALID, esc_scan_start(cloud.loop, &options, &scan, &err));
    options.accounts = accounts;
    options.account_count = 1;
    options.regions = nowhere;
    expect_status(ESC_INVALID, esc_scan_start(cloud.loop, &options, &scan, &err));
    options.regions = NULL;
    options.services = unknown;
    expect_status(ESC_INVALID, esc_scan_start(cloud.loop, &options, &scan, &err));
    assert_non_null(strstr(err.message, "no service is called `planets`; there are rds, ec2"));
    assert_null(scan);
    cloud_done(&cloud);
}

static void a_cancelled_scan_ends_and_removes_nothing(void **)
{
    for (unsigned after = 1; after <= 40; after++) {
        struct cloud cloud;
        cloud_init(&cloud, after);
        cloud.cancel_after = after;
        add_fault(&cloud, (struct fault){.operation = "ListFunctions",
                                         .category = ESC_CATEGORY_THROTTLE}); /* some wait */
        run_usual(&cloud);
        assert_true(cloud.summary.cancelled);
        assert_true(cloud.calls.count <= after + 2); /* those already under way */
        for (size_t i = 0; i < cloud.cells.count; i++) {
            const struct esc_json *seen = esc_list_at(&cloud.cells, i);
            const char *region = esc_json_str(seen, "region", "");
            ESC_CLEANUP(esc_freep) char *main_id = esc_sprintf("%s-rds_instance-main", region);
            if (esc_json_flag(seen, "complete", true) && !esc_text_equal(region, "us-east-1"))
                assert_non_null(resource(&cloud, main_id)); /* its place was handed on before */
        }
        cloud_done(&cloud);
    }
}

static void a_scan_cancelled_at_once_makes_no_call(void **)
{
    struct cloud cloud;
    cloud_init(&cloud, 1);
    ESC_CLEANUP(esc_account_freep)
    struct esc_account *account = account_with("123456789012", "a", NULL, NULL);
    const struct esc_account *accounts[] = {account};
    struct esc_scan_options options = options_for(&cloud);
    options.accounts = accounts;
    options.account_count = 1;
    expect_ok(esc_scan_start(cloud.loop, &options, &cloud.scan, &err));
    esc_scan_cancel(cloud.scan);
    esc_scan_cancel(cloud.scan);
    assert_false(cloud.done);
    assert_true(esc_loop_run_until(cloud.loop, is_done, &cloud));
    assert_int_equal(0, cloud.calls.count);
    assert_int_equal(1, cloud.summary.cells[ESC_SCAN_SKIPPED]);
    cloud_done(&cloud);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_place_is_asked_and_what_it_has_is_handed_on),
        cmocka_unit_test(no_more_calls_run_than_there_are_workers),
        cmocka_unit_test(the_order_of_answers_changes_nothing),
        cmocka_unit_test(one_failed_cell_costs_no_other),
        cmocka_unit_test(a_throttled_call_is_tried_again),
        cmocka_unit_test(a_denied_call_is_not_tried_again),
        cmocka_unit_test(a_region_that_a_policy_forbids_says_so_list_by_list),
        cmocka_unit_test(one_forbidden_service_is_no_forbidden_region),
        cmocka_unit_test(forbidden_services_hide_no_other),
        cmocka_unit_test(a_region_that_refuses_good_keys_is_not_enabled),
        cmocka_unit_test(the_identity_tells_bad_keys_from_a_region_that_is_not_enabled),
        cmocka_unit_test(with_bad_keys_little_is_asked),
        cmocka_unit_test(a_service_nobody_signed_up_for_is_disabled),
        cmocka_unit_test(a_session_that_ran_out_says_nothing_of_the_region),
        cmocka_unit_test(pages_are_taken_one_by_one),
        cmocka_unit_test(a_list_that_breaks_off_is_partial_and_not_asked_again),
        cmocka_unit_test(what_was_tried_again_already_is_not_tried_again),
        cmocka_unit_test(a_paused_scan_begins_nothing_until_it_goes_on),
        cmocka_unit_test(one_refusal_where_others_worked_is_only_its_own),
        cmocka_unit_test(a_bucket_without_a_known_region_is_left_out_and_kept_elsewhere),
        cmocka_unit_test(nothing_configured_is_no_failure),
        cmocka_unit_test(tags_that_nobody_told_are_unknown_and_not_empty),
        cmocka_unit_test(what_says_too_much_is_kept_without_its_tags),
        cmocka_unit_test(details_are_no_more_complete_than_their_list),
        cmocka_unit_test(tags_of_balancers_are_asked_twenty_at_a_time),
        cmocka_unit_test(large_places_come_in_batches),
        cmocka_unit_test(a_paused_scan_hands_nothing_on_until_it_goes_on),
        cmocka_unit_test(a_scan_cancelled_while_a_place_is_handed_on_hands_nothing_more_on),
        cmocka_unit_test(an_account_without_regions_is_asked_for_them),
        cmocka_unit_test(protection_of_many_is_asked_by_name_only),
        cmocka_unit_test(protection_is_asked_where_it_matters_and_its_refusal_loses_no_row),
        cmocka_unit_test(names_that_are_no_regions_cost_nothing),
        cmocka_unit_test(what_has_gone_since_its_list_is_no_failure),
        cmocka_unit_test(filters_ask_for_less),
        cmocka_unit_test(bad_options_are_refused),
        cmocka_unit_test(a_cancelled_scan_ends_and_removes_nothing),
        cmocka_unit_test(a_scan_cancelled_at_once_makes_no_call),
    };
    return cmocka_run_group_tests_name("scan/walk", tests, NULL, NULL);
}
