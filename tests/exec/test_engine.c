/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/engine.h"

#include <string.h>

#include "escher/base/limits.h"
#include "tests/support/test.h"

/*
 * The engine with attempts that are made up here: what each ends like, what the hooks answer and
 * when the journal fails is scripted; what happened is one line of text.
 */

static struct esc_error err;

enum {
    MAX_ATTEMPTS_COUNT = 8,
    MAX_STORY = 16 * 1024,
};

/* How a made-up attempt ends. */
struct script {
    enum esc_ending ending;
    int exit_code;
    const char *err_text;
    bool never; /* only when it is cancelled */
};

struct esc_helper {
    struct stage *stage;
    struct esc_helper_options options;
    struct script script;
    char *step;
};

/* What the hooks answer for one step. */
struct answers {
    enum esc_status before; /* ESC_OK goes on, ESC_EXISTS says there is nothing to do */
    enum esc_step_state settle;
    enum esc_step_state perform;
    bool wait_for_stop; /* `perform` answers only when it is stopped */
};

struct stage {
    struct esc_loop *loop;
    struct esc_run *run;
    struct esc_engine *engine;
    struct esc_clock_fixed clock;
    struct esc_random_seeded random;
    struct script scripts[MAX_ATTEMPTS_COUNT]; /* of the attempts, in the order of their start */
    size_t started;
    struct answers answers;
    enum esc_status before_again;          /* what `before` answers once something was started */
    enum esc_step_state settle_in_turn[4]; /* each look's answer; QUEUED: the usual one */
    size_t looks;
    enum esc_status intent, result; /* what the journal says */
    enum esc_status start;          /* what starting an attempt says */
    enum esc_attempt_trace trace;   /* what the files say */
    struct esc_exit_record record;
    enum esc_status record_status;
    const char *err_text; /* of the attempt that was last */
    bool cancel_on_start;
    bool over;
    struct esc_buf story;
    struct esc_helper *live; /* an attempt that goes on */
};

/* The launcher's functions get no context of their own. */
static struct stage *stage;

static void tell(const char *what, const struct esc_step *step)
{
    esc_buf_printf(&stage->story, "%s%s %s", stage->story.len ? ", " : "", what,
                   step ? step->id : "run");
}

static void before(void *context, struct esc_turn *turn)
{
    struct stage *self = context;
    struct esc_command command;
    if (self->started > 0 && self->before_again != ESC_OK) {
        esc_turn_refuse(turn, self->before_again, "it has changed");
    } else if (self->answers.before == ESC_EXISTS) {
        esc_turn_refuse(turn, ESC_OK, "already stopped");
    } else if (self->answers.before != ESC_OK) {
        esc_turn_refuse(turn, self->answers.before, "it has changed");
    } else if (esc_turn_step(turn)->kind == ESC_STEP_AWS) {
        esc_command_init(&command, "/usr/bin/aws");
        esc_turn_go(turn, &command);
    } else {
        esc_turn_go(turn, NULL);
    }
}

static void perform(void *context, struct esc_turn *turn)
{
    struct stage *self = context;
    tell("perform", esc_turn_step(turn));
    if (!self->answers.wait_for_stop)
        esc_turn_end(turn, self->answers.perform, ESC_CATEGORY_NONE, NULL);
}

static void settle(void *context, struct esc_turn *turn)
{
    struct stage *self = context;
    enum esc_step_state state = self->answers.settle;
    if (self->looks < ESC_COUNT(self->settle_in_turn) && self->settle_in_turn[self->looks])
        state = self->settle_in_turn[self->looks];
    self->looks++;
    tell("settle", esc_turn_step(turn));
    esc_turn_end(turn, state, ESC_CATEGORY_NONE, "looked at the cloud");
}

static void stop(void *context, struct esc_turn *turn)
{
    (void)context;
    tell("stop", esc_turn_step(turn));
    esc_turn_end(turn, ESC_STEP_CANCELLED, ESC_CATEGORY_CANCELLED, NULL);
}

static enum esc_status intent(void *context, const struct esc_run *run, const struct esc_step *step,
                              struct esc_error *error)
{
    struct stage *self = context;
    (void)run;
    assert_int_equal(ESC_STEP_RUNNING, step->state);
    if (self->intent != ESC_OK)
        return esc_fail(error, self->intent, "the disk is full");
    tell("intent", step);
    return ESC_OK;
}

