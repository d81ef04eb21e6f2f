/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Lambda functions, their aliases, what they are called for, and layers. The list of functions
 * carries environment variables, which stay out because no field names them. It does not tell a
 * function's state (an emulator's may), so nothing does.
 *
 * @source Lambda ListFunctions: "a subset of the FunctionConfiguration fields"
 */

#include "escher/base/alloc.h"
#include "escher/model/arn.h"
#include "escher/scan/scan_private.h"

static const struct scan_field function_fields[] = {
    {"runtime", "Runtime"},
    {"memory_mb", "MemorySize"},
    {"timeout_s", "Timeout"},
    {"handler", "Handler"},
    {"code_size_bytes", "CodeSize"},
    {"package_type", "PackageType"},
    {"architecture", "Architectures[0]"},
    {"last_modified", "LastModified"},
    {"role", "Role"},
    {"description", "Description"},
    {"tracing", "TracingConfig.Mode"},
    {"ephemeral_storage_mb", "EphemeralStorage.Size"},
    {"vpc_id", "VpcConfig.VpcId"},
    {"kms_key_id", "KMSKeyArn"},
};

static const struct scan_field layer_fields[] = {
    {"latest_version", "LatestMatchingVersion.Version"},
    {"latest_version_arn", "LatestMatchingVersion.LayerVersionArn"},
    {"latest_version_at", "LatestMatchingVersion.CreatedDate"},
    {"runtimes", "LatestMatchingVersion.CompatibleRuntimes"},
    {"description", "LatestMatchingVersion.Description"},
};

static const struct scan_field alias_fields[] = {
    {"alias", "Name"},
    {"function_version", "FunctionVersion"},
    {"description", "Description"},
};

/* A function names its layers by the ARN of a version: "...:layer:NAME:7". */
static void relate_layers(struct esc_resource *function, const struct esc_json *layers)
{
    for (size_t i = 0; i < esc_json_len(layers); i++) {
        struct esc_arn arn;
        struct esc_str name;
        const char *text = esc_json_str(esc_json_at(layers, i), "Arn", "");
        if (!esc_arn_parse(esc_str_of(text), &arn) ||
            !esc_str_is(arn.account, function->account_id)) /* others' layers are not ours to see */
            continue;
        struct esc_str rest = esc_arn_name(&arn);
        if (!esc_str_next(&rest, ':', &name))
            continue;
        ESC_CLEANUP(esc_freep) char *identifier = esc_str_dup(name);
        scan_relate(function, "uses_layer", "lambda_layer", identifier);
    }
}

static void read_function(struct scan_page *page, const struct esc_json *item)
{
    struct esc_resource *function =
        scan_add(page, "lambda_function", esc_json_str(item, "FunctionName", NULL),
                 esc_json_str(item, "FunctionArn", NULL), NULL);
    if (!function)
        return;
    scan_take_fields(function, item, function_fields, ESC_COUNT(function_fields));
    scan_relate(function, "in_vpc", "vpc", esc_json_str(item, "VpcConfig.VpcId", NULL));
    scan_relate_all(function, "in_subnet", "subnet", item, "VpcConfig.SubnetIds", "");
    scan_relate_all(function, "uses_security_group", "security_group", item,
                    "VpcConfig.SecurityGroupIds", "");
    scan_relate_arn(function, "uses_role", "iam_role", esc_json_str(item, "Role", NULL));
    relate_layers(function, esc_json_member(item, "Layers"));
}

static void read_layer(struct scan_page *page, const struct esc_json *item)
{
    struct esc_resource *layer =
        scan_add(page, "lambda_layer", esc_json_str(item, "LayerName", NULL),
                 esc_json_str(item, "LayerArn", NULL), NULL);
    if (layer)
        scan_take_fields(layer, item, layer_fields, ESC_COUNT(layer_fields));
}

