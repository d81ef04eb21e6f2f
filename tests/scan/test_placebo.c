/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Answers that the real cloud gave, recorded by the placebo library: files SERVICE.Operation_N.json
 * in one folder per scene, {"status_code": 200, "data": {...}}. All of them are read, and those of
 * operations that scanners call are normalised, merged and checked, twice. The folder is
 * ESCHER_TEST_DATA/placebo; recordings of one's own do as well.
 */

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>

#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/paths.h"
#include "escher/catalog/operation.h"
#include "escher/catalog/resource_type.h"
#include "escher/scan/content_hash.h"
#include "escher/scan/merge.h"
#include "escher/scan/scan_private.h"
#include "tests/support/test.h"

static struct esc_error err;

/* What the recordings came to. */
struct corpus {
    size_t files, broken;    /* a key twice, which our reader refuses */
    size_t answers, refused; /* of operations that scanners call: worked, or an error */
    size_t resources;
    size_t odd;             /* of them, with identifiers that their type cannot have */
    struct esc_map *hashes; /* of the first run: "folder id" → char * */
    bool is_second_run;
};

/* One folder. */
struct scene {
    struct corpus *corpus;
    const char *folder;
    struct esc_account *account;
    struct esc_list resources;
    struct esc_map *tags;
};

static void scene_init(struct scene *scene, struct corpus *corpus, const char *folder)
{
    *scene =
        (struct scene){corpus, folder, esc_account_new(), {0}, esc_map_new(esc_json_free_item)};
    scene->account->id = esc_strdup("123456789012"); /* the one that was written for the real one */
    scene->account->name = esc_strdup("recorded");
    esc_list_init(&scene->resources, esc_resource_free_item);
}

static void scene_done(struct scene *scene)
{
    esc_account_free(scene->account);
    esc_list_done(&scene->resources);
    esc_map_free(scene->tags);
}

/* Reading the files */

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

static struct esc_json *read_json(const char *path)
{
    struct esc_buf text;
    struct esc_json *json = NULL;
    esc_buf_init(&text, ESC_MAX_FILE);
    expect_ok(esc_file_read(path, &text, &err));
    if (esc_json_parse(esc_buf_str(&text), NULL, &json, &err) != ESC_OK &&
        !esc_str_contains(esc_str_of(err.message), ESC_STR("duplicate")))
        fail_msg("%s: %s", path, err.message);
    esc_buf_done(&text);
    return json;
}

/* The recorder calls services by their endpoints, and both load balancer APIs by one name. */
static const char *service_of(const char *name, const struct esc_json *data)
{
    static const struct {
        const char *recorded, *ours;
    } others[] = {{"monitoring", "cloudwatch"}, {"tagging", "resourcegroupstaggingapi"}};
    for (size_t i = 0; i < ESC_COUNT(others); i++)
        if (esc_text_equal(others[i].recorded, name))
            return others[i].ours;
    if (!esc_text_equal(name, "elasticloadbalancing"))
        return name;
    const bool is_classic = esc_json_member(data, "LoadBalancerDescriptions") ||
                            esc_json_get(data, "TagDescriptions[0].LoadBalancerName");
    return is_classic ? "elb" : "elbv2";
}

/* Details need the resource that they were asked for, which a recording does not name: any of the
 * scene's, else one made for it. */
static struct esc_resource *make_holder(struct scene *scene, const char *type)
{
    static const struct {
        const char *type, *identifier, *arn;
    } odd[] = {
        {"target_group", "recorded",
         "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/recorded/943f017f100bec"},
        {"load_balancer", "recorded",
         "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/recorded/50dc6c49"},
        {"hosted_zone", "ZRECORDED", NULL},
        {"ec2_instance", "i-0123456789abcdef0", NULL},
        {"eks_node_group", "recorded/recorded",
         "arn:aws:eks:us-east-1:123456789012:nodegroup/recorded/recorded/0cb75d1a"},
    };
    const struct esc_scan_place place = {.account = scene->account, .region = "us-east-1"};
    struct scan_page page = {.place = &place, .resources = &scene->resources};
    for (size_t i = 0; i < ESC_COUNT(odd); i++)
        if (esc_text_equal(odd[i].type, type))
            return scan_add(&page, type, odd[i].identifier, odd[i].arn, NULL);
    return scan_add(&page, type, "recorded", NULL, NULL);
}