static enum esc_status result(void *context, const struct esc_run *run, const struct esc_step *step,
                              struct esc_error *error)
{
    struct stage *self = context;
    (void)run;
    assert_true(esc_step_is_over(step->state));
    if (self->result != ESC_OK)
        return esc_fail(error, self->result, "the disk is full");
    tell(esc_step_state_text(step->state), step);
    return ESC_OK;
}

static void ended(void *context, struct esc_run *run)
{
    struct stage *self = context;
    tell(esc_run_state_text(esc_run_state(run)), NULL);
    self->over = true;
    self->engine = NULL;
}

static void end_attempt(void *context)
{
    struct esc_helper *helper = context;
    struct esc_exit_record record = {
        .ending = helper->script.ending, .exit_code = helper->script.exit_code, .out_bytes = 5};
    stage->err_text = helper->script.err_text;
    if (stage->live == helper)
        stage->live = NULL;
    if (helper->options.on_output)
        helper->options.on_output(helper->options.context, ESC_STREAM_OUT, 0, ESC_STR("hello"));
    helper->options.on_done(helper->options.context, &record);
    free(helper->step);
    free(helper);
}

static struct esc_helper *new_attempt(const struct esc_helper_options *options)
{
    assert_true(stage->started < MAX_ATTEMPTS_COUNT);
    struct esc_helper *helper = esc_alloc_zero(sizeof *helper);
    helper->stage = stage;
    helper->options = *options;
    helper->step = esc_strdup(options->attempt.step);
    helper->script = stage->scripts[stage->started++];
    if (helper->script.never)
        stage->live = helper;
    else
        esc_loop_post(stage->loop, end_attempt, helper);
    return helper;
}

static enum esc_status start(struct esc_loop *loop, const struct esc_helper_options *options,
                             struct esc_helper **out, struct esc_error *error)
{
    (void)loop;
    if (stage->start != ESC_OK)
        return esc_fail(error, stage->start, "cannot start");
    esc_buf_printf(&stage->story, ", start %s/%u", options->attempt.step, options->attempt.attempt);
    *out = new_attempt(options);
    if (stage->cancel_on_start)
        esc_engine_cancel(stage->engine);
    stage->cancel_on_start = false;
    return ESC_OK;
}

static enum esc_status attach(struct esc_loop *loop, const struct esc_helper_options *options,
                              struct esc_helper **out, struct esc_error *error)
{
    (void)loop;
    (void)error;
    esc_buf_printf(&stage->story, "%sattach %s/%u", stage->story.len ? ", " : "",
                   options->attempt.step, options->attempt.attempt);
    *out = new_attempt(options);
    return ESC_OK;
}

static void cancel_attempt(struct esc_helper *helper)
{
    esc_buf_printf(&stage->story, ", cancel %s", helper->step);
    if (stage->live != helper)
        return; /* its end is on its way */
    helper->script.ending = ESC_ENDING_CANCELLED;
    helper->script.exit_code = -1;
    esc_loop_post(stage->loop, end_attempt, helper);
}

static void abandon_attempt(struct esc_helper *helper)
{
    esc_buf_printf(&stage->story, ", abandon %s", helper->step);
    assert_ptr_equal(stage->live, helper);
    stage->live = NULL;
    free(helper->step);
    free(helper);
}

static enum esc_status look(const struct esc_attempt *attempt, enum esc_attempt_trace *out,
                            struct esc_error *error)
{
    (void)attempt;
    (void)error;
    *out = stage->trace;
    return ESC_OK;
}

static enum esc_status read_record(const struct esc_attempt *attempt, const struct esc_secret *key,
                                   struct esc_exit_record *out, struct esc_error *error)
{
    (void)attempt;
    (void)key;
    *out = stage->record;
    return stage->record_status == ESC_OK ? ESC_OK
                                          : esc_fail(error, stage->record_status, "damaged");
}

static enum esc_status read_output(const struct esc_attempt *attempt, const struct esc_secret *key,
                                   enum esc_stream stream, uint64_t offset, struct esc_buf *out,
                                   bool *finished, struct esc_error *error)
{
    (void)attempt;
    (void)key;
    (void)offset;
    (void)error;
    assert_int_equal(ESC_STREAM_ERR, stream);
    if (stage->err_text)
        esc_buf_add_text(out, stage->err_text);
    *finished = true;
    return ESC_OK;
}

