/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/reading_private.h"

#include <stddef.h>

#include "escher/aws/endpoint.h"
#include "escher/aws/send_private.h"
#include "escher/aws/wire.h"
#include "escher/base/buf.h"
#include "escher/base/limits.h"
#include "escher/base/str.h"
#include "escher/loop/timer.h"

/* Whose turn it is, is called: the request is made, signed and sent, and the deadline runs. */

enum {
    CALL_TIMEOUT_MS = 30 * 1000,
    MAX_BODY = ESC_MAX_RESPONSE,
};

static struct esc_aws_reading *reading_of(struct aws_turn *turn)
{
    return (struct esc_aws_reading *)((char *)turn - offsetof(struct esc_aws_reading, turn));
}

static void on_deadline(void *context)
{
    struct esc_aws_reading *reading = context;
    reading->deadline = NULL;
    reading->late = true;
    if (reading->http)
        esc_http_cancel(reading->http); /* on_answer follows */
    else if (!reading->renewing)        /* else the caller still has it */
        read_end_late(reading);
}

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
            .once = reading->once,
        };
        status = aws_send(reading->aws, &request, read_on_answer, reading, &reading->http, err);
    }
    esc_buf_done(&url);
    return status;
}

/* By the clock that is given; the timer only wakes us. */
static void start_deadline(struct esc_aws_reading *reading)
{
    const uint64_t at_ms = read_now_ms(reading->aws);
    if (!reading->called_ms)
        reading->called_ms = at_ms;
    if (!reading->page_called_ms)
        reading->page_called_ms = at_ms;
    const uint64_t took_ms = at_ms - reading->page_called_ms, list_ms = read_list_left_ms(reading);
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
        read_report(reading, read_note_error(reading, &err), NULL);
}

static void let_go(void *context)
{
    struct esc_aws *aws = context;
    struct aws_turn *turn;
    uint64_t wait_ms;
    aws->pace_timer = NULL;
    while ((turn = aws_pace_next(aws->pace, read_now_ms(aws), &wait_ms)))
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