static struct esc_resource *holder_of(struct scene *scene, const struct scan_step *step)
{
    struct esc_str rest, word;
    if (!step->of_type)
        return NULL;
    for (size_t i = 0; i < scene->resources.count; i++) {
        struct esc_resource *resource = esc_list_at(&scene->resources, i);
        rest = esc_str_of(step->of_type);
        while (esc_str_next(&rest, ' ', &word))
            if (esc_str_is(word, resource->resource_type))
                return resource;
    }
    rest = esc_str_of(step->of_type);
    assert_true(esc_str_next(&rest, ' ', &word));
    ESC_CLEANUP(esc_freep) char *type = esc_str_dup(word);
    return make_holder(scene, type);
}

/* Of the attributes of instances scanners ask for one, recordings have others as well. */
static bool is_asked(const char *operation, const struct esc_json *data)
{
    return !esc_text_equal(operation, "DescribeInstanceAttribute") ||
           esc_json_member(data, "DisableApiTermination");
}

static void take_answer(struct scene *scene, const char *path, const char *service,
                        const char *operation, const struct esc_json *data, bool worked)
{
    const struct scan_step *step = scan_step_find(service, operation);
    const struct esc_scan_place place = {.account = scene->account, .region = "us-east-1"};
    struct esc_normalised out = {.resources = &scene->resources, .tags = scene->tags};
    if (!step)
        return; /* an operation that no scanner calls */
    if (!worked) {
        scene->corpus->refused++;
        return;
    }
    if (!is_asked(operation, data))
        return;
    scene->corpus->answers++;
    if (esc_normalise(&place, service, operation, data, holder_of(scene, step), &out, &err) !=
        ESC_OK)
        fail_msg("%s: %s", path, err.message);
    if (out.unread_count > 0)
        fail_msg("%s: %zu items were not understood", path, out.unread_count);
}

/* "lambda.ListFunctions_1.json" */
static void take_file(struct scene *scene, const char *path, const char *file)
{
    struct esc_str rest = esc_str_of(file), service, operation;
    if (!esc_str_ends_with(rest, ESC_STR(".json")) || !esc_str_next(&rest, '.', &service) ||
        !esc_str_next(&rest, '_', &operation))
        return;
    ESC_CLEANUP(esc_json_freep) struct esc_json *recording = read_json(path);
    scene->corpus->files++;
    scene->corpus->broken += !recording;
    if (!recording)
        return;
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *data = as_the_cli_prints(esc_json_member(recording, "data"));
    ESC_CLEANUP(esc_freep) char *recorded = esc_str_dup(service);
    ESC_CLEANUP(esc_freep) char *name = esc_str_dup(operation);
    take_answer(scene, path, service_of(recorded, data), name, data,
                esc_json_num(recording, "status_code", 0) == 200);
}

/* What must hold for whatever the cloud said */

