/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/run.h"

#include <stdio.h>

#include "escher/base/id.h"
#include "escher/base/limits.h"
#include "escher/exec/strategy.h"
#include "tests/support/test.h"

static struct esc_error err;

static struct esc_run *new_run(enum esc_strategy strategy, unsigned width)
{
    return esc_run_new("3f2c0d7e-1111-4222-8333-444455556666", "sha256:abc", strategy, width,
                       1'700'000'000'000);
}

/* Adds a step that needs what @p need names (NULL: nothing). */
static void add(struct esc_run *run, const char *id, const char *need)
{
    const struct esc_step_options options = {
        .id = id, .needs = &need, .need_count = need ? 1 : 0, .mutates = true};
    expect_ok(esc_run_add_step(run, &options, &err));
}

static void lead(struct esc_run *run, const char *id, enum esc_step_state state)
{
    struct esc_step *step = esc_run_step(run, id);
    if (state != ESC_STEP_SKIPPED && state != ESC_STEP_CANCELLED)
        expect_ok(esc_run_move(run, step, ESC_STEP_RUNNING, 1'700'000'001'000, &err));
    if (state != ESC_STEP_RUNNING)
        expect_ok(esc_run_move(run, step, state, 1'700'000'002'500, &err));
}

static void ids_are_unique_and_fit_for_files(void **)
{
    ESC_CLEANUP(esc_run_freep) struct esc_run *run = new_run(ESC_STRATEGY_SERIAL, 1);
    const char *const bad[] = {"", "../x", "a/b", "a b", NULL};
    add(run, "stop", NULL);
    expect_status(ESC_EXISTS,
                  esc_run_add_step(run, &(struct esc_step_options){.id = "stop"}, &err));
    for (size_t i = 0; i < ESC_COUNT(bad); i++)
        expect_status(ESC_INVALID,
                      esc_run_add_step(run, &(struct esc_step_options){.id = bad[i]}, &err));
    for (unsigned i = 1; i < ESC_MAX_STEPS_COUNT; i++) {
        ESC_CLEANUP(esc_freep) char *id = esc_sprintf("s%u", i);
        add(run, id, NULL);
    }
    expect_status(ESC_LIMIT, esc_run_add_step(run, &(struct esc_step_options){.id = "more"}, &err));
}

static void a_cycle_or_a_missing_need_is_named(void **)
{
    ESC_CLEANUP(esc_run_freep) struct esc_run *empty = new_run(ESC_STRATEGY_GRAPH, 2);
    ESC_CLEANUP(esc_run_freep) struct esc_run *cycle = new_run(ESC_STRATEGY_GRAPH, 2);
    ESC_CLEANUP(esc_run_freep) struct esc_run *missing = new_run(ESC_STRATEGY_GRAPH, 2);
    add(cycle, "a", "c");
    add(cycle, "b", "a");
    add(cycle, "c", "b");
    add(missing, "a", "ghost");
    expect_status(ESC_INVALID, esc_run_check(empty, &err));
    expect_status(ESC_INVALID, esc_run_check(cycle, &err));
    expect_contains("needs itself", err.message);
    expect_status(ESC_INVALID, esc_run_check(missing, &err));
    expect_contains("`ghost`", err.message);
}

static void a_way_that_is_not_in_the_picture_is_refused(void **)
{
    ESC_CLEANUP(esc_run_freep) struct esc_run *run = new_run(ESC_STRATEGY_SERIAL, 1);
    add(run, "stop", NULL);
    lead(run, "stop", ESC_STEP_FAILED);
    expect_status(ESC_CONFLICT, esc_run_move(run, esc_run_step(run, "stop"), ESC_STEP_RUNNING,
                                             1'700'000'003'000, &err));
    assert_string_equal("step `stop` is failed and cannot become running", err.message);
}

