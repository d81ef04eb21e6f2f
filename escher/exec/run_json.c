/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/run.h"

#include "escher/base/alloc.h"
#include "escher/base/clock.h"

/* A run as `escher.run/1` (docs/formats/run.schema.json). Members without a value are absent. */

static const char schema[] = "escher.run/1";

static void set_given(struct esc_json *json, const char *name, const char *text)
{
    if (text)
        esc_json_set_text(json, name, text);
}

static void set_plan(struct esc_json *json, const struct esc_step *step)
{
    struct esc_json *needs = esc_json_array();
    for (size_t i = 0; i < step->need_count; i++)
        esc_json_push_text(needs, step->needs[i]);
    esc_json_set_text(json, "step_id", step->id);
    esc_json_set_text(json, "kind", esc_step_kind_text(step->kind));
    esc_json_set_bool(json, "mutates", step->mutates);
    esc_json_set_bool(json, "idempotent", step->idempotent);
    esc_json_set_bool(json, "keep_going", step->keep_going);
    esc_json_set(json, "needs", needs);
    esc_json_set_int(json, "timeout_ms", (int64_t)step->timeout_ms);
    esc_json_set(json, "retry", esc_retry_policy_to_json(&step->retry));
    if (step->call)
        esc_json_set(json, "call", esc_json_ref(step->call));
}

static struct esc_json *step_to_json(const struct esc_step *step)
{
    struct esc_json *json = esc_json_object();
    set_plan(json, step);
    esc_json_set_text(json, "state", esc_step_state_text(step->state));
    esc_json_set_int(json, "attempt", step->attempt);
    esc_json_set_text(json, "ending", esc_ending_text(step->ending));
    esc_json_set_int(json, "exit_code", step->exit_code);
    esc_json_set_int(json, "signal", step->signal);
    esc_json_set(json, "category", esc_error_category_to_json(step->category));
    set_given(json, "error_code", step->error_code);
    set_given(json, "message", step->message);
    esc_json_set_bool(json, "reconciled", step->reconciled);
    esc_json_set_time(json, "started_at", step->started_at_ms);
    esc_json_set_time(json, "ended_at", step->ended_at_ms);
    esc_json_set_int(json, "out_bytes", (int64_t)step->out_bytes);
    esc_json_set_int(json, "err_bytes", (int64_t)step->err_bytes);
    return json;
}

struct esc_json *esc_run_to_json(const struct esc_run *run)
{
    struct esc_json *json = esc_json_object();
    struct esc_json *steps = esc_json_array();
    for (size_t i = 0; i < run->step_count; i++)
        esc_json_push(steps, step_to_json(&run->steps[i]));
    esc_json_set_text(json, "schema", schema);
    esc_json_set_text(json, "run_id", run->id);
    set_given(json, "plan_hash", run->plan_hash);
    esc_json_set_text(json, "strategy", esc_strategy_text(run->strategy));
    esc_json_set_int(json, "width", run->width);
    esc_json_set_text(json, "state", esc_run_state_text(esc_run_state(run)));
    esc_json_set_bool(json, "cancelled", run->cancelled);
    esc_json_set_time(json, "created_at", run->created_at_ms);
    esc_json_set_time(json, "ended_at", run->ended_at_ms);
    esc_json_set(json, "steps", steps);
    return json;
}

/* Each reader tells whether the member is what it should be; absent times and texts are fine. */
static bool read_time(const struct esc_json *json, const char *name, uint64_t *out)
{
    const struct esc_json *value = esc_json_member(json, name);
    return !value || esc_time_parse(esc_json_value(value), out);
}

static bool read_text(const struct esc_json *json, const char *name, char **out)
{
    *out = esc_strdup_null(esc_json_str(json, name, NULL));
    return *out || !esc_json_member(json, name);
}

static bool read_flag(const struct esc_json *json, const char *name, bool *out)
{
    *out = esc_json_flag(json, name, false);
    return esc_json_is(esc_json_member(json, name), ESC_JSON_BOOL);
}

static bool read_number(const struct esc_json *json, const char *name, int64_t min, int64_t max,
                        int64_t *out)
{
    *out = esc_json_num(json, name, INT64_MIN);
    return *out >= min && *out <= max;
}

static bool read_count(const struct esc_json *json, const char *name, uint64_t *out)
{
    int64_t value;
    bool good = read_number(json, name, 0, INT64_MAX, &value);
    *out = good ? (uint64_t)value : 0;
    return good;
}

static bool read_happened(const struct esc_json *json, struct esc_step *step)
{
    int64_t attempt = 0, exit_code = 0, signal = 0;
    step->state = esc_step_state_of_text(esc_json_value(esc_json_member(json, "state")));
    step->ending = esc_ending_of_text(esc_json_value(esc_json_member(json, "ending")));
    bool good = step->state < ESC_STEP_STATE_COUNT && step->ending < ESC_ENDING_COUNT &&
                read_number(json, "attempt", 0, INT32_MAX, &attempt) &&
                read_number(json, "exit_code", -1, 255, &exit_code) &&
                read_number(json, "signal", 0, 255, &signal) &&
                esc_error_category_from_json(esc_json_member(json, "category"), &step->category,
                                             NULL) == ESC_OK &&
                read_text(json, "error_code", &step->error_code) &&
                read_text(json, "message", &step->message) &&
                read_flag(json, "reconciled", &step->reconciled) &&
                read_time(json, "started_at", &step->started_at_ms) &&
                read_time(json, "ended_at", &step->ended_at_ms) &&
                read_count(json, "out_bytes", &step->out_bytes) &&
                read_count(json, "err_bytes", &step->err_bytes);
    step->attempt = (unsigned)attempt;
    step->exit_code = (int)exit_code;
    step->signal = (int)signal;
    return good;
}