/* "arn:aws:lambda:REGION:ACCOUNT:function:FUNCTION:ALIAS" */
static void read_alias(struct scan_page *page, const struct esc_json *item)
{
    const char *text = esc_json_str(item, "AliasArn", "");
    struct esc_arn arn;
    struct esc_str rest = {0}, function_name = {0};
    if (esc_arn_parse(esc_str_of(text), &arn))
        rest = esc_arn_name(&arn);
    ESC_CLEANUP(esc_freep) char *identifier = esc_str_dup(rest);
    if (rest.len == 0 || !esc_str_next(&rest, ':', &function_name) || rest.len == 0) {
        page->unread_count++;
        return;
    }
    struct esc_resource *alias = scan_add(page, "lambda_alias", identifier, text, NULL);
    if (!alias)
        return;
    ESC_CLEANUP(esc_freep) char *function = esc_str_dup(function_name);
    scan_take_fields(alias, item, alias_fields, ESC_COUNT(alias_fields));
    esc_json_set_text(alias->metadata, "function_name", function);
    scan_relate(alias, "alias_of", "lambda_function", function);
}

/* The function, whichever version or alias of it is named: "...:function:NAME:ALIAS". */
static struct esc_resource *function_of(const struct scan_page *page, const char *text)
{
    struct esc_arn arn;
    struct esc_str rest = {0}, name;
    if (esc_arn_parse(esc_str_of(text), &arn))
        rest = esc_arn_name(&arn);
    if (rest.len == 0 || !esc_str_next(&rest, ':', &name))
        return NULL;
    for (size_t i = 0; i < page->resources->count; i++) {
        struct esc_resource *resource = esc_list_at(page->resources, i);
        if (scan_is_type(resource, "lambda_function") && esc_str_is(name, resource->identifier))
            return resource;
    }
    return NULL;
}

/* What is switched off calls nobody. Other sources (Kinesis, Kafka, MQ) are no types of ours. */
static void read_mapping(struct scan_page *page, const struct esc_json *item)
{
    static const struct {
        const char *service, *type;
    } sources[] = {{"sqs", "sqs_queue"}, {"dynamodb", "dynamodb_table"}};
    struct esc_resource *function = function_of(page, esc_json_str(item, "FunctionArn", ""));
    const char *source = esc_json_str(item, "EventSourceArn", "");
    const char *state = esc_json_str(item, "State", "");
    struct esc_arn arn;
    if (!function || esc_text_equal(state, "Disabled") || esc_text_equal(state, "Disabling") ||
        esc_text_equal(state, "Deleting") || !esc_arn_parse(esc_str_of(source), &arn))
        return;
    for (size_t i = 0; i < ESC_COUNT(sources); i++)
        if (esc_str_is(arn.service, sources[i].service))
            scan_relate_arn(function, "reads_from", sources[i].type, source);
}

static struct esc_json *ask_for_all(struct esc_resource *const *batch, size_t count)
{
    (void)batch; /* the answer is that of every function */
    (void)count;
    return esc_json_object();
}

static struct esc_json *name_function(struct esc_resource *const *batch, size_t count)
{
    (void)count; /* one at a time */
    struct esc_json *params = esc_json_object();
    esc_json_set_text(params, "FunctionName", batch[0]->identifier);
    return params;
}

static const struct scan_step steps[] = {
    {
        .operation = "ListFunctions",
        .type = "lambda_function",
        .list = "Functions",
        .read = read_function,
        .tags_elsewhere = true,
    },
    {
        .operation = "ListLayers",
        .type = "lambda_layer",
        .list = "Layers",
        .read = read_layer,
    },
    {
        .operation = "ListAliases",
        .type = "lambda_alias",
        .list = "Aliases",
        .read = read_alias,
        .stage = 1,
        .of_type = "lambda_function",
        .batch = 1,
        .make_params = name_function,
        .gone_codes = "ResourceNotFoundException",
    },
    {
        .operation = "ListEventSourceMappings",
        .list = "EventSourceMappings",
        .read = read_mapping,
        .stage = 1,
        .of_type = "lambda_function",
        .batch = SCAN_ONE_CALL,
        .make_params = ask_for_all,
    },
};

const struct esc_scanner scan_service_lambda = {.name = "lambda",
                                                .service = "lambda",
                                                .needs_tags = true,
                                                .steps = steps,
                                                .step_count = ESC_COUNT(steps)};
