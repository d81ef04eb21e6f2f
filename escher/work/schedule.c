/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/schedule_private.h"

#include "escher/base/alloc.h"
#include "escher/base/log.h"
#include "escher/loop/timer.h"
#include "escher/store/document.h"
#include "escher/work/history_private.h"
#include "escher/work/sync_events_private.h"

/*
 * What is due follows from what is on disk, so it is looked at the wall clock again and again. A
 * timer does not count while the machine sleeps, hence never a long one.
 */
enum {
    FIRST_LOOK_MS = 60'000, /* after the start, which has other things to do */
    LOOK_MS = 60'000,
    MOST_JITTER = 1000,
    MINUTE_MS = 60'000,
};

#define COLLECTION "syncs"

struct work_schedule {
    struct esc_timer *timer;
    unsigned jitter; /* drawn after each sync */
    /* which accounts can be reached, while it is found out */
    bool checking;
    enum sync_due due;
    struct esc_list accounts; /* struct esc_account *, copies: still to be asked */
    struct esc_json *reached; /* their ids */
    struct esc_json *missed;  /* {account_name, message}; NULL: none the last time */
    struct esc_aws_environment *environment;
};

/* What is on disk */

static struct esc_json *document(const struct esc_workbench *bench, const char *key)
{
    struct esc_json *page = NULL;
    return esc_store_doc_get(bench->store, COLLECTION, key, &page, NULL) == ESC_OK
               ? page
               : esc_json_object(); /* never written */
}

static uint64_t number(const struct esc_json *page, const char *name, uint64_t otherwise)
{
    const int64_t value = esc_json_num(page, name, -1);
    return value < 0 ? otherwise : (uint64_t)value;
}

static char *text_of(const struct esc_json *page, const char *path)
{
    return esc_strdup_null(esc_json_str(page, path, NULL));
}

void work_schedule_load(const struct esc_workbench *bench, struct work_schedule_settings *out)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = document(bench, "schedule");
    *out = (struct work_schedule_settings){
        .full_minutes = number(page, "full_minutes", SCHEDULE_FULL_MINUTES),
        .incremental_minutes = number(page, "incremental_minutes", SCHEDULE_INCREMENTAL_MINUTES),
        .history_days = number(page, "history_days", HISTORY_DAYS),
        .emulators = esc_json_flag(page, "emulators", false),
        .queue_url = text_of(page, "queue.url"),
        .queue_account = text_of(page, "queue.account_id"),
        .queue_region = text_of(page, "queue.region"),
        .queue_problem = text_of(page, "queue.problem"),
    };
}

void work_schedule_settings_done(struct work_schedule_settings *settings)
{
    free(settings->queue_url);
    free(settings->queue_account);
    free(settings->queue_region);
    free(settings->queue_problem);
}

void work_schedule_mark_queue(const struct esc_workbench *bench, const char *url,
                              const char *problem)
{
    struct esc_error err;
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = document(bench, "schedule");
    if (!esc_text_equal(esc_json_str(page, "queue.url", ""), url))
        return;
    struct esc_json *queue = esc_json_copy(esc_json_member(page, "queue"));
    esc_json_remove(queue, "problem");
    if (problem)
        esc_json_set_text(queue, "problem", problem);
    esc_json_set(page, "queue", queue);
    if (esc_store_doc_put(bench->store, COLLECTION, "schedule", page, &err) != ESC_OK)
        esc_log(ESC_WARN, "what is wrong with the queue could not be kept", F("why", err.message));
}

uint64_t work_schedule_history_days(const struct esc_workbench *bench)
{
    struct work_schedule_settings settings;
    work_schedule_load(bench, &settings);
    work_schedule_settings_done(&settings);
    return settings.history_days;
}

static uint64_t time_of(const struct esc_workbench *bench, const char *kind)
{
    uint64_t at_ms = 0;
    ESC_CLEANUP(esc_json_freep) struct esc_json *summary = document(bench, kind);
    (void)esc_time_parse(esc_str_of(esc_json_str(summary, "at", "")), &at_ms); /* else never */
    return at_ms;
}

static void load(const struct esc_workbench *bench, struct sync_plan *plan,
                 struct sync_times *times)
{
    struct work_schedule_settings settings;
    ESC_CLEANUP(esc_json_freep) struct esc_json *tries = document(bench, "tries");
    work_schedule_load(bench, &settings);
    *plan = (struct sync_plan){.full_every_ms = settings.full_minutes * MINUTE_MS,
                               .incremental_every_ms = settings.incremental_minutes * MINUTE_MS,
                               .jitter = bench->schedule ? bench->schedule->jitter : 0};
    *times = (struct sync_times){.full_ms = time_of(bench, "full"),
                                 .incremental_ms = time_of(bench, "incremental"),
                                 .try_ms = number(tries, "at_ms", 0),
                                 .failures = (unsigned)number(tries, "failures", 0)};
    work_schedule_settings_done(&settings);
}