/* Whoever recorded them has shortened or covered some account ids. */
static void check_arn(const struct esc_resource *resource)
{
    static const struct {
        const char *type, *pattern;
    } patterns[] = {
        {"ec2_instance", ":ec2:[a-z0-9-]+:[0-9X]+:instance/i-[0-9a-z-]+$"},
        {"ebs_volume", ":ec2:[a-z0-9-]+:[0-9X]+:volume/vol-[0-9a-z-]+$"},
        {"ebs_snapshot", ":ec2:[a-z0-9-]+::snapshot/snap-[0-9a-z-]+$"},
        {"ami", ":ec2:[a-z0-9-]+::image/ami-[0-9a-z-]+$"},
        {"elastic_ip", ":ec2:[a-z0-9-]+:[0-9X]+:elastic-ip/(eipalloc-[0-9a-z-]+|[0-9.]+)$"},
        {"network_interface", ":ec2:[a-z0-9-]+:[0-9X]+:network-interface/eni-[0-9a-z-]+$"},
        {"nat_gateway", ":ec2:[a-z0-9-]+:[0-9X]+:natgateway/nat-[0-9a-z-]+$"},
        {"internet_gateway", ":ec2:[a-z0-9-]+:[0-9X]+:internet-gateway/igw-[0-9a-z-]+$"},
        {"route_table", ":ec2:[a-z0-9-]+:[0-9X]+:route-table/rtb-[0-9a-z-]+$"},
        {"vpc", ":ec2:[a-z0-9-]+:[0-9X]+:vpc/vpc-[0-9a-z-]+$"},
        {"subnet", ":ec2:[a-z0-9-]+:[0-9X]+:subnet/subnet-[0-9a-z-]+$"},
        {"security_group", ":ec2:[a-z0-9-]+:[0-9X]+:security-group/sg-[0-9a-z-]+$"},
        {"rds_instance", ":rds:[a-z0-9-]+:[0-9X]+:db:[^:]+$"},
        {"rds_cluster", ":rds:[a-z0-9-]+:[0-9X]+:cluster:[^:]+$"},
        {"rds_snapshot", ":rds:[a-z0-9-]+:[0-9X]+:snapshot:.+$"},
        {"rds_cluster_snapshot", ":rds:[a-z0-9-]+:[0-9X]+:cluster-snapshot:.+$"},
        {"s3_bucket", ":s3:::[A-Za-z0-9._-]+$"},
        {"lambda_function", ":lambda:[a-z0-9-]+:[0-9X]+:function:[^:]+$"},
        {"lambda_layer", ":lambda:[a-z0-9-]+:[0-9X]+:layer:[^:]+$"},
        {"lambda_alias", ":lambda:[a-z0-9-]+:[0-9X]+:function:[^:]+:[^:]+$"},
        {"load_balancer", ":elasticloadbalancing:[a-z0-9-]+:[0-9X]+:loadbalancer/(app|net|gwy)/"
                          "[^/]+/[0-9a-f]+$"},
        {"target_group", ":elasticloadbalancing:[a-z0-9-]+:[0-9X]+:targetgroup/[^/]+/[0-9a-f]+$"},
        {"classic_load_balancer", ":elasticloadbalancing:[a-z0-9-]+:[0-9X]+:loadbalancer/[^/]+$"},
        {"auto_scaling_group", ":autoscaling:[a-z0-9-]+:[0-9X]+:autoScalingGroup:[0-9a-f-]+:"
                               "autoScalingGroupName/.+$"},
        {"ecs_cluster", ":ecs:[a-z0-9-]+:[0-9X]+:cluster/[^/]+$"},
        {"ecs_service", ":ecs:[a-z0-9-]+:[0-9X]+:service/[^/]+(/[^/]+)?$"},
        {"eks_cluster", ":eks:[a-z0-9-]+:[0-9X]+:cluster/[^/]+$"},
        {"eks_node_group", ":eks:[a-z0-9-]+:[0-9X]+:nodegroup/[^/]+/[^/]+/[0-9a-f-]+$"},
        {"dynamodb_table", ":dynamodb:[a-z0-9-]+:[0-9X]+:table/[^/]+$"},
        {"elasticache_cluster", ":elasticache:[a-z0-9-]+:[0-9X]+:cluster:[^:]+$"},
        {"elasticache_replication_group",
         ":elasticache:[a-z0-9-]+:[0-9X]+:replicationgroup:[^:]+$"},
        {"sqs_queue", ":sqs:[a-z0-9-]+:[0-9X]+:[A-Za-z0-9_.-]+$"},
        {"sns_topic", ":sns:[a-z0-9-]+:[0-9X]+:[A-Za-z0-9_.-]+$"},
        {"cloudwatch_alarm", ":cloudwatch:[a-z0-9-]+:[0-9X]+:alarm:.+$"},
        {"secret", ":secretsmanager:[a-z0-9-]+:[0-9X]+:secret:.+$"},
        {"hosted_zone", ":route53:::hostedzone/Z[A-Z0-9]+$"},
        {"cloudfront_distribution", ":cloudfront::[0-9X]+:distribution/[A-Z0-9]+$"},
        {"iam_role", ":iam::[0-9X]+:role/.+$"},
        {"iam_user", ":iam::[0-9X]+:user/.+$"},
        {"iam_instance_profile", ":iam::[0-9X]+:instance-profile/.+$"},
    };
    static_assert(ESC_COUNT(patterns) >= 40);
    for (size_t i = 0; i < ESC_COUNT(patterns); i++) {
        if (!scan_is_type(resource, patterns[i].type))
            continue;
        ESC_CLEANUP(esc_freep)
        char *whole = esc_sprintf("^arn:aws(-cn|-us-gov)?%s", patterns[i].pattern);
        regex_t expression;
        assert_int_equal(0, regcomp(&expression, whole, REG_EXTENDED | REG_NOSUB));
        if (regexec(&expression, resource->arn, 0, NULL, 0) != 0)
            fail_msg("%s is no ARN of %s", resource->arn, resource->resource_type);
        regfree(&expression);
        return;
    }
    fail_msg("no pattern for ARNs of %s", resource->resource_type);
}

