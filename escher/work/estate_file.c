/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/work/keep_private.h"

/*
 * The estate as JSON lines of `escher.resource/1`. All lines are read before the first is stored:
 * one bad line, and nothing is.
 */

static enum esc_status parse_line(struct esc_str line, size_t number, struct esc_list *resources,
                                  struct esc_error *err)
{
    static const struct esc_json_limits limits = {ESC_MAX_RESOURCE, ESC_MAX_JSON_DEPTH};
    struct esc_resource *resource = NULL;
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    enum esc_status status = esc_json_parse(line, &limits, &json, err);
    if (status == ESC_OK)
        status = esc_resource_from_json(json, &resource, err);
    if (status != ESC_OK)
        return esc_wrap(err, status, "line %zu", number);
    esc_list_push(resources, resource);
    return ESC_OK;
}

static enum esc_status parse_lines(struct esc_str text, struct esc_list *resources,
                                   struct esc_error *err)
{
    struct esc_str line;
    enum esc_status status = ESC_OK;
    for (size_t number = 1; status == ESC_OK && esc_str_next(&text, '\n', &line); number++) {
        if (esc_str_trim(line).len)
            status = parse_line(line, number, resources, err);
    }
    return status;
}

static void cancel_import(struct esc_api_call *call)
{
    work_keeper_cancel(call->state);
}

static void imported(void *context, enum esc_status status, const struct esc_estate_change *sum,
                     const struct esc_error *err)
{
    struct esc_api_call *call = context;
    if (status != ESC_OK) {
        work_fail(call, err);
        return;
    }
    struct esc_json *body = esc_json_object();
    esc_json_set_int(body, "imported", (int64_t)(sum->added + sum->changed + sum->unchanged));
    esc_json_set_int(body, "added", (int64_t)sum->added);
    esc_json_set_int(body, "changed", (int64_t)sum->changed);
    work_ok(call, body);
}

void work_estate_import(struct esc_api_call *call)
{
    struct esc_error err;
    struct esc_list resources;
    esc_list_init(&resources, esc_resource_free_item);
    const struct esc_str lines = esc_json_value(esc_json_member(call->args, "lines"));
    if (parse_lines(lines, &resources, &err) != ESC_OK) {
        esc_list_done(&resources);
        work_fail(call, &err);
        return;
    }
    const struct work_keeper_options options = {.done = imported, .context = call};
    struct work_keeper *keeper = work_keeper_new(call->bench, &options);
    call->state = keeper;
    call->cancel = cancel_import;
    for (size_t i = 0; i < resources.count; i++)
        work_keeper_add(keeper, resources.items[i]);
    resources.count = 0; /* they belong to the keeper now */
    esc_list_done(&resources);
    work_keeper_close(keeper);
}

static void export_one(struct esc_workbench *bench, size_t position, struct esc_json *resources,
                       struct esc_store_tally *tally)
{
    struct esc_arena arena;
    struct esc_error err;
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = NULL;
    esc_arena_init(&arena);
    const char *id = esc_index_at(bench->index, position, &arena).id;
    if (work_resource(bench, id, &resource, &err) == ESC_OK)
        esc_json_push(resources, esc_resource_to_json(resource));
    else if (tally->corrupt++ == 0)
        tally->first = err;
    esc_arena_done(&arena);
}

void work_estate_export(struct esc_api_call *call)
{
    const struct esc_index *index = call->bench->index;
    struct esc_json *resources = esc_json_array();
    struct esc_store_tally tally = {0};
    for (size_t i = 0; i < esc_index_count(index); i++)
        export_one(call->bench, i, resources, &tally);
    if (tally.corrupt)
        work_note_unreadable(call->bench, &tally);
    struct esc_json *body = esc_json_object();
    esc_json_set(body, "resources", resources);
    if (call->bench->unreadable) {
        ESC_CLEANUP(esc_freep)
        char *message =
            esc_sprintf("rows that could not be read are missing: %s", call->bench->unreadable);
        esc_json_set_text(body, "message", message);
    }
    work_done(call, call->bench->unreadable ? ESC_PARTIAL : ESC_OK, body);
}
