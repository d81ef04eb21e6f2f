/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/step.h"

#include "escher/base/id.h"
#include "tests/support/test.h"

static void states_and_kinds_have_words(void **)
{
    for (enum esc_step_state state = 0; state < ESC_STEP_STATE_COUNT; state++)
        assert_int_equal(state, esc_step_state_of_text(esc_str_of(esc_step_state_text(state))));
    assert_int_equal(ESC_STEP_STATE_COUNT, esc_step_state_of_text(ESC_STR("done")));
    for (enum esc_step_kind kind = 0; kind < ESC_STEP_KIND_COUNT; kind++)
        assert_int_equal(kind, esc_step_kind_of_text(esc_str_of(esc_step_kind_text(kind))));
    assert_int_equal(ESC_STEP_KIND_COUNT, esc_step_kind_of_text(ESC_STR("shell")));
}

static void what_is_over_runs_no_more(void **)
{
    for (enum esc_step_state over = 0; over < ESC_STEP_STATE_COUNT; over++) {
        if (!esc_step_is_over(over))
            continue;
        assert_false(esc_step_may_become(over, ESC_STEP_QUEUED));
        assert_false(esc_step_may_become(over, ESC_STEP_RUNNING));
        assert_false(esc_step_may_become(over, ESC_STEP_WAITING));
    }
}

/* Whatever happens, in whatever order: a step that has failed, say, never runs again. */
static void no_order_of_events_revives_a_finished_step(void **)
{
    struct esc_random_seeded random;
    for (int round = 1; round <= test_rounds(200); round++) {
        enum esc_step_state state = ESC_STEP_QUEUED;
        bool was_over = false;
        esc_random_seeded_init(&random, test_seed((uint64_t)round));
        for (int i = 0; i < 100; i++) {
            enum esc_step_state next =
                (enum esc_step_state)esc_random_below(&random.random, ESC_STEP_STATE_COUNT);
            if (!esc_step_may_become(state, next))
                continue;
            state = next;
            was_over = was_over || esc_step_is_over(state);
            assert_false(was_over && (state == ESC_STEP_RUNNING || state == ESC_STEP_QUEUED));
        }
    }
}

static void every_state_that_is_not_over_has_a_way_out(void **)
{
    for (enum esc_step_state state = 0; state < ESC_STEP_STATE_COUNT; state++) {
        bool way_out = false;
        for (enum esc_step_state next = 0; next < ESC_STEP_STATE_COUNT; next++)
            way_out = way_out || (esc_step_may_become(state, next) && esc_step_is_over(next));
        assert_true(way_out || esc_step_is_over(state));
    }
}

static void a_mutation_is_judged_by_what_is_certain(void **)
{
    static const struct {
        enum esc_ending ending;
        enum esc_error_category category;
        enum esc_judgement judgement;
    } cases[] = {
        {ESC_ENDING_EXITED, ESC_CATEGORY_NONE, ESC_JUDGED_DONE},
        {ESC_ENDING_EXITED, ESC_CATEGORY_VALIDATION, ESC_JUDGED_NOT_DONE},
        {ESC_ENDING_EXITED, ESC_CATEGORY_AUTH, ESC_JUDGED_NOT_DONE},
        {ESC_ENDING_EXITED, ESC_CATEGORY_PERMISSION, ESC_JUDGED_NOT_DONE},
        {ESC_ENDING_EXITED, ESC_CATEGORY_NOT_FOUND, ESC_JUDGED_NOT_DONE},
        {ESC_ENDING_EXITED, ESC_CATEGORY_CONFLICT_STATE, ESC_JUDGED_NOT_DONE},
        {ESC_ENDING_EXITED, ESC_CATEGORY_THROTTLE, ESC_JUDGED_NOT_DONE},
        {ESC_ENDING_EXITED, ESC_CATEGORY_QUOTA, ESC_JUDGED_NOT_DONE},
        {ESC_ENDING_EXITED, ESC_CATEGORY_NETWORK, ESC_JUDGED_UNCERTAIN},
        {ESC_ENDING_EXITED, ESC_CATEGORY_SERVICE, ESC_JUDGED_UNCERTAIN},
        {ESC_ENDING_EXITED, ESC_CATEGORY_TIMEOUT, ESC_JUDGED_UNCERTAIN},
        {ESC_ENDING_EXITED, ESC_CATEGORY_UNKNOWN, ESC_JUDGED_UNCERTAIN},
        {ESC_ENDING_TIMED_OUT, ESC_CATEGORY_TIMEOUT, ESC_JUDGED_UNCERTAIN},
        {ESC_ENDING_CANCELLED, ESC_CATEGORY_CANCELLED, ESC_JUDGED_UNCERTAIN},
        {ESC_ENDING_SIGNALLED, ESC_CATEGORY_SIGNAL, ESC_JUDGED_UNCERTAIN},
        {ESC_ENDING_LOST, ESC_CATEGORY_UNKNOWN, ESC_JUDGED_UNCERTAIN},
        {ESC_ENDING_LOST, ESC_CATEGORY_VALIDATION, ESC_JUDGED_UNCERTAIN},
        {ESC_ENDING_FAILED_TO_START, ESC_CATEGORY_SPAWN, ESC_JUDGED_NOT_DONE},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        assert_int_equal(cases[i].judgement,
                         esc_step_judge(true, cases[i].ending, cases[i].category));
        bool done = cases[i].judgement == ESC_JUDGED_DONE; /* a read has done nothing, for sure */
        assert_int_equal(done ? ESC_JUDGED_DONE : ESC_JUDGED_NOT_DONE,
                         esc_step_judge(false, cases[i].ending, cases[i].category));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_and_kinds_have_words),
        cmocka_unit_test(what_is_over_runs_no_more),
        cmocka_unit_test(no_order_of_events_revives_a_finished_step),
        cmocka_unit_test(every_state_that_is_not_over_has_a_way_out),
        cmocka_unit_test(a_mutation_is_judged_by_what_is_certain),
    };
    return cmocka_run_group_tests_name("exec/step", tests, NULL, NULL);
}
