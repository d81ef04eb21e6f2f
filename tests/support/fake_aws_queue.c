/* SPDX-License-Identifier: Apache-2.0 */

/*
 * One queue of SQS, the same for every account and URL, as long as a test likes: a message costs
 * some bytes, and no call looks through the others. What was received is hidden for as long as was
 * asked, by the fake's wall clock, and comes again then, before what was never received; its
 * receipt is good until it is received again. A receive that finds none says so at once or, with
 * `queue_waits` and where it was asked to wait, never: whoever waits for it is ended by something
 * else.
 *
 *     sent ──receive──▶ out ──delete──▶ gone
 *                      ▲  │ hidden no more
 *                      └──┘
 */

#include <stdio.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "tests/support/fake_aws_private.h"

enum {
    FOR_EVER_MS = 24 * 3600 * 1000
};

struct message {
    const char *body;             /* the queue's */
    uint64_t sent_ms, visible_ms; /* wall */
    unsigned receipt_count;
    bool deleted;
};

struct fake_queue {
    struct esc_list bodies; /* char *, each once however many messages it has */
    struct message *messages;
    size_t count, capacity, deleted;
    size_t sent;         /* the first that was never received */
    struct esc_list out; /* numbers of those that were, as they were received */
    size_t out_first;    /* of these, the first that counts */
};

struct fake_queue *fake_queue_new(void)
{
    struct fake_queue *queue = esc_alloc_zero(sizeof *queue);
    esc_list_init(&queue->bodies, free);
    esc_list_init(&queue->out, NULL);
    return queue;
}

void fake_queue_free(struct fake_queue *queue)
{
    esc_list_done(&queue->bodies);
    esc_list_done(&queue->out);
    free(queue->messages);
    free(queue);
}

void fake_aws_send_messages(struct fake_aws *aws, const char *body, size_t count)
{
    struct fake_queue *queue = aws->queue;
    char *own = esc_strdup(body);
    const uint64_t now_ms = esc_clock_wall_ms(aws->options.clock);
    const struct message message = {.body = own,
                                    .sent_ms = now_ms + (uint64_t)aws->options.skew_ms -
                                               aws->options.message_age_ms};
    esc_list_push(&queue->bodies, own);
    if (queue->count + count > queue->capacity) {
        queue->capacity = 2 * (queue->count + count);
        queue->messages =
            esc_realloc_array(queue->messages, queue->capacity, sizeof *queue->messages);
    }
    for (size_t i = 0; i < count; i++)
        queue->messages[queue->count++] = message;
}

void fake_aws_send_message(struct fake_aws *aws, const char *body)
{
    fake_aws_send_messages(aws, body, 1);
}

size_t fake_aws_message_count(const struct fake_aws *aws)
{
    return aws->queue->count - aws->queue->deleted;
}

static void write_receipt(const struct fake_queue *queue, size_t number, char out[64])
{
    (void)snprintf(out, 64, "receipt %u of %zu", queue->messages[number].receipt_count, number);
}

static struct esc_json *receive_one(struct fake_queue *queue, size_t number, uint64_t visible_ms,
                                    bool tells_sent)
{
    char text[64];
    struct message *message = &queue->messages[number];
    struct esc_json *page = esc_json_object(), *attributes = esc_json_object();
    message->receipt_count++;
    message->visible_ms = visible_ms;
    esc_list_push(&queue->out, (void *)(uintptr_t)number);
    write_receipt(queue, number, text);
    esc_json_set_text(page, "ReceiptHandle", text);
    esc_json_set_text(page, "Body", message->body);
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)message->sent_ms);
    if (tells_sent)
        esc_json_set_text(attributes, "SentTimestamp", text);
    esc_json_set(page, "Attributes", attributes);
    return page;
}

/* Those that are gone, or were received again, are passed over. */
static bool find_returned(struct fake_queue *queue, uint64_t now_ms, size_t *number)
{
    while (queue->out_first < queue->out.count) {
        const size_t first = (uintptr_t)queue->out.items[queue->out_first];
        const struct message *message = &queue->messages[first];
        if (!message->deleted && message->visible_ms > now_ms)
            return false;
        queue->out_first++;
        *number = first;
        if (!message->deleted)
            return true;
    }
    return false;
}

static bool find_next(struct fake_queue *queue, uint64_t now_ms, size_t *number)
{
    if (find_returned(queue, now_ms, number))
        return true;
    *number = queue->sent;
    return queue->sent < queue->count && ++queue->sent;
}

static struct esc_json *receive(struct fake_aws *aws, const struct fake_request *request)
{
    const uint64_t now_ms = esc_clock_wall_ms(aws->options.clock);
    const size_t most = (size_t)esc_json_num(request->params, "MaxNumberOfMessages", 1);
    const uint64_t hidden_s = (uint64_t)esc_json_num(request->params, "VisibilityTimeout", 30);
    const uint64_t wait_s = (uint64_t)esc_json_num(request->params, "WaitTimeSeconds", 0);
    struct esc_json *output = esc_json_object(), *messages = esc_json_array();
    const struct esc_json *named = esc_json_member(request->params, "MessageSystemAttributeNames");
    const bool tells_sent =
        esc_text_equal(esc_json_str(esc_json_at(named, 0), "", ""), "SentTimestamp");
    size_t number = 0;
    while (esc_json_len(messages) < most && find_next(aws->queue, now_ms, &number))
        esc_json_push(messages,
                      receive_one(aws->queue, number, now_ms + hidden_s * 1000, tells_sent));
    if (esc_json_len(messages) == 0 && aws->options.queue_waits && wait_s > 0)
        aws->wait_ms = FOR_EVER_MS;
    esc_json_set(output, "Messages", messages);
    return output;
}

static bool delete_one(struct fake_queue *queue, const char *receipt)
{
    char own[64];
    unsigned count = 0;
    size_t number = 0;
    if (sscanf(receipt, "receipt %u of %zu", &count, &number) != 2 || number >= queue->count)
        return false;
    write_receipt(queue, number, own);
    if (strcmp(own, receipt) != 0)
        return false;
    queue->deleted += !queue->messages[number].deleted;
    queue->messages[number].deleted = true;
    return true;
}

static struct esc_json *delete (struct fake_aws *aws, const struct fake_request *request)
{
    struct esc_json *output = esc_json_object();
    struct esc_json *done = esc_json_array(), *failed = esc_json_array();
    const struct esc_json *entries = esc_json_member(request->params, "Entries");
    for (size_t i = 0; i < esc_json_len(entries); i++) {
        struct esc_json *one = esc_json_object();
        const struct esc_json *entry = esc_json_at(entries, i);
        const bool is_done = delete_one(aws->queue, esc_json_str(entry, "ReceiptHandle", ""));
        esc_json_set_text(one, "Id", esc_json_str(entry, "Id", ""));
        if (!is_done) {
            esc_json_set_text(one, "Code", "ReceiptHandleIsInvalid");
            esc_json_set_bool(one, "SenderFault", true);
        }
        esc_json_push(is_done ? done : failed, one);
    }
    esc_json_set(output, "Successful", done);
    esc_json_set(output, "Failed", failed);
    return output;
}

struct esc_json *fake_answer_queue(struct fake_aws *aws, const struct fake_request *request)
{
    if (strcmp(request->operation->service, "sqs") != 0)
        return NULL;
    if (strcmp(request->operation->operation, "ReceiveMessage") == 0)
        return receive(aws, request);
    return strcmp(request->operation->operation, "DeleteMessageBatch") == 0 ? delete (aws, request)
                                                                            : NULL;
}