static const char *const step_members[] = {
    "step_id",    "kind",     "mutates",   "idempotent", "keep_going", "needs",
    "timeout_ms", "retry",    "call",      "state",      "attempt",    "ending",
    "exit_code",  "signal",   "category",  "error_code", "message",    "reconciled",
    "started_at", "ended_at", "out_bytes", "err_bytes",  NULL,
};

static bool read_plan(const struct esc_json *json, struct esc_step_options *options,
                      struct esc_retry_policy *retry, const char **needs)
{
    const struct esc_json *list = esc_json_member(json, "needs");
    options->id = esc_json_str(json, "step_id", NULL);
    options->kind = esc_step_kind_of_text(esc_json_value(esc_json_member(json, "kind")));
    options->need_count = esc_json_len(list);
    options->needs = needs;
    options->retry = retry;
    for (size_t i = 0; i < options->need_count; i++) {
        needs[i] = esc_json_str(esc_json_at(list, i), "", NULL);
        if (!needs[i])
            return false;
    }
    return options->id && options->kind < ESC_STEP_KIND_COUNT &&
           esc_json_is(list, ESC_JSON_ARRAY) && read_flag(json, "mutates", &options->mutates) &&
           read_flag(json, "idempotent", &options->idempotent) &&
           read_flag(json, "keep_going", &options->keep_going) &&
           read_count(json, "timeout_ms", &options->timeout_ms) &&
           esc_retry_policy_from_json(esc_json_member(json, "retry"), retry, NULL) == ESC_OK;
}

static enum esc_status read_step(const struct esc_json *json, struct esc_run *run,
                                 struct esc_error *err)
{
    struct esc_step_options options = {0};
    struct esc_retry_policy retry;
    enum esc_status status = esc_json_only(json, step_members, err);
    if (status != ESC_OK)
        return status;
    ESC_CLEANUP(esc_freep)
    const char **needs =
        esc_alloc_array(esc_json_len(esc_json_member(json, "needs")) + 1, sizeof *needs);
    if (!read_plan(json, &options, &retry, needs))
        return esc_fail(err, ESC_INVALID, "step %zu is incomplete", run->step_count + 1);
    const struct esc_json *call = esc_json_member(json, "call");
    options.call = call ? esc_json_ref(call) : NULL;
    status = esc_run_add_step(run, &options, err);
    if (status == ESC_OK && !read_happened(json, &run->steps[run->step_count - 1]))
        status = esc_fail(err, ESC_INVALID, "step `%s` is incomplete", options.id);
    return status;
}

static const char *const run_members[] = {
    "schema",    "run_id",     "plan_hash", "strategy", "width", "state",
    "cancelled", "created_at", "ended_at",  "steps",    NULL,
};

static enum esc_status read_run(const struct esc_json *json, struct esc_run *run,
                                struct esc_error *err)
{
    const struct esc_json *steps = esc_json_member(json, "steps");
    bool good = read_flag(json, "cancelled", &run->cancelled) &&
                read_time(json, "created_at", &run->created_at_ms) &&
                read_time(json, "ended_at", &run->ended_at_ms) &&
                esc_json_is(steps, ESC_JSON_ARRAY);
    if (!good)
        return esc_fail(err, ESC_INVALID, "the run is incomplete");
    for (size_t i = 0; i < esc_json_len(steps); i++) {
        enum esc_status status = read_step(esc_json_at(steps, i), run, err);
        if (status != ESC_OK)
            return status;
    }
    /* The state follows from the steps; another one in the document tells of a mistake. */
    if (!esc_text_equal(esc_run_state_text(esc_run_state(run)), esc_json_str(json, "state", NULL)))
        return esc_fail(err, ESC_INVALID, "the state of the run does not follow from its steps");
    return esc_run_check(run, err);
}

enum esc_status esc_run_from_json(const struct esc_json *json, struct esc_run **out,
                                  struct esc_error *err)
{
    int64_t width;
    enum esc_status status = esc_json_only(json, run_members, err);
    if (status != ESC_OK)
        return status;
    const char *id = esc_json_str(json, "run_id", NULL);
    const char *hash = esc_json_str(json, "plan_hash", NULL);
    enum esc_strategy strategy =
        esc_strategy_of_text(esc_json_value(esc_json_member(json, "strategy")));
    if (!esc_text_equal(schema, esc_json_str(json, "schema", NULL)) || !id || !*id ||
        (esc_json_member(json, "plan_hash") && !hash) || strategy == ESC_STRATEGY_COUNT ||
        !read_number(json, "width", 1, INT32_MAX, &width))
        return esc_fail(err, ESC_INVALID, "no %s document", schema);
    ESC_CLEANUP(esc_run_freep)
    struct esc_run *run = esc_run_new(id, hash, strategy, (unsigned)width, 0);
    status = read_run(json, run, err);
    if (status == ESC_OK)
        *out = ESC_STEAL(run);
    return status;
}