static void set_up(struct stage *self)
{
    *self = (struct stage){.answers = {.settle = ESC_STEP_UNKNOWN, .perform = ESC_STEP_SUCCEEDED}};
    stage = self;
    expect_ok(esc_loop_new(&self->loop, &err));
    esc_clock_fixed_init(&self->clock, 1'700'000'000'000);
    esc_random_seeded_init(&self->random, 1);
    esc_buf_init(&self->story, MAX_STORY);
    self->run = esc_run_new("run", NULL, ESC_STRATEGY_SERIAL, 1, 1);
}

static void tear_down(struct stage *self)
{
    esc_run_free(self->run);
    esc_buf_done(&self->story);
    esc_loop_free(self->loop);
}

static void add(struct stage *self, const char *id, enum esc_step_kind kind, bool mutates)
{
    struct esc_retry_policy retry = esc_retry_policy_default();
    retry.base_ms = 1;
    retry.cap_ms = 2;
    const struct esc_step_options options = {
        .id = id, .kind = kind, .mutates = mutates, .retry = &retry};
    expect_ok(esc_run_add_step(self->run, &options, &err));
}

static bool is_over(void *context)
{
    return ((struct stage *)context)->over;
}

static void start_engine(struct stage *self, bool only_looks)
{
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *key = esc_secret_new("a key of thirty-two bytes length", ESC_RUN_KEY);
    const struct esc_engine_options options = {
        .run = self->run,
        .hooks = {.context = self,
                  .before = before,
                  .perform = perform,
                  .settle = settle,
                  .stop = stop,
                  .intent = intent,
                  .result = result,
                  .ended = ended},
        .folder = "/run",
        .helper_program = "/escher-run",
        .run_key = key,
        .only_looks = only_looks,
        .launcher = {.start = start,
                     .attach = attach,
                     .cancel = cancel_attempt,
                     .abandon = abandon_attempt,
                     .look = look,
                     .read_record = read_record,
                     .read_output = read_output},
        .clock = &self->clock.clock,
        .random = &self->random.random,
    };
    expect_ok(esc_engine_start(self->loop, &options, &self->engine, &err));
}

static void expect_story(struct stage *self, const char *expected)
{
    assert_true(esc_loop_run_until(self->loop, is_over, self));
    assert_string_equal(expected, esc_buf_text(&self->story));
}

static const char closed[] = "\nConnection was closed before we received a valid response from "
                             "endpoint URL: \"http://127.0.0.1:1/\".\n";
static const char denied[] = "\nAn error occurred (AccessDenied) when calling the StopDBInstance "
                             "operation: not authorized\n";
static const char throttled[] = "\nAn error occurred (Throttling) when calling the "
                                "DescribeDBInstances operation: Rate exceeded\n";

static void a_run_is_journalled_before_and_after_each_step(void **)
{
    struct stage self;
    set_up(&self);
    add(&self, "stop", ESC_STEP_AWS, true);
    add(&self, "wait", ESC_STEP_WAIT, false);
    start_engine(&self, false);
    expect_story(&self, "intent stop, start stop/1, succeeded stop, intent wait, perform wait, "
                        "succeeded wait, succeeded run");
    assert_int_equal(5, self.run->steps[0].out_bytes);
    assert_int_equal(ESC_CATEGORY_NONE, self.run->steps[0].category);
    tear_down(&self);
}

static void a_refused_step_is_never_started(void **)
{
    struct stage self;
    set_up(&self);
    add(&self, "stop", ESC_STEP_AWS, true);
    add(&self, "wait", ESC_STEP_WAIT, false);
    self.answers.before = ESC_STALE;
    start_engine(&self, false);
    expect_story(&self, "failed stop, failed run");
    assert_string_equal("it has changed", self.run->steps[0].message);
    assert_int_equal(ESC_STEP_SKIPPED, self.run->steps[1].state);
    assert_int_equal(0, self.run->steps[0].attempt);
    tear_down(&self);
}

static void nothing_to_do_is_a_success(void **)
{
    struct stage self;
    set_up(&self);
    add(&self, "stop", ESC_STEP_AWS, true);
    self.answers.before = ESC_EXISTS;
    start_engine(&self, false);
    expect_story(&self, "noop stop, succeeded run");
    tear_down(&self);
}

