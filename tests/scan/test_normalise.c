/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/normalise.h"

#include <stdlib.h>

#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/map.h"
#include "escher/base/paths.h"
#include "escher/catalog/operation.h"
#include "escher/model/arn.h"
#include "escher/scan/content_hash.h"
#include "escher/scan/merge.h"
#include "escher/scan/scanner.h"
#include "tests/support/test.h"

static struct esc_error err;

/* One run over answers of one account and region. */
struct scene {
    struct esc_account *account;
    struct esc_list resources;
    struct esc_map *tags;
    size_t unread_count;
};

static void free_resource(void *resource)
{
    esc_resource_free(resource);
}

static void free_json(void *json)
{
    esc_json_free(json);
}

static void scene_init(struct scene *scene)
{
    *scene = (struct scene){.account = esc_account_new(), .tags = esc_map_new(free_json)};
    scene->account->id = esc_strdup("123456789012");
    scene->account->name = esc_strdup("production");
    esc_list_init(&scene->resources, free_resource);
}

static void scene_done(struct scene *scene)
{
    esc_account_free(scene->account);
    esc_list_done(&scene->resources);
    esc_map_free(scene->tags);
}

static struct esc_resource *scene_find(const struct scene *scene, const char *identifier)
{
    for (size_t i = 0; identifier && i < scene->resources.count; i++) {
        struct esc_resource *resource = esc_list_at(&scene->resources, i);
        if (esc_text_equal(resource->identifier, identifier))
            return resource;
    }
    return NULL;
}

static enum esc_status scene_take(struct scene *scene, const char *service, const char *operation,
                                  const struct esc_json *answer, const char *of)
{
    const struct esc_scan_place place = {.account = scene->account, .region = "us-west-2"};
    struct esc_normalised out = {.resources = &scene->resources, .tags = scene->tags};
    const enum esc_status status =
        esc_normalise(&place, service, operation, answer, scene_find(scene, of), &out, &err);
    scene->unread_count += out.unread_count;
    return status;
}

static struct esc_json *parsed(const char *text)
{
    struct esc_json *json = NULL;
    expect_ok(esc_json_parse(esc_str_of(text), NULL, &json, &err));
    return json;
}

/* Cases: answers, and the resources they give */

static bool is_listed(void *context, const char *type)
{
    const struct esc_json *list = context;
    for (size_t i = 0; i < esc_json_len(list); i++)
        if (esc_text_equal(type, esc_json_str(esc_json_at(list, i), "", NULL)))
            return true;
    return false;
}

static struct esc_json *run_case(struct scene *scene, const struct esc_json *given)
{
    const struct esc_json *answers = esc_json_member(given, "answers");
    for (size_t i = 0; i < esc_json_len(answers); i++) {
        const struct esc_json *answer = esc_json_at(answers, i);
        expect_ok(scene_take(scene, esc_json_str(answer, "service", NULL),
                             esc_json_str(answer, "operation", NULL),
                             esc_json_member(answer, "answer"), esc_json_str(answer, "of", NULL)));
    }
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *complete = esc_json_copy(esc_json_member(given, "complete"));
    esc_merge(&(struct esc_merge){.resources = &scene->resources,
                                  .tags = scene->tags,
                                  .is_complete = is_listed,
                                  .context = complete});
    struct esc_json *actual = esc_json_array();
    for (size_t i = 0; i < scene->resources.count; i++)
        esc_json_push(actual, esc_resource_to_json(esc_list_at(&scene->resources, i)));
    return actual;
}

static void check_case(const char *name)
{
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf("tests/cases/scan/%s", name);
    ESC_CLEANUP(esc_freep) char *text = test_source(path);
    ESC_CLEANUP(esc_json_freep) struct esc_json *given = parsed(text);
    struct scene scene;
    scene_init(&scene);
    ESC_CLEANUP(esc_json_freep) struct esc_json *actual = run_case(&scene, given);
    assert_int_equal(esc_json_num(given, "unread", 0), scene.unread_count);
    scene_done(&scene);
    if (esc_json_equal(esc_json_member(given, "resources"), actual))
        return;
    ESC_CLEANUP(esc_freep) char *folder = esc_path_join(esc_env("ESCHER_BUILD"), "cases");
    ESC_CLEANUP(esc_freep) char *came_out = esc_path_join(folder, name);
    ESC_CLEANUP(esc_freep) char *printed = esc_json_print(actual, ESC_JSON_PRETTY);
    expect_ok(esc_file_make_folder(folder, &err));
    expect_ok(esc_file_replace(came_out, esc_str_of(printed), 0600, &err));
    fail_msg("%s: other resources came out, see %s", path, came_out);
}

