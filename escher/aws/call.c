/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/call.h"

#include <string.h>

#include "escher/aws/aws_private.h"
#include "escher/aws/sigv4.h"
#include "escher/aws/wire_xml.h"
#include "escher/base/alloc.h"
#include "escher/base/buf.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/base/utf8.h"
#include "escher/http/url.h"
#include "escher/loop/backoff.h"
#include "escher/loop/timer.h"

enum {
    SKEW_WORTH_MS = 60 * 1000, /* less is not what a signature fails for */
    MAX_ATTEMPTS = 3,          /* of a throttled or troubled service */
};
static const struct esc_backoff retry = {.base_ms = 200, .max_ms = 5000};

struct aws_call {
    struct aws_call *next, **link;
    struct esc_aws *aws;
    struct esc_credentials *credentials;
    struct esc_aws_environment *environment;
    char *service, *region, *url, *body;
    uint64_t timeout_ms;
    unsigned attempt;
    bool skew_corrected;
    struct esc_timer *turn; /* begins an attempt, or reports what ended before it began */
    struct esc_http_call *http;
    struct esc_error failure;
    esc_aws_call_fn *done;
    void *context;
};

enum esc_status esc_aws_new(struct esc_loop *loop, const struct esc_aws_options *options,
                            struct esc_aws **out, struct esc_error *err)
{
    struct esc_aws *aws = esc_alloc_zero(sizeof *aws);
    aws->loop = loop;
    aws->clock = options && options->clock ? options->clock : esc_clock_system();
    esc_list_init(&aws->cache, NULL);
    enum esc_status status = esc_http_client_new(loop, NULL, &aws->http, err);
    if (status == ESC_OK)
        *out = aws;
    else
        free(aws);
    return status;
}

uint64_t esc_aws_now_ms(const struct esc_aws *aws)
{
    return esc_clock_wall_ms(aws->clock) + (uint64_t)aws->skew_ms;
}

/* The last thing that happens to a call. */
static void report(struct aws_call *call, const struct esc_xml *xml,
                   const struct esc_aws_fault *fault, const struct esc_error *err)
{
    *call->link = call->next;
    if (call->next)
        call->next->link = call->link;
    esc_timer_stop(&call->turn);
    call->done(call->context, xml, fault, err);
    esc_credentials_free(call->credentials);
    esc_aws_environment_free(call->environment);
    free(call->service);
    free(call->region);
    free(call->url);
    free(call->body);
    free(call);
}

void esc_aws_free(struct esc_aws *aws)
{
    if (!aws)
        return;
    esc_http_client_free(aws->http); /* ends the calls that wait for an answer */
    while (aws->calls) {
        struct esc_error err;
        (void)esc_fail(&err, ESC_CANCELLED, "%s: cancelled", aws->calls->service);
        report(aws->calls, NULL, NULL, &err);
    }
    resolve_end_all(aws);
    free(aws);
}

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

static void read_fault(const struct esc_http_response *response, struct esc_aws_fault *fault)
{
    ESC_CLEANUP(esc_xml_freep) struct esc_xml *root = NULL;
    *fault = (struct esc_aws_fault){.http_status = response->status};
    if (esc_xml_parse(response->body, &root, NULL) != ESC_OK)
        return; /* none of AWS's: the code stays empty */
    const struct esc_xml *error = find_error(root);
    copy_clean(fault->code, sizeof fault->code, esc_xml_str(error, "Code", ""));
    const char *id = esc_xml_str(root, "RequestId", esc_xml_str(root, "RequestID", ""));
    copy_clean(fault->request_id, sizeof fault->request_id, id);
    /* what a service says about a signature repeats the request, token and all */
    const char *message = strstr(fault->code, "Signature")
                              ? "the secret key does not fit the key id, or a clock is off"
                              : esc_xml_str(error, "Message", "");
    copy_clean(fault->message, sizeof fault->message, message);
}

/** Reads "Sun, 06 Nov 1994 08:49:37 GMT". @source RFC 9110 section 5.6.7, IMF-fixdate */
static bool parse_http_date(const char *text, uint64_t *out_ms)
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

/* Learns the skew when the refusal may come from a clock that is off; true: worth another try. */
static bool correct_skew(struct aws_call *call, const struct esc_http_response *response,
                         const struct esc_aws_fault *fault)
{
    static const char *const suspects[] = {"RequestTimeTooSkewed", "SignatureDoesNotMatch",
                                           "InvalidSignature*", "RequestExpired", "AuthFailure"};
    uint64_t theirs_ms = 0, ours_ms = esc_clock_wall_ms(call->aws->clock);
    bool suspect = false;
    for (size_t i = 0; i < ESC_COUNT(suspects); i++)
        suspect = suspect || matches(fault->code, suspects[i]);
    if (!suspect || call->skew_corrected ||
        !parse_http_date(esc_http_response_header(response, "Date"), &theirs_ms))
        return false;
    int64_t skew_ms = (int64_t)(theirs_ms - ours_ms);
    int64_t change_ms = skew_ms - call->aws->skew_ms;
    if (change_ms > -SKEW_WORTH_MS && change_ms < SKEW_WORTH_MS)
        return false;
    call->aws->skew_ms = skew_ms;
    call->skew_corrected = true;
    return true;
}

static void begin(void *context);

static void begin_after(struct aws_call *call, uint64_t delay_ms)
{
    call->turn = esc_timer_start(call->aws->loop, delay_ms, begin, call);
}

