/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/pack_private.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/json.h"
#include "escher/base/varint.h"

/* Numbers are varints, signed ones with their sign last; a text is its length + 1 and its bytes, 0
 * for none; a value of JSON is its type and what belongs to it. */

static void put_str(struct esc_buf *out, struct esc_str text)
{
    esc_varint_add(out, text.len + 1);
    esc_buf_add(out, text);
}

static void put_text(struct esc_buf *out, const char *text)
{
    if (text)
        put_str(out, esc_str_of(text));
    else
        esc_varint_add(out, 0);
}

static void put_json(struct esc_buf *out, const struct esc_json *json);

static void put_members(struct esc_buf *out, const struct esc_json *object)
{
    void *position = NULL;
    const char *key;
    const struct esc_json *value;
    esc_varint_add(out, esc_json_len(object));
    while (esc_json_next(object, &position, &key, &value)) {
        put_text(out, key);
        put_json(out, value);
    }
}

static void put_elements(struct esc_buf *out, const struct esc_json *array)
{
    esc_varint_add(out, esc_json_len(array));
    for (size_t i = 0; i < esc_json_len(array); i++)
        put_json(out, esc_json_at(array, i));
}

static void put_int(struct esc_buf *out, int64_t value)
{
    esc_varint_add(out, (uint64_t)value << 1 ^ (uint64_t)(value < 0 ? -1 : 0));
}

static void put_json(struct esc_buf *out, const struct esc_json *json)
{
    const enum esc_json_type type = esc_json_type(json);
    const double real = esc_json_dbl(json, "", 0);
    esc_varint_add(out, type);
    switch (type) {
    case ESC_JSON_NULL:
        break;
    case ESC_JSON_BOOL:
        esc_varint_add(out, esc_json_flag(json, "", false));
        break;
    case ESC_JSON_INT:
        put_int(out, esc_json_num(json, "", 0));
        break;
    case ESC_JSON_REAL:
        esc_buf_append(out, &real, sizeof real);
        break;
    case ESC_JSON_STRING:
        put_str(out, esc_json_value(json));
        break;
    case ESC_JSON_ARRAY:
        put_elements(out, json);
        break;
    case ESC_JSON_OBJECT:
        put_members(out, json);
        break;
    }
}

/* Every text of a resource, in the order in which they are packed. */
static char **text_at(struct esc_resource *resource, size_t index)
{
    char **const texts[] = {
        &resource->provider,     &resource->resource_type, &resource->account_id,
        &resource->account_name, &resource->region,        &resource->seen_in,
        &resource->state,        &resource->identifier,    &resource->id,
        &resource->arn,          &resource->name,          &resource->content_hash,
        &resource->embedded_hash};
    return index < sizeof texts / sizeof *texts ? texts[index] : NULL;
}

static enum esc_tristate *answer_at(struct esc_constraints *constraints, size_t index)
{
    enum esc_tristate *const answers[] = {
        &constraints->can_stop,    &constraints->can_start,        &constraints->can_delete,
        &constraints->has_backups, &constraints->has_dependencies, &constraints->is_protected};
    static_assert(sizeof answers / sizeof *answers == ESC_CONSTRAINT_COUNT, "every one is packed");
    return index < ESC_CONSTRAINT_COUNT ? answers[index] : NULL;
}

void scan_pack(const struct esc_resource *resource, struct esc_buf *out)
{
    struct esc_resource shallow = *resource; /* the two tables above are for writing too */
    char **text;
    enum esc_tristate *answer;
    ESC_ASSERT(!resource->permissions);
    for (size_t i = 0; (text = text_at(&shallow, i)); i++)
        put_text(out, *text);
    esc_varint_add(out, resource->created_at_ms);
    esc_varint_add(out, resource->last_synced_ms);
    for (size_t i = 0; (answer = answer_at(&shallow.constraints, i)); i++)
        esc_varint_add(out, *answer);
    esc_varint_add(out, resource->constraints.reason_count);
    for (size_t i = 0; i < resource->constraints.reason_count; i++) {
        put_text(out, resource->constraints.reasons[i].constraint);
        put_text(out, resource->constraints.reasons[i].because);
        put_text(out, resource->constraints.reasons[i].field);
    }
    esc_varint_add(out, resource->relation_count);
    for (size_t i = 0; i < resource->relation_count; i++) {
        put_text(out, resource->relations[i].kind);
        put_text(out, resource->relations[i].target);
    }
    put_json(out, resource->tags);
    put_json(out, resource->metadata);
}

