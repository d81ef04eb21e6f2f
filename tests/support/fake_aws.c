/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/fake_aws.h"

#include <stdio.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/limits.h"
#include "escher/loop/timer.h"
#include "escher/model/partition.h"
#include "tests/support/fake_aws_private.h"

static const char *const usual_accounts[] = {"111111111111", "222222222222", "333333333333", NULL};
static const char *const usual_regions[] = {"us-east-1", "us-west-2", "eu-west-1", NULL};
static const char html[] = "<html><head><title>502 Bad Gateway</title></head>\n"
                           "<body><center><h1>502 Bad Gateway</h1></center></body></html>\n";

bool fake_refuse(struct fake_refusal *refusal, int status, const char *code, const char *message)
{
    *refusal = (struct fake_refusal){.status = status, .code = code};
    (void)snprintf(refusal->message, sizeof refusal->message, "%s", message);
    return false;
}

static uint64_t now_ms(const struct fake_aws *aws)
{
    return esc_clock_wall_ms(aws->options.clock) + (uint64_t)aws->options.skew_ms;
}

/* Notes */

static void note(char **first, const char *text)
{
    if (!*first)
        *first = esc_strdup(text);
}

static void count_call(struct fake_aws *aws, const struct fake_request *request)
{
    ESC_CLEANUP(esc_freep)
    char *key = esc_sprintf("%s %s", request->operation->service, request->operation->operation);
    uint64_t *count = esc_map_get(aws->calls, esc_str_of(key));
    if (!count) {
        count = esc_alloc_zero(sizeof *count);
        esc_map_set(aws->calls, esc_str_of(key), count);
    }
    (*count)++;
    aws->call_count++;
    const struct fake_aws_call call = {request->account,
                                       request->region,
                                       request->operation->service,
                                       request->operation->operation,
                                       request->page,
                                       aws->call_count};
    if (aws->on_call)
        aws->on_call(aws->on_call_context, &call);
}

/* From leaving to being taken in a call sees some turns of the loop; the longest turn is forgotten
 * little by little. */

enum {
    TICK_MS = 5,
    TURNS = 4,
};

static void tick(void *context)
{
    struct fake_aws *aws = context;
    const uint64_t now = esc_clock_monotonic_ms(aws->options.clock);
    const uint64_t gap_ms = now - aws->ticked_ms, rest_ms = aws->busy_ms - aws->busy_ms / 100;
    aws->busy_ms = gap_ms > rest_ms ? gap_ms : rest_ms;
    aws->ticked_ms = now;
    aws->tick = esc_timer_start(aws->loop, TICK_MS, tick, aws);
}

static void check_rate(struct fake_aws *aws, const struct fake_request *request)
{
    const uint64_t now = esc_clock_monotonic_ms(aws->options.clock);
    const uint64_t jitter_ms =
        aws->options.jitter_ms + TURNS * (aws->busy_ms + now - aws->ticked_ms);
    ESC_CLEANUP(esc_freep)
    char *exceeded =
        fake_rate_take(aws->buckets, request, now, aws->options.jitter_ms ? jitter_ms : 0);
    if (exceeded)
        note(&aws->exceeded, exceeded);
}

/* Answering */

static void reply(struct fake_aws *aws, const struct fake_request *request, int status,
                  const struct esc_buf *body, const struct esc_buf *headers,
                  enum fake_http_manner manner)
{
    /* The visit is the server's own; the request only borrows it to read. */
    struct fake_visit *visit = (struct fake_visit *)(uintptr_t)request->visit;
    const struct fake_http_reply answer = {
        .status = status,
        .content_type = fake_content_type(request),
        .headers = headers ? esc_buf_text(headers) : NULL,
        .body = esc_buf_str(body),
        .manner = manner,
        .wait_ms = aws->options.latency_ms + aws->wait_ms,
        .wall_ms = now_ms(aws),
    };
    aws->wait_ms = 0;
    fake_http_reply(visit, &answer);
}

