/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/engine.h"

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/exec/engine_private.h"
#include "escher/exec/reconcile.h"
#include "escher/exec/strategy.h"

static const char *const events[] = {
    [ESC_EVENT_RUN_STARTED] = "run.started",   [ESC_EVENT_STEP_STARTED] = "step.started",
    [ESC_EVENT_STEP_CHANGED] = "step.changed", [ESC_EVENT_STEP_RETRY] = "step.retry",
    [ESC_EVENT_STEP_ENDED] = "step.ended",     [ESC_EVENT_RUN_ENDED] = "run.ended",
};

const char *esc_engine_event_text(enum esc_engine_event event)
{
    ESC_ASSERT((size_t)event < ESC_COUNT(events));
    return events[event];
}

struct esc_step *engine_step(const struct engine_track *track)
{
    return &track->engine->run->steps[track->index];
}

struct esc_attempt engine_attempt(const struct engine_track *track)
{
    const struct esc_step *step = engine_step(track);
    return (struct esc_attempt){track->engine->folder, step->id, step->attempt};
}

void engine_tell(struct esc_engine *engine, enum esc_engine_event event,
                 const struct esc_step *step)
{
    if (engine->hooks.event)
        engine->hooks.event(engine->hooks.context, event, engine->run, step);
}

void engine_move(struct engine_track *track, enum esc_step_state next)
{
    struct esc_engine *engine = track->engine;
    uint64_t now_ms = esc_clock_wall_ms(engine->clock);
    enum esc_status status = esc_run_move(engine->run, engine_step(track), next, now_ms, NULL);
    ESC_ASSERT(status == ESC_OK);
}

static void replace_text(char **text, const char *with)
{
    if (with) {
        free(*text);
        *text = esc_strdup(with);
    }
}

void engine_finish(struct engine_track *track, enum esc_step_state state,
                   enum esc_error_category category, const char *message)
{
    struct esc_engine *engine = track->engine;
    struct esc_step *step = engine_step(track);
    struct esc_error err;
    track->phase = PHASE_IDLE;
    step->category = category;
    replace_text(&step->message, message);
    engine_move(track, state);
    if (engine->hooks.result(engine->hooks.context, engine->run, step, &err) != ESC_OK)
        engine->hold = true; /* what cannot be recorded is not begun */
    engine_tell(engine, ESC_EVENT_STEP_ENDED, step);
    engine_advance_later(engine);
}

static void free_engine(struct esc_engine *engine)
{
    esc_secret_free(engine->run_key);
    free(engine->folder);
    free(engine->helper_program);
    free(engine->tracks);
    free(engine);
}

/* Steps that will never begin get their last state. */
static void drop_hopeless(struct esc_engine *engine)
{
    for (size_t i = 0; i < engine->run->step_count; i++) {
        if (!esc_strategy_is_hopeless(engine->run, i))
            continue;
        bool cancelled = engine->run->cancelled;
        engine_move(&engine->tracks[i], cancelled ? ESC_STEP_CANCELLED : ESC_STEP_SKIPPED);
        engine_tell(engine, ESC_EVENT_STEP_ENDED, &engine->run->steps[i]);
    }
}

/* Whether the engine would have to change something before the run is over. */
static bool has_changes_left(const struct esc_run *run)
{
    for (size_t i = 0; i < run->step_count; i++) {
        if (run->steps[i].mutates && !esc_step_is_over(run->steps[i].state))
            return true;
    }
    return false;
}

static bool may_begin(const struct esc_engine *engine)
{
    return !engine->hold && !(engine->only_looks && has_changes_left(engine->run));
}

static void begin_ready(struct esc_engine *engine)
{
    size_t *ready = esc_alloc_array(engine->run->step_count, sizeof *ready);
    size_t count = esc_strategy_ready(engine->run, ready);
    for (size_t i = 0; i < count; i++)
        engine_begin(&engine->tracks[ready[i]]);
    free(ready);
}

static bool is_under_way(const struct esc_engine *engine)
{
    for (size_t i = 0; i < engine->run->step_count; i++) {
        if (engine->tracks[i].phase != PHASE_IDLE)
            return true;
    }
    return false;
}

static void stop_all(struct esc_engine *engine)
{
    engine->must_stop = false;
    for (size_t i = 0; i < engine->run->step_count; i++)
        engine_stop(&engine->tracks[i]);
}

static void advance(void *context)
{
    struct esc_engine *engine = context;
    if (engine->left)
        return;
    engine->is_advancing = false;
    if (engine->must_stop)
        stop_all(engine);
    drop_hopeless(engine);
    if (may_begin(engine))
        begin_ready(engine);
    if (is_under_way(engine) || engine->is_advancing)
        return;
    engine_tell(engine, ESC_EVENT_RUN_ENDED, NULL);
    engine->hooks.ended(engine->hooks.context, engine->run);
    free_engine(engine);
}

void engine_advance_later(struct esc_engine *engine)
{
    if (engine->is_advancing)
        return;
    engine->is_advancing = true;
    esc_loop_post(engine->loop, advance, engine);
}

/* What the files of a step say that was under way when an earlier life ended. */
static enum esc_record_word read_word(const struct engine_track *track,
                                      struct esc_exit_record *record)
{
    struct esc_engine *engine = track->engine;
    const struct esc_attempt attempt = engine_attempt(track);
    enum esc_attempt_trace trace;
    if (engine_step(track)->kind != ESC_STEP_AWS || attempt.attempt == 0)
        return ESC_RECORD_NONE;
    if (engine->launcher.look(&attempt, &trace, NULL) != ESC_OK)
        return ESC_RECORD_DAMAGED;
    switch (trace) {
    case ESC_TRACE_NONE:
        return ESC_RECORD_NONE;
    case ESC_TRACE_RUNNING:
        return ESC_RECORD_RUNNING;
    case ESC_TRACE_LOST:
        return ESC_RECORD_LOST;
    case ESC_TRACE_ENDED:
        break;
    }
    return engine->launcher.read_record(&attempt, engine->run_key, record, NULL) == ESC_OK
               ? ESC_RECORD_ENDED
               : ESC_RECORD_DAMAGED;
}