static void answers_become_these_resources(void **)
{
    ESC_CLEANUP(esc_freep)
    char *folder = esc_path_join(esc_env("ESCHER_SOURCE"), "tests/cases/scan");
    struct esc_list names;
    esc_list_init(&names, free);
    expect_ok(esc_file_list(folder, &names, &err));
    assert_true(names.count >= 8);
    for (size_t i = 0; i < names.count; i++)
        check_case(esc_list_at(&names, i));
    esc_list_done(&names);
}

static void no_secret_of_an_answer_stays(void **)
{
    static const char *const files[] = {"ec2_instances.json", "rds_instances.json",
                                        "rds_clusters.json", "lambda_functions.json"};
    for (size_t i = 0; i < ESC_COUNT(files); i++) {
        ESC_CLEANUP(esc_freep) char *path = esc_sprintf("tests/cases/scan/%s", files[i]);
        ESC_CLEANUP(esc_freep) char *text = test_source(path);
        ESC_CLEANUP(esc_json_freep) struct esc_json *given = parsed(text);
        expect_contains("CANARY", text);
        struct scene scene;
        scene_init(&scene);
        ESC_CLEANUP(esc_json_freep) struct esc_json *actual = run_case(&scene, given);
        ESC_CLEANUP(esc_freep) char *printed = esc_json_print(actual, ESC_JSON_COMPACT);
        assert_false(esc_str_contains(esc_str_of(printed), ESC_STR("CANARY")));
        scene_done(&scene);
    }
}

static void the_order_and_the_time_of_a_scan_change_no_hash(void **)
{
    ESC_CLEANUP(esc_freep) char *text = test_source("tests/cases/scan/rds_instances.json");
    ESC_CLEANUP(esc_json_freep) struct esc_json *given = parsed(text);
    struct scene scene;
    scene_init(&scene);
    ESC_CLEANUP(esc_json_freep) struct esc_json *resources = run_case(&scene, given);
    struct esc_resource *database = scene_find(&scene, "pg-instance-main1");
    char before[ESC_HASH_TEXT], after[ESC_HASH_TEXT];
    esc_content_hash(database, before);
    database->last_synced_ms = 12345;
    database->seen_in = esc_strdup("another");
    database->content_hash = esc_strdup(before);
    esc_content_hash(database, after);
    assert_string_equal(before, after);
    free(database->state);
    database->state = esc_strdup("stopped");
    esc_content_hash(database, after);
    assert_string_not_equal(before, after);
    scene_done(&scene);
}

/* Answers that are none */

static void an_answer_without_its_list_adds_nothing(void **)
{
    static const char *const answers[] = {"{}",
                                          "{\"DBInstances\": {}}",
                                          "{\"DBInstances\": null}",
                                          "[]",
                                          "\"<html>\"",
                                          "{\"Error\": {\"Code\": \"AccessDenied\"}}"};
    struct scene scene;
    scene_init(&scene);
    expect_status(ESC_INVALID, scene_take(&scene, "rds", "DescribeDBInstances", NULL, NULL));
    for (size_t i = 0; i < ESC_COUNT(answers); i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *answer = parsed(answers[i]);
        expect_status(ESC_INVALID, scene_take(&scene, "rds", "DescribeDBInstances", answer, NULL));
    }
    expect_status(ESC_NOT_FOUND, scene_take(&scene, "rds", "StopDBInstance", NULL, NULL));
    assert_int_equal(0, scene.resources.count);
    scene_done(&scene);
}

static void items_without_an_identifier_are_counted(void **)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *answer = parsed("{\"DBInstances\": [{}, {\"DBInstanceIdentifier\": 7}, 3, "
                                     "{\"DBInstanceIdentifier\": \"\"}, "
                                     "{\"DBInstanceIdentifier\": \"ok\"}]}");
    struct scene scene;
    scene_init(&scene);
    expect_ok(scene_take(&scene, "rds", "DescribeDBInstances", answer, NULL));
    assert_int_equal(1, scene.resources.count);
    assert_int_equal(4, scene.unread_count);
    scene_done(&scene);
}

