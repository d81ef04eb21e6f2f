/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/aws/aws_private.h"
#include "escher/aws/wire_xml.h"
#include "escher/base/alloc.h"
#include "escher/base/buf.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/base/utf8.h"

/* What AWS says when it refuses, and what can be learned from it. */

/* Codes that mean one status each; a trailing '*' stands for any ending. */
static const struct {
    const char *code;
    enum esc_status status;
} codes[] = {
    {"AccessDenied*", ESC_DENIED},
    {"AuthFailure", ESC_DENIED},
    {"ExpiredToken*", ESC_DENIED},
    {"InvalidAccessKeyId", ESC_DENIED},
    {"InvalidClientTokenId", ESC_DENIED},
    {"InvalidSignature*", ESC_DENIED},
    {"OptInRequired", ESC_DENIED},
    {"RegionDisabled*", ESC_DENIED},
    {"RequestExpired", ESC_DENIED},
    {"RequestTimeTooSkewed", ESC_DENIED},
    {"SignatureDoesNotMatch", ESC_DENIED},
    {"UnauthorizedOperation", ESC_DENIED},
    {"UnrecognizedClient*", ESC_DENIED},
    {"EC2ThrottledException", ESC_THROTTLED},
    {"PriorRequestNotComplete", ESC_THROTTLED},
    {"RequestLimitExceeded", ESC_THROTTLED},
    {"RequestThrottled*", ESC_THROTTLED},
    {"SlowDown", ESC_THROTTLED},
    {"Throttled*", ESC_THROTTLED},
    {"Throttling*", ESC_THROTTLED},
    {"TooManyRequests*", ESC_THROTTLED},
    {"InternalError", ESC_UNAVAILABLE},
    {"InternalFailure", ESC_UNAVAILABLE},
    {"RequestTimeout*", ESC_UNAVAILABLE},
    {"ServiceUnavailable*", ESC_UNAVAILABLE},
};

static bool matches(const char *code, const char *pattern)
{
    size_t len = strlen(pattern);
    if (pattern[len - 1] == '*')
        return strncmp(code, pattern, len - 1) == 0;
    return strcmp(code, pattern) == 0;
}

enum esc_status esc_aws_fault_status(const struct esc_aws_fault *fault)
{
    for (size_t i = 0; i < ESC_COUNT(codes); i++)
        if (matches(fault->code, codes[i].code))
            return codes[i].status;
    if (fault->http_status >= 502 && fault->http_status <= 504)
        return ESC_UNAVAILABLE; /* a gateway on the way, also without a code */
    if (!*fault->code)
        return ESC_CORRUPT;
    if (fault->http_status == 401 || fault->http_status == 403)
        return ESC_DENIED;
    if (fault->http_status == 429)
        return ESC_THROTTLED;
    return fault->http_status >= 500 ? ESC_UNAVAILABLE : ESC_INVALID;
}

bool esc_aws_fault_is_expired(const struct esc_aws_fault *fault)
{
    return matches(fault->code, "ExpiredToken*") || matches(fault->code, "InvalidClientTokenId") ||
           matches(fault->code, "UnrecognizedClient*") || matches(fault->code, "RequestExpired");
}

/* One printable line; a service is not believed to keep to that. */
static void copy_clean(char *out, size_t size, const char *text)
{
    struct esc_buf buf;
    esc_buf_init(&buf, ESC_MAX_RESPONSE);
    esc_utf8_append_display(&buf, esc_utf8_cut(esc_str_trim(esc_str_of(text)), size), false);
    struct esc_str cut = esc_utf8_cut(esc_buf_str(&buf), size - 1);
    memcpy(out, cut.ptr, cut.len);
    out[cut.len] = '\0';
    esc_buf_done(&buf);
}

/* The error element in any of the shapes services use. */
static const struct esc_xml *find_error(const struct esc_xml *root)
{
    const struct esc_xml *error = esc_xml_get(root, "Errors.Error"); /* EC2 */
    if (!error)
        error = esc_xml_child(root, "Error"); /* query */
    return error ? error : root;              /* S3: the root itself */
}

bool aws_code_fits(const char *pattern, const char *text)
{
    const size_t len = strlen(pattern);
    if (len > 0 && pattern[len - 1] == '*')
        return strncmp(pattern, text, len - 1) == 0;
    return strcmp(pattern, text) == 0;
}

void aws_fault_say(struct esc_aws_fault *fault, const char *code, const char *message,
                   const char *request_id)
{
    copy_clean(fault->code, sizeof fault->code, code);
    copy_clean(fault->request_id, sizeof fault->request_id, request_id);
    /* what a service says about a signature repeats the request, token and all */
    if (strstr(fault->code, "Signature"))
        message = "the secret key does not fit the key id, or a clock is off";
    copy_clean(fault->message, sizeof fault->message, message);
}

void aws_fault_read(const struct esc_http_response *response, struct esc_aws_fault *fault)
{
    ESC_CLEANUP(esc_xml_freep) struct esc_xml *root = NULL;
    *fault = (struct esc_aws_fault){.http_status = response->status};
    if (esc_xml_parse(response->body, &root, NULL) != ESC_OK)
        return; /* none of AWS's: the code stays empty */
    const struct esc_xml *error = find_error(root);
    const char *id = esc_xml_str(root, "RequestId", esc_xml_str(root, "RequestID", ""));
    aws_fault_say(fault, esc_xml_str(error, "Code", ""), esc_xml_str(error, "Message", ""), id);
}

bool aws_parse_http_date(const char *text, uint64_t *out_ms)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char iso[ESC_TIME_TEXT], month[4] = "";
    if (!text || strlen(text) != 29 || strcmp(text + 25, " GMT") != 0)
        return false;
    memcpy(month, text + 8, 3);
    const char *found = strstr(months, month);
    if (!found || (found - months) % 3 != 0)
        return false;
    struct esc_str day = {text + 5, 2}, year = {text + 12, 4}, time = {text + 17, 8};
    struct esc_buf buf;
    esc_buf_init(&buf, sizeof iso);
    esc_buf_printf(&buf, "%.*s-%02d-%.*sT%.*sZ", ESC_STR_ARG(year), (int)(found - months) / 3 + 1,
                   ESC_STR_ARG(day), ESC_STR_ARG(time));
    bool parsed = esc_time_parse(esc_buf_str(&buf), out_ms);
    esc_buf_done(&buf);
    return parsed;
}

bool aws_bucket_region(const struct esc_http_response *response, const struct esc_aws_fault *fault,
                       const char *region, char out[ESC_REGION_TEXT])
{
    static const char *const about[] = {"",
                                        "301",
                                        "PermanentRedirect",
                                        "TemporaryRedirect",
                                        "Redirect",
                                        "AuthorizationHeaderMalformed",
                                        "IllegalLocationConstraintException"};
    ESC_CLEANUP(esc_xml_freep) struct esc_xml *xml = NULL;
    bool fits = false;
    for (size_t i = 0; i < ESC_COUNT(about); i++)
        fits = fits || esc_text_equal(fault->code, about[i]);
    if (!fits || response->status >= 500)
        return false;
    (void)esc_xml_parse(response->body, &xml, NULL); /* the header may tell as well */
    const char *header = esc_http_response_header(response, "x-amz-bucket-region");
    const char *found = esc_xml_str(xml, "Region", header ? header : "");
    if (!esc_region_is_valid(esc_str_of(found)) || esc_text_equal(found, region))
        return false;
    memcpy(out, found, strlen(found) + 1);
    return true;
}
