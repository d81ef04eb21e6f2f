/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * When a sync is due: pure functions of what is known and the time.
 *
 * Time is the wall clock's, which may be wrong, jump and stand still while the machine sleeps. So
 * what counts is when the last one was and not how long a program has waited: after a night's
 * sleep one sync is due, not thirty. What is dated in the future counts for nothing.
 *
 * Units  milliseconds.
 */

#include <stdbool.h>
#include <stdint.h>

struct sync_plan {
    uint64_t full_every_ms, incremental_every_ms; /* 0: never by itself */
    unsigned jitter; /* 0 to 1000: how much of a tenth of the time is added */
};

struct sync_times {
    uint64_t full_ms, incremental_ms; /* when the last of each ended; 0: never */
    uint64_t try_ms;                  /* when one last failed; 0: never */
    unsigned failures;                /* since one went well */
};

enum sync_due {
    SYNC_DUE_NONE,
    SYNC_DUE_INCREMENTAL,
    SYNC_DUE_FULL,
};

/** When a full one is due; UINT64_MAX: never. A time up to @p now_ms: it is. */
uint64_t sync_full_due_ms(const struct sync_plan *plan, const struct sync_times *times,
                          uint64_t now_ms);
/** The same of an incremental one, which a full one makes needless for its time. */
uint64_t sync_incremental_due_ms(const struct sync_plan *plan, const struct sync_times *times,
                                 uint64_t now_ms);
/** What is due now; full before incremental. After failures again in 15 minutes, then in twice as
 *  many, at most in six hours. */
enum sync_due sync_due_now(const struct sync_plan *plan, const struct sync_times *times,
                           uint64_t now_ms);
