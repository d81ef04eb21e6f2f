/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which steps of a run may start now. Pure: a function of the run as it stands, so the order is
 * the same every time.
 */

#include <stdbool.h>
#include <stddef.h>

#include "escher/exec/run.h"

/**
 * Writes into @p ready (room for step_count) the indexes of the queued steps that may start now,
 * lowest first, no more than the width of the run has room for. Returns how many.
 */
size_t esc_strategy_ready(const struct esc_run *run, size_t *ready);
/**
 * Whether a queued step will never start, because the run was cancelled, a step that it needs did
 * not end well, or some step did not and the run stops for that.
 */
bool esc_strategy_is_hopeless(const struct esc_run *run, size_t index);
