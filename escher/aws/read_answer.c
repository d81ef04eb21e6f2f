/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/aws/reading_private.h"

#include <stdio.h>

#include "escher/aws/aws_private.h"
#include "escher/aws/endpoint.h"
#include "escher/aws/retry.h"
#include "escher/aws/wire.h"
#include "escher/base/alloc.h"
#include "escher/base/attr.h"

/* What an answer means for a read: the next page, the end, or another attempt. */

/* A message as the CLI's: the service's own words, or ours when it had none. */
static enum esc_error_category note_fault(struct esc_aws_reading *reading,
                                          const struct esc_aws_fault *fault,
                                          const struct esc_error *err)
{
    char bare[16];
    (void)snprintf(bare, sizeof bare, "%d", fault->http_status);
    const bool is_refusal = fault->http_status >= 400;
    const char *code = *fault->code ? fault->code : is_refusal ? bare : "";
    read_say(reading, code, *fault->message ? fault->message : err->message);
    const enum esc_error_category category = esc_error_category_of_code(esc_str_of(code));
    return category == ESC_CATEGORY_UNKNOWN ? ESC_CATEGORY_SERVICE : category;
}

enum esc_error_category read_note_error(struct esc_aws_reading *reading,
                                        const struct esc_error *err)
{
    read_say(reading, "", err->message);
    return err->status == ESC_CORRUPT ? ESC_CATEGORY_SERVICE
                                      : esc_error_category_of_status(err->status);
}

/* Whether another attempt is worth it; then it comes after a wait. */
static bool try_again(struct esc_aws_reading *reading, enum esc_retry kind)
{
    unsigned *count = kind == ESC_RETRY_THROTTLED ? &reading->throttled : &reading->troubled;
    if (++*count >= esc_retry_attempts(kind) || reading->once)
        return false;
    read_pause_for(reading,
                   esc_backoff_ms(esc_retry_backoff(kind), *count - 1, reading->aws->random));
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
    read_queue(reading);
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
    read_queue(reading);
    return true;
}

static void have_page(struct esc_aws_reading *reading, struct esc_json *output)
{
    struct esc_aws_read_result *result = &reading->result;
    const enum page_next next =
        page_next(reading->operation, output, reading->params, reading->seen);
    result->page_count++;
    reading->throttled = reading->troubled = 0;
    if (next == PAGE_REPEATED || next == PAGE_LOST) {
        read_say(reading, "",
                 next == PAGE_LOST ? "more pages follow, but not where they begin"
                                   : "a page token came a second time");
        read_report(reading, ESC_CATEGORY_SERVICE, NULL);
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
        read_report(reading, ESC_CATEGORY_NONE, reading->on_page ? output : reading->all);
        return;
    }
    esc_timer_stop(&reading->deadline);
    reading->page_called_ms = 0;
    read_queue(reading);
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
        read_queue(reading);
        return;
    }
    if (response->status < 300 && !*fault->code)
        kind = esc_retry_of_status(err->status);
    if (follow_bucket(reading, response, fault) ||
        (kind == ESC_RETRY_PAGE_TOKEN && start_afresh(reading)) ||
        (kind == ESC_RETRY_EXPIRED && ask_to_renew(reading)) ||
        ((kind == ESC_RETRY_THROTTLED || kind == ESC_RETRY_TROUBLED) && try_again(reading, kind)))
        return;
    read_report(reading, category, NULL);
}

static void have_silence(struct esc_aws_reading *reading, const struct esc_error *failure)
{
    const enum esc_error_category category = read_note_error(reading, failure);
    const enum esc_retry kind = esc_retry_of_status(failure->status);
    if (kind == ESC_RETRY_NEVER || !try_again(reading, kind))
        read_report(reading, category, NULL);
}

static enum aws_outcome outcome_of(const struct esc_http_response *response,
                                   const struct esc_aws_fault *fault)
{
    if (!response)
        return AWS_UNHEARD;
    return esc_retry_of_fault(fault) == ESC_RETRY_THROTTLED ? AWS_THROTTLED : AWS_FARED_WELL;
}

void read_on_answer(void *context, const struct esc_http_response *response,
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
    if (output && reading->digest)
        read_mark_page(reading->digest, reading->operation, response, output);
    const enum aws_outcome outcome = outcome_of(output ? NULL : response, &fault);
    reading->result.throttled_count += outcome == AWS_THROTTLED;
    aws_turn_end(&reading->turn, output ? AWS_FARED_WELL : outcome, read_now_ms(reading->aws));
    aws_pace_soon(reading->aws);
    if (reading->cancelled)
        read_end_cancelled(reading);
    else if (reading->late)
        read_end_late(reading);
    else if (output)
        have_page(reading, output);
    else if (response)
        have_fault(reading, response, &fault, &err);
    else
        have_silence(reading, failure);
}
