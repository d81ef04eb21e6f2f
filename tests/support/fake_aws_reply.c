/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Writes answers and refusals in the protocol of their service, along the shapes of the catalog.
 * What an output holds and its shape does not is a mistake of the fake's tables, and is said.
 *
 * @source Smithy, "AWS protocols": awsJson1_1, restJson1, restXml, awsQuery, ec2Query
 */

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/clock.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "tests/support/fake_aws_private.h"

struct writer {
    const struct fake_request *request;
    struct esc_buf *out;
    char **puzzled;
};

static void puzzle(struct writer *writer, const char *shape, const char *what)
{
    if (!*writer->puzzled)
        *writer->puzzled = esc_sprintf("%s.%s: %s has no %s", writer->request->operation->service,
                                       writer->request->operation->operation, shape, what);
}

static void check_members(struct writer *writer, const struct esc_shape *shape,
                          const struct esc_json *value)
{
    void *position = NULL;
    const char *key;
    const struct esc_json *member;
    while (esc_json_next(value, &position, &key, &member)) {
        bool is_known = shape->is_document;
        for (size_t i = 0; !is_known && i < shape->member_count; i++)
            is_known = strcmp(shape->members[i].name, key) == 0;
        if (!is_known)
            puzzle(writer, shape->name, key);
    }
}

static const char *wire_name(const struct esc_member *member)
{
    return member->wire ? member->wire : member->name;
}

/* XML */

static void add_escaped(struct esc_buf *out, struct esc_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        if (c == '<')
            esc_buf_add_text(out, "&lt;");
        else if (c == '>')
            esc_buf_add_text(out, "&gt;");
        else if (c == '&')
            esc_buf_add_text(out, "&amp;");
        else if (c == '"')
            esc_buf_add_text(out, "&quot;");
        else
            esc_buf_add_char(out, c);
    }
}

static void add_iso_time(struct esc_buf *out, const char *text)
{
    char day[16], hour[16];
    uint64_t ms = 0;
    (void)esc_time_parse(esc_str_of(text), &ms); /* of our own table; else 1970 shows it */
    (void)esc_time_pattern(ms, ESC_STR("%Y-%m-%d"), day, sizeof day);
    (void)esc_time_pattern(ms, ESC_STR("%H:%M:%S"), hour, sizeof hour);
    esc_buf_printf(out, "%sT%s.%03uZ", day, hour, (unsigned)(ms % 1000));
}

static void add_xml_scalar(struct writer *writer, const struct esc_shape *shape,
                           const struct esc_json *value)
{
    ESC_CLEANUP(esc_freep) char *text = NULL;
    switch (shape->type) {
    case ESC_SHAPE_TIMESTAMP:
        add_iso_time(writer->out, esc_json_str(value, "", ""));
        return;
    case ESC_SHAPE_STRING:
        if (!esc_json_is(value, ESC_JSON_STRING)) { /* a policy goes percent-encoded */
            ESC_CLEANUP(esc_freep) char *plain = esc_json_print(value, ESC_JSON_COMPACT);
            text = esc_percent_encode(esc_str_of(plain));
        } else {
            text = esc_str_dup(esc_json_value(value));
        }
        break;
    default:
        text = esc_json_is(value, ESC_JSON_STRING) ? esc_str_dup(esc_json_value(value))
                                                   : esc_json_print(value, ESC_JSON_COMPACT);
    }
    add_escaped(writer->out, esc_str_of(text));
}

static void add_xml(struct writer *writer, const char *name, const struct esc_shape *shape,
                    bool flattened, const struct esc_json *value);

static void add_xml_list(struct writer *writer, const char *name, const struct esc_shape *shape,
                         bool flattened, const struct esc_json *list)
{
    const bool is_ec2 = writer->request->service->protocol == ESC_PROTOCOL_EC2;
    const char *item = shape->item_name ? shape->item_name : is_ec2 ? "item" : "member";
    if (flattened)
        item = shape->item_name ? shape->item_name : name;
    else
        esc_buf_printf(writer->out, "<%s>", name);
    for (size_t i = 0; i < esc_json_len(list); i++)
        add_xml(writer, item, shape->item, shape->item->flattened, esc_json_at(list, i));
    if (!flattened)
        esc_buf_printf(writer->out, "</%s>", name);
}

static void add_xml_map(struct writer *writer, const char *name, const struct esc_shape *shape,
                        bool flattened, const struct esc_json *map)
{
    const char *key_name = shape->key_name ? shape->key_name : "key";
    const char *value_name = shape->item_name ? shape->item_name : "value";
    const char *entry = flattened ? name : "entry";
    void *position = NULL;
    const char *key;
    const struct esc_json *value;
    if (!flattened)
        esc_buf_printf(writer->out, "<%s>", name);
    while (esc_json_next(map, &position, &key, &value)) {
        esc_buf_printf(writer->out, "<%s><%s>", entry, key_name);
        add_escaped(writer->out, esc_str_of(key));
        esc_buf_printf(writer->out, "</%s>", key_name);
        add_xml(writer, value_name, shape->item, false, value);
        esc_buf_printf(writer->out, "</%s>", entry);
    }
    if (!flattened)
        esc_buf_printf(writer->out, "</%s>", name);
}

