/* SPDX-License-Identifier: Apache-2.0 */

/* What an operation answers: lists in pages, details, tags, and what hostile clouds make of it. */

#include <stdio.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/limits.h"
#include "tests/support/fake_aws_private.h"

enum {
    MANY_TAGS = 40 * 1024, /* of 256 bytes each: ten megabytes */
};

void fake_set(struct esc_json *output, const char *path, struct esc_json *value)
{
    struct esc_str rest = esc_str_of(path), piece = {0};
    struct esc_json *at = output;
    while (esc_str_next(&rest, '.', &piece) && rest.ptr && rest.len > 0) {
        ESC_CLEANUP(esc_freep) char *name = esc_str_dup(piece);
        if (!esc_json_member(at, name))
            esc_json_set(at, name, esc_json_object());
        at = esc_json_get_mutable(at, name);
    }
    ESC_CLEANUP(esc_freep) char *last = esc_str_dup(piece);
    esc_json_set(at, last, value);
}

static struct esc_json *parse(const struct esc_buf *text)
{
    static const struct esc_json_limits limits = {ESC_MAX_JSON, ESC_MAX_JSON_DEPTH};
    struct esc_json *wrapped = NULL;
    ESC_CLEANUP(esc_freep) char *list = esc_sprintf("[%s]", esc_buf_text(text));
    const enum esc_status status = esc_json_parse(esc_str_of(list), &limits, &wrapped, NULL);
    ESC_ASSERT(status == ESC_OK); /* a template of our own */
    struct esc_json *made = esc_json_ref(esc_json_at(wrapped, 0));
    esc_json_free(wrapped);
    return made;
}

struct esc_json *fake_make(const struct fake_world *world, const struct fake_thing *thing,
                           const char *template)
{
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_FILE);
    fake_world_expand(world, thing, template, &text);
    struct esc_json *made = parse(&text);
    esc_buf_done(&text);
    return made;
}

/* A list while it is answered. */
struct listing {
    const struct fake_list *row;
    const struct fake_world *world;
    const struct fake_request *request;
    struct fake_thing thing; /* the one that comes next */
    size_t parent, step;     /* children: every so manieth, from the parent's number */
    size_t count;
};

static bool count_all(struct listing *list, struct fake_refusal *refusal)
{
    const struct fake_request *request = list->request;
    const struct fake_world *world = list->world;
    const size_t all = fake_world_count(world, list->thing.kind, request->account, request->region);
    list->step = 1;
    list->count = all;
    if (!list->row->parent)
        return true;
    struct fake_thing parent = list->thing;
    parent.kind = fake_kind_find(list->row->parent_kind);
    if (!fake_world_find(world, &parent, fake_param_text(request, list->row->parent)))
        return fake_refuse(refusal, 404, "ResourceNotFoundException", "There is no such parent.");
    list->step = fake_world_count(world, parent.kind, request->account, request->region);
    list->parent = parent.index;
    list->count = all > parent.index ? (all - parent.index - 1) / list->step + 1 : 0;
    return true;
}

static void add_item(const struct listing *list, size_t number, struct esc_buf *text)
{
    struct fake_thing thing = list->thing;
    thing.index = list->parent + number * list->step;
    fake_world_expand(list->world, &thing, list->row->item, text);
}

/* The items from @p from, up to @p to, in groups where the row wants them. */
static struct esc_json *make_items(const struct listing *list, size_t from, size_t to)
{
    const struct fake_list *row = list->row;
    struct esc_json *items = esc_json_array();
    const size_t group = row->group ? row->group : 1;
    for (size_t at = from; at < to; at += group) {
        struct fake_thing first = list->thing;
        struct esc_buf text;
        esc_buf_init(&text, ESC_MAX_FILE);
        first.index = at;
        if (row->group)
            fake_world_expand(list->world, &first, row->group_open, &text);
        for (size_t i = at; i < to && i < at + group; i++) {
            esc_buf_add_text(&text, i > at ? "," : "");
            add_item(list, i, &text);
        }
        if (row->group)
            fake_world_expand(list->world, &first, row->group_close, &text);
        esc_json_push(items, parse(&text));
        esc_buf_done(&text);
    }
    return items;
}

