/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A function called once, some time from now. Loop thread only. */

#include <stdint.h>

#include "escher/loop/loop.h"

struct esc_timer;
typedef void esc_timer_fn(void *context);

/** After @p delay_ms calls @p fn once; by then the timer is gone, so its owner forgets it there. */
ESC_RETURNS_NONNULL struct esc_timer *esc_timer_start(struct esc_loop *loop, uint64_t delay_ms,
                                                      esc_timer_fn *fn, void *context);
/** Its function never fires. Only while it has not fired; NULL does nothing. */
void esc_timer_cancel(struct esc_timer *timer);
/** Cancels *timer and sets it to NULL. */
void esc_timer_stop(struct esc_timer **timer);
