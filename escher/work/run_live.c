/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/log.h"
#include "escher/base/num.h"
#include "escher/base/utf8.h"
#include "escher/loop/timer.h"
#include "escher/plan/judge.h"
#include "escher/store/runs.h"
#include "escher/work/run_private.h"

/*
 * The hooks that connect the engine with the cloud, the store and whoever watches:
 *
 *     before   as long as nothing was changed, the targets are read again before each attempt to
 *              change something: drift makes the run stale
 *     perform  waits and probes of the plan
 *     settle   an uncertain mutation: its own done_when decides
 *     intent, result   the store, before and after each attempt
 *     ended    run_end.c
 */
enum {
    SETTLE_PAUSE_MS = 2'000, /* after the first look; each pause is twice the one before */
    SETTLE_LONGEST_PAUSE_MS = 10'000,
    SETTLE_CANCELLED_MS = 6'000
};

/* One open turn of the engine, with what it is doing. */
struct turn {
    struct work_run *run;
    struct esc_turn *turn;
    const struct esc_json *step; /* of the plan; borrowed */
    struct work_probe *probe;
    struct work_cloud *cloud;
    struct esc_timer *timer;
    uint64_t until_ms, pause_ms;
    bool stopped;
};

static struct turn *turn_new(struct work_run *run, struct esc_turn *turn)
{
    struct turn *own = esc_alloc_zero(sizeof *own);
    own->run = run;
    own->turn = turn;
    own->step = work_plan_step(esc_json_get(run->kept, "plan"), esc_turn_step(turn)->id);
    esc_list_push(&run->turns, own);
    return own;
}

static void turn_free(struct turn *turn)
{
    (void)esc_list_drop(&turn->run->turns, turn);
    esc_timer_stop(&turn->timer);
    free(turn);
}

static void end_turn(struct turn *turn, enum esc_step_state state, enum esc_error_category category,
                     const char *message)
{
    struct esc_turn *engine_turn = turn->turn;
    turn_free(turn);
    esc_turn_end(engine_turn, state, category, message);
}

static void refuse_turn(struct turn *turn, enum esc_status status, const char *message)
{
    struct esc_turn *engine_turn = turn->turn;
    turn_free(turn);
    esc_turn_refuse(engine_turn, status, message);
}

/* After work_run_leave() the engine's turn is gone, and only this remains to be done. */
static bool was_left(struct turn *turn)
{
    struct work_run *run = turn->run;
    if (turn->turn)
        return false;
    turn_free(turn);
    work_run_forget_when_left(run);
    return true;
}

/* Watchers. */

void work_run_tell(struct work_run *run, const char *kind, struct esc_json *data)
{
    struct esc_json *event = work_event_new(kind, run->run->id);
    esc_json_set(event, "data", data);
    for (size_t i = 0; i < run->watchers.count; i++)
        work_tell(run->watchers.items[i], esc_json_copy(event));
    work_publish(run->bench, event);
}

static const char *title_of(const struct esc_step *step)
{
    return esc_json_str(step->call, "title", esc_json_str(step->call, "command", step->id));
}

static void on_event(void *context, enum esc_engine_event event, const struct esc_run *,
                     const struct esc_step *step)
{
    struct esc_json *data = esc_json_object();
    if (step) {
        esc_json_set_text(data, "step", step->id);
        esc_json_set_text(data, "title", title_of(step));
        esc_json_set_text(data, "state", esc_step_state_text(step->state));
        esc_json_set_text(data, "message", step->message ? step->message : "");
    }
    work_run_tell(context, esc_engine_event_text(event), data);
}

static void on_output(void *context, const struct esc_step *step, enum esc_stream stream,
                      uint64_t offset, struct esc_str bytes)
{
    struct esc_json *data = esc_json_object();
    esc_json_set_text(data, "step", step->id);
    esc_json_set_text(data, "stream", stream == ESC_STREAM_OUT ? "stdout" : "stderr");
    esc_json_set_int(data, "offset", (int64_t)offset);
    esc_json_set_str(data, "text", bytes);
    work_run_tell(context, "output", data);
}

