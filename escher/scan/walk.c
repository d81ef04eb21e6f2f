/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/walk.h"

#include <stdlib.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/scan/walk_private.h"

/* Tasks */

static void task_free(struct walk_task *task)
{
    if (task->holds)
        stash_unhold(&task->cell->place->stash);
    esc_json_free(task->params);
    free(task->batch.positions);
    free(task->batch.region);
    free(task);
}

static struct esc_scan *scan_of(const struct walk_task *task)
{
    return task->cell->place->account->scan;
}

static void push(struct esc_scan *scan, struct walk_task *task)
{
    const struct walk_place *place = task->cell->place;
    const bool goes_first =
        task->batch.positions || task->attempt > 0 || place->discovers || place->identifies;
    struct walk_queue *queue = goes_first ? &scan->details : &scan->lists;
    task->next = NULL;
    if (queue->last)
        queue->last->next = task;
    else
        queue->first = task;
    queue->last = task;
}

static bool is_idle(const struct esc_scan *scan)
{
    return !scan->details.first && !scan->lists.first;
}

/* How many places may be under way: a few until it is known how much there is in one, then so many
 * that they hold no more than some megabytes. */
static size_t most_places(const struct esc_scan *scan)
{
    enum {
        AT_FIRST = 4,
        MOST = 64,
        MOST_HELD = 65'536 /* resources, a few hundred bytes each */
    };
    if (scan->finished_places == 0)
        return AT_FIRST;
    const size_t each = scan->finished_resources / scan->finished_places + 1;
    const size_t most = MOST_HELD / each;
    return most < 1 ? 1 : most > MOST ? MOST : most;
}

/* Whether the next list may be asked for. Its place is begun by it, or was before. */
static bool may_list(const struct esc_scan *scan)
{
    const struct walk_task *task = scan->lists.first;
    return task &&
           (scan->cancelled || task->cell->place->begun || scan->open_places < most_places(scan));
}

/* The next that may be asked, NULL: none. */
static struct walk_task *pop(struct esc_scan *scan)
{
    if (!scan->details.first && !may_list(scan))
        return NULL;
    struct walk_queue *queue = scan->details.first ? &scan->details : &scan->lists;
    struct walk_task *task = queue->first;
    queue->first = task->next;
    if (!queue->first)
        queue->last = NULL;
    if (queue == &scan->lists && !task->cell->place->begun) {
        task->cell->place->begun = true;
        scan->open_places++;
    }
    return task;
}

static void activate(struct esc_scan *scan, struct walk_task *task)
{
    task->earlier = NULL;
    task->later = scan->active;
    if (scan->active)
        scan->active->earlier = task;
    scan->active = task;
}

static void deactivate(struct esc_scan *scan, struct walk_task *task)
{
    if (task->later)
        task->later->earlier = task->earlier;
    if (task->earlier)
        task->earlier->later = task->later;
    else
        scan->active = task->later;
}

void walk_enqueue(struct walk_cell *cell, struct esc_json *params, struct walk_batch batch)
{
    struct walk_task *task = esc_alloc_zero(sizeof *task);
    task->cell = cell;
    task->params = params;
    task->batch = batch;
    cell->place->pending++;
    struct esc_scan *scan = scan_of(task);
    scan->progress.calls_known++;
    push(scan, task);
}

/* The end of a task, and what follows */

static void report_progress(struct esc_scan *scan, const struct walk_cell *cell)
{
    struct esc_scan_progress *progress = &scan->progress;
    progress->calls_done++;
    progress->account_name = cell->seen.account_name;
    progress->region = cell->seen.region;
    progress->service = cell->seen.service;
    progress->operation = cell->seen.operation;
    if (scan->options.on_progress)
        scan->options.on_progress(scan->options.context, progress);
}

/* The task is over; its place may go on. */
static void close_task(struct walk_task *task)
{
    struct esc_scan *scan = scan_of(task);
    struct walk_place *place = task->cell->place;
    report_progress(scan, task->cell);
    task_free(task);
    place->pending--;
    if (place->pending == 0)
        walk_advance(place);
}

static void retry_now(void *context)
{
    struct walk_task *task = context;
    struct esc_scan *scan = scan_of(task);
    task->timer = NULL;
    deactivate(scan, task);
    push(scan, task);
    walk_pump(scan);
}