static void reply_refusal(struct fake_aws *aws, const struct fake_request *request,
                          const struct fake_refusal *refusal, enum fake_http_manner manner)
{
    struct esc_buf body, headers;
    esc_buf_init(&body, ESC_MAX_LINE);
    esc_buf_init(&headers, ESC_MAX_LINE);
    fake_write_refusal(request, refusal, &body, &headers);
    reply(aws, request, refusal->status, &body, &headers, manner);
    esc_buf_done(&body);
    esc_buf_done(&headers);
}

static void reply_html(struct fake_aws *aws, const struct fake_request *request)
{
    struct fake_visit *visit = (struct fake_visit *)(uintptr_t)request->visit;
    const struct fake_http_reply answer = {.status = 502,
                                           .content_type = "text/html",
                                           .body = esc_str_of(html),
                                           .wait_ms = aws->options.latency_ms,
                                           .wall_ms = now_ms(aws)};
    fake_http_reply(visit, &answer);
}

static enum fake_http_manner manner_of(enum fake_fault_kind fault)
{
    switch (fault) {
    case FAKE_FAULT_RESET:
        return FAKE_RESET;
    case FAKE_FAULT_TRUNCATED:
        return FAKE_TRUNCATED;
    case FAKE_FAULT_SILENT:
    case FAKE_FAULT_UNANSWERED:
        return FAKE_SILENT;
    default:
        return FAKE_WHOLE;
    }
}

/* What was asked is done, also when nothing or half of the answer will be sent. */
static void answer(struct fake_aws *aws, const struct fake_request *request,
                   enum fake_fault_kind fault)
{
    struct fake_refusal refusal = {0};
    struct esc_buf body;
    const bool is_done = fault != FAKE_FAULT_SILENT && fault != FAKE_FAULT_RESET;
    esc_buf_init(&body, ESC_MAX_FILE);
    if (is_done && !fake_act(aws, request, &body, &refusal)) {
        ESC_CLEANUP(esc_json_freep)
        struct esc_json *output = fake_answer_queue(aws, request);
        if (!output)
            output = fake_answer(aws, request, fault, &refusal);
        if (output)
            fake_write(request, output, &body, &aws->puzzled);
    }
    if (refusal.code)
        reply_refusal(aws, request, &refusal, manner_of(fault));
    else
        reply(aws, request, 200, &body, NULL, manner_of(fault));
    esc_buf_done(&body);
}

static enum fake_fault_kind find_fault(struct fake_aws *aws, const struct fake_request *request)
{
    struct esc_random_seeded chance;
    if (aws->plans.count == 0 && aws->options.throttle_percent == 0)
        return FAKE_FAULT_COUNT;
    fake_chance(aws, request, &chance);
    const enum fake_fault_kind fault = fake_plan_find(&aws->plans, request, &chance.random);
    if (fault != FAKE_FAULT_COUNT)
        return fault;
    return esc_random_below(&chance.random, 100) < aws->options.throttle_percent
               ? FAKE_FAULT_THROTTLED
               : FAKE_FAULT_COUNT;
}

static void serve_known(struct fake_aws *aws, struct fake_request *request)
{
    struct fake_refusal refusal = {0};
    const bool has_place = fake_page_read(request, &refusal);
    count_call(aws, request);
    check_rate(aws, request);
    enum fake_fault_kind fault = find_fault(aws, request);
    if (!esc_text_equal(aws->world.partition, esc_partition_of_region(esc_str_of(request->region))))
        fault = FAKE_FAULT_NOT_OPTED_IN;
    if (fault == FAKE_FAULT_HTML)
        reply_html(aws, request);
    else if (fake_fault_refusal(fault, request, &refusal) || !has_place)
        reply_refusal(aws, request, &refusal, FAKE_WHOLE);
    else
        answer(aws, request, fault);
}

