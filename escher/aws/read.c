/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/read.h"

#include <stdio.h>
#include <string.h>

#include "escher/aws/endpoint.h"
#include "escher/aws/pace_private.h"
#include "escher/aws/read_private.h"
#include "escher/aws/retry.h"
#include "escher/aws/send_private.h"
#include "escher/aws/wire.h"
#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/limits.h"
#include "escher/loop/timer.h"

/*
 * A reading is always in exactly one place:
 *
 *     WAITING in the queue of pace.c ──▶ CALLED: `http` is under way
 *        ▲                                  │
 *        └── PAUSED: `pause` runs ◀─────────┼──▶ RENEWING: the caller has it
 *                                           └──▶ over: report()
 *
 * Pages, retries and the second start after an expired page token all pass through WAITING, so
 * that each call counts against its bucket.
 */

enum {
    DEADLINE_MS = 120 * 1000,          /* of a page */
    LIST_DEADLINE_MS = 15 * 60 * 1000, /* of all of them */
    CALL_TIMEOUT_MS = 30 * 1000,
    MAX_BODY = ESC_MAX_RESPONSE,
};

struct esc_aws_reading {
    struct esc_aws_reading *next, **link; /* of aws->readings */
    struct aws_turn turn;
    struct esc_aws *aws;
    struct read_keys *keys; /* NULL: the operation is not signed */
    struct esc_aws_environment *environment;
    const struct esc_operation *operation;
    struct esc_json *params;
    char *account, *region, *endpoint_url;
    uint64_t deadline_ms;
    uint64_t asked_ms;                  /* monotonic */
    uint64_t called_ms, page_called_ms; /* the first call, of all and of the page; 0 before it */
    esc_aws_page_fn *on_page;
    void (*on_expired)(void *context, struct esc_aws_reading *reading);
    esc_aws_read_done_fn *done;
    void *context;

    struct esc_timer *pause;    /* between attempts, or before an early end */
    struct esc_timer *deadline; /* of the page, from its first call on */
    struct esc_http_call *http;
    bool renewing, cancelled, late, refused;
    bool once;

    struct esc_map *seen;         /* marks of page tokens */
    struct esc_json *all;         /* the pages so far, when nobody takes them */
    unsigned throttled, troubled; /* attempts of this page that ended so */
    bool skew_corrected, restarted, renewed, redirected; /* each once */
    struct esc_aws_read_result result;
    char code[64], message[640];
};

static struct esc_aws_reading *reading_of(struct aws_turn *turn)
{
    return (struct esc_aws_reading *)((char *)turn - offsetof(struct esc_aws_reading, turn));
}

static uint64_t now_ms(const struct esc_aws *aws)
{
    return esc_clock_monotonic_ms(aws->clock);
}

bool esc_aws_can_read(const struct esc_operation *operation)
{
    return operation->wire && !operation->mutates;
}

bool esc_aws_can_send(const struct esc_operation *operation)
{
    static const char *const permitted[] = {"ReceiveMessage", "DeleteMessageBatch"};
    for (size_t i = 0; i < ESC_COUNT(permitted); i++)
        if (esc_text_equal(operation->service, "sqs") &&
            esc_text_equal(operation->operation, permitted[i]))
            return operation->wire;
    return false;
}

/* The end */

static void reading_free(struct esc_aws_reading *reading)
{
    read_keys_drop(reading->keys);
    esc_aws_environment_free(reading->environment);
    esc_json_free(reading->params);
    esc_json_free(reading->all);
    esc_map_free(reading->seen);
    free(reading->account);
    free(reading->region);
    free(reading->endpoint_url);
    free(reading);
}

/* The last thing that happens to a reading. */
static void report(struct esc_aws_reading *reading, enum esc_error_category category,
                   const struct esc_json *output)
{
    struct esc_aws_read_result *result = &reading->result;
    ESC_ASSERT(!reading->http);
    *reading->link = reading->next;
    if (reading->next)
        reading->next->link = reading->link;
    esc_timer_stop(&reading->pause);
    esc_timer_stop(&reading->deadline);
    aws_turn_leave(&reading->turn);
    aws_pace_soon(reading->aws);
    result->category = category;
    result->code = *reading->code && category != ESC_CATEGORY_NONE ? reading->code : NULL;
    result->message = category != ESC_CATEGORY_NONE ? reading->message : NULL;
    result->output = output;
    result->took_ms = now_ms(reading->aws) - reading->asked_ms;
    reading->done(reading->context, result);
    reading_free(reading);
}

