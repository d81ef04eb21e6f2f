/* SPDX-License-Identifier: Apache-2.0 */

/*
 * One queue of SQS, the same for every account and URL. A message that was received is hidden for
 * as long as was asked, by the fake's wall clock; its receipt is good until it is received again. A
 * receive that finds none says so at once or, with `queue_waits` and where it was asked to wait, never:
 * whoever waits for it is ended by something else.
 */

#include <stdio.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "tests/support/fake_aws_private.h"

enum {
    FOR_EVER_MS = 24 * 3600 * 1000
};

struct message {
    char *body;
    unsigned number, receipt_count;
    uint64_t visible_ms; /* wall; 0: at once */
    bool deleted;
};

static void message_free(void *item)
{
    struct message *message = item;
    free(message->body);
    free(message);
}

void fake_queue_init(struct fake_aws *aws)
{
    esc_list_init(&aws->messages, message_free);
}

void fake_aws_send_message(struct fake_aws *aws, const char *body)
{
    struct message *message = esc_alloc_zero(sizeof *message);
    message->body = esc_strdup(body);
    message->number = (unsigned)aws->messages.count;
    esc_list_push(&aws->messages, message);
}

size_t fake_aws_message_count(const struct fake_aws *aws)
{
    size_t count = 0;
    for (size_t i = 0; i < aws->messages.count; i++)
        count += !((const struct message *)aws->messages.items[i])->deleted;
    return count;
}

static void write_receipt(const struct message *message, char out[48])
{
    (void)snprintf(out, 48, "receipt %u of %u", message->receipt_count, message->number);
}

static struct esc_json *receive_one(struct message *message, uint64_t visible_ms)
{
    char receipt[48];
    struct esc_json *page = esc_json_object();
    message->receipt_count++;
    message->visible_ms = visible_ms;
    write_receipt(message, receipt);
    esc_json_set_text(page, "ReceiptHandle", receipt);
    esc_json_set_text(page, "Body", message->body);
    return page;
}

static struct esc_json *receive(struct fake_aws *aws, const struct fake_request *request)
{
    const uint64_t now_ms = esc_clock_wall_ms(aws->options.clock);
    const size_t most = (size_t)esc_json_num(request->params, "MaxNumberOfMessages", 1);
    const uint64_t hidden_s = (uint64_t)esc_json_num(request->params, "VisibilityTimeout", 30);
    const uint64_t wait_s = (uint64_t)esc_json_num(request->params, "WaitTimeSeconds", 0);
    struct esc_json *output = esc_json_object(), *messages = esc_json_array();
    for (size_t i = 0; i < aws->messages.count && esc_json_len(messages) < most; i++) {
        struct message *message = aws->messages.items[i];
        if (!message->deleted && message->visible_ms <= now_ms)
            esc_json_push(messages, receive_one(message, now_ms + hidden_s * 1000));
    }
    if (esc_json_len(messages) == 0 && aws->options.queue_waits && wait_s > 0)
        aws->wait_ms = FOR_EVER_MS;
    esc_json_set(output, "Messages", messages);
    return output;
}

static bool delete_one(struct fake_aws *aws, const char *receipt)
{
    for (size_t i = 0; i < aws->messages.count; i++) {
        struct message *message = aws->messages.items[i];
        char own[48];
        write_receipt(message, own);
        if (strcmp(own, receipt) != 0)
            continue;
        message->deleted = true;
        return true;
    }
    return false;
}

static struct esc_json *delete (struct fake_aws *aws, const struct fake_request *request)
{
    struct esc_json *output = esc_json_object();
    struct esc_json *done = esc_json_array(), *failed = esc_json_array();
    const struct esc_json *entries = esc_json_member(request->params, "Entries");
    for (size_t i = 0; i < esc_json_len(entries); i++) {
        struct esc_json *one = esc_json_object();
        const struct esc_json *entry = esc_json_at(entries, i);
        const bool is_done = delete_one(aws, esc_json_str(entry, "ReceiptHandle", ""));
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
