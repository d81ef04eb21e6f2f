/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/scan_call_private.h"

#include "escher/base/alloc.h"

struct scan_call {
    esc_scan_answer_fn *done;
    void *token;
};

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
    } else {
        const bool denied = err->status == ESC_BLOCKED || err->status == ESC_NOT_FOUND;
        answer.category = denied ? ESC_CATEGORY_AUTH : esc_error_category_of_status(err->status);
        answer.message = err->message;
    }
    call.done(call.token, &answer);
}

void *work_scan_call(const struct work_scan_way *way, const struct esc_scan_call *what,
                     esc_scan_answer_fn *done, void *token)
{
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
                                          .on_page = page_came};
    return work_cloud_send(way->bench, &cloud, call_answered, call);
}
