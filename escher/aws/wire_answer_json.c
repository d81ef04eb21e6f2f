/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/aws/wire_private.h"
#include "escher/base/alloc.h"
#include "escher/base/limits.h"

/*
 * JSON answers: the members that the shapes know, by the model's names, with times as the CLI
 * prints them. All else is dropped, null as well.
 *
 * @source Smithy, AWS JSON 1.0, JSON 1.1 and restJson1 protocols, "Shape serialization"
 */

static enum esc_status convert(const struct esc_shape *shape, const struct esc_json *value,
                               struct esc_json **out, struct esc_error *err);

/* A member that we do not know, as the CLI shows it. */
static struct esc_json *unknown_choice(const char *name)
{
    struct esc_json *choice = esc_json_object(), *about = esc_json_object();
    esc_json_set_text(about, "name", name);
    esc_json_set(choice, "SDK_UNKNOWN_MEMBER", about);
    return choice;
}

static const struct esc_member *member_on_the_wire(const struct esc_shape *shape, const char *name)
{
    for (size_t i = 0; i < shape->member_count; i++)
        if (strcmp(wire_name(&shape->members[i]), name) == 0)
            return &shape->members[i];
    return NULL;
}

static enum esc_status convert_structure(const struct esc_shape *shape,
                                         const struct esc_json *object, struct esc_json **out,
                                         struct esc_error *err)
{
    struct esc_json *made = esc_json_object();
    const struct esc_json *value;
    const char *key;
    enum esc_status status = ESC_OK;
    for (void *at = NULL; status == ESC_OK && esc_json_next(object, &at, &key, &value);) {
        const struct esc_member *member = member_on_the_wire(shape, key);
        struct esc_json *inner = NULL;
        if (esc_json_is(value, ESC_JSON_NULL))
            continue;
        if (member && member->location == ESC_LOCATION_BODY) {
            status = convert(member->shape, value, &inner, err);
            esc_json_set(made, member->name, inner);
        } else if (shape->is_union && strcmp(key, "__type") != 0) {
            esc_json_free(made);
            made = unknown_choice(key);
        }
    }
    *out = made;
    return status;
}

static enum esc_status convert_map(const struct esc_shape *shape, const struct esc_json *map,
                                   struct esc_json **out, struct esc_error *err)
{
    const struct esc_json *value;
    const char *key;
    enum esc_status status = ESC_OK;
    *out = esc_json_object();
    for (void *at = NULL; status == ESC_OK && esc_json_next(map, &at, &key, &value);) {
        struct esc_json *inner = NULL;
        status = convert(shape->item, value, &inner, err);
        esc_json_set(*out, key, inner);
    }
    return status;
}

static enum esc_status convert_list(const struct esc_shape *shape, const struct esc_json *list,
                                    struct esc_json **out, struct esc_error *err)
{
    enum esc_status status = ESC_OK;
    *out = esc_json_array();
    for (size_t i = 0; status == ESC_OK && i < esc_json_len(list); i++) {
        struct esc_json *inner = NULL;
        status = convert(shape->item, esc_json_at(list, i), &inner, err);
        esc_json_push(*out, inner);
    }
    return status;
}

static struct esc_json *convert_time(const struct esc_json *value)
{
    char time[WIRE_TIME_TEXT];
    const bool is_read = esc_json_is(value, ESC_JSON_STRING)
                             ? wire_time_read(esc_json_value(value), time)
                             : wire_time_of_seconds(esc_json_dbl(value, "", -1), time);
    return is_read ? esc_json_text(time) : esc_json_ref(value);
}

static bool is_nested_as_said(const struct esc_shape *shape, const struct esc_json *value)
{
    return esc_json_is(value, shape->type == ESC_SHAPE_LIST ? ESC_JSON_ARRAY : ESC_JSON_OBJECT);
}

/* Depth is bounded by that of the text, which esc_json_parse() has checked. */
static enum esc_status convert(const struct esc_shape *shape, const struct esc_json *value,
                               struct esc_json **out, struct esc_error *err)
{
    const bool is_nested = shape->type == ESC_SHAPE_LIST || shape->type == ESC_SHAPE_MAP ||
                           shape->type == ESC_SHAPE_STRUCTURE;
    if (esc_json_is(value, ESC_JSON_NULL) || shape->is_document) {
        *out = esc_json_ref(value);
        return ESC_OK;
    }
    if (is_nested && !is_nested_as_said(shape, value))
        return esc_fail(err, ESC_CORRUPT, "%s is %s in it", shape->name,
                        esc_json_type_text(esc_json_type(value)));
    if (shape->type == ESC_SHAPE_LIST)
        return convert_list(shape, value, out, err);
    if (shape->type == ESC_SHAPE_MAP)
        return convert_map(shape, value, out, err);
    if (shape->type == ESC_SHAPE_STRUCTURE)
        return convert_structure(shape, value, out, err);
    *out = shape->type == ESC_SHAPE_TIMESTAMP ? convert_time(value) : esc_json_ref(value);
    return ESC_OK;
}

/* Values cost memory before anything is known of them. */
static bool is_too_rich(struct esc_str body)
{
    size_t count = 0;
    for (size_t i = 0; i < body.len; i++)
        count += body.ptr[i] == ',' || body.ptr[i] == '[' || body.ptr[i] == '{';
    return count > ESC_WIRE_MAX_ELEMENTS;
}

static enum esc_status parse(struct esc_str body, struct esc_json **out, struct esc_error *err)
{
    static const struct esc_json_limits limits = {ESC_MAX_RESPONSE, ESC_WIRE_MAX_DEPTH};
    if (is_too_rich(body))
        return esc_fail(err, ESC_LIMIT, "too many elements");
    switch (esc_json_parse(body, &limits, out, NULL)) {
    case ESC_OK:
        return ESC_OK;
    case ESC_LIMIT:
        return esc_fail(err, ESC_LIMIT, "it is too large or nested too deeply");
    default:
        return esc_fail(err, ESC_CORRUPT, "it is no JSON"); /* where, would quote it */
    }
}

enum esc_status wire_json_read(const struct esc_operation *operation, struct esc_str body,
                               struct esc_json *output, struct esc_error *err)
{
    const struct esc_shape *shape = operation->output;
    const struct esc_member *payload = shape->payload ? wire_member(shape, shape->payload) : NULL;
    ESC_CLEANUP(esc_json_freep) struct esc_json *parsed = NULL;
    ESC_CLEANUP(esc_json_freep) struct esc_json *made = NULL;
    const struct esc_json *value;
    const char *key;
    enum esc_status status = parse(body, &parsed, err);
    if (status == ESC_OK && esc_json_is(parsed, ESC_JSON_NULL))
        return esc_fail(err, ESC_CORRUPT, "it says nothing");
    if (status == ESC_OK)
        status = convert(payload ? payload->shape : shape, parsed, &made, err);
    if (status != ESC_OK)
        return status;
    if (payload)
        esc_json_set(output, payload->name, ESC_STEAL(made));
    for (void *at = NULL; made && esc_json_next(made, &at, &key, &value);)
        esc_json_set(output, key, esc_json_ref(value));
    return ESC_OK;
}
