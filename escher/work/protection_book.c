/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/protection_private.h"

#include "escher/base/alloc.h"
#include "escher/base/map.h"
#include "escher/scan/carry_over.h"
#include "escher/store/document.h"
#include "escher/work/sync_private.h"

enum {
    SAME_LOOK_MS = 15 * 60'000, /* a sync asks within that of listing */
    NEVER_MS = 1,               /* after what has changed, before all that was asked */
};

/* An account's region: by identifier, when an answer came ("told"), when it was asked for where not
 * all could be ("asked"), and when an event said that it may be another one ("doubted": until it is
 * told). */
struct page {
    struct esc_json *times;
    bool is_changed;
};

static const char *const kinds[] = {"told", "asked", "doubted"};

struct work_protection {
    struct esc_workbench *bench;
    struct esc_map *pages; /* by the name of the place */
};

static void page_free(void *item)
{
    struct page *page = item;
    esc_json_free(page->times);
    free(page);
}

struct work_protection *work_protection_new(struct esc_workbench *bench)
{
    struct work_protection *book = esc_alloc_zero(sizeof *book);
    *book = (struct work_protection){bench, esc_map_new(page_free)};
    return book;
}

void work_protection_free(struct work_protection *book)
{
    if (book)
        esc_map_free(book->pages);
    free(book);
}

/* Owned. One that does not open is as if nobody had been asked. */
static struct esc_json *load(const struct esc_workbench *bench, const char *place)
{
    struct esc_json *times = NULL;
    return esc_store_doc_get(bench->store, WORK_PROTECTION, place, &times, NULL) == ESC_OK
               ? times
               : esc_json_object();
}

static struct page *page_at(struct work_protection *book, const char *place)
{
    struct page *page = esc_map_get(book->pages, esc_str_of(place));
    if (page)
        return page;
    page = esc_alloc_zero(sizeof *page);
    page->times = load(book->bench, place);
    esc_map_set(book->pages, esc_str_of(place), page);
    return page;
}

static struct page *page_of(struct work_protection *book, const char *account_id,
                            const char *region)
{
    ESC_CLEANUP(esc_freep) char *place = sync_place_name(account_id, region, false);
    return page_at(book, place);
}

static uint64_t time_of(const struct esc_json *times, const char *kind, const char *identifier)
{
    uint64_t at_ms = 0;
    const struct esc_json *all = esc_json_member(times, kind);
    const struct esc_str at = esc_json_value(esc_json_member(all, identifier));
    return at.len && esc_time_parse(at, &at_ms) ? at_ms : 0;
}

static void set_time(const struct work_protection *book, struct page *page, const char *kind,
                     const char *identifier)
{
    char at[ESC_TIME_TEXT];
    if (!esc_json_member(page->times, kind))
        esc_json_set(page->times, kind, esc_json_object());
    esc_time_format(esc_clock_wall_ms(book->bench->clock), at);
    esc_json_set_text(esc_json_get_mutable(page->times, kind), identifier, at);
    page->is_changed = true;
}

static void forget_time(struct page *page, const char *kind, const char *identifier)
{
    struct esc_json *times = esc_json_get_mutable(page->times, kind);
    if (times)
        esc_json_remove(times, identifier);
}

/* A time to come is of a clock that was wrong: else it would be the others' turn until then. */
static uint64_t past_time_of(const struct work_protection *book, const struct page *page,
                             const char *kind, const char *identifier)
{
    const uint64_t at_ms = time_of(page->times, kind, identifier);
    return at_ms <= esc_clock_wall_ms(book->bench->clock) ? at_ms : 0;
}

uint64_t work_protection_asked_ms(struct work_protection *book, const char *account_id,
                                  const char *region, const char *identifier)
{
    const struct page *page = page_of(book, account_id, region);
    const uint64_t told_ms = past_time_of(book, page, "told", identifier);
    const uint64_t asked_ms = past_time_of(book, page, "asked", identifier);
    if (!asked_ms && time_of(page->times, "doubted", identifier))
        return 0;
    const uint64_t last_ms = told_ms > asked_ms ? told_ms : asked_ms;
    return last_ms ? last_ms : NEVER_MS;
}

void work_protection_asks(struct work_protection *book, const char *account_id, const char *region,
                          const char *identifier)
{
    set_time(book, page_of(book, account_id, region), "asked", identifier);
}

