/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/scan_call_private.h"

#include <unistd.h>

#include "escher/aws/endpoint.h"
#include "escher/base/alloc.h"
#include "escher/model/partition.h"

struct scan_call {
    esc_scan_answer_fn *done;
    void *token;
};

/* What the partition does not have has no address to ask. The answer comes later, as any. */
struct no_call {
    esc_scan_answer_fn *done;
    void *token;
    struct esc_error why;
    bool is_served; /* the partition; else we do not work there at all */
};

static bool is_served(const char *region)
{
    return esc_partition_main_region(esc_partition_of_region(esc_str_of(region))) != NULL;
}

static void answer_no_call(void *context)
{
    const struct no_call call = *(struct no_call *)context;
    const struct esc_scan_answer answer = {.category = ESC_CATEGORY_VALIDATION,
                                           .code = call.is_served ? ESC_SCAN_NOT_IN_PARTITION
                                                                  : "PartitionNotServed",
                                           .message = call.why.message,
                                           .final = true};
    free(context);
    call.done(call.token, &answer);
}

static bool is_there(const struct esc_scan_call *what, struct esc_error *why)
{
    const struct esc_service *service = what->operation->wire;
    return !service || esc_endpoint_check(service->endpoint_prefix, what->region, why) == ESC_OK;
}

bool work_scan_is_there(const struct esc_scanner *scanner, const char *region)
{
    return !is_served(region) || esc_endpoint_check(scanner->service, region, NULL) == ESC_OK;
}

static void page_came(void *context, const struct esc_json *output)
{
    const struct scan_call *call = context;
    const struct esc_scan_answer answer = {.output = output, .more = true};
    call->done(call->token, &answer);
}

static void call_answered(void *context, const struct work_cloud_result *result,
                          const struct esc_error *err)
{
    struct scan_call *own = context;
    const struct scan_call call = *own;
    free(own);
    struct esc_scan_answer answer = {.category = ESC_CATEGORY_AUTH};
    if (result) {
        answer.category = result->category;
        answer.code = result->error_code;
        answer.message = result->error_message;
        answer.output = result->output;
        answer.final = result->final;
        answer.pages = result->page_count;
        answer.calls = result->call_count;
        answer.mark = result->mark;
    } else {
        const bool denied = err->status == ESC_BLOCKED || err->status == ESC_NOT_FOUND;
        answer.category = denied ? ESC_CATEGORY_AUTH : esc_error_category_of_status(err->status);
        answer.message = err->message;
    }
    call.done(call.token, &answer);
}

unsigned work_scan_calls(enum work_transport transport)
{
    enum {
        NATIVE = 128
    };
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (transport == WORK_TRANSPORT_NATIVE)
        return NATIVE;
    return cores < 1 ? 1 : cores > 8 ? 8 : (unsigned)cores;
}

void *work_scan_call(const struct work_scan_way *way, const struct esc_scan_call *what,
                     esc_scan_answer_fn *done, void *token)
{
    struct esc_error why;
    if (!is_there(what, &why)) {
        struct no_call *no_call = esc_alloc_zero(sizeof *no_call);
        *no_call = (struct no_call){done, token, why, is_served(what->region)};
        esc_loop_post(way->bench->loop, answer_no_call, no_call);
        return NULL;
    }
    struct scan_call *call = esc_alloc_zero(sizeof *call);
    call->done = done;
    call->token = token;
    const struct work_cloud_call cloud = {.account = what->account,
                                          .environment = way->environment,
                                          .operation = what->operation,
                                          .params = what->params,
                                          .region = what->region,
                                          .session_name = "escher-scan",
                                          .transport = way->transport,
                                          .marked = true,
                                          .on_page = page_came};
    return work_cloud_send(way->bench, &cloud, call_answered, call);
}
