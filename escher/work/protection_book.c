/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/protection_private.h"

#include "escher/base/alloc.h"
#include "escher/base/map.h"
#include "escher/scan/carry_over.h"
#include "escher/store/document.h"
#include "escher/work/sync_private.h"

#define COLLECTION "protection"

enum {
    SAME_LOOK_MS = 15 * 60'000 /* a sync asks within that of listing */
};

/* An account's region: by identifier, when an answer came ("told"), and when it was asked for where
 * not all could be ("asked"). */
struct page {
    struct esc_json *times;
    bool is_changed;
};

static const char *const kinds[] = {"told", "asked"};

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
static struct esc_json *load(struct esc_workbench *bench, const char *place)
{
    struct esc_json *times = NULL;
    return esc_store_doc_get(bench->store, COLLECTION, place, &times, NULL) == ESC_OK
               ? times
               : esc_json_object();
}

static struct page *page_of(struct work_protection *book, const char *account_id,
                            const char *region)
{
    ESC_CLEANUP(esc_freep) char *place = sync_place_name(account_id, region, false);
    struct page *page = esc_map_get(book->pages, esc_str_of(place));
    if (page)
        return page;
    page = esc_alloc_zero(sizeof *page);
    page->times = load(book->bench, place);
    esc_map_set(book->pages, esc_str_of(place), page);
    return page;
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

uint64_t work_protection_asked_ms(struct work_protection *book, const char *account_id,
                                  const char *region, const char *identifier)
{
    const struct page *page = page_of(book, account_id, region);
    const uint64_t told_ms = time_of(page->times, "told", identifier);
    const uint64_t asked_ms = time_of(page->times, "asked", identifier);
    return told_ms > asked_ms ? told_ms : asked_ms;
}

void work_protection_asks(struct work_protection *book, const char *account_id, const char *region,
                          const char *identifier)
{
    set_time(book, page_of(book, account_id, region), "asked", identifier);
}

void work_protection_note(struct work_protection *book, const struct esc_resource *resource)
{
    if (esc_text_equal(resource->resource_type, "ec2_instance") && esc_carry_was_asked(resource))
        set_time(book, page_of(book, resource->account_id, resource->region), "told",
                 resource->identifier);
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
    return esc_store_doc_put(book->bench->store, COLLECTION, place, page->times, err);
}

void work_protection_say_age(struct esc_workbench *bench, struct esc_resource *resource)
{
    char age[ESC_TIME_TEXT];
    if (!esc_text_equal(resource->resource_type, "ec2_instance") || !esc_carry_was_asked(resource))
        return;
    ESC_CLEANUP(esc_freep)
    char *place = sync_place_name(resource->account_id, resource->region, false);
    ESC_CLEANUP(esc_json_freep) struct esc_json *times = load(bench, place);
    const uint64_t at_ms = time_of(times, "told", resource->identifier);
    if (at_ms == 0 || at_ms + SAME_LOOK_MS > resource->last_synced_ms)
        return;
    esc_time_age(at_ms, esc_clock_wall_ms(bench->clock), age);
    for (size_t i = 0; i < resource->constraints.reason_count; i++) {
        struct esc_constraint_reason *reason = &resource->constraints.reasons[i];
        if (!esc_text_equal(reason->field, ESC_SCAN_PROTECTION_FIELD))
            continue;
        char *because = esc_sprintf("%s (asked %s)", reason->because, age);
        free(reason->because);
        reason->because = because;
    }
}
