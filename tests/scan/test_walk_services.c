/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A scan of every scanner there is, against a cloud that answers from a table: what comes in one
 * call, what is asked in batches that belong together, what stands in no region.
 */

#include <stdlib.h>
#include <string.h>

#include "escher/aws/read_private.h"
#include "escher/base/map.h"
#include "escher/scan/scan_private.h"
#include "escher/scan/walk.h"
#include "tests/support/test.h"

static struct esc_error err;

struct cloud {
    struct esc_loop *loop;
    const char *fails;     /* an operation that is denied; NULL: none */
    struct esc_list calls; /* char *: "region service.Operation params" */
    struct esc_map *found; /* id → char *: the resource's JSON */
    struct esc_map *cells; /* "region service.Operation" → char *: state */
    bool done;
};

struct call {
    struct cloud *cloud;
    esc_scan_answer_fn *answer;
    void *token;
    char *name, *params; /* "service.Operation" */
};

#define ARN(service, resource) "arn:aws:" service ":us-west-2:123456789012:" resource

/* By a part of the parameters. Lists that are not here are empty. */
static const struct {
    const char *name, *in_params, *output;
} answers[] = {
    {"ecs.ListClusters", "",
     "{\"clusterArns\": [\"" ARN("ecs", "cluster/shop") "\", \"" ARN("ecs", "cluster/jobs") "\"]}"},
    {"ecs.DescribeClusters", "",
     "{\"clusters\": [{\"clusterArn\": \"" ARN(
         "ecs", "cluster/shop") "\", \"status\": \"ACTIVE\"},"
                                " {\"clusterArn\": \"" ARN(
                                    "ecs", "cluster/jobs") "\", \"status\": \"ACTIVE\"}]}"},
    {"ecs.ListServices", "jobs", "{\"serviceArns\": [\"" ARN("ecs", "service/jobs/night") "\"]}"},
    {"ecs.ListServices", "shop",
     "{\"serviceArns\": [\"" ARN("ecs", "service/shop/web") "\", \"" ARN(
         "ecs", "service/shop/api") "\"]}"},
    {"ecs.DescribeServices", "jobs",
     "{\"services\": [{\"serviceArn\": \"" ARN("ecs",
                                               "service/jobs/night") "\","
                                                                     " \"status\": \"ACTIVE\"}]}"},
    {"ecs.DescribeServices", "shop",
     "{\"services\": [{\"serviceArn\": \"" ARN(
         "ecs", "service/shop/web") "\","
                                    " \"status\": \"ACTIVE\"}, {\"serviceArn\": \"" ARN(
                                        "ecs", "service/shop/api") "\","
                                                                   " \"status\": \"DRAINING\"}]}"},
    {"eks.ListClusters", "", "{\"clusters\": [\"apps\"]}"},
    {"eks.DescribeCluster", "apps",
     "{\"cluster\": {\"name\": \"apps\", \"status\": \"ACTIVE\", \"tags\": {\"app\": \"x\"}}}"},
    {"dynamodb.ListTables", "", "{\"TableNames\": [\"orders\"]}"},
    {"dynamodb.DescribeTable", "orders", "{\"Table\": {\"TableStatus\": \"ACTIVE\"}}"},
    {"dynamodb.DescribeContinuousBackups", "orders",
     "{\"ContinuousBackupsDescription\": {\"PointInTimeRecoveryDescription\":"
     " {\"PointInTimeRecoveryStatus\": \"ENABLED\"}}}"},
    {"sqs.ListQueues", "", "{\"QueueUrls\": [\"https://sqs/123456789012/orders\"]}"},
    {"sqs.GetQueueAttributes", "https://sqs/123456789012/orders", "{\"Attributes\": {}}"},
    {"sns.ListTopics", "",
     "{\"Topics\": [{\"TopicArn\": \"" ARN("sns", "a") "\"}, {\"TopicArn\": \"" ARN("sns",
                                                                                    "b") "\"}]}"},
    {"sns.ListSubscriptions", "{}",
     "{\"Subscriptions\": [{\"TopicArn\": \"" ARN("sns", "a") "\", \"Protocol\": \"sqs\","
                                                              " \"Endpoint\": \"" ARN(
                                                                  "sqs", "orders") "\"}]}"},
    {"iam.ListRoles", "", "{\"Roles\": [{\"RoleName\": \"deploy\"}]}"},
    {"iam.ListUsers", "", "{\"Users\": []}"},
    {"route53.ListHostedZones", "", "{\"HostedZones\": [{\"Id\": \"/hostedzone/Z1\"}]}"},
    {"cloudfront.ListDistributions", "", "{}"},
    {"resourcegroupstaggingapi.GetResources", "",
     "{\"ResourceTagMappingList\": [{\"ResourceARN\": \"" ARN(
         "sqs", "orders") "\","
                          " \"Tags\": [{\"Key\": \"app\", \"Value\": \"shop\"}]}]}"},
};

