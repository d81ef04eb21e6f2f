/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/wire_private.h"
#include "escher/base/assert.h"

/* What stands in a header or is the status itself, as a member of the output. */
static void take_bound(const struct esc_member *member, const struct esc_http_response *response,
                       struct esc_json *output)
{
    struct esc_json *made = NULL;
    const char *text = member->location == ESC_LOCATION_HEADER
                           ? esc_http_response_header(response, wire_name(member))
                           : NULL;
    if (member->location == ESC_LOCATION_STATUS)
        esc_json_set_int(output, member->name, response->status);
    else if (text && wire_scalar_read(member->shape, esc_str_of(text), &made))
        esc_json_set(output, member->name, made);
}

static enum esc_status read_body(const struct esc_operation *operation, struct esc_str body,
                                 struct esc_json *output, bool *is_error, struct esc_error *err)
{
    const struct esc_shape *shape = operation->output;
    const struct esc_member *payload = shape->payload ? wire_member(shape, shape->payload) : NULL;
    const enum esc_protocol protocol = operation->wire->protocol;
    if (esc_str_trim(body).len == 0)
        return esc_fail(err, ESC_CORRUPT, "it is empty");
    if (payload && payload->shape->type == ESC_SHAPE_STRING) {
        esc_json_set_str(output, payload->name, body);
        return ESC_OK;
    }
    if (protocol == ESC_PROTOCOL_JSON || protocol == ESC_PROTOCOL_REST_JSON)
        return wire_json_read(operation, body, output, err);
    return wire_xml_read(operation, body, output, is_error, err);
}

static enum esc_status read_output(const struct esc_operation *operation,
                                   const struct esc_http_response *response,
                                   struct esc_json *output, bool *is_error, struct esc_error *err)
{
    const struct esc_shape *shape = operation->output;
    bool has_body = false;
    for (size_t i = 0; shape && i < shape->member_count; i++) {
        take_bound(&shape->members[i], response, output);
        has_body = has_body || shape->members[i].location == ESC_LOCATION_BODY;
    }
    return has_body ? read_body(operation, response->body, output, is_error, err) : ESC_OK;
}

static enum esc_status refuse(const struct esc_operation *operation,
                              const struct esc_http_response *response, struct esc_aws_fault *fault,
                              struct esc_error *err)
{
    wire_fault_read(operation, response, fault);
    enum esc_status status = esc_aws_fault_status(fault);
    if (!*fault->code)
        return esc_fail(err, status, "%s: HTTP status %d, and the answer is none of AWS's",
                        operation->operation, fault->http_status);
    return esc_fail(err, status, "%s: %s%s%s", operation->operation, fault->code,
                    *fault->message ? ": " : "", fault->message);
}

enum esc_status esc_wire_answer_read(const struct esc_operation *operation,
                                     const struct esc_http_response *response,
                                     struct esc_json **output, struct esc_aws_fault *fault,
                                     struct esc_error *err)
{
    ESC_ASSERT(operation->wire);
    *fault = (struct esc_aws_fault){.http_status = response->status};
    if (response->status >= 300)
        return refuse(operation, response, fault, err);
    ESC_CLEANUP(esc_json_freep) struct esc_json *made = esc_json_object();
    bool is_error = false;
    enum esc_status status = read_output(operation, response, made, &is_error, err);
    if (is_error) { /* S3 began to answer before it failed: in trouble, whatever it says */
        struct esc_http_response failed = *response;
        failed.status = 500;
        return refuse(operation, &failed, fault, err);
    }
    if (status != ESC_OK)
        return esc_wrap(err, status, "the answer to %s", operation->operation);
    *output = ESC_STEAL(made);
    return ESC_OK;
}
