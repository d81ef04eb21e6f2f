/* SPDX-License-Identifier: Apache-2.0 */

/* Places: what is asked there and in which order, and what comes out of it in the end. */

#include <stdlib.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/limits.h"
#include "escher/scan/content_hash.h"
#include "escher/scan/merge.h"
#include "escher/scan/region_private.h"
#include "escher/scan/walk_private.h"

enum {
    LAST_STAGE = 2
};

/* Making and freeing */

static void place_free(void *item)
{
    struct walk_place *place = item;
    esc_merger_free(place->merger);
    stash_done(&place->stash);
    esc_list_done(&place->found);
    walk_marks_done(&place->marks);
    esc_json_free(place->few);
    free(place->cells);
    free(place->region);
    free(place);
}

static struct walk_place *add_place(struct walk_account *account, const char *region,
                                    size_t max_cells)
{
    struct walk_place *place = esc_alloc_zero(sizeof *place);
    place->account = account;
    place->region = esc_strdup(region);
    place->cells = esc_alloc_array(max_cells, sizeof *place->cells);
    const size_t most_loose = account->scan->options.most_loose;
    stash_init(&place->stash, most_loose ? most_loose : STASH_USUAL);
    esc_list_init(&place->found, free);
    esc_list_push(&account->places, place);
    return place;
}

static struct walk_cell *add_cell(struct walk_place *place, const char *service,
                                  const char *operation)
{
    struct walk_cell *cell = &place->cells[place->cell_count++];
    cell->place = place;
    cell->seen = (struct esc_scan_cell){
        .account_id = place->account->account->id,
        .account_name = place->account->account->name,
        .region = place->region,
        .all_regions = place->global,
        .service = service,
        .operation = operation,
    };
    return cell;
}

struct walk_account *walk_account_new(struct esc_scan *scan, const struct esc_account *account)
{
    struct walk_account *made = esc_alloc_zero(sizeof *made);
    made->scan = scan;
    made->account = account;
    made->tags = esc_map_new(esc_json_free_item);
    made->tag_regions = esc_map_new(NULL);
    esc_list_init(&made->places, place_free);
    return made;
}

void walk_account_free(void *item)
{
    struct walk_account *account = item;
    esc_list_done(&account->places);
    esc_map_free(account->tags);
    esc_map_free(account->tag_regions);
    walk_marks_done(&account->tag_marks);
    free(account);
}

/* Queueing */

static void queue_list(struct walk_cell *cell)
{
    struct esc_json *params = NULL;
    if (cell->step->params) {
        const enum esc_status status =
            esc_json_parse(esc_str_of(cell->step->params), NULL, &params, NULL);
        ESC_ASSERT(status == ESC_OK); /* a text of our own table */
    }
    walk_enqueue(cell, params, (struct walk_batch){0});
}

static size_t count_steps(const struct walk_account *account, const char *region, bool global)
{
    size_t count = 0;
    for (size_t i = 0; i < esc_scanner_count(); i++) {
        const struct esc_scanner *scanner = esc_scanner_at(i);
        if (scanner->global == global && walk_wants(account, region, scanner))
            count += scanner->step_count;
    }
    return count;
}

/* A place with the cells of its scanners, its lists queued; NULL when nothing is asked there. */
static struct walk_place *open_place(struct walk_account *account, const char *region, bool global)
{
    const size_t count = count_steps(account, region, global);
    if (count == 0)
        return NULL;
    struct walk_place *place = add_place(account, region, count);
    place->global = global;
    for (size_t i = 0; i < esc_scanner_count(); i++) {
        const struct esc_scanner *scanner = esc_scanner_at(i);
        if (scanner->global != global || !walk_wants(account, region, scanner))
            continue;
        for (size_t j = 0; j < scanner->step_count; j++) {
            struct walk_cell *cell = add_cell(place, scanner->service, scanner->steps[j].operation);
            cell->step = &scanner->steps[j];
            cell->seen.resource_type = cell->step->type;
            if (cell->step->stage == 0)
                queue_list(cell);
        }
    }
    return place;
}