/* An answer that lists nothing, made of the step's own words. */
static struct esc_json *nothing(const struct call *call)
{
    struct esc_str rest = esc_str_of(call->name), service;
    assert_true(esc_str_next(&rest, '.', &service));
    ESC_CLEANUP(esc_freep) char *name = esc_str_dup(service);
    ESC_CLEANUP(esc_freep) char *operation = esc_str_dup(rest);
    const struct scan_step *step = scan_step_find(name, operation);
    struct esc_json *json = esc_json_object();
    if (step && step->list)
        esc_json_set(json, step->list, esc_json_array());
    else if (step)
        esc_json_set(json, "MetricAlarms", esc_json_array());
    return json;
}

static struct esc_json *answer_of(const struct call *call)
{
    struct esc_json *json = NULL;
    for (size_t i = 0; i < ESC_COUNT(answers); i++)
        if (esc_text_equal(answers[i].name, call->name) &&
            strstr(call->params, answers[i].in_params)) {
            expect_ok(esc_json_parse(esc_str_of(answers[i].output), NULL, &json, &err));
            return json;
        }
    return nothing(call);
}

static void give_answer(void *context)
{
    struct call *call = context;
    struct esc_scan_answer answer = {.category = ESC_CATEGORY_NONE};
    ESC_CLEANUP(esc_json_freep) struct esc_json *output = answer_of(call);
    if (call->cloud->fails && esc_text_equal(call->cloud->fails, call->name)) {
        answer.category = ESC_CATEGORY_PERMISSION;
        answer.code = "AccessDenied";
    } else {
        answer.output = output;
    }
    call->answer(call->token, &answer);
    free(call->name);
    free(call->params);
    free(call);
}

static void *on_call(void *context, const struct esc_scan_call *what, esc_scan_answer_fn *answer,
                     void *token)
{
    struct cloud *cloud = context;
    struct call *call = esc_alloc_zero(sizeof *call);
    const char *operation = what->operation->operation;
    *call = (struct call){.cloud = cloud, .answer = answer, .token = token};
    call->name = esc_sprintf("%s.%s", what->operation->service, operation);
    call->params = what->params ? esc_json_print(what->params, ESC_JSON_COMPACT) : esc_strdup("{}");
    esc_list_push(&cloud->calls, esc_sprintf("%s %s %s", what->region, call->name, call->params));
    esc_loop_post(cloud->loop, give_answer, call);
    return NULL;
}

static void on_batch(void *context, struct esc_resource *const *resources, size_t count)
{
    struct cloud *cloud = context;
    for (size_t i = 0; i < count; i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_resource_to_json(resources[i]);
        esc_map_set(cloud->found, esc_str_of(resources[i]->id),
                    esc_json_print(json, ESC_JSON_COMPACT));
    }
}

static void on_cell(void *context, const struct esc_scan_cell *cell)
{
    struct cloud *cloud = context;
    ESC_CLEANUP(esc_freep)
    char *key = esc_sprintf("%s %s.%s", cell->region, cell->service, cell->operation);
    if (esc_map_has(cloud->cells, esc_str_of(key)))
        fail_msg("two cells are called %s", key);
    esc_map_set(cloud->cells, esc_str_of(key), esc_strdup(esc_scan_state_text(cell->state)));
}

static void on_done(void *context, const struct esc_scan_summary *summary)
{
    assert_false(summary->cancelled);
    ((struct cloud *)context)->done = true;
}

static bool is_done(void *context)
{
    return ((struct cloud *)context)->done;
}

