/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/num.h"
#include "escher/store/conversation.h"
#include "escher/store/document.h"
#include "escher/store/runs.h"
#include "escher/work/chat_private.h"

/* Conversations: which there are, what was said, and forgetting them. */

/* Listing */

static bool add_conversation(void *context, const struct esc_conversation *conversation)
{
    struct esc_json *entry = esc_json_object();
    esc_json_set_text(entry, "id", conversation->id);
    esc_json_set_text(entry, "title", conversation->title ? conversation->title : "");
    esc_json_set_text(entry, "user", conversation->user_id);
    esc_json_set_time(entry, "created", conversation->created_ms);
    esc_json_set_time(entry, "last", conversation->updated_ms);
    esc_json_set_int(entry, "messages", (int64_t)conversation->message_count);
    esc_list_push(context, entry);
    return true;
}

static int newest_first(const void *a, const void *b)
{
    const struct esc_str left = esc_str_of(esc_json_str(a, "last", ""));
    return -esc_str_compare(left, esc_str_of(esc_json_str(b, "last", "")));
}

static void answer_list(struct esc_api_call *call, const struct esc_conversation_filter *filter)
{
    struct esc_error err;
    struct esc_list found;
    esc_list_init(&found, NULL);
    const enum esc_status status =
        esc_store_conversations(call->bench->store, filter, add_conversation, &found, NULL, &err);
    esc_list_sort(&found, newest_first);
    struct esc_json *body = esc_json_object(), *conversations = esc_json_array();
    for (size_t i = 0; i < found.count; i++)
        esc_json_push(conversations, found.items[i]);
    esc_list_done(&found);
    esc_json_set(body, "conversations", conversations);
    esc_json_set_int(body, "retention_days", (int64_t)chat_retention_days(call->bench));
    if (status == ESC_OK) {
        work_ok(call, body);
    } else {
        esc_json_free(body);
        work_fail(call, &err);
    }
}

void work_chat_list(struct esc_api_call *call)
{
    answer_list(call, NULL);
}

