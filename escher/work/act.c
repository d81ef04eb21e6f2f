/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/plan/approval.h"
#include "escher/store/audit.h"
#include "escher/store/conversation.h"
#include "escher/store/runs.h"
#include "escher/work/run_private.h"

/*
 * From an approval to a run:
 *
 *     kept plan ─▶ approval checked ─▶ one transaction: approval used up, run, audit, plan's state
 *                                      ─▶ folder ─▶ engine (run_live.c)
 *
 * Nothing is started before that transaction is on disk.
 */

enum esc_status work_audit(struct esc_workbench *bench, const char *kind, const char *text,
                           struct esc_json *detail, struct esc_error *err)
{
    struct esc_json *event = detail ? detail : esc_json_object();
    esc_json_set_text(event, "kind", kind);
    esc_json_set_text(event, "text", text);
    const enum esc_status status = esc_store_audit_append(bench->store, event, NULL, err);
    esc_json_free(event);
    return status;
}

const struct esc_json *work_plan_step(const struct esc_json *plan, const char *step_id)
{
    const struct esc_json *steps = esc_json_get(plan, "steps");
    for (size_t i = 0; i < esc_json_len(steps); i++) {
        const struct esc_json *step = esc_json_at(steps, i);
        if (esc_text_equal(esc_json_str(step, "step_id", ""), step_id))
            return step;
    }
    return NULL;
}

/* The run of a plan. */

static enum esc_status add_step(struct esc_run *run, const struct esc_json *step,
                                struct esc_error *err)
{
    const struct esc_json *named = esc_json_get(step, "needs");
    const char *needs[ESC_MAX_STEPS_COUNT];
    size_t need_count = 0;
    for (size_t i = 0; i < esc_json_len(named) && i < ESC_COUNT(needs); i++)
        needs[need_count++] = esc_json_str(esc_json_at(named, i), "", "");
    struct esc_retry_policy retry;
    const struct esc_json *policy = esc_json_get(step, "retry");
    enum esc_status status = policy ? esc_retry_policy_from_json(policy, &retry, err) : ESC_OK;
    if (status != ESC_OK)
        return status;
    const char *kind = esc_json_str(step, "kind", "");
    struct esc_json *call = esc_json_object();
    static const char *const members[] = {"title", "command", "args"};
    for (size_t i = 0; i < ESC_COUNT(members); i++) {
        const struct esc_json *value = esc_json_member(step, members[i]);
        if (value)
            esc_json_set(call, members[i], esc_json_ref(value));
    }
    const struct esc_step_options options = {
        .id = esc_json_str(step, "step_id", ""),
        .kind = esc_step_kind_of_text(esc_str_of(kind)),
        .mutates = esc_json_flag(step, "mutates", true),
        .idempotent = esc_json_flag(step, "idempotent", false),
        .needs = needs,
        .need_count = need_count,
        .timeout_ms = (uint64_t)esc_json_num(step, "timeout_s", 60) * 1000,
        .retry = policy ? &retry : NULL,
        .call = call,
    };
    if (options.kind == ESC_STEP_KIND_COUNT) {
        esc_json_free(call);
        return esc_fail(err, ESC_BLOCKED, "a step of the unknown kind `%s`", kind);
    }
    return esc_run_add_step(run, &options, err);
}

static enum esc_status run_of_plan(struct work_run *run, const char *hash, struct esc_error *err)
{
    struct esc_workbench *bench = run->bench;
    char id[ESC_UUID_TEXT];
    esc_uuid_format(esc_uuid_v4(bench->random), id);
    run->run = esc_run_new(id, hash, ESC_STRATEGY_SERIAL, 1, esc_clock_wall_ms(bench->clock));
    const struct esc_json *steps = esc_json_get(run->kept, "plan.steps");
    enum esc_status status = ESC_OK;
    for (size_t i = 0; status == ESC_OK && i < esc_json_len(steps); i++)
        status = add_step(run->run, esc_json_at(steps, i), err);
    if (status == ESC_OK)
        status = esc_run_check(run->run, err);
    unsigned char key[WORK_RUN_KEY_BYTES];
    esc_random_fill(bench->random, key, sizeof key);
    run->key = esc_secret_new(key, sizeof key);
    explicit_bzero(key, sizeof key);
    run->folder = esc_path_join(bench->paths.runs, id);
    return status;
}

/* The approval. */

bool work_plan_is_emulated(const struct esc_workbench *bench, const struct esc_json *plan)
{
    const struct esc_json *targets = esc_json_get(plan, "targets");
    for (size_t i = 0; i < esc_json_len(targets); i++) {
        const char *id = esc_json_str(esc_json_at(targets, i), "account_id", "");
        const struct esc_account *account = work_account_find(bench, id);
        if (!account || !account->emulator)
            return false;
    }
    return esc_json_len(targets) > 0;
}