static void serve(void *context, struct fake_visit *visit)
{
    struct fake_aws *aws = context;
    struct fake_request request = {.visit = visit};
    struct fake_refusal refusal = {0};
    char service[FAKE_NAME_SIZE] = "";
    const bool is_signed = fake_sign_check(visit, now_ms(aws), &request, service, &refusal);
    const bool is_known = fake_request_read(&request, service);
    if (!is_signed) {
        reply_refusal(aws, &request, &refusal, FAKE_WHOLE);
    } else if (!is_known) {
        ESC_CLEANUP(esc_freep)
        char *what =
            esc_sprintf("%s: %.*s %.*s", service, ESC_STR_ARG(fake_visit_head(visit)->method),
                        ESC_STR_ARG(fake_visit_head(visit)->target));
        note(&aws->puzzled, what);
        (void)fake_refuse(&refusal, 400, "InvalidAction", "The fake does not know this operation.");
        reply_refusal(aws, &request, &refusal, FAKE_WHOLE);
    } else {
        serve_known(aws, &request);
    }
    esc_json_free(request.params);
}

/* Life */

enum esc_status fake_aws_open(struct esc_loop *loop, const struct fake_aws_options *options,
                              struct fake_aws **out, struct esc_error *err)
{
    struct fake_aws *aws = esc_alloc_zero(sizeof *aws);
    aws->loop = loop;
    aws->options = *options;
    if (!aws->options.clock)
        aws->options.clock = esc_clock_system();
    aws->world.seed = options->seed;
    aws->world.size = options->size;
    aws->world.share = options->is_large ? fake_share_in_large : NULL;
    aws->world.accounts = options->accounts ? options->accounts : usual_accounts;
    aws->world.regions = options->regions ? options->regions : usual_regions;
    aws->world.partition = options->partition;
    fake_world_init(&aws->world);
    esc_list_init(&aws->plans, fake_plan_free);
    aws->queue = fake_queue_new();
    aws->buckets = esc_map_new(free);
    aws->calls = esc_map_new(free);
    aws->asked = esc_map_new(free);
    const enum esc_status status = fake_http_open(loop, options->port, serve, aws, &aws->http, err);
    if (status != ESC_OK) {
        fake_aws_close(aws);
        return status;
    }
    aws->ticked_ms = esc_clock_monotonic_ms(aws->options.clock);
    if (options->jitter_ms)
        aws->tick = esc_timer_start(loop, TICK_MS, tick, aws);
    *out = aws;
    return ESC_OK;
}

void fake_aws_close(struct fake_aws *aws)
{
    if (!aws)
        return;
    esc_timer_stop(&aws->tick);
    fake_http_close(aws->http);
    fake_world_done(&aws->world);
    esc_list_done(&aws->plans);
    fake_queue_free(aws->queue);
    esc_map_free(aws->buckets);
    esc_map_free(aws->calls);
    esc_map_free(aws->asked);
    free(aws->exceeded);
    free(aws->puzzled);
    free(aws);
}

const char *fake_aws_url(const struct fake_aws *aws)
{
    return fake_http_url(aws->http);
}

void fake_aws_fault(struct fake_aws *aws, const struct fake_fault *fault)
{
    ESC_ASSERT(fault->kind < FAKE_FAULT_COUNT && fault->kind >= 0);
    esc_list_push(&aws->plans, fake_plan_new(fault));
}

void fake_aws_heal(struct fake_aws *aws)
{
    esc_list_clear(&aws->plans);
    esc_map_free(aws->asked); /* chance begins anew */
    aws->asked = esc_map_new(free);
    aws->options.throttle_percent = 0;
}

void fake_aws_throttle(struct fake_aws *aws, unsigned percent)
{
    aws->options.throttle_percent = percent;
}

void fake_aws_on_call(struct fake_aws *aws, fake_aws_call_fn *fn, void *context)
{
    aws->on_call = fn;
    aws->on_call_context = context;
}

