/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a narrow look leaves as it was known: a scan that asks one service, or only what changes by
 * itself, cannot draw the conclusions that follow from others (merge.h). They are taken over from
 * the last time, so that nothing seems to change, and nothing is forgotten, for want of looking.
 *
 * Pure.
 */

#include <stdbool.h>

#include "escher/model/resource.h"

/* The field of the reasons that only a call for each instance tells, which not each sync makes. */
#define ESC_SCAN_PROTECTION_FIELD "disableApiTermination"

/** Gives @p fresh what it lacks and @p before has of what follows from other resources. */
void esc_carry_over(struct esc_resource *fresh, const struct esc_resource *before);
/** As esc_carry_over(), less what only a call of its own tells: it may be true no more. */
void esc_carry_undoubted(struct esc_resource *fresh, const struct esc_resource *before);
/** Whether @p resource says what only a call of its own tells. */
bool esc_carry_was_asked(const struct esc_resource *resource);
/** As esc_carry_over() after a look at everything, where not each had its turn of what costs a
 *  call each. False: nothing was to be carried. */
bool esc_carry_unasked(struct esc_resource *fresh, const struct esc_resource *before);
