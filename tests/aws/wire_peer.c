/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The protocols on one line of JSON each, for tests/aws/test_botocore.py.
 *
 *     {"service", "operation", "params"}                    {"method", "path", "query", "headers", "body"}
 *     {"service", "operation", "status", "headers", "body"} {"output"} or {"status", "fault"}
 */

#include <stdio.h>
#include <stdlib.h>

#include "escher/aws/wire.h"
#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/limits.h"

static struct esc_json *request_json(const struct esc_wire_request *request)
{
    struct esc_json *json = esc_json_object(), *headers = esc_json_object();
    for (size_t i = 0; i < request->header_count; i++)
        esc_json_set_text(headers, request->headers[i].name, request->headers[i].value);
    esc_json_set_text(json, "method", request->method);
    esc_json_set_str(json, "path", request->path);
    esc_json_set_str(json, "query", request->query);
    esc_json_set(json, "headers", headers);
    esc_json_set_str(json, "body", request->body);
    return json;
}

static struct esc_json *ask(const struct esc_operation *operation, const struct esc_json *params)
{
    struct esc_wire_request request;
    struct esc_error err;
    struct esc_json *json = esc_json_object();
    if (esc_wire_request_make(operation, params, &request, &err) != ESC_OK) {
        esc_json_set_text(json, "error", err.message);
        return json;
    }
    esc_json_free(json);
    json = request_json(&request);
    esc_wire_request_done(&request);
    return json;
}

static struct esc_json *fault_json(const struct esc_aws_fault *fault)
{
    struct esc_json *json = esc_json_object();
    esc_json_set_int(json, "http_status", fault->http_status);
    esc_json_set_text(json, "code", fault->code);
    esc_json_set_text(json, "message", fault->message);
    esc_json_set_text(json, "request_id", fault->request_id);
    esc_json_set_text(json, "bucket_region", fault->bucket_region);
    return json;
}

static struct esc_json *answer(const struct esc_operation *operation, const struct esc_json *line)
{
    struct esc_http_header headers[16];
    struct esc_http_response response = {
        .status = (int)esc_json_num(line, "status", 0),
        .headers = headers,
        .body = esc_json_value(esc_json_member(line, "body")),
    };
    const struct esc_json *value;
    const char *name;
    for (void *at = NULL; esc_json_next(esc_json_member(line, "headers"), &at, &name, &value);)
        if (response.header_count < ESC_COUNT(headers))
            headers[response.header_count++] =
                (struct esc_http_header){name, esc_json_value(value).ptr};
    struct esc_json *output = NULL, *json = esc_json_object();
    struct esc_aws_fault fault;
    struct esc_error err;
    enum esc_status status = esc_wire_answer_read(operation, &response, &output, &fault, &err);
    if (status == ESC_OK) {
        esc_json_set(json, "output", output);
        return json;
    }
    esc_json_set_text(json, "status", esc_status_text(status));
    esc_json_set_text(json, "message", err.message);
    esc_json_set(json, "fault", fault_json(&fault));
    return json;
}

/* Without a name it tells which operations there are. */
static struct esc_json *operations(void)
{
    struct esc_json *list = esc_json_array();
    for (size_t i = 0; i < esc_operation_count(); i++) {
        const struct esc_operation *operation = esc_operation_at(i);
        if (!operation->wire)
            continue;
        struct esc_json *row = esc_json_array();
        esc_json_push_text(row, operation->service);
        esc_json_push_text(row, operation->operation);
        esc_json_push(list, row);
    }
    return list;
}

static struct esc_json *reply(const struct esc_json *line)
{
    const char *name = esc_json_str(line, "operation", NULL);
    if (!name)
        return operations();
    const struct esc_operation *operation =
        esc_operation_find(esc_json_str(line, "service", ""), name);
    ESC_ASSERT(operation && operation->wire);
    const struct esc_json *params = esc_json_member(line, "params");
    return params ? ask(operation, params) : answer(operation, line);
}

int main(void)
{
    char *text = NULL;
    size_t size = 0;
    for (ssize_t len; (len = getline(&text, &size, stdin)) > 0;) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *line = NULL;
        struct esc_error err;
        if (esc_json_parse((struct esc_str){text, (size_t)len}, NULL, &line, &err) != ESC_OK) {
            (void)fprintf(stderr, "wire-peer: %s\n", err.message);
            return 1;
        }
        ESC_CLEANUP(esc_json_freep) struct esc_json *made = reply(line);
        ESC_CLEANUP(esc_freep) char *printed = esc_json_print(made, ESC_JSON_COMPACT);
        puts(printed);
    }
    free(text);
    return 0;
}