/* The world */

const char *const *fake_aws_accounts(const struct fake_aws *aws)
{
    return aws->world.accounts;
}

const char *const *fake_aws_regions(const struct fake_aws *aws)
{
    return aws->world.regions;
}

char *fake_aws_key(const char *account)
{
    return esc_sprintf("AKIAFAKE%s", account);
}

char *fake_aws_secret(const char *key_id)
{
    return esc_sprintf("secret/of+%s", key_id);
}

size_t fake_aws_count(const struct fake_aws *aws, const char *kind, const char *account,
                      const char *region)
{
    const struct fake_kind *row = fake_kind_find(kind);
    size_t sum = 0;
    ESC_ASSERT(row);
    if (region || row->is_global)
        return fake_world_count(&aws->world, row, account, region);
    for (size_t i = 0; i < aws->world.region_count; i++)
        sum += fake_world_count(&aws->world, row, account, aws->world.regions[i]);
    return sum;
}

char *fake_aws_id(const struct fake_aws *aws, const char *kind, const char *account,
                  const char *region, size_t index)
{
    const struct fake_thing thing = {fake_kind_find(kind), account, region, index};
    struct esc_buf id;
    ESC_ASSERT(thing.kind);
    esc_buf_init(&id, ESC_MAX_LINE);
    fake_world_expand(&aws->world, &thing, thing.kind->id, &id);
    return esc_buf_take(&id);
}

void fake_aws_remove(struct fake_aws *aws, const char *kind, size_t count)
{
    const struct fake_kind *row = fake_kind_find(kind);
    ESC_ASSERT(row);
    aws->world.removed[row - fake_kinds] = count;
}

void fake_aws_turn(struct fake_aws *aws, const char *kind, uint64_t turn)
{
    const struct fake_kind *row = fake_kind_find(kind);
    ESC_ASSERT(row);
    aws->world.turns[row - fake_kinds] = turn;
}

/* What happened */

uint64_t fake_aws_calls(const struct fake_aws *aws, const char *service, const char *operation)
{
    struct esc_str key;
    void *value;
    uint64_t sum = 0;
    for (size_t at = 0; esc_map_next(aws->calls, &at, &key, &value);) {
        struct esc_str rest = key, name = {0};
        (void)esc_str_next(&rest, ' ', &name);
        if ((!service || esc_str_is(name, service)) && (!operation || esc_str_is(rest, operation)))
            sum += *(const uint64_t *)value;
    }
    return sum;
}

void fake_aws_forget(struct fake_aws *aws)
{
    esc_map_free(aws->calls);
    aws->calls = esc_map_new(free);
    aws->call_count = 0;
    free(ESC_STEAL(aws->exceeded));
    free(ESC_STEAL(aws->puzzled));
}

unsigned fake_aws_connections(const struct fake_aws *aws)
{
    return fake_http_connections(aws->http);
}

const char *fake_aws_exceeded(const struct fake_aws *aws)
{
    return aws->exceeded;
}

const char *fake_aws_puzzled(const struct fake_aws *aws)
{
    return aws->puzzled;
}

struct esc_json *fake_aws_report(const struct fake_aws *aws)
{
    struct esc_json *report = esc_json_object(), *calls = esc_json_object();
    struct esc_str key;
    void *value;
    for (size_t at = 0; esc_map_next(aws->calls, &at, &key, &value);)
        esc_json_set_key(calls, key, esc_json_int((int64_t) * (const uint64_t *)value));
    esc_json_set_text(report, "url", fake_aws_url(aws));
    esc_json_set_int(report, "call_count", (int64_t)aws->call_count);
    esc_json_set_int(report, "connections", fake_aws_connections(aws));
    esc_json_set(report, "calls", calls);
    esc_json_set_text(report, "exceeded", aws->exceeded);
    esc_json_set_text(report, "puzzled", aws->puzzled);
    return report;
}
