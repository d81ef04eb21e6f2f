/* SPDX-License-Identifier: Apache-2.0 */

/*
 * SNS topics, and where they deliver. One list tells the subscriptions of all topics; of their
 * ends only queues and functions are taken over: the others are people's addresses and numbers,
 * and links that may hold a key.
 */

#include "escher/base/attr.h"
#include "escher/scan/scan_private.h"

static void read_topic(struct scan_page *page, const struct esc_json *item)
{
    const char *arn = esc_json_str(item, "TopicArn", NULL);
    struct esc_resource *topic = scan_add(page, "sns_topic", scan_last_piece(arn, ':'), arn, NULL);
    if (topic)
        esc_json_set_bool(topic->metadata, "is_fifo",
                          esc_str_ends_with(esc_str_of(topic->identifier), ESC_STR(".fifo")));
}

static struct esc_json *ask_for_all(struct esc_resource *const *batch, size_t count)
{
    (void)batch; /* the answer is that of every topic */
    (void)count;
    return esc_json_object();
}

static void read_subscription(struct scan_page *page, const struct esc_json *item)
{
    static const struct {
        const char *protocol, *type;
    } ends[] = {{"sqs", "sqs_queue"}, {"lambda", "lambda_function"}};
    struct esc_resource *topic = scan_find_arn(page, esc_json_str(item, "TopicArn", NULL));
    const char *protocol = esc_json_str(item, "Protocol", NULL);
    for (size_t i = 0; topic && i < ESC_COUNT(ends); i++)
        if (esc_text_equal(ends[i].protocol, protocol))
            scan_relate_arn(topic, "delivers_to", ends[i].type,
                            esc_json_str(item, "Endpoint", NULL));
}

static const struct scan_step steps[] = {
    {
        .operation = "ListTopics",
        .type = "sns_topic",
        .list = "Topics",
        .read = read_topic,
        .tags_elsewhere = true,
    },
    {
        .operation = "ListSubscriptions",
        .list = "Subscriptions",
        .read = read_subscription,
        .stage = 1,
        .of_type = "sns_topic",
        .batch = SCAN_ONE_CALL,
        .make_params = ask_for_all,
    },
};

const struct esc_scanner scan_service_sns = {.name = "sns",
                                             .service = "sns",
                                             .needs_tags = true,
                                             .steps = steps,
                                             .step_count = ESC_COUNT(steps)};
