/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/engine_private.h"

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/limits.h"
#include "escher/base/utf8.h"
#include "escher/exec/category.h"

/*
 *     BEFORE ─▶ PERFORM ───────────────────────▶ over
 *      ▲ └────▶ ATTEMPT ─▶ judged ─┬───────────▶ over
 *      │                           ├─▶ SETTLE ─▶ over
 *      └─────── BACKOFF ◀──────────┴──────┘ it did not happen
 *
 * A mutation in doubt passes through SETTLE before anything else. When it is to be repeated after
 * that and BEFORE refuses, it may have been done late: SETTLE is asked once more, for good.
 */

static void perform(struct engine_track *track);
static void start_attempt(struct engine_track *track, struct esc_command *command);
static bool may_repeat(const struct engine_track *track);
static void repeat(struct engine_track *track);

const struct esc_step *esc_turn_step(const struct esc_turn *turn)
{
    return engine_step(turn->track);
}

static void free_turn(struct esc_turn *turn)
{
    esc_command_done(&turn->command);
    free(turn->message);
    free(turn);
}

static void replace(char **text, char *with)
{
    free(*text);
    *text = with;
}

static bool is_cancelled(const struct engine_track *track)
{
    return track->engine->run->cancelled;
}

/* The journal says yes, and from then on the attempt counts as made. */
static bool record_intent(struct engine_track *track)
{
    struct esc_engine *engine = track->engine;
    struct esc_step *step = engine_step(track);
    struct esc_error err;
    step->attempt++;
    step->reconciled = false;
    if (engine->hooks.intent(engine->hooks.context, engine->run, step, &err) == ESC_OK)
        return true;
    engine->hold = true; /* what cannot be recorded is not begun */
    engine_finish(track, ESC_STEP_FAILED, esc_error_category_of_status(err.status), err.message);
    return false;
}

static void take_refusal(struct engine_track *track, const struct esc_turn *turn)
{
    enum esc_step_state state = turn->status == ESC_OK ? ESC_STEP_NOOP : ESC_STEP_FAILED;
    enum esc_error_category category = esc_error_category_of_status(turn->status);
    if (track->was_in_doubt) {
        track->is_last_look = true;
        replace(&engine_step(track)->message, esc_strdup_null(turn->message));
        engine_step(track)->category = category;
        engine_settle(track);
    } else {
        engine_finish(track, state, category, turn->message);
    }
}

static void take_before(struct engine_track *track, struct esc_turn *turn)
{
    if (is_cancelled(track)) {
        engine_finish(track, ESC_STEP_CANCELLED, ESC_CATEGORY_CANCELLED, "cancelled");
    } else if (turn->answer == ANSWER_REFUSE) {
        take_refusal(track, turn);
    } else if (record_intent(track)) {
        if (engine_step(track)->kind == ESC_STEP_AWS)
            start_attempt(track, &turn->command);
        else
            perform(track);
    }
}

/* "It did not happen" is a failure, unless that is what was asked for. */
static enum esc_step_state end_state(const struct engine_track *track, enum esc_step_state state)
{
    bool wanted = engine_step(track)->ending == ESC_ENDING_CANCELLED;
    return state == ESC_STEP_FAILED && wanted ? ESC_STEP_CANCELLED : state;
}

static void take_settle(struct engine_track *track, const struct esc_turn *turn)
{
    struct esc_step *step = engine_step(track);
    enum esc_error_category category = step->category;
    const bool refused = track->is_last_look && turn->state == ESC_STEP_FAILED;
    step->reconciled = true;
    if (turn->state == ESC_STEP_FAILED && !refused && may_repeat(track)) {
        track->was_in_doubt = true;
        repeat(track);
        return;
    }
    if (turn->state == ESC_STEP_SUCCEEDED)
        category = ESC_CATEGORY_NONE;
    engine_finish(track, end_state(track, turn->state), category, refused ? NULL : turn->message);
}

