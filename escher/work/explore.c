/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/catalog/resource_type.h"
#include "escher/find/filter.h"
#include "escher/find/mention.h"
#include "escher/model/environment.h"
#include "escher/scan/coverage.h"
#include "escher/store/document.h"
#include "escher/work/tally_private.h"

/*
 * The estate as a long list: everything that a text and a filter let through, counted by facet,
 * sorted, and one window of it. All of it is done here, so that a page never holds the estate.
 */
enum {
    MOST_ROWS = 500, /* of a window */
    MOST_CHIPS = 8,  /* resources of a mention while typing */
    MOST_NEAR = 4,   /* of a word that names nothing */
    MOST_NEAR_LOOKED_AT = 16,
};

struct sort_key {
    const char *name;
    const char *(*text)(const struct esc_card *card); /* NULL: a number decides */
    uint64_t (*number)(const struct esc_card *card);
};

static const char *text_of_name(const struct esc_card *card)
{
    return card->name;
}

static const char *text_of_type(const struct esc_card *card)
{
    return card->resource_type;
}

static const char *text_of_account(const struct esc_card *card)
{
    return card->account_name ? card->account_name : card->account_id;
}

static const char *text_of_region(const struct esc_card *card)
{
    return card->region;
}

static const char *text_of_state(const struct esc_card *card)
{
    return card->state;
}

static const char *text_of_environment(const struct esc_card *card)
{
    return card->environment;
}

static uint64_t number_of_created(const struct esc_card *card)
{
    return card->created_at_ms;
}

static uint64_t number_of_synced(const struct esc_card *card)
{
    return card->last_synced_ms;
}

static const struct sort_key sort_keys[] = {
    {"name", text_of_name, NULL},         {"type", text_of_type, NULL},
    {"account", text_of_account, NULL},   {"region", text_of_region, NULL},
    {"state", text_of_state, NULL},       {"environment", text_of_environment, NULL},
    {"created", NULL, number_of_created}, {"synced", NULL, number_of_synced},
};

struct sorting {
    const struct sort_key *key;
    bool descending;
};

static int compare_texts(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "");
}

/* Without a value comes last, in both directions; equal values keep the order of the ids. */
static int compare_rows(const void *first, const void *second, void *context)
{
    const struct sorting *sorting = context;
    const struct esc_card *a = *(const struct esc_card *const *)first;
    const struct esc_card *b = *(const struct esc_card *const *)second;
    int order = 0;
    if (sorting->key->text) {
        const char *left = sorting->key->text(a), *right = sorting->key->text(b);
        if (!left != !right)
            return left ? -1 : 1;
        order = compare_texts(left, right);
    } else {
        const uint64_t left = sorting->key->number(a), right = sorting->key->number(b);
        if (!left != !right)
            return left ? -1 : 1;
        order = (left > right) - (left < right);
    }
    order = sorting->descending ? -order : order;
    return order ? order : (a->position > b->position) - (a->position < b->position);
}

enum esc_status work_sort(const char *wanted, const struct esc_card **rows, size_t count,
                          struct esc_error *err)
{
    const bool descending = *wanted == '-';
    for (size_t i = 0; i < ESC_COUNT(sort_keys); i++) {
        if (!esc_text_equal(wanted + descending, sort_keys[i].name))
            continue;
        struct sorting sorting = {&sort_keys[i], descending};
        qsort_r(rows, count, sizeof(const struct esc_card *), compare_rows, &sorting);
        return ESC_OK;
    }
    return esc_fail(err, ESC_INVALID, "nothing is sorted by `%.40s`", wanted);
}

/* Rows. */

static const char *environment_of(const struct esc_resource *resource)
{
    const char *environment = esc_environment_of_resource(resource);
    return environment ? environment : "";
}

void work_set_resource(struct esc_json *page, const struct esc_resource *resource)
{
    esc_json_set(page, "resource", esc_resource_to_json(resource));
    esc_json_set_text(page, "environment", environment_of(resource));
}

void work_set_card(struct esc_workbench *bench, struct esc_json *page, const struct esc_card *card)
{
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = work_resource_of(bench, card);
    work_set_resource(page, resource);
}

struct esc_json *work_row(struct esc_workbench *bench, const struct esc_card *card)
{
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = work_resource_of(bench, card);
    struct esc_json *row = esc_json_object();
    const uint64_t now = esc_clock_wall_ms(bench->clock), seen = resource->last_synced_ms;
    esc_json_set_text(row, "id", resource->id);
    esc_json_set_text(row, "name", resource->name);
    esc_json_set_text(row, "identifier", resource->identifier);
    esc_json_set_text(row, "arn", resource->arn ? resource->arn : "");
    esc_json_set_text(row, "resource_type", resource->resource_type);
    esc_json_set_text(row, "account_id", resource->account_id);
    esc_json_set_text(row, "account_name", text_of_account(card));
    esc_json_set_text(row, "region", resource->region);
    esc_json_set_text(row, "state", resource->state ? resource->state : "");
    esc_json_set_text(row, "environment", environment_of(resource));
    esc_json_set_time(row, "created_at", resource->created_at_ms);
    esc_json_set_time(row, "synced_at", seen);
    esc_json_set_int(row, "age_ms", seen && seen <= now ? (int64_t)(now - seen) : 0);
    esc_json_set(row, "tags", esc_json_copy(resource->tags));
    esc_json_set(row, "constraints", esc_constraints_to_json(&resource->constraints));
    return row;
}

