/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How long to wait before trying again: doubling up to a cap, anywhere below ("full jitter"). */

#include <stdint.h>

#include "escher/base/id.h"

struct esc_backoff {
    uint64_t base_ms; /* ceiling of the first wait */
    uint64_t max_ms;  /* ceiling of every wait */
};

/**
 * The wait before retry @p attempt (0 is the first): uniform in [0, min(max, base * 2^attempt)].
 * Without @p random (NULL) the ceiling itself.
 */
uint64_t esc_backoff_ms(const struct esc_backoff *policy, unsigned attempt,
                        const struct esc_random *random);
