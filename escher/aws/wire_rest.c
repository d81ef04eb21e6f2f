/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/aws/wire_private.h"
#include "escher/aws/wire_query.h"
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"

/*
 * REST/XML and REST/JSON: parameters stand in the path, the query, headers and the body.
 *
 * @source Smithy, AWS restXml and restJson1 protocols; HTTP binding traits
 */

/* The member that fills a label of the path. */
static const struct esc_member *label_member(const struct esc_operation *operation,
                                             struct esc_str label)
{
    for (size_t i = 0; operation->input && i < operation->input->member_count; i++) {
        const struct esc_member *member = &operation->input->members[i];
        if (member->location == ESC_LOCATION_URI && esc_str_is(label, wire_name(member)))
            return member;
    }
    return NULL;
}

/* Segments that would lead elsewhere are refused: a bucket is not called "..". */
static bool is_safe_segment(struct esc_str text)
{
    return text.len > 0 && !esc_str_is(text, ".") && !esc_str_is(text, "..");
}

static enum esc_status add_label(struct esc_wire_request *out, struct esc_buf *path,
                                 const struct esc_operation *operation, struct esc_str name,
                                 const struct esc_json *params, struct esc_error *err)
{
    struct esc_str text;
    const struct esc_member *member = label_member(operation, name);
    const struct esc_json *value = member ? esc_json_member(params, member->name) : NULL;
    if (!value || esc_json_is(value, ESC_JSON_NULL))
        return esc_fail(err, ESC_INVALID, "%.*s is missing", ESC_STR_ARG(name));
    enum esc_status status = wire_scalar_write(&out->arena, member->shape, member->name, value,
                                               ESC_TIME_ISO8601, &text, err);
    if (status != ESC_OK)
        return status;
    if (!is_safe_segment(text))
        return esc_fail(err, ESC_INVALID, "%s cannot be part of a path", member->name);
    ESC_CLEANUP(esc_freep) char *encoded = esc_percent_encode(text);
    esc_buf_add_text(path, encoded);
    return ESC_OK;
}

static enum esc_status add_path(struct esc_wire_request *out, struct esc_buf *path,
                                const struct esc_operation *operation,
                                const struct esc_json *params, struct esc_error *err)
{
    struct esc_str rest = esc_str_of(operation->http_uri), piece;
    rest = esc_str_slice(rest, 0, esc_str_find(rest, ESC_STR("?"), 0));
    enum esc_status status = ESC_OK;
    while (status == ESC_OK && rest.len > 0 && esc_str_next(&rest, '{', &piece)) {
        esc_buf_add(path, piece);
        if (rest.len > 0 && esc_str_next(&rest, '}', &piece))
            status = add_label(out, path, operation, piece, params, err);
    }
    return status;
}

static enum esc_status add_query_value(struct esc_wire_request *out, struct esc_buf *query,
                                       const struct esc_member *member,
                                       const struct esc_shape *shape, const struct esc_json *value,
                                       struct esc_error *err)
{
    struct esc_str text;
    enum esc_status status =
        wire_scalar_write(&out->arena, shape, member->name, value, ESC_TIME_ISO8601, &text, err);
    if (status == ESC_OK)
        esc_query_add_str(query, wire_name(member), text);
    return status;
}

static enum esc_status add_query(struct esc_wire_request *out, struct esc_buf *query,
                                 const struct esc_member *member, const struct esc_json *value,
                                 struct esc_error *err)
{
    if (member->shape->type != ESC_SHAPE_LIST)
        return add_query_value(out, query, member, member->shape, value, err);
    if (!esc_json_is(value, ESC_JSON_ARRAY))
        return esc_fail(err, ESC_INVALID, "%s must be an array", member->name);
    enum esc_status status = ESC_OK;
    for (size_t i = 0; status == ESC_OK && i < esc_json_len(value); i++)
        status =
            add_query_value(out, query, member, member->shape->item, esc_json_at(value, i), err);
    return status;
}

static enum esc_status add_header(struct esc_wire_request *out, const struct esc_member *member,
                                  const struct esc_json *value, struct esc_error *err)
{
    struct esc_str text;
    enum esc_status status = wire_scalar_write(&out->arena, member->shape, member->name, value,
                                               ESC_TIME_RFC822, &text, err);
    if (status != ESC_OK)
        return status;
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == '\x7F')
            return esc_fail(err, ESC_INVALID, "%s cannot stand in a header", member->name);
    return wire_add_header(out, wire_name(member), text.ptr, err);
}

/* What does not stand in the body, each where it belongs. */
static enum esc_status spread(struct esc_wire_request *out, struct esc_buf *query,
                              const struct esc_operation *operation, const struct esc_json *params,
                              struct esc_error *err)
{
    const struct esc_json *value;
    const char *key;
    enum esc_status status = ESC_OK;
    for (void *at = NULL; status == ESC_OK && esc_json_next(params, &at, &key, &value);) {
        const struct esc_member *member =
            operation->input ? wire_member(operation->input, key) : NULL;
        if (!member)
            return esc_fail(err, ESC_INVALID, "there is no member %s", key);
        if (esc_json_is(value, ESC_JSON_NULL))
            continue;
        if (member->location == ESC_LOCATION_QUERY)
            status = add_query(out, query, member, value, err);
        else if (member->location == ESC_LOCATION_HEADER)
            status = add_header(out, member, value, err);
    }
    return status;
}

static bool has_body(const struct esc_shape *shape)
{
    for (size_t i = 0; shape && i < shape->member_count; i++)
        if (shape->members[i].location == ESC_LOCATION_BODY)
            return true;
    return false;
}

static enum esc_status add_body(const struct esc_operation *operation,
                                const struct esc_json *params, struct esc_wire_request *out,
                                struct esc_error *err)
{
    if (!has_body(operation->input))
        return ESC_OK;
    if (operation->wire->protocol == ESC_PROTOCOL_REST_XML)
        return wire_xml_body(operation, params, out, err);
    enum esc_status status = wire_json_body(operation->input, params, out, err);
    return status == ESC_OK ? wire_add_header(out, "Content-Type", "application/json", err)
                            : status;
}

static struct esc_str kept(struct esc_wire_request *out, const struct esc_buf *buf, size_t from)
{
    struct esc_str text = esc_str_slice(esc_buf_str(buf), from, buf->len);
    return (struct esc_str){esc_arena_dup(&out->arena, text), text.len};
}

enum esc_status wire_rest_make(const struct esc_operation *operation, const struct esc_json *params,
                               struct esc_wire_request *out, struct esc_error *err)
{
    struct esc_buf path, query;
    const char *fixed = strchr(operation->http_uri, '?');
    esc_buf_init(&path, ESC_MAX_LINE);
    esc_buf_init(&query, ESC_MAX_LINE);
    esc_buf_printf(&query, "%s%s", fixed ? "&" : "", fixed ? fixed + 1 : "");
    enum esc_status status = add_path(out, &path, operation, params, err);
    if (status == ESC_OK)
        status = spread(out, &query, operation, params, err);
    if (status == ESC_OK)
        status = esc_buf_status(&path, "the path of the request", err);
    if (status == ESC_OK)
        status = esc_buf_status(&query, "the query of the request", err);
    if (status == ESC_OK) {
        out->path = kept(out, &path, 0);
        out->query = kept(out, &query, 1); /* without the first '&' */
        status = add_body(operation, params, out, err);
    }
    esc_buf_done(&path);
    esc_buf_done(&query);
    return status;
}
