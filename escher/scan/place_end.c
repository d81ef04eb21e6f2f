/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The end of a place: what was found there is looked at twice, a few at a time, so that neither all
 * of it is in memory as it is nor the loop stands still meanwhile.
 *
 *     all was asked ─▶ noted (what others must know) ─▶ cells judged ─▶ merged, hashed, handed on
 *                                                       ─▶ cells and place reported
 *
 * Of a place that says what is known by its mark (place_mark.c) only that is told which others want
 * to hear. One place ends after the other. While the scan pauses nothing is handed on. When it is
 * cancelled, nothing more is; whoever takes the batches hears it by the cells, which were not seen
 * whole then.
 */

#include <stdlib.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/scan/content_hash.h"
#include "escher/scan/walk_private.h"

enum {
    NOTED_AT_ONCE = 1000,
};

/* Noting */

/* Buckets whose region nobody told have no right id: they are counted and left out. */
static void drop_unplaced(struct walk_place *place, size_t at)
{
    for (size_t i = 0; i < place->cell_count; i++)
        if (esc_text_equal(place->cells[i].seen.resource_type, stash_type(&place->stash, at)))
            place->cells[i].seen.unread_count++;
    stash_drop(&place->stash, at);
}

static void note_at(struct walk_place *place, size_t at)
{
    struct stash *stash = &place->stash;
    if (!stash_type(stash, at))
        return;
    struct esc_resource *resource = stash_take(stash, at);
    const bool is_placed = *resource->region;
    if (is_placed)
        esc_merger_note(place->merger, resource, at);
    stash_give_back(stash, at, resource);
    place->lost_some |= !is_placed;
    if (!is_placed)
        drop_unplaced(place, at);
}

static bool has_seen(void *context, const char *type)
{
    const struct walk_place *place = context;
    for (size_t i = 0; i < place->cell_count; i++)
        if (esc_text_equal(place->cells[i].seen.resource_type, type))
            return place->cells[i].seen.state == ESC_SCAN_OK;
    return false;
}

/* Whether the tagging service answered for this place, so that a function without tags has none. */
static void note_tag_region(struct walk_place *place)
{
    for (size_t i = 0; i < place->cell_count; i++) {
        const struct walk_cell *cell = &place->cells[i];
        if (cell->step && cell->step->gives_tags && !cell->step->of_type &&
            cell->seen.state == ESC_SCAN_OK)
            esc_map_set(place->account->tag_regions, esc_str_of(place->region), place);
    }
}

static void judge_cells(struct walk_place *place)
{
    for (size_t i = 0; i < place->cell_count; i++) /* lists stand before their details */
        walk_judge(&place->cells[i]);
}

static void begin(struct walk_place *place)
{
    place->about =
        (struct esc_merge){.tags = place->account->tags, .is_complete = has_seen, .context = place};
    place->merger = esc_merger_new(&place->about);
}

static void note_some(struct walk_place *place)
{
    for (size_t i = 0; i < NOTED_AT_ONCE && place->noted < place->stash.count; i++)
        note_at(place, place->noted++);
    if (place->noted < place->stash.count)
        return;
    judge_cells(place);
    note_tag_region(place);
    esc_merger_settle(place->merger);
}

/* Handing on */

static int by_kind_and_target(const void *a, const void *b)
{
    const struct esc_relation *one = a, *other = b;
    const int kind = strcmp(one->kind, other->kind);
    return kind ? kind : strcmp(one->target, other->target);
}

/* A row must not depend on which answer about it came first. */
static void put_in_order(struct esc_resource *resource, size_t listed)
{
    esc_json_sort_members(resource->metadata, listed);
    if (resource->relation_count > 1)
        qsort(resource->relations, resource->relation_count, sizeof *resource->relations,
              by_kind_and_target);
}

/* NULL: nothing of it can be kept. */
static struct esc_resource *complete(struct walk_place *place, size_t at)
{
    struct walk_account *account = place->account;
    struct esc_resource *resource = stash_take(&place->stash, at);
    const size_t listed = stash_listed(&place->stash, at);
    stash_drop(&place->stash, at);
    if (!esc_map_has(account->tag_regions, esc_str_of(place->region)) &&
        scan_tags_are_elsewhere(resource->resource_type))
        esc_json_set_bool(resource->metadata, "tags_unknown", true);
    esc_merger_conclude(place->merger, resource);
    put_in_order(resource, listed);
    if (!walk_shed(place, resource)) {
        esc_resource_free(resource);
        return NULL;
    }
    if (!account->scan->options.unhashed)
        esc_content_hash_set(resource);
    return resource;
}

static void count_handed_on(struct walk_place *place, size_t count)
{
    struct esc_scan *scan = place->account->scan;
    place->handed_on += count;
    scan->progress.resource_count += count;
    if (place->begun)
        scan->finished_resources += count;
}