static enum esc_status no_plan(const struct esc_api_call *call, struct esc_error *err)
{
    return esc_fail(err, ESC_NOT_FOUND, "no plan has the hash `%s`; `escher ask` makes plans",
                    call->subject);
}

/* A plan's state in words. */
static const char *plan_state_text(const char *state)
{
    static const char *const words[][2] = {{"awaiting_approval", "waits for approval"},
                                           {"approved", "was approved already"},
                                           {"denied", "was discarded"},
                                           {"done", "was approved and run"}};
    for (size_t i = 0; i < ESC_COUNT(words); i++) {
        if (esc_text_equal(words[i][0], state))
            return words[i][1];
    }
    return "was approved, and its run did not succeed";
}

static enum esc_status check_approval(struct esc_api_call *call, const struct esc_json *kept,
                                      struct esc_approval_demand *demand, struct esc_error *err)
{
    const char *state = esc_json_str(kept, "state", "");
    if (!esc_text_equal(state, "awaiting_approval"))
        return esc_fail(err, ESC_STALE, "this plan %s; ask again for a new one",
                        plan_state_text(state));
    if (esc_text_equal(work_text(call, "by"), "yes-demo") &&
        !work_plan_is_emulated(call->bench, esc_json_get(kept, "plan")))
        return esc_fail(err, ESC_BLOCKED, "--yes-demo approves only in accounts of an emulator");
    const uint64_t now = esc_clock_wall_ms(call->bench->clock);
    struct esc_approval approval = {.planned_at_ms =
                                        (uint64_t)esc_json_num(kept, "planned_at_ms", 0),
                                    .approved_at_ms = now,
                                    .typed = work_text(call, "confirm")};
    const struct esc_json *plan = esc_json_get(kept, "plan");
    if (strlen(call->subject) != ESC_PLAN_HASH_TEXT - 1)
        return no_plan(call, err);
    memcpy(approval.plan_hash, call->subject, ESC_PLAN_HASH_TEXT);
    enum esc_status status = esc_approval_demand_of(plan, demand, err);
    if (status == ESC_OK)
        status = esc_approval_check(&approval, plan, NULL, now, err);
    return status;
}

static struct esc_json *audit_detail(const struct work_run *run, const struct esc_api_call *call)
{
    struct esc_json *detail = esc_json_object();
    esc_json_set_text(detail, "plan_hash", call->subject);
    esc_json_set_text(detail, "run_id", run->run->id);
    esc_json_set_text(detail, "by", work_text(call, "by") ? work_text(call, "by") : "api");
    esc_json_set(detail, "targets", esc_json_copy(esc_json_get(run->kept, "plan.targets")));
    return detail;
}

static enum esc_status set_plan_state(struct esc_workbench *bench, struct esc_json *kept,
                                      const char *hash, const char *state, struct esc_error *err)
{
    esc_json_set_text(kept, "state", state);
    return esc_store_plan_put(bench->store, hash, kept, err);
}

/* The turn that made the plan keeps the run it led to, as long as its conversation is there. */
static enum esc_status record_turn(const struct work_run *run, struct esc_error *err)
{
    const char *conversation = esc_json_str(run->kept, "conversation", "");
    const char *message = esc_json_str(run->kept, "message", NULL);
    const enum esc_status status = message ? esc_store_turn_run_put(run->bench->store, conversation,
                                                                    message, run->run->id, err)
                                           : ESC_OK; /* a plan of an earlier version */
    return status == ESC_NOT_FOUND ? ESC_OK : status;
}

static enum esc_status record_intent(struct work_run *run, struct esc_api_call *call,
                                     const char *approval_id, struct esc_error *err)
{
    struct esc_workbench *bench = run->bench;
    enum esc_status status =
        esc_store_approval_consume(bench->store, approval_id, call->subject, run->run->id,
                                   esc_clock_wall_ms(bench->clock), NULL, err);
    esc_json_set_text(run->kept, "run", run->run->id);
    if (status == ESC_OK)
        status = set_plan_state(bench, run->kept, call->subject, "approved", err);
    if (status == ESC_OK)
        status = work_run_store(run, err);
    if (status == ESC_OK)
        status = record_turn(run, err);
    if (status == ESC_OK)
        status = work_audit(bench, "approved", esc_json_str(run->kept, "prompt", ""),
                            audit_detail(run, call), err);
    return status;
}