static void every_step_is_a_read_of_the_catalog(void **)
{
    static const struct {
        const char *service, *operation;
    } steps[] = {
        {"ec2", "DescribeInstances"},
        {"ec2", "DescribeVolumes"},
        {"ec2", "DescribeSnapshots"},
        {"ec2", "DescribeVpcs"},
        {"ec2", "DescribeSubnets"},
        {"ec2", "DescribeSecurityGroups"},
        {"rds", "DescribeDBInstances"},
        {"rds", "DescribeDBClusters"},
        {"rds", "DescribeDBSnapshots"},
        {"rds", "DescribeDBClusterSnapshots"},
        {"s3", "ListBuckets"},
        {"s3", "GetBucketLocation"},
        {"s3", "GetBucketLifecycleConfiguration"},
        {"s3", "GetBucketVersioning"},
        {"s3", "GetBucketTagging"},
        {"lambda", "ListFunctions"},
        {"lambda", "ListLayers"},
        {"lambda", "ListAliases"},
        {"elbv2", "DescribeLoadBalancers"},
        {"elbv2", "DescribeTargetGroups"},
        {"elbv2", "DescribeTags"},
        {"resourcegroupstaggingapi", "GetResources"},
    };
    size_t count = 0;
    for (size_t i = 0; i < esc_scanner_count(); i++)
        count += esc_scanner_at(i)->step_count;
    assert_int_equal(ESC_COUNT(steps), count);
    for (size_t i = 0; i < ESC_COUNT(steps); i++) {
        const struct esc_operation *operation =
            esc_operation_find(steps[i].service, steps[i].operation);
        assert_non_null(operation);
        assert_false(operation->mutates);
        assert_true(operation->json_input);
    }
    assert_ptr_equal(esc_scanner_at(0), esc_scanner_find(ESC_STR("rds")));
    assert_ptr_equal(esc_scanner_at(0), esc_scanner_of_type("rds_cluster_snapshot"));
    assert_string_equal("ebs", esc_scanner_of_type("ebs_volume")->name);
    assert_null(esc_scanner_of_type("no_such_type"));
    assert_null(esc_scanner_find(ESC_STR("planet")));
}

/* The recorded answers of real accounts */

/* Dates are objects there: {"__class__": "datetime", "year": ...}. */
static struct esc_json *as_the_cli_prints(const struct esc_json *value)
{
    if (esc_json_is(value, ESC_JSON_ARRAY)) {
        struct esc_json *array = esc_json_array();
        for (size_t i = 0; i < esc_json_len(value); i++)
            esc_json_push(array, as_the_cli_prints(esc_json_at(value, i)));
        return array;
    }
    if (!esc_json_is(value, ESC_JSON_OBJECT))
        return esc_json_copy(value);
    if (esc_text_equal(esc_json_str(value, "__class__", NULL), "datetime")) {
        ESC_CLEANUP(esc_freep)
        char *text =
            esc_sprintf("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", (int)esc_json_num(value, "year", 0),
                        (int)esc_json_num(value, "month", 0), (int)esc_json_num(value, "day", 0),
                        (int)esc_json_num(value, "hour", 0), (int)esc_json_num(value, "minute", 0),
                        (int)esc_json_num(value, "second", 0),
                        (int)esc_json_num(value, "microsecond", 0) / 1000);
        return esc_json_text(text);
    }
    struct esc_json *object = esc_json_object();
    void *position = NULL;
    const char *key;
    const struct esc_json *member;
    while (esc_json_next(value, &position, &key, &member))
        esc_json_set(object, key, as_the_cli_prints(member));
    return object;
}

/* "lambda.ListFunctions_1.json" by its parts, in our names; false for what we do not call. */
static bool is_ours(const char *file, const char **service, char **operation)
{
    static const struct {
        const char *recorded, *ours;
    } services[] = {
        {"ec2.", "ec2"},
        {"rds.", "rds"},
        {"s3.", "s3"},
        {"lambda.", "lambda"},
        {"elasticloadbalancing.", "elbv2"},
        {"tagging.", "resourcegroupstaggingapi"},
    };
    const struct esc_str name = esc_str_of(file);
    for (size_t i = 0; i < ESC_COUNT(services); i++) {
        const struct esc_str prefix = esc_str_of(services[i].recorded);
        const size_t end = esc_str_find(name, ESC_STR("_"), 0);
        if (!esc_str_starts_with(name, prefix) || end == SIZE_MAX)
            continue;
        *service = services[i].ours;
        *operation = esc_str_dup(esc_str_slice(name, prefix.len, end));
        return true;
    }
    return false;
}

struct corpus {
    struct scene scene;
    size_t answers, errors;
    size_t broken; /* recordings with a key twice, which our reader refuses */
};

static struct esc_json *read_json(const char *path)
{
    struct esc_buf text;
    struct esc_json *json = NULL;
    esc_buf_init(&text, ESC_MAX_FILE);
    expect_ok(esc_file_read(path, &text, &err));
    if (esc_json_parse(esc_buf_str(&text), NULL, &json, &err) != ESC_OK)
        expect_contains("duplicate", err.message);
    esc_buf_done(&text);
    return json;
}

static bool is_list_step(const char *service, const char *operation)
{
    /* Details of one bucket need the bucket, which a recording does not name. */
    const struct esc_operation *known = esc_operation_find(service, operation);
    return known && !known->mutates && !esc_text_equal(service, "s3")
               ? true
               : esc_text_equal(operation, "ListBuckets");
}

/* Classic load balancers are answered by an operation of the same name: other items. */
static bool is_classic(const struct esc_json *data)
{
    return esc_json_member(data, "LoadBalancerDescriptions") ||
           esc_json_get(data, "TagDescriptions[0].LoadBalancerName");
}

