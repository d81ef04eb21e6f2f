/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Views of the estate, saved under names (view_book.c). */

#include "escher/work/work_private.h"

/** {text, filter, columns, group, sort, saved_at}, owned by the caller. @errors ESC_NOT_FOUND,
 *  with the way to those that are there; ESC_CORRUPT. */
enum esc_status work_view_get(const struct esc_workbench *bench, const char *name,
                              struct esc_json **out, struct esc_error *err);
/** Whether a filter parses; an empty one does. @errors ESC_INVALID, ESC_LIMIT: the parser's. */
enum esc_status work_filter_check(const char *filter, struct esc_error *err);
