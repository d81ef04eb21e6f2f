/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "escher/base/alloc.h"
#include "escher/work/sync_events_private.h"

enum {
    HIDDEN_S = 120, /* a message that was received: longer than the sync of its place */
};

struct event_call {
    struct event_round *round;
    struct work_cloud *cloud;
    bool deletes;
    event_call_fn *done;
};

static void answered(void *context, const struct work_cloud_result *result,
                     const struct esc_error *failure)
{
    struct event_call *call = context;
    struct event_round *round = call->round;
    event_call_fn *const done = call->done;
    (void)esc_list_drop(&round->calls, call);
    if (call->deletes)
        round->deleting--;
    else
        round->receiving--;
    free(call);
    done(round, result, failure);
}

static bool send(struct event_round *round, const char *operation, const struct esc_json *params,
                 event_call_fn *done)
{
    const struct esc_account *account =
        work_account_find(round->bench, round->settings.queue_account);
    const struct work_cloud_call cloud_call = {.account = account,
                                               .environment = round->environment,
                                               .operation = esc_operation_find("sqs", operation),
                                               .params = params,
                                               .region = round->settings.queue_region,
                                               .session_name = "escher-events",
                                               .timeout_ms = round->bench->events->timeout_ms,
                                               .once = true};
    if (!account || !cloud_call.operation)
        return false;
    struct event_call *call = esc_alloc_zero(sizeof *call);
    call->round = round;
    call->deletes = esc_text_equal(operation, "DeleteMessageBatch");
    call->done = done;
    call->cloud = work_cloud_send(round->bench, &cloud_call, answered, call);
    esc_list_push(&round->calls, call);
    if (call->deletes)
        round->deleting++;
    else
        round->receiving++;
    return true;
}

bool event_queue_receive(struct event_round *round, unsigned wait_s, event_call_fn *done)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = esc_json_object();
    struct esc_json *attributes = esc_json_array();
    esc_json_push_text(attributes, "SentTimestamp");
    esc_json_set_text(params, "QueueUrl", round->settings.queue_url);
    esc_json_set(params, "MessageSystemAttributeNames", attributes);
    esc_json_set_int(params, "MaxNumberOfMessages", EVENT_BATCH);
    esc_json_set_int(params, "VisibilityTimeout", HIDDEN_S);
    esc_json_set_int(params, "WaitTimeSeconds", wait_s);
    return send(round, "ReceiveMessage", params, done);
}

static struct esc_json *entry_of(const char *receipt, size_t index)
{
    char id[24];
    struct esc_json *entry = esc_json_object();
    (void)snprintf(id, sizeof id, "%zu", index); /* it fits */
    esc_json_set_text(entry, "Id", id);
    esc_json_set_text(entry, "ReceiptHandle", receipt);
    return entry;
}

bool event_queue_delete(struct event_round *round, event_call_fn *done)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = esc_json_object();
    struct esc_json *entries = esc_json_array();
    struct esc_list *receipts = &round->receipts;
    while (receipts->count > 0 && esc_json_len(entries) < EVENT_BATCH) {
        ESC_CLEANUP(esc_freep) char *receipt = esc_list_remove(receipts, receipts->count - 1);
        esc_json_push(entries, entry_of(receipt, esc_json_len(entries)));
    }
    esc_json_set_text(params, "QueueUrl", round->settings.queue_url);
    esc_json_set(params, "Entries", entries);
    return send(round, "DeleteMessageBatch", params, done);
}

void event_queue_cancel(struct event_round *round)
{
    for (size_t i = 0; i < round->calls.count; i++)
        work_cloud_cancel(((struct event_call *)round->calls.items[i])->cloud); /* answers follow */
}

/* @source SQS, common errors, and those of ReceiveMessage and DeleteMessageBatch */
static bool is_for_good(enum esc_error_category category, const char *code)
{
    return category == ESC_CATEGORY_PERMISSION || category == ESC_CATEGORY_NOT_FOUND ||
           category == ESC_CATEGORY_VALIDATION || esc_text_equal(code, "QueueDoesNotExist") ||
           esc_text_equal(code, "AWS.SimpleQueueService.NonExistentQueue") ||
           esc_text_equal(code, "InvalidAddress");
}

/* Of a batch it refuses entry by entry: receipts may be too old by then. */
static const struct esc_json *refused_entry(const struct esc_json *output)
{
    const struct esc_json *failed = esc_json_get(output, "Failed");
    return esc_json_len(failed) > 0 && esc_json_len(esc_json_get(output, "Successful")) == 0
               ? esc_json_at(failed, 0)
               : NULL;
}

bool event_queue_has_failed(const struct work_cloud_result *result, const struct esc_error *failure,
                            const char *does, bool *for_good, struct esc_error *err)
{
    *for_good = false;
    if (!result) {
        *err = *failure;
        return true;
    }
    if (result->category != ESC_CATEGORY_NONE) {
        *for_good = is_for_good(result->category, result->error_code);
        (void)esc_fail(err, esc_error_category_status(result->category), "the queue %s nothing: %s",
                       does, result->error_message ? result->error_message : "it gave no reason");
        return true;
    }
    const struct esc_json *entry = refused_entry(result->output);
    if (!entry)
        return false;
    (void)esc_fail(err, ESC_CONFLICT, "the queue %s nothing: %s %s", does,
                   esc_json_str(entry, "Code", ""), esc_json_str(entry, "Message", ""));
    return true;
}