static void what_the_journal_cannot_take_is_not_begun(void **)
{
    struct stage self;
    set_up(&self);
    add(&self, "stop", ESC_STEP_AWS, true);
    add(&self, "wait", ESC_STEP_WAIT, false);
    self.intent = ESC_IO;
    start_engine(&self, false);
    expect_story(&self, "failed stop, failed run");
    assert_string_equal("the disk is full", self.run->steps[0].message);
    assert_int_equal(0, self.started);
    tear_down(&self);
}

static void after_a_result_that_is_not_on_record_nothing_new_begins(void **)
{
    struct stage self;
    set_up(&self);
    add(&self, "stop", ESC_STEP_AWS, true);
    add(&self, "wait", ESC_STEP_WAIT, false);
    self.result = ESC_IO;
    start_engine(&self, false);
    expect_story(&self, "intent stop, start stop/1, interrupted run");
    assert_int_equal(ESC_STEP_SUCCEEDED, self.run->steps[0].state);
    assert_int_equal(ESC_STEP_QUEUED, self.run->steps[1].state);
    tear_down(&self);
}

static void a_refusal_of_the_cloud_is_a_failure_at_once(void **)
{
    struct stage self;
    set_up(&self);
    add(&self, "stop", ESC_STEP_AWS, true);
    self.scripts[0] = (struct script){ESC_ENDING_EXITED, 254, denied, false};
    start_engine(&self, false);
    expect_story(&self, "intent stop, start stop/1, failed stop, failed run");
    assert_int_equal(ESC_CATEGORY_PERMISSION, self.run->steps[0].category);
    assert_string_equal("AccessDenied", self.run->steps[0].error_code);
    assert_string_equal("not authorized", self.run->steps[0].message);
    tear_down(&self);
}

/* The heart of it: whatever leaves a mutation in doubt, it is looked up and never done again. */
static void a_mutation_in_doubt_is_settled_and_never_repeated(void **)
{
    static const struct script doubts[] = {
        {ESC_ENDING_EXITED, 255, closed, false},    {ESC_ENDING_TIMED_OUT, -1, NULL, false},
        {ESC_ENDING_LOST, -1, NULL, false},         {ESC_ENDING_SIGNALLED, -1, NULL, false},
        {ESC_ENDING_EXITED, 255, "what?\n", false},
    };
    static const struct {
        enum esc_step_state answer;
        const char *story;
    } cases[] = {
        {ESC_STEP_SUCCEEDED,
         "intent stop, start stop/1, settle stop, succeeded stop, succeeded run"},
        {ESC_STEP_FAILED, "intent stop, start stop/1, settle stop, failed stop, failed run"},
        {ESC_STEP_UNKNOWN, "intent stop, start stop/1, settle stop, unknown stop, unknown run"},
    };
    for (size_t doubt = 0; doubt < ESC_COUNT(doubts); doubt++) {
        for (size_t i = 0; i < ESC_COUNT(cases); i++) {
            struct stage self;
            set_up(&self);
            add(&self, "stop", ESC_STEP_AWS, true);
            self.scripts[0] = doubts[doubt];
            self.answers.settle = cases[i].answer;
            start_engine(&self, false);
            expect_story(&self, cases[i].story);
            assert_int_equal(1, self.started);
            assert_true(self.run->steps[0].reconciled);
            assert_string_equal("looked at the cloud", self.run->steps[0].message);
            tear_down(&self);
        }
    }
}

static void a_read_is_repeated_as_often_as_its_policy_says(void **)
{
    struct stage self;
    set_up(&self);
    add(&self, "list", ESC_STEP_AWS, false);
    for (size_t i = 0; i < MAX_ATTEMPTS_COUNT; i++)
        self.scripts[i] = (struct script){ESC_ENDING_EXITED, 254, throttled, false};
    start_engine(&self, false);
    expect_story(&self, "intent list, start list/1, intent list, start list/2, intent list, start "
                        "list/3, failed list, failed run");
    assert_int_equal(ESC_CATEGORY_THROTTLE, self.run->steps[0].category);
    tear_down(&self);
}

