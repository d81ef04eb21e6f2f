/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a narrow look leaves as it was known: a scan that asks one service, or only what changes by
 * itself, cannot draw the conclusions that follow from others (merge.h). They are taken over from
 * the last time, so that nothing seems to change, and nothing is forgotten, for want of looking.
 *
 * Pure.
 */

#include "escher/model/resource.h"

/** Gives @p fresh what it lacks and @p before has of what follows from other resources. */
void esc_carry_over(struct esc_resource *fresh, const struct esc_resource *before);
