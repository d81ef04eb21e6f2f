/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/store/audit.h"
#include "escher/work/work_private.h"

/* What is on record: the audit trail. */

static void set_time(struct esc_json *object, const char *key, uint64_t at_ms)
{
    char text[ESC_TIME_TEXT];
    esc_time_format(at_ms, text);
    esc_json_set_text(object, key, text);
}

static bool add_record(void *context, const struct esc_audit_record *record)
{
    struct esc_json *entry = esc_json_object();
    esc_json_set_int(entry, "seq", (int64_t)record->seq);
    set_time(entry, "at", record->at_ms);
    esc_json_set(entry, "record", esc_json_ref(record->event));
    esc_json_set_text(entry, "hash", record->hash);
    esc_json_push(context, entry);
    return true;
}

void work_audit_list(struct esc_api_call *call)
{
    struct esc_error err;
    struct esc_store_tally tally = {0};
    struct esc_json *records = esc_json_array();
    if (esc_store_audit_each(call->bench->store, 1, add_record, records, &tally, &err) != ESC_OK) {
        esc_json_free(records);
        work_fail(call, &err);
        return;
    }
    struct esc_json *body = esc_json_object();
    esc_json_set(body, "records", records);
    esc_json_set_int(body, "damaged", (int64_t)tally.corrupt);
    work_ok(call, body);
}

void work_audit_verify(struct esc_api_call *call)
{
    struct esc_error err;
    struct esc_audit_report report = {0};
    const enum esc_status status = esc_store_audit_verify(call->bench->store, &report, &err);
    struct esc_json *body = status == ESC_OK ? esc_json_object() : work_failure(&err);
    esc_json_set_int(body, "count", (int64_t)report.records);
    if (report.first_bad)
        esc_json_set_int(body, "first_bad", (int64_t)report.first_bad);
    esc_json_set_text(body, "head", report.hash);
    work_done(call, status, body);
}
