/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/loop/backoff.h"

static uint64_t ceiling(const struct esc_backoff *policy, unsigned attempt)
{
    uint64_t wait_ms = policy->base_ms;
    for (unsigned i = 0; i < attempt && wait_ms < policy->max_ms; i++)
        wait_ms = wait_ms > UINT64_MAX / 2 ? policy->max_ms : wait_ms * 2;
    return wait_ms < policy->max_ms ? wait_ms : policy->max_ms;
}

uint64_t esc_backoff_ms(const struct esc_backoff *policy, unsigned attempt,
                        const struct esc_random *random)
{
    uint64_t most_ms = ceiling(policy, attempt);
    if (!random || most_ms == 0)
        return most_ms;
    return most_ms == UINT64_MAX ? most_ms : esc_random_below(random, most_ms + 1);
}
