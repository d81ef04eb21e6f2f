/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/store/audit.h"
#include "escher/store/conversation.h"
#include "escher/store/runs.h"
#include "escher/work/work_private.h"

/* What is on record: conversations and the audit trail. */

static void set_time(struct esc_json *object, const char *key, uint64_t at_ms)
{
    char text[ESC_TIME_TEXT];
    esc_time_format(at_ms, text);
    esc_json_set_text(object, key, text);
}

static bool add_conversation(void *context, const struct esc_conversation *conversation)
{
    struct esc_json *entry = esc_json_object();
    esc_json_set_text(entry, "id", conversation->id);
    esc_json_set_text(entry, "title", conversation->title ? conversation->title : "");
    set_time(entry, "last", conversation->updated_ms);
    esc_json_set_int(entry, "messages", (int64_t)conversation->message_count);
    esc_json_push(context, entry);
    return true;
}

void work_chat_list(struct esc_api_call *call)
{
    struct esc_error err;
    struct esc_json *conversations = esc_json_array();
    if (esc_store_conversations(call->bench->store, NULL, add_conversation, conversations, NULL,
                                &err) != ESC_OK) {
        esc_json_free(conversations);
        work_fail(call, &err);
        return;
    }
    struct esc_json *body = esc_json_object();
    esc_json_set(body, "conversations", conversations);
    work_ok(call, body);
}

struct messages {
    struct esc_store *store;
    struct esc_json *page;
};

/* A message does not change; what became of its plan is said by the plan. */
static bool add_message(void *context, const struct esc_chat_message *message)
{
    const struct messages *messages = context;
    struct esc_json *entry = esc_chat_message_to_json(message);
    ESC_CLEANUP(esc_json_freep) struct esc_json *kept = NULL;
    if (message->plan_hash &&
        esc_store_plan_get(messages->store, message->plan_hash, &kept, NULL) == ESC_OK) {
        const char *run = esc_json_str(kept, "run", NULL);
        if (run)
            esc_json_set_text(entry, "run_id", run);
    }
    esc_json_push(messages->page, entry);
    return true;
}

void work_chat_show(struct esc_api_call *call)
{
    struct esc_error err;
    struct messages messages = {call->bench->store, esc_json_array()};
    if (esc_store_messages(call->bench->store, call->subject, add_message, &messages, NULL, &err) !=
        ESC_OK) {
        esc_json_free(messages.page);
        work_fail(call, &err);
        return;
    }
    struct esc_json *body = esc_json_object();
    esc_json_set_text(body, "id", call->subject);
    esc_json_set(body, "messages", messages.page);
    work_ok(call, body);
}

void work_chat_delete(struct esc_api_call *call)
{
    struct esc_error err;
    if (esc_store_conversation_delete(call->bench->store, call->subject, &err) != ESC_OK) {
        work_fail(call, &err);
        return;
    }
    struct esc_json *body = esc_json_object();
    esc_json_set_text(body, "deleted", call->subject);
    work_ok(call, body);
}

static bool add_record(void *context, const struct esc_audit_record *record)
{
    struct esc_json *entry = esc_json_object();
    esc_json_set_int(entry, "seq", (int64_t)record->seq);
    set_time(entry, "at", record->at_ms);
    esc_json_set(entry, "record", esc_json_ref(record->event));
    esc_json_set_text(entry, "hash", record->hash);
    esc_json_push(context, entry);
    return true;
}

void work_audit_list(struct esc_api_call *call)
{
    struct esc_error err;
    struct esc_store_tally tally = {0};
    struct esc_json *records = esc_json_array();
    if (esc_store_audit_each(call->bench->store, 1, add_record, records, &tally, &err) != ESC_OK) {
        esc_json_free(records);
        work_fail(call, &err);
        return;
    }
    struct esc_json *body = esc_json_object();
    esc_json_set(body, "records", records);
    esc_json_set_int(body, "damaged", (int64_t)tally.corrupt);
    work_ok(call, body);
}

void work_audit_verify(struct esc_api_call *call)
{
    struct esc_error err;
    struct esc_audit_report report = {0};
    const enum esc_status status = esc_store_audit_verify(call->bench->store, &report, &err);
    struct esc_json *body = status == ESC_OK ? esc_json_object() : work_failure(&err);
    esc_json_set_int(body, "count", (int64_t)report.records);
    if (report.first_bad)
        esc_json_set_int(body, "first_bad", (int64_t)report.first_bad);
    esc_json_set_text(body, "head", report.hash);
    work_done(call, status, body);
}