static void draw_jitter(struct esc_workbench *bench)
{
    bench->schedule->jitter = (unsigned)esc_random_below(bench->random, MOST_JITTER + 1);
}

static void note_try(struct esc_workbench *bench, bool failed)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *tries = document(bench, "tries");
    const uint64_t failures = number(tries, "failures", 0);
    if (!failed && failures == 0)
        return;
    esc_json_set_int(tries, "at_ms", (int64_t)esc_clock_wall_ms(bench->clock));
    esc_json_set_int(tries, "failures", failed ? (int64_t)failures + 1 : 0);
    (void)esc_store_doc_put(bench->store, COLLECTION, "tries", tries,
                            NULL); /* a store that cannot be written fails the sync too */
}

/* One that gave way to a person's has not failed. */
void work_schedule_note(struct esc_workbench *bench, const struct esc_api_call *call,
                        enum esc_status status)
{
    if (bench->schedule)
        draw_jitter(bench);
    if (status == ESC_OK || status == ESC_PARTIAL)
        note_try(bench, false);
    else if (call->scheduled && status != ESC_CANCELLED)
        note_try(bench, true);
}

/* Which accounts can be reached */

static void free_account(void *account)
{
    esc_account_free(account);
}

static void begin_sync(struct esc_workbench *bench)
{
    struct work_schedule *schedule = bench->schedule;
    if (bench->syncing || bench->leaving)
        return; /* a person was quicker */
    if (esc_json_len(schedule->reached) == 0) {
        note_try(bench, true);
        return;
    }
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = esc_json_object();
    esc_json_set_text(body, "kind", schedule->due == SYNC_DUE_FULL ? "full" : "incremental");
    esc_json_set(body, "accounts", esc_json_ref(schedule->reached));
    const struct esc_api_request request = {
        .method = "POST", .path = "/api/sync", .body = body, .environment = schedule->environment};
    work_call_detached(bench, &request)->scheduled = true;
}

static void end_check(struct esc_workbench *bench)
{
    struct work_schedule *schedule = bench->schedule;
    schedule->checking = false;
    begin_sync(bench);
    esc_json_free(ESC_STEAL(schedule->reached));
    esc_aws_environment_free(ESC_STEAL(schedule->environment));
}

static void check_next(struct esc_workbench *bench);

static void have_credentials(void *context, struct esc_credentials *credentials,
                             const struct esc_error *failure)
{
    struct esc_workbench *bench = context;
    struct work_schedule *schedule = bench->schedule;
    struct esc_account *account = esc_list_remove(&schedule->accounts, 0);
    if (credentials) {
        esc_json_push_text(schedule->reached, account->id);
    } else {
        struct esc_json *missed = esc_json_object();
        esc_json_set_text(missed, "account_name", account->name);
        esc_json_set_text(missed, "message", failure->message);
        esc_json_push(schedule->missed, missed);
    }
    esc_credentials_free(credentials);
    esc_account_free(account);
    check_next(bench);
}

static void check_next(struct esc_workbench *bench)
{
    struct work_schedule *schedule = bench->schedule;
    if (schedule->accounts.count == 0 || !bench->aws) {
        end_check(bench);
        return;
    }
    esc_credentials_resolve(bench->aws, schedule->accounts.items[0], schedule->environment,
                            "escher-scan", have_credentials, bench);
}

/* False: there is nobody to ask. */
static bool begin_check(struct esc_workbench *bench, enum sync_due due)
{
    struct work_schedule *schedule = bench->schedule;
    struct work_schedule_settings settings;
    work_schedule_load(bench, &settings);
    work_schedule_settings_done(&settings);
    for (size_t i = 0; i < bench->accounts.count; i++) {
        const struct esc_account *account = bench->accounts.items[i];
        if (!account->emulator || settings.emulators)
            esc_list_push(&schedule->accounts, esc_account_copy(account));
    }
    if (schedule->accounts.count == 0)
        return false;
    schedule->due = due;
    schedule->checking = true;
    esc_json_free(schedule->missed);
    schedule->missed = esc_json_array();
    schedule->reached = esc_json_array();
    schedule->environment = esc_aws_environment_of_process();
    check_next(bench);
    return true;
}

void work_schedule_look(struct esc_workbench *bench)
{
    struct sync_plan plan;
    struct sync_times times;
    if (bench->syncing || bench->schedule->checking || bench->leaving)
        return;
    load(bench, &plan, &times);
    const enum sync_due due = sync_due_now(&plan, &times, esc_clock_wall_ms(bench->clock));
    if (due != SYNC_DUE_NONE && begin_check(bench, due))
        return;
    work_events_look(bench);
}