static void say_waiting(struct work_run *run, const struct esc_json *step, const char *message)
{
    struct esc_json *data = esc_json_object();
    esc_json_set_text(data, "step", esc_json_str(step, "step_id", ""));
    esc_json_set_text(data, "message", message);
    work_run_tell(run, "step.waiting", data);
}

/* before: nothing has drifted, and the command is ready. */

static void have_command(void *context, struct esc_command *command, const struct esc_error *err)
{
    struct turn *turn = context;
    turn->cloud = NULL;
    if (was_left(turn)) {
        if (command)
            esc_command_done(command);
        return;
    }
    if (!command) {
        refuse_turn(turn, err->status, err->message);
        return;
    }
    struct esc_turn *engine_turn = turn->turn;
    turn_free(turn);
    esc_turn_go(engine_turn, command);
}

static void prepare_command(struct turn *turn)
{
    struct work_run *run = turn->run;
    const struct esc_json *step = turn->step;
    const struct esc_account *account =
        work_account_find(run->bench, esc_json_str(step, "account", ""));
    const struct esc_operation *operation =
        esc_operation_find(esc_json_str(step, "service", ""), esc_json_str(step, "operation", ""));
    if (!account || !operation) {
        refuse_turn(turn, ESC_BLOCKED, "the account or the operation is not known here");
        return;
    }
    ESC_CLEANUP(esc_freep)
    char *session = esc_sprintf("%.32s", run->run->plan_hash ? run->run->plan_hash : "escher");
    const struct work_cloud_call call = {.account = account,
                                         .environment = run->environment,
                                         .operation = operation,
                                         .params = esc_json_get(step, "params"),
                                         .region = esc_json_str(step, "region", ""),
                                         .session_name = session};
    turn->cloud = work_cloud_prepare(run->bench, &call, have_command, turn);
}

static void observed_again(void *context, struct esc_json *captures,
                           const struct esc_error *failure)
{
    struct turn *turn = context;
    struct work_run *run = turn->run;
    struct esc_error err;
    turn->probe = NULL;
    if (was_left(turn)) {
        esc_json_free(captures);
        return;
    }
    if (!captures) {
        refuse_turn(turn, failure->status, failure->message);
        return;
    }
    const enum esc_status status = esc_plan_drift(esc_json_get(run->kept, "plan"), captures, &err);
    esc_json_free(run->captures);
    run->captures = captures;
    if (status != ESC_OK) {
        run->stale = status == ESC_STALE;
        refuse_turn(turn, status, err.message);
        return;
    }
    prepare_command(turn);
}

/* From then on the targets are not as the plan has seen them, by our own doing. */
static bool has_changed_something(const struct esc_run *run)
{
    for (size_t i = 0; i < run->step_count; i++) {
        const struct esc_step *step = &run->steps[i];
        if (step->mutates && (step->state == ESC_STEP_SUCCEEDED || step->state == ESC_STEP_UNKNOWN))
            return true;
    }
    return false;
}

static void before(void *context, struct esc_turn *engine_turn)
{
    struct work_run *run = context;
    const struct esc_step *step = esc_turn_step(engine_turn);
    if (step->kind != ESC_STEP_AWS) {
        esc_turn_go(engine_turn, NULL);
        return;
    }
    struct turn *turn = turn_new(run, engine_turn);
    if (!turn->step)
        refuse_turn(turn, ESC_CORRUPT, "the plan has no such step");
    else if (step->mutates && !has_changed_something(run->run))
        turn->probe = work_captures_start(run->bench, esc_json_get(run->kept, "plan"),
                                          run->environment, observed_again, turn);
    else
        prepare_command(turn);
}

static enum esc_truth step_holds(const struct turn *turn, const char *member,
                                 const struct esc_json *value)
{
    return work_run_holds(turn->run, esc_json_str(turn->step, member, NULL), value);
}

/* perform: waits and probes. */

static void look(void *context);

static bool is_over_time(const struct turn *turn)
{
    return esc_clock_monotonic_ms(turn->run->bench->clock) >= turn->until_ms;
}

