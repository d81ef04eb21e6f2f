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
 * The time that counts is the wall clock's, which may be wrong, and what goes is gone. So a clock
 * that has gone back since the last look, or on by more than a day, is doubted:
 *
 *     as usual ──jumped──▶ doubted ──an hour to a week later by the same clock──▶ as usual
 *        ▲                    │  └─jumped again─▶ doubted from then on
 *        └──back where it was─┘
 */
enum {
    FIRST_LOOK_MS = 60'000, /* after the start, which has other things to do */
    LOOK_MS = 60 * 60'000,
    MORE_MS = 500,     /* until the next ones go, so that a question in between is answered */
    MOST_AT_ONCE = 20, /* in one transaction */
    MAX_DAYS = 36'500,
};
static const uint64_t hour_ms = 3'600'000, day_ms = 24 * UINT64_C(3'600'000);

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
    esc_list_push(context, esc_strdup(conversation->id));
    return true;
}

/* Whether what the clock says may cost something; notes it in the page, which is then kept. */
static bool is_believed(struct esc_json *page, uint64_t now_ms)
{
    const uint64_t last_ms = number(page, "looked_at_ms"),
                   doubted_ms = number(page, "doubted_at_ms");
    const bool as_usual = last_ms && now_ms >= last_ms && now_ms - last_ms <= day_ms;
    const bool proven =
        doubted_ms && now_ms >= doubted_ms + hour_ms && now_ms - doubted_ms <= 7 * day_ms;
    if (as_usual || proven) {
        esc_json_set_int(page, "looked_at_ms", (int64_t)now_ms);
        esc_json_remove(page, "doubted_at_ms");
        return true;
    }
    const bool waits =
        doubted_ms && now_ms >= doubted_ms && now_ms - doubted_ms < hour_ms; /* goes on as it did */
    if (!waits)
        esc_json_set_int(page, "doubted_at_ms", (int64_t)now_ms);
    return false;
}

static bool forget(struct esc_workbench *bench, const struct esc_list *ids)
{
    struct esc_error err;
    if (chat_forget(bench, ids, &err) == ESC_OK)
        return true;
    esc_log(ESC_WARN, "an old conversation stays", F("why", err.message));
    return false;
}

/* Those from @p from on, MOST_AT_ONCE of them; together, or, where one stands in the way, each for
 * itself. Returns how many went. */
static size_t forget_some(struct esc_workbench *bench, const struct esc_list *old, size_t from)
{
    struct esc_list some, one;
    size_t count = 0;
    esc_list_init(&some, NULL);
    esc_list_init(&one, NULL);
    for (size_t i = from; i < old->count && some.count < MOST_AT_ONCE; i++)
        esc_list_push(&some, old->items[i]);
    const bool together = forget(bench, &some);
    for (size_t i = 0; !together && some.count > 1 && i < some.count; i++) {
        esc_list_clear(&one);
        esc_list_push(&one, some.items[i]);
        count += forget(bench, &one);
    }
    count += together ? some.count : 0;
    esc_list_done(&some);
    esc_list_done(&one);
    return count;
}

/* True: more are left that may go. */
static bool forget_older(struct esc_workbench *bench, uint64_t before_ms)
{
    const struct esc_conversation_filter filter = {.before_ms = before_ms};
    struct esc_list old;
    struct esc_error err;
    size_t count = 0, from = 0;
    esc_list_init(&old, free);
    if (esc_store_conversations(bench->store, &filter, note_id, &old, NULL, &err) != ESC_OK)
        esc_log(ESC_WARN, "old conversations stay", F("why", err.message));
    for (; count == 0 && from < old.count; from += MOST_AT_ONCE)
        count = forget_some(bench, &old, from);
    if (count)
        work_changed(bench, "chat");
    const bool more = from < old.count;
    esc_list_done(&old);
    return more;
}

bool work_chat_look(struct esc_workbench *bench)
{
    const uint64_t now_ms = esc_clock_wall_ms(bench->clock);
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = load(bench);
    const uint64_t days = number(page, "days"), set_at_ms = number(page, "set_at_ms");
    if (!days)
        return false;
    const bool believed = is_believed(page, now_ms);
    if (esc_store_doc_put(bench->store, COLLECTION, DOCUMENT, page, NULL) != ESC_OK)
        return false; /* a store that cannot be written is no place to delete from */
    if (!believed || now_ms < set_at_ms + day_ms || now_ms < days * day_ms)
        return false;
    return forget_older(bench, now_ms - days * day_ms);
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
    esc_json_set_int(page, "looked_at_ms", (int64_t)esc_clock_wall_ms(call->bench->clock));
    if (status == ESC_OK)
        status = esc_store_doc_put(call->bench->store, COLLECTION, DOCUMENT, page, &err);
    if (status == ESC_OK)
        answer(call);
    else
        work_fail(call, &err);
}