static void on_refusal(struct aws_call *call, const struct esc_http_response *response)
{
    struct esc_aws_fault fault;
    struct esc_error err;
    read_fault(response, &fault);
    enum esc_status status = esc_aws_fault_status(&fault);
    if (correct_skew(call, response, &fault)) {
        begin_after(call, 0);
    } else if ((status == ESC_THROTTLED || status == ESC_UNAVAILABLE) &&
               ++call->attempt < MAX_ATTEMPTS) {
        begin_after(call, esc_backoff_ms(&retry, call->attempt - 1, esc_random_system()));
    } else {
        if (*fault.code)
            (void)esc_fail(&err, status, "%s: %s: %s", call->service, fault.code, fault.message);
        else
            (void)esc_fail(&err, status, "%s: HTTP %d, and the answer is none of AWS's",
                           call->service, fault.http_status);
        report(call, NULL, &fault, &err);
    }
}

static void on_answer(void *context, const struct esc_http_response *response,
                      const struct esc_error *failure)
{
    struct aws_call *call = context;
    ESC_CLEANUP(esc_xml_freep) struct esc_xml *xml = NULL;
    struct esc_error err;
    call->http = NULL;
    if (!response) {
        report(call, NULL, NULL, failure);
    } else if (response->status != 200) {
        on_refusal(call, response);
    } else if (esc_xml_parse(response->body, &xml, &err) != ESC_OK) {
        (void)esc_fail(&err, ESC_CORRUPT, "%s: the answer is none of AWS's", call->service);
        report(call, NULL, NULL, &err);
    } else {
        report(call, xml, NULL, NULL);
    }
}

static void send_signed(struct aws_call *call, const struct esc_http_header *signed_with,
                        size_t signed_count, const struct esc_sigv4_headers *made)
{
    struct esc_http_header headers[8];
    size_t count = 0;
    for (; count < signed_count; count++)
        headers[count] = signed_with[count];
    headers[count++] = (struct esc_http_header){"X-Amz-Date", made->amz_date};
    if (made->security_token)
        headers[count++] = (struct esc_http_header){"X-Amz-Security-Token", made->security_token};
    headers[count++] = (struct esc_http_header){"Authorization", made->authorization};
    const struct esc_http_way way = esc_aws_environment_way(call->environment);
    const struct esc_http_request request = {
        .method = "POST",
        .url = call->url,
        .way = &way,
        .headers = headers,
        .header_count = count,
        .body = esc_str_of(call->body),
        .timeout_ms = call->timeout_ms,
        .max_response = ESC_MAX_REQUEST,
    };
    call->http = esc_http_send(call->aws->http, &request, on_answer, call);
}

static void begin(void *context)
{
    struct aws_call *call = context;
    struct esc_url url = {0};
    struct esc_sigv4_headers made;
    call->turn = NULL;
    if (call->failure.status == ESC_OK && !esc_url_parse(esc_str_of(call->url), &url))
        (void)esc_fail(&call->failure, ESC_INVALID, "%s: the endpoint is no http or https URL",
                       call->service);
    ESC_CLEANUP(esc_freep) char *host = esc_str_dup(url.host);
    const struct esc_http_header headers[] = {
        {"Host", host},
        {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
    };
    const struct esc_sigv4_request request = {
        .method = ESC_STR("POST"),
        .path = url.path,
        .headers = headers,
        .header_count = ESC_COUNT(headers),
        .body = esc_str_of(call->body),
    };
    const struct esc_sigv4_options options = {
        .credentials = call->credentials,
        .region = call->region,
        .service = call->service,
        .now_ms = esc_aws_now_ms(call->aws),
    };
    if (call->failure.status == ESC_OK &&
        esc_sigv4_sign(&options, &request, &made, &call->failure) == ESC_OK) {
        send_signed(call, headers, ESC_COUNT(headers), &made);
        esc_sigv4_headers_done(&made);
    } else {
        report(call, NULL, NULL, &call->failure);
    }
}

/* A region becomes part of a host name. */
static bool is_region(struct esc_str region)
{
    for (size_t i = 0; i < region.len; i++)
        if (!esc_is_lower(region.ptr[i]) && !esc_is_digit(region.ptr[i]) && region.ptr[i] != '-')
            return false;
    return region.len > 0 && region.len <= 32;
}

void esc_aws_call_send(struct esc_aws *aws, const struct esc_aws_call *given, esc_aws_call_fn *done,
                       void *context)
{
    struct aws_call *call = esc_alloc_zero(sizeof *call);
    const struct esc_aws_place *place = &given->place;
    const char *name = place->region ? place->region : "us-east-1";
    struct esc_str region = esc_str_of(name);
    const char *suffix = esc_str_starts_with(region, ESC_STR("cn-")) ? ".cn" : "";
    call->aws = aws;
    call->credentials = esc_credentials_copy(given->credentials);
    call->service = esc_strdup(given->service);
    call->environment = esc_aws_environment_copy(place->environment);
    call->region = esc_strdup(name);
    call->url = place->endpoint_url
                    ? esc_strdup(place->endpoint_url)
                    : esc_sprintf("https://%s.%s.amazonaws.com%s/", given->service, name, suffix);
    call->body = esc_str_dup(given->body);
    call->timeout_ms = given->timeout_ms;
    call->done = done;
    call->context = context;
    if (!is_region(region))
        (void)esc_fail(&call->failure, ESC_INVALID, "%s: this is no region name", given->service);
    call->link = &aws->calls;
    call->next = aws->calls;
    if (call->next)
        call->next->link = &call->next;
    aws->calls = call;
    begin_after(call, 0);
}