/* Reading */

static uint64_t take_number(struct esc_str *from)
{
    uint64_t number;
    const bool is_there = esc_varint_take(from, &number);
    ESC_ASSERT(is_there);
    return number;
}

static struct esc_str take_bytes(struct esc_str *from, size_t len)
{
    ESC_ASSERT(len <= from->len);
    const struct esc_str taken = {from->ptr, len};
    *from = (struct esc_str){from->ptr + len, from->len - len};
    return taken;
}

static char *take_text(struct esc_str *from)
{
    const uint64_t size = take_number(from);
    return size ? esc_str_dup(take_bytes(from, size - 1)) : NULL;
}

static struct esc_json *take_json(struct esc_str *from);

static struct esc_json *take_members(struct esc_str *from)
{
    struct esc_json *object = esc_json_object();
    for (uint64_t left = take_number(from); left > 0; left--) {
        const uint64_t size = take_number(from);
        const struct esc_str key = take_bytes(from, size - 1);
        esc_json_set_key(object, key, take_json(from));
    }
    return object;
}

static struct esc_json *take_elements(struct esc_str *from)
{
    struct esc_json *array = esc_json_array();
    for (uint64_t left = take_number(from); left > 0; left--)
        esc_json_push(array, take_json(from));
    return array;
}

static int64_t take_int(struct esc_str *from)
{
    const uint64_t number = take_number(from);
    return (int64_t)(number >> 1 ^ (number & 1 ? UINT64_MAX : 0));
}

static struct esc_json *take_json(struct esc_str *from)
{
    double real;
    switch ((enum esc_json_type)take_number(from)) {
    case ESC_JSON_BOOL:
        return esc_json_bool(take_number(from));
    case ESC_JSON_INT:
        return esc_json_int(take_int(from));
    case ESC_JSON_REAL:
        memcpy(&real, take_bytes(from, sizeof real).ptr, sizeof real);
        return esc_json_real(real);
    case ESC_JSON_STRING:
        return esc_json_string(take_bytes(from, take_number(from) - 1));
    case ESC_JSON_ARRAY:
        return take_elements(from);
    case ESC_JSON_OBJECT:
        return take_members(from);
    case ESC_JSON_NULL:
        break;
    }
    return esc_json_null();
}

static void take_constraints(struct esc_str *from, struct esc_constraints *out)
{
    enum esc_tristate *answer;
    for (size_t i = 0; (answer = answer_at(out, i)); i++)
        *answer = (enum esc_tristate)take_number(from);
    out->reason_count = take_number(from);
    if (out->reason_count)
        out->reasons = esc_alloc_array(out->reason_count, sizeof *out->reasons);
    for (size_t i = 0; i < out->reason_count; i++) {
        out->reasons[i].constraint = take_text(from);
        out->reasons[i].because = take_text(from);
        out->reasons[i].field = take_text(from);
    }
}

static void take_relations(struct esc_str *from, struct esc_resource *out)
{
    out->relation_count = take_number(from);
    if (out->relation_count)
        out->relations = esc_alloc_array(out->relation_count, sizeof *out->relations);
    for (size_t i = 0; i < out->relation_count; i++) {
        out->relations[i].kind = take_text(from);
        out->relations[i].target = take_text(from);
    }
}

struct esc_resource *scan_unpack(struct esc_str bytes)
{
    struct esc_resource *resource = esc_resource_new();
    char **text;
    for (size_t i = 0; (text = text_at(resource, i)); i++)
        *text = take_text(&bytes);
    resource->created_at_ms = take_number(&bytes);
    resource->last_synced_ms = take_number(&bytes);
    take_constraints(&bytes, &resource->constraints);
    take_relations(&bytes, resource);
    esc_json_free(resource->tags);
    resource->tags = take_json(&bytes);
    esc_json_free(resource->metadata);
    resource->metadata = take_json(&bytes);
    ESC_ASSERT(bytes.len == 0);
    return resource;
}