static void cloud_scan(struct cloud *cloud, const char *fails)
{
    ESC_CLEANUP(esc_account_freep) struct esc_account *account = esc_account_new();
    const struct esc_account *accounts[] = {account};
    struct esc_scan *scan = NULL;
    *cloud = (struct cloud){.fails = fails};
    account->id = esc_strdup("123456789012");
    account->name = esc_strdup("production");
    esc_list_push(&account->regions, esc_strdup("us-west-2"));
    esc_list_init(&cloud->calls, free);
    cloud->found = esc_map_new(free);
    cloud->cells = esc_map_new(free);
    expect_ok(esc_loop_new(&cloud->loop, &err));
    const struct esc_scan_options options = {
        .accounts = accounts,
        .account_count = 1,
        .workers = 4,
        .max_attempts = 1,
        .backoff = {.base_ms = 1, .max_ms = 1},
        .clock = esc_clock_system(),
        .call = on_call,
        .on_batch = on_batch,
        .on_cell = on_cell,
        .done = on_done,
        .context = cloud,
    };
    expect_ok(esc_scan_start(cloud->loop, &options, &scan, &err));
    assert_true(esc_loop_run_until(cloud->loop, is_done, cloud));
}

static void cloud_done(struct cloud *cloud)
{
    esc_list_done(&cloud->calls);
    esc_map_free(cloud->found);
    esc_map_free(cloud->cells);
    esc_loop_free(cloud->loop);
}

static size_t count_calls(const struct cloud *cloud, const char *part)
{
    size_t count = 0;
    for (size_t i = 0; i < cloud->calls.count; i++)
        count += strstr(esc_list_at(&cloud->calls, i), part) != NULL;
    return count;
}

static const char *resource(const struct cloud *cloud, const char *rest_of_id)
{
    ESC_CLEANUP(esc_freep) char *id = esc_sprintf("123456789012-%s", rest_of_id);
    const char *json = esc_map_get(cloud->found, esc_str_of(id));
    if (!json)
        fail_msg("%s was not found", id);
    return json;
}

static const char *state(const struct cloud *cloud, const char *cell)
{
    return esc_map_get(cloud->cells, esc_str_of(cell));
}

/* Tests */

static void every_scanner_is_asked_once_and_well(void **)
{
    struct cloud cloud;
    cloud_scan(&cloud, NULL);
    size_t steps = 0;
    for (size_t i = 0; i < esc_scanner_count(); i++)
        steps += esc_scanner_at(i)->step_count;
    assert_int_equal(steps, esc_map_count(cloud.cells));
    size_t position = 0;
    struct esc_str cell;
    void *text;
    while (esc_map_next(cloud.cells, &position, &cell, &text))
        if (!esc_text_equal(text, "ok"))
            fail_msg("%.*s is %s", ESC_STR_ARG(cell), (const char *)text);
    cloud_done(&cloud);
}

static void services_are_described_together_by_cluster(void **)
{
    struct cloud cloud;
    cloud_scan(&cloud, NULL);
    assert_int_equal(1, count_calls(&cloud, "ecs.DescribeClusters"));
    assert_int_equal(2, count_calls(&cloud, "ecs.ListServices"));
    assert_int_equal(2, count_calls(&cloud, "ecs.DescribeServices"));
    assert_int_equal(1, count_calls(&cloud,
                                    "ecs.DescribeServices {\"cluster\":\"jobs\","
                                    "\"services\":[\"" ARN("ecs", "service/jobs/night") "\"]"));
    expect_contains("\"state\":\"DRAINING\"", resource(&cloud, "us-west-2-ecs_service-shop/api"));
    expect_contains("\"state\":\"ACTIVE\"", resource(&cloud, "us-west-2-ecs_service-jobs/night"));
    expect_contains("us-west-2-ecs_cluster-shop",
                    resource(&cloud, "us-west-2-ecs_service-shop/web"));
    cloud_done(&cloud);
}

static void one_answer_tells_the_subscriptions_of_all_topics(void **)
{
    struct cloud cloud;
    cloud_scan(&cloud, NULL);
    assert_int_equal(1, count_calls(&cloud, "sns.ListSubscriptions {}"));
    assert_int_equal(1, count_calls(&cloud, "\"IncludePlannedDeletion\":true"));
    expect_contains("\"delivers_to\"", resource(&cloud, "us-west-2-sns_topic-a"));
    expect_contains("\"relations\":[]", resource(&cloud, "us-west-2-sns_topic-b"));
    expect_contains("\"app\":\"shop\"", resource(&cloud, "us-west-2-sqs_queue-orders"));
    cloud_done(&cloud);
}