static void on_answer(void *context)
{
    struct esc_turn *turn = context;
    struct engine_track *track = turn->track;
    enum engine_phase phase = track->phase;
    track->turn = NULL;
    if (track->engine->left) {
        free_turn(turn);
        return;
    }
    if (phase == PHASE_BEFORE)
        take_before(track, turn);
    else if (phase == PHASE_SETTLE)
        take_settle(track, turn);
    else
        engine_finish(track, turn->state, turn->category, turn->message);
    free_turn(turn);
}

/* The answer is taken in the next turn of the loop, so a hook may give it before it returns. */
static void answer(struct esc_turn *turn, enum engine_answer kind, const char *message)
{
    ESC_ASSERT(turn->answer == ANSWER_NONE); /* exactly once */
    turn->answer = kind;
    turn->message = esc_strdup_null(message);
    esc_loop_post(turn->track->engine->loop, on_answer, turn);
}

void esc_turn_go(struct esc_turn *turn, struct esc_command *command)
{
    ESC_ASSERT(turn->track->phase == PHASE_BEFORE);
    ESC_ASSERT((engine_step(turn->track)->kind == ESC_STEP_AWS) == (command != NULL));
    if (command) {
        turn->command = *command;
        *command = (struct esc_command){0};
    }
    answer(turn, ANSWER_GO, NULL);
}

void esc_turn_refuse(struct esc_turn *turn, enum esc_status status, const char *message)
{
    ESC_ASSERT(turn->track->phase == PHASE_BEFORE);
    turn->status = status;
    answer(turn, ANSWER_REFUSE, message);
}

void esc_turn_end(struct esc_turn *turn, enum esc_step_state state,
                  enum esc_error_category category, const char *message)
{
    ESC_ASSERT(turn->track->phase == PHASE_PERFORM || turn->track->phase == PHASE_SETTLE);
    ESC_ASSERT(state == ESC_STEP_SUCCEEDED || state == ESC_STEP_FAILED ||
               state == ESC_STEP_UNKNOWN || state == ESC_STEP_CANCELLED);
    turn->state = state;
    turn->category = category;
    answer(turn, ANSWER_END, message);
}

static void open_turn(struct engine_track *track, enum engine_phase phase,
                      void (*hook)(void *, struct esc_turn *))
{
    struct esc_turn *turn = esc_alloc_zero(sizeof *turn);
    turn->track = track;
    track->phase = phase;
    track->turn = turn;
    hook(track->engine->hooks.context, turn);
}

void engine_begin(struct engine_track *track)
{
    engine_move(track, ESC_STEP_RUNNING);
    engine_tell(track->engine, ESC_EVENT_STEP_STARTED, engine_step(track));
    open_turn(track, PHASE_BEFORE, track->engine->hooks.before);
}

static void perform(struct engine_track *track)
{
    if (engine_step(track)->kind == ESC_STEP_WAIT || engine_step(track)->kind == ESC_STEP_APPROVE) {
        engine_move(track, ESC_STEP_WAITING);
        engine_tell(track->engine, ESC_EVENT_STEP_CHANGED, engine_step(track));
    }
    open_turn(track, PHASE_PERFORM, track->engine->hooks.perform);
}

void engine_settle(struct engine_track *track)
{
    const struct esc_engine_hooks *hooks = &track->engine->hooks;
    if (hooks->settle)
        open_turn(track, PHASE_SETTLE, hooks->settle);
    else
        engine_finish(track, ESC_STEP_UNKNOWN, engine_step(track)->category, NULL);
}

static void on_output(void *context, enum esc_stream stream, uint64_t offset, struct esc_str bytes)
{
    const struct engine_track *track = context;
    const struct esc_engine_hooks *hooks = &track->engine->hooks;
    if (hooks->output)
        hooks->output(hooks->context, engine_step(track), stream, offset, bytes);
}

