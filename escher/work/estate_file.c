/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/store/estate.h"
#include "escher/work/work_private.h"

/*
 * The estate as JSON lines of `escher.resource/1`. An import is all or nothing: one bad line, and
 * nothing is stored.
 */

static void free_resource(void *resource)
{
    esc_resource_free(resource);
}

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

/* Stores one batch with its vectors and shows it to the index. */
static enum esc_status keep_batch(struct esc_workbench *bench, struct esc_resource **batch,
                                  size_t count, struct esc_estate_change *sum,
                                  struct esc_error *err)
{
    ESC_CLEANUP(esc_freep)
    float *room = esc_alloc_array(count * ESC_EMBED_DIMENSIONS, sizeof *room);
    const float *vectors[ESC_BATCH_COUNT];
    for (size_t i = 0; i < count; i++) {
        float *vector = room + i * ESC_EMBED_DIMENSIONS;
        const enum esc_status status = work_embed_resource(bench->encoder, batch[i], vector, err);
        if (status != ESC_OK)
            return status;
        vectors[i] = vector;
    }
    struct esc_estate_change change = {0};
    const enum esc_status status = esc_store_estate_put(
        bench->store, (const struct esc_resource *const *)batch, vectors, count, &change, err);
    if (status != ESC_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        esc_index_put(bench->index, batch[i], vectors[i]);
    sum->added += change.added;
    sum->changed += change.changed;
    sum->unchanged += change.unchanged;
    return ESC_OK;
}

static enum esc_status keep_all(struct esc_workbench *bench, const struct esc_list *resources,
                                struct esc_estate_change *sum, struct esc_error *err)
{
    enum esc_status status = ESC_OK;
    for (size_t at = 0; status == ESC_OK && at < resources->count; at += ESC_BATCH_COUNT) {
        const size_t rest = resources->count - at;
        const size_t count = rest < ESC_BATCH_COUNT ? rest : ESC_BATCH_COUNT;
        struct esc_resource *batch[ESC_BATCH_COUNT];
        for (size_t i = 0; i < count; i++)
            batch[i] = resources->items[at + i];
        status = keep_batch(bench, batch, count, sum, err);
    }
    return status;
}

void work_estate_import(struct esc_api_call *call)
{
    struct esc_error err;
    struct esc_list resources;
    struct esc_estate_change change = {0};
    esc_list_init(&resources, free_resource);
    const struct esc_str lines = esc_json_value(esc_json_member(call->args, "lines"));
    enum esc_status status = parse_lines(lines, &resources, &err);
    if (status == ESC_OK)
        status = keep_all(call->bench, &resources, &change, &err);
    const size_t count = resources.count;
    esc_list_done(&resources);
    if (status != ESC_OK) {
        work_fail(call, &err);
        return;
    }
    struct esc_json *body = esc_json_object();
    esc_json_set_int(body, "imported", (int64_t)count);
    esc_json_set_int(body, "added", (int64_t)change.added);
    esc_json_set_int(body, "changed", (int64_t)change.changed);
    work_ok(call, body);
}

void work_estate_export(struct esc_api_call *call)
{
    const struct esc_index *index = call->bench->index;
    struct esc_json *resources = esc_json_array();
    for (size_t i = 0; i < esc_index_count(index); i++)
        esc_json_push(resources, esc_resource_to_json(esc_index_at(index, i)));
    struct esc_json *body = esc_json_object();
    esc_json_set(body, "resources", resources);
    work_ok(call, body);
}