/* @p err: why the cloud could not be asked; NULL: it was, and it is not there yet. */
static void look_again(struct turn *turn, const struct esc_error *err)
{
    const uint64_t every_ms = (uint64_t)esc_json_num(turn->step, "every_s", 5) * 1000;
    if (is_over_time(turn)) {
        ESC_CLEANUP(esc_freep)
        char *message =
            err ? esc_sprintf("the cloud could not be asked: %s; look with `escher sync`",
                              err->message)
                : esc_strdup("the cloud did not get there in time; it may still: look "
                             "with `escher sync`");
        end_turn(turn, ESC_STEP_FAILED, ESC_CATEGORY_TIMEOUT, message);
        return;
    }
    say_waiting(turn->run, turn->step, err ? err->message : "not yet");
    turn->timer = esc_timer_start(turn->run->bench->loop, every_ms, look, turn);
}

static void looked(void *context, struct esc_json *value, const struct esc_error *err)
{
    struct turn *turn = context;
    ESC_CLEANUP(esc_json_freep) struct esc_json *owned = value;
    turn->probe = NULL;
    if (was_left(turn))
        return;
    const bool waits = esc_turn_step(turn->turn)->kind == ESC_STEP_WAIT;
    if (turn->stopped)
        end_turn(turn, ESC_STEP_CANCELLED, ESC_CATEGORY_CANCELLED, "cancelled");
    else if (!value && waits)
        look_again(turn, err);
    else if (!value)
        end_turn(turn, ESC_STEP_FAILED, esc_error_category_of_status(err->status), err->message);
    else if (step_holds(turn, waits ? "until" : "expect", value) == ESC_TRUE)
        end_turn(turn, ESC_STEP_SUCCEEDED, ESC_CATEGORY_NONE, NULL);
    else if (waits && step_holds(turn, "fail_if", value) == ESC_TRUE)
        end_turn(turn, ESC_STEP_FAILED, ESC_CATEGORY_SERVICE, "the cloud says that it failed");
    else if (waits)
        look_again(turn, NULL);
    else
        end_turn(turn, ESC_STEP_FAILED, ESC_CATEGORY_CONFLICT_STATE, "not as expected");
}

static void look(void *context)
{
    struct turn *turn = context;
    turn->timer = NULL;
    turn->probe = work_probe_start(turn->run->bench, esc_json_get(turn->step, "probe"),
                                   turn->run->environment, looked, turn);
}

static void perform(void *context, struct esc_turn *engine_turn)
{
    struct work_run *run = context;
    const struct esc_step *step = esc_turn_step(engine_turn);
    if (step->kind != ESC_STEP_WAIT && step->kind != ESC_STEP_PROBE) {
        esc_turn_end(engine_turn, ESC_STEP_FAILED, ESC_CATEGORY_VALIDATION,
                     "this kind of step is not supported here");
        return;
    }
    struct turn *turn = turn_new(run, engine_turn);
    turn->until_ms = esc_clock_monotonic_ms(run->bench->clock) + step->timeout_ms;
    look(turn);
}

/*
 * settle: what became of a mutation nobody saw the end of.
 *
 *     look ──done_when holds──▶ SUCCEEDED
 *      │ ▲
 *      │ └─ pause ◀─ not yet, for as long as the step itself may take: reads of the cloud lag behind
 *      └────▶ time is up: FAILED when the cloud says no; UNKNOWN when it does not say, and after a
 *             timeout or a cancel: it may still come. Who has cancelled is not kept waiting for long
 */

static void settle_once(void *context);

/* How the attempt ended whose effect nobody saw. */
static const char *doubt_text(const struct esc_step *step)
{
    switch (step->ending) {
    case ESC_ENDING_TIMED_OUT:
        return "it did not end in time";
    case ESC_ENDING_CANCELLED:
        return "it was cancelled on its way";
    case ESC_ENDING_SIGNALLED:
        return "its process was killed";
    case ESC_ENDING_LOST:
        return "its process was lost";
    default:
        break;
    }
    switch (step->category) {
    case ESC_CATEGORY_NETWORK:
        return "the connection broke";
    case ESC_CATEGORY_TIMEOUT:
        return "no answer came in time";
    case ESC_CATEGORY_SERVICE:
        return "the service failed";
    default:
        return "its answer cannot be read";
    }
}

