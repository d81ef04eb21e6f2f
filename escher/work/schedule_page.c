/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/endpoint.h"
#include "escher/base/alloc.h"
#include "escher/base/attr.h"
#include "escher/store/document.h"
#include "escher/work/history_private.h"
#include "escher/work/schedule_private.h"
#include "escher/work/sync_events_private.h"

/* What a person sets of the schedule. */

void work_schedule_show(struct esc_api_call *call)
{
    work_ok(call, work_schedule_page(call->bench));
}

static enum esc_status check_number(const struct esc_json *args, const char *name, int64_t least,
                                    int64_t most, const char *unit, struct esc_error *err)
{
    const int64_t value = esc_json_num(args, name, least);
    if (value == 0 || (value >= least && value <= most))
        return ESC_OK;
    return esc_fail(err, ESC_INVALID, "`%s` is %lld to %lld %s, or 0: off", name, (long long)least,
                    (long long)most, unit);
}

/* Both CLIs and the cloud take only such ones. */
static bool is_queue_url(struct esc_str url)
{
    return (esc_str_starts_with(url, ESC_STR("https://")) ||
            esc_str_starts_with(url, ESC_STR("http://127.0.0.1:"))) &&
           url.len < 512 && !esc_str_contains(url, ESC_STR(" "));
}

/* The one that "https://sqs.REGION.amazonaws.com/…" names; empty: it names none. */
static struct esc_str region_of_url(struct esc_str url)
{
    struct esc_str rest = url, scheme, region, cloud;
    return esc_str_next(&rest, '.', &scheme) && esc_str_is(scheme, "https://sqs") &&
                   esc_str_next(&rest, '.', &region) && esc_str_next(&rest, '.', &cloud) &&
                   esc_str_is(cloud, "amazonaws")
               ? region
               : (struct esc_str){0};
}

static enum esc_status check_queue(const struct esc_api_call *call, struct esc_error *err)
{
    const char *url = work_text(call, "queue_url"), *account = work_text(call, "queue_account");
    if (!url || !*url)
        return ESC_OK;
    if (!is_queue_url(esc_str_of(url)))
        return esc_fail(err, ESC_INVALID, "a queue's URL begins with https://");
    if (!account || !work_account_find(call->bench, account))
        return esc_fail(err, ESC_NOT_FOUND, "no account `%s`; a queue is read with the keys of one",
                        account ? account : "");
    const char *region = work_text(call, "queue_region");
    const struct esc_str named = region_of_url(esc_str_of(url));
    if (!region || !esc_region_is_valid(esc_str_of(region)))
        return esc_fail(err, ESC_INVALID, "the region of the queue is missing, or is none");
    if (named.len && !esc_str_is(named, region))
        return esc_fail(err, ESC_INVALID, "the queue is in %.*s, by its URL, and not in %s",
                        ESC_STR_ARG(named), region);
    return ESC_OK;
}

static enum esc_status check(const struct esc_api_call *call, struct esc_error *err)
{
    enum esc_status status = check_number(call->args, "full_minutes", SCHEDULE_LEAST_MINUTES,
                                          SCHEDULE_MOST_MINUTES, "minutes", err);
    if (status == ESC_OK)
        status = check_number(call->args, "incremental_minutes", SCHEDULE_LEAST_MINUTES,
                              SCHEDULE_MOST_MINUTES, "minutes", err);
    if (status == ESC_OK)
        status = check_number(call->args, "history_days", 1, HISTORY_MAX_DAYS, "days", err);
    return status == ESC_OK ? check_queue(call, err) : status;
}

static void set_queue(const struct esc_api_call *call, struct esc_json *page)
{
    const char *url = work_text(call, "queue_url");
    if (!url)
        return;
    esc_json_remove(page, "queue");
    if (!*url)
        return; /* no more events */
    struct esc_json *queue = esc_json_object();
    esc_json_set_text(queue, "url", url);
    esc_json_set_text(queue, "account_id",
                      work_account_find(call->bench, work_text(call, "queue_account"))->id);
    esc_json_set_text(queue, "region", work_text(call, "queue_region"));
    esc_json_set(page, "queue", queue);
}

void work_schedule_put(struct esc_api_call *call)
{
    static const char *const numbers[] = {"full_minutes", "incremental_minutes", "history_days"};
    struct esc_store *store = call->bench->store;
    struct esc_error err;
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = NULL;
    enum esc_status status = check(call, &err);
    if (status == ESC_OK) {
        status = esc_store_doc_get(store, "syncs", "schedule", &page, &err);
        if (status == ESC_NOT_FOUND || status == ESC_CORRUPT) {
            page = esc_json_object();
            status = ESC_OK;
        }
    }
    for (size_t i = 0; i < ESC_COUNT(numbers) && status == ESC_OK; i++)
        if (esc_json_member(call->args, numbers[i]))
            esc_json_set_int(page, numbers[i], esc_json_num(call->args, numbers[i], 0));
    const struct esc_json *emulators = esc_json_member(call->args, "emulators");
    if (status == ESC_OK && emulators)
        esc_json_set(page, "emulators", esc_json_copy(emulators));
    if (status == ESC_OK) {
        set_queue(call, page);
        status = esc_store_doc_put(store, "syncs", "schedule", page, &err);
    }
    if (status == ESC_OK && work_text(call, "queue_url"))
        work_events_reset(call->bench);
    if (status == ESC_OK)
        work_schedule_show(call);
    else
        work_fail(call, &err);
}
