/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/run.h"

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/buf.h"
#include "escher/base/limits.h"
#include "escher/exec/record.h"

static const char *const strategies[] = {
    [ESC_STRATEGY_SERIAL] = "serial",
    [ESC_STRATEGY_PARALLEL] = "parallel",
    [ESC_STRATEGY_GRAPH] = "graph",
};
static_assert(ESC_COUNT(strategies) == ESC_STRATEGY_COUNT);

const char *esc_strategy_text(enum esc_strategy strategy)
{
    ESC_ASSERT(strategy < ESC_STRATEGY_COUNT);
    return strategies[strategy];
}

enum esc_strategy esc_strategy_of_text(struct esc_str text)
{
    enum esc_strategy strategy = 0;
    while (strategy < ESC_STRATEGY_COUNT && !esc_str_is(text, strategies[strategy]))
        strategy++;
    return strategy;
}

struct esc_run *esc_run_new(const char *id, const char *plan_hash, enum esc_strategy strategy,
                            unsigned width, uint64_t now_ms)
{
    struct esc_run *run = esc_alloc_zero(sizeof *run);
    run->id = esc_strdup(id);
    run->plan_hash = esc_strdup_null(plan_hash);
    run->strategy = strategy;
    run->width = width ? width : 1;
    run->created_at_ms = now_ms;
    return run;
}

static void free_step(struct esc_step *step)
{
    for (size_t i = 0; i < step->need_count; i++)
        free(step->needs[i]);
    free(step->needs);
    free(step->id);
    free(step->error_code);
    free(step->message);
    esc_json_free(step->call);
}

void esc_run_free(struct esc_run *run)
{
    if (!run)
        return;
    for (size_t i = 0; i < run->step_count; i++)
        free_step(&run->steps[i]);
    free(run->steps);
    free(run->id);
    free(run->plan_hash);
    free(run);
}

static enum esc_status check_new_step(struct esc_run *run, const char *id, struct esc_error *err)
{
    const struct esc_attempt place = {"/", id, 1}; /* the id will be part of a file's name */
    if (!id || esc_attempt_check(&place, NULL) != ESC_OK)
        return esc_fail(err, ESC_INVALID, "step %zu has no proper id", run->step_count + 1);
    if (esc_run_step(run, id))
        return esc_fail(err, ESC_EXISTS, "step `%s` is there twice", id);
    if (run->step_count >= ESC_MAX_STEPS_COUNT)
        return esc_fail(err, ESC_LIMIT, "more than %d steps", (int)ESC_MAX_STEPS_COUNT);
    return ESC_OK;
}

enum esc_status esc_run_add_step(struct esc_run *run, const struct esc_step_options *options,
                                 struct esc_error *err)
{
    enum esc_status status = check_new_step(run, options->id, err);
    if (status != ESC_OK) {
        esc_json_free(options->call); /* it was handed over */
        return status;
    }
    run->steps = esc_realloc_array(run->steps, run->step_count + 1, sizeof *run->steps);
    struct esc_step *step = &run->steps[run->step_count++];
    *step = (struct esc_step){
        .id = esc_strdup(options->id),
        .kind = options->kind,
        .mutates = options->mutates,
        .idempotent = options->idempotent,
        .keep_going = options->keep_going,
        .need_count = options->need_count,
        .timeout_ms = options->timeout_ms,
        .call = options->call,
        .ending = ESC_ENDING_LOST,
        .exit_code = -1,
    };
    step->retry = options->retry ? *options->retry : esc_retry_policy_default();
    if (!options->retry)
        step->retry.max_attempts = 1;
    if (step->need_count)
        step->needs = esc_alloc_array(step->need_count, sizeof *step->needs);
    for (size_t i = 0; i < step->need_count; i++)
        step->needs[i] = esc_strdup(options->needs[i]);
    return ESC_OK;
}

struct esc_step *esc_run_step(struct esc_run *run, const char *id)
{
    for (size_t i = 0; i < run->step_count; i++) {
        if (esc_text_equal(run->steps[i].id, id))
            return &run->steps[i];
    }
    return NULL;
}

static size_t index_of(const struct esc_run *run, const char *id)
{
    for (size_t i = 0; i < run->step_count; i++) {
        if (esc_text_equal(run->steps[i].id, id))
            return i;
    }
    return SIZE_MAX;
}

/* Colours of a depth-first walk: a step met again while it is open closes a cycle. */
enum colour {
    UNSEEN,
    OPEN,
    CLOSED,
};