/* Those that the request names, and nothing else. */
static struct esc_json *make_named(const struct listing *list, struct fake_refusal *refusal)
{
    struct esc_json *items = esc_json_array();
    for (size_t i = 0; i < fake_param_count(list->request, list->row->only); i++) {
        struct listing one = *list;
        const struct esc_str name = fake_param_at(list->request, list->row->only, i);
        if (!fake_world_find(list->world, &one.thing, name)) {
            esc_json_free(items);
            (void)fake_refuse(refusal, 400, "InvalidID.NotFound", "There is no such thing.");
            return NULL;
        }
        one.parent = 0;
        struct esc_json *made = make_items(&one, one.thing.index, one.thing.index + 1);
        esc_json_push(items, esc_json_ref(esc_json_at(made, 0)));
        esc_json_free(made);
    }
    return items;
}

/* Forty thousand tags on the first item, wherever it keeps them. */
static void add_many_tags(struct esc_json *items)
{
    static const char *const places[] = {"[0].Tags", "[0].TagList", "[0].TagSet",
                                         "[0].Instances[0].Tags"};
    char value[200];
    memset(value, 'x', sizeof value);
    value[sizeof value - 1] = '\0';
    for (size_t i = 0; i < ESC_COUNT(places); i++) {
        struct esc_json *tags = esc_json_get_mutable(items, places[i]);
        for (unsigned j = 0; tags && j < MANY_TAGS; j++) {
            char key[32];
            struct esc_json *tag = esc_json_object();
            (void)snprintf(key, sizeof key, "tag-%06u", j);
            esc_json_set_text(tag, "Key", key);
            esc_json_set_text(tag, "Value", value);
            esc_json_push(tags, tag);
        }
    }
}

/* Sets the token, or what else says that there is more. */
static void set_next(struct esc_json *output, const struct fake_request *request, size_t offset,
                     unsigned page)
{
    const struct esc_operation *operation = request->operation;
    char token[FAKE_PAGE_TOKEN_SIZE];
    if (!operation->pager_out)
        return;
    fake_page_token(request, offset, page, token);
    fake_set(output, operation->pager_out[0], esc_json_text(token));
    if (operation->pager_more)
        fake_set(output, operation->pager_more, esc_json_bool(true));
}

static struct esc_json *answer_page(const struct listing *list, size_t size,
                                    enum fake_fault_kind fault)
{
    const struct fake_request *request = list->request;
    struct esc_json *output = esc_json_object();
    const size_t from = request->offset < list->count ? request->offset : list->count;
    size_t to = list->count - from > size ? from + size : list->count;
    if (fault == FAKE_FAULT_EMPTY_PAGE)
        to = from;
    struct esc_json *items = make_items(list, from, to);
    if (fault == FAKE_FAULT_MANY_TAGS)
        add_many_tags(items);
    fake_set(output, list->row->path, items);
    if (request->operation->pager_more)
        fake_set(output, request->operation->pager_more, esc_json_bool(false));
    if (fault == FAKE_FAULT_SAME_TOKEN)
        set_next(output, request, request->offset, request->page);
    else if (fault == FAKE_FAULT_TWICE && to > from)
        set_next(output, request, to - 1, request->page + 1);
    else if (to < list->count)
        set_next(output, request, to, request->page + 1);
    return output;
}

static struct esc_json *answer_list(struct fake_aws *aws, const struct fake_world *world,
                                    const struct fake_request *request, const struct fake_list *row,
                                    enum fake_fault_kind fault, struct fake_refusal *refusal)
{
    struct listing list = {.row = row, .world = world, .request = request};
    size_t size = 0;
    list.thing =
        (struct fake_thing){fake_kind_find(row->kind), request->account, request->region, 0};
    ESC_ASSERT(list.thing.kind); /* a name of our own table */
    if (!fake_page_size(aws, request, &size, refusal) || !count_all(&list, refusal))
        return NULL;
    if (row->only && fake_param_count(request, row->only) > 0) {
        struct esc_json *named = make_named(&list, refusal);
        struct esc_json *output = named ? esc_json_object() : NULL;
        if (named)
            fake_set(output, row->path, named);
        return output;
    }
    return answer_page(&list, size, fault);
}

/* Details */

static bool is_elsewhere(const struct fake_world *world, const struct fake_request *request,
                         const struct fake_thing *thing, struct fake_refusal *refusal)
{
    static char header[128]; /* until the refusal is written, which is before the next request */
    const char *region = fake_world_region(world, thing);
    if (strcmp(request->operation->service, "s3") != 0 ||
        strcmp(request->operation->operation, "GetBucketLocation") == 0 ||
        strcmp(region, request->region) == 0)
        return false;
    (void)fake_refuse(refusal, 301, "PermanentRedirect", "The bucket is in another region.");
    (void)snprintf(header, sizeof header, "x-amz-bucket-region: %s\r\n", region);
    refusal->headers = header;
    return true;
}

