/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/wire_private.h"
#include "escher/base/limits.h"

/*
 * Bodies of requests in JSON and in XML.
 *
 * @source Smithy, AWS JSON 1.1 protocol, "Shape serialization"; XML serialization traits
 */

static enum esc_status to_json(const struct esc_shape *shape, const char *name,
                               const struct esc_json *value, unsigned depth, struct esc_json **out,
                               struct esc_error *err);

static enum esc_status structure_to_json(const struct esc_shape *shape,
                                         const struct esc_json *params, unsigned depth,
                                         struct esc_json *out, struct esc_error *err)
{
    const struct esc_json *value;
    const char *key;
    for (void *at = NULL; esc_json_next(params, &at, &key, &value);) {
        const struct esc_member *member = wire_member(shape, key);
        struct esc_json *made = NULL;
        if (!member)
            return esc_fail(err, ESC_INVALID, "%s has no member %s", shape->name, key);
        if (member->location != ESC_LOCATION_BODY || esc_json_is(value, ESC_JSON_NULL))
            continue;
        enum esc_status status = to_json(member->shape, key, value, depth, &made, err);
        if (status != ESC_OK)
            return status;
        esc_json_set(out, wire_name(member), made);
    }
    return ESC_OK;
}

static enum esc_status map_to_json(const struct esc_shape *shape, const struct esc_json *map,
                                   unsigned depth, struct esc_json *out, struct esc_error *err)
{
    const struct esc_json *value;
    const char *key;
    for (void *at = NULL; esc_json_next(map, &at, &key, &value);) {
        struct esc_json *made = NULL;
        enum esc_status status = to_json(shape->item, key, value, depth, &made, err);
        if (status != ESC_OK)
            return status;
        esc_json_set(out, key, made);
    }
    return ESC_OK;
}

static enum esc_status list_to_json(const struct esc_shape *shape, const char *name,
                                    const struct esc_json *list, unsigned depth,
                                    struct esc_json *out, struct esc_error *err)
{
    for (size_t i = 0; i < esc_json_len(list); i++) {
        struct esc_json *made = NULL;
        enum esc_status status =
            to_json(shape->item, name, esc_json_at(list, i), depth, &made, err);
        if (status != ESC_OK)
            return status;
        esc_json_push(out, made);
    }
    return ESC_OK;
}

/* Numbers, booleans and strings are in JSON what they are; times and blobs are not. */
static enum esc_status scalar_to_json(const struct esc_shape *shape, const char *name,
                                      const struct esc_json *value, struct esc_json **out,
                                      struct esc_error *err)
{
    struct esc_arena arena;
    struct esc_str text;
    esc_arena_init(&arena);
    enum esc_status status =
        wire_scalar_write(&arena, shape, name, value, ESC_TIME_UNIX, &text, err);
    if (status != ESC_OK)
        *out = NULL;
    else if (shape->type == ESC_SHAPE_BLOB)
        *out = esc_json_string(text);
    else if (shape->type != ESC_SHAPE_TIMESTAMP)
        *out = esc_json_ref(value);
    else if (shape->time == ESC_TIME_DEFAULT || shape->time == ESC_TIME_UNIX)
        status = esc_json_parse(text, NULL, out, err); /* digits */
    else
        *out = esc_json_string(text);
    esc_arena_done(&arena);
    return status;
}

static enum esc_status to_json(const struct esc_shape *shape, const char *name,
                               const struct esc_json *value, unsigned depth, struct esc_json **out,
                               struct esc_error *err)
{
    const bool is_list = shape->type == ESC_SHAPE_LIST;
    if (!is_list && shape->type != ESC_SHAPE_MAP && shape->type != ESC_SHAPE_STRUCTURE)
        return scalar_to_json(shape, name, value, out, err);
    if (depth >= ESC_WIRE_MAX_DEPTH ||
        !esc_json_is(value, is_list ? ESC_JSON_ARRAY : ESC_JSON_OBJECT))
        return esc_fail(err, ESC_INVALID, "%s must not be %s", name,
                        esc_json_type_text(esc_json_type(value)));
    struct esc_json *made = is_list ? esc_json_array() : esc_json_object();
    enum esc_status status = is_list ? list_to_json(shape, name, value, depth + 1, made, err)
                             : shape->type == ESC_SHAPE_MAP
                                 ? map_to_json(shape, value, depth + 1, made, err)
                                 : structure_to_json(shape, value, depth + 1, made, err);
    if (status == ESC_OK)
        *out = made;
    else
        esc_json_free(made);
    return status;
}

