/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/log.h"
#include "escher/loop/timer.h"
#include "escher/plan/judge.h"
#include "escher/store/runs.h"
#include "escher/work/permission_private.h"
#include "escher/work/run_private.h"

/*
 * What becomes of a run once its steps are over:
 *
 *     steps over ─▶ each verification of the plan: probe, until it holds or its time is up
 *                    └─▶ outcome ─▶ one transaction: run, plan's state, audit ─▶ watchers
 */
enum {
    VERIFY_PAUSE_MS = 3'000
};

/* A run that was left goes when the last of its looks at the cloud has ended. */
static void forget(struct work_run *run)
{
    (void)esc_list_drop(&run->bench->runs, run);
    work_run_free(run);
}

void work_run_forget_when_left(struct work_run *run)
{
    if (run->left && run->turns.count == 0 && !run->verifying)
        forget(run);
}

/* What conditions see beside `after`: the captures, and the plan's values as `parameter`. */
static struct esc_json *roots_of(const struct work_run *run)
{
    struct esc_json *roots = run->captures ? esc_json_copy(run->captures) : esc_json_object();
    struct esc_json *values = esc_json_object();
    const struct esc_json *parameters = esc_json_get(run->kept, "plan.parameters");
    for (size_t i = 0; i < esc_json_len(parameters); i++) {
        const struct esc_json *parameter = esc_json_at(parameters, i);
        const struct esc_json *value = esc_json_member(parameter, "value");
        if (value)
            esc_json_set(values, esc_json_str(parameter, "name", ""), esc_json_ref(value));
    }
    esc_json_set(roots, "parameter", values);
    return roots;
}

/* A condition of the plan on a value just read; without either nothing can be told. */
enum esc_truth work_run_holds(const struct work_run *run, const char *condition,
                              const struct esc_json *value)
{
    enum esc_truth truth = ESC_TRUTH_UNKNOWN;
    if (!condition || !value)
        return truth;
    ESC_CLEANUP(esc_json_freep) struct esc_json *roots = roots_of(run);
    if (esc_plan_condition(condition, value, roots, &truth, NULL) != ESC_OK)
        truth = ESC_TRUTH_UNKNOWN;
    return truth;
}

static const char *outcome_of(const struct work_run *run)
{
    switch (esc_run_state(run->run)) {
    case ESC_RUN_SUCCEEDED:
        break;
    case ESC_RUN_CANCELLED:
        return "cancelled";
    case ESC_RUN_UNKNOWN:
        return "unknown";
    case ESC_RUN_INTERRUPTED:
        return "interrupted";
    default:
        return run->stale ? "stale" : "failed";
    }
    for (size_t i = 0; i < esc_json_len(run->verification); i++) {
        if (!esc_json_flag(esc_json_at(run->verification, i), "ok", false))
            return "unverified";
    }
    return "succeeded";
}

/* For everybody; the watchers get the page as their answer. */
static void tell_end(struct work_run *run, const struct esc_json *document)
{
    struct esc_json *event = work_event_new("run.done", run->run->id);
    esc_json_set(event, "data", work_run_page(document));
    work_publish(run->bench, event);
    work_changed(run->bench, "runs");
    work_changed(run->bench, "plans");
}

/* With the page; when the end could not be recorded, with that as the message. */
static void answer_watchers(struct work_run *run, enum esc_status recorded,
                            const struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *document = work_run_document(run);
    tell_end(run, document);
    while (run->watchers.count) {
        struct esc_api_call *call = esc_list_remove(&run->watchers, 0);
        struct esc_json *page = work_run_page(document);
        const enum esc_status outcome = work_run_outcome(page);
        ESC_CLEANUP(esc_freep)
        char *message = esc_sprintf("the run is %s, but that is not on record: %s", run->outcome,
                                    recorded == ESC_OK ? "" : err->message);
        if (recorded != ESC_OK)
            esc_json_set_text(page, "message", message);
        work_done(call, recorded == ESC_OK ? outcome : recorded, page);
    }
}