/* Whether a "no" of the cloud is the last word. */
static bool is_no_final(const struct esc_step *step)
{
    return step->ending != ESC_ENDING_TIMED_OUT && step->ending != ESC_ENDING_CANCELLED &&
           step->category != ESC_CATEGORY_TIMEOUT;
}

static void end_unsettled(struct turn *turn, enum esc_truth truth, const struct esc_error *err)
{
    const struct esc_step *step = esc_turn_step(turn->turn);
    const char *doubt = doubt_text(step);
    const char *says = err                  ? err->message
                       : truth == ESC_FALSE ? "the cloud does not show it, but it may still come"
                                            : "the cloud does not tell whether it was done";
    const bool failed = truth == ESC_FALSE && is_no_final(step);
    ESC_CLEANUP(esc_freep)
    char *message =
        failed ? esc_sprintf("%s; the cloud says that nothing was done; ask again to do it", doubt)
               : esc_sprintf("%s; %s; look with `escher sync` before you ask again", doubt, says);
    end_turn(turn, failed ? ESC_STEP_FAILED : ESC_STEP_UNKNOWN, step->category, message);
}

static void settled(void *context, struct esc_json *value, const struct esc_error *err)
{
    struct turn *turn = context;
    ESC_CLEANUP(esc_json_freep) struct esc_json *owned = value;
    turn->probe = NULL;
    if (was_left(turn))
        return;
    const enum esc_truth truth = step_holds(turn, "done_when.expect", value);
    if (truth == ESC_TRUE) {
        end_turn(turn, ESC_STEP_SUCCEEDED, ESC_CATEGORY_NONE,
                 "its end was not seen; the cloud says that it was done");
    } else if (is_over_time(turn)) {
        end_unsettled(turn, truth, err);
    } else {
        turn->timer = esc_timer_start(turn->run->bench->loop, turn->pause_ms, settle_once, turn);
        turn->pause_ms *= 2;
        if (turn->pause_ms > SETTLE_LONGEST_PAUSE_MS)
            turn->pause_ms = SETTLE_LONGEST_PAUSE_MS;
    }
}

static void settle_once(void *context)
{
    struct turn *turn = context;
    turn->timer = NULL;
    turn->probe = work_probe_start(turn->run->bench, esc_json_get(turn->step, "done_when"),
                                   turn->run->environment, settled, turn);
}

static void settle(void *context, struct esc_turn *engine_turn)
{
    struct turn *turn = turn_new(context, engine_turn);
    const char *expect = esc_json_str(turn->step, "done_when.expect", "unknown");
    if (esc_text_equal(expect, "unknown")) {
        end_turn(turn, ESC_STEP_UNKNOWN, ESC_CATEGORY_UNKNOWN,
                 "nothing can tell whether it was done");
        return;
    }
    say_waiting(turn->run, turn->step, "its end was not seen: asking the cloud");
    const struct esc_step *step = esc_turn_step(engine_turn);
    const bool cancelled = step->ending == ESC_ENDING_CANCELLED;
    turn->pause_ms = SETTLE_PAUSE_MS;
    turn->until_ms = esc_clock_monotonic_ms(turn->run->bench->clock) +
                     (cancelled ? SETTLE_CANCELLED_MS : step->timeout_ms);
    settle_once(turn);
}

static void stop(void *context, struct esc_turn *engine_turn)
{
    struct work_run *run = context;
    for (size_t i = 0; i < run->turns.count; i++) {
        struct turn *turn = run->turns.items[i];
        if (turn->turn != engine_turn)
            continue;
        turn->stopped = true;
        work_probe_cancel(turn->probe);
        if (turn->cloud)
            work_cloud_cancel(turn->cloud);
        if (turn->timer) {
            esc_timer_stop(&turn->timer);
            end_turn(turn, ESC_STEP_CANCELLED, ESC_CATEGORY_CANCELLED, "cancelled");
        }
        return;
    }
}