/* What an earlier attempt ended like says nothing about the one that was lost. */
static void settle_lost(struct engine_track *track)
{
    struct esc_step *step = engine_step(track);
    step->ending = ESC_ENDING_LOST;
    step->category = ESC_CATEGORY_UNKNOWN;
    engine_settle(track);
}

static void apply_remedy(struct engine_track *track, enum esc_remedy remedy,
                         const struct esc_exit_record *record)
{
    switch (remedy) {
    case ESC_REMEDY_KEEP:
        break;
    case ESC_REMEDY_REQUEUE:
        engine_move(track, ESC_STEP_QUEUED);
        engine_tell(track->engine, ESC_EVENT_STEP_CHANGED, engine_step(track));
        break;
    case ESC_REMEDY_ATTACH:
        engine_move(track, ESC_STEP_RUNNING);
        if (engine_attach(track, NULL) != ESC_OK)
            settle_lost(track);
        break;
    case ESC_REMEDY_TAKE:
        engine_move(track, ESC_STEP_RUNNING);
        engine_take_record(track, record);
        break;
    case ESC_REMEDY_SETTLE:
        engine_move(track, ESC_STEP_RUNNING);
        settle_lost(track);
        break;
    }
}

static void reconcile(struct engine_track *track)
{
    struct esc_step *step = engine_step(track);
    struct esc_exit_record record = {0};
    if (!esc_step_is_active(step->state) || step->state == ESC_STEP_AWAITING_APPROVAL ||
        step->state == ESC_STEP_ROLLING_BACK)
        return;
    enum esc_journal_word journal = esc_journal_of_state(step->state);
    enum esc_record_word word = read_word(track, &record);
    if (step->state != ESC_STEP_INTERRUPTED)
        engine_move(track, ESC_STEP_INTERRUPTED);
    apply_remedy(track, esc_reconcile(journal, word, !step->mutates), &record);
}

static void begin(void *context)
{
    struct esc_engine *engine = context;
    if (engine->left)
        return;
    engine_tell(engine, ESC_EVENT_RUN_STARTED, NULL);
    for (size_t i = 0; i < engine->run->step_count; i++)
        reconcile(&engine->tracks[i]);
    if (engine->run->cancelled)
        engine->must_stop = true; /* it was, in an earlier life */
    engine->is_advancing = false;
    engine_advance_later(engine);
}

static void set_launcher(struct esc_engine_launcher *launcher,
                         const struct esc_engine_launcher *wanted)
{
    *launcher = (struct esc_engine_launcher){
        .start = wanted->start ? wanted->start : esc_helper_start,
        .attach = wanted->attach ? wanted->attach : esc_helper_attach,
        .cancel = wanted->cancel ? wanted->cancel : esc_helper_cancel,
        .abandon = wanted->abandon ? wanted->abandon : esc_helper_abandon,
        .look = wanted->look ? wanted->look : esc_attempt_look,
        .read_record = wanted->read_record ? wanted->read_record : esc_attempt_read_record,
        .read_output = wanted->read_output ? wanted->read_output : esc_attempt_read_output,
    };
}

enum esc_status esc_engine_start(struct esc_loop *loop, const struct esc_engine_options *options,
                                 struct esc_engine **out, struct esc_error *err)
{
    const struct esc_engine_hooks *hooks = &options->hooks;
    ESC_ASSERT(hooks->before && hooks->perform && hooks->intent && hooks->result && hooks->ended);
    enum esc_status status = esc_run_check(options->run, err);
    if (status != ESC_OK)
        return status;
    struct esc_engine *engine = esc_alloc_zero(sizeof *engine);
    engine->loop = loop;
    engine->run = options->run;
    engine->hooks = options->hooks;
    set_launcher(&engine->launcher, &options->launcher);
    engine->folder = esc_strdup(options->folder);
    engine->helper_program = esc_strdup(options->helper_program);
    engine->run_key = esc_secret_copy(options->run_key);
    engine->only_looks = options->only_looks;
    engine->grace_ms = options->grace_ms;
    engine->clock = options->clock ? options->clock : esc_clock_system();
    engine->random = options->random ? options->random : esc_random_system();
    engine->tracks = esc_alloc_array(engine->run->step_count, sizeof *engine->tracks);
    for (size_t i = 0; i < engine->run->step_count; i++)
        engine->tracks[i] = (struct engine_track){.engine = engine, .index = i};
    engine->is_advancing = true; /* until begin() has run */
    esc_loop_post(loop, begin, engine);
    if (out)
        *out = engine;
    return ESC_OK;
}

void esc_engine_cancel(struct esc_engine *engine)
{
    if (engine->run->cancelled)
        return;
    engine->run->cancelled = true;
    engine->must_stop = true;
    engine_advance_later(engine);
}

static void free_left(void *context)
{
    free_engine(context);
}

void esc_engine_leave(struct esc_engine *engine)
{
    engine->left = true;
    for (size_t i = 0; i < engine->run->step_count; i++)
        engine_leave(&engine->tracks[i]);
    esc_loop_post(engine->loop, free_left, engine); /* behind all that is posted already */
}