static enum esc_status keep_body(struct esc_wire_request *out, struct esc_buf *body,
                                 struct esc_error *err)
{
    enum esc_status status = esc_buf_status(body, "the request", err);
    if (status == ESC_OK)
        out->body = (struct esc_str){esc_arena_dup(&out->arena, esc_buf_str(body)), body->len};
    esc_buf_done(body);
    return status;
}

enum esc_status wire_json_body(const struct esc_shape *shape, const struct esc_json *params,
                               struct esc_wire_request *out, struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_json_object();
    if (shape) {
        enum esc_status status = structure_to_json(shape, params, 0, json, err);
        if (status != ESC_OK)
            return status;
    }
    struct esc_buf body;
    esc_buf_init(&body, ESC_MAX_REQUEST);
    esc_json_write(json, ESC_JSON_COMPACT, &body);
    return keep_body(out, &body, err);
}

static void add_escaped(struct esc_buf *body, struct esc_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        if (c == '<' || c == '>' || c == '&' || c == '\r' || c == '\n')
            esc_buf_printf(body, "&#%d;", c);
        else
            esc_buf_add_char(body, c);
    }
}

static enum esc_status to_xml(struct esc_buf *body, struct esc_wire_request *out, const char *name,
                              const struct esc_shape *shape, const struct esc_json *value,
                              unsigned depth, struct esc_error *err);

static enum esc_status list_to_xml(struct esc_buf *body, struct esc_wire_request *out,
                                   const char *name, const struct esc_shape *shape,
                                   const struct esc_json *list, unsigned depth,
                                   struct esc_error *err)
{
    enum esc_status status = ESC_OK;
    const char *item = shape->item_name ? shape->item_name : "member";
    for (size_t i = 0; status == ESC_OK && i < esc_json_len(list); i++)
        status = to_xml(body, out, shape->flattened ? name : item, shape->item,
                        esc_json_at(list, i), depth, err);
    return status;
}

static enum esc_status members_to_xml(struct esc_buf *body, struct esc_wire_request *out,
                                      const struct esc_shape *shape, const struct esc_json *params,
                                      unsigned depth, struct esc_error *err)
{
    const struct esc_json *value;
    const char *key;
    enum esc_status status = ESC_OK;
    for (void *at = NULL; status == ESC_OK && esc_json_next(params, &at, &key, &value);) {
        const struct esc_member *member = wire_member(shape, key);
        if (!member)
            return esc_fail(err, ESC_INVALID, "%s has no member %s", shape->name, key);
        if (member->location == ESC_LOCATION_BODY && !esc_json_is(value, ESC_JSON_NULL))
            status = to_xml(body, out, wire_name(member), member->shape, value, depth, err);
    }
    return status;
}

/* Lists, structures and scalars; no read takes a map in XML. */
static enum esc_status to_xml(struct esc_buf *body, struct esc_wire_request *out, const char *name,
                              const struct esc_shape *shape, const struct esc_json *value,
                              unsigned depth, struct esc_error *err)
{
    const bool is_list = shape->type == ESC_SHAPE_LIST, is_bare = is_list && shape->flattened;
    const bool is_nested = is_list || shape->type == ESC_SHAPE_STRUCTURE;
    struct esc_str text;
    enum esc_status status = ESC_OK;
    if (is_nested && (depth >= ESC_WIRE_MAX_DEPTH ||
                      !esc_json_is(value, is_list ? ESC_JSON_ARRAY : ESC_JSON_OBJECT)))
        return esc_fail(err, ESC_INVALID, "%s must not be %s", name,
                        esc_json_type_text(esc_json_type(value)));
    if (!is_bare)
        esc_buf_printf(body, "<%s>", name);
    if (is_list)
        status = list_to_xml(body, out, name, shape, value, depth + 1, err);
    else if (is_nested)
        status = members_to_xml(body, out, shape, value, depth + 1, err);
    else
        status = wire_scalar_write(&out->arena, shape, name, value, ESC_TIME_ISO8601, &text, err);
    if (status == ESC_OK && !is_nested)
        add_escaped(body, text);
    if (!is_bare)
        esc_buf_printf(body, "</%s>", name);
    return status;
}

enum esc_status wire_xml_body(const struct esc_operation *operation, const struct esc_json *params,
                              struct esc_wire_request *out, struct esc_error *err)
{
    struct esc_buf body;
    esc_buf_init(&body, ESC_MAX_REQUEST);
    esc_buf_printf(&body, "<%s xmlns=\"%s\">", operation->xml_root, operation->xml_namespace);
    enum esc_status status = members_to_xml(&body, out, operation->input, params, 0, err);
    esc_buf_printf(&body, "</%s>", operation->xml_root);
    if (status != ESC_OK) {
        esc_buf_done(&body);
        return status;
    }
    return keep_body(out, &body, err);
}
