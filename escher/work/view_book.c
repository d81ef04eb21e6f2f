/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/utf8.h"
#include "escher/store/document.h"
#include "escher/work/tally_private.h"
#include "escher/work/view_private.h"

/*
 * Views of the estate: what is asked for often, saved under a name. Each is a document of the
 * collection "views", so that a damaged one takes no other along:
 *
 *     {"text", "filter", "columns": [...], "group", "sort", "saved_at"}
 *
 * A filter is judged when it is saved. What the language knows can still change with a version: a
 * view that does not parse any more is listed with the parser's sentence, and finds nothing rather
 * than something else.
 */
enum {
    MOST_VIEWS = 100,
    MOST_NAME = 60, /* characters */
    MOST_COLUMNS = 30,
};

/* Names. */

/* One that shows: U+00A0 and the wide spaces would be a line without words. */
static bool has_ink(struct esc_str text)
{
    while (text.len) {
        const uint32_t one = esc_utf8_next(&text);
        if (one > ' ' && one != 0xA0 && one != 0x1680 && (one < 0x2000 || one > 0x200A) &&
            one != 0x202F && one != 0x205F && one != 0x2800 && one != 0x3000)
            return true;
    }
    return false;
}

static enum esc_status check_name(const char *name, struct esc_error *err)
{
    const struct esc_str text = esc_str_of(name);
    const size_t count = esc_utf8_count(text);
    if (count == 0 || count > MOST_NAME)
        return esc_fail(err, ESC_INVALID, "a view's name has 1 to %d characters", MOST_NAME);
    if (esc_utf8_has_unsafe(text))
        return esc_fail(err, ESC_INVALID, "a view's name has no control or invisible characters");
    if (!has_ink(text) || esc_str_trim(text).len != text.len)
        return esc_fail(err, ESC_INVALID, "a view's name neither begins nor ends with a space");
    if (esc_text_equal(name, ".") || esc_text_equal(name, ".."))
        return esc_fail(err, ESC_INVALID,
                        "`%s` is no name for a view: in a path it leads elsewhere", name);
    return ESC_OK;
}

static enum esc_status no_such(const char *name, struct esc_error *err)
{
    return esc_fail(err, ESC_NOT_FOUND, "no view is called `%s`; `escher views` lists them", name);
}

enum esc_status work_view_get(const struct esc_workbench *bench, const char *name,
                              struct esc_json **out, struct esc_error *err)
{
    const enum esc_status status = esc_store_doc_get(bench->store, "views", name, out, err);
    return status == ESC_NOT_FOUND ? no_such(name, err) : status;
}

/* Listing. */

enum esc_status work_filter_check(const char *filter, struct esc_error *err)
{
    ESC_CLEANUP(esc_filter_freep) struct esc_filter *parsed = NULL;
    const struct esc_str text = esc_str_of(filter);
    if (esc_str_trim(text).len == 0)
        return ESC_OK;
    const enum esc_status status = esc_filter_parse(text, &parsed, err);
    return status == ESC_OK ? ESC_OK : esc_wrap(err, status, "filter");
}

static bool add_view(void *context, const char *name, const struct esc_json *kept)
{
    struct esc_error err;
    struct esc_json *view = esc_json_copy(kept);
    esc_json_set_text(view, "name", name);
    if (work_filter_check(esc_json_str(kept, "filter", ""), &err) != ESC_OK)
        esc_json_set_text(view, "problem", err.message);
    esc_list_push(context, view);
    return true;
}

/* Without case, so that "EU" stands beside "eu-west-1"; a capital first where that is all. */
static int by_name(const void *first, const void *second)
{
    const struct esc_str a = esc_str_of(esc_json_str(first, "name", "")),
                         b = esc_str_of(esc_json_str(second, "name", ""));
    for (size_t i = 0; i < a.len && i < b.len; i++) {
        const unsigned char left = (unsigned char)esc_to_lower(a.ptr[i]),
                            right = (unsigned char)esc_to_lower(b.ptr[i]);
        if (left != right)
            return left < right ? -1 : 1;
    }
    return a.len != b.len ? (a.len < b.len ? -1 : 1) : esc_str_compare(a, b);
}

/* struct esc_json *, in the order of their names; with those that do not open in *damaged. */
static enum esc_status read_views(const struct esc_workbench *bench, struct esc_list *out,
                                  size_t *damaged, struct esc_error *err)
{
    struct esc_store_tally tally = {0};
    const enum esc_status status =
        esc_store_docs(bench->store, "views", add_view, out, &tally, err);
    esc_list_sort(out, by_name);
    *damaged = tally.corrupt;
    return status;
}

static void free_view(void *view)
{
    esc_json_free(view);
}

void work_views_list(struct esc_api_call *call)
{
    struct esc_list views;
    struct esc_error err;
    size_t damaged = 0;
    esc_list_init(&views, free_view);
    if (read_views(call->bench, &views, &damaged, &err) != ESC_OK) {
        esc_list_done(&views);
        work_fail(call, &err);
        return;
    }
    struct esc_json *page = esc_json_array();
    for (size_t i = 0; i < views.count; i++)
        esc_json_push(page, esc_json_ref(views.items[i]));
    esc_list_done(&views);
    struct esc_json *body = esc_json_object();
    esc_json_set(body, "views", page);
    esc_json_set_int(body, "damaged", (int64_t)damaged);
    work_ok(call, body);
}

/* Saving. */

/* A query over nothing tells a wrong word with the sentence that a query gives. */
static enum esc_status check_order(const char *group, const char *sort, struct esc_error *err)
{
    const struct esc_card *nothing[1] = {NULL};
    ESC_CLEANUP(esc_json_freep) struct esc_json *groups = NULL;
    enum esc_status status = ESC_OK;
    if (group)
        status = work_group(group, nothing, 0, &groups, err);
    if (status == ESC_OK && sort)
        status = work_sort(sort, nothing, 0, err);
    return status;
}