static void on_time(void *context)
{
    struct esc_workbench *bench = context;
    bench->schedule->timer = esc_timer_start(bench->loop, LOOK_MS, on_time, bench);
    work_schedule_look(bench);
}

void work_schedule_start(struct esc_workbench *bench)
{
    bench->schedule = esc_alloc_zero(sizeof *bench->schedule);
    esc_list_init(&bench->schedule->accounts, free_account);
    draw_jitter(bench);
    bench->schedule->timer = esc_timer_start(bench->loop, FIRST_LOOK_MS, on_time, bench);
}

bool work_schedule_is_busy(const struct esc_workbench *bench)
{
    return bench->schedule && bench->schedule->checking;
}

void work_schedule_stop(struct esc_workbench *bench)
{
    struct work_schedule *schedule = ESC_STEAL(bench->schedule);
    if (!schedule)
        return;
    esc_timer_stop(&schedule->timer);
    esc_list_done(&schedule->accounts);
    esc_json_free(schedule->missed);
    free(schedule);
}

void work_schedule_rest(struct esc_workbench *bench)
{
    if (bench->schedule)
        esc_timer_stop(&bench->schedule->timer);
}

/* For people */

static bool takes_part(const struct esc_workbench *bench,
                       const struct work_schedule_settings *settings)
{
    for (size_t i = 0; i < bench->accounts.count; i++)
        if (settings->emulators ||
            !((const struct esc_account *)bench->accounts.items[i])->emulator)
            return true;
    return false;
}

static struct esc_json *turn_page(const struct esc_workbench *bench, const char *kind,
                                  uint64_t every_ms, uint64_t due_ms)
{
    char text[ESC_TIME_TEXT];
    struct esc_json *page = esc_json_object();
    const uint64_t at_ms = time_of(bench, kind);
    esc_json_set_int(page, "every_minutes", (int64_t)(every_ms / MINUTE_MS));
    if (at_ms) {
        esc_time_format(at_ms, text);
        esc_json_set_text(page, "at", text);
        work_add_age(bench, page, text);
    }
    if (due_ms != UINT64_MAX) {
        esc_time_format(due_ms, text);
        esc_json_set_text(page, "due_at", text);
    }
    return page;
}

/* Why the queue is not read by itself just now; NULL: it is, or there is none. Static or borrowed. */
static const char *queue_trouble(const struct esc_workbench *bench,
                                 const struct work_schedule_settings *settings)
{
    const struct esc_account *account =
        settings->queue_url ? work_account_find(bench, settings->queue_account) : NULL;
    if (!settings->queue_url)
        return NULL;
    if (!account)
        return "the account whose keys read it is gone";
    if (account->emulator && !settings->emulators)
        return "it is an emulator's; `escher schedule emulators on` takes it in";
    return work_events_trouble(bench);
}

struct esc_json *work_schedule_page(const struct esc_workbench *bench)
{
    struct sync_plan plan;
    struct sync_times times;
    struct work_schedule_settings settings;
    const uint64_t now_ms = esc_clock_wall_ms(bench->clock);
    load(bench, &plan, &times);
    work_schedule_load(bench, &settings);
    const bool any = takes_part(bench, &settings);
    struct esc_json *page = esc_json_object();
    esc_json_set_bool(page, "runs", bench->schedule != NULL);
    esc_json_set(page, "full",
                 turn_page(bench, "full", plan.full_every_ms,
                           any ? sync_full_due_ms(&plan, &times, now_ms) : UINT64_MAX));
    esc_json_set(page, "incremental",
                 turn_page(bench, "incremental", plan.incremental_every_ms,
                           any ? sync_incremental_due_ms(&plan, &times, now_ms) : UINT64_MAX));
    esc_json_set_int(page, "failures", times.failures);
    esc_json_set_bool(page, "emulators", settings.emulators);
    esc_json_set_int(page, "history_days", (int64_t)settings.history_days);
    esc_json_set(page, "missed",
                 bench->schedule && bench->schedule->missed ? esc_json_ref(bench->schedule->missed)
                                                            : esc_json_array());
    if (settings.queue_url)
        esc_json_set_text(page, "queue_url", settings.queue_url);
    if (settings.queue_problem)
        esc_json_set_text(page, "queue_problem", settings.queue_problem);
    else if (queue_trouble(bench, &settings))
        esc_json_set_text(page, "queue_trouble", queue_trouble(bench, &settings));
    work_schedule_settings_done(&settings);
    return page;
}