static void what_has_no_region_is_asked_once_and_stands_in_none(void **)
{
    struct cloud cloud;
    cloud_scan(&cloud, NULL);
    assert_int_equal(1, count_calls(&cloud, "iam.ListRoles"));
    assert_int_equal(1, count_calls(&cloud, "us-east-1 route53.ListHostedZones"));
    expect_contains("\"region\":\"global\"", resource(&cloud, "global-iam_role-deploy"));
    expect_contains("\"region\":\"global\"", resource(&cloud, "global-hosted_zone-Z1"));
    cloud_done(&cloud);
}

static void a_list_that_is_denied_leaves_its_details_unasked(void **)
{
    struct cloud cloud;
    cloud_scan(&cloud, "eks.ListClusters");
    assert_string_equal("denied", state(&cloud, "us-west-2 eks.ListClusters"));
    assert_string_equal("skipped", state(&cloud, "us-west-2 eks.DescribeCluster"));
    assert_string_equal("ok", state(&cloud, "us-west-2 ecs.ListClusters"));
    assert_int_equal(0, count_calls(&cloud, "eks.DescribeCluster"));
    cloud_done(&cloud);
}

static void tags_that_were_not_told_are_unknown_and_not_none(void **)
{
    struct cloud cloud;
    cloud_scan(&cloud, "resourcegroupstaggingapi.GetResources");
    expect_contains("\"tags_unknown\":true", resource(&cloud, "us-west-2-sqs_queue-orders"));
    expect_contains("\"tags_unknown\":true", resource(&cloud, "us-west-2-dynamodb_table-orders"));
    assert_null(strstr(resource(&cloud, "us-west-2-eks_cluster-apps"), "tags_unknown"));
    cloud_done(&cloud);
}

static void every_list_that_is_paged_asks_for_large_pages(void **)
{
    size_t paged = 0;
    for (size_t i = 0; i < esc_scanner_count(); i++) {
        const struct esc_scanner *scanner = esc_scanner_at(i);
        for (size_t s = 0; s < scanner->step_count; s++) {
            const struct scan_step *step = &scanner->steps[s];
            const struct esc_operation *operation =
                esc_operation_find(scanner->service, step->operation);
            if (step->stage > 0 || !operation->pager_in || !operation->page_size)
                continue;
            ESC_CLEANUP(esc_json_freep) struct esc_json *params = NULL;
            expect_ok(esc_json_parse(esc_str_of(step->params ? step->params : "{}"), NULL, &params,
                                     &err));
            page_set_size(operation, params);
            if (!esc_json_member(params, operation->page_size))
                fail_msg("%s without %s", operation->operation, operation->page_size);
            paged++;
        }
    }
    assert_true(paged > 20);
}

/* What has gone since the list is no failure; where one call is about several, it would be. */
static void details_of_one_resource_know_what_says_that_it_has_gone(void **)
{
    size_t known = 0;
    for (size_t i = 0; i < esc_scanner_count(); i++) {
        const struct esc_scanner *scanner = esc_scanner_at(i);
        for (size_t s = 0; s < scanner->step_count; s++) {
            const struct scan_step *step = &scanner->steps[s];
            if (step->stage > 0 && step->batch == 1 && !step->gone_codes)
                fail_msg("%s does not", step->operation);
            known += step->gone_codes != NULL;
        }
    }
    assert_true(known > 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scanner_is_asked_once_and_well),
        cmocka_unit_test(services_are_described_together_by_cluster),
        cmocka_unit_test(one_answer_tells_the_subscriptions_of_all_topics),
        cmocka_unit_test(what_has_no_region_is_asked_once_and_stands_in_none),
        cmocka_unit_test(a_list_that_is_denied_leaves_its_details_unasked),
        cmocka_unit_test(tags_that_were_not_told_are_unknown_and_not_none),
        cmocka_unit_test(every_list_that_is_paged_asks_for_large_pages),
        cmocka_unit_test(details_of_one_resource_know_what_says_that_it_has_gone),
    };
    return cmocka_run_group_tests_name("scan/walk_services", tests, NULL, NULL);
}