static void take_recording(struct corpus *corpus, const char *path, const char *service,
                           const char *operation)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *recording = read_json(path);
    corpus->broken += !recording;
    if (!recording)
        return;
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *data = as_the_cli_prints(esc_json_member(recording, "data"));
    const bool worked = esc_json_num(recording, "status_code", 0) == 200;
    if (is_classic(data))
        return;
    const enum esc_status status = scene_take(&corpus->scene, service, operation, data, NULL);
    if (status == ESC_NOT_FOUND)
        return; /* an operation that no scanner calls */
    corpus->answers += worked;
    corpus->errors += !worked;
    if (worked && status != ESC_OK)
        fail_msg("%s: %s", path, err.message);
    if (!worked)
        assert_int_equal(ESC_INVALID, status);
}

static void take_folder(struct corpus *corpus, const char *folder)
{
    struct esc_list files;
    esc_list_init(&files, free);
    expect_ok(esc_file_list(folder, &files, &err));
    for (size_t i = 0; i < files.count; i++) {
        const char *service = NULL;
        ESC_CLEANUP(esc_freep) char *operation = NULL;
        ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, esc_list_at(&files, i));
        if (is_ours(esc_list_at(&files, i), &service, &operation) &&
            is_list_step(service, operation))
            take_recording(corpus, path, service, operation);
    }
    esc_list_done(&files);
}

/* What must hold for whatever a cloud says. */
static void check_resource(struct esc_resource *resource)
{
    struct esc_arn arn;
    assert_true(esc_arn_parse(esc_str_of(resource->arn), &arn));
    if (!*resource->region) {
        assert_string_equal("s3_bucket", resource->resource_type);
        return; /* its location was not asked */
    }
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_resource_to_json(resource);
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *again = NULL;
    if (esc_resource_from_json(json, &again, &err) != ESC_OK)
        fail_msg("%s: %s", resource->id, err.message);
}

static bool nothing_is_complete(void *, const char *)
{
    return false;
}

static void recorded_answers_of_real_accounts_are_all_read(void **)
{
    ESC_CLEANUP(esc_freep) char *root = test_data("placebo");
    struct corpus corpus = {0};
    size_t resources = 0, unread = 0;
    struct esc_list folders;
    esc_list_init(&folders, free);
    expect_ok(esc_file_list(root, &folders, &err));
    for (size_t i = 0; i < folders.count; i++) {
        ESC_CLEANUP(esc_freep) char *folder = esc_path_join(root, esc_list_at(&folders, i));
        if (esc_str_contains(esc_str_of(esc_list_at(&folders, i)), ESC_STR(".")) ||
            esc_text_equal(esc_list_at(&folders, i), "LICENSE"))
            continue;
        scene_init(&corpus.scene);
        take_folder(&corpus, folder);
        esc_merge(&(struct esc_merge){.resources = &corpus.scene.resources,
                                      .tags = corpus.scene.tags,
                                      .is_complete = nothing_is_complete});
        for (size_t j = 0; j < corpus.scene.resources.count; j++)
            check_resource(esc_list_at(&corpus.scene.resources, j));
        resources += corpus.scene.resources.count;
        unread += corpus.scene.unread_count;
        scene_done(&corpus.scene);
    }
    esc_list_done(&folders);
    assert_int_equal(9, corpus.errors);
    assert_int_equal(1, corpus.broken);
    assert_int_equal(1374, resources);
    assert_int_equal(0, unread);
}

static void a_detail_without_its_resource_is_refused(void **)
{
    static const char *const details[] = {"GetBucketLocation", "GetBucketVersioning",
                                          "GetBucketTagging", "GetBucketLifecycleConfiguration"};
    struct scene scene;
    scene_init(&scene);
    ESC_CLEANUP(esc_json_freep) struct esc_json *answer = parsed("{\"Status\":\"Enabled\"}");
    for (size_t i = 0; i < ESC_COUNT(details); i++)
        expect_status(ESC_INVALID, scene_take(&scene, "s3", details[i], answer, NULL));
    scene_done(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_become_these_resources),
        cmocka_unit_test(no_secret_of_an_answer_stays),
        cmocka_unit_test(the_order_and_the_time_of_a_scan_change_no_hash),
        cmocka_unit_test(an_answer_without_its_list_adds_nothing),
        cmocka_unit_test(items_without_an_identifier_are_counted),
        cmocka_unit_test(every_step_is_a_read_of_the_catalog),
        cmocka_unit_test(recorded_answers_of_real_accounts_are_all_read),
        cmocka_unit_test(a_detail_without_its_resource_is_refused),
    };
    return cmocka_run_group_tests_name("scan/normalise", tests, NULL, NULL);
}
