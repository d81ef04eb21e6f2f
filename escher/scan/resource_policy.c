/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/resource_policy.h"

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/limits.h"

static void name_bucket(const struct esc_resource *bucket, struct esc_json *params)
{
    esc_json_set_text(params, "Bucket", bucket->identifier);
}

static void name_queue(const struct esc_resource *queue, struct esc_json *params)
{
    struct esc_json *names = esc_json_array();
    esc_json_push_text(names, "Policy");
    esc_json_set(params, "AttributeNames", names);
    esc_json_set_text(params, "QueueUrl", esc_json_str(queue->metadata, "queue_url", ""));
}

static void name_topic(const struct esc_resource *topic, struct esc_json *params)
{
    esc_json_set_text(params, "TopicArn", topic->arn);
}

static void name_secret(const struct esc_resource *secret, struct esc_json *params)
{
    esc_json_set_text(params, "SecretId", secret->arn);
}

static void name_table(const struct esc_resource *table, struct esc_json *params)
{
    esc_json_set_text(params, "ResourceArn", table->arn);
}

/* "resize-images", or of an alias "resize-images:live". */
static void name_function(const struct esc_resource *function, struct esc_json *params)
{
    const struct esc_str text = esc_str_of(function->identifier);
    const size_t colon = esc_str_find(text, ESC_STR(":"), 0);
    esc_json_set_str(params, "FunctionName", esc_str_slice(text, 0, colon));
    if (colon != SIZE_MAX)
        esc_json_set_str(params, "Qualifier", esc_str_slice(text, colon + 1, text.len));
}

/* Each version has its own; a layer is known by its latest. */
static void name_layer(const struct esc_resource *layer, struct esc_json *params)
{
    esc_json_set_text(params, "LayerName", layer->identifier);
    esc_json_set_int(params, "VersionNumber", esc_json_num(layer->metadata, "latest_version", 0));
}

static const struct had {
    const char *type;
    bool can_deny;
    const char *service, *operation; /* NULL: one call does not read it */
    void (*name)(const struct esc_resource *resource, struct esc_json *params);
    const char *path;        /* of the text in the answer */
    const char *absent_code; /* the error that only means: it has none */
    bool may_lack_text;      /* an answer without text means the same */
} table[] = {
    {"s3_bucket", true, "s3", "GetBucketPolicy", name_bucket, "Policy", "NoSuchBucketPolicy",
     false},
    {"sqs_queue", true, "sqs", "GetQueueAttributes", name_queue, "Attributes.Policy", NULL, true},
    {"sns_topic", true, "sns", "GetTopicAttributes", name_topic, "Attributes.Policy", NULL, false},
    {"secret", true, "secretsmanager", "GetResourcePolicy", name_secret, "ResourcePolicy", NULL,
     true},
    {"dynamodb_table", true, "dynamodb", "GetResourcePolicy", name_table, "Policy",
     "PolicyNotFoundException", false},
    {"lambda_function", false, "lambda", "GetPolicy", name_function, "Policy",
     "ResourceNotFoundException", false},
    {"lambda_alias", false, "lambda", "GetPolicy", name_function, "Policy",
     "ResourceNotFoundException", false},
    {"lambda_layer", false, "lambda", "GetLayerVersionPolicy", name_layer, "Policy",
     "ResourceNotFoundException", false},
    {"kms_key", true, NULL, NULL, NULL, NULL, NULL, false}, /* key_policy.h */
};

const char *const esc_resource_policy_actions[] = {
    "dynamodb:GetResourcePolicy",
    "lambda:GetLayerVersionPolicy",
    "lambda:GetPolicy",
    "s3:GetBucketPolicy",
    "secretsmanager:GetResourcePolicy",
    "sns:GetTopicAttributes",
    "sqs:GetQueueAttributes",
    NULL,
};

static const struct had *find(const char *type)
{
    for (size_t i = 0; i < ESC_COUNT(table); i++)
        if (esc_text_equal(table[i].type, type))
            return &table[i];
    return NULL;
}

bool esc_resource_policy_is_had(const char *type)
{
    return find(type) != NULL;
}

bool esc_resource_policy_can_deny(const char *type)
{
    const struct had *had = find(type);
    return had && had->can_deny;
}

/* Others may be let read a version of a layer, and nothing else.
 * @source Lambda API, AddLayerVersionPermission: Action */
bool esc_resource_policy_may_allow(const char *type, struct esc_str action)
{
    const bool is_layer = esc_text_equal(type, "lambda_layer");
    return find(type) &&
           (!is_layer || esc_str_equal_nocase(action, ESC_STR("lambda:GetLayerVersion")));
}

bool esc_resource_policy_is_readable(const struct esc_resource *resource)
{
    const char *type = resource->resource_type;
    return resource->arn && esc_resource_policy_operation(type) &&
           (!esc_text_equal(type, "lambda_layer") ||
            esc_json_num(resource->metadata, "latest_version", 0) > 0);
}

const struct esc_operation *esc_resource_policy_operation(const char *type)
{
    const struct had *had = find(type);
    return had && had->operation ? esc_operation_find(had->service, had->operation) : NULL;
}

struct esc_json *esc_resource_policy_params(const struct esc_resource *resource)
{
    const struct had *had = find(resource->resource_type);
    struct esc_json *params = esc_json_object();
    ESC_ASSERT(had && had->name);
    had->name(resource, params);
    return params;
}

static void set_unread(struct esc_json *page, const struct esc_operation *operation,
                       const char *why)
{
    ESC_CLEANUP(esc_freep) char *text = esc_sprintf("%s: %s", operation->iam_action, why);
    esc_json_set_text(page, "unread", text);
}

struct esc_json *esc_resource_policy_page(const char *type, const struct esc_scan_answer *answer)
{
    const struct had *had = find(type);
    const struct esc_operation *operation = esc_resource_policy_operation(type);
    struct esc_json *page = esc_json_object();
    ESC_ASSERT(operation);
    if (answer->category != ESC_CATEGORY_NONE) {
        if (!had->absent_code || !esc_text_equal(answer->code, had->absent_code))
            set_unread(page, operation, answer->code && *answer->code ? answer->code : "no answer");
        return page;
    }
    const struct esc_json *text = esc_json_get(answer->output, had->path);
    if (!esc_json_is(text, ESC_JSON_STRING)) {
        if (text || !had->may_lack_text)
            set_unread(page, operation, "it gave no document");
        return page;
    }
    if (esc_json_value(text).len > ESC_MAX_IAM_POLICY)
        set_unread(page, operation, "the document is too large");
    else
        esc_json_set_str(page, "document", esc_json_value(text));
    return page;
}