static void the_state_of_a_run_follows_from_its_steps(void **)
{
    static const struct {
        enum esc_step_state first, second;
        enum esc_run_state state;
    } cases[] = {
        {ESC_STEP_QUEUED, ESC_STEP_QUEUED, ESC_RUN_QUEUED},
        {ESC_STEP_RUNNING, ESC_STEP_QUEUED, ESC_RUN_RUNNING},
        {ESC_STEP_SUCCEEDED, ESC_STEP_QUEUED, ESC_RUN_INTERRUPTED},
        {ESC_STEP_INTERRUPTED, ESC_STEP_QUEUED, ESC_RUN_INTERRUPTED},
        {ESC_STEP_SUCCEEDED, ESC_STEP_RUNNING, ESC_RUN_RUNNING},
        {ESC_STEP_SUCCEEDED, ESC_STEP_SUCCEEDED, ESC_RUN_SUCCEEDED},
        {ESC_STEP_NOOP, ESC_STEP_SUCCEEDED, ESC_RUN_SUCCEEDED},
        {ESC_STEP_SUCCEEDED, ESC_STEP_FAILED, ESC_RUN_FAILED},
        {ESC_STEP_FAILED, ESC_STEP_SKIPPED, ESC_RUN_FAILED},
        {ESC_STEP_UNKNOWN, ESC_STEP_SKIPPED, ESC_RUN_UNKNOWN},
        {ESC_STEP_UNKNOWN, ESC_STEP_FAILED, ESC_RUN_UNKNOWN},
        {ESC_STEP_SUCCEEDED, ESC_STEP_CANCELLED, ESC_RUN_CANCELLED},
        {ESC_STEP_CANCELLING, ESC_STEP_QUEUED, ESC_RUN_RUNNING},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_run_freep) struct esc_run *run = new_run(ESC_STRATEGY_SERIAL, 1);
        add(run, "first", NULL);
        add(run, "second", NULL);
        if (cases[i].first != ESC_STEP_QUEUED)
            lead(run, "first", cases[i].first);
        if (cases[i].second != ESC_STEP_QUEUED)
            lead(run, "second", cases[i].second);
        assert_int_equal(cases[i].state, esc_run_state(run));
        assert_int_equal(cases[i].state >= ESC_RUN_SUCCEEDED, run->ended_at_ms > 0);
    }
}

static struct esc_run *example_run(void)
{
    struct esc_run *run = new_run(ESC_STRATEGY_GRAPH, 3);
    const struct esc_retry_policy retry = esc_retry_policy_default();
    const char *const needs[] = {"stop"};
    struct esc_json *call = esc_json_object();
    esc_json_set_text(call, "command", "aws rds stop-db-instance");
    add(run, "stop", NULL);
    const struct esc_step_options settle = {.id = "settle",
                                            .kind = ESC_STEP_WAIT,
                                            .needs = needs,
                                            .need_count = 1,
                                            .timeout_ms = 60'000,
                                            .retry = &retry,
                                            .call = call};
    expect_ok(esc_run_add_step(run, &settle, &err));
    lead(run, "stop", ESC_STEP_UNKNOWN);
    struct esc_step *stop = esc_run_step(run, "stop");
    stop->attempt = 2;
    stop->ending = ESC_ENDING_TIMED_OUT;
    stop->signal = 15;
    stop->category = ESC_CATEGORY_TIMEOUT;
    stop->error_code = esc_strdup("Throttling");
    stop->message = esc_strdup("a \"quoted\" line");
    stop->reconciled = true;
    stop->out_bytes = 12;
    return run;
}

static void a_run_comes_back_from_json(void **)
{
    ESC_CLEANUP(esc_run_freep) struct esc_run *run = example_run();
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_run_to_json(run);
    ESC_CLEANUP(esc_run_freep) struct esc_run *back = NULL;
    expect_ok(esc_run_from_json(json, &back, &err));
    ESC_CLEANUP(esc_json_freep) struct esc_json *again = esc_run_to_json(back);
    assert_true(esc_json_equal(json, again));
    assert_int_equal(1'700'000'002'500, back->steps[0].ended_at_ms);
    assert_string_equal("stop", back->steps[1].needs[0]);
}

