/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/log.h"
#include "escher/loop/timer.h"
#include "escher/store/conversation.h"
#include "escher/store/document.h"
#include "escher/work/chat_private.h"

/*
 * How long conversations stay: for ever, unless a person says otherwise. What was set holds from a
 * day later on, so that a slip can be taken back.
 *
 *     start ─1 min─▶ look ─1 h─▶ look ─1 h─▶ …       look: those whose last change is older go
 *
 * The time that counts is the wall clock's. One that says it is earlier than at the last look, or
 * more than a quarter of a year later, is not believed until an hour has passed on it.
 */
enum {
    FIRST_LOOK_MS = 60'000, /* after the start, which has other things to do */
    LOOK_MS = 60 * 60'000,
    MORE_MS = 500,     /* until the next ones go, so that a question in between is answered */
    MOST_AT_ONCE = 20, /* in one transaction */
    MAX_DAYS = 36'500,
};
static const uint64_t day_ms = 86'400'000, believed_ms = 90 * UINT64_C(86'400'000);

#define COLLECTION "chat"
#define DOCUMENT "retention"

static struct esc_json *load(const struct esc_workbench *bench)
{
    struct esc_json *page = NULL;
    return esc_store_doc_get(bench->store, COLLECTION, DOCUMENT, &page, NULL) == ESC_OK
               ? page
               : esc_json_object(); /* never set; or damaged, and then nothing goes */
}

uint64_t chat_retention_days(const struct esc_workbench *bench)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = load(bench);
    const int64_t days = esc_json_num(page, "days", 0);
    return days > 0 ? (uint64_t)days : 0;
}

static uint64_t number(const struct esc_json *page, const char *name)
{
    const int64_t value = esc_json_num(page, name, 0);
    return value > 0 ? (uint64_t)value : 0;
}

static bool note_id(void *context, const struct esc_conversation *conversation)
{
    struct esc_list *old = context;
    esc_list_push(old, esc_strdup(conversation->id));
    return old->count < MOST_AT_ONCE;
}

/* Whether the clock has gone on as clocks do since the last look. */
static bool is_believed(const struct esc_json *page, uint64_t now_ms)
{
    const uint64_t last_ms = number(page, "looked_at_ms");
    return !last_ms || (now_ms >= last_ms && now_ms - last_ms < believed_ms);
}

/* Returns how many went, MOST_AT_ONCE at most. */
static size_t forget_older(struct esc_workbench *bench, uint64_t before_ms)
{
    const struct esc_conversation_filter filter = {.before_ms = before_ms};
    struct esc_list old;
    struct esc_error err;
    esc_list_init(&old, free);
    enum esc_status status =
        esc_store_conversations(bench->store, &filter, note_id, &old, NULL, &err);
    if (status == ESC_OK && old.count > 0)
        status = chat_forget(bench, &old, &err);
    if (status != ESC_OK)
        esc_log(ESC_WARN, "old conversations stay", F("why", err.message));
    const size_t count = status == ESC_OK ? old.count : 0;
    esc_list_done(&old);
    return count;
}

bool work_chat_look(struct esc_workbench *bench)
{
    const uint64_t now_ms = esc_clock_wall_ms(bench->clock);
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = load(bench);
    const uint64_t days = number(page, "days"), set_at_ms = number(page, "set_at_ms");
    if (!days)
        return false;
    const bool believed = is_believed(page, now_ms);
    esc_json_set_int(page, "looked_at_ms", (int64_t)now_ms);
    if (esc_store_doc_put(bench->store, COLLECTION, DOCUMENT, page, NULL) != ESC_OK)
        return false; /* a store that cannot be written is no place to delete from */
    if (!believed || now_ms < set_at_ms + day_ms || now_ms < days * day_ms)
        return false;
    const size_t count = forget_older(bench, now_ms - days * day_ms);
    if (count)
        work_changed(bench, "chat");
    return count == MOST_AT_ONCE;
}

static void on_time(void *context)
{
    struct esc_workbench *bench = context;
    const uint64_t pause_ms = work_chat_look(bench) ? MORE_MS : LOOK_MS;
    bench->chat_timer = esc_timer_start(bench->loop, pause_ms, on_time, bench);
}

void work_chat_schedule(struct esc_workbench *bench)
{
    bench->chat_timer = esc_timer_start(bench->loop, FIRST_LOOK_MS, on_time, bench);
}

/* The routes */

static void answer(struct esc_api_call *call)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = load(call->bench);
    struct esc_json *body = esc_json_object();
    const uint64_t set_at_ms = number(page, "set_at_ms");
    esc_json_set_int(body, "days", (int64_t)number(page, "days"));
    if (number(page, "days")) {
        char from[ESC_TIME_TEXT];
        esc_time_format(set_at_ms + day_ms, from);
        esc_json_set_text(body, "from", from);
    }
    work_ok(call, body);
}

void work_chat_retention(struct esc_api_call *call)
{
    answer(call);
}

void work_chat_retention_put(struct esc_api_call *call)
{
    struct esc_error err;
    const int64_t days = esc_json_num(call->args, "days", -1);
    enum esc_status status = ESC_OK;
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = esc_json_object();
    if (days < 0 || days > MAX_DAYS)
        status = esc_fail(&err, ESC_INVALID, "a conversation stays 1 to %d days, or 0: for ever",
                          MAX_DAYS);
    esc_json_set_int(page, "days", days);
    esc_json_set_int(page, "set_at_ms", (int64_t)esc_clock_wall_ms(call->bench->clock));
    if (status == ESC_OK)
        status = esc_store_doc_put(call->bench->store, COLLECTION, DOCUMENT, page, &err);
    if (status == ESC_OK)
        answer(call);
    else
        work_fail(call, &err);
}