static void say(struct esc_aws_reading *reading, const char *code, const char *message)
{
    (void)snprintf(reading->code, sizeof reading->code, "%s", code);
    (void)snprintf(reading->message, sizeof reading->message, "%s", message);
}

/* A message as the CLI's: the service's own words, or ours when it had none. */
static enum esc_error_category note_fault(struct esc_aws_reading *reading,
                                          const struct esc_aws_fault *fault,
                                          const struct esc_error *err)
{
    char bare[16];
    (void)snprintf(bare, sizeof bare, "%d", fault->http_status);
    const bool is_refusal = fault->http_status >= 400;
    const char *code = *fault->code ? fault->code : is_refusal ? bare : "";
    say(reading, code, *fault->message ? fault->message : err->message);
    const enum esc_error_category category = esc_error_category_of_code(esc_str_of(code));
    return category == ESC_CATEGORY_UNKNOWN ? ESC_CATEGORY_SERVICE : category;
}

static enum esc_error_category note_error(struct esc_aws_reading *reading,
                                          const struct esc_error *err)
{
    say(reading, "", err->message);
    return err->status == ESC_CORRUPT ? ESC_CATEGORY_SERVICE
                                      : esc_error_category_of_status(err->status);
}

/* How long the pages to come may take. */
static uint64_t list_left_ms(const struct esc_aws_reading *reading)
{
    const uint64_t took_ms = now_ms(reading->aws) - reading->called_ms;
    return took_ms < LIST_DEADLINE_MS ? LIST_DEADLINE_MS - took_ms : 0;
}

static void end_late(struct esc_aws_reading *reading)
{
    char text[96];
    const bool is_list = list_left_ms(reading) == 0;
    (void)snprintf(
        text, sizeof text, "no whole answer within %llu s",
        (unsigned long long)((is_list ? LIST_DEADLINE_MS : reading->deadline_ms) / 1000));
    if (reading->throttled > 0) { /* why it took so long says more */
        report(reading, ESC_CATEGORY_THROTTLE, NULL);
        return;
    }
    say(reading, "", text);
    report(reading, ESC_CATEGORY_TIMEOUT, NULL);
}

static void end_cancelled(struct esc_aws_reading *reading)
{
    say(reading, "", "cancelled");
    report(reading, ESC_CATEGORY_CANCELLED, NULL);
}

static void on_deadline(void *context)
{
    struct esc_aws_reading *reading = context;
    reading->deadline = NULL;
    reading->late = true;
    if (reading->http)
        esc_http_cancel(reading->http); /* on_answer follows */
    else if (!reading->renewing)        /* else the caller still has it */
        end_late(reading);
}

/* Waiting for a turn */

static void queue(struct esc_aws_reading *reading)
{
    aws_turn_wait(&reading->turn);
    aws_pace_soon(reading->aws);
}

static void end_pause(void *context)
{
    struct esc_aws_reading *reading = context;
    reading->pause = NULL;
    if (reading->cancelled)
        end_cancelled(reading);
    else if (reading->late)
        end_late(reading);
    else if (reading->refused)
        report(reading, ESC_CATEGORY_AUTH, NULL);
    else
        queue(reading);
}

static void pause_for(struct esc_aws_reading *reading, uint64_t delay_ms)
{
    reading->pause = esc_timer_start(reading->aws->loop, delay_ms, end_pause, reading);
}

/* Whether another attempt is worth it; then it comes after a wait. */
static bool try_again(struct esc_aws_reading *reading, enum esc_retry kind)
{
    unsigned *count = kind == ESC_RETRY_THROTTLED ? &reading->throttled : &reading->troubled;
    if (++*count >= esc_retry_attempts(kind) || reading->once)
        return false;
    pause_for(reading, esc_backoff_ms(esc_retry_backoff(kind), *count - 1, reading->aws->random));
    return true;
}

static bool start_afresh(struct esc_aws_reading *reading)
{
    if (reading->restarted || reading->result.page_count == 0)
        return false;
    reading->restarted = true;
    page_restart(reading->operation, reading->params);
    esc_map_free(reading->seen);
    reading->seen = esc_map_new(NULL);
    esc_json_free(ESC_STEAL(reading->all));
    queue(reading);
    return true;
}