static void a_document_that_is_not_exactly_a_run_is_refused(void **)
{
    static const char *const changes[][2] = {
        {"schema", "\"escher.run/2\""},
        {"run_id", "7"},
        {"plan_hash", "7"},
        {"strategy", "\"random\""},
        {"width", "0"},
        {"state", "\"succeeded\""},
        {"cancelled", "0"},
        {"created_at", "\"yesterday\""},
        {"steps", "{}"},
        {"steps", "[]"},
        {"steps", "[{}]"},
        {"unheard", "1"},
        {"steps[0].kind", "\"shell\""},
        {"steps[0].state", "\"done\""},
        {"steps[0].attempt", "-1"},
        {"steps[0].category", "\"bad luck\""},
        {"steps[0].needs", "[\"ghost\"]"},
        {"steps[0].needs", "[\"settle\"]"},
        {"steps[0].needs", "[7]"},
        {"steps[0].retry", "7"},
        {"steps[0].message", "7"},
        {"steps[0].step_id", "\"../x\""},
        {"steps[0].step_id", "\"settle\""},
        {"steps[0].unheard", "1"},
    };
    for (size_t i = 0; i < ESC_COUNT(changes); i++) {
        ESC_CLEANUP(esc_run_freep) struct esc_run *run = example_run();
        ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_run_to_json(run);
        ESC_CLEANUP(esc_run_freep) struct esc_run *back = NULL;
        ESC_CLEANUP(esc_freep) char *text = esc_sprintf("[%s]", changes[i][1]);
        ESC_CLEANUP(esc_json_freep) struct esc_json *values = NULL;
        struct esc_str path = esc_str_of(changes[i][0]);
        bool in_step = esc_str_starts_with(path, ESC_STR("steps[0]."));
        expect_ok(esc_json_parse(esc_str_of(text), NULL, &values, &err));
        struct esc_json *holder = in_step ? esc_json_get_mutable(json, "steps[0]") : json;
        esc_json_set_key(holder, in_step ? esc_str_slice(path, 9, path.len) : path,
                         esc_json_ref(esc_json_at(values, 0)));
        print_message("# %s = %s\n", changes[i][0], changes[i][1]);
        expect_status(esc_str_is(path, "steps[0].step_id") && i + 2 == ESC_COUNT(changes)
                          ? ESC_EXISTS
                          : ESC_INVALID,
                      esc_run_from_json(json, &back, &err));
    }
}

static void serial_goes_one_by_one_in_order(void **)
{
    ESC_CLEANUP(esc_run_freep) struct esc_run *run = new_run(ESC_STRATEGY_SERIAL, 9);
    size_t ready[3];
    add(run, "a", NULL);
    add(run, "b", NULL);
    add(run, "c", NULL);
    assert_int_equal(1, esc_strategy_ready(run, ready));
    assert_int_equal(0, ready[0]);
    lead(run, "a", ESC_STEP_RUNNING);
    assert_int_equal(0, esc_strategy_ready(run, ready));
    expect_ok(esc_run_move(run, &run->steps[0], ESC_STEP_SUCCEEDED, 1, &err));
    assert_int_equal(1, esc_strategy_ready(run, ready));
    assert_int_equal(1, ready[0]);
}

static void a_bad_end_stops_the_rest_unless_it_may_fail(void **)
{
    static const enum esc_step_state bad[] = {ESC_STEP_FAILED, ESC_STEP_UNKNOWN};
    for (size_t i = 0; i < ESC_COUNT(bad); i++) {
        for (int keep_going = 0; keep_going < 2; keep_going++) {
            ESC_CLEANUP(esc_run_freep) struct esc_run *run = new_run(ESC_STRATEGY_PARALLEL, 2);
            size_t ready[3];
            add(run, "a", NULL);
            add(run, "b", NULL);
            add(run, "c", "a");
            run->steps[0].keep_going = keep_going;
            lead(run, "a", bad[i]);
            assert_int_equal(keep_going, esc_strategy_ready(run, ready));
            assert_int_equal(!keep_going, esc_strategy_is_hopeless(run, 1));
            assert_true(esc_strategy_is_hopeless(run, 2)); /* it needed the one that failed */
        }
    }
}

