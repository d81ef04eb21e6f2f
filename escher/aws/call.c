/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/call.h"

#include <string.h>

#include "escher/aws/endpoint.h"
#include "escher/aws/pace_private.h"
#include "escher/aws/send_private.h"
#include "escher/aws/source_private.h"
#include "escher/aws/wire_xml.h"
#include "escher/base/alloc.h"
#include "escher/base/buf.h"
#include "escher/base/limits.h"
#include "escher/loop/backoff.h"
#include "escher/loop/timer.h"

enum {
    MAX_ATTEMPTS = 3, /* of a throttled or troubled service */
};
static const struct esc_backoff retry = {.base_ms = 200, .max_ms = 5000};

struct aws_call {
    struct aws_call *next, **link;
    struct esc_aws *aws;
    struct esc_credentials *credentials;
    struct esc_aws_environment *environment;
    char *service, *region, *endpoint_url, *url, *body;
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
    aws->random = options && options->random ? options->random : esc_random_system();
    aws->pace = aws_pace_new();
    if (options) {
        aws->keyring = options->keyring;
        aws->ask = options->ask;
        aws->ask_context = options->ask_context;
    }
    esc_list_init(&aws->cache, NULL);
    esc_list_init(&aws->sources, NULL);
    esc_list_init(&aws->states, NULL);
    esc_list_init(&aws->skews, NULL);
    enum esc_status status = esc_http_client_new(loop, NULL, &aws->http, err);
    if (status == ESC_OK) {
        *out = aws;
    } else {
        aws_pace_free(aws->pace);
        free(aws);
    }
    return status;
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
    free(call->endpoint_url);
    free(call->url);
    esc_wipe(call->body, strlen(call->body)); /* an MFA code, a web identity */
    free(call->body);
    free(call);
}

void esc_aws_free(struct esc_aws *aws)
{
    if (!aws)
        return;
    aws->ending = true;
    esc_http_client_free(aws->http); /* ends the calls that wait for an answer */
    while (aws->calls) {
        struct esc_error err;
        (void)esc_fail(&err, ESC_CANCELLED, "%s: cancelled", aws->calls->service);
        report(aws->calls, NULL, NULL, &err);
    }
    s3_end_all(aws);
    aws_source_end_all(aws);
    resolve_end_all(aws); /* before the reads, which may wait for it */
    read_end_all(aws);
    aws_states_drop(aws);
    aws_skews_drop(aws);
    free(aws);
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
    aws_fault_read(response, &fault);
    enum esc_status status = esc_aws_fault_status(&fault);
    if (!call->skew_corrected && aws_skew_learn(call->aws, call->endpoint_url, response, &fault)) {
        call->skew_corrected = true;
        begin_after(call, 0);
    } else if ((status == ESC_THROTTLED || status == ESC_UNAVAILABLE) &&
               ++call->attempt < MAX_ATTEMPTS) {
        begin_after(call, esc_backoff_ms(&retry, call->attempt - 1, call->aws->random));
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

static void begin(void *context)
{
    struct aws_call *call = context;
    static const struct esc_http_header headers[] = {
        {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
    };
    const struct aws_request request = {
        .credentials = call->credentials,
        .environment = call->environment,
        .service = call->service,
        .region = call->region,
        .method = "POST",
        .url = call->url,
        .endpoint_url = call->endpoint_url,
        .headers = headers,
        .header_count = ESC_COUNT(headers),
        .body = esc_str_of(call->body),
        .timeout_ms = call->timeout_ms,
        .max_response = ESC_MAX_REQUEST,
    };
    call->turn = NULL;
    if (call->failure.status != ESC_OK ||
        aws_send(call->aws, &request, on_answer, call, &call->http, &call->failure) != ESC_OK)
        report(call, NULL, NULL, &call->failure);
}

/* Where it goes, and for which region it is signed. */
static void choose_place(struct aws_call *call, const struct esc_aws_place *place)
{
    const struct esc_endpoint_ask ask = {
        .prefix = call->service, .region = place->region, .endpoint_url = place->endpoint_url};
    struct esc_endpoint endpoint = {0};
    struct esc_buf url;
    esc_buf_init(&url, ESC_MAX_LINE);
    if (esc_endpoint_make(&ask, &url, &endpoint, &call->failure) != ESC_OK)
        (void)esc_wrap(&call->failure, ESC_INVALID, "%s", call->service);
    esc_buf_add_char(&url, '/');
    call->url = esc_buf_take(&url);
    call->region = esc_strdup(endpoint.region);
}

void esc_aws_call_send(struct esc_aws *aws, const struct esc_aws_call *given, esc_aws_call_fn *done,
                       void *context)
{
    struct aws_call *call = esc_alloc_zero(sizeof *call);
    call->aws = aws;
    call->credentials = esc_credentials_copy(given->credentials);
    call->service = esc_strdup(given->service);
    call->environment = esc_aws_environment_copy(given->place.environment);
    call->endpoint_url = esc_strdup_null(given->place.endpoint_url);
    choose_place(call, &given->place);
    call->body = esc_str_dup(given->body);
    call->timeout_ms = given->timeout_ms;
    call->done = done;
    call->context = context;
    call->link = &aws->calls;
    call->next = aws->calls;
    if (call->next)
        call->next->link = &call->next;
    aws->calls = call;
    begin_after(call, 0);
}
