/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the two halves of the engine share: engine.c knows the run (what begins, what is over),
 * engine_step.c knows one step (its turns and attempts).
 */

#include "escher/exec/engine.h"
#include "escher/loop/timer.h"

/* What a step under way is waiting for. */
enum engine_phase {
    PHASE_IDLE, /* not under way */
    PHASE_BEFORE,
    PHASE_PERFORM,
    PHASE_SETTLE,
    PHASE_ATTEMPT,
    PHASE_BACKOFF,
};

enum engine_answer {
    ANSWER_NONE,
    ANSWER_GO,
    ANSWER_REFUSE,
    ANSWER_END,
};

struct esc_turn {
    struct engine_track *track;
    enum engine_answer answer;
    struct esc_command command; /* of GO */
    enum esc_status status;     /* of REFUSE */
    enum esc_step_state state;  /* of END */
    enum esc_error_category category;
    char *message;
};

/* A step on its way; there is one for each step, at the step's index. */
struct engine_track {
    struct esc_engine *engine;
    size_t index;
    enum engine_phase phase;
    struct esc_turn *turn;     /* of BEFORE, PERFORM, SETTLE */
    struct esc_helper *helper; /* of ATTEMPT */
    struct esc_timer *backoff; /* of BACKOFF */
    bool was_in_doubt;         /* an attempt was; the cloud said that it had not happened */
    bool is_last_look;         /* SETTLE says how the step ends, whatever it says */
};

struct esc_engine {
    struct esc_loop *loop;
    struct esc_run *run;
    struct esc_engine_hooks hooks;
    struct esc_engine_launcher launcher;
    char *folder, *helper_program;
    struct esc_secret *run_key;
    bool only_looks; /* begin nothing that changes something */
    bool hold;       /* begin nothing: the journal has failed */
    uint64_t grace_ms;
    const struct esc_clock *clock;
    const struct esc_random *random;
    struct engine_track *tracks;
    bool is_advancing; /* advance() is posted */
    bool must_stop;    /* the cancel has not reached the steps yet */
    bool left;         /* what is still posted does nothing any more */
};

/* engine.c */
struct esc_step *engine_step(const struct engine_track *track);
struct esc_attempt engine_attempt(const struct engine_track *track);
void engine_tell(struct esc_engine *engine, enum esc_engine_event event,
                 const struct esc_step *step);
/* Moves along the picture in step.h; the engine never asks for a way that is not there. */
void engine_move(struct engine_track *track, enum esc_step_state next);
/* The step is over: on record, told, and the run goes on. Texts are copied; NULL keeps the old. */
void engine_finish(struct engine_track *track, enum esc_step_state state,
                   enum esc_error_category category, const char *message);
void engine_advance_later(struct esc_engine *engine);

/* engine_step.c */
void engine_begin(struct engine_track *track);
void engine_settle(struct engine_track *track);
void engine_take_record(struct engine_track *track, const struct esc_exit_record *record);
enum esc_status engine_attach(struct engine_track *track, struct esc_error *err);
void engine_stop(struct engine_track *track);
void engine_leave(struct engine_track *track);
