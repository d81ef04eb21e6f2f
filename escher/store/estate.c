/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/estate.h"

#include <stdio.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/store/cells_private.h"
#include "escher/store/estate_private.h"

/*
 * Parts of a row: id | hashes ("content\nembedded") | JSON | vector or nothing.
 * The hashes stand apart so that an unchanged resource is recognised without reading its JSON.
 */

enum {
    PART_HASHES = 1,
    PART_JSON,
    PART_VECTOR,
    PART_COUNT,
    VECTOR_SIZE = ESC_STORE_DIMENSIONS * sizeof(float),
};
static_assert((int)PART_COUNT == (int)ROW_PARTS);

static struct place place_of(const char *id, const char *cell)
{
    return (struct place){
        .collection = ESTATE, .id = esc_str_of(id), .parent = {cell, cell ? strlen(cell) : 0}};
}

static struct esc_str embedded_part(struct esc_str hashes)
{
    struct esc_str content;
    if (!hashes.ptr || !esc_str_next(&hashes, '\n', &content))
        return ESC_STR("");
    return hashes;
}

static bool has_vector(const struct row *row)
{
    return row->part_count == PART_COUNT && row->parts[PART_VECTOR].len == VECTOR_SIZE;
}

/* What stands in the row already decides what has to be written. Without an embedded hash the
 * caller has not looked at vectors: then the content alone decides. */
struct decision {
    bool is_there, is_changed;
    bool vector_stays;     /* the row has it already, or goes on having none */
    struct esc_str vector; /* to be stored; empty for none */
};

static struct decision decide(const struct row *before, bool is_there,
                              const struct esc_resource *resource, const float *vector)
{
    struct decision decision = {.is_there = is_there, .is_changed = true};
    bool same_content = false, same_text = false;
    if (is_there) {
        const struct esc_str embedded = embedded_part(before->parts[PART_HASHES]);
        same_content =
            resource->content_hash &&
            esc_str_starts_with(before->parts[PART_HASHES], esc_str_of(resource->content_hash));
        same_text =
            resource->embedded_hash && esc_str_equal(embedded, esc_str_of(resource->embedded_hash));
    }
    bool keeps_vector = same_text && has_vector(before);
    decision.vector_stays = is_there && (vector ? false : keeps_vector || !has_vector(before));
    decision.is_changed =
        !same_content || (resource->embedded_hash && !same_text) || (vector && !keeps_vector);
    if (vector && has_vector(before) && is_there)
        decision.vector_stays = memcmp(vector, before->parts[PART_VECTOR].ptr, VECTOR_SIZE) == 0;
    if (vector)
        decision.vector = (struct esc_str){(const char *)vector, VECTOR_SIZE};
    else if (keeps_vector)
        decision.vector = before->parts[PART_VECTOR];
    return decision;
}

static enum esc_status write_resource(struct esc_store *store, const struct place *place,
                                      const struct esc_resource *resource, struct esc_str hashes,
                                      struct esc_str vector, struct esc_error *err)
{
    struct esc_buf text;
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_resource_to_json(resource);
    esc_buf_init(&text, ESC_MAX_RESOURCE);
    esc_json_write(json, ESC_JSON_COMPACT, &text);
    enum esc_status status = esc_buf_status(&text, "a resource", err);
    const struct esc_str parts[] = {hashes, esc_buf_str(&text), vector};
    if (status == ESC_OK)
        status = row_put(store, place, parts, ESC_COUNT(parts), err);
    plain_done(&text);
    return status;
}

/* What reading would refuse is not written. */
static enum esc_status check_whole(const struct esc_resource *resource, struct esc_error *err)
{
    const struct {
        const char *name, *value;
    } members[] = {
        {"id", resource->id},
        {"provider", resource->provider},
        {"resource_type", resource->resource_type},
        {"identifier", resource->identifier},
        {"arn", resource->arn},
        {"name", resource->name},
        {"account_id", resource->account_id},
        {"account_name", resource->account_name},
        {"region", resource->region},
    };
    for (size_t i = 0; i < ESC_COUNT(members); i++)
        if (!members[i].value)
            return esc_fail(err, ESC_INVALID, "a resource needs `%s`", members[i].name);
    return ESC_OK;
}