static bool ask_to_renew(struct esc_aws_reading *reading)
{
    if (reading->renewed || !reading->on_expired)
        return false;
    reading->renewed = reading->renewing = true;
    reading->on_expired(reading->context, reading);
    return true;
}

/* A bucket may be elsewhere than was thought. */
static bool follow_bucket(struct esc_aws_reading *reading, const struct esc_http_response *response,
                          const struct esc_aws_fault *fault)
{
    char region[ESC_REGION_TEXT];
    if (reading->redirected || !esc_text_equal(reading->operation->service, "s3") ||
        !aws_bucket_region(response, fault, reading->region, region))
        return false;
    reading->redirected = true;
    free(reading->region);
    reading->region = esc_strdup(region);
    queue(reading);
    return true;
}

/* Answers */

static void have_page(struct esc_aws_reading *reading, struct esc_json *output)
{
    struct esc_aws_read_result *result = &reading->result;
    const enum page_next next =
        page_next(reading->operation, output, reading->params, reading->seen);
    result->page_count++;
    reading->throttled = reading->troubled = 0;
    if (next == PAGE_REPEATED || next == PAGE_LOST) {
        say(reading, "",
            next == PAGE_LOST ? "more pages follow, but not where they begin"
                              : "a page token came a second time");
        report(reading, ESC_CATEGORY_SERVICE, NULL);
        return;
    }
    if (!reading->on_page) {
        page_strip(reading->operation, output);
        if (reading->all)
            page_join(reading->all, output);
        else
            reading->all = esc_json_ref(output);
    }
    if (next == PAGE_LAST) {
        report(reading, ESC_CATEGORY_NONE, reading->on_page ? output : reading->all);
        return;
    }
    esc_timer_stop(&reading->deadline);
    reading->page_called_ms = 0;
    queue(reading);
    if (reading->on_page)
        reading->on_page(reading->context, output);
}

static void have_fault(struct esc_aws_reading *reading, const struct esc_http_response *response,
                       const struct esc_aws_fault *fault, const struct esc_error *err)
{
    const enum esc_error_category category = note_fault(reading, fault, err);
    enum esc_retry kind = esc_retry_of_fault(fault);
    if (!reading->skew_corrected &&
        aws_skew_learn(reading->aws, reading->endpoint_url, response, fault)) {
        reading->skew_corrected = true;
        queue(reading);
        return;
    }
    if (response->status < 300 && !*fault->code)
        kind = esc_retry_of_status(err->status);
    if (follow_bucket(reading, response, fault) ||
        (kind == ESC_RETRY_PAGE_TOKEN && start_afresh(reading)) ||
        (kind == ESC_RETRY_EXPIRED && ask_to_renew(reading)) ||
        ((kind == ESC_RETRY_THROTTLED || kind == ESC_RETRY_TROUBLED) && try_again(reading, kind)))
        return;
    report(reading, category, NULL);
}

static void have_silence(struct esc_aws_reading *reading, const struct esc_error *failure)
{
    const enum esc_error_category category = note_error(reading, failure);
    const enum esc_retry kind = esc_retry_of_status(failure->status);
    if (kind == ESC_RETRY_NEVER || !try_again(reading, kind))
        report(reading, category, NULL);
}

static enum aws_outcome outcome_of(const struct esc_http_response *response,
                                   const struct esc_aws_fault *fault)
{
    if (!response)
        return AWS_UNHEARD;
    return esc_retry_of_fault(fault) == ESC_RETRY_THROTTLED ? AWS_THROTTLED : AWS_FARED_WELL;
}

static void on_answer(void *context, const struct esc_http_response *response,
                      const struct esc_error *failure)
{
    struct esc_aws_reading *reading = context;
    ESC_CLEANUP(esc_json_freep) struct esc_json *output = NULL;
    struct esc_aws_fault fault = {0};
    struct esc_error err = {0};
    reading->http = NULL;
    if (response)
        (void)esc_wire_answer_read(reading->operation, response, &output, &fault,
                                   &err); /* `output` tells */
    const enum aws_outcome outcome = outcome_of(output ? NULL : response, &fault);
    reading->result.throttled_count += outcome == AWS_THROTTLED;
    aws_turn_end(&reading->turn, output ? AWS_FARED_WELL : outcome, now_ms(reading->aws));
    aws_pace_soon(reading->aws);
    if (reading->cancelled)
        end_cancelled(reading);
    else if (reading->late)
        end_late(reading);
    else if (output)
        have_page(reading, output);
    else if (response)
        have_fault(reading, response, &fault, &err);
    else
        have_silence(reading, failure);
}

