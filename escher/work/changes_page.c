/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/map.h"
#include "escher/catalog/resource_type.h"
#include "escher/store/document.h"
#include "escher/work/chat_private.h"
#include "escher/work/history_private.h"

/*
 * What syncs have found changed, as it is told: the documents come in their order, so what is asked
 * for is gathered and turned round. In `groups`, what one sync has seen for the first time in one
 * region of an account is one entry with a count; nobody reads a hundred thousand.
 */

enum {
    MOST_OF_ONE = 500,   /* changes of a resource that are told */
    MOST_AT_ONCE = 1000, /* of all */
    USUALLY = 100,
};

struct gathering {
    const struct esc_workbench *bench;
    const char *id; /* NULL: of all */
    uint64_t from_ms;
    size_t total;
    struct esc_list found; /* struct esc_json *, the newest last */
    struct esc_map *groups; /* "sync account region" → the entry in `found`; NULL: each by itself */
};

/* An id is "account-region-type-identifier", and no piece of a region is a type. */
static bool read_id(struct esc_str id, struct esc_str *account, struct esc_str *region,
                    struct esc_str *type)
{
    struct esc_str rest = id;
    if (!esc_str_next(&rest, '-', account))
        return false;
    const char *begin = rest.ptr;
    while (esc_str_next(&rest, '-', type)) {
        ESC_CLEANUP(esc_freep) char *name = esc_str_dup(*type);
        if (type->ptr > begin && esc_resource_type_find(name)) {
            *region = (struct esc_str){begin, (size_t)(type->ptr - begin) - 1};
            return true;
        }
    }
    return false;
}

static void add_place(const struct esc_workbench *bench, struct esc_json *page)
{
    struct esc_str account, region, type;
    ESC_CLEANUP(esc_freep) char *id = esc_strdup(esc_json_str(page, "id", ""));
    if (!read_id(esc_str_of(id), &account, &region, &type))
        return;
    ESC_CLEANUP(esc_freep) char *number = esc_str_dup(account);
    const struct esc_account *known = work_account_find(bench, number);
    esc_json_set_text(page, "account_name", known ? known->name : number);
    esc_json_set(page, "region", esc_json_string(region));
    esc_json_set(page, "resource_type", esc_json_string(type));
}

static struct esc_json *make_page(const struct gathering *gathering,
                                  const struct esc_json *document, const struct esc_json *change)
{
    struct esc_json *page = esc_json_copy(change);
    esc_json_set_text(page, "at", esc_json_str(document, "at", ""));
    esc_json_set_text(page, "sync_id", esc_json_str(document, "sync_id", ""));
    esc_json_set_text(page, "kind", esc_json_str(document, "kind", ""));
    add_place(gathering->bench, page);
    return page;
}

/* One more of its group: true; else it is the first. */
static bool joins_group(struct gathering *gathering, struct esc_json *page)
{
    static const char *const of_one[] = {"id", "name", "resource_type", "fields"};
    ESC_CLEANUP(esc_freep)
    char *key =
        esc_sprintf("%s %s %s", esc_json_str(page, "sync_id", ""),
                    esc_json_str(page, "account_name", ""), esc_json_str(page, "region", ""));
    struct esc_json *group = esc_map_get(gathering->groups, esc_str_of(key));
    if (!group) {
        esc_map_set(gathering->groups, esc_str_of(key), page);
        return false;
    }
    for (size_t i = 0; i < ESC_COUNT(of_one); i++)
        esc_json_remove(group, of_one[i]);
    esc_json_set_int(group, "count", esc_json_num(group, "count", 1) + 1);
    return true;
}

static bool gather(void *context, const char *, const struct esc_json *document)
{
    struct gathering *gathering = context;
    const struct esc_json *changes = esc_json_member(document, "changes");
    if ((uint64_t)esc_json_num(document, "at_ms", 0) < gathering->from_ms)
        return true;
    for (size_t i = 0; i < esc_json_len(changes); i++) {
        const struct esc_json *change = esc_json_at(changes, i);
        if (gathering->id && !esc_text_equal(gathering->id, esc_json_str(change, "id", "")))
            continue;
        struct esc_json *page = make_page(gathering, document, change);
        const bool is_first = esc_text_equal(esc_json_str(change, "what", ""), "added");
        gathering->total++;
        if (gathering->groups && is_first && joins_group(gathering, page))
            esc_json_free(page);
        else
            esc_list_push(&gathering->found, page);
    }
    return true;
}

/* The newest of what was gathered, with its age. */
static struct esc_json *newest_first(const struct esc_workbench *bench,
                                     const struct gathering *gathering, size_t most)
{
    struct esc_json *pages = esc_json_array();
    const struct esc_list *found = &gathering->found;
    for (size_t i = found->count; i > 0 && esc_json_len(pages) < most; i--) {
        struct esc_json *page = found->items[i - 1];
        work_add_age(bench, page, esc_json_str(page, "at", ""));
        esc_json_push(pages, esc_json_ref(page));
    }
    return pages;
}

static enum esc_status read(struct esc_workbench *bench, struct gathering *gathering, size_t most,
                            struct esc_json **out, struct esc_error *err)
{
    esc_list_init(&gathering->found, esc_json_free_item);
    const enum esc_status status =
        esc_store_docs(bench->store, HISTORY_COLLECTION, gather, gathering, NULL, err);
    if (status == ESC_OK)
        *out = newest_first(bench, gathering, most);
    return status;
}

enum esc_status work_history_of(struct esc_workbench *bench, const char *id, struct esc_json **out,
                                struct esc_error *err)
{
    struct gathering gathering = {.bench = bench, .id = id};
    const enum esc_status status = read(bench, &gathering, MOST_OF_ONE, out, err);
    esc_list_done(&gathering.found);
    return status;
}

void work_changes(struct esc_api_call *call)
{
    struct esc_workbench *bench = call->bench;
    struct gathering gathering = {.bench = bench};
    struct esc_json *changes = NULL;
    struct esc_error err;
    const char *since = work_text(call, "since");
    const int64_t asked = esc_json_num(call->args, "n", USUALLY);
    const size_t most = asked < 1 ? 1 : asked > MOST_AT_ONCE ? MOST_AT_ONCE : (size_t)asked;
    enum esc_status status = ESC_OK;
    if (esc_json_flag(call->args, "groups", false))
        gathering.groups = esc_map_new(NULL);
    if (since)
        status = chat_read_time(since, esc_clock_wall_ms(bench->clock), &gathering.from_ms, &err);
    if (status == ESC_OK)
        status = read(bench, &gathering, most, &changes, &err);
    esc_map_free(gathering.groups);
    esc_list_done(&gathering.found);
    if (status != ESC_OK) {
        work_fail(call, &err);
        return;
    }
    struct esc_json *body = esc_json_object();
    esc_json_set_int(body, "total", (int64_t)gathering.total);
    esc_json_set(body, "changes", changes);
    work_ok(call, body);
}