static void a_repeated_read_may_succeed(void **)
{
    struct stage self;
    set_up(&self);
    add(&self, "list", ESC_STEP_AWS, false);
    self.scripts[0] = (struct script){ESC_ENDING_EXITED, 254, throttled, false};
    self.scripts[1] = (struct script){ESC_ENDING_TIMED_OUT, -1, NULL, false};
    start_engine(&self, false);
    expect_story(&self, "intent list, start list/1, intent list, start list/2, intent list, start "
                        "list/3, succeeded list, succeeded run");
    assert_null(self.run->steps[0].error_code);
    assert_null(self.run->steps[0].message);
    tear_down(&self);
}

static void a_refused_read_is_not_repeated(void **)
{
    struct stage self;
    set_up(&self);
    add(&self, "list", ESC_STEP_AWS, false);
    self.scripts[0] = (struct script){ESC_ENDING_EXITED, 254, denied, false};
    start_engine(&self, false);
    expect_story(&self, "intent list, start list/1, failed list, failed run");
    tear_down(&self);
}

/* `before` is asked again, and would take our own doing for somebody else's. */
static void an_idempotent_mutation_in_doubt_is_settled_before_it_is_repeated(void **)
{
    static const struct {
        enum esc_step_state settle[3];
        const char *story;
    } cases[] = {
        {{ESC_STEP_SUCCEEDED},
         "intent stop, start stop/1, settle stop, succeeded stop, succeeded run"},
        {{ESC_STEP_UNKNOWN}, "intent stop, start stop/1, settle stop, unknown stop, unknown run"},
        {{ESC_STEP_FAILED, ESC_STEP_SUCCEEDED},
         "intent stop, start stop/1, settle stop, intent stop, start stop/2, settle stop, "
         "succeeded stop, succeeded run"},
        {{ESC_STEP_FAILED, ESC_STEP_FAILED, ESC_STEP_FAILED},
         "intent stop, start stop/1, settle stop, intent stop, start stop/2, settle stop, "
         "intent stop, start stop/3, settle stop, failed stop, failed run"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct stage self;
        set_up(&self);
        add(&self, "stop", ESC_STEP_AWS, true);
        self.run->steps[0].idempotent = true;
        for (size_t attempt = 0; attempt < MAX_ATTEMPTS_COUNT; attempt++)
            self.scripts[attempt] = (struct script){ESC_ENDING_EXITED, 255, closed, false};
        memcpy(self.settle_in_turn, cases[i].settle, sizeof cases[i].settle);
        start_engine(&self, false);
        expect_story(&self, cases[i].story);
        tear_down(&self);
    }
}

static void what_was_refused_in_words_is_repeated_without_a_look(void **)
{
    struct stage self;
    set_up(&self);
    add(&self, "stop", ESC_STEP_AWS, true);
    self.run->steps[0].idempotent = true;
    self.scripts[0] = (struct script){ESC_ENDING_EXITED, 254, throttled, false};
    start_engine(&self, false);
    expect_story(&self, "intent stop, start stop/1, intent stop, start stop/2, succeeded stop, "
                        "succeeded run");
    assert_false(self.run->steps[0].reconciled);
    tear_down(&self);
}

/* Done late: the cloud said no, then the target is no longer as it was. */
static void a_drift_after_an_attempt_in_doubt_may_be_our_own(void **)
{
    static const struct {
        enum esc_step_state last_look;
        const char *end, *message;
    } cases[] = {{ESC_STEP_SUCCEEDED, "succeeded stop, succeeded run", "looked at the cloud"},
                 {ESC_STEP_UNKNOWN, "unknown stop, unknown run", "looked at the cloud"},
                 {ESC_STEP_FAILED, "failed stop, failed run", "it has changed"}};
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct stage self;
        set_up(&self);
        add(&self, "stop", ESC_STEP_AWS, true);
        self.run->steps[0].idempotent = true;
        self.scripts[0] = (struct script){ESC_ENDING_EXITED, 255, closed, false};
        self.settle_in_turn[0] = ESC_STEP_FAILED;
        self.settle_in_turn[1] = cases[i].last_look;
        self.before_again = ESC_STALE;
        start_engine(&self, false);
        ESC_CLEANUP(esc_freep)
        char *story =
            esc_sprintf("intent stop, start stop/1, settle stop, settle stop, %s", cases[i].end);
        expect_story(&self, story);
        assert_string_equal(cases[i].message, self.run->steps[0].message);
        assert_int_equal(1, self.started);
        tear_down(&self);
    }
}