/* The core gives columns no meaning; they are short words. */
static enum esc_status check_columns(const struct esc_json *columns, struct esc_error *err)
{
    if (esc_json_len(columns) > MOST_COLUMNS)
        return esc_fail(err, ESC_INVALID, "a view has at most %d columns", MOST_COLUMNS);
    for (size_t i = 0; i < esc_json_len(columns); i++) {
        const struct esc_str name = esc_str_of(esc_json_str(esc_json_at(columns, i), "", ""));
        if (name.len == 0 || name.len > MOST_NAME || esc_utf8_has_unsafe(name))
            return esc_fail(err, ESC_INVALID, "a column is one word");
    }
    return ESC_OK;
}

/* What a view asks for: words, and a filter. Words that are a filter, as a person types them, are
 * kept as one, so that nothing typed beside the view can end it. */
struct asked {
    const char *text, *filter;
};

static struct asked asked_of(const struct esc_api_call *call)
{
    const char *text = work_text(call, "text"), *filter = work_text(call, "filter");
    if (text && esc_str_of(filter).len == 0 && esc_filter_is_meant(esc_str_of(text)))
        return (struct asked){"", text};
    return (struct asked){text ? text : "", filter ? filter : ""};
}

static enum esc_status check_view(const struct esc_api_call *call, struct esc_error *err)
{
    const struct asked asked = asked_of(call);
    enum esc_status status = check_name(call->subject, err);
    if (status == ESC_OK && esc_str_of(asked.text).len > ESC_MAX_PROMPT)
        status = esc_fail(err, ESC_INVALID, "the words are longer than %d bytes", ESC_MAX_PROMPT);
    if (status == ESC_OK)
        status = work_filter_check(asked.filter, err);
    if (status == ESC_OK)
        status = check_order(work_text(call, "group"), work_text(call, "sort"), err);
    if (status == ESC_OK)
        status = check_columns(esc_json_member(call->args, "columns"), err);
    return status;
}

static struct esc_json *new_view(const struct esc_api_call *call)
{
    static const char *const members[] = {"group", "sort"};
    const struct asked asked = asked_of(call);
    struct esc_json *view = esc_json_object();
    const struct esc_json *columns = esc_json_member(call->args, "columns");
    char saved_at[ESC_TIME_TEXT];
    esc_time_format(esc_clock_wall_ms(call->bench->clock), saved_at);
    for (size_t i = 0; i < ESC_COUNT(members); i++) {
        const char *value = work_text(call, members[i]);
        if (value)
            esc_json_set_text(view, members[i], value);
    }
    esc_json_set_text(view, "text", asked.text);
    esc_json_set_text(view, "filter", asked.filter);
    esc_json_set(view, "columns", columns ? esc_json_copy(columns) : esc_json_array());
    esc_json_set_text(view, "saved_at", saved_at);
    return view;
}

static bool is_called(const struct esc_list *views, const char *name)
{
    for (size_t i = 0; i < views->count; i++) {
        if (esc_text_equal(esc_json_str(views->items[i], "name", ""), name))
            return true;
    }
    return false;
}

/* A new name takes a free place; the one that a view is renamed to must not be another's. */
static enum esc_status check_place(const struct esc_api_call *call, const char *was,
                                   struct esc_error *err)
{
    struct esc_list views;
    size_t damaged = 0;
    esc_list_init(&views, free_view);
    enum esc_status status = read_views(call->bench, &views, &damaged, err);
    const bool is_there = is_called(&views, call->subject);
    if (status == ESC_OK && was && !is_called(&views, was))
        status = no_such(was, err);
    else if (status == ESC_OK && was && is_there)
        status = esc_fail(err, ESC_EXISTS, "a view is called `%s` already", call->subject);
    else if (status == ESC_OK && !was && !is_there && views.count + damaged >= MOST_VIEWS)
        status = esc_fail(err, ESC_LIMIT, "%d views are the most there can be; delete one first",
                          MOST_VIEWS);
    esc_list_done(&views);
    return status;
}

static enum esc_status put_view(const struct esc_api_call *call, const char *was,
                                struct esc_error *err)
{
    struct esc_store *store = call->bench->store;
    ESC_CLEANUP(esc_json_freep) struct esc_json *view = new_view(call);
    enum esc_status status = esc_store_begin(store, err);
    if (status != ESC_OK)
        return status;
    status = esc_store_doc_put(store, "views", call->subject, view, err);
    if (status == ESC_OK && was)
        status = esc_store_doc_del(store, "views", was, err);
    if (status == ESC_OK)
        return esc_store_commit(store, err);
    esc_store_rollback(store);
    return status;
}

void work_views_put(struct esc_api_call *call)
{
    struct esc_error err;
    const char *was = work_text(call, "was");
    if (was && esc_text_equal(was, call->subject))
        was = NULL;
    enum esc_status status = check_view(call, &err);
    if (status == ESC_OK)
        status = check_place(call, was, &err);
    if (status == ESC_OK)
        status = put_view(call, was, &err);
    if (status == ESC_OK)
        work_views_list(call);
    else
        work_fail(call, &err);
}

void work_views_delete(struct esc_api_call *call)
{
    struct esc_error err;
    ESC_CLEANUP(esc_json_freep) struct esc_json *kept = NULL;
    enum esc_status status = work_view_get(call->bench, call->subject, &kept, &err);
    if (status == ESC_OK || status == ESC_CORRUPT)
        status = esc_store_doc_del(call->bench->store, "views", call->subject, &err);
    if (status == ESC_OK)
        work_views_list(call);
    else
        work_fail(call, &err);
}