static void add_xml_members(struct writer *writer, const struct esc_shape *shape,
                            const struct esc_json *value)
{
    check_members(writer, shape, value);
    for (size_t i = 0; i < shape->member_count; i++) {
        const struct esc_member *member = &shape->members[i];
        const struct esc_json *own = esc_json_member(value, member->name);
        if (own && !member->attribute && member->location == ESC_LOCATION_BODY)
            add_xml(writer, wire_name(member), member->shape,
                    member->flattened || member->shape->flattened, own);
    }
}

static void add_xml(struct writer *writer, const char *name, const struct esc_shape *shape,
                    bool flattened, const struct esc_json *value)
{
    switch (shape->type) {
    case ESC_SHAPE_LIST:
        add_xml_list(writer, name, shape, flattened, value);
        return;
    case ESC_SHAPE_MAP:
        add_xml_map(writer, name, shape, flattened, value);
        return;
    default:
        break;
    }
    esc_buf_printf(writer->out, "<%s>", name);
    if (shape->type == ESC_SHAPE_STRUCTURE)
        add_xml_members(writer, shape, value);
    else
        add_xml_scalar(writer, shape, value);
    esc_buf_printf(writer->out, "</%s>", name);
}

/* JSON */

static struct esc_json *wire_json(struct writer *writer, const struct esc_shape *shape,
                                  const struct esc_json *value);

static struct esc_json *wire_structure(struct writer *writer, const struct esc_shape *shape,
                                       const struct esc_json *value)
{
    struct esc_json *made = esc_json_object();
    check_members(writer, shape, value);
    for (size_t i = 0; i < shape->member_count; i++) {
        const struct esc_member *member = &shape->members[i];
        const struct esc_json *own = esc_json_member(value, member->name);
        if (own && member->location == ESC_LOCATION_BODY)
            esc_json_set(made, wire_name(member), wire_json(writer, member->shape, own));
    }
    return made;
}

static struct esc_json *wire_list_or_map(struct writer *writer, const struct esc_shape *shape,
                                         const struct esc_json *value)
{
    struct esc_json *made = shape->type == ESC_SHAPE_LIST ? esc_json_array() : esc_json_object();
    void *position = NULL;
    const char *key;
    const struct esc_json *own;
    for (size_t i = 0; shape->type == ESC_SHAPE_LIST && i < esc_json_len(value); i++)
        esc_json_push(made, wire_json(writer, shape->item, esc_json_at(value, i)));
    while (shape->type == ESC_SHAPE_MAP && esc_json_next(value, &position, &key, &own))
        esc_json_set(made, key, wire_json(writer, shape->item, own));
    return made;
}

static struct esc_json *wire_time(const struct esc_shape *shape, const struct esc_json *value)
{
    const char *text = esc_json_str(value, "", "");
    uint64_t ms = 0;
    if (shape->time == ESC_TIME_ISO8601)
        return esc_json_text(text);
    (void)esc_time_parse(esc_str_of(text), &ms); /* of our own table; else 1970 shows it */
    return esc_json_real((double)ms / 1000.0);
}

static struct esc_json *wire_json(struct writer *writer, const struct esc_shape *shape,
                                  const struct esc_json *value)
{
    if (shape->is_document)
        return esc_json_copy(value);
    switch (shape->type) {
    case ESC_SHAPE_STRUCTURE:
        return wire_structure(writer, shape, value);
    case ESC_SHAPE_LIST:
    case ESC_SHAPE_MAP:
        return wire_list_or_map(writer, shape, value);
    case ESC_SHAPE_TIMESTAMP:
        return wire_time(shape, value);
    default:
        return esc_json_copy(value);
    }
}

static void write_json(struct writer *writer, const struct esc_json *output)
{
    const struct esc_shape *shape = writer->request->operation->output;
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *made = shape ? wire_json(writer, shape, output) : esc_json_object();
    esc_json_write(made, ESC_JSON_COMPACT, writer->out);
}

/* Whole answers */

static void write_ec2(struct writer *writer, const struct esc_json *output)
{
    const struct esc_operation *operation = writer->request->operation;
    esc_buf_printf(writer->out,
                   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<%sResponse "
                   "xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">"
                   "<requestId>fake-request</requestId>",
                   operation->operation);
    if (operation->output)
        add_xml_members(writer, operation->output, output);
    esc_buf_printf(writer->out, "</%sResponse>", operation->operation);
}

static void write_query(struct writer *writer, const struct esc_json *output)
{
    const struct esc_operation *operation = writer->request->operation;
    const char *wrapper = operation->result_wrapper;
    esc_buf_printf(writer->out, "<%sResponse xmlns=\"http://%s.amazonaws.com/doc/%s/\">",
                   operation->operation, writer->request->service->endpoint_prefix,
                   writer->request->service->api_version);
    if (wrapper)
        esc_buf_printf(writer->out, "<%s>", wrapper);
    if (operation->output)
        add_xml_members(writer, operation->output, output);
    if (wrapper)
        esc_buf_printf(writer->out, "</%s>", wrapper);
    esc_buf_printf(writer->out,
                   "<ResponseMetadata><RequestId>fake-request</RequestId></ResponseMetadata>"
                   "</%sResponse>",
                   operation->operation);
}