static bool may_retry(const struct walk_task *task, const struct esc_scan_answer *answer)
{
    const struct esc_scan *scan = scan_of(task);
    return !scan->cancelled && !answer->final && task->page_count == 0 &&
           esc_error_category_may_retry(answer->category) &&
           task->attempt < scan->options.max_attempts;
}

static void on_answer(void *token, const struct esc_scan_answer *answer)
{
    struct walk_task *task = token;
    struct esc_scan *scan = scan_of(task);
    if (answer->more) {
        walk_record_page(task, answer);
        return;
    }
    scan->called_count--;
    scan->summary.call_count += answer->calls ? answer->calls : 1;
    task->handle = NULL;
    if (may_retry(task, answer)) {
        const uint64_t wait_ms =
            esc_backoff_ms(&scan->options.backoff, task->attempt - 1, scan->options.random);
        task->cell->seen.call_count += answer->calls ? answer->calls : 1;
        task->timer = esc_timer_start(scan->loop, wait_ms, retry_now, task);
    } else {
        deactivate(scan, task);
        walk_mark_answer(task, answer);
        walk_record(task, answer);
        close_task(task);
    }
    walk_pump(scan);
}

static void end_early(struct esc_scan *scan, struct walk_task *task)
{
    if (task->handle && scan->options.cancel_call)
        scan->options.cancel_call(scan->options.context, task->handle);
}

static void call(struct esc_scan *scan, struct walk_task *task)
{
    const struct walk_place *place = task->cell->place;
    const struct esc_scan_call request = {
        .account = place->account->account,
        .region = task->batch.region ? task->batch.region : place->region,
        .operation = esc_operation_find(task->cell->seen.service, task->cell->seen.operation),
        .params = task->params,
    };
    task->attempt++;
    task->started_ms = esc_clock_monotonic_ms(scan->options.clock);
    scan->called_count++;
    activate(scan, task);
    task->handle = scan->options.call(scan->options.context, &request, on_answer, task);
    if (scan->cancelled)
        end_early(scan, task); /* cancelled by the call itself */
}

/* Done, when nothing is left that could change anything. */
static void finish(struct esc_scan *scan)
{
    const struct esc_scan_options options = scan->options;
    struct esc_scan_summary summary = scan->summary;
    summary.cancelled = scan->cancelled;
    summary.resource_count = scan->progress.resource_count;
    summary.took_ms = esc_clock_monotonic_ms(options.clock) - scan->started_ms;
    esc_list_done(&scan->accounts);
    free(scan);
    options.done(options.context, &summary);
}

static bool may_start(const struct esc_scan *scan)
{
    return scan->cancelled || (!scan->paused && scan->called_count < scan->options.workers);
}

void walk_pump(struct esc_scan *scan)
{
    if (scan->pumping)
        return;
    scan->pumping = true;
    struct walk_task *task;
    while (may_start(scan) && (task = pop(scan))) {
        if (scan->cancelled || task->cell->place->refused) {
            walk_mark_answer(task, NULL);
            walk_skip(task);
            close_task(task);
        } else {
            call(scan, task);
        }
    }
    scan->pumping = false;
    walk_end_later(scan);
    if (is_idle(scan) && !scan->active && !scan->first_ending && scan->post_count == 0)
        finish(scan);
}

static void pump_posted(void *context)
{
    struct esc_scan *scan = context;
    scan->post_count--;
    walk_pump(scan);
}

static void pump_later(struct esc_scan *scan)
{
    scan->post_count++;
    esc_loop_post(scan->loop, pump_posted, scan);
}

/* Starting */

static bool is_asked(const struct walk_account *account, const char *region,
                     const struct esc_scanner *scanner)
{
    const struct esc_scan_options *options = &account->scan->options;
    bool named = !options->services;
    for (size_t i = 0; !named && options->services[i]; i++)
        named = esc_text_equal(options->services[i], scanner->name);
    return named &&
           (!options->wants || options->wants(options->context, account->account, region, scanner));
}

