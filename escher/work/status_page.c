/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/store/audit.h"
#include "escher/store/document.h"
#include "escher/work/key_private.h"
#include "escher/work/permission_private.h"
#include "escher/work/schedule_private.h"
#include "escher/work/work_private.h"

/* What is known, and how old it is. */

void work_ping(struct esc_api_call *call)
{
    struct esc_json *body = esc_json_object();
    esc_json_set_text(body, "status", "ok");
    work_ok(call, body);
}

void work_add_age(const struct esc_workbench *bench, struct esc_json *page, const char *at)
{
    uint64_t at_ms;
    char age[ESC_TIME_TEXT];
    if (!at || !esc_time_parse(esc_str_of(at), &at_ms))
        return;
    esc_time_age(at_ms, esc_clock_wall_ms(bench->clock), age);
    esc_json_set_text(page, "age", age);
}

struct cells {
    const struct esc_workbench *bench;
    struct esc_json *pages;
};

static bool add_cell(void *context, const char *, const struct esc_json *cell)
{
    const struct cells *cells = context;
    struct esc_json *page = esc_json_copy(cell);
    work_add_age(cells->bench, page, esc_json_str(cell, "at", NULL));
    esc_json_push(cells->pages, page);
    return true;
}

void work_add_last_sync(const struct esc_workbench *bench, struct esc_json *body)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *last = NULL;
    if (esc_store_doc_get(bench->store, "syncs", "last", &last, NULL) != ESC_OK)
        return; /* never synced */
    work_add_age(bench, last, esc_json_str(last, "at", NULL));
    esc_json_set_text(body, "last_sync_age", esc_json_str(last, "age", "unknown"));
    esc_json_set(body, "last_sync", ESC_STEAL(last));
}

/* The trail and what would notice an older copy. */
static void add_audit(const struct esc_workbench *bench, struct esc_json *body)
{
    struct esc_audit_report head;
    struct esc_buf says;
    bool is_well = false;
    struct esc_json *audit = esc_json_object();
    esc_buf_init(&says, ESC_MAX_LINE);
    if (esc_store_audit_head(bench->store, &head, NULL) == ESC_OK) {
        esc_json_set_int(audit, "records", (int64_t)head.records);
        esc_json_set_text(audit, "head", head.hash);
    }
    work_anchor_describe(bench, &says, &is_well);
    esc_json_set_bool(audit, "anchored", is_well);
    esc_json_set_str(audit, "anchor", esc_buf_str(&says));
    esc_buf_reset(&says);
    work_ballast_describe(bench, &says, &is_well);
    esc_json_set_bool(audit, "has_room", is_well);
    esc_json_set_str(audit, "room", esc_buf_str(&says));
    esc_json_set(body, "audit", audit);
    esc_buf_done(&says);
}

void work_status(struct esc_api_call *call)
{
    struct esc_workbench *bench = call->bench;
    struct esc_error err;
    const struct cells cells = {bench, esc_json_array()};
    if (esc_store_docs(bench->store, "coverage", add_cell, (void *)(uintptr_t)&cells, NULL, &err) !=
        ESC_OK) {
        esc_json_free(cells.pages);
        work_fail(call, &err);
        return;
    }
    struct esc_json *body = esc_json_object();
    esc_json_set_text(body, "profile", bench->paths.profile);
    esc_json_set_int(body, "resources", (int64_t)esc_index_count(bench->index));
    esc_json_set_int(body, "accounts", (int64_t)bench->accounts.count);
    esc_json_set_int(body, "runs_under_way", (int64_t)bench->runs.count);
    esc_json_set_bool(body, "syncing", bench->syncing);
    esc_json_set(body, "key", work_keys_page(bench, NULL)); /* left out when it cannot be read */
    add_audit(bench, body);
    work_index_check(bench);
    if (bench->unreadable)
        esc_json_set_text(body, "unreadable", bench->unreadable);
    work_add_last_sync(bench, body);
    esc_json_set(body, "backup", work_backup_page(bench));
    esc_json_set(body, "logins_ending", work_accounts_ending(bench));
    esc_json_set(body, "schedule", work_schedule_page(bench));
    esc_json_set(body, "permissions",
                 work_permissions_page(bench)); /* left out when none are read */
    esc_json_set(body, "cells", cells.pages);
    work_ok(call, body);
}
