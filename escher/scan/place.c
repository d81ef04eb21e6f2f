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
    esc_list_done(&place->resources);
    esc_list_done(&place->found);
    free(place->cells);
    free(place->region);
    free(place);
}

static void free_resource(void *resource)
{
    esc_resource_free(resource);
}

static void free_json(void *json)
{
    esc_json_free(json);
}

static struct walk_place *add_place(struct walk_account *account, const char *region,
                                    size_t max_cells)
{
    struct walk_place *place = esc_alloc_zero(sizeof *place);
    place->account = account;
    place->region = esc_strdup(region);
    place->cells = esc_alloc_array(max_cells, sizeof *place->cells);
    esc_list_init(&place->resources, free_resource);
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
    made->tags = esc_map_new(free_json);
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
    walk_enqueue(cell, params, NULL, 0);
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
    account->global = open_place(account, scan_main_region(account->account), true);
}

static struct walk_place *add_discovery(struct walk_account *account, const char *service,
                                        const char *operation, struct esc_json *params)
{
    struct walk_place *place = add_place(account, scan_main_region(account->account), 1);
    place->discovers = true;
    walk_enqueue(add_cell(place, service, operation), params, NULL, 0);
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
    struct walk_place *place = add_place(account, scan_main_region(account->account), 1);
    place->identifies = true;
    walk_enqueue(add_cell(place, "sts", "GetCallerIdentity"), NULL, NULL, 0);
}