bool walk_wants(const struct walk_account *account, const char *region,
                const struct esc_scanner *scanner)
{
    if (is_asked(account, region, scanner))
        return true;
    for (size_t i = 0; i < esc_scanner_count(); i++) {
        const struct esc_scanner *other = esc_scanner_at(i);
        const bool is_needed = (other->needs_tags && scanner == &scan_service_tags) ||
                               esc_text_equal(other->needs, scanner->name);
        if (is_needed && is_asked(account, region, other))
            return true;
    }
    return false;
}

static bool lists(const char *const *texts, const char *text)
{
    for (size_t i = 0; texts[i]; i++)
        if (esc_text_equal(texts[i], text))
            return true;
    return false;
}

/* The account's regions that the filter lets through, ends with NULL; NULL when they are not
 * known yet. The strings are borrowed. */
static const char **regions_of(const struct esc_scan_options *options,
                               const struct esc_account *account)
{
    const struct esc_list *own = &account->regions;
    size_t asked = 0, count = 0;
    while (options->regions && options->regions[asked])
        asked++;
    if (!options->regions && own->count == 0)
        return NULL;
    const char **regions = esc_alloc_array(own->count + asked + 1, sizeof *regions);
    for (size_t i = 0; i < own->count; i++)
        if (!options->regions || lists(options->regions, esc_list_at(own, i)))
            regions[count++] = esc_list_at(own, i);
    for (size_t i = 0; own->count == 0 && i < asked; i++)
        regions[count++] = options->regions[i];
    return regions;
}

static bool add_account(struct esc_scan *scan, const struct esc_account *account)
{
    ESC_CLEANUP(esc_freep) const char **regions = regions_of(&scan->options, account);
    if (regions && !regions[0])
        return false;
    struct walk_account *added = walk_account_new(scan, account);
    esc_list_push(&scan->accounts, added);
    if (regions)
        walk_account_open(added, regions);
    else
        walk_account_discover(added);
    return true;
}

static enum esc_status check_options(const struct esc_scan_options *options, struct esc_error *err)
{
    ESC_ASSERT(options->workers > 0 && options->max_attempts > 0 && options->call &&
               options->on_batch && options->done && options->clock);
    if (options->account_count == 0)
        return esc_fail(err, ESC_INVALID, "there is no account to scan");
    enum esc_status status = ESC_OK;
    const struct esc_scanner *scanner;
    for (size_t i = 0; status == ESC_OK && options->services && options->services[i]; i++)
        status = esc_scanner_named(options->services[i], &scanner, err);
    return status;
}

enum esc_status esc_scan_start(struct esc_loop *loop, const struct esc_scan_options *options,
                               struct esc_scan **out, struct esc_error *err)
{
    const enum esc_status status = check_options(options, err);
    if (status != ESC_OK)
        return status;
    struct esc_scan *scan = esc_alloc_zero(sizeof *scan);
    scan->loop = loop;
    scan->options = *options;
    scan->started_ms = esc_clock_monotonic_ms(options->clock);
    esc_list_init(&scan->accounts, walk_account_free);
    bool any = false;
    for (size_t i = 0; i < options->account_count; i++)
        any |= add_account(scan, options->accounts[i]);
    if (!any) {
        esc_list_done(&scan->accounts);
        free(scan);
        return esc_fail(
            err, ESC_INVALID,
            "no account has one of these regions; `escher accounts` lists those of each");
    }
    pump_later(scan);
    *out = scan;
    return ESC_OK;
}

void esc_scan_pause(struct esc_scan *scan, bool paused)
{
    scan->paused = paused;
    pump_later(scan);
}

void esc_scan_decide(struct esc_scan *scan)
{
    for (struct walk_place *place = scan->first_ending; place; place = place->next_ending)
        place->undecided = false;
    pump_later(scan);
}

/* Takes waiting tasks back into the queue, where a cancelled scan skips them; ends the others. */
void esc_scan_cancel(struct esc_scan *scan)
{
    if (scan->cancelled)
        return;
    scan->cancelled = true;
    for (struct walk_task *task = scan->active, *later; task; task = later) {
        later = task->later;
        if (task->timer) {
            esc_timer_stop(&task->timer);
            deactivate(scan, task);
            push(scan, task);
        } else {
            end_early(scan, task);
        }
    }
    pump_later(scan);
}