static enum esc_status put_one(struct esc_store *store, const struct esc_resource *resource,
                               const float *vector, struct row *before,
                               struct esc_estate_change *change, struct esc_error *err)
{
    ESC_CLEANUP(esc_freep)
    char *cell = cell_name(resource->account_id, resource->region, resource->resource_type);
    ESC_CLEANUP(esc_freep)
    char *hashes = esc_sprintf("%s\n%s", resource->content_hash ? resource->content_hash : "",
                               resource->embedded_hash ? resource->embedded_hash : "");
    struct place place = place_of(resource->id, cell);
    enum esc_status status = check_whole(resource, err);
    if (status == ESC_OK)
        status = row_get(store, &place, before, err);
    if (status != ESC_OK && status != ESC_NOT_FOUND && status != ESC_CORRUPT)
        return status;
    /* A damaged row is written anew: the cloud knows better. */
    bool is_there = status == ESC_OK && before->part_count == PART_COUNT;
    const struct decision decision = decide(before, is_there, resource, vector);
    status = ESC_OK;
    place.vector_stays = decision.vector_stays;
    if (decision.is_changed)
        status = write_resource(store, &place, resource, esc_str_of(hashes), decision.vector, err);
    if (status != ESC_OK)
        return status;
    if (resource->seen_in) {
        const struct blind id = keys_blind(store->keys, "id", ESTATE, place.id);
        cell_saw(store, cell, resource->seen_in, &id);
    }
    change->added += !is_there;
    change->changed += is_there && decision.is_changed;
    change->unchanged += !decision.is_changed;
    return ESC_OK;
}

enum esc_status esc_store_estate_put(struct esc_store *store,
                                     const struct esc_resource *const *resources,
                                     const float *const *vectors, size_t count,
                                     struct esc_estate_change *change, struct esc_error *err)
{
    struct write write;
    struct esc_estate_change counts = {0};
    struct row before;
    enum esc_status status = write_begin(store, &write, err);
    if (status != ESC_OK)
        return status;
    row_init(&before);
    for (size_t i = 0; i < count && status == ESC_OK; i++) {
        status = put_one(store, resources[i], vectors ? vectors[i] : NULL, &before, &counts, err);
        if (status != ESC_OK)
            status = esc_wrap(err, status, "store %s", resources[i]->id);
    }
    row_done(&before);
    status = write_end(&write, status, err);
    if (status == ESC_OK && change)
        *change = counts;
    return status;
}

/* Reading */

enum esc_status estate_read(const struct row *row, struct esc_resource **out, struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    if (row->part_count != PART_COUNT)
        return esc_fail(err, ESC_CORRUPT, "row of `%.*s` has other parts than ours",
                        ESC_STR_ARG(row->parts[0]));
    enum esc_status status = esc_json_parse(row->parts[PART_JSON], NULL, &json, err);
    if (status == ESC_OK)
        status = esc_resource_from_json(json, out, err);
    return status == ESC_OK
               ? ESC_OK
               : esc_wrap(err, ESC_CORRUPT, "row of `%.*s`", ESC_STR_ARG(row->parts[0]));
}

bool estate_read_vector(const struct row *row, float *out)
{
    if (!has_vector(row))
        return false;
    memcpy(out, row->parts[PART_VECTOR].ptr, VECTOR_SIZE);
    return true;
}

enum esc_status esc_store_estate_get(struct esc_store *store, const char *id,
                                     struct esc_resource **out, float *vector,
                                     bool *vector_is_there, struct esc_error *err)
{
    struct row row;
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = NULL;
    const struct place place = place_of(id, NULL);
    row_init(&row);
    enum esc_status status = row_get(store, &place, &row, err);
    if (status == ESC_OK)
        status = estate_read(&row, &resource, err);
    if (status == ESC_OK)
        status = cell_fill_in(store, &row.id, resource, err);
    if (status == ESC_OK) {
        if (vector)
            (void)estate_read_vector(&row, vector); /* has_vector tells */
        if (vector_is_there)
            *vector_is_there = has_vector(&row);
        *out = ESC_STEAL(resource);
    }
    row_done(&row);
    return status;
}

static void copy_hash(struct esc_str hash, char out[ESC_STORE_HASH])
{
    (void)snprintf(out, ESC_STORE_HASH, "%.*s", ESC_STR_ARG(hash)); /* a longer one is no hash */
}

