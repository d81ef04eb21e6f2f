/* SPDX-License-Identifier: Apache-2.0 */

/* Cells: what an answer brings, what a failure means, and what a cell came to in the end. */

#include <stdio.h>

#include "escher/base/alloc.h"
#include "escher/base/utf8.h"
#include "escher/scan/region_private.h"
#include "escher/scan/walk_private.h"

enum {
    MOST_REGIONS = 100, /* of an account; there are about forty in all */
};

static void note_failure(struct walk_cell *cell, enum esc_error_category category, const char *code,
                         const char *message)
{
    struct esc_scan_cell *seen = &cell->seen;
    const struct esc_str text = esc_utf8_cut(esc_str_of(message), sizeof seen->message - 1);
    const struct esc_str word = esc_utf8_cut(esc_str_of(code), sizeof seen->code - 1);
    seen->failed_count++;
    seen->category = category;
    (void)snprintf(seen->message, sizeof seen->message, "%.*s", ESC_STR_ARG(text));
    (void)snprintf(seen->code, sizeof seen->code, "%.*s", ESC_STR_ARG(word));
}

/* Some details bring tags: without them "no tags" would be a guess, so it is said. */
static void note_missing_tags(struct walk_task *task)
{
    struct stash *stash = &task->cell->place->stash;
    for (size_t i = 0; task->cell->step->gives_tags && i < task->batch.count; i++) {
        struct esc_resource *resource = stash_take(stash, task->batch.positions[i]);
        esc_json_set_bool(resource->metadata, "tags_unknown", true);
        stash_give_back(stash, task->batch.positions[i], resource);
    }
}

static bool has_region(const struct walk_place *place, const char *name)
{
    for (size_t i = 0; i < place->found.count; i++)
        if (esc_text_equal(esc_list_at(&place->found, i), name))
            return true;
    return false;
}

/* What is no name of a region, or was named before, or is more than there can be, would only cost
 * calls. */
static void take_regions(struct walk_place *place, const struct esc_json *output)
{
    const struct esc_json *regions = esc_json_get(output, "Regions");
    for (size_t i = 0; i < esc_json_len(regions) && place->found.count < MOST_REGIONS; i++) {
        const char *name = esc_json_str(esc_json_at(regions, i), "RegionName", "");
        if (scan_is_region(esc_str_of(name)) && !has_region(place, name))
            esc_list_push(&place->found, esc_strdup(name));
    }
}

/* The resources of the batch, borrowed from the stash; what is read joins them. */
static void take_out(struct walk_task *task, struct esc_list *resources)
{
    struct stash *stash = &task->cell->place->stash;
    if (task->batch.count > stash->most_loose && !task->holds) {
        task->holds = true;
        stash_hold(stash);
    }
    esc_list_init(resources, NULL);
    for (size_t i = 0; i < task->batch.count; i++)
        esc_list_push(resources, stash_take(stash, task->batch.positions[i]));
}

static void put_back(const struct walk_task *task, struct esc_list *resources)
{
    struct stash *stash = &task->cell->place->stash;
    for (size_t i = 0; i < resources->count; i++)
        if (i < task->batch.count)
            stash_give_back(stash, task->batch.positions[i], resources->items[i]);
        else
            stash_put(stash, resources->items[i]);
    esc_list_done(resources);
}

static enum esc_status take_answer(struct walk_task *task, const struct esc_json *output,
                                   struct esc_error *err)
{
    struct walk_cell *cell = task->cell;
    struct walk_account *account = cell->place->account;
    const struct esc_scan_options *options = &account->scan->options;
    const struct esc_scan_place place = {
        .account = account->account,
        .region = cell->place->region,
        .now_ms = esc_clock_wall_ms(options->clock),
        .sync_id = options->sync_id,
    };
    struct esc_list resources;
    struct esc_normalised out = {.resources = &resources, .tags = account->tags};
    if (cell->place->discovers)
        take_regions(cell->place, output);
    if (!cell->step)
        return ESC_OK;
    take_out(task, &resources);
    const enum esc_status status =
        esc_normalise(&place, cell->seen.service, cell->seen.operation, output,
                      task->batch.count ? resources.items[0] : NULL, &out, err);
    if (status == ESC_OK && out.unread_count == 0 && options->on_detail && task->batch.count == 1)
        options->on_detail(options->context, resources.items[0],
                           esc_operation_find(cell->seen.service, cell->seen.operation), output);
    cell->seen.resource_count += resources.count - task->batch.count;
    cell->seen.unread_count += out.unread_count;
    put_back(task, &resources);
    return status;
}

/* False: it could not be understood, which has been noted. */
static bool take_page(struct walk_task *task, const struct esc_json *output)
{
    struct esc_error err = {0};
    task->page_count++;
    task->cell->seen.page_count++;
    if (take_answer(task, output, &err) == ESC_OK)
        return true;
    note_failure(task->cell, ESC_CATEGORY_SERVICE, "", err.message);
    if (task->cell->step)
        note_missing_tags(task);
    return false;
}

void walk_record_page(struct walk_task *task, const struct esc_scan_answer *answer)
{
    walk_note_success(task->cell->place);
    (void)take_page(task, answer->output); /* it goes on with the next */
}