/* As deep as the longest chain of needs, so at most ESC_MAX_STEPS_COUNT. */
static enum esc_status visit(const struct esc_run *run, size_t index, enum colour *colours,
                             struct esc_error *err)
{
    const struct esc_step *step = &run->steps[index];
    if (colours[index] == OPEN)
        return esc_fail(err, ESC_INVALID, "step `%s` needs itself", step->id);
    if (colours[index] == CLOSED)
        return ESC_OK;
    colours[index] = OPEN;
    for (size_t i = 0; i < step->need_count; i++) {
        size_t need = index_of(run, step->needs[i]);
        if (need == SIZE_MAX)
            return esc_fail(err, ESC_INVALID, "step `%s` needs `%s`, which there is not", step->id,
                            step->needs[i]);
        enum esc_status status = visit(run, need, colours, err);
        if (status != ESC_OK)
            return status;
    }
    colours[index] = CLOSED;
    return ESC_OK;
}

enum esc_status esc_run_check(const struct esc_run *run, struct esc_error *err)
{
    if (run->step_count == 0)
        return esc_fail(err, ESC_INVALID, "a run has at least one step");
    enum colour colours[ESC_MAX_STEPS_COUNT] = {UNSEEN};
    for (size_t i = 0; i < run->step_count; i++) {
        enum esc_status status = visit(run, i, colours, err);
        if (status != ESC_OK)
            return status;
    }
    return ESC_OK;
}

static bool begins(enum esc_step_state now, enum esc_step_state next)
{
    return next == ESC_STEP_RUNNING && now != ESC_STEP_WAITING && now != ESC_STEP_INTERRUPTED;
}

enum esc_status esc_run_move(struct esc_run *run, struct esc_step *step, enum esc_step_state next,
                             uint64_t now_ms, struct esc_error *err)
{
    if (!esc_step_may_become(step->state, next))
        return esc_fail(err, ESC_CONFLICT, "step `%s` is %s and cannot become %s", step->id,
                        esc_step_state_text(step->state), esc_step_state_text(next));
    if (begins(step->state, next))
        step->started_at_ms = now_ms;
    step->state = next;
    step->ended_at_ms = esc_step_is_over(next) ? now_ms : 0;
    enum esc_run_state state = esc_run_state(run);
    run->ended_at_ms = state >= ESC_RUN_SUCCEEDED ? now_ms : 0;
    return ESC_OK;
}

/* How many steps are in each state. */
static void count_states(const struct esc_run *run, size_t counts[ESC_STEP_STATE_COUNT])
{
    for (size_t i = 0; i < run->step_count; i++)
        counts[run->steps[i].state]++;
}

static bool is_any_active(const size_t counts[ESC_STEP_STATE_COUNT])
{
    for (enum esc_step_state state = 0; state < ESC_STEP_STATE_COUNT; state++) {
        if (counts[state] > 0 && esc_step_is_active(state) && state != ESC_STEP_INTERRUPTED)
            return true;
    }
    return false;
}

/* A run with steps left stands still only because somebody ended the engine that drove it. */
enum esc_run_state esc_run_state(const struct esc_run *run)
{
    size_t counts[ESC_STEP_STATE_COUNT] = {0};
    count_states(run, counts);
    if (is_any_active(counts))
        return run->cancelled ? ESC_RUN_CANCELLING : ESC_RUN_RUNNING;
    if (counts[ESC_STEP_QUEUED] == run->step_count)
        return ESC_RUN_QUEUED;
    if (counts[ESC_STEP_QUEUED] + counts[ESC_STEP_INTERRUPTED] > 0)
        return ESC_RUN_INTERRUPTED;
    if (counts[ESC_STEP_UNKNOWN] > 0)
        return ESC_RUN_UNKNOWN;
    if (counts[ESC_STEP_FAILED] > 0)
        return ESC_RUN_FAILED;
    if (counts[ESC_STEP_CANCELLED] > 0 || run->cancelled)
        return ESC_RUN_CANCELLED;
    return ESC_RUN_SUCCEEDED;
}

static const char *const run_states[] = {
    [ESC_RUN_QUEUED] = "queued",         [ESC_RUN_RUNNING] = "running",
    [ESC_RUN_CANCELLING] = "cancelling", [ESC_RUN_INTERRUPTED] = "interrupted",
    [ESC_RUN_SUCCEEDED] = "succeeded",   [ESC_RUN_FAILED] = "failed",
    [ESC_RUN_CANCELLED] = "cancelled",   [ESC_RUN_UNKNOWN] = "unknown",
};
static_assert(ESC_COUNT(run_states) == ESC_RUN_STATE_COUNT);

const char *esc_run_state_text(enum esc_run_state state)
{
    ESC_ASSERT(state < ESC_RUN_STATE_COUNT);
    return run_states[state];
}

bool esc_run_is_over(const struct esc_run *run)
{
    return esc_run_state(run) >= ESC_RUN_SUCCEEDED;
}
