/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/runs.h"

#include "escher/store/documents_private.h"

#define PLANS "plans"
#define RUNS "runs"
#define APPROVALS "approvals"

enum esc_status esc_store_plan_put(struct esc_store *store, const char *plan_hash,
                                   const struct esc_json *plan, struct esc_error *err)
{
    return document_put(store, PLANS, plan_hash, plan, err);
}

enum esc_status esc_store_plan_get(struct esc_store *store, const char *plan_hash,
                                   struct esc_json **out, struct esc_error *err)
{
    return document_get(store, PLANS, plan_hash, out, err);
}

enum esc_status esc_store_plan_delete(struct esc_store *store, const char *plan_hash,
                                      struct esc_error *err)
{
    return document_del(store, PLANS, plan_hash, err);
}

enum esc_status esc_store_plans(struct esc_store *store, esc_store_each_fn *fn, void *context,
                                struct esc_store_tally *tally, struct esc_error *err)
{
    const struct walk walk = {.collection = PLANS, .newest_first = true};
    return document_walk(store, &walk, fn, context, tally, err);
}

enum esc_status esc_store_run_put(struct esc_store *store, const char *run_id,
                                  const struct esc_json *run, struct esc_error *err)
{
    return document_put(store, RUNS, run_id, run, err);
}

enum esc_status esc_store_run_get(struct esc_store *store, const char *run_id,
                                  struct esc_json **out, struct esc_error *err)
{
    return document_get(store, RUNS, run_id, out, err);
}

enum esc_status esc_store_runs(struct esc_store *store, esc_store_each_fn *fn, void *context,
                               struct esc_store_tally *tally, struct esc_error *err)
{
    const struct walk walk = {.collection = RUNS, .newest_first = true};
    return document_walk(store, &walk, fn, context, tally, err);
}

enum esc_status esc_store_approval_put(struct esc_store *store,
                                       const struct esc_store_approval *approval,
                                       char id[ESC_UUID_TEXT], struct esc_error *err)
{
    char new_id[ESC_UUID_TEXT];
    esc_uuid_format(esc_uuid_v4(store->random), new_id);
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_json_object();
    esc_json_set_text(json, "plan_hash", approval->plan_hash);
    esc_json_set_int(json, "approved_at_ms", (int64_t)approval->approved_at_ms);
    esc_json_set_int(json, "expires_at_ms", (int64_t)approval->expires_at_ms);
    if (approval->detail)
        esc_json_set(json, "detail", esc_json_copy(approval->detail));
    enum esc_status status = document_put(store, APPROVALS, new_id, json, err);
    if (status == ESC_OK)
        for (size_t i = 0; i < sizeof new_id; i++)
            id[i] = new_id[i];
    return status;
}

static enum esc_status check_approval(const struct esc_json *approval, const char *plan_hash,
                                      uint64_t now_ms, struct esc_error *err)
{
    const char *used_by = esc_json_str(approval, "used_by", NULL);
    if (used_by)
        return esc_fail(err, ESC_STALE, "the approval was used before, by run %s", used_by);
    if (!esc_text_equal(esc_json_str(approval, "plan_hash", NULL), plan_hash))
        return esc_fail(err, ESC_STALE, "the approval is for another plan");
    if (now_ms < (uint64_t)esc_json_num(approval, "approved_at_ms", INT64_MAX))
        return esc_fail(err, ESC_STALE, "the approval was given in the future: check the clock");
    if (now_ms >= (uint64_t)esc_json_num(approval, "expires_at_ms", 0))
        return esc_fail(err, ESC_STALE, "the approval has expired");
    return ESC_OK;
}

/* Reading and marking in one transaction, so that nobody comes between. */
static enum esc_status consume(struct esc_store *store, const char *id, const char *plan_hash,
                               const char *run_id, uint64_t now_ms, struct esc_json **detail,
                               struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *approval = NULL;
    enum esc_status status = document_get(store, APPROVALS, id, &approval, err);
    if (status == ESC_OK)
        status = check_approval(approval, plan_hash, now_ms, err);
    if (status != ESC_OK)
        return status;
    esc_json_set_text(approval, "used_by", run_id);
    esc_json_set_int(approval, "used_at_ms", (int64_t)now_ms);
    status = document_put(store, APPROVALS, id, approval, err);
    const struct esc_json *kept = esc_json_get(approval, "detail");
    if (status == ESC_OK && detail)
        *detail = kept ? esc_json_copy(kept) : NULL;
    return status;
}

enum esc_status esc_store_approval_consume(struct esc_store *store, const char *id,
                                           const char *plan_hash, const char *run_id,
                                           uint64_t now_ms, struct esc_json **detail,
                                           struct esc_error *err)
{
    struct write write;
    enum esc_status status = write_begin(store, &write, err);
    if (status != ESC_OK)
        return status;
    status = consume(store, id, plan_hash, run_id, now_ms, detail, err);
    return write_end(&write, status, err);
}