/* Calls */

static enum esc_status add_url(const struct esc_aws_reading *reading,
                               const struct esc_wire_request *wire, struct esc_buf *url,
                               struct esc_endpoint *endpoint, struct esc_error *err)
{
    const struct esc_service *service = reading->operation->wire;
    const bool is_s3 = esc_text_equal(service->name, "s3");
    const struct esc_endpoint_ask ask = {
        .prefix = service->endpoint_prefix,
        .region = reading->region,
        .endpoint_url = reading->endpoint_url,
        .bucket = is_s3 ? esc_json_str(reading->params, "Bucket", NULL) : NULL,
    };
    const enum esc_status status = esc_endpoint_make(&ask, url, endpoint, err);
    struct esc_str path = wire->path;
    if (status != ESC_OK)
        return status;
    if (endpoint->bucket_in_host) { /* "/bucket/rest" → "/rest" */
        const size_t slash = esc_str_find(path, ESC_STR("/"), 1);
        path = slash == SIZE_MAX ? ESC_STR("/") : esc_str_slice(path, slash, path.len);
    }
    esc_buf_add(url, path);
    if (wire->query.len > 0)
        esc_buf_printf(url, "?%.*s", ESC_STR_ARG(wire->query));
    return esc_buf_status(url, "the request", err);
}

static enum esc_status send_wire(struct esc_aws_reading *reading,
                                 const struct esc_wire_request *wire, struct esc_error *err)
{
    struct esc_endpoint endpoint;
    struct esc_buf url;
    esc_buf_init(&url, ESC_MAX_REQUEST);
    enum esc_status status = add_url(reading, wire, &url, &endpoint, err);
    if (status == ESC_OK) {
        const struct aws_request request = {
            .credentials = read_keys_credentials(reading->keys),
            .environment = reading->environment,
            .service = reading->operation->wire->signing_name,
            .region = endpoint.region,
            .method = wire->method,
            .url = esc_buf_text(&url),
            .endpoint_url = reading->endpoint_url,
            .headers = wire->headers,
            .header_count = wire->header_count,
            .body = wire->body,
            .is_s3 = esc_text_equal(reading->operation->wire->name, "s3"),
            .timeout_ms =
                reading->deadline_ms < CALL_TIMEOUT_MS ? reading->deadline_ms : CALL_TIMEOUT_MS,
            .max_response = MAX_BODY,
            .fresh = reading->once,
        };
        status = aws_send(reading->aws, &request, on_answer, reading, &reading->http, err);
    }
    esc_buf_done(&url);
    return status;
}

/* By the clock that is given; the timer only wakes us. */
static void start_deadline(struct esc_aws_reading *reading)
{
    const uint64_t at_ms = now_ms(reading->aws);
    if (!reading->called_ms)
        reading->called_ms = at_ms;
    if (!reading->page_called_ms)
        reading->page_called_ms = at_ms;
    const uint64_t took_ms = at_ms - reading->page_called_ms, list_ms = list_left_ms(reading);
    const uint64_t page_ms = took_ms < reading->deadline_ms ? reading->deadline_ms - took_ms : 0;
    esc_timer_stop(&reading->deadline);
    reading->deadline = esc_timer_start(reading->aws->loop, list_ms < page_ms ? list_ms : page_ms,
                                        on_deadline, reading);
}

static void call(struct esc_aws_reading *reading)
{
    struct esc_wire_request wire;
    struct esc_error err;
    enum esc_status status =
        esc_wire_request_make(reading->operation, reading->params, &wire, &err);
    start_deadline(reading);
    if (status == ESC_OK) {
        status = send_wire(reading, &wire, &err);
        esc_wire_request_done(&wire);
    }
    if (status == ESC_OK)
        reading->result.call_count++;
    else
        report(reading, note_error(reading, &err), NULL);
}