/* Buckets whose region nobody told have no right id: they are counted and left out. */
static void drop_unplaced(struct walk_place *place)
{
    for (size_t i = place->resources.count; i-- > 0;) {
        struct esc_resource *resource = esc_list_at(&place->resources, i);
        if (*resource->region)
            continue;
        for (size_t j = 0; j < place->cell_count; j++)
            if (place->cells[j].seen.resource_type &&
                scan_is_type(resource, place->cells[j].seen.resource_type))
                place->cells[j].seen.unread_count++;
        esc_resource_free(esc_list_remove(&place->resources, i));
    }
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

static int by_id(const void *a, const void *b)
{
    return esc_str_compare(esc_str_of(((const struct esc_resource *)a)->id),
                           esc_str_of(((const struct esc_resource *)b)->id));
}

/* Sorted first: what is merged must not depend on which answer came first. */
static void finish_resources(struct walk_place *place)
{
    struct walk_account *account = place->account;
    const bool tags_seen = esc_map_has(account->tag_regions, esc_str_of(place->region));
    for (size_t i = 0; i < place->resources.count; i++) {
        struct esc_resource *resource = esc_list_at(&place->resources, i);
        if (!tags_seen && scan_tags_are_elsewhere(resource->resource_type))
            esc_json_set_bool(resource->metadata, "tags_unknown", true);
    }
    esc_list_sort(&place->resources, by_id);
    esc_merge(&(struct esc_merge){
        .resources = &place->resources,
        .tags = account->tags,
        .is_complete = has_seen,
        .context = place,
    });
    walk_shed(place);
    for (size_t i = 0; i < place->resources.count; i++) {
        struct esc_resource *resource = esc_list_at(&place->resources, i);
        char hash[ESC_HASH_TEXT];
        esc_content_hash(resource, hash);
        free(resource->content_hash);
        resource->content_hash = esc_strdup(hash);
    }
}

static void hand_on(struct walk_place *place)
{
    struct esc_scan *scan = place->account->scan;
    struct esc_resource *const *all = (struct esc_resource *const *)place->resources.items;
    for (size_t from = 0; from < place->resources.count; from += ESC_BATCH_COUNT) {
        const size_t left = place->resources.count - from;
        scan->options.on_batch(scan->options.context, all + from,
                               left < ESC_BATCH_COUNT ? left : ESC_BATCH_COUNT);
    }
    scan->progress.resource_count += place->resources.count;
}

static void finish_place(struct walk_place *place)
{
    struct esc_scan *scan = place->account->scan;
    drop_unplaced(place);
    for (size_t i = 0; i < place->cell_count; i++) /* lists stand before their details */
        walk_judge(&place->cells[i]);
    note_tag_region(place);
    if (!scan->cancelled) {
        finish_resources(place);
        hand_on(place);
    }
    for (size_t i = 0; i < place->cell_count; i++) {
        scan->summary.cells[place->cells[i].seen.state]++;
        if (scan->options.on_cell)
            scan->options.on_cell(scan->options.context, &place->cells[i].seen);
    }
    if (scan->options.on_place)
        scan->options.on_place(scan->options.context, place->account->account,
                               place->discovers || place->identifies ? NULL : place->region,
                               place->global);
    if (place->begun) {
        scan->open_places--;
        scan->finished_places++;
        scan->finished_resources += place->resources.count;
    }
    esc_list_clear(&place->resources);
    place->finished = true;
}

/* What comes next */

static void queue_details(struct walk_cell *cell)
{
    const struct scan_step *step = cell->step;
    struct walk_place *place = cell->place;
    struct esc_map *tag_regions = place->account->tag_regions;
    const size_t all = place->resources.count, most = step->batch < all ? step->batch : all;
    struct esc_resource **batch = NULL;
    size_t count = 0;
    for (size_t i = 0; i < all; i++) {
        struct esc_resource *resource = esc_list_at(&place->resources, i);
        const bool tags_seen = esc_map_has(tag_regions, esc_str_of(resource->region));
        if (!walk_details_of(step, resource->resource_type) ||
            (step->wants && !step->wants(resource, tags_seen)))
            continue;
        if (batch && step->together && !step->together(batch[0], resource)) {
            walk_enqueue(cell, step->make_params(batch, count), batch, count);
            batch = NULL;
            count = 0;
        }
        if (!batch)
            batch = esc_alloc_array(most, sizeof *batch);
        batch[count++] = resource;
        if (count == most) {
            walk_enqueue(cell, step->make_params(batch, count), batch, count);
            batch = NULL;
            count = 0;
        }
    }
    if (batch)
        walk_enqueue(cell, step->make_params(batch, count), batch, count);
}

static void uncount(struct walk_place *place, const struct esc_resource *resource)
{
    for (size_t i = 0; i < place->cell_count; i++) {
        struct esc_scan_cell *seen = &place->cells[i].seen;
        if (seen->resource_type && seen->resource_count > 0 &&
            scan_is_type(resource, seen->resource_type))
            seen->resource_count--;
    }
}

/* What a list has named twice, as one that is read again from its start does, is as it was named
 * last. */
static void drop_doubles(struct walk_place *place)
{
    struct esc_list *all = &place->resources;
    ESC_CLEANUP(esc_map_freep) struct esc_map *last = esc_map_new(NULL);
    size_t kept = 0;
    for (size_t i = 0; i < all->count; i++)
        esc_map_set(last, esc_str_of(((struct esc_resource *)all->items[i])->id), all->items[i]);
    for (size_t i = 0; i < all->count; i++) {
        struct esc_resource *resource = all->items[i];
        if (esc_map_get(last, esc_str_of(resource->id)) == resource) {
            all->items[kept++] = resource;
            continue;
        }
        uncount(place, resource);
        esc_resource_free(resource);
    }
    all->count = kept;
}

/* The account's regions as the cloud listed them, or those that everybody has. */
static void open_found(struct walk_place *place)
{
    struct walk_account *account = place->account;
    const struct esc_list *found = &place->found;
    finish_place(place);
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

static void end_place(struct walk_place *place)
{
    struct walk_account *account = place->account;
    finish_place(place);
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
        finish_place(place);
        walk_keys_known(place->account, place->refusal);
        return;
    }
    if (place->stage == 0)
        drop_doubles(place);
    if (waits_for_regions(place))
        return;
    while (place->pending == 0 && place->stage < LAST_STAGE) {
        place->stage++;
        for (size_t i = 0; i < place->cell_count; i++)
            if (place->cells[i].step->stage == place->stage)
                queue_details(&place->cells[i]);
    }
    if (place->pending == 0 && !walk_awaits_keys(place))
        end_place(place);
}