void walk_account_open(struct walk_account *account, const char *const *regions)
{
    for (size_t i = 0; regions[i]; i++)
        if (open_place(account, regions[i], false))
            account->regions_left++;
    account->global = open_place(account, esc_account_main_region(account->account), true);
}

static struct walk_place *add_discovery(struct walk_account *account, const char *service,
                                        const char *operation, struct esc_json *params)
{
    struct walk_place *place = add_place(account, esc_account_main_region(account->account), 1);
    place->discovers = true;
    walk_enqueue(add_cell(place, service, operation), params, (struct walk_batch){0});
    return place;
}

void walk_account_discover(struct walk_account *account)
{
    (void)add_discovery(account, "ec2", "DescribeRegions", NULL);
}

/* The same by another service, which some may ask who may not ask EC2. */
static void discover_again(struct walk_account *account)
{
    struct esc_json *params = esc_json_object(), *states = esc_json_array();
    esc_json_push_text(states, "ENABLED");
    esc_json_push_text(states, "ENABLED_BY_DEFAULT");
    esc_json_set(params, "RegionOptStatusContains", states);
    add_discovery(account, "account", "ListRegions", params)->discovers_again = true;
}

void walk_account_identify(struct walk_account *account)
{
    struct walk_place *place = add_place(account, esc_account_main_region(account->account), 1);
    place->identifies = true;
    walk_enqueue(add_cell(place, "sts", "GetCallerIdentity"), NULL, (struct walk_batch){0});
}

/* What comes next */

/* A batch that is being put together: its resources are taken from the stash meanwhile. */
struct gathering {
    struct walk_cell *cell;
    struct esc_resource **resources;
    size_t *positions;
    size_t count, most;
};

/* One call for @p count of them. */
static void enqueue(const struct gathering *gathering, size_t from, size_t count)
{
    struct walk_place *place = gathering->cell->place;
    struct esc_resource **resources = gathering->resources + from;
    const char *region = resources[0]->region;
    const bool has_own = place->global && *region && !esc_text_equal(region, SCAN_GLOBAL);
    struct walk_batch batch = {.positions = esc_alloc_array(count, sizeof *batch.positions),
                               .count = count,
                               .region = has_own ? esc_strdup(region) : NULL};
    struct esc_json *params = gathering->cell->step->make_params(resources, count);
    for (size_t i = 0; i < count; i++) {
        batch.positions[i] = gathering->positions[from + i];
        stash_give_back(&place->stash, batch.positions[i], resources[i]);
    }
    walk_enqueue(gathering->cell, params, batch);
}

static void flush(struct gathering *gathering)
{
    if (gathering->count > 0)
        enqueue(gathering, 0, gathering->count);
    gathering->count = 0;
}

/* Takes it out if it is wanted. */
static bool take_wanted(struct gathering *gathering, size_t at)
{
    struct stash *stash = &gathering->cell->place->stash;
    const struct scan_step *step = gathering->cell->step;
    if (!walk_details_of(step, stash_type(stash, at)))
        return false;
    struct esc_resource *resource = stash_take(stash, at);
    if (!walk_wants_detail(gathering->cell, resource)) {
        stash_give_back(stash, at, resource);
        return false;
    }
    if (gathering->count && step->together && !step->together(gathering->resources[0], resource))
        flush(gathering);
    gathering->resources[gathering->count] = resource;
    gathering->positions[gathering->count++] = at;
    return true;
}

static void gather_all(struct gathering *gathering)
{
    const struct stash *stash = &gathering->cell->place->stash;
    for (size_t at = 0; at < stash->count; at++)
        if (take_wanted(gathering, at) && gathering->count == gathering->most)
            flush(gathering);
    flush(gathering);
}

/* Each for itself: those whose turn it is, which is told. */
static void gather_picked(struct gathering *gathering)
{
    const struct walk_place *place = gathering->cell->place;
    const struct esc_scan_options *options = &place->account->scan->options;
    const size_t count = place->stash.count;
    ESC_CLEANUP(esc_freep) bool *picked = walk_pick(gathering->cell);
    for (size_t at = 0; at < count; at++) {
        if (!picked[at] || !take_wanted(gathering, at))
            continue;
        if (options->asks)
            options->asks(options->context, place->account->account, place->region,
                          gathering->resources[0]->identifier);
        flush(gathering);
    }
}