/* What could not be seen. */

struct gaps {
    const struct esc_workbench *bench;
    const struct esc_filter *scope; /* NULL: everything */
    struct esc_json *page;
};

/* Details belong to whatever their service has; a call that lists belongs to its type. */
static bool may_hold(const struct esc_filter *scope, struct esc_filter_place place,
                     const char *service)
{
    bool has_types = place.resource_type != NULL;
    if (has_types && esc_filter_may_match(scope, &place))
        return true;
    for (size_t i = 0; !place.resource_type && i < esc_resource_type_count(); i++) {
        const struct esc_resource_type *type = esc_resource_type_at(i);
        struct esc_filter_place one = place;
        one.resource_type = type->name;
        if (!esc_text_equal(type->service, service))
            continue;
        if (esc_filter_may_match(scope, &one))
            return true;
        has_types = true;
    }
    return !has_types && esc_filter_may_match(scope, &place);
}

static bool is_in_scope(const struct gaps *gaps, const struct esc_json *cell)
{
    const bool everywhere = esc_json_flag(cell, "all_regions", false);
    const struct esc_filter_place place = {
        .account_id = esc_json_str(cell, "account_id", NULL),
        .account_name = esc_json_str(cell, "account_name", NULL),
        .region = everywhere ? NULL : esc_json_str(cell, "region", NULL),
        .resource_type = esc_json_str(cell, "resource_type", NULL)};
    return !gaps->scope || may_hold(gaps->scope, place, esc_json_str(cell, "service", ""));
}

static bool add_gap(void *context, const char *, const struct esc_json *cell)
{
    const struct gaps *gaps = context;
    const bool is_nowhere =
        esc_text_equal(esc_json_str(cell, "code", NULL), ESC_SCAN_NOT_IN_PARTITION);
    if (esc_text_equal(esc_json_str(cell, "state", ""), "ok") || is_nowhere ||
        !is_in_scope(gaps, cell))
        return true;
    struct esc_json *gap = esc_json_copy(cell);
    work_add_age(gaps->bench, gap, esc_json_str(cell, "at", NULL));
    esc_json_push(gaps->page, gap);
    return true;
}

struct esc_json *work_gaps(const struct esc_workbench *bench, const struct esc_filter *scope)
{
    struct gaps gaps = {bench, scope, esc_json_array()};
    (void)esc_store_docs(bench->store, "coverage", add_gap, &gaps, NULL,
                         NULL); /* a cell that does not open is the status page's to tell */
    return gaps.page;
}

/* Those of the places that the filter asks about. */
static struct esc_json *gaps_of(const struct esc_workbench *bench, struct esc_str filter)
{
    ESC_CLEANUP(esc_filter_freep) struct esc_filter *scope = NULL;
    if (esc_str_trim(filter).len && esc_filter_parse(filter, &scope, NULL) != ESC_OK)
        scope = NULL; /* the query itself says so */
    return work_gaps(bench, scope);
}

/* The query. */

static int64_t number(const struct esc_api_call *call, const char *name, int64_t least,
                      int64_t most, int64_t otherwise)
{
    const int64_t given = esc_json_num(esc_json_member(call->args, name), "", otherwise);
    return given < least ? least : given > most ? most : given;
}

static struct esc_json *window_page(const struct esc_api_call *call,
                                    const struct esc_card *const *rows, size_t count)
{
    const struct esc_index *index = call->bench->index;
    struct esc_arena arena;
    const size_t offset = (size_t)number(call, "offset", 0, (int64_t)count, 0);
    const size_t limit = (size_t)number(call, "limit", 0, MOST_ROWS, 100);
    struct esc_json *window = esc_json_array();
    esc_arena_init(&arena);
    for (size_t i = offset; i < count && i - offset < limit; i++) {
        const struct esc_card card = esc_index_at(index, rows[i]->position, &arena);
        esc_json_push(window, work_row(call->bench, &card));
    }
    esc_arena_done(&arena);
    struct esc_json *body = esc_json_object();
    esc_json_set_int(body, "total", (int64_t)count);
    esc_json_set_int(body, "estate", (int64_t)esc_index_count(call->bench->index));
    esc_json_set_int(body, "offset", (int64_t)offset);
    esc_json_set(body, "rows", window);
    return body;
}

