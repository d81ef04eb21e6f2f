/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/num.h"
#include "escher/crypt/digest.h"
#include "escher/store/audit.h"
#include "escher/work/work_private.h"

/* What is on record: the audit trail. */

static bool add_record(void *context, const struct esc_audit_record *record)
{
    struct esc_json *entry = esc_json_object();
    esc_json_set_int(entry, "seq", (int64_t)record->seq);
    esc_json_set_time(entry, "at", record->at_ms);
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

/* A page of the trail for checking it elsewhere; the first has all there is to know of the whole. */

enum {
    EXPORT_PAGE = 500, /* records */
};

static bool add_line(void *context, const struct esc_audit_line *line)
{
    struct esc_json *entry = esc_json_object();
    esc_json_set_int(entry, "seq", (int64_t)line->seq);
    if (line->damage) {
        esc_json_set_text(entry, "damage", line->damage);
    } else {
        esc_json_set_str(entry, "record", line->record);
        esc_json_set_text(entry, "hash", line->hash);
        esc_json_set_text(entry, "mac", line->mac);
    }
    esc_json_push(context, entry);
    return true;
}

/* Whoever asks for the key by name has it: with it every record can be checked, and made. */
static enum esc_status add_key(struct esc_store *store, struct esc_json *body,
                               struct esc_error *err)
{
    char hex[ESC_SHA256_TEXT];
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = NULL;
    enum esc_status status = esc_store_audit_key(store, &key, err);
    if (status != ESC_OK)
        return status == ESC_NOT_FOUND ? ESC_OK : status; /* no record, no key */
    esc_hex(esc_secret_view(key).ptr, esc_secret_len(key), hex);
    esc_json_set_text(body, "key", hex);
    esc_wipe(hex, sizeof hex);
    return ESC_OK;
}

void work_audit_export(struct esc_api_call *call)
{
    struct esc_error err;
    struct esc_audit_report head;
    struct esc_store *store = call->bench->store;
    const uint64_t from = (uint64_t)esc_json_num(call->args, "from", 1);
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = esc_json_object();
    struct esc_json *lines = esc_json_array();
    enum esc_status status = esc_store_audit_head(store, &head, &err);
    if (status == ESC_OK)
        status = esc_store_audit_lines(store, from, EXPORT_PAGE, add_line, lines, &err);
    esc_json_set(body, "lines", lines);
    if (status == ESC_OK && esc_json_flag(call->args, "with_key", false))
        status = add_key(store, body, &err);
    if (status != ESC_OK) {
        work_fail(call, &err);
        return;
    }
    esc_json_set_text(body, "format", "escher.audit/1");
    esc_json_set_text(body, "store", esc_store_id(store));
    esc_json_set_int(body, "records", (int64_t)head.records);
    esc_json_set_text(body, "head", head.hash);
    esc_json_set_time(body, "made_at", esc_clock_wall_ms(call->bench->clock));
    work_ok(call, ESC_STEAL(body));
}