/* The one answer of S3 whose text stands in the root. */
static void write_location(struct writer *writer, const struct esc_json *output)
{
    const char *location = esc_json_str(output, "LocationConstraint", "us-east-1");
    const bool is_first = strcmp(location, "us-east-1") == 0;
    esc_buf_printf(writer->out,
                   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<LocationConstraint "
                   "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">%s</LocationConstraint>",
                   is_first ? "" : location);
}

static void write_rest_xml(struct writer *writer, const struct esc_json *output)
{
    const struct esc_shape *shape = writer->request->operation->output;
    const struct esc_shape *inside = shape;
    const char *root = "Result";
    for (size_t i = 0; shape && shape->payload && i < shape->member_count; i++)
        if (strcmp(shape->members[i].name, shape->payload) == 0) {
            inside = shape->members[i].shape;
            root = wire_name(&shape->members[i]);
            output = esc_json_member(output, shape->payload);
        }
    if (inside && inside->type != ESC_SHAPE_STRUCTURE) {
        esc_buf_add(writer->out, esc_json_value(output)); /* the body itself, as a bucket policy */
        return;
    }
    esc_buf_printf(writer->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<%s>", root);
    if (inside)
        add_xml_members(writer, inside, output);
    esc_buf_printf(writer->out, "</%s>", root);
}

void fake_write(const struct fake_request *request, const struct esc_json *output,
                struct esc_buf *body, char **puzzled)
{
    struct writer writer = {request, body, puzzled};
    switch (request->service->protocol) {
    case ESC_PROTOCOL_EC2:
        write_ec2(&writer, output);
        break;
    case ESC_PROTOCOL_QUERY:
        write_query(&writer, output);
        break;
    case ESC_PROTOCOL_REST_XML:
        if (strcmp(request->operation->operation, "GetBucketLocation") == 0)
            write_location(&writer, output);
        else
            write_rest_xml(&writer, output);
        break;
    default:
        write_json(&writer, output);
    }
}

const char *fake_content_type(const struct fake_request *request)
{
    if (!request->service)
        return "text/xml";
    switch (request->service->protocol) {
    case ESC_PROTOCOL_JSON:
        return strcmp(request->service->json_version, "1.0") == 0 ? "application/x-amz-json-1.0"
                                                                  : "application/x-amz-json-1.1";
    case ESC_PROTOCOL_REST_JSON:
        return "application/json";
    default:
        return "text/xml";
    }
}

/* Refusals */

static void write_json_refusal(const struct fake_request *request,
                               const struct fake_refusal *refusal, struct esc_buf *body,
                               struct esc_buf *headers)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *answer = esc_json_object();
    if (request->service->protocol == ESC_PROTOCOL_REST_JSON) {
        esc_buf_printf(headers, "x-amzn-ErrorType: %s:http://internal.example/coral/\r\n",
                       refusal->code);
    } else {
        ESC_CLEANUP(esc_freep)
        char *type = esc_sprintf("com.amazon.coral.service#%s", refusal->code);
        esc_json_set_text(answer, "__type", type);
    }
    esc_json_set_text(answer, "message", refusal->message);
    esc_json_write(answer, ESC_JSON_COMPACT, body);
}

void fake_write_refusal(const struct fake_request *request, const struct fake_refusal *refusal,
                        struct esc_buf *body, struct esc_buf *headers)
{
    const enum esc_protocol protocol =
        request->service ? request->service->protocol : ESC_PROTOCOL_QUERY;
    const bool is_s3 = request->service && strcmp(request->service->name, "s3") == 0;
    struct esc_buf error;
    if (refusal->headers)
        esc_buf_add_text(headers, refusal->headers);
    if (protocol == ESC_PROTOCOL_JSON || protocol == ESC_PROTOCOL_REST_JSON) {
        write_json_refusal(request, refusal, body, headers);
        return;
    }
    esc_buf_init(&error, ESC_MAX_LINE);
    esc_buf_printf(&error, "<Code>%s</Code><Message>", refusal->code);
    add_escaped(&error, esc_str_of(refusal->message));
    esc_buf_add_text(&error, "</Message>");
    const char *inside = esc_buf_text(&error);
    if (protocol == ESC_PROTOCOL_EC2)
        esc_buf_printf(body,
                       "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error>%s"
                       "</Error></Errors><RequestID>fake-request</RequestID></Response>",
                       inside);
    else if (is_s3)
        esc_buf_printf(body,
                       "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>%s<RequestId>"
                       "fake-request</RequestId></Error>",
                       inside);
    else
        esc_buf_printf(body,
                       "<ErrorResponse><Error><Type>Sender</Type>%s</Error>"
                       "<RequestId>fake-request</RequestId></ErrorResponse>",
                       inside);
    esc_buf_done(&error);
}