/* Some scenes are made up by hand, with networks called sg-1 and vpc-matchall002. */
static void check_identifier(struct corpus *corpus, const struct esc_resource *resource)
{
    const struct esc_resource_type *type = esc_resource_type_find(resource->resource_type);
    if (!esc_resource_type_is_identifier(type, esc_str_of(resource->identifier))) {
        printf("# %s is no identifier of %s\n", resource->identifier, type->name);
        corpus->odd++;
    }
}

/* The same hash as in the first run: nothing hangs on addresses or time. */
static void check_hash(struct scene *scene, const struct esc_resource *resource, size_t index)
{
    char hash[ESC_HASH_TEXT];
    ESC_CLEANUP(esc_freep)
    char *key = esc_sprintf("%s %zu %s", scene->folder, index, resource->id);
    esc_content_hash(resource, hash);
    if (!scene->corpus->is_second_run)
        esc_map_set(scene->corpus->hashes, esc_str_of(key), esc_strdup(hash));
    else if (!esc_text_equal(esc_map_get(scene->corpus->hashes, esc_str_of(key)), hash))
        fail_msg("%s has changed by being read again", key);
}

static void check_resource(struct scene *scene, size_t index)
{
    const struct esc_resource *resource = esc_list_at(&scene->resources, index);
    check_arn(resource);
    check_identifier(scene->corpus, resource);
    check_hash(scene, resource, index);
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

static void take_folder(struct corpus *corpus, const char *root, const char *name)
{
    ESC_CLEANUP(esc_freep) char *folder = esc_path_join(root, name);
    struct scene scene;
    struct esc_list files;
    scene_init(&scene, corpus, name);
    esc_list_init(&files, free);
    expect_ok(esc_file_list(folder, &files, &err));
    for (size_t i = 0; i < files.count; i++) {
        ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, esc_list_at(&files, i));
        take_file(&scene, path, esc_list_at(&files, i));
    }
    esc_merge(&(struct esc_merge){
        .resources = &scene.resources, .tags = scene.tags, .is_complete = nothing_is_complete});
    for (size_t i = 0; i < scene.resources.count; i++)
        check_resource(&scene, i);
    corpus->resources += scene.resources.count;
    esc_list_done(&files);
    scene_done(&scene);
}

static void take_all(struct corpus *corpus, const char *root)
{
    struct esc_list folders;
    esc_list_init(&folders, free);
    expect_ok(esc_file_list(root, &folders, &err));
    for (size_t i = 0; i < folders.count; i++)
        if (!esc_str_contains(esc_str_of(esc_list_at(&folders, i)), ESC_STR(".")) &&
            !esc_text_equal(esc_list_at(&folders, i), "LICENSE"))
            take_folder(corpus, root, esc_list_at(&folders, i));
    esc_list_done(&folders);
}

static void recorded_answers_of_real_accounts_become_resources_the_same_ones_twice(void **)
{
    ESC_CLEANUP(esc_freep) char *root = test_data("placebo");
    struct corpus corpus = {.hashes = esc_map_new(free)};
    take_all(&corpus, root);
    struct corpus again = {.hashes = corpus.hashes, .is_second_run = true};
    take_all(&again, root);
    printf("# %zu files, %zu answers and %zu errors of what scanners ask, %zu resources\n",
           corpus.files, corpus.answers, corpus.refused, corpus.resources);
    assert_true(corpus.answers > 0 && corpus.resources > 0);
    assert_true(corpus.broken <= 1);
    assert_true(corpus.odd <= corpus.resources / 100);
    assert_int_equal(corpus.resources, again.resources);
    esc_map_free(corpus.hashes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_answers_of_real_accounts_become_resources_the_same_ones_twice),
    };
    return cmocka_run_group_tests_name("scan/placebo", tests, NULL, NULL);
}
