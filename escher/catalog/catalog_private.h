/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The generated tables; that of operations is sorted by service and operation. */

#include <stddef.h>

#include "escher/catalog/iam_action.h"
#include "escher/catalog/operation.h"

extern const struct esc_operation catalog_operations[];
extern const size_t catalog_operation_count;

/** The generated table of IAM actions, sorted by name without case. */
extern const struct esc_iam_action catalog_iam_actions[];
extern const size_t catalog_iam_action_count;

/** Whether the whole @p text matches @p pattern, a POSIX extended expression of our tables. */
bool catalog_matches(const char *pattern, struct esc_str text);
