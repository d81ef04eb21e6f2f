/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/sync_rules.h"

enum {
    MAX_DOUBLINGS = 5,
};
static const uint64_t first_wait_ms = UINT64_C(900'000);
static const uint64_t longest_wait_ms = UINT64_C(21'600'000);

static uint64_t with_jitter(const struct sync_plan *plan, uint64_t every_ms)
{
    return every_ms + every_ms / 10'000 * plan->jitter;
}

/* Not before a failure has been waited for; one in the future is none. */
static uint64_t after_failures(const struct sync_times *times, uint64_t due_ms, uint64_t now_ms)
{
    if (times->failures == 0 || times->try_ms > now_ms)
        return due_ms;
    const unsigned doublings =
        times->failures - 1 < MAX_DOUBLINGS ? times->failures - 1 : MAX_DOUBLINGS;
    const uint64_t wait_ms = first_wait_ms << doublings;
    const uint64_t again_ms =
        times->try_ms + (wait_ms < longest_wait_ms ? wait_ms : longest_wait_ms);
    return due_ms > again_ms ? due_ms : again_ms;
}

uint64_t sync_full_due_ms(const struct sync_plan *plan, const struct sync_times *times,
                          uint64_t now_ms)
{
    if (plan->full_every_ms == 0)
        return UINT64_MAX;
    const bool never = times->full_ms == 0 || times->full_ms > now_ms;
    const uint64_t due_ms =
        never ? now_ms : times->full_ms + with_jitter(plan, plan->full_every_ms);
    return after_failures(times, due_ms, now_ms);
}

uint64_t sync_incremental_due_ms(const struct sync_plan *plan, const struct sync_times *times,
                                 uint64_t now_ms)
{
    if (plan->incremental_every_ms == 0)
        return UINT64_MAX;
    const uint64_t full_ms = times->full_ms <= now_ms ? times->full_ms : 0;
    const uint64_t own_ms = times->incremental_ms <= now_ms ? times->incremental_ms : 0;
    const uint64_t last_ms = full_ms > own_ms ? full_ms : own_ms;
    const uint64_t due_ms =
        last_ms ? last_ms + with_jitter(plan, plan->incremental_every_ms) : now_ms;
    return after_failures(times, due_ms, now_ms);
}

enum sync_due sync_due_now(const struct sync_plan *plan, const struct sync_times *times,
                           uint64_t now_ms)
{
    if (sync_full_due_ms(plan, times, now_ms) <= now_ms)
        return SYNC_DUE_FULL;
    if (sync_incremental_due_ms(plan, times, now_ms) <= now_ms)
        return SYNC_DUE_INCREMENTAL;
    return SYNC_DUE_NONE;
}