/* Each for itself, and some when there are more than so many: they stay out of the stash until that
 * is known. */
static void gather_few(struct gathering *gathering)
{
    struct stash *stash = &gathering->cell->place->stash;
    bool are_few = true;
    for (size_t at = 0; at < stash->count && are_few; at++)
        are_few = !take_wanted(gathering, at) || gathering->count < gathering->most;
    for (size_t i = 0; i < gathering->count; i++)
        if (are_few)
            enqueue(gathering, i, 1);
        else
            stash_give_back(stash, gathering->positions[i], gathering->resources[i]);
    gathering->count = 0;
    if (!are_few)
        gather_picked(gathering);
}

static bool is_for_few(const struct walk_cell *cell)
{
    return cell->step->most_usual > 0 && !cell->place->account->scan->options.services;
}

static void queue_details(struct walk_cell *cell)
{
    const struct stash *stash = &cell->place->stash;
    const bool for_few = is_for_few(cell);
    ESC_ASSERT(!for_few || (cell->step->batch == 1 && !cell->step->together));
    const size_t per_call = cell->step->batch < stash->left ? cell->step->batch : stash->left;
    const size_t most = for_few ? cell->step->most_usual + 1 : per_call;
    ESC_CLEANUP(esc_freep)
    struct esc_resource **resources = esc_alloc_array(most + 1, sizeof *resources);
    ESC_CLEANUP(esc_freep) size_t *positions = esc_alloc_array(most + 1, sizeof *positions);
    struct gathering gathering = {
        .cell = cell, .resources = resources, .positions = positions, .most = most};
    if (for_few)
        gather_few(&gathering);
    else
        gather_all(&gathering);
}

/* What a list has named twice, as one that is read again from its start does, is as it was named
 * last. */
static void uncount(void *context, const char *type)
{
    struct walk_place *place = context;
    for (size_t i = 0; i < place->cell_count; i++) {
        struct esc_scan_cell *seen = &place->cells[i].seen;
        if (seen->resource_count > 0 && esc_text_equal(type, seen->resource_type))
            seen->resource_count--;
    }
}

/* The account's regions as the cloud listed them, or those that everybody has. */
static void open_found(struct walk_place *place)
{
    struct walk_account *account = place->account;
    const struct esc_list *found = &place->found;
    walk_close(place);
    if (account->scan->cancelled)
        return;
    if (found->count == 0 && !place->discovers_again) {
        discover_again(account);
        return;
    }
    ESC_CLEANUP(esc_freep)
    const char **regions = esc_alloc_array(found->count + 1, sizeof *regions);
    for (size_t i = 0; i < found->count; i++)
        regions[i] = esc_list_at(found, i);
    walk_account_open(account, found->count > 0 ? regions : scan_usual_regions(account->account));
}

static bool waits_for_regions(const struct walk_place *place)
{
    return place->global && place->account->regions_left > 0 && !place->account->scan->cancelled;
}

void walk_ended(struct walk_place *place)
{
    struct walk_account *account = place->account;
    if (place->global)
        return;
    account->regions_left--;
    if (account->regions_left == 0 && account->global && !account->global->finished &&
        account->global->pending == 0)
        walk_advance(account->global);
}

void walk_advance(struct walk_place *place)
{
    if (place->discovers) {
        open_found(place);
        return;
    }
    if (place->identifies) {
        walk_close(place);
        walk_keys_known(place->account, place->refusal);
        return;
    }
    if (place->ending)
        return;
    if (place->stage == 0)
        stash_drop_doubles(&place->stash, uncount, place);
    if (waits_for_regions(place))
        return;
    while (place->pending == 0 && place->stage < LAST_STAGE) {
        place->stage++;
        for (size_t i = 0; i < place->cell_count; i++)
            if (place->cells[i].step->stage == place->stage)
                queue_details(&place->cells[i]);
    }
    if (place->pending == 0 && !walk_awaits_keys(place))
        walk_end(place);
}
