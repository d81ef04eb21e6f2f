/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/read.h"

#include <stdio.h>
#include <string.h>

#include "escher/aws/aws_private.h"
#include "escher/aws/endpoint.h"
#include "escher/aws/reading_private.h"
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
 *                                           └──▶ over: read_report()
 *
 * Pages, retries and the second start after an expired page token all pass through WAITING, so
 * that each call counts against its bucket.
 */

enum {
    DEADLINE_MS = 120 * 1000,          /* of a page */
    LIST_DEADLINE_MS = 15 * 60 * 1000, /* of all of them */
};

uint64_t read_now_ms(const struct esc_aws *aws)
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
    esc_digest_free(reading->digest);
    free(reading->account);
    free(reading->region);
    free(reading->endpoint_url);
    free(reading);
}

/* The last thing that happens to a reading. */
void read_report(struct esc_aws_reading *reading, enum esc_error_category category,
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
    if (reading->digest && result->page_count > 0) {
        esc_digest_finish(reading->digest, reading->mark);
        result->mark = reading->mark;
    }
    result->took_ms = read_now_ms(reading->aws) - reading->asked_ms;
    reading->done(reading->context, result);
    reading_free(reading);
}

void read_say(struct esc_aws_reading *reading, const char *code, const char *message)
{
    (void)snprintf(reading->code, sizeof reading->code, "%s", code);
    (void)snprintf(reading->message, sizeof reading->message, "%s", message);
}

/* How long the pages to come may take. */
uint64_t read_list_left_ms(const struct esc_aws_reading *reading)
{
    const uint64_t took_ms = read_now_ms(reading->aws) - reading->called_ms;
    return took_ms < LIST_DEADLINE_MS ? LIST_DEADLINE_MS - took_ms : 0;
}

void read_end_late(struct esc_aws_reading *reading)
{
    char text[96];
    const bool is_list = read_list_left_ms(reading) == 0;
    (void)snprintf(
        text, sizeof text, "no whole answer within %llu s",
        (unsigned long long)((is_list ? LIST_DEADLINE_MS : reading->deadline_ms) / 1000));
    if (reading->throttled > 0) { /* why it took so long says more */
        read_report(reading, ESC_CATEGORY_THROTTLE, NULL);
        return;
    }
    read_say(reading, "", text);
    read_report(reading, ESC_CATEGORY_TIMEOUT, NULL);
}

void read_end_cancelled(struct esc_aws_reading *reading)
{
    read_say(reading, "", "cancelled");
    read_report(reading, ESC_CATEGORY_CANCELLED, NULL);
}

/* Waiting for a turn */

void read_queue(struct esc_aws_reading *reading)
{
    aws_turn_wait(&reading->turn);
    aws_pace_soon(reading->aws);
}

static void end_pause(void *context)
{
    struct esc_aws_reading *reading = context;
    reading->pause = NULL;
    if (reading->cancelled)
        read_end_cancelled(reading);
    else if (reading->late)
        read_end_late(reading);
    else if (reading->refused)
        read_report(reading, ESC_CATEGORY_AUTH, NULL);
    else
        read_queue(reading);
}

void read_pause_for(struct esc_aws_reading *reading, uint64_t delay_ms)
{
    reading->pause = esc_timer_start(reading->aws->loop, delay_ms, end_pause, reading);
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
    const struct aws_turn_key key = {.account = reading->account,
                                     .region = is_known ? endpoint.region : reading->region,
                                     .service = operation->service,
                                     .operation = operation->operation,
                                     .is_apart = reading->once};
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
    reading->asked_ms = read_now_ms(aws);
    reading->once = read->once;
    reading->digest = read->marked ? esc_digest_new() : NULL;
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
    read_queue(reading);
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
    read_pause_for(reading, 0);
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
        read_pause_for(reading, 0);
    }
}

void read_end_all(struct esc_aws *aws)
{
    esc_timer_stop(&aws->pace_timer);
    while (aws->readings)
        read_end_cancelled(aws->readings);
    aws_pace_free(aws->pace);
}
