/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "escher/aws/endpoint.h"
#include "escher/aws/wire_private.h"
#include "escher/aws/wire_xml.h"
#include "escher/base/alloc.h"
#include "escher/base/limits.h"

/*
 * What a refusal says, in the shapes that services use:
 *
 *     EC2            <Response><Errors><Error><Code>…</Code><Message>…      in XML, fault.c
 *     query, REST    <ErrorResponse><Error><Code>…                            the same
 *     S3             <Error><Code>…                                           the same
 *     JSON           {"__type": "com.amazonaws.x#ThrottlingException", "message": …}
 *     REST/JSON      X-Amzn-ErrorType: ResourceNotFoundException:http://…, {"Message": …}
 *
 * Without a body, or in trouble, the HTTP status is the code, as the CLI has it. Anything else is
 * none of AWS's: a proxy's page says nothing about what is permitted.
 *
 * @source Smithy, AWS protocols, "Operation error serialization"
 */

static const struct {
    int status;
    const char *text;
} reasons[] = {
    {301, "Moved Permanently"},   {304, "Not Modified"},        {307, "Temporary Redirect"},
    {400, "Bad Request"},         {401, "Unauthorized"},        {403, "Forbidden"},
    {404, "Not Found"},           {405, "Method Not Allowed"},  {409, "Conflict"},
    {412, "Precondition Failed"}, {429, "Too Many Requests"},   {500, "Internal Server Error"},
    {502, "Bad Gateway"},         {503, "Service Unavailable"}, {504, "Gateway Timeout"},
};

static const char *header(const struct esc_http_response *response, const char *name)
{
    const char *value = esc_http_response_header(response, name);
    return value ? value : "";
}

static void say_status(struct esc_aws_fault *fault, const char *request_id)
{
    char code[16];
    const char *message = "";
    (void)snprintf(code, sizeof code, "%d", fault->http_status);
    for (size_t i = 0; i < ESC_COUNT(reasons); i++)
        if (reasons[i].status == fault->http_status)
            message = reasons[i].text;
    aws_fault_say(fault, code, message, request_id);
}

/* "com.amazonaws.x#Name:http://…" is Name. */
static struct esc_str bare_code(const char *text)
{
    struct esc_str code = esc_str_of(text), name;
    code = esc_str_slice(code, 0, esc_str_find(code, ESC_STR(":"), 0));
    while (code.len > 0 && esc_str_contains(code, ESC_STR("#")) && esc_str_next(&code, '#', &name))
        ;
    return code;
}

/* Services that once spoke query say the code of that time: "AWS.X.QueueDoesNotExist;Sender". */
static struct esc_str old_code(const struct esc_operation *operation,
                               const struct esc_http_response *response)
{
    struct esc_str text = esc_str_of(header(response, "x-amzn-query-error"));
    return operation->wire->is_query_compatible
               ? esc_str_slice(text, 0, esc_str_find(text, ESC_STR(";"), 0))
               : ESC_STR("");
}

static void read_json(const struct esc_operation *operation,
                      const struct esc_http_response *response, const char *request_id,
                      struct esc_aws_fault *fault)
{
    static const struct esc_json_limits limits = {ESC_MAX_RESPONSE, ESC_WIRE_MAX_DEPTH};
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    char status[16];
    if (esc_json_parse(response->body, &limits, &body, NULL) != ESC_OK ||
        !esc_json_is(body, ESC_JSON_OBJECT))
        return;
    const char *code = esc_json_str(body, "__type", "");
    if (operation->wire->protocol == ESC_PROTOCOL_REST_JSON) {
        const char *in_body = esc_json_str(body, "code", esc_json_str(body, "Code", code));
        const char *type = header(response, "x-amzn-errortype");
        code = *type ? type : in_body;
    }
    struct esc_str old = old_code(operation, response);
    struct esc_str bare = old.len > 0 ? old : bare_code(code);
    (void)snprintf(status, sizeof status, "%d", response->status);
    ESC_CLEANUP(esc_freep) char *said = esc_str_dup(bare.len > 0 ? bare : esc_str_of(status));
    aws_fault_say(fault, said, esc_json_str(body, "message", esc_json_str(body, "Message", "")),
                  request_id);
}

static void read_bucket_region(const struct esc_http_response *response,
                               struct esc_aws_fault *fault)
{
    ESC_CLEANUP(esc_xml_freep) struct esc_xml *root = NULL;
    const char *region = header(response, "x-amz-bucket-region");
    if (!*region && esc_xml_parse(response->body, &root, NULL) == ESC_OK)
        region = esc_xml_str(root, "Region", "");
    if (esc_region_is_valid(esc_str_of(region)))
        memcpy(fault->bucket_region, region, strlen(region) + 1);
}

static_assert(sizeof((struct esc_aws_fault){0}.bucket_region) >= ESC_REGION_TEXT);

void wire_fault_read(const struct esc_operation *operation,
                     const struct esc_http_response *response, struct esc_aws_fault *fault)
{
    const enum esc_protocol protocol = operation->wire->protocol;
    const char *id = header(response, "x-amzn-requestid");
    id = *id ? id : header(response, "x-amz-request-id");
    *fault = (struct esc_aws_fault){.http_status = response->status};
    if (protocol == ESC_PROTOCOL_JSON || protocol == ESC_PROTOCOL_REST_JSON)
        read_json(operation, response, id, fault);
    else
        aws_fault_read(response, fault);
    if (!*fault->code && (response->status >= 500 || response->body.len == 0))
        say_status(fault, id);
    if (esc_text_equal(operation->service, "s3"))
        read_bucket_region(response, fault);
}