void work_protection_note(struct work_protection *book, const struct esc_resource *resource)
{
    if (!esc_text_equal(resource->resource_type, "ec2_instance") || !esc_carry_was_asked(resource))
        return;
    struct page *page = page_of(book, resource->account_id, resource->region);
    set_time(book, page, "told", resource->identifier);
    forget_time(page, "doubted", resource->identifier);
}

/* "ACCOUNT REGION" and the identifier are the id of an instance. */
static bool is_there(const struct esc_workbench *bench, const char *place, const char *identifier)
{
    struct esc_str region = esc_str_of(place), account;
    if (!esc_str_next(&region, ' ', &account))
        return false;
    ESC_CLEANUP(esc_freep) char *account_id = esc_str_dup(account);
    ESC_CLEANUP(esc_freep)
    char *id = esc_resource_key(account_id, region.ptr, "ec2_instance", identifier);
    return esc_index_get(bench->index, id, NULL);
}

void work_protection_doubt(struct work_protection *book, const char *place, const char *identifier)
{
    if (!is_there(book->bench, place, identifier))
        return;
    struct page *page = page_at(book, place);
    set_time(book, page, "doubted", identifier);
    forget_time(page, "asked", identifier);
}

bool work_protection_is_doubted(struct work_protection *book, const struct esc_resource *resource)
{
    if (!esc_text_equal(resource->resource_type, "ec2_instance"))
        return false;
    const struct page *page = page_of(book, resource->account_id, resource->region);
    return time_of(page->times, "doubted", resource->identifier) != 0;
}

bool work_protection_has_doubts(struct work_protection *book, const char *account_id,
                                const char *region)
{
    return esc_json_len(esc_json_member(page_of(book, account_id, region)->times, "doubted")) > 0;
}

/* Owned by the caller. */
static struct esc_json *times_left(const struct esc_workbench *bench, const char *place,
                                   const struct esc_json *times)
{
    struct esc_json *left = esc_json_object();
    void *position = NULL;
    const char *identifier;
    const struct esc_json *at;
    while (esc_json_next(times, &position, &identifier, &at))
        if (is_there(bench, place, identifier))
            esc_json_set(left, identifier, esc_json_copy(at));
    return left;
}

enum esc_status work_protection_keep(struct work_protection *book, const char *place,
                                     struct esc_error *err)
{
    struct page *page = esc_map_get(book->pages, esc_str_of(place));
    if (!page || !page->is_changed)
        return ESC_OK;
    for (size_t i = 0; i < ESC_COUNT(kinds); i++) {
        const struct esc_json *times = esc_json_member(page->times, kinds[i]);
        if (times)
            esc_json_set(page->times, kinds[i], times_left(book->bench, place, times));
    }
    const enum esc_status status =
        esc_store_doc_put(book->bench->store, WORK_PROTECTION, place, page->times, err);
    page->is_changed = status != ESC_OK;
    return status;
}

/* Owned by the caller; NULL: it is as old as the rest. What an earlier version was told has no
 * time. */
static char *age_of(const struct esc_workbench *bench, const struct esc_resource *resource)
{
    char age[ESC_TIME_TEXT];
    ESC_CLEANUP(esc_freep)
    char *place = sync_place_name(resource->account_id, resource->region, false);
    ESC_CLEANUP(esc_json_freep) struct esc_json *times = load(bench, place);
    const uint64_t at_ms = time_of(times, "told", resource->identifier);
    const bool doubted = time_of(times, "doubted", resource->identifier) != 0;
    const char *since = doubted ? ", and maybe changed since" : "";
    if (at_ms == 0)
        return esc_sprintf("asked before that was noted%s", since);
    if (!doubted && at_ms + SAME_LOOK_MS > resource->last_synced_ms)
        return NULL;
    esc_time_age(at_ms, esc_clock_wall_ms(bench->clock), age);
    return esc_sprintf("asked %s%s", age, since);
}

void work_protection_say_age(const struct esc_workbench *bench, struct esc_resource *resource)
{
    if (!esc_text_equal(resource->resource_type, "ec2_instance") || !esc_carry_was_asked(resource))
        return;
    ESC_CLEANUP(esc_freep) char *age = age_of(bench, resource);
    for (size_t i = 0; age && i < resource->constraints.reason_count; i++) {
        struct esc_constraint_reason *reason = &resource->constraints.reasons[i];
        if (!esc_text_equal(reason->field, ESC_SCAN_PROTECTION_FIELD))
            continue;
        char *because = esc_sprintf("%s (%s)", reason->because, age);
        free(reason->because);
        reason->because = because;
    }
}