/* In the order of ids: what is handed on must not depend on which answer came first. */
static void hand_some_on(struct walk_place *place)
{
    struct esc_scan *scan = place->account->scan;
    struct esc_resource *batch[ESC_BATCH_COUNT];
    size_t count = 0;
    while (count < ESC_BATCH_COUNT && place->handed < esc_merger_count(place->merger)) {
        batch[count] = complete(place, esc_merger_nth(place->merger, place->handed++));
        count += batch[count] != NULL;
    }
    count_handed_on(place, count);
    if (count)
        scan->options.on_batch(scan->options.context, batch, count);
    for (size_t i = 0; i < count; i++)
        esc_resource_free(batch[i]);
}

/* Closing */

static struct esc_scan_place_end end_of(const struct walk_place *place)
{
    return (struct esc_scan_place_end){
        .account = place->account->account,
        .region = place->discovers || place->identifies ? NULL : place->region,
        .global = place->global,
        .mark = place->has_mark && !place->lost_some ? place->mark : NULL,
        .few = place->few,
        .left_out = place->left_out,
        .resource_count = place->handed_on,
    };
}

static void report(struct walk_place *place)
{
    struct esc_scan *scan = place->account->scan;
    for (size_t i = 0; i < place->cell_count; i++) {
        scan->summary.cells[place->cells[i].seen.state]++;
        if (scan->options.on_cell)
            scan->options.on_cell(scan->options.context, &place->cells[i].seen);
    }
    const struct esc_scan_place_end end = end_of(place);
    if (scan->options.on_place)
        scan->options.on_place(scan->options.context, &end);
    if (place->begun) {
        scan->open_places--;
        scan->finished_places++;
    }
    esc_merger_free(ESC_STEAL(place->merger));
    stash_done(&place->stash);
    place->finished = true;
}

void walk_close(struct walk_place *place)
{
    judge_cells(place);
    report(place);
}

/* One after the other */

static void unlink_first(struct esc_scan *scan)
{
    scan->first_ending = scan->first_ending->next_ending;
    if (!scan->first_ending)
        scan->last_ending = NULL;
}

/* What others must know of a place whose resources are not handed on. */
static void leave_out(struct walk_place *place)
{
    const struct esc_scan_options *options = &place->account->scan->options;
    struct stash *stash = &place->stash;
    judge_cells(place);
    note_tag_region(place);
    for (size_t at = 0; at < stash->count && options->on_known; at++) {
        const char *type = stash_type(stash, at);
        if (!type || !options->heeds(options->context, type))
            continue;
        struct esc_resource *resource = stash_take(stash, at);
        options->on_known(options->context, resource);
        stash_give_back(stash, at, resource);
    }
    count_handed_on(place, stash->left);
}

/* False: nobody can tell yet. */
static bool decide(struct walk_place *place)
{
    const struct esc_scan_options *options = &place->account->scan->options;
    place->has_mark = walk_mark_of(place, place->mark);
    const struct esc_scan_place_end end = end_of(place);
    const enum esc_scan_known known = place->has_mark && options->is_known
                                          ? options->is_known(options->context, &end)
                                          : ESC_SCAN_NOT_KNOWN;
    place->undecided = known == ESC_SCAN_ASK_AGAIN;
    place->decided = !place->undecided;
    place->left_out = known == ESC_SCAN_KNOWN;
    return place->decided;
}

/* True: the place is over. */
static bool go_on(struct walk_place *place)
{
    const struct esc_scan *scan = place->account->scan;
    if (scan->cancelled) {
        walk_close(place);
        return true;
    }
    if (!place->decided && !decide(place))
        return false;
    if (place->left_out) {
        leave_out(place);
        report(place);
        return true;
    }
    if (!place->merger)
        begin(place);
    if (place->noted < place->stash.count || place->noted == 0)
        note_some(place);
    else if (!scan->paused)
        hand_some_on(place);
    if (place->noted < place->stash.count || place->handed < esc_merger_count(place->merger))
        return false;
    report(place);
    return true;
}

static void step(void *context)
{
    struct esc_scan *scan = context;
    struct walk_place *place = scan->first_ending;
    scan->end_posted = false;
    scan->post_count--;
    if (go_on(place)) {
        unlink_first(scan);
        walk_ended(place);
    }
    walk_pump(scan);
}

void walk_end_later(struct esc_scan *scan)
{
    const struct walk_place *place = scan->first_ending;
    if (!place || scan->end_posted)
        return;
    const bool has_noted = place->merger && place->noted == place->stash.count;
    const bool waits = !scan->cancelled && (place->undecided || (scan->paused && has_noted));
    if (waits)
        return;
    scan->end_posted = true;
    scan->post_count++;
    esc_loop_post(scan->loop, step, scan);
}

void walk_end(struct walk_place *place)
{
    struct esc_scan *scan = place->account->scan;
    place->ending = true;
    if (scan->last_ending)
        scan->last_ending->next_ending = place;
    else
        scan->first_ending = place;
    scan->last_ending = place;
}
