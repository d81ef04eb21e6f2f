/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How many resources there are of each kind, environment, state, account and region; and in which
 * order they are listed. */

#include "escher/work/work_private.h"

/** By the name of the facet: [{value, label, count}], most first. Owned by the caller. */
struct esc_json *work_facets(const struct esc_card *const *rows, size_t count);
/**
 * Puts rows of one value together, in the order of the values; inside a group they stay in the
 * order they have. *out is [{value, label, count, offset}], owned by the caller.
 * @errors ESC_INVALID: no such facet.
 */
enum esc_status work_group(const char *facet, const struct esc_card **rows, size_t count,
                           struct esc_json **out, struct esc_error *err);
/** explore.c: sorts by one of the names in api_routes.c, from the end after a `-`.
 *  @errors ESC_INVALID: no such name. */
enum esc_status work_sort(const char *wanted, const struct esc_card **rows, size_t count,
                          struct esc_error *err);