static void count_call(struct walk_task *task, const struct esc_scan_answer *answer)
{
    struct esc_scan_cell *seen = &task->cell->seen;
    const struct esc_clock *clock = task->cell->place->account->scan->options.clock;
    seen->call_count += answer->calls ? answer->calls : 1;
    seen->at_ms = esc_clock_wall_ms(clock);
    seen->took_ms += esc_clock_monotonic_ms(clock) - task->started_ms;
    if (answer->pages > task->page_count)
        seen->page_count += answer->pages - task->page_count;
}

/* Whether it is one of several words with spaces between; either may be NULL. */
static bool is_one_of(const char *words, const char *wanted)
{
    struct esc_str rest = esc_str_of(words), word;
    while (wanted && rest.ptr && esc_str_next(&rest, ' ', &word))
        if (esc_str_is(word, wanted))
            return true;
    return false;
}

void walk_record(struct walk_task *task, const struct esc_scan_answer *answer)
{
    struct walk_cell *cell = task->cell;
    const struct scan_step *step = cell->step;
    const bool absent =
        step && step->absent_code && esc_text_equal(answer->code, step->absent_code);
    const bool gone = step && is_one_of(step->gone_codes, answer->code);
    const bool worked = absent || gone || answer->category == ESC_CATEGORY_NONE;
    const bool is_end = worked && !answer->output && task->page_count > 0; /* after its pages */
    if (worked)
        walk_note_success(cell->place);
    if (is_end || gone || (worked && take_page(task, absent ? NULL : answer->output)))
        cell->succeeded_count++;
    count_call(task, answer);
    if (worked)
        return;
    note_failure(cell, answer->category, answer->code, answer->message);
    walk_note_refusal(cell, answer);
    if (step)
        note_missing_tags(task);
}

void walk_skip(struct walk_task *task)
{
    task->cell->skipped_count++;
    if (task->cell->step)
        note_missing_tags(task);
}

/* What each cell came to */

static enum esc_scan_state state_of_failure(const struct walk_cell *cell)
{
    if (cell->refusal == WALK_IS_FORBIDDEN)
        return ESC_SCAN_SCP;
    if (walk_is_disabled(cell->place, cell->refusal))
        return ESC_SCAN_DISABLED;
    switch (esc_error_category_status(cell->seen.category)) {
    case ESC_DENIED:
        return ESC_SCAN_DENIED;
    case ESC_THROTTLED:
        return ESC_SCAN_THROTTLED;
    default:
        return ESC_SCAN_ERROR;
    }
}

bool walk_details_of(const struct scan_step *step, const char *type)
{
    return is_one_of(step->of_type, type);
}

static enum esc_scan_state state_of_skipped(const struct walk_place *place)
{
    if (!place->refused)
        return ESC_SCAN_SKIPPED;
    return walk_is_disabled(place, place->refusal) ? ESC_SCAN_DISABLED : ESC_SCAN_SKIPPED;
}

/* Details can be no more complete than the lists they follow. */
static bool has_whole_base(const struct walk_cell *cell)
{
    const struct walk_place *place = cell->place;
    for (size_t i = 0; cell->step && i < place->cell_count; i++) {
        const struct walk_cell *other = &place->cells[i];
        if (walk_details_of(cell->step, other->seen.resource_type) &&
            other->seen.state != ESC_SCAN_OK)
            return false;
    }
    return true;
}

static enum esc_scan_state judge(const struct walk_cell *cell)
{
    const struct esc_scan_cell *seen = &cell->seen;
    if (cell->place->account->scan->cancelled)
        return ESC_SCAN_SKIPPED; /* what it found is not handed on */
    if (seen->call_count == 0 && (cell->skipped_count > 0 || !has_whole_base(cell)))
        return state_of_skipped(cell->place);
    if (seen->failed_count > 0 && cell->succeeded_count == 0 && seen->resource_count == 0)
        return state_of_failure(cell);
    if (seen->failed_count > 0 || seen->unread_count > 0 || cell->skipped_count > 0 ||
        !has_whole_base(cell))
        return ESC_SCAN_PARTIAL;
    return ESC_SCAN_OK;
}

/* Why it is not whole, where no call has said so. */
static const char *reason_of(const struct walk_cell *cell)
{
    if (cell->place->account->scan->cancelled)
        return "the scan was cancelled";
    if (cell->seen.failed_count > 0)
        return "the cloud gave no reason";
    if (cell->seen.state == ESC_SCAN_DISABLED)
        return cell->place->refusal == WALK_NEEDS_OPT_IN
                   ? "not asked: what was asked here before is not activated for the account"
                   : "not asked: the region is not enabled for the account";
    if (cell->place->refused)
        return "not asked: the account's keys were refused before";
    if (cell->seen.unread_count > 0)
        return "some of what it lists could not be understood";
    return "not asked: the list that it follows was not seen whole";
}

void walk_judge(struct walk_cell *cell)
{
    struct esc_scan_cell *seen = &cell->seen;
    seen->state = judge(cell);
    if (seen->call_count == 0)
        seen->at_ms = esc_clock_wall_ms(cell->place->account->scan->options.clock);
    if (seen->state != ESC_SCAN_OK && !seen->message[0])
        (void)snprintf(seen->message, sizeof seen->message, "%s", reason_of(cell)); /* it fits */
}