static void an_attempt_that_was_started_before_is_looked_up(void **)
{
    struct stage self;
    set_up(&self);
    add(&self, "stop", ESC_STEP_AWS, true);
    self.start = ESC_EXISTS;
    self.answers.settle = ESC_STEP_SUCCEEDED;
    start_engine(&self, false);
    expect_story(&self, "intent stop, settle stop, succeeded stop, succeeded run");
    tear_down(&self);
}

static void an_attempt_that_cannot_start_has_done_nothing(void **)
{
    struct stage self;
    set_up(&self);
    add(&self, "stop", ESC_STEP_AWS, true);
    self.start = ESC_LIMIT;
    start_engine(&self, false);
    expect_story(&self, "intent stop, failed stop, failed run");
    assert_int_equal(ESC_CATEGORY_SPAWN, self.run->steps[0].category);
    assert_string_equal("cannot start", self.run->steps[0].message);
    tear_down(&self);
}

static void a_cancelled_mutation_ends_as_the_cloud_says(void **)
{
    static const struct {
        enum esc_step_state answer;
        const char *story;
    } cases[] = {
        {ESC_STEP_SUCCEEDED, "intent stop, start stop/1, cancel stop, settle stop, succeeded stop, "
                             "cancelled run"},
        {ESC_STEP_FAILED, "intent stop, start stop/1, cancel stop, settle stop, cancelled stop, "
                          "cancelled run"},
        {ESC_STEP_UNKNOWN, "intent stop, start stop/1, cancel stop, settle stop, unknown stop, "
                           "unknown run"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct stage self;
        set_up(&self);
        add(&self, "stop", ESC_STEP_AWS, true);
        add(&self, "wait", ESC_STEP_WAIT, false);
        self.scripts[0] = (struct script){.never = true};
        self.cancel_on_start = true;
        self.answers.settle = cases[i].answer;
        start_engine(&self, false);
        expect_story(&self, cases[i].story);
        assert_int_equal(ESC_STEP_CANCELLED, self.run->steps[1].state);
        tear_down(&self);
    }
}

static void cancel_run(void *context)
{
    struct stage *self = context;
    if (self->engine)
        esc_engine_cancel(self->engine);
}

static bool has_performed(void *context)
{
    return strstr(esc_buf_text(&((struct stage *)context)->story), "perform") != NULL;
}

static void a_wait_is_stopped(void **)
{
    struct stage self;
    set_up(&self);
    add(&self, "wait", ESC_STEP_WAIT, false);
    self.answers.wait_for_stop = true;
    start_engine(&self, false);
    esc_loop_run_until(self.loop, has_performed, &self);
    assert_int_equal(ESC_STEP_WAITING, self.run->steps[0].state);
    cancel_run(&self);
    cancel_run(&self); /* twice is like once */
    expect_story(&self, "intent wait, perform wait, stop wait, cancelled wait, cancelled run");
    tear_down(&self);
}

static bool have_passed(void *turns)
{
    return (*(int *)turns)-- == 0;
}

/* At whatever moment: what the sanitizers say of it is the better half of this test. */
static void a_run_that_is_left_calls_no_hook_and_goes_on_without_us(void **)
{
    for (int turns = 0; turns < 12; turns++) {
        struct stage self;
        set_up(&self);
        add(&self, "look", ESC_STEP_PROBE, false);
        add(&self, "stop", ESC_STEP_AWS, true);
        self.scripts[0].never = true;
        self.answers.perform = ESC_STEP_SUCCEEDED;
        start_engine(&self, false);
        int left = turns;
        (void)esc_loop_run_until(self.loop, have_passed, &left); /* or until nothing is alive */
        const bool runs = self.live != NULL;
        const size_t told = self.story.len;
        esc_engine_leave(self.engine);
        left = 4;
        (void)esc_loop_run_until(self.loop, have_passed, &left);
        assert_string_equal(runs ? ", abandon stop" : "", esc_buf_text(&self.story) + told);
        assert_false(self.over);
        tear_down(&self);
    }
}

static void a_wait_that_is_left_is_not_answered(void **)
{
    struct stage self;
    set_up(&self);
    add(&self, "wait", ESC_STEP_WAIT, false);
    self.answers.wait_for_stop = true;
    start_engine(&self, false);
    esc_loop_run_until(self.loop, has_performed, &self);
    esc_engine_leave(self.engine);
    int left = 4;
    (void)esc_loop_run_until(self.loop, have_passed, &left);
    assert_string_equal("intent wait, perform wait", esc_buf_text(&self.story));
    tear_down(&self);
}

static void a_run_cancelled_at_once_begins_nothing(void **)
{
    struct stage self;
    set_up(&self);
    add(&self, "stop", ESC_STEP_AWS, true);
    start_engine(&self, false);
    cancel_run(&self);
    expect_story(&self, "cancelled run");
    assert_int_equal(ESC_STEP_CANCELLED, self.run->steps[0].state);
    tear_down(&self);
}

static void a_failure_that_may_be_is_gone_past(void **)
{
    struct stage self;
    set_up(&self);
    add(&self, "one", ESC_STEP_AWS, true);
    add(&self, "two", ESC_STEP_AWS, true);
    self.run->steps[0].keep_going = true;
    self.scripts[0] = (struct script){ESC_ENDING_EXITED, 254, denied, false};
    start_engine(&self, false);
    expect_story(&self, "intent one, start one/1, failed one, intent two, start two/1, succeeded "
                        "two, failed run");
    tear_down(&self);
}

static void parallel_steps_run_side_by_side_within_the_width(void **)
{
    struct stage self;
    set_up(&self);
    self.run->strategy = ESC_STRATEGY_PARALLEL;
    self.run->width = 2;
    add(&self, "a", ESC_STEP_AWS, true);
    add(&self, "b", ESC_STEP_AWS, true);
    add(&self, "c", ESC_STEP_AWS, true);
    start_engine(&self, false);
    expect_story(&self, "intent a, start a/1, intent b, start b/1, succeeded a, succeeded b, "
                        "intent c, start c/1, succeeded c, succeeded run");
    tear_down(&self);
}

/* A run found in @p state after a crash, whose attempt left @p trace. */
static void crash(struct stage *self, bool mutates, enum esc_step_state state,
                  enum esc_attempt_trace trace)
{
    set_up(self);
    add(self, "stop", ESC_STEP_AWS, mutates);
    add(self, "wait", ESC_STEP_WAIT, false);
    self->run->steps[0].state = state;
    self->run->steps[0].attempt = 1;
    self->trace = trace;
}

static void after_a_crash_no_change_is_begun_unasked(void **)
{
    struct stage self;
    crash(&self, true, ESC_STEP_RUNNING, ESC_TRACE_NONE);
    start_engine(&self, true);
    expect_story(&self, "queued run"); /* never started: as if nothing had been */
    tear_down(&self);
    crash(&self, true, ESC_STEP_RUNNING, ESC_TRACE_RUNNING);
    add(&self, "start", ESC_STEP_AWS, true);
    start_engine(&self, true);
    expect_story(&self, "attach stop/1, succeeded stop, interrupted run");
    assert_int_equal(ESC_STEP_QUEUED, self.run->steps[1].state);
    tear_down(&self);
}

static void after_a_crash_a_run_that_only_waits_goes_to_its_end(void **)
{
    struct stage self;
    crash(&self, true, ESC_STEP_RUNNING, ESC_TRACE_RUNNING);
    start_engine(&self, true);
    expect_story(&self, "attach stop/1, succeeded stop, intent wait, perform wait, succeeded wait, "
                        "succeeded run");
    tear_down(&self);
    crash(&self, true, ESC_STEP_SUCCEEDED, ESC_TRACE_ENDED);
    self.run->steps[1].state = ESC_STEP_WAITING;
    self.run->steps[1].attempt = 1;
    start_engine(&self, true);
    expect_story(&self, "intent wait, perform wait, succeeded wait, succeeded run");
    tear_down(&self);
}

static void after_a_crash_a_record_is_taken_as_if_just_come(void **)
{
    struct stage self;
    crash(&self, true, ESC_STEP_RUNNING, ESC_TRACE_ENDED);
    start_engine(&self, false);
    expect_story(&self, "succeeded stop, intent wait, perform wait, succeeded wait, succeeded run");
    tear_down(&self);
    crash(&self, true, ESC_STEP_CANCELLING, ESC_TRACE_ENDED);
    self.record = (struct esc_exit_record){.ending = ESC_ENDING_TIMED_OUT, .exit_code = -1};
    self.answers.settle = ESC_STEP_SUCCEEDED;
    start_engine(&self, true);
    expect_story(&self, "settle stop, succeeded stop, intent wait, perform wait, succeeded wait, "
                        "succeeded run");
    tear_down(&self);
}

static void after_a_crash_a_lost_mutation_is_looked_up(void **)
{
    static const struct {
        enum esc_attempt_trace trace;
        enum esc_status record;
    } cases[] = {{ESC_TRACE_LOST, ESC_OK}, {ESC_TRACE_ENDED, ESC_CORRUPT}};
    for (size_t i = 0; i < 2 * ESC_COUNT(cases); i++) {
        struct stage self;
        crash(&self, true, ESC_STEP_RUNNING, cases[i / 2].trace);
        self.run->steps[0].idempotent = i % 2 != 0; /* that changes nothing */
        self.record_status = cases[i / 2].record;
        self.answers.settle = ESC_STEP_UNKNOWN;
        start_engine(&self, i % 2 != 0);
        expect_story(&self, "settle stop, unknown stop, unknown run");
        assert_int_equal(0, self.started);
        tear_down(&self);
    }
}

static void after_a_crash_a_lost_read_is_made_again(void **)
{
    struct stage self;
    crash(&self, false, ESC_STEP_RUNNING, ESC_TRACE_LOST);
    start_engine(&self, false);
    expect_story(&self, "intent stop, start stop/2, succeeded stop, intent wait, perform wait, "
                        "succeeded wait, succeeded run");
    tear_down(&self);
}

static void a_cancel_before_the_crash_still_holds(void **)
{
    struct stage self;
    crash(&self, true, ESC_STEP_CANCELLING, ESC_TRACE_RUNNING);
    self.run->cancelled = true;
    self.scripts[0] = (struct script){.never = true};
    self.answers.settle = ESC_STEP_FAILED;
    start_engine(&self, true);
    expect_story(&self, "attach stop/1, cancel stop, settle stop, cancelled stop, cancelled run");
    tear_down(&self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_is_journalled_before_and_after_each_step),
        cmocka_unit_test(a_refused_step_is_never_started),
        cmocka_unit_test(nothing_to_do_is_a_success),
        cmocka_unit_test(what_the_journal_cannot_take_is_not_begun),
        cmocka_unit_test(after_a_result_that_is_not_on_record_nothing_new_begins),
        cmocka_unit_test(a_refusal_of_the_cloud_is_a_failure_at_once),
        cmocka_unit_test(a_mutation_in_doubt_is_settled_and_never_repeated),
        cmocka_unit_test(a_read_is_repeated_as_often_as_its_policy_says),
        cmocka_unit_test(a_repeated_read_may_succeed),
        cmocka_unit_test(a_refused_read_is_not_repeated),
        cmocka_unit_test(an_idempotent_mutation_in_doubt_is_settled_before_it_is_repeated),
        cmocka_unit_test(what_was_refused_in_words_is_repeated_without_a_look),
        cmocka_unit_test(a_drift_after_an_attempt_in_doubt_may_be_our_own),
        cmocka_unit_test(an_attempt_that_was_started_before_is_looked_up),
        cmocka_unit_test(an_attempt_that_cannot_start_has_done_nothing),
        cmocka_unit_test(a_cancelled_mutation_ends_as_the_cloud_says),
        cmocka_unit_test(a_wait_is_stopped),
        cmocka_unit_test(a_run_that_is_left_calls_no_hook_and_goes_on_without_us),
        cmocka_unit_test(a_wait_that_is_left_is_not_answered),
        cmocka_unit_test(a_run_cancelled_at_once_begins_nothing),
        cmocka_unit_test(a_failure_that_may_be_is_gone_past),
        cmocka_unit_test(parallel_steps_run_side_by_side_within_the_width),
        cmocka_unit_test(after_a_crash_no_change_is_begun_unasked),
        cmocka_unit_test(after_a_crash_a_run_that_only_waits_goes_to_its_end),
        cmocka_unit_test(after_a_crash_a_record_is_taken_as_if_just_come),
        cmocka_unit_test(after_a_crash_a_lost_mutation_is_looked_up),
        cmocka_unit_test(after_a_crash_a_lost_read_is_made_again),
        cmocka_unit_test(a_cancel_before_the_crash_still_holds),
    };
    return cmocka_run_group_tests_name("exec/engine", tests, NULL, NULL);
}