static void a_cancelled_run_begins_nothing(void **)
{
    ESC_CLEANUP(esc_run_freep) struct esc_run *run = new_run(ESC_STRATEGY_PARALLEL, 2);
    size_t ready[1];
    add(run, "a", NULL);
    run->cancelled = true;
    assert_int_equal(0, esc_strategy_ready(run, ready));
    assert_true(esc_strategy_is_hopeless(run, 0));
}

/* Random graphs, run by hand: order, width and completeness hold for each of them. */
static void any_graph_is_run_in_order_and_to_its_end(void **)
{
    struct esc_random_seeded seeded;
    for (int round = 1; round <= test_rounds(100); round++) {
        esc_random_seeded_init(&seeded, test_seed((uint64_t)round));
        unsigned width = (unsigned)esc_random_below(&seeded.random, 4) + 1;
        size_t count = (size_t)esc_random_below(&seeded.random, 20) + 1;
        ESC_CLEANUP(esc_run_freep) struct esc_run *run = new_run(ESC_STRATEGY_GRAPH, width);
        for (size_t i = 0; i < count; i++) {
            ESC_CLEANUP(esc_freep) char *id = esc_sprintf("s%zu", i);
            ESC_CLEANUP(esc_freep)
            char *need =
                i == 0 ? NULL : esc_sprintf("s%zu", (size_t)esc_random_below(&seeded.random, i));
            add(run, id, esc_random_below(&seeded.random, 3) ? need : NULL);
        }
        expect_ok(esc_run_check(run, &err));
        size_t ready[20], active = 0, rounds = 0;
        while (!esc_run_is_over(run)) {
            size_t found = esc_strategy_ready(run, ready);
            assert_true(active + found <= width && ++rounds <= 2 * count + 1);
            for (size_t i = 0; i < found; i++) {
                struct esc_step *step = &run->steps[ready[i]];
                if (step->need_count)
                    assert_int_equal(ESC_STEP_SUCCEEDED, esc_run_step(run, step->needs[0])->state);
                expect_ok(esc_run_move(run, step, ESC_STEP_RUNNING, 1, &err));
            }
            active += found;
            assert_true(active > 0);
            for (size_t i = 0; i < count; i++) { /* the first of those under way ends */
                if (run->steps[i].state != ESC_STEP_RUNNING)
                    continue;
                expect_ok(esc_run_move(run, &run->steps[i], ESC_STEP_SUCCEEDED, 2, &err));
                active--;
                break;
            }
        }
        assert_int_equal(ESC_RUN_SUCCEEDED, esc_run_state(run));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_unique_and_fit_for_files),
        cmocka_unit_test(a_cycle_or_a_missing_need_is_named),
        cmocka_unit_test(a_way_that_is_not_in_the_picture_is_refused),
        cmocka_unit_test(the_state_of_a_run_follows_from_its_steps),
        cmocka_unit_test(a_run_comes_back_from_json),
        cmocka_unit_test(a_document_that_is_not_exactly_a_run_is_refused),
        cmocka_unit_test(serial_goes_one_by_one_in_order),
        cmocka_unit_test(a_bad_end_stops_the_rest_unless_it_may_fail),
        cmocka_unit_test(a_cancelled_run_begins_nothing),
        cmocka_unit_test(any_graph_is_run_in_order_and_to_its_end),
    };
    return cmocka_run_group_tests_name("exec/run", tests, NULL, NULL);
}