static void on_gap(void *context, enum esc_stream stream, uint64_t from, uint64_t to)
{
    const struct engine_track *track = context;
    const struct esc_engine_hooks *hooks = &track->engine->hooks;
    if (hooks->gap)
        hooks->gap(hooks->context, engine_step(track), stream, from, to);
}

static void on_done(void *context, const struct esc_exit_record *record)
{
    struct engine_track *track = context;
    track->helper = NULL;
    engine_take_record(track, record);
}

static struct esc_helper_options helper_options(struct engine_track *track)
{
    return (struct esc_helper_options){
        .attempt = engine_attempt(track),
        .run_key = track->engine->run_key,
        .program = track->engine->helper_program,
        .timeout_ms = engine_step(track)->timeout_ms,
        .grace_ms = track->engine->grace_ms,
        .on_output = on_output,
        .on_gap = on_gap,
        .on_done = on_done,
        .context = track,
    };
}

/* An attempt that has been started before is none of ours: the cloud must tell. */
static void start_attempt(struct engine_track *track, struct esc_command *command)
{
    struct esc_engine *engine = track->engine;
    struct esc_step *step = engine_step(track);
    struct esc_error err;
    struct esc_helper_options options = helper_options(track);
    options.command = command;
    track->phase = PHASE_ATTEMPT;
    enum esc_status status = engine->launcher.start(engine->loop, &options, &track->helper, &err);
    if (status == ESC_OK)
        return;
    step->ending = status == ESC_EXISTS ? ESC_ENDING_LOST : ESC_ENDING_FAILED_TO_START;
    step->category = status == ESC_EXISTS ? ESC_CATEGORY_UNKNOWN : ESC_CATEGORY_SPAWN;
    if (status == ESC_EXISTS && step->mutates)
        engine_settle(track);
    else
        engine_finish(track, ESC_STEP_FAILED, step->category, err.message);
}

enum esc_status engine_attach(struct engine_track *track, struct esc_error *err)
{
    struct esc_engine *engine = track->engine;
    const struct esc_helper_options options = helper_options(track);
    enum esc_status status = engine->launcher.attach(engine->loop, &options, &track->helper, err);
    if (status == ESC_OK)
        track->phase = PHASE_ATTEMPT;
    return status;
}

/* One safe line of at most a few hundred bytes; owned by the caller. */
static char *clean(struct esc_str text)
{
    struct esc_buf line;
    esc_buf_init(&line, ESC_MAX_LINE);
    esc_utf8_append_display(&line, esc_utf8_cut(esc_str_trim(text), 1000), false);
    return esc_buf_take(&line);
}

/* What the command said of its failure, into the step. */
static void read_failure(struct engine_track *track, const struct esc_exit_record *record)
{
    struct esc_engine *engine = track->engine;
    struct esc_step *step = engine_step(track);
    const struct esc_attempt attempt = engine_attempt(track);
    struct esc_aws_failure failure;
    struct esc_buf text;
    bool finished;
    esc_buf_init(&text, ESC_MAX_LINE);
    /* Unreadable output leaves the exit code to judge by; a longer one is cut. */
    (void)engine->launcher.read_output(&attempt, engine->run_key, ESC_STREAM_ERR, 0, &text,
                                       &finished, NULL);
    step->category = esc_category_of_aws(record->ending, record->exit_code, esc_buf_str(&text));
    replace(&step->error_code, NULL);
    replace(&step->message, record->message[0] ? esc_strdup(record->message) : NULL);
    bool answered = esc_aws_failure_parse(esc_buf_str(&text), &failure);
    if (step->category != ESC_CATEGORY_NONE && answered)
        replace(&step->error_code, clean(failure.code));
    if (step->category != ESC_CATEGORY_NONE && failure.message.len > 0)
        replace(&step->message, clean(failure.message));
    esc_buf_done(&text);
}