static enum esc_status read_mark(const struct row *row, struct esc_estate_mark *out,
                                 struct esc_error *err)
{
    if (row->part_count != PART_COUNT)
        return esc_fail(err, ESC_CORRUPT, "row of `%.*s` has other parts than ours",
                        ESC_STR_ARG(row->parts[0]));
    struct esc_str rest = row->parts[PART_HASHES], content = {0};
    (void)esc_str_next(&rest, '\n', &content); /* without one both are empty */
    copy_hash(content, out->content_hash);
    copy_hash(rest, out->embedded_hash);
    out->has_vector = has_vector(row);
    return ESC_OK;
}

enum esc_status esc_store_estate_mark(struct esc_store *store, const char *id,
                                      struct esc_estate_mark *out, float *vector,
                                      struct esc_error *err)
{
    struct row row;
    const struct place place = place_of(id, NULL);
    row_init(&row);
    enum esc_status status = row_get(store, &place, &row, err);
    if (status == ESC_OK)
        status = read_mark(&row, out, err);
    if (status == ESC_OK && vector)
        (void)estate_read_vector(&row, vector); /* has_vector tells */
    row_done(&row);
    return status;
}

struct marking {
    esc_estate_mark_fn *fn;
    void *context;
};

static enum esc_status mark_row(void *context, const struct row *row, bool *stop,
                                struct esc_error *err)
{
    const struct marking *marking = context;
    struct esc_estate_mark mark;
    const enum esc_status status = read_mark(row, &mark, err);
    if (status != ESC_OK)
        return status;
    ESC_CLEANUP(esc_freep) char *id = esc_str_dup(row->parts[0]);
    *stop = !marking->fn(marking->context, id, &mark);
    return ESC_OK;
}

enum esc_status esc_store_cell_marks(struct esc_store *store, const struct esc_estate_cell *cell,
                                     esc_estate_mark_fn *fn, void *context, struct esc_error *err)
{
    ESC_CLEANUP(esc_freep)
    char *name = cell_name(cell->account_id, cell->region, cell->resource_type);
    struct marking marking = {fn, context};
    struct esc_store_tally tally;
    const struct walk walk = {.collection = ESTATE, .parent = esc_str_of(name)};
    const enum esc_status status = rows_walk(store, &walk, mark_row, &marking, &tally, err);
    if (status != ESC_OK || !tally.corrupt)
        return status;
    return esc_fail(err, ESC_CORRUPT, "%s", tally.first.message);
}

struct each {
    esc_estate_each_fn *fn;
    void *context;
    struct cell_records *records;
};

static enum esc_status each_row(void *context, const struct row *row, bool *stop,
                                struct esc_error *err)
{
    const struct each *each = context;
    float vector[ESC_STORE_DIMENSIONS]; /* copied, because the row's bytes are not aligned */
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = NULL;
    enum esc_status status = estate_read(row, &resource, err);
    if (status != ESC_OK)
        return status;
    cell_records_fill_in(each->records, &row->id, resource);
    const bool is_there = estate_read_vector(row, vector);
    *stop = !each->fn(each->context, resource, is_there ? vector : NULL);
    return ESC_OK;
}

enum esc_status esc_store_estate_each(struct esc_store *store, esc_estate_each_fn *fn,
                                      void *context, struct esc_store_tally *tally,
                                      struct esc_error *err)
{
    struct each each = {fn, context, NULL};
    const struct walk walk = {.collection = ESTATE};
    enum esc_status status = cell_records_load(store, &each.records, err);
    if (status == ESC_OK)
        status = rows_walk(store, &walk, each_row, &each, tally, err);
    cell_records_free(each.records);
    return status;
}

enum esc_status esc_store_estate_count(struct esc_store *store, size_t *out, struct esc_error *err)
{
    return rows_count(store, ESTATE, out, err);
}

enum esc_status esc_store_estate_remove(struct esc_store *store, const char *id,
                                        struct esc_error *err)
{
    struct write write;
    const struct place place = place_of(id, NULL);
    enum esc_status status = write_begin(store, &write, err);
    if (status != ESC_OK)
        return status;
    return write_end(&write, row_delete(store, &place, err), err);
}
