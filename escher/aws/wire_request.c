/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/wire.h"

#include "escher/aws/wire_private.h"
#include "escher/base/assert.h"

const char *wire_name(const struct esc_member *member)
{
    return member->wire ? member->wire : member->name;
}

const struct esc_member *wire_member(const struct esc_shape *shape, const char *name)
{
    for (size_t i = 0; i < shape->member_count; i++)
        if (esc_text_equal(shape->members[i].name, name))
            return &shape->members[i];
    return NULL;
}

enum esc_status wire_add_header(struct esc_wire_request *request, const char *name,
                                const char *value, struct esc_error *err)
{
    if (request->header_count == ESC_WIRE_MAX_HEADERS)
        return esc_fail(err, ESC_LIMIT, "more than %d headers", ESC_WIRE_MAX_HEADERS);
    request->headers[request->header_count++] = (struct esc_http_header){name, value};
    return ESC_OK;
}

/** @source Smithy, AWS JSON 1.0 and 1.1 protocols: X-Amz-Target */
static enum esc_status make_json(const struct esc_operation *operation,
                                 const struct esc_json *params, struct esc_wire_request *out,
                                 struct esc_error *err)
{
    const struct esc_service *wire = operation->wire;
    const char *target =
        esc_arena_printf(&out->arena, "%s.%s", wire->target_prefix, operation->operation);
    const char *type =
        esc_arena_printf(&out->arena, "application/x-amz-json-%s", wire->json_version);
    out->path = ESC_STR("/");
    enum esc_status status = wire_add_header(out, "X-Amz-Target", target, err);
    if (status == ESC_OK)
        status = wire_add_header(out, "Content-Type", type, err);
    if (status == ESC_OK && wire->is_query_compatible)
        status = wire_add_header(out, "x-amzn-query-mode", "true", err);
    return status == ESC_OK ? wire_json_body(operation->input, params, out, err) : status;
}

static enum esc_status make(const struct esc_operation *operation, const struct esc_json *params,
                            struct esc_wire_request *out, struct esc_error *err)
{
    switch (operation->wire->protocol) {
    case ESC_PROTOCOL_EC2:
    case ESC_PROTOCOL_QUERY:
        return wire_form_make(operation, params, out, err);
    case ESC_PROTOCOL_REST_XML:
    case ESC_PROTOCOL_REST_JSON:
        return wire_rest_make(operation, params, out, err);
    default:
        return make_json(operation, params, out, err);
    }
}

enum esc_status esc_wire_request_make(const struct esc_operation *operation,
                                      const struct esc_json *params, struct esc_wire_request *out,
                                      struct esc_error *err)
{
    ESC_ASSERT(operation->wire);
    struct esc_wire_request made = {.method = operation->http_method};
    esc_arena_init(&made.arena);
    enum esc_status status = params && !esc_json_is(params, ESC_JSON_OBJECT)
                                 ? esc_fail(err, ESC_INVALID, "parameters must be an object")
                                 : make(operation, params, &made, err);
    if (status != ESC_OK) {
        esc_wire_request_done(&made);
        return esc_wrap(err, status, "%s", operation->operation);
    }
    *out = made;
    return ESC_OK;
}

void esc_wire_request_done(struct esc_wire_request *request)
{
    esc_arena_done(&request->arena);
    *request = (struct esc_wire_request){0};
}