/* One thing's part; NULL with or without a refusal when there is none. */
static struct esc_json *make_detail(const struct fake_world *world,
                                    const struct fake_request *request,
                                    const struct fake_detail *row, struct esc_str name,
                                    struct fake_refusal *refusal)
{
    struct fake_thing thing = {fake_kind_find(row->kind), request->account, request->region, 0};
    ESC_ASSERT(thing.kind); /* a name of our own table */
    if (!fake_world_find(world, &thing, name)) {
        (void)fake_refuse(refusal, 404, "ResourceNotFoundException", "There is no such thing.");
        return NULL;
    }
    if (is_elsewhere(world, request, &thing, refusal))
        return NULL;
    if (row->absent_every && thing.index % row->absent_every == 0) {
        (void)fake_refuse(refusal, 404, row->absent_code, "There is none.");
        return NULL;
    }
    return fake_make(world, &thing, row->output);
}

/* Each row of the operation may know some of the names. */
static struct esc_json *answer_details(const struct fake_world *world,
                                       const struct fake_request *request,
                                       struct fake_refusal *refusal)
{
    struct esc_json *output = NULL, *items = NULL;
    for (size_t i = 0; i < fake_detail_count; i++) {
        const struct fake_detail *row = &fake_details[i];
        if (strcmp(row->service, request->operation->service) != 0 ||
            strcmp(row->operation, request->operation->operation) != 0)
            continue;
        if (!row->path)
            return make_detail(world, request, row, fake_param_text(request, row->named_by),
                               refusal);
        if (!output) {
            output = esc_json_object();
            items = esc_json_array();
            fake_set(output, row->path, items);
        }
        for (size_t j = 0; j < fake_param_count(request, row->named_by); j++)
            esc_json_push(items, make_detail(world, request, row,
                                             fake_param_at(request, row->named_by, j), refusal));
        refusal->code = NULL; /* those that are not there are left out */
    }
    return output;
}

/* The tagging service: what is tagged of the kinds that were asked for. */

static bool is_wanted(const struct fake_request *request, const struct fake_kind *kind)
{
    const size_t count = fake_param_count(request, "ResourceTypeFilters");
    for (size_t i = 0; i < count; i++)
        if (esc_str_is(fake_param_at(request, "ResourceTypeFilters", i), kind->tag_filter))
            return true;
    return kind->tag_filter && count == 0;
}

static struct esc_json *answer_tags(struct fake_aws *aws, const struct fake_request *request,
                                    struct fake_refusal *refusal)
{
    static const char mapping[] = "{'ResourceARN':'<arn>','Tags':<tags>}";
    const struct fake_world *world = &aws->world;
    struct esc_json *output = esc_json_object(), *items = esc_json_array();
    size_t size = 0, number = 0;
    if (!fake_page_size(aws, request, &size, refusal))
        size = 100;
    for (size_t i = 0; i < fake_kind_count; i++) {
        struct fake_thing thing = {&fake_kinds[i], request->account, request->region, 0};
        const size_t count = is_wanted(request, thing.kind)
                                 ? fake_world_count(world, thing.kind, thing.account, thing.region)
                                 : 0;
        for (; thing.index < count; thing.index++) {
            if (strcmp(fake_world_region(world, &thing), request->region) != 0)
                continue; /* each region names its own buckets */
            if (number >= request->offset && number - request->offset < size)
                esc_json_push(items, fake_make(world, &thing, mapping));
            number++;
        }
    }
    fake_set(output, "ResourceTagMappingList", items);
    if (number - request->offset > size && number > request->offset)
        set_next(output, request, request->offset + size, request->page + 1);
    else
        esc_json_set_text(output, "PaginationToken", "");
    return output;
}

struct esc_json *fake_answer(struct fake_aws *aws, const struct fake_request *request,
                             enum fake_fault_kind fault, struct fake_refusal *refusal)
{
    struct fake_world world = aws->world;
    if (fault == FAKE_FAULT_PARTITION)
        world.partition = "aws-cn";
    struct esc_json *output = fake_answer_identity(aws, request, refusal);
    if (output || refusal->code)
        return output;
    if (strcmp(request->operation->operation, "GetResources") == 0)
        return answer_tags(aws, request, refusal);
    for (size_t i = 0; i < fake_list_count; i++)
        if (strcmp(fake_lists[i].service, request->operation->service) == 0 &&
            strcmp(fake_lists[i].operation, request->operation->operation) == 0)
            return answer_list(aws, &world, request, &fake_lists[i], fault, refusal);
    output = answer_details(&world, request, refusal);
    if (!output && !refusal->code)
        output = esc_json_object(); /* nothing of that kind in this world */
    return output;
}