static void let_go(void *context)
{
    struct esc_aws *aws = context;
    struct aws_turn *turn;
    uint64_t wait_ms;
    aws->pace_timer = NULL;
    while ((turn = aws_pace_next(aws->pace, now_ms(aws), &wait_ms)))
        call(reading_of(turn));
    if (wait_ms != UINT64_MAX && !aws->pace_timer)
        aws->pace_timer = esc_timer_start(aws->loop, wait_ms, let_go, aws);
}

void aws_pace_soon(struct esc_aws *aws)
{
    if (aws->ending)
        return;
    esc_timer_stop(&aws->pace_timer);
    aws->pace_timer = esc_timer_start(aws->loop, 0, let_go, aws);
}

/* The beginning, and what callers may do meanwhile */

/* What is global is one endpoint with one rate, whichever region it was asked for. */
static void begin_turns(struct esc_aws_reading *reading)
{
    const struct esc_operation *operation = reading->operation;
    const struct esc_endpoint_ask ask = {.prefix = operation->wire->endpoint_prefix,
                                         .region = reading->region};
    struct esc_endpoint endpoint;
    struct esc_buf url;
    esc_buf_init(&url, ESC_MAX_REQUEST);
    const bool is_known = esc_endpoint_make(&ask, &url, &endpoint, NULL) == ESC_OK;
    const struct aws_turn_key key = {reading->account, is_known ? endpoint.region : reading->region,
                                     operation->service, operation->operation};
    aws_turn_init(&reading->turn, reading->aws->pace, &key, reading->asked_ms);
    esc_buf_done(&url);
}

struct esc_aws_reading *esc_aws_read(struct esc_aws *aws, const struct esc_aws_read *read,
                                     esc_aws_read_done_fn *done, void *context)
{
    ESC_ASSERT(esc_aws_can_read(read->operation) ||
               (read->once && esc_aws_can_send(read->operation)));
    struct esc_aws_reading *reading = esc_alloc_zero(sizeof *reading);
    const char *key_id = read->credentials ? read->credentials->access_key_id : "";
    reading->aws = aws;
    reading->keys = read->credentials ? read_keys_take(&aws->keys, read->credentials) : NULL;
    reading->environment = esc_aws_environment_copy(read->place.environment);
    reading->operation = read->operation;
    reading->params = read->params ? esc_json_copy(read->params) : esc_json_object();
    reading->account = esc_strdup(read->account_id ? read->account_id : key_id);
    reading->region = esc_strdup(read->place.region ? read->place.region : "us-east-1");
    reading->endpoint_url = esc_strdup_null(read->place.endpoint_url);
    reading->deadline_ms = read->deadline_ms ? read->deadline_ms : DEADLINE_MS;
    reading->asked_ms = now_ms(aws);
    reading->once = read->once;
    reading->on_page = read->on_page;
    reading->on_expired = read->on_expired;
    reading->done = done;
    reading->context = context;
    reading->seen = esc_map_new(NULL);
    page_set_size(reading->operation, reading->params);
    begin_turns(reading);
    reading->link = &aws->readings;
    reading->next = aws->readings;
    if (reading->next)
        reading->next->link = &reading->next;
    aws->readings = reading;
    queue(reading);
    return reading;
}

void esc_aws_read_renew(struct esc_aws_reading *reading, const struct esc_credentials *credentials)
{
    ESC_ASSERT(reading->renewing);
    reading->renewing = false;
    reading->refused = !credentials;
    if (credentials) {
        read_keys_drop(reading->keys);
        reading->keys = read_keys_take(&reading->aws->keys, credentials);
    }
    pause_for(reading, 0);
}

void esc_aws_read_cancel(struct esc_aws_reading *reading)
{
    if (reading->cancelled)
        return;
    reading->cancelled = true;
    if (reading->http) {
        esc_http_cancel(reading->http); /* on_answer follows */
    } else if (!reading->renewing) {    /* else its return tells */
        esc_timer_stop(&reading->pause);
        aws_turn_leave(&reading->turn);
        pause_for(reading, 0);
    }
}

void read_end_all(struct esc_aws *aws)
{
    esc_timer_stop(&aws->pace_timer);
    while (aws->readings)
        end_cancelled(aws->readings);
    aws_pace_free(aws->pace);
}