static void conclude(struct work_run *run)
{
    struct esc_workbench *bench = run->bench;
    struct esc_error err;
    run->outcome = outcome_of(run);
    struct esc_json *detail = esc_json_object();
    esc_json_set_text(detail, "run_id", run->run->id);
    esc_json_set(detail, "verification", esc_json_copy(run->verification));
    esc_json_set_text(run->kept, "state",
                      esc_text_equal(run->outcome, "succeeded") ? "done" : run->outcome);
    enum esc_status status = esc_store_begin(bench->store, &err);
    if (status == ESC_OK)
        status = work_run_store(run, &err);
    if (status == ESC_OK && run->run->plan_hash)
        status = esc_store_plan_put(bench->store, run->run->plan_hash, run->kept, &err);
    if (status == ESC_OK)
        status = work_audit(bench, "ended", run->outcome, ESC_STEAL(detail), &err);
    if (status == ESC_OK)
        status = esc_store_commit(bench->store, &err);
    else
        esc_store_rollback(bench->store);
    esc_json_free(detail);
    if (status != ESC_OK)
        esc_log(ESC_ERROR, "a run's end is not on record", F("run", run->run->id),
                F("why", err.message));
    ESC_CLEANUP(esc_json_freep) struct esc_json *ended = esc_run_to_json(run->run);
    work_permission_learn(bench, esc_json_get(run->kept, "plan"), ended);
    work_anchor_put(bench);
    answer_watchers(run, status, &err);
    work_run_refresh(run);
    forget(run);
}

static void verify_next(void *context);

static void note_verified(struct work_run *run, const struct esc_json *what, bool ok,
                          const char *says)
{
    struct esc_json *entry = esc_json_object();
    esc_json_set_text(entry, "id", esc_json_str(what, "id", ""));
    esc_json_set_text(entry, "title", esc_json_str(what, "title", ""));
    esc_json_set_bool(entry, "ok", ok);
    esc_json_set_text(entry, "says", says);
    esc_json_push(run->verification, entry);
    work_run_tell(run, "run.verified", esc_json_copy(entry));
    run->verify_next++;
    run->verify_until_ms = 0;
    verify_next(run);
}

static void verified(void *context, struct esc_json *value, const struct esc_error *err)
{
    struct work_run *run = context;
    ESC_CLEANUP(esc_json_freep) struct esc_json *owned = value;
    run->verifying = NULL;
    if (run->left) {
        work_run_forget_when_left(run);
        return;
    }
    const struct esc_json *what =
        esc_json_at(esc_json_get(run->kept, "plan.verification"), run->verify_next);
    const enum esc_truth truth = work_run_holds(run, esc_json_str(what, "expect", NULL), value);
    const bool late = esc_clock_monotonic_ms(run->bench->clock) >= run->verify_until_ms;
    if (truth == ESC_TRUE)
        note_verified(run, what, true, "the cloud says so");
    else if (late)
        note_verified(run, what, false, err ? err->message : "the cloud does not say so");
    else
        run->verify_timer = esc_timer_start(run->bench->loop, VERIFY_PAUSE_MS, verify_next, run);
}

static void verify_next(void *context)
{
    struct work_run *run = context;
    const struct esc_json *what =
        esc_json_at(esc_json_get(run->kept, "plan.verification"), run->verify_next);
    run->verify_timer = NULL;
    if (!what || esc_run_state(run->run) != ESC_RUN_SUCCEEDED) {
        conclude(run);
        return;
    }
    if (run->verify_until_ms == 0)
        run->verify_until_ms = esc_clock_monotonic_ms(run->bench->clock) +
                               (uint64_t)esc_json_num(what, "timeout_s", 60) * 1000;
    run->verifying = work_probe_start(run->bench, what, run->environment, verified, run);
}

void work_run_verify(struct work_run *run)
{
    verify_next(run);
}
