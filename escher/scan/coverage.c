/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/coverage.h"

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/clock.h"
#include "escher/catalog/operation.h"

const char *esc_scan_state_text(enum esc_scan_state state)
{
    static const char *const texts[] = {
        [ESC_SCAN_OK] = "ok",
        [ESC_SCAN_PARTIAL] = "partial",
        [ESC_SCAN_DENIED] = "denied",
        [ESC_SCAN_SCP] = "scp",
        [ESC_SCAN_DISABLED] = "disabled",
        [ESC_SCAN_THROTTLED] = "throttled",
        [ESC_SCAN_ERROR] = "error",
        [ESC_SCAN_SKIPPED] = "skipped",
    };
    static_assert(ESC_COUNT(texts) == ESC_SCAN_STATE_COUNT, "every state has a word");
    ESC_ASSERT(state < ESC_SCAN_STATE_COUNT);
    return texts[state];
}

bool esc_scan_cell_is_complete(const struct esc_scan_cell *cell)
{
    return cell->state == ESC_SCAN_OK && cell->resource_type;
}

/* NULL: it is left to the cell that this one follows, or nothing is to be done. Owned. */
static char *cure_of(const struct esc_scan_cell *cell)
{
    const struct esc_operation *operation = esc_operation_find(cell->service, cell->operation);
    switch (cell->state) {
    case ESC_SCAN_DENIED:
        if (cell->category == ESC_CATEGORY_AUTH)
            return esc_sprintf("`escher accounts test %s` says what is wrong with its credentials",
                               cell->account_name);
        return esc_sprintf("allow %s; `escher accounts policy` prints all that a scan needs",
                           operation && operation->iam_action ? operation->iam_action
                                                              : cell->operation);
    case ESC_SCAN_SCP:
        return esc_strdup("the organisation forbids it; regions that it forbids may be left out of "
                          "the account's (`escher accounts add`)");
    case ESC_SCAN_DISABLED:
        if (esc_text_equal(cell->code, ESC_SCAN_NOT_IN_PARTITION))
            return NULL;
        return esc_strdup("enable the region, or leave it out of the account's regions (`escher "
                          "accounts add`)");
    case ESC_SCAN_PARTIAL:
    case ESC_SCAN_THROTTLED:
    case ESC_SCAN_ERROR:
        return esc_sprintf("`escher sync --account %s --region %s` asks again", cell->account_name,
                           cell->region);
    default:
        return NULL;
    }
}

struct esc_json *esc_scan_cell_to_json(const struct esc_scan_cell *cell)
{
    struct esc_json *json = esc_json_object();
    char at[ESC_TIME_TEXT];
    esc_time_format(cell->at_ms, at);
    esc_json_set_text(json, "account_id", cell->account_id);
    esc_json_set_text(json, "account_name", cell->account_name);
    esc_json_set_text(json, "region", cell->region);
    esc_json_set_bool(json, "all_regions", cell->all_regions);
    esc_json_set_text(json, "service", cell->service);
    esc_json_set_text(json, "operation", cell->operation);
    if (cell->resource_type)
        esc_json_set_text(json, "resource_type", cell->resource_type);
    esc_json_set_text(json, "state", esc_scan_state_text(cell->state));
    esc_json_set_int(json, "resources", (int64_t)cell->resource_count);
    esc_json_set_int(json, "unread", (int64_t)cell->unread_count);
    esc_json_set_int(json, "pages", cell->page_count);
    esc_json_set_int(json, "calls", cell->call_count);
    esc_json_set_int(json, "failed", cell->failed_count);
    if (cell->category != ESC_CATEGORY_NONE)
        esc_json_set(json, "category", esc_error_category_to_json(cell->category));
    if (cell->code[0])
        esc_json_set_text(json, "code", cell->code);
    if (cell->message[0])
        esc_json_set_text(json, "message", cell->message);
    ESC_CLEANUP(esc_freep) char *cure = cure_of(cell);
    if (cure)
        esc_json_set_text(json, "cure", cure);
    esc_json_set_text(json, "at", at);
    esc_json_set_int(json, "took_ms", (int64_t)cell->took_ms);
    return json;
}
