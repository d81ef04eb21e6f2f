/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * After a crash: what to do with each step, from what the journal (the store) says and what the
 * helper has left in the folder of the run. A table, so that every combination has its answer.
 *
 *     journal    files      only reads                mutation
 *     nothing    none       leave queued              leave queued
 *     nothing    any        ask the cloud             ask the cloud        must not happen
 *     intent     none       back to queued            back to queued       never started: certain
 *     intent     running    attach                    attach
 *     intent     ended      take the record           take the record      an uncertain one is judged
 *     intent     lost       back to queued            ask the cloud
 *     intent     damaged    back to queued            ask the cloud        the record does not open
 *     result     any        keep                      keep
 *
 * Nothing that mutates is ever started again from here, idempotent or not: what may have happened
 * is asked for. A mutation that goes back to queued waits for a person.
 */

#include <stdbool.h>

#include "escher/exec/record.h"
#include "escher/exec/step.h"

enum esc_journal_word {
    ESC_JOURNAL_NOTHING,
    ESC_JOURNAL_INTENT,
    ESC_JOURNAL_RESULT,
};

/** What the files say: those of esc_attempt_look(), or a record that does not open. */
enum esc_record_word {
    ESC_RECORD_NONE,
    ESC_RECORD_RUNNING,
    ESC_RECORD_ENDED,
    ESC_RECORD_LOST,
    ESC_RECORD_DAMAGED,
};

enum esc_remedy {
    ESC_REMEDY_KEEP,    /* as it stands */
    ESC_REMEDY_REQUEUE, /* INTERRUPTED, then QUEUED: nothing has happened */
    ESC_REMEDY_ATTACH,  /* the helper lives: wait for it */
    ESC_REMEDY_TAKE,    /* judge the record as if it had just come in */
    ESC_REMEDY_SETTLE,  /* ask the cloud; UNKNOWN when it does not tell */
};

enum esc_remedy esc_reconcile(enum esc_journal_word journal, enum esc_record_word record,
                              bool only_reads);
/** What the journal says about a step, read from its state in the stored run. */
enum esc_journal_word esc_journal_of_state(enum esc_step_state state);