static bool may_repeat(const struct engine_track *track)
{
    const struct esc_engine *engine = track->engine;
    const struct esc_step *step = engine_step(track);
    const bool may = step->mutates ? step->idempotent && !engine->only_looks : true;
    return may && !is_cancelled(track) && !engine->hold &&
           step->attempt < step->retry.max_attempts &&
           esc_retry_policy_covers(&step->retry, step->category);
}

static uint64_t backoff_ms(const struct engine_track *track)
{
    const struct esc_retry_policy *retry = &engine_step(track)->retry;
    double wait = (double)retry->base_ms;
    for (unsigned i = 1; i < engine_step(track)->attempt && wait < (double)retry->cap_ms; i++)
        wait *= retry->factor;
    uint64_t wait_ms = wait < (double)retry->cap_ms ? (uint64_t)wait : retry->cap_ms;
    return retry->full_jitter ? esc_random_below(track->engine->random, wait_ms + 1) : wait_ms;
}

static void on_backoff(void *context)
{
    struct engine_track *track = context;
    track->backoff = NULL;
    engine_move(track, ESC_STEP_RUNNING);
    engine_tell(track->engine, ESC_EVENT_STEP_CHANGED, engine_step(track));
    open_turn(track, PHASE_BEFORE, track->engine->hooks.before);
}

static void repeat(struct engine_track *track)
{
    engine_move(track, ESC_STEP_WAITING);
    engine_tell(track->engine, ESC_EVENT_STEP_RETRY, engine_step(track));
    track->phase = PHASE_BACKOFF;
    track->backoff = esc_timer_start(track->engine->loop, backoff_ms(track), on_backoff, track);
}

void engine_take_record(struct engine_track *track, const struct esc_exit_record *record)
{
    struct esc_step *step = engine_step(track);
    step->ending = record->ending;
    step->exit_code = record->exit_code;
    step->signal = record->signal;
    step->out_bytes = record->out_bytes;
    step->err_bytes = record->err_bytes;
    read_failure(track, record);
    enum esc_judgement judgement = esc_step_judge(step->mutates, step->ending, step->category);
    if (judgement == ESC_JUDGED_DONE)
        engine_finish(track, ESC_STEP_SUCCEEDED, ESC_CATEGORY_NONE, NULL);
    else if (judgement == ESC_JUDGED_UNCERTAIN)
        engine_settle(track);
    else if (may_repeat(track))
        repeat(track);
    else
        engine_finish(track, end_state(track, ESC_STEP_FAILED), step->category, NULL);
}

static void note_cancelling(struct engine_track *track)
{
    engine_move(track, ESC_STEP_CANCELLING);
    engine_tell(track->engine, ESC_EVENT_STEP_CHANGED, engine_step(track));
}

/* A look at the cloud is never stopped: it is how the end becomes known. */
void engine_stop(struct engine_track *track)
{
    const struct esc_engine *engine = track->engine;
    switch (track->phase) {
    case PHASE_IDLE:
    case PHASE_SETTLE:
        break;
    case PHASE_BEFORE:
    case PHASE_PERFORM:
        if (engine_step(track)->state != ESC_STEP_CANCELLING)
            note_cancelling(track);
        if (engine->hooks.stop && track->turn->answer == ANSWER_NONE)
            engine->hooks.stop(engine->hooks.context, track->turn);
        break;
    case PHASE_ATTEMPT:
        note_cancelling(track);
        engine->launcher.cancel(track->helper);
        break;
    case PHASE_BACKOFF:
        esc_timer_stop(&track->backoff);
        engine_finish(track, ESC_STEP_CANCELLED, ESC_CATEGORY_CANCELLED, "cancelled");
        break;
    }
}

/* A turn that was answered goes in on_answer(), which is posted. */
void engine_leave(struct engine_track *track)
{
    if (track->turn && track->turn->answer == ANSWER_NONE)
        free_turn(ESC_STEAL(track->turn));
    if (track->helper)
        track->engine->launcher.abandon(ESC_STEAL(track->helper));
    esc_timer_stop(&track->backoff);
}
