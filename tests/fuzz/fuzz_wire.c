/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/wire.h"
#include "escher/base/alloc.h"
#include "escher/base/utf8.h"
#include "tests/fuzz/fuzz.h"

/* One answer of a cloud: `SERVICE OPERATION STATUS`, then the body. */

static void check_fault(const struct esc_aws_fault *fault, const struct esc_error *err)
{
    ESC_ASSERT(!esc_utf8_has_unsafe(esc_str_of(fault->code)));
    ESC_ASSERT(!esc_utf8_has_unsafe(esc_str_of(fault->message)));
    ESC_ASSERT(*err->message);
    static const enum esc_status promised[] = {ESC_CORRUPT,   ESC_LIMIT,       ESC_DENIED,
                                               ESC_THROTTLED, ESC_UNAVAILABLE, ESC_INVALID};
    bool is_promised = false;
    for (size_t i = 0; i < ESC_COUNT(promised); i++)
        is_promised = is_promised || err->status == promised[i];
    ESC_ASSERT(is_promised);
}

/* What was read once is read again the same, and can be written. */
static void check_output(const struct esc_operation *operation,
                         const struct esc_http_response *response, struct esc_json *output)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *again = NULL;
    ESC_CLEANUP(esc_json_freep) struct esc_json *back = NULL;
    struct esc_aws_fault fault;
    ESC_ASSERT(esc_json_is(output, ESC_JSON_OBJECT));
    ESC_ASSERT(esc_wire_answer_read(operation, response, &again, &fault, NULL) == ESC_OK);
    ESC_ASSERT(esc_json_equal(output, again));
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(output, ESC_JSON_COMPACT);
    ESC_ASSERT(esc_json_parse(esc_str_of(text), NULL, &back, NULL) == ESC_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct esc_str rest = {(const char *)bytes, len}, line, service = {0}, name = {0};
    if (len == 0 || !esc_str_next(&rest, '\n', &line) || line.len == 0 ||
        !esc_str_next(&line, ' ', &service) || !esc_str_next(&line, ' ', &name))
        return 0;
    ESC_CLEANUP(esc_freep) char *of = esc_str_dup(service);
    ESC_CLEANUP(esc_freep) char *called = esc_str_dup(name);
    const struct esc_operation *operation = esc_operation_find(of, called);
    if (!operation || !operation->wire)
        return 0;
    static const struct esc_http_header headers[] = {{"x-amz-bucket-region", "eu-west-1"}};
    const struct esc_http_response response = {
        .status = esc_str_is(line, "403")   ? 403
                  : esc_str_is(line, "503") ? 503
                                            : 200,
        .headers = headers,
        .header_count = ESC_COUNT(headers),
        .body = rest,
    };
    ESC_CLEANUP(esc_json_freep) struct esc_json *output = NULL;
    struct esc_aws_fault fault;
    struct esc_error err;
    if (esc_wire_answer_read(operation, &response, &output, &fault, &err) == ESC_OK)
        check_output(operation, &response, output);
    else
        check_fault(&fault, &err);
    return 0;
}
