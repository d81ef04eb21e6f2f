/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/normalise.h"

#include <stdlib.h>

#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/map.h"
#include "escher/base/paths.h"
#include "escher/catalog/operation.h"
#include "escher/catalog/resource_type.h"
#include "escher/model/arn.h"
#include "escher/scan/content_hash.h"
#include "escher/scan/merge.h"
#include "escher/scan/scan_private.h"
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

static void scene_init(struct scene *scene)
{
    *scene = (struct scene){.account = esc_account_new(), .tags = esc_map_new(esc_json_free_item)};
    scene->account->id = esc_strdup("123456789012");
    scene->account->name = esc_strdup("production");
    esc_list_init(&scene->resources, esc_resource_free_item);
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
    if ((size_t)esc_json_num(given, "unread", 0) != scene.unread_count)
        fail_msg("%s: %zu items were not read", path, scene.unread_count);
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

/* A copy with members that no field names in every object but tags, which are anybody's words. */
static struct esc_json *poisoned(const struct esc_json *value, bool is_tags)
{
    static const char *const names[] = {"UserData", "SecretString", "AuthToken", "data",
                                        "Password"};
    if (esc_json_is(value, ESC_JSON_ARRAY)) {
        struct esc_json *array = esc_json_array();
        for (size_t i = 0; i < esc_json_len(value); i++)
            esc_json_push(array, poisoned(esc_json_at(value, i), false));
        return array;
    }
    if (!esc_json_is(value, ESC_JSON_OBJECT))
        return esc_json_copy(value);
    struct esc_json *object = esc_json_object();
    void *position = NULL;
    const char *key;
    const struct esc_json *member;
    while (esc_json_next(value, &position, &key, &member))
        esc_json_set(object, key, poisoned(member, esc_text_equal(key, "tags")));
    for (size_t i = 0; !is_tags && i < ESC_COUNT(names); i++)
        if (!esc_json_member(object, names[i]))
            esc_json_set_text(object, names[i], "CANARY");
    return object;
}

/* All cases, each answer poisoned; some have secrets of their own besides. */
static void no_secret_of_an_answer_stays(void **)
{
    ESC_CLEANUP(esc_freep)
    char *folder = esc_path_join(esc_env("ESCHER_SOURCE"), "tests/cases/scan");
    struct esc_list names;
    esc_list_init(&names, free);
    expect_ok(esc_file_list(folder, &names, &err));
    for (size_t i = 0; i < names.count; i++) {
        ESC_CLEANUP(esc_freep)
        char *path = esc_sprintf("tests/cases/scan/%s", (const char *)esc_list_at(&names, i));
        ESC_CLEANUP(esc_freep) char *text = test_source(path);
        ESC_CLEANUP(esc_json_freep) struct esc_json *clean = parsed(text);
        ESC_CLEANUP(esc_json_freep) struct esc_json *given = poisoned(clean, false);
        struct scene scene;
        scene_init(&scene);
        ESC_CLEANUP(esc_json_freep) struct esc_json *actual = run_case(&scene, given);
        ESC_CLEANUP(esc_freep) char *printed = esc_json_print(actual, ESC_JSON_COMPACT);
        if (esc_str_contains(esc_str_of(printed), ESC_STR("CANARY")))
            fail_msg("%s: a secret came through", path);
        scene_done(&scene);
    }
    esc_list_done(&names);
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

/* The same case with all answers but the first, which lists, in the opposite order. */
static struct esc_json *turned_around(const struct esc_json *given)
{
    const struct esc_json *answers = esc_json_member(given, "answers");
    struct esc_json *turned = esc_json_copy(given), *order = esc_json_array();
    esc_json_push(order, esc_json_copy(esc_json_at(answers, 0)));
    for (size_t i = esc_json_len(answers); i-- > 1;)
        esc_json_push(order, esc_json_copy(esc_json_at(answers, i)));
    esc_json_set(turned, "answers", order);
    return turned;
}

static void details_may_be_answered_in_any_order(void **)
{
    static const char *const files[] = {"dynamodb.json", "s3_details.json", "elb_targets.json"};
    for (size_t i = 0; i < ESC_COUNT(files); i++) {
        ESC_CLEANUP(esc_freep) char *path = esc_sprintf("tests/cases/scan/%s", files[i]);
        ESC_CLEANUP(esc_freep) char *text = test_source(path);
        ESC_CLEANUP(esc_json_freep) struct esc_json *given = parsed(text);
        ESC_CLEANUP(esc_json_freep) struct esc_json *turned = turned_around(given);
        struct scene scene;
        scene_init(&scene);
        ESC_CLEANUP(esc_json_freep) struct esc_json *resources = run_case(&scene, turned);
        if (!esc_json_equal(esc_json_member(given, "resources"), resources))
            fail_msg("%s: the order of the answers shows", path);
        scene_done(&scene);
    }
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

/* Alarms come in two lists. One may be missing; nothing at all is not "no alarms". */
static void an_answer_with_neither_list_of_alarms_was_not_understood(void **)
{
    static const struct {
        const char *answer;
        size_t unread_count;
    } cases[] = {
        {"{}", 1},
        {"{\"Error\": {\"Code\": \"AccessDenied\"}}", 1},
        {"{\"MetricAlarms\": {}}", 1},
        {"{\"MetricAlarms\": []}", 0},
        {"{\"CompositeAlarms\": []}", 0},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct scene scene;
        scene_init(&scene);
        ESC_CLEANUP(esc_json_freep) struct esc_json *answer = parsed(cases[i].answer);
        expect_ok(scene_take(&scene, "cloudwatch", "DescribeAlarms", answer, NULL));
        assert_int_equal(cases[i].unread_count, scene.unread_count);
        scene_done(&scene);
    }
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

/* Marks of answers pass over it (aws/read_mark.c): whoever reads it takes it out there. */
static void how_far_back_a_database_goes_is_read_by_nobody(void **)
{
    static const char *const operations[][2] = {{"DescribeDBInstances", "DBInstance"},
                                                {"DescribeDBClusters", "DBCluster"}};
    for (size_t i = 0; i < ESC_COUNT(operations); i++) {
        char hashes[2][ESC_HASH_TEXT];
        for (int turn = 0; turn < 2; turn++) {
            ESC_CLEANUP(esc_freep)
            char *text =
                esc_sprintf("{\"%ss\": [{\"%sIdentifier\": \"a\", \"LatestRestorableTime\":"
                            " \"2026-11-22T08:0%d:00+00:00\"}]}",
                            operations[i][1], operations[i][1], turn);
            ESC_CLEANUP(esc_json_freep) struct esc_json *answer = parsed(text);
            struct scene scene;
            scene_init(&scene);
            expect_ok(scene_take(&scene, "rds", operations[i][0], answer, NULL));
            esc_content_hash(scene_find(&scene, "a"), hashes[turn]);
            scene_done(&scene);
        }
        assert_string_equal(hashes[0], hashes[1]);
    }
}

/* A page of records that lead to hosts, or to addresses. */
static struct esc_json *page_of_records(size_t from, size_t count)
{
    struct esc_json *answer = esc_json_object(), *records = esc_json_array();
    for (size_t i = from; i < from + count; i++) {
        ESC_CLEANUP(esc_freep)
        char *text = i % 2 ? esc_sprintf("{\"Name\": \"n%zu.example.\", \"Type\": \"A\","
                                         " \"AliasTarget\": {\"DNSName\": \"h%zu.example.\"}}",
                                         i, i)
                           : esc_sprintf("{\"Name\": \"n%zu.example.\", \"Type\": \"A\","
                                         " \"ResourceRecords\": [{\"Value\": \"100.0.%zu.%zu\"}]}",
                                         i, i / 256 % 256, i % 256);
        esc_json_push(records, parsed(text));
    }
    esc_json_set(answer, "ResourceRecordSets", records);
    return answer;
}

static void a_zone_of_ten_thousand_records_keeps_a_few_hundred(void **)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *zones = parsed("{\"HostedZones\": [{\"Id\": \"/hostedzone/Z1\", \"Name\":"
                                    " \"example.\", \"ResourceRecordSetCount\": 10000}]}");
    struct scene scene;
    scene_init(&scene);
    expect_ok(scene_take(&scene, "route53", "ListHostedZones", zones, NULL));
    for (size_t from = 0; from < 10'000; from += 500) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *page = page_of_records(from, 500);
        expect_ok(scene_take(&scene, "route53", "ListResourceRecordSets", page, "Z1"));
        if (from == 0) /* read again from its start, as an expired token makes it */
            expect_ok(scene_take(&scene, "route53", "ListResourceRecordSets", page, "Z1"));
    }
    const struct esc_json *told = scene_find(&scene, "Z1")->metadata;
    assert_int_equal(0, scene.unread_count);
    assert_int_equal(10'000, esc_json_num(told, "record_count", 0));
    assert_int_equal(300, esc_json_len(esc_json_member(told, "leads_to")));
    assert_string_equal("n599.example A h599.example", esc_json_str(told, "leads_to[299]", ""));
    assert_int_equal(100, esc_json_len(esc_json_member(told, "leads_to_address")));
    assert_true(esc_json_flag(told, "records_cut", false));
    scene_done(&scene);
}

/* The steps */

static void check_step(const struct esc_scanner *scanner, const struct scan_step *step)
{
    const struct esc_operation *operation = esc_operation_find(scanner->service, step->operation);
    if (!operation || operation->mutates || !operation->json_input)
        fail_msg("%s.%s is no read of the catalog", scanner->service, step->operation);
    assert_ptr_equal(step, scan_step_find(scanner->service, step->operation));
    if (step->type && !esc_resource_type_find(step->type))
        fail_msg("%s: no type is called %s", step->operation, step->type);
    assert_int_equal(step->stage > 0, step->of_type != NULL);
    if (step->params) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *params = parsed(step->params);
        expect_ok(esc_operation_check(operation, params, &err));
    }
    if (step->stage == 0)
        return;
    assert_true(step->stage <= 2 && step->batch > 0 && step->make_params);
    struct esc_str rest = esc_str_of(step->of_type), type;
    while (esc_str_next(&rest, ' ', &type)) {
        ESC_CLEANUP(esc_freep) char *name = esc_str_dup(type);
        assert_non_null(esc_scanner_of_type(name));
        assert_string_equal(scanner->service, esc_scanner_of_type(name)->service);
    }
}

static void every_step_is_a_read_of_the_catalog(void **)
{
    for (size_t i = 0; i < esc_scanner_count(); i++) {
        const struct esc_scanner *scanner = esc_scanner_at(i);
        assert_ptr_equal(scanner, esc_scanner_find(esc_str_of(scanner->name)));
        for (size_t j = 0; j < scanner->step_count; j++)
            check_step(scanner, &scanner->steps[j]);
    }
    assert_ptr_equal(esc_scanner_at(0), esc_scanner_of_type("rds_cluster_snapshot"));
    assert_string_equal("ebs", esc_scanner_of_type("ebs_volume")->name);
    assert_null(esc_scanner_of_type("no_such_type"));
    assert_null(esc_scanner_find(ESC_STR("planet")));
}

static void every_type_is_listed_by_exactly_one_step(void **)
{
    for (size_t i = 0; i < esc_resource_type_count(); i++) {
        const char *type = esc_resource_type_at(i)->name;
        size_t count = 0;
        for (size_t j = 0; j < esc_scanner_count(); j++)
            for (size_t k = 0; k < esc_scanner_at(j)->step_count; k++)
                count += esc_text_equal(type, esc_scanner_at(j)->steps[k].type);
        if (count != 1)
            fail_msg("%zu steps list %s", count, type);
    }
}

/* "service:kind" of an ARN of the type, or the service alone when its ARNs have no kind. */
static char *name_for_tagging(const struct esc_resource_type *type)
{
    ESC_CLEANUP(esc_freep)
    char *arn = esc_resource_type_arn(type, "us-west-2", "123456789012", "name");
    struct esc_arn parts;
    assert_true(esc_arn_parse(esc_str_of(arn), &parts));
    const struct esc_str kind = esc_arn_kind(&parts);
    return esc_sprintf("%s%s%.*s", type->service, kind.len > 0 ? ":" : "", ESC_STR_ARG(kind));
}

static void the_tagging_service_is_asked_for_what_nobody_else_tags(void **)
{
    const struct scan_step *tagging = scan_step_find("resourcegroupstaggingapi", "GetResources");
    size_t count = 1; /* buckets, which can tell their tags when need be */
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = parsed(tagging->params);
    for (size_t i = 0; i < esc_resource_type_count(); i++) {
        const struct esc_resource_type *type = esc_resource_type_at(i);
        if (!scan_tags_are_elsewhere(type->name))
            continue;
        ESC_CLEANUP(esc_freep) char *name = name_for_tagging(type);
        ESC_CLEANUP(esc_freep) char *quoted = esc_sprintf("\"%s\"", name);
        expect_contains(quoted, tagging->params);
        assert_true(esc_scanner_of_type(type->name)->needs_tags);
        count++;
    }
    assert_int_equal(count, esc_json_len(esc_json_member(params, "ResourceTypeFilters")));
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
        cmocka_unit_test(details_may_be_answered_in_any_order),
        cmocka_unit_test(an_answer_without_its_list_adds_nothing),
        cmocka_unit_test(an_answer_with_neither_list_of_alarms_was_not_understood),
        cmocka_unit_test(items_without_an_identifier_are_counted),
        cmocka_unit_test(how_far_back_a_database_goes_is_read_by_nobody),
        cmocka_unit_test(a_zone_of_ten_thousand_records_keeps_a_few_hundred),
        cmocka_unit_test(every_step_is_a_read_of_the_catalog),
        cmocka_unit_test(every_type_is_listed_by_exactly_one_step),
        cmocka_unit_test(the_tagging_service_is_asked_for_what_nobody_else_tags),
        cmocka_unit_test(a_detail_without_its_resource_is_refused),
    };
    return cmocka_run_group_tests_name("scan/normalise", tests, NULL, NULL);
}