/* The journal. */

static struct esc_json *step_detail(const struct esc_run *run, const struct esc_step *step)
{
    struct esc_json *detail = esc_json_object();
    esc_json_set_text(detail, "run_id", run->id);
    esc_json_set_text(detail, "step", step->id);
    esc_json_set_int(detail, "attempt", step->attempt);
    esc_json_set_text(detail, "state", esc_step_state_text(step->state));
    if (step->call)
        esc_json_set(detail, "call", esc_json_copy(step->call));
    if (step->error_code)
        esc_json_set_text(detail, "error_code", step->error_code);
    return detail;
}

static enum esc_status journal(struct work_run *run, const struct esc_step *step, const char *kind,
                               struct esc_error *err)
{
    struct esc_store *store = run->bench->store;
    enum esc_status status = esc_store_begin(store, err);
    if (status != ESC_OK)
        return status;
    status = work_run_store(run, err);
    if (status == ESC_OK)
        status = work_audit(run->bench, kind, title_of(step), step_detail(run->run, step), err);
    if (status == ESC_OK)
        return esc_store_commit(store, err);
    esc_store_rollback(store);
    return status;
}

static enum esc_status intent(void *context, const struct esc_run *, const struct esc_step *step,
                              struct esc_error *err)
{
    return journal(context, step, "intent", err);
}

static enum esc_status result(void *context, const struct esc_run *, const struct esc_step *step,
                              struct esc_error *err)
{
    return journal(context, step, "result", err);
}

static void ended(void *context, struct esc_run *)
{
    struct work_run *run = context;
    run->engine = NULL;
    work_run_verify(run);
}

enum esc_status work_run_start(struct work_run *run, bool only_looks, struct esc_error *err)
{
    struct esc_workbench *bench = run->bench;
    const struct esc_engine_options options = {
        .run = run->run,
        .hooks = {.context = run,
                  .before = before,
                  .perform = perform,
                  .settle = settle,
                  .stop = stop,
                  .intent = intent,
                  .result = result,
                  .event = on_event,
                  .output = on_output,
                  .ended = ended},
        .folder = run->folder,
        .helper_program = bench->helper_program,
        .run_key = run->key,
        .only_looks = only_looks,
        .clock = bench->clock,
        .random = bench->random,
    };
    const enum esc_status status = esc_engine_start(bench->loop, &options, &run->engine, err);
    if (status != ESC_OK) {
        work_run_free(run);
        return status;
    }
    esc_list_push(&bench->runs, run);
    return ESC_OK;
}

static void leave_turn(struct turn *turn)
{
    turn->turn = NULL; /* the engine has freed it */
    esc_timer_stop(&turn->timer);
    work_probe_cancel(turn->probe);
    if (turn->cloud)
        work_cloud_cancel(turn->cloud);
    if (!turn->probe && !turn->cloud)
        turn_free(turn);
}

void work_run_leave(struct work_run *run)
{
    run->left = true;
    if (run->engine)
        esc_engine_leave(ESC_STEAL(run->engine));
    for (size_t i = run->turns.count; i > 0; i--)
        leave_turn(run->turns.items[i - 1]);
    esc_timer_stop(&run->verify_timer);
    work_probe_cancel(run->verifying);
    work_run_forget_when_left(run);
}

void work_run_free(struct work_run *run)
{
    if (!run)
        return;
    while (run->turns.count)
        turn_free(run->turns.items[0]);
    esc_list_done(&run->turns);
    esc_timer_stop(&run->verify_timer);
    esc_list_done(&run->watchers);
    esc_aws_environment_free(run->environment);
    esc_json_free(run->kept);
    esc_json_free(run->verification);
    esc_json_free(run->captures);
    esc_run_free(run->run);
    esc_secret_free(run->key);
    free(run->folder);
    free(run);
}