/* "3d": so many minutes, hours, days or weeks ago. */
static bool read_ago(struct esc_str text, uint64_t now_ms, uint64_t *out_ms)
{
    static const struct {
        char unit;
        uint64_t ms;
    } units[] = {{'m', 60'000}, {'h', 3'600'000}, {'d', 86'400'000}, {'w', 604'800'000}};
    uint64_t count;
    if (text.len < 2 || !esc_num_u64(esc_str_slice(text, 0, text.len - 1), &count))
        return false;
    for (size_t i = 0; i < ESC_COUNT(units); i++)
        if (text.ptr[text.len - 1] == units[i].unit) {
            *out_ms = count < now_ms / units[i].ms ? now_ms - count * units[i].ms : 0;
            return true;
        }
    return false;
}

enum esc_status chat_read_time(const char *text, uint64_t now_ms, uint64_t *out_ms,
                               struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *midnight = esc_sprintf("%sT00:00:00Z", text);
    if (esc_time_parse(esc_str_of(text), out_ms) || esc_time_parse(esc_str_of(midnight), out_ms) ||
        read_ago(esc_str_of(text), now_ms, out_ms))
        return ESC_OK;
    return esc_fail(err, ESC_INVALID,
                    "`%s` is no time: 2026-11-21, 2026-11-21T08:00:00Z, or 3d for three days ago "
                    "(m, h, d, w)",
                    text);
}

void work_chat_query(struct esc_api_call *call)
{
    const uint64_t now_ms = esc_clock_wall_ms(call->bench->clock);
    const char *since = work_text(call, "since"), *before = work_text(call, "before");
    struct esc_conversation_filter filter = {.user_id = work_text(call, "user")};
    struct esc_error err;
    enum esc_status status = ESC_OK;
    if (since)
        status = chat_read_time(since, now_ms, &filter.from_ms, &err);
    if (status == ESC_OK && before)
        status = chat_read_time(before, now_ms, &filter.before_ms, &err);
    if (before && filter.before_ms == 0)
        filter.before_ms = 1; /* 0 stands for no end */
    if (status == ESC_OK)
        answer_list(call, &filter);
    else
        work_fail(call, &err);
}

/* One of them */

struct messages {
    struct esc_store *store;
    struct esc_json *page;
};

/* Whether its plan was run for this message; a plan is kept once, whoever asked for it again. */
static char *run_of(struct esc_store *store, const struct esc_chat_message *message)
{
    char *run = NULL;
    ESC_CLEANUP(esc_json_freep) struct esc_json *kept = NULL;
    if (esc_store_turn_run_get(store, message->conversation, message->id, &run, NULL) == ESC_OK)
        return run;
    if (esc_store_plan_get(store, message->plan_hash, &kept, NULL) == ESC_OK &&
        !esc_json_str(kept, "message", NULL)) /* by an earlier version */
        run = esc_strdup_null(esc_json_str(kept, "run", NULL));
    return run;
}

/* A message does not change; what it led to stands beside it, and how that ended in the run. */
static bool add_message(void *context, const struct esc_chat_message *message)
{
    const struct messages *messages = context;
    struct esc_json *entry = esc_chat_message_to_json(message);
    ESC_CLEANUP(esc_json_freep) struct esc_json *run = NULL;
    ESC_CLEANUP(esc_freep)
    char *id = message->plan_hash ? run_of(messages->store, message) : NULL;
    esc_json_push(messages->page, entry);
    if (!id)
        return true;
    esc_json_set_text(entry, "run_id", id);
    if (esc_store_run_get(messages->store, id, &run, NULL) == ESC_OK)
        esc_json_set_text(entry, "run_outcome", esc_json_str(run, "outcome", "running"));
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

/* Forgetting: with the plans that nobody ran, which repeat what was asked for. */

struct leaving_plans {
    const struct esc_list *conversations; /* char *, ids */
    struct esc_list hashes;               /* char * */
};

static bool is_among(const struct esc_list *ids, const char *id)
{
    for (size_t i = 0; i < ids->count; i++)
        if (esc_text_equal(ids->items[i], id))
            return true;
    return false;
}

static bool note_plan(void *context, const char *hash, const struct esc_json *kept)
{
    struct leaving_plans *leaving = context;
    if (!esc_json_str(kept, "run", NULL) && !esc_json_flag(kept, "ran", false) &&
        is_among(leaving->conversations, esc_json_str(kept, "conversation", "")))
        esc_list_push(&leaving->hashes, esc_strdup(hash));
    return true;
}

static enum esc_status delete_all(struct esc_store *store, const struct leaving_plans *leaving,
                                  struct esc_error *err)
{
    enum esc_status status = ESC_OK;
    for (size_t i = 0; status == ESC_OK && i < leaving->conversations->count; i++)
        status = esc_store_conversation_delete(store, leaving->conversations->items[i], err);
    for (size_t i = 0; status == ESC_OK && i < leaving->hashes.count; i++)
        status = esc_store_plan_delete(store, leaving->hashes.items[i], err);
    return status;
}

enum esc_status chat_forget(struct esc_workbench *bench, const struct esc_list *ids,
                            struct esc_error *err)
{
    struct leaving_plans leaving = {.conversations = ids};
    esc_list_init(&leaving.hashes, free);
    enum esc_status status = esc_store_plans(bench->store, note_plan, &leaving, NULL, err);
    if (status == ESC_OK)
        status = esc_store_begin(bench->store, err);
    if (status == ESC_OK) {
        status = delete_all(bench->store, &leaving, err);
        if (status == ESC_OK)
            status = esc_store_commit(bench->store, err);
        else
            esc_store_rollback(bench->store);
    }
    esc_list_done(&leaving.hashes);
    return status;
}

void work_chat_delete(struct esc_api_call *call)
{
    struct esc_error err;
    struct esc_list one;
    esc_list_init(&one, NULL);
    esc_list_push(&one, call->subject);
    const enum esc_status status = chat_forget(call->bench, &one, &err);
    esc_list_done(&one);
    if (status != ESC_OK) {
        work_fail(call, &err);
        return;
    }
    struct esc_json *body = esc_json_object();
    esc_json_set_text(body, "deleted", call->subject);
    work_ok(call, body);
}