static enum esc_status use_approval(struct work_run *run, struct esc_api_call *call,
                                    const struct esc_approval_demand *demand, struct esc_error *err)
{
    struct esc_workbench *bench = run->bench;
    const uint64_t now = esc_clock_wall_ms(bench->clock);
    const struct esc_store_approval approval = {
        .plan_hash = call->subject, .approved_at_ms = now, .expires_at_ms = now + demand->ttl_ms};
    char approval_id[ESC_UUID_TEXT];
    enum esc_status status = esc_store_begin(bench->store, err);
    if (status != ESC_OK)
        return status;
    status = esc_store_approval_put(bench->store, &approval, approval_id, err);
    if (status == ESC_OK)
        status = record_intent(run, call, approval_id, err);
    if (status == ESC_OK)
        return esc_store_commit(bench->store, err);
    esc_store_rollback(bench->store);
    return status;
}

static struct work_run *run_new(struct esc_api_call *call, struct esc_json *kept)
{
    struct work_run *run = esc_alloc_zero(sizeof *run);
    run->bench = call->bench;
    run->environment = esc_aws_environment_copy(call->environment);
    run->kept = kept;
    run->verification = esc_json_array();
    return run;
}

static enum esc_status start_run(struct esc_api_call *call, struct esc_json *kept,
                                 struct work_run **out, struct esc_error *err)
{
    struct esc_approval_demand demand;
    struct work_run *run = run_new(call, kept);
    enum esc_status status = check_approval(call, kept, &demand, err);
    if (status == ESC_OK)
        status = run_of_plan(run, call->subject, err);
    if (status == ESC_OK)
        status = esc_file_make_folder(run->folder, err);
    if (status == ESC_OK)
        status = use_approval(run, call, &demand, err);
    if (status != ESC_OK) {
        work_run_free(run);
        return status;
    }
    status = work_run_start(run, false, err);
    if (status == ESC_OK)
        *out = run;
    return status;
}

void work_plan_approve(struct esc_api_call *call)
{
    struct esc_error err;
    struct esc_json *kept = NULL;
    struct work_run *run = NULL;
    enum esc_status status = esc_store_plan_get(call->bench->store, call->subject, &kept, &err);
    if (status == ESC_NOT_FOUND)
        status = no_plan(call, &err);
    if (status == ESC_OK)
        status = start_run(call, kept, &run, &err);
    if (status != ESC_OK) {
        work_fail(call, &err);
    } else if (esc_json_flag(call->args, "background", false)) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *document = work_run_document(run);
        work_ok(call, work_run_page(document));
    } else {
        work_run_watch(run, call);
    }
}

uint64_t work_plan_expires_ms(const struct esc_json *kept)
{
    struct esc_approval_demand demand;
    if (esc_approval_demand_of(esc_json_get(kept, "plan"), &demand, NULL) != ESC_OK)
        return 0;
    return (uint64_t)esc_json_num(kept, "planned_at_ms", 0) + demand.ttl_ms;
}

/* What an approval must bring, and until when it may come. */
static void add_demand(struct esc_json *kept)
{
    struct esc_approval_demand demand;
    if (esc_approval_demand_of(esc_json_get(kept, "plan"), &demand, NULL) != ESC_OK)
        return; /* a plan of an earlier version: there is nothing to approve any more */
    if (demand.typed) {
        esc_json_set_text(kept, "confirm", demand.typed);
        esc_json_set_text(kept, "confirm_because", demand.typed_because);
    }
    esc_json_set_time(kept, "expires_at", work_plan_expires_ms(kept));
}

void work_plan_show(struct esc_api_call *call)
{
    struct esc_error err;
    struct esc_json *kept = NULL;
    if (esc_store_plan_get(call->bench->store, call->subject, &kept, &err) != ESC_OK) {
        work_fail(call, &err);
        return;
    }
    esc_json_remove(kept, "request");
    esc_json_remove(kept, "message");
    esc_json_remove(kept, "ran");
    esc_json_set_text(kept, "plan_hash", call->subject);
    esc_json_set_bool(kept, "emulator",
                      work_plan_is_emulated(call->bench, esc_json_get(kept, "plan")));
    add_demand(kept);
    work_ok(call, kept);
}

void work_plan_discard(struct esc_api_call *call)
{
    struct esc_error err;
    ESC_CLEANUP(esc_json_freep) struct esc_json *kept = NULL;
    enum esc_status status = esc_store_plan_get(call->bench->store, call->subject, &kept, &err);
    if (status == ESC_OK && !esc_text_equal(esc_json_str(kept, "state", ""), "awaiting_approval"))
        status = esc_fail(&err, ESC_CONFLICT, "this plan %s",
                          plan_state_text(esc_json_str(kept, "state", "")));
    if (status == ESC_OK)
        status = set_plan_state(call->bench, kept, call->subject, "denied", &err);
    if (status != ESC_OK) {
        work_fail(call, &err);
        return;
    }
    struct esc_json *body = esc_json_object();
    esc_json_set_text(body, "discarded", call->subject);
    work_ok(call, body);
}
