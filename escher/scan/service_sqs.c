/* SPDX-License-Identifier: Apache-2.0 */

/*
 * SQS queues: a list of links, and the attributes of each. How many messages wait changes from
 * one moment to the next and the policy may name anybody, so neither is taken over.
 */

#include <stdlib.h>

#include "escher/base/alloc.h"
#include "escher/scan/scan_private.h"

/* All values of a queue's attributes are texts, numbers too. */
static const struct {
    const char *name, *attribute;
} numbers[] = {
    {"visibility_timeout_s", "VisibilityTimeout"},       {"retention_s", "MessageRetentionPeriod"},
    {"max_message_bytes", "MaximumMessageSize"},         {"delay_s", "DelaySeconds"},
    {"receive_wait_s", "ReceiveMessageWaitTimeSeconds"},
};

static const struct scan_field fields[] = {
    {"kms_key_id", "KmsMasterKeyId"},
};

static void list_queue(struct scan_page *page, const struct esc_json *item)
{
    const char *link = esc_json_str(item, "", "");
    struct esc_resource *queue =
        scan_add(page, "sqs_queue", scan_last_piece(link, '/'), NULL, NULL);
    if (queue)
        esc_json_set_text(queue->metadata, "queue_url", link);
}

static struct esc_json *name_queue(struct esc_resource *const *batch, size_t count)
{
    (void)count; /* one at a time */
    struct esc_json *params = esc_json_object();
    struct esc_json *names = esc_json_array();
    esc_json_push_text(names, "All"); /* naming one that a queue cannot have is an error */
    esc_json_set(params, "AttributeNames", names);
    esc_json_set_text(params, "QueueUrl", esc_json_str(batch[0]->metadata, "queue_url", ""));
    return params;
}

static bool number_of(const struct esc_json *attributes, const char *name, int64_t *number)
{
    const char *text = esc_json_str(attributes, name, "");
    char *end = NULL;
    *number = strtoll(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0';
}

/* The redrive policy is JSON in a text: {"deadLetterTargetArn": "...", "maxReceiveCount": 5}. */
static void read_redrive(struct esc_resource *queue, const char *text)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *policy = NULL;
    if (!text || esc_json_parse(esc_str_of(text), NULL, &policy, NULL) != ESC_OK)
        return;
    const char *target = esc_json_str(policy, "deadLetterTargetArn", NULL);
    if (!target)
        return;
    esc_json_set_text(queue->metadata, "dead_letter_queue", target);
    scan_relate_arn(queue, "dead_letters_to", "sqs_queue", target);
}

static bool is_true(const struct esc_json *attributes, const char *name)
{
    return esc_text_equal(esc_json_str(attributes, name, NULL), "true");
}

static void read_attributes(struct scan_page *page, const struct esc_json *answer)
{
    const struct esc_json *attributes = esc_json_member(answer, "Attributes");
    struct esc_resource *queue = page->of;
    int64_t number;
    if (!esc_json_is(attributes, ESC_JSON_OBJECT)) {
        page->unread_count++;
        return;
    }
    for (size_t i = 0; i < ESC_COUNT(numbers); i++)
        if (number_of(attributes, numbers[i].attribute, &number))
            esc_json_set_int(queue->metadata, numbers[i].name, number);
    scan_take_fields(queue, attributes, fields, ESC_COUNT(fields));
    esc_json_set_bool(queue->metadata, "is_fifo", is_true(attributes, "FifoQueue"));
    esc_json_set_bool(queue->metadata, "encrypted",
                      is_true(attributes, "SqsManagedSseEnabled") ||
                          esc_json_str(attributes, "KmsMasterKeyId", NULL));
    if (number_of(attributes, "CreatedTimestamp", &number))
        queue->created_at_ms = (uint64_t)number * 1000;
    read_redrive(queue, esc_json_str(attributes, "RedrivePolicy", NULL));
}

static const struct scan_step steps[] = {
    {
        .operation = "ListQueues",
        .type = "sqs_queue",
        .list = "QueueUrls",
        .may_lack_list = true,
        .texts = true,
        .read = list_queue,
        .tags_elsewhere = true,
    },
    {
        .operation = "GetQueueAttributes",
        .read = read_attributes,
        .stage = 1,
        .of_type = "sqs_queue",
        .batch = 1,
        .make_params = name_queue,
        .gone_codes = "QueueDoesNotExist AWS.SimpleQueueService.NonExistentQueue",
    },
};

const struct esc_scanner scan_service_sqs = {.name = "sqs",
                                             .service = "sqs",
                                             .needs_tags = true,
                                             .steps = steps,
                                             .step_count = ESC_COUNT(steps)};
