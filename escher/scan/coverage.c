/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/coverage.h"

#include "escher/base/assert.h"
#include "escher/base/clock.h"

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
    esc_json_set_text(json, "at", at);
    esc_json_set_int(json, "took_ms", (int64_t)cell->took_ms);
    return json;
}
