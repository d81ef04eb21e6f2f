/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/reconcile.h"

#include "tests/support/test.h"

static const enum esc_journal_word journals[] = {ESC_JOURNAL_NOTHING, ESC_JOURNAL_INTENT,
                                                 ESC_JOURNAL_RESULT};
static const enum esc_record_word records[] = {
    ESC_RECORD_NONE, ESC_RECORD_RUNNING, ESC_RECORD_ENDED, ESC_RECORD_LOST, ESC_RECORD_DAMAGED};

static void every_combination_has_the_answer_of_the_table(void **)
{
    /* k keep, q back to the queue, a attach, t take the record, s ask the cloud */
    static const char *const mutation[] = {"kssss", "qatss", "kkkkk"};
    static const char *const reading[] = {"kssss", "qatqq", "kkkkk"};
    static const char letters[] = {[ESC_REMEDY_KEEP] = 'k',
                                   [ESC_REMEDY_REQUEUE] = 'q',
                                   [ESC_REMEDY_ATTACH] = 'a',
                                   [ESC_REMEDY_TAKE] = 't',
                                   [ESC_REMEDY_SETTLE] = 's'};
    for (size_t journal = 0; journal < ESC_COUNT(journals); journal++) {
        for (size_t record = 0; record < ESC_COUNT(records); record++) {
            assert_int_equal(mutation[journal][record],
                             letters[esc_reconcile(journals[journal], records[record], false)]);
            assert_int_equal(reading[journal][record],
                             letters[esc_reconcile(journals[journal], records[record], true)]);
        }
    }
}

static void no_mutation_that_left_a_trace_goes_back_to_the_queue(void **)
{
    for (size_t journal = 0; journal < ESC_COUNT(journals); journal++) {
        for (size_t record = 1; record < ESC_COUNT(records); record++)
            assert_int_not_equal(ESC_REMEDY_REQUEUE,
                                 esc_reconcile(journals[journal], records[record], false));
    }
}

static void the_stored_state_tells_what_the_journal_knows(void **)
{
    for (enum esc_step_state state = 0; state < ESC_STEP_STATE_COUNT; state++) {
        enum esc_journal_word word = esc_journal_of_state(state);
        if (esc_step_is_over(state))
            assert_int_equal(ESC_JOURNAL_RESULT, word);
        else
            assert_int_equal(state == ESC_STEP_QUEUED || state == ESC_STEP_AWAITING_APPROVAL
                                 ? ESC_JOURNAL_NOTHING
                                 : ESC_JOURNAL_INTENT,
                             word);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_combination_has_the_answer_of_the_table),
        cmocka_unit_test(no_mutation_that_left_a_trace_goes_back_to_the_queue),
        cmocka_unit_test(the_stored_state_tells_what_the_journal_knows),
    };
    return cmocka_run_group_tests_name("exec/reconcile", tests, NULL, NULL);
}