void work_estate_query(struct esc_api_call *call)
{
    struct esc_workbench *bench = call->bench;
    const struct esc_find_query query = {.text = esc_str_of(work_text(call, "text")),
                                         .filter = esc_str_of(work_text(call, "filter")),
                                         .limit = esc_index_count(bench->index) + 1,
                                         .bare = true};
    const char *sort = work_text(call, "sort");
    struct esc_find_result result;
    struct esc_error err;
    if (esc_find(bench->index, &query, &result, &err) != ESC_OK) {
        work_fail(call, &err);
        return;
    }
    ESC_CLEANUP(esc_freep)
    const struct esc_card **rows = esc_alloc_array(result.count + 1, sizeof *rows);
    for (size_t i = 0; i < result.count; i++)
        rows[i] = &result.hits[i].card;
    if (!sort && query.text.len == 0)
        sort = "name";
    enum esc_status status = sort ? work_sort(sort, rows, result.count, &err) : ESC_OK;
    struct esc_json *groups = NULL;
    const char *group = work_text(call, "group");
    if (status == ESC_OK && group)
        status = work_group(group, rows, result.count, &groups, &err);
    if (status != ESC_OK) {
        esc_find_result_done(&result);
        work_fail(call, &err);
        return;
    }
    struct esc_json *body = window_page(call, rows, result.count);
    esc_json_set(body, "groups", groups);
    if (esc_json_flag(esc_json_member(call->args, "facets"), "", false))
        esc_json_set(body, "facets", work_facets(rows, result.count));
    esc_json_set(body, "gaps", gaps_of(bench, query.filter));
    esc_find_result_done(&result);
    work_ok(call, body);
}

/* Chips while somebody types: what the words name so far. Spelling alone, it must be instant. */

static struct esc_json *mention_page(struct esc_str prompt, size_t start, size_t end)
{
    struct esc_json *page = esc_json_object();
    esc_json_set_int(page, "start", (int64_t)start);
    esc_json_set_int(page, "end", (int64_t)end);
    esc_json_set_str(page, "text", esc_str_slice(prompt, start, end));
    return page;
}

/* Whether the prompt's action can be done with it at all: "stop" with a snapshot cannot. */
static bool fits(const struct esc_workbench *bench, struct esc_str prompt,
                 const struct esc_card *card)
{
    return esc_answer_fits(bench->planner, prompt, card->resource_type);
}

static struct esc_json *exact_rows(struct esc_workbench *bench, struct esc_str prompt,
                                   const struct esc_mention *mention, bool fitting)
{
    struct esc_json *rows = esc_json_array();
    for (size_t i = 0; i < mention->card_count && esc_json_len(rows) < MOST_CHIPS; i++) {
        if (!fitting || fits(bench, prompt, &mention->cards[i]))
            esc_json_push(rows, work_row(bench, &mention->cards[i]));
    }
    return rows;
}

/* The count is of all that have the name: one row of several is still a choice. */
static struct esc_json *exact_page(struct esc_workbench *bench, struct esc_str prompt,
                                   const struct esc_mention *mention)
{
    struct esc_json *rows = exact_rows(bench, prompt, mention, true);
    if (esc_json_len(rows) == 0) {
        esc_json_free(rows);
        rows = exact_rows(bench, prompt, mention, false);
    }
    struct esc_json *page = mention_page(prompt, mention->start, mention->end);
    esc_json_set(page, "resources", rows);
    esc_json_set_int(page, "count", (int64_t)mention->card_count);
    return page;
}

static struct esc_json *near_rows(struct esc_workbench *bench, struct esc_str prompt,
                                  const struct esc_near_mention *near, bool fitting)
{
    struct esc_json *rows = esc_json_array();
    for (size_t i = 0; i < near->hit_count && esc_json_len(rows) < MOST_NEAR; i++) {
        if (!fitting || fits(bench, prompt, &near->hits[i].card))
            esc_json_push(rows, work_row(bench, &near->hits[i].card));
    }
    return rows;
}

static struct esc_json *near_page(struct esc_workbench *bench, struct esc_str prompt,
                                  const struct esc_near_mention *near)
{
    struct esc_json *rows = near_rows(bench, prompt, near, true);
    if (esc_json_len(rows) == 0) {
        esc_json_free(rows);
        rows = near_rows(bench, prompt, near, false);
    }
    struct esc_json *page = mention_page(prompt, near->start, near->end);
    esc_json_set(page, "resources", rows);
    return page;
}

void work_resolve(struct esc_api_call *call)
{
    struct esc_workbench *bench = call->bench;
    const struct esc_str prompt = esc_str_of(work_text(call, "prompt"));
    struct esc_mentions mentions;
    const struct esc_mention_options options = {.near_limit = MOST_NEAR_LOOKED_AT};
    esc_find_mentions(bench->index, prompt, &options, &mentions);
    struct esc_json *exact = esc_json_array(), *near = esc_json_array();
    for (size_t i = 0; i < mentions.exact_count; i++)
        esc_json_push(exact, exact_page(bench, prompt, &mentions.exact[i]));
    for (size_t i = 0; i < mentions.near_count; i++)
        esc_json_push(near, near_page(bench, prompt, &mentions.near[i]));
    esc_mentions_done(&mentions);
    struct esc_json *body = esc_json_object();
    esc_json_set(body, "mentions", exact);
    esc_json_set(body, "near", near);
    work_ok(call, body);
}
