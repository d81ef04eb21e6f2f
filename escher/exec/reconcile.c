/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/reconcile.h"

#include "escher/base/assert.h"

enum {
    RECORD_WORDS = ESC_RECORD_DAMAGED + 1,
    JOURNAL_WORDS = ESC_JOURNAL_RESULT + 1,
};

/* The table in reconcile.h: [journal][record][does it only read]. */
#define BOTH(remedy)                                                                               \
    {                                                                                              \
        ESC_REMEDY_##remedy, ESC_REMEDY_##remedy                                                   \
    }
#define EITHER(mutation, read)                                                                     \
    {                                                                                              \
        ESC_REMEDY_##mutation, ESC_REMEDY_##read                                                   \
    }
static const enum esc_remedy remedies[JOURNAL_WORDS][RECORD_WORDS][2] = {
    [ESC_JOURNAL_NOTHING] =
        {
            [ESC_RECORD_NONE] = BOTH(KEEP),
            [ESC_RECORD_RUNNING] = BOTH(SETTLE),
            [ESC_RECORD_ENDED] = BOTH(SETTLE),
            [ESC_RECORD_LOST] = BOTH(SETTLE),
            [ESC_RECORD_DAMAGED] = BOTH(SETTLE),
        },
    [ESC_JOURNAL_INTENT] =
        {
            [ESC_RECORD_NONE] = BOTH(REQUEUE),
            [ESC_RECORD_RUNNING] = BOTH(ATTACH),
            [ESC_RECORD_ENDED] = BOTH(TAKE),
            [ESC_RECORD_LOST] = EITHER(SETTLE, REQUEUE),
            [ESC_RECORD_DAMAGED] = EITHER(SETTLE, REQUEUE),
        },
    [ESC_JOURNAL_RESULT] =
        {
            [ESC_RECORD_NONE] = BOTH(KEEP),
            [ESC_RECORD_RUNNING] = BOTH(KEEP),
            [ESC_RECORD_ENDED] = BOTH(KEEP),
            [ESC_RECORD_LOST] = BOTH(KEEP),
            [ESC_RECORD_DAMAGED] = BOTH(KEEP),
        },
};
#undef BOTH
#undef EITHER

enum esc_remedy esc_reconcile(enum esc_journal_word journal, enum esc_record_word record,
                              bool only_reads)
{
    ESC_ASSERT((unsigned)journal < JOURNAL_WORDS && (unsigned)record < RECORD_WORDS);
    return remedies[journal][record][only_reads];
}

enum esc_journal_word esc_journal_of_state(enum esc_step_state state)
{
    if (state == ESC_STEP_QUEUED || state == ESC_STEP_AWAITING_APPROVAL)
        return ESC_JOURNAL_NOTHING;
    return esc_step_is_over(state) ? ESC_JOURNAL_RESULT : ESC_JOURNAL_INTENT;
}
